"""From a data file and what a sidecar says of its columns to a curve: units, scales, rows without a limit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from g2sym.base.classes import dataclass
from g2sym.errors import InputError, shorten
from g2sym.limits import curves
from g2sym.limits.curves import CLOSING, GAP, Bins, Constant, Contour, Curve, Points, Row
from g2sym.limits.hepdata import read_hepdata
from g2sym.limits.tables import Line, read_table, read_text

COLUMNS = {
    "points": ("mass", "limit"),
    "bins": ("mass_lo", "mass_hi", "limit"),
    "interval": ("mass", "lower", "upper"),
    "contour": ("mass", "limit"),
}
"""The columns that each shape needs."""
TRANSFORMS = {"none": Fraction(1), "sqrt(810 y)": Fraction(810), "sqrt(y)": Fraction(1)}
"""Named transforms of the number y in a file, with the factor under the root; ``none`` has no root."""


@dataclass(frozen=True)
class Layout:
    """How a table is read: its ``path``, ``where`` messages call it, ``shape``, ``kind`` (text or hepdata).

    ``columns`` are the roles of the columns, ``-`` for one that is not used; ``headers`` names of columns by
    role; ``mass`` and ``size`` exact factors to GeV and the natural unit; ``transform``; ``top``, the number
    from which on a value is no limit, as the file has it; ``corner``, whether a contour is closed by a
    corner; ``ends`` of the masses that a limit without a table holds for, and its ``number``.
    """

    path: str
    where: str
    shape: str
    kind: str
    columns: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    mass: Fraction
    size: Fraction
    transform: str
    top: Fraction | None
    corner: bool
    ends: tuple[Fraction, Fraction]
    number: Fraction | None

    def transformed(self, size: float) -> float:
        """Return a size after the transform; the root halves its relative error."""
        if self.transform == "none":
            return size
        return math.sqrt(float(TRANSFORMS[self.transform]) * size)


def read_curve(layout: Layout) -> tuple[Curve, tuple[str, ...]]:
    """Read a table; return the curve and notes on what was dropped or put in order.

    Raises InputError for a file that is wrong, one sentence with the file, the line and how to mend it.
    """
    where = layout.where
    if layout.number is not None:
        row = Row(*layout.ends, _bounded(layout.number * layout.size, where, "value"))
        return Constant(row), ()
    shape, columns, lines = layout.shape, layout.columns, _lines(layout)
    if isinstance(lines, tuple):
        shape, columns, lines = lines
    rows = _rows(layout, shape, columns, lines)
    if all(row.reason for row in rows):
        raise InputError(f"{where}: no row carries a limit; look at no_limit_from and at the unit.")
    if shape == "bins":
        return _bins(rows, where)
    if shape == "contour":
        return _contour(layout, rows), ()
    return Points(_ordered(rows, where)), ()


def _lines(layout: Layout) -> list[Line] | tuple[str, tuple[str, ...], list[Line]]:
    text = read_text(layout.path, layout.where)
    if layout.kind == "hepdata":
        names = dict(layout.headers)
        binned, found = read_hepdata(text, layout.where, names.get("mass", ""), names.get("limit", ""))
        shape = "bins" if binned else "points"
        return shape, COLUMNS[shape], found
    heads, rows = read_table(text, layout.where)
    if not layout.headers:
        return rows
    columns = ["-"] * len(heads)
    for role, name in layout.headers:
        if heads.count(name) != 1:
            raise InputError(
                f"{layout.where}: the head line has no single column {shorten(name)}; it has "
                f"{', '.join(shorten(head) for head in heads[:8]) or 'no names'}."
            )
        columns[heads.index(name)] = role
    return layout.shape, tuple(columns), rows


def _rows(layout: Layout, shape: str, columns: Sequence[str], lines: Sequence[Line]) -> list[Row]:
    """Return the rows in GeV and natural units; every number but nan is positive and of a sane size."""
    where, wanted = layout.where, COLUMNS[shape]
    places = [columns.index(role) for role in wanted]
    out: list[Row] = []
    for line in lines:
        if len(line.cells) != len(columns):
            raise InputError(
                f"{where}, line {line.number}: {len(line.cells)} numbers, and columns says {len(columns)} "
                f"({', '.join(columns)}); is the file whole, and columns right?"
            )
        cells = dict(zip(wanted, (line.cells[k] for k in places), strict=True))
        here = f"{where}, line {line.number}"
        masses = [cells[role] for role in wanted if role.startswith("mass")]
        sizes = [cells[role] for role in wanted if not role.startswith("mass")]
        ends = [_positive(mass, layout.mass, here, "mass") for mass in masses]
        reason = GAP if None in sizes else ""
        if layout.top is not None and any(size is not None and size >= layout.top for size in sizes):
            reason = CLOSING
        scaled = [None if size is None else _positive(size, layout.size, here, "limit") for size in sizes]
        if shape == "contour":
            if None in sizes:
                raise InputError(f"{here}: nan in a contour; a polygon has a value at every corner.")
            reason = ""
        value, upper = scaled[0], scaled[1] if len(scaled) > 1 else None
        if value is not None and upper is not None and upper < value:
            raise InputError(f"{here}: upper is below lower; exchange the columns.")
        if reason:
            value = upper = None
        out.append(Row(ends[0], ends[-1], value, upper, reason, line.number))
    return out


def _positive(number: Fraction | None, factor: Fraction, where: str, what: str) -> Fraction:
    if number is None:
        raise InputError(f"{where}: the {what} is nan; only a limit may be.")
    if number.numerator <= 0:
        raise InputError(f"{where}: the {what} is not positive; a limit of none is written nan.")
    return _bounded(number if factor == 1 else number * factor, where, what)


def _bounded(number: Fraction, where: str, what: str) -> Fraction:
    # a comparison of fractions takes longer than all else; bits tell nearly all of them apart
    bits = number.numerator.bit_length() - number.denominator.bit_length()
    if not -330 < bits < 330 and not curves.SMALLEST <= number <= curves.LARGEST:
        raise InputError(
            f"{where}: the {what} is not between 1e-100 and 1e100 in natural units; look at the unit."
        )
    return number


def _ordered(rows: list[Row], where: str) -> list[Row]:
    """Return points by rising mass, a falling table turned round; another order has no neighbours."""
    if rows[0].low > rows[-1].low:
        rows = rows[::-1]
    for before, row in pairwise(rows):
        if row.low < before.low:
            raise InputError(
                f"{where}, line {row.line}: the masses turn back, so that rows have no neighbours; sort the "
                'table, or read a closed curve as format = "contour".'
            )
    return rows


def _bins(rows: list[Row], where: str) -> tuple[Curve, tuple[str, ...]]:
    notes: tuple[str, ...] = ()
    kept = [row for row in rows if row.low != row.high]
    turned = sum(row.low > row.high for row in kept)
    flat = len(rows) - len(kept)
    if not any(not row.reason for row in kept):
        raise InputError(f"{where}: no bin of a width above zero carries a limit; are the columns right?")
    if flat:
        notes = (*notes, f"{flat} {'row' if flat == 1 else 'rows'} of zero width dropped")
    if turned:
        notes = (*notes, f"{turned} reversed {'bin' if turned == 1 else 'bins'} sorted")
    whole = [
        row if row.low < row.high else Row(row.high, row.low, row.value, row.upper, row.reason, row.line)
        for row in kept
    ]
    return Bins(whole), notes


def _contour(layout: Layout, rows: list[Row]) -> Contour:
    first, last = rows[0], rows[-1]
    if layout.corner:
        rows = [*rows, Row(first.low, first.low, last.value, None, "", last.line)]
    if len({(row.low, row.value) for row in rows}) < 3 or len({row.low for row in rows}) < 2:
        raise InputError(f"{layout.where}: a contour has three corners or more, at several masses.")
    top = curves.LARGEST if layout.top is None else min(layout.top * layout.size, curves.LARGEST)
    return Contour(rows, top)
