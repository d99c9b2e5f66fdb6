"""Real roots of a real polynomial, each isolated and certified, or a request for more precision."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from flint import acb, arb

Root = tuple["arb", int]
"""A ball that holds exactly one real root, and the root's multiplicity."""


class Undecided(Exception):
    """The balls are too wide to tell; the message says what could not be told."""


def to_arb(value: arb | Fraction | int) -> arb:
    """Return a flint ball for an exact number, or the ball itself."""
    from flint import arb, fmpq

    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    return arb(value)


def sign(value: arb, what: str) -> int:
    """Return the proved sign of a ball; raise Undecided when it straddles zero."""
    if value > 0:
        return 1
    if value < 0:
        return -1
    if value.is_zero():
        return 0
    raise Undecided(f"the sign of {what}")


def exact_roots(coefficients: Sequence[Fraction]) -> list[Root]:
    """Return the real roots of a polynomial with rational coefficients (by power), unsorted.

    Multiplicities are exact: a double root is known to be one.
    """
    from flint import fmpq, fmpq_poly

    poly = fmpq_poly([fmpq(c.numerator, c.denominator) for c in coefficients])
    if poly.degree() < 1:
        return []
    found = cast(
        "list[tuple[acb, int]]", poly.numer().complex_roots()
    )  # flint's stub forgets the multiplicity
    return [(root.real, count) for root, count in found if root.imag.is_zero()]


def ball_roots(coefficients: Sequence[arb]) -> list[Root]:
    """Return the real roots of a polynomial with ball coefficients (by power), unsorted.

    A leading coefficient that is exactly zero is dropped. Closed forms up to degree two; above, isolation of
    all complex roots followed by Newton's method in intervals.
    Raises Undecided when the coefficients are known too badly.
    """
    trimmed = list(coefficients)
    while len(trimmed) > 1 and trimmed[-1].is_zero():
        trimmed.pop()
    if len(trimmed) == 1:
        return []
    sign(trimmed[-1], "the leading coefficient")
    if len(trimmed) == 2:
        return [(-trimmed[0] / trimmed[1], 1)]
    return _quadratic(*trimmed) if len(trimmed) == 3 else _isolated(trimmed)


def _quadratic(c: arb, b: arb, a: arb) -> list[Root]:
    discriminant = b * b - 4 * a * c
    kind = sign(discriminant, "a discriminant")
    if kind < 0:
        return []
    if kind == 0:
        return [(-b / (2 * a), 2)]
    root = discriminant.sqrt()
    # the sum that does not cancel first, then the other root from the product of both
    if b > 0:
        q = -(b + root) / 2
    elif b < 0:
        q = -(b - root) / 2
    else:
        return [((-b - root) / (2 * a), 1), ((-b + root) / (2 * a), 1)]
    return [(q / a, 1), (c / q, 1)]


def _isolated(coefficients: Sequence[arb]) -> list[Root]:
    from flint import arb_poly

    poly = arb_poly(list(coefficients))
    try:
        found = poly.complex_roots()
    except ValueError:
        raise Undecided("the separation of two roots") from None
    out: list[Root] = []
    for index, root in enumerate(found):
        if not root.imag.contains(0):
            continue
        # The conjugate of a root is a root too. If no other ball can hold it, this one holds both, and since
        # it holds only one root, that root is real.
        mirror = root.conjugate()
        if any(mirror.overlaps(other) for at, other in enumerate(found) if at != index):
            raise Undecided("whether a root is real")
        out.append((_refine(poly, root.real), 1))
    return out


def _refine(poly: object, start: arb) -> arb:
    """Shrink a ball with exactly one simple root: Newton's interval step, bisection where it cannot apply."""
    from flint import arb, arb_poly, ctx

    assert isinstance(poly, arb_poly)
    slope = poly.derivative()
    box = start
    for _ in range(2 * ctx.prec):
        steep = slope(box)
        middle = arb(box.mid())
        if steep.contains(0):
            lower, upper = arb(box.lower()), arb(box.upper())
            left = sign(poly(lower), "a polynomial") * sign(poly(middle), "a polynomial") <= 0
            smaller = lower.union(middle) if left else middle.union(upper)
        else:
            smaller = box.intersection(middle - poly(middle) / steep)
        if smaller.rad() >= box.rad() * 0.75:
            return smaller
        box = smaller
    return box
