"""Coefficients in lowest terms and in irreducible factors, by way of exact polynomials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.base.factors import content, rational, split
from g2sym.base.terms import is_root

if TYPE_CHECKING:
    from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Terms = Iterable[tuple[Monomial, Gauss]]
Parts = Mapping[Monomial, Coefficient]
"""A polynomial in further symbols, by monomials in these."""


def _names(values: Iterable[Coefficient]) -> set[str]:
    return {n for c in values for side in (c.numerator, c.denominator) for m, _ in side for n, _ in m}


def _context(names: list[str]) -> fmpq_mpoly_ctx:
    from flint import Ordering, fmpq_mpoly_ctx

    return fmpq_mpoly_ctx.get(tuple(f"x{i}" for i in range(max(len(names), 1))), Ordering.lex)


def _both(value: Coefficient) -> tuple[fmpq_mpoly, fmpq_mpoly, list[str]]:
    names = sorted(_names([value]))
    context = _context(names)
    return _poly(value.numerator, context, names), _poly(value.denominator, context, names), names


def _number(value: Fraction) -> fmpq:
    from flint import fmpq

    return fmpq(value.numerator, value.denominator)


def _poly(terms: Terms, context: fmpq_mpoly_ctx, names: list[str]) -> fmpq_mpoly:
    out: dict[tuple[int, ...], fmpq] = {}
    for monomial, (re, im) in terms:
        if im:
            raise ArithmeticError("a complex coefficient is not factored")
        powers = dict(monomial)
        out[tuple(powers.get(n, 0) for n in names) or (0,)] = _number(re)
    return context.from_dict(out)


def _back(poly: fmpq_mpoly, names: list[str]) -> Coefficient:
    terms: dict[Monomial, Gauss] = {}
    for powers, value in poly.to_dict().items():
        monomial = tuple((n, int(p)) for n, p in zip(names, powers, strict=False) if p)
        terms[monomial] = (rational(value), Fraction(0))
    return from_terms(terms)


def from_terms(terms: Mapping[Monomial, Gauss]) -> Coefficient:
    """Return the polynomial with these terms; monomials sorted by name, no zeros."""
    return Coefficient(tuple(sorted(terms.items())), Coefficient.number(1).denominator)


def reduce(value: Coefficient) -> Coefficient:
    """Return a real coefficient in lowest terms.

    >>> x = Coefficient.symbol("x")
    >>> print(reduce((x * x - 1) / (x + 1)))
    -1 + x
    """
    if len(value.denominator) < 2 or value.is_zero:
        return value
    top, bottom, names = _both(value)
    common = top.gcd(bottom)
    return _back(top / common, names) / _back(bottom / common, names)


def factor(value: Coefficient) -> tuple[Fraction, list[tuple[Coefficient, int]]]:
    """Split a real coefficient into a rational number and powers of irreducible polynomials.

    The polynomials have coprime integer coefficients and a positive leading one. Raises ArithmeticError
    for a complex coefficient, as `reduce` does.

    >>> x = Coefficient.symbol("x")
    >>> unit, parts = factor((x * x - 1) / 2)
    >>> print(unit, sorted(str(base) for base, _ in parts))
    1/2 ['-1 + x', '1 + x']
    """
    top, bottom, names = _both(value)
    unit, parts = split(top, bottom, lambda poly, number: poly / _number(number))
    return unit, [(_back(base, names), power) for base, power in parts]


def lowest(top: Parts, bottom: Parts) -> tuple[dict[Monomial, Coefficient], dict[Monomial, Coefficient]]:
    """Cancel what two polynomials with coefficients have in common.

    Parameters: ``top``, ``bottom``, not zero, in symbols that their real coefficients do not hold. Returns
    them with polynomial coefficients, those of the second coprime integers.

    >>> x, f = Coefficient.symbol("x"), (("#f", 1),)
    >>> top, bottom = lowest({f: x * 3, (): x * 6}, {f: x / 2, (): x})
    >>> print(*top.values(), *bottom.values())
    6 1
    """
    further = {n for side in (top, bottom) for m in side for n, _ in m}
    names = sorted(further | _names([*top.values(), *bottom.values()]))
    (a, under_a), (b, under_b) = _over_one(top, names), _over_one(bottom, names)
    a, b = _coprime(a, b)
    under_a, under_b = _coprime(under_a, under_b)
    a, under_a = _coprime(a, under_a)
    b, under_b = _coprime(b, under_b)
    above, below = a * under_b, b * under_a
    scale = _number(content(below.to_dict().values()))
    return _parts(above / scale, names, further), _parts(below / scale, names, further)


def _over_one(parts: Parts, names: list[str]) -> tuple[fmpq_mpoly, fmpq_mpoly]:
    """Return one polynomial over one common denominator."""
    context = _context(names)
    sides = [
        (_poly([(m, (Fraction(1), Fraction(0)))], context, names), c.numerator, c.denominator)
        for m, c in parts.items()
    ]
    rows = [(m * _poly(top, context, names), _poly(under, context, names)) for m, top, under in sides]
    shared = context.constant(1)
    for _, under in rows:
        shared = shared * (under / shared.gcd(under))
    total = context.constant(0)
    for top, under in rows:
        total = total + top * (shared / under)
    return total, shared


def _coprime(a: fmpq_mpoly, b: fmpq_mpoly) -> tuple[fmpq_mpoly, fmpq_mpoly]:
    common = a.gcd(b)
    return a / common, b / common


def _parts(poly: fmpq_mpoly, names: list[str], further: set[str]) -> dict[Monomial, Coefficient]:
    """Split a polynomial by its monomials in the further symbols."""
    found: dict[Monomial, dict[Monomial, Gauss]] = {}
    for powers, value in poly.to_dict().items():
        monomial = [(n, int(p)) for n, p in zip(names, powers, strict=False) if p]
        outer = tuple(pair for pair in monomial if pair[0] in further)
        inner = tuple(pair for pair in monomial if pair[0] not in further)
        found.setdefault(outer, {})[inner] = (rational(value), Fraction(0))
    out = {}
    for outer, terms in found.items():
        c = from_terms(terms)
        if any(is_root(n) and p > 1 for m in terms for n, p in m):
            c = c.subs({})  # the squares of roots are formed anew
        out[outer] = c
    return out
