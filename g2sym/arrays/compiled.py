"""An optional compiled loop for sums of rows times columns, used where numba is installed.

It does the operations of the plain way in the same order, without fused multiply-adds, so that both give the
same doubles and let the same points climb.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from typing import Any

Loop = Callable[..., int]
SPAN = 128
"""Columns evaluated before those that fail are looked for."""


@cache
def grid_loop() -> Loop | None:
    """Return the compiled loop, or None without numba or with G2SYM_COMPILED=0.

    The loop takes the terms' rows and columns, (rows x terms) and (terms x columns); theta and the smallest
    value of the criterion |sum| - theta * sizes >= smallest; a buffer for a row of sizes; the block to fill
    and an array of places to fill with those at which the criterion fails. It returns their number.
    """
    if os.environ.get("G2SYM_COMPILED", "") == "0":
        return None
    try:
        import numba
    except ImportError:
        return None
    from numba import types

    def run(rows: Any, columns: Any, theta: float, smallest: float, sizes: Any, out: Any, places: Any) -> int:
        found = 0
        height, width = out.shape
        for i in range(height):
            first = rows[i, 0]
            for start in range(0, width, SPAN):
                here, one = out[i, start : start + SPAN], columns[0, start : start + SPAN]
                span = len(here)
                failing = 0
                if len(columns) == 2:  # all in registers
                    second, other = rows[i, 1], columns[1, start : start + SPAN]
                    for j in range(span):
                        term, more = one[j] * first, other[j] * second
                        total = term + more
                        here[j] = total
                        failing += not abs(total) - theta * (abs(term) + abs(more)) >= smallest
                else:
                    for j in range(span):
                        term = one[j] * first
                        here[j] = term
                        sizes[j] = abs(term)
                    for k in range(1, len(columns)):
                        factor, other = rows[i, k], columns[k, start : start + SPAN]
                        for j in range(span):
                            term = other[j] * factor
                            here[j] += term
                            sizes[j] += abs(term)
                    for j in range(span):
                        failing += not abs(here[j]) - theta * sizes[j] >= smallest
                if not failing:
                    continue
                for j in range(span):
                    size = abs(one[j] * first)
                    for k in range(1, len(columns)):
                        size += abs(columns[k, start + j] * rows[i, k])
                    if not abs(here[j]) - theta * size >= smallest:
                        places[found] = i * width + start + j
                        found += 1
        return found

    def array(kind: Any, axes: int) -> Any:
        return types.Array(kind, axes, "C")

    double = types.float64
    terms = array(double, 2)
    signature = types.int64(
        terms, terms, double, double, array(double, 1), array(double, 2), array(types.intp, 1)
    )
    loop: Loop = numba.njit(signature, nogil=True, fastmath=False)(run)
    return loop
