"""Two running masses over arrays of any namespace: against balls, at edges of bands and cells, and in JAX."""

from __future__ import annotations

import warnings
from fractions import Fraction
from functools import cache
from typing import Any

import flint
import numpy as np
import pytest

import g2sym as g2
from g2sym.arrays.namespace import Space
from g2sym.arrays.plane_patches import BANDS, PlanePatches
from g2sym.arrays.planes import Bands, Mass, Plane
from g2sym.base.balls import number, working_precision
from g2sym.tables.planes import EDGES, ERROR
from tests.standard.test_sums import within

MUON = 0.1056583755
SCALAR = "-bar(mu)*(y + z*gamma5)*N*X + hc"
VECTOR = "-bar(mu)*gamma(al)*(y + z*gamma5)*N*X(al) + hc"
KINDS = ("neutral scalar", "charged scalar", "neutral vector", "charged vector")
KEYS = ((2, 1), (1, 1), (2, 0), (0, 2))


@cache
def moment(kind: str) -> Any:
    charge = -1 if "charged" in kind else 0
    make = g2.scalar if "scalar" in kind else g2.vector
    fields = [make("X", mass="m_B", charge=charge), g2.fermion("N", mass="m_N", charge=-1 - charge)]
    couplings = [g2.parameter("y"), g2.parameter("z")]
    text = SCALAR if "scalar" in kind else VECTOR
    return g2.Model(text, name="two", parameters=[*fields, *couplings]).anomalous_moment("mu")


def columns(count: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Hierarchies, equal masses, masses beside the muon's and on the edges of bands of s."""
    rng = np.random.default_rng(seed)
    heavy, light = 10 ** rng.uniform(-3, 6, count), 10 ** rng.uniform(-6, 6, count)
    light[::7] = heavy[::7] * (1 + rng.choice([0.0, 1e-15, 1e-6, 1e-3], light[::7].size))
    heavy[1::7] = MUON * 10 ** rng.uniform(-1, 1, heavy[1::7].size)
    edges = rng.choice(EDGES[1 : BANDS + 1], heavy[2::7].size) * (
        1 + rng.normal(size=heavy[2::7].size) * 1e-15
    )
    part = rng.random(heavy[2::7].size)
    heavy[2::7], light[2::7] = (MUON / np.sqrt(edges) * share for share in (part, 1 - part))
    y, z = (10 ** rng.uniform(-6, 0, count) * rng.choice([-1.0, 1.0], count) for _ in range(2))
    return {"m_B": heavy, "m_N": light, "y": y, "z": z}


@pytest.mark.parametrize("size", [120, pytest.param(6000, marks=pytest.mark.long)])
@pytest.mark.parametrize("kind", KINDS)
def test_every_value_lies_within_its_bound(kind: str, size: int) -> None:
    observable, given = moment(kind), columns(size)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = observable.lambdify("array-api")(given)
    ratio = (MUON / (given["m_B"] + given["m_N"])) ** 2
    far = ratio < EDGES[BANDS] * (1 - 1e-9)
    assert np.isfinite(found.error[far]).all()
    assert found.decided[far].mean() > 0.9
    assert not found.decided[ratio > EDGES[BANDS] * (1 + 1e-9)].any()
    assert np.isnan(found.values[~np.isfinite(found.error)]).all()
    for place in np.flatnonzero(np.isfinite(found.error)).tolist():
        point = {n: Fraction(float(v[place])) for n, v in given.items()}
        ball = observable.enclose(400, point)
        with working_precision(400):
            assert within(float(found.values[place]), float(found.error[place]), ball.arb()), point


@pytest.mark.parametrize("kind", KINDS)
def test_as_the_ordinary_function(kind: str) -> None:
    observable, given = moment(kind), columns(3000, 2)
    found = observable.lambdify("array-api")(given)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        wanted = observable.lambdify()(given)
    off = np.abs(found.values / wanted - 1)
    assert off[found.decided].max() <= 2e-12
    assert (off <= found.error + 1e-12)[np.isfinite(found.error)].all()


def test_one_running_mass_that_is_a_fermions() -> None:
    observable = moment("neutral scalar")
    masses = np.geomspace(1e-3, 1e4, 200)
    found = observable.lambdify("array-api")(m_B="80.4", m_N=masses, y=1e-2, z="1/3")
    wanted = observable.lambdify()(m_B="80.4", m_N=masses, y=1e-2, z="1/3")
    assert found.decided.mean() > 0.98  # the sum has a zero
    assert found.values[found.decided] == pytest.approx(wanted[found.decided], rel=1e-12)


@pytest.mark.parametrize("key", KEYS)
def test_functions_at_edges_of_cells_against_balls(key: tuple[int, int]) -> None:
    """Within what is stated for the bands, rounding of a lepton's mass that is a constant included."""
    plane = Plane(Mass("M"), Mass("F"), Mass(value=Fraction("0.1056583755")), Bands())
    cells = PlanePatches(plane, key)
    assert cells.relative <= ERROR
    rng = np.random.default_rng(7)
    quotient = 2.0 ** rng.integers(-60, 60, 90) * rng.choice([1.0, 1.25, 1.5, 1.75], 90)
    quotient[::3] = np.nextafter(quotient[::3], 0)
    quotient[1::3] *= 1 + rng.random(30) / 8
    beside = [1.9 * edge for edge in EDGES[1:BANDS]]
    both = MUON / np.sqrt(rng.choice([1e-25, 1e-9, *EDGES[1:BANDS], *beside, 0.07], 90))
    heavy = both / (1 + quotient)
    light = heavy * quotient
    arrays = {"M": heavy, "F": light}
    space = Space(arrays)
    value, more = cells.value(space, cells.locate(space, arrays), arrays)
    assert more is None
    some = ~np.isnan(value)
    assert some.mean() > 0.8  # masses beyond 2^50 GeV have none
    for place in np.flatnonzero(some).tolist():
        point = {n: Fraction(float(v[place])) for n, v in arrays.items()}
        truth = plane.balls(point, 120)[key]
        with working_precision(200):
            assert abs(number(float(value[place])) - truth) <= cells.relative * abs(truth)


def test_the_same_doubles_in_a_strict_namespace() -> None:
    xp = pytest.importorskip("array_api_strict", reason="array-api-strict is not installed")
    given, function = columns(200, 3), moment("charged vector").lambdify("array-api")
    strict = function({n: xp.asarray(v) for n, v in given.items()})
    for one, other in zip(strict, function(given), strict=True):
        assert np.array_equal(np.asarray(one), other, equal_nan=True)


def test_masses_beyond_the_tables() -> None:
    bad = np.array([0.0, -1.0, np.nan, np.inf, 1e-300, 1e300, 1e16, 1e-16])
    function = moment("neutral scalar").lambdify("array-api")
    for found in (
        function(m_B=bad, m_N=1.0, y=1, z=np.array(0.5)),
        function(m_B=np.array(1.0), m_N=bad, y=1, z=1),
    ):
        assert np.isnan(found.values).all()
        assert not found.decided.any()


@pytest.mark.jax
def test_gradients_in_both_masses() -> None:
    """Compiled values, and gradients against difference quotients in balls, from heavy to light fermions."""
    jax = pytest.importorskip("jax", reason="the extra 'jax' is not installed")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    try:
        observable, given = moment("neutral scalar"), columns(60, 4)
        function = observable.lambdify("array-api")
        traced = {n: jax.numpy.asarray(v) for n, v in given.items()}
        found = jax.jit(function)(traced)
        wanted = function(given)
        some = np.isfinite(wanted.error)
        assert np.array_equal(np.isfinite(np.asarray(found.error)), some)
        off = np.abs(np.asarray(found.values) / wanted.values - 1)
        assert (off <= 2 * wanted.error)[some].all()
        slopes = jax.jit(jax.vmap(jax.grad(lambda values: function(values).values)))(traced)
        for place in np.flatnonzero(wanted.decided).tolist():
            point = {n: Fraction(float(v[place])) for n, v in given.items()}
            size = abs(float(wanted.values[place]))
            for moved, x in point.items():
                above, below = (
                    observable.enclose(600, {**point, moved: x + s}) for s in (x / 2**70, -x / 2**70)
                )
                with working_precision(600):
                    quotient = (above.arb() - below.arb()) / number(x / 2**69)
                    off = abs(number(float(slopes[moved][place])) - quotient)
                    assert off <= 1e-8 * abs(quotient)
                    assert off * abs(number(x)) <= 1e-11 * flint.arb(size)
        assert all(np.isnan(np.asarray(slopes[n])[~some]).all() for n in ("m_B", "m_N", "y"))
    finally:
        jax.config.update("jax_enable_x64", before)
