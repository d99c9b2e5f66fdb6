"""Integrals as SymPy expressions, grouped the way a paper prints them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from g2sym.integrals.rational import NAMES, Frac, Poly, fold, ring

if TYPE_CHECKING:
    import sympy

    from g2sym.integrals.canonical import ClosedForm

_MASSES = ("rho", "nu", "zeta", "lam")


def to_expression(poly: Poly, values: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """Return a polynomial with its generators replaced by SymPy expressions."""
    import sympy

    return sympy.sympify(fold(poly, lambda n: values.get(n, sympy.Symbol(n)), _number))


def _number(value: Any) -> sympy.Expr:
    import sympy

    if isinstance(value, int):
        return sympy.Integer(value)
    return sympy.Rational(int(value.p), int(value.q))


def grouped(
    poly: Poly, masses: Mapping[str, sympy.Expr], unit: sympy.Expr, divisor: Poly | None = None
) -> sympy.Expr:
    """Return unit^2 * poly / divisor as a sum over mass monomials, each factored in x and y.

    Parameters: ``masses``, values of rho, nu and zeta; ``divisor``, a monomial in the masses.
    """
    import sympy

    places = [NAMES.index(n) for n in _MASSES]
    below = next(iter(divisor.to_dict())) if divisor is not None else (0,) * len(NAMES)
    scale = next(iter(divisor.to_dict().values())) if divisor is not None else 1
    parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = {}
    for powers, value in poly.to_dict().items():
        key = tuple(powers[i] - below[i] for i in places)
        rest = tuple(0 if i in places else p for i, p in enumerate(powers))
        parts.setdefault(key, {})[rest] = value / scale
    total = sympy.Integer(0)
    for key, terms in sorted(parts.items()):
        body = sympy.factor(to_expression(ring().from_dict(terms), {}))
        factor = sympy.Integer(1)
        for name, power in zip(_MASSES, key, strict=True):
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
