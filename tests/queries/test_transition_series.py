"""Form factors of l -> l' gamma expanded in the leptons' masses, and their closed forms."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
import sympy

from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.derive.transitions import transition_kernel
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.integrals.transition import FRACTIONS
from g2sym.integrals.under import along, parts, symbolic
from tests.cases import CASES, load, values

SLOTS = ("rho", "nu")
T = Frac.of(gen("nu") ** 2, gen("rho"))
"""t = m_F^2/M^2."""
U = T - Frac.of(1)


def _poly(*coefficients: int) -> Frac:
    """A polynomial in t, from its constant on."""
    total, power = Frac.of(0), Frac.of(1)
    for c in coefficients:
        total, power = total + Frac.of(c) * power, power * T
    return total


def _over(top: Frac, below: int, power: int) -> Frac:
    for _ in range(power):
        top = top / U
    return top / Frac.of(below)


LAVOURA = {
    # (spin, photon on the boson): even part and flip part, each beside 1 and beside ln t
    (0, False): (
        (_over(_poly(-2, -5, 1), 12, 3), _over(_poly(0, 1), 2, 4)),
        (_over(_poly(-3, 1), 2, 2), _over(_poly(1), 1, 3)),
    ),
    (0, True): (
        (_over(_poly(-1, 5, 2), 12, 3), _over(_poly(0, 0, -1), 2, 4)),
        (_over(_poly(1, 1), 2, 2), _over(_poly(0, -1), 1, 3)),
    ),
    (1, False): (
        (_over(_poly(8, -30, 9, -5), 12, 3), _over(_poly(0, 0, 3), 2, 4)),
        (_over(_poly(4, 1, 1), 2, 2), _over(_poly(0, -3), 1, 3)),
    ),
    (1, True): (
        (_over(_poly(10, -33, 45, -4), 12, 3), _over(_poly(0, 0, 0, -3), 2, 4)),
        (_over(_poly(4, -11, 1), 2, 2), _over(_poly(0, 0, 3), 1, 3)),
    ),
}
"""The functions of L. Lavoura, Eur. Phys. J. C 29 (2003) 191, hep-ph/0302221."""


@pytest.mark.parametrize(("spin", "charged"), list(LAVOURA))
def test_the_leading_order_is_lavouras_exactly(spin: int, charged: bool) -> None:
    plain = (BOSON,) if spin else ()
    five = (GAMMA5, *plain)
    even, flip = LAVOURA[spin, charged]
    sign = Frac.of(-1 if charged else 1)
    eta, nu, rho = (Frac.of(gen(n)) for n in ("eta", "nu", "rho"))
    log_sign = Frac.of(-1 if charged else 1)  # ln(B/A) is -ln t where the photon joins the boson
    for outgoing, incoming in ((plain, plain), (five, five), (plain, five), (five, plain)):
        kernel = transition_kernel(outgoing, incoming, spin, charged)
        orders = {p.degree: symbolic(p, 0, kernel) for p in parts(kernel, SLOTS) if p.degree >= 0}
        assert set(orders) == {0, 1}
        # signs of the two chiral structures in this pair of vertices, read off the reference pair's
        reference = transition_kernel(plain, plain, spin, charged)
        own = {p.degree: p.weights for p in parts(kernel, SLOTS)}
        base = {p.degree: p.weights for p in parts(reference, SLOTS)}
        for degree, (one, log) in ((1, flip), (0, even)):
            shape = nu if degree else eta + Frac.of(1)
            found, beside = orders[degree]
            if outgoing == incoming == plain:
                scale = Frac.of(2) * sign * shape / rho
                assert found == scale * one
                assert beside == scale * log * log_sign
                continue
            minus = Frac.of(2) * sign * (nu if degree else eta - Frac.of(1)) / rho
            options = [Frac.of(s) * k for s in (1, -1) for k in (Frac.of(2) * sign * shape / rho, minus)]
            assert any(found == k * one and beside == k * log * log_sign for k in options)
            assert own[degree].keys() == base[degree].keys() or degree == 0


TWO = [c for c in CASES if len(c["leptons"]) == 2 and c["quantity"] == "A_R" and c["id"] != "C-p-05.A_R"]


@pytest.mark.parametrize("case", TWO, ids=lambda c: c["id"])
def test_the_exact_value_lies_within_every_order(case: dict, tmp_path: Path) -> None:
    """And the remainder is no larger than a few times what is really left out, once a loop dominates it."""
    transition = load(case, tmp_path).transition(*case["leptons"])
    right = transition.right.evaluate(40, values(case))
    left = transition.left.evaluate(40, values(case))
    radii = []
    for order in (-1, 0, 2, 4):
        found = transition.enclose(order, 60, values(case))
        for name, exact in (("right", right), ("left", left)):
            for ball, part in zip(found[name], (exact.ball, exact.imaginary), strict=True):
                assert ball.lower <= part.midpoint <= ball.upper
        radii.append(found["right"][0].radius)
    assert radii == sorted(radii, reverse=True)


def test_remainders_are_nearly_tight(tmp_path: Path) -> None:
    case = next(c for c in TWO if c["id"] == "C-p-higgs.A_R")
    transition = load(case, tmp_path).transition("tau", "mu")
    exact = transition.right.evaluate(40, values(case)).ball.midpoint
    for order, share in ((-1, 0.8), (0, 0.4), (2, 0.2)):
        ball = transition.enclose(order, 60, values(case))["right"][0]
        assert share < abs(exact - ball.midpoint) / ball.radius <= 1


def test_an_integral_along_the_edge_by_parts_and_beta() -> None:
    a, b = (Frac.of(gen(n)) for n in ("p", "q"))
    plain, log = along(0, 0, 1, a, b, FRACTIONS)
    assert (plain, log) == (Frac.of(0), Frac.of(1) / (b - a))
    assert along(2, 3, 4, a, a, FRACTIONS)[0] == Frac.of(constant(1), 60 * gen("p") ** 4)
    with pytest.raises(ArithmeticError, match="diverges at its end point"):
        along(0, 1, 1, a, Frac.of(0), FRACTIONS)


@pytest.mark.parametrize("massless", [False, True])
@pytest.mark.parametrize("case", [c for c in TWO if c["id"].startswith(("C-p-01", "C-p-04", "C-p-higgs"))])
def test_closed_forms_are_the_values(case: dict, massless: bool, tmp_path: Path) -> None:
    model = load(case, tmp_path)
    first, second = case["leptons"]
    right, left = model.transition(first, second).closed_form(massless)
    assert right.has(sympy.polylog)
    symbols = {n: model.inputs.value(n) for n in ("m_e", "m_mu", "m_tau")}
    symbols |= {n: Fraction(v) for n, v in values(case).items()}
    if massless:
        assert f"m_{second}" not in {s.name for s in right.free_symbols} or case["id"] == "C-p-higgs.A_R"
        light = load({**case, "inputs": {**case["inputs"], f"m_{second}": "1e-60"}}, tmp_path)
        wanted = light.transition(first, second)
    else:
        wanted = model.transition(first, second)
    for expression, observable in ((right, wanted.right), (left, wanted.left)):
        found = observable.evaluate(25, values(case))
        numbers = {n: sympy.Rational(v.numerator, v.denominator) for n, v in symbols.items()}
        value = sympy.N(expression.subs({sympy.Symbol(n): v for n, v in numbers.items()}), 30)
        for got, ball in ((sympy.re(value), found.ball), (sympy.im(value), found.imaginary)):
            exact = sympy.Rational(ball.midpoint.numerator, ball.midpoint.denominator)
            scale = abs(sympy.N(value, 30))
            assert abs(got - exact) < scale * sympy.Float("1e-20")


def test_mistakes_are_one_sentence(tmp_path: Path) -> None:
    model = load(next(c for c in TWO if c["id"] == "C-p-01.A_R"), tmp_path)
    transition = model.transition("tau", "mu")
    for order in (-2, 9, "x", 1.5):
        with pytest.raises(UsageError, match="order"):
            transition.series(order)
    case = next(c for c in CASES if c["id"] == "C-p-05.A_R")
    above = load(case, tmp_path).transition(*case["leptons"])
    with pytest.raises(UsageError, match="no series in its mass"):
        above.enclose(0, 20, values(case))
    with pytest.raises(UsageError, match="no charged lepton 'muon'"):
        model.transition("muon", "e")
    with pytest.raises(UsageError, match="from mu to mu"):
        model.transition("mu", "mu")
    with pytest.raises(UsageError, match="lighter than mu"):
        _ = model.transition("e", "mu").branching_ratio
    with pytest.raises(UnsupportedError, match="closed form"):
        model.observable("re(A_R(tau -> mu))").closed_form()


def test_the_formula_of_a_leading_order_is_its_enclosure(tmp_path: Path) -> None:
    case = next(c for c in TWO if c["id"] == "C-p-01.A_R")
    model = load(case, tmp_path)
    transition = model.transition("tau", "mu")
    series = transition.series(0)
    assert list(series.terms) == [-1, 0]
    numbers = {n: sympy.Rational(v) for n, v in values(case).items()}
    for lepton in ("m_mu", "m_tau"):
        value = model.inputs.value(lepton)
        numbers[lepton] = sympy.Rational(value.numerator, value.denominator)
    found = complex(sympy.N(series.right.subs({sympy.Symbol(n): v for n, v in numbers.items()}), 20))
    re, im = (float(ball.midpoint) for ball in transition.enclose(0, 30, values(case))["right"])
    # a wide ball's midpoint keeps few digits beyond its radius, 2.6e-5 of the value here
    assert abs(found - complex(re, im)) < 1e-8 * abs(found)
