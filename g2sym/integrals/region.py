"""Where the masses that stay symbolic are: signs of rational functions near an expansion point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import product

from g2sym.base.classes import dataclass, field
from g2sym.base.factors import rational
from g2sym.errors import UnsupportedError
from g2sym.integrals.canonical import ClosedForm
from g2sym.integrals.laurent import Local
from g2sym.integrals.rational import Frac, Poly

_TRIES = tuple(Fraction(p, q) for p, q in ((1, 2), (2, 1), (1, 5), (5, 1), (1, 40), (40, 1), (1, 1)))
_NEAR = Fraction(1, 1 << 40)


@dataclass
class Region:
    """Sample points of the masses that stay symbolic, at all of which the integral is real near the point.

    ``conditions`` collects the rational functions whose sign decided something; each is positive
    where the result holds.
    """

    samples: list[dict[str, Fraction]]
    conditions: list[Frac] = field(default_factory=list)

    def sign(self, value: Frac) -> int:
        """Return the sign that a rational function has at every sample, and record the condition.

        Raises UnsupportedError when samples disagree.
        """
        signs = {_sign(at(value, sample)) for sample in self.samples} - {0}
        if len(signs) != 1:
            raise UnsupportedError(
                f"The result depends on the sign of {value}; give the remaining masses values."
            )
        (found,) = signs
        needed = _essential(value, self.samples[0])
        if needed is not None and needed not in self.conditions:
            self.conditions.append(needed)
        return found


def at(value: Frac, sample: Mapping[str, Fraction]) -> Fraction:
    """Return the exact value of a rational function at rational masses."""
    return Fraction(value.fold(sample.__getitem__, rational))


def _essential(value: Frac, sample: Mapping[str, Fraction]) -> Frac | None:
    """Return the part whose sign is not manifest, oriented to be positive at the sample; None if all is."""
    from g2sym.integrals.values import factors

    out = Frac.of(1)
    for base, power in factors(value)[1]:
        if power % 2 and not _manifest(Frac.of(base)):
            out = out * Frac.of(base)
    if out == Frac.of(1):
        return None
    return out if at(out, sample) > 0 else -out


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)


def _manifest(value: Frac) -> bool:
    """True when positivity for positive masses shows in the coefficients."""
    return all(c > 0 for side in (value.num, value.den) for c in side.to_dict().values())


def symbols(polys: Iterable[Poly]) -> set[str]:
    """Return the names of the generators that occur."""
    return set().union(*(poly.generators for poly in polys))


def region(form: ClosedForm, path: Mapping[str, Local], positive: Iterable[Frac] = ()) -> Region:
    """Find sample points for the masses that a path leaves symbolic.

    Parameters: ``form``, in canonical form; ``path``, Laurent polynomials in t for the moving masses;
    ``positive``, what is assumed to be positive (a mass that the path tends to).
    Raises UnsupportedError when the path runs above threshold for all of them.
    """
    moving = [c for local in path.values() for c in local.values()]
    names = form.generators - set(path) | symbols([p for c in moving for p in (c.num, c.den)])
    order = sorted(names)
    found = []
    assumed = [p for p in positive if not _manifest(p)]
    for choice in product(_TRIES if len(order) < 3 else _TRIES[:4], repeat=len(order)):
        sample = dict(zip(order, choice, strict=True))
        if all(at(p, sample) > 0 for p in assumed) and _above(form, path, sample):
            found.append(sample)
    if not found:
        raise UnsupportedError(
            "The limit lies above threshold, where the lepton can decay into the loop: limits and series are "
            "made below it; evaluate() gives values on either side."
        )
    return Region(found, list(assumed))


def _above(form: ClosedForm, path: Mapping[str, Local], sample: Mapping[str, Fraction]) -> bool:
    """True when every T and logarithm of the form is real and every pole is missed close to the point."""
    try:
        near = {
            name: sum((at(c, sample) * _NEAR**e for e, c in local.items()), Fraction(0))
            for name, local in path.items()
        }
    except ZeroDivisionError:
        return False
    return real_at(form, {**sample, **near})


def real_at(form: ClosedForm, values: Mapping[str, Fraction]) -> bool:
    """True when every logarithm and T of a form is real at rational masses, and no pole is met."""

    def of(poly: Poly) -> Fraction:
        return Fraction(poly.fold(values.__getitem__, rational))

    if any(of(argument) <= 0 for argument, _ in form.logs):
        return False
    if any(of(f.den) == 0 for f in (form.rational, *(f for _, f in form.logs), *(f for _, f in form.arcs))):
        return False
    for (d0, d1), _ in form.arcs:
        a, b = of(d0), of(d1)
        u = a + b - 1
        if a <= 0 or b <= 0 or (u < 0 and u * u >= 4 * a * b):
            return False
    return True
