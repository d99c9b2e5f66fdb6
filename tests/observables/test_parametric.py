"""Uncertainties of the inputs, propagated when asked for."""

import g2sym as g2


def test_the_scalars_dependence_on_alpha_and_masses():
    amm = g2.load_model("dark_photon").anomalous_moment("mu")
    found = amm.input_uncertainty(m_A="1e-9", eps=1)
    # Delta a = alpha/2 pi (1 - pi r + ...): relative shift of alpha, and hardly any of the mass
    relative = 21e-9 / 137.035999177
    assert set(found.shifts) == {"alpha_inverse", "m_mu"}
    size = float(amm.evaluate(m_A="1e-9", eps=1))
    assert abs(abs(float(found.shifts["alpha_inverse"])) / (size * relative) - 1) < 1e-5
    assert abs(float(found.shifts["m_mu"])) < 1e-3 * abs(float(found.shifts["alpha_inverse"]))
    assert abs(float(found.total) / abs(float(found.shifts["alpha_inverse"])) - 1) < 1e-3


def test_overridden_inputs_are_exact():
    model = g2.load_model("dark_photon", inputs={"alpha": "1/137", "m_mu": "0.1"})
    found = model.anomalous_moment("mu").input_uncertainty(m_A=1, eps=1)
    assert not found.shifts
    assert float(found.total) == 0


def test_the_weak_mixing_angle_enters_through_the_z():
    amm = g2.load_model("alp").anomalous_moment("mu")
    found = amm.input_uncertainty(m_a="0.1", g_aff="1e-3", g_agg="1e-4")
    assert {"sin2_theta_w", "m_Z", "m_mu"} <= set(found.shifts)
    shifted = g2.load_model("alp", inputs={"sin2_theta_w": "0.23126"}).anomalous_moment("mu")
    values = {"m_a": "0.1", "g_aff": "1e-3", "g_agg": "1e-4"}
    difference = float(shifted.evaluate(params=values)) - float(amm.evaluate(params=values))
    assert abs(difference / float(found.shifts["sin2_theta_w"]) - 1) < 1e-3
