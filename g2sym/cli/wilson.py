"""``g2sym wilson``: Wilson coefficients of the dipole operators, as text, WCxf or SLHA."""

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
    from g2sym.interchange.wilson import WilsonCoefficients


@command(
    "wilson",
    examples=[
        "g2sym wilson dark_photon --set m_A=0.1 --set eps=1e-3",
        "g2sym wilson dark_photon --lepton mu --set m_A=50 --set eps=0.1 --to wcxf -o dark_photon.json",
        "g2sym wilson cp.toml --lepton mu --basis JMS --set m_s=50 --set g_S=0.02 --set g_P=0.03 --to wcxf",
        "g2sym wilson dark_photon --lepton e --lepton mu --lepton tau --set m_A=5 --set eps=1e-2 --to slha",
        "g2sym wilson lfv.toml --transition 'mu -> e' --set m_phi=500 --to wcxf -o mu_e.json",
        "g2sym wilson scalar --lepton tau --eft WET-4 --scale 1.8 --set m_s=5 --set g_sff=1e-3 --to wcxf",
    ],
)
@options.model_argument
@click.option(
    "--lepton",
    "leptons",
    type=click.Choice(reading.LEPTONS),
    multiple=True,
    help="Whose moments, by default the muon's; repeatable.",
)
@click.option(
    "--transition",
    "transitions",
    metavar="'mu -> e'",
    multiple=True,
    help="A decay l -> l' gamma, in place of moments or beside them; repeatable.",
)
@options.set_option
@click.option(
    "--to",
    "form",
    type=click.Choice(("wcxf", "slha")),
    help="A WCxf file (JSON), or an SLHA block with Delta a and electric dipole moments in e cm.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write that file, in place of standard output.")
@click.option(
    "--basis",
    default="flavio",
    show_default=True,
    metavar="NAME",
    help="flavio (C7_mumu, a number) or JMS (egamma_22, in GeV^-1).",
)
@click.option("--eft", metavar="NAME", help="WET, WET-4 or WET-3, by default the one that flavio takes.")
@click.option("--scale", metavar="GEV", help="The scale, by default the one that flavio takes; with --eft.")
@click.option(
    "--digits", type=int, default=17, show_default=True, help="Significant decimals, every one right."
)
@options.scheme_option
@options.partial_option
@options.input_option
def wilson(
    model: str,
    leptons: tuple[str, ...],
    transitions: tuple[str, ...],
    assignments: tuple[str, ...],
    form: str | None,
    output: str | None,
    basis: str,
    eft: str | None,
    scale: str | None,
    digits: int,
    scheme: str | None,
    partial: bool,
    overrides: tuple[str, ...],
) -> Answer:
    """Give the Wilson coefficients of the leptons' dipole operators that MODEL induces at a point.

    They are the whole amplitude at q^2 = 0, at the scale at which flavio uses them, so that nothing runs; a_l
    and d_l follow from them. What is not included stands with them, in files too. Where a lepton can decay
    into the loop there is no Wilson coefficient.
    """
    if output is not None and form is None:
        raise UsageError("-o needs --to wcxf or --to slha, which says what is written.")
    if output is not None:
        check_writable(output, "-o")
    processes = (*leptons, *transitions)
    for text in transitions:
        if text.strip() in reading.LEPTONS:
            raise UsageError(f"--transition {text.strip()} is no decay; write --lepton {text.strip()}.")
    values = reading.read_assignments(assignments, overrides)
    size = None if scale is None else reading.number(scale, "--scale")
    chosen = reading.load(model, overrides, scheme)
    found = chosen.wilson(
        *(processes or ("mu",)),
        digits=digits,
        basis=basis,
        eft=eft,
        scale=size,
        partial=partial,
        params=values,
    )
    document: Record = {**found.as_dict(), "units": reading.units_of(chosen)}
    if form is None:
        return Answer(document, _text(found, chosen.name))
    written = found.wcxf() if form == "wcxf" else found.slha()
    if output is None:
        return Answer(document, written.rstrip("\n"), verbatim=True)

    def write(stream: BinaryIO) -> None:
        stream.write(written.encode())

    return Answer(document, _text(found, chosen.name), [Output(output, write)])


def _text(found: WilsonCoefficients, model: str) -> str:
    from g2sym.base.names import parse_observable
    from g2sym.drawing.tables import pairs, table
    from g2sym.observables.flavours import links_text

    rows = [
        (
            name,
            one.re.shown(found.digits),
            one.im.shown(found.digits),
            one.unit,
            str(found.homes[name]),
        )
        for name, one in found.coefficients.items()
    ]
    record = found.record
    settings = [("model", model), ("basis", found.basis), *record["values"].items()]
    settings += [("flavour", said)] if (said := links_text(record["flavour"])) else []
    settings += [(name, f"{value}  (default)") for name, value in record["defaults"].items()]
    settings += [(name, f"{value}  (input)") for name, value in record["inputs_used"].items()]
    for name, ball in found.observables.items():
        unit = parse_observable(name).unit
        settings.append((name, ball.shown(found.digits) + ("" if unit == "1" else f" {unit}")))
    heads = ("coefficient", "real part", "imaginary part", "unit", "effective theory and scale")
    parts = [table(heads, rows)] if rows else []
    return "\n".join([*parts, "", pairs(settings), *(f"  {one}" for one in found.statements)])
