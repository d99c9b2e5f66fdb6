"""Polynomials over whatever generators they need, and integrals whose slots have any names."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.arrays.sources import KernelSource
from g2sym.base.factors import rational
from g2sym.derive.assemble import neutral_kernel
from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.errors import UnsupportedError
from g2sym.integrals.expansion import leading, toward
from g2sym.integrals.feynman import FeynmanIntegral, Slot
from g2sym.integrals.polynomials import Poly, constant, from_terms, gen
from g2sym.integrals.rational import Frac
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.monotone import parts
from g2sym.kernels.quadrature import integrate_ball
from g2sym.proofs.integrals import prove_closed_form

NAMES = ("x", "rho", "nu", "m_1", "zz")


@st.composite
def polynomials(draw: st.DrawFn) -> tuple[Poly, dict[tuple[int, ...], int]]:
    """A polynomial in some generators, and the same as plain terms over all of them."""
    names = draw(st.permutations(NAMES).map(lambda p: tuple(p[:3])))
    terms = draw(st.dictionaries(st.tuples(*[st.integers(0, 3)] * 3), st.integers(-5, 5), max_size=4))
    plain = {}
    for powers, value in terms.items():
        key = tuple(dict(zip(names, powers, strict=True)).get(n, 0) for n in NAMES)
        plain[key] = value
    return from_terms(terms, names), plain


def value(plain: dict[tuple[int, ...], int], at: list[Fraction]) -> Fraction:
    total = Fraction(0)
    for powers, factor in plain.items():
        term = Fraction(factor)
        for base, power in zip(at, powers, strict=True):
            term *= base**power
        total += term
    return total


AT = [Fraction(2, 3), Fraction(5), Fraction(-7, 2), Fraction(1, 9), Fraction(11)]


def number(poly: Poly) -> Fraction:
    found = poly.fold(dict(zip(NAMES, AT, strict=True)).__getitem__, rational)
    return Fraction(found)


@given(polynomials(), polynomials())
def test_arithmetic_joins_rings(a, b):
    (p, x), (q, y) = a, b
    assert number(p + q) == value(x, AT) + value(y, AT)
    assert number(p - q) == value(x, AT) - value(y, AT)
    assert number(p * q) == value(x, AT) * value(y, AT)
    assert number(3 - p) == 3 - value(x, AT)
    assert (p == q) == (number(p - q) == 0 and (p - q) == 0)
    assert p * q == q * p
    assert hash(p * q) == hash(q * p)
    assert str(p + q) == str(q + p)  # one order of the generators, whoever came first
    if q != 0:
        assert (p * q) / q == p
        assert Frac.of(p * q, q * q) == Frac.of(p, q)
        quotient, rest = divmod(p * q, q)
        assert (quotient, rest) == (p, 0)


@given(polynomials(), polynomials())
def test_substitution_powers_and_calculus(a, b):
    (p, x), (q, _) = a, b
    moved = p.substitute({"rho": q})
    at = dict(zip(NAMES, AT, strict=True)) | {"rho": number(q)}
    assert number(moved) == value(x, [at[n] for n in NAMES])
    assert sum((c * gen("nu") ** k for k, c in p.by_powers("nu").items()), constant(0)) == p
    assert p.integral("zz").derivative("zz") == p
    assert p.derivative("absent") == 0
    assert p.generators == {
        n for powers, v in x.items() if v for n, k in zip(NAMES, powers, strict=True) if k
    }


def renamed(integral: FeynmanIntegral, names: dict[str, str]) -> FeynmanIntegral:
    """The same integral with slots of other names."""
    moved = integral.substitute({old: gen(new) for old, new in names.items()})
    slots = tuple(Slot(names[s.name], s.power) for s in integral.slots)
    thresholds = tuple(tuple(names[n] for n in group) for group in integral.thresholds)
    return replace(moved, slots=slots, thresholds=thresholds)


STRINGS = [((), 0), ((GAMMA5,), 0), ((BOSON,), 1), ((GAMMA5, BOSON), 1)]
OTHER = {"rho": "M_heavy", "nu": "inner_2"}


@pytest.mark.parametrize(("string", "spin"), STRINGS)
def test_slots_may_have_any_names(string, spin):
    plain = neutral_kernel(string, string, spin)
    other = renamed(plain, OTHER)
    a, b = Kernel.of(plain), Kernel.of(other)
    assert a.key != b.key
    for rho, nu in (
        (Fraction(7, 3), Fraction(5, 4)),
        (Fraction(40), Fraction(-1, 3)),
        (Fraction(9), Fraction(0)),
    ):
        ours = a.ball({"rho": rho, "nu": nu}, 150)
        theirs = b.ball({"M_heavy": rho, "inner_2": nu}, 150)
        assert ours.overlaps(theirs)
        assert theirs.rel_accuracy_bits() >= 150
        if nu:
            direct = integrate_ball(other, {"M_heavy": rho, "inner_2": nu}, 120)
            assert direct.overlaps(theirs)
    assert prove_closed_form(other).verdict == "proved"
    one = leading(a.form, toward("rho", "oo"), 2)
    two = leading(b.form, toward("M_heavy", "oo"), 2)
    assert [(e, j) for e, j, _ in one.terms] == [(e, j) for e, j, _ in two.terms]
    fixed = {"inner_2": Fraction(2)}
    assert len(parts(other, "M_heavy", fixed)) == len(parts(plain, "rho", {"nu": Fraction(2)}))
    unit = Fraction("0.1056583755")
    source = KernelSource(b, fixed, unit, "m_X", "M_heavy")
    masses = np.array([0.3, 5.0] if spin else [0.0, 0.3, 5.0])  # a heavier vector's own limit diverges
    got = source.doubles({"m_X": masses})
    want = KernelSource(a, {"nu": Fraction(2)}, unit, "m_B", "rho").doubles({"m_B": masses})
    assert np.allclose(got, want, rtol=1e-15)


def test_thresholds_follow_the_slots():
    kernel = Kernel.of(renamed(neutral_kernel((), (), 0), OTHER))
    assert kernel.threshold("M_heavy", {"inner_2": Fraction(1, 4)}) == Fraction(9, 16)
    assert kernel.threshold("M_heavy", {"inner_2": Fraction(2)}) == 0
    assert kernel.threshold("inner_2", {"M_heavy": Fraction(1, 4)}) >= Fraction(1, 2)
    names = {"M_heavy": "m_S", "inner_2": "m_N"}
    kernel.check({"M_heavy": Fraction(9, 16) + Fraction(1, 10**9), "inner_2": Fraction(-1, 4)}, names, "m_mu")
    with pytest.raises(UnsupportedError, match=r"m_S \+ m_N is not above m_mu"):
        kernel.check({"M_heavy": Fraction(9, 16), "inner_2": Fraction(-1, 4)}, names, "m_mu")


def test_a_logarithm_knows_whether_its_mass_may_be_negative():
    kernel = Kernel.of(neutral_kernel((), (), 0))
    both = [kernel.ball({"rho": Fraction(3), "nu": nu}, 100) for nu in (Fraction(2), Fraction(-2))]
    assert not both[0].overlaps(both[1])
    opposite = Kernel.of(neutral_kernel((GAMMA5,), (GAMMA5,), 0))
    assert (-opposite.ball({"rho": Fraction(3), "nu": Fraction(-2)}, 100)).overlaps(both[0])
