"""Units in which a measurement may be stated, and their exact conversion to natural units."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from g2sym.errors import InputError, did_you_mean, shorten
from g2sym.inputs.constants import HBAR_C

UNITS: Mapping[str, tuple[str, Fraction]] = MappingProxyType(
    {
        "1": ("1", Fraction(1)),
        "GeV": ("GeV", Fraction(1)),
        "GeV^-1": ("GeV^-1", Fraction(1)),
        "GeV^-2": ("GeV^-2", Fraction(1)),
        "e_cm": ("GeV^-1", 1 / HBAR_C.value),
    }
)
"""The units there are: name to the natural unit it measures, and its exact size in that one.

A dipole moment of x e cm has d/e = x cm, which is x/(hbar c) GeV^-1.
"""


def size_of(unit: str, natural: str, observable: str, where: str) -> Fraction:
    """Return the exact size of a unit in an observable's natural unit.

    Parameters: ``unit``, one of `UNITS`; ``natural``, the natural unit of ``observable``; ``where``, how an
    error message calls the place.
    Returns the factor that takes a value in ``unit`` to natural units.
    Raises InputError for an unknown unit, and for one of another dimension than the observable.

    >>> size_of("e_cm", "GeV^-1", "d(mu)", "example") * HBAR_C.value
    Fraction(1, 1)
    """
    if unit not in UNITS:
        raise InputError(
            f"{where}: there is no unit {shorten(unit)}{did_you_mean(str(unit), UNITS)}; "
            f"known are {', '.join(UNITS)}."
        )
    fitting = [name for name, (of, _) in UNITS.items() if of == natural]
    if not fitting:
        raise InputError(
            f"{where}: {observable} has the unit {natural}, to which none of the known units belongs; "
            f"known are {', '.join(UNITS)}."
        )
    if unit not in fitting:
        words = " or ".join(f'unit = "{name}"' for name in fitting)
        raise InputError(f'{where}: {observable} cannot have the unit "{unit}"; write {words}.')
    return UNITS[unit][1]
