"""Exact numbers and coefficients as JSON, and back: for what is kept between runs.

Whatever is read is compared with the form it was written in; anything else is a ValueError.
"""

from __future__ import annotations

from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.base.terms import MAX_TERMS, ONE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from g2sym.base.terms import Gauss, Monomial

    Side = tuple[tuple[Monomial, Gauss], ...]

_ONE: Side = tuple(ONE.items())
_NOUGHT = Fraction(0)
_NUMBERS = {1: Fraction(1), -1: Fraction(-1), 0: _NOUGHT}


def number_out(value: Fraction) -> int | str:
    """Write a rational number: an integer, or a text ``p/q``."""
    return value.numerator if value.denominator == 1 else str(value)


def number_in(data: Any) -> Fraction:
    """Read what `number_out` wrote; raises ValueError for anything else."""
    if type(data) is int:
        return _NUMBERS.get(data) or Fraction(data)
    top, _, bottom = text_in(data).partition("/")
    return Fraction(int(top), int(bottom))


def coefficient_out(value: Coefficient) -> list[Any]:
    """Write a coefficient: its terms above and, unless that is 1, below."""
    sides = [_side_out(value.numerator)]
    return sides if value.denominator == _ONE else [*sides, _side_out(value.denominator)]


def coefficient_in(data: Any) -> Coefficient:
    """Read what `coefficient_out` wrote; raises ValueError for anything else."""
    sides = [_side_in(side) for side in listed(data)]
    if not 1 <= len(sides) <= 2 or (len(sides) == 2 and not sides[1]):
        raise ValueError("no coefficient")
    return Coefficient(sides[0], sides[1] if len(sides) == 2 else _ONE)


def listed(data: Any, size: int | None = None) -> list[Any]:
    """Return a list, of a given length where one is named; raises ValueError for anything else."""
    if type(data) is not list or (size is not None and len(data) != size):
        raise ValueError("no list of this length")
    return data


def texts(data: Any, size: int | None = None) -> tuple[str, ...]:
    """Return the texts of a list; raises ValueError for anything else."""
    return tuple(map(text_in, listed(data, size)))


def text_in(data: Any) -> str:
    """Return a text; raises ValueError for anything else."""
    if type(data) is not str:
        raise ValueError("no text")
    return data


def _side_out(side: Iterable[tuple[Monomial, Gauss]]) -> list[Any]:
    out: list[Any] = []
    for monomial, (re, im) in side:
        flat: list[Any] = [part for pair in monomial for part in pair]
        out.append([number_out(re), *flat] if not im else [[number_out(re), number_out(im)], *flat])
    return out


def _side_in(data: Any) -> Side:
    if len(listed(data)) > MAX_TERMS:
        raise ValueError("too many terms")
    out = []
    for term in data:
        size, *flat = listed(term)
        re, im = (size, 0) if type(size) is not list else listed(size, 2)
        names, powers = texts(flat[::2]), flat[1::2]
        if len(names) != len(powers) or not all(type(p) is int and p > 0 for p in powers):
            raise ValueError("no monomial")
        out.append((tuple(zip(names, powers, strict=True)), (number_in(re), number_in(im))))
    return tuple(out)
