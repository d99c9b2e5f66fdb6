"""Bounds from several measurements: the intersection of their certified windows, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from g2sym.base import arguments
from g2sym.base.classes import dataclass, replace
from g2sym.base.exact import decimal_text
from g2sym.constraints.bounds import MAX_DIGITS, Bound, Row, announced, bound, windows_at
from g2sym.constraints.condition import exact_edge
from g2sym.constraints.conditions import Condition, asked, check_parameter, merged_record
from g2sym.constraints.intersections import compare, innermost, intersect
from g2sym.constraints.roots import Undecided
from g2sym.constraints.windows import Span
from g2sym.errors import PrecisionError, UsageError

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record
    from g2sym.observables.values import Values

CLIMB = 16
"""How many times the digits asked for ends may have before two of them count as not separable."""
Which = tuple[int, ...]
"""Places of conditions."""


@dataclass(frozen=True)
class CombinedBound:
    """The values of one coupling that every one of several measurements allows.

    Parameters: ``on``, the coupling or mass; ``conditions``; ``bounds``, what each measurement allows alone,
    in their order; ``rows``, what all of them allow; ``contradictions``, for each row the names of
    measurements that together allow nothing, as few as do (empty where something is allowed); ``record``,
    what the observables say about themselves.
    """

    on: str
    conditions: tuple[Condition, ...]
    bounds: tuple[Bound, ...]
    rows: tuple[Row, ...]
    contradictions: tuple[tuple[str, ...], ...]
    record: Entries

    @property
    def varied(self) -> tuple[str, ...]:
        """The names of the varied parameters."""
        return self.bounds[0].varied

    @property
    def sentences(self) -> tuple[str, ...]:
        """Which measurements contradict each other, and in how many rows; empty where none do."""
        found: dict[tuple[str, ...], list[Row]] = {}
        for row, names in zip(self.rows, self.contradictions, strict=True):
            if names:
                found.setdefault(names, []).append(row)
        return tuple(self._sentence(names, rows) for names, rows in found.items())

    def _sentence(self, names: tuple[str, ...], rows: Sequence[Row]) -> str:
        where = "" if len(self.rows) == 1 else f" in {len(rows)} of {len(self.rows)} rows"
        if len(rows) == 1 and rows[0].point:
            where = " at " + ", ".join(f"{n} = {decimal_text(v, 6)}" for n, v in rows[0].point)
        own = {one.name: one for one in self.conditions}
        told = [f"{name} ({own[name].quantity.text}, {own[name].level})" for name in names]
        if len(told) == 1:
            return f"No real value of {self.on} is allowed{where}: {told[0]} alone allows none."
        listed = f"{', '.join(told[:-1])} and {told[-1]}"
        return (
            f"No real value of {self.on} is allowed{where}: {listed} contradict each other, though "
            f"{'either' if len(told) == 2 else 'fewer of them'} would allow some."
        )

    def as_dict(self) -> Record:
        """Return a JSON-ready record: each measurement with its level, rows with all windows."""
        rows = []
        for at, (row, names) in enumerate(zip(self.rows, self.contradictions, strict=True)):
            own = {
                one.name: b.rows[at].as_dict() for one, b in zip(self.conditions, self.bounds, strict=True)
            }
            each = {n: {k: r[k] for k in ("allowed", "allowed_decimal")} for n, r in own.items()}
            rows.append({**row.as_dict(), "by_measurement": each, "contradiction": list(names)})
        return {
            **self.record,
            "on": self.on,
            "conditions": [one.as_dict() for one in self.conditions],
            "varied": list(self.varied),
            "rows": rows,
            "sentences": list(self.sentences),
        }


def combined_bound(
    conditions: Sequence[Condition],
    on: str,
    interval: tuple[object, object] | None = None,
    params: Mapping[str, object] | None = None,
    digits: int = 17,
) -> CombinedBound:
    """Return the values of a coupling, or of a mass, that all measurements allow.

    Parameters: ``conditions``; the others as for `g2sym.constraints.bounds.bound`.
    Raises what that raises, PrecisionError where two ends cannot be told apart, UsageError for two
    measurements of one observable that have a single value in common.
    """
    digits = arguments.whole(digits, "digits", 1, MAX_DIGITS)
    conditions, given = asked(conditions, params or {}, on)
    on = conditions[0].quantity.full_name(on)
    check_parameter(conditions, on)
    groups = _groups(conditions)
    for members in groups:
        _check_width([conditions[k] for k in members])
    bounds = tuple(
        bound(
            one.observable, on, one.measurement, *one.choice, interval=interval, params=given, digits=digits
        )
        for one in conditions
    )
    fixed = {name: value for name, value in given.items() if name not in bounds[0].varied}
    rows, clashes = [], []
    for at, row in enumerate(bounds[0].rows):
        known = {**fixed, **row.values}
        point = _Point(conditions, groups, on, interval, known, [b.rows[at] for b in bounds], digits)
        every = tuple(range(len(conditions)))
        spans = point.allowed(every)
        poles = dict(pole for b in bounds for pole in b.rows[at].poles)
        rows.append(Row(row.point, tuple(spans), digits, tuple(sorted(poles.items()))))
        clashes.append(() if spans else tuple(conditions[k].name for k in point.contradiction(every)))
    record = merged_record([b.record for b in bounds])
    return CombinedBound(on, tuple(conditions), bounds, tuple(rows), tuple(clashes), record)


def joined(parts: Sequence[CombinedBound], values: Mapping[str, object]) -> CombinedBound:
    """Return the rows of several bounds on the same coupling as one, with the sentences about all rows.

    Parameters: ``parts``, of the same conditions; ``values`` held fixed.
    """
    first = parts[0]
    values = first.conditions[0].quantity.asked(values)[1]
    bounds = []
    for at, one in enumerate(first.bounds):
        whole = replace(one, rows=tuple(row for part in parts for row in part.bounds[at].rows))
        condition = first.conditions[at]
        known = condition.quantity.values({**values, **whole.rows[0].values})
        bounds.append(announced(condition.observable, whole, known))
    return replace(
        first,
        bounds=tuple(bounds),
        rows=tuple(row for part in parts for row in part.rows),
        contradictions=tuple(names for part in parts for names in part.contradictions),
        record=merged_record([b.record for b in bounds]),
    )


def _groups(conditions: Sequence[Condition]) -> list[Which]:
    """Return the places of the conditions on each observable."""
    found: dict[str, list[int]] = {}
    for at, one in enumerate(conditions):
        found.setdefault(one.quantity.text, []).append(at)
    return [tuple(members) for members in found.values()]


def _check_width(members: Sequence[Condition]) -> None:
    """Refuse measurements of one observable that agree in one value only: no window can be searched."""
    for one, two in combinations(members, 2):
        low, high = innermost([(c.window.low, c.window.high) for c in (one, two)])
        if compare(low, high) == 0:
            raise UsageError(
                f"{one.name} and {two.name} have the single value {low.text(6)} of {one.quantity.text} in "
                "common, for which no window can be searched; widen one of them."
            )


class _Point:
    """One row: what any of the conditions allow together, with more digits where ends lie close."""

    def __init__(
        self,
        conditions: Sequence[Condition],
        groups: Sequence[Which],
        on: str,
        interval: tuple[object, object] | None,
        params: Mapping[str, object],
        rows: Sequence[Row],
        digits: int,
    ) -> None:
        self._conditions, self._groups = conditions, groups
        self._on, self._interval, self._params, self._digits = on, interval, params, digits
        self._known: dict[int, Values] = {}
        self._found: dict[tuple[Which, int], Sequence[Span]] = {
            ((at,), digits): row.windows for at, row in enumerate(rows)
        }

    def allowed(self, which: Which) -> list[Span]:
        """Return what some of the conditions allow together; raises PrecisionError."""
        digits = self._digits
        while True:
            try:
                return self._intersection(which, digits)
            except Undecided:
                digits *= 2
                if digits > min(CLIMB * self._digits, MAX_DIGITS):
                    names = " and ".join(self._conditions[k].name for k in which)
                    raise PrecisionError(
                        f"The bound on {self._on} from {names}: whether two windows share a point could not "
                        f"be told with {digits // 2} digits; move the inputs a little."
                    ) from None

    def contradiction(self, which: Which) -> Which:
        """Return as few of the conditions as allow nothing together."""
        left = list(which)
        for at in which:
            without = tuple(k for k in left if k != at)
            if without and not self.allowed(without):
                left.remove(at)
        return tuple(left)

    def _intersection(self, which: Which, digits: int) -> list[Span]:
        found: list[Span] = [(None, None)]
        for group in self._groups:
            members = tuple(k for k in group if k in which)
            if members:
                found = intersect(found, self._windows(members, digits))
        return found

    def _windows(self, members: Which, digits: int) -> Sequence[Span]:
        """Return what conditions on one observable allow: where its value lies in all of their windows."""
        key = members, digits
        if key not in self._found:
            first = self._conditions[members[0]]
            windows = [self._conditions[k].window for k in members]
            low, high = innermost([(w.low, w.high) for w in windows])
            if compare(low, high) > 0:
                return self._found.setdefault(key, ())
            if members[0] not in self._known:
                self._known[members[0]] = first.quantity.values(self._params)
            self._found[key] = windows_at(
                first.observable,
                self._on,
                self._known[members[0]],
                (exact_edge(low), exact_edge(high)),
                self._interval,
                digits,
            )
        return self._found[key]
