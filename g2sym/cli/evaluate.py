"""``g2sym eval``: Delta a at one point, certified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from g2sym.cli import options
from g2sym.cli.command import Answer, command

if TYPE_CHECKING:
    from g2sym.base.balls import Ball
    from g2sym.inputs import Measurement

PULL_DIGITS = 6


@command(
    "eval",
    examples=[
        "g2sym eval alp --lepton mu --set m_a=0.5 --set g_aff=1e-3",
        "g2sym eval dark_photon --lepton e --set m_A=16.85e-3 --set eps=1e-3 --digits 50",
        "g2sym eval alp --set m_a=0.5 --set g_aff=1e-3 --measurement muon-2025 --json",
        "g2sym eval scalar --set m_s=0.1 --set g_sff=1e-3 --set g_sgg=1e-4 --parametric",
        "g2sym eval my_model.toml --set m_s=1/3 --set y=0.01 --input m_mu=0.1056583755",
    ],
)
@options.model_argument
@options.lepton_option
@options.set_option
@click.option(
    "--digits", type=int, default=17, show_default=True, help="Significant decimals, every one right."
)
@click.option(
    "--parametric", is_flag=True, help="Add one standard deviation from the uncertainty of the inputs."
)
@options.measurement_option
@options.scheme_option
@options.input_option
def evaluate(
    model: str,
    lepton: str,
    assignments: tuple[str, ...],
    digits: int,
    parametric: bool,
    measurement: str | None,
    scheme: str | None,
    overrides: tuple[str, ...],
) -> Answer:
    """Evaluate what MODEL adds to (g-2)/2 of a lepton, with every printed digit right.

    MODEL is a bundled name (see g2sym models) or the path of a TOML file. Values are taken exactly as
    written: 0.1 is one tenth, 1/3 one third. The radius bounds the distance of the printed value from the
    truth; uncertainties of the inputs are not in it. With a measurement, its pull is added: the distance
    from the central value in standard deviations.
    """
    from g2sym.show.tables import pairs

    values = options.read_assignments(assignments)
    data = options.read_measurement(measurement, lepton) if measurement else None
    chosen = options.load(model, overrides, scheme)
    moment = chosen.anomalous_moment(lepton)
    result = moment.evaluate(digits=digits, params=values)
    units = options.units_of(chosen, {"value": "1", "radius": "1"})
    document: dict[str, Any] = {**result.as_dict(), "units": units}
    value, radius, record = document["value"], document["radius"], result.record
    parts = {part["name"]: part["value"] for part in document["contributions"]}
    label = f"Delta a_{lepton}"
    lines = [f"{label} = {value}", f"{'radius':<{len(label)}} = {radius}", ""]
    rows = [(n, _with_unit(str(v), units.get(n, "1"))) for n, v in record["values"].items()]
    rows += [
        (n, _with_unit(str(v), units.get(n, "1")) + "  (default)") for n, v in record["defaults"].items()
    ]
    rows += [(f"{n} contribution", v) for n, v in parts.items() if len(parts) > 1]
    if parametric:
        found = moment.input_uncertainty(params=values)
        document["parametric"] = found.as_dict()
        rows.append(("from the inputs, 1 sigma", found.total.text(3)))
        rows += [(f"  {name}", shift.text(3)) for name, shift in found.shifts.items()]
    if data is not None:
        document["measurement"] = {**data.as_dict(), **_pull(result.ball, data)}
        rows.append((f"pull, {data.name}", document["measurement"]["pull"]))
    lines += [pairs([("model", chosen.name), *rows]), *(f"  {s}" for s in record["announcements"])]
    return Answer(document, "\n".join(lines))


def _pull(ball: Ball, data: Measurement) -> dict[str, str]:
    from g2sym.constraints import pull

    text, radius = pull(ball, data).printed(PULL_DIGITS)
    return {"pull": text, "pull_radius": radius}


def _with_unit(text: str, unit: str) -> str:
    """Write a number with its unit; an expression of other parameters needs none."""
    plain = unit == "1" or any(c.isalpha() for c in text.replace("e", ""))
    return text if plain else f"{text} {unit}"
