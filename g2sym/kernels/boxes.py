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
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import constant
from g2sym.kernels.mesh import MARGIN, Corner, Mesh, Monomial, Powers, Weights, by_monomials, degrees, halves
from g2sym.kernels.sectors import LARGE, Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

    Range = tuple[Doubles, Doubles]

WIDER = 1 + 2.0**-40
"""More than the rounding of a sum over all cells, and of a logarithm."""
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
        ((self._divisor, factor),) = by_monomials(whole.divisor, whole, jacobian=False).items()
        scale = 1 / factor[0, 0]
        parts: list[tuple[int, Monomial, Powers]] = [
            (k, monomial, powers)
            for k, numerator in (*whole.powers, (0, whole.log))
            for monomial, powers in by_monomials(numerator, whole, jacobian=True).items()
        ]
        zero = np.all([c == 0 for c in (*self._at_rest, *(c for _, c in self._moving))], axis=0)
        self._corners = mesh.corners(zero, b)
        self._parts = []
        for k, monomial, powers in parts:
            scaled = {key: value * scale for key, value in powers.items()}
            both = halves(scaled, *degrees({monomial: scaled}))
            self._parts.append((k, monomial, [Weights.of(mesh, half, k, self._corners) for half in both]))

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
        functions: dict[int, tuple[_Values, _Values]] = {}
        low = high = np.zeros(len(beyond))
        for k, monomial, both in self._parts:
            if k not in functions:
                functions[k] = delta.inverse(k) if k else delta.logarithm()
            factor = _product(monomial, slots)
            up, down = (_scaled(_sums(functions[k], half), factor) for half in both)
            low = low + up[0] - down[1]
            high = high + up[1] - down[0]
        divisor = _product(self._divisor, slots)
        inverted = Sector.real(1 / divisor.high, np.where(divisor.low > 0, 1 / divisor.low, np.inf))
        low, high = _scaled((low, high), inverted)
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
        functions: dict[int, _Values] = {}
        for k, monomial, both in self._parts:
            if k not in functions:
                functions[k] = delta.inverse(k)[1] if k else delta.size_of_logarithm()
            for half in both:
                total = total + _product(monomial, slots).high * functions[k].sum(half) * WIDER
        total = total / _product(self._divisor, slots).low * WIDER
        return np.where(np.isnan(total), np.inf, total)

    def _monomials(self, slots: Mapping[str, Sector]) -> list[Sector]:
        return [_product(monomial, slots) for monomial, _ in self._moving]

    def _denominators(self, factors: list[Sector], share: Doubles | None) -> _Delta:
        """Bound Delta, or its modulus, on every cell: [box, cell]; a Bernstein coefficient at a time."""
        import numpy as np

        up, down = self._at_rest
        count = max([len(np.atleast_1d(f.low)) for f in factors], default=1)
        lowest, highest = np.full((count, len(up)), np.inf), np.full((count, len(up)), -np.inf)
        rest = np.full((count, len(self._corners)), np.inf)
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
                if n not in corner.zeros:
                    np.minimum(rest[:, j], low[:, corner.cell], out=rest[:, j])
        return _Delta(lowest, highest, self._corners, rest)


@dataclass(frozen=True, eq=False)
class _Values:
    """Bounds on a function of Delta on every cell [box, cell]; zero where a cell at a corner has none.

    ``open_`` [box, corner] says where that is; there a weight w counts ``level`` w + ``rate`` times its tip.
    """

    values: Doubles
    corners: list[Corner]
    open_: Flags
    level: Doubles
    rate: Doubles

    def sum(self, weights: Weights) -> Doubles:
        """Integrate against positive weights; a cell without weight does not count, be it infinite."""
        import numpy as np

        keep = weights.cells > 0
        out: Doubles = self.values[:, keep] @ weights.cells[keep]
        for j, corner in enumerate(self.corners):
            if weights.cells[corner.cell] > 0:
                more = self.level[:, j] * weights.cells[corner.cell] + self.rate[:, j] * weights.tips[j]
                out = out + np.where(self.open_[:, j], more, 0.0)
        return out


@dataclass(frozen=True, eq=False)
class _Delta:
    """Bounds on Delta (or its modulus) on every cell; ``rest`` [box, corner], the m of a `Corner`."""

    lowest: Doubles
    highest: Doubles
    corners: list[Corner]
    rest: Doubles

    @property
    def _cells(self) -> list[int]:
        return [corner.cell for corner in self.corners]

    def _with(self, values: Doubles, level: Doubles, rate: Doubles) -> _Values:
        import numpy as np

        open_ = self.rest > 0
        for j, corner in enumerate(self.corners):
            values[:, corner.cell] = np.where(open_[:, j], 0.0, values[:, corner.cell])
        return _Values(values, self.corners, open_, level, rate)

    def inverse(self, power: int) -> tuple[_Values, _Values]:
        """Return bounds on 1/Delta^power."""
        import numpy as np

        below = self._with(1 / self.highest**power, 1 / self.highest[:, self._cells] ** power, 0 * self.rest)
        above = np.where(self.lowest > 0, 1 / self.lowest**power, np.inf)
        return below, self._with(above, 0 * self.rest, 1 / self.rest**power)

    @property
    def _depth(self) -> Doubles:
        """What -ln max(s^x, t) <= -x ln s integrates to at most: the order x."""
        import numpy as np

        return np.array([float(corner.order) for corner in self.corners])

    def logarithm(self) -> tuple[_Values, _Values]:
        """Return bounds on ln Delta."""
        import numpy as np

        top = np.log(self.highest)
        below = np.where(self.lowest > 0, np.log(self.lowest), -np.inf)
        return (
            self._with(below, np.log(self.rest), 0 * self.rest - self._depth),
            self._with(top, top[:, self._cells], 0 * self.rest),
        )

    def size_of_logarithm(self) -> _Values:
        """Return bounds on |ln Delta| for a complex Delta, whose argument is at most pi."""
        import numpy as np

        top = np.abs(np.log(self.highest))
        size = np.where(self.lowest > 0, np.maximum(np.abs(np.log(self.lowest)), top), np.inf)
        level = np.maximum(np.abs(np.log(self.rest)), top[:, self._cells])
        return self._with(size * WIDER + math.pi, level * WIDER + math.pi, 0 * self.rest + self._depth)


def _product(monomial: Monomial, slots: Mapping[str, Sector]) -> Sector:
    import numpy as np

    shape = np.ones(max([len(np.atleast_1d(s.low)) for s in slots.values()], default=1))
    out = Sector.real(shape, shape)
    for name, power in monomial:
        out = out * slots[name] ** power
    return out


def _sums(values: tuple[_Values, _Values], weights: Weights) -> Range:
    """Integrate between two bounds of a function of either sign, against positive weights."""
    import numpy as np

    low, high = (v.sum(weights) for v in values)
    sizes = [replace(v, values=np.abs(v.values), level=np.abs(v.level), rate=np.abs(v.rate)) for v in values]
    slack = [size.sum(weights) * (WIDER - 1) for size in sizes]
    return low - slack[0], high + slack[1]


def _scaled(values: Range, factor: Sector) -> Range:
    """Multiply an interval by positive ones."""
    import numpy as np

    low = np.minimum(values[0] * factor.low, values[0] * factor.high)
    high = np.maximum(values[1] * factor.low, values[1] * factor.high)
    return low - (WIDER - 1) * np.abs(low), high + (WIDER - 1) * np.abs(high)
