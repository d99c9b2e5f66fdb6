"""Quotients of formulas: lowest terms, field laws, equality, numbers."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import Function
from g2sym.formulas.parser import parse_formula
from g2sym.formulas.ratio import Ratio
from g2sym.kernels.slices import arc

NAMES = ("g", "m", "M")
# no small integers a, b, c give a + b*g + c/(M - m) = 0 here
AT = {"g": Fraction(719, 307), "m": Fraction(2), "M": Fraction(507, 101)}
FUNCTIONS = {"ln": lambda a: abs(a).log(), "sqrt": lambda a: a.sqrt(), "T": arc}


def read(text: str) -> Formula:
    return parse_formula(text, NAMES)


T = Formula.of([(Function("T", (Coefficient.number(2), Coefficient.number(3))), Coefficient.number(1))])
PIECES = [read(t) for t in ("1", "g", "1/(M - m)", "ln(2)", "ln(M)", "sqrt(3)", "sqrt(6*g)")] + [T]


@st.composite
def formulas(draw) -> Formula:
    total = Formula()
    for piece in draw(st.lists(st.sampled_from(PIECES), min_size=1, max_size=3)):
        total = total + piece.scale(Coefficient.number(draw(st.integers(-3, 3))))
    return total


@st.composite
def ratios(draw) -> Ratio:
    top, bottom = draw(formulas()), draw(formulas())
    assume(not bottom.is_zero)
    return Ratio.of(top, bottom)


def ball(ratio):
    balls = {n: number(v) for n, v in AT.items()}
    return ratio.fold(balls.__getitem__, lambda re, im: number(re), FUNCTIONS)


@pytest.mark.parametrize(
    ("top", "bottom", "text"),
    [
        ("g*m", "m", "g"),
        ("ln(2)", "sqrt(2)", "1/2*ln(2)*sqrt(2)"),
        ("ln(2)", "g/(M - m)", "((M - m)/g)*ln(2)"),
        ("g*ln(2)", "m*ln(3)", "g*ln(2)/(m*ln(3))"),
        ("2*g*ln(2) + 2*g", "3*ln(2) + 3", "2/3*g"),
        ("g*m", "2*m*ln(2)", "1/2*g/ln(2)"),
        ("1", "sqrt(2)*(M - m)", "1/2/(M - m)*sqrt(2)"),
        ("0", "ln(2)", "0"),
    ],
)
def test_lowest_terms(top: str, bottom: str, text: str) -> None:
    ratio = Ratio.of(read(top), read(bottom))
    with working_precision(128):
        assert ball(ratio).overlaps(ball(read(top)) / ball(read(bottom)))
    assert str(ratio) == text
    assert (ratio.as_formula() is None) == ("/ln" in text or "/(m" in text)


def test_common_functions_cancel() -> None:
    two, three = read("ln(2)"), read("ln(3)")
    assert str(Ratio.of(two.times(three), two**2)) == "ln(3)/ln(2)"
    cancelled = Ratio.of((two + three).times(two - three), two + three)
    assert cancelled.as_formula() == two - three
    assert Ratio.of(two.times(read("sqrt(6)")), read("sqrt(2)")).as_formula() == two.times(read("sqrt(3)"))


def test_equal_up_to_a_coefficient() -> None:
    bottom = read("ln(2)/(M - m) + g*ln(3) - sqrt(5)")
    factor = Coefficient.symbol("g") / (Coefficient.symbol("M") + 3)
    assert Ratio.of(bottom.scale(factor), bottom).as_formula() == Formula.plain(factor)


def test_square_roots_in_a_sum_are_compared_by_cross_multiplication() -> None:
    left = Ratio.of(read("1"), read("sqrt(2) - 1"))
    assert left == Ratio.of(read("1 + sqrt(2)"))
    assert hash(left) == hash(Ratio.of(read("1 + sqrt(2)")))


def test_division_by_zero_is_a_sentence() -> None:
    for make in (lambda: Ratio.of(read("g"), Formula()), lambda: Ratio.of(read("g")) / Formula()):
        with pytest.raises(ModelError, match="Division by zero"):
            make()
    with pytest.raises(ModelError, match="Division by zero"):
        Ratio.of(read("1"), read("ln(M)")).subs({"M": Coefficient.number(1)})
    with pytest.raises(ModelError, match="Division by zero"):  # the bottom of a coefficient
        Ratio.of(T.scale(Coefficient.number(1) / (Coefficient.symbol("M") - 3))).subs(
            {"M": Coefficient.number(3)}
        )


@given(ratios(), ratios(), ratios())
def test_ratios_form_a_field(a: Ratio, b: Ratio, c: Ratio) -> None:
    assert a + b == b + a
    assert a * (b + c) == a * b + a * c
    assert (a - a).is_zero
    assert a - b == -(b - a)
    if not b.is_zero:
        assert a / b * b == a
        assert b / b == Ratio.of(read("1"))
        assert (b / b).as_formula() == read("1")


@given(ratios(), ratios())
def test_ratios_agree_with_balls(a: Ratio, b: Ratio) -> None:
    with working_precision(256):
        for got, want in ((a + b, ball(a) + ball(b)), (a * b, ball(a) * ball(b)), (a - b, ball(a) - ball(b))):
            assert ball(got).overlaps(want)
        if not b.is_zero:
            assert ball(a / b).overlaps(ball(a) / ball(b))
        assert ball(a.scale(Coefficient.symbol("g"))).overlaps(ball(a) * number(AT["g"]))


@given(ratios())
def test_substitution_and_symbols(a: Ratio) -> None:
    values = {n: Coefficient.number(v) for n, v in AT.items()}
    with working_precision(256):
        assert ball(a.subs(values)).overlaps(ball(a))
    assert a.subs(values).symbols <= frozenset()
    assert a.symbols <= set(NAMES)


def test_ratios_in_sympy() -> None:
    import sympy

    ratio = Ratio.of(read("g*ln(2)"), read("m + ln(3)"))
    g, m = sympy.symbols("g m")
    assert sympy.simplify(ratio.to_sympy() - g * sympy.log(2) / (m + sympy.log(3))) == 0
    assert Ratio.of(T, read("ln(2)")).to_sympy(sympy.Function("T")) == sympy.Function("T")(2, 3) / sympy.log(
        2
    )
