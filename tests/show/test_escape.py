"""Untrusted text is shown, never interpreted."""

import re
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from g2sym.drawing import escape
from g2sym.drawing.safe_latex import is_safe
from g2sym.drawing.style import styled

TITLE = r"""M\"uller {}%$_^&#~ \input{/etc/passwd} \write18{ls} $x$ <b>'1'</b> `q` -- --- é ß Δ 中 \\"""


def test_latex_leaves_no_command_of_the_text():
    shown = escape.latex(r"\input{x} $ % # & _ ^ ~")
    assert shown == (r"\textbackslash{}input\{x\} \$ \% \# \& \_ \textasciicircum{} \textasciitilde{}")


@given(st.text(max_size=60))
def test_latex_of_any_text_holds_only_our_own_commands(text):
    shown = escape.latex(text)
    assert shown.isascii()
    assert "\n" not in shown
    words = r"text[a-z]+\{\}|ensuremath\{\\[A-Za-z]+\}|ttfamily\\char34|ss\{\}"
    ours = rf"\\(?:{words}|[`'^~\"rvc]\{{[A-Za-z]\}}|[{{}}$&%#_])"
    rest = re.sub(ours, "", shown)
    assert "\\" not in rest
    assert not set("$&%#_^~") & set(rest)


@given(st.text(max_size=60))
def test_html_of_any_text_opens_no_tag(text):
    assert not set("<>\"'\n\x1b") & set(escape.html(text))


def test_html():
    assert escape.html("<b onclick='x'>&") == "&lt;b onclick=&#x27;x&#x27;&gt;&amp;"


@pytest.mark.parametrize(
    "text",
    [r"g_{aff}", r"m_{A'}", r"g_{a\gamma\gamma}", r"\varepsilon", r"\mathrm{Re}\,y", r"\frac{a}{b^2}", "x'"],
)
def test_ordinary_symbols_are_kept(text):
    assert is_safe(text)
    assert escape.formula(text, "name") == text
    with styled():
        assert escape.label(text, "name")[1]


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "g_", "g^{2}^{3}", "g'^2", "}{", "{" * 60 + "}" * 60, "$x$", "a%b", "a#1", "a&b", "a~b",
        r"\input{x}", r"\write18{ls}", r"\def\a{\a\a}", r"\\", r"\hspace{1000cm}", r"\mathrm", r"\frac{a}",
        r"\left(", "é", "a\nb", "x" * 201, r"\csname input\endcsname", "^^5cinput",
    ],
)  # fmt: skip
def test_anything_else_gives_way_to_the_name(text):
    assert not is_safe(text)
    assert escape.formula(text, "g_a") == r"\mathrm{g\_a}"
    assert escape.label(text, "g_a") == ("g_a", False)


@given(st.text(alphabet="ab{}^_'\\ ()12", max_size=30))
def test_whatever_is_accepted_can_be_drawn_or_falls_back(text):
    shown, parse = escape.label(text, "name")
    assert parse == (shown != "name")


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX engine here")
def test_a_hostile_title_compiles_and_does_nothing(tmp_path):
    body = "\n\n".join(escape.latex(t) for t in (TITLE, "".join(map(chr, range(32, 600)))))
    body += f"\n\n${escape.formula(TITLE, 'g_a')}^{{2}}$"
    (tmp_path / "t.tex").write_text(
        "\\documentclass{article}\\usepackage{textcomp,amsmath}\\begin{document}\n"
        + body
        + "\n\\end{document}\n"
    )
    done = subprocess.run(
        ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "t.tex"],
        cwd=tmp_path, capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-1500:]
