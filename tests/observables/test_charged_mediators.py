"""Charged mediators from a Lagrangian to numbers, formulas and statements."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest
import sympy as sp

import g2sym as g2
from g2sym.base.exact import read_number
from g2sym.checks.identities import gauge_independence
from g2sym.cli import main
from g2sym.derive.goldstones import AXIAL, VECTOR, feynman_gauge
from g2sym.derive.topology import charged_exchange
from g2sym.errors import ModelError, UnsupportedError, UsageError
from g2sym.proofs.verdict import Proof

TWO_LOOPS = """schema = 1
name = "two_loops"
lagrangian = "-z*s*bar(mu)*mu + (-y*H*bar(N)*PR*mu + hc)"
[fields.s]
spin = 0
[fields.H]
spin = 0
charge = 1
[fields.N]
spin = "1/2"
[parameters.y]
dimension = 0
[parameters.z]
dimension = 0
"""
POINT = {"m_s": 400, "m_H": 380, "m_N": 20, "y": "0.02", "z": "0.03"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    place = tmp_path / "two_loops.toml"
    place.write_text(TWO_LOOPS)
    return place


def test_loops_are_named_by_mediator_and_fermion(path: Path) -> None:
    amm = g2.load_model(path).anomalous_moment("mu")
    value = amm.evaluate(20, POINT)
    assert set(value.loops) == {"loop(s, mu)", "loop(H, N)"}
    assert list(value.contributions) == ["one-loop"]
    total = sum((ball.midpoint for ball in value.loops.values()), Fraction(0))
    assert abs(total - value.ball.midpoint) < Fraction(1, 10**30)
    (part,) = value.as_dict()["contributions"]
    assert {one["name"] for one in part["loops"]} == set(value.loops)
    series = amm.series("m_H", "oo", 1, "loop(H, N)", m_N=0).to_sympy()
    mass, lepton, y = sp.symbols("m_H m_mu y")
    assert sp.simplify(series + lepton**2 * y**2 / (96 * sp.pi**2 * mass**2)) == 0
    with pytest.raises(UsageError, match=r"choose one-loop, loop\("):
        amm.limit("m_H", "oo", contribution="loop(H, mu)")


def test_the_loops_stand_in_text_and_json(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = [f"--set={name}={value}" for name, value in POINT.items()]
    assert main(["eval", str(path), *given]) == 0
    assert "loop(H, N) contribution" in capsys.readouterr().out
    assert main(["eval", str(path), *given, "--json"]) == 0
    (part,) = json.loads(capsys.readouterr().out)["contributions"]
    assert sorted(one["name"] for one in part["loops"]) == ["loop(H, N)", "loop(s, mu)"]


def test_a_loop_that_diverges_alone_is_said() -> None:
    """Two massless vectors of opposite sign of coupling squared: their sum is finite, each diverges."""
    fields = [g2.vector("X", mass="m_X"), g2.vector("Y", mass="m_Y")]
    names = [g2.parameter("a"), g2.parameter("b")]
    text = "a*X(al)*bar(mu)*gamma5*gamma(al)*mu + b*Y(al)*bar(mu)*gamma(al)*mu"
    amm = g2.Model(text, fields=fields, parameters=names).anomalous_moment("mu")
    with pytest.raises(UsageError, match="diverges"):
        amm.evaluate(10, a=1, b=1, m_X=0, m_Y=1)
    value = amm.evaluate(10, a=0, b=1, m_X=0, m_Y=1)
    assert value.loops["loop(X, mu)"].sign == 0


@pytest.mark.parametrize("charged", [False, True])
@pytest.mark.parametrize("incoming", [VECTOR, AXIAL])
@pytest.mark.parametrize("outgoing", [VECTOR, AXIAL])
def test_unitary_gauge_is_feynman_gauge(
    outgoing: tuple[str, ...], incoming: tuple[str, ...], charged: bool
) -> None:
    assert gauge_independence(outgoing, incoming, charged).verdict == "proved"


def test_without_the_goldstone_boson_the_gauges_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    def metric_only(outgoing: tuple[str, ...], incoming: tuple[str, ...], charged: bool) -> object:
        yield next(iter(feynman_gauge(outgoing, incoming, charged)))

    monkeypatch.setattr("g2sym.derive.goldstones.feynman_gauge", metric_only)
    proof: Proof = gauge_independence.__wrapped__(VECTOR, VECTOR, True)
    assert proof.verdict == "disproved"


def test_every_vector_model_has_its_gauges_compared() -> None:
    fields = [g2.vector("V", charge=-1, mass="m_V"), g2.fermion("N", mass="m_N")]
    model = g2.Model("g*V(al)*bar(mu)*gamma(al)*PL*N + hc", fields=fields, parameters=[g2.parameter("g")])
    found = [r.proof for r in g2.check(model, "mu").rows if "gauge independence" in r.proof.statement]
    assert len(found) == 2
    assert {p.verdict for p in found} == {"proved"}


def test_charge_has_to_be_conserved_along_the_line() -> None:
    with pytest.raises(UnsupportedError, match="not conserved"):
        charged_exchange(VECTOR, VECTOR, 1, charges=(1, 1))


@pytest.mark.parametrize(("present", "factor"), [(True, 3), (False, 1)])
def test_a_declared_w_interferes_with_the_standard_model(present: bool, factor: int) -> None:
    """A coupling equal to the Standard Model's own adds (1 + 1)^2 - 1 = 3 times its square."""
    text = "-e_em/(sin_w*sqrt(2))*W(al)*bar(nu_mu)*gamma(al)*PL*mu + hc"
    choice = {"standard_model": "present" if present else "absent"}
    model = g2.Model(text, conventions=choice)
    amm = model.anomalous_moment("mu")
    assert any("of W" in sentence for sentence in amm.announcements)
    # a_W = (10/3) g^2 m^2/(64 pi^2 m_W^2) (1 + ...): Jackiw and Weinberg 1972
    mass, lepton = (amm.inputs.value(name) for name in ("m_W", "m_mu"))
    coupling = (
        4 * sp.pi * sp.Rational(amm.inputs.value("alpha")) / sp.Rational(amm.inputs.value("sin2_theta_w"))
    )
    leading = float(coupling * sp.Rational(lepton**2 / mass**2) * sp.Rational(10, 3) / (64 * sp.pi**2))
    assert float(amm.evaluate(15)) == pytest.approx(factor * leading, rel=1e-5)


def test_a_dipole_coupling_of_the_photon_needs_no_loop() -> None:
    """a = 4 m Re L/e, d = -2 Im L/e for L lbar sigma P_R l F + h.c. (Jenkins, Manohar and Stoffer 2018)."""
    strength = g2.parameter("L", dimension=-1, complex=True)
    model = g2.Model("L*bar(mu)*sigma(al, be)*PR*mu*F(A, al, be) + hc", parameters=[strength])
    values = {"re_L": "1e-6", "im_L": "3e-6"}
    moment, dipole = model.anomalous_moment("mu"), model.electric_dipole("mu")
    charge = sp.sqrt(4 * sp.pi * sp.Rational(moment.inputs.value("alpha")))
    mass = sp.Rational(moment.inputs.value("m_mu"))
    for observable, want in ((moment, 4 * mass / (charge * 10**6)), (dipole, -6 / (charge * 10**6))):
        value = observable.evaluate(40, values)
        assert list(value.contributions) == ["tree"]
        assert abs(value.ball.midpoint - read_number(str(sp.N(want, 50)))) < Fraction(1, 10**44)
    assert any("not included" in sentence for sentence in moment.announcements)


def test_the_field_strength_of_a_massive_vector_needs_a_cut_off() -> None:
    fields = [g2.vector("V", mass="m_V"), g2.fermion("N", charge=-1, mass="m_N")]
    c = g2.parameter("c", dimension=-1)
    text = "c*bar(mu)*sigma(al, be)*N*F(V, al, be) + hc"
    with pytest.raises(ModelError, match=r"field strength of V do not renormalise.*Lambda of dimension 1"):
        g2.Model(text, fields=fields, parameters=[c]).anomalous_moment("mu").evaluate(10, c=1, m_V=1, m_N=1)
    cutoff = g2.parameter("Lambda", dimension=1)
    amm = g2.Model(text, fields=fields, parameters=[c, cutoff]).anomalous_moment("mu")
    logarithm = amm.contributions["one-loop"].outside
    scale, mass, lepton, strength = sp.symbols("Lambda m_N m_mu c")
    weight = -(strength**2) * lepton**2 * (8 * mass / lepton + 16) / (16 * sp.pi**2)
    assert sp.simplify(logarithm - weight * sp.log(scale**2 / lepton**2)) == 0
    assert amm.lambdify()(c=[1e-3], m_V=1, m_N=2, Lambda=1000)[0] == pytest.approx(
        float(amm.evaluate(15, c="1e-3", m_V=1, m_N=2, Lambda=1000)), rel=1e-12
    )


def test_a_derivative_of_a_charged_scalar_is_refused() -> None:
    fields = [g2.scalar("H", charge=-1, mass="m_H"), g2.fermion("N", mass="m_N")]
    c = g2.parameter("c", dimension=-1)
    model = g2.Model("c*bar(mu)*gamma(al)*N*d(al, H) + hc", fields=fields, parameters=[c])
    with pytest.raises(UnsupportedError, match="couples the photon at the vertex too"):
        model.anomalous_moment("mu").evaluate(10, c=1, m_H=1, m_N=1)
