"""An interval of a parameter as t in [-1, 1], with ellipses about it in which a function may be analytic.

Masses take t = (x - c)/(a (x + c)): the right half plane becomes the disc |a t| < 1, so that a kernel, which
is analytic there except for thresholds, is interpolated equally well at every scale. A parameter that only
occurs in powers takes t = (x - c)/a.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.kernels.sectors import Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

REACHES = (0.4, 0.6, 0.75, 0.87, 0.95)
"""Ellipses about the interval of a mass: how far their longer half axis goes from a to 1."""
TIMES = (1.3, 1.7, 2.5, 4.0, 8.0)
"""Others, close to the interval: the longer half axis over a, as long as it is less than half way to 1."""
SIZES = (1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Ellipses about the interval of a power: the longer half axis."""
BITS = 24
"""Binary digits of c and a, so that nodes are short fractions."""
WIDER = 1 + 2.0**-40


@dataclass(frozen=True)
class Chart:
    """A map from an interval of x to t; ``c`` and ``a`` are short doubles and exact.

    Parameters: ``mass``, True for t = (x - c)/(a (x + c)), c > 0 and 0 < a < 1, False for t = (x - c)/a.
    """

    mass: bool
    c: float
    a: float

    @classmethod
    def over(cls, low: float, high: float, *, mass: bool) -> Chart:
        """Return a chart in which [low, high] lies within [-1, 1] and nearly fills it; low > 0 for a mass."""
        c = _short(math.sqrt(low) * math.sqrt(high) if mass else low + (high - low) / 2)
        far = max(abs((x - c) / (x + c)) if mass else abs(x - c) for x in (low, high))
        return cls(mass, c, _short(far * WIDER, up=True))

    def exact(self, t: float) -> Fraction:
        """Return x at an exact t."""
        s = Fraction(self.a) * Fraction(t)
        c = Fraction(self.c)
        return c * (1 + s) / (1 - s) if self.mass else c + s

    def place(self, x: Doubles) -> Doubles:
        """Return t to within four units of the last place of a number below 1; c and a are exact."""
        out: Doubles = (x - self.c) / (x + self.c) / self.a if self.mass else (x - self.c) / self.a
        return out

    def real(self) -> Sector:
        """Return what holds x for t in [-1, 1]: an interval of a mass, a disc of another parameter."""
        import numpy as np

        low, high = (float(self.exact(t)) for t in (-1.0, 1.0))
        if self.mass:
            return Sector.real(np.array([low * (2 - WIDER)]), np.array([high * WIDER]))
        turn = np.full(1, math.pi)
        return Sector(np.zeros(1), np.full(1, max(abs(low), abs(high)) * WIDER), -turn, turn)

    def ellipses(self) -> tuple[Doubles, Sector]:
        """Return parameters r > 1 of ellipses with foci t = -1 and 1, and sectors that hold their upper
        halves.

        The half axes are (r + 1/r)/2 and (r - 1/r)/2; with A and B these times a, s = a t lies in the disc
        |s| <= A, so that |x| = c |1 + s|/|1 - s| lies between c (1 - A)/(1 + A) and c (1 + A)/(1 - A). The
        argument of x is that of (1 + s)(1 - s*): its tangent is 2 v/(1 - u^2 - v^2) at s = u + i v, on the
        ellipse 2 v/(1 - A^2 + k v^2) with k = A^2/B^2 - 1. This rises up to v^2 = (1 - A^2)/k, where it is
        1/sqrt(k (1 - A^2)), or up to v = B. Inside the ellipse the argument is harmonic and nowhere larger.
        The lower half is its mirror image, and so are the function's values there.
        """
        import numpy as np

        if not self.mass:
            long = np.array(SIZES)
            top = abs(self.c) + self.a * long * WIDER
            turn = np.full(len(long), math.pi)
            return long + np.sqrt(long**2 - 1), Sector(np.zeros(len(long)), top * WIDER, -turn, turn)
        close = self.a * np.array(TIMES)
        long = np.concatenate([close[close < (1 + self.a) / 2], self.a + (1 - self.a) * np.array(REACHES)])
        ratio = long / self.a
        size = ratio + np.sqrt(ratio**2 - 1)
        short = self.a * (size - 1 / size) / 2
        k = (long / short) ** 2 - 1
        rest = (1 - long) * (1 + long)
        inner = rest < k * short**2
        with np.errstate(all="ignore"):
            tangent = np.where(inner, 1 / np.sqrt(k * rest), 2 * short / (rest + k * short**2))
        turn = np.arctan(tangent) * WIDER
        low, high = self.c * (1 - long) / (1 + long), self.c * (1 + long) / (1 - long)
        # a little more than the ellipses, whose parameters were rounded
        return size * (2 - WIDER), Sector(low * (2 - WIDER), high * WIDER, 0 * turn, turn)


def _short(value: float, *, up: bool = False) -> float:
    """Round to `BITS` binary digits, or up."""
    if value == 0:
        return 0.0
    mantissa, exponent = math.frexp(value)
    scaled = math.ceil(mantissa * 2**BITS) if up else round(mantissa * 2**BITS)
    return math.ldexp(scaled, exponent - BITS)


def affordable(sizes: Doubles, bounds: Doubles, goal: float) -> float:
    """Return the least degree n with 4 S r^-n/(r - 1) <= goal on an ellipse, infinite where there is none.

    An interpolation at n + 1 Chebyshev nodes differs by at most that from a function that is analytic within
    an ellipse of parameter r, and at most S there (L. N. Trefethen, Approximation Theory and Approximation
    Practice, theorem 8.2): its Chebyshev coefficients are at most 2 S r^-k, and a T_k with k > n takes the
    values of another T_j, up to a sign, at the nodes.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        count = np.log(4 * np.maximum(bounds, 1e-300) / ((sizes - 1) * goal)) / np.log(sizes)
    return float(np.maximum(np.where(np.isfinite(count), np.ceil(count), np.inf), 0).min())


def left_out(sizes: Doubles, bounds: Doubles, degree: int) -> float:
    """Return the bound of `affordable` at a degree: the least one over the ellipses."""
    import numpy as np

    with np.errstate(all="ignore"):
        found = 4 * bounds * sizes**-degree / (sizes - 1) * WIDER
    return float(np.where(np.isfinite(found), found, np.inf).min())
