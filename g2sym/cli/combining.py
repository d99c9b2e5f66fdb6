"""What ``g2sym bound`` and ``g2sym eval`` do with several observables and measurements."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from g2sym.base.classes import replace
from g2sym.base.exact import decimal_text
from g2sym.cli import reading
from g2sym.cli.answers import Answer, say
from g2sym.cli.output import Output
from g2sym.cli.progress import progress
from g2sym.cli.rows import CHUNK, LONG, cell, chunks, head, shown_rows, with_unit
from g2sym.constraints.bounds import Bound, Row
from g2sym.constraints.bounds import bound as compute
from g2sym.constraints.combined import Combination
from g2sym.constraints.combined_bounds import CombinedBound, joined
from g2sym.constraints.conditions import Condition, merged_record
from g2sym.constraints.windows import Span
from g2sym.errors import UsageError
from g2sym.observables.flavours import flavour_lines, links_text
from g2sym.observables.kinematics import KINEMATIC

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record
    from g2sym.cli.several import Wanted
    from g2sym.model.model import Model
    from g2sym.model.observable import Observable

PULL_DIGITS = 6
ALL = "all"
"""What the intersection is called in a table and a file."""
Picture = tuple[str, str, tuple[Fraction, Fraction] | None]
"""Path, format, and the interval of a mass that was searched."""


def bound(
    combination: Combination,
    on: str,
    fixed: Mapping[str, Fraction],
    varied: Sequence[reading.Grid],
    interval: tuple[str, str] | None,
    csv_path: str | None,
    picture: Picture | None,
) -> Answer:
    """Return the answer of ``g2sym bound`` for several measurements.

    Parameters: ``combination``; ``on``, ``fixed``, ``varied``, ``interval``, what is bounded and
    where; ``csv_path``, ``picture``, the files, if any.
    """
    others = {grid.name: list(grid.points) for grid in varied[1:]}
    first = varied[0].points if varied else ()
    per_point = 1
    for grid in varied[1:]:
        per_point *= len(grid.points)
    total = max(1, len(first)) * per_point

    def rows(points: Sequence[Fraction]) -> CombinedBound:
        lead = {varied[0].name: list(points)} if varied else {}
        return combination.bound(on, interval=interval, params={**fixed, **lead, **others})

    steps = chunks(first, per_point)
    parts: list[CombinedBound] = []
    for chunk in progress(steps, len(steps), f"bound on {on}", long=total > 5 * CHUNK):
        start = time.monotonic()
        parts.append(rows(chunk))
        expected = (time.monotonic() - start) * len(first) / max(1, len(chunk))
        if len(parts) == min(2, len(steps) - 1) and expected > LONG:
            say(f"{total} points, about {decimal_text(Fraction(round(expected)), 2)} s")
    found = joined(parts, fixed)
    document: Record = {**found.as_dict(), "units": reading.units_of(found.conditions[0].observable)}
    files = []
    if csv_path is not None:
        files.append(Output(csv_path, lambda stream: _write_csv(found, stream)))
    if picture is not None:
        path, form, searched = picture

        def draw(stream: BinaryIO) -> None:
            from g2sym.drawing.style import save
            from g2sym.show.combined import draw_combined_bound

            (grid,) = varied
            columns = _refined(found, grid, fixed, interval, searched)
            axes: Record = {"logarithmic": grid.logarithmic, "searched": searched, "columns": columns}
            save(lambda: draw_combined_bound(found, **axes), stream, form)

        files.append(Output(path, draw))
        document["versions"] = ["matplotlib", "numpy"]
    return Answer(document, _text(found, document["units"]), files)


def _refined(
    found: CombinedBound,
    grid: reading.Grid,
    fixed: Mapping[str, Fraction],
    interval: tuple[str, str] | None,
    searched: tuple[Fraction, Fraction] | None,
) -> list[Bound]:
    """Return what each measurement's region is drawn from: further columns where neighbours differ."""
    from g2sym.show.bounds import visible
    from g2sym.show.refine import refined

    out = []
    for one, own in zip(found.conditions, found.bounds, strict=True):

        def more(points: Sequence[Fraction], one: Condition = one) -> Bound:
            params: dict[str, object] = {**fixed, grid.name: list(points)}
            return compute(
                one.observable, found.on, one.measurement, *one.choice, interval=interval, params=params
            )

        seen = visible(own, searched)
        out.append(refined(own, grid.name, more, logarithmic=grid.logarithmic, visible=seen, tell=say))
    return out


def _text(found: CombinedBound, units: Mapping[str, str]) -> str:
    from g2sym.drawing.tables import table

    fixed = "".join(f", {n} = {v}" for n, v in found.record.get("values", {}).items())
    many = f"from {len(found.conditions)} measurements together"
    lines = [f"{found.record['model']}: allowed {found.on} {many}{fixed}"]
    for one in found.conditions:
        low, high, unit = one.window.written(5)
        suffix = "" if unit == "1" else f" {unit}"
        lines.append(f"  {one.name}, {one.level}: {one.quantity.label} in [{low}, {high}]{suffix}")
    lines += flavour_lines(found.record)
    counts = [len(row.windows) for row in found.rows]
    shown = shown_rows(counts)
    body = []
    for k in shown:
        row = found.rows[k]
        own = (b.rows[k].text(4) for b in found.bounds)
        body.append([*(decimal_text(row.values[n], 5) for n in found.varied), row.text(4), *own])
    heads = [*(head(n, units) for n in found.varied), head(f"allowed {found.on}", units)]
    lines += ["", table([*heads, *(one.name for one in found.conditions)], body)]
    if len(shown) < len(counts):
        lines.append(f"({len(shown)} of {len(counts)} rows; --csv FILE or --json gives every one)")
    return "\n".join([*lines, *found.sentences, *found.record.get("announcements", ())])


def _write_csv(found: CombinedBound, stream: BinaryIO) -> None:
    """Write one line for each window, of all measurements together (``all``) and of each alone.

    ``windows`` is 0 on the line of a point where nothing is allowed.
    """
    import csv
    import io

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    fixed = found.record.get("values", {})
    columns = ["on", "measurement", "observable", "windows", "window", "low", "high"]
    writer.writerow([*found.varied, *columns, "criterion", "n_sigma", "confidence", "flavour", *fixed])
    tail = [links_text(found.record.get("flavour", {})), *fixed.values()]
    for at, row in enumerate(found.rows):
        start = [*(decimal_text(value) for _, value in row.point), found.on]
        for line in _lines(row, [ALL, ""]):
            writer.writerow([*start, *line, "", "", "", *tail])
        for one, own in zip(found.conditions, found.bounds, strict=True):
            n, confidence = one.window.n_sigma, one.measurement.confidence
            how = [one.window.criterion, *("" if v is None else decimal_text(v) for v in (n, confidence))]
            for line in _lines(own.rows[at], [cell(one.name), one.quantity.text]):
                writer.writerow([*start, *line, *how, *tail])
    text.detach()


def _lines(row: Row, name: list[str]) -> list[list[object]]:
    if not row.windows:
        return [[*name, 0, "", "", ""]]
    return [[*name, len(row.windows), at, *_ends(span)] for at, span in enumerate(row.windows, 1)]


def _ends(span: Span) -> tuple[str, str]:
    low, high = span
    return "-inf" if low is None else low.settled(17), "inf" if high is None else high.settled(17)


def evaluate(
    model: Model,
    wanted: Wanted,
    values: Mapping[str, Fraction],
    digits: int,
    parametric: bool,
    unit: str | None,
    partial: bool,
    flavours: Sequence[str],
) -> Answer:
    """Return the answer of ``g2sym eval`` for several observables: values, pulls, chi^2, log-likelihood."""
    from g2sym.constraints.measured import name_in
    from g2sym.drawing.tables import pairs, table

    names = [name_in(str(name), model.declaration, str(name)) for name in wanted.observables]
    observables = [reading.observed(model, name, partial, flavours, *values) for name in names]
    observables = _placed(observables, wanted, model)
    units = _fitting(observables, unit)
    pairs_of = list(zip(observables, units, strict=True))
    given = {one.name: _given(one, observables, values) for one in observables}
    results = [one.evaluate(digits=digits, unit=own, params=given[one.name]) for one, own in pairs_of]
    parts: list[Entries] = []
    lines = []
    for one, result in zip(observables, results, strict=True):
        own = result.record["unit"]
        suffix = "" if own == "1" else f" {own.replace('_', ' ')}"
        document = result.as_dict()
        lines.append(
            f"{one.quantity.label} = {document['value']}{suffix}, radius {document['radius']}{suffix}"
        )
        if "complex" in document:
            im, radius = document["complex"]["im"], document["complex_radius"]["im"]
            lines.append(f"Im {one.quantity.label} = {im}{suffix}, radius {radius}{suffix}")
        if parametric:
            found = one.input_uncertainty(params=given[one.name], unit=None if own == one.unit else own)
            document["parametric"] = found.as_dict()
            lines.append(f"  from the inputs, 1 sigma: {found.total.shown(3)}{suffix}")
        parts.append(document)
    record = merged_record([r.record for r in results])
    shared = {"conventions", "inputs", "values", "defaults", "model", "announcements", "missing"}
    units_of = {name: unit for one in observables for name, unit in reading.units_of(one).items()}
    document = {**record, "units": units_of}
    document["observables"] = [{k: v for k, v in part.items() if k not in shared} for part in parts]
    rows = [(n, with_unit(str(v), document["units"].get(n, "1"))) for n, v in record["values"].items()]
    rows += [
        (n, with_unit(str(v), document["units"].get(n, "1")) + "  (default)")
        for n, v in record["defaults"].items()
    ]
    if record.get("flavour"):
        rows.append(("flavour", links_text(record["flavour"])))
    lines += ["", pairs([("model", model.name), *rows])]
    said = list(record["announcements"])
    if wanted.measurements:
        judged = wanted.combination(model, partial, flavours, *values).likelihood(PULL_DIGITS, dict(values))
        document["likelihood"] = {k: v for k, v in judged.as_dict().items() if k not in record}
        document["likelihood"]["sentences"] = list(judged.sentences)
        columns = zip(judged.conditions, judged.pulls, judged.chi2_parts, strict=True)
        body = [
            [one.name, one.quantity.text, *(ball.shown(PULL_DIGITS) for ball in balls)]
            for one, *balls in columns
        ]
        lines += ["", table(["measurement", "observable", "pull", "chi^2"], body)]
        chi2, log = judged.chi2.shown(PULL_DIGITS), judged.log_likelihood.shown(PULL_DIGITS)
        lines.append(f"chi^2 = {chi2}, ln L = {log}")
        said += judged.sentences
    return Answer(document, "\n".join([*lines, *(f"  {s}" for s in said)]))


def _placed(every: Sequence[Observable], wanted: Wanted, model: Model) -> list[Observable]:
    """Return observables at the energies and angles of their measurements, where no others are given."""
    from g2sym.constraints.measured import name_in, placed

    out = list(every)
    for one in wanted.measurements:
        if one.at:
            name = name_in(one.observable, model.declaration, one.name)
            out = [
                replace(found, quantity=placed(found.quantity, one)) if found.name == str(name) else found
                for found in out
            ]
    return out


def _given(one: Observable, every: Sequence[Observable], values: Mapping[str, Fraction]) -> dict[str, object]:
    """Return the values for one observable: without kinematic variables that only others have."""
    others = {name for other in every for name in other.declaration.parameters} & KINEMATIC.keys()
    skipped = others - one.declaration.parameters.keys()
    return {name: value for name, value in values.items() if name not in skipped}


def _fitting(observables: Sequence[Observable], unit: str | None) -> list[str | None]:
    """Return the unit of each value, None for the natural one where another does not fit.

    Raises UsageError for a unit that fits none.
    """
    from g2sym.queries.evaluate import unit_factor

    out: list[str | None] = []
    refused: UsageError | None = None
    for one in observables:
        try:
            unit_factor(one.quantity, unit)
            out.append(unit)
        except UsageError as error:
            out.append(None)
            refused = refused or error
    if refused is not None and not any(out):
        raise refused
    return out
