"""The Standard Model's W, Z, Higgs boson and photon from one declared file, exact in the lepton's mass."""

from __future__ import annotations

from pathlib import Path

import pytest

from g2sym.model.model import Model, load_model

TEXT = '''schema = 1
name = "electroweak"
lagrangian = """
(g_W/sqrt(2)*W(al)*bar(nu_e)*gamma(al)*PL*e + hc)
+ (g_W/sqrt(2)*W(al)*bar(nu_mu)*gamma(al)*PL*mu + hc)
+ (g_W/sqrt(2)*W(al)*bar(nu_tau)*gamma(al)*PL*tau + hc)
+ Z(al)*bar(f)*gamma(al)*(g_ZV + g_ZA*gamma5)*f - m_f/v*h*bar(f)*f + e_em*Aq(al)*bar(f)*gamma(al)*f
"""
[conventions]
standard_model = "absent"
[fields.h]
spin = 0
[fields.Aq]
spin = 1
mass = 0
[parameters.m_h]
dimension = 1
default = 125.25
[parameters.v]
dimension = 1
default = "1/sqrt(sqrt(2)*G_F)"
[parameters.g_W]
dimension = 0
default = "2*m_W/v"
[parameters.g_ZV]
dimension = 0
flavour = "universal"
default = "g_W*m_Z/m_W*(3/4 - m_W^2/m_Z^2)"
[parameters.g_ZA]
dimension = 0
flavour = "universal"
default = "g_W*m_Z/(4*m_W)"
'''
INPUTS = {"m_W": "80.377", "m_Z": "91.1876", "G_F": "1.1663788e-5", "m_mu": "0.1056583755"}
W, Z, H, A = "loop(W, nu_{})", "loop(Z, {})", "loop(h, {})", "loop(Aq, {})"


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Model:
    path: Path = tmp_path_factory.mktemp("models") / "electroweak.toml"
    path.write_text(TEXT)
    return load_model(path, INPUTS)


def test_the_muon(model: Model) -> None:
    """In 1e-11: 388.7064, -193.8996, 0.0021558 (F. Jegerlehner and A. Nyffeler 2009, at these inputs)."""
    loops = model.anomalous_moment("mu").evaluate(20).loops
    for name, want in ((W, 388.7064), (Z, -193.8996), (H, 0.0021558)):
        assert float(loops[name.format("mu")]) * 1e11 == pytest.approx(want, rel=2e-5 if name == H else 2e-7)


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
def test_every_lepton(model: Model, lepton: str) -> None:
    """The photon gives alpha/2 pi for each; W and Z grow like the mass squared, to 0.2 % for the tau."""
    amm = model.anomalous_moment(lepton)
    loops = amm.evaluate(20).loops
    alpha = 1 / 137.035999177
    assert float(loops[A.format(lepton)]) == pytest.approx(alpha / (2 * 3.141592653589793), rel=1e-12)
    ratio = float(amm.inputs.value(f"m_{lepton}") / amm.inputs.value("m_mu")) ** 2
    for name, want in ((W, 388.7064e-11), (Z, -193.8996e-11)):
        assert float(loops[name.format(lepton)]) == pytest.approx(want * ratio, rel=2e-3)
