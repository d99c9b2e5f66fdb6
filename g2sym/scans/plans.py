"""Which points a scan visits: a grid, samples of a box, or a user's own list; cut into chunks."""

from __future__ import annotations

import csv
import hashlib
import io
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from g2sym.constraints.planes import Axis
from g2sym.errors import InputError, UsageError, did_you_mean, shorten
from g2sym.scans.sobol import BITS, MAX_DIMENSION, sobol

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Entries, Record


METHODS = ("sobol", "random")
CHUNK = 1 << 16
"""About how many points a chunk has."""
MAX_CSV_BYTES = 1 << 28
MAX_POINTS = 1 << 40
Region = tuple[slice, ...]


class Plan(Protocol):
    """The points of a scan."""

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that vary."""

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

    Parameters: ``axes``, parameter names to one-dimensional arrays of doubles.
    """

    names: tuple[str, ...]
    axes: tuple[Doubles, ...]

    @classmethod
    def of(cls, axes: Entries) -> Grid:
        """Make a grid from names and lists or arrays; raises UsageError for what is not numbers."""
        if not axes:
            raise UsageError("A grid needs at least one parameter to vary.")
        return cls(tuple(axes), tuple(_column(value, name) for name, value in axes.items()))

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(len(axis) for axis in self.axes)

    def chunk_shape(self, chunk: int) -> tuple[int, ...]:
        out: list[int] = []
        left = chunk
        for size in reversed(self.shape):
            out.append(max(1, min(size, left)))
            left //= out[-1]
        return tuple(reversed(out))

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        count = len(self.axes)
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
        return len(self.axes[self.names.index(name)])

    def without(self, name: str) -> tuple[Grid, Doubles]:
        """Return the grid over the other parameters, and the values of this one, ascending."""
        import numpy as np

        at = self.names.index(name)
        names, axes = (x[:at] + x[at + 1 :] for x in (self.names, self.axes))
        return Grid(names, axes), np.sort(self.axes[at])  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class Samples:
    """Points spread over a box, evenly on each parameter's scale.

    Parameters: ``axes``, ranges with their scales; ``count`` points; ``method``, "sobol" (a low-discrepancy
    sequence) or "random"; ``seed``, of the random numbers or of the sequence's digital shift (0: none).
    Every point depends on its own number only, so that a scan can be cut anywhere.
    """

    axes: tuple[Axis, ...]
    count: int
    method: str = "sobol"
    seed: int = 0

    @classmethod
    def of(cls, ranges: Entries, count: int, method: str = "sobol", seed: int = 0) -> Samples:
        """Make it from names and ranges (low, high) or (low, high, "lin"); raises UsageError, InputError."""
        axes = []
        for name, ends in ranges.items():
            if not isinstance(ends, tuple | list):
                raise UsageError(f"The range of {shorten(name)}: write (low, high) or (low, high, 'lin').")
            axes.append(Axis.read((name, *ends), "samples"))
        return cls(tuple(axes), count, method, seed)

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise UsageError(
                f"There is no sampling {shorten(self.method)}{did_you_mean(str(self.method), METHODS)}; "
                f"choose {', '.join(METHODS)}."
            )
        limit = MAX_POINTS if self.method == "random" else 1 << BITS
        if not isinstance(self.count, int) or not 1 <= self.count <= limit:
            raise UsageError(f"{self.count} samples: give a whole number from 1 to {limit}.")
        if not isinstance(self.seed, int) or not 0 <= self.seed < 1 << 63:
            raise UsageError(f"The seed {self.seed} is not a whole number from 0 to 2^63 - 1.")
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
        return (min(chunk, self.count),)

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        import numpy as np

        start, stop = region[0].start, region[0].stop
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
        return self.count


@dataclass(frozen=True, eq=False)
class Points:
    """A user's own points: ``columns``, one array of doubles for each parameter, of one length."""

    names: tuple[str, ...]
    columns: tuple[Doubles, ...]

    @classmethod
    def of(cls, columns: Entries) -> Points:
        """Make it from names and lists or arrays of one length; raises UsageError."""
        found = [_column(value, name) for name, value in columns.items()]
        if not found or len({len(c) for c in found}) > 1:
            raise UsageError("The columns of the points differ in length, or there are none.")
        return cls(tuple(columns), tuple(found))

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self.columns[0]),)

    def chunk_shape(self, chunk: int) -> tuple[int, ...]:
        return (min(chunk, self.shape[0]),)

    def coordinates(self, region: Region) -> dict[str, Doubles]:
        return {name: column[region[0]] for name, column in zip(self.names, self.columns, strict=True)}

    def identity(self) -> Record:
        pairs = zip(self.names, self.columns, strict=True)
        return {"kind": "points", **{name: [len(c), _hash(c)] for name, c in pairs}}

    def distinct(self, name: str) -> int:
        return self.shape[0]


def read_points(path: str | os.PathLike[str]) -> Points:
    """Read points from a CSV file with a head line of parameter names.

    Raises InputError with the line for a file that is wrong in any way.
    """
    where = f"points file {shorten(path, 300)}"
    try:
        with open(path, "rb") as stream:
            raw = stream.read(MAX_CSV_BYTES + 1)
        text = raw.decode("utf-8-sig")
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or type(error).__name__}).") from None
    except UnicodeDecodeError:
        raise InputError(f"{where}: it is not UTF-8 text; save it as CSV in UTF-8.") from None
    if len(raw) > MAX_CSV_BYTES:
        raise InputError(f"{where}: larger than {MAX_CSV_BYTES >> 20} MB; split it up.")
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        names = [name.strip() for name in next(reader, [])]
        if not names or len(set(names)) < len(names) or not all(names):
            raise InputError(
                f"{where}: the first line names the parameters, each once; found {shorten(names)}."
            )
        columns: list[list[float]] = [[] for _ in names]
        for row in reader:
            if not row:
                continue
            if len(row) != len(names):
                raise InputError(
                    f"{where}, line {reader.line_num}: {len(row)} values, but {len(names)} names."
                )
            for column, name, value in zip(columns, names, row, strict=True):
                column.append(_number(value, f"{where}, line {reader.line_num}: {shorten(name)}"))
    except csv.Error as error:
        raise InputError(f"{where}, line {reader.line_num}: not CSV ({error}).") from None
    if not columns[0]:
        raise InputError(f"{where}: it holds no points.")
    return Points.of(dict(zip(names, columns, strict=True)))


def _number(text: str, where: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{where} is {shorten(text)}, not a finite number.")
    return value


def _column(value: Any, name: str) -> Doubles:
    import numpy as np

    try:
        out = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        raise UsageError(f"The values of {shorten(name)} are not real numbers.") from None
    if out.ndim != 1 or not out.size or not np.all(np.isfinite(out)):
        raise UsageError(f"The values of {shorten(name)} are not a list of finite numbers with at least one.")
    return out


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
