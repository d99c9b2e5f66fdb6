"""Observables as polynomials, or quotients of polynomials, in one coupling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from g2sym.base.balls import number
from g2sym.derive.terms import Term
from g2sym.errors import ModelError, UsageError, shorten
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Factors, Total
from g2sym.observables.prepared import prepared, refuse_above
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import DERIVED, Values, allowed_names

if TYPE_CHECKING:
    from flint import arb

Powers = Mapping[int, tuple[Term, ...]]
Polynomial = Callable[[int], "list[arb]"]
"""Coefficients by power, as a function of the working precision in bits."""


def by_powers(amplitude: Amplitude, name: str, known: Values) -> Powers:
    """Split an amplitude's terms by powers of one coupling; defaults that depend on it move with it.

    Raises UsageError for a mass, a complex parameter, and where the amplitude is no polynomial in it.
    """
    refuse_mass(amplitude, name)
    return _split(amplitude, name, frozenset(known.given))


@lru_cache(maxsize=256)
def _split(amplitude: Amplitude, name: str, given: frozenset[str]) -> Powers:
    """The split depends on which names have values, not on these."""
    shape = Values(amplitude.declaration, amplitude.inputs, dict.fromkeys(given, Fraction(1)))
    parts: dict[int, list[Term]] = {}
    for term in amplitude.terms:
        towards = shape.expand_towards(term.coefficient, name)
        try:
            found = towards.collect([name])
        except ModelError as error:
            raise UsageError(f"{amplitude.label} is no polynomial in {name}: {error}") from None
        for powers, factor in found.items():
            parts.setdefault(powers[0], []).append(Term(factor, term.integral, term.masses))
    return {power: tuple(terms) for power, terms in parts.items()}


def refuse_mass(amplitude: Amplitude, name: str) -> None:
    """Refuse a name in which an amplitude is no polynomial: kernels depend on masses, not on couplings."""
    declared = amplitude.declaration.parameters
    if name in declared and declared[name].complex:
        raise UsageError(f"{name} is complex; take its part re_{name} or im_{name}.")
    shape = Values(amplitude.declaration, amplitude.inputs)
    for mass in sorted(amplitude.masses):
        default = shape.default(mass)
        depends = default is not None and name in shape.expand(default, frozenset((name,))).symbols
        if name == mass or depends:
            raise UsageError(f"{amplitude.label} is no polynomial in {name}: its kernels depend on {mass}.")


def polynomial(amplitude: Amplitude, name: str, known: Values) -> Polynomial:
    """Return an amplitude as a polynomial in one coupling, everything else at given values."""
    own = amplitude.values(known)
    amplitude.refuse_pending(own, name)
    parts = by_powers(amplitude, name, own)
    degree = max(parts, default=0)
    every = (parts.get(n, ()) for n in range(degree + 1))
    if amplitude.below_threshold:
        refuse_above(amplitude, own)
    sums = [prepared(terms, own, amplitude.label, amplitude.imaginary) for terms in every]
    return lambda bits: [one(bits) for one in sums]


def fraction_in(quantity: Quantity, name: str, known: Values) -> tuple[Polynomial, Polynomial | None]:
    """Return numerator and denominator as polynomials in one coupling; None where there is no denominator.

    Raises UsageError for a name that is not a coupling.
    """
    if name not in allowed_names(quantity.declaration):
        if name not in known.inputs and name not in DERIVED:
            quantity.values({name: 0})  # raises, with the nearest name there is
        raise UsageError(f"{shorten(name)} is not a coupling of the model '{quantity.model.name}'.")
    quantity.refuse_complex("polynomial in a coupling")
    above = _product(quantity.above, name, known)
    return above, _product(quantity.below, name, known) if quantity.below else None


def _product(factors: Factors, name: str, known: Values) -> Polynomial:
    if len(factors) == 1 and factors[0][1] == 1:
        return polynomial_of(factors[0][0], name, known)
    parts = [(polynomial_of(one, name, known), power) for one, power in factors]

    def compute(bits: int) -> list[arb]:
        total = [number(1)]
        for one, power in parts:
            coefficients = one(bits)
            for _ in range(power):
                total = convolved(total, coefficients)
        return total

    return compute


def polynomial_of(factor: Factor, name: str, known: Values) -> Polynomial:
    """Return an amplitude, or a sum of squares of them, as a polynomial in one coupling."""
    if not isinstance(factor, Total):
        return polynomial(factor, name, known)
    parts = [polynomial(a, name, known) for a in factor.parts]
    refuse_weight(factor, name, known)

    def compute(bits: int) -> list[arb]:
        every = [one(bits) for one in parts]
        squares = [convolved(own, own) if factor.power == 2 else own for own in every]
        weight, size = known.coefficient_ball(factor.weight), max(map(len, squares))
        padded = [square + [number(0)] * (size - len(square)) for square in squares]
        return [sum(column, number(0)) * weight for column in zip(*padded, strict=True)]

    return compute


def refuse_weight(factor: Total, name: str, known: Values) -> None:
    """Refuse a name that the masses or inputs before a sum of squares depend on; raises UsageError."""
    if name in known.expand(factor.weight, frozenset((name,))).symbols:
        raise UsageError(f"{factor.label} is no polynomial in {name}: its phase space depends on it.")


def convolved(a: Sequence[arb], b: Sequence[arb]) -> list[arb]:
    """Return the coefficients of a product of two polynomials; an exact zero stays exact."""
    out = [number(0)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            if not (x.is_zero() or y.is_zero()):
                out[i + j] += x * y
    return out
