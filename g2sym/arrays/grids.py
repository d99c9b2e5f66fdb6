"""The arrays of a sum: what can be multiplied beforehand, what is left for blocks, points by flat index."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.elementary import ElementarySource
from g2sym.arrays.pieces import Block, Factors, Worker, blocks, joined, keep_safe, multiplied, raised
from g2sym.arrays.refused import Reasons, note
from g2sym.arrays.sources import Source
from g2sym.arrays.streams import Kept, Stream
from g2sym.base.balls import working_precision
from g2sym.errors import G2symError
from g2sym.kernels import doubledouble as dd

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags, Places


KEPT = 1 << 17
"""Balls and pairs of a call that are kept at most: their masses may come again."""


@dataclass(frozen=True)
class Product:
    """One term: rational * constant * product of arrays to integer powers * a function of masses.

    Parameters: ``rational``, exact; ``constant(bits)``, a positive or negative real number as a ball, and
    ``label``, its name (products with the same label have the same constant; "" stands for 1);
    ``powers``, array names with their exponents; ``source``, the place of the function, or None.
    """

    rational: Fraction
    label: str
    constant: Callable[[int], arb] | None
    powers: tuple[tuple[str, int], ...]
    source: int | None

    def factor(self, bits: int) -> arb:
        """Return rational * constant as a ball with about ``bits`` bits."""
        from flint import arb, fmpq

        with working_precision(bits):
            value = arb(fmpq(self.rational.numerator, self.rational.denominator))
            return value if self.constant is None else value * self.constant(bits)


class Grids:
    """The arrays of one call: terms to be evaluated block by block, and points by flat index.

    ``outer`` is the shape that the arrays given broadcast to; inside, neighbouring axes are joined.
    """

    def __init__(
        self,
        products: Sequence[Product],
        constants: Sequence[tuple[float, float]],
        sources: Sequence[Source],
        grids: Mapping[str, Doubles],
    ) -> None:
        import numpy as np

        self.products, self.sources = products, sources
        given = {n: np.asarray(g, dtype=np.float64) for n, g in grids.items()}
        self.outer: tuple[int, ...] = np.broadcast_shapes(*(g.shape for g in given.values()))
        self.shape, self.grids = joined(self.outer, given)
        self.count = math.prod(self.shape)
        self._refused: list[Reasons] = [{} for _ in sources]
        self._streams: dict[int, Stream] = {}
        self._kernels: dict[int, Doubles] = {}
        self._excess: dict[int, Doubles] = {}
        for number, source in enumerate(sources):
            shape = np.broadcast_shapes(*(self.grids[n].shape for n in source.names))
            stream = source.stream(self.count) if math.prod(shape) == self.count else None
            if stream is not None:
                self._streams[number] = stream
            elif isinstance(source, ElementarySource):
                self._kernels[number], excess = source.bounded(self.grids, self._refused[number])
                if excess is not None:
                    self._excess[number] = excess
            else:
                self._kernels[number] = np.asarray(source.doubles(self.grids, self._refused[number]))
        self._balls: dict[tuple[Any, ...], arb] = {}
        self._pairs: dict[tuple[Any, ...], tuple[float, float]] = {}
        self._columns: dict[int, Doubles] = {}
        self.terms: list[Factors] = []
        with np.errstate(all="ignore"):
            for product, (high, _) in zip(products, constants, strict=True):
                self.terms.append(self._factorise(product, high))

    def _factorise(self, product: Product, constant: float) -> Factors:
        """Multiply what has the same shape and is not the whole, so that blocks see few factors."""
        import numpy as np

        raw = [(self.grids[n], p) for n, p in product.powers]
        stream = product.source if product.source in self._streams else None
        if product.source is not None and stream is None:
            raw.append((self._kernels[product.source], 1))
        limit = 800.0 / max(1, len(raw) + (stream is not None) + 1)
        axes = max(2, len(self.shape))
        shaped: dict[tuple[int, ...], Doubles] = {}
        whole: list[tuple[Doubles, int]] = []
        for given, power in raw:
            array = given.reshape((1,) * (axes - given.ndim) + given.shape)
            if array.size == self.count:
                whole.append((array, power))
                continue
            value = np.empty(array.shape)
            raised(array, power, value)
            keep_safe(array, power, limit, value)
            key = array.shape
            shaped[key] = shaped[key] * value if key in shaped else value
        if not 2.0**-limit < abs(constant) < 2.0**limit:
            constant = float("nan")
        last: float | None = None
        if shaped:
            small = min(shaped, key=lambda s: shaped[s].size)
            shaped[small] = shaped[small] * constant
        elif whole or stream is not None:
            last = constant
        else:
            shaped[(1,) * axes] = np.full((1,) * axes, constant)
        ordered = multiplied(sorted(shaped.values(), key=lambda a: a.size), self.count)
        sizes = [np.abs(a) for a in ordered]
        excess: Doubles | None = None
        if product.source in self._excess:  # of a function smaller than the whole: others have a stream
            found = self._excess[product.source]
            excess = found.reshape((1,) * (axes - found.ndim) + found.shape)
            sizes.append(excess)
        return Factors(tuple(ordered), tuple(sizes), tuple(whole), stream, last, limit, excess)

    def blocks(self, size: int) -> list[Block]:
        """Return the blocks of the whole shape; see `g2sym.arrays.pieces.blocks`."""
        return blocks((1,) * (2 - len(self.shape)) + self.shape, size)

    def worker(self, size: int, kept: Kept) -> Worker:
        """Return what one thread evaluates terms with, in blocks of at most ``size`` points."""
        axes = max(2, len(self.shape))
        views = {n: g.reshape((1,) * (axes - g.ndim) + g.shape) for n, g in self.grids.items()}
        fills = {k: (self.sources[k].names, stream.worker(size, kept)) for k, stream in self._streams.items()}
        return Worker(kept, views, fills)

    def _flat(self, array: NDArray[Any], where: Places) -> NDArray[Any]:
        """Return the values of a broadcast array at flat places of the whole shape."""
        import numpy as np

        if array.shape == self.shape:
            if array.flags.c_contiguous:
                return array.reshape(-1)[where]
            found: NDArray[Any] = array[np.unravel_index(where, self.shape)]
            return found
        return array.reshape(-1)[self._place(array.shape, where)]

    def _place(self, shape: tuple[int, ...], where: Places) -> Places:
        """Return flat places in an array of ``shape`` that broadcasts to the whole."""
        import numpy as np

        coordinates = np.unravel_index(where, self.shape or (1,))
        place = np.zeros(len(where), np.int64)
        for length, coordinate in zip(shape, coordinates[len(coordinates) - len(shape) :], strict=True):
            place = place * length + (coordinate if length > 1 else 0)
        return place

    def invalid(self, where: Places) -> Flags:
        """Return which points hold a NaN in any array."""
        import numpy as np

        out = np.zeros(len(where), bool)
        for grid in self.grids.values():
            out |= np.isnan(self._flat(grid, where))
        return out

    def vanishing(self, where: Places) -> Flags:
        """Return at which points every product has a factor that is exactly zero."""
        import numpy as np

        out = np.ones(len(where), bool)
        for product in self.products:
            one = self._without(product, where)
            if product.source in self._kernels and self.sources[product.source].exact_zeros:
                one |= self._flat(self._kernels[product.source], where) == 0
            out &= one
        return out

    def _without(self, product: Product, where: Places) -> Flags:
        """Return at which points an array makes a product zero, whatever its function is."""
        import numpy as np

        out = np.zeros(len(where), bool)
        for name, power in product.powers:
            if power > 0:
                out |= self._flat(self.grids[name], where) == 0
        return out

    def refused(self, where: Places) -> Reasons:
        """Return at which points a function that enters has no value, by reason."""
        import numpy as np

        out: Reasons = {}
        for number, source in enumerate(self.sources):
            if number in self._streams:
                points = {n: self._flat(self.grids[n], where) for n in source.names}
                reasons = self._streams[number].refused(points)
            else:
                reasons = {why: self._flat(mask, where) for why, mask in self._refused[number].items()}
            if not reasons:
                continue
            enters = np.zeros(len(where), bool)
            for product in self.products:
                if product.source == number:
                    enters |= ~self._without(product, where)
            for why, mask in reasons.items():
                note(out, why, enters & mask)
        return out

    def safe_at(self, name: str, where: Places, limit: float) -> Doubles:
        """Return array values at points; those beyond 2^-limit and 2^limit as NaN."""
        import numpy as np

        value = self._flat(self.grids[name], where)
        size = np.abs(value)
        return np.where(((size > 2.0**-limit) & (size < 2.0**limit)) | (value == 0), value, np.nan)

    def ball(self, source: int, point: Mapping[str, float], bits: int) -> arb:
        """Return a function's ball at a point; neighbouring points share their masses."""
        names = self.sources[source].names
        key = (source, bits, *(point[n] for n in names))
        if key not in self._balls:
            if len(self._balls) >= KEPT:
                self._balls.clear()
            self._balls[key] = self.sources[source].ball({n: Fraction(point[n]) for n in names}, bits)
        return self._balls[key]

    def constant(self, product: Product, bits: int) -> arb:
        """Return a product's constant as a ball."""
        assert product.constant is not None
        key = (product.label, bits)
        if key not in self._balls:
            self._balls[key] = product.constant(bits)
        return self._balls[key]

    def pairs_at(self, source: int, where: Places, wide: bool) -> dd.Pair:
        """Return a function's values at points in double-double.

        Parameters: ``wide`` True takes a wide table where there is one (NaN elsewhere), False takes
        balls, one per distinct mass, as a function of no array always does.
        """
        import numpy as np

        function = self.sources[source]
        arrays = [self.grids[n] for n in function.names]
        if wide and function.names:
            found = function.pairs({n: self._flat(self.grids[n], where) for n in function.names})
            return (np.full(len(where), np.nan), np.zeros(len(where))) if found is None else found
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
        if not arrays or math.prod(shape) < self.count:  # few, and asked for again and again
            if source not in self._columns:
                self._columns[source] = np.full((math.prod(shape), 2), np.nan)
            known, place = self._columns[source], self._place(shape, where)
            spread = [np.broadcast_to(a, shape).reshape(-1) for a in arrays]
            new = np.unique(place[np.isnan(known[place, 0])])
            for p in new.tolist():
                known[p] = self._pair(source, [float(s[p]) for s in spread])
            pairs = known[place]
        else:
            points = np.stack([self._flat(a, where) for a in arrays], axis=1)
            rows, back = np.unique(points, axis=0, return_inverse=True)
            pairs = np.array([self._pair(source, row) for row in rows.tolist()])[np.ravel(back)]
        return pairs[:, 0], pairs[:, 1]

    def _pair(self, source: int, row: list[float]) -> tuple[float, float]:
        """Return a function's value at one point as a pair, from balls; equal points share it."""
        key = (source, *row)
        if key not in self._pairs:
            if len(self._pairs) >= KEPT:
                self._pairs.clear()
            function = self.sources[source]
            self._pairs[key] = _pair(function, dict(zip(function.names, map(Fraction, row), strict=True)))
        return self._pairs[key]

    def point(self, index: int) -> dict[str, float]:
        """Return the values of all arrays at one flat place."""
        import numpy as np

        where = np.array([index])
        return {n: float(self._flat(g, where)[0]) for n, g in self.grids.items()}


def _pair(function: Source, point: Mapping[str, Fraction]) -> tuple[float, float]:
    """Return a function's value in double-double, NaN where it has none or is beyond the safe range."""
    try:
        ball = function.ball(point, 116)
    except G2symError:  # the sum has a value where the coefficient is zero
        return float("nan"), 0.0
    with working_precision(240):
        pair = dd.from_arb(ball)
    return pair if 2.0**-300 < abs(pair[0]) < 2.0**300 else (float("nan"), 0.0)
