"""Kinematic variables of rates as parameters: centre-of-mass energy, angle, cut, energy of what decays."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.names import ObservableName
from g2sym.base.processes import VARIABLES
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
    used = {v for atom in name.atoms if atom.is_rate for v in VARIABLES.get(atom.name, ())}
    return tuple(v for v in KINEMATIC if v in used)


def with_kinematics(
    declaration: Declaration, name: ObservableName, preset: Mapping[str, Fraction] | None = None
) -> Declaration:
    """Return the declaration with an observable's kinematic variables among its parameters.

    Parameters: ``preset``, values that the variables have where no other is given: every query sees them as
    defaults. Raises UsageError where the model has a parameter of that name.
    """
    wanted: dict[str, Parameter] = {}
    for v in variables_of(name):
        given, own = declaration.parameters.get(v), KINEMATIC[v]
        if given is not None and replace(given, default=own.default) != own:
            raise UsageError(
                f"{name} has the kinematic variable {v}, and the model '{declaration.name}' has a parameter "
                "of that name; rename the parameter."
            )
        wanted[v] = own if given is None else given
        if preset is not None and v in preset:
            wanted[v] = replace(own, default=Coefficient.number(preset[v]))
    if all(declaration.parameters.get(v) == p for v, p in wanted.items()):
        return declaration
    out = with_parameters(declaration, {**declaration.parameters, **wanted})
    source = source_of(declaration)
    return out if source is None else with_source(out, f"{source} {sorted(wanted)}")
