"""Widths, branching ratios, lifetimes and cross-sections at tree level as products of sums of terms."""

from __future__ import annotations

from g2sym.base.coefficients import Coefficient
from g2sym.base.names import Atom
from g2sym.base.processes import MEASURED, plain
from g2sym.derive.decays import LOOP, Channel, channels, decay, field_of, refused
from g2sym.derive.terms import Masses, Term
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.integrals.elementary import Condition, Elementary
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Total
from g2sym.observables.rate_parts import HBAR, HBAR_C, TREE, Setting, field_latex, number, rate_amplitude


def rate_factors(atom: Atom, setting: Setting) -> tuple[tuple[Factor, int], ...]:
    """Return what a rate is the product of, with powers: a branching ratio is a width over the total one."""
    _check_fields(atom, setting.model)
    if atom.name in ("sigma", "dsigma"):
        from g2sym.observables.cross_sections import cross_section

        return ((cross_section(atom, setting), 1),)
    (parent,) = atom.arguments
    if parent in ("Jpsi", "Upsilon"):
        from g2sym.observables.quarkonia import quarkonium_factors

        return quarkonium_factors(atom, setting)
    if atom.name == "Gamma":
        return ((width(atom, setting) if atom.products else total(atom, setting), 1),)
    if atom.name == "BR":
        whole = Atom("Gamma", atom.arguments)
        part = Atom("Gamma", atom.arguments, products=atom.products)
        return (width(part, setting), 1), (total(whole, setting), -1)
    below = total(Atom("Gamma", atom.arguments), setting), -1
    if atom.name == "lifetime":
        return (number(atom, "hbar", HBAR, setting), 1), below
    return (boost(atom, setting), 1), below


def _check_fields(atom: Atom, declaration: Declaration) -> None:
    """Refuse particles that the model does not have; raises UsageError."""
    known = {**STANDARD_MODEL, **declaration.fields}
    for name in (*atom.arguments, *atom.products):
        own = plain(name)
        if own in MEASURED and name in atom.arguments:
            continue
        if own not in known or own in ("f", "B", "W3"):
            raise UsageError(
                f"{atom}: the model '{declaration.name}' has no particle {shorten(own)}"
                f"{did_you_mean(own, known)}; it has {', '.join(declaration.fields)} and those of the "
                "Standard Model (A is the photon)."
            )
        if name != own and known[own].self_conjugate:
            raise UsageError(f"{atom}: {own} is its own antiparticle; write {own}.")


def width(atom: Atom, setting: Setting) -> Amplitude:
    """Return the width of a two-body decay in GeV, of none without a coupling."""
    (parent,) = atom.arguments
    first, second = atom.products
    channel = Channel(parent, (first, second))
    own = setting.of_lepton(channel.lepton)
    found, pending = decay(own, channel), refused(own, channel)
    said = [] if found.terms else [f"No coupling of this model makes {parent} decay into {first} {second}."]
    return rate_amplitude(atom, channel.lepton, own, setting, {TREE: found.terms}, pending, said)


def total(atom: Atom, setting: Setting) -> Factor:
    """Return the total width in GeV: the sum of the channels that the model opens, or a measured one."""
    (parent,) = atom.arguments
    if parent in MEASURED:
        return number(atom, str(atom), Coefficient.symbol(f"Gamma_{parent}"), setting)
    found, _ = channels(setting.model, parent)
    parts = []
    for channel in found:
        one = Atom("Gamma", atom.arguments, products=channel.products)
        parts.append(width(one, setting))
    _, pending = channels(setting.model, parent)
    if pending or not parts:
        said = [] if parts else [f"No coupling of this model makes {parent} decay into two particles."]
        parts.append(rate_amplitude(atom, "e", setting.model, setting, {}, pending, said))
    latex = rf"\Gamma({field_latex(parent, setting.model)})"
    return Total(str(atom), str(atom), latex, "", 1, Coefficient.number(1), tuple(parts), 1)


def boost(atom: Atom, setting: Setting) -> Amplitude:
    """Return hbar c p/M in GeV m: over the width it is the decay length in the laboratory."""
    (parent,) = atom.arguments
    mass = field_of(setting.model, parent).mass
    if mass is None:
        raise UsageError(f"{atom}: {parent} is massless and does not decay.")
    big, energy = gen("M"), gen("E")
    moving = Condition(energy - big, "nonnegative", "{E} lies below {M}: a particle has at least its mass.")
    massive = Condition(big, "positive", "{M} is zero: a massless particle does not decay.")
    function = Elementary.of(
        {((0,), -1): Frac.of(constant(1), big)},
        ("M", "E"),
        Diagram("boost", plain(parent)),
        ((energy - big) * (energy + big),),
        (),
        (massive, moving),
    )
    term = Term(HBAR_C * LOOP, function, Masses.exact([("M", mass), ("E", "energy")]))
    return rate_amplitude(atom, "e", setting.model, setting, {TREE: (term,)}, label="hbar c p/M")
