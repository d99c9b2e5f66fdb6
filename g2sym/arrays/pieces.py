"""Arrays that broadcast against each other, cut into blocks; the terms of a sum in one block.

Whatever is smaller than the whole shape is multiplied together beforehand. What has the whole shape is
evaluated block by block in buffers that stay in the cache and belong to one thread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from g2sym.arrays.streams import Fill, Kept

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags, Places


PASS = 1 << 15
"""Points looked at in two passes while they are in the cache."""
FEWER = 16
"""How many times smaller than the whole a product is that is made beforehand."""


@dataclass(frozen=True)
class Block:
    """A part of the last two axes of the whole shape: where it starts in memory order, and its cuts."""

    start: int
    shape: tuple[int, int]
    lead: tuple[int, ...]
    down: slice
    across: slice

    @property
    def size(self) -> int:
        """The number of points."""
        return self.shape[0] * self.shape[1]

    def cut(self, array: Doubles) -> Doubles:
        """Return the part of an array with all axes, some of length 1, that belongs to the block."""
        body = array
        for place in self.lead:
            body = body[place if len(body) > 1 else 0]
        rows, columns = body.shape
        return body[self.down if rows > 1 else slice(None), self.across if columns > 1 else slice(None)]


def blocks(shape: Sequence[int], size: int) -> list[Block]:
    """Return blocks of at most ``size`` points that together are the whole, in memory order.

    Parameters: ``shape``, of two axes at least.
    """
    import numpy as np

    depth, inner = shape[-2], shape[-1]
    width = min(inner, size)
    rows = max(1, size // inner)
    out = []
    for lead in np.ndindex(*shape[:-2]):
        before = 0
        for place, length in zip(lead, shape[:-2], strict=True):
            before = before * length + place
        for row in range(0, depth, rows):
            down = slice(row, min(depth, row + rows))
            for column in range(0, inner, width):
                across = slice(column, min(inner, column + width))
                start = (before * depth + row) * inner + column
                piece = (down.stop - row, across.stop - column)
                out.append(Block(start, piece, lead, down, across))
    return out


def joined(shape: Sequence[int], arrays: Mapping[str, Doubles]) -> tuple[tuple[int, ...], dict[str, Doubles]]:
    """Join neighbouring axes along which every array either runs or does not: fewer, longer rows.

    Parameters: ``shape`` of the whole, ``arrays`` that broadcast to it. Returns both anew, without axes of
    length 1 and in the same memory order; arrays are never copied.
    """
    padded = {n: a.reshape((1,) * (len(shape) - a.ndim) + a.shape) for n, a in arrays.items()}
    plain = all(a.flags.c_contiguous for a in arrays.values())
    groups: list[list[int]] = []
    runs: list[bool] = []
    for axis, length in enumerate(shape):
        if length == 1:
            continue
        here = [a.shape[axis] > 1 for a in padded.values()]
        if plain and groups and here == runs:
            groups[-1].append(axis)
        else:
            groups.append([axis])
            runs = here
    out = {
        n: a.reshape(tuple(math.prod(a.shape[axis] for axis in group) for group in groups))
        for n, a in padded.items()
    }
    return tuple(math.prod(shape[axis] for axis in group) for group in groups), out


@dataclass(frozen=True)
class Factors:
    """One term: arrays smaller than the whole, one of which holds the constant, times what has its shape.

    ``sizes`` are the absolute values of ``small``; ``whole`` has arrays with their powers, each to lie within
    2^-limit and 2^limit; ``source`` is the place of a function that is evaluated block by block; ``constant``
    comes last, where nothing is smaller. ``excess``, smaller than the whole, says how many times the error of
    their source values may err: then the term counts as so many times larger, as it does in ``sizes``.
    """

    small: tuple[Doubles, ...]
    sizes: tuple[Doubles, ...]
    whole: tuple[tuple[Doubles, int], ...]
    source: int | None
    constant: float | None
    limit: float
    excess: Doubles | None = None

    @property
    def is_small(self) -> bool:
        """True when nothing has the whole shape."""
        return not self.whole and self.source is None

    def column_sizes(self, block: Block) -> Any:
        """Return a bound on the term's size in each column of a block (NaN where there is one)."""
        size: Any = 1.0
        for factor in self.sizes:
            piece = block.cut(factor)
            size = size * (piece if len(piece) == 1 else piece.max(axis=0, keepdims=True))
        return size

    def sizes_at(self, block: Block, places: Places) -> Doubles:
        """Return the term's size at flat places of a block; only where nothing has the whole shape."""
        import numpy as np

        row, column = np.divmod(places, block.shape[1])
        size = np.ones(places.size)
        for factor in self.sizes:
            piece = block.cut(factor)
            rows, columns = piece.shape
            size = size * piece[row if rows > 1 else 0, column if columns > 1 else 0]
        return size


class Outer:
    """Terms that are rows times columns, (rows x terms) and (terms x columns), to be cut into blocks."""

    def __init__(self, rows: Doubles, columns: Doubles) -> None:
        self._rows, self._columns = rows, columns

    @classmethod
    def of(cls, terms: Sequence[Factors], shape: Sequence[int]) -> Outer | None:
        """Return terms in this form; None where one is no such product, or ``shape`` has not two axes.

        Nor is a term whose size is not that of its value.

        Where a term has no row or column there is a 1: the products, and so the sums, are the same doubles.
        """
        import numpy as np

        if len(shape) != 2:
            return None
        rows, columns = np.ones((shape[0], len(terms))), np.ones((len(terms), shape[1]))
        for k, term in enumerate(terms):
            tall = [factor.shape[0] > 1 for factor in term.small]
            if not term.is_small or term.excess is not None or len(set(tall)) < len(tall):
                return None
            for factor, is_row in zip(term.small, tall, strict=True):
                side = rows[:, k] if is_row else columns[k]
                side[:] = factor.reshape(-1)
        return cls(rows, columns)

    def cut(self, block: Block) -> tuple[Doubles, Doubles]:
        """Return the rows and columns of a block, contiguous."""
        import numpy as np

        return self._rows[block.down], np.ascontiguousarray(self._columns[:, block.across])


def multiplied(factors: Sequence[Doubles], count: int) -> list[Doubles]:
    """Multiply the first of some arrays, in their order, while the product is much smaller than ``count``."""
    import numpy as np

    out = list(factors)
    while len(out) > 1 and math.prod(np.broadcast_shapes(out[0].shape, out[1].shape)) * FEWER <= count:
        out[:2] = [out[0] * out[1]]
    return out


class Worker:
    """What one thread evaluates blocks with.

    Parameters: ``kept``, its buffers, which may come from a call before; ``views``, the arrays with all axes;
    ``fills``, functions by their places, with the names of the arrays they take. ``excess`` is that of the
    term evaluated last, see `Factors`.
    """

    def __init__(
        self, kept: Kept, views: Mapping[str, Doubles], fills: Mapping[int, tuple[tuple[str, ...], Fill]]
    ) -> None:
        self.kept, self._views, self._fills = kept, views, fills
        self.excess: Doubles | None = None

    def buffer(self, name: str, block: Block) -> Doubles:
        """Return a buffer of the block's shape, the same memory for the same name."""
        return self.kept.doubles(name, block.size).reshape(block.shape)

    def evaluate(self, factors: Factors, block: Block, out: Doubles) -> tuple[Doubles, float]:
        """Return a term in a block, and a lower bound on its size, 0 where none is known.

        The term is in ``out``, or a smaller array that broadcasts to it.
        """
        import numpy as np

        self.excess = None if factors.excess is None else block.cut(factors.excess)
        total: Doubles | None = None
        for factor in factors.small:
            piece = block.cut(factor)
            total = piece if total is None else combined(np.multiply, total, piece, out)
        if factors.is_small:
            assert total is not None
            return total, 0.0
        value = self.buffer("spare", block) if total is out else out
        floor = self._whole(factors, block, value)
        if factors.constant is not None:
            np.multiply(value, factors.constant, out=out)
            return out, floor * abs(factors.constant)  # a product rounds in the same way for all
        if total is None:
            return out, floor
        np.multiply(total, value, out=out)
        return out, floor * abs(float(total[0, 0])) if total.size == 1 else 0.0

    def _whole(self, factors: Factors, block: Block, out: Doubles) -> float:
        """Multiply what has the whole shape; return a lower bound on the size, 0 where none is known.

        What leaves the safe range on the way becomes NaN.
        """
        import numpy as np

        value = out
        for array, power in factors.whole:
            piece = block.cut(array)
            raised(piece, power, value)
            keep_safe(piece, power, factors.limit, value)
            if value is not out:
                np.multiply(out, value, out=out)
            value = self.buffer("more", block)
        if factors.source is None:
            return 0.0
        names, fill = self._fills[factors.source]
        excess = fill({n: self._piece(n, block) for n in names}, value.reshape(-1))
        self.excess = None if excess is None else excess.reshape(block.shape)
        least = keep_safe(value, 1, factors.limit, value)
        if value is out:
            return least if excess is None else 0.0
        np.multiply(out, value, out=out)
        return 0.0

    def _piece(self, name: str, block: Block) -> Doubles:
        """Return an array's values at the points of a block, contiguous."""
        import numpy as np

        piece = block.cut(self._views[name])
        if piece.shape != block.shape:
            piece = np.broadcast_to(piece, block.shape)
        return np.ascontiguousarray(piece).reshape(-1)


def combined(operation: Callable[..., Doubles], a: Doubles, b: Doubles, out: Doubles) -> Doubles:
    """Combine two arrays of two axes: in ``out`` where they have its shape together, else in their own."""
    (rows, columns), (more_rows, more_columns) = a.shape, b.shape
    whole = (max(rows, more_rows), max(columns, more_columns)) == out.shape
    return operation(a, b, out=out) if whole else operation(a, b)


def raised(array: Doubles, power: int, out: Doubles) -> None:
    """Fill ``out`` with array^power by multiplications (numpy's own power may err by more)."""
    import numpy as np

    if abs(power) == 1:
        np.copyto(out, array)
    for n in range(abs(power) - 1):
        np.multiply(out if n else array, array, out=out)
    if power < 0:
        np.divide(1.0, out, out=out)


def keep_safe(array: Doubles, power: int, limit: float, out: Doubles) -> float:
    """Make ``out`` NaN, so that the point climbs, where array^power is not within 2^-limit and 2^limit.

    An exact zero to a positive power stays. Returns the least size in the array where all is within, else 0.
    """
    import numpy as np

    least, most = 2.0 ** (-limit / abs(power)), 2.0 ** (limit / abs(power))
    low, high = float(array.min()), float(array.max())
    if low > least and high < most:
        return low
    if low > -most and high < -least:
        return -high
    size = np.abs(array)
    low, high = float(size.min()), float(size.max())
    if low > least and high < most:
        return low
    safe: Flags = (size > least) & (size < most)
    np.copyto(out, np.nan, where=~(safe | ((array == 0) if power > 0 else False)))
    return 0.0


def extremes(array: Doubles) -> tuple[float, float]:
    """Return the least and the largest value, NaN where there is one; (0, 0) for no value at all."""
    if array.size <= PASS or not array.flags.c_contiguous:
        return (float(array.min()), float(array.max())) if array.size else (0.0, 0.0)
    flat = array.reshape(-1)
    parts = (flat[start : start + PASS] for start in range(0, flat.size, PASS))  # each is in the cache
    ends = [(float(part.min()), float(part.max())) for part in parts]
    lows, highs = zip(*ends, strict=True)
    return (math.nan, math.nan) if any(v != v for v in lows) else (min(lows), max(highs))
