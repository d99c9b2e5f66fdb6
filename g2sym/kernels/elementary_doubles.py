"""Elementary functions over arrays of doubles: widths and cross-sections with a bound on each value's error.

What does not move is put in exactly and gathered in constants, so a root or a logarithm that does not move is
a number. What moves is factored over Q and evaluated by `g2sym.kernels.forms`; factors that all parts share
are taken out of the sum, and whatever cancels in it is seen by the running bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.integrals.elementary import Condition, Elementary, Key
from g2sym.integrals.rational import Frac, Poly, constant, substitute
from g2sym.kernels.elementary import logarithm
from g2sym.kernels.forms import (
    LARGEST,
    MARGIN,
    MOST,
    UNIT,
    Form,
    Forms,
    Interval,
    Product,
    Range,
    Shift,
    Value,
    Values,
    total,
)

if TYPE_CHECKING:
    import numpy as np
    from flint import arb
    from numpy.typing import NDArray

    from g2sym.base.types import Doubles, Flags

BITS = 200
LIMITS = (50.0, 40.0, 30.0, 20.0)
"""What moves lies between 2^-limit and 2^limit, the largest of these with which all stays in range."""
TERMS = 11
"""Of the series of atanh(s)/s: for |s| <= 0.1716 the rest is below 0.01 u."""
LOW_ROOT = 0x3FE6A09E667F3BCD
"""sqrt(1/2) as an integer: mantissas are taken from there to sqrt(2)."""
LN2 = math.log(2.0)


class Logarithm:
    """ln((u + v r)/(u - v r)) for u and v r of one sign, without cancellation.

    It is 2 atanh(x), x = v r/u, and ln A with A = (u + v r)^2/q, q = u^2 - v^2 r^2 as a polynomial of its own.
    With A = 2^k m, m from sqrt(1/2) to sqrt(2): 2 s P(s^2) + k ln 2, P the series of atanh, s = (m - 1)/(m + 1),
    which for k = 0 is x.

    P: its sum beyond 1 is at most 0.0101, so that its own roundings, 22 u at most, count 0.25 u; with the last
    addition and the rest of the series 1.3 u. For k = 0: an error of x counts 1.03 times, then P and a product
    with s: 2.4 u. For k >= 1 ln A >= 0.3465: the error of A, relative, counts 1/0.3465 < 2.9 times. m - 1 is
    exact; s has 2 u, which count 1.03 times, P 1.3 u, the product 1 u: 4.4 u of |ln m| <= 0.3466; k ln 2 has
    2 u, and is at most twice ln A; the addition has 1 u. In all 9.5 u.
    """

    def __init__(self, u: Product, v: Product, r: Product, q: Product) -> None:
        self._u, self._v, self._r, self._q = u, v, r, q

    def __call__(self, at: Values) -> Value:
        """Return the values; NaN where u and v r differ in sign."""
        import numpy as np

        u, v, r, q = self._u(at), self._v(at), self._r(at), self._q(at)
        vr = v.number * r.number
        x = np.asarray(vr / u.number)
        ratio = np.asarray(u.number + vr)
        ratio *= ratio
        ratio /= q.number
        bits = ratio.view(np.int64)
        k = bits - LOW_ROOT
        k >>= 52
        s = (bits - (k << 52)).view(np.float64)
        below = s + 1.0
        s -= 1.0
        s /= below
        np.copyto(s, x, where=k == 0)
        square = np.multiply(s, s, out=below)
        series = square * (1.0 / (2 * TERMS - 1))
        for n in range(TERMS - 2, 0, -1):
            series += 1.0 / (2 * n + 1)
            series *= square
        series += 1.0
        series *= s
        series += series
        series += np.multiply(k, LN2, out=square)
        ratio -= ratio
        series += ratio  # NaN where it is none
        if not float(x.min()) >= 0:
            series[~(x >= 0)] = np.nan
        inner = v.units + r.units + 1
        of_x = inner + u.units + 1
        of_ratio = 2 * (max(inner, u.units) + 1) + q.units + 2
        spread: Any = None
        for one, weight in ((u, 6.0), (v, 6.0), (r, 6.0), (q, 2.9)):
            if one.spread is not None:
                spread = weight * one.spread + (0.0 if spread is None else spread)
        return Value(series, max(1.03 * of_x + 2.4, 2.9 * of_ratio + 9.5), spread)

    def bits(self, limit: float) -> Range:
        """Return bounds on log2; x may be anything between v r/u at its least and 1."""
        u, v, r, q = (one.bits(limit) for one in (self._u, self._v, self._r, self._q))
        least = v[0] + r[0] - u[1]
        top = 2 * max(u[1], v[1] + r[1]) + 2
        safe = least > -MOST and v[0] + r[0] > -MOST and top < MOST and 2 * u[0] > -MOST
        return (least, 11.0) if safe and top - q[0] < MOST and 2 * u[0] - q[1] > -MOST else BEYOND


@dataclass(frozen=True)
class Test:
    """A condition, in the order they are looked at: a sign and factors, or where nothing moves whether it holds."""

    condition: Condition
    holds: bool | None
    number: int = 1
    factors: tuple[tuple[Form, int], ...] = ()

    def fails(self, at: Values) -> tuple[Flags | bool, Flags | bool]:
        """Return at which points it fails, and at which that is not known; False for none."""
        import numpy as np

        if self.holds is not None:
            return not self.holds, False
        sign: Any = self.number
        unknown: Any = False
        for form, power in self.factors:
            low, high = at.reach(form)
            definite = low > 0 or high < 0
            one = None if definite and isinstance(form, Shift) else at.of(form)
            if one is not None and one.spread is not None:
                unsure = ~(one.spread < 0.5)
                if unsure.any():
                    unknown = unknown | unsure
            elif one is not None and low != low:
                unknown = unknown | np.isnan(one.number)
            if definite:
                sign = sign * (1 if low > 0 or power % 2 == 0 else -1)
            elif one is not None:
                sign = sign * np.sign(one.number) ** power
        test = self.condition.test
        failed = sign == 0 if test == "nonzero" else sign < 0 if test == "nonnegative" else sign <= 0
        return (failed if isinstance(sign, np.ndarray) else bool(failed)), unknown


class DoublePlan:
    """An elementary function of some slots, the others put in; made by `double_plan`.

    Parameters: ``tests``; ``common``, what all ``parts`` are multiplied with; ``roots``, which must not be
    negative; ``positive``, names of what has to be; ``limit``, see `LIMITS`.
    """

    def __init__(
        self,
        names: Sequence[str],
        tests: Sequence[Test],
        common: Product,
        parts: Sequence[Product],
        roots: Sequence[Product],
        signed: frozenset[str],
        limit: float,
    ) -> None:
        self.names = tuple(names)
        self._tests, self._common, self._parts, self._roots = tests, common, parts, roots
        self._signed, self._limit = signed, limit

    def __call__(self, arrays: Mapping[str, Doubles], out: Doubles, error: float) -> None:
        """Fill ``out`` with values to a relative error of at most ``error``, NaN where that is not known."""
        import numpy as np

        with np.errstate(all="ignore"):
            at = Values(arrays)
            zero, without, _ = self._where(at)
            if zero is True and without is False:
                out[...] = 0.0
                bad: Any = False
            else:
                bad = self._evaluate(at, out, error)
            np.copyto(out, np.nan, where=bad)
            if zero is not False:
                np.copyto(out, 0.0, where=zero)
            if without is not False:
                np.copyto(out, np.nan, where=without)
            for name in self.names:
                if (outside := self._outside(name, arrays[name])) is not None:
                    np.copyto(out, np.nan, where=outside)

    def _outside(self, name: str, x: Doubles) -> Flags | None:
        """Return where a variable is outside what the plan is for, None where it never is."""
        import numpy as np

        least, most = 2.0**-self._limit, 2.0**self._limit
        low, high = float(x.min()), float(x.max())
        if low > least and high < most:
            return None
        if name not in self._signed:
            return np.asarray(~((x > least) & (x < most)))
        size = np.abs(x)
        return np.asarray(~((size > least) & (size < most)) & (x != 0))

    def _where(self, at: Values) -> tuple[Any, Any, list[tuple[str, Any]]]:
        """Return where it is zero, where it has no value or that is not known, and the sentences for masks."""
        gone: Any = False
        zero: Any = False
        without: Any = False
        said: list[tuple[str, Any]] = []
        for test in self._tests:
            fails, unknown = test.fails(at)
            if fails is False and unknown is False:
                continue
            if unknown is not False:
                unknown = _and(unknown, gone)
                without, gone = without | unknown, gone | unknown
            fails = _and(fails, gone)
            if test.condition.refused:
                without = without | fails
                said.append((test.condition.refused, fails))
            else:
                zero = zero | fails
            gone = gone | fails
        return zero, without, said

    def refused(self, arrays: Mapping[str, Doubles]) -> tuple[list[tuple[str, Flags]], Flags]:
        """Return sentences with the points that they are about, and the points where balls have to say."""
        import numpy as np

        size = arrays[self.names[0]].size
        with np.errstate(all="ignore"):
            _, without, said = self._where(Values(arrays))
            sure = [(why, np.broadcast_to(np.asarray(mask), (size,))) for why, mask in said]
            left = np.array(np.broadcast_to(np.asarray(without), (size,)))
            for _, mask in sure:
                left &= ~mask
            outside = np.zeros(size, bool)
            for name in self.names:
                if (found := self._outside(name, arrays[name])) is not None:
                    outside |= found
        return [(why, mask & ~outside) for why, mask in sure], left | outside

    def _evaluate(self, at: Values, out: Doubles, error: float) -> Any:
        """Fill ``out``; return where the bound is above ``error``."""
        import numpy as np

        shared = self._common(at)
        inside = total([one(at) for one in self._parts]) if self._parts else Value(1.0)
        np.multiply(shared.number, inside.number, out=out)
        units = (shared.units + inside.units + 1) * UNIT * MARGIN
        spread: Any = None
        for one in (shared, inside):
            if one.spread is not None:
                spread = one.spread if spread is None else spread + one.spread
        bad: Any = False
        if spread is not None:
            # written so that a NaN is bad
            limit = min(LARGEST, error / MARGIN - units)
            if not float(spread.max()) <= limit:
                bad = ~(spread <= limit)
        elif units > error:
            bad = True
        for root in self._roots:
            ends = [at.reach(form) for form, power in root.powers if power % 2]
            if all(low > 0 or high < 0 for low, high in ends):
                if (root.number > 0) == (sum(high < 0 for _, high in ends) % 2 == 0):
                    continue
            number = root(at).number
            if not float(number.min()) >= 0:
                bad = bad | ~(number >= 0)
        return bad


def _and(mask: Any, gone: Any) -> Any:
    """Return a mask without the points that are gone."""
    if gone is False:
        return mask
    if gone is True:
        return False
    return ~gone if mask is True else mask & ~gone


@dataclass(frozen=True)
class _Part:
    """A constant in a ball, and powers of irreducible polynomials and of logarithms."""

    constant: arb
    powers: Mapping[Poly | int, Fraction]


def double_plan(function: Elementary, put: Mapping[str, Poly]) -> DoublePlan | None:
    """Return a function as it is evaluated in doubles.

    Parameters: ``put``, for every slot a number or a polynomial in the names of arrays. None where the
    function is none of products that stay in range, or has a logarithm ln(u/v) that moves.
    """
    moved = [substitute(one, put) for one in function.roots]
    conditions = [(one, substitute(one.poly, put)) for one in function.conditions]
    forms = Forms(_intervals([poly for _, poly in conditions]))
    names = sorted({n for one in put.values() for n in one.generators})
    try:
        parts = _parts(function, put, moved, forms)
    except (ArithmeticError, OverflowError, ValueError):
        return None
    if not parts or not names:
        return None
    logs: dict[int, Form] = {}
    for place in {k for part in parts for k in part.powers if isinstance(k, int)}:
        logs[place] = _moving_log(function, place, put, moved, forms)
    every = list(dict.fromkeys(k for part in parts for k in part.powers))
    least = {k: min(part.powers.get(k, Fraction(0)) for part in parts) for k in every}
    with working_precision(BITS):
        first = parts[0].constant
        common = _product(float(first.mid()), least, logs, forms)
        rests = []
        for part in parts if len(parts) > 1 else []:
            own = {k: part.powers.get(k, Fraction(0)) - least[k] for k in every}
            rests.append(_product(float((part.constant / first).mid()), own, logs, forms))
    tests = [_test(condition, poly, forms) for condition, poly in conditions]
    roots = [forms.product(one) for one in moved if not one.is_constant()]
    products = [common, *rests, *roots]
    if any(one.number == 0 or not math.isfinite(one.number) for one in products):
        return None
    limit = next((n for n in LIMITS if _in_range(common, rests, n)), None)
    if limit is None:
        return None
    signed = frozenset(n for n, (low, _) in forms.intervals.items() if low < 0)
    return DoublePlan(names, tests, common, rests, roots, signed, limit)


def _in_range(common: Product, parts: Sequence[Product], limit: float) -> bool:
    """True when nothing leaves the range of doubles; a sum is used where it is 2^-20 of its parts or more."""
    low, high = common.bits(limit)
    inside = [one.bits(limit) for one in parts] or [(0.0, 0.0)]
    least, most = min(a for a, _ in inside) - 21, max(b for _, b in inside) + len(inside)
    return all(-MOST < one < MOST for one in (low, high, least, most, low + least, high + most))


def _parts(function: Elementary, put: Mapping[str, Poly], roots: Sequence[Poly], forms: Forms) -> list[_Part]:
    from flint import arb, fmpq

    out = []
    with working_precision(BITS):
        for (places, log), value in function.parts:
            number = arb(1)
            powers: dict[Poly | int, Fraction] = {}

            def multiply(poly: Poly, power: Fraction, powers: dict[Poly | int, Fraction] = powers) -> arb:
                """Add a polynomial's factors; return the power of its content, without sign in a root."""
                content, found = forms.factors(poly)
                for factor, own in found:
                    powers[factor] = powers.get(factor, Fraction(0)) + own * power
                ball = arb(fmpq(content.numerator, content.denominator))
                return ball ** int(power) if power.denominator == 1 else abs(ball).sqrt()

            moved = Frac.of(substitute(value.num, put), substitute(value.den, put))
            if moved.is_zero:
                continue
            number *= multiply(moved.num, Fraction(1)) * multiply(moved.den, Fraction(-1))
            for place in places:
                if roots[place] == 0:
                    break
                number *= multiply(roots[place], Fraction(1, 2))
            else:
                if log >= 0:
                    found = _fixed_log(function, log, put, roots)
                    if found is None:
                        powers[log] = Fraction(1)
                    else:
                        number *= found
                if not number.is_zero():
                    out.append(_Part(number, {k: p for k, p in powers.items() if p}))
    return out


def _fixed_log(
    function: Elementary, place: int, put: Mapping[str, Poly], roots: Sequence[Poly]
) -> arb | None:
    """Return a logarithm that does not move, None for one that does."""
    from flint import arb

    log = function.logs[place]
    u, v = substitute(log.u, put), substitute(log.v, put)
    square = roots[log.root] if log.root >= 0 else constant(1)
    if not (u.is_constant() and v.is_constant() and square.is_constant()):
        if log.root < 0:
            raise ArithmeticError("a logarithm of a rational function moves")
        return None

    def ball(poly: Poly) -> arb:
        return arb(poly.leading_coefficient()) if poly != 0 else arb(0)

    return logarithm(ball(u), ball(v), ball(square).sqrt() if log.root >= 0 else None)


def _moving_log(
    function: Elementary, place: int, put: Mapping[str, Poly], roots: Sequence[Poly], forms: Forms
) -> Form:
    log = function.logs[place]
    u, v, square = substitute(log.u, put), substitute(log.v, put), roots[log.root]
    number, found = forms.factors(square)
    root = Product(
        math.sqrt(abs(number)), tuple((forms.form(factor), Fraction(power, 2)) for factor, power in found)
    )
    return Logarithm(forms.product(u), forms.product(v), root, forms.product(u * u - v * v * square))


def _product(
    number: float, powers: Mapping[Poly | int, Fraction], logs: Mapping[int, Form], forms: Forms
) -> Product:
    found = []
    for key, power in powers.items():
        if power:
            found.append((logs[key] if isinstance(key, int) else forms.form(key), power))
    return Product(number, tuple(found))


def _test(condition: Condition, poly: Poly, forms: Forms) -> Test:
    if poly.is_constant():
        value = poly.leading_coefficient() if poly != 0 else 0
        test = condition.test
        return Test(condition, bool(value != 0 if test == "nonzero" else value >= 0 if test == "nonnegative" else value > 0))
    number, found = forms.factors(poly)
    return Test(condition, None, 1 if number > 0 else -1, tuple((forms.form(f), p) for f, p in found))


def _intervals(polys: Sequence[Poly]) -> dict[str, Interval]:
    """Return the variables that conditions keep between -1 and 1, or 0 and 1."""
    seen: dict[str, set[Fraction]] = {}
    for poly in polys:
        if poly.is_constant():
            continue
        for factor, _ in poly.factor()[1]:
            if len(factor.generators) == 1 and max(factor.by_powers(name := next(iter(factor.generators)))) == 1:
                rows = factor.by_powers(name)
                below = rows.get(0, constant(0))
                ratio = Frac.of(-below, rows[1])
                zero = ratio.num.leading_coefficient() if ratio.num != 0 else 0
                seen.setdefault(name, set()).add(Fraction(int(getattr(zero, "p", 0)), int(getattr(zero, "q", 1))))
    out: dict[str, Interval] = {}
    for name, zeros in seen.items():
        if {Fraction(-1), Fraction(1)} <= zeros:
            out[name] = (-1, 1)
        elif {Fraction(0), Fraction(1)} <= zeros:
            out[name] = (0, 1)
    return out
