"""Inputs that a model rests on: Fermi's constant, masses of quarks and neutrinos; conventions."""

from fractions import Fraction

import pytest

import g2sym as g2
from g2sym.errors import UsageError
from g2sym.lagrangian import Parameter, new_field
from g2sym.lagrangian.grammar import parse_coefficient

NAMES = ["m_mu", "m_t", "m_s"]


def scalar(default="m_mu", **options):
    """A scalar whose coupling is an expression of inputs."""
    made = Parameter(name="g", default=parse_coefficient(default, [*NAMES, "m_nu_mu", "m_b", "v"]))
    fields = [new_field("S", 0, "m_S")]
    return g2.Model(
        "-g*S*bar(mu)*mu", fields=fields, parameters=[made, Parameter(name="v", dimension=1)], **options
    )


def test_fermis_constant_is_recorded_where_it_enters():
    moment = scalar("m_mu^2*G_F").anomalous_moment("mu")
    found = moment.evaluate(m_S=1)
    assert found.record["inputs_used"] == {"m_mu": "0.1056583755", "G_F": "0.000011663788"}
    assert found.record["inputs"]["G_F"]["source"] == "pdg-2024"
    plain = moment.evaluate(m_S=1, g=Fraction("1.1663788e-5") * Fraction("0.1056583755") ** 2)
    assert plain.ball.midpoint == pytest.approx(found.ball.midpoint)
    assert "G_F" not in plain.record["inputs_used"]
    other = scalar("m_mu^2*G_F", inputs={"G_F": "2.3327576e-5"}).anomalous_moment("mu").evaluate(m_S=1)
    assert float(other) == pytest.approx(4 * float(found), rel=1e-14)


def test_the_uncertainty_of_inputs_behind_a_default_is_propagated():
    moment = scalar("m_mu^2*G_F").anomalous_moment("mu")
    found = moment.input_uncertainty(m_S=1)
    assert set(found.shifts) == {"m_mu", "G_F"}
    share = 2 * Fraction("6e-12") / Fraction("1.1663788e-5")  # quadratic in G_F
    assert float(found.shifts["G_F"]) == pytest.approx(float(share) * float(moment.evaluate(m_S=1)), rel=1e-5)


def test_a_quark_mass_without_a_value_is_one_sentence():
    moment = scalar("m_mu/m_b").anomalous_moment("mu")
    with pytest.raises(
        UsageError, match=r"m_b has no value, since a quark's mass depends .* --input m_b=VALUE"
    ):
        moment.evaluate(m_S=1)
    with pytest.raises(UsageError, match="m_b is an input, not a parameter of 'model'; set it with inputs="):
        moment.evaluate(m_S=1, m_b="4.18")
    with pytest.raises(UsageError, match="m_mu is an input, not a parameter"):
        moment.evaluate(m_S=1, m_mu="0.1")
    with pytest.raises(UsageError, match="m_S has no value; set it"):
        moment.evaluate()
    found = scalar("m_mu/m_b", inputs={"m_b": "4.18"}).anomalous_moment("mu").evaluate(m_S=1)
    assert found.record["inputs_used"]["m_b"] == "4.18"
    top = scalar("m_mu/m_t").anomalous_moment("mu").evaluate(m_S=1)
    assert top.record["inputs_used"]["m_t"] == "172.57"


def test_a_declared_mass_is_no_input_of_the_same_name():
    """A field may be called t: the mass of the top quark does not fill in for its own."""
    own = g2.Model(
        "-g*t*bar(mu)*mu", fields=[new_field("t", 0, "m_t")], parameters=[Parameter(name="g")]
    ).anomalous_moment("mu")
    with pytest.raises(UsageError, match=r"m_t has no value; set it, for instance m_t=0.5"):
        own.evaluate(g=1)
    assert "m_t" not in own.evaluate(g=1, m_t=2).record["inputs_used"]


def test_the_choice_is_recorded_with_every_result():
    for options, choice in (({}, "present"), ({"conventions": {"standard_model": "absent"}}, "absent")):
        model = scalar("m_mu^2*G_F", **options)
        found = model.anomalous_moment("mu").evaluate(m_S=1)
        assert found.as_dict()["conventions"]["standard_model"] == choice
        bound = g2.bound(model.anomalous_moment("mu"), "g", "muon-2025", m_S=1)
        assert bound.as_dict()["conventions"]["standard_model"] == choice
        assert model.with_scheme("larin").conventions.standard_model == choice
