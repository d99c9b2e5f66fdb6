"""Tables of two running masses as operations of any array namespace.

The bands of `g2sym.tables.planes` that come with the package are joined: one polynomial in u and v for all,
whose coefficients are gathered by band and cell, with zeros where a band needs fewer. What lies beyond them,
nearer to threshold, has no value here.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from g2sym.arrays.namespace import Columns, Space
from g2sym.arrays.patches import Patches, Spot, patches_of
from g2sym.arrays.planes import Mass, Plane, PlaneSource
from g2sym.arrays.sources import Source
from g2sym.errors import UnsupportedError
from g2sym.integrals.basis import Powers
from g2sym.tables.planes import CELL_BITS, CELLS, EDGES, OCTAVES, Band, middle
from g2sym.tables.planes_store import band_for

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

BANDS = 3
"""Bands that are shipped: m^2/(M + m_F)^2 up to `EDGES` [3], 0.078."""
LEAST, MOST = 2.0**-50, 2.0**50
"""Masses in GeV, about 1e-15 to 1e15: squares and their quotients leave room for couplings."""
BITS = 215.0
"""Binary orders that a function may be away from 1 there: 2 * 101 of m^2/(M^2 + m_F^2), 7 of N."""
PARTS = 1 << CELL_BITS


class Joined:
    """The bands of one function in one polynomial: ``columns`` of coefficients, ``counts`` by power of v."""

    def __init__(self, bands: tuple[Band, ...], key: Powers) -> None:
        import numpy as np

        counts = [
            max(b.counts[j] if j < len(b.counts) else 0 for b in bands) for j in range(len(bands[-1].counts))
        ]
        columns: list[Doubles] = []
        for j, count in enumerate(counts):
            own = np.zeros((count, len(bands) * CELLS))
            for number, band in enumerate(bands):
                if j < len(band.counts):
                    first, cells = sum(band.counts[:j]), slice(number * CELLS, (number + 1) * CELLS)
                    own[: band.counts[j], cells] = band.rows[key][first : first + band.counts[j]]
            columns += list(own)
        self.columns, self.counts = Columns(columns), tuple(counts)
        self.error = max(band.errors[key] for band in bands)


@cache
def _bands() -> tuple[Band, ...]:
    """Return the shipped bands; UnsupportedError where one of them is damaged."""
    found = tuple(band_for(number, False) for number in range(BANDS))
    if any(band is None for band in found):
        raise UnsupportedError(
            "The tables of two running masses that come with the package are absent or damaged; install the "
            "package anew."
        )
    return tuple(band for band in found if band is not None)


@cache
def joined(key: Powers) -> Joined:
    """Return the bands of one function."""
    return Joined(_bands(), key)


@cache
def _places() -> tuple[Doubles, Doubles, Doubles]:
    """Return the centres of cells of q, the inverse octaves, one more at either end, middles of bands."""
    import numpy as np

    cells = np.arange(CELLS)
    octave = cells // PARTS - OCTAVES
    centres = np.ldexp(1 + (cells % PARTS + 0.5) / PARTS, octave)
    octaves = np.ldexp(1.0, -(np.arange(2 * OCTAVES + 2) - 1 - OCTAVES))
    return centres, octaves, np.array([middle(*EDGES[n : n + 2]) for n in range(BANDS)])


class PlanePatches:
    """J_ab of two running masses: the error is that proved for the bands, rounded masses included.

    Parameters: ``plane``, the masses; ``key``, a and b. J02 is J20 with the masses of boson and fermion
    exchanged in q.
    """

    bits = BITS

    def __init__(self, plane: Plane, key: Powers) -> None:
        self._plane, self._turned = plane, key == (0, 2)
        self.names = plane.names
        self.layout: tuple[object, ...] = (plane.boson, plane.fermion, plane.lepton, self._turned)
        self._joined = joined((2, 0) if self._turned else key)
        self.relative = self._joined.error

    def _masses(self, space: Space, arrays: Mapping[str, Any]) -> tuple[Any, Any, Any]:
        def value(mass: Mass) -> Any:
            return arrays[mass.name] if mass.name else space.array(float(mass.value))

        plane = self._plane
        return value(plane.boson), value(plane.fermion), value(plane.lepton)

    def locate(self, space: Space, arrays: Mapping[str, Any]) -> Spot:
        """Return bands and cells, u and v; the third variable is the factor m^2/(M^2 + m_F^2)."""
        xp = space.xp
        boson, fermion, lepton = self._masses(space, arrays)
        inside = (boson >= LEAST) & (boson <= MOST) & (fermion >= LEAST) & (fermion <= MOST)
        inside = inside & (lepton >= LEAST) & (lepton <= MOST)
        # masses that are sure to be in range, so that no quotient on the way is undefined
        boson, fermion, lepton = (space.where(inside, mass, 1.0) for mass in (boson, fermion, lepton))
        q = boson / fermion if self._turned else fermion / boson
        ratio = lepton / (boson + fermion)
        s = ratio * ratio
        inside = inside & (s <= EDGES[BANDS]) & (q >= 2.0**-OCTAVES) & (q < 2.0**OCTAVES)
        somewhere = space.where(inside, q, 1.0)
        band = space.whole(0.0 * s)
        for edge in EDGES[1:BANDS]:
            band = band + xp.astype(s > edge, xp.int64)
        centres, octaves, middles = _places()
        # as in `CellPatches.locate`: a logarithm rounded across a power of two gives the same cell
        octave = space.whole(xp.floor(xp.log2(somewhere))) + (OCTAVES + 1)
        part = space.whole(xp.floor(somewhere * space.take(octaves, octave) * float(PARTS)))
        cell = part + (octave * PARTS - 2 * PARTS)
        centre = space.take(centres, cell)
        good = space.good(inside)
        u = (q - centre) / (q + centre) * good
        v = s - space.take(middles, band)
        return Spot(band * CELLS + cell, (u, v, lepton * lepton / (boson * boson + fermion * fermion)), good)

    def value(self, space: Space, spot: Spot, arrays: Mapping[str, Any]) -> tuple[Any, Any]:
        """Return the polynomials' values: Horner in u for each power of v, then in v."""
        u, v, scale = spot.variables
        c = space.gather(self._joined.columns, spot.index)
        total: Any = None
        end = sum(self._joined.counts)
        for count in reversed(self._joined.counts):
            inner = c(end - 1)
            for k in range(end - 2, end - count - 1, -1):
                inner = inner * u + c(k)
            total = inner if total is None else total * v + inner
            end -= count
        return space.settled(total * scale), None


def any_patches_of(source: Source) -> Patches | None:
    """Return the patches of a function of one or two masses, or None for one without a table."""
    if isinstance(source, PlaneSource):
        return PlanePatches(source.plane, source.key)
    return patches_of(source)
