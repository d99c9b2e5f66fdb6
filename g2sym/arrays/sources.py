"""What a sum is made of: functions of masses that give doubles for arrays and balls for a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from g2sym.arrays.refused import Reasons, note, note_points, union
from g2sym.arrays.streams import Stream, TableStream
from g2sym.base.balls import working_precision
from g2sym.errors import G2symError
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.kernel import Kernel
from g2sym.tables.build import ERROR
from g2sym.tables.store import table_for, wide_for
from g2sym.tables.table import Table
from g2sym.tables.wide import WideTable

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles


FEW = 64
"""So many masses, and fewer, are evaluated in balls without looking for a table."""
WORTHWHILE = 20000
"""Once so many masses were asked for, building a table is faster than as many balls."""
BITS = 64


class Source(Protocol):
    """A function of some of the arrays of a sum.

    One that has a `Stream` never has ``exact_zeros``.
    """

    names: tuple[str, ...]
    error: float
    exact_zeros: bool

    def doubles(self, grids: Mapping[str, Doubles], refused: Reasons | None = None) -> Doubles:
        """Return values with a relative error of at most ``error``, broadcast over the named arrays.

        Points without a value are NaN and added to ``refused`` with the reason; without it they raise. With
        ``exact_zeros`` a value is 0 only where the function is.
        """

    def stream(self, count: int) -> Stream | None:
        """Return the function for pieces of arrays of ``count`` points in all; None: use `doubles`.

        Its values are those of `doubles`, bit for bit.
        """

    def ball(self, point: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value at an exact point with ``bits`` correct bits."""

    def pairs(self, points: Mapping[str, Doubles]) -> dd.Pair | None:
        """Return values in double-double with an error of at most `WIDE_ERROR`, None where it cannot."""


class BallSource:
    """Any function given in balls: evaluated once per distinct point.

    Parameters: ``names`` of the arrays it depends on; ``compute(point, bits)``.
    """

    error = 1.2e-16
    exact_zeros = True

    def __init__(self, names: tuple[str, ...], compute: Callable[[Mapping[str, Fraction], int], arb]) -> None:
        self.names = names
        self._compute = compute
        self._constant: float | None = None

    def stream(self, count: int) -> Stream | None:
        """Return None: equal points are looked for in whole arrays."""
        return None

    def ball(self, point: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value at an exact point."""
        return self._compute(point, bits)

    def pairs(self, points: Mapping[str, Doubles]) -> dd.Pair | None:
        """Return None: there is no table."""
        return None

    def doubles(self, grids: Mapping[str, Doubles], refused: Reasons | None = None) -> Doubles:
        """Return correctly rounded values, one ball per distinct point; see `Source.doubles`."""
        import numpy as np

        if not self.names:
            if self._constant is None:
                self._constant = _rounded(self.ball({}, BITS))
            return np.asarray(self._constant)
        spread = np.broadcast_arrays(*(grids[n] for n in self.names))
        flat = np.stack([g.ravel() for g in spread], axis=1)
        points, back = np.unique(flat, axis=0, return_inverse=True)
        values = np.empty(len(points))
        without: dict[str, list[int]] = {}
        for place, row in enumerate(points.tolist()):
            try:
                values[place] = self._one(row)
            except G2symError as error:
                if refused is None:
                    raise
                values[place] = np.nan
                without.setdefault(str(error), []).append(place)
        back, shape = np.ravel(back), spread[0].shape
        if refused is not None:
            for why, places in without.items():
                note(refused, why, np.isin(back, places).reshape(shape))
        return values[back].reshape(shape)

    def _one(self, row: list[float]) -> float:
        """Return a value as the nearest double; NaN for one that is lost to underflow."""
        if any(v != v for v in row):
            return float("nan")
        ball = self.ball(dict(zip(self.names, map(Fraction, row), strict=True)), BITS)
        value = _rounded(ball)
        return value if value or ball.is_zero() else float("nan")


class KernelSource:
    """A kernel in one boson's mass, all other masses fixed: balls for few points, a table for many.

    Parameters: ``kernel``, or the closed form of one; ``fixed``, exact values of the other slots; ``unit``,
    the lepton's mass; ``name`` of the array that holds the boson's mass; ``slot`` it stands in, by default
    that along which the closed form is sliced; ``special``, masses at which ``check`` may raise, since there
    is no value. Masses in GeV; zero gives the limit, where there is one.
    """

    error = ERROR
    exact_zeros = False

    def __init__(
        self,
        kernel: Kernel | ClosedKernel,
        fixed: Mapping[str, Fraction],
        unit: Fraction,
        name: str,
        slot: str = "",
        special: tuple[float, ...] = (),
        check: Callable[[Fraction], object] = Fraction,
    ) -> None:
        self._whole = kernel
        self.kernel = kernel.closed(fixed) if isinstance(kernel, Kernel) else kernel
        self.names: tuple[str, ...] = (name,)
        self._slot = slot or self.kernel.axis
        self._fixed = dict(fixed)
        self._unit = unit
        self._table: Table | None = None
        self._wide: WideTable | None = None
        self._asked = 0
        self._special, self._check = special, check
        self._exact = BallSource(self.names, self.ball)

    def ball(self, point: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value at an exact mass."""
        square = (point[self.names[0]] / self._unit) ** 2
        return self._whole.ball({**self._fixed, self._slot: square}, bits)

    def table(self, build: bool = True) -> Table | None:
        """Return the table, loaded or built on first use; None for kernels that have none."""
        sliced = self._slot == self.kernel.axis
        if self._table is None and sliced and self.kernel.slice(self._fixed).is_tabulable:
            self._table = table_for(self.kernel, self._fixed, self._unit, build)
        return self._table

    def stream(self, count: int) -> Stream | None:
        """Return the table for pieces of an array; None where `doubles` would take balls."""
        table = self.table(self._asked + count >= WORTHWHILE) if count > FEW else None
        if table is None:
            return None
        self._asked += count
        (name,) = self.names

        def exact(masses: Doubles) -> Doubles:
            return self._exact.doubles({name: masses})

        return TableStream(name, table, self._special, self._check, exact, count)

    def pairs(self, points: Mapping[str, Doubles]) -> dd.Pair | None:
        """Return values from the wide table, once the table itself is worth building."""
        if self._table is None:
            return None
        if self._wide is None:
            self._wide = wide_for(self.kernel, self._fixed, self._unit, self._asked >= WORTHWHILE)
        return None if self._wide is None else self._wide.evaluate(points[self.names[0]])

    def doubles(self, grids: Mapping[str, Doubles], refused: Reasons | None = None) -> Doubles:
        """Return values from the table, or from balls where there is none; see `Source.doubles`."""
        import numpy as np

        masses = grids[self.names[0]]
        if refused is not None:
            note_points(refused, self._special, masses, self._check)
            if refused:
                masses = np.where(union(refused, masses.shape), np.nan, masses)
        self._asked += masses.size
        table = self.table(self._asked >= WORTHWHILE) if masses.size > FEW else None
        if table is None:
            return self._exact.doubles({self.names[0]: masses})
        values = table.evaluate(masses)
        if table.has_holes or (masses == 0).any():
            holes = np.isnan(values) & (masses >= 0) & (masses < np.inf)
            if holes.any():
                values[holes] = self._exact.doubles({self.names[0]: masses[holes]})
        return values


def _rounded(value: arb) -> float:
    """Return the double nearest to a ball's midpoint, infinite or subnormal where that is so."""
    with working_precision(BITS):
        return float(value.mid())
