"""Users' own Lagrangians against the general one-loop formulas of the literature.

Source: J. P. Leveille, Nucl. Phys. B137 (1978) 63; F. Jegerlehner and A. Nyffeler, Phys. Rept. 477
(2009) 1: neutral exchange with couplings C_S + C_P gamma5 and gamma^mu (C_V + C_A gamma5), internal
fermion F, eps = m_F/m, lambda = m/M. They are integrated here with mpmath.
"""

from __future__ import annotations

from pathlib import Path

import mpmath
import pytest

from g2sym.model.model import Model, load_model

DIGITS = 40
MASSES = {"e": "0.51099895069e-3", "mu": "0.1056583755", "tau": "1.77693"}

SCALAR = """
schema = 1
name = "mine"
lagrangian = '''
-phi*bar(mu)*(c_S + I*c_P*gamma5)*mu
'''
[fields.phi]
spin = 0
charge = 0
mass = "m_phi"
[parameters.c_S]
dimension = 0
[parameters.c_P]
dimension = 0
"""

SCALAR_TAU = """
schema = 1
name = "mine"
lagrangian = '''
phi*bar(e)*(c_S + c_P*gamma5)*tau + hc
'''
[fields.phi]
spin = 0
charge = 0
mass = "m_phi"
[parameters.c_S]
dimension = 0
[parameters.c_P]
dimension = 0
"""

VECTOR_TAU = """
schema = 1
name = "mine"
lagrangian = '''
X(al)*bar(e)*gamma(al)*(c_V + c_A*gamma5)*tau + hc
'''
[fields.X]
spin = 1
charge = 0
mass = "m_X"
[parameters.c_V]
dimension = 0
[parameters.c_A]
dimension = 0
"""


def scalar_formula(c_s: str, c_p: str, mass: str, outer: str, inner: str) -> mpmath.mpf:
    m, inside, boson = (mpmath.mpf(v) for v in (outer, inner, mass))
    eps, lam = inside / m, m / boson

    def integrand(x: mpmath.mpf) -> mpmath.mpf:
        top = mpmath.mpf(c_s) ** 2 * x**2 * (1 + eps - x) + mpmath.mpf(c_p) ** 2 * x**2 * (1 - eps - x)
        return top / ((1 - x) * (1 - lam**2 * x) + (eps * lam) ** 2 * x)

    return lam**2 / (8 * mpmath.pi**2) * integrate(integrand, eps * lam)


def vector_formula(c_v: str, c_a: str, mass: str, outer: str, inner: str) -> mpmath.mpf:
    m, inside, boson = (mpmath.mpf(v) for v in (outer, inner, mass))
    eps, lam = inside / m, m / boson

    def part(x: mpmath.mpf, e: mpmath.mpf) -> mpmath.mpf:
        return 2 * x * (1 - x) * (x - 2 * (1 - e)) + lam**2 * (1 - e) ** 2 * x**2 * (1 + e - x)

    def integrand(x: mpmath.mpf) -> mpmath.mpf:
        top = mpmath.mpf(c_v) ** 2 * part(x, eps) + mpmath.mpf(c_a) ** 2 * part(x, -eps)
        return top / ((1 - x) * (1 - lam**2 * x) + (eps * lam) ** 2 * x)

    return lam**2 / (8 * mpmath.pi**2) * integrate(integrand, eps * lam)


def integrate(f: object, width: mpmath.mpf) -> mpmath.mpf:
    """Split where the denominator turns over, near x = 1 for heavy mediators."""
    points = [0, mpmath.mpf(1) / 2, *(1 - min(width**2, 1) / 10**k for k in range(8)), 1]
    value, error = mpmath.quad(f, sorted(set(points)), error=True, maxdegree=12)
    assert error < mpmath.mpf(10) ** -(DIGITS + 3) * abs(value)
    return value


def write(folder: Path, text: str) -> Path:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return path


def same(value: object, expected: mpmath.mpf) -> bool:
    return abs(mpmath.mpf(str(value)) / expected - 1) < mpmath.mpf(10) ** -DIGITS


POINTS = [
    ("0.3", "0.7", "0.02"),
    ("1", "-0.25", "0.5"),
    ("0.001", "1", "3"),
    ("-0.6", "0.6", "12.5"),
    ("0.9", "0.1", "0.1056583755"),
]


@pytest.mark.parametrize(("c_s", "c_p", "mass"), POINTS)
def test_scalar_and_pseudoscalar_on_the_muon(c_s: str, c_p: str, mass: str, tmp_path: Path) -> None:
    amm = load_model(write(tmp_path, SCALAR)).anomalous_moment("mu")
    with mpmath.workdps(DIGITS + 20):
        value = amm.evaluate(digits=DIGITS + 3, c_S=c_s, c_P=c_p, m_phi=mass)
        assert same(value, scalar_formula(c_s, c_p, mass, MASSES["mu"], MASSES["mu"]))
    assert any("electric dipole moment" in s for s in amm.announcements)


@pytest.mark.parametrize(("c_s", "c_p", "mass"), POINTS)
def test_internal_tau_scalar(c_s: str, c_p: str, mass: str, tmp_path: Path) -> None:
    amm = load_model(write(tmp_path, SCALAR_TAU)).anomalous_moment("e")
    with mpmath.workdps(DIGITS + 20):
        value = amm.evaluate(digits=DIGITS + 3, c_S=c_s, c_P=c_p, m_phi=mass)
        assert same(value, scalar_formula(c_s, c_p, mass, MASSES["e"], MASSES["tau"]))


@pytest.mark.parametrize(("c_v", "c_a", "mass"), POINTS)
def test_internal_tau_vector(c_v: str, c_a: str, mass: str, tmp_path: Path) -> None:
    amm = load_model(write(tmp_path, VECTOR_TAU)).anomalous_moment("e")
    with mpmath.workdps(DIGITS + 20):
        value = amm.evaluate(digits=DIGITS + 3, c_V=c_v, c_A=c_a, m_X=mass)
        assert same(value, vector_formula(c_v, c_a, mass, MASSES["e"], MASSES["tau"]))


def test_above_threshold_the_value_is_a_real_part(tmp_path: Path) -> None:
    """tau -> e phi is open for a light phi: the integral is complex."""
    text = SCALAR_TAU
    amm = load_model(write(tmp_path, text)).anomalous_moment("tau")
    light = amm.evaluate(c_S=1, c_P=0, m_phi="0.1")
    assert "m_phi + m_e lies below m_tau" in light.record["announcements"][-1]
    assert light.imaginary is not None
    heavy = amm.evaluate(c_S=1, c_P=0, m_phi=2)
    assert heavy.imaginary is None
    assert not [s for s in heavy.record["announcements"] if "lies below" in s]


def test_text_and_python_give_the_same_moment(tmp_path: Path) -> None:
    import g2sym as g2

    phi, mu = g2.scalar("phi", mass="m_phi"), g2.lepton("mu")
    c_s, c_p = g2.parameter("c_S"), g2.parameter("c_P")
    mine = Model(-phi * g2.bar(mu) * (c_s + g2.I * c_p * g2.gamma5) * mu)
    text = load_model(write(tmp_path, SCALAR))
    values = {"c_S": "0.3", "c_P": "0.7", "m_phi": "0.02"}
    one, two = (m.anomalous_moment("mu").evaluate(digits=30, params=values) for m in (mine, text))
    assert str(one) == str(two)


def test_a_coupling_named_like_a_feynman_parameter_is_no_trouble() -> None:
    import sympy

    import g2sym as g2

    s, mu, x = g2.scalar("s", mass="m_s"), g2.lepton("mu"), g2.parameter("x")
    amm = Model(-x * s * g2.bar(mu) * mu).anomalous_moment("mu")
    integral = amm.integral()
    assert integral.variables == [sympy.Symbol("x_F")]
    numbers = {"x": sympy.Rational(1, 2), "m_s": sympy.Rational(1, 5), "m_mu": sympy.Rational(MASSES["mu"])}
    value = integral.subs({sympy.Symbol(k): v for k, v in numbers.items()}).evalf(20)
    assert abs(value / sympy.Rational(str(amm.evaluate(20, x="1/2", m_s="1/5"))) - 1) < 1e-15
