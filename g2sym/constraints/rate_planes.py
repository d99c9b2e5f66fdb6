"""Planes of widths and cross-sections of which both parameters stand in kernels: masses, energies, angles.

All kernels of an observable together are one function of the two parameters, those of a quotient two; on each
cell of a quadtree `g2sym.kernels.elementary_planes` encloses them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.constraints.planes import Axis
from g2sym.constraints.quadtree import STOP, UNDECIDED, Judge, Leaves, quotient, subdivide_cells
from g2sym.constraints.rate_lines import is_elementary
from g2sym.errors import UnsupportedError, UsageError
from g2sym.inputs import Window
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.rational import Poly, constant, gen
from g2sym.kernels.elementary_boxes import NAMES, Ends
from g2sym.kernels.elementary_line import BITS, CLOSED, OPEN
from g2sym.kernels.elementary_planes import BoxSums, Factor, Product
from g2sym.observables.quantity import no_value
from g2sym.queries.pieces import Bound, Piece, Structure

if TYPE_CHECKING:
    import numpy as np
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Record

    Indices = NDArray[np.uint32]


def is_rate_plane(structure: Structure) -> bool:
    """True when a kernel of a width or cross-section moves in the plane."""
    pieces = (*structure.pieces, *(structure.below or ()))
    return any(is_elementary(bound) for piece in pieces for bound in piece.moving)


@dataclass(frozen=True, eq=False)
class RatePlane:
    """An observable over the cells of a plane; made by `rate_plane`.

    Parameters: ``edges`` of the smallest cells; ``sums``, the observable, or denominator, numerator minus
    lower and numerator minus upper end times it; ``judge`` of their ranges; ``nowhere``, what is said where
    the denominator is zero.
    """

    edges: tuple[Doubles, Doubles]
    sums: BoxSums
    judge: Judge
    nowhere: str

    def _ends(self, level: int, depth: int, column: int, row: int) -> Ends:
        step = 1 << (depth - level)
        x, y = (
            (float(edges[place * step]), float(edges[(place + 1) * step]))
            for edges, place in zip(self.edges, (column, row), strict=True)
        )
        return x, y

    def decided(self, depth: int, undecided: float) -> Leaves:
        """Cut the plane where it is not decided whether the observable lies in the window.

        Parameters: ``depth``, how often the plane is halved; ``undecided``, the fraction that may stay so,
        apart from what has no value.
        """
        import numpy as np

        def states(level: int, columns: Indices, rows: Indices) -> NDArray[np.uint8]:
            low = np.full((self.sums.count, len(columns)), -np.inf)
            high = -low
            stop = np.zeros(len(columns), bool)
            with working_precision(BITS):
                for k, (column, row) in enumerate(zip(columns.tolist(), rows.tolist(), strict=True)):
                    box = self.sums.box(self._ends(level, depth, column, row))
                    found = self.sums.ranges(box)
                    if found is None:
                        stop[k] = self.sums.refusal(box)[1]
                        continue
                    if self.nowhere and (closed := self.sums.closed(0, box)) != OPEN:
                        stop[k] = closed == CLOSED
                        continue
                    for n, value in enumerate(found):
                        low[n, k], high[n, k] = _doubles(value)
                self.sums.forget()
            out = self.judge([*zip(low, high, strict=True)])
            out[stop] = STOP
            return out

        return subdivide_cells(states, depth, undecided)

    def reasons(self, leaves: Leaves, depth: int) -> list[Record]:
        """Return why leaves have no value, or may have none: JSON-ready, with areas."""
        import numpy as np

        found: dict[str, Fraction] = {}
        left = np.flatnonzero(leaves.state == UNDECIDED).tolist()
        with working_precision(BITS):
            for k in left:
                level = int(leaves.level[k])
                box = self.sums.box(self._ends(level, depth, int(leaves.column[k]), int(leaves.row[k])))
                sentence = self.sums.refusal(box)[0]
                if not sentence and self.nowhere and self.sums.closed(0, box) != OPEN:
                    sentence = self.nowhere
                if sentence:
                    found[sentence] = found.get(sentence, Fraction(0)) + Fraction(1, 4**level)
            self.sums.forget()
        return [{"reason": sentence, "area": float(area)} for sentence, area in found.items()]


def rate_plane(
    structure: Structure, axes: Sequence[Axis], edges: tuple[Doubles, Doubles], window: Window, judge: Judge
) -> RatePlane:
    """Prepare a plane.

    Parameters: ``structure``, with two moving parameters; ``axes``; ``edges`` of the smallest cells;
    ``window``; ``judge``, which decides whether a function lies in it.
    Raises UsageError for masses that may be negative, and for an axis that reaches a zero at which a piece is
    infinite; UnsupportedError for products with kernels of loops in which something moves, and for masses
    that are no polynomials in what moves.
    """
    parts = [structure.pieces] if structure.below is None else [structure.pieces, structure.below]
    every = [piece for part in parts for piece in part]
    for k, axis in enumerate(axes):
        stands = any(axis.name in bound.masses for piece in every for bound in piece.moving)
        if stands and axis.low < 0 and axis.name != "cos":
            raise UsageError(
                f"The range of {axis.name} begins at {float(axis.low):g}: it cannot be negative."
            )
        if any(piece.powers[k] < 0 for piece in every) and axis.low <= 0 <= axis.high:
            raise UsageError(f"The observable is infinite where {axis.name} is 0; choose a range without 0.")
    names = {structure.moving[0]: gen(NAMES[0]), structure.moving[1]: gen(NAMES[1])}
    known: dict[tuple[object, ...], Factor] = {}

    def factor(bound: Bound) -> Factor:
        if bound.key not in known:
            known[bound.key] = _factor(bound, names)
        return known[bound.key]

    def product(piece: Piece, weight: arb) -> Product:
        powers = piece.powers[0], piece.powers[1]
        return Product(structure.constant(piece, BITS) * weight, powers, tuple(map(factor, piece.moving)))

    with working_precision(BITS):
        above = [product(piece, number(1)) for piece in structure.pieces]
        if structure.below is None:
            return RatePlane(edges, BoxSums([above]), judge, "")
        sums = [[product(piece, number(1)) for piece in structure.below]]
        for level in (window.low, window.high):
            weight = -level(BITS)
            sums.append([*above, *(product(piece, weight) for piece in structure.below)])
        labels = " or ".join(dict.fromkeys(f.label for f, _ in structure.quantity.below))
        return RatePlane(edges, BoxSums(sums), quotient, str(no_value(labels, structure.quantity.text)))


def _factor(bound: Bound, names: dict[str, Poly]) -> Factor:
    """Return a kernel as a function of the two parameters."""
    function = bound.term.integral
    if not isinstance(function, Elementary):
        raise UnsupportedError(
            f"{' and '.join(bound.masses)}: a product of a rate and a kernel of a loop is not enclosed over "
            "a plane of two masses; take a coupling as the other axis, or evaluate arrays."
        )
    put = {slot: constant(value) for slot, value in bound.fixed.items()}
    for slot, (mass, power) in bound.slots.items():
        if len(mass.denominator) > 1 or any(m for m, _ in mass.denominator):
            raise UnsupportedError(
                f"{' and '.join(bound.masses)}: {mass} stands in a rate, no polynomial in what moves; "
                "vary another parameter."
            )
        value = mass.fold(names.__getitem__, lambda re, _: constant(re))
        put[slot] = value**power
    symbols = {slot: symbol for slot, symbol, _ in bound.term.masses.slots}
    return Factor(function.substitute({s.name: put[s.name] for s in function.slots}), symbols)


def _doubles(value: arb) -> tuple[float, float]:
    """Return doubles below and above a ball; infinite where it is not finite."""
    if not value.is_finite():
        return -math.inf, math.inf
    low, high = float(value.lower()), float(value.upper())
    if value.is_zero():
        return 0.0, 0.0
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
