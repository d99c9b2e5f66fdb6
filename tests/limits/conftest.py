"""Invented tables with the quirks of published ones, and sidecars for them."""

import pytest

from tests.limits.cases import sidecar


@pytest.fixture
def make(tmp_path):
    """Write a table and its sidecar; return the limit."""
    from g2sym.limits import load

    def made(table, **changes):
        if table is not None:
            data = table if isinstance(table, bytes) else table.encode()
            (tmp_path / "mine.txt").write_bytes(data)
        (tmp_path / "mine.toml").write_text(sidecar(**changes))
        return load(tmp_path / "mine.toml")["mine"]

    return made


@pytest.fixture(autouse=True)
def _no_limits_of_the_user(monkeypatch, tmp_path):
    monkeypatch.delenv("G2SYM_LIMITS", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "nobody"))
