"""More columns for the picture of a bound, where neighbouring columns differ too much to be joined.

A picture joins the borders of neighbouring columns, and ends a region half-way between a column that has it
and one that has not. Between columns that differ this paints excluded couplings as allowed, so further
columns are computed there, certified like the others.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from g2sym.show.panels import LARGEST, SMALLEST, Gap, excluded_sizes

if TYPE_CHECKING:
    from g2sym.constraints import Bound, Row

ROUNDS = 9
"""How often a gap between columns is halved at most."""
STEEP = 1.3
"""Ratio of neighbouring borders from which on a column is put between them."""
STEP = 1.03
"""The same where regions start or stop, since borders are not joined there."""
MOST = 800
"""Most columns that are added to one bound."""
PATIENCE = 20.0
"""Seconds after which no further columns are computed."""
PIECE = 20
"""Columns that are computed at a time."""


def refined(
    bound: Bound,
    name: str,
    more: Callable[[Sequence[Fraction]], Bound],
    *,
    logarithmic: bool = True,
    visible: tuple[float, float] = (SMALLEST, LARGEST),
    tell: Callable[[str], object] = lambda sentence: None,
) -> Bound:
    """Return a bound with further columns, ascending, where neighbours could not be joined truthfully.

    Parameters: ``bound`` over the one varied parameter ``name``; ``more`` computes the same bound at other
    values; ``logarithmic`` puts a column at the geometric mean of its neighbours, else at the arithmetic one;
    ``visible``, the sizes of the coupling that the picture shows: what differs beyond them does not matter;
    ``tell``, called with a sentence when the columns or the time ran out, `MOST` or `PATIENCE`; the largest
    differences have then been served first.
    """
    start = time.monotonic()
    rows = sorted(bound.rows, key=lambda row: row.values[name])
    added = 0
    for _ in range(ROUNDS):
        wanted = []
        for one, two in pairwise(rows):
            need = _difference(one, two, visible)
            between = _between(one.values[name], two.values[name], logarithmic)
            if need > 0 and between is not None:
                wanted.append((need, between))
        wanted.sort(reverse=True)
        new: list[Row] = []
        for at in range(0, len(wanted), PIECE):
            if added >= MOST or time.monotonic() - start > PATIENCE:
                tell(
                    f"The picture has {added} further columns and would need more where borders jump; vary "
                    f"{name} over a shorter range to see them."
                )
                break
            piece = sorted(x for _, x in wanted[at : at + min(PIECE, MOST - added)])
            new += more(piece).rows
            added += len(piece)
        rows = sorted([*rows, *new], key=lambda row: row.values[name])
        if len(new) < len(wanted) or not new:
            break
    return replace(bound, rows=tuple(rows))


def _between(a: Fraction, b: Fraction, logarithmic: bool) -> Fraction | None:
    """Return a value between two, None when there is no double left."""
    middle = (a + b) / 2
    if logarithmic and a > 0:
        middle = Fraction(math.sqrt(float(a)) * math.sqrt(float(b)))
    return middle if float(a) < float(middle) < float(b) else None


def _difference(one: Row, two: Row, visible: tuple[float, float]) -> float:
    """Return how much what two columns show differs.

    0 when they can be joined, infinite where a region starts or stops, else the largest ratio's logarithm.
    """
    worst = 0.0
    for sign in (1, -1):
        plain = [excluded_sizes(row, sign) for row in (one, two)]
        left, right = (_shown(gaps, visible) for gaps in plain)
        if len(left) != len(right):
            return math.inf
        ends = [abs(a - b) for p, q in zip(left, right, strict=True) for a, b in zip(p, q, strict=True)]
        ratio = max(ends, default=0.0)
        if ratio > math.log(STEEP if len(plain[0]) == len(plain[1]) else STEP):
            worst = max(worst, ratio)
    return worst


def _shown(gaps: Sequence[Gap], visible: tuple[float, float]) -> list[Gap]:
    """Return the logarithms of the ends of what is seen of excluded intervals."""
    low, high = visible
    clipped = [(min(max(a, low), high), min(max(b, low), high)) for a, b in gaps]
    return [(math.log(a), math.log(b)) for a, b in clipped if a < b]
