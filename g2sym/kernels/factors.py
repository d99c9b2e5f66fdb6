"""In which form each polynomial is evaluated in doubles: factors over Q, each so that least cancels."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from g2sym.integrals.rational import Poly, constant, gen
from g2sym.kernels.forms import (
    Changed,
    Form,
    New,
    Pair,
    Product,
    Range,
    Shift,
    Square,
    Sum,
    Value,
    Values,
    terms_of,
)

Interval = tuple[int, int]
MOST_TERMS = 40
"""Monomials that a factor may get in other variables."""


class Negative:
    """The negative of a form."""

    def __init__(self, form: Form) -> None:
        self._form = form

    def __call__(self, at: Values) -> Value:
        found = at.of(self._form)
        return Value(-found.number, found.units, found.spread)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2."""
        return self._form.bits(limit)


@dataclass(frozen=True)
class Change:
    """A variable in new ones that are not negative: numbers and variables times linear forms of their own.

    Parameters: ``name`` of the variable; ``value``, what it is in the new ones, and ``one``, the number 1 in
    them, by which a polynomial is made homogeneous (1 itself where there is nothing to be made so); ``own``,
    the new variables with linear forms and the roundings of these.
    """

    name: str
    value: Poly
    one: Poly
    own: tuple[New, ...]

    def __call__(self, poly: Poly) -> Poly:
        """Return a polynomial with the variable changed."""
        rows = poly.by_powers(self.name)
        top = max(rows)
        whole = constant(0)
        for power, row in rows.items():
            whole = whole + row * self.value**power * self.one ** (top - power)
        return whole


class Forms:
    """How polynomials are evaluated: their factors over Q, each in the form in which least cancels.

    Parameters: ``intervals`` in which some variables are known to lie, (-1, 1) or (0, 1); all others are
    positive, which is asked of every point; ``positive``, linear polynomials that are, which is asked where
    it is made use of.
    """

    def __init__(self, intervals: Mapping[str, Interval], positive: Sequence[Poly] = ()) -> None:
        self.intervals = dict(intervals)
        self._signed = frozenset(n for n, (low, _) in intervals.items() if low < 0)
        self._known: dict[Poly, Form] = {}
        self._changes = self._changes_of(positive)

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
        return self._changed(factor) or self._square(factor) or plain

    def _square(self, factor: Poly) -> Form | None:
        """Complete the square in a variable, or in its square; None where the rest may be negative."""
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
        plain = Sum(terms_of(factor), self._signed)
        return plain.lead > 0 if plain.same else self._changed(factor) is not None

    def _changed(self, factor: Poly) -> Form | None:
        """Write a factor in variables in which no term is negative; None where that is not found."""
        ways = [[None, *self._changes.get(name, ())] for name in sorted(factor.generators)]
        for chosen in sorted(itertools.product(*ways), key=lambda way: sum(one is not None for one in way)):
            changes = [one for one in chosen if one is not None]
            whole = factor
            for one in changes:
                whole = one(whole)
            terms = terms_of(whole)
            if changes and len(terms) <= MOST_TERMS:
                own = [new for one in changes for new in one.own]
                inner = Sum(terms, self._signed, {name: count for name, _, count in own})
                if inner.same:
                    return Changed(inner, own)
        return None

    def _changes_of(self, positive: Sequence[Poly]) -> dict[str, list[Change]]:
        """Return changes of variables: to x + c or x - y that is positive, to 1 - x beside x or 1 + x."""
        out: dict[str, list[Change]] = {}
        for name, interval in self.intervals.items():
            low, high = gen(f"1-{name}"), gen(f"1+{name}" if interval[0] < 0 else f"+{name}")
            own: list[New] = [(f"1-{name}", Negative(Shift(name, Fraction(-1))), 1.0)]
            if interval[0] < 0:
                own.append((f"1+{name}", Shift(name, Fraction(1)), 1.0))
                change = Change(name, (high - low) / 2, (high + low) / 2, tuple(own))
            else:
                own.append((f"+{name}", Pair([({name: 1}, Fraction(1))]), 0.0))
                change = Change(name, high, high + low, tuple(own))
            out.setdefault(name, []).append(change)
        for poly in positive:
            terms = terms_of(poly)
            names = [next(iter(p)) for p, _ in terms if p]
            if any(name in self.intervals for name in names):
                continue
            fixed = [c for p, c in terms if not p]
            above = [name for name, (p, c) in zip(names, [t for t in terms if t[0]], strict=True) if c == 1]
            if len(names) == 1 and above and fixed and fixed[0] < 0:
                new = f"{above[0]}{fixed[0]}"
                form: Form = Shift(above[0], fixed[0])
                change = Change(above[0], gen(new) - constant(fixed[0]), constant(1), ((new, form, 3.0),))
            elif len(names) == 2 and len(above) == 1 and not fixed:
                (below,) = set(names) - set(above)
                new = f"{above[0]}-{below}"
                form = Pair([({above[0]: 1}, Fraction(1)), ({below: 1}, Fraction(-1))])
                change = Change(above[0], gen(new) + gen(below), constant(1), ((new, form, 1.0),))
            else:
                continue
            out.setdefault(above[0], []).append(change)
        return out


def _scaled(factor: Poly) -> tuple[Fraction, Poly]:
    """Return a number and the rest: coefficients about 1, and 1 itself in linear factors of what moves."""
    terms = terms_of(factor)
    free = [(sum(p.values()), c) for p, c in terms if p]
    most = max(n for n, _ in free)
    lead = next(c for n, c in free if n == most)
    return lead, factor / constant(lead)
