"""Running the command line inside the test's own process."""

import json

import pytest

from g2sym.cli import main


class Ran:
    """What a command did: exit ``code``, ``out``, ``err``."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def one_sentence(self):
        """True when stderr is a single line, an error and no traceback."""
        lines = self.err.strip().splitlines()
        return len(lines) == 1 and lines[0].startswith("Error: ") and "Traceback" not in self.err


@pytest.fixture
def g2(capsys, monkeypatch):
    monkeypatch.delenv("G2SYM_TRACEBACK", raising=False)

    def run(*arguments):
        code = main([str(a) for a in arguments])
        return Ran(code, *capsys.readouterr())

    return run
