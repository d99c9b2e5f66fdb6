"""For which real couplings does a polynomial Delta a(g) lie in an interval? Certified windows, none missed.

The set is found from structure, not on a grid: it changes only at real roots of Delta a - high and
Delta a - low, and which side is allowed follows from the sign at minus infinity and from multiplicities. A
window of any narrowness is therefore found, such as the line where two contributions cancel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING

from g2sym.base.balls import Ball, working_precision
from g2sym.constraints.roots import Undecided, ball_roots, exact_roots, sign, to_arb
from g2sym.errors import PrecisionError

if TYPE_CHECKING:
    from flint import arb

Span = tuple[Ball | None, Ball | None]
"""An allowed window of a coupling: lower and upper end, None for an open end."""
Edge = Callable[[int], "arb"] | Fraction
"""An end of the interval for Delta a: exact, or a function of the precision in bits."""

START_BITS = 128
MAX_BITS = 1 << 14
"""Most bits tried; two numbers that agree to 4900 digits are then reported as not separable."""


def allowed_windows(
    coefficients: Callable[[int], Sequence[arb | Fraction | int]],
    low: Edge,
    high: Edge,
    digits: int = 17,
    what: str = "the bound",
) -> list[Span]:
    """Return the closed set of real g with low <= Delta a(g) <= high, as windows from left to right.

    Parameters: ``coefficients(bits)``, the coefficients of Delta a by power of g, of any degree, as flint
    balls or exact numbers, called inside `working_precision`; ``low`` < ``high``; ``digits``, correct
    significant decimals of every end; ``what`` names the result in an error.
    Returns an empty list when nothing is allowed, ``[(None, None)]`` when everything is; a window whose ends
    are the same is a single point (tangency, known exactly for exact input).
    Raises PrecisionError when `MAX_BITS` do not decide it.
    """
    bits = max(START_BITS, 8 * digits)
    reason = ""
    while bits <= MAX_BITS:
        try:
            with working_precision(bits):
                return _attempt(coefficients(bits), edge_at(low, bits), edge_at(high, bits), digits)
        except Undecided as problem:
            reason = str(problem)
            bits *= 2
    raise PrecisionError(
        f"{what}: {reason} could not be told with {MAX_BITS} bits; "
        "a touching window or a vanishing coefficient is the likely cause, so move the inputs a little."
    )


def contains(windows: Sequence[Span], value: Fraction | int) -> bool:
    """True when ``value`` lies in one of the windows, ends included.

    Raises PrecisionError when the value is closer to an end than the end is known.
    """
    return any(_side(low, value) >= 0 >= _side(high, value) for low, high in windows)


def _side(end: Ball | None, value: Fraction | int) -> int:
    """The side of ``end`` that ``value`` is on; 0 on it, and for an open end."""
    if end is None or end.lower == value == end.upper:
        return 0
    if end.contains(value):
        raise PrecisionError(f"{value} is too close to the end of a window; ask for more digits.")
    return 1 if value > end.upper else -1


def edge_at(edge: Edge, bits: int) -> arb | Fraction:
    """Return an end of the interval at a precision in bits."""
    return edge if isinstance(edge, Fraction) else edge(bits)


def _attempt(
    given: Sequence[arb | Fraction | int], low: arb | Fraction, high: arb | Fraction, digits: int
) -> list[Span]:
    """One attempt at the precision in force; raises Undecided to be given more."""
    if sign(to_arb(high) - to_arb(low), "the width of the interval for Delta a") <= 0:
        raise ValueError("the interval for Delta a is empty: its low end is not below its high end")
    coefficients = [to_arb(c) for c in given] or [to_arb(0)]
    if not all(c.is_finite() for c in coefficients):
        raise Undecided("the size of a coefficient")
    crossings: list[
        tuple[arb, int, int]
    ] = []  # where, multiplicity, 0 for the low level or 1 for the high one
    start = []
    for which, level in enumerate((low, high)):
        exact = _exact(given, level)
        if exact is None:
            shifted = [coefficients[0] - to_arb(level), *coefficients[1:]]
            found = ball_roots(shifted)
        else:
            shifted = [to_arb(c) for c in exact]
            found = exact_roots(exact)
        crossings += [(root, count, which) for root, count in found]
        start.append(_sign_at_minus_infinity(shifted))
    return _sweep(ordered(crossings), start, digits)


def _exact(given: Sequence[arb | Fraction | int], level: arb | Fraction) -> list[Fraction] | None:
    """The coefficients of Delta a - level as fractions, when all of them are exact."""
    if not isinstance(level, Fraction):
        return None
    numbers = [Fraction(c) for c in given if isinstance(c, int | Fraction)]
    if not numbers or len(numbers) != len(given):
        return None
    return [numbers[0] - level, *numbers[1:]]


def _sign_at_minus_infinity(coefficients: Sequence[arb]) -> int:
    for power in range(len(coefficients) - 1, 0, -1):
        if not coefficients[power].is_zero():
            return sign(coefficients[power], "the leading coefficient") * (-1 if power % 2 else 1)
    return sign(coefficients[0], "the distance of Delta a from the edge of its interval")


def ordered(crossings: list[tuple[arb, int, int]]) -> list[tuple[arb, int, int]]:
    """Return crossings from left to right; raises Undecided where two are not separated."""

    def compare(a: tuple[arb, int, int], b: tuple[arb, int, int]) -> int:
        return -1 if a[0].mid() < b[0].mid() else int(a[0].mid() > b[0].mid())

    out = sorted(crossings, key=cmp_to_key(compare))
    for left, right in pairwise(out):
        if not left[0] < right[0]:
            raise Undecided("the order of two ends")
    return out


def _sweep(crossings: Sequence[tuple[arb, int, int]], start: list[int], digits: int) -> list[Span]:
    """Walk from minus to plus infinity, opening and closing windows at the crossings."""
    signs = list(start)  # of Delta a - low and of Delta a - high

    def inside() -> bool:
        return signs[0] >= 0 >= signs[1]

    spans: list[Span] = []
    opened: Ball | None = None
    before = inside()
    for root, count, which in crossings:
        if count % 2:
            signs[which] = -signs[which]
        after = inside()
        if before and after:
            continue  # touched from inside
        end = certified_end(root, digits)
        if before:
            spans.append((opened, end))
        elif after:
            opened = end
        else:
            spans.append((end, end))  # touched from outside: this one point is allowed
        before = after
    if before:
        spans.append((opened, None))
    return spans


def certified_end(root: arb, digits: int) -> Ball:
    """Copy a root, once it is known to ``digits`` correct decimals."""
    ball = Ball.from_arb(root)
    if ball.radius == 0:
        return ball
    goal = int((digits + 2) * 3.3220) + 2
    accuracy = root.rel_accuracy_bits()
    if accuracy < goal or (accuracy < 2 * goal and not ball.agrees(digits)):
        raise Undecided("the digits of an end")
    return ball
