"""Where windows overlap: ends of measured windows compared exactly, certified windows intersected."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from g2sym.base.balls import Ball, working_precision
from g2sym.constraints.roots import Undecided
from g2sym.constraints.windows import Span
from g2sym.errors import PrecisionError
from g2sym.inputs import Edge

MAX_BITS = 1 << 16
"""Most bits at which two different ends are compared; they are known exactly, so far fewer do."""


def compare(one: Edge, two: Edge) -> int:
    """Return the sign of the difference of two ends o + f sqrt(s), exactly.

    Two irrational ends are equal only where the o are and the signed squares f |f| s too: were
    f sqrt(s) - g sqrt(t) = d a rational other than 0, then squaring f sqrt(s) = d + g sqrt(t) would make
    sqrt(t) rational. A rational end never equals an irrational one. Different ends part at some precision.
    """
    a, b = one.exact, two.exact
    if a is not None and b is not None:
        return (a > b) - (a < b)
    if a is None and b is None:
        squares = [end.factor * abs(end.factor) * end.square for end in (one, two)]
        if one.offset == two.offset and squares[0] == squares[1]:
            return 0
    bits = 128
    while bits <= MAX_BITS:
        with working_precision(bits):
            difference = one(bits) - two(bits)
            if not difference.contains(0):
                return 1 if difference > 0 else -1
        bits *= 2
    raise PrecisionError(f"Two ends of windows could not be told apart with {MAX_BITS} bits.")


def innermost(edges: Sequence[tuple[Edge, Edge]]) -> tuple[Edge, Edge]:
    """Return the largest lower and the smallest upper end of windows (low, high), exactly.

    Where the first lies above the second the windows have no value in common.
    """
    low, high = edges[0]
    for left, right in edges[1:]:
        low = left if compare(left, low) > 0 else low
        high = right if compare(right, high) < 0 else high
    return low, high


def intersect(left: Sequence[Span], right: Sequence[Span]) -> list[Span]:
    """Return the windows that two lists of windows have in common, from left to right, ends included.

    Raises Undecided where the balls of two ends overlap, so that narrower ones are needed.
    """
    out: list[Span] = []
    for a in left:
        for b in right:
            low, high = _inner(a[0], b[0], upper=False), _inner(a[1], b[1], upper=True)
            whole = any(low is span[0] and high is span[1] for span in (a, b))  # known to hold a point
            if whole or low is None or high is None or not _after(low, high):
                out.append((low, high))
    return out


def _inner(a: Ball | None, b: Ball | None, *, upper: bool) -> Ball | None:
    """Return the larger of two lower ends, or the smaller of two upper ones; None is infinite.

    Overlapping balls give the hull of where that end can lie, no wider than the wider of the two.
    """
    if a is None or b is None:
        return b if a is None else a
    if a.upper <= b.lower:
        return a if upper else b
    if b.upper <= a.lower:
        return b if upper else a
    choose = min if upper else max
    low, high = choose(a.lower, b.lower), choose(a.upper, b.upper)
    return Ball((low + high) / 2, (high - low) / 2)


def _after(low: Ball, high: Ball) -> bool:
    """True when a lower end lies above an upper one; equal ends are a window of one point."""
    if low.lower > high.upper:
        return True
    if low.upper <= high.lower:
        return False
    raise Undecided("whether two windows share a point")


def holds(span: Span, value: Fraction) -> bool | None:
    """True when a window holds a value, False when it does not, None within the ball of an end."""
    low, high = span
    if (low is not None and value < low.lower) or (high is not None and value > high.upper):
        return False
    if (low is not None and value < low.upper) or (high is not None and value > high.lower):
        return None
    return True
