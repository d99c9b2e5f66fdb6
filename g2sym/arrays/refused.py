"""Points of an array that have no value: which, and why."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.errors import G2symError, InvalidPointsWarning

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

Reasons = dict[str, "Flags"]
"""Sentences to masks of the points that they are about."""
MOST = 3
"""Most reasons that a warning names."""


def note(reasons: Reasons, why: str, mask: Flags) -> None:
    """Add points to those of a reason."""
    if mask.any():
        reasons[why] = reasons[why] | mask if why in reasons else mask


def note_points(
    reasons: Reasons, special: Iterable[float], values: Doubles, check: Callable[[Fraction], object]
) -> None:
    """Ask about the few values of an array at which a function may have none.

    Parameters: ``special``, these values; ``check`` raises a `G2symError` for one without a value.
    """
    for value in special:
        mask = values == value
        if mask.any():
            try:
                check(Fraction(value))
            except G2symError as error:
                note(reasons, str(error), mask)


def union(reasons: Mapping[str, Flags], shape: tuple[int, ...]) -> Flags:
    """Return the points that some reason is about."""
    import numpy as np

    out = np.zeros(shape, bool)
    for mask in reasons.values():
        out |= mask
    return out


def warn(reasons: Mapping[str, Flags], invalid: Flags, level: int) -> None:
    """Warn once of the points that are not a number, with their count and the reasons.

    Parameters: ``level`` of the stack at which the warning is shown, as seen from here.
    """
    count = int(invalid.sum())
    if not count:
        return
    sizes = sorted(((int(mask.sum()), why) for why, mask in reasons.items()), key=lambda pair: -pair[0])
    named = [f"{size}: {why.rstrip('.')}." for size, why in sizes[:MOST]]
    more = [f"{len(sizes) - MOST} further reasons."] if len(sizes) > MOST else []
    text = " ".join([f"{count} of {invalid.size} values are NaN.", *named, *more])
    warnings.warn(text, InvalidPointsWarning, stacklevel=level + 1)
