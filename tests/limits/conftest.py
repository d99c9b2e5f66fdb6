"""Invented tables with the quirks of published ones, and sidecars for them."""

import pytest

HEAD = "schema = 1\n"
ENTRY = {
    "id": '"mine"',
    "file": '"mine.txt"',
    "format": '"points"',
    "mass": '{ unit = "GeV" }',
    "limit": '{ unit = "GeV^-1" }',
    "quantity": '"g_gg"',
    "confidence": '"0.95"',
    "role": '"measured"',
    "reference": '"an example"',
}


def sidecar(**changes):
    """The text of a sidecar with one entry; a key of None is left out."""
    entry = {**ENTRY, **changes}
    lines = [f"{key} = {value}" for key, value in entry.items() if value is not None]
    return "\n".join([HEAD, "[[limit]]", *lines, ""])


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
