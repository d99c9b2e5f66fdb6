"""Random declared models against the oracle: explicit Dirac matrices, no code and no formula in common.

Seeds are fixed, so that a failure is reproduced by ``tools/compare_models.py 1 --seed N --kinds ...``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings

sys.path.insert(0, str(Path(__file__).parents[1]))

from oracle.comparison import TREATED, UNTREATED, compare
from oracle.generate import KINDS, RandomModel, models, random_model

TOLERANCE = 1e-10


@pytest.mark.parametrize("kind", KINDS)
def test_one_mediator_of_each_kind(kind: str) -> None:
    if kind in UNTREATED:
        pytest.skip(UNTREATED[kind])
    for seed in range(4):
        model = random_model(Random(seed), (kind,), most=1)
        assert compare(model).worst < TOLERANCE, model.toml()


@settings(max_examples=15)
@given(models(TREATED))
def test_models_that_hypothesis_finds(model: RandomModel) -> None:
    assert compare(model).worst < TOLERANCE, model.toml()


@pytest.mark.long
@pytest.mark.parametrize("seed", range(200))
def test_200_random_models_with_up_to_three_mediators(seed: int) -> None:
    model = random_model(Random(seed), TREATED)
    assert compare(model).worst < TOLERANCE, model.toml()
