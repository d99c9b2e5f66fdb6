"""Commuting coefficients: exact rational functions of named real symbols.

A coupling in a Lagrangian, such as ``-g_aff/(2*m_f)`` or ``I*eps*e_em``, is a quotient of two
polynomials with Gaussian-rational coefficients. ``sqrt(n)`` is kept as a generator whose square is
``n``; ``pi``, ``e_em``, ``sin_w`` and ``cos_w`` are ordinary symbols here. Every symbol stands for a
real number, so complex conjugation flips the sign of I and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from g2sym.base.meter import TERM, ExpansionError, metered, spend
from g2sym.errors import ModelError, shorten

if TYPE_CHECKING:
    import sympy

Monomial = tuple[tuple[str, int], ...]
"""Sorted (symbol, positive power) pairs."""
Gauss = tuple[Fraction, Fraction]
"""Real and imaginary part."""
Terms = dict[Monomial, Gauss]
_UNIT = Fraction(1)

MAX_TERMS = 2000
"""Most terms a coefficient may expand to."""
MAX_POWER = 64
"""Largest power of one symbol."""


def _square(name: str) -> Fraction | None:
    return Fraction(name[5:-1]) if name.startswith("sqrt(") else None


def _times(a: Monomial, b: Monomial) -> tuple[Monomial, Fraction]:
    if not (a and b):
        return a or b, _UNIT
    powers = dict(a)
    for name, power in b:
        powers[name] = powers.get(name, 0) + power
    return _normal(powers)


def _normal(powers: dict[str, int]) -> tuple[Monomial, Fraction]:
    """Return a monomial with what squares of square roots are; the powers are changed in place."""
    factor = _UNIT
    for name in list(powers):
        inside = _square(name)
        if inside is not None and powers[name] > 1:
            factor *= inside ** (powers[name] // 2)
            powers[name] %= 2
        if powers[name] > MAX_POWER:
            raise ModelError(f"The power {powers[name]} of '{name}' is beyond {MAX_POWER}; lower it.")
    return tuple(sorted((n, p) for n, p in powers.items() if p)), factor


def _add(a: Terms, b: Terms) -> Terms:
    out = dict(a)
    for monomial, value in b.items():
        _accumulate(out, monomial, value)
    return out


def _mul(a: Terms, b: Terms) -> Terms:
    out: Terms = {}
    spend(len(a) * len(b))
    if len(a) * len(b) > 16 * MAX_TERMS:
        raise ExpansionError(f"A coefficient expands to more than {MAX_TERMS} terms; split it up.")
    if b == _ONE or a == _ONE:
        return _bounded(a if b == _ONE else b)
    for ma, (ra, ia) in a.items():
        for mb, (rb, ib) in b.items():
            monomial, factor = _times(ma, mb)
            # arithmetic of fractions takes longest: most numbers are real, most factors 1
            value = (ra * rb - ia * ib, ra * ib + ia * rb) if ia or ib else (ra * rb, ia)
            if factor is not _UNIT:
                value = (value[0] * factor, value[1] * factor)
            _accumulate(out, monomial, value)
    return _bounded(out)


def _bounded(terms: Terms) -> Terms:
    if len(terms) > MAX_TERMS:
        raise ExpansionError(f"A coefficient expands to more than {MAX_TERMS} terms; split it up.")
    return terms


def _accumulate(out: Terms, monomial: Monomial, value: Gauss) -> None:
    """Add to one term, in place."""
    if monomial in out:
        r0, i0 = out[monomial]
        value = (r0 + value[0], i0 + value[1] if i0 or value[1] else i0)
    if not any(value):
        out.pop(monomial, None)
    else:
        out[monomial] = value


_ONE: Terms = {(): (Fraction(1), Fraction(0))}


def _common_monomial(terms: Terms) -> dict[str, int]:
    common: dict[str, int] | None = None
    for monomial in terms:
        powers = dict(monomial)
        if common is None:
            common = {n: p for n, p in powers.items() if _square(n) is None}
        else:
            common = {n: min(p, powers[n]) for n, p in common.items() if n in powers}
    return common or {}


def _strip(terms: Terms, common: Mapping[str, int]) -> Terms:
    return {
        tuple((n, p - common.get(n, 0)) for n, p in monomial if p > common.get(n, 0)): value
        for monomial, value in terms.items()
    }


@dataclass(frozen=True, eq=False)
class Coefficient:
    """An exact quotient of polynomials in real symbols; immutable, compared by value."""

    numerator: tuple[tuple[Monomial, Gauss], ...]
    denominator: tuple[tuple[Monomial, Gauss], ...]

    # construction -------------------------------------------------------------------------------
    @staticmethod
    def number(re: int | Fraction, im: int | Fraction = 0) -> Coefficient:
        """Return the constant re + I im."""
        return _make({(): (Fraction(re), Fraction(im))}, _ONE)

    @staticmethod
    def symbol(name: str) -> Coefficient:
        """Return the real symbol ``name``."""
        return _make({((name, 1),): (Fraction(1), Fraction(0))}, _ONE)

    @staticmethod
    def sqrt(value: int | Fraction) -> Coefficient:
        """Return the positive square root of a positive rational number."""
        value = Fraction(value)
        if value <= 0:
            raise ModelError(f"sqrt({value}) is not a positive real number; only those may stand under sqrt.")
        return Coefficient.symbol(f"sqrt({value})")

    # arithmetic ---------------------------------------------------------------------------------
    def __add__(self, other: Coefficient | int | Fraction) -> Coefficient:
        other = _coerce(other)
        if self.denominator == other.denominator:
            return _make(_add(dict(self.numerator), dict(other.numerator)), dict(self.denominator))
        a, b = dict(self.denominator), dict(other.denominator)
        top = _add(_mul(dict(self.numerator), b), _mul(dict(other.numerator), a))
        return _make(top, _mul(a, b))

    def __neg__(self) -> Coefficient:
        return self * -1

    def __sub__(self, other: Coefficient | int | Fraction) -> Coefficient:
        return self + -_coerce(other)

    def __mul__(self, other: Coefficient | int | Fraction) -> Coefficient:
        other = _coerce(other)
        return _make(
            _mul(dict(self.numerator), dict(other.numerator)),
            _mul(dict(self.denominator), dict(other.denominator)),
        )

    __radd__ = __add__
    __rmul__ = __mul__

    def __rsub__(self, other: Coefficient | int | Fraction) -> Coefficient:
        return _coerce(other) - self

    def __truediv__(self, other: Coefficient | int | Fraction) -> Coefficient:
        other = _coerce(other)
        if not other.numerator:
            raise ModelError("Division by zero in a coefficient.")
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
    def symbols(self) -> frozenset[str]:
        """The names of all symbols, ``sqrt(n)`` excluded."""
        both = [*self.numerator, *self.denominator]
        return frozenset(n for monomial, _ in both for n, _ in monomial if _square(n) is None)

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
        left = _mul(dict(self.numerator), dict(other.denominator))
        return left == _mul(dict(other.numerator), dict(self.denominator))

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
        """Return the coefficient with symbols replaced, all at once."""
        powers: dict[tuple[str, int], Coefficient] = {}

        def power(name: str, count: int) -> Coefficient:
            key = (name, count)
            if key not in powers:
                powers[key] = values[name] * power(name, count - 1) if count > 1 else values[name]
            return powers[key]

        def side(terms: Iterable[tuple[Monomial, Gauss]]) -> Coefficient:
            sums: dict[tuple[tuple[Monomial, Gauss], ...], Terms] = {}  # by denominator
            for monomial, (re, im) in terms:
                kept, size = _normal({n: p for n, p in monomial if n not in values})
                term = _make({kept: (re * size, im * size)}, _ONE)
                for name, count in monomial:
                    term = term * power(name, count) if name in values else term
                spend(len(term.numerator))
                total = sums.setdefault(term.denominator, {})
                for part, value in term.numerator:
                    _accumulate(total, part, value)
            return sum((_make(top, dict(bottom)) for bottom, top in sums.items()), Coefficient.number(0))

        with metered():
            return side(self.numerator) / side(self.denominator)

    def fold(self, symbol: Callable[[str], Any], number: Callable[[Fraction, Fraction], Any]) -> Any:
        """Evaluate in any arithmetic: balls, mpmath, numpy or SymPy.

        Parameters: ``symbol`` maps a name (``"sqrt(2)"`` included) to a value; ``number`` maps a
        real and an imaginary part to a value. Returns the value of numerator/denominator.
        """

        def side(terms: Iterable[tuple[Monomial, Gauss]]) -> Any:
            total: Any = None
            for monomial, (re, im) in terms:
                term = number(re, im)
                for name, power in monomial:
                    term = term * symbol(name) ** power
                total = term if total is None else total + term
            return number(Fraction(0), Fraction(0)) if total is None else total

        top = side(self.numerator)
        return top if self.denominator == tuple(_ONE.items()) else top / side(self.denominator)

    def collect(self, names: Iterable[str]) -> dict[tuple[int, ...], Coefficient]:
        """Split into powers of the named symbols: a polynomial in them, exponents to coefficients.

        Raises ModelError when one of them stands in the denominator.
        """
        order = tuple(names)
        if any(n in order for monomial, _ in self.denominator for n, _ in monomial):
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
        top = _terms_text(self.numerator)
        if self.denominator == tuple(_ONE.items()):
            return top
        bottom = _terms_text(self.denominator)
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
            inside = _square(name)
            if inside is not None:
                return sympy.sqrt(sympy.Rational(inside.numerator, inside.denominator))
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
        return top if self.denominator == tuple(_ONE.items()) else top / side(self.denominator)


def _coerce(value: Coefficient | int | Fraction) -> Coefficient:
    return value if isinstance(value, Coefficient) else Coefficient.number(value)


def _make(top: Terms, bottom: Terms) -> Coefficient:
    """Normalise: drop zeros, cancel common monomials, rationalise a one-term denominator, lead with 1."""
    spend((len(top) + len(bottom)) // 4)
    top = {monomial: value for monomial, value in top.items() if any(value)}
    bottom = {monomial: value for monomial, value in bottom.items() if any(value)}
    if not bottom:
        raise ModelError("Division by zero in a coefficient.")
    if not top:
        return Coefficient((), tuple(_ONE.items()))
    if bottom == _ONE:
        return Coefficient(tuple(sorted(top.items())), tuple(_ONE.items()))
    if len(bottom) == 1:  # move sqrt(n) into the numerator
        ((monomial, _),) = bottom.items()
        roots = tuple((n, p) for n, p in monomial if _square(n) is not None)
        if roots:
            clear: Terms = {roots: (Fraction(1), Fraction(0))}
            top, bottom = _mul(top, clear), _mul(bottom, clear)
    above, below = _common_monomial(top), _common_monomial(bottom)
    shared = {n: min(p, below[n]) for n, p in above.items() if n in below}
    if shared:
        top, bottom = _strip(top, shared), _strip(bottom, shared)
    lead_re, lead_im = bottom[min(bottom)]
    if lead_re != 1 or lead_im != 0:
        norm = lead_re * lead_re + lead_im * lead_im
        scale: Terms = {(): (lead_re / norm, -lead_im / norm)}
        top, bottom = _mul(top, scale), _mul(bottom, scale)
    if top == bottom:
        top, bottom = dict(_ONE), dict(_ONE)
    return Coefficient(tuple(sorted(top.items())), tuple(sorted(bottom.items())))


def _terms_text(terms: Iterable[tuple[Monomial, Gauss]]) -> str:
    pieces = []
    for monomial, (re, im) in terms:
        factors = [n if p == 1 else f"{n}^{p}" for n, p in monomial]
        if im == 0:
            sign, size = ("-" if re < 0 else "+"), abs(re)
            if size != 1 or not factors:
                factors.insert(0, str(size))
        elif re == 0:
            sign, size = ("-" if im < 0 else "+"), abs(im)
            factors.insert(0, "I")
            if size != 1:
                factors.insert(0, str(size))
        else:
            sign = "+"
            factors.insert(0, f"({re} {'-' if im < 0 else '+'} {abs(im)}*I)")
        pieces.append((sign, "*".join(factors)))
    if not pieces:
        return "0"
    first = ("-" if pieces[0][0] == "-" else "") + pieces[0][1]
    return first + "".join(f" {sign} {body}" for sign, body in pieces[1:])
