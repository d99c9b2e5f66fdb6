"""A published limit: what it bounds, under which conditions, its value at a mass or that there is none."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from fractions import Fraction
from threading import Lock

from g2sym.base import arguments
from g2sym.base.classes import dataclass, field
from g2sym.base.exact import decimal_text, read_number
from g2sym.base.masses import read_value
from g2sym.errors import InputError, UsageError, shorten
from g2sym.limits import curves
from g2sym.limits.curves import CLOSING, GAP, OUTSIDE, Curve, Found, Range, Row
from g2sym.limits.reading import Layout, read_curve

TYPE_CHECKING = False
if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags, Record

REASONS = (OUTSIDE, GAP, CLOSING)
"""Why a table has no limit at a mass."""
_WORDS = {
    OUTSIDE: "the mass is outside the table",
    GAP: "the table has a gap there",
    CLOSING: "the table's value there closes the curve and is no limit",
}


@dataclass(frozen=True)
class LimitValue:
    """A limit at a mass, or that there is none.

    ``limit`` is its id; ``mass`` in GeV; ``unit`` that of the values; ``ranges`` what is excluded: from the
    first size to the second, all above the first where that is None, empty without a limit; ``reason`` then
    says why: ``"outside"``, ``"gap"`` or ``"closing value"``; ``exact`` is the value as a fraction at a row
    of the table.

    >>> str(LimitValue("mine", Fraction(1, 2), "pb", (), "gap"))
    'no limit (gap)'
    """

    limit: str
    mass: Fraction
    unit: str
    ranges: tuple[Range, ...]
    reason: str = ""
    exact: Fraction | None = None

    @property
    def value(self) -> float | None:
        """The smallest size that is excluded, to 1e-12; None without a limit."""
        return self.ranges[0][0] if self.ranges else None

    @property
    def upper(self) -> float | None:
        """The largest size of the first range; None without a limit, and where all above is excluded."""
        return self.ranges[0][1] if self.ranges else None

    @property
    def sentence(self) -> str:
        """Why there is no limit, in words; empty where there is one."""
        return _WORDS.get(self.reason, self.reason)

    def excludes(self, size: object) -> bool | None:
        """Return whether a size is excluded, None without a limit; raises InputError for no number."""
        wanted = read_number(size, "size")
        if not self.ranges:
            return None
        exact = self.exact if self.exact is not None and len(self.ranges) == 1 else None
        lows = [Fraction(low) if exact is None else exact for low, _ in self.ranges]
        return any(
            low <= wanted and (high is None or wanted <= Fraction(high))
            for low, (_, high) in zip(lows, self.ranges, strict=True)
        )

    def as_dict(self) -> Record:
        """Return a JSON-ready record; ``value`` is null without a limit."""
        return {
            "limit": self.limit,
            "mass": float(self.mass),
            "value": self.value,
            "upper": self.upper,
            "ranges": [list(one) for one in self.ranges],
            "unit": self.unit,
            "reason": self.reason or None,
        }

    def __bool__(self) -> bool:
        return bool(self.ranges)

    def __float__(self) -> float:
        if self.value is None:
            raise UsageError(f"{self.limit}: no limit at {float(self.mass)} GeV, {self.sentence}; ask first.")
        return self.value

    def __str__(self) -> str:
        if not self.ranges:
            return f"no limit ({self.reason})"
        unit = "" if self.unit == "1" else f" {self.unit}"
        return (
            " and ".join(f"{_size(a)}{'' if b is None else f' to {_size(b)}'}" for a, b in self.ranges) + unit
        )


def _size(number: float) -> str:
    return decimal_text(Fraction(f"{number:.6g}"), 6)


@dataclass(frozen=True, eq=False)
class LimitValues:
    """A limit at many masses: ``values`` and ``uppers``, NaN where there is none, and ``reasons``.

    ``reasons`` is an array of texts, empty where there is a limit, else what `LimitValue.reason` says;
    ``unit`` that of the values. All arrays have the shape of the masses.
    """

    values: Doubles
    uppers: Doubles
    reasons: NDArray[np.str_]
    unit: str

    @property
    def has_limit(self) -> Flags:
        """True where there is a limit."""
        found: Flags = self.reasons == ""
        return found


class _Table:
    """The curve of a file, read once, when it is first asked for."""

    def __init__(self, layout: Layout) -> None:
        self.layout = layout
        self._lock = Lock()
        self._curve: Curve | None = None
        self._notes: tuple[str, ...] = ()

    def curve(self) -> Curve:
        """Return the curve; raises InputError for a file that is wrong."""
        with self._lock:
            if self._curve is None:
                self._curve, self._notes = read_curve(self.layout)
            return self._curve

    def notes(self) -> tuple[str, ...]:
        """Return what was dropped or put in order."""
        self.curve()
        return self._notes

    def __reduce__(self) -> tuple[type[_Table], tuple[Layout]]:
        return _Table, (self.layout,)


@dataclass(frozen=True)
class Limit:
    """A published limit, as a sidecar describes it; its table is read when it is first asked for.

    ``id``, ``title``; ``quantity``, the canonical text of what is bounded, with X the mediator; ``unit`` of
    its values; ``shape``: points, bins, interval, contour or number; ``confidence``, None where it is not
    stated; ``role``, measured or projection; ``reference``, ``licence``, ``note``; ``assumes``, conditions
    under which it was set; ``final_state``; ``conditions``, names and values of the process;
    ``decay_radius_m``; ``path`` of the table, empty for a number; ``sidecar``, where it is described.
    """

    id: str
    title: str
    quantity: str
    unit: str
    shape: str
    confidence: Fraction | None
    role: str
    reference: str
    licence: str
    note: str
    assumes: tuple[str, ...]
    final_state: tuple[str, ...]
    conditions: tuple[tuple[str, Fraction], ...]
    decay_radius_m: Fraction | None
    path: str
    sidecar: str
    _table: _Table = field(compare=False)

    @property
    def process(self) -> Mapping[str, Fraction]:
        """Values that the limit was set at, such as ``sqrt_s`` (GeV) and ``luminosity_pb``, exactly."""
        return dict(self.conditions)

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows of the table in order, in GeV and the unit of the quantity, before a transform.

        Raises InputError for a file that is wrong.
        """
        return tuple(self._table.curve().rows)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was dropped or put in order while the table was read, in words."""
        return self._table.notes()

    @property
    def segments(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The ranges of mass (GeV) in which there is a limit throughout.

        Raises InputError for a file that is wrong.
        """
        curve = self._table.curve()
        if self.shape == "contour":
            return ((min(r.low for r in curve.rows), max(r.high for r in curve.rows)),)
        return tuple(
            (curve.rows[a].low, max(row.high for row in curve.rows[a : b + 1] if not row.reason))
            for a, b in curve.segments()
        )

    def value(self, mass: object) -> LimitValue:
        """Return the limit at a mass, or that there is none.

        Parameters: ``mass``, in GeV, or a text with a unit such as ``"500MeV"``.
        Points and contours are interpolated in logarithms, to a relative 1e-12; rows of a table are met
        exactly. Nothing is extrapolated, and nothing bridges a gap.
        Raises InputError for what is no positive mass, and for a file that is wrong.
        """
        exact = _mass(mass, f"{self.id}: mass")
        found = self._table.curve().at(curves.pair(exact))
        return LimitValue(self.id, exact, self.unit, self._sizes(found), found.reason, self._exactly(found))

    def values(self, masses: object) -> LimitValues:
        """Return the limit at many masses.

        Parameters: ``masses``, an array or nested list of numbers in GeV, or a list of texts. Returns arrays
        of the same shape, NaN where there is no limit, with the reason of each: bit by bit what `value` says.
        Raises InputError and UsageError for what are no positive masses, and for a file that is wrong.
        """
        import numpy as np

        if isinstance(masses, list | tuple) and any(isinstance(one, str | Fraction) for one in masses):
            masses = [float(_mass(one, f"{self.id}: mass")) for one in masses]
        sizes = arguments.doubles(masses, "masses")
        flat = sizes.ravel()
        if not np.all((flat >= float(curves.SMALLEST)) & (flat <= float(curves.LARGEST))):
            raise InputError(f"{self.id}: masses: one is not positive and finite; give masses in GeV.")
        values, uppers = (np.full(flat.shape, math.nan) for _ in range(2))
        reasons = np.zeros(flat.shape, dtype=f"<U{max(map(len, REASONS))}")
        curve = self._table.curve()
        for k, size in enumerate(flat.tolist()):
            found = curve.at((size, 0.0))
            reasons[k] = found.reason
            if found.ranges:
                low, high = self._sizes(found)[0]
                values[k], uppers[k] = low, math.nan if high is None else high
        shape = sizes.shape
        return LimitValues(values.reshape(shape), uppers.reshape(shape), reasons.reshape(shape), self.unit)

    def transformed(self, size: float) -> float:
        """Return a size of `rows` as `value` gives it: after the named transform of the table."""
        return self._table.layout.transformed(size)

    def _sizes(self, found: Found) -> tuple[Range, ...]:
        change = self._table.layout.transformed
        return tuple((change(a), None if b is None else change(b)) for a, b in found.ranges)

    def _exactly(self, found: Found) -> Fraction | None:
        if found.row is None or self._table.layout.transform != "none":
            return None
        return self._table.curve().rows[found.row].value

    def as_dict(self) -> Record:
        """Return a JSON-ready record of what the sidecar says; the table is not read."""
        return {
            "id": self.id,
            "title": self.title,
            "quantity": self.quantity,
            "unit": self.unit,
            "shape": self.shape,
            "confidence": None if self.confidence is None else decimal_text(self.confidence, 17),
            "role": self.role,
            "assumes": list(self.assumes),
            "final_state": list(self.final_state),
            "process": {name: _exact_text(value) for name, value in self.conditions},
            "decay_radius_m": None if self.decay_radius_m is None else _exact_text(self.decay_radius_m),
            "reference": self.reference,
            "licence": self.licence,
            "note": self.note,
            "file": os.path.basename(self.path),
        }

    def __repr__(self) -> str:
        unit = "" if self.unit == "1" else f" in {self.unit}"
        return f"<limit {self.id}: {self.quantity}{unit}, {self.shape}, {self.role}, {self.reference}>"


@dataclass(frozen=True, eq=False)
class Limits(Mapping[str, Limit]):
    """Limits by id, in the order in which they were found."""

    found: dict[str, Limit]

    def __getitem__(self, name: str) -> Limit:
        if name not in self.found:
            from g2sym.errors import did_you_mean

            known = ", ".join(list(self.found)[:40]) or "none"
            raise UnknownLimit(
                f"There is no limit {shorten(name)}{did_you_mean(str(name), self.found)}; there are {known}."
            )
        return self.found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def __repr__(self) -> str:
        return f"<{len(self.found)} limits: {', '.join(self.found)}>"


class UnknownLimit(UsageError, KeyError):
    """An id that no limit has."""

    def __str__(self) -> str:
        return str(self.args[0])


def _mass(value: object, where: str) -> Fraction:
    try:
        found = Fraction(read_value(value, where))
    except InputError:
        raise InputError(
            f"{where}: {shorten(value)} is no mass; give a number of GeV, or a text such as '500MeV'."
        ) from None
    if not curves.SMALLEST <= found <= curves.LARGEST:
        raise InputError(
            f"{where}: {shorten(value)} is not positive, or beyond 1e100 GeV; give a mass in GeV."
        )
    return found


def _exact_text(value: Fraction) -> str:
    text = decimal_text(value, 60)
    return text if read_number(text) == value else f"{value.numerator}/{value.denominator}"
