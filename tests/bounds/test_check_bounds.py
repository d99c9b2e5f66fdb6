"""What statements about a model are decided by: the power of a limit, its conditions, balls' widths."""

from fractions import Fraction

import pytest
from flint import arb

import g2sym as g2
from g2sym.checks import run
from g2sym.proofs import integrals


@pytest.mark.parametrize(
    ("power", "logs", "effective", "verdict"),
    [
        (2, 1, False, "proved"),
        (4, 0, False, "proved"),
        (1, 0, False, "disproved"),
        (0, 1, False, "disproved"),
        (0, 1, True, "proved"),
        (0, 0, True, "disproved"),
        (2, 1, True, "disproved"),
    ],
)
def test_the_law_of_decoupling(power, logs, effective, verdict):
    assert run._decoupled(Fraction(power), logs, effective) == verdict


def test_wide_balls_leave_a_comparison_open(monkeypatch):
    integral = g2.load_model("scalar").anomalous_moment("mu").contributions["one-loop"].terms[0].integral
    monkeypatch.setattr(integrals, "integrate_ball", lambda *a: arb(0, 1e6))
    assert integrals.compare_closed_form(integral).verdict == "open"
