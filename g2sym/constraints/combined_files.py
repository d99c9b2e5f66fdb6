"""Combined maps on disk: cells as plain numpy arrays, regions as polygons, categories as a table."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING, BinaryIO

from g2sym.base.exact import decimal_text
from g2sym.constraints.combined_maps import ALL, CombinedMap
from g2sym.constraints.maps import STATES, ExclusionMap
from g2sym.constraints.polygons import polygons

if TYPE_CHECKING:
    from g2sym.base.types import Record

SCHEMA = 1
KIND = "g2sym combined map"
_TYPES = {"x_edges": "<f8", "y_edges": "<f8", "level": "|u1", "column": "<u4", "row": "<u4", "states": "|u1",
          "state": "|u1", "header": "|u1"}  # fmt: skip
_STAMP = (1980, 1, 1, 0, 0, 0)


def write_combined(found: CombinedMap, stream: BinaryIO) -> None:
    """Write a combined map as an npz file for `numpy.load`, the same bytes for the same map.

    Parameters: ``stream``, binary. The members: ``header`` (JSON in bytes: axes, measurements in the order of
    ``states``, record), ``x_edges``, ``y_edges``, the cells ``level``, ``column``, ``row`` in Morton order,
    ``states`` [measurement, cell] and ``state`` of all together (0 undecided, 1 allowed, 2 excluded).
    """
    import numpy as np

    header = {"schema": SCHEMA, "kind": KIND, "map": found.as_dict(), "measurements": list(found.names)}
    leaves = found.whole.leaves
    parts = {
        "header": np.frombuffer(json.dumps(header, sort_keys=True, allow_nan=False).encode(), np.uint8),
        "x_edges": found.whole.x_edges,
        "y_edges": found.whole.y_edges,
        **{name: getattr(leaves, name) for name in ("level", "column", "row", "state")},
        "states": found.states,
    }
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, array in parts.items():
            with archive.open(zipfile.ZipInfo(f"{name}.npy", _STAMP), "w") as member:
                np.lib.format.write_array(
                    member, np.ascontiguousarray(array, _TYPES[name]), allow_pickle=False
                )
    for info in archive.filelist:
        info.compress_type = zipfile.ZIP_DEFLATED


def combined_polygons(found: CombinedMap, resolution: int | None = None) -> Record:
    """Return the regions of every measurement, and of all together, as a GeoJSON feature collection.

    Parameters: ``resolution`` as for `g2sym.constraints.polygons.polygons`. Each feature has the name of its
    ``measurement`` (``"all"`` for the intersection) and its ``state``.
    """
    features, size = [], 0
    for at, (name, own) in enumerate([*zip(found.names, found.maps, strict=True), (ALL, found.whole)]):
        part = polygons(own, resolution)
        size = part["g2sym"]["mask_resolution"]
        for feature in part["features"]:
            state = feature["properties"]["state"]
            word = state if name == ALL else found.word(at, STATES.index(state))
            features.append({**feature, "properties": {**feature["properties"], "measurement": name,
                                                       "state": word}})  # fmt: skip
    record = {**found.as_dict(), "mask_resolution": size}
    return {"type": "FeatureCollection", "g2sym": record, "features": features}


def write_categories(found: CombinedMap | ExclusionMap, stream: BinaryIO) -> None:
    """Write the categories of a plane as CSV: states by measurement, and the fraction of the plane.

    Parameters: ``found``, of several measurements or of one; ``stream``, binary. ``all`` is the state of all
    measurements together.
    """
    import csv

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    if isinstance(found, ExclusionMap):
        writer.writerow([_cell(str(found.measurement["name"])), "area"])
        writer.writerows([name, decimal_text(area)] for name, area in found.areas.items())
    else:
        writer.writerow([*map(_cell, found.names), ALL, "area"])
        for words, area in found.categories.items():
            writer.writerow([*words, found.together(words), decimal_text(area)])
    text.detach()


def _cell(text: str) -> str:
    # a spreadsheet takes a cell that begins like this for a formula
    return f"'{text}" if text[:1] in "=+-@" else text
