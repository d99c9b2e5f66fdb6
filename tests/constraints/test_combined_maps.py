"""Planes of several measurements: every cell's category is that of certified points in it."""

import csv
import io
import json
from fractions import Fraction as F

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.constraints.combined_files import combined_polygons, write_categories, write_combined
from g2sym.constraints.combined_maps import joined, refined, unspread
from g2sym.constraints.maps import STATES, morton, starts
from g2sym.constraints.polygons import polygons
from g2sym.constraints.quadtree import Leaves
from g2sym.errors import UsageError
from tests.constraints.test_combined import CP, PHOTON, difference, limit

SCALAR = g2.load_model("scalar")
G_S = g2.parameter("g_S")
FLAVOURED = g2.Model(
    "-s*bar(mu)*(g_S + I*g_P*gamma5)*mu + (-k*s*bar(mu)*PR*tau + hc) + (-h*s*bar(e)*PR*mu + hc)",
    fields=[g2.scalar("s", mass="m_s")],
    parameters=[
        G_S, g2.parameter("g_P"), g2.parameter("k", default=G_S), g2.parameter("h", default=G_S / 100),
    ],
)  # fmt: skip
PLANES = {
    "photon": (
        PHOTON.combine("electron-2023-cs", "electron-2023-rb", "muon-2023", "tau-2024",
                       criterion={"muon-2023": "interval"}),
        ("m_A", "1e-3", "10"), ("eps", "1e-5", "1"), {},
    ),
    "leptophilic": (
        SCALAR.with_flavour(g_sff="mass").combine(
            "electron-2023-cs", "electron-2023-rb", "muon-2025", "tau-2024"
        ),
        ("m_s", "1e-2", "10"), ("g_sff[mu]", "1e-5", "10"), {"g_sgg": "0"},
    ),
    "cp": (
        CP.combine("muon-2025", limit("edm", "1.8e-19", "d(mu)", unit="e_cm"),
                   difference("seen", "2e-9", "5e-10"), criterion={"seen": "interval"}),
        ("g_S", "-5e-2", "5e-2", "lin"), ("g_P", "-5e-2", "5e-2", "lin"), {"m_s": "0.5"},
    ),
    "cp and flavour": (
        FLAVOURED.combine("muon-2025", "muon-edm-2009", "tau-mu-gamma-2021", "mu-e-gamma-2025"),
        ("g_S", "1e-6", "1"), ("g_P", "1e-6", "1"), {"m_s": "10"},
    ),
    "masses": (
        SCALAR.combine("muon-2025", "electron-2023-rb"),
        ("m_s", "1e-2", "10"), ("g_sgg", "1e-5", "1"), {"g_sff": "1e-4"},
    ),
}  # fmt: skip
if not any(p.flavour == "universal" for p in SCALAR.declaration.parameters.values()):
    model = SCALAR.with_flavour(g_sff="universal")
    PLANES["masses"] = (model.combine("muon-2025", "electron-2023-rb"), *PLANES["masses"][1:])


@pytest.fixture(scope="module")
def maps():
    return {
        name: combination.map(x, y, resolution=256, params=fixed)
        for name, (combination, x, y, fixed) in PLANES.items()
    }


@pytest.mark.parametrize("name", PLANES)
def test_every_category_agrees_with_certified_values(maps, name):
    combination, _, _, fixed = PLANES[name]
    found = maps[name]
    random = np.random.default_rng(7)
    leaves = found.whole.leaves
    met = set()
    for words in found.categories:
        # points of each category, in cells of every level that has them
        codes = [found.word(k, s) == words[k] for k in range(len(words)) for s in range(3)]
        here = np.all(
            [np.isin(found.states[k], [s for s in range(3) if codes[3 * k + s]]) for k in range(len(words))],
            axis=0,
        )
        for at in random.choice(np.flatnonzero(here), 3):
            step = found.resolution >> int(leaves.level[at])
            column, row = int(leaves.column[at]) * step, int(leaves.row[at]) * step
            (left, right), (low, high) = (
                edges[[k, k + step]]
                for edges, k in ((found.whole.x_edges, column), (found.whole.y_edges, row))
            )
            s, t = random.random(2)
            x, y = min(left + s * (right - left), right), min(low + t * (high - low), high)
            point = {**fixed, found.x.name: F(float(x)), found.y.name: F(float(y))}
            inner = found.category((left + right) / 2, (low + high) / 2)
            assert tuple(inner[one] for one in found.names) == words
            verdicts = []
            for one, word in zip(combination.conditions, words, strict=True):
                ball = one.observable.enclose(128, params=point)
                with working_precision(128):
                    value, a, b = ball.arb(), one.window.low(128), one.window.high(128)
                    inside = bool(a < value) and bool(value < b)
                    assert inside or value < a or value > b
                if word != "undecided":
                    assert inside == (word in ("allowed", "favoured"))
                    met.add((one.name, word))
                verdicts.append(inside)
            if inner["all"] != "undecided":
                assert all(verdicts) == (inner["all"] == "allowed")
    assert len(met) >= len(combination.names)


@pytest.mark.parametrize("name", PLANES)
def test_areas_are_those_of_each_map_and_add_up(maps, name):
    found = maps[name]
    assert sum(found.categories.values()) == 1
    assert sum(found.areas.values()) == 1
    for k, own in enumerate(found.maps):
        for s, state in enumerate(STATES):
            area = sum((a for words, a in found.categories.items() if words[k] == found.word(k, s)), F(0))
            assert area == own.areas[state]
    together = {s: F(0) for s in STATES}
    for words, area in found.categories.items():
        together[found.together(words)] += area
    assert together == found.areas


@pytest.mark.parametrize("name", PLANES)
def test_states_are_those_of_each_map_everywhere(maps, name):
    found = maps[name]
    random = np.random.default_rng(3)
    xs = random.choice(found.whole.x_edges, 500)
    ys = random.choice(found.whole.y_edges, 500)
    cells = found.cells(xs, ys)
    for k, own in enumerate(found.maps):
        assert np.array_equal(found.states[k, cells], own.states(xs, ys))


# common refinements --------------------------------------------------------------------------------
@st.composite
def trees(draw, depth=4):
    """A random quadtree of some depth with random states, in Morton order."""
    cells = []

    def cut(level, column, row):
        if level < depth and draw(st.integers(0, 9)) < 6 - level:
            for j in (0, 1):
                for i in (0, 1):
                    cut(level + 1, 2 * column + i, 2 * row + j)
        else:
            cells.append((level, column, row, draw(st.integers(0, 2))))

    cut(0, 0, 0)
    level, column, row, state = (np.array(c) for c in zip(*cells, strict=True))
    out = Leaves(
        level.astype(np.uint8), column.astype(np.uint32), row.astype(np.uint32), state.astype(np.uint8)
    )
    order = np.argsort(starts(out, depth), kind="stable")
    return Leaves(out.level[order], out.column[order], out.row[order], out.state[order])


def painted(leaves, states, depth=4):
    grid = np.full((1 << depth, 1 << depth), 9)
    for level, column, row, state in zip(leaves[0], leaves[1], leaves[2], states, strict=True):
        step = 1 << (depth - int(level))
        part = grid[row * step : (row + 1) * step, column * step : (column + 1) * step]
        assert (part == 9).all()
        part[:] = state
    assert (grid != 9).all()
    return grid


@given(st.lists(trees(), min_size=1, max_size=4))
def test_a_refinement_paints_what_each_tree_paints(several):
    level, column, row, states = refined(several, 4)
    for tree, own in zip(several, states, strict=True):
        expected = painted((tree.level, tree.column, tree.row), tree.state)
        assert np.array_equal(painted((level, column, row), own), expected)
    # no finer than some tree is there
    finest = np.max([painted((t.level, t.column, t.row), t.level) for t in several], axis=0)
    assert np.array_equal(painted((level, column, row), level), finest)


@given(st.integers(0, 2**20 - 1), st.integers(0, 2**20 - 1))
def test_places_on_the_curve_are_taken_apart(column, row):
    place = morton(np.array([column]), np.array([row]))
    assert (int(unspread(place)[0]), int(unspread(place >> np.uint64(1))[0])) == (column, row)


def test_deep_planes_have_exact_areas():
    found = PHOTON.combine("muon-2025", "electron-2023-rb").map(
        ("m_A", "0.1", "0.2"), ("eps", "1e-4", "1e-1"), resolution=1 << 16, undecided=1e-3
    )
    assert sum(found.categories.values()) == 1


# what is said and written --------------------------------------------------------------------------
def test_a_plane_without_an_allowed_point_says_why():
    low, high = difference("low", "1e-10", "1e-11"), difference("high", "9e-10", "1e-11")
    found = PHOTON.combine("tau-2024", "electron-2023-rb").map(
        ("m_A", "0.1", "1"), ("eps", "0.1", "1"), resolution=64
    )
    assert found.sentence == "No point of the plane is allowed: electron-2023-rb excludes all of it."
    some = PHOTON.combine("electron-2023-rb", "muon-2025").map(
        ("m_A", "0.1", "1"), ("eps", "1e-5", "1"), resolution=64
    )
    assert some.sentence is None
    two = PHOTON.combine(low, high, criterion="interval").map(
        ("m_A", "0.1", "1"), ("eps", "1e-5", "1e-2"), resolution=512
    )
    assert two.sentence == (
        "No point of the plane is allowed: low and high contradict each other everywhere in it."
    )


def test_files_hold_what_the_map_holds(maps):
    found = maps["photon"]
    table = io.BytesIO()
    write_categories(found, table)
    rows = list(csv.reader(io.StringIO(table.getvalue().decode())))
    assert rows[0] == [*found.names, "all", "area"]
    assert [tuple(r[:4]) for r in rows[1:]] == list(found.categories)
    assert sum(float(r[-1]) for r in rows[1:]) == pytest.approx(1)
    stream = io.BytesIO()
    write_combined(found, stream)
    with np.load(io.BytesIO(stream.getvalue()), allow_pickle=False) as parts:
        assert np.array_equal(parts["states"], found.states)
        assert np.array_equal(parts["level"], found.whole.leaves.level)
        header = json.loads(bytes(parts["header"]))
        assert header["measurements"] == list(found.names)
    shapes = combined_polygons(found, 64)
    own = [f["geometry"] for f in shapes["features"] if f["properties"]["measurement"] == "muon-2023"]
    assert own == [f["geometry"] for f in polygons(found.maps[2], 64)["features"]]
    states = {
        f["properties"]["state"] for f in shapes["features"] if f["properties"]["measurement"] == "muon-2023"
    }
    assert states == {"disfavoured", "favoured", "undecided"}
    json.dumps(shapes, allow_nan=False)


def test_bad_questions_get_one_sentence(maps):
    found = maps["photon"]
    with pytest.raises(UsageError, match="outside the map"):
        found.category(1e3, 1e-3)
    with pytest.raises(UsageError, match="one point"):
        found.category([0.1, 1], 1e-3)
    other = PHOTON.combine("muon-2025").map(("m_A", "1e-3", "10"), ("eps", "1e-5", "1"), resolution=64)
    with pytest.raises(UsageError, match="different planes"):
        joined([*found.conditions[:1], *other.conditions], [found.maps[0], other.maps[0]])
    with pytest.raises(UsageError, match="no parameter 'm_B'"):
        PHOTON.combine("muon-2025", "electron-2023-rb").map(("m_B", 1, 2), ("eps", "1e-5", "1"))
    with pytest.raises(UsageError, match=r"it is quoted, as g_sff\[e\]"):
        PLANES["leptophilic"][0].map(("m_s", 1, 2), ("g_sff", "1e-5", "1"), g_sgg=0)
