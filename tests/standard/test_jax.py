"""JAX: traced, compiled, mapped and differentiated; gradients against difference quotients in balls."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import g2sym as g2
from g2sym.arrays.namespace import Space
from g2sym.arrays.patches import patches_of
from g2sym.base.balls import number, working_precision
from g2sym.errors import UsageError
from g2sym.tables.build import ERROR
from tests.fuzz.sums import CASES
from tests.standard.tables import derivatives, kernels, masses

jax = pytest.importorskip("jax", reason="the extra 'jax' is not installed")
pytestmark = pytest.mark.jax

GRADIENT = 1e-8
"""What every gradient has to reach; SLOPE is what the docs say of kernels."""
SLOPE, CURVATURE = 1e-13, 1e-9
TWO = np.array([0.5, 1.0])


@pytest.fixture(autouse=True)
def _doubles() -> Iterator[None]:
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def columns(name: str, count: int) -> dict[str, np.ndarray]:
    """Hierarchies of masses and couplings of either sign, and masses at the ends of cells."""
    rng, case = np.random.default_rng(len(name)), CASES[name]
    out = {n: 10 ** rng.uniform(-4, 0, count) * rng.choice([-1.0, 1.0], count) for n in case.couplings}
    mass = 10 ** rng.uniform(-6, 6, count)
    mass[::5] = 2.0 ** np.floor(np.log2(mass[::5]))
    mass[1::5] = np.nextafter(2.0 ** np.floor(np.log2(mass[1::5])), 0)
    out[case.mass] = mass
    if len(case.couplings) > 1:
        out["Lambda"] = 10 ** rng.uniform(0, 5, count)
    return out


def arrays(values: dict[str, np.ndarray]) -> dict[str, Any]:
    return {n: jax.numpy.asarray(v) for n, v in values.items()}


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", CASES)
def test_compiled_and_mapped_as_the_ordinary_function(name: str, lepton: str) -> None:
    observable = g2.load_model(name).anomalous_moment(lepton)
    function, given = observable.lambdify("array-api"), columns(name, 1000)
    wanted = observable.lambdify()(given)
    every = arrays(given)
    for found in (function(every), jax.jit(function)(every), jax.jit(jax.vmap(function))(every)):
        off = np.abs(np.asarray(found.values) / wanted - 1)
        bounded = np.isfinite(np.asarray(found.error))
        assert (off <= np.asarray(found.error) + 1e-12)[bounded].all()
        assert np.asarray(found.decided).mean() > 0.9


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_difference_quotients_in_balls(name: str) -> None:
    """(f(x + h) - f(x - h))/2h with h = 2^-70 x errs by h^2 f'''/6, and nothing else: balls of 600 bits."""
    observable = g2.load_model(name).anomalous_moment("mu")
    function, given = observable.lambdify("array-api"), columns(name, 40)
    slopes = jax.jit(jax.vmap(jax.grad(lambda values: function(values).values)))(arrays(given))
    for place in range(40):
        point = {n: Fraction(float(v[place])) for n, v in given.items()}
        for moved, x in point.items():
            step = x / 2**70
            above, below = (observable.enclose(600, {**point, moved: x + s}) for s in (step, -step))
            with working_precision(600):
                quotient = (above.arb() - below.arb()) / number(2 * step)
                off = abs(number(float(slopes[moved][place])) / quotient - 1)
            assert off < GRADIENT / 1000, (point, moved)


def test_gradients_of_quotients_and_dipole_products() -> None:
    ratio = g2.load_model("dark_photon").observable("a(e)/a(mu)")
    function = ratio.lambdify("array-api")
    for mass in (1e-3, 0.03, 0.7, 50.0):
        slope = jax.grad(lambda m: function(m_A=m, eps=1).values)(jax.numpy.asarray(mass))
        step = Fraction(mass) / 2**70
        above, below = (ratio.enclose(600, m_A=Fraction(mass) + s, eps=1) for s in (step, -step))
        with working_precision(600):
            quotient = (above.arb() - below.arb()) / number(2 * step)
            assert abs(number(float(slope)) / quotient - 1) < GRADIENT / 100


@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", CASES)
def test_slopes_of_tables_in_all_bands(name: str, lepton: str) -> None:
    """Compiled values, first and second derivatives against power series in balls, at ends of cells too."""
    for source in kernels(name, lepton):
        table = source.table()
        assert table is not None
        cells, mass = patches_of(source), source.names[0]
        assert cells is not None

        def value(point: Any, cells: Any = cells, mass: str = mass) -> Any:
            space = Space({mass: point})
            return cells.value(space, cells.locate(space, {mass: point}), {mass: point})[0]

        points = masses(table, 8)
        traced = jax.numpy.asarray(points)
        found = [
            np.asarray(jax.jit(jax.vmap(f))(traced))
            for f in (value, jax.grad(value), jax.grad(jax.grad(value)))
        ]
        for place, point in enumerate(points.tolist()):
            if np.isnan(found[0][place]):
                assert np.isnan(found[1][place])
                continue
            wanted = derivatives(source, point)
            with working_precision(400):
                scaled = [number(float(f[place])) * number(point) ** k for k, f in enumerate(found)]
                assert abs(scaled[0] - wanted[0]) <= ERROR * abs(wanted[0])
                assert abs(scaled[1] - wanted[1]) <= SLOPE * abs(wanted[1])
                assert abs(scaled[2] - 2 * wanted[2]) <= CURVATURE * abs(wanted[2])


def test_gradients_without_a_value_are_none() -> None:
    """Not zero, which a choice between a number and NaN would give; beside other points they do no harm."""
    function = g2.load_model("alp").anomalous_moment("mu").lambdify("array-api")

    def value(m: Any, g: Any, h: Any) -> Any:
        return function(m_a=m, g_aff=g, g_agg=h).values

    slopes = jax.vmap(jax.grad(value, argnums=(0, 1, 2)), in_axes=(0, None, None))
    points = jax.numpy.asarray([0.0, -1.0, np.nan, np.inf, 1e-300, 1e300, 0.5])
    for slope in slopes(points, jax.numpy.asarray(1e-3), jax.numpy.asarray(1e-4)):
        assert np.isnan(slope[:-1]).all()
        assert np.isfinite(slope[-1])
    for g in (np.nan, np.inf, 1e200):
        slope = jax.grad(value, argnums=1)(
            jax.numpy.asarray(0.5), jax.numpy.asarray(g), jax.numpy.asarray(1e-4)
        )
        assert np.isnan(slope)


def test_gradients_at_zero_couplings_and_of_roots() -> None:
    function = g2.load_model("alp").anomalous_moment("mu").lambdify("array-api")
    slope = jax.grad(lambda g: function(m_a=0.5, g_aff=1e-3, g_agg=g).values)(jax.numpy.asarray(0.0))
    alone = g2.load_model("alp").anomalous_moment("mu").lambdify("array-api")
    one = alone(m_a=0.5, g_aff=1e-3, g_agg=jax.numpy.asarray([0.0, 1e-2])).values
    assert float(slope) == pytest.approx(float((one[1] - one[0]) * 100), rel=1e-10)
    boson = g2.scalar("S", mass="m_S")
    text = "-sqrt(1 - x)*y*S*bar(mu)*mu/(1 + x)"
    model = g2.Model(text, name="r", parameters=[boson, g2.parameter("x"), g2.parameter("y")])
    moment = model.anomalous_moment("mu")
    slope = jax.grad(lambda x: moment.lambdify("array-api")(m_S=1, y=1, x=x).values)(jax.numpy.asarray(0.5))
    # (1 - x)/(1 + x)^2 has the derivative (x - 3)/(1 + x)^3
    half = float(moment.evaluate(20, m_S=1, y=1, x="0.5"))
    assert float(slope) == pytest.approx(half / (0.5 / 2.25) * (-2.5 / 3.375), rel=1e-12)


def test_gradients_in_a_loop_of_a_sampler() -> None:
    """A whole step inside jit: a sum over undecided points is masked by the caller."""
    function = g2.load_model("dark_photon").anomalous_moment("mu").lambdify("array-api")

    @jax.jit
    def step(mass: Any, eps: Any) -> Any:
        def misfit(m: Any) -> Any:
            found = function(m_A=m, eps=eps)
            return jax.numpy.sum(jax.numpy.where(found.decided, found.values, 0.0))

        return mass - 1e-3 * jax.grad(misfit)(mass)

    moved = step(jax.numpy.asarray([0.1, 1.0]), jax.numpy.asarray(1e-3))
    assert np.isfinite(moved).all()
    assert (np.asarray(moved) > [0.1, 1.0]).all()


def test_single_precision_is_refused() -> None:
    function = g2.load_model("dark_photon").anomalous_moment("mu").lambdify("array-api")
    jax.config.update("jax_enable_x64", False)
    said = (
        'single precision, as JAX makes them by default, .* run jax.config.update\\("jax_enable_x64", True\\)'
    )
    with pytest.raises(UsageError, match=said):
        function(m_A=jax.numpy.asarray(TWO), eps=1)
    with pytest.raises(UsageError, match=said):
        jax.jit(lambda m: function(m_A=m, eps=1).values)(jax.numpy.asarray(TWO))


def test_mixed_namespaces_and_other_numbers() -> None:
    function = g2.load_model("dark_photon").anomalous_moment("mu").lambdify("array-api")
    with pytest.raises(UsageError, match=r"m_A is an array of jax.numpy and eps one of numpy"):
        function(m_A=jax.numpy.asarray(TWO), eps=TWO)
    with pytest.raises(UsageError, match="m_A holds numbers of type int64"):
        function(m_A=jax.numpy.asarray([1, 2]), eps=1)
    with pytest.raises(UsageError, match="m_A holds numbers of type complex128"):
        function(m_A=jax.numpy.asarray(TWO + 0j), eps=1)


def test_constants_traced_once_do_not_outlive_the_trace() -> None:
    function = g2.load_model("alp").anomalous_moment("mu").lambdify("array-api")
    mass = jax.numpy.asarray(TWO)
    first = jax.jit(lambda m: function(m_a=m, g_aff=1e-3).values)(mass)
    second = jax.jit(lambda m: 2 * function(m_a=m, g_aff=1e-3).values)(mass)
    third = function(m_a=mass, g_aff=1e-3).values
    fixed = jax.jit(lambda g: function(m_a=mass, g_aff=g).values)(jax.numpy.asarray(1e-3))
    assert np.asarray(first) == pytest.approx(np.asarray(third), rel=1e-15)
    assert np.asarray(second) == pytest.approx(2 * np.asarray(third), rel=1e-15)
    assert np.asarray(fixed) == pytest.approx(np.asarray(third), rel=1e-15)
