"""Statements about integrals, verified: exactly in the canonical form, else by balls at rational points.

The points are random but seeded, so that a proof is reproducible; precision and number are stated in
the method.
"""

from __future__ import annotations

from functools import lru_cache

from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.expansion import Expansion
from g2sym.integrals.feynman import FeynmanIntegral, Slot
from g2sym.integrals.rational import Frac
from g2sym.kernels.confirmed import BITS, form_ball, random_points, remainder_points
from g2sym.kernels.kernel import Written
from g2sym.kernels.quadrature import integrate_ball
from g2sym.proofs.verdict import EXACT, Proof, Verdict

POINTS = 3
NESTED_BITS = 80
"""Correct bits asked of both sides over two Feynman parameters, where quadrature is nested."""


def prove_closed_form(integral: FeynmanIntegral) -> Proof:
    """Compare the closed form of an integral with direct quadrature of its integrand, in balls."""
    return _proved_once(Written(integral), str(integral.canonical))


@lru_cache(maxsize=256)
def _proved_once(written: Written, form_text: str) -> Proof:
    integral = written.integral
    statement = "closed form equals the integral of the integrand"
    form = integral.canonical
    if not integral.variables:
        return Proof("closed form", statement, form_text, "a logarithm by definition", "proved")
    bits = BITS if len(integral.variables) == 1 else NESTED_BITS
    count = POINTS if len(integral.variables) == 1 else 1
    points = random_points(form, integral.every_slot)
    for _ in range(count):
        point = next(points)
        direct = integrate_ball(integral, point, bits)
        closed = form_ball(form, point, bits)
        if not direct.overlaps(closed):
            return Proof("closed form", statement, form_text, _method(count, bits), "disproved")
        if min(direct.rel_accuracy_bits(), closed.rel_accuracy_bits()) < bits:
            return Proof("closed form", statement, form_text, "the balls stayed too wide", "open")
    return Proof("closed form", statement, form_text, _method(count, bits), "proved")


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
    form: ClosedForm, found: Expansion, positive: tuple[Frac, ...] = (), count: int = 2
) -> Proof:
    """Compare what a truncated series leaves out with its rigorous bound at random rational points."""
    end = "nothing is left out" if found.end is None else f"what is left out beyond t^{found.end}"
    points = list(remainder_points(form, found, positive, count))
    inside = [point.inside for point in points]
    verdict: Verdict = "disproved" if False in inside else "open"
    if points and all(inside):
        verdict = "proved"
    shown = "; ".join(
        f"t = {float(p.t):.3g}: {float(p.gap.mid()):.3g}, bound {float(p.bound.mid()):.3g}" for p in points
    )
    method = f"majorants (rigorous), compared in balls at {len(points)} random rational points"
    return Proof("remainder", f"{end} stays within its bound", shown, method, verdict)
