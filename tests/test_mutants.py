"""The list of mutants keeps up with the code; planting them all is for `python tools/mutate.py`."""

import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def mutate():
    spec = importlib.util.spec_from_file_location("mutate", ROOT / "tools" / "mutate.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["mutate"] = module  # its dataclass looks itself up there
    spec.loader.exec_module(module)
    yield module
    del sys.modules["mutate"]


def test_every_mutant_still_fits(mutate):
    every = mutate.mutants()
    assert len(every) >= 60
    assert [m.name for m in every if m.occurrences() != 1] == []
    for mutant in every:
        assert mutant.old != mutant.new
        assert all(
            (ROOT / test.split("::")[0]).exists() for test in mutant.tests if test.startswith("tests/")
        )


@pytest.mark.long
def test_a_planted_mistake_is_noticed_and_an_overlooked_one_reported(mutate, tmp_path, monkeypatch, capsys):
    (tmp_path / "g2sym").mkdir()
    (tmp_path / "g2sym" / "__init__.py").write_text("")
    (tmp_path / "g2sym" / "one.py").write_text("def one():\n    return 1\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_one.py").write_text(
        "from g2sym.one import one\n\ndef test_one():\n    assert one() < 3\n"
    )
    rows = "".join(
        f'[[mutant]]\nname = "{name}"\nfile = "g2sym/one.py"\nold = "{old}"\nnew = "{new}"\n'
        'tests = ["tests/test_one.py"]\n'
        for name, old, new in (
            ("seen", "return 1", "return 9"),
            ("missed", "return 1", "return 2"),
            ("gone", "x", "y"),
        )
    )
    (tmp_path / "list.toml").write_text(rows)
    found = mutate.mutants(tmp_path / "list.toml")
    monkeypatch.setattr(mutate, "ROOT", tmp_path)
    monkeypatch.setattr(mutate, "mutants", lambda: found)
    assert mutate.main(["--timeout", "60"]) == 1
    shown = capsys.readouterr().out
    assert "killed     seen" in shown
    assert "SURVIVED   missed" in shown
    assert "STALE      gone" in shown
    assert (tmp_path / "g2sym" / "one.py").read_text() == "def one():\n    return 1\n"
    assert mutate.main(["--only", "seen"]) == 0
    assert mutate.main(["--list"]) == 0
