"""Bounds on a mass: the command with its picture, one row, and one row over six hundred decades."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.timing import Row, median
from g2sym.constraints import bound
from g2sym.model.model import load_model

ROOT = Path(__file__).resolve().parents[1]
WORDS = ["bound", "scalar", "--on", "m_s", "--range", "0.01:10", "--vary", "g_sff=1e-4:1e-2:20"]
REPEATS = 5


def command() -> float:
    """Return the processor time in seconds of one call of the command with its picture."""
    with tempfile.TemporaryDirectory() as folder:
        before = os.times()
        subprocess.run(
            [sys.executable, "-m", "g2sym", *WORDS, "--plot", os.path.join(folder, "bound.png")],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            check=True,
        )
        after = os.times()
    return sum(getattr(after, f"children_{k}") - getattr(before, f"children_{k}") for k in ("user", "system"))


def rows() -> list[Row]:
    """Measure; kernels' memories are new in each process, and kept from one row to the next."""
    command()
    found = min(command() for _ in range(REPEATS))
    out = [Row("g2sym bound on m_s, 20 rows, with its picture (processor)", found, "s", 2.0)]
    moment = load_model("scalar").anomalous_moment("mu")
    for decades, ends in (("3", ("0.01", "10")), ("600", ("1e-300", "1e300"))):

        def run(ends=ends):
            return bound(moment, "m_s", "muon-2025", interval=ends, g_sff="1e-3")

        out.append(Row(f"bound on m_s over {decades} decades, one row", median(run), "s"))
    return out
