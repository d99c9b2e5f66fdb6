"""``g2sym scan``: many points at once, through threads or a cluster, into memory or a folder."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

import click

from g2sym.base.masses import Mass
from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.cli.several import read_wanted
from g2sym.errors import UsageError, shorten
from g2sym.observables.flavours import flavour_lines

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from g2sym.base.types import Doubles, Entries
    from g2sym.inputs import Measurement
    from g2sym.model.observable import Observable
    from g2sym.scans.plans import Plan
    from g2sym.scans.result import Scan


MAX_AXIS = 10_000_000
"""Most values along one axis of a grid."""


@command(
    "scan",
    examples=[
        "g2sym scan alp --vary m_a=1e-2:10:200 --vary g_aff=1e-5:1e-2:300 --on g_agg -o alp.zarr",
        "g2sym scan alp --vary m_a=1e-2:10:200 --vary g_aff=1e-5:1e-2:300 --on g_agg -o alp.zarr --resume",
        "g2sym scan alp --vary m_a=.01:10:1000 --vary g_aff=1e-5:.01:1000 --vary g_agg=1e-6:.1:1000 --count",
        "g2sym scan scalar --vary m_s=1e-2:10 --vary g_sff=1e-5:1e-2 --samples 20000 --set g_sgg=1e-4",
        "g2sym scan cp.toml --observable 'd(mu)' --measurement edm.toml --set g_S=1 --vary m_s=1:9:9 "
        "--on g_P --unit e_cm",
        "g2sym scan dark_photon --points mine.csv --scheduler tcp://127.0.0.1:8786 -o dark.zarr",
    ],
)
@options.model_argument
@options.several_options
@click.option(
    "--vary",
    "ranges",
    metavar="NAME=FROM:TO[:COUNT][:lin]",
    multiple=True,
    help="A parameter to vary, on a logarithmic or linear scale; no COUNT with --samples; repeatable.",
)
@click.option("--samples", type=int, help="So many points in place of a grid.")
@click.option(
    "--sampling", type=click.Choice(("sobol", "random")), default="sobol", show_default=True, help="How."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the samples.")
@click.option("--points", "points_path", metavar="FILE", help="Your own points: CSV with a line of names.")
@click.option("--on", metavar="NAME", help="The coupling whose allowed windows are found at every point.")
@click.option("--count", "only_count", is_flag=True, help="Only count the allowed points of the grid.")
@options.set_option
@options.kinematic_options
@options.measurements_option
@options.criteria_option
@options.sigmas_option
@options.unit_option
@options.scheme_option
@options.partial_option
@options.flavour_option
@options.input_option
@click.option("-o", "--output", metavar="FOLDER", help="Write the arrays to a folder (Zarr format 3).")
@click.option("--resume", is_flag=True, help="Continue the scan in this folder, or begin it.")
@click.option("--chunk", type=int, help="About how many points are computed at once (default 65536).")
@click.option("--workers", type=int, help="How many threads (default: one for each processor).")
@click.option("--scheduler", metavar="ADDRESS", help="Send the work to a Dask cluster.")
def scan(
    model: str,
    lepton: tuple[str, ...],
    observable: tuple[str, ...],
    ranges: tuple[str, ...],
    samples: int | None,
    sampling: str,
    seed: int,
    points_path: str | None,
    on: str | None,
    only_count: bool,
    assignments: tuple[str, ...],
    measurement: tuple[str, ...],
    criterion: tuple[str, ...],
    n_sigma: tuple[str, ...],
    unit: str | None,
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
    output: str | None,
    resume: bool,
    chunk: int | None,
    workers: int | None,
    scheduler: str | None,
) -> Answer:
    """Visit many points of MODEL: a grid, samples of a box, or your own list.

    With --on the windows of that coupling are found in closed form at every point; without it the
    observable is evaluated and judged. With --count the points of a grid are only counted, exactly and
    without visiting them. A scan that is written to a folder can be stopped at any moment and continued with
    --resume; it ends with the same bytes. An observable of which no measurement is bundled (see g2sym
    measurements) needs a measurement file.
    """
    wanted = read_wanted(lepton, observable, measurement, criterion, n_sigma)
    fixed = reading.read_assignments(assignments, overrides)
    wanted.check()  # a wrong choice is refused before the model is derived
    if len(wanted.measurements) > 1 and (on is not None or only_count):
        option = "--on" if on is not None else "--count"
        raise UsageError(
            f"{option} takes one measurement; drop it, or take g2sym bound, whose windows are those that "
            "several measurements allow."
        )
    plan = _plan(ranges, samples, sampling, seed, points_path, overrides)
    for one in plan.names:
        if one in fixed:
            raise UsageError(f"{one} is both set and varied; drop one of the two.")
    chosen = reading.load(model, overrides, scheme, flavours)
    if len(wanted.measurements) > 1:
        if output is None and resume:
            raise UsageError("--resume continues a scan in a folder; name it with -o.")
        if unit is not None:
            raise UsageError(
                "--unit takes one measurement; several are scanned in natural units, so drop it."
            )
        from g2sym.cli import scanning
        from g2sym.scans.plans import CHUNK
        from g2sym.scans.several import scan_several

        combination = wanted.combination(chosen, partial, flavours, *fixed, *plan.names)
        with _pool(scheduler) as (executor, threads), _bar(plan) as progress:
            several = scan_several(
                combination,
                plan,
                output=output,
                resume=resume,
                executor=executor,
                workers=workers if workers is not None else threads,
                chunk=CHUNK if chunk is None else chunk,
                progress=progress,
                params=dict(fixed),
            )
        return scanning.answer(several)
    (name,), (data,) = wanted.observables, wanted.measurements
    how, sigmas = wanted.criterion, wanted.n_sigma
    moment = reading.observed(chosen, name, partial, flavours, on, *fixed, *plan.names)
    units = reading.units_of(moment)
    if only_count:
        if output is not None or resume or scheduler is not None:
            raise UsageError(
                "--count writes no folder and needs no cluster; drop -o, --resume and --scheduler."
            )
        if unit is not None:
            raise UsageError("--count counts points and prints no values; drop --unit.")
        return _counted(moment, plan, data, how, sigmas, on, fixed, chosen.name, units)
    if output is None and resume:
        raise UsageError("--resume continues a scan in a folder; name it with -o.")
    from g2sym.scans.plans import CHUNK
    from g2sym.scans.run import scan as compute

    with _pool(scheduler) as (executor, threads), _bar(plan) as progress:
        found = compute(
            moment,
            plan,
            data,
            how,
            sigmas,
            on=on,
            output=output,
            resume=resume,
            executor=executor,
            workers=workers if workers is not None else threads,
            chunk=CHUNK if chunk is None else chunk,
            progress=progress,
            unit=unit,
            params=dict(fixed),
        )
    document = {**found.as_dict(), "units": units, "versions": ["numpy"]}
    return Answer(document, _text(found, document, chosen.name))


def _plan(
    ranges: tuple[str, ...],
    samples: int | None,
    sampling: str,
    seed: int,
    points_path: str | None,
    overrides: tuple[str, ...],
) -> Plan:
    import numpy as np

    from g2sym.constraints.planes import Axis
    from g2sym.scans.plans import Grid, Samples, read_points
    from g2sym.scans.reading import Written

    if points_path is not None:
        if ranges or samples is not None:
            raise UsageError("--points brings its own points; drop --vary and --samples.")
        return read_points(points_path, reading.read_inputs(overrides).masses)
    if not ranges:
        raise UsageError("Nothing is varied; give --vary NAME=FROM:TO:COUNT or --points FILE.")
    wanted = samples is None
    grid: dict[str, Doubles] = {}
    axes = []
    heavy: set[str] = set()  # with a value that is written as a mass
    for name, text in reading.split_assignments(ranges, "--vary").items():
        if "," in text and wanted:
            listed = reading.read_list(name, text, overrides)
            grid[name] = np.array([float(v) for v in listed])
            heavy |= {name for v in listed if isinstance(v, Mass)}
            continue
        parts = text.split(":")
        scale = parts.pop() if parts[-1] in ("lin", "log") else "log"
        if len(parts) != (3 if wanted else 2):
            form = "NAME=FROM:TO:COUNT" if wanted else "NAME=FROM:TO with --samples"
            raise UsageError(
                f"--vary {name}={shorten(text)[1:-1]}: write {form}, and :lin for a linear scale."
            )
        low, high = (reading.value(part, f"--vary {name}", overrides) for part in parts[:2])
        heavy |= {name for v in (low, high) if isinstance(v, Mass)}
        axis = Axis(name, low, high, scale == "log")
        axes.append(axis)
        if wanted:
            count = reading.number(parts[2], f"--vary {name}")
            if count.denominator != 1 or not 2 <= count <= MAX_AXIS:
                raise UsageError(
                    f"--vary {name}: the count {shorten(parts[2])} is no whole number from 2 to {MAX_AXIS}."
                )
            grid[name] = axis.edges(int(count) - 1)
    written = Written(frozenset(heavy))
    if samples is not None:
        return Samples(tuple(axes), samples, sampling, seed, written)
    return replace(Grid.of(grid), written=written)


@contextmanager
def _pool(scheduler: str | None) -> Iterator[tuple[Executor | None, int | None]]:
    if scheduler is None:
        yield None, None
        return
    from g2sym.scans.cluster import cluster

    with cluster(scheduler) as (executor, threads):
        yield executor, threads


@contextmanager
def _bar(plan: Plan) -> Iterator[Callable[[int, int], None] | None]:
    """Draw a bar with rate and remaining time, on a terminal only."""
    if not sys.stderr.isatty():
        yield None
        return
    from math import prod

    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    points = prod(plan.shape)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        line = bar.add_task("scan", total=points, rate="")

        def show(done: int, total: int) -> None:
            bar.update(line, completed=points * done / total)
            speed = bar.tasks[0].speed
            bar.update(line, rate=f"{speed:,.0f} points/s" if speed else "")

        yield show


def _counted(
    moment: Observable,
    plan: Plan,
    data: Measurement,
    criterion: str | None,
    sigmas: Fraction | None,
    on: str | None,
    fixed: Mapping[str, Fraction],
    model: str,
    units: Mapping[str, str],
) -> Answer:
    from g2sym.scans.count import count_excluded
    from g2sym.scans.plans import Grid

    if not isinstance(plan, Grid):
        raise UsageError("--count counts the points of a grid; give --vary NAME=FROM:TO:COUNT.")
    found = count_excluded(moment, plan, data, criterion, sigmas, on=on, params=dict(fixed))
    absent = ""
    if found.without_value:
        absent = f", of which {found.without_value} have no value"
        zero = found.without_value - sum(found.refused.values())
        absent += f" ({zero} since a denominator is zero)" if zero and found.refused else ""
        absent += "" if found.refused else " (a denominator is zero)"
    lines = [
        f"{model}: {found.total} points, solved for {found.on} in {found.rows} rows",
        f"  allowed    {found.allowed}",
        f"  excluded   {found.excluded}",
        f"  undecided  {found.undecided}{absent}",
        *refused_lines(found.refused),
    ]
    document = {**found.as_dict(), "units": dict(units), "versions": ["numpy"]}
    lines += [*flavour_lines(document), *document.get("announcements", ())]
    return Answer(document, "\n".join(lines))


def refused_lines(refused: Mapping[str, int]) -> list[str]:
    """Return a line for each sentence that says why points have no value."""
    return [f"  {count} points without a value: {why}" for why, count in refused.items()]


def _text(found: Scan, document: Entries, model: str) -> str:
    lines = [f"{model}: {document['points']} points, shape {' x '.join(map(str, document['shape']))}"]
    for name, counts in (("windows", "points with {} windows"), ("verdicts", "points {}")):
        for key, count in document.get(name, {}).items():
            lines.append(f"  {counts.format(key):<24} {count}")
    zero = document.get("without_value", 0) - sum(document.get("refused", {}).values())
    if zero > 0:
        lines.append(f"  {'points without a value':<24} {zero} (a denominator is zero)")
    lines += refused_lines(document.get("refused", {}))
    lines += [*flavour_lines(document), *document.get("announcements", ())]
    if found.path is not None:
        lines.append(f"arrays {', '.join(document['arrays'])} in {found.path}")
    return "\n".join(lines)
