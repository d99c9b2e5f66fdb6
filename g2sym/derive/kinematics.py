"""Polynomials and vectors of a one-loop lepton vertex, in units of the external lepton's mass.

p and p' are the lepton's momenta before and after, q = p' - p, P = p + p', t = q^2, l the loop momentum.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Protocol, cast

if TYPE_CHECKING:
    from flint import fmpq

MASSES = ("m1", "m2", "m3", "m4", "m5")
"""The masses of a topology, one generator for each of its slots in order; see `Topology.generator`."""

GENERATORS = ("t", "eps", *MASSES, "x", "y", "l2", "lP", "lq")
"""t = q^2, eps = (4 - d)/2; the masses; x, y: Feynman parameters; l2, lP, lq: products of l."""

Momentum = tuple[int, int, int]
"""A combination of p, p' and l, by its coefficients."""

VECTORS: dict[str, Momentum] = {
    "p": (1, 0, 0),
    "p'": (0, 1, 0),
    "P": (1, 1, 0),
    "q": (-1, 1, 0),
    "l": (0, 0, 1),
    "k": (1, 0, -1),
    "k'": (0, 1, -1),
}
"""The vectors that have a name of their own."""

_NAMES = {momentum: name for name, momentum in VECTORS.items()}


class Poly(Protocol):
    """What the derivation asks of a polynomial with rational coefficients; flint's fmpq_mpoly has it."""

    def __add__(self, other: Poly | int, /) -> Poly: ...
    def __radd__(self, other: int, /) -> Poly: ...
    def __sub__(self, other: Poly | int, /) -> Poly: ...
    def __rsub__(self, other: int, /) -> Poly: ...
    def __mul__(self, other: Poly | int, /) -> Poly: ...
    def __rmul__(self, other: int, /) -> Poly: ...
    def __truediv__(self, other: Poly | int | fmpq, /) -> Poly: ...
    def __divmod__(self, other: Poly, /) -> tuple[Poly, Poly]: ...
    def __pow__(self, power: int, /) -> Poly: ...
    def __neg__(self) -> Poly: ...
    def __eq__(self, other: object, /) -> bool: ...
    def to_dict(self) -> dict[tuple[int, ...], fmpq]: ...
    def context(self) -> Context: ...
    def compose(self, *values: Poly, ctx: Context) -> Poly: ...


class Context(Protocol):
    """A polynomial ring: its generators, and how to make elements."""

    def names(self) -> tuple[str, ...]: ...
    def gens(self) -> tuple[Poly, ...]: ...
    def nvars(self) -> int: ...
    def constant(self, value: int | fmpq, /) -> Poly: ...
    def from_dict(self, terms: dict[tuple[int, ...], fmpq], /) -> Poly: ...


@cache
def ring() -> Context:
    """Return the polynomial ring of a derivation."""
    from flint import Ordering, fmpq_mpoly_ctx

    return cast(Context, fmpq_mpoly_ctx.get(GENERATORS, Ordering.lex))


@cache
def gen(name: str) -> Poly:
    """Return one generator of the ring."""
    return ring().gens()[GENERATORS.index(name)]


def token(momentum: Momentum) -> str:
    """Return the name under which a momentum stands in gamma strings, for instance ``"k"`` for p - l."""
    return _NAMES.get(momentum) or ",".join(map(str, momentum))


def _components(name: str) -> Momentum:
    if name in VECTORS:
        return VECTORS[name]
    first, second, third = map(int, name.split(","))
    return first, second, third


def external_products(before: Poly, after: Poly) -> tuple[Poly, Poly, Poly]:
    """Return p.p, p.p' and p'.p' on shell.

    Parameters: the squared masses of the external lepton before and after.
    """
    return before, (before + after - gen("t")) / 2, after


class Products(dict[tuple[str, str], Poly]):
    """The scalar products of named vectors for on-shell leptons, made when asked for.

    Parameters: the squared masses of the external lepton before and after.
    """

    def __init__(self, first: Poly, second: Poly) -> None:
        super().__init__()
        before, mixed, after = external_products(first, second)
        half_sum, half_difference = gen("lP") / 2, gen("lq") / 2
        lp, lp2 = half_sum - half_difference, half_sum + half_difference
        self._gram = ((before, mixed, lp), (mixed, after, lp2), (lp, lp2, gen("l2")))

    def __missing__(self, key: tuple[str, str]) -> Poly:
        left, right = map(_components, key)
        total = ring().constant(0)
        for x, row in zip(left, self._gram, strict=True):
            for y, product in zip(right, row, strict=True):
                if x and y:
                    total += product * (x * y)
        self[key] = total
        return total


@cache
def dot_products(turned: str = "") -> Products:
    """Return the scalar products of the vertex's vectors by pairs of names.

    Parameters: ``turned``, the generator that stands for the outgoing lepton's mass, empty where it is that
    of the incoming one.
    """
    one = ring().constant(1)
    return Products(one, gen(turned) ** 2 if turned else one)


def dimension() -> Poly:
    """Return d = 4 - 2 eps."""
    return 4 - 2 * gen("eps")
