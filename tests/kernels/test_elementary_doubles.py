"""Widths and cross-sections over arrays: every value against balls, bounds, reasons, chunks, threads."""

import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import UsageError
from g2sym.integrals.rational import constant, gen
from g2sym.kernels.elementary_doubles import Logarithm
from g2sym.kernels.factors import Forms
from g2sym.kernels.forms import UNIT, Pair, Product, Shift, Sum, Values, terms_of

POINTS = 400
MU = 2 * 0.1056583755
COUPLINGS = {
    "alp": {"g_aff": 1e-3, "g_agg": 0, "g_agZ": 0},
    "scalar": {"g_sff": 1e-3, "g_sgg": 0, "g_sgZ": 0},
    "dark_photon": {"eps": 1e-3},
    "axial_vector": {"eps": 1e-3},
}
ALL = {"g_aff": 1e-3, "g_agg": 1e-4, "g_agZ": 1e-4}


def spread(low, high, seed=1):
    """Points whose logarithms are even."""
    return 10 ** np.random.default_rng(seed).uniform(low, high, POINTS)


def even(low, high, seed=2):
    """Even points."""
    return np.random.default_rng(seed).uniform(low, high, POINTS)


def exact(observable, values, place):
    """The value at one point from balls, an exact fraction."""
    point = {n: Fraction(float(v[place])) if isinstance(v, np.ndarray) else v for n, v in values.items()}
    return observable.evaluate(25, point).ball.midpoint


CASES = {
    "width from the threshold on": ("scalar", "Gamma(s -> mu bar(mu))", {"m_s": MU * (1 + spread(-14, 0))}),
    "width, all masses": ("alp", "Gamma(a -> mu bar(mu))", {"m_a": spread(-2, 4)}),
    "P, small masses": ("alp", "sigma(mu bar(mu) -> A a)", {"m_a": spread(-6, -1), "sqrt_s": 1}),
    "P, soft photons": ("alp", "sigma(mu bar(mu) -> A a)", {"m_a": 1 - spread(-12, -1), "sqrt_s": 1}),
    "P, threshold": ("alp", "sigma(mu bar(mu) -> A a)", {"m_a": 0.1, "sqrt_s": MU * (1 + spread(-9, 1))}),
    "P, two": ("alp", "sigma(mu bar(mu) -> A a)", {"m_a": even(0.01, 0.2), "sqrt_s": MU + spread(-3, 2)}),
    "S, two": ("scalar", "sigma(mu bar(mu) -> A s)", {"m_s": even(0.01, 0.2), "sqrt_s": MU + spread(-3, 2)}),
    "V, two": (
        "dark_photon",
        "sigma(mu bar(mu) -> A Ap)",
        {"m_A": spread(-3, -1), "sqrt_s": MU + spread(-3, 2)},
    ),
    "V, electrons at 10 GeV": (
        "dark_photon",
        "sigma(e bar(e) -> A Ap)",
        {"m_A": spread(-3, 1), "sqrt_s": 10},
    ),
    "cut to 1": (
        "alp",
        "sigma(e bar(e) -> A a)",
        {"m_a": spread(-3, 0), "sqrt_s": 10 + even(0, 1), "cos_max": 1 - spread(-12, -0.3, 3)},
    ),
    "forward": ("alp", "dsigma(e bar(e) -> A a)", {"m_a": 0.3, "sqrt_s": 10, "cos": 1 - spread(-15, 0)}),
    "backward": (
        "dark_photon",
        "dsigma(e bar(e) -> A Ap)",
        {"m_A": 0.3, "sqrt_s": 10, "cos": spread(-15, 0) - 1},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_values_meet_balls(case):
    """Values are those of balls to the rounding of a few operations, and nearly all come from doubles."""
    model, text, arrays = CASES[case]
    observable = g2.load_model(model).observable(text)
    values = {**COUPLINGS[model], **arrays}
    found = observable.lambdify()(full=True, **values)
    assert found.counts()["double"] > 0.8 * POINTS
    for place in range(0, POINTS, 13):
        expected = exact(observable, values, place)
        assert abs(Fraction(float(found.values[place])) - expected) <= abs(expected) * Fraction(1e-14), place


def test_all_couplings_across_the_z_peak():
    """Photon, Z and lepton couplings together, on the peak and beside it."""
    observable = g2.load_model("alp").observable("sigma(mu bar(mu) -> A a)")
    values = {**ALL, "m_a": 0.5, "sqrt_s": even(80, 100)}
    found = observable.lambdify()(full=True, **values)
    assert found.counts()["double"] == POINTS
    for place in range(0, POINTS, 29):
        expected = exact(observable, values, place)
        assert abs(Fraction(float(found.values[place])) / expected - 1) < 1e-13


def test_where_soft_photons_meet_the_threshold_points_climb():
    """There the parts cancel; the running bound sees it, and the values stay right."""
    observable = g2.load_model("dark_photon").observable("sigma(mu bar(mu) -> A Ap)")
    values = {"eps": 1e-3, "m_A": 0.2113 * (1 - spread(-4, -2)), "sqrt_s": MU * (1 + spread(-9, -6, 5))}
    found = observable.lambdify()(full=True, **values)
    assert found.counts()["double"] < POINTS / 2
    for place in range(0, POINTS, 57):
        expected = exact(observable, values, place)
        if expected:
            assert abs(Fraction(float(found.values[place])) / expected - 1) < 1e-12


def test_closed_channels_are_exact_zeros():
    """Below a threshold, beyond a cut and above sqrt(s) values are 0, not small."""
    scalar, alp = g2.load_model("scalar"), g2.load_model("alp")
    masses = np.array([0.1, np.nextafter(MU, 0), MU, np.nextafter(MU, 1), 0.3])
    width = scalar.observable("Gamma(s -> mu bar(mu))")
    found = width.lambdify()(g_sff=1e-3, m_s=masses)
    for mass, value in zip(masses, found, strict=True):
        own = width.evaluate(20, {"g_sff": 1e-3, "m_s": Fraction(float(mass))}).ball.midpoint
        assert (value == 0) == (own == 0)
        assert not np.signbit(value)
    beyond = alp.observable("dsigma(mu bar(mu) -> A a)").lambdify()
    angles = np.array([-0.95, -0.9, 0.0, 0.9, 0.95])
    assert (beyond(**COUPLINGS["alp"], m_a=0.3, sqrt_s=1, cos_max=0.9, cos=angles) == 0).tolist() == [
        True,
        False,
        False,
        False,
        True,
    ]
    heavy = alp.observable("sigma(mu bar(mu) -> A a)").lambdify()
    assert heavy(**COUPLINGS["alp"], m_a=np.array([0.5, 1.5]), sqrt_s=1)[1] == 0


def test_total_width_and_branching_ratio_across_thresholds():
    """Channels open one after the other; a ratio of zeros has no value and says why."""
    alp = g2.load_model("alp")
    couplings = {"g_aff[mu]": 1e-3, "g_agg": 1e-4, "g_agZ": 1e-4}
    masses = spread(-2, 3)
    total = alp.observable("Gamma(a)").quoted(g_aff="mu")
    found = total.lambdify()(m_a=masses, **couplings)
    ratio = alp.observable("BR(a -> A A)").quoted(g_aff="mu")
    shares = ratio.lambdify()(m_a=masses, **couplings)
    for place in range(0, POINTS, 37):
        for observable, value in ((total, found[place]), (ratio, shares[place])):
            expected = exact(observable, {"m_a": masses, **couplings}, place)
            assert abs(Fraction(float(value)) / expected - 1) < 1e-14
    alone = alp.observable("BR(a -> mu bar(mu))").quoted(g_aff="mu").lambdify()
    sums = _quietly(alone, {"g_aff[mu]": 1e-3, "g_agg": 0, "g_agZ": 0, "m_a": np.array([0.1, 0.5])})
    assert np.isnan(sums.values).tolist() == [True, False]
    (why,) = sums.reasons
    assert "Gamma(a)" in why
    assert "zero" in why


def _quietly(function, values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(full=True, **values)


def test_points_without_a_value_say_why():
    """Sentences are those of a single point, masks are where they apply, other points keep their values."""
    alp = g2.load_model("alp")
    observable = alp.observable("sigma(mu bar(mu) -> A a)")
    root = np.array([0.1, 0.2, 0.5, 1.0, 2.0])
    sums = _quietly(observable.lambdify(), {**COUPLINGS["alp"], "m_a": 0.5, "sqrt_s": root})
    assert np.isnan(sums.values).tolist() == [True, True, True, False, False]
    found = {why: mask.tolist() for why, mask in sums.reasons.items()}
    for value, place in ((0.1, 0), (0.5, 2)):
        with pytest.raises(UsageError) as told:
            observable.evaluate(10, {**COUPLINGS["alp"], "m_a": "0.5", "sqrt_s": str(value)})
        why = next(why for why, mask in found.items() if mask[place])
        assert why in str(told.value) or str(told.value) in why
    angle = alp.observable("dsigma(mu bar(mu) -> A a)").lambdify()
    sums = _quietly(angle, {**COUPLINGS["alp"], "m_a": 0.3, "sqrt_s": 1, "cos": np.array([0.5, 1.5, np.nan])})
    assert np.isnan(sums.values).tolist() == [False, True, True]
    assert any("no cosine" in why for why in sums.reasons)


def test_same_bits_for_any_chunk_thread_order_and_pickle():
    """A value depends on its point alone."""
    rng = np.random.default_rng(3)
    size = 300_000
    function = g2.load_model("dark_photon").observable("sigma(mu bar(mu) -> A Ap)").lambdify()
    values = {"m_A": rng.uniform(0.01, 1.2, size), "sqrt_s": rng.uniform(0.25, 3, size)}
    whole = function(eps=1e-3, threads=1, **values)
    assert whole.tobytes() == function(eps=1e-3, threads=3, **values).tobytes()
    again = pickle.loads(pickle.dumps(function))
    part = {n: v[1234:5001] for n, v in values.items()}
    assert whole[1234:5001].tobytes() == again(eps=1e-3, **part).tobytes()
    for place in (0, 17, 299_999):
        one = function(eps=1e-3, **{n: v[place : place + 1] for n, v in values.items()})
        assert one.tobytes() == whole[place : place + 1].tobytes()
    grid = function(eps=1e-3, m_A=values["m_A"][:40, None], sqrt_s=values["sqrt_s"][None, :50])
    flat = function(
        eps=1e-3, m_A=np.repeat(values["m_A"][:40], 50), sqrt_s=np.tile(values["sqrt_s"][:50], 40)
    )
    assert grid.reshape(-1).tobytes() == flat.tobytes()
    column = function(eps=np.array([[1e-3], [2e-3]]), m_A=values["m_A"][:40], sqrt_s=2.0)
    assert np.allclose(column[1], 4 * column[0], rtol=1e-12)


def test_shift_is_within_its_bound_and_nearly_reaches_it():
    """x + c for a c that is no double: 2.2 u holds everywhere, and is not far above what happens."""
    c = -Fraction(1056583755, 5 * 10**9)
    x = float(-c) * (1 + np.concatenate([spread(-15, 0), -spread(-15, -0.1), spread(0, 3)]))
    found = Shift("x", c)(Values({"x": x}))
    errors = [
        abs(Fraction(float(v)) / (Fraction(float(a)) + c) - 1) / Fraction(UNIT)
        for a, v in zip(x, found.number, strict=True)
        if v == v
    ]
    assert 1.1 < max(errors) <= found.units


def test_sums_carry_a_bound_that_cancellation_needs():
    """x^2 - 3 x + 9/4 + eps about its minimum: the bound grows with what cancels and holds."""
    x = 1.5 + np.concatenate([spread(-6, -1), -spread(-6, -1)])
    poly = gen("x") ** 2 - 3 * gen("x") + constant(Fraction(9, 4))
    found = Sum(terms_of(poly))(Values({"x": x}))
    errors = np.array(
        [
            float(abs(Fraction(float(v)) / (Fraction(float(a)) - Fraction(3, 2)) ** 2 - 1))
            for a, v in zip(x, found.number, strict=True)
        ]
    )
    assert (errors <= found.spread).all()
    assert (errors > found.spread / 30).any()


def test_logarithm_is_within_its_bound():
    """ln((1 + c r)/(1 - c r)) from small to large values, each within the bound derived for it."""
    from flint import arb, ctx, fmpq

    c = gen("c")
    forms = Forms({"c": (0, 1)})
    one = Product(1.0)
    log = Logarithm(
        one, Product(1.0, ((Pair(terms_of(c)), Fraction(1)),)), Product(1.0), forms.product(1 - c * c)
    )
    x = np.concatenate([spread(-12, -0.001), 1 - spread(-12, -0.3), even(0.15, 0.19)])
    found = log(Values({"c": x}))
    before, ctx.prec = ctx.prec, 200
    try:
        worst = 0.0
        for a, v in zip(x, found.number, strict=True):
            point = arb(fmpq(*float(a).as_integer_ratio()))
            worst = max(worst, abs(float(arb(float(v)) / (((1 + point) / (1 - point)).log()) - 1)))
    finally:
        ctx.prec = before
    assert found.spread is None
    assert UNIT < worst <= found.units * UNIT
