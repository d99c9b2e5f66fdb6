"""Sentences that stand with a width or a cross-section: closed channels, and what is not included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.base.names import Atom, ObservableName, parse_observable
from g2sym.base.processes import VARIABLES, plain
from g2sym.derive.channels import field_of
from g2sym.errors import UsageError
from g2sym.inputs.constants import QUARKS
from g2sym.integrals.elementary import Elementary
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import LEPTONS, STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.used import is_closed
from g2sym.observables.values import Values

PIONS = 2 * Fraction("0.1349768")
"""Twice the mass of the neutral pion in GeV (Particle Data Group 2024), from which on hadrons are open."""
HADRONS = "Only channels that the Lagrangian declares count: hadronic decays are not included."
FREE = "A channel of quarks is the width into free quarks, not into hadrons."
LOOPS = "Couplings to photons that loops of charged fermions induce are not included."
MESONS = ("Jpsi", "Upsilon")
Ranges = Mapping[str, Sequence[Fraction]]


def rate_notices(
    name: ObservableName, amplitudes: Iterable[Amplitude], known: Values, ranges: Ranges | None = None
) -> Iterator[str]:
    """Yield what the reader of a rate has to know.

    Parameters: ``ranges``, the ends between which parameters move: then nothing is said of single points.
    """
    if not any(atom.is_rate for atom in name.atoms):
        return
    if not ranges:
        yield from _closed(amplitudes, known)
        for atom in name.atoms:
            if atom.arguments[0] in MESONS and atom.products and "A" in atom.products:
                yield from _closed_meson(atom, known)
    for atom in name.atoms:
        if atom.is_rate:
            yield from _left_out(atom, known, ranges or {})


# closed channels -----------------------------------------------------------------------------------
def _closed(amplitudes: Iterable[Amplitude], known: Values) -> Iterator[str]:
    widths: list[tuple[str, str]] = []
    for amplitude in amplitudes:
        atom = _atom(amplitude)
        if atom is None or not _is_closed(amplitude, known):
            continue
        if atom.name in ("Gamma", "BR"):
            widths.append((f"{atom.arguments[0]} -> {' '.join(atom.products)}", _why_width(atom, known)))
        else:
            yield from _why_zero(atom, known)
    if widths:
        yield f"Closed: {'; '.join(f'{channel}, since {why}' for channel, why in widths)}."


def _closed_meson(atom: Atom, known: Values) -> Iterator[str]:
    names = [n for p in atom.products if (n := field_of(known.declaration, p).mass) is not None]
    mass = f"m_{atom.arguments[0]}"
    try:
        closed = known.exact(mass) <= sum((known.exact(n) for n in names), Fraction(0))
    except UsageError:  # a value is missing, which the evaluation says
        return
    if closed:
        yield f"Closed: {atom.arguments[0]} -> {' '.join(atom.products)}, since {_below(mass, names, known)}."


def _atom(amplitude: Amplitude) -> Atom | None:
    """Return the rate that an amplitude is, None for a factor such as hbar."""
    if not any(isinstance(term.integral, Elementary) for term in amplitude.terms):
        return None
    try:
        atom = parse_observable(amplitude.name).atom
    except UsageError:
        return None
    return atom if atom is not None and atom.is_rate and atom.products else None


def _is_closed(amplitude: Amplitude, known: Values) -> bool:
    """True where a condition fails at exact values, which makes every term zero."""
    own = amplitude.values(known)
    try:
        return all(is_closed(term, own) for term in amplitude.terms)
    except UsageError:  # a value is missing, which the evaluation says
        return False


def _why_width(atom: Atom, known: Values) -> str:
    parent = atom.arguments[0]
    mass = field_of(known.declaration, parent).mass
    names = [n for p in atom.products if (n := field_of(known.declaration, p).mass) is not None]
    return _below(mass or "0", names, known)


def _below(name: str, names: Sequence[str], known: Values) -> str:
    """Say that a mass or an energy is below a sum of masses, or exactly it."""
    first, total = known.exact(name), sum((known.exact(n) for n in names), Fraction(0))
    counts = {n: names.count(n) for n in names}
    text = " + ".join(n if k == 1 else f"{k}*{n}" for n, k in counts.items()) or "0"
    if first == total:
        return f"{name} is exactly {text}"
    return f"{name} = {float(first):.6g} GeV is below {text} = {float(total):.6g} GeV"


def _why_zero(atom: Atom, known: Values) -> Iterator[str]:
    names = [n for p in atom.products if (n := field_of(known.declaration, p).mass) is not None]
    if known.exact("sqrt_s") <= sum((known.exact(n) for n in names), Fraction(0)):
        yield f"Closed: {atom.arguments[0]} {atom.arguments[1]} -> {' '.join(atom.products)}, since " + (
            f"{_below('sqrt_s', names, known)}."
        )
    elif "cos" in VARIABLES[atom.name]:
        cosine, cut = known.exact("cos"), known.exact("cos_max")
        yield f"cos = {float(cosine):.6g} lies outside the cut |cos| < {float(cut):.6g}: the value is zero."


# what is left out ----------------------------------------------------------------------------------
def _left_out(atom: Atom, known: Values, ranges: Ranges) -> Iterator[str]:
    (parent, *others) = atom.arguments
    declaration = known.declaration
    if others or plain(parent) not in declaration.fields:
        return
    field = field_of(declaration, parent)
    whole = atom.name != "Gamma" or not atom.products
    quarks = _coupled(declaration, plain(parent), known, QUARK_FIELDS)
    if whole and field.mass is not None and (quarks or _above(field.mass, known, ranges)):
        yield HADRONS
    if quarks and (whole or {plain(p) for p in atom.products} & QUARK_FIELDS):
        yield FREE
    photons = atom.products == ("A", "A")
    if (
        field.spin == 0
        and field.charge == 0
        and (whole or photons)
        and _coupled(declaration, plain(parent), known, None)
    ):
        yield LOOPS


QUARK_FIELDS = frozenset(name[2:] for name in QUARKS)


def _above(mass: str, known: Values, ranges: Ranges) -> bool:
    """True where a mass reaches twice the pion's."""
    try:
        return max(ranges[mass] if mass in ranges else [known.exact(mass)]) > PIONS
    except UsageError:
        return False


def _coupled(declaration: Declaration, boson: str, known: Values, fermions: frozenset[str] | None) -> bool:
    """True where a boson couples to some fermions (None: to charged ones), and the coupling is not zero."""
    every = {**STANDARD_MODEL, **declaration.fields}
    for lepton in LEPTONS:
        for operator in declaration.for_lepton(lepton):
            line = operator.bilinear
            if line is None or boson not in [b.field for b in operator.bosons]:
                continue
            good = every[line.field].charge != 0 if fermions is None else line.field in fermions
            if good and not _is_zero(operator.coefficient, known):
                return True
    return False


def _is_zero(coefficient: Coefficient, known: Values) -> bool:
    return known.expand(coefficient).is_zero
