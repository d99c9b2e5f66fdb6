"""What stands with a result: pieces of higher order, near cut-offs, strong couplings, windows, inputs."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

import g2sym as g2
from g2sym import lagrangian
from g2sym.cli import main

TOP = "-g*S*bar(mu)*mu - h*S*bar(t)*t"


def model(text: str, spin: int = 0, flavour: str | None = None, dimension: int = 0) -> g2.Model:
    names = [n for n in ("g", "h", "y") if f"{n}*" in text]
    parameters = [
        lagrangian.Parameter(name=n, dimension=dimension, flavour=flavour, complex=n == "y") for n in names
    ]
    field = lagrangian.new_field("S", spin, "m_S", 0, None)
    return g2.Model(text, fields=[field], parameters=parameters)


def announced(amm: Any, **values: object) -> str:
    return " ".join(amm.evaluate(m_S=1, **values).record["announcements"])


# loops of other fermions ------------------------------------------------------------------------------
def test_a_loop_of_another_fermion_is_named() -> None:
    amm = model(TOP).anomalous_moment("mu")
    found = amm.evaluate(m_S=1, g="1e-3", h="1e-2")
    (sentence,) = found.record["announcements"]
    assert sentence.startswith("Not included: the two-loop contribution of 'S' with a loop of 't'")
    assert len(found.as_dict()["missing"]) == 1
    assert "a loop of 't'" in amm._repr_latex_()
    assert not model(TOP).electric_dipole("mu").missing  # both couplings are even under CP
    odd = model("-g*S*bar(mu)*mu - I*h*S*bar(t)*gamma5*t")
    assert odd.electric_dipole("mu").missing
    assert not odd.anomalous_moment("mu").missing
    off = amm.evaluate(m_S=1, g="1e-3", h=0)
    assert not off.record["announcements"]
    assert not off.record["missing"]


@pytest.mark.parametrize(
    "text", ["-g*S*bar(mu)*mu", "-g*S*bar(mu)*mu - h*S*bar(nu_e)*nu_e", "-h*S*bar(t)*t - g*S*bar(e)*e"]
)
def test_no_loop_where_none_is(text: str) -> None:
    assert "two-loop" not in " ".join(model(text).anomalous_moment("mu").announcements)


def test_a_vector_and_another_lepton() -> None:
    found = model("-g*S(al)*bar(mu)*gamma(al)*mu - h*S(al)*bar(tau)*gamma(al)*tau", 1).anomalous_moment("mu")
    assert "a loop of 'tau'" in " ".join(found.announcements)


def test_a_coupling_of_every_lepton() -> None:
    shared = model("-g*S*bar(f)*f", flavour="mass").anomalous_moment("mu")
    assert "the other charged leptons" in " ".join(shared.announcements)
    assert not model("-g*S*bar(f)*f", flavour="single").anomalous_moment("mu").announcements
    assert not g2.load_model("dark_photon").anomalous_moment("mu").announcements


def test_the_loop_on_the_command_line(tmp_path: Any, capsys: Any) -> None:
    path = tmp_path / "top.toml"
    path.write_text(
        f'schema = 1\nname = "top"\nlagrangian = "{TOP}"\n[fields.S]\nspin = 0\nmass = "m_S"\n'
        "[parameters.g]\ndimension = 0\n[parameters.h]\ndimension = 0\n"
    )
    for command in (
        ["eval", "--set=g=1e-3", "--set=h=1", "--set=m_S=1"],
        ["show"],
        ["check", "--lepton=mu"],
        ["bound", "--on=g", "--set=h=1", "--set=m_S=1"],
        ["map", "--x=g=1e-4:1e-2", "--y=m_S=0.1:1", "--set=h=1", "--resolution=4"],
        ["scan", "--vary=m_S=0.1:1:3", "--on=g", "--set=h=1"],
    ):
        assert main([command[0], str(path), *command[1:]]) == 0
        assert "with a loop of 't'" in capsys.readouterr().out
        assert main([command[0], str(path), *command[1:], "--json"]) == 0
        out = json.loads(capsys.readouterr().out)
        assert "with a loop of 't'" in " ".join(out["announcements"])
        assert "with a loop of 't'" in " ".join(out["missing"])


# the cut-off and the couplings ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("mass", "words"),
    [("10000", "lies below m_a = 10000"), ("500", "is less than ten times m_a = 500"), ("99", "")],
)
def test_a_cutoff_that_is_not_far(mass: str, words: str) -> None:
    amm = g2.load_model("alp").anomalous_moment("mu")
    said = amm.evaluate(m_a=mass, g_aff="1e-3", g_agg="1e-4").record["announcements"]
    assert any(words in s and "Lambda = 1000" in s for s in said) if words else not said
    assert not amm.evaluate(m_a=mass, g_aff="1e-3", g_agg=0).record["announcements"]


def test_the_mass_of_the_z_is_one_of_them() -> None:
    amm = g2.load_model("alp").anomalous_moment("mu")
    said = amm.evaluate(m_a=1, g_aff="1e-3", g_agg="1e-4", Lambda=500).record["announcements"]
    assert [s[:51] for s in said] == ["The cut-off Lambda = 500 GeV is less than ten times"]
    assert "m_Z" in said[0]


def test_regions_are_judged_at_their_worst_corner() -> None:
    amm = g2.load_model("alp").anomalous_moment("mu")
    found = g2.bound(amm, "g_aff", "muon-2025", m_a=[1, 10, 2000], g_agg="1e-4")
    assert "lies below m_a = 2000" in " ".join(found.record["announcements"])
    grid = g2.exclusion_map(
        amm, ("m_a", 1, 2000), ("g_aff", "1e-4", 1), "muon-2025", resolution=4, g_agg="1e-4"
    )
    assert "lies below m_a = 2000" in " ".join(grid.as_dict()["announcements"])
    count = g2.count_excluded(amm, {"m_a": [1.0, 2000.0], "g_aff": [1e-4, 1.0]}, "muon-2025", g_agg="1e-4")
    assert "lies below m_a = 2000" in " ".join(count.as_dict()["announcements"])


def test_couplings_beyond_four_pi() -> None:
    amm = model("-g*S*bar(mu)*mu").anomalous_moment("mu")
    assert "has the size 12.6, beyond 4 pi" in announced(amm, g="12.6")
    assert "beyond 4 pi" not in announced(amm, g="12.5")
    alp = g2.load_model("alp").anomalous_moment("mu")
    assert "beyond 4 pi" in " ".join(alp.evaluate(m_a=1, g_aff=13).record["announcements"])
    found = g2.bound(amm, "g", "muon-2025", m_S=[1, 100000])
    assert "beyond 4 pi" in " ".join(found.record["announcements"])


# the text of the Lagrangian ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "doubled"),
    [
        ("-g*S*bar(mu)*mu + hc", True),
        ("-2*(g*S*bar(mu)*mu + hc)", True),
        ("-g*S*bar(mu)*PL*mu + hc", False),
        ("-y*S*bar(mu)*mu + hc", False),
        ("-g*S*bar(mu)*e + hc", False),
        ("-g*S*bar(mu)*mu", False),
    ],
)
def test_hc_after_a_hermitian_term(text: str, doubled: bool) -> None:
    said = " ".join(model(text).anomalous_moment("mu").announcements)
    assert ("'+ hc' doubles it" in said) == doubled


def test_hc_in_python() -> None:
    s, mu, g = g2.scalar("S", mass="m_S"), g2.lepton("mu"), g2.parameter("g")
    amm = g2.Model(-g * s * g2.bar(mu) * mu + g2.hc).anomalous_moment("mu")
    assert "'+ hc' doubles it" in " ".join(amm.evaluate(g=1, m_S=1).record["announcements"])


# measurements -----------------------------------------------------------------------------------------
def test_a_window_without_the_central_value() -> None:
    amm = g2.load_model("dark_photon").anomalous_moment("e")
    found = g2.bound(amm, "eps", "electron-2023-cs", m_A="0.01")
    assert "does not contain the measured central value -1.02e-12" in " ".join(found.record["announcements"])
    for criterion in ("interval", "conservative"):
        found = g2.bound(amm, "eps", "electron-2023-cs", criterion, m_A="0.01")
        assert not found.record["announcements"]


def test_asymmetric_errors_are_said() -> None:
    tau = g2.load_measurement("tau-2024")
    assert tau.window().meaning == "-n sigma_down < Delta a < n sigma_up"
    assert tau.window().low.exact != -(tau.window().high.exact or 0)
    assert "sigma_up" in tau.window("interval").meaning
    assert "sigma_down" in tau.window("conservative").meaning
    assert g2.load_measurement("muon-2025").window().meaning == "|Delta a| < n sigma"


# inputs and options -----------------------------------------------------------------------------------
def test_the_inputs_that_entered_are_named(capsys: Any) -> None:
    photon = g2.load_model("dark_photon").anomalous_moment("mu").evaluate(m_A=1, eps=1)
    assert photon.record["inputs_used"] == {"m_mu": "0.1056583755", "alpha_inverse": "137.035999177"}
    alp = g2.load_model("alp").anomalous_moment("mu")
    assert "sin2_theta_w" in alp.evaluate(m_a=1, g_aff=1, g_agg="1e-4").record["inputs_used"]
    assert set(alp.evaluate(m_a=1, g_aff=1).record["inputs_used"]) == {"m_mu"}
    assert main(["eval", "dark_photon", "--set=m_A=1", "--set=eps=1", "--input=alpha=1/137"]) == 0
    assert "alpha_inverse  137  (input)" in capsys.readouterr().out


@pytest.mark.parametrize(
    "twice",
    [["--scheme=larin", "--scheme=cutoff"], ["--digits", "3", "--digits", "3"], ["--unit=1", "--unit=1"]],
)
def test_an_option_with_one_value_stands_once(twice: list[str], capsys: Any) -> None:
    assert main(["eval", "dark_photon", "--set=m_A=1", "--set=eps=1", *twice]) == 2
    assert f"{twice[0].partition('=')[0]} is given twice" in capsys.readouterr().err


def test_flags_and_lists_may_stand_twice(capsys: Any) -> None:
    assert main(["eval", "dark_photon", "--set=m_A=1", "--set=eps=1", "--json", "--json"]) == 0


def test_the_sentence_is_exact_about_its_edge() -> None:
    """The window of a central value on its very edge contains it."""
    datum = g2.inputs.Datum(Fraction(2), Fraction(1), Fraction(1), ("mine",), "2030-01-31")
    edge = g2.inputs.Measurement("mine", "mu", "difference", "mine", "2030-01-31", difference=datum)
    from g2sym.constraints.condition import excluded_centre

    assert excluded_centre(edge, edge.window(n_sigma=2)) is None
    assert excluded_centre(edge, edge.window(n_sigma="1.999")) is not None
