"""Roots in the couplings of a model: a Lagrangian with the root of a negative number is not Hermitian.

In the square of a coupling its root is gone, so what stands under it is looked at beforehand.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from g2sym.base.balls import working_precision
from g2sym.base.coefficients import Coefficient, Gauss, Monomial
from g2sym.base.relations import vanishes
from g2sym.base.roots import NotReal
from g2sym.base.terms import is_root
from g2sym.observables.values import PROBE_BITS, Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from numpy.typing import NDArray

    from g2sym.base.types import Columns, Flags

_ONE = Coefficient.number(1).denominator
CLEAR = 1e-9
"""Share of the sum of sizes beyond which a sum in doubles has the sign of the truth."""


def under_roots(
    couplings: Iterable[Coefficient], known: Values, keep: frozenset[str] = frozenset()
) -> dict[str, Coefficient]:
    """Return each root in some couplings and in the defaults behind them, with what stands under it.

    Parameters: ``keep``, names that stay symbols. Values and defaults are put in.
    Raises NotReal where a number under a root is negative.
    """
    found: dict[str, Coefficient] = {}
    waiting = list(couplings)
    seen: set[str] = set()
    while waiting:
        one = waiting.pop()
        for name in one.generators - found.keys():
            if is_root(name):
                found[name] = known.expand(Coefficient.under_root(name), keep)
        for symbol in one.symbols - seen - known.given.keys() - keep:
            seen.add(symbol)
            if (default := known.default(symbol)) is not None:
                waiting.append(default)
    return found


def refuse_unreal(
    couplings: Iterable[Coefficient], known: Values, keep: frozenset[str] = frozenset()
) -> None:
    """Refuse values at which a root is not real; those with symbols that have no value are left open.

    Parameters: ``keep``, symbols without a value, whatever their defaults are. Raises NotReal, PrecisionError
    where a sign cannot be told.
    """
    for name, inside in under_roots(couplings, known, keep).items():
        if inside.symbols.isdisjoint(keep) and known.has_values(inside.symbols):
            known.refuse_negative(name)


def without_unreal(couplings: Iterable[Coefficient], known: Values, arrays: Columns) -> dict[str, Flags]:
    """Return the points of arrays at which a root is not real, by sentences, and make them NaN.

    Doubles decide, and exact numbers where these are too close to zero.
    """
    import numpy as np

    out: dict[str, Flags] = {}
    keep = frozenset(arrays)
    shape = np.broadcast_shapes(*(a.shape for a in arrays.values()))
    for name, inside in under_roots(couplings, known, keep).items():
        moving = sorted(inside.symbols & keep)
        if not moving or not known.has_values(inside.symbols - keep):
            continue
        signs = np.broadcast_to(_signs(inside.numerator, known, arrays), shape)
        signs = signs * _signs(inside.denominator, known, arrays)
        bad = signs < 0
        columns = {n: np.broadcast_to(arrays[n], shape) for n in moving}
        for place in map(tuple, np.argwhere(signs == 0).tolist()):
            bad[place] = _negative(name, inside, known, {n: columns[n][place] for n in moving})
        if bad.any():
            out[f"{name} is not real, since {name[5:-1]} is negative"] = bad
            arrays[moving[0]] = np.where(bad, np.nan, arrays[moving[0]])
    return out


def _signs(side: Sequence[tuple[Monomial, Gauss]], known: Values, arrays: Columns) -> NDArray[Any]:
    """Return the signs of a polynomial at arrays, 0 where doubles do not tell, 1 where there is no number."""
    import numpy as np

    with np.errstate(all="ignore"):
        value, size = _sum(side, known, arrays)
        clear = np.where((np.abs(value) > CLEAR * size) & np.isfinite(size), np.sign(value), 0)
        return np.where(np.isnan(value) & ~np.isinf(size), 1, clear)


def _sum(
    side: Sequence[tuple[Monomial, Gauss]], known: Values, arrays: Columns
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return a polynomial at arrays, and the sum of the sizes of its terms."""
    import numpy as np

    def constant(name: str) -> float:
        with working_precision(PROBE_BITS):
            return float(known.ball(name).mid())

    value, size = np.zeros(()), np.zeros(())
    for monomial, (re, _) in side:
        term: Any = np.asarray(float(re))
        for name, power in monomial:
            term = term * (arrays[name] if name in arrays else constant(name)) ** power
        value, size = value + term, size + np.abs(term)
    return value, size


def _negative(name: str, inside: Coefficient, known: Values, point: Mapping[str, float]) -> bool:
    """True when what stands under a root is negative at a point, told exactly."""
    if any(v != v for v in point.values()):
        return False
    exact = {n: Coefficient.number(Fraction(float(v))) for n, v in point.items()}
    try:
        top, bottom = (Coefficient(side, _ONE).subs(exact) for side in (inside.numerator, inside.denominator))
        if vanishes(bottom):  # the sum is divided by it, and says so
            return False
        known.refuse_negative(name, top / bottom)
    except NotReal:
        return True
    return False
