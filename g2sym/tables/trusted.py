"""Files of the cache: read without waiting, and only where nobody else can have written them.

A folder or a file is trusted when it belongs to the user (or to root) and no one else may write to it. The
folder is opened first and the file inside it, so that what is examined is what is read.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from g2sym.base.files import QUIET, is_special, open_regular, write_atomically

MAX_BYTES = 1 << 26
_POSIX = hasattr(os, "geteuid")


def read_regular(path: Path, dir_fd: int | None = None, *, private: bool = False) -> bytes | None:
    """Return the bytes of a regular file of at most `MAX_BYTES`, None for anything else.

    Parameters: ``path``; ``dir_fd``, the open folder it stands in; ``private``: it has to be trusted. A pipe
    or a device is opened without waiting, recognized and left alone.
    """
    try:
        with open_regular(path, dir_fd) as stream:
            if private and not _is_private(os.fstat(stream.fileno())):
                return None
            raw = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError):
        return None
    return raw if len(raw) <= MAX_BYTES else None


def read_trusted(path: Path) -> bytes | None:
    """Return the bytes of a file if both it and its folder are trusted, else None."""
    if not _POSIX:
        return read_regular(path)
    folder = _trusted_folder(path.parent)
    if folder is None:
        return None
    try:
        return read_regular(Path(path.name), folder, private=True)
    finally:
        os.close(folder)


def write_trusted(path: Path, raw: bytes) -> bool:
    """Write a file that only the user can change, into a folder that is trusted or made here.

    Returns False where the folder is not trusted, does not let us, or something else has the file's name.
    """
    try:
        path.parent.parent.mkdir(parents=True, exist_ok=True)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if _POSIX:
            folder = _trusted_folder(path.parent)
            if folder is None:
                return False
            os.close(folder)
        if is_special(path):
            return False
        path.unlink(missing_ok=True)  # its permissions are not to be kept, a link is not to be followed
        write_atomically(path, lambda stream: stream.write(raw))
        if _POSIX:
            os.chmod(path, stat.S_IMODE(os.stat(path).st_mode) & ~0o022)
    except OSError:
        return False
    return True


def _trusted_folder(path: Path) -> int | None:
    """Open a folder, or return None where it is not there or not trusted."""
    try:
        handle = os.open(path, os.O_RDONLY | QUIET | getattr(os, "O_DIRECTORY", 0))
    except (OSError, ValueError):
        return None
    if _is_private(os.fstat(handle)):
        return handle
    os.close(handle)
    return None


def _is_private(about: os.stat_result) -> bool:
    return about.st_uid in (0, os.geteuid()) and not about.st_mode & 0o022
