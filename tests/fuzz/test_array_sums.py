"""Arrays of the bundled models over the whole range of doubles, every value against the paper's formulas.

What is compared with what: each double that `lambdify` returns, with a ball around Delta a as
arXiv:2506.17750 prints it (`tests.fuzz.paper`), computed for this point with elementary functions and raised
in precision until it is known to 60 bits. None is left out. Asserted is what docs/numbers.md promises: a
relative error of at most 1e-12; infinite where the truth rounds to infinity; at most 2^-1074 away where it
lies below 2^-1022; zero where the sum is zero exactly; NaN with a reason where, and only where, an array
holds NaN, an infinity or a negative mass, or the value diverges.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

import flint
import numpy as np
import pytest

from g2sym.arrays.ladder import TOLERANCE
from g2sym.base.balls import working_precision
from g2sym.errors import InvalidPointsWarning
from g2sym.model.model import load_model
from tests.fuzz.sums import CASES, LEAST, Case, Point, Printed, masses, move_to_the_line, values

KNOWN, START, MOST = 60, 128, 1 << 15
"""Bits to which every ball is known; the first precision tried, and the last."""
SIZES = {
    "alp": 93_000,
    "alp_electroweak": 70_000,
    "scalar": 93_000,
    "dark_photon": 40_000,
    "axial_vector": 34_000,
}
"""Points for each lepton; with those of the quotients more than a million of them have a value."""
QUOTIENTS = {"a(mu)/a(e)": (("mu", 1), ("e", -1)), "a(e)*a(tau)": (("e", 1), ("tau", 1))}
QUOTIENT_SIZE = 7_000


@dataclass
class Tally:
    """How many sums were compared, the largest relative error, and how many each rung decided.

    ``outside`` are those beyond normal doubles, ``nothing`` the points without a value.
    """

    case: Case
    quotient: bool = False
    count: int = 0
    worst: float = 0.0
    outside: int = 0
    nothing: int = 0
    rungs: np.ndarray = field(default_factory=lambda: np.zeros(4, int))

    def compare(
        self,
        function: Callable[..., object],
        columns: Mapping[str, np.ndarray],
        ball: Callable[[Point, int], flint.arb],
    ) -> None:
        """Evaluate over arrays that broadcast, and compare every value with ``ball(point, bits)``."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", InvalidPointsWarning)
            found = function(params=columns, full=True)
        self.rungs += np.bincount(found.rungs.ravel(), minlength=4)
        spread = np.broadcast_arrays(*columns.values())
        assert found.values.shape == spread[0].shape
        nothing = np.broadcast_to(self._without_value(columns), found.values.shape)
        self.nothing += int(nothing.sum())
        assert np.array_equal(np.isnan(found.values), nothing)
        assert np.array_equal(np.any([*found.reasons.values(), np.zeros_like(nothing)], axis=0), nothing)
        rows = np.stack([column[~nothing] for column in spread], axis=1).tolist()
        for row, value in zip(rows, found.values[~nothing].tolist(), strict=True):
            self._one(value, dict(zip(columns, row, strict=True)), ball)

    def __str__(self) -> str:
        doubles, pairs, balls = self.rungs[1:].tolist()
        return (
            f"{self.count} sums, worst relative error {self.worst:.2g}; {doubles} by doubles, {pairs} by "
            f"pairs, {balls} by balls; {self.outside} beyond normal doubles, {self.nothing} without a value"
        )

    def _without_value(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        out = np.zeros((), bool)
        for name, column in columns.items():
            bad = ~np.isfinite(column)
            if name == self.case.mass:
                bad |= column < 0
            elif self.quotient:
                bad |= column == 0  # its denominator vanishes
            out = out | bad
        if not self.case.massless:  # diverges, unless its only coupling is zero
            out = out | ((columns[self.case.mass] == 0) & (columns[self.case.couplings[0]] != 0))
        return out

    def _one(self, value: float, point: Point, ball: Callable[[Point, int], flint.arb]) -> None:
        self.count += 1
        bits = START
        truth = ball(point, bits)
        while truth.rel_accuracy_bits() < KNOWN and not truth.is_zero():
            bits *= 2
            assert bits <= MOST, ("the sum as printed was not told from zero", point)
            truth = ball(point, bits)
        shown = float(truth.mid())
        if LEAST < abs(shown) < 1e308:
            error = abs(value - shown) / abs(shown)  # the ball and this line err by less than 1e-15
            assert error <= TOLERANCE - 1e-15, (point, value, shown)
            self.worst = max(self.worst, error)
            return
        self.outside += 1
        with working_precision(256):
            if truth.is_zero() or abs(shown) == np.inf:
                assert value == shown, (point, value)
            else:
                limit = 2.0**-1074 if abs(shown) <= LEAST else TOLERANCE * abs(truth)
                assert abs(flint.arb(value) - truth) <= limit, (point, value, shown)


def batches(rng: np.random.Generator, printed: Printed, count: int) -> Iterator[dict[str, np.ndarray]]:
    """Yield arrays of ``count`` points in all: a grid, few at once, every coupling, distinct points."""
    case = printed.case
    side, few = int((count / 4) ** 0.5), min(50, count // 10)

    def columns(
        mass: tuple[int, ...], first: tuple[int, ...], last: tuple[int, ...], *more: str
    ) -> dict[str, np.ndarray]:
        out = {case.mass: masses(rng, printed.lepton, int(np.prod(mass))).reshape(mass)}
        for name in (*case.couplings, *more):
            shape = first if name == case.couplings[0] and len(case.couplings) > 1 else last
            out[name] = values(rng, int(np.prod(shape))).reshape(shape)
        return out

    alone = len(case.couplings) == 1
    parts = [columns((side, 1), (1, side), (1, side) if alone else (side, side)), columns(*[(few,)] * 3)]
    if not alone:
        every = (case.more,) if case.more else ()
        for size in (few, 2 * few):
            parts.append(columns(*[(size,)] * 3, *every))
            parts[-1]["Lambda"] = 10 ** rng.uniform(0, 300, size)
            parts[-1]["Lambda"][::2] = rng.choice([1.0, 246.0, 1e4], size)[::2]
    rest = count - sum(np.broadcast(*part.values()).size for part in parts)
    parts.append(columns(*[(rest,)] * 3))
    for part in parts:
        if not alone:
            move_to_the_line(rng, printed, part, case.couplings[-1])
        yield part


@pytest.mark.parametrize(
    "share", [pytest.param(0.002, id="short"), pytest.param(1.0, id="long", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("lepton", ["e", "mu", "tau"])
@pytest.mark.parametrize("name", CASES)
def test_sums_of_a_model(name: str, lepton: str, share: float) -> None:
    printed, tally = Printed(name, lepton), Tally(CASES[name])
    function = load_model(name).anomalous_moment(lepton).lambdify()
    rng = np.random.default_rng(sum(map(ord, name + lepton)))
    for columns in batches(rng, printed, int(SIZES[name] * share)):
        tally.compare(function, columns, printed.ball)
    print(f"{name}, {lepton}: {tally}")


@pytest.mark.parametrize(
    "count", [pytest.param(60, id="short"), pytest.param(QUOTIENT_SIZE, id="long", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("text", QUOTIENTS)
@pytest.mark.parametrize("name", ["dark_photon", "axial_vector"])
def test_products_and_quotients(name: str, text: str, count: int) -> None:
    parts = [(Printed(name, lepton), power) for lepton, power in QUOTIENTS[text]]

    def ball(point: Point, bits: int) -> flint.arb:
        with working_precision(bits):
            out = flint.arb(1)
            for printed, power in parts:
                out *= printed.ball(point, bits) ** power
            return out

    quotient = min(power for _, power in parts) < 0
    function, tally = load_model(name).observable(text).lambdify(), Tally(CASES[name], quotient)
    rng = np.random.default_rng(sum(map(ord, name + text)))
    for columns in batches(rng, parts[0][0], count):
        tally.compare(function, columns, ball)
    print(f"{name}, {text}: {tally}")
