"""Sums over arrays of any namespace: every value against the paper's formulas, within its own bound.

What is compared with what: each value of ``lambdify("array-api")`` that has a finite error bound, with a ball
around the moment as arXiv:2506.17750 prints it (`tests.fuzz.paper`), at the points of `tests.fuzz.sums`:
masses over the whole range of doubles, and couplings on and beside the lines where terms cancel. NumPy and
array-api-strict have to give the same doubles.
"""

from __future__ import annotations

import warnings
from typing import Any

import flint
import numpy as np
import pytest

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.errors import InvalidPointsWarning
from tests.fuzz.sums import CASES, Printed
from tests.fuzz.test_array_sums import batches

TOLERANCE = 1e-12
SIZES = {"short": 400, "long": 20_000}
QUOTIENTS = {"a(mu)/a(e)": (("mu", 1), ("e", -1)), "a(e)*a(tau)": (("e", 1), ("tau", 1))}


def within(value: float, error: float, truth: flint.arb) -> bool:
    """True where a ball, known to 60 bits, lies within the bound about a value."""
    with working_precision(256):
        gap = abs(flint.arb(value) - truth) - abs(truth) * flint.arb(2) ** -58
        return bool(gap <= flint.arb(error) * abs(flint.arb(value)))


def known(ball: Any, point: dict[str, float]) -> flint.arb:
    """A ball with 60 bits, or exactly zero."""
    bits = 128
    while (truth := ball(point, bits)).rel_accuracy_bits() < 60 and not truth.is_zero():
        bits *= 2
        assert bits <= 1 << 15
    return truth


def compare(function: Any, columns: dict[str, np.ndarray], ball: Any) -> tuple[int, int, float]:
    """Compare every value that has a bound; return how many points and how many decided, the worst error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = function(columns)
    spread = np.broadcast_arrays(*columns.values())
    assert found.values.shape == found.decided.shape == found.error.shape == spread[0].shape
    assert np.array_equal(found.decided, found.error <= TOLERANCE)
    assert not np.isnan(found.error).any()
    bounded = np.isfinite(found.error)
    assert not np.isnan(found.values[bounded]).any()
    rows = np.stack([column[bounded] for column in spread], axis=1).tolist()
    worst = 0.0
    for row, value, error in zip(
        rows, found.values[bounded].tolist(), found.error[bounded].tolist(), strict=True
    ):
        truth = known(ball, dict(zip(columns, row, strict=True)))
        assert within(value, error, truth), (row, value, error, truth)
        if error <= TOLERANCE and value:
            worst = max(worst, abs(float((flint.arb(value) / truth - 1).mid())))
    return found.values.size, int(found.decided.sum()), worst


@pytest.mark.parametrize("size", ["short", pytest.param("long", marks=pytest.mark.long)])
@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", CASES)
def test_sums_of_a_model(name: str, lepton: str, size: str) -> None:
    printed = Printed(name, lepton)
    function = g2.load_model(name).anomalous_moment(lepton).lambdify("array-api")
    rng = np.random.default_rng(sum(map(ord, name + lepton)) + 11)
    total = decided = 0
    for columns in batches(rng, printed, SIZES[size]):
        points, good, worst = compare(function, columns, printed.ball)
        assert worst <= TOLERANCE
        total, decided = total + points, decided + good
    print(f"{name}, {lepton}: {decided} of {total} decided")
    assert decided > total / 3  # a third is put on the line where terms cancel, a tenth is beyond the tables


@pytest.mark.parametrize("text", QUOTIENTS)
@pytest.mark.parametrize("name", ["dark_photon", "axial_vector"])
def test_products_and_quotients(name: str, text: str) -> None:
    parts = [(Printed(name, lepton), power) for lepton, power in QUOTIENTS[text]]

    def ball(point: dict[str, float], bits: int) -> flint.arb:
        with working_precision(bits):
            out = flint.arb(1)
            for printed, power in parts:
                out *= printed.ball(point, bits) ** power
            return out

    function = g2.load_model(name).observable(text).lambdify("array-api")
    rng = np.random.default_rng(sum(map(ord, name + text)))
    for columns in batches(rng, parts[0][0], 300):
        compare(function, columns, ball)


@pytest.mark.parametrize("name", CASES)
def test_hierarchies_as_the_ordinary_function(name: str) -> None:
    """Where nothing cancels nearly every point is decided, and as `lambdify("numpy")` has it."""
    case, rng = CASES[name], np.random.default_rng(5)
    columns = {n: 10 ** rng.uniform(-6, 0, 3000) for n in case.couplings}
    columns[case.mass] = 10 ** rng.uniform(-5, 5, 3000)
    for lepton in ("e", "mu", "tau"):
        observable = g2.load_model(name).anomalous_moment(lepton)
        found, wanted = observable.lambdify("array-api")(columns), observable.lambdify()(columns)
        assert found.decided.mean() > 0.98
        off = np.abs(found.values / wanted - 1)
        assert off[found.decided].max() <= 2 * TOLERANCE
        bounded = np.isfinite(found.error)  # a table may have a cell that is not proved
        assert (off <= found.error + TOLERANCE)[bounded].all()


@pytest.mark.parametrize("name", CASES)
def test_the_same_doubles_in_a_strict_namespace(name: str) -> None:
    xp = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    printed, rng = Printed(name, "mu"), np.random.default_rng(3)
    function = g2.load_model(name).anomalous_moment("mu").lambdify("array-api")
    for columns in batches(rng, printed, 200):
        strict = function({n: xp.asarray(column) for n, column in columns.items()})
        assert all(array.__array_namespace__() is xp for array in strict)
        for one, other in zip(strict, function(columns), strict=True):
            assert np.array_equal(np.asarray(one), other, equal_nan=True)


def test_points_without_a_value_are_neither_decided_nor_numbers() -> None:
    function = g2.load_model("dark_photon").anomalous_moment("mu").lambdify("array-api")
    bad = np.array([np.nan, np.inf, -np.inf, -0.1, 0.0, 5e-324, 1e-300, 1e300])
    found = function(m_A=bad, eps=1e-3)
    assert np.isnan(found.values).all()
    assert not found.decided.any()
    assert np.isinf(found.error).all()
    found = function(m_A=0.1, eps=np.array([np.nan, np.inf, 1e200, 1e-200, 0.0, -0.0]))
    assert np.isnan(found.values[:4]).all()
    assert found.decided.tolist() == [False] * 4 + [True] * 2
    assert (found.values[4:] == 0).all()
    assert (found.error[4:] == 0).all()


def test_beside_the_line_the_bound_grows_and_the_ordinary_function_climbs() -> None:
    observable = g2.load_model("alp").anomalous_moment("mu")
    (line,) = observable.cancellation("g_agg").evaluate(25, m_a="0.5", g_aff="1e-3")
    off = 10.0 ** -np.arange(1, 15)
    columns = {"m_a": np.full(14, 0.5), "g_aff": 1e-3, "g_agg": float(line.midpoint) * (1 + off)}
    found = observable.lambdify("array-api")(columns)
    wanted = observable.lambdify()(columns, full=True)
    assert (np.diff(found.error) > 0).all()
    assert found.decided[:2].all()
    assert not found.decided[4:].any()
    assert set(wanted.rungs[4:].tolist()) <= {2, 3}
    off = np.abs(found.values - wanted.values)
    assert (off <= (found.error + TOLERANCE) * np.abs(found.values)).all()


def test_a_warning_is_no_part_of_it() -> None:
    """The ordinary function warns of points without a value; this one has its mask."""
    observable = g2.load_model("dark_photon").anomalous_moment("mu")
    with pytest.warns(InvalidPointsWarning):
        observable.lambdify()(m_A=np.array([-1.0]), eps=1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        observable.lambdify("array-api")(m_A=np.array([-1.0]), eps=1.0)
