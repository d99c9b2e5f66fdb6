"""Progress on stderr, when it is a terminal and there is something to wait for."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def progress(steps: Iterable[T], total: int, label: str, *, long: bool) -> Iterator[T]:
    """Yield ``steps``, drawing a bar with rate and remaining time.

    Parameters: ``total``, how many steps there are; ``label``, what is being done; ``long``, whether the
    whole takes long enough for a bar. Nothing is drawn, and nothing imported, when stderr is no terminal.
    """
    if not long or not sys.stderr.isatty():
        yield from steps
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(steps, total=total, description=label)
