"""Dirac strings and traces in d = 4 - 2 eps dimensions.

A gamma string is a tuple of tokens: ``"5"`` for gamma5, ``"@mu"`` for a matrix with Lorentz index mu,
and any other text for a slashed vector. Coefficients are polynomials of one flint ring per
derivation. gamma5 anticommutes with everything, which is right on an open line as long as the trace
(projector included) holds an even number of them; an odd number is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Generic, Protocol, Self, TypeVar

from g2sym.derive.kinematics import Poly, dimension, dot_products, ring
from g2sym.errors import UnsupportedError

String = tuple[str, ...]
Dirac = dict[String, Poly]


class Ring(Protocol):
    """What strings and traces ask of their coefficients: polynomials of any ring have it."""

    def __add__(self, other: Self | int, /) -> Self: ...
    def __sub__(self, other: Self | int, /) -> Self: ...
    def __mul__(self, other: Self | int, /) -> Self: ...
    def __rmul__(self, other: int, /) -> Self: ...


R = TypeVar("R", bound=Ring)

GAMMA5 = "5"
BOSON = "@boson"
"""In a vertex string: the matrix that carries the boson's own Lorentz index."""
MOMENTUM = "l"
"""In a vertex string: the slashed momentum of the boson."""
STRENGTH = "[l,@boson]"
"""In a vertex string: the commutator of the two, which the boson's field strength brings with it."""


def is_index(token: str) -> bool:
    """True for a matrix with an open Lorentz index."""
    return token.startswith("@")


def product(*factors: Mapping[String, R]) -> dict[String, R]:
    """Multiply sums of gamma strings, in order."""
    first, *others = factors
    out = dict(first)
    for factor in others:
        result: dict[String, R] = {}
        for left, a in out.items():
            for right, b in factor.items():
                key = left + right
                result[key] = result[key] + a * b if key in result else a * b
        out = result
    return out


class Traces(Generic[R]):
    """Traces of gamma strings for one set of vectors.

    Parameters: ``dot``, the products of the vectors by (name, name); ``dimension``, the polynomial
    that stands for d. Traces are normalised to tr 1 = 4 and remembered for the object's life.
    """

    def __init__(self, dot: Mapping[tuple[str, str], R], dimension: R) -> None:
        self._dot = dot
        self._d = dimension
        self._memo: dict[String, R] = {}
        self._zero = dimension * 0

    def __call__(self, element: Mapping[String, R]) -> R:
        """Return the trace of a sum of gamma strings.

        Raises UnsupportedError for a string with an odd number of gamma5.
        """
        total = self._zero
        for string, factor in element.items():
            total += factor * self.string(string)
        return total

    def string(self, tokens: String) -> R:
        """Return the trace of one gamma string."""
        sign, plain = strip_gamma5(tokens)
        return sign * self._plain(plain)

    def _plain(self, tokens: String) -> R:
        if len(tokens) % 2:
            return self._zero
        if not tokens:
            return self._zero + 4
        if tokens not in self._memo:
            self._memo[tokens] = self._evaluate(tokens)
        return self._memo[tokens]

    def _evaluate(self, tokens: String) -> R:
        pair = _closest_pair(tokens)
        if pair is not None:
            start, gap = pair
            turned = tokens[start:] + tokens[:start]
            return self._contract(turned[1:gap], turned[gap + 1 :])
        for i, token in enumerate(tokens):
            if tokens[i - 1] == token:  # equal neighbours, cyclically
                rest = tokens[: i - 1] + tokens[i + 1 :] if i else tokens[1:-1]
                return self._dot[token, token] * self._plain(rest)
        first, total, sign = tokens[0], self._zero, 1
        for i in range(1, len(tokens)):
            total += sign * self._dot[first, tokens[i]] * self._plain(tokens[1:i] + tokens[i + 1 :])
            sign = -sign
        return total

    def _contract(self, inside: String, after: String) -> R:
        """Trace of gamma_a inside gamma^a after, by anticommuting gamma_a through ``inside``."""
        if not inside:
            return self._d * self._plain(after)
        head, rest = inside[0], inside[1:]
        return 2 * self._plain((*rest, head, *after)) - self._under(head, rest, after)

    def _under(self, head: String | str, inside: String, after: String) -> R:
        lead = (head,) if isinstance(head, str) else head
        if not inside:
            return self._d * self._plain(lead + after)
        first, rest = inside[0], inside[1:]
        return 2 * self._plain(lead + rest + (first,) + after) - self._under((*lead, first), rest, after)


@cache
def traces(four: bool = False, turned: str = "") -> Traces[Poly]:
    """Return the traces over a vertex's vectors in d dimensions, or in four; they remember what they met.

    Parameters: ``turned`` as for `g2sym.derive.kinematics.dot_products`.
    """
    return Traces(dot_products(turned), ring().constant(4) if four else dimension())


def strip_gamma5(tokens: String) -> tuple[int, String]:
    """Move every gamma5 to the left, where pairs cancel; return the sign and what is left."""
    plain: list[str] = []
    sign = 1
    count = 0
    for token in tokens:
        if token == GAMMA5:
            count += 1
            if len(plain) % 2:
                sign = -sign
        else:
            plain.append(token)
    if count % 2:
        raise UnsupportedError(
            "An odd number of gamma5 in a d-dimensional trace has no unique value; "
            "the couplings ask for a diagram that the engine does not derive."
        )
    return sign, tuple(plain)


def _closest_pair(tokens: String) -> tuple[int, int] | None:
    """Return (start, distance) of the contracted index pair that is nearest cyclically."""
    places: dict[str, int] = {}
    best: tuple[int, int] | None = None
    size = len(tokens)
    for i, token in enumerate(tokens):
        if not is_index(token):
            continue
        if token in places:
            j = places[token]
            for start, gap in ((j, i - j), (i, size - (i - j))):
                if best is None or gap < best[1]:
                    best = (start, gap)
        else:
            places[token] = i
    return best
