"""The shape of the house: imports go down the floors, rooms stay small, importing the package stays light."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "g2sym"
GROUND = ("errors", "exact", "coefficients", "balls", "conventions", "references", "toml_files")
FLOORS = {
    **dict.fromkeys(GROUND, 0),
    "inputs": 1,
    "integrals": 1,
    "lagrangian": 2,
    "evaluate": 2,
    "derive": 3,
    "proofs": 3,
    "observables": 4,
    "checks": 5,
    "constraints": 5,
    "show": 6,
    "scans": 6,
    "cli": 7,
    "__main__": 8,
    "": 9,  # g2sym/__init__.py, which hands out what the floors offer
}
MAX_LINES = 400
MODULES = sorted(PACKAGE.rglob("*.py"))


def dotted(path):
    """The module name inside the package: g2sym/inputs/fields.py is inputs.fields."""
    parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


NAMES = {dotted(path) for path in MODULES}


def imported(tree, name, is_package):
    """Every g2sym module that a syntax tree imports, wherever the import stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] == "g2sym":
                    yield node.lineno, alias.name.partition(".")[2]
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                here = ["g2sym", *filter(None, name.split("."))]
                base = here[: len(here) - node.level + (1 if is_package else 0)]
                source = ".".join([*base, *filter(None, [node.module])])
            else:
                source = node.module or ""
            if source.split(".")[0] != "g2sym":
                continue
            inner = source.partition(".")[2]
            for alias in node.names:  # "from g2sym import errors" imports the module errors
                if (inner, alias.name) == ("", "__version__"):
                    continue  # a text, set before anything is imported
                full = f"{inner}.{alias.name}".strip(".")
                yield node.lineno, full if full in NAMES else inner


def offences(text, name, is_package=False):
    room = name.split(".")[0]
    for line, target in imported(ast.parse(text), name, is_package):
        other = target.split(".")[0]
        if other == room or (FLOORS[room] == FLOORS[other] == 0):
            continue
        if FLOORS[other] >= FLOORS[room]:
            above = f"{other or 'g2sym'} (floor {FLOORS[other]})"
            yield f"line {line}: {room} (floor {FLOORS[room]}) imports {above}"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: dotted(p) or "g2sym")
def test_imports_go_down(path):
    name = dotted(path)
    room = name.split(".")[0]
    assert room in FLOORS, f"{room} is a room without a floor: give it one here and in the documentation"
    assert not list(offences(path.read_text(), name, path.name == "__init__.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda p: dotted(p) or "g2sym")
def test_rooms_stay_small(path):
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import g2sym.show", "inputs.fields"),
        ("from g2sym.derive import loop", "lagrangian.grammar"),
        ("def f():\n    from g2sym import inputs", "errors"),
        ("from g2sym import bound", "cli"),
        ("from ..inputs import Inputs", "integrals.forms"),
        ("from g2sym.lagrangian.vertices import x", "evaluate.closed"),
    ],
)
def test_the_rule_sees_an_upward_import(text, name):
    assert list(offences(text, name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from g2sym import __version__", "cli"),
        ("from g2sym import errors", "inputs.fields"),
        ("from .fields import text", "inputs.constants"),
        ("from g2sym.errors import InputError\nimport sympy", "balls"),
        ("from g2sym.inputs import load_inputs", "observables.model"),
    ],
)
def test_the_rule_lets_a_downward_import_pass(text, name):
    assert not list(offences(text, name))


def test_importing_the_package_is_light():
    heavy = ("sympy", "numpy", "matplotlib", "scipy", "mpmath", "dask")
    script = f"import sys, g2sym; print(*(m for m in {heavy!r} if m in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, timeout=60, check=True
    )
    assert done.stdout.split() == []
