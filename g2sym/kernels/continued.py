"""A closed form on and above a threshold, where the lepton can decay into the loop: real and imaginary part.

Squared masses carry -i0, and with them Delta, which grows with each: 1/(Delta - i0) = P(1/Delta) + i pi
delta(Delta), and ln(Delta - i0) = ln|Delta| - i pi where Delta is negative. What stands in a logarithm is Delta
at an end of a range, or, where a fermion is massless and Delta = x (x + b), the factor x + b there: so

    ln a  =  ln|a| - i pi  for a < 0.

With s = d0 + d1 - 1 and D = s^2 - 4 d0 d1 the zeros x1 < x2 of Delta = x^2 + (d1 - d0 - 1) x + d0 lie inside
(0, 1) for s < 0 < D. They are sqrt D = |Delta'(x1)| = |Delta'(x2)| apart, hence, with (1 - x2) x1 =
(|s| - sqrt D)/2 and (1 - x1) x2 = (|s| + sqrt D)/2, whose product is d0 d1,

    T  =  -ln((|s| + sqrt D)^2/(4 d0 d1))/sqrt D + 2 pi i/sqrt D  =  (-2 artanh(sqrt D/|s|) + 2 pi i)/sqrt D.

At D = 0 > s, the threshold itself, T is infinite, as is ln a at a = 0. All masses are exact numbers here, so s,
D and every coefficient are too: the imaginary part is pi times a sum of rational numbers over square roots.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import UnsupportedError
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.slices import arc

if TYPE_CHECKING:
    from flint import arb

Rational = Any  # flint.fmpq, which ships no types
Imaginary = tuple[tuple[Rational, Rational], ...]
"""Pairs (w, D): the imaginary part is pi times the sum of w/sqrt(D)."""
Singular = tuple[tuple[str, Rational], ...]
"""Pairs of what is infinite, "T" or "ln" with its argument, and its coefficient."""


@dataclass(frozen=True)
class Continued:
    """A closed form at exact masses: coefficients and arguments of its logarithms and T as exact numbers.

    ``singular`` holds what is infinite there: on a threshold a closed form has a value where all of these
    coefficients are zero, and a sum of closed forms where they add up to zero.
    """

    plain: Rational
    logs: tuple[tuple[Rational, Rational], ...]
    arcs: tuple[tuple[Rational, Rational, Rational], ...]
    singular: Singular

    @classmethod
    def of(cls, kernel: ClosedKernel, values: Mapping[str, Fraction]) -> Continued:
        """Put exact masses into a closed form.

        Parameters: ``values`` of its slots, that of its axis not zero. Raises UnsupportedError at a
        removable pole of the coefficients.
        """
        from flint import fmpq, fmpq_poly

        line = kernel.slice(values)
        mass = values.get(kernel.axis) or Fraction(1)
        t = fmpq(mass.numerator, mass.denominator)
        den = line.den(t)
        if den == 0:
            raise UnsupportedError(
                "Above threshold, a removable pole of a closed form is met; move one of the masses a little."
            )
        singular, logs, arcs = [], [], []
        for argument, factor in line.logs:
            a, weight = argument(t), factor(t) / den
            if weight == 0:
                continue
            if a == 0:
                singular.append((f"ln({argument(fmpq_poly([0, 1]))})", weight))
            else:
                logs.append((a, weight))
        for (first, second), factor in line.arcs:
            d0, d1, weight = first(t), second(t), factor(t) / den
            s = d0 + d1 - 1
            if weight == 0:
                continue
            if s < 0 and s * s == 4 * d0 * d1:
                singular.append(("T", weight))
            else:
                arcs.append((d0, d1, weight))
        return cls(line.plain(t) / den, tuple(logs), tuple(arcs), tuple(singular))

    def real(self, bits: int) -> arb:
        """Return the real part, without what is singular, with at least ``bits`` correct bits.

        It comes out wider only when more than `MAX_BITS` bits would be needed, or when it is zero as far as
        a precision of 64 times ``bits`` can tell.
        """
        from flint import arb

        work = bits + 40
        while True:
            with working_precision(work):
                total = arb(self.plain)
                for a, weight in self.logs:
                    total += arb(weight) * arb(abs(a)).log()
                for d0, d1, weight in self.arcs:
                    total += arb(weight) * principal(d0, d1)
                found = total.rel_accuracy_bits() if total.is_finite() else 0
                if found >= bits or total.is_exact() or work > 4 * MAX_BITS:
                    return total
            if total.contains(0) and work > 64 * (bits + 64):
                return total
            work = work + (bits - found) + 8 if found > 0 else 2 * work

    @property
    def imaginary(self) -> Imaginary:
        """The imaginary part over pi, without what is singular: pairs (w, D) of the sum of w/sqrt(D)."""
        from flint import fmpq

        out = [(-weight, fmpq(1)) for a, weight in self.logs if a < 0]
        for d0, d1, weight in self.arcs:
            s = d0 + d1 - 1
            disc = s * s - 4 * d0 * d1
            if s < 0 < disc:
                out.append((2 * weight, disc))
        return tuple(out)


def principal(d0: Rational, d1: Rational) -> arb:
    """Return the real part of T at exact d0 and d1, off its threshold, as a ball."""
    from flint import arb

    s = d0 + d1 - 1
    disc = s * s - 4 * d0 * d1
    if not s < 0 < disc:
        return arc(arb(d0), arb(d1))
    root = arb(disc).sqrt()
    if 4 * disc < s * s:  # sqrt D/|s| below 1/2: the quotient is sharp down to the threshold
        return -2 * (root / arb(-s)).atanh() / root
    top = arb(-s) + root
    return -(top * top / arb(4 * d0 * d1)).log() / root
