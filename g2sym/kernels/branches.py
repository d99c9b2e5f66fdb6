"""Logarithms, T and dilogarithms of quadratics in complex balls, on the side of the masses' -i0.

Delta = e t^2 + b t + d - i0 with exact coefficients, so that signs and zeros are decided exactly:

    ln a                                                    (-i pi where a < 0)
    T  = int_0^1 dt/Delta              1/(Delta - i0) = P(1/Delta) + i pi delta(Delta)
    Li = int_0^1 ln(Delta/d) dt/t = -Li2(1/r1) - Li2(1/r2)  for the zeros r1, r2 of Delta and d > 0,

where Im Li = -pi int dt/t over the part of (0, 1) in which Delta is negative, and Re Li2(z) =
pi^2/3 - (ln z)^2/2 - Li2(1/z) for z > 1.
"""

from __future__ import annotations

from g2sym.errors import UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from flint import acb, arb

    Rational = Any
    """flint.fmpq, which ships no types"""


class OnThreshold(UsageError):
    """A function is infinite: the masses lie exactly on a threshold."""

    def __init__(self) -> None:
        super().__init__("A kernel diverges exactly on its threshold; move one of the masses.")


def logarithm(a: Rational) -> acb:
    """Return ln(a - i0); raises OnThreshold for zero."""
    from flint import acb, arb

    if a == 0:
        raise OnThreshold
    return acb(arb(abs(a)).log(), -arb.pi() if a < 0 else arb(0))


def arc(e: Rational, b: Rational, d: Rational) -> acb:
    """Return T = int_0^1 dt/(e t^2 + b t + d - i0) for e, d, e + b + d > 0; OnThreshold where infinite."""
    from flint import acb, arb

    disc, s = b * b - 4 * e * d, b + 2 * d
    inside = _inside(e, b, disc)
    if disc == 0:
        if inside:
            raise OnThreshold
        return acb(arb(2 / s))
    root = arb(abs(disc)).sqrt()
    if disc < 0:
        # the angle that 2 e t + b + i root turns through from t = 0 to 1
        return acb(2 * acb(arb(b * (2 * e + b) - disc), root * arb(2 * e)).arg() / root)
    # |(1 - r2) r1/((1 - r1) r2)| of the zeros r1 < r2
    ratio = (arb(s) + root) ** 2 / arb(4 * d * (e + b + d))
    return acb(ratio.log() / root, 2 * arb.pi() / root if inside else arb(0))


def dilogarithm(e: Rational, b: Rational, d: Rational) -> acb:
    """Return Li = int_0^1 ln((e t^2 + b t + d - i0)/d) dt/t for d > 0, and e + b + d > 0 where e is."""
    from flint import acb, arb

    if e == 0:
        inverse = -b / d
        beyond = bool(inverse > 1)
        z = arb(inverse)
        return acb(-_real(z, beyond), -arb.pi() * z.log() if beyond else arb(0))
    disc = b * b - 4 * e * d
    # d z^2 + b z + e = 0 for the inverses z of the zeros
    if disc < 0:
        return acb(-2 * acb(arb(-b / (2 * d)), arb(-disc).sqrt() / arb(2 * d)).polylog(2).real)
    root = arb(disc).sqrt()
    first = (arb(-b) - root if b > 0 else arb(-b) + root) / arb(2 * d)
    second = arb(e) / (arb(d) * first)
    inside = _inside(e, b, disc)
    total = -_real(first, inside) - _real(second, inside)
    return acb(total, -arb.pi() * (first / second).log() if inside else arb(0))


def crossed(key: tuple[Any, ...]) -> tuple[tuple[Any, ...], Rational] | None:
    """Return the imaginary part of a function as a multiple of one that is known by its key.

    Parameters: ``key`` as in `g2sym.integrals.triangle`. Keys returned: ("pi",); ("pi", square) for pi/root
    of the square; ("pi", *key) for the imaginary part of a dilogarithm. None where it is zero.
    """
    kind, *arguments = key
    if kind == "ln":
        return (("pi",), -1) if arguments[0] < 0 else None
    e, b, d = arguments
    square = b * b - 4 * e * d
    if kind == "T":
        return (("pi", square), 2) if _inside(e, b, square) else None
    beyond = -b > d if e == 0 else _inside(e, b, square)
    return (("pi", *key), 1) if beyond else None


def _inside(e: Rational, b: Rational, disc: Rational) -> bool:
    """True where Delta, e > 0 and positive at both ends, has zeros between 0 and 1."""
    return bool(disc >= 0 and 0 < -b < 2 * e)


def _real(z: arb, beyond: bool) -> arb:
    """Return Re Li2 of a real number; ``beyond`` says exactly whether that is above 1."""
    from flint import arb

    return arb.pi() ** 2 / 3 - z.log() ** 2 / 2 - _below(1 / z) if beyond else _below(z)


def _below(z: arb) -> arb:
    """Return Li2(z) for z <= 1; what a ball holds above 1 is left out."""
    from flint import acb, arb

    if z < 1:
        found: arb = acb(z).polylog(2).real
        return found
    top = arb.pi() ** 2 / 6
    if z == 1:
        return top
    # Li2(1) - Li2(1 - x) = -int_0^x ln u/(1 - u) du <= 2 x (1 - ln x) for x <= 1/2
    reach = arb((1 - z).abs_upper())
    return (top - 2 * reach * (1 - reach.log())).union(top) if reach < 0.5 else arb("nan")
