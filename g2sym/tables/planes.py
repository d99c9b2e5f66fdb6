"""Universal tables of two running masses: N_ab = (d0 + d1) J_ab over q = m_F/M and s = m^2/(M + m_F)^2.

No lepton's mass and no coupling is in them. A cell is a quarter of an octave of q, told by the double's own
bits; in it u = (q - c)/(q + c) with the cell's centre c, which for q = c (1 + u)/(1 - u) is analytic but for
the cuts u <= -1 and u >= 1. s has five bands. In a cell and band N is a polynomial in u and in v = s -
middle; columns of coefficients that are too small to matter are left out, and stand in the error.

Bounds (`g2sym.tables.planes_build`): N(s) = sum of positive parts 1/(1 - s y) with 0 <= y <= 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from g2sym.integrals.basis import Powers

if TYPE_CHECKING:
    from g2sym.base.types import Codes, Doubles

EDGES = (0.0, 2.0**-13, 2.0**-7, 0.078125, 0.3, 0.6)
"""Ends of the bands of s."""
OCTAVES = 69
"""q runs from 2^-69 to 2^69: what is beyond differs from the ends by less than 2^-69 |ln q|."""
CELL_BITS = 2
CELLS = 2 * OCTAVES << CELL_BITS
GROWING = ((2, 0), (0, 2))
"""J20 grows without limit where the fermion is light, J02 where the boson is."""
STORED = ((2, 1), (1, 1), (2, 0))
"""J02 is J20 with the two masses exchanged."""
ERROR = 2e-14
"""Relative error of J_ab that is guaranteed."""
BLOCK = 1 << 16
"""Points sorted by bands at once."""
CHUNK = 1 << 12
"""Points evaluated at once: a few arrays of this length stay in the cache."""


@dataclass(frozen=True, eq=False)
class Band:
    """Polynomials for one band of s.

    Parameters: ``low``, ``high``, its ends; ``counts``, for each power of v the number of powers of u kept;
    ``rows``, for each function coefficients (sum of counts x cells), powers of v outermost; ``errors``, the
    relative error of each function, rounding and the rounding of q and s included.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    rows: Mapping[Powers, Doubles]
    errors: Mapping[Powers, float]

    def evaluate(self, key: Powers, place: Any, u: Doubles, v: Doubles) -> Doubles:
        """Return N at cells ``place``: Horner in u for each power of v = s - `middle`, then in v."""
        import numpy as np

        rows = self.rows[key]
        total, inner, coefficient = (np.empty(u.shape) for _ in range(3))
        end = len(rows)
        for power in range(len(self.counts) - 1, -1, -1):
            first = end - self.counts[power]
            np.take(rows[end - 1], place, out=inner, mode="clip")
            for row in range(end - 2, first - 1, -1):
                np.take(rows[row], place, out=coefficient, mode="clip")
                np.multiply(inner, u, out=inner)
                np.add(inner, coefficient, out=inner)
            if power == len(self.counts) - 1:
                total, inner = inner, total
            else:
                np.multiply(total, v, out=total)
                np.add(total, inner, out=total)
            end = first
        return total


@dataclass(frozen=True, eq=False)
class PlaneTable:
    """The bands in the order of `EDGES`, None for one that is absent."""

    bands: tuple[Band | None, ...]

    def functions(
        self, keys: Sequence[Powers], boson: Doubles, fermion: Doubles, lepton: Doubles
    ) -> tuple[dict[Powers, Doubles], Doubles]:
        """Return J_ab for arrays of masses of one shape, NaN beyond the tables, and their relative error."""
        import numpy as np

        with np.errstate(all="ignore"):
            s = (lepton / (boson + fermion)) ** 2
            found = self.evaluate(keys, fermion / boson, s)
            scale = lepton * lepton / (boson * boson + fermion * fermion)
            for value in found.values():
                np.multiply(value, scale, out=value)
        return found, np.take(self.errors, bands_of(s))

    def compiled(
        self,
        loop: Callable[..., None],
        keys: Sequence[Powers],
        boson: Doubles,
        fermion: Doubles,
        lepton: Doubles,
    ) -> tuple[dict[Powers, Doubles], Doubles]:
        """Return the same as `functions` by the compiled loop, which does the same operations."""
        import numpy as np

        stored = [(2, 0) if key == (0, 2) else key for key in keys]
        starts = np.array([[self._starts[n].get(key, -1) for n in range(len(self.bands))] for key in stored])
        counts = np.zeros(
            (len(self.bands), max(len(b.counts) for b in self.bands if b is not None)), np.int64
        )
        for number, band in enumerate(self.bands):
            if band is not None:
                counts[number, : len(band.counts)] = band.counts
        out, error = np.empty((len(keys), boson.size)), np.empty(boson.size)
        middles = np.array([middle(*pair) for pair in pairwise(EDGES)])
        swapped = np.array([key == (0, 2) for key in keys])
        growing = np.array([key in GROWING for key in keys])
        errors = np.array(self.errors[1:])
        loop(
            *(boson, fermion, lepton, np.array(EDGES), middles, counts, errors, self._flat, starts),
            *(swapped, growing, OCTAVES, 52 - CELL_BITS, out, error),
        )
        return dict(zip(keys, out, strict=True)), error

    @cached_property
    def _starts(self) -> list[dict[Powers, int]]:
        """Where the coefficients of a function begin in `_flat`, for each band."""
        out: list[dict[Powers, int]] = []
        place = 0
        for band in self.bands:
            own = {}
            for key in STORED if band is not None else ():
                own[key] = place
                place += band.rows[key].size if band is not None else 0
            out.append(own)
        return out

    @cached_property
    def _flat(self) -> Doubles:
        """All coefficients, band by band, function by function, cell by cell."""
        import numpy as np

        return np.concatenate([b.rows[k].T.ravel() for b in self.bands if b is not None for k in STORED])

    def evaluate(self, keys: Iterable[Powers], q: Doubles, s: Doubles) -> dict[Powers, Doubles]:
        """Return N_ab for each key over arrays of one shape; NaN where s is beyond the bands.

        Parameters: ``q``, not negative; ``s``, positive. For q = 0 J20 is that of the last cell: whoever
        asks for it there multiplies it by the mass of the fermion.
        """
        import numpy as np

        keys = tuple(keys)
        out = {key: np.full(q.shape, np.nan) for key in keys}
        flat = {key: value.reshape(-1) for key, value in out.items()}
        q, s = q.reshape(-1), s.reshape(-1)
        which = bands_of(s)
        for start in range(0, q.size, BLOCK):
            cut = slice(start, start + BLOCK)
            self._block(q[cut], s[cut], which[cut], {key: value[cut] for key, value in flat.items()})
        return out

    @property
    def errors(self) -> list[float]:
        """The relative errors of J_ab for the numbers that `bands_of` returns."""
        known = [max(b.errors.values()) if b is not None else ERROR for b in self.bands]
        return [ERROR, *known, ERROR]

    def _block(self, q: Doubles, s: Doubles, which: Codes, out: Mapping[Powers, Doubles]) -> None:
        """Evaluate the points of each band together: many bands have few points."""
        import numpy as np

        for number, band in enumerate(self.bands):
            if band is None:
                continue
            chosen = np.flatnonzero(which == number + 1)
            for start in range(0, chosen.size, CHUNK):
                part = chosen[start : start + CHUNK]
                own, v = q[part], s[part] - middle(band.low, band.high)
                direct = locate(own) if any(key != (0, 2) for key in out) else None
                with np.errstate(divide="ignore"):
                    turned = 1.0 / own
                other = locate(turned) if (0, 2) in out else None
                for key, target in out.items():
                    found = other if key == (0, 2) else direct
                    assert found is not None
                    target[part] = band.evaluate((2, 0) if key == (0, 2) else key, *found, v)
                    if key in GROWING:  # a logarithm of q, which has no limit
                        size = own if key == (2, 0) else turned
                        beyond = (size < 2.0**-OCTAVES) & (size > 0)
                        if beyond.any():
                            target[part[beyond]] = np.nan


def bands_of(s: Doubles) -> Codes:
    """Return the number of each value's band, from 1 on; 0 and the last are beyond all bands."""
    import numpy as np

    which = (s > 0).astype(np.uint8)
    for edge in EDGES[1:]:
        which += s > edge
    return which


def middle(low: float, high: float) -> float:
    """Return the double about which a band's polynomials are."""
    return (low + high) / 2


def locate(q: Doubles) -> tuple[Any, Doubles]:
    """Return cells and u for ratios of masses; those beyond the range count as at its ends."""
    import numpy as np

    inside = np.clip(q, 2.0**-OCTAVES, LAST)
    bits = inside.view(np.int64)
    place = (bits >> (52 - CELL_BITS)) - ((1023 - OCTAVES) << CELL_BITS)
    centre = ((bits & HIGH) | HALF).view(np.float64)
    return place, (inside - centre) / (inside + centre)


LAST = 2.0**OCTAVES * (1 - 2.0**-53)
HIGH = ~((1 << (52 - CELL_BITS)) - 1)
"""The bits of a double that name its cell."""
HALF = 1 << (51 - CELL_BITS)
"""The bit that makes it the centre of its cell."""
