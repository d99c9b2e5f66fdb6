"""Kernels on and above threshold, where the lepton can decay into the loop: real and imaginary parts.

The -i0 of the masses is put in by hand: a contour around the zeros of Delta, and pi delta(Delta).
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest
from flint import arb

from g2sym.base.balls import number, working_precision
from g2sym.errors import UnsupportedError, UsageError
from g2sym.kernels.kernel import Kernel
from g2sym.observables.threshold import imaginary_ball
from tests.kernels.exchange import CASES, delta_part, integral, kernel, numerator

TINY = Fraction(1, 10**30)


def both(one: Kernel, values: dict[str, Fraction], bits: int) -> tuple[arb, arb]:
    with working_precision(bits + 40):
        return one.ball(values, bits), imaginary_ball(one, values)


def points(seed: int, count: int) -> list[tuple[Fraction, Fraction]]:
    """Masses (M, m_F), signs of m_F included, that add up to less than 1."""
    random = Random(seed)
    out = []
    for _ in range(count):
        heavy = Fraction(random.randint(1, 999), 1000)
        light = (1 - heavy) * Fraction(random.randint(1, 999), 1000) * random.choice((1, -1))
        out.append((heavy, light) if random.random() < 0.5 else (abs(light), heavy))
    return out


@pytest.mark.parametrize(("photon", "pair"), CASES)
def test_against_a_contour_around_the_poles(photon: str, pair: str) -> None:
    one = kernel(photon, pair)
    for mass, inner in points(sum(map(ord, photon + pair)), 6):
        values = {"rho": mass**2, "nu": inner}
        assert one.side(values) == -1
        real, imaginary = both(one, values, 220)
        want = integral(photon, pair, mass**2, inner, 300)
        delta = delta_part(photon, pair, mass**2, inner, 300)
        assert real.rel_accuracy_bits() >= 220
        assert imaginary.rel_accuracy_bits() >= 220
        with working_precision(300):
            assert want.real.rel_accuracy_bits() > 180
            assert real.overlaps(want.real)
            assert imaginary.overlaps(want.imag)
            assert imaginary.overlaps(delta)


@pytest.mark.parametrize(
    ("photon", "pair"),
    [pytest.param(*case, marks=pytest.mark.long if case[1] in ("VA", "AA", "SP") else ()) for case in CASES],
)
def test_beside_the_threshold_and_the_axis(photon: str, pair: str) -> None:
    """One part in 1e30 on either side of M + |m_F| = m, and masses many orders apart."""
    one = kernel(photon, pair)
    for inner in (Fraction(3, 7), Fraction(-3, 7)):
        edge = 1 - abs(inner)
        above, below = (
            {"rho": (edge * (1 - TINY)) ** 2, "nu": inner},
            {"rho": (edge * (1 + TINY)) ** 2, "nu": inner},
        )
        assert (one.side(above), one.side(below)) == (-1, 1)
        real, imaginary = both(one, above, 160)
        assert real.rel_accuracy_bits() >= 160
        assert imaginary.rel_accuracy_bits() >= 160
        want = integral(photon, pair, above["rho"], inner, 420)
        beyond = integral(photon, pair, below["rho"], inner, 420)
        with working_precision(420):
            assert real.overlaps(want.real)
            assert imaginary.overlaps(want.imag)
            assert one.ball(below, 160).overlaps(beyond.real)
            assert both(one, below, 160)[1].is_zero()
    for mass, inner in ((Fraction(1, 10**9), Fraction(1, 3)), (Fraction(1, 3), Fraction(-1, 10**9))):
        real, imaginary = both(one, {"rho": mass**2, "nu": inner}, 160)
        want = integral(photon, pair, mass**2, inner, 500)
        with working_precision(500):
            assert real.overlaps(want.real)
            assert imaginary.overlaps(want.imag)
            assert want.real.rel_accuracy_bits() > 100


@pytest.mark.parametrize(("photon", "pair"), CASES)
def test_a_form_that_is_continued_nowhere_is_itself(photon: str, pair: str) -> None:
    """Below threshold, on either side of |M - m_F| = m too: real, and the same value."""
    one = kernel(photon, pair)
    for mass, inner in ((Fraction(3), Fraction(1, 2)), (Fraction(4, 5), Fraction(-1)), (Fraction(1, 9), 2)):
        values = {"rho": mass**2, "nu": Fraction(inner)}
        assert one.side(values) == 1
        found = one.continued(values)
        assert found.singular == found.imaginary == ()
        with working_precision(200):
            assert found.real(120).rel_accuracy_bits() >= 120
            assert found.real(120).overlaps(one.ball(values, 120))


@pytest.mark.parametrize("photon", ["fermion", "boson"])
def test_so_close_to_the_threshold_that_only_exact_numbers_tell(photon: str) -> None:
    """10^-20000 above it: the real part is that of places nearby, the imaginary one goes like 1/sqrt(D)."""
    one, inner = kernel(photon, "SS"), Fraction(2, 5)
    near, nearer = ({"rho": (1 - inner) ** 2 * (1 - Fraction(1, 10**n)), "nu": inner} for n in (60, 20_000))
    (real, imaginary), (limit, pole) = both(one, near, 160), both(one, nearer, 160)
    assert limit.rel_accuracy_bits() >= 160
    with working_precision(200):
        assert abs(real / limit - 1) < 1e-29
        assert abs(pole / imaginary / arb(10) ** 9970 - 1) < 1e-29


# Delta has a double zero at x = 1 - |m_F| with the photon on the fermion, at |m_F| with it on the boson;
# N vanishes there for one sign of m_F (a decay in the P wave)
@pytest.mark.parametrize(("photon", "pair"), CASES)
def test_exactly_on_the_threshold(photon: str, pair: str) -> None:
    one = kernel(photon, pair)
    finite = []
    for inner in (Fraction(3, 7), Fraction(-3, 7)):
        values = {"rho": (1 - abs(inner)) ** 2, "nu": inner}
        assert one.side(values) == 0
        place = 1 - abs(inner) if photon == "fermion" else abs(inner)
        with working_precision(200):
            top = numerator(photon, pair)(number(place), number(values["rho"]), number(inner))
            vanishes = abs(top) < 1e-40
        if not vanishes:
            assert [what for what, _ in one.continued(values).singular] == ["T"]
            with pytest.raises(UsageError, match="threshold"):
                one.ball(values, 60)
            continue
        finite.append(inner)
        found = one.ball(values, 200)
        assert found.rel_accuracy_bits() >= 200
        assert one.imaginary(values) == ()
        for step in (TINY, -TINY):  # the limit from either side: T times what vanishes falls as a root
            beside, imaginary = both(one, {"rho": values["rho"] * (1 + step), "nu": inner}, 200)
            assert abs(beside / found - 1) < 1e-13
            assert abs(imaginary) < 1e-13
    assert len(finite) == (0 if pair in ("SP", "VA") else 1)


def test_a_massless_fermion_on_the_threshold() -> None:
    """At M = m, m_F = 0 the photon's line decides: int x (1 - x) x/x^2 is finite, int x^2/(1 - x) is not."""
    values = {"rho": Fraction(1), "nu": Fraction(0)}
    charged = kernel("boson", "SS").ball(values, 100)
    assert charged.overlaps(arb(-1))  # -2 int (1 - x)
    assert charged.is_exact()
    with pytest.raises(UsageError, match="threshold"):
        kernel("fermion", "SS").ball(values, 100)


@pytest.mark.parametrize("pair", ["SS", "PP"])
@pytest.mark.parametrize("photon", ["fermion", "boson"])
def test_a_massless_boson_above_threshold(photon: str, pair: str) -> None:
    """The limit M -> 0 at m_F < m: the zero of Delta at an end cancels, the other is passed with -i0."""
    one = kernel(photon, pair)
    inner = Fraction(2, 5)
    at, imaginary = both(one, {"rho": Fraction(0), "nu": inner}, 120)
    near = both(one, {"rho": Fraction(1, 10**40), "nu": inner}, 120)
    with working_precision(200):
        assert abs(at - near[0]) < 1e-37
        assert abs(imaginary - near[1]) < 1e-37
        # Delta = x (x - z) or (1 - x)(z - x): 1/(x - z - i0) has pi delta(x - z), 1/(z - x - i0) too
        z = number(1 - inner**2) if photon == "fermion" else number(inner**2)
        e = number(inner) if pair == "SS" else -number(inner)
        sign = 1 if pair == "SS" else -1
        left = 2 * z * (1 - z + e) if photon == "fermion" else -2 * z * (z + e)
        assert imaginary.overlaps(sign * arb.pi() * left)
    nothing = one.ball({"rho": Fraction(0), "nu": Fraction(0)}, 100)
    # Delta = -x (1 - x): -2 int x for the fermion, 2 int x for the boson
    assert nothing.overlaps(arb((-1 if photon == "fermion" else 1) * sign))


@pytest.mark.parametrize("pair", ["VV", "AA", "VA"])
def test_a_massless_vector_above_threshold_diverges(pair: str) -> None:
    one = kernel("fermion", pair)
    values = {"rho": Fraction(0), "nu": Fraction(1, 2)}
    assert one.diverges(values)
    with pytest.raises(UsageError, match="diverges as rho goes to zero"):
        one.ball(values, 60)
    assert not kernel("fermion", "VA").diverges({"rho": Fraction(0), "nu": Fraction(0)})  # it is zero


def test_the_side_of_a_threshold_is_exact() -> None:
    one, random = kernel("fermion", "SS"), Random(7)
    for _ in range(400):  # below 1/3, doubles of the two masses add up to something else than 1 at times
        inner = Fraction(random.random()) / 3
        for step, side in ((Fraction(1, 10**25), 1), (Fraction(0), 0), (-Fraction(1, 10**25), -1)):
            values = {"rho": ((1 - inner) * (1 + step)) ** 2, "nu": random.choice((1, -1)) * inner}
            assert one.side(values) == side
    assert one.side({"rho": Fraction(10) ** 700, "nu": Fraction(1)}) == 1
    assert one.side({"rho": Fraction(0), "nu": Fraction(1)}) == 1  # a massless boson: the limit decides
    with pytest.raises(UnsupportedError, match="m_B \\+ m_N is not above m_mu"):
        one.check({"rho": Fraction(1, 4), "nu": Fraction(1, 3)}, {"rho": "m_B", "nu": "m_N"}, "m_mu")


def test_the_doubles_that_are_a_threshold() -> None:
    one, unit = kernel("fermion", "SS"), Fraction("0.1056583755")
    exact = Fraction(0.0625)
    inner = (unit - exact) / unit
    assert one.threshold_masses("rho", {"nu": inner}, unit) == (0.0625,)
    assert one.threshold_masses("rho", {"nu": -inner}, unit) == (0.0625,)
    assert one.threshold_masses("rho", {"nu": inner + TINY}, unit) == ()
    assert one.threshold_masses("nu", {"rho": inner**2}, unit) == (0.0625,)
    assert one.threshold_masses("rho", {"nu": Fraction(2)}, unit) == ()


REFERENCE = Path(__file__).parents[1] / "reference" / "general.json"
ABOVE = [c for c in json.loads(REFERENCE.read_text())["cases"] if c["group"] == "B"]


@pytest.mark.parametrize("case", ABOVE, ids=lambda c: c["id"])
def test_reference_values_from_kernels(case: dict) -> None:
    """a and d/e from the kernels of both lines, each times its charge over the lepton's.

    16 pi^2 a is sum_X (-Q_X) (|C_S|^2 K_SS - |C_P|^2 K_PP), for a vector (|C_V|^2 K_VV + |C_A|^2 K_AA);
    16 pi^2 d/e is sum_X Q_X Im(C_P C_S^*) K_SP/m, or Im(C_A C_V^*) K_VA/m.
    """
    inputs = {n: Fraction(v) for n, v in case["inputs"].items()}
    (lepton,) = case["leptons"]
    unit = inputs[f"m_{lepton}"]
    boson, fermion = (
        next(f for f in case["fields"].values() if (f["spin"] == "1/2") is s) for s in (False, True)
    )
    vector = boson["spin"] == 1
    plus, minus = "VA" if vector else "SP"
    mass = inputs[boson["mass"]] / unit
    inner = inputs.get(fermion["mass"], Fraction(0)) / unit
    values = {"rho": mass**2, "nu": inner}
    sizes = {c: inputs[f"re_C_{c}"] ** 2 + inputs[f"im_C_{c}"] ** 2 for c in (plus, minus)}
    cross = (
        inputs[f"im_C_{minus}"] * inputs[f"re_C_{plus}"] - inputs[f"re_C_{minus}"] * inputs[f"im_C_{plus}"]
    )
    bits = 220
    with working_precision(bits + 40):
        total = [arb(0), arb(0)]
        for photon, field in (("fermion", fermion), ("boson", boson)):
            charge = -Fraction(field["charge"]) * case.get("colour_factor", 1)
            if case["quantity"] == "a_l":
                weights = {plus * 2: sizes[plus], minus * 2: sizes[minus] * (1 if vector else -1)}
            else:
                weights = {plus + minus: -cross / unit}
            for pair, weight in weights.items():
                for place, part in enumerate(both(kernel(photon, pair), values, bits)):
                    total[place] += number(weight * charge) * part / (16 * arb.pi() ** 2)
        for found, part in zip(total, ("re", "im"), strict=True):
            assert abs(found / arb(case["value"][part]) - 1) < 1e-45, part
