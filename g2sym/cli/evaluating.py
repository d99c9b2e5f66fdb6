"""What ``g2sym eval`` does, without the parser of its command line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.cli import reading
from g2sym.cli.answers import Answer
from g2sym.cli.rows import with_unit as _with_unit
from g2sym.cli.several import read_wanted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.balls import Ball
    from g2sym.base.types import Record
    from g2sym.inputs import Measurement
    from g2sym.model.observable import Observable

PULL_DIGITS = 6
PARTS = MappingProxyType({"hbar": "GeV s", "hbar c p/M": "GeV m"})
"""Units of factors that are no powers of GeV."""
STATED = (
    *("alpha_inverse", "sin2_theta_w", "G_F", "tau_mu", "tau_tau"),
    *("m_u", "m_d", "m_s", "m_c", "m_b", "m_t"),
)
"""Inputs whose value depends on a scheme or scale, and G_F: the text names the ones that entered."""


def evaluate(
    model: str,
    lepton: tuple[str, ...],
    observable: tuple[str, ...],
    assignments: tuple[str, ...],
    digits: int,
    parametric: bool,
    unit: str | None,
    measurement: tuple[str, ...],
    scheme: str | None,
    partial: bool,
    flavours: tuple[str, ...],
    overrides: tuple[str, ...],
) -> Answer:
    """Return the answer of ``g2sym eval``; parameters as `g2sym.cli.evaluate.evaluate` describes them."""
    from g2sym.drawing.tables import pairs
    from g2sym.observables.flavours import links_text

    wanted = read_wanted(lepton, observable, measurement, needed=False)
    values = reading.read_assignments(assignments, overrides)
    chosen = reading.load(model, overrides, scheme, flavours)
    if len(wanted.observables) > 1 or len(wanted.measurements) > 1:
        from g2sym.cli import combining

        return combining.evaluate(chosen, wanted, values, digits, parametric, unit, partial, flavours)
    data = wanted.measurements[0] if wanted.measurements else None
    moment = reading.observed(chosen, wanted.observables[0], partial, flavours, *values)
    if data is not None and data.at:
        from g2sym.constraints.measured import placed

        moment = replace(moment, quantity=placed(moment.quantity, data))
    result = moment.evaluate(digits=digits, unit=unit, params=values)
    own = result.record["unit"]
    units = reading.units_of(moment, {"value": own, "radius": own})
    document: Record = {**result.as_dict(), "units": units}
    value, radius, record = document["value"], document["radius"], result.record
    parts = {part["name"]: part["value"] for part in document["contributions"]}
    label = moment.quantity.label
    suffix = "" if own == "1" else f" {own.replace('_', ' ')}"
    lines = [f"{label} = {value}{suffix}", f"{'radius':<{len(label)}} = {radius}{suffix}"]
    if "complex" in document:
        im, im_radius = document["complex"]["im"], document["complex_radius"]["im"]
        other = f"Im {label.removeprefix('Re ')}"
        lines += [f"{other} = {im}{suffix}", f"{'radius':<{len(other)}} = {im_radius}{suffix}"]
    lines.append("")
    rows = [(n, _with_unit(str(v), units.get(n, "1"))) for n, v in record["values"].items()]
    rows += [
        (n, _with_unit(str(v), units.get(n, "1")) + "  (default)") for n, v in record["defaults"].items()
    ]
    if record["flavour"]:
        rows.append(("flavour", links_text(record["flavour"])))
    rows += [(n, f"{record['inputs_used'][n]}  (input)") for n in STATED if n in record["inputs_used"]]
    single = moment.quantity.single is not None
    what = " contribution" if single else ""
    amplitudes = () if single else moment.quantity.amplitudes
    of_parts = {a.name: PARTS.get(a.name, _power_of_gev(a.dimension)) for a in amplitudes}
    of_parts |= {n: "GeV" for n in of_parts if n.startswith("width of a photon")}
    if single and moment.quantity.name.atoms[0].is_rate:
        rows += _interfering(parts, own)
    elif len(parts) > 1:
        rows += [(f"{n}{what}", _with_unit(v, of_parts.get(n, "1"))) for n, v in parts.items()]
    loops = [one for part in document["contributions"] for one in part.get("loops", ())]
    rows += [(f"{one['name']} contribution", one["value"]) for one in loops if len(loops) > 1]
    if data is not None and data.at:
        record = {**record, "announcements": [*record["announcements"], *_where(moment, data, values)]}
        document["announcements"] = record["announcements"]
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


def _interfering(parts: Mapping[str, str], unit: str) -> list[tuple[str, str]]:
    """Return the lines of a cross-section's parts: one coupling squared, or the interference of two."""
    if len(parts) < 2:
        return []
    rows, zero = [], []
    for name, value in parts.items():
        first, _, second = name.partition("-")
        words = f"interference of {first} and {second}" if second else f"{first} coupling squared"
        if value == "0":
            zero.append(words)
        else:
            rows.append((words, _with_unit(value, unit)))
    return [*rows, *([("exactly zero", ", ".join(zero))] if zero else [])]


def _where(moment: Observable, data: Measurement, values: Mapping[str, object]) -> list[str]:
    """Return the sentence on kinematic variables that come from the measurement, if any do."""
    from g2sym.constraints.measured import where_measured

    said = where_measured(data, moment.quantity.values(dict(values)), ())
    return [] if said is None else [said]


def _pull(ball: Ball, data: Measurement) -> tuple[dict[str, str], str]:
    """Return the pull for the JSON document, and as text."""
    from g2sym.constraints import pull

    found = pull(ball, data)
    text, radius = found.printed(PULL_DIGITS)
    return {"pull": text, "pull_radius": radius}, found.shown(PULL_DIGITS)


def _power_of_gev(dimension: int) -> str:
    """Return the natural unit of a mass dimension."""
    return {0: "1", 1: "GeV"}.get(dimension, f"GeV^{dimension}")
