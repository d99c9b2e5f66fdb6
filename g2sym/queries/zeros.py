"""Where an observable vanishes: symbolically in couplings and their ratios, certified in masses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import whole
from g2sym.base.balls import MAX_DIGITS, Ball
from g2sym.base.masses import NONE, read_value
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import PrecisionError, UsageError, shorten
from g2sym.kernels.isolation import isolate, proved_sign
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.queries.cancellation import cancellation, only_numerator
from g2sym.queries.closed import confirmed_closed_form
from g2sym.queries.masses import mass_function, refuse_complex

if TYPE_CHECKING:
    pass


def zeros(
    quantity: Quantity, name: str, interval: object, digits: int, given: Mapping[str, object]
) -> tuple[Any, ...]:
    """Return the zeros of an observable; see `g2sym.model.observable.Observable.zeros`."""
    digits = whole(digits, "digits", 1, MAX_DIGITS)
    sides = [part.strip() for part in name.split("/", 1)]
    quantity, given = quantity.asked(given, *sides)
    name = "/".join(map(quantity.full_name, sides))
    quantity.refuse_pending(quantity.values(given))
    mass = name in quantity.declaration.masses
    quantity.refuse_imaginary("zeros", transitions=mass)
    if "/" in name:
        top, bottom = name.split("/", 1)
        return _ratio(only_numerator(quantity), top, bottom, quantity.values(given))
    if mass:
        low, high = read_interval(name, interval, quantity.inputs.masses)
        known = quantity.values(given)
        refuse_complex(quantity, name, known, low)
        out = []
        for amplitude, _ in quantity.numerator:
            function = mass_function(amplitude, name, known)
            what = f"zeros of {amplitude.label} in {name}"
            out += isolate(function, low, high, digits, what)
        _refuse_common(quantity, name, known, (low, high), out)
        return tuple(sorted(out, key=lambda ball: ball.midpoint))
    if interval is not None:
        raise UsageError(
            f"{shorten(name)} is no mass: its zeros are solved on the whole line; leave interval out."
        )
    found = cancellation(quantity, name, given)
    for terms in found.parts.values():
        for term in terms:
            confirmed_closed_form(term)
    return found.solutions


def _refuse_common(
    quantity: Quantity, mass: str, known: Values, ends: tuple[Fraction, Fraction], found: Sequence[Ball]
) -> None:
    """A zero of the numerator is one of the quotient where the denominator does not vanish too."""
    for amplitude, _ in quantity.denominator:
        function = mass_function(amplitude, mass, known, moves=False)
        for ball in found:
            if not any(True for _ in function.pieces) or proved_sign(function, ball.midpoint) == 0:
                raise PrecisionError(
                    f"At {mass} = {ball.text(12)} the denominator {amplitude.label} could not be told "
                    "from zero."
                )


def read_interval(
    name: str, interval: object, masses: Mapping[str, Fraction] = NONE
) -> tuple[Fraction, Fraction]:
    """Read the ends of an interval of masses, in GeV or written with other ``masses``.

    Raises UsageError for anything else.
    """
    if not isinstance(interval, tuple | list) or len(interval) != 2:
        raise UsageError(f"{name} is a mass: give the interval to search, as in interval=(0.01, 10).")
    low, high = (read_value(end, name, masses) for end in interval)
    if not 0 < low < high:
        raise UsageError(f"The interval of {name} needs ends with 0 < low < high.")
    return low, high


def _ratio(amplitude: Amplitude, top: str, bottom: str, known: Values) -> tuple[Any, ...]:
    """Solve for top/bottom, for an amplitude in which both together stand in one power only."""
    import sympy

    declared = amplitude.declaration.parameters
    known = amplitude.values(known)
    for name in (top, bottom):
        if name not in declared or declared[name].complex or name in amplitude.declaration.masses:
            raise UsageError(f"{shorten(name)} is not a real coupling of '{amplitude.declaration.name}'.")
    plain = {n for n, p in declared.items() if p.default is None or not p.default.symbols}
    keep = frozenset(({top, bottom} | plain) - set(known.given))
    parts: dict[tuple[int, int], list[Term]] = {}
    for term in amplitude.terms:
        for powers, factor in known.expand(term.coefficient, keep).collect([top, bottom]).items():
            if not vanishes(factor):
                parts.setdefault((powers[0], powers[1]), []).append(Term(factor, term.integral, term.masses))
    if len({a + b for a, b in parts}) != 1 or len({a for a, _ in parts}) < 2:
        raise UsageError(
            f"{amplitude.label} does not fix {top}/{bottom}: it is not of one degree in both together."
        )
    c = {a: sympy.Add(*(confirmed_closed_form(t) for t in terms)) for (a, _), terms in parts.items()}
    low, high = min(c), max(c)
    if high - low == 1:
        return (-c[low] / c[high],)
    if high - low > 2:
        raise UsageError(f"{amplitude.label} has degree {high} in {top}; its zeros have no closed form.")
    a, b, free = c[high], c.get(low + 1, sympy.Integer(0)), c[low]
    root = sympy.sqrt(b**2 - 4 * a * free)
    return ((-b - root) / (2 * a), (-b + root) / (2 * a))
