"""Closed forms of the four functions in doubles and in pairs: true errors against bounds, in every corner.

Measured here: in doubles the largest ratio of error to bound is between 0.01 and 0.33 in every region, in
pairs between 6e-5 and 2.5e-3.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from flint import arb, fmpq

from g2sym.base.balls import working_precision
from g2sym.integrals.basis import FUNCTIONS
from g2sym.kernels import basis, basis_doubles
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.arithmetic import DOUBLE, DOUBLE_DOUBLE, Wide

MUON = Fraction("0.1056583755")
LEPTONS = {"e": Fraction("0.00051099895069"), "mu": MUON, "tau": Fraction("1.77693")}
M = float(MUON)
FIRST_ORDER = 2.0**-10
"""Bounds on relative errors that count: beyond, what is of second order is not small any more."""


def pair(value: Fraction) -> dd.Pair:
    """A constant as the sum of two doubles."""
    with working_precision(240):
        return dd.from_arb(arb(fmpq(value.numerator, value.denominator)))


def pairs(values) -> dd.Pair:
    split = [pair(Fraction(v)) for v in values]
    return np.array([s[0] for s in split]), np.array([s[1] for s in split])


def exact(boson: Fraction, fermion: Fraction, lepton: Fraction, bits: int = 900):
    with working_precision(bits):
        mu, nu = boson / lepton, fermion / lepton
        root = arb(fmpq(mu.numerator, mu.denominator))
        return basis.functions(root * root, arb(fmpq(nu.numerator, nu.denominator)), root)


def parts(value) -> tuple:
    """High and low parts of a number of either arithmetic."""
    return (value.high, value.low) if isinstance(value, Wide) else (value, 0 * value)


def ratios(bosons, fermions, lepton=MUON, arithmetic=DOUBLE):
    """Compare at every point below threshold: for each function the errors over their bounds."""
    bosons, fermions = [Fraction(b) for b in bosons], [Fraction(f) for f in fermions]
    masses = pairs(bosons), pairs(fermions), pairs([lepton] * len(bosons))
    found = basis_doubles.functions(FUNCTIONS, *masses, arithmetic)
    out = {key: [] for key in FUNCTIONS}
    lost = dict.fromkeys(FUNCTIONS, 0)
    for at, (boson, fermion) in enumerate(zip(bosons, fermions, strict=True)):
        if boson + fermion <= lepton:
            continue
        truth = exact(boson, fermion, lepton)
        for key in FUNCTIONS:
            high, low = (float(part[at]) for part in parts(found[key][0]))
            bound = float(found[key][1][at])
            if not bound < FIRST_ORDER * abs(high):
                lost[key] += 1
                continue
            with working_precision(900):
                assert truth[key].rel_accuracy_bits() > 120
                ratio = float((abs(arb(high) + arb(low) - truth[key]) / arb(bound)).upper())
            assert ratio <= 1, (key, boson, fermion)
            out[key].append((ratio, bound / abs(high)))
    return out, lost


COUNT = 150


def region(name: str):
    """Masses of boson and fermion in one of the hard regions."""
    rng = np.random.default_rng(sum(map(ord, name)))
    part = rng.uniform(1e-3, 1, COUNT) * M
    light = M * 10 ** rng.uniform(-6, -0.1, COUNT)
    excess = M * 10 ** rng.uniform(-15, -1, COUNT)
    beside = 1 + rng.choice([-1, 1], COUNT) * 10 ** rng.uniform(-15.6, -2, COUNT)
    any_mass = M * 10 ** rng.uniform(-4, 0.5, COUNT)
    above = M * (1 + 10 ** rng.uniform(-12, -0.6, COUNT))
    tiny = M * 10 ** rng.uniform(-12, -1, COUNT)
    equal = M * rng.uniform(0.5, 3, COUNT)
    return {
        "threshold": (M - part + excess, part),
        "threshold, light fermion": (M - light + excess, light),
        "threshold, light boson": (light, M - light + excess),
        "pseudothreshold M = m + m_F": ((any_mass + M) * beside, any_mass),
        "pseudothreshold m_F = m + M": (any_mass, (any_mass + M) * beside),
        "light boson": (tiny, above),
        "light fermion": (above, tiny),
        "very light boson": (tiny * 2.0**-60, above),
        "very light fermion": (above, tiny * 2.0**-60),
        "fermion as heavy as the lepton": (tiny, M * beside),
        "equal": (equal, equal * beside),
        "near the lepton": (M * rng.uniform(0.01, 4, COUNT), M * rng.uniform(0.97, 4, COUNT)),
    }[name]


REGIONS = [
    "threshold",
    "threshold, light fermion",
    "threshold, light boson",
    "pseudothreshold M = m + m_F",
    "pseudothreshold m_F = m + M",
    "light boson",
    "light fermion",
    "very light boson",
    "very light fermion",
    "fermion as heavy as the lepton",
    "equal",
    "near the lepton",
]


BOTH = pytest.mark.parametrize("arithmetic", [DOUBLE, DOUBLE_DOUBLE], ids=["doubles", "pairs"])


@BOTH
@pytest.mark.parametrize("name", REGIONS)
def test_errors_are_within_their_bounds(name, arithmetic):
    found, lost = ratios(*region(name), arithmetic=arithmetic)
    for key, rows in found.items():
        assert lost[key] <= 0.02 * COUNT, (name, key, lost)
        worst = max(ratio for ratio, _ in rows)
        # the bound is no more than 1000 times the error, in pairs 30000 times: their unit is generous
        assert worst >= (3e-5 if arithmetic.wide else 1e-3), (name, key, worst)
        assert np.median([bound for _, bound in rows]) < (1e-20 if arithmetic.wide else 1e-10)


@BOTH
@pytest.mark.parametrize("lepton", ["e", "tau"])
def test_other_leptons(lepton, arithmetic):
    factor = float(LEPTONS[lepton]) / M
    for name in ("threshold", "pseudothreshold m_F = m + M", "near the lepton"):
        boson, fermion = region(name)
        found, _ = ratios(boson[::2] * factor, fermion[::2] * factor, LEPTONS[lepton], arithmetic)
        assert all(len(rows) >= 60 for rows in found.values())


def test_constants_next_to_threshold():
    """Masses that are decimals come as pairs: the excess is known far below one rounding of a mass."""
    rng = np.random.default_rng(7)
    fermions = [Fraction(f"{f:.11g}") for f in rng.uniform(0.05, 0.95, 200) * M]
    gaps = [Fraction(f"{g:.3e}") for g in M * 10 ** rng.uniform(-36, -14, 200)]
    found, lost = ratios([MUON - f + g for f, g in zip(fermions, gaps, strict=True)], fermions)
    for key in FUNCTIONS:
        assert 20 <= lost[key] <= 120  # where two doubles do not hold the excess either
        assert max(ratio for ratio, _ in found[key]) >= 1e-3


def test_constants_at_the_pseudothreshold():
    rng = np.random.default_rng(8)
    fermions = [Fraction(f"{f:.11g}") for f in rng.uniform(0.1, 3, 100) * M]
    gaps = [Fraction(f"{g:.3e}") for g in M * 10 ** rng.uniform(-36, -14, 100) * rng.choice([-1, 1], 100)]
    beside = [MUON + f + g for f, g in zip(fermions, gaps, strict=True)]
    for masses in ((beside, fermions), (fermions, beside)):
        _, lost = ratios(*masses)
        assert max(lost.values()) <= 4  # where two doubles do not tell which side it is


def test_a_light_boson_beside_the_lepton():
    """tau's numerator m + M - m_F: M - m_F rounded first erred by 4e-11 beyond its bound."""
    rng = np.random.default_rng(9)
    boson = M * 10 ** rng.uniform(-14, -3, 300)
    fermion = M + boson * rng.uniform(-0.999, 3, 300)
    found, lost = ratios(boson, fermion)
    assert max(lost.values()) <= 6
    assert all(max(ratio for ratio, _ in rows) > 1e-3 for rows in found.values())


def test_the_turn_of_a_constant_is_a_difference_of_squares():
    """d1 - d0 - 1 for m_F beside m: its error is that of (m_F - m)(m_F + m), not that of d1."""
    fermion = np.array([np.nextafter(M, 1), M * (1 + 1e-9)])
    boson = np.array([1e-12 * M, 1e-12 * M])
    light = (fermion, 0 * fermion)
    closed = basis_doubles._Closed(DOUBLE, (boson, 0 * boson), light, pairs([MUON] * 2))
    value, bound = closed._turn(light, boson)
    for at in range(2):
        truth = (Fraction(fermion[at]) ** 2 - Fraction(boson[at]) ** 2 - MUON**2) / MUON**2
        error = abs(Fraction(value[at]) - truth)
        assert error <= Fraction(bound[at])
        assert bound[at] < 1e-14 * abs(value[at])


@BOTH
def test_no_value_on_and_above_threshold(arithmetic):
    for boson, fermion in ((0.25, 0.75), (0.25, 0.5), (2.0**-200, 0.5)):
        masses = [pairs([x]) for x in (boson, fermion, Fraction(1))]
        for value, bound in basis_doubles.functions(FUNCTIONS, *masses, arithmetic).values():
            assert not (bound[0] < FIRST_ORDER * abs(parts(value)[0][0]))


@BOTH
def test_what_leaves_the_range_of_doubles_is_no_value(arithmetic):
    """A massless fermion among them: the logarithm of zero is none."""
    wrong = [(1e200, 1e200), (1e308, 1.0), (1.0, 0.0), (1.5, 0.0), (4.0, 0.0), (float("nan"), 1.0)]
    for boson, fermion in [*wrong, (1.5, float("nan")), (2.0, float("inf"))]:
        arrays = [(np.array([x]), np.array([0.0])) for x in (boson, fermion, 1.0)]
        for value, bound in basis_doubles.functions(FUNCTIONS, *arrays, arithmetic).values():
            assert not (bound[0] < FIRST_ORDER * abs(parts(value)[0][0])), (boson, fermion)


@BOTH
@pytest.mark.parametrize("size", [0.019999, 0.02, 0.020001, 0.3, 1e-8])
@pytest.mark.parametrize("sign", [-1, 1])
def test_the_arc_on_both_sides_of_its_series(size, sign, arithmetic):
    """A(tau) = atan(sqrt tau)/sqrt tau where the series ends and where roots and logarithms begin."""
    tau = sign * size
    ones = pairs([1])
    closed = basis_doubles._Closed(arithmetic, ones, ones, ones)
    # 1 + tau = 4 product/below
    with working_precision(300):
        product = arithmetic.number(tuple(np.array([part]) for part in dd.from_arb((1 + arb(tau)) / 4)))
    below = arithmetic.exact(np.array([1.0]))
    value, bound = closed._arc(arithmetic.exact(np.array([tau])), below, 0.0, 0.0, product)
    with working_precision(300):
        truth = (-arb(tau)).hypgeom_2f1(arb(1) / 2, arb(1), arb(3) / 2)
        found = sum((arb(float(part[0])) for part in parts(value)), arb(0))
        assert abs(found / truth - 1) <= arb(float(bound[0]))
        assert bound[0] < 1000 * arithmetic.unit


@BOTH
def test_terms_of_the_series_are_enough(arithmetic):
    with working_precision(200):
        left = arb(basis_doubles.SERIES) ** arithmetic.terms / (2 * arithmetic.terms + 1)
        assert left < arb(arithmetic.unit) / 1000


@BOTH
@pytest.mark.parametrize("power", [-14, -8, -3, -1, 0, 1, 4, 12])
def test_library_functions_keep_what_is_assumed(power, arithmetic):
    """`library` bounds log, log1p and arctan, an absolute error of one unit of a logarithm aside."""
    rng = np.random.default_rng(power + 100)
    high = 10.0**power * rng.uniform(1, 10, 300)
    low = high * rng.uniform(-1, 1, 300) * 2.0**-54 if arithmetic.wide else 0 * high
    x = arithmetic.number((high, low))
    one = x + 1.0
    cases = [
        (arithmetic.log(one), lambda v: v.log(), one, 1),
        (arithmetic.log(x), lambda v: v.log(), x, 1),
        (arithmetic.atan(one), lambda v: v.atan(), one, 0),
        (arithmetic.sqrt(x), lambda v: v.sqrt(), x, 0),
        (arithmetic.exact(np.ones(300)) / x, lambda v: 1 / v, x, 0),
    ]
    if power >= -1 and power <= 4:
        cases.append((arithmetic.log1p(x), lambda v: (1 + v).log(), x, 1))
    with working_precision(240):
        for number, (ours, theirs, at, units) in enumerate(cases):
            relative = arithmetic.library if number in (0, 1, 2, 5) else arithmetic.unit
            (high, low), (first, second) = parts(ours), parts(at)
            for k in range(300):
                truth = theirs(arb(first[k]) + arb(second[k]))
                room = relative * abs(truth) + (units * arithmetic.unit if arithmetic.wide else 0)
                assert abs(arb(high[k]) + arb(low[k]) - truth) <= room, (number, first[k])


def test_operations_with_pairs():
    """Each within one unit, whatever cancels."""
    rng = np.random.default_rng(31)
    first, second = (
        Wide(*dd.two_sum(x, x * rng.uniform(-1, 1, 500) * 2.0**-53))
        for x in rng.normal(size=(2, 500)) * 10 ** rng.uniform(-30, 30, (2, 500))
    )
    second.high[:100], second.low[:100] = -first.high[:100] * (1 + 2.0**-40), 0.0
    found = {
        "+": first + second,
        "-": first - second,
        "*": first * second,
        "/": first / second,
        "1/": 1.0 / second,
        "2-": 2.0 - second,
    }
    with working_precision(400):
        for k in range(500):
            x, y = (arb(v.high[k]) + arb(v.low[k]) for v in (first, second))
            truth = {"+": x + y, "-": x - y, "*": x * y, "/": x / y, "1/": 1 / y, "2-": 2 - y}
            for name, value in found.items():
                off = abs(arb(value.high[k]) + arb(value.low[k]) - truth[name])
                assert off <= DOUBLE_DOUBLE.unit * abs(truth[name]), name


def test_logarithms_and_arcs_at_the_edges_of_cells():
    """Mantissas on both sides of every cell's end, powers of two, the inverse of the arc."""
    ends = np.concatenate([np.arange(0, 129) / 128, 0.5 + np.arange(0, 129) / 256])[1:]
    at = np.concatenate(
        [ends, np.nextafter(ends, 0), np.nextafter(ends, 2), 1 / ends, 2.0 ** np.arange(-90, 90)]
    )
    at = at[at > 0]
    logs, arcs = DOUBLE_DOUBLE.log(Wide.of(at)), DOUBLE_DOUBLE.atan(Wide.of(at))
    with working_precision(240):
        for k, x in enumerate(at.tolist()):
            off = abs(arb(logs.high[k]) + arb(logs.low[k]) - arb(x).log())
            assert off <= DOUBLE_DOUBLE.library * abs(arb(x).log()) + DOUBLE_DOUBLE.unit
            off = abs(arb(arcs.high[k]) + arb(arcs.low[k]) - arb(x).atan())
            assert x < 0.1 or off <= DOUBLE_DOUBLE.library * arb(x).atan()


def test_no_logarithm_of_what_is_not_positive():
    with np.errstate(all="ignore"):
        found = DOUBLE_DOUBLE.log(Wide.of(np.array([0.0, -1.0, np.nan, -np.inf, 1.0])))
    assert np.isnan(found.high).tolist() == [True, True, True, True, False]


def test_only_what_is_asked_for_is_returned():
    arrays = [(np.array([x]), np.array([0.0])) for x in (2.0, 3.0, 1.0)]
    found = basis_doubles.functions([(1, 1), (0, 2)], *arrays)
    assert list(found) == [(1, 1), (0, 2)]
