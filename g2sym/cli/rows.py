"""Rows of a bound, of one measurement or of several: steps of the progress bar, heads and cells of tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise

TABLE_ROWS = 25
"""Most rows that the table shows; the files and the JSON have all."""
CHUNK = 200
"""About how many points one step of the progress bar stands for (half a second)."""
TRIAL = 20
"""About how many points the duration is estimated from, after a first one that derives what is needed."""
LONG = 20.0
"""Seconds from which on the expected duration is announced."""


def chunks(points: Sequence[Fraction], per_point: int) -> list[Sequence[Fraction]]:
    """Cut points into one, a trial, and steps of the progress bar; each stands for ``per_point`` rows."""
    trial = 1 + max(1, TRIAL // per_point)
    size = max(1, CHUNK // per_point)
    cuts = [0, *(at for at in (1, *range(trial, len(points), size)) if at < len(points)), len(points)]
    return [points[a:b] for a, b in pairwise(cuts)]


def shown_rows(counts: Sequence[int]) -> list[int]:
    """Return which rows of a table are shown: evenly spread ones, and those beside a change.

    Parameters: ``counts``, the number of windows in each row.
    """
    from g2sym.drawing.tables import thinned

    changes = [k for k in range(1, len(counts)) if counts[k] != counts[k - 1]]
    return thinned(len(counts), TABLE_ROWS, [*changes, *(k - 1 for k in changes)])


def head(name: str, units: Mapping[str, str]) -> str:
    """Return the head of a column: the name of a parameter, after other words, with its unit."""
    unit = units.get(name.rpartition(" ")[2], "1")
    return name if unit == "1" else f"{name} [{unit}]"


def cell(text: str) -> str:
    """Return a text for a CSV file: a spreadsheet takes a cell that begins like this for a formula."""
    return f"'{text}" if text[:1] in "=+-@" else text


def with_unit(text: str, unit: str) -> str:
    """Write a number with its unit; an expression of other parameters needs none."""
    plain = unit == "1" or any(c.isalpha() for c in text.replace("e", ""))
    return text if plain else f"{text} {unit}"
