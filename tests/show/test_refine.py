"""Further columns of pictures: what is excluded is not drawn as allowed, and their number has an end."""

import math
from fractions import Fraction as F
from itertools import pairwise

import pytest

import g2sym
from g2sym.drawing.style import styled
from g2sym.errors import UsageError
from g2sym.show import bounds, panels, refine

GRID = [F(k, 2000) for k in range(-20, 21)]


@pytest.fixture(scope="module")
def strip():
    """The photon coupling over the muon's through zero, where everything is allowed."""
    moment = g2sym.load_model("alp").anomalous_moment("mu")

    def at(points):
        return g2sym.bound(moment, "g_agg", "muon-2025", m_a="0.1", g_aff=list(points))

    return at(GRID), at


def drawn(region, x):
    """The lower borders beside a point, as drawn by joining columns."""
    (a, left), (b, right) = next(
        pair for pair in pairwise(zip(region.x, region.gaps, strict=True)) if pair[0][0] <= x <= pair[1][0]
    )
    assert a < b
    assert len(left) == len(right) == 1
    return sorted((left[0][0], right[0][0]))


@pytest.mark.parametrize(
    "x", ["2e-4", "-3.7e-5", *(pytest.param(x, marks=pytest.mark.long) for x in ("-2e-4", "1e-4"))]
)
def test_a_narrow_strip_has_its_borders(strip, x):
    asked, at = strip
    more = refine.refined(asked, "g_aff", at, logarithmic=False, visible=bounds.visible(asked))
    ((low, high),) = at([F(x)]).rows[0].allowed
    for sign, truth in ((1, high), (-1, -low)):
        first, last = drawn(panels.excluded(more, "g_aff", sign), float(F(x)))
        assert first <= truth <= last
        assert last < 1.5 * first


def test_the_window_at_2e_4(strip):
    """The numbers that a user read off the table, while the picture showed everything as allowed."""
    ((low, high),) = strip[1]([F("2e-4")]).rows[0].allowed
    assert (low, high) == (pytest.approx(-2.219e-4, rel=1e-3), pytest.approx(2.819e-4, rel=1e-3))


def test_rows_asked_for_stay_and_new_ones_lie_between(strip):
    asked, at = strip
    more = refine.refined(asked, "g_aff", at, logarithmic=False, visible=bounds.visible(asked))
    xs = [row.values["g_aff"] for row in more.rows]
    assert xs == sorted(set(xs))
    assert set(GRID) <= set(xs)
    assert set(asked.rows) <= set(more.rows)


def test_the_number_of_columns_has_an_end(strip, monkeypatch):
    asked, at = strip
    told = []
    monkeypatch.setattr(refine, "MOST", 10)
    monkeypatch.setattr(refine, "PIECE", 5)
    more = refine.refined(asked, "g_aff", at, logarithmic=False, tell=told.append)
    assert 0 < len(more.rows) - len(asked.rows) <= 10
    assert len(told) == 1
    assert "g_aff" in told[0]


def test_the_time_has_an_end(strip, monkeypatch):
    asked, at = strip
    told = []
    monkeypatch.setattr(refine, "PATIENCE", -1.0)
    assert refine.refined(asked, "g_aff", at, logarithmic=False, tell=told.append).rows == asked.rows
    assert len(told) == 1


def test_smooth_borders_get_nothing():
    moment = g2sym.load_model("alp").anomalous_moment("mu")
    found = g2sym.bound(moment, "g_aff", "muon-2025", m_a=["0.1", "0.11", "0.12"])

    def never(points):
        raise AssertionError(points)

    assert refine.refined(found, "m_a", never).rows == found.rows


def test_means():
    assert refine._between(F(1, 10**290), F(10**290), True) == pytest.approx(1)
    assert refine._between(F(-1), F(3), False) == 1
    assert refine._between(F(1), F(math.nextafter(1, 2)), True) is None


def test_a_mass_is_drawn_over_the_interval_searched():
    model = g2sym.load_model("alp")
    found = g2sym.bound(
        model.anomalous_moment("mu"),
        "m_a",
        "muon-2025",
        interval=("0.1", "1"),
        params={"g_agg": 0, "g_aff": ["1e-4", "8e-4", "1e-2"]},
    )
    with styled():
        axes = bounds.draw_bound(found, model.declaration, searched=(F("0.1"), F(1))).axes[0]
        assert axes.get_ylim() == (0.1, 1.0)
        assert "|" not in axes.get_ylabel()
        assert [text.get_text() for text in axes.get_legend().get_texts()] == ["excluded"]


@pytest.mark.parametrize(
    ("low", "high"), [("1e-300", "1"), ("1", "1e291"), ("-1e900", "0"), ("1", "1.0000000000000001")]
)
def test_axes_that_cannot_be_drawn(low, high):
    with pytest.raises(UsageError, match="drawn"):
        bounds.check_axis("m_a", F(low), F(high))
