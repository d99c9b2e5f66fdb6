"""An optional compiled loop for tables, used where numba is installed and an array is long enough.

It does the operations of the plain loop in the same order, without fused multiply-adds, so that both
give the same doubles bit for bit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

LONG = 500_000
"""Points from which on compiling (once in a process) pays."""


@cache
def polynomial_loop() -> Callable[..., None] | None:
    """Return the compiled loop, or None without numba or with G2SYM_COMPILED=0.

    The loop takes cell numbers, t, the low and the high four coefficients of every cell, and the
    array to fill; cells outside the table are clipped, as in the plain loop.
    """
    if os.environ.get("G2SYM_COMPILED", "") == "0":
        return None
    try:
        import numba
    except ImportError:
        return None

    def run(place: Any, t: Any, coefficients: Any, out: Any) -> None:
        last = len(coefficients) - 1
        for i in range(len(place)):
            cell = min(max(place[i], 0), last)
            x = t[i]
            square = x * x
            fourth = square * square
            value = coefficients[cell, 7] * fourth + coefficients[cell, 3]
            value = (value * x) + (coefficients[cell, 6] * fourth + coefficients[cell, 2])
            value = (value * x) + (coefficients[cell, 5] * fourth + coefficients[cell, 1])
            out[i] = (value * x) + (coefficients[cell, 4] * fourth + coefficients[cell, 0])

    loop: Callable[..., None] = numba.njit(nogil=True, fastmath=False)(run)
    return loop


@cache
def plane_loop() -> Callable[..., None] | None:
    """Return the compiled loop of the tables of two masses, or None as `polynomial_loop` does.

    It takes cells, u, v, the coefficients by cells, how many there are for each power of v, and the array to
    fill.
    """
    if os.environ.get("G2SYM_COMPILED", "") == "0":
        return None
    try:
        import numba
    except ImportError:
        return None

    def run(place: Any, u: Any, v: Any, cells: Any, counts: Any, out: Any) -> None:
        last = len(counts) - 1
        for i in range(len(place)):
            row = cells[place[i]]
            x, y = u[i], v[i]
            total = 0.0
            end = len(row)
            for power in range(last, -1, -1):
                first = end - counts[power]
                inner = row[end - 1]
                for k in range(end - 2, first - 1, -1):
                    inner = inner * x + row[k]
                total = inner if power == last else total * y + inner
                end = first
            out[i] = total

    loop: Callable[..., None] = numba.njit(run, nogil=True)
    return loop
