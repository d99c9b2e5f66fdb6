"""Electric dipole moments in e cm: windows, scans and records; hbar c = 1.973269804e-14 GeV cm exactly."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import g2sym as g2
from g2sym.cli import main
from g2sym.errors import InputError, UsageError
from g2sym.inputs.units import Size
from g2sym.inputs.windows import Edge, Window
from g2sym.scans import solve
from g2sym.scans.polynomials import Coefficient
from g2sym.scans.solve import ACCURACY, Task

HBAR_C = Fraction("1.973269804e-14")
TEXT = "-s*bar(mu)*(g_S + I*g_P*gamma5)*mu - c/4*s*F(A, al, be)*F(A, al, be)"
LIMIT = """
schema = 1
name = "muon-edm"
title = "A limit"
observable = "d(mu)"
unit = "e_cm"
kind = "limit"
date = 2030-01-31
value = 6e-23
confidence = 0.95
source = "an example"
"""
POINT = {"g_S": "1e-3", "m_s": "0.5", "c": "1e-4"}


@pytest.fixture(scope="module")
def model() -> g2.Model:
    names = {"g_S": 0, "g_P": 0, "c": -1, "Lambda": 1}
    free = [g2.parameter(n, dimension=d, default=1000 if d == 1 else None) for n, d in names.items()]
    return g2.Model(TEXT, fields=[g2.scalar("s", mass="m_s")], parameters=free)


@pytest.fixture
def limit(tmp_path: Path) -> str:
    path = tmp_path / "edm.toml"
    path.write_text(LIMIT)
    return str(path)


def test_a_value_in_e_cm_is_the_natural_one_times_hbar_c(model: g2.Model) -> None:
    d = model.electric_dipole("mu")
    natural, other = (d.evaluate(40, {**POINT, "g_P": "2e-3"}, unit) for unit in (None, "e_cm"))
    for name, ball in (("sum", natural.ball), *natural.contributions.items()):
        scaled = other.ball if name == "sum" else other.contributions[name]
        assert abs(scaled.midpoint / ball.midpoint - HBAR_C) < HBAR_C / 10**38
    assert (natural.record["unit"], other.record["unit"]) == ("GeV^-1", "e_cm")


def test_windows_are_written_in_the_unit_and_decide_the_same(model: g2.Model, limit: str) -> None:
    d = model.electric_dipole("mu")
    natural, other = (g2.bound(d, "g_P", limit, **POINT, unit=unit) for unit in (None, "e_cm"))
    assert natural.rows == other.rows
    shown = other.as_dict()["window"]
    assert (shown["low"], shown["high"], shown["unit"]) == ("-6e-23", "6e-23", "e_cm")
    kept = natural.as_dict()["window"]
    assert kept["unit"] == "GeV^-1"
    assert abs(Fraction(kept["high"]) * HBAR_C - Fraction("6e-23")) < Fraction("6e-39")
    plane = ("g_P", "1e-4", "1"), ("m_s", "0.1", "1")
    some = {"g_S": "1e-3", "c": "1e-4"}
    maps = [g2.exclusion_map(d, *plane, limit, resolution=32, unit=u, **some) for u in ("GeV^-1", "e_cm")]
    assert maps[0].areas == maps[1].areas
    assert [m.as_dict()["window"]["unit"] for m in maps] == ["GeV^-1", "e_cm"]


def test_irrational_edges_are_scaled_too() -> None:
    window = Window(Edge(Fraction(1), Fraction(-1), Fraction(2)), Edge(Fraction(3)), "interval", None)
    window = Window(window.low, window.high, "interval", Fraction(2), "d(mu)", "GeV^-1", shown="e_cm")
    low, high, unit = window.written(12)
    assert (low, high, unit) == ("-8.17355115038e-15", "5.919809412e-14", "e_cm")


def test_a_scan_stores_values_in_the_unit(model: g2.Model, limit: str, tmp_path: Path) -> None:
    d = model.electric_dipole("mu")
    grid = {"g_P": np.array([0.0, 1e-6, 1e-4, 1e-2]), "m_s": np.array([0.05, 0.5, 50.0])}
    some = {"g_S": "1e-3", "c": "1e-4"}
    natural, other = (g2.scan(d, grid, limit, unit=u, **some) for u in (None, "e_cm"))
    assert (natural["verdict"] == other["verdict"]).all()
    for i, g in enumerate(grid["g_P"].tolist()):
        for j, m in enumerate(grid["m_s"].tolist()):
            want = d.evaluate(25, {**some, "g_P": g, "m_s": m}, "e_cm").ball.midpoint
            assert abs(Fraction(float(other["value"][i, j])) - want) <= Fraction(ACCURACY) * abs(want)
    assert other.as_dict()["unit"] == "e_cm"
    folder = tmp_path / "scan"
    g2.scan(d, grid, limit, output=folder, unit="e_cm", **some)
    with pytest.raises(UsageError, match="the unit differs"):
        g2.scan(d, grid, limit, output=folder, resume=True, unit="GeV^-1", **some)


def test_what_is_rounded_twice_more_is_looked_at_again(
    model: g2.Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An error of 1e-12 exactly is enough for a natural value, and not for one that a unit multiplies."""
    again: list[object] = []

    def value(task: Task, row: object) -> float:
        again.append(row)
        return 1.0

    monkeypatch.setattr(solve, "_one_value", value)
    quantity = model.electric_dipole("mu").quantity
    sums = Coefficient(np.ones(2), np.array([ACCURACY, ACCURACY * (1 - 2.0**-9)]))
    for factor, count in ((Size(Fraction(1)), 0), (Size(HBAR_C), 1)):
        task = Task(quantity, {}, ("g_P",), None, None, {"g_P": 2}, "key", factor)
        again.clear()
        found = solve._values(task, sums, np.zeros(2, bool), {"g_P": np.array([1.0, 2.0])}, (2,))
        assert len(again) == count
        assert (found["value"] == float(factor)).all()


@pytest.mark.parametrize("call", [g2.bound, g2.scan, g2.exclusion_map])
@pytest.mark.parametrize(
    ("unit", "message"), [("inch", "no unit 'inch'"), ("1", "cannot have the unit"), (3, "unit = 3")]
)
def test_a_unit_that_does_not_fit(
    model: g2.Model, limit: str, call: object, unit: object, message: str
) -> None:
    what = {
        g2.bound: ("g_P", limit),
        g2.scan: ({"g_P": np.array([1.0])}, limit),
        g2.exclusion_map: (("g_P", "1e-4", "1"), ("m_s", "0.1", "1"), limit),
    }
    with pytest.raises(UsageError, match=message):
        call(model.electric_dipole("mu"), *what[call], unit=unit, g_S=1, c=1)
    window = Window(Edge(Fraction(0)), Edge(Fraction(1)), "limit", None)
    with pytest.raises(InputError, match="cannot have"):
        window.in_unit("e_cm", "a(mu)")


def test_the_command_line(limit: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "cp.toml"
    path.write_text(
        f'schema = 1\nname = "cp"\nlagrangian = "{TEXT}"\n[fields.s]\nspin = 0\nmass = "m_s"\n'
        + "".join(f"[parameters.{n}]\ndimension = {d}\n" for n, d in (("g_S", 0), ("g_P", 0), ("c", -1)))
        + "[parameters.Lambda]\ndimension = 1\ndefault = 1000\n"
    )
    start = [str(path), "--observable", "d(mu)", "--measurement", limit, "--unit", "e_cm"]
    start += ["--set", "g_S=1e-3", "--set", "c=1e-4"]
    assert main(["bound", *start, "--on", "g_P", "--set", "m_s=0.5"]) == 0
    assert "d(mu) in [-6e-23, 6e-23] e_cm" in capsys.readouterr().out
    plane = ["--x", "m_s=0.1:1", "--y", "g_P=1e-4:1", "--resolution", "16", "--json"]
    assert main(["map", *start, *plane]) == 0
    assert json.loads(capsys.readouterr().out)["window"]["high"] == "6e-23"
    grid = ["--vary", "m_s=0.1:1:3", "--vary", "g_P=1e-4:1:3"]
    assert main(["scan", *start, *grid, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unit"] == "e_cm"
    assert main(["scan", *start, *grid, "--on", "g_S", "--count"]) == 2
    assert "prints no values" in capsys.readouterr().err
    assert main(["bound", *start[:-2], "--on", "g_P", "--set", "m_s=0.5", "--unit", "e_cm"]) == 2
