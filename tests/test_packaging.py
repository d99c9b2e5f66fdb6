"""What a user installs; that the wheel holds it is checked where the wheel is built, in .ci/run."""

import os
import re
import tomllib
from pathlib import Path

import g2sym

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def command(mark):
    """The one line of the code block after a comment in the README, as .ci/run reads it."""
    found = re.findall(
        rf"^<!-- {mark} -->\n```bash\n(.*)\n```$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    assert len(found) == 1
    return found[0]


def test_the_readme_commands_set_themselves_up():
    for mark in ("main-command", "test-command"):
        assert command(mark).startswith("python3 -m venv .venv && .venv/bin/pip install -q ")
    assert command("test-command").endswith(".venv/bin/python -m pytest -n auto")
    job = command("main-command").split(" && ")[-1].split()
    assert job[:3] == [".venv/bin/g2sym", "bound", "alp"]


def test_continuous_integration_reads_them_there():
    script = (ROOT / ".ci" / "run").read_text()
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
    assert script.startswith("#!/usr/bin/env bash\n")
    assert "set -euo pipefail" in script
    for mark in ("main-command", "test-command"):
        assert f"readme_command {mark}" in script
    assert script.count("-m pytest") == script.count("-m pytest -m extra")  # not said twice


def test_only_tested_pythons_are_claimed():
    versions = {c.split(" :: ")[-1] for c in PROJECT["project"]["classifiers"] if ":: Python :: 3." in c}
    assert versions == {"3.11"}
    assert PROJECT["project"]["requires-python"] == ">=3.11"


def test_versions_agree():
    assert PROJECT["project"]["dynamic"] == ["version"]  # g2sym/base/version.py is its only place
    version = g2sym.__version__
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text()
    changes = (ROOT / "CHANGELOG.md").read_text()
    assert "## [Unreleased]" in changes or f"## [{version}]" in changes


def test_types_and_data_are_shipped():
    assert (ROOT / "g2sym" / "py.typed").exists()
    assert (ROOT / "g2sym" / "inputs" / "data" / "editions" / "pdg-2024.toml").exists()
    assert (ROOT / "g2sym" / "limits" / "data" / "numbers.toml").exists()
    assert PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"] == {
        "models": "g2sym/_models"
    }
