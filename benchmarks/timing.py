"""Medians of repeated runs, and rows of the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

REPEATS = 11
SEED = 20250617
MUON = Fraction("0.1056583755")


@dataclass
class Row:
    """One measured figure: ``value`` in ``unit``, the figure to reach (an upper or a lower bound), ratios."""

    what: str
    value: float
    unit: str
    reach: float | None = None
    at_least: bool = False
    ratios: dict[str, float] = field(default_factory=dict)
    note: str = ""

    @property
    def verdict(self) -> str:
        """Say whether the figure was reached."""
        if self.reach is None:
            return ""
        good = self.value >= self.reach if self.at_least else self.value <= self.reach
        return "reached" if good else "MISSED"


def median(run: Callable[[], object], repeats: int = REPEATS) -> float:
    """Return the median time of a call in seconds, after one call to warm up."""
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def side_by_side(runs: dict[str, Callable[[], object]], repeats: int = REPEATS) -> dict[str, float]:
    """Return medians in seconds of several calls taken in turn, so that a busy moment hits all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(-1, repeats):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if turn >= 0:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(found) for name, found in times.items()}


def random_ratios(count: int) -> np.ndarray:
    """Return log-uniform r = M/m in [1e-10, 1e10] with a fixed seed."""
    return 10 ** np.random.default_rng(SEED).uniform(-10, 10, count)
