"""Kernels of l -> l' gamma in balls: exact coefficients times logarithms, T and dilogarithms, on any side of
the thresholds at which a lepton can decay into the loop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import UnsupportedError
from g2sym.integrals.transition import TransitionIntegral
from g2sym.integrals.triangle import ONE, Field, Triangle
from g2sym.kernels.branches import arc, dilogarithm, logarithm

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

        if self.integral.imaginary and not self.is_complex(values):
            return arb(0)
        terms = self.functions(values)
        work = bits + 40
        while True:
            with working_precision(work):
                total = self._sum(terms)
                found = total.rel_accuracy_bits() if total.is_finite() else 0
                if found >= bits or total.is_exact() or work > 4 * MAX_BITS:
                    return total
            if total.contains(0) and work > 64 * (bits + 64):
                return total
            work = work + (bits - found) + 16 if found > 0 else 2 * work

    def _sum(self, terms: Sum) -> arb:
        from flint import arb

        total = arb(0)
        for key, weight in terms:
            if key == ONE:
                if not self.integral.imaginary:
                    total += arb(weight)
                continue
            value = FUNCTIONS[key[0]](*key[1:])
            total += arb(weight) * (value.imag if self.integral.imaginary else value.real)
        return total

    def is_complex(self, values: Mapping[str, Fraction]) -> bool:
        """True where the heavier lepton can decay into the loop, decided exactly."""
        from flint import fmpq

        at = {name: fmpq(v.numerator, v.denominator) for name, v in values.items()}
        a, b, c = (sum((_product(m, v, at) for m, v in one), fmpq(0)) for one in self._numbers[2:])
        gap = max(fmpq(1), 1 - c) - a - b  # the larger square against (sqrt a + sqrt b)^2
        return bool(gap > 0 and gap * gap > 4 * a * b)

    def is_zero(self, values: Mapping[str, Fraction]) -> bool:
        """True when the part is zero identically at given masses."""
        if self.integral.imaginary and not self.is_complex(values):
            return True
        return not self.functions(values)


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
