"""Certified numbers as the doubles that files of other programs hold."""

from __future__ import annotations

from math import isfinite

from g2sym.base.balls import Ball
from g2sym.errors import UsageError

SMALLEST = 2.2250738585072014e-308
"""Below it doubles lose digits."""


def double(ball: Ball, name: str) -> float:
    """Return the nearest double of a certified value.

    Raises UsageError where it is beyond the range in which doubles have all their digits.
    """
    value = float(ball)
    if isfinite(value) and (ball.sign == 0 or abs(value) >= SMALLEST):
        return value
    raise UsageError(
        f"{name} = {ball.shown(6)} is beyond the range of doubles, which the file is made of; take other "
        "values."
    )


def plain(text: object) -> str:
    """Return a text as one line of printable characters, for the comment of a file."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(text)).split())
