"""Sums of terms that vanish identically in the masses, told by canonical form.

Coefficients are written as rational functions of the couplings and of the slots of the integrals, so that
a derivative coupling and the opposite Yukawa coupling, say, add up to zero as they do on shell. Used where a
ball has not told a sum from zero, since it takes longer than the sum.
"""

from __future__ import annotations

from collections.abc import Sequence

from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.base.terms import inner_roots, is_root, radicand
from g2sym.derive.terms import Masses, Term
from g2sym.errors import ModelError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, Poly, constant, gen, zero
from g2sym.observables.values import Values

MARK = "@"
"""Stands before the names of couplings and masses, which may be those of slots."""


def without_vanishing(terms: Sequence[Term], known: Values, keep: frozenset[str] = frozenset()) -> list[Term]:
    """Drop groups of terms in the same masses that add up to zero for all values of these masses.

    Parameters: ``known``, values of the couplings; ``keep``, couplings that stay symbols.
    """
    groups: dict[Masses, list[Term]] = {}
    for term in terms:
        groups.setdefault(term.masses, []).append(term)
    gone = {masses for masses, group in groups.items() if len(group) > 1 and _cancel(group, known, keep)}
    return [term for term in terms if term.masses not in gone]


def _cancel(group: Sequence[Term], known: Values, keep: frozenset[str]) -> bool:
    masses = group[0].masses
    stay = keep | {masses.lepton, *masses.names}
    total = ClosedForm(zero())
    try:
        for term in group:
            factor = _fraction(known.expand(term.coefficient, stay), masses)
            total += term.integral.canonical.scale(factor)
    except ModelError:  # a coefficient with too many terms
        return False
    parts = [total.rational, *(f for _, f in total.logs), *(f for _, f in total.arcs)]
    return all(_reduced(part.num, masses) == 0 for part in parts)


def _fraction(coefficient: Coefficient, masses: Masses) -> Frac:
    """Return a coefficient as a rational function of marked symbols and of slots."""
    return Frac.of(_poly(coefficient.numerator, masses), _poly(coefficient.denominator, masses))


def _poly(terms: Sequence[tuple[Monomial, Gauss]], masses: Masses) -> Poly:
    total = constant(0)
    slots = {symbol: (gen(slot), power) for slot, symbol, power in reversed(masses.slots)}
    unit = gen(MARK + masses.lepton)
    for monomial, (re, im) in terms:
        piece = constant(re) + constant(im) * gen(MARK + "I")
        for name, power in monomial:
            if name in slots:
                slot, each = slots[name]
                piece = piece * slot ** (power // each) * unit ** (power - power % each)
                power %= each
            piece = piece * gen(MARK + name) ** power
        total = total + piece
    return total


def _reduced(poly: Poly, masses: Masses) -> Poly:
    """Use what squares of symbols are: of I, of roots, outer ones first, and of cos_w."""
    names = set(poly.generators)
    names |= {MARK + n for name in names if is_root(name[1:]) for n in inner_roots(name[1:])}
    for name in sorted(names, key=lambda n: (-len(n), n)):
        square = _square(name, masses)
        if square is not None:
            parts = poly.by_powers(name).items()
            poly = sum((p * square ** (n // 2) * gen(name) ** (n % 2) for n, p in parts), constant(0))
    return poly


def _square(name: str, masses: Masses) -> Poly | None:
    if name == MARK + "I":
        return constant(-1)
    if name == MARK + "cos_w":
        return 1 - gen(MARK + "sin_w") ** 2
    return _poly(tuple(radicand(name[1:]).items()), masses) if is_root(name[1:]) else None
