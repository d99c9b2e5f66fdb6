"""Statements that a model file or a user makes: Delta a at a point equals what they expect.

``at`` says where ("m_a -> 0", "m_a -> oo", "m_a -> 2*m_mu"), ``value`` what is expected, in the language
of the model files with ``ln(...)`` and ``sqrt(...)``. At 0 and at infinity the value may hold the mass
itself: then it is an expansion, and every power down to its smallest term must agree.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from random import Random
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import text
from g2sym.base.balls import number, working_precision
from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError, UnsupportedError, did_you_mean, shorten
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import monomial
from g2sym.formulas.parser import parse_formula
from g2sym.formulas.ratio import Ratio
from g2sym.kernels.slices import arc
from g2sym.lagrangian.fields import LEPTONS
from g2sym.observables.kinematics import KINEMATIC
from g2sym.proofs.verdict import EXPANSION, Proof, Verdict
from g2sym.queries.conditions import texts
from g2sym.queries.expansions import Asymptotics
from g2sym.queries.limits import asymptotics
from g2sym.queries.targets import Target, read_target

if TYPE_CHECKING:
    from g2sym.base.types import Entries
    from g2sym.model.observable import Observable
    from g2sym.observables.values import Values

METHOD = f"exact equality with the {EXPANSION.removeprefix('exact ')}"
MAX_POWERS = 12
_KEYS = ("at", "value", "lepton", "contribution", "observable")


@dataclass(frozen=True)
class Expectation:
    """One expected limit; ``lepton`` None means every lepton, ``given`` fixes parameters.

    ``observable`` names a width or cross-section that it is about in place of Delta a; then ``at`` may be
    empty, which states the closed form.
    """

    at: str
    value: str
    lepton: str | None = None
    contribution: str | None = None
    given: Mapping[str, object] = field(default_factory=dict)
    where: str = "expect"
    observable: str = ""


def expectation(
    at: str,
    value: object,
    lepton: str | None = None,
    contribution: str | None = None,
    observable: str = "",
    **given: object,
) -> Expectation:
    """State what Delta a, or a rate, should be somewhere, to be verified by `g2sym.check`.

    Parameters: ``at``, for instance ``"m_a -> 0"``; ``value``, an expression or a number; ``lepton`` and
    ``contribution``, all where left out; ``observable``, a width or cross-section in place of Delta a, for
    which an empty ``at`` states the closed form; further keywords fix parameters. Raises UsageError for names
    that are no text.

    Example: ``expectation("", "g_agg^2*m_a^3/(64*pi)", observable="Gamma(a -> A A)")``.
    """
    text(at, "at", "m_a -> 0")
    text(observable, "observable", "Gamma(a -> A A)")
    for name, chosen in (("lepton", lepton), ("contribution", contribution)):
        if chosen is not None:
            text(chosen, name, "mu" if name == "lepton" else "one-loop")
    return Expectation(at, str(value), lepton, contribution, given, observable=observable)


def read_expectations(tables: tuple[Entries, ...], names: set[str]) -> list[Expectation]:
    """Read the ``[[expect]]`` tables of a declaration.

    Parameters: ``names`` of the parameters that a table may fix. Raises ModelError with place and mend.
    """
    out = []
    for count, table in enumerate(tables, 1):
        where = f"expect {count}"
        about = str(table.get("observable", ""))
        for key in ("value",) if about else ("at", "value"):
            if key not in table:
                raise ModelError(f'{where}: the key {key} is missing; write {key} = "...".')
        given = {k: v for k, v in table.items() if k not in _KEYS}
        for key in given:
            if key not in names and not (about and key in KINEMATIC):
                known = {*names, *_KEYS}
                raise ModelError(
                    f"{where}: {shorten(key)} is not a key or a parameter{did_you_mean(key, known)}."
                )
        lepton = table.get("lepton")
        if lepton is not None and lepton not in LEPTONS:
            raise ModelError(f"{where}: {shorten(lepton)} is not a charged lepton; use e, mu or tau.")
        out.append(
            Expectation(
                str(table.get("at", "")),
                str(table["value"]),
                lepton,
                table.get("contribution"),
                given,
                where,
                about,
            )
        )
    return out


def verify(expected: Expectation, moment: Observable) -> Proof:
    """Prove or disprove an expectation; an undecided one is open.

    Raises ModelError for an expectation that cannot be read.
    """
    target = read_point(expected, moment)
    mass = target.mass
    lepton = f"m_{moment.lepton}"
    names = {
        *moment.declaration.parameters,
        *(s for p in moment.declaration.parameters.values() for s in p.symbols),
    }
    names |= {lepton, "m_f", "m_Z", "m_W", "e_em", "sin_w", "cos_w", "G_F"}
    wanted = parse_formula(expected.value, names, f"{expected.where}, value")
    wanted = wanted.subs({"m_f": Coefficient.symbol(lepton)})
    statement = f"expected: {target.text}, {expected.value}"
    try:
        known = moment.values(dict(expected.given))
        powers = wanted.powers_of(mass)
        flip = -1 if target.point is None else 1
        last = Fraction(max([flip * e for e, _ in powers], default=0))
        if target.is_interior and mass in wanted.symbols:
            raise ModelError(f"{expected.where}: the limit {target.text} cannot hold {mass} itself.")
        found = _enough(moment, target, known, last, expected.contribution)
    except UnsupportedError as error:
        return Proof("limit", statement, "not decided", str(error), "open")
    keep = frozenset(moment.declaration.parameters) - set(known.given)
    wanted = wanted.subs({n: known.expand(Coefficient.symbol(n), keep) for n in known.given})
    shown = str(_truncated(found, last))
    if target.is_interior:
        rest = {(e, j): f for e, j, f in found.plain_entries if e <= 0}
        rest[Fraction(0), 0] = rest.get((Fraction(0), 0), Formula()) - wanted
    else:
        difference = _truncated(found, last) - wanted
        rest = {(flip * Fraction(e), j): f for (e, j), f in difference.powers_of(mass).items()}
    ordered = [_rooted(f) for _, f in sorted(rest.items(), key=lambda pair: pair[0])]
    wrong = [f for f in ordered if not f.is_zero]
    verdict: Verdict = "proved"
    method = METHOD
    if wrong and differs(wrong[0]):
        method, verdict = "the difference is not zero in balls at a rational point", "disproved"
    elif wrong:
        method, verdict = "the difference could not be decided", "open"
    return Proof("limit", statement, shown, method, verdict, conditions=texts(found.conditions))


def _rooted(formula: Formula) -> Formula:
    """Write square roots as roots in the coefficients: couplings hold some already, read formulas do not."""
    items = []
    for function, c in formula.terms:
        powers = dict(function.powers)
        for f in [g for g in powers if g.kind == "sqrt"]:
            c = c * Coefficient.sqrt(f.arguments[0]) ** powers.pop(f)
        items.append((monomial(powers), c))
    return Formula.of(items)


def read_point(expected: Expectation, moment: Observable) -> Target:
    """Read where an expectation is stated; raises ModelError for what makes no sense."""
    left, arrow, right = expected.at.partition("->" if "->" in expected.at else "=")
    if not arrow or not left.strip() or not right.strip():
        raise ModelError(f'{expected.where}, at: {shorten(expected.at)} is not of the form "m_a -> 0".')
    point = right.strip()
    side = 1
    for word, sign in (("from below", -1), ("from above", 1)):
        if point.endswith(word):
            point, side = point[: -len(word)].strip(), sign
    try:
        return read_target(moment.quantity, left.strip(), point, side)
    except ModelError:
        raise
    except ValueError as error:
        raise ModelError(f"{expected.where}, at: {error}") from None


def _enough(
    moment: Observable, target: Target, known: Values, last: Fraction, contribution: str | None
) -> Asymptotics:
    """Expand beyond the smallest power of the expected value."""
    for powers in range(1, MAX_POWERS + 1):
        found = asymptotics(moment.quantity, target, powers, known, contribution)
        if found.end is None or found.end > last:
            return found
    raise UnsupportedError(f"{target.text}: the expected value goes beyond {MAX_POWERS} powers.")


def _truncated(found: Asymptotics, last: Fraction) -> Formula:
    entries = tuple(entry for entry in found.entries if entry[0] <= last)
    formula = Asymptotics(found.target, found.t, entries, found.end, found.conditions, found.latex).formula
    assert isinstance(formula, Formula)  # that of a single amplitude
    return formula


def differs(difference: Formula | Ratio) -> bool:
    """True when a formula is proved not to vanish at some random rational values of its symbols."""
    random = Random(5)
    for _ in range(24):  # roots are real at some of them only
        with working_precision(256):
            values = {n: number(Fraction(random.randint(11, 99), 10)) for n in sorted(difference.symbols)}
            values["pi"] = number(0).pi()
            got = difference.fold(
                values.__getitem__,
                _real,
                {"ln": lambda a: abs(a).log(), "sqrt": lambda a: a.sqrt(), "T": arc},
            )
            if got.is_finite() and not got.contains(0):
                return True
    return False


def _real(re: Fraction, im: Fraction) -> Any:
    return number(re)
