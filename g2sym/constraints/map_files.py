"""Maps on disk: one checked npz file with the quadtree, packed masks and the record; never a pickle."""

from __future__ import annotations

import json
import os
import zipfile
from typing import TYPE_CHECKING, BinaryIO

from g2sym.base import arguments
from g2sym.base.exact import read_number
from g2sym.base.files import open_regular
from g2sym.constraints.maps import BAND, MAX_DEPTH, ExclusionMap, starts
from g2sym.constraints.planes import Axis
from g2sym.constraints.quadtree import ALLOWED, EXCLUDED, Leaves
from g2sym.errors import G2symError, InputError, shorten

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from g2sym.base.types import Columns, Record

SCHEMA = 1
KIND = "g2sym exclusion map"
MAX_BYTES = 1 << 32
"""Most bytes that the parts of a map file may unpack to."""
_TYPES = {
    "x_edges": "<f8", "y_edges": "<f8", "level": "|u1", "column": "<u4", "row": "<u4", "state": "|u1",
    "allowed": "|u1", "excluded": "|u1", "header": "|u1",
}  # fmt: skip
_STAMP = (1980, 1, 1, 0, 0, 0)


def write_map(found: ExclusionMap, stream: BinaryIO, mask: int | None = None) -> None:
    """Write a map as an npz file, the same bytes for the same map.

    Parameters: ``stream``, binary; ``mask``, the resolution of the packed masks (a power of two, by default
    that of the map but at most 4096). The members: ``header`` (JSON: axes, units of the record, condition),
    ``x_edges``, ``y_edges``, the leaves ``level``, ``column``, ``row``, ``state``, and ``allowed`` and
    ``excluded``, one bit a pixel, `numpy.packbits` along each row, row 0 at the bottom.
    """
    import numpy as np

    size = min(found.resolution, 4096) if mask is None else mask
    depth = found._depth_of(size)
    header = {"schema": SCHEMA, "kind": KIND, "mask_resolution": size, "map": found.as_dict()}
    plain = {
        "header": np.frombuffer(json.dumps(header, sort_keys=True, allow_nan=False).encode(), np.uint8),
        "x_edges": found.x_edges,
        "y_edges": found.y_edges,
        **{name: getattr(found.leaves, name) for name in ("level", "column", "row", "state")},
    }
    width = (size + 7) // 8
    tall = max(0, min(depth, (BAND // size).bit_length() - 1))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in plain.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _STAMP), "w") as member:
                np.lib.format.write_array(
                    member, np.ascontiguousarray(array, _TYPES[name]), allow_pickle=False
                )
        for name, state in (("allowed", ALLOWED), ("excluded", EXCLUDED)):
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _STAMP), "w", force_zip64=True) as member:
                shape = {"descr": "|u1", "fortran_order": False, "shape": (size, width)}
                np.lib.format.write_array_header_1_0(member, shape)
                for band in range(size >> tall):
                    rows = found.mask(size, (tall, band)) == state
                    member.write(np.packbits(rows, axis=1).tobytes())
    for info in archive.filelist:
        info.compress_type = zipfile.ZIP_DEFLATED


def load_map(path: str | os.PathLike[str]) -> ExclusionMap:
    """Read a map file and check it: types, edges, that the cells tile the plane, that the masks agree.

    Raises InputError for a file that is missing, foreign, damaged or too large.
    """
    where = f"map file {shorten(arguments.path(path, 'path'), 300)}"
    try:
        parts = _members(path, where)
        header = json.loads(bytes(parts["header"]))
        if not isinstance(header, dict) or header.get("kind") != KIND or header.get("schema") != SCHEMA:
            raise InputError(f"{where}: not a map of schema {SCHEMA}; write it anew.")
        body = header["map"]
        axes = [_axis(body.pop(key), where) for key in ("x", "y")]
        size = header["mask_resolution"]
        keep = [body.pop(k) for k in ("lepton", "measurement", "window")]
        _condition(keep[1], keep[2], where)
        for key in ("resolution", "areas", "cells"):
            body.pop(key)
        leaves = Leaves(*(parts[name] for name in ("level", "column", "row", "state")))
        found = ExclusionMap(
            axes[0], axes[1], parts["x_edges"], parts["y_edges"], leaves, keep[0], keep[1], keep[2], body
        )
        _check(found, parts, size, where)
    except InputError:
        raise
    except OSError as error:
        raise InputError(f"{where}: cannot be read ({error.strerror or type(error).__name__}).") from None
    except (
        G2symError, KeyError, ValueError, TypeError, AttributeError, IndexError, EOFError,
        zipfile.BadZipFile, NotImplementedError, RecursionError, RuntimeError, MemoryError,
    ) as error:  # fmt: skip
        raise InputError(f"{where}: damaged or not a map ({type(error).__name__}); write it anew.") from None
    return found


def _members(path: str | os.PathLike[str], where: str) -> Columns:
    import numpy as np

    out: Columns = {}
    with open_regular(path) as stream, zipfile.ZipFile(stream) as archive:
        infos = {info.filename: info for info in archive.infolist()}
        if set(infos) != {f"{name}.npy" for name in _TYPES}:
            raise InputError(f"{where}: not a map; its members are not those of one.")
        if sum(info.file_size for info in infos.values()) > MAX_BYTES:
            raise InputError(f"{where}: larger than a map may be; make it with a smaller mask.")
        for name, kind in _TYPES.items():
            with archive.open(infos[f"{name}.npy"]) as member:
                out[name] = np.lib.format.read_array(member, allow_pickle=False)
                member.read()  # to the end, so that the checksum is compared
            if out[name].dtype.str != kind:
                raise InputError(f"{where}: {name} holds {out[name].dtype.str}, not {kind}.")
    return out


def _axis(table: Record, where: str) -> Axis:
    low, high = (read_number(table[end], f"{where}: {end}") for end in ("low", "high"))
    return Axis.read((table["name"], low, high, table["scale"]), where)


def _condition(measurement: Record, window: Record, where: str) -> None:
    """Refuse a measurement without a name, and a window whose numbers are none or beyond all bounds."""
    if not all(isinstance(text, str) for text in (measurement["name"], window["criterion"])):
        raise InputError(f"{where}: the measurement or its criterion has no name; the file is damaged.")
    for key in ("low", "high", "n_sigma"):
        if key != "n_sigma" or window[key] is not None:
            read_number(window[key], f"{where}: {key}")


def _check(found: ExclusionMap, parts: Columns, size: int, where: str) -> None:
    import numpy as np

    count = len(found.x_edges) - 1
    same = found.x_edges.shape == found.y_edges.shape == (count + 1,)
    if not same or count & (count - 1) or not 1 <= count <= 1 << MAX_DEPTH:
        raise InputError(f"{where}: its axes do not have a power of two of cells.")
    for axis, edges in ((found.x, found.x_edges), (found.y, found.y_edges)):
        ends = (edges[0], edges[-1]) == (float(axis.low), float(axis.high))
        if not ends or not np.all(np.isfinite(edges)) or not np.all(np.diff(edges) > 0):
            raise InputError(f"{where}: the edges of {shorten(axis.name)} do not rise from end to end.")
    leaves = found.leaves
    if not leaves.level.shape == leaves.column.shape == leaves.row.shape == leaves.state.shape:
        raise InputError(f"{where}: its lists of cells differ in length.")
    level = leaves.level.astype(np.int64)
    limits = np.left_shift(1, np.minimum(level, 40))
    begin = starts(leaves, found.depth)
    size_of = np.left_shift(
        np.uint64(1), (2 * (found.depth - np.minimum(level, found.depth))).astype(np.uint64)
    )
    expected = np.concatenate((np.zeros(1, np.uint64), np.cumsum(size_of)))
    good = (level <= found.depth).all() and (leaves.column < limits).all() and (leaves.row < limits).all()
    if (
        not good
        or (leaves.state > 2).any()
        or (begin != expected[:-1]).any()
        or expected[-1] != count * count
    ):
        raise InputError(f"{where}: its cells do not tile the plane; it is damaged.")
    depth = found._depth_of(size)
    tall = max(0, min(depth, (BAND // size).bit_length() - 1))
    for name, state in (("allowed", ALLOWED), ("excluded", EXCLUDED)):
        if parts[name].shape != (size, (size + 7) // 8):
            raise InputError(f"{where}: the mask '{name}' has another shape than its header says.")
        for band in range(size >> tall):
            rows = np.packbits(found.mask(size, (tall, band)) == state, axis=1)
            if not np.array_equal(rows, parts[name][band << tall : (band + 1) << tall]):
                raise InputError(f"{where}: the mask '{name}' contradicts the cells; the file is damaged.")


def unpack(parts: NDArray[np.uint8], size: int) -> NDArray[np.bool_]:
    """Return a packed mask as booleans [row, column]."""
    import numpy as np

    return np.unpackbits(parts, axis=1, count=size).astype(bool)
