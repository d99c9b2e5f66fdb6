"""Square roots as generators: exact, canonical, and of the right sign wherever they have a value."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from g2sym.base.coefficients import Coefficient
from g2sym.base.meter import metered
from g2sym.base.relations import vanishes
from g2sym.base.roots import POSITIVE, NotReal
from g2sym.base.terms import ReadTerms, inner_roots, is_root, normal, radicand, under
from g2sym.errors import ModelError
from g2sym.lagrangian.grammar import parse_coefficient

NAMES = ("x", "y", "z", "m_W", "G_F")
X, Y, Z, M_W, G_F = (Coefficient.symbol(n) for n in NAMES)
root = Coefficient.sqrt
small = st.integers(-3, 3)


@st.composite
def polynomials(draw: st.DrawFn) -> Coefficient:
    """A product of a number, symbols to small powers and up to two sums."""
    out = Coefficient.number(Fraction(draw(st.integers(1, 12)), draw(st.integers(1, 12))))
    for name in NAMES:
        out = out * Coefficient.symbol(name) ** draw(st.integers(-2, 3))
    for _ in range(draw(st.integers(0, 2))):
        part = Coefficient.number(draw(small))
        for name in draw(st.lists(st.sampled_from(NAMES), max_size=2)):
            part = part + Coefficient.symbol(name) * draw(small)
        assume(not part.is_zero)
        out = out * part ** draw(st.integers(-1, 2))
    return out * draw(st.sampled_from([1, -1]))


points = st.fixed_dictionaries({n: st.integers(-9, 9).filter(bool).map(float) for n in ("x", "y", "z")}).map(
    lambda p: {**p, "m_W": 3.7, "G_F": 0.3}
)


def value(c: Coefficient, point: dict[str, float]) -> complex:
    return complex(c.fold(point.__getitem__, lambda re, im: complex(re, im), lambda v: math.sqrt(v.real)))


@given(polynomials(), points)
def test_the_root_is_the_one_that_is_not_negative(square: Coefficient, point: dict[str, float]) -> None:
    """Whatever the signs of the symbols: sqrt(x/y) of two negative numbers is positive."""
    try:
        number = value(square, point).real
    except ZeroDivisionError:
        return
    assume(number > 1e-9)
    try:
        found = root(square)
    except ModelError:  # too large a power
        return
    assert value(found, point).real == pytest.approx(math.sqrt(number), rel=1e-9)


@given(polynomials())
def test_the_square_of_a_root_is_what_stood_under_it(square: Coefficient) -> None:
    try:
        found = root(square)
    except NotReal:
        assert all(
            value(square, {**dict.fromkeys("xyz", x), "m_W": 3.7, "G_F": 0.3}).real < 0 for x in (0.7, -5.3)
        )
        return
    except ModelError:  # too large a power
        return
    assert found * found == square
    assert found**3 == square * found
    assert (1 / found) ** 2 == 1 / square
    assert found / found == 1


@given(polynomials())
def test_what_is_printed_is_read_back(square: Coefficient) -> None:
    try:
        found = root(square) + root(square * X) * Y - 1
    except ModelError:
        return
    again = parse_coefficient(str(found), NAMES)
    assert again == found
    assert str(again) == str(found)
    assert all(parse_coefficient(n, NAMES) == Coefficient.symbol(n) for n in found.generators if is_root(n))


@given(polynomials(), polynomials(), points)
def test_zero_is_never_claimed_where_there_is_none(
    a: Coefficient, b: Coefficient, point: dict[str, float]
) -> None:
    try:
        difference = root(a) * root(b) - root(a * b)
        sizes = [value(c, point).real for c in (a, b)]
        number = value(difference, point)
    except (ModelError, ZeroDivisionError, ValueError):
        return
    assume(min(sizes) > 1e-6)
    assert abs(number) < 1e-6 * max(1.0, *sizes)  # the roots of positive numbers
    turned = root(a) * root(b) + root(a * b)
    assert not vanishes(turned)


ROOTS = ("sqrt(2)", "sqrt(sqrt(2))", "sqrt(-x)", "sqrt(1 - x)", "sqrt(1 + y)", "sqrt(y + 3*sqrt(2))")


@given(st.dictionaries(st.sampled_from((*ROOTS, "x", "y")), st.integers(0, 9)))
def test_a_root_to_any_power_is_taken_at_most_once(powers: dict[str, int]) -> None:
    point = {"x": -0.7, "y": 0.4}

    def number(name: str) -> float:
        return math.sqrt(total(radicand(name))) if is_root(name) else point[name]

    def product(these: dict[str, int]) -> float:
        return math.prod(number(n) ** p for n, p in these.items())

    def total(terms: ReadTerms) -> float:
        return sum(float(re) * product(dict(monomial)) for monomial, (re, _) in terms.items())

    want = product(powers)
    monomial, factor, more = normal(dict(powers))
    assert all(power == 1 for name, power in monomial if is_root(name))
    found = float(factor) * product(dict(monomial)) * (1.0 if more is None else total(more))
    assert found == pytest.approx(want, rel=1e-9)
    assert more is None or all(p == 1 for row in more for n, p in row if is_root(n))


@pytest.mark.parametrize(
    ("square", "text"),
    [
        (4 * root(2) * G_F, "2*sqrt(G_F)*sqrt(sqrt(2))"),
        (1 - X, "sqrt(1 - x)"),
        (M_W**2 / G_F, "m_W*sqrt(G_F)/G_F"),
        (X**2, "sqrt(x^2)"),
        (X**2 * Y, "sqrt(x^2)*sqrt(y)"),
        (X**3, "sqrt(x)*x"),
        (-(X**3), "-sqrt(-x)*x"),
        (X**4, "x^2"),
        (X**6, "sqrt(x^2)*x^2"),
        (X**-6, "sqrt(x^2)/x^4"),
        (X**3 * (M_W + G_F), "sqrt(G_F*x + m_W*x)*x"),
        (-(X**3) * (1 + Y**2), "-sqrt(-x - x*y^2)*x"),
        (X**3 * (1 + Y), "sqrt(x + x*y)*sqrt(x^2)"),
        ((X + Y) ** 2, "sqrt(2*x*y + x^2 + y^2)"),
        ((M_W + G_F) ** 2 * 2, "G_F*sqrt(2) + m_W*sqrt(2)"),
        (X**2 + Y**2, "sqrt(x^2 + y^2)"),
        ((X**2 + 1) ** 2, "1 + x^2"),
        (X / Y, "sqrt(x*y)*sqrt(y^2)/y^2"),
        (Coefficient.number(Fraction(8, 9)), "2/3*sqrt(2)"),
        (Coefficient.number(Fraction("0.0625")), "1/4"),
        (Coefficient.number(9973**2 * 10007), "9973*sqrt(10007)"),
    ],
)
def test_the_form_of_a_root(square: Coefficient, text: str) -> None:
    assert str(root(square)) == text


def test_relations_between_roots() -> None:
    assert vanishes(root(X * Y) - root(X) * root(Y))
    assert vanishes(root(X * (1 - X)) - root(X) * root(1 - X))
    assert vanishes(root(X / Y) - root(X) / root(Y))
    assert vanishes(root(1 - X * X) - root(1 - X) * root(1 + X))
    assert vanishes(root(X * X) * root(X) - X * root(X))
    assert vanishes(root(X * Y) * root(X * Z) * root(Y * Z) * root(X) - X * Y * Z * root(X))
    beside = root(1 - X) * root(X * (1 - X))  # with both real, x is not negative
    assert vanishes((root(X * X) - X) * beside)
    assert not vanishes((root(X * X) + X) * beside)
    sine, cosine = Coefficient.symbol("sin_w"), Coefficient.symbol("cos_w")
    assert vanishes(cosine**2 * root(X) * root(Y) - (1 - sine**2) * root(X * Y))
    # the signs are open, so nothing may be claimed
    assert not vanishes(root(X * X) - X)
    assert not vanishes(root(X * Y) * root(X * Z) * root(Y * Z) - X * Y * Z)
    assert not vanishes(root(X * Y) + root(X) * root(Y))
    assert not vanishes(root(2) - root(3))


def test_values_and_symbols_under_roots() -> None:
    c = root(1 - X) * Y
    assert c.symbols == {"x", "y"}
    assert c.generators == {"sqrt(1 - x)", "y"}
    assert c.rooted == {"x"}
    assert c.subs({"x": Coefficient.number(Fraction(3, 4))}) == Y / 2
    assert c.subs({"x": Coefficient.number(1)}).is_zero
    ratio = 1 - M_W**2 / Coefficient.symbol("m_Z") ** 2
    assert str(c.subs({"x": ratio})) == "m_W*y/m_Z"
    with pytest.raises(NotReal, match=r"sqrt\(1 - x\) is not real, since 1 - x is -0.5; what stands under"):
        c.subs({"x": Coefficient.number(Fraction(3, 2))})
    with pytest.raises(ModelError, match="is not a polynomial in x"):
        c.collect(["x"])
    assert c.collect(["y"])[(1,)] == root(1 - X)
    assert under("sqrt(1 - x)") == {"x"}
    assert inner_roots("sqrt(sqrt(2))") == {"sqrt(2)"}
    assert dict(radicand("sqrt(1 - 1/2*x^2)")) == {
        (): (Fraction(1), Fraction(0)),
        (("x", 2),): (Fraction(-1, 2), Fraction(0)),
    }


def test_what_is_no_root_of_a_coefficient() -> None:
    with pytest.raises(NotReal, match=r"sqrt\(-2\) is not real"):
        root(-2)
    with pytest.raises(NotReal, match=r"sqrt\(I\*x\) is not real: what stands under a root has to be"):
        root(Coefficient.number(0, 1) * X)
    imaginary = Coefficient.number(0, 1)
    assert root((X + imaginary * Y) * (X - imaginary * Y)) == root(X**2 + Y**2)
    assert root(0).is_zero
    deep = X
    for _ in range(4):
        deep = root(deep) + 1
    with pytest.raises(ModelError, match="roots stand under each other more than 4 times"):
        root(deep)
    many = sum((Coefficient.symbol(f"a{n}") for n in range(30)), X)
    with pytest.raises(ModelError, match=r"what stands under the root has .* terms; at most 20 are taken"):
        root(many)
    assert {"m_mu", "G_F", "cos_w"} < POSITIVE


def test_the_work_of_squares_is_metered() -> None:
    wide = root(sum((Coefficient.symbol(f"a{n}") for n in range(12)), X))
    with pytest.raises(ModelError, match="expand to too many terms"), metered(2000):
        (wide + 1) ** 16
