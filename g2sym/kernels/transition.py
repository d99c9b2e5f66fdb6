"""Kernels of l -> l' gamma in balls: exact coefficients times logarithms, T and dilogarithms, on any side of
the thresholds at which a lepton can decay into the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import UnsupportedError
from g2sym.integrals.rational import by_powers, constant, substitute
from g2sym.integrals.transition import TransitionIntegral
from g2sym.integrals.triangle import ONE, Field, Triangle
from g2sym.kernels.branches import arc, crossed, dilogarithm, logarithm

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import acb, arb

    from g2sym.integrals.triangle import Key

    Rational = Any
    """flint.fmpq, which ships no types"""
    Sum = tuple[tuple[Key, Rational], ...]

FUNCTIONS: Mapping[str, Callable[..., acb]] = {"ln": logarithm, "T": arc, "Li": dilogarithm}
"""How each function of `g2sym.integrals.triangle` is evaluated."""


class TransitionValues:
    """The real or imaginary part of a form factor's integral, both real functions of all masses.

    Parameters: ``integral``, which says which part.
    """

    def __init__(self, integral: TransitionIntegral) -> None:
        self.integral = integral
        self._exact_at: Callable[..., Sum] = lru_cache(maxsize=1024)(self._exact)

    @cached_property
    def _numbers(self) -> tuple[Any, ...]:
        """Numerator, divisor, A, B and c as lists of monomials."""
        polys = (self.integral.numerator, self.integral.divisor, *self.integral.lines)
        return tuple(tuple(poly.terms()) for poly in polys)

    def functions(self, values: Mapping[str, Fraction]) -> Sum:
        """Return the functions that the integral is a sum of at exact masses, with their exact coefficients.

        Raises UnsupportedError where both leptons have one mass, UsageError where it diverges with the mass
        of a boson.
        """
        return self._exact_at(tuple(values.items()))

    def _exact(self, items: tuple[tuple[str, Fraction], ...]) -> Sum:
        from flint import fmpq

        at = {name: fmpq(v.numerator, v.denominator) for name, v in items}
        top, *others = self._numbers
        rows: dict[tuple[int, int], Any] = {}
        for monomial, value in top:
            place = monomial.get("x", 0), monomial.get("y", 0)
            rows[place] = rows.get(place, fmpq(0)) + _product(monomial, value, at)
        divisor, a, b, c = (sum((_product(m, v, at) for m, v in one), fmpq(0)) for one in others)
        if c == 0:
            raise UnsupportedError(
                "Both leptons have one mass: ask for a and d of one lepton, or give another mass."
            )
        if divisor == 0:
            if all(v == 0 for v in rows.values()):
                return ()
            raise UnsupportedError(
                "A vector's mass is zero: its longitudinal part diverges there; give a positive mass."
            )
        rows = {place: value / divisor for place, value in rows.items()}
        try:
            found = _triangle(a, b, c).integral(rows)
        except ArithmeticError as error:
            raise UnsupportedError(f"A massless line: {error}; give a positive mass.") from None
        return tuple(found.items())

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value with at least ``bits`` correct bits.

        Parameters: ``values`` of every slot, exact. It comes out wider where it is zero as far as a precision
        of 64 times ``bits`` can tell. Raises UsageError exactly on a threshold.
        """
        from flint import arb

        if self.integral.imaginary and self.is_zero(values):
            return arb(0)
        return sum_ball(self.functions(values), self.integral.imaginary, bits, bits + 40)[0]

    def is_complex(self, values: Mapping[str, Fraction]) -> bool:
        """True where the heavier lepton can decay into the loop, decided exactly."""
        return self.side(values) < 0

    def side(self, values: Mapping[str, Fraction]) -> int:
        """Return 1 below every threshold, 0 on one, -1 where the heavier lepton can decay into the loop."""
        a, b, c = self._lines(values)
        gap = max(Fraction(1), 1 - c) - a - b  # the larger square against (sqrt a + sqrt b)^2
        if gap < 0 or (gap == 0 and a == 0):  # a line without mass opposite to the photon: its limit decides
            return 1
        rest = 4 * a * b - gap * gap
        return int(rest > 0) - int(rest < 0)

    def threshold(self, slot: str, values: Mapping[str, Fraction]) -> Fraction:
        """Return an upper bound on the value of one slot up to which the heavier lepton decays into the loop.

        Parameters: ``values`` of the other slots. Zero where it never does. Raises UnsupportedError for the
        second lepton's own mass.
        """
        first, second, slope = self.integral.lines
        if slot in slope.generators or (slot in first.generators and slot in second.generators):
            raise UnsupportedError("The mass of a lepton in the final state moves; vary another parameter.")
        a, b, c = self._lines({**values, slot: Fraction(0)})
        moving = first if slot in first.generators else second
        if slot not in moving.generators:
            return Fraction(0)
        rest = _root(max(Fraction(1), 1 - c), 1) - _root(b if moving is first else a, -1)
        if rest <= 0:
            return Fraction(0)
        return rest**2 if max(by_powers(moving, slot)) == 1 else rest

    def shown(self, values: Mapping[str, Fraction], names: Mapping[str, str], unit: str) -> tuple[str, str]:
        """Return the masses in the loop as a sum of symbols, and the heavier lepton's mass.

        Parameters: ``names``, the mass symbols of slots; ``unit``, that of the first lepton.
        """
        first, second, slope = self.integral.lines
        loop = [names.get(n, n) for line in (first, second) for n in line.generators or {unit} if line != 0]
        heavier = next(iter(slope.generators), unit) if self._lines(values)[2] < 0 else unit
        return " + ".join(loop), names.get(heavier, heavier)

    def _lines(self, values: Mapping[str, Fraction]) -> tuple[Fraction, Fraction, Fraction]:
        """Return A, B and c at exact masses."""
        from flint import fmpq

        at = {name: fmpq(v.numerator, v.denominator) for name, v in values.items()}
        a, b, c = (sum((_product(m, v, at) for m, v in one), fmpq(0)) for one in self._numbers[2:])
        return _fraction(a), _fraction(b), _fraction(c)

    def is_zero(self, values: Mapping[str, Fraction]) -> bool:
        """True when the part is zero identically at given masses; imaginary parts of functions may cancel."""
        if not self.integral.imaginary:
            return not self.functions(values)
        if not self.is_complex(values):
            return True
        found: dict[Key, Rational] = {}
        for key, weight in self.functions(values):
            if key != ONE and (part := crossed(key)) is not None:
                place, times = part
                found[place] = found.get(place, 0) + weight * times
        return all(one == 0 for one in found.values())

    def vanishes_along(self, fixed: Mapping[str, Fraction], moving: Iterable[str]) -> bool:
        """True when the part is zero at all positive values of some slots, the others ``fixed``.

        The lighter the masses in the loop, the sooner there is an imaginary part: masses of zero decide.
        """
        if self.integral.imaginary and not self.is_complex({**fixed, **dict.fromkeys(moving, Fraction(0))}):
            return True
        return substitute(self.integral.numerator, {n: constant(v) for n, v in fixed.items()}) == 0


def sum_ball(terms: Sum, imaginary: bool, bits: int, work: int) -> tuple[arb, int]:
    """Return a sum of functions with at least ``bits`` correct bits, and the precision that it took.

    Parameters: ``terms``, exact; ``imaginary`` True takes the imaginary parts; ``work``, the first precision
    that is tried. It comes out wider where it is zero as far as a precision of 64 times ``bits`` can tell.
    """
    while True:
        with working_precision(work):
            total = _sum(terms, imaginary)
            found = total.rel_accuracy_bits() if total.is_finite() else 0
            if found >= bits or total.is_exact() or work > 4 * MAX_BITS:
                return total, work
        if total.contains(0) and work > 64 * (bits + 64):
            return total, work
        work = work + (bits - found) + 16 if found > 0 else 2 * work


def _sum(terms: Sum, imaginary: bool) -> arb:
    from flint import arb

    total = arb(0)
    for key, weight in terms:
        if key == ONE:
            if not imaginary:
                total += arb(weight)
            continue
        value = FUNCTIONS[key[0]](*key[1:])
        total += arb(weight) * (value.imag if imaginary else value.real)
    return total


def _fraction(value: Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _root(value: Fraction, side: int) -> Fraction:
    """Return a bound on a square root, above it for ``side`` 1 and below it for -1, close to it."""
    if value == 1:
        return value
    return Fraction(float(value) ** 0.5) * (1 + Fraction(side, 1 << 40))


@lru_cache(maxsize=64)
def _triangle(a: Rational, b: Rational, c: Rational) -> Triangle:
    """Return the moments of one Delta, which the kernels of a model share."""
    from flint import fmpq

    return Triangle(a, b, c, Field(fmpq, lambda v: bool(v == 0)))


def _product(monomial: Mapping[str, int], value: Rational, at: Mapping[str, Rational]) -> Rational:
    for name, power in monomial.items():
        if name in at:
            value = value * at[name] ** power
    return value
