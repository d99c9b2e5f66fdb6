"""Layers: imports go down, no two modules import each other, modules stay small, importing stays light."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "g2sym"
LAYERS = {
    "errors": 0,  # public: what users catch
    "base": 1,
    "lagrangian": 2,
    "inputs": 2,
    "limits": 2,
    "integrals": 2,
    "derive": 3,
    "kernels": 3,
    "formulas": 3,
    "drawing": 3,
    "tables": 4,
    "proofs": 4,
    "observables": 4,
    "arrays": 5,
    "queries": 6,
    "constraints": 7,
    "interchange": 7,
    "scans": 8,
    "model": 9,
    "checks": 10,
    "show": 10,
    "cli": 11,
    "__main__": 12,
    "": 13,  # g2sym/__init__.py, which hands out what the layers offer
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
                full = f"{inner}.{alias.name}".strip(".")
                yield node.lineno, full if full in NAMES else inner


def offences(text, name, is_package=False):
    package = name.split(".")[0]
    for line, target in imported(ast.parse(text), name, is_package):
        other = target.split(".")[0]
        if other != package and LAYERS[other] >= LAYERS[package]:
            above = f"{other or 'g2sym'} (layer {LAYERS[other]})"
            yield f"line {line}: {package} (layer {LAYERS[package]}) imports {above}"


def cycles(arrows):
    """The groups of modules that import each other, directly or through others (Tarjan)."""
    index, low, stack, out = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for other in sorted(arrows.get(node, ())):
            if other not in index:
                visit(other)
                low[node] = min(low[node], low[other])
            elif other in stack:
                low[node] = min(low[node], index[other])
        if low[node] == index[node]:
            group = [stack.pop()]
            while group[-1] != node:
                group.append(stack.pop())
            if len(group) > 1 or node in arrows.get(node, ()):
                out.append(sorted(group))

    for node in sorted(arrows):
        if node not in index:
            visit(node)
    return out


@pytest.mark.parametrize("path", MODULES, ids=lambda p: dotted(p) or "g2sym")
def test_imports_go_down(path):
    name = dotted(path)
    package = name.split(".")[0]
    assert package in LAYERS, f"{package} has no layer: give it one here and in docs/architecture.md"
    assert not list(offences(path.read_text(), name, path.name == "__init__.py"))


def test_no_modules_import_each_other():
    """Lazy imports and those for type checking count as well."""
    arrows = {}
    for path in MODULES:
        name = dotted(path)
        found = imported(ast.parse(path.read_text()), name, path.name == "__init__.py")
        arrows[name] = {target for _, target in found}
    assert cycles(arrows) == []


def test_a_cycle_is_seen():
    assert cycles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    assert cycles({"a": {"b", "c"}, "b": {"c"}, "c": set()}) == []


def test_the_architecture_names_what_there_is():
    """Its layers are those above; the modules it names exist, and hold what it says is in them."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d[\d, ]*) \| (`.+?`) \|", text, re.MULTILINE)
    found = [
        (package, int(number))
        for numbers, packages in rows
        for number, package in zip(numbers.split(","), re.findall(r"`(\w+)`", packages), strict=True)
    ]
    assert dict(found) == {name or "__init__": layer for name, layer in LAYERS.items()}
    places = {place: PACKAGE / place for place in re.findall(r"`([\w/]+\.py)`", text)}
    places = {place: path if path.is_file() else ROOT / place for place, path in places.items()}
    assert len(places) > 30
    assert [place for place, path in places.items() if not path.is_file()] == []
    for name, place in re.findall(r"`(\w+)` (?:of|in) `([\w/]+\.py)`", text):
        assert re.search(rf"(?m)^\s*(?:def |class )?{name}\b", places[place].read_text(encoding="utf-8")), (
            name
        )


@pytest.mark.parametrize("path", MODULES, ids=lambda p: dotted(p) or "g2sym")
def test_modules_stay_small(path):
    assert len(path.read_text().splitlines()) <= MAX_LINES


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("import g2sym.show", "inputs.fields"),
        ("from g2sym.derive import loop", "lagrangian.grammar"),
        ("def f():\n    from g2sym import inputs", "errors"),
        ("from g2sym import bound", "cli"),
        ("from ..inputs import Inputs", "integrals.forms"),
        ("from g2sym.lagrangian.vertices import x", "integrals.canonical"),
    ],
)
def test_the_rule_sees_an_upward_import(text, name):
    assert list(offences(text, name))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("from g2sym.base.version import __version__", "cli"),
        ("from g2sym import errors", "inputs.fields"),
        ("from .fields import text", "inputs.constants"),
        ("from g2sym.errors import InputError\nimport sympy", "base.balls"),
        ("from g2sym.inputs import load_inputs", "model.model"),
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
