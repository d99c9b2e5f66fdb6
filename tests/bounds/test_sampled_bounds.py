"""What a cell of a plane may hide: each bound beside the largest error there is, computed in fractions."""

from fractions import Fraction
from functools import cache
from itertools import product

import numpy as np
import pytest
from flint import arb

from g2sym.constraints import planes, quadtree
from g2sym.constraints.maps import exclusion_map
from g2sym.constraints.quadtree import (
    ALLOWED,
    EXCLUDED,
    UNDECIDED,
    Levels,
    quotient,
    subdivide,
    subdivide_quotient,
)
from g2sym.inputs import load_measurement
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.monotone import parts
from g2sym.kernels.sampled import Sampled, power
from g2sym.model.model import load_model

F = Fraction


def cell(low, high, stray):
    return Sampled(np.array([low, high]), np.array([stray]))


def tight(true, bound, factor=1.001):
    """The bound holds and is the least one but for ``factor``."""
    bound = F(float(bound))
    assert true <= bound <= F(factor) * true


def random_cell(random):
    low, high = random.uniform(-2, 2, 2)
    return cell(low, high, 10 ** random.uniform(-3, 1))


# sums and products of two functions ---------------------------------------------------------------
@pytest.mark.parametrize("seed", range(20))
def test_a_product_strays_as_far_as_stated(seed):
    """Both factors at the far end of their bounds where both chords are largest."""
    random = np.random.default_rng(seed)
    f, g = random_cell(random), random_cell(random)
    found = f * g
    a, b, s, t = (F(float(v)) for v in (f.size[0], g.size[0], f.stray[0], g.stray[0]))
    steps = abs(F(f.values[1]) - F(f.values[0])) * abs(F(g.values[1]) - F(g.values[0])) / 4
    tight(a * t + b * s + s * t + steps, found.stray[0], 1 + 1e-9)


def test_the_product_of_two_chords_strays_a_quarter_of_their_steps():
    found = cell(0.0, 1.0, 0.0) * cell(0.0, 3.0, 0.0)
    tight(F(3, 4), found.stray[0])  # x 3x at x = 1/2, where the chord is 3/2
    assert F(3, 2) - F(3, 4) <= F(float(found.stray[0]))


@pytest.mark.parametrize("seed", range(20))
def test_rounding_of_products_and_sums_is_within_the_bound(seed):
    """Exact factors on a flat cell: all that is left is the rounding of a value."""
    random = np.random.default_rng(seed)
    largest = [F(0), F(0)]
    for _ in range(50):
        a, b = random.uniform(1, 2, 2)
        f, g = cell(a, a, 0.0), cell(b, b, 0.0)
        for k, (found, true) in enumerate(((f * g, F(a) * F(b)), (f + g, F(a) + F(b)))):
            error = abs(F(found.values[0]) - true)
            assert error <= F(float(found.stray[0])) <= F(6, 2**53) * true
            largest[k] = max(largest[k], error / F(float(found.stray[0])))
    assert min(largest) > F(1, 20)


def test_a_sum_strays_as_far_as_both():
    tight(F(3, 4), (cell(1.0, 2.0, 0.25) + cell(3.0, 5.0, 0.5)).stray[0])


def test_a_multiple_strays_by_the_radius_too():
    found = cell(1.0, 2.0, 0.5).scale(arb(3, 0.25))
    tight(F(3, 2) + F(5, 2) / 4, found.stray[0])


def test_a_multiple_by_a_number_that_is_no_double():
    third, value = arb(1) / 3, 1.2345678901234567
    found = cell(value, value, 0.0).scale(third)
    error = abs(F(float(found.values[0])) - F(value) / 3)
    assert error <= F(float(found.stray[0])) <= 100 * error


def test_a_coarser_cell_knows_the_point_it_drops():
    found = Sampled(np.array([0.0, 5.0, 2.0]), np.array([0.25, 0.5])).coarser()
    tight(F(9, 2), found.stray[0])  # 5 + 1/2 where the chord is 1
    found = Sampled(np.array([0.0, 5.0, 2.0]), np.array([0.5, 0.25])).coarser()
    tight(F(9, 2), found.stray[0])


@pytest.mark.parametrize("exponent", [-3, -2, -1, 2, 3, 4])
def test_a_power_strays_by_its_curvature(exponent):
    edges = np.array([1.0, 1.25, 1.5])
    found = power(edges, exponent)
    for k in range(2):
        low, high = F(edges[k]), F(edges[k + 1])
        a, b = F(found.values[k]), F(found.values[k + 1])
        true = max(
            abs((low + s * (high - low)) ** exponent - (a + s * (b - a)))
            for s in (F(n, 64) for n in range(65))
        )
        bound = F(float(found.stray[k]))
        assert true <= bound <= 3 * true  # the curvature at its largest


@pytest.mark.parametrize("exponent", [-4, -3, -2, -1, 2, 3, 4])
def test_the_rounding_of_a_power_is_within_the_bound(exponent):
    random = np.random.default_rng(3)
    most = F(0)
    for start in random.uniform(1, 2, 200):
        edges = np.array([start, np.nextafter(start, 2)])
        found = power(edges, exponent)
        error = abs(F(float(found.values[0])) - F(float(start)) ** exponent)
        assert error <= F(float(found.stray[0]))
        most = max(most, error / F(float(found.stray[0])))
    assert most > F(1, 100)


# cells ------------------------------------------------------------------------------------------
def ranges(xs, ys):
    sides = [quadtree._pyramid(side, 0, len(xs))[0] for side in (xs, ys)]
    zero = np.zeros(1, np.uint32)
    ((low, high),) = quadtree._ranges(*sides, zero, zero, whole=True)
    return F(float(low[0])), F(float(high[0]))


@pytest.mark.parametrize("terms", [1, 2, 5])
def test_the_range_of_a_sum_of_products(terms):
    """Exactly: the hull of the corners, and sum_k s_k (|b| + t_k) + |a| t_k beyond it."""
    random = np.random.default_rng(terms)
    for _ in range(50):
        xs, ys = ([random_cell(random) for _ in range(terms)] for _ in range(2))
        corners = [
            sum(F(float(x.values[i])) * F(float(y.values[j])) for x, y in zip(xs, ys, strict=True))
            for i, j in product((0, 1), repeat=2)
        ]
        slack = F(0)
        for x, y in zip(xs, ys, strict=True):
            a, b, s, t = (F(float(v)) for v in (x.size[0], y.size[0], x.stray[0], y.stray[0]))
            slack += s * (b + t) + a * t
        low, high = ranges(xs, ys)
        margin = slack * F(1, 10**8)
        assert min(corners) - slack - margin <= low <= min(corners) - slack
        assert max(corners) + slack <= high <= max(corners) + slack + margin


@pytest.mark.parametrize("terms", [1, 2, 3, 8, 30])
def test_the_rounding_of_a_sum_of_products(terms):
    """Functions that are constant and exact, terms that cancel: only rounding separates low from high."""
    random = np.random.default_rng(terms)
    most = F(0)
    for _ in range(200):
        a, b = random.uniform(1, 2, (2, terms)) * random.choice([-1, 1], terms)
        true = sum((F(float(p)) * F(float(q)) for p, q in zip(a, b, strict=True)), F(0))
        low, high = ranges([cell(v, v, 0.0) for v in a], [cell(v, v, 0.0) for v in b])
        middle = (low + high) / 2
        assert low <= true <= high
        most = max(most, abs(true - middle) / (high - middle))
    assert most > F(1, 100)


def test_rounding_of_the_slack_itself():
    """Chords that vanish: the range is [-s t, s t] and nothing is to be gained from rounding."""
    random = np.random.default_rng(1)
    for s, t in random.uniform(1, 2, (300, 2)):
        low, high = ranges([cell(0.0, 0.0, s)], [cell(0.0, 0.0, t)])
        assert high == -low
        tight(F(float(s)) * F(float(t)), float(high), 1 + 1e-8)


def test_what_underflows_is_not_taken_for_zero():
    """-1e-400 is below zero although the product of the doubles is not."""
    leaves = subdivide(
        [cell(1e-200, 1e-200, 0.0)], [cell(-1e-200, -1e-200, 0.0)], Levels((0.0, 0.0), (1.0, 1.0)), 0
    )
    assert leaves.state.tolist() == [UNDECIDED]


def constants(*values):
    return [cell(v, v, 0.0) for v in values]


@pytest.mark.parametrize(
    ("value", "state"),
    [(-1.0, EXCLUDED), (0.0, UNDECIDED), (0.5, ALLOWED), (2.0, UNDECIDED), (2.5, UNDECIDED), (4.0, EXCLUDED)],
)
def test_the_criterion_for_a_sum(value, state):
    """Window [-0.1 .. 0.1, 2 .. 3]: within either end's doubles nothing is decided."""
    leaves = subdivide(constants(value), constants(1.0), Levels((-0.1, 0.1), (2.0, 3.0)), 0)
    assert leaves.state.tolist() == [state]


@pytest.mark.parametrize("q", [2.0, -2.0])
@pytest.mark.parametrize(
    ("ratio", "state"), [(0.5, EXCLUDED), (1.5, ALLOWED), (3.5, EXCLUDED), (-1.5, EXCLUDED), (7.0, EXCLUDED)]
)
def test_the_criterion_for_a_quotient(q, ratio, state):
    """1 <= P/Q <= 3, for a denominator of either sign."""
    p, one = ratio * q, constants(1.0)
    sides = [(constants(v), one) for v in (q, p - q, p - 3 * q)]
    assert subdivide_quotient(*sides, 0).state.tolist() == [state]


@pytest.mark.parametrize(
    ("below", "above_low", "above_high", "state"),
    [
        ((1, 2), (-1, -0.5), (-3, 0.5), EXCLUDED),
        ((1, 2), (-1, 5), (0.5, 1), EXCLUDED),
        ((-2, -1), (0.5, 1), (-0.5, 3), EXCLUDED),
        ((-2, -1), (-5, 1), (-1, -0.5), EXCLUDED),
        ((1, 2), (0, 5), (-3, 0), ALLOWED),
        ((-2, -1), (-5, 0), (0, 3), ALLOWED),
        ((1, 2), (-1, 1), (-1, 1), UNDECIDED),
        ((-2, -1), (-1, 1), (-1, 1), UNDECIDED),
        ((-1, 1), (-1, -0.5), (-3, 0.5), UNDECIDED),
        ((-1, 1), (-1, 5), (0.5, 1), UNDECIDED),
    ],
)
def test_one_level_suffices_to_exclude_whatever_is_known_of_the_other(below, above_low, above_high, state):
    """Q, P - low Q and P - high Q within ranges that are no sharper than that."""
    ranges = [tuple(np.array([float(v)]) for v in pair) for pair in (below, above_low, above_high)]
    assert quotient(ranges).tolist() == [state]


@pytest.mark.parametrize("edges", [(-1.0, 1.0), (0.0, 1.0), (-1.0, 0.0)])
@pytest.mark.parametrize(
    ("above", "state"),
    [
        ((5.0, 5.0), EXCLUDED),
        ((-5.0, -5.0), EXCLUDED),
        ((5.0, -5.0), UNDECIDED),
        ((-5.0, 5.0), UNDECIDED),
        ((0.0, 5.0), UNDECIDED),
        ((5.0, 0.0), UNDECIDED),
        ((0.0, -5.0), UNDECIDED),
        ((-5.0, 0.0), UNDECIDED),
    ],
)
def test_a_denominator_that_may_vanish(edges, above, state):
    """Outside for either sign of Q where P - low Q and P - high Q have one sign, and else not decided."""
    below = [cell(*edges, 0.0)], constants(1.0)
    sides = [(constants(p), constants(1.0)) for p in above]
    assert subdivide_quotient(below, *sides, 0).state.tolist() == [state]


@pytest.mark.parametrize("depth", [1, 3])
def test_a_cell_is_excluded_only_whole(depth):
    """x y <= 1/2 on the unit square: every cell's extreme values lie at two of its corners."""
    edges = np.linspace(0, 1, (1 << depth) + 1)
    leaves = subdivide([power(edges, 1)], [power(edges, 1)], Levels((-1.0, -1.0), (0.5, 0.5)), depth)
    assert np.sum(4.0 ** -leaves.level.astype(float)) == 1
    for level, column, row, state in zip(
        *(getattr(leaves, n).tolist() for n in ("level", "column", "row", "state")), strict=True
    ):
        size = F(1, 1 << level)
        low, high = column * size * row * size, (column + 1) * size * (row + 1) * size
        assert state != ALLOWED or high <= F(1, 2)
        assert state != EXCLUDED or low > F(1, 2)


def test_cutting_stops_when_little_is_undecided():
    edges = np.linspace(0, 1, 65)
    for most in (0.0, 0.2):
        leaves = subdivide([power(edges, 1)], [power(edges, 1)], Levels((-1.0, -1.0), (0.5, 0.5)), 6, most)
        open_ = np.sum(4.0 ** -leaves.level[leaves.state == UNDECIDED].astype(float))
        assert open_ <= max(most, 0.06)
        assert (leaves.level.max() < 6) == (most > 0)


# a mass range that begins at zero -----------------------------------------------------------------
def first_part():
    """x^3/(x^2 + rho (1 - x)), which falls from 1/2 with the mass."""
    term = load_model("alp").anomalous_moment("mu").contributions["one-loop"].terms[0]
    return parts(term.integral, "rho", {})[0]


@pytest.mark.parametrize("side", [-1, 1])
@pytest.mark.parametrize("stray", [0.0, 1.0])
def test_the_cell_that_begins_at_zero(side, stray):
    """A function that falls at once and then stays: it leaves its chord by the whole difference of the ends.

    The value at the far end may itself be off by the bound beside it.
    """
    part = first_part()
    kernel = ClosedKernel(part.integral.canonical)
    far = F(10) ** 8
    truth = F(float(kernel.ball({"rho": far**2}, 80)))
    given = float(truth) + side * stray
    found = planes._from_zero(Sampled(np.array([given, given]), np.array([stray])), part, "rho")
    start = F(float(found.values[0]))
    assert abs(start - 4) < F(1, 10**15)
    error = F(0)
    for n in range(1, 60):
        at = far / F(2) ** n
        chord = start + (F(given) - start) / F(2) ** n
        error = max(error, abs(F(float(kernel.ball({"rho": at**2}, 80))) - chord))
    bound = F(float(found.stray[0]))
    assert error <= bound <= (1 + F(1, 100)) * error if side > 0 or not stray else error <= bound


def test_a_cell_that_begins_at_zero_holds_the_rounding_of_its_ends():
    """A constant function, whose two ends were rounded apart: 1/3 and its neighbours."""
    part = first_part()
    found = planes._from_zero(Sampled(np.array([4.0, 4.0]), np.array([0.0])), part, "rho")
    assert 2.0**-53 * 4 <= found.stray[0] <= 2.0**-47 * 4


# whole maps -------------------------------------------------------------------------------------
@cache
def at_unit_coupling(model, masses):
    """Delta a for eps = 1 at the edges of cells."""
    moment = load_model(model).anomalous_moment("mu")
    return np.array([float(moment.evaluate(17, params={"m_A": m, "eps": 1})) for m in masses])


@pytest.mark.parametrize(
    ("model", "mass", "coupling"),
    [
        ("dark_photon", ("m_A", "0.05", "0.2"), ("eps", "-0.05", "0.05", "lin")),
        ("dark_photon", ("m_A", "0", "0.2", "lin"), ("eps", "-0.05", "0.05", "lin")),
        ("axial_vector", ("m_A", "0.05", "2"), ("eps", "-0.001", "0.05", "lin")),
        ("dark_photon", ("m_A", "1e-3", "10"), ("eps", "1e-6", "1")),
    ],
)
@pytest.mark.parametrize("criterion", ["sensitivity", "interval"])
@pytest.mark.parametrize("swapped", [False, True])
def test_every_cell_of_a_map_at_its_extreme_points(model, mass, coupling, criterion, swapped):
    """Delta a = eps^2 K(m), K of one sign and falling in size: the extremes lie at edges, and at eps = 0."""
    moment = load_model(model).anomalous_moment("mu")
    axes = (coupling, mass) if swapped else (mass, coupling)
    found = exclusion_map(moment, *axes, "muon-2025", criterion, resolution=256)
    window = load_measurement("muon-2025").window(criterion)
    masses, couplings = (found.y_edges, found.x_edges) if swapped else (found.x_edges, found.y_edges)
    kernel = at_unit_coupling(model, tuple(masses.tolist()))
    falling = np.abs(kernel)
    assert np.all(np.diff(falling) < 0)
    leaves = found.leaves
    step = (256 >> leaves.level.astype(int)).astype(int)
    column, row = leaves.column * step, leaves.row * step
    m, e = (row, column) if swapped else (column, row)
    near, far = np.abs(couplings[e]), np.abs(couplings[e + step])
    crosses = (couplings[e] <= 0) & (couplings[e + step] >= 0)
    least = np.where(crosses, 0.0, np.minimum(near, far)) ** 2
    most = np.maximum(near, far) ** 2
    sign = np.sign(kernel[0])
    ends = sign * np.stack([least * falling[m + step], most * falling[m]])
    low, high = ends.min(axis=0) * (1 - sign * 1e-12), ends.max(axis=0) * (1 + sign * 1e-12)
    bottom, top = (float(edge(100).mid()) for edge in (window.low, window.high))
    assert np.all((low >= bottom) & (high <= top) | (leaves.state != ALLOWED))
    assert np.all((low > top) | (high < bottom) | (leaves.state != EXCLUDED))
    assert {ALLOWED, EXCLUDED} & set(leaves.state.tolist())
