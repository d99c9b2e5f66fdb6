"""Electric dipole moments that are zero by a theorem: which one, said with the result."""

from __future__ import annotations

from collections.abc import Iterable

from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.terms import Term
from g2sym.errors import UsageError
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.values import Values

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.derive.sectors import Sector, Test


def is_electric(amplitude: Amplitude) -> bool:
    """True for an electric dipole moment, its imaginary part included."""
    return amplitude.name.startswith("d(")


def why_no_dipole(amplitude: Amplitude, known: Values, keep: frozenset[str] = frozenset()) -> str | None:
    """Return a sentence that says why an electric dipole moment is exactly zero at given values.

    Parameters: ``known``, values; ``keep``, names that stay symbols: then it is zero for all their values.
    None where it is not, or not by a theorem about each loop alone: definite parity, one chirality,
    relatively real couplings, a massless internal fermion. Nothing is said either where a part that is not
    derived is not zero, and where every coupling is.
    """

    def zero(coefficient: Coefficient) -> bool:
        found = known.expand(coefficient, keep)
        return all(_is_zero(part, known, keep) for part in (found.real(), found.imag()))

    if not is_electric(amplitude) or not _all_vanish(amplitude.terms, zero) or amplitude.missing(known):
        return None
    alive = [s for s in electric_sectors(amplitude) if not s.is_absent(zero)]
    reasons: dict[str, list[str]] = {}
    for sector in alive:
        reason = sector.reason(zero)
        if reason is None:
            return None
        if sector.name not in reasons.setdefault(reason, []):
            reasons[reason].append(sector.name)
    if not reasons:
        return None
    listed = "; ".join(f"{reason} in {', '.join(names)}" for reason, names in reasons.items())
    return f"{amplitude.label} is exactly zero, by {listed}."


def _is_zero(coefficient: Coefficient, known: Values, keep: frozenset[str]) -> bool:
    """Decide by a ball where that tells, and by algebra alone where a symbol has no value."""
    if coefficient.symbols & keep:
        return vanishes(coefficient)
    try:
        return known.vanishes(coefficient)
    except UsageError:
        return vanishes(coefficient)


def electric_sectors(amplitude: Amplitude) -> list[Sector]:
    """Return the couplings that decide about CP in one lepton's electric dipole moment."""
    from g2sym.derive.sectors import sectors  # the derivation, which a point from the cache does not need

    return sectors(amplitude.declaration, amplitude.lepton, amplitude.conventions)


def _all_vanish(terms: Iterable[Term], zero: Test) -> bool:
    return all(zero(t.coefficient) or _massless(t, zero) for t in terms)


def _massless(term: Term, zero: Test) -> bool:
    """True where the internal fermion is massless and the kernel vanishes there, identically."""
    mass = term.masses.of_power(1)
    return mass is not None and zero(Coefficient.symbol(mass)) and vanishes_massless(term)


def vanishes_massless(term: Term) -> bool:
    """True where a term's integral is zero for a massless internal fermion, whatever the other masses."""
    from g2sym.derive.topology import INTERNAL
    from g2sym.integrals.rational import constant

    if INTERNAL not in term.integral.slots:
        return False
    return term.integral.substitute({INTERNAL.name: constant(0)}).canonical.is_zero
