"""The figures of arXiv:2506.17750: for each number a module that computes its curves and draws them.

A module offers ``compute(options, steps)`` and ``draw(curves, overlays)``; a new figure is a module and a
line in `FIGURES`.
"""

from __future__ import annotations

from types import MappingProxyType

FIGURES = MappingProxyType(
    {
        2: (
            "g2sym.show.figures.single_coupling",
            "ALP-muon and scalar-muon couplings, one coupling at a time.",
            ("alp", "scalar"),
        ),
        4: ("g2sym.show.figures.couplings", "ALP: muon and photon couplings at three masses.", ("alp",)),
        5: ("g2sym.show.figures.masses", "ALP: mass and photon coupling at two muon couplings.", ("alp",)),
        6: (
            "g2sym.show.figures.couplings",
            "Scalar: muon and photon couplings at three masses.",
            ("scalar",),
        ),
        7: (
            "g2sym.show.figures.vector_axial",
            "Vectors and axial vectors: (g-2) of the muon and electron.",
            ("axial_vector", "dark_photon"),
        ),
    }
)
"""Number to module, one line of what it shows, and the models that are drawn."""
