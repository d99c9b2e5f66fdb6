"""For which masses does Delta a lie in an interval? Every end isolated and proved, none missed."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from g2sym.base.balls import Ball
from g2sym.constraints.roots import to_arb
from g2sym.constraints.windows import Edge, Span
from g2sym.errors import PrecisionError
from g2sym.kernels.isolation import Shifted, isolate, proved_sign
from g2sym.queries.zeros import mass_function

if TYPE_CHECKING:
    from flint import arb

    from g2sym.model.moment import AnomalousMoment
    from g2sym.observables.values import Values


def mass_windows(
    moment: AnomalousMoment,
    mass: str,
    known: Values,
    low: Edge,
    high: Edge,
    interval: tuple[Fraction, Fraction],
    digits: int = 17,
) -> list[Span]:
    """Return the masses within an interval for which low <= Delta a <= high, as windows left to right.

    Parameters: ``mass``, its symbol; ``known``, the values of everything else; ``low`` < ``high``, exact
    or as functions of the bits; ``interval`` in GeV, both ends positive; ``digits``, correct decimals.
    A window that reaches an end of the interval ends there, exactly: nothing is said about what lies
    beyond. Raises PrecisionError when an end cannot be isolated, UsageError for missing values.
    """
    function = mass_function(moment, mass, known)
    what = f"the bound on {mass}"
    levels = [Shifted(function, _level(edge)) for edge in (low, high)]
    roots = [ball for level in levels for ball in isolate(level, *interval, digits, what)]
    roots.sort(key=lambda ball: ball.midpoint)
    cuts = [Ball.exact(interval[0]), *roots, Ball.exact(interval[1])]
    spans: list[Span] = []
    for left, right in pairwise(cuts):
        if left.upper >= right.lower:
            raise PrecisionError(f"{what}: two ends could not be separated; ask for more digits.")
        middle = (left.midpoint + right.midpoint) / 2
        signs = [proved_sign(level, middle) for level in levels]
        if 0 in signs:
            raise PrecisionError(f"{what}: the sign at {float(middle):.6g} GeV could not be proved.")
        if signs[0] > 0 > signs[1]:
            if spans and spans[-1][1] is left:  # only touched, which isolation refuses, or two levels meet
                spans[-1] = (spans[-1][0], right)
            else:
                spans.append((left, right))
    return spans


def _level(edge: Edge) -> Callable[[int], arb]:
    if isinstance(edge, Fraction):
        return lambda bits: to_arb(edge)
    return edge
