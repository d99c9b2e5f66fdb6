"""Every kernel of one-loop exchange at equal masses, exactly and to one part in 1e15, at the pseudothreshold,
with massless fermions and bosons: no digit is lost, in balls and in tables."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import acb, arb

from g2sym.arrays.sources import KernelSource
from g2sym.base.balls import number, working_precision
from g2sym.kernels.closed import ClosedKernel
from g2sym.tables.build import Builder
from tests.kernels.exchange import CASES, integral, kernel, numerator

T = Fraction(1, 10**15)
U = Fraction(1, 10**30)
INNER = [
    Fraction(1),
    1 + T,
    1 - T,
    Fraction(-1),
    Fraction(3, 7),
    Fraction(-3, 7),
    Fraction(5),
    Fraction(1, 10**20),
]


def masses(inner: Fraction) -> list[Fraction]:
    """Masses of the boson at which something meets, and beside these; all below threshold."""
    size = abs(inner)
    every = [Fraction(1), size, 1 + size, abs(1 - size), Fraction(2)]
    out = [m * (1 + step) for m in every for step in (0, T, -T, U)]
    return [m for m in dict.fromkeys(out) if m + size > 1]


@pytest.mark.parametrize("stride", [9, pytest.param(2, marks=pytest.mark.long)])
@pytest.mark.parametrize(("photon", "pair"), CASES)
def test_balls_against_integration(photon: str, pair: str, stride: int) -> None:
    one = kernel(photon, pair)
    for place, inner in enumerate(INNER):
        for mass in masses(inner)[place % stride :: stride]:
            found = one.ball({"rho": mass**2, "nu": inner}, 180)
            assert found.rel_accuracy_bits() >= 180
            want = integral(photon, pair, mass**2, inner, 500)
            with working_precision(500):
                assert want.real.rel_accuracy_bits() > 100
                assert found.overlaps(want.real), (inner, mass)


@pytest.mark.parametrize(("photon", "pair"), [c for c in CASES if c[1] not in ("SP", "VA")])
@pytest.mark.parametrize("mass", [1 + U, 1 + T, Fraction(2), Fraction(10**9)])
def test_a_massless_fermion(photon: str, pair: str, mass: Fraction) -> None:
    """Delta has the factor 1 - x (photon on the fermion) or x (on the boson), and so has N."""
    found = kernel(photon, pair).ball({"rho": mass**2, "nu": Fraction(0)}, 180)
    assert found.rel_accuracy_bits() >= 180
    with working_precision(500):
        r, top = number(mass**2), numerator(photon, pair)

        def body(x: acb, _: bool) -> acb:
            # N over its factor, from N at two points: it is the factor times a quadratic polynomial
            if photon == "fermion":
                return _over(top, r, lambda t: 1 - t)(x) / (r - x)
            return _over(top, r, lambda t: t)(x) / (r - 1 + x)

        want = acb.integral(body, 0, 1, eval_limit=10**6).real
        assert want.rel_accuracy_bits() > 100
        assert found.overlaps(want)


def _over(top, r: arb, factor):
    """Return the quotient of N and a linear factor by interpolation at three points."""
    nodes = [number(Fraction(k, 5)) for k in (1, 2, 3)]
    values = [top(acb(n), r, number(0)).real / factor(n) for n in nodes]

    def quotient(x: acb) -> acb:
        total = acb(0)
        for i, value in enumerate(values):
            weight = acb(value)
            for j, node in enumerate(nodes):
                if i != j:
                    weight *= (x - node) / (nodes[i] - node)
            total += weight
        return total

    return quotient


@pytest.mark.parametrize(
    ("photon", "pair", "inner", "value"),
    [
        ("fermion", "SS", 1, Fraction(3)),  # 2 int (2 - x)
        ("fermion", "PP", 1, Fraction(1)),  # 2 int x
        ("fermion", "VV", 1, Fraction(2)),  # 4 int (1 - x), the photon: alpha/2 pi
        ("fermion", "SS", -1, Fraction(-1)),
        ("boson", "VV", 1, None),
        ("boson", "SS", 1, None),
    ],
)
def test_a_massless_boson(photon: str, pair: str, inner: int, value: Fraction | None) -> None:
    one = kernel(photon, pair)
    values = {"rho": Fraction(0), "nu": Fraction(inner)}
    assert one.side(values) == 1
    if value is None:  # a charged one on a line of the lepton's own mass: infrared divergent
        assert one.toward_zero(values).diverges
        return
    assert one.ball(values, 120).overlaps(arb(number(value)))


@pytest.mark.parametrize("step", [T, Fraction(1, 10**17), Fraction(1, 10**22)])
def test_the_ends_of_tables_beside_equal_masses(step: Fraction) -> None:
    """m_F = m (1 -+ step): the threshold M = m step, and the circle of an expansion, which ends there."""
    closed = kernel("fermion", "SS").form
    below = Builder.of(ClosedKernel(closed), {"nu": 1 - step}, Fraction(1))
    assert below.light is None
    assert 1 <= below.threshold / float(step) < 1 + 1e-8
    above = Builder.of(ClosedKernel(closed), {"nu": 1 + step}, Fraction(1))
    assert above.threshold == 0
    assert above.light is not None
    assert 0.7 < above.light.radius / float(step) < 0.9


SPECIAL = [1 - T, 1 + T, Fraction(3, 7), Fraction(10) ** 9]


@pytest.mark.parametrize(
    ("photon", "pair"), [("fermion", "SS"), pytest.param("boson", "VV", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("inner", SPECIAL, ids=["below", "above", "light", "heavy"])
def test_tables(photon: str, pair: str, inner: Fraction, tmp_path, monkeypatch) -> None:
    """At 1e9 and at 1 + 1e-15 the coefficients of an expansion are beyond doubles."""
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))
    one = kernel(photon, pair)
    source = KernelSource(one, {"nu": inner}, Fraction(1), "M", "rho")
    spots = [
        x * (1 + s) for x in (1.0, float(inner), float(1 + inner), 2.0) for s in (0, 1e-15, -1e-15, 1e-9)
    ]
    rng = np.random.default_rng(5)
    low = np.log10(float(1 - inner)) if inner < 1 else -12.0
    grid = np.concatenate([spots, 10 ** rng.uniform(low, 12, 25_000)])
    grid = grid[grid + float(inner) > 1 + 1e-12] if inner < Fraction(9, 10) else grid
    found = source.doubles({"M": grid})
    assert source.table() is not None
    beside = np.flatnonzero(grid < 1e3 * abs(float(1 - inner)))[:30]
    for k in (*range(len(spots) if inner > Fraction(9, 10) else 4), *beside, *range(20, 20_000, 400)):
        want = one.ball({"rho": Fraction(grid[k]) ** 2, "nu": inner}, 100)
        with working_precision(140):
            assert abs(arb(found[k]) / want - 1) < 4.6e-16, grid[k]
