"""What a measurement of a rate says about a model: which field it means, and at which energies and angles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from g2sym.base.exact import decimal_text
from g2sym.base.names import ObservableName, parse_observable
from g2sym.base.processes import in_order, plain
from g2sym.errors import UsageError, shorten
from g2sym.observables.kinematics import variables_of, with_variables

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from g2sym.inputs import Measurement
    from g2sym.lagrangian.declaration import Declaration
    from g2sym.observables.quantity import Quantity
    from g2sym.observables.values import Values

ANY = "X"
"""Stands in a measurement for the model's only mediator, unless the model has a field of that name."""


def holds_any(text: str) -> bool:
    """True for the name of an observable in which X stands."""
    atoms = (a for a in parse_observable(text).atoms if a.is_rate)
    return any(plain(p) == ANY for a in atoms for p in (*a.arguments, *a.products))


def name_in(text: str, model: Declaration, measurement: str = "") -> ObservableName:
    """Return the observable that a measurement is of, in terms of a model's fields.

    Parameters: ``text``, its name, in which X is the model's only boson; ``measurement``, its name, for
    messages. Raises UsageError where the model has none, or several.
    """
    name = parse_observable(text)
    if ANY in model.fields or not holds_any(text):
        return name
    mediators = [n for n, field in model.fields.items() if not field.is_fermion]
    if len(mediators) != 1:
        has = f"several mediators, {', '.join(mediators)}" if mediators else "no mediator"
        where = f"{shorten(measurement)} measures {text}, in which" if measurement else f"In {text}"
        raise UsageError(
            f"{where} X is the model's only mediator, and the model "
            f"'{model.name}' has {has}; write the name of one in a file of your own."
        )
    (own,) = mediators

    def put(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(n if plain(n) != ANY else own if n == ANY else f"bar({own})" for n in names)

    def sides(side: Any) -> Any:
        return tuple(
            (replace(a, arguments=put(a.arguments), products=in_order(put(a.products))), p)
            if a.is_rate
            else (a, p)
            for a, p in side
        )

    return parse_observable(str(ObservableName(sides(name.numerator), sides(name.denominator))))


def refuse_foreign(measurement: Measurement, model: Declaration, wanted: str) -> None:
    """Refuse a measurement of a particle that a model does not have; raises UsageError."""
    from g2sym.base.processes import MEASURED
    from g2sym.lagrangian.fields import STANDARD_MODEL

    known = {*STANDARD_MODEL, *model.fields, *MEASURED}
    for atom in parse_observable(measurement.observable).atoms:
        names = [plain(n) for n in (*atom.arguments, *atom.products)] if atom.is_rate else []
        if missing := next((n for n in names if n not in known and n != ANY), None):
            raise UsageError(
                f"The observable is {wanted}, but {shorten(measurement.name)} measures "
                f"{measurement.observable}, and the model '{model.name}' has no particle {missing}; "
                f"it has {', '.join(model.fields)}. Write that name, or X for the only mediator, in a file "
                "of your own."
            )


def placed(quantity: Quantity, measurement: Measurement) -> Quantity:
    """Return the observable at the energies and angles of its measurement, where no others are given."""
    if not measurement.at:
        return quantity
    values = dict(measurement.at)
    return replace(quantity, model=with_variables(quantity.model, values, quantity.text, values))


def joined(quantities: Sequence[Quantity]) -> list[Quantity]:
    """Return observables of one model that all know the kinematic variables of each."""
    names = list(dict.fromkeys(v for one in quantities for v in variables_of(one.name)))
    if not names:
        return list(quantities)
    out = []
    for one in quantities:
        missing = [n for n in names if n not in variables_of(one.name)]
        out.append(replace(one, model=with_variables(one.model, missing, one.text)) if missing else one)
    return out


def where_measured(measurement: Measurement, known: Values, moving: Container[str]) -> str | None:
    """Return a sentence on the kinematic variables that a result has from its measurement, None without any.

    Parameters: ``moving``, the names that vary.
    """
    taken = [(n, v) for n, v in measurement.at if n not in known.given and n not in moving]
    if not taken:
        return None
    values = ", ".join(f"{n} = {decimal_text(v, 12)}" for n, v in taken)
    return f"{values}: from {measurement.name}."
