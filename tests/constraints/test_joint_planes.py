"""Maps whose axes are two masses of one kernel: no point of a proved cell contradicts certified values."""

from fractions import Fraction

import numpy as np
import pytest

import g2sym as g2
from g2sym.base.balls import working_precision
from g2sym.constraints.bounds import bound
from g2sym.constraints.joint import is_joint
from g2sym.constraints.map_files import write_map
from g2sym.constraints.maps import STATES, exclusion_map
from g2sym.errors import UnsupportedError, UsageError
from g2sym.inputs import load_measurement
from g2sym.model.model import load_model
from g2sym.queries.pieces import take_apart
from g2sym.scans.count import count_excluded
from tests.kernels.planes import MUON, TERMS, model_text

F = Fraction
FOLLOWING = """
schema = 1
name = "following"
lagrangian = "-g*s*bar(mu)*N - h/4*s*F(A, al, be)*F(A, al, be) - k*s*bar(mu)*mu + hc"
[fields.s]
spin = 0
charge = 0
mass = "m_s"
[fields.N]
spin = "1/2"
charge = -1
mass = "m_N"
[parameters.g]
dimension = 0
[parameters.k]
dimension = 0
default = 0
[parameters.h]
dimension = -1
default = 0
[parameters.v]
dimension = 1
default = 246
[parameters.y]
dimension = 0
[parameters.Lambda]
dimension = 1
default = 1000
[parameters.m_N]
dimension = 1
default = "{m_N}"
[parameters.m_s]
dimension = 1
default = "{m_s}"
"""
CHIRAL = """
schema = 1
name = "chiral"
lagrangian = '''
-s*bar(mu)*(g_S + I*g_P*gamma5)*N - s*bar(e)*(g_S + I*g_P*gamma5)*N + hc
'''
[fields.s]
spin = 0
charge = 0
mass = "m_s"
[fields.N]
spin = "1/2"
charge = -1
mass = "m_N"
[parameters.g_S]
dimension = 0
[parameters.g_P]
dimension = 0
"""
DIPOLE = """
schema = 1
name = "dipole"
observable = "d(mu)"
unit = "e_cm"
kind = "limit"
date = 2030-01-31
value = 1e-22
confidence = 0.95
source = "an example"
"""
RATIO = """
schema = 1
name = "ratio"
observable = "{observable}"
kind = "difference"
date = 2030-01-31
[difference]
value = {value}
error = {error}
source = "an example"
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    folder, made = tmp_path_factory.mktemp("models"), {}

    def load(text):
        if text not in made:
            path = folder / f"m{len(made)}.toml"
            path.write_text(text)
            made[text] = load_model(str(path))
        return made[text]

    return load


@pytest.fixture(scope="module")
def moments(model):
    return {kind: model(model_text(kind)).anomalous_moment("mu") for kind in TERMS}


def following(model, m_N="y*v", m_s=None):
    text = FOLLOWING.replace("{m_N}", m_N)
    if m_s is None:
        text = text[: text.index("[parameters.m_s]")]
    return model(text.replace("{m_s}", m_s or "")).anomalous_moment("mu")


def agrees(observable, found, measurement, fixed, criterion=None, each=6, seed=1):
    """Points of proved cells of every level, corners included, against balls; how many there were."""
    window, random, seen = load_measurement(measurement).window(criterion), np.random.default_rng(seed), 0
    leaves = found.leaves
    for level in np.unique(leaves.level):
        at = np.flatnonzero((leaves.level == level) & (leaves.state != 0))
        for k in random.choice(at, min(each, len(at)), replace=False):
            step = found.resolution >> int(level)
            column, row = int(leaves.column[k]) * step, int(leaves.row[k]) * step
            x, y = found.x_edges[[column, column + step]], found.y_edges[[row, row + step]]
            for s, t in ((0, 0), (1, 1), (0, 1), (1, 0), tuple(random.random(2))):
                point = {
                    found.x.name: F(float(min(x[0] + s * (x[1] - x[0]), x[1]))),
                    found.y.name: F(float(min(y[0] + t * (y[1] - y[0]), y[1]))),
                }
                ball = observable.enclose(128, params={**fixed, **point})
                with working_precision(128):
                    value, low, high = ball.arb(), window.low(128), window.high(128)
                    inside = bool(value > low and value < high)
                    outside = bool(value < low or value > high)
                assert STATES[leaves.state[k]] == ("allowed" if inside else "excluded" if outside else "")
                seen += 1
    return seen


WIDE = (("m_s", "1e-3", "1e4"), ("m_F", "1e-3", "1e4"))


@pytest.mark.parametrize("kind", TERMS)
@pytest.mark.parametrize(
    ("axes", "g", "criterion"),
    [
        (WIDE, "1e-2", "sensitivity"),
        (WIDE, "0.3", "interval"),
        ((("m_s", "1e-3", 10, "lin"), ("m_F", "1e-3", 10, "lin")), "1e-3", "conservative"),
        ((("m_F", ".05", ".2", "lin"), ("m_s", "1e-2", 10)), "1e-3", "interval"),
        ((("m_F", 1, "1.0000001"), ("m_s", "1e-12", "1e12")), "1e-2", "sensitivity"),
    ],
)
def test_random_points_agree_with_certified_values(moments, kind, axes, g, criterion):
    found = exclusion_map(moments[kind], *axes, "muon-2025", criterion, resolution=128, g=g)
    assert agrees(moments[kind], found, "muon-2025", {"g": g}, criterion) > 40
    assert sum(found.areas.values()) == 1


@pytest.mark.parametrize("kind", TERMS)
def test_a_thousand_cells_a_side_leave_little_undecided(moments, kind):
    found = exclusion_map(moments[kind], *WIDE, "muon-2025", resolution=1024, g="0.1")
    ((reason, above), *beside) = found.reasons
    assert reason == "m_s + m_F is not above m_mu"
    assert found.areas["undecided"] - above < F(1, 250)
    assert not beside
    # the area below the curve m_s + m_F = m_mu, by trapezoids in decades
    inner = np.log10(float(MUON) / 1e-3)
    edges = np.log10(np.geomspace(1e-3, float(MUON) - 1e-3, 20001))
    height = np.log10((float(MUON) - 10**edges) / 1e-3)
    area = float(((height[1:] + height[:-1]) / 2 * np.diff(edges)).sum()) / 49
    assert area <= float(above) < area + 2.5 * 2 * inner / 7 / 1024


def test_finer_cells_decide_more(moments):
    before = None
    for resolution in (1, 2, 16, 64, 256):
        found = exclusion_map(moments["vector"], *WIDE, "muon-2025", resolution=resolution, g="0.1")
        assert sum(found.areas.values()) == 1
        if before is not None:
            for state in ("allowed", "excluded"):
                assert found.areas[state] >= before.areas[state]
        before = found


def test_cutting_stops_at_the_area_asked_for(moments):
    found = exclusion_map(moments["scalar"], *WIDE, "muon-2025", resolution=4096, undecided=0.02, g="0.1")
    ((_, above),) = found.reasons
    assert found.areas["undecided"] - above <= F(1, 50) + F(1, 100)
    assert found.leaves.level[found.leaves.state != 0].max() < 9


@pytest.mark.parametrize("ends", [(".0528", ".0529"), (".05", ".056"), (".03", ".09")])
def test_planes_that_a_threshold_crosses(moments, ends):
    """The vector's sign changes along it, where it diverges: what is decided there agrees with balls."""
    axes = ("m_s", *ends), ("m_F", *ends)
    found = exclusion_map(moments["vector"], *axes, "muon-2025", resolution=256, g="1e-3")
    assert agrees(moments["vector"], found, "muon-2025", {"g": "1e-3"}) > 20
    assert found.areas["undecided"] - found.reasons[0][1] < F(1, 10)


def test_cells_beside_a_threshold_are_not_cut_for_ever(moments):
    """They stay undecided for a second reason, and small cells cost no more than large ones."""
    fine = exclusion_map(moments["vector"], *WIDE, "muon-2025", resolution=16384, undecided=0.0, g="1e-2")
    (_, _), (second, area) = fine.reasons
    assert second.startswith("m_s + m_F is not above m_mu by enough")
    assert 0 < area < F(1, 500)
    small = fine.leaves.level[(fine.leaves.state == 0)]
    assert (small < fine.depth).sum() > 100


def test_the_border_is_where_windows_end(moments):
    """At one mass the bound on the other one has the map's border, by an independent search for zeros."""
    moment = moments["scalar"]
    found = exclusion_map(moment, *WIDE, "muon-2025", resolution=4096, g="0.01")
    for fermion in (0.02, 1.0, 30.0):
        (row,) = bound(moment, "m_s", "muon-2025", interval=(1, 1000), g="0.01", m_F=str(fermion)).rows
        ((low, high),) = row.allowed
        assert high is None or high > 999
        assert found.state(low * 1.006, fermion) == "allowed"
        assert found.state(low / 1.006, fermion) == "excluded"


# masses that follow from others -------------------------------------------------------------------
def test_a_mass_against_a_coupling_that_its_default_holds(model):
    moment = following(model)
    found = exclusion_map(
        moment, ("m_s", "1e-2", "1e3"), ("y", "1e-4", 1), "muon-2025", resolution=128, g=".01"
    )
    assert agrees(moment, found, "muon-2025", {"g": ".01"}) > 60
    for m, y in ((0.5, 0.02), (30.0, 0.9)):
        assert found.state(m, y) in ("undecided", ["excluded", "allowed"][
            abs(float(moment.evaluate(10, m_s=m, y=y, g=".01"))) < 2 * 3.7e-10])  # fmt: skip


@pytest.mark.parametrize("rule", ["2*m_s", "m_s + y*v", "y*m_s^2/v + m_s/10"])
def test_one_mass_in_several_places(model, rule):
    moment = following(model, rule)
    for axes, fixed in (
        ((("m_s", ".1", "100"), ("y", ".01", "1")), {"g": ".01"}),
        ((("m_s", ".1", "100"), ("g", "-0.1", "0.1", "lin")), {"y": ".3"}),
        ((("g", "1e-4", "1"), ("m_s", ".1", "100", "lin")), {"y": ".3"}),
    ):
        found = exclusion_map(moment, *axes, "muon-2025", resolution=64, params=fixed)
        assert agrees(moment, found, "muon-2025", fixed, each=3) > 15
        if any(a[0] == "g" for a in axes):
            assert found.areas["allowed"] > 0
            assert found.areas["excluded"] > 0


def test_barr_zee_kernels_of_a_mass_that_is_a_product(model):
    """Kernels of one slot that both parameters move, with logarithms over two Feynman parameters."""
    moment = following(model, "y*v", "y*v/10")
    fixed = {"g": 0, "k": "1e-3", "h": "-1e-4"}
    axes = ("y", ".01", "1"), ("v", "1", "1000")
    found = exclusion_map(moment, *axes, "muon-2025", "interval", resolution=64, params=fixed)
    assert agrees(moment, found, "muon-2025", fixed, "interval") > 40
    assert found.areas["allowed"] > 0
    assert found.areas["undecided"] < F(1, 10)


def test_two_kernels_of_one_mass_beside_one_of_both(model):
    """The exchange of the scalar with the muon inside, and with N inside, and the photon pair."""
    moment = following(model)
    fixed = {"g": ".01", "k": "1e-4", "h": "-1e-4"}
    axes = ("m_s", "1", "1000"), ("m_N", ".1", "100")
    found = exclusion_map(moment, *axes, "muon-2025", resolution=64, params=fixed)
    assert agrees(moment, found, "muon-2025", fixed) > 40


# other observables --------------------------------------------------------------------------------
def test_an_electric_dipole_moment(model, tmp_path):
    path = tmp_path / "limit.toml"
    path.write_text(DIPOLE)
    dipole = model(CHIRAL).electric_dipole("mu")
    fixed = {"g_S": "1e-3", "g_P": "2e-3"}
    axes = ("m_s", "1e-2", "1e3"), ("m_N", "1e-2", "1e3")
    found = exclusion_map(dipole, *axes, str(path), resolution=128, params=fixed)
    assert agrees(dipole, found, str(path), fixed) > 40
    assert found.areas["excluded"] > 0
    assert found.areas["allowed"] > 0


@pytest.mark.parametrize(
    ("observable", "value", "error"), [("a(mu)/a(e)", 207, 2), ("a(mu)*a(e)", "1e-21", "5e-22")]
)
def test_quotients_and_products(model, tmp_path, observable, value, error):
    path = tmp_path / "ratio.toml"
    path.write_text(RATIO.format(observable=observable, value=value, error=error))
    quantity = model(CHIRAL).observable(observable)
    fixed = {"g_S": "1e-3", "g_P": "1e-3" if "/" in observable else "1e-2"}
    axes = ("m_s", ".3", "1e3"), ("m_N", "1e-2", "1e3")
    found = exclusion_map(quantity, *axes, str(path), resolution=64, params=fixed)
    assert agrees(quantity, found, str(path), fixed, each=4) >= 20
    assert found.areas["excluded"] > 0


# records, files, refusals -------------------------------------------------------------------------
def test_the_reason_stands_in_record_and_file(moments, tmp_path):
    found = exclusion_map(moments["scalar"], *WIDE, "muon-2025", resolution=64, g="0.1")
    record = found.as_dict()
    ((reason, area),) = found.reasons
    assert record["undecided_because"] == [{"reason": reason, "area": float(area)}]
    path = tmp_path / "plane.npz"
    with open(path, "wb") as stream:
        write_map(found, stream)
    again = g2.load_map(str(path))
    assert again.reasons == found.reasons
    assert again.areas == found.areas
    # the cells that reach the threshold are counted, one by one
    leaves, count = found.leaves, F(0)
    for level, column, row, state in zip(
        leaves.level.tolist(), leaves.column.tolist(), leaves.row.tolist(), leaves.state.tolist(), strict=True
    ):
        step = found.resolution >> level
        corner = F(float(found.x_edges[column * step])) + F(float(found.y_edges[row * step]))
        if corner <= MUON:
            assert state == 0
            count += F(1, 4**level)
    assert count == area


def test_a_plane_without_a_reason_has_none():
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    found = exclusion_map(moment, ("m_A", "1e-3", 10), ("eps", "1e-6", 1), "muon-2025", resolution=16)
    assert found.reasons == ()
    assert found.as_dict()["undecided_because"] == []


def test_what_is_a_joint_plane(moments, model):
    assert is_joint(take_apart(moments["scalar"], {"g": 1}, ("m_s", "m_F")))
    assert not is_joint(take_apart(moments["scalar"], {"m_F": 1}, ("m_s", "g")))
    assert is_joint(take_apart(following(model), {"m_s": 1}, ("g", "y")))
    assert is_joint(take_apart(following(model), {"g": 1}, ("m_s", "y")))


def test_a_default_that_moves_one_mass_alone(model):
    """m_N = y v with v fixed: the kernel depends on y through one slot, but not directly."""
    moment = following(model)
    found = exclusion_map(moment, ("g", "1e-4", 1), ("y", "1e-4", 1), "muon-2025", resolution=64, m_s=2)
    assert agrees(moment, found, "muon-2025", {"m_s": 2}) > 20


@pytest.mark.parametrize(
    ("axes", "rule", "error", "message"),
    [
        ((("m_s", "1e-3", ".01"), ("m_N", "1e-3", ".02")), None, UnsupportedError, "anywhere in the plane"),
        ((("m_s", -1, 2, "lin"), ("m_N", 1, 2)), None, UsageError, "m_s begins at -1: a mass cannot be"),
        ((("m_s", 1, 2), ("y", -1, 2, "lin")), "m_s + y*v", UsageError, "y begins at -1: m_N cannot be"),
        ((("m_s", 1, 2), ("y", 1, 2)), "m_s - y*v", UnsupportedError, "is a difference of what moves"),
        ((("m_s", 1, 2), ("y", 1, 2)), "y*e_em*m_s", UsageError, "is not rational"),
        ((("m_s", 1, 2), ("z", 1, 2)), None, UsageError, "no parameter"),
    ],
)
def test_refusals(model, axes, rule, error, message):
    fixed = {"g": 1} if any(name == "y" for name, *_ in axes) else {"g": 1, "y": 1}
    with pytest.raises(error, match=message):
        exclusion_map(following(model, rule or "y*v"), *axes, "muon-2025", resolution=16, params=fixed)


def test_a_vector_has_no_limit_at_mass_zero(moments):
    with pytest.raises(UsageError, match="m_s = 0: a contribution diverges"):
        exclusion_map(
            moments["vector"], ("m_s", 0, 10, "lin"), ("m_F", 1, 10), "muon-2025", resolution=16, g=1
        )


def test_a_scalar_from_mass_zero_on(moments):
    moment = moments["scalar"]
    axes = ("m_s", 0, 10, "lin"), ("m_F", "0.5", 10, "lin")
    found = exclusion_map(moment, *axes, "muon-2025", resolution=64, g="1e-3")
    assert agrees(moment, found, "muon-2025", {"g": "1e-3"}) > 20
    # the first column is decided as well, but for the border
    first = found.mask()[:, 0]
    assert (first != 0).sum() > 50


def test_counts_over_masses_that_follow_others(model):
    """Scans take the same pieces: point by point against balls."""
    moment = following(model)
    grid = {"m_s": np.geomspace(0.5, 50, 4), "y": np.geomspace(1e-3, 1, 5), "g": np.geomspace(1e-4, 1, 9)}
    found = count_excluded(moment, grid, "muon-2025")
    window, excluded = load_measurement("muon-2025").window(None), 0
    for m in grid["m_s"].tolist():
        for y in grid["y"].tolist():
            for g in grid["g"].tolist():
                ball = moment.enclose(96, params={"m_s": F(m), "y": F(y), "g": F(g)})
                with working_precision(96):
                    excluded += bool(ball.arb() < window.low(96) or ball.arb() > window.high(96))
    assert found.excluded == excluded


@pytest.mark.parametrize("kind", ["scalar", "vector"])
def test_the_cells_that_begin_at_a_massless_fermion(moments, kind):
    """Decided, but for those that the border runs through between zero and their end."""
    axes = ("m_s", ".2", "1e3"), ("m_F", 0, "10", "lin")
    found = exclusion_map(moments[kind], *axes, "muon-2025", resolution=256, g="1e-2")
    assert not found.reasons
    states, ends = found.mask()[0], found.x_edges
    level, top = F("1.274e-9"), F(float(found.y_edges[1]))
    crossed = 0
    for column, state in enumerate(states.tolist()):
        sides = {
            abs(moments[kind].evaluate(digits=10, m_s=F(float(m)), m_F=y, g="1e-2").ball.midpoint) < level
            for m in ends[column : column + 2]
            for y in (F(0), top / 10**6, top / 7, top)
        }
        if state:
            assert sides == {STATES[state] == "allowed"}
        else:
            crossed += len(sides) == 2
    assert (states == 0).sum() <= crossed + 8
    assert (states == 1).sum() > 80
    assert (states == 2).sum() > 60


def test_a_coupling_that_is_infinite_at_the_end_of_an_axis(model):
    text = FOLLOWING.format(m_N="y*v", m_s="1").replace(
        "[parameters.k]\ndimension = 0\ndefault = 0", '[parameters.k]\ndimension = 0\ndefault = "1/(1000*y)"'
    )
    moment = model(text).anomalous_moment("mu")
    axes = ("m_s", 1, 2), ("y", 0, 1, "lin")
    with pytest.raises(UsageError, match="infinite where y is 0"):
        exclusion_map(moment, *axes, "muon-2025", resolution=16, g="1e-2")


def test_both_sides_of_a_quotient(model, tmp_path):
    """Allowed between two levels, excluded beyond either: of a ratio that takes values of both kinds."""
    path = tmp_path / "ratio.toml"
    path.write_text(
        'schema = 1\nname = "ratio"\nkind = "limit"\nobservable = "a(mu)/a(e)"\ndate = 2030-01-01\n'
        'value = 1000\nconfidence = 0.95\nsource = "between m_mu/m_e and its square"\n'
    )
    quantity, fixed = model(CHIRAL).observable("a(mu)/a(e)"), {"g_S": "1e-3", "g_P": "9.9e-4"}
    axes = ("m_s", "1", "1e2"), ("m_N", ".2", "1e2")
    found = exclusion_map(quantity, *axes, str(path), resolution=16, params=fixed)
    assert found.areas["allowed"] > F(1, 10)
    assert found.areas["excluded"] > 0
    assert agrees(quantity, found, str(path), fixed, each=2) >= 10
