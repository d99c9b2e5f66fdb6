"""A sum of closed forms as a function of one mass, enclosed on whole intervals by Taylor polynomials.

Coefficients come from power series arithmetic in balls about an exact centre; T obeys the first-order
equation of `g2sym.integrals.expansion`, which gives its coefficients by recurrence. What the polynomial
leaves out is bounded by Cauchy's estimate |a_n| <= S/R^n, with S a bound on the function on the circle
of radius R: on a disc, |T(d0, d1)| is at most T at the smallest real d0 and d1, since Delta is linear in
both and positive there. S bounds one by one terms that cancel by powers of the mass over the lepton's; so
where the rest matters, the estimate is asked for far beyond the polynomial only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number
from g2sym.base.classes import dataclass
from g2sym.errors import PrecisionError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import fold
from g2sym.kernels.power_series import coefficients
from g2sym.kernels.slices import arc

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Entries, Record
    from g2sym.kernels.runs import Run

EXTRA = 40
"""Coefficients beyond the polynomial that enter its rest one by one, where Cauchy's estimate is too large."""
SLIGHT = 1e-12
"""Part of the function that a rest by Cauchy's estimate alone is at most."""
ARCS = 12
"""Pieces of the upper half circle on which the rational coefficients are enclosed."""


@dataclass(frozen=True)
class Piece:
    """``factor`` times ``form``; ``ratios`` maps each generator to (scale, power): scale * m^power.

    ``factor`` is a function of the bits; power 0 is a fixed generator; ``run``, the same kernel along the one
    generator that moves, where there is one only.
    """

    factor: Callable[[int], arb]
    form: ClosedForm
    ratios: Mapping[str, tuple[Fraction, int]]
    run: Run | None = None

    def slot(self, run: Run, mass: Fraction) -> Fraction:
        """Return the slot of ``run`` at a mass."""
        scale, power = self.ratios[run.slot]
        return scale * mass**power


@dataclass(frozen=True)
class Enclosure:
    """On |m - centre| <= radius the function is sum_n coefficients[n] (m - centre)^n + [-rest, rest].

    ``slope_rest`` bounds what the derivative of the polynomial leaves out.
    """

    centre: Fraction
    radius: Fraction
    coefficients: tuple[arb, ...]
    rest: arb
    slope_rest: arb

    def values(self, low: Fraction, high: Fraction) -> arb:
        """Enclose the function for m from ``low`` to ``high``."""
        return self._at(self.coefficients, low, high) + self.rest.union(-self.rest)

    def slopes(self, low: Fraction, high: Fraction) -> arb:
        """Enclose the derivative for m from ``low`` to ``high``."""
        steps = tuple(n * c for n, c in enumerate(self.coefficients))[1:]
        return self._at(steps, low, high) + self.slope_rest.union(-self.slope_rest)

    def scale(self, factor: arb) -> Enclosure:
        """Enclose a multiple."""
        size = abs(factor).upper()
        return Enclosure(
            self.centre,
            self.radius,
            tuple(factor * c for c in self.coefficients),
            self.rest * size,
            self.slope_rest * size,
        )

    def plus(self, other: Enclosure) -> Enclosure:
        """Enclose the sum with a function on the same interval."""
        return Enclosure(
            self.centre,
            self.radius,
            tuple(a + b for a, b in zip(self.coefficients, other.coefficients, strict=True)),
            (self.rest + other.rest).upper(),
            (self.slope_rest + other.slope_rest).upper(),
        )

    def times(self, other: Enclosure) -> Enclosure:
        """Enclose the product with a function on the same interval.

        With f = p + e and g = q + h, |e|, |h| at most the rests: f g - p q = p h + q e + e h; the product of
        the polynomials is cut at the common degree n, and on |x| <= r the terms cut off are at most
        sum_k |c_k| r^k, their derivative at most sum_k k |c_k| r^(k-1).
        """
        count, r = len(self.coefficients), number(self.radius)
        whole = [number(0)] * (2 * count - 1)
        for i, a in enumerate(self.coefficients):
            for j, b in enumerate(other.coefficients):
                whole[i + j] += a * b
        cut = sum((abs(c) * r**k for k, c in enumerate(whole[count:], count)), number(0))
        slope_cut = sum((k * abs(c) * r ** (k - 1) for k, c in enumerate(whole[count:], count)), number(0))
        p, dp = self._sizes()
        q, dq = other._sizes()
        rest = p * other.rest + q * self.rest + self.rest * other.rest + cut
        slope = (
            dp * other.rest + p * other.slope_rest + dq * self.rest + q * self.slope_rest
            + self.slope_rest * other.rest + self.rest * other.slope_rest + slope_cut
        )  # fmt: skip
        return Enclosure(self.centre, self.radius, tuple(whole[:count]), rest.upper(), slope.upper())

    def _sizes(self) -> tuple[arb, arb]:
        """Bound the polynomial and its derivative on the interval."""
        r = number(self.radius)
        size = sum((abs(c) * r**n for n, c in enumerate(self.coefficients)), number(0))
        slope = sum((n * abs(c) * r ** (n - 1) for n, c in enumerate(self.coefficients) if n), number(0))
        return size.upper(), slope.upper()

    def _at(self, coefficients: Sequence[arb], low: Fraction, high: Fraction) -> arb:
        """Evaluate about the middle of the interval, where cancellation is resolved best."""
        middle = (low + high) / 2
        shift = number(middle - self.centre)
        moved = list(coefficients)
        for n in range(len(moved)):  # Taylor shift by repeated synthetic division
            for k in range(len(moved) - 2, n - 1, -1):
                moved[k] = moved[k] + shift * moved[k + 1]
        half = number((high - low) / 2)
        x = half.union(-half)
        total = number(0)
        for c in reversed(moved):
            total = total * x + c
        return total


class MassFunction:
    """A sum of closed forms times constants, divided by 16 pi^2, as a function of one mass.

    Parameters: ``pieces``; the function is real where every T is below its threshold.
    """

    def __init__(self, pieces: Sequence[Piece]) -> None:
        self.pieces = tuple(pieces)
        self._at_rest: dict[tuple[int, int], arb] = {}

    def at(self, mass: Fraction, bits: int) -> arb:
        """Return the value at an exact mass, at the precision in force (call inside `working_precision`)."""
        total = number(0)
        for piece in self.pieces:
            values = {n: number(s * mass**p) for n, (s, p) in piece.ratios.items()}
            total += piece.factor(bits) * piece.form.fold(values.__getitem__, number, lambda a: a.log(), arc)
        return total / (16 * total.pi() ** 2)

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """Enclose the function on an interval of any width, None where that is not known (see `Run.range`).

        Call inside `working_precision`.
        """
        total = number(0)
        for k, piece in enumerate(self.pieces):
            run = piece.run
            if run is not None:
                found = run.range(piece.slot(run, low), piece.slot(run, high))
            elif any(power for _, power in piece.ratios.values()):
                found = None
            else:
                if (k, bits) not in self._at_rest:
                    values = {n: number(s) for n, (s, _) in piece.ratios.items()}
                    self._at_rest[k, bits] = piece.form.fold(values.get, number, lambda a: a.log(), arc)
                found = self._at_rest[k, bits]
            if found is None:
                return None
            total += piece.factor(bits) * found
        return total / (16 * total.pi() ** 2)

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """Enclose the function on an interval (call inside `working_precision`).

        Parameters: 0 < ``low`` < ``high``, close together; ``degree`` of the polynomial.
        """
        centre, radius = (low + high) / 2, (high - low) / 2
        reach = min(8 * radius, centre / 3)
        factors = [piece.factor(bits) / (16 * number(0).pi() ** 2) for piece in self.pieces]
        bounds = (_bound(piece, centre, reach) for piece in self.pieces)
        size = sum((abs(f) * bound for f, bound in zip(factors, bounds, strict=True)), number(0))
        r, x = number(radius), number(radius / reach)
        for more in (0, EXTRA):
            whole = degree + 1 + more
            every = self._coefficients(factors, centre, whole)
            if not (size.is_finite() and all(c.is_finite() for c in every)):
                raise PrecisionError("A kernel could not be enclosed on an interval of masses.")
            # S sum_(n >= N) x^n and S/R sum_(n >= N) n x^(n-1), and the terms before that are not kept
            rest = size * x**whole / (1 - x)
            slope = size / number(reach) * whole * x ** (whole - 1) / (1 - x) ** 2
            if rest < SLIGHT * sum((abs(c) * r**n for n, c in enumerate(every[:2])), number(0)):
                break
        for n in range(degree + 1, whole):
            rest += abs(every[n]) * r**n
            slope += n * abs(every[n]) * r ** (n - 1)
        return Enclosure(centre, radius, tuple(every[: degree + 1]), rest.upper(), slope.upper())

    def _coefficients(self, factors: Sequence[arb], centre: Fraction, count: int) -> list[arb]:
        """Return the first coefficients of the sum about ``centre``."""
        total = [number(0)] * count
        for piece, factor in zip(self.pieces, factors, strict=True):
            total = [a + factor * b for a, b in zip(total, _series(piece, centre, count), strict=True)]
        return total


def _series(piece: Piece, centre: Fraction, count: int) -> list[Any]:
    """Return the first coefficients of a piece about ``centre``, at the precision in force."""
    run = piece.run
    if run is None:
        return coefficients(piece.form, piece.ratios, centre, count)
    from flint import ctx

    key = "series", centre, count, int(ctx.prec), piece.ratios[run.slot]
    found: list[Any] = run.remember(key, lambda: coefficients(piece.form, piece.ratios, centre, count))
    return found


# bounds on a circle -----------------------------------------------------------------------------


def _bound(piece: Piece, centre: Fraction, reach: Fraction) -> arb:
    """Bound |form| on the circle |m - centre| = reach, which is at most half of the centre."""
    from flint import acb, arb

    low, high = centre - reach, centre + reach
    if piece.run is not None:
        found = piece.run.size(piece.slot(piece.run, low), piece.slot(piece.run, high))
        if found is not None:
            return found
    sizes = {n: (number(s * low**p), number(s * high**p)) for n, (s, p) in piece.ratios.items()}
    weights: list[arb] = [number(1)]
    wide = _disc(piece, centre, reach)
    powers = {n: p for n, (_, p) in piece.ratios.items()}
    for argument, _ in piece.form.logs:
        least, most = _least(argument, sizes, wide, powers)
        if not least > 0:
            return number(0) / 0
        weights.append(abs(least.log()) + abs(most.log()) + number(0).pi())
    for (d0, d1), _ in piece.form.arcs:
        a, b = _least(d0, sizes, wide, powers)[0], _least(d1, sizes, wide, powers)[0]
        if not (a > 0 and b > 0):
            return number(0) / 0
        weights.append(abs(arc(a, b)))
    factors = [piece.form.rational, *(f for _, f in piece.form.logs), *(f for _, f in piece.form.arcs)]
    largest: arb = number(0)
    for n in range(ARCS):
        angle = arb(2 * n + 1, 1) / (2 * ARCS)
        turn = acb(arb.cos_pi(angle), arb.sin_pi(angle))
        mass = acb(number(centre)) + number(reach) * turn
        values = {name: number(s) * mass**p for name, (s, p) in piece.ratios.items()}
        total = number(0)
        for f, weight in zip(factors, weights, strict=True):
            total += abs(acb(f.fold(values.__getitem__, number))) * weight
        if not total.is_finite():  # a removable pole on this piece of the circle
            return total
        largest = max(largest, total.upper())  # exact numbers
    return largest


def _disc(piece: Piece, centre: Fraction, reach: Fraction) -> Record:
    """Return wide complex balls that hold the slots for every mass on the disc."""
    from flint import acb, arb

    side = arb(0, number(reach).upper())
    mass = acb(number(centre) + side, side)
    return {name: number(s) * mass**p for name, (s, p) in piece.ratios.items()}


def _least(
    poly: Any, sizes: Mapping[str, tuple[arb, arb]], wide: Entries, powers: Mapping[str, int]
) -> tuple[arb, arb]:
    """Bound an argument on the disc: its real part from below, its modulus from above.

    With m = c + r e^(i t), the real part of m^2 is c^2 + 2 c r cos t + r^2 cos 2 t: for 2 r <= c it is least
    at t = pi, as that of m is, and the modulus is largest at t = 0. So a single power c m^p, p = 0, 1 or 2,
    is taken at the two real ends; what else there is, is enclosed over the square around the disc.
    """
    from flint import acb

    terms = list(poly.terms())
    if len(terms) != 1 or sum(powers[n] * k for n, k in terms[0][0].items()) not in (0, 1, 2):
        value = acb(poly.fold(wide.__getitem__, number))
        return value.real.lower(), value.abs_upper()
    value = fold(poly, lambda n: _Range(*sizes[n]), number)
    return (value.low, value.high) if isinstance(value, _Range) else (value, value)


class _Range:
    """low <= modulus <= high of a power; products and powers only."""

    def __init__(self, low: Any, high: Any) -> None:
        self.low, self.high = low, high

    def __mul__(self, other: Any) -> _Range:
        if isinstance(other, _Range):
            return _Range(self.low * other.low, self.high * other.high)
        return _Range(self.low * other, self.high * other)

    __rmul__ = __mul__

    def __pow__(self, power: int) -> _Range:
        return _Range(self.low**power, self.high**power)
