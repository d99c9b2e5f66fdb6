"""Observables as functions of one mass, enclosed on whole intervals."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.errors import UsageError
from g2sym.kernels.isolation import Function, Shifted
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.taylor import Enclosure, MassFunction, Piece
from g2sym.observables.factors import Powers
from g2sym.observables.prepared import check_ratios
from g2sym.observables.quantity import Quantity, amplitude_of, no_value
from g2sym.observables.values import Values
from g2sym.observables.zero import without_vanishing

if TYPE_CHECKING:
    from flint import arb

Level = Callable[[int], "arb"]
"""A number as a function of the bits."""


def mass_function(observable: object, mass: str, known: Values, *, moves: bool = True) -> MassFunction:
    """Return an amplitude, or an observable that is one, as a function of one mass, everything else fixed.

    Raises UsageError for missing values and, where ``moves`` is True, for a mass that it does not depend on.
    """
    amplitude = amplitude_of(observable)
    known = amplitude.values(known)
    amplitude.refuse_pending(known)
    pieces = []
    for term in amplitude.terms:
        if mass in known.expand(term.coefficient).symbols:
            raise UsageError(f"A coupling depends on {mass}; give it a value of its own.")
    alive = [term for term in amplitude.terms if not known.vanishes(term.coefficient)]
    for term in without_vanishing(alive, known, frozenset((mass,))):
        unit = known.exact(term.masses.lepton)
        ratios = {
            generator: ((1 / unit) ** power, power)
            if symbol == mass
            else ((known.exact(symbol) / unit) ** power, 0)
            for generator, (symbol, power) in term.masses.symbols().items()
        }
        fixed = {n: value for n, (value, power) in ratios.items() if not power}
        kernel = Kernel.of(term.integral)
        closed = kernel.closed(fixed)
        moving = [n for n in closed.names if ratios[n][1]]
        run = kernel.along(moving[0], fixed) if len(moving) == 1 and len(fixed) + 1 == len(ratios) else None
        factor = _factor(known, term.coefficient)
        pieces.append(Piece(factor, closed.form, {n: ratios[n] for n in closed.names}, run))
    if moves and not any(power for piece in pieces for _, power in piece.ratios.values()):
        raise UsageError(f"{amplitude.label} does not depend on {mass} at these values.")
    return MassFunction(pieces)


def _factor(known: Values, coefficient: Coefficient) -> Callable[[int], arb]:
    memo: dict[int, arb] = {}

    def value(bits: int) -> arb:
        if bits not in memo:
            with working_precision(bits):
                memo[bits] = known.coefficient_ball(coefficient)
        return memo[bits]

    return value


def refuse_complex(quantity: Quantity, mass: str, known: Values, low: Fraction) -> None:
    """Refuse an interval of a mass that begins on or above a threshold: a kernel is complex there.

    Parameters: ``low``, its lower end in GeV. Raises UnsupportedError with the two masses.
    """
    quantity.refuse_imaginary(f"zero or window in {mass}")
    for amplitude in quantity.amplitudes:
        own = amplitude.values(known)
        at = Values(own.declaration, own.inputs, {**own.given, mass: low})
        for term in amplitude.terms:
            if term.integral.thresholds and not at.vanishes(term.coefficient):
                ratios = term.masses.exact_ratios(at.exact)
                check_ratios(term, Kernel.of(term.integral), ratios, at.exact)


class Products:
    """A sum of products of functions of one mass, each with a weight.

    Parameters: ``parts``, pairs of a weight and the functions that are multiplied.
    """

    def __init__(self, parts: Sequence[tuple[Level, Sequence[Function]]]) -> None:
        self.parts = tuple((weight, tuple(functions)) for weight, functions in parts)

    def at(self, mass: Fraction, bits: int) -> arb:
        """Return the value at an exact mass (call inside `working_precision`)."""
        total = number(0)
        for weight, functions in self.parts:
            value = weight(bits)
            for function in functions:
                value = value * function.at(mass, bits)
            total += value
        return total

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """Enclose the function on an interval (call inside `working_precision`)."""
        whole: Enclosure | None = None
        for weight, functions in self.parts:
            first, *others = (f.enclose(low, high, bits, degree) for f in functions)
            value = first.scale(weight(bits))
            for other in others:
                value = value.times(other)
            whole = value if whole is None else whole.plus(value)
        assert whole is not None
        return whole

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """Enclose the function on an interval of any width, None where that is not known."""
        total = number(0)
        for weight, functions in self.parts:
            value = weight(bits)
            for function in functions:
                found = function.range(low, high, bits)
                if found is None:
                    return None
                value = value * found
            total += value
        return total


def levels_in(quantity: Quantity, mass: str, known: Values, low: Level, high: Level) -> list[Function]:
    """Return P - low Q and P - high Q as functions of a mass, and Q where there is a denominator.

    Where couplings are zero, or cancel, they may be constant. Raises UsageError for missing values and a mass
    that no kernel depends on.
    """
    if mass not in quantity.masses:
        raise UsageError(f"{quantity.label} does not depend on {mass}.")
    one = quantity.single
    if one is not None:
        function = mass_function(one, mass, known, moves=False)
        return [Shifted(function, low), Shifted(function, high)]
    above = _functions(quantity.numerator, mass, known)
    if not quantity.denominator:
        whole = Products([(_one, above)])
        return [Shifted(whole, low), Shifted(whole, high)]
    below = _functions(quantity.denominator, mass, known)
    return [
        Products([(_one, above), (_negative(low), below)]),
        Products([(_one, above), (_negative(high), below)]),
        Products([(_one, below)]),
    ]


def denominators_in(quantity: Quantity, mass: str, known: Values) -> list[Function]:
    """Return the amplitudes below the fraction bar, each once; raises UsageError for one that is zero."""
    out: list[Function] = []
    for amplitude, _ in quantity.denominator:
        own = amplitude.values(known)
        anywhere = Values(own.declaration, own.inputs, {**own.given, mass: Fraction(1)})
        if all(anywhere.vanishes(t.coefficient) for t in amplitude.terms):
            raise no_value(amplitude.label, quantity.text)
        function = mass_function(amplitude, mass, known, moves=False)
        out.append(Products([(_one, [function])]))
    return out


def _one(bits: int) -> arb:
    return number(1)


def _negative(level: Level) -> Level:
    return lambda bits: -level(bits)


def _functions(factors: Powers, mass: str, known: Values) -> list[Function]:
    out: list[Function] = []
    for amplitude, power in factors:
        out += [mass_function(amplitude, mass, known, moves=False)] * power
    return out
