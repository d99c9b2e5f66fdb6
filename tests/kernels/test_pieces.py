"""Arrays piece by piece: the same doubles for any block and any number of threads, and little memory."""

from __future__ import annotations

import os
import threading
import tracemalloc
import warnings
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import g2sym as g2
from g2sym.arrays import compiled, guard, ladder, pieces, quotients, threads
from g2sym.arrays.grids import Grids, Product
from g2sym.arrays.ladder import Sum
from g2sym.arrays.streams import Kept
from g2sym.errors import UsageError

RANDOM = np.random.default_rng(11)
COUNT = 9_012
MASSES = 10 ** RANDOM.uniform(-3, 3, COUNT)
COUPLINGS = 10 ** RANDOM.uniform(-6, -2, COUNT)


def spoiled(array: np.ndarray, *values: float) -> np.ndarray:
    """Some points that are special: every 97th, and the first ones."""
    out = array.copy()
    out[: len(values)] = values
    out[7::97] = 0
    return out


NAN, INF = float("nan"), float("inf")
BAD = spoiled(MASSES, 0.0, -1.0, NAN, INF, -INF, 1e-300, 1e300)
ODD = spoiled(COUPLINGS, 1e-200, 1e200, 1.0, NAN, 1e-3)
PLANE = {"m_a": np.geomspace(1e-3, 1e2, 190)[:, None], "g_aff": np.geomspace(1e-6, 1e-2, 210)}
LONG = MASSES[:8_000]
ACROSS = np.maximum(10 ** RANDOM.uniform(-1.1, 3, 20_500), 0.08)
"""So many masses are worth a table; a few are exactly on the threshold of `light`, or are no masses."""
ACROSS[:4] = 0.0, -1.0, NAN, INF
ACROSS[200::101] = 0.0625
CASES: dict[str, tuple[str, str, dict[str, object]]] = {
    "one kernel": ("dark_photon", "a(mu)", {"m_A": MASSES, "eps": 1e-3}),
    "with couplings": ("dark_photon", "a(e)", {"m_A": BAD, "eps": ODD}),
    "four kernels": ("alp", "a(mu)", {"m_a": MASSES, "g_aff": 1e-3, "g_agg": 1e-4}),
    "four with couplings": ("alp", "a(mu)", {"m_a": BAD, "g_aff": ODD, "g_agg": COUPLINGS[::-1]}),
    "a plane": ("alp", "a(mu)", {**PLANE, "g_agg": 1e-4}),
    "a plane on its side": ("alp", "a(mu)", {"m_a": PLANE["m_a"].ravel(), "g_aff": PLANE["g_aff"][:, None]}),
    "three axes": (
        "alp",
        "a(mu)",
        {"m_a": MASSES[:1000].reshape(50, 1, 20), "g_aff": ODD[:7, None], "g_agg": COUPLINGS[:20]},
    ),
    "turned": (
        "dark_photon",
        "a(mu)",
        {"m_A": LONG.reshape(40, 200).T, "eps": COUPLINGS[:8_000].reshape(200, 40)},
    ),
    "every second": ("dark_photon", "a(mu)", {"m_A": MASSES[::2], "eps": COUPLINGS[1::2]}),
    "a threshold": ("light", "a(mu)", {"m_B": ACROSS, "m_N": "0.0431583755", "y": 0.3, "z": 0.7}),
    "a quotient": ("dark_photon", "a(mu)^2/a(e)", {"m_A": BAD, "eps": ODD}),
}


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """Tables that are built here are found again by the other tests of this file."""
    before = os.environ.get("G2SYM_CACHE_DIR")
    os.environ["G2SYM_CACHE_DIR"] = str(tmp_path_factory.mktemp("tables"))
    yield
    del os.environ["G2SYM_CACHE_DIR"]
    if before is not None:
        os.environ["G2SYM_CACHE_DIR"] = before


def function(name: str, text: str):
    if name != "light":
        return g2.load_model(name).observable(text).lambdify()
    boson, inner = g2.scalar("phi", mass="m_B"), g2.fermion("N", charge=-1, mass="m_N")
    text_ = "phi*bar(mu)*(y + I*z*gamma5)*N + hc"
    model = g2.Model(text_, name="light", parameters=[boson, inner, g2.parameter("y"), g2.parameter("z")])
    return model.observable(text).lambdify()


def evaluated(name: str, text: str, arrays: dict[str, object], **options: object) -> ladder.Sums:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(name, text)(arrays, full=True, **options)


def same(one: ladder.Sums, other: ladder.Sums) -> bool:
    """Compare bits, rungs and reasons; NaN is NaN."""
    values = one.values.shape == other.values.shape and np.array_equal(
        np.where(np.isnan(one.values), 0.0, one.values).view(np.int64),
        np.where(np.isnan(other.values), 0.0, other.values).view(np.int64),
    )
    reasons = one.reasons.keys() == other.reasons.keys() and all(
        np.array_equal(mask, other.reasons[why]) for why, mask in one.reasons.items()
    )
    nans = np.array_equal(np.isnan(one.values), np.isnan(other.values))
    return values and nans and reasons and np.array_equal(one.rungs, other.rungs)


@pytest.fixture(scope="module")
def whole() -> dict[str, ladder.Sums]:
    """Each case in one piece by one thread."""
    return {name: evaluated(*case, threads=1) for name, case in CASES.items()}


def cut(monkeypatch, size: int) -> None:
    """Make blocks of at most so many points."""
    for module, name in ((ladder, "BLOCK"), (ladder, "CHUNK"), (quotients, "PASS"), (pieces, "PASS")):
        monkeypatch.setattr(module, name, size)
    monkeypatch.setattr(ladder, "LEAST", 1)
    monkeypatch.setattr(ladder, "SHARED", 1)


@pytest.mark.parametrize("size", [613, 4096])
@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("name", CASES)
def test_the_same_doubles_for_any_block_and_any_number_of_threads(monkeypatch, whole, name, size, count):
    cut(monkeypatch, size)
    assert same(evaluated(*CASES[name], threads=count), whole[name])


def test_the_cases_hold_what_they_are_for(whole):
    """Every rung, points without a value for several reasons, and values that climb from a table's blocks."""
    assert {k for found in whole.values() for k, n in found.counts().items() if n} == {
        "double",
        "double-double",
        "balls",
        "not a number",
    }
    assert whole["four kernels"].counts()["double-double"] > 3
    assert any("threshold" in why for why in whole["a threshold"].reasons)
    assert whole["a threshold"].invalid.sum() > 200
    assert whole["three axes"].values.shape == (50, 7, 20)


@pytest.mark.extra
@pytest.mark.parametrize(
    "name", ["one kernel", "four kernels", "with couplings", "a plane", "a plane on its side"]
)
def test_compiled_loops_give_the_same(monkeypatch, whole, name):
    pytest.importorskip("numba", reason="the compiled path needs numba, which is not installed")
    from g2sym.arrays import streams

    cut(monkeypatch, 1000)
    for module in (ladder, streams):
        monkeypatch.setattr(module, "LONG", 1)
    assert same(evaluated(*CASES[name], threads=2), whole[name])


@pytest.mark.extra
@pytest.mark.parametrize("terms", [1, 2, 3, 5])
def test_the_compiled_loop_lets_the_same_points_climb(terms):
    """Random rows and columns with sums that cancel, zeros and NaN: places and doubles of the plain way."""
    loop = compiled.grid_loop()
    if loop is None:
        pytest.skip("the compiled path needs numba, which is not installed")
    random = np.random.default_rng(terms)
    for theta, steps in ((1e-3, [1e-4, 1.5e-3, 0.045, 3.0]), (0.03, [0.045, 0.045, 3.0])):
        rows, columns = random.normal(size=(31, terms)), random.normal(size=(terms, 300))
        rows[3], rows[5, 0], columns[0, 7] = 0.0, np.nan, np.inf
        if terms > 1:
            columns[1] = -columns[0] * (1 + np.sort(random.choice(steps, 300)))
            rows[:, 1] = rows[:, 0]
        out, places = np.empty((31, 300)), np.empty(9300, np.intp)
        with np.errstate(all="ignore"):
            found = loop(rows, columns, theta, guard.SMALLEST, np.empty(300), out, places)
            parts = [columns[k] * rows[:, k : k + 1] for k in range(terms)]
            want, sizes = parts[0].copy(), np.abs(parts[0])
            for part in parts[1:]:
                want, sizes = want + part, sizes + np.abs(part)
            fails = np.flatnonzero(~(np.abs(want) - theta * sizes >= guard.SMALLEST))
        assert np.array_equal(out, want, equal_nan=True)
        assert places[:found].tolist() == fails.tolist()
        assert 0 < found < 9300


# the guard ----------------------------------------------------------------------------------------
@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    theta=st.sampled_from([1e-12, 3e-4, 0.1, 0.7]),
    shape=st.sampled_from(["plane", "line", "single", "mixed"]),
    size=st.sampled_from([7, 64, 1000]),
)
def test_what_climbs_is_what_the_criterion_says(seed, theta, shape, size):
    """Sums that cancel to about theta: the points found block by block are those of the criterion itself."""
    random = np.random.default_rng(seed)
    n, k = 23, 17
    tall, flat = random.normal(size=(n, 1)), random.normal(size=(1, k))
    near = 1 + theta * random.choice([-2, -1, 1, 2], size=(n, k)) * (1 + random.normal(size=(n, k)) * 1e-3)
    holes = np.where(random.random((n, k)) < 0.1, NAN, random.normal(size=(n, k)))
    grids = {
        "plane": {
            "a": tall,
            "b": flat,
            "c": flat * random.choice([1, 1 + theta, 1 - 2 * theta], size=(1, k)),
        },
        "line": {"a": tall * flat, "b": np.ones(()), "c": tall * flat * near},
        "single": {"a": holes, "b": np.ones(()), "c": None},
        "mixed": {"a": tall, "b": flat, "c": tall * flat * near},
    }[shape]
    products = [Product(Fraction(1), "", None, (("a", 1), ("b", 1)), None)]
    if grids["c"] is None:
        del grids["c"]
    else:
        powers = (("a", 1), ("c", 1)) if shape == "plane" else (("c", 1),)
        products.append(Product(Fraction(-1), "", None, powers, None))
    whole = Sum(products, [])
    work = Grids(whole.products, whole._constants, (), grids)
    total, found = np.empty(n * k), []
    worker = work.worker(size, Kept())
    with np.errstate(all="ignore"):
        for block in work.blocks(size):
            here = total[block.start : block.start + block.size].reshape(block.shape)
            found += (block.start + guard.guarded(work.terms, worker, block, here, theta)).tolist()
        one = np.broadcast_to(grids["a"] * grids["b"], (n, k))
        if len(products) == 1:
            other = np.zeros((n, k))
        else:
            other = np.broadcast_to(grids["c"] * (grids["a"] if shape == "plane" else 1.0), (n, k))
        want = np.abs(one - other) - theta * (np.abs(one) + np.abs(other)) >= guard.SMALLEST
    assert np.array_equal(total.reshape(n, k), one - other, equal_nan=True)
    assert found == np.flatnonzero(~want).tolist()


@pytest.mark.parametrize("shape", [(50,), (50, 1)])
def test_digits_lost_below_the_range_of_doubles_are_not_found_again(shape):
    """g^2 h with a subnormal g^2: an ordinary number, whose digits no guard of the sum can miss."""
    random = np.random.default_rng(5)
    g = random.uniform(1, 2, 50).reshape(shape) * 2.0**-530
    h = random.uniform(1, 2, 50) * 2.0**1000
    found = Sum([Product(Fraction(1), "", None, (("g", 2), ("h", 1)), None)], [])({"g": g, "h": h})
    g, h = np.broadcast_arrays(g, h)
    for value, one, other in zip(found.values.ravel(), g.ravel(), h.ravel(), strict=True):
        truth = Fraction(float(one)) ** 2 * Fraction(float(other))
        assert abs(Fraction(float(value)) / truth - 1) <= Fraction(1, 10**12)


# memory -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "text", "values", "bad"),
    [
        ("dark_photon", "a(mu)", {"m_A": 0, "eps": 1e-3}, False),
        ("dark_photon", "a(mu)", {"m_A": 0, "eps": 1}, True),
        ("alp", "a(mu)", {"m_a": 0, "g_aff": 1, "g_agg": 1e-4}, False),
        ("alp", "a(mu)", {"m_a": 0, "g_aff": 1e-3, "g_agg": 1e-4}, True),
        ("dark_photon", "a(mu)/a(e)", {"m_A": 0, "eps": 1}, False),
    ],
)
def test_memory_is_at_most_three_times_the_output(monkeypatch, name, text, values, bad):
    monkeypatch.setenv("G2SYM_COMPILED", "0")
    points = 4_000_000
    base = 10 ** np.random.default_rng(1).uniform(-3, 3, points)
    if bad:
        base[::1000] = -1.0
    arrays = [base, np.full(points, 1e-3)]
    given_ = {n: arrays[v] if isinstance(v, int) else v for n, v in values.items()}
    made = function(name, text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made({n: v[:30_000] if isinstance(v, np.ndarray) else v for n, v in given_.items()})
        tracemalloc.start()
        try:
            found = made(given_, threads=2)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert found.nbytes == 8 * points
    assert peak <= 3 * found.nbytes


# threads ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("count", [0, -1, 1.0, "2", True, 10**6])
def test_a_number_of_threads_that_is_none_is_refused(count):
    with pytest.raises(UsageError, match=r"threads = .* give a whole number from 1 to 256, or None"):
        function("dark_photon", "a(mu)")(m_A=[0.1, 1.0], eps=1e-3, threads=count)


def test_where_others_run_one_thread_is_the_default(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(12)), raising=False)
    assert threads.thread_count(None) == 12
    assert threads.thread_count(3) == 3
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(threads.thread_count, None).result() == 1
        assert pool.submit(threads.thread_count, 3).result() == 3
    monkeypatch.setattr("multiprocessing.process.parent_process", lambda: object())
    assert threads.thread_count(None) == 1


def test_tasks_are_shared_out_once_each():
    for count in (1, 2, 7, 200):
        done: list[int] = []
        used: set[int] = set()

        def worker(tasks, done=done, used=used):
            used.add(threading.get_ident())
            for task in tasks:
                done.append(task)

        before = threading.active_count()
        threads.share_out(range(100), count, worker)
        assert sorted(done) == list(range(100))
        assert threading.active_count() == before
        assert threading.get_ident() in used


@pytest.mark.parametrize("inside", [False, True])
def test_an_exception_in_any_thread_is_raised(inside):
    here = threading.get_ident()
    seen = threading.Event()

    def worker(tasks):
        for _ in tasks:
            if (threading.get_ident() == here) != inside:
                seen.set()
                raise ArithmeticError("planted")
            seen.wait(10)

    before = threading.active_count()
    with pytest.raises(ArithmeticError, match="planted"):
        threads.share_out(range(50), 3, worker)
    assert threading.active_count() == before


def test_a_system_without_threads_still_gets_its_values(monkeypatch, whole):
    def refuse(self):
        raise RuntimeError("can't start new thread")

    cut(monkeypatch, 1000)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    assert same(evaluated(*CASES["one kernel"], threads=4), whole["one kernel"])


def test_several_threads_use_one_function(monkeypatch, whole):
    """Nested: each of four threads asks the same function with three threads of its own."""
    cut(monkeypatch, 1000)
    made = function(*CASES["four kernels"][:2])
    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(made, CASES["four kernels"][2], full=True, threads=3) for _ in range(12)]
        assert all(same(run.result(), whole["four kernels"]) for run in runs)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_child_of_fork_evaluates_with_threads_of_its_own(monkeypatch, whole):
    """The parent forks while its own threads are at work; the child asks with several threads."""
    cut(monkeypatch, 500)
    made = function(*CASES["four kernels"][:2])
    made(CASES["four kernels"][2], threads=2)
    stop = threading.Event()

    def busy():
        while not stop.is_set():
            made(CASES["four kernels"][2], threads=2)

    other = threading.Thread(target=busy)
    other.start()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            good = same(made(CASES["four kernels"][2], full=True, threads=3), whole["four kernels"])
            os._exit(0 if good else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        other.join()


def test_a_pool_of_processes(whole):
    with ProcessPoolExecutor(2) as pool:
        runs = [pool.submit(evaluated, *CASES["one kernel"], threads=count) for count in (None, 2)]
        assert all(same(run.result(), whole["one kernel"]) for run in runs)
