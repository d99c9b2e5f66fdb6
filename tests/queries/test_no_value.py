"""A quotient where its denominator is exactly zero: one rule for each query."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import g2sym as g2
from g2sym.cli import main
from g2sym.errors import InvalidPointsWarning, UsageError
from g2sym.inputs.measurements import Datum, Measurement
from g2sym.lagrangian import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.parameters import Parameter
from g2sym.observables.quantity import NoValue

LIMIT = (
    "numerator and denominator of a(e)/a(mu) both vanish: there it has no value, and the {} takes its limit."
)


def _measured(observable: str, value: str, error: str) -> Measurement:
    day = "2030-01-01"
    datum = Datum(Fraction(value), Fraction(error), Fraction(error), ("x",), day)
    return Measurement("mine", "", "difference", "t", day, difference=datum, observable=observable)


def ratio() -> g2.Observable:
    return g2.load_model("dark_photon").observable("a(e)/a(mu)")


def mixed(name: str) -> g2.Observable:
    field = Field(name="s", spin=Fraction(0), charge=Fraction(0), mass="m_s", self_conjugate=True)
    free = [Parameter(name=n, flavour="universal") for n in ("gS", "gP")]
    return g2.Model(declare("-s*bar(f)*(gS + I*gP*gamma5)*f", fields=[field], parameters=free)).observable(
        name
    )


WIDE = _measured("a(e)/a(mu)", "0", "1")
NARROW = _measured("a(e)/a(mu)", "0", "1e-9")


def test_a_point_is_refused() -> None:
    for call in (
        lambda: ratio().evaluate(m_A=1, eps=0),
        lambda: ratio().enclose(64, m_A=1, eps=0),
        lambda: ratio().lambdify()(m_A=1, eps=0),
        lambda: ratio().lambdify("mpmath")(m_A=1, eps=0),
        lambda: ratio().input_uncertainty(m_A=1, eps=0),
    ):
        with pytest.raises(
            NoValue, match=r"^Delta a_mu is zero at these values, so a\(e\)/a\(mu\) has no value"
        ):
            call()
    assert issubclass(NoValue, UsageError)


def test_an_array_has_nan_where_there_is_no_value() -> None:
    function = ratio().lambdify()
    eps = np.array([0.0, 1e-3, 1e-200, -0.0, np.nan])
    with pytest.warns(InvalidPointsWarning) as said:
        found = function(m_A=np.array([[0.5], [2.0]]), eps=eps, full=True)
    assert [str(one.message) for one in said] == [
        "6 of 10 values are NaN. 4: Delta a_mu is zero at these values, so a(e)/a(mu) has no value. "
        "2: eps is not a number."
    ]
    assert np.isnan(found.values).tolist() == [[True, False, False, True, True]] * 2
    assert found.counts()["not a number"] == 6
    for row, mass in zip(found.values.tolist(), (0.5, 2.0), strict=True):
        want = float(ratio().evaluate(m_A=mass, eps=1))
        assert row[1:3] == pytest.approx([want, want], rel=1e-12)
    with pytest.warns(InvalidPointsWarning, match="3 of 3 values are NaN"):
        assert np.isnan(function(m_A=1.0, eps=np.zeros(3))).all()
    with pytest.raises(UsageError, match="is zero at these values"):  # at no point there is a value
        function(m_A=np.array([1.0, 2.0]), eps=0)


def test_a_denominator_that_cancels_at_some_points() -> None:
    text = "-g/(2*m_f)*d(al,a)*bar(f)*gamma5*gamma(al)*f + I*h*a*bar(f)*gamma5*f"
    field = Field(name="a", spin=Fraction(0), charge=Fraction(0), mass="m_a", self_conjugate=True)
    free = [Parameter(name=n, flavour="universal") for n in ("g", "h")]
    quotient = g2.Model(declare(text, fields=[field], parameters=free)).observable("a(e)/a(mu)")
    g, h = np.array([0.25, 0.25, 0.5]), np.array([0.25, 0.5, 0.5])
    with pytest.warns(InvalidPointsWarning, match="2: Delta a_mu is zero at these values"):
        values = quotient.lambdify()(m_a=0.5, g=g, h=h)
    for found in (values, g2.scan(quotient, g2.Points.of({"g": g, "h": h}), m_a="0.5")["value"]):
        assert np.isnan(found).tolist() == [True, False, True]


def test_a_scan_counts_points_without_a_value() -> None:
    grid = {"m_A": np.array([0.5, 2.0]), "eps": np.array([0.0, 1e-3, 1.0])}
    found = g2.scan(ratio(), grid, WIDE)
    assert np.isnan(found["value"]).tolist() == [[True, False, False]] * 2
    assert found["verdict"].tolist() == [[0, 1, 1]] * 2
    assert found.summary()["without_value"] == 2
    assert found.summary()["verdicts"] == {"undecided": 2, "allowed": 4, "excluded": 0}
    assert "without_value" not in g2.scan(g2.load_model("dark_photon").anomalous_moment("mu"), grid).summary()
    with pytest.raises(UsageError, match="is zero"):
        g2.scan(ratio(), {"m_A": [1.0, 2.0]}, eps=0)


def test_many_points_without_a_value_cost_nothing() -> None:
    grid = {"m_A": np.geomspace(1e-3, 1e3, 300), "eps": np.zeros(300)}
    found = g2.scan(ratio(), grid, WIDE)
    assert found.summary()["without_value"] == 90_000


def test_a_pole_is_no_value_either() -> None:
    """a(mu)/d(mu) goes like 1/gS: its denominator vanishes, its numerator does not."""
    grid = {"gS": np.array([0.0, 1.0]), "gP": np.array([0.0, 1.0])}
    found = g2.scan(mixed("a(mu)/d(mu)"), grid, m_s=1)
    assert np.isnan(found["value"]).tolist() == [[True, True], [True, False]]
    assert found.summary()["without_value"] == 3


@pytest.mark.parametrize("measured", [WIDE, NARROW])
def test_a_count_is_that_of_a_scan(measured: Measurement) -> None:
    grid = {"m_A": np.array([0.5, 2.0]), "eps": np.array([-1e-3, 0.0, 1e-3, 1.0])}
    found = g2.scan(ratio(), grid, measured).summary()
    counted = g2.count_excluded(ratio(), grid, measured)
    assert counted.without_value == found["without_value"] == 2
    assert {name: getattr(counted, name) for name in found["verdicts"]} == found["verdicts"]
    assert counted.as_dict()["without_value"] == 2


def test_a_bound_takes_the_limit_and_says_so() -> None:
    for measured, text in ((WIDE, "(-inf, inf)"), (NARROW, "nothing")):
        found = g2.bound(ratio(), "eps", measured, m_A=1)
        assert found.rows[0].text() == text
        assert f"At eps = 0 {LIMIT.format('bound')}" in found.as_dict()["announcements"]
    other = g2.bound(mixed("a(e)/a(mu)"), "gS", WIDE, m_s=1, gP=1)
    assert not any("limit" in sentence for sentence in other.as_dict()["announcements"])
    scanned = g2.scan(ratio(), {"m_A": [1.0]}, WIDE, on="eps")
    assert f"At eps = 0 {LIMIT.format('scan')}" in scanned.as_dict()["announcements"]


def test_windows_of_a_row_without_a_value() -> None:
    """With gP = 0 the denominator d(mu) is zero for every gS: nothing is allowed."""
    square = mixed("a(mu)*d(e)/d(mu)")
    limit = _measured("a(mu)*d(e)/d(mu)", "0", "1e-6")
    found = g2.scan(square, {"gP": [0.0, 1.0]}, limit, on="gS", m_s=1)
    assert found["count"].tolist() == [0, 2]
    assert np.isnan(found["windows"][0]).all()
    counted = g2.count_excluded(square, {"gP": [0.0, 1.0], "gS": [0.0, 1e-3, 1.0]}, limit, on="gS", m_s=1)
    assert counted.without_value == 4  # three at gP = 0, and gS = 0 beside gP = 1


@pytest.mark.parametrize(("measured", "state"), [(WIDE, "allowed"), (NARROW, "excluded")])
def test_a_map_takes_the_limit_and_says_so(measured: Measurement, state: str) -> None:
    axes = ("m_A", 1, 10), ("eps", -1e-3, 1e-3, "lin")
    found = g2.exclusion_map(ratio(), *axes, measured, resolution=16)
    assert found.areas[state] == 1
    assert found.state(2.0, 0.0) == state
    assert f"At eps = 0 {LIMIT.format('map')}" in found.as_dict()["announcements"]
    beside = g2.exclusion_map(ratio(), axes[0], ("eps", 1e-3, 1, "lin"), measured, resolution=16)
    assert beside.areas[state] == 1
    assert not any("limit" in sentence for sentence in beside.as_dict()["announcements"])


def test_a_map_with_a_pole_on_its_edge() -> None:
    """d(mu)/a(mu)^2 at gP = gS = 0: what could be anything stays undecided."""
    quotient = mixed("a(mu)/a(tau)")
    measured = _measured("a(mu)/a(tau)", "0", "1e-2")
    plane = ("gS", 0, 1, "lin"), ("gP", 0, 1, "lin")
    found = g2.exclusion_map(quotient, *plane, measured, resolution=32, m_s=1)
    assert found.state(0.0, 0.0) == "undecided"
    for x, y in ((0.9, 0.1), (0.1, 0.9), (0.6, 0.6)):
        value = float(quotient.evaluate(17, m_s=1, gS=x, gP=y))
        assert found.state(x, y) in ("undecided", "allowed" if abs(value) <= 2e-2 else "excluded")


def test_zeros_are_not_negative() -> None:
    """The numerator is zero, the denominator negative."""
    quotient = mixed("d(mu)/a(mu)")
    for value in (
        quotient.lambdify()(gS=np.array([0.0, 1e-3]), gP=1.0, m_s=1)[0],
        g2.scan(quotient, {"gS": [0.0, 1e-3], "gP": [1.0]}, m_s=1)["value"][0, 0],
    ):
        assert value == 0
        assert math.copysign(1, value) == 1


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "ratio.toml"
    path.write_text(
        'schema = 1\nname = "mine"\nkind = "limit"\nobservable = "a(e)/a(mu)"\ndate = 2030-01-01\n'
        'value = 1\nconfidence = 0.95\nsource = "x"\n'
    )
    words = ["scan", "dark_photon", "--observable=a(e)/a(mu)", f"--measurement={path}"]
    words += ["--vary=m_A=1:2:2", "--vary=eps=0:1:3:lin"]
    assert main(words) == 0
    assert "points without a value   2 (a denominator is zero)" in capsys.readouterr().out
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["without_value"] == 2
    assert main([*words, "--count"]) == 0
    assert "undecided  2, of which 2 have no value (a denominator is zero)" in capsys.readouterr().out
