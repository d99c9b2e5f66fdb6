"""Limits and series of rates: known limits as exact algebra, and every order against certified values."""

from __future__ import annotations

from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.errors import UnsupportedError, UsageError
from g2sym.model.observable import Observable
from g2sym.queries.expansions import Asymptotics

KINDS = {
    "P": ("alp", "a", "g_aff", "m_a"),
    "S": ("scalar", "s", "g_sff", "m_s"),
    "V": ("dark_photon", "Ap", "eps", "m_A"),
    "A": ("axial_vector", "Ap", "eps", "m_A"),
}
W, M, m, e = sympy.symbols("sqrt_s M m_mu e_em")
ALPHA = e**2 / (4 * sympy.pi)
BOSONS = {"P": {"g_agg": 0, "g_agZ": 0}, "S": {"g_sgg": 0, "g_sgZ": 0}, "V": {}, "A": {}}


def of(kind: str, name: str) -> Observable:
    return g2.load_model(KINDS[kind][0]).observable(name.replace("X", KINDS[kind][1]))


def picobarn() -> sympy.Expr:
    """(hbar c)^2, which stays a symbol."""
    return sympy.Symbol("hbarc2")


def vanishes(expression: sympy.Expr) -> bool:
    """True when an expression in sqrt(s - 4 m^2) and one logarithm of it is zero, as a polynomial identity.

    ln|(sqrt(s - 4 m^2) + sqrt(s))/(sqrt(s - 4 m^2) - sqrt(s))| is L = ln((1 + beta)/(1 - beta)).
    """
    r, L = sympy.symbols("r L")
    found = expression.replace(lambda x: isinstance(x, sympy.log), lambda x: L)
    found = found.replace(
        lambda x: x.is_Pow and x.exp.is_Rational and x.exp.q == 2, lambda x: r ** int(2 * x.exp)
    )
    top, _ = sympy.fraction(sympy.together(found))
    return bool(sympy.expand(sympy.rem(sympy.expand(top), r**2 - W**2 + 4 * m**2, r)) == 0)


# known limits -------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", KINDS)
def test_soft_photon(kind: str) -> None:
    """(s - M^2) sigma goes to (2 alpha/pi) [((1 + beta^2)/(2 beta)) L - 1] A_R, of the width at M^2 = s."""
    mass = KINDS[kind][3]
    series = of(kind, "sigma(mu bar(mu) -> A X)").series(mass, "sqrt_s", 1, **BOSONS[kind])
    assert [(k, j) for k, j, _ in series.entries] == [(-1, 0)]
    assert series.end == 0
    assert str(series.t) == f"-{mass} + sqrt_s"
    beta = sympy.sqrt(W**2 - 4 * m**2) / W
    width = of(kind, "Gamma(X -> mu bar(mu))").closed_form().subs(sympy.Symbol(mass), W)
    width = width.subs(sympy.sqrt((W - 2 * m) * (W + 2 * m)), W * beta)
    spins = 3 if kind in "VA" else 1
    strength = spins * 4 * sympy.pi**2 * width / (W * beta**2)
    L = sympy.log((1 + beta) / (1 - beta))
    want = 2 * ALPHA / sympy.pi * ((1 + beta**2) / (2 * beta) * L - 1) * strength * picobarn()
    ((_, _, found),) = series.entries
    assert vanishes(found.to_sympy() * 2 * W - want)  # s - M^2 = 2 sqrt(s) t + ...


def test_light_electron_with_its_logarithm() -> None:
    """V: 4 pi alpha^2 eps^2/(s^2 (s - M^2)) [(s^2 + M^4) ln(s/m^2) - s^2 - M^4] for m to 0."""
    found = of("V", "sigma(e bar(e) -> A X)").series("m_e", 0, 1)
    assert found.end == 2
    assert {(k, j) for k, j, _ in found.entries} == {(0, 1), (0, 0)}
    M, me, eps = sympy.symbols("m_A m_e eps")
    s = W**2
    log = 2 * sympy.log(W) - 2 * sympy.log(me)
    want = 4 * sympy.pi * ALPHA**2 * eps**2 / (s**2 * (s - M**2)) * (s**2 + M**4) * (log - 1)
    assert sympy.cancel(sympy.expand(found.to_sympy() / picobarn() - want)) == 0


def test_goldstone_limit() -> None:
    """M^2 sigma_A goes to M^2 sigma_P at g = 2 m eps e/M."""
    axial = of("A", "sigma(mu bar(mu) -> A X)").series("m_A", 0, 1)
    assert [(k, j) for k, j, _ in axial.entries] == [(-2, 0)]
    scalar = of("P", "sigma(mu bar(mu) -> A X)").limit("m_a", 0, **BOSONS["P"])
    put = scalar.to_sympy().subs(sympy.Symbol("g_aff"), 2 * m * sympy.Symbol("eps") * e)
    assert vanishes(axial.entries[0][2].to_sympy() - put)


def test_massless_vector_is_twice_two_photons() -> None:
    """V at M = 0, eps = 1: 2 (2 pi alpha^2/(s beta)) [((3 - beta^4)/(2 beta)) L - 2 + beta^2]."""
    found = of("V", "sigma(mu bar(mu) -> A X)").limit("m_A", 0).to_sympy()
    beta = sympy.sqrt(W**2 - 4 * m**2) / W
    L = sympy.log((1 + beta) / (1 - beta))
    want = 4 * sympy.pi * ALPHA**2 / (W**2 * beta) * ((3 - beta**4) / (2 * beta) * L - 2 + beta**2)
    assert vanishes(found - want * sympy.Symbol("eps") ** 2 * picobarn())


def test_heavy_z_leaves_the_photon() -> None:
    observable = of("P", "sigma(mu bar(mu) -> A X)")
    found = observable.limit("m_Z", "oo", g_aff=0).to_sympy()
    M, gg = sympy.symbols("m_a g_agg")
    beta = sympy.sqrt(W**2 - 4 * m**2) / W
    want = ALPHA * gg**2 / 24 * (1 - M**2 / W**2) ** 3 * (1 + 2 * m**2 / W**2) / beta * picobarn()
    assert vanishes(found - want)


@pytest.mark.parametrize(("kind", "power"), [("P", 1), ("S", 3), ("V", 1), ("A", 3)])
def test_thresholds(kind: str, power: int) -> None:
    """Widths open like beta for P and V, like beta^3 for S and A."""
    found = of(kind, "Gamma(X -> mu bar(mu))").series(KINDS[kind][3], "2*m_mu", 1)
    assert found.entries[0][0] == Fraction(power, 2)
    limit = of(kind, "Gamma(X -> mu bar(mu))").limit(KINDS[kind][3], "2*m_mu")
    assert str(limit) == "0 (from above)"
    closed = of(kind, "Gamma(X -> mu bar(mu))").limit(KINDS[kind][3], "2*m_mu", side="below")
    assert closed.value is not None
    assert closed.value.is_zero


def test_branching_ratios() -> None:
    heavy = of("V", "BR(X -> e bar(e))").limit("m_A", "oo")
    assert str(heavy) == "1/3"
    opened = of("V", "BR(X -> e bar(e))").limit("m_A", "2*m_mu")
    assert str(opened).startswith("1")
    assert "m_mu > m_e" in str(opened)
    light = of("V", "BR(X -> e bar(e))").series("m_A", "2*m_e", 2)
    assert str(light).startswith("1 + O(")


# what makes no sense ------------------------------------------------------------------------------
def test_bad_targets() -> None:
    observable = of("V", "sigma(mu bar(mu) -> A X)")
    with pytest.raises(UsageError, match="is no cut"):
        observable.limit("cos_max", 2)
    with pytest.raises(UsageError, match="not a mass that"):
        observable.limit("energy", 2)
    with pytest.raises(UsageError, match="no colliding leptons"):
        observable.limit("sqrt_s", 0)
    with pytest.raises(UsageError, match="every channel below is closed"):
        of("V", "BR(X -> e bar(e))").limit("m_A", 0)
    with pytest.raises(UsageError, match="several amplitudes"):
        of("V", "BR(X -> e bar(e))").limit("m_A", "oo", contribution="tree")
    with pytest.raises(UnsupportedError, match="joins rates and dipole moments"):
        of("V", "Gamma(X -> e bar(e))/a(mu)").limit("m_A", "oo")


# every order against certified values -------------------------------------------------------------
GIVEN = {
    "P": {"g_aff": 2, "g_agg": 3, "g_agZ": 5},
    "S": {"g_sff": 2, "g_sgg": 3, "g_sgZ": 5},
    "V": {"eps": 2},
    "A": {"eps": 2},
}
PLACES = [
    ("Gamma(X -> mu bar(mu))", "X", "2*m_mu"),
    ("Gamma(X -> mu bar(mu))", "X", "oo"),
    ("sigma(mu bar(mu) -> A X)", "X", "sqrt_s"),
    ("sigma(mu bar(mu) -> A X)", "X", "0"),
    ("sigma(mu bar(mu) -> A X)", "X", "0.37"),
    ("sigma(mu bar(mu) -> A X)", "m_mu", "0"),
    ("sigma(mu bar(mu) -> A X)", "sqrt_s", "oo"),
    ("sigma(mu bar(mu) -> A X)", "sqrt_s", "2*m_mu"),
    ("sigma(mu bar(mu) -> A X)", "cos_max", "1"),
    ("dsigma(mu bar(mu) -> A X)", "m_mu", "0"),
    ("dsigma(mu bar(mu) -> A X)", "cos", "0"),
    ("sigma(mu bar(mu) -> A X)/Gamma(X -> mu bar(mu))", "X", "2*m_mu"),
]


@settings(max_examples=12)
@given(
    kind=st.sampled_from(sorted(KINDS)),
    place=st.sampled_from(PLACES),
    order=st.integers(1, 3),
    mass=st.integers(1, 300),
    cut=st.sampled_from([None, "0.7"]),
)
def test_what_is_left_out_has_the_order_that_is_stated(
    kind: str, place: tuple[str, str, str], order: int, mass: int, cut: str | None
) -> None:
    """The difference to the certified value over t^end tends to a constant, or to one with a logarithm."""
    name, moving, point = place
    own = KINDS[kind][3]
    moving = own if moving == "X" else moving
    fixed: dict[str, object] = {**GIVEN[kind], own: Fraction(mass, 1000)}
    if "sigma" in name:
        fixed |= {"sqrt_s": Fraction(9, 10)} | ({} if cut is None else {"cos_max": cut})
    if name.startswith("dsigma"):
        fixed["cos"] = Fraction(3, 10)
    if (moving, point) == ("sqrt_s", "2*m_mu"):
        fixed[own] = Fraction(mass, 2000)  # below 2 m_mu, where the channel is open
    fixed.pop(moving, None)
    observable = of(kind, name)
    found = observable.series(moving, point, order, params=fixed)
    if found.end is None:  # there is nothing more
        return
    over = [left_out(kind, name, found, moving, point, Fraction(1, 10**n), fixed) for n in (20, 24)]
    assert over[1] <= 3 * over[0]


def left_out(
    kind: str,
    name: str,
    found: Asymptotics,
    moving: str,
    point: str,
    small: Fraction,
    fixed: dict[str, object],
) -> sympy.Expr:
    """Return the absolute difference of a series and the value over t^end, at t = ``small``."""
    places = {"2*m_mu": 2 * Fraction("0.1056583755"), "sqrt_s": Fraction(9, 10)}
    where = places[point] if point in places else Fraction(0 if point == "oo" else point)
    at = 1 / small if point == "oo" else where + found.target.side * small
    inputs = {"m_mu": at} if moving == "m_mu" else {}
    observable = g2.load_model(KINDS[kind][0], inputs=inputs).observable(name.replace("X", KINDS[kind][1]))
    values = fixed if inputs else {**fixed, moving: at}
    ball = observable.enclose(2000, params=values)
    known = observable.values(values)
    with working_precision(2000):
        put = {
            symbol: sympy.Float(known.ball(symbol.name).mid().str(500, radius=False), 500)
            for symbol in found.to_sympy().free_symbols
        }
    middle = sympy.Float(str(ball.midpoint.numerator), 500) / sympy.Float(str(ball.midpoint.denominator), 500)
    got = sympy.N(found.to_sympy().subs(put), 300)
    assert found.end is not None
    return abs(middle - got) / sympy.Rational(small.numerator, small.denominator) ** sympy.Rational(
        str(found.end)
    )
