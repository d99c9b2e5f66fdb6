"""Dated input values and measurements, each with uncertainty, source and date, and their loaders."""

from g2sym.inputs.constants import HBAR_C, NAMES, Inputs, Quantity, load_inputs
from g2sym.inputs.measurements import Datum, Measurement, load_measurement, measurement_names
from g2sym.inputs.units import UNITS
from g2sym.inputs.windows import CRITERIA, Edge, Window

__all__ = [
    "CRITERIA",
    "HBAR_C",
    "NAMES",
    "UNITS",
    "Datum",
    "Edge",
    "Inputs",
    "Measurement",
    "Quantity",
    "Window",
    "load_inputs",
    "load_measurement",
    "measurement_names",
]
