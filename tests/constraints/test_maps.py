"""Exclusion maps: no point of a proved cell ever contradicts a certified evaluation."""

import math
from fractions import Fraction
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from g2sym.base.balls import working_precision
from g2sym.constraints.bounds import bound
from g2sym.constraints.maps import STATES, ExclusionMap, exclusion_map
from g2sym.constraints.quadtree import Levels, subdivide
from g2sym.errors import InputError, UsageError
from g2sym.inputs import load_measurement
from g2sym.kernels.sampled import Sampled, power
from g2sym.model.model import load_model

PLANES = {
    "alp couplings": ("alp", ("g_aff", "1e-5", "1e-2"), ("g_agg", "1e-6", "1e-1"), {"m_a": "0.1"}),
    "alp signed": (
        "alp",
        ("g_aff", "-1e-3", "1e-3", "lin"),
        ("g_agg", "-1e-3", "1e-3", "lin"),
        {"m_a": "0.5"},
    ),
    "alp mass": ("alp", ("m_a", "1e-2", "200"), ("g_agg", "-1e-1", "-1e-6"), {"g_aff": "1e-3"}),
    "alp cut-off": (
        "alp",
        ("m_a", "1e-2", "10"),
        ("Lambda", "10", "1e4"),
        {"g_aff": "1e-3", "g_agg": "1e-4"},
    ),
    "scalar mass": ("scalar", ("g_sff", "1e-5", "1e-2"), ("m_s", "1e-2", "10", "lin"), {"g_sgg": "1e-4"}),
    "vector": ("dark_photon", ("m_A", "1e-3", "10"), ("eps", "1e-6", "1"), {}),
    "axial": ("axial_vector", ("m_A", "1e-6", "10"), ("eps", "1e-6", "1"), {}),
}
MOMENTS = {
    name: load_model(name).anomalous_moment("mu") for name in ("alp", "scalar", "dark_photon", "axial_vector")
}


@cache
def made(name, criterion="sensitivity", measurement="muon-2025", resolution=1024, **options):
    """A moment with its map of a plane; tests that ask for the same one share it."""
    model, x, y, fixed = PLANES[name]
    moment = MOMENTS[model]
    return moment, exclusion_map(
        moment, x, y, measurement, criterion, resolution=resolution, params=fixed, **options
    )


def truth(moment, found, x, y, fixed, window):
    """The certified verdict at a point, by balls: "allowed" or "excluded"."""
    params = {**fixed, found.x.name: float(x), found.y.name: float(y)}
    bits = 128
    ball = moment.enclose(bits, params=params)
    with working_precision(bits):
        value, low, high = ball.arb(), window.low(bits), window.high(bits)
        inside, outside = bool(value > low and value < high), bool(value < low or value > high)
    assert inside != outside
    return "allowed" if inside else "excluded"


@pytest.mark.parametrize("name", PLANES)
@pytest.mark.parametrize("criterion", ["sensitivity", pytest.param("interval", marks=pytest.mark.long)])
def test_random_points_agree_with_certified_values(name, criterion):
    moment, found = made(name, criterion)
    window = load_measurement("muon-2025").window(criterion)
    random = np.random.default_rng(5)
    leaves = found.leaves
    # points in cells of every level: small ones along the border are met as often as large ones
    seen = set()
    for level in np.unique(leaves.level):
        for at in random.choice(np.flatnonzero(leaves.level == level), 3):
            state = STATES[leaves.state[at]]
            step = found.resolution >> int(level)
            column, row = int(leaves.column[at]) * step, int(leaves.row[at]) * step
            low, high = found.x_edges[column], found.x_edges[column + step]
            bottom, top = found.y_edges[row], found.y_edges[row + step]
            for s, t in [(0, 0), (1, 1), tuple(random.random(2))]:
                x, y = min(low + s * (high - low), high), min(bottom + t * (top - bottom), top)
                if state != "undecided":
                    assert truth(moment, found, x, y, PLANES[name][3], window) == state
                    seen.add(state)
            inner = (low + high) / 2, (bottom + top) / 2
            assert found.state(*inner) == state
    assert seen


@pytest.mark.parametrize("name", ["alp couplings", "alp mass", "scalar mass"])
def test_the_borders_are_those_of_the_windows(name):
    moment, found = made(name, resolution=4096)
    coupling, other = (found.y, found.x) if found.y.name != "m_s" else (found.x, found.y)
    for share in (0.13, 0.5, 0.97):
        low, high = float(other.low), float(other.high)
        at = low + (high - low) * share if not other.logarithmic else low * (high / low) ** share
        fixed = {**PLANES[name][3], other.name: at}
        (row,) = bound(moment, coupling.name, "muon-2025", params=fixed).rows
        for window in row.allowed:
            for end, inside in zip(window, (1, -1), strict=True):
                if end is None or not float(coupling.low) < end < float(coupling.high):
                    continue
                apart = abs(end) * 5e-3
                for side, state in ((inside, "allowed"), (-inside, "excluded")):
                    point = end + side * apart
                    pair = (at, point) if coupling is found.y else (point, at)
                    width = window[1] - window[0] if None not in window else math.inf
                    if width > 4 * apart:
                        assert found.state(*pair) == state


def test_the_thin_line_is_found():
    # ALP at 0.1 GeV, g = 1e-2: allowed [1.494, 1.504]e-3 (published windows), far above zero
    _, found = made("alp couplings", resolution=16384)
    assert found.state(9.99e-3, 1.499e-3 * 0.999) == "allowed"
    assert found.state(9.99e-3, 1.48e-3) == "excluded"
    assert found.state(9.99e-3, 1.52e-3) == "excluded"


@pytest.mark.parametrize("name", PLANES)
def test_the_areas_add_up_and_shrink(name):
    undecided, before = [], None
    for resolution in (64, 256, 1024):
        _, found = made(name, resolution=resolution)
        assert sum(found.areas.values()) == 1
        undecided.append(found.areas["undecided"])
        if before is not None:
            for state in ("allowed", "excluded"):
                assert found.areas[state] >= before.areas[state]
        before = found
    assert undecided[2] < undecided[1] < undecided[0]
    assert undecided[2] < Fraction(10, 1024)


def test_the_reach_of_the_largest_map():
    _, found = made("alp couplings", resolution=65536)
    assert found.areas["undecided"] <= Fraction(1, 10_000)


def test_cutting_stops_at_the_area_asked_for():
    _, found = made("alp couplings", resolution=65536, undecided=0.01)
    assert found.areas["undecided"] <= Fraction(1, 100)
    assert found.leaves.level.max() < 11


@pytest.mark.parametrize("name", ["alp couplings", "alp signed"])
def test_masks_say_nothing_that_the_cells_do_not(name):
    _, found = made(name, resolution=256)
    whole = found.mask()
    assert whole.shape == (256, 256)
    middles = [(e[1:] + e[:-1]) / 2 for e in (found.x_edges, found.y_edges)]
    assert np.array_equal(whole, found.states(middles[0][None, :], middles[1][:, None]))
    for size in (1, 16, 128):
        step = 256 // size
        blocks = whole.reshape(size, step, size, step).transpose(0, 2, 1, 3).reshape(size, size, -1)
        expected = np.where((blocks == blocks[..., :1]).all(-1), blocks[..., 0], 0)
        assert np.array_equal(found.mask(size), expected)
        for tall in range(size.bit_length()):
            bands = [found.mask(size, (tall, n)) for n in range(size >> tall)]
            assert np.array_equal(np.vstack(bands), expected)


def test_every_criterion_and_every_kind_of_measurement():
    x, y = ("m_A", "1e-3", "1"), ("eps", "1e-6", "1")
    for lepton, measurement, criterion, sigma in (
        ("e", "electron-2023-cs", "interval", 2),
        ("e", "electron-2023-rb", "conservative", "1.5"),
        ("tau", "tau-2024", None, None),
    ):
        moment = load_model("dark_photon").anomalous_moment(lepton)
        found = exclusion_map(moment, x, y, measurement, criterion, sigma, resolution=64)
        assert sum(found.areas.values()) == 1
    # the vector raises the electron's moment, the interval of Cs asks for less: nothing is allowed
    moment = load_model("dark_photon").anomalous_moment("e")
    assert exclusion_map(moment, x, y, "electron-2023-cs", "interval").areas["excluded"] == 1


@settings(max_examples=40, deadline=None)
@given(
    coefficients=st.lists(st.floats(-2, 2), min_size=6, max_size=6),
    edge=st.floats(0.01, 2),
    point=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_a_cell_of_any_polynomial_holds_what_it_was_proved_to(coefficients, edge, point):
    edges = np.linspace(-1, 1, 33)
    ones = [power(edges, n) for n in range(3)]
    terms = [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (0, 2)]
    xs = [
        Sampled(ones[i].values * c, ones[i].stray * abs(c))
        for c, (i, _) in zip(coefficients, terms, strict=True)
    ]
    ys = [ones[j] for _, j in terms]
    leaves = subdivide(xs, ys, Levels((-edge, -edge), (edge, edge)), 5)
    assert sum(4.0 ** -leaves.level.astype(float)) == 1
    x, y = (Fraction(2 * p - 1) for p in point)
    value = sum(Fraction(c) * x**i * y**j for c, (i, j) in zip(coefficients, terms, strict=True))
    width = 2.0 / (1 << leaves.level.astype(int))
    left, bottom = leaves.column * width - 1, leaves.row * width - 1
    here = (left <= x) & (x <= left + width) & (bottom <= y) & (y <= bottom + width)
    assert here.any()
    for state in leaves.state[here]:
        if STATES[state] != "undecided":
            # the scaled doubles of xs differ from c x^i by a rounding
            assert (abs(value) <= edge * (1 + 1e-12)) == (STATES[state] == "allowed") or math.isclose(
                abs(value), edge, rel_tol=1e-9
            )


def test_overflow_stays_undecided():
    edges = np.linspace(1, 2, 5)
    huge = Sampled(np.full(5, 1e308), np.zeros(4))
    leaves = subdivide([huge], [Sampled(np.full(5, 10.0), np.zeros(4))], Levels((-1, -1), (1, 1)), 2)
    states = {STATES[s] for s in leaves.state}
    assert states <= {"undecided", "excluded"}
    nan = Sampled(np.full(5, np.nan), np.zeros(4))
    leaves = subdivide([nan], [power(edges, 0)], Levels((-1, -1), (1, 1)), 2)
    assert {STATES[s] for s in leaves.state} == {"undecided"}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"resolution": 1000}, "power of two"),
        ({"resolution": 1 << 21}, "too much"),
        ({"undecided": 2}, "fraction of the plane"),
        ({"x": ("g_aff", "1e-2", "1e-5")}, "the first has to be lower"),
        ({"x": ("g_aff", "-1e-2", "1e-5")}, "make it linear"),
        ({"x": ("g_aff", 0, 1, "sqrt")}, "neither log nor lin"),
        ({"x": "g_aff"}, "write"),
        ({"x": ("g_agg", 1, 2)}, "twice"),
        ({"x": ("g_xff", 1, 2)}, "no parameter"),
        ({"x": ("m_a", -1, 2, "lin"), "params": {"g_aff": 1}}, "m_a"),
        ({"measurement": "tau-2024"}, "same lepton"),
        ({"params": {}}, "m_a has no value"),
    ],
)
def test_mistakes_are_named(change, message):
    call = {
        "x": ("g_aff", "1e-5", "1e-2"),
        "y": ("g_agg", "1e-6", "1e-1"),
        "measurement": "muon-2025",
        "params": {"m_a": "0.1"},
        "resolution": 16,
        **change,
    }
    with pytest.raises((UsageError, InputError), match=message):
        exclusion_map(MOMENTS["alp"], **call)


def test_points_outside_the_plane_are_refused():
    _, found = made("alp couplings", resolution=16)
    with pytest.raises(UsageError, match="outside the map"):
        found.state(1.0, 1e-4)


def test_a_kernel_of_both_parameters(tmp_path):
    """Every cell that is decided agrees with values at points in it."""
    path = tmp_path / "mine.toml"
    path.write_text(
        'schema = 1\nname = "mine"\nlagrangian = "-g*s*bar(mu)*psi + hc"\n'
        '[fields.s]\nspin = 0\ncharge = 0\nmass = "m_s"\n'
        '[fields.psi]\nspin = "1/2"\ncharge = -1\nmass = "m_F"\n[parameters.g]\ndimension = 0\n'
    )
    moment = load_model(str(path)).anomalous_moment("mu")
    found = exclusion_map(moment, ("m_s", 1, 100), ("m_F", 1, 100), "muon-2025", g="0.01", resolution=32)
    low, high = (float(found.window[end]) for end in ("low", "high"))
    told = []
    for x, y in np.random.default_rng(3).uniform(1.5, 90.0, (40, 2)).tolist():
        state = found.state(x, y)
        told.append(state)
        inside = low <= float(moment.evaluate(15, m_s=x, m_F=y, g="0.01")) <= high
        assert state == "undecided" or inside == (state == "allowed")
    assert {"allowed", "excluded"} <= set(told)


def test_the_record_says_what_the_map_rests_on():
    _, found = made("alp couplings", resolution=16)
    assert isinstance(found, ExclusionMap)
    record = found.as_dict()
    assert record["model"] == "alp"
    assert record["values"] == {"m_a": "0.1"}
    assert record["x"] == {"name": "g_aff", "low": "0.00001", "high": "0.01", "scale": "log"}
    assert record["window"]["criterion"] == "sensitivity"
    assert record["resolution"] == 16
