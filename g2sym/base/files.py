"""The one way in which files are written: beside their place and moved there whole, or not at all."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO

PART = ".part"
"""The suffix of a file that is being written; its name begins with a dot."""
QUIET = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
"""Flags with which opening never waits."""
_KEPT = 40
"""Characters of the target's name that its temporary file repeats: at most 160 bytes of the 255 allowed."""


def write_atomically(
    path: str | os.PathLike[str],
    write: Callable[[BinaryIO], object],
    *,
    durable: bool = False,
    private: bool = False,
) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part of it.

    Parameters: ``path``, of a folder that exists; a link is followed, and a device or a pipe is written to
    directly, never replaced; ``write`` fills a binary stream; ``durable`` waits until the disk has the bytes;
    a new file is the user's alone to read where it is ``private``.
    The permissions of a file that is there already are kept. Whatever ends the writing early, an interrupt
    from the keyboard included, leaves the old file and nothing beside it.
    Raises OSError as the system does, and whatever ``write`` raises.
    """
    if is_special(path):
        with open(path, "wb") as stream:
            write(stream)
        return
    target = os.path.realpath(path)
    mode = _mode(target)
    temporary = part_of(target)
    try:
        # the bytes of a private file are never readable for others, not even while they are written
        with open(temporary, "xb", opener=_private if private or mode is not None else None) as stream:
            write(stream)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def part_of(target: str | os.PathLike[str]) -> str:
    """Return an unused name beside ``target`` for what is going to be moved there."""
    folder, name = os.path.split(os.fspath(target))
    return os.path.join(folder, f".{name[:_KEPT]}.{os.urandom(6).hex()}{PART}")


def open_regular(path: str | os.PathLike[str], dir_fd: int | None = None) -> BinaryIO:
    """Open a regular file for reading; a pipe or a device is recognized without waiting for it.

    Parameters: ``path``; ``dir_fd``, the open folder it stands in. Raises OSError as the system does, and
    for what is no regular file.
    """
    handle = os.open(path, os.O_RDONLY | QUIET, dir_fd=dir_fd)
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise OSError(errno.EINVAL, "not a regular file", os.fspath(path))
    return open(handle, "rb")


def is_special(path: str | os.PathLike[str]) -> bool:
    """True for what exists and is no regular file: a device, a pipe, a folder."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False


def _mode(path: str) -> int | None:
    """Return the permissions of a file, None where there is none."""
    try:
        return stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
