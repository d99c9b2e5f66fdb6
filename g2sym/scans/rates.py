"""Widths and cross-sections in scans: their kernels over arrays of doubles, and which points have none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.elementary import ElementarySource
from g2sym.arrays.refused import Reasons
from g2sym.constraints.condition import exact_edge
from g2sym.constraints.maps import levels_of
from g2sym.inputs import Window
from g2sym.integrals.elementary import Elementary
from g2sym.kernels.elementary import NO_VALUE
from g2sym.queries.elementary import SHARE, elementary_source
from g2sym.queries.pieces import Bound, Piece

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles, Flags

ERROR = 1.5e-13
"""Relative error up to which doubles of a kernel are taken: six of them stay within a scan's 1e-12."""
LOST = "These points have no value."


def rate_source(bound: Bound) -> ElementarySource | None:
    """Return an elementary kernel as a function of arrays of what it moves with; None for another one."""
    if bound.kernel.elementary is None:
        return None

    def compute(point: Mapping[str, Fraction], bits: int) -> arb:
        return bound.ball(point, bits)

    found = elementary_source(bound.term, bound.known, frozenset(bound.masses), compute, ERROR * SHARE)
    return found if found is not None and set(found.names) == set(bound.masses) else None


def elementary_text(integral: object) -> str:
    """Return what an elementary function is made of as text, nothing for another integral."""
    if not isinstance(integral, Elementary):
        return ""
    parts = [f"{key}: ({value.num})/({value.den})" for key, value in integral.parts]
    logs = [f"{one.u}, {one.v}, {one.root}" for one in integral.logs]
    conditions = [f"{one.poly} {one.test} {one.refused}" for one in integral.conditions]
    return "|" + "; ".join([*parts, *map(str, integral.roots), *logs, *conditions])


def sentences(pieces: Iterable[Piece]) -> list[str]:
    """Return why points may have no value, in the words of the kernels in which something moves."""
    found: dict[str, None] = {}
    for bound in (one for piece in pieces for one in piece.moving):
        if bound.kernel.elementary is not None:
            function = bound.kernel.elementary.function
            symbols = {slot: symbol for slot, symbol, _ in bound.term.masses.slots}
            for condition in function.conditions:
                if condition.refused:
                    found[condition.refused.format(**symbols)] = None
            found[NO_VALUE.format(function.diagram)] = None
    return [*found, LOST] if found else []


def numbered(reasons: Reasons, names: Iterable[str], shape: tuple[int, ...]) -> Any:
    """Return for each point the place, from 1, of its sentence among ``names``; 0 where there is a value."""
    import numpy as np

    places = {name: place for place, name in enumerate(names, 1)}
    out = np.zeros(shape, np.uint8)
    for why, mask in reasons.items():
        place = places.get(why, len(places))
        out[np.broadcast_to(mask, shape) & (out == 0)] = place
    return out


def reaches_zero(window: Window) -> bool:
    """True when zero is known to be in a window, on its very end too."""
    low, high = exact_edge(window.low), exact_edge(window.high)
    return isinstance(low, Fraction) and low <= 0 and isinstance(high, Fraction) and high >= 0


def reaches_below(window: Window) -> bool:
    """True when the low end of a window is known to be zero or negative."""
    low = exact_edge(window.low)
    return isinstance(low, Fraction) and low <= 0


def lowered(
    window: Window, values: Sequence[tuple[Doubles, Doubles]]
) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
    """Return the ends of a window between doubles; the lower one is -1 where it is moot.

    It is where it is at most zero and the polynomial is never negative: where that is zero it may touch the
    end, which is allowed, but crosses it nowhere.
    """
    import numpy as np

    ends = levels_of(window)
    low = exact_edge(window.low)
    if not (isinstance(low, Fraction) and -1 < low <= 0):
        return ends.low, ends.high
    moot = never_negative(values)
    return (np.where(moot, -1.0, ends.low[0]), np.where(moot, -1.0, ends.low[1])), ends.high


def never_negative(values: Iterable[tuple[Doubles, Doubles]]) -> Flags:
    """Return where a polynomial, coefficients with bounds on their errors, is proved not to be negative.

    Its odd coefficients are exactly zero there, and the others are not negative: rates without interference.
    """
    import numpy as np

    out: Flags = np.ones((), bool)
    for power, (value, error) in enumerate(values):
        # a size that is at least its error's bound belongs to a number of that sign, or to zero
        out = out & ((value >= error) if power % 2 == 0 else (value == 0) & (error == 0))
    return out
