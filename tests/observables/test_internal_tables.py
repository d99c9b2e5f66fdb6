"""Arrays with an internal fermion of another mass: tables against certified values."""

import numpy as np
import pytest

import g2sym as g2

ORDINARY = [("mu", "tau", "scalar"), ("tau", "mu", "vector")]
CASES = [
    (a, b, k)
    for a, b in [("e", "tau"), ("mu", "tau"), ("tau", "mu"), ("tau", "e")]
    for k in ("scalar", "vector")
]


@pytest.mark.parametrize(
    ("outer", "inner", "kind"),
    [pytest.param(*c, marks=() if c in ORDINARY else pytest.mark.long) for c in CASES],
)
def test_arrays_with_an_internal_fermion(outer, inner, kind, tmp_path, monkeypatch):
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path))
    a, b = g2.lepton(outer), g2.lepton(inner)
    one, two = g2.parameter("g"), g2.parameter("h")
    chiral = one + two * g2.gamma5
    if kind == "scalar":
        term = g2.scalar("X", mass="m_X") * g2.bar(a) * chiral * b
    else:
        term = g2.vector("X", mass="m_X")("al") * g2.bar(a) * g2.gamma("al") * chiral * b
    amm = g2.Model(term + g2.hc).anomalous_moment(outer)
    rng = np.random.default_rng(11)
    low = 0.3 if outer == "tau" else -6
    masses = 10.0 ** rng.uniform(low, 8, 25_000)  # heavier than a tau where it could decay
    values = amm.lambdify()(m_X=masses, g=0.7, h=-0.2)
    for k in rng.integers(0, len(masses), 40):
        exact = amm.evaluate(17, m_X=float(masses[k]), g=0.7, h=-0.2)
        assert abs(values[k] / float(exact) - 1) < 1e-12
