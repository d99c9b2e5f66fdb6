"""What a scan found: arrays by name, what they rest on, and how many points came out how."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.constraints.maps import STATES
from g2sym.errors import UsageError, shorten

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from g2sym.base.types import Entries, Record

SAID = ("announcements", "missing", "flavour")
"""What of the observable's record is repeated beside the summary."""


@dataclass(frozen=True, eq=False)
class Scan:
    """What a scan found.

    Parameters: ``arrays`` by name: the coordinates (one axis each for a grid, else one value a point) and
    ``windows`` with ``count``, or ``delta_a`` (``value`` for other observables) with ``verdict``; ``header``,
    what it rests on; ``path`` of the
    folder it was written to, or None.
    """

    arrays: Mapping[str, NDArray[Any]]
    header: Entries
    path: Path | None = None

    def __getitem__(self, name: str) -> NDArray[Any]:
        if not isinstance(name, str) or name not in self.arrays:
            raise UsageError(f"There is no array {shorten(name)}; this scan has {', '.join(self.arrays)}.")
        return self.arrays[name]

    @property
    def shape(self) -> tuple[int, ...]:
        """How many points there are along each axis; a list or samples of a box have one axis."""
        return next(self.arrays[n].shape for n in ("count", "delta_a", "value") if n in self.arrays)

    def summary(self) -> Record:
        """Return a JSON-ready record of what was found: points, shape, arrays, how many of each outcome."""
        import numpy as np

        out: Record = {
            "points": prod(self.shape),
            "shape": list(self.shape),
            "arrays": sorted(self.arrays),
            "output": None if self.path is None else os.fspath(self.path),
        }
        if "count" in self.arrays:
            counts = np.bincount(self["count"].reshape(-1))
            out["windows"] = {str(n): int(k) for n, k in enumerate(counts)}
        if "reason" in self.arrays:
            places = np.bincount(self["reason"].reshape(-1))
            said = self.header["request"]["refusals"]
            out["refused"] = {said[n - 1]: int(k) for n, k in enumerate(places) if n and k}
        if "/" in str(self.header["request"].get("observable")) and "value" in self.arrays:
            out["without_value"] = int(np.isnan(self["value"]).sum())
        if "verdict" in self.arrays:
            counts = np.bincount(self["verdict"].reshape(-1), minlength=len(STATES))
            out["verdicts"] = dict(zip(STATES, map(int, counts), strict=True))
        return out

    def as_dict(self) -> Record:
        """Return a JSON-ready record: the summary, and what was asked for."""
        request = self.header["request"]
        said = {key: request["record"][key] for key in SAID if key in request.get("record", {})}
        return {**said, **self.summary(), **request}
