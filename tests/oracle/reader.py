"""An interpreter of the Lagrangian language for terms with one boson and two fermions, of its own.

A text is evaluated as an expression in explicit 4x4 matrices. The result is a list of monomials, each a
number times one boson times bar(a) M b.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from mpmath import mp, mpc, mpf

from oracle.dirac import GAMMA, GAMMA5, ONE, PL, PR, Matrix, adjoint

Key = tuple[str, bool]
"""A field's name, and whether it is conjugated."""


@dataclass(frozen=True)
class Field:
    """A field: ``spin`` 0, 1/2 or 1, the ``charge`` that it annihilates, ``mass`` in GeV, ``real`` when it
    is its own conjugate, ``colour`` the number of its colours."""

    name: str
    spin: Fraction
    charge: Fraction
    mass: Fraction
    real: bool = False
    colour: int = 1


@dataclass(frozen=True)
class Monomial:
    """number * boson * bar(a) * matrix * b, any part of which may still be missing.

    ``matrix`` has a leading index where gamma(al) stands in it; ``indices`` are the names that are still
    open.
    """

    number: mpc
    boson: Key | None = None
    bar: Key | None = None
    matrix: Matrix | None = None
    psi: Key | None = None
    indices: tuple[str, ...] = ()


class _Adjoint:
    """The word hc."""


_SM = {"e": -1, "mu": -1, "tau": -1, "nu_e": 0, "nu_mu": 0, "nu_tau": 0}
_QUARKS = {"u": 2, "c": 2, "t": 2, "d": -1, "s": -1, "b": -1}


def standard_fields(values: Mapping[str, str]) -> dict[str, Field]:
    """The Standard Model's fields; those whose mass is not among ``values`` are massless neutrinos or left
    out."""
    rows = {n: (Fraction(1, 2), Fraction(q), 1) for n, q in _SM.items()}
    rows |= {n: (Fraction(1, 2), Fraction(q, 3), 3) for n, q in _QUARKS.items()}
    rows |= {"W": (Fraction(1), Fraction(1), 1), "Z": (Fraction(1), Fraction(0), 1)}
    found = {}
    for name, (spin, charge, colour) in rows.items():
        given = values.get(f"m_{name}", "0" if name.startswith("nu_") else None)
        if given is not None:
            found[name] = Field(name, spin, charge, Fraction(given), name == "Z", colour)
    return found


class _Reader:
    def __init__(self, text: str, fields: Mapping[str, Field], values: Mapping[str, str]) -> None:
        lines = [line.partition("#")[0] for line in text.splitlines()]
        self.source = "(" + " ".join(lines).strip().replace("^", "**") + ")"
        self.fields = fields
        self.values = {
            n: mpf(v.numerator) / v.denominator for n, v in ((n, Fraction(t)) for n, t in values.items())
        }

    def number(self, value: object) -> list[Monomial]:
        return [Monomial(mpc(value))]

    def key(self, name: str, conjugated: bool) -> Key:
        return name, conjugated and not self.fields[name].real

    def name(self, name: str) -> list[Monomial] | _Adjoint:
        if name == "hc":
            return _Adjoint()
        matrices = {"gamma5": GAMMA5, "PL": PL, "PR": PR}
        if name in matrices:
            return [Monomial(mpc(1), matrix=matrices[name])]
        if name in self.fields:
            key = self.key(name, False)
            fermion = self.fields[name].spin == Fraction(1, 2)
            return [Monomial(mpc(1), psi=key) if fermion else Monomial(mpc(1), boson=key)]
        if name == "I":
            return self.number(mpc(0, 1))
        if name == "pi":
            return self.number(+mp.pi)
        if f"re_{name}" in self.values:
            return self.number(mpc(self.values[f"re_{name}"], self.values[f"im_{name}"]))
        return self.number(self.values[name])

    def call(self, node: ast.Call) -> list[Monomial]:
        word = node.func.id
        argument = node.args[0]
        if word == "gamma":
            return [Monomial(mpc(1), matrix=GAMMA, indices=(argument.id,))]
        if word == "sqrt":
            (inner,) = self.visit(argument)
            return self.number(mp.sqrt(inner.number))
        if word in ("bar", "cc"):
            (inner,) = self.visit(argument)
            if inner.boson is not None:
                name, conjugated = inner.boson
                return [replace(inner, boson=self.key(name, not conjugated))]
            name, conjugated = inner.psi
            if word == "cc":
                return [replace(inner, psi=self.key(name, not conjugated))]
            return [Monomial(mpc(1), bar=inner.psi)]
        return [Monomial(mpc(1), boson=self.key(word, False), indices=(argument.id,))]  # V(al)

    def visit(self, node: ast.expr) -> list[Monomial] | _Adjoint:
        match node:
            case ast.Constant():
                return self.number(_exact(ast.get_source_segment(self.source, node)))
            case ast.Name():
                return self.name(node.id)
            case ast.Call():
                return self.call(node)
            case ast.UnaryOp(op=ast.USub()):
                return [replace(t, number=-t.number) for t in self.visit(node.operand)]
            case ast.UnaryOp(op=ast.UAdd()):
                return self.visit(node.operand)
            case ast.BinOp():
                return self.binary(node)
        raise ValueError(f"not read: {ast.dump(node)}")

    def binary(self, node: ast.BinOp) -> list[Monomial]:
        left, right = self.visit(node.left), self.visit(node.right)
        match node.op:
            case ast.Add():
                return left + ([self.conjugate(t) for t in left] if isinstance(right, _Adjoint) else right)
            case ast.Sub():
                return left + [replace(t, number=-t.number) for t in right]
            case ast.Mult():
                return [_times(a, b) for a in left for b in right]
            case ast.Div():
                (divisor,) = right
                return [replace(t, number=t.number / divisor.number) for t in left]
            case ast.Pow():
                (base,), (power,) = left, right
                return self.number(base.number ** int(power.number.real))
        raise ValueError(f"not read: {ast.dump(node)}")

    def conjugate(self, term: Monomial) -> Monomial:
        name, conjugated = term.boson
        return Monomial(
            mp.conj(term.number),
            self.key(name, not conjugated),
            term.psi,
            adjoint(ONE if term.matrix is None else term.matrix),
            term.bar,
        )


def _exact(text: str) -> mpf:
    value = Fraction(text)
    return mpf(value.numerator) / value.denominator


def _times(left: Monomial, right: Monomial) -> Monomial:
    for part in ("boson", "bar", "psi"):
        if getattr(left, part) is not None and getattr(right, part) is not None:
            raise ValueError(f"two of {part} in one term")
    matrix = left.matrix if right.matrix is None else right.matrix
    if left.matrix is not None and right.matrix is not None:
        if left.matrix.ndim + right.matrix.ndim > 5:
            raise ValueError("more than one gamma(al)")
        matrix = left.matrix @ right.matrix
    names = left.indices + right.indices
    if len(names) == 2:
        if names[0] != names[1]:
            raise ValueError("an index stands alone")
        names = ()
    return Monomial(
        left.number * right.number,
        left.boson or right.boson,
        left.bar or right.bar,
        matrix,
        left.psi or right.psi,
        names,
    )


def read(text: str, fields: Mapping[str, Field], values: Mapping[str, str]) -> list[Monomial]:
    """Return the monomials of a Lagrangian, Hermitian conjugates written out.

    Parameters: ``fields``, all fields by name; ``values``, decimal numbers by name, re_y and im_y for a
    complex y. Raises ValueError for what is not one boson with two fermions.
    """
    reader = _Reader(text, fields, values)
    terms = reader.visit(ast.parse(reader.source, mode="eval").body)
    for term in terms:
        if term.boson is None or term.bar is None or term.psi is None or term.indices:
            raise ValueError("a term is not one boson with two fermions")
    return [replace(t, matrix=ONE) if t.matrix is None else t for t in terms]


def chiral(matrix: Matrix) -> tuple[complex, complex]:
    """L and R of M = L PL + R PR, or M^mu = gamma^mu (L PL + R PR). Raises ValueError for another matrix."""
    plain = GAMMA[0] @ matrix[0] if matrix.ndim == 3 else matrix
    low, high = np.trace(plain @ PL) / 2, np.trace(plain @ PR) / 2
    again = low * PL + high * PR
    if not np.array_equal(GAMMA @ again if matrix.ndim == 3 else again, matrix):
        raise ValueError("a matrix beyond 1, gamma5, gamma^mu, gamma^mu gamma5")
    return complex(low), complex(high)
