"""``g2sym show``: what was declared and what follows from it, as formulas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command

if TYPE_CHECKING:
    from g2sym.base.types import Record

LONG = 10
"""Steps, a few for each diagram, from which on progress is shown."""


@command(
    "show",
    examples=[
        "g2sym show alp --lepton mu",
        "g2sym show dark_photon --lepton e --format latex",
        "g2sym show cp.toml --observable 'd(mu)' --json",
        "g2sym show dark_photon --observable 'a(e)/a(mu)'",
        "g2sym show alp --observable 'Gamma(a -> mu bar(mu))'",
        "g2sym show scalar --observable 'a(e)/a(mu)' --flavour 'g_sff[mu]=mass'",
    ],
)
@options.model_argument
@options.observable_options
@click.option(
    "--format",
    "form",
    type=click.Choice(("text", "latex")),
    default="text",
    show_default=True,
    help="Plain text, or a LaTeX document.",
)
@options.partial_option
@options.flavour_option
@options.input_option
def show(
    model: str,
    lepton: str | None,
    observable: str | None,
    form: str,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
) -> Answer:
    """Print the Lagrangian of MODEL, its diagrams, their integrands and closed forms for one observable.

    Masses are symbols; integrands are over the Feynman parameters x and y. Of a product or quotient every
    amplitude is shown.
    """
    from g2sym.cli.progress import counted
    from g2sym.show.formulas import formulas_of
    from g2sym.show.model_page import as_latex, as_text

    wanted = reading.read_observable(lepton, observable)
    chosen = reading.load(model, overrides, flavours=flavours, kept=False)
    moment = reading.observed(chosen, wanted, partial, flavours)
    with counted(f"formulas of {chosen.name}", LONG) as progress:
        found = formulas_of(chosen, moment, progress)

    def document() -> Record:
        return {**found.as_dict(), "units": reading.units_of(moment), "versions": ["sympy"]}

    return Answer(document, lambda: as_latex(found) if form == "latex" else as_text(found))
