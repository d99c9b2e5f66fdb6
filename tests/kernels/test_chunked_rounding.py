"""Rounding of a chunk's sum: no function at all, products that cancel, against exact fractions."""

from fractions import Fraction

import numpy as np

from g2sym.arrays.chunked import TABLES, ChunkedSum
from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import TOLERANCE, Sum


def test_what_is_accepted_is_within_the_tolerance():
    source, n = np.random.default_rng(11), 4000
    x, y = source.uniform(0.5, 2, n), source.uniform(0.5, 2, n)
    z = x * x * y * (1 + 10 ** source.uniform(-9, -1, n))
    third = Fraction(1, 3)
    ladder = Sum(
        [
            Product(third, "", None, (("x", 2), ("y", 1)), None),
            Product(-third, "", None, (("z", 1),), None),
        ],
        [],
    )
    total, good = ChunkedSum(ladder, ladder)._try({"x": x, "y": y, "z": z}, TABLES)
    worst = 0.0
    for k in np.flatnonzero(good).tolist():
        a, b, c = (Fraction(float(v[k])) for v in (x, y, z))
        exact = (a * a * b - c) / 3
        worst = max(worst, abs(float(Fraction(float(total[k])) / exact - 1)))
    assert TOLERANCE / 50 < worst <= TOLERANCE  # nearly tight
    assert 0.05 < good.mean() < 0.95
