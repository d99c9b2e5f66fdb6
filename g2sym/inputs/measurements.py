"""Measurements of anomalous magnetic moments against their predictions, and published limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from g2sym.base.balls import Ball, certify
from g2sym.base.exact import Number, decimal_text, read_number
from g2sym.base.references import citations
from g2sym.base.toml_files import read_toml
from g2sym.errors import InputError, UsageError, did_you_mean, shorten
from g2sym.inputs import fields
from g2sym.inputs.fields import exact_text
from g2sym.inputs.windows import CRITERIA, Edge, Window

LEPTONS = ("e", "mu", "tau")


@dataclass(frozen=True)
class Datum:
    """A number with errors: ``value``, ``up`` and ``down`` (both positive or zero), sources, ISO date."""

    value: Fraction
    up: Fraction
    down: Fraction
    sources: tuple[str, ...]
    date: str

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record with exact texts."""
        return {
            "value": exact_text(self.value),
            "error": {"up": exact_text(self.up), "down": exact_text(self.down)},
            "source": list(self.sources),
            "date": self.date,
        }


@dataclass(frozen=True)
class Measurement:
    """What is known about a contribution Delta a = a(experiment) - a(prediction) of a lepton.

    Parameters: ``name``; ``lepton``, ``"e"``, ``"mu"`` or ``"tau"``; ``kind``, ``"difference"`` or
    ``"limit"``; ``title``; ``date``, ISO; ``experiment``, ``prediction``, the two values; ``difference``, the
    difference as the literature states it; ``limit``, an upper limit on |Delta a| with its ``confidence``
    level. All numbers are dimensionless.

    A stated difference is what windows and pulls rest on, because published bounds rest on it: the muon's
    63.7e-11 of 2025 is 63.673e-11 rounded, and only the rounded error reproduces them to four digits. Without
    one, the central value is experiment minus prediction and the errors are added in quadrature, the upper
    error of the one with the lower error of the other.
    """

    name: str
    lepton: str
    kind: str
    title: str
    date: str
    experiment: Datum | None = None
    prediction: Datum | None = None
    difference: Datum | None = None
    limit: Fraction | None = None
    confidence: Fraction | None = None
    sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        where = f"measurement {shorten(self.name)}"
        if self.lepton not in LEPTONS:
            raise InputError(f"{where}: lepton {shorten(self.lepton)} is none of {', '.join(LEPTONS)}.")
        if self.kind == "limit":
            if self.limit is None or not 0 < self.limit <= 1:
                raise InputError(
                    f"{where}: a limit on |Delta a| lies between 0 and 1; give its size as value."
                )
            if self.confidence is None or not 0 < self.confidence < 1:
                raise InputError(f"{where}: the confidence level lies between 0 and 1; write 0.95 for 95 %.")
            return
        if self.difference is None and (self.experiment is None or self.prediction is None):
            raise InputError(
                f"{where}: a difference needs [experiment] and [prediction], or [difference]; "
                "add what is missing."
            )
        if not (self.variance(up=True) > 0 and self.variance(up=False) > 0):
            raise InputError(f"{where}: the error of the difference is zero; a measurement has an error.")
        self._check_stated(where)

    def _check_stated(self, where: str) -> None:
        """A stated difference that is more than one sigma off betrays a wrong sign or power of ten."""
        if self.difference is None or self.experiment is None or self.prediction is None:
            return
        computed = self.experiment.value - self.prediction.value
        off = computed - self.difference.value
        if off * off > self.variance(up=off > 0):
            raise InputError(
                f"{where}: the stated difference {decimal_text(self.difference.value)} contradicts "
                f"experiment minus prediction, {decimal_text(computed)}; correct one of them or leave "
                "[difference] out."
            )

    @property
    def central(self) -> Fraction:
        """The central value of Delta a (0 for a limit)."""
        if self.difference is not None:
            return self.difference.value
        if self.experiment is not None and self.prediction is not None:
            return self.experiment.value - self.prediction.value
        return Fraction(0)

    def variance(self, *, up: bool) -> Fraction:
        """Return the square of the error of Delta a, upwards or downwards, exactly.

        Raises UsageError for a limit, which has no error.
        """
        if self.difference is not None:
            return (self.difference.up if up else self.difference.down) ** 2
        if self.experiment is None or self.prediction is None:
            raise UsageError(
                f"Measurement {shorten(self.name)} is a limit: it has no sigma, so no pull either."
            )
        if up:
            return self.experiment.up**2 + self.prediction.down**2
        return self.experiment.down**2 + self.prediction.up**2

    def sigma(self, *, up: bool = True, digits: int = 17) -> Ball:
        """Return the certified error of Delta a, upwards or downwards."""
        edge = Edge(Fraction(0), Fraction(1), self.variance(up=up))
        if edge.exact is not None:
            return Ball.exact(edge.exact)
        return certify(edge, digits, f"the error of {self.name}")

    def window(self, criterion: str | None = None, n_sigma: Number | None = None) -> Window:
        """Return the values of Delta a that the measurement allows.

        Parameters: ``criterion``, one of `CRITERIA` (default ``"sensitivity"``); ``n_sigma``, how many
        standard deviations (default 2), any positive number, read exactly. Asymmetric errors: the lower edge
        uses the lower error, the upper edge the upper one. For ``kind = "limit"`` the window is the limit at
        its own confidence level, and neither may be given.
        Raises UsageError for an unknown criterion, n_sigma <= 0, or either given for a limit.
        """
        if self.limit is not None:
            if criterion is not None or n_sigma is not None:
                raise UsageError(
                    f"Measurement {shorten(self.name)} is a limit at its own confidence level; "
                    "leave out the criterion and n_sigma."
                )
            return Window(Edge(-self.limit), Edge(self.limit), "limit", None)
        name = "sensitivity" if criterion is None else criterion
        if name not in CRITERIA:
            raise UsageError(
                f"There is no criterion {shorten(name)}{did_you_mean(str(name), CRITERIA)}; "
                f"choose {', '.join(CRITERIA)}."
            )
        n = read_number(2 if n_sigma is None else n_sigma, "n_sigma")
        if n <= 0:
            raise UsageError(f"n_sigma is {decimal_text(n)}; it has to be positive.")
        low, high = {
            "sensitivity": (Fraction(0), Fraction(0)),
            "interval": (self.central, self.central),
            "conservative": (-abs(self.central), abs(self.central)),
        }[name]
        return Window(Edge(low, -n, self.variance(up=False)), Edge(high, n, self.variance(up=True)), name, n)

    @property
    def all_sources(self) -> tuple[str, ...]:
        """Every citation key or text behind the measurement, once each."""
        parts = [d.sources for d in (self.experiment, self.prediction, self.difference) if d is not None]
        return tuple(dict.fromkeys(key for part in (*parts, self.sources) for key in part))

    def as_dict(self) -> dict[str, Any]:
        """Return a JSON-ready record: exact texts, sources and their citations."""
        data = {"experiment": self.experiment, "prediction": self.prediction, "difference": self.difference}
        out: dict[str, Any] = {
            "name": self.name,
            "title": self.title,
            "lepton": self.lepton,
            "kind": self.kind,
            "date": self.date,
            **{key: datum.as_dict() for key, datum in data.items() if datum is not None},
            "citations": citations(self.all_sources),
        }
        if self.limit is not None and self.confidence is not None:
            return out | {"limit": exact_text(self.limit), "confidence": exact_text(self.confidence)}
        error = {"up": self.sigma(up=True).text(17), "down": self.sigma(up=False).text(17)}
        return out | {"central": exact_text(self.central), "error": error}


def measurement_names() -> tuple[str, ...]:
    """Return the names of the bundled measurements, in order."""
    return tuple(_bundled())


def load_measurement(name_or_path: str | os.PathLike[str]) -> Measurement:
    """Return a bundled measurement by name, or one from a TOML file of the same form.

    Raises InputError for an unknown name, with the nearest known one, and for a file that is wrong.
    """
    given = os.fspath(name_or_path)
    if given in _bundled():
        return _bundled()[given]
    if given.endswith(".toml") or os.path.basename(given) != given or os.path.exists(given):
        where = f"measurement file {shorten(given, 300)}"
        return _read(read_toml(given, where), where)
    raise InputError(
        f"There is no measurement {shorten(given)}{did_you_mean(given, _bundled())}; "
        f"known are {', '.join(_bundled())}, or give the path of a TOML file."
    )


@cache
def _bundled() -> Mapping[str, Measurement]:
    folder = Path(__file__).parent / "data" / "measurements"
    found = [
        _read(read_toml(entry.read_bytes(), f"bundled {entry.name}"), f"bundled {entry.name}")
        for entry in sorted(folder.iterdir(), key=lambda e: e.name)
        if entry.name.endswith(".toml")
    ]
    return {measurement.name: measurement for measurement in found}


_COMMON = ("schema", "name", "title", "lepton", "kind", "date")


def _read(document: fields.Table, where: str) -> Measurement:
    fields.check_schema(document, where)
    if "kind" not in document:
        raise InputError(f'{where}: kind is missing; write kind = "difference" or kind = "limit".')
    kind = fields.text(document, "kind", where)
    if kind not in ("difference", "limit"):
        raise InputError(f'{where}: kind {shorten(kind)} is neither "difference" nor "limit"; choose one.')
    date = fields.day(document, where)
    name = fields.text(document, "name", where)
    common = (name, fields.text(document, "lepton", where), kind, fields.text(document, "title", where, name))
    if kind == "limit":
        fields.check_keys(document, (*_COMMON, "value", "confidence", "source"), where)
        return Measurement(
            *common,
            date,
            limit=fields.number(document, "value", where),
            confidence=fields.number(document, "confidence", where),
            sources=fields.sources(document, where),
        )
    fields.check_keys(document, (*_COMMON, "experiment", "prediction", "difference"), where)
    experiment, prediction, difference = (
        _datum(document, key, where, date) for key in ("experiment", "prediction", "difference")
    )
    return Measurement(*common, date, experiment, prediction, difference)


def _datum(document: fields.Table, key: str, where: str, date: str) -> Datum | None:
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
    if max(abs(value), up, down) > 1:
        raise InputError(
            f"{here}: an anomalous moment is dimensionless and below 1; write 38.5e-11, not 38.5."
        )
    return Datum(value, up, down, fields.sources(table, here), fields.day(table, here, date))
