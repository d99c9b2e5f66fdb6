"""Regions of a map as polygons: merged cells, outer rings counter-clockwise, holes clockwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from g2sym.constraints.maps import STATES, ExclusionMap
from g2sym.errors import UsageError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Record

    Mask = NDArray[np.bool_]

Ring = list[tuple[int, int]]
"""Corners (column, row) of a closed ring, the first one not repeated."""

MAX_RESOLUTION = 8192
"""Most cells along an axis that polygons are made from."""

# for each 2 x 2 pattern of pixels (south-west 1, south-east 2, north-west 4, north-east 8) the corners at the
# vertex between them: which horizontal (west 0, east 1) and which vertical (south 0, north 1) edge meet
_SINGLE = {1: (0, 0), 2: (1, 0), 4: (0, 1), 8: (1, 1)}
_CORNERS = {
    **{p: [c] for p, c in _SINGLE.items()},
    **{15 - p: [c] for p, c in _SINGLE.items()},
    9: [(0, 0), (1, 1)],  # two pixels that touch in a point are two regions
    6: [(1, 0), (0, 1)],
}


def polygons(found: ExclusionMap, resolution: int | None = None) -> Record:
    """Return the regions of a map as a GeoJSON feature collection.

    Parameters: ``resolution`` of the mask they follow, by default that of the map but at most 1024. Every
    polygon marked excluded (allowed) lies in what is proved excluded (allowed). Coordinates are values of the
    two parameters, not degrees, and edges are straight in the map's axes.
    """
    import numpy as np

    size = min(found.resolution, 1024) if resolution is None else resolution
    if size > MAX_RESOLUTION:
        raise UsageError(f"Polygons are made from at most {MAX_RESOLUTION} cells along an axis, not {size}.")
    mask = found.mask(size)
    step = found.resolution // size
    xs, ys = found.x_edges[::step].tolist(), found.y_edges[::step].tolist()
    features = []
    for state in (2, 1, 0):
        groups = regions(mask == np.uint8(state))
        shapes = [[_closed(ring, xs, ys) for ring in group] for group in groups]
        features.append(
            {
                "type": "Feature",
                "properties": {"state": STATES[state], "pixels": int(np.count_nonzero(mask == state))},
                "geometry": {"type": "MultiPolygon", "coordinates": shapes},
            }
        )
    record = {**found.as_dict(), "mask_resolution": size}
    return {"type": "FeatureCollection", "g2sym": record, "features": features}


def _closed(ring: Ring, xs: list[float], ys: list[float]) -> list[list[float]]:
    points = [[xs[c], ys[r]] for c, r in ring]
    return [*points, points[0]]


def regions(mask: Mask) -> list[list[Ring]]:
    """Return the connected regions of a mask, each as its outer ring and its holes.

    Parameters: ``mask`` [row, column]. Pixels are connected through edges, not through corners.
    """
    labels = _Labels(mask)
    found: dict[int, list[Ring]] = {}
    holes: list[tuple[int, Ring]] = []
    for ring, pixel in _rings(mask):
        label = labels.of(*pixel)
        if _area(ring) > 0:
            found[label] = [ring]
        else:
            holes.append((label, ring))
    for label, ring in holes:
        found[label].append(ring)
    return [found[label] for label in sorted(found, key=lambda k: (found[k][0][0][1], found[k][0][0][0]))]


def _area(ring: Ring) -> int:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], ring[0]], strict=True))


def _rings(mask: Mask) -> Iterator[tuple[Ring, tuple[int, int]]]:
    """Yield each closed boundary, its inside to the left, with one pixel (column, row) of the inside."""
    import numpy as np

    pad = np.pad(mask.astype(np.uint8), 1)
    pattern = pad[:-1, :-1] + 2 * pad[:-1, 1:] + 4 * pad[1:, :-1] + 8 * pad[1:, 1:]
    rows, columns = np.nonzero((pattern != 0) & (pattern != 15) & ~np.isin(pattern, (3, 12, 5, 10)))
    nodes: list[tuple[int, int, int, int]] = []  # row, column, east, north
    for r, c, p in zip(rows.tolist(), columns.tolist(), pattern[rows, columns].tolist(), strict=True):
        nodes += [(r, c, *corner) for corner in _CORNERS[p]]
    after: dict[int, int] = {}
    across = sorted(range(len(nodes)), key=lambda k: (nodes[k][0], nodes[k][1], nodes[k][2]))
    for start, end in zip(across[::2], across[1::2], strict=True):
        r, c = nodes[start][:2]
        inside_above = pad[r + 1, c + 1]
        a, b = (start, end) if inside_above else (end, start)
        after[a] = b
    up = sorted(range(len(nodes)), key=lambda k: (nodes[k][1], nodes[k][0], nodes[k][3]))
    for start, end in zip(up[::2], up[1::2], strict=True):
        r, c = nodes[start][:2]
        inside_left = pad[r + 1, c]
        a, b = (start, end) if inside_left else (end, start)
        after[a] = b
    left = set(range(len(nodes)))
    for first in range(len(nodes)):
        if first not in left:
            continue
        ring, at = [], first
        while at in left:
            left.remove(at)
            ring.append(at)
            at = after[at]
        r, c, east, north = nodes[ring[0]]
        # of the four pixels around a corner the odd one lies towards its two edges; it is inside or outside
        near = (c if east else c - 1, r if north else r - 1)
        if not pad[near[1] + 1, near[0] + 1]:
            near = (c - 1 if east else c, near[1])
        yield [(nodes[k][1], nodes[k][0]) for k in ring], near


class _Labels:
    """Which connected region a pixel belongs to: runs of each row, joined where they touch."""

    def __init__(self, mask: Mask) -> None:
        import numpy as np

        edges = np.diff(np.pad(mask.astype(np.int8), ((0, 0), (1, 1))), axis=1)
        begins, ends = np.nonzero(edges == 1), np.nonzero(edges == -1)
        self.parent = list(range(len(begins[0])))
        self.rows: dict[int, list[tuple[int, int, int]]] = {}
        for k, (r, c, e) in enumerate(
            zip(begins[0].tolist(), begins[1].tolist(), ends[1].tolist(), strict=True)
        ):
            self.rows.setdefault(r, []).append((c, e, k))
        for r, runs in self.rows.items():
            below = self.rows.get(r - 1, [])
            i = j = 0
            while i < len(runs) and j < len(below):
                if runs[i][0] < below[j][1] and below[j][0] < runs[i][1]:
                    self._join(runs[i][2], below[j][2])
                if runs[i][1] < below[j][1]:
                    i += 1
                else:
                    j += 1

    def _root(self, k: int) -> int:
        while self.parent[k] != k:
            self.parent[k] = self.parent[self.parent[k]]
            k = self.parent[k]
        return k

    def _join(self, a: int, b: int) -> None:
        self.parent[self._root(a)] = self._root(b)

    def of(self, column: int, row: int) -> int:
        """Return the region of a pixel of the mask."""
        from bisect import bisect_right

        runs = self.rows[row]
        return self._root(runs[bisect_right(runs, (column, 1 << 62, 0)) - 1][2])
