"""How much memory there is, so that what cannot fit is refused before the work, not after it."""

from __future__ import annotations

import contextlib
import os


def memory() -> int:
    """Return the bytes that this process may fill: the machine's memory, or the limit set for the process."""
    found = 1 << 46
    with contextlib.suppress(AttributeError, OSError, ValueError):  # a platform that does not tell
        found = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        import resource
    except ImportError:
        return found
    limits = [resource.getrlimit(what)[0] for what in (resource.RLIMIT_AS, resource.RLIMIT_DATA)]
    return min([found, *(limit for limit in limits if limit != resource.RLIM_INFINITY)])


def size_text(count: int) -> str:
    """Return a number of bytes for people: ``"80 GB"``."""
    value = float(count)
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if value < 1000:
            return f"{value:.3g} {unit}"
        value /= 1000
    return f"{value:.3g} PB"
