"""Where Delta a vanishes: symbolically in couplings and their ratios, certified in masses."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import read_number
from g2sym.derive.contributions import Term
from g2sym.errors import UsageError, shorten
from g2sym.kernels.isolation import isolate
from g2sym.kernels.taylor import MassFunction, Piece
from g2sym.observables.values import Values
from g2sym.queries.closed import confirmed_closed_form

if TYPE_CHECKING:
    from flint import arb

    from g2sym.model.moment import AnomalousMoment


def zeros(
    moment: AnomalousMoment, name: str, interval: object, digits: int, given: Mapping[str, object]
) -> tuple[Any, ...]:
    """Return the zeros of Delta a; see `g2sym.model.analytic.Analytic.zeros`."""
    if "/" in name:
        top, bottom = (part.strip() for part in name.split("/", 1))
        return _ratio(moment, top, bottom, given)
    if name in moment.declaration.masses:
        low, high = read_interval(name, interval)
        function = mass_function(moment, name, moment.values(given))
        return tuple(isolate(function, low, high, digits, f"zeros of Delta a_{moment.lepton} in {name}"))
    if interval is not None:
        raise UsageError(f"{name} is a coupling: its zeros are solved on the whole line; leave interval out.")
    found = moment.cancellation(name, given)
    for terms in found.parts.values():
        for term in terms:
            confirmed_closed_form(term)
    return found.solutions


def read_interval(name: str, interval: object) -> tuple[Fraction, Fraction]:
    """Read the ends of an interval of masses in GeV; raises UsageError for anything else."""
    if not isinstance(interval, tuple | list) or len(interval) != 2:
        raise UsageError(f"{name} is a mass: give the interval to search, as in interval=(0.01, 10).")
    low, high = (read_number(end, name) for end in interval)
    if not 0 < low < high:
        raise UsageError(f"The interval of {name} needs ends with 0 < low < high.")
    return low, high


def _ratio(moment: AnomalousMoment, top: str, bottom: str, given: Mapping[str, object]) -> tuple[Any, ...]:
    """Solve for top/bottom, for a Delta a in which both together stand in one power only."""
    import sympy

    declared = moment.declaration.parameters
    for name in (top, bottom):
        if name not in declared or declared[name].complex or name in moment.declaration.masses:
            raise UsageError(f"{shorten(name)} is not a real coupling of '{moment.declaration.name}'.")
    known = moment.values(given)
    plain = {n for n, p in declared.items() if p.default is None or not p.default.symbols}
    keep = frozenset(({top, bottom} | plain) - set(known.given))
    parts: dict[tuple[int, int], list[Term]] = {}
    for term in moment.derivation.terms():
        for powers, factor in known.expand(term.coefficient, keep).collect([top, bottom]).items():
            if not factor.is_zero:
                parts.setdefault((powers[0], powers[1]), []).append(Term(factor, term.integral, term.masses))
    if len({a + b for a, b in parts}) != 1 or len({a for a, _ in parts}) < 2:
        raise UsageError(
            f"Delta a_{moment.lepton} does not fix {top}/{bottom}: it is not of one degree in both together."
        )
    c = {a: sympy.Add(*(confirmed_closed_form(t) for t in terms)) for (a, _), terms in parts.items()}
    low, high = min(c), max(c)
    if high - low == 1:
        return (-c[low] / c[high],)
    if high - low > 2:
        raise UsageError(f"Delta a has degree {high} in {top}; its zeros have no closed form.")
    a, b, free = c[high], c.get(low + 1, sympy.Integer(0)), c[low]
    root = sympy.sqrt(b**2 - 4 * a * free)
    return ((-b - root) / (2 * a), (-b + root) / (2 * a))


def mass_function(moment: AnomalousMoment, mass: str, known: Values) -> MassFunction:
    """Return Delta a as a function of one mass, everything else fixed.

    Raises UsageError for missing values and for a mass that Delta a does not depend on.
    """
    moment.refuse_pending(known)
    pieces = []
    for term in moment.derivation.terms():
        if mass in known.expand(term.coefficient).symbols:
            raise UsageError(f"A coupling depends on {mass}; give it a value of its own.")
        if known.vanishes(term.coefficient):
            continue
        unit = known.exact(term.masses.lepton)
        ratios = {
            generator: ((1 / unit) ** power, power)
            if symbol == mass
            else ((known.exact(symbol) / unit) ** power, 0)
            for generator, (symbol, power) in term.masses.symbols().items()
        }
        pieces.append(Piece(_factor(known, term.coefficient), term.integral.canonical, ratios))
    if not any(power for piece in pieces for _, power in piece.ratios.values()):
        raise UsageError(f"Delta a_{moment.lepton} does not depend on {mass} at these values.")
    return MassFunction(pieces)


def _factor(known: Values, coefficient: Coefficient) -> Callable[[int], arb]:
    memo: dict[int, arb] = {}

    def value(bits: int) -> arb:
        if bits not in memo:
            with working_precision(bits):
                memo[bits] = known.coefficient_ball(coefficient)
        return memo[bits]

    return value
