"""Every entry of the 50-digit reference file, computed from the Lagrangian on."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import mpmath
import numpy as np
import pytest

from g2sym.base.exact import read_number
from g2sym.model.model import load_model
from g2sym.model.observable import AnomalousMoment

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "kernels.json").read_text(encoding="utf-8"))
# model, boson mass, coupling, key, power of the elementary charge in g = eps e
ONE_LOOP = [
    ("alp", "m_a", "g_aff", "da_P_g1", 0),
    ("scalar", "m_s", "g_sff", "da_S_g1", 0),
    ("dark_photon", "m_A", "eps", "da_V_g1", 2),
    ("axial_vector", "m_A", "eps", "da_A_g1", 2),
]
BARR_ZEE = [
    ("alp", "m_a", "g_aff", "g_agg", "barr-zee-photon", "da_BZ_alp_gamma_per_gff_ggg_GeV"),
    ("alp", "m_a", "g_aff", "g_agZ", "barr-zee-z", "da_BZ_alp_Z_per_gff_ggZ_GeV"),
    ("scalar", "m_s", "g_sff", "g_sgg", "barr-zee-photon", "da_BZ_scalar_gamma_per_gff_ggg_GeV"),
    ("scalar", "m_s", "g_sff", "g_sgZ", "barr-zee-z", "da_BZ_scalar_Z_per_gff_ggZ_GeV"),
]
DIMENSIONLESS = {"I_P": "alp", "I_S": "scalar", "I_V": "dark_photon", "I_A": "axial_vector"}
# Delta a at unit coupling over these is the dimensionless kernel (alpha/pi = e^2/4 pi^2 for the vectors)
WEIGHTS = {"I_P": -8, "I_S": 8, "I_V": 4, "I_A": -4}

_MOMENTS: dict[tuple[str, str], AnomalousMoment] = {}


def moment(model: str, lepton: str) -> AnomalousMoment:
    key = (model, lepton)
    if key not in _MOMENTS:
        _MOMENTS[key] = load_model(model).anomalous_moment(lepton)
    return _MOMENTS[key]


def charge_squared() -> mpmath.mpf:
    return 4 * mpmath.pi / mpmath.mpf("137.035999177")


def agrees(value: mpmath.mpf, expected: str, digits: int) -> bool:
    return abs(value / mpmath.mpf(expected) - 1) < mpmath.mpf(10) ** -digits


@pytest.mark.parametrize("row", REFERENCE["physical"], ids=lambda r: f"{r['lepton']}-{r['M_GeV']}")
def test_physical_entries(row: dict[str, str]) -> None:
    with mpmath.workdps(60):
        for model, mass, coupling, key, power in ONE_LOOP:
            amm = moment(model, row["lepton"])
            value = amm.evaluate(digits=50, params={mass: row["M_GeV"], coupling: 1}).mpf()
            assert agrees(value / charge_squared() ** (power // 2), row[key], 45), (model, key)
            fast = amm.lambdify()(params={mass: np.array([float(row["M_GeV"])]), coupling: 1.0})
            expected = float(mpmath.mpf(row[key]) * charge_squared() ** (power // 2))
            assert abs(fast[0] / expected - 1) < 1e-10
        for model, mass, coupling, gauge, name, key in BARR_ZEE:
            amm = moment(model, row["lepton"])
            photon = "g_agg" if model == "alp" else "g_sgg"
            params = {mass: row["M_GeV"], coupling: 1, photon: 0, gauge: 1}
            if name == "barr-zee-photon":
                params["g_agZ" if model == "alp" else "g_sgZ"] = 0
            part = amm.evaluate(digits=50, params=params).contributions[name]
            assert agrees(part.mpf(55), row[key], 45), (model, key)
            # a tiny lepton coupling leaves nothing but the term linear in it
            tiny = {**params, coupling: 1e-40}
            fast = amm.lambdify()(params={k: np.array([float(v)]) for k, v in tiny.items()})[0]
            assert abs(fast / (float(row[key]) * 1e-40) - 1) < 1e-10, (model, key)


@pytest.mark.parametrize("row", REFERENCE["dimensionless"], ids=lambda r: f"r={r['r']}")
def test_dimensionless_grid(row: dict[str, str]) -> None:
    """A lepton of 1 GeV makes r the boson's mass."""
    with mpmath.workdps(60):
        for key, model in DIMENSIONLESS.items():
            mass, coupling = next((m, c) for n, m, c, *_ in ONE_LOOP if n == model)
            amm = load_model(model, inputs={"m_mu": 1}).anomalous_moment("mu")
            value = amm.evaluate(digits=50, params={mass: row["r"], coupling: 1}).mpf()
            power = 1 if model in ("dark_photon", "axial_vector") else 0
            kernel = value * WEIGHTS[key] * mpmath.pi**2 / charge_squared() ** power
            assert agrees(kernel, row[key], 45), key
            fast = float(amm.lambdify()(params={mass: np.array([float(row["r"])]), coupling: 1})[0])
            kernel = fast * WEIGHTS[key] * mpmath.pi**2 / charge_squared() ** power
            assert abs(kernel / mpmath.mpf(row[key]) - 1) < 1e-10


@pytest.mark.parametrize("row", REFERENCE["dimensionless"], ids=lambda r: f"r={r['r']}")
def test_dimensionless_barr_zee(row: dict[str, str]) -> None:
    with mpmath.workdps(60):
        for key, model, mass, coupling, photon in (
            ("J_P", "alp", "m_a", "g_aff", "g_agg"),
            ("J_S", "scalar", "m_s", "g_sff", "g_sgg"),
        ):
            amm = load_model(model, inputs={"m_mu": 1}).anomalous_moment("mu")
            zero = {"g_agZ": 0} if model == "alp" else {"g_sgZ": 0}
            # with Lambda = m the logarithm vanishes and -J is left
            params = {mass: row["r"], coupling: 1, photon: 1, "Lambda": 1, **zero}
            part = amm.evaluate(digits=50, params=params).contributions["barr-zee-photon"]
            assert agrees(-part.mpf(55) * 8 * mpmath.pi**2, row[key], 45), key


def test_schwinger_and_the_small_mass_expansion() -> None:
    """(alpha/pi)(1/2 - pi r/2 - (ln rho + 1/2) rho) at m_A = 1e-12 GeV, to a relative 1e-28."""
    with mpmath.workdps(60):
        r = mpmath.mpf("1e-12") / mpmath.mpf("0.1056583755")
        rho = r**2
        expected = charge_squared() / (4 * mpmath.pi**2)
        expected *= mpmath.mpf(1) / 2 - mpmath.pi * r / 2 - (mpmath.log(rho) + mpmath.mpf(1) / 2) * rho
        value = moment("dark_photon", "mu").evaluate(digits=30, m_A="1e-12", eps=1)
        assert abs(mpmath.mpf(str(value)) / expected - 1) < mpmath.mpf("1e-28")


def test_fractions_are_exact() -> None:
    assert read_number("0.1056583755") == Fraction(1056583755, 10**10)
