"""Neutral mediators of the reference file of general one-loop dipoles: moments and electric dipoles, declared
from their own texts."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import pytest

from g2sym.base.exact import read_number
from g2sym.errors import UsageError
from g2sym.model.model import Model, load_model

CASES = json.loads((Path(__file__).parents[1] / "reference" / "general.json").read_text())["cases"]
KINDS = {"a_l": ("a", None), "d_over_e": ("d", None), "d_e_cm": ("d", "e_cm")}


def neutral(case: dict) -> bool:
    """A case with neutral bosons, below or above threshold, of the quantities that there are."""
    bosons = [f for f in case["fields"].values() if f["spin"] in (0, 1)]
    return case["group"] in "AB" and case["quantity"] in KINDS and all(f["charge"] == "0" for f in bosons)


def declared(case: dict, folder: Path) -> Model:
    """Write the case's model file and load it."""
    lines = ["schema = 1", 'name = "case"', f"lagrangian = '''{case['lagrangian_text']}'''"]
    for name, field in case["fields"].items():
        if field.get("standard"):
            continue
        lines.append(f"[fields.{name}]")
        spin = field["spin"]
        lines.append(f'spin = "{spin}"' if isinstance(spin, str) else f"spin = {spin}")
        lines.append(f'charge = "{field["charge"]}"')
        if field["mass"] != "0":
            lines.append(f'mass = "{field["mass"]}"')
        else:
            lines.append(f'mass = "m_{name}"')
        if "self_conjugate" in field:
            lines.append(f"self_conjugate = {str(field['self_conjugate']).lower()}")
    for name, parameter in case["parameters"].items():
        lines += [f"[parameters.{name}]", f"dimension = {parameter['dimension']}"]
        if parameter.get("complex"):
            lines.append("complex = true")
    path = folder / "case.toml"
    path.write_text("\n".join(lines) + "\n")
    return load_model(path)


def values(case: dict, model: Model) -> dict[str, str]:
    """The inputs that are parameters of the model; a massless field's mass is zero."""
    out = {n: v for n, v in case["inputs"].items() if n not in ("m_e", "m_mu", "m_tau")}
    out |= {f"m_{n}": "0" for n, f in case["fields"].items() if f["mass"] == "0"}
    return out


@pytest.mark.parametrize("case", [c for c in CASES if neutral(c)], ids=lambda c: c["id"])
def test_every_neutral_case_to_45_digits(case: dict, tmp_path: Path) -> None:
    model = declared(case, tmp_path)
    kind, unit = KINDS[case["quantity"]]
    (lepton,) = case["leptons"]
    observable = model.observable(f"{kind}({lepton})")
    want = read_number(case["value"]["re"])
    got = observable.evaluate(48, values(case, model), unit)
    if want == 0:
        assert got.ball.sign == 0
        return
    assert abs(got.ball.midpoint - want) < abs(want) * Fraction(1, 10**45)
    assert got.ball.contains(got.ball.midpoint)
    if unit is None:
        array = observable.lambdify()({**values(case, model)})
        assert abs(array / float(want) - 1) < 1e-12
    other = read_number(case["value"]["im"])
    imaginary = model.observable(f"im({kind}({lepton}))")
    found = imaginary.evaluate(48, values(case, model), unit).ball
    assert abs(found.midpoint - other) <= abs(other) * Fraction(1, 10**45)
    assert (got.imaginary is None) == (case["group"] == "A")
    if case["group"] == "B":
        assert abs(got.imaginary.midpoint - other) < abs(other) * Fraction(1, 10**45)
        assert abs(imaginary.lambdify()(values(case, model)) / float(other) - 1) < 1e-12


@pytest.mark.parametrize("unit", [[], {}, 1])
def test_a_unit_that_is_no_name(unit):
    moment = load_model("dark_photon").electric_dipole("mu")
    with pytest.raises(UsageError, match="give the name of a unit"):
        moment.evaluate(10, unit=unit, m_A=1, eps=1)
