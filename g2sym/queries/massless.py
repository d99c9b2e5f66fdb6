"""Delta a at exactly zero mediator mass: the proved limit of the sum, where it is finite."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.coefficients import Coefficient
from g2sym.derive.contributions import Term
from g2sym.errors import UsageError
from g2sym.integrals.expansion import toward
from g2sym.integrals.rational import zero
from g2sym.integrals.region import at
from g2sym.integrals.values import Atom, Value
from g2sym.kernels.remainder import fixed, value_ball
from g2sym.observables.values import Values
from g2sym.proofs.integrals import confirmed_expansion, freeze

if TYPE_CHECKING:
    from flint import arb

    from g2sym.model.moment import AnomalousMoment


def massless_sum(
    moment: AnomalousMoment, terms: Sequence[tuple[Term, dict[str, Fraction]]], known: Values
) -> Callable[[Callable[[Coefficient], arb]], arb]:
    """Return the limit rho to 0 of a sum of terms, not yet divided by 16 pi^2.

    Parameters: ``terms`` with their exact mass ratios, rho = 0 in each. Returns a function of what
    evaluates a coefficient in balls. Raises UsageError, saying how, when the sum diverges.
    """
    finite: list[tuple[Coefficient, Value]] = []
    singular: dict[tuple[Fraction, int, Atom], Coefficient] = {}
    path = freeze(toward("rho", zero()))
    for term, ratios in terms:
        others = {n: v for n, v in ratios.items() if n != "rho"}
        found = confirmed_expansion(fixed(term.integral.canonical, others), path, Fraction(1, 2))
        factor = known.expand(term.coefficient)
        for e, j, value in found.terms:
            if e == 0 and not j:
                finite.append((term.coefficient, value))
                continue
            for atom, weight in value.terms:
                key = (e, j, atom)
                singular[key] = singular.get(key, Coefficient.number(0)) + factor * at(weight, {})
    if any(not c.is_zero for c in singular.values()):
        from g2sym.queries.limits import limit

        boson = terms[0][0].masses.boson
        how = limit(moment, boson, 0, {n: v for n, v in known.given.items() if v})
        behaviour = str(how).partition(":")[0]  # the coefficient may be long; `limit` shows it
        raise UsageError(
            f"{boson} = 0: Delta a_{moment.lepton} {behaviour} as {boson} -> 0; give a positive mass."
        )

    def compute(symbols: Callable[[Coefficient], arb]) -> arb:
        total = value_ball(Value(), {})
        for coefficient, value in finite:
            total += symbols(coefficient) * value_ball(value, {})
        return total

    return compute
