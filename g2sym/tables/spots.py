"""A loaded table at a few masses against balls: what does not agree was not built from this kernel.

The masses are drawn with the table's key as the seed, so that every load compares the same ones.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import Ball, working_precision
from g2sym.kernels.closed import ClosedKernel
from g2sym.tables.build import ERROR
from g2sym.tables.table import CELLS, Table
from g2sym.tables.wide import WIDE_ERROR, WideTable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

SPOTS = 16
"""Cells that are compared, besides two around each zero and one mass beyond either end."""
JUMP = 1e-11
"""Relative difference of neighbouring cells where they meet that is never reached by proved cells."""
BITS = 100


def agrees(
    table: Table, kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, key: str
) -> bool:
    """True when a table gives the kernel's values, to the error it states, wherever they are compared."""
    import numpy as np

    source = random.Random(key)
    cells = _chosen(table.coefficients, source)
    if not cells or not _joined(table):
        return False
    for zero in table.zeros:
        cells += [zero.first, zero.last - 1]
    masses = [_mass(table.first, cell, source) for cell in cells]
    if table.light:
        masses.append(2.0 ** max(table.first - 2, -1022))
    if table.heavy:
        masses.append(2.0 ** min(table.first + table.octaves + 1, 1023))
    with np.errstate(all="ignore"):
        found = table.evaluate(np.array(masses))
    return all(
        np.isfinite(value)
        # below the smallest normal double the error is absolute
        and _close(Fraction(value), _value(kernel, fixed, unit, mass), ERROR, Fraction(2) ** -1074)
        for mass, value in zip(masses, found.tolist(), strict=True)
        if value == value  # a zero may have unproved cells around it
    )


def _joined(table: Table) -> bool:
    """True when the cells agree with their neighbours where they meet: all were built from one kernel."""
    import numpy as np

    cells = np.arange(1, len(table.coefficients))
    edges = np.ldexp(1 + cells % CELLS / CELLS, (table.first + cells // CELLS).astype(np.int32))
    with np.errstate(all="ignore"):
        above, below = table.evaluate(edges), table.evaluate(np.nextafter(edges, 0))
        # beside a zero the size of the next values counts, not that of the value itself
        size = np.abs(above)
        size[1:] = np.maximum(size[1:], np.abs(above[:-1]))
        size[:-1] = np.maximum(size[:-1], np.abs(above[1:]))
        apart = np.abs(above - below) > JUMP * size + 1e-320
    return not apart.any()


def wide_agrees(
    table: WideTable, kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, key: str
) -> bool:
    """True when a wide table gives the kernel's values; parameters as for `agrees`."""
    import numpy as np

    source = random.Random(key)
    cells = _chosen(table.coefficients, source)
    masses = [_mass(table.first, cell, source) for cell in cells]
    with np.errstate(all="ignore"):
        high, low = table.evaluate(np.array(masses))
    return all(
        np.isfinite(a)
        and np.isfinite(b)
        and _close(Fraction(a) + Fraction(b), _value(kernel, fixed, unit, mass), WIDE_ERROR, Fraction(0))
        for mass, a, b in zip(masses, high.tolist(), low.tolist(), strict=True)
    )


def _chosen(rows: NDArray[np.float64], source: random.Random) -> list[int]:
    """Return cells that were proved, spread over the table."""
    import numpy as np

    proved = np.flatnonzero(np.isfinite(rows[:, 0])).tolist()
    return [proved[source.randrange(len(proved))] for _ in range(SPOTS)] if proved else []


def _mass(first: int, cell: int, source: random.Random) -> float:
    """Return a mass inside a cell."""
    place = cell % CELLS + source.randrange(1, 1 << 20) * 2.0**-20
    return float((1 + place / CELLS) * 2.0 ** (first + cell // CELLS))


def _value(kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, mass: float) -> Ball:
    square = (Fraction(mass) / unit) ** 2
    with working_precision(BITS):
        return Ball.from_arb(kernel.ball({**fixed, kernel.axis: square}, BITS))


def _close(found: Fraction, exact: Ball, error: float, least: Fraction) -> bool:
    return abs(found - exact.midpoint) <= Fraction(error) * abs(exact.midpoint) + exact.radius + least
