"""Kernels of a width or cross-section that are enclosed together along one axis of a plane.

Those of one process cancel in part, by powers of a lepton's mass over the energy: added up one by one over
cells they would leave much more than the sum varies.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.integrals.elementary import Elementary
from g2sym.kernels.elementary_line import BITS, ElementaryLine
from g2sym.kernels.elementary_sums import LineSum
from g2sym.queries.pieces import Bound, Piece, Structure

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles, Flags, Record


@dataclass(frozen=True)
class Together(Bound):
    """The sum of several kernels of the same moving parameter with constant weights.

    Parameters: as for `Bound`, of the first; ``several``, pairs of a weight and a kernel.
    """

    several: tuple[tuple[arb, Bound], ...] = ()

    @property
    def key(self) -> tuple[object, ...]:
        """What tells two of them apart."""
        return ("together", *((str(weight), bound.key) for weight, bound in self.several))


def is_elementary(bound: Bound) -> bool:
    """True for a kernel of a width or cross-section."""
    return isinstance(bound.term.integral, Elementary)


def line_of(bound: Bound) -> LineSum:
    """Return a kernel, or several together, along the one slot that moves."""
    parts = bound.several if isinstance(bound, Together) else ((number(1), bound),)
    lines: list[tuple[arb, ElementaryLine]] = []
    for weight, one in parts:
        slot, _ = one.moving_slot()
        names = {own: symbol for own, symbol, _ in one.term.masses.slots}
        assert isinstance(one.term.integral, Elementary)
        lines.append((weight, ElementaryLine(one.term.integral, slot, one.fixed, names)))
    return LineSum(lines)


def refused_along(structure: Structure, edges: tuple[Doubles, Doubles]) -> list[Record]:
    """Return why cells have no value: JSON-ready, with the fraction of the plane.

    Parameters: ``edges`` of the smallest cells along each axis. Per sentence, the columns or rows of cells
    in which the condition fails somewhere, or may.
    """
    import numpy as np

    lines: dict[tuple[object, ...], tuple[int, LineSum]] = {}
    for piece in (*structure.pieces, *(structure.below or ())):
        for bound in piece.moving:
            if is_elementary(bound) and bound.is_plain:
                lines[bound.key] = structure.moving.index(bound.masses[0]), line_of(bound)
    found: dict[tuple[str, int], Flags] = {}
    for axis, line in lines.values():
        for sentence, cells in line.refused(edges[axis]).items():
            before = found.get((sentence, axis))
            found[sentence, axis] = cells if before is None else before | cells
    return [{"reason": s, "area": float(np.mean(cells))} for (s, _), cells in found.items() if cells.any()]


def together(structure: Structure, pieces: Sequence[Piece]) -> list[Piece]:
    """Join the pieces of equal powers whose only moving kernel is that of a rate in the same parameter."""
    out: list[Piece] = []
    groups: dict[tuple[object, ...], list[Piece]] = {}
    for piece in pieces:
        moving = piece.moving
        if len(moving) == 1 and is_elementary(moving[0]) and moving[0].is_plain:
            groups.setdefault((piece.powers, moving[0].masses), []).append(piece)
        else:
            out.append(piece)
    for group in groups.values():
        out.append(group[0] if len(group) == 1 else _joined(structure, group))
    return out


def _joined(structure: Structure, group: Sequence[Piece]) -> Piece:
    several = []
    with working_precision(BITS):
        for piece in group:
            weight = structure.constant(piece, BITS) * 16 * number(0).pi() ** 2
            several.append((weight, piece.moving[0]))
    first = several[0][1]
    bound = Together(first.term, first.known, first.masses, False, tuple(several))
    return Piece(group[0].powers, Coefficient.number(1), (bound,))
