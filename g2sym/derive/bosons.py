"""Vertices of a scalar with the field strengths of two vectors, squared and summed over polarisations."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.integrals.rational import Poly, constant
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Boson, Operator

Dot = Callable[[str, str], Poly]
"""The product of two momenta by name."""


@dataclass(frozen=True)
class BosonVertex:
    """coefficient * X F(V1) F(V2), or X F(V1) Fdual(V2): read as a Feynman rule.

    Parameters: ``coefficient`` with the factor 2 of two identical vectors; ``scalar`` and the two
    ``vectors`` as factors of the operator; ``dual``.
    With momenta k1, k2 flowing in along the vectors the rule is, over i and the coefficient,

        F F:     -2 [(k1.k2) g^{ab} - k2^a k1^b],        F Fdual:  -2 eps^{m a n b} k1_m k2_n.
    """

    coefficient: Coefficient
    scalar: Boson
    vectors: tuple[Boson, Boson]
    dual: bool

    def products(self, declaration: Declaration, parent: str) -> Iterator[tuple[str, str]]:
        """Yield the pairs of particles that it makes a particle decay into, as they are written."""
        every = (self.scalar, *self.vectors)
        wanted, barred = (parent[4:-1], True) if parent.startswith("bar(") else (parent, False)
        for place, factor in enumerate(every):
            field = _field(declaration, factor.field)
            if factor.field == wanted and (field.self_conjugate or factor.conjugated == barred):
                first, second = (_created(declaration, b) for n, b in enumerate(every) if n != place)
                yield first, second
                return


def _field(declaration: Declaration, name: str) -> Field:
    return declaration.fields[name] if name in declaration.fields else STANDARD_MODEL[name]


def _created(declaration: Declaration, factor: Boson) -> str:
    """Return the particle that a factor creates: a complex field creates its conjugate."""
    if factor.conjugated or _field(declaration, factor.field).self_conjugate:
        return factor.field
    return f"bar({factor.field})"


def boson_vertices(operator: Operator) -> list[BosonVertex] | None:
    """Read an operator as a scalar with two vectors' field strengths; None where it has another form."""
    if operator.bilinear is not None or len(operator.bosons) != 3:
        return None
    scalars = [b for b in operator.bosons if b.kind == "field"]
    strengths = [b for b in operator.bosons if b.kind != "field"]
    if len(scalars) != 1 or scalars[0].indices or any(b.derivatives for b in operator.bosons):
        return None
    first, second = strengths
    if sorted(first.indices) != sorted(second.indices):
        return None
    duals = sum(b.kind == "Fdual" for b in strengths)
    sign = 1 if first.indices == second.indices else -1
    if duals == 2:  # written as -F F where it is declared
        return None
    same = (first.field, first.conjugated) == (second.field, second.conjugated)
    return [
        BosonVertex(operator.coefficient * sign * (2 if same else 1), scalars[0], (first, second), duals == 1)
    ]


def square_of(first: BosonVertex, second: BosonVertex, scalar: Poly, one: Poly, two: Poly) -> Poly:
    """Return a rule times another one's conjugate, summed over all polarisations, the coefficients left out.

    Parameters: the masses of ``scalar`` and of the two vectors. The longitudinal parts of the polarisation
    sums drop out, since the rule vanishes with a vector's momentum in place of its polarisation.
    """
    if first.dual != second.dual:
        return constant(0)  # opposite parity, and two momenta make no pseudoscalar
    dots = {
        ("1", "1"): one * one,
        ("2", "2"): two * two,
        ("1", "2"): (scalar * scalar - one * one - two * two) / 2,
    }

    def dot(a: str, b: str) -> Poly:
        return dots[min(a, b), max(a, b)]

    if first.dual:
        return 4 * _epsilon_square(dot)
    # T^{ab} T_{ab} of T^{ab} = (k1.k2) g^{ab} - k2^a k1^b, with g^{ab} g_{ab} = 4
    mixed = dot("1", "2")
    return 4 * (4 * mixed * mixed - 2 * mixed * mixed + dot("1", "1") * dot("2", "2"))


def _epsilon_square(dot: Dot) -> Poly:
    """Return eps^{m a n b} eps^{m' a' n' b'} g_{aa'} g_{bb'} k1_m k2_n k1_m' k2_n', by the determinant.

    eps eps = -det of the metric between the two sets of indices, where slots a and b are summed over.
    """
    slots = ("1", "a", "2", "b")
    total = constant(0)
    for places in permutations(range(4)):
        sign = 1
        for i in range(4):
            for j in range(i):
                sign = -sign if places[j] > places[i] else sign
        total = total - sign * _contracted(slots, places, dot)
    return total


def _contracted(slots: tuple[str, ...], places: tuple[int, ...], dot: Dot) -> Poly:
    """Return the product of metrics between slot i and slot places[i], summed indices closed into cycles."""
    total = constant(1)
    done: set[int] = set()
    for start, name in enumerate(slots):
        if name in "ab":
            continue
        here = start  # follow a chain of metrics from a momentum to a momentum
        while True:
            done.add(here)
            here = places[here]
            if slots[here] not in "ab":
                break
        total = total * dot(name, slots[here])
    for start, name in enumerate(slots):
        if name in "ab" and start not in done:
            here = start  # a closed cycle of summed indices is the trace of the metric
            while here not in done:
                done.add(here)
                here = places[here]
            total = total * 4
    return total
