"""Limits and ranges: windows, Gaussians with certified widths, the bundled ones, and what is refused."""

import json
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import g2sym
from g2sym.base.balls import Ball
from g2sym.constraints import pull
from g2sym.errors import InputError, UsageError
from g2sym.inputs import Datum, Edge, Measurement, load_measurement
from g2sym.inputs.gaussian import Quantile, Width

F = Fraction
HEAD = 'schema = 1\nname = "mine"\ndate = 2030-01-31\nsource = "me"\n'
RANGE = HEAD + 'kind = "range"\nlepton = "tau"\nlow = -0.0024\nhigh = 0.0047\nconfidence = 0.95\n'
PREDICTION = '[prediction]\nvalue = 0.001\nerror = 1e-5\nsource = "you"\n'
DECAY = HEAD + 'kind = "limit"\nobservable = "BR(mu -> e A)"\nvalue = 1e-13\nconfidence = 0.9\n'
EDM = HEAD + 'kind = "limit"\nobservable = "d(mu)"\nunit = "e_cm"\nvalue = 1e-19\nconfidence = 0.9\n'
HBAR_C = F("1.973269804e-14")


@pytest.fixture
def read(tmp_path):
    def load(text):
        path = tmp_path / "mine.toml"
        path.write_text(text)
        return load_measurement(path)

    return load


# the bundled ones, as the sources state them ----------------------------------------------------------------

LIMITS = {
    "electron-edm-2023": ("d(e)", "4.1e-30", "0.9", "e_cm"),
    "muon-edm-2009": ("d(mu)", "1.8e-19", "0.95", "e_cm"),
    "mu-e-gamma-2025": ("BR(mu -> e A)", "1.5e-13", "0.9", "1"),
    "tau-mu-gamma-2021": ("BR(tau -> mu A)", "4.2e-8", "0.9", "1"),
    "tau-e-gamma-2010": ("BR(tau -> e A)", "3.3e-8", "0.9", "1"),
}
RANGES = {
    "tau-edm-2022": ("d(tau)", "-1.85e-17", "0.61e-17", "0.95", "e_cm"),
    "tau-2025": ("a(tau)", "-0.0024", "0.0047", "0.95", "1"),
}


@pytest.mark.parametrize("name", LIMITS)
def test_bundled_limits(name):
    found = load_measurement(name)
    observable, limit, level, unit = LIMITS[name]
    assert (found.kind, found.observable, found.unit) == ("limit", observable, unit)
    assert (found.limit, found.confidence) == (F(limit), F(level))
    size = 1 / HBAR_C if unit == "e_cm" else 1
    assert found.window().high.exact == F(limit) * size


@pytest.mark.parametrize("name", RANGES)
def test_bundled_ranges(name):
    found = load_measurement(name)
    observable, low, high, level, unit = RANGES[name]
    assert (found.kind, found.observable, found.unit) == ("range", observable, unit)
    assert (found.low, found.high, found.confidence) == (F(low), F(high), F(level))


def test_the_prediction_is_subtracted_from_the_range_of_atlas():
    found = load_measurement("tau-2025")
    assert (found.prediction.value, found.prediction.up) == (F("0.00117721"), F("5e-8"))
    window = found.window()
    assert (window.low.exact, window.high.exact) == (F("-0.00357721"), F("0.00352279"))
    assert (window.criterion, window.n_sigma, window.meaning) == (
        "range",
        None,
        "Delta a within the published range",
    )
    assert found.central == F("0.00115") - F("0.00117721")
    record = json.loads(json.dumps(found.as_dict()))
    assert (record["low"], record["high"], record["central"]) == ("-0.0024", "0.0047", "-0.00002721")
    assert record["prediction_error"].startswith(
        "the prediction is subtracted exactly; its error is not added"
    )
    # 5e-8 of half of 0.0071
    assert "1.4e-3 %" in record["prediction_error"]


def test_what_the_white_paper_itself_states():
    found = load_measurement("muon-2025-wp")
    assert (found.central, found.variance(up=True)) == (F("38e-11"), F("63e-11") ** 2)
    assert found.difference.sources == ("white-paper-2025",)
    assert g2sym.load_measurement("muon-2025").central == F("38.5e-11")  # the default is another file


# windows ----------------------------------------------------------------------------------------------------


def test_a_range_is_its_own_window(read):
    found = read(RANGE)
    window = found.window()
    assert (window.low.exact, window.high.exact) == (F("-0.0024"), F("0.0047"))
    less = read(RANGE + PREDICTION).window()
    assert (less.low.exact, less.high.exact) == (F("-0.0034"), F("0.0037"))
    for arguments in (("interval", None), (None, 2)):
        with pytest.raises(UsageError, match="a range at its own confidence level; leave out the criterion"):
            found.window(*arguments)
    assert window.as_dict()["criterion"] == "range"
    assert "one_sided" not in window.as_dict()


def test_a_bound_and_a_map_on_a_range():
    moment = g2sym.load_model("scalar").anomalous_moment("tau")
    found = g2sym.bound(moment, "g_sff", "tau-2025", m_s=1)
    ((low, high),) = found.rows[0].windows
    value = moment.evaluate(m_s=1, g_sff=1).ball.midpoint
    # a scalar adds: the upper end of the range is what bounds it
    assert float(high) ** 2 * float(value) == pytest.approx(0.00352279, rel=1e-12)
    assert float(low) == -float(high)
    plane = g2sym.exclusion_map(moment, ("m_s", "0.1", "1"), ("g_sff", "0.1", "1"), "tau-2025", resolution=4)
    assert plane.window["criterion"] == "range"
    with pytest.raises(UsageError, match="range at its own confidence level"):
        g2sym.bound(moment, "g_sff", "tau-2025", "interval", m_s=1)


def test_a_branching_ratio_is_never_negative(read):
    found = read(DECAY)
    assert found.never_negative
    window = found.window()
    assert window.ends(3) == ("0", "1e-13")
    assert (window.low.exact, window.high.exact) == (-F("1e-13"), F("1e-13"))  # zero is inside, on no edge
    record = window.as_dict()
    assert (record["low"], record["high"], record["one_sided"]) == ("0", "1e-13", True)
    assert record["meaning"] == "BR(mu -> e A), which is never negative, from 0 to the published limit"
    assert found.as_dict()["one_sided"] == "BR(mu -> e A) is never negative: the window is [0, limit]"
    ranged = HEAD + 'kind = "range"\nobservable = "BR(tau -> mu A)"\nconfidence = 0.9\nhigh = 4e-8\nlow = '
    assert read(ranged + "1e-8\n").window().low.exact == F("1e-8")
    assert read(ranged + "0\n").window().low.exact < 0
    assert read(ranged + "0\n").window().ends(3) == ("0", "4e-8")
    assert not read(EDM).never_negative


# Gaussians --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "z"), [("0.9", "1.645"), ("0.95", "1.960")])
def test_the_z_of_the_usual_levels(level, z):
    assert Quantile(F(level)).text(4) == z


@given(st.fractions("1/1000000", "999999/1000000", max_denominator=10**6), st.integers(40, 300))
def test_z_agrees_with_mpmath(level, bits):
    ball = Ball.from_arb(Quantile(level)(bits))
    with mpmath.workdps(110):
        z = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf(level.numerator) / level.denominator)
        middle = mpmath.mpf(ball.midpoint.numerator) / ball.midpoint.denominator
        radius = mpmath.mpf(ball.radius.numerator) / ball.radius.denominator
        assert abs(z - middle) <= radius + z * mpmath.mpf(10) ** -95


@pytest.mark.parametrize("level", [F(1, 10**300), 1 - F(1, 10**300), F("0.9"), F(1, 2)])
def test_z_inverts_the_error_function_at_any_level(level):
    from flint import arb, fmpq

    from g2sym.base.balls import certify, working_precision

    ball = certify(Quantile(level), 30, "z")
    with working_precision(4000):
        ends = (ball.lower, ball.upper)
        low, high = (arb(fmpq(e.numerator, e.denominator)) / arb(2).sqrt() for e in ends)
        rest = fmpq((1 - level).numerator, (1 - level).denominator)
        assert low.erfc() > rest > high.erfc()  # certified on both sides
    assert ball.radius < ball.midpoint / 10**29


def test_a_limit_is_a_half_gaussian():
    found = load_measurement("muon-edm-2009").gaussian()
    assert (found.central, found.one_sided, found.z) == (0, True, Quantile(F("0.95")))
    assert found.sigma(up=True) == found.sigma(up=False) == Width(F("1.8e-19") / HBAR_C, Quantile(F("0.95")))
    with mpmath.workdps(60):
        z = mpmath.sqrt(2) * mpmath.erfinv(mpmath.mpf("0.95"))
        expected = mpmath.mpf("1.8e-19") / mpmath.mpf("1.973269804e-14") / z
        assert found.sigma().text(40) == mpmath.nstr(expected, 40, min_fixed=1, max_fixed=0).replace(
            "e-0", "e-"
        )
    assert found.sentence == (
        "muon-edm-2009 is a limit at 95 %: its likelihood is taken as a half-Gaussian with sigma = limit/z, "
        "z = sqrt(2) erfinv(0.95) = 1.960."
    )


def test_a_range_is_a_gaussian_about_its_middle(read):
    found = read(RANGE + PREDICTION).gaussian()
    assert (found.central, found.one_sided) == (F("0.00115") - F("0.001"), False)
    assert found.sigma().size == F("0.00355")
    assert float(found.sigma()(64)) == pytest.approx(0.00355 / 1.959963984540054, rel=1e-14)
    assert "a Gaussian about its middle with sigma = (high - low)/(2 z)" in found.sentence
    assert found.sigma().exact is None


def test_a_difference_has_its_own_errors():
    muon = load_measurement("muon-2025").gaussian()
    assert (muon.central, muon.sigma().exact, muon.one_sided) == (F("38.5e-11"), F("63.7e-11"), False)
    assert (muon.z, muon.sentence) == (None, "")
    tau = load_measurement("tau-2024").gaussian()
    assert tau.sigma(up=True) == Edge(F(0), F(1), F("0.0032") ** 2 + F("5e-8") ** 2)
    assert tau.sigma(up=False).square == F("0.0031") ** 2 + F("5e-8") ** 2
    assert "two halves of Gaussians" in tau.sentence
    with pytest.raises(UsageError, match="up"):
        tau.sigma(up="yes")


def test_the_record_names_the_approximation():
    record = load_measurement("tau-edm-2022").as_dict()["likelihood"]
    assert record["form"] == "Gaussian"
    assert record["z"].startswith("1.9599639845400")
    assert record["unit"] == "GeV^-1"
    assert record["approximation"] == load_measurement("tau-edm-2022").gaussian().sentence
    assert load_measurement("mu-e-gamma-2025").as_dict()["likelihood"]["form"] == "half-Gaussian"
    # (0.61 + 1.85)/2 = 1.23, divided by z: Belle states Re d = (-0.62 +- 0.63)e-17 e cm
    sigma = float(record["sigma"]["up"]) * float(HBAR_C)
    assert sigma == pytest.approx(0.63e-17, rel=0.01)
    assert float(record["central"]) * float(HBAR_C) == pytest.approx(-0.62e-17, rel=1e-12)


# what is refused --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["muon-edm-2009", "tau-2025"])
def test_a_limit_or_a_range_is_no_difference(name):
    found = load_measurement(name)
    for call in (lambda: pull(0, name), lambda: found.sigma(), lambda: found.variance(up=True)):
        with pytest.raises(
            UsageError, match=f"is a {found.kind}: it has no sigma, so no pull either; name a"
        ):
            call()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        # ends and level
        (RANGE.replace("0.0047", "-0.0024"), "a range goes from low up to high, and low = -0.0024 is not"),
        (RANGE.replace("0.0047", "-0.01"), "give both, in this order"),
        (RANGE.replace("low = -0.0024\n", ""), "low is missing"),
        (RANGE.replace("high = 0.0047\n", ""), "high is missing"),
        (RANGE.replace("confidence = 0.95\n", ""), "confidence is missing"),
        (RANGE.replace("0.95", "95"), "write 0.95 for 95 %"),
        (RANGE.replace("0.95", "0"), "confidence level lies between 0 and 1"),
        (RANGE.replace("0.95", "1"), "confidence level lies between 0 and 1"),
        (RANGE.replace("0.0047", "nan"), "not finite"),
        (RANGE.replace("0.0047", "inf"), "not finite"),
        (RANGE.replace("0.0047", "true"), "truth value"),
        (RANGE.replace("0.0047", '"high"'), "is not a number"),
        (RANGE.replace("0.0047", '"1e9999"'), "exponent"),
        (RANGE.replace("0.0047", "[1, 2]"), "is not a number"),
        (RANGE.replace("0.0047", "47"), "a range of a(tau) lies between -1 and 1"),
        (RANGE.replace("0.95", '"high"'), "is not a number"),
        (RANGE.replace('source = "me"\n', ""), "source is missing"),
        # kinds
        (RANGE.replace('"range"', '"interval"'), "interval is a criterion"),
        (RANGE.replace('"range"', '"conservative"'), "conservative is a criterion"),
        (RANGE.replace('"range"', '"ranges"'), 'neither "difference" nor "limit" nor "range"'),
        (RANGE + "value = 1\n", 'value belongs to kind = "limit", and this is a range'),
        (
            RANGE + "[difference]\nvalue = 1\n",
            'difference belongs to kind = "difference", and this is a range',
        ),
        (
            RANGE + "[experiment]\nvalue = 1\n",
            'experiment belongs to kind = "difference", and this is a range',
        ),
        (DECAY + "low = 0\n", 'low belongs to kind = "range", and this is a limit'),
        (EDM + PREDICTION, 'prediction belongs to kind = "difference or range", and this is a limit'),
        (EDM.replace('"limit"', '"difference"'), 'value belongs to kind = "limit", and this is a difference'),
        (EDM + "[difference]\nvalue = 1\n", 'difference belongs to kind = "difference", and this is a limit'),
        (RANGE + "n_sigma = 2\n", "unknown key 'n_sigma'"),
        (RANGE + 'criterion = "interval"\n', "unknown key 'criterion'"),
        (RANGE + PREDICTION + "sigma = 1\n", "prediction: unknown key 'sigma'"),
        (RANGE + PREDICTION.replace("1e-5", "-1e-5"), "negative error"),
        # names and units
        (RANGE.replace('"tau"', '"taus"'), "none of e, mu, tau"),
        (EDM.replace("d(mu)", "d(muons)"), "there is no charged lepton 'muons'"),
        (DECAY.replace("mu -> e A", "muon -> e A"), "there is no charged lepton 'muon' (did you mean 'mu'?)"),
        (DECAY.replace("mu -> e A", "e -> mu A"), "e is lighter than mu"),
        (DECAY.replace("mu -> e A", "mu -> e"), "BR takes a decay in parentheses"),
        (DECAY.replace("BR(mu -> e A)", "A_R(mu -> e)"), "no"),
        (DECAY + 'unit = "e_cm"\n', 'BR(mu -> e A) cannot have the unit "e_cm"; write unit = "1"'),
        (RANGE + 'unit = "GeV^-1"\n', 'a(tau) cannot have the unit "GeV^-1"'),
        (EDM.replace("e_cm", "1"), 'd(mu) cannot have the unit "1"'),
        # what a branching ratio may be
        (DECAY.replace("1e-13", "2"), "a limit on BR(mu -> e A) lies between 0 and 1"),
        (DECAY.replace("1e-13", "0"), "a limit on BR(mu -> e A) lies between 0 and 1"),
        (DECAY.replace("1e-13", "-1e-13"), "a limit on BR(mu -> e A) lies between 0 and 1"),
        (
            RANGE.replace('lepton = "tau"', 'observable = "BR(mu -> e A)"'),
            "a range of BR(mu -> e A) lies between 0 and 1",
        ),
        (
            RANGE.replace('lepton = "tau"', 'observable = "a(tau)/a(mu)"') + PREDICTION,
            "built from several contributions, from which no prediction can be subtracted",
        ),
    ],
)
def test_a_wrong_file_is_one_sentence(read, text, said):
    with pytest.raises(InputError) as caught:
        read(text)
    assert said in str(caught.value)
    assert "mine" in str(caught.value)
    assert "\n" not in str(caught.value)


DATUM = Datum(F("1e-3"), F("1e-5"), F("1e-5"), ("me",), "2030-01-31")
COMMON = ("mine", "tau")


@pytest.mark.parametrize(
    ("kind", "parts", "said"),
    [
        (
            "difference",
            {"limit": F(1, 2), "confidence": F(1, 2)},
            "confidence does not belong to a difference",
        ),
        ("difference", {"difference": DATUM, "limit": F(1, 2)}, "limit does not belong to a difference"),
        (
            "limit",
            {"difference": DATUM},
            "difference does not belong to a limit, which has limit, confidence",
        ),
        ("limit", {"limit": 1, "confidence": "0.9", "low": 0}, "low does not belong to a limit"),
        ("range", {"limit": 1, "confidence": "0.9"}, "limit does not belong to a range"),
        ("range", {"low": 0, "confidence": "0.9"}, "a range goes from low up to high; give both"),
        ("range", {"low": 0, "high": float("nan"), "confidence": "0.9"}, "high: nan is not finite"),
        ("range", {"low": "zero", "high": 1, "confidence": "0.9"}, "low: 'zero' is not a number"),
        ("range", {"low": 0, "high": 1}, "confidence level lies between 0 and 1"),
        ("bound", {"limit": 1, "confidence": "0.9"}, "kind 'bound' is none of difference, limit, range"),
    ],
)
def test_a_wrong_measurement_made_in_python(kind, parts, said):
    with pytest.raises(InputError, match=said) as caught:
        Measurement(*COMMON, kind, "mine", "2030-01-31", **parts)
    assert "\n" not in str(caught.value)


def test_complex_form_factors_have_no_single_value():
    parts = {"limit": 1, "confidence": "0.9", "unit": "GeV^-1"}
    with pytest.raises(InputError, match=r"complex; measured are re\(L_egamma\(mu -> e\)\) and im"):
        Measurement("mine", "", "limit", "", "2030-01-31", observable="L_egamma(mu -> e)", **parts)
    real = Measurement("mine", "", "limit", "", "2030-01-31", observable="re(L_egamma(mu -> e))", **parts)
    assert real.window().high.exact == 1
