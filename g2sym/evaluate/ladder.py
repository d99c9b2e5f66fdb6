"""Sums of coefficient times kernel over arrays, to a guaranteed relative error of the sum.

The ladder: doubles with a rigorous bound on their error; double-double for the points where that bound
is not good enough; balls for what is left. A point climbs only when it must. Whatever leaves the safe
range of doubles on the way (a product of couplings that underflows, say) goes straight to the balls, so
a result is lost to overflow or underflow only where it lies itself outside the range of doubles.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.balls import working_precision
from g2sym.errors import PrecisionError
from g2sym.evaluate import doubledouble as dd
from g2sym.evaluate.grids import Grids, Product
from g2sym.evaluate.sources import Source

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Doubles = NDArray[np.float64]

TOLERANCE = 1e-12
UNIT = 2.0**-53
SMALLEST = 2.0**-900
"""Sums below this climb: doubles this small may have lost digits."""
BLOCK = 16384
MAX_BITS = 1 << 15
DOUBLE, DOUBLE_DOUBLE, BALLS = 1, 2, 3
"""The rungs; 0 stands for a point that is not a number."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Values of a sum with the rung of the ladder that each was computed on."""

    values: Doubles
    rungs: NDArray[np.uint8]

    def counts(self) -> dict[str, int]:
        """Return how many points each rung decided."""
        names = {DOUBLE: "double", DOUBLE_DOUBLE: "double-double", BALLS: "balls", 0: "not a number"}
        return {name: int((self.rungs == rung).sum()) for rung, name in names.items()}


class Sum:
    """sum_k c_k * products of arrays * functions of masses.

    Parameters: ``products``; ``sources``, the functions; ``tolerance``, the relative error guaranteed
    for every value.
    """

    def __init__(
        self, products: Sequence[Product], sources: Sequence[Source], tolerance: float = TOLERANCE
    ) -> None:
        self.products = tuple(products)
        self.sources = tuple(sources)
        self.tolerance = tolerance
        pairs = []
        for product in self.products:
            value = product.factor(240)
            with working_precision(240):
                pairs.append(dd.from_arb(value))
        self._constants = pairs
        errors = [s.error for s in sources] or [0.0]
        # each product: constant, powers, their products, the function; then the additions
        steps = max((2 + 2 * sum(abs(p) for _, p in q.powers) for q in self.products), default=1)
        self._steps = steps
        self.gamma = (steps + len(self.products) + 4) * UNIT * 1.01 + max(errors)

    def __call__(self, grids: Mapping[str, Doubles], guard: bool = True) -> Sums:
        """Evaluate over arrays that broadcast against each other.

        Parameters: ``grids``, float64 arrays by name; ``guard`` False leaves out every check and climb
        (plain double precision, for comparison). Returns values of the broadcast shape; NaN wherever an
        array holds NaN. Raises PrecisionError for a sum that cannot be told from zero.
        """
        import numpy as np

        work = Grids(self.products, self._constants, self.sources, grids)
        values = np.zeros(work.shape)
        rungs = np.full(work.shape, DOUBLE, np.uint8)
        if self.products and values.size:
            with np.errstate(all="ignore"):
                self._blocks(work, values, rungs, guard)
        return Sums(values, rungs)

    def _blocks(self, work: Grids, values: Doubles, rungs: NDArray[np.uint8], guard: bool) -> None:
        import numpy as np

        flat, marks = values.reshape(-1), rungs.reshape(-1)
        theta = self.gamma / self.tolerance * 1.01
        size = max(1, min(BLOCK, flat.size))
        buffers = [np.empty(size) for _ in range(2)]
        mask = np.empty(size, bool)
        for start, shape, views in work.blocks(BLOCK):
            n = int(np.prod(shape))
            if n > mask.size:
                buffers, mask = [np.empty(n) for _ in range(2)], np.empty(n, bool)
            total = flat[start : start + n].reshape(shape)
            term, size_sum = (b[:n].reshape(shape) for b in buffers)
            for k, factors in enumerate(views):
                target = total if k == 0 else term
                _multiply(factors, target)
                if k:
                    np.add(total, term, out=total)
                if guard and k == 0:
                    np.abs(total, out=size_sum)
                elif guard:
                    np.abs(term, out=term)
                    np.add(size_sum, term, out=size_sum)
            if not guard:
                continue
            np.multiply(size_sum, theta, out=size_sum)
            np.abs(total, out=term)
            np.subtract(term, size_sum, out=term)
            good = mask[:n].reshape(shape)
            np.greater_equal(term, SMALLEST, out=good)
            if not good.all():
                self._climb(work, start + np.flatnonzero(~mask[:n]), flat, marks)

    def _climb(self, work: Grids, where: Any, flat: Doubles, marks: NDArray[np.uint8]) -> None:
        """Decide the points that doubles could not."""
        import numpy as np

        nothing = work.invalid(where)
        flat[where[nothing]], marks[where[nothing]] = np.nan, 0
        where = where[~nothing]
        vanishing = work.vanishing(where)
        flat[where[vanishing]] = 0.0
        where = where[~vanishing]
        if not where.size:
            return
        for start in range(0, where.size, BLOCK):
            part = where[start : start + BLOCK]
            total, size = self._double_double(work, part)
            bound = (8 * self._steps + 8 * len(self.products) + 64) * 2.0**-106 * size
            good = np.abs(total) * self.tolerance - bound >= SMALLEST
            flat[part[good]], marks[part[good]] = total[good], DOUBLE_DOUBLE
            for index in part[~good].tolist():
                flat[index], marks[index] = self._balls(work.point(index)), BALLS

    def _double_double(self, work: Grids, where: Any) -> tuple[Doubles, Doubles]:
        import numpy as np

        total: dd.Pair = (np.zeros(where.size), np.zeros(where.size))
        size = np.zeros(where.size)
        for product, constant in zip(self.products, self._constants, strict=True):
            high = constant[0] if 2.0**-100 < abs(constant[0]) < 2.0**100 else float("nan")
            term: dd.Pair = (np.full(where.size, high), np.full(where.size, constant[1]))
            limit = 500.0 / max(1, sum(abs(p) for _, p in product.powers))
            for name, power in product.powers:
                value = work.safe_at(name, where, limit)
                if power < 0:
                    term = dd.mul(term, dd.power((value, 0 * value), power))
                    continue
                for _ in range(power):
                    term = dd.scale(term, value)
            if product.source is not None:
                term = dd.mul(term, work.pairs_at(product.source, where))
            total = dd.add(total, term)
            size += np.abs(term[0])
        return total[0], size

    def _balls(self, point: Mapping[str, Fraction]) -> float:
        """Return one sum, correctly rounded."""
        from flint import arb, fmpq

        groups: dict[tuple[str, int | None], tuple[Fraction, Product]] = {}
        for product in self.products:
            exact = product.rational
            for name, power in product.powers:
                exact *= point[name] ** power
            key = (product.label, product.source)
            groups[key] = (groups[key][0] + exact if key in groups else exact, product)
        kept = [(exact, product) for exact, product in groups.values() if exact]
        if not kept:
            return 0.0
        bits = 128
        while bits <= MAX_BITS:
            with working_precision(bits):
                total = arb(0)
                for exact, product in kept:
                    term = arb(fmpq(exact.numerator, exact.denominator))
                    if product.constant is not None:
                        term *= product.constant(bits)
                    if product.source is not None:
                        source = self.sources[product.source]
                        term *= source.ball({n: point[n] for n in source.names}, bits)
                    total += term
                if total.rel_accuracy_bits() >= 64:
                    return float(total.mid())
            bits *= 2
        shown = ", ".join(f"{n} = {float(v)!r}" for n, v in point.items())
        raise PrecisionError(f"At {shown} the sum could not be told from zero with {MAX_BITS} bits.")


def _multiply(factors: Sequence[Doubles], out: Doubles) -> None:
    import numpy as np

    if len(factors) == 1:
        np.copyto(out, factors[0])
        return
    np.multiply(factors[0], factors[1], out=out)
    for factor in factors[2:]:
        np.multiply(out, factor, out=out)
