"""Integrands over the cells of a mesh: rounding, remainders and sides, beside exact sums of fractions."""

import math
from fractions import Fraction
from math import comb

import numpy as np
import pytest

from g2sym.base.balls import working_precision
from g2sym.constraints.joint import plane
from g2sym.constraints.planes import Axis
from g2sym.kernels.boxes import Boxes
from g2sym.kernels.mesh import Line, Mesh, by_monomials
from g2sym.kernels.numerators import WIDER, Delta, Numerator, _sum
from g2sym.kernels.patches import Patches
from g2sym.kernels.sectors import Sector
from g2sym.kernels.surfaces import Summand, Sums
from g2sym.queries.pieces import take_apart
from tests.kernels import exchange
from tests.kernels.planes import moment

F = Fraction


def point(value):
    return Sector.real(np.array([value]), np.array([value]))


def bernstein(poly, ends, slots, degree):
    """The exact Bernstein coefficients on a cell [p, q] of a polynomial in x with monomials of slots."""
    p, q = ends
    powers = {}
    for monomial, parts in poly.items():
        factor = math.prod((F(slots[n]) ** k for n, k in monomial), start=F(1))
        for (i, _), c in parts.items():
            powers[i] = powers.get(i, F(0)) + c * factor
    # x = p + (q - p) s, then s^i as Bernstein polynomials
    moved = [F(0)] * (degree + 1)
    for i, c in powers.items():
        for k in range(i + 1):
            moved[k] += c * comb(i, k) * p ** (i - k) * (q - p) ** k
    return [
        sum((moved[i] * F(comb(j, i), comb(degree, i)) for i in range(j + 1)), F(0))
        for j in range(degree + 1)
    ]


@pytest.mark.parametrize("photon", ["fermion", "boson"])
@pytest.mark.parametrize("rests", [(), ("nu",), ("rho",)])
@pytest.mark.parametrize(
    "masses", [(1.1, 0.3), (7.3, 1.7), (0.01, 1.3), (1e5 / 3, 1e3 / 7), (1e-17, 4 / 3), (4 / 3, 1e-9)]
)
def test_delta_on_every_cell(photon, rests, masses):
    """At a point of the masses both bounds hold the exact coefficients, and are off by a few margins.

    What rests is rounded as well, beside a mass that is too light for its own margin to matter.
    """
    integral = exchange.kernel(photon, "SS").integral
    slots = dict(zip(("rho", "nu"), masses, strict=True))
    boxes = Boxes(integral, {name: F(slots[name]) for name in rests}, 1e4)
    sectors = {name: point(value) for name, value in slots.items() if name not in rests}
    found = boxes._denominators(boxes._monomials(sectors), None)
    mesh = Mesh.of(integral, 6 + math.ceil(math.log2(1e4)))
    poly = by_monomials(integral.delta, integral, jacobian=False)
    beside = 0
    for cell in range(len(mesh.areas)):
        near, far = (F(float(mesh.u.near[k, cell])) for k in (0, 1))
        exact = bernstein(poly, (near, far), slots, 2)
        low, high = F(float(found.lowest[0, cell])), F(float(found.highest[0, cell]))
        assert low <= min(exact)
        assert max(exact) <= high
        size = F(masses[0]) + F(masses[1]) ** 2 + 1
        assert min(exact) - low <= F(1, 10**12) * size
        assert high - max(exact) <= F(1, 10**12) * size
        beside += low < min(exact) and max(exact) < high
    assert beside > len(mesh.areas) // 2


def test_numerators_of_monomials_are_rounded_within_the_slack():
    """Sums of products of doubles whose exact value is known: both bounds hold it, one of them closely."""
    random, closest = np.random.default_rng(7), 1.0
    for _ in range(200):
        up, down = random.uniform(0, 1, (2, 3, 5))
        values = random.uniform(1, 2, (1, 3))
        low, high = Numerator._combined(values, values, up, down)
        for cell in range(5):
            exact = sum(
                F(float(values[0, m])) * (F(float(up[m, cell])) - F(float(down[m, cell]))) for m in range(3)
            )
            assert F(float(low[0, cell])) <= exact <= F(float(high[0, cell]))
            closest = min(closest, float(high[0, cell] - low[0, cell]))
    assert closest < 1e-11


def test_a_combination_takes_the_right_end_of_each_monomial():
    ends = np.array([[1.0, 10.0]]), np.array([[2.0, 30.0]])
    up, down = np.array([[3.0], [0.0]]), np.array([[0.0], [1.0]])
    low, high = Numerator._combined(*ends, up, down)
    assert low[0, 0] == pytest.approx(1 * 3 - 30, abs=1e-9)
    assert high[0, 0] == pytest.approx(2 * 3 - 10, abs=1e-9)
    assert low[0, 0] < -27
    assert high[0, 0] > -4


def test_sums_over_cells_are_rounded_to_one_side():
    random = np.random.default_rng(5)
    for _ in range(100):
        cells = random.uniform(-1, 1, (1, 300))
        exact = sum(F(float(c)) for c in cells[0])
        low, high = _sum(cells, -1)[0], _sum(cells, 1)[0]
        assert F(float(low)) <= exact <= F(float(high))
        assert high - low <= 2.001 * (WIDER - 1) * np.abs(cells).sum()


@pytest.mark.parametrize("sign", [1, -1])
def test_the_side_of_each_cell(sign):
    """N of one sign over a cell takes Delta's other bound below than above; of both signs, either."""
    mesh = Mesh(Line.graded(2, 1, 1), Line.whole())
    one = np.ones((1, len(mesh.areas)))
    poly = {(0, 0): F(sign)}
    numerator = Numerator.of(mesh, 1, {(): poly}, {}, F(1), [])
    delta = Delta(one, 2 * one, [], np.zeros((1, 0)), np.zeros((1, 0)))
    (low,), (high,) = numerator.integrals(delta, *(np.ones((1, 1)),) * 2, {})
    assert low <= min(sign, sign / 2) <= low + 1e-9
    assert high - 1e-9 <= max(sign, sign / 2) <= high


def test_a_cell_on_which_a_numerator_changes_sign():
    """x - 1/4 on (0, 1/2) with 1/Delta from 1 to 2: between -1/4 and 1/4 of it, wherever Delta is which."""
    line = Line(np.array([[0.0, 0.5], [0.5, 1.0]]), np.array([[1.0, 0.5], [0.5, 0.0]]), np.array([0.5, 0.5]))
    mesh = Mesh(line, Line.whole())
    one = np.ones((1, 2))
    delta = Delta(one / 2, one, [], np.zeros((1, 0)), np.zeros((1, 0)))
    numerator = Numerator.of(mesh, 1, {(): {(0, 0): F(-1, 4), (1, 0): F(1)}}, {}, F(1), [])
    (low,), (high,) = numerator.integrals(delta, *(np.ones((1, 1)),) * 2, {})
    # the worst: 2 where N is negative and 1 where it is positive, or the other way round; second cell: N > 0
    assert low <= float(-2 * F(1, 32) + F(1, 32) + F(1, 4))
    assert high >= float(-F(1, 32) + 2 * F(1, 32) + 2 * F(1, 4))
    assert low >= -0.25 + 0.25 - 1e-9
    assert high <= 0.25 + 0.5 + 1e-9


def test_a_cell_on_which_delta_may_vanish_makes_a_size_infinite():
    """Where N does not vanish; elsewhere it counts for nothing."""
    mesh = Mesh(Line.graded(2, 1, 1), Line.whole())
    lowest = np.ones((1, len(mesh.areas)))
    lowest[0, 1] = 0.0
    delta = Delta(lowest, 2 * np.ones_like(lowest), [], np.zeros((1, 0)), np.zeros((1, 0)))
    numerator = Numerator.of(mesh, 1, {(): {(0, 0): F(1)}}, {}, F(1), [])
    with np.errstate(all="ignore"):
        assert numerator.sizes(delta, {})[0] == math.inf
    none = Numerator.of(mesh, 1, {(): {(0, 0): F(0)}}, {}, F(1), [])
    with np.errstate(all="ignore"):
        assert none.sizes(delta, {})[0] == 0.0


def test_the_constant_of_a_piece_has_its_rounding(tmp_path):
    """A third is no double: what is said about the error is at least how far the factor is off."""
    found = moment("scalar", tmp_path)
    for g in (F(1, 3), F(2, 7), F(1, 11)):
        axes = Axis("m_s", F(1), F(2)), Axis("m_F", F(1), F(2))
        structure = take_apart(found, {"g": g}, ("m_s", "m_F"))
        made = plane(structure, axes, tuple(np.linspace(1, 2, 5) for _ in axes))
        ((summand,),) = made.sums.sums
        middle, radius = summand.factor
        with working_precision(300):
            off = abs(float((structure.constant(structure.pieces[0], 300) - middle).mid()))
        assert 0 < off <= radius <= 2.0**-50 * abs(middle)


@pytest.mark.parametrize("photon", ["fermion", "boson"])
def test_what_a_fermion_adds_at_the_end_of_a_line(photon):
    """Its square, once, at the end where Delta is left with it alone; a little less than that is taken."""
    boxes = Boxes(exchange.kernel(photon, "SS").integral, {}, 1e4)
    grown = [corner.growth["nu"] for corner in boxes._corners if "nu" in corner.growth]
    assert len(grown) == 1
    assert 1 - 2.0**-40 < grown[0] <= 1


@pytest.mark.parametrize("turn", [0.3, 1.4, 2.9])
def test_the_modulus_of_delta_for_a_complex_mass(turn):
    """A coefficient's modulus is at most the sum of its parts': also where they point the same way."""
    boxes = Boxes(exchange.kernel("fermion", "SS").integral, {}, 1e4)
    rho, nu = 1.3, 0.2
    arc = np.zeros(1), np.array([turn])
    slots = {"rho": Sector(np.array([rho]), np.array([rho]), *arc), "nu": point(nu)}
    factors = boxes._monomials(slots)
    share = Sector(factors[0].low, factors[0].high, *arc).share
    found = boxes._denominators(factors, share)
    values = {(("rho", 1),): rho * np.exp(1j * turn), (("nu", 2),): nu**2}
    up, down = boxes._at_rest
    delta = up - down + sum(values[monomial] * coefficients for monomial, coefficients in boxes._moving)
    assert (np.abs(delta).max(axis=1) <= found.highest[0]).all()
    assert (np.abs(delta).min(axis=1) >= found.lowest[0]).all()


def test_infinite_and_negative_ends_of_combinations():
    """Bounds of a difference of two functions, each with its sign."""
    surface = Sums(("x", "y"), tuple((Summand((c, 0.0), (k, 0), ()),) for c, k in ((1.0, 1), (1.0, 2))))
    found = Patches(surface, (np.linspace(1, 9, 5),) * 2)
    low, high = found._rough(np.array([[2.0], [3.0], [1.0], [1.0]]), np.array([[1.0, -1.0], [-2.0, 1.0]]))
    assert low[0, 0] == pytest.approx(2 - 9)
    assert high[0, 0] == pytest.approx(3 - 4)
    assert low[1, 0] == pytest.approx(4 - 6)
    assert high[1, 0] == pytest.approx(9 - 4)
    assert low[0, 0] < -7 < -1 < high[0, 0]
