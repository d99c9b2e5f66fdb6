"""The documentation runs: every Python block, and every console line that calls g2sym."""

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest

from g2sym.cli import main

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```\s*$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s#]+)(?:#[^)]*)?\)")


def blocks(text):
    """The fenced blocks of a page: language, body, line of the opening fence."""
    for found in FENCE.finditer(text):
        yield found[1], found[2], text.count("\n", 0, found.start()) + 1


def commands(body):
    """The arguments of every line ``$ g2sym ...`` of a console block; a backslash continues a line."""
    for line in body.replace("\\\n", " ").splitlines():
        if line.startswith("$ "):
            words = shlex.split(line[2:], comments=True)
            assert words[0] == "g2sym", f"a console block may only call g2sym: {line}"
            yield words[1:]


def run_command(words):
    """Run a command in this process: starting one for each takes longer than most of them."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = main(words)
    assert code == 0, f"g2sym {shlex.join(words)} exits {code}:\n{said.getvalue()}"


def page(path):
    """A page as a parameter. The figures of the paper take longest; smaller ones are drawn elsewhere."""
    marks = pytest.mark.long if path.name == "figures.md" else ()
    return pytest.param(path, id=str(path.relative_to(ROOT)), marks=marks)


@pytest.mark.parametrize("page", [page(path) for path in PAGES])
def test_the_code_on_the_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "Agg")
    monkeypatch.setenv("COLUMNS", "100")
    namespace = {"__name__": "__main__"}
    for language, body, line in blocks(page.read_text()):
        if language == "python":
            # padded, so that a traceback names the line of the page
            code = compile("\n" * line + body, str(page), "exec")
            with contextlib.redirect_stdout(io.StringIO()):
                exec(code, namespace)
        elif language == "console":
            for words in commands(body):
                run_command(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_links_on_the_page_lead_somewhere(page):
    targets = [t for t in LINK.findall(page.read_text()) if "://" not in t and not t.startswith("mailto:")]
    missing = [t for t in targets if not (page.parent / t).exists()]
    assert not missing


def test_blocks_and_commands_are_found():
    text = "a\n```python\nx = 1\n```\n"
    text += "```console\n$ g2sym eval alp \\\n    --set m_a=1\n1.0e-9\n$ g2sym models\n```\n"
    found = list(blocks(text))
    assert [(language, line) for language, _, line in found] == [("python", 2), ("console", 5)]
    assert list(commands(found[1][1])) == [["eval", "alp", "--set", "m_a=1"], ["models"]]
