"""One-loop exchange by formulas of its own: integrands in both gauges' literature form, integrated in balls.

With e = m_F/m, r = (M/m)^2 and x the weight of the fermion (photon on it) or of the boson (photon on that), a
kernel is int_0^1 N/Delta: Leveille, Nucl. Phys. B 137 (1978) 63; Jegerlehner and Nyffeler, Phys. Rept. 477
(2009) 1. Two vertices of unlike parity give the electric dipole moment.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

from flint import acb, arb

from g2sym.base.balls import number, working_precision
from g2sym.derive.assemble import assemble, dipole_of
from g2sym.derive.dirac import BOSON
from g2sym.derive.topology import charged_exchange, neutral_exchange
from g2sym.kernels.kernel import Kernel

STRINGS = {"S": (), "P": ("5",), "V": (BOSON,), "A": ("5", BOSON)}
Numerator = Callable[[acb, arb, arb], acb]

FERMION: dict[str, Numerator] = {
    "SS": lambda x, r, e: 2 * x**2 * (1 - x + e),
    "PP": lambda x, r, e: -2 * x**2 * (1 - x - e),
    "SP": lambda x, r, e: 2 * e * x**2,
    "VV": lambda x, r, e: 4 * x * (1 - x) * (x - 2 + 2 * e) + 2 * (1 - e) ** 2 * x**2 * (1 - x + e) / r,
    "AA": lambda x, r, e: 4 * x * (1 - x) * (x - 2 - 2 * e) + 2 * (1 + e) ** 2 * x**2 * (1 - x - e) / r,
    "VA": lambda x, r, e: 2 * e * (x**2 * (1 - e**2) / r - 4 * x * (1 - x)),
}
"""N with the photon on the fermion; Delta = r (1 - x) + e^2 x - x (1 - x)."""
CHARGED: dict[str, Numerator] = {
    "SS": lambda x, r, e: -2 * x * (1 - x) * (x + e),
    "PP": lambda x, r, e: 2 * x * (1 - x) * (x - e),
    "SP": lambda x, r, e: -2 * e * x * (1 - x),
    "VV": lambda x, r, e: 4 * x**2 * (1 + x - 2 * e) - 2 * (1 - e) ** 2 * x * (1 - x) * (x + e) / r,
    "AA": lambda x, r, e: 4 * x**2 * (1 + x + 2 * e) - 2 * (1 + e) ** 2 * x * (1 - x) * (x - e) / r,
    "VA": lambda x, r, e: 2 * e * (4 * x**2 - x * (1 - x) * (1 - e**2) / r),
}
"""N with the photon on the boson; Delta = r x + e^2 (1 - x) - x (1 - x)."""
CASES = [(photon, pair) for photon in ("fermion", "boson") for pair in FERMION]


def kernel(photon: str, pair: str) -> Kernel:
    """Return the derived kernel."""
    exchange = neutral_exchange if photon == "fermion" else charged_exchange
    first, second = (STRINGS[letter] for letter in pair)
    return Kernel.of(assemble(exchange(first, second, int(pair[0] in "VA")), dipole_of(first, second)))


def numerator(photon: str, pair: str) -> Numerator:
    """Return N."""
    return (FERMION if photon == "fermion" else CHARGED)[pair]


def ends(photon: str, r: Fraction, e: Fraction) -> tuple[Fraction, Fraction]:
    """Return Delta at 0 and at 1."""
    return (r, e**2) if photon == "fermion" else (e**2, r)


def integral(photon: str, pair: str, r: Fraction, e: Fraction, bits: int) -> acb:
    """Integrate N/(Delta - i0) in balls: Delta as a completed square, on a contour with Im Delta < 0."""
    d0, d1 = ends(photon, r, e)
    middle = (1 + d0 - d1) / 2
    rest = d0 - middle**2
    with working_precision(bits):
        top, at, c = numerator(photon, pair), number(middle), number(rest)
        rho, nu = number(r), number(e)
        if 0 < middle < 1 and rest < 0:
            root = (-c).sqrt()
            # Im Delta = 2 (Re x - middle) Im x: above the axis on the left of the middle, below on the right
            path = [acb(0), acb(at - root, root / 2), acb(at), acb(at + root, -root / 2), acb(1)]
        else:
            path = [acb(0), acb(at if 0 < middle < 1 else number(Fraction(1, 2))), acb(1)]
        body = lambda x, _: top(x, rho, nu) / ((x - at) ** 2 + c)  # noqa: E731
        return sum((acb.integral(body, a, b, eval_limit=10**6) for a, b in pairwise(path)), acb(0))


def delta_part(photon: str, pair: str, r: Fraction, e: Fraction, bits: int) -> arb:
    """Return pi times the integral of N delta(Delta): the imaginary part from 1/(Delta - i0)."""
    d0, d1 = ends(photon, r, e)
    middle = (1 + d0 - d1) / 2
    with working_precision(bits):
        root = number(middle**2 - d0).sqrt()
        top = numerator(photon, pair)
        values = [top(acb(number(middle) + side * root), number(r), number(e)).real for side in (1, -1)]
        return arb.pi() * sum(values, arb(0)) / (2 * root)
