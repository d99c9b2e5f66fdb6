"""A kernel as a function of one slot, the other ones fixed: bounds on wide intervals and on discs.

A kernel is a sum of powers t^p of the slot times functions g that are completely monotone in s = t^step, or
whose derivatives are (`g2sym.kernels.monotone`): g falls with s and is convex. On an interval of any width
it lies between its values at the two ends. With s off the real axis Delta has a real part of at least Delta
at Re s, so |g| has a bound in the real values too, in which nothing cancels however far a mass is from the
lepton's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.errors import UnsupportedError
from g2sym.integrals.rational import constant
from g2sym.kernels.monotone import Part, parts
from g2sym.kernels.transition_line import closed_along

if TYPE_CHECKING:
    from flint import arb

    from g2sym.integrals.feynman import FeynmanIntegral
    from g2sym.kernels.closed import ClosedKernel
    from g2sym.kernels.transition_line import TransitionLine

BITS = 80
"""Correct bits of a value."""
MOST = 2048
"""Most results that are remembered."""


@dataclass(frozen=True)
class _Fall:
    """sign * t^power * g(t), g falling and convex in t^step.

    Parameters: ``positive``, whether g is known to be: it holds no logarithm; ``closed``, its form.
    """

    sign: int
    power: int
    step: int
    positive: bool
    closed: ClosedKernel | TransitionLine


class Run:
    """A kernel along one slot; made by `Kernel.along`, which gives one for the same masses.

    Parameters: ``integral``; ``slot``, the one that moves; ``power``, 2 where it is a squared mass;
    ``fixed``, exact values of the other ones; ``threshold``: for larger values of the slot the integral is
    real.
    """

    def __init__(
        self,
        integral: FeynmanIntegral,
        slot: str,
        power: int,
        fixed: Mapping[str, Fraction],
        threshold: Fraction,
    ) -> None:
        self.integral, self.slot, self.power, self.fixed = integral, slot, power, dict(fixed)
        self.threshold = threshold
        self._memory: dict[object, Any] = {}

    def remember(self, key: object, make: Callable[[], Any]) -> Any:
        """Return what ``make`` returned for a key, which stands for all that it depends on."""
        found = self._memory.get(key)
        if found is None:
            found = make()
            if len(self._memory) >= MOST:
                self._memory.clear()
            self._memory[key] = found
        return found

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """The kernel as a sum of completely monotone functions (see `g2sym.kernels.monotone.parts`).

        Raises UnsupportedError where it is not known as one.
        """
        return tuple(parts(self.integral, self.slot, self.fixed))

    @cached_property
    def falls(self) -> tuple[_Fall, ...] | None:
        """The kernel as a sum of falling functions times powers; None where it is not known as one."""
        out = []
        try:
            for p in self.parts:
                if p.step * self.power > 2:
                    return None  # the least real part of a higher power of a mass is not at its real end
                closed = closed_along(p.integral, self.slot)
                out.append(_Fall(p.sign, p.power, p.step, p.integral.log == 0, closed))
        except (UnsupportedError, ArithmeticError):  # the second where one of the parts alone diverges
            return None
        return tuple(out)

    @cached_property
    def whole(self) -> ClosedKernel | TransitionLine:
        """The kernel itself, for certified values along the slot."""
        return closed_along(
            self.integral.substitute({n: constant(v) for n, v in self.fixed.items()}), self.slot
        )

    def at(self, t: Fraction, bits: int) -> arb:
        """Return the kernel at an exact value of the slot, with at least ``bits`` correct bits."""
        return self.whole.ball({self.slot: t}, bits)

    def _value(self, number_of: int, t: Fraction) -> arb:
        """Return one of the functions g at an exact value of the slot."""
        assert self.falls is not None
        closed = self.falls[number_of].closed
        found: arb = self.remember((number_of, t), lambda: closed.ball({self.slot: t}, BITS))
        return found

    def range(self, low: Fraction, high: Fraction) -> arb | None:
        """Enclose the kernel for all values from ``low`` to ``high``, however far apart.

        Parameters: 0 < ``low`` <= ``high``. None where it is not known to be made of falling functions, or
        the interval reaches a threshold.
        """
        if self.falls is None or not low > self.threshold:
            return None
        with working_precision(BITS):
            total = number(0)
            for k, fall in enumerate(self.falls):
                ends = number(low) ** fall.power, number(high) ** fall.power
                total += fall.sign * ends[0].union(ends[1]) * self._value(k, low).union(self._value(k, high))
            return total if total.is_finite() else None

    def size(self, low: Fraction, high: Fraction) -> arb | None:
        """Bound the modulus of the kernel for complex values of the slot; None as for `range`.

        Parameters: 0 < ``low`` < ``high``, between which the modulus of t lies; ``low``^n is also the least
        real part of s = t^n, n the `step` of each part.

        With s0 = low^n and Delta = A + s B, B >= 0, the real part of Delta is at least Delta(s0) > 0. So
        |1/Delta^k| is at most its value at s0, and where there is no logarithm |g(s)| <= g(s0). On the
        straight way from s0 to s, -g' is an integral of N B/Delta^(k+1) with N >= 0, at most its value at s0;
        hence |g(s)| <= |g(s0)| + |s - s0| (-g'(s0)), and since g is convex -g'(s0) is at most
        (g(s1) - g(s0))/(s0 - s1) for every s1 < s0 at which it is real. And |s - s0|^2, which is
        |s|^2 - 2 s0 Re s + s0^2, is at most |s|^2 - s0^2.
        """
        if self.falls is None or not low > self.threshold:
            return None
        before = (low + self.threshold) / 2
        with working_precision(BITS):
            total = number(0)
            for k, fall in enumerate(self.falls):
                here = self._value(k, low)
                value = abs(here)
                if not fall.positive:
                    first, start, far = (number(t) ** fall.step for t in (before, low, high))
                    slope = (self._value(k, before) - here) / (start - first)
                    value += (far**2 - start**2).sqrt() * slope
                total += (number(low) ** fall.power).max(number(high) ** fall.power) * value
            return total.upper() if total.is_finite() else None
