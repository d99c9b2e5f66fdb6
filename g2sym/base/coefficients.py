"""Commuting coefficients: exact rational functions of named real symbols.

A coupling in a Lagrangian, such as ``-g_aff/(2*m_f)`` or ``I*eps*e_em``, is a quotient of two
polynomials with Gaussian-rational coefficients. A square root is kept as a generator ``sqrt(P)`` whose square
is the polynomial P; ``pi``, ``e_em``, ``sin_w`` and ``cos_w`` are ordinary symbols here. Every symbol stands
for a real number, so complex conjugation flips the sign of I and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property

from g2sym.base.classes import dataclass
from g2sym.base.exact import decimal_text
from g2sym.base.meter import TERM, metered, spend
from g2sym.base.roots import NotReal, root_of
from g2sym.base.terms import (
    MAX_POWER,
    MAX_TERMS,
    ONE,
    UNIT,
    Gauss,
    Monomial,
    Terms,
    accumulate,
    add,
    common_monomial,
    is_root,
    multiply,
    normal,
    radicand,
    strip,
    terms_text,
    under,
)
from g2sym.errors import ModelError, shorten

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    import sympy

__all__ = ["MAX_POWER", "MAX_TERMS", "Coefficient", "Gauss", "Monomial"]


@dataclass(frozen=True, eq=False)
class Coefficient:
    """An exact quotient of polynomials in real symbols; immutable, compared by value."""

    numerator: tuple[tuple[Monomial, Gauss], ...]
    denominator: tuple[tuple[Monomial, Gauss], ...]

    # construction -------------------------------------------------------------------------------
    @staticmethod
    def number(re: int | Fraction, im: int | Fraction = 0) -> Coefficient:
        """Return the constant re + I im."""
        return _make({(): (Fraction(re), Fraction(im))}, ONE)

    @staticmethod
    def symbol(name: str) -> Coefficient:
        """Return the real symbol ``name``."""
        return _make({((name, 1),): (Fraction(1), Fraction(0))}, ONE)

    @staticmethod
    def sqrt(value: Coefficient | int | Fraction) -> Coefficient:
        """Return the square root of a real coefficient, which is not negative wherever it has a value.

        Raises ModelError for what is not real, for negative numbers, and for what is too large.
        """
        value = _coerce(value)
        if value.is_zero:
            return value
        top, bottom = dict(value.numerator), dict(value.denominator)
        if any(im for side in (top, bottom) for _, im in side.values()):
            if not value.is_real:
                raise NotReal(f"sqrt({value}) is not real: what stands under a root has to be.")
            top, bottom = _over_real(top, bottom)
        return _make(*root_of(top, bottom))

    @staticmethod
    def under_root(name: str) -> Coefficient:
        """Return what stands under a root, given its name.

        >>> Coefficient.under_root("sqrt(1 - x)")
        Coefficient('1 - x')
        """
        return Coefficient(tuple(sorted(radicand(name).items())), tuple(ONE.items()))

    # arithmetic ---------------------------------------------------------------------------------
    def __add__(self, other: Coefficient | int | Fraction) -> Coefficient:
        other = _coerce(other)
        if self.denominator == other.denominator:
            return _make(add(dict(self.numerator), dict(other.numerator)), dict(self.denominator))
        a, b = dict(self.denominator), dict(other.denominator)
        top = add(multiply(dict(self.numerator), b), multiply(dict(other.numerator), a))
        return _make(top, multiply(a, b))

    def __neg__(self) -> Coefficient:
        return self * -1

    def __sub__(self, other: Coefficient | int | Fraction) -> Coefficient:
        return self + -_coerce(other)

    def __mul__(self, other: Coefficient | int | Fraction) -> Coefficient:
        other = _coerce(other)
        return _make(
            multiply(dict(self.numerator), dict(other.numerator)),
            multiply(dict(self.denominator), dict(other.denominator)),
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Coefficient | int | Fraction) -> Coefficient:
        return _coerce(other) - self

    def __truediv__(self, other: Coefficient | int | Fraction) -> Coefficient:
        other = _coerce(other)
        if not other.numerator:
            raise ModelError("Division by zero in a coefficient; change what it is divided by.")
        return self * _make(dict(other.denominator), dict(other.numerator))

    def __rtruediv__(self, other: Coefficient | int | Fraction) -> Coefficient:
        return _coerce(other) / self

    def __pow__(self, power: int) -> Coefficient:
        if abs(power) > MAX_POWER:
            raise ModelError(f"The power {power} is beyond {MAX_POWER}; lower it.")
        base = self if power >= 0 else Coefficient.number(1) / self
        out = Coefficient.number(1)
        for _ in range(abs(power)):
            out = out * base
        return out

    # questions ----------------------------------------------------------------------------------
    @property
    def is_zero(self) -> bool:
        """True when the coefficient vanishes identically."""
        return not self.numerator

    @cached_property
    def generators(self) -> frozenset[str]:
        """The names of all symbols as they stand, roots such as ``sqrt(1 - x)`` among them."""
        return frozenset(n for side in (self.numerator, self.denominator) for m, _ in side for n, _ in m)

    @cached_property
    def symbols(self) -> frozenset[str]:
        """The names of all plain symbols, those under roots included."""
        return frozenset().union(*(under(n) for n in self.generators))

    @cached_property
    def rooted(self) -> frozenset[str]:
        """The names of the plain symbols that stand under roots."""
        return frozenset().union(*(under(n) for n in self.generators if is_root(n)))

    @property
    def is_real(self) -> bool:
        """True when the coefficient equals its complex conjugate."""
        return self == self.conjugate()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, int | Fraction):
            other = _coerce(other)
        if not isinstance(other, Coefficient):
            return NotImplemented
        if self.denominator == other.denominator:
            return self.numerator == other.numerator
        left = multiply(dict(self.numerator), dict(other.denominator))
        return left == multiply(dict(other.numerator), dict(self.denominator))

    def __hash__(self) -> int:
        # quotients are not reduced to lowest terms, so equal ones may differ in every part
        return hash(self.is_zero)

    # transformations ----------------------------------------------------------------------------
    def conjugate(self) -> Coefficient:
        """Return the complex conjugate (all symbols are real)."""
        flip = [{m: (re, -im) for m, (re, im) in side} for side in (self.numerator, self.denominator)]
        return _make(flip[0], flip[1])

    def real(self) -> Coefficient:
        """Return the real part."""
        return (self + self.conjugate()) * Fraction(1, 2)

    def imag(self) -> Coefficient:
        """Return the imaginary part."""
        return (self - self.conjugate()) * Coefficient.number(0, Fraction(-1, 2))

    def subs(self, values: Mapping[str, Coefficient]) -> Coefficient:
        """Return the coefficient with symbols replaced, all at once, also under roots.

        Raises ModelError for a root that becomes that of a negative number.
        """

        moved = {n: values[n] for n in self.generators if n in values}
        for name in self.generators - moved.keys():
            if is_root(name) and not under(name).isdisjoint(values):
                moved[name] = _moved_root(name, Coefficient.under_root(name).subs(values))
        powers: dict[tuple[str, int], Coefficient] = {}

        def power(name: str, count: int) -> Coefficient:
            key = (name, count)
            if key not in powers:
                powers[key] = moved[name] * power(name, count - 1) if count > 1 else moved[name]
            return powers[key]

        def side(terms: Iterable[tuple[Monomial, Gauss]]) -> Coefficient:
            sums: dict[tuple[tuple[Monomial, Gauss], ...], Terms] = {}  # by denominator
            for monomial, (re, im) in terms:
                kept, size, more = normal({n: p for n, p in monomial if n not in moved})
                own = {kept: (re * size, im * size)}
                term = _make(own if more is None else multiply(own, more), ONE)
                for name, count in monomial:
                    term = term * power(name, count) if name in moved else term
                spend(len(term.numerator))
                total = sums.setdefault(term.denominator, {})
                for part, value in term.numerator:
                    accumulate(total, part, value)
            return sum((_make(top, dict(bottom)) for bottom, top in sums.items()), Coefficient.number(0))

        with metered():
            return side(self.numerator) / side(self.denominator)

    def fold(
        self,
        symbol: Callable[[str], Any],
        number: Callable[[Fraction, Fraction], Any],
        root: Callable[[Any], Any] | None = None,
    ) -> Any:
        """Evaluate in any arithmetic: balls, mpmath, numpy or SymPy.

        Parameters: ``symbol`` maps a name to a value; ``number`` maps a real and an imaginary part to a
        value; ``root`` takes the square root of a value (without it ``symbol`` is asked for ``"sqrt(2)"``
        as well). Returns the value of numerator/denominator.
        """
        roots: dict[str, Any] = {}

        def named(name: str) -> Any:
            if root is None or not is_root(name):
                return symbol(name)
            if name not in roots:
                roots[name] = root(Coefficient.under_root(name).fold(symbol, number, root))
            return roots[name]

        def side(terms: Iterable[tuple[Monomial, Gauss]]) -> Any:
            total: Any = None
            for monomial, (re, im) in terms:
                term = number(re, im)
                for name, power in monomial:
                    term = term * named(name) ** power
                total = term if total is None else total + term
            return number(Fraction(0), Fraction(0)) if total is None else total

        top = side(self.numerator)
        return top if self.denominator == tuple(ONE.items()) else top / side(self.denominator)

    def collect(self, names: Iterable[str]) -> dict[tuple[int, ...], Coefficient]:
        """Split into powers of the named symbols: a polynomial in them, exponents to coefficients.

        Raises ModelError when one of them stands in the denominator or under a root.
        """
        order = tuple(names)
        below = any(n in order for monomial, _ in self.denominator for n, _ in monomial)
        if below or not self.rooted.isdisjoint(order):
            raise ModelError(f"{shorten(self, 200)} is not a polynomial in {', '.join(order)}.")
        parts: dict[tuple[int, ...], Terms] = {}
        for monomial, value in self.numerator:
            powers = dict(monomial)
            key = tuple(powers.get(n, 0) for n in order)
            rest = tuple((n, p) for n, p in monomial if n not in order)
            parts.setdefault(key, {})[rest] = value
        return {key: _make(terms, dict(self.denominator)) for key, terms in parts.items()}

    # printing -----------------------------------------------------------------------------------
    def __str__(self) -> str:
        top = terms_text(self.numerator)
        if self.denominator == tuple(ONE.items()):
            return top
        bottom = terms_text(self.denominator)
        top = f"({top})" if len(self.numerator) > 1 else top
        single = len(self.denominator) == 1 and "*" not in bottom and "/" not in bottom
        return f"{top}/{bottom}" if single else f"{top}/({bottom})"

    def __repr__(self) -> str:
        return f"Coefficient({str(self)!r})"

    def to_sympy(self) -> sympy.Expr:
        """Return the coefficient as a SymPy expression in assumption-free symbols."""
        import sympy

        spend(TERM * (len(self.numerator) + len(self.denominator) - 1))

        def symbol(name: str) -> sympy.Expr:
            if is_root(name):
                return sympy.sqrt(side(radicand(name).items()))
            return sympy.pi if name == "pi" else sympy.Symbol(name)

        def number(value: Fraction) -> sympy.Expr:
            return sympy.Rational(value.numerator, value.denominator)

        def side(terms: Iterable[tuple[Monomial, Gauss]]) -> sympy.Expr:
            # each sum and product made at once: SymPy sorts anew whatever is added to a sum
            products = []
            for monomial, (re, im) in terms:
                size = number(re) + sympy.I * number(im) if im else number(re)
                products.append(sympy.Mul(size, *(symbol(n) ** p for n, p in monomial)))
            return sympy.Add(*products)

        top = side(self.numerator)
        return top if self.denominator == tuple(ONE.items()) else top / side(self.denominator)


def _coerce(value: Coefficient | int | Fraction) -> Coefficient:
    return value if isinstance(value, Coefficient) else Coefficient.number(value)


def _make(top: Terms, bottom: Terms) -> Coefficient:
    """Normalise: drop zeros, cancel common monomials, clear roots of one term below, lead with 1."""
    spend((len(top) + len(bottom)) // 4)
    top = {monomial: value for monomial, value in top.items() if any(value)}
    bottom = {monomial: value for monomial, value in bottom.items() if any(value)}
    if not bottom:
        raise ModelError("Division by zero in a coefficient; change what it is divided by.")
    if not top:
        return Coefficient((), tuple(ONE.items()))
    if bottom == ONE:
        return Coefficient(tuple(sorted(top.items())), tuple(ONE.items()))
    while len(bottom) == 1:  # move sqrt(n) into the numerator, and what its square leaves below
        ((monomial, _),) = bottom.items()
        roots = tuple((n, p) for n, p in monomial if is_root(n) and len(radicand(n)) == 1)
        if not roots:
            break
        clear: Terms = {roots: UNIT}
        top, bottom = multiply(top, clear), multiply(bottom, clear)
    above, below = common_monomial(top), common_monomial(bottom)
    shared = {n: min(p, below[n]) for n, p in above.items() if n in below}
    if shared:
        top, bottom = strip(top, shared), strip(bottom, shared)
    lead_re, lead_im = bottom[min(bottom)]
    if lead_re != 1 or lead_im != 0:
        norm = lead_re * lead_re + lead_im * lead_im
        scale: Terms = {(): (lead_re / norm, -lead_im / norm)}
        top, bottom = multiply(top, scale), multiply(bottom, scale)
    if top == bottom:
        top, bottom = dict(ONE), dict(ONE)
    return Coefficient(tuple(sorted(top.items())), tuple(sorted(bottom.items())))


def _moved_root(name: str, inside: Coefficient) -> Coefficient:
    """Return a root in which symbols were replaced; a negative number is refused by the name it had."""
    if not inside.generators and not inside.is_zero and inside.numerator[0][1][0] < 0:
        value = decimal_text(inside.numerator[0][1][0], 17)
        raise NotReal(
            f"{name} is not real, since {name[5:-1]} is {value}; what stands under a root must not be "
            "negative."
        )
    return Coefficient.sqrt(inside)


def _over_real(top: Terms, bottom: Terms) -> tuple[Terms, Terms]:
    """Write a real quotient of complex polynomials as one of real ones."""
    turned = {monomial: (re, -im) for monomial, (re, im) in bottom.items()}
    above, below = multiply(top, turned), multiply(bottom, turned)
    return above, below
