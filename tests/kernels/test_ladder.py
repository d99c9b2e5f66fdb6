"""Sums: 1e-12 of the sum wherever it lies, on as low a rung as will do."""

from __future__ import annotations

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import BALLS, DOUBLE, DOUBLE_DOUBLE, TOLERANCE, Sum
from g2sym.arrays.sources import BallSource, KernelSource
from g2sym.base.balls import working_precision
from g2sym.errors import PrecisionError
from g2sym.kernels.closed import ClosedKernel as Kernel
from tests.kernels.forms import paper_forms

MUON = Fraction("0.1056583755")
FORMS = paper_forms()


def constant(bits: int):
    return 1 / (8 * flint.arb.pi() ** 2)


@pytest.fixture(scope="module")
def pair():
    """(g_S^2 I_S - g_P^2 I_P)/(8 pi^2): zero on the line g_S^2 I_S = g_P^2 I_P."""
    sources = [KernelSource(Kernel(FORMS[n]), {}, MUON, "M") for n in ("I_S", "I_P")]
    products = [
        Product(Fraction(1), "c", constant, (("g_s", 2),), 0),
        Product(Fraction(-1), "c", constant, (("g_p", 2),), 1),
    ]
    return Sum(products, sources)


def exact(mass: float, g_s: float, g_p: float):
    with working_precision(2600):
        rho = (Fraction(mass) / MUON) ** 2
        i_s, i_p = (Kernel(FORMS[n]).ball({"rho": rho}, 2400) for n in ("I_S", "I_P"))
        return constant(0) * (flint.arb(g_s) ** 2 * i_s - flint.arb(g_p) ** 2 * i_p)


def check(found: float, mass: float, g_s: float, g_p: float) -> None:
    truth = exact(mass, g_s, g_p)
    with working_precision(200):
        shown = float(truth.mid())
        if math.isinf(shown) or abs(shown) < 2.0**-1022:
            assert found == shown or abs(found - shown) <= 5e-324
        else:
            assert abs(flint.arb(found) / truth - 1) <= TOLERANCE


def test_a_grid_across_the_line(pair) -> None:
    masses = np.geomspace(1e-3, 1e2, 60)[:, None]
    g_s = np.geomspace(1e-4, 1e-2, 60)[None, :]
    found = pair({"M": masses, "g_s": g_s, "g_p": np.array(1e-3)})
    assert found.values.shape == (60, 60)
    assert found.counts()["double"] > 3500
    for i in range(0, 60, 7):
        for j in range(60):
            check(float(found.values[i, j]), float(masses[i, 0]), float(g_s[0, j]), 1e-3)


def test_points_that_hug_the_line(pair) -> None:
    masses = np.geomspace(1e-4, 1e3, 40)[:, None]
    g_p = np.geomspace(1e-5, 1e-1, 30)[None, :]
    i_s, i_p = (source.doubles({"M": masses}) for source in pair.sources)
    g_s = g_p * np.sqrt(i_p / i_s)
    found = pair({"M": masses, "g_s": g_s, "g_p": g_p})
    assert not (found.rungs == DOUBLE).any()
    assert (found.rungs == DOUBLE_DOUBLE).any()
    for i in range(0, 40, 3):
        for j in range(0, 30, 4):
            check(float(found.values[i, j]), float(masses[i, 0]), float(g_s[i, j]), float(g_p[0, j]))


def test_many_masses_take_tables(pair) -> None:
    masses = 10 ** np.random.default_rng(5).uniform(-8, 8, 30000)
    i_s, i_p = (source.doubles({"M": masses}) for source in pair.sources)
    g_s = np.sqrt(i_p / i_s) * (1 + np.random.default_rng(6).normal(size=30000) * 1e-5)
    found = pair({"M": masses, "g_s": g_s, "g_p": np.array(1.0)})
    assert (found.rungs == DOUBLE_DOUBLE).mean() > 0.9
    for k in range(0, 30000, 999):
        check(float(found.values[k]), float(masses[k]), float(g_s[k]), 1.0)


@given(
    st.floats(min_value=5e-324, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
@settings(max_examples=80, deadline=None)
def test_the_whole_range_of_doubles(pair, mass: float, g_s: float, g_p: float) -> None:
    found = pair({"M": np.array([mass]), "g_s": np.array([g_s]), "g_p": np.array([g_p])})
    if g_s == 0 == g_p:
        assert found.values[0] == 0
    else:
        check(float(found.values[0]), mass, g_s, g_p)


def test_an_overflow_on_the_way_is_no_overflow(pair) -> None:
    """g_s^2 underflows, but the kernel 1/rho is huge: the product is an ordinary number."""
    source = KernelSource(Kernel(FORMS["I_A"]), {}, MUON, "M")
    total = Sum([Product(Fraction(1), "", None, (("g", 2),), 0)], [source])
    found = total({"M": np.array([1e-200]), "g": np.array([1e-190])})
    assert found.rungs.tolist() == [BALLS]
    assert found.values[0] == pytest.approx(1e20 * float(MUON) ** 2)


def test_zero_and_not_a_number(pair) -> None:
    nan = math.nan
    found = pair(
        {"M": np.array([1.0, nan, 1.0, 1.0]), "g_s": np.array([0.0, 1.0, nan, 1.0]), "g_p": np.array(0.0)}
    )
    assert found.values[0] == 0
    assert np.isnan(found.values[1:3]).all()
    assert found.values[3] > 0
    assert found.rungs.tolist()[1:3] == [0, 0]


def test_a_function_that_underflows_is_not_zero() -> None:
    tiny = BallSource(("M",), lambda point, bits: flint.arb(2) ** -1100 * flint.arb(1))
    none = BallSource(("M",), lambda point, bits: flint.arb(0))
    grids = {"M": np.array([1.0]), "g": np.array([1e308])}
    for source, want in ((tiny, Fraction(1e308) / 2**1100), (none, 0)):
        found = Sum([Product(Fraction(1), "", None, (("g", 1),), 0)], [source])(grids)
        assert found.values[0] == pytest.approx(float(want), rel=1e-12, abs=0)
        assert not found.invalid.any()


def test_terms_that_cancel_exactly() -> None:
    source = KernelSource(Kernel(FORMS["I_V"]), {}, MUON, "M")
    products = [
        Product(Fraction(1), "c", constant, (("a", 2),), 0),
        Product(Fraction(-1), "c", constant, (("b", 2),), 0),
    ]
    found = Sum(products, [source])({"M": np.array([0.3]), "a": np.array([0.1]), "b": np.array([-0.1])})
    assert found.values.tolist() == [0.0]


def test_a_hidden_zero_has_no_value() -> None:
    products = [
        Product(Fraction(1), "root two squared", lambda bits: flint.arb(2).sqrt() ** 2, (("a", 1),), None),
        Product(Fraction(-2), "", None, (("a", 1),), None),
    ]
    found = Sum(products, [])({"a": np.array([0.5, 0.0])})
    assert found.invalid.tolist() == [True, False]
    assert [w for w in found.reasons if "could not be told from zero" in w]
    assert np.isnan(found.values[0])
    assert found.values[1] == 0
    scalar = [Product(q.rational, q.label, q.constant, (), None) for q in products]
    with pytest.raises(PrecisionError, match="could not be told from zero"):
        Sum(scalar, [])({})


def test_other_shapes(pair) -> None:
    grids = {
        "M": np.geomspace(0.1, 1, 3)[:, None, None],
        "g_s": np.geomspace(1e-3, 1e-2, 4)[None, :, None],
        "g_p": np.geomspace(1e-3, 1e-2, 5),
    }
    found = pair(grids).values
    assert found.shape == (3, 4, 5)
    for i, j, k in [(0, 0, 0), (2, 3, 4), (1, 2, 3)]:
        check(found[i, j, k], grids["M"][i, 0, 0], grids["g_s"][0, j, 0], grids["g_p"][k])
    assert pair({n: np.array(0.5) for n in grids}).values.shape == ()
    assert pair({**grids, "g_p": np.empty((0,))}).values.shape == (3, 4, 0)


def test_a_constant_beside_wide_tables_needs_no_ball_of_the_others(monkeypatch) -> None:
    """g^2 I_S - 2 x with x a number: beside the line the wide table and the constant's pair decide."""
    kernel = KernelSource(Kernel(FORMS["I_S"]), {}, MUON, "M")
    number = BallSource((), lambda point, bits: 1 / flint.arb(3))
    products = [
        Product(Fraction(1), "c", constant, (("g", 2),), 0),
        Product(Fraction(-1), "c", constant, (("h", 2),), 1),
    ]
    masses = np.geomspace(1e-2, 1e1, 30_000)
    whole = Sum(products, [kernel, number])
    value = kernel.doubles({"M": masses})
    beside = np.sqrt(value * 3) * (1 + 1e-7)
    first = whole({"M": masses, "g": 1.0, "h": beside}).values
    asked = []
    monkeypatch.setattr(kernel, "ball", lambda *given: asked.append(given))
    found = whole({"M": masses, "g": 1.0, "h": beside})
    assert not asked
    assert (found.rungs == DOUBLE_DOUBLE).mean() > 0.99
    assert (found.values == first).all()
