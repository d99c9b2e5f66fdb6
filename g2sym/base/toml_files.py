"""Untrusted TOML: one bounded reader, shared by models, inputs, measurements and limits.

tomllib raises RecursionError on nested arrays, accepts dotted keys thousands deep and spends time and
memory on any size it is given. So size, encoding and depth are checked before it sees a byte, and every
failure becomes one InputError. Decimals stay exact (`decimal.Decimal`), never binary floats.
"""

from __future__ import annotations

import os
import re
import stat
import tomllib
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from g2sym.base.exact import MAX_DIGITS, MAX_EXPONENT
from g2sym.errors import InputError, shorten

if TYPE_CHECKING:
    from g2sym.base.types import Record

MAX_BYTES = 65536
"""Most bytes a TOML file may have."""
MAX_DEPTH = 16
"""Deepest nesting of brackets, and most dots in one key."""

# Possessive quantifiers (Python 3.11) and a bare opening quote as the last resort keep this linear: a
# string that never closes ends the scan, and tomllib then says where.
_TOKEN = re.compile(
    r'"""(?:[^"\\]|\\.|"(?!""))*+"{3,5}+|\'\'\'(?:[^\']|\'(?!\'\'))*+\'{3,5}+'
    r'|"(?!"")(?:[^"\\\n]|\\.)*+"|\'(?!\'\')[^\'\n]*+\''
    r"|\#[^\n]*+|[\[\]{}.,=\n\"']",
    re.DOTALL,
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def read_toml(source: str | os.PathLike[str] | bytes, where: str, limit: int = MAX_BYTES) -> Record:
    """Read a TOML document that nobody vouches for.

    Parameters: ``source``, a path, or the document itself as bytes; ``where``, how an error message
    calls it, such as ``"model file 'alp.toml'"``; ``limit``, the most bytes accepted.
    Returns the top-level table; decimals are Decimal, dates `datetime.date`.
    Raises InputError, one sentence that begins with ``where``, for a file that is missing, too large, not
    a regular file, not UTF-8, not TOML, nested too deeply or holding an oversized number.
    """
    raw = source if isinstance(source, bytes) else _read_bytes(source, where, limit)
    if len(raw) > limit:
        raise InputError(f"{where}: more than {limit} bytes, which is the limit; shorten it.")
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise InputError(f"{where}: not UTF-8 text at byte {error.start}; save it as UTF-8.") from None
    junk = _CONTROL.search(text)
    if junk:
        line = text.count("\n", 0, junk.start()) + 1
        raise InputError(
            f"{where}: the control character {shorten(junk[0])} in line {line}; a TOML file is plain text."
        )
    _check_depth(text, where)
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{where}: not valid TOML, {shorten(error, 160)[1:-1]}.") from None
    except (ValueError, InvalidOperation, OverflowError):
        raise InputError(
            f"{where}: holds a number of more than {MAX_DIGITS} digits or an impossible exponent; shorten it."
        ) from None
    except RecursionError:
        raise InputError(f"{where}: nested too deeply; flatten it.") from None
    _check_numbers(table, where)
    return table


def _read_bytes(path: str | os.PathLike[str], where: str, limit: int) -> bytes:
    try:
        found = os.stat(path)
        if not stat.S_ISREG(found.st_mode):
            raise InputError(f"{where}: not a regular file; give the path of a TOML file.")
        if found.st_size > limit:
            raise InputError(f"{where}: {found.st_size} bytes, above the limit of {limit}; shorten it.")
        with open(path, "rb") as stream:
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise InputError(f"{where}: no such file; check the path.") from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{where}: cannot be read ({reason}); check the path and its permissions.") from None
    except ValueError:
        raise InputError(f"{where}: not a usable path; give the path of a TOML file.") from None


def _check_depth(text: str, where: str) -> None:
    """Refuse deep brackets and long dotted keys, outside strings and comments."""
    depth = dots = 0
    for token in _TOKEN.finditer(text):
        found = token[0]
        if found in ('"', "'"):
            return
        if found == ".":
            dots += 1
        elif found in ("[", "{"):
            depth, dots = depth + 1, 0
        elif found in ("]", "}"):
            depth, dots = depth - 1, 0
        elif found in ("=", ",", "\n"):
            dots = 0
        if depth > MAX_DEPTH or dots > MAX_DEPTH:
            line = text.count("\n", 0, token.start()) + 1
            raise InputError(f"{where}: line {line} nests deeper than {MAX_DEPTH} levels; flatten it.")


def _check_numbers(table: Record, where: str) -> None:
    """Refuse numbers so large that printing or adding them would be the attack."""
    stack: list[tuple[int, object]] = [(0, table)]
    while stack:
        level, value = stack.pop()
        if isinstance(value, dict | list):
            if level > 3 * MAX_DEPTH:
                raise InputError(f"{where}: nested too deeply; flatten it.")
            inside = value.values() if isinstance(value, dict) else value
            stack.extend((level + 1, item) for item in inside)
        elif isinstance(value, int):
            if value.bit_length() > 3 * MAX_DIGITS:
                raise InputError(f"{where}: holds an integer of more than {MAX_DIGITS} digits; shorten it.")
        elif isinstance(value, Decimal) and value.is_finite():
            exponent = value.as_tuple().exponent
            if isinstance(exponent, int) and (
                abs(exponent) > MAX_EXPONENT + MAX_DIGITS or len(value.as_tuple().digits) > MAX_DIGITS
            ):
                raise InputError(
                    f"{where}: holds a decimal of more than {MAX_DIGITS} digits or an exponent beyond "
                    f"{MAX_EXPONENT}; shorten it."
                )
