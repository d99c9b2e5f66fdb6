"""The vertices of one external lepton, read off the monomials of a Lagrangian.

Every monomial that holds the lepton is written as bar(l) B M F, where the lepton comes out, or bar(F) B M l,
where it goes in; a charge-conjugated pair is turned round with the matrix C. F and B are labels of fields
that may be conjugates of declared ones. Wick's theorem then joins an outgoing vertex (F, B) with an incoming
one (F, B^+).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mpmath import mpc

from oracle.dirac import transposed
from oracle.reader import Field, Key, Monomial, chiral

Pair = tuple[mpc, mpc]
"""L and R of (gamma^mu) (L PL + R PR)."""


@dataclass(frozen=True)
class Exchange:
    """A loop: the lepton goes into fermion and boson and comes back.

    ``charge_f`` and ``charge_b`` are those that F and B annihilate where the lepton comes out.
    """

    fermion: Field
    boson: Field
    charge_f: object
    charge_b: object
    colours: int
    outgoing: Pair
    incoming: Pair


def _conjugate(key: Key, fields: Mapping[str, Field]) -> Key:
    return key[0], not key[1] and not fields[key[0]].real


def _uses(term: Monomial, lepton: Key, fields: Mapping[str, Field]) -> Iterator[tuple[str, Key, object]]:
    """The ways in which the external lepton may be one of the two fermions: side, the other fermion,
    matrix."""
    turned = transposed(term.matrix)
    if term.bar == lepton:
        yield "outgoing", term.psi, term.matrix
    if _conjugate(term.psi, fields) == lepton:
        yield "outgoing", _conjugate(term.bar, fields), turned
    if term.psi == lepton:
        yield "incoming", term.bar, term.matrix
    if _conjugate(term.bar, fields) == lepton:
        yield "incoming", _conjugate(term.psi, fields), turned


def exchanges(terms: list[Monomial], lepton: str, fields: Mapping[str, Field]) -> list[Exchange]:
    """Return every one-loop exchange of a lepton. Raises ValueError where charge or colour is not
    conserved."""
    found: dict[str, dict[tuple[Key, Key], list[mpc]]] = {
        side: defaultdict(lambda: [mpc(0), mpc(0)]) for side in ("outgoing", "incoming")
    }
    for term in terms:
        for side, other, matrix in _uses(term, (lepton, False), fields):
            pair = found[side][other, term.boson]
            for i, part in enumerate(chiral(matrix)):
                pair[i] += part * term.number
    result = []
    for (f, b), outgoing in found["outgoing"].items():
        incoming = found["incoming"].get((f, _conjugate(b, fields)))
        if incoming is None:
            raise ValueError(f"no Hermitian conjugate of the vertex of {f} and {b}")
        fermion, boson = fields[f[0]], fields[b[0]]
        charge_f, charge_b = (-x.charge if c else x.charge for x, c in ((fermion, f[1]), (boson, b[1])))
        if charge_f + charge_b != fields[lepton].charge:
            raise ValueError(f"charge is not conserved by {f} and {b}")
        if fermion.colour != boson.colour:
            raise ValueError(f"colour is not conserved by {f} and {b}")
        result.append(
            Exchange(fermion, boson, charge_f, charge_b, boson.colour, tuple(outgoing), tuple(incoming))
        )
    return result
