"""Polynomials in real symbols, over the Gaussian rationals, as dictionaries; roots are symbols with a square.

The symbol ``sqrt(P)``, whose name holds the polynomial P as it is printed, is the root of P >= 0 that is not
negative: its square is P wherever two are multiplied. The work of every expansion may be metered.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType

from g2sym.base.meter import ExpansionError, spend
from g2sym.errors import ModelError

Monomial = tuple[tuple[str, int], ...]
"""Sorted (symbol, positive power) pairs."""
Gauss = tuple[Fraction, Fraction]
"""Real and imaginary part."""
Terms = dict[Monomial, Gauss]
ReadTerms = Mapping[Monomial, Gauss]

MAX_TERMS = 2000
"""Most terms a coefficient may expand to."""
MAX_POWER = 64
"""Largest power of one symbol."""
UNIT: Gauss = (Fraction(1), Fraction(0))
ONE: Terms = {(): UNIT}
_UNIT = Fraction(1)


# roots ------------------------------------------------------------------------------------------
def is_root(name: str) -> bool:
    """True for the name of a root, ``sqrt(...)``.

    >>> is_root("sqrt(G_F)")
    True
    """
    return name.startswith("sqrt(")


@lru_cache(maxsize=4096)
def radicand(name: str) -> ReadTerms:
    """Return the polynomial under a root.

    >>> dict(radicand("sqrt(2)")) == {(): (Fraction(2), Fraction(0))}
    True
    """
    return MappingProxyType(_read(name[5:-1]))


_FACTOR = re.compile(r"([A-Za-z][A-Za-z0-9_]*(?:\[[a-z]+\])?)(?:\^([0-9]+))?|([0-9]+(?:/[0-9]+)?)")


def _read(text: str) -> Terms:
    """Read a real polynomial as `terms_text` writes it."""
    out: Terms = {}
    sign = Fraction(-1 if text.startswith("-") else 1)
    pieces = _cut(text.removeprefix("-"), (" + ", " - "))
    for piece, separator in pieces:
        number = sign
        powers: list[tuple[str, int]] = []
        for factor, _ in _cut(piece, ("*",)):
            if is_root(factor):
                powers.append((factor, 1))
                continue
            found = _FACTOR.fullmatch(factor)
            assert found is not None, factor
            if found[3]:
                number *= Fraction(found[3])
            else:
                powers.append((found[1], int(found[2] or 1)))
        out[tuple(sorted(powers))] = (number, Fraction(0))
        sign = Fraction(-1 if separator == " - " else 1)
    return out


def _cut(text: str, separators: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the pieces between separators outside parentheses, each with the separator after it."""
    depth, start, at = 0, 0, 0
    while at < len(text):
        depth += (text[at] == "(") - (text[at] == ")")
        found = next((s for s in separators if not depth and text.startswith(s, at)), "")
        if found:
            yield text[start:at], found
            start = at = at + len(found)
        else:
            at += 1
    yield text[start:], ""


@lru_cache(maxsize=4096)
def under(name: str) -> frozenset[str]:
    """Return the plain symbols that a symbol stands for: itself, or all those under a root.

    >>> sorted(under("sqrt(1 - x)"))
    ['x']
    """
    if not is_root(name):
        return frozenset((name,))
    return frozenset().union(*(under(n) for monomial in radicand(name) for n, _ in monomial))


def inner_roots(name: str) -> frozenset[str]:
    """Return the roots under a root, at any depth.

    >>> sorted(inner_roots("sqrt(sqrt(2))"))
    ['sqrt(2)']
    """
    own = {n for monomial in radicand(name) for n, _ in monomial if is_root(n)}
    return frozenset(own).union(*(inner_roots(n) for n in own))


# arithmetic -------------------------------------------------------------------------------------
def add(a: ReadTerms, b: ReadTerms) -> Terms:
    """Return a + b without the terms that cancel."""
    out = dict(a)
    for monomial, value in b.items():
        accumulate(out, monomial, value)
    return out


def accumulate(out: Terms, monomial: Monomial, value: Gauss) -> None:
    """Add one term to a polynomial, in place."""
    if monomial in out:
        r0, i0 = out[monomial]
        value = (r0 + value[0], i0 + value[1] if i0 or value[1] else i0)
    if any(value):
        out[monomial] = value
    else:
        out.pop(monomial, None)


def multiply(a: ReadTerms, b: ReadTerms) -> Terms:
    """Return a * b, squares of roots replaced.

    Raises ExpansionError beyond `MAX_TERMS` terms, ModelError beyond `MAX_POWER`.
    """
    out: Terms = {}
    spend(len(a) * len(b))
    if len(a) * len(b) > 16 * MAX_TERMS:
        raise ExpansionError(f"A coefficient expands to more than {MAX_TERMS} terms; split it up.")
    if b == ONE or a == ONE:
        return bounded(dict(a if b == ONE else b))
    for ma, (ra, ia) in a.items():
        for mb, (rb, ib) in b.items():
            # arithmetic of fractions takes longest: most numbers are real, most factors 1
            value = (ra * rb - ia * ib, ra * ib + ia * rb) if ia or ib else (ra * rb, ia)
            if not (ma and mb):
                accumulate(out, ma or mb, value)
                continue
            powers = dict(ma)
            for name, power in mb:
                powers[name] = powers.get(name, 0) + power
            monomial, factor, more = normal(powers)
            if factor is not _UNIT:
                value = (value[0] * factor, value[1] * factor)
            if more is None:
                accumulate(out, monomial, value)
            else:
                for inner, part in multiply({monomial: value}, more).items():
                    accumulate(out, inner, part)
    return bounded(out)


def bounded(terms: Terms) -> Terms:
    """Return a polynomial of at most `MAX_TERMS` terms; raises ExpansionError for a longer one."""
    if len(terms) > MAX_TERMS:
        raise ExpansionError(f"A coefficient expands to more than {MAX_TERMS} terms; split it up.")
    return terms


def normal(powers: dict[str, int]) -> tuple[Monomial, Fraction, Terms | None]:
    """Return a product of symbols with what squares of roots are; the powers are changed in place.

    Returns a monomial, a number and a polynomial (None for 1), whose product it is.
    """
    factor, more = _UNIT, None
    waiting = [name for name, power in powers.items() if power > 1 and is_root(name)]
    while waiting:
        name = waiting.pop()
        half, powers[name] = divmod(powers[name], 2)
        inside = radicand(name)
        if len(inside) > 1:
            more = _power(inside, half) if more is None else multiply(more, _power(inside, half))
            continue
        ((monomial, (size, _)),) = inside.items()
        factor = factor * size**half
        for inner, power in monomial:
            powers[inner] = powers.get(inner, 0) + half * power
            if powers[inner] > 1 and is_root(inner):
                waiting.append(inner)
    for name, power in powers.items():
        if power > MAX_POWER:
            raise ModelError(f"The power {power} of '{name}' is beyond {MAX_POWER}; lower it.")
    return tuple(sorted((n, p) for n, p in powers.items() if p)), factor, more


def _power(a: ReadTerms, power: int) -> Terms:
    out: Terms = {(): UNIT}
    for _ in range(power):
        out = multiply(out, a)
    return out


def common_monomial(terms: ReadTerms) -> dict[str, int]:
    """Return the powers of symbols that divide every term."""
    common: dict[str, int] | None = None
    for monomial in terms:
        powers = dict(monomial)
        if common is None:
            common = powers
        else:
            common = {n: min(p, powers[n]) for n, p in common.items() if n in powers}
    return common or {}


def strip(terms: ReadTerms, common: Mapping[str, int]) -> Terms:
    """Divide every term by a monomial that is common to them."""
    return {
        tuple((n, p - common.get(n, 0)) for n, p in monomial if p > common.get(n, 0)): value
        for monomial, value in terms.items()
    }


# printing ---------------------------------------------------------------------------------------
def terms_text(terms: Iterable[tuple[Monomial, Gauss]]) -> str:
    """Return a polynomial as text, in the order given.

    >>> terms_text([((), (Fraction(1), Fraction(0))), ((("x", 2),), (Fraction(-1, 2), Fraction(0)))])
    '1 - 1/2*x^2'
    """
    pieces = []
    for monomial, (re_, im) in terms:
        factors = [n if p == 1 else f"{n}^{p}" for n, p in monomial]
        if im == 0:
            sign, size = ("-" if re_ < 0 else "+"), abs(re_)
            if size != 1 or not factors:
                factors.insert(0, str(size))
        elif re_ == 0:
            sign, size = ("-" if im < 0 else "+"), abs(im)
            factors.insert(0, "I")
            if size != 1:
                factors.insert(0, str(size))
        else:
            sign = "+"
            factors.insert(0, f"({re_} {'-' if im < 0 else '+'} {abs(im)}*I)")
        pieces.append((sign, "*".join(factors)))
    if not pieces:
        return "0"
    first = ("-" if pieces[0][0] == "-" else "") + pieces[0][1]
    return first + "".join(f" {sign} {body}" for sign, body in pieces[1:])
