"""What ``g2sym bound`` does, without the parser of its command line."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from g2sym.base.classes import replace
from g2sym.base.exact import decimal_text
from g2sym.cli import reading
from g2sym.cli.answers import Answer, say
from g2sym.cli.output import Output, check_writable
from g2sym.cli.progress import progress
from g2sym.cli.rows import CHUNK, LONG, shown_rows
from g2sym.cli.rows import cell as _cell
from g2sym.cli.rows import chunks as _chunks
from g2sym.cli.rows import head as _head
from g2sym.cli.several import read_wanted
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.observables.flavours import flavour_lines, links_text

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.constraints import Bound
    from g2sym.inputs import Measurement
    from g2sym.model.observable import Observable


def bound(
    model: str,
    on: str,
    span: str | None,
    lepton: tuple[str, ...],
    observable: tuple[str, ...],
    grids: tuple[str, ...],
    assignments: tuple[str, ...],
    measurement: tuple[str, ...],
    criterion: tuple[str, ...],
    n_sigma: tuple[str, ...],
    unit: str | None,
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
    csv_path: str | None,
    plot_path: str | None,
) -> Answer:
    """Return the answer of ``g2sym bound``; parameters as `g2sym.cli.bound.bound` describes them."""
    wanted = read_wanted(lepton, observable, measurement, criterion, n_sigma)
    varied = reading.read_grids(grids, overrides)
    fixed = reading.read_assignments(assignments, overrides)
    for grid in varied:
        if grid.name in fixed:
            raise UsageError(f"{grid.name} is both set and varied; drop one of the two.")
    interval = _range(span)
    form = _plot_form(plot_path, varied)
    searched = _searched(on, interval, overrides) if form else None
    if csv_path is not None:
        check_writable(csv_path, "--csv")
    wanted.check()  # a wrong choice is refused before the model is derived
    chosen = reading.load(model, overrides, scheme, flavours)
    names = (on, *fixed, *(grid.name for grid in varied))
    if len(wanted.measurements) > 1:
        from g2sym.cli import combining

        combination = wanted.combination(chosen, partial, flavours, *names, unit=unit)
        picture = (plot_path, form, searched) if plot_path is not None else None
        return combining.bound(combination, on, fixed, varied, interval, csv_path, picture)
    (name,), (data,) = wanted.observables, wanted.measurements
    how, sigmas = wanted.criterion, wanted.n_sigma
    moment = reading.observed(chosen, name, partial, flavours, *names)
    full = moment.quantity.full_name
    on, fixed = full(on), {full(name): value for name, value in fixed.items()}
    varied = [replace(grid, name=full(grid.name)) for grid in varied]
    known = [symbol for p in moment.declaration.parameters.values() for symbol in p.symbols]
    if on not in known:
        raise UsageError(
            f"--on: the model '{chosen.name}' has no parameter {shorten(on)}{did_you_mean(on, known)}; "
            f"it has {', '.join(known)}."
        )
    found = _solve(moment, on, data, how, sigmas, fixed, varied, interval, unit)
    document = {**found.as_dict(), "units": reading.units_of(moment)}
    files = []
    if csv_path is not None:
        files.append(Output(csv_path, lambda stream: _write_csv(found, stream)))
    if plot_path is not None:

        def more(points: Sequence[Fraction]) -> Bound:
            from g2sym.constraints import bound as compute

            params: dict[str, object] = {**fixed, varied[0].name: list(points)}
            return compute(moment, on, data, how, sigmas, interval=interval, params=params)

        def draw(stream: BinaryIO) -> None:
            from g2sym.drawing.style import save
            from g2sym.show.bounds import draw_bound, visible
            from g2sym.show.refine import refined

            (grid,) = varied
            seen = visible(found, searched)
            columns = refined(found, grid.name, more, logarithmic=grid.logarithmic, visible=seen, tell=say)
            axes: Record = {"logarithmic": grid.logarithmic, "searched": searched}
            save(lambda: draw_bound(found, moment.declaration, columns=columns, **axes), stream, form)

        files.append(Output(plot_path, draw))
        document["versions"] = ["matplotlib", "numpy"]
    return Answer(document, _text(found, chosen.name, document["units"]), files)


def _range(span: str | None) -> tuple[str, str] | None:
    """Read FROM:TO."""
    if span is None:
        return None
    low, colon, high = span.partition(":")
    if not colon or ":" in high:
        raise UsageError(f"--range {shorten(span)}: write FROM:TO in GeV, for instance 0.01:10.")
    return low, high


def _searched(
    on: str, interval: tuple[str, str] | None, overrides: Sequence[str]
) -> tuple[Fraction, Fraction] | None:
    """Return the interval of a mass, if it can be the axis of a picture."""
    if interval is None:
        return None
    from g2sym.queries.zeros import read_interval
    from g2sym.show.bounds import check_axis

    low, high = read_interval(on, interval, reading.read_inputs(overrides).masses)
    check_axis(on, low, high)
    return low, high


def _plot_form(path: str | None, varied: Sequence[reading.Grid]) -> str:
    if path is None:
        return ""
    if len(varied) != 1:
        raise UsageError(
            f"--plot draws a bound over one varied parameter, not {len(varied)}; use one --vary."
        )
    from g2sym.drawing.formats import format_of
    from g2sym.show.bounds import check_axis

    form = format_of(path)
    check_writable(path, "--plot")
    points = varied[0].points
    if list(points) not in (sorted(points), sorted(points, reverse=True)):
        raise UsageError(f"--plot needs the values of {varied[0].name} in order; sort the list.")
    check_axis(varied[0].name, points[0], points[-1])
    return form


def _solve(
    moment: Observable,
    on: str,
    data: Measurement,
    criterion: str | None,
    sigmas: Fraction | None,
    fixed: dict[str, Fraction],
    varied: Sequence[reading.Grid],
    interval: tuple[str, str] | None,
    unit: str | None,
) -> Bound:
    """Compute all rows, in chunks of the first varied parameter so that there is progress to show."""
    from g2sym.constraints import bound as compute
    from g2sym.constraints.bounds import announced

    others = {grid.name: list(grid.points) for grid in varied[1:]}
    first = varied[0].points if varied else ()
    per_point = 1
    for grid in varied[1:]:
        per_point *= len(grid.points)
    chunks = _chunks(first, per_point)
    total = max(1, len(first)) * per_point
    parts: list[Bound] = []
    for chunk in progress(chunks, len(chunks), f"bound on {on}", long=total > 5 * CHUNK):
        start = time.monotonic()
        lead = {varied[0].name: list(chunk)} if varied else {}
        params: dict[str, object] = {**fixed, **lead, **others}
        found = compute(moment, on, data, criterion, sigmas, interval=interval, params=params, unit=unit)
        parts.append(found)
        expected = (time.monotonic() - start) * len(first) / max(1, len(chunk))
        if len(parts) == min(2, len(chunks) - 1) and expected > LONG:
            say(f"{total} points, about {decimal_text(Fraction(round(expected)), 2)} s")
    whole = replace(parts[0], rows=tuple(row for part in parts for row in part.rows))
    return announced(moment, whole, moment.values({**fixed, **whole.rows[0].values}))


def _text(found: Bound, model: str, units: Mapping[str, str]) -> str:
    from g2sym.drawing.tables import table

    window = found.window.as_dict()
    low, high, unit = found.window.written(5)
    sigma = "" if found.n_sigma is None else f", n = {decimal_text(found.n_sigma, 6)}"
    fixed = "".join(f", {n} = {v}" for n, v in found.record.get("values", {}).items())
    lines = [
        f"{model}: allowed {found.on} from {_shown(found.measurement)}{fixed}",
        f"{found.measurement.name}, {found.criterion}: {window['meaning']}{sigma}: "
        f"{found.measurement.symbol} in [{low}, {high}]{'' if unit == '1' else f' {unit}'}",
        *flavour_lines(found.record),
        "",
    ]
    counts = [len(row.windows) for row in found.rows]
    shown = shown_rows(counts)
    rows = []
    for k in shown:
        row = found.rows[k]
        rows.append([*(decimal_text(row.values[n], 5) for n in found.varied), row.text(4)])
    lines.append(table([_head(n, units) for n in (*found.varied, f"allowed {found.on}")], rows))
    if len(shown) < len(counts):
        lines.append(f"({len(shown)} of {len(counts)} rows; --csv FILE or --json gives every one)")
    lines += [s for s in (found.sentence, *found.record.get("announcements", ())) if s]
    return "\n".join(lines)


def _shown(measurement: Measurement) -> str:
    """Return what was measured: (g-2)_mu, or the name of another observable."""
    return f"(g-2)_{measurement.lepton}" if measurement.lepton else measurement.observable


def _write_csv(found: Bound, stream: BinaryIO) -> None:
    """Write one line for each window; ``windows`` is 0 on the line of a point where nothing is allowed."""
    import csv
    import io

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    fixed = found.record.get("values", {})
    columns = ["on", "windows", "window", "low", "high", "lepton", "measurement", *_HOW]
    writer.writerow([*found.varied, *columns, "flavour", *fixed])
    sigma = "" if found.n_sigma is None else decimal_text(found.n_sigma)
    tail = [
        found.lepton or found.measurement.observable,
        _cell(found.measurement.name),
        found.criterion,
        sigma,
        links_text(found.record.get("flavour", {})),
        *fixed.values(),
    ]
    for row in found.rows:
        head = [*(decimal_text(value) for _, value in row.point), found.on, len(row.windows)]
        for at, (low, high) in enumerate(row.windows, 1):
            ends = ["-inf" if low is None else low.settled(17), "inf" if high is None else high.settled(17)]
            writer.writerow([*head, at, *ends, *tail])
        if not row.windows:
            writer.writerow([*head, 0, "", "", *tail])
    text.detach()


_HOW = ("criterion", "n_sigma")
