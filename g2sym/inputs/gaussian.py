"""Measurements as Gaussians, for likelihoods: certified widths, and a sentence where that is an assumption.

A published limit or range does not say how likely other values are. Whoever combines it takes it as part of a
Gaussian with its confidence level; the sentence says so and stands with every result.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base import arguments
from g2sym.base.balls import certify, number
from g2sym.base.classes import dataclass
from g2sym.base.exact import decimal_text
from g2sym.inputs.windows import Edge

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Record


@dataclass(frozen=True)
class Quantile:
    """The z with a Gaussian's share ``confidence`` within z standard deviations: sqrt(2) erfinv(confidence).

    >>> Quantile(Fraction("0.9")).text(5), Quantile(Fraction("0.95")).text(5)
    ('1.6449', '1.9600')
    """

    confidence: Fraction

    def __call__(self, bits: int) -> arb:
        """Return a flint ball around z, computed with ``bits`` bits."""
        from flint import arb

        from g2sym.base.balls import working_precision

        with working_precision(bits):
            # near 1 the distance from 1 is what counts, and it is exact
            if 2 * self.confidence > 1:
                return arb(2).sqrt() * arb.erfcinv(number(1 - self.confidence))
            return arb(2).sqrt() * arb.erfinv(number(self.confidence))

    def text(self, digits: int) -> str:
        """Return z with ``digits`` certified decimals."""
        return certify(self, digits, "z").settled(digits)


@dataclass(frozen=True)
class Width:
    """The standard deviation size/z of a Gaussian that has the share of z within ``size``.

    Parameters: ``size``, exact and positive; ``z``. Like an `Edge` it is evaluated to any precision; it is
    never known as a fraction.
    """

    size: Fraction
    z: Quantile
    exact: None = None

    def __call__(self, bits: int) -> arb:
        """Return a flint ball around the width, computed with ``bits`` bits."""
        from g2sym.base.balls import working_precision

        with working_precision(bits):
            return number(self.size) / self.z(bits)

    def text(self, digits: int) -> str:
        """Return the width with ``digits`` certified decimals."""
        return certify(self, digits, "sigma").settled(digits)


@dataclass(frozen=True)
class Gaussian:
    """A measurement as a Gaussian, or as a half of one, in the observable's natural unit.

    Parameters: ``central``, where it has its maximum, exact; ``up``, ``down``, its standard deviations above
    and below, each a function of bits (`Edge` or `Width`); ``one_sided``, True for a half-Gaussian in the
    size of a value, which a limit is taken for; ``z``, what the published size is divided by, None for
    a difference; ``sentence``, what is assumed, empty where nothing is.

    >>> from g2sym.inputs import load_measurement
    >>> muon = load_measurement("muon-edm-2009").gaussian()
    >>> muon.one_sided, muon.z.text(5), muon.sigma().text(5)
    (True, '1.9600', '4.6541e-6')
    """

    central: Fraction
    up: Edge | Width
    down: Edge | Width
    one_sided: bool
    z: Quantile | None
    sentence: str

    def sigma(self, up: bool = True) -> Edge | Width:
        """Return the standard deviation above (or below) the central value.

        It is a function of bits with ``exact``, a fraction or None, and ``text(digits)``.
        """
        return self.up if arguments.flag(up, "up") else self.down

    def as_dict(self) -> Record:
        """Return a JSON-ready record in natural units; numbers have at most 17 certified digits."""
        return {
            "form": "half-Gaussian" if self.one_sided else "Gaussian",
            "central": decimal_text(self.central, 17),
            "sigma": {"up": self.up.text(17), "down": self.down.text(17)},
            "z": None if self.z is None else self.z.text(17),
            "approximation": self.sentence or None,
        }


def from_limit(name: str, size: Fraction, confidence: Fraction) -> Gaussian:
    """Return the half-Gaussian of a limit: sigma = limit/z.

    Parameters: ``name``, of the measurement; ``size``, the limit in natural units; ``confidence``, its level.
    """
    z = Quantile(confidence)
    width = Width(size, z)
    said = (
        f"{name} is a limit at {percent(confidence)}: its likelihood is taken as a half-Gaussian with "
        f"sigma = limit/z, {_z(z)}."
    )
    return Gaussian(Fraction(0), width, width, True, z, said)


def from_range(name: str, low: Fraction, high: Fraction, confidence: Fraction) -> Gaussian:
    """Return the Gaussian about the middle of a range: sigma = (high - low)/(2 z)."""
    z = Quantile(confidence)
    width = Width((high - low) / 2, z)
    said = (
        f"{name} is a range at {percent(confidence)}: its likelihood is taken as a Gaussian about its middle "
        f"with sigma = (high - low)/(2 z), {_z(z)}."
    )
    return Gaussian((low + high) / 2, width, width, False, z, said)


def from_difference(name: str, central: Fraction, up: Fraction, down: Fraction) -> Gaussian:
    """Return the Gaussian of a difference; ``up``, ``down`` are the squares of its errors."""
    said = ""
    if up != down:
        said = (
            f"The errors of {name} up and down differ: its likelihood is taken as two halves of Gaussians, "
            "each with the error on its side."
        )
    above, below = (Edge(Fraction(0), Fraction(1), square) for square in (up, down))
    return Gaussian(central, above, below, False, None, said)


def percent(confidence: Fraction) -> str:
    """Write a confidence level as a percentage, cut at six digits.

    >>> percent(Fraction("0.95"))
    '95 %'
    """
    return f"{decimal_text(100 * confidence, 6)} %"


def _z(z: Quantile) -> str:
    return f"z = sqrt(2) erfinv({decimal_text(z.confidence, 6)}) = {z.text(4)}"
