"""Quotients of asymptotic series: multiplied back exactly, and compared with numbers at small t."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.errors import UnsupportedError, UsageError
from g2sym.formulas.formula import Formula
from g2sym.formulas.parser import parse_formula
from g2sym.formulas.quotients import PowerSeries, product, quotient, quotient_limit
from g2sym.formulas.ratio import Ratio
from g2sym.kernels.slices import arc

NAMES = ("g", "m")
AT = {"g": Fraction(719, 307), "m": Fraction(2)}
FUNCTIONS = {"ln": lambda a: abs(a).log(), "sqrt": lambda a: a.sqrt(), "T": arc}
HALF = Fraction(1, 2)


def read(text: str) -> Formula:
    return parse_formula(text, NAMES)


ONE = read("1")
POOL = [read(t) for t in ("1", "-2", "1/3", "g", "1/(1 + m)", "ln(2)", "1 + ln(3)", "sqrt(3)", "g - ln(m)")]
entries = st.lists(
    st.tuples(st.integers(-2, 3).map(lambda n: n * HALF), st.integers(0, 2), st.sampled_from(POOL)),
    max_size=4,
)


@st.composite
def series(draw) -> PowerSeries:
    found = PowerSeries.of(draw(entries))
    last = max((e for e, _, _ in found.entries), default=Fraction(0))
    end = draw(st.none() | st.integers(1, 3).map(lambda n: last + n * HALF))
    return PowerSeries.of(found.entries, end)


@st.composite
def divisors(draw) -> PowerSeries:
    """Series whose leading term carries no logarithm."""
    tail = draw(series())
    start = min((e for e, _, _ in tail.entries), default=Fraction(0)) - draw(st.integers(1, 2)) * HALF
    lead = (start, 0, draw(st.sampled_from(POOL)))
    return PowerSeries.of([lead, *tail.entries], tail.end)


def ball(found: PowerSeries, t):
    balls = {n: number(v) for n, v in AT.items()}
    total = number(0)
    for e, j, c in found.entries:
        value = c.fold(balls.__getitem__, lambda re, im: number(re), FUNCTIONS)
        total += value * t ** number(e) * t.log() ** j
    return total


def agree(a: PowerSeries, b: PowerSeries) -> bool:
    """True when two series have the same terms as far as both are known."""
    ends = [s.end for s in (a, b) if s.end is not None]
    end = min(ends, default=None)
    a, b = PowerSeries.of(a.entries, end), PowerSeries.of(b.entries, end)
    difference = PowerSeries.of([*a.entries, *((e, j, -c) for e, j, c in b.entries)])
    return not difference.entries


@given(series(), divisors())
def test_the_quotient_times_the_denominator_is_the_numerator(top: PowerSeries, bottom: PowerSeries) -> None:
    start = bottom.entries[0][0]
    first = top.entries[0][0] if top.entries else Fraction(0)
    found = quotient(top, bottom, below=first - start + 2)
    assert agree(product(found, bottom), top)
    for end in (None if top.end is None else top.end - start, first - start + 2):
        assert end is None or found.end is None or found.end <= end
    if top.end is not None and bottom.end is None:
        assert found.end == min(top.end - start, first - start + 2)


@given(series(), divisors(), st.integers(1, 3))
def test_a_quotient_of_some_powers_is_the_beginning_of_the_whole(
    top: PowerSeries, bottom: PowerSeries, powers: int
) -> None:
    start = bottom.entries[0][0]
    first = (top.entries[0][0] if top.entries else Fraction(0)) - start
    whole = quotient(top, bottom, below=first + 3)
    found = quotient(top, bottom, below=first + 3, powers=powers)
    kept = sorted({e for e, _, _ in whole.entries})
    assert agree(found, whole)
    assert sorted({e for e, _, _ in found.entries}) == kept[:powers]
    if len(kept) > powers:  # it ends behind the last power, and says nothing of the next one
        assert found.end is not None
        assert kept[powers - 1] < found.end <= kept[powers]


@given(series(), divisors())
def test_quotients_agree_with_numbers(top: PowerSeries, bottom: PowerSeries) -> None:
    first = (top.entries[0][0] if top.entries else Fraction(0)) - bottom.entries[0][0]
    found = quotient(top, bottom, below=first + 1)
    with working_precision(2048):
        t = number(Fraction(1, 10**200))
        below = found.end if found.end is not None else first + 1
        difference = abs(ball(top, t) / ball(bottom, t) - ball(found, t))
        assert difference < t ** number(below - Fraction(1, 4))


@given(series(), series(), series())
def test_products(a: PowerSeries, b: PowerSeries, c: PowerSeries) -> None:
    assert product(a, b) == product(b, a)
    assert product(a, b).end == product(b, a).end
    left, right = product(product(a, b), c), product(a, product(b, c))
    assert agree(left, right)
    if a.end is None and b.end is None:
        with working_precision(256):
            t = number(Fraction(1, 1000))
            assert ball(product(a, b), t).overlaps(ball(a, t) * ball(b, t))


@given(series())
def test_another_scale(found: PowerSeries) -> None:
    factor = Coefficient.symbol("g") / (Coefficient.symbol("m") + 1)
    moved = found.rescaled(factor)
    assert moved.end == found.end
    assert moved.rescaled(Coefficient.number(1) / factor) == found
    with working_precision(256):
        s = number(Fraction(1, 1000))
        assert ball(moved, s).overlaps(ball(found, s * number(AT["g"] / (AT["m"] + 1))))


@given(series(), series())
def test_limits_agree_with_numbers(top: PowerSeries, bottom: PowerSeries) -> None:
    assume(top.entries and bottom.entries)
    found = quotient_limit(top, bottom)
    with working_precision(4096):
        ratios = []
        for digits in (1000, 10000):
            t = number(Fraction(1, 10**digits))
            ratios.append(abs(ball(top, t) / ball(bottom, t)))
        if found.diverges:
            assert found.value is None
            assert ratios[1] > ratios[0] * number(Fraction(11, 10))
        elif found.value.is_zero:
            assert ratios[1] < ratios[0] * number(Fraction(9, 10))
        else:
            balls = {n: number(v) for n, v in AT.items()}
            value = found.value.fold(balls.__getitem__, lambda re, im: number(re), FUNCTIONS)
            assert abs(ratios[1] / abs(value) - 1) < number(Fraction(1, 10))


def test_a_geometric_series() -> None:
    bottom = PowerSeries.of([(0, 0, read("ln(2)")), (1, 0, ONE)])
    found = quotient(PowerSeries.of([(0, 0, ONE)]), bottom, below=3)
    assert str(found) == "1/ln(2) - 1/ln(2)^2*t + 1/ln(2)^3*t^2 + O(t^3)"
    assert found.end == 3
    assert found.coefficient(1) == Ratio.of(-ONE, read("ln(2)") ** 2)


def test_a_division_that_ends_is_exact() -> None:
    bottom = PowerSeries.of([(0, 0, ONE), (1, 0, read("g"))])
    top = product(bottom, PowerSeries.of([(-1, 1, read("ln(2)")), (HALF, 0, ONE)]))
    found = quotient(top, bottom, below=10)
    assert found.end is None
    assert str(found) == "ln(2)*t^-1*ln(t) + t^(1/2)"
    assert quotient(PowerSeries.of([(0, 1, ONE)]), PowerSeries.of([(2, 0, read("g"))])).end is None
    assert str(quotient(PowerSeries(()), bottom)) == "0"


def test_what_is_known_of_the_quotient() -> None:
    top = PowerSeries.of([(0, 0, ONE), (1, 1, ONE)], end=3)
    bottom = PowerSeries.of([(1, 0, ONE), (2, 0, ONE)], end=3)
    assert quotient(top, bottom).end == 1  # relative t^2 of the denominator, times t^-1
    assert quotient(top, PowerSeries.of([(1, 0, ONE)])).end == 2
    assert quotient(PowerSeries.of([], end=2), bottom).end == 1
    assert quotient(PowerSeries.of([], end=2), bottom).entries == ()


def test_a_logarithm_in_the_leading_denominator() -> None:
    top = PowerSeries.of([(0, 1, read("g")), (0, 0, ONE)], end=1)
    bottom = PowerSeries.of([(0, 1, read("ln(2)")), (0, 0, ONE)], end=1)
    with pytest.raises(UnsupportedError, match=r"leading behaviour.*carries a logarithm.*ask for the limit"):
        quotient(top, bottom)
    assert quotient_limit(top, bottom).value == Ratio.of(read("g"), read("ln(2)"))
    constant = PowerSeries.of([(0, 0, ONE)])
    assert quotient_limit(constant, bottom).value.is_zero
    assert quotient_limit(PowerSeries.of([(0, 2, ONE)]), bottom).value is None
    assert quotient_limit(PowerSeries.of([(-1, 0, ONE)]), bottom).diverges
    assert quotient_limit(PowerSeries.of([(HALF, 5, ONE)]), bottom).value.is_zero
    assert quotient_limit(PowerSeries.of([], end=1), bottom).value.is_zero


def test_what_cannot_be_divided_gets_a_sentence() -> None:
    one = PowerSeries.of([(0, 0, ONE)])
    longer = PowerSeries.of([(0, 0, ONE), (1, 0, ONE)])
    for divide in (quotient, quotient_limit):
        with pytest.raises(UsageError, match="vanishes identically"):
            divide(one, PowerSeries(()))
        with pytest.raises(UnsupportedError, match="expand it further"):
            divide(one, PowerSeries.of([], end=2))
    with pytest.raises(UsageError, match="below="):
        quotient(one, longer)
    with pytest.raises(UnsupportedError, match="does not decide"):
        quotient_limit(PowerSeries.of([], end=0), one)
    with pytest.raises(UsageError, match="from 0 on"):
        PowerSeries.of([(0, -1, ONE)])


def test_terms_of_a_series_are_collected() -> None:
    found = PowerSeries.of([(1, 0, ONE), (0, 0, ONE), (0, 1, ONE), (1, 0, -ONE), (5, 0, ONE)], end=2)
    assert [(e, j) for e, j, _ in found.entries] == [(0, 1), (0, 0)]
    assert str(PowerSeries.of([], end=0)) == "O(1)"
    assert str(PowerSeries(())) == "0"


def test_moments_of_two_leptons() -> None:
    """A heavy dark photon's moments go like the lepton mass squared; so does their quotient."""
    import g2sym as g2

    model = g2.load_model("dark_photon")
    light, heavy = (model.anomalous_moment(n).series("m_A", "oo", 2) for n in ("e", "mu"))
    top = PowerSeries.of(light.entries, light.end).rescaled(light.t / heavy.t)
    bottom = PowerSeries.of(heavy.entries, heavy.end)
    found = quotient(top, bottom)
    square = parse_formula("m_e^2/m_mu^2", ["m_e", "m_mu"])
    assert found.coefficient(0).as_formula() == square
    assert quotient_limit(top, bottom).value == Ratio.of(square)
    assert found.coefficient(2, 1).as_formula() == square.times(
        parse_formula("6*(m_e^2/m_mu^2 - 1)", ["m_e", "m_mu"])
    )
    assert agree(product(found, bottom), top)
