"""g2sym scan: grids, samples, lists, counts; mistakes named before anything is written."""

import numpy as np
import pytest

from g2sym.scans.run import load_scan

GRID = ("scan", "alp", "--vary", "m_a=1e-2:10:5", "--vary", "g_aff=1e-5:1e-2:6")


def test_windows_on_a_grid(g2, tmp_path):
    path = tmp_path / "s.zarr"
    done = g2(*GRID, "--on", "g_agg", "-o", path, "--chunk", 7)
    assert done.code == 0
    assert "30 points, shape 5 x 6" in done.out
    found = load_scan(path)
    assert found["windows"].shape == (5, 6, 1, 2)
    assert found["m_a"].tolist()[::4] == [0.01, 10.0]
    assert g2(*GRID, "--on", "g_agg", "-o", path, "--chunk", 7, "--resume").out == done.out
    again = g2(*GRID, "--on", "g_agg", "-o", path, "--chunk", 7)
    assert (again.code, again.one_sentence) == (2, True)


def test_json_has_counts_and_the_request(g2):
    document = g2(*GRID, "--set", "g_agg=1e-4", "--json").json
    assert sum(document["verdicts"].values()) == document["points"] == 30
    assert document["values"] == {"g_agg": "0.0001"}
    assert document["units"]["g_agg"] == "GeV^-1"
    assert document["inputs"]


def test_a_count_equals_the_verdicts_of_the_scan(g2):
    counted = g2(*GRID, "--vary", "g_agg=1e-6:1e-1:4", "--count", "--json").json
    visited = g2(*GRID, "--vary", "g_agg=1e-6:1e-1:4", "--json").json
    assert {k: counted[k] for k in ("allowed", "excluded", "undecided")} == visited["verdicts"]
    assert counted["total"] == 120
    assert "solved for g_agg" in g2(*GRID, "--vary", "g_agg=1e-6:1e-1:4", "--count").out


def test_samples_and_points(g2, tmp_path):
    box = ("scan", "scalar", "--vary", "m_s=1e-2:10", "--vary", "g_sff=-1e-3:1e-3:lin", "--samples", "64")
    for method in ("sobol", "random"):
        path = tmp_path / method
        assert g2(*box, "--sampling", method, "--seed", 3, "-o", path).code == 0
        found = load_scan(path)
        assert found["delta_a"].shape == (64,)
        assert np.any(found["g_sff"] < 0)
    points = tmp_path / "p.csv"
    points.write_text(
        "m_s,g_sff\n"
        + "\n".join(
            f"{m!r},{g!r}" for m, g in zip(found["m_s"].tolist(), found["g_sff"].tolist(), strict=True)
        )
    )
    assert g2("scan", "scalar", "--points", points, "-o", tmp_path / "p").code == 0
    assert np.array_equal(load_scan(tmp_path / "p")["delta_a"], found["delta_a"])


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ((), 2),
        (("--vary", "m_a=1:2"), 2),
        (("--vary", "m_a=1:2:1"), 2),
        (("--vary", "m_a=1:2:1.5"), 2),
        (("--vary", "m_a=2:1:5"), 2),
        (("--vary", "m_a=-1:1:5"), 2),
        (("--vary", "m_a=1:2:5", "--samples", "5"), 2),
        (("--vary", "m_a=1:2", "--samples", "0"), 2),
        (("--vary", "m_b=1:2:5"), 2),
        (("--vary", "m_a=1:2:5"), 2),
        (("--vary", "m_a=1:2:5", "--set", "m_a=1"), 2),
        (("--vary", "m_a=1:2:5", "--on", "g_agg", "--set", "g_agg=1"), 2),
        (("--vary", "m_a=1:2:5", "--set", "g_aff=1", "--resume"), 2),
        (("--vary", "m_a=1:2:5", "--set", "g_aff=1", "--count"), 2),
        (("--vary", "m_a=1:2:5", "--vary", "g_aff=1:2:5", "--count", "-o", "x"), 2),
        (("--vary", "m_a=1:2", "--vary", "g_aff=1:2", "--count", "--samples", "5"), 2),
        (("--vary", "m_a=1:2:5", "--set", "g_aff=1", "-o", "no/x"), 2),
        (("--vary", "m_a=1:2:5", "--set", "g_aff=1", "--chunk", "0"), 2),
        (("--vary", "m_a=1:2:5", "--set", "g_aff=1", "--workers", "0"), 2),
        (("--points", "none.csv"), 3),
        (("--points", "none.csv", "--vary", "m_a=1:2:3"), 2),
        (("--vary", "m_a=1:2:5", "--measurement", "nothing"), 3),
    ],
)
def test_mistakes(g2, tmp_path, monkeypatch, words, code):
    monkeypatch.chdir(tmp_path)
    done = g2("scan", "alp", *words)
    assert (done.code, done.out, done.one_sentence) == (code, "", True)
    assert list(tmp_path.iterdir()) == []
