"""Functions of two parameters on boxes: a linear one and a ball for the rest.

On a box with centre c and radii r a function of t = (x - c_x)/r_x and u = (y - c_y)/r_y, both within [-1, 1],
is held as a + b t + d u + e with balls a, b, d and e (`Local`). Products and compositions keep what is linear
and put the rest into e: f g has the rest b b' t^2 + d d' u^2 + (b d' + d b') t u and the products with e
or e'; and h(a + z) = h(a) + h'(a) z + h''(w) z^2/2, w between a and a + z. A polynomial is shifted to the
centre exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from math import comb
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number
from g2sym.integrals.rational import Poly

if TYPE_CHECKING:
    from flint import arb, arb_mat

NAMES = ("x", "y")
"""Generators of the polynomials: the two parameters."""
Ends = tuple[tuple[float, float], tuple[float, float]]
"""The lower and upper ends of a box in both parameters, exact doubles."""


# functions on one box --------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Local:
    """``a`` + ``b`` t + ``d`` u + ``e``, for t and u within [-1, 1]; see the module."""

    a: arb
    b: arb
    d: arb
    e: arb

    @property
    def linear(self) -> arb:
        """A ball that holds b t + d u."""
        return (abs(self.b) + abs(self.d)) * _unit_balls()[1]

    @property
    def values(self) -> arb:
        """A ball that holds every value."""
        return self.a + self.linear + self.e

    def __add__(self, other: Local) -> Local:
        return Local(self.a + other.a, self.b + other.b, self.d + other.d, self.e + other.e)

    def __sub__(self, other: Local) -> Local:
        return Local(self.a - other.a, self.b - other.b, self.d - other.d, self.e - other.e)

    def __rmul__(self, factor: int) -> Local:
        return Local(factor * self.a, factor * self.b, factor * self.d, factor * self.e)

    def __mul__(self, other: Local) -> Local:
        square, both = _unit_balls()
        rest = self.e * (other.a + other.linear + other.e) + (self.a + self.linear) * other.e
        rest += self.b * other.b * square + self.d * other.d * square
        rest += (self.b * other.d + self.d * other.b) * both
        return Local(
            self.a * other.a, self.a * other.b + self.b * other.a, self.a * other.d + self.d * other.a, rest
        )

    def __truediv__(self, other: Local) -> Local:
        return self * other.inverse()

    def _composed(self, value: arb, slope: arb, half: Callable[[arb], arb]) -> Local:
        """Compose with h: h(a), h'(a), and half of h'' of a ball that holds a and every value."""
        step = self.linear + self.e
        square = step.abs_upper() ** 2 * _unit_balls()[0]
        bent = half(self.values.union(self.a)) * square
        return Local(value, slope * self.b, slope * self.d, slope * self.e + bent)

    def inverse(self) -> Local:
        """Return one over it; not finite where it may be zero."""
        one = 1 / self.a
        return self._composed(one, -one * one, lambda w: 1 / w**3)

    def sqrt(self) -> Local:
        """Return the root; not finite where it may not be positive."""
        root = self.a.sqrt()
        return self._composed(root, 1 / (2 * root), lambda w: -1 / (8 * w * w.sqrt()))

    def log(self) -> Local:
        """Return the natural logarithm; not finite where it may not be positive."""
        return self._composed(self.a.log(), 1 / self.a, lambda w: -1 / (2 * w * w))


@cache
def _unit_balls() -> tuple[arb, arb]:
    """Return balls that hold [0, 1], all of t^2, and [-1, 1], all of t u."""
    from flint import arb

    return arb("0.5", "0.5"), arb(0, 1)


class Box:
    """One box: polynomials about its centre, each expanded once.

    Parameters: ``ends``; ``sides``, a cache of the powers that belong to an interval, shared between boxes.
    Call inside `working_precision`.
    """

    def __init__(self, ends: Ends, sides: dict[tuple[float, float, int], Any]) -> None:
        self.ends = ends
        self._sides = sides
        self._locals: dict[int, Local] = {}

    def quarters(self) -> list[Ends]:
        """Return the ends of the four quarters."""
        halves = [((low, (low + high) / 2), ((low + high) / 2, high)) for low, high in self.ends]
        return [(x, y) for x in halves[0] for y in halves[1]]

    def _side(self, axis: int, count: int) -> tuple[arb_mat, arb_mat]:
        """Return the matrix that shifts ``count`` powers to the centre, and balls for powers of t."""
        from flint import arb, arb_mat

        low, high = self.ends[axis]
        key = low, high, count
        if key not in self._sides:
            centre, radius = (arb(high) + arb(low)) / 2, (arb(high) - arb(low)) / 2
            up = [centre**n for n in range(count)]
            out = [radius**n for n in range(count)]
            rows = [
                [comb(n, k) * up[n - k] * out[k] if k <= n else 0 for k in range(count)] for n in range(count)
            ]
            square, both = _unit_balls()
            balls = [[arb(1) if not k else both if k % 2 else square] for k in range(count)]
            self._sides[key] = arb_mat(rows), arb_mat(balls)
        found: tuple[arb_mat, arb_mat] = self._sides[key]
        return found

    def local(self, poly: Bivariate) -> Local:
        """Return a polynomial."""
        found = self._locals.get(id(poly))
        if found is None:
            (left, across), (right, up) = self._side(0, poly.shape[0]), self._side(1, poly.shape[1])
            shifted = left.transpose() * poly.matrix * right
            a, zero = shifted[0, 0], number(0)
            b = shifted[1, 0] if poly.shape[0] > 1 else zero
            d = shifted[0, 1] if poly.shape[1] > 1 else zero
            shifted[0, 0] = 0
            if poly.shape[0] > 1:
                shifted[1, 0] = 0
            if poly.shape[1] > 1:
                shifted[0, 1] = 0
            rest = (across.transpose() * shifted * up)[0, 0]
            found = self._locals[id(poly)] = Local(a, b, d, rest)
        return found

    def values(self, poly: Bivariate) -> arb:
        """Return a ball that holds every value of a polynomial."""
        return self.local(poly).values


class Bivariate:
    """A polynomial in the two parameters with balls as coefficients.

    Parameters: pairs of a weight and an exact polynomial in `NAMES`, to be added up.
    """

    def __init__(self, summands: Sequence[tuple[Any, Poly]]) -> None:
        from flint import arb_mat

        found: dict[tuple[int, int], Any] = {}
        for weight, poly in summands:
            for monomial, factor in poly.terms():
                at = monomial.get(NAMES[0], 0), monomial.get(NAMES[1], 0)
                found[at] = found.get(at, 0) + weight * factor
        self.shape = tuple(max((at[k] for at in found), default=0) + 1 for k in (0, 1))
        rows = [
            [number(0) + found.get((n, m), 0) for m in range(self.shape[1])] for n in range(self.shape[0])
        ]
        self.matrix = arb_mat(rows)
