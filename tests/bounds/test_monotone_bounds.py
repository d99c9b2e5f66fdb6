"""Kernels sampled over a mass: the bound on each node and on each chord beside the largest error there is."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from g2sym.errors import UnsupportedError
from g2sym.integrals.rational import gen
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.monotone import Part, parts, sample
from g2sym.model.model import load_model

F = Fraction
UNIT = F("0.1056583755")


def all_parts():
    found = []
    for name in ("alp", "scalar", "dark_photon"):
        for term in load_model(name).anomalous_moment("mu").derivation.terms():
            if term.integral.variables and "zeta" not in str(term.integral.delta):
                found += parts(term.integral, "rho", {})
    return found


PARTS = all_parts()
LOGS = [part for part in PARTS if part.integral.log != 0]


def truth(part: Part, mass: float, bits: int = 100) -> Fraction:
    ball = ClosedKernel(part.integral.canonical).ball({"rho": (F(mass) / UNIT) ** 2}, bits)
    mantissa, exponent = ball.mid().man_exp()
    return F(int(mantissa)) * F(2) ** int(exponent)


def sampled(part: Part, edges):
    return sample(part, "rho", np.array(edges), UNIT, 2, F(0))


@pytest.mark.parametrize("number", range(len(PARTS)))
def test_nodes_of_the_interpolation(number):
    """A cell of two neighbouring doubles between the nodes: what remains is the interpolation's error."""
    part, random, most = PARTS[number], np.random.default_rng(number), 0
    for at in 10.0 ** random.uniform(-4, 3, 40):
        found = sampled(part, [0.9 * at, at, np.nextafter(at, np.inf), 1.1 * at])
        error, bound = abs(truth(part, at) - F(found.values[1])), F(found.stray[1])
        assert error <= bound
        most = max(most, error / bound)
    assert most > F(1, 4)


@pytest.mark.parametrize("number", range(len(PARTS)))
def test_rounding_at_a_node(number):
    """The ends of the range are nodes, where the interpolation is exact and rounding is all there is."""
    part, random, most = PARTS[number], np.random.default_rng(number), 0
    for at in 10.0 ** random.uniform(-7, -5, 60):
        found = sampled(part, [at, np.nextafter(at, np.inf), 1.2 * at])
        error, bound = abs(truth(part, at) - F(found.values[0])), F(found.stray[0])
        assert error <= bound
        most = max(most, error / bound)
    assert most > F(1, 200)


@pytest.mark.parametrize("part", LOGS)
def test_rounding_of_the_argument(part):
    """Where -ln Delta integrates to zero the value is small and the slope is not: the argument's rounding."""
    low, high = 1e-3, 1e3
    while high - low > 1e-9 * low:
        middle = (low * high) ** 0.5
        low, high = (middle, high) if truth(part, middle) * truth(part, low) > 0 else (low, middle)
    most = 0
    for at in low * (1 + np.random.default_rng(1).uniform(-1e-4, 1e-4, 200)):
        found = sampled(part, [at, np.nextafter(at, np.inf), 1.2 * at])
        error, bound = abs(truth(part, at) - F(found.values[0])), F(found.stray[0])
        assert error <= bound
        most = max(most, error / bound)
    assert most > F(1, 100)


@pytest.mark.parametrize("number", range(len(PARTS)))
@pytest.mark.parametrize("width", [0.01, 0.1, 0.5])
@pytest.mark.parametrize("place", [1e-3, 0.1, 30.0])
def test_chords_of_wide_cells(number, width, place):
    """The distance from the chord, in the mass, where it is largest."""
    part = PARTS[number]
    low, high = place, place * (1 + width)
    found = sampled(part, [low, high])
    a, b = (F(v) for v in found.values)
    error = F(0)
    for share in (F(n, 16) for n in range(17)):
        at = float(F(low) + share * (F(high) - F(low)))
        place_in = (F(at) - F(low)) / (F(high) - F(low))
        error = max(error, abs(truth(part, at) - (a + place_in * (b - a))))
    # beside a light boson -ln Delta integrates to a - b m: the bends in s and of s cancel, up to a factor 6e4
    most = 1000 if part.integral.log == 0 or place > 0.01 else 100_000
    assert error <= F(found.stray[0]) <= most * error


def test_a_delta_that_falls_with_the_mass_is_refused():
    """Delta = A - t (1 - x): nothing is monotone, and no difference bounds a derivative."""
    one = PARTS[0].integral
    x, rho = gen("x"), gen("rho")
    with pytest.raises(UnsupportedError, match="not known to be monotone"):
        parts(replace(one, delta=x**2 + 5 - rho * (1 - x)), "rho", {})
