"""Derivations as JSON, and back: for what is kept between runs.

Polynomials are written as they print. An integral that is read holds these texts until someone asks for more
than its canonical form, and the canonical form until it is evaluated: a point with a coupling of zero needs
neither.
"""

from __future__ import annotations

from g2sym.base.written import coefficient_in, coefficient_out, listed, text_in, texts
from g2sym.derive.contributions import Contribution, Derivation, Pending
from g2sym.derive.terms import Masses, Term
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.written import integral_in, integral_out
from g2sym.lagrangian.written import operator_in, operator_out

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from g2sym.base.types import Record
    from g2sym.integrals.written import Body


LEFT_OUT = ("refused", "refused_electric", "omitted", "omitted_electric")
"""The lists of a derivation that say what is not in it."""


def derivation_out(value: Derivation) -> Record:
    """Write a derivation; equal integrals are written once."""
    integrals: dict[str, tuple[int, Any]] = {}

    def terms(some: Iterable[Term]) -> list[Any]:
        out = []
        for term in some:
            body = integral_out(term.integral)
            number, _ = integrals.setdefault(repr(body), (len(integrals), body))
            diagram, masses = term.integral.diagram, term.masses
            out.append(
                [
                    coefficient_out(term.coefficient),
                    number,
                    [diagram.kind, diagram.boson, diagram.fermion, *diagram.vertices],
                    [masses.lepton, *(list(slot) for slot in masses.slots)],
                ]
            )
        return out

    return {
        "contributions": [[c.name, c.scheme, terms(c.terms)] for c in value.contributions.values()],
        "electric": terms(value.electric),
        "electric_tree": terms(value.electric_tree),
        "pending": [[operator_out(o), why] for o, why in value.pending],
        "electric_pairs": [[name, terms(some)] for name, some in value.electric_pairs.items()],
        "remarks": list(value.remarks),
        **{
            name: [[coefficient_out(p.coupling), p.text, p.reason] for p in getattr(value, name)]
            for name in LEFT_OUT
        },
        "integrals": [body for _, body in integrals.values()],
    }


def derivation_in(data: Any) -> Derivation:
    """Read what `derivation_out` wrote; raises ValueError, KeyError or TypeError for anything else."""
    bodies = [integral_in(one) for one in listed(data["integrals"])]

    def terms(some: Any) -> tuple[Term, ...]:
        return tuple(_term_in(one, bodies) for one in listed(some))

    contributions = {}
    for one in listed(data["contributions"]):
        head, own = texts(listed(one, 3)[:2]), terms(one[2])
        contributions[head[0]] = Contribution(head[0], own, head[1])
    pending = [(operator_in(o), text_in(why)) for o, why in listed(data["pending"])]
    pairs = {
        text_in(name): terms(some)
        for name, some in (listed(one, 2) for one in listed(data["electric_pairs"]))
    }
    left_out = {
        name: tuple(Pending(coefficient_in(c), *texts(rest, 2)) for c, *rest in listed(data[name]))
        for name in LEFT_OUT
    }
    return Derivation(
        contributions,
        terms(data["electric"]),
        terms(data["electric_tree"]),
        tuple(pending),
        pairs,
        remarks=texts(data["remarks"]),
        **left_out,
    )


def _term_in(data: Any, bodies: Sequence[Body]) -> Term:
    coefficient, number, diagram, masses = listed(data, 4)
    kind, boson, fermion, first, second = texts(diagram, 5)
    if type(number) is not int or not 0 <= number < len(bodies):
        raise ValueError("no integral of this number")
    lepton, *slots = listed(masses)
    bound = []
    for slot in slots:
        name, symbol, power = listed(slot, 3)
        if power not in (1, 2):
            raise ValueError("no slot")
        bound.append((text_in(name), text_in(symbol), power))
    return Term(
        coefficient_in(coefficient),
        bodies[number].of(Diagram(kind, boson, fermion, (first, second))),
        Masses(text_in(lepton), tuple(bound)),
    )
