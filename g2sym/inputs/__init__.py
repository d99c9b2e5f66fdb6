"""Dated input values and measurements, each with uncertainty, source and date, and their loaders.

Measurements are read when they are first asked for: a value alone needs constants only.
"""

from __future__ import annotations

from g2sym.inputs.constants import (
    EDITIONS,
    HBAR,
    HBAR_C,
    NAMES,
    Inputs,
    Quantity,
    load_inputs,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.inputs.gaussian import Gaussian
    from g2sym.inputs.measurement_files import load_measurement, measurement_names
    from g2sym.inputs.measurements import Datum, Measurement
    from g2sym.inputs.units import UNITS
    from g2sym.inputs.windows import CRITERIA, Edge, Window

_MODULES = {
    "g2sym.inputs.gaussian": "Gaussian",
    "g2sym.inputs.measurement_files": "load_measurement measurement_names",
    "g2sym.inputs.measurements": "Datum Measurement",
    "g2sym.inputs.units": "UNITS",
    "g2sym.inputs.windows": "CRITERIA Edge Window",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = [
    "CRITERIA",
    "EDITIONS",
    "HBAR",
    "HBAR_C",
    "NAMES",
    "UNITS",
    "Datum",
    "Edge",
    "Gaussian",
    "Inputs",
    "Measurement",
    "Quantity",
    "Window",
    "load_inputs",
    "load_measurement",
    "measurement_names",
]


def __getattr__(name: str) -> object:
    """Load a name on first use (PEP 562)."""
    from importlib import import_module

    if name not in _MODULE_OF:
        raise AttributeError(f"module 'g2sym.inputs' has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value
