"""The sidecar: a TOML file that says what columns of data files mean, one ``[[limit]]`` for each curve."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.exact import read_number
from g2sym.base.masses import UNITS
from g2sym.base.names import parse_observable
from g2sym.base.processes import particles, plain
from g2sym.base.toml_files import read_toml
from g2sym.errors import InputError, UsageError, did_you_mean, shorten
from g2sym.limits.curves import LARGEST, SMALLEST
from g2sym.limits.limit import Limit, _Table
from g2sym.limits.reading import COLUMNS, TRANSFORMS, Layout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Entry = Mapping[str, Any]

MAX_BYTES = 262_144
"""Most bytes of a sidecar."""
MAX_TEXT = 500
"""Most characters of a text."""
MAX_LIST = 32
"""Most entries of a list."""
COUPLINGS = MappingProxyType({"g_gg": "GeV^-1", "eps visible": "1", "eps invisible": "1"})
"""Couplings that a table may bound directly, with their natural units."""
SIZES: Mapping[str, Mapping[str, Fraction]] = MappingProxyType(
    {
        "1": {"1": Fraction(1)},
        "pb": {
            **{"fb": Fraction(1, 1000), "pb": Fraction(1), "nb": Fraction(1000)},
            **{"ub": Fraction(10**6), "mb": Fraction(10**9)},
        },
        "GeV": dict(UNITS),
        "GeV^-1": {f"{name}^-1": 1 / size for name, size in UNITS.items()},
        "s": {"s": Fraction(1), "ps": Fraction(1, 10**12), "ns": Fraction(1, 10**9)},
        "m": {"m": Fraction(1), "cm": Fraction(1, 100), "mm": Fraction(1, 1000)},
    }
)
"""Units by natural unit, with their exact sizes."""
PROCESS = ("sqrt_s", "luminosity_pb", "cos_max", "energy", "alpha_D", "m_chi_over_m_A")
"""What a process may state; energies in GeV."""
FORMATS = (*COLUMNS, "csv", "hepdata")
ROLES = ("measured", "projection")
_KEYS = (
    *("id", "title", "file", "also", "value", "format", "columns", "headers", "closing", "mass", "limit"),
    *("quantity", "no_limit_from", "confidence", "process", "assumes", "final_state", "decay_radius_m"),
    *("role", "reference", "licence", "note"),
)
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}", re.ASCII)


def read_sidecar(source: str | bytes, where: str) -> list[tuple[Entry, str]]:
    """Read a sidecar; return its entries with what error messages call them, ids checked and distinct.

    Parameters: ``source``, a path or the document; ``where``, how error messages call it.
    Raises InputError for a document that is wrong.
    """
    document = read_toml(source, where, MAX_BYTES)
    _known(document, ("schema", "limit"), where)
    schema = document.get("schema")
    if isinstance(schema, bool) or schema != 1:
        problem = "is missing" if schema is None else f"is {shorten(schema)}"
        raise InputError(f"{where}: schema {problem}; this version reads schema = 1.")
    entries = document.get("limit")
    if not isinstance(entries, list) or not entries or not all(isinstance(e, Mapping) for e in entries):
        raise InputError(f"{where}: no [[limit]]; write one such table for each curve.")
    out: list[tuple[Entry, str]] = []
    seen: set[str] = set()
    for n, entry in enumerate(entries, 1):
        name = entry.get("id")
        if not isinstance(name, str) or not _ID.fullmatch(name):
            raise InputError(
                f"{where}, limit {n}: id {'is missing' if name is None else shorten(name)}; write 1 to 80 "
                "letters, digits, dots, hyphens and underlines."
            )
        if name in seen:
            raise InputError(f"{where}: id {name} stands twice; give each curve its own.")
        seen.add(name)
        out.append((entry, f"{where}, limit {name}"))
    return out


def make_limit(entry: Entry, where: str, folder: str, sidecar: str, path: str | None = None) -> Limit:
    """Return the limit of an entry, every key checked; its table is not read.

    Parameters: ``entry`` and ``where``, as `read_sidecar` returns them; ``folder``; ``sidecar``, its own
    path; ``path`` of the table where it was found elsewhere.
    Raises InputError with the first mistake.
    """
    _known(entry, _KEYS, where)
    quantity, unit = _quantity(_text(entry, "quantity", where), where)
    table = "value" not in entry
    if table == ("file" not in entry):
        raise InputError(f"{where}: give either file, a table, or value, a number without one.")
    scale, ends = _mass(entry, where, table)
    size, transform = _limit(entry, unit, where)
    shape, kind, columns, headers = _format(entry, where) if table else ("number", "", (), ())
    closing = entry.get("closing", "direct")
    if closing not in ("direct", "corner") or ("closing" in entry and shape != "contour"):
        raise InputError(
            f'{where}: closing is "direct" or "corner", and of a contour; choose one, or leave it out.'
        )
    name = entry["id"]
    file = path if path is not None else _file(entry, where, folder) if table else ""
    layout = Layout(
        file,
        f"limit file {shorten(file, 300)}" if table else where,
        shape,
        kind,
        columns,
        headers,
        scale,
        size,
        transform,
        _top(entry, where),
        closing == "corner",
        ends,
        None if table else _positive(entry["value"], f"{where}: value"),
    )
    radius = entry.get("decay_radius_m")
    return Limit(
        id=name,
        title=_text(entry, "title", where, name),
        quantity=quantity,
        unit=unit,
        shape=shape,
        confidence=_confidence(entry, where),
        role=_choice(entry, "role", ROLES, where),
        reference=_text(entry, "reference", where),
        licence=_text(entry, "licence", where, "not stated"),
        note=_text(entry, "note", where, ""),
        assumes=_texts(entry, "assumes", where),
        final_state=_particles(entry, where),
        conditions=_process(entry, where),
        decay_radius_m=None if radius is None else _positive(radius, f"{where}: decay_radius_m"),
        path=file,
        sidecar=sidecar,
        _table=_Table(layout),
    )


def _known(table: Entry, allowed: Sequence[str], where: str) -> None:
    for key in table:
        if key not in allowed:
            raise InputError(
                f"{where}: unknown key {shorten(key)}{did_you_mean(key, allowed)}; allowed are "
                f"{', '.join(allowed)}."
            )


def _printable(value: object, where: str) -> str:
    """Return one line of text, which neither a terminal nor a spreadsheet takes for anything else."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: {shorten(value)} is no text; write it in quotes.")
    if len(value) > MAX_TEXT or not value.isprintable():
        raise InputError(f"{where}: not one printable line of at most {MAX_TEXT} characters; shorten it.")
    text = value.strip()
    if text[0] in "=+-@":
        raise InputError(
            f"{where}: {shorten(text)} begins with {text[0]}, which spreadsheets take for a "
            "formula; put a letter first."
        )
    return text


def _text(entry: Entry, key: str, where: str, default: str | None = None) -> str:
    if key not in entry:
        if default is None:
            raise InputError(f"{where}: {key} is missing; add it.")
        return default
    return _printable(entry[key], f"{where}: {key}")


def _texts(entry: Entry, key: str, where: str) -> tuple[str, ...]:
    found = entry.get(key, [])
    if not isinstance(found, list) or len(found) > MAX_LIST:
        raise InputError(
            f'{where}: {key} is no list of at most {MAX_LIST} texts; write for instance ["prompt"].'
        )
    return tuple(_printable(one, f"{where}: {key}") for one in found)


def _choice(entry: Entry, key: str, known: Sequence[str], where: str, default: str | None = None) -> str:
    found = _text(entry, key, where, default)
    if found not in known:
        raise InputError(
            f"{where}: {key} {shorten(found)}{did_you_mean(found, known)}; choose {', '.join(known)}."
        )
    return found


def _table(entry: Entry, key: str, keys: Sequence[str], where: str) -> Entry:
    found = entry.get(key, {})
    if not isinstance(found, Mapping):
        raise InputError(f"{where}: {key} is no table; write {key} = {{ {keys[0]} = ... }}.")
    _known(found, keys, f"{where}: {key}")
    return found


def _positive(value: object, where: str) -> Fraction:
    found = read_number(value, where)
    if found <= 0:
        raise InputError(f"{where}: {shorten(value)} is not positive; give a number above zero.")
    return found


def _quantity(text: str, where: str) -> tuple[str, str]:
    """Return the canonical text of what is bounded, and its natural unit."""
    if text in COUPLINGS:
        return text, COUPLINGS[text]
    try:
        name = parse_observable(text, f"{where}: quantity")
    except UsageError as error:
        if re.fullmatch(r"[\w ]+", text):  # no observable at all: a coupling, misspelt
            raise InputError(
                f"{where}: quantity {shorten(text)} is no coupling{did_you_mean(text, COUPLINGS)}; write "
                f"{', '.join(COUPLINGS)}, or an observable such as BR(X -> A A)."
            ) from None
        raise InputError(str(error)) from None
    fields = {plain(field) for atom in name.atoms for field in (*atom.arguments, *atom.products)}
    if "X" not in fields:
        raise InputError(
            f"{where}: quantity {shorten(text)} does not hold the mediator; call it X, as in BR(X -> A A)."
        )
    if name.unit not in SIZES:
        raise InputError(
            f"{where}: quantity {shorten(text)} has the unit {name.unit}, which no table is read in."
        )
    return str(name), name.unit


def _mass(entry: Entry, where: str, table: bool) -> tuple[Fraction, tuple[Fraction, Fraction]]:
    keys = ("unit", "scale") if table else ("unit", "scale", "low", "high")
    found = _table(entry, "mass", keys, where)
    if "unit" not in found and (table or found):
        raise InputError(f'{where}: mass: unit is missing; write mass = {{ unit = "GeV" }}.')
    unit = _choice(found, "unit", tuple(UNITS), f"{where}: mass", "GeV")
    factor = UNITS[unit] * _positive(found.get("scale", 1), f"{where}: mass: scale")
    low, high = (
        max(SMALLEST, min(LARGEST, _positive(found[key], f"{where}: mass: {key}") * factor))
        if key in found
        else end
        for key, end in (("low", SMALLEST), ("high", LARGEST))
    )
    if low > high:
        raise InputError(f"{where}: mass: low is above high; exchange them.")
    return factor, (low, high)


def _limit(entry: Entry, unit: str, where: str) -> tuple[Fraction, str]:
    found = _table(entry, "limit", ("unit", "scale", "transform"), where)
    given = _text(found, "unit", f"{where}: limit")
    if given not in SIZES[unit]:
        raise InputError(
            f"{where}: limit: unit {shorten(given)} is none of the quantity; choose {', '.join(SIZES[unit])}."
        )
    factor = SIZES[unit][given] * _positive(found.get("scale", 1), f"{where}: limit: scale")
    return factor, _choice(found, "transform", tuple(TRANSFORMS), f"{where}: limit", "none")


def _format(entry: Entry, where: str) -> tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Return the shape, the kind of file, the roles of columns and their names."""
    form = _choice(entry, "format", FORMATS, where)
    headers = _table(entry, "headers", sorted({c for cs in COLUMNS.values() for c in cs}), where)
    names = tuple((role, _text(headers, role, f"{where}: headers")) for role in headers)
    if form == "hepdata":
        if "columns" in entry or not headers.keys() <= {"mass", "limit"}:
            raise InputError(
                f"{where}: HEPData's columns are chosen by headers = {{ mass, limit }}, their names."
            )
        return "points", "hepdata", (), names
    if names and form != "csv":
        raise InputError(f'{where}: headers belong to format = "csv" or "hepdata"; use columns.')
    if names and "columns" in entry:
        raise InputError(f"{where}: columns and headers say the same; keep one of them.")
    columns = tuple([role for role, _ in names]) or _texts_of_columns(entry, where)
    if form == "csv":
        fits = [s for s in ("points", "bins", "interval") if set(COLUMNS[s]) == set(columns) - {"-"}]
        columns = columns or COLUMNS["points"]
        shape = fits[0] if fits else "points"
    else:
        shape = form
        columns = columns or COLUMNS[form]
    if sorted(c for c in columns if c != "-") != sorted(COLUMNS[shape]):
        raise InputError(
            f"{where}: columns {', '.join(columns)} do not fit format = {shorten(form)}, which needs "
            f"{', '.join(COLUMNS[shape])}, each once; write - for a column that is not used."
        )
    return shape, "text", columns, names


def _texts_of_columns(entry: Entry, where: str) -> tuple[str, ...]:
    found = entry.get("columns", [])
    known = {"-", *(c for cs in COLUMNS.values() for c in cs)}
    if not isinstance(found, list) or len(found) > MAX_LIST or not all(c in known for c in map(str, found)):
        raise InputError(
            f'{where}: columns is no list of {", ".join(sorted(known))}; write ["mass", "limit"].'
        )
    return tuple(map(str, found))


def _file(entry: Entry, where: str, folder: str) -> str:
    """Return the path of a table below the sidecar's folder."""
    name = _printable(entry["file"], f"{where}: file")
    parts = name.replace("\\", "/").split("/")
    if os.path.isabs(name) or ".." in parts or ":" in parts[0]:
        raise InputError(f"{where}: file {shorten(name)} is not below the sidecar's folder; put it there.")
    return os.path.join(folder, *parts)


def _top(entry: Entry, where: str) -> Fraction | None:
    found = entry.get("no_limit_from", "inf")
    return None if found == "inf" else _positive(found, f"{where}: no_limit_from")


def _confidence(entry: Entry, where: str) -> Fraction | None:
    found = entry.get("confidence")
    if found is None:
        raise InputError(f'{where}: confidence is missing; write for instance "0.95", or "not stated".')
    if found == "not stated":
        return None
    level = read_number(found, f"{where}: confidence")
    if not 0 < level < 1:
        raise InputError(f"{where}: confidence {shorten(found)} is not between 0 and 1; write 0.95 for 95 %.")
    return level


def _particles(entry: Entry, where: str) -> tuple[str, ...]:
    names = _texts(entry, "final_state", where)
    try:
        found = particles(" ".join(names))
    except UsageError as error:
        raise InputError(f"{where}: final_state: {error}") from None
    return found


def _process(entry: Entry, where: str) -> tuple[tuple[str, Fraction], ...]:
    found = _table(entry, "process", PROCESS, where)
    return tuple((name, _positive(value, f"{where}: process: {name}")) for name, value in found.items())
