from fractions import Fraction

import pytest

from g2sym.base.references import REFERENCES
from g2sym.errors import InputError
from g2sym.inputs import NAMES, load_inputs
from g2sym.inputs.constants import NEUTRINOS, QUARKS

REFERENCE = {
    "m_e": "0.51099895069e-3",
    "m_mu": "0.1056583755",
    "m_tau": "1.77693",
    "m_Z": "91.1876",
    "alpha_inverse": "137.035999177",
    "sin2_theta_w": "0.23122",
    "Gamma_Z": "2.4955",
    "m_Jpsi": "3.0969",
    "BR_Jpsi_ee": "0.05971",
    "m_Upsilon": "9.4604",
}
LOOSE = {
    **{"m_t": 500, "tau_tau": 500, "Gamma_Z": 500, "BR_Jpsi_ee": 100},
    **{"Gamma_Jpsi_ee": 50, "Gamma_Upsilon_ee": 50, "BR_Upsilon_ee": 25},
}
"""Values whose relative uncertainty is not below a thousandth: one over what it is below."""


@pytest.mark.parametrize("name", REFERENCE)
def test_bundled_values_are_the_reference_decimals(name):
    assert load_inputs().value(name) == Fraction(REFERENCE[name])
    assert name not in load_inputs().overridden


def test_every_value_carries_uncertainty_source_and_date():
    inputs = load_inputs()
    assert tuple(inputs) == NAMES
    for name, quantity in inputs.items():
        if name in NEUTRINOS:
            assert (quantity.value, quantity.uncertainty, quantity.source) == (0, None, "Standard Model")
            continue
        assert quantity.uncertainty is not None
        assert 0 < quantity.uncertainty < quantity.value / LOOSE.get(name, 1000)
        assert quantity.source in REFERENCES
        assert len(quantity.date) == len("2024-05-08")


def test_alpha_is_the_exact_reciprocal():
    inputs = load_inputs()
    assert inputs.value("alpha") * inputs.value("alpha_inverse") == 1
    assert inputs.override({"alpha": "0.0073"}).value("alpha_inverse") == 10000 / Fraction(73)
    assert inputs.override({"alpha": "0.0073"}).overridden == {"alpha_inverse"}


def test_override_is_exact_recorded_and_leaves_the_original_alone():
    inputs = load_inputs()
    changed = inputs.override({"sin2_theta_w": "0.223"}).override({"m_mu": 0.1})
    assert changed.value("sin2_theta_w") == Fraction(223, 1000)
    assert changed.value("m_mu") == Fraction(0.1) != Fraction(1, 10)
    assert changed.overridden == {"sin2_theta_w", "m_mu"}
    assert inputs.value("sin2_theta_w") == Fraction("0.23122")
    record = changed.as_dict()
    assert record["sin2_theta_w"] == {
        "value": "0.223",
        "uncertainty": None,
        "unit": "1",
        "source": "user",
        "date": "",
        "overridden": True,
    }
    assert record["m_Z"]["overridden"] is False
    assert Fraction(record["m_mu"]["value"]) == Fraction(0.1)
    assert hash(inputs) == hash(load_inputs())


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sin2_theta": "0.2"}, "did you mean 'sin2_theta_w'"),
        ({"m_mu": "0"}, "not positive"),
        ({"m_mu": "-0.1"}, "not positive"),
        ({"alpha": "0"}, "not positive"),
        ({"alpha_inverse": "-137"}, "not positive"),
        ({"sin2_theta_w": "1"}, "between 0 and 1"),
        ({"sin2_theta_w": "0"}, "not positive"),
        ({"m_mu": "heavy"}, "not a number"),
        ({"m_mu": True}, "truth value"),
        ({"m_mu": float("nan")}, "not finite"),
        ({"m_mu": "1e9999"}, "exponent"),
        ({"alpha": "0.0073", "alpha_inverse": "137"}, "only one"),
        ({"G_F": "0"}, "not positive"),
        ({"G_f": "1"}, "did you mean 'G_F'"),
        ({"m_nu_mu": "-1e-10"}, "a mass cannot be negative"),
        ({"m_b": "-4"}, "a mass cannot be negative"),
        ({"m_q": "4"}, "there is no input"),
        ({"Gamma_Z": "-1"}, "Gamma_Z: -1: no width is negative"),
        ({"Gamma_Jpsi_ee": "0"}, "not positive"),
        ({"BR_Jpsi_ee": "5.971"}, "BR_Jpsi_ee: 5.971 is above 1; a branching ratio is a fraction"),
        ({"m_Upsilon": "-9"}, "not positive"),
        ({"Gamma_W": "2"}, "there is no input"),
    ],
)
def test_senseless_overrides_are_refused(values, said):
    with pytest.raises(InputError, match=said):
        load_inputs().override(values)


def test_the_width_of_the_z_may_be_zero():
    inputs = load_inputs().override({"Gamma_Z": 0, "BR_Jpsi_ee": 1})
    assert (inputs.value("Gamma_Z"), inputs["Gamma_Z"].unit) == (0, "GeV")
    assert (inputs.value("BR_Jpsi_ee"), inputs["BR_Jpsi_ee"].unit) == (1, "1")


def test_fermis_constant_has_its_unit():
    fermi = load_inputs()["G_F"]
    assert (fermi.value, fermi.uncertainty) == (Fraction("1.1663788e-5"), Fraction("6e-12"))
    assert (fermi.unit, fermi.source) == ("GeV^-2", "pdg-2024")
    assert load_inputs().override({"G_F": "1.2e-5"})["G_F"].unit == "GeV^-2"


@pytest.mark.parametrize("name", QUARKS)
def test_light_quarks_have_no_bundled_mass_but_can_be_set(name):
    inputs = load_inputs()
    assert name not in inputs
    with pytest.raises(InputError, match="there is no input"):
        inputs.value(name)
    changed = inputs.override({name: "4180MeV"})
    assert changed.value(name) == Fraction("4.18")
    assert changed.override({name: 0}).value(name) == 0
    assert (changed[name].unit, changed[name].source) == ("GeV", "user")
    assert changed.overridden == {name}
    assert changed.masses[name] == Fraction("4.18")
    assert changed.as_dict()[name]["overridden"] is True


def test_neutrinos_are_massless_until_set():
    inputs = load_inputs()
    assert [inputs.value(name) for name in NEUTRINOS] == [0, 0, 0]
    assert inputs.override({"m_nu_tau": "1e-10"}).value("m_nu_tau") == Fraction(1, 10**10)


def test_unknown_input_is_refused():
    with pytest.raises(InputError, match="did you mean 'm_tau'"):
        load_inputs().value("m_taw")


def test_a_file_goes_on_top_of_the_bundled_values(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'schema = 1\nkind = "constants"\n'
        '[constants.m_W]\nvalue = 80.4335\nuncertainty = 0.0094\nsource = "CDF 2022"\ndate = 2022-04-07\n'
    )
    inputs = load_inputs(path)
    assert inputs.value("m_W") == Fraction("80.4335")
    assert inputs["m_W"].source == "CDF 2022"
    assert inputs.overridden == {"m_W"}
    assert inputs.value("m_e") == load_inputs().value("m_e")


HEAD = 'schema = 1\nkind = "constants"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "schema is missing"),
        ("schema = 2\n", "schema is '2'"),
        ("schema = true\n", "schema is 'True'"),
        ('schema = 1\nkind = "model"\n', "kind is 'model'"),
        (HEAD + "[constants.m_w]\nvalue = 1\n", "unknown key 'm_w'"),
        (HEAD + "[constants]\nm_W = 80\n", "not a table"),
        (HEAD + "constants = 3\n", "not a table"),
        (HEAD + "[constants.m_W]\nvalue = 80\ndate = 2022-01-01\n", "source is missing"),
        (HEAD + '[constants.m_W]\nvalue = 80\nsource = "x"\n', "date is missing"),
        (HEAD + '[constants.m_W]\nvalue = 80\nsource = "x"\ndate = "soon"\n', "'soon' is not a date"),
        (HEAD + '[constants.m_W]\nsource = "x"\ndate = 2022-01-01\n', "value is missing"),
        (HEAD + '[constants.m_W]\nvalue = inf\nsource = "x"\ndate = 2022-01-01\n', "not finite"),
        (
            HEAD + '[constants.m_W]\nvalue = 80\nunit = "MeV"\nsource = "x"\ndate = 2022-01-01\n',
            "unit has to be",
        ),
        (
            HEAD + '[constants.G_F]\nvalue = 1e-5\nunit = "1"\nsource = "x"\ndate = 2022-01-01\n',
            "unit has to be 'GeV\\^-2'",
        ),
        (
            HEAD + '[constants.m_W]\nvalue = 80\nvlaue = 1\nsource = "x"\ndate = 2022-01-01\n',
            "did you mean 'value'",
        ),
        (
            HEAD + '[constants.m_W]\nvalue = 80\nuncertainty = -1\nsource = "x"\ndate = 2022-01-01\n',
            "negative",
        ),
        (HEAD + '[constants.m_W]\nvalue = 80\nsource = "\\u001b[2J"\ndate = 2022-01-01\n', "printable"),
    ],
)
def test_a_wrong_file_is_refused_with_its_place(tmp_path, text, said):
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as caught:
        load_inputs(path)
    assert "mine.toml" in str(caught.value)
    assert "\n" not in str(caught.value)
