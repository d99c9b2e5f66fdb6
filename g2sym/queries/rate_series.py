"""Limits and series of widths, lifetimes and cross-sections: exact, in powers of the root of what is small.

Where a mass or an energy goes to a point, t is its distance in GeV; where it goes to infinity, its inverse.
Roots, which thresholds bring, give half-integer powers of t. A sign that the result depends on is decided by
values that were given and by measured masses, else assumed; either way it stands among the conditions.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from random import Random
from typing import Any

from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import G2symError, ModelError, UnsupportedError, UsageError, shorten
from g2sym.formulas.formula import Formula
from g2sym.formulas.quotients import PowerSeries, product
from g2sym.formulas.ratio import Ratio
from g2sym.integrals.elementary import Condition, Elementary
from g2sym.integrals.puiseux import Path, Piece, expanded, fixed, times_power
from g2sym.integrals.rational import Frac, Poly
from g2sym.kernels.elementary import ElementaryValues
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Factors, Total
from g2sym.observables.kinematics import KINEMATIC
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.queries.closed_rates import is_positive
from g2sym.queries.rate_terms import as_frac, elementary, joined
from g2sym.queries.targets import Target

TRIES = 3000
LOOP = Coefficient.number(16) * Coefficient.symbol("pi") ** 2
FREE = "x"
"""The slot of what moves in a function that does not hold it."""
Conditions = dict[str, Coefficient]


class Expander:
    """Expands the factors of one observable towards one target."""

    def __init__(
        self, quantity: Quantity, target: Target, known: Values, contribution: str | None = None
    ) -> None:
        self.quantity, self.target, self.known = quantity, target, known
        self.contribution = contribution
        moving = Coefficient.symbol(target.mass)
        self.t = 1 / moving if target.point is None else target.side * (moving - target.point)
        self.conditions: Conditions = {}

    # values and signs -----------------------------------------------------------------------------
    def value(self, symbol: str) -> Fraction | None:
        """Return the exact value that was given, a default of zero or that of an angle; None for a symbol."""
        if symbol == self.target.mass:
            return None
        if symbol in self.known.given:
            return self.known.exact(symbol)
        default = self.known.default(symbol)
        if default is not None and (default.is_zero or symbol in KINEMATIC):
            return self.known.exact(symbol)
        return None

    def measured(self, symbol: str) -> Fraction | None:
        """Return a value to decide signs with: one that was given, or a measured mass."""
        found = self.value(symbol)
        if found is None and symbol in self.known.inputs and symbol != self.target.mass:
            return self.known.exact(symbol)
        return found

    # one factor -----------------------------------------------------------------------------------
    def factor(self, factor: Factor, end: Fraction) -> PowerSeries:
        """Return the series of a width, a sum of widths or a cross-section, complete below t^end at least."""
        if isinstance(factor, Amplitude):
            return self.amplitude(factor, end)
        if not isinstance(factor, Total) or factor.power != 1:
            raise UnsupportedError(f"{factor.label} is a sum of squares, whose series is not treated.")
        entries: list[tuple[Fraction | int, int, Formula | Ratio]] = []
        stop: Fraction | None = None
        for part in factor.parts:
            found = self.amplitude(part, end)
            entries += [(e, j, c.scale(factor.weight)) for e, j, c in found.entries]
            stop = found.end if stop is None else stop
        return PowerSeries.of(entries, stop)

    def amplitude(self, amplitude: Amplitude, end: Fraction) -> PowerSeries:
        """Return the series of one amplitude."""
        known = amplitude.values(self.known)
        keep = frozenset(amplitude.declaration.parameters) | amplitude.masses
        keep = (keep | {self.target.mass}) - set(known.given)
        entries: list[tuple[Fraction | int, int, Formula | Ratio]] = []
        exact = True
        for term in joined(amplitude.part(self.contribution)):
            coefficient = known.expand(term.coefficient, keep) / LOOP
            if vanishes(coefficient):
                continue
            one = Moving(self, term)
            if not one.is_open:
                continue
            for power, factor in _powers(coefficient, self.target.mass).items():
                pieces, whole_ = one.pieces(power, end)
                exact = exact and whole_
                entries += [(p.exponent, p.logs, one.written(p, factor)) for p in pieces]
        return PowerSeries.of(entries, None if exact else end)

    def sides(self, end: Fraction) -> tuple[PowerSeries, PowerSeries | None]:
        """Return numerator and denominator."""

        def side(factors: Factors) -> PowerSeries:
            total = PowerSeries.of([(0, 0, Formula.plain(1))])
            for factor, power in factors:
                one = self.factor(factor, end)
                for _ in range(power):
                    total = product(total, one)
            return total

        above, below = side(self.quantity.above), None
        if self.quantity.below:
            below = side(self.quantity.below)
            if not below.entries and below.end is None:
                raise UsageError(
                    f"{self.target.text}: every channel below is closed there, so {self.quantity.text} has "
                    "no value."
                )
        return above, below


class Moving:
    """One term along the path: its function with values put in, and whether its channel is open."""

    def __init__(self, own: Expander, term: Term) -> None:
        self.own = own
        function = elementary(term)
        self.symbols = {slot: symbol for slot, symbol, _ in term.masses.slots}
        values = {slot: v for slot, symbol in self.symbols.items() if (v := own.value(symbol)) is not None}
        self._refuse_infinite(function, values)
        self.function = fixed(function, values)
        moving = [slot for slot, symbol in self.symbols.items() if symbol == own.target.mass]
        self.slot = moving[0] if moving else FREE
        self.symbols.setdefault(self.slot, own.target.mass)
        self.path = Path(self.slot, self._point(), own.target.side)
        self._sample: dict[str, Fraction] | None = None
        self.is_open = self._open()

    def _refuse_infinite(self, function: Elementary, values: Mapping[str, Fraction]) -> None:
        for condition in function.conditions:
            put = condition.poly.substitute({n: _constant(v) for n, v in values.items()})
            if condition.refused and put.is_constant() and not _holds(condition, _sign_of(put)):
                raise UsageError(condition.refused.format(**self.symbols))

    def _point(self) -> Frac | None:
        point = self.own.target.point
        if point is None:
            return None
        slots = {symbol: slot for slot, symbol in self.symbols.items()}
        for symbol in point.symbols:
            if symbol not in slots:
                slots[symbol] = f"at_{symbol}"
                self.symbols[f"at_{symbol}"] = symbol
        found = as_frac(point, slots)
        if found is None:
            raise UnsupportedError(
                f"The point {shorten(point, 200)} is not rational in masses; give a number."
            )
        put = {slot: _constant(v) for slot, s in self.symbols.items() if (v := self.own.value(s)) is not None}
        return found.substitute(put)

    # signs ----------------------------------------------------------------------------------------
    def _open(self) -> bool:
        """True where every condition holds along the path; raises UsageError where it has no meaning.

        What values decide comes first: where it fails, there are none at which the rest could be looked at.
        """
        every = sorted(self.function.conditions, key=lambda c: not self._is_decided(c))
        for condition in every:
            along = self.path.poly(condition.poly)
            sign = self.sign(along[min(along)], condition.test == "nonzero") if along else 0
            if not _holds(condition, sign):
                if condition.refused:
                    names = {slot: self.symbols.get(slot, slot) for slot in condition.poly.generators}
                    sentence = condition.refused.format(**{**self.symbols, **names})
                    raise UsageError(f"{self.own.target.text}: {sentence}")
                return False
        return True

    def _is_decided(self, condition: Condition) -> bool:
        """True for a condition that given and measured values decide."""
        along = self.path.poly(condition.poly)
        lead = along[min(along)] if along else Frac.of(0)
        names = lead.num.generators | lead.den.generators
        return all(self.own.measured(self.symbols[n]) is not None for n in names)

    def sign(self, value: Frac, free: bool = False) -> int:
        """Return the sign of what stays; where it depends on masses it becomes a condition.

        Parameters: ``free`` True where it does not matter.
        """
        sign = 1
        for poly in (value.num, value.den):
            unit, factors = poly.factor()
            sign *= 1 if unit > 0 else -1
            for base, power in factors:
                if power % 2:
                    sign *= self._factor_sign(base, free)
        return sign

    def _factor_sign(self, base: Poly, free: bool) -> int:
        if is_positive(base):
            return 1
        if is_positive(-base):
            return -1
        names = base.generators
        at = {n: v for n in names if (v := self.own.measured(self.symbols[n])) is not None}
        if len(at) < len(names):
            at = self._somewhere()
        found = base.fold(at.__getitem__, _fraction) if names <= at.keys() else Fraction(1)
        sign = 1 if found > 0 else -1
        if not free:
            shown = self.coefficient(Frac.of(base * sign))
            self.own.conditions[str(shown)] = shown
        return sign

    def _somewhere(self) -> dict[str, Fraction]:
        """Return values near the point at which the function is what it says, where some are found."""
        if self._sample is not None:
            return self._sample
        random = Random(11)
        names = {n for n in self.symbols if n != self.slot}
        tests = ElementaryValues(self.function)
        self._sample = {}
        for _ in range(TRIES):
            at = {n: self.own.measured(self.symbols[n]) for n in names}
            full = {n: Fraction(random.randint(1, 999), 100) if v is None else v for n, v in at.items()}
            for n in (n for n in full if at[n] is None):
                full[n] = (
                    full[n] / 10 if n in ("c", "c_max") else full[n] * Fraction(10) ** random.randint(-3, 3)
                )
            point = self.path.point
            if point is None:
                near = Fraction(10**5)
            else:
                if point.den.fold(full.__getitem__, _fraction) == 0:
                    continue
                near = Fraction(point.fold(full.__getitem__, _fraction))
                near += self.path.side * (near or 1) * Fraction(1, 10 ** random.randint(3, 9))
            if near > 0 and tests.failed({**full, self.slot: near}) is None:
                self._sample = full
                break
        return self._sample

    # pieces ---------------------------------------------------------------------------------------
    def pieces(self, power: int, end: Fraction) -> tuple[list[Piece], bool]:
        """Return the pieces of the function times a power of what moves."""
        function = times_power(self.function, self.slot, power) if power else self.function
        try:
            return expanded(function, self.path, end, self.sign)
        except G2symError as error:
            if isinstance(error, UsageError | UnsupportedError | ModelError):
                raise
            raise UnsupportedError(f"{self.own.target.text}: {error}") from None

    def coefficient(self, value: Frac) -> Coefficient:
        """Write a rational function of the slots in symbols."""
        names = {slot: Coefficient.symbol(symbol) for slot, symbol in self.symbols.items()}
        found: Coefficient = value.fold(names.__getitem__, lambda q: Coefficient.number(_fraction(q)))
        return found

    def written(self, piece: Piece, coefficient: Coefficient) -> Formula:
        """Return a piece's coefficient as a formula."""
        out = Formula.plain(coefficient * self.coefficient(piece.factor))
        for root in piece.roots:
            out = out.times(Formula.root(self.coefficient(root)))
        if piece.log is not None:
            u, v = (None if x is None else self.coefficient(x) for x in piece.log)
            assert u is not None  # only the second may be left out
            if v is not None:
                z = u * Coefficient.sqrt(v)
                u = (1 + z) / (1 - z)
            out = out.times(Formula.log(u))
        return out


def _powers(coefficient: Coefficient, mass: str) -> dict[int, Coefficient]:
    """Split a coefficient by powers of what moves; raises UnsupportedError where it is no sum of these."""
    if mass not in coefficient.generators and mass not in coefficient.symbols:
        return {0: coefficient}
    for shift in range(9):  # couplings such as m_e/m_mu have few powers below
        try:
            found = (coefficient * Coefficient.symbol(mass) ** shift).collect([mass])
        except ModelError:
            continue
        return {powers[0] - shift: part for powers, part in found.items()}
    raise UnsupportedError(
        f"A coupling depends on {mass} otherwise than by powers; give it a value of its own."
    )


def _holds(condition: Condition, sign: int) -> bool:
    if condition.test == "nonzero":
        return sign != 0
    return sign >= 0 if condition.test == "nonnegative" else sign > 0


def _constant(value: Fraction) -> Any:
    from g2sym.integrals.rational import constant

    return constant(value)


def _sign_of(poly: Any) -> int:
    found: Fraction = poly.fold(lambda _: Fraction(0), _fraction)
    return int(found > 0) - int(found < 0)


def _fraction(value: Any) -> Fraction:
    return Fraction(value) if isinstance(value, int | Fraction) else Fraction(int(value.p), int(value.q))
