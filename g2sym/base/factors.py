"""Rational functions in irreducible factors, and the logarithms and square roots of such products."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, Self, SupportsInt, TypeVar

from g2sym.base.meter import ExpansionError, spend
from g2sym.base.sums import Scalar

if TYPE_CHECKING:
    from flint import fmpz


class Rational(Protocol):
    """A rational number p/q of flint."""

    @property
    def p(self) -> SupportsInt:
        """The numerator."""

    @property
    def q(self) -> SupportsInt:
        """The denominator."""


class Polynomial(Protocol):
    """What factoring asks of a polynomial with rational coefficients."""

    def to_dict(self) -> Mapping[tuple[int, ...], Rational | Fraction]:
        """The coefficients by exponents."""

    def leading_coefficient(self) -> Rational | Fraction:
        """The coefficient of the first monomial."""

    def factor(self) -> tuple[Rational | Fraction, Sequence[tuple[Self, int]]]:
        """A number, and irreducible polynomials with their powers."""


P = TypeVar("P", bound=Polynomial)
S = TypeVar("S", bound=Scalar)


class SquareRoot(NamedTuple, Generic[S]):
    """outer * outside * sqrt(inner * inside): numbers outer and inner > 0, a squarefree radicand."""

    outer: Fraction
    outside: S
    inner: int
    inside: S


def rational(value: Rational | int | Fraction) -> Fraction:
    """Return a rational number of Python or flint as a Fraction.

    >>> rational(3)
    Fraction(3, 1)
    """
    if isinstance(value, int | Fraction):
        return Fraction(value)
    return Fraction(int(value.p), int(value.q))


QUICK, FACTORED = 64, 192
"""Bits of a number that is factored at once, and of one without small primes that still is: in a second."""
SEARCHED, PRIME = 512, 4096
"""Bits of a number that is searched for primes of 48 bits, in a third of a second, and of 32 bits."""
SEARCH = 20_000
"""What the search counts for, as products of terms."""


def primes(value: int) -> list[tuple[int, int]]:
    """Return the primes that divide a positive integer, with their powers.

    Raises ExpansionError for a number whose large primes cannot be found in a second or so.

    >>> primes(12)
    [(2, 2), (3, 1)]
    """
    from flint import fmpz

    if value <= 1:
        return []
    bits = value.bit_length()
    if bits <= QUICK:
        return [(int(p), int(k)) for p, k in fmpz(value).factor()]
    if bits > FACTORED:
        spend(SEARCH)
    out: dict[int, int] = {}
    searched = fmpz(value).factor_smooth(48 if FACTORED < bits <= SEARCHED else 32) if bits <= PRIME else ()
    for part, k in searched or [(fmpz(value), 1)]:
        base, power = _perfect(part) if bits <= PRIME else (part, 1)
        size = int(base).bit_length()
        if QUICK < size <= PRIME and base.is_probable_prime():
            found = [(base, 1)]
        elif size <= FACTORED:
            spend(int(100 * 2 ** (max(0, size - QUICK) / 12)))  # twice as long with every 12 bits
            found = base.factor()
        else:
            raise ExpansionError(
                f"A number of {int(bits * 0.30103) + 1} digits under ln or sqrt is not split into its "
                "primes; give it fewer digits."
            )
        for p, j in found:
            out[int(p)] = out.get(int(p), 0) + int(j) * power * int(k)
    return sorted(out.items())


def _perfect(value: fmpz) -> tuple[fmpz, int]:
    """Write a number as a power, of the largest exponent up to 64."""
    for power in range(64, 1, -1):
        root = value.root(power)
        if root**power == value:
            return root, power
    return value, 1


def content(values: Iterable[Rational | int | Fraction]) -> Fraction:
    """Return the positive number by which rational numbers become coprime integers; at least one is not 0.

    >>> content([Fraction(4, 3), Fraction(2)])
    Fraction(2, 3)
    """
    exact = [rational(v) for v in values]
    below = lcm(*(v.denominator for v in exact))
    return Fraction(gcd(*(v.numerator * (below // v.denominator) for v in exact)), below)


def split(top: P, bottom: P, divide: Callable[[P, Fraction], P]) -> tuple[Fraction, list[tuple[P, int]]]:
    """Split a quotient of polynomials into a number and powers of irreducible polynomials.

    Parameters: ``top``, ``bottom``, coprime; ``divide``, a polynomial by a number. Returns the number, and
    polynomials with coprime integer coefficients and a positive leading one, with their powers.
    """
    unit = Fraction(1)
    out: list[tuple[P, int]] = []
    for side, flip in ((top, 1), (bottom, -1)):
        number, parts = side.factor()
        unit *= rational(number) ** flip
        for base, power in parts:
            scale = content(base.to_dict().values())
            if rational(base.leading_coefficient()) < 0:
                scale = -scale
            unit *= scale ** (flip * int(power))
            out.append((divide(base, scale), flip * int(power)))
    return unit, out


def logarithms(
    unit: Fraction, parts: Iterable[tuple[S, int]], number: Callable[[int], S]
) -> Iterator[tuple[S, int]]:
    """Write ln|unit * product of powers| as a sum of logarithms of primes and of the factors.

    Parameters: ``unit``, not 0; ``parts``, irreducible factors with powers; ``number``, an integer as a
    coefficient. Yields pairs of argument and multiplicity.

    >>> list(logarithms(Fraction(4, 3), [], Fraction))
    [(Fraction(2, 1), 2), (Fraction(3, 1), -1)]
    """
    for size, flip in ((abs(unit.numerator), 1), (unit.denominator, -1)):
        for prime, power in primes(size):
            yield number(prime), flip * power
    yield from parts


def square_root(unit: Fraction, parts: Iterable[tuple[S, int]], one: S) -> SquareRoot[S]:
    """Take squares out of the square root of unit * product of powers.

    Parameters: ``unit``, not 0; ``parts``, irreducible factors with powers; ``one``, the coefficient 1.
    Returns the parts; the sign of the unit stays in ``inside``, ``outside`` has the sign of its factors.

    >>> from g2sym.base.coefficients import Coefficient
    >>> print(*square_root(Fraction(8), [(Coefficient.symbol("x"), 3)], Coefficient.number(1)))
    2 x 2 x
    """
    outer, inner = Fraction(1, unit.denominator), 1
    powers: dict[int, int] = {}
    for size in (abs(unit.numerator), unit.denominator):
        for prime, power in primes(size):
            powers[prime] = powers.get(prime, 0) + power
    for prime, power in sorted(powers.items()):
        outer *= prime ** (power // 2)
        inner *= prime ** (power % 2)
    outside = inside = one
    for base, power in parts:
        half, odd = divmod(power, 2)
        for _ in range(abs(half)):
            outside = outside * base if half > 0 else outside / base
        if odd:
            inside = inside * base
    return SquareRoot(outer, outside, inner, -inside if unit < 0 else inside)
