"""Masses, alpha, the weak mixing angle, G_F, lifetimes, measured widths: dated values that users can set.

The values of one year are an edition. Results of two editions are not put together.
"""

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
MAY_VANISH = ("Gamma_Z",)
"""Widths that may be set to 0: a propagator without a width is infinite on its pole only."""
NAMES = (
    *("m_e", "m_mu", "m_tau", "m_t", "m_h", "m_Z", "m_W"),
    *("alpha_inverse", "sin2_theta_w", "G_F", "tau_mu", "tau_tau"),
    *("Gamma_Z", "m_Jpsi", "Gamma_Jpsi_ee", "BR_Jpsi_ee", "m_Upsilon", "Gamma_Upsilon_ee", "BR_Upsilon_ee"),
    *NEUTRINOS,
)
"""The input values there are, in order; in place of some `STANDS_FOR` has another name."""
QUARKS = ("m_u", "m_d", "m_s", "m_c", "m_b")
"""Inputs without a bundled value: the mass of a light quark depends on its scheme and scale."""
UNITS = MappingProxyType(
    {
        **{"alpha_inverse": "1", "sin2_theta_w": "1", "G_F": "GeV^-2", "tau_mu": "s", "tau_tau": "s"},
        **{"BR_Jpsi_ee": "1", "BR_Upsilon_ee": "1"},
    }
)
"""Units of the inputs that are no masses in GeV."""
STANDS_FOR = MappingProxyType({"alpha": "alpha_inverse", "Gamma_mu": "tau_mu", "Gamma_tau": "tau_tau"})
"""Other names under which an input is asked for and given: alpha, and total widths in GeV for lifetimes."""
DEFAULT_EDITION = "pdg-2024"
EDITIONS = MappingProxyType(
    {
        "pdg-2024": "CODATA 2022 and the Review of Particle Physics of 2024",
        "pdg-2026": "CODATA 2022 and the Review of Particle Physics of 2026 (data release of 2026-05-30)",
    }
)
"""The editions of the input values: name to what they are taken from."""


@dataclass(frozen=True)
class Quantity:
    """A value with where it comes from.

    Parameters: ``name``; ``value``, exact, in ``unit``; ``uncertainty``, one standard deviation in the same
    unit, or None when unknown; ``source``, a citation key or ``"user"``; ``date``, ISO, or an empty string.
    Raises InputError for a value that is not positive (a quark or a neutrino may be massless, the Z's width
    may be 0), for sin^2 theta_w outside (0, 1), and a branching ratio above 1.
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
        elif self.name in MAY_VANISH:
            if self.value < 0:
                raise InputError(f"input {self.name}: {decimal_text(self.value)}: no width is negative.")
        elif self.value <= 0:
            raise InputError(f"input {self.name}: {decimal_text(self.value)} is not positive; it has to be.")
        if self.name == "sin2_theta_w" and self.value >= 1:
            raise InputError(
                f"input {self.name}: {decimal_text(self.value)} is not between 0 and 1; give sin^2 itself."
            )
        if self.name.startswith("BR_") and self.value > 1:
            raise InputError(
                f"input {self.name}: {decimal_text(self.value)} is above 1; a branching ratio is a fraction, "
                "0.06 for 6 per cent."
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
HBAR = Quantity("hbar", Fraction("6.582119569e-25"), Fraction(0), "GeV s", "codata-2022", "2024-05-08")
"""hbar in GeV s, between a lifetime and a width: these ten decimals define the conversion, so it is exact.

The digits that CODATA prints end here, 8e-11 below 6.5821195695091...e-25.
"""


@dataclass(frozen=True)
class Inputs(Mapping[str, Quantity]):
    """The input values of a computation: a frozen mapping from name to `Quantity`.

    Parameters: ``quantities``; ``overridden``, the names whose value is not the bundled one; ``edition``,
    the one of `EDITIONS` that every other value is from.

    Total widths follow from lifetimes, Gamma = hbar/tau with `HBAR`: ``inputs["Gamma_mu"]`` is there, and not
    listed among the names.

    >>> inputs = load_inputs()
    >>> inputs.value("Gamma_mu") * inputs.value("tau_mu") == HBAR.value
    True
    """

    quantities: tuple[Quantity, ...]
    overridden: frozenset[str] = frozenset()
    edition: str = DEFAULT_EDITION

    def __getitem__(self, name: str) -> Quantity:
        for quantity in self.quantities:
            if quantity.name == name:
                return quantity
        if name in ("Gamma_mu", "Gamma_tau"):
            return _width(name, self[STANDS_FOR[name]])
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (quantity.name for quantity in self.quantities)

    def __len__(self) -> int:
        return len(self.quantities)

    def value(self, name: str) -> Fraction:
        """Return the exact value of ``name`` (masses and widths in GeV); ``alpha`` is 1/alpha_inverse.

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

        Parameters: ``values``, name to number or decimal string; ``alpha`` sets alpha_inverse, ``Gamma_mu``
        and ``Gamma_tau`` set lifetimes, exactly.
        Raises InputError for an unknown name, a value that is not a number or makes no sense, and for an
        input given under both of its names.
        """
        if not isinstance(values, Mapping):
            raise InputError(
                f"inputs: {shorten(values)} is no mapping; write for instance {{'m_mu': '0.1'}}."
            )
        for other, name in STANDS_FOR.items():
            if other in values and name in values:
                raise InputError(f"inputs: {other} and {name} are one input; give only one of them.")
        changed: dict[str, Quantity] = {}
        for given, raw in values.items():
            name = STANDS_FOR.get(given, given) if isinstance(given, str) else given
            if name == "edition":
                raise InputError(
                    "inputs: an edition is no input value; choose it first: load_inputs(edition=...)."
                )
            if name not in self and name not in QUARKS:
                raise _unknown(name, self)
            read = read_value if name.startswith("m_") else read_number
            value = read(raw, f"input {given}")
            if given != name:
                if value <= 0:
                    raise InputError(f"input {given}: {decimal_text(value)} is not positive; it has to be.")
                value = (1 if given == "alpha" else HBAR.value) / value
            changed[name] = Quantity(name, value, None, UNITS.get(name, "GeV"), "user", "")
        return self._with(changed)

    def as_dict(self) -> dict[str, dict[str, str | bool | None]]:
        """Return every value as a JSON-ready record that says which ones were overridden."""
        return {name: {**self[name].as_dict(), "overridden": name in self.overridden} for name in self}

    def _with(self, changed: Mapping[str, Quantity]) -> Inputs:
        kept = tuple(changed.get(quantity.name, quantity) for quantity in self.quantities)
        added = tuple(quantity for name, quantity in changed.items() if name not in self)
        return Inputs(kept + added, self.overridden.union(changed), self.edition)


def load_inputs(path: str | os.PathLike[str] | None = None, edition: str | None = None) -> Inputs:
    """Return the input values of an edition, or those of a file of the same form on top of them.

    Parameters: ``path``, a TOML file with ``schema = 1``, ``kind = "constants"`` and a table
    ``[constants.NAME]`` for each value that differs; its key ``edition``, where it has one, names the edition
    that it goes on top of. ``edition``, one of `EDITIONS`, by default that of the file or ``"pdg-2024"``.
    Raises InputError for an unknown edition, for one that is not the file's, and for a file that is wrong in
    any way.
    Source: CODATA 2022 and the Particle Data Group; each value names its own.

    >>> load_inputs(edition="pdg-2026")["m_Z"].source
    'pdg-2026'
    """
    wanted = None if edition is None else known_edition(edition, "edition")
    if path is None:
        return _bundled(wanted or DEFAULT_EDITION)
    from g2sym.base.toml_files import read_toml

    where = f"input file {shorten(arguments.path(path, 'path'), 300)}"
    own, found = _read(read_toml(path, where), where)
    if own and wanted and own != wanted:
        raise InputError(
            f"{where}: it names the edition {own}, and {wanted} is asked for; editions are not mixed, so "
            "leave out one of them."
        )
    return _bundled(own or wanted or DEFAULT_EDITION)._with({quantity.name: quantity for quantity in found})


def known_edition(edition: object, where: str) -> str:
    """Return the name of an edition; raises InputError for one that there is not, with the nearest one."""
    if not isinstance(edition, str) or edition not in EDITIONS:
        raise InputError(
            f"{where}: there is no edition {shorten(edition)}{did_you_mean(str(edition), EDITIONS)}; "
            f"known are {', '.join(EDITIONS)}."
        )
    return edition


@cache
def _bundled(edition: str) -> Inputs:
    return bundled(bundled_bytes(edition), edition)


def bundled_bytes(edition: str = DEFAULT_EDITION) -> bytes:
    """Return the file of an edition, one of `EDITIONS`."""
    folder = os.path.join(os.path.dirname(__file__), "data", "editions")
    with open(os.path.join(folder, f"{edition}.toml"), "rb") as stream:
        return stream.read()


def bundled(raw: bytes, edition: str = DEFAULT_EDITION) -> Inputs:
    """Return the input values of an edition's file, and the massless neutrinos."""
    from g2sym.base.toml_files import read_toml

    where = f"bundled {edition}.toml"
    massless = (Quantity(name, Fraction(0), None, "GeV", "Standard Model", "") for name in NEUTRINOS)
    return Inputs((*_read(read_toml(raw, where), where)[1], *massless), edition=edition)


def _width(name: str, lifetime: Quantity) -> Quantity:
    """Return hbar/tau, its uncertainty to first order; the source is the lifetime's."""
    value, error = HBAR.value / lifetime.value, lifetime.uncertainty
    error = None if error is None else value * error / lifetime.value
    return Quantity(name, value, error, "GeV", lifetime.source, lifetime.date)


def _read(document: fields.Table, where: str) -> tuple[str | None, tuple[Quantity, ...]]:
    """Return the edition that a file names, if any, and its values."""
    fields.check_schema(document, where)
    fields.check_keys(document, ("schema", "kind", "edition", "constants"), where)
    if document.get("kind") != "constants":
        raise InputError(f'{where}: kind is {shorten(document.get("kind"))}; write kind = "constants".')
    edition = known_edition(document["edition"], where) if "edition" in document else None
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
    return edition, tuple(out)


def _unknown(name: str, known: Mapping[str, Quantity]) -> InputError:
    names = [*known, *(name for name in QUARKS if name not in known), *STANDS_FOR]
    return InputError(
        f"inputs: there is no input {shorten(name)}{did_you_mean(str(name), names)}; "
        f"known are {', '.join(names)}."
    )
