"""Measurements of observables against their predictions, and published limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING

from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS, Ball, certify
from g2sym.base.classes import dataclass
from g2sym.base.exact import Number, decimal_text, read_number
from g2sym.base.names import LEPTONS, ObservableName, parse_observable
from g2sym.base.references import citations
from g2sym.base.toml_files import read_toml
from g2sym.errors import InputError, UsageError, did_you_mean, shorten
from g2sym.inputs import fields
from g2sym.inputs.constants import HBAR_C
from g2sym.inputs.fields import exact_text
from g2sym.inputs.units import UNITS, size_of
from g2sym.inputs.windows import CRITERIA, MOMENT, Edge, Window

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


@dataclass(frozen=True)
class Measurement:
    """What is known about a contribution to an observable, experiment minus prediction.

    Parameters: ``name``; ``lepton``, ``"e"``, ``"mu"`` or ``"tau"``, may be empty where ``observable`` is
    given; ``kind``, ``"difference"`` or ``"limit"``; ``title``; ``date``, ISO; ``experiment``,
    ``prediction``, the two values of a single moment; ``difference``, the difference as the literature
    states it, or the value of a product or quotient of contributions; ``limit``, an upper limit on the
    absolute value with its ``confidence`` level; ``observable``, its name such as
    ``"d(mu)"`` (see `parse_observable`), by default a of the lepton; ``unit``, one of `UNITS`.

    Values are kept as stated, in ``unit``; `central`, `variance`, `sigma` and `window` are in the
    observable's natural unit, converted exactly (``"e_cm"`` with `HBAR_C`). ``observable`` holds the
    canonical text. ``lepton`` is the lepton whose anomalous moment was measured, and empty for every other
    observable, so that a limit on something else is never compared with a moment.
    Raises InputError for values, names or units that make no sense or contradict each other.

    >>> limit = Measurement("mine", "", "limit", "mine", "2030-01-31", limit=Fraction("1e-21"),
    ...                     confidence=Fraction("0.95"), observable="d(mu)", unit="e_cm")
    >>> limit.window().high.text(4), limit.window().unit
    ('5.068e-8', 'GeV^-1')

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
    observable: str = ""
    unit: str = "1"

    def __post_init__(self) -> None:
        where = f"measurement {shorten(self.name)}"
        name = _observable(self.lepton, self.observable, where)
        size_of(self.unit, name.unit, str(name), where)
        object.__setattr__(self, "observable", str(name))
        object.__setattr__(self, "lepton", name.moment)
        if self.kind == "limit":
            if self.limit is None or self.limit <= 0 or (self.lepton and self.limit > 1):
                rule = "lies between 0 and 1" if self.lepton else "is positive"
                raise InputError(f"{where}: a limit on |{self.symbol}| {rule}; give its size as value.")
            if self.confidence is None or not 0 < self.confidence < 1:
                raise InputError(f"{where}: the confidence level lies between 0 and 1; write 0.95 for 95 %.")
            return
        if name.atom is None and (self.experiment is not None or self.prediction is not None):
            raise InputError(
                f"{where}: {name} is built from several contributions, which experiment minus prediction is "
                "not; give its value and error as [difference]."
            )
        if self.difference is None and (self.experiment is None or self.prediction is None):
            raise InputError(
                f"{where}: a difference needs [experiment] and [prediction], or [difference]; "
                "add what is missing."
            )
        if not (self._stated_variance(up=True) > 0 and self._stated_variance(up=False) > 0):
            raise InputError(f"{where}: the error of the difference is zero; a measurement has an error.")
        self._check_stated(where)

    def _check_stated(self, where: str) -> None:
        """A stated difference that is more than one sigma off betrays a wrong sign or power of ten."""
        if self.difference is None or self.experiment is None or self.prediction is None:
            return
        computed = self.experiment.value - self.prediction.value
        off = computed - self.difference.value
        if off * off > self._stated_variance(up=off > 0):
            raise InputError(
                f"{where}: the stated difference {decimal_text(self.difference.value)} contradicts "
                f"experiment minus prediction, {decimal_text(computed)}; correct one of them or leave "
                "[difference] out."
            )

    @property
    def symbol(self) -> str:
        """What messages call the contribution: ``"Delta a"``, or the name of another observable."""
        return MOMENT if self.lepton else self.observable

    @property
    def natural_unit(self) -> str:
        """The observable's natural unit, such as ``"GeV^-1"``: that of windows, pulls and models' values."""
        return parse_observable(self.observable).unit

    @property
    def _size(self) -> Fraction:
        """The stated unit in units of the natural one."""
        return UNITS[self.unit][1]

    @property
    def central(self) -> Fraction:
        """The central value of the difference in natural units (0 for a limit)."""
        return self._size * self._stated_central

    def variance(self, *, up: bool) -> Fraction:
        """Return the square of the error of the difference, upwards or downwards, exactly, in natural units.

        Raises UsageError for a limit, which has no error.
        """
        return self._size**2 * self._stated_variance(up=arguments.flag(up, "up"))

    @property
    def _stated_central(self) -> Fraction:
        if self.difference is not None:
            return self.difference.value
        if self.experiment is not None and self.prediction is not None:
            return self.experiment.value - self.prediction.value
        return Fraction(0)

    def _stated_variance(self, *, up: bool) -> Fraction:
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
        """Return the certified error of the difference, upwards or downwards, in natural units.

        Raises UsageError for a limit, which has no error.
        """
        return self._root(self.variance(up=up), arguments.whole(digits, "digits", 1, MAX_DIGITS))

    def _root(self, square: Fraction, digits: int) -> Ball:
        edge = Edge(Fraction(0), Fraction(1), square)
        if edge.exact is not None:
            return Ball.exact(edge.exact)
        return certify(edge, digits, f"the error of {self.name}")

    def window(self, criterion: str | None = None, n_sigma: Number | None = None) -> Window:
        """Return the values of the observable that the measurement allows, in its natural unit.

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
            size = self._size * self.limit
            return Window(Edge(-size), Edge(size), "limit", None, self.symbol, self.natural_unit)
        name = "sensitivity" if criterion is None else criterion
        if not isinstance(name, str) or name not in CRITERIA:
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
        edges = Edge(low, -n, self.variance(up=False)), Edge(high, n, self.variance(up=True))
        return Window(*edges, name, n, self.symbol, self.natural_unit)

    @property
    def all_sources(self) -> tuple[str, ...]:
        """Every citation key or text behind the measurement, once each."""
        parts = [d.sources for d in (self.experiment, self.prediction, self.difference) if d is not None]
        return tuple(dict.fromkeys(key for part in (*parts, self.sources) for key in part))

    def as_dict(self) -> Record:
        """Return a JSON-ready record: exact texts in ``unit``, sources and their citations.

        ``lepton`` is null for what is no anomalous moment; a unit that is converted comes with ``hbar_c``.
        """
        data = {"experiment": self.experiment, "prediction": self.prediction, "difference": self.difference}
        out: Record = {
            "name": self.name,
            "title": self.title,
            "lepton": self.lepton or None,
            "observable": self.observable,
            "unit": self.unit,
            "kind": self.kind,
            "date": self.date,
            **{key: datum.as_dict() for key, datum in data.items() if datum is not None},
            "citations": citations(self.all_sources),
        }
        if self.unit == "e_cm":
            out["hbar_c"] = HBAR_C.as_dict()
        if self.limit is not None and self.confidence is not None:
            return out | {"limit": exact_text(self.limit), "confidence": exact_text(self.confidence)}
        error = {
            "up": self._root(self._stated_variance(up=True), 17).text(17),
            "down": self._root(self._stated_variance(up=False), 17).text(17),
        }
        return out | {"central": exact_text(self._stated_central), "error": error}


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
    names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    return {name.removesuffix(".toml"): os.path.join(folder, name) for name in names}


@cache
def _bundled(name: str) -> Measurement:
    path = _files()[name]
    with open(path, "rb") as stream:
        raw = stream.read()
    where = f"bundled {os.path.basename(path)}"
    return _read(read_toml(raw, where), where)


_COMMON = ("schema", "name", "title", "lepton", "observable", "unit", "kind", "date")


def _observable(lepton: str, observable: str, where: str) -> ObservableName:
    """Read which observable is meant: by its name, or as a of the lepton."""
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


def _read(document: fields.Table, where: str) -> Measurement:
    fields.check_schema(document, where)
    if "kind" not in document:
        raise InputError(f'{where}: kind is missing; write kind = "difference" or kind = "limit".')
    kind = fields.text(document, "kind", where)
    if kind not in ("difference", "limit"):
        raise InputError(f'{where}: kind {shorten(kind)} is neither "difference" nor "limit"; choose one.')
    own = ("value", "confidence", "source") if kind == "limit" else ("experiment", "prediction", "difference")
    fields.check_keys(document, (*_COMMON, *own), where)
    date = fields.day(document, where)
    name = fields.text(document, "name", where)
    lepton, written = (fields.text(document, key, where, "") for key in ("lepton", "observable"))
    observable = _observable(lepton, written, where)
    unit = fields.text(document, "unit", where, "1")
    size_of(unit, observable.unit, str(observable), where)
    common = (name, lepton, kind, fields.text(document, "title", where, name))
    if kind == "limit":
        return Measurement(
            *common,
            date,
            limit=fields.number(document, "value", where),
            confidence=fields.number(document, "confidence", where),
            sources=fields.sources(document, where),
            observable=str(observable),
            unit=unit,
        )
    experiment, prediction, difference = (
        _datum(document, key, where, date, bool(observable.moment))
        for key in ("experiment", "prediction", "difference")
    )
    return Measurement(
        *common, date, experiment, prediction, difference, observable=str(observable), unit=unit
    )


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
