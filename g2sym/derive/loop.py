"""Loop reduction: from a projected trace to an integral over one Feynman parameter.

The three propagators carry the Feynman parameters of the boson (1 - s) and of the two fermion lines
(s - w)/2 and (s + w)/2. After the shift l -> l + (s/2) P + (w/2) q the denominator is l^2 - Delta with
Delta = Delta_0 - (s^2 - w^2) t/4; odd powers of l vanish, even ones are averaged over directions in d
dimensions, and w is integrated at once because t is kept to first order only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from g2sym.derive.kinematics import dimension, gen, ring
from g2sym.derive.projector import ORDERS
from g2sym.derive.series import invert, split, truncate

Poly = Any  # flint.fmpq_mpoly, which ships no types


@dataclass(frozen=True)
class LoopIntegrand:
    """The t^1 coefficient of t * projector * amplitude, over the fermion weight s in (0, 1).

    The integrand is sum_k powers[k]/Delta_0^k + log * ln Delta_0, in units of 1/(16 pi^2); ``pole``
    is the coefficient of 1/eps and ``leading`` the t^0 coefficient, which must integrate to zero.
    """

    powers: dict[int, Poly]
    log: Poly
    pole: Poly
    leading: LoopIntegrand | None = None


def delta0() -> Poly:
    """Return Delta at t = 0 and unit external mass: (1 - s) M^2 + s m_F^2 - s (1 - s)."""
    s, rho, nu = gen("s"), gen("rho"), gen("nu")
    return (1 - s) * rho + s * nu**2 - s * (1 - s)


def _shift(numerator: Poly) -> Poly:
    """Shift the loop momentum; afterwards l2, lP and lq are products of the new one."""
    t, s, w = gen("t"), gen("s"), gen("w")
    l2, l_sum, l_dif = gen("l2"), gen("lP"), gen("lq")
    return numerator.compose(
        *(
            {
                "l2": l2 + s * l_sum + w * l_dif + s**2 * (4 - t) / 4 + w**2 * t / 4,
                "lP": l_sum + s * (4 - t) / 2,
                "lq": l_dif + w * t / 2,
            }.get(name, gen(name))
            for name in ring().names()
        ),
        ctx=ring(),
    )


def _double_factorial(n: int) -> int:
    out = 1
    for k in range(n, 1, -2):
        out *= k
    return out


def _average(numerator: Poly, d: Poly) -> dict[int, Poly]:
    """Average over the directions of l: coefficients by power n of l^2 (P and q are orthogonal)."""
    t = gen("t")
    out: dict[int, Poly] = {}
    for a, part_a in split(numerator, "l2").items():
        for b, part_b in split(part_a, "lP").items():
            for c, part in split(part_b, "lq").items():
                if b % 2 or c % 2:
                    continue
                half = (b + c) // 2
                weight = ring().constant(_double_factorial(b - 1) * _double_factorial(c - 1))
                for k in range(half):
                    weight *= invert(d + 2 * k, ORDERS)
                term = truncate(part * weight * (4 - t) ** (b // 2) * t ** (c // 2), ORDERS)
                order = a + half
                out[order] = out[order] + term if order in out else term
    return out


def _integrate_w(poly: Poly) -> Poly:
    """Integrate over w from -s to s with dx_k dx_k' = ds dw/2."""
    s = gen("s")
    total = 0 * s
    for power, part in split(poly, "w").items():
        if power % 2 == 0:
            total += part * s ** (power + 1) / (power + 1)
    return total


def reduce(
    numerator: Poly, base: Poly | None = None, d: Poly | None = None, integrate_w: bool = True
) -> LoopIntegrand:
    """Integrate a projected numerator over the loop momentum, and over w where Delta_0 allows it.

    Parameters: ``numerator``, a polynomial in the products of l, to be divided by the three
    propagators; ``base``, Delta_0, by default that of a neutral exchange; ``d``, the dimension in
    which indices are contracted, by default 4 - 2 eps; ``integrate_w``, False to keep w.
    Returns the integrand of the form factor; see LoopIntegrand.
    """
    t, s, w = gen("t"), gen("s"), gen("w")
    base = delta0() if base is None else base
    d = dimension() if d is None else d
    step = (s**2 - w**2) / 4  # Delta = base - step t
    zero = 0 * s
    powers: dict[int, Poly] = {0: zero, 1: zero, 2: zero}
    log, pole = zero, zero
    for n, part in _average(_shift(truncate(numerator, ORDERS)), d).items():
        if n == 0:
            # 2 i int 1/(l^2 - Delta)^3 = 1/Delta, finite: eps drops out
            finite = split(truncate(part, ORDERS), "eps").get(0, zero)
            powers[1] += finite
            powers[2] += truncate(finite * step * t, ORDERS)
            continue
        # 2 i int l^(2n)/(l^2 - Delta)^3 = -c_n Delta^(n-1) (1/eps - ln Delta + H_(n-1)),
        # c_n = Gamma(n + d/2)/Gamma(d/2)/(n-1)!, from Gamma(1-n+eps); MS-bar constants dropped
        factor, harmonic = ring().constant(1), zero
        for k in range(n):
            factor *= d / 2 + k
        for k in range(1, n):
            factor /= k
            harmonic += ring().constant(1) / k
        weight = truncate(-part * factor, ORDERS)
        delta_power = (base - step * t) ** (n - 1)
        by_eps = split(truncate(weight * delta_power, ORDERS), "eps")
        lead, next_ = by_eps.get(0, zero), by_eps.get(1, zero)
        pole += lead
        powers[0] += lead * harmonic + next_
        log -= lead
        powers[1] += truncate(lead * step * t, ORDERS)  # -ln Delta = -ln base + step t/base
    wanted = [_pick(powers, log, pole, order, integrate_w) for order in (0, 1)]
    return LoopIntegrand(wanted[1][0], wanted[1][1], wanted[1][2], LoopIntegrand(*wanted[0]))


def _pick(
    powers: dict[int, Poly], log: Poly, pole: Poly, order: int, integrate_w: bool
) -> tuple[dict[int, Poly], Poly, Poly]:
    def at(poly: Poly) -> Poly:
        part = split(truncate(poly, ORDERS), "t").get(order, 0 * poly)
        return _integrate_w(part) if integrate_w else part

    return {k: p for k, v in powers.items() if (p := at(v)) != 0}, at(log), at(pole)
