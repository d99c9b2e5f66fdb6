"""Truncated Laurent series in one local parameter t, with exact coefficients, by recurrences."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.integrals.rational import Frac, Poly, by_powers, zero

Local = Mapping[int, Frac]
"""A Laurent polynomial in t: exponent to coefficient, no zeros."""


def local_poly(poly: Poly, path: Mapping[str, Local]) -> dict[int, Frac]:
    """Put Laurent polynomials in t for some masses into a ring element."""
    parts: list[tuple[dict[int, Frac], Poly]] = [({0: Frac.of(1)}, poly)]
    for name, replacement in path.items():
        after = []
        for factor, rest in parts:
            powers = {0: {0: Frac.of(1)}}
            for power, coefficient in sorted(by_powers(rest, name).items()):
                for n in range(max(powers) + 1, power + 1):
                    powers[n] = multiply(powers[n - 1], replacement)
                after.append((multiply(factor, powers[power]), coefficient))
        parts = after
    total: dict[int, Frac] = {}
    for factor, rest in parts:
        for e, c in factor.items():
            total[e] = total.get(e, zero()) + c * Frac.of(rest)
    return {e: c for e, c in sorted(total.items()) if not c.is_zero}


def multiply(a: Local, b: Local) -> dict[int, Frac]:
    """Multiply two Laurent polynomials."""
    out: dict[int, Frac] = {}
    for i, x in a.items():
        for j, y in b.items():
            out[i + j] = out.get(i + j, zero()) + x * y
    return {e: c for e, c in out.items() if not c.is_zero}


def combine(a: Local, b: Local, factor: int = 1) -> dict[int, Frac]:
    """Return a + factor * b."""
    out = dict(a)
    for e, c in b.items():
        out[e] = out.get(e, zero()) + c * Frac.of(factor)
    return {e: c for e, c in out.items() if not c.is_zero}


def derivative(a: Local) -> dict[int, Frac]:
    """Return d/dt."""
    return {e - 1: c * Frac.of(e) for e, c in a.items() if e}


def monic(a: Local) -> tuple[int, Frac, dict[int, Frac]]:
    """Write a non-zero Laurent polynomial as lead * t^k * (1 + ...); returns k, lead and 1 + ..."""
    k = min(a)
    lead = a[k]
    return k, lead, {e - k: c / lead for e, c in a.items()}


@dataclass(frozen=True)
class Series:
    """sum_n coefficients[n] t^(start + n), known up to but excluding t^(start + len) unless exact."""

    start: int
    coefficients: tuple[Frac, ...]
    exact: bool = False

    @property
    def end(self) -> int | None:
        """The first exponent that is not known, None for an exact Laurent polynomial."""
        return None if self.exact else self.start + len(self.coefficients)

    def items(self) -> list[tuple[int, Frac]]:
        """The known non-zero terms."""
        return [(self.start + n, c) for n, c in enumerate(self.coefficients) if not c.is_zero]


class SeriesAlgebra:
    """Series arithmetic to a number of terms; remembers the polynomials it divided by.

    The same construction, run in another algebra, yields bounds instead of coefficients.
    """

    def __init__(self, terms: int) -> None:
        self.terms = terms
        self.singular: list[dict[int, Frac]] = []

    def poly(self, a: Local) -> Series:
        """Return a Laurent polynomial as an exact series."""
        if not a:
            return Series(0, (), True)
        low, high = min(a), max(a)
        return Series(low, tuple(a.get(e, zero()) for e in range(low, high + 1)), True)

    def add(self, a: Series, b: Series) -> Series:
        """Return the sum, known as far as both are."""
        if a.exact and not a.coefficients:
            return b
        if b.exact and not b.coefficients:
            return a
        ends = [s.end for s in (a, b) if s.end is not None]
        low = min(a.start, b.start)
        high = min(ends) if ends else max(a.start + len(a.coefficients), b.start + len(b.coefficients))

        def at(s: Series, e: int) -> Frac:
            n = e - s.start
            return s.coefficients[n] if 0 <= n < len(s.coefficients) else zero()

        return Series(low, tuple(at(a, e) + at(b, e) for e in range(low, high)), not ends)

    def mul(self, a: Series, b: Series) -> Series:
        """Return the product, known as far as the factors allow."""
        if (a.exact and not a.coefficients) or (b.exact and not b.coefficients):
            return Series(0, (), True)
        if a.exact and b.exact:
            size = len(a.coefficients) + len(b.coefficients) - 1
        else:
            size = min(len(s.coefficients) for s in (a, b) if not s.exact)
        out = [zero()] * size
        for i, x in enumerate(a.coefficients[:size]):
            if not x.is_zero:
                for j, y in enumerate(b.coefficients[: size - i]):
                    if not y.is_zero:
                        out[i + j] = out[i + j] + x * y
        return Series(a.start + b.start, tuple(out), a.exact and b.exact)

    def power(self, one_plus: Local, exponent: Fraction) -> Series:
        """Return (1 + ...)^exponent from p f' = exponent p' f."""
        if len(one_plus) == 1:
            return Series(0, (Frac.of(1),), True)
        self.singular.append(dict(one_plus))
        out = [Frac.of(1)]
        for n in range(1, self.terms):
            total = zero()
            for j, c in one_plus.items():
                if 0 < j <= n and not out[n - j].is_zero:
                    weight = exponent * j - (n - j)
                    total = total + c * out[n - j] * _fraction(weight / n)
            out.append(total)
        return Series(0, tuple(out))

    def log(self, one_plus: Local) -> Series:
        """Return ln(1 + ...) from p f' = p'."""
        if len(one_plus) == 1:
            return Series(0, (), True)
        self.singular.append(dict(one_plus))
        out = [zero()]
        for n in range(1, self.terms):
            total = one_plus.get(n, zero())
            for j, c in one_plus.items():
                if 0 < j < n:
                    total = total - c * out[n - j] * _fraction(Fraction(n - j, n))
            out.append(total)
        return Series(0, tuple(out))

    def integrate(self, a: Series, offset: Fraction) -> tuple[Series, Frac]:
        """Return s and the residue r with d/dt [t^(offset+1) s + r ln t] = t^offset a, no constant."""
        out, residue = [], zero()
        for n, c in enumerate(a.coefficients):
            exponent = a.start + n + offset + 1
            if exponent == 0:
                residue = c
                out.append(zero())
            else:
                out.append(c * _fraction(1 / Fraction(exponent)))
        return Series(a.start, tuple(out), a.exact), residue


def _fraction(value: Fraction) -> Frac:
    from g2sym.integrals.rational import constant

    return Frac.of(constant(value))
