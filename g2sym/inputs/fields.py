"""Reading single fields out of a TOML table that nobody vouches for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from g2sym.base.exact import decimal_text, read_number
from g2sym.errors import InputError, did_you_mean, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Table = Mapping[str, Any]

MAX_TEXT = 500
"""Most characters a free text (a title, a source) may have."""


def exact_text(value: Fraction) -> str:
    """Write a fraction without loss: as a decimal where it ends within 60 digits, else as ``p/q``."""
    text = decimal_text(value, 60)
    return text if read_number(text) == value else f"{value.numerator}/{value.denominator}"


def check_keys(table: Table, allowed: Iterable[str], where: str) -> None:
    """Refuse a key that the schema does not know, with the nearest one that it does."""
    known = list(allowed)
    for key in table:
        if key not in known:
            raise InputError(
                f"{where}: unknown key {shorten(key)}{did_you_mean(key, known)}; "
                f"allowed are {', '.join(known)}."
            )


def subtable(table: Table, key: str, where: str) -> Table | None:
    """Return the table under ``key``, or None when it is absent."""
    found = table.get(key)
    if found is not None and not isinstance(found, Mapping):
        raise InputError(f"{where}: {key} is not a table; write it as [{key}].")
    return found


def printable(value: object, where: str) -> str:
    """Return one line of free text; whoever prints it need not fear control characters."""
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{where}: {shorten(value)} is not a text; write it in quotes.")
    if len(value) > MAX_TEXT or not value.isprintable():
        raise InputError(f"{where}: not one printable line of at most {MAX_TEXT} characters; shorten it.")
    return value.strip()


def text(table: Table, key: str, where: str, default: str | None = None) -> str:
    """Return the text under ``key``; refuse its absence when there is no default."""
    if key not in table:
        if default is None:
            raise InputError(f"{where}: {key} is missing; add it.")
        return default
    return printable(table[key], f"{where}: {key}")


def number(table: Table, key: str, where: str) -> Fraction:
    """Return the exact number under ``key``; refuse its absence."""
    if key not in table:
        raise InputError(f"{where}: {key} is missing; add it.")
    return read_number(table[key], f"{where}: {key}")


def sources(table: Table, where: str) -> tuple[str, ...]:
    """Return the citation keys or texts under ``source``, of which there has to be one."""
    found = table.get("source")
    several = found if isinstance(found, list) else [found]
    if found is None or not several:
        raise InputError(f"{where}: source is missing; say where the value comes from.")
    return tuple(printable(one, f"{where}: source") for one in several)


def day(table: Table, where: str, default: str | None = None) -> str:
    """Return the date under ``date`` in ISO form."""
    import datetime

    found = table.get("date", default)
    if isinstance(found, datetime.date) and not isinstance(found, datetime.datetime):
        return found.isoformat()
    try:
        return datetime.date.fromisoformat(str(found)).isoformat()
    except ValueError:
        problem = "is missing" if found is None else f"{shorten(found)} is not a date"
        raise InputError(f"{where}: date {problem}; write it as 2025-06-03.") from None


def check_schema(table: Table, where: str) -> None:
    """Refuse a file of another schema than 1."""
    found = table.get("schema")
    if isinstance(found, bool) or found != 1:
        problem = "is missing" if found is None else f"is {shorten(found)}"
        raise InputError(f"{where}: schema {problem}; this version reads schema = 1.")
