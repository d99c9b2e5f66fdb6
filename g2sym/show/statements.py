"""What is printed about an observable: statements, grouped by contribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sympy

    from g2sym.base.types import Entries, Record
    from g2sym.model.model import Model


@dataclass(frozen=True)
class Statement:
    """A formula: ``title``; ``left`` side in LaTeX; ``right``, SymPy expressions that add up to it."""

    title: str
    left: str
    right: tuple[sympy.Expr, ...]

    @property
    def pieces(self) -> list[str]:
        """The terms of the right side as plain text, each with its sign."""
        return signed([str(piece) for piece in self.right])

    @property
    def text(self) -> str:
        """The right side as plain text."""
        return " ".join(self.pieces)

    def latex(self, symbols: Mapping[str, str], broken: bool = False) -> str:
        """Return the equation in LaTeX.

        Parameters: ``symbols``, how each symbol is written; ``broken`` puts each term on a line of its own.
        """
        import sympy

        names = {sympy.Symbol(name): text for name, text in symbols.items()}
        names |= {sympy.Symbol("d0"): "d_0", sympy.Symbol("d1"): "d_1"}
        pieces = signed([sympy.latex(p, symbol_names=names, ln_notation=True) for p in self.right])
        if broken:
            return self.left + " &= " + (" \\\\\n&\\quad ".join(pieces))
        return f"{self.left} = {' '.join(pieces)}"


@dataclass(frozen=True)
class Part:
    """One contribution: its ``name``, its ``diagrams`` in words and the statements about it."""

    name: str
    diagrams: tuple[str, ...]
    scheme: str
    statements: tuple[Statement, ...]


@dataclass(frozen=True)
class Formulas:
    """Everything there is to print about an observable of a model.

    Parameters: ``model``; ``title`` of the observable in words; ``quotient``, how the parts make it up, empty
    for a single amplitude; ``definitions`` of the ratios and functions that the parts use;
    ``parts``, one for each contribution; ``symbols``, how each symbol is written in LaTeX;
    ``announcements``, sentences; ``record``, what the moment says about itself.
    """

    model: Model
    title: str
    quotient: str
    definitions: tuple[Statement, ...]
    parts: tuple[Part, ...]
    symbols: Mapping[str, str]
    announcements: tuple[str, ...]
    record: Entries
    latex: str

    @property
    def heading(self) -> str:
        """What the observable is, as a heading."""
        return self.title.replace("Delta a of", "Anomalous moment of")

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        declared = self.model.declaration
        return {
            **self.record,
            "title": declared.title,
            "references": list(declared.references),
            "lagrangian": declared.text,
            "operators": declared.canonical_text.splitlines(),
            "definitions": {one.title: one.text for one in self.definitions},
            "contributions": [
                {
                    "name": part.name,
                    "scheme": part.scheme,
                    "diagrams": list(part.diagrams),
                    "statements": [
                        {"title": s.title, "expression": s.text, "latex": s.latex(self.symbols)}
                        for s in part.statements
                    ],
                }
                for part in self.parts
            ],
        }


def signed(pieces: list[str]) -> list[str]:
    """Put the signs between the pieces of a sum."""
    rest = [f"- {p[1:].lstrip()}" if p.startswith("-") else f"+ {p}" for p in pieces[1:]]
    return [*pieces[:1], *rest] or ["0"]
