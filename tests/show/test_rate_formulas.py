"""Pages about widths and cross-sections as text, LaTeX and records."""

from __future__ import annotations

import json

import pytest

import g2sym as g2
from g2sym.show.formulas import formulas_of
from g2sym.show.model_page import as_latex, as_text


@pytest.mark.parametrize(
    ("model", "name", "shown"),
    [
        ("alp", "Gamma(a -> A A)", ["g_agg**2*m_a**3/(64*pi)", "a -> A A at tree level"]),
        ("alp", "Gamma(a -> mu bar(mu))", ["closed form, where m_a > 2*m_mu", "in GeV"]),
        ("dark_photon", "sigma(e bar(e) -> A Ap)", ["sqrt_s > 2*m_e", "in pb", "m_A -> sqrt_s"]),
        ("dark_photon", "BR(Ap -> e bar(e))", ["made of what follows", "Gamma(Ap -> mu bar(mu)): tree"]),
        ("alp", "BR(Jpsi -> A a)", ["BR_Jpsi_ee"]),
    ],
)
def test_pages(model: str, name: str, shown: list[str]) -> None:
    chosen = g2.load_model(model)
    found = formulas_of(chosen, chosen.observable(name))
    page = as_text(found)
    assert all(text in page for text in ("Lagrangian", *shown))
    document = as_latex(found)
    assert document.count(r"\begin{align*}") == document.count(r"\end{align*}") > 0
    assert document.count("{") == document.count("}")
    json.dumps(found.as_dict())


def test_a_rate_in_a_notebook_shows_its_closed_form() -> None:
    shown = g2.load_model("alp").observable("Gamma(a -> A A)")._repr_latex_()
    assert r"\Gamma(a\to \gamma\,\gamma) = \frac{g_{agg}^{2} m_{a}^{3}}{64 \pi}" in shown


def test_a_channel_without_a_coupling() -> None:
    model = g2.load_model("dark_photon")
    page = as_text(formulas_of(model, model.observable("Gamma(Ap -> A A)")))
    assert "No coupling of this model makes Ap decay into A A." in page
