"""The engine against the published integrands: equal exactly, as functions of the masses."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
import published

from g2sym.derive.assemble import barr_zee_kernel, barr_zee_moment, integrands, neutral_kernel
from g2sym.derive.dirac import BOSON
from g2sym.derive.topology import ORDERS, neutral_exchange
from g2sym.integrals.canonical import ClosedForm, integrate
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import Frac, constant, gen, substitute

S, P = (), ("5",)
DP = ("5", "l")
V, A = (BOSON,), ("5", BOSON)


def equal_masses(outgoing: tuple[str, ...], incoming: tuple[str, ...], spin: int) -> FeynmanIntegral:
    return neutral_kernel(outgoing, incoming, spin).substitute({"nu": constant(1)})


def times(integral: FeynmanIntegral, factor: int | Fraction) -> ClosedForm:
    return integral.canonical.scale(Frac.of(constant(factor)))


# kernel * couplings/16 pi^2: (-i g)^2 for (2), (-g/2m)^2 (i)(-i) for its derivative form, g^2 for
# (13), (eps e)^2 for (16) and (18); the published prefactors are -g^2/8 pi^2, g^2/8 pi^2, alpha/pi, -alpha/pi
@pytest.mark.parametrize(
    ("derived", "weight", "expected"),
    [
        (equal_masses(P, P, 0), Fraction(1, 2), published.eq2()),
        (equal_masses(DP, DP, 0), Fraction(-1, 8), published.eq2()),
        (equal_masses(S, S, 0), Fraction(1, 2), published.eq13()),
        (equal_masses(V, V, 1), Fraction(1, 4), published.eq16()),
        (equal_masses(A, A, 1), Fraction(-1, 4), published.eq18()),
    ],
)
def test_one_loop_integrands_equal_the_published_ones(
    derived: FeynmanIntegral, weight: Fraction, expected: FeynmanIntegral
) -> None:
    assert times(derived, weight) == expected.canonical
    # not only the integral: after x -> 1 - x where the paper counts the other way, the integrand too
    x = gen("x")
    for mirror in ({}, {"x": 1 - x}):
        if substitute(expected.delta, mirror) == derived.delta:
            ours = dict(derived.powers)[1] * constant(weight) * expected.divisor
            assert ours == substitute(dict(expected.powers)[1], mirror) * derived.divisor
            return
    pytest.fail("no orientation of the Feynman parameter matches")


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_barr_zee_integrands_equal_the_published_ones(massive: bool, order: str) -> None:
    sign = 1 if order == "scalar-first" else -1  # +i and -i of the derivative coupling
    alp = barr_zee_kernel(DP, V, True, order, massive)
    eq8, eq14 = published.eq8(massive), published.eq14(massive)
    assert alp.log == 2 * sign * eq8.log
    assert dict(alp.powers) == {1: 2 * sign * dict(eq8.powers)[1]}
    assert alp.canonical == times(eq8, 2 * sign)
    assert alp.pole == Frac.of(-2 * sign)
    scalar = barr_zee_kernel(S, V, False, order, massive)
    assert (scalar.log, scalar.powers) == (-eq14.log, ())
    assert scalar.canonical == times(eq14, -1)
    assert scalar.pole == Frac.of(1)


def test_closed_forms_of_j_equal_the_sheet() -> None:
    rho = gen("rho")
    j_p, j_s = published.eq8().canonical, published.eq14().canonical
    arc = integrate({1: constant(1)}, 0 * rho, gen("x") ** 2 + rho * (1 - gen("x")))
    assert j_p.arcs[0][1] == Frac.of(-rho * (rho - 4) * (rho + 2), 6)
    assert j_p.rational == Frac.of(-(2 * rho + 13), 6)
    assert {str(a): f for a, f in j_p.logs}["rho"] == Frac.of(rho**2, 6)
    assert j_s.arcs[0][1] == Frac.of(rho * (rho - 4) ** 2, 6)
    assert j_s.rational == Frac.of(rho - 9, 3)
    assert {str(a): f for a, f in j_s.logs}["rho"] == Frac.of(-rho * (rho - 6), 6)
    assert j_p.arcs[0][0] == arc.arcs[0][0]


@pytest.mark.parametrize("published_j", [published.eq8, published.eq14])
def test_the_z_kernel_is_a_divided_difference(published_j: object) -> None:
    j, j_z = published_j().canonical, published_j(True).canonical
    rho, zeta = gen("rho"), gen("zeta")
    heavy = j.substitute({"rho": zeta})
    expected = (heavy.scale(Frac.of(zeta)) - j.scale(Frac.of(rho))).scale(Frac.of(1, zeta - rho))
    assert j_z == expected


# constants beside ln Lambda^2, relative to the Yukawa vertex in the default scheme
TABLE = {
    ("four-dimensional", P): Fraction(0),
    ("four-dimensional", DP): Fraction(1, 6),
    ("four-dimensional", S): Fraction(0),
    ("larin", P): Fraction(-3),
    ("larin", S): Fraction(0),
    ("cutoff", P): Fraction(-3, 2),
    ("cutoff", DP): Fraction(-4, 3),
    ("cutoff", S): Fraction(-3, 2),
}


def bracket(vertex: tuple[str, ...], scheme: str) -> ClosedForm:
    """The kernel normalised to +1 times ln Lambda^2, without that logarithm."""
    kernel = barr_zee_kernel(vertex, V, bool(vertex), "scalar-first", False, scheme)
    return kernel.canonical.scale(Frac.of(1) / kernel.pole)


@pytest.mark.parametrize(("key", "shift"), TABLE.items())
def test_scheme_constants(key: tuple[str, tuple[str, ...]], shift: Fraction) -> None:
    scheme, vertex = key
    reference = bracket(P if vertex else S, "four-dimensional")
    assert bracket(vertex, scheme) - reference == ClosedForm(Frac.of(constant(shift)))


def test_larin_constant_of_the_derivative_vertex() -> None:
    """No reference states it; -2 also from a projector at q = 0 and exact traces in integer dimensions:
    per diagram (d-3)[2 + (d+2) y]/8 (1/eps - ln Delta) - (d-3) y^3/(4 Delta)."""
    assert bracket(DP, "larin") - bracket(P, "four-dimensional") == ClosedForm(Frac.of(-2))


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize(("scalar", "dual"), [(S, True), (P, False)])
def test_the_axial_current_of_the_z_cancels_between_the_two_orders(
    scalar: tuple[str, ...], dual: bool, massive: bool
) -> None:
    assert barr_zee_moment(scalar, A, dual) == "magnetic"
    first, second = (barr_zee_kernel(scalar, A, dual, order, massive) for order in ORDERS)
    assert (first.canonical + second.canonical).is_zero
    assert (first.pole + second.pole).is_zero


def test_the_epsilon_convention_flips_the_sign_through_the_traces() -> None:
    plus, minus = (
        barr_zee_kernel(DP, V, True, "scalar-first", False, "four-dimensional", sign) for sign in (1, -1)
    )
    assert minus.canonical == -plus.canonical
    assert minus.pole == -plus.pole


@pytest.mark.parametrize(
    ("outgoing", "incoming", "spin"),
    [(S, S, 0), (P, P, 0), (DP, DP, 0), (DP, P, 0), (V, V, 1), (A, A, 1), (S, P, 0), (V, A, 1), (DP, S, 0)],
)
def test_poles_cancel_and_no_q2_to_the_zero_is_left(
    outgoing: tuple[str, ...], incoming: tuple[str, ...], spin: int
) -> None:
    kernel = neutral_kernel(outgoing, incoming, spin)
    assert kernel.is_finite
    dipole = "electric" if (outgoing + incoming).count("5") % 2 else "magnetic"
    for _, part in integrands(neutral_exchange(outgoing, incoming, spin), dipole):
        assert part.leading is not None
        assert not part.leading.powers
        assert part.leading.log == 0


def test_internal_mass_flip_exchanges_parities() -> None:
    minus = {"nu": -gen("nu")}
    assert neutral_kernel(S, S, 0).substitute(minus).canonical == -neutral_kernel(P, P, 0).canonical
    assert neutral_kernel(V, V, 1).substitute(minus).canonical == neutral_kernel(A, A, 1).canonical


def test_electric_dipole_kernel() -> None:
    """d = (e Q m/8 pi^2) g_S g_P int (1-x)^2/(m^2 (1-x)^2 + M^2 x): both orders of -g_S and -i g_P."""
    x, rho = gen("x"), gen("rho")
    expected = published.one_parameter((1 - x) ** 2, (1 - x) ** 2 + rho * x)
    total = equal_masses(S, P, 0).canonical + equal_masses(P, S, 0).canonical
    assert total == expected.canonical.scale(Frac.of(4))  # times i g_S g_P/16 pi^2, and d = (e Q/2m) Im
