"""``g2sym line``: the couplings at which the contributions to an observable cancel."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from g2sym.base.classes import replace
from g2sym.base.exact import decimal_text
from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.cli.output import Output, check_writable
from g2sym.cli.progress import progress
from g2sym.errors import UsageError
from g2sym.observables.flavours import flavour_lines

if TYPE_CHECKING:
    from g2sym.queries.line import CancellationLine, LineRow, Point

LONG = 2000
"""Points from which on progress is shown."""
TABLE_DIGITS = 17


@command(
    "line",
    examples=[
        "g2sym line alp --vary m_a=1e-2:10:7",
        "g2sym line scalar --lepton e --vary m_s=0.1:2.5:3:lin --digits 50",
        "g2sym line alp --on g_aff --set g_agg=1e-4 --vary m_a=0.1:1:4 --csv line.csv",
        "g2sym line alp --vary m_a=0.1:2.5:4 --set g_agZ=0 --json",
        "g2sym line cp.toml --on g_P --vary m_s=0.1:1:3",
    ],
)
@options.model_argument
@click.option("--on", "on", metavar="NAME", help="The coupling to solve for; by default the effective one.")
@options.observable_options
@options.vary_option
@options.set_option
@options.kinematic_options
@click.option(
    "--digits", type=int, default=TABLE_DIGITS, show_default=True, help="Significant decimals, all right."
)
@options.scheme_option
@options.partial_option
@options.flavour_option
@options.input_option
@click.option("--csv", "csv_path", metavar="FILE", help="Write the line to a CSV file.")
def line(
    model: str,
    on: str | None,
    lepton: str | None,
    observable: str | None,
    grids: tuple[str, ...],
    assignments: tuple[str, ...],
    digits: int,
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
    csv_path: str | None,
) -> Answer:
    """Find where the contributions of MODEL to an observable cancel, to any number of digits.

    The coupling --on is solved for in closed form, the trivial zero left out. Couplings without a value
    are set to 1, which makes the line a ratio: Delta a = 0 at g_agg/g_aff = const for a given mass. Of a
    quotient the zeros are those of its numerator.
    """
    from g2sym.queries.cancellation import default_coupling, unit_couplings
    from g2sym.queries.line import cancellation_line

    if not 1 <= digits <= 20000:
        raise UsageError(f"--digits {digits}: give a number from 1 to 20000.")
    wanted = reading.read_observable(lepton, observable)
    varied = reading.read_grids(grids, overrides)
    fixed: dict[str, object] = dict(reading.read_assignments(assignments, overrides))
    for grid in varied:
        if grid.name in fixed:
            raise UsageError(f"{grid.name} is both set and varied; drop one of the two.")
    if csv_path is not None:
        check_writable(csv_path, "--csv")
    chosen = reading.load(model, overrides, scheme, flavours)
    moment = reading.observed(chosen, wanted, partial, flavours, on, *fixed, *(grid.name for grid in varied))
    full = moment.quantity.full_name
    fixed = {full(name): value for name, value in fixed.items()}
    varied = [replace(grid, name=full(grid.name)) for grid in varied]
    free = {**fixed, **{grid.name: 0 for grid in varied}}
    name = full(on) if on else default_coupling(moment.quantity, free)
    if name in free:
        raise UsageError(f"{name} is solved for; do not set or vary it.")
    ratio = unit_couplings(moment.quantity, name, free)

    def steps(points: Sequence[Point]) -> Iterator[Point]:
        return progress(points, len(points), f"line in {name}", long=len(points) > LONG)

    found = cancellation_line(
        moment.cancellation(name, params={**fixed, **ratio}),
        {grid.name: grid.points for grid in varied},
        digits,
        ratio_to=ratio,
        steps=steps,
    )
    units = reading.units_of(moment)
    files = [Output(csv_path, found.write_csv)] if csv_path else []
    return Answer(
        {**found.as_dict(), "units": units}, _text(found, chosen.name, moment.quantity.label, units), files
    )


def _none(found: CancellationLine, row: LineRow) -> str:
    return f"only at {found.on} = 0" if row.with_coupling else "none"


def _text(found: CancellationLine, model: str, label: str, units: Mapping[str, str]) -> str:
    from g2sym.drawing.tables import table

    per = f", for {' = '.join(found.ratio_to)} = 1" if found.ratio_to else ""
    head = [f"{n} [{units[n]}]" if units.get(n, "1") != "1" else n for n in (*found.varied, found.on)]
    body = [
        [
            *(decimal_text(value, 6) for _, value in row.point),
            ", ".join(zero.shown(found.digits) for zero in row.zeros) or _none(found, row),
        ]
        for row in found.rows
    ]
    said = [*flavour_lines(found.record), *found.record.get("announcements", ())]
    return "\n".join([f"{model}: where {label} = 0{per}", "", table(head, body), *said])
