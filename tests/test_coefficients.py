"""Commuting coefficients: a field, exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError
from g2sym.lagrangian.grammar import parse_coefficient

X, Y = Coefficient.symbol("x"), Coefficient.symbol("y")
I = Coefficient.number(0, 1)  # noqa: E741
small = st.fractions(min_value=-5, max_value=5, max_denominator=6)
leaves = st.one_of(
    st.sampled_from([X, Y, I, Coefficient.sqrt(2), Coefficient.sqrt(3)]), small.map(Coefficient.number)
)
coefficients = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: p[0] + p[1]), st.tuples(inner, inner).map(lambda p: p[0] * p[1])
    ),
    max_leaves=6,
)


def value(c: Coefficient) -> complex:
    """Evaluate at x = 0.7, y = -1.3."""
    point = {"x": 0.7, "y": -1.3, "sqrt(2)": 2**0.5, "sqrt(3)": 3**0.5}
    return complex(c.fold(point.__getitem__, lambda re, im: complex(re, im)))


@given(coefficients, coefficients, coefficients)
def test_ring_laws(a, b, c):
    assert a + b == b + a
    assert a * (b + c) == a * b + a * c
    assert (a * b) * c == a * (b * c)
    assert a - a == 0
    assert abs(value(a * b + c) - (value(a) * value(b) + value(c))) < 1e-6 * (1 + abs(value(a) * value(b)))


@given(coefficients, coefficients)
def test_division_and_conjugation(a, b):
    if not b.is_zero:
        assert (a / b) * b == a
        assert hash((a / b) * b) == hash(a)
    assert (a * b).conjugate() == a.conjugate() * b.conjugate()
    assert a == a.real() + I * a.imag()
    assert a.real().is_real
    assert a.imag().is_real


@given(coefficients)
def test_powers_of_a_symbol(a):
    parts = a.collect(["x"])
    assert sum((c * X ** powers[0] for powers, c in parts.items()), Coefficient.number(0)) == a


@given(coefficients, coefficients)
def test_substitution_and_sympy(a, b):
    import sympy

    assert value(a.subs({"x": b})) == pytest.approx(
        complex(
            a.fold(
                lambda n: {"x": value(b), "y": -1.3, "sqrt(2)": 2**0.5, "sqrt(3)": 3**0.5}[n],
                lambda re, im: complex(re, im),
            )
        ),
        rel=1e-6,
        abs=1e-6,
    )
    number = complex(a.to_sympy().subs({sympy.Symbol("x"): 0.7, sympy.Symbol("y"): -1.3}))
    assert number == pytest.approx(value(a), rel=1e-9, abs=1e-9)


def test_zero_is_zero_in_every_form():
    zero = Coefficient.number(0)
    assert zero.is_zero
    assert (X - X).is_zero
    assert (X / (zero + Y)).symbols == {"x", "y"}
    with pytest.raises(ModelError, match="zero"):
        X / zero
    with pytest.raises(ModelError, match="sqrt"):
        Coefficient.sqrt(-2)
    with pytest.raises(ModelError, match="power"):
        X**100
    with pytest.raises(ModelError, match="polynomial"):
        (1 / X).collect(["x"])


@given(coefficients, coefficients)
def test_what_is_printed_is_read_back(a, b):
    for c in (a, a - I * b, *([] if b.is_zero else [a / b])):
        assert parse_coefficient(str(c), ["x", "y"]) == c


@pytest.mark.parametrize(
    ("c", "text"),
    [
        ((1 - 2 * I) * X, "(1 - 2*I)*x"),
        ((Fraction(-1, 2) + I) * X, "(-1/2 + 1*I)*x"),
        (1 - I * X, "1 - I*x"),
        (-2 * I * X * X, "-2*I*x^2"),
    ],
)
def test_complex_numbers_are_printed_with_their_signs(c, text):
    assert str(c) == text


def test_square_roots_are_reduced():
    assert Coefficient.sqrt(2) ** 2 == 2
    assert 1 / Coefficient.sqrt(2) == Coefficient.sqrt(2) / 2
    assert str(Fraction(1, 2) * X / Y) == "1/2*x/y"


@given(coefficients, coefficients, coefficients)
def test_substitution_is_evaluation_at_other_values(c, x, y):
    """Compared with powers and products written out one by one, which is what a symbol's power means."""
    folded = c.fold(lambda n: {"x": x, "y": y}.get(n, Coefficient.symbol(n)), Coefficient.number)
    assert c.subs({"x": x, "y": y}) == folded
    assert c.subs({"x": y}) == c.fold(lambda n: y if n == "x" else Coefficient.symbol(n), Coefficient.number)
    assert c.subs({}) == c


@given(coefficients, coefficients.filter(lambda c: not c.is_zero))
def test_quotients_with_one_denominator_are_compared_by_their_numerators(a, b):
    assert (a / b == (a + 1) / b) is False
    assert a / b == (a * b) / (b * b)


def test_sums_of_quotients_keep_one_denominator():
    """x^2 y + x y^2 + x at x = 1/(1 + z): over (1 + z)^2, not over the product of all denominators."""
    found = (X * X * Y + X * Y * Y + X).subs({"x": 1 / (1 + Coefficient.symbol("z"))})
    assert len(found.denominator) <= 4


def test_powers_in_a_substitution_are_formed_once():
    from g2sym.base.meter import metered

    total = sum((X**n for n in range(1, 40)), Coefficient.number(0))
    with metered(4000):  # 39 powers of 1 + y, up to 40 terms; formed one by one 15 000
        found = total.subs({"x": 1 + Y})
    at = found.fold(lambda n: Fraction(-13, 10), lambda re, im: re)
    assert at == sum(Fraction(-3, 10) ** n for n in range(1, 40))
