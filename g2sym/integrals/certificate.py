"""Certificates of expansions: a truncated series verified to its order, by identities of polynomials.

`g2sym.integrals.expansion` finds series by recurrences; here they are verified without them. On a path all
masses are Laurent polynomials in t > 0, and a closed form is (n + sum_i n_i ln a_i + sum_j m_j T_j)/D with
Laurent polynomials n, n_i, m_j and D. Exact are, for truncated series s of the functions:

1. of each ln a: a s' - a' = r, and s - ln a -> 0. The error e = ln a - s has e' = -r/a and e(0) = 0.
2. of each T(d0, d1), with u = d0 + d1 - 1, q = d0 d1 and L = u^2 - 4 q:
   q (L s' + L' s/2) - (2 u' q - u q') = r, and sqrt|L| (T - s) -> 0. T itself obeys the equation with r = 0
   (`arc_equation`), so that the error e = T - s has (sqrt|L| e)' = -+ r/(q sqrt|L|), and sqrt|L| e is 0 at
   t = 0. Where L vanishes identically, T = 2/u: u s - 2 = r, and e = -r/u.
3. of the form, S: D S - (n + sum_i n_i s_i + sum_j m_j s_j) = r.

Hence form - S = (-r + sum_i n_i e_i + sum_j m_j e_j)/D, and the powers of t in the residuals tell its order.
The same residuals bound it over a range of t: see `g2sym.kernels.ranges`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache

from g2sym.base.classes import dataclass
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.expansion import Expansion, Piece, parts
from g2sym.integrals.laurent import Local, SeriesAlgebra, combine, derivative, local_poly, multiply
from g2sym.integrals.rational import Frac, Poly, constant, gen, zero
from g2sym.integrals.region import Region, region
from g2sym.integrals.values import Atom, Value, arc_value, log_value, pi_over_root

Terms = Mapping[tuple[Fraction, int], Frac]
"""Coefficients by exponent of t and power of ln t."""
Sum = tuple[tuple[Value, Terms], ...]
"""A sum of constants times terms."""


@dataclass(frozen=True)
class LogPart:
    """n ln a, with the residual of a truncated series of ln a."""

    factor: Local
    argument: Local
    residual: Local

    @property
    def order(self) -> Fraction | None:
        """The least power of t in n e, None where e is zero."""
        if not self.residual or not self.factor:
            return None
        return Fraction(min(self.factor) + min(self.residual) - min(self.argument) + 1)


@dataclass(frozen=True)
class ArcPart:
    """m T, with the residual of a truncated series of T; where L vanishes identically, ``q`` is u."""

    factor: Local
    lam: Local
    q: Local
    residual: Sum

    @property
    def order(self) -> Fraction | None:
        """The least power of t in m e, None where e is zero."""
        least = [e for _, terms in self.residual for e, _ in terms]
        if not least or not self.factor:
            return None
        if not self.lam:
            return min(self.factor) + min(least) - min(self.q)
        return min(self.factor) + min(least) - min(self.q) - min(self.lam) + 1


@dataclass(frozen=True)
class Certificate:
    """What verifying an expansion leaves: form - series = (-rest + sum n_i e_i + sum m_j e_j)/den.

    ``order`` is the least power of t that it may hold, None where it is zero.
    """

    den: Local
    rest: Mapping[tuple[Fraction, int], Value]
    logs: tuple[LogPart, ...]
    arcs: tuple[ArcPart, ...]
    order: Fraction | None


def certify(
    form: ClosedForm, found: Expansion, positive: Sequence[Frac] = (), extra: int = 0
) -> Certificate | None:
    """Verify an expansion of a canonical form; None where it is refuted.

    Parameters: ``form`` and ``found``, its expansion; ``positive``, what is assumed besides; ``extra``
    further powers of every function are kept, which makes the residuals smaller.
    Raises UnsupportedError where the path runs above threshold.
    """
    if not arc_equation():
        return None
    where, path = region(form, found.path, positive), found.path
    den, factors = _over_one(form, path)
    functions = _functions(form, found, where, [min(f, default=0) - min(den) for f in factors], extra)
    logs, arcs = [], []
    for (argument, _), factor, own in zip(form.logs, factors[1:], functions[1:], strict=False):
        log = _log_part(factor, local_poly(argument, path), own)
        if log is None:
            return None
        logs.append(log)
    start = 1 + len(form.logs)
    for ((d0, d1), _), factor, own in zip(form.arcs, factors[start:], functions[start:], strict=True):
        arc = _arc_part(factor, (local_poly(d0, path), local_poly(d1, path)), own, where)
        if arc is None:
            return None
        arcs.append(arc)
    rest = _Total()
    for e, j, value in found.terms:
        rest.add(den, {(e, j): Frac.of(1)}, value)
    for factor, own in zip(factors, functions, strict=True):
        for value, terms in own:
            rest.add(factor, terms, -value)
    left = rest.values()
    orders = [log.order for log in logs] + [arc.order for arc in arcs]
    orders.append(min((e for e, _ in left), default=None))
    least = min((o for o in orders if o is not None), default=None)
    order = None if least is None else least - min(den)
    if order is not None and (found.end is None or order < found.end):
        return None
    if found.end is not None and any(e >= found.end for e, _, _ in found.terms):
        return None
    if any(c not in found.conditions for c in where.conditions):
        return None
    return Certificate(den, left, tuple(logs), tuple(arcs), order)


@cache
def arc_equation() -> bool:
    """Verify the equation of T as an identity of polynomials in x, d0 and d1.

    With Delta = x^2 + (d1 - d0 - 1) x + d0 and L = (d0 + d1 - 1)^2 - 4 d0 d1,
    L d(1/Delta)/dd + (dL/dd)/(2 Delta) = d(P/Delta)/dx, where P = (1 - x) Delta' for d = d0 and x Delta' for
    d = d1. The integral of the right-hand side from 0 to 1 is 2 - u/d; along a path the two equations are
    added with the weights d0' and d1'.
    """
    x, d0, d1 = gen("x"), gen("d0"), gen("d1")
    u = d0 + d1 - 1
    delta, lam = x**2 + (d1 - d0 - 1) * x + d0, u**2 - 4 * d0 * d1
    slope = delta.derivative("x")
    for d, top in (("d0", (1 - x) * slope), ("d1", x * slope)):
        left = 2 * top.derivative("x") * delta - 2 * top * slope  # times 2 Delta^2
        right = lam.derivative(d) * delta - 2 * lam * delta.derivative(d)
        ends = [top.substitute({"x": constant(n)}) for n in (0, 1)]
        # top(1)/d1 - top(0)/d0 = 2 - u/d, times d0 d1
        if left != right or ends[1] * d0 - ends[0] * d1 != 2 * d0 * d1 - u * (d0 * d1 / gen(d)):
            return False
    return True


class _Total:
    """A sum of Laurent polynomials times constants times terms, collected by power."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Fraction, int], dict[Atom, Frac]] = {}

    def add(self, factor: Local, terms: Terms, value: Value) -> None:
        """Add factor * terms * value."""
        for i, x in factor.items():
            for (e, j), c in terms.items():
                place = self._sums.setdefault((e + i, j), {})
                for atom, weight in value.terms:
                    place[atom] = place.get(atom, zero()) + x * c * weight

    def values(self) -> dict[tuple[Fraction, int], Value]:
        """Return what does not cancel."""
        found = {place: Value.of(sums.items()) for place, sums in self._sums.items()}
        return {place: value for place, value in found.items() if not value.is_zero}


def _over_one(form: ClosedForm, path: Mapping[str, Local]) -> tuple[Local, list[Local]]:
    """Return a common denominator along the path and the numerators of all coefficients over it."""
    every = [form.rational, *(f for _, f in form.logs), *(f for _, f in form.arcs)]
    den: Poly = constant(1)
    for f in every:
        den = den * (f.den / den.gcd(f.den))
    return local_poly(den, path), [local_poly(f.num * (den / f.den), path) for f in every]


def _functions(
    form: ClosedForm, found: Expansion, where: Region, shifts: Sequence[int], extra: int
) -> list[Sum]:
    """Return truncated series of 1, every logarithm and every T, as far as the expansion asks for."""
    last = max([e for e, _, _ in found.terms], default=Fraction(0)) if found.end is None else found.end
    count = 8
    while True:
        algebra = SeriesAlgebra(count)
        every = [own for _, own in parts(form, found.path, where, algebra)]
        # no less than the first power of each, by which it is told what the function is at t = 0
        firsts = [min((p.shift + p.series.start for p in own), default=Fraction(0)) for own in every]
        wanted = [max(last + extra - shift, first + 1) for shift, first in zip(shifts, firsts, strict=True)]
        missing = [
            stop - p.shift - p.series.end
            for own, stop in zip(every, wanted, strict=True)
            for p in own
            if p.series.end is not None
        ]
        most = max(missing, default=Fraction(0))
        if most <= 0:
            cut = wanted if missing else [None] * len(wanted)
            return [_grouped(own, stop) for own, stop in zip(every, cut, strict=True)]
        count += int(most) + 1


def _grouped(pieces: Iterable[Piece], stop: Fraction | None) -> Sum:
    """Return series as terms below t^stop, those of one constant added up; the constant 1 comes first."""
    out: list[tuple[Value, dict[tuple[Fraction, int], Frac]]] = [(Value.rational(1), {})]
    for piece in pieces:
        terms = next((t for v, t in out if v == piece.value), None)
        if terms is None:
            out.append((piece.value, terms := {}))
        for e, c in piece.series.items():
            place = (piece.shift + e, piece.logs)
            if stop is None or place[0] < stop:
                terms[place] = terms.get(place, zero()) + c
    return tuple((value, {p: c for p, c in terms.items() if not c.is_zero}) for value, terms in out)


def _slope(terms: Terms) -> dict[tuple[Fraction, int], Frac]:
    """Return d/dt."""
    out: dict[tuple[Fraction, int], Frac] = {}
    for (e, j), c in terms.items():
        for place, weight in (((e - 1, j), e), ((e - 1, j - 1), Fraction(j))):
            if weight:
                out[place] = out.get(place, zero()) + c * Frac.of(constant(weight))
    return out


def _add(total: dict[tuple[Fraction, int], Frac], factor: Local, terms: Terms) -> None:
    """Add factor * terms to a sum."""
    for i, x in factor.items():
        for (e, j), c in terms.items():
            total[e + i, j] = total.get((e + i, j), zero()) + x * c


def _log_part(factor: Local, argument: Local, series: Sum) -> LogPart | None:
    """Verify the series of ln a: what it is at t = 0, and a s' - a' = r."""
    low = min(argument)
    origin = (Fraction(0), 0)
    start = sum((value.scale(terms.get(origin, zero())) for value, terms in series), Value())
    residual = {(Fraction(e), 0): -c for e, c in derivative(argument).items()}
    for value, terms in series:
        moving = {p: c for p, c in terms.items() if p != origin}
        if not moving:
            continue
        if len(value.terms) != 1 or not value.terms[0][0].is_one or any(e < 0 for e, _ in moving):
            return None
        weight = value.terms[0][1]
        _add(residual, argument, _slope({p: c * weight for p, c in moving.items()}))
    left = {p: c for p, c in residual.items() if not c.is_zero}
    # no power of t below t^low in r: s is (low) ln t and a constant, that of ln a, and what vanishes with t
    if start != log_value(argument[low]) or any(j or e < low or e.denominator != 1 for e, j in left):
        return None
    return LogPart(factor, argument, {int(e): c for (e, _), c in left.items()})


def _arc_part(factor: Local, ends: tuple[Local, Local], series: Sum, where: Region) -> ArcPart | None:
    """Verify the series of T: its behaviour at t = 0, and q (L s' + L' s/2) - (2 u' q - u q') = r."""
    d0, d1 = ends
    u = combine(combine(d0, d1), {0: Frac.of(-1)})
    q = multiply(d0, d1)
    lam = combine(multiply(u, u), q, -4)
    if not lam:
        return _flat_part(factor, u, series, where)
    right = combine(combine({}, multiply(derivative(u), q), 2), multiply(u, derivative(q)), -1)
    weight = multiply(q, lam)
    half = {e: c * Frac.of(1, 2) for e, c in multiply(q, derivative(lam)).items()}
    residuals = []
    for number, (value, terms) in enumerate(series):  # T' is inhomogeneous for the constant 1, which is first
        residual = {} if number else {(Fraction(e), 0): -c for e, c in right.items()}
        _add(residual, weight, _slope(terms))
        _add(residual, half, terms)
        residuals.append((value, residual))
    left = _left(residuals)
    k, b = min(lam), min(q)
    first = Fraction(-k, 2)
    if any(e < first for _, terms in series for e, _ in terms):
        return None
    for j, wanted in enumerate(_start(ends, u, q, lam, where)):
        if wanted != sum((value.scale(terms.get((first, j), zero())) for value, terms in series), Value()):
            return None
    # what the residual adds to sqrt|L| e is integrable down to t = 0
    if any(j > 1 or e - b + first + 1 <= 0 for _, terms in left for e, j in terms):
        return None
    return ArcPart(factor, lam, q, left)


def _flat_part(factor: Local, u: Local, series: Sum, where: Region) -> ArcPart | None:
    """Verify T = 2/u, as it is where u^2 = 4 q along the path, d0 = (1 + sqrt d1)^2 for instance."""
    residuals = []
    for number, (value, terms) in enumerate(series):
        residual = {} if number else {(Fraction(0), 0): Frac.of(-2)}
        _add(residual, u, terms)
        residuals.append((value, residual))
    return ArcPart(factor, {}, u, _left(residuals)) if where.sign(u[min(u)]) > 0 else None


def _left(residuals: Iterable[tuple[Value, Terms]]) -> Sum:
    kept = ((v, {p: c for p, c in terms.items() if not c.is_zero}) for v, terms in residuals)
    return tuple((v, terms) for v, terms in kept if terms)


def _start(ends: tuple[Local, Local], u: Local, q: Local, lam: Local, where: Region) -> tuple[Value, Value]:
    """Return t^(k/2) T at t = 0, where L begins with t^k: a constant, and what ln t is multiplied by.

    From sqrt L T = ln((u + sqrt L)^2/(4 q)) for L > 0 and sqrt(-L) T = 2 arccos(u/(2 sqrt q)) for L < 0.
    """
    (k, square), (b, c) = ((min(p), p[min(p)]) for p in (lam, q))
    v = u[min(u)] if u else zero()
    gap = 2 * min(u) - b if u else 1
    if gap > 0:  # u/sqrt q -> 0, L < 0
        return pi_over_root(-square, where.sign), Value()
    if gap < 0:  # sqrt L ~ u, (u + sqrt L)^2/(4 q) ~ u^2/q
        if where.sign(v) < 0:
            raise UnsupportedError("The limit lies above threshold, where the loop has an imaginary part.")
        return log_value(v * v / c).scale(Frac.of(1) / v), Value.rational(Frac.of(gap) / v)
    if k > b:  # u^2 -> 4 q: what the logarithm is taken of goes to 1, or the angle to 0 or pi
        above = where.sign(v) > 0
        return Value() if above else pi_over_root(-square, where.sign, Fraction(2)), Value()
    if b != 0 or min(ends[0]) != 0:
        raise UnsupportedError("Both ends of Delta vanish at a fixed ratio.")
    return arc_value(ends[0][0], ends[1][0], where.sign), Value()
