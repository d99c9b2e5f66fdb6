"""Published limits as commands: the list, one whole with its value at masses, a folder checked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import click

from g2sym.base.exact import decimal_text
from g2sym.cli import reading
from g2sym.cli.answers import Answer
from g2sym.cli.command import command
from g2sym.cli.output import Output, check_writable
from g2sym.errors import InputError

if TYPE_CHECKING:
    from g2sym.base.types import Record
    from g2sym.limits import Limit, LimitValue, Row

F = TypeVar("F", bound=Callable[..., Any])
_DIGITS = 6

_limits_option: Callable[[F], F] = click.option(
    "--limits",
    "paths",
    metavar="PATH",
    multiple=True,
    help="A sidecar (TOML) or a folder, searched before G2SYM_LIMITS and the user's data folder; may repeat.",
)
_csv_option: Callable[[F], F] = click.option(
    "--csv", "csv_path", metavar="FILE", help="Write the rows to a CSV file."
)


@command(
    "list",
    examples=[
        "g2sym limits list",
        "g2sym limits list --limits ~/tables --csv limits.csv",
        "g2sym limits list --limits mine.toml --json",
    ],
)
@_limits_option
@_csv_option
def list_limits(paths: tuple[str, ...], csv_path: str | None) -> Answer:
    """List the limits that are found: of --limits, of G2SYM_LIMITS, of the user's data folder, and numbers.

    Tables are not read; g2sym limits check does that.
    """
    from g2sym.limits import load_all, search_path

    if csv_path is not None:
        check_writable(csv_path, "--csv")
    found = load_all(paths)
    heads = ("id", "quantity", "unit", "shape", "confidence", "role", "reference")
    rows = [
        (x.id, x.quantity, x.unit, x.shape, _level(x.confidence), x.role, x.reference) for x in found.values()
    ]
    searched = [*paths, *search_path()]

    def text() -> str:
        from g2sym.drawing.tables import table

        places = ", ".join(searched) if searched else "none; give --limits, or set G2SYM_LIMITS"
        return "\n".join([table(heads, rows), "", f"searched: {places}"])

    document = {"limits": [x.as_dict() for x in found.values()], "searched": searched}
    return Answer(document, text, _files(csv_path, heads, rows))


@command(
    "show",
    examples=[
        "g2sym limits show l3-3photon-1995 --at 20",
        "g2sym limits show belle2-2020 --limits ~/tables --at 0.5 --at 250MeV",
        "g2sym limits show na64-2023 --limits ~/tables --csv rows.csv --json",
    ],
)
@click.argument("name", metavar="ID")
@click.option(
    "--at", "masses", metavar="MASS", multiple=True, help="A mass: 0.5 (GeV), 500MeV, 2*m_mu; may repeat."
)
@_limits_option
@_csv_option
def show_limit(name: str, masses: tuple[str, ...], paths: tuple[str, ...], csv_path: str | None) -> Answer:
    """Show the limit ID: what it bounds, under which assumptions, where there is one, its value at masses.

    Outside the table, in gaps and where a value only closes a curve there is no limit, and the answer says
    which of these it is. A confidence level is the publication's own and never converted.
    """
    from g2sym.limits import load_all

    if csv_path is not None:
        check_writable(csv_path, "--csv")
    limit = load_all(paths)[name]
    values = [limit.value(reading.value(text, "--at")) for text in masses]
    heads = ("mass_low_GeV", "mass_high_GeV", "limit", "upper", "reason", "line")
    document: Record = {
        "limit": limit.as_dict(),
        "segments": [[float(a), float(b)] for a, b in limit.segments],
        "rows": len(limit.rows),
        "notes": list(limit.notes),
        "values": [one.as_dict() for one in values],
        "units": {"mass": "GeV", "value": limit.unit},
    }
    rows = [_cells(limit, row) for row in limit.rows] if csv_path is not None else []
    return Answer(document, lambda: _whole(limit, values), _files(csv_path, heads, rows))


@command("check", examples=["g2sym limits check mine.toml", "g2sym limits check ~/tables --json"])
@click.argument("path", metavar="PATH")
def check_limits(path: str) -> Answer:
    """Read every table of the sidecar or folder PATH, and say what is wrong with each that cannot be read.

    Exit code 3 where anything is wrong.
    """
    from g2sym.limits import load

    found = load(path)
    records: list[Record] = []
    errors: list[str] = []
    for limit in found.values():
        record: Record = {"id": limit.id, "error": None, "rows": None, "segments": None, "notes": []}
        try:
            record |= {
                "rows": len(limit.rows),
                "segments": [[float(a), float(b)] for a, b in limit.segments],
                "notes": list(limit.notes),
            }
        except InputError as error:
            record["error"] = str(error)
            errors.append(str(error))
        records.append(record)
    if not records:
        raise InputError(f"{path}: no sidecar and no file that is known by its name; write a TOML sidecar.")
    if len(errors) == len(records) == 1:
        raise InputError(errors[0])
    return Answer(
        {"checked": records},
        lambda: _checked(records),
        notes=[f"Error: {_inert(error)}" for error in errors],
        exit_code=InputError.exit_code if errors else 0,
    )


def _checked(records: Sequence[Record]) -> str:
    from g2sym.drawing.tables import table

    rows = [
        (
            one["id"],
            "-" if one["error"] else str(one["rows"]),
            "-" if one["error"] else _spans(one["segments"]),
            "wrong" if one["error"] else "; ".join(one["notes"]) or "ok",
        )
        for one in records
    ]
    return table(("id", "rows", "masses (GeV)", "state"), rows)


def _whole(limit: Limit, values: Sequence[LimitValue]) -> str:
    from g2sym.drawing.tables import pairs

    unit = "" if limit.unit == "1" else f" in {limit.unit}"
    known = [
        ("bounds", f"{limit.quantity}{unit}"),
        ("confidence", _level(limit.confidence)),
        ("role", limit.role),
        ("table", f"{limit.shape}, {len(limit.rows)} rows" if limit.path else "a number"),
        ("masses", f"{_spans([[float(a), float(b)] for a, b in limit.segments])} GeV"),
        ("notes", "; ".join(limit.notes)),
        ("assumes", "; ".join(limit.assumes)),
        ("final state", " ".join(limit.final_state)),
        ("process", ", ".join(f"{k} = {decimal_text(v, _DIGITS)}" for k, v in limit.process.items())),
        ("decay radius", f"{decimal_text(limit.decay_radius_m, _DIGITS)} m" if limit.decay_radius_m else ""),
        ("reference", limit.reference),
        ("licence", limit.licence),
        ("note", limit.note),
        ("file", _inert(limit.path)),
        ("sidecar", _inert(limit.sidecar)),
    ]
    lines = [f"{limit.id}: {limit.title}", pairs([(k, v) for k, v in known if v])]
    if values:
        lines += ["", pairs([(f"at {decimal_text(v.mass, 12)} GeV", _said(v)) for v in values])]
    return "\n".join(lines)


def _said(value: LimitValue) -> str:
    return str(value) if value else f"{value}: {value.sentence}"


def _spans(segments: Sequence[Sequence[float]]) -> str:
    shown = [f"{a:.6g} to {b:.6g}" if a < b else f"{a:.6g}" for a, b in segments[:8]]
    more = f" and {len(segments) - 8} more ranges" if len(segments) > 8 else ""
    return ", ".join(shown) + more


def _level(confidence: Fraction | None) -> str:
    return "not stated" if confidence is None else f"{decimal_text(confidence * 100, 6)} %"


def _inert(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _cells(limit: Limit, row: Row) -> tuple[str, ...]:
    sizes = (row.value, row.upper)
    shown = ("" if s is None else repr(limit.transformed(float(s))) for s in sizes)
    return (
        repr(float(row.low)),
        repr(float(row.high)),
        *shown,
        row.reason,
        str(row.line) if row.line else "",
    )


def _files(path: str | None, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Output]:
    return [] if path is None else [Output(path, lambda stream: _write_csv(stream, heads, rows))]


def _write_csv(stream: BinaryIO, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    import csv
    import io

    text = io.TextIOWrapper(stream, encoding="utf-8", newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(heads)
    writer.writerows(rows)
    text.flush()
    text.detach()
