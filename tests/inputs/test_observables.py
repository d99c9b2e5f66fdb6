"""Measurements of anything: observables by name, units converted exactly, values kept as stated."""

import doctest
import json
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym import bound as find_bound
from g2sym import exclusion_map, load_model, pull
from g2sym.errors import InputError, UsageError
from g2sym.inputs import (
    HBAR_C,
    UNITS,
    Measurement,
    constants,
    gaussian,
    load_measurement,
    measurement_names,
    units,
    windows,
)
from g2sym.inputs import measurements as module

F = Fraction
HEAD = 'schema = 1\nname = "mine"\ndate = 2030-01-31\n'
LIMIT = HEAD + 'kind = "limit"\nconfidence = 0.95\nsource = "me"\n'
EDM = LIMIT + 'observable = "d(mu)"\nunit = "e_cm"\nvalue = 1.8e-19\n'
DIFFERENCE = HEAD + 'kind = "difference"\nobservable = "d(mu)"\nunit = "e_cm"\n'
EXPERIMENT = '[experiment]\nvalue = -0.1e-19\nerror = { up = 0.9e-19, down = 0.8e-19 }\nsource = "a"\n'
PREDICTION = '[prediction]\nvalue = 0\nerror = 0\nsource = "b"\n'


@pytest.fixture
def read(tmp_path):
    def load(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return load_measurement(path)

    return load


def test_hbar_c_is_this_exact_decimal_with_its_source():
    assert HBAR_C.value == F("1.973269804e-14")
    assert (HBAR_C.unit, HBAR_C.source, HBAR_C.date) == ("GeV cm", "codata-2022", "2024-05-08")
    # from the SI's exact h, c and e: hbar c/e in GeV cm, with pi to 30 digits
    pi = F("3.14159265358979323846264338328")
    exact = F("6.62607015e-34") / (2 * pi) * 299792458 / F("1.602176634e-19") * F("1e-9") * 100
    assert 0 < exact - HBAR_C.value < F("4e-10") * exact


@pytest.mark.parametrize("name", [n for n in measurement_names() if load_measurement(n).lepton])
def test_bundled_measurements_of_a(name):
    found = load_measurement(name)
    assert (found.observable, found.unit) == (f"a({found.lepton})", "1")
    record = found.as_dict()
    assert (record["observable"], record["unit"]) == (found.observable, "1")
    assert "hbar_c" not in record
    assert found.window().unit == found.natural_unit == "1"
    assert "Delta a" in found.window().meaning
    assert name.startswith({"e": "electron-2", "mu": "muon-2", "tau": "tau-2"}[found.lepton])


def test_a_limit_on_an_electric_dipole_moment(read):
    found = read(EDM)
    assert (found.observable, found.unit, found.lepton, found.title) == ("d(mu)", "e_cm", "", "mine")
    window = found.window()
    assert window.high.exact == F("1.8e-19") / F("1.973269804e-14") == -window.low.exact
    record = window.as_dict()
    assert (record["unit"], record["meaning"]) == ("GeV^-1", "|d(mu)| below the published limit")
    assert float(record["high"]) == pytest.approx(9.1219e-6, rel=1e-4)
    stated = json.loads(json.dumps(found.as_dict()))
    assert (stated["limit"], stated["unit"], stated["lepton"]) == ("1.8e-19", "e_cm", None)
    assert stated["hbar_c"]["value"] == "1.973269804e-14"
    natural = read(LIMIT + 'observable = "d(mu)"\nunit = "GeV^-1"\nvalue = 2.5\n')
    assert natural.window().high.exact == F("2.5")


def test_a_difference_of_electric_dipole_moments(read):
    found = read(DIFFERENCE + EXPERIMENT + PREDICTION)
    size = 1 / HBAR_C.value
    assert found.central == F("-0.1e-19") * size
    assert found.variance(up=True) == (F("0.9e-19") * size) ** 2
    window = found.window("interval", 2)
    assert (window.low.exact, window.high.exact) == (F("-1.7e-19") * size, F("1.7e-19") * size)
    between = "d(mu) from the central value - n sigma_down to the central value + n sigma_up"
    assert window.meaning == between  # its errors differ
    meaning = "-|central value| - n sigma_down < d(mu) < |central value| + n sigma_up"
    assert found.window("conservative").meaning == meaning
    record = found.as_dict()
    assert (record["central"], record["error"]["up"]) == ("-1e-20", "9e-20")
    assert record["experiment"]["error"] == {"up": "9e-20", "down": "8e-20"}
    assert pull(found.central + found.sigma().midpoint, found).contains(1)


@pytest.mark.parametrize(
    ("text", "observable", "lepton"),
    [
        ('lepton = "mu"\nobservable = "a( mu )"\n', "a(mu)", "mu"),
        ('observable = "a(tau)"\nunit = "1"\n', "a(tau)", "tau"),
        ('lepton = "mu"\nobservable = "d(mu)"\nunit = "GeV^-1"\n', "d(mu)", ""),
        ('observable = "a(mu)/a(e)"\n', "a(mu)/a(e)", ""),
        ('lepton = "mu"\nobservable = "a(mu)^2"\n', "a(mu)^2", ""),
        ('observable = "d(e)*a(mu)"\nunit = "e_cm"\n', "a(mu)*d(e)", ""),
        ('observable = "d(e)/d(mu)"\n', "d(e)/d(mu)", ""),
    ],
)
def test_the_observable_is_canonical_and_lepton_means_an_anomalous_moment(read, text, observable, lepton):
    found = read(LIMIT + "value = 0.5\n" + text)
    assert (found.observable, found.lepton) == (observable, lepton)
    assert found.symbol == ("Delta a" if lepton else observable)


def test_only_an_anomalous_moment_is_below_one(read):
    assert read(LIMIT + 'observable = "a(mu)/a(e)"\nvalue = 43000\n').window().high.exact == 43000
    text = HEAD + 'kind = "difference"\n[difference]\nvalue = 43000\nerror = 9\nsource = "me"\n'
    named = text.replace("[diff", 'observable = "a(mu)/a(e)"\n[diff')
    assert read(named).window("interval", 1).high.exact == 43009
    for wrong in ('observable = "a(mu)"\n', 'lepton = "mu"\n'):
        with pytest.raises(InputError, match="below 1"):
            read(text.replace("[diff", wrong + "[diff"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (EDM + 'lepton = "e"\n', "lepton 'e' and observable 'd(mu)' contradict each other"),
        (EDM.replace("d(mu)", "a(e)/a(mu)") + 'lepton = "e"\n', "contradict each other"),
        (EDM + 'lepton = "muon"\n', "none of e, mu, tau"),
        (LIMIT + "value = 0.1\n", "lepton is missing"),
        (EDM.replace("d(mu)", "d(muon)"), "did you mean 'd(mu)'"),
        (EDM.replace("d(mu)", "abs(a(mu))"), "abs is not available yet"),
        (EDM.replace("d(mu)", "BR(tau -> mu A)"), 'BR(tau -> mu A) cannot have the unit "e_cm"'),
        (EDM.replace('"d(mu)"', "3"), "observable: '3' is not a text"),
        (EDM.replace('unit = "e_cm"\n', ""), 'write unit = "GeV^-1" or unit = "e_cm"'),
        (EDM.replace("d(mu)", "a(mu)"), 'a(mu) cannot have the unit "e_cm"; write unit = "1"'),
        (EDM.replace("e_cm", "e cm"), "no unit 'e cm' (did you mean 'e_cm'?)"),
        (EDM.replace("d(mu)", "d(mu)^2"), 'd(mu)^2 cannot have the unit "e_cm"; write unit = "GeV^-2"'),
        (EDM.replace("d(mu)", "d(mu)^3"), "has the unit GeV^-3"),
        (EDM.replace("1.8e-19", "0"), "a limit on |d(mu)| is positive"),
        (EDM.replace("1.8e-19", "-1.8e-19"), "a limit on |d(mu)| is positive"),
        (EDM.replace("1.8e-19", "inf"), "not finite"),
        (EDM.replace("1.8e-19", "nan"), "not finite"),
        (EDM.replace("1.8e-19", '"1e9999"'), "exponent"),
        (EDM.replace("observable", "observabel"), "did you mean 'observable'"),
        (DIFFERENCE + EXPERIMENT, "add what is missing"),
        (
            DIFFERENCE.replace("d(mu)", "a(e)*d(mu)") + EXPERIMENT + PREDICTION,
            "value and error as [difference]",
        ),
        (DIFFERENCE + EXPERIMENT.replace("0.9e-19, down = 0.8e-19", "0, down = 0") + PREDICTION, "zero"),
    ],
)
def test_a_wrong_file_is_one_sentence(read, text, said):
    with pytest.raises(InputError, match=re.escape(said)) as caught:
        read(text)
    assert str(caught.value).isprintable()
    assert "Delta a" not in str(caught.value)


def test_measurements_made_in_python_obey_the_same_rules():
    def make(lepton="", **named):
        return Measurement(
            "x", lepton, "limit", "x", "2030-01-31", limit=F(1, 2), confidence=F(1, 2), **named
        )

    assert make("tau").observable == "a(tau)"
    assert make(observable="d(e) * a(mu)", unit="GeV^-1").observable == "a(mu)*d(e)"
    for wrong in (
        {}, {"lepton": "x"}, {"observable": "x"}, {"observable": "d(e)"}, {"observable": "a(e)", "unit": "m"},
        {"lepton": "e", "observable": "a(mu)"},
    ):  # fmt: skip
        with pytest.raises(InputError):
            make(**wrong)


@given(
    value=st.fractions(min_value=F(1, 10**40), max_value=10**40),
    error=st.fractions(min_value=F(1, 10**40), max_value=10**40),
    n=st.integers(1, 9),
)
def test_units_are_converted_exactly_and_the_record_is_as_stated(value, error, n):
    datum = module.Datum(value, error, error, ("me",), "2030-01-31")
    named = {"difference": datum, "observable": "d(e)"}
    stated = Measurement("x", "", "difference", "x", "2030-01-31", unit="e_cm", **named)
    natural = Measurement("x", "", "difference", "x", "2030-01-31", unit="GeV^-1", **named)
    assert stated.as_dict()["difference"] == natural.as_dict()["difference"]
    assert stated.as_dict()["central"] == natural.as_dict()["central"]
    for criterion in windows.CRITERIA:
        one, other = (found.window(criterion, n) for found in (stated, natural))
        assert one.low.exact * HBAR_C.value == other.low.exact
        assert one.high.exact * HBAR_C.value == other.high.exact


def test_a_moment_is_not_compared_with_another_observable(read):
    moment = load_model("alp").anomalous_moment("mu")
    other = read(EDM + 'lepton = "mu"\n')
    with pytest.raises(UsageError, match="choose a measurement of the same observable"):
        find_bound(moment, "g_aff", other, m_a="0.1")
    with pytest.raises(UsageError, match="choose a measurement of the same observable"):
        exclusion_map(moment, ("m_a", "0.1", "1"), ("g_aff", "1e-4", "1e-2"), other)


@pytest.mark.parametrize("found", [module, units, windows, gaussian, constants])
def test_the_examples_in_the_docstrings(found):
    result = doctest.testmod(found)
    assert result.attempted
    assert not result.failed


def test_the_units():
    assert tuple(UNITS)[:5] == ("1", "GeV", "GeV^-1", "GeV^-2", "e_cm")
