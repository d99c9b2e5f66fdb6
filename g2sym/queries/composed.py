"""Limits and series of products and quotients of amplitudes, from those of each amplitude.

Every amplitude is expanded in its own small parameter, in units of its own lepton's mass. All are
rewritten in that of the first one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.errors import UnsupportedError
from g2sym.formulas.formula import Formula
from g2sym.formulas.quotients import PowerSeries, product, quotient, quotient_end, quotient_limit
from g2sym.formulas.ratio import Ratio
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Powers
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.queries.targets import Frame, Target

MAX_EXTRA = 16
"""Powers beyond those asked for that the amplitudes are expanded to at most."""


@dataclass(frozen=True)
class Expanded:
    """The expansion of one amplitude: entries (exponent, power of ln t, coefficient) below ``end``."""

    entries: tuple[tuple[Fraction, int, Formula], ...]
    end: Fraction | None
    conditions: tuple[Coefficient, ...]


Expand = Callable[[Amplitude, int, bool], Expanded]
"""Expand an amplitude to a number of powers, in the square of the moving mass or in the mass itself."""


@dataclass(frozen=True)
class Composed:
    """The series of a product or quotient in ``t``, or its leading behaviour where it has no series."""

    t: Coefficient
    series: PowerSeries
    conditions: tuple[Coefficient, ...]


def compose(quantity: Quantity, target: Target, known: Values, powers: int, expand: Expand) -> Composed:
    """Expand a product or quotient of amplitudes to a number of distinct powers of t.

    Raises UnsupportedError where the denominator's leading behaviour carries a logarithm (see
    `leading_behaviour`) and when too few powers are found.
    """
    frames = _frames(quantity, target, known)
    for extra in range(1, MAX_EXTRA + 1):
        above, below, conditions = _sides(quantity, frames, powers + extra, expand)
        found = quotient(above, below, powers=powers) if below is not None else above
        kept = len({e for e, _, _ in found.entries})
        cut = below is not None and kept == powers and found.end != quotient_end(above, below)
        if found.end is None or kept > powers or cut:
            return Composed(frames[quantity.numerator[0][0].name].t, found, conditions)
    raise UnsupportedError(f"{target.text}: fewer than {powers + 1} powers of {quantity.text} were found.")


def leading_behaviour(quantity: Quantity, target: Target, known: Values, expand: Expand) -> Composed:
    """Return how a quotient behaves, decided from the leading terms, which may carry logarithms."""
    frames = _frames(quantity, target, known)
    above, below, conditions = _sides(quantity, frames, 2, expand)
    assert below is not None
    found = quotient_limit(above, below)
    t = frames[quantity.numerator[0][0].name].t
    if found.value is not None:
        entries: list[tuple[Fraction, int, Ratio]] = [(Fraction(0), 0, found.value)]
    elif found.logs >= 0:
        entries = [(found.exponent, found.logs, found.coefficient)]
    else:
        raise UnsupportedError(
            f"{target.text}: {quantity.text} diverges like a power of t over logarithms, "
            "which is not written "
            "as a series."
        )
    return Composed(t, PowerSeries.of(entries, Fraction(1, 2)), conditions)


def _frames(quantity: Quantity, target: Target, known: Values) -> dict[str, Frame]:
    """Return the frame of each amplitude, all in the squared mass where one of them needs it."""
    frames = {a.name: Frame(a, target, known, None) for a in quantity.amplitudes}
    if any(f.squared for f in frames.values()):
        frames = {a.name: Frame(a, target, known, None, squared=True) for a in quantity.amplitudes}
    return frames


def _sides(
    quantity: Quantity, frames: dict[str, Frame], powers: int, expand: Expand
) -> tuple[PowerSeries, PowerSeries | None, tuple[Coefficient, ...]]:
    t = frames[quantity.numerator[0][0].name].t
    conditions: dict[str, Coefficient] = {}
    each: dict[str, PowerSeries] = {}
    for amplitude in quantity.amplitudes:
        frame = frames[amplitude.name]
        found = expand(amplitude, powers, frame.squared)
        conditions |= {str(c): c for c in found.conditions}
        each[amplitude.name] = PowerSeries.of(found.entries, found.end).rescaled(frame.t / t)

    def side(factors: Powers) -> PowerSeries:
        total = PowerSeries.of([(0, 0, Formula.plain(1))])
        for amplitude, power in factors:
            for _ in range(power):
                total = product(total, each[amplitude.name])
        return total

    below = side(quantity.denominator) if quantity.denominator else None
    return side(quantity.numerator), below, tuple(conditions.values())
