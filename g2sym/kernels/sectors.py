"""Sectors of the complex plane as arrays: between two moduli and between two angles.

A real interval is a sector without an opening, so the same arithmetic encloses a function on boxes of real
masses and bounds it where one mass is complex. There are sums, products and quotients, but no differences,
whose modulus could be anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from g2sym.errors import UnsupportedError

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

MARGIN = 2.0**-48
"""More than the roundings of one operation, those of a cosine included."""
SMALL = 2.0**-1022
"""Below it doubles lose digits: a lower bound becomes zero there, an upper one this."""
LARGE = 2.0**1023
"""A lower bound beyond it is cut."""
ANGLE = 2.0**-44
"""More than the rounding of a sum of a few angles, each below 100."""


@dataclass(frozen=True, eq=False)
class Sector:
    """The numbers r e^(i t) with low <= r <= high and start <= t <= stop.

    Parameters: arrays of doubles that broadcast; 0 <= ``low`` <= ``high``, both bounds.
    """

    low: Doubles
    high: Doubles
    start: Doubles
    stop: Doubles

    @classmethod
    def real(cls, low: Doubles, high: Doubles) -> Sector:
        """Return positive intervals.

        Parameters: the ends as they are, without a margin.
        """
        import numpy as np

        none = np.zeros(1)
        return cls(np.asarray(low, float), np.asarray(high, float), none, none)

    @property
    def opening(self) -> Doubles:
        """The angle between the two sides."""
        return self.stop - self.start + (ANGLE if (self.stop != self.start).any() else 0.0)

    def __add__(self, other: Sector) -> Sector:
        """Return the sums.

        Vectors within an angle w < pi have components of at least cos(w/2) of their lengths along its middle.
        """
        import numpy as np

        start, stop = np.minimum(self.start, other.start), np.maximum(self.stop, other.stop)
        whole = Sector(self.low, self.high, start, stop)
        with np.errstate(over="ignore"):
            low, high = whole.share * (self.low + other.low), self.high + other.high
        return _widened(low, high, start, stop)

    @property
    def share(self) -> Doubles:
        """cos(w/2) of the opening w, a lower bound; zero from w = pi on."""
        import numpy as np

        half = self.opening / 2
        cosine: Doubles = np.where(half < 1.57, np.cos(half) * (1 - MARGIN), 0.0)
        return cosine

    def __mul__(self, other: Sector) -> Sector:
        import numpy as np

        with np.errstate(over="ignore", under="ignore"):
            low, high = self.low * other.low, self.high * other.high
        return _widened(low, high, self.start + other.start, self.stop + other.stop)

    def __truediv__(self, other: Sector) -> Sector:
        import numpy as np

        with np.errstate(all="ignore"):
            low, high = self.low / other.high, self.high / other.low
        # 0/0 and inf/inf: nothing is known
        low, high = np.where(np.isnan(low), 0.0, low), np.where(np.isnan(high), np.inf, high)
        return _widened(low, high, self.start - other.stop, self.stop - other.start)

    def __pow__(self, power: int) -> Sector:
        import numpy as np

        one = np.ones(1)
        out = self if power else Sector.real(one, one)
        for _ in range(abs(power) - 1):
            out = out * self
        return out if power >= 0 else Sector.real(one, one) / out

    def joined(self, other: Sector) -> Sector:
        """Return these sectors and other ones, one after the other."""
        import numpy as np

        count = [max(np.size(a) for a in (s.low, s.high, s.start, s.stop)) for s in (self, other)]
        ends = [
            np.concatenate(
                [np.broadcast_to(getattr(s, name), n) for s, n in zip((self, other), count, strict=True)]
            )
            for name in ("low", "high", "start", "stop")
        ]
        return Sector(*ends)

    def repeated(self, count: int) -> Sector:
        """Return one sector that many times."""
        import numpy as np

        return Sector(*(np.broadcast_to(a, count) for a in (self.low, self.high, self.start, self.stop)))


def constant(value: float) -> Sector:
    """Return a positive constant, rounded or not, as a sector.

    Raises UnsupportedError for a negative one: it would make a difference.
    """
    import numpy as np

    if not value >= 0:
        raise UnsupportedError("a difference")
    return _widened(np.full(1, value), np.full(1, value), np.zeros(1), np.zeros(1))


def _widened(low: Doubles, high: Doubles, start: Doubles, stop: Doubles) -> Sector:
    """Widen by the roundings of one operation, underflow and overflow included."""
    import numpy as np

    low = np.minimum(low * (1 - MARGIN), LARGE)
    return Sector(
        np.where(low >= SMALL, low, 0.0), np.maximum(high * (1 + MARGIN), SMALL * (1 + MARGIN)), start, stop
    )
