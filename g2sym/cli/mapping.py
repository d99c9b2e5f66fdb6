"""What ``g2sym map`` does with several measurements."""

from __future__ import annotations

import json
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO

from g2sym.base.sentences import statement
from g2sym.cli import reading
from g2sym.cli.answers import Answer
from g2sym.cli.output import Output
from g2sym.observables.flavours import flavour_lines

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.constraints.combined import Combination
    from g2sym.constraints.combined_maps import CombinedMap
    from g2sym.constraints.planes import Axis

CATEGORIES = 12
"""Most categories that the text shows; the files and the JSON have all."""


def combined(
    combination: Combination,
    axes: Sequence[Axis],
    fixed: dict[str, Fraction],
    resolution: int,
    undecided: float,
    mask: int | None,
    outputs: Sequence[tuple[str, str]],
) -> Answer:
    """Return the answer of ``g2sym map`` for several measurements.

    Parameters: ``outputs``, paths with their suffixes; the others as `Combination.map` describes them.
    """
    found = combination.map(*axes, resolution=resolution, undecided=undecided, params=dict(fixed))
    if mask is not None:
        found.whole.mask(mask, (0, 0))  # refused before anything is written
    document = {
        **found.as_dict(),
        "units": reading.units_of(found.conditions[0].observable),
        "versions": ["numpy"],
    }
    files = [_file(path, kind, found, mask) for path, kind in outputs]
    return Answer(document, _text(found), files)


def _file(path: str, kind: str, found: CombinedMap, mask: int | None) -> Output:
    def write(stream: BinaryIO) -> None:
        from g2sym.constraints import combined_files

        if kind == ".npz":
            combined_files.write_combined(found, stream)
        elif kind == ".csv":
            combined_files.write_categories(found, stream)
        elif kind == ".json":
            document: Record = combined_files.combined_polygons(found, mask)
            document["g2sym"] |= {"units": reading.units_of(found.conditions[0].observable)}
            stream.write(json.dumps(document, sort_keys=True, allow_nan=False).encode())
        else:
            from g2sym.drawing.formats import FORMATS
            from g2sym.drawing.style import save
            from g2sym.show.combined import draw_combined_map

            save(lambda: draw_combined_map(found), stream, FORMATS[kind])

    return Output(path, write)


def _text(found: CombinedMap) -> str:
    from g2sym.drawing.tables import table

    fixed = "".join(f", {n} = {v}" for n, v in found.record.get("values", {}).items())
    plane, many = f"{found.x.name} and {found.y.name}", f"{len(found.conditions)} measurements"
    lines = [
        f"{found.record['model']}: {plane} from {many}{fixed}",
        *(f"  {one.name}, {one.level}: {one.window.meaning}" for one in found.conditions),
        f"{found.resolution} x {found.resolution} cells, {len(found.whole.leaves.level)} after merging:",
        *flavour_lines(found.record),
        "",
    ]
    body = [[*words, found.together(words), f"{float(area):.6g}"] for words, area in found.categories.items()]
    lines.append(table([*found.names, "all", "of the plane"], body[:CATEGORIES]))
    if len(body) > CATEGORIES:
        lines.append(
            f"({CATEGORIES} of {len(body)} categories, the largest; -o FILE.csv or --json gives all)"
        )
    for one, own in zip(found.conditions, found.maps, strict=True):
        lines += [
            f"  {one.name}: {float(area):.6g} undecided where {statement(why)}" for why, area in own.reasons
        ]
    areas = ", ".join(
        f"{name} {float(found.areas[name]):.6g}" for name in ("allowed", "excluded", "undecided")
    )
    lines.append(f"all together: {areas} of the plane")
    if found.sentence:
        lines.append(found.sentence)
    return "\n".join([*lines, *found.record.get("announcements", ())])
