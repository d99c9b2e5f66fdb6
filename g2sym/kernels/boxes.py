"""A kernel over boxes of its masses, however wide, and its size where one mass is complex.

Both follow from the integrand alone. Delta is A + sum_i s_i B_i with squared masses s_i and Feynman weights
B_i >= 0, so on a box of masses and a cell of Feynman parameters it lies between two numbers; the numerators'
positive and negative halves are integrated over the cell exactly. Many boxes are enclosed at once, each to
about the variation of Delta over a cell of the mesh and over the box. What needs more digits is interpolated
between certified values (`g2sym.kernels.patches`): this bounds the error, and encloses what cannot be
interpolated, boxes that reach a mass of zero or lie beside a threshold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import constant
from g2sym.kernels.mesh import MARGIN, Corner, Mesh, Monomial, by_monomials, degrees, halves
from g2sym.kernels.numerators import Delta, Numerator, product
from g2sym.kernels.sectors import LARGE, Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

    Range = tuple[Doubles, Doubles]

CELLS = 1 << 20
"""About how many cells of the mesh, over all boxes, are held at once."""
MOST_OCTAVES = 140


class Boxes:
    """A Feynman integral as a function of boxes of its moving slots.

    Parameters: ``integral``; ``fixed``, exact values of the slots that rest; ``reach``, a number that the
    squared slots and their inverses do not exceed by much: the mesh becomes that fine, bounds poor beyond.
    Raises UnsupportedError when Delta does not grow with every squared mass.
    """

    def __init__(self, integral: FeynmanIntegral, fixed: Mapping[str, Fraction], reach: float) -> None:
        import numpy as np

        whole = integral.substitute({n: constant(v) for n, v in fixed.items()})
        octaves = min(MOST_OCTAVES, 6 + math.ceil(math.log2(max(reach, 2.0))))
        mesh = Mesh.of(whole, octaves if whole.variables else 0)
        delta = by_monomials(whole.delta, whole, jacobian=False)
        a, b = degrees(delta)
        self._moving: list[tuple[Monomial, Doubles]] = []
        self._at_rest = [mesh.coefficients(h) for h in halves(delta.pop((), {(0, 0): Fraction(0)}), a, b)]
        for monomial, powers in delta.items():
            up, down = halves(powers, a, b)
            if (down > 0).any() or any(p < 0 for _, p in monomial):
                raise UnsupportedError(f"Delta of the {integral.diagram.kind} kernel falls with a mass.")
            self._moving.append((monomial, mesh.coefficients(up)))
        ((divisor, factor),) = by_monomials(whole.divisor, whole, jacobian=False).items()
        zero = np.all([c == 0 for c in (*self._at_rest, *(c for _, c in self._moving))], axis=0)
        self._corners = [self._with_growth(c) if a and not b else c for c in mesh.corners(zero, b)]
        self._parts = [
            Numerator.of(
                mesh,
                k,
                by_monomials(poly, whole, jacobian=True),
                dict(divisor),
                1 / factor[0, 0],
                self._corners,
            )
            for k, poly in (*whole.powers, (0, whole.log))
            if poly != 0
        ]

    def _with_growth(self, corner: Corner) -> Corner:
        """Note by how much each squared slot adds to the one coefficient of Delta at the end of a line."""
        found = {}
        for monomial, coefficients in self._moving:
            if len(corner.zeros) == 1 and len(monomial) == 1 and monomial[0][1] == 2:
                found[monomial[0][0]] = float(coefficients[corner.cell, corner.zeros[0]]) * (1 - 2 * MARGIN)
        return replace(corner, growth={name: c for name, c in found.items() if c > 0})

    def range(self, slots: Mapping[str, Sector]) -> Range:
        """Return lower and upper bounds over boxes of real masses, for all points at which Delta is positive.

        They are infinite where it is positive nowhere; where it reaches zero the upper one may be.

        Parameters: ``slots``, for every moving slot the intervals of its value, arrays of one shape.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            parts = [self._range(part) for part in self._chunks(slots)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def bound(self, slots: Mapping[str, Sector]) -> Doubles:
        """Return upper bounds of the modulus over sectors; infinite where Delta could vanish.

        Parameters: ``slots`` as for `range`, as sectors.

        Delta = A - A' + sum_i s_i B_i, A and A' its halves at rest, is A' away from a sum of vectors within
        the opening w of all s_i and of 1: |Delta| >= cos(w/2) (A + sum_i |s_i| B_i) - A'.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            return np.concatenate([self._bound(part) for part in self._chunks(slots)])

    def _chunks(self, slots: Mapping[str, Sector]) -> list[dict[str, Sector]]:
        import numpy as np

        names = list(slots)
        arrays = [getattr(slots[n], side) for n in names for side in ("low", "high", "start", "stop")]
        arrays = [np.atleast_1d(a) for a in np.broadcast_arrays(*arrays)] if names else []
        count = len(arrays[0]) if names else 1
        step = max(1, CELLS // len(self._at_rest[0]))
        return [
            {
                n: Sector(*(a[start : start + step] for a in arrays[4 * k : 4 * k + 4]))
                for k, n in enumerate(names)
            }
            for start in range(0, count, step)
        ]

    def _range(self, slots: Mapping[str, Sector]) -> Range:
        import numpy as np

        delta = self._denominators(self._monomials(slots), None)
        beyond: Flags = np.any(delta.highest <= 0, axis=1)
        low, high = np.zeros((2, len(beyond)))
        for part in self._parts:
            ends = part.ends(slots)
            one, two = part.integrals(delta, *ends, slots)
            beyond |= ~np.isfinite(ends[1]).all(axis=1)
            low, high = low + one, high + two
        return np.where(np.isnan(low) | beyond, -np.inf, low), np.where(np.isnan(high) | beyond, np.inf, high)

    def _bound(self, slots: Mapping[str, Sector]) -> Doubles:
        import numpy as np

        factors = self._monomials(slots)
        zero = np.zeros(1)
        start = np.minimum.reduce(np.broadcast_arrays(zero, *(m.start for m in factors)))
        stop = np.maximum.reduce(np.broadcast_arrays(zero, *(m.stop for m in factors)))
        share = Sector(start, start, start, stop).share
        delta = self._denominators(factors, share)
        total = np.zeros(len(delta.lowest))
        for part in self._parts:
            total = total + part.sizes(delta, slots)
        return np.where(np.isnan(total), np.inf, total)

    def _monomials(self, slots: Mapping[str, Sector]) -> list[Sector]:
        return [product(monomial, slots) for monomial, _ in self._moving]

    def _denominators(self, factors: list[Sector], share: Doubles | None) -> Delta:
        """Bound Delta, or its modulus, on every cell: [box, cell]; a Bernstein coefficient at a time."""
        import numpy as np

        up, down = self._at_rest
        count = max([len(np.atleast_1d(f.low)) for f in factors], default=1)
        lowest, highest = np.full((count, len(up)), np.inf), np.full((count, len(up)), -np.inf)
        tip, rest = (np.full((count, len(self._corners)), np.inf) for _ in (0, 1))
        for n in range(up.shape[1]):
            low = high = np.broadcast_to(up[:, n], lowest.shape)
            for factor, (_, coefficients) in zip(factors, self._moving, strict=True):
                low = low + np.minimum(factor.low, LARGE)[:, None] * coefficients[:, n]
                high = high + factor.high[:, None] * coefficients[:, n]
            if share is None:
                low = low * (1 - 2 * MARGIN) - down[:, n] * (1 + MARGIN)
                high = high * (1 + 2 * MARGIN) - down[:, n] * (1 - MARGIN)
            else:
                low = share[:, None] * low * (1 - 2 * MARGIN) - down[:, n] * (1 + MARGIN)
                high = high * (1 + 2 * MARGIN) + down[:, n] * (1 + MARGIN)
            np.minimum(lowest, low, out=lowest)
            np.maximum(highest, high, out=highest)
            for j, corner in enumerate(self._corners):
                side = (tip if n in corner.zeros else rest)[:, j]
                np.minimum(side, low[:, corner.cell], out=side)
        return Delta(lowest, highest, self._corners, tip, rest)
