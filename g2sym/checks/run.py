"""All statements about a model: its closed forms, limits, laws, identities and expectations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.names import parse_observable
from g2sym.checks.expectations import Expectation, read_expectations, verify
from g2sym.checks.identities import identities
from g2sym.checks.table import CheckTable, Row
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.kernels.confirmed import freeze
from g2sym.lagrangian.fields import LEPTONS
from g2sym.model.model import Model
from g2sym.model.observable import Observable
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.values import Values, allowed_names
from g2sym.proofs.integrals import enclosed_remainder, prove_closed_form
from g2sym.proofs.verdict import EXPANSION, RANGE, Proof, Verdict, verdict_of
from g2sym.queries.conditions import texts
from g2sym.queries.limits import Asymptotics, expanded, kernels
from g2sym.queries.remainders import bounded
from g2sym.queries.targets import Frame, read_target

if TYPE_CHECKING:
    from g2sym.derive.contributions import Contribution
    from g2sym.derive.terms import Term


def check(
    model: Model, lepton: str | None = None, expect: Iterable[Expectation] = (), partial: bool = False
) -> CheckTable:
    """Verify everything that is stated about a model.

    Parameters: ``model``; ``lepton``, one of e, mu, tau, all of them where left out; ``expect``, further
    statements made with `expectation`; ``partial`` True leaves out what is not derived, which is refused
    otherwise. Returns the table of statements, results, methods and verdicts.
    Raises UsageError for an unknown lepton, ModelError for an expectation that cannot be read.
    """
    if not isinstance(model, Model):
        raise UsageError(
            f"check wants a model, not {type(model).__name__}; check_observable takes an observable."
        )
    if lepton is not None and lepton not in LEPTONS:
        raise UsageError(f"There is no charged lepton {shorten(lepton)}; choose {', '.join(LEPTONS)}.")
    names = allowed_names(model.declaration)
    expected = [*read_expectations(model.declaration.expectations, names), *expect]
    leptons = (lepton,) if lepton else LEPTONS
    rows: list[Row] = []
    moments = {name: model.anomalous_moment(name, partial) for name in leptons}
    for moment in moments.values():
        moment.quantity.refuse_pending(moment.values())
    for name, moment in moments.items():
        rows += [Row(name, part, proof) for part, proof in every_statement(moment)]
        for one in expected:
            if one.lepton in (None, name):
                rows.append(Row(name, one.contribution or "sum", verify(one, moment)))
    record = moments[leptons[0]].record()
    for key in ("announcements", "missing"):
        record[key] = list(dict.fromkeys(s for m in moments.values() for s in m.record()[key]))
    for key in ("lepton", "observable", "unit"):  # every lepton's moment is checked
        record.pop(key)
    return CheckTable(model.name, leptons, tuple(rows), record)


def check_observable(observable: Observable) -> CheckTable:
    """Verify what is stated about one observable of a model.

    Returns the statements about each amplitude in it, and for a quotient or product its own limits in
    the mediators' masses.
    """
    quantity = observable.quantity
    quantity.refuse_pending(quantity.values())
    rows: list[Row] = []
    for amplitude in quantity.amplitudes:
        name = f"{amplitude.name}, " if quantity.single is None else ""
        own = Observable(replace(quantity, name=parse_observable(amplitude.name)))
        rows += [Row(amplitude.lepton, f"{name}{part}", proof) for part, proof in every_statement(own)]
    if quantity.single is None:
        label = quantity.lepton or "-"
        for mass in sorted(quantity.masses & set(quantity.declaration.masses)):
            rows += [Row(label, quantity.text, _limit(observable, mass, point, None)) for point in (0, "oo")]
    leptons = tuple(dict.fromkeys(a.lepton for a in quantity.amplitudes))
    record = quantity.record()
    record.pop("lepton")
    return CheckTable(quantity.model.name, leptons, tuple(rows), record)


def every_statement(observable: Observable) -> Iterator[tuple[str, Proof]]:
    """Yield the verified statements about a single amplitude, each with its contribution."""
    for part, contribution in observable.contributions.items():
        for proof in statements(observable, part, contribution):
            yield part, proof


def statements(moment: Observable, name: str, contribution: Contribution) -> Iterator[Proof]:
    """Yield the verified statements about one contribution."""
    seen: set[str] = set()
    for term in contribution.terms:
        if term.integral.variables:
            proof = prove_closed_form(term.integral)
            yield proof
    for term in contribution.terms:
        if not term.integral.variables:
            continue
        boson, lepton, fermion = term.masses.of_power(2), term.masses.lepton, term.masses.of_power(1)
        if boson is not None and boson not in seen:
            seen.add(boson)
            yield from _series(moment, boson, 0, name)
            yield from _series(moment, boson, "oo", name)
            yield _decoupling(moment, boson, name)
            for point in _special(lepton, fermion):
                yield _limit(moment, boson, point, name)
        if fermion is not None and fermion not in seen:
            seen.add(fermion)
            for where in (0, lepton, "oo"):
                yield _limit(moment, fermion, where, name)
        if name == "one-loop":
            found = [p for p in identities(term) if p.statement not in seen]
            yield from found
            seen |= {p.statement for p in found}


def _special(lepton: str, fermion: str | None) -> tuple[str, ...]:
    """Return the points where a kernel changes its branch or has a name: M = m and the regular threshold."""
    if fermion is None:
        return (lepton, f"2*{lepton}")
    return (fermion, f"{lepton} + {fermion}", f"{lepton} - {fermion}")


def _series(moment: Observable, mass: str, point: object, name: str) -> Iterator[Proof]:
    """Yield a series and a bound on what it leaves out."""
    shown = f"{mass} -> {point}, to second order"
    try:
        found = moment.series(mass, point, 2, name)
    except UnsupportedError as error:
        yield Proof("series", shown, "not decided", str(error), "open")
        return
    holds = texts(found.conditions)
    yield Proof("series", shown, found.text, EXPANSION, "proved", found.to_sympy, holds)
    if found.end is not None:
        yield _left_out(moment, found, name)


def _left_out(moment: Observable, found: Asymptotics, name: str) -> Proof:
    """Bound what a series leaves out: over a range of masses where all others have values, else at points."""
    amplitude = moment.quantity.single
    assert amplitude is not None  # statements are about single amplitudes
    shown = f"{found.target.text}, what is left out beyond second order"
    holds = texts(found.conditions)
    try:
        bound = bounded(amplitude, found, moment.values(), name)
    except UsageError:  # a mass without a value, or values for which the series does not hold
        proofs = list(_points(amplitude, found, moment.values(), name))
        result = "; ".join(dict.fromkeys(p.result for p in proofs))
        verdict = verdict_of(proofs)
        return Proof(
            "remainder", f"{shown}, kernel by kernel", result, proofs[0].method, verdict, None, holds
        )
    except UnsupportedError as error:
        return Proof("remainder", shown, "not decided", str(error), "open")
    text = f"{found.rest} is at most {bound.text} for {bound.where}"
    return Proof("remainder", shown, text, RANGE, "proved", bound.to_sympy, holds)


def _points(amplitude: Amplitude, found: Asymptotics, known: Values, name: str) -> Iterator[Proof]:
    assert found.end is not None
    frame = Frame(amplitude, found.target, known, name)
    for term, _, path, positive in kernels(frame):
        if term.integral.variables:
            yield enclosed_remainder(frame.form(term), freeze(path), found.end, positive)


def _limit(moment: Observable, mass: str, point: object, name: str | None) -> Proof:
    shown = f"{mass} -> {point}"
    try:
        found = moment.limit(mass, point, contribution=name)
    except UnsupportedError as error:
        return Proof("limit", shown, "not decided", str(error), "open")
    if len(found.sides) == 2:
        shown += ", a regular point: the same from above and below"
    holds = texts(found.conditions)
    return Proof("limit", shown, found.text, EXPANSION, "proved", found.to_sympy, holds)


def _decoupling(moment: Observable, mass: str, name: str) -> Proof:
    """A heavy mediator decouples like a power; with an effective coupling it leaves ln(Lambda/M).

    The law is about the mediator's own diagrams: those of others in the contribution stay where they are.
    """
    amplitude = moment.quantity.single
    assert amplitude is not None  # statements are about single amplitudes
    whole = amplitude.contributions[name]
    own = _diagrams_with(mass, whole)
    effective = any(not t.integral.variables for t in own)
    law = "ln(Lambda/M), the cut-off standing above the mediator" if effective else "at least 1/M^2"
    what = "Delta a" if amplitude.dimension == 0 else amplitude.label
    share = what if len(own) == len(whole.terms) else f"the part of {what} with {mass}"
    statement = f"decoupling law, {mass} -> oo: {share} goes like {law}"
    alone = replace(amplitude, contributions={name: replace(whole, terms=own)})
    try:
        target = read_target(moment.quantity, mass, "oo")
        found = expanded(alone, target, 1, moment.values(), name)
    except UnsupportedError as error:
        return Proof("limit", statement, "not decided", str(error), "open")
    if not found.entries:
        return Proof("limit", statement, "0: its diagrams cancel", EXPANSION, "proved")
    power, logs, _ = found.entries[0]
    verdict = _decoupled(power, logs, effective)
    how = f"leading power ({found.t})^{Fraction(power)}" + (", with a logarithm" if logs >= 1 else "")
    holding = texts(found.conditions)
    return Proof("limit", statement, f"{how}: {found.formula}", EXPANSION, verdict, found.to_sympy, holding)


def _decoupled(power: Fraction | int, logs: int, effective: bool) -> Verdict:
    """At least two powers of the heavy mass; with an effective coupling its logarithm is left."""
    holds = (power == 0 and logs >= 1) if effective else power >= 2
    return "proved" if holds else "disproved"


def _diagrams_with(mass: str, contribution: Contribution) -> tuple[Term, ...]:
    """Return the terms of a mediator's diagrams; a logarithm of the cut-off follows its diagram."""
    out = []
    inside = False
    for term in contribution.terms:
        if term.integral.variables:
            inside = term.masses.of_power(2) == mass
        if inside:
            out.append(term)
    return tuple(out)
