"""What a truncated expansion leaves out, bounded for every t of a range: a certified inequality.

`g2sym.integrals.certificate` writes form - series = (-r + sum_i n_i e_i + sum_j m_j e_j)/D with exact Laurent
polynomials; e_i and e_j are integrals of exact residuals. For 0 < t <= reach:

- a polynomial sum_k c_k t^k is at most t^low sum_k |c_k| reach^(k - low) in size, low its first power; it is
  at least c t^low m, c t^low its first term and m a lower bound of what multiplies it, from balls that cover
  the range;
- int_0^t s^(a-1) ds = t^a/a and int_0^t s^(a-1) |ln s| ds <= t^a (|ln t|/a + 1/a^2), a > 0 (for t > 1 too: it
  is 1/a^2 + int_1^t s^(a-1) ln s ds <= 1/a^2 + t^a ln t/a);
- |e| for ln a is at most int |r/a|, and for T at most |L(t)|^(-1/2) int |r|/(|q| |L|^(1/2)).

Nothing vanishes in the range: L keeps its sign and u its side of 2 sqrt q, so that T stays real.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import TYPE_CHECKING

from g2sym.base.balls import Ball, number, working_precision
from g2sym.base.classes import dataclass
from g2sym.base.exact import decade
from g2sym.errors import CheckFailed, UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.certificate import ArcPart, LogPart, certify
from g2sym.integrals.expansion import Expansion, expand
from g2sym.integrals.laurent import Local
from g2sym.integrals.rational import Frac
from g2sym.integrals.region import at
from g2sym.kernels.confirmed import Path, thaw
from g2sym.kernels.remainder import radius_of_convergence, value_ball

if TYPE_CHECKING:
    from flint import arb

BITS = 128
EXTRA = 12
"""Powers beyond the truncation that are summed as they are; further ones are bounded by residuals."""
DIGITS = 4
"""Decimals to which the constants of a bound are rounded up."""
INSIDE = 4
"""A range that is chosen here reaches to that fraction of the radius of convergence, or less."""
HALVINGS = 12
"""How often a range is halved, at most, to bound a polynomial on it from below."""


@dataclass(frozen=True)
class RangeBound:
    """|form - series| <= t^end (plain + log |ln t|) for 0 < t <= reach, the series ending below t^end."""

    end: Fraction
    reach: Fraction
    plain: arb
    log: arb

    def at(self, t: Fraction) -> arb:
        """Return the bound at one t of the range, at the precision in force."""
        here = number(t)
        return here ** number(self.end) * (self.plain + self.log * abs(here.log()))


def usual_reach(form: ClosedForm, path: Mapping[str, Local]) -> Fraction:
    """Return the largest of 1, 2 and 5 times a power of ten that is well inside convergence, at most 1/10.

    Parameters: ``form`` and ``path`` without symbolic masses.
    """
    with working_precision(BITS):
        radius = radius_of_convergence(form, path)
        most = Fraction(1, 10)
        if radius is not None:
            most = min(most, Fraction(float(radius.lower()) / INSIDE))
    power = 0
    while True:
        for first in (1, Fraction(1, 2), Fraction(1, 5)):
            if first * Fraction(1, 10**power) <= most:
                return first * Fraction(1, 10**power)
        power += 1


@lru_cache(maxsize=1024)
def range_bound(form: ClosedForm, path: Path, end: Fraction, reach: Fraction) -> RangeBound:
    """Bound what the expansion below t^end leaves out, for 0 < t <= reach.

    Parameters: ``form`` and ``path``, frozen, without symbolic masses; ``reach`` > 0.
    Raises UnsupportedError where the range holds a zero of a denominator, of an argument of a logarithm or of
    L, CheckFailed should the expansion not be certified.
    """
    whole = expand(form, thaw(path), end)  # an expansion that ends is not cut
    cut = tuple(term for term in whole.terms if term[0] < end)
    found = bound_of(form, Expansion(whole.path, cut, end, whole.conditions), reach)
    if found is None:
        raise CheckFailed(f"The expansion of {form} could not be certified.")
    return found


def bound_of(
    form: ClosedForm, found: Expansion, reach: Fraction, positive: tuple[Frac, ...] = ()
) -> RangeBound | None:
    """Bound what an expansion with an end leaves out, for 0 < t <= reach; None where it is not certified."""
    certificate = certify(form, found, positive, EXTRA)
    if certificate is None or found.end is None:
        return None
    with working_precision(BITS):
        total = _Sum(reach)
        for (e, j), value in certificate.rest.items():
            total.add(e, j, abs(value_ball(value, {})))
        for log in certificate.logs:
            _add_log(total, log)
        for arc in certificate.arcs:
            _add_arc(total, arc)
        power, size = _below(certificate.den, reach)
        plain, log_part = total.over(found.end + power)
        return RangeBound(found.end, reach, (plain / size).upper(), (log_part / size).upper())


def rounded_up(value: arb) -> Fraction:
    """Return a decimal upper bound of a number that is not negative."""
    most = Ball.from_arb(value).upper
    if most <= 0:
        return Fraction(0)
    unit = Fraction(10) ** (decade(most) - DIGITS + 1)
    return -(-most // unit) * unit


class _Sum:
    """Terms c t^e |ln t|^j, c >= 0, for 0 < t <= reach."""

    def __init__(self, reach: Fraction) -> None:
        self.reach = reach
        self.terms: list[tuple[Fraction, int, arb]] = []

    def add(self, exponent: Fraction, logs: int, size: arb) -> None:
        """Add a term."""
        self.terms.append((exponent, logs, size))

    def over(self, power: Fraction) -> list[arb]:
        """Return the bounds on the terms without and with a logarithm, over t^power."""
        out = [number(0), number(0)]
        for exponent, logs, size in self.terms:
            if exponent < power:
                raise CheckFailed("A certificate leaves a power below its order.")
            out[logs] += size * number(self.reach) ** number(exponent - power)
        return out


def _exact(local: Local) -> dict[int, Fraction]:
    return {e: at(c, {}) for e, c in local.items()}


def _below(local: Local, reach: Fraction) -> tuple[int, arb]:
    """Return the first power of a Laurent polynomial, and a lower bound of its size over t^power."""
    parts = _exact(local)
    low = min(parts)
    sign = 1 if parts[low] > 0 else -1
    dense = [sign * parts.get(low + n, Fraction(0)) for n in range(max(parts) - low + 1)]
    return low, _least(dense, Fraction(0), reach, 0)


def _least(dense: list[Fraction], low: Fraction, high: Fraction, depth: int) -> arb:
    """Return a positive lower bound of a polynomial on a range, which is halved where balls are too wide."""
    middle = (low + high) / 2
    half = number((high - low) / 2)
    x = number(middle) + half.union(-half)
    value, centre = number(0), number(0)
    for c in reversed(dense):
        value, centre = value * x + number(c), centre * number(middle) + number(c)
    if value > 0 and (value.lower() > centre * 0.9 or depth == HALVINGS):
        return value.lower()
    if depth == HALVINGS or not centre > 0:
        raise UnsupportedError(
            "The range of masses reaches a point where a denominator of the closed form or the argument of a "
            "logarithm may vanish; choose a smaller one."
        )
    return _least(dense, low, middle, depth + 1).min(_least(dense, middle, high, depth + 1))


def _above(local: Local, reach: Fraction) -> tuple[int, arb]:
    """Return the first power of a Laurent polynomial, and an upper bound of its size over t^power."""
    low = min(local)
    sizes = (number(abs(c)) * number(reach ** (e - low)) for e, c in _exact(local).items())
    return low, sum(sizes, number(0))


def _add_log(total: _Sum, part: LogPart) -> None:
    """Add |n e|: |e| <= int_0^t |r/a|."""
    if not part.residual or not part.factor:
        return
    power, factor = _above(part.factor, total.reach)
    low, size = _below(part.argument, total.reach)
    for e, c in _exact(part.residual).items():
        a = e - low + 1
        total.add(Fraction(power + a), 0, factor * number(abs(c)) / (size * a))


def _add_arc(total: _Sum, part: ArcPart) -> None:
    """Add |m e|: |e| <= |L(t)|^(-1/2) int_0^t |r|/(|q| |L|^(1/2)); where L vanishes identically, |r/u|."""
    if not part.residual or not part.factor:
        return
    power, factor = _above(part.factor, total.reach)
    low, size = _below(part.q, total.reach)
    k, square = _below(part.lam, total.reach) if part.lam else (0, number(1))
    half = Fraction(k, 2)
    for value, terms in part.residual:
        constant = factor * abs(value_ball(value, {})) / (size * square)
        for (e, j), c in terms.items():
            weight = constant * number(abs(at(c, {})))
            if not part.lam:
                total.add(power + e - low, j, weight)
                continue
            a = e - low - half + 1  # |L|^(1/2) >= (square t^k)^(1/2), both under the integral and in front
            total.add(power + a - half, j, weight / number(a))
            if j:
                total.add(power + a - half, 0, weight / number(a) ** 2)
