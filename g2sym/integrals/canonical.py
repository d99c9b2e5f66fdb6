"""The canonical form: rational functions times {1, ln d, int_0^1 dx/Delta}.

Every integral over one Feynman parameter with a quadratic Delta = x^2 + b x + c reduces to
R + sum_d B_d ln d + sum_(d0,d1) C (d0,d1) T(d0,d1) with T(d0,d1) = int_0^1 dx/Delta, where
d0 = Delta(0), d1 = Delta(1) and the external mass is 1. Log terms are integrated by parts, powers of
1/Delta by Hermite reduction, the rest by polynomial division. The functions 1, ln d and T are
linearly independent over the rational functions of the masses, so two integrals are equal exactly
when their canonical forms are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from g2sym.base.classes import dataclass
from g2sym.integrals.rational import Frac, Poly, by_powers, gen, substitute, zero

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

Family = tuple[Poly, Poly]
"""(Delta(0), Delta(1)): names the function T."""


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """An integral in canonical form; masses in units of the external lepton's.

    ``rational`` is the plain part, ``logs`` maps an argument d to the coefficient of ln d, ``arcs``
    maps (d0, d1) to the coefficient of T(d0, d1) = int_0^1 dx/(x^2 + (d1 - d0 - 1) x + d0).
    """

    rational: Frac
    logs: tuple[tuple[Poly, Frac], ...] = ()
    arcs: tuple[tuple[Family, Frac], ...] = ()

    def __add__(self, other: ClosedForm) -> ClosedForm:
        return ClosedForm(
            self.rational + other.rational,
            _merge_logs([*self.logs, *other.logs]),
            _merge([*self.arcs, *other.arcs]),
        )

    def __neg__(self) -> ClosedForm:
        return self.scale(Frac.of(-1))

    def __sub__(self, other: ClosedForm) -> ClosedForm:
        return self + -other

    def scale(self, factor: Frac) -> ClosedForm:
        """Multiply by a rational function of the masses."""
        return ClosedForm(
            self.rational * factor,
            _merge_logs((k, v * factor) for k, v in self.logs),
            _merge([(k, v * factor) for k, v in self.arcs]),
        )

    def substitute(self, values: Mapping[str, Poly]) -> ClosedForm:
        """Replace masses by ring elements (for instance nu by 1 or by -nu)."""
        out = ClosedForm(self.rational.substitute(values))
        for argument, factor in self.logs:
            out += log_of(substitute(argument, values)).scale(factor.substitute(values))
        for (d0, d1), factor in self.arcs:
            family = family_of(substitute(d0, values), substitute(d1, values))
            out += ClosedForm(zero(), (), ((family, factor.substitute(values)),))
        return ClosedForm(out.rational, _merge_logs(out.logs), _merge(out.arcs))

    def __eq__(self, other: object) -> bool:
        return (self - other).is_zero if isinstance(other, ClosedForm) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.rational)

    @property
    def generators(self) -> frozenset[str]:
        """The mass slots that occur."""
        polys = [self.rational.num, self.rational.den]
        polys += [p for argument, f in self.logs for p in (argument, f.num, f.den)]
        polys += [p for ends, f in self.arcs for p in (*ends, f.num, f.den)]
        return frozenset().union(*(p.generators for p in polys))

    @property
    def is_zero(self) -> bool:
        """True when the integral vanishes identically in the masses."""
        return self.rational.is_zero and not self.logs and not self.arcs

    def fold(
        self,
        value: Callable[[str], Any],
        number: Callable[[Any], Any],
        log: Callable[[Any], Any],
        arc: Callable[[Any, Any], Any],
    ) -> Any:
        """Evaluate in any arithmetic.

        Parameters: ``value`` of a mass by name, ``number`` of a flint rational, ``log`` of a value,
        ``arc`` = T of two values.
        """
        total = self.rational.fold(value, number)
        for argument, factor in self.logs:
            total = total + factor.fold(value, number) * log(argument.fold(value, number))
        for (d0, d1), factor in self.arcs:
            ends = (d0.fold(value, number), d1.fold(value, number))
            total = total + factor.fold(value, number) * arc(*ends)
        return total

    def __str__(self) -> str:
        pieces = [str(self.rational)]
        pieces += [f"({f})*ln({a})" for a, f in self.logs]
        pieces += [f"({f})*T({d0}, {d1})" for (d0, d1), f in self.arcs]
        return " + ".join(pieces)


def _merge(items: Any) -> tuple[tuple[Any, Frac], ...]:
    found: dict[str, tuple[Any, Frac]] = {}
    for key, factor in items:
        name = str(key)
        found[name] = (key, found[name][1] + factor) if name in found else (key, factor)
    return tuple(pair for _, pair in sorted(found.items()) if not pair[1].is_zero)


def _merge_logs(items: Iterable[tuple[Poly, Frac]]) -> tuple[tuple[Poly, Frac], ...]:
    """Collect logarithms; where ln m stands, m is positive, and ln m^2 is twice that."""
    every = list(items)
    plain = {str(argument) for argument, _ in every}
    out = []
    for argument, factor in every:
        names = argument.generators
        if len(names) == 1 and plain & names and argument == gen(*names) ** 2:
            argument, factor = gen(*names), factor * Frac.of(2)
        out.append((argument, factor))
    return _merge(out)


def family_of(d0: Poly, d1: Poly) -> Family:
    """Return the name of T(d0, d1), which is symmetric: x -> 1 - x exchanges the ends."""
    return (d0, d1) if str(d0) >= str(d1) else (d1, d0)


def log_of(argument: Poly) -> ClosedForm:
    """Return ln(argument); that of a power of one mass through the least power that is surely positive.

    An even power keeps a square, ln nu^2, since a fermion's mass may be negative.
    """
    if argument == 1:
        return ClosedForm(zero())
    terms = list(argument.terms())
    if len(terms) == 1:
        ((powers, factor),) = terms
        if factor == 1 and len(powers) == 1:
            ((name, power),) = powers.items()
            even = power % 2 == 0
            unit = gen(name) ** 2 if even else gen(name)
            return ClosedForm(zero(), ((unit, Frac.of(power // 2 if even else power)),))
    return ClosedForm(zero(), ((argument, Frac.of(1)),))


def integrate(powers: Mapping[int, Poly], log: Poly, delta: Poly, variable: str = "x") -> ClosedForm:
    """Integrate sum_k powers[k]/Delta^k + log * ln(Delta) over a Feynman parameter from 0 to 1.

    Parameters: ring elements, polynomial in ``variable``; ``delta`` monic and quadratic in it. Where it
    vanishes at an end of the range (a massless internal fermion, say), T becomes logarithms. Returns the
    canonical form.
    Raises ArithmeticError for an integral that diverges at such an end.
    """
    x = gen(variable)
    if substitute(delta, {variable: 0 * x + 1}) == 0:  # the zero is looked for at the lower end
        mirror = {variable: 1 - x}
        turned = {k: substitute(n, mirror) for k, n in powers.items()}
        return integrate(turned, substitute(log, mirror), substitute(delta, mirror), variable)
    d0, d1 = substitute(delta, {variable: 0 * x}), substitute(delta, {variable: 0 * x + 1})
    slope = delta.derivative(variable)
    terms = {k: Frac.of(n) for k, n in powers.items() if n != 0}
    result = ClosedForm(zero())
    if log != 0:
        primitive = log.integral(variable)
        top = substitute(primitive, {variable: 0 * x + 1})
        result += log_of(d1).scale(Frac.of(top))
        terms[1] = terms.get(1, zero()) - Frac.of(primitive * slope)
    if d0 == 0:
        return result + _vanishing_end(terms, delta, variable)
    linear = by_powers(delta, variable).get(1, 0 * x)
    discriminant = Frac.of(linear**2 - 4 * d0)
    for k in sorted((k for k in terms if k > 1), reverse=True):
        top_term = terms.pop(k)
        quotient, rest = divide(top_term, delta, variable)
        put(terms, k - 1, quotient)
        if rest.is_zero:
            continue
        # 1 = (Delta'^2 - 4 Delta)/discriminant, then by parts
        scaled = rest / discriminant
        lifted = scaled * Frac.of(slope)
        put(terms, k - 1, scaled * Frac.of(-4))
        put(terms, k - 1, _derivative(lifted, variable) * Frac.of(1, k - 1))
        ends = [
            lifted.substitute({variable: 0 * x + end}) * Frac.of(-1, (k - 1) * d ** (k - 1))
            for end, d in ((1, d1), (0, d0))
        ]
        result += ClosedForm(ends[0] - ends[1])
    plain = terms.get(0, zero())
    if 1 in terms:
        quotient, rest = divide(terms[1], delta, variable)
        plain = plain + quotient
        by = by_powers(rest.num, variable)
        alpha, beta = Frac.of(by.get(1, 0 * x), rest.den), Frac.of(by.get(0, 0 * x), rest.den)
        half = alpha * Frac.of(1, 2)
        result += (log_of(d1) - log_of(d0)).scale(half)
        arc = beta - half * Frac.of(linear)
        result += ClosedForm(zero(), (), _merge([(family_of(d0, d1), arc)]))
    return result + ClosedForm(_definite(plain, variable))


def _vanishing_end(terms: Mapping[int, Frac], delta: Poly, variable: str) -> ClosedForm:
    """Integrate rational terms over Delta = x (x + b), where the numerators must cancel the pole at 0."""
    x = gen(variable)
    other, order = delta / x, max(terms, default=0)
    shift = substitute(other, {variable: 0 * x})
    total = sum((n * Frac.of(delta ** (order - k)) for k, n in terms.items()), zero())
    pole = (delta if shift == 0 else x) ** order
    numerator, rest = divmod(total.num, pole)
    if rest != 0:
        raise ArithmeticError("an integral over a Feynman parameter diverges at its end point")
    if shift == 0:
        return ClosedForm(_definite(Frac.of(numerator, total.den), variable))
    result = ClosedForm(zero())
    for k in range(order, 0, -1):  # numerator/(x + b)^k, one power at a time
        numerator, residue = divmod(numerator, other)
        weight = Frac.of(residue, total.den)
        top = shift + 1
        if k == 1:
            result += (log_of(top) - log_of(shift)).scale(weight)
        else:
            ends = Frac.of(1, shift ** (k - 1)) - Frac.of(1, top ** (k - 1))
            result += ClosedForm(weight * ends * Frac.of(1, k - 1))
    return result + ClosedForm(_definite(Frac.of(numerator, total.den), variable))


def put(terms: dict[int, Frac], power: int, value: Frac) -> None:
    """Add a term to a sum by powers."""
    terms[power] = terms[power] + value if power in terms else value


def divide(numerator: Frac, delta: Poly, variable: str) -> tuple[Frac, Frac]:
    """Divide by Delta, monic in the variable, as polynomials in the variable."""
    quotient, rest = 0 * delta, numerator.num
    x = gen(variable)
    while True:
        parts = by_powers(rest, variable)
        degree = max(parts, default=0)
        if degree < 2 or rest == 0:
            return Frac.of(quotient, numerator.den), Frac.of(rest, numerator.den)
        step = parts[degree] * x ** (degree - 2)
        quotient, rest = quotient + step, rest - step * delta


def _derivative(value: Frac, variable: str) -> Frac:
    return Frac.of(value.num.derivative(variable), value.den)


def _definite(value: Frac, variable: str) -> Frac:
    x = gen(variable)
    primitive = value.num.integral(variable)
    return Frac.of(substitute(primitive, {variable: 0 * x + 1}), value.den)
