"""A million points of two running masses, those that look worst and some thousand others against balls.

The second opinion for every point is a quadrature of the literature's integrand in doubles (trapezoidal in
t = ln(x/(1-x)), which converges exponentially but next to threshold), independent of tables and closed forms;
where the two differ most, and at random points, a closed form in balls decides. Nothing is outside 1e-12.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb

from g2sym.arrays.ladder import TOLERANCE
from g2sym.base.balls import number, working_precision
from g2sym.kernels.kernel import Kernel
from g2sym.model.model import load_model
from tests.kernels import exchange
from tests.queries.test_two_masses import LEPTONS, text

pytestmark = pytest.mark.long

COUNT = 84_000
"""Points for each of twelve sums."""
WORST, RANDOM = 1000, 1000
"""How many of them are compared with balls."""
SUMS = [
    (kind, charged, lepton)
    for kind in ("scalar", "vector")
    for charged in (False, True)
    for lepton in LEPTONS
]


def masses(rng, lepton):
    """Hierarchies from 1 MeV to 1000 TeV, massless fermions, equal masses, thresholds, pseudothresholds."""
    unit = float(LEPTONS[lepton])
    boson, fermion = 10 ** rng.uniform(-3, 6, COUNT), 10 ** rng.uniform(-9, 6, COUNT)
    fermion[rng.random(COUNT) < 0.02] = 0.0
    part = rng.random(COUNT)
    near = 10 ** rng.uniform(-15, -0.5, COUNT) * rng.choice([-1, 1], COUNT)
    equal = part < 0.1
    boson[equal] = (fermion * (1 + near))[equal]
    # thresholds and pseudothresholds, from a fraction of the lepton's mass
    share = unit * 10 ** rng.uniform(-4, 0, COUNT)
    at = (part > 0.1) & (part < 0.25)
    fermion[at], boson[at] = share[at], (unit - share + unit * np.abs(near))[at]
    at = (part > 0.25) & (part < 0.35)
    fermion[at], boson[at] = share[at], ((unit + share) * (1 + near))[at]
    at = (part > 0.35) & (part < 0.45)
    boson[at], fermion[at] = share[at], ((unit + share) * (1 + near))[at]
    at = (part > 0.45) & (part < 0.55)
    fermion[at] = (unit * (1 + near))[at]
    at = (part > 0.55) & (part < 0.65)
    boson[at], fermion[at] = (unit * rng.uniform(0.01, 4, COUNT))[at], (unit * rng.uniform(0, 4, COUNT))[at]
    boson, fermion = np.abs(boson), np.abs(fermion)
    below = (boson + fermion > unit * (1 + 1e-12)) & (boson >= 1e-9)
    return np.where(below, boson, 10.0), np.where(below, fermion, 3.0)


STEP = 0.4


def estimate(kind, charged, boson, fermion, unit, g, h):
    """The sum by quadrature in doubles, good to some digits nearly everywhere, and the size of its terms."""
    r, e = (boson / unit) ** 2, fermion / unit
    photon = "boson" if charged else "fermion"
    d0, d1 = (e * e, r) if charged else (r, e * e)
    total, size = np.zeros(boson.size), np.zeros(boson.size)
    for t in np.arange(-80, 80, STEP).tolist():
        x, y = 1 / (1 + np.exp(-t)), 1 / (1 + np.exp(t))
        own = STEP * x * y / (d0 * y + d1 * x - x * y)
        for pair, factor in zip(PAIRS[kind], weights(kind, g, h), strict=True):
            part = factor * exchange.numerator(photon, pair)(x, r, e) * own
            total += part
            size += np.abs(part)
    return total / (16 * np.pi**2), size / (16 * np.pi**2)


PAIRS = {"scalar": ("SS", "PP"), "vector": ("VV", "AA")}


def weights(kind, g, h):
    """What multiplies the two integrals; the pseudoscalar's vertex holds an i."""
    return (g * g, -h * h) if kind == "scalar" else (g * g, h * h)


def truth(kernels, factors, values, bits):
    """The sum in balls, from canonical closed forms: none of the four functions."""
    with working_precision(bits):
        total = arb(0)
        for kernel, weight in zip(kernels, factors, strict=True):
            total += number(weight) * kernel.closed(values).ball(values, bits)
        return total / (16 * arb.pi() ** 2)


@pytest.mark.parametrize(("kind", "charged", "lepton"), SUMS)
def test_nothing_is_outside_the_tolerance(kind, charged, lepton, tmp_path, monkeypatch):
    monkeypatch.setenv("G2SYM_CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "mine.toml"
    path.write_text(text(kind, charged, lepton).replace("complex = true", ""))
    observable = load_model(str(path)).observable(f"a({lepton})")
    rng = np.random.default_rng(SUMS.index((kind, charged, lepton)))
    boson, fermion = masses(rng, lepton)
    g, h = Fraction(3, 10), Fraction(1, 5)
    found = observable.lambdify()(m_s=boson, m_F=fermion, g=g, h=h)
    assert np.isfinite(found).all()
    with np.errstate(all="ignore"):
        guess, size = estimate(kind, charged, boson, fermion, float(LEPTONS[lepton]), float(g), float(h))
        off = np.abs(found - guess) / size
    # the two opinions agree nearly everywhere
    assert np.median(off) < 1e-12
    assert np.mean(off < 1e-6) > 0.75, np.mean(off < 1e-6)
    off[~np.isfinite(off)] = np.inf
    worst = np.argsort(off)[-WORST * 20 :]
    chosen = np.concatenate(
        [worst[-WORST // 2 :], rng.choice(worst, WORST // 2), rng.integers(0, COUNT, RANDOM)]
    )
    photon = "boson" if charged else "fermion"
    kernels = [exchange.kernel(photon, pair) for pair in PAIRS[kind]]
    assert {k.key for k in kernels} == {Kernel.of(t.integral).key for t in observable.derivation.terms()}
    unit = LEPTONS[lepton]
    for place in chosen.tolist():
        own, other = Fraction(float(boson[place])), Fraction(float(fermion[place]))
        values = {"rho": (own / unit) ** 2, "nu": other / unit}
        bits = 160
        exact = truth(kernels, weights(kind, g, h), values, bits)
        while exact.rel_accuracy_bits() < 60:
            bits *= 2
            exact = truth(kernels, weights(kind, g, h), values, bits)
        with working_precision(120):
            met = float(abs(arb(float(found[place])) / exact - 1).upper())
        assert met <= TOLERANCE, (own, other, met)
