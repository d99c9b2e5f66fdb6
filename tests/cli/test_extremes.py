"""Extreme ranges, a full standard output, long runs: one clear sentence each."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from g2sym.cli import bounding as bound_command
from g2sym.errors import InputError
from g2sym.inputs import load_measurement

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "measurements.md"


@pytest.mark.parametrize(
    ("model", "on", "grid"),
    [
        ("alp", "g_aff", "m_a=1e-300:1e300:200"),
        ("axial_vector", "eps", "m_A=1e-900:1e9:10"),
        ("axial_vector", "eps", "m_A=1e-9:1e900:10"),
        ("alp", "g_aff", "m_a=1:1.00000000000000001:3:lin"),
    ],
)
def test_axes_beyond_doubles_are_refused_before_the_work(g2, tmp_path, monkeypatch, model, on, grid):
    monkeypatch.setattr(bound_command, "_solve", None)
    done = g2("bound", model, "--on", on, "--vary", grid, "--plot", tmp_path / "x.png")
    assert (done.code, done.out, done.one_sentence) == (2, "", True)
    assert "drawn" in done.err
    assert list(tmp_path.iterdir()) == []


def test_tables_and_files_have_no_such_limit(g2, tmp_path):
    words = ("bound", "axial_vector", "--on", "eps", "--vary", "m_A=1e-900:1e900:3")
    done = g2(*words, "--csv", tmp_path / "x.csv", "--json")
    assert done.code == 0
    assert done.json["rows"][0]["exact"]["m_A"] == "1e-900"
    assert len((tmp_path / "x.csv").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    ("model", "on", "grid"),
    [
        ("alp", "g_aff", "m_a=1e-290:1e290:4"),
        ("axial_vector", "eps", "m_A=1e-290:1e290:4"),
        ("alp", "g_agg", "g_aff=-1e290:1e290:4:lin"),
        ("alp", "g_agg", "g_aff=1e-290:1e-280:4"),
    ],
)
def test_the_widest_axes_are_drawn(g2, tmp_path, model, on, grid):
    rest = ("--set", "m_a=0.1") if on == "g_agg" else ()
    path = tmp_path / "x.png"
    done = g2("bound", model, "--on", on, "--vary", grid, *rest, "--plot", path)
    assert done.code == 0, done.err
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_picture_with_more_columns_leaves_the_rows(g2, tmp_path):
    words = ("bound", "alp", "--on", "g_agg", "--vary", "g_aff=-1e-2:1e-2:5:lin", "--set", "m_a=0.1")
    done = g2(*words, "--plot", tmp_path / "x.png", "--csv", tmp_path / "x.csv", "--json")
    plain = g2(*words, "--csv", tmp_path / "y.csv", "--json")
    assert len(done.json["rows"]) == 5
    assert done.json["rows"] == plain.json["rows"]
    assert (tmp_path / "x.csv").read_text() == (tmp_path / "y.csv").read_text()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize(
    "words",
    [
        ("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2:3"),
        ("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2:40", "--json"),
        ("models",),
        ("--version",),
        ("bound", "--help"),
    ],
)
def test_a_full_standard_output(words):
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "g2sym", *words],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2
    assert done.stderr == "Error: cannot write to standard output: No space left on device.\n"


@pytest.mark.parametrize("x", ["g_aff=1e-400:1e-300", "g_aff=1e-5:1e400", "g_aff=-1e400:0:lin"])
def test_maps_beyond_doubles_are_refused(g2, x):
    done = g2("map", "alp", "--x", x, "--y", "g_agg=1e-6:1e-1", "--set", "m_a=1")
    assert (done.code, done.out, done.one_sentence) == (2, "", True)
    assert "'g_aff'" in done.err
    assert "1e-290" in done.err


def test_a_long_run_is_announced(g2, monkeypatch):
    words = ("bound", "alp", "--on", "g_aff", "--vary", "m_a=1e-2:10:300")
    assert g2(*words).err == ""
    monkeypatch.setattr(bound_command, "LONG", 1e-6)
    done = g2(*words)
    assert done.code == 0
    assert re.fullmatch(r"300 points, about \d+ s\n", done.err)


@pytest.mark.parametrize(
    ("count", "per_point"), [(0, 1), (1, 1), (2, 5), (21, 1), (22, 1), (1000, 1), (7, 900)]
)
def test_chunks_are_a_partition(count, per_point):
    points = list(range(count))
    chunks = bound_command._chunks(points, per_point)
    assert [x for chunk in chunks for x in chunk] == points
    assert len(chunks) >= 1
    assert all(chunks) or count == 0


EXAMPLES = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)


def test_the_examples_of_measurement_files_load(tmp_path):
    found = []
    for text in EXAMPLES:
        path = tmp_path / "m.toml"
        path.write_text(text)
        found.append(load_measurement(path))
    assert [one.kind for one in found] == ["difference", "difference", "limit", "range"]
    assert [one.lepton for one in found] == ["mu", "e", "tau", "tau"]
    for one in found:
        assert one.name in PAGE.read_text()


def test_a_missing_kind_names_the_kinds(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(EXAMPLES[0].replace('kind = "difference"\n', ""))
    with pytest.raises(InputError, match='kind = "difference", "limit" or "range"'):
        load_measurement(path)
