"""Widths and cross-sections of declared models against explicit spinors in a boosted frame."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import numpy as np
import pytest

from g2sym.lagrangian.modelfile import parse_declaration
from g2sym.model.model import Model

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle.rates import Particle, Reader, Theory

MASSES = {"e": "0.51099895069e-3", "mu": "0.1056583755", "tau": "1.77693"}
ALPHA, SINE = 1 / 137.035999177, 0.23122
INPUTS = {**{f"m_{n}": v for n, v in MASSES.items()}, "alpha_inverse": "137.035999177"}
INPUTS |= {"sin2_theta_w": "0.23122", "m_Z": "91.1876", "m_W": "80.3692", "Gamma_Z": "2.4955"}
INPUTS |= {"m_c": "1.273", "m_b": "4.18"}
PICOBARN = 3.8937937217185937e8
CHARGE = np.sqrt(4 * np.pi * ALPHA)
STANDARD = {n: Particle(0.5, float(m)) for n, m in MASSES.items()}
STANDARD |= {"c": Particle(0.5, 1.273, colour=3), "b": Particle(0.5, 4.18, colour=3)}
STANDARD |= {"nu_e": Particle(0.5, 0), "nu_mu": Particle(0.5, 0)}
STANDARD |= {"A": Particle(1, 0, True), "Z": Particle(1, 91.1876, True), "W": Particle(1, 80.3692)}
Z_TERM = "-Z(al)*bar({0})*gamma(al)*(g_L*PL + g_R*PR)*{0}"


@dataclass
class Drawn:
    """A model in both languages: its text, fields, couplings and conventions."""

    text: str
    fields: dict[str, Particle] = field(default_factory=dict)
    couplings: dict[str, complex] = field(default_factory=dict)
    dimensions: dict[str, int] = field(default_factory=dict)
    charged: dict[str, str] = field(default_factory=dict)
    epsilon0123: int = 1
    standard_model: str = "present"

    def toml(self) -> str:
        lines = ["schema = 1", 'name = "drawn"', f"lagrangian = '''{self.text}'''", "[conventions]"]
        lines += [f"epsilon0123 = {self.epsilon0123}", f'standard_model = "{self.standard_model}"']
        for name, one in self.fields.items():
            spin = '"1/2"' if one.spin == 0.5 else str(one.spin)
            lines += [f"[fields.{name}]", f"spin = {spin}"]
            if name in self.charged:
                lines.append(f'charge = "{self.charged[name]}"')
            elif one.real or one.spin != 0.5:
                lines.append(f"self_conjugate = {str(one.real).lower()}")
            if one.mass == 0:
                lines.append("mass = 0")
            if f"Gamma_{name}" in self.couplings:
                lines.append(f'width = "Gamma_{name}"')
            if one.colour != 1:
                lines.append(f"colour = {one.colour}")
        for name, value in self.couplings.items():
            lines += [f"[parameters.{name}]", f"dimension = {self.dimensions.get(name, 0)}"]
            if isinstance(value, complex):
                lines.append("complex = true")
        return "\n".join(lines)

    def model(self) -> Model:
        return Model(parse_declaration(self.toml().encode(), "drawn"), INPUTS)

    def values(self) -> dict[str, object]:
        out: dict[str, object] = {f"m_{n}": repr(p.mass) for n, p in self.fields.items() if p.mass}
        for name, value in self.couplings.items():
            if isinstance(value, complex):
                out |= {f"re_{name}": repr(value.real), f"im_{name}": repr(value.imag)}
            else:
                out[name] = repr(value)
        return out

    def theory(self, lepton: str = "mu") -> Theory:
        particles = {**STANDARD, **self.fields}
        numbers: dict[str, complex] = dict(self.couplings)
        numbers |= {f"m_{n}": p.mass for n, p in particles.items()} | {"e_em": CHARGE}
        both = np.sqrt(SINE * (1 - SINE))
        numbers |= {"g_L": CHARGE / both * (SINE - 0.5), "g_R": CHARGE / both * SINE}
        reader = Reader(particles, numbers)
        terms = reader.read(self.text)
        if self.standard_model == "present":
            terms += reader.read(Z_TERM.format(lepton))
        return Theory(terms, particles, CHARGE, self.epsilon0123, {"Z": 2.4955, "V": 0.3})


class Dice:
    """Draws masses, couplings and ways of writing them."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.couplings: dict[str, complex] = {}
        self.dimensions: dict[str, int] = {}

    def real(self, dimension: int = 0) -> str:
        return self._coupling(round(self.rng.uniform(-1, 1), 4), dimension)

    def complex(self, dimension: int = 0) -> str:
        number = complex(round(self.rng.uniform(-1, 1), 4), round(self.rng.uniform(-1, 1), 4))
        return self._coupling(number, dimension)

    def _coupling(self, value: complex, dimension: int) -> str:
        name = f"y{len(self.couplings) + 1}"
        self.couplings[name], self.dimensions[name] = value, dimension
        return name

    def mass(self, low: float = 0.3, high: float = 2.0) -> float:
        return round(self.rng.uniform(low, high), 4)

    def made(self, text: str, charged: Mapping[str, str] | None = None, **fields: Particle) -> Drawn:
        sign, absent = self.rng.choice((1, -1)), self.rng.choice(("present", "absent"))
        return Drawn(text, fields, self.couplings, self.dimensions, dict(charged or {}), sign, absent)


# production: every coupling at once, so that all interferences enter ---------------------------------
def cp_mixed(d: Dice) -> Drawn:
    lepton = f"- X*bar(mu)*({d.real()} + I*{d.real()}*gamma5)*mu"
    photon = f"+ X*({d.real(-1)}*F(A, al, be)*F(A, al, be) + {d.real(-1)}*F(A, al, be)*Fdual(A, al, be))"
    z = f"+ X*({d.real(-1)}*F(A, al, be)*F(Z, al, be) + {d.real(-1)}*Fdual(A, al, be)*F(Z, al, be))"
    return d.made(lepton + photon + z, X=Particle(0, d.mass(), True))


def derivative(d: Dice) -> Drawn:
    text = f"{d.real(-1)}*d(al, X)*bar(mu)*gamma5*gamma(al)*mu + {d.real(-1)}*X*F(A, al, be)*Fdual(A, al, be)"
    text += f"+ {d.real(-1)}*X*F(A, al, be)*Fdual(Z, al, be) + {d.real()}*X*bar(mu)*mu"
    text += f"+ {d.real(-1)}*d(al, X)*bar(mu)*gamma(al)*mu"
    return d.made(text, X=Particle(0, d.mass(), True))


def own_z(d: Dice) -> Drawn:
    """A declared coupling of the Z besides, or instead of, the Standard Model's."""
    text = f"Z(al)*bar(mu)*gamma(al)*({d.real()} + {d.real()}*gamma5)*mu + {d.real()}*X*bar(mu)*mu"
    text += f"+ I*{d.real()}*X*bar(mu)*gamma5*mu + {d.real(-1)}*X*F(A, al, be)*F(Z, al, be)"
    text += f"+ {d.real(-1)}*X*Fdual(A, al, be)*F(Z, al, be) + {d.real(-1)}*X*F(A, al, be)*Fdual(A, al, be)"
    return d.made(text, X=Particle(0, d.mass(), True))


def vector_axial(d: Dice) -> Drawn:
    text = f"V(al)*bar(mu)*gamma(al)*({d.real()} + {d.real()}*gamma5)*mu"
    return d.made(text, V=Particle(1, d.mass(), True))


def dipole(d: Dice) -> Drawn:
    text = f"V(al)*bar(mu)*gamma(al)*({d.real()}*PL + {d.real()}*PR)*mu"
    text += f"+ F(V, al, be)*bar(mu)*sigma(al, be)*({d.real(-1)} + I*{d.real(-1)}*gamma5)*mu"
    return d.made(text, V=Particle(1, d.mass(), True))


def complex_scalar(d: Dice) -> Drawn:
    text = (
        f"(X*bar(mu)*({d.complex()}*PL + {d.complex()}*PR)*mu + {d.complex(-1)}*X*F(A, al, be)*F(A, al, be)"
    )
    text += f"+ {d.complex(-1)}*X*F(A, al, be)*Fdual(Z, al, be) + hc)"
    return d.made(text, X=Particle(0, d.mass()))


def two_vectors(d: Dice) -> Drawn:
    """Photon, Z and a declared vector in the s channel."""
    text = f"{d.real()}*X*bar(mu)*mu + {d.real(-1)}*X*F(A, al, be)*F(A, al, be)"
    text += f"+ {d.real(-1)}*X*F(A, al, be)*F(V, al, be) + {d.real(-1)}*X*Fdual(A, al, be)*F(V, al, be)"
    text += f"+ V(al)*bar(mu)*gamma(al)*({d.real()} + {d.real()}*gamma5)*mu"
    d.couplings["Gamma_V"], d.dimensions["Gamma_V"] = 0.3, 1
    return d.made(text, X=Particle(0, d.mass(), True), V=Particle(1, d.mass(2, 4), True))


PRODUCTION = [cp_mixed, derivative, own_z, vector_axial, dipole, complex_scalar, two_vectors]


def close(found: float, expected: float, tolerance: float = 1e-9) -> bool:
    return abs(found - expected) <= tolerance * abs(expected)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("make", PRODUCTION)
def test_cross_sections_agree_with_explicit_spinors(make: Callable[[Dice], Drawn], seed: int) -> None:
    dice = Dice(seed)
    drawn = make(dice)
    mediator = next(iter(drawn.fields))
    model, theory = drawn.model(), drawn.theory()
    values = drawn.values()
    for name in (mediator, f"bar({mediator})")[: 1 if drawn.fields[mediator].real else 2]:
        process = f"(mu bar(mu) -> A {name})"
        energy, cosine, cut = 3.1, round(dice.rng.uniform(-1, 1), 3), 0.83
        at = {**values, "sqrt_s": energy, "cos": cosine}
        found = float(model.observable("dsigma" + process).evaluate(15, at).ball.midpoint)
        assert close(found, PICOBARN * theory.differential("mu", name, energy, cosine))
        at = {**values, "sqrt_s": energy, "cos_max": cut}
        found = float(model.observable("sigma" + process).evaluate(15, at).ball.midpoint)
        assert close(found, PICOBARN * theory.total("mu", name, energy, cut))


# decays ------------------------------------------------------------------------------------------------
def scalar_to_fermions(d: Dice) -> tuple[Drawn, list[str]]:
    text = (
        f"(X*bar(F1)*({d.complex()}*PL + {d.complex()}*PR)*F2 + {d.complex(-1)}*d(al, X)*bar(F1)*gamma(al)*F2"
    )
    text += f"+ {d.complex(-1)}*d(al, X)*bar(F1)*gamma5*gamma(al)*F2 + hc)"
    fermions = {n: Particle(0.5, d.mass(0.2, 1.2)) for n in ("F1", "F2")}
    made = d.made(text, X=Particle(0, d.mass(2.5, 4), True), **fermions)
    return made, ["X -> F1 bar(F2)", "X -> F2 bar(F1)"]


def complex_scalar_to_fermions(d: Dice) -> tuple[Drawn, list[str]]:
    """X and its conjugate both on one current: their couplings do not mix."""
    text = f"(X*bar(mu)*({d.complex()}*PL + {d.complex()}*PR)*tau + {d.complex()}*X*bar(tau)*PL*mu"
    text += f"+ {d.complex()}*X*bar(mu)*PR*mu + {d.complex()}*X*bar(cc(tau))*PL*cc(mu) + hc)"
    made = d.made(text, X=Particle(0, d.mass(2.5, 4)))
    return made, [
        f"{x} -> {p}" for x in ("X", "bar(X)") for p in ("mu bar(tau)", "tau bar(mu)", "mu bar(mu)")
    ]


def vector_to_fermions(d: Dice) -> tuple[Drawn, list[str]]:
    """Vector, axial and dipole couplings with a change of flavour."""
    text = f"(V(al)*bar(mu)*gamma(al)*({d.complex()}*PL + {d.complex()}*PR)*tau"
    text += f"+ F(V, al, be)*bar(mu)*sigma(al, be)*({d.complex(-1)}*PL + {d.complex(-1)}*PR)*tau + hc)"
    text += f"+ V(al)*bar(mu)*gamma(al)*({d.real()} + {d.real()}*gamma5)*mu"
    text += f"+ F(V, al, be)*bar(mu)*sigma(al, be)*({d.real(-1)} + I*{d.real(-1)}*gamma5)*mu"
    made = d.made(text, V=Particle(1, d.mass(2.5, 4), True))
    return made, ["V -> mu bar(tau)", "V -> tau bar(mu)", "V -> mu bar(mu)"]


def majorana(d: Dice) -> tuple[Drawn, list[str]]:
    """Identical fermions, two different Majorana fermions, and a vector's current of one."""
    text = f"(X*bar(N)*({d.complex()}*PL + {d.complex()}*PR)*N"
    text += f"+ X*bar(N)*({d.complex()}*PL + {d.complex()}*PR)*M"
    text += f"+ bar(X)*bar(M)*{d.complex()}*PL*N + Y*bar(N)*({d.complex()}*PL + {d.complex()}*PR)*M"
    text += f"+ {d.complex()}*Y*bar(cc(M))*PL*cc(N) + {d.complex(-1)}*F(V, al, be)*bar(N)*sigma(al, be)*M"
    text += f"+ {d.complex()}*Y*bar(N)*PL*N"
    text += f"+ V(al)*bar(N)*gamma(al)*({d.complex()}*PL + {d.complex()}*PR)*M + hc)"
    text += f"+ V(al)*bar(N)*gamma(al)*gamma5*N*{d.real()}"
    fields = {"X": Particle(0, d.mass(2.5, 4)), "V": Particle(1, d.mass(2.5, 4), True)}
    fields["Y"] = Particle(0, d.mass(2.5, 4), True)
    fields |= {"N": Particle(0.5, d.mass(0.2, 1.2), True), "M": Particle(0.5, d.mass(0.2, 1.2), True)}
    return d.made(text, **fields), [
        "X -> N N",
        "bar(X) -> N N",
        "X -> N M",
        "V -> N M",
        "V -> N N",
        "Y -> N M",
        "Y -> N N",
    ]


def conjugated(d: Dice) -> tuple[Drawn, list[str]]:
    """bar(cc(x)) y: two antiparticles or particles, identical ones among them."""
    text = f"(X*bar(cc(mu))*({d.complex()}*PL + {d.complex()}*PR)*tau + {d.complex()}*X*bar(cc(mu))*PR*mu"
    text += f"+ {d.complex()}*X*bar(cc(tau))*PL*mu + Y*bar(cc(D))*({d.complex()}*PL + {d.complex()}*PR)*D"
    text += f"+ V(al)*bar(cc(D))*gamma(al)*({d.complex()}*PL + {d.complex()}*PR)*D + hc)"
    fields = {"X": Particle(0, d.mass(3, 4)), "Y": Particle(0, d.mass(3, 4)), "V": Particle(1, d.mass(3, 4))}
    made = d.made(text, {"X": "2"}, **fields, D=Particle(0.5, d.mass(0.2, 1.2)))
    names = ["X -> bar(mu) bar(tau)", "X -> bar(mu) bar(mu)", "bar(X) -> mu tau", "bar(X) -> mu mu"]
    return made, [*names, "Y -> bar(D) bar(D)", "bar(Y) -> D D", "V -> bar(D) bar(D)"]


def charged(d: Dice) -> tuple[Drawn, list[str]]:
    text = f"(H*bar(nu_mu)*{d.complex()}*PR*mu + U(al)*bar(nu_mu)*gamma(al)*{d.complex()}*PL*mu"
    text += f"+ H*bar(N)*({d.complex()}*PL + {d.complex()}*PR)*mu + hc)"
    fields = {"H": Particle(0, d.mass(3, 4)), "U": Particle(1, d.mass(3, 4))}
    made = d.made(text, {"H": "1", "U": "1"}, **fields, N=Particle(0.5, d.mass(0.2, 1.2), True))
    names = ["H -> nu_mu bar(mu)", "bar(H) -> mu bar(nu_mu)", "U -> nu_mu bar(mu)"]
    return made, [*names, "H -> N bar(mu)", "bar(H) -> N mu"]


def coloured(d: Dice) -> tuple[Drawn, list[str]]:
    text = f"X*bar(c)*({d.real()} + I*{d.real()}*gamma5)*c"
    text += f"+ (H*bar(c)*({d.complex()}*PL + {d.complex()}*PR)*b + hc)"
    text += f"+ V(al)*bar(b)*gamma(al)*({d.real()} + {d.real()}*gamma5)*b"
    fields = {"X": Particle(0, 3.1, True), "H": Particle(0, 7.2), "V": Particle(1, 9.5, True)}
    made = d.made(text, {"H": "1"}, **fields)
    return made, ["X -> c bar(c)", "H -> c bar(b)", "bar(H) -> b bar(c)", "V -> b bar(b)"]


def into_vectors(d: Dice) -> tuple[Drawn, list[str]]:
    pairs = (("A", "A"), ("A", "Z"), ("Z", "Z"), ("V", "V"), ("A", "V"), ("Z", "V"))
    text = " + ".join(
        f"{d.real(-1)}*X*{x}({a}, al, be)*{y}({b}, al, be)"
        for a, b in pairs
        for x, y in (("F", "F"), ("Fdual", "F"), ("F", "Fdual"))
    )
    text += (
        f"+ {d.real(-1)}*X*F(W, al, be)*F(bar(W), al, be) + {d.real(-1)}*X*F(W, al, be)*Fdual(bar(W), al, be)"
    )
    made = d.made(text, X=Particle(0, 312.5, True), V=Particle(1, d.mass(40, 60), True))
    made.standard_model = "absent"
    return made, [f"X -> {a} {b}" for a, b in pairs] + ["X -> W bar(W)"]


def from_vectors(d: Dice) -> tuple[Drawn, list[str]]:
    text = " + ".join(
        f"{d.complex(-1)}*X*{x}({a}, al, be)*F({b}, al, be)"
        for a, b in (("A", "Z"), ("A", "V"), ("V", "V"), ("Z", "V"))
        for x in ("F", "Fdual")
    )
    made = d.made(f"({text} + hc)", X=Particle(0, 4.5), V=Particle(1, 25.5, True))
    return made, ["Z -> A X", "Z -> A bar(X)", "V -> A X", "Z -> V X", "Z -> V bar(X)"]


def scalar_with_conjugate(d: Dice) -> tuple[Drawn, list[str]]:
    """A complex scalar and two vectors: its own coupling, and that of its conjugate to the dual."""
    text = f"(({d.complex(-1)}*X + {d.complex(-1)}*bar(X))*F(A, al, be)*F(A, al, be)"
    text += f"+ ({d.complex(-1)}*X + {d.complex(-1)}*bar(X))*Fdual(A, al, be)*F(V, al, be) + hc)"
    made = d.made(text, X=Particle(0, 4.5), V=Particle(1, 1.5, True))
    return made, ["X -> A A", "bar(X) -> A A", "X -> A V"]


def duals(d: Dice) -> tuple[Drawn, list[str]]:
    """Two duals are minus two field strengths; indices in either order."""
    text = f"{d.real(-1)}*X*Fdual(A, al, be)*Fdual(A, al, be) + {d.real(-1)}*X*F(A, al, be)*F(A, be, al)"
    text += f"+ {d.real(-1)}*X*F(A, al, be)*F(A, al, be) + {d.real(-1)}*X*F(A, al, be)*Fdual(V, be, al)"
    text += f"+ {d.real(-1)}*X*Fdual(A, al, be)*F(V, al, be)"
    made = d.made(text, X=Particle(0, 4.5, True), V=Particle(1, 1.5, True))
    return made, ["X -> A A", "X -> A V"]


DECAYS = [
    *(scalar_to_fermions, complex_scalar_to_fermions, vector_to_fermions, majorana, conjugated, charged),
    *(coloured, into_vectors, from_vectors, scalar_with_conjugate, duals),
]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("make", DECAYS)
def test_widths_agree_with_explicit_spinors(
    make: Callable[[Dice], tuple[Drawn, list[str]]], seed: int
) -> None:
    drawn, names = make(Dice(seed))
    model, theory = drawn.model(), drawn.theory()
    for name in names:
        parent, products = name.split(" -> ")
        first, second = products.split()
        found = float(model.observable(f"Gamma({name})").evaluate(15, drawn.values()).ball.midpoint)
        expected = theory.width(parent, (first, second))
        assert expected > 0
        assert close(found, expected), name
        assert close(theory.width(parent, (second, first)), expected), name
