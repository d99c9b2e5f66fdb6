"""What a figure shows, as a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from g2sym.constraints import Bound
from g2sym.lagrangian import load_declaration
from g2sym.show.figures import FIGURES

if TYPE_CHECKING:
    from g2sym.base.types import Record


class Drawn(Protocol):
    """A curve or a panel: it rests on a bound and has a record."""

    @property
    def bound(self) -> Bound:
        """The bound that is drawn; in a panel with several, the muon's."""

    def as_dict(self) -> Record:
        """Return a JSON-ready record."""


@dataclass(frozen=True)
class FigureResult:
    """The curves or panels of a figure of arXiv:2506.17750, by its ``number`` there."""

    number: int
    curves: Sequence[Drawn]

    @property
    def title(self) -> str:
        """One line of what the figure shows."""
        return FIGURES[self.number][1]

    @property
    def sentences(self) -> tuple[str, ...]:
        """What to say about bounds that allow nothing, each once."""
        return tuple(dict.fromkeys(c.bound.sentence for c in self.curves if c.bound.sentence))

    def as_dict(self) -> Record:
        """Return a JSON-ready record: the curves with everything they rest on, and units."""
        return {
            "figure": self.number,
            "title": self.title,
            "source": "arXiv:2506.17750",
            "curves": [curve.as_dict() for curve in self.curves],
            "conventions": self.curves[0].bound.conventions,
            "edition": self.curves[0].bound.edition,
            "inputs": self.curves[0].bound.inputs,
            "units": units(),
        }


def units() -> dict[str, str]:
    """Return the unit of every mass and coupling of the models that figures are drawn of."""
    out: dict[str, str] = {}
    for model in dict.fromkeys(name for _, _, models in FIGURES.values() for name in models):
        declared = load_declaration(model)
        symbols = {s for operator in declared.operators for s in operator.coefficient.symbols}
        out |= {n: unit for n, unit in declared.units.items() if n in symbols or n in declared.masses}
    return out
