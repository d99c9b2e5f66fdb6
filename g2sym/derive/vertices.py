"""Feynman rules: the vertices that a Lagrangian puts on a lepton line."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.derive.dirac import BOSON, GAMMA5, MOMENTUM, STRENGTH, String
from g2sym.errors import ModelError
from g2sym.lagrangian.algebra import charge_transpose, gamma5_left
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Bilinear, Boson, Gamma, Operator, Spinor


@dataclass(frozen=True)
class Vertex:
    """One term of a boson's coupling to a fermion line, read as a Feynman rule.

    ``fermion_in`` is annihilated and ``fermion_out`` created, ``cc(x)`` the charge conjugate of x.
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


def line_vertices(operator: Operator) -> tuple[Vertex, ...] | None:
    """Read an operator as a boson's vertices on a fermion line.

    A charge conjugate end, as in bar(cc(x)) G y, is read in both ways: y turns into cc(x), and, with
    C G^T C^-1 in place of G, x into cc(y). For x = y both stand on the line of the same lepton, which is
    the factor 2 of identical fields. Returns None when the operator is none of those the engine knows: a
    scalar with at most one derivative that is joined to the bilinear's gamma matrix, a vector field joined
    to it, or its field strength joined to sigma.
    """
    line = operator.bilinear
    return None if line is None else _vertices(operator, _readings(line))


def every_reading(operator: Operator) -> tuple[Vertex, ...]:
    """Read an operator as vertices on a fermion line as it stands and transposed, whatever its ends are.

    Between given spinors each reading that fits them counts once: for identical particles both do. Empty for
    an operator of another kind.
    """
    line = operator.bilinear
    return () if line is None else _vertices(operator, [(1, line), _transposed(line)]) or ()


def _vertices(operator: Operator, readings: Iterable[tuple[int, Bilinear]]) -> tuple[Vertex, ...] | None:
    if len(operator.bosons) != 1:
        return None
    (boson,) = operator.bosons
    found = []
    for sign, reading in readings:
        read = _string(boson, reading.string)
        if read is None:
            return None
        string, factor = read
        found.append(
            Vertex(
                boson.field,
                boson.conjugated,
                Spinor(reading.bar, conjugated=reading.bar_cc).text(),
                Spinor(reading.field, conjugated=reading.field_cc).text(),
                string,
                sum(token in (MOMENTUM, STRENGTH) for token in string),
                operator.coefficient * factor * sign,
            )
        )
    return tuple(found)


def _readings(line: Bilinear) -> list[tuple[int, Bilinear]]:
    """Return the bilinear as it stands, and transposed where one end is charge conjugate, with signs."""
    if line.bar_cc == line.field_cc:
        return [(1, line)]
    return [(1, line), _transposed(line)]


def _transposed(line: Bilinear) -> tuple[int, Bilinear]:
    """Return bar(x) G y as bar(cc(y)) C G^T C^-1 cc(x), with its sign."""
    sign, string = charge_transpose(line.string)
    turn, string = gamma5_left(string)
    return sign * turn, Bilinear(line.field, string, line.bar, not line.field_cc, not line.bar_cc)


def _string(boson: Boson, matrices: Iterable[Gamma]) -> tuple[String, Coefficient] | None:
    """Return the gamma string that a boson's factor puts on the line; None where there is no rule."""
    fives = tuple(GAMMA5 for m in matrices if m.kind == "gamma5")
    rest = [m for m in matrices if m.kind != "gamma5"]
    one, i = Coefficient.number(1), Coefficient.number(0, 1)
    if len(rest) != len(boson.derivatives) + (len(boson.indices) + 1) // 2 or len(rest) > 1:
        return None  # a vector's derivative, joined to its own index say, is another vertex
    if not rest:
        return (fives, one) if boson.kind == "field" else None
    (matrix,) = rest
    if matrix.kind == "gamma" and boson.kind == "field":
        if matrix.indices == boson.indices and not boson.derivatives:
            return (*fives, BOSON), one
        if matrix.indices == boson.derivatives and not boson.indices:
            return (*fives, MOMENTUM), one
    if matrix.kind == "sigma" and boson.kind == "F" and not boson.derivatives:
        # sigma^{al be} (d_al V_be - d_be V_al) = i (d-slash V-slash - V-slash d-slash)
        return (*fives, STRENGTH), i if matrix.indices == boson.indices else -i
    return None


def pairs(vertices: Iterable[Vertex], lepton: str, turned: str | None = None) -> list[tuple[Vertex, Vertex]]:
    """Return (emitting, absorbing) vertex pairs that carry a lepton to itself, or to another one.

    The first takes the lepton to an internal fermion, the second takes that to ``turned``, by default back to
    the lepton, with the same boson.
    """
    last = turned or lepton
    every = list(vertices)
    out = []
    for first in every:
        if first.fermion_in != lepton:
            continue
        for second in every:
            same_line = second.fermion_out == last and second.fermion_in == first.fermion_out
            if same_line and second.boson == first.boson:
                out.append((first, second))
    return out


@dataclass(frozen=True)
class Particle:
    """What a line of a diagram carries: the field's name, its charge along the line, its mass symbol."""

    name: str
    field: Field
    charge: Fraction

    @property
    def mass(self) -> str:
        """The mass symbol; raises ModelError where the field has none."""
        if self.field.mass is None:
            raise ModelError(
                f"The field '{self.field.name}' has no mass symbol; declare one, for instance "
                f'mass = "m_{self.field.name}", and give that the value 0 where it is massless.'
            )
        return self.field.mass


def particle(declaration: Declaration, name: str) -> Particle:
    """Return the particle of a name on a line, ``cc(x)`` for the charge conjugate of x."""
    conjugated = name.startswith("cc(")
    own = name[3:-1] if conjugated else name
    field = declaration.fields[own] if own in declaration.fields else STANDARD_MODEL[own]
    return Particle(name, field, -field.charge if conjugated else field.charge)
