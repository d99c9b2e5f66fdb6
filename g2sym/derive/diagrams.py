"""From a declared Lagrangian to the contributions to one lepton's dipole moments."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.meter import FILE, metered
from g2sym.base.relations import vanishes
from g2sym.derive.assemble import barr_zee_kernel, dipole_of, feeds_magnetic, neutral_kernel
from g2sym.derive.contributions import Contribution, Derivation, Pending, Unpaired
from g2sym.derive.dirac import GAMMA5, MOMENTUM
from g2sym.derive.gauge import (
    EffectiveVertex,
    added_current,
    current,
    effective_vertices,
    standard_vertices,
)
from g2sym.derive.omitted import fermion_loops
from g2sym.derive.terms import Masses, Term
from g2sym.derive.topology import INTERNAL, ORDERS, words
from g2sym.derive.vertices import Vertex, line_vertex, pairs
from g2sym.errors import ModelError, UnsupportedError, shorten
from g2sym.integrals.feynman import Diagram, FeynmanIntegral, cutoff_logarithm
from g2sym.integrals.rational import constant
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Operator

CUTOFF = "Lambda"
"""The parameter whose logarithm a divergent contribution leaves."""

INTERFERENCE = "The couplings of Z add to those of the Standard Model; interference with them is included."

Store = dict[tuple[object, ...], Term]


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
    effective: list[EffectiveVertex] = []
    pending: list[tuple[Operator, str]] = []
    for operator in declaration.for_lepton(lepton):
        vertex, pair = line_vertex(operator), effective_vertices(operator)
        if vertex is not None:
            if vertex.boson == "A":
                raise ModelError(
                    f"The term {shorten(operator.text(), 200)} couples the photon field itself, which follows from the "
                    "electric charges; B(al) and W3(al) hold it, so write Z(al) or use field strengths."
                )
            vertices.append(vertex)
        elif pair is not None:
            effective += pair
        else:
            pending.append((operator, _pending_reason(operator)))
    reached = _reached(declaration.for_lepton(lepton), lepton)
    pending = [(o, why) for o, why in pending if o.bilinear is None or _ends(o) & reached]
    refused: list[Pending] = []
    contributions, electric = _exchange(declaration, lepton, vertices, conventions.scheme, refused)
    remarks = [INTERFERENCE] if _on_line(vertices, lepton, "Z") else []
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
        tuple(pending),
        tuple(unpaired),
        tuple(dict.fromkeys(remarks)),
        tuple(refused),
        tuple(fermion_loops(declaration, lepton, vertices)),
        tuple(fermion_loops(declaration, lepton, vertices, electric=True)),
    )


def _exchange(
    declaration: Declaration, lepton: str, vertices: list[Vertex], scheme: str, refused: list[Pending]
) -> tuple[dict[str, Contribution], tuple[Term, ...]]:
    """Neutral exchange with the photon on the lepton line, and the electric dipole terms beside it.

    Pairs of vertices that the engine cannot treat are added to ``refused``.
    """
    magnetic: Store = {}
    electric: Store = {}
    found_pairs = pairs(vertices, lepton)
    if own := _on_line(vertices, lepton, "Z"):
        known = standard_vertices(lepton, "Z")
        found_pairs += [p for new in own for old in known for p in ((new, old), (old, new))]
    for emit, absorb in found_pairs:
        boson = _field(declaration, emit.boson)
        if not _propagates(boson, emit, absorb):
            continue
        try:
            _check_boson(boson)
            term = _exchange_term(declaration, lepton, emit, absorb, boson)
        except UnsupportedError as error:
            text = f"the contribution of '{emit.boson}' with '{emit.fermion_out}' on the line of the {lepton}"
            coupling = emit.rule(emitted=True) * absorb.rule(emitted=False)
            refused.append(Pending(coupling, text, str(error)))
            continue
        odd = dipole_of(absorb.string, emit.string) == "electric"
        _accumulate(electric if odd else magnetic, term)
    # F2 is real and the coefficient of P^mu gamma5 imaginary; single pairs need not be
    found = _nonzero(Term(t.coefficient.real(), t.integral, t.masses) for t in magnetic.values())
    induced = _nonzero(Term(t.coefficient.imag(), t.integral, t.masses) for t in electric.values())
    contributions = {"one-loop": Contribution("one-loop", found, scheme)} if found else {}
    return contributions, induced


def _exchange_term(declaration: Declaration, lepton: str, emit: Vertex, absorb: Vertex, boson: Field) -> Term:
    """Build coupling times kernel for one pair of vertices."""
    kernel = neutral_kernel(absorb.string, emit.string, int(boson.spin))
    inner = _field(declaration, emit.fermion_out)
    outer = STANDARD_MODEL[lepton]
    if inner.charge != outer.charge:
        raise UnsupportedError(
            f"the internal fermion '{inner.name}' has charge {inner.charge}, which a neutral mediator "
            "cannot give it"
        )
    mass, boson_mass = _mass(outer), _mass(boson)
    coupling = emit.rule(emitted=True) * absorb.rule(emitted=False)
    coupling = coupling * Coefficient.symbol(mass) ** (emit.momenta + absorb.momenta)
    bound = [boson_mass]
    if inner.name == lepton:
        kernel = kernel.substitute({INTERNAL.name: constant(1)})
    else:
        bound.append(_mass(inner))
    masses = Masses.of(mass, kernel, bound)
    named = Diagram("neutral exchange", boson.name, inner.name, (words(emit.string), words(absorb.string)))
    return Term(coupling, replace(kernel, diagram=named), masses)


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
        for vertex in _on_line(vertices, lepton, tensor.scalar):
            if not _propagates(_field(declaration, tensor.scalar), vertex, tensor):
                continue
            if vertex.string == (MOMENTUM,):
                continue  # d(al, X) joined to the conserved vector current: a phase of the lepton removes it
            added = added_current(_on_line(vertices, lepton, tensor.vector), tensor.vector)
            for string, strength in (*current(lepton, tensor.vector), *added):
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
                    _accumulate(store, _barr_zee_term(declaration, lepton, vertex, tensor, coupling, kernel))
    # an electric dipole moment comes with the imaginary part, as in one-loop exchange
    unpaired += [
        replace(pair, coupling=pair.coupling.imag())
        for pair in odd.values()
        if not pair.coupling.imag().is_zero
    ]
    terms = _nonzero(Term(t.coefficient.real(), t.integral, t.masses) for t in store.values())
    return tuple(part for term in terms for part in (term, *_logarithm(declaration, term)))


def _barr_zee_term(
    declaration: Declaration,
    lepton: str,
    vertex: Vertex,
    tensor: EffectiveVertex,
    coupling: Coefficient,
    kernel: FeynmanIntegral,
) -> Term:
    boson = _field(declaration, vertex.boson)
    _check_boson(boson)
    outer = STANDARD_MODEL[lepton]
    unit = Coefficient.symbol(_mass(outer))
    if kernel.pole.num.leading_coefficient() < 0:  # one sign for both orders, so that they merge
        kernel, coupling = kernel.negated(), -coupling
    bound = [_mass(boson)]
    if tensor.vector != "A":
        bound.append(_mass(STANDARD_MODEL[tensor.vector]))
    names = ("photon" if tensor.vector == "A" else "Z", words(vertex.string))
    named = Diagram("Barr-Zee", boson.name, lepton, names)
    # the effective vertex brings two momenta, its coupling one inverse mass
    return Term(
        coupling * unit ** (vertex.momenta + 1),
        replace(kernel, diagram=named),
        Masses.of(_mass(outer), kernel, bound),
    )


def _logarithm(declaration: Declaration, term: Term) -> tuple[Term, ...]:
    """Return the logarithm of the cut-off that an ultraviolet pole stands for."""
    pole = term.integral.pole
    if pole.is_zero:
        return ()
    if CUTOFF not in declaration.parameters:
        raise ModelError(
            f"The effective couplings of '{declaration.name}' leave a logarithm of the cut-off; declare "
            f"a parameter {CUTOFF} of dimension 1, for instance with default = 1000 (GeV)."
        )
    value = pole.num.leading_coefficient()
    weight = Coefficient.number(int(value.p)) / int(value.q)
    logarithm = cutoff_logarithm()
    return (Term(term.coefficient * weight, logarithm, Masses.of(term.masses.lepton, logarithm, [CUTOFF])),)


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


def _on_line(vertices: Iterable[Vertex], lepton: str, boson: str) -> list[Vertex]:
    """Return a boson's vertices that leave the lepton what it is."""
    return [v for v in vertices if v.fermion_in == v.fermion_out == lepton and v.boson == boson]


def _propagates(boson: Field, one: Vertex | EffectiveVertex, other: Vertex | EffectiveVertex) -> bool:
    """True when the boson can run between two vertices: a complex one is created by one of them only."""
    return boson.self_conjugate or one.conjugated != other.conjugated


def _accumulate(store: Store, term: Term) -> None:
    """Add a term to the one with the same integrand and masses."""
    kernel = term.integral
    if not kernel.powers and kernel.log == 0:
        return
    key = (term.masses, *kernel.identity)
    if key in store:
        old = store[key]
        term = Term(old.coefficient + term.coefficient, old.integral, old.masses)
    store[key] = term


def _nonzero(terms: Iterable[Term]) -> tuple[Term, ...]:
    return tuple(term for term in terms if not vanishes(term.coefficient))


def _field(declaration: Declaration, name: str) -> Field:
    return declaration.fields[name] if name in declaration.fields else STANDARD_MODEL[name]


def _mass(field: Field) -> str:
    if field.mass is None:
        raise ModelError(
            f"The field '{field.name}' has no mass symbol; declare one, for instance "
            f'mass = "m_{field.name}", and give that the value 0 where it is massless.'
        )
    return field.mass


def _check_boson(boson: Field) -> None:
    if boson.charge != 0:
        raise UnsupportedError(
            f"the mediator '{boson.name}' carries electric charge {boson.charge}, and photons attached to a "
            "charged mediator are not derived yet"
        )


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
