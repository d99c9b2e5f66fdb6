"""One kernel at a time: accuracy and speed of tables and balls against the usual ways to integrate."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from fractions import Fraction

import mpmath
import numpy as np
from scipy import integrate

from benchmarks.timing import MUON, SEED, Row, median, random_ratios, side_by_side
from g2sym.base.balls import working_precision
from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.tables.build import build_table
from g2sym.tables.table import Table
from g2sym.tables.wide import build_wide
from tests.kernels.forms import paper_forms

POINTS = 1_000_000

ONE: dict[str, Callable[[float, float], float]] = {
    "I_P": lambda x, rho: (1 - x) ** 3 / ((1 - x) ** 2 + rho * x),
    "I_S": lambda x, rho: (1 - x) ** 2 * (1 + x) / ((1 - x) ** 2 + rho * x),
    "I_V": lambda x, rho: x**2 * (1 - x) / (x**2 + rho * (1 - x)),
    "I_A": lambda x, rho: (x * (1 - x) * (4 - x) + 2 * x**3 / rho) / (x**2 + rho * (1 - x)),
}


def two(name: str, log: Callable[[float], float]) -> Callable[[float, float, float], float]:
    """Return the Barr-Zee integrands (arXiv:2506.17750, Eqs. (8) and (14)) over 0 < y < x < 1."""

    def pseudoscalar(y: float, x: float, rho: float) -> float:
        d = y * y + rho * (1 - x)
        return (1 + 3 * y) * log(d) + y**3 / d

    def scalar(y: float, x: float, rho: float) -> float:
        return 2 * log(y * y + rho * (1 - x))

    return pseudoscalar if name == "J_P" else scalar


def rows() -> list[Row]:
    """Measure every kernel."""
    ratios = random_ratios(POINTS)
    masses = float(MUON) * ratios
    out = []
    for name, form in paper_forms().items():
        kernel = Kernel(form)
        table = build_table(kernel, {}, MUON)
        build = median(lambda k=kernel: build_table(k, {}, MUON), 3)
        result = np.empty_like(masses)
        log_out = np.empty_like(masses)
        speed = side_by_side(
            {
                "table": lambda t=table, r=result: t.evaluate(masses, r),
                "log": lambda o=log_out: np.log(masses, out=o),
            }
        )
        rivals = _rivals(name, ratios[:200])
        per_point = speed["table"] / POINTS
        against = {"np.log": speed["table"] / speed["log"]}
        against.update({f"{rival} / table": t / per_point for rival, t in rivals.items()})
        out.append(Row(f"{name}: numpy, per point", per_point * 1e9, "ns", 12.0, ratios=against))
        quad = rivals.get("quad", rivals.get("dblquad", math.nan))
        goal = 5000.0 if "quad" in rivals else 1e6
        label = "default quad" if "quad" in rivals else "default dblquad"
        out.append(Row(f"{name}: times faster than {label}", quad / per_point, "x", goal, at_least=True))
        out.append(
            Row(
                f"{name}: times np.log",
                speed["table"] / speed["log"],
                "x",
                12.0,
                note="same run, same points",
            )
        )
        out.append(
            Row(f"{name}: largest relative error, 1e6 points", _error(kernel, table, masses), "", 4.5e-16)
        )
        if table.zeros:
            out.append(Row(f"{name}: 1000 points about the zero", _zero_error(kernel, table), "", 4.5e-16))
        out.append(Row(f"{name}: truncation bound stored", table.truncation, "", 1e-17))
        out.append(Row(f"{name}: building its table", build, "s"))
        few = masses[:2000].tolist()
        scalar = median(lambda t=table, p=few: [t(x) for x in p]) / len(few)
        out.append(Row(f"{name}: a Python scalar", scalar * 1e6, "us", 2.0))
        exact = [{"rho": (Fraction(x) / MUON) ** 2} for x in few[:500]]
        certified = median(lambda k=kernel, p=exact: [k.ball(x, 500) for x in p]) / len(exact)
        out.append(Row(f"{name}: certified, 150 digits", certified * 1e6, "us", 15.0))
    return out


def _rivals(name: str, ratios: np.ndarray) -> dict[str, float]:
    """Return seconds per value of the usual quadratures."""
    warnings.simplefilter("ignore", integrate.IntegrationWarning)
    rho = (ratios**2).tolist()
    out = {}
    if name in ONE:
        f = ONE[name]
        nodes, weights = np.polynomial.legendre.leggauss(64)
        nodes, weights = (nodes + 1) / 2, weights / 2
        many = random_ratios(20000)[:, None] ** 2
        out["quad"] = median(lambda: [integrate.quad(f, 0, 1, args=(p,)) for p in rho]) / len(rho)
        tight = {"epsabs": 0.0, "epsrel": 1e-13, "limit": 500}
        out["tight quad"] = median(lambda: [integrate.quad(f, 0, 1, args=(p,), **tight) for p in rho]) / len(
            rho
        )
        out["Gauss-Legendre 64"] = median(lambda: f(nodes, many) @ weights, 5) / len(many)
        out["mpmath.quad"] = median(lambda: [_by_mpmath(f, p) for p in rho[:10]], 3) / 10
        return out
    f2 = two(name, math.log)
    for label, options in (("dblquad", {}), ("tight dblquad", {"epsabs": 0.0, "epsrel": 1e-11})):
        count = 10 if not options else 2
        out[label] = (
            median(
                lambda o=options, c=count: [
                    integrate.dblquad(f2, 0, 1, 0, lambda x: x, args=(p,), **o) for p in rho[:c]
                ],
                3,
            )
            / count
        )
    return out


def _by_mpmath(f: Callable[[float, float], float], rho: float) -> object:
    return mpmath.quad(lambda x: f(x, rho), [0, 1])


def _error(kernel: Kernel, table: Table, masses: np.ndarray) -> float:
    """Return the largest relative error: against a wide table (proved to 1e-21) or balls."""
    wide = build_wide(kernel, {}, MUON)
    values = table.evaluate(masses)
    high, low = wide.evaluate(masses)
    unproved = np.isnan(high)
    worst = float(np.nanmax(np.abs(((values - high) - low) / high)))
    return max(worst, _against_balls(kernel, masses[unproved], values[unproved]))


def _against_balls(kernel: Kernel, masses: np.ndarray, values: np.ndarray) -> float:
    worst = 0.0
    for mass, value in zip(masses.tolist(), values.tolist(), strict=True):
        ball = kernel.ball({"rho": (Fraction(mass) / MUON) ** 2}, 90)
        with working_precision(120):
            worst = max(worst, float(abs((ball - value) / ball).upper()))
    return worst


def _zero_error(kernel: Kernel, table: Table) -> float:
    rng = np.random.default_rng(SEED)
    worst = 0.0
    for zero in table.zeros:
        masses = zero.high * (1 + rng.choice([-1, 1], 1000) * 10 ** rng.uniform(-16, -1, 1000))
        worst = max(worst, _against_balls(kernel, masses, table.evaluate(masses)))
    return worst
