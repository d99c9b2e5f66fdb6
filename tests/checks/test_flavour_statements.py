"""What `check` states of models whose couplings change the lepton's flavour."""

from __future__ import annotations

from pathlib import Path

import pytest

import g2sym as g2
from g2sym.checks import flavours
from g2sym.checks.flavours import flavour_statements

HEAD = """schema = 1
name = "lfv"
lagrangian = '''{lagrangian}'''
[fields.h]
spin = 0
charge = "0"
mass = "m_h0"
"""
PARAMETERS = "".join(f"[parameters.{n}]\ndimension = 0\n" for n in ("g", "p", "y_L", "y_R", "x"))
DIAGONAL = "-h*bar(mu)*(g + I*p*gamma5)*mu - g*h*bar(tau)*tau"
CHANGING = " + (h*bar(mu)*(y_L*PL + y_R*PR)*tau + x*h*bar(e)*PL*tau + hc)"


def _model(folder: Path, lagrangian: str) -> g2.Model:
    path = folder / "lfv.toml"
    used = "".join(
        f"[parameters.{n}]\ndimension = 0\n" for n in ("g", "p", "y_L", "y_R", "x") if n in lagrangian
    )
    path.write_text(HEAD.format(lagrangian=lagrangian) + used)
    return g2.load_model(path)


def _found(model: g2.Model, lepton: str) -> dict[str, str]:
    declaration = model.anomalous_moment(lepton).declaration
    return {part: p.verdict for part, p in flavour_statements(declaration, lepton, model.conventions)}


def test_without_them_the_moments_are_those_of_the_diagonal_model(tmp_path: Path) -> None:
    model = _model(tmp_path, DIAGONAL + CHANGING)
    assert _found(model, "mu") == {"a(mu)": "proved", "d(mu)": "proved", "A_R, A_L(mu -> e)": "proved"}
    assert _found(model, "tau").keys() == {
        "a(tau)", "d(tau)", "A_R, A_L(tau -> e)", "A_R, A_L(tau -> mu)",
    }  # fmt: skip
    table = str(g2.check(model, "mu"))
    assert "at x = y_L = y_R = 0, a(mu) is that of the Lagrangian without terms" in table
    plain = _model(tmp_path, DIAGONAL)
    values = {"m_h0": 3, "g": "0.3", "p": "0.2"}
    zero = dict.fromkeys(("y_L", "y_R", "x"), 0)
    for name in ("a(mu)", "d(mu)"):
        with_zero = model.observable(name).evaluate(30, {**values, **zero}).ball
        assert with_zero.midpoint == plain.observable(name).evaluate(30, values).ball.midpoint


def test_a_model_without_such_terms_has_no_such_statement(tmp_path: Path) -> None:
    assert _found(_model(tmp_path, DIAGONAL), "mu") == {}


def test_a_coupling_that_stands_elsewhere_too_brings_none(tmp_path: Path) -> None:
    shared = DIAGONAL + " + (g*h*bar(mu)*PL*tau + hc)"
    assert _found(_model(tmp_path, shared), "mu") == {}


def test_a_wrong_derivation_is_disproved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = _model(tmp_path, DIAGONAL + CHANGING)
    declaration = model.anomalous_moment("mu").declaration
    own = flavours.derive

    def planted(some, lepton, conventions):  # the diagonal model as if it had the whole one's terms
        return own(declaration, lepton, conventions)

    monkeypatch.setattr(flavours, "derive", planted)
    found = {p: proof.verdict for p, proof in flavour_statements(declaration, "mu", model.conventions)}
    assert found["a(mu)"] == "disproved"
