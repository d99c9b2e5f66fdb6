"""Elementary functions prepared for arrays of doubles: constants gathered, what moves factored over Q."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.base.classes import dataclass, replace
from g2sym.integrals.elementary import Condition, Elementary
from g2sym.integrals.rational import Frac, Poly, constant, substitute
from g2sym.kernels.elementary import logarithm
from g2sym.kernels.elementary_doubles import DoublePlan, Logarithm, Test
from g2sym.kernels.factors import Forms, Interval
from g2sym.kernels.forms import MOST, Form, Product, terms_of

if TYPE_CHECKING:
    from flint import arb

BITS = 200
LIMITS = (50.0, 40.0, 30.0, 20.0, 14.0)
"""What moves lies between 2^-limit and 2^limit, the largest of these with which all stays in range."""


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
    positive = [poly for one, poly in conditions if one.test == "positive" and not poly.is_constant()]
    forms = Forms(_intervals([poly for _, poly in conditions]), [_monic(poly) for poly in positive])
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


def _monic(poly: Poly) -> Poly:
    """Return a polynomial over its first positive coefficient, itself where there is none."""
    found = [c for powers, c in terms_of(poly) if powers and c > 0]
    return poly / constant(found[0]) if found else poly


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
        return Test(condition, replace(condition, poly=poly).holds(str, _same))
    number, found = forms.factors(poly)
    return Test(condition, None, 1 if number > 0 else -1, tuple((forms.form(f), p) for f, p in found))


def _intervals(polys: Sequence[Poly]) -> dict[str, Interval]:
    """Return the variables that conditions keep between -1 and 1, or 0 and 1."""
    seen: dict[str, set[Fraction]] = {}
    for poly in polys:
        if poly.is_constant():
            continue
        for factor, _ in poly.factor()[1]:
            terms = terms_of(factor)
            names = {n for powers, _ in terms for n in powers}
            if len(names) == 1 and max(sum(powers.values()) for powers, _ in terms) == 1:
                slope = sum((c for powers, c in terms if powers), Fraction(0))
                below = sum((c for powers, c in terms if not powers), Fraction(0))
                seen.setdefault(names.pop(), set()).add(-below / slope)
    out: dict[str, Interval] = {}
    for name, zeros in seen.items():
        if {Fraction(-1), Fraction(1)} <= zeros:
            out[name] = (-1, 1)
        elif {Fraction(0), Fraction(1)} <= zeros:
            out[name] = (0, 1)
    return out


def _same(value: Any) -> Any:
    return value
