"""Run every benchmark in one process on one core; print a table, and JSON with ``--json FILE``.

A module of this folder takes part by having a function ``rows() -> list[Row]`` and a place in `MODULES`;
those that are not there yet are left out.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import importlib.util
import json
import os
import platform
import sys
from dataclasses import asdict
from pathlib import Path

from benchmarks.history import record
from benchmarks.timing import Row

MODULES = ("kernels", "sums", "arrays", "rates", "standard", "two_masses", "whole", "bounds", "maps", "scans")


def main() -> None:
    """Measure, print the table and, where asked for, the JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=MODULES, default=MODULES, help="the groups to run")
    parser.add_argument("--json", metavar="FILE", help="write the figures as JSON; - for standard output")
    parser.add_argument(
        "--record", action="store_true", help="add the run to the history and write docs/speed.md"
    )
    options = parser.parse_args()
    with contextlib.suppress(AttributeError, OSError):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    import numpy
    import scipy

    found: dict[str, list[Row]] = {}
    for name in options.only:
        if importlib.util.find_spec(f"benchmarks.{name}") is None:
            print(f"({name}: not measured here)", file=sys.stderr)
            continue
        for row in importlib.import_module(f"benchmarks.{name}").rows():
            found.setdefault(name, []).append(row)
            reach = "" if row.reach is None else f"{'>=' if row.at_least else '<='} {row.reach:g}"
            print(f"{row.what:<62} {row.value:>11.4g} {row.unit:<3} {reach:>11}  {row.verdict:<8} {row.note}")
            for other, ratio in row.ratios.items():
                print(f"    {other}: {ratio:.4g}")
            sys.stdout.flush()
    versions = {
        "python": platform.python_version(),
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
    }
    if options.record:
        record(found, versions)
    if options.json:
        rows = [{**asdict(row), "verdict": row.verdict} for group in found.values() for row in group]
        text = json.dumps({"schema": 1, "versions": versions, "rows": rows}, indent=1, sort_keys=True)
        if options.json == "-":
            print(text)
        else:
            Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    main()
