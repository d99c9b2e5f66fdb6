"""Integrands, closed forms, limits and series as LaTeX that matplotlib's mathtext draws, engine or not."""

import pytest
from matplotlib.mathtext import MathTextParser

import g2sym as g2
from g2sym.show.formulas import formulas

MODELS = ["alp", "dark_photon", "axial_vector"]
MODELS += [pytest.param(name, marks=pytest.mark.long) for name in ("alp_electroweak", "scalar")]


@pytest.mark.parametrize("name", MODELS)
def test_every_formula_is_drawn(name: str) -> None:
    import sympy

    found = formulas(g2.load_model(name), "mu")
    written = {sympy.Symbol(n): text for n, text in found.symbols.items()}
    parser = MathTextParser("path")
    titles = set()
    for part in found.parts:
        for statement in part.statements:
            titles.add(statement.title.split(",")[0])
            for expression in statement.right:
                text = sympy.latex(expression, symbol_names=written, ln_notation=True)
                # mathtext has no \limits, and draws its own small fractions
                parser.parse(f"${text}$".replace(r"\limits", ""))
    assert {"integrand", "closed form", "series", "limit"} <= titles


def test_a_series_says_what_it_leaves_out() -> None:
    found = formulas(g2.load_model("dark_photon"), "mu")
    series = [s for p in found.parts for s in p.statements if s.title.startswith("series")]
    assert [str(s.right[-1]) for s in series] == [
        "O(m_A**2*log(m_A/m_mu)/m_mu**2)",
        "O(m_mu**6*log(m_mu/m_A)/m_A**6)",
    ]


def test_branches_and_the_removable_point_are_printed() -> None:
    from g2sym.show.model_page import as_latex

    text = as_latex(formulas(g2.load_model("axial_vector"), "mu"))
    assert r"\operatorname{acos}" in text
    assert r"\operatorname{acosh}" in text
    assert text.count(r"\text{for}") == 2
