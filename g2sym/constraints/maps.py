"""Exclusion maps: every cell of a plane proved excluded, proved allowed, or left undecided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from g2sym.base.arguments import described, doubles, given, whole
from g2sym.base.balls import working_precision
from g2sym.base.exact import Number, decimal_text, read_number
from g2sym.base.masses import Mass
from g2sym.constraints.condition import (
    MeasurementLike,
    announce,
    common_record,
    condition,
    limits_taken,
)
from g2sym.constraints.joint import decided, is_joint, plane
from g2sym.constraints.measured import placed
from g2sym.constraints.planes import Axis, AxisLike, products
from g2sym.constraints.quadtree import (
    ALLOWED,
    EXCLUDED,
    UNDECIDED,
    Leaves,
    Levels,
    subdivide,
    subdivide_quotient,
    within,
)
from g2sym.constraints.rate_lines import refused_along
from g2sym.constraints.rate_planes import is_rate_plane, rate_plane
from g2sym.errors import UsageError, shorten
from g2sym.inputs import Edge, Window
from g2sym.kernels.sampled import Sampled
from g2sym.observables.quantity import quantity_of
from g2sym.queries.pieces import Structure, take_apart, without_common_powers

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from g2sym.base.types import Codes, Curve, Doubles, Entries, Places, Record


STATES = ("undecided", "allowed", "excluded")
"""What a cell can be; the number of a state is its place here."""
MAX_DEPTH = 20
"""Most times that a plane is halved along each axis."""
BAND = 1 << 22
"""About how many cells of a mask are painted at once."""


@dataclass(frozen=True, eq=False)
class ExclusionMap:
    """A plane cut into cells that are each proved allowed, proved excluded, or undecided.

    Parameters: ``x``, ``y``, the axes; ``x_edges``, ``y_edges``, the doubles between which the smallest cells
    lie, ends included; ``leaves``, the cells of the quadtree, in Morton order; ``lepton``; ``measurement``
    and ``window``, JSON-ready records of the condition; ``record``, what the observable says about itself.
    A cell is allowed (excluded) when it lies in (outside) the closed window at every real point of the
    closed cell.
    """

    x: Axis
    y: Axis
    x_edges: Doubles
    y_edges: Doubles
    leaves: Leaves
    lepton: str | None
    measurement: Entries
    window: Entries
    record: Entries

    @property
    def depth(self) -> int:
        """How often the plane was halved along each axis."""
        return (len(self.x_edges) - 1).bit_length() - 1

    @property
    def resolution(self) -> int:
        """The number of smallest cells along each axis."""
        return 1 << self.depth

    @property
    def reasons(self) -> tuple[tuple[str, Fraction], ...]:
        """Why cells are undecided that no smaller cells would decide: reasons with fractions of the plane."""
        return tuple((r["reason"], Fraction(r["area"])) for r in self.record.get("undecided_because", ()))

    @cached_property
    def areas(self) -> dict[str, Fraction]:
        """The fraction of the plane in each state, exactly; logarithmic axes count decades."""
        import numpy as np

        out = {}
        for state, name in enumerate(STATES):
            counts = np.bincount(self.leaves.level[self.leaves.state == state], minlength=1).tolist()
            out[name] = sum((Fraction(n, 4**level) for level, n in enumerate(counts)), Fraction(0))
        return out

    def states(self, xs: ArrayLike, ys: ArrayLike) -> Codes:
        """Return the number of the state (see `STATES`) at points of the plane.

        Parameters: arrays of doubles that broadcast. A point on the edge of a cell counts to the cell above.
        Raises UsageError for points outside the plane.
        """
        return self.leaves.state[self._places(xs, ys)]

    def _places(self, xs: ArrayLike, ys: ArrayLike) -> Places:
        """Return the places of the cells that hold points; parameters and errors as for `states`."""
        import numpy as np

        columns, rows = (
            _cells(edges, values, axis.name)
            for edges, values, axis in ((self.x_edges, xs, self.x), (self.y_edges, ys, self.y))
        )
        columns, rows = np.broadcast_arrays(columns, rows)
        return np.searchsorted(self._starts, morton(columns, rows), side="right") - 1

    def state(self, x: float, y: float) -> str:
        """Return the state at one point: "undecided", "allowed" or "excluded".

        Parameters: ``x``, ``y``, numbers; arrays go to `states`. Raises UsageError for anything else.
        """
        found = self.states(x, y)
        if found.ndim:
            raise UsageError("state is asked for one point; give two numbers, or arrays to states(...).")
        return STATES[int(found)]

    @cached_property
    def _starts(self) -> Curve:
        return starts(self.leaves, self.depth)

    def mask(self, resolution: int | None = None, band: tuple[int, int] | None = None) -> Codes:
        """Return states over a regular grid: a pixel has a state when all of it has been proved to.

        Parameters: ``resolution``, a power of two of at most that of the map; ``band``, (b, n) for the rows
        n 2^b to (n + 1) 2^b only. Returns an array [row, column] of state numbers, row 0 at the bottom.
        Raises UsageError for another resolution.
        """
        import numpy as np

        depth = self._depth_of(resolution)
        tall, number = (depth, 0) if band is None else _band(band, depth)
        level, column, row, state = (
            self.leaves.level, self.leaves.column, self.leaves.row, self.leaves.state
        )  # fmt: skip
        start = depth - tall
        shift = level.astype(np.int64) - start
        here = np.where(shift >= 0, row >> np.maximum(shift, 0), number >> np.maximum(-shift, 0))
        here = np.where(shift >= 0, here == number, row == here)
        level, column, row, state = level[here], column[here], row[here], state[here]
        out = np.zeros((1, 1), np.uint8)
        for step in range(depth + 1):
            if step:
                out = np.repeat(out, 2, axis=1)
                if step > start:
                    out = np.repeat(out, 2, axis=0)
            now = level == step
            rows = row[now] - (number << (step - start)) if step >= start else 0 * row[now]
            out[rows, column[now]] = state[now]
        fine = level > depth
        if fine.any():  # a pixel of smaller cells: those of one state have to fill it
            drop = level[fine].astype(np.int64) - depth
            pixel = (row[fine] >> drop).astype(np.int64) - (number << tall)
            pixel = (pixel << depth) + (column[fine] >> drop)
            where, index = np.unique(pixel, return_inverse=True)
            for chosen in (ALLOWED, EXCLUDED):
                share = np.where(state[fine] == chosen, 4.0**-drop, 0.0)
                full = np.bincount(index, weights=share) == 1.0
                out.reshape(-1)[where[full]] = chosen
        return out

    def _depth_of(self, resolution: int | None) -> int:
        if resolution is None:
            return self.depth
        depth = power_of_two(resolution, "resolution")
        if depth > self.depth:
            raise UsageError(
                f"The map has {self.resolution} cells along an axis; {resolution} are too many for its mask."
            )
        return depth

    def as_dict(self) -> Record:
        """Return a JSON-ready record: axes, condition, areas."""
        return {
            **self.record,
            "lepton": self.lepton,
            "x": self.x.as_dict(),
            "y": self.y.as_dict(),
            "resolution": self.resolution,
            "measurement": dict(self.measurement),
            "window": dict(self.window),
            "areas": {name: float(value) for name, value in self.areas.items()},
            "cells": len(self.leaves.level),
        }


def exclusion_map(
    observable: object,
    x: AxisLike,
    y: AxisLike,
    measurement: MeasurementLike,
    criterion: str | None = None,
    n_sigma: Number | None = None,
    *,
    resolution: int = 4096,
    undecided: float = 0.0,
    unit: str | None = None,
    params: Mapping[str, object] | None = None,
    **values: object,
) -> ExclusionMap:
    """Prove where in a plane of two parameters an observable agrees with a measurement.

    Parameters: ``observable``; ``x``, ``y``, the axes as (name, low, high) or (name, low, high, "lin"), any
    two parameters; ``measurement``, ``criterion``, ``n_sigma`` as for `bound`; ``resolution``, a power of
    two, the number of smallest cells along each axis; ``undecided``, the fraction of the plane that may
    stay undecided (cutting stops there); ``unit`` in which the window is written; the other parameters by
    keyword or in ``params``.
    Returns a map; what its smallest cells cannot tell is undecided, never guessed, and so is what lies above
    a threshold of two masses that both move (see `ExclusionMap.reasons`).
    Raises UsageError for a call that makes no sense, InputError for a bad number or file, UnsupportedError
    for a plane that is above threshold, and for masses by default that are differences of what moves.

    >>> import g2sym as g2
    >>> scalar = g2.load_model("scalar").anomalous_moment("mu")
    >>> plane = g2.exclusion_map(scalar, ("m_s", 1, 10), ("g_sff", "1e-3", 1), "muon-2025", resolution=64)
    >>> plane.state(2.0, 0.5), plane.state(2.0, 0.002)
    ('excluded', 'allowed')
    """
    quantity = quantity_of(observable)
    found, window = condition(quantity, measurement, criterion, n_sigma, unit)
    quantity = placed(quantity, found)
    masses = quantity.inputs.masses
    axes = Axis.read(x, "x", masses), Axis.read(y, "y", masses)
    quantity, fixed = quantity.asked(given(params, values), *(axis.name for axis in axes))
    axes = axes[0].named(quantity.full_name(axes[0].name)), axes[1].named(quantity.full_name(axes[1].name))
    for axis in axes:  # an end written as a mass is of a mass
        for end in (axis.low, axis.high):
            if isinstance(end, Mass):
                quantity.values({axis.name: end})
    depth = power_of_two(resolution, "resolution")
    if depth > MAX_DEPTH:
        raise UsageError(f"A resolution of {resolution} is too much; at most {1 << MAX_DEPTH} cells are cut.")
    share = read_number(undecided, "undecided")
    if not 0 <= share <= 1:
        raise UsageError(f"undecided = {decimal_text(share, 6)}: give a fraction of the plane, from 0 to 1.")
    structure, extended = without_common_powers(take_apart(quantity, fixed, (axes[0].name, axes[1].name)))
    edges = axes[0].edges(resolution), axes[1].edges(resolution)
    reasons: list[Record] = []
    if is_joint(structure) and is_rate_plane(structure):
        rates = rate_plane(structure, axes, edges, window, within(levels_of(window)))
        leaves = rates.decided(depth, float(share))
        reasons = rates.reasons(leaves, depth)
    elif is_joint(structure):
        joint = plane(structure, axes, edges)
        leaves = decided(joint, levels_of(window), depth, float(share))
        reasons = joint.reasons(leaves, depth)
    else:
        leaves = _decided(structure, edges, window, depth, float(share))
        reasons = refused_along(structure, edges)
    ranges = {axis.name: (axis.low, axis.high) for axis in axes}
    zeros = [name for name in extended if ranges[name][0] <= 0 <= ranges[name][1]]
    said = limits_taken(quantity.text, zeros, "map")
    own = quantity.record(structure.known)
    record = announce(own, quantity, structure.known, ranges, (found, window), said)
    return ExclusionMap(
        *axes,
        *edges,
        in_order(leaves, depth),
        quantity.lepton,
        found.as_dict(),
        window.as_dict(),
        {**common_record(record, set(ranges)), "undecided_because": reasons},
    )


def _decided(
    structure: Structure, edges: tuple[Doubles, Doubles], window: Window, depth: int, undecided: float
) -> Leaves:
    """Cut the plane where the window's condition on a sum, or on a quotient of two, is not decided."""
    import numpy as np

    def minus(level: Edge) -> tuple[list[Sampled], list[Sampled]]:
        with working_precision(128):
            weight = -level(128)
            scaled = [y.scale(weight) for y in below_y]
        return [*xs, *below_x], [*ys, *scaled]

    with np.errstate(all="ignore"):  # what is infinite stays undecided
        xs, ys = products(structure, edges)
        below_x, below_y = products(structure, edges, structure.below or ())
        sides = (below_x, below_y), minus(window.low), minus(window.high)
    if structure.below is None:
        return subdivide(xs, ys, levels_of(window), depth, undecided)

    return subdivide_quotient(*sides, depth, undecided)


def _band(band: object, depth: int) -> tuple[int, int]:
    """Return which band of rows is meant: those from n 2^b to (n + 1) 2^b."""
    if not isinstance(band, tuple | list) or len(band) != 2:
        raise UsageError(f"band = {described(band)}: give (b, n) for the rows n 2^b to (n + 1) 2^b.")
    tall = whole(band[0], "band: b", 0, depth)
    return tall, whole(band[1], "band: n", 0, (1 << (depth - tall)) - 1)


def levels_of(window: Window) -> Levels:
    """Return the window with each end between two doubles."""
    return Levels(_between(window.low), _between(window.high))


def _between(edge: Edge) -> tuple[float, float]:
    import numpy as np

    bits = 128
    with working_precision(bits):
        ball = edge(bits)
        low, high = ball.lower(), ball.upper()
        down, up = float(low.mid()), float(high.mid())
    return float(np.nextafter(down, -np.inf)), float(np.nextafter(up, np.inf))


def power_of_two(value: object, what: str) -> int:
    """Return the binary logarithm of a power of two; raises UsageError for another value."""
    if not isinstance(value, int) or isinstance(value, bool) or value < 1 or value & (value - 1):
        raise UsageError(f"{what} = {shorten(repr(value))[1:-1]}: give a power of two, for instance 4096.")
    return value.bit_length() - 1


def morton(columns: ArrayLike, rows: ArrayLike) -> Curve:
    """Return the place on the Morton curve: the bits of column and row interleaved."""
    import numpy as np

    def spread(values: ArrayLike) -> Curve:
        out = np.asarray(values).astype(np.uint64)
        for shift, keep in (
            (16, 0x0000FFFF0000FFFF),
            (8, 0x00FF00FF00FF00FF),
            (4, 0x0F0F0F0F0F0F0F0F),
            (2, 0x3333333333333333),
            (1, 0x5555555555555555),
        ):
            out = (out | (out << np.uint64(shift))) & np.uint64(keep)
        return out

    return spread(columns) | (spread(rows) << np.uint64(1))


def starts(leaves: Leaves, depth: int) -> Curve:
    """Return where on the Morton curve of the smallest cells each leaf begins."""
    import numpy as np

    shift = (2 * (depth - leaves.level.astype(np.int64))).astype(np.uint64)
    return morton(leaves.column, leaves.row) << shift


def in_order(leaves: Leaves, depth: int) -> Leaves:
    """Return the leaves in Morton order."""
    import numpy as np

    # each level is in order: a stable sort merges them
    order = np.argsort(starts(leaves, depth), kind="stable")
    return Leaves(leaves.level[order], leaves.column[order], leaves.row[order], leaves.state[order])


def _cells(edges: Doubles, values: ArrayLike, name: str) -> Places:
    import numpy as np

    points = doubles(values, name)
    if not np.all((points >= edges[0]) & (points <= edges[-1])):
        raise UsageError(
            f"A value of {name} lies outside the map, which runs from {edges[0]:g} to {edges[-1]:g}."
        )
    return np.minimum(np.searchsorted(edges, points, side="right") - 1, len(edges) - 2)


assert STATES[UNDECIDED] == "undecided"
