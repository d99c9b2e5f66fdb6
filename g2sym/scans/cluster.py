"""A Dask cluster as an executor of scans; Dask is loaded only when a scheduler is named."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from g2sym.errors import UsageError, shorten

TIMEOUT = 10.0
"""Seconds to wait for the scheduler."""


@contextmanager
def cluster(address: str) -> Iterator[tuple[Executor, int]]:
    """Connect to a Dask scheduler; yields an executor and the number of threads behind it.

    Parameters: ``address`` such as "tcp://127.0.0.1:8786".
    Raises UsageError when Dask is not installed, when nobody answers, and when there are no workers.
    """
    try:
        distributed: Any = import_module("distributed")  # some of its versions are typed, some are not
    except ImportError:
        raise UsageError(
            "A scheduler needs Dask, which is not installed; install it with: pip install 'g2sym[scan]'."
        ) from None
    try:
        client = distributed.Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise UsageError(
            f"No Dask scheduler answers at {shorten(address)} ({type(error).__name__}); start one with: "
            "dask scheduler."
        ) from None
    with client:
        threads = sum(client.nthreads().values())
        if not threads:
            raise UsageError(
                f"The scheduler at {shorten(address)} has no workers; start some with: dask worker {address}."
            )
        yield client.get_executor(), threads
