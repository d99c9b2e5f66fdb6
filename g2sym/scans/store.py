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
from pathlib import Path
from typing import TYPE_CHECKING, Any

from g2sym.base import arguments
from g2sym.base.files import PART, open_regular, part_of, write_atomically
from g2sym.base.memory import memory, size_text
from g2sym.constraints.maps import STATES
from g2sym.errors import InputError, UsageError, shorten
from g2sym.scans.layout import DIGEST, LEDGER, Layout, read_layouts
from g2sym.scans.plans import regions

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from g2sym.base.types import Columns, Entries, Record

KIND = "g2sym scan"
SCHEMA = 1
MAX_HEADER = 1 << 24


class Store:
    """An open folder; made by `create` or `open_store`, to be used in a ``with`` statement."""

    def __init__(
        self,
        path: Path,
        header: Entries,
        arrays: Mapping[str, Layout],
        results: Sequence[str],
        lock: int | None,
    ) -> None:
        self.path, self.header, self.arrays, self.results = path, header, dict(arrays), tuple(results)
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

    def finished(self, places: Mapping[int, Sequence[int]]) -> set[int]:
        """Return the numbers of the finished chunks, each compared with its line in the ledger.

        Raises InputError for a finished chunk whose files are missing or changed.
        """
        return {number for number, place in places.items() if self._chunk(number, place) is not None}

    def _chunk(self, number: int, place: Sequence[int]) -> dict[str, bytes] | None:
        """Return a finished chunk's bytes as its line in the ledger states them, None for another chunk."""
        line = _read(self._line(number), DIGEST + 1)
        if line is None:
            return None
        digest = hashlib.sha256()
        found: dict[str, bytes] = {}
        for name in sorted(self.results):
            layout = self.arrays[name]
            raw = _read(self._file(name, place, layout), layout.chunk_bytes + 1)
            if raw is not None and len(raw) == layout.chunk_bytes:
                found[name] = raw
                digest.update(raw)
        if len(found) < len(self.results) or digest.digest() != line:
            raise InputError(
                f"{shorten(self.path, 300)}: chunk {number} is damaged; remove "
                f"{shorten(self._line(number), 300)} to have it computed anew with --resume."
            )
        return found

    def load(self) -> Columns:
        """Return every array but the ledger; chunks that are not finished hold NaN or 0.

        Raises InputError for a chunk that is not what the ledger states, and for arrays that do not fit
        into memory.
        """
        import numpy as np

        where = shorten(self.path, 300)
        names = [name for name in self.arrays if name != LEDGER]
        need = sum(self.arrays[name].whole_bytes for name in names)
        most = memory()
        if need > most:
            raise InputError(
                f"{where}: its arrays take {size_text(need)}, more than the {size_text(most)} of this "
                "machine; read them in parts with another Zarr reader."
            )
        out: Columns = {}
        for name in names:
            layout = self.arrays[name]
            out[name] = np.full(layout.shape, np.nan if layout.dtype == "float64" else 0, layout.dtype)
        for name in names:
            if name not in self.results:
                out[name][...] = self.axis(name)
        main = self.arrays[min(self.results, key=lambda name: len(self.arrays[name].shape))]
        for number, (place, region) in enumerate(regions(main.shape, main.chunks)):
            for name, raw in (self._chunk(number, place) or {}).items():
                here = out[name][region]
                here[...] = self.arrays[name].decode(raw)[tuple(slice(0, n) for n in here.shape)]
        if "verdict" in out and out["verdict"].max() >= len(STATES):
            raise InputError(f"{where}: a verdict is none of {', '.join(STATES)}; the scan is damaged.")
        return out

    def axis(self, name: str) -> NDArray[Any]:
        """Return an axis of a grid; raises InputError when it is not the one the header states."""
        layout = self.arrays[name]
        raw = _read(self._path(name, (0,)), layout.chunk_bytes + 1)
        stated = self.header["request"]["plan"][name][1]
        if raw is None or len(raw) != layout.chunk_bytes or hashlib.sha256(raw).hexdigest() != stated:
            raise InputError(f"{shorten(self.path, 300)}: the axis {name} is damaged; begin a new scan.")
        return layout.decode(raw)

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
    header: Entries,
    arrays: Mapping[str, Layout],
    columns: Mapping[str, NDArray[Any]],
) -> Store:
    """Make a new store, whole or not at all.

    Parameters: ``header``, JSON-ready; ``arrays`` by name; ``columns``, arrays of one chunk that are known
    already (the axes of a grid).
    Raises UsageError when something is there already, or when nothing can be written.
    """
    target = Path(arguments.path(path, "output"))
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
    results = tuple(name for name in arrays if name != LEDGER and name not in columns)
    return Store(target, header, arrays, results, _lock(target))


def open_store(path: str | os.PathLike[str], *, write: bool = False) -> Store:
    """Open a store; ``write`` takes a lock, so that no two scans write into one folder.

    Raises InputError for a folder that is missing, foreign or damaged, UsageError when it is in use or
    cannot be written.
    """
    folder = Path(arguments.path(path, "path"))
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
    arrays, results = read_layouts(header, where)
    for name, layout in arrays.items():
        if _document(folder / name / "zarr.json", where) != layout.metadata():
            raise InputError(f"{where}: the array {shorten(name)} is not what the scan made; it is damaged.")
    if write:
        if not os.access(folder, os.W_OK):
            raise UsageError(f"{where}: writing to this folder is not permitted; choose another place.")
        return Store(folder, header, arrays, results, _lock(folder))
    return Store(folder, header, arrays, results, None)


def _document(path: Path, where: str) -> Record:
    raw = _read(path, MAX_HEADER)
    try:
        found = json.loads(raw) if raw is not None else None
    except (ValueError, RecursionError):
        raise InputError(f"{where}: {path.name} is damaged.") from None
    if not isinstance(found, dict):
        raise InputError(f"{where}: this folder does not hold a scan (no {shorten(path.name)}).")
    return found


def _read(path: Path, most: int) -> bytes | None:
    """Return at most so many bytes of a regular file, None where there is none."""
    try:
        with open_regular(path) as stream:
            return stream.read(most)
    except FileNotFoundError:
        return None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{shorten(path, 300)} cannot be read ({reason}).") from None


def _json(document: Entries) -> bytes:
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
