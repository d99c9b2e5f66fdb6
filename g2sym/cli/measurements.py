"""``g2sym measurements``: what is measured, by whom, and a user's own file checked."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import click

from g2sym.base.exact import decimal_text, read_number
from g2sym.base.references import citations
from g2sym.cli import reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.errors import UsageError

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.inputs import Datum, Measurement

DIGITS = 17
"""Most decimals of a stated number that the text shows."""
ROUNDED = 4
"""Decimals of an error that is added up from others."""


@command(
    "measurements",
    examples=[
        "g2sym measurements",
        "g2sym measurements --observable 'a(mu)'",
        "g2sym measurements tau-2025",
        "g2sym measurements mine.toml --json",
    ],
)
@click.argument("name", required=False)
@click.option("--observable", metavar="NAME", help="Only measurements of this: 'a(mu)', 'd(e)', ...")
def measurements(name: str | None, observable: str | None) -> Answer:
    """List the bundled measurements with their sources, or show NAME whole.

    NAME is one of them or the path of a TOML file of your own, which is checked. A star marks what a bound,
    map or scan takes where none is named. A difference has errors, a limit and a range have a confidence
    level; the window shown with NAME is the one at 2 sigma by the default criterion, or the published one.
    """
    from g2sym.inputs import load_measurement, measurement_names

    if name is not None:
        if observable is not None:
            raise UsageError("--observable is for the list; leave it out beside the name of a measurement.")
        one = load_measurement(name)
        return Answer({"measurements": [_record(one)]}, _whole(one))
    found = [load_measurement(each) for each in measurement_names()]
    if observable is not None:
        wanted = str(reading.read_observable(None, observable))
        known = dict.fromkeys(one.observable for one in found)
        found = [one for one in found if one.observable == wanted]
        if not found:
            raise UsageError(f"There is no bundled measurement of {wanted}; there are of {', '.join(known)}.")
    return Answer({"measurements": [_record(one) for one in found]}, lambda: _listed(found))


def _record(one: Measurement) -> Record:
    return {**one.as_dict(), "window": one.window().as_dict(), "default": _is_default(one)}


def _is_default(one: Measurement) -> bool:
    taken = reading.DEFAULT_MEASUREMENT.get(one.lepton) or reading.DEFAULT_OF_OTHERS.get(one.observable)
    return one.name == taken


def _listed(found: list[Measurement]) -> str:
    from g2sym.drawing.tables import table

    heads = ("name", "observable", "kind", "value", "confidence", "date", "source")
    rows = [
        (
            f"{one.name}{' *' if _is_default(one) else ''}",
            one.observable,
            one.kind,
            _stated(one),
            _level(one),
            one.date,
            ", ".join(one.all_sources),
        )
        for one in found
    ]
    return "\n".join([table(heads, rows), "", "* taken where none is named"])


def _whole(one: Measurement) -> str:
    from g2sym.drawing.tables import pairs

    window = one.window()
    low, high = window.ends(6)
    natural = "" if window.unit == "1" else f" {window.unit}"
    rows = [("observable", one.observable), ("kind", one.kind), ("date", one.date), ("value", _stated(one))]
    if one.confidence is not None:
        rows.append(("confidence", _level(one)))
    for what, datum in (("experiment", one.experiment), ("prediction", one.prediction)):
        if datum is not None:
            rows.append((what, f"{_number(datum, one)}, {', '.join(datum.sources)}, {datum.date}"))
    rows.append(("window", f"[{low}, {high}]{natural}: {window.meaning}"))
    record = one.as_dict()
    rows += [
        (key.replace("_", " "), record[key]) for key in ("one_sided", "prediction_error") if key in record
    ]
    if one.gaussian().sentence:
        rows.append(("likelihood", one.gaussian().sentence))
    if _is_default(one):
        rows.append(("default", f"for {one.observable}"))
    return "\n".join(
        [f"{one.name}: {one.title}", pairs(rows), *(f"  {s}" for s in citations(one.all_sources))]
    )


def _stated(one: Measurement) -> str:
    """Return the value as it is stated, with its unit."""
    if one.limit is not None:
        symbol = one.symbol if one.never_negative else f"|{one.symbol}|"
        return f"{symbol} < {decimal_text(one.limit, DIGITS)}{_unit(one)}"
    if one.low is not None and one.high is not None:
        less = f", less {decimal_text(one.prediction.value, DIGITS)}" if one.prediction else ""
        return f"{decimal_text(one.low, DIGITS)} to {decimal_text(one.high, DIGITS)}{less}{_unit(one)}"
    if one.difference is not None:
        return _number(one.difference, one)
    record = one.as_dict()
    up, down = (decimal_text(read_number(record["error"][side]), ROUNDED) for side in ("up", "down"))
    return _with_errors(read_number(record["central"]), up, down) + _unit(one)


def _number(datum: Datum, one: Measurement) -> str:
    up, down = (decimal_text(error, DIGITS) for error in (datum.up, datum.down))
    return _with_errors(datum.value, up, down) + _unit(one)


def _with_errors(value: Fraction, up: str, down: str) -> str:
    return f"{decimal_text(value, DIGITS)} {f'+- {up}' if up == down else f'+{up} -{down}'}"


def _unit(one: Measurement) -> str:
    return "" if one.unit == "1" else f" {one.unit.replace('_', ' ')}"


def _level(one: Measurement) -> str:
    from g2sym.inputs.gaussian import percent

    return "" if one.confidence is None else percent(one.confidence)
