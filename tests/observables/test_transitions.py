"""l -> l' gamma: the reference file, an independent quadrature, limits, symmetries, thresholds, arrays, bounds."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest
from mpmath import mp, mpc, mpf

import g2sym as g2
from g2sym.base.exact import read_number
from g2sym.errors import UnsupportedError, UsageError
from tests.cases import CASES, load, values

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Field
from oracle.transitions import transition, width_factor

NAMES = {
    "A_R": "A_R({} -> {})",
    "A_L": "A_L({} -> {})",
    "BR": "BR({} -> {} A)",
    "L_egamma": "L_egamma({} -> {})",
}
OTHERS = [case for case in CASES if case["quantity"] in NAMES]
MASSES = {"m_e": "0.00051099895069", "m_mu": "0.1056583755", "m_tau": "1.77693"}


def name_of(case: dict) -> str:
    leptons = case["leptons"]
    return NAMES[case["quantity"]].format(*leptons) if len(leptons) == 2 else f"L_egamma({leptons[0]})"


def test_every_case_is_here() -> None:
    assert len(OTHERS) == 25


@pytest.mark.parametrize("case", OTHERS, ids=lambda c: c["id"])
def test_every_case_to_45_digits(case: dict, tmp_path: Path) -> None:
    model, name = load(case, tmp_path), name_of(case)
    got = model.observable(name).evaluate(48, values(case))
    for part, ball in (("re", got.ball), ("im", got.imaginary)):
        want = read_number(case["value"][part])
        if case["quantity"] == "BR":
            assert got.imaginary is None
            if part == "im":
                continue
        assert abs(ball.midpoint - want) <= abs(want) * Fraction(1, 10**45)
        own = model.observable(name if case["quantity"] == "BR" else f"{part}({name})")
        array = own.lambdify()(values(case))
        assert array == want or abs(array / float(want) - 1) < 1e-12


# random models against quadrature ------------------------------------------------------------------
def number(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator


def close(got: g2.Evaluation, want: mpc, digits: int, scale: mpf) -> None:
    off = abs(mpc(number(got.ball.midpoint), number(got.imaginary.midpoint)) - want)
    assert off <= mpf(10) ** -digits * scale


def random_model(seed: int) -> tuple:
    """Text, fields for both, parameters and values of an exchange with complex couplings."""
    random = Random(seed)
    first, second = random.choice([("tau", "mu"), ("tau", "e"), ("mu", "e"), ("e", "mu"), ("mu", "tau")])
    vector = bool(seed % 2)
    gamma = "gamma(al)*" if vector else ""
    kind = random.choice(["neutral", "charged", "both", "cc", "inside"])
    if vector and kind == "cc":
        kind = "both"
    boson = "V(al)" if vector else "V"
    parts = "LR"
    coupling = {n: f"({n}_L*PL + {n}_R*PR)" for n in ("y", "k")}
    names = [f"{n}_{p}" for n in ("y", "k") for p in parts]
    colour = random.choice([1, 3]) if kind in ("charged", "both") else 1
    scale = random.choice([1, 30])
    mass, heavy = str(random.randint(30, 90) * scale), str(random.choice([0, 7, 40 * scale, 300]))
    if kind == "inside":
        inner = next((lepton for lepton in ("e", "mu", "tau") if lepton not in (first, second)), "")
        text = f"{boson}*bar({inner})*{gamma}{coupling['y']}*{first} + {boson}*bar({inner})*{gamma}"
        text += f"{coupling['k']}*{second} + hc"
        charge, fermion = Fraction(0), None
    else:
        charge = {"neutral": Fraction(0), "charged": Fraction(1)}.get(
            kind, Fraction(random.randint(-5, 5), 3)
        )
        if kind == "cc":
            charge = Fraction(2)
            text = f"V*bar(cc({first}))*{coupling['y']}*{first} + V*bar(cc({first}))*{coupling['k']}*{second}"
            text += " + hc"
            fermion = None
        else:
            fermion = charge - 1
            text = (
                f"{boson}*bar(N)*{gamma}{coupling['y']}*{first} + {boson}*bar(N)*{gamma}{coupling['k']}"
                f"*{second} + hc"
            )
    given = {}
    for name in names:
        for part in ("re", "im"):
            given[f"{part}_{name}"] = f"{random.randint(-99, 99)}/100"
    return text, (first, second), vector, charge, mass, fermion, heavy, colour, given


@pytest.mark.parametrize("seed", range(24))
def test_random_models_against_quadrature(seed: int) -> None:
    """Both form factors of neutral, charged and doubly charged exchanges, complex couplings, colours."""
    text, (first, second), vector, charge, mass, fermion, heavy, colour, given = random_model(seed)
    spin = Fraction(1 if vector else 0)
    real = charge == 0 and fermion is None
    make = g2.vector if vector else g2.scalar
    exact = {name: str(Fraction(v)) for name, v in given.items()}
    boson_colour = {"colour": colour} if colour == 3 else {}
    fields = [make("V", mass="m_V", charge=charge, self_conjugate=real, **boson_colour)]
    theirs = {"V": Field("V", spin, charge, Fraction(mass), real, colour)}
    if fermion is not None:
        fields.append(g2.fermion("N", mass="m_N", charge=fermion, **boson_colour))
        theirs["N"] = Field("N", Fraction(1, 2), fermion, Fraction(heavy), False, colour)
    names = dict.fromkeys(n[3:] for n in given)
    parameters = [g2.parameter(n, complex=True) for n in names]
    model = g2.Model(text, fields=fields, parameters=parameters, inputs=MASSES)
    point = {**exact, "m_V": mass, **({} if fermion is None else {"m_N": heavy})}
    with mp.workdps(32):
        right, left = transition(text, theirs, {**exact, **MASSES}, first, second)
        scale = max(abs(right), abs(left))
        assert scale > 0
        for name, want in (("A_R", right), ("A_L", left)):
            got = model.observable(f"{name}({first} -> {second})").evaluate(40, point)
            close(got, want, 25, scale)
