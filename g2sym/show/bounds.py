"""The picture of a bound: the excluded couplings over one varied parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from g2sym.exact import decimal_text
from g2sym.show import panels
from g2sym.show.escape import label
from g2sym.show.style import LOOKS
from g2sym.show.symbols import LEPTON_LATEX, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from g2sym.constraints import Bound
    from g2sym.inputs import Measurement, Window
    from g2sym.lagrangian import Declaration


def draw_bound(bound: Bound, declaration: Declaration, *, logarithmic: bool = True) -> Figure:
    """Draw what a bound excludes over its one varied parameter.

    Parameters: ``bound``, with one varied parameter; ``declaration``, whose LaTeX names the axes;
    ``logarithmic``, the scale of the varied parameter. When the sign of the coupling matters there are two
    regions over its size, one for each sign.
    """
    (name,) = bound.varied
    even = panels.symmetric(bound)
    sides = (1,) if even else (1, -1)
    regions = [panels.excluded(bound, name, sign) for sign in sides]
    figure, axes = panels.panel()
    xs = regions[0].x
    span = panels.decades(regions)
    panels.frame(axes, (xs[0], xs[-1]), span, log_x=logarithmic and xs[0] > 0)
    handles = []
    for order, (sign, region) in enumerate(zip(sides, regions, strict=True)):
        side = "" if even else ", coupling > 0" if sign > 0 else ", coupling < 0"
        handles.append(panels.fill(axes, region, LOOKS[order], f"excluded{side}", order))
    text, parse = axis_label(declaration, name)
    axes.set_xlabel(text, parse_math=parse)
    text, parse = axis_label(declaration, bound.on, size=True)
    axes.set_ylabel(text, parse_math=parse)
    title = f"$(g-2)_{{{LEPTON_LATEX[bound.lepton]}}}$"
    axes.set_title(f"{declaration.name}: {title}", fontsize=10)
    panels.legend(axes, handles, condition(bound.measurement, bound.window))
    return figure


def axis_label(declaration: Declaration, name: str, *, size: bool = False) -> tuple[str, bool]:
    """Return the label of a parameter's axis, and whether it holds a formula.

    Parameters: ``size``, to put bars around it.
    """
    text, parse = label(written(declaration, name), name)
    if size:
        text = f"$|{text[1:-1]}|$" if parse else f"|{text}|"
    dimension = declaration.parameters[name].dimension
    unit = {0: "", 1: " [GeV]"}.get(
        dimension, f" [GeV$^{{{dimension}}}$]" if parse else f" [GeV^{dimension}]"
    )
    return text + unit, parse


def condition(measurement: Measurement, window: Window) -> str:
    """Return in words when a point is allowed; a plain text, since a measurement's name is a stranger's."""
    if window.n_sigma is None:
        return f"{measurement.name}: published limit"
    return f"{measurement.name}, {window.criterion}, {decimal_text(window.n_sigma, 4)}\u03c3"
