"""Arrays of whole models, half of the points beside the line where terms cancel, against certified values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from g2sym.model.model import load_model

MODELS = {"alp": ("m_a", "g_aff", "g_agg"), "scalar": ("m_s", "g_sff", "g_sgg")}
SIZES = [pytest.param(60, id="short"), pytest.param(1500, id="long", marks=pytest.mark.long)]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", MODELS)
def test_sums_beside_the_line(name: str, lepton: str, count: int) -> None:
    mass, fermion, photon = MODELS[name]
    amm = load_model(name).anomalous_moment(lepton)
    line = amm.cancellation(photon)
    rng = np.random.default_rng(5)
    masses, g = 10 ** rng.uniform(-6, 5, count), 10 ** rng.uniform(-8, 0, count)
    h = 10 ** rng.uniform(-10, 0, count) * rng.choice([-1, 1], count)
    for k in range(0, count, 2):
        (zero,) = line.evaluate(17, params={mass: float(masses[k]), fermion: float(g[k])})
        h[k] = float(zero) * (1 + rng.normal() * 10 ** rng.uniform(-16, -6))
    values = amm.lambdify()(params={mass: masses, fermion: g, photon: h})
    for k in range(count):
        point = {mass: float(masses[k]), fermion: float(g[k]), photon: float(h[k])}
        exact = amm.evaluate(17, params=point).ball.midpoint
        assert abs(Fraction(float(values[k])) - exact) <= abs(exact) / 10**12, point
