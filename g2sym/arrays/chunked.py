"""Sums in which two masses run, chunk by chunk: tables, closed forms in doubles, then the ladder.

Every product of couplings, masses and functions is evaluated for all points of a chunk, together with a
bound on the error of their sum. What the tables do not decide is tried with the closed forms, whose errors
are known at each point; what these leave open climbs the ladder of `g2sym.arrays.ladder`. Points at which
the functions are not defined (above threshold, a massless boson) are those of whole kernels.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from g2sym.arrays.grids import Product
from g2sym.arrays.guard import SMALLEST
from g2sym.arrays.ladder import DOUBLE, DOUBLE_DOUBLE, Sum, Sums
from g2sym.arrays.planes import FEW, Plane, PlaneSource
from g2sym.arrays.refused import Reasons, note
from g2sym.base.balls import working_precision
from g2sym.integrals.basis import Powers
from g2sym.kernels import arithmetic as arithmetics
from g2sym.kernels import doubledouble as dd
from g2sym.kernels.arithmetic import Arithmetic

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles, Flags

CHUNK = 1 << 16
"""Points evaluated at once."""


@dataclass(frozen=True)
class Way:
    """A way to evaluate the functions: closed forms or tables, in doubles or in pairs."""

    closed: bool
    arithmetic: Arithmetic


TABLES, CLOSED, PAIRS = (
    Way(False, arithmetics.DOUBLE),
    Way(True, arithmetics.DOUBLE),
    Way(True, arithmetics.DOUBLE_DOUBLE),
)
WAYS = (TABLES, CLOSED, PAIRS)


@dataclass(frozen=True)
class Part:
    """All products of one monomial in arrays and one function: their constants are added up in balls."""

    constant: dd.Pair
    powers: tuple[tuple[str, int], ...]
    source: int | None


class ChunkedSum:
    """A sum as `g2sym.arrays.ladder.Sum`, of which some functions are those of two masses.

    Parameters: ``ladder``, the sum in these functions; ``whole``, the same sum in whole kernels.
    """

    def __init__(self, ladder: Sum, whole: Sum) -> None:
        self._ladder, self._whole = ladder, whole
        self.products = ladder.products
        self._parts = parts(ladder.products)
        self._planes: dict[int, tuple[Plane, Powers]] = {
            number: (s.plane, s.key) for number, s in enumerate(ladder.sources) if isinstance(s, PlaneSource)
        }
        # a constant is rounded once; powers by products or with an inverse; the function; the sums
        steps = max(3 + 2 * sum(abs(p) for _, p in part.powers) for part in self._parts)
        self._steps = (steps + len(self._parts)) * 1.01
        largest = max(sum(abs(p) for _, p in part.powers) for part in self._parts)
        self._limit = 2.0 ** (800.0 / (largest + 2))

    def __call__(self, grids: Mapping[str, Doubles], guard: bool = True, threads: int | None = None) -> Sums:
        """Evaluate over arrays that broadcast against each other; see `Sum.__call__`."""
        import numpy as np

        grids = {n: np.asarray(g, dtype=np.float64) for n, g in grids.items()}
        shape = np.broadcast_shapes(*(g.shape for g in grids.values()))
        whole = {n: np.broadcast_to(g, shape) for n, g in grids.items()}
        values = np.full(shape, np.nan)
        rungs = np.full(shape, DOUBLE, np.uint8)
        reasons: Reasons = {}
        flat, marks = values.reshape(-1), rungs.reshape(-1)
        many = flat.size > FEW
        for start in range(0, flat.size, CHUNK):
            stop = min(flat.size, start + CHUNK)
            arrays = {n: _flat(g, start, stop) for n, g in whole.items()}
            found, own, why = self._chunk(arrays, many, threads)
            flat[start:stop], marks[start:stop] = found, own
            for text, mask in why.items():
                if text not in reasons:
                    reasons[text] = np.zeros(flat.size, bool)
                reasons[text][start:stop] |= mask
        return Sums(values, rungs, {text: mask.reshape(shape) for text, mask in reasons.items()})

    def _chunk(
        self, arrays: dict[str, Doubles], many: bool, threads: int | None
    ) -> tuple[Doubles, Any, Reasons]:
        """Evaluate a chunk: values, rungs and the points without a value."""
        import numpy as np

        size = next(iter(arrays.values())).size
        regular = np.ones(size, bool)
        planes = tuple(dict.fromkeys(plane for plane, _ in self._planes.values()))
        for plane in planes:
            regular &= plane.regular(arrays)
        values, rungs = np.full(size, np.nan), np.full(size, DOUBLE, np.uint8)
        reasons: Reasons = {}
        good = np.zeros(size, bool)
        with np.errstate(all="ignore"):
            for way in WAYS if many else ():
                asked = regular & ~good
                if way is PAIRS:
                    for plane in planes:
                        asked &= plane.near(arrays)
                where = np.flatnonzero(asked)
                if not where.size:
                    continue
                part = arrays if where.size == size else {n: a[where] for n, a in arrays.items()}
                total, fine = self._try(part, way)
                if where.size == size:
                    np.copyto(values, total, where=fine)
                    good = fine
                else:
                    values[where[fine]] = total[fine]
                    good[where[fine]] = True
                if way is PAIRS:
                    rungs[where[fine]] = DOUBLE_DOUBLE
        for ladder, chosen in ((self._ladder, regular & ~good), (self._whole, ~regular)):
            where = np.flatnonzero(chosen)
            if where.size:
                found = ladder({n: a[where] for n, a in arrays.items()}, threads=threads)
                values[where], rungs[where] = found.values, found.rungs
                for why, mask in found.reasons.items():
                    here = np.zeros(size, bool)
                    here[where] = mask
                    note(reasons, why, here)
        return values, rungs, reasons

    def _try(self, arrays: Mapping[str, Doubles], way: Way) -> tuple[Doubles, Flags]:
        """Return the sum and where its error is within the tolerance."""
        import numpy as np

        arithmetic, rounding = way.arithmetic, self._steps * way.arithmetic.unit
        functions, errors = self._functions(arrays, way)
        powers = _Powers(arrays, self._limit, arithmetic)
        total: Any = None
        bound: Any = 0.0
        for part in self._parts:
            term: Any = arithmetic.number(part.constant)
            for name, power in part.powers:
                term = term * powers(name, power)
            if part.source is not None:
                term = term * functions[part.source]
            size = arithmetic.size(term)
            if way.closed:
                size = size * (rounding + (0.0 if part.source is None else errors[part.source]))
            bound = bound + size
            total = term if total is None else total + term
        if not way.closed:
            bound = bound * (rounding + self._largest(errors))
        total = getattr(total, "high", total)
        shape = next(iter(arrays.values())).shape
        total, bound = np.broadcast_to(total, shape), np.broadcast_to(bound, shape)
        good = np.abs(total) * self._ladder.tolerance - 1.01 * bound >= SMALLEST
        return total, good & powers.safe

    def _largest(self, errors: Mapping[int, Any]) -> Any:
        """Return the largest relative error of the functions at each point."""
        import numpy as np

        different = list({id(e): e for e in errors.values()}.values())
        total: Any = different[0] if different else 0.0
        for error in different[1:]:
            total = np.maximum(total, error)
        return total

    def _functions(self, arrays: Mapping[str, Doubles], way: Way) -> tuple[dict[int, Any], dict[int, Any]]:
        """Return the functions and their relative errors; a function of another kind in doubles."""
        values: dict[int, Any] = {}
        errors: dict[int, Any] = {}
        for plane in dict.fromkeys(plane for plane, _ in self._planes.values()):
            places = {number: key for number, (own, key) in self._planes.items() if own is plane}
            keys = tuple(dict.fromkeys(places.values()))
            if way.closed:
                found, own = plane.closed(keys, arrays, way.arithmetic)
                errors |= {number: own[key] for number, key in places.items()}
            else:
                found, error = plane.tabled(keys, arrays)
                errors |= dict.fromkeys(places, error)
            values |= {number: found[key] for number, key in places.items()}
        for number, source in enumerate(self._ladder.sources):
            if number not in values:
                plain = source.doubles({n: arrays[n] for n in source.names}, {})
                values[number] = way.arithmetic.exact(plain)
                errors[number] = source.error
        return values, errors


class _Powers:
    """Integer powers of arrays, each made once; ``safe`` tells where none leaves the range of doubles."""

    def __init__(self, arrays: Mapping[str, Doubles], limit: float, arithmetic: Arithmetic) -> None:
        self._arrays, self._limit, self._arithmetic = arrays, limit, arithmetic
        self._known: dict[tuple[str, int], Any] = {}
        self._checked: set[str] = set()
        self.safe: Any = True

    def __call__(self, name: str, power: int) -> Any:
        import numpy as np

        if name not in self._checked:
            self._checked.add(name)
            size = np.abs(self._arrays[name])
            if not (size.min() > 1 / self._limit and size.max() < self._limit):
                self.safe = self.safe & (((size > 1 / self._limit) & (size < self._limit)) | (size == 0))
        if (name, power) not in self._known:
            if power < 0:
                found: Any = 1.0 / self(name, -power)
            elif power == 1:
                found = self._arithmetic.exact(self._arrays[name])
            else:
                found = self(name, power - 1) * self(name, 1)
            self._known[name, power] = found
        return self._known[name, power]


def parts(products: Sequence[Product]) -> list[Part]:
    """Return products of the same arrays and the same function as one, without those that cancel exactly."""
    groups: dict[tuple[Any, int | None], dict[str, Product]] = {}
    for product in products:
        own = groups.setdefault((product.powers, product.source), {})
        if product.label in own:
            product = replace(product, rational=product.rational + own[product.label].rational)
        own[product.label] = product
    out = []
    for (powers, source), group in groups.items():
        kept = [p for p in group.values() if p.rational]
        if kept:
            out.append(Part(_added(kept), powers, source))
    return out


def _added(group: Sequence[Product]) -> dd.Pair:
    """Return a sum of constants as a pair; NaN where it is not told or out of range."""
    from flint import arb

    for bits in (240, 960):
        with working_precision(bits):
            total: arb = sum((p.factor(bits) for p in group), arb(0))
            if total.rel_accuracy_bits() >= 120:
                found = dd.from_arb(total)
                return found if 2.0**-100 < abs(found[0]) < 2.0**100 else (float("nan"), 0.0)
    return float("nan"), 0.0


def _flat(grid: Doubles, start: int, stop: int) -> Doubles:
    """Return a piece of a broadcast array in memory order."""
    import numpy as np

    if grid.flags.c_contiguous:
        return grid.reshape(-1)[start:stop]
    return np.asarray(grid.flat[start:stop])
