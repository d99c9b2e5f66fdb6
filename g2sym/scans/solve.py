"""What a scan finds in one chunk: the windows of a coupling, or Delta a with a verdict.

The same chunk always gives the same bits, whatever was computed before and by whom: a chunk knows nothing of
the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.constraints.bounds import _edge
from g2sym.constraints.maps import levels_of
from g2sym.constraints.quadtree import ALLOWED, EXCLUDED, Levels
from g2sym.constraints.windows import allowed_windows
from g2sym.inputs import Window
from g2sym.model.moment import AnomalousMoment
from g2sym.queries.pieces import take_apart
from g2sym.scans.levels import Crossings, crossings
from g2sym.scans.polynomials import Coefficient, Polynomial

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

ACCURACY = 1e-12
"""Relative error of every number that a scan stores, at most."""
MOST_BITS = 4096


@dataclass(frozen=True, eq=False)
class Task:
    """Everything that a chunk's numbers rest on, small enough to be sent to another machine.

    Parameters: ``moment``; ``fixed``, exact values by name; ``names`` of the moving parameters; ``on``, the
    coupling solved for or None; ``window``, None where there is no measurement; ``counts``, how many values
    of each moving parameter the whole scan has; ``key``, what tells two tasks apart.
    """

    moment: AnomalousMoment
    fixed: Mapping[str, Fraction]
    names: tuple[str, ...]
    on: str | None
    window: Window | None
    counts: Mapping[str, int]
    key: str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Task) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def bare(self) -> Task:
        """Return the task without what was derived, which does not travel."""
        return replace(self, moment=replace(self.moment))

    def polynomial(self) -> Polynomial:
        """Return Delta a as a polynomial in the coupling; raises what bad names and values raise."""
        moving = self.names if self.on is None else (*self.names, self.on)
        return Polynomial(take_apart(self.moment, self.fixed, moving), self.on, self.counts)


@lru_cache(maxsize=4)
def _prepared(task: Task) -> Polynomial:
    return task.polynomial()


def solve(task: Task, coordinates: Mapping[str, Doubles], shape: tuple[int, ...]) -> dict[str, NDArray[Any]]:
    """Return what a scan finds at arrays of the moving parameters.

    Parameters: ``coordinates``, arrays that broadcast to ``shape``. Returns ``windows`` (shape + (most
    windows, 2), NaN where there are fewer, infinite where open) and ``count``, how many there are; or
    ``delta_a`` and with a measurement ``verdict`` (0 undecided, 1 allowed, 2 excluded).
    """
    import numpy as np

    polynomial = _prepared(task)
    found = polynomial.coefficients(coordinates)
    full = [Coefficient(*(np.broadcast_to(a, shape) for a in (c.value, c.error))) for c in found]
    with np.errstate(all="ignore"):
        if task.on is not None:
            return _windows(task, polynomial, full, coordinates, shape)
        return _values(task, full[0], coordinates, shape)


def most_windows(polynomial: Polynomial) -> int:
    """Return how many windows a row can have."""
    return max(1, polynomial.degree)


def _windows(
    task: Task,
    polynomial: Polynomial,
    coefficients: Sequence[Coefficient],
    coordinates: Mapping[str, Doubles],
    shape: tuple[int, ...],
) -> dict[str, NDArray[Any]]:
    import numpy as np

    assert task.on is not None
    assert task.window is not None
    most = most_windows(polynomial)
    windows = np.full((*shape, most, 2), np.nan)
    count = np.zeros(shape, np.uint8)
    if most <= 2:
        unsure = _closed_form(levels_of(task.window), coefficients, windows, count)
    else:
        unsure = np.ones(shape, bool)
    low, high = _edge(task.window.low), _edge(task.window.high)
    for place, row in _rows(unsure, coordinates, shape):
        known = task.moment.values({**task.fixed, **row})
        spans = allowed_windows(
            task.moment.polynomial_in(task.on, known), low, high, 17, f"the scan on {task.on}"
        )
        windows[place] = np.nan
        count[place] = len(spans)
        for at, (first, last) in enumerate(spans):
            windows[place][at] = (
                -np.inf if first is None else float(first),
                np.inf if last is None else float(last),
            )
    return {"windows": windows, "count": count}


def _closed_form(
    levels: Levels, coefficients: Sequence[Coefficient], windows: Doubles, count: NDArray[np.uint8]
) -> NDArray[np.bool_]:
    """Fill in what doubles can tell; return where they cannot."""
    import numpy as np

    below, above = crossings(coefficients, levels.low), crossings(coefficients, levels.high)
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
    task: Task, sums: Coefficient, coordinates: Mapping[str, Doubles], shape: tuple[int, ...]
) -> dict[str, NDArray[Any]]:
    import numpy as np

    values, error = np.array(sums.value), sums.error
    loose = ~(error <= ACCURACY * np.abs(values))
    for place, row in _rows(loose, coordinates, shape):
        values[place] = _one_value(task, row)
    if task.window is None:
        return {"delta_a": values}
    slack = np.where(loose, 2.0**-52 * np.abs(values), error)
    ends = levels_of(task.window)
    inside = (values - slack > ends.low[1]) & (values + slack < ends.high[0])
    outside = (values - slack > ends.high[1]) | (values + slack < ends.low[0])
    verdict = (inside * np.uint8(ALLOWED) + outside * np.uint8(EXCLUDED)).astype(np.uint8)
    for place, row in _rows(~(inside | outside), coordinates, shape):
        verdict[place] = _one_verdict(task, task.window, row)
    return {"delta_a": values, "verdict": verdict}


def _one_value(task: Task, row: Mapping[str, float]) -> float:
    """Return Delta a at a point, rounded from a ball."""
    bits = 128
    while True:
        ball = task.moment.enclose(bits, params={**task.fixed, **row})
        if ball.radius <= abs(ball.midpoint) / (1 << 60) or bits > MOST_BITS:
            return float(ball.midpoint)
        bits *= 2


def _one_verdict(task: Task, window: Window, row: Mapping[str, float]) -> int:
    bits = 128
    while bits <= MOST_BITS:
        ball = task.moment.enclose(bits, params={**task.fixed, **row})
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
