"""What a truncated expansion leaves out, bounded rigorously by majorants.

Every building block of an expansion is a product of powers of polynomials 1 + ... in t, of their
logarithms and of integrals of such products. With R below the distance of t = 0 from every zero of
these polynomials, each power (1 - t/t_i)^a with |a| <= 1 has coefficients bounded by those of
1/(1 - t/R), hence each series by those of P(t) (1 - t/R)^(-m) with a polynomial P of non-negative
coefficients. The terms left out are then bounded by the tail of a binomial series.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import ceil, comb
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.base.classes import dataclass
from g2sym.base.exact import decimal_text
from g2sym.errors import UsageError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.expansion import Expansion, expand, pieces
from g2sym.integrals.laurent import Local, Series, SeriesAlgebra
from g2sym.integrals.rational import Frac, constant
from g2sym.integrals.region import at, region
from g2sym.integrals.values import Value
from g2sym.kernels.slices import arc

if TYPE_CHECKING:
    from flint import arb

_EXTRA = 6
"""Coefficients beyond the truncation that are summed as they are, before the tail is bounded."""


@dataclass(frozen=True)
class Bound:
    """Coefficients bounded by those of t^start P(t) (1 - t/R)^(-order); P by power, upper bounds."""

    start: int
    top: tuple[Any, ...]
    order: int


@dataclass(frozen=True)
class Bounded:
    """A series together with a bound on all its coefficients."""

    series: Series
    bound: Bound


class BoundAlgebra:
    """The operations of `g2sym.integrals.laurent.SeriesAlgebra`, carried out on series and bounds at once."""

    def __init__(self, terms: int, radius: arb) -> None:
        self.exact = SeriesAlgebra(terms)
        self.radius = radius

    def poly(self, a: Local) -> Bounded:
        """Bound a Laurent polynomial by the absolute values of its coefficients."""
        series = self.exact.poly(a)
        top = tuple(abs(number(at(c, {}))) for c in series.coefficients)
        return Bounded(series, Bound(series.start, top, 0))

    def mul(self, a: Bounded, b: Bounded) -> Bounded:
        """Bound a product."""
        series = self.exact.mul(a.series, b.series)
        x, y = a.bound, b.bound
        if not x.top or not y.top:
            return Bounded(series, Bound(0, (), 0))
        top = [number(0)] * (len(x.top) + len(y.top) - 1)
        for i, p in enumerate(x.top):
            for j, q in enumerate(y.top):
                top[i + j] += p * q
        return Bounded(series, Bound(x.start + y.start, tuple(top), x.order + y.order))

    def power(self, one_plus: Local, exponent: Fraction) -> Bounded:
        """Bound (1 + ...)^exponent, exponent from -1 to 0: a factor (1 - t/R)^exponent for each zero."""
        if not -1 <= exponent <= 0:
            raise ValueError("only powers from -1 to 0 are bounded")
        order = ceil(max(one_plus) * -exponent)
        return Bounded(self.exact.power(one_plus, exponent), Bound(0, (number(1),), order))

    def log(self, one_plus: Local) -> Bounded:
        """Bound ln(1 + ...): each zero gives coefficients of at most R^-n/n."""
        degree = max(one_plus)
        bound = Bound(1, (number(degree) / self.radius,), 1) if degree else Bound(0, (), 0)
        return Bounded(self.exact.log(one_plus), bound)

    def integrate(self, a: Bounded, offset: Fraction) -> tuple[Bounded, Frac]:
        """Bound an integral: it divides by exponents that are integers, or at least 1/2 in size."""
        series, residue = self.exact.integrate(a.series, offset)
        worst = 1 if offset.denominator == 1 else 2
        top = tuple(c * worst for c in a.bound.top)
        return Bounded(series, Bound(a.bound.start, top, a.bound.order)), residue


def radius_of_convergence(form: ClosedForm, path: Mapping[str, Local]) -> arb | None:
    """Return a lower bound on the radius of convergence in t, None when it is infinite.

    Parameters: ``form`` and ``path`` without symbolic masses. Call inside `working_precision`.
    """
    algebra = SeriesAlgebra(2)
    for _ in pieces(form, path, region(form, path), algebra):
        pass
    found: Any = None
    for poly in {str(sorted(p.items())): p for p in algebra.singular}.values():
        for root in _roots(poly):
            size = root.abs_lower()
            found = size if found is None or size < found else found
    return found  # type: ignore[no-any-return]


def _roots(poly: Local) -> list[Any]:
    from flint import fmpq, fmpq_poly

    numbers = {e: at(c, {}) for e, c in poly.items()}
    dense = [numbers.get(n, Fraction(0)) for n in range(max(numbers) + 1)]
    whole: Any = fmpq_poly([fmpq(c.numerator, c.denominator) for c in dense]).numer()
    # far from zero roots lie close together: those of each factor are isolated on their own
    _, factors = whole.factor()
    return [root for factor, _ in factors for root, _ in factor.complex_roots()]


def remainder(
    form: ClosedForm, path: Mapping[str, Local], end: Fraction, t: Fraction, bits: int = 128
) -> arb:
    """Return an upper bound on |form - its expansion below t^end| at t; rigorous.

    Parameters: ``form`` and ``path`` with values for all masses but the moving ones; ``end``, the first
    exponent left out; ``t`` > 0 inside the radius of convergence.
    Raises UsageError outside that radius.
    """
    with working_precision(bits):
        radius = radius_of_convergence(form, path)
        here = number(t)
        if radius is not None and not here < radius:
            raise UsageError(
                f"The expansion converges for t < {float(radius.mid()):.6g} only; "
                f"{decimal_text(t, 6)} is outside."
            )
        wide = expand(form, path, end + _EXTRA)
        if wide.end is None:
            return abs(_sum(wide, here, end)).upper()
        known: Fraction = wide.end
        where = region(form, path)
        algebra = BoundAlgebra(2 * _EXTRA + max(ceil(end), 0), number(1) if radius is None else radius)
        total = abs(_sum(wide, here, end))
        for piece in pieces(form, path, where, algebra):
            if piece.series.series.exact:
                continue
            size = abs(value_ball(piece.value, {}))
            if piece.logs:
                size *= abs(here.log())
            total += (
                size
                * here ** number(piece.shift)
                * _tail(piece.series.bound, ceil(known - piece.shift), here, radius)
            )
        return total.upper()


def _sum(expansion: Expansion, t: arb, start: Fraction) -> arb:
    total = number(0)
    for e, j, value in expansion.terms:
        if e >= start:
            total += value_ball(value, {}) * t ** number(e) * t.log() ** j
    return total


def _tail(bound: Bound, first: int, t: arb, radius: arb | None) -> arb:
    """Bound the sum of the terms with exponents from ``first`` on."""
    total = number(0)
    x = t / radius if radius is not None else number(0)
    for i, c in enumerate(bound.top):
        n = first - bound.start - i
        total += c * t ** (bound.start + i) * _binomial_tail(bound.order, n, x)
    return total


def _binomial_tail(m: int, n: int, x: arb) -> arb:
    """Bound sum_(k >= n) of the terms of (1 - x)^(-m)."""
    whole = (1 - x) ** (-m)
    if n <= 0:
        return whole
    if m == 0:
        return number(0)
    ratio = x * (n + m) / (n + 1)
    if not ratio < 1:
        return whole
    return number(comb(n + m - 1, m - 1)) * x**n / (1 - ratio)


def value_ball(value: Value, values: Mapping[str, Fraction]) -> arb:
    """Return an exact value as a ball at the precision in force; ``values`` of the symbolic masses."""
    return value.fold(  # type: ignore[no-any-return]
        lambda n: number(values[n]),
        number,
        {"ln": lambda a: abs(a).log(), "pi": lambda a: number(1).pi() * a.sqrt(), "arc": arc},
    )


def series_ball(expansion: Expansion, t: Fraction, values: Mapping[str, Fraction]) -> arb:
    """Return the truncated sum at t as a ball, at the precision in force."""
    here = number(t)
    total = number(0)
    for e, j, value in expansion.terms:
        total += value_ball(value, values) * here ** number(e) * here.log() ** j
    return total


def fixed(form: ClosedForm, values: Mapping[str, Fraction]) -> ClosedForm:
    """Put rational values for masses into a canonical form."""
    return form.substitute({n: constant(v) for n, v in values.items()})


def fixed_path(path: Mapping[str, Local], values: Mapping[str, Fraction]) -> dict[str, Local]:
    """Put rational values for masses into a path."""
    polys = {n: constant(v) for n, v in values.items()}
    out: dict[str, Local] = {}
    for name, local in path.items():
        moved = {e: c.substitute(polys) for e, c in local.items()}
        out[name] = {e: c for e, c in moved.items() if not c.is_zero}
    return out
