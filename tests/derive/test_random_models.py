"""Random declared models against the oracle: explicit Dirac matrices, no code and no formula in common.

Seeds are fixed, so that a failure is reproduced by ``tools/compare_models.py 1 --seed N --kinds ...``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from mpmath import mp, mpf

from g2sym.inputs import load_inputs

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle import Moments, moments
from oracle.comparison import compare
from oracle.generate import KINDS, RandomModel, models, random_model

TOLERANCE = 1e-10
LIGHT = tuple(kind for kind in KINDS if kind not in ("w-boson", "z-boson"))
"""Mediators that a lepton may decay into."""


@pytest.mark.parametrize("kind", KINDS)
def test_one_mediator_of_each_kind(kind: str) -> None:
    for seed in range(3):
        model = random_model(Random(seed), (kind,), most=1)
        assert compare(model).worst < TOLERANCE, model.toml()


@settings(max_examples=10)
@given(models())
def test_models_that_hypothesis_finds(model: RandomModel) -> None:
    assert compare(model).worst < TOLERANCE, model.toml()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200))
def test_200_random_models_with_up_to_three_mediators(seed: int) -> None:
    model = random_model(Random(seed))
    difference = compare(model, arrays=True)
    assert difference.worst < TOLERANCE, model.toml()
    assert difference.arrays < 1e-12, model.toml()


@pytest.mark.parametrize("kind", LIGHT)
def test_real_and_imaginary_parts_above_a_threshold(kind: str) -> None:
    for seed in range(2):
        model = random_model(Random(seed), (kind,), most=1, above=True)
        assert compare(model).worst < TOLERANCE, model.toml()


Z, W, TAU = (
    "Z(al)*bar(mu)*gamma(al)*(y - z*gamma5)*mu",
    "W(al)*bar(nu_mu)*gamma(al)*(v*PL + w*PR)*mu + hc",
    "Z(al)*bar(mu)*gamma(al)*(v*PL + w*PR)*tau + hc",
)
OWN = {
    "Z": "-g_w/c_w*Z(al)*bar(mu)*gamma(al)*(PL*(-1/2 + s_2) + PR*s_2)*mu",
    "W": "-g_w/sqrt(2)*W(al)*bar(nu_mu)*gamma(al)*PL*mu + hc",
}
"""The Standard Model's couplings: D = d + i e Q A, B = c A - s Z, W3 = s A + c Z; s_2 = s^2, g_w = e/s."""


class WithStandardModel(RandomModel):
    """New couplings for g2sym; the oracle has the Standard Model's beside them."""

    def expected(self, digits: int = 25) -> Moments:
        own = [f"+ ({OWN[name]})" for name in self.standard]
        return moments("\n".join([self.text, *own]), {}, self.known | standard_couplings(), "mu", digits)


def standard_couplings() -> dict[str, str]:
    """g_w, c_w and s_2 of `OWN` from g2sym's inputs, to 50 digits."""
    with mp.workdps(60):
        sine2, inverse = (
            mpf(v.numerator) / v.denominator
            for v in (load_inputs().value(n) for n in ("sin2_theta_w", "alpha_inverse"))
        )
        rows = {"g_w": mp.sqrt(4 * mp.pi / inverse / sine2), "c_w": mp.sqrt(1 - sine2), "s_2": sine2}
        return {name: mp.nstr(value, 50) for name, value in rows.items()}


@pytest.mark.parametrize("terms", [[Z], [W], [Z, TAU], [Z, W]])
def test_new_couplings_of_w_and_z_add_to_the_standard_models(terms: list[str]) -> None:
    """What is new in a and d: all couplings together less the Standard Model's alone."""
    parameters = {n: n in "vw" for n in "yzvw" if any(f"{n}*" in t or f"({n} -" in t for t in terms)}
    numbers = {"y": "0.21", "z": "-0.34", "re_v": "0.11", "im_v": "0.27", "re_w": "-0.08", "im_w": "0.19"}
    values = {n: v for n, v in numbers.items() if n[-1] in parameters}
    standard = {term[0] for term in terms}
    model = WithStandardModel((), "mu", terms, {}, parameters, values, standard=standard)
    own = moments(
        "\n".join(f"+ ({OWN[name]})" for name in standard), {}, model.known | standard_couplings(), "mu"
    )
    assert own.size_a > 1e-9
    assert compare(model, less=own).worst < TOLERANCE
