"""Two-body decays at tree level: from declared operators to widths, exact in every mass.

Gamma = sqrt(lambda)/(16 pi M^3) times the squared amplitude, summed over final and averaged over initial
spins and colours; 1/2 for identical particles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from g2sym.base.classes import dataclass, replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.processes import plain
from g2sym.derive.bosons import boson_vertices, square_of
from g2sym.derive.channels import (
    Channel,
    boson_of,
    conjugate,
    conjugated,
    created_by,
    field_of,
    in_order,
    line_readings,
    ways,
)
from g2sym.derive.dirac import BOSON
from g2sym.derive.gauge import CHARGE, E_EM, neutral_vertices, standard_vertices
from g2sym.derive.squares import PHOTON, Dots, Piece, Squares, accumulate, strings
from g2sym.derive.terms import Masses, Term
from g2sym.derive.three_bosons import Decay, Rule, rule_of
from g2sym.derive.vertices import Vertex, particle
from g2sym.errors import UnsupportedError
from g2sym.integrals.elementary import Condition, Elementary, Key
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, Poly, constant, gen
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import LEPTONS, STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Operator

LOOP = Coefficient.symbol("pi") ** 2 * 16
"""Terms stand over 16 pi^2, which a tree amplitude takes back."""
UP, DOWN = ("u", "c", "t"), ("d", "s", "b")


@dataclass(frozen=True)
class Width:
    """What is derived for one channel: its terms over 16 pi^2, in GeV."""

    terms: tuple[Term, ...]


def decay(declaration: Declaration, channel: Channel, standard: bool = True) -> Width:
    """Derive the width of one channel.

    Parameters: ``declaration``, that of the channel's lepton; ``standard``, whether the Standard Model's own
    couplings of the Z, and of the W to leptons, are added. A channel without a coupling has no terms.
    Raises UnsupportedError for decays of the Standard Model that need its quark mixing, and for colours that
    make no singlet of a particle and its antiparticle.
    """
    fields = [field_of(declaration, name) for name in channel.names]
    if fields[0].is_fermion:
        return Width(tuple(_of_fermion(declaration, channel)))
    operators = declaration.for_lepton(channel.lepton)
    vertices = [v for o in operators for v in _into_pair(declaration, o, channel)]
    vertices += _standard(declaration, channel) if standard else []
    if vertices:
        return Width(tuple(_into_fermions(declaration, channel, vertices)))
    return Width(tuple(_into_bosons(declaration, channel, operators)))


# into two fermions -----------------------------------------------------------------------------------
def _into_pair(declaration: Declaration, operator: Operator, channel: Channel) -> Iterator[Vertex]:
    """Yield the readings that annihilate what decays and create the products, in their order.

    Of identical products, or ends that are their own antiparticles, both readings fit: a factor of 2.
    """
    for vertex, ends in line_readings(declaration, operator):
        created = boson_of(declaration, vertex)
        if ends == channel.products and conjugate(created, field_of(declaration, created)) == channel.parent:
            yield vertex


def _standard(declaration: Declaration, channel: Channel) -> list[Vertex]:
    """Return the Standard Model's couplings of Z and W; raises UnsupportedError for the W's to quarks."""
    names = [plain(n) for n in channel.products]
    if any(n in declaration.fields for n in (plain(channel.parent), *names)):
        return []
    if channel.parent == "Z" and names[0] == names[1]:
        return neutral_vertices(names[0]) if STANDARD_MODEL[names[0]].is_fermion else []
    if plain(channel.parent) != "W":
        return []
    if (names[0] in UP and names[1] in DOWN) or (names[0] in DOWN and names[1] in UP):
        raise UnsupportedError(
            f"{channel}: decays of the W into quarks need the quarks' mixing, which is not included; ask for "
            "leptons."
        )
    charged = channel if channel.parent == "W" else conjugated(declaration, channel)
    neutrino, lepton = charged.products
    if not (lepton.startswith("bar(") and plain(lepton) in LEPTONS and neutrino == f"nu_{plain(lepton)}"):
        return []
    wanted = (neutrino, plain(lepton))
    if channel.parent != "W":
        wanted = (wanted[1], wanted[0])
    every = standard_vertices(plain(lepton), "W")
    return [v for v in every if (v.fermion_out, v.fermion_in) == wanted]


def _into_fermions(declaration: Declaration, channel: Channel, vertices: Iterable[Vertex]) -> list[Term]:
    """Return the terms of the decay into two fermions."""
    fields = [field_of(declaration, n) for n in channel.names]
    slots, symbols = _slots(*(_mass(declaration, n) for n in channel.names))
    vector = fields[0].spin == 1
    weight = _weight(channel, fields)
    return _squared(channel, vertices, slots, symbols, weight, vector)


def _weight(channel: Channel, fields: Sequence[Field]) -> Fraction:
    """Return the sum over colours, averaged with the spins of what decays, 1/2 for identical products.

    Raises UnsupportedError for three coloured particles.
    """
    coloured = sum(f.colour != 1 for f in fields)
    if coloured > 2:
        raise UnsupportedError(f"{channel}: decays of three coloured particles are not derived.")
    spins = int(2 * fields[0].spin + 1)
    same = 2 if channel.products[0] == channel.products[1] else 1
    return Fraction(3 if coloured else 1, fields[0].colour * spins * same)


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


# into two bosons -------------------------------------------------------------------------------------
def _into_bosons(declaration: Declaration, channel: Channel, operators: Iterable[Operator]) -> list[Term]:
    """Return the terms of the decay into two bosons, through any coupling of three."""
    rules: list[Rule] = []
    for operator in operators:
        if operator.bilinear is None and len(operator.bosons) == 3:
            found = ways(declaration, operator, channel)
            if found:
                rules.append(rule_of(operator, found))
    if not rules:
        return []
    fields = [field_of(declaration, n) for n in channel.names]
    slots, symbols = _slots(*(_mass(declaration, n) for n in channel.names))
    kinematics = Decay(slots, (fields[0].is_vector, fields[1].is_vector, fields[2].is_vector))
    found_terms = []
    for i, a in enumerate(rules):
        for j, b in enumerate(rules[: i + 1]):
            coupling = (a.coefficient * b.coefficient.conjugate()).real() * (1 if i == j else 2)
            value = Frac.of(0) if coupling.is_zero else kinematics.product(a, b)
            if not value.is_zero:
                found_terms.append((coupling, value, ""))
    return _terms(found_terms, channel, slots, symbols, _weight(channel, fields))


# of a fermion ----------------------------------------------------------------------------------------
def _of_fermion(declaration: Declaration, channel: Channel) -> list[Term]:
    """Return the terms of a fermion's decay into a fermion and a boson: ubar(p1) X u(P).

    A reading creates the fermion with its first end and annihilates with its second what that end's
    antiparticle would create.
    """
    fields = {n: field_of(declaration, n) for n in channel.names}
    inside = [n for n in channel.products if fields[n].is_fermion]
    if len(inside) != 1:
        return []
    (fermion,) = inside
    (boson,) = (n for n in channel.products if n != fermion)
    anti = conjugate(channel.parent, fields[channel.parent])
    vertices = [
        vertex
        for operator in declaration.for_lepton(channel.lepton)
        for vertex, ends in line_readings(declaration, operator)
        if ends == (fermion, anti) and boson_of(declaration, vertex) == boson
    ]
    if not vertices:
        return []
    slots, symbols = _slots(*(_mass(declaration, n) for n in (channel.parent, fermion, boson)))
    big, one, two = slots
    mixed = (big * big - one * one - two * two) / 2
    dots = Dots({"1": (1, 0), "2": (0, 1), "P": (1, 1)}, ((one * one, mixed), (mixed, two * two)))
    massless = boson == "A"
    massive = ("2", two * two) if fields[boson].is_vector and not massless else None
    squares = Squares(dots, ("1", one), ("P", big), massive)
    pieces = [
        Piece(
            v.rule(emitted=True),
            Frac.of(1),
            tuple(strings(v.string, "2", PHOTON if massless else BOSON).items()),
            label=v.boson,
        )
        for v in vertices
    ]
    ordered = replace(channel, products=(fermion, boson))
    weight = _weight(channel, [fields[n] for n in channel.names])
    return _terms(squares.square(pieces), ordered, slots, symbols, weight)


def _mass(declaration: Declaration, name: str) -> str | None:
    """Return the mass symbol of a particle, None for the photon; raises ModelError where there is none."""
    return None if name == "A" else particle(declaration, plain(name)).mass


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
        if created_by(declaration, b.scalar) == mediator and {v.field for v in b.vectors} == {"A"}
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
        whole = value * over
        conditions = (open_, *_massive(whole))
        function = Elementary.of({key: whole}, ("M", "m1", "m2"), diagram, roots, (), conditions)
        bound = Masses.exact([(s.name, symbols[s.name]) for s in function.slots])
        out.append(Term(coupling * scale, function, bound))
    return out


def _massive(value: Frac) -> Iterator[Condition]:
    """Yield where the longitudinal part of a product diverges: at its mass of zero."""
    for slot in sorted(value.den.generators & {"m1", "m2"}):
        if value.den.substitute({slot: constant(0)}) == 0:
            sentence = "{" + slot + "} is zero, where the longitudinal part diverges; give a mass."
            yield Condition(gen(slot), "nonzero", sentence)


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
