"""Limits, series, zero masses and zeros of whole moments, with values typed from the physics."""

import time
from fractions import Fraction

import pytest
import sympy

import g2sym as g2
from g2sym.base.balls import Ball
from g2sym.errors import PrecisionError, UnsupportedError, UsageError
from g2sym.formulas.parser import parse_formula

NAMES = [
    "g_aff",
    "g_agg",
    "g_agZ",
    "g_sff",
    "g_sgg",
    "eps",
    "e_em",
    "m_mu",
    "m_e",
    "m_a",
    "m_s",
    "m_A",
    "m_Z",
    "Lambda",
    "sin_w",
    "cos_w",
    "m_F",
    "c_S",
    "c_P",
    "m_phi",
]


def value(text: str):
    return parse_formula(text, NAMES)


@pytest.fixture(scope="module")
def moments():
    return {name: g2.load_model(name).anomalous_moment("mu") for name in g2.bundled_models()}


@pytest.mark.parametrize(
    ("model", "mass", "point", "part", "text"),
    [
        ("dark_photon", "m_A", 0, None, "alpha*eps^2/(2*pi)"),  # Schwinger
        ("dark_photon", "m_A", "2*m_mu", None, "alpha*eps^2/pi*(8*ln(2) - 11/2)"),
        ("axial_vector", "m_A", "2*m_mu", None, "-alpha*eps^2/pi*(7/4 - 2*ln(2))"),
        ("axial_vector", "m_A", "oo", None, "0"),
        ("alp", "m_a", 0, "one-loop", "-g_aff^2/(16*pi^2)"),
        ("alp", "m_a", "2*m_mu", "one-loop", "-g_aff^2/(8*pi^2)*(17/2 - 12*ln(2))"),
        ("alp", "m_a", 0, "barr-zee-photon", "m_mu*g_aff*g_agg/(8*pi^2)*(ln(Lambda^2/m_mu^2) + 13/6)"),
        (
            "alp",
            "m_a",
            "2*m_mu",
            "barr-zee-photon",
            "m_mu*g_aff*g_agg/(8*pi^2)*(ln(Lambda^2/m_mu^2) - 16/3*ln(2) + 7/2)",
        ),
        ("scalar", "m_s", 0, "one-loop", "3*g_sff^2/(16*pi^2)"),
        ("scalar", "m_s", "m_mu", "one-loop", "g_sff^2/(16*pi^2)"),
        ("scalar", "m_s", 0, "barr-zee-photon", "m_mu*g_sff*g_sgg/(8*pi^2)*(ln(Lambda^2/m_mu^2) + 3)"),
        (
            "scalar",
            "m_s",
            "2*m_mu",
            "barr-zee-photon",
            "m_mu*g_sff*g_sgg/(8*pi^2)*(ln(Lambda^2/m_mu^2) - 8/3*ln(2) + 5/3)",
        ),
    ],
)
def test_limits(moments, model, mass, point, part, text) -> None:
    found = moments[model].limit(mass, point, contribution=part)
    assert not found.diverges
    assert found.value == value(text)


def test_series_of_the_barr_zee_functions(moments) -> None:
    # J_P to L - 5/3 + (4L/3 - 8/9)/rho, J_S to L - 3/2 + (2L/3 - 1/9)/rho
    alp = moments["alp"].series("m_a", "oo", 2, "barr-zee-photon")
    square, log = "m_a^2/m_mu^2", "ln(m_a^2/m_mu^2)"
    bracket = f"ln(Lambda^2/m_mu^2) - {log} + 5/3 - (4/3*{log} - 8/9)*m_mu^2/m_a^2"
    assert alp.formula == value(f"m_mu*g_aff*g_agg/(8*pi^2)*({bracket})")
    scalar = moments["scalar"].series("m_s", "oo", 2, "barr-zee-photon")
    log = log.replace("m_a", "m_s")
    bracket = f"ln(Lambda^2/m_mu^2) - {log} + 3/2 - (2/3*{log} - 1/9)*m_mu^2/m_s^2"
    assert scalar.formula == value(f"m_mu*g_sff*g_sgg/(8*pi^2)*({bracket})")
    assert square


def test_small_mass_series_of_the_barr_zee_functions(moments) -> None:
    # J_P = -13/6 + 2 pi r/3 - rho, J_S = -3 + 4 pi r/3 + (L - 1) rho
    alp = moments["alp"].series("m_a", 0, 3, "barr-zee-photon")
    bracket = "ln(Lambda^2/m_mu^2) + 13/6 - 2*pi/3*m_a/m_mu + m_a^2/m_mu^2"
    assert alp.formula == value(f"m_mu*g_aff*g_agg/(8*pi^2)*({bracket})")
    scalar = moments["scalar"].series("m_s", 0, 3, "barr-zee-photon")
    bracket = "ln(Lambda^2/m_mu^2) + 3 - 4*pi/3*m_s/m_mu - (ln(m_s^2/m_mu^2) - 1)*m_s^2/m_mu^2"
    assert scalar.formula == value(f"m_mu*g_sff*g_sgg/(8*pi^2)*({bracket})")


def test_divergence_says_how(moments) -> None:
    axial = moments["axial_vector"].limit("m_A", 0)
    assert axial.diverges
    assert (axial.power, axial.has_logarithm) == (-2, False)
    assert axial.leading.formula == value("-alpha*eps^2/pi*m_mu^2/m_A^2")
    log = moments["alp"].limit("m_a", "oo", contribution="barr-zee-photon")
    assert log.diverges
    assert (log.power, log.has_logarithm) == (0, True)
    assert "logarithmically" in str(log)


def test_sides(moments) -> None:
    both = moments["scalar"].limit("m_s", "2*m_mu", contribution="one-loop")
    assert both.sides == ("above", "below")
    below = moments["scalar"].limit("m_s", "2*m_mu", side="below", contribution="one-loop")
    assert below.value == both.value


def _general():
    phi, psi = g2.scalar("phi", mass="m_phi"), g2.fermion("psi", charge=-1, mass="m_F")
    c_s, c_p = g2.parameter("c_S"), g2.parameter("c_P")
    mu = g2.lepton("mu")
    return g2.Model(-phi * g2.bar(mu) * (c_s + g2.I * c_p * g2.gamma5) * psi + g2.hc).anomalous_moment("mu")


def test_internal_mass_limits() -> None:
    amm = _general()
    assert amm.limit("m_F", "oo").value == value("0")
    heavy = amm.limit("m_phi", "oo")
    # int x^2 (x + 1)/... of the heavy scalar: Delta a to -/+ m m_F (...)/(8 pi^2 M^2), Leveille 1978
    lead = value("m_mu*m_F/(8*pi^2*m_phi^2)*(ln(m_phi^2/m_F^2) - 3/2)*(c_S^2 - c_P^2)")
    lead += value("m_mu^2/(24*pi^2*m_phi^2)*(c_S^2 + c_P^2)")
    assert heavy.leading.formula == lead
    at_threshold = amm.limit("m_phi", "m_mu - m_F")
    assert at_threshold.diverges
    assert at_threshold.power == Fraction(-1, 2)
    assert at_threshold.leading.conditions
    regular = amm.limit("m_phi", "m_mu + m_F")
    assert regular.sides == ("above", "below")


def test_limit_agrees_with_certified_values_close_by() -> None:
    amm = _general()
    point = amm.limit("m_phi", "m_F", m_F="0.3")
    close = amm.evaluate(digits=30, m_phi="0.30000000000001", m_F="0.3", c_S=1, c_P="0.5")
    at = amm.evaluate(digits=30, m_phi="0.3", m_F="0.3", c_S=1, c_P="0.5")
    assert abs(at.ball.midpoint - close.ball.midpoint) < Fraction(1, 10**12)
    assert point.value is not None


@pytest.mark.parametrize("point", ["1e30", "1e300"])
def test_limit_at_a_point_far_from_the_leptons_mass(point) -> None:
    """In seconds, as of any mass: there the limit is the value, which falls like 2 e^2/(3 (4 pi M/m)^2)."""
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    start = time.process_time()
    found = amm.limit("m_A", point, eps=1)
    assert time.process_time() - start < 20
    value = sympy.N(found.to_sympy(), 30, subs={"e_em": 1}, maxn=10**5)
    mass = sympy.Rational(point) / sympy.Rational("0.1056583755")
    assert abs(value * 12 * sympy.pi**2 * mass**2 - 1) < 1e-15


@pytest.mark.parametrize(
    ("model", "mass", "values"),
    [
        ("dark_photon", "m_A", {"eps": "0.3"}),
        ("scalar", "m_s", {"g_sff": "0.1", "g_sgg": "1e-3"}),
        ("alp", "m_a", {"g_aff": "0.1", "g_agg": "1e-3"}),
    ],
)
def test_zero_mass_is_the_limit(moments, model, mass, values) -> None:
    amm = moments[model]
    zero = amm.evaluate(digits=20, params={**values, mass: 0})
    near = amm.evaluate(digits=20, params={**values, mass: "1e-25"})
    assert abs(zero.ball.midpoint - near.ball.midpoint) < abs(near.ball.midpoint) / 10**20


def test_massless_dark_photon_is_schwinger(moments) -> None:
    found = moments["dark_photon"].evaluate(digits=12, m_A=0, eps=1)
    assert str(found) == "1.16140973210e-3"  # 1/(2 pi 137.035999177)
    low, high = Fraction("0.00116140973209"), Fraction("0.00116140973210")
    assert low < found.ball.midpoint < high


def test_divergent_zero_mass_is_refused_with_how(moments) -> None:
    with pytest.raises(UsageError, match=r"diverges like \(m_A/m_mu\)\^-2"):
        moments["axial_vector"].evaluate(m_A=0, eps=1)


def test_zeros_in_couplings(moments) -> None:
    import sympy

    amm = moments["alp"]
    (ratio,) = amm.zeros("g_agg/g_aff")
    values = {
        "m_a": Fraction(1, 2),
        "Lambda": 1000,
        "m_mu": Fraction("0.1056583755"),
        "m_Z": Fraction("91.1876"),
    }
    exact = {
        sympy.Symbol(n): sympy.Rational(Fraction(v).numerator, Fraction(v).denominator)
        for n, v in values.items()
    }
    exact |= {sympy.Symbol("sin_w"): sympy.sqrt(sympy.Rational(23122, 100000))}
    exact |= {sympy.Symbol("cos_w"): sympy.sqrt(1 - sympy.Rational(23122, 100000))}
    assert abs(float(sympy.N(ratio.subs(exact), 30)) - 0.044064) < 5e-7
    general = _general()
    plus, minus = general.zeros("c_S/c_P")
    assert sympy.simplify(plus + minus) == 0


def test_zeros_in_a_mass(moments) -> None:
    amm = moments["alp"]
    (root,) = amm.zeros("m_a", (0.01, 10), g_aff=1, g_agg="0.044064")
    assert abs(float(root) - 0.5) < 1e-4  # the cancellation line passes 0.044064 at 0.5 GeV
    assert isinstance(root, Ball)
    below = amm.enclose(m_a=root.lower, g_aff=1, g_agg="0.044064", bits=200)
    above = amm.enclose(m_a=root.upper, g_aff=1, g_agg="0.044064", bits=200)
    assert below.sign * above.sign == -1
    assert amm.zeros("m_a", (1, 10), g_aff=1, g_agg="0.044064") == ()
    assert moments["scalar"].zeros("m_s", (0.01, 10), g_sff=1) == ()


def test_bad_questions_get_a_sentence(moments) -> None:
    amm = moments["alp"]
    with pytest.raises(UsageError, match="not a mass"):
        amm.limit("g_aff", 0)
    with pytest.raises(UsageError, match="side"):
        amm.limit("m_a", "m_mu", side="left")
    with pytest.raises(UsageError, match="order"):
        amm.series("m_a", 0, 0)
    with pytest.raises(UsageError, match="no contribution"):
        amm.series("m_a", 0, 2, "two-loop")
    with pytest.raises(UsageError, match="interval"):
        amm.zeros("m_a", g_aff=1)
    with pytest.raises(UsageError, match="low < high"):
        amm.zeros("m_a", (2, 1), g_aff=1)
    with pytest.raises(UsageError, match="leave interval out"):
        amm.zeros("g_agg", (0.1, 1))
    with pytest.raises(UsageError, match="not a real coupling"):
        amm.zeros("g_agg/m_a")
    with pytest.raises(UnsupportedError, match="threshold"):
        _general().limit("m_phi", 0, m_F="0.05")


def test_a_root_at_the_end_is_refused_not_guessed() -> None:
    from g2sym.base.balls import number
    from g2sym.kernels.isolation import isolate
    from g2sym.kernels.taylor import Enclosure

    class Square:
        """(m - 1)^2: a double zero."""

        def at(self, mass, bits):
            return (number(mass) - 1) ** 2

        def enclose(self, low, high, bits, degree):
            c, r = (low + high) / 2, (high - low) / 2
            coefficients = (number((c - 1) ** 2), number(2 * (c - 1)), number(1))
            return Enclosure(c, r, coefficients, number(0), number(0))

        def range(self, low, high, bits):
            return None

    with pytest.raises(PrecisionError, match="double zero"):
        isolate(Square(), Fraction(1, 2), Fraction(21, 10), 10, "a square")
