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


FAR = [
    # model, its mass, couplings, the ends of the allowed window
    ("scalar", "m_s", {"g_sff": "1e20"}, 1),
    ("scalar", "m_s", {"g_sff": "1e100"}, 1),
    ("axial_vector", "m_A", {"eps": "1e40"}, 1),
    ("alp", "m_a", {"g_aff": "1e-3", "g_agg": "1e-3"}, 2),
]


@pytest.mark.parametrize(("model", "mass", "couplings", "count"), FAR)
def test_six_hundred_decades(model, mass, couplings, count) -> None:
    """Ends at 1e3 to 1e104 GeV, each confirmed by values on either side of it."""
    amm = g2.load_model(model).anomalous_moment("mu")
    found = g2.bound(
        amm, on=mass, measurement="muon-2025", interval=("1e-300", "1e300"), params=couplings, digits=12
    )
    ends = [end for span in found.rows[0].windows for end in span]
    assert len([end for end in ends if end.radius]) == count
    for low, high in found.rows[0].windows:
        for end, side in ((low, 1), (high, -1)):
            if not end.radius:
                continue
            step = end.midpoint * Fraction(1, 10**9) * side
            inside, outside = (
                amm.evaluate(digits=15, params={**couplings, mass: end.midpoint + s}).ball.midpoint
                for s in (step, -step)
            )
            assert abs(inside) < Fraction("1.274e-9") < abs(outside)


def test_what_takes_too_many_pieces_says_so(monkeypatch) -> None:
    from g2sym.kernels import isolation

    monkeypatch.setattr(isolation, "MOST_PIECES", 12)
    amm = g2.load_model("scalar").anomalous_moment("mu")
    with pytest.raises(UsageError, match=r"between 1e-300 and 1e\+?300 GeV more than 12 pieces .* shorter"):
        g2.bound(amm, on="m_s", measurement="muon-2025", interval=("1e-300", "1e300"), g_sff=1)


@pytest.mark.parametrize("interval", [("1e-3", "1e3"), ("1e-30", "1e30")])
def test_windows_of_a_quotient(tmp_path, interval) -> None:
    """a(e)/a(mu) of a dark photon falls from 1 to (m_e/m_mu)^2, where it stays."""
    quotient = g2.load_model("dark_photon").observable("a(e)/a(mu)")
    file = tmp_path / "ratio.toml"
    file.write_text(
        'schema = 1\nname = "mine"\nkind = "limit"\nobservable = "a(e)/a(mu)"\ndate = 2030-01-01\n'
        'value = 1e-3\nconfidence = 0.95\nsource = "x"\n'
    )
    (span,) = g2.bound(quotient, on="m_A", measurement=str(file), interval=interval, eps=1).rows[0].windows
    low, high = span
    assert high.midpoint == Fraction(interval[1])
    for shift in (1, -1):
        value = quotient.evaluate(digits=20, m_A=low.midpoint * (1 + shift * Fraction(1, 10**12)), eps=1)
        assert (value.ball.midpoint < Fraction(1, 1000)) == (shift > 0)
