"""Electric dipole kernels of Barr-Zee-type pairs: what relates them to the magnetic ones, exactly.

The numbers themselves are compared with explicit matrices in tests/oracle/test_barr_zee.py.
"""

from __future__ import annotations

from fractions import Fraction

import pytest

from g2sym.base.classes import replace
from g2sym.base.conventions import SCHEMES
from g2sym.derive.assemble import barr_zee_kernel, barr_zee_moment, integrands
from g2sym.derive.dirac import BOSON, STRENGTH
from g2sym.derive.insertions import epsilon_at_projector
from g2sym.derive.kinematics import GENERATORS, gen, ring
from g2sym.derive.topology import HALF, INTERNAL, ORDERS, Topology, barr_zee
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, constant

S, P, DP = (), ("5",), ("5", "l")
V, A, D, D5 = (BOSON,), ("5", BOSON), (STRENGTH,), ("5", STRENGTH)
FOUR = ("four-dimensional", "cutoff")


def unequal(topology: Topology) -> Topology:
    """The same diagram with a mass of its own for the internal fermion."""
    lines = tuple(replace(p, mass=INTERNAL) if p.spin == HALF else p for p in topology.propagators)
    return replace(topology, propagators=lines)


def reflected(poly: object, name: str) -> object:
    """The polynomial at the opposite internal mass."""
    values = [-gen(n) if n == name else gen(n) for n in GENERATORS]
    return poly.compose(*values, ctx=ring())


def parts(topology: Topology, moment: str, scheme: str, name: str = "") -> list[object]:
    """The integrand, its pole and what is left of order t^0, at m_F or at -m_F."""
    (((), found),) = integrands(topology, moment, scheme)
    lead = found.leading
    polys = [*(found.powers.get(k) for k in range(3)), found.log, found.pole]
    polys += [*(lead.powers.get(k) for k in range(3)), lead.log, lead.pole]
    return [None if p is None else reflected(p, name) for p in polys]


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("dual", [False, True])
@pytest.mark.parametrize(
    ("one", "other"), [((S, V), (P, A)), ((P, V), (S, A)), ((S, D), (P, D5)), ((P, D), (S, D5))]
)
def test_a_rotation_of_the_internal_fermion(
    one: tuple[tuple[str, ...], tuple[str, ...]],
    other: tuple[tuple[str, ...], tuple[str, ...]],
    dual: bool,
    order: str,
    massive: bool,
) -> None:
    """F -> gamma5 F turns m_F into -m_F, C_S and C_P, and vector and axial vector, into each other."""
    moment = barr_zee_moment(*one, dual)
    assert barr_zee_moment(*other, dual) == moment
    first, second = (unequal(barr_zee(*pair, dual, order, massive)) for pair in (one, other))
    name = first.generator(INTERNAL)
    for scheme in FOUR if dual else SCHEMES:
        found, wanted = parts(first, moment, scheme), parts(second, moment, scheme, name)
        signs = [s for s in (1, -1) if found == [None if w is None else s * w for w in wanted]]
        assert len(signs) == 1


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("scalar", "vector"), [(DP, V), (DP, A), *((x, v) for x in (S, P) for v in (V, A, D, D5))]
)
def test_the_dual_is_a_rotation_by_a_right_angle(
    scalar: tuple[str, ...], vector: tuple[str, ...], order: str, massive: bool
) -> None:
    """sigma^{ab} gamma5 = (i/2) eps^{abcd} sigma_cd: in four dimensions X F Vdual feeds d as X F V feeds a,
    up to a sign, and the other way round."""
    for scheme in FOUR:
        plain, dual = (barr_zee_kernel(scalar, vector, d, order, massive, scheme) for d in (False, True))
        same = plain.canonical == dual.canonical and plain.pole == dual.pole
        opposite = plain.canonical == -dual.canonical and plain.pole == -dual.pole
        nothing = (scalar, vector) == (P, D5)  # cancels where the internal mass is the lepton's
        assert (plain.canonical.is_zero and dual.canonical.is_zero) if nothing else same != opposite


def bracket(scalar: tuple[str, ...], dual: bool, scheme: str) -> ClosedForm:
    """The electric kernel normalised to +1 times ln Lambda^2, without that logarithm."""
    kernel = barr_zee_kernel(scalar, V, dual, "scalar-first", False, scheme)
    return kernel.canonical.scale(Frac.of(1) / kernel.pole)


# constants beside ln Lambda^2, relative to the default scheme with a Yukawa vertex
TABLE = {
    ("four-dimensional", P): Fraction(0),
    ("four-dimensional", DP): Fraction(1, 6),
    ("four-dimensional", S): Fraction(0),
    ("larin", P): Fraction(0),
    ("larin", DP): Fraction(0),
    ("larin", S): Fraction(-3),
    ("cutoff", P): Fraction(-3, 2),
    ("cutoff", DP): Fraction(-4, 3),
    ("cutoff", S): Fraction(-3, 2),
}


@pytest.mark.parametrize(("key", "shift"), TABLE.items())
def test_scheme_constants(key: tuple[str, tuple[str, ...]], shift: Fraction) -> None:
    """Those of `four-dimensional` and `cutoff` follow from the published magnetic ones by the duality."""
    scheme, vertex = key
    dual = vertex == S
    reference = bracket(P if vertex else S, dual, "four-dimensional")
    assert bracket(vertex, dual, scheme) - reference == ClosedForm(Frac.of(constant(shift)))


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_a_derivative_is_the_yukawa_coupling_where_shifts_are_allowed(order: str, massive: bool) -> None:
    """The contact term that is left of a derivative depends on q alone, and there F kV - kV F vanishes."""
    derivative, yukawa = (barr_zee_kernel(x, V, False, order, massive, "larin") for x in (DP, P))
    sign = 2 if order == "scalar-first" else -2
    assert derivative.canonical == yukawa.canonical.scale(Frac.of(sign))
    assert derivative.pole == yukawa.pole * Frac.of(sign)


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize(("scalar", "dual"), [(S, False), (P, True)])
def test_the_axial_current_cancels_between_the_two_orders(
    scalar: tuple[str, ...], dual: bool, scheme: str, massive: bool
) -> None:
    first, second = (barr_zee_kernel(scalar, A, dual, order, massive, scheme) for order in ORDERS)
    assert barr_zee_moment(scalar, A, dual) == "electric"
    assert not first.canonical.is_zero
    assert (first.canonical + second.canonical).is_zero
    assert (first.pole + second.pole).is_zero


@pytest.mark.parametrize("dual", [False, True])
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_phase_of_the_lepton_decouples(scheme: str, dual: bool) -> None:
    """The derivative coupling to the vector current, which the engine leaves out."""
    for order in ORDERS:
        kernel = barr_zee_kernel(("l",), V, dual, order, True, scheme)
        assert kernel.canonical.is_zero
        assert kernel.pole.is_zero


@pytest.mark.parametrize("order", ORDERS)
def test_the_epsilon_convention_flips_the_sign(order: str) -> None:
    plus, minus = (barr_zee_kernel(S, V, True, order, True, "four-dimensional", sign) for sign in (1, -1))
    assert (minus.canonical, minus.pole) == (-plus.canonical, -plus.pole)
    assert "epsilon^0123 = -1, joined to gamma5 as an antisymmetrised product" in minus.provenance


def test_an_epsilon_tensor_needs_a_gamma5_in_the_trace() -> None:
    topology = barr_zee(S, V, True, "scalar-first", False)
    with pytest.raises(UnsupportedError, match="without a gamma5 in the trace"):
        epsilon_at_projector(topology, ("@mu",), 1)
    with pytest.raises(UnsupportedError, match="without a gamma5 in the trace"):
        integrands(topology, "magnetic", "four-dimensional")
