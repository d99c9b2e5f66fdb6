"""The form factors of l -> l' gamma and what is made of them: Wilson coefficients, widths, branching ratios.

L = (e m/2) lbar' sigma^{ab} (A_L P_L + A_R P_R) l F_ab + h.c., m the mass of the lepton that decays, gives

    Gamma = (alpha/4) m^5 (1 - m'^2/m^2)^3 (|A_R|^2 + |A_L|^2),     [L_egamma]_{l' l} = e m A_R/2.

Of one lepton, A_R = a/(2 m^2) - i (d/e)/m and A_L its complex conjugate, below every threshold; flavio's C7
in L = (4 G_F/sqrt2)(e m/16 pi^2) C7 lbar sigma^{ab} P_R l F_ab + h.c. is 2 sqrt2 pi^2 A_R/G_F.
Source: L. Lavoura, Eur. Phys. J. C 29 (2003) 191, hep-ph/0302221, with both leptons' masses kept here; E. E.
Jenkins, A. V. Manohar and P. Stoffer, JHEP 03 (2018) 016 for L_egamma.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.names import DECAYS, DIMENSIONS, Atom
from g2sym.derive.contributions import ONE_LOOP, Contribution, Derivation
from g2sym.derive.gauge import E_EM
from g2sym.derive.terms import Term
from g2sym.derive.transitions import Transition
from g2sym.errors import UsageError
from g2sym.inputs import Inputs
from g2sym.integrals.transition import TransitionIntegral
from g2sym.lagrangian.declaration import Declaration
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.dipoles import LATEX, WORDS, anomalous_moment, electric_dipole
from g2sym.observables.factors import Factor, Total

LETTERS = MappingProxyType({"L_egamma": r"L_{e\gamma}", "C7": "C_7"})
"""Kinds whose letters in LaTeX are not their names."""
ROOT_2 = Coefficient.symbol("sqrt(2)")


def factor_of(
    atom: Atom,
    declaration: Declaration,
    derived: Transition | Derivation | None,
    inputs: Inputs,
    conventions: Conventions,
    partial: bool,
) -> Factor:
    """Return what an atom stands for that is no moment of one lepton.

    Parameters: ``derived``, a transition, or the derivation of one lepton where the atom has one;
    ``partial`` as for `Amplitude`.
    """
    if isinstance(derived, Derivation):
        return replace(own_form_factor(atom, declaration, inputs, conventions, derived), partial=partial)
    assert derived is not None
    if atom.name in DECAYS:
        made = decay(atom, declaration, inputs, conventions, derived)
        return replace(made, parts=tuple(replace(part, partial=partial) for part in made.parts))
    return replace(form_factor(atom, declaration, inputs, conventions, derived), partial=partial)


def form_factor(
    atom: Atom,
    declaration: Declaration,
    inputs: Inputs,
    conventions: Conventions,
    derived: Transition,
) -> Amplitude:
    """Return the real or imaginary part of A_R or A_L in GeV^-2, or of L_egamma in GeV^-1.

    Parameters: ``atom`` with two leptons; its ``part`` empty stands for the real one.
    """
    first, second = atom.arguments
    mass = Coefficient.symbol(f"m_{first}")
    scale = _scale(atom.name, mass)
    sign = Coefficient.number(-1 if atom.name == "A_L" else 1)
    contributions: dict[str, Contribution] = {}
    for name, even, odd in (
        ("tree", derived.tree, derived.electric_tree),
        (ONE_LOOP, derived.magnetic, derived.electric),
    ):
        parts = [(t, scale) for t in even] + [(t, scale * sign) for t in odd]
        terms = tuple(t for term, factor in parts for t in _parts(term, factor, atom.part == "im"))
        if terms:
            contributions[name] = Contribution(name, terms, conventions.scheme)
    announcements = [one.sentence for one in derived.pending]
    if not (contributions or derived.pending):
        announcements.append(
            f"No pair of couplings of this model turns the {WORDS[first]} into the {WORDS[second]} at one "
            "loop."
        )
    letter = LETTERS.get(atom.name, atom.name)
    body = rf"{letter}({LATEX[first]}\to {LATEX[second]})"
    part = atom.part or "re"
    return Amplitude(
        str(replace(atom, part=part)),
        f"{part.capitalize()} {replace(atom, part='')}",
        rf"\mathrm{{{part.capitalize()}}}\,{body}",
        first,
        DIMENSIONS[atom.name],
        declaration,
        inputs,
        conventions,
        contributions,
        derived.pending,
        (*dict.fromkeys(announcements), *derived.remarks, *declaration.remarks),
    )


def _scale(name: str, mass: Coefficient) -> Coefficient:
    """Return what takes m^2 (A_R +- A_L) to its share of a form factor, of L_egamma or of C7."""
    if name == "L_egamma":
        return E_EM / (4 * mass)
    if name == "C7":  # 2 sqrt2 pi^2 A_R/G_F
        return ROOT_2 * Coefficient.symbol("pi") ** 2 / (Coefficient.symbol("G_F") * mass * mass)
    return Coefficient.number(1) / (2 * mass * mass)


def _parts(term: Term, scale: Coefficient, imaginary: bool) -> Iterable[Term]:
    """Yield the terms of the real or imaginary part of a complex coefficient times a complex integral."""
    coefficient = term.coefficient * scale
    re, im = coefficient.real(), coefficient.imag()
    straight, crossed = (im, re) if imaginary else (re, -im)
    if not straight.is_zero:
        yield replace(term, coefficient=straight)
    if isinstance(term.integral, TransitionIntegral) and not crossed.is_zero:
        yield replace(term, coefficient=crossed, integral=term.integral.imaginary_part)


def own_form_factor(
    atom: Atom, declaration: Declaration, inputs: Inputs, conventions: Conventions, derivation: Derivation
) -> Amplitude:
    """Return the real or imaginary part of A_R, A_L, L_egamma or C7 of one lepton, from its a and its d.

    Parameters: ``atom`` with one lepton; its ``part`` empty stands for the real one.
    """
    (lepton,) = atom.arguments
    mass, imaginary = Coefficient.symbol(f"m_{lepton}"), atom.part == "im"
    make = electric_dipole if imaginary else anomalous_moment
    source = make(declaration, lepton, inputs, conventions, derivation)
    factor = _scale(atom.name, mass)
    if imaginary:  # A_R = a/(2 m^2) - i d/m
        factor = factor * mass * Coefficient.number(2 if atom.name == "A_L" else -2)
    contributions = {
        name: replace(c, terms=tuple(replace(t, coefficient=t.coefficient * factor) for t in c.terms))
        for name, c in source.contributions.items()
    }
    part = atom.part or "re"
    letter = LETTERS.get(atom.name, atom.name)
    return replace(
        source,
        name=str(replace(atom, part=part)),
        label=f"{part.capitalize()} {replace(atom, part='')}",
        latex=rf"\mathrm{{{part.capitalize()}}}\,{letter}({LATEX[lepton]})",
        dimension=DIMENSIONS[atom.name],
        contributions=contributions,
        below_threshold=True,
    )


def decay(
    atom: Atom,
    declaration: Declaration,
    inputs: Inputs,
    conventions: Conventions,
    derived: Transition,
) -> Total:
    """Return the width of l -> l' gamma in GeV, or its branching ratio with the measured lifetime of l.

    Raises UsageError for inputs with which l is not the heavier one.
    """
    first, second = atom.arguments
    if inputs.value(f"m_{first}") <= inputs.value(f"m_{second}"):
        raise UsageError(
            f"{atom} needs m_{first} above m_{second}, which the inputs do not have; give other masses."
        )
    parts = tuple(
        form_factor(Atom(name, atom.arguments, part), declaration, inputs, conventions, derived)
        for name in ("A_R", "A_L")
        for part in ("re", "im")
    )
    mass, light = Coefficient.symbol(f"m_{first}"), Coefficient.symbol(f"m_{second}")
    energy = Coefficient.number(1) - (light / mass) ** 2  # of the photon, over m/2
    weight = mass**5 * energy**3 / (4 * Coefficient.symbol("alpha_inverse"))
    letter = r"\Gamma"
    if atom.name == "BR":
        weight = weight / Coefficient.symbol(f"Gamma_{first}")
        letter = r"\mathrm{BR}"
    return Total(
        str(atom),
        str(atom),
        rf"{letter}({LATEX[first]}\to {LATEX[second]}\gamma)",
        first,
        DIMENSIONS[atom.name],
        weight,
        parts,
    )
