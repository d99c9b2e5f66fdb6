"""From effective X-photon-V operators to Feynman integrals: Barr-Zee-type kernels, ready to multiply."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from g2sym.derive.barr_zee import Order, barr_zee
from g2sym.derive.dirac import GAMMA5, String
from g2sym.derive.one_loop import words
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import Diagram, FeynmanIntegral, Slot
from g2sym.integrals.rational import constant, gen
from g2sym.integrals.simplex import integrate_simplex

Poly = Any  # flint.fmpq_mpoly, which ships no types

ORDERS: tuple[Order, Order] = ("scalar-first", "vector-first")


def feeds_magnetic(scalar: String, vector: String, dual: bool) -> bool:
    """True when the pair of vertices can feed F2: gamma5 and the epsilon tensor come in pairs."""
    return (scalar + vector).count(GAMMA5) % 2 == int(dual)


@cache
def barr_zee_kernel(
    scalar: String,
    vector: String,
    dual: bool,
    order: Order,
    massive: bool,
    scheme: str = "four-dimensional",
    epsilon0123: int = 1,
) -> FeynmanIntegral:
    """Derive F2 of one ordering of a Barr-Zee-type diagram.

    Parameters: gamma strings of X (``"l"`` its slashed momentum) and of V on the lepton line;
    ``dual``, True for X F Vdual; ``order`` along the line; ``massive``, True when V is the Z;
    ``scheme`` and ``epsilon0123``, the declared conventions. Returns the integral over
    0 < y < x < 1, y the weight of the lepton, 1 - x of X and x - y of V, with
    Delta = y^2 + rho (1 - x) + zeta (x - y). Its value plus ``pole`` times ln(Lambda^2/m^2) is F2
    times 16 pi^2 over the product of the couplings, over a further i for the dual; the effective
    vertex is epsilon^{q mu kV si} or (q.kV) g^{mu si} - kV^mu q^si.
    Source: the integrand of arXiv:2506.17750, Eqs. (8), (10) and (14), comes out of it.
    """
    raw = barr_zee(scalar, vector, dual, order, scheme, epsilon0123)
    lead = raw.leading
    if lead is not None and (lead.powers or lead.log != 0):
        raise ArithmeticError("the form factor is singular at q^2 = 0")
    if any(k > 1 for k in raw.powers):
        raise UnsupportedError("The effective vertex gives an integral that the engine does not reduce.")
    x, y, rho, zeta = gen("x"), gen("y"), gen("rho"), gen("zeta")
    delta = y**2 + rho * (1 - x) + (zeta * (x - y) if massive else 0 * x)
    mirrored = order == "vector-first"
    powers = {k: _convert(p, mirrored) for k, p in raw.powers.items()}
    log, pole = _convert(raw.log, mirrored), _convert(raw.pole, mirrored)
    if scheme == "cutoff":  # int l^2/(l^2 - Delta)^3 up to Lambda: ln(Lambda^2/Delta) - 3/2
        powers[0] = powers.get(0, 0 * x) - pole * constant(Fraction(3, 2))
    total = integrate_simplex({0: pole}, 0 * x, delta)
    if total.logs or total.arcs:
        raise ArithmeticError("the ultraviolet pole depends on the masses")
    return FeynmanIntegral(
        variables=(("x", "0", "1"), ("y", "0", "x")),
        delta=delta,
        powers=tuple(sorted((k, p) for k, p in powers.items() if p != 0)),
        log=log,
        divisor=constant(1),
        pole=total.rational,
        diagram=Diagram("Barr-Zee", vertices=(words(scalar), words(vector))),
        scheme=scheme,
        provenance=(
            "magnetic projector from the inverse Gram matrix of gamma, P, q",
            f"epsilon^0123 = {epsilon0123:+d}, joined to gamma5 as an antisymmetrised product"
            if dual
            else "no epsilon tensor",
            f"scheme {scheme}: 1/eps read as ln Lambda^2",
        ),
        slots=(Slot("rho", 2), *((Slot("zeta", 2),) if massive else ())),
    )


def _convert(poly: Poly, mirrored: bool) -> Poly:
    """Carry a polynomial in s, w, nu to the integrals' ring: s = 1 - y, w = +-(2x - y - 1), nu = 1."""
    x, y = gen("x"), gen("y")
    w = 2 * x - y - 1
    names = poly.context().names()
    meaning = {"s": 1 - y, "w": -w if mirrored else w, "nu": 0 * x + 1}
    total = 0 * x
    for powers, value in poly.to_dict().items():
        term = 0 * x + value
        for name, power in zip(names, powers, strict=True):
            if power:
                term *= meaning[name] ** power
        total += term
    return total
