"""How a table's polynomials round, where its zeros are, which of its cells are kept: bounds, true errors."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq

from g2sym.base.balls import number, working_precision
from g2sym.kernels.closed import ClosedKernel
from g2sym.tables import build, rounding, wide
from g2sym.tables.build import HALF, Builder, build_table
from g2sym.tables.table import CELLS, TERMS, Table, Zero
from tests.kernels.forms import paper_forms

F = Fraction
UNIT = F(1)
KERNELS = {name: ClosedKernel(form) for name, form in paper_forms().items()}


def builder(name: str) -> Builder:
    return Builder.of(KERNELS[name], {}, UNIT)


def at(name: str, mass: Fraction, bits: int = 200) -> arb:
    return KERNELS[name].ball({"rho": (mass / UNIT) ** 2}, bits)


# rounding ---------------------------------------------------------------------------------------
def tables_of(rows: np.ndarray, zeros: tuple[Zero, ...] = ()) -> Table:
    return Table(0, rows, zeros, (), (), 0.0, 0.0)


@pytest.mark.parametrize("leading", range(8))
@pytest.mark.parametrize("scalar", [False, True])
def test_rounding_of_a_polynomial(leading, scalar):
    """Cells that are steep in one power: the count of roundings holds where 6 for each would not."""
    random = np.random.default_rng(leading)
    powers = np.array([HALF**k for k in range(TERMS)])
    exact = [[F(1)] + [F(0)] * 7 for _ in range(CELLS)]
    most = F(0)
    for row in exact:
        for k in range(TERMS):
            size = random.uniform(0.5, 1) if k == leading else random.uniform(0, 1e-3)
            row[k] = F(size * random.choice([-1, 1])) / F(HALF) ** k + F(1, 3) / F(HALF) ** k * F(1, 2**60)
    table = np.array([[float(c) for c in row] for row in exact])
    bound = rounding.plain_rounding(table, powers) * rounding.UNIT
    whole = tables_of(table)
    for _ in range(20):
        masses = (
            1 + (np.arange(CELLS) + np.where(random.random(CELLS) < 0.5, 0, 1 - 1e-9)) / CELLS
            + random.uniform(0, 1e-9, CELLS) / CELLS
        )  # fmt: skip
        values = [whole(m) for m in masses.tolist()] if scalar else whole.evaluate(masses)
        for cell, (mass, value) in enumerate(zip(masses.tolist(), values, strict=True)):
            t = F(mass) - 1 - F(2 * cell + 1, 2 * CELLS)
            error = abs(F(float(value)) - sum(c * t**k for k, c in enumerate(exact[cell])))
            assert error <= F(bound[cell]) * (1 + F(1, 10**9))
            most = max(most, error / F(bound[cell]))
    assert most > F(1, 50)


def test_the_counts_of_roundings():
    """By an error in every operation: each coefficient goes through so many."""
    units = _arrays_count(), _horner_count(TERMS, 0)
    assert tuple(map(max, *units)) == rounding.PLAIN
    around = _horner_count(TERMS, 1)
    assert (around[0] - 2, *around[1:]) == rounding.CENTRED


def _plus(a, b):
    return {k: max(a.get(k, -1), b.get(k, -1)) + 1 for k in {*a, *b}}


def _times(a, extra):
    return {k: n + extra + 1 for k, n in a.items()}


def _arrays_count():
    """`Table._polynomials`: t^4 carries three roundings."""
    e = [_plus(_times({k + 4: 1}, 3), {k: 1}) for k in range(4)]
    out = _times(e[3], 0)
    for k in (2, 1):
        out = _times(_plus(out, e[k]), 0)
    out = _plus(out, e[0])
    return tuple(out[k] for k in range(8))


def _horner_count(terms, low):
    value = {terms - 1: 1}
    for k in range(terms - 2, 0, -1):
        value = _plus(_times(value, 0), {k: 1})
    value = _times(value, 0)
    if low:
        value = _plus(value, {0: 1})  # the low half of c_0
    value = _plus(value, {0: 1})
    return tuple(value[k] for k in range(terms))


# wide tables -------------------------------------------------------------------------------------
def wide_values(exact: list[list[Fraction]], masses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A wide table of given coefficients, and what it gives as pairs."""
    table = np.array([[float(c) for c in row] for row in exact])
    lows = np.array([[float(c - F(float(c))) for c in row[: wide.PAIRS]] for row in exact])
    high, low = wide.WideTable(0, table, lows).evaluate(masses)
    return table, np.array([high, low])


@pytest.mark.parametrize("leading", [0, 1, 2, 3, 4, 5, 8, 11])
def test_rounding_of_a_wide_polynomial(leading):
    """Cells that are steep in one power: every count of roundings is needed, and enough.

    Measured: up to 0.5 of the bound where doubles round, 0.2 where pairs do.
    """
    random = np.random.default_rng(leading)
    powers = np.array([HALF**k for k in range(wide.WIDE_TERMS)])
    most = F(0)
    for _ in range(12):
        exact = []
        for _ in range(CELLS):
            sizes = random.uniform(1, 2, wide.WIDE_TERMS) * (1e-3 if leading >= wide.PAIRS else 1e-40)
            sizes[: wide.PAIRS] = random.uniform(1e-3, 1e-2, wide.PAIRS)
            sizes[leading] = random.uniform(0.5, 1)
            signs = random.choice([-1, 1], wide.WIDE_TERMS)
            row = [
                F(float(v)) * int(g) / F(HALF) ** k for k, (v, g) in enumerate(zip(sizes, signs, strict=True))
            ]
            exact.append([c * (1 + F(1, 3) / 2**55) for c in row])
        inside = np.where(random.random(CELLS) < 0.5, 1e-9, 1 - 1e-9) + random.uniform(-1e-9, 1e-9, CELLS)
        masses = 1 + (np.arange(CELLS) + inside) / CELLS
        table, (high, low) = wide_values(exact, masses)
        bound = rounding.wide_rounding(table, powers)
        for cell, mass in enumerate(masses.tolist()):
            t = F(mass) - 1 - F(2 * cell + 1, 2 * CELLS)
            truth = sum(c * t**k for k, c in enumerate(exact[cell]))
            error = abs(F(float(high[cell])) + F(float(low[cell])) - truth)
            assert error <= F(float(bound[cell]))
            most = max(most, error / F(float(bound[cell])))
    assert most > F(1, 10)


def test_the_counts_of_roundings_of_a_wide_table():
    """By an error in every operation, in doubles and in pairs."""
    value = {wide.WIDE_TERMS - 1: 1}
    for k in range(wide.WIDE_TERMS - 2, wide.PAIRS - 1, -1):
        value = _plus(_times(value, 0), {k: 1})
    assert tuple(value[k] for k in sorted(value)) == rounding.WIDE_PLAIN
    pair = {"tail": 0}
    for k in range(wide.PAIRS - 1, -1, -1):
        pair = {n: count + 6 for n, count in pair.items()}  # scaled and added, three each
        pair[k] = 1 + 3
    assert (*(pair[k] for k in range(wide.PAIRS)), pair["tail"]) == rounding.WIDE_PAIRS


def test_a_wide_table_rejects_by_its_rounding(monkeypatch, short):
    fine = wide.build_wide(KERNELS["I_P"], {}, UNIT)
    kept = ~np.isnan(fine.coefficients[:, 0])
    assert kept.all()
    monkeypatch.setattr(wide, "wide_rounding", lambda table, powers: np.full(len(table), 1e-20))
    assert np.isnan(wide.build_wide(KERNELS["I_P"], {}, UNIT).coefficients[:, 0]).all()


@pytest.mark.parametrize("seed", range(6))
def test_rounding_of_the_distance_from_a_zero(seed):
    random = np.random.default_rng(seed)
    for _ in range(40):
        head = float(random.uniform(1, 2))
        low = float(random.uniform(-0.5, 0.5)) * 2.0**-53 * float(10 ** random.uniform(-2, 0))
        zero = F(head) + F(low) + F(low) * F(int(random.integers(-100, 100)), 100 * 2**54)
        with working_precision(400):
            bound = rounding.gap_rounding(number(zero), head, low, head * 0.9, head * 1.1)
        most = F(0)
        ends = [head, np.nextafter(head, 0), np.nextafter(head, 2), head * 0.9, head * 1.1]
        for m in [*ends, *random.uniform(0.9 * head, 1.1 * head, 20)]:
            gap = (float(m) - head) - low
            most = max(most, abs(F(gap) / (F(float(m)) - zero) - 1) * 2**53)
        assert most <= F(bound) <= 3
        assert bound <= 1000 * most or most == 0


def test_a_zero_that_is_known_badly_or_is_a_double_is_not_used():
    with working_precision(400):
        wide = arb(1.5, 2.0**-60)
        assert rounding.gap_rounding(wide, 1.5, 1e-17, 1.4, 1.6) > 2.0**30 or math.isinf(
            rounding.gap_rounding(wide, 1.5, 1e-17, 1.4, 1.6)
        )
        assert math.isinf(rounding.gap_rounding(arb(1.5), 1.5, 0.0, 1.4, 1.6))
        near = arb(fmpq(3, 2)) + arb(1e-17)
        assert rounding.gap_rounding(near, 1.5, 1e-17, 0.5, 3.5) >= 2


def test_the_ball_of_a_zero_holds_it():
    one = builder("J_P")
    low, high = F(1), F(16)
    with working_precision(400):
        found = build._bisect(one, low, high)
        assert found is not None
        left, right = (
            F(int(e.man_exp()[0])) * F(2) ** int(e.man_exp()[1]) for e in (found.lower(), found.upper())
        )
        assert at("J_P", left, 400) * at("J_P", right, 400) < 0
        assert 0 < right - left <= (high - low) / 2**149
    assert build._bisect(one, F(8), F(16)) is None


# a whole table, of few binades ----------------------------------------------------------------------
@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(build, "REACH", 2)
    monkeypatch.setattr(build, "MARGIN", 0)


@pytest.mark.parametrize("name", ["I_P", "J_P"])
def test_the_stated_error_of_a_table(name, short):
    table = build_table(KERNELS[name], {}, F("0.1056583755"))
    edges = 2.0**table.first, 2.0 ** (table.first + table.octaves)
    masses = np.exp(np.random.default_rng(1).uniform(*np.log(edges), 3000))
    near = [z.high * (1 + s) for z in table.zeros for s in (1e-16, 1e-12, 1e-5, -1e-5, 0.01, -0.01)]
    masses = np.concatenate([masses, near, [z.high for z in table.zeros]])
    most = 0.0
    for mass, value in zip(masses.tolist(), table.evaluate(masses).tolist(), strict=True):
        truth = KERNELS[name].ball({"rho": (F(mass) / F("0.1056583755")) ** 2}, 90)
        if value == value:
            most = max(most, float(abs((arb(value) - truth) / truth).upper()))
    assert most <= table.error <= 5 * most
    assert bool(table.zeros) == (name == "J_P")


def test_cells_that_could_not_be_proved_hold_nothing(short, monkeypatch):
    fine = build_table(KERNELS["I_P"], {}, UNIT)
    assert not np.isnan(fine.coefficients[:, 0]).any()
    limit = fine.error * 0.992
    monkeypatch.setattr(build, "ERROR", limit)
    table = build_table(KERNELS["I_P"], {}, UNIT)
    bad = np.isnan(table.coefficients[:, 0])
    assert bad.any()
    assert not bad.all()
    assert table.error <= limit
    assert np.array_equal(table.coefficients[~bad], fine.coefficients[~bad])
    cell = int(np.argmax(bad))
    middle = 2.0 ** (table.first + cell // CELLS) * (1 + (cell % CELLS + 0.5) / CELLS)
    assert np.isnan(table.evaluate(np.array([middle]))).all()
    monkeypatch.setattr(build, "ERROR", build.UNIT * 5)
    monkeypatch.setattr(build, "TRUNCATION", fine.truncation * 0.5)
    table = build_table(KERNELS["I_P"], {}, UNIT)
    assert np.isnan(table.coefficients[:, 0]).any()
    assert table.truncation <= fine.truncation * 0.5


def test_radii_of_coefficients_count():
    row = [arb(1, 1e-20), arb(2, 1e-18)]
    assert 1e-20 + 1e-18 * HALF <= build.ball_radius(row) <= 1.0001 * (1e-20 + 1e-18 * HALF)


def test_truncation_and_radii_are_part_of_the_error(short, monkeypatch):
    fine = build_table(KERNELS["I_P"], {}, UNIT)
    with monkeypatch.context() as patch:
        patch.setattr(build, "ball_radius", lambda row: 1e-18)
        wide = build_table(KERNELS["I_P"], {}, UNIT)
    assert wide.truncation >= 1e-18 / np.abs(fine.coefficients[:, 0]).max()
    assert wide.error > fine.error
    monkeypatch.setattr(build, "TRUNCATION", 1.0)
    monkeypatch.setattr(build, "ERROR", 1.0)
    real = Builder.truncation
    monkeypatch.setattr(Builder, "truncation", lambda *a, **k: real(*a, **k) + 1e-15)
    rough = build_table(KERNELS["I_P"], {}, UNIT)
    least = 1e-15 / np.abs(fine.coefficients[:, 0]).max()
    assert rough.truncation >= least
    assert rough.error >= fine.error * 0.9 + least


def test_a_stated_bound_is_rounded_up_and_stable():
    source = np.random.default_rng(3)
    for bound in [0.0, 5e-324, 1.0, 2.0**-70, *np.exp(source.uniform(-600, 600, 500)).tolist()]:
        found = rounding.stated(bound)
        assert bound <= found <= bound * (1 + 2.0**-19) + 5e-324
        assert rounding.stated(found) == found
    near = 5.567856467729154e-21  # the last bits depend on the order in which balls are added
    assert (
        rounding.stated(near) == rounding.stated(np.nextafter(near, 1)) == rounding.stated(near * (1 + 1e-14))
    )
