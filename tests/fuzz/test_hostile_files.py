"""More than a thousand files nobody vouches for, generated from their grammars: an answer or one sentence.

Files of models, measurements, constants and points, folders of scans, tables of the cache and maps are
generated, many of them right, and damaged by structure (keys, types, values), by token or by byte; in a
folder other things may stand where files were. Each goes through a command in this process, constants and
maps through their loaders. Of every run is asserted: at most 5 s of the processor; an exit code that
`g2sym --help` lists, and not 1; with an error, nothing on standard output and one printable sentence on
standard error; with an answer, no NaN and JSON without infinities; no warning of Python or NumPy; no file
that was not asked for.
"""

from __future__ import annotations

import contextlib
import copy
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import signal
import time
import warnings
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.cli import main
from tests.fuzz.files import input_files, measurement_files, model_files, point_files
from tests.fuzz.judge import fast_enough
from tests.kernels.test_cache_attacks import parts, rewrite

pytestmark = pytest.mark.long
PATIENCE = 120
"""Seconds after which a run that waits for something is stopped."""
COUNTS = {
    "models": 500,
    "measurements": 200,
    "inputs": 100,
    "points": 130,
    "folders": 150,
    "tables": 80,
    "maps": 70,
}


def thorough(kind: str) -> settings:
    """So many examples, the same on every run; others with ``--hypothesis-seed``."""
    return settings(
        max_examples=COUNTS[kind],
        derandomize=settings.default.derandomize,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def refuse_constant(text: str) -> None:
    raise AssertionError(f"{text} in JSON")


@contextlib.contextmanager
def patience() -> Iterator[None]:
    """Stop what waits for ever, a read from a pipe for instance; no measure of time otherwise."""

    def stop(*_: object) -> None:
        raise AssertionError(f"nothing came of it in {PATIENCE} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(words: list[str], folder: Path, allowed: Collection[str] = ()) -> int:
    """Run a command in a folder and hold it to the promises; ``allowed``, what it may write."""
    before = {str(p.relative_to(folder)) for p in folder.rglob("*")}
    out, err = io.StringIO(), io.StringIO()
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), patience():
            start = time.process_time()
            code = main(words)
            took = time.process_time() - start
    said, shown = err.getvalue(), out.getvalue()
    story = (words, code, said[:2000], shown[:300])
    assert fast_enough(took), (took, story)
    assert code in (0, 2, 3, 4, 5), story
    assert not warned, (story, [str(w.message) for w in warned])
    assert "Traceback" not in said + shown, story
    if code in (2, 3, 4):
        assert shown == "", story
        assert one_sentence(said.rstrip("\n"), "Error: "), story
    elif "--json" in words:
        json.loads(shown, parse_constant=refuse_constant)
    else:
        assert shown.strip(), story
        assert not re.search(r"\bnan\b", shown), story
    assert {str(p.relative_to(folder)) for p in folder.rglob("*")} - before <= set(allowed), story
    return code


def one_sentence(text: str, begin: str) -> bool:
    return text.isprintable() and text.startswith(begin) and text.endswith((".", "?")) and len(text) < 1500


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder to work in, the current one."""
    folder, before = tmp_path_factory.mktemp("hostile"), Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


# models ------------------------------------------------------------------------------------------
VALUES = {
    "S": ["m_S=0.7"], "P": ["m_P=0.3"], "V": ["m_V=1.5"], "C": ["m_C=300"], "N": ["m_N=2"], "g": ["g=1e-3"],
    "h": ["h=1e-4"], "y": ["re_y=0.1", "im_y=0.2"],
}  # fmt: skip
"""Declared names, and the values that they need."""
USES = {
    "eval": ["--digits=9", "--json --parametric", "--observable=d(mu)", "--observable=a(e)/a(mu) --json"],
    "show": ["", "--format=latex", "--json", "--lepton=e --partial"],
    "check": ["--lepton=mu", "--lepton=mu --json"],
    "bound": ["--on=g", "--on=h --json", "--on=m_S --range=0.5:2", "--on=g --vary=m_S=1:2:3"],
    "map": [
        "--x=g=1e-5:1e-2 --y=m_S=.1:1 --resolution=16",
        "--x=g=-1:1:lin --y=h=-1:1:lin --resolution=8 --json",
    ],
    "scan": ["--vary=m_S=0.1:1:4 --vary=g=1e-5:1e-2:3 --json", "--vary=m_S=0.1:1:4 --on=g"],
    "line": ["--on=h --vary=m_S=0.1:1:3", "--json"],
}
commands = st.sampled_from([(name, words.split()) for name, every in USES.items() for words in every])


def test_models(place: Path) -> None:
    codes: Counter[int] = Counter()

    @thorough("models")
    @given(model_files(), commands)
    def each(raw: bytes, use: tuple[str, list[str]]) -> None:
        (place / "model.toml").write_bytes(raw)
        text = raw.decode("utf-8", "replace")
        command, options = use
        words = [command, "model.toml", *options]
        if command not in ("show", "check"):
            moving = {w.split("=")[1] for w in options if w.startswith(("--vary", "--x", "--y", "--on"))}
            declared = re.findall(r"\[(?:fields|parameters)\.(\w+)\]", text)
            values = [value for name in dict.fromkeys(declared) for value in VALUES.get(name, [])]
            words += [f"--set={value}" for value in values if value.split("=")[0] not in moving]
        codes[run(words, place)] += 1

    each()
    print("models", dict(codes))
    assert codes.total() >= COUNTS["models"]
    assert codes[0] > COUNTS["models"] / 10
    assert codes[3] > COUNTS["models"] / 10


# measurements and points -------------------------------------------------------------------------
JUDGED = (
    "eval alp --set=m_a=0.5 --set=g_aff=1e-3 --json",
    "bound alp --on=g_aff --set=m_a=0.5",
    "bound scalar --on=g_sgg --set=m_s=0.5 --set=g_sff=1e-3 --n-sigma=1 --json",
    "map dark_photon --x=m_A=0.01:1 --y=eps=1e-4:1e-1 --resolution=16",
    "scan dark_photon --vary=m_A=0.01:1:5 --set=eps=1e-3 --criterion=interval",
    "scan dark_photon --vary=m_A=0.01:1:5 --vary=eps=1e-4:1e-2:5 --count",
)


def test_measurements(place: Path) -> None:
    codes: Counter[int] = Counter()

    @thorough("measurements")
    @given(measurement_files(), st.sampled_from(JUDGED))
    def each(raw: bytes, words: str) -> None:
        (place / "data.toml").write_bytes(raw)
        codes[run([*words.split(), "--measurement=data.toml"], place)] += 1

    each()
    print("measurements", dict(codes))
    assert codes.total() >= COUNTS["measurements"]
    assert codes[0] > COUNTS["measurements"] / 10
    assert codes[3] > COUNTS["measurements"] / 10


def test_inputs(place: Path) -> None:
    """A file of constants: refused, or numbers with which a model has a value or a sentence."""
    codes: Counter[int] = Counter()

    @thorough("inputs")
    @given(input_files())
    def each(raw: bytes) -> None:
        (place / "inputs.toml").write_bytes(raw)
        inputs = quietly(lambda: g2.load_inputs(place / "inputs.toml"))
        codes[inputs is not None] += 1
        if inputs is not None:
            moment = g2.load_model("alp", inputs).anomalous_moment("mu")
            point = {"m_a": "0.5", "g_aff": "1e-3", "g_agg": "1e-4"}
            value = quietly(lambda: moment.evaluate(9, point), g2.errors.G2symError)
            assert value is None or float(value) == float(value)

    each()
    print("inputs", dict(codes))
    assert codes.total() >= COUNTS["inputs"]
    assert min(codes[True], codes[False]) > COUNTS["inputs"] / 10


def test_points(place: Path) -> None:
    codes: Counter[int] = Counter()
    uses = ("", "--json", "--on=g_agg", "--set=g_agg=1e-4", "--set=g_aff=1e-3 --set=g_agg=0 --json")

    @thorough("points")
    @given(point_files(), st.sampled_from(uses))
    def each(raw: bytes, words: str) -> None:
        (place / "points.csv").write_bytes(raw)
        codes[run(["scan", "alp", "--points=points.csv", *words.split()], place)] += 1

    each()
    print("points", dict(codes))
    assert codes.total() >= COUNTS["points"]
    assert codes[0] > COUNTS["points"] / 10
    assert codes[3] > COUNTS["points"] / 10


# damage to what g2sym wrote itself ---------------------------------------------------------------
WRONG = (
    None, True, -1, 0, 1.5, 10**9, 10**40, -(10**400), 1e308, float("nan"), "", "float64", "../x", "\x00",
    "1e999999999", "1/0", "\u00e9" * 500, [], [0], [10**12], ["a"], [[1]], {}, {"a": 1}, "<f4", "null",
    "NaN",
)  # fmt: skip
BYTES = (b"NaN", b"Infinity", b"[" * 3000, b"9" * 5000, b"\xff\xfe", b"null")


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path to every part of a JSON document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in items:
        yield from places(below, (*path, key))


def spoil_document(document: Any, data: st.DataObject) -> None:
    """Replace or remove a part or two."""
    for _ in range(data.draw(st.integers(1, 2))):
        every = list(places(document))
        if not every:
            return
        *path, last = data.draw(st.sampled_from(every))
        at = document
        for key in path:
            at = at[key]
        if data.draw(st.integers(0, 3)):
            at[last] = copy.deepcopy(data.draw(st.sampled_from(WRONG)))
        else:
            del at[last]


def spoil_bytes(raw: bytes, data: st.DataObject) -> bytes:
    start = data.draw(st.integers(0, len(raw)))
    junk = data.draw(st.one_of(st.binary(max_size=12), st.sampled_from(BYTES)))
    return raw[:start] + junk + raw[start + data.draw(st.sampled_from([0, len(junk), len(raw)])) :]


def contents(folder: Path) -> dict[str, str]:
    files = (p for p in folder.rglob("*") if p.is_file())
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


SCAN = shlex.split(
    "scan alp --vary=m_a=0.01:10:4 --vary=g_aff=1e-5:1e-2:6 --set=g_agg=1e-4 --chunk=5 --workers=1"
)


INSTEAD = ("folder", "pipe", "link to itself", "link to zeros", "nothing in it", "a terabyte")


def put_instead(file: Path, what: str) -> None:
    """Put something else where a file was."""
    if what == "folder":
        file.mkdir()
    elif what == "pipe":
        os.mkfifo(file)
    elif what.startswith("link"):
        file.symlink_to(file if "itself" in what else "/dev/zero")
    else:
        file.touch()
        os.truncate(file, 1 << 40 if what == "a terabyte" else 0)


def test_folders_of_scans(place: Path) -> None:
    """A scan continued in a damaged folder: refused, or the scan that it would have been."""
    assert main([*SCAN, "--output=whole"]) == 0
    whole, clean = contents(place / "whole"), g2.load_scan(place / "whole")
    codes: Counter[int] = Counter()

    @thorough("folders")
    @given(st.data())
    def each(data: st.DataObject) -> None:
        shutil.rmtree(place / "s", ignore_errors=True)
        shutil.copytree(place / "whole", place / "s")
        files = sorted(p for p in (place / "s").rglob("*") if p.is_file())
        headers = [p for p in files if p.suffix == ".json"]
        for file in sorted(
            {data.draw(st.sampled_from(files)), data.draw(st.sampled_from([*headers, files[0]]))}
        ):
            what = data.draw(st.sampled_from(["document", "bytes", "bytes", "gone", "as it is", "other"]))
            if what == "document" and file.suffix == ".json":
                document = json.loads(file.read_text())
                spoil_document(document, data)
                file.write_text(json.dumps(document))
            elif what in ("document", "bytes"):
                file.write_bytes(spoil_bytes(file.read_bytes(), data))
            elif what in ("gone", "other"):
                file.unlink()
                if what == "other":
                    put_instead(file, data.draw(st.sampled_from(INSTEAD)))
        found = quietly(lambda: g2.load_scan(place / "s"))
        if found is not None:
            done = ~np.isnan(found["delta_a"])  # a chunk without its line in the ledger is not finished
            for name in ("delta_a", "verdict"):
                assert np.array_equal(found[name][done], clean[name][done]), name
        code = run([*SCAN, "--output=s", "--resume"], place, {"s", *(f"s/{name}" for name in whole)})
        codes[code] += 1
        if code == 0:
            assert contents(place / "s").items() >= whole.items()

    each()
    print("folders", dict(codes))
    assert codes.total() >= COUNTS["folders"]
    assert codes[0] > COUNTS["folders"] / 50
    assert codes[3] > COUNTS["folders"] / 10


def quietly(read: Any, refusal: type[Exception] = g2.errors.InputError) -> Any:
    """Return what is read without a warning, or None where it is refused in one sentence."""
    start = time.process_time()
    with warnings.catch_warnings(), patience():
        warnings.simplefilter("error")
        try:
            found, said = read(), None
        except refusal as error:
            found, said = None, str(error)
    assert fast_enough(time.process_time() - start)
    assert said is None or one_sentence(said, ""), said
    return found


def test_tables_of_the_cache(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that was tampered with is not taken, whatever its checksum says: values stay those of balls."""
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path / "cache"))  # derivations are kept there, too
    model, masses = g2.load_model("dark_photon", {"m_mu": "0.2"}), np.geomspace(1e-4, 1e3, 20_000)
    clean = model.anomalous_moment("mu").lambdify()(m_A=masses, eps=1e-3)[::100]
    (table,) = (tmp_path / "cache").rglob("*.g2t")
    whole = table.read_bytes()
    scan = shlex.split("scan dark_photon --input=m_mu=0.2 --vary=m_A=1e-3:10:100 --set=eps=1e-3 --json")
    factors = (1.5, -1.0, 0.0, 1 + 1e-9, 1e300, np.nan, np.inf)
    done = 0

    @thorough("tables")
    @given(st.data())
    def each(data: st.DataObject) -> None:
        nonlocal done
        table.write_bytes(whole)
        header, flat = parts(table)
        what = data.draw(st.sampled_from(["bytes", "header", "numbers"]))
        if what == "bytes":
            table.write_bytes(spoil_bytes(whole, data))
        elif what == "header":
            spoil_document(header, data)
            rewrite(table, header, flat)
        else:
            start, size = (
                data.draw(st.integers(0, len(flat) - 1)),
                data.draw(st.sampled_from([1, 1, 8, 64, 10**9])),
            )
            flat[start : start + size] *= data.draw(st.sampled_from(factors))
            rewrite(table, header, flat)
        assert run(scan, place) == 0
        found = model.anomalous_moment("mu").lambdify()(m_A=masses[::100], eps=1e-3)
        assert np.max(np.abs(found / clean - 1)) <= 1e-12
        done += 1

    each()
    print("tables", done)
    assert done >= COUNTS["tables"]


def test_maps(place: Path) -> None:
    """A damaged map is refused, or is the map that was written."""
    words = "map alp --x=g_aff=1e-5:1e-2 --y=g_agg=1e-6:1e-1 --set=m_a=0.1 --resolution=64 -o m.npz"
    assert main(shlex.split(words)) == 0
    path = place / "m.npz"
    whole, clean = path.read_bytes(), g2.load_map(path)
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    refused = done = 0

    @thorough("maps")
    @given(st.data())
    def each(data: st.DataObject) -> None:
        nonlocal refused, done
        what = data.draw(st.sampled_from(["bytes", "header", "header", "numbers"]))
        if what == "bytes":
            path.write_bytes(spoil_bytes(whole, data))
        else:
            changed = {name: array.copy() for name, array in arrays.items()}
            if what == "header":
                header = json.loads(bytes(changed["header"]))
                spoil_document(header, data)
                changed["header"] = np.frombuffer(json.dumps(header).encode(), np.uint8)
            else:
                name = data.draw(st.sampled_from(sorted(set(arrays) - {"header"})))
                array = changed[name].reshape(-1)
                at = data.draw(st.integers(0, array.size - 1))
                array[at : at + 1] += np.array(data.draw(st.integers(1, 3))).astype(array.dtype)
            np.savez_compressed(path, **changed)
        found = quietly(lambda: g2.load_map(path))
        refused, done = refused + (found is None), done + 1
        if found is not None:
            assert (found.x.low, found.x.high, found.y) == (clean.x.low, clean.x.high, clean.y)
            assert np.array_equal(found.mask(), clean.mask())

    each()
    print("maps", {"refused": refused, "taken": done - refused})
    assert done >= COUNTS["maps"]
    assert refused > COUNTS["maps"] / 3
