"""How the photon joins the bosons of a diagram: charged bosons and effective X-photon-V vertices.

Each rule is the Lorentz structure over mu and the indices of the two bosons, normalised so that the
vertex function is i times the loop integral of line, propagator numerators and this structure over the
three denominators; a spin-1 propagator's numerator is -(g - k k/M^2).

The epsilon tensor is never written down: with gamma5 = i g0 g1 g2 g3 and epsilon^{0123} = e,
gamma5 epsilon^{abcd} = i e gamma^{[a} gamma^b gamma^c gamma^{d]}, antisymmetrised with weight one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import permutations

from g2sym.derive.dirac import GAMMA5, Dirac, String, product
from g2sym.derive.kinematics import Poly, dot_products, ring, token
from g2sym.derive.projector import MU
from g2sym.derive.tensors import Pair, Tensor, contract, tensor
from g2sym.derive.topology import Propagator, Topology
from g2sym.errors import UnsupportedError

FIRST, LAST = "@first", "@last"
"""The indices of the bosons at the first and the last vertex of the line."""
_BEFORE, _AFTER = "@before", "@after"

Inverse = tuple[str, ...]
"""Names of the squared masses that a part is divided by."""


def bosonic(topology: Topology) -> dict[Inverse, Tensor]:
    """Return everything off the fermion line: boson propagators and the photon's vertex on them.

    Returns a tensor over mu (unless the photon is on the line) and over `FIRST` and `LAST` where the
    bosons there are vectors, by the squared masses that it is divided by.
    """
    first, last = topology.ends
    if topology.insertion is None:
        return _propagator(first, FIRST, LAST)
    before, after = token(first.momentum), token(last.momentum)
    if topology.insertion == "charged scalar":
        return {(): tensor((1, ((MU, before),)), (1, ((MU, after),)))}
    if topology.insertion == "Goldstone":
        # i e Q M A^m (V_m^dagger G - G^dagger V_m) over that of a scalar, its factor +- i M taken off
        index = FIRST if first.spin else LAST
        return {(): tensor((1, ((MU, index),)))}
    if topology.insertion == "Yang-Mills":
        middle: dict[Inverse, Tensor] = {(): yang_mills(before, after)}
        joined = _joined(_propagator(first, FIRST, _BEFORE), middle, topology.turned)
        return _joined(joined, _propagator(last, _AFTER, LAST), topology.turned)
    if topology.insertion == "effective dual":  # the epsilon tensor goes into the gamma string
        return {(): tensor((1, ()))}
    inward, sign, index = into_effective(topology)
    dot = dot_products()["q", inward]
    # the coupling is that to the current of V over minus that of the photon
    vertex = tensor((sign, ((MU, inward), (_AFTER, "q"))), (dot * -sign, ((MU, _AFTER),)))
    vector = last if index == LAST else first
    return _joined({(): vertex}, _propagator(vector, _AFTER, index))


def yang_mills(before: str, after: str) -> Tensor:
    """Return the vertex of a photon with a charged vector: minus the triple Yang-Mills vertex.

    Parameters: the vector's momenta before and after. Source: L = -(1/2)|D_m V_n - D_n V_m|^2
    + i e Q F^{mn} V^dagger_m V_n, which has the gyromagnetic ratio 2.
    """
    return tensor(
        (-1, ((_BEFORE, _AFTER), (MU, before))),
        (-1, ((_BEFORE, _AFTER), (MU, after))),
        (1, ((_AFTER, MU), (_BEFORE, after))),
        (1, ((_AFTER, MU), (_BEFORE, "q"))),
        (1, ((MU, _BEFORE), (_AFTER, before))),
        (-1, ((MU, _BEFORE), (_AFTER, "q"))),
    )


def _propagator(line: Propagator, left: str, right: str) -> dict[Inverse, Tensor]:
    """Return the numerator of a boson's propagator between two indices."""
    if line.spin == 0:
        return {(): tensor((1, ()))}
    metric = tensor((-1, ((left, right),)))
    if line.mass is None:
        return {(): metric}
    if line.mass == 1:
        raise UnsupportedError("A vector with the lepton's own mass has no slot for it.")
    momentum = token(line.momentum)
    longitudinal = tensor((1, ((left, momentum), (right, momentum))))
    parts: dict[Inverse, Tensor] = {}
    if line.gauge != "longitudinal":
        parts[()] = metric
    if line.gauge != "metric":
        parts[(line.mass.name,)] = longitudinal
    return parts


def _joined(
    one: Mapping[Inverse, Tensor], other: Mapping[Inverse, Tensor], turned: str = ""
) -> dict[Inverse, Tensor]:
    """Multiply, and leave out what vanishes: the k k/M^2 of a vector that couples transversely."""
    terms: dict[Inverse, list[tuple[Poly, tuple[Pair, ...]]]] = {}
    for a, left in one.items():
        for b, right in other.items():
            found = terms.setdefault(tuple(sorted(a + b)), [])
            found += [(value, pairs) for pairs, value in contract(left, right, turned=turned).items()]
    summed = {key: tensor(*found, turned=turned) for key, found in terms.items()}
    return {key: value for key, value in summed.items() if value}


def into_effective(topology: Topology) -> tuple[str, int, str]:
    """Return V's momentum, its sign when it flows into the effective vertex, and V's index on the line."""
    first, last = topology.ends
    if first.spin == 1:
        return token(first.momentum), 1, FIRST
    return token(last.momentum), -1, LAST


def insert_epsilon(topology: Topology, strings: list[Dirac], epsilon0123: int) -> list[Dirac]:
    """Put the epsilon tensor of an effective vertex beside the one gamma5 of the line.

    Parameters: the gamma strings of the vertices in order along the line; ``epsilon0123``, +1 or -1.
    Returns them over i, with gamma5 epsilon^{q mu kV si} for gamma5 and V's index joined by -g. A line with
    an even number of gamma5 comes back as it is: its epsilon tensor stands at the gamma5 of the electric
    projector, see `epsilon_at_projector`.
    """
    if not epsilon_on_line(strings):
        return strings
    inserted = _epsilon(topology, epsilon0123)
    out = list(strings)
    for place, element in enumerate(strings):
        if any(GAMMA5 in string for string in element):
            out[place] = {}
            for string, value in element.items():
                for key, weight in _with_epsilon(string, inserted).items():
                    out[place][key] = weight * value
    return out


def epsilon_on_line(strings: Iterable[Dirac]) -> bool:
    """True when a line has an odd number of gamma5: one of them takes the epsilon tensor."""
    return sum(next(iter(element)).count(GAMMA5) for element in strings) % 2 == 1


def epsilon_at_projector(topology: Topology, base: String, epsilon0123: int) -> Dirac:
    """Return an element of the electric projector with gamma5 epsilon^{q mu kV si}/i for its gamma5.

    Parameters: ``base``, a gamma string that ends with the gamma5; ``epsilon0123``, +1 or -1. In four
    dimensions the epsilon tensor may stand at any gamma5 of the trace. In d dimensions a line without one
    leaves this place; the two of a line with a pseudoscalar and an axial coupling anticommute and cancel.
    """
    if base[-1:] != (GAMMA5,):
        raise UnsupportedError("An epsilon tensor without a gamma5 in the trace feeds no dipole moment.")
    return _with_epsilon(base, _epsilon(topology, epsilon0123))


def _epsilon(topology: Topology, epsilon0123: int) -> Dirac:
    """Return gamma5 epsilon^{q mu kV si}/i with V's momentum flowing into the vertex."""
    inward, sign, index = into_effective(topology)
    inserted = levi_civita_gamma5(("q", MU, inward, index), epsilon0123)
    return {key: sign * value for key, value in inserted.items()}


def levi_civita_gamma5(tokens: String, epsilon0123: int) -> Dirac:
    """Return gamma5 epsilon^{abcd}/i as a sum of gamma strings.

    Parameters: ``tokens``, the four matrices that carry a, b, c, d; ``epsilon0123``, +1 or -1.
    """
    one = ring().constant(1)
    out: Dirac = {}
    for order in permutations(range(4)):
        inversions = sum(order[i] > order[j] for i in range(4) for j in range(i + 1, 4))
        weight = one * epsilon0123 * (-1) ** inversions / 24
        string = tuple(tokens[i] for i in order)
        out[string] = out.get(string, 0 * one) + weight
    return out


def _with_epsilon(string: String, inserted: Dirac) -> Dirac:
    """Replace the one gamma5 of a string by gamma5 epsilon, at its place.

    In d dimensions gamma5 gamma^a and (gamma5 gamma^a - gamma^a gamma5)/2 differ by an antisymmetrised
    product of five matrices, which vanishes here: l, q and kV are linearly dependent.
    """
    one = ring().constant(1)
    place = string.index(GAMMA5)
    return product({string[:place]: one}, inserted, {string[place + 1 :]: one})
