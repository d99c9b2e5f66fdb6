"""The cache under attack: rewritten tables, pipes and devices, folders that others can write to."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import shutil
import struct
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import g2sym as g2
from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.tables import build, source, store
from tests.kernels.forms import paper_forms

ELECTRON = Fraction("0.51099895069e-3")
FORM = paper_forms()["J_S"]  # it has a zero
POSIX = pytest.mark.skipif(os.name != "posix", reason="permissions and pipes of POSIX")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A folder of the cache with one table."""
    folder = tmp_path_factory.mktemp("built") / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("G2SYM_CACHE_DIR", str(folder))
        store.table_for(Kernel(FORM), {}, ELECTRON)
    return folder


@pytest.fixture
def cached(built, tmp_path, monkeypatch):
    """A copy of that folder in use, and the table's file."""
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path / "cache"))
    shutil.copytree(built, tmp_path / "cache")
    (path,) = (tmp_path / "cache" / "tables").iterdir()
    return path


def found(wide=False):
    ask = store.wide_for if wide else store.table_for
    return ask(Kernel(FORM), {}, ELECTRON, build=False)


def parts(path):
    raw = path.read_bytes()[:-32]
    start = len(store.MAGIC) + 8
    (length,) = struct.unpack("<Q", raw[len(store.MAGIC) : start])
    return json.loads(raw[start : start + length]), np.frombuffer(raw[start + length :]).copy()


def rewrite(path, header, flat):
    """Write a file that is whole by its hash."""
    text = (header if isinstance(header, str) else json.dumps(header)).encode()
    body = store.MAGIC + struct.pack("<Q", len(text)) + text + flat.tobytes()
    path.write_bytes(body + hashlib.sha256(body).digest())


@pytest.mark.parametrize("factor", [1.5, -1.0, 1 + 1e-12])
@pytest.mark.parametrize("wide", [False, True])
def test_coefficients_that_were_scaled_are_not_taken(cached, wide, factor):
    if wide:
        cached.unlink()
        store.wide_for(Kernel(FORM), {}, ELECTRON)
        (cached,) = cached.parent.iterdir()
    assert found(wide) is not None
    header, flat = parts(cached)
    rewrite(cached, header, flat * factor)
    assert found(wide) is None


def test_a_few_scaled_cells_are_not_taken(cached):
    header, flat = parts(cached)
    for cells in (slice(800, 816), slice(8, -8), slice(-8, None)):
        wrong = flat.copy()
        wrong[cells] *= 1.5
        rewrite(cached, header, wrong)
        assert found() is None


HEADERS = {
    "first": [10**9, -(10**9), 10**30, 1.5, "0", None, True, [0], 1, -1019, 1023],
    "rows": [0, -1, 1, 64, 10**18, "64", None, 1e300, True],
    "zeros": [1, [], None, [1], [[0.1, 0.0, -5, 3, []]], [[0.1, 0.0, 0, 1, []]],
              [[0.1, 0.0, 0, 10**9, [0.0]]],
              [["a", 0.0, 0, 1, [0.0]]], {}, [[float("nan"), 0.0, 0, 1, [0.0]]]],
    "light": [1, None, {"a": 1}, [1], [[0, 0, [], []]], [[0, 0, [1.0], [1.0]]], [[0, 0, ["a", 0], [0, 0]]],
              [[10**30, 0, [1, 0], [0, 0]]], [[0, 10**30, [1, 0], [0, 0]]], [[0, 0, [1, 0], [0, 0]]],
              [[0, 0, [float("inf"), 0], [0, 0]]]],
    "heavy": [1, [[2, 0, [1, 0], [0, 0]]], "abcd"],
    "truncation": ["x", None, -1, float("nan"), 1.0, True, []],
    "error": ["x", None, float("inf"), 1e-3, {}],
    "version": [None, 2.5, "1"],
    "key": [None, 1, "0" * 64],
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(HEADERS))
def test_a_header_that_breaks_the_schema_is_not_taken(cached, name):
    header, flat = parts(cached)
    for value in HEADERS[name]:
        rewrite(cached, {**header, name: value}, flat)
        assert found() is None, value
    rewrite(cached, {n: v for n, v in header.items() if n != name}, flat)
    assert found() is None
    rewrite(cached, header, flat)
    assert found() is not None


@pytest.mark.parametrize("text", ["[]", "1", "null", "[" * 100_000, '{"version": 1}', "\ud83d"[:0], "{" * 9])
def test_a_header_that_is_no_record_is_not_taken(cached, text):
    rewrite(cached, text, parts(cached)[1])
    assert found() is None


def test_numbers_that_are_not_finite_are_not_taken(cached):
    header, flat = parts(cached)
    for at, value in ((3, np.inf), (9, np.nan), (0, -np.inf)):
        wrong = flat.copy()
        wrong[at] = value
        rewrite(cached, header, wrong)
        assert found() is None
    rewrite(cached, header, np.full_like(flat, np.nan))
    assert found() is None


@POSIX
def test_a_pipe_in_place_of_a_table_does_not_hang(cached):
    cached.unlink()
    os.mkfifo(cached)
    assert found() is None
    assert np.isfinite(store.table_for(Kernel(FORM), {}, ELECTRON)(1e-3))
    assert cached.is_fifo()


@POSIX
def test_a_device_in_place_of_a_table_does_not_hang(cached):
    cached.unlink()
    cached.symlink_to("/dev/zero")  # read only: nothing is written through it
    assert found() is None


@POSIX
@pytest.mark.parametrize("mode", [0o660, 0o606, 0o666])
def test_a_file_that_others_can_write_is_not_taken(cached, mode):
    os.chmod(cached, mode)
    assert found() is None


@POSIX
@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_is_neither_read_nor_written(cached, mode):
    os.chmod(cached.parent, mode)
    assert found() is None
    cached.unlink()
    store.table_for(Kernel(FORM), {}, ELECTRON)
    assert not list(cached.parent.iterdir())


@POSIX
def test_a_file_or_a_folder_of_another_user_is_not_taken(cached, monkeypatch):
    mine = os.geteuid()
    if mine == 0:
        os.chown(cached, 12345, 12345)
        assert found() is None
        os.chown(cached, 0, 0)
        assert found() is not None
        os.chown(cached.parent, 12345, 12345)
        assert found() is None
    else:
        monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
        assert found() is None


@POSIX
def test_what_is_written_is_the_users_alone_whatever_the_umask(tmp_path, monkeypatch):
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path / "cache"))
    before = os.umask(0)
    try:
        store.table_for(Kernel(FORM), {}, ELECTRON)
    finally:
        os.umask(before)
    (path,) = (tmp_path / "cache" / "tables").iterdir()
    assert not path.stat().st_mode & 0o022
    assert not path.parent.stat().st_mode & 0o077
    assert found() is not None


@POSIX
def test_a_link_is_not_written_through(cached, tmp_path):
    precious = tmp_path / "precious"
    precious.write_text("mine")
    cached.unlink()
    cached.symlink_to(precious)
    assert found() is None
    store.table_for(Kernel(FORM), {}, ELECTRON)
    assert precious.read_text() == "mine"
    assert found() is not None


def test_a_relative_folder_of_xdg_is_ignored(tmp_path, monkeypatch):
    monkeypatch.delenv("G2SYM_CACHE_DIR", raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert store.cache_folder() == tmp_path / ".cache" / "g2sym"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "there"))
    assert store.cache_folder() == tmp_path / "there" / "g2sym"


def test_other_code_has_other_keys(cached, monkeypatch):
    monkeypatch.setattr(store, "code_hash", lambda: "of other code")
    assert found() is None


PACKAGE = Path(build.__file__).parents[1]
IDLE = {"errors.py", "base/types.py", "tables/compiled.py"}
IDLE |= {"integrals/feynman.py", "integrals/printing.py", "integrals/simplex.py"}
"""Imported, but not run where a table is built: integrals/basis.py reduces them where tables are used."""


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("g2sym"):
            base = PACKAGE.joinpath(*node.module.split(".")[1:])
            for place in (base.with_suffix(".py"), *(base / f"{a.name}.py" for a in node.names)):
                if place.is_file():
                    yield place


def test_the_hash_covers_everything_that_building_imports():
    todo = [PACKAGE / "tables" / f"{name}.py" for name in ("build", "wide", "planes_build")]
    seen = set(todo)
    while todo:
        new = {*imports(todo.pop())} - seen
        seen |= new
        todo += new
    names = {p.relative_to(PACKAGE).as_posix() for p in seen}
    assert names - IDLE == {*source.MODULES}


def test_comments_do_not_change_the_hash_and_code_does(tmp_path, monkeypatch):
    hashes = []
    for text in ("x = 1\n", "# why\nx  =  1\n", "x = 2\n"):
        (tmp_path / "tables").mkdir(exist_ok=True)
        (tmp_path / "tables" / "build.py").write_text(text)
        monkeypatch.setattr(source, "__file__", str(tmp_path / "tables" / "source.py"))
        source.code_hash.cache_clear()
        hashes.append(source.code_hash())
    source.code_hash.cache_clear()
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_shipped_table_built_anew_is_the_same_to_the_byte(tmp_path, monkeypatch):
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))
    shipped = store.SHIPPED
    monkeypatch.setattr(store, "SHIPPED", tmp_path / "nothing")
    monkeypatch.setattr(store, "cached_key", lambda key: key)
    observable = g2.load_model("dark_photon").anomalous_moment("mu")
    observable.lambdify()(m_A=np.geomspace(1e-2, 1e2, 30_000), eps=1e-3)
    names = {path.name for path in shipped.glob("*.g2t")}
    built = [path for path in (tmp_path / "tables").iterdir() if path.name in names]
    assert built
    for path in built:
        assert path.read_bytes() == (shipped / path.name).read_bytes()
