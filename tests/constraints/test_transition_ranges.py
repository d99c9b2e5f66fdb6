"""Branching ratios and form factors of l -> l' gamma with a mass on an axis, against values at points."""

import random
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import UnsupportedError
from tests.constraints.transitions import LAGRANGIANS, heavy, light, limit, model

F = Fraction
COUPLINGS = {"a_L": "1e-3", "a_R": "-2e-3", "b_R": "1e-5"}
LEPTONS = {"g": "0.1", "z_R": "1e-5", "y_L": 0, "y_R": 0, "x_L": 0, "x_R": 0}
TAU = {"g": "0.5", "y_L": "1e-3", "y_R": "2e-3", "x_L": 0, "x_R": 0, "z_L": 0, "z_R": 0}


def between(edges, part: float) -> float:
    """Return a double between the ends of an axis, at a part of its logarithmic length."""
    return float(np.clip(edges[0] * (edges[-1] / edges[0]) ** part, edges[0], edges[-1]))


def agrees(found, observable, size: str, values, count: int, seed: int) -> None:
    """Compare the categories at random points with values there."""
    rng = random.Random(seed)
    seen = set()
    for _ in range(count):
        x, y = between(found.x_edges, rng.random()), between(found.y_edges, rng.random())
        value = observable.evaluate(digits=12, **{found.x.name: F(x), found.y.name: F(y)}, **values).ball
        true = "allowed" if abs(value.midpoint) <= F(size) else "excluded"
        seen.add(true)
        assert found.state(x, y) in ("undecided", true)
    assert len(seen) == 2


@pytest.mark.parametrize(("name", "mass"), [(n, m) for n in LAGRANGIANS for m in ("m_B", "m_F")])
def test_maps_agree_with_values(name, mass, tmp_path) -> None:
    decay = heavy(name, tmp_path).observable("BR(mu -> e A)")
    values = {**COUPLINGS, "m_F" if mass == "m_B" else "m_B": 150}
    size = str(float(decay.evaluate(**{mass: 40}, b_L="1e-4", **values).ball.midpoint))
    found = g2.exclusion_map(
        decay, (mass, 1, 1000), ("b_L", "1e-6", "1e-2"), limit(decay, size), resolution=64, params=values
    )
    assert found.areas["undecided"] < F(1, 10)
    agrees(found, decay, size, values, 30, 5)


def test_a_map_of_a_branching_ratio_agrees_and_is_fine(tmp_path) -> None:
    decay = light(tmp_path).observable("BR(mu -> e A)")
    axes = ("m_phi", 1, 1000), ("z_L", "1e-7", "1e-1")
    found = g2.exclusion_map(decay, *axes, limit(decay, "1.5e-13"), resolution=256, params=LEPTONS)
    assert found.areas["undecided"] < F(1, 200)
    agrees(found, decay, "1.5e-13", LEPTONS, 40, 6)


def test_a_map_of_a_quotient(tmp_path) -> None:
    loaded = light(tmp_path)
    values = {**TAU, "x_L": "1e-3", "z_L": "1e-2"}
    for text in ("BR(tau -> mu A)/BR(tau -> e A)", "re(A_R(tau -> mu))/re(A_L(tau -> mu))"):
        ratio = loaded.observable(text)
        axes = ("m_phi", 2, 200), ("y_R", "1e-4", "1e-1")
        rest = {n: v for n, v in values.items() if n != "y_R"}
        size = str(float(abs(ratio.evaluate(m_phi=20, y_R="5e-3", **rest).ball.midpoint)))
        found = g2.exclusion_map(ratio, *axes, limit(ratio, size), resolution=64, params=rest)
        assert found.areas["undecided"] < F(1, 4)
        agrees(found, ratio, size, rest, 25, 7)


@pytest.mark.parametrize(("name", "mass"), [(n, m) for n in LAGRANGIANS for m in ("m_B", "m_F")])
def test_mass_windows_agree_on_both_sides_of_each_end(name, mass, tmp_path) -> None:
    decay = heavy(name, tmp_path).observable("BR(mu -> e A)")
    values = {**COUPLINGS, "b_L": "1e-4", "m_F" if mass == "m_B" else "m_B": 150}
    size = F(float(decay.evaluate(**{mass: 40}, **values).ball.midpoint))
    found = g2.bound(decay, mass, limit(decay, str(float(size))), interval=(1, 1000), params=values)
    ends = [end for window in found.rows[0].windows for end in window if end.radius]
    assert any(abs(float(end.midpoint) / 40 - 1) < 1e-9 for end in ends)

    def inside(point: F) -> bool:
        return decay.evaluate(digits=25, **{mass: point}, **values).ball.midpoint <= size

    for end in ends:
        step = end.midpoint / 10**12
        assert inside(end.midpoint - step) != inside(end.midpoint + step)
    for n in range(12):
        point = F(11, 10) ** (5 * n + 1)
        assert inside(point) == any(low.upper < point < high.lower for low, high in found.rows[0].windows)


def test_zeros_of_a_form_factor_in_a_mass(tmp_path) -> None:
    # the real part of A_R changes sign where the chirality-flipping and the other term cancel
    form = heavy("scalar", tmp_path).observable("re(A_R(mu -> e))")
    values = {"a_L": 0, "a_R": 1, "b_L": 1, "b_R": 0, "m_F": 150}
    values |= {"a_L": "1e-3", "b_R": "-1e-1"}
    zeros = form.zeros("m_B", interval=(1, 10**5), **values)
    points = [F(10) ** n for n in range(6)]
    signs = [form.evaluate(m_B=p, digits=12, **values).ball.midpoint > 0 for p in points]
    changes = sum(a != b for a, b in pairwise(signs))
    assert len(zeros) % 2 == changes % 2
    for zero in zeros:
        sides = [zero.midpoint * (1 + F(s, 10**12)) for s in (-1, 1)]
        low, high = (form.evaluate(m_B=p, digits=12, **values).ball.midpoint for p in sides)
        assert low * high < 0


def test_above_threshold_one_sentence(tmp_path) -> None:
    decay = light(tmp_path).observable("BR(tau -> mu A)")
    sentence = r"m_phi \+ m_mu is not above m_tau: the lepton could decay"
    rest = {n: v for n, v in TAU.items() if n != "y_R"}
    with pytest.raises(UnsupportedError, match=sentence):
        g2.exclusion_map(decay, ("m_phi", "0.5", 9), ("y_R", "1e-5", 1), limit(decay, "1e-9"), params=rest)
    with pytest.raises(UnsupportedError, match=sentence):
        g2.bound(decay, "m_phi", limit(decay, "1e-9"), interval=("0.5", 1000), params=TAU)
    # m_tau - m_mu = 1.6712716245: just above it there are values
    found = g2.exclusion_map(
        decay, ("m_phi", "1.6713", 9), ("y_R", "1e-5", 1), limit(decay, "1e-4"), resolution=32, params=rest
    )
    agrees(found, decay, "1e-4", rest, 20, 8)


def test_a_form_factor_with_an_imaginary_coupling_is_zero_below_threshold_only(tmp_path) -> None:
    # only the imaginary parts of the integrals are left: zero below threshold, and refused above
    lagrangian = "-g*phi*bar(mu)*mu + I*y*phi*bar(mu)*PR*tau + z*phi*bar(e)*PR*mu + hc"
    rest = {"g": "0.5", "z": 1}
    fields = '[fields.phi]\nspin = 0\ncharge = 0\nmass = "m_phi"\n'
    form = model(lagrangian, fields, ("g", "y", "z"), tmp_path)
    form = form.observable("re(A_R(tau -> mu))/re(A_R(mu -> e))")
    assert form.evaluate(m_phi=2, y="0.1", **rest).ball.midpoint == 0
    assert form.evaluate(m_phi="0.5", y="0.1", **rest).ball.midpoint != 0
    axes = ("m_phi", 2, 9), ("y", "0.01", 1)
    found = g2.exclusion_map(form, *axes, limit(form, "1e-9"), resolution=8, **rest)
    assert found.areas["allowed"] == 1
    with pytest.raises(UnsupportedError, match=r"m_phi \+ m_mu is not above m_tau"):
        g2.exclusion_map(form, ("m_phi", "0.5", 9), axes[1], limit(form, "1e-9"), resolution=8, **rest)
    function = form.lambdify()
    values = function(m_phi=np.array([0.5, 2.0]), y="0.1", **rest)
    at = [float(form.evaluate(m_phi=m, y="0.1", **rest).ball.midpoint) for m in ("0.5", "2")]
    assert values == pytest.approx(at, rel=1e-12, abs=0)


def test_arrays_over_a_mass_keep_imaginary_parts(tmp_path) -> None:
    decay = light(tmp_path).observable("BR(tau -> mu A)")
    masses = np.array([0.5, 1.2, 2.0, 30.0])
    found = decay.lambdify()(m_phi=masses, **TAU)
    for mass, value in zip(masses.tolist(), found.tolist(), strict=True):
        exact = decay.evaluate(m_phi=F(mass), digits=17, **TAU).ball.midpoint
        assert abs(F(value) / exact - 1) < F(1, 10**12)


def test_counts_agree_with_arrays(tmp_path) -> None:
    decay = light(tmp_path).observable("BR(mu -> e A)")
    grid = {"m_phi": np.geomspace(1, 1000, 40), "z_L": np.geomspace(1e-7, 1e-1, 30)}
    count = g2.count_excluded(decay, grid, limit(decay, "1.5e-13"), params=LEPTONS)
    values = decay.lambdify()(m_phi=grid["m_phi"][:, None], z_L=grid["z_L"], **LEPTONS)
    assert (count.excluded, count.undecided) == (int((values > 1.5e-13).sum()), 0)


def test_two_masses_one_sentence(tmp_path) -> None:
    decay = heavy("scalar", tmp_path).observable("BR(mu -> e A)")
    values = {**COUPLINGS, "b_L": "1e-4"}
    with pytest.raises(
        UnsupportedError, match="m_B and m_F: a kernel of l -> l' gamma is enclosed along one"
    ):
        g2.exclusion_map(decay, ("m_B", 1, 9), ("m_F", 1, 9), limit(decay, "1e-13"), params=values)
