"""Measurements to draw from, and certified values of an observable against the window of one."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from random import Random

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.inputs import Window

SECONDS = 5.0
REFERENCE = 0.03
"""Processor seconds of `slowness`'s loop on a quiet core."""
"""Seconds of the processor within which every question has its answer or its sentence."""
MOST = 1 << 14
"""Most bits that a verdict may take."""
BUNDLED = {
    "a(e)": ("electron-2023-rb", "electron-2023-cs"),
    "a(mu)": ("muon-2021", "muon-2023", "muon-2025"),
    "a(tau)": ("tau-2024",),
}
OWN = """schema = 1
name = "own"
observable = "{observable}"
unit = "{unit}"
kind = "{kind}"
date = 2030-01-31
{rest}
"""
LIMIT = 'value = "{}"\nconfidence = 0.95\nsource = "made up"'
DIFFERENCE = '[difference]\nvalue = "{}"\nerror = {{ up = "{}", down = "{}" }}\nsource = "made up"'
CP = """schema = 1
name = "cp"
lagrangian = "-s*bar(f)*(g_S + I*g_P*gamma5)*f - h/4*s*F(A, al, be)*F(A, al, be)"
[fields.s]
spin = 0
mass = "m_s"
[parameters.g_S]
dimension = 0
flavour = "universal"
[parameters.g_P]
dimension = 0
flavour = "universal"
[parameters.h]
dimension = -1
default = 0
[parameters.Lambda]
dimension = 1
default = 1000
"""
"""A scalar of mixed CP that couples to every lepton alike, and to photons."""


@contextmanager
def in_time(question: object) -> Iterator[None]:
    """Assert that what is done takes at most `SECONDS`; a busy machine does not count."""
    start = time.process_time()
    yield
    took = time.process_time() - start
    assert fast_enough(took), (took, question)


def fast_enough(took: float) -> bool:
    """True for less than `SECONDS` of a quiet core: neighbours on a core slow processor time down, too."""
    return took < SECONDS or took < 2 * SECONDS * slowness()


def slowness() -> float:
    """Return how many times slower than on a quiet core a fixed loop runs now, at least 1."""
    start = time.process_time()
    total = 0
    for k in range(500_000):
        total += k * k
    return max(1.0, (time.process_time() - start) / REFERENCE)


def spread(random: Random, low: float, high: float, sign: bool = True) -> Fraction:
    """Return a decimal of seven digits, its size log-uniform between two powers of ten."""
    size = Fraction(f"{10 ** random.uniform(low, high):.6e}")
    return -size if sign and random.random() < 0.5 else size


def condition(random: Random, observable: str, place: Path) -> tuple[object, dict[str, object]]:
    """Return a measurement, bundled or of our own (a limit, a difference), and a criterion for it."""
    if observable in BUNDLED and random.random() < 0.8:
        given: object = random.choice(BUNDLED[observable])
        limit = False
    else:
        unit, scale = ("1", 2) if "/" in observable else ("e_cm", -20) if observable[0] == "d" else ("1", -10)
        value, up, down = (f"{10 ** random.uniform(scale - 3, scale + 3):.5e}" for _ in range(3))
        limit = random.random() < 0.4
        rest = LIMIT.format(value) if limit else DIFFERENCE.format(random.choice(["", "-"]) + value, up, down)
        kind = "limit" if limit else "difference"
        place.write_text(OWN.format(observable=observable, unit=unit, kind=kind, rest=rest))
        given = g2.load_measurement(place)
    if limit or random.random() < 0.1:
        return given, {}
    criterion = random.choice(["sensitivity", "interval", "conservative"])
    return given, {"criterion": criterion, "n_sigma": random.choice([1, 2, 3, "1/3", "0.01", "2.5", 5, 10])}


def allowed(observable: g2.Observable, params: Mapping[str, Fraction], window: Window) -> bool:
    """Return whether the certified value at a point lies in a window; raises where it lies on an edge."""
    bits = 96
    while bits <= MOST:
        ball = observable.enclose(bits, params)
        with working_precision(bits):
            here, low, high = ball.arb(), window.low(bits), window.high(bits)
            if here > low and here < high:
                return True
            if here < low or here > high:
                return False
        bits *= 2
    raise AssertionError(f"{params}: on which side of the window was not told")
