"""Scans of several measurements: every point judged by each, and how well all of them agree with it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.base.arguments import given, path
from g2sym.constraints.combined import Combination
from g2sym.constraints.conditions import Condition, asked, merged_record, shared_sources
from g2sym.constraints.likelihood import CONVENTION, in_doubles, pulls_of
from g2sym.constraints.maps import STATES
from g2sym.constraints.quadtree import ALLOWED, EXCLUDED, UNDECIDED
from g2sym.errors import UsageError, shorten
from g2sym.scans.plans import CHUNK, Plan
from g2sym.scans.result import Scan
from g2sym.scans.run import Progress, scan

if TYPE_CHECKING:
    from g2sym.base.types import Codes, Doubles, Entries, Record


@dataclass(frozen=True, eq=False)
class CombinedScan:
    """Points judged by several measurements.

    Parameters: ``conditions``; ``scans``, that of each measurement alone, in their order, over the same
    points; ``path`` of the folder that holds theirs, or None.
    """

    conditions: tuple[Condition, ...]
    scans: tuple[Scan, ...]
    path: Path | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the measurements."""
        return tuple(one.name for one in self.conditions)

    @cached_property
    def verdict(self) -> Codes:
        """The state of every point: allowed (1) by all, excluded (2) by one, else undecided (0)."""
        import numpy as np

        states = np.stack([one["verdict"] for one in self.scans])
        out = np.full(states.shape[1:], UNDECIDED, np.uint8)
        out[(states == ALLOWED).all(axis=0)] = ALLOWED
        out[(states == EXCLUDED).any(axis=0)] = EXCLUDED
        return out

    @cached_property
    def pulls(self) -> dict[str, Doubles]:
        """The pulls by name of the measurement; NaN where an observable has no value."""
        return {
            one.name: pulls_of(_values(found), *in_doubles(one.measurement.gaussian()))
            for one, found in zip(self.conditions, self.scans, strict=True)
        }

    @cached_property
    def chi2(self) -> Doubles:
        """chi^2, the sum of the squares of the pulls; the log-likelihood is -chi^2/2."""
        import numpy as np

        with np.errstate(over="ignore"):
            out: Doubles = sum((pull**2 for pull in self.pulls.values()), np.zeros(()))
        return out

    @property
    def best(self) -> Record | None:
        """The point with the least chi^2, its values by name and the chi^2; None where no point has one."""
        import numpy as np

        if not np.isfinite(self.chi2).any():
            return None
        place = np.unravel_index(int(np.nanargmin(self.chi2)), self.chi2.shape)
        request = self.scans[0].header["request"]
        order = request["plan"].get("order") or [n for n in request["plan"] if n != "kind"]
        grid = request["plan"]["kind"] == "grid"
        point = {
            name: float(self.scans[0][name][place[k] if grid else place]) for k, name in enumerate(order)
        }
        return {"point": point, "chi2": float(self.chi2[place])}

    def as_dict(self) -> Record:
        """Return a JSON-ready record: counts of all together and of each measurement, and the best point."""
        import numpy as np

        counts = np.bincount(self.verdict.reshape(-1), minlength=len(STATES))
        summaries = [one.summary() for one in self.scans]
        each = [
            {**one.as_dict(), "verdicts": found["verdicts"]}
            for one, found in zip(self.conditions, summaries, strict=True)
        ]
        records = [one.header["request"]["record"] for one in self.scans]
        record = merged_record(records)
        record["announcements"] = [*record["announcements"], *shared_sources(self.conditions)]
        return {
            **record,
            "points": summaries[0]["points"],
            "shape": summaries[0]["shape"],
            "plan": self.scans[0].header["request"]["plan"],
            "conditions": each,
            "verdicts": dict(zip(STATES, map(int, counts), strict=True)),
            "without_value": int(np.isnan(self.chi2).sum()),
            "best": self.best,
            "normalisation": CONVENTION,
            "output": None if self.path is None else os.fspath(self.path),
        }


def scan_several(
    combination: Combination,
    plan: Plan | Entries,
    *,
    output: str | os.PathLike[str] | None = None,
    resume: bool = False,
    executor: Executor | None = None,
    workers: int | None = None,
    chunk: int = CHUNK,
    progress: Progress | None = None,
    params: Mapping[str, object] | None = None,
    **values: object,
) -> CombinedScan:
    """Visit many points and judge each by every measurement of a combination.

    Parameters: ``combination``; the others as for `g2sym.scan`. ``output``, a folder in which each
    measurement has its scan's own folder, to be continued with ``resume``. Numbers are right to a relative
    error of 1e-12, verdicts are proved. Raises what `g2sym.scan` raises.

    >>> import g2sym as g2
    >>> both = g2.load_model("dark_photon").combine("electron-2023-rb", "muon-2025")
    >>> scan_several(both, {"m_A": [0.1, 1.0], "eps": [1e-4, 1e-2]}).verdict.tolist()
    [[1, 2], [1, 1]]
    """
    raw = given(params, values)
    names = plan if isinstance(plan, Mapping) else getattr(plan, "names", ())
    conditions, raw = asked(combination.conditions, raw, *names)
    folders = _folders(conditions, output, resume)
    found = []
    for at, (one, folder) in enumerate(zip(conditions, folders, strict=True)):

        def step(done: int, total: int, at: int = at) -> None:
            if progress is not None:
                progress(at * total + done, len(conditions) * total)

        found.append(
            scan(
                one.observable,
                plan,
                one.measurement,
                *one.choice,
                output=folder,
                resume=resume,
                executor=executor,
                workers=workers,
                chunk=chunk,
                progress=None if progress is None else step,
                params=raw,
            )
        )
    return CombinedScan(conditions, tuple(found), None if output is None else Path(output))


def _folders(
    conditions: tuple[Condition, ...], output: str | os.PathLike[str] | None, resume: bool
) -> list[Path | None]:
    """Make the folder, and return that of each measurement in it: its number and what its name allows."""
    if output is None:
        return [None] * len(conditions)
    target = Path(path(output, "output"))
    if os.path.lexists(target) and not resume:
        raise UsageError(
            f"{shorten(target, 300)} exists; continue that scan with --resume, or choose another place."
        )
    try:
        target.mkdir(exist_ok=True)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"{shorten(target, 300)} could not be made ({reason}).") from None
    slugs = (re.sub(r"[^A-Za-z0-9.-]+", "-", one.name)[:60].strip(".-") for one in conditions)
    return [target / f"{at}-{slug}.zarr" for at, slug in enumerate(slugs, 1)]


def _values(found: Scan) -> Any:
    return found[next(name for name in ("delta_a", "value") if name in found.arrays)]
