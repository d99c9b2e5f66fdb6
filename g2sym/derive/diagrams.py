"""From a declared Lagrangian to the contributions to one lepton's dipole moments."""

from __future__ import annotations

from collections.abc import Iterable

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.meter import FILE, metered
from g2sym.derive.assemble import barr_zee_kernel, feeds_magnetic
from g2sym.derive.contributions import Contribution, Derivation, Pending, Unpaired
from g2sym.derive.cutoff import with_logarithms
from g2sym.derive.dirac import GAMMA5, MOMENTUM, STRENGTH
from g2sym.derive.exchange import Store, accumulate, exchange, interfering, nonzero, on_line, propagates
from g2sym.derive.gauge import EffectiveVertex, added_current, current, effective_vertices
from g2sym.derive.omitted import fermion_loops
from g2sym.derive.photon_dipoles import photon_dipoles
from g2sym.derive.terms import Masses, Term
from g2sym.derive.topology import ORDERS, words
from g2sym.derive.vertices import Vertex, line_vertices, particle
from g2sym.errors import ModelError, shorten
from g2sym.integrals.feynman import Diagram, FeynmanIntegral
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.operators import Operator

INTERFERENCE = "The couplings of {} add to those of the Standard Model; interference with them is included."
ALONE = "The declared couplings of {} are all there is: the Standard Model's own are taken to be absent."


def derive(declaration: Declaration, lepton: str, conventions: Conventions) -> Derivation:
    """Derive the contributions of a declared Lagrangian to one lepton's dipole moments.

    Parameters: ``declaration``, checked; ``lepton``, "e", "mu" or "tau"; ``conventions``, of which the
    scheme and the sign of the epsilon tensor enter effective couplings to two gauge bosons.
    Raises UnsupportedError for couplings on the lepton line that the engine does not know, ExpansionError for
    couplings whose products have too many terms.
    """
    with metered(FILE, f"model '{declaration.name}', couplings on the line of the {lepton}"):
        return _derive(declaration, lepton, conventions)


def _derive(declaration: Declaration, lepton: str, conventions: Conventions) -> Derivation:
    vertices: list[Vertex] = []
    dipoles: list[Vertex] = []
    effective: list[EffectiveVertex] = []
    pending: list[tuple[Operator, str]] = []
    for operator in declaration.for_lepton(lepton):
        found, pair = line_vertices(operator), effective_vertices(operator)
        if found is not None:
            made = _checked(operator, found)
            if made[0].boson != "A":
                vertices += made
            elif _ends(operator) == {lepton}:
                dipoles += made
            else:
                pending.append((operator, "loops with a photon's dipole coupling are not derived yet"))
        elif pair is not None:
            effective += pair
        else:
            pending.append((operator, _pending_reason(operator)))
    reached = _reached(declaration.for_lepton(lepton), lepton)
    pending = [(o, why) for o, why in pending if o.bilinear is None or _ends(o) & reached]
    refused: list[Pending] = []
    contributions: dict[str, Contribution] = {}
    tree, electric_tree, remarks = photon_dipoles(declaration, lepton, dipoles)
    if tree:
        contributions["tree"] = Contribution("tree", tree, conventions.scheme)
    magnetic, electric = exchange(declaration, lepton, vertices, conventions, refused)
    if magnetic:
        contributions["one-loop"] = Contribution("one-loop", magnetic, conventions.scheme)
    sentence = INTERFERENCE if conventions.standard_model == "present" else ALONE
    remarks += [sentence.format(name) for name in interfering(vertices, lepton)]
    unpaired: list[Unpaired] = []
    for vector, name in (("A", "barr-zee-photon"), ("Z", "barr-zee-z")):
        some = [e for e in effective if e.vector == vector]
        terms = _barr_zee(declaration, lepton, vertices, some, conventions, unpaired)
        if terms:
            contributions[name] = Contribution(name, terms, conventions.scheme)
    remarks += [pair.sentence for pair in unpaired]
    return Derivation(
        contributions,
        electric,
        electric_tree,
        tuple(pending),
        tuple(unpaired),
        tuple(dict.fromkeys(remarks)),
        tuple(refused),
        tuple(fermion_loops(declaration, lepton, vertices)),
        tuple(fermion_loops(declaration, lepton, vertices, electric=True)),
    )


def _checked(operator: Operator, vertices: tuple[Vertex, ...]) -> tuple[Vertex, ...]:
    """Refuse a coupling to the photon field itself: only its field strength may stand in a Lagrangian."""
    if any(v.boson == "A" and STRENGTH not in v.string for v in vertices):
        raise ModelError(
            f"The term {shorten(operator.text(), 200)} couples the photon field itself, which follows from "
            "the electric charges; B(al) and W3(al) hold it, so write Z(al) or use field strengths."
        )
    return vertices


def _barr_zee(
    declaration: Declaration,
    lepton: str,
    vertices: list[Vertex],
    effective: list[EffectiveVertex],
    conventions: Conventions,
    unpaired: list[Unpaired],
) -> tuple[Term, ...]:
    """Effective couplings to two gauge bosons closed on the lepton line, in both orders."""
    store: Store = {}
    odd: dict[tuple[object, ...], Unpaired] = {}
    for tensor in effective:
        for vertex in on_line(vertices, lepton, tensor.scalar):
            if not propagates(particle(declaration, tensor.scalar).field, vertex, tensor):
                continue
            if vertex.string == (MOMENTUM,):
                continue  # d(al, X) joined to the conserved vector current: a phase of the lepton removes it
            strengths = added_current(on_line(vertices, lepton, tensor.vector), tensor.vector)
            if tensor.vector == "A" or conventions.standard_model == "present":
                strengths = [*current(lepton, tensor.vector), *strengths]
            for string, strength in strengths:
                if not feeds_magnetic(vertex.string, string, tensor.dual):
                    if string.count(GAMMA5) == 0:
                        _add_odd(odd, lepton, vertex, tensor)
                    continue
                for order in ORDERS:
                    coupling = vertex.rule(order == "scalar-first") * tensor.rule() * -strength
                    kernel = barr_zee_kernel(
                        vertex.string,
                        string,
                        tensor.dual,
                        order,
                        tensor.vector == "Z",
                        conventions.scheme,
                        conventions.epsilon0123,
                    )
                    if tensor.dual:
                        coupling = coupling * Coefficient.number(0, 1)
                    accumulate(store, _barr_zee_term(declaration, lepton, vertex, tensor, coupling, kernel))
    # an electric dipole moment comes with the imaginary part, as in one-loop exchange
    unpaired += [
        replace(pair, coupling=pair.coupling.imag())
        for pair in odd.values()
        if not pair.coupling.imag().is_zero
    ]
    terms = nonzero(Term(t.coefficient.real(), t.integral, t.masses) for t in store.values())
    return with_logarithms(declaration, terms, "The effective couplings")


def _barr_zee_term(
    declaration: Declaration,
    lepton: str,
    vertex: Vertex,
    tensor: EffectiveVertex,
    coupling: Coefficient,
    kernel: FeynmanIntegral,
) -> Term:
    boson, outer = particle(declaration, vertex.boson), particle(declaration, lepton)
    unit = Coefficient.symbol(outer.mass)
    if kernel.pole.num.leading_coefficient() < 0:  # one sign for both orders, so that they merge
        kernel, coupling = kernel.negated(), -coupling
    bound = [boson.mass]
    if tensor.vector != "A":
        bound.append(particle(declaration, tensor.vector).mass)
    names = ("photon" if tensor.vector == "A" else "Z", words(vertex.string))
    named = Diagram("Barr-Zee", boson.name, lepton, names)
    # the effective vertex brings two momenta, its coupling one inverse mass
    return Term(
        coupling * unit ** (vertex.momenta + 1),
        replace(kernel, diagram=named),
        Masses.of(outer.mass, kernel, bound),
    )


def _add_odd(
    odd: dict[tuple[object, ...], Unpaired],
    lepton: str,
    vertex: Vertex,
    tensor: EffectiveVertex,
) -> None:
    """Add up the couplings of a pair that feeds no magnetic moment, with a sentence about them."""
    key = (vertex.boson, vertex.string, tensor.vector, tensor.dual)
    coupling = (
        vertex.rule(emitted=True) * tensor.rule() * Coefficient.number(*((0, 1) if tensor.dual else (1,)))
    )
    pair = f"{tensor.coefficient} and {vertex.coefficient} of '{vertex.boson}'"
    sentence = (
        f"The couplings {tensor.coefficient} and {vertex.coefficient} of '{vertex.boson}' have opposite CP: "
        f"together they add nothing to Delta a but induce an electric dipole moment of the {lepton}."
    )
    before = odd.get(key, Unpaired(Coefficient.number(0), pair, sentence))
    odd[key] = replace(before, coupling=before.coupling + coupling)


def _ends(operator: Operator) -> set[str]:
    """The fermions at the two ends of an operator's bilinear."""
    return {operator.bilinear.bar, operator.bilinear.field} if operator.bilinear else set()


def _reached(operators: Iterable[Operator], lepton: str) -> set[str]:
    """The lepton and the fermions it can turn into: only these stand on its line in one loop."""
    return {lepton}.union(*(ends for o in operators if lepton in (ends := _ends(o))))


def _pending_reason(operator: Operator) -> str:
    if operator.bilinear is None:
        return "the engine has no Feynman rule for this coupling of bosons"
    return "the engine has no Feynman rule for this coupling on a fermion line yet"
