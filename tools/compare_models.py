"""Random declared models: g2sym against a calculation by explicit Dirac matrices (tests/oracle).

    python tools/compare_models.py N [--seed S] [--kinds a,b] [--most M] [--jobs J] [--arrays] [--list]
        [--above]

Model number i has the seed S + i. The report has the worst relative difference of a(l) and d(l), the time
that either side takes, and every model that differs by 1e-10 or more, or that g2sym does not evaluate. The
exit code is 1 if there is one. With --arrays doubles are compared as well, to 1e-12;
with --above the lepton is above a threshold of every model, and imaginary parts are compared too.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from oracle.comparison import Difference, compare
from oracle.generate import KINDS, RandomModel, random_model

TOLERANCE = 1e-10
ARRAYS = 1e-12
SHOWN = 5


def draw(seed: int, kinds: tuple[str, ...], most: int, above: bool) -> RandomModel:
    """Return the model of a seed."""
    return random_model(Random(seed), kinds, most, above)


def one(
    seed: int, kinds: tuple[str, ...], most: int, above: bool, arrays: bool
) -> tuple[int, Difference | str]:
    """Compare one model; the second part says in words what went wrong where something was raised."""
    try:
        return seed, compare(draw(seed, kinds, most, above), arrays)
    except Exception as error:  # every failure is reported, and the run goes on
        return seed, f"{type(error).__name__}: {error}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, report, and return the exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("count", type=int, metavar="N", help="how many models")
    parser.add_argument("--seed", type=int, default=0, help="the first model's seed")
    parser.add_argument("--kinds", default=",".join(KINDS), help="kinds of mediators, separated by commas")
    parser.add_argument("--most", type=int, default=3, help="most mediators of a model")
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--arrays", action="store_true", help="compare doubles as well")
    parser.add_argument("--above", action="store_true", help="models above a threshold")
    parser.add_argument("--list", action="store_true", help="print the kinds and leave")
    options = parser.parse_args(arguments)
    if options.list:
        print("\n".join(KINDS))
        return 0
    kinds = tuple(options.kinds.split(","))
    if unknown := [k for k in kinds if k not in KINDS]:
        parser.error(f"no kind {', '.join(unknown)}; choose from {', '.join(KINDS)}")
    start = time.perf_counter()
    task = partial(one, kinds=kinds, most=options.most, above=options.above, arrays=options.arrays)
    seeds = range(options.seed, options.seed + options.count)
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            results = list(pool.map(task, seeds, chunksize=20))
    else:
        results = [task(seed) for seed in seeds]
    return report(results, partial(draw, kinds=kinds, most=options.most, above=options.above), start)


def report(results: list[tuple[int, Difference | str]], model: partial[RandomModel], start: float) -> int:
    """Print what was found; returns 1 where a model differs or was not evaluated."""
    found = {seed: r for seed, r in results if isinstance(r, Difference)}
    raised = {seed: r for seed, r in results if isinstance(r, str)}
    differing = [seed for seed, r in found.items() if not (r.worst < TOLERANCE and r.arrays < ARRAYS)]
    print(f"{len(found)} models compared in {time.perf_counter() - start:.0f} s")
    if found:
        worst = max(found, key=lambda seed: found[seed].worst)
        doubles = max(found, key=lambda seed: found[seed].arrays)
        if found[doubles].arrays:
            print(f"worst in doubles {float(found[doubles].arrays):.2e} (seed {doubles})")
        used = Counter(kind for seed in found for kind in model(seed).kinds)
        print(f"worst relative difference {float(found[worst].worst):.2e} (seed {worst})")
        for side, seconds in (("g2sym", "seconds"), ("oracle", "oracle_seconds")):
            times = [getattr(r, seconds) for r in found.values()]
            print(
                f"{side}: {sum(times) / len(times) * 1e3:.0f} ms a model, at most {max(times) * 1e3:.0f} ms"
            )
        print("mediators: " + ", ".join(f"{kind} {n}" for kind, n in sorted(used.items())))
    print(f"{len(differing)} models differ, {len(raised)} were not evaluated")
    for seed in differing[:SHOWN]:
        r = found[seed]
        differences = (
            f"{name} {float(x):.2e}" for name, x in (("a", r.a), ("d", r.d), ("doubles", r.arrays))
        )
        print(f"\nseed {seed}: differences {', '.join(differences)}")
        print(model(seed).toml(), model(seed).given)
    for seed, words in list(raised.items())[:SHOWN]:
        print(f"\nseed {seed}: {words}")
        print(model(seed).toml(), model(seed).given)
    return 1 if differing or raised else 0


if __name__ == "__main__":
    sys.exit(main())
