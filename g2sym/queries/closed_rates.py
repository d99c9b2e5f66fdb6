"""Closed forms of widths, branching ratios, lifetimes and cross-sections, confirmed in balls.

A width or cross-section stands as it is where its channel is open; in a sum of channels each one is zero
where it is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.derive.terms import Term
from g2sym.errors import CheckFailed, UnsupportedError, UsageError
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.elementary_printing import elementary_expression
from g2sym.integrals.rational import Poly
from g2sym.kernels.elementary import ElementaryValues
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Factors, Total
from g2sym.observables.quantity import Quantity
from g2sym.proofs.sympy_balls import sympy_ball
from g2sym.queries.conditions import inequality
from g2sym.queries.rate_terms import elementary, joined, written

if TYPE_CHECKING:
    import sympy

BITS = 100
TRIES = 4000
"""Random points that are tried until every condition of a function holds; they do at one in ten or so."""
SIGNS = MappingProxyType({"positive": ">", "nonnegative": ">=", "nonzero": "!="})


def is_rate(quantity: Quantity) -> bool:
    """True when widths, lifetimes or cross-sections are all that an observable is made of.

    Raises UnsupportedError for one that joins them to dipole moments.
    """
    kinds = {atom.is_rate for atom in quantity.name.atoms}
    if len(kinds) > 1:
        raise UnsupportedError(
            f"{quantity.text} joins rates and dipole moments; ask for the formulas of each of them."
        )
    return kinds == {True}


# expressions ----------------------------------------------------------------------------------------
def closed_form(quantity: Quantity) -> sympy.Expr:
    """Return a rate in closed form, in the unit of its values; see `Observable.closed_form`."""
    import sympy

    quantity.refuse_pending(quantity.values())

    def side(factors: Factors) -> sympy.Expr:
        return sympy.Mul(*(_factor(one) ** power for one, power in factors))

    below = side(quantity.below)
    if below == 0:
        raise UsageError(f"The denominator of {quantity.text} is zero in this model, so it has no value.")
    return side(quantity.above) / below


def _factor(factor: Factor) -> sympy.Expr:
    import sympy

    if isinstance(factor, Amplitude):
        return sympy.Add(*(confirmed_term(t) for t in joined(factor.terms)))
    if factor.power != 1:
        raise UnsupportedError(f"{factor.label} is a sum of squares, which has no closed form as a whole.")
    parts = []
    for part in factor.parts:
        parts.append(_where_open(part))
    return factor.weight.to_sympy() * sympy.Add(*parts)


def _where_open(part: Amplitude) -> sympy.Expr:
    """Return a channel of a sum: zero where it is closed."""
    import sympy

    body = sympy.Add(*(confirmed_term(t) for t in joined(part.terms)))
    conditions = [sympy.StrictGreaterThan(*sides) for sides in _sides(part)]
    if not conditions or body == 0:
        return body
    return sympy.Piecewise((body, sympy.And(*conditions)), (sympy.Integer(0), True))


def _sides(part: Amplitude) -> Iterator[tuple[sympy.Expr, sympy.Expr]]:
    """Yield the larger and the smaller side where a channel is open."""
    seen = set()
    for term in part.terms:
        for condition in elementary(term).conditions:
            found = written(condition.poly, term)
            if not condition.refused and not is_positive(condition.poly) and str(found) not in seen:
                seen.add(str(found))
                larger, smaller = inequality(found)
                yield larger.to_sympy(), smaller.to_sympy()


def confirmed_term(term: Term) -> sympy.Expr:
    """Return a term's closed form, prefactors included, compared in balls with its kernel.

    The comparison is at two random rational points at which the channel is open. Raises CheckFailed should
    it fail.
    """
    import sympy

    function = elementary(term)
    names = {slot: sympy.Symbol(symbol) for slot, symbol, _ in term.masses.slots}
    random = Random(7)
    body = elementary_expression(function, names, open_point(function, random))
    for _ in range(2):
        at = open_point(function, random)
        with working_precision(4 * BITS):
            want = ElementaryValues(function).ball(at, BITS)
            symbols = {symbol: number(at[slot]) for slot, symbol, _ in term.masses.slots}
            got = sympy_ball(body, symbols)
            if not (got.overlaps(want) and (got.is_exact() or got.rel_accuracy_bits() > BITS // 2)):
                raise CheckFailed(f"The expression for {function.diagram} does not evaluate to its kernel.")
    return sympy.factor(term.coefficient.to_sympy() / (16 * sympy.pi**2)) * body


def open_point(function: Elementary, random: Random) -> dict[str, Fraction]:
    """Return random exact values of the slots at which every condition of a function holds.

    Raises CheckFailed where none is found.
    """
    values = ElementaryValues(function)
    for _ in range(TRIES):
        at = {s.name: Fraction(random.randint(1, 999), 1000) for s in function.slots}
        for name in at:
            if name not in ("c", "c_max"):
                at[name] *= random.choice((1, 3, 9))
        if values.failed(at) is None:
            return at
    raise CheckFailed(f"No point was found at which {function.diagram} is open.")


# where it holds -------------------------------------------------------------------------------------
def is_positive(poly: Poly) -> bool:
    """True for a polynomial that is positive wherever masses and energies are: it has no negative term."""
    return poly != 0 and all(value > 0 for _, value in poly.terms()) and "c" not in poly.generators


def conditions(quantity: Quantity) -> tuple[str, ...]:
    """Return where the closed form of a rate holds, in words; see `Observable.conditions`."""
    if not is_rate(quantity):
        return ()
    return where_open(t for factor, _ in (*quantity.above, *quantity.below) for t in _alone(factor))


def where_open(terms: Iterable[Term]) -> tuple[str, ...]:
    """Return where the functions of some terms hold as they are written, the strongest of each comparison."""
    found: dict[str, tuple[str, str]] = {}  # what is compared, by the strongest sign
    signs = list(SIGNS.values())
    for term in terms:
        for condition in elementary(term).conditions:
            if not is_positive(condition.poly):
                poly = written(condition.poly, term)
                larger, smaller = inequality(poly)
                before = found.get(str(poly), ("", signs[-1]))[1]
                sign = min(before, SIGNS[condition.test], key=signs.index)
                found[str(poly)] = f"{larger} {sign} {smaller}", sign
    return tuple(text for text, _ in found.values())


def _alone(factor: Factor) -> Iterable[Term]:
    """Return the terms that hold where they are open; the channels of a sum say so themselves."""
    return () if isinstance(factor, Total) else factor.terms
