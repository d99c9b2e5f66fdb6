"""Widths in propagators that are derived: the total one at tree level, put in as a number at a point.

The denominator of a propagator would otherwise be a sum of roots in every mass and coupling. Bounds, arrays
and expansions, in which couplings move, have no such number: they ask for one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from g2sym.base.balls import MAX_DIGITS, Ball
from g2sym.base.classes import replace
from g2sym.base.exact import decimal_text
from g2sym.base.names import Atom, ObservableName
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values

DIGITS, MORE = 60, 20
"""A derived width is rounded to that many significant decimals, and to more than are asked for.

That number then counts as exact: of the digits that are asked for, what is cut off changes none but by a
relative 1e-20 of the last one, also on the pole, where a cross-section is a power of the width.
"""


def with_widths(
    quantity: Quantity,
    raw: Mapping[str, object],
    known: Values,
    digits: int,
    ball: Callable[[Quantity, int, Mapping[str, object]], Ball],
) -> tuple[Values, list[str]]:
    """Return values with the derived widths that an observable needs, and a sentence about each.

    Parameters: ``raw``, what was given, and ``known``, the same as values; ``digits`` asked for; ``ball``
    evaluates an observable to some digits. A width that was given stays. Raises what the total width raises.
    """
    wanted = quantity.declaration.derived_widths
    if not wanted:
        return known, []
    fine = min(max(DIGITS, digits + MORE), MAX_DIGITS)
    needed = {n for a in quantity.amplitudes for t in a.terms for n in t.masses.names}
    found: dict[str, Fraction] = {}
    for symbol, field in wanted.items():
        if symbol in needed and symbol not in known.given:
            total = replace(quantity, name=ObservableName(((Atom("Gamma", (field,)), 1),)))
            found[symbol] = Fraction(ball(total, fine, raw).printed(fine)[0])
    said = [
        f"{symbol} = {decimal_text(value, 12)} GeV is the total width of {wanted[symbol]} at tree level, "
        "derived from the couplings at this point."
        for symbol, value in found.items()
    ]
    return (quantity.values({**raw, **found}) if found else known), said
