"""Integration over the loop momentum: from a projected numerator to an integral over Feynman parameters.

After the shift of the loop momentum the denominator is l^2 - Delta with Delta = Delta_0 - step t. Odd powers
of l vanish, even ones are averaged over directions, and everything is kept to first order in t.
"""

from __future__ import annotations

from fractions import Fraction
from math import comb, factorial

from g2sym.base.classes import dataclass
from g2sym.derive.kinematics import Poly, dimension, gen, ring
from g2sym.derive.parameters import Parameters
from g2sym.derive.projector import ORDERS
from g2sym.derive.series import collect, invert, split, truncate
from g2sym.errors import UnsupportedError

MINIMAL = "larin"
"""The scheme with every index in d dimensions: for finite form factors, gauge invariance asks for it."""


def is_four_dimensional(scheme: str) -> bool:
    """True when a scheme contracts indices in four dimensions; see `g2sym.base.conventions.SCHEMES`."""
    return scheme != MINIMAL


@dataclass(frozen=True)
class LoopIntegrand:
    """The t^1 coefficient of t * projector * amplitude, over the Feynman parameters.

    The integrand is sum_k powers[k]/Delta_0^k + log * ln Delta_0, in units of 1/(16 pi^2); ``pole``
    is the coefficient of 1/eps and ``leading`` the t^0 coefficient, which must integrate to zero.
    """

    powers: dict[int, Poly]
    log: Poly
    pole: Poly
    leading: LoopIntegrand | None = None

    @property
    def is_zero(self) -> bool:
        """True when nothing is left, at either order of t."""
        here = not self.powers and self.log == 0 and self.pole == 0
        return here and (self.leading is None or self.leading.is_zero)


def integrate_loop(numerator: Poly, parametrisation: Parameters, scheme: str = MINIMAL) -> LoopIntegrand:
    """Integrate a projected numerator over the loop momentum, and over a parameter that Delta_0 lacks.

    Parameters: ``numerator``, a polynomial in the products of l, to be divided by the three propagators;
    ``parametrisation`` of these; ``scheme``, of the divergent part. Returns the integrand of the form
    factor; see LoopIntegrand.
    Raises UnsupportedError for a power divergence under a cut-off.
    """
    d = ring().constant(4) if is_four_dimensional(scheme) else dimension()
    zero = ring().constant(0)
    delta = truncate(parametrisation.delta, ORDERS)
    by_t = split(delta, "t")
    change = -by_t.get(1, zero) * gen("t")  # Delta = Delta_0 - change
    powers: dict[int, Poly] = {0: zero, 1: zero, 2: zero}
    log, pole = zero, zero
    shifted = _shifted(truncate(numerator, ORDERS), parametrisation)
    for n, part in _average(shifted, d, parametrisation.products).items():
        if n == 0:
            # 2 i int 1/(l^2 - Delta)^3 = 1/Delta, finite: eps drops out
            finite = split(truncate(part, ORDERS), "eps").get(0, zero)
            powers[1] += finite
            powers[2] += truncate(finite * change, ORDERS)
            continue
        # 2 i int l^(2n)/(l^2 - Delta)^3 = -c_n Delta^(n-1) (1/eps - ln Delta + constant),
        # c_n = Gamma(n + d/2)/Gamma(d/2)/(n-1)!
        factor = ring().constant(1)
        for k in range(n):
            factor *= d / 2 + k
        for k in range(1, n):
            factor /= k
        weight = truncate(-part * factor, ORDERS)
        by_eps = split(truncate(weight * delta ** (n - 1), ORDERS), "eps")
        lead, next_ = by_eps.get(0, zero), by_eps.get(1, zero)
        constant = divergence_constant(n, scheme)
        pole += lead
        powers[0] += lead * constant.numerator / constant.denominator + next_
        log -= lead
        powers[1] += truncate(lead * change, ORDERS)  # -ln Delta = -ln Delta_0 + change/Delta_0
    inner = parametrisation.inner
    by_power = {k: split(p, "t") for k, p in powers.items()}
    logs, poles = split(truncate(log, ORDERS), "t"), split(truncate(pole, ORDERS), "t")

    def at(order: int, leading: LoopIntegrand | None = None) -> LoopIntegrand:
        found = {k: _over(p.get(order, zero), inner) for k, p in by_power.items()}
        return LoopIntegrand(
            {k: p for k, p in found.items() if p != 0},
            _over(logs.get(order, zero), inner),
            _over(poles.get(order, zero), inner),
            leading,
        )

    return at(1, at(0))


def divergence_constant(n: int, scheme: str) -> Fraction:
    """Return the constant beside 1/eps - ln Delta in the integral of l^(2n)/(l^2 - Delta)^3, n > 0.

    Dimensional: Gamma(1 - n + eps) leaves H_(n-1). A cut: with u = -l^2 up to Lambda^2 and v = u + Delta,
    int (v - Delta)^(n+1)/v^3 dv = ln(Lambda^2/Delta) + constant, expanded in Delta/v term by term.
    Raises UnsupportedError for a power divergence under a cut-off.
    """
    if scheme != "cutoff":
        return sum((Fraction(1, k) for k in range(1, n)), Fraction(0))
    if n > 1:
        raise UnsupportedError(
            "The diagram diverges like a power of the cut-off; the engine treats logarithms."
        )
    # (-Delta)^j v^(-1-j) from Delta to infinity is (-1)^j/j for j > 0; j = 0 is the logarithm
    return sum((Fraction((-1) ** j * comb(n + 1, j), j) for j in range(1, n + 2)), Fraction(0))


def _shifted(numerator: Poly, parametrisation: Parameters) -> Poly:
    """Shift the loop momentum by a p + b p'; afterwards l2, lP and lq are products of the new one."""
    a, b = parametrisation.shift
    l2, l_sum, l_dif = gen("l2"), gen("lP"), gen("lq")
    pp, mixed, qq = parametrisation.products
    along = {
        "l2": l2 + (a + b) * l_sum + (b - a) * l_dif + a**2 * pp + 2 * a * b * mixed + b**2 * qq,
        "lP": l_sum + a * (pp + mixed) + b * (mixed + qq),
        "lq": l_dif + a * (mixed - pp) + b * (qq - mixed),
    }
    return numerator.compose(*(along.get(name, gen(name)) for name in ring().names()), ctx=ring())


def _double_factorial(n: int) -> int:
    out = 1
    for k in range(n, 1, -2):
        out *= k
    return out


def _average(numerator: Poly, d: Poly, products: tuple[Poly, Poly, Poly]) -> dict[int, Poly]:
    """Average over the directions of l: coefficients by power n of l^2.

    Parameters: ``products``, p.p, p.p' and p'.p'. Of b vectors P and c vectors q, k pairs are mixed ones.
    """
    before, mixed, after = products
    pp, pq, qq = before + 2 * mixed + after, after - before, before - 2 * mixed + after
    out: dict[int, Poly] = {}
    for (a, b, c), part in collect(truncate(numerator, ORDERS), ("l2", "lP", "lq")).items():
        if (b + c) % 2:
            continue
        half = (b + c) // 2
        weight = ring().constant(0)
        for k in range(b % 2, min(b, c) + 1, 2):
            if k and pq == 0:
                break
            ways = comb(b, k) * comb(c, k) * factorial(k)
            ways *= _double_factorial(b - k - 1) * _double_factorial(c - k - 1)
            weight += truncate(ways * pp ** ((b - k) // 2) * qq ** ((c - k) // 2) * pq**k, ORDERS)
        if weight == 0:
            continue
        for k in range(half):
            weight *= invert(d + 2 * k, ORDERS)
        weight = truncate(weight, ORDERS)
        term = truncate(part * weight, ORDERS)
        order = a + half
        out[order] = out[order] + term if order in out else term
    return out


def _over(poly: Poly, inner: str | None) -> Poly:
    """Integrate a polynomial over the inner Feynman parameter, from 0 to x."""
    if inner is None:
        return poly
    x, total = gen("x"), ring().constant(0)
    for power, part in split(poly, inner).items():
        total += part * x ** (power + 1) / (power + 1)
    return total
