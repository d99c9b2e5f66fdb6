"""Array functions of whole models, compiled and not: against np.log and plain double; memory, threads."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

import g2sym as g2
from benchmarks.timing import SEED, Row
from g2sym.arrays.compiled import grid_loop
from g2sym.tables.compiled import table_loop

ROOT = Path(__file__).resolve().parents[1]
POINTS = 1_000_000
LARGE = 10_000_000
REPEATS = 31
THREADS = """
import os, time
import numpy as np
import g2sym
os.sched_setaffinity(0, range(os.cpu_count()))
f = g2sym.load_model("dark_photon").anomalous_moment("mu").lambdify()
masses = 10 ** np.random.default_rng(1).uniform(-3, 3, 10_000_000)
def once(threads):
    start = time.perf_counter()
    f(m_A=masses, eps=1e-3, threads=threads)
    return time.perf_counter() - start
once(None)
times = [(once(1), once(None)) for _ in range(7)]
print(min(t for t, _ in times), min(t for _, t in times), len(os.sched_getaffinity(0)))
"""

PLANE = """
from benchmarks.arrays import processor
from benchmarks.sums import plane
print(*plane(processor))
"""
"""In a process of its own: what other calls leave of the heap decides how fast plain numpy is."""


@contextmanager
def compiled(wanted: bool) -> Iterator[None]:
    """Switch the compiled loops on or off."""
    before = os.environ.get("G2SYM_COMPILED")
    os.environ["G2SYM_COMPILED"] = "1" if wanted else "0"
    for loop in (table_loop, grid_loop):
        loop.cache_clear()
    try:
        yield
    finally:
        del os.environ["G2SYM_COMPILED"]
        if before is not None:
            os.environ["G2SYM_COMPILED"] = before
        for loop in (table_loop, grid_loop):
            loop.cache_clear()


def processor(runs: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Return medians of the processor's time in seconds of several calls taken in turn, in one thread."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(-2, repeats):
        for name, run in runs.items():
            start = time.process_time()
            run()
            if turn >= 0:
                times[name].append(time.process_time() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def rows() -> list[Row]:
    """Measure one kernel, four kernels, a plane, memory and threads."""
    out: list[Row] = []
    masses = 10 ** np.random.default_rng(SEED).uniform(-3, 3, POINTS)
    photon = g2.load_model("dark_photon").anomalous_moment("mu").lambdify()
    alp = g2.load_model("alp").anomalous_moment("mu").lambdify()
    for wanted, name, most in ((True, "numba", 9.0), (False, "numpy alone", 13.0)):
        with compiled(wanted):
            if wanted and table_loop() is None:
                continue
            times = processor(
                {
                    "log": lambda: np.log(masses),
                    "one": lambda: photon(m_A=masses, eps=1e-3, threads=1),
                    "four": lambda: alp(m_a=masses, g_aff=1e-3, g_agg=1e-4, threads=1),
                }
            )
            plain, ladder = map(float, _alone(PLANE).split())
        one, four = times["one"] / times["log"], times["four"] / times["log"]
        out += [
            Row(f"one kernel, 1e6 points ({name})", one, "np.log", most),
            Row(
                f"alp with g_agg, four kernels, 1e6 random masses, a point ({name})",
                times["four"] / POINTS * 1e9,
                "ns",
                60.0,
                ratios={"np.log": four},
            ),
            Row(
                f"plane across the line: above plain double, warm ({name})",
                100 * (ladder / plain - 1),
                "%",
                15.0,
                note=f"ladder {ladder * 1e3:.2f} ms, plain {plain * 1e3:.2f} ms",
            ),
        ]
    return [*out, *_memory(), *_threads()]


def _memory() -> list[Row]:
    """Measure the peak of 1e7 points as a multiple of the result."""
    masses = 10 ** np.random.default_rng(SEED).uniform(-3, 3, LARGE)
    cases = (
        ("one kernel", "dark_photon", "a(mu)", {"m_A": masses, "eps": 1e-3}),
        ("four kernels", "alp", "a(mu)", {"m_a": masses, "g_aff": 1e-3, "g_agg": 1e-4}),
        ("a quotient", "dark_photon", "a(mu)/a(e)", {"m_A": masses, "eps": 1e-3}),
    )
    out = []
    for name, model, text, values in cases:
        made = g2.load_model(model).observable(text).lambdify()
        made({n: v[:600_000] if isinstance(v, np.ndarray) else v for n, v in values.items()})
        tracemalloc.start()
        size = made(values).nbytes
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        out.append(Row(f"peak of the memory, 1e7 points, {name}", peak / size, "results", 3.0))
    return out


def _threads() -> list[Row]:
    """Measure one thread against one per core, in a process that may use all."""
    if not hasattr(os, "sched_setaffinity") or (os.cpu_count() or 1) < 2:
        return []
    one, many, cores = map(float, _alone(THREADS).split())
    what = "one kernel, 1e7 points: one thread over one per core"
    return [Row(what, one / many, "times", note=f"{cores:.0f} cores, {one:.3f} and {many:.3f} s")]


def _alone(text: str) -> str:
    """Return what a fresh process prints."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", text], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout
