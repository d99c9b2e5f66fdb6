"""Random bounds: ends tested by certified values on either side, their number by the paper's formulas.

What is compared with what: windows of a coupling or a mass, for every bundled measurement and some of our
own, with certified values of the observable at points within one part in 10^digits of each end, between the
ends and beyond them. For the bundled models the ends of a coupling's windows are counted too: a polynomial of
degree 1 or 2 whose coefficients come from `tests.fuzz.paper` crosses the edges of the measured window that
often.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from random import Random

import flint
import pytest

import g2sym as g2
from g2sym.base.balls import Ball, number, working_precision
from g2sym.constraints import contains
from g2sym.inputs import Window
from tests.fuzz import paper
from tests.fuzz.judge import CP, MOST, allowed, condition, in_time, spread
from tests.fuzz.sums import CASES, Printed

pytestmark = pytest.mark.long
LEPTONS = ("e", "mu", "tau")
TEXTS = ("d(mu)", "a(tau)", "a(e)/a(mu)", "d(e)/d(mu)", "a(e)*a(mu)")
COUPLINGS, OTHERS, MASSES = 640, 60, 8
"""How many bounds: on couplings for each model and lepton, for each of `TEXTS`, on masses as on couplings."""
Spans = Sequence[tuple[Ball | None, Ball | None]]


@dataclass(frozen=True)
class Found:
    """One row of a bound: windows of ``on``, values of all else, the measured window, digits of ends."""

    observable: g2.Observable
    on: str
    fixed: Mapping[str, Fraction]
    window: Window
    spans: Spans
    digits: int

    @property
    def ends(self) -> list[Ball]:
        """The finite ends from left to right, that of a window of one point once."""
        out: list[Ball] = []
        for end in (end for span in self.spans for end in span if end is not None):
            if not out or end is not out[-1]:
                out.append(end)
        return out

    def check(self, points: Iterable[Fraction]) -> None:
        """Compare what the windows say of some points with certified values there."""
        for value in points:
            here = allowed(self.observable, {**self.fixed, self.on: value}, self.window)
            assert here == contains(self.spans, value), (self.on, self.fixed, value, self.spans)

    def beside_ends(self) -> Iterator[Fraction]:
        """Yield two points for each end, within a part in 10^digits of it."""
        ends = self.ends
        for k, end in enumerate(ends):
            size = abs(end.midpoint) or min(
                (abs(e.midpoint) for e in ends if e.midpoint), default=Fraction(1)
            )
            step = end.radius + size / 10 ** (self.digits + 1)
            if k:
                step = min(step, (end.lower - ends[k - 1].upper) / 3)
            if k + 1 < len(ends):
                step = min(step, (ends[k + 1].lower - end.upper) / 3)
            yield from (end.lower - step, end.upper + step)

    def between_and_beyond(self) -> Iterator[Fraction]:
        """Yield a point between any two neighbouring ends, and one on either side of all."""
        places = [end.midpoint for end in self.ends]
        yield from ((a + b) / 2 for a, b in pairwise(places))
        if places:
            reach = max(map(abs, places)) * 100
            yield from (places[0] - reach, places[-1] + reach)


def rows(
    random: Random,
    observable: g2.Observable,
    on: str,
    params: Mapping[str, object],
    place: Path,
    **more: object,
) -> Iterator[Found]:
    """Bound a parameter by a random measurement and yield what was found, row by row."""
    given, chosen = condition(random, observable.quantity.text, place)
    digits = random.choice([17, 17, 17, 6, 30])
    with in_time((observable.quantity.text, on, params, more)):
        bound = g2.bound(observable, on, given, **chosen, **more, digits=digits, params=params)
    fixed = {name: value for name, value in params.items() if name not in bound.varied}
    for row in bound.rows:
        yield Found(observable, on, {**fixed, **row.values}, bound.window, row.windows, digits)


def crossings(printed: Printed, found: Found) -> int:
    """Return how often the printed sum, a polynomial in one coupling, crosses the edges of a window."""
    bits, case, fixed = 256, printed.case, found.fixed
    while True:
        with working_precision(bits + paper.GUARD):
            powers = [flint.arb(0)] * 3
            point = (fixed[case.mass], fixed.get("Lambda", 1000.0), case.more in (*fixed, found.on))
            for names, value in case.sums(printed.lepton, *point).items():
                for name in names:
                    value = value if name == found.on else value * number(fixed[name])
                powers[names.count(found.on)] += value
            count = [_roots(powers, edge(bits)) for edge in (found.window.low, found.window.high)]
        if None not in count:
            return sum(count)
        bits *= 2
        assert bits <= MOST


def _roots(powers: Sequence[flint.arb], level: flint.arb) -> int | None:
    """Return how many real roots c + b x + a x^2 = level has, None where a sign is not told."""
    c, b, a = powers
    if a.is_zero():
        return int(not b.is_zero())
    inner = b * b - 4 * a * (c - level)
    return 2 if inner > 0 else 0 if inner < 0 else None


@pytest.mark.parametrize("lepton", LEPTONS)
@pytest.mark.parametrize("name", CASES)
def test_windows_of_couplings(name: str, lepton: str, tmp_path: Path) -> None:
    """`COUPLINGS` bounds of each model and lepton."""
    case, observable, printed = (
        CASES[name],
        g2.load_model(name).anomalous_moment(lepton),
        Printed(name, lepton),
    )
    random = Random(f"{name} {lepton}")
    bounds = ends = 0
    while bounds < COUPLINGS:
        every = [*case.couplings, *([case.more] if case.more and random.random() < 0.3 else [])]
        on = random.choice(every)
        fixed: dict[str, object] = {n: spread(random, -10, 2) for n in every if n != on}
        if fixed and random.random() < 0.05:
            fixed[random.choice(sorted(fixed))] = Fraction(0)
        decades = (-250, 250) if random.random() < 0.1 else (-6, 6)
        masses = [spread(random, *decades, sign=False) for _ in range(random.choice([1, 2, 5]))]
        for found in rows(random, observable, on, {**fixed, case.mass: masses}, tmp_path / "own.toml"):
            found.check([*found.beside_ends(), *found.between_and_beyond(), spread(random, -12, 3)])
            assert len(found.ends) == crossings(printed, found), found
            bounds, ends = bounds + 1, ends + len(found.ends)
    print(f"{name}, {lepton}: {bounds} bounds with {ends} ends")


@pytest.mark.parametrize("text", TEXTS)
def test_windows_of_other_observables(text: str, tmp_path: Path) -> None:
    """`OTHERS` bounds each of a scalar that violates CP, quotients and products among them."""
    (tmp_path / "cp.toml").write_text(CP)
    observable, random = g2.load_model(tmp_path / "cp.toml").observable(text), Random(text)
    bounds = ends = 0
    while bounds < OTHERS:
        names = ["g_S", "g_P"] if "d" in text else ["g_S", "g_P", "h"]
        on = random.choice(names)
        fixed: dict[str, object] = {n: spread(random, -6, 0) for n in names if n != on}
        masses = [spread(random, -4, 3, sign=False) for _ in range(random.choice([1, 3]))]
        for found in rows(random, observable, on, {**fixed, "m_s": masses}, tmp_path / "own.toml"):
            some = [spread(random, -8, 2) for _ in range(6)]
            found.check([*found.beside_ends(), *found.between_and_beyond(), *some])
            bounds, ends = bounds + 1, ends + len(found.ends)
    print(f"{text}: {bounds} bounds with {ends} ends")


@pytest.mark.parametrize("lepton", LEPTONS)
@pytest.mark.parametrize("name", CASES)
def test_windows_of_masses(name: str, lepton: str, tmp_path: Path) -> None:
    """`MASSES` bounds on the mass of each model and lepton; nothing is said beyond the interval searched."""
    case, observable = CASES[name], g2.load_model(name).anomalous_moment(lepton)
    random = Random(f"{name} {lepton} mass")
    ends = 0
    for _ in range(MASSES):
        fixed = {n: spread(random, -6, 0) for n in case.couplings}
        low = spread(random, -4, 1, sign=False)
        high = low * spread(random, 0.1, 3, sign=False)
        (found,) = rows(random, observable, case.mass, fixed, tmp_path / "own.toml", interval=(low, high))
        grid = [low + (high - low) * Fraction(k, 9) ** 3 for k in range(1, 9)]
        beside = [*found.beside_ends(), *found.between_and_beyond()]
        found.check(v for v in [*beside, *grid] if low < v < high)
        ends += len(found.ends)
    print(f"{name} {lepton}: {MASSES} bounds on the mass with {ends} ends")
