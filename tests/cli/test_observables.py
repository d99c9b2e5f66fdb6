# ruff: noqa: E501
"""--observable in every command: the electric dipole moment and a quotient of two leptons."""

from __future__ import annotations

import json

import pytest

from g2sym.cli import main

CP = """schema = 1
name = "mixed"
lagrangian = "-s*bar(mu)*(g_S + I*g_P*gamma5)*mu"
[fields.s]
spin = 0
mass = "m_s"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
"""
LIMIT = """schema = 1
name = "edm"
observable = "d(mu)"
unit = "e_cm"
kind = "limit"
date = "2009-01-01"
value = "1.8e-19"
confidence = "0.95"
source = ["invented here"]
"""
RATIO = """schema = 1
name = "ratio"
observable = "a(e)/a(mu)"
kind = "difference"
date = "2026-01-01"
[difference]
value = "5e-5"
error = "4e-5"
source = ["invented here"]
"""


@pytest.fixture
def files(tmp_path, monkeypatch):
    for name, text in (("cp.toml", CP), ("edm.toml", LIMIT), ("ratio.toml", RATIO)):
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *arguments):
    code = main(list(arguments))
    out = capsys.readouterr()
    return code, out.out, out.err


D = ("cp.toml", "--observable", "d(mu)")
SET = ("--set", "g_S=1e-3")
Q = ("dark_photon", "--observable", "a(e)/a(mu)")
# command, what stands in its text, keys of its document
CALLS = [
    (("eval", *D, *SET, "--set", "g_P=2e-3", "--set", "m_s=0.5"), "d_mu/e = -2.130642595737", ("value",)),
    (("eval", *D, *SET, "--set", "g_P=2e-3", "--set", "m_s=0.5", "--unit", "e_cm"), "e cm", ("value",)),
    (
        ("eval", *D, *SET, "--set", "g_P=2e-3", "--set", "m_s=0.5", "--parametric"),
        "from the inputs",
        ("parametric",),
    ),
    (("show", *D), "d/e of the muon, in GeV^-1", ("contributions",)),
    (("show", *D, "--format", "latex"), r"\begin{document}", ("contributions",)),
    (("check", *D), "proved", ("statements",)),
    (("line", *D, "--on", "g_P", "--set", "g_S=1e-3", "--vary", "m_s=0.1:1:3"), "where d_mu/e = 0", ("rows",)),
    (
        ("bound", *D, *SET, "--on", "g_P", "--measurement", "edm.toml", "--vary", "m_s=0.1:1:5", "--plot", "d.png"),
        "allowed g_P from d(mu)",
        ("rows",),
    ),
    (
        ("map", *D, *SET, "--x", "m_s=0.1:1", "--y", "g_P=1e-6:1", "--measurement", "edm.toml", "--resolution",
         "256", "-o", "d_map.png", "-o", "d.npz"),
        "m_s and g_P from d(mu)",
        ("areas",),
    ),
    (
        ("scan", *D, *SET, "--vary", "m_s=0.1:1:4", "--vary", "g_P=1e-6:1:5", "--measurement", "edm.toml"),
        "20 points",
        ("verdicts",),
    ),
    (
        ("scan", *D, *SET, "--vary", "m_s=0.1:1:4", "--vary", "g_P=1e-6:1:5", "--measurement", "edm.toml", "--count"),
        "20 points",
        ("allowed",),
    ),
    (("eval", *Q, "--set", "m_A=0.1", "--set", "eps=1e-3"), "a(e)/a(mu) = 7.8588906750950274e-5", ("value",)),
    (("show", *Q), "a(e)/a(mu)", ("contributions",)),
    (("check", *Q), "m_e^2/m_mu^2", ("statements",)),
    (
        ("bound", *Q, "--on", "m_A", "--range", "0.001:10", "--set", "eps=1", "--measurement", "ratio.toml",
         "--criterion", "interval", "--n-sigma", "1"),
        "allowed m_A from a(e)/a(mu)",
        ("rows",),
    ),
    (
        ("bound", *Q, "--on", "eps", "--vary", "m_A=0.001:10:5", "--measurement", "ratio.toml", "--criterion",
         "interval", "--n-sigma", "1", "--plot", "q.png"),
        "(-inf, inf)",
        ("rows",),
    ),
    (
        ("map", *Q, "--x", "m_A=0.001:10", "--y", "eps=1e-5:1", "--measurement", "ratio.toml", "--criterion",
         "interval", "--n-sigma", "1", "--resolution", "256", "-o", "q_map.png"),
        "m_A and eps from a(e)/a(mu)",
        ("areas",),
    ),
    (
        ("scan", *Q, "--vary", "m_A=0.001:10:4", "--vary", "eps=1e-5:1:3", "--measurement", "ratio.toml", "-o", "q.zarr"),
        "12 points",
        ("verdicts",),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "text", "keys"), CALLS, ids=lambda v: " ".join(v)[:60] if isinstance(v, tuple) else ""
)
def test_every_command(files, capsys, arguments, text, keys):
    code, out, err = run(capsys, *arguments)
    assert code == 0, err
    assert text in out
    code, out, err = run(capsys, *arguments, "--json") if "-o" not in arguments else (0, None, "")
    if out is not None:
        assert code == 0, err
        document = json.loads(out)
        assert all(key in document for key in keys)
        assert document.get("observable", arguments[3]) == arguments[3]


def test_lepton_is_short_for_its_moment(files, capsys):
    values = ("--set", "m_s=0.5", "--set", "g_S=1e-3", "--set", "g_P=0")
    one = run(capsys, "eval", "cp.toml", "--lepton", "mu", *values)
    two = run(capsys, "eval", "cp.toml", "--observable", "a(mu)", *values)
    assert one == two


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("eval", "cp.toml", "--lepton", "e", "--observable", "d(mu)"), "drop --lepton"),
        (("eval", "cp.toml", "--observable", "d(muon)"), "did you mean 'd(mu)'"),
        (("eval", "cp.toml", "--observable", "B_n(e)"), "not available yet"),
        (("eval", "cp.toml", "--observable", ""), "empty"),
        (("bound", *Q, "--on", "eps", "--set", "m_A=1"), "no bundled measurement of a(e)/a(mu)"),
        (
            ("bound", *D, "--on", "g_P", "--set", "m_s=1", *SET, "--measurement", "muon-2025"),
            "is of a(mu), not d(mu)",
        ),
        (("eval", *Q, "--set", "m_A=0.1", "--set", "eps=0"), "has no value"),
        (("eval", *Q, "--set", "m_A=0.1", "--set", "eps=1", "--unit", "e_cm"), "cannot have the unit"),
        (
            ("eval", "alp", "--observable", "a(e)/a(mu)", "--set", "m_a=1", "--set", "g_aff=1"),
            "flavour is 'single'",
        ),
        (("line", *Q), "Name the coupling"),
        (("line", *Q, "--on", "eps", "--set", "m_A=1"), "does not depend on eps"),
    ],
)
def test_mistakes_are_one_sentence(files, capsys, arguments, words):
    code, _out, err = run(capsys, *arguments)
    assert code in (2, 3)
    assert words in err
    assert err.startswith("Error: ")
    assert len(err.strip().splitlines()) == 1
