"""What decides about CP: the couplings of each loop, and of each pair of couplings to two gauge bosons.

A boson that is absorbed by sum_i (C_i + C5_i gamma5) Gamma_i, gamma5 left and Gamma_i one gamma string,
gives an electric dipole moment by the imaginary parts of C5_i C_j^* alone. With one Gamma, a Yukawa coupling
or that of a vector field, it is m_F Im(R L^*) for the couplings L and R of the two chiralities.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.derive.barr_zee import PHOTON, Z, products_of
from g2sym.derive.dirac import BOSON, GAMMA5, String
from g2sym.derive.exchange import INTERFERING
from g2sym.derive.gauge import EffectiveVertex, effective_vertices, standard_vertices
from g2sym.derive.vertices import Vertex, line_vertices, particle
from g2sym.lagrangian.declaration import Declaration

Test = Callable[[Coefficient], bool]
"""Decides whether a coefficient is zero."""
ZERO = Coefficient.number(0)
PARITY, CHIRALITY, REAL = "definite parity", "one chirality", "relatively real couplings"
PLAIN: frozenset[String] = frozenset({(), (BOSON,)})
"""Gamma strings, gamma5 left out, whose electric form factor is a multiple of the internal fermion's mass."""


@dataclass(frozen=True)
class Sector:
    """The couplings of one loop, ``loop(s, mu)``, or of one mediator in a Barr-Zee-type contribution.

    ``even`` and ``odd``: the coefficients without and with gamma5, by gamma string; ``products`` whose
    imaginary parts multiply the electric kernels, ``others`` those of the magnetic ones where two vertices
    have to be there; ``mass``, the internal fermion's where the kernels vanish with it, None elsewhere.
    """

    name: str
    even: Mapping[String, Coefficient]
    odd: Mapping[String, Coefficient]
    products: tuple[Coefficient, ...]
    mass: str | None = None
    others: tuple[Coefficient, ...] = ()

    def is_absent(self, zero: Test) -> bool:
        """True where every coupling is zero."""
        return all(map(zero, (*self.even.values(), *self.odd.values(), *self.products, *self.others)))

    def reason(self, zero: Test) -> str | None:
        """Return which theorem makes its electric dipole moment zero; None where none does.

        Parameters: ``zero``, which decides whether a coefficient vanishes, identically or at given values.
        """
        if all(map(zero, self.products)):
            return PARITY
        if self.even and any(all(map(zero, self._projected(sign))) for sign in (1, -1)):
            if all(zero(p.imag()) for p in self.products):
                return CHIRALITY
        elif all(zero(p.imag()) for p in self.products):
            return REAL
        if self.mass is not None and zero(Coefficient.symbol(self.mass)):
            return f"{self.mass} = 0"
        return None

    def _projected(self, sign: int) -> Iterator[Coefficient]:
        for string in {**self.even, **self.odd}:
            yield self.even.get(string, ZERO) + self.odd.get(string, ZERO) * sign


def sectors(declaration: Declaration, lepton: str, conventions: Conventions) -> list[Sector]:
    """Return the sectors of one lepton, in the order in which the declaration brings them.

    Parameters: as for `g2sym.derive.diagrams.derive`. Couplings without a Feynman rule are in none of them.
    """
    vertices: list[Vertex] = []
    effective: list[EffectiveVertex] = []
    dipoles: list[Vertex] = []
    for operator in declaration.for_lepton(lepton):
        for vertex in line_vertices(operator) or ():
            (dipoles if vertex.boson == "A" else vertices).append(vertex)
        effective += effective_vertices(operator) or ()
    own = [v for v in dipoles if v.fermion_in == v.fermion_out == lepton]
    found = [_tree(own)] if own else []
    found += _loops(declaration, lepton, vertices, conventions)
    for vector, name in (("A", PHOTON), ("Z", Z)):
        some = [e for e in effective if e.vector == vector]
        joined = products_of(declaration, lepton, vertices, some, conventions)
        for boson, (electric, magnetic) in joined.items():
            found.append(Sector(f"{name} of {boson}", {}, {}, electric, others=magnetic))
    return found


def _tree(vertices: Iterable[Vertex]) -> Sector:
    """The photon's own dipole coupling: hermiticity leaves an imaginary one with gamma5."""
    odd = sum((v.coefficient for v in vertices if GAMMA5 in v.string), ZERO)
    return Sector("tree", {}, {}, (odd,))


def _loops(
    declaration: Declaration, lepton: str, vertices: list[Vertex], conventions: Conventions
) -> Iterator[Sector]:
    every = list(vertices)
    if conventions.standard_model == "present":
        # the Standard Model's own couplings are real, and interfere with declared ones
        declared = dict.fromkeys(v.boson for v in vertices if lepton in (v.fermion_in, v.fermion_out))
        for name in declared:
            every += standard_vertices(lepton, name) if name in INTERFERING else ()
    groups: dict[tuple[str, str, bool], list[Vertex]] = {}
    for vertex in every:
        if vertex.fermion_out == lepton:
            groups.setdefault((vertex.boson, vertex.fermion_in, vertex.conjugated), []).append(vertex)
    for (boson, inner, _), some in groups.items():
        even: dict[String, Coefficient] = {}
        odd: dict[String, Coefficient] = {}
        for vertex in some:
            side = odd if GAMMA5 in vertex.string else even
            string = tuple(t for t in vertex.string if t != GAMMA5)
            side[string] = side.get(string, ZERO) + vertex.rule(emitted=False)
        products = tuple(b * a.conjugate() for a in even.values() for b in odd.values())
        mass = particle(declaration, inner).mass if {*even, *odd} <= PLAIN else None
        yield Sector(f"loop({boson}, {inner})", even, odd, products, mass)
