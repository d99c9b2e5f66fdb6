"""The picture of a bound: the excluded couplings over one varied parameter."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from g2sym.base.exact import decimal_text, read_number
from g2sym.drawing.escape import label, printable
from g2sym.drawing.style import LOOKS
from g2sym.errors import InputError, UsageError, shorten
from g2sym.observables.flavours import flavour_lines
from g2sym.show import panels
from g2sym.show.symbols import observable_latex, written

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from g2sym.base.types import Entries
    from g2sym.constraints import Bound
    from g2sym.inputs import Measurement, Window
    from g2sym.lagrangian import Declaration, Parameter


MARGIN = 10
"""How far the range of a picture may grow, on either side, for columns that were added."""
LINKS = MappingProxyType(
    {"mass": "mass-proportional", "universal": "universal", "single": "of one lepton alone"}
)
"""What the axis of a coupling says that is quoted for a lepton."""
LINE, MAX_LINES = 40, 5
"""Most characters of a line of fixed values, and most lines."""
NARROWEST = 1e-12
"""Least relative width of an axis, so that doubles tell its points apart."""


def check_axis(name: str, low: Fraction, high: Fraction) -> None:
    """Refuse an axis that cannot be drawn in doubles, before anything is computed.

    Parameters: ``name`` of the varied parameter; its ends, exact. Raises UsageError.
    """
    smallest, largest = Fraction(1, 10**290), Fraction(10**290)
    if any(end and not smallest <= abs(end) <= largest for end in (low, high)):
        raise UsageError(
            f"The axis of {shorten(name)} cannot be drawn from {decimal_text(low, 6)} to "
            f"{decimal_text(high, 6)}: the ends of a picture are 0 or lie between 1e-290 and 1e290 in size; "
            "take a shorter range, or leave the picture out."
        )
    if abs(high - low) <= Fraction(NARROWEST) * max(abs(low), abs(high)):
        raise UsageError(
            f"The axis of {shorten(name)} is too narrow to be drawn: its ends agree in twelve digits; take "
            "them further apart, or leave the picture out."
        )


def visible(bound: Bound, searched: tuple[Fraction, Fraction] | None = None) -> tuple[float, float]:
    """Return the range of the coupling's size that a picture of a bound shows at most.

    Parameters: ``searched``, the interval of a bound on a mass, which is shown whole.
    """
    if searched is not None:
        return float(searched[0]), float(searched[1])
    (name,) = bound.varied
    everything = (panels.SMALLEST, panels.LARGEST)
    low, high = panels.decades([panels.excluded(bound, name, sign) for sign in (1, -1)], everything)
    return max(low / MARGIN, panels.SMALLEST), min(high * MARGIN, panels.LARGEST)


def draw_bound(
    bound: Bound,
    declaration: Declaration,
    *,
    logarithmic: bool = True,
    columns: Bound | None = None,
    searched: tuple[Fraction, Fraction] | None = None,
) -> Figure:
    """Draw what a bound excludes over its one varied parameter.

    Parameters: ``bound``, with one varied parameter; ``declaration``, whose LaTeX names the axes;
    ``logarithmic``, the scale of the varied parameter; ``columns``, the same bound with further columns
    (`g2sym.show.refine.refined`), which are drawn in its place; ``searched``, the interval in which a bound
    on a mass was searched for. When the sign of a coupling matters there are two regions over its size, one
    for each sign. Raises UsageError when an axis cannot be drawn.
    """
    (name,) = bound.varied
    check_axis(name, *(f(row.values[name] for row in bound.rows) for f in (min, max)))
    drawn = bound if columns is None else columns
    mass = bound.on in declaration.masses
    even = mass or panels.symmetric(drawn)
    sides = (1,) if even else (1, -1)
    regions = [panels.excluded(drawn, name, sign) for sign in sides]
    figure, axes = panels.panel()
    xs = regions[0].x
    least, most = visible(bound, searched)
    low, high = (least, most) if searched is not None else panels.decades(regions)
    span = max(low, least), min(high, most)
    panels.frame(axes, (xs[0], xs[-1]), span, log_x=logarithmic and xs[0] > 0)
    handles = []
    for order, (sign, region) in enumerate(zip(sides, regions, strict=True)):
        side = "" if even else ", coupling > 0" if sign > 0 else ", coupling < 0"
        handles.append(panels.fill(axes, region, LOOKS[order], f"excluded{side}", order))
    text, parse = axis_label(declaration, name)
    axes.set_xlabel(text, parse_math=parse)
    text, parse = axis_label(declaration, bound.on, size=not mass)
    axes.set_ylabel(text, parse_math=parse)
    title = f"${observable_latex(bound.measurement.observable)}$"
    axes.set_title(f"{declaration.name}: {title}", fontsize=10)
    head = condition(bound.measurement, bound.window)
    panels.legend(axes, handles, "\n".join([head, *fixed_values(bound.record, declaration)]))
    return figure


def fixed_values(record: Entries, declaration: Declaration) -> list[str]:
    """Return what a picture holds fixed, values and flavour links, as plain text; none of it is trusted."""
    given = record.get("values")
    shown = []
    for name, value in given.items() if isinstance(given, Mapping) else ():
        parameter = owner(declaration, name)
        unit = "" if parameter is None or parameter.unit == "1" else f" {parameter.unit}"
        shown.append(f"{printable(name)} = {_short(value)}{unit}")
    lines = textwrap.wrap(", ".join(shown), LINE)
    lines += [part for line in flavour_lines(record) for part in textwrap.wrap(printable(line), LINE)]
    rest = len(lines) - MAX_LINES
    return lines if rest <= 0 else [*lines[: MAX_LINES - 1], f"and {rest + 1} more lines of fixed values"]


def owner(declaration: Declaration, symbol: str) -> Parameter | None:
    """Return the parameter that a symbol belongs to, y for re_y; None for an unknown one."""
    return next((p for p in declaration.parameters.values() if symbol in (p.name, *p.symbols)), None)


def _short(value: object) -> str:
    try:
        return decimal_text(read_number(value), 6)
    except InputError:  # from a file that nobody vouches for
        return printable(str(value)[:20])


def axis_label(declaration: Declaration, name: str, *, size: bool = False) -> tuple[str, bool]:
    """Return the label of a parameter's axis, and whether it holds a formula.

    Parameters: ``size``, to put bars around it.
    """
    text, parse = label(written(declaration, name), name)
    if size:
        text = f"$|{text[1:-1]}|$" if parse else f"|{text}|"
    parameter = owner(declaration, name)
    dimension = 0 if parameter is None else parameter.dimension
    if parameter is not None and parameter.quoted_for is not None:
        text += f" ({LINKS[parameter.flavour or 'single']})"
    unit = {0: "", 1: " [GeV]"}.get(
        dimension, f" [GeV$^{{{dimension}}}$]" if parse else f" [GeV^{dimension}]"
    )
    return text + unit, parse


def condition(measurement: Measurement, window: Window) -> str:
    """Return in words when a point is allowed; a plain text, since a measurement's name is untrusted."""
    if window.n_sigma is None:
        return f"{measurement.name}: published {window.criterion}"
    return f"{measurement.name}, {window.criterion}, {decimal_text(window.n_sigma, 4)}\u03c3"
