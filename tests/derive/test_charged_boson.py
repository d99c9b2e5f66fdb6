"""The photon on a charged boson: scalar, and vector in unitary gauge, against the published formulas."""

from __future__ import annotations

from fractions import Fraction

import pytest
from flint import fmpq_mpoly

from g2sym.derive.assemble import assemble, dipole_of, integrands
from g2sym.derive.dirac import BOSON
from g2sym.derive.topology import charged_exchange, neutral_exchange
from g2sym.integrals.canonical import ClosedForm, integrate
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import Frac, constant, fold, gen

S, P, V, A = (), ("5",), (BOSON,), ("5", BOSON)
Poly = fmpq_mpoly
X, RHO, NU = gen("x"), gen("rho"), gen("nu")
DELTA_B = RHO * X + NU**2 * (1 - X) - X * (1 - X)
DELTA_F = RHO * (1 - X) + NU**2 * X - X * (1 - X)


def kernel(outgoing: tuple[str, ...], incoming: tuple[str, ...], spin: int) -> FeynmanIntegral:
    return assemble(charged_exchange(outgoing, incoming, spin), dipole_of(outgoing, incoming))


def form(numerator: Poly, delta: Poly, divisor: Poly | None = None) -> ClosedForm:
    return integrate({1: numerator}, 0 * X, delta).scale(
        Frac.of(1, constant(1) if divisor is None else divisor)
    )


def scalar_b(e: Poly) -> Poly:
    """N_B = -x (1-x)(x+e): Leveille 1978; Jegerlehner and Nyffeler 2009."""
    return -X * (1 - X) * (X + e)


def vector_b(e: Poly) -> Poly:
    """rho N_B, N_B = 2 x^2 (1+x-2e) - lambda^2 (1-e)^2 x (1-x)(x+e), with a minus sign."""
    return 2 * RHO * X**2 * (1 + X - 2 * e) - (1 - e) ** 2 * X * (1 - X) * (X + e)


# a = (m^2/8 pi^2) int (|C_+|^2 N(e) + |C_-|^2 N(-e))/Delta; the conjugate vertex has -C_P^* gamma5, and
# gamma^mu gamma5 = -gamma5 gamma^mu in both vertices of A
@pytest.mark.parametrize(
    ("string", "spin", "numerator", "divisor"),
    [
        (S, 0, 2 * scalar_b(NU), constant(1)),
        (P, 0, -2 * scalar_b(-NU), constant(1)),
        (V, 1, 2 * vector_b(NU), RHO),
        (A, 1, 2 * vector_b(-NU), RHO),
    ],
)
def test_magnetic_moment(string: tuple[str, ...], spin: int, numerator: Poly, divisor: Poly) -> None:
    found = kernel(string, string, spin)
    assert found.is_finite
    assert found.delta == DELTA_B
    assert found.canonical == form(numerator, DELTA_B, divisor)
    assert found.divisor == divisor  # 1/M^4 drops out, as the Ward identity asks


def test_the_other_sign_of_the_longitudinal_part_would_be_seen() -> None:
    wrong = 2 * (4 * RHO * X**2 * (1 + X - 2 * NU) - vector_b(NU))
    assert kernel(V, V, 1).canonical != form(wrong, DELTA_B, RHO)


# For Q_B/Q_l = 1, 16 pi^2 m (A_R - A_L) = -int [N - (L and R exchanged)]/Delta. With s the weight of the
# pair and z = 1 - s, the bracket is 2 i Im(R L^*) times z s m_F for a scalar, and times
# -4 s^2 m_F + z s m_F (1 - m_F^2)/M^2 for a vector; the kernel times 2 i Im(C_P C_S^*) = i Im(R L^*), the
# same for A and V, is this form factor.
@pytest.mark.parametrize(
    ("outgoing", "incoming", "spin", "numerator", "divisor"),
    [
        (S, P, 0, -2 * NU * X * (1 - X), constant(1)),
        (P, S, 0, -2 * NU * X * (1 - X), constant(1)),
        (V, A, 1, 2 * NU * (4 * RHO * X**2 - X * (1 - X) * (1 - NU**2)), RHO),
        (A, V, 1, -2 * NU * (4 * RHO * X**2 - X * (1 - X) * (1 - NU**2)), RHO),
    ],
)
def test_electric_dipole_moment(
    outgoing: tuple[str, ...], incoming: tuple[str, ...], spin: int, numerator: Poly, divisor: Poly
) -> None:
    found = kernel(outgoing, incoming, spin)
    assert found.is_finite
    assert found.canonical == form(numerator, DELTA_B, divisor)


def test_the_photon_on_the_fermion_has_the_same_reference() -> None:
    """N_F = x^2 (1-x+e), and 2 x (1-x)(x-2+2e) + lambda^2 (1-e)^2 x^2 (1-x+e)."""
    scalar, vector = (
        assemble(neutral_exchange(string, string, spin), "magnetic") for string, spin in ((S, 0), (V, 1))
    )
    assert scalar.canonical == form(2 * X**2 * (1 - X + NU), DELTA_F)
    plain = 2 * RHO * X * (1 - X) * (X - 2 + 2 * NU)
    longitudinal = (1 - NU) ** 2 * X**2 * (1 - X + NU)
    assert vector.canonical == form(2 * (plain + longitudinal), DELTA_F, RHO)


@pytest.mark.parametrize("string", [V, A])
def test_unitary_gauge_is_finite_and_regular_in_the_sum_only(string: tuple[str, ...]) -> None:
    parts = dict(integrands(charged_exchange(string, string, 1), "magnetic"))
    assert set(parts) == {(), ("rho",), ("rho", "rho")}
    assert parts[("rho", "rho")].is_zero
    assert any(part.pole != 0 for part in parts.values())


def test_a_massless_neutrino() -> None:
    """Delta has a factor x then; V and A contribute alike, 2 x^2 (1+x) - x^2 (1-x) m^2/M^2 each."""
    found = kernel(V, V, 1).substitute({"nu": constant(0)})
    assert found.canonical == kernel(A, A, 1).substitute({"nu": constant(0)}).canonical
    expected = form(2 * (2 * RHO * X**2 * (1 + X) - X**2 * (1 - X)), X * (RHO - 1 + X), RHO)
    assert found.canonical == expected
    assert found.thresholds == (("rho",),)


@pytest.mark.parametrize(("string", "spin", "limit"), [(S, 0, Fraction(-1, 6)), (V, 1, Fraction(5, 3))])
def test_heavy_boson_limits(string: tuple[str, ...], spin: int, limit: Fraction) -> None:
    """m_l -> 0 with a massless fermion: -1/6 and 5/3 in units of m^2/8 pi^2 M^2."""
    found = kernel(string, string, spin)
    at = {"rho": Fraction(10) ** 12, "nu": Fraction(0)}
    top, divisor = dict(found.powers)[1], at["rho"] if spin else 1
    steps, total = 1000, 0.0
    for i in range(steps):  # midpoint rule; Delta = x (rho - 1 + x)
        x = Fraction(2 * i + 1, 2 * steps)
        value = fold(top, {**at, "x": x}.__getitem__, lambda q: Fraction(int(q.p), int(q.q)))
        total += float(value * at["rho"] / (x * (at["rho"] - 1 + x) * divisor)) / steps
    assert total / 2 == pytest.approx(float(limit), rel=1e-5)
