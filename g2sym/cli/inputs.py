"""``g2sym inputs``: the values of an edition, with their sources."""

from __future__ import annotations

from g2sym.base.exact import decimal_text
from g2sym.cli import options, reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command


@command(
    "inputs",
    examples=[
        "g2sym inputs",
        "g2sym inputs --edition pdg-2026",
        "g2sym inputs --input Gamma_mu=3e-19 --json",
    ],
)
@options.input_option
def inputs(overrides: tuple[str, ...]) -> Answer:
    """List the input values with their uncertainties, sources and dates, and the editions there are.

    A value set with --input counts as exact. Widths follow from lifetimes, Gamma = hbar/tau, and set them
    where they are given.
    """
    from g2sym.drawing.tables import pairs, table
    from g2sym.inputs.constants import DEFAULT_EDITION, EDITIONS, HBAR, HBAR_C

    found = reading.read_inputs(overrides)
    derived = {name: found[name] for name in ("Gamma_mu", "Gamma_tau")}
    document = {
        "edition": found.edition,
        "editions": dict(EDITIONS),
        "inputs": found.as_dict(),
        "derived": {
            name: {
                **one.as_dict(),
                "value": decimal_text(one.value, 17),
                "uncertainty": _text(one.uncertainty),
            }
            for name, one in derived.items()
        },
        "units_defined": {one.name: one.as_dict() for one in (HBAR, HBAR_C)},
    }
    rows = [
        (
            q.name,
            decimal_text(q.value, 17),
            _text(q.uncertainty) or "",
            q.unit,
            "set" if q.name in found.overridden else q.source,
            q.date,
        )
        for q in (*found.values(), *derived.values())
    ]
    heads = ("name", "value", "uncertainty", "unit", "source", "date")
    shown = [f"{name}{' (default)' if name == DEFAULT_EDITION else ''}" for name in EDITIONS]
    editions = pairs(list(zip(shown, EDITIONS.values(), strict=True)))
    lines = [f"edition {found.edition}", "", table(heads, rows), "", "The editions there are:", editions]
    return Answer(document, "\n".join(lines))


def _text(value: object) -> str | None:
    from fractions import Fraction

    return decimal_text(value, 3) if isinstance(value, Fraction) else None
