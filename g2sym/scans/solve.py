"""What a scan finds in one chunk: the windows of a coupling, or the observable with a verdict.

The same chunk always gives the same bits, whatever was computed before and by whom: a chunk knows nothing of
the others.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from g2sym.arrays.refused import Reasons, union
from g2sym.base.balls import Ball, nearest_double, working_precision
from g2sym.constraints.condition import exact_edge
from g2sym.constraints.fractions import coupling_windows
from g2sym.constraints.maps import levels_of
from g2sym.constraints.quadtree import ALLOWED, EXCLUDED
from g2sym.errors import PrecisionError
from g2sym.inputs import Window
from g2sym.inputs.units import ONE, Size
from g2sym.observables.quantity import NoValue, Quantity
from g2sym.queries.evaluate import enclose
from g2sym.queries.pieces import take_apart
from g2sym.scans.levels import Crossings, Level, crossings
from g2sym.scans.polynomials import Coefficient, Polynomial
from g2sym.scans.rates import lowered, numbered, reaches_zero, sentences

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Columns, Doubles


ACCURACY = 1e-12
"""Relative error of every number that a scan stores, at most."""
MOST_BITS = 4096


@dataclass(frozen=True, eq=False)
class Task:
    """Everything that a chunk's numbers rest on, small enough to be sent to another machine.

    Parameters: ``quantity``; ``fixed``, exact values by name; ``names`` of the moving parameters; ``on``, the
    coupling solved for or None; ``window``, None where there is no measurement; ``counts``, how many values
    of each moving parameter the whole scan has; ``key``, what tells two tasks apart; ``factor``, what takes a
    value to the unit in which it is stored.
    """

    quantity: Quantity
    fixed: Mapping[str, Fraction]
    names: tuple[str, ...]
    on: str | None
    window: Window | None
    counts: Mapping[str, int]
    key: str
    factor: Size = ONE

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def bare(self) -> Task:
        """Return the task without what was derived, which does not travel."""
        return replace(self, quantity=replace(self.quantity))

    def sides(self) -> Sides:
        """Return numerator and denominator as polynomials in the coupling; raises what bad values raise."""
        moving = self.names if self.on is None else (*self.names, self.on)
        structure = take_apart(self.quantity, self.fixed, moving)
        above = Polynomial(structure, self.on, self.counts)
        if structure.below is None:
            return above, None
        return above, Polynomial(structure, self.on, self.counts, below=True)


Sides = tuple[Polynomial, Polynomial | None]
"""The numerator, and the denominator where there is one."""


def refusals(sides: Sides) -> list[str]:
    """Return why points may have no value, apart from a denominator of zero."""
    return sentences(piece for side in sides if side is not None for piece in side.pieces)


@lru_cache(maxsize=4)
def _prepared(task: Task) -> Sides:
    return task.sides()


def solve(task: Task, coordinates: Mapping[str, Doubles], shape: tuple[int, ...]) -> Columns:
    """Return what a scan finds at arrays of the moving parameters.

    Parameters: ``coordinates``, arrays that broadcast to ``shape``. Returns ``windows`` (shape + (most
    windows, 2), NaN where there are fewer, infinite where open) and ``count``, how many there are; or
    the value (see `value_name`) and with a measurement ``verdict`` (0 undecided, 1 allowed, 2 excluded).
    Where a denominator is exactly zero there is no value: NaN, undecided, no window. Of rates ``reason`` says
    which of `refusals` holds at a point without a value, counted from 1.
    """
    import numpy as np

    above, below = sides = _prepared(task)
    reasons: Reasons = {}

    def spread(side: Polynomial) -> list[Coefficient]:
        found = side.coefficients(coordinates, reasons)
        return [Coefficient(*(np.broadcast_to(a, shape) for a in (c.value, c.error))) for c in found]

    full = spread(above)
    with np.errstate(all="ignore"):
        bottom = None if below is None else spread(below)[0]
        names = refusals(sides)
        said = {"reason": numbered(reasons, names, shape)} if names else {}
        nothing = union({why: np.broadcast_to(m, shape) for why, m in reasons.items()}, shape)
        if task.on is not None:
            return _windows(task, sides, full, nothing, coordinates, shape) | said
        if bottom is None:
            return _values(task, full[0], nothing, coordinates, shape) | said
        nothing |= (bottom.value == 0) & (bottom.error == 0)
        return _values(task, _divided(full[0], bottom), nothing, coordinates, shape) | said


def value_name(quantity: Quantity) -> str:
    """Return the name of the array of values: delta_a for an anomalous moment, else value."""
    return "delta_a" if quantity.single is not None and quantity.dimension == 0 else "value"


def most_windows(sides: Sides) -> int:
    """Return how many windows a row can have."""
    above, below = sides
    if below is None:
        return max(1, above.degree)
    return 3 * max(above.degree, below.degree) // 2 + 1


def _divided(above: Coefficient, below: Coefficient) -> Coefficient:
    """Return a quotient with a bound on its error; infinite where the denominator could vanish.

    |P/Q - p/q| = |P q - p Q|/|Q q| <= (e_P + |p/q| e_Q)/(|q| - e_Q), and the division rounds.
    """
    import numpy as np

    value = above.value / below.value + 0.0  # no zero is negative
    least = np.abs(below.value) - below.error
    error = (above.error + np.abs(value) * below.error) / least + 2.0**-52 * np.abs(value)
    return Coefficient(value, np.where(least > 0, error * (1 + 2.0**-40), np.inf))


def _windows(
    task: Task,
    sides: Sides,
    coefficients: Sequence[Coefficient],
    nothing: NDArray[np.bool_],
    coordinates: Mapping[str, Doubles],
    shape: tuple[int, ...],
) -> Columns:
    import numpy as np

    assert task.on is not None
    assert task.window is not None
    most = most_windows(sides)
    windows = np.full((*shape, most, 2), np.nan)
    count = np.zeros(shape, np.uint8)
    if most <= 2 and sides[1] is None:
        unsure = _closed_form(
            lowered(task.window, [(c.value, c.error) for c in coefficients]), coefficients, windows, count
        )
        windows[nothing], count[nothing] = np.nan, 0
    else:
        unsure = np.ones(shape, bool)
    low, high = exact_edge(task.window.low), exact_edge(task.window.high)
    for place, row in _rows(unsure & ~nothing, coordinates, shape):
        known = task.quantity.values({**task.fixed, **row})
        try:
            spans = coupling_windows(task.quantity, task.on, known, low, high, 17, f"the scan on {task.on}")
        except NoValue:  # whatever the coupling: nothing is allowed
            spans = []
        windows[place] = np.nan
        count[place] = len(spans)
        for at, (first, last) in enumerate(spans):
            windows[place][at] = (
                -np.inf if first is None else float(first),
                np.inf if last is None else float(last),
            )
    return {"windows": windows, "count": count}


def _closed_form(
    levels: tuple[Level, Level],
    coefficients: Sequence[Coefficient],
    windows: Doubles,
    count: NDArray[np.uint8],
) -> NDArray[np.bool_]:
    """Fill in what doubles can tell; return where they cannot."""
    import numpy as np

    below, above = crossings(coefficients, levels[0]), crossings(coefficients, levels[1])
    shape = count.shape
    unsure = np.broadcast_to(below.unsure | above.unsure | _loose(below) | _loose(above), shape)
    line = np.broadcast_to(below.one, shape)
    ends = np.stack([np.minimum(below.low, above.low), np.maximum(below.low, above.low)], axis=-1)
    whole = ~below.one & ~below.two & ~above.two & below.rises & ~above.rises
    windows[line, 0] = np.broadcast_to(ends, (*shape, 2))[line]
    windows[whole, 0] = -np.inf, np.inf
    count[line | whole] = 1
    if windows.shape[-2] > 1:
        up = below.rises
        outer_two, inner_two = np.where(up, above.two, below.two), np.where(up, below.two, above.two)
        outer = [np.where(up, getattr(above, k), getattr(below, k)) for k in ("low", "high")]
        inner = [np.where(up, getattr(below, k), getattr(above, k)) for k in ("low", "high")]
        single, double = outer_two & ~inner_two, outer_two & inner_two
        windows[single, 0] = np.stack(outer, axis=-1)[single]
        windows[double, 0] = np.stack([outer[0], inner[0]], axis=-1)[double]
        windows[double, 1] = np.stack([inner[1], outer[1]], axis=-1)[double]
        count[single], count[double] = 1, 2
    return unsure


def _loose(found: Crossings) -> Any:
    """Where a root is not known to `ACCURACY`."""
    import numpy as np

    low = ~(found.low_error <= ACCURACY * np.abs(found.low))
    high = ~(found.high_error <= ACCURACY * np.abs(found.high))
    return ((found.one | found.two) & low) | (found.two & high)


def _values(
    task: Task,
    sums: Coefficient,
    nothing: NDArray[np.bool_],
    coordinates: Mapping[str, Doubles],
    shape: tuple[int, ...],
) -> Columns:
    """Return values and verdicts; ``nothing``, where there is no value, for all that is known yet."""
    import numpy as np

    values, error = np.where(nothing, np.nan, sums.value), sums.error
    # a stored value is rounded twice more where its unit is another one: the factor, and its product
    allowed = ACCURACY if task.factor.is_one else ACCURACY - 2.0**-51
    loose = ~((error <= allowed * np.abs(values)) & np.isfinite(values))
    for place, row in _rows(loose & ~nothing, coordinates, shape):
        values[place] = _one_value(task, row)
    stored = values if task.factor.is_one else values * float(task.factor)
    if task.window is None:
        return {value_name(task.quantity): stored}
    slack = np.where(loose, 2.0**-52 * np.abs(values), error)
    ends = levels_of(task.window)
    inside = (values - slack > ends.low[1]) & (values + slack < ends.high[0])
    outside = (values - slack > ends.high[1]) | (values + slack < ends.low[0])
    if reaches_zero(task.window):  # exactly zero, as in a closed channel
        inside |= (values == 0) & (error == 0)
    verdict = (inside * np.uint8(ALLOWED) + outside * np.uint8(EXCLUDED)).astype(np.uint8)
    for place, row in _rows(~(inside | outside | np.isnan(values)), coordinates, shape):
        verdict[place] = _one_verdict(task, task.window, row)
    return {value_name(task.quantity): stored, "verdict": verdict}


def _one_value(task: Task, row: Mapping[str, float]) -> float:
    """Return the value at a point, rounded from a ball; NaN where a denominator is exactly zero."""
    bits = 128
    while True:
        try:
            ball = enclose(task.quantity, bits, {**task.fixed, **row})
        except NoValue:
            return math.nan
        except PrecisionError:  # a denominator not yet told from zero
            if bits > MOST_BITS:
                raise
            bits *= 2
            continue
        if ball.radius <= abs(ball.midpoint) / (1 << 60) or bits > MOST_BITS:
            return nearest_double(ball.midpoint)
        bits *= 2


def _one_verdict(task: Task, window: Window, row: Mapping[str, float]) -> int:
    return verdict_of(lambda bits: enclose(task.quantity, bits, {**task.fixed, **row}), window, 128)


def verdict_of(enclosed: Callable[[int], Ball], window: Window, bits: int) -> int:
    """Return whether a value lies in a window, from balls of more and more bits; 0 where none tells."""
    while bits <= MOST_BITS:
        try:
            ball = enclosed(bits)
        except PrecisionError:
            bits *= 2
            continue
        with working_precision(bits):
            value, low, high = ball.arb(), window.low(bits), window.high(bits)
            if value >= low and value <= high:
                return ALLOWED
            if value < low or value > high:
                return EXCLUDED
        bits *= 2
    return 0


def _rows(where: Any, coordinates: Mapping[str, Doubles], shape: tuple[int, ...]) -> Any:
    """Yield place and coordinates of each point that is marked."""
    import numpy as np

    where = np.broadcast_to(where, shape)
    if not where.any():
        return
    spread = {name: np.broadcast_to(a, shape) for name, a in coordinates.items()}
    for place in zip(*np.nonzero(where), strict=True):
        yield place, {name: float(a[place]) for name, a in spread.items()}
