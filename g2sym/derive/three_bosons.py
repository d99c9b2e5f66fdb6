"""Any vertex of three bosons as a two-body decay: explicit momenta and polarisations, exact in the masses.

In the rest frame of what decays, with the products along z, everything is a polynomial in the masses and in
r = sqrt(lambda(M^2, m1^2, m2^2)): times 2 M, momenta are (2 M^2, 0, 0, 0), (M^2 +- (m1^2 - m2^2), 0, 0, +-r).
Fields contract with the particles in every way that there is; the sum over polarisations is even in r.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import permutations, product

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.integrals.rational import Frac, Poly, by_powers, constant, gen
from g2sym.lagrangian.operators import Boson, Operator

Vector = tuple[Poly, Poly, Poly, Poly]
Tensor = dict[tuple[int, ...], Poly]
"""Contravariant components that are not zero."""
R = gen("r")
SIGNS = (1, -1, -1, -1)
LONGITUDINAL = "long"


@dataclass(frozen=True)
class Leg:
    """A particle of the decay: whether it is the one that decays, its mass, spin and momentum.

    ``momentum`` flows in, times 2 M.
    """

    parent: bool
    mass: Poly
    vector: bool
    momentum: Vector

    def polarisations(self) -> tuple[str, ...]:
        """The linear polarisations, the empty one of a scalar."""
        if not self.vector:
            return ("",)
        return ("x", "y") if self.mass == 0 else ("x", "y", LONGITUDINAL)

    def polarisation(self, name: str) -> Vector:
        """Return a polarisation vector; the longitudinal one times 2 M m, of the parent at rest as it is."""
        nought, one = constant(0), constant(1)
        if name == "x":
            return nought, one, nought, nought
        if name == "y":
            return nought, nought, one, nought
        if self.parent:
            return nought, nought, nought, one
        energy, along = -self.momentum[0], -self.momentum[3]  # outgoing
        sign = 1 if along == R else -1
        return R, nought, nought, energy * sign


@dataclass(frozen=True)
class Decay:
    """The kinematics of a decay into two bosons.

    Parameters: ``masses`` of what decays and of the two products, polynomials; ``spins``, True for a vector.
    """

    masses: tuple[Poly, Poly, Poly]
    spins: tuple[bool, bool, bool]

    @cached_property
    def legs(self) -> tuple[Leg, Leg, Leg]:
        """What decays, and the products."""
        big, one, two = self.masses
        nought, gap = constant(0), one * one - two * two
        momenta = (
            (2 * big * big, nought, nought, nought),
            (-(big * big + gap), nought, nought, -R),
            (-(big * big - gap), nought, nought, R),
        )
        first, second, third = (
            Leg(place == 0, mass, vector, momentum)
            for place, (mass, vector, momentum) in enumerate(
                zip(self.masses, self.spins, momenta, strict=True)
            )
        )
        return first, second, third

    def amplitude(self, rule: Rule) -> dict[tuple[str, str, str], Poly]:
        """Return the real part of a rule by polarisations: over its coefficient and scale."""
        out = {}
        first, second, third = (leg.polarisations() for leg in self.legs)
        for names in product(first, second, third):
            vectors = [leg.polarisation(n) for leg, n in zip(self.legs, names, strict=True)]
            value = rule.value(self.legs, vectors)
            if value != 0:
                out[names] = value
        return out

    def product(self, first: Rule, second: Rule) -> Frac:
        """Return the sum over polarisations of two real parts' products."""
        one, two = self._amplitudes(first), self._amplitudes(second)
        big = self.masses[0]
        total = Frac.of(0)
        for names in one.keys() & two.keys():
            below = constant(1)
            for leg, name in zip(self.legs, names, strict=True):
                if name == LONGITUDINAL and not leg.parent:
                    below = below * 4 * big * big * leg.mass * leg.mass
            square = _on_shell(one[names] * two[names], self.masses)
            total = total + Frac.of(square, below)
        if "r" in total.num.generators:
            raise ArithmeticError("a sum over polarisations is odd in the momentum")
        return total * Frac.of(1, (2 * big) ** (first.derivatives + second.derivatives))

    def _amplitudes(self, rule: Rule) -> dict[tuple[str, str, str], Poly]:
        key = rule.text
        if key not in self._known:
            self._known[key] = self.amplitude(rule)
        return self._known[key]

    @cached_property
    def _known(self) -> dict[str, dict[tuple[str, str, str], Poly]]:
        return {}


@dataclass(frozen=True)
class Rule:
    """An operator of three bosons as the rule of a decay.

    Parameters: ``coefficient``, with the factors -i of its derivatives; ``factors``; ``ways``, for each
    contraction the factor that each leg belongs to; ``text`` of the operator.
    """

    coefficient: Coefficient
    factors: tuple[Boson, Boson, Boson]
    ways: tuple[tuple[int, int, int], ...]
    text: str

    @property
    def derivatives(self) -> int:
        """How many derivatives stand in it, those of field strengths included."""
        return sum(len(b.derivatives) + (b.kind != "field") for b in self.factors)

    def value(self, legs: Sequence[Leg], vectors: Sequence[Vector]) -> Poly:
        """Return the contracted product of its factors, summed over the ways."""
        total = constant(0)
        for way in self.ways:
            tensors = [
                _tensor(self.factors[place], legs[n].momentum, vectors[n]) for n, place in enumerate(way)
            ]
            indices = [(*self.factors[p].derivatives, *self.factors[p].indices) for p in way]
            total = total + _contracted(tensors, indices)
        return total


def rule_of(operator: Operator, ways: Sequence[tuple[int, int, int]]) -> Rule:
    """Return the rule of an operator of three bosons for one decay."""
    first, second, third = operator.bosons
    count = sum(len(b.derivatives) + (b.kind != "field") for b in operator.bosons)
    turned = operator.coefficient * Coefficient.number(0, -1) ** count
    return Rule(turned, (first, second, third), tuple(ways), operator.text())


def ways_of(operator: Operator, makes: Sequence[Mapping[int, bool]]) -> Iterator[tuple[int, int, int]]:
    """Yield the factor of each leg, in every way.

    Parameters: ``makes``, for each leg whether a factor, by its place, can belong to it.
    """
    for way in permutations(range(3)):
        if all(makes[leg][place] for leg, place in enumerate(way)):
            yield way[0], way[1], way[2]


def _tensor(factor: Boson, momentum: Vector, polarisation: Vector) -> Tensor:
    """Return a factor's components for a particle whose momentum flows in, -i of each derivative left out."""
    out: Tensor = {(): constant(1)}
    for _ in factor.derivatives:
        out = _outer(out, momentum)
    if factor.kind == "field":
        return _outer(out, polarisation) if factor.indices else out
    strength = {
        (a, b): momentum[a] * polarisation[b] - momentum[b] * polarisation[a]
        for a in range(4)
        for b in range(4)
        if a != b
    }
    if factor.kind == "Fdual":  # eps^{a b c d} F_{c d}/2 with eps^{0123} = 1: its sign drops out
        dual = {key: constant(0) for key in strength}
        for a, b, c, d in permutations(range(4)):
            dual[a, b] = dual[a, b] + strength[c, d] * (_sign((a, b, c, d)) * SIGNS[c] * SIGNS[d]) / 2
        strength = dual
    return {(*k, *p): x * y for k, x in out.items() for p, y in strength.items() if y != 0}


def _outer(tensor: Tensor, vector: Vector) -> Tensor:
    return {(*k, n): x * v for k, x in tensor.items() for n, v in enumerate(vector) if v != 0}


def _contracted(tensors: Sequence[Tensor], indices: Sequence[tuple[str, ...]]) -> Poly:
    """Contract three tensors whose indices are named; every name stands twice."""
    bound: list[tuple[dict[str, int], Poly]] = [({}, constant(1))]
    for tensor, names in zip(tensors, indices, strict=True):
        following = []
        for known, weight in bound:
            for places, value in tensor.items():
                own, factor = dict(known), weight * value
                for name, place in zip(names, places, strict=True):
                    if name not in own:
                        own[name] = place
                    elif own[name] != place:
                        break
                    else:
                        factor = factor * SIGNS[place]
                else:
                    following.append((own, factor))
        bound = following
    total = constant(0)
    for _, weight in bound:
        total = total + weight
    return total


def _sign(places: Sequence[int]) -> int:
    out = 1
    for i in range(len(places)):
        for j in range(i):
            out = -out if places[j] > places[i] else out
    return out


def _on_shell(value: Poly, masses: tuple[Poly, Poly, Poly]) -> Poly:
    """Put r^2 = lambda in; odd powers of r stay."""
    big, one, two = (m * m for m in masses)
    square = big * big + one * one + two * two - 2 * (big * one + big * two + one * two)
    total = constant(0)
    for power, row in by_powers(value, "r").items():
        total = total + row * square ** (power // 2) * (R if power % 2 else 1)
    return total
