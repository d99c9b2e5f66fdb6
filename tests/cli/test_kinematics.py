"""--sqrt-s, --at, --cut and --energy; what is said of rates; the methods of Model that name them."""

from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest

import g2sym
from g2sym.errors import G2symError

SIGMA = ("eval", "alp", "--observable", "sigma(e bar(e) -> A a)")
POINT = ("--set", "g_aff=0", "--set", "g_agg=1e-4", "--set", "g_agZ=0", "--set", "m_a=1")
MUON = ("eval", "alp", "--observable", "sigma(mu bar(mu) -> A a)", "--set", "g_aff=1e-3", "--set", "m_a=0.3")


def test_options_are_values(g2):
    one = g2(*SIGMA, *POINT, "--sqrt-s", "10.58", "--cut", "cos=0.9", "--json").json
    other = g2(*SIGMA, *POINT, "--set", "sqrt_s=10.58", "--set", "cos_max=0.9", "--json").json
    assert one == other
    whole = g2(*SIGMA, *POINT, "--sqrt-s", "10.58", "--json").json
    # sections 2 and 12 of the rates sheet; at m_e = 0 the cut leaves (3 c + c^3)/4
    assert math.isclose(float(whole["value"]), 1.15248485590808e-3, rel_tol=1e-7)
    assert math.isclose(float(one["value"]) / float(whole["value"]), (2.7 + 0.729) / 4, rel_tol=1e-6)


def test_the_angle_and_the_energy(g2):
    name = ("eval", "alp", "--observable", "dsigma(e bar(e) -> A a)", *POINT, "--sqrt-s", "10.58")
    found = [float(g2(*name, "--at", f"cos={c}", "--json").json["value"]) for c in ("0", "0.3", "-0.3")]
    assert math.isclose(found[1] / found[0], 1.09, rel_tol=1e-7)  # 1 + cos^2
    assert found[1] == found[2]
    length = ("eval", "dark_photon", "--observable", "decay_length(Ap)", "--set", "eps=1e-3")
    done = g2(*length, "--set", "m_A=0.5", "--energy", "0.5")
    assert done.out.startswith("decay_length(Ap) = 0 m\n")


def test_in_bounds_maps_lines_and_scans():
    """The options stand in every command that takes --observable and values."""
    import click

    from g2sym.cli.app import COMMANDS, program

    for name in COMMANDS:
        command = program.get_command(click.Context(program), name)
        options = {o for p in command.params for o in p.opts}
        if {"--observable", "--set"} <= options:
            assert {"--sqrt-s", "--at", "--cut", "--energy"} <= options, name


def test_several_observables_take_what_is_theirs(g2):
    arguments = ("eval", "alp", "--observable", "a(e)", "--observable", "sigma(e bar(e) -> A a)")
    done = g2(*arguments, "--set", "g_aff=1e-3", "--set", "m_a=0.3", "--sqrt-s", "1", "--json")
    assert done.code == 0
    assert done.json["values"]["sqrt_s"] == "1"


def test_parts_in_words(g2):
    """Interference of photon and lepton coupling: -0.581933181737640 pb at g = g_gg = 1e-3 (sheet)."""
    out = g2(*MUON, "--sqrt-s", "1", "--set", "g_agg=1e-3", "--set", "g_agZ=0").out
    assert "interference of photon and lepton  -5.819331817376" in out
    assert "lepton coupling squared" in out
    assert "photon coupling squared" in out
    assert "interference of Z and lepton" in out.split("exactly zero")[1]
    assert " pb\n" in out
    assert "Lambda" not in out  # it does not enter


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*MUON, "--sqrt-s", "0.25"), "since sqrt_s = 0.25 GeV is below m_a = 0.3 GeV"),
        (
            ("eval", "alp", "--observable", "dsigma(mu bar(mu) -> A a)", "--set", "g_aff=1e-3", "--set",
             "m_a=.3", "--sqrt-s", "1", "--at", "cos=0.95", "--cut", "cos=0.9"),
            "cos = 0.95 lies outside the cut |cos| < 0.9",
        ),
        (
            ("eval", "alp", "--observable", "Gamma(a -> mu bar(mu))", "--set", "g_aff=1", "--set", "m_a=.1"),
            "Closed: a -> mu bar(mu), since m_a = 0.1 GeV is below 2*m_mu = 0.211317 GeV.",
        ),
        (
            ("eval", "alp", "--observable", "Gamma(a -> mu bar(mu))", "--set", "g_aff=1", "--set",
             "m_a=2*m_mu"),
            "Closed: a -> mu bar(mu), since m_a is exactly 2*m_mu.",
        ),
        (
            ("eval", "alp", "--observable", "BR(Jpsi -> A a)", *POINT[:-1], "m_a=4"),
            "Closed: Jpsi -> A a, since m_Jpsi = 3.0969 GeV is below m_a = 4 GeV.",
        ),
    ],
)  # fmt: skip
def test_exact_zeros_say_why(g2, arguments, said):
    done = g2(*arguments)
    assert done.code == 0, done.err
    assert "= 0" in done.out.splitlines()[0]
    assert said in done.out
    assert "nan" not in done.out.lower()


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ((*MUON, "--sqrt-s", "0.3"), "exactly m_a"),
        ((*MUON, "--sqrt-s", "0.2"), "not above 2 m_mu"),
        ((*MUON, "--sqrt-s", "-1"), "not above 2 m_mu"),
        ((*MUON, "--sqrt-s", "fast"), "--set sqrt_s"),
        (MUON, "sqrt_s has no value"),
        ((*MUON, "--sqrt-s", "1", "--cut", "cos=1.5"), "no cut"),
        ((*MUON, "--sqrt-s", "1", "--cut", "cos=-0.1"), "no cut"),
        ((*MUON, "--sqrt-s", "1", "--cut", "0.9"), "write --cut cos=VALUE"),
        ((*MUON, "--sqrt-s", "1", "--cut", "theta=0.9"), "write --cut cos=VALUE"),
        ((*MUON, "--sqrt-s", "1", "--at", "cos=0.3"), "cos is a kinematic variable of dsigma"),
        ((*MUON, "--sqrt-s", "1", "--set", "sqrt_s=1"), "drop one of the two"),
        ((*MUON, "--sqrt-s", "1", "--energy", "1"), "energy is a kinematic variable of decay_length"),
        ((*MUON, "--sqrt-s", "91.1876", "--set", "g_agg=1", "--input", "Gamma_Z=0"), "is exactly m_Z"),
        (("eval", "alp", "--set", "g_aff=1", "--set", "m_a=1", "--sqrt-s", "1"), "variable of sigma"),
        (
            ("eval", "dark_photon", "--observable", "decay_length(Ap)", "--set", "eps=1", "--set", "m_A=1",
             "--energy", "0.5"),
            "energy lies below m_A",
        ),
        (
            ("eval", "dark_photon", "--observable", "lifetime(Ap)", "--set", "eps=1", "--set", "m_A=1e-3"),
            "Gamma(Ap) is zero",
        ),
        (
            ("eval", "alp", "--observable", "dsigma(mu bar(mu) -> A a)", "--set", "g_aff=1e-3", "--set",
             "m_a=.3", "--sqrt-s", "1", "--at", "cos=1.5"),
            "no cosine",
        ),
    ],
)  # fmt: skip
def test_what_has_no_value_is_one_sentence(g2, arguments, word):
    done = g2(*arguments)
    assert done.code == 2
    assert done.out == ""
    assert done.one_sentence, done.err
    assert word in done.err


# Python ----------------------------------------------------------------------------------------------
def test_methods_are_the_observables():
    model = g2sym.load_model("alp")
    pairs = [
        (model.width("a", ["A", "A"]), "Gamma(a -> A A)"),
        (model.width("a", ["bar(mu)", "mu"]), "Gamma(a -> mu bar(mu))"),
        (model.total_width("a"), "Gamma(a)"),
        (model.branching_ratio("a", ("A", "A")), "BR(a -> A A)"),
        (model.branching_ratio("Jpsi", ["A", "a"]), "BR(Jpsi -> A a)"),
        (model.lifetime("a"), "lifetime(a)"),
        (model.decay_length("a"), "decay_length(a)"),
        (model.cross_section(["e", "bar(e)"], ["a", "A"]), "sigma(e bar(e) -> A a)"),
        (model.differential_cross_section(["e", "bar(e)"], ["A", "a"]), "dsigma(e bar(e) -> A a)"),
    ]
    for found, name in pairs:
        assert found.name == name
        assert found == model.observable(name)


def test_values_given_with_the_name_are_kept_by_every_query():
    model = g2sym.load_model("alp")
    point = {"g_aff": 0, "g_agg": "1e-4", "g_agZ": 0, "m_a": 1}
    plain = model.observable("sigma(e bar(e) -> A a)")
    kept = model.cross_section(["e", "bar(e)"], ["A", "a"], sqrt_s="10.58", cos_max="0.9")
    given = {**point, "sqrt_s": "10.58", "cos_max": "0.9"}
    assert str(kept.evaluate(20, point)) == str(plain.evaluate(20, given))
    assert str(pickle.loads(pickle.dumps(kept)).evaluate(20, point)) == str(plain.evaluate(20, given))
    assert kept.evaluate(5, point).record["defaults"] == {"sqrt_s": "10.58", "cos_max": "0.9"}
    other = kept.evaluate(20, {**point, "sqrt_s": 5})  # a value of the question goes first
    assert str(other) == str(plain.evaluate(20, {**given, "sqrt_s": 5}))
    masses = np.array([0.5, 1.0, 2.0])
    arrays = kept.lambdify()(g_aff=0.0, g_agg=1e-4, g_agZ=0.0, m_a=masses)
    for value, mass in zip(arrays, masses, strict=True):
        assert math.isclose(value, float(plain.evaluate(17, {**given, "m_a": mass})), rel_tol=1e-12)
    angle = model.differential_cross_section(["e", "bar(e)"], ["A", "a"], sqrt_s=10, cos="0.3")
    assert float(angle.evaluate(5, point)) > 0
    length = g2sym.load_model("dark_photon").decay_length("Ap", energy=10)
    assert float(length.evaluate(5, {"m_A": 1, "eps": "1e-3"})) > 0


def test_a_parameter_of_the_models_own_with_a_kinematic_name_is_refused():
    fields = [g2sym.scalar("s", mass="m_s")]
    model = g2sym.Model(
        "-sqrt_s*s*bar(e)*e", fields=fields, parameters=[g2sym.parameter("sqrt_s")], name="own"
    )
    with pytest.raises(G2symError, match="rename the parameter"):
        model.cross_section(["e", "bar(e)"], ["A", "s"], sqrt_s=10)


@pytest.mark.parametrize(
    ("call", "word"),
    [
        (lambda m: m.width("a", "AA"), "give a list of names"),
        (lambda m: m.width("a", ["A A"]), "not one particle"),
        (lambda m: m.width("a", ["A"]), "write Gamma"),
        (lambda m: m.width("a) * a(mu", ["A", "A"]), "no particle"),
        (lambda m: m.cross_section(["e"], ["A", "a"]), "two colliding particles"),
        (lambda m: m.cross_section(["e", "bar(e)"], ["A", "a"], sqrt_s="fast"), "sqrt_s"),
        (lambda m: m.cross_section(["e", "bar(e)"], ["A", "a"], sqrt_s=[1, 2]), "sqrt_s"),
        (lambda m: g2sym.load_model("dark_photon").lifetime("X").evaluate(), "no particle 'X'"),
        (lambda m: m.decays("X"), "no particle 'X'"),
        (lambda m: m.decays("a", m_a=[], params={"g_aff[mu]": 1}), "empty"),
    ],
)
def test_wrong_calls(call, word):
    with pytest.raises(G2symError) as caught:
        call(g2sym.load_model("alp"))
    assert word in str(caught.value)
    assert "\n" not in str(caught.value)


def test_inputs_of_closed_channels_move_nothing(g2):
    """m_tau stands in a channel that is closed; the shift of 1/Gamma with alpha is that of 1/alpha."""
    arguments = (
        "eval",
        "dark_photon",
        "--observable",
        "lifetime(Ap)",
        "--set",
        "eps=1e-3",
        "--set",
        "m_A=.5",
    )
    found = g2(*arguments, "--parametric", "--json").json
    shifts = found["parametric"]["shifts"]
    assert set(shifts) == {"alpha_inverse", "m_e", "m_mu"}
    relative = 2.1e-8 / 137.035999177
    assert math.isclose(float(shifts["alpha_inverse"]), float(found["value"]) * relative, rel_tol=1e-3)


def test_documents_are_finite(g2):
    found = g2(*MUON, "--sqrt-s", "0.25", "--json")
    assert json.loads(found.out)["value"] == "0"


def test_a_pull_is_taken_where_it_was_measured(g2, tmp_path):
    """[at] of a measurement is the default of eval, for one measurement and for several, as everywhere."""
    file = tmp_path / "sx.toml"
    file.write_text(
        'schema = 1\nname = "sx"\nkind = "difference"\ndate = 2026-01-01\n'
        'observable = "sigma(e bar(e) -> A X)"\nunit = "pb"\n[difference]\nvalue = 0.2\nerror = 0.1\n'
        'source = "invented"\ndate = 2026-01-01\n[at]\nsqrt_s = 10.58\ncos_max = 0.9\n'
    )
    point = ("--set", "g_aff=1e-3", "--set", "m_a=1", "--set", "g_agg=1e-3")
    here = ("eval", "alp", "--observable", "sigma(e bar(e) -> A a)", *point, "--measurement", str(file))
    found = g2(*here, "--json").json
    stated = g2(*here, "--sqrt-s", "10.58", "--cut", "cos=0.9", "--json").json
    assert found["value"] == stated["value"]
    assert found["measurement"]["pull"] == stated["measurement"]["pull"]
    assert "sqrt_s = 10.58, cos_max = 0.9: from sx." in found["announcements"]
    assert not any("from sx" in s for s in stated["announcements"])
    value = float(found["value"])
    assert abs(float(found["measurement"]["pull"]) - (value - 0.2) / 0.1) < 1e-4
    moved = g2(*here, "--sqrt-s", "9", "--json").json
    assert "cos_max = 0.9: from sx." in moved["announcements"]
    assert moved["value"] != found["value"]
    model = ("eval", "dark_photon", "--set", "eps=1e-3", "--set", "m_A=1")
    both = g2(*model, "--measurement", "muon-2025", "--measurement", str(file), "--json").json
    assert both["defaults"]["sqrt_s"] == "10.58"
    assert both["observables"][1]["observable"].endswith("A Ap)")
