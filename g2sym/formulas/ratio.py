"""Quotients of formulas, in lowest terms: what limits and series of a quotient of observables are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from g2sym.base.coefficients import Coefficient, Monomial
from g2sym.base.sums import Number
from g2sym.errors import ModelError
from g2sym.formulas.factoring import factor, lowest
from g2sym.formulas.formula import Formula
from g2sym.formulas.functions import Function, monomial

if TYPE_CHECKING:
    import sympy


class Divisible(Number, Protocol):
    """What a quotient is evaluated in."""

    def __truediv__(self, other: Self, /) -> Self: ...


N = TypeVar("N", bound=Divisible)
UNIT = Formula.plain(1)


@dataclass(frozen=True, eq=False)
class Ratio:
    """A quotient of two formulas; `Ratio.of` cancels what they have in common.

    Equality is decided by cross multiplication. Square roots in a sum of the denominator stay there.
    """

    top: Formula
    bottom: Formula = UNIT

    # construction -------------------------------------------------------------------------------
    @classmethod
    def of(cls, top: Formula, bottom: Formula = UNIT) -> Ratio:
        """Return top/bottom in lowest terms, as polynomials in symbols and functions.

        Parameters: ``top``, ``bottom``, with real coefficients. A denominator without functions, or of a
        square root alone, goes into the numerator. Raises ModelError for the denominator 0.

        >>> two, three = (Formula.log(Coefficient.number(n)) for n in (2, 3))
        >>> print(Ratio.of(two.times(two), two.times(three)))
        ln(2)/ln(3)
        """
        if bottom.is_zero:
            raise ModelError("Division by zero in a quotient of formulas.")
        if bottom == UNIT or top.is_zero:
            return cls(top)
        top, bottom = _lowest(top, bottom)
        if roots := _common_roots(bottom):
            for root in roots:
                top, bottom = top.times(root), bottom.times(root)
            top, bottom = _lowest(top, bottom)
        if len(bottom.terms) == 1 and bottom.terms[0][0].is_one:
            return cls(top.scale(Coefficient.number(1) / bottom.terms[0][1]))
        return cls(top, bottom)

    # arithmetic ---------------------------------------------------------------------------------
    def __add__(self, other: Ratio | Formula) -> Ratio:
        other = _ratio(other)
        if self.bottom == other.bottom:
            return Ratio.of(self.top + other.top, self.bottom)
        top = self.top.times(other.bottom) + other.top.times(self.bottom)
        return Ratio.of(top, self.bottom.times(other.bottom))

    def __neg__(self) -> Ratio:
        return Ratio(-self.top, self.bottom)

    def __sub__(self, other: Ratio | Formula) -> Ratio:
        return self + -other

    def __mul__(self, other: Ratio | Formula) -> Ratio:
        other = _ratio(other)
        return Ratio.of(self.top.times(other.top), self.bottom.times(other.bottom))

    def __truediv__(self, other: Ratio | Formula) -> Ratio:
        other = _ratio(other)
        return Ratio.of(self.top.times(other.bottom), self.bottom.times(other.top))

    def scale(self, factor: Coefficient) -> Ratio:
        """Multiply by a coefficient."""
        return Ratio.of(self.top.scale(factor), self.bottom)

    def subs(self, values: Mapping[str, Coefficient]) -> Ratio:
        """Replace symbols by coefficients; raises ModelError when the denominator vanishes there."""
        return Ratio.of(self.top.subs(values), self.bottom.subs(values))

    # questions ----------------------------------------------------------------------------------
    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Ratio):
            return NotImplemented
        return self.top.times(other.bottom) == other.top.times(self.bottom)

    def __hash__(self) -> int:
        # equal quotients may differ in both parts where square roots hide a common factor
        return hash(self.is_zero)

    @property
    def is_zero(self) -> bool:
        """True when the numerator vanishes identically."""
        return self.top.is_zero

    @property
    def symbols(self) -> frozenset[str]:
        """The names of all symbols."""
        return self.top.symbols | self.bottom.symbols

    def as_formula(self) -> Formula | None:
        """Return the same as a formula, None for a true quotient.

        >>> Ratio.of(Formula.plain(1), Formula.log(Coefficient.number(2))).as_formula() is None
        True
        """
        lowest = Ratio.of(self.top, self.bottom)
        return lowest.top if lowest.bottom == UNIT else None

    def fold(
        self,
        symbol: Callable[[str], N],
        number: Callable[[Fraction, Fraction], N],
        functions: Mapping[str, Callable[..., N]],
    ) -> N:
        """Evaluate in any arithmetic; parameters as for `Formula.fold`."""
        top = self.top.fold(symbol, number, functions)
        return top if self.bottom == UNIT else top / self.bottom.fold(symbol, number, functions)

    # printing -----------------------------------------------------------------------------------
    def __str__(self) -> str:
        top, bottom = str(self.top), str(self.bottom)
        if self.bottom == UNIT:
            return top
        top = f"({top})" if " " in top else top
        return f"{top}/({bottom})" if any(sign in bottom for sign in " */-") else f"{top}/{bottom}"

    def to_sympy(self, arc: Callable[..., sympy.Expr] | None = None) -> sympy.Expr:
        """Return the quotient as a SymPy expression in assumption-free symbols.

        Parameters: ``arc`` writes T of two expressions, by default in its branches.
        """
        return self.top.to_sympy(arc) / self.bottom.to_sympy(arc)


def _ratio(value: Ratio | Formula) -> Ratio:
    return value if isinstance(value, Ratio) else Ratio(value)


def _common_roots(formula: Formula) -> list[Formula]:
    """Return the square roots that every term holds."""
    shared = [{f for f, _ in element.powers if f.kind == "sqrt"} for element, _ in formula.terms]
    common = sorted(set.intersection(*shared), key=str)
    return [Formula.of([(f, Coefficient.number(1))]) for f in common]


def _lowest(top: Formula, bottom: Formula) -> tuple[Formula, Formula]:
    """Cancel the greatest common divisor, functions taken as further symbols.

    Both get polynomial coefficients; those of the denominator are coprime integers, the first of its
    terms positive as it is printed.
    """
    names: dict[Function, str] = {}
    parts = lowest(_named(top, names), _named(bottom, names))
    functions = {name: f for f, name in names.items()}
    above, below = (
        Formula.of((monomial({functions[n]: k for n, k in powers}), c) for powers, c in side.items())
        for side in parts
    )
    return (-above, -below) if factor(below.terms[0][1])[0] < 0 else (above, below)


def _named(formula: Formula, names: dict[Function, str]) -> dict[Monomial, Coefficient]:
    """Write functions as symbols; ``#`` starts no name of a parameter."""
    out: dict[Monomial, Coefficient] = {}
    for element, c in formula.terms:
        powers = [(names.setdefault(f, f"#{len(names)}"), k) for f, k in element.powers]
        out[tuple(sorted(powers))] = c
    return out
