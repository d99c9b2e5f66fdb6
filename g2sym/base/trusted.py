"""Files of the cache: read without waiting, and only where nobody else can have written them.

A folder or a file is trusted when it belongs to the user (or to root) and no one else may write to it. The
folder is opened first and the file inside it, so that what is examined is what is read.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys

from g2sym.base.files import QUIET, is_special, open_regular, write_atomically

TYPE_CHECKING = False
if TYPE_CHECKING:
    Place = str | os.PathLike[str]

MAX_BYTES = 1 << 26
WRITE = 0o022
"""The permission of others to write."""
ANY = 0o077
"""All permissions of others."""
_POSIX = hasattr(os, "geteuid")


def cache_folder() -> str:
    """Return the folder of the cache: $G2SYM_CACHE_DIR, else the platform's usual place.

    Where there is no home, that is a place at which nothing can be written.
    """
    chosen = os.environ.get("G2SYM_CACHE_DIR")
    if chosen:
        return chosen
    home = os.path.expanduser("~")
    if not os.path.isdir(home):  # a user without a home: it is not ours to make one
        home = os.devnull
    if sys.platform == "darwin":
        return os.path.join(home, "Library", "Caches", "g2sym")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
        return os.path.join(local, "g2sym", "Cache")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    # the XDG specification has relative paths ignored
    return os.path.join(base if os.path.isabs(base) else os.path.join(home, ".cache"), "g2sym")


def read_regular(path: Place, dir_fd: int | None = None, *, taboo: int | None = None) -> bytes | None:
    """Return the bytes of a regular file of at most `MAX_BYTES`, None for anything else.

    Parameters: ``path``; ``dir_fd``, the open folder it stands in; ``taboo``: it has to be the user's own and
    without these permissions. A pipe or a device is opened without waiting, recognized and left alone.
    """
    try:
        with open_regular(path, dir_fd) as stream:
            if taboo is not None and not _is_private(os.fstat(stream.fileno()), taboo):
                return None
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return None
    return raw if len(raw) <= MAX_BYTES else None


def read_trusted(path: Place, *, private: bool = False) -> bytes | None:
    """Return the bytes of a file if both it and its folder are trusted, else None.

    Parameters: ``private``: no one else may read it either.
    """
    if not _POSIX:
        return read_regular(path)
    place, name = os.path.split(os.fspath(path))
    folder = _trusted_folder(place)
    if folder is None:
        return None
    try:
        return read_regular(name, folder, taboo=ANY if private else WRITE)
    finally:
        os.close(folder)


def write_trusted(path: Place, raw: bytes, *, private: bool = False) -> bool:
    """Write a file that only the user can change, into a folder that is trusted or made here.

    Parameters: ``private``: no one else is to read it either, not even while it is written. Returns False
    where the folder is not trusted, does not let us, or something else has the file's name.
    """
    parent = os.path.dirname(os.fspath(path))
    try:
        os.makedirs(os.path.dirname(parent), exist_ok=True)
        with contextlib.suppress(FileExistsError):
            os.mkdir(parent, 0o700)
        if _POSIX:
            folder = _trusted_folder(parent)
            if folder is None:
                return False
            os.close(folder)
        if is_special(path):
            return False
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # its permissions are not to be kept, a link is not to be followed
        write_atomically(path, lambda stream: stream.write(raw), private=private)
        if _POSIX:
            os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~WRITE)
    except (OSError, ValueError):  # ValueError for a path that no system takes
        return False
    return True


def _trusted_folder(path: str) -> int | None:
    """Open a folder, or return None where it is not there or not trusted."""
    try:
        handle = os.open(path, os.O_RDONLY | QUIET | getattr(os, "O_DIRECTORY", 0))
    except (OSError, ValueError):
        return None
    if _is_private(os.fstat(handle)):
        return handle
    os.close(handle)
    return None


def _is_private(about: os.stat_result, taboo: int = WRITE) -> bool:
    return about.st_uid in (0, os.geteuid()) and not about.st_mode & taboo
