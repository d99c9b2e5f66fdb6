"""Bounds on functions over boxes: each beside the largest error there is, in fractions or in many digits."""

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from math import comb

import mpmath
import numpy as np
import pytest

from g2sym.kernels.charts import Chart, affordable, left_out
from g2sym.kernels.interpolation import Patch, build, moved, nodes, transformed
from g2sym.kernels.leaves import SMALLEST, TERMS, Leaf, Leaves, restricted, restriction
from g2sym.kernels.mesh import MARGIN, Corner, Line, Mesh, halves
from g2sym.kernels.numerators import Delta, Numerator, tip
from g2sym.kernels.patches import Patches
from g2sym.kernels.sectors import Sector, constant
from g2sym.kernels.surfaces import Summand, Sums

F = Fraction
WIDE = 1 + 1e-9


# sectors ------------------------------------------------------------------------------------------
def one(low, high, start=0.0, stop=0.0):
    return Sector(*(np.array([float(v)]) for v in (low, high, start, stop)))


@pytest.mark.parametrize("angle", [0.0, 0.4, 1.5, 2.8])
def test_the_sum_of_two_vectors_at_the_sides_of_a_sector(angle):
    """Two of one length: 2 cos(w/2) long in all."""
    found = one(3, 4, 0, angle) + one(3, 5, angle, angle)
    assert found.low[0] <= 6 * math.cos(angle / 2) <= found.low[0] * WIDE
    assert found.high[0] / WIDE <= 9 <= found.high[0]
    assert found.start[0] == 0
    assert found.stop[0] == angle


def test_opposite_vectors_may_cancel():
    assert (one(3, 4, 0, 3.2) + one(3, 5, 0, 0)).low[0] == 0


def test_products_and_quotients_of_sectors():
    a, b = one(2, 3, 0.1, 0.2), one(5, 7, 0.3, 0.7)
    product, quotient, power = a * b, a / b, b**-2
    for found, low, high, start, stop in (
        (product, 10, 21, 0.4, 0.9),
        (quotient, 2 / 7, 3 / 5, -0.6, -0.1),
        (power, 1 / 49, 1 / 25, -1.4, -0.6),
    ):
        assert found.low[0] <= low <= found.low[0] * WIDE
        assert found.high[0] / WIDE <= high <= found.high[0]
        assert abs(found.start[0] - start) < 1e-12
        assert abs(found.stop[0] - stop) < 1e-12


def test_sectors_beyond_doubles():
    tiny, huge = one(1e-200, 1e-200), one(1e200, 1e200)
    square = tiny * tiny
    assert square.low[0] == 0
    assert square.high[0] > 0
    assert (square * huge).high[0] >= 1e-200
    assert (huge * huge).high[0] == math.inf
    assert np.isfinite((huge * huge).low[0])
    assert (one(0, 1) / one(0, 1)).high[0] == math.inf
    assert constant(0.1).low[0] < 0.1 < constant(0.1).high[0]


# charts and interpolation -------------------------------------------------------------------------
@pytest.mark.parametrize("ends", [(1.0, 3.0), (2.0, 2.001), (1e-7, 2e-7), (5.0, 5e3)])
def test_a_sector_holds_its_ellipse(ends):
    """Moduli and arguments on the upper half of the ellipse, of which the largest are nearly reached."""
    chart = Chart.over(*ends, mass=True)
    sizes, sectors = chart.ellipses()
    for k, r in enumerate(sizes.tolist()):
        angles = np.linspace(0, math.pi, 4001)
        t = (r * np.exp(1j * angles) + np.exp(-1j * angles) / r) / 2
        x = chart.c * (1 + chart.a * t) / (1 - chart.a * t)
        assert sectors.low[k] <= abs(x).min()
        assert abs(x).max() <= sectors.high[k]
        assert abs(x).max() * WIDE >= sectors.high[k] / (1 + 1e-6)
        assert sectors.stop[k] * (1 - 1e-4) <= np.angle(x).max() <= sectors.stop[k]
        assert np.angle(x).min() > -1e-12


@pytest.mark.parametrize("mass", [True, False])
@pytest.mark.parametrize("ends", [(1.0, 3.0), (2.0, 2.001), (1e-7, 2e-7)])
def test_places_in_a_chart(mass, ends):
    """Within four units of the last place of 1, and the ends of the interval within [-1, 1]."""
    chart, most = Chart.over(*ends, mass=mass), F(0)
    for x in np.random.default_rng(1).uniform(*ends, 300).tolist() + list(ends):
        c, a = F(chart.c), F(chart.a)
        true = (F(x) - c) / a / (F(x) + c if mass else 1)
        assert abs(true) <= 1
        error = abs(F(float(chart.place(np.array(x)))) - true)
        assert error <= F(4, 2**53)
        most = max(most, error)
    assert most > F(1, 2**55)
    low, high = chart.real().low[0], chart.real().high[0]
    assert low <= chart.exact(-1.0) or not mass
    assert chart.exact(1.0) <= high
    assert chart.exact(1.0) >= ends[1]


@dataclass
class Pole:
    """1/(z - t) in the chart's variable of one parameter; what the other one is does not matter."""

    axis: int
    z: float
    chart: Chart
    count: int = 1
    masses: tuple = (False, False)

    def grid(self, xs, ys):
        side = np.array([float((v - F(self.chart.c)) / F(self.chart.a)) for v in (xs, ys)[self.axis]])
        values = 1 / (self.z - side)
        whole = np.ones((1, len(xs), len(ys)))
        return whole * (values[:, None] if self.axis == 0 else values[None, :]), np.array([1e-15])

    def bound(self, x, y):
        side = (x, y)[self.axis]
        reach = (side.high - abs(self.chart.c)) / self.chart.a  # the disc of a power's chart
        return np.where(reach < self.z, 1 / (self.z - reach), np.inf)[None, :] * np.ones((1, len(x.low)))

    def outside(self, x, y, *, entirely=True):
        return np.zeros(len(x[0]), bool)

    def distance(self, x, y):
        return np.full(len(x[0]), np.inf)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("z", [2.1, 3.5, 12.0])
def test_an_interpolation_beside_its_bound(axis, z):
    """A pole beside the ellipses: the error is a good part of what Chebyshev coefficients may leave out."""
    chart = Chart.over(1.0, 3.0, mass=False)
    found = build(Pole(axis, z, chart), (1.0, 1.0), (3.0, 3.0))
    assert isinstance(found, Patch)
    t = np.linspace(-1, 1, 2001)
    line = found.coefficients[0].sum(axis=1 - axis) if axis == 0 else found.coefficients[0].sum(axis=0)
    error = abs(np.polynomial.chebyshev.chebval(t, line) - 1 / (z - t)).max()
    assert error <= found.error[0] < 300 * error
    assert found.error[0] < 1e-8 / (z - 1)


def test_the_error_along_y_is_widened_by_the_norm_of_the_interpolation_along_x():
    """f depends on y alone; values that alternate in x grow by the norm, at most 1 + 2/pi ln(n + 1)."""
    chart = Chart.over(1.0, 3.0, mass=False)
    surface = Pole(1, 2.1, chart)
    found = build(surface, (1.0, 1.0), (3.0, 3.0))
    sizes, sectors = chart.ellipses()
    bounds = surface.bound(chart.real().repeated(len(sizes)), sectors)[0]
    n, m = (count - 1 for count in found.coefficients.shape[1:])
    t = np.linspace(-1, 1, 2001)
    kernel = nodes(n)[1].T @ np.polynomial.chebyshev.chebvander(t, n).T
    norm = 1 + 2 / math.pi * math.log(n + 1)
    assert abs(kernel).sum(axis=0).max() <= norm
    assert found.error[0] >= norm * left_out(sizes, bounds, m)


@pytest.mark.parametrize("r", [1.2, 2.0, 7.0])
@pytest.mark.parametrize("n", [3, 10, 25])
def test_what_chebyshev_coefficients_leave_out(r, n):
    """f = sum_k>n r^-k T_k over the degrees that all alias to one sign at t = 1: half of 4 S r^-n/(r - 1)."""
    bound = left_out(np.array([r]), np.array([1.0]), n)
    # |a_k| <= 2 S r^-k, every T_k left out and taken for another one: 2 per k
    true = sum(2 * 2 * F(r) ** -k for k in range(n + 1, n + 400))
    assert true <= F(bound) * F(WIDE)
    assert F(bound) <= F(1.001) * true + F(1, 10**12)
    goal = bound * 1.0001
    assert affordable(np.array([r]), np.array([1.0]), goal) == n
    assert affordable(np.array([r]), np.array([np.inf]), goal) == math.inf


def test_the_derivative_that_moves_a_node():
    """f = 1/(z - t): its derivative at t = 1 is 1/(z - 1)^2."""
    for z in (1.5, 3.0, 10.0):
        r = np.linspace(1.01, z + math.sqrt(z * z - 1), 400)[:-1]
        bound = moved(r, 1 / (z - (r + 1 / r) / 2))
        true = 2.0**-50 / (z - 1) ** 2
        assert true <= bound < 6 * true


@pytest.mark.parametrize("degrees", [(4, 9), (15, 15), (31, 20)])
def test_rounding_on_the_way_to_coefficients(degrees):
    n, m = degrees
    random, most = np.random.default_rng(n), 0
    with mpmath.workdps(40):
        exact = [mpmath.matrix(d + 1, d + 1) for d in degrees]
        for matrix, d in zip(exact, degrees, strict=True):
            for k in range(d + 1):
                for j in range(d + 1):
                    angle = mpmath.pi * k * (2 * j + 1) / (2 * (d + 1))
                    matrix[k, j] = mpmath.cos(angle) * 2 / (d + 1) / (2 if k == 0 else 1)
        for _ in range(3):
            values = random.choice([-1.0, 1.0], (n + 1, m + 1))
            found = nodes(n)[1] @ values @ nodes(m)[1].T
            true = exact[0] * mpmath.matrix(values.tolist()) * exact[1].T
            error = sum(abs(true[i, j] - found[i, j]) for i in range(n + 1) for j in range(m + 1))
            assert error <= transformed(n, m)
            most = max(most, error)
    assert transformed(n, m) < 3000 * most


# leaves -------------------------------------------------------------------------------------------
CHART = Chart.over(1.0, 3.0, mass=True)


def cheb(n, t):
    """T_n at a fraction."""
    a, b = F(1), t
    for _ in range(n):
        a, b = b, 2 * t * b - a
    return a


def value(coefficients, t, u):
    return sum(
        F(float(c)) * cheb(i, t) * cheb(k, u)
        for i, row in enumerate(coefficients)
        for k, c in enumerate(row)
        if c
    )


def leaf_of(coefficients, low, high):
    patch = np.array(coefficients, float)[None]
    return Leaf.of((CHART, CHART), patch, np.zeros(1), low, high)


def place(x):
    return (F(x) - F(CHART.c)) / (F(x) + F(CHART.c)) / F(CHART.a)


@pytest.mark.parametrize("count", [8, 20, 32])
@pytest.mark.parametrize("part", [(0.3, 0.5), (-0.9, 0.1), (0.9995, 0.0005)])
def test_rounding_of_an_expansion_on_a_part(count, part):
    """The columns T_n(centre + half t), at places of the part."""
    found = restriction(count, *part)
    most = F(0)
    for n in range(count):
        for t in (F(-1), F(-2, 7), F(5, 9), F(1)):
            true = cheb(n, F(part[0]) + F(part[1]) * t)
            error = abs(true - sum(F(float(c)) * cheb(k, t) for k, c in enumerate(found[:, n])))
            assert error <= F(restricted(count, 1))
            most = max(most, error)
    assert most > F(restricted(count, 1)) / 10**5


@pytest.mark.parametrize("axis", [0, 1])
def test_coefficients_that_a_leaf_leaves_out(axis):
    coefficients = np.zeros((TERMS + 3, TERMS + 3))
    coefficients[0, 0] = 1
    coefficients[(TERMS + 1, 0) if axis == 0 else (0, TERMS + 1)] = 0.9e-8
    whole = [float(CHART.exact(t)) for t in (-0.9999, 0.9999)]
    leaf = leaf_of(coefficients, (whole[0],) * 2, (whole[1],) * 2)
    assert isinstance(leaf, Leaf)
    assert 0.89e-8 < leaf.error[0] < 1.01e-8
    coefficients[(TERMS + 1, 0) if axis == 0 else (0, TERMS + 1)] = 1.2e-8
    assert leaf_of(coefficients, (whole[0],) * 2, (whole[1],) * 2) == axis


@pytest.mark.parametrize("half", [1.0, 0.1, SMALLEST])
def test_boxes_that_are_points(half):
    """All that is left is rounding: of places, of T_n and of the sum."""
    random, most = np.random.default_rng(2), F(0)
    centre = 0.3 if half < 1 else 0.0
    ends = [float(CHART.exact(centre + s * half * 0.999)) for s in (-1, 1)]
    for _ in range(40):
        coefficients = random.uniform(-1, 1, (TERMS, TERMS))
        leaf = leaf_of(coefficients, (ends[0],) * 2, (ends[1],) * 2)
        leaves = Leaves(1)
        leaves.add(leaf)
        x, y = random.uniform(*ends, 2).tolist()
        low, high = leaves.range(np.zeros(1, int), np.array([[x], [x], [y], [y]]), np.eye(1))
        true = value(coefficients, place(x), place(y))
        assert F(low[0, 0]) <= true <= F(high[0, 0])
        middle, width = (F(low[0, 0]) + F(high[0, 0])) / 2, F(high[0, 0]) - F(low[0, 0])
        most = max(most, 2 * abs(middle - true) / width)
    assert most > F(1, 10**4)


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("n", [2, 7])
@pytest.mark.parametrize("width", [0.002, 0.02])
def test_a_polynomial_bends_as_much_as_stated(axis, n, width):
    """T_n at the end of the interval, where its second derivative is n^2 (n^2 - 1)/3, between two corners."""
    coefficients = np.zeros((TERMS, TERMS))
    coefficients[(n, 0) if axis == 0 else (0, n)] = -1.0  # bends outwards: the middle is above both corners
    ends = [float(CHART.exact(t)) for t in (-1.0, 1.0)]
    leaf = leaf_of(coefficients, (ends[0],) * 2, (ends[1],) * 2)
    leaves = Leaves(1)
    leaves.add(leaf)
    x = [float(CHART.exact(1 - width)), ends[1]]
    other = [2.0, 2.0 + 1e-9]
    box = np.array([x, other] if axis == 0 else [other, x]).reshape(4, 1)
    low, high = leaves.range(np.zeros(1, int), box, np.eye(1))
    corners = [-cheb(n, place(v)) for v in x]
    chord = max(abs(-cheb(n, (place(x[0]) * (8 - k) + place(x[1]) * k) / 8)
                    - (corners[0] * (8 - k) + corners[1] * k) / 8) for k in range(9))  # fmt: skip
    stated = F(high[0, 0]) - max(corners)
    assert chord <= stated <= 2 * chord + F(1, 10**8)
    assert F(low[0, 0]) <= min(corners)


# the mesh -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("degree", [1, 3, 6])
def test_coefficients_on_cells_keep_their_relative_accuracy(degree):
    """By de Casteljau in fractions, close to both ends of the line as well."""
    line, most = Line.graded(50, 2, 4), F(0)
    matrices = line.restriction(degree)
    for cell in (0, 1, 30, len(line.width) // 2, len(line.width) - 2, len(line.width) - 1):
        for j in range(degree + 1):
            for k in range(degree + 1):
                # the coefficient of z^k of the blossom's arguments: j times the upper end
                weights = [F(1)]
                for i in range(degree):
                    near = F(float(line.near[int(i < j), cell]))
                    far = 1 - near if near <= F(1, 2) else F(float(line.far[int(i < j), cell]))
                    near = near if near <= F(1, 2) else 1 - far
                    weights = [
                        (weights[n] * far if n < len(weights) else 0) + (weights[n - 1] * near if n else 0)
                        for n in range(len(weights) + 1)
                    ]
                found = F(float(matrices[cell, j, k]))
                error = abs(found - weights[k])
                assert error <= F(MARGIN) * weights[k]
                most = max(most, error / weights[k] if weights[k] else F(0))
    assert most > F(MARGIN) / 10**4 or degree == 1  # the ends of the line themselves


def test_the_cells_tile_the_line():
    line = Line.graded(20, 3, 5)
    assert line.near[0, 0] == 0
    assert line.far[1, -1] == 0
    assert np.array_equal(line.near[1, :-1], line.near[0, 1:]) or np.allclose(
        line.near[1, :-1], line.near[0, 1:], rtol=0, atol=1e-16
    )
    assert abs(line.width.sum() - 1) < 1e-15


def test_halves_are_the_polynomial():
    for powers in ({(0, 0): F(1), (2, 1): F(-3), (1, 0): F(1, 2)}, {(3, 0): F(-2), (2, 0): F(2)}):
        a, b = max(i for i, _ in powers), max(k for _, k in powers)
        up, down = halves(powers, a, b)
        assert (up >= 0).all()
        assert (down >= 0).all()
        assert (up * down == 0).all()
        for u, v in ((F(0), F(1)), (F(1, 3), F(2, 5)), (F(1), F(1, 7))):
            total = sum(
                (F(float(up[k, n])) - F(float(down[k, n])))
                * comb(a, k) * u**k * (1 - u) ** (a - k) * comb(b, n) * v**n * (1 - v) ** (b - n)
                for k in range(a + 1) for n in range(b + 1)
            )  # fmt: skip
            true = sum(c * u**i * v**k for (i, k), c in powers.items())
            assert abs(total - true) < F(1, 10**14)


@pytest.mark.parametrize(("x", "grid"), [
    (1, [[1.0]]), (1, [[0.0], [1.0]]), (2, [[0.0], [0.0], [1.0]]), (2, [[0.0, 0.5], [1.0, 0.3], [0.2, 0.0]]),
    (2, [[1.0, 1.0], [1.0, 1.0]]), (2, [[0.0], [0.0], [0.0], [3.0]]),
    (2, [[0.0], [1.0], [1.0], [1.0]]), (1, [[0.0, 1.0], [0.0, 1.0]]),
])  # fmt: skip
def test_integrals_at_a_corner(x, grid):
    """N/max(s^x, t) over the square, and over the line where it has an integral; and -x N ln s."""
    grid = np.array(grid)
    d, e = (n - 1 for n in grid.shape)
    corner = Corner(0, False, False, [0], x)

    def n(s, t):
        return sum(
            grid[i, k] * comb(d, i) * s**i * (1 - s) ** (d - i) * comb(e, k) * t**k * (1 - t) ** (e - k)
            for i in range(d + 1) for k in range(e + 1)
        )  # fmt: skip

    def over_t(s):  # where t < s^x, and beyond
        edge = s**x
        with mpmath.workdps(8):
            below = mpmath.quad(lambda t: n(s, t), [0, edge]) / edge
            return below + mpmath.quad(lambda t: n(s, t) / t, [edge, 1])

    with mpmath.workdps(8):
        true = mpmath.quad(over_t, [0, 0.01, 0.1, 1]) * (1 - 1e-6)
    assert true <= tip(corner, grid, 1, square=True) <= 8 * true
    with mpmath.workdps(8):
        logarithm = mpmath.quad(
            lambda s: -x * mpmath.log(s) * mpmath.quad(lambda t: n(s, t), [0, 1]), [0, 0.1, 1]
        )
    assert logarithm <= tip(corner, grid, 0, square=True) <= 20 * logarithm
    bound = tip(corner, grid[:, :1], 1, square=False)
    if not grid[:x, 0].any():
        along = mpmath.quad(lambda s: n(s, 0) / s**x, [0, 0.01, 1])
        assert along <= bound <= 5 * along
    else:
        assert bound == math.inf


@pytest.mark.parametrize(("c", "m", "top"), [(1.0, 1e-4, 3.0), (0.25, 2.0, 1.0), (7.0, 0.5, 0.2)])
def test_a_mass_times_the_integral_at_the_end_of_a_line(c, m, top):
    """e N/((1 - s) t + s m) with t = e^2 c: from a vanishing mass to where t = m."""
    mesh = Mesh(Line.graded(3, 1, 1), Line.whole())
    corner = Corner(0, False, False, [0], 1, {"nu": c})
    numerator = Numerator.of(mesh, 1, {(("nu", 1),): {(0, 0): F(top)}}, {}, F(1), [corner])
    cell = float(mesh.areas[0])
    heaviest = math.sqrt(m / c)
    for e in (1e-9 * heaviest, 1e-2 * heaviest, 0.5 * heaviest, 0.999999 * heaviest):
        t = e**2 * c
        steps = [0.0, *(x for k in range(0, 21, 2) if (x := t / m * 10**k) < 1), 1.0]
        true = e * top * cell * float(mpmath.quad(lambda s, t=t: 1 / ((1 - s) * t + s * m), steps))
        slots = {"nu": Sector.real(np.zeros(1), np.array([e]))}
        one = np.ones((1, len(mesh.areas)))
        lowest = one.copy()
        lowest[0, 0] = 0.0
        delta = Delta(lowest, 2 * one, [corner], np.zeros((1, 1)), np.full((1, 1), m))
        (bound,) = numerator._with_a_mass(delta, 0, 0, numerator.up[0].tops[0], slots)
        assert true <= bound <= true * (1 + 1e-6)
        with np.errstate(all="ignore"):
            low, high = numerator._at_corner(delta, 0, np.zeros((1, 1)), np.full((1, 1), e), slots)
        assert low[0] <= 0 < bound <= high[0] <= bound * WIDE
    # beyond, the other end is the nearer one: as if the square were m
    slots = {"nu": Sector.real(np.zeros(1), np.array([5 * heaviest]))}
    (bound,) = numerator._with_a_mass(delta, 0, 0, numerator.up[0].tops[0], slots)
    assert 5 * heaviest * top * cell / m <= bound <= 5 * heaviest * top * cell / m * WIDE


@pytest.mark.parametrize("zeros", [1, 2])
@pytest.mark.parametrize("b", [0, 1])
def test_delta_at_a_corner(zeros, b):
    """Delta >= m max(s^x, t), reached along the edges."""
    grid = np.ones((3, b + 1))
    grid[:zeros, 0] = 0
    mesh = Mesh(Line.graded(4, 1, 1), Line.graded(4, 1, 1) if b else Line.whole())
    zero = np.zeros((len(mesh.areas), 3 * (b + 1)), bool)
    zero[0] = (grid == 0).ravel()
    corner = next(c for c in mesh.corners(zero, b) if c.cell == 0)
    assert (corner.cell, corner.order) == (0, 1 if zeros == 1 else 2)
    least = math.inf
    for s in np.linspace(0, 1, 21):
        for t in np.linspace(0, 1, 21) if b else (0.0,):
            delta = sum(
                grid[i, k] * comb(2, i) * s**i * (1 - s) ** (2 - i) * comb(b, k) * t**k * (1 - t) ** (b - k)
                for i in range(3) for k in range(b + 1)
            )  # fmt: skip
            floor = max(s**corner.order, t if b else 0)
            assert delta >= floor - 1e-15
            least = min(least, delta / floor if floor else math.inf)
    assert least < 1 + 1e-9


def test_a_corner_is_one_only_where_delta_vanishes_there_alone():
    mesh = Mesh(Line.graded(3, 1, 1), Line.graded(3, 1, 1))
    cells = len(mesh.areas)
    edge = np.zeros((cells, 6), bool)
    edge[0, [0, 1]] = True  # along all of one side
    far = np.zeros((cells, 6), bool)
    far[0, 3] = True  # elsewhere
    every = np.zeros((cells, 6), bool)
    every[0, ::2] = True  # for every s
    for zero in (edge, far, every):
        assert 0 not in [corner.cell for corner in mesh.corners(zero, 1)]
    # with a mass the coefficient at each of the four corners may vanish
    found = mesh.corners(np.zeros((cells, 6), bool), 1)
    assert [(c.zeros, c.order) for c in found] == [([0], 1), ([1], 1), ([4], 1), ([5], 1)]


# sums of products ---------------------------------------------------------------------------------
def plain(*summands):
    return Sums(("x", "y"), (tuple(Summand(factor, powers, ()) for factor, powers in summands),))


def test_errors_of_constants_and_powers_at_nodes():
    found = plain(((3.0, 0.01), (2, -1)), ((-1.0, 0.0), (0, 3)))
    xs, ys = [F(1, 3), F(2)], [F(7, 5), F(5)]
    values, error = found.grid(xs, ys)
    for i, x in enumerate(xs):
        for k, y in enumerate(ys):
            for shift in (-0.01, 0.01):
                true = (3 + F(shift)) * x**2 / y - y**3
                assert abs(F(values[0, i, k]) - true) <= F(error[0])
    assert error[0] < 1.001 * 0.01 * 4 / 1.4
    rounding = plain(((1.0, 0.0), (3, 3)))
    random, most = np.random.default_rng(3), 0
    for _ in range(30):
        x, y = (F(v) for v in random.uniform(1, 2, 2))
        values, error = rounding.grid([x / 3], [y / 7])
        off = abs(F(values[0, 0, 0]) - (x / 3) ** 3 * (y / 7) ** 3)
        assert off <= F(error[0])
        most = max(most, off / F(error[0]))
    assert most > F(1, 200)


def test_ranges_of_powers_of_either_sign():
    found = plain(((2.0, 0.5), (2, 0)), ((1.0, 0.0), (1, 1)))
    low, high = found.range((np.array([-1.0]), np.array([3.0])), (np.array([-2.0]), np.array([5.0])))
    # (2 +- 1/2) x^2 + x y on [-1, 3] x [-2, 5], each term by itself
    assert low[0, 0] <= 0 - 6 <= low[0, 0] + 1e-9
    assert high[0, 0] - 1e-9 <= 2.5 * 9 + 15 <= high[0, 0]
    low, high = plain(((-1.0, 0.0), (-2, 3))).range(
        (np.array([2.0]), np.array([4.0])), (np.array([-1.0]), np.array([2.0]))
    )
    assert low[0, 0] <= -2 <= low[0, 0] + 1e-9
    assert high[0, 0] - 1e-9 <= 0.25 <= high[0, 0]


def test_polynomials_of_couplings_are_patches_too():
    """Without a kernel there is no threshold, and a range may hold zero."""
    surface = plain(((1.0, 0.0), (4, 0)), ((-2.0, 1e-12), (1, 2)), ((0.5, 0.0), (0, 0)))
    edges = np.linspace(-2, 3, 65)
    found, random = Patches(surface, (edges, edges)), np.random.default_rng(1)
    low = random.uniform(-2, 2.9, (2, 300))
    high = np.minimum(low + 10 ** random.uniform(-9, 0.5, (2, 300)), 3)
    bottom, top = found.range((low[0], high[0]), (low[1], high[1]))
    for k in range(300):
        for x in (low[0, k], high[0, k], (low[0, k] + high[0, k]) / 2):
            for y in (low[1, k], high[1, k]):
                true = F(x) ** 4 - 2 * F(x) * F(y) ** 2 + F(1, 2)
                assert F(bottom[0, k]) <= true + F(1, 10**9)
                assert true - F(1, 10**9) <= F(top[0, k])
    assert np.isfinite(bottom).all()


def test_weights_of_combinations_are_rounded_within_the_slack():
    surface = Sums(("x", "y"), tuple((Summand((c, 0.0), (1, 0), ()),) for c in (1.0, 3.0)))
    edges = np.linspace(1, 2, 17)
    found = Patches(surface, (edges, edges))
    box = (np.array([1.5]), np.array([1.5])), (np.array([1.25]), np.array([1.25]))
    low, high = found.range(*box, np.array([[3.0, -1.0 + 2.0**-52]]))
    # a weight may be off by 2^-52 of itself: -1 as well
    assert low[0, 0] <= 0 <= high[0, 0]


def test_a_patch_of_a_function_that_is_zero():
    surface = plain(((0.0, 0.0), (1, 1)))
    found = Patches(surface, (np.linspace(1, 2, 5),) * 2)
    low, high = found.range((np.array([1.1]), np.array([1.4])), (np.array([1.0]), np.array([2.0])))
    assert -1e-250 < low[0, 0] <= 0 <= high[0, 0] < 1e-250


def test_a_wrong_bound_would_be_seen():
    """A pole whose size is stated three hundred times too small has an error that the patch denies."""
    chart = Chart.over(1.0, 3.0, mass=False)

    class Wrong(Pole):
        def bound(self, x, y):
            return super().bound(x, y) / 300

    found = build(Wrong(0, 2.1, chart), (1.0, 1.0), (3.0, 3.0))
    t = np.linspace(-1, 1, 2001)
    error = abs(np.polynomial.chebyshev.chebval(t, found.coefficients[0].sum(axis=1)) - 1 / (2.1 - t)).max()
    assert error > replace(found).error[0]
