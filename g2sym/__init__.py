"""g2sym: from a mediator's Lagrangian to proved, certified lepton dipole moments.

The public names are loaded when they are first used, so that ``import g2sym`` stays light.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym import errors, limits
    from g2sym.base.balls import Ball
    from g2sym.base.conventions import Conventions
    from g2sym.base.references import cite
    from g2sym.base.version import __version__
    from g2sym.checks import CheckTable, check, expectation
    from g2sym.constraints import Bound, bound, pull
    from g2sym.constraints.combined import Combination
    from g2sym.constraints.map_files import load_map
    from g2sym.constraints.maps import ExclusionMap, exclusion_map
    from g2sym.inputs import Inputs, Measurement, load_inputs, load_measurement, measurement_names
    from g2sym.interchange.wilson import WilsonCoefficients
    from g2sym.lagrangian import (
        G_F,
        PL,
        PR,
        Declaration,
        F,
        Fdual,
        I,
        bar,
        bundled_models,
        cc,
        cos_w,
        d,
        e_em,
        fermion,
        gamma,
        gamma5,
        hc,
        lepton,
        load_declaration,
        mass,
        parameter,
        pi,
        scalar,
        sigma,
        sin_w,
        sqrt,
        standard,
        vector,
    )
    from g2sym.model.model import Model, load_model
    from g2sym.model.observable import AnomalousMoment, Observable
    from g2sym.model.transition import Transition
    from g2sym.queries.decay_results import Decays
    from g2sym.queries.evaluate import Evaluation
    from g2sym.scans.count import count_excluded
    from g2sym.scans.plans import Grid, Points, Samples, read_points
    from g2sym.scans.result import Scan
    from g2sym.scans.run import load_scan, scan

_LANGUAGE = (
    "F Fdual G_F I PL PR bar cc cos_w d e_em fermion gamma gamma5 hc lepton mass parameter pi scalar sigma "
    "sin_w sqrt standard vector Declaration bundled_models load_declaration"
)
_MODULES = {
    "g2sym.base.balls": "Ball",
    "g2sym.base.version": "__version__",
    "g2sym.checks": "CheckTable check expectation",
    "g2sym.constraints": "Bound bound pull",
    "g2sym.constraints.combined": "Combination",
    "g2sym.constraints.map_files": "load_map",
    "g2sym.constraints.maps": "ExclusionMap exclusion_map",
    "g2sym.base.conventions": "Conventions",
    "g2sym.inputs": "Inputs Measurement load_inputs load_measurement measurement_names",
    "g2sym.interchange.wilson": "WilsonCoefficients",
    "g2sym.lagrangian": _LANGUAGE,
    "g2sym.model.model": "Model load_model",
    "g2sym.model.observable": "AnomalousMoment Observable",
    "g2sym.model.transition": "Transition",
    "g2sym.queries.decay_results": "Decays",
    "g2sym.queries.evaluate": "Evaluation",
    "g2sym.base.references": "cite",
    "g2sym.scans.count": "count_excluded",
    "g2sym.scans.plans": "Grid Points Samples read_points",
    "g2sym.scans.result": "Scan",
    "g2sym.scans.run": "load_scan scan",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "G_F",
    "PL",
    "PR",
    "AnomalousMoment",
    "Ball",
    "Bound",
    "CheckTable",
    "Combination",
    "Conventions",
    "Decays",
    "Declaration",
    "Evaluation",
    "ExclusionMap",
    "F",
    "Fdual",
    "Grid",
    "I",
    "Inputs",
    "Measurement",
    "Model",
    "Observable",
    "Points",
    "Samples",
    "Scan",
    "Transition",
    "WilsonCoefficients",
    "__version__",
    "bar",
    "bound",
    "bundled_models",
    "cc",
    "check",
    "cite",
    "cos_w",
    "count_excluded",
    "d",
    "e_em",
    "errors",
    "exclusion_map",
    "expectation",
    "fermion",
    "gamma",
    "gamma5",
    "hc",
    "lepton",
    "limits",
    "load_declaration",
    "load_inputs",
    "load_map",
    "load_measurement",
    "load_model",
    "load_scan",
    "mass",
    "measurement_names",
    "parameter",
    "pi",
    "pull",
    "read_points",
    "scalar",
    "scan",
    "sigma",
    "sin_w",
    "sqrt",
    "standard",
    "vector",
]


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    from importlib import import_module

    if name in ("errors", "limits"):
        return import_module(f"g2sym.{name}")
    if name not in _MODULE_OF:
        from g2sym.errors import did_you_mean

        raise AttributeError(f"module 'g2sym' has no attribute {name!r}{did_you_mean(name, __all__)}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value  # the next use finds it without coming here
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
