"""Observables as functions of one mass, enclosed on whole intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.elementary import Elementary
from g2sym.integrals.transition import TransitionIntegral
from g2sym.kernels.elementary_line import ElementaryFunction, ElementaryLine
from g2sym.kernels.interpolated import Interpolated, Still
from g2sym.kernels.isolation import Function, Shifted
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.taylor import Enclosure, MassFunction, Piece
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Factors, Total, parts_of
from g2sym.observables.prepared import check_ratios
from g2sym.observables.quantity import Quantity, no_value, quantity_of
from g2sym.observables.values import Values
from g2sym.observables.zero import without_vanishing

if TYPE_CHECKING:
    from flint import arb

Level = Callable[[int], "arb"]
"""A number as a function of the bits."""


def mass_function(
    observable: object, mass: str, known: Values, *, moves: bool = True
) -> MassFunction | Products:
    """Return an amplitude, or an observable that is one, as a function of one mass, everything else fixed.

    Raises UsageError for missing values and, where ``moves`` is True, for a mass that it does not depend on.
    """
    amplitude = _amplitude(observable)
    known = amplitude.values(known)
    amplitude.refuse_pending(known)
    pieces = []
    others: list[tuple[Level, Sequence[Function]]] = []
    for term in amplitude.terms:
        if mass in known.expand(term.coefficient).symbols:
            raise UsageError(f"A coupling depends on {mass}; give it a value of its own.")
    alive = [term for term in amplitude.terms if not known.vanishes(term.coefficient)]
    for term in without_vanishing(alive, known, frozenset((mass,))):
        unit = term.masses.unit(known.exact)
        ratios = {
            generator: ((1 / unit) ** power, power)
            if symbol == mass
            else ((known.exact(symbol) / unit) ** power, 0)
            for generator, (symbol, power) in term.masses.symbols().items()
        }
        fixed = {n: value for n, (value, power) in ratios.items() if not power}
        kernel = Kernel.of(term.integral)
        factor = _factor(known, term.coefficient)
        if isinstance(term.integral, Elementary):
            others.append((_over_loop(factor), [_elementary(term.integral, ratios, fixed, term)]))
            continue
        if isinstance(term.integral, TransitionIntegral):
            others.append((_over_loop(factor), [_transition(kernel, ratios, fixed)]))
            continue
        closed = kernel.closed(fixed)
        moving = [n for n in closed.names if ratios[n][1]]
        run = kernel.along(moving[0], fixed) if len(moving) == 1 and len(fixed) + 1 == len(ratios) else None
        pieces.append(Piece(factor, closed.form, {n: ratios[n] for n in closed.names}, run))
    depends = any(power for piece in pieces for _, power in piece.ratios.values())
    functions = [f for _, several in others for f in several]
    depends = depends or any(isinstance(f, Interpolated | ElementaryFunction) for f in functions)
    if moves and not depends:
        raise UsageError(f"{amplitude.label} does not depend on {mass} at these values.")
    if not others:
        return MassFunction(pieces)
    return Products([*([(_one, [MassFunction(pieces)])] if pieces else []), *others])


def _transition(
    kernel: Kernel, ratios: Mapping[str, tuple[Fraction, int]], fixed: Mapping[str, Fraction]
) -> Function:
    """Return a kernel of l -> l' gamma as a function of the mass; ``ratios``, (scale, power) by slot."""
    moving = [name for name, (_, power) in ratios.items() if power]
    if not moving:
        return Still(lambda bits: kernel.ball(fixed, bits))
    if len(moving) > 1:
        raise UnsupportedError(
            f"A mass stands in several slots of the {kernel.integral.diagram.kind} kernel; vary another one."
        )
    (slot,) = moving
    return Interpolated(kernel.along(slot, fixed), *ratios[slot])


def _elementary(
    integral: Elementary,
    ratios: Mapping[str, tuple[Fraction, int]],
    fixed: Mapping[str, Fraction],
    term: Term,
) -> Function:
    """Return a width or cross-section as a function of a mass or energy; parameters as for `_transition`."""
    moving = [name for name, (_, power) in ratios.items() if power]
    if not moving:
        values = Kernel.of(integral).elementary
        assert values is not None
        return Still(lambda bits: values.ball(fixed, bits))
    names = {slot: symbol for slot, symbol, _ in term.masses.slots}
    if len(moving) > 1:
        raise UnsupportedError(
            f"{names[moving[0]]} stands in several slots of a rate; vary another parameter."
        )
    return ElementaryFunction(ElementaryLine(integral, moving[0], fixed, names))


def _over_loop(factor: Level) -> Level:
    def value(bits: int) -> arb:
        with working_precision(bits):
            return factor(bits) / (16 * number(0).pi() ** 2)

    return value


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
    quantity.refuse_imaginary(f"zero or window in {mass}", transitions=True)
    for amplitude in quantity.amplitudes:
        own = amplitude.values(known)
        at = Values(own.declaration, own.inputs, {**own.given, mass: low})
        for term in amplitude.terms:
            kernel = Kernel.of(term.integral)
            if kernel.has_thresholds and not at.vanishes(term.coefficient):
                check_ratios(term, kernel, term.masses.exact_ratios(at.exact), at.exact)


class Products:
    """A sum of products of functions of one mass, each with a weight.

    Parameters: ``parts``, pairs of a weight and the functions that are multiplied.
    """

    def __init__(self, parts: Sequence[tuple[Level, Sequence[Function]]]) -> None:
        self.parts = tuple((weight, tuple(functions)) for weight, functions in parts)

    @property
    def pieces(self) -> tuple[object, ...]:
        """What is added up; empty for zero."""
        return self.parts

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
        return _nothing(low, high, degree) if whole is None else whole

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
    above = _functions(quantity.above, mass, known)
    if not quantity.below:
        whole = Products([(_one, above)])
        return [Shifted(whole, low), Shifted(whole, high)]
    below = _functions(quantity.below, mass, known)
    return [
        Products([(_one, above), (_negative(low), below)]),
        Products([(_one, above), (_negative(high), below)]),
        Products([(_one, below)]),
    ]


def denominators_in(quantity: Quantity, mass: str, known: Values) -> list[Function]:
    """Return the factors below the fraction bar, each once; raises UsageError for one that is zero."""
    out: list[Function] = []
    for factor, _ in quantity.below:
        empty = True
        for amplitude in parts_of(factor):
            own = amplitude.values(known)
            anywhere = Values(own.declaration, own.inputs, {**own.given, mass: Fraction(1)})
            empty = empty and all(anywhere.vanishes(t.coefficient) for t in amplitude.terms)
        if empty:
            raise no_value(factor.label, quantity.text)
        out.append(_function(factor, mass, known))
    return out


def _one(bits: int) -> arb:
    return number(1)


def _negative(level: Level) -> Level:
    return lambda bits: -level(bits)


def _functions(factors: Factors, mass: str, known: Values) -> list[Function]:
    out: list[Function] = []
    for factor, power in factors:
        out += [_function(factor, mass, known)] * power
    return out


def _function(factor: Factor, mass: str, known: Values) -> Function:
    """Return an amplitude, or a sum of squares of them, as a function of a mass."""
    if not isinstance(factor, Total):
        return mass_function(factor, mass, known, moves=False)
    weight = _factor(known, factor.weight)
    parts = [mass_function(part, mass, known, moves=False) for part in factor.parts]
    return Products([(weight, [part] * factor.power) for part in parts if part.pieces])


def _nothing(low: Fraction, high: Fraction, degree: int) -> Enclosure:
    return Still(lambda bits: number(0)).enclose(low, high, 0, degree)


def _amplitude(observable: object) -> Amplitude:
    """Return the one amplitude that an observable is; raises UsageError for products and quotients."""
    if isinstance(observable, Amplitude):
        return observable
    quantity = quantity_of(observable)
    if quantity.single is None:
        raise UsageError(f"{quantity.text} is made of several amplitudes; ask for one of them.")
    return quantity.single
