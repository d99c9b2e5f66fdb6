"""Integrals of l -> l' gamma expanded in both leptons' masses under the integral, with what is left out.

In units of the first lepton's mass, with z = 1 - x, u = x - y and v = y, all positive with sum 1,

    Delta = Delta_0 - xi,    Delta_0 = z A + (1 - z) B,    xi = z (u + w v),    w = (m'/m)^2,

    1/Delta = sum_(n < N) xi^n/Delta_0^(n+1) + xi^N/(Delta_0^N Delta).

The power of the leptons' masses in a part of the numerator N that is homogeneous of degree h in the internal
masses is 2 (n + 1) - h. Since Delta_0 >= z (1 - z) (sqrt A + sqrt B)^2 (by Cauchy and Schwarz) and
xi <= z (1 - z) max(1, w), xi/Delta_0 <= r = max(1, w)/(sqrt A + sqrt B)^2, and what is left out is below

    r^N/(1 - r) int |N|/Delta_0,    |N| <= the sum of |coefficient| z^i u^j v^k.

Every integral is a rational function of the masses plus one times ln(B/A).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from math import comb, factorial

from g2sym.base.classes import dataclass
from g2sym.integrals.rational import Frac, Poly, constant, gen, substitute
from g2sym.integrals.transition import FRACTIONS, TransitionIntegral
from g2sym.integrals.triangle import Field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Element = Any
    """A number of a field."""
    Weights = Mapping[tuple[int, int, int], Element]
    """Coefficients by powers of z, u and v."""


@dataclass(frozen=True)
class Part:
    """A part of the numerator that is homogeneous in the internal masses, over the divisor.

    Parameters: ``degree`` h; ``weights``, its coefficients by powers of z, u and v, which all add up to one
    number: 1 = z + u + v shows a factor z where there is one.
    """

    degree: int
    weights: Mapping[tuple[int, int, int], Frac]


def parts(integral: TransitionIntegral, internal: Iterable[str]) -> list[Part]:
    """Take a numerator apart by its degree in the internal masses, highest first.

    Parameters: ``internal``, the slots of internal masses; a squared mass counts twice.
    """
    power = {s.name: s.power for s in integral.slots if s.name in set(internal)}
    below = _degree(next(integral.divisor.terms())[0], power)
    turned = substitute(integral.numerator, {"x": gen("u") + gen("y")})  # y is v
    groups: dict[int, dict[tuple[int, int], Poly]] = {}
    for monomial, value in turned.terms():
        own = constant(0) + value
        for name, p in monomial.items():
            own = own if name in ("u", "y") else own * gen(name) ** p
        group = groups.setdefault(_degree(monomial, power) - below, {})
        place = monomial.get("u", 0), monomial.get("y", 0)
        group[place] = group.get(place, constant(0)) + own
    out = []
    for degree, group in sorted(groups.items(), reverse=True):
        weights: dict[tuple[int, int, int], Poly] = {}
        most = max(j + k for j, k in group)
        for (j, k), value in group.items():
            for powers, ways in _of_one(most - j - k).items():
                here = (powers[0], powers[1] + j, powers[2] + k)
                weights[here] = weights.get(here, constant(0)) + value * ways
        kept = {place: Frac.of(value, integral.divisor) for place, value in weights.items() if value != 0}
        out.append(Part(degree, kept))
    return out


def _degree(monomial: Mapping[str, int], power: Mapping[str, int]) -> int:
    return sum(p * power[name] for name, p in monomial.items() if name in power)


@cache
def _of_one(n: int) -> dict[tuple[int, int, int], int]:
    """Return (z + u + v)^n by powers."""
    return {(i, j, n - i - j): comb(n, i) * comb(n - i, j) for i in range(n + 1) for j in range(n - i + 1)}


class Orders:
    """int (sum of weights z^i u^j v^k) xi^n/Delta_0^(n+1) over the triangle, for one Delta.

    Parameters: ``a``, ``b``, ``w`` as in the module, in ``field``.
    """

    def __init__(self, a: Element, b: Element, w: Element, field: Field) -> None:
        self._a, self._b, self._w, self._field = a, b, w, field
        self._along: dict[tuple[int, int, int], tuple[Element, Element]] = {}

    def __call__(self, weights: Weights, n: int) -> tuple[Element, Element]:
        """Return what stands beside 1 and beside ln(b/a).

        Raises ArithmeticError for an integral that diverges where a mass is zero.
        """
        field = self._field
        found: dict[tuple[int, int], Element] = {}
        for (i, j, k), value in weights.items():
            for m in range(n + 1):
                # int u^p v^q over u + v = s is s^(p+q+1) p! q!/(p+q+1)!
                p, q = j + n - m, k + m
                factor = field.of(comb(n, m) * factorial(p) * factorial(q)) / field.of(factorial(p + q + 1))
                own = value * factor * power_of(self._w, m, field)
                place = (i + n, p + q + 1)
                found[place] = found[place] + own if place in found else own
        plain, log = field.of(0), field.of(0)
        for (p, q), value in found.items():
            key = (p, q, n + 1)
            if key not in self._along:
                self._along[key] = along(*key, self._a, self._b, field)
            one, two = self._along[key]
            plain, log = plain + value * one, log + value * two
        return plain, log


def along(p: int, q: int, m: int, a: Element, b: Element, field: Field) -> tuple[Element, Element]:
    """Return int_0^1 (1 - s)^p s^q/((1 - s) a + s b)^m ds: what stands beside 1 and beside ln(b/a)."""
    zero, slope = field.of(0), b - a
    if field.is_zero(a) or field.is_zero(b) or field.is_zero(slope):
        mass = b if field.is_zero(a) else a
        left, right = (p, q) if field.is_zero(slope) else (p, q - m) if field.is_zero(a) else (p - m, q)
        if min(left, right) < 0 or field.is_zero(mass):
            raise ArithmeticError("an integral over Feynman parameters diverges at its end point")
        beta = field.of(factorial(left) * factorial(right)) / field.of(factorial(left + right + 1))
        return beta / power_of(mass, m, field), zero
    # (1 - s) slope = b - d and s slope = d - a with d = (1 - s) a + s b, which runs from a to b
    plain, log = zero, zero
    for k in range(p + 1):
        for n in range(q + 1):
            weight = field.of((-1) ** (k + q - n) * comb(p, k) * comb(q, n))
            weight = weight * power_of(b, p - k, field) * power_of(a, q - n, field)
            e = k + n - m + 1
            if e == 0:
                log = log + weight
            else:
                ends = power_of(b, e, field) - power_of(a, e, field)
                plain = plain + weight * ends / field.of(e)
    scale = power_of(slope, p + q + 1, field)
    return plain / scale, log / scale


def power_of(value: Element, n: int, field: Field) -> Element:
    """Return a whole power, negative ones too."""
    out = field.of(1)
    for _ in range(abs(n)):
        out = out * value
    return out if n >= 0 else field.of(1) / out


def symbolic(part: Part, n: int, integral: TransitionIntegral) -> tuple[Frac, Frac]:
    """Return the n-th order of a part as rational functions of the masses, beside 1 and beside ln(B/A)."""
    a, b, c = (Frac.of(one) for one in integral.lines)
    return Orders(a, b, Frac.of(1) - c, FRACTIONS)(part.weights, n)
