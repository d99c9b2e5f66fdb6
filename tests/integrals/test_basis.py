"""Integrals of two masses in the four functions J21, J11, J20, J02: exact identities, and what is refused."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import pytest

from g2sym.base.balls import working_precision
from g2sym.errors import G2symError
from g2sym.integrals.basis import FUNCTIONS, Reduction, reduce
from g2sym.integrals.feynman import Slot, cutoff_logarithm
from g2sym.integrals.rational import constant, gen
from g2sym.kernels.kernel import Kernel
from tests.cases import CASES, KINDS, load, observable
from tests.kernels import exchange

SIGNS = {"SS": 1, "PP": -1, "VV": 1, "AA": -1}
"""E is sign times e = m_F/m."""


def coefficients(found: Reduction, r: Fraction, e: Fraction) -> dict[tuple[int, int], Fraction]:
    """What multiplies each function at exact slots."""
    slots = {found.boson: r, found.fermion: e}

    def read(value: Any) -> Fraction:
        return Fraction(int(value.p), int(value.q))

    return {key: c.fold(slots.__getitem__, read) for key, c in found.coefficients.items()}


def formula(photon: str, pair: str, r: Fraction, e: Fraction) -> dict[tuple[int, int], Fraction]:
    """The literature's integrands in J_ab, J12 = J11 - J21 and J03 = J02 - J12 put in."""
    sign = SIGNS[pair]
    s = sign * e
    k = (1 - s) ** 2 / r
    j21, j11, j20, j02 = ({key: Fraction(1)} for key in FUNCTIONS)

    def total(*terms):
        out = dict.fromkeys(FUNCTIONS, Fraction(0))
        for factor, function in terms:
            for key, value in function.items():
                out[key] += factor * value
        return out

    j12 = total((1, j11), (-1, j21))
    j03 = total((1, j02), (-1, j12))
    if pair in ("SS", "PP"):
        body = total((1, j21), (s, j20)) if photon == "fermion" else total((-1, j12), (-s, j11))
        return {key: 2 * sign * value for key, value in body.items()}
    if photon == "fermion":
        body = total((2 * (2 * s - 1), j11), (-2, j12), (k, j21), (k * s, j20))
    else:
        body = total((2 * (1 - 2 * s), j02), (2, j03), (-k, j12), (-k * s, j11))
    return {key: 2 * value for key, value in body.items()}


POINTS = [Fraction(n, d) for n, d in ((1, 3), (2, 1), (7, 5), (11, 4), (9, 2), (13, 1), (1, 7))]
"""More than the degree of any coefficient: equal at all of them is equal identically."""


@pytest.mark.parametrize("pair", SIGNS)
@pytest.mark.parametrize("photon", ["fermion", "boson"])
def test_coefficients_are_those_of_the_formulas(photon, pair):
    found = exchange.kernel(photon, pair).reduction
    assert (found.boson, found.fermion, found.growing) == ("rho", "nu", False)
    for r, e in product(POINTS, POINTS):
        want = {key: value for key, value in formula(photon, pair, r, e).items() if value}
        assert {key: value for key, value in coefficients(found, r, e).items() if value} == want


@pytest.mark.parametrize(("photon", "pair"), exchange.CASES)
def test_the_sum_is_the_integrand(photon, pair):
    """As a polynomial in x, with x and 1 - x exchanged where the photon joins the boson."""
    found = exchange.kernel(photon, pair).reduction
    top = exchange.numerator(photon, pair)
    for r, e, x in product(POINTS, POINTS, POINTS[:5]):
        y = x if photon == "fermion" else 1 - x
        whole = sum(c * y**a * (1 - y) ** b for (a, b), c in coefficients(found, r, e).items())
        assert whole == top(x, r, e)


def kernel_base(photon="fermion", pair="SS"):
    return exchange.kernel(photon, pair).integral


def test_two_parameters_are_no_sum_of_these():
    integral = kernel_base()
    assert reduce(integral) is not None
    assert reduce(replace(integral, variables=(*integral.variables, ("y", "0", "1 - x")))) is None
    assert reduce(cutoff_logarithm()) is None


def test_a_logarithm_with_a_boundary_term_is_refused():
    integral = kernel_base()
    x = gen(integral.variables[0][0])
    assert reduce(replace(integral, log=x)) is None
    # the primitive of 2 x - 1 vanishes at both ends; by parts it gives -(x^2 - x) D'
    assert reduce(replace(integral, log=2 * x - 1)) is not None


def test_a_logarithm_without_boundary_is_integrated_by_parts():
    integral = kernel_base()
    x = gen(integral.variables[0][0])
    mixed = replace(integral, log=2 * x - 1)
    found = reduce(mixed)
    for r, e, y in product(POINTS, POINTS, POINTS):
        slope = e * e - r - 1 + 2 * y
        want = 2 * y * y * (1 - y + e) - (y * y - y) * slope
        assert sum(c * y**a * (1 - y) ** b for (a, b), c in coefficients(found, r, e).items()) == want


def test_higher_powers_of_delta_are_refused():
    integral = kernel_base()
    assert reduce(replace(integral, powers=((2, constant(1)),))) is None
    x = gen(integral.variables[0][0])
    assert reduce(replace(integral, powers=((1, x**4),))) is None
    assert reduce(replace(integral, powers=((0, x**2),))) is None  # x^2 Delta has degree 4


def test_another_delta_is_refused():
    integral = kernel_base()
    x, r, e = gen(integral.variables[0][0]), gen("rho"), gen("nu")
    for delta in (
        integral.delta + x * (1 - x),
        2 * integral.delta,
        r * (1 - x) + gen("rho2") * x - x * (1 - x),
        r * (1 - x) + 2 * x - x * (1 - x),
        r * (1 - x) + e * x - x * (1 - x),
        integral.delta + x**2 * (1 - x),
    ):
        slots = (*integral.slots, Slot("rho2", 2)) if "rho2" in delta.generators else integral.slots
        assert reduce(replace(integral, delta=delta, slots=slots)) is None


def test_a_third_mass_is_refused():
    """Coefficients are in the two masses of Delta alone: another would be left out of the sum."""
    integral = kernel_base()
    third = gen("rho2")
    x = gen(integral.variables[0][0])
    slots = (*integral.slots, Slot("rho2", 2))
    assert reduce(replace(integral, powers=((1, third * x**2),), slots=slots)) is None
    assert reduce(replace(integral, divisor=third, slots=slots)) is None


def test_a_divisor_that_is_no_monomial_is_refused():
    integral = kernel_base()
    assert reduce(replace(integral, divisor=gen("rho") - 1)) is None


# every kernel of the reference cases against its canonical closed form ------------------------------
@pytest.fixture(scope="module")
def kernels(tmp_path_factory):
    """All kernels of the cases of one lepton, once each."""
    found: dict[str, Kernel] = {}
    for case in CASES:
        if case["quantity"] not in KINDS:
            continue
        quantity = load(case, tmp_path_factory.mktemp("case")).observable(observable(case))
        for term in quantity.derivation.terms():
            kernel = Kernel.of(term.integral)
            found.setdefault(kernel.key, kernel)
    return list(found.values())


def test_every_kernel_of_one_parameter_reduces(kernels):
    # the Standard Model's loops of W and Z among them; Barr-Zee-type diagrams are of other forms
    count = 0
    for kernel in kernels:
        exchanged = "exchange" in kernel.integral.diagram.kind and len(kernel.integral.variables) == 1
        assert (kernel.reduction is not None) or not exchanged, kernel.integral.diagram
        count += kernel.basis is not None
    assert count >= 8


TINY = Fraction(1, 10**15)
MASSES = {
    "hierarchies": [
        (Fraction(10) ** a, Fraction(10) ** b * Fraction(7, 3))
        for a, b in product((-6, -2, 0, 3, 9), repeat=2)
        if Fraction(10) ** a + Fraction(10) ** b * Fraction(7, 3) > 1
    ],
    "equal masses": [
        (m, m * (1 + k * TINY)) for m in (Fraction(3, 5), Fraction(17), 10**6) for k in (-1, 0, 1)
    ],
    "just below threshold": [
        (1 - e + gap, e)
        for e in (Fraction(1, 1000), Fraction(1, 3), Fraction(999, 1000))
        for gap in (TINY, Fraction(1, 10**40), Fraction(1, 10**6))
    ],
    "pseudothreshold": [
        (e + side * (1 + k * TINY), e)
        for e, side in ((Fraction(3, 2), 1), (Fraction(5), 1), (Fraction(3, 2), -1), (Fraction(5), -1))
        for k in (-1, 0, 1)
    ],
    "fermion of the lepton's mass": [
        (Fraction(1, 10**k), 1 + s * TINY) for k in (0, 3, 8) for s in (-1, 0, 1)
    ],
    "massless fermion": [(m, Fraction(0)) for m in (1 + TINY, Fraction(2), Fraction(10) ** 7)],
}


@pytest.mark.parametrize("where", MASSES)
def test_kernels_in_balls_agree_with_closed_forms(kernels, where):
    """500 bits from the four functions and 500 bits from the canonical form overlap."""
    bits, compared = 500, 0
    for kernel in kernels:
        if kernel.basis is None:
            continue
        for boson, fermion in MASSES[where]:
            for sign in (1, -1) if fermion else (1,):
                values = {
                    kernel.reduction.boson: Fraction(boson) ** 2,
                    kernel.reduction.fermion: sign * fermion,
                }
                if set(values) != {slot.name for slot in kernel.slots}:
                    continue
                found = kernel.basis.ball(values, bits)
                if found is None:
                    assert not fermion
                    assert kernel.reduction.growing
                    continue
                assert found.rel_accuracy_bits() >= bits
                try:
                    want = kernel.closed(values).ball(values, bits)
                except (G2symError, ArithmeticError):  # no closed form of its own at that point
                    continue
                assert want.rel_accuracy_bits() >= bits
                with working_precision(600):
                    assert found.overlaps(want)
                compared += 1
    assert compared >= (24 if where == "massless fermion" else 100)


@pytest.mark.parametrize("where", MASSES)
@pytest.mark.parametrize(("photon", "pair"), exchange.CASES)
def test_derived_kernels_agree_with_integrals_in_balls(photon, pair, where):
    kernel = exchange.kernel(photon, pair)
    # integrals in balls are slow where Delta nearly vanishes at an end
    chosen = MASSES[where][1:2] if where == "massless fermion" else MASSES[where][::3]
    for boson, fermion in chosen:
        values = {"rho": Fraction(boson) ** 2, "nu": fermion}
        found = kernel.basis.ball(values, 100)
        with working_precision(200):
            if not fermion and pair in ("SP", "VA"):
                assert found.is_zero()
                continue
            assert found.rel_accuracy_bits() >= 100
            want = exchange.integral(photon, pair, values["rho"], values["nu"], 160)
            assert want.real.overlaps(found), (boson, fermion)
