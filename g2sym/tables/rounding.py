"""What rounding does to a table's polynomials: how often each coefficient is rounded, in units of 2^-53.

Every path that evaluates is counted, from rounding the coefficient to the last addition; t itself is exact.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles


UNIT = 2.0**-53
PLAIN = (3, 5, 7, 8, 10, 12, 14, 15)
"""Roundings of c_k t^k in a cell that is not centred on a zero: the larger number of two.

Arrays: with e_k = c_(k+4) t^4 + c_k, ((e_3 t + e_2) t + e_1) t + e_0. t^4 has three roundings, e_k two more
for c_(k+4) and one for c_k, and k steps follow of two each: 3, 5, 7, 8, then 7, 9, 11, 12. One number, by
Horner's rule: 2, 4, 6, 8, 10, 12, 14, 15.
"""
CENTRED = (1, 5, 7, 9, 11, 13, 15, 16)
"""Roundings of c_k t^k around a zero: Horner's rule, one more for the low half of c_0, which is a pair."""


WIDE_PLAIN = (2, 4, 6, 8, 10, 12, 14, 16, 17)
"""Roundings, in units of 2^-53, of c_k t^k in a wide table from k = 3 on: Horner's rule in doubles.

Every coefficient is rounded; the last one then takes two roundings in each of eight steps, c_(3+j) a sum and
those of j steps.
"""
WIDE_PAIRS = (4, 10, 16, 18)
"""Errors, in units of 2^-106, of c_k t^k there as a pair: those of c_0, c_1, c_2 and of all others.

A pair stands for its coefficient to one unit, and `doubledouble.add` and `scale` err by three each: c_0 is
added, c_1 added, scaled and added, and so on; what was computed in doubles is scaled and added three times.
"""


def stated(bound: float) -> float:
    """Round a bound up to twenty bits: what a table states does not depend on the order of operations."""
    mantissa, exponent = math.frexp(bound)
    return math.ldexp(math.ceil(math.ldexp(mantissa, 20)), exponent - 20)


def plain_rounding(table: Doubles, powers: Doubles) -> Doubles:
    """Return bounds on the rounding of each cell's values, in units; ``powers`` of the largest t.

    No less than 3 and 6 units for the constant and the others, which tables were made with before: so the
    bound they state does not depend on this count where that is larger.
    """
    import numpy as np

    sizes = np.abs(table)
    counted: Doubles = sizes @ (powers * np.array(PLAIN))
    return np.maximum(counted, 3 * sizes[:, 0] + 6 * (sizes[:, 1:] @ powers[1:]))


def centred_rounding(table: Doubles, powers: Doubles) -> Doubles:
    """Return bounds on the rounding of each cell's slope f/(M - M0), in units, and no less than before."""
    import numpy as np

    sizes = np.abs(table)
    counted: Doubles = sizes @ (powers * np.array(CENTRED))
    return np.maximum(counted, sizes[:, 0] + 6 * (sizes[:, 1:] @ powers[1:]))


def wide_rounding(table: Doubles, powers: Doubles) -> Doubles:
    """Return bounds on the rounding of each cell's values in a wide table, absolute.

    The three lowest coefficients are pairs; what multiplies t^3 is computed in doubles, t itself is exact.
    """
    import numpy as np

    sizes = np.abs(table) * powers
    pairs = len(WIDE_PAIRS) - 1
    tail = sizes[:, pairs:]
    low: Doubles = sizes[:, :pairs] @ np.array(WIDE_PAIRS[:pairs], float) + WIDE_PAIRS[pairs] * tail.sum(
        axis=1
    )
    # that errors multiply, and the rounding of these sums, is less than 2^-40 of them
    total: Doubles = (UNIT * (tail @ np.array(WIDE_PLAIN, float)) + UNIT**2 * low) * (1 + 2.0**-40)
    return total


def gap_rounding(zero: arb, head: float, low: float, first: float, last: float) -> float:
    """Return a bound on the relative error of (M - head) - low for doubles M in [first, last], in units.

    Parameters: ``zero``, the ball of M0; ``head`` and ``low``, two doubles whose sum stands for it. At
    M = head the difference is -low, exactly; at any other M the first difference is exact within a factor of
    two (Sterbenz) and rounds once elsewhere, the second rounds once. What head + low misses of the zero, the
    ball included, counts against the least distance of a double from it. Call inside `working_precision`.
    """
    missed = float(abs(zero - head - low).upper())
    step = min(head - math.nextafter(head, 0.0), math.nextafter(head, math.inf) - head)
    distance = step - abs(low) - missed
    if not distance > 0 or low == 0:
        return math.inf
    roundings = 1.0 if head <= 2 * first and last <= 2 * head else 2.0
    return max(missed / (abs(low) - missed) / UNIT, roundings + missed / distance / UNIT) * (1 + 1e-9)
