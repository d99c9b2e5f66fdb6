"""Exact counts against brute force, and what happens at the very edge of a window."""

from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.base.balls import working_precision
from g2sym.constraints.bounds import bound
from g2sym.errors import UsageError
from g2sym.inputs import load_measurement
from g2sym.model.model import load_model
from g2sym.scans.count import count_excluded
from g2sym.scans.levels import count_above, crossings
from g2sym.scans.polynomials import Coefficient

MOMENTS = {name: load_model(name).anomalous_moment("mu") for name in ("alp", "scalar", "axial_vector")}
GRIDS = {
    "log": {
        "m_a": np.geomspace(0.01, 10, 4),
        "g_aff": np.geomspace(1e-5, 1e-2, 6),
        "g_agg": np.geomspace(1e-6, 1e-1, 7),
    },
    "signed with zeros": {
        "m_a": np.geomspace(0.01, 10, 3),
        "g_aff": np.linspace(-1e-2, 1e-2, 7),
        "g_agg": np.linspace(-1e-3, 1e-3, 9),
    },
    "log, finer": {
        "m_a": np.geomspace(0.01, 10, 7),
        "g_aff": np.geomspace(1e-5, 1e-2, 10),
        "g_agg": np.geomspace(1e-6, 1e-1, 13),
    },
    "signed with zeros, finer": {
        "m_a": np.geomspace(0.01, 10, 4),
        "g_aff": np.linspace(-1e-2, 1e-2, 13),
        "g_agg": np.linspace(-1e-3, 1e-3, 17),
    },
    "cut-off": {"Lambda": np.geomspace(1, 1e5, 11), "g_aff": np.linspace(-1e-3, 1e-3, 15)},
}
FIXED = {"cut-off": {"m_a": "0.3", "g_agg": "1e-3"}}


@cache
def balls(name):
    """Delta a at every point of a grid, each from its own ball."""
    return evaluated(MOMENTS["alp"], GRIDS[name], FIXED.get(name, {}))


def evaluated(moment, grid, fixed):
    points = np.stack([a.ravel() for a in np.meshgrid(*grid.values(), indexing="ij")], axis=1)
    return [
        moment.enclose(128, params={**fixed, **dict(zip(grid, point.tolist(), strict=True))})
        for point in points
    ]


def brute(found, window):
    """How many points are allowed, and how many there are."""
    allowed = total = 0
    for ball in found:
        with working_precision(128):
            value, low, high = ball.arb(), window.low(128), window.high(128)
            inside, outside = bool(value >= low and value <= high), bool(value < low or value > high)
        assert inside != outside
        allowed, total = allowed + inside, total + 1
    return allowed, total


@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.long if "finer" in n else ()) for n in GRIDS]
)
@pytest.mark.parametrize("criterion", ["sensitivity", "interval"])
def test_counts_equal_brute_force_whatever_is_solved_for(name, criterion):
    grid, fixed = GRIDS[name], FIXED.get(name, {})
    window = load_measurement("muon-2025").window(criterion)
    allowed, total = brute(balls(name), window)
    for on in (None, *(n for n in grid if n.startswith("g_"))):
        found = count_excluded(MOMENTS["alp"], grid, "muon-2025", criterion, on=on, params=fixed)
        assert (found.allowed, found.excluded, found.undecided) == (allowed, total - allowed, 0)
        assert found.total == total
    assert 0 < allowed < total


def test_a_single_coupling_and_an_interval_that_allows_nothing():
    found = count_excluded(MOMENTS["axial_vector"], {"eps": np.linspace(0, 1e-2, 50)}, "muon-2025", m_A="0.1")
    (row,) = bound(MOMENTS["axial_vector"], "eps", "muon-2025", m_A="0.1").rows
    assert found.allowed == np.sum(np.linspace(0, 1e-2, 50) <= row.allowed[0][1])
    electron = load_model("dark_photon").anomalous_moment("e")
    grid = {"m_A": np.geomspace(1e-3, 1, 7), "eps": np.linspace(-1, 1, 9)}
    assert count_excluded(electron, grid, "electron-2023-cs", "interval").allowed == 0


def test_values_in_any_order_and_repeated():
    grid = {"m_a": [1.0, 0.1, 0.1], "g_agg": [1e-3, -1e-3, 1e-3, 0.0], "g_aff": [1e-3]}
    found = count_excluded(MOMENTS["alp"], grid, "muon-2025")
    found_balls = evaluated(MOMENTS["alp"], {k: np.array(v) for k, v in grid.items()}, {})
    allowed, total = brute(found_balls, load_measurement("muon-2025").window())
    assert (found.allowed, found.total) == (allowed, total)


def test_doubles_on_either_side_of_an_end_are_told_apart():
    fixed = {"m_a": "0.1", "g_agg": "0"}
    (row,) = bound(MOMENTS["alp"], "g_aff", "muon-2025", params=fixed, digits=40).rows
    end = row.windows[0][1]
    nearest = float(end.midpoint)
    around = [nearest]
    for _ in range(4):
        around = [np.nextafter(around[0], 0), *around, np.nextafter(around[-1], 1)]
    found = count_excluded(MOMENTS["alp"], {"g_aff": around}, "muon-2025", params=fixed)
    assert found.allowed == sum(Fraction(v) <= end.lower for v in around)
    assert (found.undecided, found.by_balls) == (0, 1)
    # the same with more parameters than one, where doubles are tried first
    found = count_excluded(MOMENTS["alp"], {"m_a": [0.1], "g_aff": around}, "muon-2025", g_agg=0)
    assert (found.undecided, found.by_balls) == (0, 1)


@settings(max_examples=300, deadline=None)
@given(
    coefficients=st.lists(st.floats(-3, 3).map(lambda v: round(v, 3)), min_size=1, max_size=3),
    level=st.floats(-2, 2).map(lambda v: round(v, 3)),
    count=st.integers(1, 30),
    relative=st.sampled_from((0.0, 1e-14, 1e-6)),
)
def test_levels_are_crossed_where_they_say(coefficients, level, count, relative):
    grid = np.linspace(-2, 2, count)
    given_ = [Coefficient(np.array([c]), np.array([abs(c) * relative])) for c in coefficients]
    with np.errstate(all="ignore"):
        found, unsure = count_above(crossings(given_, (level, level)), grid)
    values = [
        sum(Fraction(c) * Fraction(g) ** n for n, c in enumerate(coefficients)) - Fraction(level)
        for g in grid.tolist()
    ]
    if not unsure[0]:
        assert found[0] == sum(v > 0 for v in values)
        assert all(v != 0 for v in values)
    elif relative == 0.0:
        # only points next to a root, or a root of even multiplicity, may be left to balls
        sizes = sum(abs(c) * 4 for c in coefficients) + abs(level)
        discriminant = 1.0
        if len(coefficients) == 3:
            discriminant = abs(coefficients[1] ** 2 - 4 * coefficients[2] * (coefficients[0] - level))
        leading = abs(coefficients[-1]) > 1e-12 if len(coefficients) > 1 else True
        assert min(abs(v) for v in values) <= 1e-9 * sizes or discriminant < 1e-9 or not leading


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on": "m_a"}, "not a polynomial"),
        ({"on": "Lambda"}, "not varied"),
        ({"grid": {"m_a": [0.1, 1.0]}, "params": {"g_aff": 1}}, "vary a coupling"),
        ({"grid": {"m_a": [-1.0, 1.0], "g_aff": [1.0]}}, "positive"),
        ({"grid": {"m_aa": [1.0], "g_aff": [1.0]}}, "did you mean"),
        ({"grid": {"g_aff": [1.0]}}, "m_a has no value"),
        ({"measurement": "tau-2024"}, "same lepton"),
        ({"params": {"m_a": 1}}, "both varied and given"),
    ],
)
def test_mistakes_are_named(change, message):
    call = {"grid": {"m_a": [0.1, 1.0], "g_aff": [1e-3, 1e-4]}, "measurement": "muon-2025", **change}
    with pytest.raises(UsageError, match=message):
        count_excluded(MOMENTS["alp"], **call)
