"""Dated input values and measurements, each with uncertainty, source and date, and their loaders."""

from g2sym.inputs.constants import NAMES, Inputs, Quantity, load_inputs
from g2sym.inputs.measurements import Datum, Measurement, load_measurement, measurement_names
from g2sym.inputs.windows import CRITERIA, Edge, Window

__all__ = [
    "CRITERIA",
    "NAMES",
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
