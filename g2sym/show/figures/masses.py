"""Figure 5: the plane of the axion-like particle's mass and its photon coupling, at two muon couplings.

Source: arXiv:2506.17750, Fig. 5, without the limits of other experiments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from g2sym.show import panels
from g2sym.show.figures import planes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = ("1e-2", "10")
Y = (1e-5, 1e-1)
COUPLINGS = (("1e-3", True), ("1e-4", False))
"""The muon's coupling of each panel, and whether the electron's bound is competitive there."""


def wanted(number: int = 5) -> list[planes.Wanted]:
    """Return the two panels."""
    return [
        planes.Wanted(
            f"$g_{{a\\mu\\mu}} = {planes.fixed_text(value)}$",
            "alp",
            (("g_aff", value),),
            "m_a",
            "g_agg",
            "g_aff",
            electron,
        )
        for value, electron in COUPLINGS
    ]


def compute(number: int, options: planes.Options, steps: Iterable[Any] | None = None) -> list[planes.Plane]:
    """Compute the two panels."""
    return planes.compute(wanted(number), options, Y, steps)


def draw(number: int, found: Sequence[planes.Plane], overlays: Sequence[panels.Overlay] = ()) -> Figure:
    """Draw the figure; ``overlays`` are further limits."""
    low, high = (float(text) for text in GRID)
    return planes.draw(
        found,
        (low, high),
        Y,
        ("$m_a$ [GeV]", "$|g_{a\\gamma\\gamma}|$ [GeV$^{-1}$]"),
        "g_{a\\mu\\mu}\\,g_{a\\gamma\\gamma}",
        "Effective couplings.",
        overlays,
    )
