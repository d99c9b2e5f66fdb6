"""int_0^1 ds N(s)/(Delta(s) - i0), Delta = m^2 s^2 + (A - B - m^2) s + B, in closed form.

A is the squared mass of the two propagators beside the photon, whose Feynman parameters add up to s, B that
of the third. Zeros of Delta at an end (a massless particle) cancel against the numerator and are divided out
exactly.
"""

from __future__ import annotations

from fractions import Fraction

from mpmath import mp, mpc, mpf


def _real(value: Fraction) -> mpf:
    return mpf(value.numerator) / value.denominator


def _without_root(poly: list[mpc], root: int) -> list[mpc]:
    """poly/(s - root), lowest power first. Raises ZeroDivisionError when the root is none: the integral
    diverges."""
    quotient, carry = [mpc(0)] * (len(poly) - 1), mpc(0)
    for n in range(len(poly) - 1, 0, -1):
        carry = poly[n] + root * carry
        quotient[n - 1] = carry
    rest = poly[0] + root * carry
    if abs(rest) > max(abs(c) for c in poly) * mpf(10) ** (-mp.dps // 2):
        raise ZeroDivisionError("a massless particle makes the integral diverge")
    return quotient or [mpc(0)]


def _value(poly: list[mpc], point: mpf) -> mpc:
    return mp.polyval(poly[::-1], point)


def integral(numerator: list[mpc], pair: Fraction, other: Fraction, external: Fraction) -> mpc:
    """Return the integral at the working precision; cancellations are the caller's business.

    Parameters: ``numerator``, coefficients from the lowest power on; squared masses: ``pair`` is A,
    ``other`` is B, ``external`` is m^2. Raises ZeroDivisionError at a threshold or where a massless particle
    makes it diverge.
    """
    if not any(numerator):
        return mpc(0)
    top, delta = list(numerator), [other, pair - other - external, external]
    while len(delta) > 1 and delta[0] == 0:
        delta, top = delta[1:], _without_root(top, 0)
    while len(delta) > 1 and sum(delta) == 0:  # both over 1 - s, which is positive and keeps the sign of -i0
        delta = [sum(delta[: n + 1], Fraction(0)) for n in range(len(delta) - 1)]
        top = [-c for c in _without_root(top, 1)]
    while len(delta) > 1 and delta[-1] == 0:
        delta = delta[:-1]
    quotient, rest = _divide(top, [_real(c) for c in delta])
    total = sum((c / (n + 1) for n, c in enumerate(quotient)), mpc(0))
    if len(delta) == 1:
        return total
    if len(delta) == 2:
        return total + rest[0] * _linear(delta) + _poles(rest, delta)
    return total + _quadratic(rest, delta) + _poles(rest, delta)


def _divide(top: list[mpc], delta: list[mpf]) -> tuple[list[mpc], list[mpc]]:
    rest, quotient = list(top), [mpc(0)] * max(len(top) - len(delta) + 1, 0)
    for n in range(len(top) - len(delta), -1, -1):
        quotient[n] = rest[n + len(delta) - 1] / delta[-1]
        for i, d in enumerate(delta):
            rest[n + i] -= quotient[n] * d
    size = len(delta) - 1
    return quotient, (rest + [mpc(0)] * size)[:size]


def _linear(delta: list[Fraction]) -> mpf:
    """Principal value of int 1/(c0 + c1 s)."""
    low, high = delta[0], sum(delta)
    return mp.log(abs(_real(high / low))) / _real(delta[1])


def _quadratic(rest: list[mpc], delta: list[Fraction]) -> mpc:
    """Principal value of int (r0 + r1 s)/Delta."""
    c0, c1, c2 = delta
    low, high = c0, c0 + c1 + c2
    logarithm = mp.log(abs(_real(high / low)))
    slope = rest[1] / (2 * _real(c2))
    return slope * logarithm + (rest[0] - slope * _real(c1)) * _inverse(delta)


def _inverse(delta: list[Fraction]) -> mpf:
    """Principal value of int 1/Delta."""
    c0, c1, c2 = delta
    square = c1**2 - 4 * c2 * c0
    ends = c1, c1 + 2 * c2  # Delta' at 0 and 1
    if square == 0:
        if ends[0] * ends[1] <= 0:
            raise ZeroDivisionError("the threshold itself")
        return _real(2 / ends[0] - 2 / ends[1])
    if square < 0:
        root = mp.sqrt(_real(-square))
        return 2 / root * (mp.atan(_real(ends[1]) / root) - mp.atan(_real(ends[0]) / root))
    root = mp.sqrt(_real(square))
    parts = [mp.log(abs((_real(e) - root) / (_real(e) + root))) for e in ends]
    return (parts[1] - parts[0]) / root


def _poles(rest: list[mpc], delta: list[Fraction]) -> mpc:
    """i pi times N/|Delta'| at every zero of Delta between 0 and 1, from 1/(Delta - i0)."""
    if len(delta) == 2:
        point = -delta[0] / delta[1]
        return mpc(0, mp.pi) * rest[0] / abs(_real(delta[1])) if 0 < point < 1 else mpc(0)
    c0, c1, c2 = delta
    square = c1**2 - 4 * c2 * c0
    # below threshold Delta has no zero there: c0 > 0 and Delta(1) > 0, so zeros come in pairs about -c1/2 c2
    if square <= 0 or not 0 < -c1 < 2 * c2 or c0 < 0:
        return mpc(0)
    root = mp.sqrt(_real(square))
    points = [(-_real(c1) + sign * root) / (2 * _real(c2)) for sign in (1, -1)]
    return mpc(0, mp.pi) * sum(_value(rest, p) for p in points) / root
