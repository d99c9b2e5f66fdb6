"""Several measurements, each put to the observable of one model that it measures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import combinations
from typing import TYPE_CHECKING, Any, cast

from g2sym.base.classes import dataclass, replace
from g2sym.base.exact import Number, decimal_text
from g2sym.constraints.condition import MeasurementLike, as_measurement, condition
from g2sym.constraints.measured import joined, name_in, placed
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.inputs import Measurement, Window
from g2sym.inputs.fields import exact_text
from g2sym.observables.flavours import refuse_unquoted
from g2sym.observables.kinematics import without_variables
from g2sym.observables.quantity import Quantity, quantity_of

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record

FAVOURS, EXCLUDES = "favours", "excludes"
"""What a measurement does in a plane: one with the criterion 'interval' favours its band, others exclude."""
MOST = 64
"""Most measurements that are combined."""


@dataclass(frozen=True)
class Condition:
    """A measurement and the observable that it measures.

    Parameters: ``observable``, as a user holds it; ``quantity``, the data behind it; ``measurement``;
    ``window``, the values that the measurement allows, with its criterion or its own level.
    """

    observable: Any
    quantity: Quantity
    measurement: Measurement
    window: Window

    @property
    def name(self) -> str:
        """The measurement's name."""
        return self.measurement.name

    @property
    def role(self) -> str:
        """``"favours"`` for a difference with the criterion 'interval', else ``"excludes"``."""
        return FAVOURS if self.window.criterion == "interval" else EXCLUDES

    @property
    def level(self) -> str:
        """The level of the window in words: criterion and sigmas, or a confidence level."""
        if self.window.n_sigma is not None:
            return f"{self.window.criterion}, {decimal_text(self.window.n_sigma, 4)} sigma"
        confidence = self.measurement.confidence
        share = "" if confidence is None else f" at {decimal_text(100 * confidence, 4)} %"
        return f"{self.window.criterion}{share}"

    @property
    def choice(self) -> tuple[str | None, Fraction | None]:
        """Criterion and sigmas as `bound` takes them: of a difference, None for what has its own level."""
        n = self.window.n_sigma
        return (None, None) if n is None else (self.window.criterion, n)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: the observable, the measurement, its window and its level."""
        confidence = self.measurement.confidence
        return {
            "observable": self.quantity.text,
            "unit": self.quantity.unit,
            "lepton": self.quantity.lepton,
            "measurement": self.measurement.as_dict(),
            "window": self.window.as_dict(),
            "confidence": None if confidence is None else exact_text(confidence),
            "role": self.role,
        }


def read_conditions(entries: object) -> tuple[Condition, ...]:
    """Read what is combined, in order.

    Parameters: ``entries``, a list of (observable, measurement), (observable, measurement, criterion) or
    (observable, measurement, criterion, n_sigma); the last two are for differences, None stands for the
    default. Raises UsageError for entries of another form, a measurement of another observable or given
    twice, and for observables of different models, inputs or conventions.
    """
    form = (
        "A combination is made from a list of (observable, measurement) or (observable, measurement, "
        "criterion, n_sigma)"
    )
    if isinstance(entries, str | Mapping) or not isinstance(entries, Iterable):
        raise UsageError(f"{form}, not from {shorten(entries, 30)}.")
    found = []
    for at, entry in enumerate(entries):
        if isinstance(entry, Condition):
            found.append(entry)
            continue
        if not isinstance(entry, tuple | list) or not 2 <= len(entry) <= 4:
            raise UsageError(f"{form}; entry {at + 1} is {shorten(entry, 30)}.")
        observable, measurement, criterion, n_sigma = (*entry, None, None)[:4]
        found.append(_condition(observable, measurement, criterion, n_sigma))
    if not found:
        raise UsageError("Nothing is combined; give at least one observable with its measurement.")
    if len(found) > MOST:
        raise UsageError(f"{len(found)} measurements are too many; at most {MOST} are combined.")
    _check_names(found)
    several = joined([one.quantity for one in found])
    found = [_held(one, quantity) for one, quantity in zip(found, several, strict=True)]
    _check_same(found)
    return tuple(found)


def _condition(
    observable: object, measurement: MeasurementLike, criterion: str | None, n_sigma: Number | None
) -> Condition:
    quantity = quantity_of(observable)
    loaded, window = condition(quantity, measurement, criterion, n_sigma)
    return _held(Condition(observable, quantity, loaded, window), placed(quantity, loaded))


def _held(one: Condition, quantity: Quantity) -> Condition:
    """Return a condition on the same observable that knows other kinematic variables."""
    if quantity is one.quantity:
        return one
    held = one.observable
    if hasattr(held, "quantity"):
        held = replace(cast(Any, held), quantity=quantity)
    return replace(one, observable=held if held is not one.observable else quantity, quantity=quantity)


def _check_names(found: Sequence[Condition]) -> None:
    """Refuse a measurement that is given twice, and two that answers could not tell apart."""
    for one, two in combinations(found, 2):
        if one.name != two.name:
            continue
        if one.measurement == two.measurement:
            raise UsageError(f"The measurement {shorten(one.name)} is given twice; give it once.")
        raise UsageError(
            f"Two different measurements are called {shorten(one.name)}; give one of them another name."
        )


def _check_same(found: Sequence[Condition]) -> None:
    """Refuse observables that one point of one model does not give: of other models, inputs, conventions."""
    first = found[0].quantity
    for other in (one.quantity for one in found[1:]):
        pair = f"{first.text} and {other.text}"
        if other.model is not first.model and not _one_model(other, first):
            names = sorted({first.model.name, other.model.name})
            which = f" ({' and '.join(map(shorten, names))})" if len(names) > 1 else ""
            raise UsageError(
                f"{pair} are observables of different models{which}; combine those of one model."
            )
        if other.inputs != first.inputs:
            raise UsageError(
                f"{pair} rest on different inputs ({_difference(first, other)}); give both models the same."
            )
        if other.conventions != first.conventions:
            raise UsageError(f"{pair} are in different conventions; give both models the same scheme.")
        if other.quoted != first.quoted:
            raise UsageError(
                f"{pair} have couplings that are quoted for different leptons; quote both for the same ones."
            )
        if other.partial != first.partial:
            raise UsageError(f"{pair}: one of them is partial; ask for both with partial=True, or for none.")


def _one_model(one: Quantity, two: Quantity) -> bool:
    """True for one declaration; energies and angles may be those of different measurements."""
    return without_variables(one.model) == without_variables(two.model)


def _difference(one: Quantity, two: Quantity) -> str:
    """Name the inputs in which two observables differ, the first few of them."""
    names = [
        name for name in dict.fromkeys((*one.inputs, *two.inputs)) if _value(one, name) != _value(two, name)
    ]
    shown = []
    if one.inputs.edition != two.inputs.edition:
        shown.append(f"editions {one.inputs.edition} and {two.inputs.edition}")
    for name in names[:3]:
        sides = (_value(side, name) for side in (one, two))
        values = " and ".join("none" if v is None else decimal_text(v, 12) for v in sides)
        shown.append(f"{name}: {values}")
    if not shown:
        shown.append("the same values from other sources")
    return "; ".join(shown) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _value(quantity: Quantity, name: str) -> Fraction | None:
    found = quantity.inputs.get(name)
    return None if found is None else found.value


def asked(
    conditions: Sequence[Condition], raw: Mapping[str, object], *names: object
) -> tuple[tuple[Condition, ...], dict[str, object]]:
    """Return conditions in terms of the parameters that a question names, and values by full name.

    Parameters: ``raw``, values by name; further ``names``. Where one of them is ``y[mu]``, y is quoted for
    the muon in every observable. Raises UsageError for brackets that make no sense, and for observables of
    several leptons whose couplings have different values, but are not quoted for one of them.
    """
    found, values = [], dict(raw)
    for one in conditions:
        own, values = one.quantity.asked(raw, *names)
        held = own
        if own is not one.quantity and hasattr(one.observable, "quantity"):
            held = replace(one.observable, quantity=own)
        found.append(one if own is one.quantity else replace(one, observable=held, quantity=own))
    _check_links([one.quantity for one in found])
    return tuple(found), values


def _check_links(quantities: Sequence[Quantity]) -> None:
    """Refuse a plain name for couplings of several leptons that are not equal: it has several values."""
    leptons = list(dict.fromkeys(lepton for one in quantities for lepton in one.name.leptons))
    if len(leptons) < 2:
        return
    names = ", ".join(dict.fromkeys(one.text for one in quantities))
    first = quantities[0]
    refuse_unquoted(first.model, f"The combination of {names}", leptons, first.quoted)


def check_parameter(conditions: Sequence[Condition], name: str) -> None:
    """Refuse a name that is no parameter of the model; raises UsageError with the nearest one."""
    quantity = conditions[0].quantity
    known = [symbol for p in quantity.declaration.parameters.values() for symbol in p.symbols]
    if name not in known:
        raise UsageError(
            f"The model '{quantity.model.name}' has no parameter {shorten(name)}{did_you_mean(name, known)}; "
            f"it has {', '.join(known)}."
        )


def shared_sources(found: Sequence[Condition]) -> list[str]:
    """Say which measurements of one observable rest on the same source, and so are not independent."""
    said = []
    for one, two in combinations(found, 2):
        same = [s for s in one.measurement.all_sources if s in two.measurement.all_sources]
        if one.quantity.text == two.quantity.text and same:
            said.append(
                f"{one.name} and {two.name} both rest on {', '.join(same)}: a chi^2 or likelihood counts "
                "them as independent, which they are not."
            )
    return said


def merged_record(records: Sequence[Entries]) -> Record:
    """Return what several observables of one model say about themselves as one record.

    What all of them share stands once; sentences, what is missing and inputs that entered are joined.
    """
    out: Record = {
        key: value
        for key, value in records[0].items()
        if key not in ("observable", "unit", "lepton", "announcements", "missing")
    }
    for key in ("announcements", "missing"):
        out[key] = list(dict.fromkeys(s for record in records for s in record.get(key, ())))
    for key in ("inputs_used", "values", "defaults"):
        parts = [record[key] for record in records if isinstance(record.get(key), Mapping)]
        if parts:
            out[key] = {name: value for part in parts for name, value in part.items()}
    links = [record["flavour"] for record in records if isinstance(record.get("flavour"), Mapping)]
    if links:  # a coupling that is the same for all leptons is quoted for none of several
        out["flavour"] = {
            name: one if all(other.get(name) == one for other in links) else {**one, "quoted_for": None}
            for name, one in links[0].items()
        }
    return out


def pair(
    model: Any,
    measurements: Sequence[MeasurementLike],
    criterion: str | Mapping[str, str] | None = None,
    n_sigma: Number | Mapping[str, Number] | None = None,
    partial: bool = False,
) -> tuple[Condition, ...]:
    """Put each measurement to the observable of a model that it measures.

    Parameters: ``model``, with a method ``observable``; ``criterion``, ``n_sigma``, for every difference, or
    a mapping from names of measurements; limits and ranges have their own level. Raises what
    `read_conditions` raises, UsageError for a criterion where nothing is a difference, and for names in a
    mapping that are no measurement given.
    """
    data = [as_measurement(one) for one in measurements]
    names = [one.name for one in data]
    for what, chosen in (("criterion", criterion), ("n_sigma", n_sigma)):
        if isinstance(chosen, Mapping):
            for name in chosen:
                if name not in names:
                    raise UsageError(
                        f"{what} names {shorten(name)}, which is none of the measurements given: "
                        f"{', '.join(map(shorten, names))}."
                    )
        elif chosen is not None and data and all(one.kind != "difference" for one in data):
            raise UsageError(
                f"{what}: {', '.join(map(shorten, names))} {'has its' if len(names) == 1 else 'have their'} "
                "own confidence level, and there is no difference; leave it out."
            )
    known: dict[str, Any] = {}
    entries = []
    for one in data:
        if one.observable not in known:
            name = one.observable
            declared = getattr(model, "declaration", None)
            if declared is not None:
                name = str(name_in(name, declared, one.name))
            known[one.observable] = model.observable(name, partial)
        own = [
            given.get(one.name) if isinstance(given, Mapping) else given if one.kind == "difference" else None
            for given in (criterion, n_sigma)
        ]
        entries.append((known[one.observable], one, *own))
    return read_conditions(entries)
