"""Feynman parameters of a topology: weights, domain, shift of the loop momentum and Delta.

With sum_i x_i (k_i^2 - m_i^2), k_i = c_i l + K_i and c_i = +-1, the shift l -> l - V, V = sum_i x_i c_i K_i,
leaves l^2 - Delta with Delta = V^2 - sum_i x_i (K_i^2 - m_i^2).
"""

from __future__ import annotations

from functools import cache

from g2sym.base.classes import dataclass
from g2sym.derive.kinematics import Poly, external_products, gen, ring
from g2sym.derive.series import split
from g2sym.derive.topology import Mass, Topology
from g2sym.errors import UnsupportedError

DOMAIN = (("x", "0", "1"), ("y", "0", "x"))
"""The Feynman parameters of three propagators with their limits, outermost first."""


@dataclass(frozen=True)
class Parameters:
    """The Feynman parametrisation of a topology.

    ``weights`` of its propagators; ``shift`` (a, b): l turns into l + a p + b p'; ``delta``, a polynomial
    in t, the masses and the parameters; ``variables``, the parameters that stay, with their limits;
    ``inner``, one that Delta at t = 0 does not depend on, None if there is none: expanded to first order
    in t, the integrand is a polynomial in it; ``products``, p.p, p.p' and p'.p' of the external momenta.
    """

    weights: tuple[Poly, ...]
    shift: tuple[Poly, Poly]
    delta: Poly
    variables: tuple[tuple[str, str, str], ...]
    inner: str | None
    products: tuple[Poly, Poly, Poly]


def mass_of(topology: Topology, mass: Mass) -> Poly:
    """Return a signed mass as a polynomial.

    Raises UnsupportedError for a slot that holds a squared mass.
    """
    if not mass:
        return ring().constant(0)
    if mass == 1:
        return ring().constant(1)
    if mass.power != 1:
        raise UnsupportedError(f"The slot '{mass.name}' holds a squared mass; a fermion has a signed one.")
    return gen(topology.generator(mass))


def squared_mass_of(topology: Topology, mass: Mass) -> Poly:
    """Return a squared mass as a polynomial."""
    if mass and mass != 1 and mass.power == 2:
        return gen(topology.generator(mass))
    return mass_of(topology, mass) ** 2


@cache
def parameters(topology: Topology) -> Parameters:
    """Generate the Feynman parametrisation of a topology.

    Returns weights, shift, Delta and the domain of integration.
    Raises UnsupportedError unless there are three propagators that the loop momentum runs through once.
    """
    if len(topology.propagators) != 3 or any(abs(p.momentum[2]) != 1 for p in topology.propagators):
        raise UnsupportedError(f"The topology '{topology.kind}' is not a vertex with one loop.")
    x, y = gen("x"), gen("y")
    weights = (1 - x, x - y, y)
    products = external_products(*(squared_mass_of(topology, m) for m in topology.external))
    zero = ring().constant(0)
    shift = (zero, zero)
    delta = zero
    for weight, line in zip(weights, topology.propagators, strict=True):
        before, after, sign = line.momentum
        shift = (shift[0] - weight * (before * sign), shift[1] - weight * (after * sign))
        own = _square(zero + before, zero + after, products)
        delta += weight * (squared_mass_of(topology, line.mass) - own)
    delta += _square(*shift, products)
    at_rest = split(delta, "t").get(0, zero)
    merged = set(split(at_rest, "y")) <= {0}
    return Parameters(
        weights, shift, delta, DOMAIN[:1] if merged else DOMAIN, "y" if merged else None, products
    )


def _square(before: Poly, after: Poly, products: tuple[Poly, Poly, Poly]) -> Poly:
    """Return (a p + b p')^2."""
    return before**2 * products[0] + before * after * products[1] * 2 + after**2 * products[2]
