"""A measurement put to an observable: loaded, of the same quantity, as a window."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.arguments import text
from g2sym.base.balls import number, working_precision
from g2sym.base.exact import Number, decimal_text
from g2sym.constraints.measured import name_in, refuse_foreign, where_measured
from g2sym.errors import InputError, UsageError, shorten
from g2sym.inputs import Edge, Measurement, Window, load_measurement
from g2sym.observables.quantity import not_an_observable

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record
    from g2sym.observables.values import Values

MeasurementLike = str | os.PathLike[str] | Measurement


def observable_text(observable: object) -> str:
    """Return the canonical name of what an observable is, ``a(mu)`` for the moment of a muon."""
    found = getattr(observable, "quantity", observable)
    return str(found.text) if hasattr(found, "text") else f"a({getattr(found, 'lepton', None)})"


def condition(
    observable: object,
    measurement: MeasurementLike,
    criterion: str | None,
    n_sigma: Number | None,
    unit: str | None = None,
) -> tuple[Measurement, Window]:
    """Load a measurement of an observable and its window, whose edges are written in ``unit``.

    Raises UsageError for a measurement of another observable and for a unit that does not fit.
    """
    if not (hasattr(observable, "text") or hasattr(observable, "lepton")):
        raise UsageError(not_an_observable(observable))
    found = as_measurement(measurement)
    wanted = observable_text(observable)
    model = getattr(getattr(observable, "quantity", observable), "model", None)
    own = found.observable if model is None else str(name_in(found.observable, model, found.name))
    if own != wanted:
        if model is not None:
            refuse_foreign(found, model, wanted)
        if found.lepton and wanted.startswith("a("):
            raise UsageError(
                f"The observable is {wanted}, but {shorten(found.name)} measures "
                f"{found.observable}; choose a "
                "measurement of the same lepton and observable."
            )
        raise UsageError(
            f"The observable is {wanted}, but {shorten(found.name)} measures {found.observable}; choose a "
            "measurement of the same observable."
        )
    window = found.window(criterion, n_sigma)
    if unit is not None:
        text(unit, "unit", "e_cm")
        try:
            window = window.in_unit(unit, wanted)
        except InputError as error:
            raise UsageError(str(error)) from None
    return found, window


def as_measurement(given: object) -> Measurement:
    """Return a measurement, loaded where its name or path is given; raises UsageError for anything else."""
    if isinstance(given, Measurement):
        return given
    if isinstance(given, str | os.PathLike):
        return load_measurement(given)
    raise UsageError(
        f"{shorten(given, 30)} is no measurement; give a name such as 'muon-2025', the path of a TOML file, "
        "or what load_measurement returns."
    )


def exact_edge(edge: Edge) -> Fraction | Edge:
    """Return an edge of a window, exact where it is rational."""
    return edge if edge.exact is None else edge.exact


def announce(
    record: Entries,
    observable: object,
    known: Values,
    ranges: Mapping[str, Sequence[Fraction]],
    put: tuple[Measurement, Window] | None,
    further: Sequence[str] = (),
) -> Record:
    """Return a record with every sentence that stands with a result over a region.

    Parameters: ``record``, of one point; ``known``, the values there; ``ranges``, the ends between which
    parameters move; ``put``, the measurement and its window; ``further`` sentences.
    """
    quantity = getattr(observable, "quantity", observable)
    said = list(record.get("announcements", ()))
    if hasattr(quantity, "announced"):
        said = list(quantity.announced(known, ranges))
    sentence = None if put is None else excluded_centre(*put)
    where = None if put is None else where_measured(put[0], known, ranges)
    own = [s for s in (sentence, where) if s]
    return {**record, "announcements": [*said, *own, *further]}


def excluded_centre(measurement: Measurement, window: Window) -> str | None:
    """Return a sentence where a window does not contain the measured central value, else None."""
    with working_precision(CENTRE_BITS):
        centre = number(measurement.central)
        low, high = window.low(CENTRE_BITS), window.high(CENTRE_BITS)
        inside = not (centre < low or centre > high)
    if inside:
        return None
    return (
        f"The window of {measurement.name} with the criterion '{window.criterion}' does not contain the "
        f"measured central value {decimal_text(measurement.central, 6)}: it limits the size of a "
        "contribution and asks for none."
    )


CENTRE_BITS = 128


def limits_taken(quotient: str, names: Sequence[str], what: str) -> list[str]:
    """Return what a map or a bound does where couplings that both sides of a quotient have are zero."""
    at = (f"At {name} = 0 numerator and denominator of {quotient} both vanish" for name in names)
    return [f"{where}: there it has no value, and the {what} takes its limit." for where in at]


def common_record(record: Entries, moving: set[str]) -> Record:
    """Return what a record says about every row: without the values of the parameters that move."""
    out = dict(record)
    for key in ("values", "defaults"):
        if isinstance(out.get(key), Mapping):
            out[key] = {name: value for name, value in out[key].items() if name not in moving}
    return out
