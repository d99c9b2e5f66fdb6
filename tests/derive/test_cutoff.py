"""Ultraviolet poles as logarithms of the cut-off, whatever masses stand in them."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sympy as sp

import g2sym as g2
from g2sym.derive.cutoff import with_logarithms
from g2sym.derive.terms import Term
from g2sym.errors import ModelError
from g2sym.integrals.rational import Frac, Poly, constant, gen

RHO, NU = gen("rho"), gen("nu")
POINT = {"m_S": 3, "m_N": 5, "m_mu": 2, "Lambda": 7, "y": 11}


@pytest.fixture(scope="module")
def model() -> g2.Model:
    fields = [g2.scalar("S", mass="m_S"), g2.fermion("N", charge=-1, mass="m_N")]
    cutoff = g2.parameter("Lambda", dimension=1)
    return g2.Model("y*S*bar(mu)*N + hc", parameters=[*fields, g2.parameter("y"), cutoff])


def term(model: g2.Model, num: Poly, den: Poly | None = None) -> Term:
    """The exchange of S, as if its integral left a pole; its value matters nothing here."""
    (one,) = model.anomalous_moment("mu").quantity.single.terms
    pole = Frac.of(num, constant(1) if den is None else den)
    return replace(one, integral=replace(one.integral, pole=pole))


@pytest.mark.parametrize(
    ("num", "den", "value"),
    [
        (constant(-2), None, -2),
        (8 * NU + 16, None, 8 * sp.Rational(5, 2) + 16),
        (RHO, None, sp.Rational(9, 4)),
        (NU + 1, RHO, sp.Rational(7, 2) / sp.Rational(9, 4)),
        (constant(3), RHO - NU, 3 / (sp.Rational(9, 4) - sp.Rational(5, 2))),
    ],
)
def test_a_pole_is_the_coefficient_of_the_logarithm(
    model: g2.Model, num: Poly, den: Poly | None, value: sp.Expr
) -> None:
    """y^2 times the pole at rho = (m_S/m)^2, nu = m_N/m, times ln(Lambda^2/m^2), over 16 pi^2."""
    one = term(model, num, den)
    kept, logarithm = with_logarithms(model.declaration, [one], "x")
    assert kept is one
    assert (logarithm.integral.diagram.boson, logarithm.integral.diagram.fermion) == ("S", "N")
    got = logarithm.closed_form().subs(POINT)
    want = 121 * value * sp.log(sp.Rational(49, 4)) / (16 * sp.pi**2)
    assert abs(sp.N(got / want - 1, 30)) < 1e-28


def test_poles_that_cancel_in_the_masses_leave_no_logarithm(model: g2.Model) -> None:
    """rho = (m_S/m)^2 of one diagram and nu^2 = (m_N/m)^2 of another, where both masses are m_S."""
    plain, turned = term(model, RHO), term(model, -NU * NU)
    slots = tuple((n, "m_S", p) for n, _, p in turned.masses.slots)
    turned = replace(turned, masses=replace(turned.masses, slots=slots))
    assert with_logarithms(model.declaration, [plain, turned], "x") == (plain, turned)
    half = replace(turned, coefficient=turned.coefficient / 2)
    assert len(with_logarithms(model.declaration, [plain, half], "x")) == 4
    # a diagram without a pole beside others leaves them their logarithms
    none = term(model, constant(0))
    found = with_logarithms(model.declaration, [none, plain], "x")
    assert [t.integral.is_logarithm for t in found] == [False, False, True]


def test_a_logarithm_needs_a_declared_cutoff(model: g2.Model) -> None:
    bare = g2.load_model("dark_photon").declaration
    assert "Lambda" not in bare.parameters
    with pytest.raises(
        ModelError, match=r"^Couplings of 'dark_photon' leave a logarithm of the cut-off in dipole moments"
    ):
        with_logarithms(bare, [term(model, constant(1))], "Couplings")
    assert len(with_logarithms(bare, [term(model, constant(0))], "Couplings")) == 1
