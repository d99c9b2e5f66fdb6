"""Where a polynomial of degree at most two crosses a level: in doubles, each root with a bound on its error.

What these bounds do not settle is marked unsure, and decided elsewhere by balls. Rounding is counted one
operation at a time: each is off by at most `UNIT` of its result, or by less than `LEAST` where that
underflows; multiplying by four, halving and changing signs are exact. The bounds themselves take fewer than
2^5 operations on terms that are not negative (and differences of a size and an error of at most half of it),
so that a margin of 2^-20 is more than they round.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from g2sym.scans.polynomials import Coefficient

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags, Places


UNIT = 2.0**-53
LEAST = 2.0**-1068
"""More than underflow can take away from the operations of a bound together."""
Level = tuple[Any, Any]
"""A level between two doubles, or arrays of them."""


@dataclass(frozen=True)
class Crossings:
    """Where f crosses a level: roots ``low`` <= ``high`` where ``two``, ``low`` alone where ``one``.

    ``low_error``, ``high_error`` bound the roots' errors. ``rises``: f is above the level to the far right.
    ``above``: where there is no crossing, f is above the level everywhere. ``unsure``: nothing is known.
    """

    low: Doubles
    high: Doubles
    low_error: Doubles
    high_error: Doubles
    one: Flags
    two: Flags
    rises: Flags
    unsure: Flags


def crossings(coefficients: Sequence[Coefficient], level: Level) -> Crossings:
    """Return where sum_k c_k g^k crosses a level, for at most three coefficients that broadcast."""
    import numpy as np

    middle, width = (level[0] + level[1]) / 2, level[1] - level[0]
    c, e = coefficients[0].value - middle, coefficients[0].error
    # the level is within width/2 of its middle, the sum of its ends rounds once, and so does the difference
    e = (e + width / 2 + UNIT * (np.abs(c) + abs(middle))) * (1 + 2.0**-30)
    if len(coefficients) == 1 or _vanish(coefficients[1:]):
        return _constant(c, e)
    if len(coefficients) == 2 or _vanish(coefficients[2:]):
        return _linear(c, e, coefficients[1])
    if len(coefficients) > 3:
        raise ValueError("degree above two")
    return _quadratic(c, e, coefficients[1], coefficients[2])


def _vanish(coefficients: Sequence[Coefficient]) -> bool:
    return all(not x.value.any() and not x.error.any() for x in coefficients)


def _constant(c: Doubles, e: Doubles) -> Crossings:
    import numpy as np

    flat = np.full(c.shape, np.nan)
    no = np.zeros(c.shape, bool)
    return Crossings(flat, flat, flat, flat, no, no, c > 0, ~(np.abs(c) > e))


def _linear(c: Doubles, e: Doubles, b: Coefficient) -> Crossings:
    import numpy as np

    size = np.abs(b.value)
    root = -c / b.value
    error = _quotient_error(root, e, size, b.error)
    unsure = ~(size > 2 * b.error) | ~np.isfinite(error)
    flat = (b.value == 0) & (b.error == 0)
    no = np.zeros(unsure.shape, bool)
    if flat.any():
        flat = np.broadcast_to(flat, unsure.shape)
        unsure = np.where(flat, ~(np.abs(c) > e), unsure)
        return Crossings(root, root, error, error, ~flat, no, np.where(flat, c > 0, b.value > 0), unsure)
    return Crossings(root, root, error, error, ~no, no, np.broadcast_to(b.value > 0, unsure.shape), unsure)


def _quotient_error(ratio: Doubles, top_error: Doubles, bottom: Doubles, bottom_error: Doubles) -> Doubles:
    """Bound the error of a quotient p/q, given |q|.

    |(p + dp)/(q + dq) - p/q| <= (dp + |p/q| dq)/(|q| - dq), and the quotient rounds once. Quotients are taken
    first, so that no product of small numbers underflows.
    """
    import numpy as np

    least = bottom - bottom_error
    relative = bottom_error / least + UNIT * (bottom / least)
    error: Doubles = (top_error / least + np.abs(ratio) * relative) * (1 + 2.0**-20) + LEAST
    return error


def _quadratic(c: Doubles, ec: Doubles, linear: Coefficient, square: Coefficient) -> Crossings:
    import numpy as np

    a, ea, b, eb = square.value, square.error, linear.value, linear.error
    big_a, big_b = np.abs(a), np.abs(b)
    product = 4 * np.abs(a * c)
    disc = b * b - 4 * a * c
    # |B^2 - b^2| <= db (2 |b| + db) and |A C - a c| <= |a| dc + (|c| + dc) da; b b, (4 a) c and their
    # difference, at most b b + 4 |a c|, round once each
    slack = eb * (2 * big_b + eb) + 4 * (big_a * ec + (np.abs(c) + ec) * ea) + 2 * UNIT * (b * b + product)
    slack = slack * (1 + 2.0**-20) + LEAST
    two, none = disc > 4 * slack, disc < -slack
    root = np.sqrt(np.where(two, disc, np.nan))
    # |sqrt D - sqrt d| = |D - d|/(sqrt D + sqrt d), where D >= d - slack > 3/4 d; the root rounds once
    error = 0.54 * slack / root + UNIT * root
    q = -(b + np.where(b < 0, -root, root)) / 2
    eq = (eb + error) / 2 + UNIT * np.abs(q)  # the sum, of twice the size, rounds once
    first, second = q / a, c / q
    e1, e2 = _quotient_error(first, eq, big_a, ea), _quotient_error(second, ec, np.abs(q), eq)
    swap = first > second
    low, high = np.where(swap, second, first), np.where(swap, first, second)
    e_low, e_high = np.where(swap, e2, e1), np.where(swap, e1, e2)
    sure = (big_a > 2 * ea) & (none | (two & np.isfinite(e1) & np.isfinite(e2) & (np.abs(q) > 2 * eq)))
    shape = sure.shape
    no = np.zeros(shape, bool)
    found = Crossings(low, high, e_low, e_high, no, two, np.broadcast_to(a > 0, shape), ~sure)
    flat = np.broadcast_to((a == 0) & (ea == 0), shape)
    if not flat.any():
        return found
    line = _linear(c, ec, linear)

    def merged(x: Any, y: Any) -> Any:
        return np.where(flat, np.broadcast_to(x, shape), y)

    return Crossings(
        merged(line.low, low),
        merged(line.high, high),
        merged(line.low_error, e_low),
        merged(line.high_error, e_high),
        merged(line.one, no),
        merged(line.two, two),
        merged(line.rises, found.rises),
        merged(line.unsure, found.unsure),
    )


def count_above(found: Crossings, grid: Doubles) -> tuple[Places, Flags]:
    """Return for how many values of an ascending grid f lies above the level, and where that is unsure."""
    import numpy as np

    n = len(grid)
    pad = np.concatenate(([-np.inf], grid, [np.inf]))
    unsure = found.unsure
    count = np.where(found.rises, n, 0)
    if found.one.any():
        at, apart = _place(pad, found.low, found.low_error)
        unsure = unsure | (found.one & ~apart)
        count = np.where(found.one, np.where(found.rises, n - at, at), count)
    if found.two.any():
        first, clear = _place(pad, found.low, found.low_error)
        last, clear_too = _place(pad, found.high, found.high_error)
        unsure = unsure | (found.two & ~(clear & clear_too))
        between = last - first
        count = np.where(found.two, np.where(found.rises, n - between, between), count)
    return count, unsure


def _place(pad: Doubles, root: Doubles, error: Doubles) -> tuple[Places, Flags]:
    """Return how many grid values lie below a root, and whether none lies within its error.

    The two differences round by 2^-53 of themselves, less than the errors' own margin.
    """
    import numpy as np

    at = np.searchsorted(pad[1:-1], root)
    clear = (root - pad[at] > error) & (pad[at + 1] - root > error)
    return at, clear
