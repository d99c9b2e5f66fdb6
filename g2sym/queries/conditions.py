"""What has to be positive for a symbolic result to hold, written as inequalities between masses."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from g2sym.base.coefficients import Coefficient, Monomial


def inequality(positive: Coefficient) -> tuple[Coefficient, Coefficient]:
    """Write a positive function of positive masses as larger and smaller side.

    Returns for instance (m_N, m_mu) for (m_N - m_mu)/m_mu; a common denominator of one positive monomial is
    dropped, and so is a square of single masses on both sides.
    """
    bottom = positive.denominator
    if len(bottom) != 1 or bottom[0][1][0] <= 0 or any(im for _, (_, im) in positive.numerator):
        return positive, Coefficient.number(0)
    one = Coefficient.number(1).numerator
    sides = [Coefficient.number(0), Coefficient.number(0)]
    for monomial, (re, _) in positive.numerator:
        piece = Coefficient(((monomial, (abs(re), Fraction(0))),), one)
        sides[re < 0] = sides[re < 0] + piece
    power = _common_power([monomial for monomial, _ in positive.numerator])
    plain = len(positive.numerator) == 2 and all(abs(re) == 1 for _, (re, _) in positive.numerator)
    if plain and power > 1 and all(s.numerator for s in sides):
        sides = [_root(side) for side in sides]
    return sides[0], sides[1]


def _common_power(monomials: list[Monomial]) -> int:
    """Return the power that several monomials, each of a single mass, have in common; else 1."""
    powers = {monomial[0][1] if len(monomial) == 1 else 1 for monomial in monomials}
    single = all(n.startswith("m_") for monomial in monomials for n, _ in monomial)
    return powers.pop() if single and len(powers) == 1 else 1


def _root(side: Coefficient) -> Coefficient:
    ((((name, _),), _),) = side.numerator
    return Coefficient.symbol(name)


def texts(conditions: Iterable[Coefficient]) -> tuple[str, ...]:
    """Return each condition as plain text, for instance ``m_N > m_mu``."""
    return tuple(dict.fromkeys(" > ".join(map(str, inequality(c))) for c in conditions))


def where(conditions: Iterable[Coefficient]) -> str:
    """Return what is appended to a result, for instance ``, where m_N > m_mu``; empty without conditions."""
    holds = " and ".join(texts(conditions))
    return f", where {holds}" if holds else ""


def latex(conditions: Iterable[Coefficient]) -> str:
    """Return what is appended to an equation in LaTeX."""
    import sympy

    pairs = (inequality(c) for c in conditions)
    shown = (" > ".join(sympy.latex(side.to_sympy()) for side in pair) for pair in pairs)
    return "".join(rf",\quad {text}" for text in dict.fromkeys(shown))
