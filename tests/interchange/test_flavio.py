"""flavio itself, with the extra ``flavio``: moments from the files equal ours at equal constants."""

from __future__ import annotations

import warnings
from typing import Any

import pytest

import g2sym as g2
from tests.interchange.test_wilson import LFV, POINT, cp_scalar, lfv

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


@pytest.mark.parametrize(("first", "second"), [("mu", "e"), ("tau", "e"), ("tau", "mu")])
def test_branching_ratios_are_equal(flavio: Any, first: str, second: str) -> None:
    from flavio.physics.taudecays.taulgamma import BR_llgamma

    inputs, parameters = constants(flavio)
    inputs |= {f"Gamma_{one}": repr(1 / float(parameters[f"tau_{one}"])) for one in ("mu", "tau")}
    model = lfv(inputs)
    text = model.wilson(f"{first} -> {second}", params=LFV).wcxf()
    found = BR_llgamma(read(flavio, text, parameters), parameters, first, second)
    ours = float(model.observable(f"BR({first} -> {second} A)").evaluate(params=LFV))
    assert found == pytest.approx(ours, rel=1e-12)


def test_the_package_wilson_translates_one_basis_into_the_other(flavio: Any) -> None:
    """At alpha = 1/137.036 in place of its value at the Z mass, which the translation has by default."""
    from wilson import wcxf

    model = lfv()
    own = {name: float(model.inputs.value(name)) for name in ("m_e", "m_mu", "m_tau", "alpha")}
    constants = {**own, "GF": float(model.inputs.value("G_F")), "alpha_e": own.pop("alpha")}
    options: dict[str, Any] = {"eft": "WET", "scale": "91.1876", "params": LFV}
    processes = ("e", "mu", "tau", "mu -> e", "tau -> e", "tau -> mu")
    files = {basis: model.wilson(*processes, basis=basis, **options).wcxf() for basis in ("JMS", "flavio")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jms, direct = (wcxf.WC.load(files[basis]) for basis in ("JMS", "flavio"))
        jms.validate()
        translated = jms.translate("flavio", parameters=constants).dict
    assert len(direct.dict) == 9
    for name, value in direct.dict.items():
        assert abs(translated[name] - value) < 1e-12 * abs(value)


def test_the_scales_are_flavios(flavio: Any) -> None:
    scales = flavio.config["renormalization scale"]
    homes = cp_scalar().wilson("e", "mu", "tau", params=POINT).homes
    assert float(homes["C7_ee"].scale) == scales["e g-2"]
    assert float(homes["C7_mumu"].scale) == scales["mudecays"]
    assert float(homes["C7_tautau"].scale) == scales["tau g-2"]
    homes = lfv().wilson("mu -> e", "tau -> e", "tau -> mu", params=LFV).homes
    assert float(homes["Cgamma_mue"].scale) == float(homes["Cgamma_emu"].scale) == scales["mudecays"]
    assert {float(homes[f"Cgamma_tau{one}"].scale) for one in ("e", "mu")} == {scales["taudecays"]}


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
