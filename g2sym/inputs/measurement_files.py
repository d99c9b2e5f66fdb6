"""Measurements in files: the bundled ones by name, a user's own by path; what is wrong in one sentence."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from types import MappingProxyType

from g2sym.base import arguments
from g2sym.base.masses import read_value
from g2sym.base.toml_files import read_toml
from g2sym.errors import InputError, did_you_mean, shorten
from g2sym.inputs import fields
from g2sym.inputs.datum import Datum, observable_of
from g2sym.inputs.measurements import Measurement
from g2sym.inputs.units import size_of
from g2sym.inputs.windows import CRITERIA


def measurement_names() -> tuple[str, ...]:
    """Return the names of the bundled measurements, in order."""
    return tuple(_files())


def load_measurement(name_or_path: str | os.PathLike[str]) -> Measurement:
    """Return a bundled measurement by name, or one from a TOML file of the same form.

    Raises InputError for an unknown name, with the nearest known one, and for a file that is wrong.
    """
    given = os.fspath(arguments.path(name_or_path, "name_or_path"))
    if not isinstance(given, str):
        given = os.fsdecode(given)
    if given in _files():
        return _bundled(given)
    if given.endswith(".toml") or os.path.basename(given) != given or os.path.exists(given):
        where = f"measurement file {shorten(given, 300)}"
        return _read(read_toml(given, where), where)
    raise InputError(
        f"There is no measurement {shorten(given)}{did_you_mean(given, _files())}; "
        f"known are {', '.join(_files())}, or give the path of a TOML file."
    )


@cache
def _files() -> Mapping[str, str]:
    """Return the files of the bundled measurements by name, in order."""
    folder = os.path.join(os.path.dirname(__file__), "data", "measurements")
    names = sorted(name.removesuffix(".toml") for name in os.listdir(folder) if name.endswith(".toml"))
    return {name: os.path.join(folder, f"{name}.toml") for name in names}


@cache
def _bundled(name: str) -> Measurement:
    path = _files()[name]
    with open(path, "rb") as stream:
        raw = stream.read()
    where = f"bundled {os.path.basename(path)}"
    return _read(read_toml(raw, where), where)


_COMMON = ("schema", "name", "title", "lepton", "observable", "unit", "kind", "date", "at")
_OWN = MappingProxyType(
    {
        "difference": ("experiment", "prediction", "difference"),
        "limit": ("value", "confidence", "source"),
        "range": ("low", "high", "confidence", "source", "prediction"),
    }
)
"""The keys that belong to each kind."""


def _read(document: fields.Table, where: str) -> Measurement:
    fields.check_schema(document, where)
    if "kind" not in document:
        raise InputError(f'{where}: kind is missing; write kind = "difference", "limit" or "range".')
    kind = fields.text(document, "kind", where)
    if kind in CRITERIA:
        raise InputError(
            f"{where}: {kind} is a criterion, chosen where a difference is used, and no kind; "
            'an interval at a confidence level has kind = "range", low and high.'
        )
    if kind not in _OWN:
        raise InputError(
            f'{where}: kind {shorten(kind)} is neither "difference" nor "limit" nor "range"; choose one.'
        )
    for key in sorted(document, key=lambda key: key in ("source", "confidence")):  # what tells kinds first
        others = [other for other, keys in _OWN.items() if key in keys and key not in _OWN[kind]]
        if others:
            raise InputError(
                f'{where}: {key} belongs to kind = "{" or ".join(others)}", and this is a {kind}, which '
                f"has {', '.join(_OWN[kind])}; leave {key} out or change kind."
            )
    fields.check_keys(document, (*_COMMON, *_OWN[kind]), where)
    date = fields.day(document, where)
    name = fields.text(document, "name", where)
    lepton, written = (fields.text(document, key, where, "") for key in ("lepton", "observable"))
    observable = observable_of(lepton, written, where)
    unit = fields.text(document, "unit", where, "1")
    size_of(unit, observable.unit, str(observable), where)
    common = (name, lepton, kind, fields.text(document, "title", where, name))
    moment = bool(observable.moment)
    at = _kinematics(document, where)
    if kind == "limit":
        return Measurement(
            *common,
            date,
            limit=fields.number(document, "value", where),
            confidence=fields.number(document, "confidence", where),
            sources=fields.sources(document, where),
            observable=str(observable),
            unit=unit,
            at=at,
        )
    if kind == "range":
        return Measurement(
            *common,
            date,
            prediction=_datum(document, "prediction", where, date, moment),
            low=fields.number(document, "low", where),
            high=fields.number(document, "high", where),
            confidence=fields.number(document, "confidence", where),
            sources=fields.sources(document, where),
            observable=str(observable),
            unit=unit,
            at=at,
        )
    experiment, prediction, difference = (
        _datum(document, key, where, date, moment) for key in ("experiment", "prediction", "difference")
    )
    return Measurement(
        *common, date, experiment, prediction, difference, observable=str(observable), unit=unit, at=at
    )


def _kinematics(document: fields.Table, where: str) -> tuple[tuple[str, Fraction], ...]:
    """Return what stands under [at]: numbers in GeV, or masses with units such as "105 MeV"."""
    table = fields.subtable(document, "at", where) or {}
    return tuple((key, read_value(value, f"{where}: at.{shorten(key)}")) for key, value in table.items())


def _datum(document: fields.Table, key: str, where: str, date: str, moment: bool) -> Datum | None:
    table = fields.subtable(document, key, where)
    if table is None:
        return None
    here = f"{where}: {key}"
    fields.check_keys(table, ("value", "error", "source", "date"), here)
    both = table.get("error")
    if isinstance(both, Mapping):
        fields.check_keys(both, ("up", "down"), f"{here}: error")
        up, down = (fields.number(both, side, f"{here}: error") for side in ("up", "down"))
    else:
        up = down = fields.number(table, "error", here)
    if up < 0 or down < 0:
        raise InputError(f"{here}: a negative error; give the size of the upper and of the lower one.")
    value = fields.number(table, "value", here)
    if moment and max(abs(value), up, down) > 1:
        raise InputError(
            f"{here}: an anomalous moment is dimensionless and below 1; write 38.5e-11, not 38.5."
        )
    return Datum(value, up, down, fields.sources(table, here), fields.day(table, here, date))
