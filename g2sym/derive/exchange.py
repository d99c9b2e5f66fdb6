"""Exchange of one boson on a lepton line: every pair of vertices, with the photon on each charged line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.relations import vanishes
from g2sym.derive.assemble import charged_kernel, dipole_of, neutral_kernel
from g2sym.derive.contributions import Pending
from g2sym.derive.cutoff import with_logarithms
from g2sym.derive.dirac import STRENGTH
from g2sym.derive.gauge import EffectiveVertex, standard_vertices
from g2sym.derive.terms import Masses, Term
from g2sym.derive.topology import INTERNAL, words
from g2sym.derive.vertices import Particle, Vertex, pairs, particle
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import Diagram, FeynmanIntegral
from g2sym.integrals.rational import constant
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import Field

Store = dict[tuple[object, ...], Term]
INTERFERING = ("Z", "W")
"""The gauge bosons that the Standard Model couples to the lepton too."""


def exchange(
    declaration: Declaration,
    lepton: str,
    vertices: list[Vertex],
    conventions: Conventions,
    refused: list[Pending],
) -> tuple[tuple[Term, ...], tuple[Term, ...]]:
    """Derive the exchange of one boson: terms of the magnetic and of the electric dipole moment.

    Parameters: ``vertices`` of the declaration; ``conventions``, which say whether declared couplings of W
    and Z add to those of the Standard Model; ``refused`` collects pairs that the engine cannot treat.
    """
    magnetic: Store = {}
    electric: Store = {}
    found = pairs(vertices, lepton)
    if conventions.standard_model == "present":
        found += interference(vertices, lepton)
    outer = particle(declaration, lepton)
    for emit, absorb in found:
        boson = particle(declaration, emit.boson)
        if not propagates(boson.field, emit, absorb):
            continue
        inner = particle(declaration, emit.fermion_out)
        store = electric if dipole_of(absorb.string, emit.string) == "electric" else magnetic
        coupling = emit.rule(emitted=True) * absorb.rule(emitted=False) * inner.field.colour
        try:
            for term in _terms(outer, inner, boson, emit, absorb, coupling):
                accumulate(store, term)
        except UnsupportedError as error:
            text = f"the contribution of '{boson.name}' with '{inner.name}' on the line of the {lepton}"
            refused.append(Pending(coupling, text, str(error)))
    # F2 is real and the coefficient of P^mu gamma5 imaginary; single pairs need not be
    even = nonzero(replace(t, coefficient=t.coefficient.real()) for t in magnetic.values())
    odd = nonzero(replace(t, coefficient=t.coefficient.imag()) for t in electric.values())
    strong = sorted({v.boson for pair in found for v in pair if STRENGTH in v.string})
    cause = f"The couplings to the field strength of {', '.join(strong)} do not renormalise: those"
    return with_logarithms(declaration, even, cause), with_logarithms(declaration, odd, cause)


def interference(
    vertices: Iterable[Vertex], lepton: str, turned: str | None = None
) -> list[tuple[Vertex, Vertex]]:
    """Return the pairs of a declared vertex of W or Z and one of the Standard Model's.

    Parameters: ``turned``, the lepton that the line ends with where that is another one.
    """
    leptons = dict.fromkeys((lepton, turned or lepton))
    own = [v for v in vertices if v.boson in INTERFERING and {v.fermion_in, v.fermion_out} & leptons.keys()]
    names = dict.fromkeys(v.boson for v in own)
    known = [v for name in names for one in leptons for v in standard_vertices(one, name)]
    mine = {id(v) for v in own}  # a declared vertex may equal the Standard Model's
    mixed = pairs([*own, *known], lepton, turned)
    return [(a, b) for a, b in mixed if (id(a) in mine) != (id(b) in mine)]


def interfering(vertices: Iterable[Vertex], lepton: str) -> list[str]:
    """Return which of W and Z have a declared coupling that interferes with the Standard Model's."""
    found = interference(vertices, lepton)
    return sorted({first.boson for first, second in found if first.boson == second.boson})


def photon_lines(
    outer: Particle, inner: Particle, emit: Vertex, absorb: Vertex
) -> list[tuple[Fraction, bool]]:
    """Return the charges over the lepton's of the lines that the photon joins, and whether each is the boson.

    Raises UnsupportedError where it joins a vertex too.
    """
    on_fermion = inner.charge / outer.charge
    on_boson = (outer.charge - inner.charge) / outer.charge
    if on_boson and emit.momenta + absorb.momenta:
        raise UnsupportedError(
            "a derivative or field strength of a charged boson couples the photon at the vertex too, which "
            "is not derived"
        )
    return [(weight, charged) for weight, charged in ((on_fermion, False), (on_boson, True)) if weight]


KINDS = {False: "neutral exchange", True: "charged exchange"}
"""Kinds of diagrams by whether the photon joins the boson."""


def _terms(
    outer: Particle, inner: Particle, boson: Particle, emit: Vertex, absorb: Vertex, coupling: Coefficient
) -> Iterator[Term]:
    """Yield coupling times kernel for one pair of vertices: the photon on the fermion, then on the boson."""
    scaled = coupling * Coefficient.symbol(outer.mass) ** (emit.momenta + absorb.momenta)
    for weight, charged in photon_lines(outer, inner, emit, absorb):
        make = charged_kernel if charged else neutral_kernel
        kernel = make(absorb.string, emit.string, int(boson.field.spin))
        yield _term(outer, inner, boson, scaled * weight, kernel, KINDS[charged], (emit, absorb))


def _term(
    outer: Particle,
    inner: Particle,
    boson: Particle,
    coupling: Coefficient,
    kernel: FeynmanIntegral,
    kind: str,
    joined: tuple[Vertex, Vertex],
) -> Term:
    bound = [boson.mass]
    if inner.mass == outer.mass:
        kernel = kernel.substitute({INTERNAL.name: constant(1)})
    else:
        bound.append(inner.mass)
    first, second = (words(v.string) for v in joined)
    named = Diagram(kind, boson.name, inner.name, (first, second))
    return Term(coupling, replace(kernel, diagram=named), Masses.of(outer.mass, kernel, bound))


def propagates(boson: Field, one: Vertex | EffectiveVertex, other: Vertex | EffectiveVertex) -> bool:
    """True when the boson can run between two vertices: a complex one is created by one of them only."""
    return boson.self_conjugate or one.conjugated != other.conjugated


def accumulate(store: Store, term: Term) -> None:
    """Add a term to the one of the same lines with the same integrand and masses."""
    kernel = term.integral
    if not kernel.powers and kernel.log == 0:
        return
    key = (kernel.diagram.boson, kernel.diagram.fermion, term.masses, *kernel.identity)
    if key in store:
        old = store[key]
        term = Term(old.coefficient + term.coefficient, old.integral, old.masses)
    store[key] = term


def nonzero(terms: Iterable[Term]) -> tuple[Term, ...]:
    """Return the terms whose coefficients do not vanish."""
    return tuple(term for term in terms if not vanishes(term.coefficient))


def on_line(vertices: Iterable[Vertex], lepton: str, boson: str) -> list[Vertex]:
    """Return a boson's vertices that leave the lepton what it is."""
    return [v for v in vertices if v.fermion_in == v.fermion_out == lepton and v.boson == boson]
