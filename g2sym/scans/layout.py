"""The arrays of a scan's folder: how each is cut and encoded, and whether a header can be believed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from g2sym.errors import InputError, shorten
from g2sym.lagrangian.fields import LEPTONS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from g2sym.base.types import Entries, Record

LEDGER = "ledger"
DIGEST = 32
"""Bytes of a SHA-256."""
MAX_AXES = 64
MAX_CHUNKS = 1 << 22
"""Most chunks of a scan: each is a line in the ledger."""
_FILL = {"float64": "NaN", "uint8": 0}
_BYTES = {"count": "uint8", "verdict": "uint8", "reason": "uint8"}
"""The results that are no doubles."""


@dataclass(frozen=True)
class Layout:
    """An array of a store: ``dtype`` ("float64" or "uint8"), shape, shape of a chunk, names of its axes."""

    dtype: str
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    axes: tuple[str, ...]

    def metadata(self) -> Record:
        """Return the array's zarr.json."""
        endian = {"configuration": {"endian": "little"}} if self.dtype != "uint8" else {}
        return {
            "zarr_format": 3,
            "node_type": "array",
            "shape": list(self.shape),
            "data_type": self.dtype,
            "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": list(self.chunks)}},
            "chunk_key_encoding": {"name": "default", "configuration": {"separator": "/"}},
            "fill_value": _FILL[self.dtype],
            "codecs": [{"name": "bytes", **endian}],
            "attributes": {},
            "dimension_names": list(self.axes),
        }

    def encode(self, values: NDArray[Any]) -> bytes:
        """Return a chunk's bytes; chunks at the far end are filled up."""
        import numpy as np

        fill = np.nan if self.dtype == "float64" else 0
        whole = np.full(self.chunks, fill, self.dtype)
        whole[tuple(slice(0, n) for n in values.shape)] = values
        return whole.astype("<f8" if self.dtype == "float64" else "|u1").tobytes()

    def decode(self, raw: bytes) -> NDArray[Any]:
        """Return a chunk as an array."""
        import numpy as np

        return np.frombuffer(raw, "<f8" if self.dtype == "float64" else "|u1").reshape(self.chunks)

    @property
    def chunk_bytes(self) -> int:
        """The size of a chunk's file."""
        size = 8 if self.dtype == "float64" else 1
        for n in self.chunks:
            size *= n
        return size

    @property
    def whole_bytes(self) -> int:
        """The size of the array in memory."""
        return (8 if self.dtype == "float64" else 1) * math.prod(self.shape)

    @property
    def chunk_count(self) -> int:
        """How many chunks there are."""
        return math.prod(-(-n // c) for n, c in zip(self.shape, self.chunks, strict=True))


def read_layouts(header: Entries, where: str) -> tuple[dict[str, Layout], tuple[str, ...]]:
    """Return the arrays that a header declares, and the names of those that the ledger covers.

    Raises InputError, with ``where`` in front, for a header that breaks a rule of what scans write.
    """
    try:
        return _layouts(header)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        rule = f" ({error})" if type(error) is ValueError and error.args else ""
        raise InputError(f"{where}: its header is damaged{rule}; begin a new scan.") from None


def _layouts(header: Entries) -> tuple[dict[str, Layout], tuple[str, ...]]:
    arrays: dict[str, Layout] = {}
    for name, table in header["arrays"].items():
        if not name.removesuffix(f"[{_quoted_for(name)}]").isidentifier():
            raise ValueError(f"{shorten(name)} is no name of an array")
        shape, chunks = _sizes(table["shape"], name), _sizes(table["chunks"], name)
        axes, dtype = table["axes"], table["dtype"]
        if type(dtype) is not str or dtype not in _FILL:
            raise ValueError(f"the type of {name} is neither float64 nor uint8")
        if not isinstance(axes, list) or not all(isinstance(axis, str) for axis in axes):
            raise ValueError(f"the axes of {name} have no names")
        if not len(shape) == len(chunks) == len(axes) or any(map(int.__gt__, chunks, shape)):
            raise ValueError(f"the shape of {name} does not fit its chunks and axes")
        arrays[name] = Layout(dtype, shape, chunks, tuple(axes))
    request = header["request"]
    plan = request["plan"]
    columns = tuple(plan["order"]) if plan["kind"] == "grid" else ()
    results = tuple(name for name in arrays if name != LEDGER and name not in columns)
    main = next((arrays[n] for n in ("count", "delta_a", "value") if n in results), None)
    if main is None:
        raise ValueError("it names no results")
    for name in columns:
        size, digest = plan[name]
        if arrays[name].shape != (size,) or arrays[name].dtype != "float64" or not isinstance(digest, str):
            raise ValueError(f"the axis {name} is not that of the grid")
    if columns and main.shape != tuple(arrays[name].shape[0] for name in columns):
        raise ValueError("the results do not have the shape of the grid")
    rank = len(main.shape)
    for name in results:
        layout = arrays[name]
        if layout.dtype != _BYTES.get(name, "float64"):
            raise ValueError(f"{name} is not of its type")
        if (layout.shape[:rank], layout.chunks[:rank]) != (main.shape, main.chunks):
            raise ValueError(f"{name} is not cut as the other results are")
        if layout.shape[rank:] != layout.chunks[rank:]:
            raise ValueError(f"{name} is cut along an axis of its own")
    count = main.chunk_count
    if count > MAX_CHUNKS or arrays[LEDGER] != Layout(
        "uint8", (count, DIGEST), (1, DIGEST), ("chunk", "digest")
    ):
        raise ValueError("the ledger does not fit the results")
    return arrays, results


def _quoted_for(name: str) -> str:
    """Return the charged lepton that a name has in brackets, e in y[e]; empty where there is none."""
    return next((lepton for lepton in LEPTONS if name.endswith(f"[{lepton}]")), "")


def _sizes(value: Any, name: str) -> tuple[int, ...]:
    good = isinstance(value, list) and 1 <= len(value) <= MAX_AXES
    if not good or not all(type(n) is int and 1 <= n < 1 << 48 for n in value):
        raise ValueError(f"the sizes of {name} are not whole numbers of at least 1")
    return tuple(value)
