"""Scans: chunks through any executor, results in memory or in a folder that survives being killed."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import described, flag, given, path, text, whole
from g2sym.base.exact import Number
from g2sym.base.memory import memory, size_text
from g2sym.base.version import __version__
from g2sym.constraints.condition import (
    MeasurementLike,
    announce,
    common_record,
    condition,
    limits_taken,
)
from g2sym.constraints.measured import placed
from g2sym.errors import UsageError, shorten
from g2sym.inputs.fields import exact_text
from g2sym.observables.quantity import Quantity, quantity_of
from g2sym.queries.evaluate import unit_factor
from g2sym.queries.pieces import without_common_powers
from g2sym.scans.layout import LEDGER, MAX_CHUNKS, Layout
from g2sym.scans.plans import CHUNK, MAX_POINTS, Grid, Plan, Points, Samples, extent, regions, renamed
from g2sym.scans.rates import elementary_text
from g2sym.scans.result import Scan
from g2sym.scans.solve import Task, most_windows, refusals, solve, value_name
from g2sym.scans.store import KIND, SCHEMA, Store, create, open_store

if TYPE_CHECKING:
    from g2sym.base.types import Columns, Entries, Record

LARGE_OUTPUT = 1 << 24
"""Bytes from which on the free space of a disk is looked at before a scan."""
MAX_WORKERS = 4096
"""Most threads that may be asked for."""
IN_HAND = 4
"""Chunks given to the executor ahead of need, for each worker."""
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class _Job:
    """A scan ready to run."""

    task: Task
    plan: Plan
    chunks: tuple[int, ...]
    arrays: dict[str, Layout]
    results: tuple[str, ...]
    header: Record


def scan(
    observable: object,
    plan: Plan | Entries,
    measurement: MeasurementLike | None = None,
    criterion: str | None = None,
    n_sigma: Number | None = None,
    *,
    on: str | None = None,
    output: str | os.PathLike[str] | None = None,
    resume: bool = False,
    executor: Executor | None = None,
    workers: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    unit: str | None = None,
    params: Mapping[str, object] | None = None,
    **values: object,
) -> Scan:
    """Visit many points: windows of one coupling in closed form, or values of the observable with verdicts.

    Parameters: ``observable``; ``plan``, a `Grid` (or names to arrays), `Samples` or `Points`;
    ``measurement``, ``criterion``, ``n_sigma`` as for `g2sym.bound`, needed with ``on``, the coupling whose
    allowed windows are found at every point; without it the observable is evaluated. ``output``, a folder
    to be written chunk by chunk; ``resume`` continues it; ``executor``, any of `concurrent.futures` (by
    default ``workers`` threads); ``chunk``, about how many points are computed at once; ``progress(done,
    total)`` is called after each chunk; ``unit`` of the values and of the window, by default the natural one,
    for an electric dipole moment ``"e_cm"`` too; the other parameters by keyword or in ``params``.
    Returns the arrays; numbers are right to a relative error of 1e-12.
    Raises UsageError for a call that makes no sense or an output that cannot be written, InputError for a bad
    number, file or folder.
    """
    flag(resume, "resume")
    if progress is not None and not callable(progress):
        raise UsageError(f"progress = {described(progress)} cannot be called; give a function (done, total).")
    if executor is not None and not hasattr(executor, "submit"):
        raise UsageError(f"executor = {described(executor)} is none of concurrent.futures; leave it out.")
    if output is not None:
        path(output, "output")
    job = _job(
        quantity_of(observable), plan, measurement, criterion, n_sigma, on, chunk, given(params, values), unit
    )
    _affordable(job, output)
    if output is None:
        if resume:
            raise UsageError("Only a scan that is written to a folder can be continued; name its output.")
        return _in_memory(job, executor, workers, progress)
    with _store(job, output, resume) as store:
        todo = _todo(job, store)
        total = len(regions(job.plan.shape, job.chunks))
        done = total - len(todo)
        if progress is not None:
            progress(done, total)
        places = {number: place for number, place, _ in todo}
        for number, found in _computed(job, todo, executor, workers):
            store.write(number, places[number], found)
            done += 1
            if progress is not None:
                progress(done, total)
        return load_scan(store.path)


def load_scan(path: str | os.PathLike[str]) -> Scan:
    """Read a scan's folder, finished or not; what is not computed yet is NaN or 0.

    Raises InputError for a folder that is missing, foreign or damaged.
    """
    with open_store(path) as store:
        return Scan(store.load(), store.header, store.path)


def _affordable(job: _Job, output: str | os.PathLike[str] | None) -> None:
    """Refuse what cannot end before anything is computed: too many chunks, more bytes than are free."""
    points = f"A scan of {prod(job.plan.shape):.4g} points"
    count, need = job.arrays[LEDGER].shape[0], sum(layout.whole_bytes for layout in job.arrays.values())
    if count > MAX_CHUNKS:
        raise UsageError(
            f"{points} in {count:.4g} chunks: at most {MAX_CHUNKS} are cut; take larger chunks or fewer "
            "points."
        )
    if need > memory():
        raise UsageError(
            f"{points} holds {size_text(need)} of results, more than the {size_text(memory())} of this "
            "machine; take fewer points, scan in parts, or only count (count_excluded, --count)."
        )
    if output is not None and not os.path.lexists(output):
        folder = os.path.dirname(os.path.abspath(output))
        free = shutil.disk_usage(folder).free if os.path.isdir(folder) else need
        if need > free and need > LARGE_OUTPUT:
            raise UsageError(
                f"{points} writes {size_text(need)}, but {shorten(folder, 300)} has {size_text(free)} left; "
                "free some space, take fewer points, or choose another place."
            )


def _job(
    quantity: Quantity,
    plan: Plan | Entries,
    measurement: MeasurementLike | None,
    criterion: str | None,
    n_sigma: Number | None,
    on: str | None,
    chunk: int,
    fixed: Mapping[str, object],
    unit: str | None,
) -> _Job:
    points = Grid.of(plan, quantity.inputs.masses) if isinstance(plan, Mapping) else plan
    if not isinstance(points, Grid | Samples | Points):
        raise UsageError(
            f"plan = {described(plan)} is no grid, samples or points; give for instance {{'m_a': [0.1, 1]}}."
        )
    quantity, fixed = quantity.asked(fixed, *points.names, on)
    points = renamed(points, quantity.full_name)
    points.written.check(quantity)
    chunk = whole(chunk, "chunk", 1, MAX_POINTS)
    if on is not None:
        on = quantity.full_name(text(on, "on", "g_aff"))
    if measurement is None:
        if on is not None:
            raise UsageError(f"The windows of {shorten(on)} need a measurement; name one.")
        if criterion is not None or n_sigma is not None:
            raise UsageError("A criterion and n_sigma belong to a measurement; name one.")
        found = window = None
    else:
        found, window = condition(quantity, measurement, criterion, n_sigma, unit)
        quantity = placed(quantity, found)
    factor = unit_factor(quantity, unit)
    exact = dict(quantity.values(fixed).given)
    counts = {name: points.distinct(name) for name in points.names}
    chunks = points.chunk_shape(chunk)
    record = {
        "g2sym": __version__,
        "lepton": quantity.lepton,
        "observable": quantity.text,
        "unit": unit or quantity.unit,
        "model": _model_hash(quantity),
        "plan": points.identity(),
        "chunks": list(chunks),
        "values": {name: exact_text(value) for name, value in sorted(exact.items())},
        "on": on,
        "measurement": None if found is None else found.as_dict(),
        "window": None if window is None else window.as_dict(),
        "conventions": quantity.conventions.as_dict(),
        "edition": quantity.inputs.edition,
        "inputs": quantity.inputs.as_dict(),
    }
    key = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).hexdigest()
    task = Task(quantity, exact, points.names, on, window, counts, key, factor)
    sides = task.sides()
    record = json.loads(json.dumps(record))
    known = sides[0].structure.known
    put = None if found is None or window is None else (found, window)
    common = without_common_powers(sides[0].structure)[1]
    limits = limits_taken(quantity.text, [on] if on in common else [], "scan")
    said = announce(quantity.record(known), quantity, known, extent(points), put, limits)
    record["record"] = json.loads(json.dumps(common_record(said, {*points.names, on or ""})))
    why = refusals(sides)
    arrays, results = _layouts(
        points, chunks, on, most_windows(sides), window is not None, value_name(quantity), bool(why)
    )
    if why:
        record["refusals"] = why
    tables = {
        n: {"dtype": a.dtype, "shape": list(a.shape), "chunks": list(a.chunks), "axes": list(a.axes)}
        for n, a in arrays.items()
    }
    header = {"kind": KIND, "schema": SCHEMA, "request": record, "arrays": tables}
    return _Job(task, points, chunks, arrays, results, header)


def _model_hash(quantity: Quantity) -> str:
    """Return a hash of everything that was derived: another Lagrangian or scheme gives another one."""
    lines = [
        f"{t.coefficient}|{t.masses}|{t.integral.delta}|{t.integral.powers}|{t.integral.log}|{t.integral.divisor}"
        + elementary_text(t.integral)
        for amplitude in quantity.amplitudes
        for t in amplitude.terms
    ]
    defaults = sorted(f"{n}={p.default}" for n, p in quantity.declaration.parameters.items())
    return hashlib.sha256("\n".join([*lines, *defaults]).encode()).hexdigest()


def _layouts(
    plan: Plan, chunks: tuple[int, ...], on: str | None, most: int, judged: bool, value: str, refused: bool
) -> tuple[dict[str, Layout], tuple[str, ...]]:
    shape = plan.shape
    axes = plan.names if isinstance(plan, Grid) else ("point",)
    arrays: dict[str, Layout] = {}
    if on is not None:
        arrays["windows"] = Layout("float64", (*shape, most, 2), (*chunks, most, 2), (*axes, "window", "end"))
        arrays["count"] = Layout("uint8", shape, chunks, axes)
    else:
        arrays[value] = Layout("float64", shape, chunks, axes)
        if judged:
            arrays["verdict"] = Layout("uint8", shape, chunks, axes)
    if refused:
        arrays["reason"] = Layout("uint8", shape, chunks, axes)
    clash = {*arrays, LEDGER} & {*plan.names}
    if clash:
        raise UsageError(f"A parameter named {min(clash)} cannot be scanned: results have that name.")
    if isinstance(plan, Grid):
        results = tuple(arrays)
        for name, size in zip(plan.names, shape, strict=True):
            arrays[name] = Layout("float64", (size,), (size,), (name,))
    else:
        for name in plan.names:
            arrays[name] = Layout("float64", shape, chunks, axes)
        results = tuple(arrays)
    count = Layout("uint8", shape, chunks, axes).chunk_count
    arrays[LEDGER] = Layout("uint8", (count, 32), (1, 32), ("chunk", "digest"))
    return arrays, results


def _store(job: _Job, output: str | os.PathLike[str], resume: bool) -> Store:
    """Make the folder, or open the one to be continued once it is known to be of the same scan."""
    if not (resume and os.path.lexists(output)):
        columns = dict(zip(job.plan.names, job.plan.axes, strict=True)) if isinstance(job.plan, Grid) else {}
        return create(output, job.header, job.arrays, columns)
    store = open_store(output, write=True)
    try:
        before, now = store.header.get("request"), job.header["request"]
        if not isinstance(before, dict):
            raise UsageError(
                f"{shorten(output, 300)}: its header does not say what was asked; begin a new scan."
            )
        for part, what in _PARTS.items():
            if before.get(part) != now[part]:
                raise UsageError(
                    f"{shorten(output, 300)} holds another scan: {what} differs; repeat the call it was begun"
                    " with, or choose another place."
                )
        if store.header != job.header:
            raise UsageError(f"{shorten(output, 300)} holds another scan; choose another place.")
        if isinstance(job.plan, Grid):
            for name in job.plan.names:
                store.axis(name)
        store.clean()
    except BaseException:
        store.__exit__()
        raise
    return store


_PARTS = {
    "g2sym": "the version of g2sym",
    "lepton": "the lepton",
    "observable": "the observable",
    "unit": "the unit",
    "model": "the model",
    "conventions": "a convention or the scheme",
    "edition": "the edition of the inputs",
    "inputs": "an input value",
    "values": "the value of a parameter",
    "plan": "the grid or the sampling",
    "chunks": "the size of the chunks",
    "on": "the coupling solved for",
    "measurement": "the measurement",
    "window": "the criterion or n_sigma",
}

_Chunk = tuple[int, tuple[int, ...], tuple[slice, ...]]


def _todo(job: _Job, store: Store) -> list[_Chunk]:
    every = [(n, place, region) for n, (place, region) in enumerate(regions(job.plan.shape, job.chunks))]
    done = store.finished({n: place for n, place, _ in every})
    return [chunk for chunk in every if chunk[0] not in done]


def _in_memory(job: _Job, executor: Executor | None, workers: int | None, progress: Progress | None) -> Scan:
    import numpy as np

    every = [(n, place, region) for n, (place, region) in enumerate(regions(job.plan.shape, job.chunks))]
    arrays: Record = {
        name: np.empty(layout.shape, layout.dtype)
        for name, layout in job.arrays.items()
        if name in job.results
    }
    if isinstance(job.plan, Grid):
        arrays |= dict(zip(job.plan.names, job.plan.axes, strict=True))
    place = {n: region for n, _, region in every}
    for done, (number, found) in enumerate(_computed(job, every, executor, workers), 1):
        for name, values in found.items():
            arrays[name][place[number]] = values
        if progress is not None:
            progress(done, len(every))
    return Scan(arrays, job.header)


def _computed(
    job: _Job, todo: list[_Chunk], executor: Executor | None, workers: int | None
) -> Iterator[tuple[int, Columns]]:
    """Yield each chunk's number and results as they come, a bounded number of them in hand."""
    task = job.task.bare()
    grid = isinstance(job.plan, Grid)
    with _executor(executor, workers) as (pool, size):
        running: dict[Future[Any], tuple[int, Record]] = {}
        waiting = iter(todo)
        try:
            while True:
                for number, _, region in waiting:
                    here = job.plan.coordinates(region)
                    shape = tuple(part.stop - part.start for part in region)
                    running[pool.submit(solve, task, here, shape)] = (number, {} if grid else here)
                    if len(running) >= IN_HAND * size:
                        break
                if not running:
                    return
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    number, here = running.pop(future)
                    yield number, {**future.result(), **here}
        finally:
            for future in running:
                future.cancel()


@contextmanager
def _executor(executor: Executor | None, workers: int | None) -> Iterator[tuple[Executor, int]]:
    """Hand out the user's executor, or threads of our own."""
    if workers is not None:
        workers = whole(workers, "workers", 1, MAX_WORKERS)
    size = workers or os.cpu_count() or 1
    if executor is not None:
        yield executor, workers or max(size, getattr(executor, "_max_workers", size))
        return
    with ThreadPoolExecutor(size) as own:
        yield own, size
