"""Kernels of l -> l' gamma along one slot, the other ones fixed, in balls.

The integral is a sum of functions whose arguments and coefficients are rational functions of the slot: they
are found once, and each value then takes a few exact numbers and as many functions in balls.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property

from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import Frac, constant
from g2sym.integrals.transition import TransitionIntegral
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.transition import TransitionValues, sum_ball

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

    from g2sym.integrals.rational import Poly
    from g2sym.kernels.transition import Sum

    Univariate = Any
    """flint.fmpq_poly, which ships no types"""
    Quotient = tuple[Univariate, Univariate]

SPARE = 40
"""Bits beyond those wanted at the first masses; later ones begin with what their neighbours took."""


class TransitionLine:
    """An integral of l -> l' gamma as a function of one slot, below threshold.

    Parameters: ``integral``, which no other slot stands in; ``slot``, positive where it is evaluated.
    """

    def __init__(self, integral: TransitionIntegral, slot: str) -> None:
        self.integral, self.slot = integral, slot
        self._spare: dict[int, int] = {}

    @cached_property
    def _functions(self) -> tuple[tuple[str, tuple[Quotient, ...], Quotient], ...]:
        """Name, arguments and coefficient of each function."""
        found = []
        for (name, *arguments), weight in self.integral.functions.items():
            ends = tuple(_quotient(one, self.slot) for one in arguments)
            found.append((name, ends, _quotient(weight, self.slot)))
        return tuple(found)

    def terms(self, t: Fraction) -> Sum:
        """Return the functions at an exact value of the slot, with their exact coefficients."""
        from flint import fmpq

        at = fmpq(t.numerator, t.denominator)
        return tuple(
            ((name, *(top(at) / bottom(at) for top, bottom in ends)), weight[0](at) / weight[1](at))
            for name, ends, weight in self._functions
        )

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value with at least ``bits`` correct bits; an imaginary part is zero."""
        from flint import arb

        if self.integral.imaginary:
            return arb(0)
        t = values[self.slot]
        size = t.numerator.bit_length() - t.denominator.bit_length()
        spare = self._spare.get(size, SPARE)
        found, work = sum_ball(self.terms(t), False, bits, bits + spare)
        self._spare[size] = work - bits
        return found

    def balls(self, points: Sequence[float], bits: int) -> list[arb]:
        """Return the values at many doubles of the slot, each with at least ``bits`` correct bits."""
        return [self.ball({self.slot: Fraction(t)}, bits) for t in points]


def closed_along(integral: FeynmanIntegral, slot: str) -> ClosedKernel | TransitionLine:
    """Return an integral in which one slot stands, ready for certified values along it.

    Raises UnsupportedError or ArithmeticError where it has none.
    """
    if isinstance(integral, TransitionIntegral):
        return TransitionLine(integral, slot)
    return ClosedKernel(integral.canonical, slot)


def at_zero(integral: FeynmanIntegral, slot: str, bits: int) -> arb:
    """Return an integral in which one slot stands at its value zero, with at least ``bits`` correct bits.

    Raises ArithmeticError where it diverges there.
    """
    if isinstance(integral, TransitionIntegral):
        try:
            return TransitionValues(integral).ball({slot: Fraction(0)}, bits)
        except UnsupportedError as error:
            raise ArithmeticError(str(error)) from None
    from g2sym.kernels.confirmed import form_ball

    return form_ball(integral.substitute({slot: constant(0)}).canonical, {}, bits)


def _quotient(value: Frac, slot: str) -> Quotient:
    return _univariate(value.num, slot), _univariate(value.den, slot)


def _univariate(poly: Poly, slot: str) -> Univariate:
    from flint import fmpq_poly

    powers = {monomial.get(slot, 0): factor for monomial, factor in poly.terms()}
    return fmpq_poly([powers.get(n, 0) for n in range(max(powers, default=0) + 1)])


def is_imaginary(integral: FeynmanIntegral) -> bool:
    """True for the imaginary part of a form factor's integral, which is zero below every threshold."""
    return isinstance(integral, TransitionIntegral) and integral.imaginary
