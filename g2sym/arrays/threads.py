"""Pieces of work on several threads, started for one call and gone after it."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from g2sym.errors import UsageError

Task = TypeVar("Task")

MOST = 256
"""Most threads that may be asked for."""


def thread_count(asked: int | None) -> int:
    """Return how many threads a call may use.

    Parameters: ``asked``, a number, or None: then as many as there are cores for this process, but 1 in a
    thread that somebody else has started and in a worker process of a pool, where the cores are taken.
    Raises UsageError for anything but a positive whole number of at most `MOST`.
    """
    if asked is not None:
        if isinstance(asked, bool) or not isinstance(asked, int) or not 1 <= asked <= MOST:
            raise UsageError(f"threads = {asked!r}: give a whole number from 1 to {MOST}, or None.")
        return asked
    processes = sys.modules.get("multiprocessing.process")
    if threading.current_thread() is not threading.main_thread():
        return 1
    if processes is not None and processes.parent_process() is not None:
        return 1
    try:
        return len(os.sched_getaffinity(0))
    except (AttributeError, OSError):
        return os.cpu_count() or 1


class _Shared(Generic[Task]):
    """An iterator that several threads draw from; it ends for all when one of them fails."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self._tasks, self._lock = iter(tasks), threading.Lock()
        self.failed: BaseException | None = None

    def __iter__(self) -> Iterator[Task]:
        while self.failed is None:
            with self._lock:
                task = next(self._tasks, None)
            if task is None:
                return
            yield task


def share_out(tasks: Sequence[Task], threads: int, worker: Callable[[Iterator[Task]], None]) -> None:
    """Let ``worker`` run in several threads at once, this one included, each drawing tasks of its own.

    Parameters: ``tasks``, independent of each other, none of them None; ``threads``, at most. Where the
    system gives fewer threads the work is done by those there are. The first exception is raised here,
    after all have ended.
    """
    shared = _Shared(tasks)

    def run() -> None:
        try:
            worker(iter(shared))
        except BaseException as error:  # raised below, in the thread of the caller
            shared.failed = shared.failed or error

    others: list[threading.Thread] = []
    try:
        for _ in range(min(threads, len(tasks)) - 1):
            other = threading.Thread(target=run, name="g2sym", daemon=True)
            try:
                other.start()
            except RuntimeError:  # no more threads
                break
            others.append(other)
        worker(iter(shared))
    except BaseException as error:
        shared.failed = error
        raise
    finally:
        for other in others:
            other.join()
    if shared.failed is not None:
        raise shared.failed
