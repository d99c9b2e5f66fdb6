"""Where limits are looked for: sidecars of the user, and those that ship for well-known files.

Sidecars that ship say what the columns of files mean that a user has; the files themselves never ship. They
are recognized by their name, where it is distinctive, else by it and their folder's.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence

from g2sym.base import arguments
from g2sym.errors import InputError, UsageError, shorten
from g2sym.limits.limit import Limit, Limits
from g2sym.limits.sidecars import make_limit, read_sidecar

VARIABLE = "G2SYM_LIMITS"
"""Environment variable with a folder or several, parted as in PATH."""
MAX_ENTRIES = 20_000
"""Most files and folders that are looked at in a folder."""
MAX_FOLDERS_DEEP = 8
"""Deepest nesting of folders that is looked at."""
_DATA = os.path.join(os.path.dirname(__file__), "data")


def load(path: str | os.PathLike[str] | None = None) -> Limits:
    """Load published limits from a sidecar or a folder; without one, from the search path.

    Parameters: ``path``, a TOML file (a sidecar), or a folder: its own ``*.toml`` are sidecars, and
    well-known files anywhere below it are recognized. Without a path: what `search_path` names, and published
    numbers that need no table.
    Returns a mapping of limits by id. Data files are read only when a limit is asked for.
    Raises InputError for a sidecar that is wrong, and for a path that is not there.

    >>> load()["l3-3photon-1995"].value(20).value
    1e-05
    """
    if path is not None:
        return Limits(_loaded(_plain(path)))
    return load_all(())


def load_all(paths: Sequence[str | os.PathLike[str]]) -> Limits:
    """Load limits from paths, then the search path, then published numbers; the first with an id is taken.

    Raises UsageError for what is no sequence of paths, InputError as `load` does.
    """
    if not isinstance(paths, Sequence) or isinstance(paths, str | bytes):
        given = arguments.described(paths)
        raise UsageError(f"paths = {given}: give a list of paths, or load(path) for one.")
    out: dict[str, Limit] = {}
    for place in (*map(_plain, paths), *search_path()):
        for name, limit in _loaded(place).items():
            out.setdefault(name, limit)
    for name, limit in _shipped(None).items():
        out.setdefault(name, limit)
    return Limits(out)


def search_path() -> tuple[str, ...]:
    """Return what is searched: folders of G2SYM_LIMITS, then the user's data folder where it is there.

    >>> isinstance(search_path(), tuple)
    True
    """
    named = [place for place in os.environ.get(VARIABLE, "").split(os.pathsep) if place]
    home = os.environ.get("XDG_DATA_HOME", "")
    base = home if os.path.isabs(home) else os.path.join(os.path.expanduser("~"), ".local", "share")
    own = os.path.join(base, "g2sym", "limits")
    return (*named, *([own] if os.path.isdir(own) else []))


def _plain(path: object) -> str:
    return os.fsdecode(arguments.path(path, "path"))


def _loaded(place: str) -> dict[str, Limit]:
    """Return the limits of one place: of a sidecar, or of a folder's sidecars and well-known files."""
    if not os.path.isdir(place):
        return _of_sidecar(place)
    try:
        names = sorted(
            name for name in os.listdir(place) if name.endswith(".toml") and not name.startswith(".")
        )
    except OSError as error:
        raise InputError(f"folder {shorten(place, 300)}: cannot be read ({error.strerror}).") from None
    out: dict[str, Limit] = {}
    for name in names:
        for own, limit in _of_sidecar(os.path.join(place, name)).items():
            if own in out:
                raise InputError(
                    f"folder {shorten(place, 300)}: id {own} stands in "
                    f"{shorten(os.path.basename(out[own].sidecar))} and {shorten(name)}; give each its own."
                )
            out[own] = limit
    for own, limit in _shipped(place).items():
        out.setdefault(own, limit)  # a sidecar of the user replaces one that ships
    return out


def _of_sidecar(path: str) -> dict[str, Limit]:
    where = f"sidecar {shorten(path, 300)}"
    folder = os.path.dirname(os.path.abspath(path))
    entries = read_sidecar(path, where)
    for entry, here in entries:
        _without_also(entry, here)
    return {entry["id"]: make_limit(entry, here, folder, path) for entry, here in entries}


def _without_also(entry: Mapping[str, object], where: str) -> None:
    if "also" in entry:
        raise InputError(
            f"{where}: also belongs to sidecars that ship; name one file, below the sidecar's folder."
        )


def _shipped(place: str | None) -> dict[str, Limit]:
    """Return limits that ship: without a place, published numbers; else those whose files are below it."""
    below = None if place is None else _below(place)
    out: dict[str, Limit] = {}
    for name in sorted(os.listdir(_DATA)):
        if not name.endswith(".toml"):
            continue
        with open(os.path.join(_DATA, name), "rb") as stream:
            entries = read_sidecar(stream.read(), f"bundled {name}")
        for entry, where in entries:
            if below is None:
                if "value" in entry:
                    out[entry["id"]] = make_limit(entry, where, "", name)
                continue
            if "file" not in entry:
                continue
            found = _find(below, (entry["file"], *entry.get("also", ())))
            if found is not None:
                out[entry["id"]] = make_limit(entry, where, "", name, found)
    return out


def _below(place: str) -> dict[str, list[str]]:
    """Return the files below a folder by name; links to folders are followed, each folder once."""
    out: dict[str, list[str]] = {}
    seen: set[tuple[int, int]] = set()
    count = 0
    level = [os.path.abspath(place)]
    for _ in range(MAX_FOLDERS_DEEP):
        deeper: list[str] = []
        for folder in level:
            try:
                about = os.stat(folder)
                if (about.st_dev, about.st_ino) in seen:
                    continue
                seen.add((about.st_dev, about.st_ino))
                with os.scandir(folder) as entries:
                    found = sorted(entries, key=lambda entry: entry.name)
            except OSError:  # gone, or not ours to read: no file of it is named
                continue
            for entry in found:
                count += 1
                if count > MAX_ENTRIES:
                    raise InputError(
                        f"folder {shorten(place, 300)}: more than {MAX_ENTRIES} files; name a smaller folder."
                    )
                if _is_folder(entry):
                    if not entry.name.startswith("."):
                        deeper.append(entry.path)
                else:
                    out.setdefault(entry.name, []).append(entry.path)
        level = deeper
    return out


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere or to itself
        return False


def _find(below: Mapping[str, Sequence[str]], names: Sequence[str]) -> str | None:
    """Return the file nearest to the top whose path ends in one of these names, part by part."""
    for name in names:
        parts = name.split("/")
        for path in below.get(parts[-1], ()):
            if path.split(os.sep)[-len(parts) :] == parts:
                return path
    return None
