"""Everything a user holds may be pickled and copied after it was used, and survives a fork."""

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import g2sym as g2

ROOT = Path(__file__).resolve().parents[1]
ALP = g2.load_model("alp")
DARK = g2.load_model("dark_photon")
MASSES = np.geomspace(1e-2, 1, 70)


def used():
    """Objects by name, each used before, with what is to be the same for its copies."""
    alp, dark = ALP.anomalous_moment("mu"), DARK.anomalous_moment("mu")
    point = {"m_a": 1, "g_aff": "1e-3", "g_agg": "1e-4"}
    alp.evaluate(10, params=point)
    function = alp.lambdify()
    masses = {"m_a": MASSES, "g_aff": 1e-3, "g_agg": 1e-4}
    function(params=masses)
    bound = g2.bound(dark, "eps", "muon-2025", m_A="0.1")
    plane = g2.exclusion_map(dark, ("m_A", 1e-2, 1), ("eps", 1e-4, 1e-2), "muon-2025", resolution=16)
    plane.state(0.1, 1e-3)
    found = g2.scan(alp, {"m_a": [0.1, 1], "g_aff": [1e-3, 2e-3]}, "muon-2025", on="g_agg")
    cancellation = alp.cancellation("g_agg", m_a=1, g_aff="1e-3")
    contribution = next(iter(alp.contributions.values()))
    assert contribution.integral is not None
    return {
        "model": (ALP, lambda m: str(m.anomalous_moment("mu").evaluate(8, params=point))),
        "observable": (alp, lambda o: str(o.evaluate(12, params=point))),
        "array function": (function, lambda f: f(params=masses).tobytes()),
        "evaluation": (alp.evaluate(10, params=point), str),
        "contribution": (contribution, lambda c: (str(c.integral), str(c.integrand))),
        "cancellation": (cancellation, lambda c: str(c.solutions)),
        "bound": (bound, lambda b: repr(b.as_dict())),
        "map": (plane, lambda m: (m.as_dict(), m.mask().tobytes())),
        "scan": (found, lambda s: (s.summary(), s["windows"].tobytes())),
        "grid": (g2.Grid.of({"m_a": MASSES}), lambda g: g.identity()),
        "samples": (g2.Samples.of({"m_a": (1, 2)}, 5), lambda s: s.identity()),
        "points": (g2.Points.of({"m_a": [1.0, 2.0]}), lambda s: s.identity()),
        "check": (g2.check(DARK), lambda c: [repr(row) for row in c]),
        "declaration": (ALP.declaration, lambda d: sorted(d.parameters)),
        "inputs": (ALP.inputs, lambda i: repr(i.as_dict())),
        "measurement": (g2.load_measurement("muon-2025"), lambda m: repr(m.as_dict())),
        "ball": (dark.enclose(64, m_A="0.1", eps=1), repr),
    }


@pytest.fixture(scope="module")
def things():
    return used()


@pytest.mark.parametrize("how", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])
def test_used_objects_are_copied_and_pickled(things, how):
    for name, (thing, about) in things.items():
        assert about(how(thing)) == about(thing), name


FORK = """
import os, signal, sys, threading, time
import g2sym as g2
from flint import ctx
from g2sym.base.balls import working_precision
from g2sym.tables.expansion import _cap

moment = g2.load_model("dark_photon").anomalous_moment("mu")
before = moment.evaluate(10, m_A="0.1", eps=1)
usual, series = ctx.prec, ctx.cap
inside, done = threading.Event(), threading.Event()

def other():
    with working_precision(5000), _cap(77), working_precision(7000):
        inside.set()
        done.wait()

def child(expected):
    pid = os.fork()
    if not pid:
        signal.alarm(20)  # a deadlock ends in a signal
        good = (ctx.prec, ctx.cap) == expected and str(moment.evaluate(10, m_A="0.1", eps=1)) == str(before)
        with working_precision(300):
            good = good and ctx.prec == 300
        os._exit(0 if good and (ctx.prec, ctx.cap) == expected else 1)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

codes = []
thread = threading.Thread(target=other)
thread.start()
inside.wait()
codes.append(child((usual, series)))
done.set()
thread.join()
codes.append(child((usual, series)))
with working_precision(123):
    codes.append(child((123, series)))  # held by the thread that forks
assert ctx.prec == usual
print(codes)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_children_of_a_threaded_program_compute():
    done = subprocess.run(
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORK],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[0, 0, 0]"
