"""What scans find: the windows of bounds, certified values, verdicts; the same bits whoever computes them."""

import pickle
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from fractions import Fraction

import numpy as np
import pytest

from g2sym.constraints.bounds import bound
from g2sym.constraints.planes import Axis
from g2sym.errors import InputError, UsageError
from g2sym.inputs import load_measurement
from g2sym.model.model import load_model
from g2sym.scans.plans import Points, Samples
from g2sym.scans.run import scan
from g2sym.scans.solve import ACCURACY

ALP = load_model("alp").anomalous_moment("mu")
BOX = (
    Axis("m_a", Fraction(1, 100), Fraction(10)),
    Axis("g_aff", Fraction(-1, 100), Fraction(1, 100), logarithmic=False),
    Axis("g_agg", Fraction(1, 10**6), Fraction(1, 10)),
)


def same_ends(found, expected):
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        for value, end, open_ in zip(got, wanted, (-np.inf, np.inf), strict=True):
            assert value == open_ if end is None else abs(value - end) <= 2 * ACCURACY * abs(end)


@pytest.mark.parametrize(
    ("on", "other", "values"),
    [
        (
            "g_agg",
            "g_aff",
            np.concatenate([-np.geomspace(1e-2, 1e-5, 9), [0.0], np.geomspace(1e-5, 1e-2, 9)]),
        ),
        ("g_aff", "g_agg", np.concatenate([np.linspace(-1e-2, 1e-2, 15), [1e-5, 1e-4]])),
    ],
)
@pytest.mark.parametrize("criterion", ["sensitivity", "interval", "conservative"])
def test_windows_are_those_of_a_bound(on, other, values, criterion):
    masses = np.geomspace(0.01, 10, 5)
    found = scan(ALP, {"m_a": masses, other: values}, "muon-2025", criterion, on=on, chunk=7)
    rows = bound(ALP, on, "muon-2025", criterion, params={"m_a": masses, other: values}).rows
    for row, windows, count in zip(
        rows, found["windows"].reshape(len(rows), -1, 2), found["count"].ravel(), strict=True
    ):
        same_ends(windows[:count], row.allowed)
        assert np.isnan(windows[count:]).all()
    if on == "g_aff":
        assert 2 in found["count"]  # the thin line


@pytest.mark.parametrize("count", [100, pytest.param(1000, marks=pytest.mark.long)])
@pytest.mark.parametrize("method", ["sobol", "random"])
def test_values_and_verdicts_are_certified(method, count):
    plan = Samples(BOX, count, method, 11)
    found = scan(ALP, plan, "muon-2025", chunk=64)
    window = load_measurement("muon-2025").window()
    for k in range(count):
        params = {axis.name: float(found[axis.name][k]) for axis in BOX}
        ball = ALP.enclose(128, params=params)
        assert abs(Fraction(found["delta_a"][k]) - ball.midpoint) <= Fraction(ACCURACY) * abs(ball.midpoint)
        low, high = float(window.low(100).mid()), float(window.high(100).mid())
        assert found["verdict"][k] == (1 if low <= float(ball) <= high else 2)


def test_values_beside_a_cancellation_line():
    (end,) = ALP.cancellation("g_agg").evaluate(30, m_a="0.1", g_aff="1e-2")
    near = float(end.midpoint)
    values = np.array([near, np.nextafter(near, 1), near * (1 + 1e-12), near * 1.01])
    found = scan(ALP, Points.of({"g_agg": values}), m_a="0.1", g_aff="1e-2")
    assert "verdict" not in found.arrays
    for value, result in zip(values, found["delta_a"], strict=True):
        exact = ALP.enclose(256, m_a="0.1", g_aff="1e-2", g_agg=float(value)).midpoint
        assert abs(Fraction(float(result)) - exact) <= Fraction(ACCURACY) * abs(exact)


class Backwards(Executor):
    """Runs everything at once, in the order it comes, without a thread."""

    def submit(self, function, /, *args, **kwargs):
        future = Future()
        args = pickle.loads(pickle.dumps(args))  # what a cluster does to them
        future.set_result(function(*args, **kwargs))
        return future


def test_any_executor_and_any_chunk_give_the_same_bits():
    plan = Samples(BOX, 300, "random", 2)
    results = [scan(ALP, plan, "muon-2025", chunk=300, workers=1)]
    results.append(scan(ALP, plan, "muon-2025", chunk=17, workers=3))
    results.append(scan(ALP, plan, "muon-2025", chunk=41, executor=Backwards()))
    for other in results[1:]:
        for name, values in results[0].arrays.items():
            assert values.tobytes() == other[name].tobytes()


def test_the_chunks_of_a_grid_do_not_matter():
    grid = {
        "m_a": np.geomspace(0.01, 10, 9),
        "g_aff": np.geomspace(1e-5, 1e-2, 7),
        "Lambda": np.geomspace(10, 1e4, 5),
    }
    for on in ("g_agg", None):
        more = {} if on else {"g_agg": "1e-4"}
        whole = scan(ALP, grid, "muon-2025", on=on, **more)
        for chunk in (1, 5, 6, 36):
            other = scan(ALP, grid, "muon-2025", on=on, chunk=chunk, **more)
            for name, values in whole.arrays.items():
                assert values.tobytes() == other[name].tobytes()


def test_a_pool_of_processes():
    import multiprocessing

    context = multiprocessing.get_context("spawn")
    grid = {"m_a": np.geomspace(0.1, 1, 3), "g_aff": np.geomspace(1e-4, 1e-2, 4)}
    here = scan(ALP, grid, "muon-2025", on="g_agg")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        there = scan(ALP, grid, "muon-2025", on="g_agg", chunk=6, executor=pool)
    for name in here.arrays:
        assert here[name].tobytes() == there[name].tobytes()


def test_progress_counts_chunks():
    seen = []
    scan(ALP, {"m_a": np.geomspace(0.1, 1, 10)}, g_aff=1, chunk=4, progress=lambda *p: seen.append(p))
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"on": "g_agg"}, "need a measurement"),
        ({"criterion": "interval"}, "belong to a measurement"),
        ({"on": "m_a", "measurement": "muon-2025", "plan": {"g_agg": [1.0]}}, "not a polynomial"),
        ({"on": "g_agg", "measurement": "muon-2025", "g_agg": 1}, "both varied and given"),
        ({"plan": {"m_a": [-1.0]}}, "not positive"),
        ({"plan": {"m_x": [1.0]}}, "no parameter"),
        ({"resume": True}, "written to a folder"),
        ({"chunk": 0}, "chunk"),
        ({"workers": 0}, "workers"),
        ({"g_aff": "x"}, "not a number"),
    ],
)
def test_mistakes_are_named(change, message):
    call = {"plan": {"m_a": [1.0]}, "g_aff": 1, **change}
    with pytest.raises((UsageError, InputError), match=message):
        scan(ALP, **call)


def test_two_masses_of_one_kernel(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'schema = 1\nname = "mine"\nlagrangian = "-g*s*bar(mu)*psi + hc"\n'
        '[fields.s]\nspin = 0\ncharge = 0\nmass = "m_s"\n'
        '[fields.psi]\nspin = "1/2"\ncharge = -1\nmass = "m_F"\n[parameters.g]\ndimension = 0\n'
    )
    moment = load_model(str(path)).anomalous_moment("mu")
    grid = {"m_s": np.geomspace(0.1, 10, 6), "m_F": np.geomspace(0.05, 200, 5)}
    found = scan(moment, grid, "muon-2025", on="g", chunk=4, workers=4)
    rows = bound(moment, "g", "muon-2025", params=grid).rows
    for row, windows, count in zip(
        rows, found["windows"].reshape(30, -1, 2), found["count"].ravel(), strict=True
    ):
        same_ends(windows[:count], row.allowed)
