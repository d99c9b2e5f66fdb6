"""Enclosures on intervals of masses hold the values and the slopes at every point tried."""

from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.base.balls import number, working_precision
from g2sym.queries.zeros import mass_function

ALP = g2.load_model("alp").anomalous_moment("mu")
AXIAL = g2.load_model("axial_vector").anomalous_moment("e")
FUNCTIONS = {
    "alp": mass_function(ALP, "m_a", ALP.values({"g_aff": "1", "g_agg": "0.03"})),
    "axial": mass_function(AXIAL, "m_A", AXIAL.values({"eps": "1e-3"})),
}


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(FUNCTIONS)),
    st.integers(-3000, 2200),
    st.integers(1, 80),
    st.fractions(0, 1, max_denominator=100),
    st.integers(0, 3),
)
def test_enclosures_hold(name, place, width, share, halving) -> None:
    function = FUNCTIONS[name]
    low = Fraction(10 ** (place / 1000)).limit_denominator(10**6)
    high = low * (1 + Fraction(width, 1000))
    cut = low + (high - low) / 2**halving
    point = low + (cut - low) * share
    with working_precision(800):
        found = function.enclose(low, high, 800, 56)
        value = function.at(point, 800)
        assert found.values(low, cut).contains(value)
        step = Fraction(1, 10**40)
        slope = (function.at(point + step, 800) - function.at(point - step, 800)) / number(2 * step)
        box = found.slopes(low, cut)
        assert box.overlaps(slope)
        whole = function.enclose(low, high, 800, 56)
        assert whole.rest.is_finite()
