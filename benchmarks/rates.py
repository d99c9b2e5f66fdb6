"""Widths, branching ratios and cross-sections over 1e6 points, against plain numpy in the same run."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

import g2sym as g2
from benchmarks.arrays import processor
from benchmarks.timing import SEED, Row

POINTS = 1_000_000
REPEATS = 7
M = 0.1056583755
ALPHA = 0.0072973525693


def width(mass: np.ndarray, g: float = 1e-3) -> np.ndarray:
    """Return the width of a scalar into two muons, as one writes it in numpy."""
    with np.errstate(invalid="ignore"):
        beta = np.sqrt(1 - 4 * M * M / mass**2)
    return np.where(mass > 2 * M, g * g * mass * beta**3 / (8 * np.pi), 0.0)


def pseudoscalar(mass: np.ndarray, root: np.ndarray | float, g: float = 1e-3) -> np.ndarray:
    """Return mu+ mu- to photon and pseudoscalar."""
    s, b = root**2, mass**2
    beta = np.sqrt(1 - 4 * M * M / s)
    log = np.log((1 + beta) / (1 - beta))
    over = ALPHA * g * g / (2 * s * s * beta * (s - b))
    return np.asarray(over * ((s * s + b * b - 4 * M * M * b) * log / beta - 2 * s * b))


def vector(mass: np.ndarray, root: np.ndarray | float, eps: float = 1e-3) -> np.ndarray:
    """Return mu+ mu- to photon and vector."""
    s, b = root**2, mass**2
    beta = np.sqrt(1 - 4 * M * M / s)
    log = np.log((1 + beta) / (1 - beta))
    over = 4 * np.pi * (ALPHA * eps) ** 2 / (s * s * beta * (s - b))
    inside = (s * s + b * b + 4 * M * M * (s - b - 2 * M * M)) * log / beta
    return np.asarray(over * (inside - s * s - b * b - 4 * s * M * M))


def angular(cos: np.ndarray, g: float = 1e-3, mass: float = 0.3, root: float = 1.0) -> np.ndarray:
    """Return d sigma/d cos of mu+ mu- to photon and pseudoscalar."""
    s, b = root**2, mass**2
    beta = np.sqrt(1 - 4 * M * M / s)
    k = (s - b) / 2
    ab = k * k / 4 * (1 - (beta * cos) ** 2)
    square = np.pi * ALPHA * g * g * ((s * s + b * b) / ab - 2 * M * M * b * k * k / ab**2)
    return np.asarray((1 - b / s) / (32 * np.pi * s * beta) * square)


def rows() -> list[Row]:
    """Measure, in one thread."""
    rng = np.random.default_rng(SEED)
    masses, roots = rng.uniform(0.01, 0.3, POINTS), rng.uniform(0.31, 3, POINTS)
    wide, cos = rng.uniform(0.1, 2, POINTS), rng.uniform(-1, 1, POINTS)
    scalar, alp, photon = (g2.load_model(n) for n in ("scalar", "alp", "dark_photon"))
    own = {"g_aff": 1e-3, "g_agg": 0, "g_agZ": 0}
    quoted = {"g_aff[mu]": 1e-3, "g_agg": 1e-4, "g_agZ": 0}
    into = scalar.observable("Gamma(s -> mu bar(mu))").lambdify()
    share = alp.observable("BR(a -> A A)").quoted(g_aff="mu").lambdify()
    p = alp.observable("sigma(mu bar(mu) -> A a)").lambdify()
    v = photon.observable("sigma(mu bar(mu) -> A Ap)").lambdify()
    d = alp.observable("dsigma(mu bar(mu) -> A a)").lambdify()
    cases: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "Gamma(s -> mu bar(mu)), across the threshold": (
            lambda: into(m_s=wide, g_sff=1e-3, threads=1),
            lambda: width(wide),
        ),
        "BR(a -> A A), across the threshold": (
            lambda: share(m_a=wide, **quoted, threads=1),
            lambda: (wide**3 * 1e-8 / 64 / np.pi) / (wide**3 * 1e-8 / 64 / np.pi + width(wide)),
        ),
    }
    for name, function, plain, values in (
        ("sigma(mu bar(mu) -> A a)", p, pseudoscalar, {**own, "m_a": masses}),
        ("sigma(mu bar(mu) -> A Ap)", v, vector, {"eps": 1e-3, "m_A": masses}),
    ):
        (axis,) = (n for n, x in values.items() if isinstance(x, np.ndarray))
        for what, mass, root in (("masses", masses, 1.0), ("sqrt_s", 0.3, roots), ("both", masses, roots)):
            cases[f"{name}, {what}"] = (
                lambda f=function, x={**values, axis: mass, "sqrt_s": root}: f(**x, threads=1),
                lambda f=plain, m=mass, r=root: f(np.asarray(m), r),
            )
    cases["dsigma(mu bar(mu) -> A a), cos"] = (
        lambda: d(**own, m_a=0.3, sqrt_s=1.0, cos=cos, threads=1),
        lambda: angular(cos),
    )
    out = []
    for name, (run, plain_run) in cases.items():
        times = processor({"own": run, "plain": plain_run}, REPEATS)
        value = times["own"] / POINTS * 1e9
        ratios = {"plain numpy formula": times["own"] / times["plain"]}
        out.append(Row(f"{name}, 1e6 points, a point, one thread", value, "ns", 50.0, ratios=ratios))
    return out
