"""For which real couplings does a quotient of two polynomials lie in an interval? Certified windows."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.constraints.roots import Undecided, ball_roots, sign
from g2sym.constraints.windows import (
    MAX_BITS,
    START_BITS,
    Edge,
    Span,
    allowed_windows,
    certified_end,
    edge_at,
    ordered,
)
from g2sym.errors import PrecisionError
from g2sym.observables.quantity import NoValue, Quantity
from g2sym.observables.values import PROBE_BITS, Values
from g2sym.queries.powers import Polynomial, fraction_in, polynomial_of

if TYPE_CHECKING:
    from flint import arb

ABOVE_LOW, ABOVE_HIGH, BELOW = 0, 1, 2
"""P - low Q, P - high Q and Q."""


def coupling_windows(
    quantity: Quantity,
    on: str,
    known: Values,
    low: Edge,
    high: Edge,
    digits: int = 17,
    what: str = "the bound",
) -> list[Span]:
    """Return the real values of a coupling with low <= observable <= high, as windows from left to right.

    Parameters: ``on``, the coupling; ``known``, the values of everything else; the others as for
    `g2sym.constraints.windows.allowed_windows`. Raises what that and `allowed_fraction` raise.
    """
    top, bottom = fraction_in(quantity, on, known)
    if quantity.single is not None:
        return allowed_windows(top, low, high, digits, what)
    sides = quantity.above, quantity.below
    factors = [[polynomial_of(amplitude, on, known) for amplitude, _ in side] for side in sides]
    return allowed_fraction(top, bottom or _one, low, high, digits, what, factors)


def is_common(quantity: Quantity, on: str, known: Values) -> bool:
    """True when numerator and denominator of a quotient are both exactly zero where a coupling is."""
    sides = fraction_in(quantity, on, known)
    with working_precision(PROBE_BITS):
        return all(side is not None and side(PROBE_BITS)[0].is_zero() for side in sides)


def allowed_fraction(
    top: Polynomial,
    bottom: Polynomial,
    low: Edge,
    high: Edge,
    digits: int = 17,
    what: str = "the bound",
    factors: Sequence[Sequence[Polynomial]] = ((), ()),
) -> list[Span]:
    """Return the real g with low <= P(g)/Q(g) <= high, as windows from left to right.

    Parameters: as for `g2sym.constraints.windows.allowed_windows`, with the coefficients of P and Q. A
    power of g that both have is cancelled: the quotient's value at g = 0 is then its limit. Where Q
    vanishes and P does not, nothing is allowed. ``factors``, those of P and of Q, each once: the roots of a
    power are isolated as those of its base.
    Raises UsageError when Q vanishes identically, PrecisionError when `MAX_BITS` do not decide it.
    """
    bits, reason = max(START_BITS, 8 * digits), ""
    while bits <= MAX_BITS:
        try:
            with working_precision(bits):
                p, q = _reduced(top(bits), bottom(bits), what)
                ends = number(edge_at(low, bits)), number(edge_at(high, bits))
                return _attempt(p, q, ends, digits, [[one(bits) for one in side] for side in factors])
        except Undecided as problem:
            reason = str(problem)
            bits *= 2
    raise PrecisionError(
        f"{what}: {reason} could not be told with {MAX_BITS} bits; move the inputs a little."
    )


def _reduced(p: Sequence[arb], q: Sequence[arb], what: str) -> tuple[list[arb], list[arb]]:
    above, below = ([n for n, c in enumerate(side) if not c.is_zero()] for side in (p, q))
    if not below:
        raise NoValue(f"{what}: the denominator is zero at these values, so the quotient has no value.")
    shift = min(below[0], above[0]) if above else below[0]
    return list(p[shift:]) or [number(0)], list(q[shift:])


def _attempt(
    p: list[arb], q: list[arb], ends: tuple[arb, arb], digits: int, factors: list[list[list[arb]]]
) -> list[Span]:
    low, high = ends
    size = max(len(p), len(q))
    p, q = (side + [number(0)] * (size - len(side)) for side in (p, q))
    functions = [
        [a - low * b for a, b in zip(p, q, strict=True)],
        [a - high * b for a, b in zip(p, q, strict=True)],
        q,
    ]
    above, below = factors
    # a level that is exactly zero is reached where the numerator vanishes
    parts = [above if low.is_zero() else [], above if high.is_zero() else [], below]
    crossings = ordered(
        [(r, n, which) for which, f in enumerate(functions) for r, n in _roots(f, parts[which])]
    )

    def allowed(at: Fraction) -> bool:
        a, b, c = (sign(_value(f, number(at)), "a sign between two ends") for f in functions)
        return (a >= 0 >= b) if c > 0 else (a <= 0 <= b)

    cuts = [_middle(x.mid()) for x, _, _ in crossings]
    places = [cuts[0] - 1, *((x + y) / 2 for x, y in pairwise(cuts)), cuts[-1] + 1] if cuts else [Fraction(1)]
    inside = [allowed(at) for at in places]
    spans: list[Span] = []
    opened = None
    for k, (root, _, which) in enumerate(crossings):
        before, after = inside[k], inside[k + 1]
        pole = which == BELOW
        if before and (not after or pole):
            spans.append((opened, certified_end(root, digits)))
        if after and (not before or pole):
            opened = certified_end(root, digits)
        if not (before or after or pole) and _touches(functions, which, root):
            spans.append((certified_end(root, digits), certified_end(root, digits)))
    if inside[-1]:
        spans.append((opened, None))
    return spans


def _touches(functions: Sequence[list[arb]], which: int, root: arb) -> bool:
    """True when at a root of one level the quotient lies on the allowed side of the other."""
    other = sign(_value(functions[1 - which], root), "the other level at an end")
    below = sign(_value(functions[BELOW], root), "the denominator at an end")
    wanted = -below if which == ABOVE_LOW else below  # P - high Q <= 0 above, P - low Q >= 0 for Q > 0
    return other in (0, wanted)


def _roots(coefficients: Sequence[arb], factors: Sequence[Sequence[arb]] = ()) -> list[tuple[arb, int]]:
    """Return the real roots; that at zero, of any multiplicity, is seen from coefficients that vanish."""
    first = _leading_zeros(coefficients)
    if first == len(coefficients):
        return []
    away = [side[_leading_zeros(side) :] for side in factors or [coefficients]]
    return [*([(number(0), first)] if first else []), *(found for side in away for found in ball_roots(side))]


def _leading_zeros(coefficients: Sequence[arb]) -> int:
    return next((n for n, c in enumerate(coefficients) if not c.is_zero()), len(coefficients))


def _one(bits: int) -> list[arb]:
    return [number(1)]


def _value(coefficients: Sequence[arb], at: arb) -> arb:
    total = number(0)
    for c in reversed(coefficients):
        total = total * at + c
    return total


def _middle(value: arb) -> Fraction:
    mantissa, exponent = value.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
