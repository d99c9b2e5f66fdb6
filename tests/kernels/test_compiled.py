"""The compiled loop gives the doubles of the plain one, bit for bit."""

import numpy as np
import pytest

from g2sym.tables import compiled, store

SOME = sorted(store.SHIPPED.glob("*.g2t"))[::5]


@pytest.mark.extra
@pytest.mark.parametrize("path", SOME, ids=lambda p: p.stem[:8])
def test_compiled_and_plain_agree(path, monkeypatch):
    pytest.importorskip("numba", reason="the compiled path needs numba, which is not installed")
    table = store.load(path, path.stem)
    masses = 10.0 ** np.random.default_rng(7).uniform(-14, 14, compiled.LONG + 12_345)
    masses[:3] = [np.nan, -1.0, np.inf]
    fast = table.evaluate(masses)
    monkeypatch.setattr("g2sym.tables.table.table_loop", lambda: None)
    plain = table.evaluate(masses)
    assert np.array_equal(fast, plain, equal_nan=True)


def test_it_can_be_switched_off(monkeypatch):
    monkeypatch.setenv("G2SYM_COMPILED", "0")
    assert compiled.table_loop.__wrapped__() is None
