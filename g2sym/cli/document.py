"""The JSON that every command prints with ``--json``: sorted, stable, finite, ASCII."""

from __future__ import annotations

import json
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record

SCHEMA = 1
"""Version of the layout of the documents; it changes when a key changes its meaning."""


def as_text(command: str, document: Entries) -> str:
    """Return the document of a command as JSON text.

    Parameters: ``command``, its name; ``document``, its answer. ``schema``, ``units``, ``conventions``,
    ``inputs``, their ``edition`` (null without inputs) and ``versions`` are there in every document.
    """
    whole: Record = {"units": {}, "conventions": {}, "inputs": {}, "edition": None, **document}
    whole |= {"schema": SCHEMA, "command": command, "versions": versions(document.get("versions", ()))}
    return json.dumps(whole, sort_keys=True, indent=2, allow_nan=False)


def versions(others: object = ()) -> dict[str, str]:
    """Return the versions of g2sym, Python, python-flint and of further packages by name."""
    import flint

    from g2sym.base.version import __version__

    out = {"g2sym": __version__, "python": ".".join(map(str, sys.version_info[:3]))}
    out["python-flint"] = flint.__version__  # its metadata take as long as an evaluation
    names = list(others) if isinstance(others, list | tuple) else []
    if not names:
        return out
    from importlib.metadata import PackageNotFoundError, version

    for name in names:
        try:
            out[name] = version(name)
        except PackageNotFoundError:  # a package that came without its metadata
            out[name] = "unknown"
    return out
