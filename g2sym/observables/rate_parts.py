"""What widths and cross-sections are made with: units, factors, LaTeX.

Values come in GeV, s, m and pb. The factors between these and natural units stand as symbols in formulas:
set hbar, hbarc and hbarc2 to 1 for natural units.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from g2sym.base.classes import dataclass
from g2sym.base.coefficients import Coefficient
from g2sym.base.conventions import Conventions
from g2sym.base.names import Atom
from g2sym.base.processes import RATES, plain
from g2sym.derive.contributions import Contribution, Pending
from g2sym.derive.decays import LOOP
from g2sym.derive.terms import Masses, Term
from g2sym.inputs import Inputs
from g2sym.integrals.elementary import constant_function
from g2sym.integrals.feynman import Diagram
from g2sym.lagrangian.declaration import Declaration
from g2sym.lagrangian.fields import STANDARD_MODEL
from g2sym.observables.amplitude import Amplitude

PI = Coefficient.symbol("pi")
HBAR, HBAR_C, PICOBARN = (Coefficient.symbol(name) for name in ("hbar", "hbarc", "hbarc2"))
"""hbar in GeV s, hbar c in GeV m and (hbar c)^2 in GeV^2 pb, which is 1 GeV^-2 in pb (`g2sym.inputs.si`)."""
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


def number(atom: Atom, label: str, value: Coefficient, setting: Setting) -> Amplitude:
    """Return a constant as a factor."""
    one = constant_function(Diagram(label))
    term = Term(value * LOOP, one, Masses.exact([]))
    return rate_amplitude(atom, "e", setting.model, setting, {TREE: (term,)}, label=label)


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
    inside = r"\,".join(field_latex(n, declaration) for n in atom.arguments)
    if atom.products:
        inside += r"\to " + r"\,".join(field_latex(n, declaration) for n in atom.products)
    return f"{letters[atom.name]}({inside})"


def field_latex(name: str, declaration: Declaration) -> str:
    """Return a particle as LaTeX; that of a model's field is as untrusted as the model."""
    from g2sym.drawing.escape import made

    own = plain(name)
    special = {"A": r"\gamma", "Jpsi": r"J/\psi", "Upsilon": r"\Upsilon"}
    if own in special:
        return special[own]
    field = declaration.fields.get(own) or STANDARD_MODEL[own]
    text = field.latex or made(own)
    head, index, rest = text.partition("_")
    return text if name == own else rf"\bar{{{head}}}{index}{rest}"
