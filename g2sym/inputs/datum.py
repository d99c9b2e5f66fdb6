"""Parts of a measurement: a number with errors, and what it is of."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.classes import dataclass
from g2sym.base.names import LEPTONS, ObservableName, parse_observable
from g2sym.errors import InputError, UsageError, shorten
from g2sym.inputs.fields import exact_text

if TYPE_CHECKING:
    from g2sym.base.types import Record


@dataclass(frozen=True)
class Datum:
    """A number with errors: ``value``, ``up`` and ``down`` (both positive or zero), sources, ISO date.

    All three are in the unit of the measurement they belong to.
    """

    value: Fraction
    up: Fraction
    down: Fraction
    sources: tuple[str, ...]
    date: str

    def as_dict(self) -> Record:
        """Return a JSON-ready record with exact texts."""
        return {
            "value": exact_text(self.value),
            "error": {"up": exact_text(self.up), "down": exact_text(self.down)},
            "source": list(self.sources),
            "date": self.date,
        }


def observable_of(lepton: str, observable: str, where: str) -> ObservableName:
    """Return which observable is meant: by its name, or as a of the lepton; raises InputError."""
    if lepton and lepton not in LEPTONS:
        raise InputError(f"{where}: lepton {shorten(lepton)} is none of {', '.join(LEPTONS)}.")
    if not lepton and not observable:
        raise InputError(
            f'{where}: lepton is missing; add it, or name what is measured: observable = "a(mu)".'
        )
    try:
        name = parse_observable(observable or f"a({lepton})", f"{where}: observable")
    except UsageError as error:
        raise InputError(str(error)) from None
    if lepton and name.leptons != (lepton,):
        raise InputError(
            f"{where}: lepton {shorten(lepton)} and observable {shorten(name)} contradict each other; "
            "correct one of them or leave lepton out."
        )
    return name
