"""Sums of elementary functions over the cells of an axis, by their chords.

The kernels of one process cancel in part, so they are added up as polynomials in balls before anything is
rounded.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.errors import UsageError
from g2sym.kernels.elementary_line import BITS, LENGTH, ElementaryLine, padded, series_length
from g2sym.kernels.sampled import UNIT, Sampled
from g2sym.kernels.taylor import Enclosure

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles, Flags

SHARP, COARSE = 2.0**-44, 2.0**-12
"""What a polynomial over several cells, and one over a single cell, may leave out beside its coefficients."""
DEPTH, FINER = 2, 8
"""How often a cell is cut where no polynomial encloses the function well, and into how many parts."""


class LineSum:
    """A sum of elementary functions of one slot with constant weights, enclosed as a whole.

    Parameters: pairs of a weight, a ball of about `BITS` bits, and a function.
    """

    def __init__(self, parts: Sequence[tuple[arb, ElementaryLine]]) -> None:
        self.parts = tuple(parts)

    def refused(self, edges: Doubles) -> dict[str, Flags]:
        """Return the cells in which a condition fails somewhere, or may, by the sentence that says so."""
        import numpy as np

        found: dict[str, Flags] = {}
        ends = [Fraction(float(e)) for e in edges]
        for _, line in self.parts:
            todo = [(0, len(edges) - 1)] if line.conditional else []
            with working_precision(BITS):
                while todo:
                    first, last = todo.pop()
                    sentence = line.refusal(ends[first], ends[last])
                    if sentence and last - first > 1:
                        middle = (first + last) // 2
                        todo += [(middle, last), (first, middle)]
                    elif sentence:
                        found.setdefault(sentence, np.zeros(len(edges) - 1, bool))[first] = True
        return found

    def at(self, value: Fraction, bits: int) -> arb:
        """Return the sum at an exact value of the slot, to ``bits`` bits of its largest part and half more.

        Raises UsageError where it is refused.
        """
        total = number(0)
        for weight, line in self.parts:
            part = line.at(value, 2 * bits)
            with working_precision(BITS):
                total += weight * part
        return total

    def side(self, low: Fraction, high: Fraction) -> int:
        """Return what the functions are between two exact values, see `OPEN`: the least that is known."""
        return max(line.side(low, high) for _, line in self.parts)

    def taylor(self, low: Fraction, high: Fraction) -> Enclosure | None:
        """Enclose the sum by a polynomial; None where that is not possible. Call inside `series_length`."""
        whole: Enclosure | None = None
        for weight, line in self.parts:
            found = line.taylor(low, high)
            if found is None:
                return None
            found = padded(found, LENGTH - 1).scale(weight)
            whole = found if whole is None else whole.plus(found)
        return whole

    def range(self, low: Fraction, high: Fraction) -> arb | None:
        """Enclose the values between two exact values; None where they may be refused or infinite."""
        total = number(0)
        for weight, line in self.parts:
            found = line.range(low, high)
            if found is None:
                return None
            total += weight * found
        whole = self.taylor(low, high)
        if whole is not None and (value := whole.values(low, high)).rad() < total.rad():
            return value
        return total

    # over the cells of an axis ------------------------------------------------------------------------
    def sample(self, edges: Doubles, depth: int = DEPTH) -> Sampled:
        """Enclose the function over the cells between rising doubles.

        Parameters: ``depth``, how often a cell that no polynomial encloses well is cut into `FINER` parts.
        A cell in which it may be refused is unbounded, an edge where it is refused NaN.

        An edge's value is a polynomial at t = (x - c)/r in doubles: t errs by 2 u |t|, which moves the value
        by at most 2 u sum k |C_k|; Horner's rule rounds 2 n times, a coefficient once: with S = sum |C_k|
        and n = 8 at most 33 u S, and 64 u S holds what is of second order and |t| slightly above 1. On a
        cell of width w in t the polynomial strays from its chord by at most w^2/8 max |p''|, and p'' is at
        most its size in the middle and w/2 sum k (k-1) (k-2) |C_k|; f strays from p by the rest, which
        ``_chords`` adds on the cell and at either edge.
        """
        import numpy as np

        count = len(edges) - 1
        values, error = np.full(count + 1, np.nan), np.zeros(count + 1)
        stray, bare = np.full(count, np.inf), []
        todo = [(0, count)]
        with series_length():
            while todo:
                first, last = todo.pop()
                low, high = Fraction(float(edges[first])), Fraction(float(edges[last]))
                found = self.taylor(low, high)
                sharp = found is not None and self._sharp(found, last - first)
                if found is None or not sharp:
                    if last - first > 1:
                        middle = (first + last) // 2
                        todo += [(middle, last), (first, middle)]
                    else:
                        bare.append(first)
                    continue
                here = slice(first, last + 1)
                values[here], error[here], stray[first:last] = _chords(found, edges[here])
        ends = np.maximum(error[:-1], error[1:])
        for cell in bare:
            self._ends(cell, edges, values)
            ends[cell] = 0.0  # the range, or the parts, are compared with the values themselves
        for cell in bare:
            stray[cell] = self._bare(edges[cell : cell + 2], values[cell : cell + 2], depth)
        return Sampled(values, (stray + ends) * (1 + 2.0**-40))

    def _sharp(self, found: Enclosure, cells: int) -> bool:
        r = number(found.radius)
        size = sum((abs(c) * r**k for k, c in enumerate(found.coefficients)), number(0))
        return bool(found.rest <= size * (COARSE if cells == 1 else SHARP))

    def _ends(self, cell: int, edges: Doubles, values: Doubles) -> None:
        """Evaluate the ends of a cell where no polynomial did, to half of the last bit and a little more."""
        import numpy as np

        for end in (cell, cell + 1):
            if np.isnan(values[end]):
                try:
                    values[end] = float(self.at(Fraction(float(edges[end])), 64).mid())
                except UsageError:
                    continue

    def _bare(self, edges: Doubles, values: Doubles, depth: int) -> float:
        """Bound how far the function strays from the chord between two values on one cell.

        By the range of its values: they and the chord lie between the least and the largest of both. Or by
        parts of the cell: their chords stray from the cell's as `Sampled.coarser` says, and that from the
        one between the two values by what these differ at an end.
        """
        import numpy as np

        best = np.inf
        if np.isnan(values).any():
            return best
        with series_length():
            found = self.range(Fraction(float(edges[0])), Fraction(float(edges[1])))
        if found is not None:
            low, high = _doubles_around(found)
            best = max(high - values.min(), values.max() - low) * (1 + 2.0**-40)
        if depth:
            inner = np.linspace(edges[0], edges[1], FINER + 1)
            inner[0], inner[-1] = edges
            if np.all(np.diff(inner) > 0):
                part = self.sample(inner, depth - 1)
                while len(part.stray) > 1:
                    part = part.coarser()
                cut = (part.stray[0] + np.abs(part.values - values).max()) * (1 + 2.0**-40)
                best = min(best, cut) if cut == cut else best
        return float(best)


def _chords(found: Enclosure, edges: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return values at edges, bounds on their errors, and how far the function strays from chords."""
    import numpy as np

    c, r = float(found.centre), float(found.radius) * (1 + 2.0**-50)
    # the polynomial about the double c in units of the double r: exact in balls
    shifted = _moved(found.coefficients, number(Fraction(c) - found.centre))
    scaled = [a * number(Fraction(r)) ** k for k, a in enumerate(shifted)]
    own = np.array([float(a.mid()) for a in scaled])
    size = float(sum((a.abs_upper() for a in scaled), number(0)).upper()) * (1 + 2.0**-50)
    loose = float(sum((a.rad() for a in scaled), found.rest).upper()) * (1 + 2.0**-50)
    t = (edges - c) / r
    values, bend = np.zeros_like(t), np.zeros(len(t) - 1)
    for a in own[::-1]:
        values = values * t + a
    width, middle = np.diff(t) * (1 + 2.0**-48) + 2 * UNIT, (t[1:] + t[:-1]) / 2
    third = 0.0
    for k in range(len(own) - 1, 1, -1):
        bend = bend * middle + k * (k - 1) * own[k]
        third += k * (k - 1) * (k - 2) * abs(own[k])
    # p'' in the middle rounds like a value, with coefficients of at most 56 S
    curve = np.abs(bend) + width / 2 * third + 64 * 56 * UNIT * size
    error = np.full(len(t), 64 * UNIT * size + loose)
    return values, error, (curve * width**2 / 8 + loose) * (1 + 2.0**-40)


def _moved(coefficients: Sequence[arb], shift: arb) -> list[arb]:
    moved = list(coefficients)
    for n in range(len(moved)):
        for k in range(len(moved) - 2, n - 1, -1):
            moved[k] = moved[k] + shift * moved[k + 1]
    return moved


def _doubles_around(value: arb) -> tuple[float, float]:
    """Return doubles below and above a ball."""
    import math

    low, high = float(value.lower()), float(value.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
