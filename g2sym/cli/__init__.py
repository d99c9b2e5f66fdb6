"""The command line: each command is one small module, imported when it is used."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters: ``arguments``, without the program's name; by default those of the process.
    Returns the exit code: 0 ok, 1 unexpected, 2 usage, 3 model or input file, 4 precision not reached,
    5 a check failed, 130 interrupted.
    """
    if arguments is not None:
        return _run(list(arguments))
    import gc

    # a process of our own: collecting while modules load, and what the system frees anyway at the end,
    # costs a sixth of a short run
    gc.set_threshold(50_000, 50, 50)
    try:
        return _run(sys.argv[1:])
    finally:
        gc.freeze()


def _run(given: list[str]) -> int:
    if next((word for word in given if word != "--json"), "") in ("eval", "bound"):
        from g2sym.cli.quick import quickly

        code = quickly(given)
        if code is not None:
            return code
    from g2sym.cli.app import run

    return run(given)
