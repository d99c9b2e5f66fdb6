"""A plane cut into cells, each proved to lie below, inside or above a window, or left undecided.

The function is a short sum of products of one function of x and one of y, each given by its chords (see
`g2sym.kernels.sampled`). Only cells that could not be decided are cut again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from g2sym.kernels.sampled import UNIT, Sampled

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles

    Indices = NDArray[np.uint32]
    States = NDArray[np.uint8]

UNDECIDED, ALLOWED, EXCLUDED = 0, 1, 2
"""What a cell can be."""
STOP = 3
"""A cell that is undecided, and whose parts would be too."""
CHUNK = 8192
"""Cells cut at once, so that what is computed for them stays in the cache."""
TINY = 2.0**-1000
"""More than what underflow can take away from a sum."""


Sides = tuple[Sequence[Sampled], Sequence[Sampled]]
"""A sum of products: the functions of x and those of y."""
Range = tuple[Any, Any]
"""Arrays of lower and upper bounds."""
Judge = Callable[[Sequence[Range]], "States"]
"""The states of cells from the ranges of functions on them."""


class Decide(Protocol):
    """What decides the quarters of cells of the level before, or the one cell of level 0."""

    def __call__(
        self, level: int, columns: Indices, rows: Indices, *, whole: bool = False
    ) -> list[States]: ...


@dataclass(frozen=True)
class Levels:
    """The window of the function's allowed values, each end between two doubles."""

    low: tuple[float, float]
    high: tuple[float, float]


@dataclass(frozen=True, eq=False)
class Leaves:
    """The cells of a quadtree that were not cut: level (0 is the plane), column, row, state."""

    level: States
    column: Indices
    row: Indices
    state: States


@dataclass(frozen=True)
class _Side:
    """One axis at one level: values at edges; size and stray of each cell, for each product."""

    values: Doubles
    size: Doubles
    stray: Doubles


def _pyramid(functions: Sequence[Sampled], depth: int, terms: int) -> list[_Side]:
    """Return all levels from the coarsest on; rounding of a sum of products is put into the strays.

    At a corner the sum of n = ``terms`` products rounds n times in each, so it errs by at most
    n u S/(1 - n u), u = `UNIT` and S = sum_k |x_k| |y_k|; taking off the slack rounds once more, by
    u (S + slack). Half of (n + 2) u on either side makes (n + 2) u S in all, the last u S for what is of
    second order; the u slack, like the rounding of the slack itself (2 n + 4 operations), is less than the
    2^-30 it is widened by.
    """
    import numpy as np

    levels = []
    current = list(functions)
    for level in range(depth, -1, -1):
        size = np.stack([f.size for f in current])
        stray = np.stack([f.stray for f in current]) + UNIT * (terms + 2) / 2 * size
        levels.append(_Side(np.stack([f.values for f in current]), size, stray))
        if level:
            current = [f.coarser() for f in current]
    return levels[::-1]


def subdivide(
    xs: Sequence[Sampled], ys: Sequence[Sampled], levels: Levels, depth: int, most_undecided: float = 0.0
) -> Leaves:
    """Decide a plane of 2^depth by 2^depth cells for sum_k xs[k](x) ys[k](y).

    Parameters: ``xs``, ``ys``, of the same length, over 2^depth cells each; ``levels``, the window;
    ``most_undecided``, a fraction of the plane: cutting stops when no more than that is undecided.
    Returns the leaves, coarse ones first. A cell that holds infinities or NaN stays undecided.
    """

    return _subdivide(_of_products([(xs, ys)], within(levels), depth), depth, most_undecided)


def subdivide_quotient(
    below: Sides, above_low: Sides, above_high: Sides, depth: int, most_undecided: float = 0.0
) -> Leaves:
    """Decide a plane for low <= P/Q <= high, each function given as a sum of products.

    Parameters: Q, P - low Q and P - high Q, as pairs (xs, ys) for `subdivide`. Near a zero of Q
    at which P does not vanish the quotient is beyond every level; a cell in which both could vanish stays
    undecided.
    """

    return _subdivide(_of_products([below, above_low, above_high], quotient, depth), depth, most_undecided)


def subdivide_cells(
    states: Callable[[int, Indices, Indices], States], depth: int, most_undecided: float = 0.0
) -> Leaves:
    """Decide a plane of 2^depth by 2^depth cells by what is known of cells of every level.

    Parameters: ``states``, which takes a level, columns and rows, and returns the cells' states, `STOP` for
    those that smaller ones could not decide either; ``most_undecided`` of the others, as for `subdivide`.
    Returns the leaves, coarse ones first.
    """
    import numpy as np

    def decide(level: int, columns: Indices, rows: Indices, *, whole: bool = False) -> list[States]:
        if whole:
            return [states(level, columns, rows)]
        quarters = [(2 * columns + np.uint32(i), 2 * rows + np.uint32(j)) for i in (0, 1) for j in (0, 1)]
        across, up = (np.concatenate(side) for side in zip(*quarters, strict=True))
        return list(states(level, across, up).reshape(4, -1))

    return _subdivide(decide, depth, most_undecided)


def within(levels: Levels) -> Judge:
    """Return what decides whether a function lies in a window."""

    def judge(ranges: Sequence[Range]) -> States:
        ((low, high),) = ranges
        inside = (low >= levels.low[1]) & (high <= levels.high[0])
        outside = (low > levels.high[1]) | (high < levels.low[0])
        return _states(inside, outside)

    return judge


def quotient(ranges: Sequence[Range]) -> States:
    """Decide low <= P/Q <= high from the ranges of Q, P - low Q and P - high Q."""
    (q_low, q_high), (a_low, a_high), (b_low, b_high) = ranges
    up, down = q_low > 0, q_high < 0
    inside = (up & (a_low >= 0) & (b_high <= 0)) | (down & (a_high <= 0) & (b_low >= 0))
    outside = (up & ((a_high < 0) | (b_low > 0))) | (down & ((a_low > 0) | (b_high < 0)))
    # both of one sign: outside for either sign of Q, and P is not zero where Q is
    outside |= ((a_low > 0) & (b_low > 0)) | ((a_high < 0) & (b_high < 0))
    return _states(inside, outside)


def _states(inside: Any, outside: Any) -> States:
    import numpy as np

    out: States = inside.astype(np.uint8) * np.uint8(ALLOWED) + outside.astype(np.uint8) * np.uint8(EXCLUDED)
    return out


def _of_products(functions: Sequence[Sides], judge: Judge, depth: int) -> Decide:
    """Return what decides the quarters of cells (or the one cell of level 0) for sums of products."""
    import numpy as np

    with np.errstate(all="ignore"):
        sides = [(_pyramid(xs, depth, len(xs)), _pyramid(ys, depth, len(xs))) for xs, ys in functions]

    def decide(level: int, columns: Indices, rows: Indices, *, whole: bool = False) -> list[States]:
        each = [_ranges(across[level], up[level], columns, rows, whole=whole) for across, up in sides]
        return [judge(cell) for cell in zip(*each, strict=True)]

    return decide


def _subdivide(decide: Decide, depth: int, most_undecided: float) -> Leaves:
    import numpy as np

    columns = np.zeros(1, np.uint32)
    rows = np.zeros(1, np.uint32)
    found: list[tuple[int, Indices, Indices, States]] = []
    with np.errstate(all="ignore"):
        first = decide(0, columns, rows, whole=True)[0]
        if first[0] != UNDECIDED or depth == 0:
            found.append((0, columns, rows, first))
            columns, rows = columns[:0], rows[:0]
        for level in range(1, depth + 1):
            if not len(columns):
                break
            last = level == depth or len(columns) <= most_undecided * 4.0 ** (level - 1)
            if last and level < depth:
                found.append((level - 1, columns, rows, np.zeros(len(columns), np.uint8)))
                break
            next_columns, next_rows = [], []
            for start in range(0, len(columns), CHUNK):
                c, r = columns[start : start + CHUNK], rows[start : start + CHUNK]
                lower, left, right, upper = decide(level, c, r)
                # the quarters of a cell one after the other, so that all cells of a level are in Morton order
                state = np.stack([lower, right, left, upper], axis=1).ravel()
                c, r = 2 * c, 2 * r
                c = np.stack([c, c + 1, c, c + 1], axis=1).ravel()
                r = np.stack([r, r, r + 1, r + 1], axis=1).ravel()
                if level == depth:
                    found.append((level, c, r, state))
                    continue
                done = np.flatnonzero(state)
                found.append((level, c[done], r[done], state[done]))
                cut = np.flatnonzero(state == UNDECIDED)
                next_columns.append(c[cut])
                next_rows.append(r[cut])
            if level < depth:
                columns, rows = np.concatenate(next_columns), np.concatenate(next_rows)
    counts = [len(item[1]) for item in found]
    state_of = np.concatenate([item[3] for item in found])
    return Leaves(
        np.repeat(np.array([item[0] for item in found], np.uint8), counts),
        np.concatenate([item[1] for item in found]).astype(np.uint32),
        np.concatenate([item[2] for item in found]).astype(np.uint32),
        np.where(state_of == STOP, np.uint8(UNDECIDED), state_of),
    )


def _ranges(across: _Side, up: _Side, columns: Indices, rows: Indices, *, whole: bool = False) -> list[Range]:
    """Enclose a sum of products on the four quarters of each cell (or on the one cell of level 0)."""
    import numpy as np

    parts = 1 if whole else 2
    ix = [columns * np.uint32(parts) + np.uint32(k) for k in range(parts + 1)]
    iy = [rows * np.uint32(parts) + np.uint32(k) for k in range(parts + 1)]
    count = len(across.values)
    a = [[across.values[t].take(i) for t in range(count)] for i in ix]
    b = [[up.values[t].take(i) for t in range(count)] for i in iy]
    corner = [[_dot(a[i], b[j]) for j in range(parts + 1)] for i in range(parts + 1)]
    sizes = [[across.size[t].take(i) for t in range(count)] for i in ix[:-1]]
    strays = [[across.stray[t].take(i) for t in range(count)] for i in ix[:-1]]
    reach = [[(up.size[t] + up.stray[t]).take(i) for t in range(count)] for i in iy[:-1]]
    wander = [[up.stray[t].take(i) for t in range(count)] for i in iy[:-1]]
    out = []
    for i in range(parts):
        for j in range(parts):
            slack = _dot(strays[i], reach[j]) + _dot(sizes[i], wander[j]) + TINY
            slack *= 1 + 2.0**-30
            left, right = corner[i], corner[i + 1]
            low = np.minimum(np.minimum(left[j], left[j + 1]), np.minimum(right[j], right[j + 1])) - slack
            high = np.maximum(np.maximum(left[j], left[j + 1]), np.maximum(right[j], right[j + 1])) + slack
            out.append((low, high))
    return out


def _dot(a: Sequence[Doubles], b: Sequence[Doubles]) -> Doubles:
    total = a[0] * b[0]
    for p, q in zip(a[1:], b[1:], strict=True):
        total += p * q
    return total
