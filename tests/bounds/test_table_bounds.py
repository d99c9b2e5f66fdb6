"""Tables: truncation, rounding, expansions and their bounds on circles, beside the largest error there is."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from flint import arb

from g2sym.base.balls import number, working_precision
from g2sym.kernels.closed import ClosedKernel, circle_bound
from g2sym.tables import build, cauchy
from g2sym.tables.build import HALF, Builder, coefficients, node_product, nodes
from g2sym.tables.cauchy import disc_bound, far_bound, near_bounds
from g2sym.tables.expansion import Expansion, expand
from g2sym.tables.table import CELLS
from tests.kernels.forms import paper_forms, z_forms

F = Fraction
UNIT = F(1)
FORMS = paper_forms()
KERNELS = {name: ClosedKernel(form) for name, form in FORMS.items()}


def builder(name: str, unit: Fraction = UNIT) -> Builder:
    return Builder.of(KERNELS[name], {}, unit)


def at(name: str, mass: Fraction, bits: int = 200) -> arb:
    return KERNELS[name].ball({"rho": (mass / UNIT) ** 2}, bits)


def slope_size(name: str, r: arb, degree: int) -> arb:
    """|M^n f^(n)(M)|/n! from a power series."""
    return abs(cauchy.taylor(KERNELS[name].slice({}), r)[degree])


# truncation ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("terms", [2, 3, 8, 12])
def test_the_nodes_product(terms):
    """In Chebyshev's polynomials, exactly: the sum of the coefficients' sizes bounds it."""
    places, _ = nodes(terms)
    scale = 1 << 20
    product = [F(1)]  # by T_k: t T_k = (T_(k+1) + T_|k-1|)/2
    for node in places:
        longer = [F(0)] * (len(product) + 1)
        for k, c in enumerate(product):
            for j, share in ((k + 1, F(1)),) if k == 0 else ((k + 1, F(1, 2)), (k - 1, F(1, 2))):
                longer[j] += share * c
            longer[k] -= F(node, scale) * c
        product = longer
    bound = F(node_product(terms)) / F(HALF) ** terms
    assert abs(product[-1]) == F(1, 2 ** (terms - 1))
    assert sum(map(abs, product)) <= bound
    points = [F(n, 512) for n in range(-512, 513)]
    most = max(abs(math.prod(x - F(node, scale) for node in places)) for x in points)
    assert most <= bound <= most * F(101, 100)


@pytest.mark.parametrize("name", ["I_P", "I_S", "J_P"])
@pytest.mark.parametrize("exponent", [-9, -3, 0, 2, 8])
@pytest.mark.parametrize("terms", [2, 3, 4])
def test_truncation_with_few_terms(name, exponent, terms):
    """The polynomial through few nodes against the kernel itself, in the cells of a group."""
    one = builder(name)
    bound = one.truncation(exponent, build.GROUP, terms)
    largest = arb(0)
    rows = coefficients(one.values(exponent, range(build.GROUP), terms=terms), terms)
    for cell, row in enumerate(rows):
        low, high = (build._edge(exponent, cell + k) for k in (0, 1))
        for n in range(9):
            mass = low + (high - low) * F(n, 8)
            t = number(mass / F(2) ** exponent - 1 - F(2 * cell + 1, 2 * CELLS))
            with working_precision(200):
                value = sum((c * t**k for k, c in enumerate(row)), number(0))
                error = abs(value - at(name, mass))
            assert error <= bound[cell]
            largest = largest.max(error)
    assert bound.max() <= 1000 * largest


@pytest.mark.parametrize("name", ["I_P", "I_S", "J_S"])
@pytest.mark.parametrize("r", [0.3, 1.3, 5.0])
@pytest.mark.parametrize("order", [12, 48])
def test_derivatives_near_the_lepton_mass(name, r, order, monkeypatch):
    """With 12 coefficients computed in place of 48 the remainder carries part of the sum.

    Its circle bounds terms one by one that cancel by powers of rho: measured up to 2e7 times the truth.
    """
    line = KERNELS[name].slice({})
    with working_precision(300):
        places = [r * (1 + s) for s in np.linspace(-0.3, 0.3, 25)]
        truth = {d: max(scaled(name, mass, r, d) for mass in places) for d in (1, 2, 4)}
        monkeypatch.setattr(cauchy, "ORDER", order)
        found = near_bounds(line, r, 0.3, 0.0, tuple(truth))
    assert found is not None
    for value, bound in zip(truth.values(), found, strict=True):
        assert value <= bound <= (1000 if order == 48 else 10**8) * value


def scaled(name: str, mass: float, unit: float, degree: int) -> float:
    """|f^(n)(M)|/n! in units of another mass."""
    if abs(mass - 2) < 1e-3:
        return 0.0
    return float(slope_size(name, arb(mass), degree)) * (unit / mass) ** degree


@pytest.mark.parametrize("order", [5, 8, 20])
@pytest.mark.parametrize("degree", [0, 1, 2])
@pytest.mark.parametrize("spread", [0.05, 0.3])
def test_the_remainder_of_a_geometric_series(order, degree, spread, monkeypatch):
    """a_n = R^-n, R the circle's radius: no bound that rests on the circle could be smaller for degree 0."""
    monkeypatch.setattr(cauchy, "ORDER", order)
    monkeypatch.setattr(cauchy, "taylor", lambda line, r: [arb(0.6) ** -n for n in range(order)])
    monkeypatch.setattr(cauchy, "disc_bound", lambda line, r, reach: 1.0)
    with working_precision(100):
        found = near_bounds(SimpleNamespace(arcs=[]), 1.0, spread, 0.0, (degree,))
    truth = (1 - spread / 0.6) ** -(degree + 1) * 0.6**-degree
    if found is None:  # the series of bounds need not converge
        assert (spread, degree, order) in ((0.3, 2, 5),)
        return
    assert truth * (1 - 1e-12) <= found[0] <= (1 + 1e-8 if degree == 0 else 3) * truth


@pytest.mark.parametrize("name", ["I_P", "I_S", "I_A", "J_P"])
@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("kept", [0, 2, 48])
def test_derivatives_from_an_expansion(name, side, degree, kept):
    whole = expand(KERNELS[name].slice({}), side)
    assert whole is not None
    some = replace(whole, plain=whole.plain[:kept], logs=whole.logs[:kept])
    edge = whole.radius / 17
    low, high = (edge / 1.1, edge) if side < 0 else (1 / edge, 1.1 / edge)
    with working_precision(300):
        masses = [arb(low * (high / low) ** s) for s in np.linspace(0, 1, 9)]
        truth = max(float(slope_size(name, r, degree)) for r in masses)
        bound = far_bound(some, low, high, degree)
    if whole.start + kept < degree:  # fewer orders than the count of later ones holds for
        assert bound is None
        return
    assert bound is not None
    assert truth <= bound
    assert kept < 48 or bound <= 1000 * truth


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize("kept", [0, 1, 3])
@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("start", [1, 3])
def test_the_rest_of_a_geometric_expansion(side, degree, kept, log, start):
    """a_n or b_n = sup/radius^n for every order, few of them known; at q = 1, where ln rho vanishes."""
    radius = 16.5
    row = [arb(1) / arb(radius) ** (start + k) for k in range(kept)]
    none = [arb(0)] * kept
    one = Expansion(side, start, tuple(none if log else row), tuple(row if log else none), radius, 1.0)
    ends = (0.999, 1.0) if side < 0 else (1.0, 1.001)
    bound = far_bound(one, *ends, degree)
    if start + kept < degree:
        assert bound is None
        return
    truth = 0.0
    for n in range(start, 60):
        size, derivative = cauchy._binomial(-side * n, degree)
        truth += radius**-n * (2 * derivative if log else size)
    assert bound is not None
    assert truth <= bound
    assert bound <= 1000 * truth or truth == 0


def test_an_expansion_is_used_far_inside_its_circle_only():
    one = Expansion(-1, 0, (arb(1),), (arb(0),), 1.0, 1.0)
    assert far_bound(one, 0.05, 0.0625, 1) is not None
    assert far_bound(one, 0.05, 0.0626, 1) is None


@pytest.mark.parametrize("degree", [1, 8, 12, 13])
def test_the_binomials_of_orders_that_are_not_known(degree):
    """Each below its bound, and growing by less than 2, from as many orders on as the degree."""
    before = math.inf
    for n in range(degree, 60):
        bound = (n + degree + 1) ** degree / math.factorial(degree)
        for sign in (1, -1):
            size, slope = cauchy._binomial(sign * n, degree)
            assert size <= bound
            assert slope <= degree * bound
        assert bound < 2 * before
        before = bound


def test_fewer_orders_than_the_degree_are_refused():
    """The kernel's own expansion, cut: with 12 orders a bound on the twelfth derivative, with 11 none."""
    whole = expand(KERNELS["I_P"].slice({}), -1)
    assert whole is not None
    for kept in (8 - whole.start, 11 - whole.start, 12 - whole.start):
        some = replace(whole, plain=whole.plain[:kept], logs=whole.logs[:kept])
        bound = far_bound(some, whole.radius / 40, whole.radius / 20, 12)
        assert (bound is None) == (whole.start + kept < 12)


@pytest.mark.parametrize("name", ["I_P", "I_A", "J_P"])
@pytest.mark.parametrize("side", [-1, 1])
def test_coefficients_of_an_expansion_stay_below_the_circle(name, side):
    found = expand(KERNELS[name].slice({}), side)
    assert found is not None
    sizes = [
        max(abs(float(a)), abs(float(b))) * found.radius ** (found.start + k)
        for k, (a, b) in enumerate(zip(found.plain, found.logs, strict=True))
    ]
    assert max(sizes) <= found.sup <= 1000 * max(sizes)


# circles ----------------------------------------------------------------------------------------
class Steep:
    """A function that is largest where pieces of a circle meet: at its left or at its right end."""

    def __init__(self, degree: int) -> None:
        self.degree = degree

    def bound(self, t):
        return (t**self.degree).abs_upper()


@pytest.mark.parametrize("degree", [6, -6])
def test_circles_hold_their_ends(degree):
    steep = Steep(degree)
    with working_precision(100):
        most = (F(6, 4) if degree > 0 else F(2, 4)) ** degree
        found = circle_bound(steep, arb(1), arb(1) / 2)
        assert number(most) <= found <= 1000 * number(most)
        assert float(most**2) <= disc_bound(steep, 1.0, 0.5) <= 1e4 * float(most**2)  # of t = (M/m)^2


def test_the_circle_of_an_expansion_holds_its_ends():
    from g2sym.tables.expansion import _sup

    part = (("one", None, None), False, 0, lambda q: 1 / (1 - q))
    found = _sup([part], 0.75)
    assert found is not None
    assert 4 <= found <= 8
    shifted = (("pi", None, None), True, 2, lambda q: 1 + 0 * q)
    assert math.pi / 4 <= (_sup([shifted], 0.5) or 0) <= math.pi / 4 * 1.01
    assert (_sup([part, shifted], 0.5) or 0) >= 2 + math.pi / 4


@pytest.mark.parametrize("name", ["J_P_Z", "J_S_Z"])
def test_the_mean_around_a_removable_pole(name):
    """Its error is stated: at few bits the ball still holds the value.

    The bound is 2^-72 of the circle's size where the truth is 2^-112: it asks nothing of the function
    between the circle, a quarter of the way to the pole at zero, and that pole. The count of points makes
    either negligible.
    """
    kernel, pole = ClosedKernel(z_forms()[name]), F(7, 3)
    values = {"rho": pole, "zeta": pole}
    with working_precision(600):
        rough, fine = kernel.ball(values, 8), kernel.ball(values, 200)
        assert rough.contains(fine) or rough.overlaps(fine)
        assert abs(rough.mid() - fine.mid()) <= rough.rad() * (1 + arb(2) ** -20) + fine.rad()
        assert fine.rel_accuracy_bits() >= 200
        assert rough.rel_accuracy_bits() < 100


# far from the lepton's mass -----------------------------------------------------------------------
@pytest.mark.parametrize("name", ["I_P", "I_A", "J_S"])
@pytest.mark.parametrize("exponent", [-12, 12])
def test_values_from_an_expansion_hold_the_kernel(name, exponent):
    """To 190 bits: what the sums leave out is the ball's radius."""
    one, (places, _) = builder(name), nodes()
    side = one.light if exponent < 0 else one.heavy
    assert side is not None
    ((*row,),) = one._far_values(side, exponent, [7], places) or [[]]
    bits = 20 + 6 + 1
    for n, value in zip(places, row, strict=True):
        mass = F((1 << bits) + (15 << 20) + n, 1 << bits) * F(2) ** exponent
        with working_precision(400):
            truth = KERNELS[name].ball({"rho": mass**2}, 300)
            assert abs(value.mid() - truth) <= value.rad()
            assert 1e-70 * abs(truth) < value.rad() < 1e-45 * abs(truth)


@pytest.mark.parametrize("name", ["I_P", "I_A", "J_S"])
@pytest.mark.parametrize("sign", [-1, 1])
def test_few_orders_of_an_expansion(name, sign):
    """With four orders known, at the nearest binade: what is left out is more than what is rounded."""
    one, (places, _) = builder(name), nodes()
    side = one.light if sign < 0 else one.heavy
    assert side is not None
    side = replace(side, plain=side.plain[:4], logs=side.logs[:4])
    found = ((e * sign, one._far_values(side, e * sign, [7], places)) for e in range(4, 12))
    exponent, rows = next((e, r) for e, r in found if r is not None)
    bits = 20 + 6 + 1
    for n, value in zip(places, rows[0], strict=True):
        mass = F((1 << bits) + (15 << 20) + n, 1 << bits) * F(2) ** exponent
        with working_precision(200):
            truth = at(name, mass)
            off = abs(value.mid() - truth)
            assert off <= value.rad()


@pytest.mark.parametrize("name", ["I_P", "I_S", "I_A", "J_P"])
@pytest.mark.parametrize("side", [-1, 1])
def test_leading_orders_and_what_they_leave_out(name, side, monkeypatch):
    """At the end of a table that reaches nowhere near as far as tables do: the rest is not negligible."""
    monkeypatch.setattr(build, "TRUNCATION", 1.0)
    one = builder(name)
    expansion = one.light if side < 0 else one.heavy
    assert expansion is not None
    edge = math.floor(math.log2(expansion.radius / 16)) * -side
    orders, rest = build._leading(one, expansion, edge)
    assert orders
    mass = F(2) ** edge
    with working_precision(300):
        m = number(mass)
        total = number(0)
        for o in orders:
            body = number(F(o.plain[0]) + F(o.plain[1])) + number(F(o.log[0]) + F(o.log[1])) * m.log()
            total += body * m**o.power * number(F(2) ** o.exponent)
        error = float(abs(total / at(name, mass) - 1))
    assert error <= rest <= 1000 * error


@pytest.mark.parametrize("cut", [3, 4])
def test_orders_beyond_those_known(cut, monkeypatch):
    """With no order known but the leading ones the rest is the circle's alone.

    It counts the odd orders, which vanish: measured 8e4 times what the next order gives.
    """
    monkeypatch.setattr(build, "TRUNCATION", 1e9)
    one = builder("I_P")
    assert one.heavy is not None
    short = replace(one.heavy, plain=one.heavy.plain[:cut], logs=one.heavy.logs[:cut])
    edge = 6
    orders, rest = build._leading(one, short, edge)
    assert len(orders) in (1, 2)
    full, known = build._leading(one, one.heavy, edge)
    assert full == orders
    assert known <= rest <= 1e5 * known


def test_leading_orders_that_do_not_suffice_are_not_used(monkeypatch):
    one = builder("I_P")
    assert one.heavy is not None
    assert 2.0**-6 * 16 < one.heavy.radius < 2.0**-5 * 16
    assert build._leading(one, one.heavy, 6) == ((), 0.0)
    monkeypatch.setattr(build, "TRUNCATION", 1e9)
    assert build._leading(one, one.heavy, 5) == ((), 0.0)
    assert build._leading(one, one.heavy, 6) != ((), 0.0)
