"""The path past the parser: the same answers, sentences and exit codes, and the same options."""

import sys

import click
import pytest

from g2sym.cli import quick
from g2sym.cli.app import program

POINT = ["eval", "alp", "--set", "m_a=0.5", "--set", "g_aff=1e-3"]
BOUND = ["bound", "scalar", "--on", "g_sff", "--vary", "m_s=0.1:1:3"]
TAKEN = [
    POINT,
    ["--json", *POINT],
    ["--json", "--json", *POINT],
    [*POINT, "--json"],
    ["eval", "--set=m_a=0.5", "--set", "g_aff=1e-3", "alp"],
    [*POINT, "--digits", "5"],
    [*POINT, "--digits=40", "--measurement", "muon-2025", "--parametric"],
    [*POINT, "--scheme", "larin", "--lepton", "e", "--partial"],
    [*POINT, "--input", "m_mu=0.1"],
    [*POINT, "--edition", "pdg-2026"],
    [*POINT, "--edition=pdg-2026", "--json", "--input", "m_mu=0.1"],
    ["eval", "dark_photon", "--observable", "d(mu)", "--unit", "e_cm", "--set", "m_A=1", "--set", "eps=1e-3"],
    BOUND,
    [*BOUND, "--json"],
    [*BOUND, "--edition", "pdg-2026"],
    [*BOUND, "--measurement", "muon-2025", "--criterion", "interval", "--n-sigma", "3"],
    ["eval", "scalar", "--flavour", "g_sff=mass", "--set", "g_sff[mu]=1", "--set", "m_s=1", "--lepton=e"],
    [*BOUND[:3], "g_sff[tau]", "--set", "m_s=1", "--flavour=g_sff=universal"],
    [*POINT, "--flavour", "g_aff=heavy"],
    # refused by what both share
    ["eval", "nothing"],
    ["eval", "alp"],
    [*POINT, "--digits", "0"],
    [*POINT, "--digits", "999999"],
    [*POINT, "--set", "m_a=1"],
    [*POINT, "--set", "nonsense"],
    [*POINT, "--set", "--json"],
    [*POINT, "--set", "x=1"],
    [*POINT, "--observable", "a(x)"],
    [*POINT, "--unit", "furlong"],
    [*POINT, "--unit="],
    [*POINT, "--input", "m_mu=-1"],
    [*POINT, "--edition", "pdg-2025"],
    [*POINT, "--input", "edition=pdg-2026"],
    [*POINT, "--measurement", "none"],
    ["bound", "scalar", "--on", "x"],
    [*BOUND, "--n-sigma", "many"],
    [*BOUND, "--plot", "no/where.png"],
    [*BOUND, "--csv", ""],
]
LEFT = [
    ["eval"],
    ["eval", "--help"],
    ["eval", "-h"],
    ["eval", "--version"],
    ["eval", "alp", "dark_photon"],
    ["eval", ""],
    ["eval", "--", "alp"],
    ["eval", "-", "--set", "m_a=1"],
    [*POINT, "--st", "m_a=1"],
    [*POINT, "--set"],
    [*POINT, "--digits"],
    [*POINT, "--digits", "many"],
    [*POINT, "--digits", "1.5"],
    [*POINT, "--digits", "-3"],
    [*POINT, "--digits", " 9"],
    [*POINT, "--digits", "٣"],
    [*POINT, "--digits", "9999999"],
    [*POINT, "--digits", "5", "--digits", "6"],
    [*POINT, "--lepton", "x"],
    [*POINT, "--scheme", "x"],
    [*POINT, "--scheme", "larin", "--scheme", "larin"],
    [*POINT, "--json=1"],
    [*POINT, "--partial=yes"],
    [*POINT, "-5"],
    ["bound", "scalar"],
    ["bound", "--on", "g_sff"],
    [*BOUND, "--on", "g_sff"],
    [*BOUND, "--digits", "5"],
]


def parsed(monkeypatch, g2, arguments):
    with monkeypatch.context() as patch:
        patch.setattr(quick, "quickly", lambda given: None)
        return vars(g2(*arguments))


@pytest.mark.parametrize("arguments", TAKEN, ids=" ".join)
def test_the_answer_is_the_parsers(g2, monkeypatch, arguments):
    expected = parsed(monkeypatch, g2, arguments)
    monkeypatch.setattr(click.Command, "main", None)
    assert vars(g2(*arguments)) == expected


@pytest.mark.parametrize("arguments", LEFT, ids=" ".join)
def test_what_is_odd_is_left_to_the_parser(g2, monkeypatch, arguments):
    assert quick.quickly(arguments) is None
    assert vars(g2(*arguments)) == parsed(monkeypatch, g2, arguments)


def test_completion_is_left_to_the_parser(monkeypatch):
    monkeypatch.setenv("_G2SYM_COMPLETE", "bash_complete")
    assert quick.quickly(POINT) is None


@pytest.mark.parametrize("name", quick.OPTIONS)
def test_the_options_are_the_commands(name):
    context = click.Context(program)
    command = program.get_command(context, name)
    found = {}
    for parameter in command.params:
        if isinstance(parameter, click.Argument):
            assert parameter.name == "model"
            continue
        (option,) = parameter.opts
        kind = quick.FLAG if parameter.is_flag else quick.MANY if parameter.multiple else quick.ONE
        found[option] = (parameter.name, kind)
        if parameter.name in ("lepton", "scheme"):
            choices = {"lepton": quick.LEPTONS, "scheme": tuple(quick.SCHEMES)}[parameter.name]
            assert tuple(parameter.type.choices) == choices
        elif parameter.name == "digits":
            assert isinstance(parameter.type, click.types.IntParamType)
            assert parameter.default == quick.DIGITS
        elif not parameter.is_flag:
            assert isinstance(parameter.type, click.types.StringParamType)
            assert parameter.get_default(context) in (None, (), getattr(click.core, "UNSET", None))
    assert found == quick.OPTIONS[name]


def test_an_interrupt_is_said_in_the_same_words(g2, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("g2sym.cli.reading.read_observable", interrupted)
    expected = parsed(monkeypatch, g2, POINT)
    assert vars(g2(*POINT)) == expected
    assert (expected["code"], expected["err"]) == (130, "\nError: interrupted.\n")


def test_a_defect_is_said_in_the_same_words(g2, monkeypatch):
    def broken(*_):
        raise RuntimeError("two\nlines")

    monkeypatch.setattr("g2sym.cli.reading.read_observable", broken)
    expected = parsed(monkeypatch, g2, POINT)
    assert vars(g2(*POINT)) == expected
    assert expected["code"] == 1
    assert expected["err"].startswith(
        "Error: unexpected RuntimeError (two lines): this is a defect of g2sym;"
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_streams_of_another_encoding_are_left_to_click(monkeypatch, capsys, encoding):
    import io

    from g2sym.cli.answers import echo

    raw = io.BytesIO()
    said = []
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    monkeypatch.setattr(click, "echo", lambda text, err: said.append((text, err)))
    echo("x")
    assert said == [("x", False)]


def test_escape_sequences_are_left_to_click(capsys):
    from g2sym.cli.answers import echo

    echo("\x1b[31mred\x1b[0m")
    assert capsys.readouterr().out == "red\n"
