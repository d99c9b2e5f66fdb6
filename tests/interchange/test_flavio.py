"""flavio itself, with the extra ``flavio``: moments from the files equal ours at equal constants."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import g2sym as g2
from tests.interchange.test_wilson import POINT, cp_scalar

pytestmark = pytest.mark.flavio


@pytest.fixture(scope="module")
def flavio() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SWIG and of pandas
        return pytest.importorskip("flavio", reason="flavio is not installed; pip install 'g2sym[flavio]'")


def constants(flavio: Any) -> tuple[dict[str, str], dict[str, float]]:
    """flavio's constants as our inputs, and its parameters with the Standard Model's moments set to zero."""
    parameters = flavio.default_parameters.get_central_all()
    ours = {"G_F": parameters["GF"], **{n: parameters[n] for n in ("m_e", "m_mu", "m_tau")}}
    moments = {f"a_{lepton} SM": 0.0 for lepton in ("e", "mu", "tau")}
    return {name: repr(float(value)) for name, value in ours.items()}, {**parameters, **moments}


def read(flavio: Any, text: str, parameters: dict[str, float]) -> Any:
    """The coefficients of a file as flavio's predictions take them; what the file says is valid."""
    from wilson import Wilson, wcxf

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = wcxf.WC.load(text)
        found.validate()
        return flavio.WilsonCoefficients.from_wilson(Wilson.from_wc(found), parameters)


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
def test_moments_are_equal(flavio: Any, lepton: str) -> None:
    from flavio.physics.mdms import al

    inputs, parameters = constants(flavio)
    model = g2.Model(cp_scalar().declaration, inputs)
    text = model.wilson(lepton, params=POINT).wcxf()
    predict = {"e": al.ae, "mu": al.amu, "tau": al.atau}[lepton]
    found = predict(read(flavio, text, parameters), parameters)
    assert found == pytest.approx(float(model.anomalous_moment(lepton).evaluate(params=POINT)), rel=1e-12)


def test_the_scales_are_flavios(flavio: Any) -> None:
    scales = flavio.config["renormalization scale"]
    homes = cp_scalar().wilson("e", "mu", "tau", params=POINT).homes
    assert float(homes["C7_ee"].scale) == scales["e g-2"]
    assert float(homes["C7_mumu"].scale) == scales["mudecays"]
    assert float(homes["C7_tautau"].scale) == scales["tau g-2"]


def test_at_another_scale_flavio_runs(flavio: Any) -> None:
    from flavio.physics.mdms import al

    inputs, parameters = constants(flavio)
    model = g2.Model(cp_scalar().declaration, inputs)
    text = model.wilson("mu", eft="WET", scale="91.1876", params=POINT).wcxf()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = al.amu(read(flavio, text, parameters), parameters)
    ratio = found / float(model.anomalous_moment("mu").evaluate(params=POINT))
    assert 0.9 < ratio < 0.99  # QED, about -4 alpha/pi ln(m_Z/GeV)
