"""All statements about a model: its closed forms, limits, laws, identities and expectations."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import count, product
from typing import TYPE_CHECKING

from g2sym.base.arguments import flag, text
from g2sym.base.meter import EACH, PAGE, exhausted, metered
from g2sym.base.names import parse_observable
from g2sym.checks.dipoles import electric_statements
from g2sym.checks.expectations import Expectation, read_expectations, verify
from g2sym.checks.flavours import flavour_statements
from g2sym.checks.identities import identities
from g2sym.checks.rate_expectations import verify_rate
from g2sym.checks.rates import check_rates
from g2sym.checks.table import CheckTable, Row
from g2sym.errors import ModelError, UsageError, shorten
from g2sym.kernels.confirmed import freeze
from g2sym.lagrangian.fields import LEPTONS
from g2sym.model.model import Model
from g2sym.model.observable import Observable
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.flavours import links
from g2sym.observables.no_dipole import is_electric
from g2sym.observables.values import Values, allowed_names
from g2sym.proofs.integrals import enclosed_remainder, prove_closed_form
from g2sym.proofs.verdict import EXPANSION, RANGE, Proof, Verdict, verdict_of
from g2sym.queries.closed_rates import is_rate
from g2sym.queries.conditions import texts
from g2sym.queries.expansions import Asymptotics
from g2sym.queries.limits import expanded, kernels, limit, series
from g2sym.queries.remainders import bounded
from g2sym.queries.targets import Frame, read_target

if TYPE_CHECKING:
    from g2sym.derive.contributions import Contribution
    from g2sym.derive.terms import Term

Progress = Callable[[int, int], None]


def check(
    model: Model, lepton: str | None = None, expect: Iterable[Expectation] = (), partial: bool = False
) -> CheckTable:
    """Verify everything that is stated about a model.

    Parameters: ``model``; ``lepton``, one of e, mu, tau, all of them where left out; ``expect``, further
    statements made with `expectation`; ``partial`` True leaves out what is not derived, which is refused
    otherwise. Returns the table of statements, results, methods and verdicts.
    Raises UsageError for an unknown lepton, ModelError for an expectation that cannot be read, and its kind
    ExpansionError for couplings with too many terms.
    """
    return check_model(model, lepton, expect, partial)


def check_model(
    model: Model,
    lepton: str | None = None,
    expect: Iterable[Expectation] = (),
    partial: bool = False,
    progress: Progress | None = None,
) -> CheckTable:
    """Verify everything that is stated about a model; see `check`.

    Parameters: ``progress(done, total)``, called as terms are done.
    """
    if not isinstance(model, Model):
        raise UsageError(
            f"check wants a model, not {type(model).__name__}; check_observable takes an observable."
        )
    flag(partial, "partial")
    if lepton is not None and text(lepton, "lepton", "mu") not in LEPTONS:
        raise UsageError(f"There is no charged lepton {shorten(lepton)}; choose {', '.join(LEPTONS)}.")
    names = allowed_names(model.declaration)
    further = _expected(expect)
    expected = [*read_expectations(model.declaration.expectations, names), *further]
    leptons = (lepton,) if lepton else LEPTONS
    rows: list[Row] = []
    moments = {name: model.anomalous_moment(name, partial) for name in leptons}
    for moment in moments.values():
        moment.quantity.refuse_pending(moment.values())
    total = sum(len(m.quantity.single.terms) for m in moments.values() if m.quantity.single)
    tell = _counter(total, progress)
    with metered(PAGE + EACH * (total + len(expected)), f"model '{model.name}', statements about it"):
        for name, moment in moments.items():
            rows += [Row(name, part, proof) for part, proof in every_statement(moment, tell)]
            dipole = model.electric_dipole(name, partial)
            rows += [Row(name, part, proof) for part, proof in electric_statements(dipole)]
            rows += [
                Row(name, part, proof)
                for part, proof in flavour_statements(moment.declaration, name, model.conventions)
            ]
            for one in expected:
                if not one.observable and one.lepton in (None, name):
                    rows.append(Row(name, one.contribution or "sum", verify(one, moment)))
        rows += [_of_rate(model, one, partial) for one in expected if one.observable]
    record = moments[leptons[0]].record()
    for key in ("announcements", "missing"):
        record[key] = list(dict.fromkeys(s for m in moments.values() for s in m.record()[key]))
    if len(leptons) > 1:  # a plain name stands for each lepton's own
        record["flavour"] = links(model.declaration, None, ())
    for key in ("lepton", "observable", "unit"):  # every lepton's moment is checked
        record.pop(key)
    return CheckTable(model.name, leptons, tuple(rows), record)


def _of_rate(model: Model, expected: Expectation, partial: bool) -> Row:
    """Return what is expected of a width or a cross-section."""
    try:
        observable = model.observable(expected.observable, partial)
        observable.quantity.refuse_pending(observable.values())
    except UsageError as error:
        raise ModelError(f"{expected.where}, observable: {error}") from None
    if not is_rate(observable.quantity):
        raise ModelError(
            f"{expected.where}, observable: {observable.name} is no width or cross-section; leave the key "
            "out for Delta a."
        )
    return Row(observable.lepton or "-", observable.name, verify_rate(expected, observable))


def _expected(expect: Iterable[Expectation]) -> list[Expectation]:
    """Return statements of a user as a list; raises UsageError for anything else."""
    try:
        found = list(expect)
    except TypeError:  # not a list of anything
        found = [expect]  # type: ignore[list-item]
    if not all(isinstance(one, Expectation) for one in found):
        raise UsageError("expect holds what expectation(...) returns; give a list of those.")
    return found


def check_observable(observable: Observable, progress: Progress | None = None) -> CheckTable:
    """Verify what is stated about one observable of a model.

    Parameters: ``progress(done, total)``, called as terms are done. Returns the statements about each
    amplitude in it, and for a quotient or product its own limits in the mediators' masses.
    """
    quantity = observable.quantity
    quantity.refuse_pending(quantity.values())
    if is_rate(quantity):
        return check_rates(observable)
    quantity.refuse_imaginary("statements that are checked")
    rows: list[Row] = []
    total = sum(len(a.terms) for a in quantity.amplitudes)
    tell = _counter(total, progress)
    single = quantity.single is not None
    masses = [] if single else sorted(quantity.masses & set(quantity.declaration.masses))
    where = f"model '{quantity.model.name}', statements about {quantity.text}"
    with metered(PAGE + EACH * total * (1 + len(masses)), where):
        for amplitude in quantity.amplitudes:
            name = "" if single else f"{amplitude.name}, "
            own = Observable(replace(quantity, name=parse_observable(amplitude.name)))
            for part, proof in every_statement(own, tell):
                rows.append(Row(amplitude.lepton, f"{name}{part}", proof))
            if is_electric(amplitude):
                rows += [Row(amplitude.lepton, part, proof) for part, proof in electric_statements(own)]
        for mass, point in product(masses, (0, "oo")):
            row = _limit(observable, mass, point, None)
            rows.append(Row(quantity.lepton or "-", quantity.text, row))
    leptons = tuple(dict.fromkeys(a.lepton for a in quantity.amplitudes))
    record = quantity.record()
    record.pop("lepton")
    return CheckTable(quantity.model.name, leptons, tuple(rows), record)


def _counter(total: int, progress: Progress | None) -> Callable[[], None]:
    """Return a function to be called after each of a number of terms."""
    done = count(1)
    return (lambda: progress(next(done), total)) if progress is not None else lambda: None


def every_statement(
    observable: Observable, tell: Callable[[], None] = lambda: None
) -> Iterator[tuple[str, Proof]]:
    """Yield the verified statements about a single amplitude, each with its contribution.

    Parameters: ``tell``, called after each term.
    """
    for part, contribution in observable.contributions.items():
        for proof in statements(observable, part, contribution, tell):
            yield part, proof


def statements(
    moment: Observable, name: str, contribution: Contribution, tell: Callable[[], None] = lambda: None
) -> Iterator[Proof]:
    """Yield the verified statements about one contribution; ``tell`` is called after each term."""
    seen: set[object] = set()
    for term in contribution.terms:
        if term.integral.variables:
            yield prove_closed_form(term.integral)
    for term in contribution.terms:
        yield from _of_term(moment, name, term, seen)
        tell()


def _of_term(moment: Observable, name: str, term: Term, seen: set[object]) -> Iterator[Proof]:
    """Yield what is stated with one term, masses and identities that were ``seen`` before left out."""
    if term.integral.variables:
        boson, lepton, fermion = term.masses.of_power(2), term.masses.lepton, term.masses.of_power(1)
        if boson is not None and boson not in seen:
            seen.add(boson)
            yield from _series(moment, boson, 0, name)
            yield from _series(moment, boson, "oo", name)
            yield _decoupling(moment, boson, name)
            for point in _special(lepton, fermion):
                yield _limit(moment, boson, point, name, (boson,))
        if fermion is not None and (boson, fermion) not in seen:
            seen.add((boson, fermion))
            for where in (0, lepton, "oo"):
                yield _limit(moment, fermion, where, name, tuple(filter(None, (boson, fermion))))
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
    shown = f"{mass} -> {point}{_of_part(moment, (mass,), name)}, to second order"
    try:
        with metered():
            found = series(moment.quantity, mass, point, 2, {}, name, (mass,))
            text = found.text
    except ModelError as error:
        yield _undecided("series", shown, error)
        return
    holds = texts(found.conditions)
    yield Proof("series", shown, text, EXPANSION, "proved", found.to_sympy, holds)
    if found.end is not None:
        yield _left_out(moment, found, name)


def _left_out(moment: Observable, found: Asymptotics, name: str) -> Proof:
    """Bound what a series leaves out: over a range of masses where all others have values, else at points."""
    whole = moment.quantity.single
    assert whole is not None  # statements are about single amplitudes
    mass, known = found.target.mass, moment.values()
    amplitude = whole.with_masses((mass,), name)
    shown = f"{found.target.text}{_of_part(moment, (mass,), name)}, what is left out beyond second order"
    holds = texts(found.conditions)
    try:
        with metered():
            try:
                bound = bounded(amplitude, found, known, name)
                text = f"{found.rest} is at most {bound.text} for {bound.where}"
            except UsageError:  # a mass without a value, or values for which the series does not hold
                return _at_points(amplitude, found, known, name, shown)
    except ModelError as error:
        return _undecided("remainder", shown, error)
    return Proof("remainder", shown, text, RANGE, "proved", bound.to_sympy, holds)


def _at_points(amplitude: Amplitude, found: Asymptotics, known: Values, name: str, shown: str) -> Proof:
    """Compare what the series of every kernel leaves out with its bound at points."""
    assert found.end is not None
    frame = Frame(amplitude, found.target, known, name)
    proofs = [
        enclosed_remainder(frame.form(term), freeze(path), found.end, positive)
        for term, _, path, positive in kernels(frame)
        if term.integral.variables  # a logarithm of the cut-off leaves nothing out
    ]
    result, method = ("; ".join(dict.fromkeys(getattr(p, n) for p in proofs)) for n in ("result", "method"))
    verdict = verdict_of(proofs) if proofs else "open"
    holds = texts(found.conditions)
    return Proof("remainder", f"{shown}, kernel by kernel", result, method, verdict, None, holds)


def _limit(
    moment: Observable, mass: str, point: object, name: str | None, alone: tuple[str, ...] = ()
) -> Proof:
    """State a limit; ``alone`` names the masses of the diagrams in a contribution that it is about."""
    shown = f"{mass} -> {point}" + (_of_part(moment, alone, name) if name else "")
    try:
        with metered():
            found = limit(moment.quantity, mass, point, {}, contribution=name, alone=alone)
            text = found.text
    except ModelError as error:
        return _undecided("limit", shown, error)
    if len(found.sides) == 2:
        shown += ", a regular point: the same from above and below"
    holds = texts(found.conditions)
    return Proof("limit", shown, text, EXPANSION, "proved", found.to_sympy, holds)


def _undecided(kind: str, shown: str, error: ModelError) -> Proof:
    """Leave a statement open: below threshold, or with too many terms in the masses.

    Where what the whole model may expand to is used up, nothing can be stated any more: raises the error.
    """
    if exhausted():
        raise error
    return Proof(kind, shown, "not decided", str(error), "open")


def _of_part(moment: Observable, masses: tuple[str, ...], name: str) -> str:
    """Say that a statement is about what changes with some masses, where the contribution holds more."""
    amplitude = moment.quantity.single
    assert amplitude is not None  # statements are about single amplitudes
    whole = amplitude.contributions[name]
    return "" if whole.with_masses(masses) is whole else f", {_part_with(amplitude, *masses)}"


def _part_with(amplitude: Amplitude, *masses: str) -> str:
    return f"the part of {_what(amplitude)} with {' and '.join(masses)}"


def _what(amplitude: Amplitude) -> str:
    return "Delta a" if amplitude.dimension == 0 else amplitude.label


def _decoupling(moment: Observable, mass: str, name: str) -> Proof:
    """A heavy mediator decouples like a power; with an effective coupling it leaves ln(Lambda/M).

    The law is about the mediator's own diagrams: those of others in the contribution stay where they are.
    """
    amplitude = moment.quantity.single
    assert amplitude is not None  # statements are about single amplitudes
    whole = amplitude.contributions[name]
    own = _diagrams_with(mass, whole)
    effective = any(t.integral.is_logarithm for t in own)
    law = "ln(Lambda/M), the cut-off standing above the mediator" if effective else "at least 1/M^2"
    share = _what(amplitude) if len(own) == len(whole.terms) else _part_with(amplitude, mass)
    statement = f"decoupling law, {mass} -> oo: {share} goes like {law}"
    alone = replace(amplitude, contributions={name: replace(whole, terms=own)})
    try:
        target = read_target(moment.quantity, mass, "oo")
        with metered():
            found = expanded(alone, target, 1, moment.values(), name)
            formula = str(found.formula)
    except ModelError as error:
        return _undecided("limit", statement, error)
    if not found.entries:
        return Proof("limit", statement, "0: its diagrams cancel", EXPANSION, "proved")
    power, logs, _ = found.entries[0]
    verdict = _decoupled(power, logs, effective)
    how = f"leading power ({found.t})^{Fraction(power)}" + (", with a logarithm" if logs >= 1 else "")
    holding = texts(found.conditions)
    return Proof("limit", statement, f"{how}: {formula}", EXPANSION, verdict, found.to_sympy, holding)


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
