"""A closed form on and above a threshold, where the lepton can decay into the loop: real and imaginary part.

Squared masses carry -i0, and with them Delta, which grows with each: 1/(Delta - i0) = P(1/Delta) + i pi
delta(Delta), and ln(Delta - i0) = ln|Delta| - i pi where Delta is negative. What stands in a logarithm is
Delta at an end of a range, or, where a fermion is massless and Delta = x (x + b), the factor x + b there: so

    ln a  =  ln|a| - i pi  for a < 0.

With s = d0 + d1 - 1 and D = s^2 - 4 d0 d1 the zeros x1 < x2 of Delta = x^2 + (d1 - d0 - 1) x + d0 lie inside
(0, 1) for s < 0 < D. They are sqrt D = |Delta'(x1)| = |Delta'(x2)| apart, hence, with (1 - x2) x1 =
(|s| - sqrt D)/2 and (1 - x1) x2 = (|s| + sqrt D)/2, whose product is d0 d1,

    T  =  -ln((|s| + sqrt D)^2/(4 d0 d1))/sqrt D + 2 pi i/sqrt D  =  (-2 artanh(sqrt D/|s|) + 2 pi i)/sqrt D.

At D = 0 > s, the threshold itself, T is infinite, as is ln a at a = 0. All masses are exact numbers here, so
s, D and every coefficient are too: the imaginary part is pi times a sum of rational numbers over roots.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import UnsupportedError
from g2sym.kernels.closed import ClosedKernel
from g2sym.kernels.slices import arc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

    Rational = Any  # flint.fmpq, which ships no types
    Arc = tuple[Rational, Rational, Rational]
    """d0, d1 and the coefficient of T."""
Imaginary = tuple[tuple["Rational", "Rational"], ...]
"""Pairs (w, D): the imaginary part is pi times the sum of w/sqrt(D)."""
Singular = tuple[tuple[str, "Rational"], ...]
"""Pairs of what is infinite, "T" or "ln" with its argument, and its coefficient."""


class Continued:
    """A closed form at exact masses on or above a threshold.

    Parameters: ``kernel``, the closed form; ``values`` of its slots, that of its axis not zero.
    Raises UnsupportedError at a removable pole of the coefficients.
    """

    def __init__(self, kernel: ClosedKernel, values: Mapping[str, Fraction]) -> None:
        from flint import fmpq

        self._line = kernel.slice(values)
        mass = values.get(kernel.axis) or Fraction(1)
        self._t = fmpq(mass.numerator, mass.denominator)
        if self._line.has_poles and self._line.is_pole(mass):
            raise UnsupportedError(
                "Above threshold, a removable pole of a closed form is met; move one of the masses a little."
            )

    @cached_property
    def _exact(self) -> tuple[Rational, list[tuple[Rational, Rational]], list[Arc], Singular]:
        """The rational part, logarithms and T with their coefficients, and what is infinite."""
        from flint import fmpq_poly

        line, t = self._line, self._t
        den = line.den(t)
        logs, arcs, singular = [], [], []
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
        return line.plain(t) / den, logs, arcs, tuple(singular)

    @property
    def singular(self) -> Singular:
        """What is infinite: on a threshold a closed form has a value where this is empty.

        A sum of closed forms has one where these coefficients add up to zero.
        """
        return self._exact[3]

    @cached_property
    def imaginary(self) -> Imaginary:
        """The imaginary part over pi, without what is singular: pairs (w, D) of the sum of w/sqrt(D)."""
        from flint import fmpq

        _, logs, arcs, _ = self._exact
        out = [(-weight, fmpq(1)) for a, weight in logs if a < 0]
        for d0, d1, weight in arcs:
            s = d0 + d1 - 1
            disc = s * s - 4 * d0 * d1
            if s < 0 < disc:
                out.append((2 * weight, disc))
        return tuple(out)

    def real(self, bits: int) -> arb:
        """Return the real part, without what is singular, with at least ``bits`` correct bits.

        It comes out wider only when more than `MAX_BITS` bits would be needed, or when it is zero as far as
        a precision of 64 times ``bits`` can tell.
        """
        work, exact = bits + 40, False
        while True:
            with working_precision(work):
                total = self._sum() if exact else self._fold()
                found = total.rel_accuracy_bits() if total.is_finite() else 0
                if found >= bits or total.is_exact() or work > 4 * MAX_BITS:
                    return total
            if total.contains(0) and work > 64 * (bits + 64):
                return total
            exact = not total.is_finite()  # beside a threshold, or on it
            work = work + (bits - found) + 8 if found > 0 else 2 * work

    def _fold(self) -> arb:
        """Return the real part in balls, not a number where they do not tell the side of a threshold."""
        from flint import arb

        line, t = self._line, arb(self._t)
        total = line.plain(t)
        for argument, factor in line.logs:
            total += factor(t) * abs(argument(t)).log()
        for (d0, d1), factor in line.arcs:
            total += factor(t) * principal(d0(t), d1(t))
        value: arb = total / line.den(t)
        return value

    def _sum(self) -> arb:
        """Return the same from coefficients and arguments that are exact, without what is singular."""
        from flint import arb

        plain, logs, arcs, _ = self._exact
        total = arb(plain)
        for a, weight in logs:
            total += arb(weight) * arb(abs(a)).log()
        for d0, d1, weight in arcs:
            disc = (d0 + d1 - 1) ** 2 - 4 * d0 * d1
            total += arb(weight) * principal(arb(d0), arb(d1), arb(disc))
        return total


def principal(d0: arb, d1: arb, disc: arb | None = None) -> arb:
    """Return the real part of T as a ball, not a number where it may be infinite.

    Parameters: ``d0`` and ``d1``, positive; ``disc``, D, where it is known better than from these.
    """
    from flint import arb

    s = d0 + d1 - 1
    square = s * s
    if disc is None:
        disc = square - 4 * d0 * d1
    if s > 0 or disc < 0:
        return arc(d0, d1)
    if not (s < 0 and disc > 0):
        return arb.nan()
    root = disc.sqrt()
    if 4 * disc < square:  # sqrt D/|s| below 1/2: the quotient is sharp down to the threshold
        return -2 * (root / -s).atanh() / root
    top = root - s
    return -(top * top / (4 * d0 * d1)).log() / root
