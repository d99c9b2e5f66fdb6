"""Certified numbers: a ball is an exact midpoint and an exact bound on its distance from the truth.

python-flint does the arithmetic; its working precision is one setting for the whole process, so it
is changed only inside `working_precision`, which holds a lock and restores it. A child of `os.fork` starts
with the lock free and the precision restored, whatever the parent's other threads were doing.
"""

from __future__ import annotations

import math
import os
from _thread import RLock, get_ident  # those of threading, without the rest of it
from collections.abc import Callable
from fractions import Fraction

from g2sym.base.arguments import described, whole
from g2sym.base.classes import dataclass
from g2sym.base.exact import decade, decimal_text, read_number, rounded
from g2sym.errors import InputError, PrecisionError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import mpmath
    from flint import arb

_LOCK = RLock()
MAX_BITS = 1 << 18
"""Most bits of working precision that an evaluation may climb to."""
MAX_DIGITS = 20000
"""Most decimal digits that may be asked for."""


class _Held:
    """Who holds the lock, how often, and flint's settings before the first time."""

    owner = depth = 0
    precision, cap = 53, 10


class working_precision:
    """Hold flint's process-wide precision at ``bits`` (other threads wait), then restore it."""

    __slots__ = ("_before", "_bits")

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def __enter__(self) -> None:
        from flint import ctx

        _LOCK.acquire()
        self._before = ctx.prec
        if not _Held.depth:
            _Held.owner, _Held.precision, _Held.cap = get_ident(), ctx.prec, ctx.cap
        _Held.depth += 1
        try:
            ctx.prec = self._bits
        except BaseException:
            _Held.depth -= 1
            _LOCK.release()
            raise

    def __exit__(self, *_: object) -> None:
        from flint import ctx

        ctx.prec = self._before
        _Held.depth -= 1
        _LOCK.release()


def _after_fork() -> None:
    """In a child: free a lock whose owner was another thread, and undo what that thread had set."""
    global _LOCK
    if _Held.depth and _Held.owner == get_ident():
        return  # the thread that forked holds it, and will let go of it
    _LOCK = RLock()
    if _Held.depth:
        from flint import ctx

        ctx.prec, ctx.cap, _Held.depth = _Held.precision, _Held.cap, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def number(value: Any) -> arb:
    """Return a flint, Python or Fraction rational as a ball at the precision in force."""
    from flint import arb, fmpq

    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(value)


def _fraction(value: arb) -> Fraction:
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


@dataclass(frozen=True)
class Ball:
    """A certified real number: the truth lies within ``radius`` of ``midpoint``."""

    midpoint: Fraction
    radius: Fraction

    def __post_init__(self) -> None:
        for name in ("midpoint", "radius"):
            value = getattr(self, name)
            if type(value) is not Fraction:
                object.__setattr__(self, name, read_number(value, name))
        if self.radius < 0:
            raise InputError(f"radius: {decimal_text(self.radius, 6)} is negative; a radius is not.")

    @classmethod
    def from_arb(cls, value: arb) -> Ball:
        """Copy a finite flint ball exactly; raises InputError for anything else."""
        from flint import arb as ball

        if not isinstance(value, ball) or not value.is_finite():
            raise InputError(f"{described(value)} is no finite ball of flint.")
        return cls(_fraction(value.mid()), _fraction(value.rad()))

    @classmethod
    def exact(cls, value: Fraction | int) -> Ball:
        """Return a ball of radius zero; raises InputError for what is no number."""
        return cls(read_number(value), Fraction(0))

    def arb(self) -> arb:
        """Return a flint ball that contains this one, at the working precision in force."""
        from flint import arb, fmpq

        mid = arb(fmpq(self.midpoint.numerator, self.midpoint.denominator))
        rad = arb(fmpq(self.radius.numerator, self.radius.denominator)).upper()
        return mid + arb(0, rad)

    @property
    def lower(self) -> Fraction:
        """The lower end."""
        return self.midpoint - self.radius

    @property
    def upper(self) -> Fraction:
        """The upper end."""
        return self.midpoint + self.radius

    @property
    def sign(self) -> int | None:
        """The proved sign: -1, 0 (exactly zero) or +1, or None when the ball straddles zero."""
        if self.lower > 0:
            return 1
        if self.upper < 0:
            return -1
        return 0 if self.midpoint == 0 and self.radius == 0 else None

    def contains(self, value: Fraction | int) -> bool:
        """True when ``value`` lies inside the ball; raises InputError for what is no number."""
        return self.lower <= read_number(value) <= self.upper

    def overlaps(self, other: Ball) -> bool:
        """True when the two balls share a point; raises UsageError for what is no ball."""
        if not isinstance(other, Ball):
            raise UsageError(f"{described(other)} is no ball; give one, such as Ball.exact(number).")
        return self.lower <= other.upper and other.lower <= self.upper

    def agrees(self, digits: int) -> bool:
        """True when both ends round to the same ``digits`` significant decimals.

        Rounding is monotonic, so these are then the correctly rounded decimals of the truth.
        """
        digits = whole(digits, "digits", 1, MAX_DIGITS)
        return rounded(self.lower, digits) == rounded(self.upper, digits)

    def text(self, digits: int) -> str:
        """Return the midpoint rounded to ``digits`` significant decimals.

        They are those of the truth, correctly rounded, where the ball `agrees`.
        """
        return decimal_text(self.midpoint, whole(digits, "digits", 1, MAX_DIGITS))

    def settled(self, digits: int) -> str:
        """Return correctly rounded decimals of the truth, at least ``digits`` of them.

        A ball that holds a number half-way between two decimals has one more, or as many as it takes to tell
        how the last one is rounded; one that is too wide for that has the decimals of its midpoint.
        """
        digits = whole(digits, "digits", 1, MAX_DIGITS)
        enough = range(digits, min(2 * digits + 8, MAX_DIGITS))
        return self.text(next((count for count in enough if self.agrees(count)), digits))

    def shown(self, digits: int) -> str:
        """Return the correctly rounded decimals of the truth, as far as they are known.

        ``(1)`` follows where the last one may be off by one: where the ball holds a number half-way between
        two decimals. A ball that does not know ``digits`` of them gives fewer, and one that straddles zero
        its midpoint and radius.
        """
        for count in range(whole(digits, "digits", 1, MAX_DIGITS), 0, -1):
            if self.agrees(count):
                return self.text(count)
            if self._within_one(count):
                return f"{self.text(count)}(1)"
        return " +- ".join(self.printed(1))

    def _within_one(self, digits: int) -> bool:
        """True when the correctly rounded decimals are those of the midpoint or next to them."""
        mantissa, exponent = rounded(self.midpoint, digits)
        unit = Fraction(10) ** exponent
        ends = (rounded(end, digits) for end in (self.lower, self.upper))
        return self.sign is not None and all(
            abs(m * Fraction(10) ** e - mantissa * unit) <= unit for m, e in ends
        )

    def radius_text(self) -> str:
        """Return a short decimal upper bound of the radius."""
        if self.radius == 0:
            return "0"
        power = decade(self.radius) - 3
        unit = Fraction(10) ** power
        return decimal_text(-(-self.radius // unit) * unit, 4)

    def printed(self, digits: int) -> tuple[str, str]:
        """Return the midpoint rounded to ``digits`` decimals, and a radius around that rounded value."""
        mantissa, exponent = rounded(self.midpoint, whole(digits, "digits", 1, MAX_DIGITS))
        shown = mantissa * Fraction(10) ** exponent
        return self.text(digits), Ball(shown, self.radius + abs(shown - self.midpoint)).radius_text()

    def relative(self) -> Fraction | None:
        """Return a bound on the relative error, or None when the ball contains zero."""
        low = min(abs(self.lower), abs(self.upper))
        return None if self.sign is None else Fraction(0) if self.sign == 0 else self.radius / low

    def __float__(self) -> float:
        try:
            return float(self.midpoint)
        except OverflowError:  # as arithmetic on doubles would
            return math.inf if self.midpoint > 0 else -math.inf

    def mpf(self, digits: int) -> mpmath.mpf:
        """Return the midpoint as an mpmath number of ``digits`` decimals."""
        import mpmath

        with mpmath.workdps(whole(digits, "digits", 1, MAX_DIGITS) + 3):
            return mpmath.mpf(self.midpoint.numerator) / self.midpoint.denominator


def nearest_double(value: Fraction) -> float:
    """Round to a double; beyond their range to infinity, as arithmetic in doubles does."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def certify(compute: Callable[[int], arb], digits: int, what: str, start: int | None = None) -> Ball:
    """Raise the working precision until a value is known to ``digits`` correct decimals.

    Parameters: ``compute(bits)`` returns a flint ball, called inside `working_precision`;
    ``digits``, significant decimals wanted; ``what`` names the value in an error; ``start``, the
    first precision tried in bits. Returns the ball, which agrees in these decimals unless it holds a number
    half-way between two of them, to about twice as many decimals.
    Raises PrecisionError when `MAX_BITS` do not suffice.
    """
    bits = start or int(digits * 3.33) + 40
    goal = int((digits + 2) * 3.3220) + 2
    while bits <= MAX_BITS:
        with working_precision(bits):
            value = compute(bits)
            if value.is_finite():
                if value.is_exact():
                    return Ball.from_arb(value)
                if value.rel_accuracy_bits() >= goal:
                    ball = Ball.from_arb(value)
                    # one more climb when the ball straddles a rounding boundary, then accept
                    if ball.agrees(digits) or value.rel_accuracy_bits() >= 2 * goal:
                        return ball
        bits *= 2
    raise PrecisionError(
        f"{what}: {digits} digits were not reached with {MAX_BITS} bits; the value may be exactly zero."
    )
