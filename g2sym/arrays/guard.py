"""Sums of terms in a block of doubles, and at which of its points their error is not small enough.

A sum is good where |sum| - theta * sizes >= `SMALLEST`, with sizes the sum of the terms' sizes; a term
whose function may err by more than its source says counts as so many times larger. Where something else is
looked at first, which costs less, it asks for more (`MORE`): which points climb depends
neither on the block nor on the way. All operations involved are monotonic, rounding included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from g2sym.arrays.compiled import Loop
from g2sym.arrays.pieces import Block, Factors, Outer, Worker, combined

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Places


SMALLEST = 2.0**-900
"""Sums below this climb: doubles this small may have lost digits."""
MORE = 1 + 1e-6
"""What a first look asks for beyond the criterion: far more than the rounding of its few operations."""


def summed(
    terms: Sequence[Factors], worker: Worker, block: Block, total: Doubles, sized: bool
) -> tuple[Doubles | None, float]:
    """Fill ``total`` with the sum of the terms in a block.

    Returns the sum of their sizes, where it is asked for (``sized``) or that of a single term is not its
    value's, and a lower bound on the size of the last term, 0 where none is known.
    """
    import numpy as np

    term = worker.buffer("term", block)
    running: Doubles | None = None
    sizes: Doubles | None = None
    floor = 0.0
    for factors in terms:
        one, floor = worker.evaluate(factors, block, total if running is None else term)
        excess = worker.excess
        if sized or (len(terms) == 1 and excess is not None):
            if sizes is None:
                sizes = worker.buffer("sizes", block)
                np.abs(one, out=sizes)
                if excess is not None:
                    np.multiply(sizes, excess, out=sizes)
            else:
                size = np.abs(one, out=worker.buffer("spare", block)) if one is term else np.abs(one)
                if excess is not None:
                    size = size * excess
                np.add(sizes, size, out=sizes)
        running = one if running is None else combined(np.add, running, one, total)
    assert running is not None
    if running is not total:
        np.copyto(total, running)
    return sizes, floor


def compiled(loop: Loop, outer: Outer, worker: Worker, block: Block, total: Doubles, theta: float) -> Places:
    """Do what `guarded` does in one compiled loop over rows times columns."""
    places = worker.kept.places(block.size)
    row = worker.kept.doubles("row", block.shape[1])
    return places[: loop(*outer.cut(block), theta, SMALLEST, row, total, places)].copy()


def guarded(
    terms: Sequence[Factors], worker: Worker, block: Block, total: Doubles, theta: float, exact: bool = False
) -> Places:
    """Fill ``total`` as `summed` does; return the flat places in the block that doubles do not decide.

    Parameters: ``exact`` True where a function is 0 only where it is exactly: then a sum without any size is
    decided, since no product of what is within the safe range underflows.
    """
    import numpy as np

    none = np.zeros(0, np.intp)
    small = all(t.is_small for t in terms)
    sizes, floor = summed(terms, worker, block, total, not small and len(terms) > 1)
    if len(terms) == 1 and floor * (1 - theta * MORE) >= 2 * SMALLEST:
        return none
    size = np.abs(total, out=worker.buffer("term", block))
    if sizes is not None:
        spare = np.multiply(sizes, theta * MORE, out=worker.buffer("spare", block))
        np.subtract(size, spare, out=spare)
        if spare.min() >= 2 * SMALLEST:
            return none
        places = np.flatnonzero(~(spare >= 2 * SMALLEST))
        own = sizes.reshape(-1)[places]
    elif not small:  # the only term's size is that of the sum
        places = np.flatnonzero(~(size * (1 - theta * MORE) >= 2 * SMALLEST))
        own = size.reshape(-1)[places]
    else:  # sizes by columns, which costs little
        good = size >= theta * MORE * sum(t.column_sizes(block) for t in terms) + 2 * SMALLEST
        if good.all():
            return none
        places = np.flatnonzero(~good)
        own = sum((t.sizes_at(block, places) for t in terms), np.zeros(places.size))
    keep = size.reshape(-1)[places] - theta * own >= SMALLEST
    if exact and not keep.all():
        zero = own == 0
        total.reshape(-1)[places[zero]] = 0.0
        keep |= zero
    return np.asarray(places[~keep])
