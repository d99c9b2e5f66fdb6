"""Kernels over boxes of two masses: bounds that hold the truth, and are narrow where they can be."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from flint import arb, fmpq
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from g2sym.base.balls import working_precision
from g2sym.errors import UnsupportedError
from g2sym.integrals.rational import gen
from g2sym.kernels.boxes import Boxes
from g2sym.kernels.patches import HOLE, LEAF, Patches
from g2sym.kernels.quadrature import integrate_ball
from g2sym.kernels.sectors import Sector
from g2sym.kernels.sheets import Sheet
from tests.kernels import exchange
from tests.kernels.planes import MUON, TERMS, exact, fraction, kernel_of, surface

F = Fraction
M = float(MUON)
EDGES = np.geomspace(1e-3, 1e4, 257)


@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    folder = tmp_path_factory.mktemp("models")
    return {kind: kernel_of(kind, folder) for kind in TERMS}


@pytest.fixture(scope="module")
def patches(kernels):
    return {kind: Patches(surface(kernel), (EDGES, EDGES)) for kind, kernel in kernels.items()}


def arrays(*ends):
    return tuple(np.array([float(end)]) for end in ends)


def points(low, high):
    """The ends and what lies between them, exact."""
    a, b = F(low), F(high)
    return [a, b, a + (b - a) / 3, a + (b - a) * F(7, 8)]


def contains(kernel, low, high, x, y):
    """Every point of a box at which the kernel is real has its value within the bounds."""
    found = 0
    for boson in points(*x):
        for fermion in points(*y):
            if boson + fermion > MUON:
                value = exact(kernel, boson, fermion)
                assert low <= value <= high or not (np.isfinite(low) or np.isfinite(high))
                assert float(low) <= value <= float(high)
                found += 1
    return found


MASS = st.floats(-3, 4)
WIDTH = st.one_of(st.floats(1e-12, 1e-6), st.floats(1e-3, 0.3), st.floats(0.3, 7))


@settings(max_examples=150, deadline=None)
@given(kind=st.sampled_from(sorted(TERMS)), x=MASS, y=MASS, wide=WIDTH, tall=WIDTH)
def test_random_boxes_hold_the_truth(patches, kernels, kind, x, y, wide, tall):
    """Thin ones, wide ones, and those that reach the threshold or lie above it."""
    ends = [min(10 ** (start + width), 1e4) for start, width in ((x, wide), (y, tall))]
    first, second = (10**x, ends[0]), (10**y, ends[1])
    assume(first[0] < first[1] and second[0] < second[1])
    low, high = patches[kind].range(arrays(*first), arrays(*second))
    if F(first[0]) + F(second[0]) <= MUON:  # a kernel is real on a part at most
        assert np.isinf(low[0, 0])
        assert np.isinf(high[0, 0])
        return
    assert contains(kernels[kind], low[0, 0], high[0, 0], first, second)


@pytest.mark.parametrize("kind", TERMS)
@pytest.mark.parametrize("width", [1e-10, 1e-6, 1e-3, 0.02, 0.2])
@pytest.mark.parametrize(
    "place",
    [
        (M * 1.0001, 1e-3),  # beside the threshold, and the pseudothreshold M = m_l + m
        (M * 0.5, M * 0.5002),  # beside the threshold, and equal masses
        (1e-3, M),  # the lepton's mass inside
        (3.0, 3.0),  # equal masses
        (M * 2, M),  # the pseudothreshold
        (M, M * 2),
        (1e4 / 1.3, 1e-3),
        (1e-3, 1e4 / 1.3),
    ],
)
def test_special_places(patches, kernels, kind, width, place):
    x, y = ((p, p * (1 + width)) for p in place)
    low, high = patches[kind].range(arrays(*x), arrays(*y))
    assert contains(kernels[kind], low[0, 0], high[0, 0], x, y)
    if place[0] + place[1] > 1.5 * M and width <= 1e-3:  # narrow away from the threshold
        size = max(abs(exact(kernels[kind], F(a), F(b))) for a in x for b in y)
        assert high[0, 0] - low[0, 0] <= 20 * width * size + 1e-6 * size or place[0] < 0.01


@pytest.mark.parametrize("kind", TERMS)
def test_on_the_threshold_nothing_is_claimed(patches, kind):
    """M + m_F = m_l exactly, and closer to it than doubles tell."""
    for boson in (M / 2, M / 4, M - 2e-3):
        fermion = M - boson
        for step in (0.0, 1e-17, -1e-17):
            x, y = (boson * (1 - 1e-9), boson + step), (fermion * (1 - 1e-9), fermion)
            low, high = patches[kind].range(arrays(*x), arrays(*y))
            assert low[0, 0] == -np.inf
            assert high[0, 0] == np.inf


def test_many_boxes_at_once_are_the_boxes_one_by_one(patches):
    random = np.random.default_rng(4)
    for found in patches.values():
        low = 10 ** random.uniform(-3, 3.9, (2, 60))
        high = np.minimum(low * 10 ** random.choice([1e-4, 1e-2, 0.3, 2.0], (2, 60)), 1e4)
        together = found.range((low[0], high[0]), (low[1], high[1]))
        for k in range(60):
            each = found.range(arrays(low[0, k], high[0, k]), arrays(low[1, k], high[1, k]))
            assert np.allclose(each, [end[:, [k]] for end in together], rtol=1e-13, atol=0)


@pytest.mark.parametrize("kind", TERMS)
def test_cells_of_a_map_are_enclosed_to_a_few_percent_of_their_variation(patches, kernels, kind):
    random = np.random.default_rng(7)
    widths = []
    for _ in range(60):
        i, k = random.integers(0, 256, 2)
        x, y = EDGES[i : i + 2], EDGES[k : k + 2]
        if x[0] + y[0] < 3 * M or abs(y[0] / M - 1) < 0.5:  # apart from zeros and thresholds
            continue
        low, high = patches[kind].range(arrays(*x), arrays(*y))
        values = [exact(kernels[kind], F(a), F(b)) for a in x for b in y]
        widths.append((F(high[0, 0]) - F(low[0, 0])) / (max(values) - min(values)))
    assert min(widths) >= 1
    assert sorted(widths)[len(widths) * 9 // 10] < F(11, 10)


def test_the_tree_has_leaves_and_holes_only_beside_the_threshold(patches):
    for found in patches.values():
        for node, kind in zip(found._nodes, found._kind, strict=False):
            if kind == HOLE and sum(node.low) > M:
                assert sum(node.low) < 1.1 * M
        assert (found._kind == LEAF).sum() > 50


def test_linear_combinations_of_functions(kernels):
    """P - level Q from the same patches, as sums of the single ones would be but narrower."""
    one, two = surface(kernels["scalar"]), surface(kernels["vector"])
    both = type(one)(one.names, one.sums + two.sums)
    found = Patches(both, (EDGES, EDGES))
    matrix = np.array([[1.0, -3.0], [0.0, 1.0], [2.0, 0.5]])
    for x, y in (((2.0, 2.001), (5.0, 5.001)), ((0.2, 0.9), (1.0, 40.0)), ((1.0, 1.3), (0.3, 0.32))):
        low, high = found.range(arrays(*x), arrays(*y), matrix)
        for row, a, b in zip(matrix.tolist(), low[:, 0], high[:, 0], strict=True):
            for boson in points(*x):
                for fermion in points(*y):
                    values = [exact(kernels[k], boson, fermion) for k in ("scalar", "vector")]
                    assert a <= sum(F(w) * v for w, v in zip(row, values, strict=True)) <= b


def test_no_patch_is_made_for_boxes_that_are_narrow_enough(kernels):
    found = Patches(surface(kernels["scalar"]), (EDGES, EDGES))
    boxes = arrays(1.0, 1.01), arrays(2.0, 2.01)
    rough = found.range(*boxes, enough=lambda low, high: low[0] > 0)
    assert not any(node.patch for node in found._nodes)
    wide = found.range(*boxes, enough=lambda low, high: low[0] > 1e9, widest=1.001)
    assert wide[0] == rough[0]
    assert not any(node.patch for node in found._nodes)
    fine = found.range(*boxes, enough=lambda low, high: low[0] > 1e9)
    assert any(node.patch for node in found._nodes)
    assert rough[0] < fine[0] < fine[1] < rough[1]


# from the integrand alone -------------------------------------------------------------------------
@pytest.mark.parametrize("kind", TERMS)
def test_integrands_enclose_boxes_of_any_width(kernels, kind):
    """Against quadrature in balls, which knows no closed form."""
    kernel, random = kernels[kind], np.random.default_rng(3)
    found = Boxes(kernel.integral, {}, 1e16)
    for wide in (1e-9, 0.1, 3.0, 1e4):
        boson, fermion = 10 ** random.uniform(0.02, 4, 12), 10 ** random.uniform(-2, 4, 12)
        slots = {
            "rho": Sector.real(boson**2, (boson * (1 + wide)) ** 2),
            "nu": Sector.real(fermion, fermion * (1 + wide)),
        }
        low, high = found.range(slots)
        for k in range(12):
            share = F(int(random.integers(0, 9)), 8)
            at = {n: F(s.low[k]) + share * (F(s.high[k]) - F(s.low[k])) for n, s in slots.items()}
            value = fraction(integrate_ball(kernel.integral, at, 60))
            assert low[k] <= value <= high[k]
            if wide == 1e-9 and kind in ("scalar", "axial vector"):
                assert high[k] - low[k] < 0.25 * abs(value)


@pytest.mark.parametrize("kind", TERMS)
def test_integrands_bound_the_kernel_of_a_complex_mass(kernels, kind):
    """mpmath's quadrature at complex masses: below the bound, and not by much where nothing cancels."""
    kernel, random = kernels[kind], np.random.default_rng(5)
    found = Boxes(kernel.integral, {}, 1e10)
    ((_, top),) = kernel.integral.powers
    ratios = []
    with mpmath.workdps(20):
        for _ in range(12):
            boson, fermion = 10 ** random.uniform(0.1, 2), 10 ** random.uniform(0.1, 2)
            turn, moves = random.uniform(0.1, 1.2), random.integers(2)
            phase = mpmath.expj(turn)
            rho = mpmath.mpf(boson**2) * (phase**2 if moves else 1)
            nu = mpmath.mpf(fermion) * (1 if moves else phase)

            def value(poly, x, rho=rho, nu=nu):
                total = mpmath.mpf(0)
                for powers, c in poly.terms():
                    total += (
                        mpmath.mpf(int(c.p)) / int(c.q) * x ** powers.get("x", 0)
                        * rho ** powers.get("rho", 0) * nu ** powers.get("nu", 0)
                    )  # fmt: skip
                return total

            def integrand(x, value=value):
                return value(top, x) / value(kernel.integral.delta, x)

            true = mpmath.quad(integrand, [0, 0.01, 0.1, 0.5, 0.9, 0.99, 1])
            true /= value(kernel.integral.divisor, 1)
            arc = np.zeros(1), np.array([turn * (2 if moves else 1)])
            plain = np.zeros(1), np.zeros(1)
            slots = {
                "rho": Sector(*(np.array([boson**2]),) * 2, *(arc if moves else plain)),
                "nu": Sector(*(np.array([fermion]),) * 2, *(plain if moves else arc)),
            }
            (bound,) = found.bound(slots)
            assert abs(true) <= bound
            ratios.append(bound / abs(true))
    if kind in ("scalar", "axial vector"):
        assert min(ratios) < 2


def test_a_box_above_threshold_has_no_bounds(kernels):
    found = Boxes(kernels["scalar"].integral, {}, 1e6)
    low, high = found.range(
        {
            "rho": Sector.real(np.array([0.01]), np.array([0.04])),
            "nu": Sector.real(np.array([0.1]), np.array([0.2])),
        }
    )
    assert low[0] == -np.inf
    assert high[0] == np.inf


def test_a_delta_that_falls_with_a_mass_is_refused(kernels):
    from dataclasses import replace

    x, rho = gen("x"), gen("rho")
    wrong = replace(kernels["scalar"].integral, delta=x**2 + 5 - rho * (1 - x))
    with pytest.raises(UnsupportedError, match="falls with a mass"):
        Boxes(wrong, {}, 10.0)


@pytest.mark.parametrize("top", [1e-9, 1e-3, 0.1, 1.5])
@pytest.mark.parametrize("photon", ["fermion", "boson"])
@pytest.mark.parametrize("pair", list(exchange.FERMION))
def test_boxes_from_a_massless_fermion_on(photon, pair, top):
    """Finite, around the values at and beside zero, and narrow where the box is."""
    kernel = exchange.kernel(photon, pair)
    boxes = Boxes(kernel.integral, {}, 1e6)
    for rho in (F(5, 4), F(40)):
        boson = Sector.real(*arrays(rho, rho * (1 + F(1, 1000))))
        (low,), (high,) = boxes.range({"rho": boson, "nu": Sector.real(*arrays(0, top))})
        values = [
            fraction(kernel.ball({"rho": r, "nu": F(top) * share}, 60))
            for r in (rho, rho * (1 + F(1, 1000)))
            for share in (F(0), F(1, 10**12), F(1, 100), F(1, 2), F(1))
        ]
        assert float("-inf") < low <= min(values)
        assert max(values) <= high < float("inf")
        # of a flip of chirality, which vanishes with the mass, each octave of the mesh leaves its part
        assert high - low <= 0.4 * max(map(abs, values)) + 800 * (top + top**3)


@pytest.mark.parametrize("photon", ["fermion", "boson"])
@pytest.mark.parametrize("pair", list(exchange.FERMION))
def test_lines_of_a_sheet_are_the_kernel(photon, pair):
    """Balls in place of exact coefficients: wider beside equal masses and poles, but never elsewhere."""
    kernel = exchange.kernel(photon, pair)
    form = kernel.closed({}).form
    for axis, other in (("rho", "nu"), ("nu", "rho")):
        sheet = Sheet(form, axis, other, {})
        for rest in (F(1, 7), F(1), F(3, 2), F(10**6, 7)):
            with working_precision(600):
                line = sheet.line(rest)
                for t in (F(4, 3), F(25, 16), F(10**5, 3)):
                    found = line.at(arb(fmpq(t.numerator, t.denominator)))
                    exact = kernel.ball({axis: t, other: rest}, 120)
                    assert not found.is_finite() or found.overlaps(exact)
                    assert rest == 1 or found.rel_accuracy_bits() > 100
