"""The dipole amplitudes of one lepton: its anomalous magnetic moment a(l) and electric dipole moment d(l).

L = -(i/2) d lbar sigma gamma5 l F, D = d + i e Q A: the engine's electric form factor f gives d = (e Q/2 m)
f, and d(l) is d/e. With L = -phi lbar (g_S + i g_P gamma5) l it is Q (m g_S g_P/8 pi^2) times int
(1-x)^2/(m^2 (1-x)^2 + M^2 x).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.names import DIMENSIONS
from g2sym.derive.contributions import ONE_LOOP, Contribution, Derivation
from g2sym.inputs import Inputs
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude, Pending

WORDS = MappingProxyType({"e": "electron", "mu": "muon", "tau": "tau"})
"""The charged leptons in words."""
LATEX = MappingProxyType({"e": "e", "mu": r"\mu", "tau": r"\tau"})


def anomalous_moment(
    declaration: Declaration, lepton: str, inputs: Inputs, conventions: Conventions, derivation: Derivation
) -> Amplitude:
    """Return Delta a_l = F2(0): what the mediators add to (g-2)/2."""
    announcements = []
    pending = _pending(derivation)
    if not (derivation.contributions or pending):
        announcements.append(f"No term of this model reaches the {WORDS[lepton]}: Delta a is zero.")
    if derivation.electric:
        names = {n for t in derivation.electric for n in t.coefficient.symbols}
        couplings = sorted(names & (set(declaration.parameters) | _complex_parts(declaration)))
        announcements.append(
            f"Together, {' and '.join(couplings)} also induce an electric dipole moment of the "
            f"{WORDS[lepton]} (CP violation)."
        )
    announcements += _left_out((*pending, *derivation.omitted))
    return Amplitude(
        f"a({lepton})",
        f"Delta a_{lepton}",
        rf"\Delta a_{{{LATEX[lepton]}}}",
        lepton,
        DIMENSIONS["a"],
        declaration,
        inputs,
        conventions,
        derivation.contributions,
        pending,
        (*announcements, *derivation.remarks, *declaration.remarks),
        derivation.omitted,
    )


def electric_dipole(
    declaration: Declaration, lepton: str, inputs: Inputs, conventions: Conventions, derivation: Derivation
) -> Amplitude:
    """Return d_l/e in GeV^-1: what the mediators induce."""
    charge = STANDARD_MODEL[lepton].charge
    factor = Coefficient.number(charge) / (2 * Coefficient.symbol(f"m_{lepton}"))
    contributions: dict[str, Contribution] = {}
    parts = {"tree": derivation.electric_tree, ONE_LOOP: derivation.electric, **derivation.electric_pairs}
    for name, found in parts.items():
        if found:
            terms = tuple(replace(t, coefficient=t.coefficient * factor) for t in found)
            contributions[name] = Contribution(name, terms, conventions.scheme)
    announcements = []
    pending = (*_pending(derivation), *derivation.refused_electric)
    if not (contributions or pending):
        announcements.append(
            f"No pair of couplings of this model induces an electric dipole moment of the {WORDS[lepton]}."
        )
    announcements += _left_out((*pending, *derivation.omitted_electric))
    return Amplitude(
        f"d({lepton})",
        f"d_{lepton}/e",
        rf"d_{{{LATEX[lepton]}}}/e",
        lepton,
        DIMENSIONS["d"],
        declaration,
        inputs,
        conventions,
        contributions,
        pending,
        (*announcements, *declaration.remarks),
        derivation.omitted_electric,
    )


AMPLITUDES: Mapping[str, Callable[..., Amplitude]] = MappingProxyType(
    {"a": anomalous_moment, "d": electric_dipole}
)
"""What stands before the bracket in an observable's name."""


def _pending(derivation: Derivation) -> tuple[Pending, ...]:
    terms = (Pending(o.coefficient, f"the term {o.text()}", reason) for o, reason in derivation.pending)
    return (*terms, *derivation.refused)


def _left_out(pending: Iterable[Pending]) -> list[str]:
    return list(dict.fromkeys(one.sentence for one in pending))


def _complex_parts(declaration: Declaration) -> set[str]:
    return {f"{p}_{n}" for n, q in declaration.parameters.items() if q.complex for p in ("re", "im")}
