"""What a declared cut-off leaves of ultraviolet poles: its logarithm, beside the diagram it belongs to."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Masses, Term
from g2sym.errors import ModelError
from g2sym.integrals.feynman import Diagram, cutoff_logarithm
from g2sym.lagrangian.declaration import Declaration

if TYPE_CHECKING:
    from flint import fmpq

CUTOFF = "Lambda"
"""The parameter whose logarithm a divergent contribution leaves."""


def with_logarithms(declaration: Declaration, terms: Iterable[Term], cause: str) -> tuple[Term, ...]:
    """Return terms with the logarithms of the cut-off that their ultraviolet poles stand for.

    Parameters: ``terms`` of one amplitude; ``cause``, what does not renormalise, for the message. The
    logarithm of a diagram follows it; where the poles of all diagrams cancel, there is none.
    Raises ModelError where no cut-off is declared.
    """
    every = tuple(terms)
    weights = [t.coefficient * _in_masses(t) for t in every]
    if vanishes(sum(weights, Coefficient.number(0))):
        return every
    if CUTOFF not in declaration.parameters:
        raise ModelError(
            f"{cause} of '{declaration.name}' leave a logarithm of the cut-off in dipole moments (widths and "
            f"cross-sections need none); declare a parameter {CUTOFF} of dimension 1, for instance with "
            "default = 1000 (GeV)."
        )
    out: list[Term] = []
    for term in every:
        out.append(term)
        if not term.integral.pole.is_zero:
            out.append(_logarithm(term))
    return tuple(out)


def _logarithm(term: Term) -> Term:
    """Return a term's coefficient times its pole times the logarithm of the cut-off."""
    pole, lines = term.integral.pole, term.integral.diagram
    held = pole.num.generators | pole.den.generators
    bound = [(slot, s) for slot in term.integral.slots for n, s, _ in term.masses.slots if n == slot.name]
    kept = [(slot, symbol) for slot, symbol in bound if slot.name in held]
    made = cutoff_logarithm()
    weight = Coefficient.number(1) if kept else _in_masses(term)
    made = replace(
        made,
        log=pole.num if kept else made.log,
        divisor=pole.den if kept else made.divisor,
        slots=(*(slot for slot, _ in kept), *made.slots),
        diagram=Diagram(made.diagram.kind, lines.boson, lines.fermion),
    )
    masses = Masses.of(term.masses.lepton, made, [*(s for _, s in kept), CUTOFF])
    return Term(term.coefficient * weight, made, masses)


def _in_masses(term: Term) -> Coefficient:
    """Return the ultraviolet pole of a term's integral as a coefficient in its masses."""
    unit = Coefficient.symbol(term.masses.lepton)
    ratios = {name: (Coefficient.symbol(s) / unit) ** power for name, s, power in term.masses.slots}

    def number(value: fmpq) -> Coefficient:
        return Coefficient.number(Fraction(int(value.p), int(value.q)))

    pole = term.integral.pole
    if pole.is_zero:
        return Coefficient.number(0)
    found: Coefficient = pole.fold(ratios.__getitem__, number)
    return found
