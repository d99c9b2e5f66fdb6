"""Elementary functions in powers of the square root of a small t > 0, exactly.

One slot is x = x0 + t, x0 - t or 1/t. A rational function has a Laurent series in t; a root, whose
radicand is p t^k (1 + u), is sqrt(p) t^(k/2) times the binomial series of u. With z = v r/u and Q = z^2, a
rational function,

    d/dt ln((1 + z)/(1 - z)) = z Q'/(Q (1 - Q)),

which is integrated term by term; the constant is 0 where z goes to 0, ln((1 + z0)/(1 - z0)) where z goes to
z0 < 1, and where 1 - Q = q t^n + ... it is ln(4/q) with -n ln t, since the logarithm is
2 ln(1 + z) - ln(1 - Q).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb

from g2sym.base.classes import dataclass
from g2sym.errors import G2symError
from g2sym.integrals.elementary import Elementary, Log
from g2sym.integrals.rational import Frac, Poly, constant, gen

Laurent = dict[int, Frac]
"""Coefficients by powers of t, none of them zero."""
Sign = Callable[[Frac], int]
"""The sign of a rational function of the slots that stay, 1 or -1, where the result is to hold."""
MAX_TERMS = 200
"""Powers that one function is expanded to at most."""


class TooManyTerms(G2symError):
    """A function would have to be expanded too far."""


@dataclass(frozen=True)
class Path:
    """How one slot moves: to ``point`` from a ``side``, +1 above or -1 below; to infinity for None."""

    slot: str
    point: Frac | None
    side: int = 1

    def poly(self, poly: Poly) -> Laurent:
        """Write a polynomial in t."""
        rows = poly.by_powers(self.slot)
        if self.point is None:
            return {-power: Frac.of(row) for power, row in rows.items()}
        out: Laurent = {}
        for power, row in rows.items():
            for n in range(power + 1):
                factor = Frac.of(row * (comb(power, n) * self.side**n)) * _power(self.point, power - n)
                out[n] = out[n] + factor if n in out else factor
        return {n: value for n, value in out.items() if not value.is_zero}


@dataclass(frozen=True)
class Piece:
    """factor * t^exponent * (ln t)^logs * sqrt of each of ``roots`` * ``log``.

    ``log`` is None, or (u, v) for ln((1 + u sqrt(v))/(1 - u sqrt(v))), or (u, None) for ln(u).
    """

    exponent: Fraction
    logs: int
    factor: Frac
    roots: tuple[Frac, ...] = ()
    log: tuple[Frac, Frac | None] | None = None


@dataclass(frozen=True)
class _Root:
    """sqrt(lead) t^(power/2) times a series that starts with 1; ``lead`` None: its root is ``front``."""

    lead: Frac | None
    front: Frac
    power: int
    radicand: Laurent

    def series(self, terms: int) -> Laurent:
        """Return (1 + u)^(1/2), with the rational root in front."""
        first = self.radicand[self.power]
        u = {n - self.power: value / first for n, value in self.radicand.items()}
        out = [Frac.of(1)]
        for n in range(1, terms):  # n s_n = sum of ((1/2 + 1) i - n) u_i s_(n - i)
            total = Frac.of(0)
            for i in range(1, n + 1):
                if i in u and not out[n - i].is_zero:
                    total = total + u[i] * out[n - i] * Frac.of(constant(Fraction(3 * i - 2 * n, 2 * n)))
            out.append(total)
        return {n: value * self.front for n, value in enumerate(out) if not value.is_zero}


def expanded(function: Elementary, path: Path, end: Fraction, sign: Sign) -> tuple[list[Piece], bool]:
    """Return the pieces of a function below t^end, and whether that is all of it.

    Parameters: ``sign`` of what stands in front under a root. Raises TooManyTerms.
    """
    roots = [_root(path.poly(one), sign) for one in function.roots]
    exact = True
    out: list[Piece] = []
    for (places, log), value in function.parts:
        top, bottom = path.poly(value.num), path.poly(value.den)
        if not bottom:
            raise G2symError("A function is infinite all along a path.")
        if not top:
            continue
        half = Fraction(sum(roots[p].power for p in places), 2)
        start = Fraction(min(top) - min(bottom)) + half
        outside = tuple(lead for p in places if (lead := roots[p].lead) is not None)
        if not places and log < 0 and len(bottom) == 1:  # a finite sum
            below = next(iter(bottom.items()))
            out += [Piece(Fraction(n - below[0]), 0, c / below[1]) for n, c in sorted(top.items())]
            continue
        exact = False

        def front(
            lowest: Fraction, top: Laurent = top, bottom: Laurent = bottom, places: tuple[int, ...] = places
        ) -> Laurent:
            terms = _count(end - lowest)
            total = _divided(top, bottom, terms)
            for place in places:
                total = _times(total, roots[place].series(terms), terms)
            return total

        if log < 0:
            out += [Piece(half + n, 0, c, outside) for n, c in front(start).items()]
            continue
        own = _Logarithm(function.logs[log], function, path, roots)
        if own.power or own.constant is not None:
            series = front(start)
            for n, c in series.items():
                if own.constant is not None:
                    out.append(Piece(half + n, 0, c, outside, own.constant))
                if own.power:
                    out.append(Piece(half + n, 1, c * Frac.of(constant(own.power)), outside))
        lowest = start + own.start
        terms = _count(end - lowest)
        product = _times(front(lowest), own.series(terms), terms)
        extra = () if own.root.lead is None else (own.root.lead,)
        for n, c in product.items():
            out.append(Piece(half + own.half + n, 0, c, (*outside, *extra)))
    return [one for one in out if one.exponent < end or exact], exact


class _Logarithm:
    """A logarithm along a path: constant + power ln t + a series times its root.

    ``start`` is the exponent that the series starts with at least, ``half`` what its integers are over.
    """

    def __init__(self, log: Log, function: Elementary, path: Path, roots: list[_Root]) -> None:
        if log.root < 0:
            raise G2symError("A logarithm without a root is not expanded.")
        self.root = roots[log.root]
        square = Frac.of(log.v * log.v * function.roots[log.root], log.u * log.u)
        above, below = path.poly(square.num), path.poly(square.den)
        rest = _minus(below, above)  # 1 - Q over below
        self.constant: tuple[Frac, Frac | None] | None = None
        self.power = 0
        first = min(above) - min(below)
        if first == 0:
            lowest = min(rest) - min(below)
            if lowest > 0:  # z goes to 1
                self.constant = Frac.of(4) * below[min(below)] / rest[min(rest)], None
                self.power = -lowest
            else:
                u, v = path.poly(log.u), path.poly(log.v)
                ratio = v[min(v)] / u[min(u)] * self.root.front
                self.constant = ratio, self.root.lead if self.root.lead is not None else Frac.of(1)
        # z Q'/(Q (1 - Q)) with Q = N/D: (N' D - N D')/(N (D - N)) times z = (v/u) r
        u, v = path.poly(log.u), path.poly(log.v)
        slope = _minus(_product(_slope(above), below), _product(above, _slope(below)))
        self._top = _product(slope, v)
        self._bottom = _product(_product(above, rest), u)
        self.half = Fraction(self.root.power, 2) + 1
        self.start = self.half + (min(self._top) - min(self._bottom)) if self._top else Fraction(0)

    def series(self, terms: int) -> Laurent:
        """Return the integral by powers of t, over t^half times the root; what is ln t is left out."""
        if not self._top:
            return {}
        found = _times(_divided(self._top, self._bottom, terms + 1), self.root.series(terms + 1), terms + 1)
        out = {}
        for n, c in found.items():
            exponent = self.half + n
            if exponent != 0:
                out[n] = c * Frac.of(constant(1 / exponent))
        return out


def _root(radicand: Laurent, sign: Sign) -> _Root:
    if not radicand:
        raise G2symError("A root is zero all along a path.")
    power = min(radicand)
    lead = radicand[power]
    square = square_root(lead)
    if square is None:
        sign(lead)
        return _Root(lead, Frac.of(1), power, radicand)
    return _Root(None, square if sign(square) > 0 else -square, power, radicand)


def square_root(value: Frac) -> Frac | None:
    """Return the rational function whose square a function is, up to its sign; None where there is none."""
    from math import isqrt

    sides = []
    for poly in (value.num, value.den):
        unit, factors = poly.factor()
        top, bottom = int(unit.p), int(unit.q)
        if top <= 0 or isqrt(top) ** 2 != top or isqrt(bottom) ** 2 != bottom:
            return None
        if any(power % 2 for _, power in factors):
            return None
        total = constant(Fraction(isqrt(top), isqrt(bottom)))
        for base, power in factors:
            total = total * base ** (power // 2)
        sides.append(total)
    return Frac.of(sides[0], sides[1])


# arithmetic of truncated series ---------------------------------------------------------------------
def _count(room: Fraction) -> int:
    """Return how many integer powers from a start on lie below an end."""
    terms = max(0, -int(-room // 1))
    if terms > MAX_TERMS:
        raise TooManyTerms(f"{terms} powers of one function are too many.")
    return terms


def _divided(top: Mapping[int, Frac], bottom: Mapping[int, Frac], terms: int) -> Laurent:
    """Return the first powers of a quotient of two polynomials in t."""
    if not top:
        return {}
    first, lead = min(bottom), bottom[min(bottom)]
    start = min(top) - first
    out: Laurent = {}
    for n in range(start, start + terms):
        total = top.get(n + first, Frac.of(0))
        for k, c in bottom.items():
            if k != first and n + first - k in out:
                total = total - c * out[n + first - k]
        if not total.is_zero:
            out[n] = total / lead
    return out


def _times(a: Laurent, b: Laurent, terms: int) -> Laurent:
    """Multiply two series of which a number of powers, from the first one on, is known."""
    if not a or not b:
        return {}
    stop = min(a) + min(b) + terms
    out: Laurent = {}
    for n, c in a.items():
        for k, d in b.items():
            if n + k < stop:
                out[n + k] = out[n + k] + c * d if n + k in out else c * d
    return {n: c for n, c in out.items() if not c.is_zero}


def _product(a: Laurent, b: Laurent) -> Laurent:
    return _times(a, b, max(a, default=0) + max(b, default=0) - min(a, default=0) - min(b, default=0) + 1)


def _minus(a: Laurent, b: Laurent) -> Laurent:
    out = dict(a)
    for n, c in b.items():
        out[n] = out[n] - c if n in out else -c
    return {n: c for n, c in out.items() if not c.is_zero}


def _slope(a: Laurent) -> Laurent:
    return {n - 1: c * Frac.of(n) for n, c in a.items() if n}


def fixed(function: Elementary, values: Mapping[str, Fraction]) -> Elementary:
    """Return a function with exact values put in for slots."""
    return function.substitute({name: constant(value) for name, value in values.items()})


def times_power(function: Elementary, slot: str, power: int) -> Elementary:
    """Return a function times a power of a slot."""
    factor = gen(slot) ** abs(power)
    return function.times(Frac.of(factor) if power >= 0 else Frac.of(1, factor))


def _power(value: Frac, power: int) -> Frac:
    out = Frac.of(1)
    for _ in range(power):
        out = out * value
    return out
