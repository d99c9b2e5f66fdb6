"""The kernels of the bundled models with their tables, and masses where a table may go wrong."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

import g2sym as g2
from g2sym.arrays.sources import KernelSource
from g2sym.base.balls import number, working_precision
from g2sym.queries.arrays import ArrayFunction
from g2sym.tables.cauchy import taylor
from tests.fuzz.sums import CASES


def kernels(name: str, lepton: str) -> Iterator[KernelSource]:
    """Yield the kernels of a model's moment that have a table."""
    quantity = g2.load_model(name).anomalous_moment(lepton).quantity
    mass, arrays = CASES[name].mass, dict.fromkeys((CASES[name].mass, *CASES[name].couplings))
    (amplitude,) = quantity.amplitudes
    for source in ArrayFunction(quantity, "numpy")._sum(amplitude, quantity.values(), arrays, 1e-12).sources:
        if source.names == (mass,):
            assert isinstance(source, KernelSource)
            yield source


def masses(table: Any, count: int) -> np.ndarray:
    """Both ends of random cells and of powers of two, points inside, and points on and beside zeros."""
    rng = np.random.default_rng(4)
    cells = np.concatenate([rng.integers(0, len(table.coefficients), count), [0, 63, 64, 127, 128]])
    low = 2.0 ** (table.first + cells // 64) * (1 + cells % 64 / 64)
    width = 2.0 ** (table.first + cells // 64) / 64
    out = [low, np.nextafter(low + width, 0), low + width * rng.random(len(cells))]
    for zero in table.zeros:
        off = np.concatenate([10.0 ** -np.arange(1, 17), -(10.0 ** -np.arange(2, 17)), [0.0]])
        out.append(zero.high * (1 + off))
    top = 2.0 ** (table.first + table.octaves)
    return np.concatenate([*out, [np.nextafter(top, 0)]])


def derivatives(source: KernelSource, mass: float, count: int = 3) -> list[Any]:
    """f, M f' and M^2 f''/2 as balls, from a power series of the closed form."""
    line = source.kernel.slice(source._fixed)
    ratio = Fraction(mass) / source._unit
    with working_precision(400 + 14 * abs(round(np.log2(float(ratio))))):
        found = taylor(line, number(ratio))[:count]
        assert all(ball.rel_accuracy_bits() > 70 for ball in found)
    return found
