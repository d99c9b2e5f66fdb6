"""Figure 2: the muon's coupling to an axion-like particle or a scalar, each on its own.

Source: arXiv:2506.17750, Fig. 2. The axes are not printed there; these show every feature.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from g2sym.drawing.style import LOOKS
from g2sym.show import panels
from g2sym.show.bounds import condition
from g2sym.show.figures.curves import Curve, Options, curves

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MASSES = ("1e-2", "10")
COUPLINGS = (1e-4, 1e-2)
WANTED = (
    ("scalar", "scalar", "m_s", "g_sff", "mu"),
    ("ALP", "alp", "m_a", "g_aff", "mu"),
)
"""Label, model, mass, coupling and lepton of each curve."""


def compute(options: Options, steps: Iterable[Any] | None = None) -> list[Curve]:
    """Compute the two bounds."""
    return curves(WANTED, options, COUPLINGS, steps)


def draw(found: Sequence[Curve], overlays: Sequence[panels.Overlay] = ()) -> Figure:
    """Draw the figure; ``overlays`` are further limits."""
    figure, axes = panels.panel()
    low, high = (float(text) for text in MASSES)
    panels.frame(axes, (low, high), COUPLINGS)
    handles = []
    for order, (curve, look) in enumerate(zip(found, (LOOKS[1], LOOKS[0]), strict=True)):
        region = panels.excluded(curve.drawn, curve.mass)
        handles.append(panels.fill(axes, region, look, f"{curve.label}, excluded", order))
    panels.overlay(axes, overlays)
    axes.set_xlabel("$m_X$ [GeV]")
    axes.set_ylabel(r"$|g_{X\mu\mu}|$")
    axes.set_title(r"$(g-2)_\mu$, one coupling at a time", fontsize=10)
    data = found[0].bound
    panels.legend(axes, handles, condition(data.measurement, data.window), "lower right")
    return figure
