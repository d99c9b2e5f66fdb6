"""A model and its formulas as plain text, as a LaTeX document and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from g2sym.show.escape import latex
from g2sym.show.formulas import Formulas, Statement
from g2sym.show.tables import table

if TYPE_CHECKING:
    import sympy


def as_text(found: Formulas) -> str:
    """Return the page as plain text."""
    declared = found.model.declaration
    lines = [f"{declared.name}: {declared.title}" if declared.title else declared.name]
    if declared.references:
        lines.append(f"references: {', '.join(declared.references)}")
    lines += ["", "Lagrangian", *(f"  {line}" for line in declared.text.strip().splitlines()), ""]
    rows = [
        (name, str(p.dimension), "" if p.default is None else str(p.default), p.flavour or "")
        for name, p in declared.parameters.items()
    ]
    lines += [table(("parameter", "dimension", "default", "flavour"), rows, "  "), ""]
    lines.append(found.title)
    if found.quotient:
        lines.append(f"  {found.quotient}")
    if not found.parts:
        lines.append("  0: nothing couples to this lepton in a way that contributes.")
    for part in found.parts:
        lines.append(f"  {part.name} (scheme {part.scheme})")
        lines += [f"    diagram: {diagram}" for diagram in part.diagrams]
        for statement in part.statements:
            lines.append(f"    {statement.title}:")
            lines += [f"      {piece}" for piece in _signed([str(piece) for piece in statement.right])]
    if found.definitions:
        lines += ["", "with"]
        lines += [f"  {d.title} = {_sum(d)}" for d in found.definitions]
    lines += ["", *found.announcements] if found.announcements else []
    return "\n".join(lines)


def as_document(found: Formulas) -> dict[str, Any]:
    """Return the page as a JSON-ready document."""
    declared = found.model.declaration
    return {
        **found.record,
        "title": declared.title,
        "references": list(declared.references),
        "lagrangian": declared.text,
        "operators": declared.canonical_text.splitlines(),
        "definitions": {d.title: _sum(d) for d in found.definitions},
        "contributions": [
            {
                "name": part.name,
                "scheme": part.scheme,
                "diagrams": list(part.diagrams),
                "statements": [
                    {"title": s.title, "expression": _sum(s), "latex": _equation(s, found)}
                    for s in part.statements
                ],
            }
            for part in found.parts
        ],
    }


def as_latex(found: Formulas) -> str:
    """Return the page as a LaTeX document that compiles with amsmath alone; titles stand there inert."""
    declared = found.model.declaration
    lines = [
        r"\documentclass{article}",
        r"\usepackage{textcomp,amsmath,amssymb}",
        r"\allowdisplaybreaks",
        r"\begin{document}",
        rf"\section*{{{latex(declared.name)}}}",
    ]
    if declared.title:
        lines += [latex(declared.title), ""]
    if declared.references:
        lines += [latex("References: " + ", ".join(declared.references)), ""]
    lines += [r"\subsection*{Lagrangian}", r"\begin{flushleft}\ttfamily"]
    lines += [rf"{latex(line.strip())}\\" for line in declared.text.strip().splitlines() if line.strip()]
    lines += [r"\end{flushleft}", rf"\subsection*{{{latex(found.heading)}}}"]
    for part in found.parts:
        lines.append(rf"\paragraph{{{latex(f'{part.name}, scheme {part.scheme}')}}}")
        for diagram in part.diagrams:
            lines += [latex(f"Diagram: {diagram}."), ""]
        for statement in part.statements:
            lines += [latex(f"The {statement.title}:"), _display(statement, found)]
    if found.definitions:
        lines += ["with", *(_display(d, found) for d in found.definitions)]
    lines += [latex(sentence) + "\n" for sentence in found.announcements]
    return "\n".join([*lines, r"\end{document}"])


def _display(statement: Statement, found: Formulas) -> str:
    return f"\\begin{{align*}}\n{_equation(statement, found, broken=True)}\n\\end{{align*}}"


def _equation(statement: Statement, found: Formulas, broken: bool = False) -> str:
    """Return one equation; ``broken`` puts each piece of the sum on a line of its own."""
    signed = _signed([_latex(piece, found) for piece in statement.right])
    if broken:
        return statement.left + " &= " + (" \\\\\n&\\quad ".join(signed))
    return f"{statement.left} = {' '.join(signed)}"


def _latex(piece: sympy.Expr, found: Formulas) -> str:
    import sympy

    names = {sympy.Symbol(name): text for name, text in found.symbols.items()}
    names |= {sympy.Symbol("d0"): "d_0", sympy.Symbol("d1"): "d_1"}
    text: str = sympy.latex(piece, symbol_names=names, ln_notation=True)
    return text


def _sum(statement: Statement) -> str:
    return " ".join(_signed([str(piece) for piece in statement.right]))


def _signed(pieces: list[str]) -> list[str]:
    """Put the signs between the pieces of a sum."""
    rest = [f"- {p[1:].lstrip()}" if p.startswith("-") else f"+ {p}" for p in pieces[1:]]
    return [*pieces[:1], *rest] or ["0"]
