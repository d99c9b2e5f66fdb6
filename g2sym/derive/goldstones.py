"""A massive vector in Feynman gauge: its metric part, and the Goldstone boson that the engine adds to it.

V_a -> V_a + D_a G/M in V_a lbar gamma^a (L P_L + R P_R) F gives G the coupling lbar (L' P_L + R' P_R) F with
L' = -(i/M)(m L - m_F R), R' = -(i/M)(m R - m_F L), and the vertex i e Q M A^a (V_a^dagger G - G^dagger V_a)
with the photon. Their sum equals the unitary gauge at every mass.
Source: K. Fujikawa, B. W. Lee and A. I. Sanda, Phys. Rev. D 6 (1972) 2923; here for any charge and chirality.
"""

from __future__ import annotations

from collections.abc import Iterator

from g2sym.derive.assemble import assemble, dipole_of
from g2sym.derive.dirac import BOSON, GAMMA5, String
from g2sym.derive.topology import (
    EXCHANGED,
    INTERNAL,
    Topology,
    charged_exchange,
    goldstone_exchange,
    neutral_exchange,
)
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, Poly, constant, gen

VECTOR: String = (BOSON,)
AXIAL: String = (GAMMA5, BOSON)


def goldstone_of(string: String) -> tuple[String, Poly, Poly]:
    """Return the Goldstone boson's gamma string for a vector's, and its couplings times M/(i m).

    Returns the string and the factors where the boson is absorbed and where it is emitted.
    """
    nu = gen(INTERNAL.name)
    if string == VECTOR:
        return (), nu - 1, 1 - nu
    return (GAMMA5,), 1 + nu, 1 + nu


def feynman_gauge(outgoing: String, incoming: String, charged: bool) -> Iterator[tuple[Frac, Topology]]:
    """Yield the topologies of a vector's exchange in Feynman gauge, each with what multiplies it.

    Parameters: gamma strings, `VECTOR` or `AXIAL`, after and before the photon; ``charged``, True with the
    photon on the boson.
    """
    rho = gen(EXCHANGED.name)
    last, absorbed, _ = goldstone_of(outgoing)
    first, _, emitted = goldstone_of(incoming)
    both = Frac.of(-absorbed * emitted, rho)
    one = Frac.of(constant(1))
    if not charged:
        yield one, neutral_exchange(outgoing, incoming, 1, "metric")
        yield both, neutral_exchange(last, first, 0)
        return
    yield one, charged_exchange(outgoing, incoming, 1, gauge="metric")
    yield both, charged_exchange(last, first, 0)
    # V to G is i M, G to V is -i M, the vector's propagator -g
    yield Frac.of(absorbed), goldstone_exchange(last, incoming, (1, 0))
    yield Frac.of(-emitted), goldstone_exchange(outgoing, first, (0, 1))


def in_feynman_gauge(outgoing: String, incoming: String, charged: bool) -> tuple[ClosedForm, Frac]:
    """Return a vector's dipole kernel in Feynman gauge, Goldstone boson included: canonical form and pole.

    Parameters: see `feynman_gauge`.
    """
    dipole = dipole_of(outgoing, incoming)
    total, pole = ClosedForm(Frac.of(0)), Frac.of(0)
    for factor, topology in feynman_gauge(outgoing, incoming, charged):
        kernel = assemble(topology, dipole)
        total, pole = total + kernel.canonical.scale(factor), pole + kernel.pole * factor
    return total, pole
