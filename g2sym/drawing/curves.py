"""Curves over one parameter in panels above each other, with marks across all of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from g2sym.drawing.ticks import logarithmic_ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN = 8.6 / 2.54
"""Width in inches of a column of a journal, 8.6 cm."""
STROKES: tuple[tuple[str, tuple[float, ...], float], ...] = (
    ("#000000", (), 1.5),
    ("#b2182b", (5, 1.5), 1.5),
    ("#2166ac", (1, 1), 1.6),
    ("#1b7837", (6, 1.5, 1, 1.5), 1.4),
    ("#e08214", (), 2.6),
    ("#542788", (2.5, 1), 2.2),
    ("#8c510a", (8, 2, 1, 1, 1, 2), 1.3),
    ("#01665e", (0.6, 2), 2.2),
    ("#c51b7d", (10, 3), 1.0),
    ("#737373", (), 1.0),
)
"""Colour, dashes and width in the order of use: any two differ in dashes or width, so that grey is enough."""


NEAR = 1e-4
"""How close, relative to x, a zero is to a value for the curve to be drawn as coming up from it."""


@dataclass(frozen=True)
class Curve:
    """A curve: its ``label`` (mathtext where ``parse``) and values, NaN or 0 where there is none."""

    label: str
    parse: bool
    y: tuple[float, ...]


@dataclass(frozen=True)
class Panel:
    """Curves over the same x.

    Parameters: ``label`` of the y axis, which is logarithmic; ``top``, where it ends, or None; ``share`` of
    the height; ``least``, the fraction of the largest value down to which curves are followed.
    """

    label: str
    curves: tuple[Curve, ...]
    top: float | None = None
    share: float = 1.0
    least: float = 1e-40


@dataclass(frozen=True)
class Mark:
    """A vertical line at ``x`` with a label above the panels."""

    x: float
    label: str
    parse: bool


def draw_curves(
    x: Sequence[float],
    panels: Sequence[Panel],
    marks: Sequence[Mark],
    across: tuple[str, bool],
    *,
    logarithmic: bool = True,
    title: str = "",
) -> Figure:
    """Draw panels above each other, as wide as a column of a journal.

    Parameters: ``x``, ascending; ``marks``, vertical lines; ``across``, the label of x and whether it is
    mathtext; ``title``, an untrusted text. The curves of the first panel have a legend.
    """
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    figure = Figure(figsize=(COLUMN, 1.2 * COLUMN), layout=ConstrainedLayoutEngine(h_pad=0.025, hspace=0.0))
    shares = [one.share for one in panels]
    every = list(figure.subplots(len(panels), 1, sharex=True, squeeze=False, height_ratios=shares)[:, 0])
    for axes, panel in zip(every, panels, strict=True):
        _draw(axes, x, panel, logarithmic)
        for mark in marks:
            axes.axvline(mark.x, color="0.45", linewidth=0.6, linestyle=(0, (1, 2)), zorder=1)
        axes.tick_params(labelsize=8)
    if logarithmic:
        logarithmic_ticks(every[-1].xaxis, x[0], x[-1])
    every[-1].set_xlabel(across[0], parse_math=across[1], fontsize=9)
    for axes in every[:-1]:
        axes.tick_params(labelbottom=False)
    _name(every[0], marks, x, logarithmic)
    handles, labels = every[0].get_legend_handles_labels()
    legend = figure.legend(
        handles, labels, loc="outside upper center", ncols=min(4, len(handles)), fontsize=7.5,
        handlelength=3.2, columnspacing=1.0, labelspacing=0.3, borderpad=0.1,
        frameon=False, title=title or None, title_fontsize=8,
    )  # fmt: skip
    legend.get_title().set_parse_math(False)
    for drawn, curve in zip(legend.get_texts(), panels[0].curves, strict=True):
        drawn.set_parse_math(curve.parse)
    return figure


def _draw(axes: Axes, x: Sequence[float], panel: Panel, logarithmic: bool) -> None:
    axes.set_xscale("log" if logarithmic else "linear")
    axes.set_yscale("log")
    axes.set_xlim(x[0], x[-1])
    values = [v for curve in panel.curves for v in curve.y if 0 < v < math.inf]
    largest = max(values, default=1.0)
    top = panel.top or 10.0 ** math.ceil(math.log10(largest) + 0.05)
    least = max(min(values, default=top / 10), top * panel.least)
    low = 10.0 ** math.floor(math.log10(least))
    low = min(low, top / 10)
    axes.set_ylim(low, top)
    logarithmic_ticks(axes.yaxis, low, top)
    _thin(axes, low, top, 4 * panel.share)
    for k, curve in enumerate(panel.curves):
        colour, dashes, width = STROKES[k % len(STROKES)]
        # a channel that opens comes up from the panel's lower edge
        shown = _from_below(x, curve.y, low / 10)
        (line,) = axes.plot(x, shown, color=colour, linewidth=width, label=curve.label, zorder=3)
        if dashes:
            line.set_dashes(dashes)
    axes.set_ylabel(panel.label, fontsize=9)


def _thin(axes: Axes, low: float, top: float, most: float) -> None:
    """Keep every second, third, ... power of ten where there is no room for all of them."""
    from matplotlib.ticker import FixedLocator

    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(top) + 1e-9)
    stride = math.ceil((last - first) / most)
    if stride > 1:
        axes.yaxis.set_major_locator(FixedLocator([10.0**n for n in range(last, first - 1, -stride)]))
        axes.yaxis.set_minor_locator(FixedLocator([10.0**n for n in range(first, last + 1)]))


def _from_below(x: Sequence[float], y: Sequence[float], lowest: float) -> list[float]:
    """Put a value below the panel in place of a zero close beside a positive value, and none elsewhere."""

    def opens(k: int, other: int) -> bool:
        near = 0 <= other < len(y) and abs(x[k] - x[other]) <= NEAR * abs(x[k])
        return near and 0 < y[other] < math.inf

    out = []
    for k, v in enumerate(y):
        beside = opens(k, k - 1) or opens(k, k + 1)
        out.append(v if 0 < v < math.inf else lowest if beside else math.nan)
    return out


def _name(axes: Axes, marks: Sequence[Mark], x: Sequence[float], logarithmic: bool) -> None:
    """Write the labels of marks above a panel, those that would overlap in a second line."""

    def place(at: float) -> float:
        low, high = x[0], x[-1]
        if logarithmic:
            return math.log(at / low) / math.log(high / low)
        return (at - low) / (high - low)

    ends = [-1.0, -1.0, -1.0]
    for mark in sorted(marks, key=lambda m: m.x):
        at = place(mark.x)
        row = next((k for k, end in enumerate(ends) if at - end > 0.11), 0)
        ends[row] = at
        axes.annotate(
            mark.label, (mark.x, 1), xycoords=axes.get_xaxis_transform(), xytext=(0, 2 + 8 * row),
            textcoords="offset points", ha="center", va="bottom", fontsize=7, parse_math=mark.parse,
        )  # fmt: skip
