"""Which points a scan visits: a grid, samples of a box, or a user's own list; cut into chunks."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeVar

from g2sym.base import arguments
from g2sym.constraints.planes import Axis
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.scans.reading import NUMBERS, Masses, Reader, Written, read_columns
from g2sym.scans.sobol import BITS, MAX_DIMENSION, sobol

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Entries, Record


METHODS = ("sobol", "random")
CHUNK = 1 << 16
"""About how many points a chunk has."""
MAX_POINTS = 1 << 40
Region = tuple[slice, ...]


class Plan(Protocol):
    """The points of a scan."""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that vary."""

    @property
    def written(self) -> Written:
        """How the values were written."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of what the scan finds."""

    def chunk_shape(self, chunk: int) -> tuple[int, ...]:
        """The shape of one chunk of about ``chunk`` points."""

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        """The parameters' values in a region, arrays that broadcast to its shape."""

    def identity(self) -> Record:
        """What makes two plans the same, JSON-ready."""

    def distinct(self, name: str) -> int:
        """How many values of a parameter there are."""


@dataclass(frozen=True, eq=False)
class Grid:
    """Every combination of values.

    Parameters: ``axes``, parameter names to one-dimensional arrays of doubles; ``written``, how they were.
    """

    names: tuple[str, ...]
    axes: tuple[Doubles, ...]
    written: Written = NUMBERS

    @classmethod
    def of(cls, axes: Entries, masses: Masses = None) -> Grid:
        """Make a grid from names and lists or arrays.

        Parameters: ``axes``, whose values may be texts such as ``"500MeV"``; ``masses`` by name, in GeV, for
        texts such as ``"2*m_mu"``, by default those of the bundled inputs.
        Raises UsageError for what is not numbers.
        """
        if not isinstance(axes, Mapping) or not axes:
            raise UsageError("A grid needs at least one parameter to vary: names with lists of values.")
        reader = Reader(masses)
        columns = tuple(reader.column(value, name) for name, value in axes.items())
        return cls(tuple(axes), columns, reader.written)

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis) for axis in self.axes)

    def chunk_shape(self, chunk: int) -> tuple[int, ...]:
        out: list[int] = []
        left = arguments.whole(chunk, "chunk", 1, MAX_POINTS)
        for size in reversed(self.shape):
            out.append(max(1, min(size, left)))
            left //= out[-1]
        return tuple(reversed(out))

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        count, region = len(self.axes), _ranges(region, self.shape)
        return {
            name: axis[part].reshape([-1 if k == at else 1 for k in range(count)])
            for at, (name, axis, part) in enumerate(zip(self.names, self.axes, region, strict=True))
        }

    def identity(self) -> Record:
        return {
            "kind": "grid",
            "order": list(self.names),
            **{n: [len(a), _hash(a)] for n, a in zip(self.names, self.axes, strict=True)},
        }

    def distinct(self, name: str) -> int:
        return len(self.axes[_place(self.names, name)])

    def without(self, name: str) -> tuple[Grid, Doubles]:
        """Return the grid over the other parameters, and the values of this one, ascending."""
        import numpy as np

        at = _place(self.names, name)
        names, axes = (x[:at] + x[at + 1 :] for x in (self.names, self.axes))
        return Grid(names, axes), np.sort(self.axes[at])  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Samples:
    """Points spread over a box, evenly on each parameter's scale.

    Parameters: ``axes``, ranges with their scales; ``count`` points; ``method``, "sobol" (a low-discrepancy
    sequence) or "random"; ``seed``, of the random numbers or of the sequence's digital shift (0: none);
    ``written``, how the ranges were.
    Every point depends on its own number only, so that a scan can be cut anywhere.
    """

    axes: tuple[Axis, ...]
    count: int
    method: str = "sobol"
    seed: int = 0
    written: Written = NUMBERS

    @classmethod
    def of(
        cls, ranges: Entries, count: int, method: str = "sobol", seed: int = 0, masses: Masses = None
    ) -> Samples:
        """Make it from names and ranges (low, high) or (low, high, "lin"); raises UsageError, InputError.

        Parameters: ``ranges``, whose ends may be texts such as ``"500MeV"``; ``masses`` by name, in GeV, for
        texts such as ``"2*m_mu"``, by default those of the bundled inputs; the others as for the class.
        """
        if not isinstance(ranges, Mapping):
            raise UsageError("Samples need names with ranges, for instance {'m_a': (0.01, 10)}.")
        axes, reader = [], Reader(masses)
        for name, ends in ranges.items():
            if not isinstance(ends, tuple | list) or not 2 <= len(ends) <= 3:
                raise UsageError(f"The range of {shorten(name)}: write (low, high) or (low, high, 'lin').")
            low, high = (reader.exact(end, f"samples, {name}", str(name)) for end in ends[:2])
            axes.append(Axis.read((name, low, high, *ends[2:]), "samples"))
        return cls(tuple(axes), count, method, seed, reader.written)

    def __post_init__(self) -> None:
        if not isinstance(self.axes, tuple) or not all(isinstance(axis, Axis) for axis in self.axes):
            raise UsageError(
                "Samples are made from ranges by name; use Samples.of({'m_a': (0.01, 10)}, 100)."
            )
        if not isinstance(self.method, str) or self.method not in METHODS:
            raise UsageError(
                f"There is no sampling {shorten(self.method)}{did_you_mean(str(self.method), METHODS)}; "
                f"choose {', '.join(METHODS)}."
            )
        limit = MAX_POINTS if self.method == "random" else 1 << BITS
        for name, least, most in (("samples", 1, limit), ("seed", 0, (1 << 63) - 1)):
            value = self.count if name == "samples" else self.seed
            checked = arguments.whole(value, name, least, most)
            object.__setattr__(self, "count" if name == "samples" else "seed", checked)
        if not self.axes or (self.method == "sobol" and len(self.axes) > MAX_DIMENSION):
            raise UsageError(
                f"A Sobol sequence has 1 to {MAX_DIMENSION} dimensions; vary fewer or use random."
            )
        if len({a.name for a in self.axes}) < len(self.axes):
            raise UsageError("A parameter is sampled twice; name different ones.")

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(axis.name for axis in self.axes)

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.count,)

    def chunk_shape(self, chunk: int) -> tuple[int, ...]:
        return (min(arguments.whole(chunk, "chunk", 1, MAX_POINTS), self.count),)

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        import numpy as np

        (part,) = _ranges(region, self.shape)
        start, stop = part.start, part.stop
        count = len(self.axes)
        if self.method == "sobol":
            shift = None
            if self.seed:
                words = np.random.Generator(np.random.Philox(key=self.seed))
                shift = tuple(words.integers(0, 1 << BITS, count).tolist())
            unit = sobol(start, stop, count, shift)
        else:
            # a counter for each point, 4 numbers wide: points do not depend on where chunks begin
            blocks = -(-count // 4)
            source = np.random.Philox(key=self.seed, counter=start * blocks)
            words = source.random_raw((stop - start) * blocks * 4).reshape(stop - start, blocks * 4)
            unit = (words[:, :count] >> np.uint64(11)) * 2.0**-53
        return {axis.name: _stretched(axis, unit[:, k]) for k, axis in enumerate(self.axes)}

    def identity(self) -> Record:
        axes = {a.name: a.as_dict() for a in self.axes}
        order = list(self.names)
        return {"kind": self.method, "order": order, "count": self.count, "seed": self.seed, "axes": axes}

    def distinct(self, name: str) -> int:
        _place(self.names, name)
        return self.count


@dataclass(frozen=True, eq=False)
class Points:
    """A user's own points: ``columns``, one array of doubles for each parameter, of one length."""

    names: tuple[str, ...]
    columns: tuple[Doubles, ...]
    written: Written = NUMBERS

    @classmethod
    def of(cls, columns: Entries, masses: Masses = None) -> Points:
        """Make it from names and lists or arrays of one length; raises UsageError.

        Parameters: ``columns``, whose values may be texts such as ``"500MeV"``; ``masses`` by name, in GeV,
        for texts such as ``"2*m_mu"``, by default those of the bundled inputs.
        """
        if not isinstance(columns, Mapping):
            raise UsageError("Points need names with lists of values, for instance {'m_a': [0.1, 0.5]}.")
        reader = Reader(masses)
        found = [reader.column(value, name) for name, value in columns.items()]
        if not found or len({len(c) for c in found}) > 1:
            raise UsageError("The columns of the points differ in length, or there are none.")
        return cls(tuple(columns), tuple(found), reader.written)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.columns[0]),)

    def chunk_shape(self, chunk: int) -> tuple[int, ...]:
        return (min(arguments.whole(chunk, "chunk", 1, MAX_POINTS), self.shape[0]),)

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        (part,) = _ranges(region, self.shape)
        return {name: column[part] for name, column in zip(self.names, self.columns, strict=True)}

    def identity(self) -> Record:
        pairs = zip(self.names, self.columns, strict=True)
        return {"kind": "points", **{name: [len(c), _hash(c)] for name, c in pairs}}

    def distinct(self, name: str) -> int:
        _place(self.names, name)
        return self.shape[0]


PlanType = TypeVar("PlanType", bound="Grid | Samples | Points")


def _place(names: tuple[str, ...], name: object) -> int:
    """Return where a name stands; raises UsageError for one that is none of them."""
    if not isinstance(name, str) or name not in names:
        raise UsageError(f"{shorten(name)} is not varied; choose {', '.join(names)}.")
    return names.index(name)


def _ranges(region: object, shape: Sequence[int]) -> Region:
    """Return a region of a plan: one slice for each axis; raises UsageError for anything else."""
    good = isinstance(region, tuple) and len(region) == len(shape)
    if not isinstance(region, tuple) or not good or not all(isinstance(part, slice) for part in region):
        raise UsageError(
            f"region = {arguments.described(region)}: give a slice for each of {len(shape)} axes."
        )
    return tuple(slice(*part.indices(size)[:2]) for part, size in zip(region, shape, strict=True))


def read_points(path: str | os.PathLike[str], masses: Masses = None) -> Points:
    """Read points from a CSV file with a head line of parameter names.

    Parameters: ``path``; ``masses`` by name, in GeV, which values such as ``2*m_mu`` are written with, by
    default those of the bundled inputs; ``500MeV`` is read too.
    Raises InputError with the line for a file that is wrong in any way.
    """
    reader = Reader(masses)
    columns = read_columns(path, reader)
    return Points(tuple(columns), tuple(columns.values()), reader.written)


def _stretched(axis: Axis, unit: Doubles) -> Doubles:
    import numpy as np

    low, high = float(axis.low), float(axis.high)
    if not axis.logarithmic:
        return low + (high - low) * unit
    sign = 1.0 if low > 0 else -1.0
    first, last = np.log(abs(low)), np.log(abs(high))
    out: Doubles = np.clip(sign * np.exp(first + (last - first) * unit), low, high)
    return out


def _hash(values: Doubles) -> str:
    return hashlib.sha256(values.astype("<f8").tobytes()).hexdigest()


def renamed(plan: PlanType, name: Callable[[str], str]) -> PlanType:
    """Return the same points under other names: ``name`` of each, ``y[mu]`` of a y that is quoted."""
    names = tuple(map(name, plan.names))
    if names == plan.names:
        return plan
    written = replace(plan.written, names=frozenset(map(name, plan.written.names)))
    if isinstance(plan, Samples):
        axes = tuple(axis.named(own) for axis, own in zip(plan.axes, names, strict=True))
        return replace(plan, axes=axes, written=written)
    return replace(plan, names=names, written=written)


def extent(plan: Plan) -> dict[str, tuple[Fraction, Fraction]]:
    """Return the least and the greatest value of each parameter that varies."""
    if isinstance(plan, Samples):
        return {axis.name: (axis.low, axis.high) for axis in plan.axes}
    whole = plan.coordinates(tuple(slice(0, size) for size in plan.shape))
    return {name: (Fraction(float(v.min())), Fraction(float(v.max()))) for name, v in whole.items()}


def regions(shape: Sequence[int], chunks: Sequence[int]) -> list[tuple[tuple[int, ...], Region]]:
    """Return every chunk's place in the grid of chunks and its region of the array, the last axis fastest."""
    from itertools import product

    counts = [range(-(-size // chunk)) for size, chunk in zip(shape, chunks, strict=True)]
    return [
        (
            place,
            tuple(slice(p * c, min(n, (p + 1) * c)) for p, c, n in zip(place, chunks, shape, strict=True)),
        )
        for place in product(*counts)
    ]
