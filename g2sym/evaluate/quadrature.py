"""Integrals by direct ball quadrature of their integrand, independent of any closed form.

Petras' algorithm (flint's acb.integral) encloses the integral with a proved error; an integral over
the simplex is done by one quadrature inside another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.balls import working_precision
from g2sym.evaluate.closed import number
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import NAMES, Poly

if TYPE_CHECKING:
    from flint import arb


def integrate_ball(integral: FeynmanIntegral, values: Mapping[str, Fraction], bits: int) -> arb:
    """Return the integral as a ball with about ``bits`` correct bits, from the integrand alone.

    Parameters: ``integral`` over one Feynman parameter, or over the simplex 0 < y < x < 1; ``values``,
    exact rho, nu and zeta above threshold. The precision is raised until the ball is narrow enough or
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
    from flint import acb

    body = _integrand(integral, values)
    divisor = _horner(integral.divisor, values)(acb(0), acb(0)).real
    outer = integral.variables[0][0]
    if len(integral.variables) == 1:
        first = (lambda t, a: body(t, acb(0), a)) if outer == "x" else (lambda t, a: body(acb(0), t, a))
        return acb.integral(first, 0, 1, eval_limit=200 * bits).real / divisor  # type: ignore[no-any-return]

    def strip(x: Any, analytic: bool) -> Any:
        # y = x s maps the inner path to (0, 1), so that the strip is analytic in x
        return x * acb.integral(lambda s, _: body(x, x * s, True), 0, 1, eval_limit=200 * bits)

    return acb.integral(strip, 0, 1, eval_limit=200 * bits).real / divisor  # type: ignore[no-any-return]


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


def _horner(poly: Poly, values: Mapping[str, Fraction]) -> Callable[[Any, Any], Any]:
    """Return a polynomial in x and y with the masses' values put in, evaluated by powers."""
    found: dict[tuple[int, int], Any] = {}
    for powers, factor in poly.to_dict().items():
        term = number(factor)
        for name, power in zip(NAMES[2:], powers[2:], strict=True):
            if power:
                term = term * number(values[name]) ** int(power)
        key = int(powers[0]), int(powers[1])
        found[key] = found[key] + term if key in found else term
    rows: dict[int, list[Any]] = {}
    for (i, j), value in found.items():
        row = rows.setdefault(j, [])
        row.extend([0] * (i + 1 - len(row)))
        row[i] = value
    ordered = sorted(rows.items(), reverse=True)

    def evaluate(x: Any, y: Any) -> Any:
        total = 0 * x
        for j, row in ordered:
            inner = 0 * x
            for value in reversed(row):
                inner = inner * x + value
            total = total + (inner * y**j if j else inner)
        return total

    return evaluate
