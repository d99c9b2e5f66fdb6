"""What an evaluation prints: correctly rounded digits, a radius that is true of them, or a sentence."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from flint import arb

import g2sym as g2
from g2sym.base.balls import Ball
from g2sym.cli import main
from g2sym.constraints import bounds
from g2sym.inputs import Edge
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
    document = replace(row, windows=((tie, None),), digits=2).as_dict()
    assert document["allowed_decimal"] == [["0.125", None]]  # one decimal more tells how the last is rounded
    assert replace(row, windows=((tie, tie),)).text(3) == "[0.125, 0.125]"


@pytest.mark.parametrize("digits", [1, 2, 5, 17])
@pytest.mark.parametrize("side", [-1, 0, 1])
def test_settled_decimals_are_correctly_rounded(digits: int, side: int) -> None:
    """Half-way between two decimals of ``digits`` digits, a little beside it, or on it."""
    half = Fraction(10**digits + 5, 10) * Fraction(10) ** (1 - digits)  # 1.0...05
    truth = half + side * Fraction(1, 10**60)
    ball = Ball(half, Fraction(1, 10**50))
    assert not ball.agrees(digits)
    shown = ball.settled(digits)
    assert abs(Fraction(shown) - truth) <= Fraction(1, 2) * Fraction(10) ** -digits
    assert Fraction(shown) == half
    assert Ball.exact(truth).settled(digits) == Ball.exact(truth).text(digits)
    wide = Ball(half, Fraction(1, 10))  # too wide for what is asked
    assert wide.settled(30) == wide.text(30)


def test_an_edge_of_a_window_on_a_tie() -> None:
    """A square root beside 17 digits and a 5: the window of JSON documents is rounded as the truth is."""
    root = Fraction("1.00000000000000015")  # 18 digits, the last one a 5
    edge = Edge(Fraction(0), Fraction(1), root**2)
    assert edge.text(17) == Ball.exact(root).text(17)
    near = Edge(Fraction(0), Fraction(1), root**2 + Fraction(1, 10**60))
    assert near.text(17) == "1.00000000000000015"


def test_the_csv_of_a_bound_on_a_tie(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tie = Ball(Fraction("1.00000000000000015"), Fraction(1, 10**60))
    monkeypatch.setattr(bounds, "windows_at", lambda *_: [(tie, None)])
    path = tmp_path / "b.csv"
    assert main(["bound", "dark_photon", "--on", "eps", "--set", "m_A=1", "--csv", str(path)]) == 0
    assert "1.00000000000000015" in path.read_text()
