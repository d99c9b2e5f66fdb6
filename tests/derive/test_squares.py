"""Squared tree amplitudes: identities that hold exactly, as rational functions of the invariants."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest

from g2sym.base.balls import Ball
from g2sym.derive.channels import Channel
from g2sym.derive.decays import decay
from g2sym.derive.production import LEPTON, MEDIATOR, A, B, S, amplitude, dots, squares
from g2sym.derive.squares import accumulate, along_momentum
from g2sym.integrals.rational import Frac, Poly, constant, gen
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.modelfile import parse_declaration
from g2sym.model.model import Model, load_model

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle.dirac import GAMMA, GAMMA5, METRIC, ONE, slash
from oracle.rates import polarisations, spinors

FIELDS = {"X": "[fields.X]\nspin = 0\n", "V": "[fields.V]\nspin = 1\n"}
KINDS = {
    "pseudoscalar": ("X", "-I*g*X*bar(mu)*gamma5*mu"),
    "scalar": ("X", "-g*X*bar(mu)*mu"),
    "vector": ("V", "-g*V(al)*bar(mu)*gamma(al)*mu"),
    "axial": ("V", "-g*V(al)*bar(mu)*gamma5*gamma(al)*mu"),
}
OTHERS = {
    "derivative": ("X", "-g/(2*m_mu)*d(al, X)*bar(mu)*gamma5*gamma(al)*mu"),
    "dipole": ("V", "g/m_mu*F(V, al, be)*bar(mu)*sigma(al, be)*mu"),
    "electric dipole": ("V", "I*g/m_mu*F(V, al, be)*bar(mu)*sigma(al, be)*gamma5*mu"),
    "photons": ("X", "-g/(4*m_mu)*X*F(A, al, be)*F(A, al, be)"),
    "dual": ("X", "-g/(4*m_mu)*X*F(A, al, be)*Fdual(A, al, be)"),
    "Z": ("X", "-g/(2*m_mu)*X*F(A, al, be)*F(Z, al, be)"),
    "dual of Z": ("X", "-g/(2*m_mu)*X*F(A, al, be)*Fdual(Z, al, be)"),
    "all": (
        "X",
        "g*X*bar(mu)*(1 + I*gamma5)*mu + g/m_mu*X*(F(A, al, be) + Fdual(A, al, be))*F(A, al, be)"
        "+ g/m_mu*X*(F(A, al, be) + Fdual(A, al, be))*F(Z, al, be)",
    ),
}


def declared(text: str, fields: str = "", parameters: str = "", conventions: str = "") -> Declaration:
    own = f"schema = 1\nname = 'm'\nlagrangian = '''{text}'''\n[conventions]\n{conventions}\n{fields}"
    return parse_declaration((own + "[parameters.g]\ndimension = 0\n" + parameters).encode(), "m")


def of_kind(name: str) -> tuple[str, Declaration]:
    field, text = {**KINDS, **OTHERS}[name]
    return field, declared(text, FIELDS[field])


def squared(name: str) -> list[Frac]:
    """The functions of a kind's squared amplitude, one for each coupling."""
    field, declaration = of_kind(name)
    conventions = Model(declaration).observable(f"sigma(mu bar(mu) -> A {field})").conventions
    pieces, _, pending = amplitude(declaration, "mu", field, conventions)
    assert not pending
    return [value for _, value, _ in accumulate(squares(field == "V").square(pieces))]


@pytest.mark.parametrize("name", [*KINDS, *OTHERS])
def test_amplitudes_vanish_along_the_photons_momentum(name: str) -> None:
    field, declaration = of_kind(name)
    conventions = Model(declaration).observable(f"sigma(mu bar(mu) -> A {field})").conventions
    pieces, _, _ = amplitude(declaration, "mu", field, conventions)
    along = along_momentum(pieces, "k", dots())
    assert accumulate(squares(field == "V").square(pieces))
    assert accumulate(squares(field == "V").square(along)) == []
    assert accumulate(squares(field == "V").square(along_momentum(pieces, "p1", dots())))


def published(name: str) -> Frac:
    """Avg of the rates sheet, section 4, at e = g = 1: as functions of s, a, b and m."""
    m2, big, k = LEPTON**2, MEDIATOR, A + B
    own: dict[str, tuple[Poly, Poly, Poly, int]] = {
        "pseudoscalar": (S**2 + big**2, constant(0), -2 * m2 * big * k**2, 4),
        "scalar": (S**2 + big**2 - 8 * S * m2, constant(0), -2 * m2 * (big - 4 * m2) * k**2, 4),
        "vector": (S**2 + big**2 + 4 * S * m2, constant(-8), -2 * m2 * (big + 2 * m2) * k**2, 2),
        "axial": (
            (S**2 + big**2) * (big + 2 * m2) - 12 * S * m2 * big,  # over M^2, below
            constant(-8),
            -2 * m2 * (big - 4 * m2) * k**2,
            2,
        ),
    }
    single, flat, double, divisor = own[name]
    first = Frac.of(single, A * B * (big if name == "axial" else constant(1)))
    return (first + Frac.of(flat) + Frac.of(double, A**2 * B**2)) * Frac.of(1, divisor)


@pytest.mark.parametrize("name", KINDS)
def test_squares_are_those_of_the_literature(name: str) -> None:
    (found,) = squared(name)
    assert (found * Frac.of(1, 4) - published(name)).is_zero


def test_axial_vector_is_a_conserved_current_and_a_pseudoscalar() -> None:
    """The longitudinal part is 4 m^2/M^2 times the pseudoscalar's square: the Goldstone limit."""
    (axial,), (pseudoscalar,) = squared("axial"), squared("pseudoscalar")
    rest = axial - pseudoscalar * Frac.of(4 * LEPTON**2, MEDIATOR)
    assert rest.den.substitute({"s": 2 * A + 2 * B}) != 0
    assert axial.den.substitute({"s": 2 * A + 2 * B}) == 0


def test_derivative_and_yukawa_vertex_have_one_square() -> None:
    (derivative,), (yukawa,) = squared("derivative"), squared("pseudoscalar")
    assert (derivative * Frac.of(1, 4 * LEPTON**2) - yukawa).is_zero


def test_opposite_derivative_and_yukawa_vertices_cancel_with_every_interference() -> None:
    text = "-g/(2*m_mu)*d(al, X)*bar(mu)*gamma5*gamma(al)*mu + I*k*X*bar(mu)*gamma5*mu"
    text += "- h/4*X*F(A, al, be)*Fdual(A, al, be)"
    more = "[parameters.k]\ndimension = 0\n[parameters.h]\ndimension = -1\ndefault = 0\n"
    model = Model(declared(text, FIELDS["X"], more))
    at = {"g": "0.1", "k": "0.1", "m_X": 1}
    process = "(mu bar(mu) -> A X)"
    for name, more_at in (
        ("Gamma(X -> mu bar(mu))", {}),
        ("sigma" + process, {"sqrt_s": 10}),
        ("dsigma" + process, {"sqrt_s": 10, "cos": "0.3"}),
    ):
        observable = model.observable(name)
        assert is_zero(observable.evaluate(20, {**at, **more_at}).ball)
        assert not is_zero(observable.evaluate(20, {**at, **more_at, "k": "0.2"}).ball)
        assert float(observable.lambdify()(params={n: float(v) for n, v in {**at, **more_at}.items()})) == 0.0
    whole = model.observable("sigma" + process).evaluate(20, {**at, "sqrt_s": 10, "h": "0.3"})
    assert is_zero(whole.contributions["photon-lepton"])
    assert whole.ball.midpoint == whole.contributions["photon"].midpoint


@pytest.mark.parametrize("name", KINDS)
def test_crossed_squares_are_those_of_lepton_and_photon(name: str) -> None:
    """l gamma to l X: minus the square at s to t = (p - p')^2, a to -p.k, b to p'.k, by spinors."""
    (found,) = squared(name)
    rng, m, big = Random(3), 0.3, 0.4
    matrices = {"pseudoscalar": [-1j * GAMMA5], "scalar": [-ONE], "vector": None, "axial": None}[name]
    energy = 1.7
    for _ in range(3):
        n, o = (np.array([rng.gauss(0, 1) for _ in range(3)]) for _ in range(2))
        n, o = n / np.linalg.norm(n), o / np.linalg.norm(o)
        p_in = (energy**2 - m**2) / (2 * energy)
        p_out = np.sqrt((energy**2 - (m + big) ** 2) * (energy**2 - (m - big) ** 2)) / (2 * energy)
        p, k = np.array([np.hypot(p_in, m), *(p_in * n)]), np.array([p_in, *(-p_in * n)])
        q, x = np.array([np.hypot(p_out, m), *(p_out * o)]), np.array([np.hypot(p_out, big), *(-p_out * o)])
        total = 0.0
        ends = polarisations(x, big) if matrices is None else [None]
        for light in polarisations(k, 0):
            for end in ends:
                own = matrices[0] if matrices else -(GAMMA5 if name == "axial" else ONE) @ slash(end)
                first = own @ (slash(p + k) + m * ONE) @ slash(light) / ((p + k) @ METRIC @ (p + k) - m * m)
                last = slash(light) @ (slash(q - k) + m * ONE) @ own / ((q - k) @ METRIC @ (q - k) - m * m)
                for u in spinors(p, m, False):
                    for v in spinors(q, m, False):
                        total += abs(v.conj() @ GAMMA[0] @ (first + last) @ u) ** 2
        at = {"s": (p - q) @ METRIC @ (p - q), "a": -(p @ METRIC @ k), "b": q @ METRIC @ k, "m": m}
        value = float(found.num.fold(at.__getitem__, float) / found.den.fold(at.__getitem__, float))
        assert abs(-value / total.real - 1) < 1e-10


def test_masses_of_opposite_sign_exchange_parities() -> None:
    """m2 to -m2 swaps C_S with C_P and C_V with C_A."""
    pairs = (("X*bar(F1)*F2", "X*bar(F1)*gamma5*F2", "X"), ("V(al)*bar(F1)*gamma(al)*F2",) * 2 + ("V",))
    fields = "".join(f'[fields.F{n}]\nspin = "1/2"\n' for n in "12")
    for even, odd, name in pairs:
        odd = odd.replace("*F2", "*gamma5*F2") if even == odd else odd
        parts = []
        for text in (even, odd):
            model = declared(f"(g*{text} + hc)", FIELDS[name] + fields)
            (term,) = decay(model, Channel(name, ("F1", "bar(F2)"))).terms
            ((_, part),) = term.integral.parts
            parts.append(part)
        turned = parts[0].substitute({"m2": -gen("m2")})
        # the phase space holds M - m1 - m2 under its root only, the square is what changes
        assert (turned - parts[1]).is_zero


def is_zero(ball: Ball) -> bool:
    return ball.midpoint == 0 and ball.radius == 0


# what a rate is made of --------------------------------------------------------------------------------
def value(model: Model, name: str, **at: object) -> float:
    return float(model.observable(name).evaluate(20, at).ball.midpoint)


def test_scalar_and_pseudoscalar_widths_differ_by_beta_squared() -> None:
    p = value(load_model("alp"), "Gamma(a -> mu bar(mu))", g_aff="0.1", m_a=1)
    s = value(load_model("scalar"), "Gamma(s -> mu bar(mu))", g_sff="0.1", m_s=1)
    assert abs(s / p / (1 - 4 * 0.1056583755**2) - 1) < 1e-14


def test_massless_vector_is_twice_two_photons() -> None:
    m, w = 0.1056583755, 1.0
    beta = np.sqrt(1 - 4 * m**2 / w**2)
    log = np.log((1 + beta) / (1 - beta))
    alpha = 1 / 137.035999177
    two = 2 * np.pi * alpha**2 / (w**2 * beta) * ((3 - beta**4) / (2 * beta) * log - 2 + beta**2)
    found = value(load_model("dark_photon"), "sigma(mu bar(mu) -> A Ap)", eps=1, m_A=0, sqrt_s=1)
    assert abs(found / (2 * two * 3.8937937217185937e8) - 1) < 1e-13


@pytest.mark.parametrize(
    ("model", "name", "coupling", "mass", "spins"),
    [
        ("alp", "a", "g_aff", "m_a", 1),
        ("scalar", "s", "g_sff", "m_s", 1),
        ("dark_photon", "Ap", "eps", "m_A", 3),
        ("axial_vector", "Ap", "eps", "m_A", 3),
    ],
)
def test_soft_photons_factorise(model: str, name: str, coupling: str, mass: str, spins: int) -> None:
    """(s - M^2) sigma to (2 alpha/pi) [((1 + beta^2)/(2 beta)) L - 1] (2J + 1) 4 pi^2 Gamma/(M beta^2)."""
    own = load_model(model)
    m, big = 0.1056583755, 1.0
    beta = np.sqrt(1 - 4 * m**2 / big**2)
    log = np.log((1 + beta) / (1 - beta))
    width = value(own, f"Gamma({name} -> mu bar(mu))", **{coupling: 1, mass: 1})
    area = spins * 4 * np.pi**2 * width / (big * beta**2)
    expected = 2 / 137.035999177 / np.pi * ((1 + beta**2) / (2 * beta) * log - 1) * area
    extra = {"g_agg": 0} if model == "alp" else {"g_sgg": 0} if model == "scalar" else {}
    at = {coupling: 1, mass: 1, "sqrt_s": "1.000000001", **extra}
    found = value(own, f"sigma(mu bar(mu) -> A {name})", **at) / 3.8937937217185937e8
    assert abs(found * (1.000000001**2 - 1) / expected - 1) < 1e-7


def test_peak_of_the_z() -> None:
    """sigma = 12 pi/m_Z^2 Gamma_ee Gamma_gammaX/Gamma_Z^2 for electrons without mass."""
    model = load_model("alp", {"m_e": "1e-60"})
    at = {"g_agg": 0, "g_agZ": "1e-4", "m_a": 10}
    found = value(model, "sigma(e bar(e) -> A a)", **at, g_aff=0, sqrt_s="91.1876") / 3.8937937217185937e8
    electrons = value(model, "Gamma(Z -> e bar(e))")
    photons = value(model, "Gamma(Z -> A a)", **at)
    assert abs(found / (12 * np.pi / 91.1876**2 * electrons * photons / 2.4955**2) - 1) < 1e-14


@pytest.mark.parametrize("chirality", ["PL", "PR"])
@pytest.mark.parametrize("epsilon0123", [1, -1])
def test_photon_and_z_do_not_interfere_on_the_peak(chirality: str, epsilon0123: int) -> None:
    """In each chirality, exactly; beside it they do."""
    text = f"g*Z(al)*bar(mu)*gamma(al)*{chirality}*mu"
    text += "+ h*X*F(A, al, be)*F(A, al, be) + h*X*F(A, al, be)*F(Z, al, be)"
    said = f'standard_model = "absent"\nepsilon0123 = {epsilon0123}\n'
    model = Model(declared(text, FIELDS["X"], "[parameters.h]\ndimension = -1\n", said))
    observable = model.observable("dsigma(mu bar(mu) -> A X)")
    at = {"g": 1, "h": 1, "m_X": 10, "cos": "0.3"}
    assert is_zero(observable.evaluate(20, {**at, "sqrt_s": "91.1876"}).contributions["photon-Z"])
    assert not is_zero(observable.evaluate(20, {**at, "sqrt_s": "91.1877"}).contributions["photon-Z"])


def test_a_heavy_z_leaves_the_photon() -> None:
    heavy = load_model("alp", {"m_Z": "1e30"})
    at = {"g_aff": 0, "g_agg": "1e-4", "m_a": 1, "sqrt_s": "10.58"}
    alone = value(load_model("alp"), "sigma(mu bar(mu) -> A a)", **at, g_agZ=0)
    assert abs(value(heavy, "sigma(mu bar(mu) -> A a)", **at, g_agZ="1e-4") / alone - 1) < 1e-15


def test_widths_into_photon_and_z_over_two_photons() -> None:
    model = load_model("scalar")
    at = {"g_sff": 0, "g_sgg": "2e-4", "g_sgZ": "3e-4", "m_s": 300}
    found = value(model, "Gamma(s -> A Z)", **at) / value(model, "Gamma(s -> A A)", **at)
    assert abs(found / (2 * 1.5**2 * (1 - 91.1876**2 / 300**2) ** 3) - 1) < 1e-14


def test_branching_ratios_do_not_know_a_common_factor() -> None:
    model = load_model("scalar").with_flavour(g_sff="mass")
    names = ("A A", "mu bar(mu)", "e bar(e)")
    rows = []
    for scale in (1, 7):
        at = {"g_sff[mu]": f"{scale}e-3", "g_sgg": f"{scale}e-4", "g_sgZ": 0, "m_s": 2}
        rows.append([value(model, f"BR(s -> {n})", **at) for n in names])
    assert np.allclose(rows[0], rows[1], rtol=1e-15)
    assert abs(sum(rows[0]) - 1) < 1e-15
