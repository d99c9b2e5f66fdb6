"""Rational functions of mass ratios written in masses."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.base.factors import rational
from g2sym.formulas.factoring import from_terms
from g2sym.integrals.rational import Frac, Poly


def in_masses(value: Frac, masses: Mapping[str, tuple[str, int]], unit: str) -> Coefficient:
    """Write a rational function of slots in masses.

    Parameters: ``masses`` maps each of them to (symbol, power), meaning (symbol/unit)^power.

    >>> from g2sym.integrals.rational import gen
    >>> print(in_masses(Frac.of(gen("rho")), {"rho": ("m_a", 2)}, "m_mu"))
    m_a^2/m_mu^2
    """
    top, high = _side(value.num, masses, unit)
    bottom, low = _side(value.den, masses, unit)
    return top / bottom * Coefficient.symbol(unit) ** (low - high)


def _side(poly: Poly, masses: Mapping[str, tuple[str, int]], unit: str) -> tuple[Coefficient, int]:
    """Return a polynomial times unit^n without a denominator, and n."""
    found = []
    for powers, value in poly.terms():
        monomial: dict[str, int] = {}
        weight = 0
        for name, count in powers.items():
            symbol, power = masses[name]
            monomial[symbol] = monomial.get(symbol, 0) + power * count
            weight += power * count
        found.append((monomial, weight, rational(value)))
    top = max((w for _, w, _ in found), default=0)
    terms: dict[Monomial, Gauss] = {}
    for monomial, weight, value in found:
        if top - weight:
            monomial[unit] = monomial.get(unit, 0) + top - weight
        terms[tuple(sorted(monomial.items()))] = (value, Fraction(0))
    return from_terms(terms), top
