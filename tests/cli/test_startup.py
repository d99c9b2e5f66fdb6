"""What the light paths load: nothing that computes, draws or takes long to import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HEAVY = ("sympy", "numpy", "matplotlib", "scipy", "mpmath", "rich", "dask")
POINT = ["--set", "m_a=0.5", "--set", "g_aff=1e-3", "--measurement", "muon-2025"]
SIGMA = ["eval", "alp", "--observable", "sigma(e bar(e) -> A a)", *POINT[:4]]
DARK = ["--set", "m_A=0.5", "--set", "eps=1e-3"]


def loaded(arguments):
    script = (
        "import sys\nfrom g2sym.cli import main\ncode = main(sys.argv[1:])\n"
        "print(code, *sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, *modules = done.stderr.split()
    assert code == "0", done.stderr
    return set(modules)


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["bound", "--help"]], ids=" ".join)
def test_version_and_help_load_next_to_nothing(arguments):
    modules = loaded(arguments)
    assert not modules & {*HEAVY, "flint"}
    assert not any(name.startswith(("g2sym.lagrangian", "g2sym.derive", "g2sym.show.")) for name in modules)


@pytest.mark.parametrize(
    "arguments",
    [
        ["models"],
        ["eval", "alp", *POINT],
        ["eval", "alp", *POINT, "--json"],
        ["bound", "alp", "--on", "g_aff", "--vary", "m_a=0.1:1:3"],
        [*SIGMA, "--sqrt-s", "1"],
        ["eval", "dark_photon", "--observable", "BR(Ap -> e bar(e))", *DARK],
        ["decay", "dark_photon", *DARK],
    ],
    ids=["models", "eval", "eval --json", "bound", "sigma", "BR", "decay"],
)
def test_numbers_need_neither_sympy_nor_numpy(arguments):
    assert not loaded(arguments) & set(HEAVY)


def test_a_reader_that_leaves_ends_the_program_quietly():
    command = f"{sys.executable} -m g2sym bound scalar --on g_sff --vary m_s=0.1:1:60 --json | head -n 1"
    done = subprocess.run(
        command,
        shell=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert done.stdout == "{\n"
    assert done.stderr == ""


SPARED = {
    *("typing", "dataclasses", "tomllib", "pathlib", "hashlib", "difflib", "threading", "unicodedata"),
    *("click", "importlib.metadata", "g2sym.base.toml_files", "g2sym.lagrangian.grammar"),
    "g2sym.derive.diagrams",
    *("g2sym.lagrangian.algebra", "g2sym.observables.zero", "g2sym.constraints", "g2sym.cli.app"),
}


@pytest.mark.parametrize("more", [[], ["--json"]], ids=" ".join)
def test_a_point_of_a_model_that_is_kept_loads_what_it_needs(tmp_path, more):
    arguments = ["eval", "alp", "--set", "m_a=0.5", "--set", "g_aff=1e-3", "--set", "g_agg=1e-4", *more]
    script = (
        "import sys\nbefore = set(sys.modules)\n"
        "from g2sym.base import kept\nkept._STARTED += 1e6\n"  # also where the code was changed just now
        "from g2sym.cli import main\nmain(sys.argv[1:])\nprint(*{*sys.modules} - before, file=sys.stderr)"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "G2SYM_CACHE_DIR": str(tmp_path)}
    runs = [
        subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        for _ in range(2)
    ]
    assert runs[0].stdout == runs[1].stdout
    assert "g2sym.derive.diagrams" in runs[0].stderr.split()
    assert sorted(SPARED & {*runs[1].stderr.split()}) == []


@pytest.mark.parametrize("name", ["sigma(e bar(e) -> A a)", "dsigma(e bar(e) -> A a)"])
def test_a_cross_section_answers_within_a_second(tmp_path, name):
    """Processor time of the whole process, derivation included: nothing is kept before."""
    arguments = ["eval", "alp", "--observable", name, *POINT[:4], "--set", "g_agg=1e-4", "--sqrt-s", "1"]
    if name.startswith("d"):
        arguments += ["--at", "cos=0.3"]
    script = (
        "import sys, time\nfrom g2sym.cli import main\ncode = main(sys.argv[1:])\n"
        "print(code, time.process_time(), file=sys.stderr)"
    )
    times = []
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "G2SYM_CACHE_DIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        code, seconds = done.stderr.split()
        assert code == "0"
        times.append(float(seconds))
    assert min(times) < 1, times
