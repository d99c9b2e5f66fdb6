"""Maps of rates of which both axes stand in kernels: states and enclosures against certified values."""

from __future__ import annotations

import itertools
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from flint import arb

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.constraints.planes import Axis
from g2sym.constraints.quadtree import Levels, within
from g2sym.constraints.rate_planes import RatePlane, rate_plane
from g2sym.errors import G2symError, UnsupportedError, UsageError
from g2sym.kernels.elementary_boxes import Local
from g2sym.kernels.elementary_line import BITS
from g2sym.queries.pieces import take_apart
from g2sym.show.maps import draw_map

ALP = g2.load_model("alp").with_flavour(g_aff="mass")
DARK = """
schema = 1
name = "dark"
lagrangian = "-g*s*bar(mu)*mu - {coupling}*s*bar(chi)*chi + hc"
[fields.s]
spin = 0
charge = 0
mass = "m_s"
[fields.chi]
spin = "1/2"
charge = 0
mass = "m_chi"
[parameters.g]
dimension = 0
[parameters.y]
dimension = {dimension}
{more}
"""


def dark(folder: Path, coupling: str = "y", dimension: int = 0, more: str = "") -> g2.Model:
    path = folder / "dark.toml"
    path.write_text(DARK.format(coupling=coupling, dimension=dimension, more=more))
    return g2.load_model(path)


def limit(observable: str, high: str, unit: str = "1") -> g2.Measurement:
    return g2.Measurement(
        "mine", "", "limit", "mine", "2030-01-31", limit=Fraction(high), confidence=Fraction("0.95"),
        observable=observable, unit=unit,
    )  # fmt: skip


def agrees(
    own: object, name: str, high: str, unit: str, x: tuple, y: tuple, point: dict[str, object]
) -> None:
    """A decided cell holds no point that says otherwise; a cell without values is undecided."""
    size = 128
    found = g2.exclusion_map(own, x, y, limit(name, high, unit), resolution=size, params=point)
    areas, refused = found.areas, sum(area for _, area in found.reasons)
    assert areas["allowed"] > 0.02
    assert areas["excluded"] > 0.02
    assert areas["undecided"] < refused + Fraction(1, 12)
    rng = np.random.default_rng(3)
    for column, row in rng.integers(0, size, (12, 2)):
        xs, ys = (rng.uniform(e[k], e[k + 1]) for e, k in ((found.x_edges, column), (found.y_edges, row)))
        state = found.state(xs, ys)
        try:
            value = own.evaluate(12, unit=unit, params={**point, x[0]: xs, y[0]: ys}).ball  # type: ignore[attr-defined]
        except G2symError:
            assert state == "undecided"
            continue
        if state != "undecided":
            assert (value.midpoint <= Fraction(high)) == (state == "allowed")


ANNIHILATION = "sigma(mu bar(mu) -> A a)"
MAPS = [
    ("sigma(e bar(e) -> A a)", "1e-2", "pb", ("m_a", "0.1", 80), ("sqrt_s", 1, 120),
     {"g_aff[mu]": "1e-2", "g_agg": "1e-4", "g_agZ": "1e-3"}),
    (ANNIHILATION, "1e2", "pb", ("m_a", "0.1", 8), ("sqrt_s", "0.15", 10),
     {"g_aff[mu]": "1e-2", "g_agg": "1e-4"}),
    ("dsigma(mu bar(mu) -> A a)", "10", "pb", ("m_a", "0.1", 5), ("cos", "-0.999", "0.999", "lin"),
     {"g_aff[mu]": "1e-2", "g_agg": "1e-4", "sqrt_s": 4, "cos_max": "0.9"}),
    (ANNIHILATION, "1", "pb", ("sqrt_s", 1, 10), ("cos_max", "0.1", "1", "lin"),
     {"g_aff[mu]": "1e-3", "g_agg": "1e-5", "m_a": "1.5"}),
    ("decay_length(a)", "1", "mm", ("m_a", "0.02", 20), ("energy", 1, 50),
     {"g_aff[mu]": "1e-6", "g_agg": "1e-5"}),
]  # fmt: skip


@pytest.mark.parametrize("case", MAPS, ids=lambda case: f"{case[0]} {case[3][0]} {case[4][0]}")
def test_maps_of_two_masses_energies_or_angles(case: tuple) -> None:
    agrees(ALP.observable(case[0]), *case)


@pytest.mark.parametrize(("coupling", "dimension"), [("y", 0), ("y*m_chi", -1)])
def test_a_mediator_s_and_a_fermion_s_mass(tmp_path: Path, coupling: str, dimension: int) -> None:
    """Also with a mass in a coupling; where every channel is closed there is no lifetime."""
    model = dark(tmp_path, coupling, dimension)
    axes = ("m_s", "0.05", 20), ("m_chi", "0.01", 10)
    point = {"g": "1e-3", "y": "2e-2"}
    agrees(model.observable("lifetime(s)"), "lifetime(s)", "1e-19", "s", *axes, point)
    found = g2.exclusion_map(
        model.observable("BR(s -> mu bar(mu))"), *axes, limit("BR(s -> mu bar(mu))", "0.3"),
        resolution=64, params={**point, "y": "2e-3"},
    )  # fmt: skip
    ((reason, area),) = found.reasons
    assert reason.startswith("Gamma(s) is zero")
    # ln(2 m_mu/0.05) of ln 400 times what lies above m_s/2: a trapezium, here counted on fine points
    masses = np.exp(np.linspace(np.log(0.05), np.log(20), 4001))
    threshold = 2 * 0.1056583755
    above = np.log(10 / np.maximum(masses / 2, 0.01)) / np.log(1000) * (masses < threshold)
    assert abs(float(area) - float(np.mean(above))) < 0.03


def test_a_mass_by_default_follows_another(tmp_path: Path) -> None:
    model = dark(tmp_path, more='[parameters.m_chi]\ndimension = 1\ndefault = "m_s/3"')
    axes = ("m_s", "0.05", 20), ("y", "1e-4", "1e-1")
    agrees(model.observable("BR(s -> mu bar(mu))"), "BR(s -> mu bar(mu))", "0.3", "1", *axes, {"g": "1e-3"})


@pytest.mark.parametrize(
    ("x", "more", "error", "words"),
    [
        (("m_s", "-1", 20, "lin"), "", UsageError, "m_s begins at -1: it cannot be negative"),
        (
            ("m_s", 1, 20),
            '[parameters.m_chi]\ndimension = 1\ndefault = "m_mu*m_mu/m_s"',
            UnsupportedError,
            "no polynomial",
        ),
    ],
)
def test_planes_that_are_refused(tmp_path: Path, x: tuple, more: str, error: type, words: str) -> None:
    other = ("y", "1e-3", 1) if more else ("m_chi", "0.01", 10)
    point = {"g": 1} if more else {"g": 1, "y": 1}
    with pytest.raises(error, match=words) as caught:
        g2.exclusion_map(
            dark(tmp_path, more=more).observable("Gamma(s)"),
            x,
            other,
            limit("Gamma(s)", "1", "GeV"),
            params=point,
        )
    assert str(caught.value).count(". ") == 0


# enclosures ------------------------------------------------------------------------------------------


def prepared(name: str, moving: tuple[str, str], point: dict[str, object], own: g2.Model = ALP) -> RatePlane:
    quantity, fixed = own.observable(name).quantity.asked(point, *moving)
    names = tuple(quantity.full_name(n) for n in moving)
    edges = np.array([1.0, 2.0]), np.array([1.0, 2.0])
    axes = [Axis(n, Fraction(1), Fraction(2)) for n in names]
    window = limit(name, "1", "pb").window()
    judge = within(Levels((0.0, 0.0), (1.0, 1.0)))
    return rate_plane(take_apart(quantity, fixed, names), axes, edges, window, judge)


def test_ranges_hold_every_value_and_are_nearly_tight() -> None:
    """The kernels cancel by powers of m_e^2/s; second-order rests are a part of a box's linear range."""
    name, point = "sigma(e bar(e) -> A a)", {"g_aff[mu]": "1e-2", "g_agg": "1e-4", "g_agZ": "1e-3"}
    plane = prepared(name, ("m_a", "sqrt_s"), point)
    sigma = ALP.observable(name)
    spread = []
    for (m, w), part in itertools.product(
        ((1.0, 4.0), (0.3, 91.0), (9.0, 10.5)), (2.0**-4, 2.0**-8, 2.0**-12)
    ):
        ends = (m, m * (1 + part)), (w, w * (1 + part / 4))
        with working_precision(BITS):
            found = plane.sums.ranges(plane.sums.box(ends))
        assert found is not None
        values = [
            sigma.evaluate(25, params={**point, "m_a": x, "sqrt_s": y}).ball.midpoint
            for x, y in itertools.product(*ends)
        ]
        low, high = (
            Fraction(*map(int, (e.mid().fmpq().p, e.mid().fmpq().q)))
            for e in (found[0].lower(), found[0].upper())
        )
        assert low <= min(values)
        assert max(values) <= high
        spread.append(float((high - low) / (max(values) - min(values))))
    assert max(spread[2::3]) < 1.01  # the smallest boxes
    assert min(spread[1::3]) > 1


def test_products_and_functions_of_local_ones() -> None:
    """Beyond what is linear, the rest is no more than twice what the corners show."""
    with working_precision(BITS):
        x = Local(arb(2), arb("0.01"), arb(0), arb(0))
        y = Local(arb(3), arb(0), arb("-0.02"), arb(0))
        both = Local(arb(2), arb("0.01"), arb("0.02"), arb(0))
        cases = [
            (x * y, lambda t, u: (2 + t / 100) * (3 - u / 50)),
            (both * both, lambda t, u: (2 + t / 100 + u / 50) ** 2),
            (both.sqrt(), lambda t, u: (2 + t / 100 + u / 50).sqrt()),
            (both.log(), lambda t, u: (2 + t / 100 + u / 50).log()),
            (x / y, lambda t, u: (2 + t / 100) / (3 - u / 50)),
        ]
        for found, exact in cases:
            rests = []
            for t, u in itertools.product((arb(-1), arb(0), arb(1)), repeat=2):
                rests.append(exact(t, u) - found.a - found.b * t - found.d * u)
                assert found.e.overlaps(rests[-1])
                assert found.e.upper() - rests[-1] > -1e-40
                assert rests[-1] - found.e.lower() > -1e-40
            width = max(float(r) for r in rests) - min(float(r) for r in rests)
            assert float(found.e.upper() - found.e.lower()) < 2.1 * width


def test_a_range_across_a_threshold_holds_zero() -> None:
    plane = prepared(ANNIHILATION, ("m_a", "sqrt_s"), {"g_aff[mu]": 0, "g_agg": "1e-4"})
    with working_precision(BITS):
        found = plane.sums.ranges(plane.sums.box(((1.0, 1.2), (1.1, 1.3))))
        inside = plane.sums.ranges(plane.sums.box(((1.0, 1.05), (1.25, 1.3))))
        closed = plane.sums.ranges(plane.sums.box(((2.0, 2.2), (1.1, 1.3))))
    assert found is not None
    assert inside is not None
    assert found[0].contains(0)
    assert found[0].contains(inside[0])
    assert closed == [0]


def test_a_range_across_a_cut_holds_zero() -> None:
    """d sigma/d cos jumps to zero at the cut, where no root vanishes."""
    point = {"g_aff[mu]": "1e-2", "g_agg": "1e-4", "sqrt_s": 4, "cos_max": "0.9"}
    plane = prepared("dsigma(mu bar(mu) -> A a)", ("m_a", "cos"), point)
    with working_precision(BITS):
        found, inside = (
            plane.sums.ranges(plane.sums.box(((1.0, 1.01), ends))) for ends in ((0.89, 0.91), (0.89, 0.8999))
        )
    assert found is not None
    assert inside is not None
    assert inside[0] > 0
    assert found[0].contains(0)
    assert found[0].contains(inside[0].mid())


def test_a_picture_says_at_which_energy_was_measured_and_what_poles_leave_open() -> None:
    name = "dsigma(mu bar(mu) -> A a)"
    measured = replace(limit(name, "10", "pb"), at=(("sqrt_s", Fraction(4)), ("cos", Fraction(1, 2))))
    point = {"g_aff[mu]": "1e-2", "g_agg": "1e-4"}
    found = g2.exclusion_map(
        ALP.observable(name),
        ("m_a", "0.1", 5),
        ("cos", "-0.9", "0.9", "lin"),
        measured,
        resolution=16,
        params=point,
    )
    legend = draw_map(found, ALP.declaration).axes[0].get_legend()
    assert legend is not None
    assert "sqrt_s = 4" in legend.get_title().get_text()
    assert "cos =" not in legend.get_title().get_text()
    assert any("at thresholds, poles" in text.get_text() for text in legend.get_texts())
    other = g2.exclusion_map(
        ALP.observable(name), ("m_a", "0.1", 5), ("cos", "-0.9", "0.9", "lin"), measured, resolution=4,
        params={**point, "sqrt_s": 5},
    )  # fmt: skip
    title = draw_map(other, ALP.declaration).axes[0].get_legend().get_title().get_text()
    assert "sqrt_s = 5" in title
    assert "sqrt_s = 4" not in title
