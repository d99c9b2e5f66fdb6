from fractions import Fraction

import pytest
from flint import arb, fmpq
from hypothesis import example, given
from hypothesis import strategies as st

from g2sym.constraints import allowed_windows, contains
from g2sym.errors import PrecisionError

F = Fraction


def ball(value):
    return arb(fmpq(value.numerator, value.denominator))


def windows(coefficients, low, high, balls=False, **options):
    """Both ways: exact coefficients, and balls that are merely tight around them."""
    given = [F(c) for c in coefficients]
    low, high = F(low), F(high)
    if balls:
        return allowed_windows(
            lambda bits: [ball(c) for c in given], lambda bits: ball(low), lambda bits: ball(high), **options
        )
    return allowed_windows(lambda bits: given, low, high, **options)


def texts(spans, digits=17):
    return [[None if end is None else end.text(digits) for end in span] for span in spans]


BOTH = pytest.mark.parametrize("balls", [False, True], ids=["exact", "balls"])


@BOTH
@pytest.mark.parametrize(
    ("coefficients", "low", "high", "expected"),
    [
        ([0], -1, 1, [[None, None]]),
        ([2], -1, 1, []),
        ([1], -1, 1, [[None, None]]),
        ([0, 2], -1, 1, [["-0.5", "0.5"]]),
        ([0, -2, 0], -1, 1, [["-0.5", "0.5"]]),
        ([0, 0, 1], -1, 4, [["-2", "2"]]),
        ([0, 0, -1], -4, 1, [["-2", "2"]]),
        ([0, 0, 1], 1, 4, [["-2", "-1"], ["1", "2"]]),
        ([0, 0, 1], -2, -1, []),
        ([1, 2, 1], -1, 0, [["-1", "-1"]]),
        ([1, 2, 1], 0, 4, [["-3", "1"]]),
        ([-2, 0, 1], 2, 7, [["-3", "-2"], ["2", "3"]]),
        ([0, 0, 0, 1], -8, 27, [["-2", "3"]]),
        ([0, -1, 0, 1], 0, 6, [["-1", "0"], ["1", "2"]]),
        ([4, 0, -5, 0, 1], -10, 0, [["-2", "-1"], ["1", "2"]]),
    ],
)
def test_known_answers(coefficients, low, high, expected, balls):
    spans = windows(coefficients, low, high, balls)
    assert [[t and F(t) for t in span] for span in texts(spans)] == [
        [t and F(t) for t in s] for s in expected
    ]
    for span, wanted in zip(spans, expected, strict=True):
        assert all(end is None or end.contains(F(text)) for end, text in zip(span, wanted, strict=True))


def test_an_exact_tangency_of_high_degree_is_one_point():
    # (g^2 - 3)^2 (g^2 + 1) <= 0 only at g = +-sqrt(3)
    assert texts(windows([9, 0, 3, 0, -5, 0, 1], -1, 0), 6) == [
        ["-1.73205", "-1.73205"],
        ["1.73205", "1.73205"],
    ]


def test_a_tangency_that_balls_cannot_decide_is_an_error():
    with pytest.raises(PrecisionError, match="discriminant"):
        windows(["1/3", "2/3", "1/3"], -1, 0, balls=True)
    with pytest.raises(PrecisionError, match="leading coefficient"):
        allowed_windows(lambda bits: [arb(1), arb(2), arb(3).sqrt() ** 2 - 3], F(-1), F(0))


@BOTH
def test_the_thin_line_is_found_however_thin(balls):
    # two contributions that cancel at g = 3 to one part in 1e40
    spans = windows([0, -3, 1], "-1e-40", "1e-40", balls)
    assert len(spans) == 2
    low, high = spans[1]
    assert low.upper < 3 < high.lower
    assert abs(float(high.midpoint - low.midpoint) * 3 / 2e-40 - 1) < 1e-12


@BOTH
@pytest.mark.parametrize("scale", ["1e-300", "1e-30", "1e30", "1e300"])
def test_any_size_of_coupling(scale, balls):
    s = F(scale)
    ((low, high),) = windows([0, 1 / s, 1 / s**2], -1, 2, balls)
    assert low.contains(-2 * s)
    assert high.contains(s)
    assert high.relative() < F(1, 10**17)


def test_coefficients_many_orders_apart():
    ((low, high),) = windows([0, 1, "1e200"], -1, 1, balls=True)
    assert abs(float(high.midpoint * 10**100) - 1) < 1e-15
    assert low.midpoint < 0


def test_digits_are_correct_as_printed():
    ((low, high),) = windows([0, 0, 1], -1, 2, balls=True, digits=50)
    assert high.text(50) == "1.4142135623730950488016887242096980785696718753769"
    assert low.text(50) == "-" + high.text(50)


small = st.fractions(min_value=-4, max_value=4, max_denominator=8)


@given(
    coefficients=st.lists(small, min_size=1, max_size=5),
    low=small,
    width=st.fractions(min_value=F(1, 16), max_value=4, max_denominator=16),
    scale=st.sampled_from([F(1), F(10) ** -20, F(10) ** 20]),
)
@example(coefficients=[F(0), F(0), F(0), F(0), F(1)], low=F(-1), width=F(1), scale=F(1))
@example(coefficients=[F(1, 3), F(2, 3), F(1, 3)], low=F(-1), width=F(1), scale=F(1))
def test_windows_agree_with_brute_force(coefficients, low, width, scale):
    high = low + width
    scaled = [c / scale**power for power, c in enumerate(coefficients)]
    spans = windows(scaled, low, high)
    ends = [end for span in spans for end in span if end is not None]
    assert ends == sorted(ends, key=lambda e: e.midpoint)
    assert all(end is not None for span in spans[1:] for end in span[:1])
    assert all(end is not None for span in spans[:-1] for end in span[1:])

    points = [F(n, 7) * scale for n in range(-70, 71)]
    points += [p + d for p in (e.midpoint for e in ends) for d in (-F(1, 10**9) * scale, F(1, 10**9) * scale)]
    for g in points:
        value = sum((c * g**power for power, c in enumerate(scaled)), F(0))
        try:
            found = contains(spans, g)
        except PrecisionError:  # closer to an end than the end is known
            assert min(abs(g - e.midpoint) for e in ends) < abs(g) * F(1, 10**17) + scale * F(1, 10**17)
            continue
        assert found == (low <= value <= high)


@given(
    coefficients=st.lists(small, min_size=2, max_size=4),
    low=small,
    width=st.fractions(min_value=F(1, 16), max_value=4, max_denominator=16),
)
def test_balls_and_exact_numbers_agree(coefficients, low, width):
    exact = windows(coefficients, low, low + width)
    try:
        approximate = windows(coefficients, low, low + width, balls=True)
    except PrecisionError:  # a tangency between the coefficients: only exact numbers can tell
        return
    assert len(exact) == len(approximate)
    for one, other in zip(exact, approximate, strict=True):
        for a, b in zip(one, other, strict=True):
            assert (a is None) == (b is None)
            assert a is None or a.overlaps(b)


def test_contains_is_closed_and_refuses_what_it_cannot_know():
    spans = windows([0, 0, 1], 1, 4)
    assert [contains(spans, g) for g in (-3, -2, F(-3, 2), -1, 0, 1, 2, 3)] == [0, 1, 1, 1, 0, 1, 1, 0]
    (span,) = windows([0, 0, 1], -1, 2)
    with pytest.raises(PrecisionError, match="more digits"):
        contains([span], span[1].midpoint)
    assert contains([(None, None)], 10**9)
    assert not contains([], 0)


def test_an_interval_has_to_have_a_width():
    with pytest.raises(ValueError, match="not below"):
        windows([0, 1], 1, 1)


def test_no_more_bits_than_needed():
    seen = []

    def coefficients(bits):
        seen.append(bits)
        return [arb(0), arb(2).sqrt(), arb(3).sqrt()]

    allowed_windows(coefficients, F(-1), F(1))
    assert seen == [136]
