"""The guide to the language: its Python blocks run in order, its model file is a model."""

import contextlib
import io
import re
from pathlib import Path

from g2sym import lagrangian as g2

GUIDE = Path(__file__).parents[2] / "docs" / "language.md"


def blocks(kind):
    return re.findall(rf"^```{kind}\n(.*?)^```$", GUIDE.read_text(encoding="utf-8"), re.M | re.S)


def test_python_blocks_run_and_print_what_the_guide_shows():
    space: dict[str, object] = {}
    printed = []
    for block in blocks("python"):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            exec(compile(block, str(GUIDE), "exec"), space)
        printed.append(out.getvalue())
    assert printed[0] == blocks("text")[0]


def test_the_model_file_of_the_guide_is_a_model():
    (text,) = blocks("toml")
    model = g2.parse_declaration(text.encode(), "guide")
    assert model.parameters["g_sff"].flavour == "mass"
    assert model.masses == ("m_s",)


def test_every_word_of_the_language_is_in_the_guide():
    from g2sym.lagrangian.names import CONSTANTS, FUNCTIONS, KEPT, WORDS

    text = GUIDE.read_text(encoding="utf-8")
    for word in (*FUNCTIONS, *CONSTANTS, *WORDS, *KEPT):
        assert re.search(rf"[`\"]{word}\b", text) or f" {word})" in text, word
