"""The cases of the reference file of general one-loop dipoles, as model files and as declarations in Python.

What is needed of a case: `toml_text`, `load` (through a file) or `declare_case` (through `declare`), and
`values`, the parameters to evaluate with. Masses of the Standard Model, alpha and G_F are inputs.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

from g2sym.base.coefficients import Coefficient
from g2sym.inputs.constants import NAMES, QUARKS, STANDS_FOR
from g2sym.lagrangian import Declaration, Field, Parameter, declare, new_field
from g2sym.lagrangian.names import LEPTONS
from g2sym.model.model import Model, load_model

Case = dict[str, Any]
CASES: list[Case] = json.loads((Path(__file__).parent / "reference" / "general.json").read_text())["cases"]
IDS = [case["id"] for case in CASES]
KINDS = {"a_l": ("a", None), "d_over_e": ("d", None), "d_e_cm": ("d", "e_cm")}
"""Quantities of one lepton: the observable, and the unit where it is not the natural one."""


def own_fields(case: Case) -> dict[str, dict[str, Any]]:
    """The fields that the case declares, those of the Standard Model left out."""
    return {name: field for name, field in case["fields"].items() if not field.get("standard")}


def toml_text(case: Case) -> str:
    """Return the case as the text of a model file."""
    lines = ["schema = 1", 'name = "case"', f"lagrangian = '''{case['lagrangian_text']}'''"]
    lines += ["[conventions]", f'standard_model = "{standard_model(case)}"']
    for name, field in own_fields(case).items():
        lines.append(f"[fields.{name}]")
        lines += [f"{key} = {_toml(value)}" for key, value in field.items()]
    for name, parameter in case["parameters"].items():
        lines.append(f"[parameters.{name}]")
        lines += [f"{key} = {_toml(value)}" for key, value in parameter.items() if value is not None]
    return "\n".join(lines) + "\n"


def standard_model(case: Case) -> str:
    """Return whether W and Z have their own couplings besides: those of a case are all there are."""
    return "absent" if any(field.get("standard") for field in case["fields"].values()) else "present"


def load(case: Case, folder: Path) -> Model:
    """Write the case's model file and load it with the case's inputs."""
    path = folder / "case.toml"
    path.write_text(toml_text(case))
    return load_model(path, inputs(case))


def declare_case(case: Case) -> Declaration:
    """Declare the case in Python, from its text, its fields and its parameters."""
    fields: list[Field] = []
    parameters: list[Parameter] = [
        Parameter(name=name, dimension=p["dimension"], complex=bool(p.get("complex")))
        for name, p in case["parameters"].items()
    ]
    for name, f in own_fields(case).items():
        own = {key: f[key] for key in ("self_conjugate", "colour") if key in f}
        massless = f["mass"] == "0"
        mass = f"m_{name}" if massless else f["mass"]
        fields.append(new_field(name, Fraction(f["spin"]), mass, f["charge"], **own))
        if massless:
            parameters.append(Parameter(name=mass, dimension=1, default=Coefficient.number(0)))
    conventions = {"standard_model": standard_model(case)}
    return declare(
        case["lagrangian_text"], "case", fields=fields, parameters=parameters, conventions=conventions
    )


def inputs(case: Case) -> dict[str, str]:
    """Return what the case fixes of the inputs."""
    own = {field["mass"] for field in own_fields(case).values()}
    named = {"alpha_inverse" if n == "alpha_inv" else n: v for n, v in case["inputs"].items()}
    return {n: v for n, v in named.items() if n in (*NAMES, *QUARKS, *STANDS_FOR) and n not in own}


def values(case: Case) -> dict[str, str]:
    """Return the values of the case's parameters and of the masses of its own fields."""
    own = {field["mass"] for field in own_fields(case).values()}
    names = {*own, *case["parameters"]}
    names |= {
        f"{part}_{n}" for n, p in case["parameters"].items() if p.get("complex") for part in ("re", "im")
    }
    return {n: v for n, v in case["inputs"].items() if n in names}


def observable(case: Case) -> str:
    """Return the name of the observable of a case of one lepton."""
    (lepton,) = case["leptons"]
    assert lepton in LEPTONS
    return f"{KINDS[case['quantity']][0]}({lepton})"


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value)
