"""Feynman rules: the vertices that a Lagrangian puts on a lepton line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from g2sym.base.coefficients import Coefficient
from g2sym.derive.dirac import BOSON, GAMMA5, MOMENTUM, String
from g2sym.lagrangian.operators import Operator


@dataclass(frozen=True)
class Vertex:
    """One term of a boson's coupling to a fermion line, read as a Feynman rule.

    ``coefficient`` multiplies the gamma string ``string`` in L; ``momenta`` counts derivatives on the
    boson, each of which brings one slashed boson momentum into the string.
    """

    boson: str
    conjugated: bool
    fermion_out: str
    fermion_in: str
    string: String
    momenta: int
    coefficient: Coefficient

    def rule(self, emitted: bool) -> Coefficient:
        """Return the coefficient with the factors of i of its derivatives.

        Parameters: ``emitted``, True at the vertex where the boson leaves with momentum l (a
        derivative gives +i l), False where it is absorbed (-i l).
        """
        return self.coefficient * Coefficient.number(0, 1 if emitted else -1) ** self.momenta


def line_vertex(operator: Operator) -> Vertex | None:
    """Read an operator as a boson's vertex on a fermion line.

    Returns None when it is none of those the engine knows: a scalar with at most one derivative that is
    joined to the bilinear's gamma matrix, or a vector field joined to it.
    """
    line = operator.bilinear
    if line is None or len(operator.bosons) != 1 or line.bar_cc or line.field_cc:
        return None
    boson = operator.bosons[0]
    if boson.kind != "field" or len(boson.derivatives) + len(boson.indices) > 1:
        return None  # a vector's derivative, joined to its own index say, is another vertex
    tokens: list[str] = []
    for matrix in line.string:
        if matrix.kind == "gamma5":
            tokens.append(GAMMA5)
        elif matrix.kind == "gamma" and matrix.indices == boson.indices and not boson.derivatives:
            tokens.append(BOSON)
        elif matrix.kind == "gamma" and matrix.indices == boson.derivatives and not boson.indices:
            tokens.append(MOMENTUM)
        else:
            return None
    return Vertex(
        boson.field,
        boson.conjugated,
        line.bar,
        line.field,
        tuple(tokens),
        len(boson.derivatives),
        operator.coefficient,
    )


def pairs(vertices: Iterable[Vertex], lepton: str) -> list[tuple[Vertex, Vertex]]:
    """Return (emitting, absorbing) vertex pairs that carry a lepton to itself.

    The first takes the lepton to an internal fermion, the second takes it back with the same boson.
    """
    every = list(vertices)
    out = []
    for first in every:
        if first.fermion_in != lepton:
            continue
        for second in every:
            same_line = second.fermion_out == lepton and second.fermion_in == first.fermion_out
            if same_line and second.boson == first.boson:
                out.append((first, second))
    return out
