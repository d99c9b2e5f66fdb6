"""Integrals over one Feynman parameter as sums of four positive functions of two masses.

With D = d0 (1 - x) + d1 x - x (1 - x) and J_ab = int_0^1 x^a (1 - x)^b/D dx, a cubic over D is a sum of
J21, J11, J20 and J02, exactly: x^2 (1 - x), x (1 - x), x^2 and (1 - x)^2 span the cubics. Here d0 is the
squared mass of the boson and d1 that of the fermion, over that of the external lepton; where the photon joins
the boson, x and 1 - x change places.
"""

from __future__ import annotations

from collections.abc import Mapping

from g2sym.base.classes import dataclass
from g2sym.integrals.feynman import FeynmanIntegral, combine
from g2sym.integrals.rational import Frac, Poly, by_powers, constant, gen, substitute

FUNCTIONS = ((2, 1), (1, 1), (2, 0), (0, 2))
"""The powers a of x and b of 1 - x in J_ab."""

Powers = tuple[int, int]


@dataclass(frozen=True)
class Reduction:
    """An integral as the sum of ``coefficients`` times J_ab, keyed by (a, b).

    ``boson`` is the slot whose value is d0; ``fermion`` the slot whose square is d1, or "" where d1 is 1.
    Coefficients are in the slots.
    """

    coefficients: Mapping[Powers, Frac]
    boson: str
    fermion: str

    @property
    def growing(self) -> bool:
        """True when J20, infinite for a massless fermion, has a coefficient that does not vanish there."""
        factor = self.coefficients.get((2, 0))
        if factor is None:
            return False
        return not self.fermion or substitute(factor.num, {self.fermion: constant(0)}) != 0


def reduce(integral: FeynmanIntegral) -> Reduction | None:
    """Return an integral as a sum of the four functions, None for one of another form.

    Parameters: ``integral``, of one Feynman parameter. The sum equals its integrand identically in the
    Feynman parameter and in the masses, up to integration by parts of a logarithm without boundary.
    """
    if len(integral.variables) != 1:
        return None
    x, unit = gen(integral.variables[0][0]), constant(1)
    name = integral.variables[0][0]
    numerator = combine(dict(integral.powers), integral.log, integral.delta, name)
    if numerator is None:
        return None
    delta = integral.delta
    squared = {s.name for s in integral.every_slot if s.power == 2}
    boson = next((n for n in sorted(squared) if gen(n) in _ends(delta, name)), "")
    if not boson:
        return None
    if _ends(delta, name)[0] != gen(boson):
        flip = {name: unit - x}
        numerator, delta = substitute(numerator, flip), substitute(delta, flip)
    square = _ends(delta, name)[1]
    fermion = next((s.name for s in integral.every_slot if s.power == 1 and gen(s.name) ** 2 == square), "")
    if not fermion and square != 1:
        return None
    if delta != gen(boson) * (unit - x) + square * x - x * (unit - x):
        return None
    parts = by_powers(numerator, name)
    if max(parts, default=0) > 3:
        return None
    n0, n1, n2, n3 = (parts.get(k, constant(0)) for k in range(4))
    found = {(2, 1): -n3, (1, 1): n1 + 2 * n0, (2, 0): n3 + n2 + n1 + n0, (0, 2): n0}
    whole = sum((c * x**a * (unit - x) ** b for (a, b), c in found.items()), constant(0))
    if whole != numerator:
        raise ArithmeticError("a cubic is not the sum of its parts")
    kept = {key: Frac.of(c, integral.divisor) for key, c in found.items() if c != 0}
    if not all(_is_laurent(c.den) for c in kept.values()):
        return None
    # a third mass would be no argument of the sum
    if not all(
        {n for part in (c.num, c.den) for n in part.generators} <= {boson, fermion} for c in kept.values()
    ):
        return None
    return Reduction(kept, boson, fermion)


def _ends(delta: Poly, name: str) -> tuple[Poly, Poly]:
    return substitute(delta, {name: constant(0)}), substitute(delta, {name: constant(1)})


def _is_laurent(poly: Poly) -> bool:
    """True for a single monomial."""
    return len(poly.to_dict()) == 1
