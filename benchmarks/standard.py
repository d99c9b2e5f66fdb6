"""Functions of arrays of any namespace against the ordinary array function: NumPy's, and JAX's compiled."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

import g2sym as g2
from benchmarks.timing import SEED, Row, side_by_side

POINTS = 1 << 18
PLANE_POINTS = 1 << 16
TURNS = 7


def rows() -> list[Row]:
    """Measure sums of one, three and two kernels, the last with two running masses; gradients too."""
    rng = np.random.default_rng(SEED)

    def some(low: float, high: float, count: int = POINTS) -> np.ndarray:
        return 10 ** rng.uniform(low, high, count)

    photon = g2.load_model("dark_photon").anomalous_moment("mu")
    alp = g2.load_model("alp").anomalous_moment("mu")
    fields = [g2.scalar("S", mass="m_S"), g2.fermion("N", charge=-1, mass="m_N"), g2.parameter("y")]
    two = g2.Model("-y*bar(mu)*N*S + hc", name="two", parameters=fields).anomalous_moment("mu")
    plane = {n: some(0, 5, PLANE_POINTS) for n in ("m_S", "m_N")} | {"y": some(-3, 0, PLANE_POINTS)}
    return [
        *_rows("one kernel", photon, {"m_A": some(-3, 3), "eps": some(-5, 0)}),
        *_rows("three kernels", alp, {"m_a": some(-3, 3), "g_aff": some(-5, 0), "g_agg": some(-5, 0)}),
        *_rows("two running masses", two, plane),
    ]


def _rows(what: str, observable: Any, columns: dict[str, np.ndarray]) -> list[Row]:
    count = len(next(iter(columns.values())))
    ordinary, function = observable.lambdify(), observable.lambdify("array-api")
    runs: dict[str, Callable[[], object]] = {
        "log": lambda: np.log(columns[next(iter(columns))]),
        "ordinary": lambda: ordinary(columns),
        "numpy": lambda: function(columns),
    }
    if find_spec("jax") is not None:
        runs |= _compiled(function, columns)
    times = {name: 1e9 * t / count for name, t in side_by_side(runs, TURNS).items()}
    named = {
        "numpy": "numpy's namespace",
        "jit": "jax.jit",
        "values": "jax.jit, values alone",
        "grad": "jax.grad",
    }
    return [
        Row(
            f"any namespace, {what}: {text}",
            times[name],
            "ns",
            ratios={
                "the ordinary array function": times[name] / times["ordinary"],
                "np.log": times[name] / times["log"],
            },
        )
        for name, text in named.items()
        if name in times
    ]


def _compiled(function: Any, columns: dict[str, np.ndarray]) -> dict[str, Callable[[], object]]:
    """Return calls of what JAX compiles: all of it, the values alone, gradients in everything that moves."""
    import jax

    jax.config.update("jax_enable_x64", True)
    arrays = {name: jax.numpy.asarray(column) for name, column in columns.items()}
    whole = jax.jit(lambda given: function(given))
    values = jax.jit(lambda given: function(given).values)
    slopes = jax.jit(jax.vmap(jax.grad(lambda given: function(given).values)))
    return {
        "jit": lambda: jax.block_until_ready(whole(arrays)),
        "values": lambda: jax.block_until_ready(values(arrays)),
        "grad": lambda: jax.block_until_ready(slopes(arrays)),
    }
