"""The whole computation: derivation and tables from nothing, and one value from the command line."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.timing import REPEATS, Row

ROOT = Path(__file__).resolve().parents[1]
COLD = """
from fractions import Fraction
import g2sym
from g2sym.tables.build import build_table
from g2sym.kernels.closed import ClosedKernel as Kernel
for model in ("alp", "scalar", "dark_photon", "axial_vector"):
    loaded = g2sym.load_model(model)
    seen = set()
    for lepton in ("e", "mu", "tau"):
        moment = loaded.anomalous_moment(lepton)
        for term in moment.derivation.terms():
            if not term.integral.variables:
                continue
            unit = moment.inputs.value(term.masses.lepton)
            fixed = {n: (moment.inputs.value(s) / unit) ** p for n, s, p in term.masses.slots[1:]}
            build_table(Kernel(term.integral.canonical), fixed, unit)
"""
POINT = ["eval", "alp", "--lepton", "mu", "--set", "m_a=0.5", "--set", "g_aff=1e-3"]


def rows() -> list[Row]:
    """Measure in fresh processes."""
    with tempfile.TemporaryDirectory() as folder:
        # compiled modules are part of a warm cache, wherever this process may write them
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        environment |= {
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(Path(folder) / "compiled"),
            "G2SYM_CACHE_DIR": folder,
        }

        def once(arguments: list[str]) -> float:
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments], env=environment, check=True, stdout=subprocess.DEVNULL
            )
            return time.perf_counter() - start

        cold = once(["-c", COLD])
        once(["-m", "g2sym", *POINT])
        point = statistics.median(once(["-m", "g2sym", *POINT]) for _ in range(REPEATS))
        bare = statistics.median(once(["-c", "pass"]) for _ in range(REPEATS))
    return [
        Row("cold derivation and tables, all bundled kernels, three leptons", cold, "s", 10.0),
        Row("g2sym eval at one point", point * 1e3, "ms", 150.0, ratios={"bare python": point / bare}),
    ]
