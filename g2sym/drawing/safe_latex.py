"""Which untrusted LaTeX may stand in a formula: a small closed grammar, as TeX is a programming language.

A formula is a row of atoms; an atom is a character, a command of a closed list or a group in braces, with at
most one subscript and one superscript. What the grammar accepts compiles, and does nothing but print.
"""

from __future__ import annotations

import re

MAX_LENGTH = 200
MAX_DEPTH = 10

_TOKEN = re.compile(r"\\[A-Za-z]+|\\[,;:! ]|[A-Za-z0-9^_{}()\[\]+\-*/=,.'| ]")
_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi "
    "chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_SIGN_NAMES = "varepsilon vartheta varphi ell hbar prime dagger ast star pm mp cdot times"
_WRAPPER_NAMES = "mathrm mathit mathbf mathcal mathsf bar hat tilde vec dot sqrt overline"
GREEK = frozenset(_GREEK_NAMES.split())
"""Greek letters that have a command of their own."""
_PLAIN = GREEK | frozenset(_SIGN_NAMES.split())
_ARGUMENTS = {**dict.fromkeys(_WRAPPER_NAMES.split(), 1), "frac": 2}


def is_safe(text: str) -> bool:
    """True when a text is a formula of the grammar."""
    if len(text) > MAX_LENGTH or not text.strip():
        return False
    tokens = []
    at = 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if found is None:
            return False
        tokens.append(found[0])
        at = found.end()
    return _row(tokens, 0, 0, closing=False) == len(tokens)


def _row(tokens: list[str], at: int, depth: int, *, closing: bool) -> int:
    """Return where a row of atoms that begins at ``at`` ends, or -1 when it breaks the grammar."""
    while 0 <= at < len(tokens) and tokens[at] != "}":
        at = _scripted(tokens, at, depth)
    if at < 0 or closing == (at == len(tokens)):
        return -1
    return at


def _scripted(tokens: list[str], at: int, depth: int) -> int:
    at = _atom(tokens, at, depth)
    seen = set()
    while 0 <= at < len(tokens) and tokens[at] in ("^", "_", "'"):
        kind = tokens[at].replace("'", "^")
        if kind in seen:
            return -1
        seen.add(kind)
        at = at + 1 if tokens[at] == "'" else _atom(tokens, at + 1, depth)
    return at


def _atom(tokens: list[str], at: int, depth: int) -> int:
    if at >= len(tokens) or depth > MAX_DEPTH:
        return -1
    token = tokens[at]
    if token == "{":
        end = _row(tokens, at + 1, depth + 1, closing=True)
        return end + 1 if end >= 0 else -1
    if token in ("^", "_", "'", "}"):
        return -1
    name = token[1:]
    if token[0] != "\\" or not name.isalpha() or name in _PLAIN:
        return at + 1
    if name not in _ARGUMENTS:
        return -1
    at += 1
    for _ in range(_ARGUMENTS[name]):
        if at >= len(tokens) or tokens[at] != "{":
            return -1
        at = _atom(tokens, at, depth)
        if at < 0:
            return -1
    return at
