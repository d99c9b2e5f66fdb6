"""What limits and series are to a user: exact coefficients, what was left out, and where they hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.coefficients import Coefficient
from g2sym.formulas.formula import Formula
from g2sym.formulas.ratio import Ratio
from g2sym.observables.notices import not_included, not_included_latex
from g2sym.queries.conditions import latex, where
from g2sym.queries.targets import Target

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Asymptotics:
    """The first powers of an observable as a mass goes somewhere.

    ``entries`` holds (exponent of t, power of ln t, coefficient), complete below ``end`` (None: there
    is nothing more), from where on ``end_logs`` is the power of ln t; ``t`` is what is small; ``conditions``
    are positive; ``missing`` names what is not derived. Coefficients are exact.
    """

    target: Target
    t: Coefficient
    entries: tuple[tuple[Fraction, int, Formula | Ratio], ...]
    end: Fraction | None
    conditions: tuple[Coefficient, ...]
    latex: str
    missing: tuple[str, ...] = ()
    end_logs: int = 0

    @property
    def diverges(self) -> bool:
        """True when the observable grows without bound."""
        return any(e < 0 or (e == 0 and j) for e, j, _ in self.entries)

    @property
    def plain_entries(self) -> tuple[tuple[Fraction, int, Formula], ...]:
        """The entries, all of them plain formulas, as those of a single amplitude are."""
        return tuple((e, j, f) for e, j, f in self.entries if isinstance(f, Formula))

    @property
    def limit(self) -> Formula | Ratio:
        """The coefficient of t^0, the limit of a moment that does not diverge."""
        return next((f for e, j, f in self.entries if e == 0 and not j), Formula())

    @property
    def formula(self) -> Formula | Ratio:
        """The truncated series as one formula in the moving mass."""
        total = Ratio.of(Formula())
        for e, j, f in self.entries:
            part = Ratio.of(f) if isinstance(f, Formula) else f
            part = part.scale(self.t ** (e.numerator // e.denominator))
            if e.denominator == 2:
                part = part * Formula.root(self.t)
            for _ in range(j):
                part = part * Formula.log(self.t)
            total = total + part
        plain = total.as_formula()
        return total if plain is None else plain

    def to_sympy(self, arc: Callable[..., Any] | None = None) -> sympy.Expr:
        """Return the truncated series as a SymPy expression, a sum of powers.

        Parameters: ``arc`` writes T of two expressions, by default in its branches.
        """
        import sympy

        t = self.t.to_sympy()
        out = []
        for e, j, f in self.entries:
            power = t ** sympy.Rational(e.numerator, e.denominator)
            out.append(f.to_sympy(arc) * power * sympy.log(t) ** j)
        return sympy.Add(*out)

    def _sympy_(self) -> sympy.Expr:
        return self.to_sympy()

    @property
    def rest(self) -> str:
        """What was left out, for instance ``O((m_a/m_mu)^3)``; empty when nothing was."""
        if self.end is None:
            return ""
        power = self.end if self.end.denominator == 1 else f"({self.end})"
        return f"O(({self.t})^{power}{log_text(self.t, self.end_logs)})"

    def rest_sympy(self) -> sympy.Expr:
        """Return what O(...) is of: a power of t, times one of ln t where the next term has it."""
        import sympy

        assert self.end is not None
        t = self.t.to_sympy()
        power: sympy.Expr = t ** sympy.Rational(self.end.numerator, self.end.denominator)
        return power * sympy.log(t) ** self.end_logs

    def __str__(self) -> str:
        return self.text + where(self.conditions)

    @property
    def text(self) -> str:
        """The truncated series and what was left out, without the conditions."""
        body = str(self.formula)
        return (f"{body} + {self.rest}" if self.rest else body) + not_included(self.missing)

    def _repr_latex_(self) -> str:
        import sympy

        rest = "" if self.end is None else rf" + O\left({sympy.latex(self.rest_sympy())}\right)"
        rest += not_included_latex(self.missing)
        shown = f"{sympy.latex(self.to_sympy())}{rest}{latex(self.conditions)}"
        return f"$\\displaystyle {self.latex} = {shown}$"


@dataclass(frozen=True)
class Limit:
    """The limit of an observable as a mass goes somewhere.

    ``value`` is the exact limit, None when it diverges; ``leading`` the leading behaviour;
    ``sides`` the directions it holds for: "above", "below" or both; none at 0 and infinity, where
    there is only one; ``conditions`` are positive where it holds, for every one of these directions.
    """

    value: Formula | Ratio | None
    leading: Asymptotics
    sides: tuple[str, ...]
    conditions: tuple[Coefficient, ...] = ()

    @property
    def diverges(self) -> bool:
        """True when there is no finite limit."""
        return self.value is None

    @property
    def power(self) -> Fraction:
        """The exponent of t in the leading behaviour."""
        return self.leading.entries[0][0] if self.leading.entries else Fraction(0)

    @property
    def has_logarithm(self) -> bool:
        """True when the leading behaviour carries ln t."""
        return bool(self.leading.entries) and self.leading.entries[0][1] >= 1

    def to_sympy(self) -> sympy.Expr:
        """Return the limit, or the leading behaviour of a divergent one, as a SymPy expression."""
        return self.leading.to_sympy() if self.value is None else self.value.to_sympy()

    def _sympy_(self) -> sympy.Expr:
        return self.to_sympy()

    def __str__(self) -> str:
        return self.text + where(self.conditions)

    @property
    def text(self) -> str:
        """The limit, or how it diverges, without the conditions."""
        sides = f" (from {self.sides[0]})" if len(self.sides) == 1 else ""
        missing = not_included(self.leading.missing)
        if self.value is not None:
            return f"{self.value}{sides}{missing}"
        how = (
            "logarithmically"
            if self.has_logarithm and self.power == 0
            else f"like ({self.leading.t})^{self.power}"
        )
        extra = " times a logarithm" if self.has_logarithm and self.power else ""
        return f"diverges {how}{extra}: {self.leading.formula}{sides}{missing}"

    def _repr_latex_(self) -> str:
        import sympy

        shown = sympy.latex(self.to_sympy()) + latex(self.conditions)
        relation = r"\to" if self.value is not None else r"\sim"
        missing = not_included_latex(self.leading.missing)
        return f"$\\displaystyle {self.leading.latex} {relation} {shown}{missing}$"


def log_text(t: Coefficient, power: int) -> str:
    """Return a power of ln t as a factor, for instance ``*ln(m_a/m_mu)``; empty for none."""
    return {0: "", 1: f"*ln({t})"}.get(power, f"*ln({t})^{power}")
