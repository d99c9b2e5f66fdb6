"""Exact identities between derived integrals, stated where a term's vertices call for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache

from g2sym.derive.assemble import charged_kernel, neutral_kernel
from g2sym.derive.dirac import GAMMA5, String
from g2sym.derive.goldstones import AXIAL, VECTOR, in_feynman_gauge
from g2sym.derive.terms import Term
from g2sym.derive.topology import EXCHANGED, INTERNAL, words
from g2sym.integrals.expansion import toward
from g2sym.integrals.rational import Frac, constant, gen, zero
from g2sym.integrals.values import Value
from g2sym.kernels.confirmed import confirmed_expansion, freeze
from g2sym.proofs.integrals import prove_closed_form, prove_equal
from g2sym.proofs.verdict import EXPANSION, Proof, Verdict

SCALAR: String = ()
PSEUDOSCALAR: String = (GAMMA5,)
DERIVATIVE: String = (GAMMA5, "l")
CHARGED = "charged exchange"


def identities(term: Term) -> Iterator[Proof]:
    """Yield what holds exactly for the integral of one term of an exchange."""
    diagram = term.integral.diagram
    incoming, outgoing = diagram.vertices
    known = {words(s): s for s in (SCALAR, PSEUDOSCALAR, DERIVATIVE, VECTOR, AXIAL)}
    if incoming not in known or outgoing not in known:
        return
    first, last, charged = known[incoming], known[outgoing], diagram.kind == CHARGED
    equal_masses = term.masses.of_power(1) is None
    if {first, last} <= {VECTOR, AXIAL}:
        yield gauge_independence(last, first, charged)
    if first != last:
        return
    if first in (SCALAR, PSEUDOSCALAR):
        yield reflection(SCALAR, PSEUDOSCALAR, 0, charged)
    if first in (VECTOR, AXIAL):
        yield reflection(VECTOR, AXIAL, 1, charged)
    if charged:
        return
    if first == DERIVATIVE and equal_masses:
        yield derivative_is_yukawa()
        yield reflection(SCALAR, PSEUDOSCALAR, 0, charged)
    if first == AXIAL and equal_masses:
        yield goldstone()
    if first == VECTOR and equal_masses:
        yield conserved()
        yield schwinger()


@lru_cache(maxsize=8)
def reflection(first: String, second: String, spin: int, charged: bool = False) -> Proof:
    """The kernels of opposite parity turn into each other, up to a sign, under m_F to -m_F."""
    kernel = charged_kernel if charged else neutral_kernel
    left = kernel(first, first, spin).substitute({INTERNAL.name: -gen(INTERNAL.name)}).canonical
    right = kernel(second, second, spin).canonical
    sign = "+" if spin else "-"  # i gamma5 squares to +1 between scalars, gamma5 gamma gamma5 to -gamma
    names = "vector and axial vector" if spin else "scalar and pseudoscalar"
    where = " where the photon joins the boson" if charged else ""
    return prove_equal(
        left,
        right if spin else -right,
        f"{names} turn into each other under m_F -> -m_F{where}",
        f"K_{words(first)}(-m_F) = {sign}K_{words(second)}(m_F)",
    )


@lru_cache(maxsize=16)
def gauge_independence(outgoing: String, incoming: String, charged: bool) -> Proof:
    """Unitary gauge is Feynman gauge with a Goldstone boson, at every mass of vector and fermion."""
    kernel = charged_kernel if charged else neutral_kernel
    found, pole = in_feynman_gauge(outgoing, incoming, charged)
    where = "boson" if charged else "fermion"
    proof = prove_equal(
        kernel(outgoing, incoming, 1).canonical,
        found,
        f"gauge independence, vertices {words(incoming)} and {words(outgoing)}, photon on the {where}: "
        "unitary gauge equals Feynman gauge with the Goldstone boson",
        "K(unitary) = K(metric) + K(Goldstone) at every mass; the ultraviolet poles cancel",
    )
    return proof if pole.is_zero else replace(proof, verdict="disproved")


@lru_cache(maxsize=1)
def derivative_is_yukawa() -> Proof:
    """The derivative coupling -(g/2m) d_mu a gamma5 gamma^mu equals the Yukawa coupling -i g a gamma5."""
    one = {INTERNAL.name: constant(1)}
    derivative = neutral_kernel(DERIVATIVE, DERIVATIVE, 0).substitute(one).canonical
    yukawa = neutral_kernel(PSEUDOSCALAR, PSEUDOSCALAR, 0).substitute(one).canonical
    # rules: (g/2)^2 (i)(-i) = g^2/4 against (-i g)^2 = -g^2
    return prove_equal(
        derivative.scale(Frac.of(constant(1)) / Frac.of(4)),
        -yukawa,
        "derivative coupling equals Yukawa coupling on shell",
        "-(g/2m) d_mu a fbar gamma5 gamma^mu f and -i g a fbar gamma5 f give the same Delta a",
    )


@lru_cache(maxsize=1)
def goldstone() -> Proof:
    """The longitudinal mode couples like a pseudoscalar with 2 m/M times the axial coupling."""
    one = {INTERNAL.name: constant(1)}
    full = neutral_kernel(AXIAL, AXIAL, 1).substitute(one).canonical
    feynman = neutral_kernel(AXIAL, AXIAL, 1, 0).substitute(one).canonical
    pseudoscalar = neutral_kernel(PSEUDOSCALAR, PSEUDOSCALAR, 0).substitute(one).canonical
    # I_A = -K_axial/4 and I_P = K_pseudoscalar/2 in the integrals of arXiv:2506.17750
    return prove_equal(
        full,
        feynman + pseudoscalar.scale(Frac.of(-4, gen(EXCHANGED.name))),
        "Goldstone identity at every mass: I_A = (Feynman-gauge part) + (2 m^2/M^2) I_P",
        "the longitudinal mode is a pseudoscalar with coupling 2 m/M times the axial one",
    )


@lru_cache(maxsize=1)
def conserved() -> Proof:
    """The longitudinal mode of a vector with a conserved current drops out."""
    one = {INTERNAL.name: constant(1)}
    full = neutral_kernel(VECTOR, VECTOR, 1).substitute(one).canonical
    feynman = neutral_kernel(VECTOR, VECTOR, 1, 0).substitute(one).canonical
    return prove_equal(
        full,
        feynman,
        "gauge independence: the longitudinal part l l/M^2 drops out",
        "K_vector = K_vector in Feynman gauge, at every mass",
    )


@lru_cache(maxsize=1)
def schwinger() -> Proof:
    """A massless vector with coupling e gives alpha/2 pi."""
    kernel = neutral_kernel(VECTOR, VECTOR, 1).substitute({INTERNAL.name: constant(1)})
    path = freeze(toward(EXCHANGED.name, zero()))
    found = confirmed_expansion(kernel.canonical, path, Fraction(1, 2))
    shown = f"e^2 K_vector(0)/(16 pi^2), K_vector(0) = {found.limit}: alpha/(2 pi)"
    confirmed = prove_closed_form(kernel).verdict
    good = not found.diverges and found.limit == Value.rational(2)
    verdict: Verdict = confirmed if good else "disproved"
    return Proof("limit", "Schwinger: a massless vector with coupling e", shown, EXPANSION, verdict)
