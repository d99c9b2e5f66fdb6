"""How the symbols of a model are written in LaTeX."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from g2sym.base.atoms import Atom
from g2sym.base.names import DECAYS, Factors, parse_observable
from g2sym.base.processes import plain
from g2sym.drawing.escape import formula, made

if TYPE_CHECKING:
    from g2sym.lagrangian import Declaration
    from g2sym.model.model import Model
    from g2sym.model.observable import Observable

LEPTON_LATEX = MappingProxyType({"e": "e", "mu": r"\mu", "tau": r"\tau"})
"""The charged leptons."""
LEPTON_WORD = MappingProxyType({"e": "electron", "mu": "muon", "tau": "tau"})
"""The charged leptons in words."""
_KINDS = MappingProxyType(
    {"a": r"\Delta a", "BR": r"\mathrm{BR}", "Gamma": r"\Gamma", "L_egamma": r"L_{e\gamma}", "C7": "C_7"}
)
"""Kinds of observables whose letters are not their names."""
_KNOWN = MappingProxyType(
    {
        "m_e": "m_e",
        "m_mu": r"m_\mu",
        "m_tau": r"m_\tau",
        "m_Z": "m_Z",
        "m_W": "m_W",
        "m_nu_e": r"m_{\nu_e}",
        "m_nu_mu": r"m_{\nu_\mu}",
        "m_nu_tau": r"m_{\nu_\tau}",
        "G_F": "G_F",
        "e_em": "e",
        "sin_w": "s_w",
        "cos_w": "c_w",
    }
)


def observable_latex(name: str) -> str:
    """Return how an observable is written in LaTeX: (g-2) for an anomalous moment that stands alone.

    Parameters: ``name``, canonical, such as ``"a(mu)"`` or ``"a(e)/a(mu)"``.
    """
    parsed = parse_observable(name)
    if parsed.moment:
        return rf"(g-2)_{{{LEPTON_LATEX[parsed.moment]}}}"

    photon = r"\,\gamma"

    def side(factors: Factors) -> str:
        out = []
        for atom, power in factors:
            if atom.is_rate:
                body = _rate(atom)
                out.append(body if power == 1 else rf"({body})^{{{power}}}")
                continue
            letter = _KINDS.get(atom.name, atom.name)
            body = rf"{letter}_{{{LEPTON_LATEX[atom.lepton]}}}"
            if atom.name not in ("a", "d"):
                ends = r"\to ".join(LEPTON_LATEX[lepton] for lepton in atom.arguments)
                body = f"{letter}({ends}{photon if atom.name in DECAYS else ''})"
            elif atom.name == "d":
                body = f"{body}/e" if parsed.atom is not None and not atom.part else f"({body}/e)"
            if atom.part:
                body = rf"\mathrm{{{atom.part.capitalize()}}}\,{body}"
            out.append(body if power == 1 else rf"({body})^{{{power}}}")
        return r"\,".join(out)

    return side(parsed.numerator) + (f"/{side(parsed.denominator)}" if parsed.denominator else "")


RATE_LATEX = MappingProxyType(
    {
        **{"Gamma": r"\Gamma", "BR": r"\mathrm{BR}", "lifetime": r"\tau", "decay_length": r"\ell"},
        **{"sigma": r"\sigma", "dsigma": r"\mathrm{d}\sigma/\mathrm{d}\cos\theta"},
    }
)


def _rate(atom: Atom) -> str:
    """Return a width or cross-section as LaTeX."""

    def particle(name: str) -> str:
        own = plain(name)
        text = {"A": r"\gamma", "Jpsi": r"J/\psi", **LEPTON_LATEX}.get(own) or made(own)
        return text if own == name else rf"\bar{{{text}}}"

    sides = [r"\,".join(map(particle, names)) for names in (atom.arguments, atom.products) if names]
    inside = r" \to ".join(sides)
    return f"{RATE_LATEX.get(atom.name, atom.name)}({inside})"


def symbols(model: Model | Observable) -> dict[str, str]:
    """Return how each symbol of a model is written in LaTeX: as declared where that is harmless.

    An observable has those of its own parameters, ``y[mu]`` among them.
    """
    own: dict[str, str] = {}
    for name, parameter in model.declaration.parameters.items():
        given = written(model.declaration, name)
        for symbol in parameter.symbols:
            head = {"re_": r"\mathrm{Re}\,", "im_": r"\mathrm{Im}\,"}.get(symbol[:3], "")
            own[symbol] = (head if symbol != name else "") + formula(given, name)
    return {**_KNOWN, **own}


def written(declaration: Declaration, name: str) -> str:
    """Return the LaTeX that a model declares for a parameter, or one made from its name."""
    parameter = declaration.parameters.get(name)
    if parameter is not None and parameter.quoted_for is not None:
        own = parameter.plain if parameter.latex is None else parameter.latex
        return f"{made(own) if parameter.latex is None else own}[{LEPTON_LATEX[parameter.quoted_for]}]"
    if parameter is not None and parameter.latex is not None:
        return parameter.latex
    return made(name)
