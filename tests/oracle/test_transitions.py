"""l1 -> l2 gamma by quadrature: all cases of the reference, the other oracle at equal masses, hermiticity,
Lavoura's functions."""

from __future__ import annotations

import json
import sys
from fractions import Fraction as Q
from functools import cache
from pathlib import Path

import pytest
from mpmath import mp, mpc, mpf

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Field, moments
from oracle.test_oracle import declared
from oracle.transitions import Loop, amplitudes, inner, lavoura, loops_of, outer, transition, width_factor

CASES = json.loads((Path(__file__).parents[1] / "reference" / "general.json").read_text())["cases"]
TRANSITIONS = [case for case in CASES if len(case["leptons"]) == 2]
ONE, TWO = (mpc("0.3", "0.1"), mpc("0.2", "-0.5")), (mpc("-0.1", "0.7"), mpc("0.4", "0.3"))


def test_there_are_24_cases() -> None:
    assert len(TRANSITIONS) == 24
    assert {case["quantity"] for case in TRANSITIONS} == {"A_R", "A_L", "BR", "L_egamma"}


@cache
def _computed(model: str) -> tuple:
    """The two amplitudes and masses of a model, which several cases share."""
    case = next(c for c in TRANSITIONS if c["id"].partition(".")[0] == model)
    loops, m1, m2 = loops_of(case["lagrangian_text"], declared(case), case["inputs"], *case["leptons"])
    return *amplitudes(loops, m1, m2), m1, m2


@pytest.mark.parametrize("case", TRANSITIONS, ids=lambda c: c["id"])
def test_every_case_of_the_reference(case: dict) -> None:
    with mp.workdps(62):
        a_r, a_l, m1, m2 = _computed(case["id"].partition(".")[0])
        got = {"A_R": a_r, "A_L": a_l}.get(case["quantity"])
        if got is None:
            alpha = 1 / mpf(case["inputs"]["alpha_inv"])
            got = mp.sqrt(4 * mp.pi * alpha) * m1 * a_r / 2  # L_egamma
        if case["quantity"] == "BR":
            width = width_factor(m1, m2, alpha) * (abs(a_r) ** 2 + abs(a_l) ** 2)
            got = width / mpf(case["inputs"][f"Gamma_{case['leptons'][0]}"])
        want = mpc(case["value"]["re"], case["value"]["im"])
        # the file has 50 digits; three light fermions in the loop leave the outer quadrature 47
        digits = 46 if "dc4" in case["id"] else 49
        assert abs(got - want) < abs(want) * mpf(10) ** -digits


@pytest.mark.parametrize("spin", [0, 1])
@pytest.mark.parametrize("masses", [("80", "30"), ("40", "200"), ("1.7", "0.5"), ("0.3", "1.6")])
def test_equal_masses_give_the_moments_of_the_other_oracle(spin: int, masses: tuple[str, str]) -> None:
    """At m1 = m2 and equal couplings the formula is that of a and d.

    Above threshold 1/Delta then has poles that no quadrature takes.
    """
    structure = ("V(al)*bar(tau)*gamma(al)" if spin else "S*bar(tau)") + "*(y_L*PL + y_R*PR)*N + hc"
    values = {"m_tau": "1.77693", "re_y_L": "0.3", "im_y_L": "0.1", "re_y_R": "0.2", "im_y_R": "-0.5"}
    boson = "V" if spin else "S"
    fields = {
        boson: Field(boson, Q(spin), Q(-3, 5), Q(masses[0])),
        "N": Field("N", Q(1, 2), Q(-2, 5), Q(masses[1])),
    }
    with mp.workdps(50):
        a_r, a_l = transition(structure, fields, values, "tau", "tau")
        want = moments(structure, fields, values, "tau", 45)
        m = mpf("1.77693")
        assert abs(m**2 * (a_r + a_l) - want.a) < abs(want.a) * mpf("1e-40")
        assert abs(0.5j * m * (a_r - a_l) - want.d) < abs(want.d) * mpf("1e-40")


@pytest.mark.parametrize("spin", [0, 1])
def test_hermiticity_and_threshold(spin: int) -> None:
    """m1 A_R(l1 -> l2) = [m2 A_L(l2 -> l1)]^* below threshold, and not above."""
    m1, m2 = mpf("1.77693"), mpf("0.1056583755")
    with mp.workdps(40):
        for boson, holds in ((mpf(3), True), (mpf("0.9"), False)):
            there = Loop(spin, mpf("0.3"), boson, mpf(-1), mpf(0), ONE, TWO)
            back = Loop(spin, mpf("0.3"), boson, mpf(-1), mpf(0), TWO, ONE)
            a_r, _ = amplitudes([there], m1, m2)
            _, a_l = amplitudes([back], m2, m1)
            off = abs(m1 * a_r - mp.conj(m2 * a_l)) / abs(m1 * a_r)
            assert (off < mpf("1e-36")) == holds


@pytest.mark.parametrize("spin", [0, 1])
@pytest.mark.parametrize("masses", [(80, 30), (40, 200)])
@pytest.mark.parametrize("couplings", [(ONE, TWO), ((mpc(0), ONE[1]), (mpc(0), TWO[1])), ((1, 0), (0, 1))])
def test_lavouras_functions_are_the_leading_order(spin: int, masses: tuple, couplings: tuple) -> None:
    boson, fermion = map(mpf, masses)
    with mp.workdps(40):
        for charge_f in (mpf(-1), mpf(0)):
            loop = Loop(spin, fermion, boson, charge_f, -1 - charge_f, *couplings)
            small = mpf("1e-9")
            exact = amplitudes([loop], small, small / 7)
            leading = lavoura(loop, small, small / 7)
            for got, lead in zip(exact, leading, strict=True):
                assert abs(got - lead) <= max(map(abs, leading)) * 20 * (small / 40) ** 2


def test_inner_integral_at_the_change_of_method() -> None:
    """The series and the closed form agree where one takes over from the other; a plain double integral."""
    with mp.workdps(50):
        c0, c1, alpha, s = mpc(2, 1), mpc(-1, 3), mpf(3), mpf("0.7")
        for u in (mpf("0.9999e-3"), mpf("1.0001e-3"), mpf("-0.9e-3"), mpf("0.8")):
            beta = u * alpha / s
            plain = mp.quad(lambda x, b=beta: (c0 + c1 * x) / (alpha - b * x), [0, s])
            assert abs(inner(c0, c1, alpha, beta, s) - plain) < mpf("1e-44")
    with mp.workdps(20):
        third, pair, m1, m2 = mpf(4), mpf(2), mpf("1.1"), mpf("0.4")

        def plain2(x: mpf, t: mpf) -> mpf:
            y = t * (1 - x)
            z = 1 - x - y
            delta = z * third + (x + y) * pair - z * (x * m1**2 + y * m2**2)
            return (1 - x) * (1 + z + z * x - 2 * y) / delta

        want = mp.quad(plain2, [0, 1], [0, 1])
        got = outer(lambda z: (1 + z, z, mpf(-2)), third, pair, m1, m2)
        assert abs(got - want) < mpf("1e-15")
