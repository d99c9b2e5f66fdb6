"""What goes wrong ends in one sentence and the exit code of its kind."""

import pytest

from g2sym.cli import app
from g2sym.cli.app import program
from g2sym.errors import CheckFailed, InputError, PrecisionError

POINT = ("--set", "m_a=0.5", "--set", "g_aff=1e-3")


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (("evall",), 2, "did you mean 'eval'"),
        (("eval",), 2, "MODEL"),
        (("eval", "alp"), 2, "m_a, g_aff have no value"),
        (("eval", "alp", "--set", "m_a"), 2, "NAME=VALUE"),
        (("eval", "alp", "--set", "m_a=x"), 2, "not a number"),
        (("eval", "alp", "--set", "m_a=nan"), 2, "not a number"),
        (("eval", "alp", "--set", "m_a=inf"), 2, "not a number"),
        (("eval", "alp", "--set", "m_a=1e99999"), 2, "exponent"),
        (("eval", "alp", "--set", "m_a=-1", "--set", "g_aff=1"), 2, "negative"),
        (("eval", "alp", "--set", "g_af=1", "--set", "m_a=1"), 2, "did you mean 'g_aff'"),
        (("eval", "alp", "--set", "m_a=1", "--set", "m_a=2"), 2, "twice"),
        (("eval", "alp", *POINT, "--digits", "0"), 2, "digits"),
        (("eval", "alp", *POINT, "--digits", "many"), 2, "digits"),
        (("eval", "alp", *POINT, "--lepton", "muon"), 2, "lepton"),
        (("eval", "alp", *POINT, "--input", "m_muon=1"), 2, "did you mean 'm_mu'"),
        (("eval", "alp", *POINT, "--input", "m_mu=0"), 2, "positive"),
        (("eval", "alp", *POINT, "--measurement", "electron-2023-cs"), 2, "lepton"),
        (("eval", "alp", *POINT, "--measurement", "muon-2026"), 3, "did you mean 'muon-2025'"),
        (("eval", "alpp", *POINT), 3, "did you mean 'alp'"),
        (("eval", "no/such.toml", *POINT), 3, "no such file"),
        (("eval", "/", *POINT), 3, "regular file"),
        (("bound", "alp", "--set", "m_a=1"), 2, "--on"),
        (("bound", "alp", "--on", "g_afff", "--set", "m_a=1"), 2, "did you mean 'g_aff'"),
        (("bound", "alp", "--on", "g_aff", "--set", "g_aff=1", "--set", "m_a=1"), 2, "g_aff"),
        (("bound", "alp", "--on", "g_aff", "--set", "m_a=1", "--vary", "m_a=1:2:3"), 2, "both set"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2"), 2, "FROM:TO:COUNT"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2:3:cubic"), 2, "FROM:TO:COUNT"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=0:2:3"), 2, "':lin'"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2:1"), 2, "count"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2:2.5"), 2, "count"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:2:9999999"), 2, "count"),
        (("bound", "alp", "--on", "g_aff", "--vary", "m_a=1:1:5"), 2, "same"),
        (("bound", "alp", "--on", "g_aff", "--set", "m_a=1", "--criterion", "intervall"), 2, "'interval'"),
        (("bound", "alp", "--on", "g_aff", "--set", "m_a=1", "--n-sigma", "0"), 2, "positive"),
        (("bound", "alp", "--on", "g_aff", "--set", "m_a=1", "--n-sigma", "two"), 2, "not a number"),
        (("show", "alp", "--format", "html"), 2, "format"),
        (("figure", "3", "-o", "x.png"), 2, "no figure '3'"),
        (("figure", "2"), 2, "-o"),
        (("figure", "2", "-o", "x.jpg"), 2, ".png"),
        (("figure", "2", "-o", "nowhere/x.png"), 2, "does not exist"),
        (("figure", "2", "-o", "x.png", "--points", "1"), 2, "points"),
    ],
)  # fmt: skip
def test_mistakes_get_one_sentence_and_their_exit_code(g2, arguments, code, word, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = g2(*arguments)
    assert done.code == code
    assert done.out == ""
    assert done.one_sentence, done.err
    assert word in done.err
    assert list(tmp_path.iterdir()) == []


def test_too_many_points_are_refused(g2):
    grids = ("--vary", "m_a=1:2:2000", "--vary", "Lambda=1:2:2000")
    done = g2("bound", "alp", "--on", "g_aff", *grids)
    assert (done.code, done.one_sentence) == (2, True)


def raising(error):
    def main(*args, **kwargs):
        raise error

    return main


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ZeroDivisionError("a\nb"), 1),
        (KeyError(), 1),
        (MemoryError(), 1),
        (RecursionError("deep"), 1),
        (KeyboardInterrupt(), 130),
        (PrecisionError("No."), 4),
        (CheckFailed("No."), 5),
        (InputError("\x1b[2JNo."), 3),
    ],
)
def test_endings_become_exit_codes(g2, monkeypatch, error, code):
    monkeypatch.setattr(program, "main", raising(error))
    done = g2("models")
    assert done.code == code
    assert done.one_sentence
    assert "\x1b" not in done.err
    if code == 1:
        assert "G2SYM_TRACEBACK=1" in done.err
        assert type(error).__name__ in done.err


def test_the_traceback_can_be_asked_for(monkeypatch):
    monkeypatch.setenv("G2SYM_TRACEBACK", "1")
    monkeypatch.setattr(program, "main", raising(ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        app.run(["models"])
