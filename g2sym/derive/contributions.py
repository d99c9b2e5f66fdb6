"""The named contributions of one lepton's dipole moments, as data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.coefficients import Coefficient
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.feynman import Diagram, FeynmanIntegral
from g2sym.integrals.rational import constant
from g2sym.lagrangian.operators import Operator

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Masses:
    """Which symbols a kernel's masses stand for.

    ``fermion`` is the internal fermion's mass, None for the lepton itself; ``vector`` the mass of a
    second boson, None for a photon; ``cutoff`` the cut-off of a kernel that is its logarithm.
    """

    boson: str
    lepton: str
    fermion: str | None = None
    vector: str | None = None
    cutoff: str | None = None

    def symbols(self) -> dict[str, tuple[str, int]]:
        """Return the generators that occur: name to (mass symbol, power of it over the lepton's)."""
        named = {
            "rho": (self.boson, 2),
            "nu": (self.fermion, 1),
            "zeta": (self.vector, 2),
            "lam": (self.cutoff, 2),
        }
        if self.cutoff:
            named = {"lam": (self.cutoff, 2)}
        return {name: (symbol, power) for name, (symbol, power) in named.items() if symbol}

    def ratios(self) -> dict[str, sympy.Expr]:
        """Return the generators as SymPy expressions in the masses."""
        import sympy

        unit = sympy.Symbol(self.lepton)
        return {n: (sympy.Symbol(s) / unit) ** p for n, (s, p) in self.symbols().items()}

    def exact_ratios(self, value: Callable[[str], Fraction]) -> dict[str, Fraction]:
        """Return the generators' exact values, given those of the masses."""
        unit = value(self.lepton)
        return {n: (value(s) / unit) ** p for n, (s, p) in self.symbols().items()}


@dataclass(frozen=True)
class Term:
    """``coefficient`` times ``integral`` over 16 pi^2; the coefficient holds couplings and masses."""

    coefficient: Coefficient
    integral: FeynmanIntegral
    masses: Masses

    def form(self, massless: bool = False) -> ClosedForm:
        """Return the kernel's closed form; ``massless``, that of an internal fermion without mass."""
        if massless:
            return self.integral.substitute({"nu": constant(0)}).canonical
        return self.integral.canonical

    def needs(self) -> frozenset[str]:
        """The names of all couplings and masses in it."""
        return (
            self.coefficient.symbols | {s for s, _ in self.masses.symbols().values()} | {self.masses.lepton}
        )

    def integrand(self, taken: frozenset[str] = frozenset()) -> sympy.Expr:
        """Return the integrand as an ordinary SymPy expression, prefactors included.

        Parameters: ``taken``, names that the Feynman parameters must not have.
        """
        import sympy

        body = self.integral.to_sympy(self.masses.ratios(), sympy.Symbol(self.masses.lepton))
        names = {n: feynman_symbol(n, taken | self.needs()) for n, _, _ in self.integral.variables}
        body = body.subs({sympy.Symbol(n): symbol for n, symbol in names.items() if symbol.name != n})
        return sympy.factor_terms(self.coefficient.to_sympy() * body / (16 * sympy.pi**2))

    def closed_form(self) -> sympy.Expr:
        """Return the closed form as a SymPy expression, prefactors included."""
        import sympy

        from g2sym.integrals.printing import closed_expression

        body = closed_expression(self.integral.canonical, self.masses.ratios())
        return self.coefficient.to_sympy() / (16 * sympy.pi**2) * body


def feynman_symbol(name: str, taken: frozenset[str]) -> sympy.Symbol:
    """Return the symbol of a Feynman parameter: x, or x_F where the model has an x of its own."""
    import sympy

    return sympy.Symbol(f"{name}_F" if name in taken else name)


@dataclass(frozen=True)
class Contribution:
    """One named diagram class: the sum of its terms."""

    name: str
    terms: tuple[Term, ...]
    scheme: str

    @property
    def variables(self) -> tuple[tuple[str, str, str], ...]:
        """The Feynman parameters with their limits, outermost first."""
        return max((t.integral.variables for t in self.terms), key=len, default=())

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
class Derivation:
    """Everything derived for one lepton: contributions, what is left out, what else is induced.

    ``pending`` holds operators that the engine cannot treat yet, with a sentence each: a value of
    their coefficient other than zero is refused. ``electric`` holds the one-loop terms of the electric
    dipole moment: d = (e Q / 2 m) times their sum; ``remarks`` are sentences about what else follows.
    """

    contributions: Mapping[str, Contribution]
    electric: tuple[Term, ...]
    pending: tuple[tuple[Operator, str], ...]
    remarks: tuple[str, ...] = ()

    def terms(self) -> Iterator[Term]:
        """Every term of every contribution."""
        for contribution in self.contributions.values():
            yield from contribution.terms
