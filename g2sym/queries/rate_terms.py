"""Terms of rates joined: elementary functions with the same coupling, up to masses, as one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.terms import is_root
from g2sym.derive.terms import Masses, Term
from g2sym.formulas.factoring import reduce
from g2sym.integrals.elementary import Condition, Elementary, Key, Log
from g2sym.integrals.rational import Frac, Poly, constant, gen


def elementary(term: Term) -> Elementary:
    """Return the function of a rate's term."""
    function = term.integral
    assert isinstance(function, Elementary)  # rates are made of nothing else
    return function


def written(poly: Poly, term: Term) -> Coefficient:
    """Write a polynomial of the slots in the symbols that they stand for."""
    names = {slot: Coefficient.symbol(symbol) for slot, symbol, _ in term.masses.slots}
    found: Coefficient = poly.fold(names.__getitem__, _number)
    return found


def _number(value: object) -> Coefficient:
    if isinstance(value, int):
        return Coefficient.number(value)
    return Coefficient.number(Fraction(int(value.p), int(value.q)))  # type: ignore[attr-defined]


def as_frac(coefficient: Coefficient, slots: Mapping[str, str]) -> Frac | None:
    """Return a coefficient as a rational function of slots; None where it holds anything else.

    Parameters: ``slots``, the slot that each symbol stands in.
    """
    sides = []
    for side in (coefficient.numerator, coefficient.denominator):
        total = constant(0)
        for monomial, (re, im) in side:
            term = constant(re)
            if im or any(is_root(n) or n not in slots or p < 0 for n, p in monomial):
                return None
            for name, power in monomial:
                term = term * gen(slots[name]) ** power
            total = total + term
        sides.append(total)
    return Frac.of(sides[0], sides[1])


def joined(terms: Iterable[Term]) -> list[Term]:
    """Add up terms whose couplings differ by masses alone: exact, and shorter than the terms one by one."""
    out: list[Term] = []
    for term in terms:
        for place, before in enumerate(out):
            found = _sum(before, term)
            if found is not None:
                out[place] = found
                break
        else:
            out.append(term)
    return [t for t in out if elementary(t).parts]


def _sum(first: Term, second: Term) -> Term | None:
    bound = {slot: symbol for slot, symbol, _ in (*first.masses.slots, *second.masses.slots)}
    if any(bound[slot] != symbol for slot, symbol, _ in first.masses.slots) or first.coefficient.is_zero:
        return None
    places: dict[str, str] = {}
    for slot, symbol in bound.items():
        places.setdefault(symbol, slot)
    ratio = as_frac(reduce(second.coefficient / first.coefficient), places)
    if ratio is None:
        return None
    function = added(elementary(first), elementary(second).times(ratio))
    masses = Masses.exact([(s.name, bound[s.name]) for s in function.slots])
    return Term(first.coefficient, function, masses)


def added(first: Elementary, second: Elementary) -> Elementary:
    """Return the sum of two functions; it holds where both do."""
    roots: list[Poly] = []
    logs: list[Log] = []
    parts: dict[Key, Frac] = {}
    for one in (first, second):
        at = [_place(roots, root) for root in one.roots]
        where = [_place(logs, replace(log, root=at[log.root] if log.root >= 0 else -1)) for log in one.logs]
        for (places, log), value in one.parts:
            key = (tuple(sorted(at[p] for p in places)), where[log] if log >= 0 else -1)
            parts[key] = parts[key] + value if key in parts else value
    names = list(dict.fromkeys(s.name for one in (first, second) for s in one.slots))
    conditions: dict[str, Condition] = {str(c): c for one in (first, second) for c in one.conditions}
    every = tuple(conditions.values())
    return Elementary.of(parts, names, first.diagram, roots, logs, every, first.provenance)


def _place(found: list, one: object) -> int:  # type: ignore[type-arg]
    """Return the place of something in a list, put at its end where it is not in it."""
    for place, other in enumerate(found):
        if str(other) == str(one):
            return place
    found.append(one)
    return len(found) - 1
