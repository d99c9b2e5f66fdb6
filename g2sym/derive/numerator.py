"""The numerator of a topology: its gamma string, projected onto a dipole form factor and traced."""

from __future__ import annotations

from g2sym.derive.dirac import BOSON, MOMENTUM, STRENGTH, Dirac, String, product, traces
from g2sym.derive.insertions import (
    FIRST,
    LAST,
    Inverse,
    bosonic,
    epsilon_at_projector,
    epsilon_on_line,
    insert_epsilon,
)
from g2sym.derive.kinematics import Poly, dot_products, ring, token
from g2sym.derive.parameters import mass_of
from g2sym.derive.projector import MU, ORDERS, Dipole, basis_string, projector, transition_projector
from g2sym.derive.series import truncate
from g2sym.derive.tensors import Pair
from g2sym.derive.topology import PHOTON, Topology


def fermion_line(topology: Topology, epsilon0123: int = 1) -> Dirac:
    """Return the gamma strings of the open line, the last vertex leftmost.

    Boson indices stay open as `FIRST` and `LAST`, the photon's as `MU`.
    """
    vertices = _vertices(topology)
    if topology.insertion == "effective dual":
        vertices = insert_epsilon(topology, vertices, epsilon0123)
    one = ring().constant(1)
    chain = vertices[0]
    for fermion, vertex_string in zip(topology.fermions, vertices[1:], strict=True):
        line: Dirac = {(token(fermion.momentum),): one, (): mass_of(topology, fermion.mass)}
        chain = product(vertex_string, line, chain)
    return chain


def _vertices(topology: Topology) -> list[Dirac]:
    """Return the gamma strings of the vertices in order along the line."""
    one = ring().constant(1)
    vertices: list[Dirac] = []
    for place, vertex in enumerate(topology.line):
        if vertex == PHOTON or vertex.boson is None:
            vertices.append({(MU,): one})
            continue
        index, momentum = LAST if place else FIRST, token(topology.propagators[vertex.boson].momentum)
        meaning = {BOSON: index, MOMENTUM: momentum}
        if STRENGTH in vertex.string:
            place_of = vertex.string.index(STRENGTH)
            left, right = vertex.string[:place_of], vertex.string[place_of + 1 :]
            vertices.append({(*left, momentum, index, *right): one, (*left, index, momentum, *right): -one})
            continue
        vertices.append({tuple(meaning.get(t, t) for t in vertex.string): one})
    return vertices


def numerators(
    topology: Topology, dipole: Dipole, four: bool = False, epsilon0123: int = 1
) -> dict[Inverse, Poly]:
    """Project a topology onto a dipole form factor.

    Parameters: ``dipole``; ``four``, True for traces and projector in four dimensions; ``epsilon0123``.
    Returns polynomials in the products of the loop momentum, normalised to t times the form factor, by
    the squared masses that they are divided by. Where the lepton's mass changes they are at q^2 = 0 and still
    to be divided by the determinant of `transition_projector`.
    Raises UnsupportedError for an odd number of gamma5.
    """
    line = fermion_line(topology, epsilon0123)
    at_projector = topology.insertion == "effective dual" and not epsilon_on_line(_vertices(topology))
    one = ring().constant(1)
    turned_mass = topology.turned
    trace = traces(four, turned_mass)
    weights = transition_projector(dipole, turned_mass)[0] if turned_mass else projector(dipole)
    after = mass_of(topology, topology.external[1])
    out: dict[Inverse, Poly] = {}
    for inverse, structure in bosonic(topology).items():
        total = 0 * one
        for pairs, coefficient in structure.items():
            meaning, carried = _joins(pairs)
            for base, weight in weights:
                if four:
                    weight = truncate(weight, {**ORDERS, "eps": 0})
                if weight == 0:
                    continue
                left, factor, turned = _contract_photon(base, carried, meaning, turned_mass)
                projected: Dirac = {basis_string(left, dipole): one}
                if at_projector:
                    (string,) = projected
                    projected = _renamed(epsilon_at_projector(topology, string, epsilon0123), turned)
                element = product(
                    {("p",): one, (): one},
                    {string: value * factor * coefficient for string, value in projected.items()},
                    {("p'",): one, (): after},
                    _renamed(line, turned),
                )
                total += weight * trace(element)
        out[inverse] = total
    return out


def _joins(pairs: tuple[Pair, ...]) -> tuple[dict[str, str], str | None]:
    """Return what stands for each boson index on the line, and the vector that carries mu, if one does."""
    meaning: dict[str, str] = {}
    carried = None
    for left, right in pairs:
        if MU in (left, right):
            other = right if left == MU else left
            if other in (FIRST, LAST):
                meaning[other] = MU
            else:
                carried = other
        elif left in (FIRST, LAST):
            meaning[left] = right
        else:
            meaning[right] = left
    return meaning, carried


def _contract_photon(
    base: str, carried: str | None, meaning: dict[str, str], turned_mass: str
) -> tuple[str, Poly, dict[str, str]]:
    """Contract mu of a projector's basis element with the amplitude's, a vector's or a matrix's."""
    one = ring().constant(1)
    if carried is not None:
        return (
            (carried, one, meaning) if base == MU else ("", dot_products(turned_mass)[base, carried], meaning)
        )
    if base == MU:
        return MU, one, meaning
    turned = {index: base if token == MU else token for index, token in meaning.items()}
    return "", one, {**turned, MU: base}


def _renamed(line: Dirac, meaning: dict[str, str]) -> Dirac:
    """Replace open indices of a line; strings that become equal add up."""
    out: Dirac = {}
    for string, value in line.items():
        key: String = tuple(meaning.get(t, t) for t in string)
        out[key] = out[key] + value if key in out else value
    return out
