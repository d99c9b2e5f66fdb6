"""Products and quotients of sums over arrays, piece by piece in the memory of the first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from g2sym.arrays.ladder import BALLS, Sums
from g2sym.arrays.pieces import PASS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from g2sym.base.types import Codes, Doubles, Flags

SMALLEST_NORMAL = 2.0**-1022
"""Doubles below this have lost digits."""
EXPONENT = 1100
"""No double's binary exponent is larger."""


class Quotient:
    """A product of powers of sums, mantissas and exponents apart: it never leaves the range of doubles.

    Parameters: ``most``, the sum of the powers' sizes. ``lost`` are the points at which a sum is no double
    itself: infinite, or small and come from balls. ``values`` has to be asked for by `finish`.
    """

    def __init__(self, most: int) -> None:
        import numpy as np

        self._kind: Any = np.int16 if most * EXPONENT < 1 << 15 else np.int64
        self._scale: NDArray[Any] | None = None
        self.values: Doubles = np.ones(())
        self.rungs: Codes = np.zeros((), np.uint8)
        self.lost: Flags = np.zeros((), bool)

    def multiply(self, found: Sums, power: int) -> Flags | None:
        """Multiply by a power of a sum, whose memory may be taken.

        Returns the points at which it is exactly zero and to be divided by, None where there are none; they
        count as 1.
        """
        import numpy as np

        first = self._scale is None
        if first:
            self._scale = np.zeros(found.values.shape, self._kind)
            self.values = found.values if power > 0 else np.ones(found.values.shape)
            self.rungs, self.lost = found.rungs, np.zeros(found.values.shape, bool)
        assert self._scale is not None
        total, scale, lost, rungs = (a.reshape(-1) for a in (self.values, self._scale, self.lost, self.rungs))
        values, marks = found.values.reshape(-1), found.rungs.reshape(-1)
        zeros: Flags | None = None
        for part in _parts(values.size):
            size = np.abs(values[part])
            beyond = np.isinf(size) | ((size < SMALLEST_NORMAL) & (marks[part] == BALLS))
            zero = (size == 0) & ~beyond
            mantissa, exponent = np.frexp(np.where(beyond | zero if power < 0 else beyond, 1.0, values[part]))
            if power < 0 and zero.any():
                zeros = np.zeros(values.size, bool) if zeros is None else zeros
                zeros[part] = zero
            here = total[part]
            start = 1 if first and power > 0 else 0
            if start:
                np.copyto(here, mantissa)
            for _ in range(start, abs(power)):
                (np.multiply if power > 0 else np.divide)(here, mantissa, out=here)
            scale[part] += (power * exponent.astype(np.int64)).astype(scale.dtype)
            lost[part] |= beyond
            np.maximum(rungs[part], marks[part], out=rungs[part])
        return None if zeros is None else zeros.reshape(found.values.shape)

    def finish(self) -> None:
        """Put mantissas and exponents together."""
        import numpy as np

        assert self._scale is not None
        total, scale = self.values.reshape(-1), self._scale.reshape(-1)
        with np.errstate(all="ignore"):
            for part in _parts(total.size):
                exponent = np.clip(scale[part].astype(np.int64), -5000, 5000).astype(np.int32)
                np.ldexp(total[part], exponent, out=total[part])
                total[part] += 0.0
        self._scale = None


def summed(every: Sequence[Sums], weight: float, power: int) -> tuple[Sums, Flags]:
    """Return ``weight`` times the sum of powers of sums, and the points where that is no double.

    Parameters: ``every``, whose memory may be taken; ``weight``, positive; ``power``, 2, or 1 for sums that
    are not negative. The relative error is at most ``power`` times the largest one of the sums, and a
    rounding for each of them and four more.
    """
    import numpy as np

    size = np.max(np.abs([one.values for one in every]), axis=0)
    unit = np.where(size > 0, size, 1.0)
    with np.errstate(all="ignore"):
        total = np.asarray(sum((one.values / unit) ** power for one in every) * weight)
        for _ in range(power):
            total *= unit
    total[size == 0] = 0.0
    lost: Flags = (size > 0) & ~((total >= SMALLEST_NORMAL) & (total < np.inf))
    total[lost] = 1.0
    rungs = np.asarray(np.max([one.rungs for one in every], axis=0))
    reasons: dict[str, Flags] = {}
    for one in every:
        for why, mask in one.reasons.items():
            reasons[why] = reasons[why] | mask if why in reasons else mask
    return Sums(total, rungs, reasons), lost


def _parts(size: int) -> Iterator[slice]:
    return (slice(start, start + PASS) for start in range(0, size, PASS))
