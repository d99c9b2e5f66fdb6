"""``g2sym check``: every statement about a model, how it was verified, and the verdict."""

from __future__ import annotations

import textwrap

import click

from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.observables.flavours import flavour_lines

WIDTH = 110
"""Columns of the text table; the JSON has every result in full."""
LONG = 4
"""Diagrams from which on progress is shown."""
LONGEST = 400
"""Most characters of a result in the text table."""


@command(
    "check",
    examples=[
        "g2sym check alp",
        "g2sym check dark_photon --lepton mu",
        "g2sym check cp.toml --observable 'd(mu)' --json",
        "g2sym check dark_photon --observable 'a(e)/a(mu)'",
        "g2sym check alp --observable 'sigma(mu bar(mu) -> A a)'",
    ],
)
@options.model_argument
@click.option(
    "--lepton", type=click.Choice(reading.LEPTONS), help="Whose anomalous moment; all three by default."
)
@click.option(
    "--observable",
    metavar="NAME",
    help="Check this in place of the anomalous moments: 'd(mu)', 'a(e)/a(mu)', ...",
)
@options.partial_option
@options.flavour_option
@options.input_option
def check(
    model: str,
    lepton: str | None,
    observable: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
) -> Answer:
    """Prove what is stated about MODEL: closed forms, limits, laws, identities, and its [[expect]] tables.

    A series comes with a bound on what it leaves out, for a stated range of masses. Each statement is
    proved, enclosed (rigorous at the stated points), open or disproved; only what is proved counts as proved.
    The exit code is 5 when a statement is disproved.
    """
    from g2sym.checks.run import check_model, check_observable
    from g2sym.checks.table import Row
    from g2sym.cli.progress import counted

    chosen = reading.load(model, overrides, flavours=flavours, kept=False)
    with counted(f"checks of {chosen.name}", LONG) as progress:
        if observable is None:
            found = check_model(chosen, lepton, partial=partial, progress=progress)
        else:
            wanted = reading.read_observable(lepton, observable)
            found = check_observable(reading.observed(chosen, wanted, partial, flavours), progress)

    def lines(row: Row) -> str:
        p = row.proof
        result = p.result if len(p.result) <= LONGEST else f"{p.result[:LONGEST]}... (in full with --json)"
        body = [f"{p.verdict:<9} {row.lepton:<3} {row.contribution}: {p.statement}"]
        holds = p.where.removeprefix(", ")
        for head, text in (("", result), ("", holds), ("by ", p.method)):
            body += textwrap.wrap(head + text, WIDTH, initial_indent=" " * 10, subsequent_indent=" " * 12)
        return "\n".join(body)

    left_out = [f"Not included: {one}." for one in found.missing]
    text = "\n".join(
        [
            f"{found.model}: {found.summary}",
            *flavour_lines(found.record),
            *left_out,
            "",
            *map(lines, found.rows),
        ]
    )
    notes = (
        [f"{len(found.open)} statements are open: they are neither proved nor disproved."]
        if found.open
        else []
    )
    return Answer(found.as_dict(), text, notes=notes, exit_code=found.exit_code)
