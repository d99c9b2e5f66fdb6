"""Wilson coefficients of the dipole operators from form factors and moments, in balls.

L = (e m1/2) lbar2 sigma^{ab} (A_L PL + A_R PR) l1 F_{ab} + h.c. (without the h.c. for one lepton), so that
a = m^2 (A_R + A_L) and d/e = (i m/2)(A_R - A_L). Below every threshold A_L = A_R^* for one lepton:

    A_R = a/(2 m^2) - i (d/e)/m.

In L = [L_egamma]_{ij} lbar_i sigma^{ab} PR l_j F_{ab} + h.c. (E. E. Jenkins, A. V. Manohar and P. Stoffer,
JHEP 03 (2018) 016, arXiv:1709.04486) the row is the lepton that comes out: [L_egamma]_{21} = e m1 A_R/2 and
[L_egamma]_{12} = e m1 A_L^*/2. In the basis of flavio (D. M. Straub, arXiv:1810.08132)
L = (4 G_F/sqrt2)(e m/16 pi^2) C7 lbar sigma^{ab} PR l F_{ab} + h.c., so C7 = 2 sqrt2 pi^2 A_R/G_F.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from g2sym.base.balls import number
from g2sym.base.classes import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flint import arb

Compute = Callable[[int], "arb"]
"""A real number as a function of the working precision in bits, called inside `working_precision`."""
Parts = tuple[Compute, Compute]
"""Real and imaginary part."""


@dataclass(frozen=True)
class FormFactors:
    """A_R and A_L of ``initial`` -> ``final`` gamma in GeV^-2; of one lepton where the two are equal."""

    initial: str
    final: str
    right: Parts
    left: Parts


def from_moments(lepton: str, a: Compute, d: Compute, mass: Fraction) -> FormFactors:
    """Return the form factors of one lepton below every threshold.

    Parameters: ``a``, its anomalous moment; ``d``, its electric dipole moment d/e in GeV^-1; ``mass`` in GeV.
    """
    re, im = _times(a, lambda: number(1 / (2 * mass**2))), _times(d, lambda: number(-1 / mass))
    return FormFactors(lepton, lepton, (re, im), (re, _negative(im)))


def l_egamma(factors: FormFactors, mass: Fraction, alpha_inverse: Fraction) -> dict[tuple[str, str], Parts]:
    """Return [L_egamma]_{ij} in GeV^-1 by (i, j), the lepton that comes out first.

    Parameters: ``mass`` of the initial lepton in GeV; ``alpha_inverse``, e being sqrt(4 pi/alpha_inverse).
    A transition has two, one lepton has one.
    """

    def half_em() -> arb:
        from flint import arb

        return (4 * arb.pi() / number(alpha_inverse)).sqrt() * number(mass / 2)

    re, im = (_times(part, half_em) for part in factors.right)
    found = {(factors.final, factors.initial): (re, im)}
    if factors.initial != factors.final:
        other_re, other_im = (_times(part, half_em) for part in factors.left)
        found[factors.initial, factors.final] = other_re, _negative(other_im)
    return found


def c7(factors: FormFactors, fermi: Fraction) -> Parts:
    """Return flavio's C7_ll of one lepton, a number; ``fermi`` is G_F in GeV^-2."""

    def scale() -> arb:
        from flint import arb

        return 2 * number(2).sqrt() * arb.pi() ** 2 / number(fermi)

    re, im = (_times(part, scale) for part in factors.right)
    return re, im


def _times(compute: Compute, factor: Callable[[], arb]) -> Compute:
    return lambda bits: compute(bits) * factor()


def _negative(compute: Compute) -> Compute:
    return lambda bits: -compute(bits)
