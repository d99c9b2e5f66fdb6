"""Running error bounds: values over arrays of any namespace, each with a bound on its absolute error.

With u = 2^-53 every operation rounds by at most u of its result; what underflows on the way, or is flushed to
zero, errs by less than `TINY`, which every product and quotient adds. Bounds are themselves computed in
doubles: whoever uses one multiplies it by `SLACK`. Fused multiply-adds round less often, never more.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from g2sym.arrays.namespace import Space

UNIT = 2.0**-53
TINY = 2.0**-1000
SLACK = 1.01
MOST = 2.0**100
"""Arrays of numbers beyond this, or below its inverse, have no running error."""
LOG_ERROR = 8 * UNIT
"""Relative error granted to a namespace's logarithm: four units in the last place (libraries have one)."""


@dataclass(frozen=True)
class Running:
    """A value over arrays and a bound on its absolute error."""

    space: Space
    value: Any
    error: Any

    def __add__(self, other: Running) -> Running:
        value = self.value + other.value
        return Running(self.space, value, self.error + other.error + UNIT * self.space.xp.abs(value))

    def __mul__(self, other: Running) -> Running:
        size = self.space.xp.abs
        value = self.value * other.value
        error = size(self.value) * other.error + size(other.value) * self.error + self.error * other.error
        return Running(self.space, value, error + UNIT * size(value) + TINY)

    def __truediv__(self, other: Running) -> Running:
        return self * other._inverse()

    def __pow__(self, power: int) -> Running:
        out = self
        for _ in range(abs(power) - 1):
            out = out * self
        return out if power > 0 else out._inverse()

    def _inverse(self) -> Running:
        """Return 1/x, NaN where x may be zero: |1/x - 1/x'| = |x - x'|/|x x'|, |x'| >= |x| - error."""
        size = self.space.xp.abs(self.value)
        sure = self.space.good(size > SLACK * self.error)
        value = 1.0 / (self.value * sure)
        size = size * sure
        error = self.error / (size * (size - self.error)) + UNIT * self.space.xp.abs(value) + TINY
        return Running(self.space, value, error)

    def _positive(self) -> Any:
        """Return the value, and NaN where it may not be positive."""
        return self.value * self.space.good(self.value > SLACK * self.error)

    def sqrt(self) -> Running:
        """Return the square root, NaN where the number may not be positive: |dr| <= |dx|/r."""
        value = self.space.xp.sqrt(self._positive())
        return Running(self.space, value, self.error / value + UNIT * value)

    def log(self) -> Running:
        """Return the logarithm, NaN where the number may not be positive: |d ln x| <= |dx|/(x - |dx|)."""
        inside = self._positive()
        value = self.space.xp.log(inside)
        error = self.error / (inside - self.error) + LOG_ERROR * self.space.xp.abs(value)
        return Running(self.space, value, error + TINY)


def exact(space: Space, value: Any) -> Running:
    """Return doubles that are exact as they are, NaN for those whose powers may leave their range."""
    size = space.xp.abs(value)
    value = value * space.good(((size > 1 / MOST) & (size < MOST)) | (size == 0))
    return Running(space, value, 0.0 * value)


def rounded(space: Space, value: float) -> Running:
    """Return a constant that was rounded to the nearest double."""
    return Running(space, space.array(value), space.array(abs(value) * UNIT + TINY))


def number(space: Space, value: Fraction) -> Running:
    """Return a rational number, NaN beyond the range of doubles."""
    try:
        return rounded(space, float(value))
    except OverflowError:
        return rounded(space, math.nan)
