"""From a declared Lagrangian to the named contributions of one lepton's dipole moments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from g2sym.coefficients import Coefficient
from g2sym.derive.one_loop import dipole_of, neutral_kernel, words
from g2sym.derive.vertices import Vertex, line_vertex, pairs
from g2sym.errors import ModelError, UnsupportedError
from g2sym.integrals.feynman import Diagram, FeynmanIntegral
from g2sym.integrals.rational import constant
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL, Field
from g2sym.lagrangian.operators import Operator

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Masses:
    """Which symbols a kernel's masses stand for; ``fermion`` is None for the lepton itself."""

    boson: str
    lepton: str
    fermion: str | None = None

    def ratios(self) -> dict[str, sympy.Expr]:
        """Return rho and nu as SymPy expressions."""
        import sympy

        unit = sympy.Symbol(self.lepton)
        out = {"rho": sympy.Symbol(self.boson) ** 2 / unit**2}
        if self.fermion:
            out["nu"] = sympy.Symbol(self.fermion) / unit
        return out


@dataclass(frozen=True)
class Term:
    """``coefficient`` times ``integral`` over 16 pi^2; the coefficient holds couplings and masses."""

    coefficient: Coefficient
    integral: FeynmanIntegral
    masses: Masses

    def integrand(self) -> sympy.Expr:
        """Return the integrand as an ordinary SymPy expression, prefactors included."""
        import sympy

        body = self.integral.to_sympy(self.masses.ratios(), sympy.Symbol(self.masses.lepton))
        return sympy.factor_terms(self.coefficient.to_sympy() * body / (16 * sympy.pi**2))

    def closed_form(self) -> sympy.Expr:
        """Return the closed form as a SymPy expression, prefactors included."""
        import sympy

        from g2sym.integrals.printing import closed_expression

        body = closed_expression(self.integral.canonical, self.masses.ratios())
        return self.coefficient.to_sympy() / (16 * sympy.pi**2) * body


@dataclass(frozen=True)
class Contribution:
    """One named diagram class: the sum of its terms."""

    name: str
    terms: tuple[Term, ...]
    scheme: str

    @property
    def integrand(self) -> sympy.Expr:
        """The Feynman-parameter integrand over x in (0, 1) as a SymPy expression."""
        import sympy

        return sympy.Add(*(term.integrand() for term in self.terms))

    @property
    def diagrams(self) -> tuple[Diagram, ...]:
        """The diagrams in it."""
        return tuple(term.integral.diagram for term in self.terms)


@dataclass(frozen=True)
class Derivation:
    """Everything derived for one lepton: contributions, what is left out, what else is induced.

    ``pending`` holds operators that the engine cannot treat yet, with a sentence each: a value of
    their coefficient other than zero is refused. ``electric`` holds the terms of the electric dipole
    moment: d = (e Q / 2 m) times their sum.
    """

    contributions: Mapping[str, Contribution]
    electric: tuple[Term, ...]
    pending: tuple[tuple[Operator, str], ...]

    def terms(self) -> Iterator[Term]:
        """Every term of every contribution."""
        for contribution in self.contributions.values():
            yield from contribution.terms


def derive(declaration: Declaration, lepton: str, scheme: str) -> Derivation:
    """Derive the contributions of a declared Lagrangian to one lepton's dipole moments.

    Parameters: ``declaration``, checked; ``lepton``, "e", "mu" or "tau"; ``scheme``, recorded.
    Raises UnsupportedError for couplings on the lepton line that the engine does not know.
    """
    vertices: list[Vertex] = []
    pending: list[tuple[Operator, str]] = []
    for operator in declaration.for_lepton(lepton):
        vertex = line_vertex(operator)
        if vertex is not None:
            vertices.append(vertex)
            continue
        reason = _pending_reason(operator)
        pending.append((operator, reason))
    magnetic: dict[tuple[object, ...], Term] = {}
    electric: dict[tuple[object, ...], Term] = {}
    for emit, absorb in pairs(vertices, lepton):
        boson = _field(declaration, emit.boson)
        if not boson.self_conjugate and emit.conjugated == absorb.conjugated:
            continue  # a complex boson must be created by one vertex and absorbed by the other
        _check_boson(boson)
        term = _term(declaration, lepton, emit, absorb, boson)
        odd = dipole_of(absorb.string, emit.string) == "electric"
        _accumulate(electric if odd else magnetic, term)
    # F2 is real and the coefficient of P^mu gamma5 imaginary; single pairs need not be
    found = [Term(t.coefficient.real(), t.integral, t.masses) for t in magnetic.values()]
    induced = [Term(t.coefficient.imag(), t.integral, t.masses) for t in electric.values()]
    terms = tuple(t for t in found if not t.coefficient.is_zero)
    contributions = {"one-loop": Contribution("one-loop", terms, scheme)} if terms else {}
    return Derivation(contributions, tuple(t for t in induced if not t.coefficient.is_zero), tuple(pending))


def _accumulate(store: dict[tuple[object, ...], Term], term: Term) -> None:
    """Add a term to the one with the same integrand and masses."""
    kernel = term.integral
    if not kernel.powers and kernel.log == 0:
        return
    key = (term.masses, str(kernel.powers), str(kernel.log), str(kernel.divisor))
    if key in store:
        old = store[key]
        term = Term(old.coefficient + term.coefficient, old.integral, old.masses)
    store[key] = term


def _field(declaration: Declaration, name: str) -> Field:
    return declaration.fields[name] if name in declaration.fields else STANDARD_MODEL[name]


def _check_boson(boson: Field) -> None:
    if boson.charge != 0:
        raise UnsupportedError(
            f"The mediator '{boson.name}' carries electric charge {boson.charge}: photons attached to a "
            "charged mediator are not derived yet; only neutral mediators are."
        )
    if boson.mass is None:
        raise ModelError(
            f"The mediator '{boson.name}' has no mass symbol; declare one, for instance "
            f'mass = "m_{boson.name}".'
        )


def _term(declaration: Declaration, lepton: str, emit: Vertex, absorb: Vertex, boson: Field) -> Term:
    """Build coupling times kernel for one pair of vertices."""
    kernel = neutral_kernel(absorb.string, emit.string, int(boson.spin))
    inner = _field(declaration, emit.fermion_out)
    outer = STANDARD_MODEL[lepton]
    if inner.charge != outer.charge:
        raise UnsupportedError(
            f"The internal fermion '{inner.name}' has charge {inner.charge}, which a neutral mediator "
            "cannot give it; check the charges."
        )
    assert outer.mass is not None
    assert boson.mass is not None
    coupling = emit.rule(emitted=True) * absorb.rule(emitted=False)
    coupling = coupling * Coefficient.symbol(outer.mass) ** (emit.momenta + absorb.momenta)
    if inner.name == lepton:
        kernel, masses = kernel.substitute({"nu": constant(1)}), Masses(boson.mass, outer.mass)
    else:
        if inner.mass is None:
            raise ModelError(f"The internal fermion '{inner.name}' has no mass symbol; declare one.")
        masses = Masses(boson.mass, outer.mass, inner.mass)
    named = Diagram("neutral exchange", boson.name, inner.name, (words(emit.string), words(absorb.string)))
    return Term(coupling, replace(kernel, diagram=named), masses)


def _pending_reason(operator: Operator) -> str:
    if operator.bilinear is None:
        return (
            "effective couplings of the mediator to two gauge bosons close Barr-Zee-type diagrams, "
            "which are not derived yet"
        )
    return "the engine has no Feynman rule for this coupling on a fermion line yet"
