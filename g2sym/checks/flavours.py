"""What is left of a lepton's moments without the couplings that change its flavour, stated by algebra."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.relations import vanishes
from g2sym.derive.contributions import Derivation
from g2sym.derive.diagrams import derive
from g2sym.derive.terms import Term
from g2sym.derive.transitions import derive_transition
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import LEPTONS
from g2sym.lagrangian.operators import Operator
from g2sym.proofs.verdict import Proof

METHOD = "exact algebra: derived with and without these terms, coefficient by coefficient"


def flavour_statements(
    declaration: Declaration, lepton: str, conventions: Conventions
) -> Iterator[tuple[str, Proof]]:
    """Yield statements about a lepton without the terms that turn charged leptons into others, with parts.

    Parameters: ``declaration``, with the lepton's mass in its defaults. A model without such terms, or with
    couplings in them that stand elsewhere too, brings none.
    """
    changing = [o for o in declaration.operators if changes_flavour(o)]
    kept = [o for o in declaration.operators if not changes_flavour(o)]
    names = frozenset(n for o in changing for n in o.coefficient.symbols & _couplings(declaration))
    elsewhere = frozenset(n for o in kept for n in o.coefficient.symbols)
    if not changing or names & elsewhere or not all(o.coefficient.symbols & names for o in changing):
        return
    zero = dict.fromkeys(names, Coefficient.number(0))
    whole = derive(declaration, lepton, conventions)
    alone = derive(replace(declaration, operators=tuple(kept)), lepton, conventions)
    where = f"at {' = '.join(sorted(names))} = 0"
    for kind, first, second in (
        (f"a({lepton})", _magnetic(whole), _magnetic(alone)),
        (f"d({lepton})", [*whole.electric, *whole.electric_tree], [*alone.electric, *alone.electric_tree]),
    ):
        left = _left(first, zero, second)
        yield (
            kind,
            Proof(
                "identity",
                f"{where}, {kind} is that of the Lagrangian without terms that change the lepton's flavour",
                "no term is left over" if not left else f"{left} terms differ",
                METHOD,
                "disproved" if left else "proved",
            ),
        )
    for other in LEPTONS[: LEPTONS.index(lepton)]:
        found = derive_transition(declaration, lepton, other, conventions)
        terms = [*found.magnetic, *found.electric, *found.tree, *found.electric_tree]
        if not terms:
            continue
        left = sum(not vanishes(t.coefficient.subs(zero)) for t in terms)
        yield (
            f"A_R, A_L({lepton} -> {other})",
            Proof(
                "zero",
                f"{where}, there is no {lepton} -> {other} gamma",
                "every coefficient is zero" if not left else f"{left} terms are left",
                METHOD,
                "disproved" if left else "proved",
            ),
        )


def changes_flavour(operator: Operator) -> bool:
    """True for a term that turns a charged lepton into another one."""
    line = operator.bilinear
    return line is not None and line.bar != line.field and {line.bar, line.field} <= {*LEPTONS}


def _couplings(declaration: Declaration) -> frozenset[str]:
    return frozenset(n for p in declaration.parameters.values() for n in p.symbols)


def _magnetic(found: Derivation) -> list[Term]:
    return [t for c in found.contributions.values() for t in c.terms]


def _left(first: Iterable[Term], zero: dict[str, Coefficient], second: Iterable[Term]) -> int:
    """Count the kernels whose coefficients differ between two sums, the first with some couplings zero."""
    sums: dict[object, Coefficient] = {}
    for terms, sign in ((first, 1), (second, -1)):
        for term in terms:
            coefficient = term.coefficient.subs(zero) if sign == 1 else -term.coefficient
            key = (term.integral.identity, term.masses)
            sums[key] = sums.get(key, Coefficient.number(0)) + coefficient
    return sum(not vanishes(one) for one in sums.values())
