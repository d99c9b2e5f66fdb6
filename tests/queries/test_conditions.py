"""The conditions of a limit stand wherever the limit does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import g2sym as g2
from g2sym.base.coefficients import Coefficient
from g2sym.cli import main
from g2sym.queries.conditions import latex, texts, where

SOURCE = """
schema = 1
name = "charged"
title = "A neutral scalar with a heavy lepton"
lagrangian = "-c*phi*bar(mu)*psi + hc"
[fields.phi]
spin = 0
charge = 0
mass = "m_phi"
[fields.psi]
spin = "1/2"
charge = -1
mass = "m_N"
[parameters.c]
dimension = 0
[[expect]]
at = "m_phi -> 0"
lepton = "mu"
value = "0"
"""
HOLDS = "where m_N > m_mu"


@pytest.fixture
def path(tmp_path: Path) -> str:
    file = tmp_path / "charged.toml"
    file.write_text(SOURCE)
    return str(file)


def _symbol(name: str) -> Coefficient:
    return Coefficient.symbol(name)


def test_how_conditions_are_written() -> None:
    n, mu, phi, g = map(_symbol, ("m_N", "m_mu", "m_phi", "g"))
    assert texts([(n - mu) / mu]) == ("m_N > m_mu",)
    assert texts([(phi**2 - mu**2) / mu**2]) == ("m_phi > m_mu",)
    assert texts([(n * n + n * mu - mu * mu) / mu**2]) == ("m_N*m_mu + m_N^2 > m_mu^2",)
    assert texts([4 * n**2 - mu**2]) == ("4*m_N^2 > m_mu^2",)
    assert texts([g**2 - mu**2]) == ("g^2 > m_mu^2",)  # only masses are known to be positive
    assert texts([(n - mu) / (n + mu)]) == ("(m_N - m_mu)/(m_N + m_mu) > 0",)
    assert texts([mu - 1]) == ("m_mu > 1",)
    assert texts([n - mu, n - mu]) == ("m_N > m_mu",)
    assert where([]) == ""
    assert where([n - mu, phi - mu]) == ", where m_N > m_mu and m_phi > m_mu"
    assert latex([n - mu]) == r",\quad m_{N} > m_{\mu}"


def test_limit_and_series(path: str) -> None:
    moment = g2.load_model(path).anomalous_moment("mu")
    found = moment.limit("m_phi", 0)
    assert str(found).endswith(HOLDS)
    assert [str(c) for c in found.conditions] == ["(m_N - m_mu)/m_mu"]
    assert r"m_{N} > m_{\mu}" in found._repr_latex_()
    series = moment.series("m_phi", 0)
    assert str(series).endswith(HOLDS)
    assert r"m_{N} > m_{\mu}" in series._repr_latex_()
    assert "where" not in str(moment.limit("m_phi", "oo"))
    assert "where" not in str(moment.limit("m_phi", 0, m_N=1))


def test_every_row_of_a_check(path: str) -> None:
    table = g2.check(g2.load_model(path), "mu")
    rows = [r for r in table if r.proof.statement.startswith(("m_phi -> 0", "expected"))]
    assert [row.proof.kind for row in rows] == ["series", "remainder", "limit"]
    for row in rows:
        assert row.proof.conditions == ("m_N > m_mu",)
        assert row.as_dict()["conditions"] == ["m_N > m_mu"]
        assert row.as_dict()["result"].endswith(HOLDS)
    assert str(table).count(HOLDS) >= 2
    assert table._repr_html_().count("where m_N &gt; m_mu") >= 2
    assert table._repr_latex_().count("where m\\_N > m\\_mu") >= 2


def test_text_and_json(path: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", path, "--lepton", "mu"])
    assert capsys.readouterr().out.count(HOLDS) >= 2
    main(["check", path, "--lepton", "mu", "--json"])
    statements = json.loads(capsys.readouterr().out)["statements"]
    assert sum(s["conditions"] == ["m_N > m_mu"] for s in statements) >= 2
    assert main(["show", path, "--lepton", "mu"]) == 0
    assert HOLDS in capsys.readouterr().out
    assert main(["show", path, "--lepton", "mu", "--json"]) == 0
    assert HOLDS in capsys.readouterr().out
    assert main(["show", path, "--lepton", "mu", "--format", "latex"]) == 0
    assert "m\\_N" in capsys.readouterr().out
