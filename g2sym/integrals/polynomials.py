"""Polynomials with rational coefficients, each in the ring of the generators it needs.

A generator is a Feynman parameter (x, y) or a mass slot of an integral. No list of slots is fixed
anywhere: two polynomials over different generators are joined in the ring of both. flint does the
arithmetic; its rings are made on demand and shared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Rational = Any  # flint.fmpq: its stubs know neither its numerator p nor its denominator q
    Scalar = int | Rational

PARAMETERS = ("x", "y")
"""The Feynman parameters."""
WRITTEN = (*PARAMETERS, "rho", "nu", "zeta", "lam")
"""The order in which generators are written; others follow by name. It decides which of two equal quotients
is the one in normal form, and nothing else."""


def _place(name: str) -> tuple[int, str]:
    return (WRITTEN.index(name) if name in WRITTEN else len(WRITTEN), name)


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return names of generators in the order they are written."""
    return tuple(sorted(names, key=_place))


@lru_cache(maxsize=256)
def _context(names: frozenset[str]) -> Any:
    """Return flint's context for a set of generators, in the order they are written."""
    from flint import Ordering, fmpq_mpoly_ctx

    return fmpq_mpoly_ctx.get(in_order(names), Ordering.lex)


@lru_cache(maxsize=1024)
def _joined(a: Any, b: Any) -> Any:
    return _context(frozenset(a.names()) | frozenset(b.names()))


@lru_cache(maxsize=1024)
def _places(inner: Any, outer: Any) -> tuple[int, ...]:
    names = outer.names()
    return tuple(names.index(name) for name in inner.names())


def _lift(raw: Any, context: Any) -> Any:
    own = raw.context()
    if own is context:
        return raw
    places, size = _places(own, context), context.nvars()
    out = {}
    for powers, value in raw.to_dict().items():
        key = [0] * size
        for place, power in zip(places, powers, strict=True):
            key[place] = power
        out[tuple(key)] = value
    return context.from_dict(out)


class Poly:
    """A polynomial; immutable, compared by value.

    ``raw`` is flint's polynomial. Arithmetic takes polynomials over any generators, integers and flint
    rationals; ``/`` is exact division and raises ArithmeticError (flint's) where a remainder is left.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    # the ring ------------------------------------------------------------------------------------
    @property
    def names(self) -> tuple[str, ...]:
        """The generators of the ring it lives in, as they are written; not all need occur."""
        return tuple(self.raw.context().names())

    @property
    def generators(self) -> frozenset[str]:
        """The generators that occur."""
        names = self.names
        return frozenset(names[i] for powers in self.raw.to_dict() for i, p in enumerate(powers) if p)

    def to_dict(self) -> dict[tuple[int, ...], Rational]:
        """Return the coefficients by powers of `names`."""
        found: dict[tuple[int, ...], Rational] = self.raw.to_dict()
        return found

    def terms(self) -> Iterator[tuple[dict[str, int], Rational]]:
        """Yield each monomial, generator to positive power, with its coefficient."""
        names = self.names
        for powers, value in self.raw.to_dict().items():
            yield {n: int(p) for n, p in zip(names, powers, strict=True) if p}, value

    def __reduce__(self) -> tuple[Callable[..., Poly], tuple[Any, ...]]:
        """Return what it is made of, in plain integers: flint's polynomials are not pickled."""
        terms = tuple((powers, int(c.p), int(c.q)) for powers, c in self.raw.to_dict().items())
        return _restored, (tuple(self.raw.context().names()), terms)

    def _pair(self, other: Poly | Scalar) -> tuple[Any, Any]:
        if not isinstance(other, Poly):
            return self.raw, other
        a, b = self.raw, other.raw
        left, right = a.context(), b.context()
        if left is right:
            return a, b
        whole = _joined(left, right)
        return _lift(a, whole), _lift(b, whole)

    # arithmetic ----------------------------------------------------------------------------------
    def __add__(self, other: Poly | Scalar) -> Poly:
        a, b = self._pair(other)
        return Poly(a + b)

    __radd__ = __add__

    def __sub__(self, other: Poly | Scalar) -> Poly:
        a, b = self._pair(other)
        return Poly(a - b)

    def __rsub__(self, other: Scalar) -> Poly:
        return Poly(other - self.raw)

    def __mul__(self, other: Poly | Scalar) -> Poly:
        a, b = self._pair(other)
        return Poly(a * b)

    __rmul__ = __mul__

    def __neg__(self) -> Poly:
        return Poly(-self.raw)

    def __truediv__(self, other: Poly | Scalar) -> Poly:
        a, b = self._pair(other)
        return Poly(a / b)

    def __divmod__(self, other: Poly) -> tuple[Poly, Poly]:
        a, b = self._pair(other)
        quotient, rest = divmod(a, b)
        return Poly(quotient), Poly(rest)

    def __pow__(self, power: int) -> Poly:
        return Poly(self.raw**power)

    def gcd(self, other: Poly) -> Poly:
        """Return the greatest common divisor, with leading coefficient 1."""
        a, b = self._pair(other)
        return Poly(a.gcd(b))

    def derivative(self, name: str) -> Poly:
        """Return the derivative with respect to one generator."""
        return Poly(self.raw.derivative(name)) if name in self.names else Poly(0 * self.raw)

    def integral(self, name: str) -> Poly:
        """Return the primitive in one generator that vanishes at zero."""
        return Poly(_lift(self.raw, _joined(self.raw.context(), _context(frozenset((name,))))).integral(name))

    def substitute(self, values: Mapping[str, Poly]) -> Poly:
        """Replace generators by polynomials, all at once."""
        names = self.names
        used = {n: v for n, v in values.items() if n in names}
        if not used:
            return self
        context = self.raw.context()
        for value in used.values():
            if value.raw.context() is not context:
                context = _joined(context, value.raw.context())
        inner = (used[n].raw if n in used else gen(n).raw for n in names)
        return Poly(self.raw.compose(*(_lift(raw, context) for raw in inner), ctx=context))

    def by_powers(self, name: str) -> dict[int, Poly]:
        """Return the coefficients by powers of one generator."""
        if name not in self.names:
            return {0: self} if self != 0 else {}
        place = self.names.index(name)
        parts: dict[int, dict[tuple[int, ...], Any]] = {}
        for powers, value in self.raw.to_dict().items():
            rest = (*powers[:place], 0, *powers[place + 1 :])
            parts.setdefault(int(powers[place]), {})[rest] = value
        context = self.raw.context()
        return {power: Poly(context.from_dict(found)) for power, found in parts.items()}

    def factor(self) -> tuple[Rational, list[tuple[Poly, int]]]:
        """Return a rational number and the irreducible factors with their powers."""
        content, parts = self.raw.factor()
        return content, [(Poly(base), int(power)) for base, power in parts]

    def leading_coefficient(self) -> Rational:
        """Return the coefficient of the first monomial, as they are written."""
        return self.raw.leading_coefficient()

    def fold(self, value: Callable[[str], Any], number: Callable[[Any], Any]) -> Any:
        """Evaluate in any arithmetic.

        Parameters: ``value`` maps a generator's name to its value, ``number`` maps a flint rational.
        """
        total: Any = None
        for monomial, factor in self.terms():
            term = number(factor)
            for name, power in monomial.items():
                term = term * value(name) ** power
            total = term if total is None else total + term
        return number(0) if total is None else total

    # questions -----------------------------------------------------------------------------------
    def is_constant(self) -> bool:
        """True when no generator occurs."""
        return bool(self.raw.is_constant())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Poly):
            a, b = self._pair(other)
            return bool(a == b)
        return bool(self.raw == other)

    def __hash__(self) -> int:
        return hash(str(self.raw))

    def __str__(self) -> str:
        return str(self.raw)

    def __repr__(self) -> str:
        return f"Poly({self.raw})"


@lru_cache(maxsize=256)
def _restored(names: tuple[str, ...], terms: tuple[tuple[tuple[int, ...], int, int], ...]) -> Poly:
    from flint import fmpq

    return Poly(_context(frozenset(names)).from_dict({powers: fmpq(p, q) for powers, p, q in terms}))


def gen(name: str) -> Poly:
    """Return a generator: a Feynman parameter or a mass slot."""
    return Poly(_context(frozenset((name,))).gens()[0])


def constant(value: int | Fraction) -> Poly:
    """Return a number as a polynomial."""
    from flint import fmpq

    value = Fraction(value)
    return Poly(_context(frozenset(PARAMETERS)).constant(fmpq(value.numerator, value.denominator)))


def from_terms(terms: Mapping[tuple[int, ...], Scalar], names: tuple[str, ...]) -> Poly:
    """Build a polynomial from exponents of the named generators."""
    context = _context(frozenset(names))
    places = [context.names().index(n) for n in names]
    out = {}
    for powers, value in terms.items():
        key = [0] * len(places)
        for place, power in zip(places, powers, strict=True):
            key[place] = power
        out[tuple(key)] = value
    return Poly(context.from_dict(out))
