"""Functions of two parameters over boxes, from patches of polynomials that are made where they are asked for.

A rectangle of the plane is a node of a tree: cut in two, or a leaf (`g2sym.kernels.leaves`) of an
interpolation (`g2sym.kernels.interpolation`), or a hole, where the functions cannot be interpolated: beside
a threshold. There, and on boxes that are wide, the integrands enclose them (`g2sym.kernels.boxes`), less
narrowly.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from g2sym.kernels.interpolation import Patch, Surface, build
from g2sym.kernels.leaves import Leaf, Leaves

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags, Places

    Range = tuple[Doubles, Doubles]

RATIO = 3.2
"""Ratio of the ends of a parameter above which a box is enclosed from the integrands, and a node cut."""
NARROWEST, PARTS = 1.06, 64
"""A node is not cut to be further from a threshold when the ratio of its ends is less than this, and its
share of the range, in logarithms, less than one of so many parts."""
SMALLEST = 1e-3
"""Part of its first cell down to which a mass from zero on is interpolated; integrands enclose the rest."""
OPEN, CUT, LEAF, HOLE = 0, 1, 2, 3
"""What a node can be: not looked at yet, cut in two, a leaf, or not to be interpolated."""
Enough = Callable[["Doubles", "Doubles"], "Flags"]
"""Tells from bounds [function, box] which boxes need no narrower ones."""


@dataclass
class Node:
    """A rectangle: the ends of both parameters, the numbers of its edges, and the patch that covers it."""

    low: tuple[float, float]
    high: tuple[float, float]
    first: tuple[int, int]
    last: tuple[int, int]
    patch: Patch | None = None

    def ratio(self, axis: int) -> float:
        """Return how many times the end nearer to zero the other one is; 1 for an interval about zero."""
        low, high = self.low[axis], self.high[axis]
        if low < 0:
            return low / high if high < 0 else 1.0
        return high / low if low > 0 else math.inf

    def halves(self, axis: int, middle: float, at: int | None) -> tuple[Node, Node]:
        """Return the parts below and above a value of one parameter; ``at``, the number of that edge."""
        ends = []
        for pair, value in ((self.high, middle), (self.low, middle)):
            ends.append((value, pair[1]) if axis == 0 else (pair[0], value))
        last, first = self.last, self.first
        if at is not None:
            last, first = ((at, p[1]) if axis == 0 else (p[0], at) for p in (last, first))
        return (
            Node(self.low, ends[0], self.first, last, self.patch),
            Node(ends[1], self.high, first, self.last, self.patch),
        )


@dataclass(eq=False)
class Patches:
    """A surface over a rectangle, as a tree of rectangles that grows where boxes are asked for.

    Parameters: ``surface``; ``edges``, for each parameter doubles that rise, at which a rectangle is cut as
    long as it holds some.
    """

    surface: Surface
    edges: tuple[Doubles, Doubles]
    _nodes: list[Node] = field(default_factory=list, init=False)

    def __post_init__(self) -> None:
        import numpy as np

        self._leaves = Leaves(self.surface.count)
        self._kind = np.zeros(64, np.uint8)
        self._axis = np.zeros(64, np.intp)
        self._middle = np.zeros(64)
        self._next = np.zeros(64, np.intp)  # the first of two children, or the number of the leaf
        (x0, x1), (y0, y1) = ((float(e[0]), float(e[-1])) for e in self.edges)
        last = len(self.edges[0]) - 1, len(self.edges[1]) - 1
        self._add(Node((x0, y0), (x1, y1), (0, 0), last))

    def range(
        self,
        x: Range,
        y: Range,
        combine: Doubles | None = None,
        enough: Enough | None = None,
        widest: float = math.inf,
    ) -> Range:
        """Return lower and upper bounds [function, box]; infinite where a box reaches a threshold.

        Parameters: ``x``, ``y``, the lower and upper ends of boxes within the rectangle; ``combine``, a
        matrix whose rows are the linear combinations of the functions that are wanted; ``enough``, which
        tells boxes whose bounds need not be narrower: no patch is made for them alone; ``widest``, the ratio
        of the ends of a parameter beyond which none is made for a box either.
        """
        import numpy as np

        matrix = np.eye(self.surface.count) if combine is None else combine
        low, high = (np.full((len(matrix), len(x[0])), end) for end in (np.inf, -np.inf))
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

    def holes(self, x: Range, y: Range) -> Flags:
        """Tell the boxes that reach a rectangle in which the functions are not interpolated.

        Parameters: ``x``, ``y`` as for `range`.
        """
        import numpy as np

        out = np.zeros(len(x[0]), bool)
        owner, boxes = np.arange(len(out)), np.stack([x[0], x[1], y[0], y[1]])
        node = np.zeros(len(out), np.intp)
        while len(owner):
            for number in np.unique(node[self._kind[node] == OPEN]).tolist():
                self._resolve(number)
            out[owner[self._kind[node] == HOLE]] = True
            cut = (self._kind[node] == CUT) & ~out[owner]
            owner, node, boxes = self._descend(owner[cut], node[cut], boxes[:, cut])
        return out

    def _wide(self, boxes: Doubles, ratio: float) -> Flags:
        """Tell the boxes on which a mass is wider than a ratio; not those within the first cell from zero."""
        import numpy as np

        out = np.zeros(boxes.shape[1], bool)
        for k, mass in enumerate(self.surface.masses):
            if mass:
                low, high = boxes[2 * k], boxes[2 * k + 1]
                first = self.edges[k][1] if self.edges[k][0] == 0 else -math.inf
                out |= ~((high <= ratio * low) | (high <= first))
        return out

    def _rough(self, boxes: Doubles, matrix: Doubles) -> Range:
        """Enclose boxes from the integrands."""
        import numpy as np

        count = boxes.shape[1]
        low, high = np.zeros((len(matrix), count)), np.zeros((len(matrix), count))
        if not count:
            return low, high
        a, b = self.surface.range((boxes[0], boxes[1]), (boxes[2], boxes[3]))
        for i, row in enumerate(matrix.tolist()):
            for j, weight in enumerate(row):
                if weight:  # zero times infinity is no number
                    ends = weight * a[j], weight * b[j]
                    low[i] += np.minimum(*ends)
                    high[i] += np.maximum(*ends)
                    # the weight was rounded, and so are the product and the sum
                    slack = 2.0**-45 * abs(weight) * np.maximum(np.abs(a[j]), np.abs(b[j]))
                    low[i] -= slack
                    high[i] += slack
        return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)

    def _descend(self, owner: Places, node: Places, boxes: Doubles) -> tuple[Places, Places, Doubles]:
        """Send boxes to the halves of their nodes, cut where they lie on both sides."""
        import numpy as np

        axis, middle = self._axis[node], self._middle[node]
        each = np.arange(len(node))
        left, right = boxes[2 * axis, each] < middle, boxes[2 * axis + 1, each] > middle
        both = np.flatnonzero(left & right)
        child = self._next[node] + right
        if not len(both):
            return owner, child, boxes
        child[both] -= 1
        below, above = boxes.copy(), boxes[:, both].copy()
        below[2 * axis[both] + 1, both] = middle[both]
        above[2 * axis[both], np.arange(len(both))] = middle[both]
        return (
            np.concatenate([owner, owner[both]]),
            np.concatenate([child, child[both] + 1]),
            np.concatenate([below, above], axis=1),
        )

    # growing -------------------------------------------------------------------------------------
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
        node = self._nodes[number]
        axis = None if node.patch is not None else self._interpolate(node)
        if node.patch is not None:
            leaf = Leaf.of(node.patch.charts, node.patch.coefficients, node.patch.error, node.low, node.high)
            if isinstance(leaf, Leaf):
                self._kind[number], self._next[number] = LEAF, self._leaves.add(leaf)
                return
            axis = leaf
        if axis is None or not self._cut(number, axis):
            self._kind[number] = HOLE

    def _interpolate(self, node: Node) -> int | None:
        """Give a node a patch, or return the axis along which to cut it, None where that does not help."""
        import numpy as np

        x, y = ((np.array([node.low[k]]), np.array([node.high[k]])) for k in (0, 1))
        if self.surface.outside(x, y)[0]:
            return None
        widest = 0 if node.ratio(0) >= node.ratio(1) else 1
        if node.low[widest] == 0 and node.high[widest] <= SMALLEST * float(self.edges[widest][1]):
            # where a mass is zero a function need not be analytic
            return 1 - widest if node.ratio(1 - widest) > RATIO else None
        if node.ratio(widest) > RATIO:
            return widest
        found = None
        if not self.surface.outside(x, y, entirely=False)[0]:
            found = build(self.surface, node.low, node.high)
        if isinstance(found, Patch):
            node.patch = found
            return None
        axis = self._away(node) if found is None else found
        if axis is None or node.ratio(axis) <= min(NARROWEST, self._nodes[0].ratio(axis) ** (1 / PARTS)):
            return None
        return axis

    def _away(self, node: Node) -> int | None:
        """Return the axis along which the upper half is further from a threshold; None without one."""
        import numpy as np

        middle = [(node.low[k] + node.high[k]) / 2 for k in (0, 1)]
        x = np.array([middle[0], node.low[0]]), np.array([node.high[0]] * 2)
        y = np.array([node.low[1], middle[1]]), np.array([node.high[1]] * 2)
        first, second = self.surface.distance(x, y).tolist()
        if first == second:
            return None if first == math.inf else 0 if node.ratio(0) >= node.ratio(1) else 1
        return 0 if first > second else 1

    def _cut(self, number: int, axis: int) -> bool:
        """Cut a node at an edge it holds, else at the middle; False where no double lies between its ends."""
        node = self._nodes[number]
        low, high = node.low[axis], node.high[axis]
        at = None
        if node.last[axis] - node.first[axis] > 1:
            at = (node.first[axis] + node.last[axis]) // 2
            middle = float(self.edges[axis][at])
        elif low > 0:
            middle = math.sqrt(low) * math.sqrt(high)
        elif low == 0:
            middle = high / 3
        else:
            middle = low + (high - low) / 2
        if not low < middle < high:
            return False
        below, above = node.halves(axis, middle, at)
        self._kind[number], self._axis[number] = CUT, axis
        self._middle[number], child = middle, self._add(below)
        self._next[number] = child
        self._add(above)
        return True


def _join(low: Doubles, high: Doubles, owner: Places, ends: Range) -> None:
    """Widen the bounds of boxes by those of their parts."""
    import numpy as np

    for k in range(len(low)):
        np.minimum.at(low[k], owner, ends[0][k])
        np.maximum.at(high[k], owner, ends[1][k])
