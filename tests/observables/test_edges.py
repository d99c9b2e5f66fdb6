"""Edges: exact cancellations, a massless internal fermion, defaults in m_f, numbers of any length."""

from __future__ import annotations

import threading
from fractions import Fraction

import mpmath
import pytest

import g2sym as g2
from g2sym import lagrangian
from g2sym.errors import UsageError
from g2sym.lagrangian import mass

MU = "0.1056583755"


def two_scalars() -> g2.Model:
    s, t, mu = g2.scalar("s", mass="m_s"), g2.scalar("t", mass="m_t1"), g2.lepton("mu")
    g, h = g2.parameter("g"), g2.parameter("h")
    return g2.Model(-g * s * g2.bar(mu) * mu - g2.I * h * t * g2.bar(mu) * g2.gamma5 * mu)


def test_terms_that_cancel_exactly_do_not_block_a_sum() -> None:
    """Two scalars of one mass with opposite photon couplings: no Barr-Zee-type term is left."""
    text = "\n".join(
        f"-g*{name}*bar(mu)*mu {sign} c/4*{name}*F(A, al, be)*F(A, al, be)"
        for name, sign in (("s", "-"), ("t", "+"))
    )
    fields = [lagrangian.new_field(name, 0, f"m_{name}1", 0, None) for name in ("s", "t")]
    g, c = lagrangian.Parameter(name="g"), lagrangian.Parameter(name="c", dimension=-1)
    cut = lagrangian.Parameter(name="Lambda", dimension=1, default=1000)
    model = g2.Model(text, fields=fields, parameters=[g, c, cut])
    amm = model.anomalous_moment("mu")
    both = amm.evaluate(20, g="1e-3", c="1e-4", m_s1="0.5", m_t1="0.5")
    assert both.contributions["barr-zee-photon"].sign == 0
    plain = g2.load_model("scalar").anomalous_moment("mu").evaluate(20, g_sff="1e-3", m_s="0.5")
    assert abs(both.ball.midpoint / (2 * plain.ball.midpoint) - 1) < Fraction(1, 10**18)
    apart = amm.evaluate(20, g="1e-3", c="1e-4", m_s1="0.5", m_t1="0.6")
    assert apart.contributions["barr-zee-photon"].sign is not None
    assert apart.contributions["barr-zee-photon"].sign != 0


def test_two_mediators_are_both_there() -> None:
    amm = two_scalars().anomalous_moment("mu")
    both = amm.evaluate(25, g="1e-3", h="2e-3", m_s="0.3", m_t1="0.7")
    one = amm.evaluate(25, g="1e-3", h=0, m_s="0.3", m_t1="0.7")
    two = amm.evaluate(25, g=0, h="2e-3", m_s="0.3", m_t1="0.7")
    with mpmath.workdps(40):
        assert abs(mpmath.mpf(str(both)) / (mpmath.mpf(str(one)) + mpmath.mpf(str(two))) - 1) < 1e-22


def test_a_massless_internal_fermion() -> None:
    """C_S only: (C^2 m^2/8 pi^2) int x^2 (1 - x)/((1 - x)(M^2 - m^2 x)), elementary."""
    s, mu = g2.scalar("s", mass="m_s"), g2.lepton("mu")
    inner = g2.fermion("L", mass="m_L", charge=-1)
    amm = g2.Model(s * g2.bar(mu) * g2.parameter("g") * inner + g2.hc).anomalous_moment("mu")
    value = amm.evaluate(30, g=1, m_s="0.5", m_L=0)
    with mpmath.workdps(45):
        m2, boson2 = mpmath.mpf(MU) ** 2, mpmath.mpf("0.25")
        expected = m2 / (8 * mpmath.pi**2) * mpmath.quad(lambda x: x**2 / (boson2 - m2 * x), [0, 1])
        assert abs(mpmath.mpf(str(value)) / expected - 1) < mpmath.mpf("1e-28")


def test_defaults_may_hold_the_lepton_mass() -> None:
    s, f = g2.scalar("s", mass="m_s"), g2.lepton("f")
    v = g2.parameter("v", dimension=1, default=246)
    y = g2.parameter("y", default=mass("f") / v)
    model = g2.Model(-y * s * g2.bar(f) * f)
    for lepton, value in (("e", "0.51099895069e-3"), ("mu", MU)):
        amm = model.anomalous_moment(lepton)
        plain = amm.evaluate(20, m_s=1, y=Fraction(value) / 246)
        assert str(amm.evaluate(20, m_s=1)) == str(plain)


def test_thousands_of_digits() -> None:
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    text = str(amm.evaluate(5000, m_A="0.1", eps="1e-3"))
    assert text.startswith(str(amm.evaluate(30, m_A="0.1", eps="1e-3"))[:28])
    assert len(text) >= 5000


@pytest.mark.parametrize("value", [0, -1000, "-1"])
def test_the_cutoff_is_positive(value: object) -> None:
    amm = g2.load_model("alp").anomalous_moment("mu")
    with pytest.raises(UsageError, match="Lambda"):
        amm.evaluate(m_a=1, g_aff="1e-3", g_agg="1e-4", Lambda=value)


def test_threads_share_a_moment() -> None:
    amm = g2.load_model("alp").anomalous_moment("mu")
    points = [f"0.{k}" for k in range(1, 9)]
    alone = {p: str(amm.evaluate(30, m_a=p, g_aff="1e-3", g_agg="1e-4")) for p in points}
    found: dict[tuple[int, str], str] = {}

    def work(number: int) -> None:
        for p in points:
            found[number, p] = str(amm.evaluate(30 + number, m_a=p, g_aff="1e-3", g_agg="1e-4"))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found[0, p] == alone[p] for p in points)
    assert len(found) == 4 * len(points)


@pytest.mark.parametrize("gap", ["1e-9", "1e-12", "1e-20"])
def test_just_above_the_threshold(gap: str) -> None:
    """The numbers of the closed form (the form itself is tested elsewhere) against mpmath's arccos."""
    x, tau, e = g2.vector("X", mass="m_X"), g2.lepton("tau"), g2.lepton("e")
    c_v = g2.parameter("c_V")
    amm = g2.Model(x("al") * g2.bar(e) * g2.gamma("al") * c_v * tau + g2.hc).anomalous_moment("tau")
    with mpmath.workdps(60):
        m, inner = mpmath.mpf("1.77693"), mpmath.mpf("0.51099895069e-3")
        boson = m - inner + mpmath.mpf(gap)
        value = amm.evaluate(17, c_V=1, m_X=mpmath.nstr(boson, 40))
        rho, nu = (boson / m) ** 2, inner / m
        terms = amm.derivation.terms()
        form = next(terms).integral.canonical
        exact = form.fold(
            {"rho": rho, "nu": nu}.__getitem__,
            lambda q: mpmath.mpf(int(q.p)) / int(q.q) if hasattr(q, "p") else mpmath.mpf(q),
            mpmath.log,
            lambda d0, d1: (
                mpmath.acos((d0 + d1 - 1) / (2 * mpmath.sqrt(d0 * d1)))
                / mpmath.sqrt(d0 * d1 * (1 - ((d0 + d1 - 1) / (2 * mpmath.sqrt(d0 * d1))) ** 2))
            ),
        )
        assert abs(mpmath.mpf(str(value)) / (exact / (16 * mpmath.pi**2)) - 1) < mpmath.mpf("1e-14")


def test_a_massless_mediator_is_a_limit(tmp_path: object) -> None:
    """A field with mass = 0 in its file: alpha/2 pi for a vector of unit strength."""
    text = g2.bundled_models()["dark_photon"].read_text(encoding="utf-8")
    path = tmp_path / "photon.toml"
    path.write_text(text.replace('mass = "m_A"', "mass = 0"), encoding="utf-8")
    value = g2.load_model(path).anomalous_moment("mu").evaluate(20, eps=1)
    with mpmath.workdps(40):
        expected = 1 / (2 * mpmath.pi * mpmath.mpf("137.035999177"))
        assert abs(mpmath.mpf(str(value)) / expected - 1) < mpmath.mpf("1e-18")


def test_divergent_limits_say_how_in_one_sentence() -> None:
    amm = g2.load_model("axial_vector").anomalous_moment("mu")
    with pytest.raises(UsageError) as error:
        amm.evaluate(m_A=0, eps=1)
    assert str(error.value) == (
        "m_A = 0: Delta a_mu diverges like (m_A/m_mu)^-2 as m_A -> 0; give a positive mass."
    )
