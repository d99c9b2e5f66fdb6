"""Kernels over a whole range of one mass, enclosed between few certified values.

A Feynman integral of N/Delta^k with N >= 0 and Delta = A + s B, B >= 0, is a completely monotone function
of s: all its derivatives have alternating signs and shrink with s. So has -ln Delta after the first. Every
kernel is a difference of two such functions times a power of the mass (a numerator is split by the signs of
its Bernstein coefficients, which proves them), and then divided differences of a few certified values bound
every derivative to their right: an interpolation with a proved error, without a single derivative taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import working_precision
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.rational import Poly, by_powers, constant, from_terms, gen, substitute
from g2sym.kernels.sampled import UNIT, Sampled
from g2sym.kernels.transition_line import closed_along, is_imaginary

if TYPE_CHECKING:
    from g2sym.base.types import Doubles


STEP = 0.016
"""Relative distance of the nodes in s; the interpolation's error is about 3 STEP^6."""
NODES = 6
"""Points of an interpolation, half of them on either side."""
NEWTON = 3 * NODES
"""Roundings in a value: Newton's form has one in each coefficient, and in each of its NODES - 1 steps one in
the distance, one in the product, one in the sum, so 3 NODES - 2; two more for what is of second order.

The argument s = (m/unit)^e rounds 3 e - 1 times: unit and quotient in every factor, and the products."""
_SIMPLEX = ("l1", "l2", "l3")
"""The three weights 1 - x, x - y and y of the simplex, as generators."""
SMALL = 1e-290
"""Differences smaller than this, or larger than its inverse, are not told from zero or infinity."""
BITS = 110
"""Correct bits of the values at the nodes: sixth differences lose 36 of them."""


@dataclass(frozen=True)
class Part:
    """sign * t^power * (a function that is completely monotone in t^step, or whose derivative is)."""

    sign: int
    power: int
    step: int
    integral: FeynmanIntegral


def parts(integral: FeynmanIntegral, name: str, fixed: Mapping[str, Fraction]) -> list[Part]:
    """Split a kernel into completely monotone functions of one mass.

    Parameters: ``name`` of the slot t that moves; ``fixed``, exact values of the
    other ones. Raises UnsupportedError when Delta is not of the form A + t^n B with B >= 0.
    """
    if is_imaginary(integral):  # below threshold, and elsewhere nothing here is real
        return []
    values = {n: constant(v) for n, v in fixed.items()}
    whole = integral.substitute(values)
    bottom = by_powers(whole.divisor, name)
    by_t = by_powers(whole.delta, name)
    moving = sorted(set(by_t) - {0})
    step = moving[0] if moving else 1
    slope = by_t.get(step, constant(0))
    plain = all(body.is_constant() for body in bottom.values())
    if not plain or len(bottom) > 1 or len(moving) > 1 or step > 2 or _signed(slope)[1] != 0:
        raise UnsupportedError(
            f"The {integral.diagram.kind} kernel is not known to be monotone in this mass; "
            "vary another parameter."
        )
    ((shift, divisor),) = bottom.items()
    numerators: dict[int, tuple[dict[int, Poly], dict[int, Poly]]] = {}
    for k, numerator in whole.powers:
        for power, body in by_powers(numerator, name).items():
            for side, poly in enumerate(_signed(body / divisor.leading_coefficient())):
                if poly != 0:
                    numerators.setdefault(power, ({}, {}))[side][k] = poly
    logs: dict[int, tuple[Poly, Poly]] = {}
    for power, body in by_powers(whole.log, name).items():
        logs[power] = _signed(body / divisor.leading_coefficient())
        numerators.setdefault(power, ({}, {}))
    zero = constant(0)
    out = []
    for power, sides in numerators.items():
        up, down = logs.get(power, (zero, zero))
        # -ln Delta falls as 1/Delta does, so a negative logarithm goes with a positive numerator
        for sign, top, log in ((1, sides[0], -down), (-1, sides[1], -up)):
            if top or log != 0:
                cut = replace(whole, powers=tuple(sorted(top.items())), log=log, divisor=constant(1))
                out.append(Part(sign, power - shift, step, cut))
    return out


def _signed(poly: Poly) -> tuple[Poly, Poly]:
    """Return (p, q), both >= 0 on the domain, with poly = p - q: by the signs of Bernstein coefficients.

    ``poly`` is in x and y only. With l1 = 1 - x, l2 = x - y, l3 = y (all >= 0 on 0 <= y <= x <= 1, and for
    y = 0 on the unit interval) every monomial of l1, l2, l3 is >= 0.
    """
    terms = [(powers.get("x", 0), powers.get("y", 0), factor) for powers, factor in poly.terms()]
    if not terms:
        return poly, poly
    degree = max(i + j for i, j, _ in terms)
    one, two, three = (gen(n) for n in _SIMPLEX)
    has_y = any(j for _, j, _ in terms)
    third = three if has_y else constant(0)
    x, y, whole = two + third, third, one + two + third
    homogeneous = constant(0)
    for i, j, factor in terms:
        homogeneous += factor * x**i * y**j * whole ** (degree - i - j)
    halves: list[dict[tuple[int, ...], Any]] = [{}, {}]
    for powers, factor in homogeneous.terms():
        halves[factor < 0][tuple(powers.get(n, 0) for n in _SIMPLEX)] = abs(factor)
    corners = (1 - gen("x"), gen("x") - (gen("y") if has_y else 0), gen("y"))
    back = dict(zip(_SIMPLEX, corners, strict=True))
    up, down = (substitute(from_terms(half, _SIMPLEX), back) for half in halves)
    return up, down


def sample(part: Part, name: str, edges: Doubles, unit: Fraction, power: int, threshold: Fraction) -> Sampled:
    """Return the monotone function of a part, without sign and power of t, over cells of a mass.

    Parameters: ``name`` of the generator t = (mass/unit)^power; ``edges``, positive masses in GeV, rising;
    ``threshold`` of t, below which the integral is singular.
    """
    import numpy as np
    from flint import arb

    ends = [(Fraction(float(e)) / unit) ** power for e in (edges[0], edges[-1])]
    if not ends[0] > threshold:
        raise UnsupportedError(
            f"The range of a mass begins at a threshold ({edges[0]:g} GeV); begin at a larger one."
        )
    reach = Fraction(10) ** (74 // part.step)  # for step 2 the nodes are rounded to single precision
    low, high, base = (float(max(1 / reach, min(reach, v))) if v else 0.0 for v in (*ends, threshold))
    if not (low > base and 1 / reach < ends[0] and ends[1] < reach):
        raise _too_far(edges)
    start, stop = np.log(low - base), np.log(high - base)
    step = STEP / part.step
    count = max(4, int(np.ceil((stop - start) / step)))
    places = np.arange(-NODES - 3, count + 4)
    t = base + np.exp(start + (stop - start) * places / count)
    if part.step == 2:  # short mantissas, whose squares are exact
        t = t.astype(np.float32).astype(np.float64)
    points = t.tolist()
    kernel = closed_along(part.integral, name)
    with working_precision(BITS + 60):
        nodes = [arb(v) ** part.step for v in points]
        table = [kernel.balls(points, BITS)]
        for order in range(1, NODES + 1):
            above = table[-1]
            table.append(
                [(above[k + 1] - above[k]) / (nodes[k + order] - nodes[k]) for k in range(len(above) - 1)]
            )
        newton = np.array([[float(c) for c in row[: len(t) - NODES]] for row in table[:NODES]])
        bound = [np.array([float(c.abs_upper()) for c in row]) * (1 + 2.0**-50) for row in table]
        places_s = np.array([float(s) for s in nodes])
    for row, balls in zip(bound, table, strict=True):
        wrong = np.flatnonzero(~((row >= SMALL) & (row <= 1 / SMALL))).tolist()
        if not all(balls[k].is_zero() for k in wrong):
            raise _too_far(edges)
    s = _powers(edges, unit, power * part.step)
    # the interval of each edge; rounding may put an end just outside, which the node beside it absorbs
    cell = np.clip(np.searchsorted(places_s, s, side="right") - 1, NODES + 2, len(t) - 5)
    first = cell - NODES // 2 + 1
    value = newton[NODES - 1][first]
    size = np.abs(value)
    product = np.abs(s - places_s[first + NODES - 1])
    for k in range(NODES - 2, -1, -1):
        gap = s - places_s[first + k]
        product = product * np.abs(gap)
        value = value * gap + newton[k][first]
        size = size * np.abs(gap) + np.abs(newton[k][first])
    # all derivatives shrink to the right, so differences to the left bound them
    sixth = bound[NODES][first - NODES]
    slope = bound[1][first - 1]
    exponent = power * part.step
    node = sixth * product * (1 + 2.0**-20) + NEWTON * UNIT * size + 3 * exponent * UNIT * (slope * s)
    slope, second = bound[1][first - 1][:-1], 2 * bound[2][first - 2][:-1]
    width = np.diff(s) + (6 * exponent + 1) * UNIT * s[1:]
    # (m/unit)^e, e = 1, 2 or 4, has the second derivative e (e - 1) s/m^2, largest at the upper end
    bend = exponent * (exponent - 1) * s[1:] * (np.diff(edges) / edges[1:]) ** 2 / 8
    stray = second * width**2 / 8 + slope * bend + np.maximum(node[:-1], node[1:])
    return Sampled(value, stray * (1 + 2.0**-20))


def _too_far(edges: Doubles) -> UnsupportedError:
    return UnsupportedError(
        f"The range of a mass from {edges[0]:g} to {edges[-1]:g} GeV reaches where the differences that "
        "enclose a kernel are beyond doubles; stay within about 1e-19 to 1e19 times the lepton's mass."
    )


def _powers(edges: Doubles, unit: Fraction, exponent: int) -> Doubles:
    ratio = edges / float(unit)
    out: Doubles = ratio
    for _ in range(exponent - 1):
        out = out * ratio
    return out
