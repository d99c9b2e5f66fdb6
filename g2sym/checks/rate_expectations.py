"""What a model file or a user states about widths and cross-sections: closed forms, limits and expansions."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.checks.expectations import Expectation, differs, read_point
from g2sym.errors import ModelError, UnsupportedError
from g2sym.formulas.formula import Formula
from g2sym.formulas.parser import parse_formula
from g2sym.formulas.ratio import Ratio
from g2sym.model.observable import Observable
from g2sym.observables.kinematics import KINEMATIC
from g2sym.proofs.verdict import Proof, Verdict
from g2sym.queries.closed_rates import conditions
from g2sym.queries.conditions import texts
from g2sym.queries.limits import asymptotics
from g2sym.queries.rate_limits import closed_formula, open_side

METHOD = "exact equality of formulas: logarithms and roots in irreducible factors"
MAX_POWERS = 8


def verify_rate(expected: Expectation, observable: Observable) -> Proof:
    """Prove or disprove what is expected of a rate: its closed form, or without it what it is at a point.

    Raises ModelError for an expectation that cannot be read.
    """
    quantity = observable.quantity
    names = {*observable.declaration.parameters, *quantity.masses, *KINEMATIC, *quantity.inputs, "e_em"}
    names |= {s for p in observable.declaration.parameters.values() for s in p.symbols} | {"cos_w"}
    wanted = parse_formula(expected.value, names, f"{expected.where}, value")
    known = observable.values(dict(expected.given))
    keep = frozenset(observable.declaration.parameters) - set(known.given)
    wanted = wanted.subs({n: known.expand(Coefficient.symbol(n), keep) for n in known.given})
    statement = f"expected: {quantity.text} = {expected.value}"
    holds: tuple[str, ...]
    try:
        if not expected.at:
            found: Formula | Ratio = closed_formula(quantity, known)
            holds = conditions(quantity)
        else:
            target = open_side(quantity, read_point(expected, observable), known)
            statement = f"expected: {quantity.text}, {target.text}, {expected.value}"
            last = _last(wanted, target.mass, target.point is None)
            if target.is_interior and target.mass in wanted.symbols:
                raise ModelError(
                    f"{expected.where}: the limit {target.text} cannot hold {target.mass} itself."
                )
            series = asymptotics(quantity, target, 1, known)
            for powers in range(2, MAX_POWERS):
                if series.end is None or series.end > last:
                    break
                series = asymptotics(quantity, target, powers, known)
            entries = tuple(e for e in series.entries if e[0] <= last)
            found, holds = replace(series, entries=entries).formula, texts(series.conditions)
    except UnsupportedError as error:
        return Proof("limit", statement, "not decided", str(error), "open")
    difference = (found if isinstance(found, Ratio) else Ratio.of(found)) - wanted
    verdict: Verdict = "proved"
    method = METHOD
    if not difference.is_zero:
        if differs(difference):
            method, verdict = "the difference is not zero in balls at a rational point", "disproved"
        else:
            method, verdict = "the difference could not be decided", "open"
    kind = "limit" if expected.at else "closed form"
    return Proof(kind, statement, str(found), method, verdict, conditions=holds)


def _last(wanted: Formula, mass: str, inverse: bool) -> Fraction:
    """Return the highest power of t that an expected value holds."""
    flip = -1 if inverse else 1
    return Fraction(max([flip * e for e, _ in wanted.powers_of(mass)], default=0))
