"""Data files of published limits, read as numbers and as nothing else.

Size, rows, encoding and every number's length are bounded before any arithmetic; decimals stay exact. What is
no number is an error with the file and the line, ``nan`` excepted, which says that a row carries no limit.
"""

from __future__ import annotations

import csv
import os
import re
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.exact import MAX_DIGITS, MAX_EXPONENT
from g2sym.base.files import open_regular
from g2sym.errors import InputError, shorten

MAX_BYTES = 4_000_000
"""Most bytes of a data file."""
MAX_ROWS = 50_000
"""Most rows of a table."""
MAX_LINE = 20_000
"""Most characters of a line."""
NUMBER = re.compile(r"([+-]?)(?:([0-9]++)\.?([0-9]*+)|\.([0-9]++))(?:[eE]([+-]?[0-9]{1,4}))?", re.ASCII)
"""A decimal, as a table may hold it."""
_GRID = re.compile(r"#\s*mass\s+g\s+r\s*", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Line:
    """A row of a file: the ``number`` of its line, and its ``cells``, None where a cell says ``nan``."""

    number: int
    cells: tuple[Fraction | None, ...]


def read_text(path: str | os.PathLike[str], where: str) -> str:
    """Read a data file as text.

    Parameters: ``path``; ``where``, how an error message calls it. Returns the text, its lines ending in
    a line feed. Raises InputError for a file that is missing, no regular file, larger than `MAX_BYTES`,
    not UTF-8, or holding control characters.
    """
    try:
        with open_regular(path) as stream:
            size = os.fstat(stream.fileno()).st_size
            if size > MAX_BYTES:
                raise InputError(f"{where}: {size} bytes, above the limit of {MAX_BYTES}; shorten it.")
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{where}: no such file; check the path.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{where}: cannot be read ({reason}); give a regular file of numbers.") from None
    except ValueError:
        raise InputError(f"{where}: not a usable path; name a file.") from None
    if len(raw) > MAX_BYTES:
        raise InputError(f"{where}: more than {MAX_BYTES} bytes, which is the limit; shorten it.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise InputError(f"{where}, line {line}: not UTF-8 text; save it as UTF-8.") from None
    if junk := _CONTROL.search(text):
        line = text.count("\n", 0, junk.start()) + 1
        raise InputError(
            f"{where}, line {line}: the control character {shorten(junk[0])}; a table is plain text."
        )
    return text


def read_cell(text: str, where: str, number: int) -> Fraction | None:
    """Return the exact number of a cell, None for ``nan``; raises InputError for anything else."""
    if text.lower() == "nan":
        return None
    found = NUMBER.fullmatch(text)
    if found is None:
        raise InputError(
            f"{where}, line {number}: {shorten(text)} is no number; a table holds decimals such as 1.5e-3, "
            "and nan where there is no limit."
        )
    sign, whole, part, bare, power = found.groups()
    digits, places = (whole + part, len(part)) if whole else (bare, len(bare))
    shift = int(power or 0) - places
    if len(digits) > MAX_DIGITS or abs(shift) > MAX_EXPONENT:
        raise InputError(
            f"{where}, line {number}: {shorten(text)} has more than {MAX_DIGITS} digits or an exponent "
            f"beyond {MAX_EXPONENT}; shorten it."
        )
    size = int(sign + digits)
    return Fraction(size * 10**shift) if shift >= 0 else Fraction(size, 10**-shift)


def split(line: str) -> list[str]:
    """Return the cells of a line with commas, quotes taken off; they may hold commas themselves."""
    try:
        return [cell.strip() for cell in next(csv.reader([line], skipinitialspace=True))]
    except csv.Error:  # a field beyond the module's own bound
        return [line]


def lines_of(text: str, where: str) -> list[tuple[int, str]]:
    """Return the lines that are not empty, stripped, with their numbers; raises InputError beyond bounds."""
    out = [(n, line.strip()) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    for number, line in out:
        if len(line) > MAX_LINE:
            raise InputError(f"{where}, line {number}: more than {MAX_LINE} characters; shorten it.")
    if sum(not line.startswith("#") for _, line in out) > MAX_ROWS + 1:
        raise InputError(f"{where}: more than {MAX_ROWS} rows, which is the limit; thin it out.")
    return out


def read_table(text: str, where: str) -> tuple[tuple[str, ...], list[Line]]:
    """Read a table: rows of numbers between blanks or commas, after a head line where there are commas.

    Lines that begin with ``#`` are comments. Returns the names of the head line, none without one, and
    the rows. Raises InputError for anything that is no number, and for a file that holds no row.
    """
    heads: tuple[str, ...] = ()
    rows: list[Line] = []
    first = True
    for number, line in lines_of(text, where):
        if line.startswith("#"):
            if _GRID.fullmatch(line):
                raise InputError(
                    f"{where}, line {number}: the columns mass, g, r are a grid of ratios and no "
                    "limit; give a table of limits."
                )
            continue
        cells = split(line) if "," in line else line.split()
        if first and "," in line and not any(NUMBER.fullmatch(c) or c.lower() == "nan" for c in cells):
            heads, first = tuple(cells), False
            continue
        first = False
        rows.append(Line(number, tuple(read_cell(cell, where, number) for cell in cells)))
    if not rows:
        raise InputError(f"{where}: holds no row of numbers; is it the right file, and whole?")
    return heads, rows
