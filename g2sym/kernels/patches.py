"""Functions of two masses as patches of polynomials with proved errors, made where they are asked for.

A patch is a tensor product of Chebyshev interpolations between certified values; how far it is from the function
follows from a bound on the function where one of the two masses is complex. It is cut into leaves, on which a few
coefficients of its own expansion suffice, and these enclose the function on many boxes at once: a polynomial of
two variables differs on a box from the bilinear function of its corners by at most an eighth of its second
derivatives times the squares of the sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from typing import TYPE_CHECKING, Protocol

from g2sym.kernels.charts import Chart, affordable, left_out
from g2sym.kernels.leaves import TERMS, Leaf, Leaves
from g2sym.kernels.sectors import Sector

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags, Places

    Range = tuple[Doubles, Doubles]

Enough = Callable[["Doubles", "Doubles"], "Flags"]
"""Tells from bounds [function, box] which boxes need no narrower ones."""
TOLERANCE = 1e-8
"""What a patch may leave out, of the function's largest size on it."""
DEGREE = 31
"""Largest degree of a patch in one variable."""
STEP = 4
"""Degrees are rounded up to one less than a multiple of this."""
RATIO = 3.2
"""Ratio of the ends of a mass, from which on a box is enclosed from the integrand."""
NARROWEST = 1.06
"""Ratio of the ends of a mass below which no patch is cut for better convergence: beside a threshold."""
UNIT = 2.0**-53
OPEN, CUT, LEAF, HOLE = 0, 1, 2, 3
"""What a node can be: not looked at yet, cut in two, a leaf, or not to be interpolated."""


class Surface(Protocol):
    """One or several functions of two parameters, as patches need them.

    ``masses``: for each parameter, True when a kernel or a negative power depends on it.
    """

    count: int
    masses: tuple[bool, bool]

    def grid(self, xs: Sequence[Fraction], ys: Sequence[Fraction]) -> tuple[Doubles, Doubles]:
        """Return values [function, x, y] at all pairs, and for each function a bound on their errors."""

    def bound(self, x: Sector, y: Sector) -> Doubles:
        """Return upper bounds [function, sector] of the moduli; infinite where there is none."""

    def range(self, x: Range, y: Range) -> Range:
        """Return bounds [function, box] over boxes of real parameters; infinite where there are none."""

    def outside(self, x: Range, y: Range, *, entirely: bool = True) -> Flags:
        """Tell the boxes that lie above a threshold: entirely, or perhaps in part."""

    def distance(self, x: Range, y: Range) -> Doubles:
        """Return how far boxes are from a threshold, at their lower ends; infinite without one."""


@dataclass(frozen=True, eq=False)
class Patch:
    """Chebyshev coefficients [function, x, y] over the two charts, and a bound on the error for each function."""

    charts: tuple[Chart, Chart]
    coefficients: Doubles
    error: Doubles


@dataclass
class Node:
    """A rectangle of the plane: ends of both parameters, numbers of its edges, and the patch that covers it."""

    low: tuple[float, float]
    high: tuple[float, float]
    first: tuple[int, int]
    last: tuple[int, int]
    patch: Patch | None = None


@dataclass(eq=False)
class Patches:
    """A surface over a rectangle, as a tree of rectangles that grows where boxes are asked for.

    Parameters: ``surface``; ``edges``, for each parameter doubles that rise, between which a rectangle is cut
    as long as it holds some.
    """

    surface: Surface
    edges: tuple[Doubles, Doubles]
    _nodes: list[Node] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        import numpy as np

        x, y = self.edges
        self._leaves = Leaves(self.surface.count)
        self._kind = np.zeros(64, np.uint8)
        self._axis = np.zeros(64, np.intp)
        self._middle = np.zeros(64)
        self._next = np.zeros(64, np.intp)  # the first of two children, or the number of the leaf
        self._add(
            Node(
                (float(x[0]), float(y[0])), (float(x[-1]), float(y[-1])), (0, 0), (len(x) - 1, len(y) - 1)
            )
        )

    def range(
        self,
        x: Range,
        y: Range,
        combine: Doubles | None = None,
        enough: Enough | None = None,
        widest: float = math.inf,
    ) -> Range:
        """Return lower and upper bounds [function, box].

        Parameters: ``x``, ``y``, the lower and upper ends of boxes within the rectangle; ``combine``, a matrix
        whose rows are the linear combinations of the functions that are wanted; ``enough``, which tells boxes
        whose bounds need not be narrower: no patch is made for them alone; ``widest``, the ratio of the ends of
        a mass, beyond which none is made for a box either.
        """
        import numpy as np

        matrix = np.eye(self.surface.count) if combine is None else combine
        count = len(x[0])
        low, high = np.full((len(matrix), count), np.inf), np.full((len(matrix), count), -np.inf)
        whole = np.stack([x[0], x[1], y[0], y[1]])
        with np.errstate(all="ignore"):
            lost = self.surface.outside(x, y, entirely=False)
            low[:, lost], high[:, lost] = -np.inf, np.inf
            tried = self._wide(whole, RATIO) & ~lost
            _join(low, high, np.flatnonzero(tried), self._rough(whole[:, tried], matrix))
            tried |= lost
            owner = np.flatnonzero(~tried)
            node, boxes = np.zeros(len(owner), np.intp), whole[:, owner]
            while len(owner):
                first = self._kind[node] == OPEN
                if enough is not None and first.any():
                    new = np.unique(owner[first])
                    new = new[~tried[new]]
                    tried[new] = True
                    ends = self._rough(whole[:, new], matrix)
                    done = enough(*ends) | self._wide(whole[:, new], widest)
                    low[:, new[done]], high[:, new[done]] = ends[0][:, done], ends[1][:, done]
                    keep = ~np.isin(owner, new[done])
                    owner, node, boxes, first = owner[keep], node[keep], boxes[:, keep], first[keep]
                for number in np.unique(node[first]).tolist():
                    self._resolve(number)
                kind = self._kind[node]
                leaf, hole = kind == LEAF, kind == HOLE
                _join(low, high, owner[hole], self._rough(boxes[:, hole], matrix))
                ends = self._leaves.range(self._next[node[leaf]], boxes[:, leaf], matrix)
                _join(low, high, owner[leaf], ends)
                cut = kind == CUT
                owner, node, boxes = self._descend(owner[cut], node[cut], boxes[:, cut])
        return low, high

    def _wide(self, boxes: Doubles, ratio: float) -> Flags:
        import numpy as np

        out = np.zeros(boxes.shape[1], bool)
        for k, mass in enumerate(self.surface.masses):
            if mass:
                out |= ~(boxes[2 * k + 1] <= ratio * boxes[2 * k])
        return out

    def _rough(self, boxes: Doubles, matrix: Doubles) -> Range:
        """Enclose boxes from the integrands."""
        import numpy as np

        count = boxes.shape[1]
        if not count:
            return np.zeros((len(matrix), 0)), np.zeros((len(matrix), 0))
        a, b = self.surface.range((boxes[0], boxes[1]), (boxes[2], boxes[3]))
        up, down = np.maximum(matrix, 0), np.maximum(-matrix, 0)
        terms = [(up, a, b), (down, -b, -a)]
        ends = []
        for side in (1, 2):
            total = np.zeros((len(matrix), count))
            for weight, *values in terms:
                for j in range(self.surface.count):
                    some = weight[:, j] != 0  # zero times infinity
                    total[some] += weight[some, j, None] * values[side - 1][j]
            ends.append(total)
        slack = 2.0**-45 * (np.abs(ends[0]) + np.abs(ends[1]))
        slack += 2.0**-45 * np.abs(matrix) @ np.maximum(np.abs(a), np.abs(b))
        lower, upper = ends[0] - slack, ends[1] + slack
        lower[np.isnan(lower)], upper[np.isnan(upper)] = -np.inf, np.inf
        return lower, upper

    def _descend(self, owner: Places, node: Places, boxes: Doubles) -> tuple[Places, Places, Doubles]:
        """Send boxes to the halves of their nodes, cut where they lie on both sides."""
        import numpy as np

        axis, middle = self._axis[node], self._middle[node]
        each = np.arange(len(node))
        left, right = boxes[2 * axis, each] < middle, boxes[2 * axis + 1, each] > middle
        both = left & right
        child = self._next[node] + right
        if not both.any():
            return owner, child, boxes
        lower, upper = boxes.copy(), boxes[:, both].copy()
        lower[2 * axis[both] + 1, np.flatnonzero(both)] = middle[both]
        upper[2 * axis[both], np.arange(len(upper[0]))] = middle[both]
        child[both] -= 1
        return (
            np.concatenate([owner, owner[both]]),
            np.concatenate([child, child[both] + 1]),
            np.concatenate([lower, upper], axis=1),
        )

    # building ------------------------------------------------------------------------------------
    def _add(self, node: Node) -> int:
        import numpy as np

        if len(self._nodes) == len(self._kind):
            for name in ("_kind", "_axis", "_middle", "_next"):
                old = getattr(self, name)
                setattr(self, name, np.concatenate([old, np.zeros_like(old)]))
        self._nodes.append(node)
        return len(self._nodes) - 1

    def _resolve(self, number: int) -> None:
        """Make a node a leaf, cut it in two, or give it up."""
        import numpy as np

        node = self._nodes[number]
        if node.patch is None:
            x, y = ((np.array([node.low[k]]), np.array([node.high[k]])) for k in (0, 1))
            if self.surface.outside(x, y)[0]:
                self._kind[number] = HOLE
                return
            axis = self._too_wide(node)
            if axis is None:
                near = bool(self.surface.outside(x, y, entirely=False)[0])
                found = None if near else build(self.surface, node.low, node.high)
                if isinstance(found, Patch):
                    node.patch = found
                else:
                    axis = self._nearer(node) if found is None else found
                    if self._ratio(node, axis) <= NARROWEST:
                        self._kind[number] = HOLE
                        return
            if node.patch is None:
                assert axis is not None
                self._cut(number, axis)
                return
        leaf = Leaf.of(node.patch.charts, node.patch.coefficients, node.patch.error, node.low, node.high)
        if isinstance(leaf, Leaf):
            self._kind[number], self._next[number] = LEAF, self._leaves.add(leaf)
        else:
            self._cut(number, leaf)

    def _ratio(self, node: Node, axis: int) -> float:
        """Return how many times the lower end of a mass the upper one is; for a power infinity."""
        if not self.surface.masses[axis]:
            return math.inf
        return node.high[axis] / node.low[axis] if node.low[axis] > 0 else math.inf

    def _too_wide(self, node: Node) -> int | None:
        """Return the axis along which a node is wider than a patch can be."""
        ratios = [self._ratio(node, k) if mass else 0.0 for k, mass in enumerate(self.surface.masses)]
        widest = 0 if ratios[0] >= ratios[1] else 1
        return widest if ratios[widest] > RATIO else None

    def _nearer(self, node: Node) -> int:
        """Return the axis along which the upper half is further from a threshold."""
        import numpy as np

        middle = [(node.low[k] + node.high[k]) / 2 for k in (0, 1)]
        x = np.array([middle[0], node.low[0]]), np.array([node.high[0]] * 2)
        y = np.array([node.low[1], middle[1]]), np.array([node.high[1]] * 2)
        first, second = self.surface.distance(x, y).tolist()
        if first == second:
            return 0 if self._ratio(node, 0) >= self._ratio(node, 1) else 1
        return 0 if first > second else 1

    def _cut(self, number: int, axis: int) -> None:
        node = self._nodes[number]
        first, last = node.first[axis], node.last[axis]
        low, high = node.low[axis], node.high[axis]
        at = -1
        if last - first > 1:
            at = (first + last) // 2
            middle = float(self.edges[axis][at])
        elif self.surface.masses[axis] and low > 0:
            middle = math.sqrt(low) * math.sqrt(high)
        else:
            middle = low + (high - low) / 2
        if not low < middle < high:
            self._kind[number] = HOLE
            return

        def put(pair: tuple[float, ...], value: float) -> tuple[float, float]:
            return (value, pair[1]) if axis == 0 else (pair[0], value)

        def number_at(pair: tuple[int, int]) -> tuple[int, int]:
            if at < 0:
                return pair
            return (at, pair[1]) if axis == 0 else (pair[0], at)

        below = Node(node.low, put(node.high, middle), node.first, number_at(node.last), node.patch)
        above = Node(put(node.low, middle), node.high, number_at(node.first), node.last, node.patch)
        first_child = self._add(below)
        self._add(above)
        self._kind[number], self._axis[number] = CUT, axis
        self._middle[number], self._next[number] = middle, first_child


def _join(low: Doubles, high: Doubles, owner: Places, ends: Range) -> None:
    import numpy as np

    for k in range(len(low)):
        np.minimum.at(low[k], owner, ends[0][k])
        np.maximum.at(high[k], owner, ends[1][k])


def build(surface: Surface, low: tuple[float, float], high: tuple[float, float]) -> Patch | int | None:
    """Interpolate a surface over a rectangle, or return the axis to cut it along, None where nothing is known.

    With I_x and I_y the interpolations, f - I_x I_y f = (f - I_x f) + I_x (f - I_y f): the error is at most E_x
    plus the norm of I_x times E_y, each with one parameter complex and the other one real.
    """
    import numpy as np

    charts = [Chart.over(low[k], high[k], surface.masses[k]) for k in (0, 1)]
    real = [Sector.real(*(np.array([end]) for end in chart.ends)) for chart in charts]
    for k in (0, 1):
        if not surface.masses[k]:  # of either sign; what is asked for is a modulus
            top = max(abs(end) for end in charts[k].ends)
            turn = np.full(1, math.pi)
            real[k] = Sector(np.zeros(1), np.full(1, top), -turn, turn)
    ellipses = [chart.ellipses() for chart in charts]
    counts = [len(sizes) for sizes, _ in ellipses]
    x = ellipses[0][1].joined(real[0].repeated(counts[1]))
    y = real[1].repeated(counts[0]).joined(ellipses[1][1])
    bounds = np.split(surface.bound(x, y), [counts[0]], axis=1)
    if not all(np.isfinite(b).any(axis=1).all() for b in bounds):
        return None
    few = [[chart.exact(t) for t in (-0.9, 0.0, 0.9)] for chart in charts]
    samples, _ = surface.grid(few[0], few[1])
    size = np.maximum(np.abs(samples).max(axis=(1, 2)), 1e-12 * np.min([b.min(axis=1) for b in bounds], axis=0))
    goals = TOLERANCE / 4 * size
    want = [
        max(affordable(ellipses[k][0], bounds[k][j], goals[j] / (1, 4)[k]) for j in range(surface.count))
        for k in (0, 1)
    ]
    if max(want) > DEGREE:
        return 0 if want[0] >= want[1] else 1
    # few different degrees, so that patches side by side have nodes in common
    n, m = (min(DEGREE, int(w) // STEP * STEP + STEP - 1) for w in want)
    values, unsure = surface.grid(
        [charts[0].exact(t) for t in nodes(n)[0].tolist()], [charts[1].exact(t) for t in nodes(m)[0].tolist()]
    )
    coefficients = nodes(n)[1] @ values @ nodes(m)[1].T
    norms = [1 + 2 / math.pi * math.log(d + 1) for d in (n, m)]  # of the interpolations
    most = np.abs(values).max(axis=(1, 2))
    error = np.zeros(surface.count)
    for j in range(surface.count):
        error[j] = left_out(ellipses[0][0], bounds[0][j], n) + norms[0] * left_out(ellipses[1][0], bounds[1][j], m)
        error[j] += norms[0] * norms[1] * (unsure[j] + sum(
            shifted(ellipses[k][0], bounds[k][j]) for k in (0, 1)))
    error += transformed(n, m) * most
    return Patch((charts[0], charts[1]), coefficients, error * (1 + 2.0**-40))


@cache
def nodes(degree: int) -> tuple[Doubles, Doubles]:
    """Return the Chebyshev nodes, and the matrix from values there to Chebyshev coefficients."""
    import numpy as np

    count = degree + 1
    turns = np.outer(np.arange(count), 2 * np.arange(count) + 1) % (4 * count)
    matrix = np.cos(turns * (math.pi / (2 * count))) * (2 / count)
    matrix[0] /= 2
    return np.cos((2 * np.arange(count) + 1) * (math.pi / (2 * count))), matrix


def transformed(n: int, m: int) -> float:
    """Return what rounding does to a patch in the transformation from values to coefficients, over max |values|.

    With N = n + 1 nodes an entry of the matrix is 2/N times a cosine of at most 2 pi, off by 16 u at most; so a
    coefficient of one variable is off by (32 + 2 N) u max |v|, and is itself at most 2 max |v|. Of two variables,
    with M = m + 1 nodes of the other: by 2 (32 + 2 N) u + 2 (32 + 2 M) u, and there are N M of them, each times
    polynomials that are at most 1. What is of second order is less than the rest of 136.
    """
    return (n + 1) * (m + 1) * (136 + 4 * (n + m + 2)) * UNIT


def shifted(sizes: Doubles, bounds: Doubles) -> float:
    """Return how far the rounding of the nodes, at most 2^-50, moves a value.

    The derivative is at most the bound on an ellipse over the distance of the ellipse from [-1, 1], which is
    that of its ends: (r + 1/r)/2 - 1.
    """
    import numpy as np

    gap = (sizes - 1) ** 2 / (2 * sizes)
    found = bounds / gap * 2.0**-50
    return float(np.nanmin(np.where(np.isfinite(found), found, np.inf)))
