"""The history of measured ratios, and the page of the guide that is made from its last entry.

`benchmarks/history.jsonl` has one line for each recorded run: date, versions, and rows. Times depend on the
machine and on what else it does; ratios of times of one run much less, so they are what is compared over
releases.
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.timing import Row

FILE = Path(__file__).with_name("history.jsonl")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "speed.md"
HEAD = """# Speed

Made by `python -m benchmarks --record` from `benchmarks/history.jsonl`; not written by hand. Measured on one
core of a shared machine: times move by tens of per cent with what else it does, ratios of one run much less.
"""
TITLES = {
    "kernels": "One kernel, one running mass",
    "sums": "Sums of couplings and kernels",
    "arrays": "Array functions of whole models",
    "rates": "Widths and cross-sections over arrays",
    "standard": "Arrays of other namespaces",
    "two_masses": "Two running masses",
    "whole": "From nothing, and one value from the command line",
    "bounds": "Bounds on masses",
    "maps": "Certified maps",
    "scans": "Scans and exact counts",
}


def entry(rows: dict[str, list[Row]], versions: dict[str, str], day: date) -> dict[str, Any]:
    """Return a run as a line of the history: figures to three digits."""
    groups = {
        name: [
            {
                "what": row.what,
                "value": float(f"{row.value:.3g}"),
                "unit": row.unit,
                "reach": row.reach,
                "at_least": row.at_least,
                "verdict": row.verdict,
                "ratios": {k: float(f"{v:.3g}") for k, v in row.ratios.items()},
                "note": row.note,
            }
            for row in found
        ]
        for name, found in rows.items()
    }
    return {"date": day.isoformat(), "versions": versions, "groups": groups}


def last() -> dict[str, Any]:
    """Return the last recorded run, each group as it was last measured."""
    groups: dict[str, Any] = {}
    found: dict[str, Any] = {}
    for line in FILE.read_text(encoding="utf-8").splitlines():
        found = json.loads(line)
        groups |= found["groups"]
    return {**found, "groups": groups}


def page(run: dict[str, Any]) -> str:
    """Return the page of the guide for a run."""
    versions = ", ".join(f"{name} {version}" for name, version in sorted(run["versions"].items()))
    lines = [HEAD, f"Recorded on {run['date']} with {versions}.", ""]
    for name, title in TITLES.items():
        if name not in run["groups"]:
            continue
        lines += [
            f"## {title}",
            "",
            "| what | measured | to reach | ratios in the same run |",
            "|---|---|---|---|",
        ]
        for row in run["groups"][name]:
            sign = "at least" if row["at_least"] else "at most"
            reach = "" if row["reach"] is None else f"{sign} {row['reach']:g}: {row['verdict'].lower()}"
            ratios = "; ".join(f"{k}: {v:g}" for k, v in row["ratios"].items())
            note = f" ({row['note']})" if row["note"] else ""
            lines.append(
                f"| {row['what']}{note} | {row['value']:g} {row['unit']} | {reach} | {ratios} |".replace(
                    "  |", " |"
                )
            )
        lines.append("")
    return "\n".join(lines)


def record(rows: dict[str, list[Row]], versions: dict[str, str]) -> None:
    """Append a run to the history and write the page."""
    with FILE.open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(entry(rows, versions, date.today()), sort_keys=True) + "\n")
    PAGE.write_text(page(last()), encoding="utf-8")
