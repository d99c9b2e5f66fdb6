"""What an observable is a product or quotient of: amplitudes, and sums of squares of them."""

from __future__ import annotations

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.errors import UnsupportedError
from g2sym.observables.amplitude import Amplitude

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(frozen=True, eq=False)
class Total:
    """``weight`` times the sum of amplitudes to a ``power``: of squares of form factors, or of widths.

    Parameters: ``name`` in the grammar of observables; ``label`` as messages write it; ``latex``; ``lepton``
    that decays; ``dimension``, its mass dimension; ``weight``, positive, in masses and inputs; ``parts``, the
    real and imaginary parts of form factors, or partial widths; ``power``, 2 or 1, of each. It is not
    expanded: beside a common zero of the parts each keeps its digits. With power 1 no part is negative.
    """

    name: str
    label: str
    latex: str
    lepton: str
    dimension: int
    weight: Coefficient
    parts: tuple[Amplitude, ...]
    power: int = 2


Factor = Amplitude | Total
Factors = tuple[tuple[Factor, int], ...]
"""Amplitudes or sums of squares with positive powers."""


Powers = tuple[tuple[Amplitude, int], ...]
"""Amplitudes with positive powers."""


def plain(factors: Factors) -> Powers:
    """Return factors that are amplitudes; raises UnsupportedError for a sum of squares."""
    out: list[tuple[Amplitude, int]] = []
    for one, power in factors:
        if isinstance(one, Total):
            raise UnsupportedError(
                f"{one.label} has values, arrays, scans, maps and bounds only; ask for one of "
                "these, or for its form factors."
            )
        out.append((one, power))
    return tuple(out)


def parts_of(factor: Factor) -> tuple[Amplitude, ...]:
    """Return the amplitudes of a factor."""
    return factor.parts if isinstance(factor, Total) else (factor,)


def amplitudes_of(factors: Iterable[Factor]) -> tuple[Amplitude, ...]:
    """Return every amplitude in some factors, once each."""
    return tuple(dict.fromkeys(a for one in factors for a in parts_of(one)))


def with_sign(powers: Iterable[tuple[Factor, int]], sign: int) -> Factors:
    """Return the factors whose powers add up to a number of a sign, with its absolute value."""
    found: dict[str, tuple[Factor, int]] = {}
    for factor, power in powers:
        before = found.get(factor.name, (factor, 0))
        found[factor.name] = before[0], before[1] + power
    return tuple((factor, abs(power)) for factor, power in found.values() if power * sign > 0)
