"""Editions of the inputs, bundled limits and ranges against the PyPI package pdg (extra ``pdg``)."""

import re
import warnings
from fractions import Fraction

import pytest

from g2sym.inputs import EDITIONS, load_inputs, load_measurement

pytestmark = pytest.mark.extra
RELEASE = "2026-05-30"
MASSES = {
    **{"m_W": "S043M", "m_Z": "S044M", "m_h": "S126M", "m_t": "Q007TP"},
    **{"m_e": "S003M", "m_mu": "S004M", "m_tau": "S035M"},
}
LIFETIMES = {"tau_mu": "S004T", "tau_tau": "S035T"}
MEASURED = {
    **{"Gamma_Z": "S044W", "m_Jpsi": "M070M", "Gamma_Jpsi_ee": "M070W1", "BR_Jpsi_ee": "M070.1"},
    **{"m_Upsilon": "M049M", "Gamma_Upsilon_ee": "M049W2", "BR_Upsilon_ee": "M049.2"},
}
"""The Z and quarkonia; the leptonic widths stand in the listings only."""
LIMITS = {
    **{"electron-edm-2023": "S003EDM", "muon-edm-2009": "S004EDM", "mu-e-gamma-2025": "S004.4"},
    **{"tau-mu-gamma-2021": "S035.31", "tau-e-gamma-2010": "S035.32"},
}
RANGES = {"tau-edm-2022": "S035EDM", "tau-2025": "S035MM"}
NUMBER = r"[-+]?\d+(?:\.\d+)?(?:\s?E[-+]?\d+)?"


SIZES = {"GeV": Fraction(1), "MeV": Fraction(1, 1000), "keV": Fraction(1, 10**6), "": Fraction(1)}


@pytest.fixture(scope="module")
def listed():
    """What the release prints for an identifier: the one line there is."""
    pdg = pytest.importorskip("pdg", reason="needs the extra 'pdg' (the PyPI package pdg)")
    with warnings.catch_warnings():  # of the database layer below it
        warnings.simplefilter("ignore")
        api = pdg.connect()
        released = api.info("data_release_timestamp")
        if api.edition != "2026" or not released.startswith(RELEASE):
            pytest.skip(f"pdg has the data of {released}, edition {api.edition}; compared is {RELEASE}")

        def line(identifier):
            (found,) = api.get(identifier).summary_values()
            return found

        yield line


@pytest.fixture(scope="module")
def summary(listed):
    """The same, for what stands in the summary tables."""

    def line(identifier):
        found = listed(identifier)
        assert found.in_summary_table
        return found

    return line


def number(text):
    return Fraction(re.sub(r"\s", "", text))


def value_and_error(text):
    """Read 91.1879+-0.0020 and (2.1969811+-0.0000022)E-6."""
    found = re.fullmatch(r"\(?([\d.]+)\s?\+-\s?([\d.]+)\)?(E[-+]?\d+)?", text)
    scale = Fraction(f"1{found[3] or ''}")
    return Fraction(found[1]) * scale, Fraction(found[2]) * scale


@pytest.mark.parametrize("name", MASSES)
def test_masses(summary, name):
    line, known = summary(MASSES[name]), load_inputs(edition="pdg-2026")[name]
    value, error = value_and_error(line.value_text)
    size = SIZES[line.units]
    assert (known.value, known.uncertainty) == (size * value, size * error)


@pytest.mark.parametrize("name", MEASURED)
def test_widths_and_quarkonia(listed, name):
    """The data of 2024 (pdg 0.1.4, of 2025-04-14) print the same values."""
    line = listed(MEASURED[name])
    value, error = value_and_error(line.value_text)
    size = SIZES[line.units]
    for edition in EDITIONS:
        known = load_inputs(edition=edition)[name]
        assert (known.value, known.uncertainty) == (size * value, size * error)
        assert known.unit == ("1" if line.units == "" else "GeV")


@pytest.mark.parametrize("name", LIFETIMES)
def test_lifetimes(summary, name):
    line, known = summary(LIFETIMES[name]), load_inputs(edition="pdg-2026")[name]
    assert line.units == known.unit == "s"
    assert (known.value, known.uncertainty) == value_and_error(line.value_text)


@pytest.mark.parametrize("name", LIMITS)
def test_limits(summary, name):
    line, known = summary(LIMITS[name]), load_measurement(name)
    assert number(re.fullmatch(rf"<\s?({NUMBER})", line.value_text)[1]) == known.limit
    assert Fraction(line.confidence_level) == 100 * known.confidence
    assert line.units.replace(" ", "_") == ("" if known.unit == "1" else known.unit)


@pytest.mark.parametrize("name", RANGES)
def test_ranges(summary, name):
    line, known = summary(RANGES[name]), load_measurement(name)
    found = re.fullmatch(rf"({NUMBER}) to ({NUMBER})", line.value_text)
    assert (number(found[1]), number(found[2])) == (known.low, known.high)
    assert Fraction(line.confidence_level) == 100 * known.confidence
    assert line.units.replace(" ", "_") == ("" if known.unit == "1" else known.unit)
