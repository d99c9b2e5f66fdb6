"""Theorems about electric dipole moments, stated for a model where they apply.

A loop's electric dipole moment is a multiple of Im(C5 C^*) for the couplings C and C5 of either parity, and
of the internal fermion's mass: it is zero for definite parity, one chirality, relatively real couplings and a
massless fermion. A pair of couplings, to the lepton and to two gauge bosons, is the same without the fermion.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from g2sym.base.coefficients import Coefficient
from g2sym.base.relations import vanishes
from g2sym.derive.assemble import FOUR_DIMENSIONAL, barr_zee_kernel
from g2sym.derive.barr_zee import Z
from g2sym.derive.dirac import BOSON
from g2sym.derive.sectors import PLAIN, Sector
from g2sym.derive.terms import Term
from g2sym.derive.topology import ORDERS
from g2sym.model.observable import Observable
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.no_dipole import electric_sectors, vanishes_massless
from g2sym.proofs.integrals import prove_equal
from g2sym.proofs.verdict import Proof, Verdict

METHOD = "exact algebra: the coefficient of every electric kernel, and the kernels at zero mass"
BARR_ZEE = "barr-zee"


def electric_statements(moment: Observable) -> Iterator[tuple[str, Proof]]:
    """Yield what is known of a lepton's electric dipole moment without its value, each with its part.

    Parameters: ``moment``, d(l) of a model. A loop or pair without couplings brings no statement.
    """
    amplitude = moment.quantity.single
    assert amplitude is not None  # d(l) is one
    groups: dict[str, list[Sector]] = {}
    for sector in electric_sectors(amplitude):
        if not sector.is_absent(vanishes):
            groups.setdefault(sector.name, []).append(sector)
    for name, some in groups.items():
        part = f"{amplitude.name}, {name}"
        terms = _terms(amplitude, name)
        reasons = list(dict.fromkeys(sector.reason(vanishes) for sector in some))
        if None in reasons:
            yield part, _conditional(amplitude, name, some, terms)
            if name.startswith(BARR_ZEE):
                yield part, duality(name.startswith(Z))
        else:
            yield part, _identical(amplitude, name, [r for r in reasons if r is not None], terms)


def _terms(amplitude: Amplitude, name: str) -> tuple[Term, ...]:
    """Return the terms that a sector's couplings feed, without logarithms of the cut-off."""
    if name.startswith(BARR_ZEE):
        contribution, _, boson = name.partition(" of ")
        found = amplitude.contributions.get(contribution)
        own = [t for t in found.terms if t.integral.diagram.boson == boson] if found else []
    else:
        found = amplitude.loops.get(name) or amplitude.contributions.get(name)
        own = list(found.terms) if found else []
    return tuple(t for t in own if not t.integral.is_logarithm)


def _identical(amplitude: Amplitude, name: str, reasons: Iterable[str], terms: Iterable[Term]) -> Proof:
    """State that a sector's electric dipole moment is zero, whatever the values are."""
    left = [t for t in terms if not vanishes(t.coefficient)]
    verdict: Verdict = "disproved" if left else "proved"
    statement = f"{amplitude.label} = 0 from {name}: {' and '.join(reasons)}"
    shown = "0 for all values" if not left else f"{len(left)} terms are left"
    return Proof("zero", statement, shown, METHOD, verdict)


def _conditional(amplitude: Amplitude, name: str, some: Iterable[Sector], terms: tuple[Term, ...]) -> Proof:
    """State when a sector's electric dipole moment is zero: where all that multiplies its kernels is."""
    sectors = list(some)
    parts = [p.imag() for s in sectors for p in s.products]
    candidates = [*parts, sum(parts, Coefficient.number(0))]
    couplings = frozenset(amplitude.declaration.parameters) | {
        n for p in amplitude.declaration.parameters.values() for n in p.symbols
    }
    masses = {s.mass for s in sectors}
    own = {t.masses.of_power(1) for t in terms}
    massless = [m for m in masses if m in own] if None not in masses else []
    conditions = ["definite parity", "relatively real couplings"]
    if all(len({*s.even, *s.odd}) == 1 for s in sectors):  # else products of two strings are left
        conditions.insert(1, "one chirality")
    holds = all(any(_is_multiple(t.coefficient, c, couplings) for c in candidates) for t in terms)
    if all({*s.even, *s.odd} <= PLAIN for s in sectors) and massless:
        conditions += [f"{m} = 0" for m in massless]
        holds = holds and all(vanishes_massless(t) for t in terms)
    statement = f"{amplitude.label} from {name} is zero for {', '.join(conditions[:-1])} or {conditions[-1]}"
    result = "every term is a multiple of what these make zero" if holds else "not decided"
    return Proof("zero", statement, result, METHOD, "proved" if holds else "open")


def _is_multiple(coefficient: Coefficient, part: Coefficient, couplings: frozenset[str]) -> bool:
    """True where a coefficient is a combination of couplings times a number and masses."""
    if vanishes(coefficient):
        return True
    if vanishes(part):
        return False
    one = coefficient.numerator[0]
    below = Coefficient(part.denominator, Coefficient.number(1).numerator)
    scale = below / Coefficient(coefficient.denominator, Coefficient.number(1).numerator)
    unit = Coefficient.number(1).numerator
    for other in part.numerator:
        factor = Coefficient((one,), unit) / Coefficient((other,), unit) * scale
        if not factor.symbols & couplings and vanishes(coefficient - factor * part):
            return True
    return False


@lru_cache(maxsize=2)
def duality(massive: bool) -> Proof:
    """sigma^{ab} gamma5 = (i/2) eps^{abcd} sigma_cd: the dual tensor exchanges the two dipole moments."""
    proofs = []
    for order in ORDERS:
        plain, dual = (
            barr_zee_kernel((), (BOSON,), dual, order, massive, FOUR_DIMENSIONAL) for dual in (False, True)
        )
        proof = prove_equal(
            dual.canonical,
            -plain.canonical,
            "duality: X F Fdual gives d as X F F gives a, X with a scalar coupling, in four dimensions",
            "K_d(dual) = -K_a(plain) in both orders, logarithm of the cut-off included",
        )
        proofs.append(proof if (plain.pole + dual.pole).is_zero else replace(proof, verdict="disproved"))
    return next((p for p in proofs if p.verdict != "proved"), proofs[0])
