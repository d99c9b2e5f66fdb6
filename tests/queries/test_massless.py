"""Masses that are exactly zero: an internal fermion in every query, a mediator wherever its limit exists."""

from __future__ import annotations

from fractions import Fraction

import mpmath
import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import UnsupportedError, UsageError

TEXTS = {
    "S": "-y*phi*bar(mu)*N + hc",
    "P": "-I*y*phi*bar(mu)*gamma5*N + hc",
    "V": "-y*V(al)*bar(mu)*gamma(al)*N + hc",
    "A": "-y*V(al)*bar(mu)*gamma5*gamma(al)*N + hc",
}
MU = "0.1056583755"


def model(kind: str) -> g2.Model:
    """A neutral mediator, muon and internal fermion of charge -1 and mass m_N."""
    boson = g2.scalar("phi", mass="m_B") if kind in "SP" else g2.vector("V", mass="m_B")
    fermion = g2.fermion("N", charge=-1, mass="m_N")
    y = g2.parameter("y")
    return g2.Model(TEXTS[kind], name=f"model_{kind}", parameters=[boson, fermion, y])


@pytest.fixture(scope="module", params=list(TEXTS))
def massless(request):
    return request.param, model(request.param).anomalous_moment("mu")


def published(kind: str, mass: str) -> mpmath.mpf:
    """Leveille's formula at m_F = 0, photon on the fermion, per y^2 (GENERAL formulas, section 4)."""
    with mpmath.workdps(40):
        m, big = mpmath.mpf(MU), mpmath.mpf(mass)
        scale = m**2 / (8 * mpmath.pi**2)
        if kind in "SP":
            return scale * mpmath.quad(
                lambda x: x**2 * (1 - x) / (big**2 * (1 - x) - m**2 * x * (1 - x)), [0, 0.5, 1]
            )
        lam = m / big
        return scale * mpmath.quad(
            lambda x: (
                (2 * x * (1 - x) * (x - 2) + lam**2 * x**2 * (1 - x))
                / (big**2 * (1 - x) - m**2 * x * (1 - x))
            ),
            [0, 0.5, 1],
        )


def test_evaluate_enclose_and_derive(massless):
    kind, amm = massless
    want = published(kind, "2.5")
    value = amm.evaluate(30, m_B="2.5", m_N=0, y=1)
    with mpmath.workdps(40):
        assert abs(value.mpf() - want) < abs(want) * mpmath.mpf("1e-25")
    ball = amm.enclose(200, m_B="2.5", m_N=0, y=1)
    assert ball.overlaps(value.ball)
    assert "m_N" in str(amm.integrand)
    assert "m_N" in str(amm.closed_form())
    near = amm.evaluate(30, m_B="2.5", m_N="1e-30", y=1)
    with mpmath.workdps(40):
        assert abs(near.mpf() - want) < abs(want) * mpmath.mpf("1e-20")


def test_limits_and_series(massless):
    kind, amm = massless
    heavy = amm.limit("m_B", "oo", m_N=0)
    assert heavy.power == 2
    # 1/3 and -4/3 over 8 pi^2, per (m/M)^2
    assert str(heavy.leading.entries[0][2]) == ("1/24*y^2/pi^2" if kind in "SP" else "-1/6*y^2/pi^2")
    found = amm.series("m_B", "oo", 2, m_N=0, y=1)
    want = published(kind, "40")
    got = mpmath.mpf(str(found.to_sympy().subs({"m_mu": "0.1056583755", "m_B": 40}).evalf(25)))
    assert abs(got / want - 1) < 1e-8
    with pytest.raises(UnsupportedError, match="above threshold"):  # M -> 0: the muon decays into the loop
        amm.limit("m_B", 0, m_N=0)


def test_zeros_cancellation_and_mass_bounds(massless):
    _kind, amm = massless
    assert amm.zeros("m_B", interval=(0.2, 20), m_N=0, y=1) == ()
    assert amm.cancellation("y", m_N=0).evaluate(m_B="2.5") == ()
    found = g2.bound(amm, "m_B", "muon-2025", interval=("0.2", "1e5"), m_N=0, y=1)
    ((low, high),) = found.rows[0].windows
    edge = abs(amm.evaluate(m_B=low.midpoint, m_N=0, y=1).ball.midpoint)
    assert abs(edge - found.window.high.exact) < edge / 10**12
    assert high.midpoint == 10**5


def test_arrays(massless):
    _kind, amm = massless
    masses = np.geomspace(0.2, 50, 300)
    got = amm.lambdify()(m_B=masses, m_N=0, y=1.0)
    for k in (0, 123, 299):
        want = float(amm.evaluate(m_B=Fraction(masses[k]), m_N=0, y=1))
        assert abs(got[k] / want - 1) < 1e-12
    inner = amm.lambdify()(m_B=2.5, m_N=np.array([0.0, 0.5, 3.0]), y=1.0)
    for value, mass in zip(inner, (0, "0.5", "3"), strict=True):
        assert abs(value / float(amm.evaluate(m_B="2.5", m_N=mass, y=1)) - 1) < 1e-12


def test_bounds_maps_scans_and_counts(massless):
    _kind, amm = massless
    found = g2.bound(amm, "y", "muon-2025", m_N=0, m_B=["1", "10"])
    for row in found.rows:
        (_, high) = row.windows[0]
        at = amm.evaluate(m_B=row.values["m_B"], m_N=0, y=high.midpoint).ball.midpoint
        assert abs(abs(at) - found.window.high.exact) < abs(at) / 10**12
    plane = g2.exclusion_map(amm, ("m_B", "0.2", 20), ("y", "1e-4", 1), "muon-2025", resolution=256, m_N=0)
    assert plane.areas["undecided"] < Fraction(3, 100)
    inner = g2.exclusion_map(amm, ("m_N", 0, 2, "lin"), ("y", "1e-4", 1), "muon-2025", resolution=256, m_B=3)
    assert inner.areas["undecided"] < Fraction(3, 100)
    flat = g2.exclusion_map(amm, ("y", "1e-4", 1), ("m_B", "0.2", 20), "muon-2025", resolution=64, m_N=0)
    for x, y in ((0.01, 1.0), (0.5, 2.0)):
        state = flat.state(x, y)
        size = abs(amm.evaluate(m_B=Fraction(y), m_N=0, y=Fraction(x)).ball.midpoint)
        assert state in ("undecided", "allowed" if size < found.window.high.exact else "excluded")
    scan = g2.scan(amm, {"m_B": [0.5, 5.0], "y": [1e-3, 1e-1]}, "muon-2025", m_N=0)
    assert abs(scan["delta_a"][1, 1] / float(amm.evaluate(m_B=5, m_N=0, y=Fraction(1e-1))) - 1) < 1e-12
    zero = g2.scan(amm, {"m_N": [0.0, 1.0], "y": [1e-3]}, m_B="2.5")
    assert abs(zero["delta_a"][0, 0] / float(amm.evaluate(m_B="2.5", m_N=0, y=Fraction(1e-3))) - 1) < 1e-12
    count = g2.count_excluded(amm, {"m_B": [0.5, 5.0], "y": [1e-3, 1e-1, 1.0]}, "muon-2025", m_N=0)
    assert count.total == 6
    assert count.undecided == 0
    verdicts = g2.scan(amm, {"m_B": [0.5, 5.0], "y": [1e-3, 1e-1, 1.0]}, "muon-2025", m_N=0)["verdict"]
    assert count.allowed == int((verdicts == 1).sum())


def test_input_uncertainty_and_check(massless):
    kind, amm = massless
    assert amm.input_uncertainty(m_B=2, m_N=0, y=1).shifts.keys() == {"m_mu"}
    table = g2.check(model(kind), "mu")
    assert not table.open
    assert table.exit_code == 0


def test_a_massless_fermion_above_threshold():
    """int x^2/(r - x - i0) = -1/2 - r - r^2 ln((1 - r)/r) + i pi r^2 for r = (M/m)^2 < 1."""
    amm = model("S").anomalous_moment("mu")
    with mpmath.workdps(40):
        r = (mpmath.mpf("0.1") / mpmath.mpf(MU)) ** 2
        real = (-r - mpmath.mpf(1) / 2 - r**2 * mpmath.log((1 - r) / r)) / (8 * mpmath.pi**2)
        imaginary = r**2 / (8 * mpmath.pi)
        got = amm.evaluate(30, m_B="0.1", m_N=0, y=1)
        assert abs(got.mpf() / real - 1) < 1e-25
        assert abs(got.imaginary.mpf(30) / imaginary - 1) < 1e-25
    array = amm.lambdify()(m_B=np.array([0.1, 2.0]), m_N=0, y=1.0)
    assert abs(array[0] / float(amm.evaluate(m_B=Fraction(0.1), m_N=0, y=1)) - 1) < 1e-12
    with pytest.raises(UnsupportedError, match="is not above m_mu"):
        g2.exclusion_map(amm, ("m_B", "0.05", 2), ("y", "1e-3", 1), "muon-2025", m_N=0)
    with pytest.raises(UsageError, match=r"m_B \+ m_N is exactly m_mu, .* diverges logarithmically"):
        amm.evaluate(m_B=MU, m_N=0, y=1)


# mediators without mass --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "mass", "coupling"),
    [("dark_photon", "m_A", "eps"), ("scalar", "m_s", "g_sff"), ("alp", "m_a", "g_aff")],
)
def test_a_massless_mediator_in_arrays_maps_and_scans(name, mass, coupling):
    amm = g2.load_model(name).anomalous_moment("mu")
    want = amm.evaluate(30, {mass: 0, coupling: 1}).ball.midpoint
    values = amm.lambdify()({mass: np.array([0.0, 0.1]), coupling: 1.0})
    assert abs(values[0] / float(want) - 1) < 1e-12
    assert abs(amm.lambdify()({mass: 0, coupling: np.array([1.0])})[0] / float(want) - 1) < 1e-12
    scan = g2.scan(amm, {mass: [0.0, 0.1], coupling: [1.0]})
    assert abs(scan["delta_a"][0, 0] / float(want) - 1) < 1e-12
    plane = g2.exclusion_map(
        amm, (mass, 0, "0.2", "lin"), (coupling, "1e-5", "1e-1"), "muon-2025", resolution=512
    )
    assert plane.areas["undecided"] < Fraction(2, 100)
    edge = g2.bound(amm, coupling, "muon-2025", params={mass: 0}).rows[0].windows[0][1]
    assert plane.state(0.0, float(edge) * 1.1) == "excluded"
    assert plane.state(0.0, float(edge) * 0.9) == "allowed"


def test_points_of_a_map_that_begins_at_zero_agree_with_evaluate():
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    plane = g2.exclusion_map(
        amm, ("m_A", 0, "0.2", "lin"), ("eps", "1e-4", "1e-2"), "muon-2025", resolution=256
    )
    window = g2.bound(amm, "eps", "muon-2025", m_A=1).window
    random = np.random.default_rng(1)
    for x, y in zip(random.uniform(0, 0.003, 200), 10 ** random.uniform(-4, -2, 200), strict=True):
        size = abs(amm.evaluate(m_A=Fraction(x), eps=Fraction(y)).ball.midpoint)
        assert plane.state(x, y) in ("undecided", "allowed" if size < window.high.exact else "excluded")


def test_a_mediator_whose_limit_diverges_is_refused_in_one_sentence():
    amm = g2.load_model("axial_vector").anomalous_moment("mu")
    for ask in (
        lambda: amm.evaluate(m_A=0, eps=1),
        lambda: amm.lambdify()(m_A=0, eps=1.0),
        lambda: g2.scan(amm, {"m_A": [0.0], "eps": [1.0]}),
        lambda: g2.exclusion_map(amm, ("m_A", 0, 1, "lin"), ("eps", "1e-5", "1e-1"), "muon-2025"),
    ):
        with pytest.raises(UsageError, match=r"diverges like \(m_A/m_mu\)\^-2"):
            ask()


def test_a_diverging_limit_is_a_bad_point_of_an_array():
    amm = g2.load_model("axial_vector").anomalous_moment("mu")
    with pytest.warns(g2.errors.InvalidPointsWarning, match=r"1 of 2 .* diverges like \(m_A/m_mu\)\^-2"):
        values = amm.lambdify()(m_A=np.array([0.0, 0.1]), eps=1.0)
    assert np.isnan(values[0])
    assert abs(values[1] / float(amm.evaluate(m_A=Fraction(0.1), eps=1)) - 1) < 1e-12
