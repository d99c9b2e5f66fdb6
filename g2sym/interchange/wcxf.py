"""The Wilson coefficient exchange format: JSON with ``eft``, ``basis``, ``scale`` and ``values``.

Source: J. Aebischer et al., arXiv:1712.05298, https://wcxf.github.io.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from g2sym.base.version import __version__
from g2sym.interchange.coefficient import WilsonCoefficient
from g2sym.interchange.names import Home
from g2sym.interchange.rounding import double

TYPE_CHECKING = False
if TYPE_CHECKING:
    from g2sym.base.types import Entries, Record


def text(
    coefficients: Mapping[str, WilsonCoefficient],
    home: Home,
    basis: str,
    record: Entries,
    statements: Sequence[str],
) -> str:
    """Return the text of a WCxf file from the parts of `g2sym.interchange.wilson.WilsonCoefficients`."""
    document = {
        "eft": home.eft,
        "basis": basis,
        "scale": float(home.scale),
        "metadata": {
            "generator": f"g2sym {__version__}",
            "description": f"Dipole operators of leptons in the model '{record['model']}'",
            "model": record["model"],
            "values": record["values"],
            "defaults": record["defaults"],
            "flavour": record["flavour"],
            "edition": record["edition"],
            "inputs": record["inputs_used"],
            "conventions": record["conventions"],
            "units": {name: one.unit for name, one in coefficients.items()},
            "statements": list(statements),
        },
        "values": {name: _value(one) for name, one in coefficients.items()},
    }
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _value(one: WilsonCoefficient) -> float | Record:
    """Return a number where the imaginary part is exactly zero, else both parts, as the format has it."""
    re = double(one.re, f"Re {one.name}")
    if one.im.sign == 0:
        return re
    return {"Re": re, "Im": double(one.im, f"Im {one.name}")}
