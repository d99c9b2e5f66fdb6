"""Planes in which a kernel depends on both parameters: the observable over cells of a quadtree.

All pieces together are one function of the two parameters (a quotient two), which `g2sym.kernels.patches` encloses.
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
from g2sym.constraints.quadtree import UNDECIDED, Leaves, Levels, quotient, subdivide_cells, within
from g2sym.errors import UnsupportedError, UsageError
from g2sym.kernels.patches import Patches
from g2sym.kernels.surfaces import Placed, Summand, Sums
from g2sym.queries.pieces import Bound, Piece, Structure

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags, Record

    Range = tuple[Doubles, Doubles]
    Indices = NDArray[np.uint32]


PATIENCE = 1.3
"""Ratio of the ends of a mass above which cells are cut again rather than enclosed more narrowly."""


def is_joint(structure: Structure) -> bool:
    """True when a kernel depends on both moving parameters, or on one of them in several places."""
    pieces = (*structure.pieces, *(structure.below or ()))
    return any(not bound.is_plain for piece in pieces for bound in piece.moving)


@dataclass(frozen=True, eq=False)
class Plane:
    """An observable over the cells of a plane; made by `plane`.

    ``edges`` of the smallest cells; ``sums``, numerator and denominator, if there is one, as functions;
    ``patches`` of them; ``reason``, in words why nothing is known above threshold, empty without one.
    """

    edges: tuple[Doubles, Doubles]
    sums: Sums
    patches: Patches
    reason: str

    def cells(self, level: int, depth: int, columns: Indices, rows: Indices) -> tuple[Range, Range]:
        """Return the ends of cells of a level of the quadtree in both parameters."""
        import numpy as np

        step = 1 << (depth - level)
        places = [n.astype(np.int64) * step for n in (columns, rows)]
        (x0, x1), (y0, y1) = (
            (edges[place], edges[place + step]) for edges, place in zip(self.edges, places, strict=True)
        )
        return (x0, x1), (y0, y1)

    def outside(self, x: Range, y: Range, *, entirely: bool) -> Flags:
        """Tell the cells above a threshold: entirely, or perhaps in part."""
        return self.sums.outside(x, y, entirely=entirely)


    def reasons(self, leaves: Leaves, depth: int) -> list[Record]:
        """Return why leaves are undecided, where that is not the size of the cells: JSON-ready, with areas.

        An area is exact: a sum of 4^-level.
        """
        import numpy as np

        open_ = leaves.state == UNDECIDED
        level, columns, rows = leaves.level[open_], leaves.column[open_], leaves.row[open_]
        area = Fraction(0)
        for step in np.unique(level).tolist():
            here = level == step
            count = int(self.outside(*self.cells(step, depth, columns[here], rows[here]), entirely=False).sum())
            area += Fraction(count, 4**step)
        return [{"reason": self.reason, "area": float(area)}] if area else []


def plane(structure: Structure, axes: Sequence[Axis], edges: tuple[Doubles, Doubles]) -> Plane:
    """Prepare a plane.

    Parameters: ``structure``, with two moving parameters; ``axes``; ``edges`` of the smallest cells.
    Raises UsageError for a mass axis that begins below zero and for a parameter that may be zero and stands in a
    denominator, UnsupportedError for a plane that is above threshold everywhere and for masses that are a
    difference of what moves.
    """
    known: dict[tuple[object, ...], Placed] = {}
    reasons: dict[str, None] = {}

    def placed(bound: Bound) -> Placed:
        if bound.key not in known:
            _refuse(bound, axes)
            known[bound.key] = Placed(
                bound.kernel, bound.slots, bound.fixed, _reach(bound, axes)
            )
            reasons.update(dict.fromkeys(_thresholds(bound)))
        return known[bound.key]

    def summand(piece: Piece) -> Summand:
        with working_precision(BITS):
            factor = structure.constant(piece, BITS)
            middle = float(factor.mid())
            error = float(factor.rad()) + 2.0**-52 * abs(middle)
        powers = (piece.powers[0], piece.powers[1])
        return Summand((middle, error * (1 + 2.0**-40)), powers, tuple(placed(b) for b in piece.moving))

    parts = [structure.pieces] if structure.below is None else [structure.pieces, structure.below]
    sums = Sums(
        (structure.moving[0], structure.moving[1]), tuple(tuple(summand(p) for p in part) for part in parts)
    )
    for axis, ends, powers in zip(axes, edges, zip(*(p.powers for part in parts for p in part), strict=True), strict=True):
        if min(powers) < 0 and ends[0] <= 0 <= ends[-1]:
            raise UsageError(
                f"The observable is infinite where {axis.name} is 0; choose a range without 0."
            )
    reason = " or ".join(reasons)
    if sums.outside(*((e[:1], e[-1:]) for e in edges), entirely=True)[0]:
        raise UnsupportedError(
            f"{reason or 'A threshold is not passed'} anywhere in the plane: the lepton could decay into the "
            "loop; raise one of the masses."
        )
    return Plane(edges, sums, Patches(sums, edges), reason)


def _refuse(bound: Bound, axes: Sequence[Axis]) -> None:
    """Refuse masses that are, or may be, negative."""
    for axis in axes:
        if axis.name in bound.masses and axis.low < 0:
            raise UsageError(
                f"The range of {axis.name} begins at {decimal_text(axis.low, 6)}: "
                + (
                    "a mass cannot be negative."
                    if axis.name in bound.term.masses.names
                    else f"{' and '.join(bound.follows)} would be negative."
                )
            )
    for symbol, value in bound.follows.items():
        numbers = [c for side in (value.numerator, value.denominator) for _, c in side]
        if any(re < 0 for re, _ in numbers):
            raise UnsupportedError(
                f"{symbol} = {value} is a difference of what moves, which a map does not enclose; vary another "
                "parameter."
            )


def _reach(bound: Bound, axes: Sequence[Axis]) -> float:
    """Return about the largest of the squared slots and their inverses over a plane."""
    values = [Fraction(1)]
    ends = {axis.name: (axis.low or axis.high / 10**6, axis.high) for axis in axes}
    corners = [{}]
    for name in bound.masses:
        corners = [{**c, name: end} for c in corners for end in ends[name]]
    for corner in corners:
        for mass, _ in bound.slots.values():
            value = Fraction(mass.fold(corner.__getitem__, lambda re, _: re))
            values.append(max(value, 1 / value) if value else Fraction(1))
    values += [max(v, 1 / v) for v in map(abs, bound.fixed.values()) if v]
    return min(float(min(max(values), Fraction(10) ** 100)) ** 2, 1e200)


def _thresholds(bound: Bound) -> list[str]:
    symbols = {slot: symbol for slot, symbol, _ in bound.term.masses.slots}
    return [
        f"{' + '.join(symbols[n] for n in group)} is not above {bound.term.masses.lepton}"
        for group in bound.kernel.integral.thresholds
        if any(n in bound.slots for n in group)
    ]


def decided(found: Plane, levels: Levels, depth: int, undecided: float) -> Leaves:
    """Cut a plane where it is not decided whether the observable lies in a window.

    Parameters: ``levels``, the window; ``depth``, how often the plane is halved; ``undecided``, the fraction that
    may stay so of what is below threshold.
    """
    import numpy as np

    if found.sums.count == 1:
        judge, combine = within(levels), np.eye(1)
    else:
        low, high = (sum(level) / 2 for level in (levels.low, levels.high))
        judge, combine = quotient, np.array([[0.0, 1.0], [1.0, -low], [1.0, -high]])

    def settled(low: Doubles, high: Doubles) -> Flags:
        return judge([*zip(low, high, strict=True)]) != UNDECIDED

    def ranges(level: int, columns: Indices, rows: Indices) -> tuple[list[Range], Flags]:
        x, y = found.cells(level, depth, columns, rows)
        hopeless = found.outside(x, y, entirely=True)
        low, high = (np.full((len(combine), len(columns)), end) for end in (-np.inf, np.inf))
        keep = ~hopeless
        inner = ((a[keep], b[keep]) for a, b in (x, y))
        low[:, keep], high[:, keep] = found.patches.range(
            *inner, combine, settled, PATIENCE if level < depth else math.inf
        )
        return [*zip(low, high, strict=True)], hopeless

    return subdivide_cells(ranges, judge, depth, undecided)
