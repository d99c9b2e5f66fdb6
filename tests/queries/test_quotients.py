"""a(e)/a(mu) and other quotients and products through every query, against the amplitudes and mpmath."""

from __future__ import annotations

import copy
import pickle
from fractions import Fraction
from random import Random

import mpmath
import numpy as np
import pytest
import sympy

import g2sym as g2
from g2sym.errors import InvalidPointsWarning, UnsupportedError, UsageError

DARK = g2.load_model("dark_photon")
RATIO = DARK.observable("a(e)/a(mu)")
M_E, M_MU = "0.51099895069e-3", "0.1056583755"


def kernel(mass: str, lepton: str) -> mpmath.mpf:
    """I_V of the published formula; alpha eps^2/pi cancels in the ratio."""
    rho = (mpmath.mpf(mass) / mpmath.mpf(lepton)) ** 2
    cuts = [0, mpmath.mpf("1e-4"), mpmath.mpf("1e-2"), 0.5, 1]
    return mpmath.quad(lambda x: x**2 * (1 - x) / (x**2 + rho * (1 - x)), cuts)


def mixed() -> g2.Model:
    """A scalar of mixed CP on the muon."""
    s = g2.scalar("s", mass="m_s")
    return g2.Model(
        "-s*bar(mu)*(g_S + I*g_P*gamma5)*mu",
        name="mixed",
        parameters=[s, g2.parameter("g_S"), g2.parameter("g_P")],
    )


def measured(low: str, high: str, observable: str, tmp_path, unit: str = "1"):
    """A difference whose interval of one sigma is [low, high]."""
    centre = (Fraction(low) + Fraction(high)) / 2
    error = (Fraction(high) - Fraction(low)) / 2
    path = tmp_path / "measured.toml"
    path.write_text(
        f'schema = 1\nname = "mine"\nobservable = "{observable}"\nkind = "difference"\ndate = "2026-01-01"\n'
        f'unit = "{unit}"\n[difference]\nvalue = "{float(centre)!r}"\nerror = "{float(error)!r}"\n'
        'source = ["invented"]\n'
    )
    return str(path)


@pytest.mark.parametrize("mass", ["0.001", "0.1", "3"])
def test_evaluate_against_quadrature(mass):
    with mpmath.workdps(30):
        want = kernel(mass, M_E) / kernel(mass, M_MU)
        got = RATIO.evaluate(25, m_A=mass, eps="1e-3")
        assert abs(got.mpf() / want - 1) < mpmath.mpf("1e-20")
    assert set(got.contributions) == {"a(e)", "a(mu)"}
    assert got.record["observable"] == "a(e)/a(mu)"
    assert got.record["lepton"] is None
    assert RATIO.enclose(200, m_A=mass, eps="1e-3").overlaps(got.ball)


def test_a_vanishing_denominator_is_refused():
    with pytest.raises(
        UsageError, match=r"Delta a_mu is zero at these values, so a\(e\)/a\(mu\) has no value"
    ):
        RATIO.evaluate(m_A="0.1", eps=0)
    with pytest.raises(UsageError, match="has no value"):
        RATIO.lambdify()(m_A=0.1, eps=0)
    with pytest.warns(InvalidPointsWarning, match=r"1 of 2 .* so a\(e\)/a\(mu\) has no value"):
        found = RATIO.lambdify()(m_A=0.1, eps=np.array([0.0, 1.0]), full=True)
    assert found.invalid.tolist() == [True, False]
    assert found.rungs[0] == 0
    assert np.isnan(found.values[0])


def test_formulas():
    numbers = {"m_e": M_E, "m_mu": M_MU, "m_A": "0.1", "eps": "1e-3", "e_em": "0.3"}
    values = {sympy.Symbol(n): sympy.Rational(v) for n, v in numbers.items()}
    want = float(RATIO.evaluate(m_A="0.1", eps="1e-3"))
    assert abs(float(RATIO.closed_form().subs(values).evalf(20)) / want - 1) < 1e-12
    whole = RATIO.integral()
    assert len(whole.atoms(sympy.Integral)) == 2
    x = sympy.Symbol("x")
    body = RATIO.integrand  # its integral over x is the quotient
    assert body.has(sympy.Integral)
    below = next(iter(body.atoms(sympy.Integral)))
    amplitude = DARK.anomalous_moment("mu").evaluate(30, m_A="0.1", eps="1e-3").mpf()
    scale = sympy.Float(str(amplitude), 30) * sympy.Rational("0.3") ** 2  # with e = 0.3 in place of the input
    inner = sympy.lambdify(x, body.subs(below, sympy.Symbol("b")).subs(values), "mpmath")
    assert callable(inner)
    assert scale > 0


def test_limits_and_series():
    assert str(RATIO.limit("m_A", "oo")) == "m_e^2/m_mu^2"
    assert str(RATIO.limit("m_A", 0)) == "1"
    axial = g2.load_model("axial_vector").observable("a(e)/a(mu)")
    assert str(axial.limit("m_A", 0)) == "m_e^2/m_mu^2"
    found = RATIO.series("m_A", "oo", 2)
    with mpmath.workdps(30):
        want = kernel("40", M_E) / kernel("40", M_MU)
        values = {"m_e": M_E, "m_mu": M_MU, "m_A": "40"}
        got = mpmath.mpf(str(found.to_sympy().subs(values).evalf(30)))
        assert abs(got / want - 1) < mpmath.mpf("1e-7")  # of the order (m_mu/m_A)^4 ln^2
        assert abs(mpmath.mpf(str(found.formula.to_sympy().subs(values).evalf(30))) / got - 1) < mpmath.mpf(
            "1e-14"
        )
    inner = RATIO.limit("m_A", "m_mu")
    assert inner.sides == ("above", "below")
    want = float(RATIO.evaluate(m_A=M_MU, eps=1))
    assert abs(float(inner.to_sympy().subs({"m_e": M_E, "m_mu": M_MU}).evalf(20)) / want - 1) < 1e-12


def test_a_denominator_that_leads_with_a_logarithm_has_a_limit_but_no_series():
    d_over_a = mixed().observable("d(mu)/a(mu)")
    assert str(d_over_a.limit("m_s", "oo")) == "g_P*g_S/(g_P^2*m_mu - g_S^2*m_mu)"
    with pytest.raises(UnsupportedError, match="carries a logarithm"):
        d_over_a.series("m_s", "oo")


def test_zeros_and_cancellations():
    d_over_a = mixed().observable("a(mu)/d(mu)")
    zeros = d_over_a.cancellation("g_S", m_s="0.5", g_P="1e-3").evaluate(25)
    assert len(zeros) == 2
    for zero in zeros:
        near = (
            mixed()
            .anomalous_moment("mu")
            .evaluate(5, m_s="0.5", g_P="1e-3", g_S=zero.midpoint + Fraction(1, 10**20))
        )
        assert abs(near.ball.midpoint) < Fraction(1, 10**20)
    with pytest.raises(UsageError, match="does not depend on eps"):
        RATIO.cancellation("eps")
    assert RATIO.zeros("m_A", interval=(0.01, 10), eps=1) == ()
    lost = mixed().observable("a(mu)/d(mu)").zeros("m_s", interval=("0.05", 2), g_S="1e-3", g_P="1.9e-3")
    own = mixed().anomalous_moment("mu").zeros("m_s", interval=("0.05", 2), g_S="1e-3", g_P="1.9e-3")
    assert [str(z.text(12)) for z in lost] == [str(z.text(12)) for z in own]


def test_arrays():
    masses = np.geomspace(1e-4, 1e3, 500)
    got = RATIO.lambdify()(m_A=masses, eps=1e-3)
    for k in range(0, 500, 50):
        want = RATIO.evaluate(25, m_A=Fraction(masses[k]), eps=Fraction(1e-3)).ball.midpoint
        assert abs(Fraction(got[k]) / want - 1) < Fraction(1, 10**12)
    with pytest.warns(InvalidPointsWarning, match="m_A is not a number"):
        assert np.isnan(RATIO.lambdify()(m_A=np.array([np.nan]), eps=1.0)).all()
    exact = RATIO.lambdify("mpmath")(m_A="0.1", eps=1, digits=30)
    assert abs(float(exact) / float(RATIO.evaluate(m_A="0.1", eps=1)) - 1) < 1e-14


def test_input_uncertainty():
    found = RATIO.input_uncertainty(m_A="10", eps=1)
    assert set(found.shifts) == {"m_e", "m_mu"}  # alpha cancels
    relative = float(found.total) / float(RATIO.evaluate(m_A="10", eps=1))
    sigma = RATIO.inputs["m_mu"].uncertainty / RATIO.inputs.value("m_mu")
    assert abs(relative / (2 * float(sigma)) - 1) < 0.01


def test_bounds_on_couplings(tmp_path):
    model = mixed()
    ratio = model.observable("d(mu)/a(mu)")
    name = measured("-1", "4", "d(mu)/a(mu)", tmp_path, "GeV^-1")
    found = g2.bound(ratio, "g_P", name, "interval", 1, m_s="0.5", g_S="1e-3")
    windows = found.rows[0].windows
    assert len(windows) >= 2
    random = Random(4)
    for _ in range(300):
        g = Fraction(random.choice((-1, 1)) * 10 ** random.uniform(-6, 0))
        value = ratio.evaluate(10, m_s="0.5", g_S="1e-3", g_P=g).ball.midpoint
        inside = any(
            (low is None or low.midpoint <= g) and (high is None or g <= high.midpoint)
            for low, high in windows
        )
        assert inside == (-1 <= value <= 4)
    for low, high in windows:
        for end in (low, high):
            if end is not None:
                value = ratio.evaluate(12, m_s="0.5", g_S="1e-3", g_P=end.midpoint).ball.midpoint
                at_edge = min(abs(value + 1), abs(value - 4)) < Fraction(1, 10**8)
                assert at_edge or abs(value) > 10**6  # an end at a zero of the denominator is a pole


def test_bounds_where_the_coupling_cancels(tmp_path):
    name = measured("1e-5", "1e-4", "a(e)/a(mu)", tmp_path)
    rows = g2.bound(RATIO, "eps", name, "interval", 1, m_A=["0.1", "0.01"]).rows
    assert rows[0].windows == ((None, None),)  # 7.9e-5 at every coupling
    assert rows[1].windows == ()
    found = g2.bound(RATIO, "m_A", name, "interval", 1, interval=("0.001", "10"), eps=1)
    ((low, high),) = found.rows[0].windows
    assert abs(
        RATIO.evaluate(20, m_A=low.midpoint, eps=1).ball.midpoint - Fraction(found.window.high.exact)
    ) < Fraction(1, 10**18)
    assert high.midpoint == 10


def test_maps_against_evaluate(tmp_path):
    ratio = mixed().observable("d(mu)/a(mu)")
    name = measured("-1", "4", "d(mu)/a(mu)", tmp_path, "GeV^-1")
    plane = g2.exclusion_map(
        ratio,
        ("m_s", "0.05", 5),
        ("g_P", -2e-3, 2e-3, "lin"),
        name,
        "interval",
        1,
        resolution=256,
        g_S="1e-3",
    )
    assert plane.areas["undecided"] < Fraction(15, 100)
    assert min(plane.areas.values()) > 0
    random = np.random.default_rng(5)
    for x, y in zip(10 ** random.uniform(-1.3, 0.69, 300), random.uniform(-2e-3, 2e-3, 300), strict=True):
        value = ratio.evaluate(10, m_s=Fraction(x), g_S="1e-3", g_P=Fraction(y)).ball.midpoint
        assert plane.state(x, y) in ("undecided", "allowed" if -1 <= value <= 4 else "excluded")


def test_scans_and_counts(tmp_path):
    ratio = mixed().observable("d(mu)/a(mu)")
    name = measured("-1", "4", "d(mu)/a(mu)", tmp_path, "GeV^-1")
    grid = {"m_s": np.geomspace(0.05, 5, 12), "g_P": np.linspace(-2e-3, 2e-3, 14)}
    scan = g2.scan(ratio, grid, name, "interval", 1, g_S="1e-3")
    inside = 0
    for i, mass in enumerate(grid["m_s"]):
        for j, g in enumerate(grid["g_P"]):
            value = ratio.evaluate(16, m_s=Fraction(mass), g_S="1e-3", g_P=Fraction(g)).ball.midpoint
            assert abs(Fraction(scan["value"][i, j]) / value - 1) < Fraction(1, 10**12)
            assert scan["verdict"][i, j] == (1 if -1 <= value <= 4 else 2)
            inside += -1 <= value <= 4
    count = g2.count_excluded(ratio, grid, name, "interval", 1, g_S="1e-3")
    assert (count.allowed, count.undecided) == (inside, 0)
    windows = g2.scan(ratio, {"m_s": grid["m_s"]}, name, "interval", 1, on="g_P", g_S="1e-3")
    for i, mass in enumerate(grid["m_s"]):
        want = g2.bound(ratio, "g_P", name, "interval", 1, m_s=Fraction(mass), g_S="1e-3").rows[0].windows
        assert windows["count"][i] == len(want)


def test_check_states_the_limits_of_the_quotient():
    from g2sym.checks import check_observable

    table = check_observable(RATIO)
    assert not table.open
    assert table.exit_code == 0
    own = [row for row in table.rows if row.contribution == "a(e)/a(mu)"]
    assert [row.proof.result for row in own] == ["1", "m_e^2/m_mu^2"]


def test_products():
    model = mixed()
    both = model.observable("a(mu)*d(mu)")
    assert both.unit == "GeV^-1"
    values = {"m_s": "0.5", "g_S": "1e-3", "g_P": "2e-3"}
    a, d = (model.observable(n).evaluate(30, values).ball.midpoint for n in ("a(mu)", "d(mu)"))
    assert abs(both.evaluate(25, values).ball.midpoint / (a * d) - 1) < Fraction(1, 10**24)
    assert abs(both.lambdify()(**{**values, "m_s": np.array([0.5])})[0] / float(a * d) - 1) < 1e-12
    square = model.observable("a(mu)^2/d(mu)")
    assert abs(square.evaluate(25, values).ball.midpoint / (a * a / d) - 1) < Fraction(1, 10**24)


def test_a_coupling_of_one_lepton_is_not_taken_for_several():
    for name in ("alp", "scalar"):
        with pytest.raises(UsageError, match="its flavour is 'single'"):
            g2.load_model(name).observable("a(e)/a(mu)").evaluate(params={})


def test_observables_travel():
    for one in (pickle.loads(pickle.dumps(RATIO)), copy.deepcopy(RATIO)):
        assert one.evaluate(20, m_A="0.1", eps=1).ball == RATIO.evaluate(20, m_A="0.1", eps=1).ball
    function = RATIO.lambdify()
    before = function(m_A=np.array([0.1, 0.2]), eps=1.0)
    again = pickle.loads(pickle.dumps(function))
    assert np.array_equal(again(m_A=np.array([0.1, 0.2]), eps=1.0), before)
