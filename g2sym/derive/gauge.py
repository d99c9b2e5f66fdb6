"""Photon and Z: their currents, and effective X-V-V operators.

With D = d + i e Q A and B = cos A - sin Z, W3 = sin A + cos Z, the Z couples to
-(e/(sin cos)) fbar gamma^mu (T3 P_L - Q sin^2) f Z_mu, P_L = (1 - gamma5)/2.
"""

from __future__ import annotations

from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.derive.dirac import BOSON, GAMMA5, String
from g2sym.derive.vertices import Vertex
from g2sym.lagrangian.operators import Operator

SIN, COS = Coefficient.symbol("sin_w"), Coefficient.symbol("cos_w")
E_EM = Coefficient.symbol("e_em")

NEUTRAL = ("A", "Z")
"""The gauge bosons after mixing; a declaration for one lepton holds no B or W3 any more."""

CHARGE = Fraction(-1)
"""Q of the charged leptons."""
NEUTRAL_CHARGES = {
    **dict.fromkeys(("e", "mu", "tau"), (Fraction(-1, 2), Fraction(-1))),
    **dict.fromkeys(("nu_e", "nu_mu", "nu_tau"), (Fraction(1, 2), Fraction(0))),
    **dict.fromkeys(("u", "c", "t"), (Fraction(1, 2), Fraction(2, 3))),
    **dict.fromkeys(("d", "s", "b"), (Fraction(-1, 2), Fraction(-1, 3))),
}
"""Weak isospin T3 of the left-handed part and charge Q of every fermion."""
ISOSPIN = {"e": Fraction(-1, 2), "mu": Fraction(-1, 2), "tau": Fraction(-1, 2)}
"""Weak isospin T3 of the left-handed charged leptons."""


@dataclass(frozen=True)
class EffectiveVertex:
    """coefficient * X F(A) F(V) or coefficient * X F(A) Fdual(V), V the photon or the Z.

    ``conjugated`` marks the conjugate of a complex X.
    """

    coefficient: Coefficient
    scalar: str
    vector: str
    dual: bool
    conjugated: bool = False

    def rule(self) -> Coefficient:
        """Return what multiplies epsilon^{q mu kV si}, or (q.kV) g^{mu si} - kV^mu q^si.

        Each field strength brings two derivatives' worth of -i k; two photons can be exchanged.
        """
        return self.coefficient * (-4 if self.vector == "A" else -2)


def effective_vertices(operator: Operator) -> list[EffectiveVertex] | None:
    """Read an operator as effective vertices of a boson with the photon and a photon or Z.

    Returns None when the operator has another form; the part with two Z's couples no photon at this
    order and is left out.
    """
    if operator.bilinear is not None or len(operator.bosons) != 3:
        return None
    plain = [b for b in operator.bosons if b.kind == "field"]
    strengths = [b for b in operator.bosons if b.kind != "field"]
    if len(plain) != 1 or len(strengths) != 2 or plain[0].indices or plain[0].derivatives:
        return None
    if any(b.derivatives or b.field not in NEUTRAL for b in strengths):
        return None
    first, second = strengths
    if sorted(first.indices) != sorted(second.indices):
        return None
    sign = 1 if first.indices == second.indices else -1
    duals = sum(b.kind == "Fdual" for b in strengths)
    if duals == 2:
        return None
    names = {first.field, second.field}
    if "A" not in names:
        return []
    vector = "Z" if "Z" in names else "A"
    scalar = plain[0]
    return [EffectiveVertex(operator.coefficient * sign, scalar.field, vector, duals == 1, scalar.conjugated)]


def current(lepton: str, vector: str) -> list[tuple[String, Coefficient]]:
    """Return a lepton's coupling to photon or Z in the Standard Model, over -e Q, that to the photon.

    Parameters: ``lepton``; ``vector``, "A" or "Z". Returns (gamma string, coefficient) pairs such
    that L = -e Q times their sum; the Z's axial part is included.
    """
    one = Coefficient.number(1)
    if vector == "A":
        return [((BOSON,), one)]
    charge, isospin = CHARGE, ISOSPIN[lepton]
    scale = one / (SIN * COS * charge)
    # gamma^mu gamma5 = -gamma5 gamma^mu, so -T3/2 gamma^mu gamma5 = +T3/2 gamma5 gamma^mu
    return [
        ((BOSON,), scale * (one * (isospin / 2) - SIN * SIN * charge)),
        ((GAMMA5, BOSON), scale * (isospin / 2)),
    ]


def standard_vertices(lepton: str, vector: str) -> list[Vertex]:
    """Return the Standard Model's own vertices of Z (see `current`) or W on a lepton's line.

    The W couples as -(e/(sqrt(2) sin)) W_mu nubar gamma^mu P_L l + h.c., which follows from the same
    covariant derivative as the Z's coupling.
    """
    if vector == "W":
        strength = -E_EM / (SIN * Coefficient.symbol("sqrt(2)") * 2)
        lines = ((False, f"nu_{lepton}", lepton), (True, lepton, f"nu_{lepton}"))
        left = ((BOSON,), (GAMMA5, BOSON))  # gamma^mu P_L = (gamma^mu + gamma5 gamma^mu)/2
        return [Vertex("W", *line, string, 0, strength) for line in lines for string in left]
    return [
        Vertex(vector, False, lepton, lepton, string, 0, strength * E_EM * -CHARGE)
        for string, strength in current(lepton, vector)
    ]


def neutral_vertices(fermion: str) -> list[Vertex]:
    """Return the Standard Model's couplings of the Z to any of its fermions, of which `current` is one."""
    isospin, charge = NEUTRAL_CHARGES[fermion]
    scale = -E_EM / (SIN * COS)
    strings = (
        ((BOSON,), scale * (Coefficient.number(isospin / 2) - SIN * SIN * charge)),
        ((GAMMA5, BOSON), scale * (isospin / 2)),
    )
    return [Vertex("Z", False, fermion, fermion, string, 0, strength) for string, strength in strings]
