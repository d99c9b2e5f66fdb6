"""Elementary functions along one slot, enclosed on intervals: rates over masses and energies.

Taylor polynomials with Lagrange's remainder: for x in an interval I about c, f(x) is
sum_{k < n} f^(k)(c)/k! (x - c)^k plus f^(n)(xi)/n! (x - c)^n with xi in I, and the power series of f about
a ball that holds I encloses f^(n)(xi)/n!. The derivative leaves out n times that, (x - c)^(n - 1). Where a
root or a denominator may vanish in I there is no such series; there values are enclosed in balls, a root of
what may be negative taken as one of what is not, since the function is zero or refused where it is.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.integrals.elementary import Condition, Elementary, Key, Log
from g2sym.integrals.rational import Poly, constant
from g2sym.kernels.elementary import ElementaryValues
from g2sym.kernels.taylor import Enclosure

if TYPE_CHECKING:
    from flint import arb


NONE: Mapping[str, str] = MappingProxyType({})
LENGTH = 10
"""Terms of a power series: a polynomial of degree 8, and the remainder's."""
HALVED = 5
"""How often an interval is halved to decide a condition, such as that on the propagator of the Z."""
BITS = 192
"""Working precision of enclosures."""

OPEN, CLOSED, EITHER, UNKNOWN = range(4)
"""On an interval: the function as written; zero; either of these; perhaps refused."""


@contextmanager
def series_length() -> Iterator[None]:
    """Power series have `LENGTH` terms, at the precision of enclosures."""
    from flint import ctx

    with working_precision(BITS):
        before = int(ctx.cap)
        ctx.cap = max(before, LENGTH)
        try:
            yield
        finally:
            ctx.cap = before


class ElementaryLine:
    """An elementary function of one slot, the other ones fixed.

    Parameters: ``function``; ``slot``, which moves; ``fixed``, exact values of the other ones; ``names``, the
    symbols of slots, for sentences.
    """

    def __init__(
        self, function: Elementary, slot: str, fixed: Mapping[str, Fraction], names: Mapping[str, str] = NONE
    ) -> None:
        self._names = {**{s.name: s.name for s in function.slots}, **names}
        own = {s.name for s in function.slots}
        self.slot = slot
        self.function = function.substitute({n: constant(v) for n, v in fixed.items() if n in own})
        self.values = ElementaryValues(self.function)
        self._parts: list[tuple[Key, Any, Any]] = [
            (key, self._poly(f.num), self._poly(f.den)) for key, f in self.function.parts
        ]
        self._roots = [self._poly(one) for one in self.function.roots]
        self._logs = [self._logarithm(one) for one in self.function.logs]
        self._tests = [(self._poly(c.poly), c) for c in self.function.conditions]

    def _poly(self, poly: Poly) -> Any:
        from flint import fmpq_poly

        powers = {monomial.get(self.slot, 0): factor for monomial, factor in poly.terms()}
        return fmpq_poly([powers.get(n, 0) for n in range(max(powers, default=0) + 1)])

    def _logarithm(self, log: Log) -> tuple[Any, Any, Any, int]:
        """Return u, v, u^2 - v^2 r^2 and the place of r: u - v r is small beside u where masses are."""
        u, v = self._poly(log.u), self._poly(log.v)
        return u, v, u * u - v * v * self._roots[log.root] if log.root >= 0 else v, log.root

    @property
    def moves(self) -> bool:
        """False where the slot does not occur."""
        return bool(self.function.slots)

    @property
    def conditional(self) -> bool:
        """True where there are values of the slot at which the function may be refused."""
        return any(c.refused for _, c in self._tests)

    # which side of its conditions an interval lies on ------------------------------------------------
    def side(self, low: Fraction, high: Fraction) -> int:
        """Return what the function is between two exact values of the slot: see `OPEN`.

        Call inside `working_precision`.
        """
        mixed = False
        for poly, condition in self._tests:
            holds, fails = _verdict(poly, condition, low, high)
            if holds:
                continue
            if fails:
                return UNKNOWN if condition.refused else EITHER if mixed else CLOSED
            if condition.refused:
                return UNKNOWN
            mixed = True
        return EITHER if mixed else OPEN

    def refusal(self, low: Fraction, high: Fraction) -> str:
        """Return the sentence of the condition that may fail between two values; empty for none.

        Call inside `working_precision`.
        """
        for poly, condition in self._tests:
            holds, fails = _verdict(poly, condition, low, high)
            if condition.refused and not holds:
                return condition.refused.format(**self._names)
            if fails:
                return ""
        return ""

    # poles ------------------------------------------------------------------------------------------
    def poles(self) -> dict[Fraction, str]:
        """Return the rational values at which alone the function is refused, with what is said there."""
        found: dict[Fraction, str] = {}
        for poly, condition in self._tests:
            if condition.refused and condition.test == "nonzero" and poly.degree() > 0:
                for factor, _ in poly.numer().factor()[1]:
                    if factor.degree() == 1:
                        root = Fraction(-int(factor[0]), int(factor[1]))
                        found.setdefault(root, condition.refused.format(**self._names))
        return found

    def beside(self, pole: Fraction, other: Fraction) -> tuple[int, arb] | None:
        """Return n and a ball that holds |x - pole|^n f(x) for every x strictly between two values.

        Factors x - pole are divided out of conditions and denominators exactly, so that what is left is
        enclosed up to the pole. None where that is not possible. Call inside `series_length`.
        """
        low, high = min(pole, other), max(pole, other)
        for poly, condition in self._tests:
            count, rest = _divided(poly, pole)
            holds, fails = _verdict(-rest if other < pole and count % 2 else rest, condition, low, high)
            if fails and not condition.refused:
                return 0, number(0)
            if not holds:
                return None
        bottoms = [_divided(bottom, pole) for _, _, bottom in self._parts]
        power = max((count for count, _ in bottoms), default=0)
        free = copy.copy(self)
        free._tests = []
        free._parts = [
            (key, top * _linear(pole) ** (power - count), rest)
            for (key, top, _), (count, rest) in zip(self._parts, bottoms, strict=True)
        ]
        found = free.range(low, high)
        if found is None:
            return None
        return power, -found if other < pole and power % 2 else found

    # values -----------------------------------------------------------------------------------------
    def at(self, value: Fraction, bits: int) -> arb:
        """Return the function at an exact value of the slot, with at least ``bits`` correct bits.

        Raises UsageError where it is refused.
        """
        given = {self.slot: value} if self.moves else {}
        self.values.refuse(given, self._names)
        return self.values.ball(given, bits)

    def _sum(self, made: Callable[[Any], Any], root: Callable[[Any], Any]) -> Any:
        """Add the parts up; ``made`` evaluates a polynomial, ``root`` takes a square root."""
        roots = [root(made(one)) for one in self._roots]
        # ln((u + v r)/(u - v r)) = 2 ln(u + v r) - ln(u^2 - v^2 r^2), u and v positive; without r, ln(u/v)
        logs = [
            2 * (made(u) + made(v) * roots[r]).log() - made(n).log()
            if r >= 0
            else made(u).log() - made(v).log()
            for u, v, n, r in self._logs
        ]
        total = made(_zero())
        for (places, log), top, bottom in self._parts:
            part = made(top) if bottom == 1 else made(top) / made(bottom)
            for place in places:
                part = part * roots[place]
            total = total + (part * logs[log] if log >= 0 else part)
        return total

    def _series(self, middle: arb, offset: arb) -> list[arb]:
        """Return the coefficients of the function about a ball, NaN where there are none."""
        from flint import arb, arb_poly, arb_series

        around = arb_poly([offset, 1])

        def made(poly: Any) -> Any:
            return arb_series(_shifted(poly, middle)(around).coeffs(), LENGTH)

        try:
            found = self._sum(made, lambda one: one.sqrt())
        except (ValueError, ZeroDivisionError):  # a constant term that may be zero
            return [arb("nan")] * LENGTH
        return [arb(found[k]) for k in range(LENGTH)]

    def taylor(self, low: Fraction, high: Fraction) -> Enclosure | None:
        """Enclose the function by a polynomial between two exact values; None where that is not possible.

        Call inside `series_length`.
        """
        side = self.side(low, high)
        if side == CLOSED:
            return _constant(low, high, number(0))
        if side != OPEN:
            return None
        middle, offset = _ball(low, high)
        last = self._series(middle, offset)[LENGTH - 1]
        coefficients = self._series(middle, number(0))[: LENGTH - 1]
        if not (last.is_finite() and all(c.is_finite() for c in coefficients)):
            return None
        r = offset.abs_upper()
        rest, slope = abs(last) * r ** (LENGTH - 1), (LENGTH - 1) * abs(last) * r ** (LENGTH - 2)
        centre = (low + high) / 2
        return Enclosure(centre, high - centre, tuple(coefficients), rest.upper(), slope.upper())

    def range(self, low: Fraction, high: Fraction) -> arb | None:
        """Enclose the values between two exact values of the slot; None where it may be refused or infinite.

        Call inside `series_length`.
        """
        side = self.side(low, high)
        if side == CLOSED:
            return number(0)
        if side == UNKNOWN:
            return None
        middle, offset = _ball(low, high)
        wide: arb = self._sum(lambda poly: _shifted(poly, middle)(offset), clipped)
        if side == OPEN and (found := self.taylor(low, high)) is not None:
            value: arb = found.values(low, high)
            if not wide.is_finite() or value.rad() < wide.rad():
                wide = value
        if not wide.is_finite():
            return None
        return wide.union(number(0)) if side == EITHER else wide


class ElementaryFunction:
    """An elementary function of a mass or an energy, as `g2sym.kernels.isolation` asks for it."""

    def __init__(self, line: ElementaryLine) -> None:
        self.line = line

    def at(self, mass: Fraction, bits: int) -> arb:
        """The value at an exact mass; raises UsageError where it is refused."""
        return self.line.at(mass, bits)

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """An enclosure on an interval; beside a threshold, a constant whose slope is not known."""
        with series_length():
            found = self.line.taylor(low, high)
            if found is None:
                values = self.line.range(low, high)
                found = _constant(low, high, number(0) / 0 if values is None else values)
        return padded(found, degree + 1)

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """An enclosure of all values on an interval of any width, None where there is none."""
        with series_length():
            return self.line.range(low, high)


def padded(found: Enclosure, count: int) -> Enclosure:
    """Return the same enclosure with ``count`` coefficients, at least as many as it has."""
    more = (number(0) for _ in range(count - len(found.coefficients)))
    return Enclosure(found.centre, found.radius, (*found.coefficients, *more), found.rest, found.slope_rest)


def _verdict(
    poly: Any, condition: Condition, low: Fraction, high: Fraction, depth: int = HALVED
) -> tuple[bool, bool]:
    """Return whether a condition holds, and whether it fails, all over an interval, as far as is proved."""
    middle, offset = _ball(low, high)
    found = decided(condition, _shifted(poly, middle)(offset))
    if found[0] or found[1] or not depth:
        return found
    between = (low + high) / 2
    left = _verdict(poly, condition, low, between, depth - 1)
    if not (left[0] or left[1]):
        return left
    right = _verdict(poly, condition, between, high, depth - 1)
    return left[0] and right[0], left[1] and right[1]


def decided(condition: Condition, value: arb) -> tuple[bool, bool]:
    """Return whether a condition holds, and whether it fails, for every number in a ball."""
    if condition.test == "nonzero":
        return not value.contains(0), bool(value.is_zero())
    if condition.test == "nonnegative":
        return bool(value >= 0), bool(value < 0)
    return bool(value > 0), bool(value <= 0)


def _zero() -> Any:
    from flint import fmpq_poly

    return fmpq_poly([0])


def _linear(root: Fraction) -> Any:
    from flint import fmpq, fmpq_poly

    return fmpq_poly([fmpq(-root.numerator, root.denominator), 1])


def _divided(poly: Any, root: Fraction) -> tuple[int, Any]:
    """Return how often a root divides a polynomial, and what is left."""
    count, line = 0, _linear(root)
    while poly.degree() > 0:
        quotient, rest = divmod(poly, line)
        if rest != 0:
            break
        count, poly = count + 1, quotient
    return count, poly


def _ball(low: Fraction, high: Fraction) -> tuple[arb, arb]:
    """Return the middle of an interval and a ball about zero that holds every distance from it."""
    middle = number((low + high) / 2)
    return middle, (number(low) - middle).union(number(high) - middle)


def _shifted(poly: Any, middle: arb) -> Any:
    """Return a polynomial about a point: with few powers of a small distance a ball stays narrow."""
    from flint import arb_poly

    return arb_poly(poly)(arb_poly([middle, 1]))


def clipped(value: arb) -> arb:
    """Return the root of the part of a ball that is not negative."""
    low, high = value.lower(), value.upper()
    return low.max(number(0)).sqrt().union(high.max(number(0)).sqrt())


def _constant(low: Fraction, high: Fraction, value: arb) -> Enclosure:
    """Enclose by a constant; where it is not exact nothing is known of the slope."""
    centre = (low + high) / 2
    exact = value.is_exact()
    slope = number(0) if exact else 1 / number(0)
    rest = number(0) if exact else (value - value.mid()).abs_upper()
    return Enclosure(centre, high - centre, (value.mid(),), rest, slope)
