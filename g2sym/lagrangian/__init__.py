"""The Lagrangian language: fields, parameters, operators, their text form, checks and declarations.

The names are loaded when they are first used: a model that is kept on disk needs no parser.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.lagrangian.algebra import collect, mass_eigenstates
    from g2sym.lagrangian.builders import (
        G_F,
        PL,
        PR,
        F,
        Fdual,
        I,
        bar,
        cc,
        cos_w,
        d,
        e_em,
        fermion,
        gamma,
        gamma5,
        hc,
        lepton,
        mass,
        new_field,
        parameter,
        pi,
        scalar,
        sigma,
        sin_w,
        sqrt,
        standard,
        vector,
    )
    from g2sym.lagrangian.checks import conjugate
    from g2sym.lagrangian.declaration import Declaration
    from g2sym.lagrangian.declaring import declare
    from g2sym.lagrangian.expressions import Expression, FieldExpression
    from g2sym.lagrangian.fields import LEPTONS, STANDARD_MODEL, Field
    from g2sym.lagrangian.grammar import known_names, parse_coefficient, parse_lagrangian
    from g2sym.lagrangian.modelfile import bundled_models, load_declaration, parse_declaration
    from g2sym.lagrangian.operators import Bilinear, Boson, Gamma, Operator, lagrangian_text
    from g2sym.lagrangian.parameters import Parameter

_MODULES = {
    "g2sym.lagrangian.algebra": "collect mass_eigenstates",
    "g2sym.lagrangian.builders": (
        "G_F PL PR F Fdual I bar cc cos_w d e_em fermion gamma gamma5 hc lepton mass new_field "
        "parameter pi scalar sigma sin_w sqrt standard vector"
    ),
    "g2sym.lagrangian.checks": "conjugate",
    "g2sym.lagrangian.declaration": "Declaration",
    "g2sym.lagrangian.declaring": "declare",
    "g2sym.lagrangian.expressions": "Expression FieldExpression",
    "g2sym.lagrangian.fields": "LEPTONS STANDARD_MODEL Field",
    "g2sym.lagrangian.grammar": "known_names parse_coefficient parse_lagrangian",
    "g2sym.lagrangian.modelfile": "bundled_models load_declaration parse_declaration",
    "g2sym.lagrangian.operators": "Bilinear Boson Gamma Operator lagrangian_text",
    "g2sym.lagrangian.parameters": "Parameter",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "G_F",
    "LEPTONS",
    "PL",
    "PR",
    "STANDARD_MODEL",
    "Bilinear",
    "Boson",
    "Declaration",
    "Expression",
    "F",
    "Fdual",
    "Field",
    "FieldExpression",
    "Gamma",
    "I",
    "Operator",
    "Parameter",
    "bar",
    "bundled_models",
    "cc",
    "collect",
    "conjugate",
    "cos_w",
    "d",
    "declare",
    "e_em",
    "fermion",
    "gamma",
    "gamma5",
    "hc",
    "known_names",
    "lagrangian_text",
    "lepton",
    "load_declaration",
    "mass",
    "mass_eigenstates",
    "new_field",
    "parameter",
    "parse_coefficient",
    "parse_declaration",
    "parse_lagrangian",
    "pi",
    "scalar",
    "sigma",
    "sin_w",
    "sqrt",
    "standard",
    "vector",
]


def __getattr__(name: str) -> object:
    """Load a name on first use (PEP 562)."""
    from importlib import import_module

    if name not in _MODULE_OF:
        raise AttributeError(f"module 'g2sym.lagrangian' has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value
