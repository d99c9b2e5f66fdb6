"""The functions that formulas are made of: logarithms, square roots, T, and products of their powers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from g2sym.base.coefficients import Coefficient
from g2sym.base.factors import logarithms, square_root
from g2sym.base.sums import Element, Number
from g2sym.errors import ModelError
from g2sym.formulas.factoring import factor, reduce

if TYPE_CHECKING:
    import sympy

Arguments = tuple[Coefficient, ...]
N = TypeVar("N", bound=Number)
ONE = Coefficient.number(1)


@dataclass(frozen=True, eq=False)
class Function(Element[Coefficient]):
    """1, ln|a| of an irreducible a, sqrt(a) of a squarefree a, or T(a, b); symbols are positive.

    ``kind`` is "one", "ln", "sqrt" or "T"; "product" for a `Product` of several.
    """

    symmetric = "T"

    @staticmethod
    def _text(argument: Coefficient) -> str:
        return str(reduce(argument))

    @property
    def powers(self) -> tuple[tuple[Function, int], ...]:
        """The single functions it is a product of, with positive powers; none for 1."""
        return () if self.is_one else ((self, 1),)

    @property
    def name(self) -> str:
        """The function as it is printed: an absolute value shows where the sign is open, 1 is empty."""
        if self.is_one:
            return ""
        inside = ", ".join(map(str, self.arguments))
        return f"ln|{inside}|" if self.kind == "ln" and not manifest(self.arguments[0]) else f"{self}"

    def to_sympy(self, functions: Mapping[str, Callable[..., sympy.Expr]]) -> sympy.Expr:
        """Return a SymPy expression; ``functions`` maps "ln", "sqrt" and "T". Not for the function 1."""
        import sympy

        inner = [a.to_sympy() for a in self.arguments]
        if self.kind == "ln" and not manifest(self.arguments[0]):
            inner = [sympy.Abs(inner[0])]
        return functions[self.kind](*inner)

    def __str__(self) -> str:
        return f"{self.kind}({', '.join(map(str, self.arguments))})" if self.arguments else "1"


@dataclass(frozen=True, eq=False)
class Product(Function):
    """A product of powers of functions, from `monomial`; ``arguments`` are those of all factors."""

    factors: tuple[tuple[Function, int], ...] = ()

    @cached_property
    def key(self) -> str:
        """The text by which two functions are compared."""
        return "*".join(sorted(_power(f.key, k) for f, k in self.factors))

    @property
    def powers(self) -> tuple[tuple[Function, int], ...]:
        """The functions it is a product of, with positive powers."""
        return self.factors

    @property
    def name(self) -> str:
        """The product as it is printed."""
        return "*".join(_power(f.name, k) for f, k in self.factors)

    def fold(self, of: Callable[[Coefficient], N], functions: Mapping[str, Callable[..., N]]) -> N:
        """Evaluate; ``of`` a coefficient, ``functions`` by kind."""
        values = [f.fold(of, functions) for f, k in self.factors for _ in range(k)]
        total = values[0]
        for value in values[1:]:
            total = total * value
        return total

    def to_sympy(self, functions: Mapping[str, Callable[..., sympy.Expr]]) -> sympy.Expr:
        """Return a SymPy expression; ``functions`` maps "ln", "sqrt" and "T"."""
        import sympy

        return sympy.Mul(*(f.to_sympy(functions) ** k for f, k in self.factors))

    def __str__(self) -> str:
        return "*".join(_power(str(f), k) for f, k in self.factors)


PLAIN = Function("one")


def _power(text: str, power: int) -> str:
    return text if power == 1 else f"{text}^{power}"


def manifest(c: Coefficient) -> bool:
    """True when a coefficient is positive for positive symbols, by its signs alone."""
    return all(re > 0 and not im for side in (c.numerator, c.denominator) for _, (re, im) in side)


def monomial(powers: Mapping[Function, int]) -> Function:
    """Return the product of powers of single functions; powers 0 are left out.

    >>> two = Function("ln", (Coefficient.number(2),))
    >>> print(monomial({two: 2}))
    ln(2)^2
    """
    kept = tuple(sorted(((f, k) for f, k in powers.items() if k), key=lambda pair: str(pair[0])))
    if not kept:
        return PLAIN
    if len(kept) == 1 and kept[0][1] == 1:
        return kept[0][0]
    return Product("product", tuple(a for f, _ in kept for a in f.arguments), kept)


def log_terms(argument: Coefficient) -> Iterator[tuple[Function, Coefficient]]:
    """Yield the terms of ln|argument|, a logarithm for every prime and irreducible factor.

    Raises ModelError for the argument 0.

    >>> print(*(f"{c}*{f}" for f, c in log_terms(Coefficient.number(12))))
    2*ln(2) 1*ln(3)
    """
    if argument.is_zero:
        raise ModelError("ln(0) is not finite.")
    for base, power in logarithms(*factor(argument), Coefficient.number):
        yield Function("ln", (base,)), Coefficient.number(power)


def root_term(square: Coefficient) -> tuple[Function, Coefficient]:
    """Return sqrt(square) of a positive square as a function with squarefree radicand, and its factor.

    What is taken out of the root has the sign of its factors; symbols are taken positive.

    >>> print(*root_term(Coefficient.number(12)))
    sqrt(3) 2
    """
    if square.is_zero:
        return PLAIN, square
    outer, outside, inner, inside = square_root(*factor(square), ONE)
    inside = inside * inner
    return (PLAIN if inside == 1 else Function("sqrt", (inside,))), outside * outer


def multiply(f: Function, g: Function) -> tuple[Function, Coefficient]:
    """Multiply two functions; square roots are joined.

    Parameters: ``f``, ``g``, single functions or products. Returns the product and a coefficient.

    >>> six = Function("sqrt", (Coefficient.number(6),))
    >>> two = Function("sqrt", (Coefficient.number(2),))
    >>> print(*multiply(six, two))
    sqrt(3) 2
    """
    if f.is_one or g.is_one:
        return (g if f.is_one else f), ONE
    powers = dict(f.powers)
    factor_ = ONE
    for h, k in g.powers:
        if h.kind == "sqrt":
            factor_ = factor_ * _put_root(powers, h)
        else:
            powers[h] = powers.get(h, 0) + k
    return monomial(powers), factor_


def _put_root(powers: dict[Function, int], root: Function) -> Coefficient:
    """Multiply a product by a square root, in place; returns the coefficient that comes out of the roots."""
    for other in [f for f in powers if f.kind == "sqrt"]:
        joined = _joined(other.arguments[0], root.arguments[0])
        if joined is not None:
            del powers[other]
            rest, outside = joined
            return outside if rest.is_one else outside * _put_root(powers, rest)
    powers[root] = 1
    return ONE


def _joined(a: Coefficient, b: Coefficient) -> tuple[Function, Coefficient] | None:
    """Return sqrt(a) sqrt(b) of positive radicands, None where the sign of what comes out is open.

    The root of the square of the common factors is their absolute value. They are positive when that
    shows, and they have the sign of a or b without them, a and b being positive.
    """
    if a == b:
        return PLAIN, a
    split_a, split_b = factor(a)[1], factor(b)[1]
    known = {str(base) for base, _ in split_b}
    common = ONE
    for base, _ in split_a:
        common = common * base if str(base) in known else common
    rest, outside = root_term(a * b)
    if manifest(common):
        return rest, outside
    for left in (reduce(a / common), reduce(b / common)):
        if manifest(left):
            return rest, outside
        if manifest(-left):
            return rest, -outside
    return None
