"""Integrals over 0 < y < x < 1 as sums of functions: against double quadrature, every degenerate case."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from flint import fmpq
from mpmath import mp, mpf

from g2sym.integrals.rational import Frac, gen
from g2sym.integrals.triangle import ONE, Field, Moments, over_triangle

EXACT = Field(fmpq, lambda value: bool(value == 0))
ONES = {(0, 0): fmpq(1)}


def real(value: fmpq) -> mpf:
    return mpf(int(value.p)) / int(value.q)


def function(key: tuple) -> mpf:
    """The real functions by quadrature of what defines them."""
    if key == ONE:
        return mpf(1)
    kind, *arguments = key
    if kind == "ln":
        return mp.log(abs(real(arguments[0])))
    e, b, d = map(real, arguments)
    if kind == "T":
        return mp.quad(lambda t: 1 / (e * t * t + b * t + d), [0, 0.5, 1])
    # ln(1 + u)/t without the cancellation at t = 0
    return mp.quad(lambda t: mp.log1p(t * (e * t + b) / d) / t, [0, 0.5, 1])


def double(numerator: dict, a: fmpq, b: fmpq, c: fmpq) -> mpf:
    """The integral itself, y = x u."""
    a, b, c = real(a), real(b), real(c)
    terms = [(i, j, real(v)) for (i, j), v in numerator.items()]

    def plain(x: mpf, u: mpf) -> mpf:
        y = x * u
        delta = (1 - x) * a + x * b - (1 - x) * (x - c * y)
        return x * sum(v * x**i * y**j for i, j, v in terms) / delta

    return mp.quad(plain, [0, 1], [0, 1])


def total(found: dict) -> mpf:
    return mp.fsum(real(weight) * function(key) for key, weight in found.items())


def agree(numerator: dict, a: fmpq, b: fmpq, c: fmpq, digits: int = 13) -> None:
    with mp.workdps(60):
        got = total(over_triangle(numerator, a, b, c, EXACT))
    with mp.workdps(18):
        want = double(numerator, a, b, c)
    assert abs(got - want) < mpf(10) ** -digits * max(1, abs(want))


def some(random: Random, degree: int, fields: bool = False) -> dict:
    """Random coefficients of all x^i y^j up to a degree; ``fields`` True: times 1 - x."""
    out: dict = {}
    for i in range(degree + 1):
        for j in range(degree + 1 - i):
            value = fmpq(random.randint(-9, 9), random.randint(1, 5))
            out[i, j] = out.get((i, j), fmpq(0)) + value
            if fields:
                out[i + 1, j] = out.get((i + 1, j), fmpq(0)) - value
    return out


@pytest.mark.parametrize("seed", range(6))
def test_general_masses(seed: int) -> None:
    random = Random(seed)
    a = fmpq(random.randint(1, 60), 7)
    b = (1 + fmpq(random.randint(1, 60), 11)) if seed % 2 else fmpq(3)  # above (1 - sqrt a)^2
    c = fmpq(random.choice([-3, -1, 1, 2, 4, 9]), 5) if seed < 5 else fmpq(99999, 100000)
    if c < 0:
        b = b - c  # the other lepton is the heavier one
    agree(some(random, 3), a, b, c)


@pytest.mark.parametrize("seed", range(3))
def test_a_massless_outgoing_lepton(seed: int) -> None:
    """c = 1: the second Delta is linear."""
    random = Random(seed)
    agree(some(random, 3), fmpq(2 + seed), fmpq(5, 3), fmpq(1))


@pytest.mark.parametrize("c", [fmpq(1), fmpq(3, 4), fmpq(-2)])
@pytest.mark.parametrize("seed", range(2))
def test_the_single_line_is_massless(seed: int, c: fmpq) -> None:
    """A = 0: Delta vanishes at x = 0, where x^2 from the measure and y = x u keeps the integral finite."""
    agree(some(Random(seed), 2), fmpq(0), 4 + seed - min(c, fmpq(0)), c, digits=11)


@pytest.mark.parametrize("c", [fmpq(1), fmpq(3, 4), fmpq(-2)])
@pytest.mark.parametrize("seed", range(2))
def test_the_two_lines_are_massless(seed: int, c: fmpq) -> None:
    """B = 0: Delta has the factor 1 - x, and so has the numerator."""
    agree(some(Random(seed), 2, fields=True), 4 + seed - min(c, fmpq(0)), fmpq(0), c)


@pytest.mark.parametrize("c", [fmpq(1, 2), fmpq(3, 4), fmpq(-2)])
def test_all_lines_are_massless(c: fmpq) -> None:
    """Delta = -(1 - x)(x - c y) has one sign."""
    agree(some(Random(1), 2, fields=True), fmpq(0), fmpq(0), c)


def test_a_numerator_that_does_not_cancel_an_end_diverges() -> None:
    with pytest.raises(ArithmeticError, match="diverges"):
        over_triangle(ONES, fmpq(2), fmpq(0), fmpq(1, 2), EXACT)


def test_a_finite_integral_where_single_terms_have_poles() -> None:
    """At c -> 0 every term has poles; they cancel to int x/Delta_1 dx, which is within c of it."""
    a, b, c = fmpq(3), fmpq(5), fmpq(1, 10**20)
    with mp.workdps(80):
        got = total(over_triangle(ONES, a, b, c, EXACT))
        want = mp.quad(lambda x: x / ((1 - x) * 3 + 5 * x - (1 - x) * x), [0, 1])
        assert abs(got - want) < mpf(10) ** -20
        assert abs(got - want) > mpf(10) ** -23


def test_numbers_and_rational_functions_agree() -> None:
    """The same sum over the field of rational functions, masses put in afterwards."""
    field = Field(Frac.of, lambda value: bool(value.is_zero))
    symbols = [Frac.of(gen(name)) for name in ("a", "b", "c")]
    rows = {(0, 0): Frac.of(2), (1, 1): Frac.of(-3), (2, 0): Frac.of(1)}
    there = over_triangle(rows, *symbols, field)
    values = {"a": Fraction(3), "b": Fraction(5, 2), "c": Fraction(1, 3)}
    exact = {name: fmpq(v.numerator, v.denominator) for name, v in values.items()}
    own = {(0, 0): fmpq(2), (1, 1): fmpq(-3), (2, 0): fmpq(1)}
    here = over_triangle(own, exact["a"], exact["b"], exact["c"], EXACT)

    def at(value: Frac) -> Fraction:
        from g2sym.integrals.region import at as evaluated

        return evaluated(value, values)

    found: dict = {}
    for key, weight in there.items():
        place = (key[0], *map(at, key[1:]))
        found[place] = found.get(place, 0) + at(weight)
    want = {
        (key[0], *(Fraction(int(k.p), int(k.q)) for k in key[1:])): Fraction(int(w.p), int(w.q))
        for key, w in here.items()
    }
    assert {k: v for k, v in found.items() if v} == want


@pytest.mark.parametrize("delta", [(1, -2, 5), (0, 3, 2), (2, 0, 3), (0, 0, 7)])
@pytest.mark.parametrize("m", [-3, -2, -1, 0, 1, 2, 3, 4])
def test_finite_parts_of_inverse_moments(delta: tuple, m: int) -> None:
    """int t^m/Delta without the terms in 1/t^k of its expansion, whose finite parts are their values at 1."""
    e, b, d = map(fmpq, delta)
    with mp.workdps(40):
        got = total(Moments((e, b, d), EXACT).inverse(m).terms)
        series = [mpf(0)] * 4  # of 1/Delta
        for n in range(4):
            start = mpf(1) if n == 0 else mpf(0)
            before = series[n - 1] if n else mpf(0)
            earlier = series[n - 2] if n > 1 else mpf(0)
            series[n] = (start - real(b) * before - real(e) * earlier) / real(d)

        def rest(t: mpf) -> mpf:
            """t^m (1/Delta - its first -m terms), multiplied out so that nothing cancels."""
            k = max(0, -m)
            tail = sum((start_of_tail(i, k) * t ** (i - k)) for i in (k, k + 1)) if k else mpf(1)
            return (tail if k else t**m) / (real(e) * t * t + real(b) * t + real(d))

        def start_of_tail(i: int, k: int) -> mpf:
            # 1 - Delta (s0 + ... + s_(k-1) t^(k-1)) has terms t^k and t^(k+1) only
            one = real(b) * series[k - 1] + (real(e) * series[k - 2] if k > 1 else 0)
            return -one if i == k else -real(e) * series[k - 1]

        want = mp.quad(rest, [0, 0.5, 1])
        for i in range(max(0, -m)):  # finite part of int t^(m + i)
            want += series[i] / (m + i + 1) if m + i + 1 else 0
        assert abs(got - want) < mpf(10) ** -35


@pytest.mark.parametrize("delta", [(1, -2, 5), (0, 3, 2), (2, 0, 3), (3, 1, 4)])
@pytest.mark.parametrize("k", [-3, -2, 0, 1, 2])
def test_finite_parts_of_logarithmic_moments(delta: tuple, k: int) -> None:
    """int t^k (ln Delta - ln d): by quadrature after the terms with poles are taken off."""
    e, b, d = map(fmpq, delta)
    with mp.workdps(40):
        got = total(Moments((e, b, d), EXACT).log(k).terms)
        s1 = real(b) / real(d)
        s2 = real(e) / real(d) - s1**2 / 2
        taken = {-3: [s1, s2], -2: [s1]}.get(k, [])

        def rest(t: mpf) -> mpf:
            with mp.workdps(400):  # the difference cancels at small t
                value = mp.log1p(t * (real(e) * t + real(b)) / real(d))
                first = real(b) / real(d)
                for n, s in enumerate((first, real(e) / real(d) - first**2 / 2)[: len(taken)], 1):
                    value -= s * t**n
                return value * t**k

        want = mp.quad(rest, [0, 0.5, 1]) + mp.log(real(d)) / (k + 1)
        for n, s in enumerate(taken, 1):
            want += s / (k + n + 1) if k + n + 1 else 0
        assert abs(got - want) < mpf(10) ** -18
