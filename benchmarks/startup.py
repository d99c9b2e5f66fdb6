"""How much the start of g2sym costs over bare Python, measured side by side in one run.

Run ``python benchmarks/startup.py [--repeats 11] [--json FILE]``: prints a table, and JSON with ``--json -``.
The cases are taken in turn. CPU time counts, the least of all repeats: a busy machine lengthens it least.
Where a figure is to be reached, the verdict stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POINT = ["alp", "--lepton", "mu", "--set", "m_a=0.5", "--set", "g_aff=1e-3"]
COUNT = 20
"""Mediators of the model with many."""
MANY = "many.toml"
MASSES = [word for k in range(COUNT) for word in ("--set", f"m_S{k}={(k + 1) / 10}")]
COUPLINGS = [word for k in range(COUNT) for word in ("--set", f"g_{k}=1e-4")]
CASES = {
    "bare python": ["-c", "pass"],
    "import g2sym": ["-c", "import g2sym"],
    "import flint": ["-c", "import flint"],
    "g2sym --version": ["-m", "g2sym", "--version"],
    "g2sym --help": ["-m", "g2sym", "--help"],
    "g2sym models": ["-m", "g2sym", "models"],
    "g2sym eval (one point)": ["-m", "g2sym", "eval", *POINT],
    "eval, --json": ["-m", "g2sym", "eval", *POINT, "--json"],
    "eval, --measurement": ["-m", "g2sym", "eval", *POINT, "--measurement", "muon-2025"],
    "eval without a cache": ["-m", "g2sym", "eval", *POINT],
    "eval, twenty scalars": ["-m", "g2sym", "eval", MANY, *MASSES, *COUPLINGS],
    "bound, twenty scalars": ["-m", "g2sym", "bound", MANY, "--on", "g_0", *MASSES, *COUPLINGS[2:]],
    "import sympy": ["-c", "import sympy"],
}
UNCACHED = "eval without a cache"
REACH = {
    "g2sym eval (one point)": (0.08, 7.0),
    "eval, twenty scalars": (0.3, None),
    "bound, twenty scalars": (0.3, None),
}
"""The seconds, and the ratio to bare Python, that are to be reached."""


def many() -> str:
    """Return a model of many scalars that couple to the muon."""
    terms = "".join(f" -g_{k}*S{k}*bar(mu)*mu" for k in range(COUNT))
    lines = ["schema = 1", 'name = "many"', f'lagrangian = "{terms.strip()}"']
    lines += [f"[fields.S{k}]\nspin = 0" for k in range(COUNT)]
    lines += [f"[parameters.g_{k}]\ndimension = 0" for k in range(COUNT)]
    return "\n".join(lines) + "\n"


def measure(repeats: int) -> dict[str, list[tuple[float, float]]]:
    """Time every case in turn, ``repeats`` times over: seconds of the clock and of the processor."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in CASES}
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / MANY).write_text(many())
        cached = {**os.environ, "PYTHONPATH": str(ROOT), "G2SYM_CACHE_DIR": str(Path(folder) / "cache")}
        for unwanted in ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
            cached.pop(unwanted, None)
        uncached = {**cached, "G2SYM_CACHE_DIR": os.devnull}
        for warming in range(-1, repeats):
            for name, arguments in CASES.items():
                start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(
                    [sys.executable, *arguments],
                    env=uncached if name == UNCACHED else cached,
                    cwd=folder,
                    stdout=subprocess.DEVNULL,
                    check=True,
                )
                after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
                spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                if warming >= 0:
                    times[name].append((seconds, spent))
    return times


def report(times: dict[str, list[tuple[float, float]]]) -> dict[str, object]:
    """Return medians of the clock, the least CPU times, and their ratios to bare Python."""
    bare = min(spent for _, spent in times["bare python"])
    rows = []
    for name, found in times.items():
        spent = min(cpu for _, cpu in found)
        row = {
            "case": name,
            "median": statistics.median(seconds for seconds, _ in found),
            "cpu": spent,
            "ratio": spent / bare,
            "verdict": "",
        }
        if name in REACH:
            most, times_bare = REACH[name]
            good = spent <= most and (times_bare is None or spent <= times_bare * bare)
            row["verdict"] = "reached" if good else "MISSED"
        rows.append(row)
    return {"python": platform.python_version(), "repeats": len(times["bare python"]), "rows": rows}


def main() -> None:
    """Measure, print the table and, where asked for, the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--json", metavar="FILE", help="a file, or - for stdout")
    options = parser.parse_args()
    found = report(measure(options.repeats))
    if options.json != "-":
        print(f"{'case':<24}{'median [ms]':>12}{'CPU [ms]':>12}{'ratio':>8}")
        for row in found["rows"]:
            print(
                f"{row['case']:<24}{row['median'] * 1e3:>12.1f}{row['cpu'] * 1e3:>12.1f}"
                f"{row['ratio']:>8.2f}  {row['verdict']}"
            )
    text = json.dumps(found, indent=2, sort_keys=True)
    if options.json == "-":
        print(text)
    elif options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()
