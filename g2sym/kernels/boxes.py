"""A kernel over boxes of its masses, however wide, and its size where one mass is complex: from the integrand alone.

Delta is A + sum_i s_i B_i with squared masses s_i and Feynman weights B_i >= 0, so on a box of masses and a cell of
Feynman parameters it lies between two numbers; the numerators' positive and negative halves are integrated over the
cell exactly. Many boxes are enclosed at once, each to about the variation of Delta over a cell of the mesh and over
the box. What needs more digits is interpolated between certified values (`g2sym.kernels.patches`); this says how
well, and encloses what cannot be interpolated: boxes that reach a mass of zero, and those beside a threshold.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import constant
from g2sym.kernels.mesh import MARGIN, Mesh, Monomial, Powers, by_monomials, degrees, halves
from g2sym.kernels.sectors import LARGE, Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles

    Range = tuple[Doubles, Doubles]

WIDER = 1 + 2.0**-40
"""More than the rounding of a sum over all cells, and of a logarithm."""
CELLS = 1 << 20
"""About how many cells of the mesh, over all boxes, are held at once."""
MOST_OCTAVES = 140


class Boxes:
    """A Feynman integral as a function of boxes of its moving slots.

    Parameters: ``integral``; ``fixed``, exact values of the slots that rest; ``reach``, a number that the squared
    slots and their inverses do not exceed by much (the mesh becomes that fine, and bounds poor beyond).
    Raises UnsupportedError when Delta does not grow with every squared mass.
    """

    def __init__(self, integral: FeynmanIntegral, fixed: Mapping[str, Fraction], reach: float) -> None:
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
        self._parts = []
        for k, monomial, powers in parts:
            scaled = {key: value * scale for key, value in powers.items()}
            both = tuple(mesh.weights(h) for h in halves(scaled, *degrees({monomial: scaled})))
            self._parts.append((k, monomial, both))

    def range(self, slots: Mapping[str, Sector]) -> Range:
        """Return lower and upper bounds over boxes of real masses; infinite where Delta reaches zero.

        Parameters: ``slots``, for every moving slot the intervals of its value, arrays of one shape.
        """
        import numpy as np

        with np.errstate(all="ignore"):
            parts = [self._range(part) for part in self._chunks(slots)]
        return np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])

    def bound(self, slots: Mapping[str, Sector]) -> Doubles:
        """Return upper bounds of the modulus over sectors; infinite where Delta could vanish.

        Parameters: ``slots`` as for `range`, sectors of one parameter's argument: all turned the same way.

        Delta = A - A' + sum_i s_i B_i, A and A' its halves at rest, is the vector A' away from a sum of vectors
        within the opening w of all s_i and of 1: |Delta| >= cos(w/2) (A + sum_i |s_i| B_i) - A'.
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

        lowest, highest = self._denominators(self._monomials(slots), None)
        inside = lowest > 0
        functions: dict[int, Range] = {}
        low = high = np.zeros(len(lowest))
        for k, monomial, (up, down) in self._parts:
            if k not in functions:
                functions[k] = (
                    (1 / highest**k, np.where(inside, 1 / lowest**k, np.inf))
                    if k
                    else (np.where(inside, np.log(lowest), -np.inf), np.log(highest))
                )
            factor = _product(monomial, slots)
            positive, negative = (_scaled(_sums(functions[k], half), factor) for half in (up, down))
            low = low + positive[0] - negative[1]
            high = high + positive[1] - negative[0]
        divisor = _product(self._divisor, slots)
        inverted = Sector.real(1 / divisor.high, np.where(divisor.low > 0, 1 / divisor.low, np.inf))
        low, high = _scaled((low, high), inverted)
        return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)

    def _bound(self, slots: Mapping[str, Sector]) -> Doubles:
        import numpy as np

        factors = self._monomials(slots)
        start = np.min([m.start for m in factors], axis=0, initial=0.0)
        stop = np.max([m.stop for m in factors], axis=0, initial=0.0)
        share = Sector(start, start, start, stop).share
        lowest, highest = self._denominators(factors, share)
        total = np.zeros(len(lowest))
        known: dict[int, Doubles] = {}
        for k, monomial, (up, down) in self._parts:
            if k not in known:
                known[k] = np.where(
                    lowest > 0,
                    1 / lowest**k
                    if k
                    else np.maximum(np.abs(np.log(lowest)), np.abs(np.log(highest))) * WIDER + math.pi,
                    np.inf,
                )
            total = total + _product(monomial, slots).high * _dot(known[k], up + down) * WIDER
        total = total / _product(self._divisor, slots).low * WIDER
        return np.where(np.isnan(total), np.inf, total)

    def _monomials(self, slots: Mapping[str, Sector]) -> list[Sector]:
        return [_product(monomial, slots) for monomial, _ in self._moving]

    def _denominators(self, factors: list[Sector], share: Doubles | None) -> Range:
        """Bound Delta, or its modulus, on every cell: [box, cell]; a Bernstein coefficient at a time."""
        import numpy as np

        up, down = self._at_rest
        count = max([len(np.atleast_1d(f.low)) for f in factors], default=1)
        lowest, highest = np.full((count, len(up)), np.inf), np.full((count, len(up)), -np.inf)
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
        return lowest, highest


def _product(monomial: Monomial, slots: Mapping[str, Sector]) -> Sector:
    import numpy as np

    shape = np.ones(max([len(np.atleast_1d(s.low)) for s in slots.values()], default=1))
    out = Sector.real(shape, shape)
    for name, power in monomial:
        out = out * slots[name] ** power
    return out


def _dot(values: Doubles, weights: Doubles) -> Doubles:
    """Sum over the cells whose weight is not zero: infinity times zero would be no number."""
    keep = weights > 0
    out: Doubles = values[:, keep] @ weights[keep]
    return out


def _sums(values: Range, weights: Doubles) -> Range:
    """Integrate between two bounds of a function of either sign, against positive weights."""
    import numpy as np

    low, high = (_dot(v, weights) for v in values)
    sizes = [_dot(np.abs(v), weights) * (WIDER - 1) for v in values]
    return low - sizes[0], high + sizes[1]


def _scaled(values: Range, factor: Sector) -> Range:
    """Multiply an interval by positive ones."""
    import numpy as np

    low = np.minimum(values[0] * factor.low, values[0] * factor.high)
    high = np.maximum(values[1] * factor.low, values[1] * factor.high)
    return low - (WIDER - 1) * np.abs(low), high + (WIDER - 1) * np.abs(high)
