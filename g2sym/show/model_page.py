"""A model and its formulas as plain text and as a LaTeX document."""

from __future__ import annotations

from g2sym.drawing.escape import latex
from g2sym.drawing.tables import table
from g2sym.observables.flavours import flavour_lines
from g2sym.show.statements import Formulas, Statement


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
    lines += flavour_lines(found.record)
    lines.append(found.title)
    if found.quotient:
        lines.append(f"  {found.quotient}")
    if not found.parts:
        lines.append(f"  {_nothing(found)}")
    for part in found.parts:
        lines.append(f"  {part.name} (scheme {part.scheme})")
        lines += [f"    diagram: {diagram}" for diagram in part.diagrams]
        for statement in part.statements:
            lines.append(f"    {statement.title}:")
            lines += [f"      {piece}" for piece in statement.pieces]
    if found.definitions:
        lines += ["", "with"]
        lines += [f"  {d.title} = {d.text}" for d in found.definitions]
    lines += ["", *found.announcements] if found.announcements else []
    return "\n".join(lines)


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
    lines += [rf"{latex(line)}\\" for line in flavour_lines(found.record)]
    lines += [r"\end{flushleft}", rf"\subsection*{{{latex(found.heading)}}}"]
    if not found.parts:
        lines += [latex(_nothing(found)), ""]
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


def _nothing(found: Formulas) -> str:
    """Say why there is no formula."""
    if found.record.get("missing"):
        return "Nothing of it is derived; see below for what is not included."
    return "0: nothing couples to this lepton in a way that contributes."


def _display(statement: Statement, found: Formulas) -> str:
    return f"\\begin{{align*}}\n{statement.latex(found.symbols, broken=True)}\n\\end{{align*}}"
