"""Widths, branching ratios, lifetimes and cross-sections at tree level as sums of terms.

Values come in GeV, s, m and pb; hbar and c are exact in the SI, so hbar = h/(2 pi) in GeV s is too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.names import Atom
from g2sym.base.processes import MEASURED, RATES
from g2sym.derive.contributions import Contribution, Pending
from g2sym.derive.decays import LOOP, Channel, channels, decay, field_of, plain
from g2sym.derive.terms import Masses, Term
from g2sym.errors import UsageError, did_you_mean, shorten
from g2sym.inputs import Inputs
from g2sym.integrals.elementary import Condition, Elementary, constant_function
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, constant, gen
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.factors import Factor, Total

PI = Coefficient.symbol("pi")
PLANCK = Fraction("6.62607015e-34") / Fraction("1.602176634e-19") / 10**9
"""h in GeV s, exact in the SI."""
LIGHT = Fraction(299792458)
"""c in m/s, exact in the SI."""
HBAR = Coefficient.number(PLANCK) / (2 * PI)
HBAR_C = Coefficient.number(PLANCK * LIGHT) / (2 * PI)
"""hbar in GeV s and hbar c in GeV m."""
PICOBARN = Coefficient.number((PLANCK * LIGHT) ** 2 * 10**40) / (4 * PI * PI)
"""1 GeV^-2 in pb, (hbar c)^2."""
TREE = "tree"


@dataclass(frozen=True)
class Setting:
    """What rates are made with.

    Parameters: ``of_lepton`` returns the declaration of a lepton, quoted couplings put in.
    """

    model: Declaration
    of_lepton: Callable[[str], Declaration]
    inputs: Inputs
    conventions: Conventions
    partial: bool


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
    _, pending = channels(own, parent)
    found = decay(own, channel)
    refused = tuple(p for p in pending if _may_feed(p, channel))
    said = [] if found.terms else [f"No coupling of this model makes {parent} decay into {first} {second}."]
    return rate_amplitude(atom, channel.lepton, own, setting, {TREE: found.terms}, refused, said)


def _may_feed(pending: Pending, channel: Channel) -> bool:
    """True for a term that is not derived and holds both products of a channel."""
    return all(plain(n) in pending.text for n in channel.products)


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
    latex = rf"\Gamma({_latex(parent, setting.model)})"
    return Total(str(atom), str(atom), latex, "", 1, Coefficient.number(1), tuple(parts), 1)


def number(atom: Atom, label: str, value: Coefficient, setting: Setting) -> Amplitude:
    """Return a constant as a factor."""
    one = constant_function(Diagram(label))
    term = Term(value * LOOP, one, Masses.exact([]))
    return rate_amplitude(atom, "e", setting.model, setting, {TREE: (term,)}, label=label)


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


def rate_amplitude(
    atom: Atom,
    lepton: str,
    declaration: Declaration,
    setting: Setting,
    terms: Mapping[str, Iterable[Term]],
    pending: Iterable[Pending] = (),
    announcements: Iterable[str] = (),
    label: str = "",
) -> Amplitude:
    contributions = {
        name: Contribution(name, every, setting.conventions.scheme)
        for name, one in terms.items()
        if (every := tuple(one))
    }
    pending = tuple(pending)
    said = (*announcements, *(p.sentence for p in pending), *declaration.remarks)
    return Amplitude(
        label or str(atom),
        label or str(atom),
        latex_of(atom, setting.model),
        lepton,
        RATES[atom.name][0],
        declaration,
        setting.inputs,
        setting.conventions,
        contributions,
        pending,
        tuple(dict.fromkeys(said)),
        partial=setting.partial,
    )


def latex_of(atom: Atom, declaration: Declaration) -> str:
    """Return a rate as LaTeX."""
    letters = {"Gamma": r"\Gamma", "BR": r"\mathrm{BR}", "lifetime": r"\tau", "decay_length": r"\ell"}
    letters |= {"sigma": r"\sigma", "dsigma": r"\mathrm{d}\sigma/\mathrm{d}\cos\theta_\gamma"}
    inside = r"\,".join(_latex(n, declaration) for n in atom.arguments)
    if atom.products:
        inside += r"\to " + r"\,".join(_latex(n, declaration) for n in atom.products)
    return f"{letters[atom.name]}({inside})"


def _latex(name: str, declaration: Declaration) -> str:
    own = plain(name)
    special = {"A": r"\gamma", "Jpsi": r"J/\psi", "Upsilon": r"\Upsilon"}
    if own in special:
        return special[own]
    field = declaration.fields.get(own) or STANDARD_MODEL[own]
    text = field.latex or own
    return text if name == own else rf"\bar{{{text}}}"
