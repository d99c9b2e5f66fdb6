"""Figure 7: vectors and axial vectors, from (g-2) of the muon and of the electron.

Source: arXiv:2506.17750, Fig. 7, without the limits of other experiments. The axes are not printed there, nor
is it said which alpha the electron's prediction rests on: it is an option, and stands in the picture.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from g2sym.drawing.style import LOOKS
from g2sym.show import panels
from g2sym.show.bounds import condition
from g2sym.show.figures.curves import Curve, Options, curves
from g2sym.show.symbols import observable_latex

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MASSES = ("1e-3", "10")
COUPLINGS = (1e-6, 1e-1)
SIZE = (7.4, 3.9)
WANTED = (
    ("vector", "dark_photon", "m_A", "eps", "mu"),
    ("vector", "dark_photon", "m_A", "eps", "e"),
    ("axial vector", "axial_vector", "m_A", "eps", "mu"),
    ("axial vector", "axial_vector", "m_A", "eps", "e"),
)
"""Label of the panel, model, mass, coupling and lepton of each curve."""


def compute(options: Options, steps: Iterable[Any] | None = None) -> list[Curve]:
    """Compute the four bounds."""
    return curves(WANTED, options, COUPLINGS, steps)


def draw(found: Sequence[Curve], overlays: Sequence[panels.Overlay] = ()) -> Figure:
    """Draw the figure, one panel for each kind of mediator; ``overlays`` are further limits."""
    figure, both = panels.panels(2, SIZE)
    low, high = (float(text) for text in MASSES)
    for axes, title in zip(both, dict.fromkeys(curve.label for curve in found), strict=True):
        panels.frame(axes, (low, high), COUPLINGS)
        handles = []
        shown = [curve for curve in found if curve.label == title]
        for order, (curve, look) in enumerate(zip(shown, LOOKS, strict=False)):
            region = panels.excluded(curve.drawn, curve.mass)
            label = f"${observable_latex(curve.bound.measurement.observable)}$, excluded"
            handles.append(panels.fill(axes, region, look, label, order))
        panels.overlay(axes, overlays)
        axes.set_title(title, fontsize=10)
        axes.set_xlabel(r"$m_{A\prime}$ [GeV]")
        data = [condition(curve.bound.measurement, curve.bound.window) for curve in shown]
        panels.legend(axes, handles, "\n".join(data), "lower right")
    both[0].set_ylabel(r"$|\varepsilon|$")
    return figure
