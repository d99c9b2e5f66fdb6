"""Kernels of l -> l' gamma in balls: T, dilogarithms and logarithms on every side of the thresholds, their
enclosures, exact zeros, and the sentences for what has no value."""

from __future__ import annotations

from fractions import Fraction
from random import Random

import pytest
from flint import acb, arb, ctx, fmpq
from mpmath import mp, mpc, mpf

from g2sym.derive.dirac import BOSON
from g2sym.derive.transitions import transition_kernel
from g2sym.errors import UnsupportedError
from g2sym.kernels import branches
from g2sym.kernels.branches import OnThreshold, arc, crossed, dilogarithm, logarithm
from g2sym.kernels.kernel import Kernel
from g2sym.kernels.transition import TransitionValues

TINY = mpf(10) ** -40


def real(value: fmpq) -> mpf:
    return mpf(int(value.p)) / int(value.q)


def middle(ball: arb) -> mpf:
    man, exp = ball.mid().man_exp()
    return mpf(int(man)) * mpf(2) ** int(exp)


def near(got: acb, want: mpc, digits: int = 35) -> None:
    assert max(got.real.rad(), got.imag.rad()) < 1e-30
    off = abs(mpc(middle(got.real), middle(got.imag)) - want)
    assert off < mpf(10) ** -digits * max(1, abs(want))


def path(e: mpf, b: mpf, d: mpf) -> list:
    """A way from 0 to 1 on which Delta has a negative imaginary part where it has one.

    Im Delta(x + i y) = y Delta'(x): above the axis before the minimum of Delta, below it behind.
    """
    square = b * b - 4 * e * d
    if e == 0:
        zero = -d / b if b else mpf(2)
        return [0, mpc(zero, -mp.sign(b) * min(zero, 1 - zero) / 2), 1] if 0 < zero < 1 else [0, 1]
    low = -b / (2 * e)
    if not 0 < low < 1:
        return [0, 0.25, 0.5, 0.75, 1]
    if square < 0:  # between two zeros, which may be close
        steps = [mpf(s) for s in ("-0.1", "-0.01", "-0.001", "0", "0.001", "0.01", "0.1")]
        return [0, *(low + s for s in steps if 0 < low + s < 1), 1]
    first, second = low - mp.sqrt(square) / (2 * e), low + mp.sqrt(square) / (2 * e)
    step = min(first, 1 - second, (second - first) / 2)
    return [0, mpc(first, step), low, mpc(second, -step), 1]


QUADRATICS = [
    (1, -1, 4),  # no zeros
    (1, 3, 1),  # both zeros negative
    (1, -9, 18),  # both above 1
    (4, -4, "3/4"),  # both in (0, 1): above threshold
    (9, -9, "2"),
    (9, "-6001/1000", 1),  # a little above threshold
    (9, "-5999/1000", 1),  # a little below
    ("99/100", "-1/100", "1/3"),
]


@pytest.mark.parametrize("delta", QUADRATICS)
def test_arc_and_dilogarithm_of_quadratics(delta: tuple) -> None:
    e, b, d = (fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in delta)
    with mp.workdps(60), ctx.workprec(180):
        re, rb, rd = real(e), real(b), real(d)
        way = path(re, rb, rd)
        want = mp.quad(lambda t: 1 / (re * t * t + rb * t + rd), way)
        near(arc(e, b, d), want)
        # ln(1 + u)/t, with its limit at t = 0
        want = mp.quad(lambda t: mp.log1p(t * (re * t + rb) / rd) / t, way)
        near(dilogarithm(e, b, d), want)


@pytest.mark.parametrize("delta", [(3, 1), (-1, 3), (-3, 1), (-3, 3), (5, "1/7"), (-8, "1/7")])
def test_dilogarithm_of_a_line(delta: tuple) -> None:
    b, d = (fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in delta)
    with mp.workdps(60), ctx.workprec(180):
        rb, rd = real(b), real(d)
        way = path(mpf(0), rb, rd)
        want = mp.quad(lambda t: mp.log1p(t * rb / rd) / t, way)
        near(dilogarithm(fmpq(0), b, d), want)


@pytest.mark.parametrize("seed", range(8))
def test_random_quadratics(seed: int) -> None:
    random = Random(seed)
    e, d = fmpq(random.randint(1, 30), 7), fmpq(random.randint(1, 30), 11)
    while True:
        b = fmpq(random.randint(-90, 40), 13)
        square = b * b - 4 * e * d
        if e + b + d > 0 and square != 0:
            break
    with mp.workdps(60), ctx.workprec(180):
        re, rb, rd = real(e), real(b), real(d)
        near(arc(e, b, d), mp.quad(lambda t: 1 / (re * t * t + rb * t + rd), path(re, rb, rd)))
        want = mp.quad(lambda t: mp.log1p(t * (re * t + rb) / rd) / t, path(re, rb, rd))
        near(dilogarithm(e, b, d), want)


def test_a_double_zero_outside_and_inside() -> None:
    """Delta = (t + 1)^2 and (t - 2)^2 have T = 1/2; (2 t - 1)^2 is the threshold itself."""
    assert arc(fmpq(1), fmpq(2), fmpq(1)) == acb("0.5")
    assert arc(fmpq(1), fmpq(-4), fmpq(4)) == acb("0.5")
    with pytest.raises(OnThreshold, match="exactly on its threshold"):
        arc(fmpq(4), fmpq(-4), fmpq(1))
    # Im Li is pi times the logarithm of the zeros' ratio, which is zero on the threshold
    with mp.workdps(40), ctx.workprec(140):
        near(dilogarithm(fmpq(4), fmpq(-4), fmpq(1)), mpc(-2 * mp.polylog(2, 2).real, 0))
        near(dilogarithm(fmpq(1), fmpq(2), fmpq(1)), mpc(-2 * mp.polylog(2, -1), 0))


def test_close_to_the_threshold() -> None:
    """Below, T = pi/root and more; above, i times as much: 1e-60 away from where it is infinite."""
    gap = fmpq(1, 10**60)
    with mp.workdps(90), ctx.workprec(400):
        below, above = arc(fmpq(4), fmpq(-4), 1 + gap), arc(fmpq(4), fmpq(-4), 1 - gap)
        root = mp.sqrt(16 * real(gap))
        # below: (2/root) times the sum of two angles atan(4/root) = pi/2 - root/4 + ...
        assert abs(middle(below.real) - (2 * mp.pi / root - 1)) < mpf(10) ** -28
        assert below.imag == 0
        assert abs(middle(above.imag) - 2 * mp.pi / root) < mpf(10) ** -28
        assert abs(middle(above.real) + 1) < mpf(10) ** -28


def test_logarithms() -> None:
    assert logarithm(fmpq(1)) == 0
    assert logarithm(fmpq(3)).imag == 0
    assert logarithm(fmpq(-3)).imag.overlaps(-arb.pi())
    assert logarithm(fmpq(-3)).real.overlaps(arb(3).log())
    with pytest.raises(OnThreshold):
        logarithm(fmpq(0))


@pytest.mark.parametrize("reach", ["0.49", "0.3", "1e-3", "1e-12", "1e-25"])
def test_the_dilogarithm_of_a_ball_around_one(reach: str) -> None:
    """Both ends are enclosed, and the ball is at most a few times as wide as the function moves."""
    with mp.workdps(50), ctx.workprec(200):
        ball = arb(1) + arb(0, reach)
        found = branches._below(ball)
        low = mpf(1) - mpf(reach)
        for z in (low, (1 + low) / 2, mpf(1)):
            value = mp.nstr(mp.polylog(2, z).real, 45)
            assert found.contains(arb(value)) or found.overlaps(arb(value) + arb(0, "1e-40"))
        moves = mp.pi**2 / 6 - mp.polylog(2, low).real
        assert 2 * middle(found.rad()) <= 2.1 * moves * (1 if mpf(reach) < 0.01 else 1.6)
        assert found.lower() <= arb(mp.nstr(mp.polylog(2, low).real, 45)) + arb("1e-40")
        assert found.upper() >= arb.pi() ** 2 / 6 - arb("1e-40")


def test_a_ball_that_reaches_far_below_one_has_no_value() -> None:
    assert not branches._below(arb(1) + arb(0, "0.6")).is_finite()
    assert branches._below(arb(1)).overlaps(arb.pi() ** 2 / 6)
    with ctx.workprec(100):
        assert branches._below(arb("0.5")).overlaps(arb.pi() ** 2 / 12 - arb(2).log() ** 2 / 2)


@pytest.mark.parametrize("delta", QUADRATICS)
def test_what_is_told_exactly_about_imaginary_parts(delta: tuple) -> None:
    e, b, d = (fmpq(Fraction(v).numerator, Fraction(v).denominator) for v in delta)
    for name, value in (("T", arc(e, b, d)), ("Li", dilogarithm(e, b, d))):
        found = crossed((name, e, b, d))
        assert (found is None) == (value.imag == 0)
        if found is not None and name == "T":
            (_, square), times = found
            assert value.imag.overlaps(times * arb.pi() / arb(square).sqrt())
    assert crossed(("ln", fmpq(2))) is None
    assert crossed(("ln", fmpq(-2))) == (("pi",), -1)
    assert crossed(("Li", fmpq(0), fmpq(-3), fmpq(2))) is not None
    assert crossed(("Li", fmpq(0), fmpq(-2), fmpq(3))) is None


# kernels ------------------------------------------------------------------------------------------
SCALAR = transition_kernel((), (), 0, False)
CHARGED = transition_kernel((), (), 0, True)
VECTOR = transition_kernel((BOSON,), (BOSON,), 1, False)


def slots(kernel: object, boson: str, fermion: str, other: str) -> dict[str, Fraction]:
    names = [slot.name for slot in kernel.slots]
    return dict(zip(names, (Fraction(boson), Fraction(fermion), Fraction(other)), strict=True))


def test_slots_are_boson_fermion_and_the_other_lepton() -> None:
    assert [slot.power for slot in SCALAR.slots] == [2, 1, 1]
    assert [slot.name for slot in SCALAR.slots] == ["rho", "nu", "eta"]


def test_an_imaginary_part_that_cancels_between_functions_is_exactly_zero() -> None:
    """Massless lines: both logarithms are those of negative numbers, and their -i pi cancel."""
    for kernel in (SCALAR, CHARGED):
        found = TransitionValues(kernel.imaginary_part)
        massless = slots(kernel, "0", "0", "1/5")
        assert found.is_complex(massless)
        assert found.is_zero(massless)
        assert found.ball(massless, 60) == 0


@pytest.mark.parametrize("kernel", [SCALAR, CHARGED, VECTOR], ids=["fermion", "boson", "vector"])
@pytest.mark.parametrize(
    "masses",
    [("3", "1/2", "1/5"), ("1/100", "1/20", "1/5"), ("1/100", "1/20", "3"), ("0", "2", "1/5"),
     ("4", "0", "1/5"), ("0", "0", "1/5"), ("3", "1/2", "0"), ("0", "1", "1/5"), ("1", "0", "1/7"),
     ("1/100", "0", "1/5"), ("10000000000000000000", "1/2", "1/5")],
)  # fmt: skip
def test_balls_contain_what_more_bits_say(kernel: object, masses: tuple) -> None:
    """The relative accuracy asked for is reached, for both parts, above threshold and with massless lines."""
    if kernel is VECTOR and masses[0] == "0":
        return
    values = slots(kernel, *masses)
    for integral in (kernel, kernel.imaginary_part):
        found = TransitionValues(integral)
        low, high = found.ball(values, 60), found.ball(values, 900)
        assert low.overlaps(high)
        assert low == 0 or low.rel_accuracy_bits() >= 60
        assert high == 0 or high.rel_accuracy_bits() >= 900
        if integral.imaginary:
            assert (low == 0) == found.is_zero(values)


def test_the_threshold_is_decided_exactly() -> None:
    """The heavier lepton counts: (M + m_F)^2 against 1, and against the other's squared mass."""
    found = TransitionValues(SCALAR.imaginary_part)
    on = slots(SCALAR, "1/4", "1/2", "1/5")
    tiny = Fraction(1, 10**80)
    assert not found.is_complex(on)
    assert found.is_complex({**on, "nu": on["nu"] - tiny})
    assert not found.is_complex({**on, "nu": on["nu"] + tiny})
    assert not found.is_complex(slots(SCALAR, "100", "50", "1/5"))
    assert not found.is_complex(slots(SCALAR, "1/100", "50", "1/5"))
    heavy = slots(SCALAR, "4", "3", "5")
    assert not found.is_complex(heavy)
    assert found.is_complex({**heavy, "eta": Fraction(5) + tiny})


def test_values_are_continuous_across_the_threshold() -> None:
    """Between different leptons T stands with a factor that vanishes there: nothing diverges."""
    parts = TransitionValues(SCALAR), TransitionValues(SCALAR.imaginary_part)
    on = slots(SCALAR, "1/4", "1/2", "1/5")
    here = [part.ball(on, 100) for part in parts]
    assert here[1] == 0
    for sign in (1, -1):
        side = {**on, "nu": on["nu"] + sign * Fraction(1, 10**24)}
        there = [part.ball(side, 100) for part in parts]
        assert abs(there[0] - here[0]) < arb("1e-11") * abs(here[0])
        assert abs(there[1]) < arb("1e-11")
        assert (there[1] == 0) == (sign == 1)


def test_one_mass_for_both_leptons_is_refused() -> None:
    for other in ("1", "-1"):
        with pytest.raises(UnsupportedError, match="Both leptons have one mass"):
            TransitionValues(SCALAR).ball(slots(SCALAR, "3", "1/2", other), 60)


def test_a_massless_vector_is_refused_where_its_longitudinal_part_diverges() -> None:
    with pytest.raises(UnsupportedError, match="longitudinal part diverges"):
        TransitionValues(VECTOR).ball(slots(VECTOR, "0", "1/2", "1/5"), 60)


def test_real_and_imaginary_parts_are_different_kernels() -> None:
    assert Kernel.of(SCALAR) is not Kernel.of(SCALAR.imaginary_part)
    assert SCALAR.imaginary_part != SCALAR
    assert Kernel.of(SCALAR) is Kernel.of(transition_kernel((), (), 0, False))
