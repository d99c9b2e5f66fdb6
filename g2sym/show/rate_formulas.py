"""The formulas of widths and cross-sections: closed forms with where they hold, and limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from g2sym.errors import ModelError, UsageError
from g2sym.queries.closed_rates import confirmed_term, where_open
from g2sym.queries.conditions import where
from g2sym.queries.limits import series
from g2sym.queries.rate_terms import joined
from g2sym.show.statements import Formulas, Part, Statement
from g2sym.show.symbols import symbols

if TYPE_CHECKING:
    import sympy

    from g2sym.integrals.feynman import Diagram
    from g2sym.model.model import Model
    from g2sym.model.observable import Observable
    from g2sym.observables.amplitude import Amplitude
    from g2sym.queries.expansions import Asymptotics


def rate_formulas(model: Model, observable: Observable) -> Formulas:
    """Gather the formulas of a width, branching ratio, lifetime or cross-section: those of each part.

    Raises UnsupportedError for what is not derived, ModelError for what cannot be derived.
    """
    quantity = observable.quantity
    parts = [part for amplitude in quantity.amplitudes for part in _parts(amplitude)]
    if quantity.single is not None:
        found = tuple(_limits(observable))
        if found and parts:
            parts.append(Part("limits", (), quantity.conventions.scheme, found))
    units = {"pb": ("hbarc2", "(hbar c)^2 in GeV^2 pb"), "s": ("hbar", "hbar in GeV s")}
    units["m"] = ("hbarc", "hbar c in GeV m")
    symbol, meaning = units.get(observable.unit, ("", ""))
    said = (f"{symbol} is {meaning}, exact in the SI.",) if symbol else ()
    return Formulas(
        model,
        f"{observable.name}, in {observable.unit}" if observable.unit != "1" else observable.name,
        "" if quantity.single is not None else f"{quantity.text}, made of what follows",
        (),
        tuple(parts),
        symbols(observable),
        (*quantity.announcements, *said),
        quantity.record(),
        quantity.latex,
    )


def _parts(amplitude: Amplitude) -> Iterator[Part]:
    """Yield the closed form of each contribution, terms with one coupling joined."""
    for name, contribution in amplitude.contributions.items():
        terms = joined(contribution.terms)
        holds = " and ".join(where_open(terms))
        pieces = tuple(confirmed_term(term) for term in terms)
        statement = Statement(f"closed form{f', where {holds}' if holds else ''}", amplitude.latex, pieces)
        diagrams = tuple(dict.fromkeys(map(_in_words, contribution.diagrams)))
        yield Part(f"{amplitude.name}: {name}", diagrams, contribution.scheme, (statement,))


def _in_words(diagram: Diagram) -> str:
    """Return a tree diagram in words."""
    if diagram.kind == "decay":
        return f"{diagram.boson} -> {diagram.fermion} at tree level"
    return f"production of {diagram.boson} with a photon at tree level, through: {diagram.fermion}"


def _limits(observable: Observable) -> Iterator[Statement]:
    """Yield how a rate behaves for a heavy mediator, and for a soft photon."""
    quantity = observable.quantity
    for mass in sorted(quantity.masses & set(quantity.declaration.masses)):
        for point in ("sqrt_s",) if "sqrt_s" in quantity.masses else (0, "oo"):
            try:
                found = series(quantity, mass, point, 1, {})
            except (ModelError, UsageError):  # not decided for symbolic masses, or without a meaning
                continue
            if found.entries:
                title = f"leading behaviour, {mass} -> {point}{where(found.conditions)}"
                yield Statement(title, quantity.latex, _expressions(found))


def _expressions(found: Asymptotics) -> tuple[sympy.Expr, ...]:
    import sympy

    rest = () if found.end is None else (sympy.Function("O")(found.rest_sympy()),)
    return (*sympy.Add.make_args(found.to_sympy()), *rest)
