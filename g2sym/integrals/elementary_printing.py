"""Elementary functions as SymPy expressions: a common factor in front, everything factored."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Any

from g2sym.integrals.elementary import Elementary
from g2sym.integrals.printing import to_expression
from g2sym.integrals.rational import Frac, Poly, constant

if TYPE_CHECKING:
    import sympy

Names = Mapping[str, Any]
"""Slots to SymPy expressions."""
Point = Mapping[str, Fraction]
"""Exact values of slots, at which factors are written so that they are positive."""


class Printer:
    """Writes rational functions in irreducible factors with integer coefficients.

    Parameters: ``names``, each slot as a SymPy expression; ``at``, a point where a function is as written.
    """

    def __init__(self, names: Names, at: Point) -> None:
        self.names, self.at = names, at

    def poly(self, poly: Poly) -> sympy.Expr:
        """Return a polynomial as a product."""
        return self.quotient(Frac.of(poly))

    def quotient(self, value: Frac) -> sympy.Expr:
        """Return a rational function as a quotient of products."""
        import sympy

        unit, out = Fraction(1), sympy.Integer(1)
        for poly, sign in ((value.num, 1), (value.den, -1)):
            number, factors = poly.factor()
            unit *= _fraction(number) ** sign
            for base, power in factors:
                scale = self._scale(base)
                unit *= (1 / scale) ** (sign * power)
                out = out * to_expression(base * constant(scale), self.names) ** (sign * power)
        return sympy.Rational(unit.numerator, unit.denominator) * out

    def _scale(self, base: Poly) -> Fraction:
        """Return what makes coefficients coprime integers, and the polynomial positive."""
        every = [_fraction(value) for _, value in base.terms()]
        below = lcm(*(q.denominator for q in every))
        above = gcd(*(int(q * below) for q in every))
        here = base.fold(self.at.__getitem__, _fraction)
        return Fraction(below, above) * (-1 if here < 0 else 1)


def elementary_expression(function: Elementary, names: Names, at: Point) -> sympy.Expr:
    """Return a function as a SymPy expression: a rational function times a sum of roots and logarithms.

    Parameters: ``names``, each slot as a SymPy expression; ``at``, as for `Printer`. It holds where
    `Elementary.conditions` do.
    """
    import sympy

    if not function.parts:
        return sympy.Integer(0)
    printer = Printer(names, at)
    roots = [sympy.sqrt(printer.poly(one)) for one in function.roots]
    logs = []
    for one in function.logs:
        u, v = printer.poly(one.u), printer.poly(one.v)
        inside = u / v if one.root < 0 else (u + v * roots[one.root]) / (u - v * roots[one.root])
        logs.append(sympy.log(inside))
    common = _common([value for _, value in function.parts])
    if function.parts[0][1].fold(at.__getitem__, _fraction) * common.fold(at.__getitem__, _fraction) < 0:
        common = -common
    every = frozenset.intersection(*(frozenset(places) for (places, _), _ in function.parts))
    below = [p for p in every if divmod(common.den, function.roots[p])[1] == 0]
    pieces = []
    for (places, log), value in function.parts:
        factors = [roots[p] for p in places if p not in below] + ([logs[log]] if log >= 0 else [])
        pieces.append(printer.quotient(value / common) * sympy.Mul(*factors))
    for place in below:  # sqrt(P)/P is 1/sqrt(P)
        common = common * Frac.of(function.roots[place])
    front = sympy.Mul(*(1 / roots[p] for p in below))
    return printer.quotient(common) * front * sympy.Add(*pieces)


def _common(values: list[Frac]) -> Frac:
    """Return what rational functions have in common: coprime integer polynomials are left of them."""
    top, bottom = values[0].num, values[0].den
    for value in values[1:]:
        top = top.gcd(value.num)
        bottom = bottom * (value.den / bottom.gcd(value.den))
    found = Frac.of(top, bottom)
    left = [_fraction(q) for value in values for _, q in (value / found).num.terms()]
    below = lcm(*(q.denominator for q in left))
    above = gcd(*(int(q * below) for q in left))
    return Frac.of(found.num * constant(Fraction(above, below)), found.den)


def _fraction(value: Any) -> Fraction:
    return Fraction(value) if isinstance(value, int | Fraction) else Fraction(int(value.p), int(value.q))
