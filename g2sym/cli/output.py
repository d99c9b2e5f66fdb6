"""Output files: written beside their place and moved there whole, or not at all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from g2sym.base.classes import dataclass
from g2sym.base.files import is_special, write_atomically
from g2sym.errors import UsageError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import BinaryIO


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
    place = path if is_special(path) else folder
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
        write_atomically(output.path, output.write, durable=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"{shorten(output.path)} could not be written ({reason}); choose another place."
        ) from None
