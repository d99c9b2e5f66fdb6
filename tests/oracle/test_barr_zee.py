"""Barr-Zee-type moments of declared models against explicit matrices and an explicit epsilon tensor."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

import pytest
from mpmath import mp, mpc, mpf

import g2sym as g2
from g2sym.lagrangian.modelfile import parse_declaration
from oracle.barr_zee import Couplings, barr_zee, tables

LEPTONS = {"e": "0.51099895069e-3", "mu": "0.1056583755", "tau": "1.77693"}
ALPHA_INVERSE, SIN2, M_Z = "137.035999177", "0.23122", "91.1876"
DIGITS = 14
PARAMETERS = {"gS": 0, "gP": 0, "gD": -1, "c": -1, "ct": -1, "zV": 0, "zA": 0, "zw": -1, "zu": -1}


@dataclass
class Case:
    """A lepton, V, the values of the couplings, and the conventions."""

    lepton: str
    vector: str
    values: dict[str, str]
    mass: str = "0.75"
    scheme: str = "four-dimensional"
    epsilon: int = 1
    standard_model: str = "present"
    cutoff: str = "1000"
    couplings: Couplings = field(init=False)

    def __post_init__(self) -> None:
        x = {n: mpf(self.values.get(n, "0")) for n in PARAMETERS}
        i = mpc(0, 1)
        e, s2 = self.charge, mpf(SIN2)
        sin_cos = mp.sqrt(s2 * (1 - s2))
        if self.vector == "A":
            v, a, joined = e, mpc(0), 2  # either of the two photons may be the external one
        else:
            present = self.standard_model == "present"
            v = x["zV"] + present * e / sin_cos * (mpf(1) / 4 - s2)
            a, joined = -x["zA"] - present * e / (4 * sin_cos), 1
        self.couplings = Couplings(
            s=-x["gS"],
            p=-i * x["gP"],
            t=-x["gD"],
            v=v,
            a=a,
            w=x["zw"],
            u=i * x["zu"],
            c=-joined * x["c"],
            k=-joined * x["ct"] * self.epsilon,
        )

    @property
    def charge(self) -> mpf:
        return mp.sqrt(4 * mp.pi / mpf(ALPHA_INVERSE))

    def model(self) -> g2.Model:
        lep, vec = self.lepton, self.vector
        terms = [
            f"- gS*s*bar({lep})*{lep} - I*gP*s*bar({lep})*gamma5*{lep}",
            f"- gD*d(al, s)*bar({lep})*gamma5*gamma(al)*{lep}",
            f"- c*s*F(A, al, be)*F({vec}, al, be) - ct*s*F(A, al, be)*Fdual({vec}, al, be)",
        ]
        if vec == "Z":
            terms += [
                f"+ zV*Z(al)*bar({lep})*gamma(al)*{lep} + zA*Z(al)*bar({lep})*gamma5*gamma(al)*{lep}",
                f"+ zw*bar({lep})*sigma(al, be)*{lep}*F(Z, al, be)",
                f"+ I*zu*bar({lep})*gamma5*sigma(al, be)*{lep}*F(Z, al, be)",
            ]
        names = [n for n in PARAMETERS if vec == "Z" or not n.startswith("z")]
        lines = ["schema = 1", 'name = "pairs"', f"lagrangian = '''{' '.join(terms)}'''"]
        lines += ["[fields.s]", "spin = 0", "charge = 0", "self_conjugate = true"]
        for n in names:
            lines += [f"[parameters.{n}]", f"dimension = {PARAMETERS[n]}"]
        lines += ["[parameters.Lambda]", "dimension = 1", "[conventions]", f'scheme = "{self.scheme}"']
        lines += [f"epsilon0123 = {self.epsilon}", f'standard_model = "{self.standard_model}"']
        text = "\n".join(lines) + "\n"
        inputs = {"alpha_inverse": ALPHA_INVERSE, "sin2_theta_w": SIN2, "m_Z": M_Z, f"m_{lep}": LEPTONS[lep]}
        return g2.Model(parse_declaration(text.encode(), "pairs"), inputs)

    def found(self, kind: str, contribution: str) -> mpf:
        """g2sym's value of one contribution."""
        model = self.model()
        names = model.declaration.parameters
        given = {n: self.values.get(n, "0") for n in names if n not in ("Lambda", "m_s")}
        moment = model.observable(f"{kind}({self.lepton})")
        result = moment.evaluate(DIGITS, {**given, "Lambda": self.cutoff, "m_s": self.mass})
        if contribution not in result.contributions:
            return mpf(0)
        middle = result.contributions[contribution].midpoint
        return mpf(middle.numerator) / middle.denominator

    def compare(self) -> None:
        name = "barr-zee-photon" if self.vector == "A" else "barr-zee-z"
        masses = (mpf(self.mass), mpf(M_Z) if self.vector == "Z" else mpf(0), mpf(self.cutoff))
        with mp.workdps(25):
            a, d = barr_zee(self.couplings, mpf(LEPTONS[self.lepton]), masses, self.charge, self.scheme)
            assert max(abs(a.imag), abs(d.imag * mpf(LEPTONS[self.lepton]))) <= 1e-15 * abs(a) + 1e-30
            for kind, expected in (("a", a.real), ("d", d.real)):
                got = self.found(kind, name)
                assert abs(got - expected) <= abs(expected) * mpf(10) ** -11, (kind, got, expected)


CLASSES = {
    "scalar, dual": {"gS": 1, "ct": 1},
    "pseudoscalar, plain": {"gP": 1, "c": 1},
    "derivative, plain": {"gD": 1, "c": 1},
    "scalar, plain": {"gS": 1, "c": 1},
    "pseudoscalar, dual": {"gP": 1, "ct": 1},
    "derivative, dual": {"gD": 1, "ct": 1},
    "all": {"gS": 1, "gP": 1, "gD": 1, "c": 1, "ct": 1},
}
Z_COUPLINGS = {"zV": 1, "zA": 1}
DIPOLES = {"zw": 1, "zu": 1}


def drawn(rng: Random, names: dict[str, int]) -> dict[str, str]:
    """Values of either sign; dimensionful ones smaller."""
    return {
        n: f"{rng.choice([-1, 1]) * 10 ** rng.uniform(-4, -1) * 10 ** (3 * PARAMETERS[n]):.6g}" for n in names
    }


@pytest.mark.parametrize("scheme", ["four-dimensional", "cutoff"])
@pytest.mark.parametrize("name", CLASSES)
def test_through_two_photons(name: str, scheme: str) -> None:
    rng = Random(f"photon {name} {scheme}")
    for lepton in LEPTONS:
        mass = f"{10 ** rng.uniform(-2, 2):.6g}"
        Case(lepton, "A", drawn(rng, CLASSES[name]), mass, scheme, rng.choice([1, -1])).compare()


@pytest.mark.parametrize("scheme", ["four-dimensional", "cutoff"])
@pytest.mark.parametrize("name", CLASSES)
def test_through_a_photon_and_a_z(name: str, scheme: str) -> None:
    rng = Random(f"Z {name} {scheme}")
    for present in ("present", "absent"):
        values = drawn(rng, {**CLASSES[name], **Z_COUPLINGS})
        mass = f"{10 ** rng.uniform(-1, 3):.6g}"
        lepton = rng.choice(list(LEPTONS))
        Case(lepton, "Z", values, mass, scheme, rng.choice([1, -1]), present).compare()


@pytest.mark.parametrize("name", [n for n in CLASSES if "derivative" not in n and n != "all"])
def test_through_a_dipole_coupling_of_the_z(name: str) -> None:
    """Two momenta more in the numerator, still a logarithm."""
    rng = Random(f"dipole {name}")
    for scheme in ("four-dimensional", "cutoff"):
        values = drawn(rng, {**CLASSES[name], **DIPOLES})
        Case("tau", "Z", values, "37", scheme, rng.choice([1, -1]), "absent").compare()


def test_an_axial_current_cancels_between_the_orders() -> None:
    for tensor in "ck":
        for x in "spt":
            first, last = (tables(x, "a", tensor, order) for order in (True, False))
            mirrored = [
                [{(j, i): tuple(-n for n in v) for (i, j), v in poly.items()} for poly in pair]
                for pair in last
            ]
            assert [list(pair) for pair in first] == mirrored


def test_a_phase_of_the_lepton_decouples() -> None:
    """d_a X lbar gamma^a l feeds neither moment: the engine leaves it out."""
    couplings = Couplings(n=1, v=1, c=mpf("0.001"), k=mpf("0.002"))
    a, d = barr_zee(couplings, mpf(1), (mpf(3), mpf(5), mpf(1000)), mpf(1))
    other, _ = barr_zee(Couplings(s=1, v=1, c=mpf("0.001")), mpf(1), (mpf(3), mpf(5), mpf(1000)), mpf(1))
    assert max(abs(a), abs(d)) < mpf(10) ** -16 * abs(other)


def test_a_complex_scalar_is_two_real_ones() -> None:
    """X = (x1 + i x2)/sqrt(2) with y X lbar PR l + C X F F + C2 X F Fdual + h.c."""
    y, c, k = mpc("0.003", "-0.002"), mpc("1e-4", "3e-4"), mpc("-2e-4", "5e-5")
    charge, mass = mp.sqrt(4 * mp.pi / mpf(ALPHA_INVERSE)), mpf("2.5")
    expected = [mpf(0), mpf(0)]
    for phase in (mpc(1), mpc(0, 1)):  # X = phase x/sqrt(2) in turn: s + p gamma5 = y phase PR + h.c.
        root = phase / mp.sqrt(2)
        own = Couplings(
            s=(y * root).real,
            p=mpc(0, (y * root).imag),
            v=charge,
            c=2 * 2 * (c * root).real,
            k=2 * 2 * (k * root).real,
        )
        parts = barr_zee(own, mpf(LEPTONS["mu"]), (mass, mpf(0), mpf(1000)), charge)
        expected = [t + p.real for t, p in zip(expected, parts, strict=True)]
    model = g2.Model(parse_declaration(COMPLEX.encode(), "complex"), {"alpha_inverse": ALPHA_INVERSE})
    values = {"m_X": "2.5", "Lambda": "1000"}
    for n, v in (("y", y), ("c", c), ("k", k)):
        values |= {f"re_{n}": mp.nstr(v.real, 12), f"im_{n}": mp.nstr(v.imag, 12)}
    for kind, want in zip("ad", expected, strict=True):
        result = model.observable(f"{kind}(mu)").evaluate(DIGITS, values)
        middle = result.contributions["barr-zee-photon"].midpoint
        assert abs(mpf(middle.numerator) / middle.denominator - want) < abs(want) * mpf(10) ** -11


COMPLEX = """
schema = 1
name = "complex"
lagrangian = '''
y*X*bar(mu)*PR*mu + c*X*F(A, al, be)*F(A, al, be) + k*X*F(A, al, be)*Fdual(A, al, be) + hc
'''
[fields.X]
spin = 0
charge = 0
self_conjugate = false
[parameters.y]
dimension = 0
complex = true
[parameters.c]
dimension = -1
complex = true
[parameters.k]
dimension = -1
complex = true
[parameters.Lambda]
dimension = 1
"""
