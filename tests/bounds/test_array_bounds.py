"""Arrays, scans and couplings: bounds on rounding and criteria, where they are nearly reached."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from flint import acb, arb, fmpq
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import DOUBLE, TOLERANCE, Sum, Sums
from g2sym.base.balls import number, working_precision
from g2sym.constraints.fractions import allowed_fraction
from g2sym.constraints.maps import levels_of
from g2sym.constraints.windows import contains
from g2sym.errors import PrecisionError, UsageError
from g2sym.inputs import load_measurement
from g2sym.inputs.units import ONE
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.quadrature import _attempt, _corner, _inner
from g2sym.queries.arrays import ArrayFunction
from g2sym.scans import solve
from g2sym.scans.levels import crossings
from g2sym.scans.polynomials import Coefficient

F = Fraction
U2 = F(1, 2**106)


def exact(pair, k):
    return F(float(pair[0][k])) + F(float(pair[1][k]))


def random_pairs(random, count):
    high = random.uniform(1, 2, count) * random.choice([-1.0, 1.0], count)
    return high, high * random.uniform(-1, 1, count) * 2.0**-53 * 0.999


@pytest.mark.parametrize(
    ("operation", "bound"),
    [
        ("scale", dd.SCALE_ERROR),
        ("mul", dd.PRODUCT_ERROR),
        ("inverse", dd.INVERSE_ERROR),
        ("add", dd.SUM_ERROR),
        *((-n, dd.PRODUCT_ERROR * (n - 1) + dd.INVERSE_ERROR) for n in (1, 2, 3, 6)),
    ],
)
def test_double_double_operations(operation, bound):
    random = np.random.default_rng(1)
    x, y = random_pairs(random, 3000), random_pairs(random, 3000)
    if isinstance(operation, int):
        x = (x[0], 0 * x[0])
    found = {
        "scale": lambda: dd.scale(x, y[0]),
        "mul": lambda: dd.mul(x, y),
        "inverse": lambda: dd.inverse(x),
        "add": lambda: dd.add(x, (abs(y[0]) * np.sign(x[0]), y[1])),
    }.get(operation, lambda: dd.power(x, operation))()
    most = F(0)
    for k in range(3000):
        a, b = exact(x, k), exact(y, k)
        if operation == "scale":
            truth = a * F(float(y[0][k]))
        elif operation == "add":
            truth = a + F(abs(float(y[0][k]))) * (1 if a > 0 else -1) + F(float(y[1][k]))
        else:
            truth = a * b if operation == "mul" else 1 / a if operation == "inverse" else a**operation
        most = max(most, abs(exact(found, k) / truth - 1))
    assert most <= F(bound) <= 100 * most


def products(*powers):
    return [Product(F(1, 3), "", None, p, None) for p in powers]


SHAPES = [
    ((("g", 1),),),
    ((("g", -1),),),
    ((("g", -3), ("h", -2)),),
    ((("g", 2), ("h", 3)),),
    ((("g", 1),), (("h", 2),), (("g", 1), ("h", -1)), (("g", 4),)),
]


@pytest.mark.parametrize("powers", SHAPES)
@pytest.mark.parametrize("wide", [False, True])
def test_sums_of_products_without_a_function(powers, wide):
    """Relative to the sizes' sum: in doubles and, forced by the tolerance, in double-double."""
    random = np.random.default_rng(2)
    grids = {n: random.uniform(1, 2, 3000) for n in ("g", "h")}
    total = Sum(products(*powers), [])
    if wide:
        from g2sym.arrays.grids import Grids

        work = Grids(total.products, total._constants, (), grids)
        pair, size = total._double_double(work, np.arange(3000), True)
        return_low = total._pair_error
        values, bound = [F(float(v)) for v in pair], F(return_low) + F(1, 2**53)  # the high part alone
        assert total._pair_error <= 200 * 2.0**-106
        assert np.all(size > 0)
    else:
        values, bound = [F(float(v)) for v in total(grids, guard=False).values], F(total.gamma)
    most = F(0)
    for k, value in enumerate(values):
        at = {n: F(float(a[k])) for n, a in grids.items()}
        terms = []
        for one in powers:
            term = F(1, 3)
            for name, power in one:
                term *= at[name] ** power
            terms.append(term)
        most = max(most, abs(value - sum(terms)) / sum(map(abs, terms)))
    assert most <= bound <= 1000 * most


@pytest.mark.parametrize("tolerance", [2e-16, 1e-15, 1e-13])
def test_no_value_is_worse_than_the_tolerance(tolerance):
    """Sums that cancel by any factor, and tolerances that doubles hardly reach."""
    random = np.random.default_rng(4)
    g = random.uniform(1, 2, 400)
    h = g * (1 + random.choice([-1, 1], 400) * 10 ** random.uniform(-6, 0, 400))
    total = Sum(
        [Product(F(1, 3), "", None, (("g", 1),), None), Product(F(-1, 3), "", None, (("h", 1),), None)],
        [],
        tolerance,
    )
    found = total({"g": g, "h": h})
    for k, value in enumerate(found.values.tolist()):
        truth = (F(float(g[k])) - F(float(h[k]))) / 3
        assert abs(F(value) / truth - 1) <= max(F(tolerance), F(1, 2**53))
    assert (found.rungs == DOUBLE).any() == (tolerance > 5e-16)


# quotients of arrays ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Planted:
    """A sum with given values, whatever it is asked for."""

    values: Sums
    products: tuple[None, ...] = (None,)

    def __call__(self, grids, threads):
        return self.values


@pytest.mark.parametrize("text", ["a(e)/a(mu)", "a(mu)*a(e)", "a(mu)^2/a(e)", "a(mu)^3"])
def test_factors_that_err_by_their_share(monkeypatch, text):
    """Every factor as wrong as it may be, in the worst direction: the whole is within the tolerance."""
    observable = g2.load_model("dark_photon").observable(text)
    random = np.random.default_rng(3)
    values = {"a(e)": random.uniform(1, 2, 500), "a(mu)": random.uniform(1, 2, 500)}
    powers = {a.name: p for a, p in observable.quantity.numerator}
    powers |= {a.name: -p for a, p in observable.quantity.denominator}

    def planted(self, amplitude, known, arrays, tolerance):
        own = values[amplitude.name] * (1 + np.sign(powers[amplitude.name]) * tolerance)
        return Planted(Sums(own, np.ones(500, np.uint8)))

    monkeypatch.setattr(ArrayFunction, "_sum", planted)
    found = observable.lambdify()(m_A=np.full(500, 0.1), eps=1.0)
    most = F(0)
    for k, value in enumerate(found.tolist()):
        truth = F(1)
        for name, power in powers.items():
            truth *= F(float(values[name][k])) ** power
        most = max(most, abs(F(value) / truth - 1))
    assert most <= F(TOLERANCE) <= 1000 * most


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_quotient_of_coefficients_errs_as_stated(sign):
    random = np.random.default_rng(5)
    for _ in range(200):
        p, q = random.uniform(1, 2, 2) * random.choice([-1, 1], 2)
        e, d = (abs(v) * 10 ** random.uniform(-12, -0.3) for v in (p, q))
        one = Coefficient(np.array([p]), np.array([e])), Coefficient(np.array([q]), np.array([d]))
        found = solve._divided(*one)
        ends = [(F(p) + s * F(e)) / (F(q) + t * F(d)) for s in (-1, 1) for t in (-1, 1)]
        error = max(abs(F(float(found.value[0])) - v) for v in ends)
        assert error <= F(float(found.error[0])) <= F(1001, 1000) * error + F(4, 2**53) * abs(F(p) / F(q))


def test_the_rounding_of_a_quotient_is_in_its_bound():
    random, most = np.random.default_rng(6), F(0)
    for p, q in random.uniform(1, 2, (300, 2)):
        none = np.zeros(1)
        found = solve._divided(Coefficient(np.array([p]), none), Coefficient(np.array([q]), none))
        error = abs(F(float(found.value[0])) - F(p) / F(q))
        assert error <= F(float(found.error[0]))
        most = max(most, error / F(float(found.error[0])))
    assert most > F(1, 10)


def test_a_denominator_that_may_vanish_bounds_nothing():
    below = Coefficient(np.array([1.0, 1.0, -1.0]), np.array([1.0, 2.0, 1.5]))
    with np.errstate(all="ignore"):
        found = solve._divided(Coefficient(np.ones(3), np.zeros(3)), below)
    assert np.isposinf(found.error).all()


def test_verdicts_within_the_error_are_left_to_balls(monkeypatch):
    window = load_measurement("muon-2025").window("interval")
    ends = levels_of(window)
    error = 1e-13 * abs(ends.high[1])
    low, high = ends.low[0], ends.high[1]
    points = [low - 3 * error, low - error / 2, low + error / 2, low + 3 * error]
    points += [high - 3 * error, high - error / 2, high + error / 2, high + 3 * error]
    monkeypatch.setattr(solve, "_one_verdict", lambda *a: 7)
    monkeypatch.setattr(solve, "_one_value", lambda *a: 0.0)
    quantity = g2.load_model("dark_photon").anomalous_moment("mu").quantity
    task = SimpleNamespace(window=window, quantity=quantity, factor=ONE)
    sums = Coefficient(np.array(points), np.full(8, error))
    found = solve._values(task, sums, np.zeros(8, bool), {}, (8,))
    assert found["verdict"].tolist() == [2, 7, 7, 1, 1, 7, 7, 2]


# where a polynomial crosses a level ------------------------------------------------------------------
def shifted(coefficients, sizes, seed):
    random = np.random.default_rng(seed)
    out = []
    for c, e in zip(coefficients, sizes, strict=True):
        out.append((c, e, F(c) + F(e) * int(random.choice([-1, 1]))))
    return out


@pytest.mark.parametrize("relative", [0.0, 1e-13, 1e-6])
@pytest.mark.parametrize(("degree", "only"), [(1, None), (2, None), (2, 0), (2, 1), (2, 2)])
def test_roots_err_as_stated(relative, degree, only):
    """Coefficients at either end of their errors: the roots, from balls, lie within the bounds."""
    random = np.random.default_rng(degree)
    most = [F(0), F(0)]
    for seed in range(300):
        values = random.uniform(0.5, 2, 3) * random.choice([-1.0, 1.0], 3)
        if degree == 1:
            values = values[:2]
        sizes = np.where(only is None or np.arange(len(values)) == only, np.abs(values) * relative, 0)
        parts = shifted(values.tolist(), sizes.tolist(), seed)
        given_ = [Coefficient(np.array([c]), np.array([e])) for c, e, _ in parts]
        with np.errstate(all="ignore"):
            found = crossings(given_, (0.0, 0.0))
        if found.unsure[0] or not (found.one[0] or found.two[0]):
            continue
        with working_precision(400):
            c, b, *rest = (number(t) for *_, t in parts)
            if not rest:
                roots = [-c / b]
            else:
                root = (b * b - 4 * rest[0] * c).sqrt()
                roots = sorted(((-b + s * root) / (2 * rest[0]) for s in (-1, 1)), key=float)
            ends = [(found.low[0], found.low_error[0]), (found.high[0], found.high_error[0])]
            for k, (true, (value, error)) in enumerate(zip(roots, ends, strict=False)):
                off = abs(true - arb(float(value)))
                assert off <= arb(float(error))
                most[k] = max(most[k], F(float(off)) / F(float(error)))
    assert min(most[:degree]) > F(1, 100)


# windows of a quotient ----------------------------------------------------------------------------
small = st.integers(-4, 4).map(F)


@settings(max_examples=150, deadline=None)
@given(
    top=st.lists(small, min_size=1, max_size=3),
    bottom=st.lists(small, min_size=1, max_size=3),
    low=st.fractions(-3, 3, max_denominator=7),
    width=st.fractions(F(1, 9), 3, max_denominator=9),
)
def test_windows_of_a_quotient_agree_with_values(top, bottom, low, width):
    high = low + width

    def balls(coefficients):
        return lambda bits: [arb(fmpq(c.numerator, c.denominator)) for c in coefficients]

    if not any(bottom):
        with pytest.raises(UsageError, match="no value"):
            allowed_fraction(balls(top), balls(bottom), low, high)
        return
    try:
        spans = allowed_fraction(balls(top), balls(bottom), low, high)
    except PrecisionError:  # a tangency
        return
    ends = [e.midpoint for span in spans for e in span if e is not None]
    points = [F(n, 13) for n in range(-65, 66)]
    points += [e + d for e in ends for d in (-F(1, 10**6), F(1, 10**6))]
    for g in points:
        p, q = (sum((c * g**n for n, c in enumerate(side)), F(0)) for side in (top, bottom))
        if q == 0:
            continue
        try:
            inside = contains(spans, g)
        except PrecisionError:
            continue
        assert inside == (low <= p / q <= high), (g, p / q)


@pytest.mark.parametrize("sign", [-1, 1])
def test_a_quotient_that_touches_a_level(sign):
    """(g^2 + 1)/(+-1) touches 1 from above: with the window below it the point alone is allowed."""
    one, top = [arb(sign)], [arb(1), arb(0), arb(1)]
    window = (F(0), F(1)) if sign > 0 else (F(-1), F(0))
    spans = allowed_fraction(lambda bits: top, lambda bits: one, *window)
    assert [[e.midpoint for e in span] for span in spans] == [[0, 0]]
    window = (F(1), F(2)) if sign > 0 else (F(-2), F(-1))
    ((left, right),) = allowed_fraction(lambda bits: top, lambda bits: one, *window)
    assert (round(left.midpoint, 9), round(right.midpoint, 9)) == (-1, 1)


def test_a_common_power_is_cancelled():
    """g^2/g^2 is 1 everywhere, g^2/g is g."""

    def square(bits):
        return [arb(0), arb(0), arb(1)]

    def line(bits):
        return [arb(0), arb(1)]

    assert allowed_fraction(square, square, F(0), F(2)) == [(None, None)]
    ((left, right),) = allowed_fraction(square, line, F(-1), F(2))
    assert (left.midpoint, right.midpoint) == (-1, 2)


# the corner of a nested integral -----------------------------------------------------------------
def nested(name):
    for term in g2.load_model(name).anomalous_moment("mu").derivation.terms():
        if len(term.integral.variables) == 2 and "zeta" not in str(term.integral.delta):
            return term.integral
    raise AssertionError


@pytest.mark.parametrize("name", ["alp", "scalar"])
@pytest.mark.parametrize("rho", [F(1, 10**6), F(1, 100), F(2), F(50)])
def test_the_corner_of_a_nested_integral(name, rho):
    """The inner integral at small y beside its bound."""
    integral = nested(name)
    with working_precision(300):
        bound = _corner(integral, {"rho": rho})
        most = arb(0)
        for n in (20, 40, 60):
            most = most.max(abs(_inner(integral, {"rho": rho})(acb(2) ** -n, False)))
        assert most <= bound <= 1000 * most


@pytest.mark.parametrize("name", ["alp", "scalar"])
def test_a_nested_integral_that_leaves_a_wide_corner(name):
    """Cut at 2^-14, at high precision: only the corner's bound makes the ball hold the integral."""
    integral = nested(name)
    with working_precision(120):
        coarse, fine = (_attempt(integral, {"rho": F(1, 100)}, bits) for bits in (4, 100))
        assert coarse.contains(fine.mid())
        assert abs(coarse.mid() - fine.mid()) > coarse.rad() / 1000
