"""What an integrand N f(Delta) comes to over the cells of a mesh, from bounds on Delta on each of them.

f is a power of 1/Delta or ln Delta, and N a sum of monomials of slots times polynomials of Feynman
parameters.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING

from g2sym.kernels.mesh import MARGIN, Corner, Mesh, Monomial, Powers, degrees, halves
from g2sym.kernels.sectors import Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

    Range = tuple[Doubles, Doubles]

WIDER = 1 + 2.0**-40
"""More than the rounding of a sum over all cells, and of a logarithm."""


@dataclass(frozen=True, eq=False)
class Delta:
    """Bounds on Delta, or its modulus, on every cell [box, cell].

    Parameters: ``tip`` and ``rest`` [box, corner], the least of the coefficients that may be zero at each of
    the ``corners``, and of the others, m: see `g2sym.kernels.mesh.Corner`.
    """

    lowest: Doubles
    highest: Doubles
    corners: Sequence[Corner]
    tip: Doubles
    rest: Doubles

    @property
    def open_(self) -> Flags:
        """The corners [box, corner] of cells on which Delta vanishes there, and nowhere else."""
        cells = [corner.cell for corner in self.corners]
        found: Flags = (self.lowest[:, cells] <= 0) & (self.tip >= 0) & (self.rest > 0)
        return found

    def values(self, power: int) -> Range:
        """Return bounds on 1/Delta^power, or for power 0 on ln Delta, for a positive Delta."""
        import numpy as np

        inside = self.lowest > 0
        if not power:
            return np.where(inside, np.log(self.lowest), -np.inf), np.log(self.highest)
        return 1 / self.highest**power, np.where(inside, 1 / self.lowest**power, np.inf)

    def size(self, power: int) -> Doubles:
        """Return upper bounds on their moduli for a complex Delta, whose argument is at most pi."""
        import numpy as np

        below, above = self.values(power)
        return above if power else np.maximum(np.abs(below), np.abs(above)) * WIDER + math.pi

    def at_corner(self, number: int, power: int) -> tuple[Doubles, Doubles]:
        """Return (c, d) of a bound c + d r on f over a cell at a corner: above a power, below ln Delta.

        The other bound is that of `values`. There Delta >= m max(s^x, t), and r is what the tips integrate:
        1/max(s^x, t), or for the logarithm -x ln s >= -ln max(s^x, t).
        """
        import numpy as np

        rest = self.rest[:, number]
        if power:
            return 0 * rest, 1 / rest**power
        return np.log(rest), np.full(len(rest), -1.0)


@dataclass(frozen=True, eq=False)
class Half:
    """The positive or the negative half of one monomial's polynomial.

    Parameters: ``coefficients`` [coefficient, cell]; ``weights``, its integrals over the cells; ``tips``, see
    `tip`, and ``tops``, areas times the largest coefficients, for each corner.
    """

    coefficients: Doubles
    weights: Doubles
    tips: tuple[float, ...]
    tops: tuple[float, ...]

    @classmethod
    def of(cls, mesh: Mesh, half: Doubles, power: int, corners: Sequence[Corner]) -> Half:
        """Prepare a half: its integral over a cell is the cell's area times the mean of its coefficients."""
        on = mesh.coefficients(half)
        d, e = (n - 1 for n in half.shape)
        square = len(mesh.v.width) > 1
        grids = [corner.grid(on[corner.cell], d, e) for corner in corners]
        areas = [float(mesh.areas[corner.cell]) for corner in corners]
        tips, tops = [], []
        for corner, grid, area in zip(corners, grids, areas, strict=True):
            tips.append(tip(corner, grid, power, square=square) * area)
            tops.append(float(grid.max()) * (1 + 2.0**-40) * area)
        return cls(on.T, on.mean(axis=1) * mesh.areas, tuple(tips), tuple(tops))


def tip(corner: Corner, grid: Doubles, power: int, *, square: bool) -> float:
    """Bound the integral over (0, 1)^2, or (0, 1), of N/max(s^x, t) at a corner, or of -x N ln s.

    Parameters: ``grid``, the coefficients of N from the corner on; ``power`` of 1/Delta, 0 for the logarithm;
    ``square``, False where there is no t.

    With n the largest coefficient and r the number of the first ones along s that vanish, N/n is at most
    C(d, r) s^r + e t for degrees d and e: the chance that r of d trials succeed is at most C(d, r) s^r. The
    integral of s^r/max(s^x, t) over the square is 1/(r+1) + x/(r+1)^2, that of s^(r-x) at most 1 for r >= x;
    e t/max(s^x, t) is at most e. -x ln s integrates to x.
    """
    import numpy as np

    top = float(grid.max()) * (1 + 2.0**-40)
    if not top:
        return 0.0
    d, e = (n - 1 for n in grid.shape)
    side = grid[:, 0] > 0
    r, x = int(np.argmax(side)) if side.any() else d + 1, corner.order
    if power == 0:
        return top * x
    if power > 1 or not (square or r >= x):
        return math.inf
    return top * (comb(d, r) * (1 / (r + 1) + x / (r + 1) ** 2) + e if square else comb(d, r))


@dataclass(frozen=True, eq=False)
class Numerator:
    """N for one f: monomials of slots, each with two halves.

    Parameters: ``power`` of 1/Delta, 0 for the logarithm; ``monomials``, powers that may be negative;
    ``up``, ``down``, the halves; ``corners`` at which Delta vanishes, and ``areas`` of the cells.
    """

    power: int
    monomials: tuple[Monomial, ...]
    up: tuple[Half, ...]
    down: tuple[Half, ...]
    corners: Sequence[Corner]
    areas: Doubles

    @classmethod
    def of(
        cls,
        mesh: Mesh,
        power: int,
        parts: Mapping[Monomial, Powers],
        divisor: Mapping[str, int],
        factor: Fraction,
        corners: Sequence[Corner],
    ) -> Numerator:
        """Prepare a numerator.

        Parameters: ``parts``, polynomials of u and v by monomials; what N is divided by: ``divisor``, powers
        of slots, and one over ``factor``.
        """
        a, b = degrees(parts)
        monomials, both = [], []
        for monomial, powers in parts.items():
            left = dict(monomial)
            for name, power_of in divisor.items():
                left[name] = left.get(name, 0) - power_of
            monomials.append(tuple(sorted((n, p) for n, p in left.items() if p)))
            sides = halves({key: value * factor for key, value in powers.items()}, a, b)
            both.append([Half.of(mesh, side, power, corners) for side in sides])
        up, down = (tuple(side) for side in zip(*both, strict=True))
        return cls(power, tuple(monomials), up, down, corners, mesh.areas)

    def ends(self, slots: Mapping[str, Sector]) -> Range:
        """Return bounds on the moduli of the monomials: [box, monomial]."""
        import numpy as np

        found = [product(monomial, slots) for monomial in self.monomials]
        return np.stack([f.low for f in found], axis=1), np.stack([f.high for f in found], axis=1)

    def sizes(self, delta: Delta, slots: Mapping[str, Sector]) -> Doubles:
        """Return upper bounds on the modulus of the integral: the sum of those of all halves."""
        import numpy as np

        size, top = delta.size(self.power), self.ends(slots)[1]
        open_ = delta.open_
        total = np.zeros(len(size))
        for j, corner in enumerate(self.corners):
            if not open_[:, j].any():
                continue
            c, d = delta.at_corner(j, self.power)
            level = np.abs(c) + (0.0 if self.power else np.abs(delta.values(0)[1][:, corner.cell]) + math.pi)
            for k, both in enumerate(zip(self.up, self.down, strict=True)):
                for half in both:
                    some = half.weights[corner.cell] > 0
                    more = top[:, k] * (level * half.weights[corner.cell] + np.abs(d) * half.tips[j])
                    total = total + np.where(open_[:, j] & some, more * WIDER, 0.0)
            size[:, corner.cell] = np.where(open_[:, j], 0.0, size[:, corner.cell])
        weights = np.array([p.weights + q.weights for p, q in zip(self.up, self.down, strict=True)])
        endless = np.isinf(size)
        known = np.where(endless, 0.0, size) @ weights.T
        lost = endless @ (weights > 0).T.astype(float) > 0
        every = np.where(lost, np.inf, top * known)
        out: Doubles = (total + every.sum(axis=1)) * WIDER
        return out

    def integrals(self, delta: Delta, low: Doubles, high: Doubles, slots: Mapping[str, Sector]) -> Range:
        """Return bounds on the integral over boxes of real masses.

        Parameters: ``low``, ``high``, of `ends`; ``slots``, the boxes.

        On a cell N lies between its least and its largest coefficient, and f between two bounds. Where N has
        one sign it is integrated exactly, elsewhere N f is between the products of these.
        """
        import numpy as np

        below, above = delta.values(self.power)
        least, most = np.full_like(below, np.inf), np.full_like(below, -np.inf)
        for n in range(len(self.up[0].coefficients)):
            a, b = self._combined(
                low, high, *(np.array([h.coefficients[n] for h in s]) for s in (self.up, self.down))
            )
            np.minimum(least, a, out=least)
            np.maximum(most, b, out=most)
        a, b = self._combined(low, high, *(np.array([h.weights for h in s]) for s in (self.up, self.down)))
        pairs = np.where(most <= 0, above, below), np.where(most <= 0, below, above)
        first = np.minimum(a * pairs[0], b * pairs[0])
        second = np.maximum(a * pairs[1], b * pairs[1])
        mixed = (least < 0) & (most > 0)
        products = [p * q for p in (least, most) for q in (below, above)]
        first = np.where(mixed, np.minimum.reduce(products) * self.areas, first)
        second = np.where(mixed, np.maximum.reduce(products) * self.areas, second)
        nothing = (least == 0) & (most == 0)
        first[nothing] = second[nothing] = 0.0
        open_ = delta.open_
        for j, corner in enumerate(self.corners):
            if not open_[:, j].any():
                continue
            one, two = self._at_corner(delta, j, low, high, slots)
            first[:, corner.cell] = np.where(open_[:, j], one, first[:, corner.cell])
            second[:, corner.cell] = np.where(open_[:, j], two, second[:, corner.cell])
        return _sum(first, -1), _sum(second, 1)

    @staticmethod
    def _combined(low: Doubles, high: Doubles, up: Doubles, down: Doubles) -> Range:
        """Return bounds on sum_m s_m (up_m - down_m), rounding included."""
        slack = 4 * MARGIN * (high @ (up + down))
        return low @ up - high @ down - slack, high @ up - low @ down + slack

    def _at_corner(
        self, delta: Delta, number: int, low: Doubles, high: Doubles, slots: Mapping[str, Sector]
    ) -> Range:
        """Bound the integral over a cell at which f is not bounded on one side."""
        import numpy as np

        corner = self.corners[number]
        c, d = delta.at_corner(number, self.power)
        other = delta.values(self.power)[0 if self.power else 1][:, corner.cell]
        first, second = np.zeros((2, len(c)))
        for k, both in enumerate(zip(self.up, self.down, strict=True)):
            for half, sign in zip(both, (1, -1), strict=True):
                w = half.weights[corner.cell]
                if not w:
                    continue
                ends = [c * w + d * half.tips[number], other * w]
                every = np.stack([end * m for end in ends for m in (low[:, k], high[:, k])])
                one, two = every.min(axis=0), every.max(axis=0)
                if self.power == 1 and math.isinf(half.tips[number]):
                    one, two = 0 * c, self._with_a_mass(delta, number, k, half.tops[number], slots)
                    every = np.stack([one, two])
                first += one if sign > 0 else -two
                second += two if sign > 0 else -one
                slack = (WIDER - 1) * np.abs(every).max(axis=0)
                first, second = first - slack, second + slack
        return first, second

    def _with_a_mass(
        self, delta: Delta, number: int, k: int, top: float, slots: Mapping[str, Sector]
    ) -> Doubles:
        """Bound a monomial times the integral of N/Delta over the end of a line, where a mass e may vanish.

        With e^2 c what e adds to Delta at the end (``growth``), m the least other coefficient and
        t = min(e^2 c, m), Delta is at least (1 - s) t + s m, for 1 - (1 - s)^a >= s. One over that integrates
        to ln(m/t)/(m - t). For t = m e^(-2z) < m that is z/sinh(z)/sqrt(t m), which times e is
        z/sinh(z)/sqrt(c m): it grows with e, as e/m does where t = m.
        """
        import numpy as np

        rest = delta.rest[:, number]
        out = np.full(len(rest), np.inf)
        for name, growth in self.corners[number].growth.items():
            left = {**dict(self.monomials[k])}
            left[name] = left.get(name, 0) - 1
            if left[name] < 0:
                continue
            others = product(tuple(left.items()), slots).high
            mass = slots[name].high
            z = np.clip(np.log(rest / (growth * mass**2)) / 2, 2.0**-20, 300.0)
            most = np.maximum(z / np.sinh(z) / np.sqrt(growth * rest), mass / rest)
            out = np.minimum(out, others * most * top * WIDER)
        return out


def product(monomial: Monomial, slots: Mapping[str, Sector]) -> Sector:
    """Return a monomial of slots, over all their boxes."""
    import numpy as np

    shape = np.ones(max([len(np.atleast_1d(s.low)) for s in slots.values()], default=1))
    out = Sector.real(shape, shape)
    for name, power in monomial:
        out = out * slots[name] ** power
    return out


def _sum(cells: Doubles, side: int) -> Doubles:
    """Add up bounds over all cells, rounded to one side."""
    import numpy as np

    out: Doubles = cells.sum(axis=1) + side * (WIDER - 1) * np.abs(cells).sum(axis=1)
    return out
