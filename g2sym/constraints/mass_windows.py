"""For which masses does an observable lie in an interval? Every end isolated and proved, none missed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from g2sym.base.balls import Ball, working_precision
from g2sym.base.exact import decimal_text
from g2sym.base.sentences import statement
from g2sym.constraints.roots import to_arb
from g2sym.constraints.windows import Edge, Span
from g2sym.errors import PrecisionError
from g2sym.kernels.isolation import BITS, Function, isolate, proved_sign
from g2sym.observables.quantity import NoValue, Quantity
from g2sym.observables.values import Values
from g2sym.queries.masses import denominators_in, levels_in, refuse_complex
from g2sym.queries.poles import free_beside, poles_of

if TYPE_CHECKING:
    from flint import arb


def mass_windows(
    quantity: Quantity,
    mass: str,
    known: Values,
    low: Edge,
    high: Edge,
    interval: tuple[Fraction, Fraction],
    digits: int = 17,
) -> list[Span]:
    """Return the masses within an interval for which low <= observable <= high, as windows left to right.

    Parameters: ``mass``, its symbol; ``known``, the values of everything else; ``low`` < ``high``, exact
    or as functions of the bits; ``interval`` in GeV, both ends positive; ``digits``, correct decimals.
    A window that reaches an end of the interval ends there, exactly: nothing is said about what lies
    beyond. One that reaches a pole (`poles_within`) ends there, exactly, without the pole. Raises
    PrecisionError when an end cannot be isolated, UsageError for missing values, UnsupportedError for an
    interval that begins on or above a threshold.
    """
    what = f"the bound on {mass}"
    refuse_complex(quantity, mass, known, interval[0])
    # for a quotient: P - low Q, P - high Q and Q, whose sign says which side of the others is allowed
    functions = levels_in(quantity, mass, known, _level(low), _level(high))
    _refuse_none(quantity, mass, known, interval)
    # the roots of a power of an amplitude are isolated as those of the amplitude
    isolated = [*functions[:2], *denominators_in(quantity, mass, known)]
    poles = _within(poles_of(functions), interval)
    pieces = _between([*functions, *isolated[2:]], poles, interval, what, mass)
    inner = [Ball.exact(pole) for pole in poles if pole not in interval]
    inner += [ball for one in isolated for piece in pieces for ball in isolate(one, *piece, digits, what)]
    inner.sort(key=lambda ball: ball.midpoint)
    cuts = [Ball.exact(interval[0]), *inner, Ball.exact(interval[1])]
    spans: list[Span] = []
    for left, right in pairwise(cuts):
        if left.upper >= right.lower:
            raise PrecisionError(f"{what}: two ends could not be separated; ask for more digits.")
        middle = (left.midpoint + right.midpoint) / 2
        signs = [proved_sign(one, middle) for one in functions]
        if 0 in signs:
            raise PrecisionError(f"{what}: the sign at {float(middle):.6g} GeV could not be proved.")
        side = signs[2] if len(signs) > 2 else 1
        if side * signs[0] > 0 > side * signs[1]:
            touched = spans and spans[-1][1] is left and left.midpoint not in poles
            if touched:  # which isolation refuses, or two levels meet
                spans[-1] = (spans[-1][0], right)
            else:
                spans.append((left, right))
    return spans


def poles_within(
    quantity: Quantity, mass: str, known: Values, interval: tuple[Fraction, Fraction]
) -> dict[Fraction, str]:
    """Return the masses of an interval at which an observable is infinite, with what is said there.

    Parameters: as for `mass_windows`. Raises UsageError for missing values.
    """
    level = _level(Fraction(1))
    return _within(poles_of(levels_in(quantity, mass, known, level, level)), interval)


def _within(poles: Mapping[Fraction, str], interval: tuple[Fraction, Fraction]) -> dict[Fraction, str]:
    return {pole: said for pole, said in poles.items() if interval[0] <= pole <= interval[1]}


def _between(
    functions: Sequence[Function],
    poles: Mapping[Fraction, str],
    interval: tuple[Fraction, Fraction],
    what: str,
    mass: str,
) -> list[tuple[Fraction, Fraction]]:
    """Return the parts of an interval that zeros are searched in: beside its poles there are none, proved."""
    low, high = interval
    ends = [low, *(p for p in poles if p not in interval), high]
    pieces = []
    for left, right in pairwise(ends):
        quarter = (right - left) / 4
        a, b = left, right
        for pole, towards in ((left, left + quarter), (right, right - quarter)):
            if pole not in poles:
                continue
            free = free_beside(functions, pole, towards)
            if free is None:
                raise PrecisionError(
                    f"{what}: {statement(poles[pole])}; what lies beside {mass} = "
                    f"{decimal_text(pole, 12)} GeV could not be proved. Search the ranges below and above it."
                )
            a, b = (a + free, b) if pole == left else (a, b - free)
        pieces.append((a, b))
    return pieces


def _refuse_none(quantity: Quantity, mass: str, known: Values, interval: tuple[Fraction, Fraction]) -> None:
    """Refuse an interval at an end of which a rate below the fraction bar is exactly zero."""
    for one, (factor, _) in zip(denominators_in(quantity, mass, known), quantity.below, strict=False):
        for end in interval:
            with working_precision(BITS):
                value = one.at(end, BITS)
            if value.is_zero():
                raise NoValue(
                    f"{factor.label} is exactly zero at {mass} = {decimal_text(end, 6)}, where no channel "
                    f"is open: {quantity.text} has no value there; choose an interval beyond the threshold."
                )


def _level(edge: Edge) -> Callable[[int], arb]:
    if isinstance(edge, Fraction):
        return lambda bits: to_arb(edge)
    return edge
