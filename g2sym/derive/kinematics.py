"""The ring and the vectors of a one-loop lepton vertex, in units of the external lepton's mass.

p and p' are the lepton's momenta before and after, q = p' - p, P = p + p', t = q^2. The loop
momentum is the boson's, l; the internal fermion carries k = p - l and k' = p' - l.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from g2sym.derive.dirac import Traces

Poly = Any  # flint.fmpq_mpoly, which ships no types

GENERATORS = ("t", "eps", "rho", "nu", "zeta", "s", "w", "l2", "lP", "lq")
"""t = q^2, eps = (4 - d)/2; rho, nu, zeta: M^2, m_F, m_Z^2; s, w: x_k' +- x_k; l2, lP, lq: products of l."""

VECTORS: dict[str, tuple[int, int, int]] = {
    "p": (1, 0, 0),
    "p'": (0, 1, 0),
    "P": (1, 1, 0),
    "q": (-1, 1, 0),
    "l": (0, 0, 1),
    "k": (1, 0, -1),
    "k'": (0, 1, -1),
}
"""Each slashed vector as a combination of p, p' and l."""


@cache
def ring() -> Any:
    """Return the flint polynomial context of a derivation."""
    from flint import Ordering, fmpq_mpoly_ctx

    return fmpq_mpoly_ctx.get(GENERATORS, Ordering.lex)


def gen(name: str) -> Poly:
    """Return one generator of the ring."""
    return ring().gens()[GENERATORS.index(name)]


@cache
def dot_products() -> dict[tuple[str, str], Poly]:
    """Return the scalar products of all vectors for on-shell leptons of unit mass."""
    t, l2, l_sum, l_dif = gen("t"), gen("l2"), gen("lP"), gen("lq")
    one = ring().constant(1)
    lp, lp2 = (l_sum - l_dif) / 2, (l_sum + l_dif) / 2
    gram = [[one, 1 - t / 2, lp], [1 - t / 2, one, lp2], [lp, lp2, l2]]
    return {
        (a, b): sum((x * y * gram[i][j] for i, x in enumerate(va) for j, y in enumerate(vb)), 0 * one)
        for a, va in VECTORS.items()
        for b, vb in VECTORS.items()
    }


def dimension() -> Poly:
    """Return d = 4 - 2 eps."""
    return 4 - 2 * gen("eps")


@cache
def traces(four: bool = False) -> Traces:
    """Return the traces over these vectors in d dimensions, or in four; they remember what they met."""
    return Traces(dot_products(), ring().constant(4) if four else dimension())
