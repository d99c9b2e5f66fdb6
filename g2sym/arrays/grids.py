"""The arrays of a sum: what can be multiplied beforehand, blocks of a grid, points by flat index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.arrays.refused import Reasons, note
from g2sym.arrays.sources import Source
from g2sym.base.balls import working_precision
from g2sym.errors import G2symError
from g2sym.kernels import doubledouble as dd

if TYPE_CHECKING:
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags, Places


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
    """The arrays of one call: factors by shape, block by block, and points by flat index."""

    def __init__(
        self,
        products: Sequence[Product],
        constants: Sequence[tuple[float, float]],
        sources: Sequence[Source],
        grids: Mapping[str, Doubles],
    ) -> None:
        import numpy as np

        self.products, self.sources = products, sources
        self.grids = {n: np.asarray(g, dtype=np.float64) for n, g in grids.items()}
        self.shape: tuple[int, ...] = np.broadcast_shapes(*(g.shape for g in self.grids.values()))
        self._refused: list[Reasons] = [{} for _ in sources]
        self.kernels = [
            np.asarray(s.doubles(self.grids, why)) for s, why in zip(sources, self._refused, strict=True)
        ]
        self._balls: dict[tuple[Any, ...], arb] = {}
        self._pairs: dict[int, tuple[Doubles, Doubles]] = {}
        self._factors: list[list[Doubles]] = []
        with np.errstate(all="ignore"):
            for product, (high, _) in zip(products, constants, strict=True):
                self._factors.append(self._factorise(product, high))

    def _factorise(self, product: Product, constant: float) -> list[Doubles]:
        """Multiply what has the same shape, so that the grid sees as few factors as possible."""
        import numpy as np

        raw = [(self.grids[n], p) for n, p in product.powers]
        if product.source is not None:
            raw.append((self.kernels[product.source], 1))
        limit = 800.0 / max(1, len(raw) + 1)
        shaped: dict[tuple[int, ...], Doubles] = {}
        for array, power in raw:
            value = _power(array, power)
            size = np.abs(array)
            safe = (size < 2.0 ** (limit / abs(power))) & (size > 2.0 ** (-limit / abs(power)))
            if not safe.all():  # what is not safe becomes NaN, and climbs; an exact zero stays
                keep = safe | ((array == 0) if power > 0 else False)
                value = np.where(keep, value, np.nan)
            key = (1,) * (len(self.shape) - array.ndim) + array.shape
            value = value.reshape(key)
            shaped[key] = shaped[key] * value if key in shaped else value
        if not 2.0**-limit < abs(constant) < 2.0**limit:
            constant = float("nan")
        if not shaped:
            return [np.full((1,) * len(self.shape), constant)]
        small = min(shaped, key=lambda s: shaped[s].size)
        shaped[small] = shaped[small] * constant
        return sorted(shaped.values(), key=lambda a: a.size)

    def blocks(self, size: int) -> Iterator[tuple[int, tuple[int, int], list[list[Doubles]]]]:
        """Yield (flat start, shape, factors) for pieces of about ``size`` points in memory order."""
        import numpy as np

        shape = (1,) * (2 - len(self.shape)) + self.shape
        views = [[f.reshape((1,) * (len(shape) - f.ndim) + f.shape) for f in fs] for fs in self._factors]
        depth, inner = shape[-2], shape[-1]
        width = min(inner, size)
        rows = max(1, size // inner)
        for lead in np.ndindex(*shape[:-2]):
            for row in range(0, depth, rows):
                down = slice(row, min(depth, row + rows))
                for column in range(0, inner, width):
                    across = slice(column, min(inner, column + width))
                    start = int(np.ravel_multi_index((*lead, row, column), shape))
                    piece = (down.stop - row, across.stop - column)
                    yield start, piece, [[_cut(f, lead, down, across) for f in fs] for fs in views]

    def _flat(self, array: NDArray[Any], where: Places) -> NDArray[Any]:
        """Return the values of a broadcast array at flat places of the whole shape."""
        if array.shape == self.shape:
            return array.reshape(-1)[where]
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
            if product.source is not None and self.sources[product.source].exact_zeros:
                one |= self._flat(self.kernels[product.source], where) == 0
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
        for number, reasons in enumerate(self._refused):
            if not reasons:
                continue
            enters = np.zeros(len(where), bool)
            for product in self.products:
                if product.source == number:
                    enters |= ~self._without(product, where)
            for why, mask in reasons.items():
                note(out, why, enters & self._flat(mask, where))
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

        function, doubles = self.sources[source], self.kernels[source]
        if wide and function.names:
            found = function.pairs({n: self._flat(self.grids[n], where) for n in function.names})
            return (np.full(len(where), np.nan), np.zeros(len(where))) if found is None else found
        if source not in self._pairs:
            self._pairs[source] = (np.full(doubles.size, np.nan), np.zeros(doubles.size))
        high, low = self._pairs[source]
        place = self._place(doubles.shape, where)
        spread = [np.broadcast_to(self.grids[n], doubles.shape).reshape(-1) for n in function.names]
        known: dict[tuple[float, ...], tuple[float, float]] = {}
        for p in np.unique(place).tolist():
            if high[p] == high[p]:
                continue
            values = tuple(float(s[p]) for s in spread)
            if values not in known:
                point = dict(zip(function.names, map(Fraction, values), strict=True))
                known[values] = _pair(function, point)
            high[p], low[p] = known[values]
        return high[place], low[place]

    def sizes(self, where: Places) -> Doubles:
        """Return the sum of the terms' sizes at points."""
        import numpy as np

        total = np.zeros(len(where))
        for factors in self._factors:
            term = np.ones(len(where))
            for factor in factors:
                term = term * np.abs(self._flat(factor, where))
            total += term
        return total

    def point(self, index: int) -> dict[str, float]:
        """Return the values of all arrays at one flat place."""
        import numpy as np

        where = np.array([index])
        return {n: float(self._flat(g, where)[0]) for n, g in self.grids.items()}


def _power(array: Doubles, power: int) -> Doubles:
    """Return array^power by multiplications (numpy's own power may err by more)."""
    out = array
    for _ in range(abs(power) - 1):
        out = out * array
    result: Doubles = out if power > 0 else 1.0 / out
    return result


def _pair(function: Source, point: Mapping[str, Fraction]) -> tuple[float, float]:
    """Return a function's value in double-double, NaN where it has none or is beyond the safe range."""
    try:
        ball = function.ball(point, 116)
    except G2symError:  # the sum has a value where the coefficient is zero
        return float("nan"), 0.0
    with working_precision(240):
        pair = dd.from_arb(ball)
    return pair if 2.0**-300 < abs(pair[0]) < 2.0**300 else (float("nan"), 0.0)


def _cut(factor: Doubles, lead: tuple[int, ...], down: slice, across: slice) -> Doubles:
    """Take the part of a broadcast factor that belongs to a block of the last two axes."""
    head = tuple(i if n > 1 else 0 for i, n in zip(lead, factor.shape[:-2], strict=True))
    body: Doubles = factor[head]
    rows, columns = body.shape
    return body[down if rows > 1 else slice(None), across if columns > 1 else slice(None)]
