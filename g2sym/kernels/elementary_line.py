"""Elementary functions along one slot, enclosed on intervals: rates over masses and energies.

Taylor polynomials with Lagrange's remainder: for x in an interval I about c, f(x) is
sum_{k < n} f^(k)(c)/k! (x - c)^k plus f^(n)(xi)/n! (x - c)^n with xi in I, and the power series of f about
a ball that holds I encloses f^(n)(xi)/n!. The derivative leaves out n times that, (x - c)^(n - 1). Where a
root or a denominator may vanish in I there is no such series; there values are enclosed in balls, a root of
what may be negative taken as one of what is not, since the function is zero or refused where it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.errors import UsageError
from g2sym.integrals.elementary import Elementary, Key, Log
from g2sym.integrals.rational import Poly, constant
from g2sym.kernels.elementary import ElementaryValues
from g2sym.kernels.sampled import UNIT, Sampled
from g2sym.kernels.taylor import Enclosure

if TYPE_CHECKING:
    from flint import arb

    from g2sym.base.types import Doubles

NONE: Mapping[str, str] = MappingProxyType({})
LENGTH = 10
"""Terms of a power series: a polynomial of degree 8, and the remainder's."""
BITS = 192
"""Working precision of enclosures."""
SHARP, COARSE = 2.0**-44, 2.0**-20
"""What a polynomial over several cells, and one over a single cell, may leave out beside its coefficients."""
DEPTH, FINER = 2, 16
"""How often a cell is cut where no polynomial encloses the function well, and into how many parts."""

OPEN, CLOSED, EITHER, UNKNOWN = range(4)
"""On an interval: the function as written; zero; either of these; perhaps refused."""


@contextmanager
def series_length() -> Iterator[None]:
    """Power series have `LENGTH` terms, at the precision of enclosures."""
    from flint import ctx

    with working_precision(BITS):
        before = int(ctx.cap)
        ctx.cap = max(before, LENGTH)
        try:
            yield
        finally:
            ctx.cap = before


class ElementaryLine:
    """An elementary function of one slot, the other ones fixed.

    Parameters: ``function``; ``slot``, which moves; ``fixed``, exact values of the other ones; ``names``, the
    symbols of slots, for sentences.
    """

    def __init__(
        self, function: Elementary, slot: str, fixed: Mapping[str, Fraction], names: Mapping[str, str] = NONE
    ) -> None:
        self._names = {**{s.name: s.name for s in function.slots}, **names}
        own = {s.name for s in function.slots}
        self.slot = slot
        self.function = function.substitute({n: constant(v) for n, v in fixed.items() if n in own})
        self.values = ElementaryValues(self.function)
        self._parts: list[tuple[Key, Any, Any]] = [
            (key, self._poly(f.num), self._poly(f.den)) for key, f in self.function.parts
        ]
        self._roots = [self._poly(one) for one in self.function.roots]
        self._logs = [self._logarithm(one) for one in self.function.logs]
        self._tests = [(self._poly(c.poly), c) for c in self.function.conditions]

    def _poly(self, poly: Poly) -> Any:
        from flint import fmpq_poly

        powers = {monomial.get(self.slot, 0): factor for monomial, factor in poly.terms()}
        return fmpq_poly([powers.get(n, 0) for n in range(max(powers, default=0) + 1)])

    def _logarithm(self, log: Log) -> tuple[Any, Any, Any, int]:
        """Return u, v, u^2 - v^2 r^2 and the place of r: u - v r is small beside u where masses are."""
        u, v = self._poly(log.u), self._poly(log.v)
        return u, v, u * u - v * v * self._roots[log.root] if log.root >= 0 else v, log.root

    @property
    def moves(self) -> bool:
        """False where the slot does not occur."""
        return bool(self.function.slots)

    # which side of its conditions an interval lies on ------------------------------------------------
    def side(self, low: Fraction, high: Fraction) -> int:
        """Return what the function is between two exact values of the slot: see `OPEN`.

        Call inside `working_precision`.
        """
        middle, offset = _ball(low, high)
        mixed = False
        for poly, condition in self._tests:
            value = _shifted(poly, middle)(offset)
            if condition.test == "nonzero":
                holds, fails = not value.contains(0), value.is_zero()
            elif condition.test == "nonnegative":
                holds, fails = value >= 0, value < 0
            else:
                holds, fails = value > 0, value <= 0
            if holds:
                continue
            if fails:
                return UNKNOWN if condition.refused else EITHER if mixed else CLOSED
            if condition.refused:
                return UNKNOWN
            mixed = True
        return EITHER if mixed else OPEN

    def refusals(self) -> tuple[str, ...]:
        """The sentences of the conditions beyond which there is no value."""
        return tuple(c.refused.format(**self._names) for _, c in self._tests if c.refused)

    # values -----------------------------------------------------------------------------------------
    def at(self, value: Fraction, bits: int) -> arb:
        """Return the function at an exact value of the slot, with at least ``bits`` correct bits.

        Raises UsageError where it is refused.
        """
        given = {self.slot: value} if self.moves else {}
        self.values.refuse(given, self._names)
        return self.values.ball(given, bits)

    def _sum(self, made: Callable[[Any], Any], root: Callable[[Any], Any]) -> Any:
        """Add the parts up; ``made`` evaluates a polynomial, ``root`` takes a square root."""
        roots = [root(made(one)) for one in self._roots]
        # ln((u + v r)/(u - v r)) = 2 ln(u + v r) - ln(u^2 - v^2 r^2), u and v positive; without r, ln(u/v)
        logs = [
            2 * (made(u) + made(v) * roots[r]).log() - made(n).log()
            if r >= 0
            else made(u).log() - made(v).log()
            for u, v, n, r in self._logs
        ]
        total = made(_zero())
        for (places, log), top, bottom in self._parts:
            part = made(top) if bottom == 1 else made(top) / made(bottom)
            for place in places:
                part = part * roots[place]
            total = total + (part * logs[log] if log >= 0 else part)
        return total

    def _series(self, middle: arb, offset: arb) -> list[arb]:
        """Return the coefficients of the function about a ball, NaN where there are none."""
        from flint import arb, arb_poly, arb_series

        around = arb_poly([offset, 1])

        def made(poly: Any) -> Any:
            return arb_series(_shifted(poly, middle)(around).coeffs(), LENGTH)

        try:
            found = self._sum(made, lambda one: one.sqrt())
        except (ValueError, ZeroDivisionError):  # a constant term that may be zero
            return [arb("nan")] * LENGTH
        return [arb(found[k]) for k in range(LENGTH)]

    def taylor(self, low: Fraction, high: Fraction) -> Enclosure | None:
        """Enclose the function by a polynomial between two exact values; None where that is not possible.

        Call inside `series_length`.
        """
        side = self.side(low, high)
        if side == CLOSED:
            return _constant(low, high, number(0))
        if side != OPEN:
            return None
        middle, offset = _ball(low, high)
        last = self._series(middle, offset)[LENGTH - 1]
        coefficients = self._series(middle, number(0))[: LENGTH - 1]
        if not (last.is_finite() and all(c.is_finite() for c in coefficients)):
            return None
        r = offset.abs_upper()
        rest, slope = abs(last) * r ** (LENGTH - 1), (LENGTH - 1) * abs(last) * r ** (LENGTH - 2)
        centre = (low + high) / 2
        return Enclosure(centre, high - centre, tuple(coefficients), rest.upper(), slope.upper())

    def range(self, low: Fraction, high: Fraction) -> arb | None:
        """Enclose the values between two exact values of the slot; None where it may be refused or infinite.

        Call inside `series_length`.
        """
        side = self.side(low, high)
        if side == CLOSED:
            return number(0)
        if side == UNKNOWN:
            return None
        middle, offset = _ball(low, high)
        wide: arb = self._sum(lambda poly: _shifted(poly, middle)(offset), _clipped)
        if side == OPEN and (found := self.taylor(low, high)) is not None:
            value: arb = found.values(low, high)
            if not wide.is_finite() or value.rad() < wide.rad():
                wide = value
        if not wide.is_finite():
            return None
        return wide.union(number(0)) if side == EITHER else wide


class LineSum:
    """A sum of elementary functions of one slot with constant weights, enclosed as a whole.

    Parameters: pairs of a weight, a ball of about `BITS` bits, and a function.
    """

    def __init__(self, parts: Sequence[tuple[arb, ElementaryLine]]) -> None:
        self.parts = tuple(parts)

    def refusals(self) -> tuple[str, ...]:
        """The sentences of the conditions beyond which there is no value, once each."""
        return tuple(dict.fromkeys(one for _, line in self.parts for one in line.refusals()))

    def at(self, value: Fraction, bits: int) -> arb:
        """Return the sum at an exact value of the slot, to ``bits`` bits of its largest part and half more.

        Raises UsageError where it is refused.
        """
        total = number(0)
        for weight, line in self.parts:
            part = line.at(value, 2 * bits)
            with working_precision(BITS):
                total += weight * part
        return total

    def side(self, low: Fraction, high: Fraction) -> int:
        """Return what the functions are between two exact values, see `OPEN`: the least that is known."""
        return max(line.side(low, high) for _, line in self.parts)

    def taylor(self, low: Fraction, high: Fraction) -> Enclosure | None:
        """Enclose the sum by a polynomial; None where that is not possible. Call inside `series_length`."""
        whole: Enclosure | None = None
        for weight, line in self.parts:
            found = line.taylor(low, high)
            if found is None:
                return None
            found = _padded(found, LENGTH - 1).scale(weight)
            whole = found if whole is None else whole.plus(found)
        return whole

    def range(self, low: Fraction, high: Fraction) -> arb | None:
        """Enclose the values between two exact values; None where they may be refused or infinite."""
        total = number(0)
        for weight, line in self.parts:
            found = line.range(low, high)
            if found is None:
                return None
            total += weight * found
        whole = self.taylor(low, high)
        if whole is not None and (value := whole.values(low, high)).rad() < total.rad():
            return value
        return total

    # over the cells of an axis ------------------------------------------------------------------------
    def sample(self, edges: Doubles, depth: int = DEPTH) -> Sampled:
        """Enclose the function over the cells between rising doubles.

        Parameters: ``depth``, how often a cell that no polynomial encloses well is cut into `FINER` parts.
        A cell in which it may be refused is unbounded, an edge where it is refused NaN.

        An edge's value is a polynomial at t = (x - c)/r in doubles: t errs by 2 u |t|, which moves the value
        by at most 2 u sum k |C_k|; Horner's rule rounds 2 n times, a coefficient once: with S = sum |C_k|
        and n = 8 at most 33 u S, and 64 u S holds what is of second order and |t| slightly above 1. On a
        cell of width w in t the polynomial strays from its chord by at most w^2/8 max |p''|, and p'' is at
        most its size in the middle and w/2 sum k (k-1) (k-2) |C_k|; f strays from p by the rest, which
        ``_chords`` adds on the cell and at either edge.
        """
        import numpy as np

        count = len(edges) - 1
        values, error = np.full(count + 1, np.nan), np.zeros(count + 1)
        stray, bare = np.full(count, np.inf), []
        todo = [(0, count)]
        with series_length():
            while todo:
                first, last = todo.pop()
                low, high = Fraction(float(edges[first])), Fraction(float(edges[last]))
                found = self.taylor(low, high)
                sharp = found is not None and self._sharp(found, last - first)
                if found is None or not sharp:
                    if last - first > 1:
                        middle = (first + last) // 2
                        todo += [(middle, last), (first, middle)]
                    else:
                        bare.append(first)
                    continue
                here = slice(first, last + 1)
                values[here], error[here], stray[first:last] = _chords(found, edges[here])
        ends = np.maximum(error[:-1], error[1:])
        for cell in bare:
            self._ends(cell, edges, values)
            ends[cell] = 0.0  # the range, or the parts, are compared with the values themselves
        for cell in bare:
            stray[cell] = self._bare(edges[cell : cell + 2], values[cell : cell + 2], depth)
        return Sampled(values, (stray + ends) * (1 + 2.0**-40))

    def _sharp(self, found: Enclosure, cells: int) -> bool:
        r = number(found.radius)
        size = sum((abs(c) * r**k for k, c in enumerate(found.coefficients)), number(0))
        return bool(found.rest <= size * (COARSE if cells == 1 else SHARP))

    def _ends(self, cell: int, edges: Doubles, values: Doubles) -> None:
        """Evaluate the ends of a cell where no polynomial did, to half of the last bit and a little more."""
        import numpy as np

        for end in (cell, cell + 1):
            if np.isnan(values[end]):
                try:
                    values[end] = float(self.at(Fraction(float(edges[end])), 64).mid())
                except UsageError:
                    continue

    def _bare(self, edges: Doubles, values: Doubles, depth: int) -> float:
        """Bound how far the function strays from the chord between two values on one cell.

        By the range of its values: they and the chord lie between the least and the largest of both. Or by
        parts of the cell: their chords stray from the cell's as `Sampled.coarser` says, and that from the
        one between the two values by what these differ at an end.
        """
        import numpy as np

        best = np.inf
        if np.isnan(values).any():
            return best
        with series_length():
            found = self.range(Fraction(float(edges[0])), Fraction(float(edges[1])))
        if found is not None:
            low, high = _doubles_around(found)
            best = max(high - values.min(), values.max() - low) * (1 + 2.0**-40)
        if depth:
            inner = np.linspace(edges[0], edges[1], FINER + 1)
            inner[0], inner[-1] = edges
            if np.all(np.diff(inner) > 0):
                part = self.sample(inner, depth - 1)
                while len(part.stray) > 1:
                    part = part.coarser()
                cut = (part.stray[0] + np.abs(part.values - values).max()) * (1 + 2.0**-40)
                best = min(best, cut) if cut == cut else best
        return float(best)


class ElementaryFunction:
    """An elementary function of a mass or an energy, as `g2sym.kernels.isolation` asks for it."""

    def __init__(self, line: ElementaryLine) -> None:
        self.line = line

    def at(self, mass: Fraction, bits: int) -> arb:
        """The value at an exact mass; raises UsageError where it is refused."""
        return self.line.at(mass, bits)

    def enclose(self, low: Fraction, high: Fraction, bits: int, degree: int) -> Enclosure:
        """An enclosure on an interval; beside a threshold, a constant whose slope is not known."""
        with series_length():
            found = self.line.taylor(low, high)
            if found is None:
                values = self.line.range(low, high)
                found = _constant(low, high, number(0) / 0 if values is None else values)
        return _padded(found, degree + 1)

    def range(self, low: Fraction, high: Fraction, bits: int) -> arb | None:
        """An enclosure of all values on an interval of any width, None where there is none."""
        with series_length():
            return self.line.range(low, high)


def _padded(found: Enclosure, count: int) -> Enclosure:
    """Return the same enclosure with ``count`` coefficients, at least as many as it has."""
    more = (number(0) for _ in range(count - len(found.coefficients)))
    return Enclosure(found.centre, found.radius, (*found.coefficients, *more), found.rest, found.slope_rest)


def _zero() -> Any:
    from flint import fmpq_poly

    return fmpq_poly([0])


def _ball(low: Fraction, high: Fraction) -> tuple[arb, arb]:
    """Return the middle of an interval and a ball about zero that holds every distance from it."""
    middle = number((low + high) / 2)
    return middle, (number(low) - middle).union(number(high) - middle)


def _shifted(poly: Any, middle: arb) -> Any:
    """Return a polynomial about a point: with few powers of a small distance a ball stays narrow."""
    from flint import arb_poly

    return arb_poly(poly)(arb_poly([middle, 1]))


def _clipped(value: arb) -> arb:
    """Return the root of the part of a ball that is not negative."""
    low, high = value.lower(), value.upper()
    return low.max(number(0)).sqrt().union(high.max(number(0)).sqrt())


def _constant(low: Fraction, high: Fraction, value: arb) -> Enclosure:
    """Enclose by a constant; where it is not exact nothing is known of the slope."""
    centre = (low + high) / 2
    exact = value.is_exact()
    slope = number(0) if exact else 1 / number(0)
    rest = number(0) if exact else (value - value.mid()).abs_upper()
    return Enclosure(centre, high - centre, (value.mid(),), rest, slope)


def _chords(found: Enclosure, edges: Doubles) -> tuple[Doubles, Doubles, Doubles]:
    """Return values at edges, bounds on their errors, and how far the function strays from chords."""
    import numpy as np

    c, r = float(found.centre), float(found.radius) * (1 + 2.0**-50)
    # the polynomial about the double c in units of the double r: exact in balls
    shifted = _moved(found.coefficients, number(Fraction(c) - found.centre))
    scaled = [a * number(Fraction(r)) ** k for k, a in enumerate(shifted)]
    own = np.array([float(a.mid()) for a in scaled])
    size = float(sum((a.abs_upper() for a in scaled), number(0)).upper()) * (1 + 2.0**-50)
    loose = float(sum((a.rad() for a in scaled), found.rest).upper()) * (1 + 2.0**-50)
    t = (edges - c) / r
    values, bend = np.zeros_like(t), np.zeros(len(t) - 1)
    for a in own[::-1]:
        values = values * t + a
    width, middle = np.diff(t) * (1 + 2.0**-48) + 2 * UNIT, (t[1:] + t[:-1]) / 2
    third = 0.0
    for k in range(len(own) - 1, 1, -1):
        bend = bend * middle + k * (k - 1) * own[k]
        third += k * (k - 1) * (k - 2) * abs(own[k])
    # p'' in the middle rounds like a value, with coefficients of at most 56 S
    curve = np.abs(bend) + width / 2 * third + 64 * 56 * UNIT * size
    error = np.full(len(t), 64 * UNIT * size + loose)
    return values, error, (curve * width**2 / 8 + loose) * (1 + 2.0**-40)


def _moved(coefficients: Sequence[arb], shift: arb) -> list[arb]:
    moved = list(coefficients)
    for n in range(len(moved)):
        for k in range(len(moved) - 2, n - 1, -1):
            moved[k] = moved[k] + shift * moved[k + 1]
    return moved


def _doubles_around(value: arb) -> tuple[float, float]:
    """Return doubles below and above a ball."""
    import math

    low, high = float(value.lower()), float(value.upper())
    return math.nextafter(low, -math.inf), math.nextafter(high, math.inf)
