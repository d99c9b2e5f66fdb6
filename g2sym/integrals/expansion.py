"""Limits and asymptotic series of a canonical form, exact to any order, from recurrences.

With u = d0 + d1 - 1, q = d0 d1 and lambda = u^2 - 4 q, T(d0, d1) obeys along every path
lambda T' + lambda' T/2 = 2 u' - u q'/q, hence with lambda = l t^k (1 + ...) and h = (1 + ...)^(-1/2)
    T = K t^(-k/2) h + (1/l) t^(-k/2) h int t^(-k/2) h (2 u' - u q'/q) dt,
the integral taken term by term without a constant (t^-1 gives ln t). The constant K is fixed by where
c = u/(2 sqrt q) goes: c to infinity, K = ln(u^2/q)/u of the leading coefficients; c to 1, K = 0; c to
-1 (threshold), K = 2 pi/sqrt(-l); c to 0, K = pi/sqrt(-l); any other c, K = T at the point itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from g2sym.base.classes import dataclass
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.laurent import (
    Local,
    Series,
    SeriesAlgebra,
    combine,
    derivative,
    local_poly,
    monic,
    multiply,
)
from g2sym.integrals.rational import Frac
from g2sym.integrals.region import Region, region
from g2sym.integrals.values import Value, arc_value, log_value, pi_over_root

MAX_TERMS = 400
"""Most terms that a search for a non-vanishing coefficient computes."""
_HALF = Fraction(1, 2)


@dataclass(frozen=True)
class Piece:
    """value * (ln t)^logs * t^shift * series."""

    value: Value
    logs: int
    shift: Fraction
    series: Any


@dataclass(frozen=True)
class Expansion:
    """An asymptotic series in t > 0: sum of coefficient * t^exponent * (ln t)^(0 or 1).

    ``terms`` holds (exponent, power of ln t, coefficient), every term with exponent below ``end``
    (None: the series ends, it is exact). ``path`` says what t is; ``conditions`` are positive.
    """

    path: Mapping[str, Local]
    terms: tuple[tuple[Fraction, int, Value], ...]
    end: Fraction | None
    conditions: tuple[Frac, ...] = ()

    @property
    def exponents(self) -> list[Fraction]:
        """The exponents that occur, in increasing order."""
        return sorted({e for e, _, _ in self.terms})

    def coefficient(self, exponent: Fraction | int, logs: int = 0) -> Value:
        """Return the coefficient of t^exponent (ln t)^logs."""
        for e, j, value in self.terms:
            if e == exponent and j == logs:
                return value
        return Value()

    @property
    def diverges(self) -> bool:
        """True when the limit t to 0 is infinite."""
        return any(e < 0 or (e == 0 and j) for e, j, _ in self.terms)

    @property
    def limit(self) -> Value:
        """The limit t to 0, for an expansion that does not diverge."""
        return self.coefficient(0)

    def head(self, count: int) -> Expansion:
        """Keep the first ``count`` powers; the end becomes the first power left out."""
        powers = self.exponents
        if len(powers) <= count:
            return self
        return Expansion(
            self.path,
            tuple(t for t in self.terms if t[0] < powers[count]),
            powers[count],
            self.conditions,
        )


def pieces(form: ClosedForm, path: Mapping[str, Local], where: Region, algebra: Any) -> Iterator[Piece]:
    """Construct a canonical form along a path in an algebra of series or of their bounds.

    Parameters: ``form``; ``path``, Laurent polynomials in t for the masses that move; ``where``, from
    `g2sym.integrals.region.region`; ``algebra``, a `SeriesAlgebra` or its like.
    """
    for f, function in parts(form, path, where, algebra):
        top = algebra.poly(local_poly(f.num, path))
        k, lead, rest = monic(local_poly(f.den, path))
        inverse = algebra.mul(algebra.power(rest, Fraction(-1)), algebra.poly({-k: Frac.of(1) / lead}))
        factor = algebra.mul(top, inverse)
        for piece in function:
            yield Piece(piece.value, piece.logs, piece.shift, algebra.mul(factor, piece.series))


def parts(
    form: ClosedForm, path: Mapping[str, Local], where: Region, algebra: Any
) -> Iterator[tuple[Frac, list[Piece]]]:
    """Yield each coefficient of a canonical form with its function along a path: 1, logarithms, every T."""
    nothing, unit, one = Fraction(0), algebra.poly({0: Frac.of(1)}), Value.rational(1)
    yield form.rational, [Piece(one, 0, nothing, unit)]
    for argument, f in form.logs:
        k, lead, rest = monic(local_poly(argument, path))
        function = [Piece(log_value(lead), 0, nothing, unit), Piece(one, 0, nothing, algebra.log(rest))]
        yield f, [*function, Piece(Value.rational(k), 1, nothing, unit)] if k else function
    for (d0, d1), f in form.arcs:
        ends = local_poly(d0, path), local_poly(d1, path)
        yield f, list(_arc(ends, where, algebra))


def _arc(ends: tuple[Local, Local], where: Region, algebra: Any) -> Iterator[Piece]:
    """Expand T(d0, d1); see the head of this module."""
    d0, d1 = ends
    u = combine(combine(d0, d1), {0: Frac.of(-1)})
    q = multiply(d0, d1)
    lam = combine(multiply(u, u), q, -4)
    one = Value.rational(1)
    if not lam:  # d0 = (1 + sqrt d1)^2 all along the path: T = 2/u
        where.sign(u[min(u)])
        k, lead, rest = monic(u)
        inverse = algebra.mul(algebra.power(rest, Fraction(-1)), algebra.poly({-k: Frac.of(2) / lead}))
        yield Piece(one, 0, Fraction(0), inverse)
        return
    k, lead, rest = monic(lam)
    half = Fraction(-k, 2)
    h = algebra.power(rest, -_HALF)
    below, low, rest_q = monic(q)
    over_q = algebra.mul(algebra.power(rest_q, Fraction(-1)), algebra.poly({-below: Frac.of(1) / low}))
    top = combine(
        {e: c * Frac.of(2) for e, c in multiply(derivative(u), q).items()}, multiply(u, derivative(q)), -1
    )
    slope = algebra.mul(algebra.mul(algebra.poly(top), over_q), h)
    inner, residue = algebra.integrate(slope, half)
    scaled = algebra.mul(algebra.mul(h, inner), algebra.poly({0: Frac.of(1) / lead}))
    yield Piece(one, 0, 2 * half + 1, scaled)
    if not residue.is_zero:
        yield Piece(one, 1, half, algebra.mul(h, algebra.poly({0: residue / lead})))
    start = _constant(ends, u, q, lead, k, where)
    if not start.is_zero:
        yield Piece(start, 0, half, h)


def _constant(ends: tuple[Local, Local], u: Local, q: Local, lead: Frac, k: int, where: Region) -> Value:
    """Return K, the coefficient of the homogeneous solution."""
    low_q = min(q)
    if u and 2 * min(u) < low_q:
        if where.sign(u[min(u)]) < 0:
            raise UnsupportedError("The limit lies above threshold, where the loop has an imaginary part.")
        top = u[min(u)]
        return log_value(top * top / q[low_q]).scale(Frac.of(1) / top)
    if not u or 2 * min(u) > low_q:
        return pi_over_root(-lead, where.sign)
    if k > low_q:
        if where.sign(u[min(u)]) > 0:
            return Value()
        return pi_over_root(-lead, where.sign, Fraction(2))
    if low_q != 0 or min(ends[0]) != 0:
        raise UnsupportedError(
            "Along this path both ends of Delta vanish at a fixed ratio; expand in one mass at a time."
        )
    return arc_value(ends[0][0], ends[1][0], where.sign)


def expand(
    form: ClosedForm, path: Mapping[str, Local], end: Fraction | int, positive: Sequence[Frac] = ()
) -> Expansion:
    """Expand a canonical form for t to 0+, complete below the exponent ``end``.

    Parameters: ``form``; ``path``, what the moving masses are in terms of t, for instance
    ``{"rho": {-1: one}}`` for rho = 1/t; ``end``, an exponent of t; ``positive``, what is assumed to be
    positive besides.
    Raises UnsupportedError where the path runs above threshold, and when the sign of a remaining
    symbolic mass combination would have to be known.
    """
    where = region(form, path, positive)
    count = 8
    while True:
        algebra = SeriesAlgebra(count)
        found: dict[tuple[Fraction, int], Value] = {}
        known: Fraction | None = None
        for piece in pieces(form, path, where, algebra):
            series: Series = piece.series
            if series.end is not None:
                reach = piece.shift + series.end
                known = reach if known is None else min(known, reach)
            for e, c in series.items():
                key = (piece.shift + e, piece.logs)
                found[key] = found.get(key, Value()) + piece.value.scale(c)
        if known is None or known >= end:
            break
        count += max(4, int(end - known) + 1)
    stop = None if known is None else Fraction(end)
    terms = [
        (e, j, value)
        for (e, j), value in sorted(found.items(), key=lambda pair: (pair[0][0], -pair[0][1]))
        if not value.is_zero and (stop is None or e < stop)
    ]
    return Expansion(dict(path), tuple(terms), stop, tuple(where.conditions))


def leading(
    form: ClosedForm, path: Mapping[str, Local], powers: int = 1, positive: Sequence[Frac] = ()
) -> Expansion:
    """Expand to the first ``powers`` distinct powers of t, the next power being the end.

    Raises UnsupportedError when `MAX_TERMS` exponents hold none.
    """
    end = Fraction(max(3, powers + 1))
    while True:
        found = expand(form, path, end, positive)
        if found.end is None or len(found.exponents) > powers:
            return found.head(powers)
        if end > MAX_TERMS:
            raise UnsupportedError(f"No further coefficient was found below t^{MAX_TERMS}.")
        end = 2 * end


def toward(name: str, point: Frac | str, direction: int = 1) -> dict[str, Local]:
    """Return the path of one mass ratio to a point: t is its distance, or 1/ratio for "oo".

    Parameters: ``name``,  of the slot; ``point``, a value or "oo"; ``direction``, +1 from
    above or -1 from below.
    """
    one = Frac.of(1)
    if isinstance(point, str):
        return {name: {-1: one}}
    return {name: {e: c for e, c in ((0, point), (1, Frac.of(direction))) if not c.is_zero}}


def toward_mass(point: Frac | str, direction: int = 1) -> dict[str, Local]:
    """Return the path of the boson's mass in units of the lepton's: rho = (point + t)^2 or 1/t^2."""
    one = Frac.of(1)
    if isinstance(point, str):
        return {"rho": {-2: one}}
    step = {e: c for e, c in ((0, point), (1, Frac.of(direction))) if not c.is_zero}
    return {"rho": multiply(step, step)}
