"""Expansions against the limits table of the kernels, typed by hand, and against balls."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.base.balls import working_precision
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.canonical import ClosedForm, integrate
from g2sym.integrals.expansion import expand, leading, toward, toward_mass
from g2sym.integrals.rational import Frac, constant, gen, zero
from g2sym.integrals.region import at
from g2sym.integrals.values import Atom, Value, arc_value, log_value, perfect_root
from g2sym.kernels.closed import ClosedKernel as Kernel
from g2sym.kernels.remainder import fixed, radius_of_convergence, remainder, series_ball, value_ball

X, RHO = gen("x"), gen("rho")
Q = Fraction
ONE = Frac.of(1)


def _kernel(numerator, delta) -> ClosedForm:
    return integrate({1: numerator}, 0 * X, delta)


LIGHT = (1 - X) ** 2 + RHO * X
HEAVY = X**2 + RHO * (1 - X)
KERNELS = {
    "I_P": _kernel((1 - X) ** 3, LIGHT),
    "I_S": _kernel((1 - X) ** 2 * (1 + X), LIGHT),
    "I_V": _kernel(X**2 * (1 - X), HEAVY),
    "I_A": _kernel(X * (1 - X) * (4 - X), HEAVY) + _kernel(2 * X**3, HEAVY).scale(Frac.of(1, RHO)),
}


def _value(rational=0, pi=0, ln2=0) -> Value:
    parts = [Value.rational(Q(rational))]
    parts.append(Value.of([(Atom("pi", (ONE,)), Frac.of(constant(Q(pi))))]))
    parts.append(log_value(Frac.of(2)).scale(Frac.of(constant(Q(ln2)))))
    return parts[0] + parts[1] + parts[2]


def _table(*entries):
    return {(Q(e), j): value for e, j, value in entries}


# exponent of rho, power of ln rho, coefficient
SMALL = {
    "I_P": (
        _table(
            (0, 0, _value("1/2")), (1, 1, _value("1/2")), (1, 0, _value(1)), ("3/2", 0, _value(pi="-3/4"))
        ),
        Q(2),
    ),
    "I_S": (_table((0, 0, _value("3/2")), ("1/2", 0, _value(pi=-1)), (1, 1, _value("-3/2"))), Q(3, 2)),
    "I_V": (
        _table(
            (0, 0, _value("1/2")), ("1/2", 0, _value(pi="-1/2")), (1, 1, _value(-1)), (1, 0, _value("-1/2"))
        ),
        Q(3, 2),
    ),
    "I_A": (
        _table((-1, 0, _value(1)), (0, 1, _value(-1)), (0, 0, _value("-5/2")), ("1/2", 0, _value(pi=2))),
        Q(1),
    ),
}
# power of 1/rho, power of L = ln rho
LARGE = {
    "I_P": _table((1, 1, _value(1)), (1, 0, _value("-11/6")), (2, 1, _value(5)), (2, 0, _value("-89/12"))),
    "I_S": _table((1, 1, _value(1)), (1, 0, _value("-7/6")), (2, 1, _value(3)), (2, 0, _value("-13/4"))),
    "I_V": _table((1, 0, _value("1/3")), (2, 1, _value(-1)), (2, 0, _value("25/12"))),
    "I_A": _table((1, 0, _value("5/3")), (2, 1, _value(-1)), (2, 0, _value("19/12"))),
}
AT_FOUR = {
    "I_P": _value("17/2", ln2=-12),
    "I_S": _value("-5/2", ln2=4),
    "I_V": _value("-11/2", ln2=8),
    "I_A": _value("7/4", ln2=-2),
}


def _found(expansion, log_sign=1):
    return {(e, j): value.scale(Frac.of(log_sign)) if j else value for e, j, value in expansion.terms}


@pytest.mark.parametrize("name", KERNELS)
def test_small_mass(name: str) -> None:
    expected, end = SMALL[name]
    assert _found(expand(KERNELS[name], toward("rho", zero()), end)) == expected


@pytest.mark.parametrize("name", KERNELS)
def test_large_mass(name: str) -> None:
    found = leading(KERNELS[name], toward("rho", "oo"), 2)
    assert _found(found, -1) == LARGE[name]  # ln t = -ln rho
    assert found.end == 3


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("direction", [1, -1])
def test_removable_point(name: str, direction: int) -> None:
    found = leading(KERNELS[name], toward("rho", Frac.of(4), direction), 1)
    assert not found.diverges
    assert found.limit == AT_FOUR[name]


def test_a_wrong_entry_is_noticed() -> None:
    found = leading(KERNELS["I_V"], toward("rho", Frac.of(4)), 1)
    assert found.limit != _value("-11/2", ln2="801/100")


def test_equal_masses_of_boson_and_lepton() -> None:
    # I_S(1) = 1/2, by hand from K0(1) = 2 pi/(3 sqrt 3): rho (rho-1)(rho-4) vanishes
    assert leading(KERNELS["I_S"], toward("rho", ONE), 1).limit == _value("1/2")
    third = Value.of([(Atom("pi", (Frac.of(3),)), Frac.of(2, 9))])
    assert arc_value(ONE, ONE, lambda f: 1) == third


def test_mass_paths_are_the_squares_of_ratio_paths() -> None:
    by_mass = leading(KERNELS["I_V"], toward_mass("oo"), 2)
    assert by_mass.coefficient(4, 1) == Value.rational(2)  # -ln rho = 2 ln t
    assert by_mass.coefficient(2) == Value.rational(Q(1, 3))


def _other(nu) -> ClosedForm:
    """int x^2/(rho (1 - x) + nu^2 x - x (1 - x)) dx."""
    return _kernel(X**2, RHO * (1 - X) + nu**2 * X - X * (1 - X))


def test_threshold_and_its_condition() -> None:
    nu = gen("nu")
    one_minus = ONE - Frac.of(nu)
    found = leading(_other(nu), toward_mass(one_minus), 1, [one_minus])
    (exponent, logs, value), *_ = found.terms
    # near x* = 1 - nu, Delta = (x - x*)^2 + 2 nu (1 - nu) t: pi x*^2/sqrt(2 nu (1 - nu) t)
    assert (exponent, logs) == (Q(-1, 2), 0)
    assert found.diverges
    assert [str(c) for c in found.conditions] == ["-nu + 1"]
    with working_precision(128):
        got = value_ball(value, {"nu": Q(1, 3)})
        want = got.pi() * 2 / 3
        assert got.overlaps(want)


def test_below_threshold_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="threshold"):
        expand(_other(constant(Q(1, 2))), toward("rho", zero()), 1)
    both_sides = _other(gen("nu"))
    found = leading(both_sides, toward("rho", zero()), 1)
    assert [str(c) for c in found.conditions] == ["nu - 1"]


def test_two_families_and_a_second_scale() -> None:
    zeta = gen("zeta")
    form = (integrate({1: X}, 0 * X, HEAVY) - integrate({1: X}, 0 * X, X**2 + zeta * (1 - X))).scale(
        Frac.of(1, zeta - RHO)
    )
    for path in (toward("rho", zero()), toward("rho", "oo"), toward("zeta", "oo")):
        assert leading(form, path, 2).terms
    # rho to zeta is a removable point; compare with balls close by
    found = leading(fixed(form, {"zeta": Q(9)}), toward("rho", Frac.of(9)), 3)
    t = Q(1, 1000)
    near = Kernel(fixed(form, {"zeta": Q(9)})).ball({"rho": 9 + t}, 100)
    with working_precision(160):
        assert abs(near - series_ball(found, t, {})) < 1e-9


@settings(max_examples=25, deadline=None)
@given(
    st.fractions(Q(1, 10), 8, max_denominator=40),
    st.sampled_from(list(KERNELS)),
    st.sampled_from(["rho 0", "rho oo", "rho 1", "rho 4"]),
    st.fractions(Q(1, 1000), Q(3, 5), max_denominator=1000),
)
def test_the_truncated_series_keeps_its_bound(nu, name, where, share) -> None:
    form = KERNELS[name] if nu > 4 else _other(constant(nu))
    if where == "rho 0" and form is not KERNELS[name] and nu <= 1:
        return
    target = where.split()[1]
    path = toward("rho", target if target == "oo" else Frac.of(int(target)))
    found = leading(form, path, 2)
    if found.end is None:
        return
    with working_precision(64):
        radius = radius_of_convergence(form, path)
    t = (Q(float(radius.mid())) * share).limit_denominator(10**6) or Q(1, 10**6)
    bound = remainder(form, path, found.end, t)
    values = {n: sum((at(c, {}) * t**e for e, c in local.items()), Q(0)) for n, local in path.items()}
    exact = Kernel(form).ball(values, 200)
    with working_precision(240):
        assert abs(exact - series_ball(found, t, {})) <= bound + 1e-50


def test_outside_the_radius_is_refused() -> None:
    path = toward("rho", zero())
    with pytest.raises(UsageError, match="converges"):
        remainder(KERNELS["I_P"], path, Q(2), Q(5))


def test_series_to_high_order_by_recurrence() -> None:
    found = leading(KERNELS["I_P"], toward("rho", "oo"), 30)
    assert len(found.exponents) == 30
    t = Q(1, 100)
    bound = remainder(KERNELS["I_P"], toward("rho", "oo"), found.end, t, 256)
    exact = Kernel(KERNELS["I_P"]).ball({"rho": Q(100)}, 250)
    with working_precision(300):
        assert abs(exact - series_ball(found, t, {})) <= bound < 1e-40


def test_values_have_a_normal_form() -> None:
    eight = log_value(Frac.of(8)) - log_value(Frac.of(2)).scale(Frac.of(3))
    assert eight.is_zero
    nu = Frac.of(gen("nu"))
    split = log_value(nu * nu - ONE) - log_value(nu - ONE) - log_value(nu + ONE)
    assert split.is_zero
    assert perfect_root(nu * nu) is not None
    assert perfect_root(nu) is None
