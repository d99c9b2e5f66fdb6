"""Widths and cross-sections at tree level by explicit spinors, polarisation vectors and 4x4 matrices.

The text of a Lagrangian is read by an interpreter of its own: every term becomes a number, factors of
bosons with Lorentz indices and, where it has fermions, a product of matrices between two of them. A vertex
is a term into which waves are put: a boson that comes in is eps^mu exp(-i k x), so that each derivative is
-i k, its field strength -i (k^a eps^b - k^b eps^a); the dual of that is made with a tensor of 256 numbers.
An internal boson is the sum over four unit vectors. Momenta are numbers in a frame that is boosted along an
axis without symmetry; the angle is integrated by Gauss and Legendre's rule.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import permutations, product

import numpy as np
from numpy.typing import NDArray

from oracle.dirac import GAMMA, GAMMA5, METRIC, ONE, PL, PR, Matrix, adjoint, slash, transposed

Vector = NDArray[np.complex128]
Key = tuple[str, bool]
"""A field's name, and whether it is conjugated."""


@dataclass(frozen=True)
class Particle:
    """A field: spin 0, 1/2 or 1, its mass in GeV, whether it is its own conjugate, its colours."""

    spin: float
    mass: float
    real: bool = False
    colour: int = 1


@dataclass(frozen=True)
class Factor:
    """A boson in a term: ``kind`` is field, d, F or Fdual, with the names of its indices."""

    field: Key
    kind: str = "field"
    indices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Term:
    """number * bosons * bar(a) * matrices * b; ``matrices`` is a tensor, its indices in ``names``."""

    number: complex
    bosons: tuple[Factor, ...] = ()
    bar: Key | None = None
    psi: Key | None = None
    matrix: Matrix | None = None
    names: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wave:
    """What is put into a boson's factor: polarisation (a number 1 for a scalar), momentum that flows in."""

    polarisation: Vector | complex
    momentum: Vector


SIGMA: Matrix = np.array([[0.5j * (a @ b - b @ a) for b in GAMMA] for a in GAMMA])


def _levi_civita() -> NDArray[np.float64]:
    tensor = np.zeros((4, 4, 4, 4))
    for order in permutations(range(4)):
        swaps = sum(order[j] > order[i] for i in range(4) for j in range(i))
        tensor[order] = -1 if swaps % 2 else 1
    return tensor


EPSILON = _levi_civita()
"""eps^{0123} = +1, all indices above."""


# reading ------------------------------------------------------------------------------------------
class Reader:
    """Reads a text; ``values`` are numbers by name, ``fields`` particles by name."""

    def __init__(self, fields: Mapping[str, Particle], values: Mapping[str, complex]) -> None:
        self.fields, self.values = fields, values

    def read(self, text: str) -> list[Term]:
        lines = " ".join(line.partition("#")[0] for line in text.splitlines())
        found = self.visit(ast.parse("(" + lines.strip().replace("^", "**") + ")", mode="eval").body)
        return [replace(t, matrix=ONE) if t.bar and t.matrix is None else t for t in found]

    def key(self, name: str, conjugated: bool) -> Key:
        return name, conjugated and not self.fields[name].real

    def name(self, name: str) -> list[Term]:
        matrices = {"gamma5": GAMMA5, "PL": PL, "PR": PR}
        if name in matrices:
            return [Term(1, matrix=matrices[name])]
        if name in self.fields:
            key = self.key(name, False)
            return [Term(1, psi=key) if self.fields[name].spin == 0.5 else Term(1, (Factor(key),))]
        return [Term({"I": 1j, "pi": np.pi}.get(name) or self.values[name])]

    def call(self, node: ast.Call) -> list[Term]:
        word, arguments = node.func.id, node.args
        if word == "gamma":
            return [Term(1, matrix=GAMMA, names=(arguments[0].id,))]
        if word == "sigma":
            return [Term(1, matrix=SIGMA, names=tuple(x.id for x in arguments))]
        if word in ("F", "Fdual"):
            indices = tuple(x.id for x in arguments[1:])
            return [Term(1, (replace(self.boson(arguments[0]), kind=word, indices=indices),))]
        if word == "d":
            return [Term(1, (replace(self.boson(arguments[1]), kind="d", indices=(arguments[0].id,)),))]
        if word in ("bar", "cc"):
            (inner,) = self.visit(arguments[0])
            if inner.bosons:
                (one,) = inner.bosons
                return [Term(1, (replace(one, field=self.key(one.field[0], not one.field[1])),))]
            return [Term(1, bar=inner.psi)] if word == "bar" else [Term(1, psi=self.turned(inner.psi))]
        return [Term(1, (Factor(self.key(word, False), "field", (arguments[0].id,)),))]

    def boson(self, node: ast.expr) -> Factor:
        ((one,),) = (t.bosons for t in self.visit(node))
        return one

    def turned(self, key: Key) -> Key:
        return self.key(key[0], not key[1])

    def visit(self, node: ast.expr) -> list[Term]:
        match node:
            case ast.Constant():
                return [Term(node.value)]
            case ast.Name():
                return self.name(node.id)
            case ast.Call():
                return self.call(node)
            case ast.UnaryOp():
                sign = -1 if isinstance(node.op, ast.USub) else 1
                return [replace(t, number=t.number * sign) for t in self.visit(node.operand)]
        left = self.visit(node.left)
        if isinstance(node.right, ast.Name) and node.right.id == "hc":
            return left + [self.conjugate(t) for t in left]
        right = self.visit(node.right)
        match node.op:
            case ast.Add():
                return left + right
            case ast.Sub():
                return left + [replace(t, number=-t.number) for t in right]
            case ast.Mult():
                return [_times(a, b) for a in left for b in right]
            case ast.Div():
                return [replace(t, number=t.number / right[0].number) for t in left]
            case ast.Pow():
                return [Term(left[0].number ** right[0].number)]
        raise ValueError(f"not read: {ast.dump(node)}")

    def conjugate(self, term: Term) -> Term:
        bosons = tuple(replace(b, field=self.turned(b.field)) for b in term.bosons)
        number = np.conj(term.number)
        if term.bar is None:
            return Term(number, bosons)
        matrix = adjoint(ONE if term.matrix is None else term.matrix)
        return Term(number, bosons, term.psi, term.bar, matrix, term.names)


def _times(a: Term, b: Term) -> Term:
    matrix, names = (b.matrix, b.names) if a.matrix is None else (a.matrix, a.names)
    if a.matrix is not None and b.matrix is not None:
        left = a.matrix.reshape(*a.matrix.shape[:-2], *(1,) * len(b.names), 4, 4)
        matrix, names = left @ b.matrix, a.names + b.names
    return Term(a.number * b.number, a.bosons + b.bosons, a.bar or b.bar, a.psi or b.psi, matrix, names)


# vertices -----------------------------------------------------------------------------------------
def _tensor(factor: Factor, wave: Wave, epsilon0123: int) -> Vector:
    """A boson's factor for a wave, indices above."""
    if factor.kind == "field":
        return np.asarray(wave.polarisation)
    if factor.kind == "d":
        return -1j * wave.momentum * wave.polarisation
    outer = np.outer(wave.momentum, wave.polarisation)
    strength = -1j * (outer - outer.T)
    if factor.kind == "F":
        return strength
    below = METRIC @ strength @ METRIC
    return np.einsum("abcd,cd->ab", EPSILON, below) * epsilon0123 / 2


def vertex(term: Term, waves: Sequence[Wave], epsilon0123: int = 1) -> Matrix | complex:
    """A term with waves in its bosons, in their order: a 4x4 matrix, or a number without fermions."""
    parts = [(_tensor(b, w, epsilon0123), b.indices) for b, w in zip(term.bosons, waves, strict=True)]
    letters: dict[str, str] = {}
    operands: list[Matrix] = []
    subscripts: list[str] = []
    for tensor, names in [*parts, (term.matrix, term.names)]:
        if tensor is None:
            continue
        own = ""
        for name in names:
            if name in letters:  # the second time it is below
                own += letters[name].upper()
                operands.append(METRIC)
                subscripts.append(letters[name] + letters[name].upper())
            else:
                letters[name] = chr(ord("a") + len(letters))
                own += letters[name]
        operands.append(tensor)
        subscripts.append(own + ("yz" if tensor is term.matrix else ""))
    out = "yz" if term.bar else ""
    found = np.einsum(",".join(subscripts) + "->" + out, *operands, optimize=True)
    return term.number * found if term.bar else term.number * complex(found)


def assignments(term: Term, wanted: Sequence[Key]) -> Iterator[tuple[int, ...]]:
    """Every way in which a term's bosons are these: for each of them the place among ``wanted``."""
    if len(term.bosons) == len(wanted):
        for order in permutations(range(len(wanted))):
            if all(b.field == wanted[i] for b, i in zip(term.bosons, order, strict=True)):
                yield order


# external states ----------------------------------------------------------------------------------
def boosted(momentum: Vector) -> Vector:
    """A momentum in a frame that moves along (0.3, -0.5, 0.4)."""
    beta = np.array([0.3, -0.5, 0.4])
    gamma = 1 / np.sqrt(1 - beta @ beta)
    along = beta @ momentum[1:]
    space = momentum[1:] + beta * (gamma**2 / (gamma + 1) * along + gamma * momentum[0])
    return np.array([gamma * (momentum[0] + along), *space])


def spinors(momentum: Vector, mass: float, anti: bool) -> list[Vector]:
    """u(p, s), or v(p, s): (p-slash +- m) on a basis at rest, so normalised that the sum is p-slash +- m."""
    energy = momentum[0].real
    matrix = (slash(momentum) + mass * ONE) if not anti else (mass * ONE - slash(momentum))
    columns = (2, 3) if anti else (0, 1)
    return [matrix[:, n] / np.sqrt(energy + mass) for n in columns]


def polarisations(momentum: Vector, mass: float) -> list[Vector]:
    """Real orthonormal vectors orthogonal to a momentum: two without mass, three with one."""
    space = momentum[1:].real
    length = np.linalg.norm(space)
    n = space / length
    first = np.cross(n, np.array([0.48, 0.6, 0.64]))
    first /= np.linalg.norm(first)
    out = [np.array([0, *first]), np.array([0, *np.cross(n, first)])]
    if mass > 0:
        out.append(np.array([length, *(momentum[0].real * n)]) / mass)
    return [v.astype(complex) for v in out]


def states(particle: Particle, momentum: Vector) -> list[Wave]:
    """Outgoing waves of a boson, one for each polarisation."""
    if particle.spin == 0:
        return [Wave(1, -momentum)]
    return [Wave(v, -momentum) for v in polarisations(momentum, particle.mass)]


@dataclass(frozen=True)
class Theory:
    """Terms, particles by name, electric coupling and the sign of the epsilon tensor.

    ``widths`` of bosons in the s channel, by name.
    """

    terms: list[Term]
    particles: Mapping[str, Particle]
    charge: float
    epsilon0123: int = 1
    widths: Mapping[str, float] | None = None

    def key(self, name: str) -> Key:
        own = name[4:-1] if name.startswith("bar(") else name
        return own, name.startswith("bar(") and not self.particles[own].real

    def conjugate(self, key: Key) -> Key:
        return key[0], not key[1] and not self.particles[key[0]].real

    def put(self, term: Term, waves: Sequence[Wave], order: Sequence[int]) -> Matrix | complex:
        return vertex(term, [waves[i] for i in order], self.epsilon0123)

    def lines(self, out: Key, into: Key) -> Iterator[Term]:
        """Terms as bar(out) M in, also those that read so when charge conjugated."""
        for term in self.terms:
            if term.bar is None or term.psi is None:
                continue
            if (term.bar, term.psi) == (out, into):
                yield term
            if (self.conjugate(term.psi), self.conjugate(term.bar)) == (out, into):
                yield replace(term, bar=out, psi=into, matrix=transposed(term.matrix))

    # decays ---------------------------------------------------------------------------------------
    def width(self, parent: str, products: tuple[str, str]) -> float:
        """The width of a two-body decay in GeV."""
        own, (one, two) = self.key(parent), (self.key(n) for n in products)
        big, m1, m2 = (self.particles[k[0]].mass for k in (own, one, two))
        if big <= m1 + m2:
            return 0.0
        p = np.sqrt((big**2 - (m1 + m2) ** 2) * (big**2 - (m1 - m2) ** 2)) / (2 * big)
        n = np.array([0.36, 0.48, 0.8])
        first = boosted(np.array([np.hypot(p, m1), *(p * n)]))
        second = boosted(np.array([np.hypot(p, m2), *(-p * n)]))
        spins = 3 if self.particles[own[0]].spin == 1 else 1
        waves = [Wave(w.polarisation, first + second) for w in states(self.particles[own[0]], first + second)]
        total = 0.0
        if self.particles[one[0]].spin == 0.5:
            total = self._fermions(own, waves, (one, first, m1), (two, second, m2))
            total *= self.particles[one[0]].colour
        else:
            outgoing = states(self.particles[one[0]], first), states(self.particles[two[0]], second)
            wanted = own, self.conjugate(one), self.conjugate(two)
            uses = [(t, o) for t in self.terms if t.bar is None for o in assignments(t, wanted)]
            for trio in product(waves, *outgoing):
                total += abs(sum(self.put(t, trio, o) for t, o in uses)) ** 2
        return total / spins / (2 if one == two else 1) * p / (8 * np.pi * big**2)

    def _fermions(
        self, parent: Key, waves: list[Wave], one: tuple[Key, Vector, float], two: tuple[Key, Vector, float]
    ) -> float:
        total = 0.0
        uses = [(t, o) for t in self.lines(one[0], self.conjugate(two[0])) for o in assignments(t, [parent])]
        for wave in waves:
            matrix = sum((self.put(t, [wave], o) for t, o in uses), np.zeros((4, 4), complex))
            for u, v in product(spinors(one[1], one[2], False), spinors(two[1], two[2], True)):
                total += abs(u.conj() @ GAMMA[0] @ matrix @ v) ** 2
        return total

    # production -----------------------------------------------------------------------------------
    def differential(self, lepton: str, mediator: str, energy: float, cosine: float) -> float:
        """d sigma/d cos of l- l+ to photon and mediator in GeV^-2; cos between photon and l-."""
        m, mass = self.particles[lepton].mass, self.particles[self.key(mediator)[0]].mass
        s = energy**2
        p, k = np.sqrt(s / 4 - m * m), (s - mass**2) / (2 * energy)
        sine = np.sqrt(1 - cosine**2)
        p1 = boosted(np.array([energy / 2, 0, 0, p]))
        p2 = boosted(np.array([energy / 2, 0, 0, -p]))
        photon = boosted(np.array([k, k * sine * 0.6, k * sine * 0.8, k * cosine]))
        final = p1 + p2 - photon
        total = 0.0
        key = self.key(mediator)
        photons = states(self.particles["A"], photon)
        for light, own in product(photons, states(self.particles[key[0]], final)):
            matrix = self._emission(lepton, key, p1, p2, light, own) + self._annihilation(
                lepton, key, p1 + p2, light, own
            )
            for u, v in product(spinors(p1, m, False), spinors(p2, m, True)):
                total += abs(v.conj() @ GAMMA[0] @ matrix @ u) ** 2
        return total / 4 * (1 - mass**2 / s) / (32 * np.pi * s * np.sqrt(1 - 4 * m * m / s))

    def _emission(self, lepton: str, key: Key, p1: Vector, p2: Vector, light: Wave, own: Wave) -> Matrix:
        """M, not i M, of the two diagrams on the lepton's line; L = + e lbar Aslash l."""
        m = self.particles[lepton].mass
        line = (lepton, False)
        mine = sum(
            (
                self.put(t, [own], o)
                for t in self.lines(line, line)
                for o in assignments(t, [self.conjugate(key)])
            ),
            np.zeros((4, 4), complex),
        )
        emitted = self.charge * slash(light.polarisation)
        found = np.zeros((4, 4), complex)
        for last, first, momentum in (
            (mine, emitted, p1 + light.momentum),
            (emitted, mine, p1 + own.momentum),
        ):
            square = (momentum @ METRIC @ momentum) - m * m
            # (i V)(i (q + m)/(q^2 - m^2))(i V) = i M
            found = found - last @ (slash(momentum) + m * ONE) @ first / square
        return found

    def _annihilation(self, lepton: str, key: Key, q: Vector, light: Wave, own: Wave) -> Matrix:
        """M of the diagrams with a boson in the s channel: photon, Z, declared vectors and scalars."""
        found = np.zeros((4, 4), complex)
        line = (lepton, False)
        for between, particle in self.particles.items():
            if particle.spin == 0.5:
                continue
            middle = (between, False)
            for at_line in {middle, self.conjugate(middle)}:
                wanted = self.conjugate(at_line), ("A", False), self.conjugate(key)
                uses = [(t, o) for t in self.terms if t.bar is None for o in assignments(t, wanted)]
                if not uses:
                    continue
                width = (self.widths or {}).get(between, 0.0)
                below = q @ METRIC @ q - particle.mass**2 + 1j * particle.mass * width
                basis = np.eye(4, dtype=complex) if particle.spin else [1]
                for n, unit in enumerate(basis):
                    sign = -METRIC[n, n] if particle.spin else 1
                    # i (J.e_n) * i sign/(...) * i V(e_n): M = - J sign V/(...); q q vanishes at F(V)
                    strength = sum(self.put(t, [Wave(unit, q), light, own], o) for t, o in uses)
                    if between == "A":
                        current = self.charge * slash(unit)
                    else:
                        current = sum(
                            (
                                self.put(t, [Wave(unit, -q)], o)
                                for t in self.lines(line, line)
                                for o in assignments(t, [at_line])
                            ),
                            np.zeros((4, 4), complex),
                        )
                    found = found - current * strength * sign / below
        return found

    def total(self, lepton: str, mediator: str, energy: float, cut: float = 1.0, points: int = 60) -> float:
        """sigma within |cos| < cut in GeV^-2, in the variable atanh(beta cos) that flattens the poles."""
        m = self.particles[lepton].mass
        beta = np.sqrt(1 - 4 * m * m / energy**2)
        top = np.arctanh(beta * cut)
        nodes, weights = np.polynomial.legendre.leggauss(points)
        found = 0.0
        for x, w in zip(nodes * top, weights * top, strict=True):
            cosine = np.tanh(x) / beta
            found += w * self.differential(lepton, mediator, energy, cosine) * (1 - np.tanh(x) ** 2) / beta
        return found
