"""Series and limits of rates put together: products and quotients, how many powers, and from which side."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction
from typing import Any

from g2sym.errors import UnsupportedError, UsageError
from g2sym.formulas.formula import Formula
from g2sym.formulas.quotients import PowerSeries, quotient, quotient_limit
from g2sym.formulas.ratio import Ratio
from g2sym.integrals.puiseux import Piece
from g2sym.integrals.rational import Frac
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.queries.rate_series import LOOP, Expander, Moving
from g2sym.queries.rate_terms import joined
from g2sym.queries.targets import Target

MAX_EXTRA = 12
"""Powers beyond those asked for that amplitudes are expanded to at most."""
ENOUGH = 4
"""Powers beyond those asked for after which fewer terms are taken as they are: BR = 1 + O(t^6), say."""


def composed(own: Expander, powers: int) -> PowerSeries:
    """Return the first powers of a rate, one more than is wanted; raises what `Observable.series` raises."""
    for extra in range(2 * MAX_EXTRA + 1):
        above, below = own.sides(Fraction(powers + extra))
        if below is None:
            found = above
        elif not below.entries:
            continue
        else:
            found = quotient(above, below, powers=powers + 1)
        kept = len({e for e, _, _ in found.entries})
        if found.end is None or kept > powers or (extra >= ENOUGH and kept):
            return found
    raise UnsupportedError(
        f"{own.target.text}: fewer than {powers + 1} powers of {own.quantity.text} were found."
    )


def leading(own: Expander) -> PowerSeries:
    """Return how a quotient behaves whose denominator leads with a logarithm."""
    above, below = own.sides(Fraction(4))
    assert below is not None  # it is a quotient
    found = quotient_limit(above, below)
    entries: Iterable[tuple[Fraction, int, Ratio]]
    if found.value is not None:
        entries = [(Fraction(0), 0, found.value)]
    elif found.logs >= 0:
        entries = [(found.exponent, found.logs, found.coefficient)]
    else:
        raise UnsupportedError(
            f"{own.target.text}: {own.quantity.text} diverges like a power of t over logarithms, which is "
            "not written as a series."
        )
    return PowerSeries.of(entries, Fraction(1, 2))


def cut(
    found: PowerSeries, powers: int
) -> tuple[tuple[tuple[Fraction, int, Any], ...], Fraction | None, int]:
    """Return a series cut after a number of powers: entries, where they end, and the next power of ln t."""
    kept = sorted({e for e, _, _ in found.entries})
    stop = kept[powers] if len(kept) > powers else found.end
    entries = []
    for e, j, value in found.entries:
        if stop is None or e < stop:
            plain = value.as_formula()
            entries.append((e, j, value if plain is None else plain))
    logs = max((j for e, j, _ in found.entries if e == stop), default=0)
    return tuple(entries), stop, logs


def closed_formula(quantity: Quantity, known: Values) -> Formula:
    """Return the closed form of one width or cross-section as a formula, values that were given put in.

    Raises UnsupportedError for a product, a quotient or a sum of channels.
    """
    single = quantity.single
    if single is None:
        raise UnsupportedError(f"{quantity.text} is no single amplitude; state what its parts are.")
    total = Formula()
    known = single.values(known)
    keep = (frozenset(single.declaration.parameters) | single.masses) - set(known.given)
    for term in joined(single.terms):
        one = Moving(Expander(quantity, Target("", None), known), term)
        coefficient = known.expand(term.coefficient, keep) / LOOP
        for (places, log), value in one.function.parts:
            roots = tuple(Frac.of(one.function.roots[p]) for p in places)
            argument: tuple[Frac, Frac | None] | None = None
            if log >= 0:
                own = one.function.logs[log]
                argument = Frac.of(own.v, own.u), Frac.of(one.function.roots[own.root])
            total = total + one.written(Piece(Fraction(0), 0, value, roots, argument), coefficient)
    return total


def open_side(quantity: Quantity, target: Target, known: Values) -> Target:
    """Return the target from the side on which a rate is not zero: above where both are."""
    if not target.is_interior:
        return target
    for side in (1, -1):
        there = replace(target, side=side)
        try:
            above, _ = Expander(quantity, there, known).sides(Fraction(2))
        except UsageError:  # no meaning on this side
            continue
        if above.entries or above.end is not None:
            return there
    return target
