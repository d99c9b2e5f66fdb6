"""Masses with units and in terms of others, lists, foreign numbers, calls with the wrong thing."""

from __future__ import annotations

import json
import pickle
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import g2sym as g2
from g2sym.base.exact import read_number
from g2sym.base.masses import Mass, read_value
from g2sym.cli import main
from g2sym.errors import G2symError, InputError, UsageError

MU = Fraction("0.1056583755")
KNOWN = {"m_mu": MU, "m_e": Fraction("0.00051099895069")}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("500MeV", Fraction(1, 2)),
        (" 1.5e3 keV ", Fraction(15, 10**4)),
        ("5eV", Fraction(5, 10**9)),
        ("2TeV", Fraction(2000)),
        ("2*m_mu", 2 * MU),
        ("m_mu/3 + 1 MeV", MU / 3 + Fraction(1, 1000)),
        ("-(m_mu - m_e)*2", -2 * (MU - KNOWN["m_e"])),
        ("GeV", Fraction(1)),
    ],
)
def test_a_mass_is_read_exactly(text: str, value: Fraction) -> None:
    found = read_value(text, masses=KNOWN)
    assert found == value
    assert isinstance(found, Mass)
    assert pickle.loads(pickle.dumps(found)) == value


@pytest.mark.parametrize("text", ["1/3", "1e-3", "-.5", " 7 "])
def test_a_plain_number_is_no_mass(text: str) -> None:
    assert read_value(text) == read_number(text)
    assert not isinstance(read_value(text), Mass)


@pytest.mark.parametrize(
    "text",
    ["", "abc", "2*m_foo", "m_e*m_mu", "m_e/m_mu", "1+MeV", "2**m_mu", "(m_mu", "m_mu)", "m_mu/0", "MeV MeV",
     "2 m_mu", "1 2MeV", "__import__('os')", "m_mu" * 50, "((" * 70 + "m_mu", "nan", "inf", "1e99999MeV"],
)  # fmt: skip
def test_anything_else_is_one_sentence(text: str) -> None:
    with pytest.raises(InputError, match=r"^m_a: "):
        read_value(text, "m_a", KNOWN)


# in Python --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "value",
    ["500MeV", mpmath.mpf("0.5"), sympy.Rational(1, 2), sympy.Float("0.5"), np.float64(0.5), "0.5 GeV"],
)
def test_values_of_an_observable(value: object) -> None:
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    assert str(amm.evaluate(m_A=value, eps=1)) == str(amm.evaluate(m_A="0.5", eps=1))


@pytest.mark.parametrize("value", [mpmath.pi, mpmath.inf, mpmath.nan, sympy.pi, sympy.oo, sympy.Symbol("x")])
def test_numbers_without_an_exact_value(value: object) -> None:
    with pytest.raises(InputError):
        read_number(value)


def test_foreign_numbers_are_exact() -> None:
    with mpmath.workdps(50):
        third = mpmath.mpf(1) / 3
    sign, mantissa, exponent, _ = third._mpf_
    assert read_number(third) == (-1) ** sign * int(mantissa) * Fraction(2) ** exponent != Fraction(1, 3)
    assert read_number(-sympy.Rational(1, 3)) == Fraction(-1, 3)
    assert read_number(mpmath.mpf("-2.5")) == Fraction(-5, 2)
    with pytest.raises(InputError):
        read_number(mpmath.ldexp(mpmath.mpf(1), 10**7))


def test_complex_numbers() -> None:
    s, mu, y = g2.scalar("S", mass="m_S"), g2.lepton("mu"), g2.parameter("y", complex=True)
    amm = g2.Model(y * s * g2.bar(mu) * g2.PR * mu + g2.hc).anomalous_moment("mu")
    want = str(amm.evaluate(y=1 + 2j, m_S=1))
    assert str(amm.evaluate(y=mpmath.mpc(1, 2), m_S=1)) == want
    assert str(amm.evaluate(y=1 + 2 * sympy.I, m_S=1)) == want


def test_a_coupling_takes_no_mass() -> None:
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    with pytest.raises(UsageError, match="eps is no mass, but '1MeV' is one"):
        amm.evaluate(m_A=1, eps="1MeV")
    with pytest.raises(UsageError, match="eps is no mass"):
        g2.bound(amm, "m_A", "muon-2025", interval=(1, 2), eps=["1MeV", "2MeV"])
    with pytest.raises(UsageError, match="eps is no mass"):
        g2.exclusion_map(amm, ("eps", "1MeV", "2MeV"), ("m_A", 1, 2), "muon-2025", resolution=4)


def test_everywhere_a_mass_is_given() -> None:
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    rows = g2.bound(amm, "eps", "muon-2025", m_A=["1MeV", "2*m_mu"]).rows
    assert [row.values["m_A"] for row in rows] == [Fraction(1, 1000), 2 * MU]
    assert type(rows[0].values["m_A"]) is Fraction
    plain = g2.bound(amm, "m_A", "muon-2025", interval=("0.001", 2 * MU), eps="1e-3").rows[0]
    assert (
        g2.bound(amm, "m_A", "muon-2025", interval=("1MeV", "2*m_mu"), eps="1e-3").rows[0].text()
        == plain.text()
    )
    grid = g2.exclusion_map(amm, ("m_A", "1MeV", "2*m_mu"), ("eps", "1e-4", 1), "muon-2025", resolution=4)
    assert (grid.x.low, grid.x.high) == (Fraction(1, 1000), 2 * MU)
    assert str(amm.limit("m_A", "500MeV", eps=1).value) == str(amm.limit("m_A", "0.5", eps=1).value)
    heavy = g2.load_model("dark_photon", {"m_mu": "200MeV"}).anomalous_moment("mu")
    assert str(heavy.evaluate(m_A="2*m_mu", eps=1)) == str(heavy.evaluate(m_A="0.4", eps=1))


# on the command line ----------------------------------------------------------------------------------
def answer(capsys: Any, *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_options_take_masses(capsys: Any) -> None:
    found = answer(capsys, "eval", "dark_photon", "--set=m_A=2*m_mu", "--set=eps=1")
    assert found["values"]["m_A"] == "0.211316751"
    found = answer(capsys, "eval", "dark_photon", "--set=m_A=2*m_mu", "--set=eps=1", "--input=m_mu=100MeV")
    assert found["values"]["m_A"] == "0.2"
    found = answer(capsys, "bound", "dark_photon", "--on=m_A", "--range=1MeV:2*m_mu", "--set=eps=1e-3")
    assert found["rows"]
    found = answer(capsys, "bound", "dark_photon", "--on=eps", "--vary=m_A=500MeV,2*m_mu,3")
    assert [row["exact"]["m_A"] for row in found["rows"]] == ["0.5", "0.211316751", "3"]
    found = answer(capsys, "bound", "dark_photon", "--on=eps", "--vary=m_A=m_mu:1TeV:3")
    assert found["rows"][0]["exact"]["m_A"] == "0.1056583755"
    found = answer(capsys, "scan", "dark_photon", "--on=eps", "--vary=m_A=100MeV,0.5,1")
    assert found["points"] == 3
    found = answer(
        capsys, "scan", "dark_photon", "--vary=m_A=100MeV:2*m_mu", "--vary=eps=1e-4:1", "--samples=3"
    )
    assert found["points"] == 3
    found = answer(capsys, "line", "alp", "--vary=m_a=100MeV,0.5")
    assert len(found["rows"]) == 2


def test_points_of_a_file_are_masses_of_the_command(capsys: Any, tmp_path: Any) -> None:
    path = tmp_path / "p.csv"
    path.write_text("m_A,eps\n500MeV,1e-3\n2*m_mu,1e-3\n")
    rest = [f"--points={path}", "--input=m_mu=200MeV", "--measurement=muon-2025"]
    found = answer(capsys, "scan", "dark_photon", *rest, f"--output={tmp_path / 'out'}")
    assert found["points"] == 2
    assert g2.load_scan(tmp_path / "out")["m_A"].tolist() == [0.5, 0.4]


@pytest.mark.parametrize(
    "arguments",
    [
        ["eval", "dark_photon", "--set=m_A=1", "--set=eps=1MeV"],
        ["scan", "dark_photon", "--set=m_A=1", "--vary=eps=1MeV:2MeV:3"],
        ["scan", "dark_photon", "--set=m_A=1", "--vary=eps=1MeV,2MeV"],
        ["scan", "dark_photon", "--set=m_A=1", "--vary=eps=1MeV:2MeV", "--samples=3"],
        ["eval", "dark_photon", "--set=m_A=2*m_muon", "--set=eps=1"],
        ["bound", "dark_photon", "--on=eps", "--vary=m_A=1,1"],
        ["bound", "dark_photon", "--on=eps", "--vary=m_A=1,"],
        ["bound", "dark_photon", "--on=eps", "--vary=m_A=1,3,2", "--plot=x.png"],
    ],
)
def test_slips_are_one_sentence(arguments: list[str], capsys: Any, tmp_path: Any, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_fixed_values_stand_in_texts_and_csv_files(capsys: Any, tmp_path: Any) -> None:
    assert (
        main(["map", "alp", "--x=g_aff=1e-5:1", "--y=g_agg=1e-6:1", "--set=m_a=100MeV", "--resolution=4"])
        == 0
    )
    assert "m_a = 0.1" in capsys.readouterr().out
    path = tmp_path / "b.csv"
    assert main(["bound", "alp", "--on=g_aff", "--set=g_agg=1e-4", "--vary=m_a=1:2:2", f"--csv={path}"]) == 0
    head, *rows = path.read_text().splitlines()
    assert head.split(",")[-1] == "g_agg"
    assert {row.split(",")[-1] for row in rows} == {"0.0001"}
    assert main(["line", "alp", "--set=g_aff=1e-3", "--vary=m_a=1:2:2", f"--csv={path}"]) == 0
    assert path.read_text().splitlines()[0] == "m_a,g_agg,radius,flavour,g_aff"


# the wrong thing --------------------------------------------------------------------------------------
def test_what_is_wanted_is_said() -> None:
    model = g2.load_model("alp")
    amm = model.anomalous_moment("mu")
    result = amm.evaluate(m_a=1, g_aff="1e-3")
    array = np.array([1.0, 2.0])
    for call, words in (
        (lambda: g2.bound(model, "g_aff", "muon-2025", m_a=1), "Model 'alp' is not an observable"),
        (lambda: g2.exclusion_map(model, ("g_aff", 1, 2), ("m_a", 1, 2), "muon-2025"), "not an observable"),
        (lambda: g2.scan(model, {"m_a": [1.0]}, "muon-2025", on="g_aff"), "is not an observable"),
        (lambda: g2.bound(amm, "g_aff", 3, m_a=1), "is no measurement"),
        (lambda: g2.pull(result, "muon-2025"), "give evaluation.ball"),
        (lambda: g2.pull(amm, "muon-2025"), "give observable.evaluate"),
        (lambda: amm.lambdify()(array), "given by name"),
        (lambda: amm.evaluate(array), "values are given by name"),
        (lambda: amm.evaluate(m_a=array, g_aff=1), "an array is not a number"),
        (lambda: g2.check(amm), "check wants a model"),
    ):
        with pytest.raises(G2symError, match=words):
            call()
    assert (
        g2.pull(result.ball, "muon-2025").midpoint
        == g2.pull(result.ball, g2.load_measurement("muon-2025")).midpoint
    )
