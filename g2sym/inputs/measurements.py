"""Measurements of observables against their predictions, published limits and published ranges."""

from __future__ import annotations

from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from g2sym.base import arguments
from g2sym.base.balls import MAX_DIGITS, Ball, certify
from g2sym.base.classes import dataclass
from g2sym.base.exact import Number, decimal_text, read_number
from g2sym.base.names import DECAYS, ObservableName, parse_observable
from g2sym.base.processes import kinematic_names
from g2sym.base.references import citations
from g2sym.errors import InputError, UsageError, did_you_mean, shorten
from g2sym.inputs import gaussian
from g2sym.inputs.constants import HBAR_C
from g2sym.inputs.datum import Datum, observable_of
from g2sym.inputs.fields import exact_text
from g2sym.inputs.units import size_of
from g2sym.inputs.windows import CRITERIA, MOMENT, Edge, Window

if TYPE_CHECKING:
    from g2sym.base.types import Record


__all__ = ["PARTS", "Datum", "Measurement"]

PARTS = MappingProxyType(
    {
        "difference": ("experiment", "prediction", "difference"),
        "limit": ("limit", "confidence"),
        "range": ("low", "high", "confidence", "prediction"),
    }
)
"""The kinds of measurements, and what each is made of."""


@dataclass(frozen=True)
class Measurement:
    """What is known about a contribution to an observable, experiment minus prediction.

    Parameters: ``name``; ``lepton``, ``"e"``, ``"mu"`` or ``"tau"``, may be empty where ``observable`` is
    given; ``kind``, ``"difference"``, ``"limit"`` or ``"range"``; ``title``; ``date``, ISO; ``experiment``,
    ``prediction``, the two values of a single moment; ``difference``, the difference as the literature
    states it, or the value of a product or quotient of contributions; ``limit``, an upper limit on the
    absolute value with its ``confidence`` level; ``observable``, its name such as
    ``"d(mu)"`` (see `parse_observable`), by default a of the lepton; ``unit``, one of `UNITS`; ``low``,
    ``high``, the ends of a range at a ``confidence`` level, from which ``prediction``, where there is one, is
    subtracted exactly; ``at``, the kinematic variables that a cross-section was measured at, by name (GeV).

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
    low: Fraction | None = None
    high: Fraction | None = None
    at: tuple[tuple[str, Fraction], ...] = ()

    def __post_init__(self) -> None:
        where = f"measurement {shorten(self.name)}"
        self._check_kind(where)
        name = observable_of(self.lepton, self.observable, where)
        if name.atom is not None and name.atom.is_complex and not name.atom.part:
            raise InputError(f"{where}: {name} is complex; measured are re({name}) and im({name}), name one.")
        size_of(self.unit, name.unit, str(name), where)
        object.__setattr__(self, "observable", str(name))
        object.__setattr__(self, "lepton", name.moment)
        self._check_kinematics(name, where)
        if self.kind in ("limit", "range"):
            self._check_published(name, where)
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

    def _check_kinematics(self, name: ObservableName, where: str) -> None:
        """Refuse kinematic variables that the observable does not have, and numbers that they cannot be."""
        known = kinematic_names(name)
        for key, value in self.at:
            if key not in known:
                has = f"has {', '.join(known)}" if known else "has none"
                raise InputError(
                    f"{where}: at.{shorten(key)}{did_you_mean(key, known)} is no kinematic variable of "
                    f"{name}, which {has}; leave it out."
                )
            cosine = key.startswith("cos")
            if not (abs(value) <= 1 if cosine else value > 0) or (key == "cos_max" and value < 0):
                rule = "a cosine" if cosine else "a positive energy in GeV"
                raise InputError(f"{where}: at.{key} = {decimal_text(value, 6)}: give {rule}.")

    def _check_kind(self, where: str) -> None:
        """Refuse another kind than there is, and what belongs to another one; numbers become exact."""
        if self.kind not in PARTS:
            raise InputError(f"{where}: kind {shorten(self.kind)} is none of {', '.join(PARTS)}; choose one.")
        every = {part for parts in PARTS.values() for part in parts}
        for part in sorted(every.difference(PARTS[self.kind])):
            if getattr(self, part) is not None:
                raise InputError(
                    f"{where}: {part} does not belong to a {self.kind}, which has "
                    f"{', '.join(PARTS[self.kind])}; leave it out or change the kind."
                )
        for part in ("limit", "confidence", "low", "high"):
            if getattr(self, part) is not None:
                object.__setattr__(self, part, read_number(getattr(self, part), f"{where}: {part}"))

    def _check_published(self, name: ObservableName, where: str) -> None:
        """A limit or a range has a level, and numbers that the observable can have."""
        share = name.atom is not None and name.atom.name == "BR"
        between = self.lepton or share
        if self.kind == "limit" and (self.limit is None or self.limit <= 0 or (between and self.limit > 1)):
            rule = "lies between 0 and 1" if between else "is positive"
            symbol = self.symbol if share else f"|{self.symbol}|"
            raise InputError(f"{where}: a limit on {symbol} {rule}; give its size as value.")
        if self.confidence is None or not 0 < self.confidence < 1:
            raise InputError(f"{where}: the confidence level lies between 0 and 1; write 0.95 for 95 %.")
        if self.kind == "limit":
            return
        if self.low is None or self.high is None or self.low >= self.high:
            ends = (
                ""
                if self.low is None or self.high is None
                else (f", and low = {decimal_text(self.low)} is not below high = {decimal_text(self.high)}")
            )
            raise InputError(f"{where}: a range goes from low up to high{ends}; give both, in this order.")
        least, most = (0, 1) if share else (-1, 1)
        if between and not (least <= self.low and self.high <= most):
            raise InputError(
                f"{where}: a range of {self.observable} lies between {least} and {most}; give its ends as "
                "numbers without unit."
            )
        if self.never_negative and self.low < 0:
            raise InputError(f"{where}: {self.observable} is never negative; its range begins at 0 or above.")
        if self.prediction is not None and name.atom is None:
            raise InputError(
                f"{where}: {name} is built from several contributions, from which no prediction can be "
                "subtracted; leave [prediction] out and give the range of the contributions."
            )

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
    def never_negative(self) -> bool:
        """True for branching ratios and widths, and products and quotients of them."""
        return all(atom.name in DECAYS or atom.is_rate for atom in parse_observable(self.observable).atoms)

    @property
    def natural_unit(self) -> str:
        """The observable's natural unit, such as ``"GeV^-1"``: that of windows, pulls and models' values."""
        return parse_observable(self.observable).unit

    @property
    def _size(self) -> Fraction:
        """The stated unit in units of the natural one."""
        return size_of(self.unit, self.natural_unit, self.observable, self.name)

    @property
    def central(self) -> Fraction:
        """The central value in natural units, of a range its middle, of a limit 0."""
        return self._size * self._stated_central

    def variance(self, *, up: bool) -> Fraction:
        """Return the square of the error of the difference, upwards or downwards, exactly, in natural units.

        Raises UsageError for a limit and for a range, which have no error.
        """
        return self._size**2 * self._stated_variance(up=arguments.flag(up, "up"))

    @property
    def _stated_central(self) -> Fraction:
        if self.difference is not None:
            return self.difference.value
        if self.low is not None and self.high is not None:
            return (self.low + self.high) / 2 - self._subtracted
        if self.experiment is not None and self.prediction is not None:
            return self.experiment.value - self.prediction.value
        return Fraction(0)

    @property
    def _subtracted(self) -> Fraction:
        """The prediction that is subtracted from a range, as stated."""
        return Fraction(0) if self.prediction is None else self.prediction.value

    def _stated_variance(self, *, up: bool) -> Fraction:
        if self.difference is not None:
            return (self.difference.up if up else self.difference.down) ** 2
        if self.experiment is None or self.prediction is None:
            raise UsageError(
                f"Measurement {shorten(self.name)} is a {self.kind}: it has no sigma, so no pull either; "
                "name a difference, or take gaussian(), which says what is assumed."
            )
        if up:
            return self.experiment.up**2 + self.prediction.down**2
        return self.experiment.down**2 + self.prediction.up**2

    def sigma(self, *, up: bool = True, digits: int = 17) -> Ball:
        """Return the certified error of the difference, upwards or downwards, in natural units.

        Raises UsageError for a limit and for a range, which have no error.
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
        its own confidence level, for ``"range"`` the range, less the prediction; neither may be given then.
        Raises UsageError for an unknown criterion, n_sigma <= 0, or either given for a limit or a range.
        """
        if self.kind != "difference":
            if criterion is not None or n_sigma is not None:
                raise UsageError(
                    f"Measurement {shorten(self.name)} is a {self.kind} at its own confidence level; "
                    "leave out the criterion and n_sigma."
                )
            ends = self._published
            if self.never_negative and ends[0] <= 0:
                ends = -ends[1], ends[1]  # no value is below 0, see Window
            low_edge, high_edge = Edge(ends[0]), Edge(ends[1])
            named = self.kind, None, self.symbol, self.natural_unit
            return Window(low_edge, high_edge, *named, self.never_negative)
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
    def _published(self) -> tuple[Fraction, Fraction]:
        """The ends that a limit or a range allows, exactly, in natural units."""
        if self.low is not None and self.high is not None:
            less = self._subtracted
            return self._size * (self.low - less), self._size * (self.high - less)
        size = self._size * (self.limit or 0)
        return -size, size

    def gaussian(self) -> gaussian.Gaussian:
        """Return the measurement as a Gaussian, for likelihoods; its sentence says what is assumed.

        A limit is a half-Gaussian with sigma = limit/z, z = sqrt(2) erfinv(confidence), 1.645 at 90 % and
        1.960 at 95 %; a range is a Gaussian about its middle with sigma = (high - low)/(2 z); a difference
        has its own errors. Values are in natural units, widths are certified to any precision.

        >>> from g2sym.inputs import load_measurement
        >>> print(load_measurement("tau-edm-2022").gaussian().sigma().text(5))
        3.1803e-4
        """
        if self.confidence is None:
            both = (self.variance(up=up) for up in (True, False))
            return gaussian.from_difference(self.name, self.central, *both)
        low, high = self._published
        if self.kind == "limit":
            return gaussian.from_limit(self.name, high, self.confidence)
        return gaussian.from_range(self.name, low, high, self.confidence)

    @property
    def all_sources(self) -> tuple[str, ...]:
        """Every citation key or text behind the measurement, once each."""
        parts = [d.sources for d in (self.experiment, self.prediction, self.difference) if d is not None]
        return tuple(dict.fromkeys(key for part in (*parts, self.sources) for key in part))

    def as_dict(self) -> Record:
        """Return a JSON-ready record: exact texts in ``unit``, sources and their citations.

        ``lepton`` is null for what is no anomalous moment; a unit that is converted comes with ``hbar_c``.
        A limit and a range have ``likelihood``, what `gaussian` makes of them, in natural units.
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
            **({"at": {n: exact_text(v) for n, v in self.at}} if self.at else {}),
            **{key: datum.as_dict() for key, datum in data.items() if datum is not None},
            "citations": citations(self.all_sources),
        }
        if self.unit == "e_cm":
            out["hbar_c"] = HBAR_C.as_dict()
        if self.confidence is not None:
            likelihood = {**self.gaussian().as_dict(), "unit": self.natural_unit}
            return out | self._as_published() | {"likelihood": likelihood}
        error = {
            "up": self._root(self._stated_variance(up=True), 17).text(17),
            "down": self._root(self._stated_variance(up=False), 17).text(17),
        }
        return out | {"central": exact_text(self._stated_central), "error": error}

    def _as_published(self) -> Record:
        """Return what a limit or a range states, and how the prediction was treated."""
        numbers = {"limit": self.limit, "low": self.low, "high": self.high, "confidence": self.confidence}
        out: Record = {key: exact_text(value) for key, value in numbers.items() if value is not None}
        if self.kind == "range":
            out["central"] = exact_text(self._stated_central)
        if self.kind == "limit" and self.never_negative:
            out["one_sided"] = f"{self.observable} is never negative: the window is [0, limit]"
        if self.prediction is not None and self.low is not None and self.high is not None:
            error = max(self.prediction.up, self.prediction.down)
            share = 200 * error / (self.high - self.low)
            out["prediction_error"] = (
                "the prediction is subtracted exactly; its error is not added to the range, of whose "
                f"half-width it is {decimal_text(share, 2)} %"
            )
        return out
