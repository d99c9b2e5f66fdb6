"""Two arithmetics over arrays for one formula: doubles, and pairs of doubles with twice the digits.

What a formula needs beyond the operators: `Arithmetic.log`, `atan`, `sqrt`, `where` and `size`, and the
error of each operation, ``unit``, relative. Pairs are those of `g2sym.kernels.doubledouble`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.kernels import doubledouble as dd

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

CELLS = 128
"""Cells in which a logarithm and an arc tangent are reduced to an argument below 1/256."""
ODD = 7
"""Odd powers after the first: (1/256)^16/17 is 2^-132."""


class Wide:
    """An array of pairs with the operators of numbers; ``high`` and ``low`` have one shape."""

    __slots__ = ("high", "low")

    def __init__(self, high: Any, low: Any) -> None:
        self.high, self.low = high, low

    @staticmethod
    def of(value: Any) -> Wide:
        """Return a pair; plain numbers are exact."""
        return value if isinstance(value, Wide) else Wide(value, 0.0 * value)

    @property
    def pair(self) -> dd.Pair:
        """The two parts."""
        return self.high, self.low

    def __add__(self, other: Any) -> Wide:
        return Wide(*dd.add(self.pair, Wide.of(other).pair))

    def __neg__(self) -> Wide:
        return Wide(-self.high, -self.low)

    def __sub__(self, other: Any) -> Wide:
        return self.__add__(-Wide.of(other))

    def __rsub__(self, other: Any) -> Wide:
        return (-self).__add__(other)

    def __mul__(self, other: Any) -> Wide:
        return Wide(*dd.mul(self.pair, Wide.of(other).pair))

    __radd__ = __add__
    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Wide:
        """Divide by two corrections of the double quotient: an error of at most 2^-102."""
        below = Wide.of(other)
        first = self.high / below.high
        rest = self - below * first
        second = rest.high / below.high
        rest = rest - below * second
        return Wide(*dd.quick_two_sum(first, second)) + Wide.of(rest.high / below.high)

    def __rtruediv__(self, other: Any) -> Wide:
        return Wide.of(other) / self


@dataclass(frozen=True)
class Arithmetic:
    """``unit``, the relative error of an operation; ``library``, that of a logarithm or an arc tangent.

    A logarithm may besides err by one unit, absolutely; ``terms`` of a power series in at most 0.02 suffice.
    """

    unit: float
    library: float
    terms: int
    wide: bool

    def number(self, pair: dd.Pair) -> Any:
        """Return a pair as a number of this arithmetic."""
        return Wide(*pair) if self.wide else pair[0]

    def exact(self, value: Doubles) -> Any:
        """Return doubles as numbers of this arithmetic."""
        return Wide.of(value) if self.wide else value

    def sum(self, a: dd.Pair, b: dd.Pair) -> Any:
        """Return a + b, rounded once."""
        if self.wide:
            return Wide(*dd.add(a, b))
        high, rest = dd.two_sum(a[0], b[0])
        return high + (rest + (a[1] + b[1]))

    def size(self, value: Any) -> Doubles:
        """Return the size as doubles, for a bound."""
        import numpy as np

        size: Doubles = np.abs(value.high if isinstance(value, Wide) else value)
        return size

    def where(self, condition: Flags, first: Any, second: Any) -> Any:
        """Return the first where the condition holds, else the second."""
        import numpy as np

        if not self.wide:
            return np.where(condition, first, second)
        a, b = Wide.of(first), Wide.of(second)
        return Wide(np.where(condition, a.high, b.high), np.where(condition, a.low, b.low))

    def sqrt(self, value: Any) -> Any:
        """Return the square root: one Newton step on that of doubles."""
        import numpy as np

        if not self.wide:
            return np.sqrt(value)
        root = np.sqrt(value.high)
        rest = value - Wide(*dd.two_prod(root, root))
        return Wide(*dd.quick_two_sum(root, rest.high / (2 * root)))

    def log(self, value: Any) -> Any:
        """Return the logarithm."""
        import numpy as np

        return _log(value) if self.wide else np.log(value)

    def log1p(self, value: Any) -> Any:
        """Return ln(1 + value) for values that are not small."""
        import numpy as np

        return _log(value + 1) if self.wide else np.log1p(value)

    def atan(self, value: Any) -> Any:
        """Return the arc tangent of values above 0.1: relative to smaller ones pairs lose digits."""
        import numpy as np

        return _atan(value) if self.wide else np.arctan(value)


DOUBLE = Arithmetic(2.0**-53, 2.0**-50, 11, False)
"""numpy's own tests hold its logarithm and arc tangent to 4 units in the last place."""
DOUBLE_DOUBLE = Arithmetic(2.0**-101, 2.0**-98, 20, True)


@cache
def _tables() -> tuple[Doubles, Doubles, Doubles, dd.Pair, dd.Pair]:
    """Return ln and arc tangent at the centres of 128 cells as pairs, ln 2 and pi/2."""
    import numpy as np
    from flint import arb

    centres = (np.arange(CELLS) + 0.5) / CELLS
    with working_precision(160):
        logs = np.array([dd.from_arb(arb(0.5 + 0.5 * float(c)).log()) for c in centres])
        arcs = np.array([dd.from_arb(arb(float(c)).atan()) for c in centres])
        two, half = dd.from_arb(arb(2).log()), dd.from_arb(arb.pi() / 2)
    return centres, logs, arcs, two, half


def _odd(t: Wide, sign: float) -> Wide:
    """Return t + sign t^3/3 + t^5/5 + ... for |t| < 1/256: two terms in pairs, the others in doubles."""
    square = t * t
    rest = 0.0 * t.high
    for k in range(ODD, 2, -1):
        rest = square.high * rest + sign**k / (2 * k + 1)
    # a third and a fifth are rounded to pairs; the rest is below 2^-48 of t
    tail = square * (Wide.of(square.high * rest) + Wide(*FIFTH))
    return t + t * square * (tail + Wide(sign * THIRD[0], sign * THIRD[1]))


THIRD = (1 / 3, 1 / 3 * 2.0**-54)
FIFTH = (0.2, -0.2 * 2.0**-54)


def _log(value: Wide) -> Wide:
    """Return ln: the mantissa over the centre of its cell, then 2 artanh((x - c)/(x + c))."""
    import numpy as np

    centres, logs, _, two, _ = _tables()
    mantissa, exponent = np.frexp(value.high)
    low = np.ldexp(value.low, -exponent)
    place = np.clip(((mantissa - 0.5) * (2 * CELLS)), 0, CELLS - 1)
    place = np.where(mantissa == mantissa, place, 0).astype(np.int64)
    centre = 0.5 + 0.5 * centres[place]
    x = Wide(mantissa, low)
    small = _odd((x - centre) / (x + centre), 1.0)
    whole = Wide(*two) * Wide.of(exponent.astype(float))
    found = whole + (Wide(logs[place, 0], logs[place, 1]) + small * 2.0)
    # the mantissa of zero is in no cell: nothing there, as for numpy's logarithm
    nothing = np.full(np.shape(value.high), np.nan)
    chosen: Wide = DOUBLE_DOUBLE.where(value.high > 0, found, Wide(nothing, nothing))
    return chosen


def _atan(value: Wide) -> Wide:
    """Return the arc tangent, that of the inverse above 1, by its value at the centre of a cell."""
    import numpy as np

    centres, _, arcs, _, half = _tables()
    above = value.high > 1
    x = DOUBLE_DOUBLE.where(above, 1.0 / value, value)
    place = np.clip(x.high * CELLS, 0, CELLS - 1)
    place = np.where(x.high == x.high, place, 0).astype(np.int64)
    centre = centres[place]
    small = _odd((x - centre) / (x * centre + 1), -1.0)
    found = Wide(arcs[place, 0], arcs[place, 1]) + small
    chosen: Wide = DOUBLE_DOUBLE.where(above, Wide(*half) - found, found)
    return chosen
