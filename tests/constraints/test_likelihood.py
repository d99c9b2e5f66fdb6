"""Pulls, chi^2 and log-likelihoods: at a point in balls, over arrays in doubles."""

import pickle
from fractions import Fraction as F

import mpmath
import numpy as np
import pytest

import g2sym as g2
from g2sym.constraints import pull
from g2sym.constraints.likelihood import in_doubles, pulls_of
from g2sym.errors import InvalidPointsWarning, UsageError
from g2sym.inputs import load_measurement
from tests.constraints.test_combined import CP, PHOTON, difference, limit

POINT = {"m_A": "0.1", "eps": "2e-3"}


def normal_z(confidence):
    """The two-sided quantile by bisecting erf at 40 digits, without its inverse."""
    with mpmath.workdps(40):
        return mpmath.findroot(lambda z: mpmath.erf(z / mpmath.sqrt(2)) - mpmath.mpf(confidence), 1.5)


@pytest.mark.parametrize(
    ("confidence", "table"),
    # tables of the normal distribution; 0.6826894921370859 is one sigma
    [("0.9", "1.6448536"), ("0.95", "1.9599640"), ("0.99", "2.5758293"), ("0.6826894921370859", "1.0000000")],
)
def test_z_is_the_quantile_of_the_confidence_level(confidence, table):
    found = PHOTON.combine(limit("x", "1e-9", confidence=confidence)).likelihood(6, POINT)
    (part,) = found.as_dict()["measurements"]
    record = part["likelihood"]
    assert record["form"] == "half-Gaussian"
    assert f"{float(record['z']):.7f}" == table
    expected = normal_z(confidence)
    assert abs(mpmath.mpf(record["z"]) - expected) < 1e-15
    assert abs(mpmath.mpf(record["sigma"]["up"]) - mpmath.mpf("1e-9") / expected) < 1e-24
    (sentence,) = found.sentences
    assert "half-Gaussian with sigma = limit/z, z = " in sentence
    assert sentence in found.as_dict()["announcements"]


def test_at_the_limit_chi2_is_the_square_of_z():
    moment = PHOTON.anomalous_moment("mu")
    value = moment.evaluate(30, POINT).ball
    exact = limit("x", F(value.midpoint), confidence="0.9")
    found = g2.Combination([(moment, exact)]).likelihood(12, POINT)
    assert float(found.chi2) == pytest.approx(1.6448536269514722**2, rel=1e-12)
    assert float(found.pulls[0]) == pytest.approx(1.6448536269514722, rel=1e-12)
    assert found.as_dict()["measurements"][0]["measurement"]["confidence"] == "0.9"


def test_pulls_and_chi2_are_those_of_the_definition():
    names = ("electron-2023-cs", "electron-2023-rb", "muon-2025", "tau-2024")
    found = PHOTON.combine(*names).likelihood(15, POINT)
    total = mpmath.mpf(0)
    with mpmath.workdps(40):
        for name, value, ball in zip(names, found.values, found.pulls, strict=True):
            data = load_measurement(name)
            exact = PHOTON.observable(data.observable).evaluate(40, POINT).mpf()
            off = exact - mpmath.mpf(data.central.numerator) / data.central.denominator
            variance = data.variance(up=off > 0)
            expected = off / mpmath.sqrt(mpmath.mpf(variance.numerator) / variance.denominator)
            assert abs(ball.mpf(30) / expected - 1) < 1e-14
            assert pull(value, data).overlaps(ball)
            total += expected**2
        assert abs(found.chi2.mpf(30) / total - 1) < 1e-14
        assert abs(found.log_likelihood.mpf(30) / (-total / 2) - 1) < 1e-14
    assert sum(part.midpoint for part in found.chi2_parts) == pytest.approx(found.chi2.midpoint)
    # independent they are not, and this is said
    assert "electron-2023-cs and electron-2023-rb both rest on fan-2023" in " ".join(found.sentences)
    assert any("both rest on" in s for s in found.as_dict()["announcements"])


def test_split_errors_take_the_side_of_the_value():
    tau = load_measurement("tau-2024")
    axial = g2.load_model("axial_vector")
    for model, size, up in ((PHOTON, "1", True), (axial, "1e-2", True), (axial, "1", False)):
        found = model.combine(tau).likelihood(10, {"m_A": "0.1", "eps": size})
        value = float(found.values[0])
        assert (value > tau.central) == up
        expected = (value - float(tau.central)) / (0.0032 if up else 0.0031)
        assert float(found.pulls[0]) == pytest.approx(expected)
        over_arrays = model.combine(tau).lambdify()(m_A=0.1, eps=float(size), full=True)
        assert float(over_arrays.pulls["tau-2024"]) == pytest.approx(expected)


def test_a_value_of_zero_agrees_with_a_limit_completely():
    found = CP.combine(limit("edm", "1.8e-19", "d(mu)", unit="e_cm")).likelihood(
        6, {"m_s": 1, "g_S": 1, "g_P": 0}
    )
    assert (found.chi2.midpoint, found.chi2.radius) == (0, 0)
    edm = limit("edm", "1.8e-19", "d(mu)", unit="e_cm").gaussian().as_dict()
    # 1.8e-19 e cm / 1.973269804e-14 GeV cm / 1.959964
    assert float(edm["sigma"]["up"]) == pytest.approx(1.8e-19 / 1.973269804e-14 / 1.959963984540054)


def test_a_range_is_a_gaussian_about_its_middle():
    data = load_measurement("tau-edm-2022")
    low, high = (mpmath.mpf(v) / mpmath.mpf("1.973269804e-14") for v in ("-1.85e-17", "0.61e-17"))
    model = g2.Model(
        "-s*bar(tau)*(g_S + I*g_P*gamma5)*tau",
        fields=[g2.scalar("s", mass="m_s")],
        parameters=[g2.parameter("g_S"), g2.parameter("g_P")],
    )
    found = model.combine(data, "tau-2024").likelihood(12, {"m_s": 1, "g_S": 1, "g_P": "0.5"})
    sigma = (high - low) / 2 / normal_z("0.95")
    expected = (found.values[0].mpf(20) - (low + high) / 2) / sigma
    assert float(found.pulls[0]) == pytest.approx(float(expected), rel=1e-10)
    assert any("range at 95 %" in s for s in found.sentences)


# arrays --------------------------------------------------------------------------------------------
def test_arrays_agree_with_certified_points_within_their_bound():
    names = ("electron-2023-cs", "muon-2025", "tau-2024")
    combination = PHOTON.combine(*names, limit("small", "1e-12", "a(e)", "0.9"))
    masses, couplings = np.geomspace(1e-3, 10, 6)[:, None], np.geomspace(1e-5, 1, 7)
    found = combination.lambdify()(m_A=masses, eps=couplings, full=True)
    assert found.chi2.shape == found.log_likelihood.shape == (6, 7)
    for i in range(6):
        for j in range(7):
            point = {"m_A": F(float(masses[i, 0])), "eps": F(float(couplings[j]))}
            exact = combination.likelihood(25, point)
            for one, value, ball in zip(exact.conditions, exact.values, exact.pulls, strict=True):
                centre, down, up = in_doubles(one.measurement.gaussian())
                size = abs(float(value))
                error = (1e-12 * size + 2.0**-50 * (size + abs(centre))) / min(down, up)
                assert abs(F(float(found.pulls[one.name][i, j])) - ball.midpoint) <= F(error)
            assert found.chi2[i, j] == pytest.approx(float(exact.chi2), rel=1e-10)
    assert np.array_equal(found.log_likelihood, -found.chi2 / 2)


def test_what_rounding_adds_to_a_pull_is_bounded_nearly_tightly():
    random, worst = np.random.default_rng(6), 0.0
    for _ in range(3000):
        centre, error = (F(int(random.integers(1, 10**17)), 10**26) for _ in range(2))
        shape = in_doubles(difference("x", centre, error).gaussian())
        value = float(centre) * random.uniform(-0.5, 2.5)
        (found,) = pulls_of(np.array([value]), *shape).tolist()
        bound = F(2) ** -50 * (abs(F(value)) + centre) / error
        away = abs(F(found) - (F(value) - centre) / error)
        assert away <= bound
        worst = max(worst, float(away / bound))
    assert worst > 0.15  # of eight units three to four are needed


def test_a_call_with_numbers_gives_a_number():
    function = PHOTON.combine("electron-2023-rb", "muon-2025").lambdify()
    value = function(**{k: float(v) for k, v in POINT.items()})
    assert isinstance(value, float)
    assert function(params={"m_A": 0.1, "eps": 2e-3}) == value
    # what a sampler calls: a vector of parameters
    assert function(dict(zip(("m_A", "eps"), (0.1, 2e-3), strict=True))) == value
    assert pickle.loads(pickle.dumps(function))(m_A=0.1, eps=2e-3) == value


def test_points_without_a_value_are_nan_with_their_reason():
    function = PHOTON.combine("electron-2023-rb", "muon-2025").lambdify()
    with pytest.warns(InvalidPointsWarning, match="2 of 4 values are NaN") as caught:
        found = function(m_A=np.array([0.1, -1.0, np.nan, 1.0]), eps=1e-3, full=True)
    assert len(caught) == 1
    assert found.invalid.tolist() == [False, True, True, False]
    assert np.isnan(found.log_likelihood).tolist() == found.invalid.tolist()
    assert all(np.isnan(column).tolist() == found.invalid.tolist() for column in found.pulls.values())
    assert len(found.reasons) == 2
    with pytest.raises(UsageError, match="by name"):
        function([0.1, 0.2])
    with pytest.raises(UsageError, match="full"):
        function(m_A=0.1, eps=1e-3, full="yes")


def test_each_observable_is_evaluated_once():
    calls = []
    function = PHOTON.combine("electron-2023-rb", "electron-2023-cs", "muon-2025").lambdify()
    original = function._function
    function._function = lambda quantity: calls.append(quantity.text) or original(quantity)
    function(m_A=0.1, eps=1e-3)
    assert calls == ["a(e)", "a(mu)"]


def test_linked_couplings_enter_the_likelihood():
    model = g2.load_model("scalar").with_flavour(g_sff="mass")
    function = model.combine("electron-2023-rb", "muon-2025").lambdify()
    found = function({"m_s": 1.0, "g_sff[mu]": np.array([1e-4, 1e-2])}, full=True)
    ratio = 0.51099895069e-3 / 0.1056583755
    own = (
        g2.load_model("scalar")
        .anomalous_moment("e")
        .lambdify()(m_s=1.0, g_sff=ratio * np.array([1e-4, 1e-2]))
    )
    assert found.values["a(e)"] == pytest.approx(own, rel=1e-9)
    with pytest.raises(UsageError, match="quoted"):
        function(m_s=1.0, g_sff=1e-3)


def test_beyond_doubles_a_likelihood_is_zero():
    function = g2.Combination([(PHOTON.anomalous_moment("mu"), difference("tiny", "0", "1e-200"))]).lambdify()
    assert function(m_A=0.1, eps=1.0) == -np.inf


# arrays of any namespace ---------------------------------------------------------------------------
def test_any_namespace_agrees_within_its_bound():
    combination = PHOTON.combine("electron-2023-cs", "muon-2025", "tau-2024", limit("small", "1e-12", "a(e)"))
    masses, couplings = np.geomspace(1e-2, 10, 5)[:, None], np.geomspace(1e-5, 1, 6)
    function = combination.lambdify("array-api")
    found = function(m_A=masses, eps=couplings)
    assert found.log_likelihood.shape == (5, 6)
    assert found.decided.all()
    for i in range(5):
        for j in range(6):
            exact = combination.likelihood(
                30, {"m_A": F(float(masses[i, 0])), "eps": F(float(couplings[j]))}
            ).log_likelihood
            away = abs(F(float(found.log_likelihood[i, j])) - exact.midpoint)
            assert away <= F(float(found.error[i, j]))
            assert found.error[i, j] <= 1e-9 * (1 + abs(float(exact)))
    again = pickle.loads(pickle.dumps(function))(m_A=masses, eps=couplings)
    assert np.array_equal(again.log_likelihood, found.log_likelihood)


def test_nothing_is_guaranteed_of_points_without_a_value():
    function = PHOTON.combine("electron-2023-rb", "muon-2025").lambdify("array-api")
    found = function(m_A=np.array([0.1, np.nan, -1.0]), eps="1e-3")
    assert found.decided.tolist() == [True, False, False]
    assert np.isnan(found.log_likelihood).tolist() == [False, True, True]
    assert np.isinf(found.error).tolist() == [False, True, True]
    with pytest.raises(UsageError, match="no backend 'jax'"):
        PHOTON.combine("muon-2025").lambdify("jax")


def test_gradients_are_those_of_differences():
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    combination = PHOTON.combine("electron-2023-rb", "muon-2023", "tau-2024", criterion="interval")
    function, plain = combination.lambdify("array-api"), combination.lambdify()

    def log_likelihood(theta):
        m_A, eps = jax.numpy.exp(theta)
        return function({"m_A": m_A, "eps": eps}).log_likelihood

    at = np.log([0.1, 2e-3])
    gradient = np.asarray(jax.jit(jax.grad(log_likelihood))(jax.numpy.asarray(at)))
    for k in range(2):
        step = np.zeros(2)
        step[k] = 1e-5
        high, low = (plain(dict(zip(("m_A", "eps"), np.exp(at + s), strict=True))) for s in (step, -step))
        assert gradient[k] == pytest.approx((high - low) / 2e-5, rel=1e-6)
