"""Exactly at a removable pole: the value beside it, certified, and as quick as anywhere else."""

import time
from fractions import Fraction

import pytest

import g2sym as g2

M_Z = Fraction(227969, 2500)
CASES = {
    "alp": {"g_aff": "1e-3", "g_agg": "1e-4", "g_agZ": "1e-4"},
    "scalar": {"g_sff": "1e-3", "g_sgg": "1e-4", "g_sgZ": "1e-4"},
}


@pytest.mark.parametrize("name", sorted(CASES))
def test_the_value_at_the_mass_of_the_z(name):
    model = g2.load_model(name)
    moment, (mass,) = model.anomalous_moment("mu"), model.declaration.masses
    assert Fraction(str(moment.inputs["m_Z"].value)) == M_Z
    for digits in (17, 60, 400):
        at = moment.evaluate(digits, params={mass: M_Z, **CASES[name]}).ball
        step = Fraction(1, 10 ** (digits + 10))
        for beside in (M_Z * (1 - step), M_Z * (1 + step)):
            near = moment.evaluate(digits, params={mass: beside, **CASES[name]}).ball
            assert abs(at.midpoint - near.midpoint) <= at.radius + near.radius + abs(at.midpoint) * step * 10
        assert at.radius < abs(at.midpoint) / 10**digits


def test_two_thousand_digits_take_no_longer_there_than_elsewhere():
    moment = g2.load_model("alp").anomalous_moment("mu")
    start = time.perf_counter()
    moment.evaluate(2000, m_a=M_Z, **CASES["alp"])
    assert time.perf_counter() - start < 5  # it took 36 s with a point for every four bits
