"""Kernels of l -> l' gamma along a mass: each bound beside the largest error there is.

Values come from the exact coefficients at each point, and from quadrature in doubles for complex masses.
"""

import tempfile
from fractions import Fraction
from math import prod
from pathlib import Path

import numpy as np
import pytest

from g2sym.base.balls import working_precision
from g2sym.errors import PrecisionError, UnsupportedError
from g2sym.kernels.interpolated import Interpolated, Still
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.monotone import sample
from g2sym.kernels.transition import TransitionValues
from g2sym.kernels.transition_line import TransitionLine, at_zero
from g2sym.queries.pieces import take_apart
from tests.constraints.transitions import LAGRANGIANS, heavy, light

F = Fraction
UNIT = F("0.1056583755")
VALUES = {"a_L": 1, "a_R": 2, "b_L": 3, "b_R": "5"}


def runs():
    """The kernels of every kind along the boson's and along the fermion's mass, heavier than the muon."""
    out = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in LAGRANGIANS:
            quantity = heavy(name, Path(folder)).observable("BR(mu -> e A)").quantity
            for mass, other in (("m_B", "m_F"), ("m_F", "m_B")):
                pieces = take_apart(quantity, {**VALUES, other: "0.25"}, (mass,)).pieces
                for bound in {k.key: k for piece in pieces for k in piece.moving}.values():
                    if not bound.kernel.integral.imaginary:
                        slot = bound.moving_slot()[0]
                        out[f"{name} {mass} {len(out)}"] = bound.kernel.along(slot, bound.fixed)
    return out


RUNS = runs()
NAMES = sorted(RUNS)
X, WEIGHTS = np.polynomial.legendre.leggauss(120)


def quadrature(integral, values) -> complex:
    """Integrate over 0 < y < x < 1 in doubles; masses may be complex."""
    v = (X + 1) / 2
    u, w = v**3 * (10 - 15 * v + 6 * v**2), 15 * WEIGHTS * (v * (1 - v)) ** 2  # denser at both ends
    x, y = u[:, None] + 0 * u, u[:, None] * u
    at = {"x": x, "y": y, **values}

    def put(poly):
        return sum(float(c) * prod(at[n] ** p for n, p in m.items()) for m, c in poly.terms())

    inner = put(integral.numerator) / put(integral.delta) * x
    return complex((w[:, None] * w * inner).sum() / np.mean(put(integral.divisor)))


def exact(run, t, bits=120):
    return TransitionValues(run.integral).ball({**run.fixed, run.slot: t}, bits)


def middle(ball) -> Fraction:
    mantissa, exponent = ball.mid().man_exp()
    return F(int(mantissa)) * F(2) ** int(exponent)


def test_there_are_runs_of_every_kind():
    falls = [fall for run in RUNS.values() for fall in run.falls]
    assert {fall.sign for fall in falls} == {1, -1}
    assert {fall.step for fall in falls} == {1, 2}
    assert {-1, 0, 1} <= {fall.power for fall in falls}
    assert all(fall.positive for fall in falls)


@pytest.mark.parametrize("name", NAMES)
def test_values_along_a_slot(name):
    """Digits are those asked for, however heavy, and agree with the integrand."""
    run = RUNS[name]
    for t in (F(7, 2), F(90), F(10) ** 9 + F(1, 3)):
        for bits in (60, 200):
            with working_precision(bits + 400):
                found = run.at(t, bits)
                assert found.rel_accuracy_bits() >= bits
                assert found.overlaps(exact(run, t, bits + 60))
        if t < 10**3:
            value = quadrature(
                run.integral, {**{n: float(v) for n, v in run.fixed.items()}, run.slot: float(t)}
            )
            assert float(found.mid()) == pytest.approx(value.real, rel=1e-9)
    many = TransitionLine(run.whole.integral, run.slot).balls([3.5, 90.0], 70)
    assert all(ball.overlaps(run.at(F(t), 70)) for ball, t in zip(many, (3.5, 90.0), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_cells_of_a_mass(name):
    """Nodes of a cell of two doubles, and masses inside of a wide cell beside the chord."""
    run, random = RUNS[name], np.random.default_rng(7)
    for part in run.parts[:2]:
        line = TransitionValues(part.integral)

        def truth(mass, line=line):
            return middle(line.ball({run.slot: (F(mass) / UNIT) ** run.power}, 100))

        most = [0, 0]
        for at in 10.0 ** random.uniform(0, 3, 8):
            edges = np.array([0.9 * at, at, np.nextafter(at, np.inf), 1.1 * at])
            found = sample(part, run.slot, edges, UNIT, run.power, F(0))
            error, bound = abs(truth(at) - F(found.values[1])), F(found.stray[1])
            assert error <= bound
            most[0] = max(most[0], error / bound)
            inside = float(np.sqrt(edges[2] * edges[3]))
            share = (F(inside) - F(edges[2])) / (F(edges[3]) - F(edges[2]))
            chord = F(found.values[2]) * (1 - share) + F(found.values[3]) * share
            error, bound = abs(truth(inside) - chord), F(found.stray[2])
            assert error <= bound
            most[1] = max(most[1], error / bound)
        assert min(most) > F(1, 12)


@pytest.mark.parametrize("name", NAMES)
def test_values_lie_within_the_range(name):
    run = RUNS[name]
    for low, ratio in ((F(3), F(10)), (F(10**6), F(2)), (F(5), F(101, 100))):
        found = run.range(low, low * ratio)
        with working_precision(200):
            ends = exact(run, low), exact(run, low * ratio)
            for value in (*ends, exact(run, low * (1 + ratio) / 2)):
                assert found.lower() <= value.upper()
                assert found.upper() >= value.lower()
            if len(run.falls) == 1 and run.falls[0].power == 0:
                assert found.rad() < ends[0].union(ends[1]).rad() * (1 + 2.0**-20)


@pytest.mark.parametrize("name", NAMES)
def test_sizes_at_complex_masses(name):
    """The bound on a disc of the mass beside moduli on its rim."""
    run, most = RUNS[name], 0.0
    for centre in (4.0, 60.0):
        for share in (0.1, 0.3):
            reach = share * centre
            ends = (F(centre - reach) ** run.power, F(centre + reach) ** run.power)
            bound = float(run.size(*ends))
            for angle in np.linspace(0, np.pi, 9):
                t = (centre + reach * np.exp(1j * angle)) ** run.power
                value = abs(
                    quadrature(run.integral, {**{n: float(v) for n, v in run.fixed.items()}, run.slot: t})
                )
                assert value <= bound * (1 + 1e-9)
                most = max(most, value / bound)
    assert most > 0.02


@pytest.mark.parametrize("degree", [0, 1, 2, 5, 9])
def test_interpolation_on_intervals(degree):
    """What the polynomial and its derivative leave out, beside both bounds, on wide and narrow intervals."""
    most = [0, 0]
    for name in NAMES:
        function = Interpolated(RUNS[name], F(1), RUNS[name].power)
        for low, high in ((F(3), F(4)), (F(20), F(21))):
            with working_precision(600):
                found = function.enclose(low, high, 500, degree)
                for n in range(9):
                    mass, step = low + (high - low) * F(n, 8), F(1, 10**30)
                    u = mass - found.centre
                    p = sum(c * u.numerator**k / u.denominator**k for k, c in enumerate(found.coefficients))
                    slope = sum(
                        k * c * u.numerator ** (k - 1) / u.denominator ** (k - 1)
                        for k, c in enumerate(found.coefficients)
                        if k
                    )
                    value = function.at(mass, 500)
                    near = function.at(mass + step, 500)
                    errors = abs(value - p), abs((near - value) * step.denominator - slope)
                    for k, (error, rest) in enumerate(
                        zip(errors, (found.rest, found.slope_rest), strict=True)
                    ):
                        assert error <= rest * (1 + 1e-9)
                        most[k] = max(most[k], float((error / rest).mid()))
                assert found.values(low, high).contains(value)
    least = {0: 0.1, 1: 0.015, 2: 1e-3, 5: 1e-7, 9: 1e-12}[degree]
    assert min(most) > least


def test_a_number_that_no_mass_moves():
    from g2sym.base.balls import number

    still = Still(lambda bits: number(F(1, 3)))
    found = still.enclose(F(1), F(2), 100, 3)
    assert found.values(F(1), F(2)).overlaps(number(F(1, 3)))
    assert found.slopes(F(1), F(2)).is_zero()
    assert still.range(F(1), F(2), 64).overlaps(still.at(F(1), 64))


def light_run():
    with tempfile.TemporaryDirectory() as folder:
        quantity = light(Path(folder)).observable("BR(tau -> mu A)").quantity
    values = {"g": 1, "y_L": 1, "y_R": 2, "x_L": 0, "x_R": 0, "z_L": 0, "z_R": 0}
    pieces = take_apart(quantity, values, ("m_phi",)).pieces
    bounds = {k.key: k for piece in pieces for k in piece.moving}.values()
    return [b for b in bounds if b.kernel.threshold(b.moving_slot()[0], b.fixed)]


def test_thresholds():
    """The bound on the slot lies above the threshold m_phi = m_tau - m_mu by 2^-39 of it at most."""
    bounds = light_run()
    assert {bound.kernel.integral.imaginary for bound in bounds} == {True, False}
    for bound in bounds:
        slot, pair = bound.moving_slot()[0], TransitionValues(bound.kernel.integral)
        found = bound.kernel.threshold(slot, bound.fixed)
        for shift, side in ((F(0), 1), (F(1, 10**10), -1)):
            at = {**bound.fixed, slot: found * (1 - shift)}
            assert pair.side(at) == side
            assert pair.is_complex(at) == (side < 0)
        on = (1 - bound.fixed["eta"]) ** 2  # exactly m_tau - m_mu
        assert pair.side({**bound.fixed, slot: on}) == 0
        run = bound.kernel.along(slot, bound.fixed)
        assert run.range(found, 2 * found) is None
        assert run.range(found * (1 + F(1, 10**6)), 2 * found) is not None
        function = Interpolated(run, F(1), 2)
        with working_precision(300), pytest.raises(PrecisionError, match="could not be enclosed"):
            function.enclose(F(9, 10), F(1), 200, 3)
        assert not bound.kernel.vanishes_along(bound.fixed, [slot])
        with pytest.raises(UnsupportedError, match=r"m_phi \+ m_mu is not above m_tau"):
            bound.kernel.check({**bound.fixed, slot: on}, {"rho": "m_phi", "eta": "m_mu"}, "m_tau")
    assert all(b.kernel.along("rho", b.fixed).parts == () for b in bounds if b.kernel.integral.imaginary)


def test_limits_at_a_mass_of_zero():
    for name in NAMES:
        run = RUNS[name]
        for part in run.parts:
            try:
                found = at_zero(part.integral, run.slot, 80)
            except ArithmeticError:
                continue
            near = TransitionValues(part.integral).ball({run.slot: F(1, 10**12)}, 80)
            assert float(found.mid()) == pytest.approx(float(near.mid()), rel=1e-6)


def test_kernels_are_the_same_along_a_slot_and_at_points():
    for name in NAMES[:4]:
        run = RUNS[name]
        assert Kernel.of(run.integral).ball({**run.fixed, run.slot: F(5)}, 90).overlaps(run.at(F(5), 90))
