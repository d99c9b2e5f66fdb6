"""Certified exclusion maps of 65536 x 65536 cells: time and undecided area, coupling and mass planes."""

from __future__ import annotations

from benchmarks.timing import Row, median
from g2sym.constraints.maps import exclusion_map
from g2sym.model.model import load_model

CELLS = 65536
PLANES = {
    "alp, coupling-coupling": (
        "alp",
        ("g_aff", "1e-5", "1e-2"),
        ("g_agg", "1e-6", "1e-1"),
        {"m_a": "0.1"},
    ),
    "alp, mass-coupling": ("alp", ("m_a", "1e-2", "10"), ("g_agg", "1e-6", "1e-1"), {"g_aff": "1e-3"}),
    "scalar, mass-coupling": ("scalar", ("m_s", "1e-2", "10"), ("g_sff", "1e-5", "1e-2"), {"g_sgg": "1e-4"}),
    "alp_electroweak, mass-coupling": (
        "alp_electroweak",
        ("m_a", "1e-2", "10"),
        ("g_aBB", "1e-6", "1e-1"),
        {"g_aff": "1e-3", "g_aWW": "1e-4"},
    ),
    "dark photon, mass-coupling": ("dark_photon", ("m_A", "1e-3", "10"), ("eps", "1e-6", "1e-1"), {}),
    "axial vector, mass-coupling": ("axial_vector", ("m_A", "1e-3", "10"), ("eps", "1e-6", "1e-1"), {}),
}


def rows() -> list[Row]:
    """Measure each plane with derived kernels at hand, everything else anew."""
    out = []
    for name, (model, x, y, fixed) in PLANES.items():
        moment = load_model(model).anomalous_moment("mu")

        def run(moment=moment, x=x, y=y, fixed=fixed):
            return exclusion_map(moment, x, y, "muon-2025", resolution=CELLS, params=fixed)

        undecided = float(run().areas["undecided"])
        out.append(Row(f"certified map {CELLS} x {CELLS}: {name}", median(run), "s", 0.2))
        out.append(Row(f"undecided area: {name}", undecided, "", 1e-4))
    return out
