"""Two running masses: arrays over hierarchies and near thresholds, certified values at new masses."""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np

import g2sym as g2
from benchmarks.timing import MUON, SEED, Row
from g2sym.arrays import planes
from g2sym.kernels.kernel import Kernel

Masses = dict[str, np.ndarray]
POINTS = 300_000
FEW = 100
"""Points of what takes hundreds of microseconds each."""
TEXT = """
schema = 1
name = "{name}"
lagrangian = "{coupling} + hc"
[fields.X]
spin = {spin}
charge = {charge}
mass = "m_X"
[fields.N]
spin = "1/2"
charge = {other}
mass = "m_N"
[parameters.y_L]
dimension = 0
[parameters.y_R]
dimension = 0
"""
SCALAR = "X*bar(N)*(y_L*PL + y_R*PR)*mu"
VECTOR = "X(al)*bar(N)*gamma(al)*(y_L*PL + y_R*PR)*mu"
MODELS = {
    "neutral scalar": (SCALAR, 0, 0, -1),
    "charged scalar": (SCALAR, 0, 1, 0),
    "neutral vector": (VECTOR, 1, 0, -1),
    "charged vector": (VECTOR, 1, 1, 0),
}


def load(kind: str) -> g2.Model:
    """Return a mediator and an internal fermion, both masses free."""
    coupling, spin, charge, other = MODELS[kind]
    text = TEXT.format(name="bench", coupling=coupling, spin=spin, charge=charge, other=other)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bench.toml"
        path.write_text(text)
        return g2.load_model(path)


def regions(count: int) -> dict[str, Masses]:
    """Return masses of mediator and fermion: hierarchies, both near the muon's, near threshold."""
    source, m = np.random.default_rng(SEED), float(MUON)
    heavy = {"m_X": 10 ** source.uniform(-0.9, 6, count), "m_N": 10 ** source.uniform(-4, 6, count)}
    near = {name: m * source.uniform(0.51, 4, count) for name in ("m_X", "m_N")}
    share = source.uniform(0.02, 0.98, count)
    total = m * (1 + 10 ** source.uniform(-12, -1, count))
    return {
        "hierarchies": heavy,
        "both within 4 m_mu": near,
        "above threshold by 1e-12 to 0.1": {"m_X": total * share, "m_N": total * (1 - share)},
    }


def cpu(run: Callable[[], object], repeats: int = 5) -> float:
    """Return the least processor time of a call, after one to warm up: other work counts less."""
    run()
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def rows() -> list[Row]:
    """Measure array functions of every kind, with and without the compiled loop, and certified values."""
    out = []
    many, few = regions(POINTS), regions(FEW)
    for kind in MODELS:
        moment = load(kind).anomalous_moment("mu")
        for region, masses in many.items():
            out += _region(kind, region, moment, masses, few[region])
        out.append(_certified(kind, moment))
    return out


def _region(kind: str, region: str, moment: g2.AnomalousMoment, masses: Masses, few: Masses) -> list[Row]:
    """Measure one region in plain numpy and with the compiled loop, where numba is installed."""
    logs = cpu(lambda: np.log(masses["m_X"])) / POINTS
    whole = cpu(lambda: [_one(moment, few, place) for place in range(20)], 1) / 20
    compiled, out = planes.plane_loop, []
    for name, loop in (("numpy", lambda: None), ("fast", compiled)):
        if name == "fast" and loop() is None:
            continue
        planes.plane_loop = loop
        try:
            seconds = cpu(_ready(moment.lambdify(), masses), 3) / POINTS
        finally:
            planes.plane_loop = compiled
        reach = {"numpy": (0.6, 3.0), "fast": (0.2, 0.7)}[name][region.startswith("above")]
        ratios = {"np.log": seconds / logs, "evaluate / this": whole / seconds}
        out.append(Row(f"{kind}, {region}, {name}", seconds * 1e6, "us", reach, ratios=ratios))
    return out


def _ready(function: Callable[..., object], masses: Masses) -> Callable[[], object]:
    """Return a call whose tables are there: those that are worth it are built meanwhile."""

    def run() -> object:
        return function(**masses, y_L=0.3, y_R=0.2)

    run()
    return run


def _one(moment: g2.AnomalousMoment, masses: Masses, place: int) -> object:
    return moment.evaluate(17, y_L="0.3", y_R="0.2", **{n: float(a[place]) for n, a in masses.items()})


def _certified(kind: str, moment: g2.AnomalousMoment) -> Row:
    """Measure 150 digits of a kernel at new masses in each call."""
    source = random.Random(SEED)
    kernel = Kernel.of(next(iter(moment.derivation.terms())).integral)
    points = [
        {"rho": Fraction(10 ** source.uniform(0.3, 4)) ** 2, "nu": Fraction(10 ** source.uniform(-4, 4))}
        for _ in range(FEW)
    ]
    new = cpu(lambda: [kernel.basis.ball(p, 500) for p in points if kernel.basis]) / FEW
    old = cpu(lambda: [kernel.closed(p).ball(p, 500) for p in points], 1) / FEW
    ratios = {"by slices of the closed form / this": old / new}
    return Row(f"{kind}: certified, 150 digits, new masses", new * 1e6, "us", 25.0, ratios=ratios)
