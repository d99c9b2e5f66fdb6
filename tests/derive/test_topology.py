"""Topologies as data: weights, shift, Delta, slots and thresholds come out of them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from g2sym.derive.assemble import assemble, barr_zee_kernel, integrands, neutral_kernel
from g2sym.derive.dirac import BOSON
from g2sym.derive.kinematics import gen, token
from g2sym.derive.loop import divergence_constant
from g2sym.derive.parameters import parameters
from g2sym.derive.topology import (
    EXCHANGED,
    HALF,
    ORDERS,
    PHOTON,
    LineVertex,
    Propagator,
    Topology,
    barr_zee,
    charged_exchange,
    neutral_exchange,
)
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import Slot, cutoff_logarithm
from g2sym.integrals.rational import constant
from g2sym.integrals.rational import gen as mass

S, DP, V, A = (), ("5", "l"), (BOSON,), ("5", BOSON)
T, X, Y = gen("t"), gen("x"), gen("y")


def symbols(topology: Topology) -> dict[str, object]:
    return {slot.name: gen(topology.generator(slot)) for slot in topology.slots}


@pytest.mark.parametrize("spin", [0, 1])
def test_neutral_exchange(spin: int) -> None:
    topology = neutral_exchange(V if spin else S, V if spin else S, spin)
    rho, nu = symbols(topology).values()
    found = parameters(topology)
    assert found.weights == (1 - X, X - Y, Y)
    assert found.shift == (X - Y, Y)
    assert found.delta == (1 - X) * rho + X * nu**2 - X * (1 - X) - (X - Y) * Y * T
    assert (found.variables, found.inner) == ((("x", "0", "1"),), "y")
    assert topology.slots == (Slot("rho", 2), Slot("nu", 1))
    assert topology.thresholds == (("rho", "nu"),)


@pytest.mark.parametrize("spin", [0, 1])
def test_photon_on_the_boson(spin: int) -> None:
    topology = charged_exchange(V if spin else S, V if spin else S, spin)
    rho, nu = symbols(topology).values()
    found = parameters(topology)
    assert found.shift == (X - Y, Y)
    assert found.delta == (1 - X) * nu**2 + X * rho - X * (1 - X) - (X - Y) * Y * T
    assert (found.variables, found.inner) == ((("x", "0", "1"),), "y")
    assert topology.slots == (Slot("rho", 2), Slot("nu", 1))
    assert topology.thresholds == (("rho", "nu"),)


@pytest.mark.parametrize("massive", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_barr_zee(order: str, massive: bool) -> None:
    topology = barr_zee(S, V, False, order, massive)
    masses = symbols(topology)
    heavy = masses["zeta"] if massive else 0 * X
    found = parameters(topology)
    near, far = 1 - X, X - Y
    assert found.shift == ((near, far) if order == "scalar-first" else (far, near))
    assert found.delta == Y**2 + masses["rho"] * (1 - X) + heavy * (X - Y) - near * far * T
    assert (found.variables, found.inner) == ((("x", "0", "1"), ("y", "0", "x")), None)
    assert topology.slots == ((Slot("rho", 2), Slot("zeta", 2)) if massive else (Slot("rho", 2),))
    assert topology.thresholds == ()  # every cut crosses the lepton itself


def test_two_internal_fermions_between_unequal_leptons() -> None:
    """Delta_F = z M^2 + x m_F^2 + y m_F'^2 - z (x m_1^2 + y m_2^2) at q^2 = 0, any names of the masses."""
    topology = Topology(
        "transition",
        (
            Propagator((0, 0, 1), Slot("boson", 2), 0),
            Propagator((1, 0, -1), Slot("before", 1), HALF, 1),
            Propagator((0, 1, -1), Slot("after", 1), HALF, 1),
        ),
        (LineVertex(S, 0), PHOTON, LineVertex(S, 0)),
        external=(Slot("initial", 1), Slot("final", 1)),
    )
    m = symbols(topology)
    found = parameters(topology)
    z, x, y = found.weights
    expected = z * m["boson"] + x * m["before"] ** 2 + y * m["after"] ** 2
    expected -= z * (x * m["initial"] ** 2 + y * m["final"] ** 2)
    assert found.delta == expected - x * y * T
    assert found.shift == (x, y)
    assert len(found.variables) == 2
    assert topology.thresholds == (("boson", "before"), ("boson", "after"))
    with pytest.raises(UnsupportedError, match="transition"):
        assemble(topology, "magnetic")


@pytest.mark.parametrize(("string", "spin"), [(DP, 0), (V, 1), (A, 1)])
def test_the_routing_of_the_loop_momentum_does_not_matter(string: tuple[str, ...], spin: int) -> None:
    """The loop momentum on the fermion instead of the boson: another shift, the same integrand."""
    usual = neutral_exchange(string, string, spin)
    boson, *fermions = usual.propagators
    routed = Topology(
        usual.kind,
        (
            Propagator((1, 0, -1), boson.mass, spin),
            *(Propagator(k, f.mass, HALF, 1) for k, f in zip([(0, 0, 1), (-1, 1, 1)], fermions, strict=True)),
        ),
        usual.line,
    )
    assert token((-1, 1, 1)) == "-1,1,1"
    found, expected = parameters(routed), parameters(usual)
    assert found.shift != expected.shift
    assert found.delta == expected.delta
    assert assemble(routed, "magnetic").identity == assemble(usual, "magnetic").identity


def test_what_is_not_conserved_is_refused() -> None:
    with pytest.raises(UnsupportedError, match="not conserved"):
        neutral_exchange(S, S, 0, charges=(1, 1))
    with pytest.raises(UnsupportedError, match="neutral line"):
        neutral_exchange(S, S, 0, charges=(0, 1))
    quarks = Fraction(2, 3), Fraction(1, 3)
    shared = [make(S, S, 0, charges=quarks) for make in (neutral_exchange, charged_exchange)]
    assert assemble(shared[0], "magnetic") == neutral_kernel(S, S, 0)  # a unit charge of the photon's line
    wrong = shared[0].propagators[::-1]
    with pytest.raises(UnsupportedError, match="not conserved"):
        Topology("crossed", wrong, (LineVertex(S, 2), PHOTON, LineVertex(S, 2)))
    with pytest.raises(UnsupportedError, match="in one line"):
        Topology("open", wrong, (LineVertex(S, 2), LineVertex(S, 2)))


def test_slots_and_thresholds_follow_a_substitution() -> None:
    kernel = neutral_kernel(S, S, 0)
    assert (kernel.slots, kernel.thresholds) == ((EXCHANGED, Slot("nu", 1)), (("rho", "nu"),))
    for value in (1, constant(1)):
        equal = kernel.substitute({"nu": value})
        assert (equal.slots, equal.thresholds) == ((EXCHANGED,), ())
    massless = kernel.substitute({"nu": constant(0)})
    assert (massless.slots, massless.thresholds) == ((EXCHANGED,), (("rho",),))
    flipped = kernel.substitute({"nu": -mass("nu")})
    assert (flipped.slots, flipped.thresholds) == (kernel.slots, kernel.thresholds)
    assert barr_zee_kernel(DP, V, True, "scalar-first", True).slots == (EXCHANGED, Slot("zeta", 2))
    assert cutoff_logarithm().slots == (Slot("lam", 2),)


def test_the_longitudinal_part_of_a_z_drops_out_of_an_effective_vertex() -> None:
    parts = integrands(barr_zee(S, V, False, "scalar-first", True), "magnetic")
    assert [divided for divided, _ in parts] == [()]
    everything = integrands(neutral_exchange(V, V, 1), "magnetic")
    assert [divided for divided, _ in everything] == [(), ("rho",)]


def test_constants_beside_the_logarithm() -> None:
    assert divergence_constant(1, "larin") == 0
    assert divergence_constant(3, "four-dimensional") == Fraction(3, 2)
    assert divergence_constant(1, "cutoff") == Fraction(-3, 2)
    with pytest.raises(UnsupportedError, match="power of the cut-off"):
        divergence_constant(2, "cutoff")


def test_the_constant_of_the_cut_against_the_integral() -> None:
    """int_0^L u^2/(u + 1)^3 du - ln L, by quadrature of u = exp(s)."""
    from mpmath import exp, linspace, log, mp, quad

    with mp.workdps(25):
        end = mp.mpf(10) ** 12
        points = linspace(-60, log(end), 30)
        value = quad(lambda s: exp(3 * s) / (exp(s) + 1) ** 3, points) - log(end)
        constant_beside = divergence_constant(1, "cutoff")
        assert (
            abs(value - mp.mpf(constant_beside.numerator) / constant_beside.denominator) < mp.mpf(10) ** -11
        )
