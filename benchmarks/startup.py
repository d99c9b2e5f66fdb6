"""How much the start of g2sym costs over bare Python, measured side by side in one run.

Run ``python benchmarks/startup.py [--repeats 11] [--json FILE]``: prints a table, and JSON with ``--json -``.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
POINT = ["eval", "alp", "--lepton", "mu", "--set", "m_a=0.5", "--set", "g_aff=1e-3"]
CASES = {
    "bare python": ["-c", "pass"],
    "import g2sym": ["-c", "import g2sym"],
    "g2sym --version": ["-m", "g2sym", "--version"],
    "g2sym --help": ["-m", "g2sym", "--help"],
    "g2sym models": ["-m", "g2sym", "models"],
    "g2sym eval (one point)": ["-m", "g2sym", *POINT],
    "import sympy": ["-c", "import sympy"],
}


def measure(repeats: int) -> dict[str, list[float]]:
    """Time every case in turn, ``repeats`` times over, so that a busy moment hits all of them alike."""
    times: dict[str, list[float]] = {name: [] for name in CASES}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for warming in range(-1, repeats):
        for name, arguments in CASES.items():
            start = time.perf_counter()
            subprocess.run(
                [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL, check=True
            )
            if warming >= 0:
                times[name].append(time.perf_counter() - start)
    return times


def report(times: dict[str, list[float]]) -> dict[str, object]:
    """Return medians in seconds, and the difference and ratio to bare Python."""
    medians = {name: statistics.median(found) for name, found in times.items()}
    bare = medians["bare python"]
    rows = [
        {"case": name, "seconds": value, "above_bare": value - bare, "ratio": value / bare}
        for name, value in medians.items()
    ]
    return {"python": platform.python_version(), "repeats": len(times["bare python"]), "rows": rows}


def main() -> None:
    """Measure, print the table and, where asked for, the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=11)
    parser.add_argument("--json", metavar="FILE", help="a file, or - for stdout")
    options = parser.parse_args()
    found = report(measure(options.repeats))
    if options.json != "-":
        print(f"{'case':<24}{'median [ms]':>12}{'above bare':>12}{'ratio':>8}")
        for row in found["rows"]:
            print(
                f"{row['case']:<24}{row['seconds'] * 1e3:>12.1f}{row['above_bare'] * 1e3:>12.1f}"
                f"{row['ratio']:>8.2f}"
            )
    text = json.dumps(found, indent=2, sort_keys=True)
    if options.json == "-":
        print(text)
    elif options.json:
        Path(options.json).write_text(text + "\n")


if __name__ == "__main__":
    main()
