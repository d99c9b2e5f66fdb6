"""1e5 random inputs over the whole range of doubles: no result further from its ball than promised."""

from __future__ import annotations

import math
from fractions import Fraction

import flint
import numpy as np
import pytest

from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import TOLERANCE, Sum
from g2sym.arrays.sources import KernelSource
from g2sym.base.balls import working_precision
from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.tables.build import build_table
from tests.kernels.forms import paper_forms, z_forms

LEPTONS = {"e": Fraction("0.51099895069e-3"), "mu": Fraction("0.1056583755"), "tau": Fraction("1.77693")}
SIZES = [pytest.param(60, id="short"), pytest.param(3000, id="long", marks=pytest.mark.long)]
LIMIT = 4.5e-16


def off(value: float, ball: flint.arb, limit: float) -> bool:
    """True when a double is further from its ball than promised; the rule for range ends included."""
    with working_precision(150):
        shown = float(ball.mid())
        if math.isinf(shown):
            return value != shown
        if abs(shown) < 2.0**-1022:
            return abs(value - shown) > 5e-324
        return not abs((flint.arb(value) - ball) / ball) <= limit


def random_masses(rng: np.random.Generator, unit: float, zeros: list[float], count: int) -> np.ndarray:
    bits = rng.integers(1, 0x7FF0000000000000, count, dtype=np.int64).view(np.float64)
    usual = unit * 10 ** rng.uniform(-12, 12, count)
    near = [z * (1 + rng.uniform(-1, 1, count // 4) * 10 ** rng.uniform(-16, 0, count // 4)) for z in zeros]
    return np.abs(np.concatenate([bits, usual, *near]))


@pytest.mark.parametrize(
    ("lepton", "count"),
    [
        pytest.param("mu", 60, id="short"),
        *(pytest.param(n, 3000, id=n, marks=pytest.mark.long) for n in LEPTONS),
    ],
)
def test_kernels(lepton: str, count: int) -> None:
    unit = LEPTONS[lepton]
    rng = np.random.default_rng(20250617)
    zeta = {"zeta": (Fraction("91.1876") / unit) ** 2}
    forms = {**paper_forms(), **z_forms()}
    for name in forms if count > 60 else ("I_S", "I_A", "J_P", "J_S_Z"):
        form = forms[name]
        kernel, fixed = Kernel(form), zeta if name.endswith("_Z") else {}
        table = build_table(kernel, fixed, unit)
        masses = random_masses(rng, float(unit), [z.high for z in table.zeros], count)
        for mass, value in zip(masses.tolist(), table.evaluate(masses).tolist(), strict=True):
            ball = kernel.ball({**fixed, "rho": (Fraction(mass) / unit) ** 2}, 90)
            assert not off(value, ball, LIMIT), (name, mass)


@pytest.mark.parametrize("count", SIZES)
def test_sums(count: int) -> None:
    """g^2 K_1 + g h K_2 - h^2 K_3, couplings anywhere and beside the root of the polynomial."""
    unit = LEPTONS["mu"]
    forms = paper_forms()
    rng = np.random.default_rng(20250618)
    for names in (("I_S", "J_P", "I_P"), ("I_V", "J_S", "I_A")):
        sources = [KernelSource(Kernel(forms[n]), {}, unit, "M") for n in names]
        constant = lambda bits: 1 / (16 * flint.arb.pi() ** 2)  # noqa: E731
        shapes = ((("g", 2),), (("g", 1), ("h", 1)), (("h", 2),))
        products = [
            Product(Fraction(s), "c", constant, p, k)
            for k, (s, p) in enumerate(zip((1, 1, -1), shapes, strict=True))
        ]
        total = Sum(products, sources)
        masses = random_masses(rng, float(unit), [], count)
        wild = masses.size // 2
        h = np.concatenate(
            [
                rng.integers(1, 0x7FF0000000000000, wild, dtype=np.int64).view(np.float64),
                10 ** rng.uniform(-8, 2, masses.size - wild),
            ]
        )
        with np.errstate(all="ignore"):
            a, b, c = (s.doubles({"M": masses}) for s in sources)
            root = (-b + np.sqrt(b * b + 4 * a * c)) / (2 * a) * h * (1 + rng.normal(size=h.size) * 1e-15)
        g = np.where(np.isfinite(root), root, 1.0)
        found = total({"M": masses, "g": g, "h": h}).values
        for mass, x, y, value in zip(masses.tolist(), g.tolist(), h.tolist(), found.tolist(), strict=True):
            kernels = [Kernel(forms[n]).ball({"rho": (Fraction(mass) / unit) ** 2}, 400) for n in names]
            with working_precision(5000):
                gx, hy = flint.arb(x), flint.arb(y)
                ball = constant(0) * (gx * gx * kernels[0] + gx * hy * kernels[1] - hy * hy * kernels[2])
            assert not off(value, ball, TOLERANCE), (names, mass, x, y)
