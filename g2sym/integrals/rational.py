"""Exact rational functions of the masses: the coefficients of every closed form.

One polynomial ring serves all integrals: x and y are Feynman parameters, rho, nu and zeta are masses
in units of the external lepton's (rho = M^2/m^2, nu = m_F/m, zeta = m_Z^2/m^2), lam = Lambda^2/m^2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from g2sym.errors import G2symError

Poly = Any  # flint.fmpq_mpoly, which ships no types

NAMES = ("x", "y", "rho", "nu", "zeta", "lam")


@cache
def ring() -> Any:
    """Return the polynomial context shared by all integrals."""
    from flint import Ordering, fmpq_mpoly_ctx

    return fmpq_mpoly_ctx.get(NAMES, Ordering.lex)


def gen(name: str) -> Poly:
    """Return a generator of the ring."""
    return ring().gens()[NAMES.index(name)]


def constant(value: int | Fraction) -> Poly:
    """Return a number as an element of the ring."""
    from flint import fmpq

    value = Fraction(value)
    return ring().constant(fmpq(value.numerator, value.denominator))


def from_terms(terms: Mapping[tuple[int, ...], Any], names: tuple[str, ...]) -> Poly:
    """Build a ring element from exponents in another order of (some of) the same generators."""
    places = [NAMES.index(n) for n in names]
    out: dict[tuple[int, ...], Any] = {}
    for powers, value in terms.items():
        key = [0] * len(NAMES)
        for place, power in zip(places, powers, strict=True):
            key[place] = power
        out[tuple(key)] = value
    return ring().from_dict(out)


def substitute(poly: Poly, values: Mapping[str, Poly]) -> Poly:
    """Replace generators by ring elements, all at once."""
    if not values:
        return poly
    return poly.compose(*(values.get(n, gen(n)) for n in NAMES), ctx=ring())


def by_powers(poly: Poly, name: str) -> dict[int, Poly]:
    """Return the coefficients of a polynomial by powers of one generator."""
    place = NAMES.index(name)
    parts: dict[int, dict[tuple[int, ...], Any]] = {}
    for powers, value in poly.to_dict().items():
        rest = (*powers[:place], 0, *powers[place + 1 :])
        parts.setdefault(int(powers[place]), {})[rest] = value
    return {power: ring().from_dict(terms) for power, terms in parts.items()}


def fold(poly: Poly, value: Callable[[str], Any], number: Callable[[Any], Any]) -> Any:
    """Evaluate a polynomial in any arithmetic.

    Parameters: ``value`` maps a generator's name to its value, ``number`` maps a flint rational.
    """
    total: Any = None
    for powers, factor in poly.to_dict().items():
        term = number(factor)
        for name, power in zip(NAMES, powers, strict=True):
            if power:
                term = term * value(name) ** int(power)
        total = term if total is None else total + term
    return number(0) if total is None else total


@dataclass(frozen=True, eq=False)
class Frac:
    """A quotient of two ring elements in lowest terms, the denominator's leading coefficient 1."""

    num: Poly
    den: Poly

    @classmethod
    def of(cls, num: Any, den: Any = 1) -> Frac:
        """Return num/den in lowest terms; numbers are taken as ring elements."""
        zero = ring().constant(0)
        num, den = zero + num, zero + den
        if den == 0:
            raise G2symError("A closed form divides by zero.")
        if num == 0:
            return cls(zero, zero + 1)
        common = num.gcd(den)
        if common != 1:
            num, den = num / common, den / common
        lead = den.leading_coefficient()
        return cls(num / lead, den / lead)

    def __add__(self, other: Frac) -> Frac:
        return Frac.of(self.num * other.den + other.num * self.den, self.den * other.den)

    def __sub__(self, other: Frac) -> Frac:
        return self + -other

    def __neg__(self) -> Frac:
        return Frac(-self.num, self.den)

    def __mul__(self, other: Frac) -> Frac:
        return Frac.of(self.num * other.num, self.den * other.den)

    def __truediv__(self, other: Frac) -> Frac:
        return Frac.of(self.num * other.den, self.den * other.num)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frac):
            return NotImplemented
        return bool(self.num == other.num and self.den == other.den)

    def __hash__(self) -> int:
        return hash((str(self.num), str(self.den)))

    @property
    def is_zero(self) -> bool:
        """True when the function vanishes identically."""
        return bool(self.num == 0)

    def substitute(self, values: Mapping[str, Poly]) -> Frac:
        """Replace generators by ring elements."""
        return Frac.of(substitute(self.num, values), substitute(self.den, values))

    def fold(self, value: Callable[[str], Any], number: Callable[[Any], Any]) -> Any:
        """Evaluate in any arithmetic; see `fold`."""
        top = fold(self.num, value, number)
        return top if self.den == 1 else top / fold(self.den, value, number)

    def __str__(self) -> str:
        return str(self.num) if self.den == 1 else f"({self.num})/({self.den})"


def zero() -> Frac:
    """Return the rational function 0."""
    return Frac.of(0)
