"""Tables as operations of an array namespace: cells at their edges, values beside zeros, what is gathered."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from g2sym.arrays.namespace import Space
from g2sym.arrays.patches import CellPatches, patches_of
from g2sym.arrays.sources import BallSource
from g2sym.base.balls import number, working_precision
from g2sym.tables.build import ERROR
from tests.fuzz.sums import CASES
from tests.standard.tables import derivatives, kernels, masses


def values(cells: Any, points: np.ndarray, xp: Any = None) -> np.ndarray:
    arrays = {cells.names[0]: points}
    space = Space(arrays, xp)
    value, more = cells.value(space, cells.locate(space, arrays), arrays)
    assert more is None
    return np.asarray(value)


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", CASES)
def test_values_are_those_of_the_table(name: str, lepton: str) -> None:
    """To the error that is proved for both, at the ends of cells and on zeros too."""
    for source in kernels(name, lepton):
        table = source.table()
        assert table is not None
        cells = patches_of(source)
        points = masses(table, 400)
        found, wanted = values(cells, points), table.evaluate(points)
        assert np.array_equal(np.isnan(found), np.isnan(wanted))
        some = ~np.isnan(found)
        assert (np.abs(found[some] - wanted[some]) <= 2.01 * ERROR * np.abs(wanted[some])).all()
        assert some.mean() > 0.99


@pytest.mark.parametrize("name", ["alp", "dark_photon"])
def test_values_against_balls(name: str) -> None:
    for source in kernels(name, "mu"):
        table = source.table()
        assert table is not None
        points = masses(table, 20)
        for mass, value in zip(points.tolist(), values(patches_of(source), points).tolist(), strict=True):
            truth = derivatives(source, mass, 1)[0]
            with working_precision(300):
                assert abs(number(value) - truth) <= ERROR * abs(truth)


@pytest.mark.parametrize("off", [1e-15, -1e-15, 1e-13, -1e-13])
def test_a_logarithm_may_be_rounded_either_way(off: float) -> None:
    """Beside a power of two the octave is then the next or the last one, and the cell the same."""
    names = ("asarray", "float64", "where", "take", "reshape", "floor", "astype", "int64", "float32", "abs")
    rough = SimpleNamespace(**{n: getattr(np, n) for n in names})
    rough.__name__ = "numpy"
    rough.log2 = lambda x: np.log2(x) + off
    (source,) = kernels("dark_photon", "mu")
    table = source.table()
    assert table is not None
    cells = patches_of(source)
    low, high = 2.0**table.first, 2.0 ** (table.first + table.octaves)
    edges = 2.0 ** np.arange(table.first, table.first + table.octaves)
    points = np.concatenate(
        [edges, np.nextafter(edges[1:], 0), np.nextafter(edges, high), [np.nextafter(high, 0)]]
    )
    assert np.array_equal(values(cells, points, rough), values(cells, points))
    assert np.isnan(values(cells, np.array([np.nextafter(low, 0), high, 0.0, -1.0]), rough)).all()


def test_a_cell_that_is_not_proved_holds_no_numbers() -> None:
    """Its slope is none either: NaN stands in every coefficient, not in the first alone."""
    holes = [s for s in kernels("scalar", "e") if s.table() is not None and s.table().has_holes]
    for source in holes:
        table = source.table()
        assert table is not None
        place = int(np.flatnonzero(np.isnan(table.coefficients[:, 0]))[0])
        cells = CellPatches(table, "m_s")
        assert all(np.isnan(column[place]) for column in cells._columns.columns[:8])
        assert np.isnan(values(cells, np.array([cells._middle[place]]))).all()
    assert holes


def test_what_is_no_table_has_no_patches() -> None:
    assert patches_of(BallSource(("M",), lambda point, bits: number(1))) is None
