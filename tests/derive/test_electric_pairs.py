"""Electric dipole kernels of Barr-Zee-type pairs: what relates them to the magnetic ones, exactly.

The numbers themselves are compared with explicit matrices in tests/oracle/test_barr_zee.py.
"""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import product as product_of
from random import Random

import numpy as np
import pytest

from g2sym.base.classes import replace
from g2sym.base.conventions import SCHEMES
from g2sym.derive.assemble import barr_zee_kernel, barr_zee_moment, integrands
from g2sym.derive.dirac import BOSON, STRENGTH, Traces, product
from g2sym.derive.insertions import epsilon_at_projector
from g2sym.derive.kinematics import GENERATORS, VECTORS, gen, ring, token
from g2sym.derive.numerator import _renamed, fermion_line
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


def gammas(dimension: int) -> list[np.ndarray]:
    """Gamma matrices of an even dimension: the first squares to 1, the others to -1."""
    pauli = [np.array(m, dtype=complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]
    out = []
    for k in range(dimension):
        factors = [pauli[2]] * (k // 2) + [pauli[k % 2]] + [np.eye(2)] * (dimension // 2 - k // 2 - 1)
        matrix = reduce(np.kron, factors)
        out.append(matrix if k == 0 else 1j * matrix)
    return out


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("scalar", "dimension"), [(S, 4), (S, 6), (S, 8), (DP, 6)])
def test_the_traces_of_larin_against_matrices_of_more_dimensions(
    scalar: tuple[str, ...], dimension: int, order: str
) -> None:
    """The epsilon tensor at the projector's gamma5, as an antisymmetrised product, in 4, 6 and 8 dimensions.

    Of a pseudoscalar with the axial current the two gamma5 are left out on both sides: they cancel.
    """
    rng = Random(f"{scalar} {dimension} {order}")
    own = {name: [rng.randint(-3, 3) for _ in range(dimension)] for name in ("p", "p'", "l")}
    vectors = {
        token(m): [m[0] * a + m[1] * b + m[2] * c for a, b, c in zip(*own.values(), strict=True)]
        for m in VECTORS.values()
    }
    metric = [1, *[-1] * (dimension - 1)]
    dot = {
        (a, b): ring().constant(sum(g * x * y for g, x, y in zip(metric, u, v, strict=True)))
        for a, u in vectors.items()
        for b, v in vectors.items()
    }
    trace, matrices = Traces(dot, ring().constant(dimension)), gammas(dimension)
    topology = barr_zee(scalar, V if scalar == S else A, True, order, False)
    line = {tuple(t for t in string if t != "5"): value for string, value in fermion_line(topology).items()}
    slashes = {
        name: sum(g * x * m for g, x, m in zip(metric, v, matrices, strict=True))
        for name, v in vectors.items()
    }
    one = ring().constant(1)
    for base in (("@mu",), ("P",), ()):
        carrier = next((t for t in base), "q")
        turned = {"@mu": carrier}
        element = product(
            {("p",): one, (): one},
            _renamed(epsilon_at_projector(topology, (*(b for b in base if b == "@mu"), "5"), 1), turned),
            {("p'",): one, (): one},
            line,
        )
        found = trace(element)
        expected = 0
        for string, value in element.items():
            names = sorted({t for t in string if t.startswith("@")})
            weight = complex(Fraction(str(value)))
            for places in product_of(range(dimension), repeat=len(names)):
                at = dict(zip(names, places, strict=True))
                chain = np.eye(len(matrices[0]), dtype=complex)
                for t in string:
                    chain = chain @ (matrices[at[t]] if t in at else slashes[t])
                signs = np.prod([metric[k] for k in places])
                expected += weight * signs * np.trace(chain)
        expected *= 4 / len(matrices[0])
        assert abs(complex(Fraction(str(found))) - expected) < 1e-6 * max(1, abs(expected))
        assert base == () or expected != 0 or dimension == 4
