"""Declared dipole couplings of the photon, bar(l) sigma l F(A): dipole moments without a loop."""

from __future__ import annotations

from collections.abc import Iterable

from g2sym.base.coefficients import Coefficient
from g2sym.derive.dirac import GAMMA5
from g2sym.derive.gauge import E_EM
from g2sym.derive.terms import Masses, Term
from g2sym.derive.vertices import Vertex, particle
from g2sym.integrals.feynman import unit_integral
from g2sym.lagrangian.declaration import Declaration

LOOPS = (
    "Loops that contain the photon's dipole coupling are of higher order in it or in alpha, and not included."
)


def photon_dipoles(
    declaration: Declaration, lepton: str, vertices: Iterable[Vertex]
) -> tuple[tuple[Term, ...], tuple[Term, ...], list[str]]:
    """Return the terms of F2 and of the electric form factor that need no loop, and what is left out.

    Parameters: ``vertices`` of the photon's field strength on the lepton's own line. With L = c lbar
    sigma^{ab} l F_ab the magnetic form factor is 4 m c/e; c5 lbar gamma5 sigma^{ab} l F_ab gives d = -2 Im
    c5, for D = d + i e Q A. A term stands over 16 pi^2, which the coefficient takes back.
    """
    mass = particle(declaration, lepton).mass
    unit = unit_integral()
    every = list(vertices)
    even, odd = (
        sum(
            # the commutator of momentum and gamma matrix stands for i sigma F
            (v.coefficient * Coefficient.number(0, -1) for v in every if (GAMMA5 in v.string) == five),
            Coefficient.number(0),
        )
        for five in (False, True)
    )
    scale = Coefficient.symbol(mass) * Coefficient.symbol("pi") ** 2 * 64 / E_EM

    def terms(value: Coefficient) -> tuple[Term, ...]:
        return () if value.is_zero else (Term(value * scale, unit, Masses.of(mass, unit, [])),)

    return terms(even.real()), terms(odd.imag()), [LOOPS] if every else []
