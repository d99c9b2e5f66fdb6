"""Sums of coefficient times kernel over arrays, to a guaranteed relative error of the sum.

The ladder: doubles with a rigorous bound on their error; double-double for the points where that bound
is not good enough; balls for what is left. A point climbs only when it must. Whatever leaves the safe
range of doubles on the way (a product of couplings that underflows, say) goes straight to the balls, so
a result is lost to overflow or underflow only where it lies itself outside the range of doubles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from g2sym.arrays.compiled import grid_loop
from g2sym.arrays.grids import Grids, Product
from g2sym.arrays.guard import SMALLEST, compiled, guarded, summed
from g2sym.arrays.pieces import Block, Outer
from g2sym.arrays.refused import Reasons, union
from g2sym.arrays.sources import Source
from g2sym.arrays.streams import Kept
from g2sym.arrays.threads import share_out, thread_count
from g2sym.base.balls import working_precision
from g2sym.errors import G2symError, PrecisionError, UsageError
from g2sym.kernels import doubledouble as dd
from g2sym.tables.compiled import LONG
from g2sym.tables.table import CHUNK
from g2sym.tables.wide import WIDE_ERROR

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags, Places


TOLERANCE = 1e-12
UNIT = 2.0**-53
BLOCK = 1 << 17
"""Points evaluated at once in doubles where all arrays are smaller than the whole; else `CHUNK`."""
LEAST = 1 << 13
"""Fewest points of a block: for fewer, calls cost more than what they do."""
SHARED = 1 << 17
"""Points from which on threads share the work."""
CLIMBERS = 1 << 20
"""Points that climb at once."""
IDLE = 8
"""Threads whose buffers, a few megabytes each, are kept for the next call."""
PART = 1 << 14
"""Points evaluated at once in double-double."""
MAX_BITS = 1 << 15
EXACT_BITS = 384
"""Precision at which a sum that balls have not told from zero is asked whether it is."""
DOUBLE, DOUBLE_DOUBLE, BALLS = 1, 2, 3
"""The rungs; 0 stands for a point that is not a number."""


@dataclass(frozen=True, eq=False)
class Sums:
    """Values of a sum with the rung of the ladder that each was computed on.

    ``reasons`` says why points have no value: sentences to masks of the values' shape, views where one array
    alone is the reason.
    """

    values: Doubles
    rungs: NDArray[np.uint8]
    reasons: Mapping[str, Flags] = field(default_factory=dict)

    @property
    def invalid(self) -> Flags:
        """The mask of the points that have no value and are NaN."""
        return union(self.reasons, self.values.shape)

    def counts(self) -> dict[str, int]:
        """Return how many points each rung decided."""
        names = {DOUBLE: "double", DOUBLE_DOUBLE: "double-double", BALLS: "balls", 0: "not a number"}
        return {name: int((self.rungs == rung).sum()) for rung, name in names.items()}


class Sum:
    """sum_k c_k * products of arrays * functions of masses.

    Parameters: ``products``; ``sources``, the functions; ``tolerance``, the relative error guaranteed
    for every value; ``vanishes`` decides exactly whether the sum is zero at a point, where balls do not tell;
    ``idle`` buffers, which several sums may share: what runs takes some and gives them back.
    """

    def __init__(
        self,
        products: Sequence[Product],
        sources: Sequence[Source],
        tolerance: float = TOLERANCE,
        vanishes: Callable[[Mapping[str, float]], bool] | None = None,
        idle: list[Kept] | None = None,
    ) -> None:
        self.vanishes = vanishes
        self._idle: list[Kept] = [] if idle is None else idle
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
        self._pair_error = self._rounding_of_pairs()
        self._exact_zeros = all(s.exact_zeros for s in sources)
        # a product rounds in its constant, |p| times at most in a power, once for each factor multiplied in
        # (powers, function, constant); then come the additions
        steps = max((3 + 2 * sum(abs(p) for _, p in q.powers) for q in self.products), default=1)
        self.gamma = (steps + len(self.products)) * UNIT * 1.01 + max(errors)

    def _rounding_of_pairs(self) -> float:
        """Return a bound on the rounding of double-double sums, relative to the sum of sizes.

        The constant and the function's ball are rounded to pairs, 2^-106 each. A positive power scales by a
        double p times; a negative one is p - 1 products, an inverse and one more product. The function makes
        a product, and every term an addition, which errs relative to a partial sum.
        """
        most = 0.0
        for product in self.products:
            powers = [p for _, p in product.powers]
            below = sum(dd.PRODUCT_ERROR * -p + dd.INVERSE_ERROR for p in powers if p < 0)
            most = max(most, below + sum(dd.SCALE_ERROR * p for p in powers if p > 0))
        return most + dd.PRODUCT_ERROR + 2 * 2.0**-106 + dd.SUM_ERROR * len(self.products)

    def __call__(self, grids: Mapping[str, Doubles], guard: bool = True, threads: int | None = None) -> Sums:
        """Evaluate over arrays that broadcast against each other.

        Parameters: ``grids``, float64 arrays by name; ``guard`` False leaves out every check and climb
        (plain double precision, for comparison); ``threads``, see `g2sym.arrays.threads.thread_count`: the
        doubles are the same for any number. Returns values of the broadcast shape; NaN wherever an
        array holds NaN, and, with the reason, where a function has no value or the sum cannot be told from
        zero. Without any array that is raised.
        """
        import numpy as np

        work = Grids(self.products, self._constants, self.sources, grids)
        values = np.empty(work.outer) if self.products else np.zeros(work.outer)
        rungs = np.full(work.outer, DOUBLE, np.uint8)
        reasons: Reasons = {}
        if self.products and values.size:
            with np.errstate(all="ignore"):
                flat, marks = values.reshape(-1), rungs.reshape(-1)
                unsure = self._doubles(work, flat, guard, threads)
                worth = True  # to look at the wide tables, while they decide at least half of the points
                for start in range(0, unsure.size, CLIMBERS):
                    worth = self._climb(work, unsure[start : start + CLIMBERS], flat, marks, reasons, worth)
        return Sums(values, rungs, {why: mask.reshape(work.outer) for why, mask in reasons.items()})

    def _doubles(self, work: Grids, flat: Doubles, guard: bool, threads: int | None) -> Places:
        """Evaluate in doubles; return the points that have to climb, in memory order."""
        import numpy as np

        theta = self.gamma / self.tolerance * 1.01
        small = all(term.is_small for term in work.terms)
        outer = Outer.of(work.terms, work.shape) if small and guard and flat.size >= LONG else None
        loop = grid_loop() if outer is not None else None
        used = thread_count(threads) if flat.size >= SHARED else 1
        size = max(LEAST, min(BLOCK if small else CHUNK, -(-flat.size // used)))
        found: dict[int, Places] = {}

        def run(pieces: Iterator[Block]) -> None:
            try:
                kept = self._idle.pop()
            except IndexError:
                kept = Kept()
            worker = work.worker(size, kept)
            with np.errstate(all="ignore"):  # a thread has settings of its own
                for block in pieces:
                    total = flat[block.start : block.start + block.size].reshape(block.shape)
                    if not guard:
                        summed(work.terms, worker, block, total, False)
                        continue
                    if loop is not None and outer is not None:
                        unsure = compiled(loop, outer, worker, block, total, theta)
                    else:
                        unsure = guarded(work.terms, worker, block, total, theta, self._exact_zeros)
                    if unsure.size:
                        found[block.start] = block.start + unsure
            if len(self._idle) < IDLE:
                self._idle.append(kept)

        share_out(work.blocks(size), used, run)
        return np.concatenate([found[start] for start in sorted(found)]) if found else np.zeros(0, np.intp)

    def _climb(
        self,
        work: Grids,
        where: Places,
        flat: Doubles,
        marks: NDArray[np.uint8],
        reasons: Reasons,
        worth: bool,
    ) -> bool:
        """Decide points that doubles could not; return whether further ones shall try the wide tables."""
        import numpy as np

        def lost(why: str, places: Places) -> None:
            if places.size:
                reasons.setdefault(why, np.zeros(flat.size, bool))[places] = True

        nothing = work.invalid(where)
        refused = work.refused(where)
        for why, mask in refused.items():
            lost(why, where[mask & ~nothing])
        nothing = nothing | union(refused, nothing.shape)
        flat[where[nothing]], marks[where[nothing]] = np.nan, 0
        where = where[~nothing]
        vanishing = work.vanishing(where)
        flat[where[vanishing]] = 0.0
        where = where[~vanishing]
        for start in range(0, where.size, PART):
            part = where[start : start + PART]
            asked = part.size
            for wide in (True, False) if worth else (False,):
                total, size = self._double_double(work, part, wide)
                bound = (self._pair_error + (WIDE_ERROR if wide else 0.0)) * 1.01 * size
                good = np.abs(total) * self.tolerance - bound >= SMALLEST
                flat[part[good]], marks[part[good]] = total[good], DOUBLE_DOUBLE
                part = part[~good]
                worth = part.size < asked / 2 if wide else worth
                if not part.size:
                    break
            unknown: dict[str, list[int]] = {}
            for index in part.tolist():
                try:
                    flat[index], marks[index] = self._balls(work, work.point(index)), BALLS
                except G2symError as error:
                    if not work.grids:
                        raise
                    flat[index], marks[index] = np.nan, 0
                    told = f"the sum could not be told from zero with {MAX_BITS} bits"
                    why = told if isinstance(error, PrecisionError) else str(error)
                    unknown.setdefault(why, []).append(index)
            for why, places in unknown.items():
                lost(why, np.array(places))
        return worth

    def _double_double(self, work: Grids, where: Places, wide: bool) -> tuple[Doubles, Doubles]:
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
                term = dd.mul(term, work.pairs_at(product.source, where, wide))
            total = dd.add(total, term)
            size += np.abs(term[0])
        return total[0], size

    def _balls(self, work: Grids, point: Mapping[str, float]) -> float:
        """Return one sum, correctly rounded."""
        from flint import arb, fmpq

        exact = {n: fmpq(*v.as_integer_ratio()) for n, v in point.items()}
        groups: dict[tuple[str, int | None], tuple[Any, Product]] = {}
        for product in self.products:
            weight = fmpq(product.rational.numerator, product.rational.denominator)
            for name, power in product.powers:
                if power < 0 and exact[name] == 0:
                    raise UsageError(f"{name} is 0, by which the sum is divided.")
                weight *= exact[name] ** power
            key = (product.label, product.source)
            groups[key] = (groups[key][0] + weight if key in groups else weight, product)
        kept = [(weight, product) for weight, product in groups.values() if weight != 0]
        if not kept:
            return 0.0
        bits = 192
        while bits <= MAX_BITS:
            with working_precision(bits):
                total = arb(0)
                for weight, product in kept:
                    term = arb(weight)
                    if product.constant is not None:
                        term *= work.constant(product, bits)
                    if product.source is not None:
                        term *= work.ball(product.source, point, bits)
                    total += term
                if total.rel_accuracy_bits() >= 64:
                    return float(total.mid())
            if bits == EXACT_BITS and self.vanishes is not None and self.vanishes(point):
                return 0.0
            bits *= 2
        shown = ", ".join(f"{n} = {v!r}" for n, v in point.items())
        raise PrecisionError(f"At {shown} the sum could not be told from zero with {MAX_BITS} bits.")
