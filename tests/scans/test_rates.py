"""Scans and counts of widths, branching ratios and cross-sections against balls, point by point."""

from fractions import Fraction

import numpy as np
import pytest

from g2sym.base.balls import working_precision
from g2sym.constraints.quadtree import ALLOWED, EXCLUDED, UNDECIDED
from g2sym.errors import UsageError
from g2sym.inputs import load_measurement
from g2sym.model.model import load_model
from g2sym.scans.count import count_excluded
from g2sym.scans.polynomials import Coefficient
from g2sym.scans.quotients import combined, quotient_counted
from g2sym.scans.rates import never_negative
from g2sym.scans.run import load_scan, scan

ALP = load_model("alp")
COUPLINGS = np.geomspace(1e-6, 1e-1, 4)
CASES = {
    "width": (
        ALP.observable("Gamma(a)").quoted(g_aff="mu"),
        "GeV",
        "1e-9",
        "",
        {"m_a": np.geomspace(0.05, 5, 6), "g_aff[mu]": COUPLINGS},
        {"g_agg": "1e-4"},
    ),
    "branching ratio": (
        ALP.observable("BR(a -> A A)").quoted(g_aff="mu"),
        "1",
        "3/10",
        "",
        {"m_a": np.geomspace(0.05, 5, 5), "g_aff[mu]": COUPLINGS, "g_agg": np.array([0.0, 1e-5, 1e-3])},
        {},
    ),
    "no decay": (
        ALP.observable("BR(a -> A A)").quoted(g_aff="mu"),
        "1",
        "3/10",
        "",
        {"m_a": np.array([0.1, 0.5]), "g_aff[mu]": COUPLINGS, "g_agg": np.array([0.0])},
        {},
    ),
    "cross-section": (
        ALP.observable("sigma(e bar(e) -> A a)"),
        "fb",
        "10",
        "[at]\nsqrt_s = 10.58\ncos_max = 0.9\n",
        {"m_a": np.array([0.1, 1.0, 10.5, 10.58, 12.0]), "g_aff": COUPLINGS},
        {"g_agg": "1e-4"},
    ),
    "energies": (
        ALP.observable("sigma(mu bar(mu) -> A a)"),
        "fb",
        "100",
        "",
        {
            "sqrt_s": np.array([0.1, 0.3, 0.5, 2.0]),
            "m_a": np.array([0.1, 0.5, 1.0]),
            "g_aff": np.array([-1e-3, 0.0, 1e-3]),
        },
        {"g_agg": 0},
    ),
}


def limit(folder, observable, unit, value, at):
    path = folder / "limit.toml"
    path.write_text(
        f'schema = 1\nname = "limit"\nobservable = "{observable}"\nunit = "{unit}"\nkind = "limit"\n'
        f'date = 2030-01-31\nvalue = "{value}"\nconfidence = "0.95"\nsource = "an example"\n{at}'
    )
    return load_measurement(path)


def verdicts(observable, grid, fixed, window):
    """Value and verdict of every point from balls of its own; None for a point that is refused."""
    out = []
    for point in np.stack([a.ravel() for a in np.meshgrid(*grid.values(), indexing="ij")], axis=1):
        try:
            ball = observable.enclose(160, params={**fixed, **dict(zip(grid, point.tolist(), strict=True))})
        except UsageError as error:
            out.append((None, str(error)))
            continue
        with working_precision(160):
            value, low, high = ball.arb(), window.low(160), window.high(160)
            assert (value >= low and value <= high) or value < low or value > high
            out.append((float(ball.midpoint), ALLOWED if value >= low and value <= high else EXCLUDED))
    return out


@pytest.mark.parametrize("name", CASES)
def test_scans_and_counts_agree_with_balls(name, tmp_path):
    observable, unit, value, at, grid, fixed = CASES[name]
    measured = limit(tmp_path, observable.quantity.text, unit, value, at)
    put = {"sqrt_s": "10.58", "cos_max": "0.9"} if at else {}
    expected = verdicts(observable, grid, {**fixed, **put}, measured.window())
    found = scan(observable, grid, measured, params=fixed)
    refused = {}
    for (truth, verdict), own, state in zip(
        expected, found["value"].ravel(), found["verdict"].ravel(), strict=True
    ):
        if truth is None:
            assert np.isnan(own)
            assert state == UNDECIDED
            refused[verdict] = refused.get(verdict, 0) + 1
        else:
            assert own == pytest.approx(truth, rel=1e-12, abs=0)
            assert state == verdict
    sentences = {why: n for why, n in refused.items() if "so BR" not in why}
    assert found.summary()["refused"] == sentences
    for on in [n for n in grid if n.startswith("g_")]:
        total = count_excluded(observable, grid, measured, on=on, params=fixed)
        assert total.allowed == sum(v == ALLOWED for _, v in expected)
        assert total.excluded == sum(v == EXCLUDED for _, v in expected)
        assert total.undecided == total.without_value == sum(refused.values())
        assert dict(total.refused) == sentences


def test_windows_of_rates_are_those_of_single_points(tmp_path):
    observable, unit, value, at, _, fixed = CASES["cross-section"]
    measured = limit(tmp_path, observable.quantity.text, unit, value, at)
    masses = {"m_a": np.array([0.5, 3.0, 12.0])}
    found = scan(observable, masses, measured, on="g_aff", params=fixed)
    assert found["count"].tolist() == [1, 1, 1]
    assert found["windows"][2, 0].tolist() == [-np.inf, np.inf]  # closed: zero whatever the coupling
    for place, mass in enumerate(masses["m_a"][:2]):
        for end in found["windows"][place, 0]:
            here = {**fixed, "m_a": float(mass), "g_aff": float(end), "sqrt_s": "10.58", "cos_max": "0.9"}
            edge = float(measured.window().high(128).mid())
            assert float(observable.enclose(128, params=here).midpoint) == pytest.approx(edge, rel=1e-11)


def test_many_rows_take_no_ball(tmp_path):
    for name in ("width", "branching ratio", "cross-section"):
        observable, unit, value, at, _, fixed = CASES[name]
        measured = limit(tmp_path, observable.quantity.text, unit, value, at)
        on = "g_aff" if name == "cross-section" else "g_aff[mu]"
        grid = {"m_a": np.geomspace(0.05, 20, 500), on: np.geomspace(1e-6, 1e-1, 50)}
        assert count_excluded(observable, grid, measured, params={"g_agg": "1e-4", **fixed}).by_balls == 0


def test_a_folder_keeps_why_points_have_no_value(tmp_path):
    observable, *_, grid, fixed = CASES["energies"]
    written = scan(observable, grid, output=tmp_path / "out", params=fixed)
    again = load_scan(tmp_path / "out")
    assert (again["reason"] == written["reason"]).all()
    assert again.summary()["refused"] == written.summary()["refused"]
    assert set(again.summary()["refused"]) == {
        "sqrt_s is not above 2 m_mu: there are no colliding leptons.",
        "sqrt_s is exactly m_a, where the photon is infinitely soft and the cross-section infinite. "
        "Move one of them.",
    }


def test_the_bound_of_a_quotient_at_a_level_is_kept_and_nearly_reached():
    """|(P - L Q) - (p - m q)| for the worst P, Q and L within their bounds, in exact arithmetic."""
    p, q = Coefficient(np.array(3.0), np.array(1e-10)), Coefficient(np.array(7.0), np.array(2e-10))
    low, high = 0.3, 0.3 + 1e-11
    (found,) = combined([p], [q], (low, high))
    worst = 0
    for up in (-1, 1):
        for level in (low, high):
            top = Fraction(3) + up * Fraction(1e-10)
            bottom = Fraction(7) - up * Fraction(2e-10)
            value = top - Fraction(level) * bottom
            worst = max(worst, abs(value - Fraction(float(found.value))))
    assert 0.9 * found.error < float(worst) <= found.error


def test_only_a_denominator_of_one_sign_is_decided_in_doubles():
    def number(*values):
        return [Coefficient(np.array(v), np.array(0.0)) for v in values]

    window = load_measurement("muon-2025").window()
    values = np.array([1.0, 2.0, 3.0])
    for below in ((-1.0, 0.0, 1.0), (0.0, 1.0), (0.0, 0.0, 0.0), (1.0, 1e-3, 1.0)):
        assert quotient_counted(number(1.0), number(*below), values, window)[1].all()
    assert quotient_counted(number(1.0), number(0.0, 0.0, 1.0), np.array([0.0, 1.0]), window)[1].all()
    assert not quotient_counted(number(1.0), number(0.0, 0.0, 1.0), values, window)[1].any()


def test_never_negative_needs_proof():
    two = [(np.array([1.0, 1e-9, 0.0, 1.0]), np.array([0.0, 1e-8, 0.0, 0.0]))]
    odd = (np.array([0.0, 0.0, 0.0, 1e-30]), np.zeros(4))
    assert never_negative([*two, odd]).tolist() == [True, False, True, False]
