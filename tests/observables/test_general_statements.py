"""Statements about one-loop dipoles that hold for every mediator, proved symbolically."""

from __future__ import annotations

import pytest
import sympy as sp

import g2sym as g2
from g2sym.derive.assemble import charged_kernel, neutral_kernel
from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, constant, gen

S, P, V, A = (), (GAMMA5,), (BOSON,), (GAMMA5, BOSON)
KERNELS = {"fermion": neutral_kernel, "boson": charged_kernel}
CHARGES = {"fermion": ("0", "-1"), "boson": ("-1", "0")}


def model(spin: int, text: str, charges: tuple[str, str] = ("-1", "0"), complex_: bool = True) -> g2.Model:
    """Declare X lbar (text) N + hc; ``charges`` of X and N; couplings y_L, y_R."""
    boson, fermion = charges
    make = g2.vector if spin else g2.scalar
    fields = [make("X", charge=boson, mass="m_X"), g2.fermion("N", charge=fermion, mass="m_N")]
    names = [g2.parameter(n, complex=complex_) for n in ("y_L", "y_R")]
    front = "X(al)*bar(mu)*gamma(al)*" if spin else "X*bar(mu)*"
    return g2.Model(f"{front}({text})*N + hc", fields=fields, parameters=names)


def integrand(found: g2.Model, kind: str) -> sp.Expr:
    return sp.factor(found.observable(kind).integrand)


@pytest.mark.parametrize("place", CHARGES)
@pytest.mark.parametrize("spin", [0, 1])
def test_parity(spin: int, place: str) -> None:
    """With both chiralities exchanged a is the same and d changes its sign."""
    one = model(spin, "y_L*PL + y_R*PR", CHARGES[place])
    other = model(spin, "y_R*PL + y_L*PR", CHARGES[place])
    assert sp.simplify(integrand(one, "a(mu)") - integrand(other, "a(mu)")) == 0
    assert sp.simplify(integrand(one, "d(mu)") + integrand(other, "d(mu)")) == 0


@pytest.mark.parametrize("place", CHARGES)
@pytest.mark.parametrize("spin", [0, 1])
def test_the_sign_of_the_fermions_mass(spin: int, place: str) -> None:
    """m_F -> -m_F exchanges the parities in a; the integrand of d is odd."""
    mass = sp.Symbol("m_N")
    one = model(spin, "y_L + y_R*gamma5", CHARGES[place])
    other = model(spin, "y_R + y_L*gamma5", CHARGES[place])
    turned = integrand(one, "a(mu)").subs(mass, -mass)
    assert sp.simplify(turned - integrand(other, "a(mu)")) == 0
    odd = integrand(one, "d(mu)")
    assert sp.simplify(odd.subs(mass, -mass) + odd) == 0


@pytest.mark.parametrize("place", CHARGES)
@pytest.mark.parametrize("spin", [0, 1])
@pytest.mark.parametrize("text", ["y_L*PL", "y_R*PR", "y_L", "y_R*gamma5"])
def test_no_electric_dipole_of_one_chirality_or_parity(spin: int, place: str, text: str) -> None:
    dipole = model(spin, text, CHARGES[place]).electric_dipole("mu")
    assert not dipole.contributions
    assert dipole.closed_form() == 0


@pytest.mark.parametrize("place", CHARGES)
@pytest.mark.parametrize("spin", [0, 1])
def test_no_electric_dipole_of_real_couplings(spin: int, place: str) -> None:
    dipole = model(spin, "y_L*PL + y_R*PR", CHARGES[place], complex_=False).electric_dipole("mu")
    assert not dipole.contributions


@pytest.mark.parametrize("place", CHARGES)
@pytest.mark.parametrize("spin", [0, 1])
def test_no_electric_dipole_with_a_massless_fermion(spin: int, place: str) -> None:
    dipole = model(spin, "y_L*PL + y_R*PR", CHARGES[place]).electric_dipole("mu")
    found = dipole.evaluate(10, m_X=3, m_N=0, re_y_L=1, im_y_L=2, re_y_R=3, im_y_R=-1)
    assert found.ball.sign == 0
    assert dipole.limit("m_N", 0, m_X=3).to_sympy() == 0


@pytest.mark.parametrize("place", CHARGES)
def test_the_electric_dipole_is_the_flip_term_of_a_scalar_but_not_of_a_vector(place: str) -> None:
    """With f m_F L R^* alone the two have one kernel; a vector has m_F (f L R^* + m^2 g R L^*)."""
    kernel = KERNELS[place]

    def flip(even: tuple[str, ...], odd: tuple[str, ...], spin: int) -> ClosedForm:
        """|C_+|^2 - |C_-|^2; the conjugate of a pseudoscalar vertex has a sign of its own."""
        sign = Frac.of(constant(1 if spin == 0 else -1))
        return kernel(even, even, spin).canonical + kernel(odd, odd, spin).canonical.scale(sign)

    def electric(even: tuple[str, ...], odd: tuple[str, ...], spin: int) -> ClosedForm:
        return kernel(even, odd, spin).canonical

    assert flip(S, P, 0) == electric(S, P, 0).scale(Frac.of(constant(2)))
    magnetic, dipole = flip(V, A, 1), electric(V, A, 1)
    assert all(magnetic != dipole.scale(Frac.of(constant(n))) for n in (-2, -1, 1, 2))


@pytest.mark.parametrize("spin", [0, 1])
def test_everything_is_linear_in_the_charges(spin: int) -> None:
    """a(Q_F, Q_B) = -Q_F a_F - Q_B a_B with Q_F + Q_B = -1."""
    fermion, boson, mixed = (
        model(spin, "y_L*PL + y_R*PR", charges).anomalous_moment("mu").integrand
        for charges in (("0", "-1"), ("-1", "0"), ("-5/3", "2/3"))
    )
    third = sp.Rational(1, 3)
    assert sp.simplify(mixed - (-2 * third * fermion + 5 * third * boson)) == 0


def test_a_complex_scalar_is_two_degenerate_real_ones() -> None:
    """phi = (phi1 + i phi2)/sqrt2: both contractions count."""
    names = [g2.parameter(n, complex=True) for n in ("y_L", "y_R")]
    whole = g2.Model(
        "phi*bar(mu)*(y_L*PL + y_R*PR)*mu + hc",
        fields=[g2.scalar("phi", mass="m_phi", self_conjugate=False)],
        parameters=names,
    )
    parts = g2.Model(
        "1/sqrt(2)*(one + I*two)*bar(mu)*(y_L*PL + y_R*PR)*mu + hc",
        fields=[g2.scalar("one", mass="m_phi"), g2.scalar("two", mass="m_phi")],
        parameters=names,
    )
    for kind in ("a(mu)", "d(mu)"):
        assert sp.simplify(whole.observable(kind).integrand - parts.observable(kind).integrand) == 0


@pytest.mark.parametrize("place", CHARGES)
@pytest.mark.parametrize("spin", [0, pytest.param(1, marks=pytest.mark.long)])
def test_pseudothreshold_and_equal_masses_are_regular(spin: int, place: str) -> None:
    amm = model(spin, "y_L*PL + y_R*PR", CHARGES[place]).anomalous_moment("mu")
    for point in ("m_N", "m_N + m_mu"):
        found = amm.limit("m_X", point, m_N=2, re_y_L=1, im_y_L=0, re_y_R=2, im_y_R=0)
        assert len(found.sides) == 2
        assert not found.diverges


def test_the_kernels_are_those_of_one_denominator() -> None:
    """Charged and neutral exchange have one Delta, with the two masses exchanged."""
    x, rho, nu = gen("x"), gen("rho"), gen("nu")
    assert charged_kernel(S, S, 0).delta == rho * x + nu**2 * (1 - x) - x * (1 - x)
    assert neutral_kernel(S, S, 0).delta == rho * (1 - x) + nu**2 * x - x * (1 - x)


@pytest.mark.parametrize("conjugate", [False, True])
def test_two_degenerate_majorana_fermions_of_opposite_cp_are_a_dirac_fermion(conjugate: bool) -> None:
    """N = (one + i two)/sqrt2, cc(N) = (one - i two)/sqrt2, both coupled to one boson or the first alone."""
    names = [g2.parameter(n, complex=True) for n in ("y_L", "y_R")]
    boson = g2.scalar("H", charge=1, mass="m_H")
    halves = [g2.fermion(n, mass="m_N", self_conjugate=True) for n in ("one", "two")]
    right, sign = ("bar(cc(N))", "-") if conjugate else ("bar(N)", "+")
    dirac = g2.Model(
        f"H*bar(N)*y_L*PL*mu + H*{right}*y_R*PR*mu + hc",
        fields=[boson, g2.fermion("N", mass="m_N")],
        parameters=names,
    )
    majorana = g2.Model(
        f"1/sqrt(2)*H*bar(one)*(y_L*PL + y_R*PR)*mu - I/sqrt(2)*H*bar(two)*(y_L*PL {sign} y_R*PR)*mu + hc",
        fields=[boson, *halves],
        parameters=names,
    )
    for kind in ("a(mu)", "d(mu)"):
        one, other = (m.observable(kind).integral() for m in (dirac, majorana))
        assert sp.simplify(one - other) == 0
