"""How much the uncertainty of the inputs moves a result: a different thing from its numerical radius.

Each input that an observable depends on is shifted by one standard deviation up and down; half the
difference is its contribution, and independent contributions add in quadrature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import Ball, certify, number
from g2sym.base.coefficients import Coefficient, Monomial
from g2sym.base.terms import is_root, under
from g2sym.derive.terms import Term
from g2sym.inputs.units import Size
from g2sym.observables.factors import Total
from g2sym.observables.quantity import Quantity
from g2sym.observables.used import is_closed
from g2sym.observables.values import BEHIND, Values
from g2sym.queries.evaluate import in_balls, unit_factor

if TYPE_CHECKING:
    from flint import arb


@dataclass(frozen=True)
class Parametric:
    """One standard deviation of an observable from its inputs.

    ``shifts`` maps an input to half the difference of it at its value plus and minus one standard
    deviation; ``total`` is their sum in quadrature; ``unit``, that of both.
    """

    shifts: Mapping[str, Ball]
    total: Ball
    unit: str = "1"

    def as_dict(self) -> dict[str, object]:
        """Return a JSON-ready record."""
        return {
            "total": self.total.settled(6),
            "shifts": {name: shift.settled(6) for name, shift in self.shifts.items()},
            "unit": self.unit,
        }


def parametric(
    quantity: Quantity, params: Mapping[str, object], digits: int = 6, unit: str | None = None
) -> Parametric:
    """Propagate the inputs' uncertainties to first order, symmetrically.

    Parameters: ``params``, values by name as for `Observable.evaluate`; ``digits``, correct
    decimals of each shift and of the total; ``unit``, by default the natural one. Inputs that a user has
    overridden are taken as exact.
    Raises UsageError for missing values.
    """
    quantity, known = quantity.known(params)
    names = _symbols(quantity, known)
    in_balls(quantity, params)  # raises where the observable has no value
    used = {BEHIND.get(n, n) for n in names} & {n for n in quantity.inputs if _sigma(quantity, n)}
    shifts: dict[str, Ball] = {}
    halves: list[Callable[[int], arb]] = []
    for name in sorted(used):
        if _cancels(quantity, known, {n for n in names if BEHIND.get(n, n) == name}):
            continue
        value, sigma = quantity.inputs.value(name), _sigma(quantity, name)
        ends = [
            quantity.with_inputs(quantity.inputs.override({name: value + side * sigma})) for side in (1, -1)
        ]
        up, down = (in_balls(end, params) for end in ends)
        half = _half_difference(up, down, unit_factor(quantity, unit))
        halves.append(half)
        shifts[name] = certify(half, digits, f"shift of {quantity.label} with {name}")

    def quadrature(bits: int) -> arb:
        return sum((half(bits) ** 2 for half in halves), number(0)).sqrt()

    total = certify(quadrature, digits, "parametric uncertainty") if shifts else Ball.exact(0)
    return Parametric(shifts, total, quantity.unit if unit is None else unit)


def _symbols(quantity: Quantity, known: Values) -> set[str]:
    """Return the symbols of all couplings and masses, defaults put in."""
    found: set[str] = set()
    for amplitude in quantity.amplitudes:
        own = amplitude.values(known)
        for term in amplitude.terms:
            if own.vanishes(term.coefficient) or is_closed(term, own):
                continue
            found |= own.expand(term.coefficient).symbols | _of_masses(term, own)
    for one, _ in (*quantity.above, *quantity.below):
        if isinstance(one, Total):
            found |= known.expand(one.weight).symbols
    return found


def _of_masses(term: Term, own: Values) -> set[str]:
    """Return the symbols that the masses of a term's kernel are made of."""
    return set().union(*(own.expand(Coefficient.symbol(n)).symbols for n in term.masses.every))


def _cancels(quantity: Quantity, known: Values, symbols: set[str]) -> bool:
    """True when symbols are a common factor of each amplitude that a quotient or product does not have.

    Then every coefficient of an amplitude holds them in the same power (1/2 as the root of a symbol), no
    kernel does, and the powers add up to zero.
    """
    factors = (*quantity.above, *quantity.below)
    if any(isinstance(one, Total) for one, _ in factors):
        return False
    total = dict.fromkeys(symbols, Fraction(0))
    sides = [(a, p) for a, p in quantity.numerator] + [(a, -p) for a, p in quantity.denominator]
    for amplitude, power in sides:
        own = amplitude.values(known)
        found = set()
        for term in amplitude.terms:
            if symbols & _of_masses(term, own):
                return False
            c = own.expand(term.coefficient)
            if c.is_zero:
                continue
            if any(is_root(n) and len(under(n)) > 1 and under(n) & symbols for n in c.generators):
                return False
            for top, _ in c.numerator:
                for bottom, _ in c.denominator:
                    powers = {n: _power(top, n) - _power(bottom, n) for n in symbols}
                    found.add(tuple(sorted(powers.items())))
        if len(found) > 1:
            return False
        for name, count in next(iter(found), ()):
            total[name] += power * count
    return not any(total.values())


def _power(monomial: Monomial, name: str) -> Fraction:
    """Return the power of a symbol, with 1/2 for its root."""
    return sum((Fraction(p, 2 if is_root(n) else 1) for n, p in monomial if name in under(n)), Fraction(0))


def _half_difference(
    up: Callable[[int], arb], down: Callable[[int], arb], factor: Size
) -> Callable[[int], arb]:
    return lambda bits: (up(bits) - down(bits)) / 2 * factor.ball()


def _sigma(quantity: Quantity, name: str) -> Fraction:
    return quantity.inputs[name].uncertainty or Fraction(0)
