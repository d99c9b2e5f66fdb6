"""Coefficients in lowest terms and in irreducible factors, by way of exact polynomials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from g2sym.base.coefficients import Coefficient, Gauss, Monomial

Terms = Iterable[tuple[Monomial, Gauss]]


def _context(value: Coefficient) -> tuple[Any, list[str]]:
    from flint import Ordering, fmpq_mpoly_ctx

    names = sorted({n for side in (value.numerator, value.denominator) for m, _ in side for n, _ in m})
    return fmpq_mpoly_ctx.get(tuple(f"x{i}" for i in range(max(len(names), 1))), Ordering.lex), names


def _poly(terms: Terms, context: Any, names: list[str]) -> Any:
    from flint import fmpq

    out: dict[tuple[int, ...], Any] = {}
    for monomial, (re, im) in terms:
        if im:
            raise ArithmeticError("a complex coefficient is not factored")
        powers = dict(monomial)
        key = tuple(powers.get(n, 0) for n in names) or (0,)
        out[key] = fmpq(re.numerator, re.denominator)
    return context.from_dict(out)


def _back(poly: Any, names: list[str]) -> Coefficient:
    terms: dict[Monomial, Gauss] = {}
    for powers, value in poly.to_dict().items():
        monomial = tuple((n, int(p)) for n, p in zip(names, powers, strict=False) if p)
        terms[monomial] = (Fraction(int(value.p), int(value.q)), Fraction(0))
    return from_terms(terms)


def from_terms(terms: Mapping[Monomial, Gauss]) -> Coefficient:
    """Return the polynomial with these terms; monomials sorted by name, no zeros."""
    return Coefficient(tuple(sorted(terms.items())), Coefficient.number(1).denominator)


def reduce(value: Coefficient) -> Coefficient:
    """Return a real coefficient in lowest terms."""
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
    from math import gcd, lcm

    context, names = _context(value)
    unit = Fraction(1)
    out: list[tuple[Coefficient, int]] = []
    for side, flip in ((value.numerator, 1), (value.denominator, -1)):
        content, parts = _poly(side, context, names).factor()
        unit *= Fraction(int(content.p), int(content.q)) ** flip
        for base, power in parts:
            values = list(base.to_dict().values())
            below = lcm(*(int(v.q) for v in values))
            above = gcd(*(int(v.p) * (below // int(v.q)) for v in values))
            scale = Fraction(above, below) * (-1 if base.leading_coefficient() < 0 else 1)
            unit *= scale ** (flip * int(power))
            out.append((_back(base, names) / Coefficient.number(scale), flip * int(power)))
    return unit, out
