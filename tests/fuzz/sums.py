"""Sums of the bundled models by the paper's formulas, and points at which to compare them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import flint
import numpy as np

from g2sym.base.balls import working_precision
from tests.fuzz import paper

Coefficients = dict[tuple[str, ...], flint.arb]
"""A sum: names of couplings (one that stands twice is squared) to what multiplies them."""
Point = dict[str, float]
CUTOFF = 1000.0
LEAST = 2.0**-1022


# the paper's sums --------------------------------------------------------------------------------
def spin_0(kind: str, g: str, h: str, k: str) -> Callable[..., Coefficients]:
    """Eqs. (2), (8), (10) or (13), (14); a coupling k to photon and Z not given is -h sin/cos."""

    def sums(lepton: str, mass: float, cutoff: float, free: bool) -> Coefficients:
        t = paper.terms(kind, lepton, mass, cutoff)
        if free:
            return {(g, g): t.own, (g, h): t.photon, (g, k): t.z}
        sin, cos = paper.mixing()
        return {(g, g): t.own, (g, h): t.photon - t.z * sin / cos}

    return sums


def electroweak(lepton: str, mass: float, cutoff: float, free: bool) -> Coefficients:
    """Couplings to B and W3: h = B cos^2 + W sin^2, k = (W - B) sin cos."""
    t = paper.terms("P", lepton, mass, cutoff)
    sin, cos = paper.mixing()
    return {
        ("g_aff", "g_aff"): t.own,
        ("g_aff", "g_aBB"): t.photon * cos**2 - t.z * sin * cos,
        ("g_aff", "g_aWW"): t.photon * sin**2 + t.z * sin * cos,
    }


def spin_1(kind: str) -> Callable[..., Coefficients]:
    """Eq. (16) or (18)."""
    return lambda lepton, mass, cutoff, free: {("eps", "eps"): paper.own(kind, lepton, mass)}


@dataclass(frozen=True)
class Case:
    """A model: the symbol of its boson's mass, its couplings, one more that may be given, its sum.

    The last of the couplings is the one that is solved for where terms cancel. ``massless`` says whether the
    sum is finite for a massless boson.
    """

    mass: str
    couplings: tuple[str, ...]
    sums: Callable[..., Coefficients]
    more: str | None = None
    massless: bool = True


CASES = {
    "alp": Case("m_a", ("g_aff", "g_agg"), spin_0("P", "g_aff", "g_agg", "g_agZ"), "g_agZ"),
    "alp_electroweak": Case("m_a", ("g_aff", "g_aBB", "g_aWW"), electroweak),
    "scalar": Case("m_s", ("g_sff", "g_sgg"), spin_0("S", "g_sff", "g_sgg", "g_sgZ"), "g_sgZ"),
    "dark_photon": Case("m_A", ("eps",), spin_1("V")),
    "axial_vector": Case("m_A", ("eps",), spin_1("A"), massless=False),
}


class Printed:
    """The paper's sum for one model and lepton; remembers what stands beside the couplings at one mass."""

    def __init__(self, name: str, lepton: str) -> None:
        self.case, self.lepton = CASES[name], lepton
        self._key: object = None
        self._found: Coefficients = {}

    def coefficients(self, point: Point, bits: int) -> Coefficients:
        """Return what stands beside the couplings, at ``bits``; the caller holds these and the guard bits."""
        free = self.case.more is not None and self.case.more in point
        key = (point[self.case.mass], point.get("Lambda", CUTOFF), free)
        if self._key != (key, bits):
            self._key, self._found = (key, bits), self.case.sums(self.lepton, *key)
        return self._found

    def ball(self, point: Point, bits: int) -> flint.arb:
        """Return the sum at a point."""
        with working_precision(bits + paper.GUARD):
            return _total(self.coefficients(point, bits), point)

    def zero(self, point: Point, name: str) -> float:
        """Return the double nearest to the coupling, linear in the sum, at which it vanishes, or NaN."""
        with working_precision(100 + paper.GUARD):
            found = self.coefficients(point, 100)
            slope = _total({n: v for n, v in found.items() if name in n}, {**point, name: 1.0})
            rest = _total({n: v for n, v in found.items() if name not in n}, point)
            return float("nan") if slope.is_zero() else float((-rest / slope).mid())


def _total(found: Coefficients, point: Point) -> flint.arb:
    out = flint.arb(0)
    for names, value in found.items():
        if all(point[name] for name in names):  # what multiplies a coupling that is zero may diverge
            for name in names:
                value = value * point[name]
            out += value
    return out


# points ------------------------------------------------------------------------------------------
def doubles(rng: np.random.Generator, count: int) -> np.ndarray:
    """Positive doubles with random bits, subnormal ones among them."""
    return rng.integers(1, 0x7FF0000000000000, count, dtype=np.int64).view(np.float64)


def masses(rng: np.random.Generator, lepton: str, count: int) -> np.ndarray:
    """Most within 24 decades about the lepton's; anywhere; beside m_Z and other marks; ends; none at all."""
    unit = float(paper.CONSTANTS[f"m_{lepton}"])
    out = unit * 10 ** rng.uniform(-12, 12, count)
    kind = rng.random(count)
    anywhere, beside, edge = kind < 0.06, (kind > 0.06) & (kind < 0.14), (kind > 0.14) & (kind < 0.16)
    out[anywhere] = doubles(rng, anywhere.sum())
    marks = [91.1876, 2 * unit, unit, 2.0**34 * unit, 2.0**-34 * unit]
    off = rng.choice([-1, 1], count) * 10 ** rng.uniform(-17, -1, count)
    out[beside] = (rng.choice(marks, count) * (1 + off))[beside]
    out[edge] = np.nextafter(2.0 ** rng.integers(-60, 60, count), rng.choice([0.0, np.inf], count))[edge]
    special = [
        5e-324,
        LEAST,
        np.nextafter(LEAST, 0),
        np.finfo(float).max,
        91.1876,
        0.0,
        np.nan,
        np.inf,
        -unit,
    ]
    out[kind > 0.99] = rng.choice(special, count)[kind > 0.99]
    return out


def values(rng: np.random.Generator, count: int) -> np.ndarray:
    """Couplings of either sign: most from 1e-8 to 100, some with random bits, few zero, infinite or NaN."""
    out = 10 ** rng.uniform(-8, 2, count)
    kind = rng.random(count)
    out[kind < 0.06] = doubles(rng, (kind < 0.06).sum())
    out[kind > 0.998] = 0.0
    out[kind > 0.999] = np.inf
    out[kind > 0.9995] = np.nan
    return out * rng.choice([-1.0, 1.0], count)


def move_to_the_line(
    rng: np.random.Generator, printed: Printed, columns: dict[str, np.ndarray], name: str
) -> None:
    """Put a third of the last column where the sum cancels: to the last bit, or to 1e-17 up to 1e-4."""
    spread = dict(zip(columns, np.broadcast_arrays(*columns.values()), strict=True))
    for place in map(tuple, np.argwhere(rng.random(columns[name].shape) < 1 / 3).tolist()):
        point = {n: float(column[place]) for n, column in spread.items()}
        if not all(map(math.isfinite, point.values())) or point[printed.case.mass] < 0:
            continue
        found = printed.zero(point, name)
        if np.isfinite(found):
            noise = rng.normal() * 10 ** rng.uniform(-17, -4) if rng.random() < 0.7 else 0.0
            columns[name][place] = found * (1 + noise)
