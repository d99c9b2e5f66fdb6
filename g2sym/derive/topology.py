"""Topologies: propagators and vertices of a diagram as data, and the ones that are declared.

A one-loop vertex has three propagators. In the order in which a topology lists them they take the
Feynman weights 1 - x, x - y and y; a pair of equal mass stands last, so that its weights differ only
in y. The vertices stand in order along the fermion line, against the order of their gamma matrices.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

from g2sym.base.classes import dataclass
from g2sym.derive.dirac import BOSON, GAMMA5, MOMENTUM, STRENGTH, String
from g2sym.derive.kinematics import MASSES, VECTORS, Momentum
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import Diagram, Slot

Mass = Slot | Literal[1] | None
"""A slot, 1 for the external lepton's own mass, None for a massless line."""
Gauge = Literal["unitary", "metric", "longitudinal"]
"""Of a spin-1 propagator: g - k k/M^2, or one of its two parts alone."""
GAUGES: tuple[Gauge, Gauge] = ("metric", "longitudinal")
Insertion = Literal["charged scalar", "Yang-Mills", "Goldstone", "effective", "effective dual"]
"""How the photon joins the boson lines; see `g2sym.derive.insertions`."""
Order = Literal["scalar-first", "vector-first"]

Flow = tuple[Momentum, Fraction | int]
"""Momentum and charge along a line."""

ORDERS: tuple[Order, Order] = ("scalar-first", "vector-first")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Propagator:
    """One internal line.

    ``momentum`` combines p, p' and l and flows along the fermion line, or from the vertex that emits a
    boson to the one that absorbs it; ``mass`` see `Mass`; ``spin`` 0, 1/2 or 1; ``charge`` in units of
    the external lepton's, along the momentum; ``gauge`` of a massive vector.
    """

    momentum: Momentum
    mass: Mass
    spin: Fraction | int
    charge: Fraction | int = 0
    gauge: Gauge = "unitary"


@dataclass(frozen=True)
class LineVertex:
    """A vertex on the fermion line: its gamma string and the boson's place among the propagators.

    ``boson`` is None where the external photon joins; there the string is not asked for.
    """

    string: String = ()
    boson: int | None = None


PHOTON = LineVertex()
"""The external photon's vertex on a fermion line, gamma^mu."""


@dataclass(frozen=True)
class Topology:
    """A diagram with one loop and one external photon, as data.

    Parameters: ``kind``, its name; ``propagators``, see the module; ``line``, the vertices in order along
    the fermion line, which the propagators of spin 1/2 join in order; ``insertion``, how the photon joins
    the bosons, None when it sits on the fermion line; ``external``, the lepton's masses before and after.
    The integral belongs to a unit charge of the line that the photon joins.
    Raises UnsupportedError when momentum or charge is not conserved.
    """

    kind: str
    propagators: tuple[Propagator, ...]
    line: tuple[LineVertex, ...]
    insertion: Insertion | None = None
    external: tuple[Mass, Mass] = (1, 1)

    def __post_init__(self) -> None:
        fermions, (first, last) = self.fermions, self.ends
        if len(fermions) != len(self.line) - 1 or (self.insertion is None) != (PHOTON in self.line):
            raise UnsupportedError(f"The topology '{self.kind}' does not join its propagators in one line.")
        before, after = (fermions[0], fermions[-1]) if self.insertion is None else (first, last)
        lepton, turned, photon = (VECTORS["p"], 1), (VECTORS["p'"], 1), (VECTORS["q"], 0)
        vertices: tuple[tuple[tuple[Flow, ...], tuple[Flow, ...]], ...] = (
            ((lepton,), (_flow(first), _flow(fermions[0]))),
            ((_flow(last), _flow(fermions[-1])), (turned,)),
            ((_flow(before), photon), (_flow(after),)),
        )
        if any(_total(incoming) != _total(outgoing) for incoming, outgoing in vertices):
            raise UnsupportedError(f"Momentum or charge is not conserved in the topology '{self.kind}'.")
        if not self.is_effective and before.charge == 0:
            raise UnsupportedError(f"The photon joins a neutral line in the topology '{self.kind}'.")

    @property
    def fermions(self) -> tuple[Propagator, ...]:
        """The internal fermions in order along the line."""
        return tuple(p for p in self.propagators if p.spin == HALF)

    @property
    def ends(self) -> tuple[Propagator, Propagator]:
        """The bosons at the first and the last vertex; the same line when the photon is not on it."""
        first, last = self.line[0].boson, self.line[-1].boson
        if first is None or last is None:
            raise UnsupportedError(f"The photon sits on an external line in the topology '{self.kind}'.")
        return self.propagators[first], self.propagators[last]

    @property
    def is_effective(self) -> bool:
        """True when the photon comes from an effective vertex: a logarithm of the cut-off may be left."""
        return self.insertion in ("effective", "effective dual")

    @property
    def is_renormalisable(self) -> bool:
        """False with an effective vertex or a vector's field strength on the line: there a scheme enters."""
        return not (self.is_effective or any(STRENGTH in v.string for v in self.line))

    @property
    def slots(self) -> tuple[Slot, ...]:
        """The masses that the integral depends on, bosons first."""
        ordered = sorted(self.propagators, key=lambda p: p.spin == HALF)
        masses = [p.mass for p in ordered] + list(self.external)
        return tuple(dict.fromkeys(m for m in masses if isinstance(m, Slot)))

    @property
    def thresholds(self) -> tuple[tuple[str, ...], ...]:
        """Groups of slots whose masses have to add up to more than 1 for the integral to be real.

        The cut at an external vertex crosses two lines. Where one of them has the lepton's own mass, the
        integral is real for any mass of the other.
        """
        groups = []
        for mass, boson, fermion in zip(
            self.external, self.ends, (self.fermions[0], self.fermions[-1]), strict=True
        ):
            cut = (boson.mass, fermion.mass)
            if mass not in cut:
                groups.append(tuple(m.name for m in cut if isinstance(m, Slot)))
        return tuple(dict.fromkeys(groups))

    def generator(self, slot: Slot) -> str:
        """Return the generator of the derivation's ring that stands for a slot."""
        return MASSES[self.slots.index(slot)]

    @property
    def turned(self) -> str:
        """The generator of the outgoing lepton's mass where that is not the incoming one's, else empty."""
        after = self.external[1]
        return self.generator(after) if isinstance(after, Slot) else ""

    @property
    def diagram(self) -> Diagram:
        """The record of the diagram: kind and vertices in words, in the order of the bosons' weights."""
        joined = [(v.boson, words(v.string)) for v in self.line if v.boson is not None]
        first, last = (text for _, text in sorted(joined, key=lambda pair: pair[0]))
        return Diagram(self.kind, vertices=(first, last))


def _flow(line: Propagator) -> Flow:
    return line.momentum, line.charge


def _total(flows: tuple[Flow, ...]) -> Flow:
    first, second, third = (sum(parts) for parts in zip(*(m for m, _ in flows), strict=True))
    return (first, second, third), sum(charge for _, charge in flows)


def words(string: String) -> str:
    """Return a vertex string in words, for records."""
    names = {GAMMA5: "gamma5", MOMENTUM: "l-slash", BOSON: "gamma^al", STRENGTH: "[l-slash, gamma^al]"}
    return "*".join(names.get(t, t) for t in string) or "1"


EXCHANGED = Slot("rho", 2)
"""M^2/m^2 of the boson."""
INTERNAL = Slot("nu", 1)
"""m_F/m of an internal fermion; it may be negative."""
SECOND = Slot("zeta", 2)
"""M^2/m^2 of a second boson."""
TURNED = Slot("eta", 1)
"""m_2/m of the lepton that a transition ends with."""


def neutral_exchange(
    outgoing: String,
    incoming: String,
    spin: int,
    gauge: Gauge = "unitary",
    charges: tuple[Fraction | int, Fraction | int] = (1, 0),
    external: tuple[Mass, Mass] = (1, 1),
) -> Topology:
    """Declare the exchange of a boson with the photon on the internal fermion.

    Parameters: gamma strings after and before the photon; ``spin``, 0 or 1, of the boson; ``gauge``;
    ``charges`` of fermion and boson over the lepton's; ``external``, the lepton's masses before and after.
    With L = phi fbar G F + h.c. the vertex function is i int d^dl/(2 pi)^d G_out (k'-slash + m_F) gamma^mu
    (k-slash + m_F) G_in/(D D_k D_k'), and for spin 1 the boson's indices are joined by -(g_ab - l_a l_b/M^2).
    """
    fermion, boson = charges
    return Topology(
        "neutral exchange",
        (
            Propagator(VECTORS["l"], EXCHANGED, spin, boson, gauge),
            Propagator(VECTORS["k"], INTERNAL, HALF, fermion),
            Propagator(VECTORS["k'"], INTERNAL, HALF, fermion),
        ),
        (LineVertex(incoming, 0), PHOTON, LineVertex(outgoing, 0)),
        external=external,
    )


def charged_exchange(
    outgoing: String,
    incoming: String,
    spin: int,
    charges: tuple[Fraction | int, Fraction | int] = (0, 1),
    gauge: Gauge = "unitary",
    external: tuple[Mass, Mass] = (1, 1),
) -> Topology:
    """Declare the exchange of a boson with the photon on it.

    Parameters: gamma strings where the boson is absorbed and emitted; ``spin``, 0 for a charged scalar, 1
    for a charged vector with the Yang-Mills vertex; ``charges`` of fermion and boson over the lepton's;
    ``gauge`` of both propagators; ``external``, the lepton's masses before and after.
    """
    fermion, boson = charges
    return Topology(
        "charged exchange",
        (
            Propagator(VECTORS["l"], INTERNAL, HALF, fermion),
            Propagator(VECTORS["k"], EXCHANGED, spin, boson, gauge),
            Propagator(VECTORS["k'"], EXCHANGED, spin, boson, gauge),
        ),
        (LineVertex(incoming, 1), LineVertex(outgoing, 2)),
        "Yang-Mills" if spin else "charged scalar",
        external,
    )


def goldstone_exchange(
    outgoing: String, incoming: String, spins: tuple[int, int], external: tuple[Mass, Mass] = (1, 1)
) -> Topology:
    """Declare a charged vector that turns into its Goldstone boson at the photon's vertex, or back.

    Parameters: gamma strings where the boson is absorbed and emitted; ``spins`` before and after the photon,
    (1, 0) or (0, 1); ``external``, the lepton's masses before and after.
    In Feynman gauge the Goldstone boson has the vector's mass.
    """
    before, after = spins
    return Topology(
        "Goldstone exchange",
        (
            Propagator(VECTORS["l"], INTERNAL, HALF, 0),
            Propagator(VECTORS["k"], EXCHANGED, before, 1, "metric"),
            Propagator(VECTORS["k'"], EXCHANGED, after, 1, "metric"),
        ),
        (LineVertex(incoming, 1), LineVertex(outgoing, 2)),
        "Goldstone",
        external,
    )


def barr_zee(scalar: String, vector: String, dual: bool, order: Order, massive: bool) -> Topology:
    """Declare a Barr-Zee-type diagram: an effective X-photon-V vertex closed on a lepton line.

    Parameters: gamma strings of X and V on the line; ``dual``, True for X F Vdual; ``order`` along the
    line; ``massive``, True when V is the Z, False for a photon.
    """
    emitted, absorbed = VECTORS["k"], VECTORS["k'"]
    x, v = (emitted, absorbed) if order == "scalar-first" else (absorbed, emitted)
    line = (LineVertex(scalar, 0), LineVertex(vector, 1))
    return Topology(
        "Barr-Zee",
        (
            Propagator(x, EXCHANGED, 0),
            Propagator(v, SECOND if massive else None, 1),
            Propagator(VECTORS["l"], 1, HALF, 1),
        ),
        line if order == "scalar-first" else line[::-1],
        "effective dual" if dual else "effective",
    )
