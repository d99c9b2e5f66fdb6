"""Building the universal tables of two running masses, and what proves their error.

N_ab(q, s) = (1 + z) int_0^1 x^a (1-x)^b/((1-x) + z x)/(1 - s y) dx with z = q^2 and
y = x (1-x) (1+q)^2/((1-x) + z x), between 0 and 1.

In s: interpolating 1/(1 - s y) at n Chebyshev nodes of [a, b] errs by T_n(s')/T_n(p), relative, with s' in
[-1, 1] and p = (2/y - a - b)/(b - a): at most 1/T_n((2 - a - b)/(b - a)), and so does N, a sum of such with
positive weights.

In u: with q = c (1 + u)/(1 - u), |u| <= A < 1, the argument of q is at most theta/2 = 2 arctan A (the disk's
image is a disk seen from 0 under twice the arcsine of 2A/(1 + A^2)), and
|N| <= (1 + A^2)^((a+b+2)/2) N(|q|, 0)/(1 - s (1 + A^2)), since |1 + e^(w + i psi)| >= cos(psi/2) (1 + e^w).
ln N(q, 0) has a slope of at most 1 in ln z (for s > 0 see `slope`), and |ln(|q|/c)| <= ln((1+A)/(1-A)):
that bounds N on the ellipse of foci +-h in |u| <= A with r = A/h + sqrt((A/h)^2 - 1), and the interpolant of
n Chebyshev nodes errs by 4 C r^(1-n)/(r - 1) (Trefethen, Approximation Theory and Approximation Practice,
theorem 8.2).
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.errors import PrecisionError
from g2sym.integrals.basis import Powers
from g2sym.kernels.basis import functions
from g2sym.tables.planes import CELL_BITS, CELLS, EDGES, ERROR, OCTAVES, STORED, Band, PlaneTable, middle

if TYPE_CHECKING:
    from flint import arb

NODES = ((13, 4), (13, 6), (13, 9), (13, 13), (14, 18))
"""Nodes in u and in s for each band."""
WIDTH = 0.125 / 2.125
"""The largest |u| of the widest cell, that from 1 to 1.25."""
SPREAD = 4 * math.log(1.125)
"""How far ln z varies over |u| <= `WIDTH`, nodes included: q runs from c/1.125 to 1.125 c."""
NEGLIGIBLE = 1e-18
"""Parts of N that coefficients left out may amount to, each."""
UNIT = 2.0**-53


def arguments(high: float) -> float:
    """Return the relative error of J from rounded arguments, up to s = ``high``.

    Each mass may be a rounded constant. q errs by 3 UNIT, its inverse by 4; ln N has a slope of at most
    1 + s/(1 - s) in ln z = 2 ln q. s, the square of m/(M + m_F), errs by 9 UNIT: twice what a mass, the sum,
    the lepton's mass and the quotient do, and the square; ln N has a slope of at most s/(1 - s) in ln s. The
    factor m^2/(M^2 + m_F^2) errs by 9 UNIT: m twice and its square, a mass twice, square, sum, quotient and
    product.
    """
    steep = high / (1 - high)
    return (8 * (1 + steep) + 9 * steep + 9) * UNIT


def slope(high: float) -> float:
    """Return a bound on the slope of ln N in ln z up to s = ``high``.

    With p = z x/((1-x) + z x) and p0 = q/(1+q), 1/y - 1 = (p - p0)^2/(p (1-p)) >= 4 (p - p0)^2, and the slope
    of ln y is p0 - p: 1/(1 - s y) adds at most s |p - p0|/(1 - s + 4 (p - p0)^2) <= s/(4 sqrt(1-s)).
    """
    return 1 + high / (4 * math.sqrt(1 - high))


def truncation_in_s(count: int, low: float, high: float) -> float:
    """Return the relative error of interpolating in s."""
    return 1.0 / math.cosh(count * math.acosh((2 - low - high) / (high - low)))


def truncation_in_u(count: int, high: float, powers: Powers = (2, 1)) -> float:
    """Return the relative error of interpolating in u, the least over ellipses; it grows with a + b."""
    best = math.inf
    for percent in range(10, 98):
        reach = percent / 100
        if reach <= WIDTH or high * (1 + reach * reach) >= 1:
            continue
        r = reach / WIDTH + math.sqrt((reach / WIDTH) ** 2 - 1)
        size = (1 + reach * reach) ** ((sum(powers) + 2) / 2) / (1 - high * (1 + reach * reach))
        size *= ((1 + reach) / (1 - reach)) ** 2 * math.exp(SPREAD / 2)
        best = min(best, 4 * size * r ** (1 - count) / (r - 1))
    return best * 1.001


def lebesgue(count: int) -> float:
    """Return a bound on the Lebesgue constant of Chebyshev nodes."""
    return 2 / math.pi * math.log(count) + 1


@cache
def nodes(count: int) -> list[Any]:
    """Return the Chebyshev nodes of [-1, 1]."""
    from flint import arb

    return [(arb(2 * k + 1) / (2 * count)).cos_pi() for k in range(count)]


def transform(count: int, scale: arb) -> Any:
    """Return the matrix from values at Chebyshev nodes of [-scale, scale] to coefficients of powers."""
    from flint import arb, arb_mat

    matrix = arb_mat([[(scale * x) ** k if k else arb(1) for k in range(count)] for x in nodes(count)])
    return matrix.inv()


BITS = 320
"""Working precision: s = 2^-17 at the least node and q = 2^69 cancel some 50 + 140 bits."""


def values(key_nodes: tuple[int, int], low: float, high: float, place: int) -> dict[Powers, Any]:
    """Return the matrices of N_ab at the nodes of one cell, rows u, columns s."""
    from flint import arb, arb_mat

    centre = _centre(place)
    rows: dict[Powers, list[list[arb]]] = {key: [] for key in STORED}
    half, mid = arb(high - low) / 2, arb(middle(low, high))
    for x in nodes(key_nodes[0]):
        u = x * WIDTH
        q = centre * (1 + u) / (1 - u)
        for key in STORED:
            rows[key].append([])
        for y in nodes(key_nodes[1]):
            s = mid + half * y
            root = 1 / (s.sqrt() * (1 + q))
            d0 = root * root
            found = functions(d0, q * root, root)
            both = d0 * (1 + q * q)
            for key in STORED:
                rows[key][-1].append(both * found[key])
    return {key: arb_mat(row) for key, row in rows.items()}


def _centre(place: int) -> Any:
    from flint import arb

    octave, part = divmod(place, 1 << CELL_BITS)
    return arb(2) ** (octave - OCTAVES) * (1 + (arb(part) + arb(1) / 2) / (1 << CELL_BITS))


def build() -> PlaneTable:
    """Build all bands; raises PrecisionError should the guaranteed error not be reached."""
    return PlaneTable(tuple(build_band(number) for number in range(len(NODES))))


def build_band(number: int, cells: range = range(CELLS)) -> Band:
    """Build one band.

    Parameters: ``cells`` to fill, the others hold NaN (for tests).
    """
    import numpy as np

    low, high = EDGES[number], EDGES[number + 1]
    count_u, count_s = NODES[number]
    scale_u = np.array([WIDTH**k for k in range(count_u)])
    scale_s = np.array([((high - low) / 2) ** k for k in range(count_s)])
    whole = {key: np.full((CELLS, count_u, count_s), np.nan) for key in STORED}
    radius = dict.fromkeys(STORED, 0.0)
    with working_precision(BITS):
        from flint import arb

        left = transform(count_u, arb(WIDTH))
        right = transform(count_s, arb(high - low) / 2).transpose()
        for place in cells:
            for key, matrix in values(NODES[number], low, high, place).items():
                found = left * matrix * right
                flat = found.entries()
                own = np.array([float(c.mid()) for c in flat]).reshape(count_u, count_s)
                whole[key][place] = own
                unsure = np.array([float(c.rad().upper()) for c in flat]).reshape(count_u, count_s)
                size = _least(own, scale_u, scale_s)
                radius[key] = max(radius[key], float(scale_u @ unsure @ scale_s) / size)
    return _trimmed(number, cells, whole, radius, scale_u, scale_s)


def _least(own: Any, scale_u: Any, scale_s: Any) -> float:
    """Return a lower bound of a polynomial that is positive: its constant less all variation."""
    import numpy as np

    parts = np.abs(own) * scale_u[:, None] * scale_s[None, :]
    return float(2 * parts[0, 0] - parts.sum()) * (1 - 1e-12)


def _trimmed(
    number: int,
    cells: range,
    whole: dict[Powers, Any],
    radius: dict[Powers, float],
    scale_u: Any,
    scale_s: Any,
) -> Band:
    """Leave out what does not matter, and add up the errors."""
    import numpy as np

    low, high = EDGES[number], EDGES[number + 1]
    count_u, count_s = NODES[number]
    chosen = list(cells)
    weight = scale_u[:, None] * scale_s[None, :]
    largest = np.zeros((count_u, count_s))
    for key in STORED:
        part = np.abs(whole[key][chosen]) * weight
        least = 2 * part[:, 0, 0] - part.sum(axis=(1, 2))
        if not least.min() > 0:
            raise PrecisionError("A table of two masses varies too much over a cell.")
        largest = np.maximum(largest, (part / least[:, None, None]).max(axis=0))
    counts = tuple(
        max((i + 1 for i in range(count_u) if largest[i, j] > NEGLIGIBLE), default=1) for j in range(count_s)
    )
    kept = [(i, j) for j in range(count_s) for i in range(counts[j])]
    lost = sum(largest[i, j] for i in range(count_u) for j in range(count_s) if i >= counts[j])
    rows, errors = {}, {}
    for key in STORED:
        rows[key] = np.ascontiguousarray(np.stack([whole[key][:, i, j] for i, j in kept]))
        part = np.abs(whole[key][chosen]) * weight
        least = 2 * part[:, 0, 0] - part.sum(axis=(1, 2))
        rounding = float((_rounding(part, counts) / least).max())
        total = (
            truncation_in_u(count_u, high, key)
            + truncation_in_s(count_s, low, high) * lebesgue(count_u) * math.exp(SPREAD * slope(high))
            + lost
            + radius[key]
            + rounding
            + arguments(high)
        )
        # three digits, rounded up: the same on every machine
        errors[key] = float(f"{total * 1.02:.2e}")
        if errors[key] > ERROR:
            raise PrecisionError(f"A table of two masses has an error of {errors[key]}.")
    return Band(low, high, counts, rows, errors)


def _rounding(part: Any, counts: tuple[int, ...]) -> Any:
    """Return a bound on rounding, given the sizes of all terms of each cell.

    A coefficient is rounded once. The term of u^i v^j meets i products and i + 1 sums in u, j products and
    j + 1 sums in v; u errs by 2 UNIT relative (its difference is exact, a sum and a quotient), v by UNIT of
    s, at most two of v's own range: with |v| <= half it is half UNIT (1 + low/half) of it, so 4 UNIT cover a
    factor.
    """
    import numpy as np

    steps_u = np.arange(part.shape[1])[:, None]
    steps_s = np.arange(part.shape[2])[None, :]
    each = 2 + (2 + 2) * steps_u + (2 + 4) * steps_s + 2
    return (part * each).sum(axis=(1, 2)) * UNIT
