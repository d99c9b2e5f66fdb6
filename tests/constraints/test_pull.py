from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base.balls import Ball
from g2sym.constraints import pull
from g2sym.errors import UsageError
from g2sym.inputs import Measurement, load_measurement

F = Fraction


def test_pull_of_nothing_is_minus_the_significance():
    assert pull(0, load_measurement("muon-2021")) == Ball.exact(F(-251, 59))
    assert pull("38.5e-11", load_measurement("muon-2025")) == Ball.exact(0)
    assert pull("102.2e-11", load_measurement("muon-2025")) == Ball.exact(1)


def test_the_side_chooses_the_error():
    tau = load_measurement("tau-2024")
    up, down = pull(tau.central + F("0.0032"), tau), pull(tau.central - F("0.0031"), tau)
    assert float(up) == pytest.approx(1, abs=1e-9)
    assert float(down) == pytest.approx(-1, abs=1e-9)
    assert up.upper < 1 < 1 + up.radius + F(1, 10**9)
    assert up.radius < F(1, 10**40)


@given(middle=st.fractions(-1, 1, max_denominator=10**6), radius=st.fractions(0, 1, max_denominator=10**6))
def test_the_pull_of_a_ball_holds_the_pull_of_its_points(middle, radius):
    tau = load_measurement("tau-2024")
    whole = pull(Ball(middle, radius), tau)
    for t in (-1, F(-1, 3), 0, F(1, 2), 1):
        point = pull(Ball.exact(middle + t * radius), tau)
        assert whole.lower <= point.upper
        assert point.lower <= whole.upper


def test_a_limit_has_no_pull():
    limit = Measurement(
        "mine", "mu", "limit", "mine", "2025-01-01", limit=F("1e-9"), confidence=F("0.95"), sources=("me",)
    )
    with pytest.raises(UsageError, match="no sigma"):
        pull(0, limit)
