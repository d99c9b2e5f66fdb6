"""Closed forms in balls: any precision, every digit certified.

The precision a value needs is known in advance: for heavy and light bosons the terms of a closed
form cancel by a power of rho, whose exponent is measured once per kernel. Should a ball still come
out too wide (beside a zero, say), it tells how many bits were missing, and those are added.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import UnsupportedError, UsageError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import NAMES
from g2sym.kernels.slices import Slice, arc, number

if TYPE_CHECKING:
    from flint import arb

__all__ = ["Kernel", "arc", "check_masses", "number"]

PROBE = 48
"""Binary orders of magnitude of rho between the two points at which a kernel's loss is measured."""


class Kernel:
    """A closed form ready for certified evaluation.

    Parameters: ``form``, the canonical form in rho, nu and zeta of an integral whose Delta is
    positive: poles of its coefficients at rho > 0 are removable.
    """

    def __init__(self, form: ClosedForm) -> None:
        self.form = form
        self.others = _other_masses(form)
        # one tuple, replaced as a whole, so that threads never see parts of two states
        self._state: tuple[tuple[Fraction, ...], Slice] | None = None

    def slice(self, values: Mapping[str, Fraction]) -> Slice:
        """Return the form as a function of rho alone, at the other masses in ``values``."""
        fixed, state = tuple(map(values.__getitem__, self.others)), self._state
        if state is None or fixed != state[0]:
            state = (fixed, Slice(self.form, dict(zip(self.others, fixed, strict=True))))
            self._state = state
        return state[1]

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value with at least ``bits`` correct bits.

        Parameters: exact values of rho (positive) and of nu and zeta where the form has them,
        dimensionless. The result comes out wider only when more than `MAX_BITS` bits would be
        needed, or when it is zero as far as that precision can tell.
        """
        from flint import arb, fmpq

        line = self.slice(values)
        rho = values.get("rho") or Fraction(1)
        size = rho.numerator.bit_length() - rho.denominator.bit_length()
        work = bits + 12 + self.guard(line, size)
        exact = fmpq(rho.numerator, rho.denominator)
        if line.has_poles and line.is_pole(rho):
            return self._removable(line, rho, bits)
        while True:
            with working_precision(work):
                result = line.at(arb(exact))
                found = result.rel_accuracy_bits() if result.is_finite() else 0
                if found >= bits or result.is_exact() or work > 4 * MAX_BITS:
                    return result
            if result.contains(0) and work > 64 * (bits + abs(size) + 64):
                return result
            work = work + (bits - found) + 8 if found > 0 else 2 * work

    def guard(self, line: Slice, size: int) -> int:
        """Return how many bits cancel at rho of about 2^size, away from zeros.

        The loss is linear in the exponent for heavy and for light bosons; two probes on either side
        fix the line.
        """
        side = 1 if size > 0 else -1
        if side not in line.losses:
            near, far = (_measured_loss(line, side * n * PROBE) for n in (1, 2))
            slope = max(0.0, (far - near) / PROBE)
            line.losses[side] = (max(0.0, near - slope * PROBE) + 6, slope)
        start, slope = line.losses[side]
        return int(start + slope * abs(size))

    def _removable(self, line: Slice, rho: Fraction, bits: int) -> arb:
        """Return the value at a removable pole: the mean over a circle around it.

        With |f| <= S on the circle of radius R about rho, the mean of N values on the circle of
        radius R/16 differs from f(rho) by at most S 16^-N/(1 - 16^-N) (Cauchy).
        """
        from flint import acb, arb

        count = bits // 4 + 16
        work = 2 * bits + 16 * count
        with working_precision(work):
            outer = number(rho) / 4
            bound = circle_bound(line, number(rho), outer)
            total = arb(0)
            for k in range(count):
                angle = arb(2 * k) / count
                point = number(rho) + outer / 16 * acb(angle.cos_pi(), angle.sin_pi())
                total += line.at_complex(point).real
            tail = bound * arb(2) ** (-4 * count) * 2
            return total / count + arb(0, tail.upper())


def circle_bound(line: Slice, centre: arb, radius: arb, pieces: int = 32) -> arb:
    """Return an upper bound of |f| on a circle of rho, from wide complex balls (infinite at a pole)."""
    from flint import acb, arb

    top = arb(0)
    half = arb.pi() / pieces
    for k in range(pieces):
        angle = arb(2 * k + 1) / pieces
        point = centre + radius * acb(angle.cos_pi(), angle.sin_pi())
        reach = (radius * half).upper()
        wide = point + acb(arb(0, reach), arb(0, reach))
        top = top.max(line.bound(wide))
    return top


def _measured_loss(line: Slice, size: int) -> float:
    """Return the bits lost at rho = 3/2 * 2^size by evaluating there with bits to spare."""
    from flint import arb, fmpq

    work = 256 + 8 * abs(size)
    point = fmpq(3 << max(size, 0), 2 << max(-size, 0))
    with working_precision(work):
        value = line.at(arb(point))
        return float(work - value.rel_accuracy_bits()) if value.is_finite() else float(4 * abs(size))


def _other_masses(form: ClosedForm) -> tuple[str, ...]:
    """Return which of nu, zeta and lam a form contains."""
    polys = [form.rational.num, form.rational.den]
    for argument, factor in form.logs:
        polys += [argument, factor.num, factor.den]
    for (d0, d1), factor in form.arcs:
        polys += [d0, d1, factor.num, factor.den]
    used = {n for poly in polys for powers in poly.to_dict() for n, p in zip(NAMES, powers, strict=True) if p}
    return tuple(n for n in ("nu", "zeta", "lam") if n in used)


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
