"""Barr-Zee-type diagrams: an effective X-photon-V vertex closed on a lepton line, V = photon or Z.

The boson X joins the lepton line once, V joins it once, and the external photon leaves the effective
vertex. With the momentum l of the internal lepton, k = p - l and k' = p' - l flow through the bosons:
X first means X carries k and V carries k'; the other order is the mirror image. An effective vertex
X F V or X F Vdual is transverse in V's momentum, so the k k/m_Z^2 term of a Z drops out.

The epsilon tensor is never written down: with gamma5 = i g0 g1 g2 g3 and epsilon^{0123} = e,
gamma5 epsilon^{abcd} = i e gamma^{[a} gamma^b gamma^c gamma^{d]}, antisymmetrised with weight one.
"""

from __future__ import annotations

from functools import cache
from itertools import permutations
from typing import Any, Literal

from g2sym.derive.dirac import GAMMA5, Dirac, String, product
from g2sym.derive.exchange import BOSON
from g2sym.derive.kinematics import dimension, dot_products, gen, ring, traces
from g2sym.derive.loop import LoopIntegrand, reduce
from g2sym.derive.projector import MU, ORDERS, projector
from g2sym.derive.series import truncate

Poly = Any  # flint.fmpq_mpoly, which ships no types
Order = Literal["scalar-first", "vector-first"]

MOMENTUM = "l"
"""In a vertex string: the momentum of the boson that the vertex couples to."""
_SIGMA = "@si"


def levi_civita_gamma5(tokens: String, epsilon0123: int) -> Dirac:
    """Return gamma5 epsilon^{abcd}/i as a sum of gamma strings.

    Parameters: ``tokens``, the four matrices that carry a, b, c, d; ``epsilon0123``, +1 or -1.
    """
    one = ring().constant(1)
    out: Dirac = {}
    for order in permutations(range(4)):
        inversions = sum(order[i] > order[j] for i in range(4) for j in range(i + 1, 4))
        weight = one * epsilon0123 * (-1) ** inversions / 24
        string = tuple(tokens[i] for i in order)
        out[string] = out.get(string, 0 * one) + weight
    return out


def _boson_string(string: String, momentum: str, index: str) -> String:
    return tuple({MOMENTUM: momentum, BOSON: index}.get(token, token) for token in string)


def _with_epsilon(string: String, inserted: Dirac) -> Dirac:
    """Replace the one gamma5 of a string by gamma5 epsilon, at its place.

    In d dimensions gamma5 gamma^a and (gamma5 gamma^a - gamma^a gamma5)/2 differ by an antisymmetrised
    product of five matrices, which vanishes here: l, q and kV are linearly dependent.
    """
    one = ring().constant(1)
    place = string.index(GAMMA5)
    return product({string[:place]: one}, inserted, {string[place + 1 :]: one})


def _chains(
    scalar: String, vector: String, dual: bool, order: Order, epsilon0123: int
) -> list[tuple[Dirac, str | None]]:
    """Return the amplitude's gamma strings, each with the vector that carries mu (None: a matrix).

    The effective vertex is epsilon^{q mu kV si} (divided by i, gamma5 absorbed) for the dual, else
    (q.kV) g^{mu si} - kV^mu q^si, with V's momentum kV flowing into it.
    """
    one, nu = ring().constant(1), gen("nu")
    first = order == "scalar-first"
    momentum, carried, sign = ("k", "k'", -1) if first else ("k'", "k", 1)
    line: Dirac = {("l",): one, (): nu}

    def joined(x_part: Dirac, v_part: Dirac) -> Dirac:
        return product(v_part, line, x_part) if first else product(x_part, line, v_part)

    x_string = _boson_string(scalar, momentum, BOSON)
    if dual:
        inserted = levi_civita_gamma5(("q", MU, carried, _SIGMA), epsilon0123)
        inserted = {key: sign * value for key, value in inserted.items()}
        v_string = _boson_string(vector, carried, _SIGMA)
        if GAMMA5 in x_string:
            return [(joined(_with_epsilon(x_string, inserted), {v_string: one}), None)]
        return [(joined({x_string: one}, _with_epsilon(v_string, inserted)), None)]
    dot = dot_products()["q", carried] * sign
    metric = joined({x_string: one}, {_boson_string(vector, carried, MU): dot})
    crossed = joined({x_string: one}, {_boson_string(vector, carried, "q"): -sign * one})
    return [(metric, None), (crossed, carried)]


@cache
def barr_zee(
    scalar: String, vector: String, dual: bool, order: Order, scheme: str, epsilon0123: int
) -> LoopIntegrand:
    """Derive F2 of a Barr-Zee-type diagram, with w kept.

    Parameters: gamma strings of X and of V on the lepton line; ``dual``, True for X F Vdual;
    ``order`` along the line; ``scheme``, see `g2sym.base.conventions.SCHEMES`; ``epsilon0123``.
    Returns the integrand over s and w; a dual vertex's kernel still has to be multiplied by i.
    """
    four = scheme != "larin"
    zero, one = ring().constant(0), ring().constant(1)
    d = one * 4 if four else dimension()
    trace = traces(four)
    total = zero
    for base, weight in projector("magnetic"):
        if weight == 0:
            continue
        if four:  # the projector in four dimensions too
            weight = truncate(weight, {**ORDERS, "eps": 0})
        for chain, vector_mu in _chains(scalar, vector, dual, order, epsilon0123):
            left, factor, turned = _contract(base, vector_mu, chain)
            element = product(
                {("p",): one, (): one},
                {left: factor},
                {("p'",): one, (): one},
                turned,
            )
            total += weight * trace(element)
    s, w, rho, zeta = gen("s"), gen("w"), gen("rho"), gen("zeta")
    shares = (rho, zeta) if order == "scalar-first" else (zeta, rho)
    base_delta = (1 - s) ** 2 + shares[0] * (s - w) / 2 + shares[1] * (s + w) / 2
    return reduce(total, base_delta, d, integrate_w=False)


def _contract(base: str, vector_mu: str | None, chain: Dirac) -> tuple[String, Poly, Dirac]:
    """Contract mu of a projector's basis element with the amplitude's."""
    one = ring().constant(1)
    if vector_mu is not None:
        if base == MU:
            return (vector_mu,), one, chain
        return (), dot_products()[base, vector_mu], chain
    if base == MU:
        return (MU,), one, chain
    turned = {tuple(base if t == MU else t for t in key): value for key, value in chain.items()}
    return (), one, turned
