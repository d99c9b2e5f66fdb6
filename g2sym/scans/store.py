"""A scan's folder: arrays in Zarr format 3, written chunk by chunk, each whole or not at all.

The files are plain (no compression), so they are written here without a library; any Zarr reader opens them.
A chunk of the scan is one chunk of every result array. Its files are written first, each beside its place and
then moved there; the last one is its line in the array ``ledger``, the SHA-256 of the others. A chunk is
finished when that line is there, so a scan that is killed at any moment loses at most the chunks in hand.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.base.files import PART, part_of, write_atomically
from g2sym.errors import InputError, UsageError, shorten

if TYPE_CHECKING:
    from numpy.typing import NDArray

KIND = "g2sym scan"
SCHEMA = 1
LEDGER = "ledger"
MAX_HEADER = 1 << 24
_FILL = {"float64": "NaN", "uint8": 0}


@dataclass(frozen=True)
class Layout:
    """An array of a store: ``dtype`` ("float64" or "uint8"), shape, shape of a chunk, names of its axes."""

    dtype: str
    shape: tuple[int, ...]
    chunks: tuple[int, ...]
    axes: tuple[str, ...]

    def metadata(self) -> dict[str, Any]:
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


class Store:
    """An open folder; made by `create` or `open_store`, to be used in a ``with`` statement."""

    def __init__(
        self, path: Path, header: Mapping[str, Any], arrays: Mapping[str, Layout], lock: int | None
    ) -> None:
        self.path, self.header, self.arrays = path, header, dict(arrays)
        self._lock = lock

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    # chunks -------------------------------------------------------------------------------------
    def write(self, number: int, place: Sequence[int], values: Mapping[str, NDArray[Any]]) -> None:
        """Write a chunk: the result arrays, then its line in the ledger.

        Parameters: ``number`` of the chunk; ``place``, its place in the grid of chunks; ``values`` by array.
        Raises UsageError when the disk is full or does not let us write; finished chunks stay as they are.
        """
        digest = hashlib.sha256()
        with _named(self.path):
            for name in sorted(values):
                layout = self.arrays[name]
                raw = layout.encode(values[name])
                digest.update(raw)
                _replace(self._file(name, place, layout), raw)
            _replace(self._line(number), digest.digest())

    def finished(self, places: Mapping[int, Sequence[int]], results: Sequence[str]) -> set[int]:
        """Return the numbers of the finished chunks, each compared with its line in the ledger.

        Raises InputError for a finished chunk whose files are missing or changed.
        """
        done = set()
        for number, place in places.items():
            line = _read(self._line(number))
            if line is None:
                continue
            digest = hashlib.sha256()
            good = len(line) == hashlib.sha256().digest_size
            for name in sorted(results):
                raw = _read(self._file(name, place, self.arrays[name]))
                good = good and raw is not None
                digest.update(raw or b"")
            if not good or digest.digest() != line:
                raise InputError(
                    f"{shorten(self.path, 300)}: chunk {number} is damaged; remove "
                    f"{shorten(self._line(number), 300)} to have it computed anew with --resume."
                )
            done.add(number)
        return done

    def read(self, name: str) -> NDArray[Any]:
        """Return a whole array; chunks that are not there hold NaN or 0."""
        import numpy as np

        from g2sym.scans.plans import regions

        layout = self.arrays[name]
        fill = np.nan if layout.dtype == "float64" else 0
        out = np.full(layout.shape, fill, layout.dtype)
        for place, region in regions(layout.shape, layout.chunks):
            raw = _read(self._path(name, place))
            if raw is None:
                continue
            if len(raw) != layout.chunk_bytes:
                raise InputError(f"{shorten(self.path, 300)}: a chunk of {name} is damaged.")
            here = out[region]
            here[...] = layout.decode(raw)[tuple(slice(0, n) for n in here.shape)]
        return out

    def clean(self) -> None:
        """Remove what a killed scan left half-written."""
        for file in self.path.glob(f"*/c/**/.*{PART}"):
            with contextlib.suppress(OSError):
                file.unlink()

    def _file(self, name: str, place: Sequence[int], layout: Layout) -> Path:
        # an array may have more axes than the scan, each of them one chunk long
        return self._path(name, (*place, *[0] * (len(layout.shape) - len(place))))

    def _path(self, name: str, place: Sequence[int]) -> Path:
        return self.path.joinpath(name, "c", *map(str, place))

    def _line(self, number: int) -> Path:
        return self._path(LEDGER, (number, 0))


def create(
    path: str | os.PathLike[str],
    header: Mapping[str, Any],
    arrays: Mapping[str, Layout],
    columns: Mapping[str, NDArray[Any]],
) -> Store:
    """Make a new store, whole or not at all.

    Parameters: ``header``, JSON-ready; ``arrays`` by name; ``columns``, arrays of one chunk that are known
    already (the axes of a grid).
    Raises UsageError when something is there already, or when nothing can be written.
    """
    target = Path(path)
    if os.path.lexists(target):
        raise UsageError(
            f"{shorten(target, 300)} exists; continue that scan with --resume, or choose another place."
        )
    temporary = Path(part_of(target))
    with _named(target):
        try:
            temporary.mkdir()
            document = {"zarr_format": 3, "node_type": "group", "attributes": {"g2sym": dict(header)}}
            _replace(temporary / "zarr.json", _json(document))
            for name, layout in arrays.items():
                (temporary / name).mkdir()
                _replace(temporary / name / "zarr.json", _json(layout.metadata()))
            for name, values in columns.items():
                _replace(temporary.joinpath(name, "c", "0"), arrays[name].encode(values))
            os.rename(temporary, target)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
    return Store(target, header, arrays, _lock(target))


def open_store(path: str | os.PathLike[str], *, write: bool = False) -> Store:
    """Open a store; ``write`` takes a lock, so that no two scans write into one folder.

    Raises InputError for a folder that is missing, foreign or damaged, UsageError when it is in use or
    cannot be written.
    """
    folder = Path(path)
    where = shorten(folder, 300)
    if not folder.is_dir():
        raise InputError(f"{where}: there is no such folder.")
    document = _document(folder / "zarr.json", where)
    header = document.get("attributes", {})
    header = header.get("g2sym") if isinstance(header, dict) else None
    if not isinstance(header, dict) or header.get("kind") != KIND:
        raise InputError(f"{where}: this folder does not hold a scan; choose another place.")
    if header.get("schema") != SCHEMA:
        raise InputError(f"{where}: a scan of another schema than {SCHEMA}; begin a new one.")
    arrays = {}
    try:
        for name, table in header["arrays"].items():
            shape, chunks = tuple(map(int, table["shape"])), tuple(map(int, table["chunks"]))
            arrays[name] = Layout(str(table["dtype"]), shape, chunks, tuple(map(str, table["axes"])))
        for name, layout in arrays.items():
            if not name.isidentifier() or _document(folder / name / "zarr.json", where) != layout.metadata():
                raise InputError(
                    f"{where}: the array {shorten(name)} is not what the scan made; it is damaged."
                )
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{where}: its header is damaged; begin a new scan.") from None
    if write:
        if not os.access(folder, os.W_OK):
            raise UsageError(f"{where}: writing to this folder is not permitted; choose another place.")
        return Store(folder, header, arrays, _lock(folder))
    return Store(folder, header, arrays, None)


def _document(path: Path, where: str) -> dict[str, Any]:
    raw = _read(path, MAX_HEADER)
    try:
        found = json.loads(raw) if raw is not None else None
    except (ValueError, RecursionError):
        raise InputError(f"{where}: {path.name} is damaged.") from None
    if not isinstance(found, dict):
        raise InputError(f"{where}: this folder does not hold a scan (no {shorten(path.name)}).")
    return found


def _read(path: Path, most: int | None = None) -> bytes | None:
    try:
        with open(path, "rb") as stream:
            return stream.read() if most is None else stream.read(most)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{shorten(path, 300)} cannot be read ({reason}).") from None


def _json(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, sort_keys=True, indent=1, allow_nan=False).encode()


def _replace(path: Path, raw: bytes) -> None:
    """Write a file beside its place and move it there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, lambda stream: stream.write(raw), durable=True)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Turn what the system says into a sentence."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            what = "the disk is full; free some space, then continue with --resume"
        elif error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
            what = "writing is not permitted; choose another place"
        else:
            what = f"{error.strerror or type(error).__name__}; choose another place"
        raise UsageError(f"{shorten(path, 300)} could not be written: {what}.") from None


def _lock(folder: Path) -> int | None:
    """Hold the folder for this process; the system lets go of it however the process ends."""
    try:
        import fcntl
    except ImportError:  # no such locks on this platform
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise UsageError(
            f"{shorten(folder, 300)} is in use by another scan; wait until it has ended."
        ) from None
    return handle
