"""The picture formats there are; kept apart from the drawing, so that a wrong suffix costs no import."""

from __future__ import annotations

import os
from types import MappingProxyType

from g2sym.errors import UsageError, shorten

FORMATS = MappingProxyType({".png": "png", ".pdf": "pdf", ".svg": "svg"})
"""File suffix to picture format."""


def format_of(path: str | os.PathLike[str]) -> str:
    """Return the format of a picture file by its suffix; raises UsageError for another one."""
    suffix = os.path.splitext(os.fspath(path))[1]
    if suffix.lower() not in FORMATS:
        found = f"ends in {shorten(suffix)}" if suffix else "has no suffix"
        raise UsageError(f"The picture {shorten(path)} {found}; use {', '.join(FORMATS)}.")
    return FORMATS[suffix.lower()]
