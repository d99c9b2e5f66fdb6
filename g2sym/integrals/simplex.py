"""Integrals over 0 < y < x < 1 whose Delta is linear in x: one integration is elementary.

With Delta = D0 + kappa x the x-integral leaves logarithms of Delta at x = 1 and at x = y, both
quadratic in y, and the one-parameter reduction does the rest. This is how a Z propagator beside the
mediator's becomes a divided difference between two one-scale functions.
"""

from __future__ import annotations

from collections.abc import Mapping

from g2sym.integrals.canonical import ClosedForm, integrate
from g2sym.integrals.rational import Frac, Poly, by_powers, gen, substitute, zero


def integrate_simplex(powers: Mapping[int, Poly], log: Poly, delta: Poly) -> ClosedForm:
    """Integrate sum_k powers[k]/Delta^k + log * ln(Delta) over 0 < y < x < 1, k at most 1.

    Parameters: ring elements; ``delta`` linear in x with a slope that depends on masses only.
    Returns the canonical form.
    """
    x, y = gen("x"), gen("y")
    if log == 0 and not powers.keys() - {0}:  # a polynomial
        return integrate({0: _over_x(powers.get(0, 0 * x))}, 0 * x, y**2, "y")
    kappa = by_powers(delta, "x").get(1, 0 * x)
    if any(k > 1 for k in powers) or max(by_powers(delta, "x")) > 1:
        raise ArithmeticError("this integral over two Feynman parameters has no known reduction")
    if kappa == 0:  # coincident masses: Delta knows only y
        across = {k: _over_x(p) for k, p in powers.items()}
        return integrate(across, _over_x(log), delta, "y")
    over = Frac.of(1, kappa)
    # by parts in x: int B ln Delta = [C ln Delta] - int C kappa/Delta, with C' = B
    primitive = log.integral("x")
    ends = {1: zero(), 0: zero()}  # coefficients of ln Delta at x = 1 and at x = y
    ends[1] = ends[1] + Frac.of(substitute(primitive, {"x": 0 * x + 1}))
    ends[0] = ends[0] - Frac.of(substitute(primitive, {"x": y}))
    numerator = powers.get(1, 0 * x) - primitive * kappa
    plain = Frac.of(powers.get(0, 0 * x))
    # divide the numerator by Delta as a polynomial in x; what is left is N(x*) with Delta(x*) = 0
    rest = Frac.of(numerator)
    while True:
        parts = by_powers(rest.num, "x")
        degree = max(parts, default=0)
        if degree == 0:
            break
        step = Frac.of(parts[degree] * x ** (degree - 1), rest.den) * over
        plain = plain + step
        rest = rest - step * Frac.of(delta)
    residue = rest * over
    ends[1] = ends[1] + residue
    ends[0] = ends[0] - residue
    total = integrate({0: _over_x(plain.num)}, 0 * x, y**2, "y").scale(Frac.of(1, plain.den))
    for end, value in ((1, 0 * x + 1), (0, y)):
        factor = ends[end]
        edge = substitute(delta, {"x": value})
        total += _in_y(factor.num, edge).scale(Frac.of(1, factor.den))
    return total


def _over_x(poly: Poly) -> Poly:
    """Integrate a polynomial over x from y to 1."""
    body = poly.integral("x")
    return substitute(body, {"x": 0 * body + 1}) - substitute(body, {"x": gen("y")})


def _in_y(log: Poly, edge: Poly) -> ClosedForm:
    """Integrate log * ln(edge) over y from 0 to 1."""
    return integrate({}, log, edge, "y")
