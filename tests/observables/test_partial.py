"""A term that is not derived is refused by every query, or left out on purpose and named in the result."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import g2sym as g2
from g2sym.cli import main
from g2sym.errors import UnsupportedError
from g2sym.show.formulas import formulas_of

HEAD = """schema = 1
name = "{name}"
lagrangian = "{text}"
[fields.S]
spin = 0
charge = {charge}
mass = "m_S"
self_conjugate = {neutral}
[parameters.g]
dimension = 0
"""
MODELS = {
    "two_bosons": (
        "-g*S*bar(mu)*mu - c*S*S*bar(mu)*mu",
        "0",
        "[parameters.c]\ndimension = -1\n",
        "-c.S.S.bar",
    ),
    "photons": (
        "-g*S*bar(mu)*mu - c*S*S*F(A, al, be)*F(A, al, be)",
        "0",
        "[parameters.c]\ndimension = -2\n",
        "F.A, al, be",
    ),
    "charged": (
        "-g/m_N*bar(mu)*gamma(al)*d(al, S)*N + hc",
        "-1",
        '[fields.N]\nspin = "1/2"\ncharge = 0\nmass = "m_N"\n',
        "couples the photon at the vertex too",
    ),
    "leptoquark": (
        "-g/m_t*bar(mu)*gamma(al)*PR*d(al, S)*t + hc",
        '"-5/3"\ncolour = 3',
        "",
        "couples the photon at the vertex too",
    ),
}


@pytest.fixture(params=MODELS)
def model(request: Any, tmp_path: Path) -> tuple[g2.Model, str, str]:
    text, charge, more, sentence = MODELS[request.param]
    neutral = "true" if charge == "0" else "false"
    path = tmp_path / f"{request.param}.toml"
    path.write_text(HEAD.format(name=request.param, text=text, charge=charge, neutral=neutral) + more)
    return g2.load_model(path), str(path), sentence


QUERIES: dict[str, Callable[[Any], Any]] = {
    "contributions": lambda a: a.contributions,
    "closed_form": lambda a: a.closed_form(),
    "integrand": lambda a: a.integrand,
    "integral": lambda a: a.integral(),
    "latex": lambda a: a._repr_latex_(),
    "limit": lambda a: a.limit("m_S", "oo"),
    "series": lambda a: a.series("m_S", "oo"),
    "zeros": lambda a: a.zeros("m_S", ("0.1", "1"), g=1),
    "cancellation": lambda a: a.cancellation("g"),
    "ratio": lambda a: a.zeros("g/c"),
    "evaluate": lambda a: a.evaluate(**point(a)),
    "enclose": lambda a: a.enclose(**point(a)),
    "polynomial": lambda a: a.polynomial_in("g", {"m_S": 1}),
    "arrays": lambda a: a.lambdify()(**point(a)),
    "mpmath": lambda a: a.lambdify("mpmath")(**point(a)),
    "parametric": lambda a: a.input_uncertainty(**point(a)),
    "bound": lambda a: g2.bound(a, "g", "muon-2025", **{k: v for k, v in point(a).items() if k != "g"}),
    "map": lambda a: g2.exclusion_map(
        a,
        ("g", "0.1", 1),
        ("m_S", "0.1", 1),
        "muon-2025",
        resolution=4,
        **{k: v for k, v in point(a).items() if k not in ("g", "m_S")},
    ),
}


def point(observable: Any) -> dict[str, object]:
    return dict.fromkeys(observable.declaration.parameters, "1/2")


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_refuses(model: tuple[g2.Model, str, str], query: str) -> None:
    chosen, _, sentence = model
    with pytest.raises(UnsupportedError, match=sentence) as error:
        QUERIES[query](chosen.anomalous_moment("mu"))
    assert "partial=True (--partial)" in str(error.value)


def test_every_statement_and_formula_refuses(model: tuple[g2.Model, str, str]) -> None:
    chosen, _, sentence = model
    with pytest.raises(UnsupportedError, match=sentence):
        g2.check(chosen)
    with pytest.raises(UnsupportedError, match=sentence):
        formulas_of(chosen, chosen.anomalous_moment("mu"))


def test_nothing_is_called_zero(model: tuple[g2.Model, str, str]) -> None:
    announced = " ".join(model[0].anomalous_moment("mu").announcements)
    assert "is zero" not in announced
    assert "Not included: " in announced


def test_the_part_names_what_is_missing(model: tuple[g2.Model, str, str]) -> None:
    amm = model[0].anomalous_moment("mu", partial=True)
    assert amm.missing
    assert "not included" in amm._repr_latex_()
    result = amm.evaluate(**point(amm))
    assert result.as_dict()["missing"] == list(amm.missing)
    amm.closed_form()
    assert g2.check(model[0], "mu", partial=True).missing == amm.missing
    if amm.contributions:
        found = amm.limit("m_S", "oo")
        assert "not included" in str(found)
        assert "not included" in found._repr_latex_()
        assert "not included" in amm.series("m_S", 0)._repr_latex_()
        assert "not included" in amm.limit("m_S", 0, params={"c": 1})._repr_latex_()


def test_a_coupling_of_zero_leaves_nothing_out(model: tuple[g2.Model, str, str]) -> None:
    amm = model[0].anomalous_moment("mu")
    off = {"c": 0} if "c" in amm.declaration.parameters else {"g": 0}
    result = amm.evaluate(**{**point(amm), **off})
    assert result.as_dict()["missing"] == []
    if "c" in off:
        assert "not included" not in str(amm.limit("m_S", "oo", c=0))


@pytest.mark.parametrize("command", ["show", "check", "eval"])
def test_the_command_line(model: tuple[g2.Model, str, str], command: str, capsys: Any) -> None:
    chosen, path, _ = model
    given = [f"--set={n}=1/2" for n in chosen.declaration.parameters] if command == "eval" else []
    assert main([command, path, *given]) == 3
    assert "--partial" in capsys.readouterr().err
    assert main([command, path, *given, "--partial"]) == 0
    assert "Not included: " in capsys.readouterr().out
    assert main([command, path, *given, "--partial", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["missing"]
    if command == "show":
        assert main([command, path, "--format", "latex"]) == 3
        assert main([command, path, "--format", "latex", "--partial"]) == 0
        assert "Not included: " in capsys.readouterr().out
