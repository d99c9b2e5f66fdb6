"""Limits and asymptotic series of an observable: exact in couplings and masses, confirmed in balls."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction

from g2sym.base.arguments import whole
from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UnsupportedError, UsageError, shorten
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import Function
from g2sym.formulas.masses import in_masses
from g2sym.formulas.ratio import Ratio
from g2sym.integrals.laurent import Local
from g2sym.integrals.rational import Frac
from g2sym.kernels.confirmed import confirmed_expansion, freeze
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values
from g2sym.observables.zero import without_vanishing
from g2sym.queries import rate_limits
from g2sym.queries.closed_rates import is_rate
from g2sym.queries.composed import Composed, Expand, Expanded, compose, leading_behaviour
from g2sym.queries.expansions import Asymptotics, Limit
from g2sym.queries.rate_series import Expander
from g2sym.queries.targets import Frame, Target, read_target

MAX_ORDER = 40
MAX_END = 64
"""Powers of t beyond which a sum of contributions counts as identically zero or is given up."""


def series(
    quantity: Quantity,
    mass: str,
    point: object,
    order: int,
    given: Mapping[str, object],
    contribution: str | None = None,
    alone: Collection[str] = (),
) -> Asymptotics:
    """Return the first powers at a point, of terms with all masses ``alone``; see `Observable.series`."""
    order = whole(order, "order", 1, MAX_ORDER, ", the powers wanted")
    quantity, known = quantity.known(given)
    quantity.refuse_pending(known)
    target = read_target(quantity, mass, point)
    if is_rate(quantity):
        target = rate_limits.open_side(quantity, target, known)
    else:
        quantity.refuse_imaginary("series")
    return asymptotics(quantity, target, order, known, contribution, alone)


def asymptotics(
    quantity: Quantity,
    target: Target,
    powers: int,
    known: Values,
    contribution: str | None = None,
    alone: Collection[str] = (),
) -> Asymptotics:
    """Expand an observable to a number of distinct powers of t, every kernel confirmed in balls.

    Parameters: ``contribution``, the name of one, or None for the sum; ``alone``, masses that each
    term of that contribution has to hold, or it is left out.
    """
    if is_rate(quantity):
        return _of_rate(quantity, target, powers, known, contribution)
    one = quantity.single
    if one is not None:
        if alone and contribution is not None:
            one = one.with_masses(alone, contribution)
        own = expanded(one, target, powers, known, contribution)
        return replace(own, missing=quantity.missing(known))
    if contribution is not None:
        raise UsageError(f"{quantity.text} is made of several amplitudes: leave the contribution out.")
    found = compose(quantity, target, known, powers, _expander(target, known))
    return replace(_written(quantity, target, found, powers), missing=quantity.missing(known))


def _of_rate(
    quantity: Quantity,
    target: Target,
    powers: int,
    known: Values,
    contribution: str | None = None,
    leading: bool = False,
) -> Asymptotics:
    """Expand a width or cross-section, or a quotient of these; ``leading`` gives its first term alone."""
    if contribution is not None and quantity.single is None:
        raise UsageError(f"{quantity.text} is made of several amplitudes: leave the contribution out.")
    own = Expander(quantity, target, known, contribution)
    found = rate_limits.leading(own) if leading else rate_limits.composed(own, powers)
    entries, stop, logs = rate_limits.cut(found, powers)
    conditions = tuple(own.conditions.values())
    return Asymptotics(
        target, own.t, entries, stop, conditions, quantity.latex, quantity.missing(known), logs
    )


def _expander(target: Target, known: Values) -> Expand:
    def expand(amplitude: Amplitude, powers: int, squared: bool) -> Expanded:
        one = expanded(amplitude, target, powers, known, None, squared)
        return Expanded(one.plain_entries, one.end, one.conditions)

    return expand


def _written(quantity: Quantity, target: Target, found: Composed, powers: int) -> Asymptotics:
    """Return a composed series cut after a number of powers, its coefficients plain where they can be."""
    kept = sorted({e for e, _, _ in found.series.entries})
    stop = kept[powers] if len(kept) > powers else found.series.end
    entries = []
    for e, j, value in found.series.entries:
        if stop is None or e < stop:
            plain = value.as_formula()
            entries.append((e, j, value if plain is None else plain))
    logs = max((j for e, j, _ in found.series.entries if e == stop), default=0)
    t, conditions = found.t, found.conditions
    return Asymptotics(target, t, tuple(entries), stop, conditions, quantity.latex, end_logs=logs)


def expanded(
    amplitude: Amplitude,
    target: Target,
    powers: int,
    known: Values,
    contribution: str | None = None,
    squared: bool | None = None,
) -> Asymptotics:
    """Expand one amplitude; see `asymptotics`."""
    frame = Frame(amplitude, target, known, contribution, squared)
    end = Fraction(powers + 2)
    while True:
        found, stop, conditions = _sum(frame, end)
        kept = sorted({e for e, _ in found})
        if not kept and stop is not None and _is_zero(frame):
            stop = None
        if stop is None or len(kept) > powers:
            break
        if end >= MAX_END:
            if not kept:
                break
            raise UnsupportedError(f"{target.text}: fewer than {powers + 1} powers were found.")
        end = 2 * end
    if len(kept) > powers:
        stop = kept[powers]
    ordered = sorted(found.items(), key=lambda pair: (pair[0][0], -pair[0][1]))
    entries = tuple((e, j, f) for (e, j), f in ordered if stop is None or e < stop)
    logs = max((j for e, j in found if e == stop), default=1)  # a term that is not known may have one
    return Asymptotics(target, frame.t, entries, stop, conditions, amplitude.latex, end_logs=logs)


def _is_zero(frame: Frame) -> bool:
    """True when the terms add up to zero for all masses."""
    keep = _symbolic(frame) | frozenset(frame.known.inputs)
    terms = [t for t in frame.terms if not vanishes(frame.known.expand(t.coefficient, keep))]
    return not without_vanishing(terms, frame.known, keep)


def _symbolic(frame: Frame) -> frozenset[str]:
    """Return the names that stay symbols, the cut-off among them: its logarithm stays one."""
    return (frozenset(frame.amplitude.declaration.parameters) | frame.amplitude.masses) - set(
        frame.known.given
    )


def kernels(frame: Frame) -> Iterator[tuple[Term, Coefficient, dict[str, Local], tuple[Frac, ...]]]:
    """Yield each term with its coefficient over 16 pi^2, its path and what is positive along it.

    Raises UnsupportedError where a coupling moves with the mass.
    """
    scale = Coefficient.number(16) * Coefficient.symbol("pi") ** 2
    keep = _symbolic(frame)
    for term in frame.terms:
        coefficient = frame.known.expand(term.coefficient, keep) / scale
        if vanishes(coefficient):
            continue
        if frame.target.mass in coefficient.symbols:
            raise UnsupportedError(f"A coupling depends on {frame.target.mass}; give it a value of its own.")
        path, positive = frame.path(term)
        yield term, coefficient, path, tuple(positive)


def _sum(
    frame: Frame, end: Fraction
) -> tuple[dict[tuple[Fraction, int], Formula], Fraction | None, tuple[Coefficient, ...]]:
    """Add up the expansions of all terms below t^end."""
    found: dict[tuple[Fraction, int], list[tuple[Function, Coefficient]]] = {}
    conditions: dict[str, Coefficient] = {}
    stop: Fraction | None = None
    for term, coefficient, path, positive in kernels(frame):
        expansion = confirmed_expansion(frame.form(term), freeze(path), end, positive)
        masses = term.masses.symbols()
        for e, j, value in expansion.terms:
            part = Formula.from_value(value, masses, frame.lepton)
            found.setdefault((e, j), []).extend((f, c * coefficient) for f, c in part.terms)
        for condition in expansion.conditions:
            shown = in_masses(condition, masses, frame.lepton)
            conditions[str(shown)] = shown
        if expansion.end is not None:
            stop = end
    summed = {key: Formula.of(items) for key, items in found.items()}
    return {k: f for k, f in summed.items() if not f.is_zero}, stop, tuple(conditions.values())


def limit(
    quantity: Quantity,
    mass: str,
    point: object,
    given: Mapping[str, object],
    side: str | None = None,
    contribution: str | None = None,
    alone: Collection[str] = (),
) -> Limit:
    """Return the limit of an observable; see `Observable.limit`, and `series` for ``alone``."""
    if side not in (None, "above", "below"):
        raise UsageError(f"side = {shorten(side)}: choose 'above' or 'below', or leave it out for both.")
    quantity, known = quantity.known(given)
    quantity.refuse_pending(known)
    target = read_target(quantity, mass, point, -1 if side == "below" else 1)
    if not is_rate(quantity):
        quantity.refuse_imaginary("limit")
    elif side is None:
        target = rate_limits.open_side(quantity, target, known)
    value, leading = _one_side(quantity, target, known, contribution, alone)
    if not target.is_interior:
        return Limit(value, leading, (), leading.conditions)
    only: tuple[str, ...] = ("below",) if target.side < 0 else ("above",)
    if side is not None or value is None:
        return Limit(value, leading, only, leading.conditions)
    conditions = leading.conditions
    if all(e.denominator == 1 and not j for e, j, _ in leading.entries):
        try:
            other, below = _one_side(
                quantity, Target(mass, target.point, -target.side), known, contribution, alone
            )
        except (UnsupportedError, UsageError):  # above threshold on that side, or no meaning
            return Limit(value, leading, only, conditions)
        if other is not None and other == value:
            only = ("above", "below")
            conditions = tuple({str(c): c for c in (*conditions, *below.conditions)}.values())
    return Limit(value, leading, only, conditions)


def _one_side(
    quantity: Quantity, target: Target, known: Values, contribution: str | None, alone: Collection[str]
) -> tuple[Formula | Ratio | None, Asymptotics]:
    try:
        found = asymptotics(quantity, target, 1, known, contribution, alone)
    except UnsupportedError:
        if not quantity.below:
            raise
        if is_rate(quantity):
            found = _of_rate(quantity, target, 1, known, contribution, leading=True)
            return (None if found.diverges else found.limit), found
        found = _written(
            quantity, target, leading_behaviour(quantity, target, known, _expander(target, known)), 1
        )
        found = replace(found, missing=quantity.missing(known))
    return (None if found.diverges else found.limit), found
