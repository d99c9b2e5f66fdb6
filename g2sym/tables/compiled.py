"""An optional compiled loop for tables, used where numba is installed and an array is long enough.

It does the operations of the plain loop in the same order, without fused multiply-adds, so that both
give the same doubles bit for bit.
"""

from __future__ import annotations

import math
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

    It takes masses of boson, fermion and lepton; ends and middles of the bands, numbers of powers of u for
    each power of v, errors of the bands; coefficients of all functions and bands one after the other, with
    the place where each begins (-1: not there); for each function whether the masses are exchanged and
    whether it grows without limit; the range of q in octaves and the cells in each; the arrays of values and
    errors to fill.
    """
    if os.environ.get("G2SYM_COMPILED", "") == "0":
        return None
    try:
        import numba
        import numpy as np
    except ImportError:
        return None

    def run(
        boson: Any,
        fermion: Any,
        lepton: Any,
        edges: Any,
        middles: Any,
        counts: Any,
        errors: Any,
        flat: Any,
        starts: Any,
        swapped: Any,
        growing: Any,
        octaves: int,
        shift: int,
        out: Any,
        error: Any,
    ) -> None:
        bands = len(middles)
        used = np.array([not swapped.all(), swapped.any()])
        ratios, points, places = np.zeros(2), np.zeros(2), np.zeros(2, np.int64)
        number = np.zeros(1)
        bits = number.view(np.int64)
        least = math.ldexp(1.0, -octaves)
        most = math.ldexp(1.0 - 2.0**-53, octaves)
        for i in range(len(boson)):
            b, f, m = boson[i], fermion[i], lepton[i]
            ratio = m / (b + f)
            s = ratio * ratio
            band = -1
            if s > 0.0 and s <= edges[bands]:
                band = 0
                while s > edges[band + 1]:
                    band += 1
            if band < 0:
                error[i] = errors[bands]
                out[:, i] = math.nan
                continue
            error[i] = errors[band]
            v = s - middles[band]
            scale = m * m / (b * b + f * f)
            last = counts.shape[1] - 1
            while counts[band, last] == 0:
                last -= 1
            width = 0
            for power in range(last + 1):
                width += counts[band, power]
            for side in range(2):
                if not used[side]:
                    continue
                q = f / b
                if side == 1:
                    q = 1.0 / q if q != 0.0 else math.inf
                ratios[side] = q
                inside = min(max(q, least), most)
                number[0] = inside
                cell = bits[0] >> shift
                bits[0] = (cell << shift) | (1 << (shift - 1))
                places[side] = cell - ((1023 - octaves) << (52 - shift))
                points[side] = (inside - number[0]) / (inside + number[0])
            for k in range(len(starts)):
                start = starts[k, band]
                side = 1 if swapped[k] else 0
                q, u = ratios[side], points[side]
                if start < 0 or (growing[k] and q < least and q > 0.0):
                    out[k, i] = math.nan
                    continue
                first = start + places[side] * width
                end = first + width
                total = 0.0
                for power in range(last, -1, -1):
                    begin = end - counts[band, power]
                    inner = flat[end - 1]
                    for place in range(end - 2, begin - 1, -1):
                        inner = inner * u + flat[place]
                    total = inner if power == last else total * v + inner
                    end = begin
                out[k, i] = total * scale

    # a quotient by zero is infinite, as in the plain loop
    loop: Callable[..., None] = numba.njit(run, nogil=True, error_model="numpy")
    return loop
