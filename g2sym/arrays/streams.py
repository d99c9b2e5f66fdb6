"""Functions of masses evaluated piece by piece, so that no whole array of their values is ever kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from g2sym.arrays.refused import Reasons, note_points
from g2sym.errors import G2symError
from g2sym.tables.compiled import LONG, Loop, table_loop
from g2sym.tables.table import Table, Work

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Places


Fill = Callable[[Mapping[str, "Doubles"], "Doubles"], "Doubles | None"]
"""Fills an array with a function's values at the points of some pieces, all of one length.

Returns how many times the error of its source each may err, None for once at most.
"""


class Kept:
    """Buffers of one thread, kept from call to call: new memory has to be cleared by the system first."""

    def __init__(self) -> None:
        self._arrays: dict[str, Doubles] = {}
        self._places: Places | None = None
        self._work: Work | None = None

    def doubles(self, name: str, size: int) -> Doubles:
        """Return so many doubles, in the same memory for the same name."""
        import numpy as np

        found = self._arrays.get(name)
        if found is None or found.size < size:
            found = self._arrays[name] = np.empty(size)
        return found[:size]

    def places(self, size: int) -> Places:
        """Return so many places, always the same memory."""
        import numpy as np

        if self._places is None or self._places.size < size:
            self._places = np.empty(size, np.intp)
        return self._places[:size]

    def work(self, size: int, loop: Loop | None) -> Work:
        """Return what tables need for pieces of at most ``size`` points; they take turns."""
        if self._work is None or self._work.size < size or self._work.loop is not loop:
            self._work = Work(size, loop)
        return self._work


class Stream(Protocol):
    """A function ready to be evaluated piece by piece; a value does not depend on the piece it is in."""

    def worker(self, size: int, kept: Kept) -> Fill:
        """Return what evaluates contiguous pieces of at most ``size`` points in one thread, with its buffers.

        Points without a value become NaN.
        """

    def refused(self, points: Mapping[str, Doubles]) -> Reasons:
        """Return which points have no value, with the reason."""


class TableStream:
    """A table, evaluated piece by piece; what it does not give comes from balls.

    Parameters: ``name`` of the array; ``table``; ``special`` masses at which ``check`` may raise, since there
    is no value; ``exact``, the function in balls; ``count`` of all points: many are worth the compiled loop.
    """

    def __init__(
        self,
        name: str,
        table: Table,
        special: tuple[float, ...],
        check: Callable[[Fraction], object],
        exact: Callable[[Doubles], Doubles],
        count: int,
    ) -> None:
        self._name, self._table, self._exact = name, table, exact
        self._special, self._check = special, check
        self._loop = table_loop() if count >= LONG else None
        self._refuses: dict[float, bool] = {}
        self._zero: Doubles | None = None

    def refused(self, points: Mapping[str, Doubles]) -> Reasons:
        """Return which masses have no value, with the reason."""
        reasons: Reasons = {}
        note_points(reasons, self._special, points[self._name], self._check)
        return reasons

    def worker(self, size: int, kept: Kept) -> Fill:
        """Return what evaluates pieces in one thread; see `Stream.worker`."""
        work = kept.work(size, self._loop)

        def fill(pieces: Mapping[str, Doubles], out: Doubles) -> None:
            self._fill(pieces[self._name], out, work)

        return fill

    def _fill(self, masses: Doubles, out: Doubles, work: Work) -> None:
        import numpy as np

        holes = self._table.fill(masses, out, work)
        lost = np.zeros(0, bool)
        for value in self._special:
            if value or holes:  # the table has no value at zero
                mask = masses == value
                if mask.any() and self._is_refused(value):
                    out[mask] = np.nan
                    lost = lost | mask if lost.size else mask
        if not holes:
            return
        left = np.isnan(out) & (masses >= 0) & (masses < np.inf)
        if lost.size:
            left &= ~lost
        zero = left & (masses == 0)
        if zero.any():
            if self._zero is None:
                self._zero = self._exact(masses[zero][:1])
            out[zero] = self._zero
            left &= ~zero
        if left.any():
            out[left] = self._exact(masses[left])

    def _is_refused(self, value: float) -> bool:
        """True when a special mass has no value; asked once."""
        if value not in self._refuses:
            try:
                self._check(Fraction(value))
                self._refuses[value] = False
            except G2symError:
                self._refuses[value] = True
        return self._refuses[value]
