"""Sums that vanish on shell, or by sin^2 + cos^2 = 1, are exactly zero."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.cli import main
from g2sym.errors import UsageError
from g2sym.observables.zero import without_vanishing

SOURCE = """
schema = 1
name = "mixed"
title = "A pseudoscalar with two couplings"
lagrangian = "{lagrangian}"
[fields.a]
spin = 0
parity = -1
charge = 0
mass = "m_a"
[parameters.g]
dimension = 0
[parameters.h]
dimension = 0
{default}
"""
ON_SHELL = "-g/(2*m_f)*d(al,a)*bar(f)*gamma5*gamma(al)*f + I*h*a*bar(f)*gamma5*f"
SIGN_FLIPPED = ON_SHELL.replace("+ I", "- I")
ANGLE = "I*g*sin_w^2*a*bar(f)*gamma5*f + I*(g*cos_w^2 - h)*a*bar(f)*gamma5*f"


@pytest.fixture
def moment(tmp_path: Path):
    def make(lagrangian: str, default: str = ""):
        path = tmp_path / "mixed.toml"
        path.write_text(SOURCE.format(lagrangian=lagrangian, default=default))
        return g2.load_model(path).anomalous_moment("mu")

    return make


@pytest.mark.parametrize("lagrangian", [ON_SHELL, ANGLE])
@pytest.mark.parametrize("m_a", [0, "0.1", "1e-9", "1e9", "0.1056583755"])
def test_a_value(moment, lagrangian: str, m_a: object) -> None:
    for g in (1, "1e-3", "1/3"):
        found = moment(lagrangian).evaluate(m_a=m_a, g=g, h=g)
        assert (found.ball.midpoint, found.ball.radius) == (0, 0)
        assert found.as_dict()["value"] == "0"
        assert found.as_dict()["radius"] == "0"


def test_what_does_not_vanish_stays(moment) -> None:
    close = moment(ON_SHELL).evaluate(m_a="0.1", g=1, h="1.0000000000000000000001")
    assert close.ball.sign == -1
    assert abs(float(close)) < 1e-43
    flipped = moment(SIGN_FLIPPED).evaluate(m_a="0.1", g=1, h=1)
    single = moment(ON_SHELL).evaluate(m_a="0.1", g=2, h=0)
    assert flipped.ball.overlaps(single.ball)  # the amplitudes add up in place of cancelling


@pytest.mark.parametrize("lagrangian", [ON_SHELL, ANGLE])
def test_arrays(moment, lagrangian: str) -> None:
    function = moment(lagrangian).lambdify()
    assert (function(m_a=np.geomspace(1e-3, 1e3, 7), g=1, h=1) == 0).all()
    couplings = np.array([0.1, 0.2, 0.3])
    values = function(m_a=0.2, g=couplings, h=np.array([0.1, 0.25, 0.3]))
    assert list(values == 0) == [True, False, True]
    assert float(function(m_a=0.2, g=0.3, h=0.3)) == 0


@pytest.mark.parametrize("lagrangian", [ON_SHELL, ANGLE])
def test_bounds(moment, lagrangian: str) -> None:
    linked = moment(lagrangian, 'default = "g"')
    for coefficient in linked.polynomial_in("g", linked.values({"m_a": "0.2"}))(128):
        assert coefficient.is_zero()
    found = g2.bound(linked, on="g", measurement="muon-2025", m_a="0.2")
    assert found.rows[0].windows in ((), ((None, None),))


@pytest.mark.parametrize("lagrangian", [ON_SHELL, ANGLE])
def test_limits(moment, lagrangian: str) -> None:
    linked = moment(lagrangian)
    for point in (0, "oo", "m_mu"):
        assert str(linked.limit("m_a", point, g=1, h=1)) == "0"


def test_a_denominator_that_vanishes(moment, tmp_path: Path) -> None:
    moment(ON_SHELL)
    path = tmp_path / "mixed.toml"
    path.write_text(path.read_text().replace("dimension = 0", 'dimension = 0\nflavour = "universal"'))
    model = g2.load_model(path)
    with pytest.raises(UsageError, match="is zero at these values"):
        model.observable("a(e)/a(mu)").evaluate(m_a="0.2", g=1, h=1)


def test_terms_that_vanish_are_not_derived(moment) -> None:
    assert not moment("I*g*(sin_w^2 + cos_w^2 - 1)*a*bar(f)*gamma5*f").contributions


def test_groups_of_other_masses_stay(moment) -> None:
    own = moment(ON_SHELL)
    terms = list(own.contributions["one-loop"].terms)
    equal, other = own.values({"g": 1, "h": 1}), own.values({"g": 1, "h": 2})
    assert without_vanishing(terms, equal) == []
    assert without_vanishing(terms, other) == terms
    assert without_vanishing(terms[:1], equal) == terms[:1]
    assert without_vanishing(terms, own.values({}), frozenset("gh")) == terms


def test_coefficients() -> None:
    sin, cos, g = map(Coefficient.symbol, ("sin_w", "cos_w", "g"))
    one = Coefficient.number(1)
    assert vanishes(sin**2 + cos**2 - 1)
    assert vanishes((cos**4 - (1 - sin**2) ** 2) * g / (g + 1))
    assert vanishes(g / cos - g * cos / (1 - sin**2))
    assert vanishes(cos**3 - cos + cos * sin**2)
    assert not vanishes(sin**2 - cos**2)
    assert not vanishes(cos**3 - cos)
    assert not vanishes(sin + cos - 1)
    assert not vanishes(one)
    assert vanishes(one - 1)


def test_the_command_line(moment, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moment(ON_SHELL)
    path = str(tmp_path / "mixed.toml")
    point = ["--set", "m_a=0.2", "--set", "g=1", "--set", "h=1"]
    assert main(["eval", path, "--lepton", "mu", *point, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["value"] == "0"
