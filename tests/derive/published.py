"""Integrands as the literature prints them: the references that the engine's output must equal."""

from __future__ import annotations

from flint import fmpq_mpoly

from g2sym.integrals.feynman import Diagram, FeynmanIntegral
from g2sym.integrals.rational import Frac, constant, gen

Poly = fmpq_mpoly


def one_parameter(numerator: Poly, delta: Poly, divisor: Poly | None = None) -> FeynmanIntegral:
    return FeynmanIntegral(
        variables=(("x", "0", "1"),),
        delta=delta,
        powers=((1, numerator),),
        log=constant(0),
        divisor=constant(1) if divisor is None else divisor,
        pole=Frac.of(0),
        diagram=Diagram("published"),
    )


def two_parameters(numerator: Poly, log: Poly, massive: bool) -> FeynmanIntegral:
    x, y, rho, zeta = gen("x"), gen("y"), gen("rho"), gen("zeta")
    delta = y**2 + rho * (1 - x) + (zeta * (x - y) if massive else 0 * x)
    return FeynmanIntegral(
        variables=(("x", "0", "1"), ("y", "0", "x")),
        delta=delta,
        powers=((1, numerator),) if numerator != 0 else (),
        log=log,
        divisor=constant(1),
        pole=Frac.of(0),
        diagram=Diagram("published"),
    )


def eq2() -> FeynmanIntegral:
    """(1-x)^3/((1-x)^2 + rho x) of arXiv:2506.17750, Eq. (2)."""
    x, rho = gen("x"), gen("rho")
    return one_parameter((1 - x) ** 3, (1 - x) ** 2 + rho * x)


def eq13() -> FeynmanIntegral:
    """(1-x)^2 (1+x)/((1-x)^2 + rho x), Eq. (13)."""
    x, rho = gen("x"), gen("rho")
    return one_parameter((1 - x) ** 2 * (1 + x), (1 - x) ** 2 + rho * x)


def eq16() -> FeynmanIntegral:
    """x^2 (1-x)/(x^2 + rho (1-x)), Eq. (16)."""
    x, rho = gen("x"), gen("rho")
    return one_parameter(x**2 * (1 - x), x**2 + rho * (1 - x))


def eq18() -> FeynmanIntegral:
    """[x (1-x)(4-x) + 2 x^3/rho]/(x^2 + rho (1-x)), Eq. (18)."""
    x, rho = gen("x"), gen("rho")
    return one_parameter(rho * x * (1 - x) * (4 - x) + 2 * x**3, x**2 + rho * (1 - x), rho)


def eq8(massive: bool = False) -> FeynmanIntegral:
    """(1+3y) ln Delta + y^3/Delta, Eqs. (8) and (10)."""
    y = gen("y")
    return two_parameters(y**3, 1 + 3 * y, massive)


def eq14(massive: bool = False) -> FeynmanIntegral:
    """2 ln Delta, Eq. (14)."""
    y = gen("y")
    return two_parameters(0 * y, 0 * y + 2, massive)
