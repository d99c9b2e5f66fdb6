"""Every entry of the reference file on widths and cross-sections, computed from the Lagrangian on.

`CASES` maps the file's names and inputs to observables and parameters. Electrons without mass there have
m_e = 1e-60 GeV here: what is left of it is far below the digits that the file has.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path

import pytest

from g2sym.base.exact import read_number
from g2sym.lagrangian.modelfile import parse_declaration
from g2sym.model.model import Model, load_model
from g2sym.model.observable import Observable

ROWS = json.loads((Path(__file__).parents[1] / "reference" / "rates.json").read_text(encoding="utf-8"))
DIGITS = 40
# model, mediator, lepton coupling, mass, photon coupling, coupling to photon and Z
MODELS = {
    "P": ("alp", "a", "g_aff", "m_a", "g_agg", "g_agZ"),
    "S": ("scalar", "s", "g_sff", "m_s", "g_sgg", "g_sgZ"),
    "V": ("dark_photon", "Ap", "eps", "m_A", None, None),
    "A": ("axial_vector", "Ap", "eps", "m_A", None, None),
}
INPUTS = {
    **{"m_e": "0.51099895069e-3", "m_mu": "0.1056583755", "m_tau": "1.77693"},
    **{"alpha_inverse": "137.035999177", "sin2_theta_w": "0.23122"},
    **{"m_Z": "91.1876", "Gamma_Z": "2.4955", "m_Jpsi": "3.0969", "m_Upsilon": "9.4604"},
}
MASSLESS = "1e-60"
LEPTONS = {"0.1056583755": "mu", "0.00051099895069": "e"}
GENERAL = """
schema = 1
name = "general"
lagrangian = '''
(phi*bar(F1)*(sqrt(g_1) + sqrt(g_2)*gamma5)*F2 + hc)
+ (V(al)*bar(F1)*gamma(al)*(sqrt(g_3) + sqrt(g_4)*gamma5)*F2 + hc)
'''
[fields.phi]
spin = 0
self_conjugate = false
[fields.V]
spin = 1
self_conjugate = false
[fields.F1]
spin = "1/2"
[fields.F2]
spin = "1/2"
"""
GENERAL += "".join(f"[parameters.g_{n}]\ndimension = 0\ndefault = 0\n" for n in (1, 2, 3, 4))


@dataclass(frozen=True)
class Case:
    """An observable of a model at a point; ``part`` names one contribution to it."""

    model: str
    observable: str
    values: dict[str, object]
    part: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    link: str = ""
    over: str = ""


def mediated(kind: str, lepton: str, photon: str, between: str = "0") -> tuple[str, str, dict[str, object]]:
    """Model, mediator and couplings of one of the four kinds."""
    model, name, coupling, _, photons, z = MODELS[kind]
    values: dict[str, object] = {coupling: lepton}
    if photons and z:
        values |= {photons: photon, z: between}
    return model, name, values


def production(name: str, row: dict[str, str], kinds: str) -> Iterator[Case]:
    """e+e- or mu+mu- to photon and mediator, for some kinds."""
    mass = next((row[n] for n in ("m", "m_e") if n in row), MASSLESS)
    lepton = LEPTONS.get(mass, "e")
    for kind in kinds:
        photon = row.get("g_gg", "0")
        coupling = row.get("coupling", row.get("g_l", "0"))
        model, mediator, values = mediated(kind, coupling, photon, row.get("g_gZ", "0"))
        values |= {MODELS[kind][3]: row["M"], "sqrt_s": row["sqrt_s"]}
        values |= {new: row[old] for old, new in (("cos", "cos"), ("c0", "cos_max")) if old in row}
        part = "photon-lepton" if name == "sigma_gamX_interference" else ""
        inputs = {"m_e": MASSLESS} if mass not in LEPTONS else {}
        written = "dsigma" if name.startswith("dsigma") else "sigma"
        yield Case(model, f"{written}({lepton} bar({lepton}) -> A {mediator})", values, part, inputs)


def width_ll(row: dict[str, str]) -> Iterator[Case]:
    model, name, values = mediated(row["kind"], row["coupling"], "0")
    lepton = LEPTONS[row["m"]]
    mass = {MODELS[row["kind"]][3]: row["M"]}
    yield Case(model, f"Gamma({name} -> {lepton} bar({lepton}))", values | mass)


def through_photons(kinds: str, observable: str, row: dict[str, str]) -> Iterator[Case]:
    """Decays of and to S and P without a lepton coupling."""
    for kind in kinds:
        model, name, values = mediated(kind, "0", row.get("g", "0"), row.get("g_gZ", "0"))
        inputs = {"m_Z": row["m_Z"]} if "m_Z" in row else {}
        yield Case(model, observable.format(name), values | {MODELS[kind][3]: row["M"]}, "", inputs)


def general(name: str, row: dict[str, str]) -> Iterator[Case]:
    parent, couplings = ("phi", ("g_1", "g_2")) if "spin0" in name else ("V", ("g_3", "g_4"))
    masses = {f"m_{parent}": row["M"], "m_F1": row["m1"], "m_F2": row["m2"]}
    squares = [v for n, v in row.items() if n.startswith("|")]  # |C_S|^2 and so on
    values = dict(zip(couplings, squares, strict=True))
    yield Case("general", f"Gamma({parent} -> F1 bar(F2))", masses | values)


def linked(observable: str, row: dict[str, str]) -> Iterator[Case]:
    """Branching ratios and lifetimes with couplings to leptons that go with their masses."""
    kind = row["kind"]
    model, name, coupling, mass, photons, _ = MODELS[kind]
    values = {f"{coupling}[mu]": row["g_mumu"], photons: row["g_gg"], mass: row["M"]}
    yield Case(model, observable.format(name), values, link=coupling)


def decay_length(row: dict[str, str]) -> Iterator[Case]:
    model, name, values = mediated(row["kind"], row["eps"], "0")
    yield Case(model, f"decay_length({name})", values | {"m_A": row["M"], "energy": row["E"]})


def meson(row: dict[str, str]) -> Iterator[Case]:
    """The quotient of widths of a vector meson; of a massless electron."""
    own = {"3.0969": "Jpsi", "9.4604": "Upsilon"}[row["m_V"]]
    for case in through_photons("PS", f"BR({own} -> A {{}})", {"g": row["g_gg"], "M": row["M"]}):
        yield Case(
            case.model,
            case.observable,
            case.values,
            inputs={"m_e": MASSLESS},
            over=f"BR({own} -> e bar(e))",
        )


CASES: dict[str, Callable[[dict[str, str]], Iterator[Case]]] = {
    "width_ll": width_ll,
    "width_gamgam": lambda row: through_photons("PS", "Gamma({} -> A A)", row),
    "width_spin0_general": lambda row: general("spin0", row),
    "width_spin1_general": lambda row: general("spin1", row),
    "width_X_gamZ": lambda row: through_photons("PS", "Gamma({} -> A Z)", row),
    "width_Z_gamX": lambda row: through_photons("PS", "Gamma(Z -> A {})", row),
    "branching_gamgam": lambda row: linked("BR({} -> A A)", row),
    "branching_mumu": lambda row: linked("BR({} -> mu bar(mu))", row),
    "lifetime": lambda row: linked("lifetime({})", row),
    "decay_length": decay_length,
    "sigma_gamX_photon": lambda row: production("sigma_gamX_photon", row, "PS"),
    "sigma_gamX_photon_cut": lambda row: production("sigma_gamX_photon_cut", row, "PS"),
    "dsigma_gamX_photon_massive": lambda row: production("dsigma_gamX_photon_massive", row, "PS"),
    "sigma_gamX_photon_Z": lambda row: production("sigma_gamX_photon_Z", row, "PS"),
    "sigma_gamX_lepton": lambda row: production("sigma_gamX_lepton", row, row["kind"]),
    "dsigma_gamX_lepton": lambda row: production("dsigma_gamX_lepton", row, row["kind"]),
    "sigma_gamX_lepton_cut": lambda row: production("sigma_gamX_lepton_cut", row, row["kind"]),
    "sigma_gamX_interference": lambda row: production("sigma_gamX_interference", row, row["kind"]),
    "ratio_V_gamX": meson,
}


@cache
def model_of(name: str, link: str, inputs: tuple[tuple[str, str], ...]) -> Model:
    given = {**INPUTS, **dict(inputs)}
    if name == "general":
        return Model(parse_declaration(GENERAL.encode(), name), given)
    found = load_model(name, given)
    return found.with_flavour(**{link: "mass"}) if link else found


def observable_of(case: Case) -> Observable:
    model = model_of(case.model, case.link, tuple(case.inputs.items()))
    return model.observable(f"{case.observable}/{case.over}" if case.over else case.observable)


def points() -> Iterator[object]:
    for row in ROWS:
        for number, case in enumerate(CASES[row["observable"]](row["inputs"])):
            yield pytest.param(row, case, id=f"{row['id']}-{number}")


POINTS = list(points())


def tolerance(text: str) -> Fraction:
    """Two units of the last digit printed, relative."""
    digits = text.lower().split("e")[0].replace(".", "").lstrip("-0")
    return Fraction(2, int(digits))


@pytest.mark.parametrize(("row", "case"), POINTS)
def test_values_of_the_reference_are_met_to_their_digits(row: dict[str, str], case: Case) -> None:
    found = observable_of(case).evaluate(DIGITS, params=case.values)
    ball = found.contributions[case.part] if case.part else found.ball
    expected = Fraction(str(row["value"]))
    assert abs(ball.midpoint / expected - 1) < tolerance(str(row["value"]))


@pytest.mark.parametrize(("row", "case"), POINTS)
def test_arrays_have_the_values_of_the_reference(row: dict[str, str], case: Case) -> None:
    if case.part:
        pytest.skip("arrays are of the sum of contributions")
    numbers = {n: float(read_number(str(v))) for n, v in case.values.items()}
    found = observable_of(case).lambdify()(params=numbers)
    assert abs(float(found) / float(Fraction(str(row["value"]))) - 1) < 1e-12


def test_every_reference_is_in_the_table() -> None:
    assert {row["observable"] for row in ROWS} == set(CASES)
    assert len(ROWS) == 40
