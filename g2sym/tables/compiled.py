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
