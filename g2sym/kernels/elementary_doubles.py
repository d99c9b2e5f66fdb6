"""Elementary functions over arrays of doubles: widths and cross-sections with a bound on each value's error.

What does not move is put in exactly and gathered in constants, so a root or a logarithm that does not move is
a number. What moves is factored over Q and evaluated by `g2sym.kernels.forms`; factors that all parts share
are taken out of the sum, and whatever cancels in it is seen by the running bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from g2sym.integrals.elementary import Condition
from g2sym.kernels.forms import (
    BEYOND,
    LARGEST,
    MARGIN,
    MOST,
    UNIT,
    Form,
    Product,
    Range,
    Shift,
    Value,
    Values,
    total,
)

if TYPE_CHECKING:
    from g2sym.base.types import Doubles, Flags

TERMS = 11
"""Of the series of atanh(s)/s: for |s| <= 0.1716 the rest is below 0.01 u."""
LOW_ROOT = 0x3FE6A09E667F3BCD
"""sqrt(1/2) as an integer: mantissas are taken from there to sqrt(2)."""
LN2 = math.log(2.0)
LOOSE = 2.0**-33
"""Running bounds of what multiplies a sum that may cancel: its own sums are 2^-20 of their parts or more."""


class Logarithm:
    """ln((u + v r)/(u - v r)) for u and v r of one sign, without cancellation.

    It is 2 atanh(x), x = v r/u, and ln A with A = (u + v r)^2/q, q = u^2 - v^2 r^2 as a polynomial of its
    own. With A = 2^k m, m from sqrt(1/2) to sqrt(2): 2 s P(s^2) + k ln 2, P the series of atanh(s)/s,
    s = (m - 1)/(m + 1), which for k = 0 is x.

    P: its sum beyond 1 is at most 0.0101, so that its own roundings, 22 u at most, count 0.25 u; with the
    last addition and the rest of the series 1.3 u. For k = 0 an error of x counts 1.03 times, then come P and
    a product with s: 2.4 u. For k >= 1 ln A >= 0.3465: the relative error of A counts 1/0.3465 < 2.9 times.
    m - 1 is exact; s has 2 u, which count 1.03 times, P 1.3 u, the product 1 u: 4.4 u of |ln m| <= 0.3466;
    k ln 2 has 2 u, and is at most twice ln A; the addition has 1 u. In all 9.5 u.
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
    """A condition: a sign and factors, or whether it holds where nothing moves."""

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
    """An elementary function of some slots, the others put in; made by `double_plan` of `double_plans`.

    Parameters: ``tests``; ``common``, what all ``parts`` are multiplied with; ``roots``, which must not be
    negative; ``positive``, names of what has to be; ``limit``, see `LIMITS` there.
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

    def __call__(
        self, arrays: Mapping[str, Doubles], out: Doubles, error: float, loose: bool = False
    ) -> Doubles | None:
        """Fill ``out`` with values to a relative error of at most ``error``, NaN where that is not known.

        With ``loose``, values that cancel are kept: what is returned says how many times ``error`` each may
        err, at least 1; None where none errs by more.
        """
        import numpy as np

        excess: Doubles | None = None
        with np.errstate(all="ignore"):
            at = Values(arrays)
            zero, without, _ = self._where(at)
            if zero is True and without is False:
                out[...] = 0.0
                bad: Any = False
            else:
                bad, excess = self._evaluate(at, out, error, loose)
            np.copyto(out, np.nan, where=bad)
            if zero is not False:
                np.copyto(out, 0.0, where=zero)
                if excess is not None:
                    np.copyto(excess, 1.0, where=zero)
            if without is not False:
                np.copyto(out, np.nan, where=without)
            for name in self.names:
                if (outside := self._outside(name, arrays[name])) is not None:
                    np.copyto(out, np.nan, where=outside)
        return excess

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
        """Return where it is zero, where it has no value or that is not known, and sentences with masks."""
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

    def _evaluate(self, at: Values, out: Doubles, error: float, loose: bool) -> tuple[Any, Doubles | None]:
        """Fill ``out``; return where the bound is not good enough, and with ``loose`` bounds over ``error``.

        A value S I, of which the shared S errs by s and the sum I by d, errs by |S I| (s + d/|I| + s d/|I|):
        d/|I| may be as large as it likes, the last term being below 2^-33 of it where s is. Two doubles
        differ by 2^-54 of the larger at least, so I keeps 33 bits more of the range than `double_plan`
        counts, and a form in a part 13 (`LARGEST`), far less than the 122 bits that `MOST` leaves.
        """
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
        excess: Doubles | None = None
        if spread is not None:
            # written so that a NaN is bad
            limit = min(LARGEST, error / MARGIN - units)
            if float(spread.max()) <= limit:
                pass
            elif loose:
                bad = ~(spread < np.inf)
                if shared.spread is not None:
                    bad = bad | ~(shared.spread <= LOOSE)
                # once for first order, once for the rounding of this and for what relative is to
                excess = np.maximum(np.broadcast_to(spread + units, out.shape) * (MARGIN**2 / error), 1.0)
            else:
                bad = ~(spread <= limit)
        elif units > error:
            bad = True
        for root in self._roots:
            ends = [at.reach(form) for form, power in root.powers if power % 2]
            definite = all(low > 0 or high < 0 for low, high in ends)
            if definite and (root.number > 0) == (sum(high < 0 for _, high in ends) % 2 == 0):
                continue
            number = root(at).number
            if not float(number.min()) >= 0:
                bad = bad | ~(number >= 0)
        return bad, excess


def _and(mask: Any, gone: Any) -> Any:
    """Return a mask without the points that are gone."""
    if gone is False:
        return mask
    if gone is True:
        return False
    return ~gone if mask is True else mask & ~gone
