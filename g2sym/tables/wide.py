"""Wider tables: a kernel as a pair of doubles, good to 1e-21, for points beside a cancellation.

The cells are those of `g2sym.tables.table`, the degree is 11. The three lowest coefficients are kept as
pairs: with |t| <= 2^-7 the others matter at 2^-74 and below.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.closed import ClosedKernel
from g2sym.tables.build import HALF, Builder, ball_radius, coefficients, table_range
from g2sym.tables.rounding import wide_rounding
from g2sym.tables.table import CELL_BITS, CELLS

if TYPE_CHECKING:
    from g2sym.base.types import Doubles


WIDE_TERMS = 12
PAIRS = 3
"""Coefficients kept as pairs."""
WIDE_ERROR = 1e-21


@dataclass(frozen=True, eq=False)
class WideTable:
    """``coefficients`` (cells x 12) and ``lows`` (cells x 3), from M = 2^``first`` GeV on.

    Cells in which 1e-21 could not be proved hold NaN.
    """

    first: int
    coefficients: Doubles
    lows: Doubles

    def evaluate(self, masses: Doubles) -> dd.Pair:
        """Return the kernel in double-double, relative error at most `WIDE_ERROR`; NaN where unproved."""
        import numpy as np

        bits = np.ascontiguousarray(masses).view(np.int64)
        place = (bits >> (52 - CELL_BITS)) - ((self.first + 1023) << CELL_BITS)
        inside = (place >= 0) & (place < len(self.coefficients))
        place = np.where(inside, place, 0)
        rest = (bits & ((1 << (52 - CELL_BITS)) - 1)) | (1023 << 52)
        t = rest.view(np.float64) - (1 + HALF)
        rows, lows = self.coefficients[place], self.lows[place]
        value: Any = rows[:, WIDE_TERMS - 1]
        for k in range(WIDE_TERMS - 2, PAIRS - 1, -1):
            value = value * t + rows[:, k]
        pair: dd.Pair = (value, 0.0 * value)
        for k in range(PAIRS - 1, -1, -1):
            pair = dd.add(dd.scale(pair, t), (rows[:, k], lows[:, k]))
        return np.where(inside, pair[0], np.nan), pair[1]


def build_wide(kernel: ClosedKernel, fixed: dict[str, Fraction], unit: Fraction) -> WideTable:
    """Compile a kernel to a wide table; parameters as for `g2sym.tables.build.build_table`."""
    import numpy as np

    builder = Builder.of(kernel, fixed, unit)
    first, last = table_range(builder)
    cells = (last - first) * CELLS
    table, lows = np.full((cells, WIDE_TERMS), np.nan), np.zeros((cells, PAIRS))
    unsure = np.zeros(cells)
    for octave, exponent in enumerate(range(first, last)):
        rows = coefficients(builder.values(exponent, range(CELLS), terms=WIDE_TERMS), WIDE_TERMS)
        with working_precision(240):
            for cell, row in enumerate(rows, octave * CELLS):
                table[cell] = [float(c) for c in row]
                unsure[cell] = ball_radius(row)
                lows[cell] = [dd.from_arb(c)[1] for c in row[:PAIRS]]
    powers = np.array([HALF**k for k in range(WIDE_TERMS)])
    size = np.abs(table[:, 0])
    variation = np.abs(table[:, 1:]) @ powers[1:]
    least = np.maximum(size - variation, 0.0)
    truncation = builder.truncation(first, cells, WIDE_TERMS)
    with np.errstate(divide="ignore", invalid="ignore"):
        error = (truncation + wide_rounding(table, powers) + unsure) / least * (1 + 2.0**-40)
    table[~(error <= WIDE_ERROR)] = np.nan
    return WideTable(first, table, lows)
