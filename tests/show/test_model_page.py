"""The page of a model: LaTeX that compiles, titles that stay inert, symbols that do not clash."""

import json
import shutil
import subprocess

import pytest

import g2sym
from g2sym.show.formulas import formulas
from g2sym.show.model_page import as_latex, as_text

TITLE = r"\end{document} \input{/etc/passwd} $ %"
HOSTILE = rf"""
schema = 1
name = "m_1"
title = '''{TITLE}'''
references = ['''\write18{{ls}} _^&#''']
lagrangian = "-rho*s*bar(mu)*mu - x1*t*bar(mu)*mu"
[fields.s]
spin = 0
[fields.t]
spin = 0
mass = "m_t0"
[parameters.rho]
dimension = 0
latex = '\input{{x}}'
[parameters.x1]
dimension = 0
latex = 'a^{{b}}'
"""


@pytest.fixture
def hostile(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(HOSTILE)
    return formulas(g2sym.load_model(path), "mu")


def compiles(text, folder):
    (folder / "p.tex").write_text(text)
    done = subprocess.run(
        ["pdflatex", "-no-shell-escape", "-interaction=nonstopmode", "-halt-on-error", "p.tex"],
        cwd=folder, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    return done.returncode == 0 and (folder / "p.pdf").exists()


needs_latex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX engine here")


@needs_latex
@pytest.mark.parametrize("name", ["alp", "scalar", "dark_photon", "axial_vector", "alp_electroweak"])
def test_the_page_of_a_bundled_model_compiles(name, tmp_path):
    assert compiles(as_latex(formulas(g2sym.load_model(name), "mu")), tmp_path)


@needs_latex
def test_the_page_of_a_hostile_model_compiles(hostile, tmp_path):
    assert compiles(as_latex(hostile), tmp_path)


def test_a_hostile_title_is_inert(hostile):
    text = as_latex(hostile)
    assert text.count(r"\end{document}") == 1
    assert r"\input" not in text
    assert r"\write" not in text
    assert r"\textbackslash{}end\{document\}" in text
    assert TITLE in as_text(hostile)


def test_short_symbols_avoid_the_names_of_the_model(hostile):
    titles = [d.title for d in hostile.definitions]
    assert "rho" not in titles
    assert titles[:2] == ["rho_1", "rho_2"]
    used = {
        str(s) for part in hostile.parts for st in part.statements for e in st.right for s in e.free_symbols
    }
    assert {"rho", "rho_1", "rho_2", "x1"} <= used


def test_the_document_is_json(hostile):
    assert json.loads(json.dumps(hostile.as_dict()))["title"] == TITLE


def test_a_lepton_that_nothing_couples_to(tmp_path):
    path = tmp_path / "m.toml"
    path.write_text(HOSTILE)
    assert "nothing couples" in as_text(formulas(g2sym.load_model(path), "e"))
