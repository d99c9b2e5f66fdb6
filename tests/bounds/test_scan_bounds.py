"""Scans: what rounding does to coefficients and to roots, counted and nearly reached; and what underflows."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.base.balls import number, working_precision
from g2sym.kernels.sampled import Sampled, power
from g2sym.queries.pieces import take_apart
from g2sym.scans import polynomials
from g2sym.scans.levels import crossings
from g2sym.scans.polynomials import Coefficient, Polynomial, Product, _summed

F = Fraction


# where a polynomial crosses a level ------------------------------------------------------------------------
def given_doubles(*values: float) -> list[Coefficient]:
    """Coefficients that are exact."""
    return [Coefficient(np.array([v]), np.zeros(1)) for v in values]


def roots_of(level: Fraction, *values: float) -> list[arb]:
    c, b, *rest = (number(F(v)) for v in values)
    c = c - number(level)
    if not rest:
        return [-c / b]
    root = (b * b - 4 * rest[0] * c).sqrt()
    return sorted(((-b + s * root) / (2 * rest[0]) for s in (-1, 1)), key=float)


def shares(values: tuple[float, ...], level: float = 0.0) -> list[Fraction]:
    """The true error of each root as a share of its bound."""
    if not values[-1]:  # of lower degree
        return []
    with np.errstate(all="ignore"):
        found = crossings(given_doubles(*values), (level, level))
    if found.unsure[0] or not (found.one[0] or found.two[0]):
        return []
    ends = ((found.low[0], found.low_error[0]), (found.high[0], found.high_error[0]))
    with working_precision(6000):
        true = roots_of(F(level), *values)
        return [F(float(abs(t - arb(float(v))))) / F(float(e)) for t, (v, e) in zip(true, ends, strict=False)]


def worst(regime, count: int = 4000) -> list[Fraction]:
    random = np.random.default_rng(7)
    most = [F(0), F(0)]
    for _ in range(count):
        for k, share in enumerate(shares(*regime(random))):
            assert share <= 1
            most[k] = max(most[k], share)
    return most


def sign(random) -> float:
    return float(random.choice([-1.0, 1.0]))


def near_double(a: float, b: float, share: float) -> tuple[float, float, float]:
    return b * b / (4 * a) * share, b, a


REGIMES = {
    "a line, its constant rounded": (lambda r: ((r.uniform(1, 2), r.uniform(1, 2)), r.uniform(2, 4)), 0.5),
    "a line": (lambda r: ((r.uniform(1, 2), r.uniform(1, 2)), 0.0), 0.45),
    "well apart": (lambda r: ((sign(r) * r.uniform(0.5, 2), r.uniform(0.5, 2), sign(r)), 0.0), 0.45),
    "nearly a double root": (
        lambda r: (near_double(r.uniform(1, 2), r.uniform(1, 2), 1 - 10 ** r.uniform(-8, -4)), 0.0),
        0.3,
    ),
    "one of them small": (lambda r: ((r.uniform(0.5, 1) * 1e-9, r.uniform(1, 2), r.uniform(1, 2)), 0.0), 0.4),
    "opposite": (lambda r: ((-r.uniform(1, 2), r.uniform(1, 2) * 1e-9, r.uniform(1, 2)), 0.0), 0.45),
}


@pytest.mark.parametrize("name", REGIMES)
def test_roots_of_exact_coefficients(name):
    """All that is left is rounding: the bound is that of the operations, and nearly reached."""
    regime, least = REGIMES[name]
    most = worst(regime)
    assert max(most) > least


@pytest.mark.parametrize("scale", [2.0**-500, 2.0**-520, 2.0**-530, 2.0**-536, 2.0**-539])
def test_roots_whose_discriminant_underflows(scale):
    """The squares are subnormal: either nothing is known, or the bound holds."""
    random = np.random.default_rng(1)
    for _ in range(200):
        values = tuple((random.uniform(0.5, 2, 3) * scale * random.choice([-1, 1], 3)).tolist())
        assert all(share <= 1 for share in shares(values))


def doubles(*digits: str) -> tuple[float, ...]:
    return tuple(map(float.fromhex, digits))


# found by search: operations round by nearly 2^-53 of their result, each in the direction of the others
EXTREME = {
    # b b and 4 a c round apart, and c - level with them: the discriminant is 19 units, 22 as computed
    "nearly a double root": (
        [
            doubles("0x1.0000002df2522p-2", "0x1.0000002d4270dp+0", "0x1.0000002c928eep+0"),
            doubles("0x1.0000002c71446p-2", "0x1.0000002d42fbbp+0", "0x1.0000002e14b26p+0"),
            doubles("0x1.0000002c5b32cp-2", "0x1.0000002d428aep+0", "0x1.0000002e29e26p+0"),
        ],
        0.57,
    ),
    # the product, the sum, its root, b + root and the quotient
    "opposite": (
        [
            doubles("-0x1.00009a067180ap-2", "0x1.a13f3e083664dp-24", "0x1.ffff48e6373c5p-1"),
            doubles("-0x1.001160f980a0fp-2", "0x1.45e6704f5cacap-25", "0x1.ffde3b0865182p-1"),
            doubles("-0x1.00097f089b2b8p-2", "0x1.1072917087b64p-25", "0x1.fff203bc770d0p-1"),
        ],
        0.94,
    ),
}


@pytest.mark.parametrize("name", EXTREME)
def test_roots_where_every_operation_rounds_by_its_most(name):
    """A level of half a unit of c, so that c - level rounds too."""
    points, least = EXTREME[name]
    for values in points:
        level = 0.999 * 2.0**-55
        assert values[0] - level == values[0] + level == values[0]
        every = [*shares(values, level), *shares(values, -level)]
        assert len(every) == 4
        assert least < max(every) <= 1


def test_roots_of_coefficients_at_the_ends_of_their_errors():
    """Discriminants little above four times their bound, with errors beside which rounding is nothing."""
    random, most = np.random.default_rng(8), 0.0
    for _ in range(300):
        a, b = random.uniform(0.5, 2, 2).tolist()
        ea, eb, ec = (random.uniform(0.1, 1, 3) * 1e-9).tolist()
        c = b * b / (4 * a)
        slack = eb * (2 * b + eb) + 4 * (a * ec + (c + ec) * ea)
        c *= 1 - random.uniform(4.01, 4.1) * slack / (b * b)
        given_ = [Coefficient(np.array([v]), np.array([e])) for v, e in ((c, ec), (b, eb), (a, ea))]
        found = crossings(given_, (0.0, 0.0))
        assert found.two[0]
        assert not found.unsure[0]
        for sign in (-1, 1):
            moved = (F(c) + sign * F(ec), F(b) - sign * F(eb), F(a) + sign * F(ea))
            with working_precision(400):
                c_, b_, a_ = map(number, moved)
                root = (b_ * b_ - 4 * a_ * c_).sqrt()
                for true, near, error in (
                    ((-b_ - root) / (2 * a_), found.low, found.low_error),
                    ((-b_ + root) / (2 * a_), found.high, found.high_error),
                ):
                    share = float(abs(true - arb(float(near[0])))) / float(error[0])
                    assert share <= 1
                    most = max(most, share)
    assert most > 0.9


@pytest.mark.parametrize("high", [float(np.nextafter(1.0, 2.0)), 1.5, 40.0])
@pytest.mark.parametrize("below", [(0.25, 0.5), (0.25, 0.5, 1.0), (1.5, -3.0, -0.5)])
def test_a_level_between_two_doubles(below, high):
    """The level may be anywhere between its two doubles, however far apart they lie."""
    with np.errstate(all="ignore"):
        found = crossings(given_doubles(*below), (1.0, high))
    if found.unsure[0]:
        assert high > 1.1
        assert len(below) == 3
        return
    assert found.two[0] or found.one[0]
    ends = (found.low, found.low_error), (found.high, found.high_error)
    most = 0.0
    for level in (F(1), F(1 + high) / 2, F(high)):
        with working_precision(400):
            for true, (near, error) in zip(roots_of(level, *below), ends, strict=False):
                share = float(abs(true - arb(float(near[0])))) / float(error[0])
                assert share <= 1
                most = max(most, share)
    assert most > 0.2


def test_a_constant_beside_a_level_between_two_doubles():
    """A constant between the ends of the level is neither above nor below it."""
    values = Coefficient(np.array([0.99, 1.01, 1.25, 1.49, 1.51]), np.zeros(5))
    found = crossings([values], (1.0, 1.5))
    assert found.unsure.tolist() == [False, True, True, True, False]
    assert found.rises[[0, 4]].tolist() == [False, True]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.floats(-1e3, 1e3, allow_subnormal=False), min_size=2, max_size=3),
    st.floats(-10, 10),
)
def test_any_roots(values, level):
    assert all(share <= 1 for share in shares(tuple(values), level))


# coefficients of an observable ------------------------------------------------------------------------------
def polynomial(model: str, moving: tuple[str, ...], on: str | None, fixed: dict[str, object]) -> Polynomial:
    moment = g2.load_model(model).anomalous_moment("mu")
    known = moment.values(fixed)
    names = moving if on is None else (*moving, on)
    return Polynomial(take_apart(moment.quantity, known.given, names), on, dict.fromkeys(moving, 10))


CASES = [
    ("dark_photon", ("m_A", "eps"), None, {}),
    ("dark_photon", ("m_A",), "eps", {}),
    ("axial_vector", ("eps",), None, {"m_A": "1/7"}),
    ("alp", ("m_a", "g_aff"), "g_agg", {"g_agZ": 0, "Lambda": 1000}),
    ("alp", ("g_aff", "g_agg"), None, {"m_a": "1/3", "g_agZ": 0, "Lambda": 1000}),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_coefficients_err_as_stated(case):
    """Beside the same sums in balls: within the bound, and not less than a tenth of it."""
    model, moving, on, fixed = case
    one = polynomial(*case)
    random = np.random.default_rng(5)
    grids = {name: random.uniform(0.2, 0.4, 150) for name in moving}
    found = one.coefficients(grids)
    moment = g2.load_model(model).anomalous_moment("mu")
    most = F(0)
    for place in range(150):
        at = {name: F(float(a[place])) for name, a in grids.items()}
        values = {**fixed, **at}
        with working_precision(300):
            if on is None:
                truth = [moment.enclose(200, values).arb()]
            else:
                truth = moment.polynomial_in(on, values)(200)
            for true, coefficient in zip(truth, found, strict=True):
                value, error = (
                    np.broadcast_to(a, (150,))[place] for a in (coefficient.value, coefficient.error)
                )
                off = abs(true - arb(float(value)))
                assert off <= arb(float(error))
                if error:
                    most = max(most, F(float(off)) / F(float(error)))
    assert most > F(1, 10)


def test_a_sum_rounds_once_less_than_it_has_terms():
    """Products without an error of their own."""
    random, most = np.random.default_rng(2), F(0)
    for _ in range(2000):
        values = random.uniform(1, 2, 3)
        found = _summed([Product(np.array([v]), np.zeros((), bool), 0.0) for v in values])
        off = abs(F(float(found.value[0])) - sum(map(F, values.tolist())))
        assert off <= F(float(found.error[0]))
        most = max(most, off / F(float(found.error[0])))
    assert most > F(1, 4)
    assert _summed([Product(np.ones(1), np.zeros((), bool), 0.0)]).error == 0


@pytest.mark.parametrize("name", ["eps", "m_A"])
def test_products_that_underflow_on_their_way(name):
    """eps^2 is lost below doubles, times 1/m_A^2 it is 1e-39: nothing is claimed of it."""
    one = polynomial("axial_vector", ("m_A", "eps"), None, {})
    grids = {"m_A": np.array([1e-145, 0.1]), "eps": np.array([1e-165, 1e-3])}
    (found,) = one.coefficients(grids)
    assert found.value[0] == 0
    assert np.isposinf(found.error[0])
    assert np.isfinite(found.error[1])
    assert found.error[1] < 1e-14 * abs(found.value[1])
    grids[name] = np.zeros(2) if name == "eps" else grids[name]
    (found,) = one.coefficients(grids)
    assert name != "eps" or (found.value == 0).all()
    assert name != "eps" or (found.error == 0).all()


def test_a_scan_of_products_that_underflow():
    """The value is then taken from balls."""
    moment = g2.load_model("axial_vector").anomalous_moment("mu")
    found = g2.scan(moment, {"m_A": [1e-145, 0.1], "eps": [1e-165, 1e-3]})
    values = found["delta_a"]
    truth = float(moment.evaluate(17, {"m_A": 1e-145, "eps": 1e-165}))
    assert abs(values[0, 0] / truth - 1) < 1e-15
    assert truth < -1e-45


def test_sizes_beyond_which_nothing_is_claimed():
    values = np.array([0.0, 1e-320, polynomials.SMALLEST, 1.0, polynomials.LARGEST, np.inf, np.nan])
    assert polynomials._beyond(values).tolist() == [True, True, False, False, False, True, True]
    assert polynomials._ends(np.array([0.0, -3.0, 2.0])) == (2.0, 3.0)
    assert polynomials._ends(np.zeros(2)) == (1.0, 1.0)


# functions over cells ------------------------------------------------------------------------------------
def flat(value: float) -> Sampled:
    return Sampled(np.array([value, value]), np.zeros(1))


@pytest.mark.parametrize("exponent", [-6, -3, -2, -1, 2, 3, 4, 6])
def test_the_count_of_roundings_of_a_power(exponent):
    random, most = np.random.default_rng(3), F(0)
    for start in random.uniform(1, 2, 1500):
        found = power(np.array([start, np.nextafter(start, 2)]), exponent)
        error = abs(F(float(found.values[0])) - F(float(start)) ** exponent)
        assert error <= F(float(found.stray[0]))
        most = max(most, error / F(float(found.stray[0])))
    assert most > (F(2, 5) if exponent < 0 else F(1, 2))


def test_one_rounding_for_a_product_a_sum_and_a_multiple():
    random = np.random.default_rng(4)
    most = [F(0)] * 3
    for a, b in random.uniform(1, 2, (2000, 2)):
        exact = F(a) * F(b), F(a) + F(b), F(a) * F(b)
        third = arb(float(b)) * 1
        for k, found in enumerate((flat(a) * flat(b), flat(a) + flat(b), flat(a).scale(third))):
            share = abs(F(float(found.values[0])) - exact[k]) / F(float(found.stray[0]))
            assert share <= 1
            most[k] = max(most[k], share)
    assert most[0] > F(9, 10)
    assert most[1] > F(9, 10)
    assert most[2] > F(2, 5)  # a multiple by a ball counts the rounding of its middle


def test_a_coarser_cell_counts_its_roundings():
    random, most = np.random.default_rng(5), F(0)
    for values in random.uniform(1, 2, (3000, 3)):
        found = Sampled(values, np.zeros(2)).coarser()
        a, b, c = map(F, values.tolist())
        bend = abs(b - (a + c) / 2)
        assert bend <= F(float(found.stray[0]))
        most = max(most, (bend - F(float(abs(values[1] - (values[0] + values[2]) / 2)))) * 2**53)
    assert most > F(1, 4)


@pytest.mark.parametrize("start", [1e-162, 3e-163, 1e-170, 1e-200])
def test_powers_and_products_that_underflow(start):
    """x^2 loses digits or all of itself: its bound holds, and that of its product with what is large."""
    edges = np.array([start, start * 1.5])
    with np.errstate(under="ignore"):
        square = power(edges, 2)
        big = square * flat(1e300)
        tiny = flat(start) * flat(start * 1.1)
    for k in range(2):
        true = F(float(edges[k])) ** 2
        assert abs(F(float(square.values[k])) - true) <= F(float(square.stray[0]))
        assert abs(F(float(big.values[k])) - true * F(1e300)) <= F(float(big.stray[0]))
    assert abs(F(float(tiny.values[0])) - F(start) * F(start * 1.1)) <= F(float(tiny.stray[0]))
