"""From a declared Lagrangian to the contributions to one lepton's dipole moments."""

from __future__ import annotations

from collections.abc import Iterable

from g2sym.base.conventions import Conventions
from g2sym.base.meter import FILE, metered
from g2sym.derive.barr_zee import barr_zee_pairs
from g2sym.derive.contributions import Contribution, Derivation, Pending
from g2sym.derive.dirac import STRENGTH
from g2sym.derive.exchange import exchange, interfering
from g2sym.derive.gauge import EffectiveVertex, effective_vertices
from g2sym.derive.omitted import fermion_loops
from g2sym.derive.photon_dipoles import photon_dipoles
from g2sym.derive.vertices import Vertex, line_vertices
from g2sym.errors import ModelError, shorten
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
    pairs = barr_zee_pairs(declaration, lepton, vertices, effective, conventions)
    contributions |= pairs.contributions
    remarks += pairs.remarks
    refused += pairs.refused
    return Derivation(
        contributions,
        electric,
        electric_tree,
        tuple(pending),
        pairs.electric,
        pairs.refused_electric,
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
