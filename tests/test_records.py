"""Results know their own record: JSON-ready, with what was printed and what it rests on."""

import io
import json
from fractions import Fraction

import pytest

import g2sym
from g2sym.base.balls import Ball
from g2sym.base.exact import finite_float
from g2sym.queries.cancellation import unit_couplings
from g2sym.queries.line import cancellation_line
from g2sym.scans.plans import Samples


def plain(record):
    return json.loads(json.dumps(record, allow_nan=False))


@pytest.fixture(scope="module")
def alp():
    return g2sym.load_model("alp").anomalous_moment("mu")


@pytest.mark.parametrize("digits", [1, 17, 40])
def test_a_printed_radius_is_around_the_printed_value(digits):
    ball = Ball(Fraction(2, 3), Fraction(1, 10**45))
    value, radius = ball.printed(digits)
    assert value == ball.text(digits)
    assert abs(Fraction(value) - ball.midpoint) + ball.radius <= Fraction(radius)
    assert Fraction(radius) < Fraction(11, 10 ** (digits + 1))


def test_an_evaluation(alp):
    found = alp.evaluate(30, m_a="0.5", g_aff="1e-3", g_agg="1e-4")
    record = plain(found.as_dict())
    assert (record["value"], record["digits"]) == (str(found), 30)
    assert [part["name"] for part in record["contributions"]] == list(alp.contributions)
    assert record["values"] == {"m_a": "0.5", "g_aff": "0.001", "g_agg": "0.0001"}
    assert record["conventions"] == alp.conventions.as_dict()


def test_a_line(alp):
    ratio = unit_couplings(alp, "g_agg", {"m_a": 0})
    found = alp.cancellation("g_agg", params=ratio)
    masses = [Fraction(1, 10), Fraction(1)]
    seen = []
    line = cancellation_line(
        found, {"m_a": masses}, 20, ratio_to=ratio, steps=lambda points: seen.extend(points) or points
    )
    assert [dict(point)["m_a"] for point in seen] == masses
    record = plain(line.as_dict())
    assert (record["on"], record["ratio_to"], record["digits"]) == ("g_agg", ["g_aff"], 20)
    assert [row["exact"]["m_a"] for row in record["rows"]] == ["0.1", "1"]
    for row, mass in zip(record["rows"], masses, strict=True):
        (zero,) = found.evaluate(20, m_a=mass)
        assert row["zeros"] == [zero.text(20)]
    stream = io.BytesIO()
    line.write_csv(stream)
    heads, *lines = stream.getvalue().decode().splitlines()
    assert heads == "m_a,g_agg,radius,flavour"
    assert {text.split(",")[3] for text in lines} == {"g_aff single (quoted for mu)"}
    assert [text.split(",")[:2] for text in lines] == [
        [row["exact"]["m_a"], row["zeros"][0]] for row in record["rows"]
    ]


def test_a_number_beyond_doubles_stays_finite():
    assert finite_float(Fraction(10) ** 400) == -finite_float(-(Fraction(10) ** 400)) < float("inf")
    assert finite_float(Fraction(1, 3)) == 1 / 3


def test_scans(alp):
    grid = {"m_a": [0.1, 1.0, 5.0], "g_aff": [1e-4, 1e-3]}
    windows = g2sym.scan(alp, grid, "muon-2025", on="g_agg")
    record = plain(windows.as_dict())
    assert (record["points"], record["shape"], record["output"]) == (6, [3, 2], None)
    assert sum(record["windows"].values()) == 6
    assert record["on"] == "g_agg"
    values = g2sym.scan(alp, grid, "muon-2025")
    assert sum(plain(values.summary())["verdicts"].values()) == 6
    assert values.shape == values["delta_a"].shape == (3, 2)


def test_samples_have_one_axis(alp):
    from g2sym.constraints.planes import Axis

    box = (Axis("m_a", Fraction(1, 10), Fraction(1), True),)
    found = g2sym.scan(alp, Samples(box, 8), params={"g_aff": "1e-3"})
    assert (found.shape, found.summary()["points"]) == ((8,), 8)
    assert "verdicts" not in found.as_dict()


def test_a_declaration_and_its_units():
    declared = g2sym.load_declaration("alp")
    assert declared.units == {
        "m_a": "GeV",
        "g_aff": "1",
        "g_agg": "GeV^-1",
        "g_agZ": "GeV^-1",
        "Lambda": "GeV",
    }
    record = plain(declared.as_dict())
    assert record["parameters"]["g_agZ"]["default"] == "-g_agg*sin_w/cos_w"
    assert record["name"] == "alp"


def test_a_table_of_checks():
    table = g2sym.check(g2sym.load_model("dark_photon"), "e")
    record = plain(table.as_dict())
    assert record["conventions"] == g2sym.Conventions().as_dict()
    assert "lepton" not in record
    assert len(record["statements"]) == len(table)
