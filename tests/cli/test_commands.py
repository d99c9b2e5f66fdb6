"""The commands: what they print, their JSON, their exit codes."""

import json
import math
from fractions import Fraction

import mpmath
import pytest
import sympy

import g2sym
from g2sym.cli.app import COMMANDS

KEYS = {"schema", "units", "conventions", "inputs", "edition", "versions", "command"}
POINT = ("--set", "m_a=0.5", "--set", "g_aff=1e-3")


def test_help_of_every_command_has_examples(g2):
    for name in COMMANDS:
        done = g2(name, "--help")
        assert done.code == 0
        assert f"g2sym {name}" in done.out.split("Usage:")[1].partition("\n")[2]


def test_help_lists_the_commands_and_the_exit_codes(g2):
    done = g2("--help")
    assert all(name in done.out for name in COMMANDS)
    assert "5 a check failed" in " ".join(done.out.split())
    assert g2("-h").out == done.out
    assert g2().code == 2


def test_version(g2):
    assert g2("--version").out.split()[-1] == g2sym.__version__


def test_models_lists_the_bundled_ones(g2):
    done = g2("models")
    assert done.code == 0
    for name in ("alp", "alp_electroweak", "scalar", "dark_photon", "axial_vector"):
        assert name in done.out
    found = {m["name"]: m for m in g2("models", "--json").json["models"]}
    assert set(found["alp"]["parameters"]) == {"m_a", "g_aff", "g_agg", "g_agZ", "Lambda"}
    assert found["alp"]["parameters"]["g_agg"]["unit"] == "GeV^-1"


@pytest.mark.parametrize(
    "arguments",
    [
        ("models",),
        ("show", "dark_photon"),
        ("eval", "alp", *POINT),
        ("bound", "alp", "--on", "g_aff", "--set", "m_a=0.1"),
    ],
    ids=lambda a: a[0],
)
def test_json_has_the_common_keys_sorted_and_stable(g2, arguments):
    first = g2(*arguments, "--json")
    assert first.code == 0
    assert first.json.keys() >= KEYS
    assert first.json["schema"] == 1
    assert first.json["command"] == arguments[0]
    assert first.out == json.dumps(first.json, sort_keys=True, indent=2) + "\n"
    assert first.out.isascii()
    assert g2(*arguments, "--json").out == first.out
    assert g2("--json", *arguments).out == first.out


def schwinger_expansion(digits):
    """(alpha/pi)(1/2 - pi r/2 - (ln rho + 1/2) rho) at r = 1e-12 GeV over the muon's mass."""
    with mpmath.workdps(digits + 20):
        r = mpmath.mpf("1e-12") / mpmath.mpf("0.1056583755")
        alpha = 1 / mpmath.mpf("137.035999177")
        rho = r**2
        return alpha / mpmath.pi * (mpmath.mpf(1) / 2 - mpmath.pi * r / 2 - (mpmath.log(rho) + 0.5) * rho)


def test_eval_of_a_light_dark_photon_is_schwingers_term(g2):
    point = ("--set", "m_A=1e-12", "--set", "eps=1", "--digits", "30")
    done = g2("eval", "dark_photon", "--lepton", "mu", *point, "--json")
    with mpmath.workdps(50):
        assert abs(mpmath.mpf(done.json["value"]) / schwinger_expansion(30) - 1) < mpmath.mpf("1e-28")


def test_the_radius_covers_the_printed_value(g2):
    short, long = (g2("eval", "alp", *POINT, "--digits", n, "--json").json for n in (5, 60))
    distance = abs(Fraction(short["value"]) - Fraction(long["value"]))
    assert 0 < distance <= Fraction(short["radius"])
    assert len(long["value"].lstrip("-").split("e")[0].replace(".", "")) == 60


def test_contributions_add_up(g2):
    found = g2("eval", "alp", *POINT, "--set", "g_agg=1e-4", "--digits", "25", "--json").json
    assert [c["name"] for c in found["contributions"]] == ["one-loop", "barr-zee-photon", "barr-zee-z"]
    total = sum(Fraction(c["value"]) for c in found["contributions"])
    slack = Fraction(found["radius"]) + sum(Fraction(c["radius"]) for c in found["contributions"])
    assert abs(total - Fraction(found["value"])) <= slack


def test_values_are_read_exactly(g2):
    """0.1 is one tenth and not the nearest double: three times both masses change none of 60 digits."""
    here = g2("eval", "alp", "--set", "m_a=0.1", "--set", "g_aff=1/3", "--digits", "60", "--json").json
    there = g2(
        "eval", "alp", "--set", "m_a=0.3", "--set", "g_aff=1/3", "--digits", "60",
        "--input", "m_mu=0.3169751265", "--json",
    ).json  # fmt: skip
    assert here["value"] == there["value"]


def test_the_pull_against_a_measurement(g2):
    done = g2("eval", "alp", *POINT, "--measurement", "muon-2025", "--json").json
    by_hand = (Fraction(done["value"]) - Fraction("38.5e-11")) / Fraction("63.7e-11")
    assert float(done["measurement"]["pull"]) == pytest.approx(float(by_hand), rel=1e-5)
    assert "pull" in g2("eval", "alp", *POINT, "--measurement", "muon-2025").out


@pytest.mark.parametrize(
    ("model", "coupling", "mass", "sensitivity", "interval"),
    [  # physics sheet values at 0.1 GeV, muon 2025, two sigma
        ("alp", "g_aff", "m_a", "5.798e-4", "4.843e-4"),
        ("scalar", "g_sff", "m_s", "4.396e-4", "5.016e-4"),
        ("dark_photon", "eps", "m_A", "2.226e-3", "2.540e-3"),
        ("axial_vector", "eps", "m_A", "6.142e-4", "5.131e-4"),
    ],
)
def test_bounds_of_the_muon(g2, model, coupling, mass, sensitivity, interval):
    for criterion, expected in (("sensitivity", sensitivity), ("interval", interval)):
        done = g2(
            "bound", model, "--on", coupling, "--set", f"{mass}=0.1", "--criterion", criterion, "--json"
        )
        ((low, high),) = done.json["rows"][0]["allowed"]
        assert f"{high:.3e}" == f"{float(expected):.3e}"
        assert low == -high


def test_bound_rows_carry_the_varied_value_and_signed_windows(g2):
    done = g2(
        "bound", "alp", "--on", "g_agg", "--vary", "m_a=0.1:0.5:2", "--set", "g_aff=1e-3", "--json"
    ).json
    first, second = done["rows"]
    assert (first["m_a"], second["m_a"]) == (0.1, 0.5)
    ((low, high),) = first["allowed"]
    assert (round(low, 7), round(high, 7)) == (9.95e-5, 2.003e-4)
    assert second["allowed"][0][0] < 0 < second["allowed"][0][1]
    assert done["window"]["criterion"] == "sensitivity"
    assert done["measurement"]["name"] == "muon-2025"


def test_nothing_allowed_is_an_empty_list_and_a_sentence(g2):
    arguments = (
        "bound",
        "alp",
        "--on",
        "g_aff",
        "--lepton",
        "e",
        "--set",
        "m_a=0.1",
        "--criterion",
        "interval",
    )
    done = g2(*arguments, "--json")
    assert done.code == 0
    assert done.json["rows"][0]["allowed"] == []
    assert "No real value of g_aff is allowed" in g2(*arguments).out


def test_an_open_end_is_null(g2, tmp_path):
    model = tmp_path / "free.toml"
    model.write_text(
        'schema = 1\nname = "free"\nlagrangian = "-y*s*bar(mu)*mu - k*s*bar(e)*e"\n[fields.s]\nspin = 0\n'
        "[parameters.y]\ndimension = 0\n[parameters.k]\ndimension = 0\n"
    )
    done = g2("bound", model, "--on", "k", "--lepton", "mu", "--set", "m_s=1", "--set", "y=0", "--json")
    assert done.json["rows"][0]["allowed"] == [[None, None]]


def test_long_tables_are_thinned_but_the_files_are_complete(g2, tmp_path):
    path = tmp_path / "b.csv"
    done = g2("bound", "scalar", "--on", "g_sff", "--vary", "m_s=0.1:10:60", "--csv", path)
    assert done.code == 0
    assert "of 60 rows" in done.out
    assert len(done.out.splitlines()) < 40
    lines = path.read_text().splitlines()
    assert len(lines) == 61
    cells = dict(zip(lines[0].split(","), lines[1].split(","), strict=True))
    assert cells["m_s"] == "0.1"
    assert float(cells["high"]) == -float(cells["low"]) == pytest.approx(4.396e-4, rel=2e-4)
    assert (cells["measurement"], cells["criterion"], cells["n_sigma"]) == ("muon-2025", "sensitivity", "2")


def test_several_varied_parameters_give_every_combination(g2):
    rows = g2(
        "bound", "alp", "--on", "g_agg", "--vary", "m_a=0.1:1:2", "--vary", "g_aff=1e-4:1e-3:3:lin", "--json"
    ).json["rows"]  # fmt: skip
    assert [(r["m_a"], r["g_aff"]) for r in rows] == [
        (0.1, 1e-4), (0.1, 5.5e-4), (0.1, 1e-3), (1.0, 1e-4), (1.0, 5.5e-4), (1.0, 1e-3),
    ]  # fmt: skip


def test_a_limit_as_measurement(g2):
    done = g2("bound", "alp", "--on", "g_aff", "--lepton", "tau", "--set", "m_a=1", "--json").json
    assert done["measurement"]["name"] == "tau-2024"


def test_show_prints_the_formulas(g2):
    done = g2("show", "axial_vector", "--lepton", "e")
    assert done.code == 0
    for word in (
        "-eps*e_em*bar(f)*gamma5*gamma(al)*f*Ap(al)",
        "integrand",
        "closed form",
        "m_e",
        "T(rho, 1)",
    ):
        assert word in done.out
    part = g2("show", "axial_vector", "--json").json["contributions"][0]
    assert [s["title"] for s in part["statements"]][:2] == ["integrand", "closed form"]


def test_closed_form_of_show_has_the_value_of_eval(g2):
    """The printed closed form, read back by SymPy and evaluated, gives what eval says."""
    shown = g2("show", "scalar", "--json").json
    statement = next(s for s in shown["contributions"][0]["statements"] if s["title"] == "closed form")
    m_s, m_mu, g = sympy.Rational(1, 2), sympy.Rational("0.1056583755"), sympy.Rational(1, 1000)
    rho = (m_s / m_mu) ** 2
    arc = sympy.acosh(sympy.sqrt(rho) / 2) / (sympy.sqrt(rho) / 2 * sympy.sqrt(rho - 4))
    text = statement["expression"].replace("T(rho, 1)", "arc")  # the program's own text, safe to parse
    value = sympy.sympify(text, locals={"rho": rho, "arc": arc, "g_sff": g})
    found = g2("eval", "scalar", "--set", "m_s=0.5", "--set", "g_sff=1e-3", "--digits", "30", "--json").json
    assert math.isclose(float(sympy.N(value, 40)), float(found["value"]), rel_tol=1e-13)


COMPLEX = """
schema = 1
name = "both"
lagrangian = "-y*s*bar(mu)*PR*mu + hc"
[fields.s]
spin = 0
[parameters.y]
dimension = 0
complex = true
"""


def test_parts_of_a_complex_coupling(g2, tmp_path):
    """The real part of -y s bar(mu) PR mu + hc acts like a scalar, the imaginary one like a pseudoscalar."""
    path = tmp_path / "both.toml"
    path.write_text(COMPLEX)
    both = g2("eval", path, "--set", "m_s=0.2", "--set", "re_y=1e-3", "--set", "im_y=2e-3", "--json").json
    even = g2("eval", "scalar", "--set", "m_s=0.2", "--set", "g_sff=1e-3", "--json").json
    odd = g2("eval", "alp", "--set", "m_a=0.2", "--set", "g_aff=2e-3", "--json").json
    assert float(both["value"]) == pytest.approx(float(even["value"]) + float(odd["value"]), rel=1e-13)
    assert any("electric dipole moment" in s for s in both["announcements"])
    bound = g2("bound", path, "--on", "im_y", "--set", "m_s=0.1", "--set", "re_y=0", "--json").json
    assert f"{bound['rows'][0]['allowed'][0][1]:.3e}" == "5.798e-04"
    refused = g2("bound", path, "--on", "y", "--set", "m_s=0.1")
    assert (refused.code, refused.one_sentence) == (2, True)
    assert "re_y" in refused.err
