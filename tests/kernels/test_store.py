"""The cache of tables: damage is noticed, foreign files are ignored, writers do not disturb each other."""

from __future__ import annotations

import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.tables import store
from tests.kernels.exchange import kernel
from tests.kernels.forms import paper_forms

ELECTRON = Fraction("0.51099895069e-3")
FORM = paper_forms()["I_V"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))
    return tmp_path / "tables"


def only(folder: Path) -> Path:
    (path,) = folder.iterdir()
    return path


def test_what_is_read_is_what_was_written(folder: Path) -> None:
    built = store.table_for(Kernel(FORM), {}, ELECTRON)
    read = store.table_for(Kernel(FORM), {}, ELECTRON, build=False)
    assert read is not None
    assert built.coefficients.tobytes() == read.coefficients.tobytes()
    assert (built.first, built.zeros, built.light, built.heavy) == (
        read.first,
        read.zeros,
        read.light,
        read.heavy,
    )
    assert (built.truncation, built.error) == (read.truncation, read.error)


def test_damage_is_noticed_and_mended(folder: Path) -> None:
    built = store.table_for(Kernel(FORM), {}, ELECTRON)
    path = only(folder)
    whole = path.read_bytes()
    middle = len(whole) // 2
    damaged = [
        whole[:middle],
        b"",
        whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :],
        b"\x80\x04cos\nsystem\n" + whole,
        whole + b"more",
        os.urandom(5000),
    ]
    for wrong in damaged:
        path.write_bytes(wrong)
        assert store.table_for(Kernel(FORM), {}, ELECTRON, build=False) is None
    again = store.table_for(Kernel(FORM), {}, ELECTRON)
    assert again.coefficients.tobytes() == built.coefficients.tobytes()
    assert only(folder).read_bytes() == whole


def test_a_bit_that_no_comparison_of_values_could_notice(folder: Path) -> None:
    """The last bit of a coefficient, and a blank in the header: the checksum tells."""
    store.table_for(Kernel(FORM), {}, ELECTRON)
    path, key = only(folder), store.cached_key(store.table_key(Kernel(FORM), {}, ELECTRON))
    whole = path.read_bytes()
    assert store.load(path, key, trusted=True) is not None
    last = len(whole) - 32 - 8  # the lowest byte of the last number, little-endian
    for place in (last, last - 8 * store.TERMS, whole.index(b'"zeros"') - 1):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert store.load(path, key, trusted=True) is None


def test_a_table_of_something_else_is_not_taken(folder: Path) -> None:
    store.table_for(Kernel(FORM), {}, ELECTRON)
    other = store.cached_key(store.table_key(Kernel(FORM), {}, ELECTRON * 2))
    only(folder).rename(store.path_of(other))
    assert store.table_for(Kernel(FORM), {}, ELECTRON * 2, build=False) is None
    assert store.load(store.path_of(other), other, trusted=True) is None


def test_whatever_a_table_is_made_of_has_a_key_of_its_own() -> None:
    """The form, the fixed masses, the lepton's mass, and the number of coefficients."""
    forms = paper_forms()
    two = kernel("fermion", "SS").closed({"rho": Fraction(4), "nu": Fraction(1)})
    (held,) = two.others
    keys = [
        store.table_key(Kernel(FORM), {}, ELECTRON),
        store.table_key(Kernel(FORM), {}, ELECTRON * 2),
        store.table_key(Kernel(FORM), {}, ELECTRON, store.WIDE_TERMS),
        store.table_key(Kernel(forms["I_A"]), {}, ELECTRON),
        store.table_key(two, {held: Fraction(2)}, ELECTRON),
        store.table_key(two, {held: Fraction(3)}, ELECTRON),
    ]
    assert len({*keys, *map(store.cached_key, keys)}) == 2 * len(keys)


def test_another_version_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store.table_for(Kernel(FORM), {}, ELECTRON)
    monkeypatch.setattr(store, "VERSION", store.VERSION + 1)
    key = store.cached_key(store.table_key(Kernel(FORM), {}, ELECTRON))
    only(folder).rename(store.path_of(key))
    assert store.load(store.path_of(key), key, trusted=True) is None
    assert store.table_for(Kernel(FORM), {}, ELECTRON, build=False) is None


def test_a_folder_that_cannot_be_written_means_no_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(blocked))
    table = store.table_for(Kernel(FORM), {}, ELECTRON)
    assert np.isfinite(table(1e-3))
    assert blocked.read_text() == "in the way"


def test_two_processes_at_once(folder: Path) -> None:
    code = (
        "from fractions import Fraction; from g2sym.tables.store import table_for;"
        "from g2sym.kernels.closed import ClosedKernel as Kernel; from "
        "tests.kernels.forms import paper_forms;"
        "print(table_for(Kernel(paper_forms()['I_V']), {}, Fraction('0.51099895069e-3'))(1e-3).hex())"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    both = [
        subprocess.Popen(
            [sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    out = {process.communicate(timeout=120)[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(out) == 1
    assert [p.suffix for p in folder.iterdir()] == [".g2t"]
    assert store.table_for(Kernel(FORM), {}, ELECTRON, build=False) is not None
