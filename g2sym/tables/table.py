"""Piecewise polynomials of a kernel in the boson's mass: a double in, a double out, a proved error.

The variable is the double M itself, at an exactly known lepton mass: the ratio M/m is never formed, so
nothing is lost beside a zero. A cell is one of 64 equal parts of a binade; its number is the exponent
and the six leading bits of M, and what is left of the mantissa is the polynomial's variable t, exactly.
Cells around a zero M0 hold the polynomial of f/(M - M0) instead, with M0 known to 106 bits. Outside the
table the leading orders of the kernel's expansion are summed in double-double.

Overflow and underflow: results are as if computed exactly and rounded with a relative error of at most
`Table.error`; beyond the largest double they are infinite, and below 2^-1022 the error is at most one
unit of the smallest subnormal, 2^-1074.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g2sym.kernels import doubledouble as dd
from g2sym.tables.compiled import LONG, polynomial_loop

if TYPE_CHECKING:
    from g2sym.base.types import Doubles


CELL_BITS = 6
CELLS = 1 << CELL_BITS
"""Cells in a binade."""
TERMS = 8
"""Coefficients of a cell: degree 7, in two groups of four that are fetched at once."""
CHUNK = 16384
"""Points evaluated at once, so that all intermediate results stay in the second-level cache."""

_SHIFT = 52 - CELL_BITS
_MASK = (1 << _SHIFT) - 1
_ONE = 1023 << 52
_MIDDLE = 1 + 0.5 / CELLS


@dataclass(frozen=True)
class Zero:
    """A zero at high + low, and the cells [first, last) that are centred on it.

    ``lows`` holds what their constant coefficients lack to double-double accuracy.
    """

    high: float
    low: float
    first: int
    last: int
    lows: tuple[float, ...]


@dataclass(frozen=True)
class Order:
    """One order of an expansion: M^power (plain + log * ln M) * 2^exponent, in double-double."""

    power: int
    exponent: int
    plain: tuple[float, float]
    log: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Table:
    """A compiled kernel at a fixed lepton mass (and fixed other masses); made by `build_table`.

    ``coefficients`` has one row of `TERMS` per cell, from M = 2^``first`` GeV on; a cell that could not
    be proved holds NaN. ``light`` and ``heavy`` are the orders used below and above the table, empty
    where there is no expansion (the result is then NaN). ``truncation`` and ``error`` bound the relative
    error of the polynomials, and of the doubles that come out.
    """

    first: int
    coefficients: Doubles
    zeros: tuple[Zero, ...]
    light: tuple[Order, ...]
    heavy: tuple[Order, ...]
    truncation: float
    error: float

    @property
    def octaves(self) -> int:
        """The number of binades covered."""
        return len(self.coefficients) // CELLS

    @cached_property
    def has_holes(self) -> bool:
        """True when some cell could not be proved, or one side has no expansion."""
        import numpy as np

        return bool(np.isnan(self.coefficients[:, 0]).any() or not self.light or not self.heavy)

    # arrays -------------------------------------------------------------------------------------
    def evaluate(self, masses: Doubles, out: Doubles | None = None) -> Doubles:
        """Return the kernel at each mass.

        Parameters: ``masses`` in GeV, float64 of any shape; ``out``, an optional contiguous array for
        the result. A mass that is not a positive finite number gives NaN, as does one in a cell that
        could not be proved.
        """
        import numpy as np

        masses = np.ascontiguousarray(masses, dtype=np.float64)
        if out is None:
            out = np.empty(masses.shape)
        flat, result = masses.reshape(-1), out.reshape(-1)
        work = _Work(min(CHUNK, max(1, flat.size)))
        work.loop = polynomial_loop() if flat.size >= LONG else None
        for start in range(0, flat.size, CHUNK):
            self._chunk(flat[start : start + CHUNK], result[start : start + CHUNK], work)
        return out

    @cached_property
    def _groups(self) -> tuple[Any, Any]:
        """The low and the high four coefficients of each cell, as 32-byte items."""
        import numpy as np

        halves = [np.ascontiguousarray(self.coefficients[:, k : k + 4]) for k in (0, 4)]
        low, high = (half.view("V32").reshape(-1) for half in halves)
        return low, high

    def _chunk(self, masses: Doubles, out: Doubles, work: _Work) -> None:
        import numpy as np

        n = masses.size
        place, t, t4 = work.place[:n], work.t[:n], work.square[:n]
        bits = masses.view(np.int64)
        np.right_shift(bits, _SHIFT, out=place)
        np.subtract(place, (self.first + 1023) << CELL_BITS, out=place)
        rest = t.view(np.int64)
        np.bitwise_and(bits, _MASK, out=rest)
        np.bitwise_or(rest, _ONE, out=rest)
        np.subtract(t, _MIDDLE, out=t)
        if work.loop is not None:
            work.loop(place, t, self.coefficients, out)
        else:
            self._polynomials(place, t, t4, out, work)
        for zero in self.zeros:
            np.subtract(place, zero.first, out=work.near[:n])
            near = work.near[:n].view(np.uint64) < zero.last - zero.first
            if near.any():
                self._near_zero(zero, masses, place, t, near, out)
        if place.min() < 0 or place.max() >= len(self.coefficients):
            self._outside(masses, place, out)

    def _polynomials(self, place: Any, t: Doubles, t4: Doubles, out: Doubles, work: _Work) -> None:
        import numpy as np

        n = place.size
        low, high = self._groups
        np.take(low, place, out=work.raw_low[:n], mode="clip")
        np.take(high, place, out=work.raw_high[:n], mode="clip")
        np.multiply(t, t, out=t4)
        np.multiply(t4, t4, out=t4)
        for k in range(4):
            work.t4[:n, k] = t4
        c, d = work.low[:n], work.high[:n]
        np.multiply(d, work.t4[:n], out=d)
        np.add(d, c, out=d)
        np.multiply(d[:, 3], t, out=out)
        for k in (2, 1):
            np.add(out, d[:, k], out=out)
            np.multiply(out, t, out=out)
        np.add(out, d[:, 0], out=out)

    def _near_zero(
        self, zero: Zero, masses: Doubles, place: Any, t: Doubles, near: Any, out: Doubles
    ) -> None:
        import numpy as np

        where = np.flatnonzero(near)
        rows, x = self.coefficients[place[where]], t[where]
        value = rows[:, TERMS - 1]
        for k in range(TERMS - 2, 0, -1):
            value = value * x + rows[:, k]
        value = (value * x + np.array(zero.lows)[place[where] - zero.first]) + rows[:, 0]
        out[where] = value * ((masses[where] - zero.high) - zero.low)

    def _outside(self, masses: Doubles, place: Any, out: Doubles) -> None:
        import numpy as np

        for orders, where in (
            (self.light, np.flatnonzero((place < 0) & (masses > 0))),
            (self.heavy, np.flatnonzero((place >= len(self.coefficients)) & (masses < np.inf))),
        ):
            out[where] = _sum_orders(orders, masses[where]) if orders else np.nan
        out[~((masses > 0) & (masses < np.inf))] = np.nan

    # one number ---------------------------------------------------------------------------------
    @cached_property
    def _rows(self) -> list[list[float]]:
        rows: list[list[float]] = self.coefficients.tolist()
        return rows

    def __call__(self, mass: float) -> float:
        """Return the kernel at one mass in GeV: the same number as `evaluate`, up to one rounding."""
        if not 0 < mass < math.inf:
            return math.nan
        fraction, exponent = math.frexp(mass)
        x = fraction * 128.0
        cell = int(x)
        place = (exponent - 1 - self.first) * CELLS + cell - CELLS
        if not 0 <= place < len(self._rows):
            import numpy as np

            return float(self.evaluate(np.array([mass]))[0])
        t = (x - cell - 0.5) / 64.0
        c0, c1, c2, c3, c4, c5, c6, c7 = self._rows[place]
        value = ((((((c7 * t + c6) * t + c5) * t + c4) * t + c3) * t + c2) * t + c1) * t
        for zero in self.zeros:
            if zero.first <= place < zero.last:
                slope = (value + zero.lows[place - zero.first]) + c0
                return slope * ((mass - zero.high) - zero.low)
        return value + c0


class _Work:
    """Buffers for one chunk."""

    def __init__(self, size: int) -> None:
        import numpy as np

        self.loop: Callable[..., None] | None = None
        self.place = np.empty(size, np.int64)
        self.t, self.square, self.t4 = np.empty(size), np.empty(size), np.empty((size, 4))
        self.near = np.empty(size, np.int64)
        self.low, self.high = np.empty((size, 4)), np.empty((size, 4))
        self.raw_low, self.raw_high = (a.view("V32").reshape(-1) for a in (self.low, self.high))


def _sum_orders(orders: tuple[Order, ...], masses: Doubles) -> Doubles:
    """Sum an expansion's leading orders in double-double; the first one dominates."""
    import numpy as np

    with np.errstate(under="ignore", over="ignore"):
        fraction, exponent = np.frexp(masses)
        logarithm = dd.log(fraction, exponent)
        total: dd.Pair | None = None
        for order in orders:
            body = dd.mul((order.log[0] + 0 * fraction, order.log[1] + 0 * fraction), logarithm)
            body = dd.add(body, (order.plain[0] + 0 * fraction, order.plain[1] + 0 * fraction))
            body = dd.mul(body, dd.power((fraction, 0 * fraction), order.power))
            if total is None:
                total, lead = body, order
                continue
            gap = (order.power - lead.power) * exponent.astype(np.int64) + (order.exponent - lead.exponent)
            gap = np.clip(gap, -2000, 100).astype(np.int32)
            total = dd.add(total, (np.ldexp(body[0], gap), np.ldexp(body[1], gap)))
        assert total is not None
        whole = lead.power * exponent.astype(np.int64) + lead.exponent
        return np.asarray(np.ldexp(total[0], np.clip(whole, -4000, 4000).astype(np.int32)))
