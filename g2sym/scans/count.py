"""How many points of a grid a measurement excludes: exactly, without visiting them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import given, text
from g2sym.base.balls import working_precision
from g2sym.base.exact import Number
from g2sym.constraints.condition import (
    MeasurementLike,
    announce,
    common_record,
    condition,
    exact_edge,
)
from g2sym.constraints.fractions import coupling_windows
from g2sym.constraints.maps import levels_of
from g2sym.constraints.measured import placed
from g2sym.constraints.windows import Span
from g2sym.errors import PrecisionError, UsageError, shorten
from g2sym.inputs import Window
from g2sym.observables.quantity import Quantity, quantity_of
from g2sym.observables.values import PROBE_BITS
from g2sym.queries.pieces import Structure, take_apart
from g2sym.queries.powers import fraction_in
from g2sym.scans.levels import count_above, crossings
from g2sym.scans.plans import Grid, extent, regions, renamed
from g2sym.scans.polynomials import Polynomial, degree_in

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Entries, Record


BLOCK = 1 << 15
"""Rows (combinations of the other parameters) treated at once, so that they stay in the cache."""
MOST_DIGITS = 1000


@dataclass(frozen=True)
class Count:
    """How many points of a grid are ``allowed``, ``excluded`` and ``undecided``.

    A point is a combination of doubles and counts as exactly these numbers. It is allowed when the
    observable lies in the closed window, so a point on its very edge is allowed; undecided are points whose
    value agrees with an edge to `MOST_DIGITS` digits without being known to equal it, and those
    ``without_value``, where a quotient's denominator is exactly zero. ``on`` is the coupling solved for,
    ``by_balls`` the rows that doubles could not decide. ``record``, what the numbers rest on.
    """

    allowed: int
    excluded: int
    undecided: int
    on: str
    rows: int
    by_balls: int
    record: Entries
    without_value: int = 0

    @property
    def total(self) -> int:
        """The number of points."""
        return self.allowed + self.excluded + self.undecided

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        counts = ("total", "allowed", "excluded", "undecided", "without_value", "on", "rows", "by_balls")
        return {**self.record, **{name: getattr(self, name) for name in counts}}


def count_excluded(
    observable: object,
    grid: Entries | Grid,
    measurement: MeasurementLike,
    criterion: str | None = None,
    n_sigma: Number | None = None,
    *,
    on: str | None = None,
    params: Mapping[str, object] | None = None,
    **values: object,
) -> Count:
    """Count the points of a grid that a measurement allows and excludes.

    Parameters: ``observable``; ``grid``, parameter names to arrays of values, every combination is a point;
    ``measurement``, ``criterion``, ``n_sigma`` as for `g2sym.bound`; ``on``, the coupling solved for in
    closed form (by default the one of lowest degree with the most values; the counts do not depend on it);
    the other parameters by keyword or in ``params``.
    Raises UsageError for a call that makes no sense, InputError for a bad number or file.
    """
    quantity = quantity_of(observable)
    plan = grid if isinstance(grid, Grid) else Grid.of(grid, quantity.inputs.masses)
    quantity, fixed = quantity.asked(given(params, values), *plan.names, on)
    plan = renamed(plan, quantity.full_name)
    plan.written.check(quantity)
    found, window = condition(quantity, measurement, criterion, n_sigma)
    quantity = placed(quantity, found)
    structure = take_apart(quantity, fixed, plan.names)
    name = _best(structure, plan) if on is None else quantity.full_name(text(on, "on", "g_aff"))
    if name not in plan.names:
        raise UsageError(f"{shorten(name)} is not varied; solve for one of {', '.join(plan.names)}.")
    others, grid_values = plan.without(name)
    counts = {n: len(a) for n, a in zip(others.names, others.axes, strict=True)}
    polynomial = Polynomial(structure, name, counts, any_table=True)
    if structure.below is None:
        allowed, hard = _rows(polynomial, others, grid_values, window)
    else:  # each row of a quotient is decided in balls
        allowed, hard = 0, _every_row(others)
    undecided = absent = 0
    exact = [Fraction(v) for v in grid_values.tolist()] if hard else []
    for row in hard:
        there = exact if structure.below is None else _with_a_value(quantity, fixed, name, row, exact)
        inside, open_ = _by_balls(quantity, fixed, name, row, there, window)
        allowed, undecided = allowed + inside, undecided + open_ + len(exact) - len(there)
        absent += len(exact) - len(there)
    rows = prod(others.shape)
    known = polynomial.structure.known
    ranges = extent(plan)
    record = {
        **common_record(
            announce(quantity.record(known), quantity, known, ranges, (found, window)), {*ranges}
        ),
        "lepton": quantity.lepton,
        "grid": {
            n: [len(a), float(a.min()), float(a.max())] for n, a in zip(plan.names, plan.axes, strict=True)
        },
        "measurement": found.as_dict(),
        "window": window.as_dict(),
    }
    total = rows * len(grid_values)
    return Count(allowed, total - allowed - undecided, undecided, name, rows, len(hard), record, absent)


def _best(structure: Structure, plan: Grid) -> str:
    """Choose the coupling to solve for: of lowest degree, then with the most values."""
    choices = []
    for name, axis in zip(plan.names, plan.axes, strict=True):
        degree = degree_in(structure, name, (*structure.pieces, *(structure.below or ())))
        if degree is not None and degree <= 2:
            choices.append((max(degree, 1), -len(axis), name))
    if not choices:
        raise UsageError(
            f"{structure.quantity.label} is a polynomial of degree at most two in none of "
            f"{', '.join(plan.names)}; "
            "vary a coupling too."
        )
    return min(choices)[2]


def _rows(
    polynomial: Polynomial, others: Grid, values: Doubles, window: Window
) -> tuple[int, list[dict[str, float]]]:
    """Return how many points doubles prove allowed, and the rows they could not decide."""
    import numpy as np

    ends = levels_of(window)
    allowed = 0
    hard: list[dict[str, float]] = []
    if not others.names:
        return 0, [{}]
    for _, region in regions(others.shape, others.chunk_shape(BLOCK)):
        here = others.coordinates(region)
        shape = np.broadcast_shapes(*(a.shape for a in here.values()))
        coefficients = polynomial.coefficients(here)
        if len(coefficients) > 3:
            unsure = np.ones(shape, bool)
            inside: Any = np.zeros(shape, np.int64)
        else:
            with np.errstate(all="ignore"):
                above_low, unsure_low = count_above(crossings(coefficients, ends.low), values)
                above_high, unsure_high = count_above(crossings(coefficients, ends.high), values)
            unsure = np.broadcast_to(unsure_low | unsure_high, shape)
            inside = np.broadcast_to(above_low - above_high, shape)
        allowed += int(inside.sum() - inside[unsure].sum())
        if unsure.any():
            spread = {name: np.broadcast_to(a, shape)[unsure].tolist() for name, a in here.items()}
            hard += [dict(zip(spread, row, strict=True)) for row in zip(*spread.values(), strict=True)]
    return allowed, hard


def _every_row(others: Grid) -> list[dict[str, float]]:
    axes = [axis.tolist() for axis in others.axes]
    return [dict(zip(others.names, row, strict=True)) for row in product(*axes)]


def _with_a_value(
    quantity: Quantity, fixed: Mapping[str, object], on: str, row: Mapping[str, float], values: list[Fraction]
) -> list[Fraction]:
    """Return the values of a coupling, without 0 where the denominator is zero there, or none of them."""
    _, below = fraction_in(quantity, on, quantity.values({**fixed, **row}))
    assert below is not None
    with working_precision(PROBE_BITS):
        vanishing = [c.is_zero() for c in below(PROBE_BITS)]
    if all(vanishing):
        return []
    return [v for v in values if v] if vanishing[0] else values


def _by_balls(
    quantity: Quantity,
    fixed: Mapping[str, object],
    on: str,
    row: Mapping[str, float],
    values: list[Fraction],
    window: Window,
) -> tuple[int, int]:
    """Return how many values of a row are allowed, and how many cannot be told from the end of a window."""
    if not values:
        return 0, 0
    known = quantity.values({**fixed, **row})
    digits = 17
    while True:
        try:
            ends = exact_edge(window.low), exact_edge(window.high)
            spans = coupling_windows(quantity, on, known, *ends, digits, f"the count on {on}")
        except PrecisionError:
            return 0, len(values)
        inside, doubtful = _inside(spans, values)
        if not doubtful or digits >= MOST_DIGITS:
            return inside, doubtful
        digits = min(4 * digits, MOST_DIGITS)


def _inside(spans: list[Span], values: list[Fraction]) -> tuple[int, int]:
    """Count values in closed windows, and values within the ball around an inexact end."""
    inside = doubtful = 0
    for low, high in spans:
        first, last = 0, len(values)
        if low is not None:
            first = bisect_left(values, low.upper)
            if low.radius:
                doubtful += bisect_right(values, low.upper) - bisect_left(values, low.lower)
                first = bisect_right(values, low.upper)
        if high is not None:
            last = bisect_right(values, high.lower)
            if high.radius:
                doubtful += bisect_right(values, high.upper) - bisect_left(values, high.lower)
                last = bisect_left(values, high.lower)
        inside += max(0, last - first)
    return inside, doubtful
