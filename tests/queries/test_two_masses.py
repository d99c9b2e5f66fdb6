"""Arrays in which a boson's and a fermion's mass run, against values at single points and whole kernels."""

from __future__ import annotations

import copy
import itertools
import pickle
import warnings
from fractions import Fraction

import numpy as np
import pytest

from g2sym.arrays import chunked
from g2sym.arrays.chunked import ChunkedSum
from g2sym.arrays.ladder import BALLS, DOUBLE, TOLERANCE
from g2sym.errors import G2symError, InvalidPointsWarning
from g2sym.kernels.kernel import Kernel
from g2sym.model.model import load_model

LEPTONS = {"e": Fraction("0.00051099895069"), "mu": Fraction("0.1056583755"), "tau": Fraction("1.77693")}
TEXT = """
schema = 1
name = "mine"
lagrangian = "{lagrangian} + hc"
[fields.s]
spin = {spin}
charge = {boson}
mass = "m_s"
[fields.psi]
spin = "1/2"
charge = {fermion}
mass = "m_F"
[parameters.g]
dimension = 0
{complex}
[parameters.h]
dimension = 0
"""
KINDS = {
    "scalar": (0, "-g*s*bar({l})*psi - I*h*s*bar({l})*gamma5*psi"),
    "vector": (1, "g*s(al)*bar({l})*gamma(al)*psi + h*s(al)*bar({l})*gamma(al)*gamma5*psi"),
}
KINDS_AND_CHARGES = list(itertools.product(KINDS, (False, True)))
CONFIGURATIONS = list(itertools.product(KINDS, (False, True), LEPTONS))


def text(kind, charged, lepton):
    spin, lagrangian = KINDS[kind]
    charges = {"boson": -1, "fermion": 0} if charged else {"boson": 0, "fermion": -1}
    own = "complex = true" if kind == "vector" else ""
    return TEXT.format(lagrangian=lagrangian.format(l=lepton), spin=spin, complex=own, **charges)


def couplings(kind):
    if kind == "vector":
        return {"re_g": Fraction(3, 10), "im_g": Fraction(1, 7), "h": Fraction(1, 5)}
    return {"g": Fraction(3, 10), "h": Fraction(1, 5)}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Models by kind, charge and lepton, made once; the cache is empty at the start."""
    known = {}

    def make(kind, charged=False, lepton="mu"):
        key = kind, charged, lepton
        if key not in known:
            path = tmp_path_factory.mktemp("model") / "mine.toml"
            path.write_text(text(*key))
            known[key] = load_model(str(path))
        return known[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("G2SYM_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        yield make


def quiet(function, **values):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InvalidPointsWarning)
        return function(**values)


def agree(value, truth: Fraction, tolerance=TOLERANCE):
    """What docs/numbers.md promises of a double."""
    if abs(truth) >= Fraction(2) ** 1024:
        return np.isinf(value)
    if abs(truth) < Fraction(2) ** -1022:
        return abs(Fraction(float(value)) - truth) <= Fraction(2) ** -1074
    return np.isfinite(value) and abs(Fraction(float(value)) - truth) <= Fraction(tolerance) * abs(truth)


def check(observable, found, arrays, fixed, places):
    """Compare points of arrays with `evaluate`; returns how many have a value."""
    spread = dict(zip(arrays, np.broadcast_arrays(*arrays.values()), strict=True))
    count = 0
    for place in places:
        point = {n: a.flat[place] for n, a in spread.items()}
        value = found.flat[place]
        if not all(np.isfinite(v) for v in point.values()) or min(point["m_s"], point["m_F"]) < 0:
            assert np.isnan(value), point
            continue
        try:
            truth = observable.evaluate(40, {**fixed, **{n: Fraction(float(v)) for n, v in point.items()}})
        except G2symError:
            assert np.isnan(value), point
            continue
        assert agree(value, truth.ball.midpoint), (point, value, float(truth.ball.midpoint))
        count += 1
    return count


def reduced(function) -> ChunkedSum:
    (found,) = [s for s in function._sums.values() if isinstance(s, ChunkedSum)][:1]
    return found


def hierarchies(rng, lepton, count):
    unit = float(LEPTONS[lepton])
    boson, fermion = (unit * 10 ** rng.uniform(-3, 6, count) for _ in range(2))
    boson[::7] = fermion[::7] * (1 + 10 ** rng.uniform(-15, -3, boson[::7].size))
    boson[1::7] = np.abs(unit - fermion[1::7]) * (1 + 10 ** rng.uniform(-15, -1, boson[1::7].size))
    boson[2::7] = (unit + fermion[2::7]) * (1 + 10 ** rng.uniform(-15, -1, boson[2::7].size))
    fermion[3::7] = unit * (1 + 10 ** rng.uniform(-15, -1, fermion[3::7].size))
    fermion[4::7] = unit * 10 ** rng.uniform(-9, -1, fermion[4::7].size)
    boson[4::7] = unit - fermion[4::7] * (1 - 10 ** rng.uniform(-12, 1, fermion[4::7].size))
    return np.abs(boson), np.abs(fermion)


# values --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "charged", "lepton"), CONFIGURATIONS)
@pytest.mark.parametrize("quantity", ["a", "d"])
def test_arrays_are_the_values_at_points(made, kind, charged, lepton, quantity):
    observable = made(kind, charged, lepton).observable(f"{quantity}({lepton})")
    function, fixed = observable.lambdify(), couplings(kind)
    rng = np.random.default_rng(len(kind) + charged)
    boson, fermion = hierarchies(rng, lepton, 700)
    arrays = {"m_s": boson, "m_F": fermion}
    found = quiet(function, **arrays, **fixed)
    assert isinstance(reduced(function), ChunkedSum)
    count = check(observable, found, arrays, fixed, range(0, 700, 9))
    assert count >= 70
    # few points take another way, to the same
    few = quiet(function, **{n: a[:63] for n, a in arrays.items()}, **fixed)
    both = np.isfinite(few)
    assert (both == np.isfinite(found[:63])).all()
    assert np.allclose(few[both], found[:63][both], rtol=2 * TOLERANCE, atol=0)
    check(observable, few, {n: a[:63] for n, a in arrays.items()}, fixed, range(0, 63, 10))


@pytest.mark.parametrize(("kind", "charged"), KINDS_AND_CHARGES)
def test_values_of_whole_kernels(made, kind, charged):
    """Against the same sum in canonical closed forms, evaluated without the four functions."""
    observable = made(kind, charged).observable("a(mu)")
    rng = np.random.default_rng(21)
    boson, fermion = hierarchies(rng, "mu", 400)
    keep = boson + fermion > float(LEPTONS["mu"]) * (1 + 1e-9)
    boson, fermion = boson[keep], fermion[keep]
    found = observable.lambdify()(m_s=boson, m_F=fermion, **couplings(kind))
    with pytest.MonkeyPatch.context() as patch:
        for kernel in _kernels(observable):
            assert kernel.basis is not None
            for name in ("basis", "reduction"):
                patch.setitem(kernel.__dict__, name, None)
            kernel._remembered.cache_clear()
        function = observable.lambdify()
        whole = function(m_s=boson[::3], m_F=fermion[::3], **couplings(kind))
        assert not any(isinstance(s, ChunkedSum) for s in function._sums.values())
    assert np.abs(found[::3] / whole - 1).max() <= 2 * TOLERANCE


def _kernels(observable):
    return [Kernel.of(term.integral) for term in observable.derivation.terms()]


def test_quotients(made):
    model = made("scalar")
    for text_ in ("d(mu)/a(mu)", "a(mu)*d(mu)", "a(mu)/d(mu)"):
        observable = model.observable(text_)
        rng = np.random.default_rng(4)
        arrays = dict(zip(("m_s", "m_F"), hierarchies(rng, "mu", 300), strict=True))
        fixed = couplings("scalar")
        found = quiet(observable.lambdify(), **arrays, **fixed)
        assert check(observable, found, arrays, fixed, range(0, 300, 10)) >= 25


def test_leptons_share_the_tables(made, tmp_path):
    """One model for electron and muon: its quotient has two planes of other leptons' masses."""
    path = tmp_path / "both.toml"
    path.write_text(
        text("scalar", False, "mu")
        .replace("bar(mu)", "bar(f)")
        .replace("[parameters.g]\ndimension = 0", '[parameters.g]\ndimension = 0\nflavour = "universal"')
        .replace("[parameters.h]\ndimension = 0", '[parameters.h]\ndimension = 0\nflavour = "universal"')
    )
    observable = load_model(str(path)).observable("a(mu)/a(e)")
    rng = np.random.default_rng(5)
    arrays = {"m_s": 10 ** rng.uniform(-2, 4, 200), "m_F": 10 ** rng.uniform(-2, 4, 200)}
    found = quiet(observable.lambdify(), **arrays, g=1, h=Fraction(1, 3))
    assert check(observable, found, arrays, {"g": 1, "h": Fraction(1, 3)}, range(0, 200, 20)) == 10


# shapes --------------------------------------------------------------------------------------------
def test_grids_lists_and_scalars(made):
    observable = made("scalar").observable("a(mu)")
    function, fixed = observable.lambdify(), couplings("scalar")
    boson, fermion = np.geomspace(0.01, 1e4, 41)[:, None], np.geomspace(0.02, 1e3, 37)[None, :]
    grid = quiet(function, m_s=boson, m_F=fermion, **fixed)
    assert grid.shape == (41, 37)
    flat = quiet(function, m_s=np.repeat(boson.ravel(), 37), m_F=np.tile(fermion.ravel(), 41), **fixed)
    assert np.array_equal(grid.ravel(), flat, equal_nan=True)
    turned = quiet(function, m_s=boson.T, m_F=fermion.T, **fixed)
    assert np.array_equal(grid.T, turned, equal_nan=True)
    fortran = np.asfortranarray(np.broadcast_to(boson, (41, 37)))
    assert np.array_equal(quiet(function, m_s=fortran, m_F=fermion, **fixed), grid, equal_nan=True)
    reverse = quiet(function, m_s=boson[::-1], m_F=fermion[:, ::-2], **fixed)
    assert np.array_equal(reverse, grid[::-1, ::-2], equal_nan=True)
    deep = quiet(function, m_s=boson[None, :, :, None], m_F=fermion[None, :, :, None], **fixed)
    assert np.array_equal(deep[0, ..., 0], grid, equal_nan=True)
    listed = function(m_s=[1.0, 2.0, 3.0], m_F=[0.5, 0.25, 4.0], **fixed)
    check(
        observable, listed, {"m_s": np.array([1.0, 2, 3]), "m_F": np.array([0.5, 0.25, 4])}, fixed, range(3)
    )
    words = function(m_s=["500MeV", "2"], m_F=["1", "m_e"], **fixed)
    assert np.isfinite(words).all()
    single = function(m_s=2.0, m_F=0.25, **fixed)
    assert isinstance(single, float)
    assert agree(single, Fraction(float(listed[1])), 2 * TOLERANCE)
    nothing = function(m_s=np.empty((0, 3)), m_F=np.ones(3), **fixed)
    assert nothing.shape == (0, 3)
    point = function(m_s=np.array([2.0]), m_F=np.array(0.25), **fixed)
    assert point.shape == (1,)
    whole = function(m_s=np.array([2, 3]), m_F=np.array([1, 1], dtype=np.int32), **fixed)
    assert np.isfinite(whole).all()
    with pytest.raises(G2symError, match="broadcast"):
        function(m_s=np.ones(3), m_F=np.ones(4), **fixed)


@pytest.mark.parametrize(("kind", "charged"), KINDS_AND_CHARGES)
def test_one_of_two_masses_is_a_constant(made, kind, charged):
    """Decimal constants are no doubles: next to threshold they have to be pairs."""
    observable = made(kind, charged).observable("a(mu)")
    function, fixed = observable.lambdify(), couplings(kind)
    unit = LEPTONS["mu"]
    rng = np.random.default_rng(6)
    for boson in (Fraction("0.1"), Fraction(7), Fraction("80.4"), Fraction(1, 3)):
        excess = float(unit) * 10 ** rng.uniform(-14, 3, 200)
        fermion = np.abs(float(unit - boson)) + excess
        arrays = {"m_F": fermion}
        found = quiet(function, m_s=boson, **arrays, **fixed)
        assert check(observable, found, {"m_F": fermion, "m_s": np.array(1.0)}, {**fixed}, []) == 0
        for place in range(0, 200, 12):
            point = {"m_s": boson, "m_F": Fraction(float(fermion[place]))}
            truth = observable.evaluate(40, {**fixed, **point}).ball.midpoint
            assert agree(found[place], truth), point
    for fermion in (Fraction("0.1"), Fraction("172.57"), Fraction(0)):
        boson = 10 ** rng.uniform(-0.9, 4, 100)
        found = quiet(function, m_s=boson, m_F=fermion, **fixed)
        for place in range(0, 100, 12):
            point = {"m_s": Fraction(float(boson[place])), "m_F": fermion}
            assert agree(found[place], observable.evaluate(40, {**fixed, **point}).ball.midpoint), point


def test_a_fermion_alone_next_to_threshold_of_a_constant(made):
    """m_F beside m - M for a decimal M, by single units in the last place."""
    observable = made("scalar").observable("a(mu)")
    function, fixed = observable.lambdify(), couplings("scalar")
    for boson in (Fraction("0.1"), Fraction("0.0123456789012345678901234567")):
        fermion = [float(LEPTONS["mu"] - boson)]
        for _ in range(40):
            fermion = [np.nextafter(fermion[0], 0), *fermion, np.nextafter(fermion[-1], 1)]
        found = quiet(function, m_s=boson, m_F=np.array(fermion), **fixed)
        for place in range(0, len(fermion), 3):
            point = {"m_s": boson, "m_F": Fraction(fermion[place])}
            truth = observable.evaluate(40, {**fixed, **point}).ball.midpoint
            assert agree(found[place], truth), point


# special points ---------------------------------------------------------------------------------------
SPECIAL = [
    0.0,
    1e-200,
    5e-324,
    1e-40,
    2.0**-100,
    2.0**-101,
    0.0625,
    0.25,
    0.5,
    0.75,
    1.0,
    1e40,
    1e200,
    2.0**100,
    np.nan,
    np.inf,
    -np.inf,
    -1.0,
]


@pytest.mark.parametrize(("kind", "charged"), KINDS_AND_CHARGES)
@pytest.mark.parametrize("quantity", ["a(mu)", "d(mu)"])
def test_special_points_are_those_of_whole_kernels(made, kind, charged, quantity):
    observable = made(kind, charged).observable(quantity)
    function, fixed = observable.lambdify(), couplings(kind)
    pairs = np.array(list(itertools.product(SPECIAL, SPECIAL)))
    arrays = {"m_s": pairs[:, 0], "m_F": pairs[:, 1]}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        found = function(**arrays, **fixed, full=True)
    assert [w.category for w in told] == [InvalidPointsWarning]
    own = reduced(function)
    clean = {n: np.where(np.isfinite(a) & (a >= 0), a, np.nan) for n, a in arrays.items()}
    here, there = own(clean), own._whole(clean)
    assert {why: mask.tolist() for why, mask in here.reasons.items()} == {
        why: mask.tolist() for why, mask in there.reasons.items()
    }
    assert np.array_equal(np.isnan(here.values), np.isnan(there.values))
    good = np.isfinite(here.values) & (np.abs(there.values) > 1e-300)
    assert (np.abs(here.values[good] / there.values[good] - 1) <= 2 * TOLERANCE).all()
    assert np.array_equal(here.values[~good], there.values[~good], equal_nan=True)
    assert (found.rungs[np.isnan(found.values)] == 0).all()
    assert set(np.unique(found.rungs)) <= {0, 1, 2, 3}
    count = check(observable, found.values, arrays, fixed, range(0, len(pairs), 3))
    assert count >= 40


def test_exactly_on_threshold(made):
    """A lepton's mass that is a double: M + m_F = m exactly, and one unit in the last place around it."""
    observable = made("scalar").observable("a(mu)")
    boson = np.array([0.25, 0.25, 0.25, 0.5, 0.125])
    fermion = np.array([0.25, np.nextafter(0.25, 0), np.nextafter(0.25, 1), 2.0**-80, 0.375])
    many = {"m_s": np.tile(boson, 20), "m_F": np.tile(fermion, 20)}
    fixed = couplings("scalar")
    half = _with_mass(observable, Fraction(1, 2))
    function = half.lambdify()
    with pytest.warns(InvalidPointsWarning, match="threshold"):
        found = function(**many, **fixed)
    assert np.isnan(found.reshape(20, 5)).tolist() == [[True, False, False, False, True]] * 20
    few = quiet(function, m_s=boson, m_F=fermion, **fixed)
    assert np.array_equal(np.isnan(few), np.isnan(found[:5]))
    check(half, found, many, fixed, range(5))


def _with_mass(observable, mass):
    """The observable of a muon of another mass."""
    from g2sym.model.model import load_model as load

    return load(_with_mass.path, {"m_mu": mass}).observable("a(mu)")


@pytest.fixture(autouse=True)
def _model_file(tmp_path):
    path = tmp_path / "half.toml"
    path.write_text(text("scalar", False, "mu"))
    _with_mass.path = str(path)


def test_above_threshold_values_are_real_parts(made):
    observable = (
        made("scalar").observable("a(tau)") if False else made("scalar", False, "tau").observable("a(tau)")
    )
    rng = np.random.default_rng(8)
    arrays = {"m_s": rng.uniform(0.01, 1, 200), "m_F": rng.uniform(0.01, 0.7, 200)}
    fixed = couplings("scalar")
    found = quiet(observable.lambdify(), **arrays, **fixed)
    assert check(observable, found, arrays, fixed, range(0, 200, 10)) == 20


# pieces -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("size", [1, 7, 100, 1 << 10])
def test_the_size_of_chunks_has_no_influence(made, monkeypatch, size):
    observable = made("vector").observable("a(mu)")
    rng = np.random.default_rng(9)
    boson, fermion = hierarchies(rng, "mu", 300)
    boson[:10], fermion[5:15] = 0.0, np.nan
    fixed = couplings("vector")
    whole = quiet(observable.lambdify(), m_s=boson, m_F=fermion, **fixed, full=True)
    monkeypatch.setattr(chunked, "CHUNK", size)
    part = quiet(observable.lambdify(), m_s=boson, m_F=fermion, **fixed, full=True)
    assert np.array_equal(whole.values, part.values, equal_nan=True)
    assert np.array_equal(whole.rungs, part.rungs)
    assert {w: m.tolist() for w, m in whole.reasons.items()} == {
        w: m.tolist() for w, m in part.reasons.items()
    }


def test_more_points_than_a_chunk(made):
    observable = made("scalar").observable("a(mu)")
    rng = np.random.default_rng(10)
    count = 2 * chunked.CHUNK + 100
    arrays = {"m_s": 10 ** rng.uniform(0, 4, count), "m_F": 10 ** rng.uniform(0, 4, count)}
    function, fixed = observable.lambdify(), couplings("scalar")
    found = function(**arrays, **fixed, full=True)
    assert (found.rungs == DOUBLE).mean() > 0.97
    places = [0, chunked.CHUNK - 1, chunked.CHUNK, 2 * chunked.CHUNK, count - 1]
    check(observable, found.values, arrays, fixed, places)
    again = function(**arrays, **fixed)
    assert np.array_equal(again, found.values)


# sums ---------------------------------------------------------------------------------------------------
SEVERAL = """
schema = 1
name = "several"
lagrangian = "-g*s*bar(mu)*psi - I*h*t*bar(mu)*gamma5*psi - k*r*bar(mu)*mu + hc"
[fields.s]
spin = 0
charge = 0
mass = "m_s"
[fields.t]
spin = 0
charge = 0
mass = "m_t2"
[fields.r]
spin = 0
charge = 0
mass = "m_r"
[fields.psi]
spin = "1/2"
charge = -1
mass = "m_F"
[parameters.g]
dimension = 0
[parameters.h]
dimension = 0
[parameters.k]
dimension = 0
"""


@pytest.fixture
def several(tmp_path):
    path = tmp_path / "several.toml"
    path.write_text(SEVERAL)
    return load_model(str(path)).observable("a(mu)")


def test_several_mediators(several):
    """Two planes with one fermion, and a kernel of one mass from its own table; couplings in arrays."""
    rng = np.random.default_rng(12)
    count = 400
    arrays = {n: 10 ** rng.uniform(-1, 4, count) for n in ("m_s", "m_t2", "m_r", "m_F")}
    arrays |= {n: rng.normal(size=count) for n in ("g", "h", "k")}
    arrays["g"][:20], arrays["h"][10:30], arrays["k"][20:40] = 0.0, 0.0, 0.0
    arrays["g"][40:44] = 1e-160, 1e160, 5e-324, -1e-5
    function = several.lambdify()
    found = quiet(function, **arrays)
    assert isinstance(reduced(function), ChunkedSum)
    for place in [*range(44), *range(44, count, 20)]:
        point = {n: Fraction(float(a[place])) for n, a in arrays.items()}
        truth = several.evaluate(40, point).ball.midpoint
        assert agree(found[place], truth), point
    # masses that are zero, or missing in part
    arrays["m_r"][::5] = 0.0
    arrays["m_F"][::7] = 0.0
    arrays["m_s"][::11] = np.nan
    found = quiet(function, **arrays)
    for place in range(0, count, 5):
        if np.isnan(arrays["m_s"][place]):
            assert np.isnan(found[place])
            continue
        point = {n: Fraction(float(a[place])) for n, a in arrays.items()}
        try:
            truth = several.evaluate(40, point).ball.midpoint
        except G2symError:
            assert np.isnan(found[place])
            continue
        assert agree(found[place], truth), point


def test_a_mass_that_only_the_broadcast_knows(several):
    """Axes of their own for masses and couplings."""
    rng = np.random.default_rng(13)
    values = {
        "m_s": np.geomspace(1, 100, 5)[:, None, None],
        "m_t2": 3.0,
        "m_r": "0.5",
        "m_F": np.geomspace(0.2, 50, 6)[None, :, None],
        "g": rng.normal(size=(1, 1, 7)),
        "h": 0.25,
        "k": rng.normal(size=(6, 1)),
    }
    found = several.lambdify()(**values)
    assert found.shape == (5, 6, 7)
    for place in ((0, 0, 0), (4, 5, 6), (2, 3, 1), (1, 5, 0)):
        point = {}
        for name, value in values.items():
            array = isinstance(value, np.ndarray)
            point[name] = Fraction(float(np.broadcast_to(value, found.shape)[place])) if array else value
        assert agree(found[place], several.evaluate(40, point).ball.midpoint)


def test_on_the_line_where_two_mediators_cancel(several):
    """h such that the sum vanishes, to the last bit and beside it: the ladder climbs, values stay certain."""
    rng = np.random.default_rng(14)
    count = 120
    arrays = {n: 10 ** rng.uniform(-0.5, 3, count) for n in ("m_s", "m_t2", "m_F")}
    arrays["m_t2"][::3] = arrays["m_s"][::3] * (1 + 10 ** rng.uniform(-12, -1, arrays["m_s"][::3].size))
    fixed = {"k": 0, "m_r": 1, "g": Fraction(1, 2)}
    first = several.lambdify()(**arrays, **fixed, h=0)
    second = several.lambdify()(**arrays, **{**fixed, "g": 0}, h=1)
    h = np.sqrt(np.abs(first / second))
    h[::2] *= 1 + 10 ** rng.uniform(-16, -4, h[::2].size)
    found = several.lambdify()(**arrays, **fixed, h=h, full=True)
    assert (found.rungs != DOUBLE).sum() > 20
    for place in range(0, count, 3):
        point = {n: Fraction(float(a[place])) for n, a in (*arrays.items(), ("h", h))}
        truth = several.evaluate(40, {**fixed, **point}).ball.midpoint
        assert agree(found.values[place], truth), point


def test_a_sum_that_vanishes_exactly(made):
    """Equal couplings to scalar and pseudoscalar leave no term in m_F; zero couplings leave nothing."""
    observable = made("scalar").observable("d(mu)")
    found = observable.lambdify()(m_s=np.ones(100), m_F=np.linspace(1, 2, 100), g=0.5, h=np.zeros(100))
    assert (found == 0).all()
    found = observable.lambdify()(m_s=np.ones(100), m_F=np.zeros(100), g=0.5, h=0.5)
    assert (found == 0).all()


# the function itself ------------------------------------------------------------------------------------
def test_copies_and_pickles(made):
    function = made("scalar").observable("a(mu)").lambdify()
    arrays = {"m_s": np.geomspace(0.1, 100, 200), "m_F": np.geomspace(3, 0.2, 200)}
    fixed = couplings("scalar")
    before = function(**arrays, **fixed)
    for other in (copy.deepcopy(function), copy.copy(function), pickle.loads(pickle.dumps(function))):
        assert np.array_equal(other(**arrays, **fixed), before)
    sums = function(**arrays, **fixed, full=True)
    for other in (copy.deepcopy(sums), pickle.loads(pickle.dumps(sums))):
        assert np.array_equal(other.values, sums.values)


def test_full_says_which_rung_decided(made):
    function = made("scalar").observable("a(mu)").lambdify()
    found = quiet(
        function, m_s=np.array([100.0, -1.0, 0.2] * 40), m_F=np.ones(120), **couplings("scalar"), full=True
    )
    assert found.rungs.tolist() == [DOUBLE, 0, DOUBLE] * 40
    assert found.invalid.tolist() == [False, True, False] * 40
    (why,) = found.reasons
    assert "negative" in why
    assert sum(found.counts().values()) == 120
    few = function(m_s=[1.0], m_F=[1.0], **couplings("scalar"), full=True)
    assert few.rungs.tolist() <= [BALLS]


def test_arrays_are_left_as_they_are(made):
    function = made("scalar").observable("a(mu)").lambdify()
    boson, fermion = np.array([1.0, np.nan, -2.0, 3.0] * 30), np.geomspace(0.1, 3, 120)
    boson[-1] = 0.0
    kept = boson.copy(), fermion.copy()
    boson.flags.writeable = fermion.flags.writeable = False
    quiet(function, m_s=boson, m_F=fermion, **couplings("scalar"))
    assert np.array_equal(boson, kept[0], equal_nan=True)
    assert np.array_equal(fermion, kept[1])


def test_nothing_is_told_but_points_without_a_value(made):
    """No warning of numpy's gets out, whatever the masses."""
    function = made("vector").observable("a(mu)").lambdify()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        function(m_s=np.geomspace(1e-30, 1e30, 500), m_F=np.geomspace(1e30, 1.0, 500), **couplings("vector"))


def test_threads_share_a_function(made):
    from concurrent.futures import ThreadPoolExecutor

    observable = made("scalar").observable("a(mu)")
    function, fixed = observable.lambdify(), couplings("scalar")
    rng = np.random.default_rng(15)
    arrays = [dict(zip(("m_s", "m_F"), hierarchies(rng, "mu", 200), strict=True)) for _ in range(8)]
    alone = [quiet(observable.lambdify(), **a, **fixed) for a in arrays]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InvalidPointsWarning)
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda a: function(**a, **fixed), arrays))
    for here, there in zip(alone, together, strict=True):
        # a thread may find a band that another still loads: its points climb
        assert np.array_equal(np.isnan(here), np.isnan(there))
        assert np.allclose(here, there, rtol=2 * TOLERANCE, atol=0, equal_nan=True)


def test_evaluate_is_the_sum_at_a_point(made):
    """The values compared with above, once by quadrature of the literature's integrand."""
    import mpmath

    observable = made("scalar").observable("a(mu)")
    with mpmath.workdps(30):
        e, r = mpmath.mpf(2) / mpmath.mpf("0.1056583755"), (mpmath.mpf(3) / mpmath.mpf("0.1056583755")) ** 2
        body = lambda x, s: x**2 * (1 - x + s * e) / (r * (1 - x) + e * e * x - x * (1 - x))  # noqa: E731
        whole = mpmath.quad(lambda x: body(x, 1) / 4 + body(x, -1) / 9, [0, 0.5, 1]) / (8 * mpmath.pi**2)
        found = observable.evaluate(25, {"m_s": 3, "m_F": 2, "g": Fraction(1, 2), "h": Fraction(1, 3)})
        middle = found.ball.midpoint
        assert abs(mpmath.mpf(middle.numerator) / middle.denominator / whole - 1) < mpmath.mpf(10) ** -20
