"""Two-body channels: which decays the terms of a Lagrangian open, and which of them are not derived."""

from __future__ import annotations

from collections.abc import Iterator

from g2sym.base.classes import dataclass, replace
from g2sym.base.processes import in_order as ordered
from g2sym.base.processes import plain
from g2sym.derive.contributions import Pending
from g2sym.derive.three_bosons import ways_of
from g2sym.derive.vertices import Vertex, every_reading, line_vertices
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import LEPTONS, STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Boson, Operator

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
    def names(self) -> tuple[str, str, str]:
        """The particle that decays, and the products."""
        return self.parent, *self.products

    @property
    def lepton(self) -> str:
        """A charged lepton in it, whose copy of the Lagrangian it follows from."""
        every = [plain(n) for n in (*self.products, self.parent)]
        return next((n for n in every if n in LEPTONS), FIRST)


def conjugate(name: str, field: Field) -> str:
    """Return the name of the antiparticle, the particle's own where it is its own."""
    if field.self_conjugate:
        return name
    return name[4:-1] if name.startswith("bar(") else f"bar({name})"


def in_order(first: str, second: str) -> tuple[str, str]:
    """Return two particles in the order in which a channel names them: the photon, fields, antiparticles."""
    one, two = ordered((first, second))
    return one, two


def field_of(declaration: Declaration, name: str) -> Field:
    """Return the field of a particle's name."""
    own = plain(name)
    return declaration.fields[own] if own in declaration.fields else STANDARD_MODEL[own]


def channels(declaration: Declaration, parent: str) -> tuple[tuple[Channel, ...], tuple[Pending, ...]]:
    """Return the two-body channels that the declared operators open, and what is not derived.

    Parameters: ``parent``, the particle that decays, ``bar(X)`` for an antiparticle. The Standard Model's own
    decays of its particles are not among them, nor are channels with the particle itself in the final state,
    which are closed at any mass.
    """
    found: dict[Channel, None] = {}
    pending: dict[str, Pending] = {}
    for lepton in LEPTONS:
        for operator in declaration.for_lepton(lepton):
            for rest in _final_states(declaration, operator, parent):
                if plain(parent) in map(plain, rest):
                    continue
                if is_derived(operator):
                    found[Channel(parent, in_order(*rest))] = None
                else:
                    pending.setdefault(operator.text(), _pending(operator, parent, rest))
    return tuple(found), tuple(pending.values())


def not_derived(declaration: Declaration, channel: Channel) -> tuple[Pending, ...]:
    """Return the terms that feed a channel and are not derived."""
    return tuple(
        _pending(operator, channel.parent, channel.products)
        for operator in declaration.for_lepton(channel.lepton)
        if not is_derived(operator)
        and any(
            tuple(sorted(rest)) == tuple(sorted(channel.products))
            for rest in _final_states(declaration, operator, channel.parent)
        )
    )


def is_derived(operator: Operator) -> bool:
    """True where two-body decays through an operator are derived: three fields, with a rule."""
    if operator.bilinear is None:
        return len(operator.bosons) == 3
    return len(operator.bosons) == 1 and line_vertices(operator) is not None


def _pending(operator: Operator, parent: str, rest: tuple[str, ...]) -> Pending:
    reason = "the engine has no Feynman rule for it"
    if len(rest) > 2:
        reason = f"decays into {len(rest)} particles are not derived"
    return Pending(operator.coefficient, f"the decay of '{parent}' through {operator.text()}", reason)


def _final_states(declaration: Declaration, operator: Operator, parent: str) -> Iterator[tuple[str, ...]]:
    """Yield what an operator can make a particle decay into, for each of its factors that annihilates it."""
    created = [created_by(declaration, b) for b in operator.bosons]
    line = operator.bilinear
    if line is not None:  # bar(x) creates x, x its antiparticle
        for name, barred in ((line.bar, not line.bar_cc), (line.field, line.field_cc)):
            field = field_of(declaration, name)
            created.append(name if barred or field.self_conjugate else f"bar({name})")
    seen = set()
    for place, name in enumerate(created):
        if conjugate(name, field_of(declaration, name)) == parent:
            rest = tuple(created[:place] + created[place + 1 :])
            if (key := tuple(sorted(rest))) not in seen:
                seen.add(key)
                yield rest


def created_by(declaration: Declaration, factor: Boson) -> str:
    """Return the particle that a boson factor creates: a complex field creates its conjugate."""
    if factor.conjugated or field_of(declaration, factor.field).self_conjugate:
        return factor.field
    return f"bar({factor.field})"


def ways(declaration: Declaration, operator: Operator, channel: Channel) -> tuple[tuple[int, int, int], ...]:
    """Return the ways in which three boson factors belong to the particles of a channel."""
    created = [created_by(declaration, b) for b in operator.bosons]
    wanted = (conjugate(channel.parent, field_of(declaration, channel.parent)), *channel.products)
    makes = [{place: name == one for place, name in enumerate(created)} for one in wanted]
    return tuple(ways_of(operator, makes))


def line_readings(declaration: Declaration, operator: Operator) -> Iterator[tuple[Vertex, tuple[str, str]]]:
    """Yield the readings of an operator on a fermion line, with what its ends create: bar(x), and y."""
    for vertex in every_reading(operator):
        yield (
            vertex,
            (_end(declaration, vertex.fermion_out, True), _end(declaration, vertex.fermion_in, False)),
        )


def _end(declaration: Declaration, end: str, barred: bool) -> str:
    """Return the particle that the end of a line creates, ``cc(x)`` being the charge conjugate of x."""
    turned = end.startswith("cc(")
    name = end[3:-1] if turned else end
    if barred != turned or field_of(declaration, name).self_conjugate:
        return name
    return f"bar({name})"


def boson_of(declaration: Declaration, vertex: Vertex) -> str:
    """Return the particle that a vertex's boson factor creates."""
    return created_by(declaration, Boson(vertex.boson, conjugated=vertex.conjugated))


def conjugated(declaration: Declaration, channel: Channel) -> Channel:
    """Return the channel of the antiparticles, which at tree level has the same width."""
    parent, first, second = (conjugate(n, field_of(declaration, n)) for n in channel.names)
    return replace(channel, parent=parent, products=in_order(first, second))
