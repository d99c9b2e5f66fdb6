"""Squared tree amplitudes: gamma strings on one line, summed over spins and polarisations.

An amplitude is a sum of pieces, each a coupling times a gamma string between two spinors. Products of two
pieces are traces in four dimensions. The momenta that are left over, at most three, make no pseudoscalar,
so that traces with an odd number of gamma5 vanish.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.derive.dirac import BOSON, GAMMA5, MOMENTUM, STRENGTH, String, Traces, product
from g2sym.integrals.rational import Frac, Poly, constant

PHOTON = "@photon"
"""In a string: the matrix that carries the outgoing photon's Lorentz index."""
Line = dict[String, Poly]
"""A sum of gamma strings with polynomials in the kinematic variables."""


class Dots(dict[tuple[str, str], Poly]):
    """Products of named vectors, each a combination of a few whose products are known.

    Parameters: ``vectors``, name to coefficients; ``gram``, the products of those that they are made of.
    """

    def __init__(self, vectors: Mapping[str, Sequence[int]], gram: Sequence[Sequence[Poly]]) -> None:
        super().__init__()
        self.vectors = dict(vectors)
        self._gram = gram

    def __missing__(self, key: tuple[str, str]) -> Poly:
        left, right = (self.vectors[name] for name in key)
        total = constant(0)
        for x, row in zip(left, self._gram, strict=True):
            for y, both in zip(right, row, strict=True):
                if x and y:
                    total = total + both * (x * y)
        self[key] = total
        return total


@dataclass(frozen=True)
class Piece:
    """coupling times weight times string between two spinors.

    Parameters: ``coupling``, complex; ``weight``, a rational function of the kinematic variables, of
    propagators; ``line``, a sum of strings; ``photon``, the vector that carries the photon's index where no
    matrix does; ``label``, what tells which couplings it is made of.
    """

    coupling: Coefficient
    weight: Frac
    line: tuple[tuple[String, Poly], ...]
    photon: str = ""
    label: str = ""


def strings(tokens: String, boson: str, index: str = BOSON) -> Line:
    """Write a vertex's tokens as strings: the momentum of its boson by name, a field strength's commutator.

    Parameters: ``boson``, the vector that is the boson's momentum; ``index`` of its polarisation.
    """
    one = constant(1)
    out: Line = {(): one}
    for token in tokens:
        if token == MOMENTUM:
            factor: Line = {(boson,): one}
        elif token == BOSON:
            factor = {(index,): one}
        elif token == STRENGTH:
            factor = {(boson, index): one, (index, boson): -one}
        else:
            factor = {(token,): one}
        out = product(out, factor)
    return out


def barred(line: Mapping[String, Poly]) -> Line:
    """Return gamma0 X^dagger gamma0 of a sum of strings with real coefficients."""
    return {tuple(reversed(s)): (-p if s.count(GAMMA5) % 2 else p) for s, p in line.items()}


@dataclass(frozen=True)
class Squares:
    """Sums over spins of products of two pieces on one line.

    Parameters: ``dots``; ``left`` and ``right``, the vector and the signed mass of the spinor sums
    (p-slash + m) before the conjugate's string and after the string: for ubar(p1) X v(p2) they are
    ("p1", m1) and ("p2", -m2); ``boson``, the vector and the squared mass of a massive spin-1 particle whose
    index `BOSON` is summed over, None for none.
    """

    dots: Dots
    left: tuple[str, Poly]
    right: tuple[str, Poly]
    boson: tuple[str, Poly] | None = None

    def product(self, first: Piece, second: Piece, traces: Traces[Poly]) -> Frac:
        """Return the sum over spins of a piece times the conjugate of another, coupling and weight left out.

        It is real: the part without gamma5. A photon's index is summed with -g, a massive boson's with
        -g + k k/M^2.
        """
        one = constant(1)
        a, b = dict(first.line), barred(dict(second.line))
        sign, weight = 1, Frac.of(1)
        if first.photon or second.photon or _holds(a, PHOTON) or _holds(b, PHOTON):
            sign = -sign
            if first.photon and second.photon:
                weight = weight * Frac.of(self.dots[first.photon, second.photon])
            elif first.photon:
                b = _put(b, PHOTON, first.photon)
            elif second.photon:
                a = _put(a, PHOTON, second.photon)
        ends = (
            {(self.left[0],): one, (): self.left[1]},
            {(self.right[0],): one, (): self.right[1]},
        )
        total = _trace(product(ends[0], a, ends[1], b), traces) * sign
        if self.boson is None or not (_holds(a, BOSON) or _holds(b, BOSON)):
            return weight * Frac.of(total)
        momentum, square = self.boson
        along = product(ends[0], _put(a, BOSON, momentum), ends[1], _put(b, BOSON, momentum))
        return weight * (Frac.of(_trace(along, traces) * sign, square) - Frac.of(total))

    def square(self, pieces: Iterable[Piece]) -> list[tuple[Coefficient, Frac, str]]:
        """Return the sum over spins of the squared amplitude: real couplings times rational functions.

        Each comes with the labels of the two pieces.
        """
        every = list(pieces)
        traces = Traces(self.dots, constant(4))
        kinds: list[Piece] = []
        places = [_place(kinds, piece) for piece in every]  # many pieces differ by coupling and weight alone
        known: dict[tuple[int, int], Frac] = {}
        out = []
        for i, first in enumerate(every):
            for j, second in enumerate(every[: i + 1]):
                coupling = (first.coupling * second.coupling.conjugate()).real()
                if coupling.is_zero:
                    continue
                pair = places[i], places[j]
                if pair not in known:
                    known[pair] = self.product(first, second, traces)
                if not known[pair].is_zero:
                    value = first.weight * second.weight * known[pair]
                    label = " x ".join(sorted({first.label, second.label}))
                    # twice in the function, so that what cancels in a sum over pieces has one coupling
                    out.append((coupling, value if i == j else value + value, label))
        return out


def along_momentum(pieces: Iterable[Piece], momentum: str, dots: Dots) -> list[Piece]:
    """Return pieces with a momentum in place of the photon's polarisation: with its own they vanish."""
    out = []
    for piece in pieces:
        if piece.photon:
            weight = piece.weight * Frac.of(dots[piece.photon, momentum])
            out.append(replace(piece, weight=weight, photon=""))
        else:
            out.append(replace(piece, line=tuple(_put(dict(piece.line), PHOTON, momentum).items())))
    return out


def _place(kinds: list[Piece], piece: Piece) -> int:
    """Return the place of a piece with the same string and photon, put there where it is the first."""
    for place, one in enumerate(kinds):
        if (one.line, one.photon) == (piece.line, piece.photon):
            return place
    kinds.append(piece)
    return len(kinds) - 1


def _trace(line: Mapping[String, Poly], traces: Traces[Poly]) -> Poly:
    even = {s: p for s, p in line.items() if s.count(GAMMA5) % 2 == 0}
    return traces(even)


def _holds(line: Mapping[String, Poly], index: str) -> bool:
    return any(index in s for s in line)


def _put(line: Mapping[String, Poly], index: str, vector: str) -> Line:
    out: Line = {}
    for string, factor in line.items():  # strings that become equal add up
        key = tuple(vector if t == index else t for t in string)
        out[key] = out[key] + factor if key in out else factor
    return out


def accumulate(
    found: Iterable[tuple[Coefficient, Frac, str]], transform: Callable[[Frac], Frac] | None = None
) -> list[tuple[Coefficient, Frac, str]]:
    """Add up functions that have the same coupling."""
    groups: dict[str, tuple[Coefficient, Frac, str]] = {}
    for coupling, value, label in found:
        own = value if transform is None else transform(value)
        key = str(coupling)
        if key in groups:
            before = groups[key]
            groups[key] = coupling, before[1] + own, before[2]
        else:
            groups[key] = coupling, own, label
    return [one for one in groups.values() if not one[1].is_zero]
