"""From the rows of a table to a limit at a mass: points, bins, intervals, contours, single numbers.

Masses and values are positive. Each is kept as a sum of two doubles, so that differences of neighbours, whose
logarithms are interpolated, carry no rounding of the table. Two masses with the same double are the same
mass.

The error of an interpolated value, u = 2^-53: a difference of two pairs is right to 3 u, its quotient by a
mass to 5 u, and log1p of it, whose condition is at most 1.45 between -1/2 and 1, to 9.2 u; outside, the
logarithm of a quotient of doubles is right to 6.4 u. With t the quotient of two such and L another, t L is
right to 30 u; from the nearer end |t L| is at most half of ln(10^200) = 461, so that the value is right to 30
* 231 u + 5 u < 7.8e-13 < `ACCURACY`.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

from g2sym.base.classes import dataclass

ACCURACY = 1e-12
"""Relative error of an interpolated value; at rows of a table values are exact."""
SMALLEST, LARGEST = Fraction(1, 10**100), Fraction(10**100)
"""Range of masses (GeV) and of values that the bound above holds for."""
EDGE = 1e-9
"""Relative tolerance on the edges of bins, which carry float noise."""
OUTSIDE, GAP, CLOSING = "outside", "gap", "closing value"
"""Why there is no limit."""

Pair = tuple[float, float]
Range = tuple[float, float | None]
"""Sizes that are excluded: from the first to the second, all above the first where that is None."""


@dataclass(frozen=True)
class Found:
    """What a table says at a mass: ``ranges`` that are excluded, or the ``reason`` why there is no limit."""

    ranges: tuple[Range, ...]
    reason: str = ""
    row: int | None = None


@dataclass(frozen=True)
class Row:
    """A row of a table, in GeV and the natural unit of the quantity, before a transform.

    ``low`` and ``high`` are the ends of a bin, equal for points; ``value`` and ``upper`` the excluded range,
    None where there is none; ``reason`` why a row carries no limit; ``line`` where it stands.
    """

    low: Fraction
    high: Fraction
    value: Fraction | None
    upper: Fraction | None = None
    reason: str = ""
    line: int = 0


def pair(number: Fraction) -> Pair:
    """Return a number as a double and what is left."""
    first = float(number)
    top, bottom = first.as_integer_ratio()
    return first, (number.numerator * bottom - top * number.denominator) / (number.denominator * bottom)


def log_ratio(above: Pair, below: Pair) -> float:
    """Return ln(above/below) of positive numbers, right to 9.2 u (see the head of the module)."""
    ratio = above[0] / below[0]
    if 0.5 <= ratio <= 2:
        return math.log1p(((above[0] - below[0]) + (above[1] - below[1])) / below[0])
    return math.log(ratio)


def between(mass: Pair, left: Pair, right: Pair, first: Pair, last: Pair) -> float:
    """Return the value at a mass between two rows, on a straight line in logarithms, from the nearer end."""
    whole, part, rise = log_ratio(right, left), log_ratio(mass, left), log_ratio(last, first)
    if abs(part) <= abs(whole) / 2:
        return first[0] * math.exp(part / whole * rise)
    return last[0] * math.exp(log_ratio(mass, right) / whole * rise)


class Points:
    """A limit between neighbouring rows; rows without one, and what touches them, are never bridged."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.masses = [pair(row.low) for row in rows]
        self.firsts = [m[0] for m in self.masses]
        self.values = [None if row.value is None else pair(row.value) for row in rows]
        self.uppers = [None if row.upper is None else pair(row.upper) for row in rows]

    def at(self, mass: Pair) -> Found:
        """Return what is excluded at a mass."""
        start, end = bisect_left(self.firsts, mass[0]), bisect_right(self.firsts, mass[0])
        if start < end:
            return self._at_row(start, end)
        if start in (0, len(self.rows)):
            return Found((), OUTSIDE)
        left, right = start - 1, start
        if reason := _reason(self.rows[left : right + 1]):
            return Found((), reason)
        low = self._line(mass, self.values, left, right)
        assert low is not None
        return Found(((low, self._line(mass, self.uppers, left, right)),))

    def _line(self, mass: Pair, values: list[Pair | None], left: int, right: int) -> float | None:
        first, last = values[left], values[right]
        if first is None or last is None:
            return None
        return between(mass, self.masses[left], self.masses[right], first, last)

    def _at_row(self, start: int, end: int) -> Found:
        """Return what a row says; of rows at one mass the weakest counts."""
        here = self.rows[start:end]
        if reason := _reason(here):
            return Found((), reason)
        row = max(range(start, end), key=lambda k: self.rows[k].value or 0)
        low, tops = self.values[row], [u[0] for u in self.uppers[start:end] if u is not None]
        assert low is not None
        if tops and min(tops) < low[0]:
            return Found((), GAP)
        return Found(((low[0], min(tops) if tops else None),), "", row)

    def segments(self) -> list[tuple[int, int]]:
        """Return the first and last row of each stretch of rows that carry a limit."""
        out: list[tuple[int, int]] = []
        for k, row in enumerate(self.rows):
            if not row.reason:
                if out and out[-1][1] == k - 1:
                    out[-1] = (out[-1][0], k)
                else:
                    out.append((k, k))
        return out


class Bins:
    """A limit that is constant in bins: the largest of those that contain the mass."""

    def __init__(self, rows: Sequence[Row]) -> None:
        order = sorted(range(len(rows)), key=lambda k: (rows[k].low, rows[k].high))
        self.rows = [rows[k] for k in order]
        self.lows = [float(row.low) for row in self.rows]
        self.highs = [float(row.high) for row in self.rows]
        self.reach = list(accumulate(self.highs, max))
        self.values = [None if row.value is None else float(row.value) for row in self.rows]

    def at(self, mass: Pair) -> Found:
        """Return what is excluded at a mass."""
        size = mass[0]
        last = bisect_right(self.lows, size * (1 + EDGE))
        inside: list[int] = []
        for k in range(last - 1, -1, -1):
            if self.reach[k] * (1 + EDGE) < size:
                break
            if self.highs[k] * (1 + EDGE) >= size:
                inside.append(k)
        if not inside:
            return Found((), OUTSIDE if last == 0 or self.reach[-1] * (1 + EDGE) < size else GAP)
        if reason := _reason([self.rows[k] for k in inside]):
            return Found((), reason)
        row = max(inside, key=lambda k: self.rows[k].value or 0)
        value = self.values[row]
        assert value is not None
        return Found(((value, None),), "", row)

    def segments(self) -> list[tuple[int, int]]:
        """Return the first and last bin of each stretch without a gap; bins touch within `EDGE`."""
        out: list[tuple[int, int]] = []
        reach = 0.0
        for k, row in enumerate(self.rows):
            if row.reason:
                continue
            if out and self.lows[k] <= reach * (1 + EDGE) and not _parted(self.rows, out[-1][1], k):
                out[-1] = (out[-1][0], k)
            else:
                out.append((k, k))
            reach = max(reach, self.highs[k])
        return out


def _parted(rows: Sequence[Row], left: int, right: int) -> bool:
    """True when a bin without a limit stands between two others."""
    return any(row.reason for row in rows[left + 1 : right])


class Contour:
    """A closed polygon in the logarithms of mass and value: excluded is its inside, by the even-odd rule."""

    def __init__(self, rows: Sequence[Row], top: Fraction) -> None:
        self.rows = rows
        self.corners = [(pair(row.low), pair(row.value or row.low)) for row in rows]
        self.ends = min(c[0][0] for c in self.corners), max(c[0][0] for c in self.corners)
        self.top = float(top)

    def at(self, mass: Pair) -> Found:
        """Return what is excluded at a mass: the polygon's pieces of a vertical line."""
        size = mass[0]
        if not self.ends[0] <= size <= self.ends[1]:
            return Found((), OUTSIDE)
        cuts: list[float] = []
        last = size == self.ends[1]
        for (left, low), (right, high) in pairwise([*self.corners, self.corners[0]]):
            # half open, so that a corner on the line counts once; at the right end from the left
            beside = (left[0] < size, right[0] < size) if last else (left[0] <= size, right[0] <= size)
            if beside[0] != beside[1]:
                # a corner has its own value, exactly
                ends = {left[0]: low[0], right[0]: high[0]}
                cuts.append(ends[size] if size in ends else between(mass, left, right, low, high))
        cuts.sort()
        pieces: list[tuple[float, float]] = []
        for low_cut, high_cut in zip(cuts[::2], cuts[1::2], strict=True):
            if pieces and pieces[-1][1] == low_cut:
                pieces[-1] = (pieces[-1][0], high_cut)
            else:
                pieces.append((low_cut, high_cut))
        kept = [(low, None if high >= self.top else high) for low, high in pieces if low < self.top]
        return Found(tuple(kept), "" if kept else CLOSING)

    def segments(self) -> list[tuple[int, int]]:
        """Return one stretch, the whole polygon."""
        return [(0, len(self.rows) - 1)]


class Constant:
    """One number, at all masses of a range."""

    def __init__(self, row: Row) -> None:
        self.rows = [row]
        self.ends = float(row.low), float(row.high)
        self.value = float(row.value or 0)

    def at(self, mass: Pair) -> Found:
        """Return what is excluded at a mass."""
        inside = self.ends[0] <= mass[0] <= self.ends[1]
        return Found(((self.value, None),), "", 0) if inside else Found((), OUTSIDE)

    def segments(self) -> list[tuple[int, int]]:
        """Return one stretch."""
        return [(0, 0)]


Curve = Points | Bins | Contour | Constant


def _reason(rows: Sequence[Row]) -> str:
    """Return why some of these rows carry no limit; a closing value is named before a gap."""
    reasons = {row.reason for row in rows if row.reason}
    return CLOSING if CLOSING in reasons else GAP if reasons else ""
