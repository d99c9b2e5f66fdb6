"""From a declared Lagrangian to the dipole form factors of one charged lepton's transition to another.

At q^2 = 0 the vertex is i e i sigma^{mu nu} q_nu m (A_L P_L + A_R P_R), m the mass of the lepton that
decays. What is derived is f = m^2 (A_R + A_L), "magnetic", and g = m^2 (A_R - A_L), "electric": -2 times the
coefficients of P^mu and of P^mu gamma5, by Gordon's identities with two masses. Self-energies on the
external lines add to neither.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.meter import FILE, metered
from g2sym.derive.assemble import carried, dipole_of, integrands
from g2sym.derive.contributions import Pending
from g2sym.derive.dirac import GAMMA5, STRENGTH, String
from g2sym.derive.exchange import KINDS, Store, accumulate, interference, photon_lines, propagates
from g2sym.derive.gauge import E_EM, effective_vertices
from g2sym.derive.kinematics import Poly
from g2sym.derive.parameters import parameters
from g2sym.derive.projector import Dipole, transition_projector
from g2sym.derive.series import split
from g2sym.derive.terms import Masses, Term
from g2sym.derive.topology import (
    EXCHANGED,
    INTERNAL,
    TURNED,
    Topology,
    charged_exchange,
    neutral_exchange,
    words,
)
from g2sym.derive.vertices import Particle, Vertex, line_vertices, pairs, particle
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import Diagram, unit_integral
from g2sym.integrals.rational import Poly as IntegralPoly
from g2sym.integrals.rational import by_powers, constant, gen, substitute
from g2sym.integrals.transition import TransitionIntegral
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.operators import Operator

UNPAIRED = "form factors of l -> l' gamma through two gauge bosons are not derived yet"
UNRENORMALISED = (
    "the couplings do not renormalise: form factors of l -> l' gamma with a logarithm of the cut-off are not "
    "derived"
)


@dataclass(frozen=True)
class Transition:
    """Everything derived for one transition; coefficients are complex.

    ``magnetic`` and ``electric``, terms of the loops, ``tree`` and ``electric_tree`` those of declared dipole
    couplings of the photon; ``pending`` what is refused; ``remarks`` sentences.
    """

    magnetic: tuple[Term, ...]
    electric: tuple[Term, ...]
    tree: tuple[Term, ...]
    electric_tree: tuple[Term, ...]
    pending: tuple[Pending, ...]
    remarks: tuple[str, ...] = ()


def derive_transition(
    declaration: Declaration, first: str, second: str, conventions: Conventions, merged: bool = True
) -> Transition:
    """Derive the contributions of a declared Lagrangian to ``first`` -> ``second`` gamma.

    Parameters: ``merged``, True where an internal lepton's mass that is an external one's is put into the
    integrals, False where it stays a slot of its own, which an expansion in external masses does not touch.
    Raises UnsupportedError for couplings that the engine does not know, ExpansionError for couplings whose
    products have too many terms.
    """
    with metered(FILE, f"model '{declaration.name}', couplings of {first} and {second}"):
        return _derive(declaration, first, second, conventions, merged)


def _derive(
    declaration: Declaration, first: str, second: str, conventions: Conventions, merged: bool
) -> Transition:
    vertices: list[Vertex] = []
    dipoles: list[Vertex] = []
    pending: list[Pending] = []
    scalars: set[str] = set()
    for operator in operators_of(declaration, first, second):
        found = line_vertices(operator)
        if found is not None:
            (vertices if found[0].boson != "A" else dipoles).extend(found)
        elif effective_vertices(operator) is not None:
            scalars |= {b.field for b in operator.bosons if b.field not in ("A", "Z")}
            pending += _effective(operator, declaration, first, second)
        elif operator.bilinear is None:
            reason = "the engine has no Feynman rule for this coupling of bosons"
            pending.append(Pending(operator.coefficient, f"the term {operator.text()}", reason))
        elif {operator.bilinear.bar, operator.bilinear.field} & {first, second}:
            reason = "the engine has no Feynman rule for this coupling on a fermion line yet"
            pending.append(Pending(operator.coefficient, f"the term {operator.text()}", reason))
    found_pairs = pairs(vertices, first, second)
    remarks: list[str] = []
    if conventions.standard_model == "present":
        mixed = interference(vertices, first, second)
        found_pairs += mixed
        remarks += sorted(
            {
                f"Interference of the couplings of {a.boson} with the Standard Model's is included."
                for a, _ in mixed
            }
        )
    magnetic, electric = _exchanges(declaration, first, second, found_pairs, pending, merged)
    pending += _loops_of_dipoles(dipoles, first, second)
    tree, electric_tree = _tree(declaration, first, dipoles, second)
    return Transition(magnetic, electric, tree, electric_tree, tuple(pending), tuple(remarks))


def operators_of(declaration: Declaration, first: str, second: str) -> list[Operator]:
    """Return the operators with the generic lepton standing for each of two leptons, once each."""
    own = list(declaration.for_lepton(first))
    return own + [o for o in declaration.for_lepton(second) if o not in own]


def _effective(operator: Operator, declaration: Declaration, first: str, second: str) -> Iterator[Pending]:
    """Yield what an effective coupling to two gauge bosons adds through a scalar that changes the lepton."""
    scalar = next(b.field for b in operator.bosons if b.kind == "field")
    for other in operators_of(declaration, first, second):
        for vertex in line_vertices(other) or ():
            if vertex.boson == scalar and {vertex.fermion_in, vertex.fermion_out} == {first, second}:
                text = f"the pair {operator.coefficient} and {other.coefficient} of '{scalar}'"
                yield Pending(operator.coefficient * other.coefficient, text, UNPAIRED)


def _loops_of_dipoles(dipoles: Iterable[Vertex], first: str, second: str) -> Iterator[Pending]:
    """Yield dipole couplings of the photon that stand in loops only."""
    for vertex in dipoles:
        ends = {vertex.fermion_in, vertex.fermion_out}
        if ends != {first, second} and ends & {first, second} and len(ends) > 1:
            reason = "loops with a photon's dipole coupling are not derived yet"
            text = f"the photon's dipole coupling of {vertex.fermion_out} and {vertex.fermion_in}"
            yield Pending(vertex.coefficient, text, reason)


def _exchanges(
    declaration: Declaration,
    first: str,
    second: str,
    found: Iterable[tuple[Vertex, Vertex]],
    pending: list[Pending],
    merged: bool,
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    stores: dict[Dipole, Store] = {"magnetic": {}, "electric": {}}
    outer, turned = particle(declaration, first), particle(declaration, second)
    for emit, absorb in found:
        boson, inner = particle(declaration, emit.boson), particle(declaration, emit.fermion_out)
        if not propagates(boson.field, emit, absorb):
            continue
        coupling = emit.rule(emitted=True) * absorb.rule(emitted=False) * inner.field.colour
        try:
            for term in _terms(outer, turned, inner, boson, emit, absorb, coupling, merged):
                accumulate(stores[dipole_of(absorb.string, emit.string)], term)
        except UnsupportedError as error:
            text = f"the contribution of '{boson.name}' with '{inner.name}' to {first} -> {second} gamma"
            pending.append(Pending(coupling, text, str(error)))
    magnetic, electric = (
        tuple(t for t in stores[kind].values() if not t.coefficient.is_zero)
        for kind in ("magnetic", "electric")
    )
    return magnetic, electric


def _terms(
    outer: Particle,
    turned: Particle,
    inner: Particle,
    boson: Particle,
    emit: Vertex,
    absorb: Vertex,
    coupling: Coefficient,
    merged: bool,
) -> Iterator[Term]:
    """Yield coupling times kernel for one pair of vertices: the photon on the fermion, then on the boson."""
    scaled = coupling * Coefficient.symbol(outer.mass) ** (emit.momenta + absorb.momenta)
    for weight, charged in photon_lines(outer, inner, emit, absorb):
        kernel = transition_kernel(absorb.string, emit.string, int(boson.field.spin), charged)
        bound = {EXCHANGED.name: boson.mass, INTERNAL.name: inner.mass, TURNED.name: turned.mass}
        if merged and inner.mass == outer.mass:
            kernel = kernel.substitute({INTERNAL.name: constant(1)})
        elif merged and inner.mass == turned.mass:
            kernel = kernel.substitute({INTERNAL.name: gen(TURNED.name)})
        named = Diagram(KINDS[charged], boson.name, inner.name, (words(emit.string), words(absorb.string)))
        kernel = replace(kernel, diagram=named)
        slots = [bound[slot.name] for slot in kernel.slots]
        yield Term(scaled * weight, kernel, Masses.of(outer.mass, kernel, slots))


@cache
def transition_kernel(outgoing: String, incoming: String, spin: int, charged: bool) -> TransitionIntegral:
    """Derive the integral of a form factor of l -> l' gamma with one boson exchanged.

    Parameters: gamma strings after and before the photon; ``spin``, 0 or 1, of the boson, a charged vector
    with the Yang-Mills vertex; ``charged``, True with the photon on the boson. Returns the integral whose
    value times both couplings over 16 pi^2 is m^2 (A_R + A_L), or m^2 (A_R - A_L) where one vertex carries a
    gamma5 more than the other, for a unit charge of the line that the photon joins.
    Raises UnsupportedError when an ultraviolet pole is left.
    """
    make = charged_exchange if charged else neutral_exchange
    topology = make(outgoing, incoming, spin, external=(1, TURNED))
    if STRENGTH in (*outgoing, *incoming):
        raise UnsupportedError(UNRENORMALISED)
    propagator = "boson propagator g - l l/M^2" if spin else "scalar propagator"
    return transition_integral(topology, dipole_of(outgoing, incoming), (propagator,))


def transition_integral(
    topology: Topology, dipole: Dipole, provenance: tuple[str, ...] = ()
) -> TransitionIntegral:
    """Derive a form factor's integral from a topology whose external lepton changes its mass.

    Parameters: ``dipole``, which form factor; ``provenance``, further lines for the record.
    Raises UnsupportedError when an ultraviolet pole is left.
    """
    determinant = transition_projector(dipole, topology.turned)[1]
    delta = carried(topology, split(parameters(topology).delta, "t")[0])
    divisor = constant(1)
    parts = [(inverse, part) for inverse, part in integrands(topology, dipole) if not part.is_zero]
    for inverse, _ in parts:
        for name in inverse:
            divisor = gen(name)
    numerator, logarithm, pole = constant(0), constant(0), constant(0)
    for inverse, part in parts:
        weight = constant(1) if inverse or divisor == 1 else divisor
        own = {k: carried(topology, _divided(p, determinant)) for k, p in part.powers.items()}
        logarithm = logarithm + weight * carried(topology, _divided(part.log, determinant))
        pole = pole + weight * carried(topology, _divided(part.pole, determinant))
        if own.keys() - {0, 1}:
            raise UnsupportedError("The diagram gives an integral that the engine does not reduce.")
        numerator = numerator + weight * (own.get(1, constant(0)) + own.get(0, constant(0)) * delta)
    if _over(pole) != 0 or _over(logarithm) != 0:
        raise UnsupportedError(UNRENORMALISED)
    lines = (
        f"{dipole} projector from the inverse Gram matrix of gamma, P, q with two masses at q^2 = 0",
        "traces in d = 4 - 2 eps, gamma5 anticommuting on the open line",
        *provenance,
    )
    numerator = numerator - _by_parts(logarithm, delta)
    return TransitionIntegral.of(delta, numerator, divisor, topology.slots, topology.diagram, lines)


def _divided(poly: Poly, determinant: Poly) -> Poly:
    quotient, rest = divmod(poly, determinant)
    if rest != 0:
        raise ArithmeticError("the form factor is no polynomial over Delta")
    return quotient


def _by_parts(log: IntegralPoly, delta: IntegralPoly) -> IntegralPoly:
    """Return what stands over Delta where a polynomial times ln Delta is integrated by parts, negative.

    The polynomial, whose integral over 0 < y < x < 1 is zero, is the divergence of (x g, y g), x^a y^b of it
    giving x^a y^b/(a + b + 2) in g: no flux leaves through y = 0 and y = x, and g(1, y) through x = 1. With
    h(y) = int_0^y g(1, z) dz, zero at both ends, the curl of x^k h(y/x) has the same flux and no divergence.
    The difference of the two has none on any side, so that nothing is left at the ends; it vanishes at x = 1,
    where Delta does when the two lines beside the photon are massless.
    """
    x, y = gen("x"), gen("y")
    total, at_end = constant(0), constant(0)
    for i, row in by_powers(log, "x").items():
        for j, value in by_powers(row, "y").items():
            total = total + value * x**i * y**j / (i + j + 2)
            at_end = at_end + value * y**j / (i + j + 2)
    h = by_powers(at_end.integral("y"), "y")
    k = max(h, default=0)
    stream = sum((value * x ** (k - n) * y**n for n, value in h.items()), constant(0))
    along = x * total - stream.derivative("y")
    across = y * total + stream.derivative("x")
    return along * delta.derivative("x") + across * delta.derivative("y")


def _over(poly: IntegralPoly) -> IntegralPoly:
    """Integrate a polynomial over 0 < y < x < 1."""
    outer = substitute(poly.integral("y"), {"y": gen("x")}).integral("x")
    return substitute(outer, {"x": constant(1)})


def _tree(
    declaration: Declaration, first: str, dipoles: Iterable[Vertex], second: str
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Return the terms that need no loop: L = lbar' (c + c5 gamma5) sigma^{ab} l F_ab + h.c. gives 4 m c/e.

    A term stands over 16 pi^2, which the coefficient takes back.
    """
    mass, unit = particle(declaration, first).mass, unit_integral()
    own = [v for v in dipoles if (v.fermion_in, v.fermion_out) == (first, second)]
    scale = Coefficient.symbol(mass) * Coefficient.symbol("pi") ** 2 * 64 / E_EM
    made = []
    for five in (False, True):
        # the commutator of momentum and gamma matrix stands for i sigma F
        some = (v.coefficient * Coefficient.number(0, -1) for v in own if (GAMMA5 in v.string) == five)
        total = sum(some, Coefficient.number(0))
        terms = () if total.is_zero else (Term(total * scale, unit, Masses.of(mass, unit, [])),)
        made.append(terms)
    return made[0], made[1]
