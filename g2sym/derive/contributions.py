"""The named contributions to one lepton's dipole moments, as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from g2sym.base.classes import dataclass, field, replace
from g2sym.base.coefficients import Coefficient
from g2sym.derive.terms import Term, feynman_symbol
from g2sym.integrals.feynman import Diagram
from g2sym.lagrangian.operators import Operator

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sympy


ONE_LOOP = "one-loop"
"""The contribution of all exchanges of one boson."""


@dataclass(frozen=True)
class Contribution:
    """One named diagram class: the sum of its terms."""

    name: str
    terms: tuple[Term, ...]
    scheme: str

    @cached_property
    def loops(self) -> dict[str, Contribution]:
        """The parts of a one-loop contribution by mediator and internal fermion, ``loop(phi, N)``."""
        parts: dict[str, list[Term]] = {}
        for term in self.terms if self.name == ONE_LOOP else ():
            diagram = term.integral.diagram
            parts.setdefault(f"loop({diagram.boson}, {diagram.fermion})", []).append(term)
        return {name: Contribution(name, tuple(terms), self.scheme) for name, terms in parts.items()}

    @property
    def variables(self) -> tuple[tuple[str, str, str], ...]:
        """The Feynman parameters with their limits, outermost first."""
        return max((t.integral.variables for t in self.terms), key=len, default=())

    def with_masses(self, masses: Iterable[str]) -> Contribution:
        """Return the part that changes with all of some masses: each stands in a slot or in the coupling.

        A logarithm of the cut-off follows the diagram that it belongs to. The contribution itself where that
        is all of it.
        """
        wanted = frozenset(masses)
        kept = []
        inside = False
        for term in self.terms:
            if term.integral.variables:
                inside = wanted <= {*term.masses.names, *term.coefficient.symbols}
            if inside:
                kept.append(term)
        return self if len(kept) == len(self.terms) else replace(self, terms=tuple(kept))

    @property
    def integrand(self) -> sympy.Expr:
        """The Feynman-parameter integrand as a SymPy expression, over `variables`.

        A logarithm of the cut-off stands outside the integral: see `outside`.
        """
        import sympy

        return sympy.Add(*(term.integrand(self._taken) for term in self.terms if term.integral.variables))

    @property
    def outside(self) -> sympy.Expr:
        """The part that is not an integral: the logarithm of the cut-off with its coefficient."""
        import sympy

        return sympy.Add(*(term.integrand() for term in self.terms if not term.integral.variables))

    def integral(self) -> sympy.Expr:
        """Return the contribution as an unevaluated SymPy integral."""
        import sympy

        def read(text: str) -> sympy.Expr:
            return feynman_symbol(text, self._taken) if text.isalpha() else sympy.Integer(text)

        limits = [tuple(map(read, limit)) for limit in reversed(self.variables)]
        return self.outside + (sympy.Integral(self.integrand, *limits) if limits else sympy.Integer(0))

    @property
    def _taken(self) -> frozenset[str]:
        return frozenset(name for term in self.terms for name in term.needs())

    @property
    def diagrams(self) -> tuple[Diagram, ...]:
        """The diagrams in it."""
        return tuple(term.integral.diagram for term in self.terms)


@dataclass(frozen=True)
class Pending:
    """A part of an amplitude that is not derived: refused as soon as ``coupling`` is not zero.

    ``text`` names it, ``reason`` says why it is missing.
    """

    coupling: Coefficient
    text: str
    reason: str

    @property
    def sentence(self) -> str:
        """What a result says about it."""
        return f"Not included: {self.text} ({self.reason})."


@dataclass(frozen=True)
class Derivation:
    """Everything derived for one lepton: contributions, what is left out, what else is induced.

    ``pending`` holds operators that the engine cannot treat yet, with a sentence each, ``refused`` pairs of
    vertices of that kind: a value of their coefficient other than zero is refused. ``electric`` holds the
    one-loop terms of the electric dipole moment, ``electric_tree`` those without a loop: d = (e Q / 2 m)
    times their sum; ``electric_pairs`` those of a mediator's couplings of opposite CP, to the lepton and to
    two gauge bosons, by contribution; ``refused_electric`` what of these has no value; ``remarks`` are
    sentences about what else follows; ``omitted`` and ``omitted_electric`` pieces of higher order that are
    not in the result and are named with it.
    """

    contributions: Mapping[str, Contribution]
    electric: tuple[Term, ...]
    electric_tree: tuple[Term, ...]
    pending: tuple[tuple[Operator, str], ...]
    electric_pairs: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    refused_electric: tuple[Pending, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: tuple[Pending, ...] = ()
    omitted: tuple[Pending, ...] = ()
    omitted_electric: tuple[Pending, ...] = ()

    def terms(self) -> Iterator[Term]:
        """Every term of every contribution."""
        for contribution in self.contributions.values():
            yield from contribution.terms
