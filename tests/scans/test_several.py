"""Scans of several measurements: verdicts and chi^2 against certified points, folders that are continued."""

from fractions import Fraction as F

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.constraints.maps import STATES
from g2sym.errors import UsageError
from g2sym.scans.several import scan_several

PHOTON = g2.load_model("dark_photon")
BOTH = PHOTON.combine("electron-2023-rb", "muon-2023", "tau-2024", criterion={"muon-2023": "interval"})
GRID = {"m_A": np.geomspace(1e-2, 10, 5), "eps": np.geomspace(1e-5, 1, 6)}


def certified(combination, point):
    """The verdict of all measurements together at a point, by balls."""
    out = []
    for one in combination.conditions:
        ball = one.observable.enclose(128, params=point)
        with working_precision(128):
            value, low, high = ball.arb(), one.window.low(128), one.window.high(128)
            out.append(bool(low < value) and bool(value < high))
    return "allowed" if all(out) else "excluded"


def test_verdicts_and_chi2_are_those_of_certified_points():
    found = scan_several(BOTH, GRID)
    least = (np.inf, None)
    for i, mass in enumerate(GRID["m_A"]):
        for j, coupling in enumerate(GRID["eps"]):
            point = {"m_A": F(float(mass)), "eps": F(float(coupling))}
            assert STATES[found.verdict[i, j]] == certified(BOTH, point)
            exact = BOTH.likelihood(12, point)
            assert found.chi2[i, j] == pytest.approx(float(exact.chi2), rel=1e-9)
            for name, pull in zip(found.names, exact.pulls, strict=True):
                assert found.pulls[name][i, j] == pytest.approx(float(pull), rel=1e-9)
            least = min(least, (found.chi2[i, j], (float(mass), float(coupling))))
    assert found.best["chi2"] == least[0]
    assert tuple(found.best["point"].values()) == least[1]
    record = found.as_dict()
    assert sum(record["verdicts"].values()) == record["points"] == 30
    assert any("both rest on" in s for s in record["announcements"]) is False


def test_points_and_samples_are_judged_alike():
    box = g2.Samples.of({"m_A": ("1e-2", 10), "eps": ("1e-5", 1)}, 50)
    found = scan_several(BOTH, box)
    columns = {name: found.scans[0][name] for name in ("m_A", "eps")}
    listed = scan_several(BOTH, g2.Points.of(columns))
    assert np.array_equal(found.verdict, listed.verdict)
    assert found.best == listed.best


def test_linked_couplings_are_scanned():
    model = g2.load_model("scalar").with_flavour(g_sff="mass")
    combination = model.combine("electron-2023-rb", "muon-2025")
    found = scan_several(combination, {"m_s": [0.1, 1.0], "g_sff[mu]": [1e-4, 1e-2, 1.0]})
    assert found.verdict.tolist() == [[1, 2, 2], [1, 2, 2]]
    assert [one["verdict"].tolist() for one in found.scans] == [
        [[1, 1, 2], [1, 1, 2]], [[1, 2, 2], [1, 2, 2]],
    ]  # fmt: skip
    with pytest.raises(UsageError, match="quoted"):
        scan_several(combination, {"m_s": [0.1, 1.0], "g_sff": [1e-4]})


def test_a_folder_is_continued(tmp_path):
    steps = []
    first = scan_several(
        BOTH, GRID, output=tmp_path / "s", progress=lambda done, total: steps.append((done, total))
    )
    assert steps[-1][0] == steps[-1][1]
    assert steps == sorted(steps)
    again = scan_several(BOTH, GRID, output=tmp_path / "s", resume=True)
    assert np.array_equal(first.chi2, again.chi2)
    with pytest.raises(UsageError, match="exists"):
        scan_several(BOTH, GRID, output=tmp_path / "s")
    with pytest.raises(UsageError, match="could not be made"):
        scan_several(BOTH, GRID, output=tmp_path / "no" / "such")
    with pytest.raises(UsageError, match="holds another scan"):
        scan_several(BOTH, {"m_A": [1.0], "eps": [1.0]}, output=tmp_path / "s", resume=True)
