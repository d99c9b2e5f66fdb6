"""Integrands of l -> l' gamma: the published formulas with both masses, gauge independence, symmetries."""

from __future__ import annotations

from fractions import Fraction

import pytest

from g2sym.base.classes import replace
from g2sym.derive.assemble import dipole_of
from g2sym.derive.dirac import BOSON, GAMMA5, MOMENTUM, STRENGTH
from g2sym.derive.projector import transition_projector
from g2sym.derive.topology import TURNED, charged_exchange, goldstone_exchange, neutral_exchange
from g2sym.derive.transitions import transition_integral, transition_kernel
from g2sym.errors import UnsupportedError
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.integrals.region import at as evaluated
from g2sym.integrals.transition import TransitionIntegral
from g2sym.kernels.transition import TransitionValues

S, P, V, A = (), (GAMMA5,), (BOSON,), (GAMMA5, BOSON)
X, Y, RHO, NU, ETA = (gen(name) for name in ("x", "y", "rho", "nu", "eta"))
Z, FIRST, SECOND = 1 - X, X - Y, Y
"""The weights of the line opposite to the photon, of that beside l and of that beside l'."""
CHIRAL = {"S": (1, 1), "P": (-1, 1), "V": (1, 1), "A": (-1, 1)}
"""(L, R) of 1 and gamma5, and of gamma and gamma gamma5."""
POINTS = [(Fraction(3), Fraction(1, 2), Fraction(1, 5)), (Fraction(1, 2), Fraction(5, 3), Fraction(7, 4))]


def scalar(kind: str, first: tuple, second: tuple):
    """m_1 times the numerator of A_R for spin 0, m_1 = 1 and m_2 = eta (Lavoura 2003, both masses kept)."""
    (l1, r1), (l2, r2) = first, second
    flip = NU * r2 * l1
    rest = Z * (FIRST * r2 * r1 + SECOND * ETA * l2 * l1)
    return ((FIRST + SECOND) if kind == "F" else Z) * flip + rest


def vector(kind: str, first: tuple, second: tuple):
    """rho times the same for spin 1, its Goldstone part besides."""
    (l1, r1), (l2, r2) = first, second
    one, two = l2 * l1, ETA * r2 * r1
    if kind == "F":
        own = 4 * Z * NU * l2 * r1 - 2 * Z * ((1 - FIRST) * one + (1 - SECOND) * two)
    else:
        own = 4 * (1 - Z) * NU * l2 * r1 - 2 * one * (FIRST * (1 - Z) + SECOND)
        own -= 2 * two * (SECOND * (1 - Z) + FIRST)
    eaten = (l1 - NU * r1, r1 - NU * l1), (ETA * l2 - NU * r2, ETA * r2 - NU * l2)
    return RHO * own + scalar(kind, *eaten)


def right_minus_left(numerator, kind, first, second, dipole):
    """The numerator of m^2 (A_R + A_L) or m^2 (A_R - A_L)."""
    straight, turned = numerator(kind, first, second), numerator(kind, first[::-1], second[::-1])
    return straight + turned if dipole == "magnetic" else straight - turned


def published(outgoing: str, incoming: str, charged: bool) -> TransitionIntegral:
    """The formula's integral in the engine's normalisation: couplings of lbar' phi F and of Fbar phi l.

    What is emitted stands in the conjugate term: a scalar's gamma5 changes its sign there, a vector's not;
    right of gamma, gamma5 has the sign of the chiral projectors.
    """
    derived = transition_kernel(STRINGS[outgoing], STRINGS[incoming], int(outgoing in "VA"), charged)
    numerator = vector if outgoing in "VA" else scalar
    kind = "B" if charged else "F"
    dipole = dipole_of(STRINGS[outgoing], STRINGS[incoming])
    (l2, r2), (l1, r1) = CHIRAL[outgoing], CHIRAL[incoming]
    if outgoing in "SP":
        l1, r1 = r1, l1  # lbar (L PL + R PR) F + h.c. has Fbar (R^* PL + L^* PR) l
    else:
        l1, r1 = -l1 if incoming == "A" else l1, -r1 if incoming == "A" else r1
        l2, r2 = -l2 if outgoing == "A" else l2, -r2 if outgoing == "A" else r2
    total = right_minus_left(numerator, kind, (l1, r1), (l2, r2), dipole)
    return replace(derived, powers=((1, total),) if total != 0 else ())


STRINGS = {"S": S, "P": P, "V": V, "A": A}
PAIRS = [(a, b) for pair in ("SP", "VA") for a in pair for b in pair]


def values_at(integral: TransitionIntegral, point: tuple) -> dict:
    names = ("rho", "nu", "eta")
    return dict(TransitionValues(integral).functions(dict(zip(names, point, strict=True))))


@pytest.mark.parametrize("charged", [False, True], ids=["F", "B"])
@pytest.mark.parametrize(("outgoing", "incoming"), PAIRS)
def test_every_kernel_is_the_published_one(outgoing: str, incoming: str, charged: bool) -> None:
    """Equal sums of functions at exact masses; a unit charge of the lepton is -1, so -Q_F N_F and Q_B N_B."""
    derived = transition_kernel(STRINGS[outgoing], STRINGS[incoming], int(outgoing in "VA"), charged)
    known = published(outgoing, incoming, charged)
    sign = -1 if charged else 1
    for point in POINTS:
        got = values_at(derived, point)
        assert got
        assert got == {key: sign * value for key, value in values_at(known, point).items()}


@pytest.mark.parametrize("charged", [False, True], ids=["F", "B"])
@pytest.mark.parametrize(("outgoing", "incoming"), PAIRS[:4])
def test_scalar_integrands_are_the_published_polynomials(outgoing: str, incoming: str, charged: bool) -> None:
    derived = transition_kernel(STRINGS[outgoing], STRINGS[incoming], 0, charged)
    known = published(outgoing, incoming, charged)
    assert derived.numerator == (-1 if charged else 1) * known.numerator
    single, pair = (NU**2, RHO) if charged else (RHO, NU**2)
    assert derived.delta == Z * single + (FIRST + SECOND) * pair - Z * (FIRST + SECOND * ETA**2)


def test_two_kernels_as_rational_functions() -> None:
    """Equal for all masses, not at points alone."""
    for outgoing, incoming, charged in (("S", "P", True), ("V", "V", False)):
        derived = transition_kernel(STRINGS[outgoing], STRINGS[incoming], int(outgoing == "V"), charged)
        known = published(outgoing, incoming, charged).functions
        sign = Frac.of(constant(-1 if charged else 1))
        assert derived.functions == {key: sign * value for key, value in known.items()}


BOTH = (1, TURNED)


def in_feynman_gauge(outgoing: tuple, incoming: tuple, charged: bool):
    """Factor and integral of each diagram; Goldstone couplings are those of `g2sym.derive.goldstones`.

    V_a -> V_a + D_a G/M gives -(i/M)(m_i L - m_F R) with the mass of the lepton at each vertex.
    """
    axial = [GAMMA5 in string for string in (outgoing, incoming)]
    last, first = (P if five else S for five in axial)
    absorbed = ETA + NU if axial[0] else NU - ETA
    emitted = 1 + NU if axial[1] else 1 - NU
    both, one = Frac.of(-absorbed * emitted, RHO), Frac.of(constant(1))
    if not charged:
        yield one, neutral_exchange(outgoing, incoming, 1, "metric", external=BOTH)
        yield both, neutral_exchange(last, first, 0, external=BOTH)
        return
    yield one, charged_exchange(outgoing, incoming, 1, gauge="metric", external=BOTH)
    yield both, charged_exchange(last, first, 0, external=BOTH)
    yield Frac.of(absorbed), goldstone_exchange(last, incoming, (1, 0), BOTH)
    yield Frac.of(-emitted), goldstone_exchange(outgoing, first, (0, 1), BOTH)


@pytest.mark.parametrize("charged", [False, True], ids=["F", "B"])
@pytest.mark.parametrize(("outgoing", "incoming"), PAIRS[4:])
def test_the_gauge_does_not_matter(outgoing: str, incoming: str, charged: bool) -> None:
    """Unitary gauge equals Feynman gauge with the Goldstone boson, exactly, at random masses."""
    strings = STRINGS[outgoing], STRINGS[incoming]
    dipole = dipole_of(*strings)
    for point in POINTS:
        want = values_at(transition_kernel(*strings, 1, charged), point)
        total: dict = {}
        for factor, topology in in_feynman_gauge(*strings, charged):
            at = {name: Fraction(value) for name, value in zip(("rho", "nu", "eta"), point, strict=True)}
            weight = evaluated(factor, at)
            for key, value in values_at(transition_integral(topology, dipole), point).items():
                total[key] = total.get(key, 0) + weight.numerator * value / weight.denominator
        assert {key: value for key, value in total.items() if value != 0} == want


@pytest.mark.parametrize(("outgoing", "incoming"), PAIRS[4:])
def test_a_massless_fermion_beside_the_photon_leaves_an_integrand_that_can_be_integrated(
    outgoing: str, incoming: str
) -> None:
    """Delta has the factor 1 - x there, and so has the numerator: the flux of what is integrated by parts
    vanishes at that side."""
    kernel = transition_kernel(STRINGS[outgoing], STRINGS[incoming], 1, False)
    massless = kernel.substitute({"nu": constant(0), "x": constant(1)})
    assert massless.numerator == 0
    assert kernel.substitute({"nu": constant(0)}).functions


def test_parity_exchanges_the_form_factors_of_definite_parity() -> None:
    """m_F -> -m_F and a gamma5 at both vertices: S S to P P, with the opposite sign for spin 0."""
    for charged in (False, True):
        plain, turned = (transition_kernel(one, one, 0, charged) for one in (S, P))
        at = {"rho": Fraction(3), "nu": Fraction(1, 2), "eta": Fraction(1, 5)}
        there = {k: -v for k, v in TransitionValues(turned).functions({**at, "nu": -at["nu"]})}
        assert dict(TransitionValues(plain).functions(at)) == there


@pytest.mark.parametrize("dipole", ["magnetic", "electric"])
def test_the_projector_is_that_of_one_mass_in_no_limit(dipole: str) -> None:
    """Its Gram determinant vanishes where the masses are equal, and where they are opposite."""
    _, determinant = transition_projector(dipole, "m3")
    assert determinant.factor()[1]
    names = determinant.context().names()
    place = names.index("m3")

    def at(value: int) -> int:
        total = 0
        for powers, weight in determinant.to_dict().items():
            total += int(weight) * value ** powers[place]
        return total

    assert at(1) == at(-1) == 0
    assert at(2)


def test_couplings_that_do_not_renormalise_are_refused() -> None:
    with pytest.raises(UnsupportedError, match="logarithm of the cut-off"):
        transition_kernel((STRENGTH,), V, 1, False)
    with pytest.raises(UnsupportedError, match="Both leptons have one mass"):
        str(transition_kernel(S, S, 0, False).substitute({"eta": constant(1)}).functions)
    slashes = (MOMENTUM, MOMENTUM)
    with pytest.raises(UnsupportedError, match="logarithm of the cut-off"):
        transition_kernel(slashes, slashes, 0, False)
