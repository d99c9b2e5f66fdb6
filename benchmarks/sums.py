"""Sums to 1e-12 across a cancellation line: (g_S^2 I_S - g_P^2 I_P)/(8 pi^2) on a 1000 x 1000 grid."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from fractions import Fraction

import flint
import numpy as np

from benchmarks.timing import MUON, Row, median, side_by_side
from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import Sum
from g2sym.arrays.sources import KernelSource
from g2sym.kernels.closed import ClosedKernel as Kernel
from tests.kernels.forms import paper_forms


def rows() -> list[Row]:
    """Measure the ladder against plain double precision."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.environ.get("G2SYM_CACHE_DIR")
        os.environ["G2SYM_CACHE_DIR"] = folder
        try:
            return _rows()
        finally:
            if before is None:
                del os.environ["G2SYM_CACHE_DIR"]
            else:
                os.environ["G2SYM_CACHE_DIR"] = before


def two_terms() -> tuple[Sum, KernelSource, KernelSource]:
    """Return (g_S^2 I_S - g_P^2 I_P)/(8 pi^2) and its functions."""
    forms = paper_forms()
    i_s, i_p = (KernelSource(Kernel(forms[n]), {}, MUON, "M") for n in ("I_S", "I_P"))

    def constant(bits: int) -> flint.arb:
        return 1 / (8 * flint.arb.pi() ** 2)

    products = [
        Product(Fraction(1), "c", constant, (("g_s", 2),), 0),
        Product(Fraction(-1), "c", constant, (("g_p", 2),), 1),
    ]
    return Sum(products, [i_s, i_p]), i_s, i_p


def plane(
    measure: Callable[[dict[str, Callable[[], object]]], dict[str, float]],
) -> tuple[float, float]:
    """Return the seconds of plain numpy and of the ladder on the plane, where memory is warm for both."""
    total, i_s, i_p = two_terms()
    masses, many = np.geomspace(1e-3, 1e2, 1000)[:, None], np.geomspace(1e-3, 1e2, 20001)
    for source in (i_s, i_p):
        source.doubles({"M": many})
        source.pairs({"M": many[:1]})
    table_s, table_p = i_s.table(), i_p.table()
    assert table_s is not None
    assert table_p is not None
    g_s, g_p = np.geomspace(1e-4, 1e-2, 1000)[None, :], 1e-3
    grids = {"M": masses, "g_s": g_s, "g_p": np.array(g_p)}
    factor = 1 / (8 * np.pi**2)
    times = measure(
        {
            "plain": lambda: factor * (g_s**2 * table_s.evaluate(masses) - g_p**2 * table_p.evaluate(masses)),
            "ladder": lambda: total(grids, threads=1),
        }
    )
    return times["plain"], times["ladder"]


def _rows() -> list[Row]:
    total, i_s, i_p = two_terms()
    masses = np.geomspace(1e-3, 1e2, 1000)[:, None]
    many = np.geomspace(1e-3, 1e2, 20001)
    for source in (i_s, i_p):
        source.doubles({"M": many})
        source.pairs({"M": many[:1]})
    table_s, table_p = i_s.table(), i_p.table()
    assert table_s is not None
    assert table_p is not None
    g_s, g_p = np.geomspace(1e-4, 1e-2, 1000)[None, :], 1e-3
    grids = {"M": masses, "g_s": g_s, "g_p": np.array(g_p)}
    factor = 1 / (8 * np.pi**2)
    times = side_by_side(
        {
            "ladder": lambda: total(grids),
            "plain numpy": lambda: (
                factor * (g_s**2 * table_s.evaluate(masses) - g_p**2 * table_p.evaluate(masses))
            ),
            "without guard": lambda: total(grids, guard=False),
        },
        31,
    )
    counts = total(grids).counts()
    out = [
        Row(
            "grid across the line: ladder above plain numpy",
            100 * (times["ladder"] / times["plain numpy"] - 1),
            "%",
            10.0,
            ratios={"ladder / same code without guard": times["ladder"] / times["without guard"]},
            note=f"ladder {times['ladder'] * 1e3:.2f} ms, {counts['double-double']} points climbed",
        )
    ]
    wide = np.geomspace(1e-4, 1e-2, 1000)[None, :]
    hugging = {
        "M": masses,
        "g_p": wide,
        "g_s": wide * np.sqrt(i_p.doubles({"M": masses}) / i_s.doubles({"M": masses})),
    }
    seconds = median(lambda: total(hugging), 5)
    counts = total(hugging).counts()
    out.append(
        Row(
            "1e6 points within 1e-15 of the line",
            seconds,
            "s",
            0.6,
            note=f"{counts['balls']} points in balls",
        )
    )
    return out
