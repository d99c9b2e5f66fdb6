"""Bounds: for which values of one coupling an observable agrees with a measurement, row by row."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, Protocol, cast

from g2sym.base import arguments
from g2sym.base.classes import dataclass, replace
from g2sym.base.exact import Number, decimal_text
from g2sym.base.masses import NONE, is_list, read_several
from g2sym.base.sentences import statement
from g2sym.constraints.condition import (
    MeasurementLike,
    announce,
    common_record,
    condition,
    exact_edge,
    limits_taken,
)
from g2sym.constraints.fractions import coupling_windows, is_common
from g2sym.constraints.mass_windows import mass_windows, poles_within
from g2sym.constraints.measured import placed
from g2sym.constraints.windows import MAX_BITS, Span, allowed_windows
from g2sym.errors import G2symError, UsageError, shorten
from g2sym.inputs import Edge, Measurement, Window
from g2sym.inputs.fields import exact_text
from g2sym.observables.kinematics import KINEMATIC
from g2sym.observables.quantity import quantity_of
from g2sym.queries.zeros import read_interval

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.balls import Ball
    from g2sym.base.types import Entries, Record
    from g2sym.observables.values import Values


MAX_DIGITS = MAX_BITS // 8
"""Most correct decimals of an end: of the bits that are tried, windows take eight for each."""


class Moment(Protocol):
    """What a bound needs of an observable."""

    @property
    def lepton(self) -> str | None:
        """The lepton's name: e, mu or tau; None for an observable of several."""

    def values(self, params: Mapping[str, object] | None = None) -> Values:
        """Read values by parameter name; raises for a name or a value that the model does not have."""

    def polynomial_in(self, name: str, known: Values) -> Callable[[int], Sequence[arb | Fraction | int]]:
        """Return the coefficients by power of the coupling ``name``, as a function of the bits."""

    def record(self, known: Values | None = None) -> Entries:
        """Return what the numbers rest on: model, conventions, inputs, values, defaults used."""


@dataclass(frozen=True)
class Row:
    """One line of a bound.

    Parameters: ``point``, the varied parameters with their exact values; ``windows``, the allowed values of
    the coupling on the real line, left to right, certified; an end that is None is open, no window at all
    means that nothing is allowed. ``poles``, masses or energies at which the observable is infinite,
    with what is said there: a window that ends at one does not hold it.
    """

    point: tuple[tuple[str, Fraction], ...]
    windows: tuple[Span, ...]
    digits: int = 17
    poles: tuple[tuple[Fraction, str], ...] = ()

    @property
    def values(self) -> dict[str, Fraction]:
        """The varied parameters of this row."""
        return dict(self.point)

    @property
    def allowed(self) -> list[list[float | None]]:
        """The windows as floating-point numbers."""
        return [[None if end is None else _float(end.midpoint) for end in span] for span in self.windows]

    def text(self, digits: int = 4) -> str:
        """Return the windows in interval notation, ends correctly rounded to ``digits`` significant decimals.

        ``(1)`` follows an end whose last decimal may be off by one, see `Ball.shown`.
        """
        if not self.windows:
            return "nothing"
        return " or ".join(
            f"{'(-inf' if low is None else '[('[self._is_open(low)] + low.shown(digits)}, "
            f"{'inf)' if high is None else high.shown(digits) + '])'[self._is_open(high)]}"
            for low, high in self.windows
        )

    @property
    def excluded_ends(self) -> list[str]:
        """What is said of poles at which a window ends."""
        ends = {e.midpoint for span in self.windows for e in span if e is not None and self._is_open(e)}
        return [statement(said) for pole, said in self.poles if pole in ends]

    def _is_open(self, end: Ball) -> bool:
        return end.radius == 0 and end.midpoint in dict(self.poles)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: floating-point numbers, and the same as correctly rounded decimals."""
        return {
            **{name: _float(value) for name, value in self.point},
            "exact": {name: exact_text(value) for name, value in self.point},
            "allowed": self.allowed,
            "allowed_decimal": [
                [None if end is None else end.settled(self.digits) for end in span] for span in self.windows
            ],
            **({"poles": {exact_text(pole): said for pole, said in self.poles}} if self.poles else {}),
        }


@dataclass(frozen=True)
class Bound:
    """The allowed values of one coupling, with everything they rest on.

    Parameters: ``on``, the coupling; ``lepton``; ``measurement``; ``window``, the allowed values of the
    observable with their criterion; ``varied``, the names of the varied parameters; ``rows``, in the order
    asked for; ``record``, what the observable says about itself (model, conventions, inputs, fixed values,
    defaults used).
    """

    on: str
    lepton: str | None
    measurement: Measurement
    window: Window
    varied: tuple[str, ...]
    rows: tuple[Row, ...]
    record: Entries

    @property
    def criterion(self) -> str:
        """The criterion, or ``"limit"``."""
        return self.window.criterion

    @property
    def n_sigma(self) -> Fraction | None:
        """The number of standard deviations, None for a limit."""
        return self.window.n_sigma

    @property
    def conventions(self) -> Any:
        """The conventions the moment was derived in."""
        return self.record.get("conventions")

    @property
    def inputs(self) -> Any:
        """The input values the moment was evaluated with."""
        return self.record.get("inputs")

    @property
    def edition(self) -> Any:
        """The edition of these input values."""
        return self.record.get("edition")

    @property
    def sentence(self) -> str | None:
        """What to say when some rows allow nothing, else None."""
        empty = [row for row in self.rows if not row.windows]
        if not empty:
            return None
        where = "" if len(self.rows) == 1 else f" in {len(empty)} of {len(self.rows)} rows"
        if len(empty) == 1 and empty[0].point:
            where = " at " + ", ".join(f"{n} = {decimal_text(v, 6)}" for n, v in empty[0].point)
        low, high, unit = self.window.written(4)
        n = "" if self.n_sigma is None else f" at {decimal_text(self.n_sigma, 6)} sigma"
        return (
            f"No real value of {self.on} is allowed{where}: {self.measurement.name} with the criterion "
            f"'{self.criterion}'{n} asks for {self.measurement.symbol} between {low} and {high}"
            f"{'' if unit == '1' else f' {unit}'}, and no coupling gives that."
        )

    def as_dict(self) -> Record:
        """Return a JSON-ready record of the bound."""
        return {
            **self.record,
            "on": self.on,
            "lepton": self.lepton,
            "measurement": self.measurement.as_dict(),
            "window": self.window.as_dict(),
            "criterion": self.criterion,
            "n_sigma": None if self.n_sigma is None else _float(self.n_sigma),
            "varied": list(self.varied),
            "rows": [row.as_dict() for row in self.rows],
            "sentence": self.sentence,
        }


def bound(
    amm: Moment,
    on: str,
    measurement: MeasurementLike,
    criterion: str | None = None,
    n_sigma: Number | None = None,
    *,
    interval: tuple[object, object] | None = None,
    params: Mapping[str, object] | None = None,
    digits: int = 17,
    unit: str | None = None,
    **values: object,
) -> Bound:
    """Return the values of a coupling, or of a mass, for which a moment agrees with a measurement.

    Parameters: ``amm``, an anomalous moment; ``on``, the coupling, or a mass together with the ``interval``
    in GeV that is searched for it (a window that reaches its end ends there); ``measurement``, a name, a
    TOML file or a `Measurement` of the same lepton; ``criterion``, ``"sensitivity"`` (default),
    ``"interval"`` or ``"conservative"``; ``n_sigma``, default 2 (both must be left out for a published
    limit or range); ``digits``, correct decimals of every end; ``unit`` in which the measurement's own window
    is written, for instance ``"e_cm"`` (by default the natural one); the remaining parameters by keyword, or
    in ``params`` where a name clashes: a number, or a list or array to vary it. Several lists give every
    combination, the last one fastest.
    Returns one row for each combination, in order.
    Raises UsageError for a call that makes no sense, InputError for a bad number or file, PrecisionError when
    an end cannot be certified.
    """
    arguments.text(on, "on", "g_aff")
    digits = arguments.whole(digits, "digits", 1, MAX_DIGITS)
    found, window = condition(amm, measurement, criterion, n_sigma, unit)
    if found.at and hasattr(amm, "quantity"):
        amm = replace(cast(Any, amm), quantity=placed(amm.quantity, found))
    fixed: dict[str, object] = {}
    varied: dict[str, list[Fraction]] = {}
    masses_known = amm.inputs.masses if hasattr(amm, "inputs") else NONE
    given = arguments.given(params, values)
    amm, on, given = _quoted(amm, on, given)
    _check_complex(amm, on, given)
    for name, value in given.items():
        several = read_several(value, name, masses_known)
        if several is None:
            fixed[name] = value
        else:
            varied[name] = several
    masses = getattr(getattr(amm, "declaration", None), "masses", ())
    if (on in masses or on in KINEMATIC) and interval is None:
        raise UsageError(
            f"{on} is {'no coupling' if on in KINEMATIC else 'a mass'}: give the interval to search, "
            "as in interval=(0.01, 10) or --range 0.01:10."
        )
    if on in fixed or on in varied:
        raise UsageError(f"The bound is on {shorten(on)}, so it cannot have a value too; leave it out.")
    low, high = exact_edge(window.low), exact_edge(window.high)
    rows: list[Row] = []
    first: Any = None
    for combination in product(*varied.values()):
        point = tuple(zip(varied, combination, strict=True))
        known = amm.values({**fixed, **dict(point)})
        try:
            spans = windows_at(amm, on, known, (low, high), interval, digits)
        except G2symError as error:
            other = {name: _beside(several) for name, several in varied.items()}
            own = any(re.search(rf"\b{re.escape(name)}\b", str(error)) for name in varied)
            if not varied or not (
                own
                or rows
                or not _fails_alike(amm, on, {**fixed, **other}, (low, high), interval, digits, error)
            ):
                raise
            where = ", ".join(f"{n} = {decimal_text(Fraction(v), 12)}" for n, v in point)
            raise type(error)(f"At {where}: {error}") from None
        poles = tuple(poles_at(amm, on, known, interval).items())
        rows.append(Row(tuple((n, Fraction(v)) for n, v in point), tuple(spans), digits, poles))
        first = known if first is None else first
    record = common_record(amm.record(first), {on, *varied})
    return announced(amm, Bound(on, amm.lepton, found, window, tuple(varied), tuple(rows), record), first)


def _fails_alike(
    amm: Moment,
    on: str,
    given: Mapping[str, object],
    edges: tuple[Fraction | Edge, Fraction | Edge],
    interval: tuple[object, object] | None,
    digits: int,
    error: G2symError,
) -> bool:
    """True when another row fails with the same sentence, which then is not about one row."""
    try:
        windows_at(amm, on, amm.values(given), edges, interval, digits)
    except G2symError as other:
        return str(other) == str(error)
    return False


def _beside(several: Sequence[Fraction]) -> Fraction:
    """Return another value than the first: the last, or one beside it."""
    return Fraction(several[-1]) if len(several) > 1 else Fraction(several[0]) * Fraction(1025, 1024)


def _quoted(amm: Moment, on: str, given: dict[str, object]) -> tuple[Moment, str, dict[str, object]]:
    """Return an observable in terms of the parameters that are named with a lepton, y[mu], and full names."""
    quantity = getattr(amm, "quantity", None)
    if quantity is None:
        return amm, on, given
    own, full = quantity.asked(given, on)
    return (amm if own is quantity else replace(cast(Any, amm), quantity=own)), own.full_name(on), full


def _check_complex(amm: Moment, on: str, given: Mapping[str, object]) -> None:
    """A complex parameter has one value as a whole; its parts vary and are bounded."""
    for name, parameter in getattr(getattr(amm, "declaration", None), "parameters", {}).items():
        if name not in given or not parameter.complex:
            continue
        if on in parameter.symbols:
            raise UsageError(f"The bound is on {on}, so {name} cannot have a value as a whole; leave it out.")
        if is_list(given[name]):
            raise UsageError(f"{name} is complex: vary its parts {' and '.join(parameter.symbols)}.")


def announced(amm: Moment, found: Bound, known: Values) -> Bound:
    """Return a bound whose record has the sentences about all rows; ``known``, values at one of them."""
    columns = {name: [row.values[name] for row in found.rows] for name in found.varied}
    if ends := [e.midpoint for row in found.rows for span in row.windows for e in span if e is not None]:
        columns[found.on] = ends
    ranges = {name: (min(column), max(column)) for name, column in columns.items()}
    quantity, said = getattr(amm, "quantity", None), []
    if quantity is not None and quantity.below and found.on not in quantity.declaration.masses:
        names = [found.on] if is_common(quantity, found.on, known) else []
        said = limits_taken(quantity.text, names, "bound")
    infinite = dict.fromkeys(said for row in found.rows for said in row.excluded_ends)
    said = [*said, *(f"{one}: a window that ends there does not hold its end." for one in infinite)]
    record = announce(found.record, amm, known, ranges, (found.measurement, found.window), said)
    return replace(found, record=record)


def windows_at(
    amm: Any,
    on: str,
    known: Values,
    edges: tuple[Fraction | Edge, Fraction | Edge],
    interval: tuple[object, object] | None,
    digits: int,
) -> list[Span]:
    """Return the allowed windows of a coupling, or of a mass within an interval."""
    quantity = getattr(amm, "quantity", None)
    masses = amm.inputs.masses if hasattr(amm, "inputs") else NONE
    if interval is not None:
        if on not in amm.declaration.masses and on not in getattr(quantity, "masses", ()):
            raise UsageError(f"{shorten(on)} is not a mass of the model; an interval is for masses only.")
        return mass_windows(quantity_of(amm), on, known, *edges, read_interval(on, interval, masses), digits)
    what = f"the bound on {on}"
    if quantity is not None:
        return coupling_windows(quantity, on, known, *edges, digits, what)
    return allowed_windows(amm.polynomial_in(on, known), *edges, digits, what)


def poles_at(amm: Any, on: str, known: Values, interval: tuple[object, object] | None) -> dict[Fraction, str]:
    """Return the masses or energies of an interval at which an observable is infinite, and what is said."""
    if interval is None:
        return {}
    masses = amm.inputs.masses if hasattr(amm, "inputs") else NONE
    return poles_within(quantity_of(amm), on, known, read_interval(on, interval, masses))


def _float(value: Fraction) -> float:
    """Round to a double; beyond its range stay finite, since JSON knows no infinity."""
    try:
        return float(value)
    except OverflowError:
        return sys.float_info.max if value > 0 else -sys.float_info.max
