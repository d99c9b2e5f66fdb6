"""Mutation tests: mistakes planted in error bounds, signs, criteria and checks, for a test to notice.

    python tools/mutate.py [--list] [--only TEXT ...] [--timeout SECONDS]

The mutants stand in tools/mutants.toml: a name, a file, its exact old text, the new text and the tests that
should fail with it. Each is planted in a temporary copy of the tree, never in the tree itself. The report
says of every mutant whether it was killed, survived, or is stale: its old text does not occur exactly once.
The exit code is 1 when one survived or is stale, 2 when the tests fail without any mutant.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
LIST = Path(__file__).with_name("mutants.toml")
COPIED = ("g2sym", "models", "tests", "tools", "docs", "pyproject.toml", "README.md")
TIMEOUT = 300


@dataclass(frozen=True)
class Mutant:
    """A planted mistake: ``old`` replaced by ``new`` in ``file``; ``tests`` are arguments of pytest.

    ``equivalent`` says why no test can notice it, where that is so.
    """

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    equivalent: str = ""

    def occurrences(self, root: Path = ROOT) -> int:
        """Return how often the old text occurs in the file."""
        path = root / self.file
        return path.read_text(encoding="utf-8").count(self.old) if path.is_file() else 0

    def plant(self, root: Path) -> str:
        """Replace the old text and return what the file held before."""
        before = (root / self.file).read_text(encoding="utf-8")
        _write(root / self.file, before.replace(self.old, self.new))
        return before


def mutants(path: Path = LIST) -> list[Mutant]:
    """Return the mutants of a list; raises ValueError for two of one name."""
    found = []
    for row in tomllib.loads(path.read_text(encoding="utf-8"))["mutant"]:
        found.append(Mutant(**{**row, "tests": tuple(row["tests"])}))
    names = [m.name for m in found]
    twice = {n for n in names if names.count(n) > 1}
    if twice:
        raise ValueError(f"mutants named twice: {', '.join(sorted(twice))}")
    return found


def _write(path: Path, text: str) -> None:
    """Write a source file; bytecode of the text before, which may be as long and as old, is removed."""
    path.write_text(text, encoding="utf-8")
    for compiled in path.parent.glob(f"__pycache__/{path.stem}.*"):
        compiled.unlink()


def copy_tree(target: Path) -> None:
    """Copy what the tests read."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, target / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        elif source.exists():
            shutil.copy(source, target / name)


def passes(root: Path, tests: Sequence[str], timeout: float) -> bool:
    """Run tests in a copy of the tree with an empty cache of tables; True when all of them pass."""
    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "PYTHONPATH": os.fspath(root), "G2SYM_CACHE_DIR": cache}
        call = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests]
        try:
            found = subprocess.run(
                call,
                cwd=root,
                env=environment,
                capture_output=True,
                timeout=timeout,
                stdin=subprocess.DEVNULL,
            )
        except subprocess.TimeoutExpired:
            return False
        if found.returncode not in (0, 1):  # 1: a test failed; else pytest could not run them
            if b"SyntaxError" in found.stdout + found.stderr:
                raise ValueError("a mutant is no Python")
            return found.returncode == 5  # no test was found: nothing was noticed
        return found.returncode == 0


def run(chosen: Sequence[Mutant], timeout: float) -> dict[str, str]:
    """Plant each mutant in a copy and return its outcome by name, printed as it comes."""
    outcome: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        copy_tree(root)
        for tests in sorted({mutant.tests for mutant in chosen}):
            if not passes(root, tests, timeout):
                print(f"The tests fail without any mutant: {' '.join(tests)}", file=sys.stderr)
                sys.exit(2)
        for mutant in chosen:
            if mutant.occurrences(root) != 1:
                outcome[mutant.name] = "STALE"
            else:
                before = mutant.plant(root)
                noticed = not passes(root, mutant.tests, timeout)
                _write(root / mutant.file, before)
                missed = "equivalent" if mutant.equivalent else "SURVIVED"
                outcome[mutant.name] = "killed" if noticed else missed
            print(f"{outcome[mutant.name]:<10} {mutant.name:<44} {mutant.file}", flush=True)
    return outcome


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the mutants asked for and report."""
    parser = argparse.ArgumentParser(description="Plant mistakes and see whether the tests notice.")
    parser.add_argument("--list", action="store_true", help="list the mutants and stop")
    parser.add_argument("--only", nargs="+", default=[], help="mutants with one of these in name or file")
    parser.add_argument("--timeout", type=float, default=TIMEOUT, help="seconds for the tests of a mutant")
    options = parser.parse_args(arguments)
    chosen = [
        m for m in mutants() if not options.only or any(t in f"{m.name} {m.file}" for t in options.only)
    ]
    if options.list:
        for mutant in chosen:
            print(f"{mutant.name:<44} {mutant.file}")
        return 0
    outcome = list(run(chosen, options.timeout).values())
    names = ("killed", "SURVIVED", "STALE", "equivalent")
    print(f"{len(outcome)} mutants: " + ", ".join(f"{outcome.count(n)} {n}" for n in names))
    return 1 if "SURVIVED" in outcome or "STALE" in outcome else 0


if __name__ == "__main__":
    sys.exit(main())
