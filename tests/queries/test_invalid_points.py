"""Points of arrays without a value: NaN, one warning, a mask and the reasons; scalars are refused."""

from __future__ import annotations

import warnings
from fractions import Fraction

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import InvalidPointsWarning, UsageError

NAN, INF = float("nan"), float("inf")


@pytest.fixture(scope="module")
def photon() -> g2.model.observable.Observable:
    return g2.load_model("dark_photon").anomalous_moment("mu")


def test_every_reason_has_its_points(photon):
    masses = np.array([0.1, -0.1, NAN, INF, -INF, 0.0])
    with pytest.warns(InvalidPointsWarning) as caught:
        found = photon.lambdify()(m_A=masses, eps=np.array([[1e-3], [NAN]]), full=True)
    assert len(caught) == 1
    assert caught[0].filename == __file__
    text = str(caught[0].message)
    assert text.startswith("10 of 12 values are NaN. 6: eps is not a number. 4: m_A is infinite. 2: ")
    assert text.endswith(" 1 further reasons.") or "2: m_A is negative" in text
    assert {why: int(mask.sum()) for why, mask in found.reasons.items()} == {
        "m_A is not a number": 2,
        "m_A is infinite": 4,
        "m_A is negative, which a mass cannot be": 2,
        "eps is not a number": 6,
    }
    want = np.zeros((2, 6), bool)
    want[1, :] = True
    want[0, 1:5] = True
    assert found.invalid.tolist() == want.tolist()
    assert np.isnan(found.values).tolist() == want.tolist()
    assert (found.rungs == 0).tolist() == want.tolist()
    assert found.counts()["not a number"] == 10
    for place in (0, 5):
        exact = photon.evaluate(17, m_A=Fraction(masses[place]), eps=Fraction(1e-3))
        assert abs(found.values[0, place] / float(exact) - 1) < 1e-12


def test_good_points_do_not_warn(photon):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = photon.lambdify()(m_A=np.geomspace(1e-3, 1e3, 30), eps=1e-3, full=True)
    assert not found.invalid.any()
    assert found.reasons == {}


def test_arrays_given_are_left_as_they_are(photon):
    masses = np.array([0.1, -1.0])
    with pytest.warns(InvalidPointsWarning):
        photon.lambdify()(m_A=masses, eps=1e-3)
    assert masses.tolist() == [0.1, -1.0]


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"m_A": -1, "eps": 1e-3}, "negative"),
        ({"m_A": -1, "eps": np.array([1e-3])}, "negative"),
        ({"m_A": INF, "eps": 1e-3}, "m_A"),
    ],
)
def test_scalars_are_refused(photon, values, said):
    with pytest.raises(g2.errors.G2symError, match=said):
        photon.lambdify()(values)


def test_an_array_that_no_term_holds_counts_too():
    """The pseudoscalar coupling is zero, so nothing depends on the second mass."""
    boson, inner = g2.scalar("phi", mass="m_B"), g2.fermion("N", charge=-1, mass="m_N")
    y, z = g2.parameter("y"), g2.parameter("z")
    chi = g2.scalar("chi", mass="m_C")
    model = g2.Model("y*phi*bar(mu)*N + z*chi*bar(mu)*N + hc", name="x", parameters=[boson, chi, inner, y, z])
    with pytest.warns(InvalidPointsWarning, match="1 of 2"):
        found = model.anomalous_moment("mu").lambdify()(
            m_B=np.array([1.0, 2.0]), m_C=np.array([NAN, 1.0]), m_N="0.3", y=1.0, z=0, full=True
        )
    assert np.isnan(found.values).tolist() == [True, False]
    assert found.rungs[0] == 0


def test_a_function_is_asked_only_where_it_enters():
    """With eps = 0 the diverging kernel of a massless axial vector is multiplied by zero."""
    axial = g2.load_model("axial_vector").anomalous_moment("mu")
    with pytest.warns(InvalidPointsWarning, match=r"^1 of 4 .* diverges like"):
        found = axial.lambdify()(m_A=np.array([0.0, 1.0]), eps=np.array([[0.0], [1.0]]), full=True)
    assert found.values[0].tolist() == [0.0, 0.0]
    assert found.invalid.tolist() == [[False, False], [True, False]]


def test_cut_offs_and_denominators():
    alp = g2.load_model("alp").anomalous_moment("mu")
    cuts = np.array([1000.0, 0.0, -5.0])
    with pytest.warns(InvalidPointsWarning, match="2 of 3 .* Lambda is (not positive|negative)"):
        found = alp.lambdify()(m_a=0.5, g_aff=1e-3, g_agg=1e-4, Lambda=cuts, full=True)
    assert found.invalid.tolist() == [False, True, True]
    assert found.values[0] == alp.lambdify()(m_a=0.5, g_aff=1e-3, g_agg=1e-4, Lambda=1000.0)
    ratio = g2.load_model("dark_photon").observable("a(e)/a(mu)").lambdify()
    with pytest.warns(InvalidPointsWarning) as caught:
        values = ratio(m_A=np.array([0.1, -1.0, 0.2]), eps=np.array([0.0, 1.0, 1.0]))
    assert len(caught) == 1
    assert np.isnan(values).tolist() == [True, True, False]
    with pytest.raises(UsageError, match="has no value"):
        ratio(m_A=0.1, eps=0)


def test_many_points_are_quick(photon):
    masses = np.tile([0.1, -1.0, NAN, 1.0], 50_000)
    with pytest.warns(InvalidPointsWarning, match="100000 of 200000"):
        found = photon.lambdify()(m_A=masses, eps=1e-3, full=True)
    assert found.invalid.reshape(-1, 4)[0].tolist() == [False, True, True, False]
    assert found.invalid.sum() == 100_000
