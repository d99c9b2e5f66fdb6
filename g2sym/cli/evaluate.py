"""``g2sym eval``: an observable at one point, certified."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from g2sym.cli import options
from g2sym.cli.command import Answer, command

if TYPE_CHECKING:
    from g2sym.base.balls import Ball
    from g2sym.base.types import Record
    from g2sym.inputs import Measurement

PULL_DIGITS = 6
STATED = ("alpha_inverse", "sin2_theta_w", "G_F", "m_u", "m_d", "m_s", "m_c", "m_b", "m_t")
"""Inputs whose value depends on a scheme or scale, and G_F: the text names the ones that entered."""


@command(
    "eval",
    examples=[
        "g2sym eval alp --lepton mu --set m_a=0.5 --set g_aff=1e-3",
        "g2sym eval dark_photon --lepton e --set m_A=16.85e-3 --set eps=1e-3 --digits 50",
        "g2sym eval alp --set m_a=0.5 --set g_aff=1e-3 --measurement muon-2025 --json",
        "g2sym eval scalar --set m_s=0.1 --set g_sff=1e-3 --set g_sgg=1e-4 --parametric",
        "g2sym eval cp.toml --observable 'd(mu)' --unit e_cm --set m_s=0.5 --set g_S=1e-3 --set g_P=1e-3",
        "g2sym eval dark_photon --observable 'a(e)/a(mu)' --set m_A=0.1 --set eps=1e-3",
        "g2sym eval light.toml --observable 'im(a(tau))' --set m_phi=0.5 --set m_N=0.1 --set y=1e-3",
        "g2sym eval my_model.toml --set m_s=1/3 --set y=0.01 --input m_mu=0.1056583755",
    ],
)
@options.model_argument
@options.observable_options
@options.set_option
@click.option(
    "--digits", type=int, default=17, show_default=True, help="Significant decimals, every one right."
)
@click.option(
    "--parametric", is_flag=True, help="Add one standard deviation from the uncertainty of the inputs."
)
@click.option(
    "--unit", metavar="NAME", help="The unit of the value: e_cm or GeV^-1 for an electric dipole moment."
)
@options.measurement_option
@options.scheme_option
@options.partial_option
@options.input_option
def evaluate(
    model: str,
    lepton: str | None,
    observable: str | None,
    assignments: tuple[str, ...],
    digits: int,
    parametric: bool,
    unit: str | None,
    measurement: str | None,
    scheme: str | None,
    partial: bool,
    overrides: tuple[str, ...],
) -> Answer:
    """Evaluate what MODEL adds to (g-2)/2 of a lepton, or another observable, with every digit right.

    MODEL is a bundled name (see g2sym models) or the path of a TOML file. Values are taken exactly as
    written: 0.1 is one tenth, 1/3 one third. The radius bounds the distance of the printed value from the
    truth; uncertainties of the inputs are not in it. With a measurement, its pull is added: the distance
    from the central value in standard deviations. --unit is for the printed value alone. Where the lepton
    can decay into the loop the value is complex: its real part is printed, and the imaginary part below.
    """
    from g2sym.show.tables import pairs

    wanted = options.read_observable(lepton, observable)
    values = options.read_assignments(assignments, overrides)
    data = options.read_measurement(measurement, wanted) if measurement else None
    chosen = options.load(model, overrides, scheme)
    moment = chosen.observable(str(wanted), partial)
    result = moment.evaluate(digits=digits, unit=unit, params=values)
    own = result.record["unit"]
    units = options.units_of(chosen, {"value": own, "radius": own})
    document: Record = {**result.as_dict(), "units": units}
    value, radius, record = document["value"], document["radius"], result.record
    parts = {part["name"]: part["value"] for part in document["contributions"]}
    label = moment.quantity.label
    suffix = "" if own == "1" else f" {own.replace('_', ' ')}"
    lines = [f"{label} = {value}{suffix}", f"{'radius':<{len(label)}} = {radius}{suffix}"]
    if "complex" in document:
        im, im_radius = document["complex"]["im"], document["complex_radius"]["im"]
        lines += [f"Im {label} = {im}{suffix}", f"{'radius':<{len(label) + 3}} = {im_radius}{suffix}"]
    lines.append("")
    rows = [(n, _with_unit(str(v), units.get(n, "1"))) for n, v in record["values"].items()]
    rows += [
        (n, _with_unit(str(v), units.get(n, "1")) + "  (default)") for n, v in record["defaults"].items()
    ]
    rows += [(n, f"{record['inputs_used'][n]}  (input)") for n in STATED if n in record["inputs_used"]]
    what = " contribution" if moment.quantity.single is not None else ""
    rows += [(f"{n}{what}", v) for n, v in parts.items() if len(parts) > 1]
    loops = [one for part in document["contributions"] for one in part.get("loops", ())]
    rows += [(f"{one['name']} contribution", one["value"]) for one in loops if len(loops) > 1]
    if parametric:
        found = moment.input_uncertainty(params=values, unit=unit)
        document["parametric"] = found.as_dict()
        rows.append(("from the inputs, 1 sigma", f"{found.total.shown(3)}{suffix}"))
        rows += [(f"  {name}", f"{shift.shown(3)}{suffix}") for name, shift in found.shifts.items()]
    if data is not None:
        natural = result.ball
        if own != moment.unit or not natural.agrees(PULL_DIGITS + 2):
            natural = moment.enclose(bits=64 + 4 * max(digits, PULL_DIGITS), params=values)
        found_pull, shown = _pull(natural, data)
        document["measurement"] = {**data.as_dict(), **found_pull}
        rows.append((f"pull, {data.name}", shown))
    lines += [pairs([("model", chosen.name), *rows]), *(f"  {s}" for s in record["announcements"])]
    return Answer(document, "\n".join(lines))


def _pull(ball: Ball, data: Measurement) -> tuple[dict[str, str], str]:
    """Return the pull for the JSON document, and as text."""
    from g2sym.constraints import pull

    found = pull(ball, data)
    text, radius = found.printed(PULL_DIGITS)
    return {"pull": text, "pull_radius": radius}, found.shown(PULL_DIGITS)


def _with_unit(text: str, unit: str) -> str:
    """Write a number with its unit; an expression of other parameters needs none."""
    plain = unit == "1" or any(c.isalpha() for c in text.replace("e", ""))
    return text if plain else f"{text} {unit}"
