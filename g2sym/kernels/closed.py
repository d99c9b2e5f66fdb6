"""Closed forms in balls: any precision, every digit certified.

The precision a value needs is known in advance: for heavy and light masses the terms of a closed form
cancel by a power of the mass, whose exponent is measured once per kernel. Should a ball still come out
too wide (beside a zero, say), it tells how many bits were missing, and those are added.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction

from g2sym.base.balls import MAX_BITS, number, working_precision
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.polynomials import in_order
from g2sym.kernels.slices import Slice

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

BOUND_BITS = 128
"""Working precision of a bound on a circle."""
TOGETHER = 64
"""Values that are evaluated with one precision."""
PROBE = 48
"""Binary orders of magnitude of t between the two points at which a kernel's loss is measured."""


class ClosedKernel:
    """A closed form ready for certified evaluation.

    Parameters: ``form``, the canonical form in the slots of an integral whose Delta is positive: poles of
    its coefficients at positive masses are removable; ``axis``, the slot along which it is sliced, by
    default the first one as they are written (the boson's mass, where there is one).
    """

    def __init__(self, form: ClosedForm, axis: str | None = None) -> None:
        self.form = form
        names = in_order(form.generators)
        self.axis = axis or (names[0] if names else "")
        self.names = names
        self.others = tuple(n for n in names if n != self.axis)
        # one tuple, replaced as a whole, so that threads never see parts of two states
        self._state: tuple[tuple[Fraction, ...], Slice] | None = None

    def slice(self, values: Mapping[str, Fraction]) -> Slice:
        """Return the form as a function of its axis alone, at the other masses in ``values``."""
        fixed, state = tuple(map(values.__getitem__, self.others)), self._state
        if state is None or fixed != state[0]:
            line = Slice(self.form, self.axis, dict(zip(self.others, fixed, strict=True)))
            state = (fixed, line)
            self._state = state
        return state[1]

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value with at least ``bits`` correct bits.

        Parameters: exact values of the slots, dimensionless; that of the axis is not zero. The result comes
        out wider only when more than `MAX_BITS` bits would be needed, or when it is zero as far as that
        precision can tell.
        """
        from flint import arb, fmpq

        line = self.slice(values)
        t = values.get(self.axis) or Fraction(1)
        size = t.numerator.bit_length() - t.denominator.bit_length()
        work = bits + 12 + self.guard(line, size)
        exact = fmpq(t.numerator, t.denominator)
        if line.has_poles and line.is_pole(t):
            return self._removable(line, t, bits)
        while True:
            with working_precision(work):
                result = line.at(arb(exact))
                found = result.rel_accuracy_bits() if result.is_finite() else 0
                if found >= bits or result.is_exact() or work > 4 * MAX_BITS:
                    return result
            if result.contains(0) and work > 64 * (bits + abs(size) + 64):
                return result
            work = work + (bits - found) + 8 if found > 0 else 2 * work

    def balls(self, points: Sequence[float], bits: int) -> list[arb]:
        """Return the values at many doubles of the axis, each with at least ``bits`` correct bits.

        Parameters: ``points``, positive, neighbours of about one size; the form has no other slot.
        """
        from flint import arb

        line = self.slice({})
        out: list[arb] = []
        for start in range(0, len(points), TOGETHER):
            block = points[start : start + TOGETHER]
            guard = max(self.guard(line, math.frexp(t)[1]) for t in (block[0], block[-1]))
            for spare in (0, 48):  # the second for what lies beside a removable pole
                with working_precision(bits + 12 + guard + spare):
                    for k, t in enumerate(block):
                        if not spare:
                            out.append(line.at(arb(t)))
                        elif not _is_good(out[start + k], bits):
                            out[start + k] = line.at(arb(t))
            for k, t in enumerate(block, start):
                if not _is_good(out[k], bits):
                    out[k] = self.ball({self.axis: Fraction(t)}, bits)
        return out

    def guard(self, line: Slice, size: int) -> int:
        """Return how many bits cancel at t of about 2^size, away from zeros.

        The loss is linear in the exponent for heavy and for light masses; two probes on either side
        fix the line.
        """
        side = 1 if size > 0 else -1
        if side not in line.losses:
            near, far = (_measured_loss(line, side * n * PROBE) for n in (1, 2))
            slope = max(0.0, (far - near) / PROBE)
            line.losses[side] = (max(0.0, near - slope * PROBE) + 6, slope)
        start, slope = line.losses[side]
        return int(start + slope * abs(size))

    def _removable(self, line: Slice, t: Fraction, bits: int) -> arb:
        """Return the value at a removable pole: the mean over four points of a small circle around it.

        With |f| <= S on the circle of radius R about t, the mean over the points t + R 2^-k i^n, n = 0 .. 3,
        differs from f(t) by at most S 16^-k/(1 - 16^-k) (Cauchy: the powers 4, 8, .. of the series are left).
        Beside a pole of order m some m k bits cancel, and so many more are taken.
        """
        from flint import acb, arb

        radius = abs(t) / 4
        with working_precision(BOUND_BITS):
            bound = circle_bound(line, number(t), number(radius))
            for _ in range(16):  # another pole beside the circle
                if bound.is_finite():
                    break
                radius /= 2
                bound = circle_bound(line, number(t), number(radius))
        order, halvings = line.order(t), bits // 4 + 8
        size = abs(t.numerator.bit_length() - t.denominator.bit_length())
        work = bits + order * (halvings + size + 4) + 64
        while True:
            with working_precision(work):
                centre, step = number(t), number(radius) * arb(2) ** -halvings
                total = line.at_complex(acb(centre + step)).real + line.at_complex(acb(centre - step)).real
                # f is real for real masses: the values at the two other points are conjugate
                total += 2 * line.at_complex(acb(centre, step)).real
                mean: arb = total / 4 + arb(0, (2 * bound * arb(16) ** -halvings).upper())
                found = mean.rel_accuracy_bits() if mean.is_finite() else 0
                if found >= bits or work > 4 * MAX_BITS:
                    return mean
            if found > 0:
                halvings += (bits - found) // 4 + 2
                work += (1 + order) * (bits - found + 8)
            else:
                halvings, work = halvings + bits // 4, 2 * work


def _is_good(ball: arb, bits: int) -> bool:
    return bool(ball.is_finite() and ball.rel_accuracy_bits() >= bits)


def circle_bound(line: Slice, centre: arb, radius: arb, pieces: int = 32) -> arb:
    """Return an upper bound of |f| on a circle of t, from wide complex balls (infinite at a pole)."""
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
    """Return the bits lost at t = 3/2 * 2^size by evaluating there with bits to spare."""
    from flint import arb, fmpq

    work = 256 + 8 * abs(size)
    point = fmpq(3 << max(size, 0), 2 << max(-size, 0))
    with working_precision(work):
        value = line.at(arb(point))
        # of a ball about zero, too wide for any digit, the accuracy is about -2^63
        return float(work - max(0, value.rel_accuracy_bits())) if value.is_finite() else float(4 * abs(size))
