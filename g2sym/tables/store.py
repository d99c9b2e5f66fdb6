"""Tables on disk: one file per table under a content hash, checked on every load.

A file is a magic line, the length of a JSON header, the header, the coefficients as little-endian
doubles, and the SHA-256 of all that. Writing goes to a temporary file that is renamed, so readers and
other writers see a whole file or none. On every load the header is compared with a schema, and the values
at a few masses with balls. Whatever is wrong with a file, it counts as absent. A file of the cache
has to belong to the user, in a folder that others cannot write to; a folder that cannot be
written to, or that others can write to, means no cache.
"""

from __future__ import annotations

import hashlib
import json
import math
import struct
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.base import trusted as files
from g2sym.base.trusted import read_regular, read_trusted, write_trusted
from g2sym.kernels.closed import ClosedKernel
from g2sym.tables.build import ERROR, REACH, TRUNCATION, build_table
from g2sym.tables.source import code_hash
from g2sym.tables.spots import agrees, wide_agrees
from g2sym.tables.table import CELL_BITS, CELLS, TERMS, Order, Table, Zero
from g2sym.tables.wide import PAIRS, WIDE_TERMS, WideTable, build_wide

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Record


MAGIC = b"g2sym table\n"
VERSION = 1
"""Raised whenever tables are built differently or stored differently."""
MAX_HEADER = 1 << 20
SHIPPED = Path(__file__).parent / "shipped"
"""Tables of the bundled models' kernels, part of the package; made by tools/ship_tables.py."""


def cache_folder() -> Path:
    """Return the folder of the cache; see `g2sym.base.trusted.cache_folder`."""
    return Path(files.cache_folder())


def table_key(kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, terms: int = TERMS) -> str:
    """Return the content hash of a table: the form, the masses, and how tables are built."""
    held = sorted((n, str(fixed[n])) for n in kernel.others)
    text = json.dumps([VERSION, CELL_BITS, terms, REACH, str(kernel.form), held, str(unit)])
    return hashlib.sha256(text.encode()).hexdigest()


def cached_key(key: str) -> str:
    """Return the key in the user's cache: it also covers the code that builds tables.

    The tables in the package go without: they are of the same release, and a test builds one anew.
    """
    return hashlib.sha256(f"{key} {code_hash()}".encode()).hexdigest()


def path_of(key: str) -> Path:
    """Return where the cache keeps a table."""
    return cache_folder() / "tables" / f"{key}.g2t"


def table_for(
    kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, build: bool = True
) -> Table | None:
    """Return the table of a kernel: shipped, from the cache, or built and then kept there.

    Parameters: see `build_table`; ``build`` False returns None rather than building.
    """
    key = table_key(kernel, fixed, unit)
    table = load(SHIPPED / f"{key}.g2t", key)
    if table is not None and agrees(table, kernel, fixed, unit, key):
        return table
    key = cached_key(key)
    table = load(path_of(key), key, trusted=True)
    if table is not None and agrees(table, kernel, fixed, unit, key):
        return table
    if not build:
        return None
    table = build_table(kernel, dict(fixed), unit)
    save(path_of(key), key, table)
    return table


def wide_for(
    kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, build: bool = True
) -> WideTable | None:
    """Return the wide table of a kernel; parameters as for `table_for`."""
    key = cached_key(table_key(kernel, fixed, unit, WIDE_TERMS))
    found = _read(path_of(key), key, WIDE_TERMS + PAIRS, trusted=True)
    if found is not None:
        header, flat = found
        table = WideTable(header["first"], flat[:, :WIDE_TERMS].copy(), flat[:, WIDE_TERMS:].copy())
        if wide_agrees(table, kernel, fixed, unit, key):
            return table
    if not build:
        return None
    import numpy as np

    table = build_wide(kernel, dict(fixed), unit)
    _write(path_of(key), key, {"first": table.first}, np.hstack([table.coefficients, table.lows]))
    return table


def save(path: Path, key: str, table: Table) -> bool:
    """Write a table; returns False where the folder does not let us."""
    header = {
        "first": table.first,
        "zeros": [[z.high, z.low, z.first, z.last, list(z.lows)] for z in table.zeros],
        "light": [[o.power, o.exponent, o.plain, o.log] for o in table.light],
        "heavy": [[o.power, o.exponent, o.plain, o.log] for o in table.heavy],
        "truncation": table.truncation,
        "error": table.error,
    }
    return _write(path, key, header, table.coefficients)


def load(path: Path, key: str, *, trusted: bool = False) -> Table | None:
    """Read a table, or return None for a file that is absent, damaged or another's.

    Parameters: ``trusted``: the file and its folder have to be the user's own.
    """
    found = _read(path, key, TERMS, trusted)
    try:
        return None if found is None else _decode(*found)
    except (ValueError, KeyError, TypeError, IndexError, OverflowError):
        return None


def _write(path: Path, key: str, header: Record, rows: Doubles) -> bool:
    return write_file(path, key, {**header, "rows": len(rows)}, rows)


def write_file(path: Path, key: str, header: Record, rows: Doubles) -> bool:
    """Write a header and doubles under a key; returns False where the folder does not let us."""
    whole = {**header, "version": VERSION, "key": key}
    text = json.dumps(whole, sort_keys=True).encode()
    body = MAGIC + struct.pack("<Q", len(text)) + text + rows.astype("<f8").tobytes()
    return write_trusted(path, body + hashlib.sha256(body).digest())


def _read(path: Path, key: str, columns: int, trusted: bool) -> tuple[Record, Doubles] | None:
    """Return header and rows of a file that is whole, of this version and under its own key."""
    import numpy as np

    found = read_file(path, key, trusted)
    if found is None:
        return None
    header, flat = found
    try:
        count = _whole(header["rows"], CELLS, len(flat))
        _require(count % CELLS == 0)
        first = _whole(header["first"], -1022, 1023)
        _whole(first + count // CELLS, -1022, 1023)
        rows = flat.reshape(count, columns)
        # a cell that could not be proved begins with NaN; all others hold numbers only
        _require(bool(np.isfinite(rows[~np.isnan(rows[:, 0])]).all()))
        return header, rows
    except (ValueError, KeyError, TypeError, OverflowError):
        return None


def read_file(path: Path, key: str, trusted: bool) -> tuple[Record, Doubles] | None:
    """Return header and doubles of a file that is whole, of this version and under its own key."""
    import numpy as np

    raw = read_trusted(path) if trusted else read_regular(path)
    if raw is None:
        return None
    body, digest = raw[:-32], raw[-32:]
    if not raw.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
        return None
    start = len(MAGIC) + 8
    try:
        (length,) = struct.unpack("<Q", body[len(MAGIC) : start])
        if length > MAX_HEADER:
            return None
        header = json.loads(body[start : start + length])
        if not isinstance(header, dict) or header["version"] != VERSION or header["key"] != key:
            return None
        return header, np.frombuffer(body[start + length :], dtype="<f8").astype(np.float64)
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError, struct.error):
        return None


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError


def _whole(value: Any, low: int, high: int) -> int:
    """Return a whole number within bounds; ValueError for anything else."""
    if type(value) is not int or not low <= value <= high:
        raise ValueError
    return value


def _real(value: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """Return a finite number within bounds; ValueError for anything else."""
    if type(value) not in (int, float) or not math.isfinite(value) or not low <= value <= high:
        raise ValueError
    return float(value)


def _decode(header: Record, coefficients: Doubles) -> Table:
    """Return a table; ValueError, TypeError or KeyError where the header breaks the schema."""

    def pair(value: Any) -> tuple[float, float]:
        high, low = value
        return _real(high), _real(low)

    def orders(rows: Any) -> tuple[Order, ...]:
        _require(isinstance(rows, list) and len(rows) <= 64)
        return tuple(
            Order(_whole(p, -256, 256), _whole(e, -(1 << 18), 1 << 18), pair(a), pair(b))
            for p, e, a, b in rows
        )

    zeros = []
    _require(isinstance(header["zeros"], list))
    for high, low, first, last, lows in header["zeros"]:
        _whole(first, 0, len(coefficients) - 1)
        _whole(last, first + 1, len(coefficients))
        _require(isinstance(lows, list) and len(lows) == last - first)
        zeros.append(Zero(_real(high, 0.0), _real(low), first, last, tuple(map(_real, lows))))
    return Table(
        header["first"],
        coefficients,
        tuple(zeros),
        orders(header["light"]),
        orders(header["heavy"]),
        _real(header["truncation"], 0.0, TRUNCATION * 1.001),
        _real(header["error"], 0.0, ERROR * 1.001),
    )
