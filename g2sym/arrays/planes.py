"""The four functions of two running masses over arrays: tables, closed forms in doubles, balls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.refused import Reasons
from g2sym.arrays.streams import Stream
from g2sym.base.balls import working_precision
from g2sym.errors import PrecisionError
from g2sym.integrals.basis import Powers
from g2sym.kernels import basis, basis_doubles
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.arithmetic import Arithmetic
from g2sym.tables.compiled import LONG, plane_loop
from g2sym.tables.planes import EDGES, ERROR, PlaneTable, bands_of
from g2sym.tables.planes_store import band_for

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Codes, Doubles, Flags

WORTHWHILE = 200_000
"""Once so many points of a band were asked for, building its table is faster than as many balls."""
FEW = 64
"""So many points, and fewer, are evaluated in balls without looking for a table."""
PAIR_BITS = 116
KEPT = 1 << 14
"""Points whose functions are kept while one function after the other is asked for."""
LEAST, MOST = 2.0**-100, 2.0**100
"""Masses in GeV, about 1e-30 to 1e30, whose functions and powers stay in the range of doubles."""


@dataclass(frozen=True)
class Mass:
    """A mass in GeV: the name of an array, or a constant."""

    name: str = ""
    value: Fraction = Fraction(0)

    def exact(self, point: Mapping[str, Fraction]) -> Fraction:
        """Return the value at a point."""
        return point[self.name] if self.name else self.value

    def pair(self, arrays: Mapping[str, Doubles]) -> dd.Pair:
        """Return the value as a pair: an array's doubles are exact."""
        if self.name:
            return arrays[self.name], 0.0 * arrays[self.name]
        from flint import arb, fmpq

        with working_precision(240):
            return dd.from_arb(arb(fmpq(self.value.numerator, self.value.denominator)))


class Bands:
    """The universal tables as far as they were worth loading or building; kept by whoever asks often."""

    def __init__(self) -> None:
        self._asked = [0] * (len(EDGES) - 1)
        self._points = 0
        # replaced as a whole, so that threads never see parts of two states
        self._table = PlaneTable((None,) * (len(EDGES) - 1))

    def __call__(
        self, keys: Sequence[Powers], boson: Doubles, fermion: Doubles, lepton: Doubles
    ) -> tuple[dict[Powers, Doubles], Doubles]:
        """Return the functions, NaN where there is no table, and a bound on their relative errors."""
        import numpy as np

        if not self._complete:
            with np.errstate(all="ignore"):
                self._look(bands_of((lepton / (boson + fermion)) ** 2))
        # compiling pays once in a process, for as many points as one table of one mass
        loop = plane_loop() if self._points >= LONG else None
        self._points += boson.size
        if loop is None or not any(b is not None for b in self._table.bands):
            return self._table.functions(keys, boson, fermion, lepton)
        return self._table.compiled(loop, keys, boson, fermion, lepton)

    @property
    def _complete(self) -> bool:
        return all(band is not None for band in self._table.bands)

    def _look(self, which: Codes) -> None:
        """Load or build the bands of some points, each once enough points were in it."""
        import numpy as np

        counts = np.bincount(which, minlength=len(EDGES) + 1)[1 : len(EDGES)]
        for number, count in enumerate(counts.tolist()):
            before, self._asked[number] = self._asked[number], self._asked[number] + count
            build = self._asked[number] >= WORTHWHILE
            # looked for on the disk once, and built once it is worth it
            bands = self._table.bands
            if count and bands[number] is None and (build or not before):
                found = band_for(number, build)
                if found is not None:
                    self._table = PlaneTable((*bands[:number], found, *bands[number + 1 :]))


class Plane:
    """J_ab as functions of a boson's, a fermion's and the external lepton's mass, of which some are arrays.

    The functions are asked for together: they share the place in the tables, ``bands``.
    """

    def __init__(self, boson: Mass, fermion: Mass, lepton: Mass, bands: Bands) -> None:
        self.boson, self.fermion, self.lepton = boson, fermion, lepton
        self.names: tuple[str, ...] = tuple(dict.fromkeys(m.name for m in (boson, fermion, lepton) if m.name))
        self._bands = bands
        self._pairs: dict[tuple[float, ...], dict[Powers, tuple[float, float]]] = {}

    def masses(self, arrays: Mapping[str, Doubles]) -> tuple[dd.Pair, dd.Pair, dd.Pair]:
        """Return the masses of boson, fermion and lepton as pairs of arrays of one shape."""
        import numpy as np

        pairs = [m.pair(arrays) for m in (self.boson, self.fermion, self.lepton)]
        parts = [part for pair in pairs for part in pair]
        shape = np.broadcast_shapes(*(np.shape(part) for part in parts))
        flat = [np.broadcast_to(part, shape) for part in parts]
        return (flat[0], flat[1]), (flat[2], flat[3]), (flat[4], flat[5])

    def regular(self, arrays: Mapping[str, Doubles]) -> Flags:
        """Return where the functions hold: finite masses in range, a massive boson, below threshold."""
        import numpy as np

        (boson, _), (fermion, _), (lepton, _) = self.masses(arrays)
        good: Flags = (boson >= LEAST) & (boson <= MOST) & (lepton >= LEAST) & (lepton <= MOST)
        good &= ((fermion >= LEAST) & (fermion <= MOST)) | (fermion == 0)
        total = boson + fermion
        good &= total >= lepton * (1 - 2.0**-50)
        for place in np.flatnonzero(good & (total <= lepton * (1 + 2.0**-50))).tolist():
            point = {n: Fraction(float(arrays[n].flat[place % arrays[n].size])) for n in self.names}
            above = self.boson.exact(point) + self.fermion.exact(point) - self.lepton.exact(point)
            good.flat[place] = above > 0
        return good

    def tabled(
        self, keys: Sequence[Powers], arrays: Mapping[str, Doubles]
    ) -> tuple[dict[Powers, Doubles], Doubles]:
        """Return values from the tables, NaN where there are none, and a bound on their relative error."""
        (boson, _), (fermion, _), (lepton, _) = self.masses(arrays)
        return self._bands(keys, boson, fermion, lepton)

    def near(self, arrays: Mapping[str, Doubles]) -> Flags:
        """Return where closed forms in pairs lose few digits: boson and fermion of some ten leptons."""
        boson, fermion, lepton = (pair[0] for pair in self.masses(arrays))
        near: Flags = boson + fermion < 12 * lepton
        return near

    def closed(
        self, keys: Sequence[Powers], arrays: Mapping[str, Doubles], arithmetic: Arithmetic
    ) -> tuple[dict[Powers, Any], dict[Powers, Doubles]]:
        """Return values from the closed forms, and their relative errors (infinite: no value)."""
        import numpy as np

        values, errors = {}, {}
        with np.errstate(all="ignore"):
            found = basis_doubles.functions(keys, *self.masses(arrays), arithmetic)
            for key, (value, error) in found.items():
                relative = error / arithmetic.size(value)
                good = relative < 2.0**-10  # a bound to first order
                values[key] = arithmetic.where(good, value, 0.0 * value + np.nan)
                errors[key] = np.where(good, relative * (1 + 2.0**-9), np.inf)
        return values, errors

    def balls(self, point: Mapping[str, Fraction], bits: int) -> dict[Powers, arb]:
        """Return all functions at an exact point below threshold, each with ``bits`` correct bits."""
        boson, fermion, lepton = (m.exact(point) for m in (self.boson, self.fermion, self.lepton))
        return self._all(boson, fermion, lepton, bits)

    def pairs(self, arrays: Mapping[str, Doubles]) -> list[dict[Powers, tuple[float, float]]]:
        """Return all functions at points in double-double, from balls, one for each point.

        The functions of a point are asked for one after the other, and found together.
        """
        out, known = [], self._pairs  # another thread may begin anew
        for point in zip(*(arrays[n].tolist() for n in self.names), strict=True):
            if point not in known:
                if len(known) >= KEPT:
                    known = self._pairs = {}
                exact = dict(zip(self.names, map(Fraction, point), strict=True))
                found = self.balls(exact, PAIR_BITS)
                with working_precision(2 * PAIR_BITS):
                    known[point] = {k: dd.from_arb(v) for k, v in found.items()}
            out.append(known[point])
        return out

    def _all(self, boson: Fraction, fermion: Fraction, lepton: Fraction, bits: int) -> dict[Powers, arb]:
        from flint import arb, fmpq

        top, bottom = boson / lepton, fermion / lepton
        size = [v.numerator.bit_length() - v.denominator.bit_length() for v in (top, bottom)]
        work = bits + basis.loss(2 * size[0], 2 * size[1])
        while True:
            with working_precision(work):
                mu = arb(fmpq(top.numerator, top.denominator))
                found = basis.functions(mu * mu, arb(fmpq(bottom.numerator, bottom.denominator)), mu)
                good = all(v.rel_accuracy_bits() >= bits for k, v in found.items() if fermion or k != (2, 0))
            if good:
                return found
            if work > basis.ENOUGH:
                raise PrecisionError("A function of two masses could not be told from zero.")
            work *= 2


class PlaneSource:
    """One of the functions, as the ladder wants it where doubles do not decide: in balls.

    Parameters: ``plane`` and ``key``, the powers of x and 1 - x.
    """

    error = ERROR
    exact_zeros = False

    def __init__(self, plane: Plane, key: Powers) -> None:
        self.plane, self.key = plane, key
        self.names = plane.names

    def doubles(self, grids: Mapping[str, Doubles], refused: Reasons | None = None) -> Doubles:
        """Return NaN: whoever asks has tried doubles before."""
        import numpy as np

        shape = np.broadcast_shapes(*(grids[n].shape for n in self.names))
        return np.full(shape, np.nan)

    def stream(self, count: int) -> Stream | None:
        """Return None: `g2sym.arrays.chunked` has its own pieces."""
        return None

    def ball(self, point: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value at an exact point."""
        return self.plane.balls(point, bits)[self.key]

    def pairs(self, points: Mapping[str, Doubles]) -> dd.Pair | None:
        """Return values in double-double, rounded from balls."""
        import numpy as np

        found = [pairs[self.key] for pairs in self.plane.pairs(points)]
        high, low = np.array(found).reshape(-1, 2).T
        return high, low
