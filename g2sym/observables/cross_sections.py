"""Cross-sections of two leptons to photon and mediator as sums of terms, in pb."""

from __future__ import annotations

from g2sym.base.coefficients import Coefficient
from g2sym.base.names import Atom
from g2sym.base.processes import plain
from g2sym.derive.channels import field_of
from g2sym.derive.decays import LOOP
from g2sym.derive.production import Exchange, amplitude, averaged, differential, integrated, squares
from g2sym.derive.squares import accumulate
from g2sym.derive.terms import Masses, Term
from g2sym.errors import UnsupportedError
from g2sym.integrals.feynman import Diagram
from g2sym.integrals.rational import Frac, constant
from g2sym.lagrangian.fields import LEPTONS
from g2sym.observables.amplitude import Amplitude
from g2sym.observables.rate_parts import PI, PICOBARN, Setting, rate_amplitude

NAMES = {"A": "photon"}


def cross_section(atom: Atom, setting: Setting) -> Amplitude:
    """Return sigma, or d sigma/d cos, of l+ l- to photon and mediator, in pb.

    Raises UnsupportedError for another process.
    """
    lepton, mediator = _process(atom, setting)
    own = setting.of_lepton(lepton)
    pieces, exchanges, pending = amplitude(own, lepton, mediator, setting.conventions)
    field = field_of(own, mediator)
    make = differential if atom.name == "dsigma" else integrated
    scale = PICOBARN * LOOP / (32 * PI)
    contributions: dict[str, list[Term]] = {}
    groups: dict[str, list[tuple[Coefficient, Frac, str]]] = {}
    turned = atom.arguments[0] != lepton
    for coupling, value, label in squares(field.spin == 1).square(pieces):
        groups.setdefault(label, []).append((coupling, averaged(value, turned), label))
    for label, found in groups.items():
        name = "-".join(NAMES.get(n, n) for n in label.split(" x "))
        for coupling, value, _ in accumulate(found):
            diagram = Diagram("production", mediator, name)
            function = make(value, diagram)
            if field.mass is None:
                function = function.substitute({"M": constant(0)})
            if function.parts:
                bound = _bound(lepton, field.mass, exchanges)
                slots = [(s.name, bound[s.name]) for s in function.slots]
                term = Term(coupling * scale, function, Masses.exact(slots))
                contributions.setdefault(name, []).append(term)
    said = [] if contributions else [f"No coupling of this model makes {atom.arguments[0]} ... {mediator}."]
    said += [
        f"{one.name} is exchanged in the s channel without a width; declare one in [fields.{one.name}]."
        for one in exchanges.values()
        if one.mass is not None and one.width is None
    ]
    return rate_amplitude(atom, lepton, own, setting, contributions, pending, said)


def _bound(lepton: str, mass: str | None, exchanges: dict[str, Exchange]) -> dict[str, str]:
    out = {"w": "sqrt_s", "m": f"m_{lepton}", "c": "cos", "c_max": "cos_max"}
    if mass is not None:
        out["M"] = mass
    for name, one in exchanges.items():
        if one.mass is not None:
            out[f"M_{plain(name)}"] = one.mass
        if one.width is not None:
            out[f"G_{plain(name)}"] = one.width
    return out


def _process(atom: Atom, setting: Setting) -> tuple[str, str]:
    """Return the colliding lepton and the mediator; raises UnsupportedError for another process."""
    first, second = atom.arguments
    own, other = plain(first), plain(second)
    if own != other or own not in LEPTONS or first == second:
        raise UnsupportedError(
            f"{atom}: collisions of a charged lepton with its antiparticle are derived; write e bar(e)."
        )
    if "A" not in atom.products or atom.products.count("A") != 1:
        raise UnsupportedError(
            f"{atom}: final states of a photon and a mediator are derived; write sigma(e bar(e) -> A X)."
        )
    (mediator,) = (n for n in atom.products if n != "A")
    field = field_of(setting.model, mediator)
    if field.is_fermion or plain(mediator) not in setting.model.fields or field.charge:
        raise UnsupportedError(f"{atom}: {mediator} is no neutral mediator of the model.")
    return own, mediator
