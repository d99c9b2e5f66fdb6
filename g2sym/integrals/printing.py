"""Integrals as SymPy expressions, grouped the way a paper prints them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from g2sym.integrals.polynomials import PARAMETERS
from g2sym.integrals.rational import Frac, Poly, from_terms

if TYPE_CHECKING:
    import sympy

    from g2sym.integrals.canonical import ClosedForm


def to_expression(poly: Poly, values: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Return a polynomial with its generators replaced by SymPy expressions."""
    import sympy

    return sympy.sympify(poly.fold(lambda n: values.get(n, sympy.Symbol(n)), _number))


def _number(value: Any) -> sympy.Expr:
    import sympy

    if isinstance(value, int):
        return sympy.Integer(value)
    return sympy.Rational(int(value.p), int(value.q))


def grouped(
    poly: Poly, masses: Mapping[str, sympy.Expr], unit: sympy.Expr, divisor: Poly | None = None
) -> sympy.Expr:
    """Return unit^2 * poly / divisor as a sum over mass monomials, each factored in x and y.

    Parameters: ``masses``, values of the slots; ``divisor``, a monomial in the masses.
    """
    import sympy

    below, scale = next(divisor.terms()) if divisor is not None else ({}, 1)
    slots = [n for n in (poly * divisor if divisor is not None else poly).names if n not in PARAMETERS]
    parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
    for powers, value in poly.terms():
        key = tuple(powers.get(n, 0) - below.get(n, 0) for n in slots)
        rest = tuple(powers.get(n, 0) for n in PARAMETERS)
        parts.setdefault(key, {})[rest] = value / scale
    total = sympy.Integer(0)
    for key, terms in sorted(parts.items()):
        body = sympy.factor(to_expression(from_terms(terms, PARAMETERS), {}))
        factor = sympy.Integer(1)
        for name, power in zip(slots, key, strict=True):
            factor *= masses.get(name, sympy.Symbol(name)) ** power
        total += unit**2 * factor * body
    return total


def frac_expression(value: Frac, masses: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Return a rational function of the masses as a SymPy expression."""
    return to_expression(value.num, masses) / to_expression(value.den, masses)


def closed_expression(form: ClosedForm, masses: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Return a canonical form with T written through arccos and arccosh.

    T(d0, d1) = arccos(c)/sqrt(d0 d1 (1 - c^2)), c = (d0 + d1 - 1)/(2 sqrt(d0 d1)): the branch with
    arccosh holds for c > 1, and at c = 1 the value is 1/sqrt(d0 d1).
    """
    import sympy

    total = frac_expression(form.rational, masses)
    for argument, factor in form.logs:
        total += frac_expression(factor, masses) * sympy.log(to_expression(argument, masses))
    for (d0, d1), factor in form.arcs:
        total += frac_expression(factor, masses) * arc_expression(
            to_expression(d0, masses), to_expression(d1, masses)
        )
    return total


def arc_expression(d0: sympy.Expr, d1: sympy.Expr) -> sympy.Expr:
    """Return T(d0, d1) as a SymPy Piecewise in its two branches with the removable point between."""
    import sympy

    root = sympy.sqrt(sympy.simplify(d0 * d1))
    c = (d0 + d1 - 1) / (2 * root)
    below = sympy.acos(c) / (root * sympy.sqrt(1 - c**2))
    above = sympy.acosh(c) / (root * sympy.sqrt(c**2 - 1))
    return sympy.Piecewise((below, c < 1), (1 / root, sympy.Eq(c, 1)), (above, True))


def functions_expression(functions: Mapping[Any, Frac], masses: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Return a sum of 1, logarithms, T and dilogarithms (see `g2sym.integrals.triangle`).

    Of Delta = e t^2 + b t + d with the discriminant D = b^2 - 4 e d, below threshold

        T = 2 ln((b + 2 d + sqrt D)/(2 sqrt(d (e + b + d))))/sqrt D,    Li = -Li2(z1) - Li2(z2)

    with z = (-b +- sqrt D)/(2 d), complex conjugates where D is negative.
    """
    import sympy

    total = sympy.Integer(0)
    for (kind, *arguments), factor in functions.items():
        own = [frac_expression(a, masses) for a in arguments]
        body = sympy.Integer(1)
        if kind == "ln":
            body = sympy.log(sympy.factor(own[0]))
        elif kind != "1":
            e, b, d = (sympy.factor(one) for one in own)
            root = sympy.sqrt(sympy.factor(b**2 - 4 * e * d))
            if kind == "T":
                body = 2 * sympy.log((b + 2 * d + root) / (2 * sympy.sqrt(d * (e + b + d)))) / root
            elif e == 0:
                body = -sympy.polylog(2, -b / d)
            else:
                body = -sum(sympy.polylog(2, (-b + sign * root) / (2 * d)) for sign in (1, -1))
        total += sympy.factor(frac_expression(factor, masses)) * body
    return total
