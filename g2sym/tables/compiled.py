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

Loop = Callable[..., int]


@cache
def table_loop() -> Loop | None:
    """Return the compiled loop, or None without numba or with G2SYM_COMPILED=0.

    The loop takes masses as integers and as doubles; a table's marked coefficients and the number of their
    first row; its own coefficients, the zeros as pairs, their cells and the low parts there (see
    `g2sym.tables.table.Table`); and the array to fill. It returns how many points are left NaN. It runs
    without Python's lock, and is compiled here, once, for arrays that may be read-only.
    """
    if os.environ.get("G2SYM_COMPILED", "") == "0":
        return None
    try:
        import numba
    except ImportError:
        return None
    from numba import types

    # a cell is one of 64 parts of a binade (`CELL_BITS`): 46 bits of the mantissa are left for t
    def run(
        bits: Any, masses: Any, marked: Any, base: int, cells: Any, zeros: Any, near: Any, lows: Any, out: Any
    ) -> int:
        last = len(marked) - 1
        left = 0
        for i in range(len(bits)):
            row = min(max((bits[i] >> 46) - base, 0), last)
            # the rest of the mantissa less half a cell: both steps are exact
            t = (bits[i] & 0x3FFFFFFFFFFF) * 2.0**-52 - 2.0**-7
            square = t * t
            fourth = square * square
            value = marked[row, 7] * fourth + marked[row, 3]
            value = (value * t) + (marked[row, 6] * fourth + marked[row, 2])
            value = (value * t) + (marked[row, 5] * fourth + marked[row, 1])
            value = (value * t) + (marked[row, 4] * fourth + marked[row, 0])
            if value != value:
                for k in range(len(zeros)):
                    if near[k, 0] < row <= near[k, 1]:
                        cell = row - 1
                        value = cells[cell, 7]
                        for n in range(6, 0, -1):
                            value = value * t + cells[cell, n]
                        value = (value * t + lows[near[k, 2] + cell - near[k, 0]]) + cells[cell, 0]
                        value = value * ((masses[i] - zeros[k, 0]) - zeros[k, 1])
                if value != value:
                    left += 1
            out[i] = value
        return left

    def given(kind: Any, axes: int) -> Any:
        return types.Array(kind, axes, "C", readonly=True)

    whole, double = types.int64, types.float64
    rows, line = given(double, 2), given(double, 1)
    out = types.Array(double, 1, "C")
    signature = types.int64(given(whole, 1), line, rows, whole, rows, rows, given(whole, 2), line, out)
    loop: Loop = numba.njit(signature, nogil=True, fastmath=False)(run)
    return loop


@cache
def plane_loop() -> Callable[..., None] | None:
    """Return the compiled loop of the tables of two masses, or None as `table_loop` does.

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
            if s > 0.0 and s <= edges[bands] and f >= 0.0 and b >= 0.0:
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
