"""Widths, branching ratios, lifetimes and cross-sections at tree level as products of sums of terms."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from g2sym.base.coefficients import Coefficient
from g2sym.base.names import Atom
from g2sym.base.processes import MEASURED, plain
from g2sym.derive.channels import Channel, channels, field_of, not_derived
from g2sym.derive.decays import LOOP, decay
from g2sym.derive.terms import Masses, Term
from g2sym.errors import UnsupportedError, UsageError, did_you_mean, shorten
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
        part = Atom("Gamma", atom.arguments, products=atom.products)
        return (width(part, setting), 1), (total(atom, setting), -1)
    name = plain(parent)
    if atom.name == "lifetime" and name in ("mu", "tau") and name not in setting.model.fields:
        return ((number(atom, str(atom), Coefficient.symbol(f"tau_{name}"), setting), 1),)
    below = total(atom, setting), -1
    if atom.name == "lifetime":
        return (number(atom, "hbar", HBAR, setting), 1), below
    return (boost(atom, setting), 1), below


def _check_fields(atom: Atom, declaration: Declaration) -> None:
    """Refuse particles that the model does not have; raises UsageError."""
    known = {n: f for n, f in {**STANDARD_MODEL, **declaration.fields}.items() if n not in ("f", "B", "W3")}
    for name in (*atom.arguments, *atom.products):
        own = plain(name)
        if own in MEASURED and name in atom.arguments:
            continue
        if own not in known:
            raise UsageError(
                f"{atom}: the model '{declaration.name}' has no particle {shorten(own)}"
                f"{did_you_mean(own, [*known, *MEASURED])}; it has "
                f"{', '.join(declaration.fields)} and those of the "
                "Standard Model (A is the photon)."
            )
        if name != own and known[own].self_conjugate:
            raise UsageError(f"{atom}: {own} is its own antiparticle; write {own}.")

    def charge(names: Iterable[str]) -> Fraction:
        fields = [(n, known[plain(n)]) for n in names if plain(n) in known]
        return sum((-f.charge if n != plain(n) else f.charge for n, f in fields), Fraction(0))

    if atom.products and charge(atom.arguments) != charge(atom.products):
        raise UsageError(f"{atom} does not conserve charge; an antiparticle is written as in e bar(e).")


def width(atom: Atom, setting: Setting) -> Amplitude:
    """Return the width of a two-body decay in GeV, of none without a coupling.

    Raises UsageError for a particle that does not decay, UnsupportedError for decays that are not derived.
    """
    (parent,) = atom.arguments
    first, second = atom.products
    _refuse_stable(atom)
    channel = Channel(parent, (first, second))
    _refuse_standard(atom, channel, setting)
    own = setting.of_lepton(channel.lepton)
    found = decay(own, channel, setting.conventions.standard_model == "present")
    said = [] if found.terms else [f"No coupling of this model makes {parent} decay into {first} {second}."]
    refused = not_derived(own, channel)
    return rate_amplitude(atom, channel.lepton, own, setting, {TREE: found.terms}, refused, said)


def _refuse_stable(atom: Atom) -> None:
    if atom.arguments[0] == "A":
        raise UsageError(f"{atom}: the photon is massless and does not decay.")


def _refuse_standard(atom: Atom, channel: Channel, setting: Setting) -> None:
    """Refuse the Standard Model's own decay of the top quark, which needs the quarks' mixing."""
    names = [plain(n) for n in channel.names]
    own = all(n in STANDARD_MODEL and n not in setting.model.fields for n in names)
    up, rest = names[0] in ("u", "c", "t"), set(names[1:])
    if own and up and "W" in rest and rest & {"d", "s", "b"}:
        raise UnsupportedError(
            f"{atom}: decays of quarks into W need the quarks' mixing, which is not included; other decays "
            "of them are derived from declared couplings."
        )


def total(atom: Atom, setting: Setting) -> Factor:
    """Return the total width in GeV: the sum of the channels that the model opens, or a measured one.

    Parameters: ``atom``, any rate of the particle. Measured are Z, J/psi, Upsilon, and the lifetimes of mu
    and tau. Raises UnsupportedError for other particles of the Standard Model, whose widths are for the most
    part its own.
    """
    (parent,) = atom.arguments
    name = plain(parent)
    _refuse_stable(atom)
    if name in setting.model.fields:
        return _sum_of_channels(atom, setting)
    if parent in MEASURED or name in ("mu", "tau"):
        return number(atom, f"Gamma({parent})", Coefficient.symbol(f"Gamma_{name}"), setting)
    if name == "e" or name.startswith("nu_"):
        raise UsageError(f"{atom}: {name} does not decay; it has no total width and no branching ratios.")
    raise UnsupportedError(
        f"{atom}: the total width of {name} is for the most part the Standard Model's own, which is not "
        f"derived; ask for a partial width, such as Gamma({parent} -> ...)."
    )


def _sum_of_channels(atom: Atom, setting: Setting) -> Total:
    (parent,) = atom.arguments
    found, pending = channels(setting.model, parent)
    parts = []
    for channel in found:
        one = Atom("Gamma", atom.arguments, products=channel.products)
        parts.append(width(one, setting))
    if pending or not parts:
        said = [] if parts else [f"No coupling of this model makes {parent} decay into two particles."]
        whole_atom = Atom("Gamma", atom.arguments)
        parts.append(rate_amplitude(whole_atom, "e", setting.model, setting, {}, pending, said))
    latex = rf"\Gamma({field_latex(parent, setting.model)})"
    whole = f"Gamma({parent})"
    return Total(whole, whole, latex, "", 1, Coefficient.number(1), tuple(parts), 1)


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
