"""What a model adds beyond the diagrams that are derived: loops of fermions that a mediator couples to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from g2sym.derive.contributions import Pending
from g2sym.derive.dirac import GAMMA5
from g2sym.derive.vertices import Vertex, line_vertices, particle
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import GENERIC
from g2sym.lagrangian.operators import Operator

REASON = "fermion loops are not derived yet"


def fermion_loops(
    declaration: Declaration, lepton: str, vertices: Iterable[Vertex], electric: bool = False
) -> Iterator[Pending]:
    """Yield the two-loop pieces of mediators on a lepton's line that also couple to another charged fermion.

    The loop of that fermion joins the mediator to a photon or a Z on the lepton's line. Of a coupling that
    every lepton has alike, only a scalar's is named: a vector's loops are the running of its own mixing.
    Couplings of one parity feed the magnetic moment, of a scalar's two parities the ``electric`` one.
    """
    every = list(vertices)
    for outer in every:
        if outer.fermion_in != lepton or outer.fermion_out != lepton or outer.boson == "Z":
            continue
        for inner in every:
            name = inner.fermion_in
            same = inner.boson == outer.boson and inner.fermion_out == name != lepton
            if same and particle(declaration, name).charge and _joins(declaration, outer, inner, electric):
                yield _pending(outer, inner, f"'{name}'")
        for operator in declaration.operators:
            if not _of_every_lepton(declaration, operator):
                continue
            for shared in line_vertices(operator) or ():
                if shared.boson == outer.boson and _joins(declaration, outer, shared, electric):
                    yield _pending(outer, shared, "the other charged leptons")


def _pending(outer: Vertex, inner: Vertex, loop: str) -> Pending:
    text = f"the two-loop contribution of '{outer.boson}' with a loop of {loop}, to which it couples too"
    return Pending(outer.coefficient * inner.coefficient, text, REASON)


def _joins(declaration: Declaration, outer: Vertex, inner: Vertex, electric: bool) -> bool:
    """True when the mediator can run between two vertices and their parities feed the moment."""
    field = particle(declaration, outer.boson).field
    if not field.self_conjugate and outer.conjugated == inner.conjugated:
        return False
    mixed = (outer.string.count(GAMMA5) + inner.string.count(GAMMA5)) % 2 == 1
    return mixed == electric and not (electric and field.spin)


def _of_every_lepton(declaration: Declaration, operator: Operator) -> bool:
    """True for a scalar's coupling to f that is declared for every lepton."""
    line = operator.bilinear
    if line is None or line.bar != GENERIC or line.field != GENERIC:
        return False
    if len(operator.bosons) != 1:
        return False
    field = particle(declaration, operator.bosons[0].field).field
    flavours = {
        p.flavour for p in declaration.parameters.values() if {*p.symbols} & operator.coefficient.symbols
    }
    return field.spin == 0 and bool(flavours & {"universal", "mass"})
