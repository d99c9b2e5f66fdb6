"""Random cells of random maps: what was proved of a cell holds at its corners and inside it.

What is compared with what: the state of a cell, with certified values of the observable at its four corners
(the doubles that bound it) and at two points within. Cells are drawn from every level, those along the
borders most often; the undecided ones are counted, and of them those whose points lie on both sides.
"""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from random import Random

import numpy as np
import pytest

import g2sym as g2
from g2sym.constraints.maps import STATES
from g2sym.inputs import load_measurement
from g2sym.observables.quantity import NoValue
from tests.fuzz.judge import CP, allowed, condition, in_time, spread
from tests.fuzz.sums import CASES

pytestmark = pytest.mark.long
CELLS = 25
"""Cells drawn from each map."""
PLANES = 26
"""Maps for each model and observable."""
MODELS = {
    name: (case.mass, (*case.couplings, *([case.more] if case.more else []))) for name, case in CASES.items()
}
OBSERVABLES = [
    *((name, f"a({lepton})") for name in CASES for lepton in ("e", "mu", "tau")),
    ("cp", "d(mu)"),
    ("cp", "a(e)/a(mu)"),
    ("dark_photon", "a(tau)/a(mu)"),
    ("axial_vector", "a(e)*a(mu)"),
]


def axis(random: Random, name: str, mass: bool) -> tuple[str, Fraction, Fraction, str]:
    """Return an axis for a coupling, a mass or the cut-off, logarithmic or linear."""
    low = spread(random, *((-4, 3) if mass else (-9, 0)), sign=False)
    high = low * spread(random, 0.01, 6, sign=False)
    if random.random() < 0.6:
        sign = -1 if not mass and random.random() < 0.3 else 1
        return (name, *sorted((sign * low, sign * high)), "log")
    start = Fraction(0) if random.random() < 0.3 and not mass else low
    if not mass and random.random() < 0.5:
        start = -high * Fraction(random.randint(1, 9), random.randint(1, 9))
    return (name, start, high, "lin")


@pytest.mark.parametrize(("name", "text"), OBSERVABLES)
def test_cells(name: str, text: str, tmp_path: Path) -> None:
    random = Random(f"{name} {text}")
    if name == "cp":
        (tmp_path / "cp.toml").write_text(CP)
    model = g2.load_model(tmp_path / "cp.toml" if name == "cp" else name)
    mass, couplings = MODELS.get(name, ("m_s", ("g_S", "g_P", "h") if "d" not in text else ("g_S", "g_P")))
    observable = model.observable(text)
    cutoff = ["Lambda"] if "Lambda" in model.declaration.parameters and "d" not in text else []
    counts = dict.fromkeys((*STATES, "across"), 0)
    for _ in range(PLANES):
        used = [mass, *couplings] if random.random() < 0.5 else [mass, *couplings[:2]]
        first, second = random.sample([*used, *cutoff], 2)
        fixed = {n: spread(random, *((-3, 3) if n == mass else (-7, 0)), sign=n != mass) for n in used}
        axes = [axis(random, n, n in (mass, "Lambda")) for n in (first, second)]
        fixed = {n: v for n, v in fixed.items() if n not in (first, second)}
        given, chosen = condition(random, text, tmp_path / "own.toml")
        with in_time((text, axes, chosen, fixed)):
            found = g2.exclusion_map(
                observable, *axes, given, **chosen, resolution=1 << random.randint(2, 8), params=fixed
            )
        window = (load_measurement(given) if isinstance(given, str) else given).window(**chosen)
        for state, points in cells(random, found):
            counts[state] += 1
            truth = set()
            for x, y in points:
                with suppress(NoValue):  # 0/0 of a quotient: the map takes the limit, which it says
                    truth.add(allowed(observable, {**fixed, first: x, second: y}, window))
            if state == "undecided":
                counts["across"] += len(truth) == 2
            else:
                assert truth <= {state == "allowed"}, (found.as_dict(), state, points)
    print(f"{name} {text}: {counts}")


def cells(random: Random, found: g2.ExclusionMap) -> list[tuple[str, list[tuple[Fraction, Fraction]]]]:
    """Draw cells of every level; return the state of each with its corners and two points inside."""
    leaves, out = found.leaves, []
    levels = np.unique(leaves.level).tolist()
    for _ in range(CELLS):
        level = random.choice(levels[-3:] if random.random() < 0.7 else levels)
        at = random.choice(np.flatnonzero(leaves.level == level).tolist())
        size = found.resolution >> level
        column, row = int(leaves.column[at]) * size, int(leaves.row[at]) * size
        xs, ys = (
            [Fraction(float(edges[k])) for k in (start, start + size)]
            for edges, start in ((found.x_edges, column), (found.y_edges, row))
        )
        points = [(x, y) for x in xs for y in ys]
        for _ in range(2):
            inner = [a + (b - a) * Fraction(random.randint(1, 999), 1000) for a, b in (xs, ys)]
            points.append((inner[0], inner[1]))
        out.append((STATES[leaves.state[at]], points))
    return out
