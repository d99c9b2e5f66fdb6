"""A line of cancellation: the zeros of Delta a in one coupling over a grid of other parameters."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, BinaryIO

from g2sym.base.balls import Ball
from g2sym.base.exact import decimal_text, finite_float
from g2sym.observables.flavours import links_text
from g2sym.queries.cancellation import Cancellation

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record

EXACT_DIGITS = 40
"""Most decimals of the parameters of a row; fewer where they end before."""
Point = tuple[tuple[str, Fraction], ...]
Steps = Callable[[Sequence[Point]], Iterable[Point]]


@dataclass(frozen=True)
class LineRow:
    """One point of a line: the varied parameters with their exact values, and the certified ``zeros``.

    ``with_coupling``: the observable vanishes with the coupling itself too.
    """

    point: Point
    zeros: tuple[Ball, ...]
    digits: int = 17
    with_coupling: bool = False

    @property
    def values(self) -> dict[str, Fraction]:
        """The varied parameters of this row."""
        return dict(self.point)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: floating-point numbers, and the same as decimal texts."""
        return {
            **{name: finite_float(value) for name, value in self.point},
            "exact": {name: decimal_text(value, EXACT_DIGITS) for name, value in self.point},
            "zeros": [zero.text(self.digits) for zero in self.zeros],
            "radii": [zero.printed(self.digits)[1] for zero in self.zeros],
            "with_coupling": self.with_coupling,
        }


@dataclass(frozen=True)
class CancellationLine:
    """Where the contributions to Delta a cancel, row by row; made by `cancellation_line`.

    Parameters: ``on``, the coupling solved for; ``varied``, the names of the varied parameters; ``rows``, in
    the order asked for; ``digits``, significant decimals of every zero; ``ratio_to``, the couplings that were
    set to 1, so that the zeros are ratios to them; ``record``, what the numbers rest on.
    """

    on: str
    varied: tuple[str, ...]
    rows: tuple[LineRow, ...]
    digits: int
    ratio_to: tuple[str, ...]
    record: Entries

    def as_dict(self) -> Record:
        """Return a JSON-ready record of the line."""
        return {
            **self.record,
            "on": self.on,
            "ratio_to": list(self.ratio_to),
            "digits": self.digits,
            "rows": [row.as_dict() for row in self.rows],
        }

    def write_csv(self, stream: BinaryIO) -> None:
        """Write a line of CSV for each zero: varied parameters, zero, a bound on its error, fixed values."""
        text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, lineterminator="\n")
        fixed = {
            n: v
            for n, v in self.record.get("values", {}).items()
            if n not in {*self.varied, self.on, *self.ratio_to}
        }
        link = links_text(self.record.get("flavour", {}))
        writer.writerow([*self.varied, self.on, "radius", "flavour", *fixed])
        for row in self.rows:
            head = [decimal_text(row.values[name], EXACT_DIGITS) for name in self.varied]
            for zero in row.zeros:
                writer.writerow([*head, *zero.printed(self.digits), link, *fixed.values()])
        text.detach()


def cancellation_line(
    found: Cancellation,
    varied: Mapping[str, Sequence[Fraction]],
    digits: int = 17,
    *,
    ratio_to: Iterable[str] = (),
    steps: Steps | None = None,
) -> CancellationLine:
    """Follow a cancellation over a grid.

    Parameters: ``found``, with everything fixed that is not varied; ``varied``, exact values by name, of
    which every combination is taken, the last one fastest; ``digits``, significant decimals; ``ratio_to``,
    the couplings that were fixed at 1; ``steps``, which wraps the points for whoever shows progress.
    Raises UsageError for missing values, PrecisionError when a discriminant cannot be told from 0.
    """
    points = [tuple(zip(varied, values, strict=True)) for values in product(*varied.values())]
    rows = []
    for point in points if steps is None else steps(points):
        zeros, at_zero = found.solve(digits, params=dict(point))
        rows.append(LineRow(point, zeros, digits, at_zero))
    known = found.quantity.values(found.given)
    ranges = {name: (min(values), max(values)) for name, values in varied.items()}
    said = {"announcements": list(found.quantity.announced(known, ranges))}
    record = {**found.quantity.record(known), **said}
    return CancellationLine(found.name, tuple(varied), tuple(rows), digits, tuple(sorted(ratio_to)), record)
