"""Coefficients in lowest terms and in irreducible factors, by way of exact polynomials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.base.factors import rational, split

if TYPE_CHECKING:
    from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx

Terms = Iterable[tuple[Monomial, Gauss]]


def _context(value: Coefficient) -> tuple[fmpq_mpoly_ctx, list[str]]:
    from flint import Ordering, fmpq_mpoly_ctx

    names = sorted({n for side in (value.numerator, value.denominator) for m, _ in side for n, _ in m})
    return fmpq_mpoly_ctx.get(tuple(f"x{i}" for i in range(max(len(names), 1))), Ordering.lex), names


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
    context, names = _context(value)
    top, bottom = _poly(value.numerator, context, names), _poly(value.denominator, context, names)
    common = top.gcd(bottom)
    return _back(top / common, names) / _back(bottom / common, names)


def factor(value: Coefficient) -> tuple[Fraction, list[tuple[Coefficient, int]]]:
    """Split a real coefficient into a rational number and powers of irreducible polynomials.

    The polynomials have coprime integer coefficients and a positive leading one.
    """
    context, names = _context(value)
    top, bottom = _poly(value.numerator, context, names), _poly(value.denominator, context, names)
    unit, parts = split(top, bottom, lambda poly, number: poly / _number(number))
    return unit, [(_back(base, names), power) for base, power in parts]
