"""Exact values: sums of rational functions of the masses times 1, logarithms, pi sqrt(p) and T.

Limits and coefficients of expansions are computed here. Logarithms are split into primes and irreducible
polynomials, square roots are reduced to squarefree radicands, and T is replaced by pi or logarithms
where it can be, so that a value whose terms all cancel is recognised as zero.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any

from g2sym.integrals.rational import Frac, Poly, constant, zero

Sign = Callable[[Frac], int]
"""The sign of a rational function where the masses are; see `g2sym.integrals.region`."""


@dataclass(frozen=True, eq=False)
class Atom:
    """A function that rational functions multiply.

    ``kind`` is "one", "ln" (of the absolute value of an irreducible polynomial or prime), "pi" (pi
    times the square root of a squarefree polynomial) or "arc" (T of two rational functions).
    """

    kind: str
    arguments: tuple[Frac, ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and str(self) == str(other)

    def __hash__(self) -> int:
        return hash(str(self))

    def __str__(self) -> str:
        inside = ", ".join(map(str, self.arguments))
        if self.kind == "pi":
            return "pi" if inside == "1" else f"pi*sqrt({inside})"
        return "1" if self.kind == "one" else f"{'T' if self.kind == 'arc' else 'ln'}({inside})"


ONE = Atom("one")


@dataclass(frozen=True, eq=False)
class Value:
    """An exact value, sum of factor times atom; compared by its normal form."""

    terms: tuple[tuple[Atom, Frac], ...] = ()

    @classmethod
    def of(cls, items: Iterable[tuple[Atom, Frac]]) -> Value:
        """Collect terms by atom, dropping those that cancel."""
        found: dict[Atom, Frac] = {}
        for atom, factor in items:
            found[atom] = found[atom] + factor if atom in found else factor
        kept = [(a, f) for a, f in found.items() if not f.is_zero]
        return cls(tuple(sorted(kept, key=lambda pair: (pair[0] != ONE, str(pair[0])))))

    @classmethod
    def rational(cls, value: Frac | int | Fraction) -> Value:
        """Return a rational function as a value."""
        return cls.of([(ONE, value if isinstance(value, Frac) else Frac.of(constant(value)))])

    def __add__(self, other: Value) -> Value:
        return Value.of([*self.terms, *other.terms])

    def __neg__(self) -> Value:
        return self.scale(Frac.of(-1))

    def __sub__(self, other: Value) -> Value:
        return self + -other

    def scale(self, factor: Frac) -> Value:
        """Multiply by a rational function."""
        return Value.of((a, f * factor) for a, f in self.terms)

    def __eq__(self, other: object) -> bool:
        return (self - other).is_zero if isinstance(other, Value) else NotImplemented

    def __hash__(self) -> int:
        return hash(tuple(str(a) for a, _ in self.terms))

    @property
    def is_zero(self) -> bool:
        """True when every term has cancelled."""
        return not self.terms

    def fold(
        self,
        value: Callable[[str], Any],
        number: Callable[[Any], Any],
        atoms: Mapping[str, Callable[..., Any]],
    ) -> Any:
        """Evaluate in any arithmetic; ``atoms`` maps "ln", "pi" and "arc" to functions of their arguments."""
        total = number(0)
        for atom, factor in self.terms:
            term = factor.fold(value, number)
            if atom.kind != "one":
                term = term * atoms[atom.kind](*(a.fold(value, number) for a in atom.arguments))
            total = total + term
        return total

    def __str__(self) -> str:
        if self.is_zero:
            return "0"
        return " + ".join(f"({f})" if a == ONE else f"({f})*{a}" for a, f in self.terms)


def _number(poly: Poly) -> Fraction:
    """Return the rational number that a constant polynomial is."""
    terms = poly.to_dict()
    if not terms:
        return Fraction(0)
    (value,) = terms.values()
    return Fraction(int(value.p), int(value.q))


def factors(value: Frac) -> tuple[Fraction, list[tuple[Poly, int]]]:
    """Split into a rational number and powers of irreducible polynomials with integer coefficients."""
    unit, out = Fraction(1), []
    for side, flip in ((value.num, 1), (value.den, -1)):
        content, parts = side.factor()
        unit *= Fraction(int(content.p), int(content.q)) ** flip
        for base, power in parts:
            scale, whole = _integral(base)
            unit *= scale ** (flip * power)
            out.append((whole, flip * power))
    return unit, out


def _integral(poly: Poly) -> tuple[Fraction, Poly]:
    """Write a polynomial as a number times a primitive one with a positive leading coefficient."""
    from math import gcd, lcm

    values = list(poly.to_dict().values())
    below = lcm(*(int(v.q) for v in values))
    above = gcd(*(int(v.p) * (below // int(v.q)) for v in values))
    scale = Fraction(above, below) * (-1 if poly.leading_coefficient() < 0 else 1)
    return scale, poly / constant(scale)


def _primes(value: int) -> list[tuple[int, int]]:
    from flint import fmpz

    return [(int(p), int(k)) for p, k in fmpz(value).factor()] if value > 1 else []


def log_value(argument: Frac) -> Value:
    """Return ln|argument| in primes and irreducible polynomials (nu with its square, it may be negative)."""
    unit, parts = factors(argument)
    items: list[tuple[Atom, Frac]] = []
    for number, flip in ((abs(unit.numerator), 1), (unit.denominator, -1)):
        for prime, power in _primes(number):
            items.append((Atom("ln", (Frac.of(prime),)), Frac.of(flip * power)))
    for base, power in parts:
        items.append((Atom("ln", (Frac.of(base),)), Frac.of(power)))
    return Value.of(items)


def root_parts(square: Frac, sign: Sign) -> tuple[Frac, Frac]:
    """Write the square root of a positive function as factor times sqrt(radicand), squarefree."""
    unit, parts = factors(square)
    outside, inside = Frac.of(1), Frac.of(1)
    whole = abs(unit.numerator * unit.denominator)
    outer, inner = Fraction(1, unit.denominator), 1
    for prime, power in _primes(whole):
        outer *= prime ** (power // 2)
        inner *= prime ** (power % 2)
    for base, power in parts:
        half, odd = divmod(power, 2)
        step = Frac.of(base)
        for _ in range(abs(half)):
            outside = outside * step if half > 0 else outside / step
        if odd:
            inside = inside * step
    if unit < 0:
        inside = -inside
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
    unit, parts = factors(square)
    if unit < 0 or any(power % 2 for _, power in parts):
        return None
    top, bottom = isqrt(unit.numerator), isqrt(unit.denominator)
    if top * top != unit.numerator or bottom * bottom != unit.denominator:
        return None
    out = Frac.of(constant(Fraction(top, bottom)))
    for base, power in parts:
        for _ in range(abs(power) // 2):
            out = out * Frac.of(base) if power > 0 else out / Frac.of(base)
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
