"""Polynomials of two variables with few coefficients, on many boxes at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Places
    from g2sym.kernels.charts import Chart

    Range = tuple[Doubles, Doubles]

TERMS = 8
"""Coefficients of a leaf along each axis."""
SMALLEST = 2.0**-11
"""Smallest half width of a leaf in its patch: there degree 31 is cut to 7 with next to nothing left."""
PLACE = 2.0**-50
"""More than the rounding of a place in a leaf, times its half width: 4 units in t, and three more."""
SUM = 2.0**-42
"""More than the relative rounding of a sum of 64 products and of the T_n in it, from their recurrence."""
TOLERANCE = 1e-8
"""What may be left out in a leaf, of the sum of its coefficients."""
CHUNK = 4096
"""Boxes enclosed at once, so that what is computed for them stays in the cache."""
UNIT = 2.0**-53
TINY = 2.0**-1000
"""More than what underflow can take away from a sum."""


@dataclass(frozen=True, eq=False)
class Leaf:
    """A polynomial on a part of a patch.

    Parameters: ``charts`` of the patch; ``centre`` and ``half``, where the part lies in t; ``coefficients``
    [function, x, y]; ``error`` of each function; ``bend``, bounds [axis, function] on the second derivatives
    in the part's own variables.
    """

    charts: tuple[Chart, Chart]
    centre: tuple[float, float]
    half: tuple[float, float]
    coefficients: Doubles
    error: Doubles
    bend: Doubles

    @classmethod
    def of(
        cls,
        charts: tuple[Chart, Chart],
        coefficients: Doubles,
        error: Doubles,
        low: tuple[float, float],
        high: tuple[float, float],
    ) -> Leaf | int:
        """Expand a patch anew on a part of it, or return the axis along which to halve the part first."""
        import numpy as np

        parts = [_part(chart, low[k], high[k]) for k, chart in enumerate(charts)]
        centre, half = zip(*parts, strict=True)
        sides = [restriction(coefficients.shape[k + 1], *parts[k]) for k in (0, 1)]
        expanded = sides[0] @ coefficients @ sides[1].T
        sizes = np.abs(expanded)
        total = sizes.sum(axis=(1, 2))
        over = [sizes[:, TERMS:].sum(axis=(1, 2)), sizes[:, :, TERMS:].sum(axis=(1, 2))]
        if any((over[k] > TOLERANCE * total).any() and half[k] > 2 * SMALLEST for k in (0, 1)):
            return 0 if (over[0] / total).max() >= (over[1] / total).max() else 1
        kept = np.zeros((len(coefficients), TERMS, TERMS))
        cut = expanded[:, :TERMS, :TERMS]
        kept[:, : cut.shape[1], : cut.shape[2]] = cut
        n = np.arange(TERMS, dtype=float)
        # |T_n'| <= n^2 and |T_n''| <= n^2 (n^2 - 1)/3 on [-1, 1]
        first, second = n**2, n**2 * (n**2 - 1) / 3
        size = np.abs(kept)
        slopes = [(size * first[:, None]).sum(axis=(1, 2)), (size * first[None, :]).sum(axis=(1, 2))]
        place = PLACE * (slopes[0] / half[0] + slopes[1] / half[1])
        bend = np.stack(
            [(size * second[:, None]).sum(axis=(1, 2)), (size * second[None, :]).sum(axis=(1, 2))]
        )
        rounding = np.abs(coefficients).sum(axis=(1, 2)) * restricted(*coefficients.shape[1:])
        left = over[0] + over[1] + place + size.sum(axis=(1, 2)) * SUM
        return cls(
            charts, centre, half, kept,
            (error + rounding + left) * (1 + 2.0**-40) + TINY, bend * (1 + 2.0**-40),
        )  # fmt: skip


def _part(chart: Chart, low: float, high: float) -> tuple[float, float]:
    """Return where in t an interval lies: centre and half width, widened to `SMALLEST` within [-1, 1]."""
    import numpy as np

    a, b = chart.place(np.array([low, high])).tolist()
    half = min(max((b - a) / 2, SMALLEST), 1.0)
    return min(max((a + b) / 2, half - 1), 1 - half), half


def restriction(count: int, centre: float, half: float) -> Doubles:
    """Return the matrix from Chebyshev coefficients on [-1, 1] to those on centre +- half.

    T_(n+1) = 2 (centre + half T_1) T_n - T_(n-1), and 2 T_1 T_k = T_(k+1) + T_(k-1).
    """
    import numpy as np

    out = np.zeros((count, count))
    out[0, 0] = 1
    if count > 1:
        out[:2, 1] = centre, half
    for n in range(2, count):
        last = out[:, n - 1]
        moved = np.zeros(count)
        moved[1:] = last[:-1]
        moved[1] += last[0]
        moved[:-1] += last[1:]
        out[:, n] = 2 * centre * last + half * moved - out[:, n - 2]
    return out


def restricted(n: int, m: int) -> float:
    """Return a bound on what rounding does to a patch that is expanded on a part, over sum |coefficients|.

    Column i of the matrix is T_i on the part, at most 1 there: by the mean of its square its n coefficients
    have squares of sum <= 2, and absolute values of sum <= sqrt(2 n). A step of the recurrence rounds by at
    most 16 u sqrt(2 n) in all, and what step k errs by comes to step i times U_(i-k), at most i - k + 1:
    together 8 n^2 u sqrt(2 n). The two products of matrices round by (n + m + 2) u times the sums of both
    columns.
    """
    one, two = math.sqrt(2 * n), math.sqrt(2 * m)
    return UNIT * (8 * n * n * one + 8 * m * m * two + (n + m + 2) * one * two)


class Leaves:
    """All leaves of a tree in arrays, for many boxes at once.

    Parameters: ``count`` of functions.
    """

    def __init__(self, count: int) -> None:
        import numpy as np

        self._size = 0
        self._coefficients = np.zeros((64, count, TERMS, TERMS))
        self._slack = np.zeros((64, 3, count))
        self._places = np.zeros((64, 2, 5))

    def add(self, leaf: Leaf) -> int:
        """Take in a leaf; returns its number."""
        import numpy as np

        if self._size == len(self._slack):
            for name in ("_coefficients", "_slack", "_places"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
        n = self._size
        self._coefficients[n] = leaf.coefficients
        self._slack[n] = leaf.bend[0] / 2, leaf.bend[1] / 2, leaf.error
        for k, chart in enumerate(leaf.charts):
            self._places[n, k] = chart.c, chart.a, chart.mass, leaf.centre[k], leaf.half[k]
        self._size += 1
        return n

    def range(self, leaf: Places, boxes: Doubles, matrix: Doubles) -> Range:
        """Return bounds [row of the matrix, box] of linear combinations of the functions.

        Parameters: ``leaf``, the number of each box's leaf; ``boxes`` [end, box] within the leaves, the ends
        x low, x high, y low, y high; ``matrix`` of the combinations, its entries rounded a few times.

        On a box with half widths h and k in the leaf's variables a polynomial is within h^2/2 |f_xx| + k^2/2
        |f_yy| of the bilinear function of its corners (linear interpolation in one variable does not enlarge
        what the one in the other leaves out), whose range is that of the corners.
        """
        import numpy as np

        ends = [np.empty((len(matrix), len(leaf))) for _ in (0, 1)]
        weight = np.abs(matrix)
        for start in range(0, len(leaf), CHUNK):
            part = slice(start, start + CHUNK)
            here, box = leaf[part], boxes[:, part]
            tables, halves = [], []
            for k in (0, 1):
                c, a, mass, centre, half = self._places[here, k].T
                x = box[2 * k : 2 * k + 2]
                t = (x - c) / np.where(mass, x + c, 1.0) / a
                t = np.clip((t - centre) / half, -1.0, 1.0)
                halves.append((t[1] - t[0]) / 2 + 2 * PLACE / half)
                tables.append(_chebyshev(t))
            corners = np.einsum("bni,ncij->bncj", tables[0], self._coefficients[here], optimize=False)
            corners = np.einsum("bncj,dnj->bdcn", corners, tables[1])
            slack = self._slack[here].transpose(1, 2, 0)
            slack = halves[0] ** 2 * slack[0] + halves[1] ** 2 * slack[1] + slack[2]
            combined = np.einsum("rc,bdcn->bdrn", matrix, corners)
            # the entries of the matrix, products and sums round; so does the slack
            slack = weight @ slack * (1 + 2.0**-40) + 2.0**-48 * (weight @ np.abs(corners).max(axis=(0, 1)))
            ends[0][:, part] = combined.min(axis=(0, 1)) - slack
            ends[1][:, part] = combined.max(axis=(0, 1)) + slack
        return ends[0], ends[1]


def _chebyshev(t: Doubles) -> Doubles:
    """Return T_0 .. T_7 at places [end, box], as [end, box, number]."""
    import numpy as np

    out = np.empty((*t.shape, TERMS))
    out[..., 0] = 1
    out[..., 1] = t
    for n in range(2, TERMS):
        out[..., n] = 2 * t * out[..., n - 1] - out[..., n - 2]
    return out
