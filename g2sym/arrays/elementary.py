"""Widths and cross-sections as functions of arrays: doubles with a proved bound, balls for what is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.arrays.refused import Reasons, note
from g2sym.arrays.sources import BallSource
from g2sym.arrays.streams import Fill, Kept, Stream
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.elementary_doubles import DoublePlan

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles

PIECE = 1 << 15
"""Points whose intermediate values stay in the cache together."""


class ElementarySource:
    """An elementary function of some arrays; it is zero only where its channel is closed or its parts cancel.

    Parameters: ``plan``, whose names are those of arrays; ``compute(point, bits)``, the function in balls,
    which raises where there is no value; ``symbols``, what the slots are called in sentences; ``error``, the
    relative error up to which doubles are taken; ``loose`` True where the function is one of several of a
    sum, which then has less accurate ones with their bounds.
    """

    exact_zeros = True

    def __init__(
        self,
        plan: DoublePlan,
        compute: Callable[[Mapping[str, Fraction], int], arb],
        symbols: Mapping[str, str],
        error: float,
        loose: bool = False,
    ) -> None:
        self.names: tuple[str, ...] = plan.names
        self.error, self.loose = error, loose
        self._plan, self._symbols = plan, dict(symbols)
        self._exact = BallSource(self.names, compute)

    def ball(self, point: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value at an exact point."""
        return self._exact.ball(point, bits)

    def pairs(self, points: Mapping[str, Doubles]) -> dd.Pair | None:
        """Return None: there is no table."""
        return None

    def stream(self, count: int) -> Stream | None:
        """Return the function for pieces of arrays; what doubles do not decide is NaN, and climbs."""
        return self

    def worker(self, size: int, kept: Kept) -> Fill:
        """Return what evaluates pieces in one thread; see `g2sym.arrays.streams.Stream`."""
        return self._loose if self.loose else self._fill

    def _fill(self, pieces: Mapping[str, Doubles], out: Doubles) -> None:
        for start in range(0, out.size, PIECE):
            part = slice(start, start + PIECE)
            self._plan({n: pieces[n][part] for n in self.names}, out[part], self.error)

    def _loose(self, pieces: Mapping[str, Doubles], out: Doubles) -> Doubles | None:
        """Fill ``out`` with what may err by more than ``error``; return how many times it may."""
        import numpy as np

        excess: Doubles | None = None
        for start in range(0, out.size, PIECE):
            part = slice(start, start + PIECE)
            found = self._plan({n: pieces[n][part] for n in self.names}, out[part], self.error, True)
            if found is not None:
                excess = np.ones(out.size) if excess is None else excess
                excess[part] = found
        return excess

    def refused(self, points: Mapping[str, Doubles]) -> Reasons:
        """Return which points have no value, with the sentence of the condition that fails there first."""
        reasons: Reasons = {}
        if not points[self.names[0]].size:
            return reasons
        found, left = self._plan.refused(points)
        for why, mask in found:
            note(reasons, why.format(**self._symbols), mask)
        if left.any():
            here = {n: points[n][left] for n in self.names}
            own: Reasons = {}
            self._exact.doubles(here, own)
            for why, mask in own.items():
                whole = left.copy()
                whole[left] = mask
                note(reasons, why, whole)
        return reasons

    def doubles(self, grids: Mapping[str, Doubles], refused: Reasons | None = None) -> Doubles:
        """Return values, those that doubles do not decide from balls; see `g2sym.arrays.sources.Source`."""
        return self._values(grids, refused, False)[0]

    def bounded(
        self, grids: Mapping[str, Doubles], refused: Reasons | None = None
    ) -> tuple[Doubles, Doubles | None]:
        """Return values, and how many times ``error`` each may err, None for once at most.

        Without ``loose`` the values are those of `doubles`.
        """
        return self._values(grids, refused, self.loose)

    def _values(
        self, grids: Mapping[str, Doubles], refused: Reasons | None, loose: bool
    ) -> tuple[Doubles, Doubles | None]:
        import numpy as np

        spread = np.broadcast_arrays(*(grids[n] for n in self.names))
        shape = spread[0].shape
        flat = {n: np.ascontiguousarray(g).reshape(-1) for n, g in zip(self.names, spread, strict=True)}
        out = np.empty(spread[0].size)
        excess: Doubles | None = None
        if loose:
            excess = self._loose(flat, out)
        else:
            self._fill(flat, out)
        holes = np.isnan(out)
        if holes.any():
            if excess is not None:
                excess[holes] = 1.0
            here = {n: x[holes] for n, x in flat.items()}
            own: Reasons = {}
            out[holes] = self._without(here, own, refused)
            for why, mask in own.items():
                assert refused is not None
                whole = holes.copy()
                whole[holes] = mask
                note(refused, why, whole.reshape(shape))
        return out.reshape(shape), None if excess is None else excess.reshape(shape)

    def _without(self, points: Mapping[str, Doubles], own: Reasons, refused: Reasons | None) -> Doubles:
        """Return values at points that doubles do not decide; without ``refused`` a refusal is raised."""
        import numpy as np

        values = np.full(points[self.names[0]].shape, np.nan)
        if refused is not None:
            for why, mask in self.refused(points).items():
                note(own, why, mask)
        open_ = np.ones(values.shape, bool)
        for mask in own.values():
            open_ &= ~mask
        here = {n: x[open_] for n, x in points.items()}
        more: Reasons = {}
        values[open_] = self._exact.doubles(here, None if refused is None else more)
        for why, mask in more.items():
            whole = open_.copy()
            whole[open_] = mask
            note(own, why, whole)
        return values
