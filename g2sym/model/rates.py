"""Names of rates from the particles that a user gives, and values of their kinematic variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from g2sym.base.arguments import described, text
from g2sym.base.classes import replace
from g2sym.base.masses import read_value
from g2sym.base.names import Atom, ObservableName
from g2sym.base.processes import particles
from g2sym.errors import UsageError, shorten
from g2sym.observables.kinematics import variables_of, with_variables
from g2sym.observables.quantity import Quantity


def rate(
    make: Callable[[ObservableName], Quantity],
    masses: Mapping[str, Fraction],
    kind: str,
    before: object,
    after: object = None,
    preset: Mapping[str, object] | None = None,
) -> Quantity:
    """Return a width, lifetime or cross-section of a model.

    Parameters: ``make`` returns the observable of a name; ``masses``, in terms of which a value may be
    written; ``kind``, such as "Gamma"; ``before`` and ``after``, names of particles, one or a list (None for
    none);
    ``preset``, values of kinematic variables, None where there is none.
    Raises UsageError for what are no particles, and for another number of them.
    """
    pair = kind in ("sigma", "dsigma")
    incoming = several(before, "incoming") if pair else (_one(before, "parent"),)
    outgoing = several(after, "outgoing" if pair else "products") if after is not None else ()
    name = ObservableName(((Atom(kind, incoming, products=outgoing), 1),))
    quantity = make(name)
    values: dict[str, Fraction] = {}
    for variable, value in (preset or {}).items():
        if value is not None:
            values[variable] = Fraction(read_value(value, variable, masses))
    if not values:
        return quantity
    variables = [v for v in variables_of(name) if v in values]
    return replace(quantity, model=with_variables(quantity.model, variables, name, values))


def several(names: object, what: str) -> tuple[str, ...]:
    """Return names of particles from a list; raises UsageError for anything else."""
    if not isinstance(names, list | tuple):
        raise UsageError(f"{what} = {described(names)}: give a list of names, such as ['A', 'A'].")
    return tuple(_one(one, what) for one in names)


def _one(name: object, what: str) -> str:
    found = particles(text(name, what, "mu"))
    if len(found) != 1:
        raise UsageError(f"{what}: {shorten(name)} is not one particle; write names such as 'mu', 'bar(mu)'.")
    return found[0]
