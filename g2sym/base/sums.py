"""Sums of coefficient times function: what exact values and formulas have in common.

The coefficients form a field; the functions are linearly independent over it and known by their kind
and arguments. Hence two sums are equal exactly when their difference has no terms left.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, ClassVar, Generic, Protocol, Self, TypeVar

from g2sym.base.classes import dataclass


class Scalar(Protocol):
    """What a coefficient can do: field arithmetic, and say whether it is zero."""

    @property
    def is_zero(self) -> bool:
        """True when the coefficient vanishes identically."""

    def __add__(self, other: Self, /) -> Self: ...
    def __neg__(self) -> Self: ...
    def __mul__(self, other: Self, /) -> Self: ...
    def __truediv__(self, other: Self, /) -> Self: ...


class Number(Protocol):
    """What a sum is evaluated in: balls, floats, SymPy expressions."""

    def __add__(self, other: Self, /) -> Self: ...
    def __mul__(self, other: Self, /) -> Self: ...


S = TypeVar("S", bound=Scalar)
N = TypeVar("N", bound=Number)


@dataclass(frozen=True, eq=False)
class Element(Generic[S]):
    """A function that coefficients multiply; ``kind`` "one" is the function 1."""

    symmetric: ClassVar[str] = ""
    """The kind whose two arguments may be exchanged."""

    kind: str
    arguments: tuple[S, ...] = ()

    @staticmethod
    def _text(argument: S) -> str:
        """Return what equal arguments have in common."""
        return str(argument)

    @cached_property
    def key(self) -> str:
        """The text by which two functions are compared."""
        texts = [self._text(a) for a in self.arguments]
        return f"{self.kind}({', '.join(sorted(texts) if self.kind == self.symmetric else texts)})"

    @property
    def is_one(self) -> bool:
        """True for the function 1."""
        return self.kind == "one"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Element) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def fold(self, of: Callable[[S], N], functions: Mapping[str, Callable[..., N]]) -> N:
        """Evaluate; ``of`` a coefficient, ``functions`` by kind. Not for the function 1."""
        return functions[self.kind](*map(of, self.arguments))


E = TypeVar("E", bound=Element[Any])  # its arguments are coefficients of the sum


@dataclass(frozen=True, eq=False)
class Sum(Generic[E, S]):
    """A sum of coefficient times function, collected and sorted; compared by its normal form."""

    terms: tuple[tuple[E, S], ...] = ()

    @classmethod
    def _normal(cls, coefficient: S) -> S:
        """Return a coefficient in normal form; a field whose elements always are keeps this."""
        return coefficient

    @classmethod
    def of(cls, items: Iterable[tuple[E, S]]) -> Self:
        """Collect terms by function, dropping those that cancel.

        Parameters: ``items``, pairs of function and coefficient in any order. Returns the sum.
        """
        found: dict[E, S] = {}
        for element, c in items:
            # normal form at every step: sums of unreduced quotients grow with every term
            found[element] = cls._normal(found[element] + c if element in found else c)
        kept = [(e, c) for e, c in found.items() if not c.is_zero]
        return cls(tuple(sorted(kept, key=lambda pair: (not pair[0].is_one, str(pair[0])))))

    def __add__(self, other: Self) -> Self:
        return self.of([*self.terms, *other.terms])

    def __neg__(self) -> Self:
        return type(self)(tuple((e, -c) for e, c in self.terms))

    def __sub__(self, other: Self) -> Self:
        return self + -other

    def scale(self, factor: S) -> Self:
        """Multiply by a coefficient."""
        return self.of((e, c * factor) for e, c in self.terms)

    def __eq__(self, other: object) -> bool:
        return (self - other).is_zero if isinstance(other, type(self)) else NotImplemented

    def __hash__(self) -> int:
        return hash(frozenset(e for e, _ in self.terms))

    @property
    def is_zero(self) -> bool:
        """True when every term has cancelled."""
        return not self.terms

    def _fold(self, zero: N, of: Callable[[S], N], functions: Mapping[str, Callable[..., N]]) -> N:
        """Evaluate term by term, starting from ``zero``."""
        total = zero
        for element, c in self.terms:
            term = of(c)
            total = total + (term if element.is_one else term * element.fold(of, functions))
        return total
