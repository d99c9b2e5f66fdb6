"""Delta a of the bundled models as arXiv:2506.17750 prints it, in balls, without the engine.

Everything follows from K_n = int_0^1 x^n/D dx with D = x^2 + rho (1 - x), rho = (M/m)^2, in logarithms,
square roots and arcs of python-flint. No derivation, canonical form, kernel or table of g2sym enters;
prefactors and input values are those of the reference file's schema (Eqs. (2), (8), (10), (11), (13), (14),
(16), (18)).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path

from flint import arb, ctx, fmpq

REFERENCE = Path(__file__).parents[1] / "reference" / "kernels.json"
CONSTANTS = json.loads(REFERENCE.read_text(encoding="utf-8"))["schema"]["constants"]
ALPHA_INVERSE = "137.035999177"
HEAVY = 2.0**40
"""From this rho on the K_n are summed as series in 1/rho."""
GUARD = 200
"""Bits that cancel below `HEAVY`, about: four powers of rho, and some. All functions work at the precision in
force; what they return is a ball, whether these bits were enough or not."""


def exact(text: str | Fraction) -> fmpq:
    value = Fraction(text)
    return fmpq(value.numerator, value.denominator)


def real(value: float | Fraction) -> arb:
    """Return a double as it is, or a fraction at the precision in force."""
    return arb(value) if isinstance(value, float) else arb(exact(value))


def moments(rho: arb, count: int) -> list[arb]:
    """Return K_0 .. K_count for rho < `HEAVY`: K_0 is elementary, the others follow by division by D."""
    delta = rho * (rho - 4)
    if delta < 0:
        root = (-delta).sqrt()
        first = 2 * (((2 - rho) / root).atan() + (rho / root).atan()) / root
    else:
        root = delta.sqrt()
        first = ((rho - 2 + root) / (rho - 2 - root) * (rho - root) / (rho + root)).log() / root
    found = [first, (rho * first - rho.log()) / 2]
    for n in range(count - 1):
        found.append(arb(1) / (n + 1) + rho * (found[n + 1] - found[n]))
    return found


def heavy_moments(rho: arb, count: int) -> list[arb]:
    """Return the same for heavy bosons, where nothing cancels.

    D = (a - x)(b - x) with a + b = a b = rho and b the small root, so 1/D = [1/(b - x) - 1/(a - x)]/(a - b).
    The first part is b^n ln(b/(b-1)) - sum_{j=1}^n b^(n-j)/j with b - 1 = b^2/rho, the second
    sum_k a^(-k-1)/(n+k+1), whose terms after the N-th are less than a^(-N-1)/(1 - 1/a) in all.
    """
    root = (rho * (rho - 4)).sqrt()
    large = (rho + root) / 2
    small = rho / large
    log = (rho / small).log()
    inverse, terms = 1 / large, ctx.prec // 40 + 2
    rest = inverse ** (terms + 1) / (1 - inverse)
    found = []
    for n in range(count + 1):
        near = small**n * log - sum((small ** (n - j) / j for j in range(1, n + 1)), arb(0))
        far = sum((inverse ** (k + 1) / (n + k + 1) for k in range(terms)), arb(0)) + rest.union(0)
        found.append((near - far) / root)
    return found


def one_loop(rho: arb, heavy: bool) -> dict[str, arb]:
    """Return I_P, I_S, I_V, I_A of Eqs. (2), (13), (16), (18)."""
    _, k1, k2, k3 = heavy_moments(rho, 3) if heavy else moments(rho, 3)
    return {"P": k3, "S": 2 * k2 - k3, "V": k2 - k3, "A": 4 * k1 - 5 * k2 + k3 + 2 * k3 / rho}


def barr_zee(rho: arb, heavy: bool) -> dict[str, arb]:
    """Return J_P and J_S of Eqs. (8) and (14).

    The integral over x, from y to 1, of ln(y^2 + rho (1 - x)) is [D ln D - D - y^2 ln y^2 + y^2]/rho with D
    at y, that of 1/(y^2 + rho (1 - x)) is [ln D - ln y^2]/rho. The rest is elementary with
    M_n = int y^n ln D dy = (rho K_{n+1} - 2 K_{n+2})/(n+1). For light bosons, where powers of 1/rho cancel,
    the M_n are reduced to K_0.
    """
    if heavy:
        k = heavy_moments(rho, 5)
        m = [(rho * k[n + 1] - 2 * k[n + 2]) / (n + 1) for n in range(4)]
        p = m[0] + 2 * m[1] - 3 * m[2] + (m[2] + 4 * m[3]) / rho - 1 + arb(13) / (18 * rho)
        return {"P": p, "S": 2 * (m[0] - m[1] + m[2] / rho) - 1 + arb(4) / (9 * rho)}
    k0, log = moments(rho, 1)[0], rho.log()
    p = -(2 * rho + 13) + rho**2 * log - rho * (rho - 4) * (rho + 2) * k0
    s = 2 * (rho - 9) - rho * (rho - 6) * log + rho * (rho - 4) ** 2 * k0
    return {"P": p / 6, "S": s / 6}


AT_ZERO = {"P": Fraction(-13, 6), "S": Fraction(-3)}
"""J_P and J_S for a massless boson."""


@dataclass(frozen=True)
class Terms:
    """Delta a = g^2 own + g h photon + g k z: what stands beside the couplings."""

    own: arb
    photon: arb
    z: arb


def constant(name: str) -> arb:
    """Return an input of the reference file, such as m_mu, at the precision in force."""
    return _constant(name, ctx.prec)


@cache
def _constant(name: str, bits: int) -> arb:
    return arb(exact(CONSTANTS[name]))


def own(kind: str, lepton: str, mass: float | Fraction) -> arb:
    """Return Delta a over the squared coupling for the kinds P, S, V and A; of the latter two g = eps e."""
    if mass == 0:
        value = {"P": arb(1) / 2, "S": arb(3) / 2, "V": arb(1) / 2, "A": arb("inf")}[kind]
    else:
        rho = (real(mass) / constant(f"m_{lepton}")) ** 2
        value = one_loop(rho, bool(rho > HEAVY))[kind]
    return _weight(kind, ctx.prec) * value


def terms(kind: str, lepton: str, mass: float | Fraction, cutoff: float | Fraction) -> Terms:
    """Return what stands beside g^2, g h and g k, for the kinds P and S with effective couplings h and k."""
    unit = constant(f"m_{lepton}")
    log = 2 * (real(cutoff) / unit).log()
    zeta, at_z, eighth, factor = _z_boson(kind, lepton, ctx.prec)
    if mass == 0:
        photon, z = real(AT_ZERO[kind]), at_z
    else:
        rho = (real(mass) / unit) ** 2
        photon = barr_zee(rho, bool(rho > HEAVY))[kind]
        z = (zeta * at_z - rho * photon) / (zeta - rho)
    return Terms(own(kind, lepton, mass), unit * eighth * (log - photon), unit * factor * (log - z))


def mixing() -> tuple[arb, arb]:
    """Return sin and cos of the weak mixing angle."""
    return _mixing(ctx.prec)


@cache
def _mixing(bits: int) -> tuple[arb, arb]:
    square = constant("sin2_theta_w")
    return square.sqrt(), (1 - square).sqrt()


@cache
def _weight(kind: str, bits: int) -> arb:
    """-+ 1/(8 pi^2); for the vectors +- e^2/(4 pi^2) = +- alpha/pi."""
    if kind in "PS":
        return {"P": -1, "S": 1}[kind] / (8 * arb.pi() ** 2)
    return {"V": 1, "A": -1}[kind] / (arb(exact(ALPHA_INVERSE)) * arb.pi())


@cache
def _z_boson(kind: str, lepton: str, bits: int) -> tuple[arb, arb, arb, arb]:
    """(m_Z/m)^2, J there, 1/(8 pi^2), and that times (1 - 4 sin^2)/(4 sin cos)."""
    zeta = (constant("m_Z") / constant(f"m_{lepton}")) ** 2
    sin, cos = _mixing(bits)
    eighth = 1 / (8 * arb.pi() ** 2)
    return zeta, barr_zee(zeta, False)[kind], eighth, (1 - 4 * sin**2) / (4 * sin * cos) * eighth
