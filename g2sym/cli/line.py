"""``g2sym line``: the couplings at which the contributions to Delta a cancel."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from g2sym.base.exact import decimal_text
from g2sym.cli import options
from g2sym.cli.command import Answer, command
from g2sym.cli.output import Output, check_writable
from g2sym.cli.progress import progress
from g2sym.errors import UsageError

if TYPE_CHECKING:
    from g2sym.base.balls import Ball

LONG = 2000
"""Points from which on progress is shown."""
TABLE_DIGITS = 17
Row = tuple[dict[str, Fraction], "tuple[Ball, ...]"]


@command(
    "line",
    examples=[
        "g2sym line alp --vary m_a=1e-2:10:7",
        "g2sym line scalar --lepton e --vary m_s=0.1:2.5:3:lin --digits 50",
        "g2sym line alp --on g_aff --set g_agg=1e-4 --vary m_a=0.1:1:4 --csv line.csv",
        "g2sym line alp --vary m_a=0.1:2.5:4 --set g_agZ=0 --json",
    ],
)
@options.model_argument
@click.option("--on", "on", metavar="NAME", help="The coupling to solve for; by default the effective one.")
@options.lepton_option
@options.vary_option
@options.set_option
@click.option(
    "--digits", type=int, default=TABLE_DIGITS, show_default=True, help="Significant decimals, all right."
)
@options.scheme_option
@options.input_option
@click.option("--csv", "csv_path", metavar="FILE", help="Write the line to a CSV file.")
def line(
    model: str,
    on: str | None,
    lepton: str,
    grids: tuple[str, ...],
    assignments: tuple[str, ...],
    digits: int,
    scheme: str | None,
    overrides: tuple[str, ...],
    csv_path: str | None,
) -> Answer:
    """Find where the contributions of MODEL to (g-2)/2 cancel, to any number of digits.

    The coupling --on is solved for in closed form, the trivial zero left out. Couplings without a value
    are set to 1, which makes the line a ratio: Delta a = 0 at g_agg/g_aff = const for a given mass.
    """
    from g2sym.queries.cancellation import default_coupling, unit_couplings

    if not 1 <= digits <= 20000:
        raise UsageError(f"--digits {digits}: give a number from 1 to 20000.")
    varied = options.read_grids(grids)
    fixed: dict[str, object] = dict(options.read_assignments(assignments))
    for grid in varied:
        if grid.name in fixed:
            raise UsageError(f"{grid.name} is both set and varied; drop one of the two.")
    if csv_path is not None:
        check_writable(csv_path, "--csv")
    chosen = options.load(model, overrides, scheme)
    moment = chosen.anomalous_moment(lepton)
    names = [grid.name for grid in varied]
    name = on or default_coupling(moment.quantity, {**fixed, **dict.fromkeys(names, 0)})
    if name in fixed or name in names:
        raise UsageError(f"{name} is solved for; do not set or vary it.")
    ratio = unit_couplings(moment.quantity, name, {**fixed, **dict.fromkeys(names, 0)})
    found = moment.cancellation(name, params={**fixed, **ratio})
    points = list(product(*(grid.points for grid in varied)))
    rows: list[Row] = []
    for point in progress(points, len(points), f"line in {name}", long=len(points) > LONG):
        values = dict(zip(names, point, strict=True))
        rows.append((values, found.evaluate(digits, params=values)))
    units = options.units_of(chosen)
    document: dict[str, Any] = {
        **moment.record(moment.values({**fixed, **ratio})),
        "on": name,
        "ratio_to": sorted(ratio),
        "digits": digits,
        "rows": [
            {
                **{n: float(v) for n, v in values.items()},
                "exact": {n: decimal_text(v, 40) for n, v in values.items()},
                "zeros": [zero.text(digits) for zero in zeros],
                "radii": [zero.radius_text() for zero in zeros],
            }
            for values, zeros in rows
        ],
        "units": units,
    }
    files = (
        [Output(csv_path, lambda stream: _write_csv(name, names, rows, digits, stream))] if csv_path else []
    )
    return Answer(
        document, _text(chosen.name, lepton, name, sorted(ratio), names, rows, digits, units), files
    )


def _text(
    model: str,
    lepton: str,
    name: str,
    ratio: list[str],
    names: list[str],
    rows: list[Row],
    digits: int,
    units: dict[str, str],
) -> str:
    from g2sym.show.tables import table

    per = f", for {' = '.join(ratio)} = 1" if ratio else ""
    head = [f"{n} [{units[n]}]" if units.get(n, "1") != "1" else n for n in (*names, name)]
    body = [
        [*(decimal_text(values[n], 6) for n in names), ", ".join(z.text(digits) for z in zeros) or "none"]
        for values, zeros in rows
    ]
    return "\n".join([f"{model}: where Delta a_{lepton} = 0{per}", "", table(head, body)])


def _write_csv(name: str, names: list[str], rows: list[Row], digits: int, stream: BinaryIO) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, name, "radius"])
    for values, zeros in rows:
        for zero in zeros:
            head = [decimal_text(values[n], 40) for n in names]
            writer.writerow([*head, zero.text(digits), zero.radius_text()])
    text.detach()
