"""Rates beside the energies and masses at which they are infinite: what is proved up to the pole itself.

Between a pole p and a value beside it a function f is bounded away from zero where |x - p|^n f(x) is: a ball
that holds all of it, p included, is what is asked for. It follows for sums and products of such functions,
|x - p| being at most the distance d of the two values.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import number
from g2sym.kernels.elementary_line import BITS, ElementaryFunction, series_length
from g2sym.kernels.isolation import Function, Shifted
from g2sym.queries.masses import Products

if TYPE_CHECKING:
    from flint import arb

HALVINGS = 100
"""Most halvings of the distance from a pole within which nothing vanishes."""

Beside = tuple[int, "arb"]
"""n, and a ball that holds |x - p|^n f(x) between a pole p and a value beside it."""


def poles_of(functions: Iterable[Function]) -> dict[Fraction, str]:
    """Return the values of a mass or energy at which one of some functions is infinite, rising.

    Returns the sentence that is said at each.
    """
    found: dict[Fraction, str] = {}
    todo = list(functions)
    while todo:
        one = todo.pop()
        if isinstance(one, Shifted):
            todo.append(one.function)
        elif isinstance(one, Products):
            todo += [f for _, several in one.parts for f in several]
        elif isinstance(one, ElementaryFunction):
            found |= one.line.poles()
    return dict(sorted(found.items()))


def free_beside(functions: Iterable[Function], pole: Fraction, other: Fraction) -> Fraction | None:
    """Return how far from a pole, towards another value, none of some functions vanishes.

    Returns a distance that is not larger than that of the other value, None where no such is proved.
    """
    wanted, step = list(functions), other - pole
    with series_length():
        for _ in range(HALVINGS):
            found = [_beside(one, pole, pole + step) for one in wanted]
            if all(one is not None and one[1].is_finite() and not one[1].contains(0) for one in found):
                return abs(step)
            step /= 2
    return None


def _beside(function: Function, pole: Fraction, other: Fraction) -> Beside | None:
    if isinstance(function, ElementaryFunction):
        return function.line.beside(pole, other)
    if isinstance(function, Shifted):
        inner = _beside(function.function, pole, other)
        return None if inner is None else _sum([inner, (0, -function.level(BITS))], abs(other - pole))
    if not isinstance(function, Products):
        values = function.range(min(pole, other), max(pole, other), BITS)
        return None if values is None else (0, values)
    parts: list[Beside] = []
    for weight, several in function.parts:
        power, value = 0, weight(BITS)
        for one in several:
            found = _beside(one, pole, other)
            if found is None:
                return None
            power, value = power + found[0], value * found[1]
        parts.append((power, value))
    return _sum(parts, abs(other - pole))


def _sum(parts: list[Beside], distance: Fraction) -> Beside:
    """Add functions up: those with a smaller power are multiplied with what |x - p| can be."""
    most = max((power for power, _ in parts), default=0)
    between = number(0).union(number(distance))
    total = number(0)
    for power, value in parts:
        total += value * between ** (most - power) if most > power else value
    return most, total
