"""What was worked out once, kept on disk for the next start: JSON under a key, marked with the user's secret.

A file is a line with the mark, then the text. The mark is a keyed hash (BLAKE2b) over the file's name, which
is the key, and the text; its secret is drawn once and stands in a file that only the user can read. So a
file that was damaged, changed by hand, copied from someone else or renamed counts as absent, as does one that
others could have written (see `trusted`). The key covers the code that works things out (`code_hash`).
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from functools import cache

from g2sym.base.trusted import cache_folder, read_trusted, write_trusted
from g2sym.errors import G2symError

try:  # hashlib brings all of OpenSSL along, a tenth of a short run
    from _blake2 import blake2b
except ImportError:
    from hashlib import blake2b

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, TypeVar

    T = TypeVar("T")

BROKEN = (
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    G2symError,
)
"""What reading content of another form may raise."""
FOLDER = "derived"
SECRET = "secret"
"""The name of the file that holds the secret; keys are longer."""
SECRET_BYTES = 32
MARK = 64
"""Hexadecimal digits of a mark."""
MAX_FILES = 400
"""Most files that are kept: beyond it the older half goes."""
FRESH = 10.0
"""Seconds before the start in which no file may have changed."""
_STARTED = time.time()
PACKAGES = ("base", "inputs", "integrals", "lagrangian", "derive")
"""The packages that working things out runs through; a test compares this list with the imports."""


def recall(key: str) -> Any:
    """Return what is kept under a key, or None where there is nothing that can be relied on."""
    secret = _secret()
    raw = None if secret is None else read_trusted(_path(key))
    if raw is None or secret is None or len(raw) <= MARK or raw[MARK : MARK + 1] != b"\n":
        return None
    text = raw[MARK + 1 :]
    if _mark(secret, key, text) != raw[:MARK]:
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def keep(key: str, content: Any) -> bool:
    """Keep JSON-ready content under a key; returns False where the folder does not let us."""
    secret = _usable_secret()
    if secret is None:
        return False
    try:
        text = json.dumps(content, separators=(",", ":")).encode()
    except BROKEN:  # a number of more digits than Python prints, or what JSON does not have
        return False
    if not write_trusted(_path(key), _mark(secret, key, text) + b"\n" + text):
        return False
    _forget_old()
    return True


def worked_out(
    key: str | None, read: Callable[[Any], T], write: Callable[[T], Any], work_out: Callable[[], T]
) -> T:
    """Return what is kept under a key, or else work it out and keep it.

    Parameters: ``key``, None for what is not to be kept; ``read`` and ``write``, from and to JSON-ready
    content; ``work_out``. What does not come back from its JSON as it was is not kept.
    """
    if key is None:
        return work_out()
    content = recall(key)
    if content is not None:
        try:
            return read(content)
        except BROKEN:
            pass
    found = work_out()
    try:
        content = json.loads(json.dumps(write(found)))
        # modules are loaded when they are needed: what was changed meanwhile may have had a part in this
        if write(read(content)) == content and hash_of_code() == code_hash():
            keep(key, content)
    except BROKEN:
        pass
    return found


def key_of(parts: Sequence[object]) -> str | None:
    """Return the key of what follows from some parts and from the code; None where nothing is to be kept.

    Parameters: ``parts``, numbers, texts, None and tuples of them.
    """
    code = code_hash()
    return None if code is None else hashed(repr((code, *parts)).encode())


@cache
def code_hash() -> str | None:
    """Return what `hash_of_code` says when it is first asked."""
    return hash_of_code()


def hash_of_code() -> str | None:
    """Return a hash of the source of `PACKAGES`, None where it is not all there or nothing can be kept.

    The files are read again only when one of them may have changed: when its size, one of its times or its
    number in the file system has. The time of the last change of a file's attributes is the system's own, so
    that no edit goes unnoticed. None, too, where a file was changed while or just before this process began:
    what runs here may be the code of before.
    """
    if _usable_secret() is None:  # nothing can be kept, so no key is needed
        return None
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        names = ["errors.py"]
        for package in PACKAGES:
            own = [n for n in sorted(os.listdir(os.path.join(root, package))) if n.endswith(".py")]
            if not own:  # installed without its source
                return None
            names += [os.path.join(package, name) for name in own]
        paths = [os.path.join(root, name) for name in names]
        about = [os.stat(path) for path in paths]
        if max(s.st_mtime for s in about) > _STARTED - FRESH:
            return None
        stamps = [(s.st_ino, s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in about]
        key = hashed(repr((root, names, stamps)).encode())
        found = recall(key)
        if type(found) is str and len(found) == MARK:
            return found
        content = []
        for name, path in zip(names, paths, strict=True):
            with open(path, "rb") as stream:
                content.append((name, stream.read()))
    except OSError:
        return None
    made = hashed(repr(content).encode())
    keep(key, made)
    return made


def hashed(raw: bytes, secret: bytes = b"") -> str:
    """Return the keyed hash of some bytes as hexadecimal digits."""
    return blake2b(raw, key=secret, digest_size=MARK // 2).hexdigest()


def _path(name: str) -> str:
    return os.path.join(cache_folder(), FOLDER, name)


def _mark(secret: bytes, key: str, text: bytes) -> bytes:
    return hashed(b"%s %s" % (key.encode(), text), secret).encode()


def _secret() -> bytes | None:
    found = read_trusted(_path(SECRET), private=True)
    return found if found is not None and len(found) == SECRET_BYTES else None


def _usable_secret() -> bytes | None:
    found = _secret()
    if found is None:
        write_trusted(_path(SECRET), os.urandom(SECRET_BYTES), private=True)
        found = _secret()  # another process may have been faster
    return found


def _forget_old() -> None:
    """Remove the older half of the files where there are too many."""
    folder = os.path.join(cache_folder(), FOLDER)
    with contextlib.suppress(OSError):
        names = [name for name in os.listdir(folder) if len(name) == MARK]
        if len(names) <= MAX_FILES:
            return
        paths = sorted((os.path.join(folder, name) for name in names), key=os.path.getmtime)
        for path in paths[: len(paths) // 2]:
            os.unlink(path)
