"""What an evaluation prints: correctly rounded digits, a radius that is true of them, or a sentence."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import arb

import g2sym as g2
from g2sym.base.balls import Ball
from g2sym.cli import main
from g2sym.queries import evaluate

POINT = {"m_a": "0.5", "g_aff": "1e-3", "g_agg": "1e-4"}


@pytest.mark.parametrize("digits", [1, 2, 3, 5, 10, 17, 30, 100])
def test_the_radius_is_true_of_what_is_printed(digits: int) -> None:
    moment = g2.load_model("alp").anomalous_moment("mu")
    truth = moment.evaluate(digits=200, **POINT).ball.midpoint
    found = moment.evaluate(digits=digits, **POINT)
    printed = Fraction(str(found))
    assert abs(printed - truth) <= Fraction(found.radius)
    assert Fraction(found.radius) <= abs(printed) * Fraction(10) ** (1 - digits)
    assert found.ball.agrees(digits)
    document = found.as_dict()
    assert (document["value"], document["radius"]) == (str(found), found.radius)


def test_a_value_half_way_between_two_decimals_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No precision tells on which side of the middle it lies."""

    def half_way(quantity: object, known: object):
        return lambda bits: arb("0.125", 2.0**-40) if bits < 64 else arb(1) / 8 + arb(0, arb(2) ** -bits)

    monkeypatch.setattr(evaluate, "_whole", half_way)
    ratio = g2.load_model("dark_photon").observable("a(e)/a(mu)")
    found = ratio.evaluate(m_A="0.1", eps="1e-3", digits=2)
    assert str(found) == "1.2e-1(1)"
    assert any("may be off by one" in sentence for sentence in found.as_dict()["announcements"])
    assert Fraction(found.as_dict()["value"]) == Fraction(12, 100)
    assert Fraction(found.radius) >= Fraction(1, 200)
    point = ["--set", "m_A=0.1", "--set", "eps=1e-3", "--digits", "2"]
    assert main(["eval", "dark_photon", "--observable", "a(e)/a(mu)", *point]) == 0
    assert "The last digit of the value may be off by one" in capsys.readouterr().out
    found = ratio.evaluate(m_A="0.1", eps="1e-3", digits=3)
    assert str(found) == "0.125"
    assert not any("off by one" in sentence for sentence in found.as_dict()["announcements"])


def test_the_uncertainty_from_the_inputs_has_the_digits_it_prints() -> None:
    moment = g2.load_model("alp").anomalous_moment("mu")
    found = moment.input_uncertainty(**POINT)
    assert found.total.agrees(6)
    squares = sum(shift.midpoint**2 for shift in found.shifts.values())
    assert abs(found.total.midpoint**2 / squares - 1) < Fraction(1, 10**5)


def test_a_pull_does_not_lose_digits_with_few_digits_asked(capsys: pytest.CaptureFixture[str]) -> None:
    point = ["--set", "m_a=0.5", "--set", "g_aff=1e-3", "--measurement", "muon-2025"]
    shown = []
    for digits in ("1", "30"):
        assert main(["eval", "alp", "--lepton", "mu", *point, "--digits", digits]) == 0
        (line,) = [x for x in capsys.readouterr().out.splitlines() if "pull" in x]
        shown.append(line.split()[-1])
    assert shown[0] == shown[1]
    assert len(shown[0].lstrip("-").replace(".", "")) >= 6


def test_windows_and_lines() -> None:
    row = g2.bound(
        g2.load_model("alp").anomalous_moment("mu"), on="g_aff", measurement="muon-2025", m_a="0.1"
    ).rows[0]
    from dataclasses import replace

    tie = Ball(Fraction(125, 1000), Fraction(1, 10**40))
    assert replace(row, windows=((tie, None),)).text(2) == "[1.2e-1(1), inf)"
    assert replace(row, windows=((tie, tie),)).text(3) == "[0.125, 0.125]"
