"""The public names: a snapshot, so that none appears, vanishes or moves unnoticed."""

import importlib.util
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import g2sym

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("sympy", "numpy", "matplotlib", "scipy", "mpmath", "flint", "click")

LANGUAGE = {
    "F", "Fdual", "G_F", "I", "PL", "PR", "bar", "cc", "cos_w", "d", "e_em", "fermion", "gamma", "gamma5",
    "hc", "lepton", "mass", "parameter", "pi", "scalar", "sigma", "sin_w", "sqrt", "standard", "vector",
}  # fmt: skip
MODELS = {
    "AnomalousMoment",
    "Decays",
    "Declaration",
    "Evaluation",
    "Model",
    "Observable",
    "Transition",
    "WilsonCoefficients",
    "bundled_models",
    "load_declaration",
    "load_model",
}
NUMBERS = {
    "Ball", "Bound", "Conventions", "Inputs", "Measurement", "bound", "cite", "load_inputs",
    "load_measurement", "measurement_names", "pull",
}  # fmt: skip
PLANES = {"Combination", "ExclusionMap", "exclusion_map", "load_map"}
SCANS = {"Grid", "Points", "Samples", "Scan", "count_excluded", "load_scan", "read_points", "scan"}
PROOFS = {"CheckTable", "check", "expectation"}
SNAPSHOT = LANGUAGE | MODELS | NUMBERS | PLANES | SCANS | PROOFS | {"__version__", "errors", "limits"}


def test_the_public_names():
    assert set(g2sym.__all__) == SNAPSHOT
    assert len(g2sym.__all__) == len(SNAPSHOT)
    assert set(dir(g2sym)) >= SNAPSHOT


@pytest.mark.parametrize("name", sorted(SNAPSHOT))
def test_every_name_is_there(name):
    assert getattr(g2sym, name) is getattr(g2sym, name)


def test_star_import():
    namespace = {}
    exec("from g2sym import *", namespace)
    assert namespace.keys() >= SNAPSHOT - {"__version__"}


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("load_model", ["source", "inputs"]),
        ("load_measurement", ["name_or_path"]),
        ("load_inputs", ["path", "edition"]),
        (
            "bound",
            [
                *("amm", "on", "measurement", "criterion", "n_sigma", "interval", "params", "digits", "unit"),
                "values",
            ],
        ),
        ("check", ["model", "lepton", "expect", "partial"]),
        ("expectation", ["at", "value", "lepton", "contribution", "observable", "given"]),
        ("pull", ["value", "measurement"]),
        ("scalar", ["name", "mass", "parity", "charge", "self_conjugate", "latex", "colour", "width"]),
        ("vector", ["name", "mass", "parity", "charge", "self_conjugate", "latex", "colour", "width"]),
        ("fermion", ["name", "mass", "charge", "self_conjugate", "latex", "colour"]),
        ("parameter", ["name", "dimension", "default", "flavour", "complex", "latex"]),
    ],
)
def test_the_signatures(name, parameters):
    assert list(inspect.signature(getattr(g2sym, name)).parameters) == parameters


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("public_surface", ROOT / "tools" / "public_surface.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_public_surface_is_as_recorded(tool):
    found = tool.difference()
    assert not found, (
        f"The public surface differs from {tool.PLACE.relative_to(ROOT)}:\n{found}\n"
        f"If that is meant, renew the record with `{tool.RENEW}`, commit it, and say so in CHANGELOG.md."
    )


def test_the_record_of_the_surface_is_whole_and_free_of_addresses(tool):
    text = tool.PLACE.read_text(encoding="utf-8")
    record = json.loads(text)
    assert set(record) == SNAPSHOT
    assert text == json.dumps(record, sort_keys=True, indent=1) + "\n"
    assert " at 0x" not in text
    assert {"attributes", "constructor", "methods"} <= record["Bound"].keys()


def test_the_surface_is_the_same_in_another_process(tool):
    done = subprocess.run(
        [sys.executable, ROOT / "tools" / "public_surface.py", "--check"],
        env={**os.environ, "PYTHONPATH": "", "PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "The public surface is as recorded.\n", "")


def test_what_a_user_would_notice_is_in_the_signature(tool):
    def one(a, /, b: int, *, c: str = "x") -> None: ...

    def two(*many: int, last: object = object(), **rest: float): ...

    assert tool.signature(one) == "(a, /, b: int, *, c: str = 'x') -> None"
    assert tool.signature(one, bound=True) == "(b: int, *, c: str = 'x') -> None"
    assert tool.signature(two) == "(*many: int, last: object = <object object>, **rest: float)"
    assert tool.describe(g2sym.errors)["UsageError"]["bases"][0] == "G2symError"


def test_every_function_and_class_says_what_it_does():
    for name in SNAPSHOT:
        value = getattr(g2sym, name)
        if inspect.isfunction(value) or inspect.isclass(value):
            assert value.__doc__, name


def test_a_wrong_name_gets_a_suggestion():
    with pytest.raises(AttributeError, match="did you mean 'load_model'"):
        g2sym.load_modell  # noqa: B018


def test_the_names_come_lazily():
    script = (
        "import sys, g2sym\n"
        f"heavy = {HEAVY!r}\n"
        "print(*(m for m in sys.modules if m in heavy or m.startswith('g2sym.')))\n"
        "g2sym.load_model, g2sym.scalar, g2sym.bound\n"
        "print(*(m for m in sys.modules if m in heavy and m != 'flint'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "\n\n"


def test_errors_are_public_and_of_one_family():
    for kind in (
        "UsageError",
        "InputError",
        "ModelError",
        "UnsupportedError",
        "PrecisionError",
        "CheckFailed",
    ):
        assert issubclass(getattr(g2sym.errors, kind), g2sym.errors.G2symError)


def test_python_and_text_give_the_same_model():
    a, mu, g = g2sym.scalar("s", mass="m_s", parity=+1), g2sym.lepton("mu"), g2sym.parameter("g_s")
    mine = g2sym.Model(-g * a * g2sym.bar(mu) * mu).anomalous_moment("mu")
    bundled = g2sym.load_model("scalar").anomalous_moment("mu")
    point = {"m_s": "0.3", "digits": 30}
    assert str(mine.evaluate(g_s="1e-3", **point)) == str(bundled.evaluate(g_sff="1e-3", **point))
