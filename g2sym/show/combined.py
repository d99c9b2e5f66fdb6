"""Pictures of several measurements in one plane: what each excludes or favours, and what all of them allow.

Regions are filled with opaque light colours, favoured bands first, then what is excluded, the largest
first: a smaller region is seen on top of those that hold it, and what is left of a band is not excluded.
Every border is drawn above all fills, each in a line style of its own; hatches tell fills apart in grey.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.exact import decimal_text
from g2sym.constraints.combined_maps import CombinedMap
from g2sym.constraints.conditions import FAVOURS, Condition
from g2sym.constraints.maps import ExclusionMap
from g2sym.constraints.polygons import polygons
from g2sym.drawing.style import HEIGHT, LOOKS, WIDTH, Look
from g2sym.show import panels
from g2sym.show.bounds import axis_label, check_axis, fixed_values, visible
from g2sym.show.maps import map_axes, path_of
from g2sym.show.symbols import observable_latex

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch

    from g2sym.base.types import Record
    from g2sym.constraints.bounds import Bound
    from g2sym.constraints.combined_bounds import CombinedBound

RESOLUTION = 1024
"""Most cells along an axis that a picture shows."""
FURTHER = (
    Look("#8c510a", "#ecd9b0", "--", (0, (5, 1, 1, 1, 1, 1))),
    Look("#01665e", "#bfe3dd", "||", (0, (4, 2))),
    Look("#7a0177", "#f6c9de", "++", (0, (1, 2.5))),
    Look("#4d4d4d", "#dddddd", "oo", (0, (8, 2))),
)
"""Looks after the first four; a ninth measurement begins again."""
ALLOWED_BY_ALL = "#ffec80"
"""Where a favoured band is not excluded: nearly white in grey, with a black border."""
LINE_HEIGHT = 0.17
"""Inches that one line of the legend below a picture takes."""


@dataclass(frozen=True)
class Layer:
    """One measurement as it is drawn: its look, its label, and how it is filled."""

    condition: Condition
    look: Look

    @property
    def label(self) -> str:
        """What the legend says: name, observable, what it does and at which level."""
        one = self.condition
        n = one.window.n_sigma
        confidence = one.measurement.confidence
        if n is not None:
            level = f"{one.window.criterion}, {decimal_text(n, 4)}\u03c3"
        else:
            share = "" if confidence is None else f" at {decimal_text(100 * confidence, 4)} %"
            level = f"{one.window.criterion}{share}"
        word = "favoured" if one.role == FAVOURS else "excluded"
        return f"{one.name}: {word} ({level})"

    @property
    def style(self) -> Record:
        """How the region is filled, without its border."""
        look = self.look
        return {"facecolor": look.face, "edgecolor": look.colour, "hatch": look.hatch, "linewidth": 0}

    @property
    def favours(self) -> bool:
        """True for a band; bands lie below what is excluded."""
        return self.condition.role == FAVOURS

    def handle(self) -> Patch:
        """Return the legend's entry."""
        from matplotlib.patches import Patch

        border = {"edgecolor": self.look.colour, "linestyle": self.look.line, "linewidth": 1.2}
        return Patch(**{**self.style, **border}, label=self.label)


def layers(conditions: Sequence[Condition]) -> list[Layer]:
    """Return how each measurement is drawn, in their order."""
    looks = (*LOOKS, *FURTHER)
    return [Layer(one, looks[at % len(looks)]) for at, one in enumerate(conditions)]


def draw_combined_map(found: CombinedMap) -> Figure:
    """Draw a plane: what each measurement excludes or favours, and what is undecided.

    Where a measurement favours a band, what all of them allow is filled too.
    """
    from matplotlib.patches import Patch, PathPatch

    declaration = found.conditions[0].quantity.declaration
    drawn = layers(found.conditions)
    bands = any(one.role == FAVOURS for one in found.conditions)
    fixed = fixed_values(found.record, declaration)
    figure, axes = _panel(len(drawn) + 2 + bands + len(fixed))
    map_axes(axes, found.x, found.y, declaration)
    size = min(found.resolution, RESOLUTION)
    order = sorted(range(len(drawn)), key=lambda k: (not drawn[k].favours, -_filled(found.maps[k], drawn[k])))
    for place, k in enumerate(order):
        state = "allowed" if drawn[k].favours else "excluded"
        shapes = _shapes(found.maps[k], size, state)
        if shapes:
            path = path_of(shapes)
            axes.add_patch(PathPatch(path, **drawn[k].style, zorder=1 + place / 100))
            border = {"facecolor": "none", "edgecolor": drawn[k].look.colour, "zorder": 3 + place / 100}
            axes.add_patch(
                PathPatch(path, **border, linestyle=drawn[k].look.line, linewidth=1.3, clip_on=True)
            )
    handles = [one.handle() for one in drawn]
    if bands:
        style: Record = {"facecolor": ALLOWED_BY_ALL, "edgecolor": "black", "linewidth": 0.8}
        if shapes := _shapes(found.whole, size, "allowed"):
            axes.add_patch(PathPatch(path_of(shapes), **style, zorder=2))
        share = f"{100 * float(found.areas['allowed']):.3g} %"
        handles.append(Patch(**style, label=f"allowed by all ({share} of the plane)"))
    if shapes := _shapes(found.whole, size, "undecided"):
        style = {"facecolor": "0.35", "edgecolor": "0.35", "linewidth": 0.2}
        axes.add_patch(PathPatch(path_of(shapes), **style, zorder=2.5))
        handles.append(Patch(**style, label=f"undecided ({100 * float(found.areas['undecided']):.3g} %)"))
    _finish(figure, axes, handles, found.conditions, fixed, title=declaration.name)
    return figure


def draw_combined_bound(
    found: CombinedBound,
    *,
    columns: Sequence[Bound],
    logarithmic: bool = True,
    searched: tuple[Fraction, Fraction] | None = None,
) -> Figure:
    """Draw what each measurement excludes or favours over the one varied parameter of a bound.

    Parameters: ``columns``, the bound of each measurement, as `g2sym.show.refine.refined` returns it; the
    others as for `g2sym.show.bounds.draw_bound`. When the sign of a coupling matters there is a panel for
    each sign. Raises UsageError when an axis cannot be drawn.
    """
    declaration = found.conditions[0].quantity.declaration
    (name,) = found.varied
    check_axis(name, *(f(row.values[name] for row in found.rows) for f in (min, max)))
    mass = found.on in declaration.masses
    sides = (1,) if mass or all(panels.symmetric(one) for one in columns) else (1, -1)
    drawn = layers(found.conditions)
    regions = {
        (k, sign): panels.excluded(columns[k], name, sign) for k in range(len(drawn)) for sign in sides
    }
    ranges = [panels.decades([regions[k, sign] for sign in sides]) for k in range(len(drawn))]
    least, most = zip(*(visible(one, searched) for one in found.bounds), strict=True)
    low, high = max(min(r[0] for r in ranges), min(least)), min(max(r[1] for r in ranges), max(most))
    if searched is not None:
        low, high = float(searched[0]), float(searched[1])
    fixed = fixed_values(found.record, declaration)
    figure, every = _panels(len(drawn) + 1 + len(fixed), len(sides))
    for axes, sign in zip(every, sides, strict=True):
        xs = [x for k in range(len(drawn)) for x in regions[k, sign].x]
        panels.frame(axes, (min(xs), max(xs)), (low, high), log_x=logarithmic and min(xs) > 0)
        order = sorted(
            range(len(drawn)),
            key=lambda k: (not drawn[k].favours, -_extent(regions[k, sign], low, high, drawn[k])),
        )
        for place, k in enumerate(order):
            region = regions[k, sign]
            if drawn[k].favours:
                region = _complement(region)
            panels.fill(axes, region, drawn[k].look, drawn[k].label, place, 1.0)
        text, parse = axis_label(declaration, name)
        axes.set_xlabel(text, parse_math=parse)
        if len(sides) > 1:
            axes.set_title("coupling > 0" if sign > 0 else "coupling < 0", fontsize=9)
    text, parse = axis_label(declaration, found.on, size=not mass)
    every[0].set_ylabel(text, parse_math=parse)
    handles = [one.handle() for one in drawn]
    _finish(
        figure,
        every[0],
        handles,
        found.conditions,
        fixed,
        title=declaration.name,
    )
    return figure


def _complement(region: panels.Region) -> panels.Region:
    """Return what is not in a region, column by column."""
    gaps = []
    for column in region.gaps:
        ends = [0.0, *(end for gap in column for end in gap), math.inf]
        gaps.append(tuple((a, b) for a, b in zip(ends[::2], ends[1::2], strict=True) if a < b))
    return panels.Region(region.x, tuple(gaps))


def _extent(region: panels.Region, low: float, high: float, layer: Layer) -> float:
    """Return how much of the picture a region fills, by logarithms of the coupling."""
    if layer.favours:
        region = _complement(region)

    def size(gap: tuple[float, float]) -> float:
        a, b = (min(max(end, low), high) for end in gap)
        return math.log(b / a)

    return sum(size(gap) for column in region.gaps for gap in column) / len(region.x)


def _filled(own: ExclusionMap, layer: Layer) -> float:
    return float(own.areas["allowed" if layer.favours else "excluded"])


def _shapes(own: ExclusionMap, size: int, state: str) -> list[list[list[list[float]]]]:
    (feature,) = (f for f in polygons(own, size)["features"] if f["properties"]["state"] == state)
    found: list[list[list[list[float]]]] = feature["geometry"]["coordinates"]
    return found


def _panel(lines: int) -> tuple[Figure, Axes]:
    figure, (axes,) = _panels(lines, 1)
    return figure, axes


def _panels(lines: int, count: int) -> tuple[Figure, list[Axes]]:
    return panels.panels(count, (WIDTH, HEIGHT + LINE_HEIGHT * (lines + 1)))


def _finish(
    figure: Figure,
    axes: Axes,
    handles: Sequence[Patch],
    conditions: Sequence[Condition],
    fixed: Sequence[str],
    *,
    title: str,
) -> None:
    """Write title and legend; the legend stands below the panel, names of measurements are plain text."""
    for each in figure.axes:
        for spine in each.spines.values():
            spine.set_zorder(9)  # above borders that run along the frame
    names = dict.fromkeys(observable_latex(one.quantity.text) for one in conditions)
    put = axes.set_title if len(figure.axes) == 1 else figure.suptitle
    put(f"{title}: ${', '.join(names)}$", fontsize=10)
    legend = figure.legend(
        handles=list(handles),
        loc="outside lower center",
        ncols=1,
        fontsize=9.5,
        handlelength=2.6,
        title="\n".join(fixed) or None,
        title_fontsize=9,
    )
    for text in (*legend.get_texts(), legend.get_title()):
        text.set_parse_math(False)
