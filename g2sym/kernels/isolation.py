"""All real zeros of a function of one mass on an interval: isolated, proved simple, or refused.

The interval is cut in two until the function is known not to vanish on a piece, or the piece is so short
that a Taylor polynomial encloses the function and its derivative there. A short piece is done when the
enclosure excludes zero, or when the derivative's does and the signs at both ends are proved: opposite signs
mean exactly one zero, equal ones none. Other pieces are halved. Nothing is ever assumed between samples.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from g2sym.base.balls import Ball, number, working_precision
from g2sym.base.exact import decimal_text
from g2sym.errors import PrecisionError, UsageError
from g2sym.kernels.taylor import Enclosure

if TYPE_CHECKING:
    from flint import arb


class Function(Protocol):
    """What is isolated: see `g2sym.kernels.taylor.MassFunction`."""

    def at(self, mass: Fraction, bits: int) -> arb:
        """The value at an exact mass."""

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """An enclosure on a short interval."""

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """An enclosure of all values on an interval of any width, None where there is none."""


EFFORT = ((24, 320), (56, 800), (112, 1600))
"""(degree, bits) of an enclosure: more where the terms of the closed forms cancel more."""
BITS = 320
MOST_BITS = 40960
"""Most bits of a sign or an enclosure: a closed form loses 6 log2(M/m) at a mass M far from the lepton's."""
DEPTH = 40
"""Most halvings of a piece before its zeros count as not isolated."""
SHORT = Fraction(9, 8)
"""Ratio of the ends up to which a piece is enclosed by a Taylor polynomial."""
WIDE_BITS = 128
"""Working precision of the enclosures of longer pieces."""
MOST_PIECES = 4000
"""Most pieces in which zeros are searched for."""


class Shifted:
    """A function minus a constant level, which is given as a function of the bits."""

    def __init__(self, function: Function, level: Callable[[int], arb]) -> None:
        self.function, self.level = function, level

    def at(self, mass: Fraction, bits: int) -> arb:
        """The value at an exact mass."""
        return self.function.at(mass, bits) - self.level(bits)

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """An enclosure on an interval."""
        e = self.function.enclose(low, high, bits, degree)
        head = (e.coefficients[0] - self.level(bits), *e.coefficients[1:])
        return Enclosure(e.centre, e.radius, head, e.rest, e.slope_rest)

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """An enclosure of all values on an interval of any width, None where there is none."""
        found = self.function.range(low, high, bits)
        return None if found is None else found - self.level(bits)


def isolate(function: Function, low: Fraction, high: Fraction, digits: int, what: str) -> list[Ball]:
    """Return all zeros in [low, high], left to right, each to ``digits`` correct decimals.

    Parameters: 0 < ``low`` < ``high``; ``what`` names the function in an error.
    Raises UsageError for another interval, and for one in which too many pieces would have to be searched;
    PrecisionError when zeros cannot be separated, for instance a double zero, or one at an end of the
    interval.
    """
    if not 0 < low < high:
        raise UsageError(f"{what}: the interval needs ends 0 < low < high.")
    found: list[Ball] = []
    todo, count = [(low, high)], 0
    while todo:
        a, b = todo.pop()
        count += 1
        if count > MOST_PIECES:
            raise UsageError(
                f"{what}: between {decimal_text(low, 6)} and {decimal_text(high, 6)} GeV more than "
                f"{MOST_PIECES} pieces would have to be searched; {decimal_text(a, 6)} GeV was reached. "
                "Take a shorter interval."
            )
        if b <= SHORT * a:
            found += [_refined(function, x, y, digits, what) for x, y in _brackets(function, a, b, what)]
            continue
        with working_precision(WIDE_BITS):
            values = function.range(a, b, WIDE_BITS)
        if values is None or values.contains(0):
            middle = _between(a, b)
            todo += [(middle, b), (a, middle)]
    return found


def _between(low: Fraction, high: Fraction) -> Fraction:
    """Return a short fraction near the geometric mean, beside it: a round number may be a zero."""
    first, last = (math.log2(x.numerator) - math.log2(x.denominator) for x in (low, high))
    whole, rest = divmod(first + 0.4937 * (last - first), 1)
    return Fraction(round(2**rest * 4096), 4096) * Fraction(2) ** int(whole)


def _brackets(
    function: Function, low: Fraction, high: Fraction, what: str
) -> list[tuple[Fraction, Fraction]]:
    """Return intervals that hold exactly one zero each, left to right, within a first piece."""
    out: list[tuple[Fraction, Fraction]] = []
    todo: list[tuple[Fraction, Fraction, int, Enclosure | None]] = [(low, high, 0, None)]
    most = MOST_BITS
    while todo:
        a, b, depth, known = todo.pop()
        if depth > DEPTH:
            raise PrecisionError(
                f"{what}: zeros near {decimal_text((a + b) / 2, 12)} GeV could not be isolated; a double "
                "zero, or one at an end of the interval, is the likely cause."
            )
        enclosure = known or _enclosed(function, a, b, most)
        if enclosure is None or not _accurate(enclosure):
            most = EFFORT[-1][1]  # no number of bits helps: zero on the whole piece, or beside a threshold
        values = slopes = None
        with working_precision(4 * BITS):
            if enclosure is not None:
                values, slopes = enclosure.values(a, b), enclosure.slopes(a, b)
            if values is not None and not values.contains(0):
                continue
            if slopes is not None and not slopes.contains(0):
                ends = proved_sign(function, a), proved_sign(function, b)
                if ends[0] and ends[1]:
                    if ends[0] != ends[1]:
                        out.append((a, b))
                    continue
        middle = (a + b) / 2
        keep = (
            enclosure if enclosure is not None and values is not None and _sharp(enclosure, values) else None
        )
        todo += [(middle, b, depth + 1, keep), (a, middle, depth + 1, keep)]
    return out


def _enclosed(function: Function, low: Fraction, high: Fraction, most: int) -> Enclosure | None:
    """Enclose with the least effort that leaves out little beside the function's own variation.

    What is left out shrinks with the degree; the accuracy of the coefficients grows with the bits, of which
    ``most`` are taken at most.
    """
    best: Enclosure | None = None
    bits = 0
    for degree, least in EFFORT:
        bits = max(bits, least)
        while True:
            with working_precision(bits):
                try:
                    best = function.enclose(low, high, bits, degree)
                except PrecisionError:
                    break
                if _accurate(best) and best.rest * 4096 < _step(best):
                    return best
            if _accurate(best) or 2 * bits > most:
                break
            bits *= 2
    return best


def _step(enclosure: Enclosure) -> arb:
    """Return about how large the function is on the interval."""
    return abs(enclosure.coefficients[1]) * number(enclosure.radius) + abs(enclosure.coefficients[0])


def _accurate(enclosure: Enclosure) -> bool:
    """True when the coefficients have digits left."""
    return _step(enclosure).rel_accuracy_bits() > 20


def _sharp(enclosure: Enclosure, values: arb) -> bool:
    """True when the polynomial's own width, not what it leaves out, makes the enclosure wide."""
    return bool(enclosure.rest * 1024 < values.rad())


def proved_sign(function: Function, mass: Fraction) -> int:
    """Return the sign at an exact mass, 0 when it could not be proved."""
    bits = BITS
    while bits <= MOST_BITS:
        with working_precision(bits):
            value = function.at(mass, bits)
        if value > 0:
            return 1
        if value < 0:
            return -1
        bits *= 2
    return 0


def _refined(function: Function, low: Fraction, high: Fraction, digits: int, what: str) -> Ball:
    """Shrink a bracket by proved sign changes: Newton's guess with a margin on both sides, else halving."""
    left = proved_sign(function, low)
    goal = Fraction(1, 10 ** (digits + 2))
    margin = Fraction(1, 64)
    while high - low > goal * low:
        guess = _secant(function, low, high)
        width = (high - low) * margin
        before = high - low
        for point in (guess - width, guess + width):
            point = _rounded(point, width / 16)
            if low < point < high:
                sign = proved_sign(function, point)
                if sign == 0:
                    raise PrecisionError(f"{what}: a zero could not be refined to {digits} digits.")
                low, high = (point, high) if sign == left else (low, point)
        if high - low > before / 2:
            middle = (low + high) / 2
            low, high = (middle, high) if proved_sign(function, middle) == left else (low, middle)
            margin = Fraction(1, 64)
        else:
            margin = margin * margin  # the secant's error shrinks quadratically with the bracket
    return Ball((low + high) / 2, (high - low) / 2)


def _rounded(point: Fraction, error: Fraction) -> Fraction:
    """Return a nearby fraction with a short denominator."""
    return point.limit_denominator(max(1, int(1 / error) + 1))


def _secant(function: Function, low: Fraction, high: Fraction) -> Fraction:
    """Return about where the chord between two points of opposite signs vanishes."""
    bits = BITS
    while True:
        with working_precision(bits):
            a, b = function.at(low, bits), function.at(high, bits)
            share = a / (a - b)
            if share.rel_accuracy_bits() > 32 or bits >= MOST_BITS:
                mantissa, exponent = share.mid().man_exp()
                break
        bits *= 2
    return low + (high - low) * Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
