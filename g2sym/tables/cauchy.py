"""Bounds on Taylor coefficients of a kernel in the boson's mass: what a table's truncation rests on.

With M = M_c (1 + tau), f = sum_n a_n tau^n. For very light and very heavy bosons |a_n| follows from the
expansion; in between from an arb power series, whose remainder Cauchy's inequality bounds.
"""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.kernels.slices import Slice
from g2sym.tables.expansion import Expansion, _cap

if TYPE_CHECKING:
    from flint import arb

ORDER = 48
"""Taylor coefficients computed; later ones are bounded."""
FAR = 16.0
"""An expansion is used where |q| is that many times smaller than its circle."""


def far_bound(expansion: Expansion, low: float, high: float, degree: int) -> float | None:
    """Return a bound of |a_degree| for every r in [low, high], or None where the expansion is not used.

    It is not used where q is not far inside its circle, and where fewer orders are known than the degree.
    Those that are not known, from n = end on, are at most sup radius^-n in size. With d the degree and
    p = +-n, |binom(p, d)| <= (n + d)^d/d! and |d/dp binom(p, d)| <= d (n + d)^d/d!: no factor p - k with
    k < d is larger than n + d. From one order to the next (n + d + 1)^d grows by at most
    (1 + 1/(2 d + 1))^d < 2 if n >= d, so that the terms fall like a geometric series of ratio 2 q/radius.
    """
    q = high if expansion.side < 0 else 1 / low
    end = expansion.start + len(expansion.plain)
    if q * FAR > expansion.radius or end < degree:
        return None
    slope = -expansion.side
    log = 2 * max(abs(math.log(low)), abs(math.log(high)))
    total = 0.0
    for n, a, b in expansion.orders():
        size, derivative = _binomial(slope * n, degree)
        # a negative power of q is largest at the other end; coefficients alone may be beyond doubles
        power = number(q if n >= 0 else low if expansion.side < 0 else 1 / high) ** n
        a_size, b_size = (float((abs(c) * power).abs_upper()) for c in (a, b))
        total += (a_size + b_size * log) * size + 2 * b_size * derivative
    growth = (end + degree + 1.0) ** degree / math.factorial(degree)
    ratio = q / expansion.radius
    tail = expansion.sup * ratio**end * growth * (1 + log + 2 * degree) / (1 - 2 * ratio)
    return (total + tail) * (1 + 1e-9)


@cache
def _binomial(power: int, degree: int) -> tuple[float, float]:
    """Return |binom(p, n)| and |d/dp binom(p, n)|."""
    factors = [(power - k) for k in range(degree)]
    scale = math.factorial(degree)
    size = abs(math.prod(factors)) / scale
    derivative = sum(math.prod(f for j, f in enumerate(factors) if j != k) for k in range(degree))
    return size, abs(derivative) / scale


def taylor(line: Slice, r: arb) -> list[arb]:
    """Return a_0 .. a_(ORDER-1) at r as balls, at the working precision in force."""
    from flint import arb, arb_series

    with _cap(ORDER):
        step = arb_series([1, 1], ORDER)
        rho = step * step * (r * r)

        def poly(p: Any) -> Any:
            total = arb_series([0], ORDER)
            for n in range(p.degree(), -1, -1):
                total = total * rho + arb(p[n])
            return total

        total = poly(line.plain)
        for argument, factor in line.logs:
            total += poly(factor) * (rho.log() if argument.runs else arb(argument.constant).log())
        for (d0, d1), factor in line.arcs:
            ends = [rho if d.runs else arb_series([arb(d.constant)], ORDER) for d in (d0, d1)]
            total += poly(factor) * _arc_series(ends[0], ends[1])
        coefficients = list((total / poly(line.den)).coeffs())
        return coefficients + [arb(0)] * (ORDER - len(coefficients))


def _arc_series(d0: Any, d1: Any) -> Any:
    s = d0 + d1 - 1
    product = 4 * d0 * d1
    disc = s * s - product
    if disc[0] < 0:
        return 2 * (s / product.sqrt()).acos() / (-disc).sqrt()
    root = disc.sqrt()
    top = s + root
    return (top * top / product).log() / root


def near_bounds(
    line: Slice, r: float, spread: float, threshold: float, degrees: tuple[int, ...]
) -> list[float] | None:
    """Return bounds of |f^(n)|/n! in units of r for every mass within r (1 +- spread), or None.

    Parameters: ``threshold`` below which the kernel is singular, in units of the lepton's
    mass. Call inside `working_precision`.
    """
    from flint import arb

    for _ in range(4):  # an arc's power series needs its discriminant away from zero
        if all(_regular(d0, d1, r) for (d0, d1), _ in line.arcs):
            break
        r, spread = r * 1.03125, spread * 1.04 + 0.03125
    for reach in (0.6, 0.5, 0.7, 0.4, 0.3, 0.2):
        if r * (1 - reach) <= threshold * 1.0001:
            continue
        sup = disc_bound(line, r, reach)
        if sup < math.inf:
            break
    else:
        return None
    sizes = [float(a.abs_upper()) if a.is_finite() else math.inf for a in taylor(line, arb(r))]
    out = []
    for degree in degrees:
        total = sum(math.comb(n, degree) * sizes[n] * spread ** (n - degree) for n in range(degree, ORDER))
        ratio = spread / reach * (ORDER + 1) / (ORDER + 1 - degree)
        if ratio >= 0.9:
            return None
        tail = sup * math.comb(ORDER, degree) * (spread / reach) ** (ORDER - degree) * reach**-degree
        out.append((total + tail / (1 - ratio)) * (1 + 1e-9))
    return out if all(map(math.isfinite, out)) else None


def _regular(d0: Any, d1: Any, r: float) -> bool:
    ends = [r * r if d.runs else float(d.constant) for d in (d0, d1)]
    s = ends[0] + ends[1] - 1
    return (d0.is_constant and d1.is_constant) or abs(s * s - 4 * ends[0] * ends[1]) > s * s / 64


def disc_bound(line: Slice, r: float, reach: float, pieces: int = 16) -> float:
    """Return a bound on |f| over the disc |M/m - r| <= reach * r (infinite if a pole is met).

    The upper half of the circle will do: f takes conjugate values at conjugate masses.
    """
    from flint import acb, arb

    with working_precision(64):
        top = arb(0)
        half = arb.pi() / (2 * pieces)
        for k in range(pieces):
            angle = arb(2 * k + 1) / (2 * pieces)
            point = arb(r) * (1 + arb(reach) * acb(angle.cos_pi(), angle.sin_pi()))
            width = (arb(r) * reach * half).upper()
            wide = point + acb(arb(0, width), arb(0, width))
            value = line.bound(wide * wide)
            if not value.is_finite():
                return math.inf
            top = top.max(value)
        return float(top.upper()) * (1 + 1e-12)
