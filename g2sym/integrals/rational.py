"""Exact rational functions of the masses: the coefficients of every closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from g2sym.base.classes import dataclass
from g2sym.errors import G2symError
from g2sym.integrals.polynomials import Poly, constant, from_terms, gen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from g2sym.integrals.polynomials import Scalar

__all__ = ["Frac", "Poly", "by_powers", "constant", "fold", "from_terms", "gen", "substitute", "zero"]


def substitute(poly: Poly, values: Mapping[str, Poly]) -> Poly:
    """Replace generators by polynomials, all at once."""
    return poly.substitute(values)


def by_powers(poly: Poly, name: str) -> dict[int, Poly]:
    """Return the coefficients of a polynomial by powers of one generator."""
    return poly.by_powers(name)


def fold(poly: Poly, value: Callable[[str], Any], number: Callable[[Any], Any]) -> Any:
    """Evaluate a polynomial in any arithmetic; see `Poly.fold`."""
    return poly.fold(value, number)


@cache
def _nought() -> Poly:
    return constant(0)


@dataclass(frozen=True, eq=False)
class Frac:
    """A quotient of two polynomials in lowest terms, the denominator's leading coefficient 1."""

    num: Poly
    den: Poly

    @classmethod
    def of(cls, num: Poly | Scalar, den: Poly | Scalar = 1) -> Frac:
        """Return num/den in lowest terms; numbers are taken as polynomials."""
        num = num if isinstance(num, Poly) else _nought() + num
        den = den if isinstance(den, Poly) else _nought() + den
        if den == 0:
            raise G2symError("A closed form divides by zero.")
        if num == 0:
            return cls(_nought(), _nought() + 1)
        if den == 1:
            return cls(num, _nought() + 1)
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
        """Replace generators by polynomials."""
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
