"""Figures 4 and 6: the plane of the muon's coupling and the photon's, at three masses.

Source: arXiv:2506.17750, Figs. 4 and 6, without the limits of other experiments. Both couplings are
effective ones: the derivative and the Yukawa form of the lepton coupling differ by the anomaly, a shift of
the photon coupling by alpha g/(pi m), which from 1 GeV up is larger than the couplings' ratio on the line.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from g2sym.show import panels
from g2sym.show.figures import planes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

GRID = ("1e-5", "1e-2")
Y = (1e-6, 1e-1)
MASSES = ("0.1", "0.5", "2.5")
_AXES = {4: ("alp", "m_a", "g_aff", "g_agg", "a"), 6: ("scalar", "m_s", "g_sff", "g_sgg", "s")}


def wanted(number: int) -> list[planes.Wanted]:
    """Return the three panels of figure 4 (ALP) or 6 (scalar)."""
    model, mass, fermion, photon, letter = _AXES[number]
    return [
        planes.Wanted(f"$m_{letter} = {value}$ GeV", model, ((mass, value),), fermion, photon, fermion)
        for value in MASSES
    ]


def compute(number: int, options: planes.Options, steps: Iterable[Any] | None = None) -> list[planes.Plane]:
    """Compute the three panels."""
    return planes.compute(wanted(number), options, Y, steps)


def draw(number: int, found: Sequence[planes.Plane], overlays: Sequence[panels.Overlay] = ()) -> Figure:
    """Draw the figure; ``overlays`` are further limits."""
    letter = _AXES[number][-1]
    lepton, photon = f"g_{{{letter}\\mu\\mu}}", f"g_{{{letter}\\gamma\\gamma}}"
    low, high = (float(text) for text in GRID)
    return planes.draw(
        found,
        (low, high),
        Y,
        (f"$|{lepton}|$", f"$|{photon}|$ [GeV$^{{-1}}$]"),
        f"{lepton}\\,{photon}",
        "Effective couplings.",
        overlays,
    )
