"""Widths and cross-sections of declared models against explicit spinors in a boosted frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random

import numpy as np
import pytest

from g2sym.lagrangian.modelfile import parse_declaration
from g2sym.model.model import Model
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
        return Theory(terms, particles, CHARGE, self.epsilon0123, {"Z": 2.4955})


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
    text = f"V(al)*bar(mu)*({d.real()}*PL + {d.real()}*PR)*gamma(al)*mu".replace("PL", "(1 - gamma5)/2")
    text = text.replace("*PR", "*(1 + gamma5)/2").replace("))*gamma(al)", ")*gamma(al)") if False else text
    text = f"V(al)*bar(mu)*gamma(al)*({d.real()}*PL + {d.real()}*PR)*mu"
    text += f"+ F(V, al, be)*bar(mu)*sigma(al, be)*({d.real(-1)} + I*{d.real(-1)}*gamma5)*mu"
    return d.made(text, V=Particle(1, d.mass(), True))


def complex_scalar(d: Dice) -> Drawn:
    text = f"(X*bar(mu)*({d.complex()}*PL + {d.complex()}*PR)*mu + {d.complex(-1)}*X*F(A, al, be)*F(A, al, be)"
    text += f"+ {d.complex(-1)}*X*F(A, al, be)*Fdual(Z, al, be) + hc)"
    return d.made(text, X=Particle(0, d.mass()))


def two_vectors(d: Dice) -> Drawn:
    """Photon, Z and a declared vector in the s channel."""
    text = f"{d.real()}*X*bar(mu)*mu + {d.real(-1)}*X*F(A, al, be)*F(A, al, be)"
    text += f"+ {d.real(-1)}*X*F(A, al, be)*F(V, al, be) + {d.real(-1)}*X*Fdual(A, al, be)*F(V, al, be)"
    text += f"+ V(al)*bar(mu)*gamma(al)*({d.real()} + {d.real()}*gamma5)*mu"
    return d.made(text, X=Particle(0, d.mass(), True), V=Particle(1, d.mass(), True))


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
    values = drawn.values() | {"Gamma_V": 0} if make is two_vectors else drawn.values()
    for name in (mediator, f"bar({mediator})")[: 1 if drawn.fields[mediator].real else 2]:
        process = f"(mu bar(mu) -> A {name})"
        energy, cosine, cut = 3.1, round(dice.rng.uniform(-1, 1), 3), 0.83
        at = {**values, "sqrt_s": energy, "cos": cosine}
        found = float(model.observable("dsigma" + process).evaluate(15, at).ball.midpoint)
        assert close(found, PICOBARN * theory.differential("mu", name, energy, cosine))
        at = {**values, "sqrt_s": energy, "cos_max": cut}
        found = float(model.observable("sigma" + process).evaluate(15, at).ball.midpoint)
        assert close(found, PICOBARN * theory.total("mu", name, energy, cut))
