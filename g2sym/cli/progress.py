"""Progress on stderr, when it is a terminal and there is something to wait for."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
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


@contextmanager
def counted(label: str, least: int) -> Iterator[Callable[[int, int], None]]:
    """Yield a function that is told how many steps of how many are done, and draws a bar meanwhile.

    Parameters: ``label``, what is being done; ``least``, the steps from which on there is a bar. Nothing is
    drawn, and nothing imported, when stderr is no terminal.
    """
    with ExitStack() as stack:
        update: Callable[[int], None] | None = None

        def tell(done: int, total: int) -> None:
            nonlocal update
            if total < least or not sys.stderr.isatty():
                return
            if update is None:
                update = _bar(stack, label, total)
            update(done)

        yield tell


def _bar(stack: ExitStack, label: str, total: int) -> Callable[[int], None]:
    """Draw a bar that is there as long as the stack, and return what moves it."""
    from rich.console import Console
    from rich.progress import Progress

    bar = stack.enter_context(Progress(console=Console(stderr=True), transient=True))
    task = bar.add_task(label, total=total)
    return lambda done: bar.update(task, completed=done)
