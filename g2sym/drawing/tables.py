"""Plain text tables, the same in a terminal, a file and the documentation."""

from __future__ import annotations

from collections.abc import Sequence


def width(text: str) -> int:
    """Return how many terminal columns a text takes."""
    if text.isascii():
        return len(text)
    import unicodedata

    marks = sum(1 for c in text if unicodedata.combining(c))
    return len(text) - marks + sum(1 for c in text if unicodedata.east_asian_width(c) in "WF")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]], indent: str = "") -> str:
    """Return rows in aligned columns under their heads.

    Parameters: ``heads``; ``rows``, of the same length; ``indent``, put before each line.
    """
    lines = [tuple(heads), *(tuple(row) for row in rows)]
    sizes = [max(width(line[k]) for line in lines) for k in range(len(heads))]
    ruled = [lines[0], tuple("-" * size for size in sizes), *lines[1:]]
    return "\n".join(indent + _padded(line, sizes).rstrip() for line in ruled)


def pairs(rows: Sequence[tuple[str, str]], indent: str = "  ") -> str:
    """Return names and values in two aligned columns."""
    size = max((width(name) for name, _ in rows), default=0)
    return "\n".join(indent + _padded((name, value), (size, 0)).rstrip() for name, value in rows)


def thinned(count: int, most: int, keep: Sequence[int] = ()) -> list[int]:
    """Choose at most ``most`` of ``count`` indices, evenly spread with both ends, and those to ``keep``.

    ``keep`` is left out when it would fill the table on its own.
    """
    if count <= most:
        return list(range(count))
    even = {round(k * (count - 1) / (most - 1)) for k in range(most)}
    return sorted(even | set(keep if len(keep) <= most else ()))


def _padded(line: Sequence[str], sizes: Sequence[int]) -> str:
    return "  ".join(text + " " * (size - width(text)) for text, size in zip(line, sizes, strict=True))
