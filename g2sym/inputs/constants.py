"""Masses, alpha, the weak mixing angle and Fermi's constant: dated values that a user can override."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from g2sym.base import arguments
from g2sym.base.classes import dataclass
from g2sym.base.exact import decimal_text, read_number
from g2sym.base.masses import read_value
from g2sym.errors import InputError, did_you_mean, shorten
from g2sym.inputs import fields
from g2sym.inputs.fields import exact_text

NEUTRINOS = ("m_nu_e", "m_nu_mu", "m_nu_tau")
"""Masses that are 0 unless a user sets them."""
NAMES = ("m_e", "m_mu", "m_tau", "m_t", "m_Z", "m_W", "alpha_inverse", "sin2_theta_w", "G_F", *NEUTRINOS)
"""The input values there are; ``alpha`` may be given in place of ``alpha_inverse``."""
QUARKS = ("m_u", "m_d", "m_s", "m_c", "m_b")
"""Inputs without a bundled value: the mass of a light quark depends on its scheme and scale."""
UNITS = MappingProxyType({"alpha_inverse": "1", "sin2_theta_w": "1", "G_F": "GeV^-2"})
"""Units of the inputs that are no masses in GeV."""


@dataclass(frozen=True)
class Quantity:
    """A value with where it comes from.

    Parameters: ``name``; ``value``, exact, in ``unit``; ``uncertainty``, one standard deviation in the same
    unit, or None when unknown; ``source``, a citation key or ``"user"``; ``date``, ISO, or an empty string.
    Raises InputError for a value that is not positive (a quark or a neutrino may be massless), and
    sin^2 theta_w outside (0, 1).
    """

    name: str
    value: Fraction
    uncertainty: Fraction | None
    unit: str
    source: str
    date: str

    def __post_init__(self) -> None:
        if self.name in (*NEUTRINOS, *QUARKS, "m_t"):
            if self.value < 0:
                raise InputError(f"input {self.name}: {decimal_text(self.value)}: a mass cannot be negative.")
        elif self.value <= 0:
            raise InputError(f"input {self.name}: {decimal_text(self.value)} is not positive; it has to be.")
        if self.name == "sin2_theta_w" and self.value >= 1:
            raise InputError(
                f"input {self.name}: {decimal_text(self.value)} is not between 0 and 1; give sin^2 itself."
            )
        if self.uncertainty is not None and self.uncertainty < 0:
            raise InputError(f"input {self.name}: a negative uncertainty; give its size.")

    def as_dict(self) -> dict[str, str | None]:
        """Return the quantity as a JSON-ready dictionary of exact texts."""
        return {
            "value": exact_text(self.value),
            "uncertainty": None if self.uncertainty is None else exact_text(self.uncertainty),
            "unit": self.unit,
            "source": self.source,
            "date": self.date,
        }


HBAR_C = Quantity("hbar_c", Fraction("1.973269804e-14"), Fraction(0), "GeV cm", "codata-2022", "2024-05-08")
"""hbar c in GeV cm, between e cm and GeV^-1: these ten decimals define the conversion, so it is exact.

The SI fixes hbar, c and e; the digits that CODATA prints end here, 3e-10 below 1.9732698045930...e-14.
"""


@dataclass(frozen=True)
class Inputs(Mapping[str, Quantity]):
    """The input values of a computation: a frozen mapping from name to `Quantity`.

    Parameters: ``quantities``; ``overridden``, the names whose value is not the bundled one.
    """

    quantities: tuple[Quantity, ...]
    overridden: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> Quantity:
        for quantity in self.quantities:
            if quantity.name == name:
                return quantity
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (quantity.name for quantity in self.quantities)

    def __len__(self) -> int:
        return len(self.quantities)

    def value(self, name: str) -> Fraction:
        """Return the exact value of ``name`` (masses in GeV); ``alpha`` is 1/alpha_inverse.

        Raises InputError when there is no such input.
        """
        if isinstance(name, str) and name == "alpha":
            return 1 / self["alpha_inverse"].value
        if not isinstance(name, str) or name not in self:
            raise _unknown(name, self)
        return self[name].value

    @property
    def masses(self) -> dict[str, Fraction]:
        """The masses by name, in GeV: what the value of another mass may be written with."""
        return {name: self[name].value for name in self if name.startswith("m_")}

    def override(self, values: Mapping[str, object]) -> Inputs:
        """Return the inputs with other values, exact and without uncertainty.

        Parameters: ``values``, name to number or decimal string; ``alpha`` sets alpha_inverse exactly.
        Raises InputError for an unknown name, a value that is not a number or makes no sense, and for alpha
        given in both forms.
        """
        if not isinstance(values, Mapping):
            raise InputError(
                f"inputs: {shorten(values)} is no mapping; write for instance {{'m_mu': '0.1'}}."
            )
        if "alpha" in values and "alpha_inverse" in values:
            raise InputError("inputs: alpha and alpha_inverse are one input; give only one of them.")
        changed: dict[str, Quantity] = {}
        for given, raw in values.items():
            name = "alpha_inverse" if given == "alpha" else given
            if name not in self and name not in QUARKS:
                raise _unknown(name, self)
            read = read_value if name.startswith("m_") else read_number
            value = read(raw, f"input {given}")
            if given == "alpha":
                if value <= 0:
                    raise InputError(f"input alpha: {decimal_text(value)} is not positive; it has to be.")
                value = 1 / value
            changed[name] = Quantity(name, value, None, UNITS.get(name, "GeV"), "user", "")
        return self._with(changed)

    def as_dict(self) -> dict[str, dict[str, str | bool | None]]:
        """Return every value as a JSON-ready record that says which ones were overridden."""
        return {name: {**self[name].as_dict(), "overridden": name in self.overridden} for name in self}

    def _with(self, changed: Mapping[str, Quantity]) -> Inputs:
        kept = tuple(changed.get(quantity.name, quantity) for quantity in self.quantities)
        added = tuple(quantity for name, quantity in changed.items() if name not in self)
        return Inputs(kept + added, self.overridden.union(changed))


def load_inputs(path: str | os.PathLike[str] | None = None) -> Inputs:
    """Return the bundled input values, or those of a file of the same form on top of them.

    Parameters: ``path``, a TOML file with ``schema = 1``, ``kind = "constants"`` and a table
    ``[constants.NAME]`` for each value that differs.
    Raises InputError for a file that is wrong in any way.
    Source: CODATA 2022 and the Particle Data Group; each value names its own.
    """
    if path is None:
        return _bundled()
    from g2sym.base.toml_files import read_toml

    where = f"input file {shorten(arguments.path(path, 'path'), 300)}"
    found = _read(read_toml(path, where), where)
    return _bundled()._with({quantity.name: quantity for quantity in found})


@cache
def _bundled() -> Inputs:
    return bundled(bundled_bytes())


def bundled_bytes() -> bytes:
    """Return the file of the bundled values."""
    with open(os.path.join(os.path.dirname(__file__), "data", "constants.toml"), "rb") as stream:
        return stream.read()


def bundled(raw: bytes) -> Inputs:
    """Return the input values of the bundled file, and the massless neutrinos."""
    from g2sym.base.toml_files import read_toml

    massless = (Quantity(name, Fraction(0), None, "GeV", "Standard Model", "") for name in NEUTRINOS)
    return Inputs((*_read(read_toml(raw, "bundled constants"), "bundled constants"), *massless))


def _read(document: fields.Table, where: str) -> tuple[Quantity, ...]:
    fields.check_schema(document, where)
    fields.check_keys(document, ("schema", "kind", "constants"), where)
    if document.get("kind") != "constants":
        raise InputError(f'{where}: kind is {shorten(document.get("kind"))}; write kind = "constants".')
    tables = fields.subtable(document, "constants", where) or {}
    fields.check_keys(tables, (*NAMES, *QUARKS), where)
    out = []
    for name in tables:
        here = f"{where}: constants.{name}"
        table = fields.subtable(tables, name, where) or {}
        fields.check_keys(table, ("title", "value", "uncertainty", "unit", "source", "date"), here)
        unit = UNITS.get(name, "GeV")
        if fields.text(table, "unit", here, unit) != unit:
            raise InputError(f"{here}: the unit has to be {unit!r}; convert the value.")
        value = fields.number(table, "value", here)
        uncertainty = fields.number(table, "uncertainty", here) if "uncertainty" in table else None
        source, date = ", ".join(fields.sources(table, here)), fields.day(table, here)
        try:
            out.append(Quantity(name, value, uncertainty, unit, source, date))
        except InputError as error:
            raise InputError(f"{where}: {error}") from None
    return tuple(out)


def _unknown(name: str, known: Mapping[str, Quantity]) -> InputError:
    names = [*known, *(name for name in QUARKS if name not in known), "alpha"]
    return InputError(
        f"inputs: there is no input {shorten(name)}{did_you_mean(str(name), names)}; "
        f"known are {', '.join(names)}."
    )
