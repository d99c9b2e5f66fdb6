"""Arguments of public calls: a value of the wrong kind is one sentence that says what is wanted."""

from __future__ import annotations

import os
from collections.abc import Mapping

from g2sym.errors import UsageError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Doubles

WHERE = "values are given by name, as m_a=0.5, or as a mapping, params={'m_a': 0.5}"


def described(value: object) -> str:
    """Return what a value is, in a few printable characters."""
    try:
        return shorten(repr(value), 40)[1:-1]
    except Exception:  # what a foreign object prints is its own affair
        return f"a {type(value).__name__}"


def whole(value: object, name: str, low: int, high: int, hint: str = "") -> int:
    """Return a whole number from ``low`` to ``high``, numpy's included; raises UsageError otherwise.

    Parameters: ``value``; ``name``, how the message calls it; ``hint``, what the message adds.
    """
    plain = value if isinstance(value, int) and not isinstance(value, bool) else None
    if plain is None and not getattr(value, "ndim", 0) and not isinstance(value, bool | float | str):
        index = getattr(value, "__index__", None)
        try:
            plain = index() if callable(index) and not isinstance(value, type) else None
        except TypeError:  # an array of one number that is not whole
            plain = None
    if plain is None or not low <= plain <= high:
        raise UsageError(f"{name} = {described(value)}: give a whole number from {low} to {high}{hint}.")
    return plain


def text(value: object, name: str, example: str) -> str:
    """Return a text; raises UsageError for anything else, with an ``example`` of what is wanted."""
    if not isinstance(value, str):
        raise UsageError(f"{name} = {described(value)} is no text; write for instance {example!r}.")
    return value


def flag(value: object, name: str) -> bool:
    """Return True or False; raises UsageError for anything else, a 1 or a text included."""
    if not isinstance(value, bool):
        raise UsageError(f"{name} = {described(value)} is neither True nor False; give one of them.")
    return value


def path(value: object, name: str) -> str | os.PathLike[str]:
    """Return a path that the system can be asked for; raises UsageError for anything else.

    A number is refused too: the system would take it for one of its open files.
    """
    if not isinstance(value, str | os.PathLike):
        raise UsageError(f"{name} = {described(value)} is no path; give a text or a pathlib.Path.")
    try:
        plain = os.fsencode(value)
    except (UnicodeEncodeError, TypeError, ValueError):
        plain = b"\0"
    if b"\0" in plain or not plain:
        raise UsageError(f"{name} = {described(value)} is no usable path; name a file or a folder.")
    return value


def doubles(values: object, name: str) -> Doubles:
    """Return an array of doubles; raises UsageError for what holds complex numbers, truth values or texts."""
    import numpy as np

    try:
        found = np.asarray(values)
        if found.dtype.kind not in "iufO":
            raise TypeError
        return found.astype(np.float64) if found.dtype != np.float64 else found
    except (TypeError, ValueError, OverflowError):
        raise UsageError(f"{name}: the values are not an array of real numbers.") from None


def given(params: object, values: Mapping[str, object]) -> dict[str, object]:
    """Join values given as a mapping and by keyword.

    Raises UsageError for ``params`` that are no mapping of names, and for a name given in both ways.
    """
    if params is None:
        return dict(values)
    if not isinstance(params, Mapping):
        raise UsageError(f"params = {described(params)} is no mapping of names to values: {WHERE}.")
    for name in params:
        if not isinstance(name, str):
            raise UsageError(f"params: {described(name)} is no name of a parameter: {WHERE}.")
    twice = sorted(params.keys() & values.keys())
    if twice:
        raise UsageError(f"{shorten(twice[0])} is given by keyword and in params; give it once.")
    return {**params, **values}
