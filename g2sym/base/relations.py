"""Zero told exactly where symbols are related: cos_w^2 = 1 - sin_w^2, and roots with common factors.

A coefficient is compared with zero in a normal form. First, a root whose radicand is a product of those of
others, up to a square, is written in these, as sqrt(x*y) = sqrt(x)*sqrt(y); each radicand is known not to be
negative, which fixes the signs, and where it does not the root stays. Then squares of cos_w go: sin_w^2 +
cos_w^2 - 1 is irreducible, so nothing else vanishes by it. What is printed keeps roots and cos_w as written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from g2sym.base.coefficients import Coefficient
from g2sym.base.roots import is_positive, take_apart
from g2sym.base.terms import Terms, is_root, radicand, terms_text
from g2sym.errors import ModelError

ONE = Coefficient.number(1)
ANGLE: Mapping[str, Coefficient] = MappingProxyType({"cos_w": 1 - Coefficient.symbol("sin_w") ** 2})
"""The square of cos_w."""


def vanishes(coefficient: Coefficient, squares: Mapping[str, Coefficient] = ANGLE) -> bool:
    """True when a coefficient is zero, by what is known of roots and by sin_w^2 + cos_w^2 = 1.

    Parameters: ``squares``, symbols with what their squares are, none of them in a later one's square.

    >>> x, y = Coefficient.symbol("x"), Coefficient.symbol("y")
    >>> vanishes(Coefficient.sqrt(x * y) - Coefficient.sqrt(x) * Coefficient.sqrt(y))
    True
    """
    if coefficient.is_zero:
        return True
    top = Coefficient(coefficient.numerator, ONE.numerator)
    try:
        top = _independent(top)
        return top.is_zero or _without_squares(top, squares)
    except ModelError:  # too many terms to be written out
        return False


def _without_squares(top: Coefficient, squares: Mapping[str, Coefficient]) -> bool:
    """True when a polynomial is zero once the squares of symbols are put in."""
    parts: dict[tuple[int, ...], Coefficient] = {(): top}
    for name in (n for n in squares if n in top.generators):
        found: dict[tuple[int, ...], Coefficient] = {}  # by the powers of the symbols that are left
        for key, part in parts.items():
            for (power,), factor in part.collect([name]).items():
                place = (*key, power % 2)
                raised = factor * squares[name] ** (power // 2)
                found[place] = found[place] + raised if place in found else raised
        parts = found
    return all(part.is_zero for part in parts.values())


# roots with common factors ----------------------------------------------------------------------
def _independent(top: Coefficient) -> Coefficient:
    """Write roots that are products of others, up to a square, in these; returns the numerator."""
    names = sorted(n for n in top.generators if is_root(n))
    if len(names) < 2:
        return top
    parts = {name: _factors(name) for name in names}
    signs = _signs(parts)
    basis: list[tuple[frozenset[str], frozenset[str]]] = []  # factors in odd powers, roots multiplied
    for name in sorted(names, key=lambda n: (len(parts[n]), n)):
        odd = frozenset(f for f, power in parts[name].items() if power % 2)
        members = frozenset((name,))
        for lead, (factors, others) in ((min(f), (f, o)) for f, o in basis):
            if lead in odd:
                odd, members = odd ^ factors, members ^ others
        if odd:
            basis.append((odd, members))
            continue
        product = _square_root(members, parts, signs)
        if product is not None:
            rest = members - {name}
            for other in rest:
                product = product / Coefficient.symbol(other)
            top = sum((c * product**p for (p,), c in top.collect([name]).items()), Coefficient.number(0))
            top = Coefficient(top.numerator, ONE.numerator)
    return top


Known = Mapping[str, tuple[Coefficient, int]]
"""Factors by their text: the polynomial, and its sign, 0 where that is open."""


def _factors(name: str) -> Counter[str]:
    """Return the irreducible factors of what stands under a root, with their powers, as texts."""
    _, factors = take_apart(radicand(name))
    return Counter({_text(base): power for base, power in factors})


def _signs(parts: Mapping[str, Counter[str]]) -> Known:
    """Return the signs of factors: of positive ones, and of one that is alone under a root beside these."""
    known: dict[str, tuple[Coefficient, int]] = {}
    for name in parts:
        for base, _ in take_apart(radicand(name))[1]:
            size = Coefficient(tuple(sorted(base.items())), ONE.numerator)
            known.setdefault(_text(base), (size, 1 if is_positive(base) else 0))
    for name, factors in sorted(parts.items(), key=lambda pair: len(pair[1])):
        sign, _ = take_apart(radicand(name))
        odd = [f for f, power in factors.items() if power % 2]
        open_ones = [f for f in odd if not known[f][1]]
        if len(open_ones) == 1:  # the product is not negative, so the one has the sign of the others
            for other in odd:
                sign *= known[other][1] or 1
            known[open_ones[0]] = known[open_ones[0]][0], sign
    return known


def _square_root(
    members: Iterable[str], parts: Mapping[str, Counter[str]], known: Known
) -> Coefficient | None:
    """Return the product of roots whose factors have even powers together; None where its sign is open."""
    total: Counter[str] = Counter()
    for name in members:
        total.update(parts[name])
    out = ONE
    for text, power in total.items():
        base, sign = known[text]
        if not sign and power // 2 % 2:
            return None
        out = out * (base * (sign or 1)) ** (power // 2)
    return out


def _text(base: Terms) -> str:
    return terms_text(sorted(base.items()))
