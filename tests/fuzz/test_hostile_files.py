"""A thousand files nobody vouches for, generated from their grammars: an answer or one sentence, never anything else.

Model, measurement and points files, folders of scans and tables of the cache are generated, many of them right, and
damaged by structure (keys, types, values), by token or by byte; each goes through a command in this process. Of every
run is asserted: at most 5 s of the processor; an exit code that `g2sym --help` lists, and not 1; with an error, nothing
on standard output and one printable sentence on standard error; with an answer, JSON without NaN or infinities; no
warning of Python or NumPy; no file that was not asked for.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import os
import re
import shutil
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.cli import main
from tests.fuzz.files import measurement_files, model_files, point_files
from tests.kernels.test_cache_attacks import parts, rewrite

pytestmark = pytest.mark.long
LIMIT = 5.0
COUNTS = {"models": 450, "measurements": 200, "points": 150, "folders": 120, "tables": 80}


def thorough(kind: str) -> settings:
    """The same examples on every run, so many of them."""
    return settings(
        max_examples=COUNTS[kind],
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def no_number(text: str) -> None:
    raise AssertionError(f"{text} in JSON")


def run(words: list[str], folder: Path, expected: set[str]) -> tuple[int, str, str]:
    """Run a command in a folder and hold what it does against the promises; ``expected``, files it may write."""
    before = {str(p.relative_to(folder)) for p in folder.rglob("*")}
    out, err = io.StringIO(), io.StringIO()
    start = time.process_time()
    with warnings.catch_warnings(record=True) as warned, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        warnings.simplefilter("always")
        code = main(words)
    took = time.process_time() - start
    said, shown = err.getvalue(), out.getvalue()
    story = (words, code, said[:2000], shown[:300])
    assert took < LIMIT, (took, story)
    assert code in (0, 2, 3, 4, 5), story
    assert not warned, (story, [str(w.message) for w in warned])
    assert "Traceback" not in said + shown, story
    if code in (2, 3, 4):
        lines = said.strip().splitlines()
        assert shown == "", story
        assert len(lines) == 1, story
        assert lines[0].startswith("Error: "), story
        assert lines[0].isprintable(), story
        assert lines[0].endswith((".", "?", ")")), story
        assert len(lines[0]) < 1500, story
    elif "--json" in words:
        json.loads(shown, parse_constant=no_number)
    else:
        assert shown.strip(), story
        assert not re.search(r"\bnan\b", shown), story
    assert {str(p.relative_to(folder)) for p in folder.rglob("*")} - before <= expected, story
    return code, shown, said


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder to work in, the current one."""
    folder, before = tmp_path_factory.mktemp("hostile"), os.getcwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


SET = ["--set=m_S=0.7", "--set=m_P=0.3", "--set=m_V=1.5", "--set=g=1e-3", "--set=h=1e-4", "--set=re_y=0.1", "--set=im_y=0.2"]
USES = {
    "eval": [["--digits=9"], ["--json", "--parametric"], ["--observable=d(mu)"], ["--observable=a(e)/a(mu)", "--json"]],
    "show": [[], ["--format=latex"], ["--json"], ["--lepton=e", "--partial"]],
    "check": [["--lepton=mu"], ["--lepton=mu", "--json"]],
    "bound": [["--on=g"], ["--on=h", "--json"], ["--on=m_S", "--range=0.5:2"], ["--on=g", "--vary=m_S=1:2:3"]],
    "map": [["--x=g=1e-5:1e-2", "--y=m_S=0.1:1", "--resolution=16"], ["--x=g=-1:1:lin", "--y=h=-1:1:lin", "--resolution=8", "--json"]],
    "scan": [["--vary=m_S=0.1:1:4", "--vary=g=1e-5:1e-2:3", "--json"], ["--vary=m_S=0.1:1:4", "--on=g"]],
    "line": [["--on=h", "--vary=m_S=0.1:1:3"], ["--json"]],
}
"""Commands for a model file, with options of which the names are left out that were not declared."""
commands = st.sampled_from([(command, options) for command, several in USES.items() for options in several])


def test_models(place: Path) -> None:
    codes: dict[int, int] = {}

    @thorough("models")
    @given(model_files(), commands)
    def each(text: str, use: tuple[str, list[str]]) -> None:
        path = place / "model.toml"
        path.write_text(text, encoding="utf-8")
        command, options = use
        taken = {word.split("=")[1] for word in options if word.startswith(("--vary", "--x", "--y", "--on"))}
        needed = [w for w in SET if f"[fields.{w[8:].split('=')[0]}]" in text or f"[parameters.{w[6:].split('=')[0]}]" in text
                  or w.startswith("--set=m_") and f"[fields.{w[8]}]" in text or ("_y" in w and "[parameters.y]" in text)]
        given_here = [w for w in needed if w[6:].split("=")[0] not in taken]
        words = [command, "model.toml", *options] + (given_here if command not in ("show", "check") else [])
        code, *_ = run(words, place, set())
        codes[code] = codes.get(code, 0) + 1

    each()
    assert codes.get(0, 0) > COUNTS["models"] / 10  # some are right
    assert codes.get(3, 0) > COUNTS["models"] / 4
    print("models", codes)


def test_measurements(place: Path) -> None:
    codes: dict[int, int] = {}
    uses = st.sampled_from(
        [
            ["eval", "alp", "--set=m_a=0.5", "--set=g_aff=1e-3", "--json"],
            ["bound", "alp", "--on=g_aff", "--set=m_a=0.5"],
            ["bound", "scalar", "--on=g_sgg", "--set=m_s=0.5", "--set=g_sff=1e-3", "--n-sigma=1", "--json"],
            ["map", "dark_photon", "--x=m_A=0.01:1", "--y=eps=1e-4:1e-1", "--resolution=16"],
            ["scan", "dark_photon", "--vary=m_A=0.01:1:5", "--set=eps=1e-3", "--criterion=interval"],
            ["scan", "dark_photon", "--vary=m_A=0.01:1:5", "--vary=eps=1e-4:1e-2:5", "--count"],
        ]
    )

    @thorough("measurements")
    @given(measurement_files(), uses)
    def each(text: str, words: list[str]) -> None:
        (place / "data.toml").write_text(text, encoding="utf-8")
        code, *_ = run([*words, "--measurement=data.toml"], place, set())
        codes[code] = codes.get(code, 0) + 1

    each()
    assert codes.get(0, 0) > COUNTS["measurements"] / 5
    print("measurements", codes)


def test_points(place: Path) -> None:
    codes: dict[int, int] = {}
    uses = st.sampled_from([[], ["--json"], ["--on=g_agg"], ["--set=g_agg=1e-4"], ["--set=g_aff=1e-3", "--set=g_agg=0", "--json"]])

    @thorough("points")
    @given(point_files(), uses)
    def each(raw: bytes, more: list[str]) -> None:
        (place / "points.csv").write_bytes(raw)
        code, *_ = run(["scan", "alp", "--points=points.csv", *more], place, set())
        codes[code] = codes.get(code, 0) + 1

    each()
    assert codes.get(0, 0) > COUNTS["points"] / 10
    print("points", codes)


# folders of scans --------------------------------------------------------------------------------
SCAN = ["scan", "alp", "--vary=m_a=0.01:10:4", "--vary=g_aff=1e-5:1e-2:6", "--set=g_agg=1e-4", "--chunk=5", "--workers=1"]
VALUES = (None, True, -1, 0, 1.5, 10**9, 10**40, -(10**400), 1e308, "", "float64", "../x", "\x00", "é" * 500, [], [0], [10**12],
          ["a"], [[1]], {}, {"a": 1}, "<f4", "null", "NaN")  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from paths(below, (*path, key))


def spoil(file: Path, data: st.DataObject) -> None:
    """Change a JSON document by structure, or any file by bytes."""
    raw = file.read_bytes()
    if file.suffix == ".json" and data.draw(st.booleans()):
        document = json.loads(raw)
        for _ in range(data.draw(st.integers(1, 2))):
            chosen = data.draw(st.sampled_from([p for p in paths(document)] or [()]))
            if not chosen:
                break
            at = document
            for key in chosen[:-1]:
                at = at[key]
            if data.draw(st.integers(0, 3)):
                at[chosen[-1]] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
            else:
                del at[chosen[-1]]
        file.write_text(json.dumps(document))
        return
    start = data.draw(st.integers(0, len(raw)))
    junk = data.draw(st.one_of(st.binary(max_size=12), st.sampled_from([b"NaN", b"Infinity", b"[" * 3000, b"9" * 5000, b"\xff\xfe", b"null"])))
    end = start + data.draw(st.sampled_from([0, len(junk), len(raw)]))
    file.write_bytes(raw[:start] + junk + raw[end:])


def contents(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.rglob("*") if p.is_file()}


def test_folders_of_scans(place: Path) -> None:
    """A scan continued in a damaged folder: refused, or the scan that it would have been."""
    assert main([*SCAN, "--output=whole"]) == 0
    whole, clean = contents(place / "whole"), g2.load_scan(place / "whole")
    codes: dict[int, int] = {}

    @thorough("folders")
    @given(st.data())
    def each(data: st.DataObject) -> None:
        shutil.rmtree(place / "s", ignore_errors=True)
        shutil.copytree(place / "whole", place / "s")
        files = sorted(p for p in (place / "s").rglob("*") if p.is_file())
        headers = [p for p in files if p.suffix == ".json"]
        sets = (headers, files)[: data.draw(st.integers(1, 2))]
        for file in sorted({data.draw(st.sampled_from(one)) for one in sets}):
            if data.draw(st.integers(0, 2)):
                spoil(file, data)
            else:
                file.unlink()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                found = g2.load_scan(place / "s")
        except g2.errors.InputError as error:
            assert str(error).isprintable(), error
        else:
            done = ~np.isnan(found["delta_a"])  # chunks whose line in the ledger is gone are not finished
            for name in ("delta_a", "verdict"):
                assert np.array_equal(found[name][done], clean[name][done]), name
        code, *_ = run([*SCAN, "--output=s", "--resume"], place, {f"s/{name}" for name in whole} | {"s"})
        codes[code] = codes.get(code, 0) + 1
        if code == 0:
            assert contents(place / "s").items() >= whole.items()

    each()
    assert codes.get(0, 0) > 0
    print("folders", codes)


# tables of the cache -----------------------------------------------------------------------------
def spoil_table(file: Path, data: st.DataObject) -> None:
    """Change a table by bytes, or its header or numbers under a checksum that is right."""
    if data.draw(st.integers(0, 3)) == 0:
        spoil(file, data)
        return
    header, flat = parts(file)
    if data.draw(st.booleans()):
        chosen = data.draw(st.sampled_from(list(paths(header))))
        at = header
        for key in chosen[:-1]:
            at = at[key]
        at[chosen[-1]] = copy.deepcopy(data.draw(st.sampled_from(VALUES)))
    else:
        start = data.draw(st.integers(0, len(flat) - 1))
        size = data.draw(st.sampled_from([1, 1, 8, 64, len(flat)]))
        flat[start : start + size] *= data.draw(st.sampled_from([1.5, -1.0, 0.0, 1 + 1e-9, 1e300, np.nan, np.inf]))
    rewrite(file, header, flat)


def test_tables_of_the_cache(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that was tampered with is not taken: values stay those of the ball."""
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(place / "cache"))
    model, masses = g2.load_model("dark_photon", {"m_mu": "0.2"}), np.geomspace(1e-4, 1e3, 20_000)
    clean = model.anomalous_moment("mu").lambdify()(m_A=masses, eps=1e-3)
    ((table, whole),) = [(p, p.read_bytes()) for p in (place / "cache").rglob("*.g2t")]
    codes: dict[int, int] = {}

    @thorough("tables")
    @given(st.data())
    def each(data: st.DataObject) -> None:
        table.write_bytes(whole)
        spoil_table(table, data)
        words = ["scan", "dark_photon", "--input=m_mu=0.2", "--vary=m_A=1e-3:10:100", "--set=eps=1e-3", "--json"]
        code, *_ = run(words, place, set())
        codes[code] = codes.get(code, 0) + 1
        found = model.anomalous_moment("mu").lambdify()(m_A=masses[::100], eps=1e-3)
        assert np.max(np.abs(found / clean[::100] - 1)) <= 1e-12

    each()
    assert codes == {0: COUNTS["tables"]}
    print("tables", codes)
