"""Maps over very wide ranges: one sentence or a map, never an overflow, a warning or a false reason."""

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import UnsupportedError

DARK = g2.load_model("dark_photon").anomalous_moment("mu")


def plane(mass, coupling=(1e-4, 1e-1), resolution=32):
    return g2.exclusion_map(DARK, ("m_A", *mass), ("eps", *coupling), "muon-2025", resolution=resolution)


@pytest.mark.parametrize(
    "mass", [(1e-290, 1e290), (1e-3, 1e170), (1e-170, 0.1), (1e-3, 1e30), (1e-30, 1.0), (1e-3, 1e60)]
)
def test_masses_beyond_the_reach_of_doubles_are_refused_for_what_they_are(mass):
    with pytest.raises(UnsupportedError, match=r"beyond doubles; stay within about 1e-19 to 1e19"):
        plane(mass)


@pytest.mark.parametrize("mass", [(1e-20, 1e18), (1e-22, 1e-15), (1e5, 1e19)])
def test_states_of_wide_ranges_are_those_of_evaluation(mass):
    found = plane(mass, (1e-4, 10.0))
    window = g2.load_measurement("muon-2025").window(None, None).as_dict()
    low, high = float(window["low"]), float(window["high"])
    source = np.random.default_rng(1)
    for _ in range(40):
        m = float(np.exp(source.uniform(*np.log(mass))))
        eps = float(np.exp(source.uniform(*np.log((1e-4, 10.0)))))
        state, value = found.state(m, eps), float(DARK.evaluate(17, m_A=m, eps=eps))
        assert state == "undecided" or (state == "allowed") == (low <= value <= high)
    assert found.areas["allowed"] > 0


@pytest.mark.parametrize("coupling", [(1e-290, 1e290), (-1e290, 1e290, "lin"), (0, 1e290, "lin")])
def test_couplings_over_the_whole_range_of_doubles(coupling):
    found = plane((1e-3, 10.0), coupling)
    for eps, state in ((1e-280, "allowed"), (1e280, "excluded"), (1e200, "excluded")):
        if found.y_edges[0] <= eps:
            assert found.state(0.1, eps) in (state, "undecided")
