"""When is a contribution allowed? Three readings of "n sigma", and edges known to any precision."""

from __future__ import annotations

import math
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from g2sym.base.balls import certify, working_precision
from g2sym.base.classes import dataclass, replace
from g2sym.base.exact import decimal_text
from g2sym.inputs.fields import exact_text
from g2sym.inputs.units import ONE, Size, any_size_of

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Record

CRITERIA = MappingProxyType(
    {
        "sensitivity": "|Delta a| < n sigma",
        "interval": "Delta a within the central value +- n sigma",
        "conservative": "|Delta a| < |central value| + n sigma",
    }
)
"""The criteria there are: name to meaning, in the words for an anomalous moment."""
ASYMMETRIC = MappingProxyType(
    {
        "sensitivity": "-n sigma_down < Delta a < n sigma_up",
        "interval": "Delta a from the central value - n sigma_down to the central value + n sigma_up",
        "conservative": "-|central value| - n sigma_down < Delta a < |central value| + n sigma_up",
    }
)
"""The same where the lower and the upper error differ: each edge has its own."""
PUBLISHED = MappingProxyType(
    {
        "limit": "|Delta a| below the published limit",
        "range": "Delta a within the published range",
    }
)
"""What a window of a limit or of a range means, which are at their own confidence levels."""
MOMENT = "Delta a"
"""What the contribution to an anomalous moment is called; other observables go by their names."""


@dataclass(frozen=True)
class Edge:
    """The real number (offset + factor * sqrt(square)) pi^pi, known exactly, to any precision."""

    offset: Fraction
    factor: Fraction = Fraction(0)
    square: Fraction = Fraction(0)
    pi: int = 0

    def __call__(self, bits: int) -> arb:
        """Return a flint ball around the edge, computed with ``bits`` bits."""
        from flint import arb, fmpq

        with working_precision(bits):
            root = arb(fmpq(self.square.numerator, self.square.denominator)).sqrt()
            scale = fmpq(self.factor.numerator, self.factor.denominator)
            value = arb(fmpq(self.offset.numerator, self.offset.denominator)) + scale * root
            return value * arb.pi() ** self.pi if self.pi else value

    @property
    def exact(self) -> Fraction | None:
        """The edge as a fraction where it is one (a perfect square under the root, no pi), else None."""
        if self.pi:
            return Fraction(0) if not (self.offset or self.factor * self.square) else None
        if self.factor == 0:
            return self.offset
        top, bottom = math.isqrt(self.square.numerator), math.isqrt(self.square.denominator)
        if top * top != self.square.numerator or bottom * bottom != self.square.denominator:
            return None
        return self.offset + self.factor * Fraction(top, bottom)

    def scaled(self, size: Size) -> Edge:
        """Return the edge times a number."""
        return Edge(self.offset * size.factor, self.factor * size.factor, self.square, self.pi + size.power)

    def text(self, digits: int) -> str:
        """Return the edge with ``digits`` certified decimals."""
        known = self.exact
        return (
            decimal_text(known, digits)
            if known is not None
            else certify(self, digits, "edge").settled(digits)
        )


@dataclass(frozen=True)
class Window:
    """The values of an observable that a measurement allows.

    Parameters: ``low``, ``high``, its edges, in the observable's natural unit; ``criterion``, one of
    `CRITERIA`, ``"limit"`` for a published limit or ``"range"`` for a published range; ``n_sigma``, None for
    these two; ``symbol``, what messages call the observable; ``unit``, that natural unit; ``never_negative``,
    True where the observable, a branching ratio, has no values below 0. The lower edge of its limit then lies
    below 0, where no value is, so that a vanishing coupling is inside the window and not on its edge;
    `ends`, `meaning` and the record name 0. ``shown`` is the unit in which the edges are written, by default
    the natural one.
    """

    low: Edge
    high: Edge
    criterion: str
    n_sigma: Fraction | None
    symbol: str = MOMENT
    unit: str = "1"
    never_negative: bool = False
    shown: str | None = None

    def ends(self, digits: int) -> tuple[str, str]:
        """Return the least and the largest allowed value with ``digits`` certified decimals, as shown."""
        low, high, _ = self.written(digits)
        return low, high

    def in_unit(self, unit: str | None, observable: str) -> Window:
        """Return the window with its edges written in a unit.

        Parameters: ``unit``, see `g2sym.inputs.units.UNITS`, None for the natural one; ``observable``, its
        name. Raises InputError for a unit that does not fit.
        """
        if unit is None:
            return self
        any_size_of(unit, self.unit, observable, "unit")
        return replace(self, shown=unit)

    def written(self, digits: int) -> tuple[str, str, str]:
        """Return both edges with ``digits`` certified decimals, and the unit in which they are.

        >>> window = Window(Edge(Fraction(-1)), Edge(Fraction(1)), "limit", None, "d(mu)", "GeV^-1")
        >>> window.in_unit("e_cm", "d(mu)").written(10)
        ('-1.973269804e-14', '1.973269804e-14', 'e_cm')
        """
        unit = self.unit if self.shown is None else self.shown
        size = any_size_of(unit, self.unit, self.symbol, "unit").inverse() if unit != self.unit else ONE
        exact = self.low.exact
        none_below = self.never_negative and exact is not None and exact < 0
        low = "0" if none_below else self.low.scaled(size).text(digits)
        return low, self.high.scaled(size).text(digits), unit

    @property
    def meaning(self) -> str:
        """When a value is allowed, in words.

        >>> Window(Edge(Fraction(-1)), Edge(Fraction(1)), "limit", None, "d(mu)", "GeV^-1").meaning
        '|d(mu)| below the published limit'
        """
        words = {**CRITERIA, **PUBLISHED}[self.criterion]
        if self.never_negative and self.criterion == "limit":
            words = f"{MOMENT}, which is never negative, from 0 to the published limit"
        if self.low.square != self.high.square:
            words = ASYMMETRIC.get(self.criterion, words)
        return words.replace(MOMENT, self.symbol)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: the criterion, and the edges as texts of 17 digits in ``unit``.

        ``one_sided`` stands there, true, where the observable is never negative.
        """
        low, high, unit = self.written(17)
        out: Record = {"one_sided": True} if self.never_negative else {}
        return out | {
            "criterion": self.criterion,
            "meaning": self.meaning,
            "n_sigma": None if self.n_sigma is None else exact_text(self.n_sigma),
            "low": low,
            "high": high,
            "unit": unit,
        }
