"""What statements about a model are decided by: the power of a limit, its conditions, balls' widths."""

from fractions import Fraction
from types import SimpleNamespace

import pytest
from flint import arb

import g2sym as g2
from g2sym.checks import run
from g2sym.proofs import integrals


def moment(power, logarithm, terms):
    leading = SimpleNamespace(t="m", formula="f", to_sympy=None)
    found = SimpleNamespace(power=power, has_logarithm=logarithm, leading=leading)
    return SimpleNamespace(
        contributions={"one": SimpleNamespace(terms=terms)},
        quantity=SimpleNamespace(single=SimpleNamespace(dimension=0), label="a"),
        limit=lambda *a, **k: found,
    )


LOOP, POINT = (SimpleNamespace(integral=SimpleNamespace(variables=v)) for v in (("x",), ()))


@pytest.mark.parametrize(
    ("power", "logarithm", "terms", "verdict"),
    [
        (2, True, [LOOP], "proved"),
        (4, False, [LOOP], "proved"),
        (1, False, [LOOP], "disproved"),
        (0, True, [LOOP], "disproved"),
        (0, True, [LOOP, POINT], "proved"),
        (0, False, [LOOP, POINT], "disproved"),
        (2, True, [LOOP, POINT], "disproved"),
    ],
)
def test_the_law_of_decoupling(power, logarithm, terms, verdict):
    assert run._decoupling(moment(Fraction(power), logarithm, terms), "m_s", "one").verdict == verdict


def test_conditions_are_said():
    assert run._text(SimpleNamespace(conditions=("m_N - m_mu", "m_N")), "0") == (
        "0, where m_N - m_mu > 0 and m_N > 0"
    )
    assert run._text(SimpleNamespace(conditions=()), "0") == "0"


def test_wide_balls_leave_a_closed_form_open(monkeypatch):
    integral = g2.load_model("scalar").anomalous_moment("mu").contributions["one-loop"].terms[0].integral
    monkeypatch.setattr(integrals, "integrate_ball", lambda *a: arb(0, 1e6))
    integrals._proved_once.cache_clear()
    assert integrals.prove_closed_form(integral).verdict == "open"
    integrals._proved_once.cache_clear()
