"""Kinematic variables of rates as parameters: centre-of-mass energy, angle, cut, energy of what decays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.names import ObservableName
from g2sym.base.processes import kinematic_names
from g2sym.errors import UsageError
from g2sym.lagrangian.declaration import Declaration, source_of, with_parameters, with_source
from g2sym.lagrangian.parameters import Parameter

KINEMATIC = MappingProxyType(
    {
        "sqrt_s": Parameter(name="sqrt_s", dimension=1, latex=r"\sqrt{s}"),
        "cos": Parameter(name="cos", latex=r"\cos\theta_\gamma"),
        "cos_max": Parameter(name="cos_max", default=Coefficient.number(1), latex=r"\cos\theta_\mathrm{max}"),
        "energy": Parameter(name="energy", dimension=1, latex="E"),
    }
)
"""Kinematic variables by name; without a cut all angles count."""


def variables_of(name: ObservableName) -> tuple[str, ...]:
    """Return the kinematic variables of an observable, in the order of `KINEMATIC`."""
    return kinematic_names(name)


def with_kinematics(declaration: Declaration, name: ObservableName) -> Declaration:
    """Return the declaration with an observable's kinematic variables among its parameters.

    Raises UsageError where the model has a parameter of that name.
    """
    return with_variables(declaration, variables_of(name), name)


def with_variables(
    declaration: Declaration,
    names: Iterable[str],
    name: object = "the observable",
    values: Mapping[str, Fraction] | None = None,
) -> Declaration:
    """Return the declaration with kinematic variables among its parameters.

    Parameters: ``values``, those that variables have where none are given. Raises UsageError where the model
    has a parameter of that name.
    """
    wanted = {v: KINEMATIC[v] for v in names}
    for v, value in (values or {}).items():
        wanted[v] = replace(KINEMATIC[v], default=Coefficient.number(value))
    if all(_same(declaration.parameters.get(v), p, v in (values or {})) for v, p in wanted.items()):
        return declaration
    for v, p in wanted.items():
        if not _same(declaration.parameters.get(v, p), p):
            raise UsageError(
                f"{name} has the kinematic variable {v}, and the model '{declaration.name}' has a parameter "
                "of that name; rename the parameter."
            )
    out = with_parameters(declaration, {**declaration.parameters, **wanted})
    source = source_of(declaration)
    return (
        out
        if source is None
        else with_source(out, f"{source} {sorted((v, str(p.default)) for v, p in wanted.items())}")
    )


def _same(found: Parameter | None, wanted: Parameter, exactly: bool = False) -> bool:
    """True for the same variable, whatever its value where none is given, or ``exactly`` with that."""
    if found is None or exactly:
        return found == wanted
    return replace(found, default=wanted.default) == wanted


def without_variables(declaration: Declaration) -> Declaration:
    """Return the declaration without kinematic variables, to compare models."""
    own = {
        n: p for n, p in declaration.parameters.items() if n not in KINEMATIC or not _same(p, KINEMATIC[n])
    }
    return declaration if len(own) == len(declaration.parameters) else with_parameters(declaration, own)
