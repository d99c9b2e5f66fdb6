"""Sums of coefficient times kernel as operations of any array namespace, with a bound on the error of each.

What `g2sym.arrays.ladder` decides by climbing is reported here: doubles are evaluated once, and each value
comes with a bound on its relative error. Numbers that leave the safe range of doubles are NaN.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from g2sym.arrays.guard import SMALLEST
from g2sym.arrays.namespace import Space
from g2sym.arrays.patches import Patches, Spot
from g2sym.arrays.running import SLACK, UNIT, Running

RANGE = 1000.0
"""Binary orders of magnitude that a term may be away from 1."""
CLOSE = 0.01
"""Most that the relative errors of a product's factors may add up to."""

Powers = tuple[tuple[str, int], ...]
Plain = Callable[[Space, Mapping[str, Any]], Running]
"""A function of arrays by elementary operations, with its running error."""


@dataclass(frozen=True)
class Group:
    """Products of the same arrays: powers * (sum of constant * function); None stands for 1."""

    powers: Powers
    parts: tuple[tuple[float, int | None], ...]


@dataclass(frozen=True)
class Total:
    """A sum over arrays: its values, and bounds on their relative errors (infinite where there is none)."""

    value: Any
    error: Any


class StandardSum:
    """sum over groups, and of plain functions, over arrays of any namespace.

    Parameters: ``groups``; ``functions``, what the groups refer to: patches, or functions with a running
    error; ``plain``, further summands; ``positive``, functions that have to be positive where the sum has a
    value (what stands under a root that is gone in a square).
    """

    def __init__(
        self,
        groups: Sequence[Group],
        functions: Sequence[Patches | Plain],
        plain: Sequence[Plain] = (),
        positive: Sequence[Plain] = (),
    ) -> None:
        self.groups = tuple(Group(g.powers, tuple((_ranged(c), n) for c, n in g.parts)) for g in groups)
        self.functions = tuple(functions)
        self.plain, self._positive = tuple(plain), tuple(positive)
        self._limits = self._safe()
        tables = [f for f in functions if not callable(f)]
        # a part rounds in its constant and in its product with the function, and is added; a power p rounds
        # |p| - 1 times in products, once in an inverse, and once when it is multiplied in
        steps = max((2 + len(g.parts) + sum(abs(p) + 1 for _, p in g.powers) for g in self.groups), default=0)
        terms = len(self.groups) + len(self.plain)
        self.gamma = (steps + terms + 4) * UNIT * SLACK + max((t.relative for t in tables), default=0.0)
        self._single = sum(len(g.parts) for g in self.groups) == 1 and not plain

    @property
    def is_zero(self) -> bool:
        """True for a sum without a term."""
        return not (self.groups or self.plain)

    def _safe(self) -> dict[str, float]:
        """Return how many binary orders each array may be from 1 without a product leaving the range."""
        out: dict[str, float] = {}
        for group in self.groups:
            used = 0.0
            for constant, number in group.parts:
                function = None if number is None else self.functions[number]
                bits = 0.0 if function is None or callable(function) else function.bits
                own = abs(math.log2(abs(constant))) + bits if constant == constant else RANGE
                used = max(used, own)
            for name, power in group.powers:
                limit = max(0.0, RANGE - used) / len(group.powers) / abs(power)
                out[name] = min(limit, out.get(name, limit))
        return out

    def __call__(self, space: Space, arrays: Mapping[str, Any]) -> Total:
        """Evaluate; arrays broadcast."""
        xp = space.xp
        spots: dict[tuple[object, ...], Spot] = {}
        known = [
            f(space, arrays) if callable(f) else _patched(f, space, arrays, spots) for f in self.functions
        ]
        powers = self._powers(space, arrays)
        total: Any = 0.0
        size: Any = 0.0
        more: Any = 0.0
        for place, group in enumerate(self.groups):
            inner, inner_size, inner_more = _inner(group, known, xp)
            factor: Any = None
            for name, power in group.powers:
                factor = powers[name, power] if factor is None else factor * powers[name, power]
            if factor is not None:
                weight = xp.abs(factor)
                inner, inner_size = inner * factor, inner_size * weight
                inner_more = inner_more if isinstance(inner_more, float) else inner_more * weight
            first = not place  # adding to 0 would cost a pass over the arrays
            total, size = (inner, inner_size) if first else (total + inner, size + inner_size)
            more = inner_more if first else more + inner_more
        for function in self.plain:
            found = function(space, arrays)
            total, size, more = total + found.value, size + xp.abs(found.value), more + found.error
        for condition in self._positive:
            found = condition(space, arrays)
            total = total * space.good(found.value > SLACK * found.error)
        total = total * space.one  # an array, where all was constant
        if self.is_zero:
            return Total(total, space.array(0.0))
        return Total(total, self._error(space, arrays, total, size, more))

    def _error(self, space: Space, arrays: Mapping[str, Any], total: Any, size: Any, more: Any) -> Any:
        """Return bounds on relative errors: 0 for an exact zero, infinite where there is none."""
        xp = space.xp
        absolute = xp.abs(total)
        sure = absolute >= SMALLEST
        if self._single and isinstance(more, float):  # the sum of sizes is the size, and nothing is added
            error = space.where(sure, space.array(self.gamma * SLACK), math.inf)
        else:
            error = (self.gamma * size + more) * SLACK / space.where(sure, absolute, 1.0)
            error = space.where(sure, error, math.inf)
        if self.plain:
            return error
        zero: Any = None
        for group in self.groups:
            here: Any = None
            for name, power in group.powers:
                if power > 0:
                    one = arrays[name] == 0
                    here = one if here is None else here | one
            if here is None:  # a term that no array makes zero
                return error
            zero = here if zero is None else zero & here
        return xp.where(zero & (total == 0), space.array(0.0), error)

    def _powers(self, space: Space, arrays: Mapping[str, Any]) -> dict[tuple[str, int], Any]:
        """Return the powers of arrays that occur; NaN beyond the safe range."""
        xp = space.xp
        out: dict[tuple[str, int], Any] = {}
        for name, limit in self._limits.items():
            size = xp.abs(arrays[name])
            safe = (size > 2.0**-limit) & (size < 2.0**limit)
            asked = {p for g in self.groups for n, p in g.powers if n == name}
            if min(asked) > 0:
                safe = safe | (size == 0)
            base = arrays[name] * space.good(safe)
            for power in asked:
                value = base
                for _ in range(abs(power) - 1):
                    value = value * base
                out[name, power] = value if power > 0 else 1.0 / value
        return out


def _ranged(constant: float) -> float:
    """Return a constant of the safe range; NaN for another, so that nothing is decided."""
    return constant if 2.0**-RANGE < abs(constant) < 2.0**RANGE else math.nan


def _patched(
    patches: Patches, space: Space, arrays: Mapping[str, Any], spots: dict[tuple[object, ...], Spot]
) -> Running:
    """Return a function on patches, with its error beyond the relative one; points are located once."""
    if patches.layout not in spots:
        spots[patches.layout] = patches.locate(space, arrays)
    value, error = patches.value(space, spots[patches.layout], arrays)
    return Running(space, value, 0.0 if error is None else error)


def _inner(group: Group, known: Sequence[Running], xp: Any) -> tuple[Any, Any, Any]:
    """Return a group's sum of constant times function, the sum of their sizes and of their own errors."""
    value: Any = 0.0
    size: Any = 0.0
    more: Any = 0.0
    for place, (constant, number) in enumerate(group.parts):
        term: Any = constant if number is None else constant * known[number].value
        own = abs(constant) if number is None else xp.abs(term)
        value, size = (value + term, size + own) if place else (term, own)
        if number is not None:
            more = more + abs(constant) * known[number].error
    return value, size, more


def product(space: Space, factors: Sequence[tuple[Total, int]]) -> Total:
    """Return a product of powers of sums, NaN where a sum in the denominator is not told from zero.

    With errors e_i whose sum with multiplicity S is at most 0.01, the product is off by at most
    exp(1.006 S) - 1 <= 1.02 S; each multiplication and division rounds once more.
    """
    if len(factors) == 1 and factors[0][1] == 1:
        return factors[0][0]
    xp = space.xp
    count = sum(abs(p) for _, p in factors)
    limit = min(-math.log2(SMALLEST), RANGE / count)
    value: Any = space.one
    error: Any = 0.0
    zero: Any = None
    for total, power in factors:
        size = xp.abs(total.value)
        safe = (size > 2.0**-limit) & (size < 2.0**limit)
        if power > 0:
            nothing = (total.error == 0) & (size == 0)
            safe, zero = safe | nothing, nothing if zero is None else zero | nothing
        else:
            safe = safe & (total.error < CLOSE)
        base = total.value * space.good(safe)
        for _ in range(abs(power)):
            value = value * base if power > 0 else value / base
        error = error + abs(power) * total.error
    bound = space.where(error <= CLOSE, 1.02 * error + (count + 1) * UNIT, math.inf)
    bound = space.where(value == value, bound, math.inf)
    if zero is not None:
        bound = xp.where(zero & (value == 0), space.array(0.0), bound)
    return Total(value, bound)
