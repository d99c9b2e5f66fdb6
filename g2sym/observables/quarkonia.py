"""Decays of J/psi and Upsilon to photon and mediator through one virtual photon.

The meson's coupling to the photon drops out of the quotient to its width into e+ e-, which is measured. Quark
couplings of the mediator are taken to be absent.
"""

from __future__ import annotations

from g2sym.base.classes import replace
from g2sym.base.coefficients import Coefficient
from g2sym.base.names import Atom
from g2sym.base.processes import plain
from g2sym.derive.decays import of_virtual_photon
from g2sym.errors import UnsupportedError
from g2sym.observables.factors import Factor
from g2sym.observables.rate_parts import TREE, Setting, number, rate_amplitude

LEPTONIC = ("e", "bar(e)")


def quarkonium_factors(atom: Atom, setting: Setting) -> tuple[tuple[Factor, int], ...]:
    """Return a width or branching ratio of a vector meson; raises UnsupportedError for other decays of it."""
    (meson,) = atom.arguments
    measured = Coefficient.symbol(f"{atom.name}_{meson}_ee")
    if atom.name not in ("Gamma", "BR"):
        raise UnsupportedError(f"{atom}: of {meson}, widths and branching ratios are derived.")
    if atom.products == LEPTONIC:
        return ((number(atom, str(atom), measured, setting), 1),)
    if "A" not in atom.products or atom.products.count("A") != 1:
        raise UnsupportedError(f"{atom}: decays of {meson} to a photon and a mediator are derived.")
    (mediator,) = (n for n in atom.products if n != "A")
    if plain(mediator) not in setting.model.fields:
        raise UnsupportedError(f"{atom}: {mediator} is no mediator of the model.")
    own = setting.of_lepton("e")
    above, below = of_virtual_photon(own, f"m_{meson}", mediator, "e")
    above = [replace(t, coefficient=t.coefficient * measured) for t in above]
    said = (
        f"{meson} decays through one virtual photon; couplings of {mediator} to quarks are not included.",
        *(() if above else (f"No coupling of this model makes {meson} decay into A {mediator}.",)),
    )
    label = f"width of a photon of mass m_{meson} to A {mediator}, times {atom.name}_{meson}_ee"
    top = rate_amplitude(atom, "e", own, setting, {TREE: above}, announcements=said, label=label)
    label = f"width of a photon of mass m_{meson} to e bar(e)"
    bottom = rate_amplitude(atom, "e", own, setting, {TREE: below}, label=label)
    return (top, 1), (bottom, -1)
