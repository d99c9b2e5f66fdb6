"""Statements about integrals, verified: exactly where possible, else by balls at rational points.

The points are random but seeded, so that a comparison is reproducible; precision and number are stated in
the method.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from g2sym.base.balls import number, working_precision
from g2sym.base.exact import decimal_text
from g2sym.integrals.antiderivative import certified, certified_simplex
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.expansion import Expansion
from g2sym.integrals.feynman import FeynmanIntegral, Slot
from g2sym.integrals.rational import Frac
from g2sym.kernels.confirmed import (
    BITS,
    Path,
    confirmed_expansion,
    form_ball,
    left_out,
    random_points,
    remainder_points,
)
from g2sym.kernels.kernel import Written
from g2sym.kernels.quadrature import integrate_ball
from g2sym.kernels.ranges import RangeBound, bound_of, rounded_up
from g2sym.proofs.verdict import CERTIFIED, EXACT, RANGE, Proof, Verdict

POINTS = 3
NESTED_BITS = 80
"""Correct bits asked of both sides over two Feynman parameters, where quadrature is nested."""
EXTRA_BITS = 48
"""Correct bits asked at the one point where a closed form that was proved is compared besides."""
SAME = "closed form equals the integral of the integrand"


def prove_closed_form(integral: FeynmanIntegral) -> Proof:
    """Prove that a canonical form is the integral of its integrand, for all masses below threshold.

    An antiderivative is differentiated back, an identity of polynomials, and its boundary values are the
    canonical form, exactly. Quadrature in balls at one point is compared besides. Where the antiderivative
    does not verify the form, quadrature at several points decides between disproved, enclosed and open.
    """
    return _proved_once(Written(integral), str(integral.canonical))


@lru_cache(maxsize=256)
def _proved_once(written: Written, form_text: str) -> Proof:
    integral = written.integral
    if not integral.variables:
        return Proof("closed form", SAME, form_text, "a logarithm by definition", "proved")
    if not _is_certified(integral):
        return compare_closed_form(integral)
    besides = compare_closed_form(integral, 1, EXTRA_BITS)
    if besides.verdict == "disproved":
        return besides
    method = f"{CERTIFIED}; {besides.method} besides" if besides.verdict == "enclosed" else CERTIFIED
    return Proof("closed form", SAME, form_text, method, "proved")


def _is_certified(integral: FeynmanIntegral) -> bool:
    """True when the boundary values of a verified antiderivative are the canonical form."""
    powers, log, delta = dict(integral.powers), integral.log, integral.delta
    try:
        if len(integral.variables) == 1:
            found = certified(powers, log, delta, integral.variables[0][0])
        else:
            found = certified_simplex(powers, log, delta)
    except ArithmeticError:  # no antiderivative of this kind is known
        return False
    return found is not None and found.scale(Frac.of(1, integral.divisor)) == integral.canonical


def compare_closed_form(
    integral: FeynmanIntegral, count: int | None = None, bits: int | None = None
) -> Proof:
    """Compare a canonical form with direct quadrature of its integrand, in balls at random rational points.

    Parameters: ``count`` of points and correct ``bits`` asked of both sides; by default more over one
    Feynman parameter than over two.
    """
    form, nested = integral.canonical, len(integral.variables) > 1
    text = str(form)
    count = count or (1 if nested else POINTS)
    bits = bits or (NESTED_BITS if nested else BITS)
    points = random_points(form, integral.every_slot)
    for _ in range(count):
        point = next(points)
        direct = integrate_ball(integral, point, bits)
        closed = form_ball(form, point, bits)
        if not direct.overlaps(closed):
            return Proof("closed form", SAME, text, _method(count, bits), "disproved")
        if min(direct.rel_accuracy_bits(), closed.rel_accuracy_bits()) < bits:
            return Proof("closed form", SAME, text, "the balls stayed too wide", "open")
    return Proof("closed form", SAME, text, _method(count, bits), "enclosed")


def _method(count: int, bits: int) -> str:
    many = "1 random rational point" if count == 1 else f"{count} random rational points"
    return f"enclosure in balls at {many}, {int(bits * 0.30103)} digits"


def prove_equal(left: ClosedForm, right: ClosedForm, statement: str, result: str) -> Proof:
    """Decide whether two closed forms are the same function of the masses.

    The canonical form decides equality; a difference is confirmed by two disjoint balls.
    """
    difference = left - right
    if difference.is_zero:
        return Proof("identity", statement, result, EXACT, "proved")
    names = left.generators | right.generators
    points = random_points(difference, [Slot(name, 2) for name in names])
    for _, point in zip(range(POINTS), points, strict=False):
        a, b = form_ball(left, point, BITS), form_ball(right, point, BITS)
        if a.is_finite() and b.is_finite() and not a.overlaps(b):
            shown = ", ".join(f"{n} = {v}" for n, v in point.items())
            return Proof("identity", statement, result, f"disjoint balls at {shown}", "disproved")
    return Proof("identity", statement, result, "neither the canonical form nor balls decide it", "open")


def prove_remainder(
    form: ClosedForm,
    found: Expansion,
    positive: tuple[Frac, ...] = (),
    count: int = 2,
    reach: Fraction | None = None,
    claim: tuple[Fraction, Fraction] | None = None,
) -> Proof:
    """Bound what a truncated series leaves out, over a range of t or at random rational points.

    Parameters: ``form`` and ``found``, its expansion; ``positive``, assumed besides. With ``reach`` the bound
    |form - series| <= t^end (a + b |ln t|) is proved for 0 < t <= reach, no mass being symbolic: with a and b
    of ``claim``, or the least that are found. Without, what is left out is compared with rigorous bounds at
    ``count`` points, which at best is enclosed.
    Raises UnsupportedError where the range holds a singularity.
    """
    end = "nothing is left out" if found.end is None else f"what is left out beyond t^{found.end}"
    if reach is not None and found.end is not None:
        bound = bound_of(form, found, reach, positive)
        if bound is not None or claim is not None:
            return _over_range(form, found, reach, bound, claim)
    points = list(remainder_points(form, found, positive, count))
    inside = [point.inside for point in points]
    verdict: Verdict = "disproved" if False in inside else "open"
    if points and all(inside):
        verdict = "enclosed"
    shown = "; ".join(
        f"t = {float(p.t):.3g}: {float(p.gap.mid()):.3g}, bound {float(p.bound.mid()):.3g}" for p in points
    )
    method = f"majorants (rigorous), compared in balls at {len(points)} random rational points"
    return Proof("remainder", f"{end} stays within its bound", shown, method, verdict)


def _over_range(
    form: ClosedForm,
    found: Expansion,
    reach: Fraction,
    bound: RangeBound | None,
    claim: tuple[Fraction, Fraction] | None,
) -> Proof:
    """Compare a claim with what is proved; where it is more, one point at which it fails disproves it."""
    if claim is None:
        assert bound is not None
        claim = rounded_up(bound.plain), rounded_up(bound.log)
    plain, log = claim
    statement = f"what is left out beyond t^{found.end}, for 0 < t <= {reach}"
    result = f"at most t^{found.end} ({decimal_text(plain, 12)} + {decimal_text(log, 12)} |ln t|)"
    with working_precision(2 * BITS):
        if bound is not None and bound.plain <= number(plain) and bound.log <= number(log):
            return Proof("remainder", statement, result, RANGE, "proved")
        for share in (1, Fraction(1, 2), Fraction(1, 10), Fraction(1, 1000)):
            t = reach * share
            stated = number(t) ** number(found.end) * (number(plain) + number(log) * abs(number(t).log()))
            if left_out(form, found, t) > stated:
                shown = f"more than stated at t = {decimal_text(t, 6)}, in balls"
                return Proof("remainder", statement, result, shown, "disproved")
    reason = "the series is not verified" if bound is None else "what is proved is larger"
    return Proof("remainder", statement, result, reason, "open")


@lru_cache(maxsize=1024)
def enclosed_remainder(form: ClosedForm, path: Path, end: Fraction, positive: tuple[Frac, ...]) -> Proof:
    """Compare what the expansion below t^end leaves out with its bound at points; see `prove_remainder`."""
    return prove_remainder(form, confirmed_expansion(form, path, end, positive), positive)
