"""The picture of an exclusion map: what is proved excluded, what is proved allowed, what is undecided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from g2sym.base.exact import decimal_text, read_number
from g2sym.constraints.polygons import polygons
from g2sym.drawing.style import LOOKS
from g2sym.drawing.ticks import logarithmic_ticks, negative_logarithm
from g2sym.show import panels
from g2sym.show.bounds import axis_label, fixed_values
from g2sym.show.symbols import observable_latex

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.patches import Patch
    from matplotlib.path import Path

    from g2sym.base.types import Entries, Record
    from g2sym.constraints.maps import ExclusionMap
    from g2sym.constraints.planes import Axis
    from g2sym.lagrangian import Declaration

RESOLUTION = 1024
"""Most cells along an axis that a picture shows."""


def draw_map(found: ExclusionMap, declaration: Declaration) -> Figure:
    """Draw a map: the excluded region filled and hatched, the undecided cells in grey, the rest allowed.

    Parameters: ``found``; ``declaration``, whose LaTeX names the axes.
    """
    from matplotlib.patches import Patch, PathPatch

    size = min(found.resolution, RESOLUTION)
    figure, axes = panels.panel()
    map_axes(axes, found.x, found.y, declaration)
    look = LOOKS[0]
    styles: dict[str, Record] = {
        "excluded": {
            "facecolor": (look.face, 0.6),
            "edgecolor": look.colour,
            "hatch": look.hatch,
            "linewidth": 0.4,
        },
        "undecided": {"facecolor": "0.35", "edgecolor": "0.35", "linewidth": 0.3},
    }
    handles: list[Patch] = []
    for feature in polygons(found, size)["features"]:
        state = feature["properties"]["state"]
        shapes = feature["geometry"]["coordinates"]
        if state in styles and shapes:
            axes.add_patch(
                PathPatch(path_of(shapes), **styles[state], zorder=1 if state == "excluded" else 2)
            )
            label = _undecided(found) if state == "undecided" else state
            handles.append(Patch(**styles[state], label=label))
    axes.set_title(f"{declaration.name}: ${_observed(found)}$", fontsize=10)
    head = _condition(found.measurement, found.window)
    panels.legend(axes, handles, "\n".join([head, *fixed_values(_with_measured(found), declaration)]))
    return figure


def map_axes(axes: Axes, x: Axis, y: Axis, declaration: Declaration) -> None:
    """Set the scales, the ranges, the ticks and the names of the two axes of a plane."""
    axes.set_xscale("log" if x.logarithmic and x.low > 0 else "linear")
    axes.set_yscale("log" if y.logarithmic and y.low > 0 else "linear")
    for axis in (x, y):
        if not axis.logarithmic:
            axes.ticklabel_format(
                axis="x" if axis is x else "y", style="sci", scilimits=(-2, 4), useMathText=True
            )
    axes.set_xlim(float(x.low), float(x.high))
    axes.set_ylim(float(y.low), float(y.high))
    for axis, drawn in ((x, axes.xaxis), (y, axes.yaxis)):
        if axis.logarithmic and axis.low > 0:
            logarithmic_ticks(drawn, float(axis.low), float(axis.high))
        elif axis.logarithmic:
            negative_logarithm(axes, float(axis.low), float(axis.high), across=axis is x)
    for axis, write in ((x, axes.set_xlabel), (y, axes.set_ylabel)):
        text, parse = axis_label(declaration, axis.name)
        write(text, parse_math=parse)


def _undecided(found: ExclusionMap) -> str:
    """Return how much of the plane is undecided, and how much of that for more than the size of cells."""
    share = f"{100 * float(found.areas['undecided']):.3g} %"
    close = float(sum(area for _, area in found.reasons))
    return (
        f"undecided ({share},\n{100 * close:.3g} % at thresholds, poles)" if close else f"undecided ({share})"
    )


def _with_measured(found: ExclusionMap) -> Record:
    """Return the map's record with the energies and angles that it has from its measurement as values."""
    at, given = found.measurement.get("at"), found.record.get("values")
    own = dict(given) if isinstance(given, Mapping) else {}
    taken = dict(at) if isinstance(at, Mapping) else {}
    rest = {n: v for n, v in taken.items() if n not in (found.x.name, found.y.name)}
    return {**found.record, "values": {**rest, **own}}


def _observed(found: ExclusionMap) -> str:
    """Return what was measured in LaTeX; maps of older files name the lepton only."""
    return observable_latex(found.measurement.get("observable") or f"a({found.measurement['lepton']})")


def _condition(measurement: Entries, window: Entries) -> str:
    if window["n_sigma"] is None:
        return f"{measurement['name']}: published {window['criterion']}"
    sigma = decimal_text(read_number(window["n_sigma"]), 4)
    return f"{measurement['name']}, {window['criterion']}, {sigma}\u03c3"


def path_of(shapes: list[list[list[list[float]]]]) -> Path:
    """Join all rings into one path; holes run the other way round and stay empty."""
    from matplotlib.path import Path

    rings = [ring for shape in shapes for ring in shape]
    codes: list[Any] = []
    for ring in rings:
        codes += [Path.MOVETO, *[Path.LINETO] * (len(ring) - 2), Path.CLOSEPOLY]
    return Path([tuple(point) for ring in rings for point in ring], codes)
