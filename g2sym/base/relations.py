"""Zero told exactly where symbols are related: cos_w^2 = 1 - sin_w^2.

A coefficient is compared with zero in the normal form without squares of cos_w; sin_w^2 + cos_w^2 - 1 is
irreducible, so nothing else vanishes by it. What is printed keeps cos_w as it was written.
"""

from __future__ import annotations

from g2sym.base.coefficients import Coefficient
from g2sym.errors import ModelError


def vanishes(coefficient: Coefficient) -> bool:
    """True when a coefficient is zero, sin_w^2 + cos_w^2 = 1 included."""
    if coefficient.is_zero:
        return True
    top = Coefficient(coefficient.numerator, Coefficient.number(1).numerator)
    if "cos_w" not in top.symbols:
        return False
    square = 1 - Coefficient.symbol("sin_w") ** 2
    found = [Coefficient.number(0), Coefficient.number(0)]  # by the power of cos_w that is left
    try:
        for (power,), factor in top.collect(["cos_w"]).items():
            found[power % 2] = found[power % 2] + factor * square ** (power // 2)
    except ModelError:  # too many terms to be written out
        return False
    return all(part.is_zero for part in found)
