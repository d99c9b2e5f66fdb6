"""Certified values: independent references, removable poles, the whole range of masses, precision."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import flint
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.base.balls import working_precision
from g2sym.kernels.closed import ClosedKernel as Kernel
from tests.kernels import exchange
from tests.kernels.forms import paper_forms, z_forms

REFERENCE = Path(__file__).parents[1] / "reference" / "kernels.json"
POINTS = json.loads(REFERENCE.read_text())["dimensionless"]
FORMS = paper_forms()


@pytest.mark.parametrize("name", sorted(FORMS))
def test_reference_values(name: str) -> None:
    kernel = Kernel(FORMS[name])
    for point in POINTS:
        value = kernel.ball({"rho": Fraction(point["r"]) ** 2}, 180)
        with working_precision(200):
            assert abs(value / flint.arb(point[name]) - 1) < 1e-48, point["r"]


@given(
    st.floats(min_value=5e-324, allow_infinity=False), st.integers(20, 700), st.sampled_from(sorted(FORMS))
)
@settings(max_examples=60, deadline=None)
def test_precision_is_delivered_over_the_whole_range(mass: float, bits: int, name: str) -> None:
    rho = (Fraction(mass) / Fraction("0.1056583755")) ** 2
    kernel = Kernel(FORMS[name])
    value = kernel.ball({"rho": rho}, bits)
    assert value.rel_accuracy_bits() >= bits
    finer = kernel.ball({"rho": rho}, 2 * bits + 60)
    with working_precision(3 * bits + 100):
        assert value.overlaps(finer)


@pytest.mark.parametrize("name", ["J_P_Z", "J_S_Z"])
def test_a_removable_pole_is_continuous(name: str) -> None:
    """At rho = zeta the closed form is 0/0; the neighbours on both sides bracket the value."""
    zeta = Fraction("91.1876") ** 2 / Fraction("0.1056583755") ** 2
    kernel = Kernel(z_forms()[name])
    here = kernel.ball({"rho": zeta, "zeta": zeta}, 160)
    step = Fraction(1, 10**12)
    sides = [kernel.ball({"rho": zeta * (1 + s * step), "zeta": zeta}, 160) for s in (-1, 1)]
    assert here.rel_accuracy_bits() >= 150
    with working_precision(200):
        middle = (sides[0] + sides[1]) / 2
        assert abs(here - middle) < 1e-22
        assert abs(sides[1] - sides[0]) < 1e-11


def test_the_regular_point_rho_4() -> None:
    """I_P(4) = 17/2 - 12 ln 2 (arXiv:2506.17750, Eq. (2))."""
    value = Kernel(FORMS["I_P"]).ball({"rho": Fraction(4)}, 300)
    with working_precision(320):
        exact = flint.arb(17) / 2 - 12 * flint.arb(2).log()
        assert abs(value - exact) < flint.arb(2) ** -295


@pytest.mark.parametrize("slot", [10**9, 10**12, 10**40])
def test_a_fermion_far_heavier_than_what_the_loss_is_measured_at(slot) -> None:
    """All digits are lost where the loss is measured: no number of bits follows from that."""
    found = exchange.kernel("fermion", "SS").ball({"rho": Fraction(5, 2), "nu": Fraction(slot)}, 60)
    # for a heavy fermion the chirality flip dominates: 2 e x^2/(e^2 x) integrates to 1/e
    assert abs(Fraction(float(found.mid())) * slot - 1) < Fraction(2, slot) + Fraction(1, 10**15)


@pytest.mark.parametrize("name", sorted(FORMS))
def test_many_values_at_once(name) -> None:
    """Over ten decades, beside a removable pole and exactly on it: all bits asked for, as one by one."""
    closed = Kernel(FORMS[name])
    points = sorted([1e-6, 0.1, 1.0, 3.9999, 4.0, 4.0 + 1e-12, *(2.0**k * 1.37 for k in range(-20, 50))])
    for found, t in zip(closed.balls(points, 110), points, strict=True):
        assert found.rel_accuracy_bits() >= 110
        assert found.overlaps(closed.ball({closed.axis: Fraction(t)}, 200))
