"""``g2sym decay``: every decay of a mediator, as a table, a CSV file and a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

import click

from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.cli.output import Output, check_writable
from g2sym.errors import UsageError

if TYPE_CHECKING:
    from g2sym.base.types import Record

DIGITS = 10


@command(
    "decay",
    examples=[
        "g2sym decay dark_photon --set m_A=0.5 --set eps=1e-3",
        "g2sym decay alp --flavour g_aff=mass --set 'g_aff[mu]=1e-3' --set g_agg=1e-4 --set m_a=0.5 "
        "--energy 10",
        "g2sym decay alp --flavour g_aff=mass --set 'g_aff[mu]=1e-3' --set g_agg=1e-4 --vary m_a=.01:10:200 "
        "--plot alp.png --csv alp.csv",
        "g2sym decay scalar --set 'g_sff[mu]=1e-3' --set m_s=0.5 --json",
        "g2sym decay alp --parent Z --set 'g_aff[mu]=0' --set g_agg=1e-3 --set m_a=1",
    ],
)
@options.model_argument
@click.option(
    "--parent", metavar="NAME", help="What decays: a mediator, by default the model's only one, or Z."
)
@options.set_option
@options.vary_option
@click.option("--energy", metavar="GEV", help="Energy of what decays, for the decay length.")
@click.option(
    "--digits", type=int, default=DIGITS, show_default=True, help="Significant decimals, every one right."
)
@options.partial_option
@options.flavour_option
@options.input_option
@click.option("--csv", "csv_path", metavar="FILE", help="Write every point to a CSV file.")
@click.option(
    "--plot", "-o", "plot_path", metavar="FILE", help="Draw branching ratios and width: .png, .pdf or .svg."
)
def decay(
    model: str,
    parent: str | None,
    assignments: tuple[str, ...],
    grids: tuple[str, ...],
    energy: str | None,
    digits: int,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
    csv_path: str | None,
    plot_path: str | None,
) -> Answer:
    """List every two-body decay of a mediator of MODEL that the Lagrangian opens.

    For each channel: the partial width, the branching ratio, the mass at which it opens, and whether it is
    open, closed, or without a coupling; then total width, lifetime and c tau, with --energy the decay length
    p/M c tau. Couplings to leptons are given for one of them, as g[mu]; --flavour g=mass relates the others.
    With --vary there is one line for each point, and a picture with --plot.
    """
    form = ""
    if plot_path is not None:
        from g2sym.drawing.formats import format_of

        if len(grids) != 1:
            raise UsageError(
                f"--plot draws decays over one varied parameter, not {len(grids)}; give one --vary."
            )
        form = format_of(plot_path)
        check_writable(plot_path, "--plot")
    if csv_path is not None:
        check_writable(csv_path, "--csv")
    varied = reading.read_grids(grids, overrides)
    fixed = reading.read_assignments(assignments, overrides)
    for grid in varied:
        if grid.name in fixed:
            raise UsageError(f"{grid.name} is both set and varied; drop one of the two.")
    if "energy" in (*fixed, *(grid.name for grid in varied)):
        raise UsageError("The energy of what decays is given by --energy GEV; write that, for one value.")
    boost = None if energy is None else reading.value(energy, "--energy", overrides)
    chosen = reading.load(model, overrides, None, flavours)
    links = reading.split_assignments(flavours, "--flavour")
    quoted = {name.partition("[")[0]: name for name in links if "[" in name}  # y[mu]=mass: y is the muon's
    values: dict[str, object] = {quoted.get(name, name): value for name, value in fixed.items()}
    values |= {quoted.get(grid.name, grid.name): list(grid.points) for grid in varied}
    found = chosen.decays(parent, digits, boost, partial, values)
    document: Record = {**found.as_dict(), "units": found.units}
    files = []
    if csv_path is not None:
        files.append(Output(csv_path, lambda stream: _write(stream, found.csv())))
    if plot_path is not None:
        found.check_picture()

        def draw(stream: BinaryIO) -> None:
            from g2sym.drawing.style import save

            save(found.draw, stream, form)

        files.append(Output(plot_path, draw))
        document["versions"] = ["matplotlib", "numpy"]
    return Answer(document, str(found), files)


def _write(stream: BinaryIO, text: str) -> None:
    stream.write(text.encode())
