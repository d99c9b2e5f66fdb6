"""A Sobol sequence of up to ten dimensions, any stretch of it at once.

Source: S. Joe and F. Y. Kuo, SIAM J. Sci. Comput. 30 (2008) 2635: direction numbers new-joe-kuo-6.21201.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BITS = 32
_PRIMITIVE = MappingProxyType(
    {
        2: (0, (1,)),
        3: (1, (1, 3)),
        4: (1, (1, 3, 1)),
        5: (2, (1, 1, 1)),
        6: (1, (1, 1, 3, 3)),
        7: (4, (1, 3, 5, 13)),
        8: (2, (1, 1, 5, 5, 17)),
        9: (4, (1, 1, 5, 5, 5)),
        10: (7, (1, 1, 7, 11, 19)),
    }
)
"""For each dimension the inner coefficients of its primitive polynomial and the first direction numbers."""
MAX_DIMENSION = 10


@cache
def _directions(dimension: int) -> tuple[int, ...]:
    if dimension == 1:
        return tuple(1 << (BITS - 1 - k) for k in range(BITS))
    inner, first = _PRIMITIVE[dimension]
    degree = len(first)
    out = [m << (BITS - 1 - k) for k, m in enumerate(first)]
    for k in range(degree, BITS):
        value = out[k - degree] ^ (out[k - degree] >> degree)
        for j in range(1, degree):
            if (inner >> (degree - 1 - j)) & 1:
                value ^= out[k - j]
        out.append(value)
    return tuple(out)


def sobol(
    start: int, stop: int, dimensions: int, shift: tuple[int, ...] | None = None
) -> NDArray[np.float64]:
    """Return the points start to stop - 1 of the sequence in [0, 1)^dimensions.

    Parameters: 0 <= start <= stop <= 2^32; ``dimensions``, at most 10; ``shift``, an integer of 32 bits for
    each dimension, exclusive-ored in (a digital shift, which keeps the sequence's evenness).
    Returns an array (points, dimensions).
    """
    import numpy as np

    index = np.arange(start, stop, dtype=np.uint64)
    gray = index ^ (index >> np.uint64(1))
    out = np.zeros((dimensions, len(index)), np.uint64)
    for d in range(dimensions):
        for bit, direction in enumerate(_directions(d + 1)):
            if not stop >> bit:
                break
            out[d] ^= np.where(gray >> np.uint64(bit) & np.uint64(1), np.uint64(direction), np.uint64(0))
        if shift is not None:
            out[d] ^= np.uint64(shift[d])
    return out.T / 2.0**BITS
