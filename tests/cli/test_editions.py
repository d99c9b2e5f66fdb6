"""Editions of the inputs: values, what follows from lifetimes, and that editions are not mixed."""

import json
from fractions import Fraction

import pytest

import g2sym
from g2sym.base.references import REFERENCES
from g2sym.cli.reading import read_inputs, with_edition
from g2sym.errors import InputError, UsageError
from g2sym.inputs import EDITIONS, HBAR, HBAR_C, NAMES, load_inputs
from g2sym.inputs.constants import DEFAULT_EDITION, NEUTRINOS
from g2sym.inputs.kept import kept_inputs

F = Fraction
# the physics sheet, section 1: data release of 2026-05-30
OF_2026 = {
    "m_W": ("80.3625", "0.0077"),
    "m_Z": ("91.1879", "0.0020"),
    "m_h": ("125.13", "0.11"),
    "m_t": ("172.60", "0.27"),
}
HEAD = 'schema = 1\nkind = "constants"\n'
VALUE = '[constants.m_W]\nvalue = 80.4335\nuncertainty = 0.0094\nsource = "CDF 2022"\ndate = 2022-04-07\n'
POINT = ("--set", "m_a=0.5", "--set", "g_aff=1e-3")


def test_the_default_is_the_edition_of_2024():
    assert DEFAULT_EDITION == "pdg-2024"
    assert tuple(EDITIONS) == ("pdg-2024", "pdg-2026")
    assert load_inputs() == load_inputs(edition="pdg-2024")
    assert load_inputs().edition == "pdg-2024"


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_edition_is_whole(edition):
    inputs = load_inputs(edition=edition)
    assert tuple(inputs) == NAMES
    assert (inputs.edition, inputs.overridden) == (edition, frozenset())
    assert kept_inputs(edition) == inputs
    for name, quantity in inputs.items():
        if name not in NEUTRINOS:
            assert quantity.source in REFERENCES
            assert quantity.uncertainty > 0
            assert quantity.date[:4] <= edition[-4:]


def test_the_values_of_2026():
    old, new = load_inputs(), load_inputs(edition="pdg-2026")
    for name, (value, error) in OF_2026.items():
        assert (new[name].value, new[name].uncertainty) == (F(value), F(error))
        assert (new[name].source, new[name].date) == ("pdg-2026", "2026-05-30")
        assert old[name].value != new[name].value
    for name in ("m_e", "m_mu", "m_tau", "alpha_inverse", "sin2_theta_w", "G_F", "tau_mu", "tau_tau"):
        assert old.value(name) == new.value(name)
    assert (new["sin2_theta_w"].source, new["sin2_theta_w"].date) == ("pdg-2022", "2022-08-08")


def test_an_override_keeps_the_edition():
    changed = load_inputs(edition="pdg-2026").override({"m_W": "80"})
    assert (changed.edition, changed.overridden) == ("pdg-2026", {"m_W"})
    assert changed.value("m_Z") == F("91.1879")


# lifetimes and widths ---------------------------------------------------------------------------------------


def test_hbar_is_this_decimal_and_agrees_with_hbar_c():
    assert (HBAR.value, HBAR.unit, HBAR.source) == (F("6.582119569e-25"), "GeV s", "codata-2022")
    pi = F("3.14159265358979323846264338328")
    exact = F("6.62607015e-34") / (2 * pi) / F("1.602176634e-19") * F("1e-9")
    assert 0 < exact - HBAR.value < F("1e-10") * exact
    assert abs(HBAR_C.value / 29979245800 / HBAR.value - 1) < F("4e-10")


def test_widths_follow_from_lifetimes_exactly():
    inputs = load_inputs()
    assert inputs.value("Gamma_mu") == F("6.582119569e-25") / F("2.1969811e-6")
    assert inputs.value("Gamma_tau") == F("6.582119569e-25") / F("290.3e-15")
    # the widths of the shared reference, as many digits as it has
    assert abs(inputs.value("Gamma_mu") / F("2.995984e-19") - 1) < F("2e-7")
    assert abs(inputs.value("Gamma_tau") / F("2.2674e-12") - 1) < F("3e-5")
    width = inputs["Gamma_tau"]
    assert (width.unit, width.source) == ("GeV", "pdg-2024")
    assert width.uncertainty / width.value == F("0.5") / F("290.3")
    assert "Gamma_tau" in inputs
    assert "Gamma_tau" not in list(inputs)


def test_a_width_sets_the_lifetime_exactly():
    changed = load_inputs().override({"Gamma_mu": "2.995984e-19", "Gamma_tau": "2.2674e-12"})
    assert changed.value("Gamma_mu") == F("2.995984e-19")
    assert changed.value("Gamma_tau") == F("2.2674e-12")
    assert changed["Gamma_mu"].uncertainty is None
    assert changed.overridden == {"tau_mu", "tau_tau"}
    assert changed.value("tau_mu") == HBAR.value / F("2.995984e-19")
    assert read_inputs(["Gamma_mu=2.995984e-19"]).value("Gamma_mu") == F("2.995984e-19")


def test_a_declared_parameter_is_not_the_input_of_the_same_name():
    fields, parameters = [g2sym.scalar("h", mass="m_h")], [g2sym.parameter("g")]
    moment = g2sym.Model("-g*h*bar(mu)*mu", fields=fields, parameters=parameters).anomalous_moment("mu")
    with pytest.raises(UsageError, match="m_h has no value"):
        moment.evaluate(g=1)
    bound = g2sym.bound(moment, "g", "muon-2025", m_h=[100, 200])
    assert set(bound.record["inputs_used"]) == {"m_mu"}
    assert set(moment.record()["inputs_used"]) == {"m_mu"}  # where m_h has no value yet


# what is wrong ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"Gamma_mu": "3e-19", "tau_mu": "2e-6"}, "Gamma_mu and tau_mu are one input"),
        ({"Gamma_mu": "0"}, "input Gamma_mu: 0 is not positive"),
        ({"tau_mu": "-1"}, "not positive"),
        ({"Gamma_muon": "1"}, "did you mean 'Gamma_mu'"),
        ({"Gamma_tau": "nan"}, "not a number"),
        ({"Gamma_tau": "500MeV"}, "not a number"),
        ({"Gamma_tau": "1e9999"}, "exponent"),
        ({"edition": "pdg-2026"}, r"choose it first: load_inputs\(edition=...\)"),
        ({1: "1"}, "there is no input"),
    ],
)
def test_senseless_overrides(values, said):
    with pytest.raises(InputError, match=said) as caught:
        load_inputs().override(values)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("wrong", ["pdg-2025", "PDG-2026", "", 2026, "../editions/pdg-2026"])
def test_an_edition_that_there_is_not(wrong):
    with pytest.raises(InputError, match=r"there is no edition .* known are pdg-2024, pdg-2026"):
        load_inputs(edition=wrong)


def test_a_file_may_name_the_edition_that_it_goes_on_top_of(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + 'edition = "pdg-2026"\n' + VALUE)
    for inputs in (load_inputs(path), load_inputs(path, "pdg-2026")):
        assert (inputs.edition, inputs.value("m_Z"), inputs.value("m_W")) == (
            "pdg-2026",
            F("91.1879"),
            F("80.4335"),
        )
    path.write_text(HEAD + VALUE)
    assert load_inputs(path, edition="pdg-2026").value("m_Z") == F("91.1879")
    assert load_inputs(path).edition == "pdg-2024"


def test_a_file_of_another_edition_is_one_sentence(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(HEAD + 'edition = "pdg-2026"\n' + VALUE)
    with pytest.raises(
        InputError, match=r"names the edition pdg-2026, and pdg-2024 is asked for; .* not mixed"
    ):
        load_inputs(path, edition="pdg-2024")
    path.write_text(HEAD + 'edition = "pdg-2062"\n' + VALUE)
    with pytest.raises(InputError, match="did you mean 'pdg-2026'"):
        load_inputs(path)
    path.write_text(HEAD + "edition = 2026\n" + VALUE)
    with pytest.raises(InputError, match="there is no edition '2026'"):
        load_inputs(path)


# in records and commands ------------------------------------------------------------------------------------


def test_the_edition_stands_in_every_record():
    inputs = load_inputs(edition="pdg-2026")
    moment = g2sym.load_model("alp_electroweak", inputs).anomalous_moment("mu")
    point = {"m_a": "0.5", "g_aff": "1e-3", "g_aBB": "1e-4", "g_aWW": 0}
    record = moment.evaluate(params=point).as_dict()
    assert record["edition"] == "pdg-2026"
    assert record["inputs_used"]["m_Z"] == "91.1879"
    bound = g2sym.bound(moment, "g_aff", "muon-2025", params={k: v for k, v in point.items() if k != "g_aff"})
    assert bound.as_dict()["edition"] == bound.edition == "pdg-2026"
    assert g2sym.load_model("alp").anomalous_moment("mu").record()["edition"] == "pdg-2024"


def test_every_command_takes_an_edition(g2, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    edition = ("--edition", "pdg-2026")
    commands = [
        ("eval", "alp", *POINT),
        ("bound", "alp", "--on", "g_aff", "--set", "m_a=0.1"),
        ("show", "dark_photon"),
        ("check", "dark_photon", "--lepton", "mu"),
        ("line", "alp", "--vary", "m_a=0.1:1:2"),
        ("map", "dark_photon", "--x", "m_A=.1:1", "--y", "eps=1e-4:1e-2", "--resolution", "4", "-o", "m.npz"),
        ("scan", "dark_photon", "--vary", "m_A=.1:1:2", "--set", "eps=1e-3"),
        ("figure", "2", "-o", "f.png", "--points", "2"),
        ("inputs",),
    ]
    for arguments in commands:
        done = g2(*arguments, *edition, "--json")
        assert done.code == 0, done.err
        assert done.json["edition"] == "pdg-2026"
        assert done.json["inputs"]["m_Z"]["value"] == "91.1879"
    said = g2("eval", "alp", *POINT, *edition)
    assert said.out.endswith("\ninputs of the edition pdg-2026\n")
    assert "edition" not in g2("eval", "alp", *POINT).out
    latex = g2("show", "dark_photon", "--format", "latex", *edition).out
    assert latex.endswith("\\end{document}\n% inputs of the edition pdg-2026\n")


def test_documents_that_rest_on_the_default_or_on_none(g2):
    assert g2("models", "--json").json["edition"] == "pdg-2024"
    assert g2("measurements", "--json").json["edition"] is None


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--edition", "pdg-2025"), "--edition: there is no edition 'pdg-2025' (did you mean 'pdg-2026'?)"),
        (("--edition", ""), "--edition: there is no edition ''"),
        (("--edition", "pdg-2024", "--edition", "pdg-2026"), "--edition is given twice"),
        (("--edition", "pdg-2024", "--input", "edition=pdg-2026"), "an edition is no input"),
        (("--input", "edition=pdg-2026"), "an edition is no input; write --edition NAME"),
        (("--input", "Gamma_mu=3e-19", "--input", "tau_mu=2e-6"), "are one input"),
    ],
)
@pytest.mark.parametrize(
    "command", [("eval", "alp", *POINT), ("show", "alp"), ("inputs",)], ids=lambda c: c[0]
)
def test_wrong_editions_on_the_command_line(g2, command, given, said):
    done = g2(*command, *given)
    assert done.code == 2
    assert done.one_sentence
    assert said in done.err


def test_masses_of_an_edition_may_be_written_as_values(g2):
    done = g2("eval", "alp", "--set", "m_a=m_h/2", "--set", "g_aff=1", "--edition", "pdg-2026", "--json")
    assert done.json["values"]["m_a"] == "62.565"
    assert with_edition(None, ["m_mu=1"]) == ("m_mu=1",)


def test_a_scan_is_not_continued_with_another_edition(g2, tmp_path):
    folder = str(tmp_path / "scan")
    scan = ("scan", "dark_photon", "--vary", "m_A=.1:1:4", "--set", "eps=1e-3", "-o", folder)
    assert g2(*scan).code == 0
    again = g2(*scan, "--resume", "--edition", "pdg-2026")
    assert again.code == 2
    assert "the edition of the inputs differs" in again.err


def test_inputs_lists_values_editions_and_widths(g2):
    done = g2("inputs", "--input", "tau_tau=3e-13")
    lines = {line.split()[0]: line.split() for line in done.out.splitlines() if line.strip()}
    assert lines["m_Z"][1:4] == ["91.1876", "0.0021", "GeV"]
    assert lines["tau_tau"][1:] == ["3e-13", "s", "set"]
    assert "pdg-2026" in lines
    document = json.loads(g2("inputs", "--json").out)
    assert document["derived"]["Gamma_mu"]["unit"] == "GeV"
    assert set(document["editions"]) == set(EDITIONS)
    assert document["units_defined"]["hbar"]["value"] == exact(HBAR.value)


def exact(value):
    from g2sym.inputs.fields import exact_text

    return exact_text(value)
