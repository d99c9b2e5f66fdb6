"""A function of one parameter over a grid of cells, enclosed by its chords.

A `Sampled` knows a double at each edge of the grid and, for each cell, a bound on how far the function
strays from the chord between the two edges (rounding included). A product of two such functions of two
parameters is bilinear on a cell up to that bound, so its range is the hull of four corners: this is what
makes a whole plane cheap to prove.

An operation rounds by at most `UNIT` of its result, or by half of `LEAST` where that underflows. The bounds
are sums of at most six products of numbers that are not negative, the rounding of which `_UP` holds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from g2sym.errors import UsageError

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles


UNIT = 2.0**-53
LEAST = 2.0**-1074
"""The smallest double: what underflow can take away from a value, and from each term of a bound."""
_UP = 1 + 2.0**-40
"""More than the rounding of the handful of operations that make a bound."""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Doubles at n + 1 edges, and for each of n cells a bound on the distance from the chord."""

    values: Doubles
    stray: Doubles

    @property
    def size(self) -> Doubles:
        """The larger absolute value of each cell's two edges."""
        import numpy as np

        absolute = np.abs(self.values)
        return np.maximum(absolute[:-1], absolute[1:])

    def __add__(self, other: Sampled) -> Sampled:
        total = Sampled(self.values + other.values, self.stray + other.stray)
        return Sampled(total.values, (total.stray + UNIT * total.size) * _UP)

    def __mul__(self, other: Sampled) -> Sampled:
        """Return the product; the product of two chords strays a quarter of their steps' product.

        The value at an edge rounds once, by `UNIT` of at most a b: chord and value are off by that together.
        """
        import numpy as np

        a, b = self.size, other.size
        steps = np.abs(np.diff(self.values)) * np.abs(np.diff(other.values)) / 4
        with np.errstate(invalid="ignore"):  # nothing is known where a bound is infinite
            stray = a * other.stray + b * self.stray + self.stray * other.stray + steps + UNIT * a * b
        return Sampled(self.values * other.values, stray * _UP + 8 * LEAST)

    def scale(self, factor: arb) -> Sampled:
        """Return the function times a ball.

        Its middle rounds once to a double, and so does the value at an edge.
        """
        middle = float(factor.mid())
        radius = float(factor.rad()) * _UP + UNIT * abs(middle)
        stray = abs(middle) * self.stray + (self.size + self.stray) * radius + UNIT * abs(middle) * self.size
        return Sampled(self.values * middle, stray * _UP + 8 * LEAST)

    def coarser(self) -> Sampled:
        """Return the function over cells that join two; n is even.

        The sum of the two outer edges rounds, and so does its distance from the one between them.
        """
        import numpy as np

        values = self.values[::2]
        bend = np.abs(self.values[1::2] - (values[:-1] + values[1:]) / 2)
        wide = np.maximum(self.stray[::2], self.stray[1::2]) + bend
        ends = np.maximum(np.abs(values[:-1]), np.abs(values[1:]))
        return Sampled(values, (wide + UNIT * (ends + bend)) * _UP)


def power(edges: Doubles, exponent: int) -> Sampled:
    """Return x^exponent over the cells between ``edges``.

    It strays from its chord by at most the square of the step over 8 times the largest second derivative:
    at most |p - 2| + 5 roundings, which `_UP` holds. A value takes |p| - 1 roundings, its inverse two more
    (one for what has underflowed in part).
    Raises UsageError for a negative exponent when the edges reach or cross zero.
    """
    import numpy as np

    low, high = edges[:-1], edges[1:]
    if exponent < 0 and not (edges[0] > 0 or edges[-1] < 0):
        raise UsageError("Delta a is infinite where a varied parameter is 0; choose a range without 0.")
    values = _repeated(edges, exponent)
    sizes = np.maximum(np.abs(low), np.abs(high))
    if exponent - 2 < 0:
        sizes = np.minimum(np.abs(low), np.abs(high))
    if exponent in (0, 1):
        return Sampled(values, np.zeros(len(low)))
    curve = abs(exponent * (exponent - 1)) * _repeated(sizes, exponent - 2) * (high - low) ** 2 / 8
    ends = np.maximum(np.abs(values[:-1]), np.abs(values[1:]))
    roundings = abs(exponent) - 1 + 2 * (exponent < 0)
    return Sampled(values, (curve + roundings * UNIT * ends) * _UP + 8 * LEAST)


def _repeated(base: Doubles, exponent: int) -> Doubles:
    """Return a power by multiplication, whose rounding is known (that of ``**`` is not)."""
    import numpy as np

    out = np.ones_like(base)
    for _ in range(abs(exponent)):
        out = out * base
    return 1 / out if exponent < 0 else out
