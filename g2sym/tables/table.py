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
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g2sym.kernels import doubledouble as dd
from g2sym.tables.compiled import LONG, Loop, table_loop

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Places


CELL_BITS = 6
CELLS = 1 << CELL_BITS
"""Cells in a binade."""
TERMS = 8
"""Coefficients of a cell: degree 7, in two groups of four that are fetched at once."""
CHUNK = 65536
"""Points evaluated at once: enough that calls cost little, few enough that buffers stay in the cache."""

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
        work = Work(min(CHUNK, max(1, flat.size)), table_loop() if flat.size >= LONG else None)
        for start in range(0, flat.size, CHUNK):
            self.fill(flat[start : start + CHUNK], result[start : start + CHUNK], work)
        return out

    def fill(self, masses: Doubles, out: Doubles, work: Work) -> bool:
        """Evaluate one piece of an array; return whether some values are NaN.

        Parameters: ``masses`` and ``out``, contiguous, at most as long as ``work``, buffers that no other
        thread uses. A value does not depend on the piece it is in.
        """
        import numpy as np

        bits = masses.view(np.int64)
        base = ((self.first + 1023) << CELL_BITS) - 1  # the row before the first cell holds NaN
        loop = work.loop
        if loop is not None:
            if not loop(bits, masses, self._marked, base, self.coefficients, *self._centred, out):
                return False
        else:
            self._polynomials(bits, base, out, work)
            if not np.isnan(out.min()):
                return False
        self._without_polynomial(np.flatnonzero(np.isnan(out)), masses, out, loop is not None)
        return bool(np.isnan(out.min()))

    @cached_property
    def _marked(self) -> Doubles:
        """The coefficients with NaN for cells centred on a zero, and before the first and after the last.

        Numbers of cells outside are clipped, so one look for NaN finds all points that need another way.
        """
        import numpy as np

        marked: Doubles = np.full((len(self.coefficients) + 2, TERMS), np.nan)
        marked[1:-1] = self.coefficients
        for zero in self.zeros:
            marked[1 + zero.first : 1 + zero.last] = np.nan
        return marked

    @cached_property
    def _pairs(self) -> list[Any]:
        """The marked coefficients k and k + 4 of each cell as one item, for k from 0 to 3."""
        import numpy as np

        return [np.ascontiguousarray(self._marked[:, k::4]).view(np.complex128).reshape(-1) for k in range(4)]

    @cached_property
    def _centred(self) -> tuple[Doubles, Any, Doubles]:
        """The zeros as pairs, their cells with the place of the first one's low part, and these parts."""
        import numpy as np

        pairs = np.array([(z.high, z.low) for z in self.zeros]).reshape(-1, 2)
        before = np.cumsum([0, *(len(z.lows) for z in self.zeros)])
        cells = [(z.first, z.last, b) for z, b in zip(self.zeros, before, strict=False)]
        lows = np.array([low for z in self.zeros for low in z.lows], dtype=np.float64)
        return pairs, np.array(cells, dtype=np.int64).reshape(-1, 3), lows

    def _polynomials(self, bits: Any, base: int, out: Doubles, work: Work) -> None:
        """Evaluate (c7 t^4 + c3) t^3 + (c6 t^4 + c2) t^2 + ... by Horner's rule; NaN in marked cells."""
        import numpy as np

        n = out.size
        place, t, t4, one = work.place[:n], work.t[:n], work.fourth[:n], work.one[:n]
        np.right_shift(bits, _SHIFT, out=place)
        np.subtract(place, base, out=place)
        rest = t.view(np.int64)
        np.bitwise_and(bits, _MASK, out=rest)
        np.bitwise_or(rest, _ONE, out=rest)
        np.subtract(t, _MIDDLE, out=t)
        np.multiply(t, t, out=t4)
        np.multiply(t4, t4, out=t4)
        pair = work.pair[:n]
        for k in (3, 2, 1, 0):
            self._pairs[k].take(place, out=pair, mode="clip")
            into = out if k == 3 else one
            np.multiply(pair.imag, t4, out=into)
            np.add(into, pair.real, out=into)
            if k < 3:
                np.multiply(out, t, out=out)
                np.add(out, one, out=out)

    def _without_polynomial(self, where: Places, masses: Doubles, out: Doubles, centred: bool) -> None:
        """Fill in the points of marked cells; ``centred`` says that those beside zeros are done."""
        import numpy as np

        bits = masses[where].view(np.int64)
        place = (bits >> _SHIFT) - ((self.first + 1023) << CELL_BITS)
        if not centred:
            t = ((bits & _MASK) | _ONE).view(np.float64) - _MIDDLE
            for zero in self.zeros:
                near = (place >= zero.first) & (place < zero.last)
                self._near_zero(zero, masses, where[near], place[near], t[near], out)
        if ((place < 0) | (place >= len(self.coefficients))).any():
            self._outside(masses, where, place, out)

    def _near_zero(
        self, zero: Zero, masses: Doubles, where: Places, place: Any, t: Doubles, out: Doubles
    ) -> None:
        import numpy as np

        rows = self.coefficients[place]
        value = rows[:, TERMS - 1]
        for k in range(TERMS - 2, 0, -1):
            value = value * t + rows[:, k]
        value = (value * t + np.array(zero.lows)[place - zero.first]) + rows[:, 0]
        out[where] = value * ((masses[where] - zero.high) - zero.low)

    def _outside(self, masses: Doubles, where: Places, place: Any, out: Doubles) -> None:
        """Sum the leading orders where there are some; what is no positive finite number stays NaN."""
        import numpy as np

        at = masses[where]
        for orders, side in (
            (self.light, (place < 0) & (at > 0)),
            (self.heavy, (place >= len(self.coefficients)) & (at < np.inf)),
        ):
            if orders and side.any():
                out[where[side]] = _sum_orders(orders, at[side])

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


class Work:
    """Buffers for one piece of at most ``size`` points, and the compiled loop, which needs none, or None."""

    def __init__(self, size: int, loop: Loop | None) -> None:
        import numpy as np

        self.size, self.loop = size, loop
        if loop is not None:
            return
        self.place = np.empty(size, np.int64)
        self.t, self.fourth, self.one = np.empty(size), np.empty(size), np.empty(size)
        self.pair = np.empty(size, np.complex128)


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
