"""Which values of a coupling a measurement of a quotient allows; doubles prove its denominator positive."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from g2sym.constraints.maps import levels_of
from g2sym.inputs import Window
from g2sym.scans.levels import UNIT, count_above, crossings
from g2sym.scans.polynomials import SMALLEST, Coefficient
from g2sym.scans.rates import never_negative, reaches_below

if TYPE_CHECKING:
    from g2sym.base.types import Doubles


def quotient_counted(
    above: Sequence[Coefficient], below: Sequence[Coefficient], values: Doubles, window: Window
) -> tuple[Any, Any]:
    """Return for each row how many values of the coupling are allowed, and where that is not known.

    Parameters: ``above``, ``below``, numerator and denominator as polynomials in the coupling; ``values``, an
    ascending grid of it. Where the denominator q is proved positive at every value, p/q lies above a level L
    exactly where p - L q is positive; rows in which it is not are left to balls.
    """
    import numpy as np

    if len(above) > 3 or len(below) > 3:
        return np.zeros((), np.int64), np.ones((), bool)
    zero = bool((values == 0).any())
    known = _sign(below, zero) > 0
    ends = levels_of(window)
    low, unsure_low = _above(above, below, ends.low, values, zero)
    high, unsure_high = _above(above, below, ends.high, values, zero)
    if reaches_below(window):
        moot = never_negative([(c.value, c.error) for c in above])
        low, unsure_low = np.where(moot, len(values), low), unsure_low & ~moot
    return low - high, unsure_low | unsure_high | ~known


def _above(
    above: Sequence[Coefficient],
    below: Sequence[Coefficient],
    level: tuple[float, float],
    values: Doubles,
    zero: bool,
) -> tuple[Any, Any]:
    """Return for how many values p - L q is positive, and where that is not known."""
    import numpy as np

    found = combined(above, below, level)
    count, unsure = count_above(crossings(found, (0.0, 0.0)), values)
    sign = _sign(found, zero)  # also of a number times a square, whose root doubles leave open
    count = np.where(sign > 0, len(values), np.where(sign < 0, 0, count))
    return count, unsure & (sign == 0)


def combined(
    above: Sequence[Coefficient], below: Sequence[Coefficient], level: tuple[float, float]
) -> list[Coefficient]:
    """Return the coefficients of p - L q, L between two doubles.

    With m their middle, which rounds by u |m|, and w their distance, L is within w/2 + u |m| of m, and
    |L Q - m q| <= |m| e + (|q| + e)(w/2 + u |m|) for Q within e of q. The product m q and the difference
    round once each. A margin of 2^-20 is more than the bound's own few roundings; a product that may
    underflow has no bound.
    """
    import numpy as np

    middle, width = (level[0] + level[1]) / 2, level[1] - level[0]
    loose = width / 2 + UNIT * abs(middle)
    nothing = Coefficient(np.zeros(()), np.zeros(()))
    out = []
    for power in range(max(len(above), len(below))):
        p = above[power] if power < len(above) else nothing
        q = below[power] if power < len(below) else nothing
        size = np.abs(q.value)
        part = middle * q.value
        value = p.value - part
        error = p.error + abs(middle) * q.error + (size + q.error) * loose
        error = (error + UNIT * (np.abs(part) + np.abs(value))) * (1 + 2.0**-20)
        small = (size != 0) & (np.abs(part) < SMALLEST)
        out.append(Coefficient(value, np.where(small, np.inf, error)))
    return out


def _sign(coefficients: Sequence[Coefficient], zero: bool) -> Any:
    """Return 1 or -1 where a polynomial has this sign at all values, 0 where that is not seen.

    Seen are even polynomials whose coefficients agree; ``zero`` says that 0 is among the values.
    """
    import numpy as np

    values = [(c.value, c.error) for c in coefficients]
    out: Any = np.zeros((), np.int64)
    for sign in (1, -1):
        signed = [(sign * value, error) for value, error in values]
        strict: Any = signed[0][0] > signed[0][1]
        if not zero:
            for value, error in signed[2::2]:
                strict = strict | (value > error)
        out = np.where(never_negative(signed) & strict, sign, out)
    return out
