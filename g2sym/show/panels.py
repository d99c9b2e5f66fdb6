"""Panels: axes over a parameter and a coupling, with excluded regions filled and further limits laid over."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

from g2sym.drawing.style import HEIGHT, WIDTH, Look
from g2sym.drawing.ticks import logarithmic_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from g2sym.base.types import Record
    from g2sym.constraints import Bound, Row

Gap = tuple[float, float]
SMALLEST, LARGEST = 1e-290, 1e290
"""Sizes between which an axis can be drawn: the range of doubles, with a margin for what is drawn beside."""


@dataclass(frozen=True)
class Region:
    """What a bound excludes on one side of zero, column by column.

    Parameters: ``x``, ascending; ``gaps``, for each x the excluded intervals of the coupling's size,
    ascending, from 0 to infinity.
    """

    x: tuple[float, ...]
    gaps: tuple[tuple[Gap, ...], ...]

    @property
    def edges(self) -> list[float]:
        """Every finite, positive end of an interval."""
        return [end for column in self.gaps for gap in column for end in gap if 0 < end < math.inf]


@dataclass(frozen=True)
class Overlay:
    """A published or projected limit to lay over a panel: a curve with a ``label``.

    Parameters: ``x``, ``y`` in the units of the axes; ``projected``, drawn dash-dotted, not dashed;
    ``place``, where the label stands, in the units of the axes.
    """

    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    projected: bool = False
    place: tuple[float, float] | None = None


def excluded(bound: Bound, name: str, sign: int = 1) -> Region:
    """Return what a bound excludes for couplings of one sign, as a function of one varied parameter.

    Parameters: ``name`` of the varied parameter; ``sign``, +1 or -1. The ends are those of the certified
    windows; nothing is searched for on a grid.
    """
    columns = sorted((float(row.values[name]), excluded_sizes(row, sign)) for row in bound.rows)
    return Region(tuple(x for x, _ in columns), tuple(gaps for _, gaps in columns))


def excluded_sizes(row: Row, sign: int) -> tuple[Gap, ...]:
    """Return the intervals of the coupling's size that a row excludes, for couplings of one sign."""
    return tuple(_gaps(row.allowed, sign))


def symmetric(bound: Bound) -> bool:
    """True when every window has its mirror image, so that the sign of the coupling does not matter."""
    return all(_gaps_equal(row.allowed) for row in bound.rows)


def _gaps_equal(allowed: Sequence[Sequence[float | None]]) -> bool:
    right, left = list(_gaps(allowed, 1)), list(_gaps(allowed, -1))
    return len(right) == len(left) and all(
        math.isclose(a, b, rel_tol=1e-12)
        for p, q in zip(right, left, strict=True)
        for a, b in zip(p, q, strict=True)
    )


def _gaps(allowed: Sequence[Sequence[float | None]], sign: int) -> Iterator[Gap]:
    """Yield the intervals of |g| that no window covers, for g of one sign."""
    spans = []
    for first, last in allowed:
        low = -math.inf if first is None else first
        high = math.inf if last is None else last
        a, b = (low, high) if sign > 0 else (-high, -low)
        if b > 0:
            spans.append((max(a, 0.0), b))
    at = 0.0
    for a, b in sorted(spans):
        if a > at:
            yield (at, a)
        at = max(at, b)
    if at < math.inf:
        yield (at, math.inf)


def panel() -> tuple[Figure, Axes]:
    """Return a figure with one panel, without pyplot and its global state."""
    figure, (axes,) = panels(1, (WIDTH, HEIGHT))
    return figure, axes


def panels(count: int, size: tuple[float, float]) -> tuple[Figure, list[Axes]]:
    """Return a figure with panels side by side that share the coupling's axis.

    Parameters: ``count``; ``size`` of the figure in inches.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=size, layout=ConstrainedLayoutEngine(wspace=0.05))
    return figure, list(figure.subplots(1, count, sharey=True, squeeze=False)[0])


def frame(axes: Axes, x: tuple[float, float], y: tuple[float, float], *, log_x: bool = True) -> None:
    """Set the ranges; the coupling's axis is logarithmic."""
    axes.set_xscale("log" if log_x else "linear")
    axes.set_yscale("log")
    axes.set_xlim(*x)
    axes.set_ylim(*y)
    if log_x:
        logarithmic_ticks(axes.xaxis, *x)
    logarithmic_ticks(axes.yaxis, *y)


def fill(axes: Axes, region: Region, look: Look, label: str, order: int = 0, opacity: float = 0.6) -> Patch:
    """Fill a region within the axes' range and draw its border above every fill.

    Parameters: ``order``, later regions lie over earlier ones; ``opacity``, 1 hides them.
    Columns with the same number of intervals are joined; where the number changes, each side ends
    half-way. Returns the legend's handle.
    """
    from matplotlib.patches import Patch

    low, high = axes.get_ylim()
    ground: Record = {"facecolor": (look.face, opacity), "hatch": look.hatch}
    for columns, before, after in _runs(region, axes.get_xscale() == "log"):
        x = [at for at, _ in columns]
        for k in range(len(columns[0][1])):
            bottom = [min(max(gaps[k][0], low), high) for _, gaps in columns]
            top = [min(max(gaps[k][1], low), high) for _, gaps in columns]
            axes.fill_between(
                x, bottom, top, **ground, edgecolor=look.colour, linewidth=0, zorder=1 + order / 100
            )
            line: Record = {"color": look.colour, "linestyle": look.line, "zorder": 2 + order / 100}
            for ends in (bottom, top):
                axes.plot(x, [y if low < y < high else math.nan for y in ends], **line)
            for at, beside in ((0, before), (-1, after)):
                if beside is not None and not _overlaps(columns[at][1][k], beside):
                    axes.plot([x[at]] * 2, [bottom[at], top[at]], **line)
    border: Record = {"edgecolor": look.colour, "linestyle": look.line, "linewidth": 1.2}
    return Patch(**ground, **border, label=label)


def legend(axes: Axes, handles: Sequence[Patch], title: str, place: str = "best") -> None:
    """Draw the legend; its title may hold untrusted text, which is not parsed for formulas."""
    options: Record = {"loc": place, "title": title, "title_fontsize": 8.5, "handlelength": 2.6}
    drawn = axes.legend(handles=handles, **options)
    drawn.get_title().set_parse_math(False)


Column = tuple[float, tuple[Gap, ...]]


def _runs(
    region: Region, log_x: bool
) -> Iterator[tuple[list[Column], tuple[Gap, ...] | None, tuple[Gap, ...] | None]]:
    """Yield stretches of columns with the same number of gaps, extended half-way to their neighbours.

    With each come the gaps of the columns before and after it, None at the ends.
    """
    columns = list(zip(region.x, region.gaps, strict=True))
    runs = [list(run) for _, run in groupby(columns, key=lambda column: len(column[1]))]
    for before, run, after in zip([None, *runs], runs, [*runs[1:], None], strict=False):
        start = [(_middle(before[-1][0], run[0][0], log_x), run[0][1])] if before else []
        end = [(_middle(run[-1][0], after[0][0], log_x), run[-1][1])] if after else []
        yield [*start, *run, *end], before[-1][1] if before else None, after[0][1] if after else None


def _overlaps(gap: Gap, others: Sequence[Gap]) -> bool:
    return any(gap[0] < other[1] and other[0] < gap[1] for other in others)


def _middle(a: float, b: float, log_x: bool) -> float:
    return math.sqrt(a) * math.sqrt(b) if log_x else (a + b) / 2


def overlay(axes: Axes, limits: Iterable[Overlay]) -> None:
    """Lay published limits (dashed) and projections (dash-dotted) over a panel."""
    for limit in limits:
        line = "-." if limit.projected else "--"
        axes.plot(limit.x, limit.y, color="0.25", linestyle=line, linewidth=1.0, zorder=5)
        if limit.place is not None:
            write(axes, *limit.place, limit.label)


def write(axes: Axes, x: float, y: float, text: str, *, size: float = 8.5, parse: bool = False) -> None:
    """Write a text into a panel, on a white ground; untrusted text is not parsed for formulas."""
    ground = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1.5}
    axes.text(x, y, text, fontsize=size, ha="center", va="center", bbox=ground, zorder=6, parse_math=parse)


def decades(regions: Sequence[Region], fallback: Gap = (1e-6, 1.0)) -> Gap:
    """Return whole decades around the borders of regions, at least two of them.

    A border that runs off to zero is followed for about two decades below the largest ones, or below the
    median of the innermost ones where an allowed window lies far outside them.
    """
    columns = [[end for r in regions for gap in r.gaps[k] for end in gap] for k in range(len(regions[0].x))]
    tops = [max(found) for ends in columns if (found := [e for e in ends if SMALLEST < e < LARGEST])]
    if not tops:
        return fallback
    inner = sorted(min(found) for ends in columns if (found := [e for e in ends if SMALLEST < e < LARGEST]))
    followed = min(min(tops), inner[len(inner) // 2]) / 30
    low = math.floor(math.log10(max(inner[0], followed) / 1.5))
    high = math.ceil(math.log10(max(tops) * 1.5))
    return 10.0 ** max(low - (high - low < 2), -290), 10.0 ** min(high, 290)
