"""g2sym against the oracle for one random model."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from mpmath import mp, mpf

import g2sym as g2
from g2sym.lagrangian.modelfile import parse_declaration
from oracle.generate import RandomModel
from oracle.moments import Moments

DIGITS = 14
"""What g2sym is asked for; differences are compared with 1e-10."""
ZERO = mpf(10) ** -15
"""Where the oracle has nothing but rounding errors, what g2sym may have of the natural size a/2m of d, or of
the largest diagram of a."""


@dataclass(frozen=True)
class Difference:
    """Relative differences of a and d/e, ``arrays`` the larger one of g2sym's doubles (zero where they were
    not asked for), and the seconds that either side took."""

    a: mpf
    d: mpf
    arrays: mpf
    seconds: float
    oracle_seconds: float

    @property
    def worst(self) -> mpf:
        """The larger difference of certified values."""
        return max(self.a, self.d)


def _relative(found: mpf, expected: mpf, natural: mpf) -> mpf:
    """|found/expected - 1|, or where nothing is expected |found| over its natural size, in units of 1e5
    `ZERO`."""
    if not mp.isfinite(found):
        return mpf("inf")
    if abs(expected) > natural * ZERO**2:
        return abs(found - expected) / abs(expected)
    return abs(found) / (natural or mpf(1)) * mpf(10) ** 5


def compare(model: RandomModel, arrays: bool = False, less: Moments | None = None) -> Difference:
    """Evaluate a(l) and d(l) of a model on both sides, real and imaginary parts above a threshold.

    Raises what g2sym raises.
    Parameters: ``arrays``, whether doubles are compared as well; ``less``, what g2sym leaves out of it.
    """
    start = perf_counter()
    expected = model.expected()
    between = perf_counter()
    declared = g2.Model(parse_declaration(model.toml().encode(), "random model"), model.inputs)
    parts = ("{}", "im({})") if model.is_above else ("{}",)
    found, doubles = [], []
    for name in (part.format(f"{kind}({model.lepton})") for kind in "ad" for part in parts):
        observable = declared.observable(name)
        middle = observable.evaluate(DIGITS, model.given).ball.midpoint
        found.append(mpf(middle.numerator) / middle.denominator)
        if arrays:
            doubles.append(mpf(float(observable.lambdify()(model.given))))
    end = perf_counter()
    with mp.workdps(40):
        a, d = (expected.a, expected.d) if less is None else (expected.a - less.a, expected.d - less.d)
        half = 2 * mpf(model.known[f"m_{model.lepton}"])
        sizes = expected.size_a, max(expected.size_a / half, expected.size_d)
        rows = [
            (part, size)
            for value, size in zip((a, d), sizes, strict=True)
            for part in (value.real, value.imag)[: len(parts)]
        ]
        off = [_relative(x, *row) for x, row in zip(found, rows, strict=True)]
        of_arrays = [_relative(x, *row) for x, row in zip(doubles, rows, strict=False)]
    off_a, off_d = max(off[: len(parts)]), max(off[len(parts) :])
    return Difference(off_a, off_d, max(of_arrays, default=mpf(0)), end - between, between - start)
