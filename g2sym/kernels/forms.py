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

from g2sym.integrals.rational import Poly, constant, gen

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

UNIT = 2.0**-53
LARGEST = 2.0**-20
"""Running bounds up to which first order is enough."""
MARGIN = 1.001
SMALLEST_SHIFT = 2.0**-50

Terms = list[tuple[dict[str, int], Fraction]]
Interval = tuple[int, int]
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
        """Return the values at points; NaN where the bound is not what it says."""

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
    return [({n: p for n, p in powers.items() if p}, Fraction(int(c.p), int(c.q))) for powers, c in poly.terms()]


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
        """Return bounds on log2: two doubles that differ do so by a unit of the last place."""
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

    def __init__(self, terms: Terms, signed: Iterable[str] = (), roundings: Mapping[str, int] | None = None) -> None:
        self._roundings = dict(roundings or {})
        self._names = tuple(sorted({n for powers, _ in terms for n in powers}))
        signs = {c > 0 for _, c in terms}
        odd = any(powers.get(n, 0) % 2 for powers, _ in terms for n in signed)
        self.same = len(signs) == 1 and not odd
        self._signed = frozenset(signed)
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

    def bits(self, limit: float) -> Range:
        """Return bounds on log2: a value is used that is 2^-20 of the largest monomial's or more."""
        low = high = 0.0
        for powers, c in self._terms:
            size, reach = math.log2(abs(c)), limit * sum(powers.values())
            low, high = min(low, size - reach), max(high, size + reach)
        return low - 21, high + math.log2(len(self._terms))


class Square:
    """s^2 + rest, both products: no term is negative where the rest is not."""

    def __init__(self, root: Product, rest: Product) -> None:
        self._root, self._rest = root, rest

    def __call__(self, at: Values) -> Value:
        root, rest = self._root(at), self._rest(at)
        one = Value(root.number * root.number, 2 * root.units + 1, _twice(root.spread))
        return total([one, rest])

    def bits(self, limit: float) -> Range:
        """Return bounds on log2; a root that is small is lost beside the rest."""
        (low, high), (least, most) = self._root.bits(limit), self._rest.bits(limit)
        return (least, max(2 * high, most) + 1) if 2 * low > -MOST else BEYOND


class Bounded:
    """A sum of monomials in 1 - x and 1 + x, or 1 - x and x, in place of x; see the module."""

    def __init__(self, inner: Sum, name: str, interval: Interval) -> None:
        self._inner, self._name, self._interval = inner, name, interval

    def __call__(self, at: Values) -> Value:
        import numpy as np

        x = at.arrays[self._name]
        low, high = at.arrays.get(f"{self._name}-"), at.arrays.get(f"{self._name}+")
        if low is None or high is None:
            # 1 - x is 0 or above 2^-54, and exactly 0 only for x = 1: a power of it never underflows
            low = at.arrays[f"{self._name}-"] = 1.0 - x
            high = at.arrays[f"{self._name}+"] = 1.0 + x if self._interval[0] < 0 else x
        found = self._inner(at)
        if float(low.min()) >= 0 and float(high.min()) >= 0:
            return found
        return Value(np.where((low >= 0) & (high >= 0), found.number, np.nan), found.units, found.spread)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2."""
        return self._inner.bits(max(limit, 54.0))


@dataclass(frozen=True)
class Product:
    """A number times powers of forms; powers may be halves."""

    number: float
    powers: tuple[tuple[Form, Fraction], ...] = ()

    @cached_property
    def _ways(self) -> tuple[list[Form], list[Form], list[Form], list[Form], list[tuple[Form, float]]]:
        """Return what is above and below, over and under in the root, each as often as it occurs; the sizes."""
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
        nothing = (0.0, 0.0)
        top, below = sides.get((True, False), nothing), sides.get((False, False), nothing)
        rooted, under = sides.get((True, True), nothing), sides.get((False, True), nothing)
        inside = rooted[0] - under[1], rooted[1] - under[0]
        value = top[0] + own, top[1] + own
        times = value[0] + inside[0] / 2, value[1] + inside[1] / 2
        result = times[0] - below[1], times[1] - below[0]
        # each of several factors may be on either side of 1, so partial products lie between these sums
        parts = [
            (sum(min(a, 0.0) for a, _ in found), sum(max(b, 0.0) for _, b in found)) for found in ways.values()
        ]
        safe = all(-MOST < a and b < MOST for a, b in (*parts, inside, value, times, result))
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
        own = (one.units + rounding) * UNIT
        bound = bound + np.abs(one.number) * (own if one.spread is None else one.spread + own)
    with np.errstate(all="ignore"):
        return Value(found, 0.0, MARGIN * bound / np.abs(found))


def _twice(spread: Any) -> Any:
    return None if spread is None else 2 * spread


class Forms:
    """How polynomials are evaluated: their factors over Q, each in the form in which least cancels.

    Parameters: ``intervals`` in which some variables are known to lie, (-1, 1) or (0, 1); all others are
    positive, which is asked of every point.
    """

    def __init__(self, intervals: Mapping[str, Interval]) -> None:
        self.intervals = dict(intervals)
        self._signed = frozenset(n for n, (low, _) in intervals.items() if low < 0)
        self._known: dict[Poly, Form] = {}

    def factors(self, poly: Poly) -> tuple[Fraction, list[tuple[Poly, int]]]:
        """Return a polynomial as a number times powers of monic-looking irreducible factors."""
        content, found = poly.factor()
        number = Fraction(int(content.p), int(content.q))
        out = []
        for factor, power in found:
            scale, own = _scaled(factor)
            number *= scale**power
            out.append((own, power))
        return number, out

    def product(self, poly: Poly) -> Product:
        """Return a polynomial as a product of forms."""
        number, found = self.factors(poly)
        return Product(float(number), tuple((self.form(f), Fraction(p)) for f, p in found))

    def form(self, factor: Poly) -> Form:
        """Return the form of one irreducible factor as `factors` gives it."""
        if factor not in self._known:
            self._known[factor] = self._written(factor)
        return self._known[factor]

    def _written(self, factor: Poly) -> Form:
        terms = terms_of(factor)
        if all(sum(p.values()) <= 1 for p, _ in terms) and len(terms) <= 2:
            free = [(p, c) for p, c in terms if p]
            fixed = [c for p, c in terms if not p]
            if all(abs(c) == 1 for _, c in free):  # 1 for the only one, see `_scaled`
                if not fixed:
                    return Pair(free)
                ((powers, _),) = free
                return Shift(next(iter(powers)), fixed[0])
        plain = Sum(terms, self._signed)
        if plain.same:
            return plain
        return self._bounded(factor, terms) or self._square(factor) or plain

    def _square(self, factor: Poly) -> Form | None:
        """Complete the square in a variable, or in its square; None where the rest is not seen to be positive."""
        for name in sorted(factor.generators):
            rows = factor.by_powers(name)
            for step in (1, 2):
                if max(rows) != 2 * step or any(p % step for p in rows):
                    continue
                if not rows[2 * step].is_constant() or step not in rows:
                    continue
                lead = rows[2 * step]
                if lead.leading_coefficient() != 1:
                    continue
                half = rows[step] / 2
                root = gen(name) ** step + half
                rest = rows.get(0, constant(0)) - half * half
                if rest == 0:
                    continue
                below = self.product(rest)
                if below.number > 0 and all(self._positive(f, p) for f, p in self.factors(rest)[1]):
                    return Square(self.product(root), below)
        return None

    def _positive(self, factor: Poly, power: int) -> bool:
        """True when a factor's power is seen to be positive."""
        if power % 2 == 0:
            return True
        terms = terms_of(factor)
        odd = any(p.get(n, 0) % 2 for p, _ in terms for n in self._signed)
        return not odd and all(c > 0 for _, c in terms)

    def _bounded(self, factor: Poly, terms: Terms) -> Form | None:
        """Write a factor in 1 - x and 1 + x, or 1 - x and x; None where terms of both signs remain."""
        for name, interval in self.intervals.items():
            if name not in factor.generators:
                continue
            low, high = gen(f"{name}-"), gen(f"{name}+")
            one = (low + high) / 2 if interval[0] < 0 else low + high
            x = (high - low) / 2 if interval[0] < 0 else high
            rows = factor.by_powers(name)
            top = max(rows)
            whole = constant(0)
            for power, row in rows.items():
                whole = whole + row * x**power * one ** (top - power)
            others = self._signed - {name}
            inner = Sum(terms_of(whole), others, {f"{name}-": 1, f"{name}+": 1})
            if inner.same:
                return Bounded(inner, name, interval)
        return None


def _scaled(factor: Poly) -> tuple[Fraction, Poly]:
    """Return a number and the rest: coefficients about 1, and 1 itself in linear factors of what moves."""
    terms = terms_of(factor)
    free = [(sum(p.values()), c) for p, c in terms if p]
    most = max(n for n, _ in free)
    lead = next(c for n, c in free if n == most)
    return lead, factor / constant(lead)
