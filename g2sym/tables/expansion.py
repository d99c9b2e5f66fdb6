"""A one-axis closed form for very light and very heavy bosons: exact coefficients, proved remainder.

With r = M/m and q = r (light) or q = 1/r (heavy), f = sum_n q^n (a_n + b_n ln rho). Every piece of a
closed form is a power series in q times ln rho and a few constants (pi, ln delta, ..), so the
coefficients are exact rational combinations of constants: what cancels, cancels exactly. The series
converge up to the nearest singularity; Cauchy's inequality on a circle bounds what is cut off.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number, working_precision
from g2sym.kernels.slices import Slice, arc

if TYPE_CHECKING:
    from flint import arb

LENGTH = 48
"""Powers of q that are kept."""
BITS = 256
"""Working precision of the constants and of the Cauchy bounds."""

Constant = tuple[str, Any, Any]
"""("one"), ("pi"), ("log", c) or ("arc", c0, c1): a real number by name."""
Part = tuple[Constant, bool, int, Callable[[Any], Any]]
"""constant, times ln rho?, power of q in front, a power series as a function of q"""


@dataclass(frozen=True)
class Expansion:
    """f = sum_n q^n (a_n + b_n ln rho), n = start, start + 1, ..

    ``side`` is +1 for q = m/M and -1 for q = M/m; ``plain`` and ``logs`` hold a_n and b_n as balls;
    all later ones are at most ``sup`` * ``radius``^-n in size.
    """

    side: int
    start: int
    plain: tuple[arb, ...]
    logs: tuple[arb, ...]
    radius: float
    sup: float

    def orders(self) -> list[tuple[int, arb, arb]]:
        """Return (n, a_n, b_n) for each order that does not vanish."""
        return [
            (self.start + i, a, b)
            for i, (a, b) in enumerate(zip(self.plain, self.logs, strict=True))
            if not (a.is_zero() and b.is_zero())
        ]


def expand(line: Slice, side: int) -> Expansion | None:
    """Expand a slice on one side, or return None where it has no such expansion."""
    from flint import arb, fmpq_series

    if not line.is_tabulable:
        return None
    parts = _parts(line, side)
    if parts is None:
        return None
    radius = 0.75 * _nearest(line, side)
    found: dict[tuple[bool, int], dict[Constant, Any]] = {}
    q = fmpq_series([0, 1], prec=LENGTH)
    with working_precision(BITS), _cap(LENGTH):
        for constant, has_log, shift, series in parts:
            for n, value in enumerate(series(q).coeffs()):
                slot = found.setdefault((has_log, n + shift), {})
                slot[constant] = slot.get(constant, 0) + value
        first = min(n for _, n in found)
        end = min(shift for *_, shift, _ in parts) + LENGTH
        sizes: dict[bool, list[arb]] = {False: [], True: []}
        for has_log, column in sizes.items():
            for n in range(first, end):
                terms = found.get((has_log, n), {})
                column.append(sum((_constant(c) * arb(v) for c, v in terms.items() if v != 0), arb(0)))
        sup = _sup(parts, radius)
    if sup is None or not sup < inf:
        return None
    plain, logs = sizes[False], sizes[True]
    while plain and plain[0].is_zero() and logs[0].is_zero():
        first, plain, logs = first + 1, plain[1:], logs[1:]
    return Expansion(side, first, tuple(plain), tuple(logs), radius, sup)


class _cap:
    """Hold flint's process-wide series length; only inside `working_precision`, which has the lock."""

    def __init__(self, length: int) -> None:
        self._length = length

    def __enter__(self) -> None:
        from flint import ctx

        self._before = ctx.cap
        ctx.cap = self._length

    def __exit__(self, *_: object) -> None:
        from flint import ctx

        ctx.cap = self._before


def _parts(line: Slice, side: int) -> list[Part] | None:
    """Split the form into series in q times constants and ln rho."""
    out: list[Part] = []
    one: Constant = ("one", None, None)

    def put(factor: Any, pieces: list[Part]) -> None:
        shift, ratio = _laurent(factor, line.den, side)
        for constant, has_log, own, series in pieces:
            out.append((constant, has_log, own + shift, _product(series, ratio)))

    put(line.plain, [(one, False, 0, lambda q: 1 + 0 * q)])
    for argument, factor in line.logs:
        if argument.runs:
            put(factor, [(one, True, 0, lambda q: 1 + 0 * q)])
        else:
            put(factor, [(("log", argument.constant, None), False, 0, lambda q: 1 + 0 * q)])
    for (d0, d1), factor in line.arcs:
        if d0.is_constant and d1.is_constant:
            put(factor, [(("arc", d0.constant, d1.constant), False, 0, lambda q: 1 + 0 * q)])
            continue
        pieces = _arc_parts(d1.constant if d0.runs else d0.constant, side)
        if pieces is None:
            return None
        put(factor, pieces)
    return out


def _product(a: Callable[[Any], Any], b: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda q: a(q) * b(q)


def _laurent(factor: Any, den: Any, side: int) -> tuple[int, Callable[[Any], Any]]:
    """Return factor/den as a power of q times a quotient of polynomials in q^2 regular at 0."""
    lists = [[p[n] for n in range(p.degree() + 1)] for p in (factor, den)]
    if side > 0:
        lists = [c[::-1] for c in lists]
        shift = 2 * (den.degree() - factor.degree())
    else:
        shift = 0
    tops = []
    for sign, c in zip((1, -1), lists, strict=True):
        skip = next((n for n, v in enumerate(c) if v != 0), 0)
        shift += 2 * sign * skip
        tops.append(c[skip:] or [0])

    def ratio(q: Any) -> Any:
        w = q * q
        return _horner(tops[0], w) / _horner(tops[1], w)

    return shift, ratio


def _horner(coefficients: list[Any], w: Any) -> Any:
    total = 0 * w
    for c in reversed(coefficients):
        total = total * w + c
    return total


def _arc_parts(delta: Any, side: int) -> list[Part] | None:
    """Return T(rho, delta) in parts: see `g2sym.kernels.slices.arc` for the closed expressions."""
    one: Constant = ("one", None, None)
    ln_delta: Constant = ("log", delta, None)
    if side > 0:

        def root(q: Any) -> Any:
            w = q * q
            return (1 - 2 * (delta + 1) * w + (delta - 1) ** 2 * w * w).sqrt()

        def log_part(q: Any) -> Any:
            return 2 * ((1 + (delta - 1) * q * q + root(q)) / 2).log() / root(q)

        out = [(one, True, 2, lambda q: 1 / root(q)), (one, False, 2, log_part)]
        return out if delta == 1 else [*out, (ln_delta, False, 2, lambda q: -1 / root(q))]
    if delta == 1:

        def slope(q: Any) -> Any:
            return (1 - q * q / 4).sqrt()

        return [
            (("pi", None, None), False, -1, lambda q: 1 / (2 * slope(q))),
            (one, False, -1, lambda q: -(q / 2).asin() / slope(q)),
        ]
    if delta < 1:
        return None
    gap = delta - 1

    def stem(q: Any) -> Any:
        w = q * q / gap
        return (1 - 2 * (delta + 1) / gap * w + w * w).sqrt()

    def tail(q: Any) -> Any:
        return 2 * ((1 + q * q / gap + stem(q)) / 2).log() / (gap * stem(q))

    flat = [
        (one, True, 0, lambda q: -1 / (gap * stem(q))),
        (ln_delta, False, 0, lambda q: -1 / (gap * stem(q))),
        (("log", gap, None), False, 0, lambda q: 2 / (gap * stem(q))),
        (one, False, 0, tail),
    ]
    return flat


def _constant(name: Constant) -> arb:
    from flint import arb

    kind, first, second = name
    if kind == "one":
        return arb(1)
    if kind == "pi":
        return arb.pi()
    return arb(first).log() if kind == "log" else arc(arb(first), arb(second))


def _nearest(line: Slice, side: int) -> float:
    """Return the distance |q| of the nearest singularity of any part."""
    places = [abs(float(z.abs_upper() if side > 0 else z.abs_lower())) for z, _ in _roots(line.den)]
    edges = [p**0.5 for p in places]
    for (d0, d1), _ in line.arcs:
        if d0.is_constant and d1.is_constant:
            continue
        delta = d1.constant if d0.runs else d0.constant
        root = float(delta) ** 0.5
        # |sqrt(d) - 1|, sharp near d = 1
        edges.append(root + 1 if side > 0 else 2.0 if delta == 1 else abs(float(delta - 1)) / (root + 1))
    edges = edges or [1.0]
    return float(1 / max(edges) if side > 0 else min(edges))


def _roots(den: Any) -> list[Any]:
    return [(z, m) for z, m in den.complex_roots() if not z.contains(0)] if den.degree() > 0 else []


def _sup(parts: list[Part], radius: float, pieces: int = 64) -> float | None:
    """Return a bound on sum of |coefficient functions| over the circle |q| = radius, from balls."""
    from flint import acb, arb

    top = arb(0)
    half = arb.pi() / pieces
    for k in range(pieces):
        angle = arb(2 * k + 1) / pieces
        point = acb(angle.cos_pi(), angle.sin_pi()) * radius
        reach = (number(1) * radius * half).upper()
        wide = point + acb(arb(0, reach), arb(0, reach))
        here = arb(0)
        for constant, _, shift, series in parts:
            value = series(wide) * _constant(constant)
            here += value.abs_upper() * arb(radius) ** shift
        if not here.is_finite():
            return None
        top = top.max(here.upper())
    return float(top.upper()) * (1 + 1e-12)
