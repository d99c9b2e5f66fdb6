"""Beside the line where contributions cancel: certified digits and signs, against closed forms in mpmath."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import pytest
import sympy

from g2sym.errors import G2symError, UsageError
from g2sym.model.model import load_model

MASSES = {"e": "0.51099895069e-3", "mu": "0.1056583755", "tau": "1.77693"}
M_Z, LAMBDA, SIN2 = "91.1876", "1000", "0.23122"
MODELS = {"alp": ("m_a", "g_aff", "g_agg", "g_agZ"), "scalar": ("m_s", "g_sff", "g_sgg", "g_sgZ")}


def k0(rho: mpmath.mpf) -> mpmath.mpf:
    r = mpmath.sqrt(rho)
    return mpmath.re(2 * mpmath.acos(mpmath.mpc(r / 2)) / (r * mpmath.sqrt(mpmath.mpc(4 - rho))))


def j(model: str, rho: mpmath.mpf) -> mpmath.mpf:
    """The closed forms of J_P and J_S printed in the literature."""
    if model == "alp":
        out = -(2 * rho + 13) / 6 + rho**2 / 6 * mpmath.log(rho)
        return out - rho * (rho - 4) * (rho + 2) / 6 * k0(rho)
    out = (rho - 9) / 6 - rho * (rho - 6) / 12 * mpmath.log(rho)
    return 2 * (out + rho * (rho - 4) ** 2 / 12 * k0(rho))


def loop(model: str, rho: mpmath.mpf) -> mpmath.mpf:
    """-I_P or I_S, through K_0 and its recurrence."""
    k = [k0(rho), (-mpmath.log(rho) + rho * k0(rho)) / 2]
    for n in range(2):
        k.append(mpmath.mpf(1) / (n + 1) + rho * (k[n + 1] - k[n]))
    return -k[3] if model == "alp" else 2 * k[2] - k[3]


def line(model: str, mass: str, lepton: str) -> tuple[mpmath.mpf, mpmath.mpf]:
    """Return g_gg/g_f on the line, and Delta a of the one-loop term at g_f = 1."""
    m = mpmath.mpf(MASSES[lepton])
    rho, zeta = (mpmath.mpf(mass) / m) ** 2, (mpmath.mpf(M_Z) / m) ** 2
    s2 = mpmath.mpf(SIN2)
    sc = mpmath.sqrt(s2 * (1 - s2))
    cut = mpmath.log((mpmath.mpf(LAMBDA) / m) ** 2)
    j_z = (zeta * j(model, zeta) - rho * j(model, rho)) / (zeta - rho)
    ratio_z = -mpmath.sqrt(s2 / (1 - s2)) * (1 - 4 * s2) / (4 * sc)
    slope = m * ((cut - j(model, rho)) + ratio_z * (cut - j_z))
    first = loop(model, rho)
    return -first / slope, first / (8 * mpmath.pi**2)


POINTS = [(model, mass, lepton) for model in MODELS for mass in ("0.1", "0.5", "2.5") for lepton in MASSES]


@pytest.mark.parametrize(("model", "mass", "lepton"), POINTS)
def test_twelve_digits_and_the_sign_beside_the_line(model: str, mass: str, lepton: str) -> None:
    amm = load_model(model).anomalous_moment(lepton)
    names = MODELS[model]
    with mpmath.workdps(90):
        ratio, unit = line(model, mass, lepton)
        g_f = Fraction(1e-3)  # exact doubles
        for off in ("1e-15", "-1e-15", "1e-13", "-1e-13", "1e-9", "-1e-9"):
            exact = mpmath.mpf(g_f.numerator) / g_f.denominator * ratio * (1 + mpmath.mpf(off))
            coupling = float(exact)
            params = {names[0]: mass, names[1]: float(g_f), names[2]: coupling}
            value = amm.evaluate(digits=12, params=params)
            # c_0 + c_1 g = -c_0 (g/g_line - 1)
            on_line = mpmath.mpf(g_f.numerator) / g_f.denominator * ratio
            expected = -(mpmath.mpf(coupling) / on_line - 1) * unit * mpmath.mpf(float(g_f)) ** 2
            assert abs(mpmath.mpf(str(value)) / expected - 1) < mpmath.mpf("0.6e-11")
            assert value.ball.sign == mpmath.sign(expected)
            assert value.ball.relative() < Fraction(1, 10**12)
        # a 30-digit decimal approximation of the line itself
        text = mpmath.nstr(mpmath.mpf(float(g_f)) * ratio, 30)
        near = amm.evaluate(digits=12, params={names[0]: mass, names[1]: float(g_f), names[2]: text})
        side = -mpmath.sign(mpmath.mpf(text) / (mpmath.mpf(float(g_f)) * ratio) - 1) * mpmath.sign(unit)
        assert near.ball.sign == side


# the sheet of conventions and numbers: GeV^-1, Z included
TABLE = {
    ("alp", "0.1"): "0.14988",
    ("alp", "0.5"): "0.044064",
    ("alp", "1"): "0.019644",
    ("alp", "2.5"): "0.0056917",
    ("scalar", "0.1"): "-0.25822",
    ("scalar", "0.5"): "-0.057915",
    ("scalar", "1"): "-0.024070",
    ("scalar", "2.5"): "-0.0065850",
}
# at 0.5 GeV 0.04364847 by mpmath's quadrature of Eqs. (2) and (8) as printed, hence 0.043648
PHOTON_ALONE = {"0.1": "0.14864", "0.5": "0.043648", "1": "0.019444", "2.5": "0.0056259"}


def rounded(value: Fraction, printed: str) -> bool:
    digits = len(printed.lstrip("-0.").replace(".", ""))
    return mpmath.nstr(mpmath.mpf(value.numerator) / value.denominator, digits, strip_zeros=False) == printed


@pytest.mark.parametrize(("key", "printed"), TABLE.items())
def test_ratios_with_the_z(key: tuple[str, str], printed: str) -> None:
    model, mass = key
    names = MODELS[model]
    (zero,) = (
        load_model(model)
        .anomalous_moment("mu")
        .cancellation(names[2])
        .evaluate(30, params={names[0]: mass, names[1]: 1})
    )
    assert rounded(zero.midpoint, printed)


@pytest.mark.parametrize(("mass", "printed"), PHOTON_ALONE.items())
def test_ratios_of_the_photon_alone(mass: str, printed: str) -> None:
    found = load_model("alp").anomalous_moment("mu").cancellation("g_agg", g_agZ=0)
    (zero,) = found.evaluate(30, m_a=mass, g_aff=1)
    assert rounded(zero.midpoint, printed)


def test_the_symbolic_line_agrees_with_the_certified_one() -> None:
    found = load_model("alp").anomalous_moment("mu").cancellation("g_agg")
    (formula,) = found.solutions
    (zero,) = found.evaluate(30, m_a="0.3", g_aff="1e-3")
    s2 = sympy.Rational(SIN2)
    values = {
        "m_a": sympy.Rational("0.3"),
        "g_aff": sympy.Rational("1e-3"),
        "m_mu": sympy.Rational(MASSES["mu"]),
        "m_Z": sympy.Rational(M_Z),
        "Lambda": 1000,
        "sin_w": sympy.sqrt(s2),
        "cos_w": sympy.sqrt(1 - s2),
    }
    assert {s.name for s in formula.free_symbols} == set(values)
    number = formula.subs({sympy.Symbol(k): v for k, v in values.items()}).evalf(40)
    assert abs(number / sympy.Rational(zero.midpoint.numerator, zero.midpoint.denominator) - 1) < 1e-28


def test_both_zeros_in_the_fermion_coupling() -> None:
    found = load_model("alp").anomalous_moment("mu").cancellation("g_aff", g_agg="1e-4")
    assert found.solutions[0] == 0
    (zero,) = found.evaluate(20, m_a="0.1")
    assert abs(float(zero) - 1e-4 / 0.14988092959184719744) < 1e-18


def test_declaring_the_other_epsilon_flips_the_barr_zee_sign(tmp_path) -> None:
    from g2sym.lagrangian import bundled_models

    text = bundled_models()["alp"].read_text(encoding="utf-8")
    other = tmp_path / "alp_minus.toml"
    other.write_text(text.replace("epsilon0123 = 1", "epsilon0123 = -1"), encoding="utf-8")
    params = {"m_a": "0.1", "g_aff": "1e-3", "g_agg": "1e-4"}
    plus = load_model("alp").anomalous_moment("mu").evaluate(20, params=params)
    minus = load_model(other).anomalous_moment("mu").evaluate(20, params=params)
    for name in ("barr-zee-photon", "barr-zee-z"):
        assert plus.contributions[name].midpoint + minus.contributions[name].midpoint == 0 or (
            plus.contributions[name].text(20) == minus.contributions[name].text(20).lstrip("-")
            or minus.contributions[name].text(20) == plus.contributions[name].text(20).lstrip("-")
        )
    assert plus.contributions["one-loop"].text(20) == minus.contributions["one-loop"].text(20)
    assert plus.record["conventions"]["epsilon0123"] == 1
    assert minus.record["conventions"]["epsilon0123"] == -1


def test_electroweak_form_gives_equations_5_to_7() -> None:
    """g_agg = c^2 g_aBB + s^2 g_aWW, g_agZ = s c (g_aWW - g_aBB); at g_aWW = 0 g_agZ = -(s/c) g_agg."""
    electroweak = load_model("alp_electroweak").anomalous_moment("mu")
    with mpmath.workdps(60):
        s2 = mpmath.mpf(SIN2)
        sc = mpmath.sqrt(s2 * (1 - s2))
        for g_b, g_w in (("1e-4", "0"), ("1e-4", "3e-4"), ("0", "-2e-4")):
            b, w = mpmath.mpf(g_b), mpmath.mpf(g_w)
            photon = mpmath.nstr((1 - s2) * b + s2 * w, 50)
            z = mpmath.nstr(sc * (w - b), 50)
            one = electroweak.evaluate(30, m_a="0.3", g_aff="1e-3", g_aBB=g_b, g_aWW=g_w)
            two = (
                load_model("alp")
                .anomalous_moment("mu")
                .evaluate(30, m_a="0.3", g_aff="1e-3", g_agg=photon, g_agZ=z)
            )
            assert str(one) == str(two)
            if g_w == "0":  # the default of the Z coupling
                three = (
                    load_model("alp")
                    .anomalous_moment("mu")
                    .evaluate(30, m_a="0.3", g_aff="1e-3", g_agg=photon)
                )
                assert str(one) == str(three)


def test_at_the_z_mass_the_divided_difference_has_its_limit() -> None:
    amm = load_model("scalar").anomalous_moment("mu")
    params = {"g_sff": "1e-3", "g_sgg": "1e-4"}
    at, near = (amm.evaluate(25, params={**params, "m_s": m}) for m in (M_Z, "91.18760000000000000001"))
    assert at.contributions["barr-zee-z"].text(15) == near.contributions["barr-zee-z"].text(15)


def test_schemes_are_recorded_and_spread() -> None:
    amm = load_model("alp").anomalous_moment("mu")
    params = {"m_a": "0.1", "g_aff": "1e-3", "g_agg": "1e-4"}
    spread = amm.scheme_spread(20, params=params)
    assert {name: v.record["conventions"]["scheme"] for name, v in spread.items()} == {n: n for n in spread}
    assert len({str(v) for v in spread.values()}) == 3
    with pytest.raises(G2symError, match="there is no scheme 'larrin'"):
        amm.with_scheme("larrin")


@pytest.mark.parametrize(
    ("model", "name", "sentence"),
    [("alp", "g_zzz", "not a real coupling"), ("dark_photon", "m_A", "no polynomial in m_A")],
)
def test_bad_requests(model: str, name: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        load_model(model).anomalous_moment("mu").cancellation(name)
