"""The derived projectors pick F2 and the electric dipole, and nothing else."""

from __future__ import annotations

import pytest

from g2sym.derive.dirac import Traces, product
from g2sym.derive.kinematics import dimension, dot_products, gen, ring
from g2sym.derive.projector import MU, ORDERS, basis_string, contracted, projector
from g2sym.derive.series import invert, split, truncate


@pytest.mark.parametrize("dipole", ["magnetic", "electric"])
@pytest.mark.parametrize("target", [MU, "P", "q"])
def test_projectors_pick_one_form_factor(dipole: str, target: str) -> None:
    one = ring().constant(1)
    trace = Traces(dot_products(), dimension())
    total = 0 * one
    for base, weight in projector(dipole):
        left, right, factor = contracted(base, target)
        element = product(
            {("p",): one, (): one},
            {basis_string(left, dipole): factor},
            {("p'",): one, (): one},
            {basis_string(right, dipole): one},
        )
        total += weight * trace(element)
    by_t = split(truncate(total, ORDERS), "t")
    assert by_t.get(0, 0 * one) == 0
    assert by_t.get(1, 0 * one) == (-2 if target == "P" else 0)


def test_truncated_inverse() -> None:
    t, eps = gen("t"), gen("eps")
    unit = 4 - t + 3 * eps
    assert truncate(unit * invert(unit, ORDERS), ORDERS) == 1
