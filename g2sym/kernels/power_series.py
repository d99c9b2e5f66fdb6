"""Truncated power series with ball coefficients, and those of closed forms about a mass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from g2sym.base.balls import number
from g2sym.kernels.slices import arc

if TYPE_CHECKING:
    from collections.abc import Mapping
    from fractions import Fraction

    from g2sym.base.types import Record
    from g2sym.integrals.canonical import ClosedForm


class Truncated:
    """A truncated power series with ball coefficients; enough arithmetic for `ClosedForm.fold`."""

    __slots__ = ("c",)

    def __init__(self, coefficients: list[Any]) -> None:
        self.c = coefficients

    def _coerced(self, other: Any) -> list[Any]:
        if isinstance(other, Truncated):
            return other.c
        return [other, *[number(0)] * (len(self.c) - 1)]

    def __add__(self, other: Any) -> Truncated:
        return Truncated([a + b for a, b in zip(self.c, self._coerced(other), strict=True)])

    __radd__ = __add__

    def __mul__(self, other: Any) -> Truncated:
        from flint import arb_poly

        if not isinstance(other, Truncated):
            return Truncated([a * other for a in self.c])
        product = arb_poly(self.c) * arb_poly(other.c)
        return Truncated([product[n] for n in range(len(self.c))])

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Truncated:
        if not isinstance(other, Truncated):
            return Truncated([a / other for a in self.c])
        out: list[Any] = []
        for n, a in enumerate(self.c):
            total = a
            for k in range(n):
                total = total - out[k] * other.c[n - k]
            out.append(total / other.c[0])
        return Truncated(out)

    def __rtruediv__(self, other: Any) -> Truncated:
        return Truncated(self._coerced(other)) / self

    def __pow__(self, power: int) -> Truncated:
        out = self
        for _ in range(power - 1):
            out = out * self
        return out

    def derivative(self) -> Truncated:
        """Return the derivative, one coefficient short (filled with zero)."""
        return Truncated([*((n + 1) * a for n, a in enumerate(self.c[1:])), number(0)])


def coefficients(
    form: ClosedForm, ratios: Mapping[str, tuple[Fraction, int]], centre: Fraction, count: int
) -> list[Any]:
    """Return the first ``count`` Taylor coefficients of a closed form about a mass.

    Parameters: ``ratios``, for each generator (scale, power): it is scale * mass^power; ``centre``, exact.
    Call inside `working_precision`.
    """
    zeros = [number(0)] * max(count - 2, 0)
    mass = Truncated([number(centre), number(1), *zeros][:count])
    values: Record = {}
    for name, (scale, power) in ratios.items():
        one = Truncated([number(scale), *[number(0)] * (count - 1)])
        values[name] = one * mass**power if power else one
    result = form.fold(values.__getitem__, number, _log, _arc)
    return result.c if isinstance(result, Truncated) else [result, *[number(0)] * (count - 1)]


def _log(a: Any) -> Any:
    if not isinstance(a, Truncated):
        return a.log()
    slope = (a.derivative() / a).c
    return Truncated([a.c[0].log(), *(c / (n + 1) for n, c in enumerate(slope[:-1]))])


def _arc(d0: Any, d1: Any) -> Any:
    """T along the path: lambda T' + lambda' T/2 = 2 u' - u q'/q."""
    if not isinstance(d0, Truncated):
        if not isinstance(d1, Truncated):
            return arc(d0, d1)
        d0, d1 = d1, d0
    u = d0 + d1 + number(-1)
    q = d0 * d1
    lam = u * u + q * number(-4)
    right = (u.derivative() * number(2) + u * q.derivative() / q * number(-1)).c
    half = (lam.derivative() * (number(1) / 2)).c
    start = d1.c[0] if isinstance(d1, Truncated) else d1
    out = [arc(d0.c[0], start)]
    for n in range(len(lam.c) - 1):
        total = right[n]
        for k in range(n + 1):
            total = total - half[n - k] * out[k]
            if k:
                total = total - lam.c[n + 1 - k] * k * out[k]
        out.append(total / (lam.c[0] * (n + 1)))
    return Truncated(out)
