"""Neutral exchange: one boson joins the lepton line twice, the photon sits on the internal fermion.

With L = phi fbar G F + h.c. the vertex function is
Gamma^mu = i int d^dl/(2 pi)^d G_out (k'-slash + m_F) gamma^mu (k-slash + m_F) G_in / (D D_k D_k')
for spin 0; for spin 1 the boson's indices are joined by -(g_ab - l_a l_b/M^2).
"""

from __future__ import annotations

from functools import cache
from typing import Any

from g2sym.derive.dirac import Dirac, String, product
from g2sym.derive.kinematics import gen, ring, traces
from g2sym.derive.loop import LoopIntegrand, reduce
from g2sym.derive.projector import MU, Dipole, basis_string, contracted, projector

Poly = Any  # flint.fmpq_mpoly, which ships no types

BOSON = "@boson"
"""The boson's own Lorentz index in a vertex string."""


def _with_index(string: String, token: str) -> String:
    return tuple(token if item == BOSON else item for item in string)


def numerator(dipole: Dipole, outgoing: String, incoming: String) -> Poly:
    """Project one pair of vertex strings onto the dipole form factor.

    Parameters: gamma strings without an open boson index. Returns the numerator as a polynomial in
    the products of the loop momentum, normalised to t times the form factor.
    """
    one, nu = ring().constant(1), gen("nu")
    trace = traces()
    total = 0 * one
    for base, weight in projector(dipole):
        if weight == 0:
            continue
        left, photon, factor = contracted(base, MU)
        chain: Dirac = product(
            {("p",): one, (): one},
            {basis_string(left, dipole): factor},
            {("p'",): one, (): one},
            {outgoing: one},
            {("k'",): one, (): nu},
            {(photon,): one},
            {("k",): one, (): nu},
            {incoming: one},
        )
        total += weight * trace(chain)
    return total


@cache
def neutral_exchange(
    dipole: Dipole, outgoing: String, incoming: String, spin: int
) -> tuple[tuple[int, LoopIntegrand], ...]:
    """Derive the dipole form factor of a neutral exchange for one pair of vertex strings.

    Parameters: ``dipole``, magnetic or electric; the strings of the vertex after and before the
    photon, with ``"l"`` for a slashed boson momentum and `BOSON` for its index; ``spin``, 0 or 1.
    Returns pairs (power of 1/rho, integrand) in units of 1/(16 pi^2).
    """
    if spin == 0:
        return ((0, reduce(numerator(dipole, outgoing, incoming))),)
    metric = -numerator(dipole, _with_index(outgoing, "@b"), _with_index(incoming, "@b"))
    longitudinal = numerator(dipole, _with_index(outgoing, "l"), _with_index(incoming, "l"))
    return ((0, reduce(metric)), (1, reduce(longitudinal)))
