"""Terms that are small in a sum need not be accurate themselves; the sum is, also near zeros of its terms."""

import time
import warnings
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import g2sym as g2
from g2sym.arrays.elementary import ElementarySource
from g2sym.arrays.grids import Product
from g2sym.arrays.ladder import DOUBLE, Sum
from g2sym.arrays.pieces import Factors, Outer
from g2sym.errors import UsageError
from g2sym.queries.arrays import ArrayFunction

SIGMA = "sigma(e bar(e) -> A s)"
UNIT = 2.0**-53


@pytest.fixture(scope="module")
def scalar():
    return g2.load_model("scalar").observable(SIGMA)


def functions(function, arrays):
    """Return the functions of a sum that are evaluated in doubles."""
    function(**arrays)
    (whole,) = function._sums.values()
    return [s for s in whole.sources if isinstance(s, ElementarySource)]


def ball(source, x):
    """Return a function's value with 200 bits."""
    return source.ball({source.names[0]: Fraction(float(x))}, 200)


def off(value, exact):
    """Return the relative error of a double from a ball's 40 digits."""
    with mpmath.workdps(50):
        return float(abs(mpmath.mpf(float(value)) / exact - 1))


def test_what_is_small_in_the_sum_stays_in_doubles(scalar):
    function = scalar.lambdify()
    fixed = {"g_sff": 1e-3, "g_sgg": 1e-4, "sqrt_s": 10.58, "cos_max": 0.9}
    masses = np.linspace(9, 10.5, 2000)
    found = function(m_s=masses, full=True, **fixed)
    assert (found.rungs == DOUBLE).all()
    for place in range(0, 2000, 133):
        exact = scalar.evaluate(digits=30, m_s=masses[place], **fixed).mpf()
        assert off(found.values[place], exact) < 1e-12


def zero_of(source, low, high):
    """Return the two neighbouring doubles between which a function changes its sign."""
    sign = ball(source, low) > 0
    while (middle := (low + high) / 2) not in (low, high):
        if (ball(source, middle) > 0) == sign:
            low = middle
        else:
            high = middle
    return low, high


def test_bounds_hold_near_a_zero_of_a_single_function(scalar):
    # doubles ever closer to the zero of the interference, at last its neighbours: every error is within what
    # is said of it, and some come within a factor of 50, so that the bound is not idle
    arrays = {"m_s": np.linspace(9, 10.5, 7), "g_sff": 1e-3, "g_sgg": 1e-4, "sqrt_s": 10.58, "cos_max": 0.9}
    sources = functions(scalar.lambdify(), arrays)
    source = next(s for s in sources if ball(s, 9.0) * ball(s, 10.5) < 0)
    low, _ = zero_of(source, 9.0, 10.5)
    steps = np.concatenate([np.arange(-40, 41) * UNIT * 16, 10.0 ** np.arange(-13, -1, 0.25)])
    points = np.concatenate([low + steps, np.linspace(9, 10.5, 300)])
    values, excess = source.bounded({"m_s": points})
    assert excess is not None
    assert excess.max() > 1e10
    closest = 0.0
    for x, value, times in zip(points, values, excess, strict=True):
        wrong = abs(ball(source, x) - float(value))
        allowed = abs(value) * times * source.error
        assert wrong <= allowed
        if times > 1:
            closest = max(closest, float(wrong) / allowed)
    assert closest > 0.02


@pytest.mark.parametrize("order", [(0,), (0, 1), (1, 0)])
@pytest.mark.parametrize("outer", ["alone", "times a row", "whole"])
def test_a_sum_that_a_canceling_function_rules_climbs(scalar, order, outer):
    # the interference with at most a negligible companion: doubles are not good enough for most masses
    arrays = {"m_s": np.linspace(9, 10.5, 7), "g_sff": 1e-3, "g_sgg": 1e-4, "sqrt_s": 10.58, "cos_max": 0.9}
    own = functions(scalar.lambdify(), arrays)
    one = next(s for s in own if ball(s, 9.0) * ball(s, 10.5) < 0)
    other = next(s for s in own if s is not one)
    low, _ = zero_of(one, 9.0, 10.5)
    masses = low + np.concatenate([-(10.0 ** np.arange(-12, -1, 0.5)), 10.0 ** np.arange(-12, -1, 0.5)])
    powers = () if outer == "alone" else (("g", 1),)
    products = [Product(Fraction(1), "", None, powers, 0), Product(Fraction(1, 10**30), "", None, powers, 1)]
    whole = Sum([products[k] for k in order], [one, other])
    grids = {"m_s": masses}
    if outer == "times a row":
        grids["g"] = np.linspace(1, 2, 50)[:, None]
    elif outer == "whole":
        grids = {"m_s": masses[:, None], "g": np.linspace(1, 2, masses.size * 2).reshape(masses.size, 2)}
    found = whole(grids)
    assert (found.rungs != DOUBLE).any()
    spread = {n: np.broadcast_to(a, found.values.shape).ravel() for n, a in grids.items()}
    for place in range(0, found.values.size, 1 + found.values.size // 60):
        x, g = float(spread["m_s"][place]), float(spread["g"][place]) if powers else 1.0
        exact = ball(one, x) * g
        if len(order) > 1:
            exact += ball(other, x) * g / 10**30
        assert abs(float(found.values.flat[place]) / exact - 1) < 1e-12


def test_a_sum_of_terms_that_cancel_keeps_its_guarantee(scalar):
    # g_sgg so large that the interference with g_sff takes part, and of either sign; a sum of squares has no
    # zero, but the terms cancel: the guarantee is that of the sum
    masses = np.linspace(0.05, 10.57, 61)
    for share in (1e-6, 1.0, -1.0, 1e3, -1e3):
        fixed = {
            "g_sff": 1e-3,
            "g_sgg": 1e-3 * share,
            "g_sgZ": -2e-3 * share,
            "sqrt_s": 10.58,
            "cos_max": 0.9,
        }
        found = scalar.lambdify()(m_s=masses, full=True, **fixed)
        for place in range(0, 61, 6):
            exact = scalar.evaluate(digits=30, m_s=masses[place], **fixed).mpf()
            assert off(found.values[place], exact) < 1e-12


@pytest.mark.parametrize("shape", [(1, 40), (30, 1), (30, 40)])
def test_couplings_in_arrays_with_small_terms(scalar, shape):
    # the function of the masses is smaller than the whole, is the whole, or both come in one array
    masses = np.linspace(9, 10.5, 40)
    couplings = np.geomspace(1e-8, 1e-2, 30)[:, None]
    grids = {
        (1, 40): {"m_s": masses, "g_sgg": np.full(40, 1e-4)},
        (30, 1): {"m_s": masses[:30], "g_sgg": couplings[:, 0]},
        (30, 40): {"m_s": masses, "g_sgg": couplings},
    }[shape]
    fixed = {"g_sff": 1e-3, "sqrt_s": 10.58, "cos_max": 0.9}
    found = scalar.lambdify()(**grids, **fixed, full=True)
    spread = {n: np.broadcast_to(a, found.values.shape).ravel() for n, a in grids.items()}
    for place in range(0, found.values.size, 1 + found.values.size // 12):
        point = {n: a[place] for n, a in spread.items()}
        exact = scalar.evaluate(digits=30, **point, **fixed).mpf()
        assert off(found.values.ravel()[place], exact) < 1e-12
    assert (found.rungs == DOUBLE).mean() > 0.9


def test_a_closed_channel_is_zero_without_balls(scalar):
    # points where the sum is zero stand beside points where functions cancel
    masses = np.linspace(9, 12, 500)
    start = time.perf_counter()
    found = scalar.lambdify()(m_s=masses, g_sff=1e-3, g_sgg=1e-4, sqrt_s=10.58, cos_max=0.9, full=True)
    assert time.perf_counter() - start < 20
    assert (found.values[masses > 10.58] == 0).all()
    assert (found.values[masses < 10.58] > 0).all()
    assert (found.rungs == DOUBLE).all()


def test_scalars_on_the_soft_pole_get_the_sentence_of_evaluate():
    observable = g2.load_model("alp").observable("sigma(e bar(e) -> A a)")
    point = {"g_aff": 1e-3, "m_a": 10.58, "sqrt_s": 10.58}
    with pytest.raises(UsageError, match="sqrt_s is exactly m_a, where") as expected:
        observable.evaluate(**point)
    function = observable.lambdify()
    assert isinstance(function, ArrayFunction)
    for given in (point, {**point, "g_aff": np.array([1e-3, 2e-3])}):
        with pytest.raises(UsageError) as found:
            function(**given)
        assert str(found.value) == str(expected.value)


def test_an_angle_in_an_array_on_the_soft_pole_is_refused_with_the_reason():
    observable = g2.load_model("alp").observable("dsigma(e bar(e) -> A a)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = observable.lambdify()(
            g_aff=1e-3, m_a=10.58, sqrt_s=10.58, cos=np.array([0.1, 0.2]), full=True
        )
    assert np.isnan(found.values).all()
    assert any("sqrt_s is exactly m_a" in why for why in found.reasons)


def test_a_compiled_loop_is_only_for_terms_with_the_size_of_their_values():
    row, column = np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]])
    plain = Factors((row, column), (row, column), (), None, None, 100.0)
    assert Outer.of([plain], (2, 2)) is not None
    excess = np.array([[1.0, 50.0]])
    larger = Factors((row, column), (row, column, excess), (), None, None, 100.0, excess)
    assert Outer.of([plain, larger], (2, 2)) is None


@pytest.mark.parametrize("model", ["scalar", "alp"])
def test_functions_of_an_angle_err_by_what_is_said(model):
    # factors that cancel, too: every function of a differential cross-section at random energies and angles
    boson, couplings = {"scalar": ("s", "g_s"), "alp": ("a", "g_a")}[model]
    names = [couplings + end for end in ("ff", "gg", "gZ")]
    observable = g2.load_model(model).observable(f"dsigma(mu bar(mu) -> A {boson})")
    random = np.random.default_rng(11)
    arrays = {"sqrt_s": random.uniform(8.5, 95, 300), "cos": random.uniform(-0.999, 0.999, 300)}
    fixed = {"cos_max": 1, f"m_{boson}": 3.25, **dict(zip(names, (1e-3, -2e-3, 5e-4), strict=True))}
    function = observable.lambdify()
    found = function(**arrays, **fixed, full=True)
    assert (found.rungs == DOUBLE).all()
    for place in range(0, 300, 25):
        point = {n: a[place] for n, a in arrays.items()}
        assert off(found.values[place], observable.evaluate(digits=30, **point, **fixed).mpf()) < 1e-12
    several = 0
    for source in functions(function, {**arrays, **fixed}):
        values, excess = source.bounded(arrays)
        several += excess is not None
        for place in range(300):
            exact = source.ball({n: Fraction(float(arrays[n][place])) for n in source.names}, 200)
            times = 1.0 if excess is None else excess[place]
            wrong = abs(exact - float(values[place]))
            assert wrong <= abs(values[place]) * times * source.error
    assert several or model == "alp"  # whose functions do not cancel here
