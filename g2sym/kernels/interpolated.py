"""Kernels without power series, as functions of one mass: enclosed by interpolation between certified values.

On an interval the kernel is a polynomial through its values at a few points. What that leaves out is bounded
by Cauchy's estimate: where |f| <= S on the disc of radius R about the middle of an interval of half length r,

    |f^(n)(x)|/n! <= S/(R - r)^n    for every x of the interval,

the disc of radius R - r about x being a part of it. S comes from completely monotone functions
(`g2sym.kernels.runs.Run.size`).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from g2sym.base.balls import number
from g2sym.errors import PrecisionError
from g2sym.kernels.taylor import Enclosure

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

    from g2sym.kernels.runs import Run

REACHES = (8, 4, 2)
"""Radii of discs over half the interval, of which the first that lies below threshold is taken."""
GRAIN = 1 << 20
"""Parts of half an interval that nodes are multiples of: short fractions are cheap."""


class Interpolated:
    """A kernel as a function of a mass m, at which its slot is ``scale`` m^``power``.

    Parameters: ``run``, the kernel along that slot.
    """

    def __init__(self, run: Run, scale: Fraction, power: int) -> None:
        self.run, self.scale, self.power = run, scale, power

    def at(self, mass: Fraction, bits: int) -> arb:
        """Return the value at an exact mass."""
        return self.run.at(self.scale * mass**self.power, bits)

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """Enclose the kernel on an interval of any width, None where that is not known."""
        return self.run.range(self.scale * low**self.power, self.scale * high**self.power)

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """Enclose the kernel on an interval (call inside `working_precision`).

        Parameters: 0 < ``low`` < ``high``, close together; ``degree`` of the polynomial.
        Raises PrecisionError where no disc about the interval lies below threshold.
        """
        key = "interpolated", low, high, bits, degree, self.scale
        found: Enclosure = self.run.remember(key, lambda: self._enclosed(low, high, bits, degree))
        return found

    def _enclosed(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """Interpolate at N = degree + 1 nodes x_j, with w(x) the product of all x - x_j.

        f - p = f[x_0, .., x_d, x] w, and its derivative is f[x_0, .., x_d, x, x] w + f[x_0, .., x_d, x] w'.
        The divided differences are f^(N)/N! and f^(N+1)/(N+1)! somewhere in the interval. With u = x - centre
        |w| is at most the sum of |w_k| r^k, |w'| that of k |w_k| r^(k-1).
        """
        centre, radius = (low + high) / 2, (high - low) / 2
        reach, size = self._disc(centre, radius)
        steps = [radius * Fraction(k, GRAIN) for k in _nodes(degree + 1)]
        differences = [self.at(centre + u, bits) for u in steps]
        for order in range(1, degree + 1):
            for k in range(degree, order - 1, -1):
                gap = number(steps[k] - steps[k - order])
                differences[k] = (differences[k] - differences[k - 1]) / gap
        coefficients = [number(0)] * (degree + 1)
        around = [number(1)]  # the product of u - u_j over the first nodes
        for order, weight in enumerate(differences):
            for k, c in enumerate(around):
                coefficients[k] += weight * c
            around = _times(around, number(-steps[order]))
        r, rest = number(radius), number(reach - radius)
        count = degree + 1
        w = sum((abs(c) * r**k for k, c in enumerate(around)), number(0))
        slope = sum((k * abs(c) * r ** (k - 1) for k, c in enumerate(around) if k), number(0))
        value = size / rest**count
        return Enclosure(
            centre,
            radius,
            tuple(coefficients),
            (value * w).upper(),
            (value * slope + value / rest * w).upper(),
        )

    def _disc(self, centre: Fraction, radius: Fraction) -> tuple[Fraction, arb]:
        """Return the radius of a disc about an interval, and a bound on the kernel there."""
        for times in REACHES:
            reach = min(times * radius, centre / 3)
            ends = (self.scale * m**self.power for m in (centre - reach, centre + reach))
            size = self.run.size(*ends)
            if reach > radius and size is not None:
                return reach, size
        raise PrecisionError("A kernel could not be enclosed on an interval of masses.")


class Still:
    """A number that no mass moves; ``level``, a function of the bits."""

    def __init__(self, level: Callable[[int], arb]) -> None:
        self.level = level

    def at(self, mass: Fraction, bits: int) -> arb:
        """Return the number."""
        return self.level(bits)

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """Return the number."""
        return self.level(bits)

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """Return the number as a polynomial."""
        rest = number(0)
        head = (self.level(bits), *[rest] * degree)
        return Enclosure((low + high) / 2, (high - low) / 2, head, rest, rest)


def _nodes(count: int) -> list[int]:
    """Return Chebyshev's points of [-1, 1] in units of 1/`GRAIN`, rounded, all different."""
    from math import cos, pi

    return [round(GRAIN * cos(pi * (2 * k + 1) / (2 * count))) for k in range(count)]


def _times(poly: list[arb], constant: arb) -> list[arb]:
    """Return a polynomial times (u + constant)."""
    zero = number(0)
    return [a + constant * b for a, b in zip([zero, *poly], [*poly, zero], strict=True)]
