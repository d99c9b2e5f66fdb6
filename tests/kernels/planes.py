"""Kernels of two masses for tests: a muon, a neutral boson and an internal fermion of its own."""

from fractions import Fraction

from flint import arb

from g2sym.base.coefficients import Coefficient
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.surfaces import Placed, Summand, Sums
from g2sym.model.model import load_model

MUON = Fraction("0.1056583755")
TERMS = {
    "scalar": (0, "-g*s*bar(mu)*psi"),
    "pseudoscalar": (0, "-I*g*s*bar(mu)*gamma5*psi"),
    "vector": (1, "g*s(al)*bar(mu)*gamma(al)*psi"),
    "axial vector": (1, "g*s(al)*bar(mu)*gamma(al)*gamma5*psi"),
}
TEXT = """
schema = 1
name = "mine"
lagrangian = "{lagrangian} + hc"
[fields.s]
spin = {spin}
charge = 0
mass = "m_s"
[fields.psi]
spin = "1/2"
charge = -1
mass = "m_F"
[parameters.g]
dimension = 0
"""


def model_text(kind):
    """The model file of one kind of coupling."""
    spin, lagrangian = TERMS[kind]
    return TEXT.format(lagrangian=lagrangian, spin=spin)


def moment(kind, folder):
    """The muon's moment in a model of one kind of coupling."""
    path = folder / f"{kind.replace(' ', '_')}.toml"
    path.write_text(model_text(kind))
    return load_model(str(path)).anomalous_moment("mu")


def kernel_of(kind, folder):
    """The one kernel of a model, with slots rho and nu."""
    (term,) = moment(kind, folder).derivation.terms()
    return Kernel.of(term.integral)


def surface(kernel, reach=1e16):
    """A kernel as a function of the masses M and m in GeV."""
    slots = {"rho": ("M", 2), "nu": ("m", 1)}
    unit = Coefficient.number(MUON)
    placed = Placed(kernel, {s: (Coefficient.symbol(n) / unit, p) for s, (n, p) in slots.items()}, {}, reach)
    return Sums(("M", "m"), ((Summand((1.0, 0.0), (0, 0), (placed,)),),))


def exact(kernel, boson, fermion, bits=70):
    """The kernel's value as a fraction at exact masses in GeV, from its closed form in balls."""
    ball = kernel.ball({"rho": (boson / MUON) ** 2, "nu": fermion / MUON}, bits)
    return fraction(ball)


def fraction(ball: arb) -> Fraction:
    """The middle of a ball."""
    mantissa, exponent = ball.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
