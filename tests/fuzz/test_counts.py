"""How much the long tests compare: their sizes multiplied out, so that none shrinks unnoticed."""

from __future__ import annotations

from tests.fuzz import test_array_sums, test_bounds, test_hostile_files, test_map_cells
from tests.fuzz.sums import CASES


def test_the_sizes_of_the_long_tests() -> None:
    sums = 3 * sum(test_array_sums.SIZES.values())
    sums += 2 * len(test_array_sums.QUOTIENTS) * test_array_sums.QUOTIENT_SIZE
    assert sums * 0.99 > 1_000_000  # less than one in a hundred points has no value
    assert set(test_array_sums.SIZES) == set(CASES)
    bounds = len(CASES) * 3 * (test_bounds.COUPLINGS + test_bounds.MASSES)
    assert bounds + len(test_bounds.TEXTS) * test_bounds.OTHERS >= 10_000
    cells = len(test_map_cells.OBSERVABLES) * test_map_cells.PLANES * test_map_cells.CELLS
    assert cells >= 10_000
    assert sum(test_hostile_files.COUNTS.values()) >= 1_000
