"""Statements about integrals, verified: exactly in the canonical form, else by balls at rational points.

The points are random but seeded, so that a proof is reproducible; precision and number are stated in
the method.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from random import Random
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import MAX_BITS, working_precision
from g2sym.errors import CheckFailed, UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.expansion import Expansion, expand
from g2sym.integrals.feynman import FeynmanIntegral
from g2sym.integrals.laurent import Local
from g2sym.integrals.rational import Frac
from g2sym.integrals.region import at, region, symbols
from g2sym.kernels.closed import arc, number
from g2sym.kernels.quadrature import integrate_ball
from g2sym.kernels.remainder import (
    fixed,
    fixed_path,
    radius_of_convergence,
    remainder,
    series_ball,
)
from g2sym.proofs.verdict import EXACT, Proof, Verdict

if TYPE_CHECKING:
    from flint import arb

POINTS = 3
BITS = 192
"""Correct bits (57 digits) asked of both sides of a comparison over one Feynman parameter."""
NESTED_BITS = 80
"""The same over two Feynman parameters, where quadrature is nested."""

Path = tuple[tuple[str, tuple[tuple[int, Frac], ...]], ...]


def freeze(path: Mapping[str, Local]) -> Path:
    """Return a path as nested tuples."""
    return tuple((n, tuple(sorted(local.items()))) for n, local in sorted(path.items()))


def thaw(path: Path) -> dict[str, Local]:
    """Return a frozen path as mappings."""
    return {n: dict(local) for n, local in path}


def form_ball(form: ClosedForm, values: Mapping[str, Fraction], bits: int) -> arb:
    """Return a canonical form as a ball with at least ``bits`` correct bits, where it is not zero."""
    work = 2 * bits + 60
    while True:
        with working_precision(work):
            exact = {n: number(v) for n, v in values.items()}
            result: arb = form.fold(exact.__getitem__, number, lambda a: a.log(), arc)
        if result.rel_accuracy_bits() >= bits or result.is_exact() or 2 * work > MAX_BITS // 8:
            return result
        work *= 2


def _names(form: ClosedForm) -> set[str]:
    polys = [form.rational.num, form.rational.den]
    polys += [p for a, f in form.logs for p in (a, f.num, f.den)]
    polys += [p for ends, f in form.arcs for p in (*ends, f.num, f.den)]
    return symbols(polys)


def random_points(names: set[str], seed: int = 1) -> Iterator[dict[str, Fraction]]:
    """Yield random rational masses above threshold, over several orders of magnitude."""
    random = Random(seed)
    while True:
        point = {
            name: Fraction(random.randint(10**5, 10**6), 10**5) * Fraction(10) ** random.randint(-1, 2)
            for name in sorted(names)
        }
        if "nu" in point:
            point["nu"] = Fraction(random.randint(1, 4000), 1000)
        nu = point.get("nu", Fraction(1))
        if "rho" in point and nu < 1 and point["rho"] <= (1 - nu) ** 2:
            continue
        yield point


def prove_closed_form(integral: FeynmanIntegral) -> Proof:
    """Compare the closed form of an integral with direct quadrature of its integrand, in balls."""
    return _proved_once(_Written(integral))


class _Written:
    """An integral compared as it is written: two that merely have one closed form are not the same here."""

    def __init__(self, integral: FeynmanIntegral) -> None:
        self.integral = integral
        parts = (integral.variables, integral.delta, integral.powers, integral.log, integral.divisor)
        self.text = f"{[str(p) for p in parts]} {integral.canonical}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Written) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


@lru_cache(maxsize=256)
def _proved_once(written: _Written) -> Proof:
    integral = written.integral
    statement = "closed form equals the integral of the integrand"
    form = integral.canonical
    if not integral.variables:
        return Proof("closed form", statement, str(form), "a logarithm by definition", "proved")
    bits = BITS if len(integral.variables) == 1 else NESTED_BITS
    count = POINTS if len(integral.variables) == 1 else 1
    names = _names(form) | symbols([integral.delta, integral.divisor, *(p for _, p in integral.powers)])
    points = random_points(names & {"rho", "nu", "zeta"})
    for _ in range(count):
        point = next(points)
        direct = integrate_ball(integral, point, bits)
        closed = form_ball(form, point, bits)
        if not direct.overlaps(closed):
            return Proof("closed form", statement, str(form), _method(count, bits), "disproved")
        if min(direct.rel_accuracy_bits(), closed.rel_accuracy_bits()) < bits:
            return Proof("closed form", statement, str(form), "the balls stayed too wide", "open")
    return Proof("closed form", statement, str(form), _method(count, bits), "proved")


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
    for _, point in zip(range(POINTS), random_points(_names(left) | _names(right)), strict=False):
        a, b = form_ball(left, point, BITS), form_ball(right, point, BITS)
        if a.is_finite() and b.is_finite() and not a.overlaps(b):
            shown = ", ".join(f"{n} = {v}" for n, v in point.items())
            return Proof("identity", statement, result, f"disjoint balls at {shown}", "disproved")
    return Proof("identity", statement, result, "neither the canonical form nor balls decide it", "open")


@lru_cache(maxsize=1024)
def confirmed_expansion(
    form: ClosedForm, path: Path, end: Fraction, positive: tuple[Frac, ...] = ()
) -> Expansion:
    """Expand a closed form and confirm the result in balls before it is returned.

    Parameters: as for `g2sym.integrals.expansion.expand`, the path frozen. The truncated series, at
    random rational masses inside its radius of convergence, must lie within its rigorous remainder
    bound of the closed form. Raises CheckFailed should it not.
    """
    local = thaw(path)
    found = expand(form, local, end, positive)
    confirmed = 0
    for point in remainder_points(form, found, positive, 1):
        if point.inside is False:
            raise CheckFailed(f"The expansion of {form} leaves its remainder bound at t = {point.t}.")
        confirmed += point.inside is True
    if not confirmed:
        raise CheckFailed(f"The expansion of {form} could not be confirmed in balls.")
    return found


@dataclass(frozen=True)
class RemainderPoint:
    """A truncated series compared with its closed form at one point.

    ``bound`` is the rigorous bound on what was left out, ``gap`` encloses what was left out.
    """

    t: Fraction
    masses: Mapping[str, Fraction]
    bound: arb
    gap: arb

    @property
    def inside(self) -> bool | None:
        """True when the gap is within the bound as far as its ball tells, False when it is outside.

        None when the ball is too wide to mean anything.
        """
        if self.gap > self.bound:
            return False
        slack = abs(self.gap.rad())
        return True if self.bound == 0 or slack < self.bound / 1000 else None


def remainder_points(
    form: ClosedForm, found: Expansion, positive: tuple[Frac, ...], count: int, seed: int = 2
) -> Iterator[RemainderPoint]:
    """Compare a truncated series with its closed form at random rational points inside convergence.

    Parameters: ``form`` and ``found``, its expansion; ``positive``, assumed besides; ``count`` of points.
    """
    reach = Fraction(1000) if found.end is None else Fraction(found.end)
    random = Random(seed)
    samples = region(form, found.path, positive).samples
    done = 0
    for attempt in range(4 * count):
        if done == count:
            return
        sample = dict(samples[random.randrange(len(samples))])
        sample = {k: v * Fraction(random.randint(96, 104), 100) for k, v in sample.items()}
        share = Fraction(random.randint(20, 60), 1000 * (1 + 9 * (attempt % 2)))
        try:
            point = _compare(form, found, reach, sample, share)
        except (ZeroDivisionError, UnsupportedError):  # the sample left the region: take another
            continue
        done += 1
        yield point


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


def _compare(
    form: ClosedForm, found: Expansion, reach: Fraction, sample: Mapping[str, Fraction], share: Fraction
) -> RemainderPoint:
    here, path = fixed(form, sample), fixed_path(found.path, sample)
    with working_precision(64):
        radius = radius_of_convergence(here, path)
    size = Fraction(1) if radius is None else _fraction(radius)
    t = (size * share).limit_denominator(10**8) or size * share
    bound = remainder(here, path, reach, t)
    masses = {n: sum((at(c, {}) * t**e for e, c in local.items()), Fraction(0)) for n, local in path.items()}
    extra = 0 if bound == 0 else max(0, -int(float(bound.log().mid()) * 1.4427))
    exact = form_ball(here, masses, BITS + extra)
    with working_precision(2 * (BITS + extra)):
        gap = abs(exact - series_ball(found, t, sample))
    return RemainderPoint(t, sample, bound, gap)


def _fraction(value: Any) -> Fraction:
    size = float(value.mid()) * 0.999
    return Fraction(size) if 0 < size < 1e300 else Fraction(1, 1000)
