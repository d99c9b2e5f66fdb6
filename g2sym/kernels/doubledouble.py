"""Double-double arithmetic on numpy arrays: pairs (high, low) of doubles, about 106 bits.

High and low never overlap. Error-free transformations after Dekker, Numer. Math. 18 (1971) 224, and
Knuth; bounds after Joldes, Muller and Popescu, ACM Trans. Math. Softw. 44 (2017) 15: a relative error
of at most `SUM_ERROR` for `add` and `PRODUCT_ERROR` for `mul`, as long as nothing over- or underflows
(factors between 2^-480 and 2^480 are safe).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision

if TYPE_CHECKING:
    import numpy as np
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles

Part = Any
"""A double or an array of doubles: the functions below are the same for both."""

Pair = tuple[Part, Part]
"""High and low part, of one shape."""

SUM_ERROR = 3 * 2.0**-106
PRODUCT_ERROR = 8 * 2.0**-106
SCALE_ERROR = 3 * 2.0**-106
"""Of `scale`: with u = 2^-53 the low part's product rounds by u^2, its sum with the exact rest by 2 u^2."""
INVERSE_ERROR = 12 * 2.0**-106
"""Of `inverse`: the quotient g of doubles is off by u, so r = 1 - g a is at most 2 u. r is rounded by u^2,
u^2 and 2 u^2, g r by 2 u^2, and r^2, at most 4 u^2, is left out: 10 u^2, and 2 for what is of higher
order."""
SPLIT = 134217729.0  # 2^27 + 1


def two_sum(a: Part, b: Part) -> Pair:
    """Return a + b exactly."""
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


def quick_two_sum(a: Part, b: Part) -> Pair:
    """Return a + b exactly, for |a| >= |b|."""
    s = a + b
    return s, b - (s - a)


def split(a: Part) -> Pair:
    """Return two halves of 26 bits each."""
    t = SPLIT * a
    high = t - (t - a)
    return high, a - high


def two_prod(a: Part, b: Part) -> Pair:
    """Return a * b exactly."""
    p = a * b
    ah, al = split(a)
    bh, bl = split(b)
    return p, ((ah * bh - p) + ah * bl + al * bh) + al * bl


def add(x: Pair, y: Pair) -> Pair:
    """Return x + y, accurate also where they cancel."""
    s, e = two_sum(x[0], y[0])
    t, f = two_sum(x[1], y[1])
    s, e = quick_two_sum(s, e + t)
    return quick_two_sum(s, e + f)


def mul(x: Pair, y: Pair) -> Pair:
    """Return x * y."""
    p, e = two_prod(x[0], y[0])
    return quick_two_sum(p, e + (x[0] * y[1] + x[1] * y[0]))


def scale(x: Pair, a: Part) -> Pair:
    """Return x * a for a plain double a."""
    p, e = two_prod(x[0], a)
    return quick_two_sum(p, e + x[1] * a)


def inverse(a: Pair) -> Pair:
    """Return 1/a by one Newton step on the double quotient."""
    guess = 1.0 / a[0]
    p, e = two_prod(guess, a[0])
    rest = ((1.0 - p) - e) - guess * a[1]
    return quick_two_sum(guess, guess * rest)


def power(x: Pair, n: int) -> Pair:
    """Return x^n for an integer n, by repeated multiplication."""
    if n < 0:
        return inverse(power(x, -n))
    if n == 0:
        return 0.0 * x[0] + 1.0, 0.0 * x[0]
    out = x
    for _ in range(n - 1):
        out = mul(out, x)
    return out


def from_arb(value: arb) -> tuple[float, float]:
    """Round a ball's midpoint to a pair (the caller accounts for the ball's radius)."""
    high = float(value.mid())
    low = float((value - high).mid()) if abs(high) < float("inf") else 0.0
    return high, low


LOG_BITS = 7


@cache
def _log_table() -> tuple[Doubles, Doubles, tuple[float, float]]:
    """Return centres c of 128 cells of [1/2, 1) and ln c in double-double."""
    import numpy as np
    from flint import arb

    count = 1 << LOG_BITS
    centres = (np.arange(count) + 0.5) / (2 * count) + 0.5
    with working_precision(160):
        pairs = np.array([from_arb(arb(float(c)).log()) for c in centres])
        two = from_arb(arb(2).log())
    return centres, pairs, two


def log(mantissa: Doubles, exponent: NDArray[np.signedinteger]) -> Pair:
    """Return ln(mantissa 2^exponent), absolute error below 2^-68 (1 + |exponent| 2^-30).

    Parameters: ``mantissa``, an array in [1/2, 1); ``exponent``, an array of integers.
    """
    import numpy as np

    centres, pairs, two = _log_table()
    place = ((mantissa - 0.5) * (2 << LOG_BITS)).astype(np.int64)
    c = centres[place]
    gap = mantissa - c  # exact: both in the same binade
    t = gap / c
    p, e = two_prod(t, c)
    t_low = ((gap - p) - e) / c
    # ln(1 + t) - t, |t| <= 2^-8: nine terms leave less than 2^-80
    tail = t * 0.0
    for n in range(10, 1, -1):
        tail = t * (tail + (-1.0) ** (n + 1) / n)
    small = add((t, t_low), two_sum(t * tail, -t * t_low))
    whole = scale((two[0] + 0.0 * t, two[1] + 0.0 * t), exponent.astype(float))
    return add(whole, add((pairs[place, 0], pairs[place, 1]), small))
