"""Several measurements together: windows intersected, equal ends, contradictions, sentences for bad input."""

from fractions import Fraction as F
from itertools import pairwise
from random import Random

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

import g2sym as g2
from g2sym.base.balls import Ball, working_precision
from g2sym.constraints.conditions import pair
from g2sym.constraints.intersections import compare, holds, innermost, intersect
from g2sym.constraints.roots import Undecided
from g2sym.errors import InputError, PrecisionError, UsageError
from g2sym.inputs import Datum, Edge, Measurement

PHOTON = g2.load_model("dark_photon")
SCALAR = g2.load_model("scalar")
CP = g2.Model(
    "-s*bar(mu)*(g_S + I*g_P*gamma5)*mu",
    fields=[g2.scalar("s", mass="m_s")],
    parameters=[g2.parameter("g_S"), g2.parameter("g_P")],
)


def limit(name, size, observable="a(mu)", confidence="0.95", **options):
    return Measurement(
        name, "", "limit", name, "2030-01-01", limit=F(size), confidence=F(confidence),
        observable=observable, sources=("me",), **options,
    )  # fmt: skip


def difference(name, value, error, observable="a(mu)", **options):
    datum = Datum(F(value), F(error), F(error), ("me",), "2030-01-01")
    return Measurement(
        name, "", "difference", name, "2030-01-01", difference=datum, observable=observable, **options
    )


# ends of measured windows --------------------------------------------------------------------------
edges = st.builds(
    Edge,
    st.fractions(-5, 5, max_denominator=6),
    st.fractions(-3, 3, max_denominator=4),
    st.sampled_from([F(0), F(1), F(2), F(4), F(8), F(1, 2), F(9, 4), F(3), F(12)]),
)


@given(edges, edges)
def test_ends_compare_as_the_numbers_they_are(one, two):
    with mpmath.workdps(60):

        def value(e):
            return (mpmath.mpf(e.offset.numerator) / e.offset.denominator
                    + mpmath.mpf(e.factor.numerator) / e.factor.denominator
                    * mpmath.sqrt(mpmath.mpf(e.square.numerator) / e.square.denominator))  # fmt: skip

        apart = value(one) - value(two)
        expected = 0 if abs(apart) < mpmath.mpf(10) ** -50 else int(mpmath.sign(apart))
    assert compare(one, two) == expected


def test_equal_irrational_ends_written_differently():
    # 1 + 2 sqrt(2) = 1 + sqrt(8); -sqrt(2) differs from sqrt(2)
    assert compare(Edge(F(1), F(2), F(2)), Edge(F(1), F(1), F(8))) == 0
    assert compare(Edge(F(0), F(-1), F(2)), Edge(F(0), F(1), F(2))) == -1
    # 10^-300 apart: told exactly
    assert compare(Edge(F(1), F(1), F(2)), Edge(F(1) + F(1, 10**300), F(1), F(2))) == -1


# intersections -------------------------------------------------------------------------------------
def spans_of(numbers, openness):
    spans = [(Ball.exact(a), Ball.exact(b)) for a, b in zip(numbers[::2], numbers[1::2], strict=False)]
    if openness & 1 and spans:
        spans[0] = (None, spans[0][1])
    if openness & 2 and spans:
        spans[-1] = (spans[-1][0], None)
    return spans


ends = st.lists(st.integers(-20, 20), max_size=8, unique=True).map(sorted)


@given(ends, ends, st.integers(0, 3), st.integers(0, 3))
def test_a_point_is_in_the_intersection_where_it_is_in_both(first, second, left_open, right_open):
    left, right = spans_of(first, left_open), spans_of(second, right_open)
    found = intersect(left, right)
    for n in range(-84, 85):
        x = F(n, 4)
        expected = all(any(holds(s, x) for s in spans) for spans in (left, right))
        assert any(holds(s, x) for s in found) == expected
    finite = [end.midpoint for span in found for end in span if end is not None]
    assert finite == sorted(finite)


def test_windows_that_share_an_end_share_that_point():
    one, two = [(Ball.exact(1), Ball.exact(2))], [(Ball.exact(2), Ball.exact(3))]
    assert intersect(one, two) == [(Ball.exact(2), Ball.exact(2))]


def test_balls_that_overlap_are_not_guessed():
    wide = Ball(F(2), F(1, 10))
    with pytest.raises(Undecided):
        intersect([(None, wide)], [(Ball(F(2), F(1, 100)), None)])
    # the larger of two lower ends need not be told: it lies in the hull
    ((low, high),) = intersect([(wide, None)], [(Ball(F(2), F(1, 100)), None)])
    assert (low.lower, low.upper, high) == (F(199, 100), F(21, 10), None)


# bounds --------------------------------------------------------------------------------------------
def inside(condition, params):
    """The verdict at a point, by balls and not by windows."""
    ball = condition.observable.enclose(160, params=params)
    with working_precision(160):
        value, low, high = ball.arb(), condition.window.low(160), condition.window.high(160)
        result = bool(low < value) and bool(value < high)
        assert result or value < low or value > high
    return result


@pytest.mark.parametrize(
    ("names", "criterion"),
    [
        (("electron-2023-cs", "electron-2023-rb", "muon-2025"), None),
        (("electron-2023-rb", "muon-2023", "tau-2024"), {"electron-2023-rb": "interval"}),
        (("muon-2021", "muon-2023", "electron-2023-rb"), "interval"),
    ],
)
def test_the_windows_hold_what_every_measurement_allows(names, criterion):
    combination = PHOTON.combine(*names, criterion=criterion)
    found = combination.bound("eps", m_A=["0.003", "0.05", "2"])
    random = Random(4)
    for at, row in enumerate(found.rows):
        finite = [abs(e) for b in found.bounds for s in b.rows[at].allowed for e in s if e]
        for _ in range(40):
            x = F(random.choice(finite) * 10 ** random.uniform(-0.7, 0.7)) * random.choice((1, -1))
            verdicts = [inside(one, {**row.values, "eps": x}) for one in combination.conditions]
            assert any(holds(span, x) for span in row.windows) == all(verdicts)
            for verdict, own in zip(verdicts, found.bounds, strict=True):
                assert any(holds(span, x) for span in own.rows[at].windows) == verdict
        assert bool(found.contradictions[at]) == (not row.windows)


def test_one_measurement_is_what_bound_finds():
    moment = SCALAR.anomalous_moment("mu")
    alone = g2.bound(moment, "g_sff", "muon-2025", m_s=["0.1", "1"])
    found = g2.Combination([(moment, "muon-2025")]).bound("g_sff", m_s=["0.1", "1"])
    assert found.rows == alone.rows
    assert found.bounds == (alone,)


def test_equal_windows_of_one_observable_are_one():
    one = g2.Combination([(PHOTON.anomalous_moment("mu"), limit("a", "1e-9"))]).bound("eps", m_A="0.1")
    two = PHOTON.combine(limit("a", "1e-9"), limit("b", "1e-9")).bound("eps", m_A="0.1")
    assert two.rows == one.rows

    # irrational ends that are equal: sqrt(3^2 + 4^2 ...) written as experiment minus prediction
    def split(name, up):
        half = Datum(F(0), F(up), F(up), ("me",), "2030-01-01")
        return Measurement(name, "mu", "difference", name, "2030-01-01", half, half)

    both = PHOTON.combine(split("c", "1e-9"), split("d", "1e-9")).bound("eps", m_A="0.1")
    alone = PHOTON.combine(split("c", "1e-9")).bound("eps", m_A="0.1")
    assert both.rows == alone.rows


def test_a_touching_window_of_both_is_a_point():
    # Delta a = c eps^2 is never negative: [-1e-9, 0] allows eps = 0 alone
    below = difference("below", "-5e-10", "2.5e-10")
    found = PHOTON.combine(below, "electron-2023-rb", criterion={"below": "interval"}).bound("eps", m_A="0.1")
    (row,) = found.rows
    assert row.windows == ((Ball.exact(0), Ball.exact(0)),)
    assert found.sentences == ()


def test_contradictions_name_as_few_as_contradict():
    rb, mu = "electron-2023-rb", "muon-2023"
    found = PHOTON.combine("tau-2024", rb, mu, criterion="interval", n_sigma={rb: 1}).bound(
        "eps", m_A=["0.01", "0.1", "1"]
    )
    assert found.contradictions == ((rb, mu), (), (rb, mu))
    assert found.sentences == (
        "No real value of eps is allowed in 2 of 3 rows: electron-2023-rb (a(e), interval, 1 sigma) and "
        "muon-2023 (a(mu), interval, 2 sigma) contradict each other, though either would allow some.",
    )
    alone = PHOTON.combine("muon-2025", "electron-2023-cs", criterion={"electron-2023-cs": "interval"})
    (sentence,) = alone.bound("eps", m_A="0.1").sentences
    assert sentence == (
        "No real value of eps is allowed: electron-2023-cs (a(e), interval, 2 sigma) alone allows none."
    )


def test_measurements_of_one_observable_can_contradict_whatever_the_model():
    low, high = difference("low", "1e-10", "1e-11"), difference("high", "9e-10", "1e-11")
    (sentence,) = PHOTON.combine(low, high, criterion="interval").bound("eps", m_A="0.1").sentences
    assert "low (a(mu), interval, 2 sigma) and high (a(mu), interval, 2 sigma) contradict" in sentence


def test_three_that_contradict_only_together():
    # the size of the CP-even coupling: windows [1, 3], [2, 4] u ... no two of which exclude all
    measurements = [
        difference("a", "10e-10", "2e-10"),
        difference("b", "15e-10", "1.5e-10"),
        difference("c", "7e-10", "1.5e-10"),
    ]
    found = PHOTON.combine(*measurements, criterion="interval").bound("eps", m_A="0.1")
    assert found.contradictions in ((("b", "c"),),)
    lows, highs = zip(
        *((m.window("interval").low, m.window("interval").high) for m in measurements), strict=True
    )
    assert compare(*innermost(list(zip(lows, highs, strict=True)))) > 0


def test_a_value_in_common_alone_is_refused():
    low, high = difference("low", "1e-10", "1e-11"), difference("high", "1.4e-10", "1e-11")
    with pytest.raises(UsageError, match=r"low and high have the single value 1\.2e-10 of a\(mu\) in common"):
        PHOTON.combine(low, high, criterion="interval").bound("eps", m_A="0.1")


def test_equal_ends_of_different_observables_are_not_guessed():
    # a < 1e-9 and a^2 > 1e-18 end at the same coupling, which no precision shows
    moment = PHOTON.anomalous_moment("mu")
    square = difference("square", "2e-18", "1e-18", "a(mu)^2")
    entries = [(moment, limit("plain", "1e-9")), (PHOTON.observable("a(mu)^2"), square, "interval", 1)]
    with pytest.raises(PrecisionError, match="plain and square: whether two windows share a point"):
        g2.Combination(entries).bound("eps", m_A="0.1")
    near = [(moment, limit("plain", F("1e-9") + F(1, 10**40))), entries[1]]
    ((low, high), _) = g2.Combination(near).bound("eps", m_A="0.1").rows[0].windows
    assert low.upper < high.lower
    assert float(high.midpoint / low.midpoint) == pytest.approx(1, abs=1e-15)


def test_a_mass_is_bounded_by_several():
    found = PHOTON.combine("electron-2023-rb", "muon-2025").bound("m_A", interval=(0.001, 100), eps="1e-2")
    ((low, high),) = found.rows[0].windows
    alone = [b.rows[0].windows[-1][0] for b in found.bounds]
    assert low.midpoint == max(end.midpoint for end in alone)
    assert high == Ball.exact(100)


def test_a_dipole_and_a_moment_bound_one_coupling():
    edm = limit("edm", "1.8e-19", "d(mu)", unit="e_cm")
    combination = CP.combine("muon-2025", edm)
    found = combination.bound("g_P", m_s="0.5", g_S="1e-3")
    for span in found.rows[0].windows:
        for end, other in ((span[0], 1), (span[1], -1)):
            for factor, expected in ((1 + F(other, 10**9), True), (1 - F(other, 10**9), False)):
                factor = factor if end.midpoint > 0 else 2 - factor
                point = {"m_s": "0.5", "g_S": "1e-3", "g_P": end.midpoint * factor}
                assert all(inside(one, point) for one in combination.conditions) == expected
    record = found.as_dict()
    assert [c["observable"] for c in record["conditions"]] == ["a(mu)", "d(mu)"]
    assert [c["unit"] for c in record["conditions"]] == ["1", "GeV^-1"]
    assert [c["confidence"] for c in record["conditions"]] == [None, "0.95"]
    assert [c["window"]["criterion"] for c in record["conditions"]] == ["sensitivity", "limit"]


# couplings of several leptons ----------------------------------------------------------------------
def test_linked_couplings_are_quoted_for_a_lepton():
    model = SCALAR.with_flavour(g_sff="mass")
    combination = model.combine("electron-2023-rb", "muon-2025", "tau-2024")
    found = combination.bound("g_sff[mu]", m_s=["0.05", "1"])
    # each alone, in its own coupling, scaled by the ratio of the masses
    for at, lepton in enumerate(("e", "mu", "tau")):
        own = g2.bound(
            SCALAR.anomalous_moment(lepton),
            "g_sff",
            combination.conditions[at].measurement,
            m_s=["0.05", "1"],
        )
        ratio = model.inputs.value("m_mu") / model.inputs.value(f"m_{lepton}")
        for row, expected in zip(found.bounds[at].rows, own.rows, strict=True):
            for one, two in zip(row.windows, expected.windows, strict=True):
                for a, b in zip(one, two, strict=True):
                    assert a.overlaps(Ball(b.midpoint * ratio, b.radius * ratio))
    for row, *own in zip(found.rows, *(b.rows for b in found.bounds), strict=True):
        assert row.allowed[0][1] == min(r.allowed[0][1] for r in own)
    assert found.record["flavour"]["g_sff"] == {"link": "mass", "quoted_for": "mu"}
    with pytest.raises(
        UsageError, match=r"of a\(e\), a\(mu\), a\(tau\) is about several leptons .* as g_sff\[e\]"
    ):
        combination.bound("g_sff", m_s="1")


# bad input -----------------------------------------------------------------------------------------
E, MU = PHOTON.anomalous_moment("e"), PHOTON.anomalous_moment("mu")


@pytest.mark.parametrize(
    ("entries", "word"),
    [
        ([], "Nothing is combined"),
        ("muon-2025", "made from a list"),
        (3, "made from a list"),
        ([MU], "entry 1"),
        ([(MU, "muon-2025", None, None, None)], "entry 1"),
        ([(PHOTON, "muon-2025")], "is not an observable"),
        ([(MU, "electron-2023-cs")], "measures a(e)"),
        ([(MU, "muon-2025"), (MU, "muon-2025", "interval")], "'muon-2025' is given twice"),
        ([(MU, limit("x", "1e-9")), (E, limit("x", "1e-9", "a(e)"))], "Two different measurements"),
        ([(MU, limit("x", "1e-9"), "interval")], "own confidence level"),
        ([(MU, limit("x", "1e-9"), None, 2)], "own confidence level"),
        ([(MU, "muon-2025", "intervall")], "did you mean 'interval'"),
        ([(MU, "muon-2025", None, 0)], "positive"),
        ([(MU, "muon-2025"), (SCALAR.anomalous_moment("e"), "electron-2023-rb")], "different models"),
        (
            [(MU, "muon-2025"),
             (g2.load_model("dark_photon", {"m_mu": "0.1"}).anomalous_moment("e"), "electron-2023-rb")],
            "different inputs (m_mu: 0.1056583755 and 0.1)",
        ),
        (
            [(MU, "muon-2025"),
             (g2.load_model("dark_photon", g2.load_inputs(edition="pdg-2026")).anomalous_moment("e"),
              "electron-2023-rb")],
            "different inputs (editions pdg-2024 and pdg-2026",
        ),
        ([(MU, "muon-2025"), (E.with_scheme("larin"), "electron-2023-rb")], "different conventions"),
        ([(MU, "muon-2025"), (PHOTON.anomalous_moment("e", True), "electron-2023-rb")], "partial"),
        ([(MU, "muon-2025"), (E.quoted(eps="mu"), "electron-2023-rb")], "quoted for different leptons"),
    ],
)  # fmt: skip
def test_what_cannot_be_combined_gets_one_sentence(entries, word):
    with pytest.raises(UsageError) as found:
        g2.Combination(entries)
    assert word in str(found.value)
    assert "\n" not in str(found.value)


def test_what_cannot_be_paired_gets_one_sentence():
    with pytest.raises(UsageError, match="own confidence level, and there is no difference"):
        PHOTON.combine(limit("x", "1e-9"), limit("y", "1e-9", "a(e)"), criterion="interval")
    with pytest.raises(UsageError, match="criterion names 'muon', which is none of the measurements"):
        PHOTON.combine("muon-2025", criterion={"muon": "interval"})
    with pytest.raises(InputError, match="did you mean 'muon-2025'"):
        PHOTON.combine("muon-2026")
    with pytest.raises(UsageError, match="no parameter 'eqs'"):
        PHOTON.combine("muon-2025", "electron-2023-rb").bound("eqs", m_A=1)
    with pytest.raises(UsageError, match=r"quoted for mu|no charged lepton|lepton"):
        PHOTON.combine("muon-2025", "electron-2023-rb").bound("eps[muon]", m_A=1)


def test_a_limit_beside_a_difference_keeps_its_level():
    found = pair(PHOTON, [limit("x", "1e-9", "a(e)", "0.9"), "muon-2025"], "interval", 3)
    assert [one.level for one in found] == ["limit at 90 %", "interval, 3 sigma"]
    assert [one.role for one in found] == ["excludes", "favours"]


def test_rows_are_in_the_order_of_the_values():
    found = PHOTON.combine("muon-2025", "electron-2023-rb").bound("eps", m_A=["1", "0.1", "10"])
    assert [row.values["m_A"] for row in found.rows] == [1, F("0.1"), 10]
    widths = [row.allowed[0][1] for row in found.rows]
    assert all(a != b for a, b in pairwise(widths))


def test_inputs_that_differ_are_named_with_their_values_alone() -> None:
    model = g2.load_model("dark_photon")
    other = g2.Model(model.declaration, g2.load_inputs(edition="pdg-2026"))
    moments = model.anomalous_moment("mu"), other.anomalous_moment("e")
    with pytest.raises(UsageError, match="different inputs") as caught:
        g2.Combination([(moments[0], "muon-2025"), (moments[1], "electron-2023-cs")])
    assert "editions pdg-2024 and pdg-2026" in str(caught.value)
    assert "m_tau" not in str(caught.value)  # the same value from another source
