"""Integrals by direct ball quadrature of their integrand, independent of any closed form.

Petras' algorithm (flint's acb.integral) encloses the integral with a proved error. Over two Feynman
parameters, 0 < y < x < 1, Delta is linear in x: that integral is elementary at each y, in balls, and
the quadrature runs over y.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.polynomials import PARAMETERS
from g2sym.integrals.rational import Poly, constant, gen, substitute

if TYPE_CHECKING:
    from flint import arb


EVALUATIONS = 1 << 17
"""Most evaluations of an integrand."""


def integrate_ball(integral: FeynmanIntegral, values: Mapping[str, Fraction], bits: int) -> arb:
    """Return the integral as a ball with about ``bits`` correct bits, from the integrand alone.

    Parameters: ``integral`` over one Feynman parameter, or over the simplex 0 < y < x < 1; ``values``,
    exact rho, nu and zeta below threshold. The precision is raised until the ball is narrow enough or
    has been raised three times.
    """
    work = bits + 30 + _spread(values)
    result: Any = None
    for _ in range(4):
        with working_precision(work):
            result = _attempt(integral, values, work)
        if result.rel_accuracy_bits() >= bits:
            break
        work += bits + 60
    return result  # type: ignore[no-any-return]


def _spread(values: Mapping[str, Fraction]) -> int:
    sizes = [abs(v.numerator.bit_length() - v.denominator.bit_length()) for v in values.values() if v]
    return 2 * max(sizes, default=0)


def _attempt(integral: FeynmanIntegral, values: Mapping[str, Fraction], bits: int) -> arb:
    from flint import acb, arb

    divisor = _rows(integral.divisor, values)[0][0]
    if len(integral.variables) == 1:
        body = _integrand(integral, values)
        zero = acb(0)
        along_x = integral.variables[0][0] == "x"
        whole = acb.integral(
            lambda t, a: body(t, zero, a) if along_x else body(zero, t, a), 0, 1, eval_limit=EVALUATIONS
        )
        return arb(whole.real / divisor)
    start = Fraction(0)
    corner = number(0)
    if substitute(integral.delta, {"x": constant(1), "y": constant(0)}) == 0:
        start = Fraction(1, 1 << (bits + 10))
        corner = _corner(integral, values) * number(start)
    rest = acb.integral(_inner(integral, values), number(start), 1, eval_limit=EVALUATIONS)
    return arb((rest.real + corner.union(-corner)) / divisor)


def _corner(integral: FeynmanIntegral, values: Mapping[str, Fraction]) -> arb:
    """Bound the inner integral for small y where Delta >= y^2, Delta >= k (1 - x) vanishes at x = 1, y = 0.

    |ln Delta| is at most Delta + |ln k| + |ln(1 - x)|, and y^2/Delta at most 1.
    """
    from flint import arb

    delta = _rows(integral.delta, values)
    slope = -_poly(delta.get(1, [0]), number(0))
    if not slope > 0:
        raise UnsupportedError("Direct integration finds Delta = 0 inside the region of integration.")
    largest = sum((abs(c) for row in delta.values() for c in row), number(0))
    weight = sum((abs(c) for row in _rows(integral.log, values).values() for c in row), number(0))
    total = weight * (largest + abs(slope.log()) + 1)
    for k, numerator in integral.powers:
        for row in _rows(numerator, values).values():
            if k != 1 or any(c != 0 for c in row[:2]):
                raise UnsupportedError("Direct integration meets a singularity it cannot bound.")
            total += sum((abs(c) for c in row), number(0))
    return arb(total)


def _inner(integral: FeynmanIntegral, values: Mapping[str, Fraction]) -> Callable[[Any, bool], Any]:
    """Return the x-integral from y to 1 at given y, for a Delta that is linear in x, in balls.

    With w = Delta as variable the numerators are polynomials in w, times ln w or 1/w.
    """
    delta, log = _rows(integral.delta, values), _rows(integral.log, values)
    # Delta at x = 1 and at x = y, where masses cancel before numbers do
    edges = [
        (_rows(substitute(integral.delta, {"x": x}), values)[0], sign)
        for x, sign in ((constant(1), 1), (gen("y"), -1))
    ]
    powers = [(k, _rows(p, values)) for k, p in integral.powers]
    if max(delta) > 1 or any(k > 1 for k, _ in powers):
        raise UnsupportedError("Direct integration over two parameters needs a Delta linear in one of them.")

    def strip(y: Any, analytic: bool) -> Any:
        start, slope = _poly(delta[0], y), _poly(delta.get(1, [0]), y)
        ends = [(_poly(row, y), sign) for row, sign in edges]
        logs = [w.log(analytic=analytic) for w, _ in ends]
        total = 0 * y
        for n, c in enumerate(_shifted(log, y, start, slope)):
            for (w, sign), ln in zip(ends, logs, strict=True):
                total += sign * c * w ** (n + 1) * (ln / (n + 1) - number(Fraction(1, (n + 1) ** 2)))
        for k, rows in powers:
            for n, c in enumerate(_shifted(rows, y, start, slope)):
                for (w, sign), ln in zip(ends, logs, strict=True):
                    m = n - k + 1
                    total += sign * c * (w**m / m if m else ln)
        return total / slope

    return strip


def _shifted(rows: Mapping[int, list[Any]], y: Any, start: Any, slope: Any) -> list[Any]:
    """Return sum_j rows[j](y) x^j as coefficients by power of w, x = (w - start)/slope."""
    out = [0 * y]
    for j in range(max(rows, default=0), -1, -1):
        # Horner: out * (w - start)/slope + rows[j](y)
        moved = [0 * y, *(c / slope for c in out)]
        for n, c in enumerate(out):
            moved[n] -= c * start / slope
        moved[0] += _poly(rows.get(j, [0]), y)
        out = moved
    return out


def _poly(row: list[Any], y: Any) -> Any:
    total = 0 * y
    for value in reversed(row):
        total = total * y + value
    return total


def _integrand(integral: FeynmanIntegral, values: Mapping[str, Fraction]) -> Callable[[Any, Any, bool], Any]:
    delta = _horner(integral.delta, values)
    powers = [(k, _horner(p, values)) for k, p in integral.powers]
    log = _horner(integral.log, values) if integral.log != 0 else None

    def body(x: Any, y: Any, analytic: bool) -> Any:
        base = delta(x, y)
        total = sum((p(x, y) / base**k for k, p in powers), 0 * x)
        if log is not None:
            total += log(x, y) * base.log(analytic=analytic)
        return total

    return body


def _rows(poly: Poly, values: Mapping[str, Fraction]) -> dict[int, list[Any]]:
    """Return a polynomial as {power of x: coefficients by power of y}, the masses' values put in."""
    found: dict[int, list[Any]] = {}
    for powers, factor in poly.terms():
        i, j = (powers.pop(name, 0) for name in PARAMETERS)
        term = number(factor)
        for name, power in powers.items():
            term = term * number(values[name]) ** power
        row = found.setdefault(i, [])
        row.extend([number(0)] * (j + 1 - len(row)))
        row[j] = row[j] + term
    return found or {0: [number(0)]}


def _horner(poly: Poly, values: Mapping[str, Fraction]) -> Callable[[Any, Any], Any]:
    """Return a polynomial in x and y as a function."""
    rows = _rows(poly, values)
    degree = max(rows)

    def evaluate(x: Any, y: Any) -> Any:
        total = 0 * x
        for i in range(degree, -1, -1):
            total = total * x + (_poly(rows[i], y) if i in rows else 0)
        return total

    return evaluate
