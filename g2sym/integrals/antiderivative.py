"""Antiderivatives that can be verified: their derivative is the integrand, an identity of polynomials.

F(x) = (sum_k powers[k]/base^k + sum_i c_i ln a_i + arc int_0^x dx'/Delta)/divisor, with base and every a_i
dividing Delta. Finding F takes integration by parts, Hermite reduction and polynomial division; verifying it
takes none of these: both sides of dF/dx = integrand, times a power of Delta, are polynomials in x and the
masses, and are compared as such. What is assumed is that Delta > 0 inside the range of integration, so that
logarithms and 1/Delta are real and F is continuous there; at masses where a divisor vanishes the closed form
has a removable pole and holds by continuity.
"""

from __future__ import annotations

from collections.abc import Mapping

from g2sym.base.classes import dataclass
from g2sym.integrals.canonical import ClosedForm, divide, family_of, log_of, put
from g2sym.integrals.rational import Frac, Poly, by_powers, constant, gen, substitute, zero

Integrand = tuple[Mapping[int, Poly], Poly, Poly]
"""(numerators by power of 1/Delta, coefficient of ln Delta, Delta)."""


@dataclass(frozen=True, eq=False)
class Antiderivative:
    """F in one variable, of polynomials in the variable and the masses; ``divisor`` is in the masses alone.

    ``logs`` holds (argument, coefficient) pairs; ``base`` and the arguments divide ``delta``.
    """

    variable: str
    delta: Poly
    base: Poly
    powers: Mapping[int, Poly]
    logs: tuple[tuple[Poly, Poly], ...]
    arc: Poly
    divisor: Poly

    def verifies(self, powers: Mapping[int, Poly], log: Poly) -> bool:
        """True when dF/dx = sum_k powers[k]/Delta^k + log ln Delta, as an identity of polynomials."""
        name, delta, base = self.variable, self.delta, self.base
        if self.divisor == 0 or name in self.divisor.generators | self.arc.generators:
            return False
        whole = constant(0)  # the coefficient of ln Delta
        order = max([1, *powers, *(k + 1 for k in self.powers)])
        found = self.arc * delta ** (order - 1)  # the derivative times divisor Delta^order
        for argument, factor in self.logs:
            cofactor, rest = divmod(delta, argument)
            if rest != 0:
                return False
            slope = factor.derivative(name)
            if argument == delta:
                whole = whole + slope
            elif slope != 0:
                return False
            found = found + factor * argument.derivative(name) * cofactor * delta ** (order - 1)
        cofactor, rest = divmod(delta, base)
        if rest != 0:
            return False
        for k, top in self.powers.items():
            found = found + top.derivative(name) * cofactor**k * delta ** (order - k)
            along = base.derivative(name) * cofactor ** (k + 1)
            found = found - k * top * along * delta ** (order - k - 1)
        wanted = sum((n * delta ** (order - k) for k, n in powers.items()), constant(0))
        return whole == self.divisor * log and found == self.divisor * wanted

    def between(self) -> ClosedForm:
        """Return F(1) - F(0) in canonical form, limits where Delta vanishes at an end.

        Raises ArithmeticError where F has no limit, or where the arc is not one of a monic quadratic Delta.
        """
        ends = {e: {self.variable: constant(e)} for e in (0, 1)}
        total = ClosedForm(zero())
        for e, sign in ((1, 1), (0, -1)):
            base = substitute(self.base, ends[e])
            for k, top in self.powers.items():
                value = substitute(top, ends[e])
                if k and base == 0:
                    raise ArithmeticError("an antiderivative has a pole at an end of its range")
                total += ClosedForm(Frac.of(sign * value, base**k))
            for argument, factor in self.logs:
                value, inside = substitute(factor, ends[e]), substitute(argument, ends[e])
                if inside == 0 and value != 0:
                    raise ArithmeticError("an antiderivative diverges at an end of its range")
                if inside != 0:  # else the coefficient vanishes there, and its product with ln has limit 0
                    total += log_of(inside).scale(Frac.of(sign * value))
        if self.arc != 0:
            x = gen(self.variable)
            d0, d1 = substitute(self.delta, ends[0]), substitute(self.delta, ends[1])
            if d0 == 0 or d1 == 0 or self.delta != x**2 + (d1 - d0 - 1) * x + d0:
                raise ArithmeticError("the integral of 1/Delta is not the function T")
            total += ClosedForm(zero(), (), ((family_of(d0, d1), Frac.of(self.arc)),))
        return total.scale(Frac.of(1, self.divisor))

    def at(self, value: Poly) -> tuple[dict[int, Poly], tuple[tuple[Poly, Poly], ...]]:
        """Return numerators and logarithms, all over ``divisor``, at a value of the variable."""
        put_in = {self.variable: value}
        powers = {k: substitute(p, put_in) for k, p in self.powers.items()}
        return powers, tuple((substitute(a, put_in), substitute(c, put_in)) for a, c in self.logs)


def certified(powers: Mapping[int, Poly], log: Poly, delta: Poly, variable: str) -> ClosedForm | None:
    """Integrate from 0 to 1 by an antiderivative that was verified; None should it not be verified."""
    x = gen(variable)
    if substitute(delta, {variable: constant(1)}) == 0:  # x -> 1 - x moves the zero to the lower end
        mirror = {variable: 1 - x}
        powers = {k: substitute(n, mirror) for k, n in powers.items()}
        log, delta = substitute(log, mirror), substitute(delta, mirror)
    found = antiderivative(powers, log, delta, variable)
    return found.between() if found.verifies(powers, log) else None


def antiderivative(powers: Mapping[int, Poly], log: Poly, delta: Poly, variable: str) -> Antiderivative:
    """Find the antiderivative of sum_k powers[k]/Delta^k + log ln Delta; it is not yet verified.

    Parameters: ``delta`` monic and quadratic in ``variable``, not zero at 1.
    """
    x = gen(variable)
    slope = delta.derivative(variable)
    primitive = log.integral(variable)  # by parts; it vanishes at 0
    logs = [(delta, Frac.of(primitive))] if log != 0 else []
    terms = {k: Frac.of(n) for k, n in powers.items() if n != 0}
    if log != 0:
        put(terms, 1, -Frac.of(primitive * slope))
    parts: dict[int, Frac] = {}
    if substitute(delta, {variable: 0 * x}) == 0:
        base, more = _reduced_end(terms, delta, variable, parts)
        return _over_one(variable, delta, base, parts, [*logs, *more], zero())
    linear = by_powers(delta, variable).get(1, 0 * x)
    discriminant = Frac.of(linear**2 - 4 * substitute(delta, {variable: 0 * x}))
    for k in range(max(terms, default=0), 1, -1):
        quotient, rest = divide(terms.pop(k, zero()), delta, variable)
        put(terms, k - 1, quotient)
        lifted = rest / discriminant * Frac.of(slope)  # 1 = (Delta'^2 - 4 Delta)/discriminant
        put(parts, k - 1, lifted * Frac.of(-1, k - 1))
        put(terms, k - 1, rest / discriminant * Frac.of(-4))
        put(terms, k - 1, Frac.of(lifted.num.derivative(variable), lifted.den) * Frac.of(1, k - 1))
    quotient, rest = divide(terms.get(1, zero()), delta, variable)
    plain = terms.get(0, zero()) + quotient
    put(parts, 0, Frac.of(plain.num.integral(variable), plain.den))
    by = by_powers(rest.num, variable)
    half = Frac.of(by.get(1, 0 * x), 2 * rest.den)
    arc = Frac.of(by.get(0, 0 * x), rest.den) - half * Frac.of(linear)
    return _over_one(variable, delta, delta, parts, [*logs, (delta, half)], arc)


def _reduced_end(
    terms: Mapping[int, Frac], delta: Poly, variable: str, parts: dict[int, Frac]
) -> tuple[Poly, list[tuple[Poly, Frac]]]:
    """Cancel the pole of rational terms at 0, Delta = x (x + b), and find the primitive of what is left.

    Fills in the numerators over powers of x + b, the base that is returned, with the logarithms.
    """
    x = gen(variable)
    other, order = delta / x, max(terms, default=0)
    if substitute(other, {variable: 0 * x}) == 0:
        other = x
    total = sum((n * Frac.of(delta ** (order - k)) for k, n in terms.items()), zero())
    cancelled = delta if other == x else x
    numerator, rest = divmod(total.num, cancelled**order)
    if rest != 0:
        raise ArithmeticError("an integral over a Feynman parameter diverges at its end point")
    logs: list[tuple[Poly, Frac]] = []
    for k in range(order if cancelled == x else 0, 0, -1):
        numerator, residue = divmod(numerator, other)
        if k == 1:
            logs.append((other, Frac.of(residue, total.den)))
        else:
            put(parts, k - 1, Frac.of(-residue, (k - 1) * total.den))
    put(parts, 0, Frac.of(numerator.integral(variable), total.den))
    return other, logs


def _over_one(
    variable: str,
    delta: Poly,
    base: Poly,
    parts: Mapping[int, Frac],
    logs: list[tuple[Poly, Frac]],
    arc: Frac,
) -> Antiderivative:
    """Put everything over one divisor."""
    divisor = constant(1)
    for value in (*parts.values(), *(c for _, c in logs), arc):
        divisor = divisor * (value.den / divisor.gcd(value.den))

    def over(value: Frac) -> Poly:
        return value.num * (divisor / value.den)

    powers = {k: over(p) for k, p in parts.items() if not p.is_zero}
    return Antiderivative(
        variable, delta, base, powers, tuple((a, over(c)) for a, c in logs), over(arc), divisor
    )


def certified_simplex(powers: Mapping[int, Poly], log: Poly, delta: Poly) -> ClosedForm | None:
    """Integrate over 0 < y < x < 1 by antiderivatives in x and then in y, each verified; else None.

    Parameters: ``delta`` linear in x with a slope that depends on masses only.
    """
    inner = across(powers, log, delta)
    if not inner.verifies(powers, log):
        return None
    outer: list[tuple[Poly, dict[int, Poly], Poly]] = []  # what is integrated over y, by its Delta
    for value, sign in ((constant(1), 1), (gen("y"), -1)):
        tops, logs = inner.at(value)
        edge = substitute(delta, {"x": value})
        if outer and edge == outer[0][0]:
            tops = {k: outer[0][1].get(k, constant(0)) + sign * p for k, p in tops.items()}
            outer = [(edge, tops, outer[0][2] + sum((sign * c for _, c in logs), constant(0)))]
        else:
            tops = {k: sign * p for k, p in tops.items()}
            outer.append((edge, tops, sum((sign * c for _, c in logs), constant(0))))
    total = ClosedForm(zero())
    for edge, tops, weight in outer:
        plain = weight == 0 and not tops.keys() - {0}
        part = certified(tops, weight, gen("y") ** 2 if plain else edge, "y")
        if part is None:
            return None
        total += part
    return total.scale(Frac.of(1, inner.divisor))


def across(powers: Mapping[int, Poly], log: Poly, delta: Poly) -> Antiderivative:
    """Find the antiderivative in x of an integrand over the simplex; it is not yet verified."""
    kappa = by_powers(delta, "x").get(1, constant(0))
    body = log.integral("x")
    logs = [(delta, Frac.of(body))] if log != 0 else []
    if kappa == 0:  # Delta knows only y
        parts = {k: Frac.of(p.integral("x")) for k, p in powers.items()}
        return _over_one("x", delta, delta, parts, logs, zero())
    if any(k > 1 for k in powers):
        raise ArithmeticError("this integral over two Feynman parameters has no known reduction")
    x, over = gen("x"), Frac.of(1, kappa)
    rest = Frac.of(powers.get(1, constant(0)) - body * kappa)
    plain = Frac.of(powers.get(0, constant(0)))
    while degree := max(by_powers(rest.num, "x"), default=0):
        step = Frac.of(by_powers(rest.num, "x")[degree] * x ** (degree - 1), rest.den) * over
        plain, rest = plain + step, rest - step * Frac.of(delta)
    logs.append((delta, rest * over))
    parts = {0: Frac.of(plain.num.integral("x"), plain.den)}
    return _over_one("x", delta, delta, parts, logs, zero())
