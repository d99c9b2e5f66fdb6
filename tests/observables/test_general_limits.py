"""Limits of one-loop dipoles for light leptons, with the photon on the fermion or on the boson.

In units of m^2/(8 pi^2 M^2) per |C_S|^2 + |C_P|^2 (even), m m_F/(8 pi^2 M^2) per |C_S|^2 - |C_P|^2 (flip):
J. P. Leveille, Nucl. Phys. B 137 (1978) 63; F. Jegerlehner and A. Nyffeler, Phys. Rept. 477 (2009) 1;
L. Lavoura, Eur. Phys. J. C 29 (2003) 191.
"""

from __future__ import annotations

import pytest
import sympy as sp

import g2sym as g2

M, N, MU = sp.symbols("m_X m_N m_mu")
UNIT = MU**2 / (8 * sp.pi**2 * M**2)
FLIP = N * MU / (8 * sp.pi**2 * M**2)
L = sp.log(N / M)

# (spin, charge of the internal fermion): 0 for the photon on the boson, -1 for the photon on the fermion
EVEN = {
    (0, -1): (sp.Rational(1, 3), sp.Rational(1, 12)),
    (0, 0): (-sp.Rational(1, 6), -sp.Rational(1, 12)),
    (1, -1): (-sp.Rational(4, 3), -sp.Rational(13, 12), -sp.Rational(5, 6)),
    (1, 0): (sp.Rational(5, 3), sp.Rational(17, 12), sp.Rational(2, 3)),
}
FLIPS = {
    (0, -1): (-2 * L - sp.Rational(3, 2), sp.Rational(1, 3)),
    (0, 0): (-sp.Rational(1, 2), -sp.Rational(1, 6)),
    (1, -1): (2, 1, sp.Rational(1, 2)),
    (1, 0): (-2, -sp.Rational(3, 2), -sp.Rational(1, 2)),
}


def moment(spin: int, charge: int, parity: str, mass: str = "m_N") -> g2.AnomalousMoment:
    make = g2.vector if spin else g2.scalar
    boson = make("X", charge=-1 - charge, mass="m_X")
    fermion = g2.fermion("N", charge=charge, mass=mass)
    field, gamma = ("X(al)", "gamma(al)*") if spin else ("X", "")
    text = f"{field}*bar(mu)*{gamma}({parity})*N + hc"
    return g2.Model(text, fields=[boson, fermion], parameters=[g2.parameter("c")]).anomalous_moment("mu")


def parts(case: tuple[int, int], mass: str, order: int, moving: str = "m_X") -> tuple[sp.Expr, sp.Expr]:
    """The halves of sum and difference of both parities, for c = 1."""
    found = []
    for parity in ("c", "c*gamma5"):
        series = moment(*case, parity, mass).series(moving, "oo", order)
        found.append(series.to_sympy().subs(sp.Symbol("c"), 1))
    return (found[0] + found[1]) / 2, (found[0] - found[1]) / 2


@pytest.mark.parametrize("case", EVEN)
def test_heavy_mediator_and_light_fermion(case: tuple[int, int]) -> None:
    even, flip = parts(case, "m_N", 1)
    assert sp.simplify(even / UNIT - EVEN[case][0]) == 0
    assert sp.simplify(sp.expand_log(flip / FLIP - FLIPS[case][0], force=True)) == 0


@pytest.mark.parametrize("case", EVEN)
def test_equal_masses(case: tuple[int, int]) -> None:
    even, flip = parts(case, "m_X", 2)
    assert sp.limit(sp.simplify(even / UNIT), MU, 0) == EVEN[case][1]
    assert sp.limit(sp.simplify(flip / FLIP.subs(N, M)), MU, 0) == FLIPS[case][1]


@pytest.mark.parametrize("case", [(1, -1), (1, 0)])
def test_heavy_fermion_with_a_vector(case: tuple[int, int]) -> None:
    """It does not decouple: the longitudinal mode grows like m_F/M^2."""
    even, flip = parts(case, "m_N", 2, "m_N")
    flip = sp.limit(sp.expand(flip / FLIP), N, sp.oo)
    assert flip == FLIPS[case][2]
    light = {MU: sp.Rational(1, 10**12), M: sp.Rational(1, 10**4), N: 1}
    assert abs(sp.N((even / UNIT).subs(light)) - EVEN[case][2]) < 1e-6


@pytest.mark.parametrize("charge", [-1, 0])
def test_a_heavy_fermion_decouples_with_a_scalar(charge: int) -> None:
    """Like 1/m_F."""
    _, flip = parts((0, charge), "m_N", 1, "m_N")
    assert sp.limit(flip * N, N, sp.oo) not in (0, sp.oo, -sp.oo)


def leptoquark(text: str, charge: str) -> g2.AnomalousMoment:
    field = g2.scalar("S", charge=charge, mass="m_S", colour=3)
    names = [g2.parameter(n) for n in ("l_L", "l_R")]
    return g2.Model(text, fields=[field], parameters=names).anomalous_moment("mu")


@pytest.mark.parametrize(
    ("text", "charge", "sign", "constant"),
    [
        ("S*bar(cc(t))*(l_L*PL + l_R*PR)*mu + hc", "1/3", -1, sp.Rational(7, 4)),
        ("S*bar(t)*(l_L*PL + l_R*PR)*mu + hc", "5/3", 1, sp.Rational(1, 4)),
    ],
)
def test_the_enhanced_term_of_leptoquarks(text: str, charge: str, sign: int, constant: sp.Expr) -> None:
    """S1: -(m m_t/4 pi^2 M^2)(7/4 + ln x_t) Re(l_L l_R^*), R2: +(1/4 + ln x_t); M >> m_t."""
    found = leptoquark(text, charge).series("m_S", "oo", 1).to_sympy()
    left, right, top, mass = sp.symbols("l_L l_R m_t m_S")
    enhanced = sp.expand(sp.expand_log(found, force=True)).coeff(left * right)
    want = sign * MU * top / (4 * sp.pi**2 * mass**2) * (constant + 2 * sp.log(top) - 2 * sp.log(mass))
    assert sp.simplify(sp.expand_log(enhanced, force=True) - want) == 0


@pytest.mark.parametrize(("first", "factor"), [("mu", 6), ("e", 24)])
def test_doubly_charged_scalar(first: str, factor: int) -> None:
    """-m^2 |y|^2/(6 pi^2 M^2) for identical leptons, where |2y|^2 stands for |y|^2, else a quarter of it."""
    field, y = g2.scalar("S", charge=2, mass="m_S"), g2.parameter("y")
    model = g2.Model(f"y*S*bar(cc({first}))*PR*mu + hc", fields=[field], parameters=[y])
    found = model.anomalous_moment("mu").series("m_S", "oo", 1).to_sympy()
    mass, coupling = sp.symbols("m_S y")
    assert sp.simplify(found + MU**2 * coupling**2 / (factor * sp.pi**2 * mass**2)) == 0
