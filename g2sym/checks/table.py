"""The table of verified statements, for people, for notebooks and as data."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from g2sym.errors import CheckFailed
from g2sym.observables.notices import not_included
from g2sym.proofs.verdict import Proof, Verdict, verdict_of

if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record


@dataclass(frozen=True)
class Row:
    """One verified statement about one lepton; ``contribution`` names the part it is about."""

    lepton: str
    contribution: str
    proof: Proof

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        return {"lepton": self.lepton, "contribution": self.contribution, **self.proof.as_dict()}


@dataclass(frozen=True)
class CheckTable:
    """Every statement about a model, verified; made by `g2sym.check`.

    ``record`` says what the statements rest on: conventions, inputs and announcements.
    """

    model: str
    leptons: tuple[str, ...]
    rows: tuple[Row, ...]
    record: Entries = field(default_factory=dict, repr=False, compare=False)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def verdict(self) -> Verdict:
        """The worst verdict: "disproved", "open", "enclosed" or "proved"; with nothing stated, it is open."""
        return verdict_of(row.proof for row in self.rows) if self.rows else "open"

    @property
    def failed(self) -> tuple[Row, ...]:
        """The statements that were disproved."""
        return self._of("disproved")

    @property
    def open(self) -> tuple[Row, ...]:
        """The statements that were not decided."""
        return self._of("open")

    @property
    def enclosed(self) -> tuple[Row, ...]:
        """The statements that hold rigorously at the stated points, and are not proved beyond."""
        return self._of("enclosed")

    def _of(self, verdict: Verdict) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.proof.verdict == verdict)

    @property
    def exit_code(self) -> int:
        """0, or 5 when a statement was disproved."""
        return CheckFailed.exit_code if self.failed else 0

    @property
    def missing(self) -> tuple[str, ...]:
        """What is not derived and therefore in none of the statements."""
        return tuple(self.record.get("missing", ()))

    @property
    def summary(self) -> str:
        """One sentence that counts the verdicts."""
        kinds = {"proved": self._of("proved"), "enclosed": self.enclosed}
        kinds |= {"disproved": self.failed, "open": self.open}
        return ", ".join(f"{len(rows)} {word}" for word, rows in kinds.items())

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""
        return {
            **self.record,
            "model": self.model,
            "leptons": list(self.leptons),
            "verdict": self.verdict,
            "summary": self.summary,
            "statements": [row.as_dict() for row in self.rows],
        }

    def __str__(self) -> str:
        lines = [f"{self.model}: {self.summary}", *(f"Not included: {one}." for one in self.missing)]
        for row in self.rows:
            p = row.proof
            lines.append(
                f"{row.lepton:>4}  {row.contribution}  {p.statement}: {p.result}{p.where} "
                f"[{p.verdict}: {p.method}]"
            )
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        heads = ("lepton", "contribution", "statement", "result", "method", "verdict")
        head = "".join(f"<th>{name}</th>" for name in heads)
        body = []
        for row in self.rows:
            record = row.as_dict()
            body.append("".join(f"<td>{html.escape(record[name])}</td>" for name in heads))
        rows = "".join(f"<tr>{cells}</tr>" for cells in body)
        title = html.escape(f"{self.model}: {self.summary}{not_included(self.missing)}")
        return f"<table><caption>{title}</caption><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"

    def _repr_latex_(self) -> str:
        import sympy

        lines = []
        for row in self.rows:
            expression = row.proof.expression
            result = _inert(row.proof.result) if expression is None else sympy.latex(expression)
            result += _inert(row.proof.where) if row.proof.where else ""
            lines.append(rf"{_inert(row.proof.statement)} & {result} & {_inert(row.proof.verdict)}")
        lines += [rf"{_inert('not included')} & {_inert(one)} &" for one in self.missing]
        return "$\\begin{array}{lll}" + " \\\\ ".join(lines) + "\\end{array}$"


_SPECIAL = {c: rf"\{c}" for c in "{}$&%#_"} | {"\\": r"\backslash ", "^": r"\hat{\ }", "~": r"\sim "}


def _inert(text: str) -> str:
    """Return a text that mathematics mode prints as it stands."""
    return r"\text{" + "".join(_SPECIAL.get(c, c) if c.isprintable() else " " for c in text) + "}"
