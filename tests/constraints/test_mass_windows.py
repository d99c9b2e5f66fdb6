"""Windows in a mass: every end isolated and proved."""

from fractions import Fraction

import pytest

import g2sym as g2
from g2sym.errors import UsageError


@pytest.fixture(scope="module")
def alp():
    return g2.load_model("alp").anomalous_moment("mu")


def test_the_thin_window_around_a_cancellation(alp) -> None:
    found = g2.bound(
        alp, on="m_a", measurement="muon-2025", interval=("0.01", 10), g_aff="1e-2", g_agg="1e-3"
    )
    ((low, high),) = found.rows[0].windows
    assert 0.19 < float(low) < float(high) < 0.21
    for end in (low, high):
        inside = alp.evaluate(digits=20, m_a=end.midpoint, g_aff="1e-2", g_agg="1e-3").ball
        assert abs(abs(inside.midpoint) - Fraction("1.274e-9")) < Fraction(1, 10**20)


def test_windows_agree_with_values_on_a_grid(alp) -> None:
    found = g2.bound(alp, on="m_a", measurement="muon-2025", interval=("0.02", 5), g_aff="1e-3", g_agg="2e-5")
    windows = found.rows[0].windows
    limit = Fraction("1.274e-9")
    for n in range(60):
        mass = Fraction(1, 50) + Fraction(n * 83, 1000) + Fraction(1, 777)
        inside = any(low.upper < mass < high.lower for low, high in windows)
        edge = any(abs(mass - end.midpoint) < Fraction(1, 10**6) for pair in windows for end in pair)
        value = alp.enclose(m_a=mass, g_aff="1e-3", g_agg="2e-5", bits=128)
        if not edge:
            assert inside == (abs(value.midpoint) < limit)


def test_a_scalar_far_away_is_allowed_to_the_end_of_the_interval() -> None:
    amm = g2.load_model("scalar").anomalous_moment("mu")
    found = g2.bound(amm, on="m_s", measurement="muon-2025", interval=(Fraction(1, 100), 10), g_sff="1e-3")
    ((low, high),) = found.rows[0].windows
    assert abs(float(low) - 0.5004) < 1e-4
    assert high.midpoint == 10


def test_nothing_allowed_and_bad_calls(alp) -> None:
    strong = g2.bound(alp, on="m_a", measurement="muon-2025", interval=("0.01", "0.1"), g_aff=1)
    assert strong.rows[0].windows == ()
    with pytest.raises(UsageError, match="interval"):
        g2.bound(alp, on="m_a", measurement="muon-2025", g_aff=1)
    with pytest.raises(UsageError, match="not a mass"):
        g2.bound(alp, on="g_aff", measurement="muon-2025", interval=(1, 2), m_a=1)
