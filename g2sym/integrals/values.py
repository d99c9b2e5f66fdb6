"""Exact values: sums of rational functions of the masses times 1, logarithms, pi sqrt(p) and T.

Limits and coefficients of expansions are computed here. Logarithms are split into primes and irreducible
polynomials, square roots are reduced to squarefree radicands, and T is replaced by pi or logarithms
where it can be, so that a value whose terms all cancel is recognised as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import isqrt
from typing import Any

from g2sym.base.classes import dataclass
from g2sym.base.factors import logarithms, split, square_root
from g2sym.base.sums import Element, Sum
from g2sym.integrals.rational import Frac, Poly, constant, zero

Sign = Callable[[Frac], int]
"""The sign of a rational function where the masses are; see `g2sym.integrals.region`."""


@dataclass(frozen=True, eq=False)
class Atom(Element[Frac]):
    """A function that rational functions multiply.

    ``kind`` is "one", "ln" (of the absolute value of an irreducible polynomial or prime), "pi" (pi
    times the square root of a squarefree polynomial) or "arc" (T of two rational functions).
    """

    symmetric = "arc"

    def __str__(self) -> str:
        inside = ", ".join(map(str, self.arguments))
        if self.kind == "pi":
            return "pi" if inside == "1" else f"pi*sqrt({inside})"
        return "1" if self.is_one else f"{'T' if self.kind == 'arc' else 'ln'}({inside})"


ONE = Atom("one")


@dataclass(frozen=True, eq=False)
class Value(Sum[Atom, Frac]):
    """An exact value, sum of factor times atom; compared by its normal form."""

    @classmethod
    def rational(cls, value: Frac | int | Fraction) -> Value:
        """Return a rational function as a value."""
        return cls.of([(ONE, value if isinstance(value, Frac) else Frac.of(constant(value)))])

    # balls, floats and bounds have no type in common: what number returns is what fold returns
    def fold(
        self,
        value: Callable[[str], Any],
        number: Callable[[Any], Any],
        atoms: Mapping[str, Callable[..., Any]],
    ) -> Any:
        """Evaluate in any arithmetic; ``atoms`` maps "ln", "pi" and "arc" to functions of their arguments."""
        return self._fold(number(0), lambda c: c.fold(value, number), atoms)

    def __str__(self) -> str:
        if self.is_zero:
            return "0"
        return " + ".join(f"({f})" if a.is_one else f"({f})*{a}" for a, f in self.terms)


def factors(value: Frac) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """Split into a rational number and powers of irreducible polynomials with integer coefficients."""
    return split(value.num, value.den, lambda poly, number: poly / constant(number))


def _split(value: Frac) -> tuple[Fraction, list[tuple[Frac, int]]]:
    unit, parts = factors(value)
    return unit, [(Frac.of(base), power) for base, power in parts]


def log_value(argument: Frac) -> Value:
    """Return ln|argument| in primes and irreducible polynomials (nu with its square, it may be negative)."""
    found = logarithms(*_split(argument), Frac.of)
    return Value.of((Atom("ln", (base,)), Frac.of(power)) for base, power in found)


def root_parts(square: Frac, sign: Sign) -> tuple[Frac, Frac]:
    """Write the square root of a positive function as factor times sqrt(radicand), squarefree."""
    outer, outside, inner, inside = square_root(*_split(square), Frac.of(1))
    outside = outside if sign(outside) > 0 else -outside
    if sign(inside) < 0:
        raise ArithmeticError("the square root of a negative value")
    return outside * Frac.of(constant(outer)), inside * Frac.of(inner)


def pi_over_root(square: Frac, sign: Sign, factor: Fraction = Fraction(1)) -> Value:
    """Return factor * pi / sqrt(square) for a positive square."""
    outside, inside = root_parts(square, sign)
    return Value.of([(Atom("pi", (inside,)), Frac.of(constant(factor)) / (outside * inside))])


def perfect_root(square: Frac) -> Frac | None:
    """Return a rational square root, or None; its sign is not fixed."""
    if square.is_zero:
        return zero()
    unit, parts = _split(square)
    size = unit.numerator * unit.denominator  # of any length: it is not split into primes
    if size < 0 or isqrt(size) ** 2 != size or any(power % 2 for _, power in parts):
        return None
    out = Frac.of(constant(Fraction(isqrt(size), unit.denominator)))
    for base, power in parts:
        for _ in range(abs(power) // 2):
            out = out * base if power > 0 else out / base
    return out


_ANGLES = ((0, 2), (1, 3), (2, 4), (3, 6))
"""(4 c^2, n): arccos|c| = pi/n."""


def arc_value(d0: Frac, d1: Frac, sign: Sign) -> Value:
    """Return T(d0, d1) at a regular point, through pi or logarithms where that is possible.

    Parameters: ``d0``, ``d1``, positive with c > -1; ``sign``, of functions of the remaining masses.
    """
    u = d0 + d1 - Frac.of(1)
    q = d0 * d1
    discriminant = u * u - Frac.of(4) * q
    if discriminant.is_zero:
        return Value.rational(Frac.of(2) / u)
    ratio = u * u / q
    for four, n in _ANGLES:
        if ratio == Frac.of(four):
            angle = Fraction(1, n)
            if four and sign(u) < 0:
                angle = 1 - angle
            return pi_over_root(-discriminant, sign, 2 * angle)
    root = perfect_root(discriminant)
    if root is not None:
        logs = log_value(u + root).scale(Frac.of(2)) - log_value(Frac.of(4) * q)
        return logs.scale(Frac.of(1) / root)
    first, second = sorted((d0, d1), key=str)
    return Value.of([(Atom("arc", (first, second)), Frac.of(1))])
