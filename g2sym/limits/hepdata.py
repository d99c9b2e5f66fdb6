"""Tables of HEPData: the CSV and the JSON that its pages offer, and the JSON of a submission.

A table has independent variables (values, or bins with a low and a high end) and dependent ones. The mass is
one of the first, by default the first; the limit is one of the second, chosen by its name where there are
several.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from g2sym.base.classes import dataclass
from g2sym.errors import InputError, did_you_mean, shorten
from g2sym.limits.tables import MAX_ROWS, NUMBER, Line, lines_of, read_cell, split

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn

_NONE = ("", "-", "nan")


@dataclass(frozen=True)
class Variable:
    """A column: its ``names``, any of which it may be chosen by, and its cells: a value, low, high each."""

    names: tuple[str, ...]
    cells: tuple[tuple[int, str, str, str], ...]

    @property
    def binned(self) -> bool:
        """True where every cell has a low and a high end."""
        return bool(self.cells) and all(
            low not in _NONE and high not in _NONE for _, _, low, high in self.cells
        )


@dataclass(frozen=True)
class Block:
    """Variables that belong together, row by row."""

    independent: tuple[Variable, ...]
    dependent: tuple[Variable, ...]


def read_hepdata(text: str, where: str, mass: str, limit: str) -> tuple[bool, list[Line]]:
    """Read a table of HEPData.

    Parameters: ``text``, CSV or JSON; ``where``, how an error message calls the file; ``mass`` and
    ``limit``, names of columns, empty for the only one (of masses, the first).
    Returns whether the masses are bins, and rows of mass and limit, or of both ends and the limit.
    Raises InputError for a file of another form, and for a name that it does not have.
    """
    blocks = _json(text, where) if text.lstrip()[:1] in ("{", "[") else _csv(text, where)
    choice = [(block, one) for block in blocks for one in block.dependent]
    names = [one.names[0] for _, one in choice]
    found = [(block, one) for block, one in choice if not limit or limit in one.names]
    if not found:
        raise InputError(
            f"{where}: no column {shorten(limit)}{did_you_mean(limit, names)}; it has {_listed(names)}."
            if limit
            else f"{where}: no column with values; give a table of HEPData with a dependent variable."
        )
    if len(found) > 1:
        raise InputError(
            f"{where}: has several columns, {_listed(names)}; choose one by headers = {{ limit = ... }}."
        )
    block, values = found[0]
    axes = [one for one in block.independent if not mass or mass in one.names]
    if not axes:
        raise InputError(
            f"{where}: no independent variable {shorten(mass)}; it has "
            f"{_listed([one.names[0] for one in block.independent])}."
        )
    axis = axes[0]
    rows = []
    for (number, value, low, high), (_, size, _, _) in zip(axis.cells, values.cells, strict=True):
        places = (low, high) if axis.binned else (value,)
        texts = (*places, "nan" if size in _NONE else size)
        rows.append(Line(number, tuple(read_cell(cell, where, number) for cell in texts)))
    if not rows:
        raise InputError(f"{where}: holds no row of numbers; is it the right file, and whole?")
    return axis.binned, rows


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(shorten(name) for name in names[:8])
    return f"{shown} and {len(names) - 8} more" if len(names) > 8 else shown or "none"


def _csv(text: str, where: str) -> list[Block]:
    """Read blocks of a head line and rows; comments begin with ``#``, qualifiers with ``#:``."""
    blocks: list[tuple[list[str], list[tuple[int, list[str]]]]] = []
    for number, line in lines_of(text, where):
        if line.startswith("#"):
            continue
        cells = split(line)
        if NUMBER.fullmatch(cells[0]) is None and cells[0].lower() not in _NONE:
            blocks.append((cells, []))
            continue
        if not blocks:
            raise InputError(f"{where}, line {number}: numbers before a head line; give HEPData's own file.")
        if len(cells) != len(blocks[-1][0]):
            raise InputError(
                f"{where}, line {number}: {len(cells)} cells under a head line of {len(blocks[-1][0])}; "
                "is the file whole?"
            )
        blocks[-1][1].append((number, cells))
    return [_block(heads, rows) for heads, rows in blocks if rows]


def _block(heads: list[str], rows: list[tuple[int, list[str]]]) -> Block:
    """Sort the columns of a block: NAME with NAME LOW and NAME HIGH is binned, errors end in + or -."""
    independent: list[Variable] = []
    dependent: list[Variable] = []
    for k, name in enumerate(heads):
        base, _, last = name.rpartition(" ")
        if last in ("LOW", "HIGH") and base in heads:
            continue
        if last in ("+", "-"):
            continue
        low, high = (
            heads.index(f"{name} {end}") if f"{name} {end}" in heads else None for end in ("LOW", "HIGH")
        )
        cells = tuple(
            (n, row[k], "" if low is None else row[low], "" if high is None else row[high]) for n, row in rows
        )
        # the first column is independent; so is each binned one, which only these can be
        kind = independent if k == 0 or low is not None else dependent
        kind.append(Variable((name,), cells))
    return Block(tuple(independent), tuple(dependent))


def _json(text: str, where: str) -> list[Block]:
    def fail(why: str) -> NoReturn:
        raise InputError(f"{where}: {why}; give the JSON of a HEPData table.")

    try:
        # numbers stay the texts that they are, so that nothing is rounded
        document: Any = json.loads(text, parse_float=str, parse_int=str, parse_constant=str)
    except RecursionError:
        fail("nested too deeply")
    except ValueError as error:
        fail(f"not valid JSON ({shorten(str(error), 100)[1:-1]})")
    if not isinstance(document, dict):
        fail("no table at its top")
    try:
        if "values" in document and "headers" in document:
            return [_page(document)]
        if "independent_variables" in document and "dependent_variables" in document:
            return [_submission(document)]
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        fail("its variables are not as HEPData writes them")
    fail("neither headers and values nor independent_variables and dependent_variables")


def _page(document: dict[str, Any]) -> Block:
    """Read what a table's page offers: ``headers``, then ``values`` with x and y."""
    values = document["values"][: MAX_ROWS + 1]
    names = [str(head["name"]) for head in document["headers"]]
    sizes = {(len(row["x"]), len(row["y"])) for row in values}
    (wide, tall) = sizes.pop()
    if sizes or len(names) != wide + tall or len(values) > MAX_ROWS:
        raise ValueError
    return Block(
        tuple(_variable((names[k],), [row["x"][k] for row in values]) for k in range(wide)),
        tuple(_variable((names[wide + k],), [row["y"][k] for row in values]) for k in range(tall)),
    )


def _submission(document: dict[str, Any]) -> Block:
    """Read the data file of a submission: variables with their own values."""
    sides = []
    for side in ("independent_variables", "dependent_variables"):
        out = []
        for one in document[side]:
            name, units = str(one["header"]["name"]), str(one["header"].get("units", ""))
            out.append(_variable((f"{name} [{units}]", name) if units else (name,), one["values"]))
        sides.append(tuple(out))
    sizes = {len(one.cells) for side in sides for one in side}
    if len(sizes) != 1 or sizes.pop() > MAX_ROWS:
        raise ValueError
    return Block(*sides)


def _variable(names: tuple[str, ...], cells: list[dict[str, Any]]) -> Variable:
    """Return a variable; the number of a row stands for its line."""

    def text(cell: dict[str, Any], key: str) -> str:
        return str("" if cell.get(key) is None else cell[key]).strip()

    rows = ((n, text(c, "value"), text(c, "low"), text(c, "high")) for n, c in enumerate(cells, 1))
    return Variable(names, tuple(rows))
