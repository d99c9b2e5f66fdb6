"""The errors of g2sym: one base, one kind for each exit code of the command line.

Every message is one sentence that its reader can act on: where, what was found,
which rule it breaks, how to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable


class G2symError(Exception):
    """Base of every error that g2sym raises on purpose."""

    exit_code = 1


class UsageError(G2symError, ValueError):
    """A call or a command line asks for something that makes no sense (exit code 2)."""

    exit_code = 2


class InputError(G2symError):
    """A model file, measurement file, Lagrangian or input value is wrong (exit code 3)."""

    exit_code = 3


class ModelError(InputError):
    """A Lagrangian or its declaration breaks a rule (exit code 3)."""


class UnsupportedError(ModelError):
    """A well-formed model asks for physics that the engine cannot derive yet (exit code 3)."""


class PrecisionError(G2symError):
    """The requested number of certified digits was not reached (exit code 4)."""

    exit_code = 4


class CheckFailed(G2symError):
    """A statement about a model was disproved (exit code 5)."""

    exit_code = 5


class InvalidPointsWarning(RuntimeWarning):
    """Some points of an array have no value and are NaN; the text says how many, and why."""


def shorten(text: object, limit: int = 60) -> str:
    """Quote untrusted text for an error message: one line, printable, bounded.

    Parameters: ``text``, anything; ``limit``, the most characters kept.
    Returns the quoted text with control characters escaped.
    """
    try:
        raw = str(text)
    except Exception:  # what a foreign object prints is its own affair
        raw = f"a {type(text).__name__}"
    cut = raw[:limit] + ("..." if len(raw) > limit else "")
    return "'" + "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in cut) + "'"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return " (did you mean 'x'?)" for the nearest known name, or an empty string."""
    import difflib  # only where something went wrong

    near = difflib.get_close_matches(str(name)[:80], list(known), n=1, cutoff=0.6)
    return f" (did you mean '{near[0]}'?)" if near else ""
