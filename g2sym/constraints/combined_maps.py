"""Planes of several measurements: for every cell, which of them proves it allowed and which excluded.

Each measurement's own map is a quadtree of proved cells. Their common refinement is again one: cells of two
quadtrees either hold one another or do not overlap, so that cutting wherever one of them is cut leaves cells
of one state in each. Nothing is decided anew, and no picture is compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from g2sym.base.arguments import doubles
from g2sym.constraints.conditions import FAVOURS, Condition, asked, check_parameter, merged_record
from g2sym.constraints.maps import STATES, ExclusionMap, exclusion_map, starts
from g2sym.constraints.planes import Axis, AxisLike
from g2sym.constraints.quadtree import ALLOWED, EXCLUDED, UNDECIDED, Leaves
from g2sym.errors import UsageError, shorten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from g2sym.base.types import Codes, Curve, Entries, Places, Record

    Indices = NDArray[np.uint32]

ALL = "all"
"""What the intersection is called where measurements have names."""
WORDS = {FAVOURS: ("undecided", "favoured", "disfavoured")}
"""What the states are called for a measurement that favours a band; for others as in `STATES`."""


@dataclass(frozen=True, eq=False)
class CombinedMap:
    """A plane cut into cells, each with the proved state of every measurement.

    Parameters: ``conditions``; ``maps``, the map of each measurement alone, in their order; ``whole``, the
    map of all together on the common refinement of their cells: allowed where every measurement is proved
    to allow, excluded where one is proved to exclude; ``states``, the states of its cells by measurement
    [measurement, cell], see `g2sym.constraints.maps.STATES`.
    """

    conditions: tuple[Condition, ...]
    maps: tuple[ExclusionMap, ...]
    whole: ExclusionMap
    states: Codes

    @property
    def x(self) -> Axis:
        """The horizontal axis."""
        return self.whole.x

    @property
    def y(self) -> Axis:
        """The vertical axis."""
        return self.whole.y

    @property
    def resolution(self) -> int:
        """The number of smallest cells along each axis."""
        return self.whole.resolution

    @property
    def record(self) -> Entries:
        """What the observables say about themselves."""
        return self.whole.record

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the measurements."""
        return tuple(one.name for one in self.conditions)

    @property
    def areas(self) -> dict[str, Fraction]:
        """The fraction of the plane that all measurements allow, that one excludes, and the rest, exactly."""
        return self.whole.areas

    @cached_property
    def categories(self) -> dict[tuple[str, ...], Fraction]:
        """The fraction of the plane in each category, exactly: the states by measurement, largest first."""
        import numpy as np

        weights = 3 ** np.arange(len(self.conditions), dtype=object)
        codes = (self.states.astype(object) * weights[:, None]).sum(axis=0)
        out: dict[tuple[str, ...], Fraction] = {}
        for code in dict.fromkeys(codes.tolist()):
            here = codes == code
            at = int(np.flatnonzero(here)[0])
            counts = np.bincount(self.whole.leaves.level[here], minlength=1).tolist()
            words = tuple(self.word(k, int(self.states[k, at])) for k in range(len(self.conditions)))
            out[words] = sum((Fraction(n, 4**level) for level, n in enumerate(counts)), Fraction(0))
        return dict(sorted(out.items(), key=lambda item: (-item[1], item[0])))

    def together(self, words: Sequence[str]) -> str:
        """Return what all measurements together make of a category, from their words in order."""
        states = [
            WORDS.get(one.role, STATES).index(word) for one, word in zip(self.conditions, words, strict=True)
        ]
        if EXCLUDED in states:
            return STATES[EXCLUDED]
        return STATES[ALLOWED if set(states) == {ALLOWED} else UNDECIDED]

    @property
    def sentence(self) -> str | None:
        """Which measurements leave no cell of the plane to all of them, else None.

        Named are one that excludes every cell, or two of which one excludes whatever the other does not; a
        plane on which more than two are needed names all. It is said of proved cells only.
        """
        import numpy as np

        if not (self.whole.leaves.state == EXCLUDED).all():
            return None
        out = self.states == EXCLUDED
        names = [n for n, own in zip(self.names, out, strict=True) if own.all()][:1]
        if not names:
            pairs = (
                (a, b) for a, b in combinations(range(len(out)), 2) if np.logical_or(out[a], out[b]).all()
            )
            names = [self.names[k] for k in next(pairs, range(len(out)))]
        if len(names) == 1:
            return f"No point of the plane is allowed: {names[0]} excludes all of it."
        listed = f"{', '.join(names[:-1])} and {names[-1]}"
        return f"No point of the plane is allowed: {listed} contradict each other everywhere in it."

    def word(self, at: int, state: int) -> str:
        """Return what a state is called for one of the measurements."""
        return WORDS.get(self.conditions[at].role, STATES)[state]

    def category(self, x: float, y: float) -> dict[str, str]:
        """Return the state of one point by measurement, and of all together as ``"all"``.

        Parameters: ``x``, ``y``, numbers. A point on the edge of a cell counts to the cell above. A
        measurement with the criterion 'interval' favours its band: "favoured" or "disfavoured" in place of
        "allowed" or "excluded". Raises UsageError for points outside the plane, and for arrays.
        """
        numbers = doubles(x, self.x.name), doubles(y, self.y.name)
        if any(value.ndim for value in numbers):
            raise UsageError("category is asked for one point; give two numbers.")
        at = int(self.cells(*numbers))
        own = {name: self.word(k, int(self.states[k, at])) for k, name in enumerate(self.names)}
        return {**own, ALL: STATES[int(self.whole.leaves.state[at])]}

    def cells(self, xs: ArrayLike, ys: ArrayLike) -> Places:
        """Return the places of the cells that hold points; raises UsageError for points outside."""
        return self.whole._places(xs, ys)

    def as_dict(self) -> Record:
        """Return a JSON-ready record: axes, measurements with their own areas, categories, all together."""
        each = [
            {
                **one.as_dict(),
                "areas": {self.word(k, s): float(own.areas[name]) for s, name in enumerate(STATES)},
                "undecided_because": own.record.get("undecided_because", []),
            }
            for k, (one, own) in enumerate(zip(self.conditions, self.maps, strict=True))
        ]
        shared = self.whole.as_dict()
        for key in ("lepton", "measurement", "window"):
            shared.pop(key)
        return {
            **shared,
            "conditions": each,
            "categories": [
                {"states": dict(zip(self.names, words, strict=True)), "area": float(area)}
                for words, area in self.categories.items()
            ],
            "sentence": self.sentence,
        }


def combined_map(
    conditions: Sequence[Condition],
    x: AxisLike,
    y: AxisLike,
    resolution: int,
    undecided: float,
    params: Mapping[str, object],
) -> CombinedMap:
    """Return the plane of several measurements; parameters as for `Combination.map`."""
    masses = conditions[0].quantity.inputs.masses
    axes = Axis.read(x, "x", masses), Axis.read(y, "y", masses)
    conditions, params = asked(conditions, params, *(axis.name for axis in axes))
    quantity = conditions[0].quantity
    across, up = (axis.named(quantity.full_name(axis.name)) for axis in axes)
    for axis in (across, up):
        check_parameter(conditions, axis.name)
    maps = tuple(
        exclusion_map(
            one.quantity,
            across,
            up,
            one.measurement,
            *one.choice,
            resolution=resolution,
            undecided=undecided,
            params=params,
        )
        for one in conditions
    )
    return joined(conditions, maps)


def joined(conditions: Sequence[Condition], maps: Sequence[ExclusionMap]) -> CombinedMap:
    """Return maps of one plane as one, on the common refinement of their cells."""
    import numpy as np

    first = maps[0]
    for other in maps[1:]:
        same = all(
            np.array_equal(a, b) for a, b in ((first.x_edges, other.x_edges), (first.y_edges, other.y_edges))
        )
        if not same or (first.x, first.y) != (other.x, other.y):
            raise UsageError(
                f"The maps of {shorten(conditions[0].name)} and others are of different planes; make them "
                "over the same axes with the same resolution."
            )
    level, column, row, states = refined([one.leaves for one in maps], first.depth)
    state = np.full(len(level), UNDECIDED, np.uint8)
    state[(states == ALLOWED).all(axis=0)] = ALLOWED
    state[(states == EXCLUDED).any(axis=0)] = EXCLUDED
    record = merged_record([one.record for one in maps])
    record["undecided_because"] = []  # stands with each measurement
    whole = ExclusionMap(
        first.x,
        first.y,
        first.x_edges,
        first.y_edges,
        Leaves(level, column, row, state),
        None,
        {"name": ALL, "observable": None, "lepton": None},
        {"criterion": ALL, "n_sigma": None},
        record,
    )
    return CombinedMap(tuple(conditions), tuple(maps), whole, states)


def refined(trees: Sequence[Leaves], depth: int) -> tuple[Codes, Indices, Indices, Codes]:
    """Return the common refinement of quadtrees in Morton order: levels, columns, rows, states by tree.

    Along the Morton curve of the smallest cells a leaf of level l is an interval of 4^(depth - l) places
    that begins at a multiple of this. Two such intervals are nested or disjoint, so between neighbouring
    starts of any tree's leaves lies exactly one leaf, the smallest that begins there.
    """
    import numpy as np

    begin = [starts(one, depth) for one in trees]
    cut = np.unique(np.concatenate(begin))
    size = np.diff(np.append(cut, np.uint64(4**depth)))
    # powers of four up to 4^20 are doubles: frexp gives their exponent exactly
    level = (depth - (np.frexp(size.astype(np.float64))[1] - 1) // 2).astype(np.uint8)
    states = np.stack(
        [
            one.state[np.searchsorted(first, cut, side="right") - 1]
            for one, first in zip(trees, begin, strict=True)
        ]
    )
    drop = (depth - level.astype(np.int64)).astype(np.uint64)
    column, row = (unspread(cut >> np.uint64(k)) >> drop for k in (0, 1))
    return level, column.astype(np.uint32), row.astype(np.uint32), states


def unspread(places: Curve) -> Curve:
    """Return every second bit of places on a Morton curve: the column, or shifted by one the row."""
    import numpy as np

    out = places & np.uint64(0x5555555555555555)
    for shift, keep in (
        (1, 0x3333333333333333),
        (2, 0x0F0F0F0F0F0F0F0F),
        (4, 0x00FF00FF00FF00FF),
        (8, 0x0000FFFF0000FFFF),
        (16, 0x00000000FFFFFFFF),
    ):
        out = (out | (out >> np.uint64(shift))) & np.uint64(keep)
    return out
