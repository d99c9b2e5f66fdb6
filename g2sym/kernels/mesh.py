"""The unit square of the Feynman parameters cut into cells, and polynomials on them by Bernstein
coefficients.

A polynomial of x, or of x and y on 0 < y < x < 1, is written in u and v of the unit square (x = u, or y = u
and x = u + (1 - u) v, dx dy = (1 - u) du dv), and then with the products u^i (1-u)^(a-i) v^j (1-v)^(b-j), of
which positive coefficients and negative ones are kept apart. Both halves are >= 0, vanish at the ends where
the polynomial does, and nothing that is done with them subtracts: on a cell their coefficients keep their
relative accuracy, however close to an end the cell is. The cells become smaller towards the ends by powers
of two.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import comb
from typing import TYPE_CHECKING, Any

from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.polynomials import PARAMETERS
from g2sym.integrals.rational import Poly, gen, substitute

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

MARGIN = 2.0**-44
"""More than the relative rounding of a coefficient on a cell: about 4 (a + b) + 20 operations, a, b <= 64."""
Monomial = tuple[tuple[str, int], ...]
"""Moving slots with their powers."""
Powers = dict[tuple[int, int], Fraction]
"""Coefficients by powers of u and v."""


@dataclass(frozen=True, eq=False)
class Line:
    """One side of the square: the cells' lower and upper ends, as distances from 0 and from 1, and widths."""

    near: Doubles
    far: Doubles
    width: Doubles

    @classmethod
    def graded(cls, octaves: int, parts: int, middle: int) -> Line:
        """Return a line whose cells double in width away from both ends.

        Parameters: ``octaves`` on either side of 1/2, each cut into ``parts`` cells, the three largest ones
        into ``middle``.
        """
        import numpy as np

        ends = [0.0]
        for k in range(octaves, 0, -1):
            count = middle if k <= 3 else parts
            ends += [2.0 ** -(k + 1) * (1 + i / count) for i in range(count)]
        near = np.array([*ends, 0.5])
        left = np.stack([near[:-1], near[1:]])
        width = near[1:] - near[:-1]
        # the mirror image: distances from 1 are exact there
        return cls(
            np.concatenate([left, 1 - left[::-1, ::-1]], axis=1),
            np.concatenate([1 - left, left[::-1, ::-1]], axis=1),
            np.concatenate([width, width[::-1]]),
        )

    @classmethod
    def whole(cls) -> Line:
        """Return the line as one cell, for a parameter that does not occur."""
        import numpy as np

        return cls(np.array([[0.0], [1.0]]), np.array([[1.0], [0.0]]), np.ones(1))

    def restriction(self, degree: int) -> Doubles:
        """Return for each cell the matrix from Bernstein coefficients on [0, 1] to those on the cell.

        The blossom of the k-th Bernstein polynomial at u_1, .., u_a is the coefficient of z^k in the product
        of (1 - u_i) + u_i z; the j-th coefficient on [p, q] is its value at p, .., p, q, .., q with j times
        q.
        """
        import numpy as np

        out = np.zeros((len(self.width), degree + 1, degree + 1))
        for j in range(degree + 1):
            row = np.zeros((len(self.width), degree + 1))
            row[:, 0] = 1
            for i in range(degree):
                end = 1 if i < j else 0
                shifted = np.zeros_like(row)
                shifted[:, 1:] = row[:, :-1] * self.near[end][:, None]
                row = row * self.far[end][:, None] + shifted
            out[:, j] = row
        return out


@dataclass(frozen=True, eq=False)
class Mesh:
    """The cells of the square, ``u`` and ``v`` its sides."""

    u: Line
    v: Line

    @classmethod
    def of(cls, integral: FeynmanIntegral, octaves: int) -> Mesh:
        """Return the cells for an integral.

        Parameters: ``octaves``, how many powers of two below 1/2 the cells next to the ends are.
        """
        count = len(integral.variables)
        if count == 2:
            return cls(Line.graded(octaves, 1, 4), Line.graded(octaves, 1, 4))
        return cls(Line.graded(octaves, 4, 16) if count else Line.whole(), Line.whole())

    def coefficients(self, half: Doubles) -> Doubles:
        """Return the Bernstein coefficients [cell, coefficient] of a half on every cell."""
        import numpy as np

        a, b = (n - 1 for n in half.shape)
        on = np.einsum("cik,kl->cil", self.u.restriction(a), half)
        both = np.einsum("cil,djl->cdij", on, self.v.restriction(b))
        out: Doubles = both.reshape(len(self.u.width) * len(self.v.width), -1)
        return out

    @property
    def areas(self) -> Doubles:
        """The cells' areas."""
        import numpy as np

        out: Doubles = np.multiply.outer(self.u.width, self.v.width).ravel()
        return out

    def corners(self, zero: Flags, b: int) -> list[Corner]:
        """Return the cells at corners of the square, or ends of the line, where Delta may vanish.

        Parameters: ``zero`` [cell, coefficient], which coefficients of Delta are zero for all masses; ``b``,
        its degree in v. They have to be the first ones along u on the side of the corner, and no others;
        where there are none, the one at the corner may vanish with a mass.
        """
        import numpy as np

        across, up = len(self.u.width), len(self.v.width)
        a = zero.shape[1] // (b + 1) - 1
        found = []
        for cell, first, last in self._corners(across, up):
            grid = _from_corner(zero[cell], a, b, first=first, last=last)
            run = int(grid[:, 0].sum())
            if grid[:run, 0].all() and grid.sum() == run <= a and a > 0 and (b > 0 or up == 1):
                zeros = np.flatnonzero(zero[cell]).tolist() or [
                    (a if first else 0) * (b + 1) + (b if last else 0)
                ]
                found.append(Corner(cell, first, last, zeros, 1 if run < 2 else a))
        return found

    @staticmethod
    def _corners(across: int, up: int) -> list[tuple[int, bool, bool]]:
        """Return cells and whether they are at the far ends of u and of v."""
        if across == 1:
            return []
        ends = [(0, False), (up - 1, True)] if up > 1 else [(0, False)]
        sides = [(0, False), (across - 1, True)]
        return [(i * up + j, first, last) for i, first in sides for j, last in ends]


@dataclass(frozen=True)
class Corner:
    """A cell in which Delta vanishes at a corner: at the far ``first`` (``last``) end of u (v) or at zero.

    With s and t the places in the cell from that corner, each from 0 to 1, and m the least coefficient of
    Delta that is not among the ``zeros`` there, Delta >= m max(s^``order``, t), and m s^``order`` on a line.
    For with p zeros the coefficients at t = 0 leave 1 - (B_0 + .. + B_(p-1))(s) (1-t)^b, where 1 - (1-s)^a
    >= s, and B_p + .. + B_a >= s^a for any p.

    ``growth``: by the name of a slot what its square adds to Delta at the corner, on a line.
    """

    cell: int
    first: bool
    last: bool
    zeros: list[int]
    order: int
    growth: Mapping[str, float] = field(default_factory=dict)

    def grid(self, coefficients: Doubles, a: int, b: int) -> Doubles:
        """Return coefficients of a polynomial of degrees ``a`` and ``b`` on the cell, from the corner on."""
        out: Doubles = _from_corner(coefficients, a, b, first=self.first, last=self.last)
        return out


def _from_corner(coefficients: Any, a: int, b: int, *, first: bool, last: bool) -> Any:
    """Return coefficients [along u, along v] on a cell, from the ends that are far where the flags say so."""
    import numpy as np

    turned = tuple(k for k, far in enumerate((first, last)) if far)
    return np.flip(coefficients.reshape(a + 1, b + 1), turned)


def squared(integral: FeynmanIntegral) -> dict[str, Poly]:
    """Return the Feynman parameters in u and v, which are written x (v) and y (u), or the one there is."""
    if len(integral.variables) < 2:
        return {}
    x, y = (gen(n) for n in PARAMETERS)
    return {"x": y + x - x * y}


def by_monomials(poly: Poly, integral: FeynmanIntegral, jacobian: bool) -> dict[Monomial, Powers]:
    """Split a polynomial by monomials of the moving slots, each a polynomial in u and v.

    Parameters: ``jacobian``, True to multiply it by what dx dy is over du dv.
    """
    inner = squared(integral)
    if inner:
        poly = substitute(poly, inner)
        if jacobian:
            poly = poly * (1 - gen("y"))
    u = "y" if inner else integral.variables[0][0] if integral.variables else ""
    found: dict[Monomial, Powers] = {}
    for powers, factor in poly.terms():
        i, j = powers.pop(u, 0), powers.pop("x", 0) if inner else 0
        key = tuple(sorted(powers.items()))
        found.setdefault(key, {})[i, j] = Fraction(int(factor.p), int(factor.q))
    return found


def degrees(parts: Mapping[Monomial, Powers]) -> tuple[int, int]:
    """Return the largest powers of u and of v."""
    every = [key for powers in parts.values() for key in powers] or [(0, 0)]
    return max(i for i, _ in every), max(j for _, j in every)


def halves(powers: Powers, a: int, b: int) -> tuple[Doubles, Doubles]:
    """Return (p, q), both with coefficients >= 0, with powers = p - q, by their Bernstein coefficients.

    u^i is sum_k C(k, i)/C(a, i) times the k-th Bernstein polynomial of degree a.
    """
    import numpy as np

    exact = [
        [
            sum(
                (
                    c * comb(k, i) * comb(n, j) / Fraction(comb(a, i) * comb(b, j))
                    for (i, j), c in powers.items()
                ),
                Fraction(0),
            )
            for n in range(b + 1)
        ]
        for k in range(a + 1)
    ]
    every = np.array([[float(c) for c in row] for row in exact])
    return np.maximum(every, 0.0), np.maximum(-every, 0.0)
