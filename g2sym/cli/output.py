"""Output files: written beside their place and moved there whole, or not at all."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

from g2sym.errors import UsageError, shorten


@dataclass(frozen=True)
class Output:
    """A file to be written: ``path``, and ``write``, a function that fills a binary stream."""

    path: str
    write: Callable[[BinaryIO], None]


def check_writable(path: str, option: str) -> None:
    """Refuse a path that cannot be written, before anything is computed.

    Parameters: ``path``; ``option``, how the user called it. Raises UsageError.
    """
    if not path or "\0" in path:
        raise UsageError(f"{option} {shorten(path)}: not a usable path; name a file.")
    folder = os.path.dirname(os.path.realpath(path))
    if os.path.isdir(path):
        raise UsageError(f"{option} {shorten(path)}: this is a folder; name a file in it.")
    if not os.path.isdir(folder):
        raise UsageError(f"{option} {shorten(path)}: the folder {shorten(folder)} does not exist; make it.")
    place = path if _special(path) else folder
    if not os.access(place, os.W_OK):
        raise UsageError(
            f"{option} {shorten(path)}: writing to {shorten(place)} is not permitted; choose another place."
        )


def drop_stdout() -> None:
    """Send what is left in the buffer nowhere, so that the interpreter's end does not fail on it."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError:  # not a file of the system's, as under a test
        return


def write_output(output: Output) -> None:
    """Write a file atomically: the old content stays until the new one is complete.

    Raises UsageError when the path cannot be written.
    """
    try:
        if _special(output.path):  # a device or a pipe is written to, never replaced
            with open(output.path, "wb") as stream:
                output.write(stream)
            return
        target = os.path.realpath(output.path)
        folder, name = os.path.split(target)
        temporary = os.path.join(folder, f".{name[:100]}.{os.urandom(6).hex()}.part")
        try:
            with open(temporary, "xb") as stream:
                output.write(stream)
                stream.flush()
                os.fsync(stream.fileno())
            if os.path.exists(target):
                os.chmod(temporary, stat.S_IMODE(os.stat(target).st_mode))
            os.replace(temporary, target)
        except BaseException:
            if os.path.lexists(temporary):
                os.unlink(temporary)
            raise
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"{shorten(output.path)} could not be written ({reason}); choose another place."
        ) from None


def _special(path: str) -> bool:
    return os.path.exists(path) and not stat.S_ISREG(os.stat(path).st_mode)
