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
class Squares:
    """``weight`` times the sum of the squares of amplitudes: a width, or a branching ratio.

    Parameters: ``name`` in the grammar of observables; ``label`` as messages write it; ``latex``; ``lepton``
    that decays; ``dimension``, its mass dimension; ``weight``, positive, in masses and inputs; ``parts``, the
    real and imaginary parts of the form factors. It is not expanded: beside a common zero of the parts each
    keeps its digits.
    """

    name: str
    label: str
    latex: str
    lepton: str
    dimension: int
    weight: Coefficient
    parts: tuple[Amplitude, ...]


Factor = Amplitude | Squares
Factors = tuple[tuple[Factor, int], ...]
"""Amplitudes or sums of squares with positive powers."""


Powers = tuple[tuple[Amplitude, int], ...]
"""Amplitudes with positive powers."""


def plain(factors: Factors) -> Powers:
    """Return factors that are amplitudes; raises UnsupportedError for a sum of squares."""
    out: list[tuple[Amplitude, int]] = []
    for one, power in factors:
        if isinstance(one, Squares):
            raise UnsupportedError(
                f"{one.label} has values, arrays, scans, maps and bounds only; ask for one of "
                "these, or for its form factors."
            )
        out.append((one, power))
    return tuple(out)


def parts_of(factor: Factor) -> tuple[Amplitude, ...]:
    """Return the amplitudes of a factor."""
    return factor.parts if isinstance(factor, Squares) else (factor,)


def amplitudes_of(factors: Iterable[Factor]) -> tuple[Amplitude, ...]:
    """Return every amplitude in some factors, once each."""
    return tuple(dict.fromkeys(a for one in factors for a in parts_of(one)))
