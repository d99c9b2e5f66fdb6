"""The examples in the docstrings of formulas run."""

import doctest
import importlib

import pytest


@pytest.mark.parametrize(
    "name",
    [
        "base.factors",
        "formulas.factoring",
        "formulas.functions",
        "formulas.masses",
        "formulas.formula",
        "formulas.ratio",
        "formulas.quotients",
    ],
)
def test_the_examples_run(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"g2sym.{name}")).failed == 0
