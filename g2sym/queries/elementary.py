"""Terms of widths and cross-sections over arrays: added up where they can be, their slots as polynomials."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.arrays.elementary import ElementarySource
from g2sym.base.coefficients import Coefficient
from g2sym.derive.terms import Term
from g2sym.errors import G2symError
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.rational import Frac, Poly, constant, gen
from g2sym.kernels.double_plans import double_plan
from g2sym.observables.values import Values

if TYPE_CHECKING:
    from flint import arb

SHARE = 4
"""The part of a sum's tolerance that its functions may take."""


def merged(terms: Sequence[Term], known: Values, keep: frozenset[str]) -> list[Term]:
    """Add up elementary functions of the same slots whose coefficients have a rational ratio.

    Parameters: ``known``, what is not in arrays; ``keep``, the names of the arrays. Other terms stay as they
    are, in their order.
    """
    out: list[Term] = []
    for term in terms:
        for place, one in enumerate(out):
            found = _together(one, term, known, keep)
            if found is not None:
                out[place] = found
                break
        else:
            out.append(term)
    return out


def _together(one: Term, other: Term, known: Values, keep: frozenset[str]) -> Term | None:
    f, g = one.integral, other.integral
    if not isinstance(f, Elementary) or not isinstance(g, Elementary) or one.masses != other.masses:
        return None
    if f.roots != g.roots or f.logs != g.logs or f.conditions != g.conditions:
        return None
    first = known.expand(one.coefficient, keep)
    if first.is_zero:
        return None
    ratio = _number(known.expand(other.coefficient, keep) / first, known, keep)
    if ratio is None:
        return None
    parts = dict(f.parts)
    for key, value in g.parts:
        more = value * Frac.of(constant(ratio))
        parts[key] = parts[key] + more if key in parts else more
    names = [s.name for s in f.slots]
    whole = Elementary.of(parts, names, f.diagram, f.roots, f.logs, f.conditions, f.provenance)
    return replace(one, integral=whole)


def _number(value: Coefficient, known: Values, keep: frozenset[str]) -> Fraction | None:
    """Return a coefficient that is a rational number once masses are put in, else None."""
    found = _polynomial(value, known, keep)
    if found is None or not found.is_constant():
        return None
    lead = found.leading_coefficient() if found != 0 else 0
    return Fraction(int(getattr(lead, "p", 0)), int(getattr(lead, "q", 1)))


def _polynomial(value: Coefficient, known: Values, keep: frozenset[str]) -> Poly | None:
    """Return a coefficient as a polynomial in what is in arrays; None for what is none, or not rational."""
    if value.rooted:
        return None
    fixed: dict[str, Coefficient] = {}
    for name in value.symbols - keep:
        try:
            fixed[name] = Coefficient.number(known.exact(name))
        except G2symError:
            return None
    try:
        whole = value.subs(fixed) if fixed else value
    except G2symError:
        return None
    if len(whole.denominator) != 1 or whole.denominator[0][0]:
        return None
    below, unreal = whole.denominator[0][1]
    out = constant(0)
    for monomial, (re, im) in whole.numerator:
        if im or unreal:
            return None
        term = constant(re / below)
        for name, power in monomial:
            term = term * gen(name) ** power
        out = out + term
    return out


def elementary_source(
    term: Term,
    known: Values,
    keep: frozenset[str],
    compute: Callable[[Mapping[str, Fraction], int], arb],
    tolerance: float,
    loose: bool = False,
) -> ElementarySource | None:
    """Return an elementary function of arrays; None where it moves with none, or is not made for doubles.

    Parameters: ``compute``, the function in balls; ``tolerance`` of the sum that it stands in; ``loose``, see
    `ElementarySource`.
    """
    function = term.integral
    assert isinstance(function, Elementary)
    put: dict[str, Poly] = {}
    for slot, symbol, _ in term.masses.slots:
        own = Coefficient.symbol(symbol)
        value = _polynomial(own if symbol in keep else known.expand(own, keep), known, keep)
        if value is None:
            return None
        put[slot] = value
    if all(value.is_constant() for value in put.values()):
        return None
    try:
        plan = double_plan(function, put)
    except G2symError:  # it divides by zero wherever the arrays are, which balls say in a sentence
        return None
    if plan is None:
        return None
    symbols = {slot: symbol for slot, symbol, _ in term.masses.slots}
    return ElementarySource(plan, compute, symbols, tolerance / SHARE, loose)
