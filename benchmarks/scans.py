"""The exact excluded count of a scan of 1e9 points: time, and the memory of a process that does only that."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from benchmarks.timing import Row, side_by_side
from g2sym.model.model import load_model
from g2sym.scans.count import count_excluded

ROOT = Path(__file__).resolve().parents[1]
MEMORY = """
from benchmarks.scans import count
count()
# ru_maxrss starts at the parent's size; VmHWM is this program's own
print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))
"""
PER_AXIS = 1000
DENSE = 100


def grid(per_axis: int = PER_AXIS) -> dict[str, np.ndarray]:
    """Return mass, fermion and photon coupling of an axion-like particle, log-uniform."""
    return {
        "m_a": np.geomspace(1e-2, 10, per_axis),
        "g_aff": np.geomspace(1e-5, 1e-2, per_axis),
        "g_agg": np.geomspace(1e-6, 1e-1, per_axis),
    }


def count() -> int:
    """Count what muon-2025 excludes of 1e9 points."""
    return count_excluded(load_model("alp").anomalous_moment("mu"), grid(), "muon-2025").excluded


def rows() -> list[Row]:
    """Measure the count beside a dense evaluation of a thousandth of the points."""
    moment = load_model("alp").anomalous_moment("mu")
    dense = moment.lambdify()
    axes = grid(DENSE)
    arrays = {
        "m_a": axes["m_a"][:, None, None],
        "g_aff": axes["g_aff"][None, :, None],
        "g_agg": axes["g_agg"][None, None, :],
    }

    def visit() -> int:
        return int((np.abs(dense(**arrays)) > 1.274e-9).sum())

    times = side_by_side({"count": lambda: count_excluded(moment, grid(), "muon-2025"), "dense": visit})
    found = count_excluded(moment, grid(), "muon-2025")
    done = subprocess.run(
        [sys.executable, "-c", MEMORY],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
        text=True,
    )
    scaled = times["dense"] * (PER_AXIS / DENSE) ** 3
    return [
        Row(
            "exact excluded count of 1e9 points (M, g, h)",
            times["count"],
            "s",
            0.2,
            ratios={"a dense grid in numpy would take, times": scaled / times["count"]},
            note=f"{found.excluded} excluded, {found.undecided} undecided, {found.by_balls} rows by balls",
        ),
        Row("its peak memory, whole process", int(done.stdout) / 1024, "MB", 300.0),
    ]
