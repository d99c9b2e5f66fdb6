"""Tokens: the words of the Lagrangian language with their place, bounded before anything is built."""

from __future__ import annotations

import re
from typing import NamedTuple

from g2sym.errors import ModelError, shorten

MAX_TEXT = 65536
"""Most characters of a Lagrangian."""
_TOKEN = re.compile(
    r"(?P<space>[ \t\r\n]+|#[^\n]*)"
    r"|(?P<number>(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)"
    r"|(?P<name>[A-Za-z][A-Za-z0-9_]*)"
    r"|(?P<sign>\*\*|[-+*/^(),])",
    re.ASCII,
)


class Token(NamedTuple):
    """One word of the language: its kind (``number``, ``name``, ``sign`` or ``end``), text and offset."""

    kind: str
    text: str
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Cut a Lagrangian into tokens; the last one has kind ``end``.

    Raises ModelError for a text beyond 64 kB and for characters outside the language.
    """
    if len(text) > MAX_TEXT:
        raise ModelError(
            f"the Lagrangian has {len(text)} characters; at most {MAX_TEXT} are allowed, shorten it"
        )
    out: list[Token] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise ModelError(
                f"{place(text, position)}: the character {shorten(text[position])} does not belong to the "
                "language; use ASCII letters, digits and + - * / ^ ( ) , only."
            )
        kind = found.lastgroup or ""
        if kind != "space":
            if out and out[-1].end == position and out[-1].kind == "number" and kind in ("name", "number"):
                raise ModelError(
                    f"{place(text, position)}: {shorten(out[-1].text + found[0])} joins a number and a "
                    "name; write * between them."
                )
            out.append(Token("sign" if found[0] == "**" else kind, found[0], position, found.end()))
        position = found.end()
    out.append(Token("end", "", len(text), len(text)))
    return out


def place(text: str, offset: int) -> str:
    """Return "line L, column C" of an offset, both counted from 1."""
    line = text.count("\n", 0, offset) + 1
    return f"line {line}, column {offset - (text.rfind(chr(10), 0, offset) + 1) + 1}"
