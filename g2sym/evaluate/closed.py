"""Closed forms in balls: any precision, every digit certified.

T(d0, d1) = A(c)/sqrt(d0 d1) with c = (d0 + d1 - 1)/(2 sqrt(d0 d1)) and A(c) = arccos(c)/sqrt(1 - c^2)
= 2F1(1, 1; 3/2; (1 - c)/2), analytic for c > -1: the removable point c = 1 needs no special care.
c <= -1 means that the mediator and the internal fermion are together lighter than the lepton.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.balls import MAX_BITS, working_precision
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.canonical import ClosedForm

if TYPE_CHECKING:
    from flint import arb


def arc(d0: arb, d1: arb) -> arb:
    """Return int_0^1 dx/(x^2 + (d1 - d0 - 1) x + d0) as a ball; d0 and d1 positive."""
    from flint import arb

    root = (d0 * d1).sqrt()
    c = (d0 + d1 - 1) / (2 * root)
    gap = 1 - c
    if abs(gap) < 0.01 or gap.contains(0):
        value = (gap / 2).hypgeom_2f1(arb(1), arb(1), arb(3) / 2)
    elif c < 1:
        value = c.acos() / (gap * (1 + c)).sqrt()
    else:
        value = c.acosh() / ((c - 1) * (c + 1)).sqrt()
    return value / root


def number(value: Any) -> arb:
    """Return a flint, Python or Fraction rational as a ball at the precision in force."""
    from flint import arb, fmpq

    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(value)


class Kernel:
    """A closed form ready for certified evaluation.

    Parameters: ``form``, the canonical form in rho, nu and zeta.
    """

    def __init__(self, form: ClosedForm) -> None:
        self.form = form

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value with about ``bits`` correct bits.

        Parameters: exact values of rho (positive), nu and zeta, dimensionless. Large and small
        masses make the terms of a closed form cancel; the loss is estimated beforehand and the
        precision doubled should a ball still come out too wide. Call inside `working_precision`.
        """
        work = bits + 30 + 4 * _magnitude(values)
        while True:
            with working_precision(work):
                exact = {name: number(value) for name, value in values.items()}
                result = self.form.fold(exact.__getitem__, number, _log, arc)
            if result.rel_accuracy_bits() >= bits or result.is_exact() or work > 4 * MAX_BITS:
                return result
            if result.contains(0) and work > 64 * (bits + _magnitude(values) + 64):
                return result
            work *= 2


def _log(value: arb) -> arb:
    return value.log()


def _magnitude(values: Mapping[str, Fraction]) -> int:
    """Return a bound on the binary orders of magnitude that the values span."""
    sizes = [abs(v.numerator.bit_length() - v.denominator.bit_length()) for v in values.values() if v]
    return 1 + max(sizes, default=0)


def check_masses(rho: Fraction, nu: Fraction, names: tuple[str, str, str]) -> None:
    """Refuse masses for which the integral is singular or complex.

    Parameters: ``rho`` = (M/m)^2 and ``nu`` = m_F/m; ``names`` of the boson's, the fermion's and the
    lepton's mass for the message.
    Raises UsageError for a vanishing boson mass, UnsupportedError on or above threshold.
    """
    if rho == 0:
        raise UsageError(f"{names[0]} = 0: the kernel is evaluated at a positive mass only.")
    # below threshold: sqrt(rho) + |nu| > 1
    rest = 1 - abs(nu)
    if rest > 0 and rho <= rest * rest:
        raise UnsupportedError(
            f"{names[0]} + {names[1]} is not above {names[2]}: the lepton could decay into the loop, "
            "which the engine does not treat yet; raise one of the two masses."
        )
