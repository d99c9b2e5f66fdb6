"""The four functions J_ab of two masses in balls, from closed forms without cancellation at special masses.

With mu = M/m, nu = m_F/m, d0 = mu^2, d1 = nu^2, L = ln(d1/d0), S = (mu + nu)^2 - 1 and
tau = (1 - (mu - nu)^2)/S, the integral of 1/D is T = 4 A(tau)/S with A = atan(sqrt tau)/sqrt tau. Then

    J10 = (L - (d1 - d0 - 1) T)/2,   J01 = ((d1 - d0 + 1) T - L)/2,   J11 = d0 J01 + d1 J10 - 1,
    J20 = J10 - J11,   J02 = J01 - J11,   J21 = d0 J11 + d1 J20 - 1/2,

since x and 1 are D' and D combined: D = d0 (1 - x) + d1 x - x (1 - x). The pseudothreshold is tau = 0, a
regular point; the threshold is S = 0. For a massless fermion J10 and J20 are infinite and J01 = -ln(1 -
1/d0).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from g2sym.base.balls import working_precision
from g2sym.integrals.basis import Powers, Reduction

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

NEAR = 2.0**-16
"""Sizes of tau below which A is a hypergeometric function: its square roots would lose digits."""
ENOUGH = 1 << 15
"""Bits beyond which precision is not raised any more."""


def loss(d0: float, d1: float) -> int:
    """Return how many bits cancel: each of three steps loses a factor of d0 + d1, and roots another.

    Parameters: binary exponents of d0 and d1.
    """
    return int(3 * max(d0, d1, 0) + 40)


def functions(d0: arb, nu: arb, root: arb) -> dict[Powers, arb]:
    """Return J21, J11, J20 and J02 for enclosures of d0, of nu and of mu, below threshold.

    Parameters: ``root`` encloses mu, the square root of ``d0``; ``nu`` is not negative, or exactly zero.
    """
    from flint import arb

    half = arb(1) / 2
    if nu.is_zero():
        first = -(1 - 1 / d0).log()
        eleven = d0 * first - 1
        return {(2, 1): d0 * eleven - half, (1, 1): eleven, (2, 0): arb.nan(), (0, 2): first - eleven}
    d1 = nu * nu
    both, gap = root + nu, root - nu
    excess = (both - 1) * (both + 1)
    t = 4 * _arc((1 - gap) * (1 + gap), excess, root * nu) / excess
    logarithm = 2 * (nu / root).log()
    turn = gap * both
    ten = (logarithm + (turn + 1) * t) / 2
    first = ((1 - turn) * t - logarithm) / 2
    eleven = d0 * first + d1 * ten - 1
    twenty = ten - eleven
    return {
        (2, 1): d0 * eleven + d1 * twenty - half,
        (1, 1): eleven,
        (2, 0): twenty,
        (0, 2): first - eleven,
    }


def _arc(above: arb, excess: arb, product: arb) -> arb:
    """Return A(tau) for tau = above/excess, where 1 + tau = 4 product/excess."""
    from flint import arb

    tau = above / excess
    if not abs(tau) > NEAR:
        return (-tau).hypgeom_2f1(arb(1) / 2, arb(1), arb(3) / 2)
    if tau > 0:
        root = tau.sqrt()
        return root.atan() / root
    root = (-tau).sqrt()
    return ((1 + root) ** 2 * excess / (4 * product)).log() / (2 * root)


class Reduced:
    """A kernel as a sum of monomials of its slots times J_ab, evaluated in balls."""

    def __init__(self, reduction: Reduction) -> None:
        self.reduction = reduction
        self._monomials: list[tuple[Powers, list[tuple[Any, int, int]]]] = []
        for key, factor in reduction.coefficients.items():
            ((below, scale),) = factor.den.terms()
            rows = []
            for powers, value in factor.num.terms():
                own = [powers.get(n, 0) - below.get(n, 0) for n in (reduction.boson, reduction.fermion)]
                rows.append((value / scale, own[0], own[1]))
            self._monomials.append((key, rows))

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb | None:
        """Return the value with at least ``bits`` correct bits, below threshold and for no vanishing boson.

        Parameters: exact ``values`` of the slots. None where the precision tried does not tell it from zero.
        """
        from flint import arb, fmpq

        square = values[self.reduction.boson]
        mass = values[self.reduction.fermion] if self.reduction.fermion else Fraction(1)
        if not square or (not mass and self.reduction.growing):
            return None
        sizes = [v.numerator.bit_length() - v.denominator.bit_length() for v in (square, mass)]
        work = bits + loss(sizes[0], 2 * sizes[1])
        exact, signed = fmpq(square.numerator, square.denominator), fmpq(mass.numerator, mass.denominator)
        while True:
            with working_precision(work):
                d0, e = arb(exact), arb(signed)
                total = self.combine(functions(d0, abs(e), d0.sqrt()), d0, e)
                found = total.rel_accuracy_bits() if total.is_finite() else 0
            if found >= bits:
                return total
            if work > ENOUGH:
                return None
            work = work + bits - found + 8 if found > 0 else 2 * work

    def combine(self, found: Mapping[Powers, arb], d0: arb, e: arb) -> arb:
        """Return the sum, given the four functions and enclosures of the slots."""
        from flint import arb

        total = arb(0)
        for key, rows in self._monomials:
            factor = arb(0)
            for value, power, other in rows:
                term = arb(value)
                if power:
                    term = term / d0 if power == -1 else term * d0**power
                if other:
                    term = term * e**other
                factor += term
            if not factor.is_zero():
                total += factor * found[key]
        return total
