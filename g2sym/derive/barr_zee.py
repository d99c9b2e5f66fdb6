"""Barr-Zee-type diagrams: effective couplings to two gauge bosons closed on the lepton line.

With kernels K and couplings c the magnetic form factor is the sum of c K, real, and the coefficient of P^mu
gamma5 times -2 the same with the electric kernels, imaginary.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from g2sym.base.classes import dataclass, field, replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.derive.assemble import barr_zee_kernel, barr_zee_moment
from g2sym.derive.contributions import Contribution, Pending
from g2sym.derive.cutoff import with_logarithms
from g2sym.derive.dirac import BOSON, GAMMA5, MOMENTUM
from g2sym.derive.exchange import Store, accumulate, nonzero, on_line, propagates
from g2sym.derive.gauge import CHARGE, E_EM, EffectiveVertex, standard_vertices
from g2sym.derive.terms import Masses, Term
from g2sym.derive.topology import ORDERS, Order, words
from g2sym.derive.vertices import Vertex, particle
from g2sym.errors import ModelError, UnsupportedError
from g2sym.integrals.feynman import Diagram, FeynmanIntegral
from g2sym.lagrangian.declaration import Declaration

PHOTON, Z = "barr-zee-photon", "barr-zee-z"
"""The contributions by the gauge boson on the lepton line."""
CAUSE = "The effective couplings"
AXIAL = (GAMMA5, BOSON)
"""The axial current on the line: its two orders cancel in either moment, by charge conjugation."""


@dataclass(frozen=True)
class Pairs:
    """What couplings of a mediator to a lepton and to two gauge bosons give.

    ``contributions`` to the magnetic moment and terms of the ``electric`` one, by name; ``remarks`` about
    what feeds the electric one alone; ``refused`` pairs of either, and those without an electric value.
    """

    contributions: dict[str, Contribution] = field(default_factory=dict)
    electric: dict[str, tuple[Term, ...]] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    refused: list[Pending] = field(default_factory=list)
    refused_electric: tuple[Pending, ...] = ()


@dataclass(frozen=True)
class _Pair:
    """X's vertex on the line, V's, and the effective vertex that joins both to a photon."""

    scalar: Vertex
    vector: Vertex
    tensor: EffectiveVertex

    def coupling(self, order: Order) -> Coefficient:
        """What multiplies the kernel of an order along the line."""
        first = order == "scalar-first"
        # L = -e Q times the current; the rule of the effective vertex stands over minus that of the photon
        strength = self.vector.rule(not first) / (E_EM * -CHARGE)
        found = self.scalar.rule(first) * self.tensor.rule() * -strength
        return found * Coefficient.number(0, 1) if self.tensor.dual else found

    @property
    def names(self) -> str:
        """The two couplings, in words."""
        return f"{self.tensor.coefficient} and {self.scalar.coefficient} of '{self.scalar.boson}'"


def barr_zee_pairs(
    declaration: Declaration,
    lepton: str,
    vertices: list[Vertex],
    effective: Iterable[EffectiveVertex],
    conventions: Conventions,
) -> Pairs:
    """Derive the diagrams of a declaration's effective couplings, in both orders along the lepton line.

    Parameters: ``vertices`` of the declaration; ``effective`` ones; ``conventions``, of which the scheme and
    the sign of the epsilon tensor enter. Raises ModelError where the magnetic moment needs a cut-off and none
    is declared; where only the electric one does, its terms are refused.
    """
    found = Pairs()
    every = list(effective)
    left_out: list[Pending] = []
    for vector, name in (("A", PHOTON), ("Z", Z)):
        some = [e for e in every if e.vector == vector]
        pairs = list(_pairs(declaration, lepton, vertices, some, conventions))
        magnetic = _terms(declaration, lepton, pairs, conventions, "magnetic", found.refused)
        if magnetic:
            found.contributions[name] = Contribution(
                name, with_logarithms(declaration, magnetic, CAUSE), conventions.scheme
            )
        electric = _terms(declaration, lepton, pairs, conventions, "electric", left_out)
        if electric:
            found.remarks.extend(_remarks(pairs, lepton))
            try:
                found.electric[name] = with_logarithms(declaration, electric, CAUSE)
            except ModelError:
                left_out += _without_cutoff(pairs)
    return replace(found, refused_electric=tuple(left_out))


def _pairs(
    declaration: Declaration,
    lepton: str,
    vertices: list[Vertex],
    effective: Iterable[EffectiveVertex],
    conventions: Conventions,
) -> Iterator[_Pair]:
    for tensor in effective:
        currents = on_line(vertices, lepton, tensor.vector)
        if tensor.vector == "A" or conventions.standard_model == "present":
            currents = [*standard_vertices(lepton, tensor.vector), *currents]
        for vertex in on_line(vertices, lepton, tensor.scalar):
            if vertex.string == (MOMENTUM,):
                continue  # d(al, X) joined to the conserved vector current: a phase of the lepton removes it
            if propagates(particle(declaration, tensor.scalar).field, vertex, tensor):
                yield from (_Pair(vertex, current, tensor) for current in currents)


def _feeds_electric(pair: _Pair) -> bool:
    return barr_zee_moment(pair.scalar.string, pair.vector.string, pair.tensor.dual) == "electric"


def _terms(
    declaration: Declaration,
    lepton: str,
    pairs: Iterable[_Pair],
    conventions: Conventions,
    moment: str,
    refused: list[Pending],
) -> tuple[Term, ...]:
    """Return the terms of one form factor: the real part of F2, the imaginary one of P^mu gamma5's."""
    part = Coefficient.imag if moment == "electric" else Coefficient.real
    store: Store = {}
    for pair in pairs:
        if _feeds_electric(pair) != (moment == "electric"):
            continue
        for order in ORDERS:
            try:
                kernel = barr_zee_kernel(
                    pair.scalar.string,
                    pair.vector.string,
                    pair.tensor.dual,
                    order,
                    pair.tensor.vector == "Z",
                    conventions.scheme,
                    conventions.epsilon0123,
                )
            except UnsupportedError as error:
                refused.append(Pending(part(pair.coupling(order)), f"the pair {pair.names}", str(error)))
                continue
            accumulate(store, _term(declaration, lepton, pair, pair.coupling(order), kernel))
    return nonzero(Term(part(t.coefficient), t.integral, t.masses) for t in store.values())


def _term(
    declaration: Declaration, lepton: str, pair: _Pair, coupling: Coefficient, kernel: FeynmanIntegral
) -> Term:
    boson, outer = particle(declaration, pair.scalar.boson), particle(declaration, lepton)
    vector = pair.tensor.vector
    if not kernel.pole.is_zero and kernel.pole.num.leading_coefficient() < 0:
        kernel, coupling = kernel.negated(), -coupling  # one sign for both orders, so that they merge
    bound = [boson.mass]
    if vector != "A":
        bound.append(particle(declaration, vector).mass)
    names = ("photon" if vector == "A" else "Z", words(pair.scalar.string))
    named = Diagram("Barr-Zee", boson.name, lepton, names)
    # the effective vertex brings two momenta, its coupling one inverse mass
    power = pair.scalar.momenta + pair.vector.momenta + 1
    return Term(
        coupling * Coefficient.symbol(outer.mass) ** power,
        replace(kernel, diagram=named),
        Masses.of(outer.mass, kernel, bound),
    )


def _odd(pairs: Iterable[_Pair]) -> Iterator[_Pair]:
    """Yield the pairs that feed the electric form factor with a vector current, the axial one's cancel."""
    sums: dict[tuple[object, ...], Coefficient] = {}
    first: dict[tuple[object, ...], _Pair] = {}
    for pair in pairs:
        if not _feeds_electric(pair) or pair.vector.string == AXIAL:
            continue
        key = (pair.scalar.boson, pair.scalar.string, pair.vector.string, pair.tensor.dual)
        first.setdefault(key, pair)
        sums[key] = sums.get(key, Coefficient.number(0)) + pair.coupling("scalar-first")
    return (first[key] for key, total in sums.items() if not total.imag().is_zero)


def products_of(
    declaration: Declaration,
    lepton: str,
    vertices: list[Vertex],
    effective: Iterable[EffectiveVertex],
    conventions: Conventions,
) -> dict[str, tuple[tuple[Coefficient, ...], tuple[Coefficient, ...]]]:
    """Return what multiplies the electric and the magnetic kernels of each mediator.

    Parameters: as for `barr_zee_pairs`, with the effective vertices of one gauge boson. Of the electric ones
    the imaginary part counts. The axial current is left out.
    """
    found: dict[str, tuple[dict[tuple[object, ...], Coefficient], ...]] = {}
    for pair in _pairs(declaration, lepton, vertices, effective, conventions):
        if pair.vector.string != AXIAL:
            sums = found.setdefault(pair.scalar.boson, ({}, {}))[0 if _feeds_electric(pair) else 1]
            key = (pair.scalar.string, pair.scalar.conjugated, pair.vector.string, pair.tensor.dual)
            sums[key] = sums.get(key, Coefficient.number(0)) + pair.coupling("scalar-first")
    return {boson: (tuple(e.values()), tuple(m.values())) for boson, (e, m) in found.items()}


def _remarks(pairs: Iterable[_Pair], lepton: str) -> Iterator[str]:
    for pair in _odd(pairs):
        yield (
            f"The couplings {pair.tensor.coefficient} and {pair.scalar.coefficient} of '{pair.scalar.boson}' "
            "have opposite CP: together they add nothing to Delta a but induce an electric dipole moment of "
            f"the {lepton}."
        )


def _without_cutoff(pairs: Iterable[_Pair]) -> Iterator[Pending]:
    for pair in _odd(pairs):
        yield Pending(
            pair.coupling("scalar-first").imag(),
            f"the pair {pair.names}",
            "its electric dipole moment leaves a logarithm of the cut-off: declare a parameter Lambda of "
            "dimension 1",
        )
