"""What is given to an array function: exact scalars, arrays of doubles, points that are no values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from g2sym.arrays.refused import Reasons, union
from g2sym.base.arguments import doubles
from g2sym.base.balls import nearest_double
from g2sym.base.masses import Mass, read_value
from g2sym.errors import UsageError
from g2sym.observables.quantity import Quantity
from g2sym.observables.values import Values, allowed_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from g2sym.base.types import Columns


def separate(merged: Mapping[str, object], quantity: Quantity) -> tuple[dict[str, object], Columns]:
    """Split exact scalars from arrays; a NaN scalar counts as an array of one point."""
    parameters = quantity.declaration.parameters
    scalars: dict[str, object] = {}
    arrays: Columns = {}
    for name, value in merged.items():
        is_nan = isinstance(value, float) and value != value
        if is_nan or isinstance(value, list | tuple) or bool(getattr(value, "ndim", 0)):
            if name in parameters and parameters[name].complex:
                raise UsageError(f"{name} is complex: arrays are for its parts re_{name} and im_{name}.")
            arrays[name] = doubles(_masses(value, name, quantity), name)
        else:
            scalars[name] = value
    for parameter in parameters.values():
        twice = [part for part in parameter.symbols if part in merged and parameter.name in merged]
        if twice and parameter.complex:
            raise UsageError(f"{parameter.name} is given as a whole and as {twice[0]}; give it once.")
    return scalars, arrays


def _masses(value: object, name: str, quantity: Quantity) -> object:
    """Read the texts in a list, numbers and masses such as 500MeV; leave anything else as it is."""
    if not isinstance(value, list | tuple) or not any(isinstance(one, str) for one in value):
        return value
    exact = [read_value(one, f"{name}[{at}]", quantity.inputs.masses) for at, one in enumerate(value)]
    for one in exact:
        if isinstance(one, Mass):
            quantity.values({name: one})  # raises for what is no mass
    return [nearest_double(one) for one in exact]


def check_names(known: Values, arrays: Mapping[str, NDArray[Any]]) -> None:
    for name in arrays:
        if name not in allowed_names(known.declaration):
            known.read(known.declaration, known.inputs, {name: 0})  # raises, naming the nearest


def bad_points(known: Values, arrays: Columns, ends: Mapping[str, tuple[float, float]]) -> Reasons:
    """Return the points of arrays that are no values, each array on its own, and make them NaN.

    Parameters: ``ends``, the least and the largest value of each array.
    """
    import numpy as np

    out: Reasons = {}
    for name, array in arrays.items():
        mass = name in known.declaration.masses
        if all(map(math.isfinite, ends[name])) and not (mass and ends[name][0] < 0):
            continue
        own = {f"{name} is not a number": np.isnan(array), f"{name} is infinite": np.isinf(array)}
        if mass:
            own[f"{name} is negative, which a mass cannot be"] = (array < 0) & ~own[f"{name} is infinite"]
        out |= {why: mask for why, mask in own.items() if mask.any()}
        arrays[name] = np.where(union(own, array.shape), np.nan, array)
    return out
