"""A closed form over two slots, cut into lines along one of them without exact arithmetic on every line.

A `g2sym.kernels.slices.Slice` is exact in the slots that rest; where many lines are wanted, each with a few
points, most of the time goes into its coefficients. Here they are polynomials in the other slot, and balls on
a line.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, Poly, constant
from g2sym.kernels.slices import arc

if TYPE_CHECKING:
    from flint import arb

Nested = list[tuple[Any, Any]]
"""Coefficients by power of the axis: polynomials in the other slot, as an integer one and a denominator."""


class Sheet:
    """A closed form over two slots.

    Parameters: ``form``; ``axis``, along which lines run; ``other``, the slot that rests on each; ``fixed``,
    exact values of what is left.
    """

    def __init__(self, form: ClosedForm, axis: str, other: str, fixed: Mapping[str, Fraction]) -> None:
        whole = form.substitute({n: constant(v) for n, v in fixed.items()})
        self.axis, self.other = axis, other
        self._known: dict[str, int] = {}
        self._polys: list[Nested] = []
        self._plain = self._quotient(whole.rational)
        self._logs = [(self._number(a), self._quotient(f)) for a, f in whole.logs]
        self._arcs = [((self._number(a), self._number(b)), self._quotient(f)) for (a, b), f in whole.arcs]

    def _quotient(self, value: Frac) -> tuple[int, int]:
        return self._number(value.num), self._number(value.den)

    def _number(self, poly: Poly) -> int:
        """Return the place of a polynomial, each of which is kept once."""
        name = str(poly)
        if name not in self._known:
            self._known[name] = len(self._polys)
            self._polys.append(self._nested(poly))
        return self._known[name]

    def _nested(self, poly: Poly) -> Nested:
        from flint import fmpq, fmpq_poly

        found: dict[int, dict[int, Any]] = {}
        for powers, factor in poly.terms():
            row = found.setdefault(powers.get(self.axis, 0), {})
            row[powers.get(self.other, 0)] = factor
        out: Nested = []
        for n in range(max(found, default=0) + 1):
            row = found.get(n, {})
            one = fmpq_poly([row.get(k, fmpq(0)) for k in range(max(row, default=0) + 1)])
            out.append((one.numer(), one.denom()))
        return out

    def line(self, value: Fraction) -> Line:
        """Return the form along the axis at an exact value of the other slot (at the precision in force)."""
        from flint import arb_poly

        v = number(value)
        return Line(self, [arb_poly([top(v) / bottom for top, bottom in poly]) for poly in self._polys])


class Line:
    """A closed form along one slot, its coefficients balls; made by `Sheet.line`."""

    def __init__(self, sheet: Sheet, polys: list[Any]) -> None:
        self._sheet, self._polys = sheet, polys

    def at(self, t: arb) -> arb:
        """Return the value for a real ball."""
        sheet, values = self._sheet, [poly(t) for poly in self._polys]
        top, bottom = sheet._plain
        total: arb = values[top] / values[bottom]
        for argument, (top, bottom) in sheet._logs:
            total += values[top] / values[bottom] * values[argument].log()
        for (d0, d1), (top, bottom) in sheet._arcs:
            total += values[top] / values[bottom] * arc(values[d0], values[d1])
        return total
