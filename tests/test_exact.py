"""Numbers read and written exactly, and balls around them."""

import math
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from g2sym.base.balls import Ball, certify, working_precision
from g2sym.base.exact import decade, decimal_text, read_number, rounded
from g2sym.errors import InputError, PrecisionError

fractions = st.fractions(max_denominator=10**12).filter(bool)


@pytest.mark.parametrize(
    ("given_value", "expected"),
    [
        ("0.1", Fraction(1, 10)),
        ("-1.5e-3", Fraction(-3, 2000)),
        ("1/3", Fraction(1, 3)),
        (".5", Fraction(1, 2)),
        ("2.", Fraction(2)),
        (0.1, Fraction(0.1)),
        (7, Fraction(7)),
        (Decimal("0.10"), Fraction(1, 10)),
        (np.float64(0.25), Fraction(1, 4)),
        (np.int64(3), Fraction(3)),
    ],
)
def test_numbers_are_read_exactly(given_value, expected):
    assert read_number(given_value) == expected


BAD = {
    "text": ("", "e5", "1e", "0x10", "1_000", "nan", "inf", "1/0", "1/2/3", "1e99999", "9" * 2000, "exit()"),
    "value": (True, None, math.nan, math.inf, [1], 1j, Decimal("NaN"), 10**5000, np.array([1.0, 2.0])),
}


@pytest.mark.parametrize(("kind", "place"), [(k, n) for k, v in BAD.items() for n in range(len(v))])
def test_everything_else_is_refused_in_one_sentence(kind, place):
    with pytest.raises(InputError) as error:
        read_number(BAD[kind][place], "m_a")
    text = str(error.value)
    assert text.startswith("m_a: ")
    assert "\n" not in text
    assert len(text) < 200


@given(fractions, st.integers(1, 40))
def test_rounding_is_the_nearest_decimal(value, digits):
    mantissa, exponent = rounded(value, digits)
    assert len(str(abs(mantissa))) == digits
    assert abs(mantissa * Fraction(10) ** exponent - value) <= Fraction(10) ** exponent / 2
    assert 10 ** Fraction(decade(abs(value))) <= abs(value) < 10 ** Fraction(decade(abs(value)) + 1)


@given(fractions, st.integers(1, 40))
def test_texts_read_back(value, digits):
    text = decimal_text(value, digits)
    mantissa, exponent = rounded(value, digits)
    assert read_number(text) == mantissa * Fraction(10) ** exponent


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Fraction(0), "0"),
        (Fraction(1, 1000), "0.001"),
        (Fraction(1000), "1000"),
        (Fraction(1, 3), "3.3333333333333333e-1"),
        (Fraction(-1056583755, 10**10), "-0.1056583755"),
        (Fraction(999999999999999999, 10**18), "1.0000000000000000"),
    ],
)
def test_texts(value, text):
    assert decimal_text(value) == text


def test_numbers_longer_than_python_prints():
    value = Fraction(1, 7) ** 3
    text = decimal_text(value, 9000)
    assert len(text) > 9000
    assert text.startswith("2.915451895043731778425655976676384839650145772594752186588921")
    assert decimal_text(Fraction(10) ** 6000 / 3, 5) == "3.3333e5999"


@given(fractions, st.fractions(min_value=0, max_value=1, max_denominator=10**6))
def test_balls_enclose(middle, radius):
    ball = Ball(middle, radius)
    assert ball.contains(middle)
    assert ball.contains(ball.lower)
    assert not ball.contains(ball.upper + 1)
    with working_precision(80):
        again = Ball.from_arb(ball.arb())
    assert again.lower <= ball.lower
    assert again.upper >= ball.upper
    assert Fraction(read_number(ball.radius_text())) >= radius
    expected = 1 if ball.lower > 0 else -1 if ball.upper < 0 else None
    assert ball.sign == (0 if middle == radius == 0 else expected)


@st.composite
def near_boundaries(draw):
    """A number near the middle of two decimals, or on it; their count; a ball around it that holds it."""
    digits = draw(st.integers(1, 20))
    mantissa = draw(st.integers(10 ** (digits - 1), 10**digits - 1))
    side, sign = draw(st.sampled_from((-1, 0, 1))), draw(st.sampled_from((-1, 1)))
    small = Fraction(side, 10 ** draw(st.integers(1, 60)))
    unit = Fraction(10) ** draw(st.integers(-30, 30))
    truth = sign * (mantissa + Fraction(1, 2) + small) * unit
    radius = unit * Fraction(draw(st.integers(0, 10)), 10 ** draw(st.integers(0, 70)))
    shift = radius * draw(st.fractions(-1, 1, max_denominator=100))
    return truth, digits, Ball(truth + shift, radius)


@given(near_boundaries())
@example((Fraction(-7, 5), 1, Ball(midpoint=Fraction(-52, 5), radius=Fraction(9))))
def test_printed_digits_at_rounding_boundaries(case):
    truth, digits, ball = case
    mantissa, exponent = rounded(truth, digits)
    unit = Fraction(10) ** exponent
    value, radius = ball.printed(digits)
    assert abs(read_number(value) - truth) <= read_number(radius)
    shown = ball.shown(digits)
    if ball.agrees(digits):
        assert shown == value
        assert read_number(shown) == mantissa * unit
        return
    if " +- " in shown:
        middle, around = map(read_number, shown.split(" +- "))
        assert abs(middle - truth) <= around
        return
    plain = read_number(shown.removesuffix("(1)"))
    if shown.endswith("(1)"):  # next to the truth rounded in the last place that is shown
        last = Fraction(10) ** Decimal(shown.removesuffix("(1)")).as_tuple().exponent
        assert abs(plain - truth) <= Fraction(3, 2) * last
        return
    assert any(  # correctly rounded to some number of decimals
        plain == m * Fraction(10) ** e for m, e in (rounded(truth, n) for n in range(digits, 0, -1))
    )


@pytest.mark.parametrize(
    ("middle", "radius", "digits", "shown"),
    [
        (Fraction(1, 8), Fraction(0), 2, "1.2e-1"),  # a tie that is known goes to the even decimal
        (Fraction(1, 8), Fraction(1, 10**40), 2, "1.2e-1(1)"),
        (Fraction(1, 8) + Fraction(1, 10**30), Fraction(1, 10**40), 2, "1.3e-1"),
        (Fraction(99999, 10000), Fraction(1, 10**6), 4, "1.000e1"),
        (Fraction(99995, 10**4), Fraction(1, 10**8), 4, "1.000e1(1)"),
        (Fraction(1, 3), Fraction(1, 1000), 17, "3.33e-1(1)"),
        (Fraction(1, 3), Fraction(1, 10000), 17, "3.333e-1(1)"),
        (Fraction(1, 10**9), Fraction(1, 10), 5, "1e-9 +- 0.1"),
        (Fraction(0), Fraction(0), 5, "0"),
    ],
)
def test_digits_that_are_shown(middle, radius, digits, shown):
    assert Ball(middle, radius).shown(digits) == shown


def test_ends_that_print_alike_agree_even_when_one_of_them_is_a_short_decimal():
    ball = Ball(Fraction(1, 2) + Fraction(1, 10**30), Fraction(1, 10**30))
    assert ball.agrees(10)
    assert ball.text(10) == "5.000000000e-1"


def test_certify_climbs_and_gives_up():
    from flint import arb

    # a difference that needs 400 bits, and one that is zero however many there are
    value = certify(lambda bits: (1 + arb(2) ** -400) - 1, 15, "x")
    assert value.midpoint == Fraction(1, 2**400)
    assert certify(lambda bits: arb(0), 10, "x") == Ball.exact(0)
    with pytest.raises(PrecisionError, match="may be exactly zero"):
        certify(lambda bits: arb(2).sqrt() ** 2 - 2, 10, "x")


def test_huge_balls_become_infinite_doubles():
    assert float(Ball.exact(Fraction(10) ** 400)) == math.inf
    assert float(Ball.exact(-(Fraction(10) ** 400))) == -math.inf
