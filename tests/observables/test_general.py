"""The reference file of general one-loop dipoles: every moment and dipole, declared from its own text."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from g2sym.base.exact import read_number
from g2sym.errors import UsageError
from g2sym.model.model import load_model
from tests.cases import CASES, KINDS, load, observable, own_fields, values

SINGLE = [case for case in CASES if case["quantity"] in KINDS]


@pytest.mark.parametrize("case", SINGLE, ids=lambda c: c["id"])
def test_every_case_to_45_digits(case: dict, tmp_path: Path) -> None:
    model = load(case, tmp_path)
    found = model.observable(observable(case))
    unit = KINDS[case["quantity"]][1]
    want = read_number(case["value"]["re"])
    got = found.evaluate(48, values(case), unit)
    if want == 0:
        assert (got.ball.midpoint, got.ball.radius) == (0, 0)
        assert any("exactly zero, by definite parity" in s for s in got.record["announcements"])
        return
    assert abs(got.ball.midpoint - want) < abs(want) * Fraction(1, 10**45)
    assert got.ball.contains(got.ball.midpoint)
    if unit is None:
        array = found.lambdify()({**values(case)})
        assert abs(array / float(want) - 1) < 1e-12
    other = read_number(case["value"]["im"])
    imaginary = model.observable(f"im({observable(case)})")
    second = imaginary.evaluate(48, values(case), unit).ball
    assert abs(second.midpoint - other) <= abs(other) * Fraction(1, 10**45)
    assert (got.imaginary is None) == (case["group"] != "B")
    if case["group"] == "B":
        assert abs(got.imaginary.midpoint - other) < abs(other) * Fraction(1, 10**45)
        assert abs(imaginary.lambdify()(values(case)) / float(other) - 1) < 1e-12


def test_nothing_is_left_out() -> None:
    assert len(SINGLE) == 71
    electric = [case for case in SINGLE if KINDS[case["quantity"]][0] == "d"]
    assert len(electric) == 25
    # neutral and charged mediators of both spins, above threshold, charge conjugate lines and leptoquarks
    assert {case["group"] for case in electric} == {"A", "B", "D"}
    assert {case["fields"][n]["spin"] for case in electric for n in own_fields(case)} >= {0, 1}


@pytest.mark.parametrize("unit", [[], {}, 1])
def test_a_unit_that_is_no_name(unit):
    moment = load_model("dark_photon").electric_dipole("mu")
    with pytest.raises(UsageError, match="give the name of a unit"):
        moment.evaluate(10, unit=unit, m_A=1, eps=1)
