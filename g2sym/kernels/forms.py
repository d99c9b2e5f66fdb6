"""Polynomials over arrays of doubles with a running bound on the relative error of every value.

u = 2^-53. What moves is exact: arrays of doubles. A value that is no product of exact numbers carries a bound
``units`` u + ``spread`` on its relative error, where ``spread``, an array, is there only for sums that may
cancel. To first order bounds add in products; what that leaves out, and the rounding of the bounds
themselves, is below a part in 10^4 as long as bounds are below `LARGEST`, which is asked of every point, and
is covered by `MARGIN`.

Linear factors come with one or two roundings however much cancels: x - y is rounded once, and a rational
constant stands as a double and a remainder (`Shift`). Other factors are sums of monomials, written such that
no term is negative where that is possible: as a square and a positive rest, or in 1 - x and 1 + x (1 - x and
x) for an x that lies between -1 and 1 (0 and 1).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

from g2sym.integrals.rational import Poly

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

UNIT = 2.0**-53
LARGEST = 2.0**-20
"""Running bounds up to which first order is enough."""
MARGIN = 1.001
SMALLEST_SHIFT = 2.0**-50

Terms = list[tuple[dict[str, int], Fraction]]
Range = tuple[float, float]
BEYOND = (-1e9, 1e9)
MOST = 900.0
"""Binary exponents that may occur on the way."""


@dataclass(frozen=True, eq=False)
class Value:
    """Numbers with a bound on their relative error, ``units`` u + ``spread``."""

    number: Any
    units: float = 0.0
    spread: Any = None


class Form(Protocol):
    """A polynomial as it is evaluated."""

    def __call__(self, at: Values) -> Value:
        """Return the values at points; NaN where the bound does not hold."""

    def bits(self, limit: float) -> Range:
        """Return bounds on log2 of values that are used, for variables between 2^-limit and 2^limit."""


class Values:
    """The points of one piece: what moves, and the forms that were evaluated there."""

    def __init__(self, arrays: Mapping[str, Doubles]) -> None:
        self.arrays = dict(arrays)
        self._known: dict[int, Value] = {}
        self._ends: dict[str, tuple[float, float]] = {}

    def of(self, form: Form) -> Value:
        """Return a form's values, once."""
        found = self._known.get(id(form))
        if found is None:
            found = self._known[id(form)] = form(self)
        return found

    def times(self, forms: Sequence[Form]) -> Any:
        """Return the product of some forms' values."""
        out = self.of(forms[0]).number
        for form in forms[1:]:
            out = out * self.of(form).number
        return out

    def ends(self, name: str) -> tuple[float, float]:
        """Return the least and the largest of a variable's values, NaN where one is."""
        found = self._ends.get(name)
        if found is None:
            x = self.arrays[name]
            found = self._ends[name] = float(x.min()), float(x.max())
        return found

    def reach(self, form: Form) -> tuple[float, float]:
        """Return the least and the largest of a form's values, NaN where one is."""
        if isinstance(form, Shift):
            return form.reach(self)
        number = self.of(form).number
        return float(number.min()), float(number.max())


def terms_of(poly: Poly) -> Terms:
    """Return the monomials of a polynomial with their coefficients."""
    return [
        ({n: p for n, p in powers.items() if p}, Fraction(int(c.p), int(c.q))) for powers, c in poly.terms()
    ]


class Pair:
    """x or a x + b y, a and b plus or minus 1: one rounding at most."""

    def __init__(self, terms: Terms) -> None:
        self._terms = [(next(iter(powers)), int(c)) for powers, c in terms]

    def __call__(self, at: Values) -> Value:
        (x, a), *rest = self._terms
        if not rest:
            return Value(at.arrays[x] if a > 0 else -at.arrays[x])
        ((y, b),) = rest
        one, two = at.arrays[x], at.arrays[y]
        if a > 0:
            return Value(one + two if b > 0 else one - two, 1)
        return Value(two - one if b > 0 else -(one + two), 1)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2: doubles that differ do so by a unit of the last place."""
        return (-limit - 54, limit + 1) if len(self._terms) > 1 else (-limit, limit)


class Shift:
    """x + c for a rational c = high + low + rest: |low| <= u |high|, |rest| <= u^2 |high|.

    Where x and high cancel beyond a factor of 2 their sum is exact (Sterbenz), and what is left is the
    rounding of the last sum and the rest: u + u^2 |high|/|x + c|. Elsewhere |x + high| >= |high|/2, and both
    sums round, low being at most 2 u |x + high|: 2 u + O(u^2). The rest is below u/8 where |x + c| is at
    least 2^-50 |high|; points below that, a few doubles next to -c, are not decided here.
    """

    def __init__(self, name: str, value: Fraction) -> None:
        self._name = name
        self._high = float(value)
        self._low = float(value - Fraction(self._high))

    def __call__(self, at: Values) -> Value:
        import numpy as np

        x = at.arrays[self._name]
        out = x + self._high
        if not self._low:
            return Value(out, 1)
        out += self._low
        low, high = self._ends(at)
        least = SMALLEST_SHIFT * abs(self._high)
        if not (low >= least or high <= -least):
            np.copyto(out, np.nan, where=np.abs(out) < least)
        return Value(out, 2.2)

    def _ends(self, at: Values) -> tuple[float, float]:
        """Return the ends of the values: sums are monotonic, rounding included."""
        low, high = at.ends(self._name)
        return (low + self._high) + self._low, (high + self._high) + self._low

    def reach(self, at: Values) -> tuple[float, float]:
        """Return the ends of the values, NaN where some are not decided."""
        low, high = self._ends(at)
        least = SMALLEST_SHIFT * abs(self._high) if self._low else 0.0
        return (low, high) if low >= least or high <= -least else (math.nan, math.nan)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2."""
        size = math.log2(abs(self._high))
        return size - 55, max(limit, size) + 1


class Sum:
    """A sum of monomials in variables, by Horner's rule in one after the other, every coefficient rounded.

    Each monomial takes part in ``steps`` roundings at most: the value errs by at most ((1 + u)^steps - 1)
    times the sum of sizes, which is the value itself where no term is negative.
    """

    def __init__(
        self, terms: Terms, signed: Iterable[str] = (), roundings: Mapping[str, float] | None = None
    ) -> None:
        self._roundings = dict(roundings or {})
        self._names = tuple(sorted({n for powers, _ in terms for n in powers}))
        signs = {c > 0 for _, c in terms}
        odd = any(powers.get(n, 0) % 2 for powers, _ in terms for n in signed)
        self.same = len(signs) == 1 and not odd
        self._signed = frozenset(signed)
        self.lead = terms[0][1]
        self._terms = terms
        self._tree, self.steps = self._build(terms, self._names)

    def _build(self, terms: Terms, names: Sequence[str]) -> tuple[Any, float]:
        """Return nested rows: (name, step, [(power, row), ...]) or a number, and the roundings."""
        if not names:
            return float(sum(c for _, c in terms)), 1.0
        name, rest = names[0], names[1:]
        rows: dict[int, Terms] = {}
        for powers, c in terms:
            left = {n: p for n, p in powers.items() if n != name}
            rows.setdefault(powers.get(name, 0), []).append((left, c))
        if set(rows) == {0}:
            return self._build(rows[0], rest)
        step = math.gcd(*rows)
        built = {power: self._build(row, rest) for power, row in rows.items()}
        top = max(rows)
        # a power x^step is step - 1 products of x, each as exact as x; a step of Horner's rule multiplies by
        # it and adds
        own = step * self._roundings.get(name, 0) + step - 1
        count = (top // step) * (own + 2)
        steps = max(s for _, s in built.values()) + count
        return (name, step, top, {power: row for power, (row, _) in built.items()}), steps

    def __call__(self, at: Values) -> Value:
        import numpy as np

        value = self._fold(self._tree, at, False)
        if self.same:
            return Value(value, self.steps)
        size = self._fold(self._tree, at, True)
        with np.errstate(all="ignore"):
            spread = (self.steps * UNIT * MARGIN) * (size / np.abs(value))
        return Value(value, 0.0, spread)

    def _fold(self, tree: Any, at: Values, size: bool) -> Any:
        import numpy as np

        if isinstance(tree, float):
            return abs(tree) if size else tree
        name, step, top, rows = tree
        x = at.arrays[name]
        if size and name in self._signed and step % 2:
            x = np.abs(x)
        power = x
        for _ in range(step - 1):
            power = power * x
        total = self._fold(rows[top], at, size)
        for place in range(top - step, -1, -step):
            total = total * power
            if place in rows:
                total = total + self._fold(rows[place], at, size)
        return total

    def bits(self, limit: float, own: Mapping[str, Range] | None = None) -> Range:
        """Return bounds on log2: a value is used that is 2^-20 of the largest monomial's or more.

        Parameters: ``own``, ranges of variables other than from 2^-limit to 2^limit.
        """
        low = high = 0.0
        for powers, c in self._terms:
            size = math.log2(abs(c))
            reach = [(p, (own or {}).get(n, (-limit, limit))) for n, p in powers.items()]
            # partial products lie between these sums
            low = min(low, min(size, 0.0) + sum(p * min(a, 0.0) for p, (a, _) in reach))
            high = max(high, max(size, 0.0) + sum(p * max(b, 0.0) for p, (_, b) in reach))
        return low - 21, high + math.log2(len(self._terms))


class Square:
    """s^2 + rest, both products: no term is negative where the rest is not."""

    def __init__(self, root: Product, rest: Product) -> None:
        self._root, self._rest = root, rest

    def __call__(self, at: Values) -> Value:
        root, rest = self._root(at), self._rest(at)
        spread = None if root.spread is None else 2 * root.spread
        one = Value(root.number * root.number, 2 * root.units + 1, spread)
        return total([one, rest])

    def bits(self, limit: float) -> Range:
        """Return bounds on log2; a root that is small is lost beside the rest."""
        (low, high), (least, most) = self._root.bits(limit), self._rest.bits(limit)
        return (least, max(2 * high, most) + 1) if 2 * low > -MOST else BEYOND


New = tuple[str, Form, float]
"""A new variable with its linear form, and the roundings of that."""


class Changed:
    """A sum of monomials none of which is negative, in other variables."""

    def __init__(self, inner: Sum, own: Sequence[New]) -> None:
        self._inner, self._own = inner, tuple(own)

    def __call__(self, at: Values) -> Value:
        import numpy as np

        bad: Any = False
        for name, form, _ in self._own:
            x = at.arrays.get(name)
            if x is None:
                x = at.arrays[name] = at.of(form).number
            if not at.ends(name)[0] >= 0:
                bad = bad | ~(x >= 0)
        found = self._inner(at)
        return found if bad is False else Value(np.where(bad, np.nan, found.number), found.units)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2; what is 0 makes a monomial 0, which is exact."""
        return self._inner.bits(limit, {name: form.bits(limit) for name, form, _ in self._own})


@dataclass(frozen=True)
class Product:
    """A number times powers of forms; powers may be halves."""

    number: float
    powers: tuple[tuple[Form, Fraction], ...] = ()

    @cached_property
    def _ways(self) -> tuple[list[Form], list[Form], list[Form], list[Form], list[tuple[Form, float]]]:
        """Return what is above and below, over and under in the root, as often as it occurs; sizes."""
        ways: tuple[list[Form], ...] = ([], [], [], [])
        for form, power in self.powers:
            whole, half = divmod(abs(power), 1)
            side = 0 if power > 0 else 1
            ways[side].extend([form] * int(whole))
            if half:
                ways[side + 2].append(form)
        above, below, over, under = ways
        return above, below, over, under, [(form, float(abs(power))) for form, power in self.powers]

    @cached_property
    def _roundings(self) -> float:
        """The number's rounding, one for each factor, two for the root and one for each product of these."""
        if not self.powers:
            return 0.0 if self.number == 1 else 1.0
        return 1.0 + sum(len(way) for way in self._ways[:4]) + 5

    def __call__(self, at: Values) -> Value:
        """Return the values; what stands under a root is taken without its sign."""
        import numpy as np

        above, below, over, under, sizes = self._ways
        units, spread = self._roundings, None
        for form, size in sizes:
            one = at.of(form)
            units += size * one.units
            if one.spread is not None:
                more = one.spread if size == 1 else size * one.spread
                spread = more if spread is None else spread + more
        value: Any = self.number
        if above:
            value = at.times(above)
            if self.number != 1:
                value = value * self.number
        if over or under:
            inside = at.times(over) if over else 1.0
            if under:
                inside = inside / at.times(under)
            value = np.sqrt(np.abs(inside)) * value  # which root of a function is negative is looked at apart
        if below:
            value = value / at.times(below)
        return Value(value, units, spread)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2 of the values, `BEYOND` where something on the way may leave the range."""
        own = math.log2(abs(self.number))
        ways: dict[tuple[bool, bool], list[Range]] = {}
        for form, power in self.powers:
            whole, half = divmod(abs(power), 1)
            ways.setdefault((power > 0, False), []).extend([form.bits(limit)] * int(whole))
            if half:
                ways.setdefault((power > 0, True), []).append(form.bits(limit))
        sides = {way: (sum(a for a, _ in found), sum(b for _, b in found)) for way, found in ways.items()}
        every = [sides.get((sign, half), (0.0, 0.0)) for half in (False, True) for sign in (True, False)]
        top, below, rooted, under = every
        inside = rooted[0] - under[1], rooted[1] - under[0]
        value = top[0] + own, top[1] + own
        times = value[0] + inside[0] / 2, value[1] + inside[1] / 2
        result = times[0] - below[1], times[1] - below[0]
        # each of several factors may be on either side of 1, so partial products lie between these sums
        parts = [
            (sum(min(a, 0.0) for a, _ in found), sum(max(b, 0.0) for _, b in found))
            for found in ways.values()
        ]
        safe = all(a > -MOST and b < MOST for a, b in (*parts, inside, value, times, result))
        return result if safe else BEYOND


def total(values: Sequence[Value]) -> Value:
    """Return the sum with its bound: each value's own error, and one rounding of all sizes per addition."""
    import numpy as np

    if len(values) == 1:
        return values[0]
    found = values[0].number
    for one in values[1:]:
        found = found + one.number
    rounding = len(values) - 1
    bound: Any = 0.0
    for one in values:
        own: Any = (one.units + rounding) * UNIT
        if one.spread is not None:
            # beyond first order nothing is known
            own = own + np.where(one.spread <= LARGEST, one.spread, np.inf)
        bound = bound + np.abs(one.number) * own
    with np.errstate(all="ignore"):
        return Value(found, 0.0, MARGIN * bound / np.abs(found))
