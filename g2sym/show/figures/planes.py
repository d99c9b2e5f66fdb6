"""Planes of an effective photon coupling: what both signs of a product of couplings exclude, and the thin
line where the contributions cancel.

The line is drawn from its closed form with a width of its own, so that it is visible at any resolution; its
certified window is as narrow as the measurement makes it. The electron's bound is laid over for couplings
proportional to the lepton's mass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.exact import decimal_text
from g2sym.constraints import Bound, bound
from g2sym.drawing.style import LOOKS
from g2sym.inputs import Inputs, Measurement
from g2sym.model.model import load_model
from g2sym.show import panels
from g2sym.show.bounds import condition
from g2sym.show.refine import refined

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from g2sym.base.types import Record
    from g2sym.model.observable import AnomalousMoment

SIZE = {2: (7.6, 4.1), 3: (9.6, 3.9)}
RED, BLUE = LOOKS[0], LOOKS[1]
DIGITS = 17
THIN = 5
"""The line is drawn through windows whose ends have a smaller ratio."""


@dataclass(frozen=True)
class Wanted:
    """One panel: a ``model`` with ``fixed`` parameters, ``vary`` on the x axis, ``on`` on the y axis.

    ``fermion`` names the lepton coupling, which the electron's bound scales with the lepton's mass;
    ``electron``, False where the electron's bound is left out.
    """

    label: str
    model: str
    fixed: tuple[tuple[str, str], ...]
    vary: str
    on: str
    fermion: str
    electron: bool = True


@dataclass(frozen=True)
class Plane:
    """What a panel shows: the muon's bound, the electron's or None, and the line as (x, y) points.

    ``line_sign`` is the sign of the product of couplings for which the contributions cancel.
    """

    wanted: Wanted
    muon: Bound
    electron: Bound | None
    line: tuple[tuple[float, float], ...]
    line_sign: int

    @property
    def bound(self) -> Bound:
        """The muon's bound."""
        return self.muon

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        return {
            "label": self.wanted.label,
            "muon": self.muon.as_dict(),
            "electron": None if self.electron is None else self.electron.as_dict(),
            "line": [list(point) for point in self.line],
            "line_sign": self.line_sign,
        }


@dataclass(frozen=True)
class Options:
    """What such a figure may be asked for.

    Parameters: ``points``, ascending values on the x axis, exact; ``measurements``, lepton to
    measurement; ``criterion``, ``n_sigma`` and ``inputs`` as elsewhere.
    """

    points: tuple[Fraction, ...]
    measurements: dict[str, Measurement]
    criterion: str
    n_sigma: Fraction
    inputs: Inputs


def compute(
    wanted: Sequence[Wanted],
    options: Options,
    visible: tuple[float, float],
    steps: Iterable[Any] | None = None,
) -> list[Plane]:
    """Compute every panel.

    Parameters: ``visible``, the range of the coupling that is shown, within which borders are refined;
    ``steps``, the panels again, wrapped by whoever shows progress.
    """
    return [_plane(one, options, visible) for one in (wanted if steps is None else steps)]


def _plane(wanted: Wanted, options: Options, visible: tuple[float, float]) -> Plane:
    model = load_model(wanted.model, options.inputs)
    muon = _bound(model.anomalous_moment("mu"), wanted, options, visible, Fraction(1))
    electron = None
    if wanted.electron:
        ratio = options.inputs.value("m_e") / options.inputs.value("m_mu")
        electron = _bound(model.anomalous_moment("e"), wanted, options, visible, ratio)
    line, sign = _line(model.anomalous_moment("mu"), wanted, muon)
    return Plane(wanted, muon, electron, line, sign)


def _bound(
    moment: AnomalousMoment, wanted: Wanted, options: Options, visible: tuple[float, float], scale: Fraction
) -> Bound:
    """Bound the photon coupling; ``scale`` multiplies the lepton coupling, whose muon value is shown.

    Columns are added between neighbours that differ too much to be joined.
    """

    lepton = moment.lepton
    assert lepton is not None  # an anomalous moment is of one lepton

    def at(points: Sequence[Fraction]) -> Bound:
        params: Record = {n: Fraction(v) for n, v in wanted.fixed}
        params[wanted.vary] = list(points)
        scaled = params[wanted.fermion]
        params[wanted.fermion] = [v * scale for v in scaled] if isinstance(scaled, list) else scaled * scale
        data = options.measurements[lepton]
        found = bound(moment, wanted.on, data, options.criterion, options.n_sigma, params=params)
        rows = tuple(
            replace(row, point=((wanted.vary, x),)) for row, x in zip(found.rows, points, strict=True)
        )
        return replace(found, rows=rows)

    return refined(at(options.points), wanted.vary, at, visible=visible)


def _line(
    moment: AnomalousMoment, wanted: Wanted, muon: Bound
) -> tuple[tuple[tuple[float, float], ...], int]:
    """Return the cancellation line where it runs through excluded couplings, and its sign."""
    out, sign = [], 1
    found = moment.cancellation(wanted.on, params=dict(wanted.fixed))
    for row in muon.rows:
        (zero,) = found.evaluate(DIGITS, params=dict(row.point))
        sign = zero.sign or sign
        thin = any(
            low is not None
            and high is not None
            and low.sign == high.sign == zero.sign
            and low.lower <= zero.midpoint <= high.upper
            and max(abs(low.midpoint), abs(high.midpoint)) < THIN * min(abs(low.midpoint), abs(high.midpoint))
            for low, high in row.windows
        )
        if thin:
            out.append((float(row.values[wanted.vary]), abs(float(zero))))
    return tuple(out), sign


def draw(
    planes: Sequence[Plane],
    x: tuple[float, float],
    y: tuple[float, float],
    labels: tuple[str, str],
    product: str,
    note: str,
    overlays: Sequence[panels.Overlay] = (),
) -> Figure:
    """Draw the panels side by side.

    Parameters: ``x``, ``y``, the ranges; ``labels`` of the axes; ``product``, the product of couplings in
    LaTeX; ``note``, a sentence under the panels; ``overlays``, further limits for every panel.
    """
    from matplotlib.font_manager import FontProperties

    figure, row = panels.panels(len(planes), SIZE[len(planes)])
    handles: Record = {}
    for axes, plane in zip(row, planes, strict=True):
        panels.frame(axes, x, y)
        handles |= {str(handle.get_label()): handle for handle in _panel(axes, plane, product)}
        panels.overlay(axes, overlays)
        axes.set_title(plane.wanted.label, fontsize=10)
        axes.set_xlabel(labels[0])
    row[0].set_ylabel(labels[1])
    first = planes[0]
    text = condition(first.muon.measurement, first.muon.window)
    shown = next((p.electron for p in planes if p.electron is not None), None)
    if shown is not None:
        text += f"; {condition(shown.measurement, shown.window)}"
    legend = figure.legend(
        handles=list(handles.values()),
        loc="outside lower center",
        ncols=4 if len(planes) > 2 else 2,
        frameon=False,
        handlelength=2.6,
    )
    legend.set_title(f"{text}. {note}", prop=FontProperties(size=8.5))
    legend.get_title().set_parse_math(False)
    return figure


def _panel(axes: Axes, plane: Plane, product: str) -> list[Any]:
    """Fill what is excluded for both signs, then draw the electron's border and the line."""
    from matplotlib.lines import Line2D
    from matplotlib.patheffects import Stroke

    vary = plane.wanted.vary
    handles: list[Any] = []
    # the sign for which contributions cancel excludes less, so it is drawn over the other one
    for order, sign in enumerate((-plane.line_sign, plane.line_sign)):
        region = panels.excluded(plane.muon, vary, sign)
        look, word = (RED, ">") if sign > 0 else (BLUE, "<")
        label = f"excluded for ${product} {word} 0$"
        handles.append(panels.fill(axes, region, look, label, order, opacity=1.0 if order else 0.4))
    if plane.electron is not None:
        region = panels.excluded(plane.electron, vary, 1)
        low, high = axes.get_ylim()
        xs = [at for at, gaps in zip(region.x, region.gaps, strict=True) if gaps]
        ys = [gaps[-1][0] for gaps in region.gaps if gaps]
        shown = [v if low < v < high else float("nan") for v in ys]
        axes.plot(xs, shown, color="black", linestyle=(0, (6, 2, 1, 2)), linewidth=1.2, zorder=4)
        label = "$(g-2)_e$ excludes above, $g \\propto m_\\ell$"
        handles.append(Line2D([], [], color="black", linestyle=(0, (6, 2, 1, 2)), linewidth=1.2, label=label))
    if plane.line:
        edge = [Stroke(linewidth=2.4, foreground="black"), Stroke(linewidth=1.2, foreground="white")]
        style: Record = {"color": "white", "linewidth": 1.2, "path_effects": edge, "zorder": 4.5}
        axes.plot(*zip(*plane.line, strict=True), **style)
        word = ">" if plane.line_sign > 0 else "<"
        handles.append(Line2D([], [], **style, label=f"allowed: exact cancellation (${product} {word} 0$)"))
    return handles


def fixed_text(value: str) -> str:
    """Return a decimal the way a title shows it, 1e-3 as a power of ten."""
    number = Fraction(value)
    if number.numerator == 1 and set(str(number.denominator)) <= {"1", "0"} and number < Fraction(1, 100):
        return f"10^{{-{len(str(number.denominator)) - 1}}}"
    return decimal_text(number, 6)
