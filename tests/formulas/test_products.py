"""Formulas multiply: products of logarithms, square roots and T, exact and in balls."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.base.sums import Sum
from g2sym.errors import ModelError
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import Function, Product
from g2sym.formulas.parser import parse_formula
from g2sym.integrals.values import Value
from g2sym.kernels.slices import arc

NAMES = ("g", "m", "M")
AT = {"g": Fraction(719, 307), "m": Fraction(2), "M": Fraction(507, 101)}
FUNCTIONS = {"ln": lambda a: abs(a).log(), "sqrt": lambda a: a.sqrt(), "T": arc}


def read(text: str) -> Formula:
    return parse_formula(text, NAMES)


def t_of(a: int, b: int) -> Formula:
    arguments = (Coefficient.number(a), Coefficient.number(b))
    return Formula.of([(Function("T", arguments), Coefficient.number(1))])


PIECES = [
    read(t) for t in ("1", "g", "m/(M - m)", "ln(2)", "ln(M - m)", "sqrt(3)", "sqrt(6*g)", "sqrt(M - m)")
]
PIECES += [t_of(2, 3), t_of(3, 2)]


@st.composite
def formulas(draw) -> Formula:
    total = Formula()
    for piece in draw(st.lists(st.sampled_from(PIECES), max_size=3)):
        factor = Formula.plain(draw(st.integers(-3, 3)))
        total = total + factor.times(piece).times(draw(st.sampled_from(PIECES)))
    return total


def ball(formula):
    """The value at AT; the precision has to be set around it."""
    balls = {n: number(v) for n, v in AT.items()}
    return formula.fold(balls.__getitem__, lambda re, im: number(re), FUNCTIONS)


@given(formulas(), formulas(), formulas())
def test_formulas_form_a_ring(a: Formula, b: Formula, c: Formula) -> None:
    assert a.times(b) == b.times(a)
    assert hash(a.times(b)) == hash(b.times(a))
    assert a.times(b).times(c) == a.times(b.times(c))
    assert a.times(b + c) == a.times(b) + a.times(c)
    assert (a + b) ** 2 == a**2 + a.times(b).scale(Coefficient.number(2)) + b**2
    assert (a - a).is_zero


@given(formulas(), formulas())
def test_products_agree_with_balls(a: Formula, b: Formula) -> None:
    with working_precision(128):
        assert ball(a.times(b)).overlaps(ball(a) * ball(b))
        assert ball(a**3).overlaps(ball(a) ** 3)


@pytest.mark.parametrize(
    ("a", "b", "text"),
    [
        ("ln(2)", "ln(2)", "ln(2)^2"),
        ("ln(2)", "ln(3)", "ln(2)*ln(3)"),
        ("1 + ln(2)", "1 - ln(2)", "1 - ln(2)^2"),
        ("ln(M - m)", "sqrt(6)", "ln|M - m|*sqrt(6)"),
        ("sqrt(3)", "sqrt(6)", "3*sqrt(2)"),
        ("g*sqrt(2)", "g + sqrt(2)", "g*(2 + g*sqrt(2))"),
    ],
)
def test_products_as_text(a: str, b: str, text: str) -> None:
    assert str(read(a).times(read(b))) == text


def test_a_positive_radicand_gives_its_own_sign() -> None:
    """The square of a root is the radicand, whatever sign the factors would have by themselves."""
    assert read("sqrt(m - M)*sqrt(m - M)") == read("m - M")
    assert read("sqrt(M - m)*sqrt(M - m)") == read("M - m")
    assert read("sqrt(g*(m - M))*sqrt(m - M)") == read("(m - M)*sqrt(g)")


def test_roots_whose_common_sign_is_open_stay_apart() -> None:
    a, b = read("sqrt((M - m)*(g - m))"), read("sqrt((M - m)*(g - M))")
    both = a.times(b)
    assert isinstance(both.terms[0][0], Product)
    assert both.times(a) == b.scale(a.terms[0][0].arguments[0])
    with pytest.raises(ModelError, match="product"):
        read("sqrt((M - m)*(g - m))*sqrt((M - m)*(g - M))")


def test_the_language_of_expectations_stays_linear() -> None:
    for text in ("ln(2)*ln(3)", "(1 + ln(2))^2", "sqrt(g)*ln(2)", "ln(2)*sqrt(3)"):
        with pytest.raises(ModelError, match=r"The product of .* is not supported; formulas are linear"):
            read(text)
    assert read("ln(2)^1*ln(2)^0") == read("ln(2)")


def test_inverses_and_powers() -> None:
    assert read("sqrt(6)") ** -2 == read("1/6")
    assert read("g*sqrt(m)").inverse().times(read("g*sqrt(m)")) == read("1")
    assert read("ln(2)") ** 0 == read("1")
    with pytest.raises(ModelError, match="Division"):
        read("ln(2)") ** -1


def test_powers_of_a_symbol_and_its_logarithm() -> None:
    square = (read("ln(M/m)") ** 2).scale(Coefficient.symbol("M"))
    logs, one = read("ln(m)"), read("1")
    expected = {(1, 2): one, (1, 1): logs.scale(Coefficient.number(-2)), (1, 0): logs**2}
    assert square.powers_of("M") == expected
    with pytest.raises(ModelError, match="sqrt"):
        read("sqrt(M)").times(logs).powers_of("M")


def test_substitution_into_products() -> None:
    moved = read("ln(M)").times(read("ln(m)")).subs({"M": Coefficient.number(4), "m": Coefficient.number(6)})
    two, three = read("ln(2)"), read("ln(3)")
    assert moved == (two**2 + two.times(three)).scale(Coefficient.number(2))
    zero = read("sqrt(m)").subs({"m": Coefficient.number(0)})
    assert zero.is_zero


def test_t_is_symmetric() -> None:
    assert t_of(2, 3) == t_of(3, 2)
    assert hash(t_of(2, 3)) == hash(t_of(3, 2))
    assert (t_of(2, 3) - t_of(3, 2)).is_zero


def test_products_in_sympy_agree() -> None:
    from g2sym.proofs.sympy_balls import sympy_ball

    formula = read("ln(M - m)").times(read("ln(2) + sqrt(3)")) ** 2
    with working_precision(128):
        balls = {n: number(v) for n, v in AT.items()}
        assert sympy_ball(formula.to_sympy(), balls).overlaps(ball(formula))


def test_large_powers_of_joined_logarithms_still_print() -> None:
    assert str(read("ln(3)*81 - ln(2)")) == "-1*(ln(2) - 81*ln(3))"


def test_one_algebra() -> None:
    assert issubclass(Value, Sum)
    assert issubclass(Formula, Sum)
