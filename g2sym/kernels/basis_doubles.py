"""The four functions J_ab in doubles from their closed forms, each value with a bound on its error.

For masses near threshold, where the universal tables end. The formulas are those of `g2sym.kernels.basis`;
the error of every step is added up, to first order with 2 % for the rest. Differences of masses are exact
before they are rounded: next to threshold and pseudothreshold their relative error decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from g2sym.integrals.basis import Powers
from g2sym.kernels import doubledouble as dd

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

U = 2.0**-53
LIBRARY = 8 * U
"""Relative error of numpy's logarithm and arc tangent, which its own tests hold to 4 units."""
SERIES = 0.02
"""Sizes of tau up to which A is summed as a power series; `TERMS` leave 0.02^11/23 = 1e-20."""
TERMS = 11


def functions(
    keys: Iterable[Powers], boson: dd.Pair, fermion: dd.Pair, lepton: dd.Pair
) -> dict[Powers, tuple[Doubles, Doubles]]:
    """Return J_ab and bounds on their absolute errors, for arrays of masses of one shape.

    Parameters: positive masses of ``boson``, ``fermion`` and external ``lepton`` as pairs. On and above
    threshold, and where a step leaves the range of doubles, values or bounds are not finite.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        found = _all(boson, fermion, lepton)
        return {key: found[key] for key in keys}


def _all(heavy: dd.Pair, light: dd.Pair, lepton: dd.Pair) -> dict[Powers, tuple[Any, Any]]:
    import numpy as np

    boson, fermion, m = heavy[0], light[0], lepton[0]
    unit = m * m
    both, gap = dd.add(heavy, light), dd.add(heavy, (-light[0], -light[1]))
    scale = boson + fermion + m
    less, r_less = _difference(both, lepton, scale)  # M + m_F - m
    more, r_more = _sum(both, lepton, scale)
    left, r_left = _difference(lepton, gap, scale)  # m - (M - m_F)
    right, r_right = _sum(lepton, gap, scale)
    below = np.where(less > 0, less * more, np.nan)
    r_below = r_less + r_more + U
    above = left * right
    r_above = r_left + r_right + U
    arc, r_arc = _arc(above, below, r_above, r_below + 2 * U, boson * fermion)
    t = 4 * arc * unit / below
    r_t = r_arc + r_below + 8 * U  # the lepton's mass is rounded, squared, and multiplied in
    logarithm = 2 * np.log(fermion / boson)
    e_log = 6 * U + (LIBRARY + U) * np.abs(logarithm)
    d0, d1 = boson * boson / unit, fermion * fermion / unit
    r_d = 7 * U
    # D(x) = d0 (1-x) + d1 x - x (1-x): slopes at the ends
    turn, e_turn = _turn(light, boson, lepton)
    back, e_back = _turn(heavy, fermion, lepton)  # d0 - d1 - 1
    ten = (logarithm - turn * t) / 2
    e_ten = (e_log + (e_turn + np.abs(turn) * (r_t + 2 * U)) * t) / 2 + 2 * U * np.abs(ten)
    one = (-back * t - logarithm) / 2
    e_one = (e_log + (e_back + np.abs(back) * (r_t + 2 * U)) * t) / 2 + 2 * U * np.abs(one)
    left_part, right_part = d0 * one, d1 * ten
    e_left = d0 * e_one + np.abs(left_part) * (r_d + U)
    e_right = d1 * e_ten + np.abs(right_part) * (r_d + U)
    eleven = left_part + right_part - 1
    e_eleven = e_left + e_right + U * (np.abs(left_part + right_part) + np.abs(eleven))
    twenty, e_twenty = ten - eleven, e_ten + e_eleven + U * np.abs(ten - eleven)
    # the same by another way, for m_F near m and a light boson
    near, r_near = _square_gap(light, lepton)
    other = 1 - left_part - near * ten
    e_other = (
        e_left
        + np.abs(near) * (e_ten + (r_near + U) * np.abs(ten))
        + 2 * U * (1 + np.abs(left_part) + np.abs(other))
    )
    better = e_other < e_twenty
    twenty, e_twenty = np.where(better, other, twenty), np.where(better, e_other, e_twenty)
    two = one - eleven
    e_two = e_one + e_eleven + U * np.abs(two)
    first, second = d0 * eleven, d1 * twenty
    most = first + second - 0.5
    e_most = d0 * e_eleven + d1 * e_twenty + (r_d + U) * (np.abs(first) + np.abs(second))
    e_most = e_most + U * (np.abs(first + second) + np.abs(most))
    pairs = {
        (2, 1): (most, e_most),
        (1, 1): (eleven, e_eleven),
        (2, 0): (twenty, e_twenty),
        (0, 2): (two, e_two),
    }
    return {key: (value, 1.02 * error) for key, (value, error) in pairs.items()}


def _sum(a: dd.Pair, b: dd.Pair, scale: Any) -> tuple[Any, Any]:
    """Return a + b of two pairs and its relative error: one rounding, and those of the pairs."""
    import numpy as np

    high, rest = dd.two_sum(a[0], b[0])
    value = high + (rest + (a[1] + b[1]))
    return value, 2 * U + 16 * U * U * scale / np.abs(value)


def _difference(a: dd.Pair, b: dd.Pair, scale: Any) -> tuple[Any, Any]:
    return _sum(a, (-b[0], -b[1]), scale)


def _square_gap(mass: dd.Pair, lepton: dd.Pair) -> tuple[Any, Any]:
    """Return (mass^2 - m^2)/m^2 and its relative error."""
    m = lepton[0]
    less, r_less = _difference(mass, lepton, mass[0] + m)
    more, r_more = _sum(mass, lepton, mass[0] + m)
    return less * more / (m * m), r_less + r_more + 6 * U


def _turn(first: dd.Pair, second: Any, lepton: dd.Pair) -> tuple[Any, Any]:
    """Return (first^2 - second^2 - m^2)/m^2, a slope of D at an end, and its absolute error."""
    import numpy as np

    gap, r_gap = _square_gap(first, lepton)
    square = second * second / (lepton[0] * lepton[0])
    value = gap - square
    return value, np.abs(gap) * r_gap + 8 * U * square + U * np.abs(value)


def _arc(above: Any, below: Any, r_above: Any, r_below: Any, product: Any) -> tuple[Any, Any]:
    """Return A(tau), tau = above/below, and its relative error; 1 + tau = 4 product/below."""
    import numpy as np

    tau = above / below
    r_tau = r_above + r_below + U
    size = np.abs(tau)
    root = np.sqrt(size)
    # tau > 0: d ln A/d ln tau lies between -1/2 and 0
    arc = np.arctan(root) / root
    r_arc = r_tau / 2 + LIBRARY + 3 * U
    # tau < 0: both logarithms are added
    rest = 4 * product / below
    logarithm, first = np.log(rest), np.log1p(root)
    whole = 2 * first - logarithm
    e_whole = 2 * root * (r_tau / 2 + U) + 2 * LIBRARY * first + r_below + 2 * U + LIBRARY * np.abs(logarithm)
    negative = whole / (2 * root)
    r_negative = e_whole / np.abs(whole) + r_tau / 2 + 4 * U
    series = np.zeros_like(tau)
    for k in range(TERMS - 1, -1, -1):
        series = 1 / (2 * k + 1) - tau * series
    small = size <= SERIES
    value = np.where(small, series, np.where(tau > 0, arc, negative))
    return value, np.where(small, 4 * U + size * r_tau, np.where(tau > 0, r_arc, r_negative))
