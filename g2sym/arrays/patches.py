"""Functions of masses as operations of any array namespace: gather coefficients by index, then a polynomial.

Nothing branches on data and nothing is written in place, so that a function can be traced, compiled, mapped
and differentiated. Where a function has no value the result is NaN, and so is its gradient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from g2sym.arrays.namespace import Columns, Space
from g2sym.arrays.sources import KernelSource, Source
from g2sym.tables.table import CELLS, TERMS

if TYPE_CHECKING:
    from g2sym.tables.table import Table


@dataclass(frozen=True)
class Spot:
    """Where points lie: the number of a patch, the polynomial's variables there, and 1 or NaN (outside)."""

    index: Any
    variables: tuple[Any, ...]
    inside: Any


class Patches(Protocol):
    """Polynomials on patches of some masses: what a table of one mass offers, and one of more may.

    ``names`` of the arrays it depends on; ``layout``, equal for those whose patches are the same;
    ``relative``, a bound on the relative error of its values, to which `value` may add an absolute one;
    ``bits``, how many binary orders its values are away from 1 at most.
    """

    names: tuple[str, ...]
    layout: tuple[object, ...]
    relative: float
    bits: float

    def locate(self, space: Space, arrays: Mapping[str, Any]) -> Spot:
        """Return where points lie."""

    def value(self, space: Space, spot: Spot, arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return values and bounds on their absolute error beyond ``relative``, None where there is none."""


class CellPatches:
    """A `Table` in one mass: 64 cells in each binade, f/(M - M0) in the cells around a zero M0.

    The error is that proved for the table: the operations are Horner's rule, or fewer roundings where
    multiplications and additions are fused. What varies from cell to cell is gathered, M0 too: a compiler
    that joins constants of sums would spoil M - M0.

    The derivative of the polynomial p, for samplers: p interpolates f at n = 8 zeros of
    w(t) = prod (t - t_j), Chebyshev's nodes of |t| <= h = 2^-7, and then
    |f' - p'| <= max|w'| max|f^(n)|/n! (Shadrin, J. Approx. Theory 80 (1995) 25), n^2/h times as much as the
    bound on f - p, which is at most `TRUNCATION` |f|. With dM = 2^e dt and M < 2^(e+1) the error of M f' is
    at most 2 n^2/h TRUNCATION |f| = 1.64e-13 |f|, and some ten units in the last place of M f'.

    Parameters: ``table``; ``name`` of the array of masses.
    """

    def __init__(self, table: Table, name: str) -> None:
        import numpy as np

        self.names: tuple[str, ...] = (name,)
        self.layout: tuple[object, ...] = (name, table.first, table.octaves)
        self.relative = table.error
        self._low = math.ldexp(1.0, table.first)
        self._high = math.ldexp(1.0, table.first + table.octaves)
        rows = table.coefficients.copy()
        rows[np.isnan(rows[:, 0])] = np.nan  # the gradient where nothing is proved is none either
        known = np.abs(rows[:, 0][rows[:, 0] == rows[:, 0]])
        # beside a zero values are smaller than the coefficient by what is left of M - M0 in doubles
        self.bits = float(np.abs(np.log2(known)).max(initial=0.0)) + (80 if table.zeros else 4)
        cells = np.arange(len(rows))
        octave = table.first + cells // CELLS
        self._middle = np.ldexp(1 + (cells % CELLS + 0.5) / CELLS, octave)
        self._scale = np.ldexp(1.0, -octave)
        # one octave more at either end, should a logarithm be rounded across a power of two
        self._first = table.first - 1
        self._octaves = np.ldexp(1.0, -(self._first + np.arange(table.octaves + 2)))
        self._zeros = bool(table.zeros)
        columns = list(rows.T)
        if self._zeros:
            head, rest, below = (np.zeros(len(rows)) for _ in range(3))
            for zero in table.zeros:
                part = slice(zero.first, zero.last)
                head[part], rest[part], below[part] = zero.high, zero.low, zero.lows
            columns += [head, rest, below]
        self._columns = Columns(columns)

    def locate(self, space: Space, arrays: Mapping[str, Any]) -> Spot:
        """Return the cells of masses and t, which is exact.

        A logarithm rounded across a power of two gives the same cell: in units of its octave the mass is then
        just below 1, in cell 63 of the octave before, or at 2 and just above, in cell 128 - 64 of the next.
        """
        xp, masses = space.xp, arrays[self.names[0]]
        inside = (masses >= self._low) & (masses < self._high)
        somewhere = space.where(inside, masses, self._low)
        octave = space.whole(xp.floor(xp.log2(somewhere))) - self._first
        part = space.whole(xp.floor(somewhere * space.take(self._octaves, octave) * float(CELLS)))
        index = part + (octave * CELLS - 2 * CELLS)
        good = space.good(inside)
        gap = masses * good - space.take(self._middle, index)
        return Spot(index, (gap * space.take(self._scale, index),), good)

    def value(self, space: Space, spot: Spot, arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the polynomials' values: Horner's rule, times M - M0 around a zero."""
        (t,) = spot.variables
        c = space.gather(self._columns, spot.index)
        value = c(TERMS - 1)
        for k in range(TERMS - 2, 0, -1):
            value = value * t + c(k)
        value = value * t
        if not self._zeros:
            return space.settled(value + c(0)), None
        head, rest, below = (c(TERMS + k) for k in range(3))
        value = (value + below) + c(0)
        gap = (arrays[self.names[0]] - head) - rest
        return space.settled(value * space.xp.where(head > 0, gap, space.one)), None


def patches_of(source: Source) -> Patches | None:
    """Return the patches of a function, or None for one without a table."""
    if isinstance(source, KernelSource):
        table = source.table()
        return None if table is None else CellPatches(table, source.names[0])
    return None
