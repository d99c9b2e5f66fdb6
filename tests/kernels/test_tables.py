"""Tables: every double within 4.5e-16 of its ball, zeros included, over the whole range of masses."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

from g2sym.base.balls import working_precision
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.tables.build import TRUNCATION, build_table
from g2sym.tables.expansion import expand
from g2sym.tables.wide import WIDE_ERROR, build_wide
from tests.kernels.forms import paper_forms, z_forms

MUON = Fraction("0.1056583755")
LIMIT = 4.5e-16
FORMS = paper_forms()


@pytest.fixture(scope="module")
def tables():
    return {name: build_table(Kernel(form), {}, MUON) for name, form in FORMS.items()}


def relative(value: float, kernel: Kernel, fixed, mass: float, unit: Fraction = MUON) -> float:
    """Return how far a double lies from its ball, relative; 0 within the rule for tiny and huge results."""
    ball = kernel.ball({**fixed, "rho": (Fraction(mass) / unit) ** 2}, 90)
    with working_precision(120):
        shown = float(ball.mid())
        if math.isinf(shown):
            return 0.0 if value == shown else math.inf
        if abs(shown) < 2.0**-1022:
            return 0.0 if abs(value - shown) <= 5e-324 else math.inf
        import flint

        return float(abs((flint.arb(value) - ball) / ball).upper())


def masses(table, seed: int, count: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    near = [
        z.high * (1 + rng.uniform(-1, 1, count) * 10 ** rng.uniform(-16, 0, count) * 0.5) for z in table.zeros
    ]
    whole = np.exp(rng.uniform(math.log(5e-324), math.log(1.7e308), count))
    usual = float(MUON) * 10 ** rng.uniform(-10, 10, count)
    ends = np.array([5e-324, 2.0**-1022, 1.7976931348623157e308, float(MUON), 2 * float(MUON)])
    edges = 2.0 ** np.arange(table.first, table.first + table.octaves + 1)
    return np.concatenate([*near, whole, usual, ends, edges, np.nextafter(edges, 0)])


@pytest.mark.parametrize("name", sorted(FORMS))
def test_doubles_against_balls(tables, name: str) -> None:
    table, kernel = tables[name], Kernel(FORMS[name])
    assert not table.has_holes
    assert table.truncation <= TRUNCATION
    assert table.error <= LIMIT
    points = masses(table, 1, 150)
    values = table.evaluate(points)
    for mass, value in zip(points.tolist(), values.tolist(), strict=True):
        assert relative(value, kernel, {}, mass) <= LIMIT, mass
        assert relative(table(mass), kernel, {}, mass) <= LIMIT, mass


@pytest.mark.parametrize("name", ["J_P_Z", "J_S_Z"])
def test_two_scale_kernels_at_a_fixed_mass(name: str) -> None:
    kernel = Kernel(z_forms()[name])
    fixed = {"zeta": (Fraction("91.1876") / MUON) ** 2}
    table = build_table(kernel, fixed, MUON)
    assert not table.has_holes
    for mass in [*masses(table, 2, 60).tolist(), 91.1876, math.nextafter(91.1876, 0)]:
        assert relative(table(mass), kernel, fixed, mass) <= LIMIT, mass


def test_zeros_are_where_the_kernel_changes_sign(tables) -> None:
    for name in ("J_P", "J_S"):
        (zero,) = tables[name].zeros
        kernel = Kernel(FORMS[name])
        below, above = (
            kernel.ball({"rho": (Fraction(math.nextafter(zero.high, side)) / MUON) ** 2}, 60)
            for side in (0, math.inf)
        )
        assert below < 0 < above


def test_what_is_no_mass_is_not_a_number(tables) -> None:
    bad = np.array([0.0, -0.0, -1.0, np.nan, np.inf, -np.inf, 1.0])
    assert np.isnan(tables["I_P"].evaluate(bad)).tolist() == [True] * 6 + [False]
    assert all(math.isnan(tables["I_P"](x)) for x in bad[:6].tolist())


def test_shapes_and_out(tables) -> None:
    table = tables["I_S"]
    grid = np.geomspace(1e-3, 1e3, 60).reshape(3, 4, 5)
    out = np.empty_like(grid)
    assert table.evaluate(grid, out) is out
    assert table.evaluate(grid[:, ::2]).tolist() == out[:, ::2].tolist()
    assert table.evaluate(np.empty((0, 3))).shape == (0, 3)


def test_wide_tables() -> None:
    kernel = Kernel(FORMS["I_P"])
    table = build_wide(kernel, {}, MUON)
    points = float(MUON) * 10 ** np.random.default_rng(3).uniform(-9, 9, 300)
    high, low = table.evaluate(points)
    assert not np.isnan(table.coefficients).any()
    for mass, a, b in zip(points.tolist(), high.tolist(), low.tolist(), strict=True):
        ball = kernel.ball({"rho": (Fraction(mass) / MUON) ** 2}, 120)
        with working_precision(160):
            assert abs((ball - a - b) / ball) < WIDE_ERROR


def test_expansions_are_the_known_ones() -> None:
    """Leading orders of the paper's kernels; pi and ln rho separate, what cancels is exactly zero."""
    light = {
        n: [(k, float(a), float(b)) for k, a, b in expand(Kernel(f).slice({}), -1).orders()[:3]]
        for n, f in FORMS.items()
    }
    heavy = {
        n: [(k, float(a), float(b)) for k, a, b in expand(Kernel(f).slice({}), 1).orders()[:2]]
        for n, f in FORMS.items()
    }
    assert light["I_P"] == [(0, 0.5, 0.0), (2, 1.0, 0.5), (3, pytest.approx(-3 * math.pi / 4), 0.0)]
    assert light["I_S"][:2] == [(0, 1.5, 0.0), (1, pytest.approx(-math.pi), 0.0)]
    assert light["I_A"][:2] == [(-2, 1.0, 0.0), (0, -2.5, -1.0)]
    assert heavy["I_P"] == [(2, pytest.approx(-11 / 6), 1.0), (4, pytest.approx(-89 / 12), 5.0)]
    assert heavy["J_P"] == [(0, pytest.approx(-5 / 3), 1.0), (2, pytest.approx(-8 / 9), pytest.approx(4 / 3))]
    assert heavy["J_S"] == [(0, -1.5, 1.0), (2, pytest.approx(-1 / 9), pytest.approx(2 / 3))]


def test_double_double_logarithm() -> None:
    import flint

    rng = np.random.default_rng(4)
    values = np.exp(rng.uniform(-700, 700, 400))
    fraction, exponent = np.frexp(values)
    high, low = dd.log(fraction, exponent)
    with working_precision(200):
        for v, a, b in zip(values.tolist(), high.tolist(), low.tolist(), strict=True):
            assert abs(flint.arb(v).log() - a - b) < 2.0**-68 * (1 + 1100 * 2.0**-30)
