"""Square roots of quotients of polynomials, taken apart into roots whose squares are as simple as can be.

sqrt(c) of c >= 0 is written as a quotient of polynomials in symbols and in roots sqrt(P): of a prime, of a
symbol that is positive whatever its value (`POSITIVE`), and of one polynomial without squares for the rest,
whose factors may have any sign. The absolute value of a factor of open sign is the root of its square.
Nothing is taken out of a root that could change its sign.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from g2sym.base.exact import decimal_text
from g2sym.base.terms import (
    UNIT,
    ReadTerms,
    Terms,
    is_root,
    multiply,
    radicand,
    terms_text,
)
from g2sym.errors import ModelError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import fmpq_mpoly

POSITIVE = frozenset(
    [
        "pi",
        "e_em",
        "sin_w",
        "cos_w",
        "G_F",
        "m_e",
        "m_mu",
        "m_tau",
        "m_f",
        "m_nu_e",
        "m_nu_mu",
        "m_nu_tau",
        "m_Z",
        "m_W",
    ]
)
"""Symbols of every model that are never negative; any other may be."""
MAX_INSIDE = 20
"""Most terms of numerator and denominator under a root."""
MAX_DEGREE = 8
"""Largest power of a symbol under a root."""
MAX_NESTED = 4
"""Most roots that stand under each other."""
TRIAL = 10_000
"""Primes up to here are found: every number below its square is taken apart completely."""


class NotReal(ModelError):
    """What stands under a root is negative, or not real."""


Factors = list[tuple[Terms, int]]
"""Irreducible polynomials with coprime integer coefficients, and their powers."""


def root_of(top: ReadTerms, bottom: ReadTerms) -> tuple[Terms, Terms]:
    """Return the root of top/bottom, both real and not zero, as numerator and denominator.

    Raises ModelError for a negative number and for what is too large to be taken apart.

    >>> top, bottom = root_of({(("G_F", 1),): (Fraction(8), Fraction(0))}, {(): UNIT})
    >>> print(terms_text(top.items()))
    2*sqrt(2)*sqrt(G_F)
    """
    _check_size(top, bottom)
    unit, factors = _factors(top, bottom)
    above, below = _number(abs(unit))
    inside: Terms = {(): (Fraction(1 if unit > 0 else -1), Fraction(0))}
    open_ones: Factors = []  # factors of open sign under the one root that is left
    wholes: Factors = []
    for base, power in factors:
        half, odd = divmod(power, 2)
        if half:
            wholes.append((base, half))
        if not odd:
            continue
        name = _symbol(base)
        if name is not None and (name in POSITIVE or is_root(name)):
            above = multiply(above, _generator(base))
        else:
            inside = multiply(inside, base)
            if not is_positive(base):
                open_ones.append((base, 1))
    if set(inside) == {()}:
        if inside[()][0] < 0:
            raise NotReal(
                f"sqrt({_quotient(top, bottom)}) is not real: what stands under a root must not be negative."
            )
    else:
        above = multiply(above, _generator(inside))
    for base, half in wholes:
        size = base if is_positive(base) else _absolute(base, half, unit, open_ones)
        for _ in range(abs(half)):
            above, below = (multiply(above, size), below) if half > 0 else (above, multiply(below, size))
    return above, below


def is_positive(base: ReadTerms) -> bool:
    """True when a polynomial is not negative, by the signs of its numbers and the symbols in it."""
    return all(
        re > 0 and not im and all(p % 2 == 0 or n in POSITIVE or is_root(n) for n, p in monomial)
        for monomial, (re, im) in base.items()
    )


def _absolute(base: Terms, half: int, unit: Fraction, open_ones: Factors) -> Terms:
    """Return the absolute value of a factor of open sign, or what has the same power."""
    if half % 2 == 0:
        return base
    if len(open_ones) == 1 and open_ones[0][0] == base:  # what is left under the root has its sign, or minus
        return multiply(base, {(): (Fraction(1 if unit > 0 else -1), Fraction(0))})
    return _generator(multiply(base, base))


def _generator(inside: Terms) -> Terms:
    """Return the symbol whose square is a polynomial."""
    name = f"sqrt({terms_text(sorted(inside.items()))})"
    if name.count("sqrt(") > MAX_NESTED * 8 or _depth(name) > MAX_NESTED:
        raise ModelError(f"roots stand under each other more than {MAX_NESTED} times; write fewer.")
    return {((name, 1),): UNIT}


def _depth(name: str) -> int:
    """Return how many roots stand under each other."""
    if not is_root(name):
        return 0
    return 1 + max((_depth(n) for monomial in radicand(name) for n, _ in monomial), default=0)


def _symbol(base: ReadTerms) -> str | None:
    """Return the symbol that a polynomial is, None for any other."""
    (monomial,) = base if len(base) == 1 else ((),)
    return monomial[0][0] if len(monomial) == 1 and monomial[0][1] == 1 else None


def _check_size(top: ReadTerms, bottom: ReadTerms) -> None:
    if len(top) + len(bottom) > MAX_INSIDE + 1:
        raise ModelError(
            f"what stands under the root has {len(top) + len(bottom)} terms; at most {MAX_INSIDE} are "
            "taken, so split it up."
        )
    for side in (top, bottom):
        for monomial in side:
            for name, power in monomial:
                if power > MAX_DEGREE and len(side) > 1:
                    raise ModelError(
                        f"'{name}' stands under the root to the power {power}; at most {MAX_DEGREE} is taken."
                    )


def _quotient(top: ReadTerms, bottom: ReadTerms) -> str:
    if set(top) == set(bottom) == {()}:
        return decimal_text(top[()][0] / bottom[()][0], 17)
    above = terms_text(sorted(top.items()))
    if set(bottom) == {()} and bottom[()] == UNIT:
        return above
    return f"({above})/({terms_text(sorted(bottom.items()))})"


# factors ----------------------------------------------------------------------------------------
def take_apart(inside: ReadTerms) -> tuple[int, Factors]:
    """Return the sign and the irreducible factors of what stands under a root; a number is one factor.

    >>> take_apart({(("x", 1),): (Fraction(-1), Fraction(0))})[0]
    -1
    """
    if set(inside) == {()}:
        return 1, [(dict(inside), 1)]
    unit, factors = _factors(inside, {(): UNIT})
    return (1 if unit > 0 else -1), factors


def _factors(top: ReadTerms, bottom: ReadTerms) -> tuple[Fraction, Factors]:
    """Split a quotient into a number and powers of irreducible polynomials."""
    if len(top) == len(bottom) == 1:
        ((above, (size, _)),), ((below, (under_, _)),) = top.items(), bottom.items()
        powers = dict(above)
        for name, power in below:
            powers[name] = powers.get(name, 0) - power
        return size / under_, [({((n, 1),): UNIT}, p) for n, p in sorted(powers.items()) if p]
    names = sorted({n for side in (top, bottom) for monomial in side for n, _ in monomial})
    above_, below_ = (_poly(side, names) for side in (top, bottom))
    from g2sym.base.factors import split

    shared = above_.gcd(below_)
    unit, parts = split(above_ / shared, below_ / shared, _divided)
    return unit, [(_back(base, names), power) for base, power in parts]


def _poly(terms: ReadTerms, names: list[str]) -> fmpq_mpoly:
    from flint import Ordering, fmpq, fmpq_mpoly_ctx

    context = fmpq_mpoly_ctx.get(tuple(f"x{i}" for i in range(max(len(names), 1))), Ordering.lex)
    out = {}
    for monomial, (re, _) in terms.items():
        powers = dict(monomial)
        out[tuple(powers.get(n, 0) for n in names) or (0,)] = fmpq(re.numerator, re.denominator)
    return context.from_dict(out)


def _divided(poly: fmpq_mpoly, number: Fraction) -> fmpq_mpoly:
    from flint import fmpq

    return poly / fmpq(number.numerator, number.denominator)


def _back(poly: fmpq_mpoly, names: list[str]) -> Terms:
    from g2sym.base.factors import rational

    return {
        tuple((n, int(p)) for n, p in zip(names, powers, strict=False) if p): (rational(value), Fraction(0))
        for powers, value in poly.to_dict().items()
    }


# numbers ----------------------------------------------------------------------------------------
def _number(value: Fraction) -> tuple[Terms, Terms]:
    """Return the root of a positive number: an integer times roots of primes, over an integer."""
    outside, inside = _parts(value.numerator * value.denominator)
    out: Terms = {(): (Fraction(outside, value.denominator), Fraction(0))}
    for prime in inside:
        out = multiply(out, {((f"sqrt({prime})", 1),): UNIT})
    return out, {(): UNIT}


@lru_cache(maxsize=1024)
def _parts(number: int) -> tuple[int, tuple[int, ...]]:
    """Return r and distinct p, q, ... with number = r^2 p q ...: primes, but for one part beyond `TRIAL`."""
    outside, inside, left = 1, [], number
    for prime in _candidates():
        if prime * prime > left:
            break
        times = 0
        while left % prime == 0:
            left, times = left // prime, times + 1
        outside *= prime ** (times // 2)
        inside += [prime] * (times % 2)
    whole = isqrt(left)
    if whole * whole == left:
        return outside * whole, tuple(inside)
    return outside, (*inside, left)


def _candidates() -> Iterable[int]:
    yield 2
    yield from range(3, TRIAL + 1, 2)
