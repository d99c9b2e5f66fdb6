"""Planes in which a kernel depends on both parameters, or on one of them in several places.

All pieces of an observable together are one function of the two parameters, those of a quotient two; on the
cells of a quadtree `g2sym.kernels.patches` encloses them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import working_precision
from g2sym.base.exact import decimal_text
from g2sym.constraints.planes import BITS, Axis
from g2sym.constraints.quadtree import (
    STOP,
    UNDECIDED,
    Judge,
    Leaves,
    Levels,
    quotient,
    subdivide_cells,
    within,
)
from g2sym.errors import UnsupportedError, UsageError
from g2sym.kernels.patches import Patches
from g2sym.kernels.sectors import Sector
from g2sym.kernels.surfaces import Placed, Summand, Sums
from g2sym.queries.pieces import Bound, Piece, Structure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags, Record

    Range = tuple[Doubles, Doubles]
    Indices = NDArray[np.uint32]

FINEST, PARTS = 1.003, 2048
"""A cell beside a threshold is not cut when the ratio of its ends is less than this, and its share of the
axis (of logarithms) less than one of so many parts."""
PATIENCE = 1.3
"""Ratio of the ends of a mass above which a cell is cut rather than a patch made for it."""


def is_joint(structure: Structure) -> bool:
    """True when a kernel depends on both moving parameters, or on one of them in several places."""
    pieces = (*structure.pieces, *(structure.below or ()))
    return any(not bound.is_plain for piece in pieces for bound in piece.moving)


@dataclass(frozen=True, eq=False)
class Plane:
    """An observable over the cells of a plane; made by `plane`.

    Parameters: ``edges`` of the smallest cells; ``sums``, the observable as a function, or its numerator and
    denominator; ``patches`` of them; ``reason``, why nothing is known above threshold, empty without one.
    """

    edges: tuple[Doubles, Doubles]
    sums: Sums
    patches: Patches
    reason: str

    def cells(self, level: int, depth: int, columns: Indices, rows: Indices) -> tuple[Range, Range]:
        """Return the ends of cells of a level of the quadtree in both parameters."""
        import numpy as np

        step = 1 << (depth - level)
        x, y = (
            (edges[numbers.astype(np.int64) * step], edges[(numbers.astype(np.int64) + 1) * step])
            for edges, numbers in zip(self.edges, (columns, rows), strict=True)
        )
        return x, y

    def beside(self, x: Range, y: Range) -> Flags:
        """Tell small cells that are too close to a threshold for their parts to be enclosed narrowly."""
        import numpy as np

        out = np.ones(len(x[0]), bool)
        for (low, high), edges in zip((x, y), self.edges, strict=True):
            whole = float(edges[-1] / edges[0]) ** (1 / PARTS) if edges[0] > 0 else math.inf
            out &= high <= min(FINEST, whole) * low
        out[out] = self.patches.holes((x[0][out], x[1][out]), (y[0][out], y[1][out]))
        return np.asarray(out)

    def reasons(self, leaves: Leaves, depth: int) -> list[Record]:
        """Return why leaves are undecided where that is not for their size: JSON-ready, with areas.

        An area is a sum of 4^-level, of the cells that lie above a threshold or reach it, and of those
        beside.
        """
        import numpy as np

        left = leaves.state == UNDECIDED
        level, columns, rows = leaves.level[left], leaves.column[left], leaves.row[left]
        areas = [Fraction(0), Fraction(0)]
        for step in np.unique(level).tolist():
            here = level == step
            x, y = self.cells(step, depth, columns[here], rows[here])
            above = self.sums.outside(x, y, entirely=False)
            areas[0] += Fraction(int(above.sum()), 4**step)
            areas[1] += Fraction(int((self.beside(x, y) & ~above).sum()), 4**step)
        close = f"{self.reason} by enough" if self.reason else "the kernels are not interpolated"
        words = self.reason, f"{close}: cells are enclosed from the integrands only"
        return [{"reason": w, "area": float(area)} for w, area in zip(words, areas, strict=True) if area]


def plane(structure: Structure, axes: Sequence[Axis], edges: tuple[Doubles, Doubles]) -> Plane:
    """Prepare a plane.

    Parameters: ``structure``, with two moving parameters; ``axes``; ``edges`` of the smallest cells.
    Raises UsageError for masses that may be negative, and for an axis that reaches a zero at which a piece is
    infinite; UnsupportedError for a plane that is above threshold everywhere, and for masses that are
    differences of what moves.
    """
    known: dict[tuple[object, ...], Placed] = {}
    reasons: dict[str, None] = {}

    def placed(bound: Bound) -> Placed:
        if bound.key not in known:
            if bound.kernel.has_pair:
                raise UnsupportedError(
                    f"{' and '.join(dict.fromkeys(bound.masses))}: a kernel of l -> l' gamma is enclosed "
                    "along one mass, not over a plane of two or along one that stands in several places; "
                    "take one mass and a coupling as axes, or evaluate arrays."
                )
            _refuse(bound, axes)
            found = Placed(bound.kernel, bound.slots, bound.fixed, _reach(bound, axes))
            known[bound.key] = found
            whole = {axis.name: _whole(axis) for axis in axes}
            if found.outside(found.sectors(whole), entirely=False).any():
                reasons.update(dict.fromkeys(_thresholds(bound)))
        return known[bound.key]

    def summand(piece: Piece) -> Summand:
        with working_precision(BITS):
            factor = structure.constant(piece, BITS)
            middle, radius = float(factor.mid()), float(factor.rad())
        error = (radius + 2.0**-52 * abs(middle)) * (1 + 2.0**-40)
        powers = piece.powers[0], piece.powers[1]
        return Summand((middle, error), powers, tuple(placed(bound) for bound in piece.moving))

    parts = [structure.pieces] if structure.below is None else [structure.pieces, structure.below]
    for k, axis in enumerate(axes):
        if any(piece.powers[k] < 0 for part in parts for piece in part) and axis.low <= 0 <= axis.high:
            raise UsageError(f"The observable is infinite where {axis.name} is 0; choose a range without 0.")
    names = structure.moving[0], structure.moving[1]
    sums = Sums(names, tuple(tuple(summand(piece) for piece in part) for part in parts))
    reason = " or ".join(reasons)
    if sums.outside(*((e[:1], e[-1:]) for e in edges), entirely=True)[0]:
        raise UnsupportedError(
            f"{reason} anywhere in the plane: the lepton could decay into the loop, which a map does not "
            "treat; raise one of the masses."
        )
    return Plane(edges, sums, Patches(sums, edges), reason)


def decided(found: Plane, levels: Levels, depth: int, undecided: float) -> Leaves:
    """Cut a plane where it is not decided whether the observable lies in a window.

    Parameters: ``levels``, the window; ``depth``, how often the plane is halved; ``undecided``, the fraction
    that may stay so, apart from what lies above a threshold.
    """
    import numpy as np

    judge: Judge = within(levels)
    combine = np.eye(1)
    if found.sums.count == 2:
        low, high = (sum(level) / 2 for level in (levels.low, levels.high))
        judge, combine = quotient, np.array([[0.0, 1.0], [1.0, -low], [1.0, -high]])

    def states(level: int, columns: Indices, rows: Indices) -> NDArray[np.uint8]:
        x, y = found.cells(level, depth, columns, rows)
        out = np.full(len(columns), STOP, np.uint8)
        keep = np.flatnonzero(~found.sums.outside(x, y, entirely=True))
        x, y = ((a[keep], b[keep]) for a, b in (x, y))
        low, high = found.patches.range(x, y, combine, settled, PATIENCE if level < depth else math.inf)
        out[keep] = judge([*zip(low, high, strict=True)])
        open_ = np.flatnonzero(out[keep] == UNDECIDED)
        x, y = ((a[open_], b[open_]) for a, b in (x, y))
        open_ = open_[found.beside(x, y) & ~found.sums.outside(x, y, entirely=False)]
        out[keep[open_]] = STOP
        return out

    def settled(low: Doubles, high: Doubles) -> Flags:
        return np.asarray(judge([*zip(low, high, strict=True)]) != UNDECIDED)

    return subdivide_cells(states, depth, undecided)


def _refuse(bound: Bound, axes: Sequence[Axis]) -> None:
    """Refuse masses that may be negative, and an axis that begins at a mass where the kernel diverges."""
    own = bound.term.masses.names
    for axis in axes:
        if axis.name not in bound.masses:
            continue
        if axis.low < 0:
            why = "a mass" if axis.name in own else " and ".join(bound.follows)
            raise UsageError(
                f"The range of {axis.name} begins at {decimal_text(axis.low, 6)}: {why} cannot be negative."
            )
        if axis.low == 0 and axis.name in own:
            ends = {a.name: Fraction(float(a.high)) for a in axes if a.name in bound.masses}
            bound.ratios({**ends, axis.name: Fraction(0)})
    for symbol, value in bound.follows.items():
        if any(re < 0 for side in (value.numerator, value.denominator) for _, (re, _) in side):
            raise UnsupportedError(
                f"{symbol} = {value} is a difference of what moves, which a map does not enclose; vary "
                "another parameter."
            )


def _whole(axis: Axis) -> Sector:
    """Return the range of a parameter, as far as it is not negative."""
    import numpy as np

    low, high = (np.array([max(float(end), 0.0)]) for end in (axis.low, axis.high))
    return Sector.real(low, high)


def _reach(bound: Bound, axes: Sequence[Axis]) -> float:
    """Return about the largest of the squared slots and of their inverses over a plane."""
    corners: list[dict[str, Fraction]] = [{}]
    for axis in axes:
        if axis.name in bound.masses:
            ends = (axis.low or axis.high / 10**6, axis.high)
            corners = [{**corner, axis.name: end} for corner in corners for end in ends]
    masses = [abs(value) for value in bound.fixed.values()]
    for corner in corners:
        masses += [Fraction(m.fold(corner.__getitem__, lambda re, _: re)) for m, _ in bound.slots.values()]
    largest = max((max(m, 1 / m) for m in masses if m), default=Fraction(1))
    return float(min(largest, Fraction(10) ** 100)) ** 2


def _thresholds(bound: Bound) -> list[str]:
    """Say which masses have to add up to more than the lepton's."""
    symbols = {slot: symbol for slot, symbol, _ in bound.term.masses.slots}
    return [
        f"{' + '.join(symbols[name] for name in group)} is not above {bound.term.masses.lepton}"
        for group in bound.kernel.integral.thresholds
    ]
