"""Tables on disk: one file per table under a content hash, checked on every load, never trusted.

A file is a magic line, the length of a JSON header, the header, the coefficients as little-endian
doubles, and the SHA-256 of all that. Writing goes to a temporary file that is renamed, so readers and
other writers see a whole file or none. Whatever is wrong with a file, it counts as absent; a folder
that cannot be written to means no cache.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import sys
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.base.files import write_atomically
from g2sym.kernels.closed import ClosedKernel
from g2sym.tables.build import REACH, build_table
from g2sym.tables.table import CELL_BITS, TERMS, Order, Table, Zero
from g2sym.tables.wide import PAIRS, WIDE_TERMS, WideTable, build_wide

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

MAGIC = b"g2sym table\n"
VERSION = 1
"""Raised whenever tables are built differently or stored differently."""
MAX_BYTES = 1 << 26
SHIPPED = Path(__file__).parent / "shipped"
"""Tables of the bundled models' kernels, part of the package; made by tools/ship_tables.py."""


def cache_folder() -> Path:
    """Return the folder of the cache: $G2SYM_CACHE_DIR, else the platform's usual place."""
    chosen = os.environ.get("G2SYM_CACHE_DIR")
    if chosen:
        return Path(chosen)
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "g2sym"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "g2sym" / "Cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "g2sym"


def table_key(kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, terms: int = TERMS) -> str:
    """Return the content hash of a table: the form, the masses, and how tables are built."""
    held = sorted((n, str(fixed[n])) for n in kernel.others)
    text = json.dumps([VERSION, CELL_BITS, terms, REACH, str(kernel.form), held, str(unit)])
    return hashlib.sha256(text.encode()).hexdigest()


def _path(key: str) -> Path:
    return cache_folder() / "tables" / f"{key}.g2t"


def table_for(
    kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, build: bool = True
) -> Table | None:
    """Return the table of a kernel: shipped, from the cache, or built and then kept there.

    Parameters: see `build_table`; ``build`` False returns None rather than building.
    """
    key = table_key(kernel, fixed, unit)
    table = load(SHIPPED / f"{key}.g2t", key) or load(_path(key), key)
    if table is None and build:
        table = build_table(kernel, dict(fixed), unit)
        save(_path(key), key, table)
    return table


def wide_for(
    kernel: ClosedKernel, fixed: Mapping[str, Fraction], unit: Fraction, build: bool = True
) -> WideTable | None:
    """Return the wide table of a kernel; parameters as for `table_for`."""
    key = table_key(kernel, fixed, unit, WIDE_TERMS)
    found = _read(_path(key), key, WIDE_TERMS + PAIRS)
    if found is not None:
        header, flat = found
        return WideTable(header["first"], flat[:, :WIDE_TERMS].copy(), flat[:, WIDE_TERMS:].copy())
    if not build:
        return None
    import numpy as np

    table = build_wide(kernel, dict(fixed), unit)
    _write(_path(key), key, {"first": table.first}, np.hstack([table.coefficients, table.lows]))
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


def load(path: Path, key: str) -> Table | None:
    """Read a table, or return None for a file that is absent, damaged or another's."""
    found = _read(path, key, TERMS)
    try:
        return None if found is None else _decode(*found)
    except (ValueError, KeyError, TypeError):
        return None


def _write(path: Path, key: str, header: dict[str, Any], rows: Doubles) -> bool:
    whole = {**header, "version": VERSION, "key": key, "rows": len(rows)}
    text = json.dumps(whole, sort_keys=True).encode()
    body = MAGIC + struct.pack("<Q", len(text)) + text + rows.astype("<f8").tobytes()
    whole_file = body + hashlib.sha256(body).digest()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda stream: stream.write(whole_file))
    except OSError:
        return False
    return True


def _read(path: Path, key: str, columns: int) -> tuple[dict[str, Any], Doubles] | None:
    """Return header and rows of a file that is whole, of this version and under its own key."""
    import numpy as np

    try:
        if path.stat().st_size > MAX_BYTES:
            return None
        raw = path.read_bytes()
    except OSError:
        return None
    body, digest = raw[:-32], raw[-32:]
    if not raw.startswith(MAGIC) or hashlib.sha256(body).digest() != digest:
        return None
    start = len(MAGIC) + 8
    try:
        (length,) = struct.unpack("<Q", body[len(MAGIC) : start])
        header = json.loads(body[start : start + length])
        if header["version"] != VERSION or header["key"] != key:
            return None
        flat = np.frombuffer(body[start + length :], dtype="<f8").astype(np.float64)
        return header, flat.reshape(header["rows"], columns)
    except (ValueError, KeyError, TypeError, struct.error):
        return None


def _decode(header: dict[str, Any], coefficients: Doubles) -> Table:
    def orders(rows: list[Any]) -> tuple[Order, ...]:
        return tuple(Order(int(p), int(e), (a[0], a[1]), (b[0], b[1])) for p, e, a, b in rows)

    zeros = tuple(Zero(h, low, a, b, tuple(lows)) for h, low, a, b, lows in header["zeros"])
    return Table(
        header["first"],
        coefficients,
        zeros,
        orders(header["light"]),
        orders(header["heavy"]),
        header["truncation"],
        header["error"],
    )
