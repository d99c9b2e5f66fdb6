"""Sums of coupling times elementary function, compared with zero as exact algebra.

Roots and logarithms are taken as independent, which can only miss an identity; perfect squares are taken out
of the roots, and what is left of the couplings is compared by all that is known of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.integrals.elementary import Elementary, Key
from g2sym.integrals.puiseux import square_root
from g2sym.integrals.rational import Frac, Poly, constant, gen
from g2sym.queries.closed_rates import is_positive
from g2sym.queries.rate_terms import elementary

Names = tuple[str, str]
"""What stands under the roots and in the logarithm, written out."""


@dataclass(frozen=True)
class Bound:
    """coupling times function, whose slots stand for symbols."""

    coupling: Coefficient
    function: Elementary
    symbols: Mapping[str, str]

    @classmethod
    def of(cls, term: Term) -> Bound:
        """Read a term of a rate."""
        return cls(
            term.coefficient, elementary(term), {slot: symbol for slot, symbol, _ in term.masses.slots}
        )

    def put(self, values: Mapping[str, Poly]) -> Bound:
        """Return it with polynomials in place of slots."""
        return replace(self, function=self.function.substitute(values))

    def renamed(self, slots: Mapping[str, Poly], symbols: Mapping[str, str]) -> Bound:
        """Return it with other slots, which stand for symbols."""
        return Bound(self.coupling, self.function.substitute(slots), {**self.symbols, **symbols})

    def times(self, factor: Frac, coupling: Coefficient | int = 1) -> Bound:
        """Return it times a rational function of its slots and a coupling."""
        return replace(self, coupling=self.coupling * coupling, function=self.function.times(factor))

    def __mul__(self, other: Bound) -> Bound:
        """Return the product of two, of which one has no logarithm and no root that the other lacks."""
        mine, its = self.function, other.function
        roots = list(mine.roots) + [r for r in its.roots if str(r) not in map(str, mine.roots)]
        places = [next(i for i, r in enumerate(roots) if str(r) == str(own)) for own in its.roots]
        parts: dict[Key, Frac] = {}
        for (left, log), a in mine.parts:
            for (right, none), b in its.parts:
                assert none < 0  # the second has no logarithm
                key = (tuple(sorted((*left, *(places[p] for p in right)))), log)
                parts[key] = parts[key] + a * b if key in parts else a * b
        names = list(dict.fromkeys(s.name for f in (mine, its) for s in f.slots))
        function = Elementary.of(parts, names, mine.diagram, roots, mine.logs)
        return Bound(self.coupling * other.coupling, function, {**other.symbols, **self.symbols})


def is_zero(pairs: Iterable[Bound]) -> bool:
    """True when a sum is zero for all values; False where it is not, as far as roots are independent."""
    found: dict[Names, Frac] = {}
    for one in pairs:
        coupling = _as_function(one.coupling)
        for key, value in _written(one):
            own = value * coupling
            found[key] = found[key] + own if key in found else own
    return all(_vanishes(value.num) for value in found.values())


def adds_up_to_zero(found: Iterable[tuple[Coefficient, Frac, str]]) -> bool:
    """True when a squared amplitude is zero: couplings times rational functions of momenta, and labels."""
    total = Frac.of(0)
    for coupling, value, _ in found:
        own = {name: gen(f"kinematic {name}") for name in value.num.generators | value.den.generators}
        total = total + value.substitute(own) * _as_function(coupling)
    return _vanishes(total.num)


def _written(one: Bound) -> Iterable[tuple[Names, Frac]]:
    """Yield each part by its roots and logarithm, in polynomials whose generators are symbols."""
    function = one.function
    names = {slot: gen(symbol) for slot, symbol in one.symbols.items()}
    squares = [_outside(root) for root in function.roots]
    for (places, log), value in function.parts:
        inner = constant(1)
        for place in places:
            root = squares[place]
            if root is None:
                inner = inner * function.roots[place]
            else:
                value = value * root
        name = ""
        if log >= 0:
            own = function.logs[log]
            root = None if own.root < 0 else squares[own.root]
            ratio = Frac.of(own.v, own.u) if root is None else Frac.of(own.v, own.u) * root
            beside = (
                "" if own.root < 0 or root is not None else str(function.roots[own.root].substitute(names))
            )
            name = f"{ratio.substitute(names)} beside {beside}"
        yield (str(inner.substitute(names)), name), value.substitute(names)


def _outside(root: Poly) -> Frac | None:
    """Return the root of a perfect square that is plainly positive."""
    found = square_root(Frac.of(root))
    return found if found is not None and is_positive(found.num) else None


def _as_function(coupling: Coefficient) -> Frac:
    """Return a real coupling as a rational function of its symbols, roots among them."""
    sides = []
    for side in (coupling.numerator, coupling.denominator):
        total = constant(0)
        for monomial, (re, im) in side:
            if im:
                raise ArithmeticError("a rate has a complex coupling")
            term = constant(re)
            for name, power in monomial:
                term = term * gen(name) ** power
            total = total + term
        sides.append(total)
    return Frac.of(sides[0], sides[1])


def _vanishes(poly: Poly) -> bool:
    """True when a polynomial is zero once squares of roots and of cos_w are put in."""
    if poly == 0:
        return True
    names = {n: Coefficient.symbol(n) for n in poly.generators}
    found = Coefficient.number(0)
    for monomial, value in poly.terms():
        term = Coefficient.number(Fraction(int(value.p), int(value.q)))
        for name, power in monomial.items():
            term = term * names[name] ** power
        found = found + term
    return vanishes(found)


def derivative(function: Elementary, slot: str) -> Elementary:
    """Return the derivative in a slot that stands under no root.

    d/dx ln((u + v r)/(u - v r)) = 2 r (u v' - v u')/(u^2 - v^2 r^2).
    """
    parts: dict[Key, Frac] = {}

    def add(key: Key, value: Frac) -> None:
        parts[key] = parts[key] + value if key in parts else value

    for (places, log), value in function.parts:
        slope = Frac.of(
            value.num.derivative(slot) * value.den - value.num * value.den.derivative(slot), value.den**2
        )
        add((places, log), slope)
        if log >= 0:
            own = function.logs[log]
            root = function.roots[own.root]
            top = own.u * own.v.derivative(slot) - own.v * own.u.derivative(slot)
            inner = Frac.of(2 * top, own.u**2 - own.v**2 * root)
            add((tuple(sorted((*places, own.root))), -1), value * inner)
    names = [s.name for s in function.slots]
    return Elementary.of(parts, names, function.diagram, function.roots, function.logs)
