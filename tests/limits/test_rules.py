"""The reading rules, on invented tables with the quirks of published ones."""

import math
import pickle
import threading
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.errors import InputError, UsageError
from g2sym.limits import ACCURACY, curves

BINS = {"format": '"bins"', "columns": '["mass_lo", "mass_hi", "limit"]'}
INTERVAL = {"format": '"interval"', "columns": '["mass", "lower", "upper"]'}
CONTOUR = {"format": '"contour"'}


def line(mass, first, last):
    """The value on a straight line in logarithms, with fifty digits."""
    with mpmath.workdps(50):
        (m0, v0), (m1, v1) = ([mpmath.mpf(x) for x in end] for end in (first, last))
        t = mpmath.log(mpmath.mpf(mass) / m0) / mpmath.log(m1 / m0)
        return v0 * (v1 / v0) ** t


def test_points_are_a_straight_line_in_logarithms(make):
    limit = make("0.1 1e-3\n0.4 4e-3\n1.6 1e-3\n")
    for mass, ends in (
        ("0.2", (("0.1", "1e-3"), ("0.4", "4e-3"))),
        ("1.3", (("0.4", "4e-3"), ("1.6", "1e-3"))),
    ):
        assert limit.value(mass).value == pytest.approx(float(line(mass, *ends)), rel=ACCURACY)
    assert limit.value("0.2").value == pytest.approx(2e-3, rel=1e-14)
    assert limit.value("200MeV").value == limit.value("0.2").value
    assert limit.value("0.2").exact is None


def test_rows_are_met_exactly(make):
    limit = make("0.1 1.10000000000000000001e-3\n0.4 4e-3\n")
    assert limit.value("0.1").exact == Fraction("1.10000000000000000001e-3")
    assert limit.value(0.4).value == 4e-3
    # 0.1 as a double is above 1/10: it still is the table's own first mass
    assert limit.value(0.1).value == 1.1e-3
    assert limit.value(np.float64(0.1)) == limit.value(0.1)


@pytest.mark.parametrize("mass", ["0.09999", "0.40001", 1e-20, 1e50])
def test_nothing_is_extrapolated(make, mass):
    found = make("0.1 1e-3\n0.4 4e-3\n").value(mass)
    assert not found
    assert found.value is None
    assert found.ranges == ()
    assert found.reason == "outside"
    assert found.as_dict()["value"] is None
    with pytest.raises(UsageError, match="outside the table"):
        float(found)


def test_nan_rows_are_never_bridged(make):
    limit = make("0.1 1e-3\n0.2 1e-3\n0.21 nan\n0.39 NaN\n0.4 1e-3\n0.5 1e-3\n")
    for mass in ("0.2000001", "0.21", "0.3", "0.39", "0.3999999"):
        assert limit.value(mass).reason == "gap"
    for mass in ("0.1", "0.2", "0.4", "0.45", "0.5"):
        assert limit.value(mass).value == pytest.approx(1e-3, rel=1e-14)
    assert limit.segments == ((Fraction("0.1"), Fraction("0.2")), (Fraction("0.4"), Fraction("0.5")))


def test_sentinels_and_closing_ramps_are_no_limits(make):
    table = "0.08 1e5\n0.09 0.5\n0.1 1e-3\n0.2 1e-3\n0.21 1e5\n0.3 1e-3\n0.4 1e-3\n0.41 0.4\n0.42 1e5\n"
    limit = make(table, no_limit_from='"9e-3"')
    for mass in ("0.08", "0.085", "0.09", "0.095", "0.205", "0.21", "0.25", "0.405", "0.42"):
        assert limit.value(mass).reason == "closing value", mass
    assert limit.value("0.079").reason == "outside"
    assert limit.value("0.15").value == pytest.approx(1e-3, rel=1e-14)
    # a value that equals no_limit_from is none
    assert make("0.1 1e-3\n0.2 9e-3\n", no_limit_from="9e-3").value("0.15").reason == "closing value"
    # without no_limit_from every number is a limit
    assert make(table).value("0.085").value > 0.5


def test_of_repeated_masses_the_larger_value_counts(make):
    limit = make("0.1 1e3\n0.1 1e-3\n0.2 4e-3\n0.2 1e-3\n0.4 1e-3\n0.4 1e3\n", no_limit_from="1")
    assert limit.value("0.1").reason == "closing value"
    assert limit.value("0.4").reason == "closing value"
    assert limit.value("0.2").value == 4e-3
    # beside the step each side has its own row
    assert limit.value("0.1999999999").value == pytest.approx(4e-3, rel=1e-8)
    assert limit.value("0.2000000001").value == pytest.approx(1e-3, rel=1e-8)
    assert limit.value("0.1000000001").value == pytest.approx(1e-3, rel=1e-8)


def test_a_falling_table_is_the_rising_one(make):
    rising = make("0.1 1e-3\n0.2 4e-3\n0.2 1e-3\n0.4 2e-3\n")
    table = rising.value("0.3").value, rising.value("0.15").value
    falling = make("0.4 2e-3\n0.2 1e-3\n0.2 4e-3\n0.1 1e-3\n")
    assert (falling.value("0.3").value, falling.value("0.15").value) == table


@settings(max_examples=200, deadline=None)
@given(
    m=st.tuples(*[st.integers(10**14, 10**16)] * 2),
    v=st.tuples(*[st.integers(1, 10**6)] * 2),
    powers=st.tuples(st.integers(-60, 60), st.integers(-95, 90), st.integers(-95, 90)),
    place=st.fractions(0, 1),
)
def test_the_error_bound_holds(m, v, powers, place):
    """Against fifty digits, for neighbours as near as their decimals allow and values 180 decades apart."""
    low, high = sorted(m)
    if high == low:
        high += 1
    scale = Fraction(10) ** powers[0]
    masses = [low * scale, high * scale]
    values = [v[0] * Fraction(10) ** powers[1], v[1] * Fraction(10) ** powers[2]]
    mass = masses[0] + place * (masses[1] - masses[0])
    points = curves.Points([curves.Row(a, a, b) for a, b in zip(masses, values, strict=True)])
    found = points.at(curves.pair(mass))
    assert found.row is None or float(mass) in (float(masses[0]), float(masses[1]))
    if found.row is not None:
        return

    def exact(x):
        return mpmath.mpf(x.numerator) / x.denominator

    with mpmath.workdps(60):
        t = mpmath.log(exact(mass) / exact(masses[0])) / mpmath.log(exact(masses[1]) / exact(masses[0]))
        wanted = exact(values[0]) * mpmath.exp(t * mpmath.log(exact(values[1]) / exact(values[0])))
        assert abs(found.ranges[0][0] / wanted - 1) < ACCURACY


def test_neighbours_at_float_distance_keep_their_digits(make):
    """Differences come from the decimals, not from doubles: these masses have two doubles between them."""
    limit = make("1.00000000000000001 1e-10\n1.00000000000000060 1e10\n")
    wanted = line("1.00000000000000030", ("1.00000000000000001", "1e-10"), ("1.00000000000000060", "1e10"))
    assert limit.value("1.00000000000000030").value == pytest.approx(float(wanted), rel=ACCURACY)


def test_bins(make):
    """Zero-width rows, reversed edges, float noise on edges, overlaps."""
    limit = make(
        "2.000000000000000111e-01 0.3 0.12\n0.3 0.3 9\n0.4 0.3 0.2\n0.38 0.5 0.1\n0.6 0.7 0.3\n0.7 0.8 nan\n",
        **BINS,
    )
    assert limit.value("0.2").value == 0.12  # below the noisy edge by 1e-17
    assert limit.value("0.25").exact == Fraction("0.12")
    assert limit.value("0.3").value == 0.2  # both bins hold it, and the row of zero width is gone
    assert limit.value("0.39").value == 0.2
    assert limit.value("0.45").value == 0.1
    assert limit.value("0.5000000001").value == 0.1  # within 1e-9 of an edge
    assert limit.value("0.50001").reason == "gap"
    assert limit.value("0.19999").reason == "outside"
    assert limit.value("0.9").reason == "outside"
    assert limit.value("0.75").reason == "gap"
    assert limit.notes == ("1 row of zero width dropped", "1 reversed bin sorted")
    assert len(limit.rows) == 5
    assert limit.segments == (
        (Fraction("0.2000000000000000111"), Fraction("0.5")),
        (Fraction("0.6"), Fraction("0.7")),
    )


def test_a_bin_with_a_closing_value(make):
    limit = make("0.1 0.2 1e-3\n0.2 0.3 1e5\n", no_limit_from='"1"', **BINS)
    assert limit.value("0.25").reason == "closing value"
    assert limit.value("0.2").reason == "closing value"
    assert limit.value("0.15").value == 1e-3


def test_a_wide_bin_below_narrow_ones_is_found(make):
    table = "0.1 10 5\n" + "".join(f"{k} {k}.5 1\n" for k in range(1, 9))
    limit = make(table, **BINS)
    assert limit.value("0.5").value == limit.value("9").value == limit.value("4.2").value == 5


def test_interval(make):
    limit = make("0.1 1e-4 1e-2\n0.4 1e-4 4e-3\n0.5 1e-3 1e-3\n0.6 nan 1\n", **INTERVAL)
    found = limit.value("0.2")
    assert found.value == pytest.approx(1e-4, rel=1e-14)
    assert found.upper == pytest.approx(float(line("0.2", ("0.1", "1e-2"), ("0.4", "4e-3"))), rel=ACCURACY)
    assert found.excludes("1e-3")
    assert not found.excludes("9e-5")
    assert not found.excludes("9e-3")
    assert limit.value("0.5").ranges == ((1e-3, 1e-3),)
    assert limit.value("0.55").reason == "gap"
    assert limit.value("0.55").excludes("1e-3") is None


def test_a_contour_is_read_by_the_even_odd_rule(make):
    """A multivalued polygon: a hook that is excluded, free and excluded again above a mass."""
    table = "1 1e-4\n4 1e-4\n4 1e-3\n2 1e-3\n2 1e-2\n4 1e-2\n4 1e-1\n1 1e-1\n"
    limit = make(table, **CONTOUR)
    assert limit.shape == "contour"
    assert limit.value("1.5").ranges == (pytest.approx((1e-4, 1e-1)),)
    assert limit.value("3").ranges == (pytest.approx((1e-4, 1e-3)), pytest.approx((1e-2, 1e-1)))
    for size, inside in (("5e-5", False), ("5e-4", True), ("5e-3", False), ("5e-2", True), ("0.5", False)):
        assert limit.value("3").excludes(size) is inside
    assert limit.value("4").ranges == (pytest.approx((1e-4, 1e-3)), pytest.approx((1e-2, 1e-1)))
    assert limit.value("1").ranges == (pytest.approx((1e-4, 1e-1)),)
    assert limit.value("4.1").reason == limit.value("0.9").reason == "outside"


def test_a_contour_agrees_with_a_ray_cast_in_exact_logarithms(make):
    """Powers of ten have whole logarithms: a polygon of them, cast by hand along the other axis."""
    corners = [(0, 0), (6, 1), (8, 4), (5, 3), (7, 7), (3, 8), (4, 5), (1, 6), (2, 3)]
    limit = make("".join(f"1e{x} 1e{y - 9}\n" for x, y in corners), **CONTOUR)

    def inside(x, y):
        odd = False
        for (a, b), (c, d) in zip(corners, corners[1:] + corners[:1], strict=True):
            if (b > y) != (d > y) and x < a + Fraction(c - a) * (y - b) / (d - b):
                odd = not odd
        return odd

    seen = set()
    for x in np.arange(0.15, 8, 0.31):
        found = limit.value(float(10**x))
        for y in np.arange(0.07, 9, 0.37):
            wanted = inside(Fraction(float(x)), Fraction(float(y)))
            assert found.excludes(float(10.0 ** (y - 9))) is wanted
            seen.add(wanted)
    assert seen == {True, False}


def test_a_contour_from_a_tiny_mass_closed_by_a_corner(make):
    """The left edge at 1e-20 eV; the polygon goes straight up there, not from the last point."""
    table = "1e-20 1e-4\n1e6 1e-4\n3e7 3e-4\n2e7 1e-2\n1e6 1.5\n"
    changes = {"mass": '{ unit = "eV" }', "no_limit_from": '"1"', **CONTOUR}
    corner = make(table, closing='"corner"', **changes)
    assert corner.value("1e-20eV").ranges == ((1e-4, None),)
    assert corner.value("1eV").ranges == ((pytest.approx(1e-4), None),)
    assert corner.value("10MeV").upper == pytest.approx(float(line("1e7", ("2e7", "1e-2"), ("1e6", "1.5"))))
    direct = make(table, **changes)
    assert direct.value("1eV").upper == pytest.approx(float(line("1", ("1e6", "1.5"), ("1e-20", "1e-4"))))
    assert corner.value("31MeV").reason == "outside"


def test_a_contour_whose_values_never_close(make):
    table = "1 1e-4\n4 1e-4\n4 1e-1\n1 1e-1\n"
    for top in (None, '"1e900"'):
        assert make(table, no_limit_from=top, **CONTOUR).value(2).upper == pytest.approx(0.1)
    assert make(table, no_limit_from='"1e-900"', **CONTOUR).value(2).reason == "closing value"


def test_a_number_without_a_table(make):
    limit = make(None, file=None, format=None, value='"1.0e-5"', mass='{ unit = "MeV", high = "91187.6" }')
    assert limit.value(20).exact == Fraction(1, 10**5)
    assert limit.value("1e-30").value == 1e-5
    assert limit.value("91.2").reason == "outside"
    assert limit.shape == "number"


def test_units_scales_and_named_transforms(make):
    limit = make(
        "1 1e-12\n2 4e-12\n",
        format='"csv"',
        mass='{ unit = "MeV", scale = "3" }',
        limit='{ unit = "1", transform = "sqrt(810 y)" }',
        quantity='"eps invisible"',
    )
    assert limit.value("3MeV").value == pytest.approx(math.sqrt(810e-12), rel=1e-15)
    assert limit.value("6MeV").value == pytest.approx(2 * math.sqrt(810e-12), rel=1e-15)
    assert limit.value("0.0045").value == pytest.approx(1.5 * math.sqrt(810e-12), rel=1e-14)
    assert limit.transformed(float(limit.rows[0].value)) == limit.value("3MeV").value
    femto = make("1 7\n2 7\n", quantity='"sigma(e bar(e) -> A X)*BR(X -> A A)"', limit='{ unit = "fb" }')
    assert femto.value(1).exact == Fraction(7, 1000)
    assert femto.unit == "pb"
    scaled = make("1 7\n2 7\n", quantity='"BR(Jpsi -> A X)"', limit='{ unit = "1", scale = "1e-8" }')
    assert scaled.value(1).exact == Fraction(7, 10**8)
    inverse = make("1 7\n2 7\n", limit='{ unit = "TeV^-1" }')
    assert inverse.value(1).exact == Fraction(7, 1000)


def test_columns_that_are_not_used(make):
    assert make("1 99 5e-3\n2 99 5e-3\n", columns='["mass", "-", "limit"]').value(1).value == 5e-3


def test_csv_with_a_head_line_and_quotes(make):
    plain = make('"mass","coupling"\n0.1,1e-3\n"0.4",4e-3\n1.,1e-3\n', format='"csv"')
    assert plain.value("0.4").value == 4e-3
    named = make('"b, quoted",m,other\n1e-3,0.1,7\n4e-3,0.4,7\n', format='"csv"',
                 headers='{ mass = "m", limit = "b, quoted" }')  # fmt: skip
    assert named.value("0.4").value == 4e-3
    assert make("lo,hi,v\n1,2,5\n", format='"csv"', columns='["mass_lo", "mass_hi", "limit"]').shape == "bins"


def test_arrays_are_bit_by_bit_what_the_scalar_says(make):
    limit = make("0.1 1e-3\n0.2 4e-3\n0.3 nan\n0.4 2e-3\n0.5 1e5\n", no_limit_from="1")
    masses = np.array([[0.05, 0.1, 0.15], [0.25, 0.4, 0.45]])
    found = limit.values(masses)
    assert found.values.shape == found.reasons.shape == (2, 3)
    for k, mass in enumerate(masses.ravel()):
        one = limit.value(float(mass))
        assert found.reasons.ravel()[k] == one.reason
        assert found.has_limit.ravel()[k] == bool(one)
        value = found.values.ravel()[k]
        assert math.isnan(value) if one.value is None else value == one.value
    assert set(found.reasons.ravel()) == {"", "outside", "gap", "closing value"}
    assert not np.isinf(found.values).any()
    assert not (found.values == 0).any()
    assert limit.values(["150MeV", "0.4"]).values[1] == 2e-3
    assert limit.values([]).values.shape == (0,)


@pytest.mark.parametrize(
    "masses", [[0.1, float("nan")], [0.1, -1.0], [0.0], [float("inf")], ["0.1", "x"], 1j, "a"]
)
def test_arrays_that_are_no_masses(make, masses):
    with pytest.raises((InputError, UsageError)):
        make("0.1 1e-3\n0.2 4e-3\n").values(masses)


@pytest.mark.parametrize(
    "mass", [0, -1, "-0.1", "nan", float("nan"), float("inf"), "5 apples", True, None, "1e200", [1]]
)
def test_what_is_no_mass(make, mass):
    with pytest.raises(InputError, match=r"mine: mass: .*; give a"):
        make("0.1 1e-3\n0.2 4e-3\n").value(mass)


def test_a_limit_is_frozen_and_may_be_pickled_and_shared(make):
    limit = make("0.1 1e-3\n0.2 4e-3\n", process='{ sqrt_s = "10.58" }', assumes='["prompt"]')
    with pytest.raises(AttributeError):
        limit.id = "other"
    copy = pickle.loads(pickle.dumps(limit))
    assert copy == limit
    assert hash(copy) == hash(limit)
    assert copy.value("0.15") == limit.value("0.15")
    found = []
    fresh = pickle.loads(pickle.dumps(limit))
    threads = [threading.Thread(target=lambda: found.append(fresh.value("0.15"))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(found) == {limit.value("0.15")}
    assert fresh.process == {"sqrt_s": Fraction("10.58")}
    assert repr(limit) == "<limit mine: g_gg in GeV^-1, points, measured, an example>"


def test_a_table_is_read_when_it_is_asked_for_and_once(make, tmp_path):
    limit = make(None)
    with pytest.raises(InputError, match="no such file"):
        limit.value(1)
    (tmp_path / "mine.txt").write_text("0.5 1e-3\n2 1e-3\n")
    assert limit.value(1).value == pytest.approx(1e-3)
    (tmp_path / "mine.txt").unlink()
    assert limit.value(1).value == pytest.approx(1e-3)


def test_the_error_bound_is_not_vacuous():
    """Steep tables between far values lose what the bound allows for, within a factor of twenty."""
    worst = 0.0
    for k in range(1, 400):
        first, last = Fraction(1, 10**99), Fraction(10**95)
        masses = [Fraction(1), Fraction(1) + Fraction(k, 317)]
        points = curves.Points([curves.Row(m, m, v) for m, v in zip(masses, (first, last), strict=True)])
        mass = masses[0] + (masses[1] - masses[0]) * Fraction(47, 100)
        found = points.at(curves.pair(mass)).ranges[0][0]
        with mpmath.workdps(50):
            t = mpmath.log(mpmath.mpf(mass.numerator) / mass.denominator) / mpmath.log(
                1 + mpmath.mpf(k) / 317
            )
            worst = max(worst, float(abs(found / (mpmath.mpf(10) ** (194 * t - 99)) - 1)))
    assert ACCURACY / 20 < worst < ACCURACY


@pytest.mark.parametrize("share", [Fraction(3, 100), Fraction(97, 100)])
def test_the_error_is_that_of_the_nearer_end(share):
    """Beside a row |t L| is 0.03 ln(10^194) = 13.4, so that the bound of the module is 30 * 13.4 u + 5 u."""
    first, last = Fraction(1, 10**99), Fraction(10**95)
    for k in range(1, 200):
        masses = [Fraction(1), Fraction(1) + Fraction(k, 317)]
        points = curves.Points([curves.Row(m, m, v) for m, v in zip(masses, (first, last), strict=True)])
        with mpmath.workdps(50):
            whole = mpmath.log(1 + mpmath.mpf(k) / 317)
            mass = Fraction(float(mpmath.exp(whole * share.numerator / share.denominator)))
            t = mpmath.log(mpmath.mpf(mass.numerator) / mass.denominator) / whole
            found = points.at(curves.pair(mass)).ranges[0][0]
            assert abs(found / (mpmath.mpf(10) ** (194 * t - 99)) - 1) < (30 * 13.4 + 5) * 2.0**-53
