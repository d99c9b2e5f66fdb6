"""Tensor products of Chebyshev interpolations between certified values, with proved errors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Protocol

from g2sym.kernels.charts import Chart, affordable, left_out
from g2sym.kernels.sectors import Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

    Range = tuple[Doubles, Doubles]

TOLERANCE = 1e-8
"""What a patch may leave out, of the function's largest size on it."""
DEGREE = 31
"""Largest degree of a patch in one variable."""
SAMPLES = (-0.9, 0.0, 0.9)
"""Places in both variables at which the size of a function is looked at."""
UNIT = 2.0**-53


class Surface(Protocol):
    """One or several functions of two parameters, as patches need them."""

    @property
    def count(self) -> int:
        """The number of functions."""

    @property
    def masses(self) -> tuple[bool, bool]:
        """For each parameter, whether a kernel or a negative power depends on it."""

    def grid(self, xs: Sequence[Fraction], ys: Sequence[Fraction]) -> tuple[Doubles, Doubles]:
        """Return values [function, x, y] at all pairs, and for each function a bound on their errors."""

    def bound(self, x: Sector, y: Sector) -> Doubles:
        """Return upper bounds [function, sector] of the moduli; infinite where there is none."""

    def range(self, x: Range, y: Range) -> Range:
        """Return bounds [function, box] over boxes of real parameters; infinite where there are none."""

    def outside(self, x: Range, y: Range, *, entirely: bool = True) -> Flags:
        """Tell the boxes that lie above a threshold: entirely, or perhaps in part."""

    def distance(self, x: Range, y: Range) -> Doubles:
        """Return how far boxes are from a threshold, at their lower ends; infinite without one."""


@dataclass(frozen=True, eq=False)
class Patch:
    """Chebyshev coefficients [function, x, y] over two charts, and a bound on the error of each function."""

    charts: tuple[Chart, Chart]
    coefficients: Doubles
    error: Doubles


def build(surface: Surface, low: tuple[float, float], high: tuple[float, float]) -> Patch | int | None:
    """Interpolate a surface over a rectangle.

    Returns the axis along which to cut it instead where that takes too high a degree, None where the
    functions are not bounded on any ellipse.

    With I_x and I_y the interpolations, f - I_x I_y f = (f - I_x f) + I_x (f - I_y f): the error is at most
    E_x plus the norm of I_x, 1 + (2/pi) ln(n + 1), times E_y, each with one parameter complex and the other
    real.
    """
    import numpy as np

    charts = [Chart.over(low[k], high[k], mass=surface.masses[k]) for k in (0, 1)]
    real = [chart.real() for chart in charts]
    sizes, sectors = zip(*(chart.ellipses() for chart in charts), strict=True)
    first, second = (len(r) for r in sizes)
    x = sectors[0].joined(real[0].repeated(second))
    y = real[1].repeated(first).joined(sectors[1])
    bounds = np.split(surface.bound(x, y), [first], axis=1)
    if not all(np.isfinite(b).any(axis=1).all() for b in bounds):
        return None
    few = [[chart.exact(t) for t in SAMPLES] for chart in charts]
    samples, _ = surface.grid(few[0], few[1])
    least = np.min([b.min(axis=1) for b in bounds], axis=0)  # for a function that is zero, or nearly
    goals = TOLERANCE / 4 * np.maximum(np.abs(samples).max(axis=(1, 2)), 1e-12 * least)
    want = [
        max(affordable(sizes[k], bounds[k][j], goals[j] / (1, 4)[k]) for j in range(surface.count))
        for k in (0, 1)
    ]
    if max(want) > DEGREE:
        return 0 if want[0] >= want[1] else 1
    n, m = (int(w) for w in want)
    (places, to_x), (others, to_y) = nodes(n), nodes(m)
    values, unsure = surface.grid(
        [charts[0].exact(t) for t in places.tolist()], [charts[1].exact(t) for t in others.tolist()]
    )
    norms = [1 + 2 / math.pi * math.log(d + 1) for d in (n, m)]
    error = transformed(n, m) * np.abs(values).max(axis=(1, 2))
    for j in range(surface.count):
        one, two = bounds[0][j], bounds[1][j]
        error[j] += left_out(sizes[0], one, n) + norms[0] * left_out(sizes[1], two, m)
        error[j] += norms[0] * norms[1] * (unsure[j] + moved(sizes[0], one) + moved(sizes[1], two))
    return Patch((charts[0], charts[1]), to_x @ values @ to_y.T, error * (1 + 2.0**-40))


@cache
def nodes(degree: int) -> tuple[Doubles, Doubles]:
    """Return the Chebyshev nodes, and the matrix from values there to Chebyshev coefficients."""
    import numpy as np

    count = degree + 1
    angle = math.pi / (2 * count)
    turns = np.outer(np.arange(count), 2 * np.arange(count) + 1) % (4 * count)
    matrix = np.cos(turns * angle) * (2 / count)
    matrix[0] /= 2
    return np.cos((2 * np.arange(count) + 1) * angle), matrix


def transformed(n: int, m: int) -> float:
    """Return what rounding does to a patch on the way from values to coefficients, over max |values|.

    With N = n + 1 nodes an entry of the matrix is 2/N times a cosine of at most 2 pi, off by 16 u at most;
    so a coefficient of one variable is off by (32 + 2 N) u max |v|, and is itself at most 2 max |v|. Of two
    variables, with M = m + 1 nodes of the other: by 2 (32 + 2 N) u + 2 (32 + 2 M) u, and there are N M of
    them, each times polynomials that are at most 1. What is of second order is less than the rest of 136.
    """
    return (n + 1) * (m + 1) * (136 + 4 * (n + m + 2)) * UNIT


def moved(sizes: Doubles, bounds: Doubles) -> float:
    """Return how far the rounding of the nodes, at most 2^-50, moves a value.

    The derivative is at most the bound on an ellipse over the distance of the ellipse from [-1, 1], which is
    that of its ends: (r + 1/r)/2 - 1.
    """
    import numpy as np

    found = bounds / ((sizes - 1) ** 2 / (2 * sizes)) * 2.0**-50
    return float(np.where(np.isfinite(found), found, np.inf).min())
