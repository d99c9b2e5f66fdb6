"""Closed forms of the paper's kernels, written down by hand: references for the evaluator's tests.

K0 = T(rho, 1), K1 = (-L + rho K0)/2, K_{n+2} = 1/(n+1) + rho (K_{n+1} - K_n), L = ln rho
(arXiv:2506.17750, Eqs. (2), (8), (13), (14), (16), (18) after partial integration).
"""

from __future__ import annotations

from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, constant, gen

RHO, ZETA = gen("rho"), gen("zeta")


def plain(value: Frac) -> ClosedForm:
    return ClosedForm(value)


def log(argument=RHO) -> ClosedForm:
    return ClosedForm(Frac.of(0), ((argument, Frac.of(1)),))


def arc(argument=RHO) -> ClosedForm:
    return ClosedForm(Frac.of(0), (), (((argument, constant(1)), Frac.of(1)),))


def frac(num, den=1) -> Frac:
    return Frac.of(num, den)


def powers(m=RHO) -> list[ClosedForm]:
    """K_0 to K_3."""
    k = [arc(m), (arc(m).scale(frac(m)) - log(m)).scale(Frac.of(1, 2))]
    for n in range(2):
        k.append(plain(Frac.of(1, n + 1)) + (k[n + 1] - k[n]).scale(frac(m)))
    return k


def paper_forms(m=RHO) -> dict[str, ClosedForm]:
    """I_P, I_S, I_V, I_A, J_P and J_S."""
    k = powers(m)
    j_p = (
        plain(frac(-(2 * m + 13), 6))
        + log(m).scale(frac(m**2, 6))
        - arc(m).scale(frac(m * (m - 4) * (m + 2), 6))
    )
    j_s = (
        plain(frac(m - 9, 6)) - log(m).scale(frac(m * (m - 6), 12)) + arc(m).scale(frac(m * (m - 4) ** 2, 12))
    ).scale(frac(2))
    return {
        "I_P": k[3],
        "I_S": k[2].scale(frac(2)) - k[3],
        "I_V": k[2] - k[3],
        "I_A": k[1].scale(frac(4)) - k[2].scale(frac(5)) + k[3] + k[3].scale(frac(2, m)),
        "J_P": j_p,
        "J_S": j_s,
    }


def z_forms() -> dict[str, ClosedForm]:
    """J_Z = (zeta J(zeta) - rho J(rho))/(zeta - rho) with rho_Z - rho = zeta: see `shifted`."""
    out = {}
    for name in ("J_P", "J_S"):
        here, there = paper_forms(RHO)[name], paper_forms(ZETA)[name]
        difference = there.scale(frac(ZETA)) - here.scale(frac(RHO))
        out[f"{name}_Z"] = difference.scale(Frac.of(1, ZETA - RHO))
    return out
