"""A value of the wrong kind, at any argument of any public call, ends in one sentence of the package."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import g2sym as g2
from g2sym.errors import G2symError, UsageError

SURFACE = json.loads((Path(__file__).parent / "reference" / "public_surface.json").read_text())
Call = tuple[Callable[..., Any], dict[str, Any]]

WRONG: dict[str, Any] = {
    "nothing": None,
    "a list": [1],
    "an empty list": [],
    "a pair": (1, 2),
    "an array": np.array([1.0, 2.0]),
    "a text": "abc",
    "no text": "",
    "half": 1.5,
    "True": True,
    "NaN": float("nan"),
    "infinity": float("inf"),
    "a complex number": 1j,
    "bytes": b"x",
    "an object": object(),
    "a class": int,
    "a set": {1},
    "names without numbers": {"m_A": None},
    "names with lists": {"m_A": [None]},
    "numbers as names": {1: 2},
    "a negative number": -1,
    "a huge number": 10**9,
    "a slice": slice(0, 1),
    "a byte of zero": "\0",
    "half a character": "\ud800",
}


def _calls() -> dict[str, Call]:
    """Every public call with arguments that are right."""
    model = g2.load_model("dark_photon")
    alp, both = g2.load_model("alp"), model.combine("electron-2023-rb", "muon-2025")
    moment, point = model.anomalous_moment("mu"), {"m_A": 1, "eps": "1e-3"}
    plane = g2.exclusion_map(moment, ("m_A", "0.01", 10), ("eps", "1e-4", 1), "muon-2025", resolution=16)
    decay = model.transition("mu", "e")
    grid = g2.Grid.of({"m_A": [0.1, 1.0]})
    points, samples = g2.Points.of({"m_A": [0.1]}), g2.Samples.of({"m_A": (0.1, 1)}, 4)
    found = g2.scan(moment, grid, "muon-2025", on="eps")
    ball = moment.enclose(64, point)
    limit = g2.limits.load()["l3-3photon-1995"]
    measured, inputs = g2.load_measurement("muon-2025"), g2.load_inputs()
    complex_boson, mu = g2.scalar("S", mass="m_S", self_conjugate=False), g2.lepton("mu")
    rule: dict[str, Any] = {"measurement": "muon-2025", "criterion": "interval", "n_sigma": 2}
    whole: tuple[slice, ...] = (slice(0, 1),)
    field = {"name": "S", "mass": "m_S", "charge": 0, "latex": None, "colour": 1}
    boson = {**field, "parity": 1, "self_conjugate": True, "width": "Gamma_S"}
    calls: dict[str, Call] = {
        "Model": (g2.Model, {"lagrangian": model.declaration, "inputs": {}}),
        "Model.anomalous_moment": (model.anomalous_moment, {"lepton": "mu", "partial": False}),
        "Model.combine": (
            lambda measurement, criterion, n_sigma, partial: model.combine(
                "electron-2023-rb", measurement, criterion=criterion, n_sigma=n_sigma, partial=partial
            ),
            {"measurement": "muon-2025", "criterion": "interval", "n_sigma": {}, "partial": False},
        ),
        "Combination": (g2.Combination, {"entries": [(moment, "muon-2025", "interval", 2)]}),
        "Combination.bound": (both.bound, {"on": "eps", "params": {"m_A": 1}, "digits": 5}),
        "Combination.bound on a mass": (
            both.bound,
            {"on": "m_A", "interval": (1, 2), "params": {"eps": 1}, "digits": 5},
        ),
        "Combination.likelihood": (both.likelihood, {"digits": 5, "params": point}),
        "Combination.map": (
            both.map,
            {"x": ("m_A", 1, 2), "y": ("eps", "1e-3", 1), "resolution": 4, "undecided": 0.0, "params": {}},
        ),
        "Combination.in_unit": (both.in_unit, {"unit": "1"}),
        "Combination.lambdify": (both.lambdify, {"backend": "numpy"}),
        "a likelihood of any namespace": (
            both.lambdify("array-api"),
            {"params": {"m_A": np.array([0.5]), "eps": 1}, "xp": None},
        ),
        "a likelihood function": (both.lambdify(), {"params": point, "full": False, "threads": 1}),
        "Model.electric_dipole": (model.electric_dipole, {"lepton": "mu", "partial": False}),
        "Model.transition": (model.transition, {"first": "mu", "second": "e", "partial": False}),
        "Model.observable": (model.observable, {"name": "a(mu)", "partial": False}),
        "Model.with_flavour": (model.with_flavour, {"eps": "mass"}),
        "Model.with_scheme": (model.with_scheme, {"scheme": "larin"}),
        "Model.wilson": (
            _wilson,
            {"process": "mu", "digits": 5, "basis": "JMS", "eft": "WET", "scale": 1, "partial": False,
             "params": point},
        ),
        "Observable.cancellation": (
            alp.anomalous_moment("mu").cancellation,
            {"name": "g_agg", "params": {"m_a": 1}},
        ),
        "Observable.quoted": (moment.quoted, {"eps": "mu"}),
        "Model.width": (alp.width, {"parent": "a", "products": ["A", "A"], "partial": False}),
        "Model.total_width": (model.total_width, {"parent": "Ap", "partial": False}),
        "Model.branching_ratio": (
            model.branching_ratio,
            {"parent": "Ap", "products": ["e", "bar(e)"], "partial": False},
        ),
        "Model.lifetime": (model.lifetime, {"parent": "Ap", "partial": False}),
        "Model.decay_length": (model.decay_length, {"parent": "Ap", "energy": 10, "partial": False}),
        "Model.cross_section": (
            alp.cross_section,
            {"incoming": ["e", "bar(e)"], "outgoing": ["A", "a"], "sqrt_s": 10, "cos_max": 0.9,
             "partial": False},
        ),
        "Model.differential_cross_section": (
            alp.differential_cross_section,
            {"incoming": ["e", "bar(e)"], "outgoing": ["A", "a"], "sqrt_s": 10, "cos": 0.1, "cos_max": 0.9,
             "partial": False},
        ),
        "Model.decays": (
            model.decays,
            {"parent": "Ap", "digits": 5, "energy": 10, "partial": False, "params": point},
        ),
        "Decays.plot": (model.decays("Ap", m_A=[1, 2], eps=1).plot, {"path": None}),
        "Transition.closed_form": (decay.closed_form, {"massless": False}),
        "Transition.enclose": (decay.enclose, {"order": 0, "digits": 5, "params": point}),
        "Transition.series": (decay.series, {"order": 0}),
        "Observable.enclose": (moment.enclose, {"bits": 64, "params": point}),
        "Observable.evaluate": (moment.evaluate, {"digits": 5, "params": point, "unit": None}),
        "Observable.input_uncertainty": (moment.input_uncertainty, {"params": point, "unit": None}),
        "Observable.lambdify": (moment.lambdify, {"backend": "numpy"}),
        "Observable.limit": (
            moment.limit,
            {"mass": "m_A", "point": "oo", "side": None, "contribution": None, "params": {"eps": 1}},
        ),
        "Observable.polynomial_in": (moment.polynomial_in, {"name": "eps", "values": {"m_A": 1}}),
        "Observable.record": (moment.record, {"known": None}),
        "Observable.remainder": (
            moment.remainder,
            {
                "mass": "m_A",
                "point": "oo",
                "order": 2,
                "to": None,
                "contribution": None,
                "params": {},
            },
        ),
        "Observable.scheme_spread": (moment.scheme_spread, {"digits": 5, "params": point}),
        "Observable.series": (
            moment.series,
            {"mass": "m_A", "point": "oo", "order": 2, "contribution": None, "params": {"eps": 1}},
        ),
        "Observable.values": (moment.values, {"params": point}),
        "Observable.with_scheme": (moment.with_scheme, {"scheme": "larin"}),
        "Observable.zeros": (
            moment.zeros,
            {"name": "m_A", "interval": ("0.1", "0.2"), "digits": 5, "params": {"eps": 1}},
        ),
        "an array function": (
            moment.lambdify(),
            {"params": point, "digits": 17, "full": False, "threads": 1},
        ),
        "a function of mpmath": (moment.lambdify("mpmath"), {"params": point, "digits": 17, "threads": 1}),
        "a function of any namespace": (
            moment.lambdify("array-api"),
            {"params": {"m_A": np.array([0.5]), "eps": 1}, "xp": None},
        ),
        "a cancellation": (
            alp.anomalous_moment("mu").cancellation("g_agg").evaluate,
            {"digits": 5, "params": {"m_a": 1, "g_aff": 1}},
        ),
        "Ball": (g2.Ball, {"midpoint": Fraction(1), "radius": Fraction(1, 10)}),
        "Ball.agrees": (ball.agrees, {"digits": 2}),
        "Ball.contains": (ball.contains, {"value": 1}),
        "Ball.exact": (g2.Ball.exact, {"value": 1}),
        "Ball.from_arb": (g2.Ball.from_arb, {"value": ball.arb()}),
        "Ball.mpf": (ball.mpf, {"digits": 3}),
        "Ball.overlaps": (ball.overlaps, {"other": ball}),
        "Ball.printed": (ball.printed, {"digits": 3}),
        "Ball.settled": (ball.settled, {"digits": 3}),
        "Ball.shown": (ball.shown, {"digits": 3}),
        "Ball.text": (ball.text, {"digits": 3}),
        "Conventions": (g2.Conventions, {"metric": "(+,-,-,-)", "epsilon0123": 1, "scheme": "larin",
                                         "standard_model": "present"}),
        "Declaration.field": (model.declaration.field, {"name": "Ap"}),
        "Declaration.for_lepton": (model.declaration.for_lepton, {"lepton": "mu"}),
        "ExclusionMap.mask": (plane.mask, {"resolution": 4, "band": (0, 1)}),
        "ExclusionMap.state": (plane.state, {"x": 0.1, "y": 1e-3}),
        "ExclusionMap.states": (plane.states, {"xs": [0.1], "ys": 1e-3}),
        "Grid.of": (g2.Grid.of, {"axes": {"m_A": [0.1, 1.0]}, "masses": None}),
        "Grid.chunk_shape": (grid.chunk_shape, {"chunk": 4}),
        "Grid.coordinates": (grid.coordinates, {"region": whole}),
        "Grid.distinct": (grid.distinct, {"name": "m_A"}),
        "Grid.without": (grid.without, {"name": "m_A"}),
        "Points.of": (g2.Points.of, {"columns": {"m_A": [0.1, 1.0]}, "masses": None}),
        "Points.chunk_shape": (points.chunk_shape, {"chunk": 4}),
        "Points.coordinates": (points.coordinates, {"region": whole}),
        "Points.distinct": (points.distinct, {"name": "m_A"}),
        "Samples": (g2.Samples, {"axes": samples.axes, "count": 4, "method": "sobol", "seed": 0}),
        "Samples.of": (
            g2.Samples.of,
            {"ranges": {"m_A": (0.1, 1)}, "count": 4, "method": "sobol", "seed": 0, "masses": None},
        ),
        "Samples.chunk_shape": (samples.chunk_shape, {"chunk": 4}),
        "Samples.coordinates": (samples.coordinates, {"region": whole}),
        "Samples.distinct": (samples.distinct, {"name": "m_A"}),
        "Inputs.override": (inputs.override, {"values": {"m_mu": "0.1"}}),
        "Inputs.value": (inputs.value, {"name": "m_mu"}),
        "Measurement.sigma": (measured.sigma, {"up": True, "digits": 5}),
        "Measurement.variance": (measured.variance, {"up": True}),
        "Measurement.window": (measured.window, {"criterion": "interval", "n_sigma": 2}),
        "Scan.__getitem__": (found.__getitem__, {"name": "count"}),
        "bound": (
            g2.bound,
            {"amm": moment, "on": "eps", **rule, "params": {"m_A": 1}, "digits": 5, "unit": "1"},
        ),
        "bound on a mass": (
            g2.bound,
            {"amm": moment, "on": "m_A", **rule, "interval": (1, 2), "params": {"eps": 1}, "digits": 5,
             "unit": "1"},
        ),
        "check": (g2.check, {"model": model, "lepton": "mu", "expect": (), "partial": False}),
        "cite": (g2.cite, {"key": "fan-2023"}),
        "count_excluded": (
            g2.count_excluded,
            {"observable": moment, "grid": {"m_A": [1.0], "eps": [1e-3]}, **rule, "on": "eps", "params": {}},
        ),
        "exclusion_map": (
            g2.exclusion_map,
            {"observable": moment, "x": ("m_A", 1, 2), "y": ("eps", "1e-3", 1), **rule, "resolution": 4,
             "undecided": 0.0, "unit": "1", "params": {}},
        ),
        "expectation": (
            g2.expectation,
            {"at": "m_A -> oo", "value": "0", "lepton": "mu", "contribution": None, "observable": ""},
        ),
        "pull": (g2.pull, {"value": 1e-9, "measurement": "muon-2025"}),
        "scan": (
            g2.scan,
            {"observable": moment, "plan": {"m_A": [0.1, 1.0]}, **rule, "on": "eps", "output": None,
             "resume": False, "executor": None, "workers": 1, "chunk": 100, "unit": "1",
             "params": {}},
        ),
        "load_model": (g2.load_model, {"source": "alp", "inputs": {}}),
        "load_declaration": (g2.load_declaration, {"source": "alp"}),
        "load_inputs": (g2.load_inputs, {"path": None, "edition": "pdg-2026"}),
        "load_measurement": (g2.load_measurement, {"name_or_path": "muon-2025"}),
        "limits.load": (g2.limits.load, {"path": None}),
        "limits.load_all": (g2.limits.load_all, {"paths": []}),
        "limits.Limit.value": (limit.value, {"mass": 1}),
        "limits.Limit.values": (limit.values, {"masses": [1.0]}),
        "limits.Limit.transformed": (limit.transformed, {"size": 0.5}),
        "limits.LimitValue.excludes": (limit.value(1).excludes, {"size": 1}),
        "load_map": (g2.load_map, {"path": None}),
        "load_scan": (g2.load_scan, {"path": None}),
        "read_points": (g2.read_points, {"path": None, "masses": None}),
        "fermion": (g2.fermion, {**field, "self_conjugate": False}),
        "scalar": (g2.scalar, boson),
        "vector": (g2.vector, boson),
        "lepton": (g2.lepton, {"name": "mu"}),
        "standard": (g2.standard, {"name": "A"}),
        "mass": (g2.mass, {"name": "mu"}),
        "parameter": (
            g2.parameter,
            {"name": "g", "dimension": 0, "default": None, "flavour": None, "complex": False, "latex": None},
        ),
        "sqrt": (g2.sqrt, {"value": 2}),
        "sigma": (g2.sigma, {"first": "al", "second": "be"}),
        "gamma": (g2.gamma, {"index": "al"}),
        "d": (g2.d, {"index": "al", "x": complex_boson}),
        "bar": (g2.bar, {"x": mu}),
        "cc": (g2.cc, {"x": complex_boson}),
        "hc": (g2.hc, {"expression": complex_boson}),
        "F": (g2.F, {"field": "A", "first": "al", "second": "be"}),
        "Fdual": (g2.Fdual, {"field": "A", "first": "al", "second": "be"}),
    }  # fmt: skip
    return calls


def _wilson(process: Any, **options: Any) -> Any:
    return g2.load_model("dark_photon").wilson(process, **options)


CALLS = _calls()
MADE_HERE = {
    "Bound", "CheckTable", "Declaration", "Evaluation", "ExclusionMap", "Scan", "Measurement", "Inputs",
    "Grid", "Points", "Observable", "AnomalousMoment", "WilsonCoefficients", "Transition",
    "Decays", "limits.Limit", "limits.LimitValue", "limits.LimitValues", "limits.Limits", "limits.Row",
}  # fmt: skip
"""Classes whose objects are made by the package and not by their constructors."""


def test_every_public_call_stands_here() -> None:
    wanted = set()
    surface = {**SURFACE, **{f"limits.{name}": entry for name, entry in SURFACE["limits"].items()}}
    for name, entry in surface.items():
        if isinstance(entry, str) and entry.startswith("function (") and "()" not in entry:
            wanted.add(name)
        if not isinstance(entry, dict) or name in ("errors", "limits", "AnomalousMoment"):
            continue  # an anomalous moment has the methods of an observable
        wanted |= set() if name in MADE_HERE else {name}
        wanted |= {
            f"{name}.{method}"
            for method, signature in entry.get("methods", {}).items()
            if "()" not in signature and not method.startswith("__")
        }
    assert wanted - CALLS.keys() == set()


def test_every_argument_stands_here() -> None:
    for name, (call, right) in CALLS.items():
        named = {n for n, p in inspect.signature(call).parameters.items() if p.kind != p.VAR_KEYWORD}
        assert named - right.keys() - FREE.get(name, set()) == set(), name


FREE = {
    "scan": {"progress"},
    "Samples": {"written"},
    "bound": {"interval"},
    "Combination.bound": {"interval"},
    "Conventions": {"covariant_derivative", "dual"},
    "a function of mpmath": {"full"},
}
"""Arguments that may be anything that can be called, that only the package gives, or that stand elsewhere."""


def _said(call: Callable[[dict[str, Any]], Any], arguments: dict[str, Any]) -> str:
    """What an error of the package says, "fine" without one; empty for any other error."""
    try:
        call(arguments)
    except G2symError as error:
        return str(error)
    except Exception:
        return ""
    return "fine"


@pytest.mark.parametrize("name", CALLS)
def test_wrong_arguments(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    call, right = CALLS[name]
    if "path" not in right:
        call(**right)
    for argument in right:
        for kind, value in WRONG.items():
            if isinstance(value, int) and value > 10**6 and argument == "point":
                continue  # a mass far away is right, and slow
            said = _said(lambda args: call(**args), {**right, argument: value})
            assert 0 < len(said) < 500, f"{name}({argument} = {kind}): {said}"
            assert said.isprintable(), f"{name}({argument} = {kind})"
    assert [path.name for path in tmp_path.iterdir()] in ([], ["abc"])  # a scan's output may be named so


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda a: a.evaluate(17, [1]), r"params = \[1\] is no mapping of names to values: values are given"),
        (lambda a: a.evaluate([1]), r"digits = \[1\]: give a whole number from 1 to 20000; values are given"),
        (lambda a: a.evaluate(True), "digits = True: give a whole number"),
        (lambda a: a.enclose(0), "bits = 0: give a whole number from 2"),
        (lambda a: a.evaluate({"eps": 1}), "digits = .*: give a whole number"),
        (lambda a: a.evaluate(params={"eps": 1}, eps=2), "'eps' is given by keyword and in params; give it"),
        (lambda a: a.lambdify()({"eps": 1}, eps=2), "'eps' is given by keyword and in params"),
        (lambda a: a.limit(["m_A"], 0), r"mass = \['m_A'\] is no text; write for instance 'm_a'"),
        (lambda a: a.record({"eps": 1}), "give what values"),
        (lambda a: g2.load_inputs(1), "path = 1 is no path; give a text or a pathlib.Path"),
        (lambda a: g2.load_scan(True), "path = True is no path"),
        (lambda a: g2.bound(a, "eps", "muon-2025", m_A=1, digits=5000), "digits = 5000: give a whole number"),
        (lambda a: g2.scan(a, [1, 2]), "is no grid, samples or points"),
        (lambda a: g2.scan(a, {"m_A": [1.0]}, eps=1)["x"], "There is no array 'x'; this scan has"),
        (lambda a: g2.Model(a.declaration, name="x"), "name: the Lagrangian is declared already"),
        (lambda a: g2.load_model("alp").anomalous_moment("mu", 1), "partial = 1 is neither True nor False"),
        (lambda a: g2.Ball(1, -1), "radius: -1 is negative"),
    ],
)  # fmt: skip
def test_what_the_sentences_say(call: Callable[[Any], Any], words: str) -> None:
    with pytest.raises(G2symError, match=words):
        call(g2.load_model("dark_photon").anomalous_moment("mu"))


def test_numbers_of_numpy_are_whole_numbers() -> None:
    moment = g2.load_model("dark_photon").anomalous_moment("mu")
    assert str(moment.evaluate(np.int64(5), m_A=1, eps=1)) == str(moment.evaluate(5, m_A=1, eps=1))
    with pytest.raises(UsageError):
        moment.evaluate(np.float64(5), m_A=1, eps=1)
