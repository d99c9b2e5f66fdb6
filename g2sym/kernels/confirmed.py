"""Expansions certified, and with closed forms compared in balls at random rational masses, before use.

The points are random but seeded, so that a comparison is reproducible.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from g2sym.base.balls import MAX_BITS, number, working_precision
from g2sym.base.classes import dataclass, replace
from g2sym.errors import CheckFailed, UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.certificate import certify
from g2sym.integrals.expansion import Expansion, expand
from g2sym.integrals.feynman import Slot
from g2sym.integrals.laurent import Local
from g2sym.integrals.rational import Frac
from g2sym.integrals.region import at, real_at, region
from g2sym.kernels.remainder import fixed, fixed_path, radius_of_convergence, remainder, series_ball
from g2sym.kernels.slices import arc

if TYPE_CHECKING:
    from flint import arb

BITS = 192
"""Correct bits (57 digits) asked of both sides of a comparison."""

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
    sizes = [abs(v.numerator.bit_length() - v.denominator.bit_length()) for v in values.values()]
    most = max(MAX_BITS // 8, 16 * max(sizes, default=0))
    while True:
        with working_precision(work):
            exact = {n: number(v) for n, v in values.items()}
            result: arb = form.fold(exact.__getitem__, number, lambda a: a.log(), arc)
        if result.rel_accuracy_bits() >= bits or result.is_exact() or 2 * work > most:
            return result
        work *= 2


def random_points(form: ClosedForm, slots: Iterable[Slot], seed: int = 1) -> Iterator[dict[str, Fraction]]:
    """Yield random rational masses at which a form is real: squared ones over several orders of magnitude.

    Parameters: ``slots``, the names to be given values; a name that the form holds besides is a squared mass.
    """
    from random import Random  # read only where something is compared

    random = Random(seed)
    powers = {**dict.fromkeys(form.generators, 2), **{s.name: s.power for s in slots}}
    while True:
        point = {
            name: Fraction(random.randint(10**5, 10**6), 10**5) * Fraction(10) ** random.randint(-1, 2)
            if powers[name] == 2
            else Fraction(random.randint(1, 4000), 1000)
            for name in sorted(powers)
        }
        if real_at(form, point):
            yield point


@lru_cache(maxsize=1024)
def confirmed_expansion(
    form: ClosedForm, path: Path, end: Fraction, positive: tuple[Frac, ...] = ()
) -> Expansion:
    """Expand a closed form and prove the result before it is returned.

    Parameters: as for `g2sym.integrals.expansion.expand`, the path frozen. The truncated series must be right
    to its order (`g2sym.integrals.certificate.certify`), and besides, at random rational masses inside its
    radius of convergence, lie within its rigorous remainder bound of the closed form. Raises CheckFailed
    should it not.
    """
    local = thaw(path)
    found = expand(form, local, end, positive)
    if certify(form, found, positive) is None:
        raise CheckFailed(f"The expansion of {form} could not be certified.")
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
    from random import Random

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


def _compare(
    form: ClosedForm, found: Expansion, reach: Fraction, sample: Mapping[str, Fraction], share: Fraction
) -> RemainderPoint:
    here, path = fixed(form, sample), fixed_path(found.path, sample)
    with working_precision(64):
        radius = radius_of_convergence(here, path)
    size = Fraction(1) if radius is None else _fraction(radius)
    t = (size * share).limit_denominator(10**8) or size * share
    bound = remainder(here, path, reach, t)
    extra = 0 if bound == 0 else max(0, -int(float(bound.log().mid()) * 1.4427))
    work = 2 * (BITS + extra)
    while True:
        with working_precision(work):
            gap = left_out(here, replace(found, path=path), t, sample, extra)
        point = RemainderPoint(t, sample, bound, gap)
        if point.inside is not None or work > MAX_BITS // 8:
            return point
        work *= 2  # far from the lepton's mass the terms of a series cancel


def left_out(
    form: ClosedForm,
    found: Expansion,
    t: Fraction,
    values: Mapping[str, Fraction] = MappingProxyType({}),
    extra: int = BITS,
) -> arb:
    """Return |form - series| at one t as a ball, at the precision in force.

    Parameters: ``form`` and the path of ``found`` without symbolic masses; ``values`` of those that are
    symbolic in the terms of the series; ``extra`` bits asked of the form.
    """
    path = found.path
    masses = {n: sum((at(c, {}) * t**e for e, c in local.items()), Fraction(0)) for n, local in path.items()}
    return abs(form_ball(form, masses, BITS + extra) - series_ball(found, t, values))


def _fraction(value: Any) -> Fraction:
    size = float(value.mid()) * 0.999
    return Fraction(size) if 0 < size < 1e300 else Fraction(1, 1000)
