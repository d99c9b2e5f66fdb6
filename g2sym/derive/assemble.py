"""From a topology to the Feynman integral of a dipole moment, in the masses that its slots name."""

from __future__ import annotations

from collections import Counter
from functools import cache

from g2sym.base.classes import replace
from g2sym.derive.dirac import GAMMA5, String
from g2sym.derive.insertions import Inverse
from g2sym.derive.kinematics import Poly
from g2sym.derive.loop import MINIMAL, LoopIntegrand, integrate_loop, is_four_dimensional
from g2sym.derive.numerator import numerators
from g2sym.derive.parameters import parameters
from g2sym.derive.projector import Dipole
from g2sym.derive.series import split
from g2sym.derive.topology import (
    GAUGES,
    Gauge,
    Order,
    Topology,
    barr_zee,
    charged_exchange,
    neutral_exchange,
)
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral, combine
from g2sym.integrals.rational import Frac, constant, from_terms, gen
from g2sym.integrals.rational import Poly as IntegralPoly

FOUR_DIMENSIONAL = "four-dimensional"


def dipole_of(outgoing: String, incoming: String) -> Dipole:
    """Return which dipole a pair of vertices feeds: the one with an even number of gamma5 in all."""
    odd = (outgoing + incoming).count(GAMMA5) % 2
    return "electric" if odd else "magnetic"


def barr_zee_moment(scalar: String, vector: String, dual: bool) -> Dipole:
    """Return which dipole a pair of vertices feeds: gamma5 and the epsilon tensor come in pairs in F2."""
    return "magnetic" if (scalar + vector).count(GAMMA5) % 2 == int(dual) else "electric"


@cache
def integrands(
    topology: Topology, dipole: Dipole, scheme: str = MINIMAL, epsilon0123: int = 1
) -> tuple[tuple[Inverse, LoopIntegrand], ...]:
    """Derive the dipole form factor of a topology, with t = q^2 still expanded.

    Parameters: ``dipole``; ``scheme``, see `g2sym.base.conventions.SCHEMES`; ``epsilon0123``. Returns
    pairs (squared masses that the part is divided by, integrand) in units of 1/(16 pi^2).
    """
    found = numerators(topology, dipole, is_four_dimensional(scheme), epsilon0123)
    generated = parameters(topology)
    return tuple((inverse, integrate_loop(n, generated, scheme)) for inverse, n in found.items())


@cache
def assemble(
    topology: Topology, dipole: Dipole, scheme: str = FOUR_DIMENSIONAL, epsilon0123: int = 1
) -> FeynmanIntegral:
    """Derive the dipole kernel of a topology.

    Parameters: ``dipole``; ``scheme`` and ``epsilon0123``, the declared conventions, which enter effective
    vertices. Returns the integral whose value times the couplings over 16 pi^2 is the form factor of a
    unit charge: F2, or -2 times the coefficient of P^mu gamma5. An ultraviolet pole that is left is kept as
    the coefficient of ln(Lambda^2/m^2).
    Raises ArithmeticError when the form factor is singular at q^2 = 0.
    """
    if topology.external != (1, 1):
        raise UnsupportedError("Two different external masses make a transition, which is not derived yet.")
    generated = parameters(topology)
    found = integrands(topology, dipole, MINIMAL if topology.is_renormalisable else scheme, epsilon0123)
    parts = [(inverse, part) for inverse, part in found if not part.is_zero]
    divided: Counter[str] = Counter()
    for inverse, _ in parts:
        divided |= Counter(inverse)
    divisor = _power(divided)
    base = FeynmanIntegral(
        variables=generated.variables,
        delta=carried(topology, split(generated.delta, "t")[0]),
        powers=(),
        log=constant(0),
        divisor=divisor,
        pole=Frac.of(0),
        diagram=topology.diagram,
        scheme=scheme,
        provenance=_provenance(topology, dipole, scheme, epsilon0123),
        slots=topology.slots,
        thresholds=topology.thresholds,
    )
    lifted = [(_power(divided - Counter(inverse)), part) for inverse, part in parts]
    residue = _sum(topology, base, [(w, p.leading) for w, p in lifted if p.leading])
    if (residue.powers or residue.log != 0) and not residue.canonical.is_zero:
        raise ArithmeticError("the form factor is singular at q^2 = 0")
    kernel = _sum(topology, base, lifted)
    undivided = sum((w * carried(topology, p.pole) for w, p in lifted), constant(0))
    pole = replace(base, powers=((0, undivided),)).canonical.rational
    return replace(kernel, pole=pole)


def _sum(
    topology: Topology, base: FeynmanIntegral, parts: list[tuple[IntegralPoly, LoopIntegrand]]
) -> FeynmanIntegral:
    """Add up parts of an integrand, as one numerator over Delta where there is one parameter."""
    powers: dict[int, IntegralPoly] = {}
    log = constant(0)
    for weight, part in parts:
        for k, numerator in part.powers.items():
            powers[k] = powers.get(k, constant(0)) + weight * carried(topology, numerator)
        log += weight * carried(topology, part.log)
    if len(base.variables) > 1:
        if any(k > 1 and p != 0 for k, p in powers.items()):
            raise UnsupportedError("The diagram gives an integral that the engine does not reduce.")
    elif (joined := combine(powers, log, base.delta, base.variables[0][0])) is not None:
        powers, log = {1: joined}, constant(0)
    return replace(base, powers=tuple(sorted((k, p) for k, p in powers.items() if p != 0)), log=log)


def _power(names: Counter[str]) -> IntegralPoly:
    out = constant(1)
    for name, power in names.items():
        out *= gen(name) ** power
    return out


def carried(topology: Topology, poly: Poly) -> IntegralPoly:
    """Carry a polynomial in masses and Feynman parameters to the integrals' ring, masses by slot."""
    kept = {"x": "x", "y": "y", **{topology.generator(s): s.name for s in topology.slots}}
    names = poly.context().names()
    places = [i for i, name in enumerate(names) if name in kept]
    terms = {}
    for powers, value in poly.to_dict().items():
        if sum(powers) != sum(powers[i] for i in places):
            raise ArithmeticError("a loop product survived the loop integration")
        terms[tuple(powers[i] for i in places)] = value
    return from_terms(terms, tuple(kept[names[i]] for i in places))


def _provenance(topology: Topology, dipole: Dipole, scheme: str, epsilon0123: int) -> tuple[str, ...]:
    projected = f"{dipole} projector from the inverse Gram matrix of gamma, P, q"
    if topology.is_effective:
        dual = topology.insertion == "effective dual"
        return (
            projected,
            f"epsilon^0123 = {epsilon0123:+d}, joined to gamma5 as an antisymmetrised product"
            if dual
            else "no epsilon tensor",
            f"scheme {scheme}: 1/eps read as ln Lambda^2",
        )
    return (
        projected,
        "traces in d = 4 - 2 eps, gamma5 anticommuting on the open line",
        "boson propagator g - l l/M^2" if topology.ends[0].spin else "scalar propagator",
    )


@cache
def neutral_kernel(outgoing: String, incoming: String, spin: int, part: int | None = None) -> FeynmanIntegral:
    """Derive the dipole kernel of a neutral boson exchanged on a lepton line.

    Parameters: gamma strings after and before the photon (`BOSON` for the boson's own index, ``"l"``
    for its slashed momentum), ``spin`` 0 or 1; ``part`` of a spin-1 propagator, 0 for -g (Feynman
    gauge), 1 for l l/M^2, None for both. Returns the integral over x, the weight of the internal
    fermion. Its value times both couplings over 16 pi^2 is the form factor: F2, or -2 times the
    coefficient of P^mu gamma5 when one vertex carries a gamma5 more than the other.
    Raises UnsupportedError when an ultraviolet pole is left.
    """
    gauge: Gauge = "unitary" if part is None else GAUGES[part]
    return assemble(neutral_exchange(outgoing, incoming, spin, gauge), dipole_of(outgoing, incoming))


@cache
def charged_kernel(outgoing: String, incoming: String, spin: int) -> FeynmanIntegral:
    """Derive the dipole kernel of a boson exchanged on a lepton line, with the photon on the boson.

    Parameters: gamma strings where the boson is absorbed and emitted; ``spin``, 0, or 1 for a vector in
    unitary gauge with the Yang-Mills vertex. Returns the integral over x, the weight of the bosons; its
    value times both couplings over 16 pi^2 is the form factor where the boson's charge is the lepton's.
    Raises UnsupportedError when an ultraviolet pole is left.
    """
    return assemble(charged_exchange(outgoing, incoming, spin), dipole_of(outgoing, incoming))


@cache
def barr_zee_kernel(
    scalar: String,
    vector: String,
    dual: bool,
    order: Order,
    massive: bool,
    scheme: str = FOUR_DIMENSIONAL,
    epsilon0123: int = 1,
) -> FeynmanIntegral:
    """Derive the dipole form factor of one ordering of a Barr-Zee-type diagram, see `barr_zee_moment`.

    Parameters: gamma strings of X (``"l"`` its slashed momentum) and of V on the lepton line;
    ``dual``, True for X F Vdual; ``order`` along the line; ``massive``, True when V is the Z;
    ``scheme`` and ``epsilon0123``, the declared conventions. Returns the integral over
    0 < y < x < 1, y the weight of the lepton, 1 - x of X and x - y of V. Its value plus ``pole`` times
    ln(Lambda^2/m^2) is F2, or -2 times the coefficient of P^mu gamma5, times 16 pi^2 over the product of the
    couplings, over a further i for the dual; the effective vertex is epsilon^{q mu kV si} or (q.kV)
    g^{mu si} - kV^mu q^si.
    Source: the integrand of arXiv:2506.17750, Eqs. (8), (10) and (14), comes out of it; the electric ones
    are checked against explicit matrices (`tests/oracle`).
    """
    moment = barr_zee_moment(scalar, vector, dual)
    return assemble(barr_zee(scalar, vector, dual, order, massive), moment, scheme, epsilon0123)
