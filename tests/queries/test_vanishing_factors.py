"""Products and quotients of which a factor is zero, or leaves the range of doubles on the way."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.balls import nearest_double
from g2sym.base.coefficients import Coefficient
from g2sym.errors import PrecisionError, UsageError
from g2sym.inputs.measurements import Datum, Measurement
from g2sym.lagrangian import declare
from g2sym.lagrangian.fields import Field
from g2sym.lagrangian.parameters import Parameter
from g2sym.model.model import Model

S = Field(name="s", spin=Fraction(0), charge=Fraction(0), mass="m_s", self_conjugate=True)
N = Field(name="N", spin=Fraction(1, 2), charge=Fraction(-1), mass="m_N", self_conjugate=False)


def _model(text: str, fields: list[Field], *parameters: Parameter) -> Model:
    return Model(declare(text, fields=fields, parameters=list(parameters)))


def _each() -> Model:
    """A scalar with a coupling to each lepton."""
    text = "-g_e*s*bar(e)*e - g_mu*s*bar(mu)*mu - g_tau*s*bar(tau)*tau"
    return _model(text, [S], *(Parameter(name=f"g_{n}") for n in ("e", "mu", "tau")))


def _mixed() -> Model:
    free = (Parameter(name=n, flavour="universal") for n in ("gS", "gP"))
    return _model("-s*bar(f)*(gS + I*gP*gamma5)*f", [S], *free)


def _measured(observable: str, value: str, error: str) -> Measurement:
    day = date(2030, 1, 1).isoformat()
    datum = Datum(Fraction(value), Fraction(error), Fraction(error), ("x",), day)
    return Measurement(
        name="mine", lepton="", kind="difference", title="t", date=day, experiment=None, prediction=None,
        difference=datum, limit=None, confidence=None, observable=observable, unit="1",
    )  # fmt: skip


GRID = {"g_mu": np.array([1e-3, 2e-3]), "m_s": np.array([0.5, 1.0])}
QUIET = {"g_e": 0, "g_tau": "1e-3"}


def test_a_product_with_a_factor_that_is_zero() -> None:
    product = _each().observable("a(e)*a(mu)")
    measured = _measured("a(e)*a(mu)", "0", "1e-10")
    assert not g2.scan(product, GRID, params=QUIET)["value"].any()
    assert g2.count_excluded(product, GRID, measured, params=QUIET).allowed == 4
    plane = ("g_mu", 1e-3, 2e-3), ("m_s", 0.5, 1.0)
    assert g2.exclusion_map(product, *plane, measured, resolution=4, params=QUIET).areas["allowed"] == 1


@pytest.mark.parametrize("name", ["a(mu)/a(e)", "a(tau)/(a(e)*a(mu))", "a(tau)/(a(mu)*a(e))"])
def test_a_denominator_with_a_factor_that_is_zero(name: str) -> None:
    quotient = _each().observable(name)
    with pytest.raises(UsageError, match="is zero"):
        g2.scan(quotient, GRID, params=QUIET)
    plane = ("g_mu", 1e-3, 2e-3), ("m_s", 0.5, 1.0)
    with pytest.raises(UsageError, match="is zero"):
        g2.exclusion_map(quotient, *plane, _measured(name, "1", "1"), resolution=4, params=QUIET)


def test_a_kernel_that_is_zero_below() -> None:
    """A massless internal fermion induces no electric dipole."""
    text = "s*bar(f)*(y_L*PL + y_R*PR)*N + hc"
    free = (Parameter(name=n, complex=True, flavour="universal") for n in ("y_L", "y_R"))
    model = _model(text, [S, N], *free)
    values = {"re_y_L": "0.25", "im_y_L": "-0.5", "re_y_R": "0.5", "im_y_R": "0.75", "m_N": 0}
    for name in ("a(mu)/d(mu)", "d(e)/d(mu)"):
        quotient = model.observable(name)
        for call in (
            lambda q=quotient: q.evaluate(10, values, m_s="0.5"),
            lambda q=quotient: q.enclose(64, values, m_s="0.5"),
            lambda q=quotient: q.lambdify()(values, m_s=np.array([0.5, 1.0])),
            lambda q=quotient: g2.scan(q, {"m_s": np.array([0.5, 1.0])}, params=values),
        ):
            with pytest.raises(UsageError, match="is zero"):
                call()


def test_a_scan_beside_a_zero_of_the_denominator() -> None:
    """The double nearest to a zero of a(mu): its coefficient is smaller than its own error."""
    universal = Parameter(name="g", flavour="universal")
    cutoff = Parameter(name="Lambda", dimension=1, default=Coefficient.number(1000))
    text = "-g*s*bar(f)*f - c/4*s*F(A, al, be)*F(A, al, be)"
    model = _model(text, [S], universal, Parameter(name="c", dimension=-1), cutoff)
    fixed = {"g": "1e-3", "m_s": "0.5"}
    root = _zero_of(model.anomalous_moment("mu"), fixed)
    quotient = model.observable("a(e)/a(mu)")
    near = np.array([np.nextafter(root, -1), root, np.nextafter(root, 0)])
    found = g2.scan(quotient, {"c": near}, params=fixed)["value"]
    for c, value in zip(near.tolist(), found.tolist(), strict=True):
        want = quotient.evaluate(20, fixed, c=c).ball.midpoint
        assert abs(Fraction(value) / want - 1) < Fraction(1, 10**12)
    with pytest.raises(PrecisionError, match="told from zero"):
        quotient.enclose(20, fixed, c=root)


def _zero_of(moment: g2.AnomalousMoment, fixed: dict[str, str]) -> float:
    constant, slope = (moment.evaluate(40, fixed, c=c).ball.midpoint for c in (0, 1))
    return float(constant / (constant - slope))


@pytest.mark.parametrize("name", ["d(mu)/a(mu)", "a(e)/a(mu)", "a(mu)^8/a(tau)^8", "a(mu)^2/d(mu)"])
@pytest.mark.parametrize("size", [1e-170, 1e-157, 1e-100, 1e-20, 1e-19, 1e40, 1e78, 1e120, 1e160])
def test_what_leaves_the_range_of_doubles_on_the_way(name: str, size: float) -> None:
    quotient = _mixed().observable(name)
    values = {"gS": size, "gP": 2 * size}
    want = quotient.evaluate(20, values, m_s="0.3").ball.midpoint
    arrays = {n: np.array([v]) for n, v in values.items()}
    expected = nearest_double(want)
    for got in (
        quotient.lambdify()(arrays, m_s="0.3")[0],
        quotient.lambdify()(values, m_s="0.3"),
        g2.scan(quotient, g2.Points.of(arrays), params={"m_s": "0.3"})["value"][0],
    ):
        assert got == pytest.approx(expected, rel=1e-12, abs=1e-320)


@pytest.mark.parametrize("power", [2, 3, 4])
def test_a_pole_of_high_order_at_zero(power: int) -> None:
    """a(e)/a(mu)^n is a constant over g^(2 n - 2)."""
    name = f"a(e)/a(mu)^{power}"
    quotient = g2.load_model("dark_photon").observable(name)
    found = g2.bound(quotient, "eps", _measured(name, "1000", "50"), m_A="0.1")
    ((_, below), (above, _)) = found.rows[0].windows
    assert below is not None
    assert above is not None
    at_end = quotient.evaluate(20, m_A="0.1", eps=above.midpoint).ball.midpoint
    assert abs(at_end / 100 - 1) < Fraction(1, 10**15)
    assert abs(above.midpoint + below.midpoint) < above.midpoint / 10**15


def test_roots_of_a_power_below() -> None:
    """The roots of a(tau)^2 are those of a(tau), and so for a coupling, a mass and a count."""
    quotient = _mixed().observable("a(mu)/a(tau)^2")
    measured = _measured("a(mu)/a(tau)^2", "1e3", "1e2")
    rest = {"gP": "1e-3", "m_s": 5}
    (row,) = g2.bound(quotient, "gS", measured, "interval", params=rest).rows
    assert row.windows
    low, high = (float(edge) for edge in (800, 1200))
    for left, right in row.windows:
        assert left is not None
        assert right is not None
        for end in (left, right):
            value = float(quotient.evaluate(12, {**rest, "gS": end.midpoint}).ball.midpoint)
            assert min(abs(value / low - 1), abs(value / high - 1)) < 1e-8
        middle = (left.midpoint + right.midpoint) / 2
        assert low < float(quotient.evaluate(12, {**rest, "gS": middle}).ball.midpoint) < high
    grid = {"gS": np.geomspace(1e-4, 1e-2, 7), "m_s": np.geomspace(1, 10, 7)}
    counted = g2.count_excluded(quotient, grid, measured, "interval", on="gS", params={"gP": "1e-3"})
    assert counted.undecided == 0
    inside = sum(
        low <= float(quotient.evaluate(12, {"gP": "1e-3", "gS": s, "m_s": m}).ball.midpoint) <= high
        for s in grid["gS"]
        for m in grid["m_s"]
    )
    assert counted.allowed == inside


def test_the_mass_bound_with_a_power_below() -> None:
    quotient = _mixed().observable("a(e)*a(tau)/a(mu)^2")
    values = {"gS": "0.003", "gP": "0.003"}
    middle = quotient.evaluate(12, {**values, "m_s": 2})
    measured = _measured("a(e)*a(tau)/a(mu)^2", middle.ball.text(12), "1e-5")
    found = g2.bound(quotient, "m_s", measured, "interval", interval=("0.7", 5), params=values)
    assert any(left.lower <= 2 <= right.upper for left, right in found.rows[0].windows if left and right)


def test_a_square_measured_down_to_zero() -> None:
    """The window [0, 4e-20] of a square: its lower end is reached where a(mu) vanishes."""
    square = _mixed().observable("a(mu)^2")
    measured = _measured("a(mu)^2", "2e-20", "1e-20")
    (row,) = g2.bound(square, "gS", measured, "interval", params={"gP": "1e-3", "m_s": 5}).rows
    single = _measured("a(mu)", "0", "1e-10")
    (want,) = g2.bound(_mixed().anomalous_moment("mu"), "gS", single, params={"gP": "1e-3", "m_s": 5}).rows
    assert row.text(12) == want.text(12)


def test_a_denominator_without_a_value() -> None:
    model = g2.load_model("dark_photon")
    with pytest.raises(UsageError, match="is zero"):
        g2.bound(
            model.observable("a(e)/a(mu)"), "m_A", _measured("a(e)/a(mu)", "1", "1"), interval=(1, 2), eps=0
        )
    quotient = model.observable("d(e)/d(mu)")
    for call in (quotient.closed_form, quotient.integral, lambda: quotient.input_uncertainty(m_A=1, eps=1)):
        with pytest.raises(UsageError, match=r"is zero|no value"):
            call()
