"""What a proof is: a statement, what was found, how it was verified, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, get_args

from g2sym.base.classes import dataclass

if TYPE_CHECKING:
    import sympy

    from g2sym.base.types import Record

Verdict = Literal["proved", "enclosed", "open", "disproved"]
"""``proved``: an exact algebraic identity, or a certified inequality for all values in the stated range;
``enclosed``: rigorous at the stated points; ``open``: not decided; ``disproved``. The later, the worse."""

EXACT = "exact equality of canonical forms"
CERTIFIED = "antiderivative verified as a polynomial identity, Delta > 0 inside the range"
EXPANSION = (
    "exact expansion, logarithms and T verified by their differential equations as polynomial identities; "
    "compared in balls at a random rational point besides"
)
RANGE = "residuals of the verified expansion, bounded in balls over the whole range"


@dataclass(frozen=True)
class Proof:
    """One verified statement.

    ``kind`` is "limit", "series", "identity", "zero", "remainder" or "closed form"; ``statement`` says
    what is claimed and ``result`` what was found, both in words and formulas; ``method`` how it was
    verified; ``verdict`` "proved" (it holds), "enclosed" (rigorously, at the stated points), "open" (not
    decided) or "disproved" (it does not hold);
    ``formula`` makes the result as a SymPy expression, where there is one; ``conditions`` are what the
    result holds under, in words.
    """

    kind: str
    statement: str
    result: str
    method: str
    verdict: Verdict
    formula: Callable[[], Any] | None = None
    conditions: tuple[str, ...] = ()

    @cached_property
    def expression(self) -> sympy.Expr | None:
        """The result as a SymPy expression, or None."""
        return None if self.formula is None else self.formula()

    @property
    def where(self) -> str:
        """The conditions, as they are appended to the result; empty without any."""
        return f", where {' and '.join(self.conditions)}" if self.conditions else ""

    def as_dict(self) -> Record:
        """Return a JSON-ready record, the conditions in the result and on their own."""
        names = ("kind", "statement", "method", "verdict")
        record = {name: getattr(self, name) for name in names}
        return {**record, "result": self.result + self.where, "conditions": list(self.conditions)}


def verdict_of(proofs: Iterable[Proof]) -> Verdict:
    """Return the verdict on several statements together: the worst of them."""
    return max((proof.verdict for proof in proofs), key=get_args(Verdict).index, default="proved")
