"""How many points of a grid a measurement excludes: exactly, without visiting them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Any

from g2sym.arrays.refused import Reasons
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
from g2sym.constraints.measured import placed
from g2sym.constraints.quadtree import ALLOWED, UNDECIDED
from g2sym.constraints.windows import Span
from g2sym.errors import PrecisionError, UsageError, shorten
from g2sym.inputs import Window
from g2sym.observables.quantity import Quantity, quantity_of
from g2sym.observables.values import PROBE_BITS
from g2sym.queries.evaluate import enclose
from g2sym.queries.pieces import Structure, take_apart
from g2sym.queries.powers import fraction_in
from g2sym.scans.levels import count_above, crossings
from g2sym.scans.plans import Grid, extent, regions, renamed
from g2sym.scans.polynomials import Coefficient, Polynomial, degree_in
from g2sym.scans.quotients import quotient_counted
from g2sym.scans.rates import lowered
from g2sym.scans.solve import Sides, verdict_of

if TYPE_CHECKING:
    from g2sym.base.types import Columns, Doubles, Entries, Record


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
    ``refused``: of the points without a value, those of widths and cross-sections, by sentence.
    """

    allowed: int
    excluded: int
    undecided: int
    on: str
    rows: int
    by_balls: int
    record: Entries
    without_value: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """The number of points."""
        return self.allowed + self.excluded + self.undecided

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        counts = ("total", "allowed", "excluded", "undecided", "without_value", "on", "rows", "by_balls")
        return {
            **self.record,
            **{name: getattr(self, name) for name in counts},
            "refused": dict(self.refused),
        }


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
    above = Polynomial(structure, name, counts, any_table=True)
    below = None
    if structure.below is not None:
        below = Polynomial(structure, name, counts, any_table=True, below=True)
    allowed, hard, gone = _rows((above, below), others, grid_values, window)
    exact = [Fraction(v) for v in grid_values.tolist()] if hard or gone else []
    undecided = absent = 0
    for row in hard:
        there = exact if below is None else _with_a_value(quantity, fixed, name, row, exact)
        inside, open_ = _by_balls(quantity, fixed, name, row, there, window)
        allowed, undecided = allowed + inside, undecided + open_ + len(exact) - len(there)
        absent += len(exact) - len(there)
    refused: dict[str, int] = {}
    for why, refused_rows in gone.items():
        for row in refused_rows:  # where the coupling is zero, what is refused may be gone
            verdict = _at_zero(quantity, {**fixed, **row, name: 0.0}, window) if 0 in exact else None
            allowed += verdict == ALLOWED
            number = len(exact) - (verdict is not None)
            refused[why] = refused.get(why, 0) + number
            absent, undecided = absent + number, undecided + number + (verdict == UNDECIDED)
    rows = prod(others.shape)
    known = structure.known
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
    return Count(
        allowed, total - allowed - undecided, undecided, name, rows, len(hard), record, absent, refused
    )


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


Row = dict[str, float]


def _rows(
    sides: Sides, others: Grid, values: Doubles, window: Window
) -> tuple[int, list[Row], dict[str, list[Row]]]:
    """Return how many points doubles prove allowed, the rows they could not decide, and those refused."""
    import numpy as np

    allowed = 0
    hard: list[Row] = []
    gone: dict[str, list[Row]] = {}
    if not others.names:
        return 0, [{}], gone
    for _, region in regions(others.shape, others.chunk_shape(BLOCK)):
        here = others.coordinates(region)
        shape = np.broadcast_shapes(*(a.shape for a in here.values()))
        reasons: Reasons = {}
        above = sides[0].coefficients(here, reasons)
        below = None if sides[1] is None else sides[1].coefficients(here, reasons)
        with np.errstate(all="ignore"):
            if below is None:
                found = _counted(above, values, window)
            else:
                found = quotient_counted(above, below, values, window)
        inside, unsure = (np.array(np.broadcast_to(one, shape)) for one in found)
        open_ = np.ones(shape, bool)
        for why, mask in reasons.items():
            mask = np.broadcast_to(mask, shape) & open_
            open_ &= ~mask
            gone.setdefault(why, []).extend(_named(mask, here, shape))
        unsure &= open_
        allowed += int(inside[open_ & ~unsure].sum())
        hard += _named(unsure, here, shape)
    return allowed, hard, gone


def _named(mask: Any, here: Columns, shape: tuple[int, ...]) -> list[Row]:
    import numpy as np

    if not mask.any():
        return []
    spread = {name: np.broadcast_to(a, shape)[mask].tolist() for name, a in here.items()}
    return [dict(zip(spread, row, strict=True)) for row in zip(*spread.values(), strict=True)]


def _counted(coefficients: Sequence[Coefficient], values: Doubles, window: Window) -> tuple[Any, Any]:
    """Return for each row how many values are allowed, and where that is not known."""
    import numpy as np

    if len(coefficients) > 3:
        return np.zeros((), np.int64), np.ones((), bool)
    low, high = lowered(window, [(c.value, c.error) for c in coefficients])
    above_low, unsure_low = count_above(crossings(coefficients, low), values)
    above_high, unsure_high = count_above(crossings(coefficients, high), values)
    return above_low - above_high, unsure_low | unsure_high


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


def _at_zero(quantity: Quantity, point: Mapping[str, object], window: Window) -> int | None:
    """Return the verdict at a point in balls, None where there is no value."""
    try:
        return verdict_of(lambda bits: enclose(quantity, bits, point), window, PROBE_BITS)
    except UsageError:
        return None


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
