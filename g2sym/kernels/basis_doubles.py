"""The four functions J_ab from their closed forms in doubles or pairs, each with a bound on its error.

For masses near threshold, where the universal tables end, and in pairs beside zeros of a sum. The formulas
are those of `g2sym.kernels.basis`; the error of every step is added up, to first order with 2 % for the rest.
Differences of masses are exact before they are rounded: next to threshold and pseudothreshold their
relative error decides.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from g2sym.integrals.basis import Powers
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.arithmetic import DOUBLE, Arithmetic

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

PAIR = 2.0**-106
"""Relative error of a mass given as a pair."""
SERIES = 0.02
"""Sizes of tau up to which A is a power series: 11 terms leave 0.02^11/23 = 1e-20, 20 terms 1e-35."""


def functions(
    keys: Iterable[Powers],
    boson: dd.Pair,
    fermion: dd.Pair,
    lepton: dd.Pair,
    arithmetic: Arithmetic = DOUBLE,
) -> dict[Powers, tuple[Any, Doubles]]:
    """Return J_ab and bounds on their absolute errors, for arrays of masses of one shape.

    Parameters: positive masses of ``boson``, ``fermion`` and external ``lepton`` as pairs; ``arithmetic`` of
    the values, doubles or `g2sym.kernels.arithmetic.Wide`. On and above threshold, and where a step leaves
    the range of doubles, values or bounds are not finite.
    """
    import numpy as np

    with np.errstate(all="ignore"):
        found = _Closed(arithmetic, boson, fermion, lepton).all()
        return {key: found[key] for key in keys}


class _Closed:
    """The steps; ``u`` is the relative error of an operation, r_x that of x, e_x its absolute error."""

    def __init__(self, arithmetic: Arithmetic, boson: dd.Pair, fermion: dd.Pair, lepton: dd.Pair) -> None:
        self.a, self.u = arithmetic, arithmetic.unit
        self.boson, self.fermion, self.lepton = boson, fermion, lepton
        self.m = arithmetic.number(lepton)
        self.unit = self.m * self.m

    def all(self) -> dict[Powers, tuple[Any, Any]]:
        import numpy as np

        u, size = self.u, self.a.size
        boson, fermion = self.a.number(self.boson), self.a.number(self.fermion)
        both, gap = dd.add(self.boson, self.fermion), dd.add(self.boson, _minus(self.fermion))
        scale = self.boson[0] + self.fermion[0] + self.lepton[0]
        less, r_less = self._sum(both, _minus(self.lepton), scale)  # M + m_F - m
        more, r_more = self._sum(both, self.lepton, scale)
        left, r_left = self._sum(self.lepton, _minus(gap), scale)  # m - (M - m_F)
        right, r_right = self._sum(self.lepton, gap, scale)
        below = less * more
        below = self.a.where(_positive(less), below, 0.0 * below + np.nan)
        r_below = r_less + r_more + u
        above = left * right
        r_above = r_left + r_right + u
        arc, r_arc = self._arc(above, below, r_above, r_below + 2 * u, boson * fermion)
        t = arc * 4.0 * self.unit / below
        r_t = r_arc + r_below + 8 * u  # the lepton's mass is rounded, squared, and multiplied in
        logarithm = self.a.log(fermion / boson) * 2.0
        e_log = 8 * u + (self.a.library + u) * size(logarithm)
        d0, d1 = boson * boson / self.unit, fermion * fermion / self.unit
        r_d = 7 * u
        # D(x) = d0 (1-x) + d1 x - x (1-x): slopes at the ends
        turn, e_turn = self._turn(self.fermion, boson)
        back, e_back = self._turn(self.boson, fermion)  # d0 - d1 - 1
        ten = (logarithm - turn * t) * 0.5
        e_ten = (e_log + (e_turn + size(turn) * (r_t + 2 * u)) * size(t)) / 2 + 2 * u * size(ten)
        one = (-back * t - logarithm) * 0.5
        e_one = (e_log + (e_back + size(back) * (r_t + 2 * u)) * size(t)) / 2 + 2 * u * size(one)
        left_part, right_part = d0 * one, d1 * ten
        e_left = size(d0) * e_one + size(left_part) * (r_d + u)
        e_right = size(d1) * e_ten + size(right_part) * (r_d + u)
        eleven = left_part + right_part - 1.0
        e_eleven = e_left + e_right + u * (size(left_part + right_part) + size(eleven))
        twenty = ten - eleven
        e_twenty = e_ten + e_eleven + u * size(twenty)
        # the same by another way, for m_F near m and a light boson
        near, r_near = self._square_gap(self.fermion)
        other = 1.0 - left_part - near * ten
        e_other = e_left + size(near) * (e_ten + (r_near + u) * size(ten))
        e_other = e_other + 2 * u * (1 + size(left_part) + size(other))
        better = e_other < e_twenty
        twenty, e_twenty = self.a.where(better, other, twenty), np.where(better, e_other, e_twenty)
        two = one - eleven
        e_two = e_one + e_eleven + u * size(two)
        first, second = d0 * eleven, d1 * twenty
        most = first + second - 0.5
        e_most = size(d0) * e_eleven + size(d1) * e_twenty + (r_d + u) * (size(first) + size(second))
        e_most = e_most + u * (size(first + second) + size(most))
        found = {
            (2, 1): (most, e_most),
            (1, 1): (eleven, e_eleven),
            (2, 0): (twenty, e_twenty),
            (0, 2): (two, e_two),
        }
        return {key: (value, 1.02 * error) for key, (value, error) in found.items()}

    def _sum(self, a: dd.Pair, b: dd.Pair, scale: Any) -> tuple[Any, Any]:
        """Return a + b of two pairs and its relative error: one rounding, and those of the pairs."""
        value = self.a.sum(a, b)
        return value, 2 * self.u + 16 * PAIR * scale / self.a.size(value)

    def _square_gap(self, mass: dd.Pair) -> tuple[Any, Any]:
        """Return (mass^2 - m^2)/m^2 and its relative error."""
        scale = mass[0] + self.lepton[0]
        less, r_less = self._sum(mass, _minus(self.lepton), scale)
        more, r_more = self._sum(mass, self.lepton, scale)
        return less * more / self.unit, r_less + r_more + 6 * self.u

    def _turn(self, first: dd.Pair, second: Any) -> tuple[Any, Any]:
        """Return (first^2 - second^2 - m^2)/m^2, a slope of D at an end, and its absolute error."""
        size = self.a.size
        gap, r_gap = self._square_gap(first)
        square = second * second / self.unit
        value = gap - square
        return value, size(gap) * r_gap + 8 * self.u * size(square) + self.u * size(value)

    def _arc(self, above: Any, below: Any, r_above: Any, r_below: Any, product: Any) -> tuple[Any, Any]:
        """Return A(tau), tau = above/below, and its relative error; 1 + tau = 4 product/below."""
        import numpy as np

        a, u, size, library = self.a, self.u, self.a.size, self.a.library
        tau = above / below
        r_tau = r_above + r_below + u
        small, positive = size(tau) <= SERIES, _positive(tau)
        root = a.sqrt(a.where(positive, tau, -tau))
        # tau > 0: d ln A/d ln tau lies between -1/2 and 0
        arc = a.atan(root) / root
        r_arc = r_tau / 2 + library + 3 * u
        # tau < 0: both logarithms are added
        logarithm, first = a.log(product * 4.0 / below), a.log1p(root)
        whole = first * 2.0 - logarithm
        e_whole = 2 * size(root) * (r_tau / 2 + u) + 2 * library * size(first) + r_below + 6 * u
        e_whole = e_whole + library * size(logarithm)
        negative = whole / (root * 2.0)
        r_negative = e_whole / size(whole) + r_tau / 2 + 4 * u
        series = 0.0 * tau
        one = 0.0 * tau + 1.0
        for k in range(a.terms - 1, -1, -1):
            series = one / (2.0 * k + 1) - tau * series
        value = a.where(small, series, a.where(positive, arc, negative))
        return value, np.where(small, 4 * u + size(tau) * r_tau, np.where(positive, r_arc, r_negative))


def _minus(pair: dd.Pair) -> dd.Pair:
    return -pair[0], -pair[1]


def _positive(value: Any) -> Any:
    return getattr(value, "high", value) > 0
