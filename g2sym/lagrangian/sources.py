"""Where model files are: the bundled ones by name, others by path."""

from __future__ import annotations

import os
import stat

MAX_BYTES = 65536
"""Most bytes of a model file."""


def bundled() -> dict[str, str]:
    """Return the bundled models, name to path: inside the package, or beside it in a source tree."""
    package = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
    for folder in (os.path.join(package, "_models"), os.path.join(os.path.dirname(package), "models")):
        try:
            names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
        except OSError:
            continue
        paths = {name.removesuffix(".toml"): os.path.join(folder, name) for name in names}
        found = {name: path for name, path in paths.items() if os.path.isfile(path)}
        if found:
            return found
    return {}


def read_source(source: str | os.PathLike[str]) -> tuple[str, bytes] | None:
    """Return the path and the bytes of a model, None where it cannot be read or is too large.

    Parameters: ``source``, the name of a bundled model or a path.
    """
    path = bundled().get(source, source) if isinstance(source, str) else os.fspath(source)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return None
        with open(path, "rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return None
    return (path, raw) if len(raw) <= MAX_BYTES else None
