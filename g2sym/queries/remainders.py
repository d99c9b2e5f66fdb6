"""What a truncated series of an observable leaves out, bounded for all masses of a range.

Every kernel's remainder is bounded by `g2sym.kernels.ranges`, in exact and in ball arithmetic; couplings stay
symbols, and the sizes of what they multiply are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.exact import decimal_text
from g2sym.base.masses import read_value
from g2sym.errors import UsageError, shorten
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.region import symbols
from g2sym.kernels.confirmed import Path, freeze, thaw
from g2sym.kernels.ranges import DIGITS, range_bound, rounded_up, usual_reach
from g2sym.kernels.remainder import fixed, fixed_path
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.queries.conditions import texts
from g2sym.queries.expansions import Asymptotics
from g2sym.queries.limits import kernels, series
from g2sym.queries.targets import Frame

if TYPE_CHECKING:
    import sympy

    from g2sym.base.types import Record

BITS = 128
USUAL = Fraction(1, 10)
"""The reach where every t would do."""


@dataclass(frozen=True)
class Remainder:
    """What a series leaves out: at most t^end sum_k |c_k| (plain_k + log_k |ln t|) for 0 < t <= reach.

    ``parts`` holds (c, plain, log), the numbers rounded up; ``held`` the values in GeV of the masses that are
    fixed; ``edge`` the mass at which the range ends, as it was given.
    """

    series: Asymptotics
    reach: Fraction
    parts: tuple[tuple[Coefficient, Fraction, Fraction], ...]
    held: tuple[tuple[str, Fraction], ...] = ()
    edge: str = ""

    @property
    def range(self) -> str:
        """The masses for which it holds, for instance ``m_a >= 10*m_mu``."""
        target, t = self.series.target, self.series.t
        (lepton,) = (n for n in t.symbols if n != target.mass) if len(t.symbols) == 2 else ("",)
        if target.is_interior or not lepton:
            return f"0 < {t} <= {self.reach}"
        sign, share = (">=", 1 / self.reach) if target.point is None else ("<=", self.reach)
        edge = self.edge or f"{share if share.denominator == 1 else decimal_text(share, 6)}*{lepton}"
        return f"{target.mass} {sign} {edge}"

    @property
    def where(self) -> str:
        """The range together with the values of the masses that are fixed."""
        values = [f"{name} = {decimal_text(value, 12)} GeV" for name, value in self.held]
        return " and ".join([self.range, *values])

    @property
    def text(self) -> str:
        """The bound as a formula, without the range."""
        if not self.parts:
            return "0"
        t, body = self.series.t, []
        for coefficient, plain, log in self.parts:
            numbers = [decimal_text(plain, DIGITS)] if plain or not log else []
            numbers += [f"{decimal_text(log, DIGITS)}*|ln({t})|"] if log else []
            shown = f"({' + '.join(numbers)})" if len(numbers) > 1 else numbers[0]
            sizes = (str(coefficient), str(-coefficient))
            body.append(f"{shown}*|{min(sizes, key=lambda text: text.startswith('-'))}|")
        total = f"({' + '.join(body)})" if len(body) > 1 else body[0]
        return f"({t})^{self.series.end}*{total}"

    def to_sympy(self) -> sympy.Expr:
        """Return the bound as a SymPy expression."""
        import sympy

        end = self.series.end
        if end is None:
            return sympy.Integer(0)
        t, total = self.series.t.to_sympy(), sympy.Integer(0)
        for coefficient, plain, log in self.parts:
            sizes = (
                sympy.Rational(plain.numerator, plain.denominator),
                sympy.Rational(log.numerator, log.denominator),
            )
            total += sympy.Abs(coefficient.to_sympy()) * (sizes[0] + sizes[1] * sympy.Abs(sympy.log(t)))
        return t ** sympy.Rational(end.numerator, end.denominator) * total

    def _sympy_(self) -> sympy.Expr:
        return self.to_sympy()

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        return {"bound": self.text, "range": self.where, "left_out": self.series.rest}

    def __str__(self) -> str:
        left_out = self.series.rest
        return f"|{left_out}| <= {self.text} for {self.where}" if left_out else "nothing is left out"


def remainder(
    quantity: Quantity,
    mass: str,
    point: object,
    order: int,
    given: Mapping[str, object],
    to: object = None,
    contribution: str | None = None,
) -> Remainder:
    """Bound what a series leaves out; see `Observable.remainder`."""
    quantity, given = quantity.asked(given)
    found = series(quantity, mass, point, order, given, contribution)
    amplitude = quantity.single
    if amplitude is None:
        raise UsageError(
            f"{quantity.text} is made of several amplitudes: what its series leaves out is not bounded; ask "
            "for each amplitude."
        )
    return bounded(amplitude, found, quantity.values(given), contribution, to)


def bounded(
    amplitude: Amplitude,
    found: Asymptotics,
    known: Values,
    contribution: str | None = None,
    to: object = None,
) -> Remainder:
    """Bound what the series of one amplitude leaves out.

    Parameters: ``found``, its series at ``known``; ``to``, the mass up to which the range goes, or None.
    Raises UsageError where another mass has no value, or one for which the series does not hold.
    """
    frame = Frame(amplitude, found.target, known, contribution)
    edge, reach = ("", None) if to is None else _edge(frame, to)
    if found.end is None:
        return Remainder(found, reach or USUAL, (), edge=edge)
    held: dict[str, Fraction] = {}
    sums: dict[tuple[ClosedForm, Path], Coefficient] = {}
    for term, coefficient, path, _ in kernels(frame):
        form = frame.form(term)
        if found.end > 0 and not any(e for name in form.generators & path.keys() for e in path[name]):
            continue  # a constant, no part of which is left out
        needed = form.generators | symbols(
            [p for local in path.values() for c in local.values() for p in (c.num, c.den)]
        )
        values = {}
        for generator, (symbol, power) in term.masses.symbols().items():
            if generator in needed and symbol != found.target.mass:
                held[symbol] = frame.known.exact(symbol)
                values[generator] = (held[symbol] / frame.known.exact(frame.lepton)) ** power
        key = fixed(form, values), freeze(fixed_path(path, values))
        sums[key] = sums.get(key, Coefficient.number(0)) + coefficient
    _require(found, frame.known)
    if reach is None:
        reach = min((usual_reach(form, thaw(path)) for form, path in sums), default=USUAL)
    if held or edge:
        held[frame.lepton] = frame.known.exact(frame.lepton)
    parts = []
    for (form, path_), coefficient in sums.items():
        bound = range_bound(form, path_, found.end, reach)
        if not coefficient.is_zero:
            parts.append((coefficient, rounded_up(bound.plain), rounded_up(bound.log)))
    return Remainder(found, reach, tuple(parts), tuple(sorted(held.items())), edge)


def _require(found: Asymptotics, known: Values) -> None:
    """Refuse values for which the series does not hold."""
    with working_precision(BITS):
        value = known.symbol_balls()
        for condition in found.conditions:
            if not value(condition) > 0:
                (text,) = texts((condition,))
                raise UsageError(f"The series holds where {text}, which these values do not fulfil.")


def _edge(frame: Frame, to: object) -> tuple[str, Fraction]:
    """Return the mass at which a range ends as text, and the t that it stands for."""
    target = frame.target
    if target.is_interior:
        raise UsageError(f"{target.text}: the range around a point is chosen; leave to out.")
    mass = read_value(to, "to", frame.amplitude.inputs.masses)
    if mass <= 0:
        raise UsageError(f"to = {shorten(str(to))}: give the mass at which the range ends, above 0.")
    unit = frame.known.exact(frame.lepton)
    return f"{decimal_text(mass, 40)} GeV", unit / mass if target.point is None else mass / unit
