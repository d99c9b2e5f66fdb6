"""Quotients and products of asymptotic series in powers of t and ln t, exact, for t > 0 going to 0."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from g2sym.base.coefficients import Coefficient
from g2sym.errors import UnsupportedError, UsageError
from g2sym.formulas.formula import Formula
from g2sym.formulas.ratio import Ratio

Key = tuple[Fraction, int]
"""Exponent of t and power of ln t."""
_ZERO = Ratio(Formula())
_ONE = Ratio(Formula.plain(1))


@dataclass(frozen=True)
class PowerSeries:
    """sum of coefficient * t^exponent * (ln t)^logs, every term with an exponent below ``end``.

    ``entries`` holds (exponent, logs, coefficient), in increasing exponents and decreasing powers of
    ln t, none of them zero; ``end`` None: there is nothing more. Construct it with `PowerSeries.of`.
    """

    entries: tuple[tuple[Fraction, int, Ratio], ...]
    end: Fraction | None = None

    @classmethod
    def of(
        cls, entries: Iterable[tuple[Fraction | int, int, Formula | Ratio]], end: Fraction | int | None = None
    ) -> PowerSeries:
        """Collect terms; those that cancel and those from ``end`` on are dropped.

        Parameters: ``entries``, (exponent of t, power of ln t, coefficient) in any order; ``end``, below
        which they are complete, None for an exact sum. Raises UsageError for a negative power of ln t.

        >>> one = Formula.plain(1)
        >>> print(PowerSeries.of([(0, 0, one), (1, 1, one), (3, 0, one)], end=2))
        1 + t*ln(t) + O(t^2)
        """
        found: dict[Key, Ratio] = {}
        stop = None if end is None else Fraction(end)
        for e, j, c in entries:
            if j < 0:
                raise UsageError(f"(ln t)^{j}: a series holds powers of ln t from 0 on.")
            if stop is None or e < stop:
                _put(found, (Fraction(e), j), c if isinstance(c, Ratio) else Ratio(c))
        return cls(tuple((e, j, found[e, j]) for e, j in sorted(found, key=_order)), stop)

    @property
    def leading(self) -> tuple[Fraction, int, Ratio] | None:
        """The term that dominates as t goes to 0: least exponent, then most logarithms."""
        return self.entries[0] if self.entries else None

    def coefficient(self, exponent: Fraction | int, logs: int = 0) -> Ratio:
        """Return the coefficient of t^exponent (ln t)^logs."""
        where = Fraction(exponent), logs
        return next((c for e, j, c in self.entries if (e, j) == where), _ZERO)

    def rescaled(self, factor: Coefficient) -> PowerSeries:
        """Write the series in s, where t = factor * s.

        Parameters: ``factor``, positive: what two series, of leptons of different mass say, need to be in
        the same small quantity. Raises UnsupportedError for exponents that are not multiples of 1/2.

        >>> print(PowerSeries.of([(2, 1, Formula.plain(1))], 3).rescaled(Coefficient.number(2)))
        4*t^2*ln(t) + 4*ln(2)*t^2 + O(t^3)
        """
        found = []
        log, root = Formula.log(factor), Formula.root(factor)
        for e, j, c in self.entries:
            if e.denominator > 2:
                raise UnsupportedError(f"t^({e}) cannot be rescaled exactly; exponents are multiples of 1/2.")
            power = Formula.plain(factor ** (e.numerator // e.denominator))
            front = c * (power.times(root) if e.denominator == 2 else power)
            for k in range(j + 1):  # (ln factor + ln s)^j
                found.append((e, k, front * (log ** (j - k)).scale(Coefficient.number(comb(j, k)))))
        return PowerSeries.of(found, self.end)

    def __str__(self) -> str:
        text = ""
        for piece in [_text(e, j, c) for e, j, c in self.entries]:
            text += piece if not text else f" - {piece[1:]}" if piece.startswith("-") else f" + {piece}"
        if self.end is None:
            return text or "0"
        rest = f"O({_power('t', self.end)})" if self.end else "O(1)"
        return f"{text} + {rest}" if text else rest


@dataclass(frozen=True)
class QuotientLimit:
    """How a quotient behaves as t goes to 0: like coefficient * t^exponent * (ln t)^logs.

    ``logs`` may be negative. The coefficient 0 says that the numerator vanishes, exactly or beyond all
    that is known of it.
    """

    coefficient: Ratio
    exponent: Fraction
    logs: int

    @property
    def diverges(self) -> bool:
        """True when the quotient grows without bound."""
        return not self.coefficient.is_zero and (self.exponent, -self.logs) < (0, 0)

    @property
    def value(self) -> Ratio | None:
        """The limit, None when it diverges."""
        if self.diverges:
            return None
        return _ZERO if self.exponent or self.logs else self.coefficient


def product(a: PowerSeries, b: PowerSeries) -> PowerSeries:
    """Multiply two series, known as far as both allow.

    >>> one = Formula.plain(1)
    >>> print(product(PowerSeries.of([(0, 0, one)], 1), PowerSeries.of([(-1, 2, one), (0, 0, one)])))
    t^-1*ln(t)^2 + O(1)
    """
    if _vanishes(a) or _vanishes(b):
        return PowerSeries(())
    ends = [s.end + _start(r) for s, r in ((a, b), (b, a)) if s.end is not None]
    end = min(ends, default=None)
    return PowerSeries.of(
        ((e + f, j + k, c * d) for e, j, c in a.entries for f, k, d in b.entries),
        end,
    )


def quotient(
    top: PowerSeries, bottom: PowerSeries, below: Fraction | int | None = None, powers: int | None = None
) -> PowerSeries:
    """Divide two series in the same t by long division.

    Parameters: ``top``, ``bottom``; ``below``, the exponent below which the quotient is wanted, and
    ``powers``, how many distinct exponents at most: one of them is needed when both are exact and the
    division does not end. Returns the series, complete below its ``end``.
    Raises UnsupportedError when the leading term of the denominator carries ln t (`quotient_limit` still
    decides the limit) or is not known, UsageError when the denominator is 0 or ``below`` is missing.

    >>> one = Formula.plain(1)
    >>> print(quotient(PowerSeries.of([(0, 0, one)]), PowerSeries.of([(0, 0, one), (1, 1, one)]), 3))
    1 - t*ln(t) + t^2*ln(t)^2 + O(t^3)
    """
    start, logs, lead = _leading(bottom)
    if logs:
        raise UnsupportedError(
            f"The denominator's leading behaviour, of order t^{start}, carries a logarithm, so there is no "
            "series of the quotient in powers of t and ln t; ask for the limit."
        )
    if _vanishes(top):
        return PowerSeries(())
    ends = [Fraction(below) if below is not None else None, quotient_end(top, bottom)]
    end = min((one for one in ends if one is not None), default=None)
    tail = [(e - start, j, c) for e, j, c in bottom.entries[1:]]
    if end is None and tail and powers is None:
        raise UsageError("A quotient of exact series need not end: say with below= up to which power of t.")
    # what each coefficient of the remainder is the sum of: coefficients grow fast with every power, so they
    # are worked out when their turn comes, and those behind the last one wanted never
    rest: dict[Key, list[tuple[Ratio, Ratio]]] = {}
    for e, j, c in top.entries:
        rest.setdefault((e - start, j), []).append((c, _ONE))
    found: list[tuple[Fraction, int, Ratio]] = []
    while rest:
        e, j = min(rest, key=_order)
        if end is not None and e >= end:
            break
        if powers is not None and len({f for f, _, _ in found} - {e}) >= powers:
            end = e
            break
        c = _ZERO
        for a, b in rest.pop((e, j)):
            c = c + (a if b is _ONE else a * b)
        c = c / lead
        if c.is_zero:
            continue
        found.append((e, j, c))
        for f, k, d in tail:
            if end is None or e + f < end or (top.end is None and bottom.end is None):
                rest.setdefault((e + f, j + k), []).append((-c, d))
    else:
        if top.end is None and bottom.end is None:  # the division ended
            end = None
    return PowerSeries.of(found, end)


def quotient_end(top: PowerSeries, bottom: PowerSeries) -> Fraction | None:
    """Return the exponent below which a quotient is known, None where both series are exact.

    Raises UsageError for the denominator 0, UnsupportedError where its leading term is not known.
    """
    start = _leading(bottom)[0]
    ends = [top.end - start] if top.end is not None else []
    if bottom.end is not None:
        ends.append(_start(top) + bottom.end - 2 * start)
    return min(ends, default=None)


def quotient_limit(top: PowerSeries, bottom: PowerSeries) -> QuotientLimit:
    """Return the limit t to 0 of a quotient from the leading terms, whether or not these carry ln t.

    Raises UnsupportedError when the terms known do not decide it, UsageError for the denominator 0.

    >>> one, two = Formula.plain(1), Formula.plain(2)
    >>> print(quotient_limit(PowerSeries.of([(0, 1, one)]), PowerSeries.of([(0, 1, two), (0, 0, one)])).value)
    1/2
    """
    start, logs, lead = _leading(bottom)
    if top.leading is not None:
        e, j, c = top.leading
        return QuotientLimit(c / lead, e - start, j - logs)
    if top.end is None or top.end > start:
        return QuotientLimit(_ZERO, Fraction(0), 0)
    raise UnsupportedError(
        f"The numerator is known only below t^{top.end}, which does not decide a limit over t^{start}; "
        "expand it further."
    )


def _order(key: Key) -> tuple[Fraction, int]:
    """Order terms by what dominates as t goes to 0."""
    return key[0], -key[1]


def _put(found: dict[Key, Ratio], key: Key, value: Ratio) -> None:
    total = found.pop(key) + value if key in found else value
    if not total.is_zero:
        found[key] = total


def _vanishes(series: PowerSeries) -> bool:
    return not series.entries and series.end is None


def _start(series: PowerSeries) -> Fraction:
    """Return an exponent below which a series that does not vanish exactly has no terms."""
    if series.entries:
        return series.entries[0][0]
    assert series.end is not None
    return series.end


def _leading(bottom: PowerSeries) -> tuple[Fraction, int, Ratio]:
    if bottom.leading is not None:
        return bottom.leading
    if bottom.end is None:
        raise UsageError("The denominator of the quotient vanishes identically.")
    raise UnsupportedError(
        f"The denominator has no terms below t^{bottom.end}, and nothing more is known; expand it further."
    )


def _power(base: str, power: Fraction | int) -> str:
    if power == 1:
        return base
    return f"{base}^{power}" if Fraction(power).denominator == 1 else f"{base}^({power})"


def _text(e: Fraction, j: int, c: Ratio) -> str:
    factors = [_power("t", e)] * (e != 0) + [_power("ln(t)", j)] * (j != 0)
    text = str(c)
    if not factors:
        return text
    front = f"({text})" if " " in text else text
    if text in ("1", "-1"):
        return text[:-1] + "*".join(factors)
    return "*".join([front, *factors])
