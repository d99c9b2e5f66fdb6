"""A closed form along one axis: one mass slot runs, every other one is fixed.

All coefficients are brought over one common denominator, so that a value costs a few Horner
evaluations, one logarithm and one arc: f = (P + sum_i L_i ln a_i + sum_j A_j T(d0_j, d1_j))/D with
integer polynomials P, L_i, A_j, D in the slot that runs, called t here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.rational import Frac, Poly

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import arb

    from g2sym.base.types import Entries

    Univariate = Any  # flint.fmpq_poly and flint.fmpz_poly, which ship no types


def arc(d0: arb, d1: arb) -> arb:
    """Return T = int_0^1 dx/(x^2 + (d1 - d0 - 1) x + d0) as a ball; d0 and d1 positive.

    With s = d0 + d1 - 1 and D = s^2 - 4 d0 d1, T is ln((s + sqrt D)^2/(4 d0 d1))/sqrt D above D = 0
    and 2 atan2(sqrt(-D), s)/sqrt(-D) below; near D = 0, a regular point, T is
    2F1(1, 1; 3/2; (1 - c)/2)/sqrt(d0 d1) with c = s/(2 sqrt(d0 d1)). Not a number for c <= -1.
    """
    from flint import arb

    s = d0 + d1 - 1
    product = 4 * d0 * d1
    square = s * s
    disc = square - product
    if abs(disc) > square / 65536 or s < 0:  # for s < 0 a vanishing D is the threshold, a true pole
        if disc < 0:
            root = (-disc).sqrt()
            return 2 * arb.atan2(root, s) / root
        if not (s > 0 and disc > 0):
            return arb.nan()
        root = disc.sqrt()
        top = s + root
        return (top * top / product).log() / root
    base = (product / 4).sqrt()
    half_gap = (1 - s / (2 * base)) / 2
    return half_gap.hypgeom_2f1(arb(1), arb(1), arb(3) / 2) / base if s > 0 else arb.nan()


def arc_complex(d0: Any, d1: Any) -> Any:
    """Return T for complex balls (flint.acb) off the negative axis, continued from positive d0, d1."""
    from flint import acb

    base = d0.sqrt() * d1.sqrt()
    c = (d0 + d1 - 1) / (2 * base)
    if abs(c - 1) < 0.25:
        return ((1 - c) / 2).hypgeom_2f1(acb(1), acb(1), acb(3) / 2) / base
    return _arc_away(c) / base


def arc_bound(d0: Any, d1: Any) -> Any:
    """Return a wide complex ball that contains T for wide complex balls: good for bounds, and fast.

    Delta is linear in d0 and d1, so |T| is at most T at the least real parts, as long as Delta is
    positive there.
    """
    from flint import acb, arb

    least = [d.real.lower() for d in (d0, d1)]
    if least[0] > 0 and least[1] > 0:
        reach = arc(*least).abs_upper()
        if reach.is_finite():
            return acb(arb(0, reach), arb(0, reach))
    base = d0.sqrt() * d1.sqrt()
    return _arc_away((d0 + d1 - 1) / (2 * base)) / base


def _arc_away(c: Any) -> Any:
    """Return arccos(c)/sqrt(1 - c^2), each expression where its branch cuts are out of the way."""
    if c.real < 1:
        return c.acos() / ((1 - c).sqrt() * (1 + c).sqrt())
    return c.acosh() / ((c - 1).sqrt() * (c + 1).sqrt())


class Argument:
    """What stands in a logarithm or an arc: a polynomial in t, usually t itself or a constant."""

    def __init__(self, poly: Univariate) -> None:
        from flint import fmpq_poly

        self.runs = poly == fmpq_poly([0, 1])
        self.is_constant = poly.degree() < 1
        self.constant = poly[0]
        self._whole, self._den = poly.numer(), poly.denom()

    @property
    def is_plain(self) -> bool:
        """True for t itself and for a constant."""
        return bool(self.runs or self.is_constant)

    def __call__(self, t: Any) -> Any:
        if self.runs:
            return t
        return 0 * t + self.constant if self.is_constant else self._whole(t) / self._den


class Slice:
    """A closed form as a function of one slot.

    Parameters: ``form``; ``axis``, the slot that runs; ``fixed``, exact values of the other ones.
    """

    def __init__(self, form: ClosedForm, axis: str, fixed: Mapping[str, Fraction]) -> None:
        from flint import fmpq, fmpq_poly

        powers = {n: fmpq(v.numerator, v.denominator) for n, v in fixed.items()}

        def univariate(poly: Poly) -> Univariate:
            return _univariate(poly, axis, powers)

        def quotient(value: Frac) -> tuple[Univariate, Univariate]:
            return univariate(value.num), univariate(value.den)

        plain = quotient(form.rational)
        logs = [(univariate(a), quotient(f)) for a, f in form.logs]
        arcs = [((univariate(d0), univariate(d1)), quotient(f)) for (d0, d1), f in form.arcs]
        common = fmpq_poly([1])
        for _, bottom in [plain, *(f for _, f in logs), *(f for _, f in arcs)]:
            common = common * bottom / common.gcd(bottom)
        raw = [
            _over(plain, common),
            *(_over(f, common) for _, f in logs),
            *(_over(f, common) for _, f in arcs),
        ]
        scale = 1
        for poly in [*raw, common]:
            scale = scale * poly.denom() // _gcd(scale, int(poly.denom()))
        whole = [(poly * scale).numer() for poly in raw]
        self.den = (common * scale).numer()
        self.has_poles = any(self.den[n] != 0 for n in range(self.den.degree()))
        self.losses: dict[int, tuple[float, float]] = {}  # bits lost for heavy and light bosons
        self.plain = whole[0]
        self.logs = [(Argument(a), w) for (a, _), w in zip(logs, whole[1:], strict=False) if w != 0]
        self.arcs = [
            ((Argument(d0), Argument(d1)), w)
            for ((d0, d1), _), w in zip(arcs, whole[1 + len(logs) :], strict=True)
            if w != 0
        ]

    def at(self, t: arb) -> arb:
        """Return the value for a real ball."""
        value: arb = self._fold(t, arc)
        return value

    def at_complex(self, t: Any) -> Any:
        """Return the value for a complex ball off the negative axis."""
        return self._fold(t, arc_complex)

    def _fold(self, t: Any, arc_of: Callable[[Any, Any], Any]) -> Any:
        total = self.plain(t)
        for argument, factor in self.logs:
            total += factor(t) * argument(t).log()
        for (d0, d1), factor in self.arcs:
            total += factor(t) * arc_of(d0(t), d1(t))
        return total / self.den(t)

    def bound(self, t: Any) -> Any:
        """Return an upper bound of the size over a wide complex ball off the negative axis."""
        return self._fold(t, arc_bound).abs_upper()

    @property
    def is_tabulable(self) -> bool:
        """True when every ln and T depends on t plainly: ln t, T(t, constant), or not at all."""
        return all(a.is_plain for a, _ in self.logs) and all(
            d0.is_plain and d1.is_plain and (d0.is_constant or d1.is_constant) for (d0, d1), _ in self.arcs
        )

    def is_pole(self, t: Fraction) -> bool:
        """True when the common denominator vanishes at ``t``: a removable 0/0."""
        from flint import fmpq

        return bool(self.den(fmpq(t.numerator, t.denominator)) == 0)

    def order(self, t: Fraction) -> int:
        """Return how often the common denominator vanishes at ``t``."""
        from flint import fmpq

        point, found, rest = fmpq(t.numerator, t.denominator), 0, self.den
        while rest(point) == 0:
            found, rest = found + 1, rest.derivative()
        return found


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _univariate(poly: Poly, axis: str, fixed: Entries) -> Univariate:
    from flint import fmpq, fmpq_poly

    found: dict[int, Any] = {}
    powers: dict[tuple[int, int], Any] = {}  # of the fixed slots, by place: many monomials share them
    names, nought = poly.names, fmpq(0)
    for exponents, value in poly.to_dict().items():
        degree, term = 0, value
        for place, power in enumerate(exponents):
            if not power:
                continue
            if names[place] == axis:
                degree = int(power)
                continue
            if (place, power) not in powers:
                powers[place, power] = fixed[names[place]] ** power
            term *= powers[place, power]
        found[degree] = found.get(degree, nought) + term
    return fmpq_poly([found.get(n, nought) for n in range(max(found, default=0) + 1)])


def _over(value: tuple[Univariate, Univariate], common: Univariate) -> Univariate:
    return value[0] * (common / value[1])
