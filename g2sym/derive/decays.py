"""Two-body decays at tree level: from declared operators to widths, exact in every mass.

Gamma = sqrt(lambda)/(16 pi M^3) times the squared amplitude, summed over final and averaged over initial
spins; 1/2 for identical particles, the number of colours for quarks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.processes import in_order as sorted_particles
from g2sym.base.processes import plain
from g2sym.derive.bosons import BosonVertex, boson_vertices, square_of
from g2sym.derive.contributions import Pending
from g2sym.derive.dirac import BOSON, GAMMA5
from g2sym.derive.gauge import CHARGE, E_EM, standard_vertices
from g2sym.derive.squares import Dots, Piece, Squares, accumulate, strings
from g2sym.derive.terms import Masses, Term
from g2sym.derive.vertices import Vertex, line_vertices, particle
from g2sym.integrals.elementary import Condition, Elementary, Key
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, Poly, constant, gen
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import LEPTONS, STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Operator

LOOP = Coefficient.symbol("pi") ** 2 * 16
"""Terms stand over 16 pi^2, which a tree amplitude takes back."""
FIRST = "e"
"""The lepton whose operators serve a channel without a charged lepton: they are the same for all."""


@dataclass(frozen=True)
class Channel:
    """A two-body decay: the particle that decays and the two that it decays into, as they are written.

    ``products`` are names such as ``"A"``, ``"mu"`` and ``"bar(mu)"``, in canonical order.
    """

    parent: str
    products: tuple[str, str]

    def __str__(self) -> str:
        return f"{self.parent} -> {' '.join(self.products)}"

    @property
    def lepton(self) -> str:
        """A charged lepton in it, whose copy of the Lagrangian it follows from."""
        return next((n for n in map(plain, self.products) if n in LEPTONS), FIRST)


def conjugate(name: str, field: Field) -> str:
    """Return the name of the antiparticle, the particle's own where it is its own."""
    if field.self_conjugate:
        return name
    return name[4:-1] if name.startswith("bar(") else f"bar({name})"


def in_order(first: str, second: str) -> tuple[str, str]:
    """Return two particles in the order in which a channel names them."""
    one, two = sorted_particles((first, second))
    return one, two


def field_of(declaration: Declaration, name: str) -> Field:
    """Return the field of a particle's name."""
    own = plain(name)
    return declaration.fields[own] if own in declaration.fields else STANDARD_MODEL[own]


@dataclass(frozen=True)
class Width:
    """What is derived for one channel: its terms over 16 pi^2, in GeV, and what is refused."""

    terms: tuple[Term, ...]
    pending: tuple[Pending, ...] = ()


def channels(declaration: Declaration, parent: str) -> tuple[tuple[Channel, ...], tuple[Pending, ...]]:
    """Return the two-body channels that the declared operators open, and what is not derived.

    Parameters: ``parent``, the particle that decays, ``bar(X)`` for an antiparticle. The Standard Model's own
    decays of its particles are not among them.
    """
    found: dict[Channel, None] = {}
    pending: dict[str, Pending] = {}
    for lepton in LEPTONS:
        for operator in declaration.for_lepton(lepton):
            if plain(parent) not in operator.fields:
                continue
            every = list(_pairs_of(declaration, operator, parent))
            for pair in every:
                found[Channel(parent, in_order(*pair))] = None
            if not every and (why := _not_derived(declaration, operator, parent)) is not None:
                pending.setdefault(operator.text(), why)
    return tuple(found), tuple(pending.values())


def _pairs_of(declaration: Declaration, operator: Operator, parent: str) -> Iterator[tuple[str, str]]:
    for vertex in line_vertices(operator) or ():
        if _annihilates(declaration, vertex.boson, vertex.conjugated, parent):
            yield _products(declaration, vertex)
    for boson in boson_vertices(operator) or ():
        yield from boson.products(declaration, parent)


def _not_derived(declaration: Declaration, operator: Operator, parent: str) -> Pending | None:
    """Say that a term makes a particle decay in a way that is not derived; None where it makes none."""
    if not any(_annihilates(declaration, b.field, b.conjugated, parent) for b in operator.bosons):
        return None  # a fermion that decays, or the conjugate alone
    rest = len(operator.fields) - 1
    reason = "decays into two fermions and into two vectors through field strengths are derived"
    if rest > 2:
        reason = f"decays into {rest} particles are not derived"
    return Pending(operator.coefficient, f"the decay of '{parent}' through {operator.text()}", reason)


def refused(declaration: Declaration, channel: Channel) -> tuple[Pending, ...]:
    """Return the terms of two products that feed a channel in a way that is not derived.

    Parameters: ``declaration``, that of the channel's lepton. A term that makes more particles than two feeds
    none.
    """
    products = sorted(map(plain, channel.products))
    found = []
    for operator in declaration.for_lepton(channel.lepton):
        left = list(operator.fields)
        if plain(channel.parent) not in left:
            continue
        left.remove(plain(channel.parent))
        if sorted(left) == products and not any(_pairs_of(declaration, operator, channel.parent)):
            why = _not_derived(declaration, operator, channel.parent)
            found += [] if why is None else [why]
    return tuple(found)


def _creates(declaration: Declaration, boson: str, conjugated: bool, name: str) -> bool:
    """True when a factor of an operator creates the particle."""
    own = field_of(declaration, boson)
    return boson == plain(name) and (own.self_conjugate or conjugated != name.startswith("bar("))


def _annihilates(declaration: Declaration, boson: str, conjugated: bool, parent: str) -> bool:
    """True when a factor of an operator annihilates the particle."""
    if boson != plain(parent):
        return False
    return field_of(declaration, boson).self_conjugate or conjugated == parent.startswith("bar(")


def _products(declaration: Declaration, vertex: Vertex) -> tuple[str, str]:
    """Return the particles that a vertex creates: a fermion, and an antifermion."""
    return _created(declaration, vertex.fermion_out, True), _created(declaration, vertex.fermion_in, False)


def _created(declaration: Declaration, end: str, out: bool) -> str:
    name = f"bar({end[3:-1]})" if end.startswith("cc(") else end
    return name if out else conjugate(name, field_of(declaration, name))


def decay(declaration: Declaration, channel: Channel) -> Width:
    """Derive the width of one channel.

    Parameters: ``declaration``, that of the channel's lepton. A channel without a coupling has no terms.
    """
    operators = declaration.for_lepton(channel.lepton)
    read = [line_vertices(o) or () for o in operators]
    read += [(v,) for v in _standard(declaration, channel)]
    fermions = [v for vertices in read for v in _readings(declaration, channel, vertices)]
    terms: list[Term] = []
    if fermions:
        terms += _into_fermions(declaration, channel, fermions)
    bosons = [
        b
        for o in operators
        for b in boson_vertices(o) or ()
        if channel.products in [in_order(*p) for p in b.products(declaration, channel.parent)]
    ]
    if bosons:
        terms += _into_bosons(declaration, channel, bosons)
    return Width(tuple(terms))


def _readings(declaration: Declaration, channel: Channel, vertices: Iterable[Vertex]) -> list[Vertex]:
    """Return the vertices of one operator that make a channel: one, and both readings for identical fermions.

    Of different fermions the two readings of an operator are the same vertex; of identical ones they add up.
    """
    own = [
        v
        for v in vertices
        if _annihilates(declaration, v.boson, v.conjugated, channel.parent)
        and in_order(*_products(declaration, v)) == channel.products
    ]
    if channel.products[0] != channel.products[1]:
        return own[:1]
    return [*own, _turned(declaration, own[0])] if len(own) == 1 else own


def _turned(declaration: Declaration, vertex: Vertex) -> Vertex:
    """Return bar(a) G b as bar(cc(b)) C G^T C^-1 cc(a): reversed, with a sign for gamma and for sigma."""

    def charge(end: str) -> str:
        if particle(declaration, end).field.self_conjugate:
            return end
        return end[3:-1] if end.startswith("cc(") else f"cc({end})"

    sign = (-1) ** sum(token != GAMMA5 for token in vertex.string)
    return replace(
        vertex,
        fermion_out=charge(vertex.fermion_in),
        fermion_in=charge(vertex.fermion_out),
        string=tuple(reversed(vertex.string)),
        coefficient=vertex.coefficient * sign,
    )


def _standard(declaration: Declaration, channel: Channel) -> list[Vertex]:
    """Return the Standard Model's couplings of the Z to the channel's charged lepton."""
    name = plain(channel.products[0])
    if channel.parent != "Z" or name not in LEPTONS:
        return []
    return standard_vertices(name, channel.parent)


def _into_fermions(declaration: Declaration, channel: Channel, vertices: Iterable[Vertex]) -> list[Term]:
    """Return the terms of the decay into a fermion and an antifermion."""
    every = list(vertices)
    pair = every[0].fermion_out, every[0].fermion_in
    every = [v if (v.fermion_out, v.fermion_in) == pair else _turned(declaration, v) for v in every]
    same = channel.products[0] == channel.products[1]
    parent, first, second = (particle(declaration, n) for n in (plain(channel.parent), *pair))
    slots, symbols = _slots(parent.mass, first.mass, second.mass)
    vector = parent.field.spin == 1
    weight = Fraction(first.field.colour) / (3 if vector else 1) / (2 if same else 1)
    return _squared(channel, every, slots, symbols, weight, vector)


def _squared(
    channel: Channel,
    vertices: Iterable[Vertex],
    slots: tuple[Poly, Poly, Poly],
    symbols: dict[str, str],
    weight: Fraction,
    vector: bool,
) -> list[Term]:
    """Return the terms of the decay into two fermions of given masses."""
    big, one, two = slots
    rest = (big * big - one * one - two * two) / 2
    dots = Dots({"1": (1, 0), "2": (0, 1), "P": (1, 1)}, ((one * one, rest), (rest, two * two)))
    massive = ("P", big * big) if vector else None
    squares = Squares(dots, ("1", one), ("2", -two), massive)
    pieces = [
        Piece(v.rule(emitted=False), Frac.of(1), tuple(strings(v.string, "P").items()), label=v.boson)
        for v in vertices
    ]
    return _terms(squares.square(pieces), channel, slots, symbols, weight)


def _into_bosons(declaration: Declaration, channel: Channel, vertices: Iterable[BosonVertex]) -> list[Term]:
    """Return the terms of the decay into two bosons through field strengths of two vectors."""
    every = list(vertices)
    parent = field_of(declaration, channel.parent)
    first, second = (field_of(declaration, n) for n in channel.products)
    slots, symbols = _slots(parent.mass, first.mass, second.mass)
    masses = _by_role(declaration, every[0], (channel.parent, *channel.products), slots)
    found = []
    for i, a in enumerate(every):
        for j, b in enumerate(every[: i + 1]):
            coupling = (a.coefficient * b.coefficient.conjugate()).real() * (1 if i == j else 2)
            value = square_of(a, b, *masses)
            if not coupling.is_zero and value != 0:
                found.append((coupling, Frac.of(value), ""))
    same = channel.products[0] == channel.products[1]
    spins = 3 if parent.spin == 1 else 1
    return _terms(found, channel, slots, symbols, Fraction(1, spins * (2 if same else 1)))


def _by_role(
    declaration: Declaration, vertex: BosonVertex, names: tuple[str, ...], slots: tuple[Poly, ...]
) -> tuple[Poly, Poly, Poly]:
    """Return the masses of the scalar and of the two vectors, in the vertex's order."""
    left = list(zip(map(plain, names), slots, strict=True))
    out = []
    for factor in (vertex.scalar, *vertex.vectors):
        place = next(i for i, (name, _) in enumerate(left) if name == factor.field)
        out.append(left.pop(place)[1])
    return out[0], out[1], out[2]


def _slots(
    parent: str | None, first: str | None, second: str | None
) -> tuple[tuple[Poly, Poly, Poly], dict[str, str]]:
    """Return the three masses as polynomials, zero for a massless field, and the symbol of each slot."""
    symbols: dict[str, str] = {}
    named: dict[str, Poly] = {}
    out = []
    for slot, symbol in (("M", parent), ("m1", first), ("m2", second)):
        if symbol is None:
            out.append(constant(0))
            continue
        if symbol not in named:
            named[symbol], symbols[slot] = gen(slot), symbol
        out.append(named[symbol])
    return (out[0], out[1], out[2]), symbols


def of_virtual_photon(
    declaration: Declaration, mass: str, mediator: str, lepton: str
) -> tuple[list[Term], list[Term]]:
    """Return the widths of a photon of some mass into photon and mediator, and into two leptons.

    Parameters: ``mass``, the symbol of that mass; their quotient is what a vector meson that decays through
    one photon has. Both stand over 16 pi^2.
    """
    field = field_of(declaration, mediator)
    slots, symbols = _slots(mass, None, field.mass)
    channel = Channel("A*", in_order("A", mediator))
    every = [
        b
        for o in declaration.for_lepton(lepton)
        for b in boson_vertices(o) or ()
        if _creates(declaration, b.scalar.field, b.scalar.conjugated, mediator)
        and {v.field for v in b.vectors} == {"A"}
    ]
    found = []
    for i, a in enumerate(every):
        for j, b in enumerate(every[: i + 1]):
            coupling = (a.coefficient * b.coefficient.conjugate()).real() * (1 if i == j else 2)
            value = square_of(a, b, slots[2], slots[0], slots[1])
            if not coupling.is_zero and value != 0:
                found.append((coupling, Frac.of(value), ""))
    above = _terms(found, channel, slots, symbols, Fraction(1, 3))
    own = particle(declaration, lepton).mass
    slots, symbols = _slots(mass, own, own)
    into = Channel("A*", (lepton, f"bar({lepton})"))
    current = Vertex("A", False, lepton, lepton, (BOSON,), 0, E_EM * -CHARGE)
    return above, _squared(into, [current], slots, symbols, Fraction(1, 3), vector=True)


def _terms(
    found: Iterable[tuple[Coefficient, Frac, str]],
    channel: Channel,
    slots: tuple[Poly, Poly, Poly],
    symbols: dict[str, str],
    weight: Fraction,
) -> list[Term]:
    """Multiply squared amplitudes by the phase space, weight sqrt(lambda)/(16 pi M^3)."""
    big, one, two = slots
    outside, inside = momentum(big, one, two)
    over = Frac.of(outside * constant(weight), big * big * big)
    key: Key = ((), -1) if inside == 1 else ((0,), -1)
    roots = () if inside == 1 else (inside,)
    open_ = Condition(big - one - two)
    diagram = Diagram("decay", plain(channel.parent), " ".join(channel.products))
    scale = LOOP / (Coefficient.symbol("pi") * 16)
    out = []
    for coupling, value, _ in accumulate(found):
        function = Elementary.of({key: value * over}, ("M", "m1", "m2"), diagram, roots, (), (open_,))
        bound = Masses.exact([(s.name, symbols[s.name]) for s in function.slots])
        out.append(Term(coupling * scale, function, bound))
    return out


def momentum(big: Poly, one: Poly, two: Poly) -> tuple[Poly, Poly]:
    """Return sqrt(lambda(M^2, m1^2, m2^2)) as a polynomial times the root of a squarefree one.

    Positive where the channel is open: lambda = (M - m1 - m2)(M + m1 + m2)(M - m1 + m2)(M + m1 - m2).
    """
    factors = [big - one - two, big + one + two, big - one + two, big + one - two]
    outside, inside = constant(1), constant(1)
    while factors:
        head = factors.pop()
        if head in factors:
            factors.remove(head)
            outside = outside * head
        else:
            inside = inside * head
    return outside, inside
