"""g2sym against the oracle for one random model."""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter

from mpmath import mp, mpf

import g2sym as g2
from g2sym.lagrangian.modelfile import parse_declaration
from oracle.generate import KINDS, RandomModel
from oracle.moments import Moments

_CHARGED = "photons attached to a charged mediator are not derived yet"
_MAJORANA = "Majorana fermions are not treated yet"
_COLOUR = "the language has no colour yet"
UNTREATED: dict[str, str] = {
    "charged-scalar": _CHARGED,
    "charged-vector": _CHARGED,
    "neutrino-scalar": _CHARGED,
    "neutrino-vector": _CHARGED,
    "majorana-scalar": _MAJORANA,
    "majorana-vector": _MAJORANA,
    "two-lepton-scalar": _CHARGED,
    "two-lepton-vector": _CHARGED,
    "quark-scalar": _COLOUR,
    "quark-vector": _COLOUR,
    "coloured-scalar": _COLOUR,
    "coloured-vector": _COLOUR,
    "w-boson": _CHARGED,
}
"""Kinds of models that g2sym refuses, and why; taking a line out compares them."""
TREATED = tuple(kind for kind in KINDS if kind not in UNTREATED)
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


def compare(model: RandomModel, arrays: bool = False) -> Difference:
    """Evaluate a(l) and d(l) of a model on both sides, with ``arrays`` in doubles as well. Raises what g2sym
    raises."""
    start = perf_counter()
    expected: Moments = model.expected()
    between = perf_counter()
    declared = g2.Model(parse_declaration(model.toml().encode(), "random model"))
    found, doubles = [], []
    for kind in "ad":
        observable = declared.observable(f"{kind}({model.lepton})")
        middle = observable.evaluate(DIGITS, model.given).ball.midpoint
        found.append(mpf(middle.numerator) / middle.denominator)
        if arrays:
            doubles.append(mpf(float(observable.lambdify()(model.given))))
    end = perf_counter()
    with mp.workdps(40):
        half = 2 * mpf(model.known[f"m_{model.lepton}"])
        rows = [
            (expected.a.real, expected.size_a),
            (expected.d.real, max(expected.size_a / half, expected.size_d)),
        ]
        a, d = (_relative(x, *row) for x, row in zip(found, rows, strict=True))
        array = max((_relative(x, *row) for x, row in zip(doubles, rows, strict=False)), default=mpf(0))
    return Difference(a, d, array, end - between, between - start)
