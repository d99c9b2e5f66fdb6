"""Scans that cannot end are refused before anything is computed or written."""

import time

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import UsageError
from g2sym.scans import run

DARK = g2.load_model("dark_photon").anomalous_moment("mu")
WIDE = {"m_A": np.geomspace(0.01, 10, 1_000_000), "eps": np.geomspace(1e-4, 1, 1_000_000)}
RANGES = {"m_A": (0.01, 10), "eps": (1e-4, 1)}


@pytest.mark.parametrize("plan", [WIDE, g2.Samples.of(RANGES, 10**12, "random")])
@pytest.mark.parametrize("chunk", [1, 1 << 20])
def test_more_points_than_memory_are_refused_at_once(plan, chunk, tmp_path):
    start = time.perf_counter()
    for output in (None, tmp_path / "s.zarr"):
        with pytest.raises(UsageError, match=r"1e\+12 points .*(of this machine|chunks)"):
            g2.scan(DARK, plan, output=output, chunk=chunk)
    assert not list(tmp_path.iterdir())
    assert time.perf_counter() - start < 5


def test_more_bytes_than_the_disk_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "memory", lambda: 1 << 62)
    with pytest.raises(UsageError, match="left; free some space"):
        g2.scan(DARK, WIDE, output=tmp_path / "s.zarr", chunk=1 << 20)
    assert not list(tmp_path.iterdir())
