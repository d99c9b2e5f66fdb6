"""The four functions of two masses in balls, against quadrature, series and symmetry."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import mpmath
import pytest
from flint import arb, fmpq

from g2sym.base.balls import working_precision
from g2sym.integrals.basis import FUNCTIONS
from g2sym.kernels import basis
from tests.kernels import exchange

TINY = Fraction(1, 10**15)


def functions(boson: Fraction, fermion: Fraction, bits: int) -> dict:
    """J_ab at exact ratios of masses."""
    with working_precision(bits):
        mu = arb(fmpq(boson.numerator, boson.denominator))
        return basis.functions(mu * mu, arb(fmpq(fermion.numerator, fermion.denominator)), mu)


def quadrature(powers: tuple[int, int], boson: Fraction, fermion: Fraction) -> mpmath.mpf:
    """int x^a (1-x)^b/D, cut where D is least and at decades from both ends."""
    a, b = powers
    d0 = mpmath.mpf(boson.numerator) ** 2 / mpmath.mpf(boson.denominator) ** 2
    d1 = mpmath.mpf(fermion.numerator) ** 2 / mpmath.mpf(fermion.denominator) ** 2
    body = lambda x, y: x**a * y**b / (d0 * y + d1 * x - x * y)  # noqa: E731
    ends = [mpmath.mpf(10) ** -k for k in range(36, 1, -2)]
    least = (1 + d0 - d1) / 2
    inner = [mpmath.mpf(1) / 10, *([least] if 0.1 < least < 0.5 else []), mpmath.mpf(1) / 2]
    low = mpmath.quad(lambda x: body(x, 1 - x), [0, *ends, *inner])
    inner = [mpmath.mpf(1) / 10, *([1 - least] if 0.5 < least < 0.9 else []), mpmath.mpf(1) / 2]
    return low + mpmath.quad(lambda y: body(1 - y, y), [0, *ends, *inner])


POINTS = [
    (Fraction(3), Fraction(2)),
    (Fraction(1, 2), Fraction(3, 4)),
    (Fraction(1, 1000), Fraction(1)),
    (Fraction(1, 100), Fraction(101, 100)),
    (Fraction(101, 100), Fraction(1, 100)),
    (Fraction(1000), Fraction(1, 1000)),
    (Fraction(1, 50), Fraction(400)),
    (Fraction(5, 2), Fraction(3, 2)),  # pseudothreshold M - m_F = m
    (Fraction(3, 2), Fraction(5, 2)),
    (Fraction(5, 2), Fraction(3, 2) + TINY),
    (Fraction(1, 2) + Fraction(1, 64), Fraction(1, 2)),
    (Fraction(200), Fraction(200)),
    (Fraction(200), Fraction(200) * (1 + TINY)),
]


@pytest.mark.parametrize("at", range(len(POINTS)))
def test_functions_are_the_integrals(at):
    boson, fermion = POINTS[at]
    found = functions(boson, fermion, 300)
    with mpmath.workdps(40):
        for key in FUNCTIONS:
            want = quadrature(key, boson, fermion)
            mine = mpmath.mpf(found[key].mid().str(45, radius=False))
            assert abs(mine / want - 1) < mpmath.mpf(10) ** -30, key


@pytest.mark.parametrize("boson", [Fraction(101, 100), Fraction(3), Fraction(1000)])
def test_a_massless_fermion(boson):
    found = functions(boson, Fraction(0), 300)
    assert not found[2, 0].is_finite()
    d0 = boson**2
    with mpmath.workdps(40):
        for a, b in ((2, 1), (1, 1), (0, 2)):
            # a factor 1 - x cancels: D = (1 - x) (d0 - x)
            want = mpmath.quad(
                lambda x, a=a, b=b: (
                    x**a * (1 - x) ** (b - 1) / (mpmath.mpf(d0.numerator) / d0.denominator - x)
                ),
                [0, 0.5, 0.9, 0.99, 0.999, 1],
            )
            mine = mpmath.mpf(found[a, b].mid().str(45, radius=False))
            assert abs(mine / want - 1) < mpmath.mpf(10) ** -30


@pytest.mark.parametrize("gap", [Fraction(1, 10**4), TINY, Fraction(1, 10**60)])
@pytest.mark.parametrize("fermion", [Fraction(1, 10**6), Fraction(1, 3), Fraction(10**6 - 1, 10**6)])
def test_next_to_threshold(gap, fermion):
    """Against integrals in balls on a contour around the two poles, and against the peak next to the axis."""
    boson = 1 - fermion + gap
    found = functions(boson, fermion, 900)
    kernels = {(2, 0): ("fermion", "SP", 2 * fermion), (1, 1): ("boson", "SP", -2 * fermion)}
    for key, (photon, pair, factor) in kernels.items():
        assert found[key].rel_accuracy_bits() > 400
        if gap < TINY:
            # int x^a (1-x)^b/D is pi x0^a (1-x0)^b/sqrt(gap ...) to leading order, x0 = m_M/(M + m_F)
            continue
        want = exchange.integral(photon, pair, boson**2, fermion, 200)
        with working_precision(200):
            mine = found[key] * arb(fmpq(factor.numerator, factor.denominator))
            assert want.real.overlaps(mine)
    with working_precision(900):
        # D = (x - x0)^2 + w^2 at threshold, w^2 = M m_F (2 gap) to leading order: a peak of area pi/w
        square = (boson * fermion * ((boson + fermion) ** 2 - 1)) / (boson + fermion) ** 2
        lorentz = arb.pi() / arb(fmpq(square.numerator, square.denominator)).sqrt()
        for (a, b), value in found.items():
            shape = boson**a * fermion**b
            ratio = value / (lorentz * arb(fmpq(shape.numerator, shape.denominator)))
            room = 40 * float(gap) ** 0.5 / min(float(fermion), float(1 - fermion)) ** 1.5
            assert room > 1 or abs(float(ratio.mid()) - 1) < room, (a, b)


def leading(z: mpmath.mpf) -> dict:
    """d0 J_ab to leading order in m^2 for d1 = z d0 (heavy masses)."""
    log, r = mpmath.log(z), 1 - z
    return {
        (2, 1): (2 + 3 * z - 6 * z**2 + z**3 + 6 * z * log) / (6 * r**4),
        (2, 0): (-3 + 4 * z - z**2 - 2 * log) / (2 * r**3),
        (1, 1): (1 - z**2 + 2 * z * log) / (2 * r**3),
        (0, 2): (1 - 4 * z + 3 * z**2 - 2 * z**2 * log) / (2 * r**3),
    }


@pytest.mark.parametrize("boson", [Fraction(3, 2), Fraction(7), Fraction(10**4), Fraction(10**12)])
@pytest.mark.parametrize("ratio", [Fraction(1, 10**6), Fraction(3, 10), Fraction(2), Fraction(10**5)])
def test_heavy_masses_leave_the_leading_term(boson, ratio):
    """1/D = sum of positive terms: J lies above its leading term, by at most s/(1 - s) of it."""
    fermion = boson * ratio
    found = functions(boson, fermion, 1200)
    with mpmath.workdps(90):
        z, d0 = mpmath.mpf(ratio.numerator) ** 2 / mpmath.mpf(ratio.denominator) ** 2, mpmath.mpf(1)
        d0 = mpmath.mpf(boson.numerator) ** 2 / mpmath.mpf(boson.denominator) ** 2
        s = 1 / (mpmath.mpf(boson.numerator) / boson.denominator * (1 + mpmath.sqrt(z))) ** 2
        for key, first in leading(z).items():
            value = mpmath.mpf(found[key].mid().str(80, radius=False)) * d0
            assert 0 < value / first - 1 <= s / (1 - s), key


@pytest.mark.parametrize("at", range(len(POINTS)))
def test_exchanging_the_masses_exchanges_the_powers(at):
    boson, fermion = POINTS[at]
    here, there = functions(boson, fermion, 400), functions(fermion, boson, 400)
    with working_precision(400):
        assert here[2, 0].overlaps(there[0, 2])
        assert here[0, 2].overlaps(there[2, 0])
        assert here[1, 1].overlaps(there[1, 1])
        # J21 + J12 = J11
        assert (here[2, 1] + there[2, 1]).overlaps(here[1, 1])
        assert min(v.rel_accuracy_bits() for v in here.values()) > 200


@pytest.mark.parametrize(
    ("boson", "fermion"),
    list(product([Fraction(1, 10**9), Fraction(1), Fraction(10**9)], [Fraction(1), Fraction(10**9 + 1)])),
)
def test_the_loss_of_bits_is_foreseen(boson, fermion):
    """`loss` covers what cancels, so that one precision is enough."""
    size = [v.numerator.bit_length() - v.denominator.bit_length() for v in (boson**2, fermion)]
    work = 100 + basis.loss(size[0], 2 * size[1])
    found = functions(boson, fermion, work)
    assert min(v.rel_accuracy_bits() for v in found.values()) >= 100


def test_a_ball_of_tau_about_zero_is_no_loss():
    """At the pseudothreshold tau is a ball that holds zero when masses are rounded."""
    with working_precision(200):
        mu = arb(fmpq(5, 3)) + 1  # not exact
        nu = arb(fmpq(5, 3))
        found = basis.functions(mu * mu, nu, mu)
    assert min(v.rel_accuracy_bits() for v in found.values()) > 150
