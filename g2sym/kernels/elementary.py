"""Elementary functions in balls: widths and cross-sections at exact values of their slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from math import isqrt

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import UsageError
from g2sym.integrals.elementary import Condition, Elementary, Key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

    Rational = Any
    """flint.fmpq, which ships no types"""

Ends = tuple[bool, Fraction]
"""Of a logarithm: whether it is ln((1 + x)/(1 - x)), with x^2, or else ln(x), with x."""
NO_VALUE = "{} has no finite value at these masses and energies; move one of them."


class ElementaryValues:
    """The values of an elementary function; it has the interface of `TransitionValues`."""

    def __init__(self, function: Elementary) -> None:
        self.function = function
        self._exact_at: Callable[..., tuple[tuple[Key, Rational], ...]] = lru_cache(maxsize=1024)(self._exact)

    # where it is what it says --------------------------------------------------------------------
    def failed(self, values: Mapping[str, Fraction]) -> Condition | None:
        """Return the first condition that does not hold at exact values; None where every one does."""
        at = _rationals(values)
        return next((c for c in self.function.conditions if not c.holds(at.__getitem__, _same)), None)

    def refuse(self, values: Mapping[str, Fraction], names: Mapping[str, str]) -> None:
        """Refuse values where the function has no meaning or is infinite.

        Parameters: ``names``, the symbols of slots, for the sentence. Raises UsageError.
        """
        broken = self.failed(values)
        if broken is not None and broken.refused:
            raise UsageError(
                broken.refused.format(**{**{s.name: s.name for s in self.function.slots}, **names})
            )
        if broken is None:
            self._exact_at(tuple(values.items()))

    def is_zero(self, values: Mapping[str, Fraction]) -> bool:
        """True when the function is exactly zero at exact values: a closed channel, or parts that cancel."""
        broken = self.failed(values)
        if broken is not None:
            if broken.refused:
                raise UsageError(broken.refused.format(**{s.name: s.name for s in self.function.slots}))
            return True
        return self._cancels(tuple(values.items()))

    def vanishes_along(self, fixed: Mapping[str, Fraction], moving: Iterable[str]) -> bool:
        """True when the function has no part at all; a channel may be closed at some values only."""
        return not self.function.parts

    # numbers -------------------------------------------------------------------------------------
    def _exact(self, items: tuple[tuple[str, Fraction], ...]) -> tuple[tuple[Key, Rational], ...]:
        """Return the rational coefficient of each product of functions; raises UsageError where infinite."""
        at = _rationals(dict(items))
        out = []
        for key, value in self.function.parts:
            below = value.den.fold(at.__getitem__, _same)
            if below == 0:
                raise UsageError(NO_VALUE.format(self.function.diagram))
            if (own := value.num.fold(at.__getitem__, _same) / below) != 0:
                out.append((key, own))
        return tuple(out)

    def _squares(self, at: Mapping[str, Rational]) -> list[Rational]:
        return [root.fold(at.__getitem__, _same) for root in self.function.roots]

    def exact_parts(self, values: Mapping[str, Fraction]) -> list[tuple[Fraction, Ends | None, Fraction]]:
        """Return the function at exact values as weight times root times logarithm, exactly.

        Each part is the square of the root, the logarithm as `Ends`, None without one, and the weight; where
        the function is zero there is none. Raises UsageError where it is infinite.
        """
        if self.is_zero(values):
            return []
        at = _rationals(values)
        squares = self._squares(at)
        out: list[tuple[Fraction, Ends | None, Fraction]] = []
        for (places, log), weight in self._exact_at(tuple(values.items())):
            product = weight * 0 + 1
            for place in places:
                product *= squares[place]
            ends = None
            if log >= 0:
                one = self.function.logs[log]
                ratio = one.v.fold(at.__getitem__, _same) / one.u.fold(at.__getitem__, _same)
                ends = (True, ratio**2 * squares[one.root]) if one.root >= 0 else (False, 1 / ratio)
                ends = ends[0], _fraction(ends[1])
            out.append((_fraction(product), ends, _fraction(weight)))
        return out

    def _cancels(self, items: tuple[tuple[str, Fraction], ...]) -> bool:
        """True when the exact sum is zero: it is for each logarithm, in roots that are independent.

        Logarithms of different algebraic numbers are taken as independent, which can only miss a zero.
        """
        at = _rationals(dict(items))
        squares = self._squares(at)
        groups: dict[int, list[tuple[Rational, Rational]]] = {}
        for (places, log), weight in self._exact_at(items):
            product = weight * 0 + 1
            for place in places:
                product *= squares[place]
            if product != 0 and not (log >= 0 and self._log_is_zero(log, at, squares)):
                _add(groups.setdefault(log, []), product, weight)
        return all(weight == 0 for group in groups.values() for _, weight in group)

    def _log_is_zero(self, place: int, at: Mapping[str, Rational], squares: list[Rational]) -> bool:
        log = self.function.logs[place]
        u, v = log.u.fold(at.__getitem__, _same), log.v.fold(at.__getitem__, _same)
        return bool(u == v if log.root < 0 else v == 0 or squares[log.root] == 0)

    @cached_property
    def _polys(self) -> tuple[Any, ...]:
        return tuple((one.u, one.v, one.root) for one in self.function.logs)

    def ball(self, values: Mapping[str, Fraction], bits: int) -> arb:
        """Return the value with at least ``bits`` correct bits, exactly zero where the function is.

        Parameters: ``values`` of every slot, exact. Raises UsageError where it is refused or infinite.
        """
        from flint import arb

        if self.is_zero(values):
            return arb(0)
        items = tuple(values.items())
        work = bits + 30
        while True:
            with working_precision(work):
                total = self._sum(items)
            if not total.is_finite():
                raise UsageError(NO_VALUE.format(self.function.diagram))
            if total.rel_accuracy_bits() >= bits or total.is_exact() or work > MAX_BITS:
                return total
            work *= 2

    def _sum(self, items: tuple[tuple[str, Fraction], ...]) -> arb:
        from flint import arb

        at = _rationals(dict(items))
        roots = [arb(one).sqrt() for one in self._squares(at)]
        logs: dict[int, arb] = {}
        total = arb(0)
        for (places, log), weight in self._exact_at(items):
            part = arb(weight)
            for place in places:
                part *= roots[place]
            if log >= 0:
                if log not in logs:
                    u, v, root = self._polys[log]
                    logs[log] = logarithm(
                        arb(u.fold(at.__getitem__, _same)),
                        arb(v.fold(at.__getitem__, _same)),
                        roots[root] if root >= 0 else None,
                    )
                part *= logs[log]
            total += part
        return total

    # what kernels of loops have thresholds for -----------------------------------------------------
    def side(self, values: Mapping[str, Fraction]) -> int:
        """Return 1: the function is real wherever it has a value."""
        return 1

    def threshold(self, slot: str, values: Mapping[str, Fraction]) -> Fraction:
        """Return 0: there is no value of a slot below which the function is complex."""
        return Fraction(0)


def logarithm(u: arb, v: arb, root: arb | None) -> arb:
    """Return ln((u + v r)/(u - v r)), or ln(u/v) without a root; u and v are positive."""
    if root is None:
        return (u / v).log()
    return ((u + v * root) / (u - v * root)).log()


def _add(group: list[tuple[Rational, Rational]], square: Rational, weight: Rational) -> None:
    """Add weight times sqrt(square) to a sum of roots of which no two have a rational quotient."""
    for place, (known, before) in enumerate(group):
        ratio = square / known
        top, bottom = isqrt(int(ratio.p)), isqrt(int(ratio.q))
        if top * top == int(ratio.p) and bottom * bottom == int(ratio.q):
            group[place] = known, before + weight * top / bottom
            return
    group.append((square, weight))


def _rationals(values: Mapping[str, Fraction]) -> dict[str, Rational]:
    from flint import fmpq

    return {name: fmpq(v.numerator, v.denominator) for name, v in values.items()}


def _fraction(value: Rational) -> Fraction:
    return Fraction(int(value.p), int(value.q))


def _same(value: Any) -> Any:
    return value
