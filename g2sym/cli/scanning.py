"""What ``g2sym scan`` does with several measurements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from g2sym.cli import reading
from g2sym.cli.answers import Answer
from g2sym.cli.rows import with_unit
from g2sym.observables.flavours import flavour_lines

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.scans.several import CombinedScan


def answer(found: CombinedScan) -> Answer:
    """Return the answer of ``g2sym scan`` for several measurements."""
    units = reading.units_of(found.conditions[0].observable)
    document: Record = {**found.as_dict(), "units": units, "versions": ["numpy"]}
    return Answer(document, _text(document, units))


def _text(document: Record, units: Mapping[str, str]) -> str:
    from g2sym.drawing.tables import table

    shape = " x ".join(map(str, document["shape"]))
    lines = [f"{document['model']}: {document['points']} points, shape {shape}", ""]
    states = ("allowed", "excluded", "undecided")
    body = [
        [c["measurement"]["name"], c["observable"], *(str(c["verdicts"][s]) for s in states)]
        for c in document["conditions"]
    ]
    body.append(["all together", "", *(str(document["verdicts"][s]) for s in states)])
    lines.append(table(["measurement", "observable", *states], body))
    if document["without_value"]:
        lines.append(f"{document['without_value']} points have no value.")
    if document["best"] is not None:
        best = document["best"]
        point = ", ".join(
            f"{n} = {with_unit(f'{v:.6g}', units.get(n, '1'))}" for n, v in best["point"].items()
        )
        lines.append(f"least chi^2 = {best['chi2']:.6g} at {point}")
    if document["output"] is not None:
        lines.append(f"arrays of each measurement in {document['output']}")
    return "\n".join([*lines, *flavour_lines(document), *document["announcements"]])
